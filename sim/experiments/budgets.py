"""What became of budgets: whether the money of a move was used up, and when the move was over for it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sim.engine.records import Run, Table
from sim.experiments.compare import Comparison
from sim.experiments.verdict import Words, capitalised
from sim.market import Market


def spending(comparison: Comparison) -> tuple[str, ...]:
    """A sentence for every move that has a budget, strategy by strategy: the day it was over, or what was spent."""
    market = comparison.market
    return tuple(f"{capitalised(Words('cost', market).call(name))}: {said}." for name, run in comparison.runs.items()
                 for said in _of_run(market, run))


def _of_run(market: Market, run: Run) -> Iterator[str]:
    table = run.budgets
    if table is None:
        return
    first = table["replication"] == 0
    for firm, place, move in zip(*(table[key][first].tolist() for key in ("firm", "place", "move")), strict=True):
        rows = (table["firm"] == firm) & (table["place"] == place)
        budget, spent, over = (np.asarray(table[key], dtype=np.float64)[rows] for key in ("budget", "spent", "over"))
        money = f"({budget[0]:,.10g} {market.currency})"
        yield f"the budget of {_called(market, table, firm, place, move)} {money} {_end(over, spent, market.currency)}"


def _called(market: Market, table: Table, firm: str, place: int, move: str) -> str:
    """A move by its kind, and by its number where the firm's strategy has budgets for several of that kind."""
    whose = "its" if firm == market.firms[0].name else f"{firm}'s"
    alike = (table["replication"] == 0) & (table["firm"] == firm) & (table["move"] == move)
    return f"{whose} {move}{f' (move {place})' if alike.sum() > 1 else ''}"


def _end(over: NDArray[np.float64], spent: NDArray[np.float64], currency: str) -> str:
    """How a budget ended, over replications."""
    ended, all_ = over[~np.isnan(over)], len(over)
    if not len(ended):
        return f"lasted: {spent.mean():,.0f} {currency} of it were spent{' on average' if all_ > 1 else ''}"
    day = f"was spent, and the move over on day {np.median(ended):,.0f}"
    if all_ == 1:
        return day
    if len(ended) == all_:
        return f"{day} (median of {all_:,} replications, {ended.min():,.0f} to {ended.max():,.0f})"
    return f"{day} (median of the {len(ended):,} replications of {all_:,} in which it was; it lasted in the others)"

"""What `drift` writes of searches and sensitivities: the answer first, then compact tables."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sim.cli.terminal import bold, clean, fits, grid, wrapped
from sim.experiments.advice import Advice, frontier_row, short, spends
from sim.experiments.hangs import Hangs, table
from sim.experiments.verdict import Words
from sim.market import Market, begins_whole
from sim.outcomes import counted

if TYPE_CHECKING:
    from sim.experiments.search import Search
    from sim.experiments.sensitivity import Sensitivity
    from sim.experiments.spend import Spending


def show_search(found: Search, folder: str | None) -> str:
    """The best levers, what they bring, the frontier, and where all is."""
    advice = Advice(found)
    rows = [[clean(short(one)), one.said(one.now), f"{one.said(one.low)} to {one.said(one.high)}", one.said(x)]
            for one, x in zip(found.ranges, found.best.point, strict=True)]
    parts = [_title(found.market), _answer(advice.headline(), advice.sentences()),
             grid(["lever", "as written", "searched", "best"], rows)]
    if spends(found) and len(found.frontier) > 1:
        words = Words(found.against, found.market)
        told = [[clean(cell) for cell in frontier_row(found, one)] for one in found.frontier]
        parts.append(grid(["what more money buys", f"cost, {clean(found.market.currency)}", f"{words.name}"], told)
                     + f"\n(on fresh luck; money per {counted(begins_whole(found.market))})")
    return "\n\n".join([*parts, stored(folder, "search.html")])


def show_spending(found: Spending, comparison: str) -> str:
    """What was scaled and what that buys, before the comparison that it made fair."""
    return "\n".join([bold("Equal spend"), *(wrapped(clean(one), indent="  ") for one in found.sentences), "", comparison])


def show_sensitivity(found: Sensitivity, folder: str | None, note: str) -> str:
    """What the answer hangs on, every number, and where all is."""
    words = Hangs(found)
    heads, rows = table(found)
    cells = [[clean(cell) for cell in row] for row in rows]
    shown = grid(heads, cells) if fits(heads, cells) else grid([heads[0], *heads[3:]], [[row[0], *row[3:]] for row in cells])
    parts = [_title(found.market), _answer(words.headline(), words.sentences()), shown, *([wrapped(note)] if note else [])]
    return "\n\n".join([*parts, stored(folder, "sensitivity.html")])


def _title(market: Market) -> str:
    return (f"{wrapped(bold(clean(market.title)))}\n{market.people:,} people · {market.horizon:,} days · "
            f"{market.replications:,} replication{'s' * (market.replications != 1)}")


def _answer(headline: str, sentences: list[str]) -> str:
    head = f"{clean(headline)}."
    return "\n".join([wrapped(head).replace(head, bold(head), 1), *(wrapped(clean(one)) for one in sentences)])


def stored(folder: str | None, name: str) -> str:
    """Where page and tables are."""
    if folder is None:
        return "Not stored."
    page = os.path.join(folder, name)
    return f"Page    {page}\nTables  {folder}" if os.path.isfile(page) else f"Tables  {folder}"

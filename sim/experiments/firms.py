"""Every firm beside ours, where people choose: what came of each, and whom ours lost people to and won back from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.engine.records import Run
from sim.experiments.statistics import Estimate, estimate

TOLD = ("share", "profit", "satisfaction")
"""What is told of every firm, of all that `by_firm` holds."""


@dataclass(frozen=True, slots=True)
class Account:
    """What came of one firm under one of our strategies. outcomes: of TOLD, mean and 95% interval, each alone."""

    strategy: str
    firm: str
    outcomes: Mapping[str, Estimate]


@dataclass(frozen=True, slots=True)
class Flow:
    """Who went between ours and one other firm under one strategy, times for every 100 people over the whole time.

    lost: from ours to it. won: from it to ours; back: of these, those who had been to ours before.
    """

    strategy: str
    firm: str
    lost: Estimate
    won: Estimate
    back: Estimate


def accounts(runs: Mapping[str, Run]) -> list[Account]:
    """Every firm under every strategy, ours first; nothing where nobody chooses among firms."""
    found = []
    for name, run in runs.items():
        for firm in run.market.firms if run.by_firm is not None else ():
            table = run.by_firm or {}
            rows = table["firm"] == firm.name
            found.append(Account(name, firm.name, {one: estimate(table[one][rows].astype(np.float64)) for one in TOLD}))
    return found


def flows(runs: Mapping[str, Run]) -> list[Flow]:
    """Who went between ours and each other firm under every strategy; nothing where nobody chooses among firms."""
    found = []
    for name, run in runs.items():
        ours = run.market.firms[0].name
        for firm in run.market.firms[1:] if run.switches is not None else ():
            lost, won, back = (estimate(_times(run, *way)) for way in
                               ((ours, firm.name, "people"), (firm.name, ours, "people"), (firm.name, ours, "back")))
            found.append(Flow(name, firm.name, lost, won, back))
    return found


def _times(run: Run, leaving: str, going: str, column: str) -> NDArray[np.float64]:
    """(replications,) how often somebody went from one firm to another, for every 100 people."""
    table = run.switches
    assert table is not None
    rows = (table["firm"] == leaving) & (table["to"] == going)
    return np.asarray(100.0 * table[column][rows].astype(np.float64) / run.market.people)

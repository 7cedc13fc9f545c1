"""What a run keeps: tidy read-only columns by visit, by day and by outcome.

Every column is a NumPy array; row i of all columns of a table belongs together. Means are over the
visits of the row, NaN where there was none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.market import Market
from sim.outcomes import OUTCOMES as OUTCOMES

Column = NDArray[np.generic]
Table = Mapping[str, Column]

SPREADS = ("expectation", "norm", "experience", "satisfaction", "felt")
"""Levels whose sd over customers is kept as `<name>_sd` in by_visit."""

BY_VISIT = ("replication", "segment", "visit", "customers", "expectation", "norm", "standard", "experience",
            "satisfaction", "felt", "surprised", "complained", "recovered", "left",
            *(f"{name}_sd" for name in SPREADS))
"""replication 0.., segment (its name), visit 1.., customers (how many made that visit), then means; surprised,
complained, recovered, left are shares of those visits. standard: what experience is compared with."""

BY_DAY = ("replication", "firm", "day", "customers", "visits", "quality", "expectation", "norm", "experience",
          "satisfaction", "felt", "complaints", "left", "joined", "revenue", "cost")
"""firm (its name), day 0.., customers at the end of the day; quality: weighted delivered level; complaints, left,
joined: counts; revenue, cost: money that day. Rivals carry their quality and no visits."""


@dataclass(frozen=True)
class Spreading:
    """How expectation is distributed over people as time goes by.

    days: (T,) checkpoints; edges: (B+1,) bin edges in points; counts: (T, B) people, all replications together.
    """

    days: NDArray[np.int64]
    edges: NDArray[np.float64]
    counts: NDArray[np.int64]


@dataclass(frozen=True)
class Run:
    """One strategy on one market, replicated. `outcomes[name]` has one value a replication.

    stays: (replications, people) bool, who is still a customer at the end: twins of two runs share a column.
    customers: one row a person and replication, where asked for. beyond: visits so late in somebody's life that by_visit
    has no row for them.
    """

    market: Market
    strategy: str
    by_visit: Table
    by_day: Table
    outcomes: Mapping[str, NDArray[np.float64]]
    spreading: Spreading
    stays: NDArray[np.bool_]
    customers: Table | None
    beyond: int = 0

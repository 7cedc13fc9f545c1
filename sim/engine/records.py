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
            "satisfaction", "felt", "surprised", "complained", "recovered", "left", "goodwill",
            *(f"{name}_sd" for name in SPREADS))
"""replication 0.., segment (its name), visit 1.., customers (how many made that visit), then means; surprised,
complained, recovered, left are shares of those visits. standard: what experience is compared with. goodwill: after it."""

BY_DAY = ("replication", "firm", "day", "customers", "visits", "quality", "expectation", "norm", "experience",
          "satisfaction", "felt", "complaints", "left", "joined", "revenue", "cost", "answers", "answer", "recovered",
          "silent", "won", "won_back", "lost", "words", "praise", "wait", "price", "regained", "first")
"""firm (its name), day 0.., customers at the end of the day; quality: weighted delivered level; complaints, left,
joined, answers, recovered: counts; revenue, cost: money that day; answer: mean survey answer, 0 to 10; silent: how many left
without ever having spoken up; won, won_back, lost: customers who came from another firm, those of them who had been here
before, and customers who went to another; words, praise: how many told others of a visit that day, and how many of them well;
wait: mean minutes that those waited who came that day, NaN where nobody waits; price: what a visit costs; regained: how many of
those who had left an offer brought back; first: how many came who had never been here, and were no customers at the start.
Rivals carry their quality and price, and visits and money only where people choose."""

SWITCHES = ("replication", "firm", "to", "people", "back")
"""Who was lost to whom, where people choose: firm and to (names), people: how often somebody whose last visit was to `firm`
went to `to`; back: how many of these had been there before."""

FIRM_OUTCOMES = ("satisfaction", "lasting", "felt", "expectation", "experience", "retention", "visits", "complaints", "share",
                 "cost", "profit", "lifetime_value", "goodwill", "recovered")
"""The outcomes that every firm has where people choose: what they are for ours, with the firm in our place."""

BY_FIRM = ("replication", "firm", "customers", *FIRM_OUTCOMES)
"""Every firm's account, where people choose: firm (its name), customers (at the end), then its outcomes."""

BUDGETS = ("replication", "firm", "place", "move", "budget", "spent", "over")
"""The budgets of the firms that people go to, a row each: firm (its name), place (which move of its strategy it is, from 1),
move (its kind), budget and spent: money; over: the first day without the move, NaN where the money lasted."""

LEVELS = ("expected", "standard", "believed", "designed", "delivered", "experience")
GAPS = ("knowledge", "design", "delivery", "communication", "perception", "gap")
"""The five gaps of service quality: the first five add up to the last, gap 5, exactly."""

BY_ATTRIBUTE = ("replication", "segment", "attribute", "visit", "customers", *LEVELS, *GAPS)
"""attribute (its name); mean levels in points: expected (the standard she would bring without promises), standard, believed (by
our firm), designed (the standard it set), delivered, experience; then the gaps between them: knowledge = believed − expected,
design = designed − believed, delivery = delivered − designed, communication = expected − standard, perception = experience −
delivered, gap = experience − standard."""

KANO = ("attractive", "one-dimensional", "must-be", "indifferent", "reverse", "questionable")
"""The classes of a Kano questionnaire, in the order they are counted."""


@dataclass(frozen=True)
class Spreading:
    """How expectation is distributed over people as time goes by.

    days: (T,) checkpoints; edges: (B+1,) bin edges in points; counts: (T, B) people, all replications together.
    """

    days: NDArray[np.int64]
    edges: NDArray[np.float64]
    counts: NDArray[np.int64]


@dataclass(frozen=True)
class Questionnaire:
    """A Kano questionnaire filled in at each checkpoint by everybody who is a customer then.

    days: (T,) checkpoints. attributes: (K,) names of those asked about. counts: (T, K, C) people by class of `KANO`, all
    replications together.
    """

    days: NDArray[np.int64]
    attributes: tuple[str, ...]
    counts: NDArray[np.int64]


@dataclass(frozen=True)
class Run:
    """One strategy on one market, replicated. `outcomes[name]` has one value a replication.

    stays: (replications, people) bool, who is our customer at the end: twins of two runs share a column.
    customers: one row a person and replication, where asked for. beyond: visits so late in somebody's life that by_visit
    has no row for them. by_attribute: None where nothing sets the five gaps apart. kano: None where nobody is asked.
    switches, by_firm: None where nobody chooses. budgets: None where no move has one.
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
    by_attribute: Table | None = None
    kano: Questionnaire | None = None
    switches: Table | None = None
    by_firm: Table | None = None
    budgets: Table | None = None

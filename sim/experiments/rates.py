"""Exact intervals for shares of people, where the spread over replications says nothing or too little.

Where people are nothing to one another, everybody in every replication is one more draw from the same crowd: whether she
is a customer at the end is one toss, and the number of those who are is binomial over all people of all replications. Its
interval is Clopper and Pearson's (1934), which covers at least 95% whatever the share, also where nobody left at all. Where
people talk, wait for one another or are asked for what the firm does next, they are not independent, and only replications
are; there, and for rates by visit, where one person counts many times, intervals come from the spread over replications.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from sim.engine.records import Run
from sim.experiments.statistics import CONFIDENCE, Estimate, Paired
from sim.market import Market, Research, chooses, coupled, differs
from sim.rules.traits import COMPLAINING, COMPLAINING_BASE, LEAVING_BASE, PROSPECT

SHARES = ("retention", "silent_leavers", "complainers")
"""The outcomes that count each person once."""


def countable(market: Market, outcome: str) -> bool:
    """Whether an outcome is a share of independent people, of whom each may or may not be counted in it."""
    asks = any(isinstance(move, Research) for strategy in market.strategies for move in strategy.moves)
    if outcome not in SHARES or coupled(market) or asks:
        return False
    if outcome == "complainers":
        return differs(market, COMPLAINING) or differs(market, COMPLAINING_BASE)
    return chooses(market) or differs(market, LEAVING_BASE) or differs(market, PROSPECT)


def share(count: int, people: int, outside: float = 1.0 - CONFIDENCE) -> tuple[float, float]:
    """Clopper and Pearson's interval for a chance that `count` of so many people met; it misses at most `outside`."""
    from scipy.special import betaincinv

    low = float(betaincinv(count, people - count + 1, outside / 2)) if count else 0.0
    high = float(betaincinv(count + 1, people - count, 1.0 - outside / 2)) if count < people else 1.0
    return low, high


def apart(more: int, less: int, people: int, outside: float = 1.0 - CONFIDENCE) -> tuple[float, float]:
    """An interval for a chance minus another, met by `more` and `less` of so many people, however the two hang together.

    The interval of each, at half of what may be missed: at least as wide as it must be.
    """
    (more_low, more_high), (less_low, less_high) = (share(count, people, outside / 2) for count in (more, less))
    return more_low - less_high, more_high - less_low


def exactly(found: Estimate, run: Run, outcome: str, outside: float = 1.0 - CONFIDENCE) -> Estimate:
    """One strategy's share with its exact interval; as it is with fewer than two replications."""
    if found.count < 2:
        return found
    low, high = share(counted(run, outcome), run.stays.size, outside)
    return replace(found, low=low, high=high)


def paired(found: Paired, later: Run, earlier: Run, outcome: str, outside: float) -> Paired:
    """A difference of shares that every replication shows alike, so that their spread would make it sure: its exact interval.

    Of retention only those count who stay under one strategy alone. outside: what this pair's interval may miss.
    """
    one = found.estimate
    if one.count < 2 or one.sd > 0.0:
        return found
    if outcome == "retention":
        more, less = (int(np.count_nonzero(mine & ~theirs)) for mine, theirs in
                      ((later.stays, earlier.stays), (earlier.stays, later.stays)))
    else:
        more, less = counted(later, outcome), counted(earlier, outcome)
    low, high = apart(more, less, later.stays.size, outside)
    return replace(found, estimate=replace(one, low=low, high=high), decided=bool(low > 0 or high < 0))


def counted(run: Run, outcome: str) -> int:
    """How many people of all replications are counted in a share."""
    if outcome == "retention":
        return int(np.count_nonzero(run.stays))
    share: float = math.fsum(run.outcomes[outcome].tolist())
    return round(share * int(run.stays.shape[1]))

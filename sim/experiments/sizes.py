"""How much a study of many points is, and whether this machine does it: said before anything runs."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from sim.machine import cores
from sim.market import Market, footprint, how_long
from sim.outcomes import OUTCOMES

A_RUN, A_POINT = 0.02, 0.003
"""Seconds that a run takes beside its visits, and a point before it is run."""
A_DAY: Final = 86_400.0
"""Seconds that a study of many points may take."""
BYTES_A_POINT: Final = 30_000


class TooLargeError(ValueError):
    """More than this machine does in a day, or holds; the text says how much it would be."""


def check_count(count: int, market: Market, strategies: int, jobs: int | None = None, *, what: str = "sweep",
                fewer: str = "points") -> None:
    """Errors: TooLargeError, with the estimate, for more points like this market than a day of this machine, or its memory.

    what: what has so many points, in a word. fewer: what there should be less of.
    """
    from sim.machine import memory

    one = replace(market, strategies=market.strategies[:1])
    replications, visits = market.replications, count * strategies * footprint(one).visits
    points = (f"{count:,} point{'s' * (count != 1)} × {strategies} strateg{'y' if strategies == 1 else 'ies'} × "
              f"{replications:,} replication{'s' * (replications != 1)} of {market.people:,} people")
    needed, free = count * (BYTES_A_POINT + 8 * len(OUTCOMES) * strategies * replications), memory()[1]
    check_time(count * (A_POINT + strategies * seconds(one, jobs)), f"{points} are about {visits:,.0f} visits, whose outcomes "
               f"need about {needed / 1e9:,.1f} GB", what=what, fewer=fewer)
    if needed > 0.8 * free > 0:
        raise TooLargeError(f"too large for this machine: the outcomes of {points} need about {needed / 1e9:,.1f} GB, and it "
                            f"has {free / 1e9:,.1f} GB free; take fewer {fewer} or --replications")


def seconds(market: Market, jobs: int | None) -> float:
    """About how long one run of a market with one strategy takes here."""
    return A_RUN + footprint(market).seconds / (cores() if jobs is None else jobs)


def check_time(needed: float, told: str, *, what: str = "sweep", fewer: str = "points") -> None:
    """Errors: TooLargeError for so many seconds of work, if they are more than a day. told: what takes them."""
    if needed > A_DAY:
        raise TooLargeError(f"too large for this machine: {told}, {how_long(needed)} of work, and a {what} may take a day; "
                            f"take fewer {fewer}, --people or --replications")

"""Hear: between visits rivals and campaigns reach her (Woodruff, Cadotte & Jenkins 1983; Kopalle & Lehmann 2006)."""

from sim.rules.arithmetic import exp, root

MOST = 1000
"""More exposures than this in one gap change nothing: the norm has long arrived."""


def exposures(every: float, days: float, chance: float, u: float) -> int:
    """How often she heard of a rival since her last visit.

    Once with `chance` when that is set; else Poisson with mean days/every, by inversion of u. Off: chance 0, every infinite.
    """
    if chance > 0.0:
        return 1 if u < chance else 0
    return poisson(days / every, u)


def poisson(mean: float, u: float) -> int:
    """How many chance events there were, of so many on average, by inversion of u; at most MOST."""
    if mean <= 0.0:
        return 0
    count = 0
    term = exp(-mean)
    total = term
    while u >= total and count < MOST:
        count += 1
        term *= mean / count
        total += term
    return count


def teach(norm: float, seen: float, up: float, down: float) -> float:
    """The norm after one exposure, points: N + κ±·(seen − N), usually quicker upward. Off: up = down = 0."""
    return norm + (up if seen > norm else down) * (seen - norm)


def both_spreads(delivery: float, hearsay: float) -> float:
    """The sd, points, of what she hears of a rival: its own delivery noise and the imprecision of hearsay together."""
    return root(delivery * delivery + hearsay * hearsay)


def spill(expectation: float, seen: float, pull: float, upward_only: float) -> float:
    """What one exposure does to the expectation itself, points: b·(seen − E), or its positive part. Off: pull 0."""
    moved = pull * (seen - expectation)
    return 0.0 if upward_only > 0.0 and moved < 0.0 else moved


def believe(expectation: float, promise: float, trust: float) -> float:
    """Her expectation after hearing a promise, points: E + τ·(promise − E). Off: trust 0."""
    return expectation + trust * (promise - expectation)


def doubt(trust: float, falls: float) -> float:
    """Her trust after a promise was broken: τ·(1 − falls)."""
    return trust * (1.0 - falls)

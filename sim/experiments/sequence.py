"""Replications until it is settled: looking at a difference again and again, and still being wrong in 5% of studies only.

Whoever looks after every few replications and stops as soon as an interval leaves out 0 finds a difference between equal
strategies far too often. A `Plan` therefore says beforehand at which numbers of replications one looks, and every look has
an interval wide enough that all intervals of all looks and all pairs hold together in 95% of studies. At each look a pair is
settled when its interval leaves out 0, or when all of it lies within ± a margin, so that the difference is too small to
matter, be it real or not. The study stops when the best strategy is settled against every other.

All looks have one nominal level (Pocock 1977, "Group sequential methods in the design and analysis of clinical trials"): the
one at which a mean of normal replications strays past its bound at any look with the chance allowed, by the recursion of
Armitage, McPherson & Rowe 1969. It is then read off Student's law at each look's degrees of freedom, and divided among
pairs as Bonferroni does, which supposes nothing of how strategies hang together. That the levels hold for few replications too,
and for skewed ones, is checked by `python -m campaigns.sequential`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise as neighbours
from typing import Final

import numpy as np

from sim.experiments.statistics import CONFIDENCE, Paired, student

FIRST_LOOK: Final = 10
"""Replications before the first look."""
GROWTH: Final = 1.5
"""Each look has about so many times the replications of the one before."""
MOST: Final = 40
"""Unless said otherwise, a study takes at most so many times the replications of its story."""
_NODES: Final = 160  # of the recursion's quadrature: the chance is then right to about 1e-9


@dataclass(frozen=True, slots=True)
class Plan:
    """When one looks, and what is too small to matter.

    margin: in the outcome's own unit, as in `Run.outcomes`. looks: replications at each, ascending; the last is the most.
    """

    margin: float
    outcome: str
    looks: tuple[int, ...]

    def point(self, count: int, pairs: int = 1) -> float:
        """The c of mean ± c·sd/√count that holds at all looks, for so many pairs at once."""
        return student(count, outside=self.outside(pairs))

    def outside(self, pairs: int = 1) -> float:
        """What one interval of one pair may miss at one look, so that all miss 5% together."""
        return nominal(self.looks, (1.0 - CONFIDENCE) / pairs)


def plan(margin: float, outcome: str, most: int) -> Plan:
    """The looks of a study of at most so many replications. Errors: ValueError, in a sentence, for what is no margin."""
    check_margin(margin)
    looks = [FIRST_LOOK if most >= FIRST_LOOK * math.sqrt(GROWTH) else most]
    while looks[-1] < most:
        following = math.ceil(looks[-1] * GROWTH)
        looks.append(most if following * math.sqrt(GROWTH) > most else following)
    return Plan(float(margin), outcome, tuple(looks))


def check_margin(margin: float) -> None:
    """Errors: ValueError, saying what is allowed, for what is no margin."""
    if not (isinstance(margin, int | float) and math.isfinite(margin) and margin > 0.0):
        raise ValueError(f"what is too small to matter must be a number above 0, not {margin!r}")


def settled(pair: Paired, margin: float) -> bool:
    """Whether a difference is surely not 0, or surely too small to matter."""
    return pair.decided or too_small(pair, margin)


def too_small(pair: Paired, margin: float) -> bool:
    """Whether all of a difference's interval lies within ± margin."""
    return max(abs(pair.estimate.low), abs(pair.estimate.high)) <= margin


def all_settled(best: int, pairs: Mapping[tuple[int, int], Paired], margin: float) -> bool:
    """Whether the strategy of that place is settled against every other."""
    return all(settled(pair, margin) for places, pair in pairs.items() if best in places)


@lru_cache(maxsize=256)
def nominal(looks: tuple[int, ...], outside: float) -> float:
    """The two-sided level of each look at which a mean strays out at any of them with chance `outside`."""
    from scipy.optimize import brentq
    from scipy.special import ndtr, ndtri

    if len(looks) == 1:
        return outside
    tail = outside / 2.0
    bound = brentq(lambda c: straying(looks, c) - outside, -ndtri(tail), -ndtri(tail / len(looks)), xtol=1e-10)
    return 2.0 * float(ndtr(-bound))


def straying(looks: tuple[int, ...], bound: float) -> float:
    """The chance that |mean|·√n passes `bound` at any look, for independent standard normal replications.

    By recursion over looks: the density of the sum of replications where no look has strayed yet, on Gauss-Legendre nodes.
    """
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    end = bound * math.sqrt(looks[0])
    sums = nodes * end
    inside = weights * end * np.exp(-sums**2 / (2.0 * looks[0])) / math.sqrt(2.0 * math.pi * looks[0])
    for before, now in neighbours(looks):
        end = bound * math.sqrt(now)
        following = nodes * end
        step = np.exp(-((following[:, None] - sums) ** 2) / (2.0 * (now - before))) / math.sqrt(2.0 * math.pi * (now - before))
        sums, inside = following, weights * end * (step @ inside)
    return 1.0 - float(inside.sum())

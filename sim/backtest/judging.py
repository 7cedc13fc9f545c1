"""Whether data look like one more replication of a story: numbers and curves, judged all together.

The story is lived R times at the data's own size. Were it true, the data would be one replication more, and any of the R + 1
might as well be the one that was seen. How far each lies from all the others, in the number or point of a curve where it lies
furthest, therefore ranks the data evenly among them, whatever the laws and correlations of the numbers: a Monte-Carlo test
(Barnard 1963; from memory, not verified). Bands reach as far as that distance does in 95% of replications, so that the data of
a true story lie inside all bands at once in about 95% of studies.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FEWEST: Final = 19
"""With fewer replications nothing can be told at 5%."""
OUTSIDE: Final = 0.05
TOO_WIDE: Final = 0.5
"""A band that reaches further than this from its middle, as a share of the whole, would hold almost anything."""
EVEN: Final = 1e-9
"""Differences below this share of the values are rounding."""


@dataclass(frozen=True)
class Item:
    """One number or curve of the data and of the replications.

    name: what it is. x: (k,) where its points lie, and across: of what; a single number has one point. observed: (k,);
    simulated: (R, k). whole: (k,) or one number: what 100% of a difference is. moved: whether differences add up to shares that
    would have to be moved, in place of their mean. unit: what `whole` is called where it is no percentage.
    """

    name: str
    across: str
    x: Floats
    observed: Floats
    simulated: Floats
    whole: Floats | float
    moved: bool = False
    unit: str = ""
    percent: bool = False

    @property
    def middle(self) -> Floats:
        """(k,) the mean over replications."""
        found: Floats = self.simulated.mean(axis=0)
        return found

    def off(self, distance: Floats) -> float:
        """A distance at each point as one share of the whole."""
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = np.where(distance == 0.0, 0.0, np.abs(distance) / self.whole)
        return float(shares.sum() / 2 if self.moved else shares.mean())


@dataclass(frozen=True)
class Band:
    """Where a replication's points lie, (k,) each; p: how often a replication is as far off as the data, in any item."""

    low: Floats
    high: Floats


def bands(items: Sequence[Item]) -> tuple[list[Band], float]:
    """The band of each item, all at once in 95% of studies; the p of the data. Errors: ValueError for too few replications."""
    simulated = np.concatenate([one.simulated for one in items], axis=1)
    observed = np.concatenate([one.observed for one in items])
    count = len(simulated)
    if count < FEWEST:
        raise ValueError(f"{count} replications are too few to judge by; {FEWEST} at least")
    furthest = _furthest(simulated)
    middle, spread = simulated.mean(axis=0), simulated.std(axis=0, ddof=1) * math.sqrt(1.0 + 1.0 / count)
    seen = float(_distance(observed - middle, spread, np.abs(middle)).max())
    p = (1 + int((furthest >= seen).sum())) / (count + 1)
    reach = np.sort(furthest)[::-1][math.floor(OUTSIDE * (count + 1) + EVEN) - 1]
    ends = np.cumsum([0, *(len(one.observed) for one in items)])
    parts = [slice(int(first), int(last)) for first, last in itertools.pairwise(ends)]
    return [Band(middle[part] - reach * spread[part], middle[part] + reach * spread[part]) for part in parts], p


def _furthest(simulated: Floats) -> Floats:
    """(R,) how far each replication lies from all others, in standard deviations, where it lies furthest."""
    count = len(simulated)
    others = count - 1
    sums, squares = simulated.sum(axis=0), ((simulated - simulated.mean(axis=0)) ** 2).sum(axis=0)
    middle = (sums - simulated) / others
    # Leaving one out takes its own part out of the squares: Σ(x−m)² − (x−m)²·R/(R−1).
    rest = np.maximum(squares - (simulated - simulated.mean(axis=0)) ** 2 * count / others, 0.0)
    spread = np.sqrt(rest / (others - 1)) * math.sqrt(1.0 + 1.0 / others)
    found: Floats = _distance(simulated - middle, spread, np.abs(middle)).max(axis=1)
    return found


def _distance(apart: Floats, spread: Floats, size: Floats) -> Floats:
    """Distances in standard deviations; where nothing varies, 0 for the same and infinite for anything else."""
    even = np.abs(apart) <= EVEN * np.maximum(size, EVEN)
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Floats = np.where(even, 0.0, np.abs(apart) / spread)
    return found

"""References that learn: what a person compares with, occasion by occasion, and whether the evidence for it is real.

r ← r + a·(seen − r) at every occasion, from the first that she saw. The rate a is profiled. A person's usual level alone mimics
a reference, so the same past in an order that did not happen is tried beside the true one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.calibrate.fitting import Floats, Regression, Z, within
from sim.calibrate.found import NEEDED

Integers = NDArray[np.int64]

BUILDS: Final = 3
"""The first occasions of a person build what she remembers and are not fitted."""
GRID: Final = np.round(np.arange(0.0, 1.0001, 0.05), 2)
COARSE: Final = np.round(np.arange(0.0, 1.0001, 0.1), 1)
FINEST: Final = 1e-3
"""No rate is told more finely than to a few times this."""
SCRAMBLES: Final = 19
"""So many orders that did not happen: the true one is beyond all of them by chance in one case of twenty."""
MARGIN: Final = -10.0
"""The true order must lower AIC by this much more than any scrambled one."""


class Evidence(Protocol):
    """What people saw and did. starts: (n,) whether an occasion is a person's first. seen: (n, firms), person by person.

    gains: 1 where more than the reference is a gain (quality), −1 where less is (prices).
    """

    @property
    def starts(self) -> NDArray[np.bool_]: ...

    @property
    def seen(self) -> Floats: ...

    @property
    def gains(self) -> float: ...

    def fit(self, reference: Floats | None, start: Floats | None = None) -> Regression:
        """The model of what people did, fitted; with a reference (n, firms), the last two coefficients are of gain and loss.

        Errors: ValueError where the columns cannot be told apart.
        """


@dataclass(frozen=True)
class Profile:
    """ln likelihood by learning rate, and the fit at the best point of the grid; rate, low, high: estimate and interval.

    likelihood: on GRID. grid, heights: the points from which the interval was read, closer ones where it is narrow.
    """

    likelihood: Floats
    grid: Floats
    heights: Floats
    best: Regression
    reference: Floats
    rate: float
    low: float
    high: float

    @property
    def top(self) -> float:
        """The highest ln likelihood found."""
        return self.best.likelihood

    def interval(self, z: float = Z) -> tuple[float, float, float]:
        """Estimate and limits at a level, z as the two-sided point of the normal; beyond the close grid they are off GRID."""
        found = within(self.grid, self.heights, z)
        beyond = (self.grid[0] > GRID) | (self.grid[-1] < GRID)
        if not beyond.any():
            return found
        order = np.argsort(grid := np.append(self.grid, GRID[beyond]))
        return found[0], *within(grid[order], np.append(self.heights, self.likelihood[beyond])[order], z)[1:]


@dataclass(frozen=True)
class Judged:
    """A profile beside those of scrambled pasts.

    gained: by how much a reference that learns changes AIC; against: at best, with the past in an order that did not happen.
    """

    without: Regression
    true: Profile
    false: tuple[Profile, ...]
    gained: float
    against: float

    @property
    def enough(self) -> bool:
        """Whether a reference explains enough."""
        return self.gained <= NEEDED

    @property
    def ordered(self) -> bool:
        """Whether the order of the past matters."""
        return self.gained <= self.against + MARGIN


def fitted(starts: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which occasions are fitted: all after the first BUILDS of each person."""
    firsts = np.flatnonzero(starts)
    kept: NDArray[np.bool_] = np.arange(len(starts)) - firsts[np.cumsum(starts) - 1] >= BUILDS
    return kept


def references(told: Evidence, up: Floats, down: Floats, pull: Floats, history: Integers | None = None) -> Floats:
    """(points, n, firms): the reference before each occasion, at each point of a grid of rates.

    up: the rate after a gain; down: after a loss. pull: how far the reference of a firm moves to the mean of the others.
    history: (n,) in which order things were seen, where it is not the true one.
    """
    seen = told.seen if history is None else told.seen[history]
    others = (seen.sum(axis=1, keepdims=True) - seen) / max(seen.shape[1] - 1, 1)
    found = np.empty((len(up), *seen.shape))
    now = np.zeros((len(up), seen.shape[1]))
    after_gain, after_loss, pulled = up[:, None], down[:, None], pull[:, None]
    for row, start in enumerate(told.starts):
        if start:
            now = np.repeat(seen[row][None], len(up), axis=0)
        found[:, row] = now
        gap = seen[row] - now
        now = now + np.where(told.gains * gap > 0, after_gain, after_loss) * gap + pulled * (others[row] - now)
    return found


def fits(told: Evidence, many: Floats, without: Regression) -> list[Regression]:
    """The fit at each of many references; each starts where the last ended."""
    found, start = [], np.append(without.values, [0.0, 0.0])
    for reference in many:
        try:
            one = told.fit(reference, start)
            start = one.values
        except ValueError:  # at this rate gains and losses cannot be told from the rest: no evidence for it
            one = Regression(start, np.full((len(start), len(start)), np.nan), without.likelihood, without.parameters + 2)
        found.append(one)
    return found


def profile(told: Evidence, without: Regression, history: Integers | None = None, finely: bool = True) -> Profile:
    """ln likelihood at each rate of the grid, fitted anew at each; finely: also between points where the interval is narrow."""
    many = references(told, GRID, GRID, np.zeros(len(GRID)), history)
    found = fits(told, many, without)
    likelihood = np.array([one.likelihood for one in found])
    top = int(likelihood.argmax())
    best, reference, three = found[top], many[top], within(GRID, likelihood)
    grid, heights = GRID, likelihood
    while finely and narrow(grid, three):
        grid = closer(grid, three)
        many = references(told, grid, grid, np.zeros(len(grid)), history)
        found = fits(told, many, without)
        heights = np.array([one.likelihood for one in found])
        top = int(heights.argmax())
        best, reference, three = found[top], many[top], within(grid, heights)
    if finely:
        best, reference = _at(told, grid, found, three, without, history)
    return Profile(likelihood, grid, heights, best, reference, *three)


def _at(
    told: Evidence,
    grid: Floats,
    found: list[Regression],
    three: tuple[float, float, float],
    without: Regression,
    history: Integers | None,
) -> tuple[Regression, Floats]:
    """The fit at the estimated rate, and its reference. Its covariance knows that the rate is estimated as well.

    With V the covariance at a known rate a, it is V + Var(a)·s·sᵀ, s = d(coefficients)/da along the profile: the block of the
    inverse of the whole information. Without the second part the weights' intervals are too narrow.
    """
    rate, low, high = three
    top = int(np.argmax([one.likelihood for one in found]))
    still, one = np.zeros(1), np.array([rate])
    many = references(told, one, one, still, history)
    at = fits(told, many, replace(without, likelihood=-np.inf))[0]
    best, reference = (at, many[0]) if at.likelihood >= found[top].likelihood else (found[top], None)
    if reference is None:
        one = grid[top:top + 1]
        reference = references(told, one, one, still, history)[0]
    left, right = max(top - 1, 0), min(top + 1, len(grid) - 1)
    slope = (found[right].values - found[left].values) / (grid[right] - grid[left])
    covariance: Floats = best.covariance + ((high - low) / (2 * Z)) ** 2 * np.outer(slope, slope)
    return replace(best, covariance=covariance), reference


def narrow(grid: Floats, three: tuple[float, float, float]) -> bool:
    """Whether an interval spans too few points of a grid to be read off it."""
    step = float(grid[1] - grid[0])
    return three[2] - three[1] < 4 * step and step > FINEST


def closer(grid: Floats, three: tuple[float, float, float]) -> Floats:
    """A grid of as many points around an interval, within 0 and 1."""
    step = float(grid[1] - grid[0])
    return np.linspace(max(0.0, three[1] - step), min(1.0, three[2] + step), len(grid))


def scrambled(starts: NDArray[np.bool_], number: int) -> Integers:
    """Each person's occasions in an order that did not happen, the same for the same number."""
    people = np.cumsum(starts)
    return np.lexsort((np.random.Philox(key=number).random_raw(len(people)), people))


def judge(told: Evidence, history: Integers | None = None) -> Judged:
    """Profile the rate, and the same with the past scrambled. history: an order to take for the true one, to try the judge.

    Errors: ValueError where the model without a reference cannot be fitted.
    """
    without = told.fit(None)
    true = profile(told, without, history)
    false = tuple(profile(told, without, scrambled(told.starts, number), finely=False) for number in range(SCRAMBLES))

    def gained(one: Profile) -> float:
        return 2.0 * (without.likelihood - one.top) + 2.0 * 3

    return Judged(without, true, false, gained(true), min(map(gained, false)))

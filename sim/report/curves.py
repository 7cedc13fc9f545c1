"""By-visit tables turned into curves: one level a visit, with its uncertainty, for one strategy.

Two traps are avoided here. A guest who comes monthly makes more visits than one who comes yearly, so the mix of
segments changes along the axis of visits: each segment keeps the weight it had at visit 1, and where a segment has
too few visitors left the curve goes on with the changes of the others. And customers who leave are missing from later
visits: the share still coming is kept beside every level, and visits made by a handful are cut.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.engine.records import Run
from sim.experiments.statistics import student

Levels = NDArray[np.float64]

FEWEST = 30
"""Customers, all replications together, below which a visit is not drawn."""
SMALLEST_SHARE = 0.01
"""Share of the first visit's customers below which a visit is not drawn."""
NOTICEABLE = 0.25
"""Points: smaller levels and changes are called none."""


@dataclass(frozen=True)
class Estimate:
    """A number with its 95% interval; low and high are NaN where one replication leaves none."""

    mean: float
    low: float
    high: float

    @property
    def above_zero(self) -> bool:
        """Whether the whole interval lies above zero."""
        return bool(self.low > 0)

    @property
    def below_zero(self) -> bool:
        """Whether the whole interval lies below zero."""
        return bool(self.high < 0)


@dataclass(frozen=True)
class Curve:
    """A level at each visit that enough customers still make.

    visits (N,) from 1; level, low, high (N,) points, 95% over replications; remain (N,) share of the first visit's
    customers; spread (N,) sd over customers; without (R, N) the level with one replication left out (jackknife).
    """

    visits: NDArray[np.int64]
    level: Levels
    low: Levels
    high: Levels
    remain: Levels
    spread: Levels
    without: Levels

    @property
    def drawn(self) -> int:
        """How many visits are drawn."""
        return len(self.visits)

    @property
    def half(self) -> int:
        """How many of the drawn visits are still made by at least half of the first visit's customers."""
        few = np.flatnonzero(self.remain < 0.5)
        return int(few[0]) if len(few) else self.drawn

    def estimate(self, statistic: Callable[[Levels], float], tries: int = 1) -> Estimate:
        """A statistic of the curve with its interval, honest also when it is the most extreme of `tries`."""
        mean = statistic(self.level)
        half = jackknife(np.array([statistic(level) for level in self.without]), tries)
        return Estimate(mean, mean - half, mean + half)


def curve(run: Run, name: str) -> Curve:
    """The level of `name` (a column of by_visit) at each visit, customers of all segments and replications weighed."""
    customers, totals, squares = _cells(run, name)
    present = _present(customers.sum(axis=0))
    drawn = _drawn(customers.sum(axis=(0, 1)), present)
    customers, totals, squares = customers[..., :drawn], totals[..., :drawn], squares[..., :drawn]
    present = present[:, :drawn]
    all_customers, all_totals = customers.sum(axis=0), totals.sum(axis=0)
    level = _linked(all_customers[None], all_totals[None], present)[0]
    without = _linked(all_customers - customers, all_totals - totals, present)
    half = np.array([jackknife(column) for column in without.T]) if len(customers) > 1 else np.full(drawn, np.nan)
    counts = all_customers.sum(axis=0)
    first = counts[0] if drawn else 1.0
    pooled = all_totals.sum(axis=0) / counts
    spread = np.sqrt(np.maximum(0.0, squares.sum(axis=(0, 1)) / counts - pooled**2))
    visits = np.arange(1, drawn + 1, dtype=np.int64)
    return Curve(
        visits,
        level,
        level - half,
        level + half,
        counts / first,
        spread,
        without if len(customers) > 1 else without[:0],
    )


def _cells(run: Run, name: str) -> tuple[Levels, Levels, Levels]:
    """Customers, summed level and summed square, each (replication, segment, visit)."""
    table = run.by_visit
    replication = np.unique(table["replication"], return_inverse=True)[1]
    segment = np.unique(table["segment"], return_inverse=True)[1]
    visit = table["visit"].astype(np.int64) - 1
    shape = tuple(int(place.max(initial=-1)) + 1 for place in (replication, segment, visit))
    count = table["customers"].astype(np.float64)
    mean = np.where(count > 0, table[name].astype(np.float64), 0.0)
    sd = table[f"{name}_sd"].astype(np.float64) if f"{name}_sd" in table else np.zeros_like(mean)
    square = np.where(count > 0, np.nan_to_num(sd) ** 2 + mean**2, 0.0)
    cells = np.zeros((3, *shape))
    for cell, column in zip(cells, (count, count * mean, count * square), strict=True):
        np.add.at(cell, (replication, segment, visit), column)
    return cells[0], cells[1], cells[2]


def _present(customers: Levels) -> NDArray[np.bool_]:
    """Which segments still make which visits in numbers worth drawing, from (segment, visit) counts."""
    first = customers[:, :1]
    enough = customers >= np.maximum(FEWEST, SMALLEST_SHARE * first)
    present: NDArray[np.bool_] = np.logical_and.accumulate(enough, axis=1)
    return present


def _drawn(customers: Levels, present: NDArray[np.bool_]) -> int:
    if not customers.size:
        return 0
    keep = present.any(axis=0) & (customers >= np.maximum(FEWEST, SMALLEST_SHARE * customers[0]))
    return int(np.logical_and.accumulate(keep).sum())


def _linked(customers: Levels, totals: Levels, present: NDArray[np.bool_]) -> Levels:
    """Levels (K, N) from counts and totals (K, segment, N): first-visit weights, changes linked visit to visit."""
    if not customers.shape[-1]:
        return np.zeros((len(customers), 0))
    with np.errstate(invalid="ignore", divide="ignore"):
        means = totals / customers
        weights = np.where(present[:, 0], customers[:, :, 0], 0.0)
        start = np.where(weights > 0, weights * means[:, :, 0], 0.0).sum(axis=1) / weights.sum(axis=1)
        shared = weights[:, :, None] * present[None, :, 1:]
        steps = np.where(shared > 0, shared * np.diff(means, axis=2), 0.0).sum(axis=1) / shared.sum(axis=1)
    return np.concatenate([start[:, None], start[:, None] + np.cumsum(steps, axis=1)], axis=1)


def jackknife(without: Levels, tries: int = 1) -> float:
    """Half the width of a 95% interval from the values with one replication left out; NaN for fewer than two.

    Student's t on R−1 degrees of freedom; `tries` divides the error among that many looks (Bonferroni).
    """
    count = len(without)
    if count < 2:
        return math.nan
    error = math.sqrt((count - 1) / count * float(np.sum((without - without.mean()) ** 2)))
    return student(count, max(1, tries)) * error


@dataclass(frozen=True)
class Fit:
    """Satisfaction after its peak as `floor + drop · ratio^visits`; fits is the share of variation explained."""

    floor: float
    drop: float
    ratio: float
    fits: float

    @property
    def half_life(self) -> float:
        """Visits until half of the drop is done."""
        return math.log(2) / -math.log(self.ratio)


@dataclass(frozen=True)
class Fade:
    """What becomes of satisfaction: `kind` says it in a word, the rest in numbers.

    kind: fades, sinks, rises, holds, level, below, unclear, single (one replication), short (too few visits). peak: the
    highest visit, 1 first; late: mean of the last quarter of the visits drawn; half: visits from the peak until half
    of it is gone (NaN: never); fit: from the peak on, None where it cannot be fitted.
    """

    kind: str
    peak: Estimate
    peak_visit: int
    late: Estimate
    half: float
    fit: Fit | None


def fade(line: Curve) -> Fade:
    """Judge whether satisfaction fades, allowing for having picked the highest of many visits."""
    count = line.drawn
    if count < 4:
        nothing = Estimate(math.nan, math.nan, math.nan)
        return Fade("short", nothing, 0, nothing, math.nan, None)
    tail = max(2, count // 4)
    peak = int(np.argmax(line.level))
    top = line.estimate(lambda level: float(level[peak]), tries=count)
    late = line.estimate(lambda level: float(level[-tail:].mean()))
    drop = line.estimate(lambda level: float(level[peak] - level[-tail:].mean()), tries=count)
    rise = line.estimate(lambda level: float(level[-tail:].mean() - level[0]))
    half, fit = math.nan, None
    kind = _kind(line, top, late, drop, rise, ends_high=peak >= count - tail)
    if kind == "fades":
        half, fit = half_gone(line.level, peak), fitted(line.level[peak:], line.remain[peak:])
    return Fade(kind, top, peak + 1, late, half, fit)


def _kind(line: Curve, top: Estimate, late: Estimate, drop: Estimate, rise: Estimate, ends_high: bool) -> str:
    if not len(line.without):
        return "single"
    widest = float(np.max(np.abs([line.low, line.high])))
    if widest <= NOTICEABLE:
        return "level"
    falls = drop.above_zero and drop.mean > NOTICEABLE
    if rise.above_zero and rise.mean > NOTICEABLE and late.mean > 0 and ends_high:
        return "rises"
    if falls and top.above_zero:
        return "fades" if drop.mean > 0.1 * top.mean else "holds"
    if falls:
        return "sinks"
    if line.high.max() < 0:
        return "below"
    if drop.high <= max(NOTICEABLE, 0.25 * abs(top.mean)):
        return "holds" if late.above_zero else "level" if abs(late.mean) <= NOTICEABLE else "unclear"
    return "unclear"


def half_gone(level: Levels, peak: int) -> float:
    """Visits from the peak until the level first reaches half of it, interpolated; NaN if it never does."""
    after, target = level[peak:], level[peak] / 2
    under = np.flatnonzero(after <= target)
    if not len(under):
        return math.nan
    last = int(under[0])
    step = after[last - 1] - after[last]
    return float(last - 1 + (after[last - 1] - target) / step)


def fitted(level: Levels, weights: Levels) -> Fit | None:
    """Weighted least squares of floor + drop·ratio^n, the ratio searched on a grid; None under 4 visits."""
    count = len(level)
    if count < 4 or float(np.ptp(level)) == 0.0:
        return None
    steps, root = np.arange(count), np.sqrt(weights)
    best, least = None, math.inf
    for ratio in np.linspace(0.05, 0.99, 189):
        shape = np.column_stack([np.ones(count), ratio**steps])
        solution = np.linalg.lstsq(shape * root[:, None], level * root, rcond=None)[0]
        loss = float(np.sum(weights * (level - shape @ solution) ** 2))
        if loss < least:
            least, best = loss, (float(solution[0]), float(solution[1]), float(ratio))
    middle = float(np.average(level, weights=weights))
    whole = float(np.sum(weights * (level - middle) ** 2))
    return None if best is None or whole <= 0 else Fit(*best, 1 - least / whole)

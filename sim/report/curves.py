"""By-visit tables turned into curves: one level a visit, with its uncertainty, for one strategy.

Two traps are avoided here. A guest who comes monthly makes more visits than one who comes yearly, so the mix of
segments changes along the axis of visits: each segment keeps the weight it had at visit 1, and where a segment has
too few visitors left the curve goes on with the changes of the others. And customers who leave are missing from later
visits: the share still coming is kept beside every level, and visits made by a handful are cut.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.engine.records import Run, Table
from sim.experiments.statistics import estimate, student

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


def over(each: Levels, tries: int = 1) -> Estimate:
    """The mean of one number a replication with its interval, honest also when it is the most extreme of `tries`."""
    count = int(np.isfinite(each).sum())
    found = estimate(each, student(count, max(1, tries)) if count > 1 else None)
    return Estimate(found.mean, found.low, found.high)


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
    (cells,) = _cells([run.by_visit], name)
    level, without, counts = _levels(cells, _present(cells[0].sum(axis=0)))
    totals, squares = (cell[..., : len(level)].sum(axis=(0, 1)) for cell in cells[1:])
    spread = np.sqrt(np.maximum(0.0, squares / counts - (totals / counts) ** 2))
    return _banded(level, without, counts, spread)


def lift(run: Run, baseline: Run, name: str) -> Curve:
    """`run` minus `baseline` in `name` at each visit that both still have: the same people, luck and weights.

    Replications are left out of both at once, so that luck they share widens no interval; remain is the smaller of
    the two, spread (a difference of means has none over customers) is NaN.
    """
    mine, theirs = _cells([run.by_visit, baseline.by_visit], name)
    present = _present(mine[0].sum(axis=0)) & _present(theirs[0].sum(axis=0))
    (level, without, counts), (other, others, known) = _levels(mine, present), _levels(theirs, present)
    drawn = min(len(level), len(other))
    fewest = np.minimum(counts[:drawn] / counts[:1], known[:drawn] / known[:1])
    apart, parts = level[:drawn] - other[:drawn], without[:, :drawn] - others[:, :drawn]
    return _banded(apart, parts, fewest, np.full(drawn, np.nan))


def _levels(cells: Sequence[Levels], present: NDArray[np.bool_]) -> tuple[Levels, Levels, Levels]:
    """(N,) the level at each visit drawn, (R, N) the same with one replication left out, (N,) customers."""
    drawn = _drawn(cells[0].sum(axis=(0, 1)), present)
    customers, totals = cells[0][..., :drawn], cells[1][..., :drawn]
    every, sums = customers.sum(axis=0), totals.sum(axis=0)
    level = _linked(every[None], sums[None], present[:, :drawn])[0]
    without = _linked(every - customers, sums - totals, present[:, :drawn])
    return level, without, every.sum(axis=0)


def _banded(level: Levels, without: Levels, counts: Levels, spread: Levels) -> Curve:
    """A curve with its intervals, from levels, levels with one replication left out, and customers."""
    single = len(without) < 2
    half = np.full(len(level), np.nan) if single else np.array([jackknife(column) for column in without.T])
    visits = np.arange(1, len(level) + 1, dtype=np.int64)
    remain = counts / counts[:1]
    return Curve(visits, level, level - half, level + half, remain, spread, without[:0] if single else without)


def _cells(tables: Sequence[Table], name: str) -> list[tuple[Levels, Levels, Levels]]:
    """Customers, summed level and summed square, each (replication, segment, visit), on one grid for all tables."""
    keys = [np.unique(np.concatenate([table[key] for table in tables])) for key in ("replication", "segment")]
    last = max(int(table["visit"].astype(np.int64).max(initial=0)) for table in tables)
    found = []
    for table in tables:
        places = [np.searchsorted(key, table[of]) for key, of in zip(keys, ("replication", "segment"), strict=True)]
        count = table["customers"].astype(np.float64)
        mean = np.where(count > 0, table[name].astype(np.float64), 0.0)
        sd = table[f"{name}_sd"].astype(np.float64) if f"{name}_sd" in table else np.zeros_like(mean)
        square = np.where(count > 0, np.nan_to_num(sd) ** 2 + mean**2, 0.0)
        cells = np.zeros((3, len(keys[0]), len(keys[1]), last))
        for cell, column in zip(cells, (count, count * mean, count * square), strict=True):
            np.add.at(cell, (places[0], places[1], table["visit"].astype(np.int64) - 1), column)
        found.append((cells[0], cells[1], cells[2]))
    return found


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
    """A curve after its peak as `floor + drop · ratio^visits`; fits is the share of variation explained."""

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
    """What becomes of a curve: `kind` says it in a word, the rest in numbers.

    kind: fades, dips (far below zero for a while), sinks, rises, holds, keeps (surely more than half of its peak, perhaps
    all), level, below, unclear, single (one replication), short (too few visits). peak, low: the highest and the lowest
    visit, 1 first; late: mean of the last visits, those of `settled`; half: visits from the peak until half of it is gone
    for good (NaN: never); fit: from the peak on, None where it cannot be fitted.
    """

    kind: str
    peak: Estimate
    peak_visit: int
    low: Estimate
    low_visit: int
    late: Estimate
    half: float
    fit: Fit | None

    @property
    def left(self) -> float:
        """The share of the peak that is left at the last visits."""
        return self.late.mean / self.peak.mean

    @property
    def overturned(self) -> bool:
        """Whether the curve, after its peak, is surely below zero by at least half of what the peak was above it."""
        return self.low_visit > self.peak_visit and self.low.high < 0 and -self.low.mean >= self.peak.mean / 2


def fade(line: Curve) -> Fade:
    """Judge whether a curve fades, allowing for having picked the highest (or lowest) of many visits."""
    count = line.drawn
    if count < 4:
        nothing = Estimate(math.nan, math.nan, math.nan)
        return Fade("short", nothing, 0, nothing, 0, nothing, math.nan, None)
    tail = settled(line)
    peak, pit = int(np.argmax(line.level)), int(np.argmin(line.level))
    top = line.estimate(lambda level: float(level[peak]), tries=count)
    low = line.estimate(lambda level: float(level[pit]), tries=count)
    late = line.estimate(lambda level: float(level[-tail:].mean()))
    drop = line.estimate(lambda level: float(level[peak] - level[-tail:].mean()), tries=count)
    half, fit = math.nan, None
    kind = "dips" if _dips(line, pit, low, top, tail) else _kind(line, peak, top, late, drop)
    if kind == "unclear":
        most = line.estimate(lambda level: float(level[-tail:].mean() - level[peak] / 2), tries=count)
        kind = "keeps" if top.above_zero and top.mean > NOTICEABLE and most.above_zero else kind
    if kind == "fades" and late.mean > 0 and _recurs(line):
        kind = "holds"
    if kind == "fades":
        half = half_gone(line, peak) if late.mean <= top.mean / 2 else math.nan
        fit = fitted(line.level[peak:], line.remain[peak:])
    return Fade(kind, top, peak + 1, low, pit + 1, late, half, fit)


def quarter(line: Curve) -> int:
    """How many of the drawn visits are the last quarter: two at least."""
    return max(2, line.drawn // 4)


def settled(line: Curve) -> int:
    """How many visits at the end say where a curve ends: the last quarter, and fewer while it surely moves within them.

    A curve that comes and goes until the end, as where every fifth visit pleases, keeps its quarter.
    """
    tail = quarter(line)
    while tail > 2 and len(line.without) and not _recurs(line):
        half = max(2, tail // 2)
        moved = _later(line, half, tail - half)
        if abs(moved.mean) <= NOTICEABLE or moved.low <= 0 <= moved.high:
            break
        tail = half
    return tail


def _later(line: Curve, last: int, before: int) -> Estimate:
    """The mean of the last visits minus that of those before them."""
    return line.estimate(lambda level: float(level[-last:].mean() - level[-last - before : -last].mean()))


def _dips(line: Curve, pit: int, low: Estimate, top: Estimate, tail: int) -> bool:
    """Whether the curve surely falls further below zero than it ever rises above it, and comes back by half at least."""
    if not low.high < 0 or -low.mean <= max(top.mean, NOTICEABLE) or line.high.max() < 0:
        return False
    down = line.estimate(lambda level: float(level[: pit + 1].max() - level[pit]), tries=line.drawn)
    back = line.estimate(lambda level: float(level[-tail:].mean() - level[pit]), tries=line.drawn)
    return all(way.above_zero and way.mean > -low.mean / 2 for way in (down, back))


def _kind(line: Curve, peak: int, top: Estimate, late: Estimate, drop: Estimate) -> str:
    if not len(line.without):
        return "single"
    widest = float(np.max(np.abs([line.low, line.high])))
    if widest <= NOTICEABLE:
        return "level"
    falls, far = drop.above_zero and drop.mean > NOTICEABLE, drop.mean > 0.1 * abs(top.mean)
    if _climbs(line, peak, late) and not (falls and far):
        return "rises"
    if falls and top.above_zero:
        return "fades" if far else "holds"
    if line.high.max() < 0 and not (falls and far):
        return "below"
    if falls:
        return "sinks"
    if drop.high <= max(NOTICEABLE, 0.25 * abs(top.mean)):
        return "holds" if late.above_zero else "level" if abs(late.mean) <= NOTICEABLE else "unclear"
    return "unclear"


def _climbs(line: Curve, peak: int, late: Estimate) -> bool:
    """Whether the last quarter is surely above the one before, holds the peak, and ends above zero and the start."""
    last = quarter(line)
    higher = late.mean > 0 and late.mean - line.level[0] > NOTICEABLE
    return higher and peak >= line.drawn - last and _later(line, last, last).above_zero


def _recurs(line: Curve) -> bool:
    """Whether the curve surely reaches its peak's height again and again until the end, as where every fifth visit pleases."""
    top = line.level.max()
    high = np.flatnonzero((line.level >= 0.9 * top) & (line.low > 0.75 * top))
    widest = int(np.diff(high).max(initial=0))
    return bool(top > NOTICEABLE and len(high) > 2 and widest > 1 and line.drawn - high[-1] <= widest)


def half_gone(line: Curve, peak: int) -> float:
    """Visits from the peak (its place, from 0) until half of it is gone for good, interpolated; NaN if never.

    For good: a curve that climbs surely above the half again, as where every fifth visit pleases, has not lost it.
    """
    after, sure, target = line.level[peak:], line.low[peak:], line.level[peak] / 2
    above = np.flatnonzero(sure > target)
    back = int(above[-1]) if len(above) else 0
    under = np.flatnonzero(after[back:] <= target) + back
    if not len(under) or not len(above):
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

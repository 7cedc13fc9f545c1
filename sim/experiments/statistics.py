"""How sure a difference is: intervals over replications that hold for all pairs of strategies at once.

Two strategies of one study meet the same people with the same luck, so a replication gives one *paired*
difference; its spread over replications is all the uncertainty there is. A study of k strategies looks at
k(k-1)/2 such differences, and the largest of many looks further from zero than one does. The intervals here are
therefore simultaneous: mean ± c·sd/√n with c the 95% point of the largest |t| among all pairs, under the
correlations that the differences show. With two strategies c is Student's t quantile, exactly. With more, c is
computed from the law of that maximum: normal means with an independent Wishart covariance, every difference
divided by its own sd, taken at fixed points so that one data set has one answer. This is the single-step
maximum-t method (Hothorn, Bretz & Westfall 2008, "Simultaneous inference in general parametric models").

Skewed outcomes and few replications: Student's interval then misses on the side of the long tail. An end of an interval
is therefore moved out, and never in, to where Willink's correction for skewness puts it (Willink 2005, "A confidence
interval and test for the mean of an asymmetric distribution"). Values that lie evenly on both sides keep Student's
interval. How well all this holds: `python -m campaigns.coverage`.
"""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

Point = Callable[[int, int], float]
"""(replications, pairs) → the c of an interval."""

CONFIDENCE = 0.95
MOST_REPLICATIONS = 100_000
"""Beyond this many further replications an answer is called out of reach rather than counted."""
ROUNDING = 1e-12
"""Differences below this share of the values compared are rounding, never a finding."""
FEW = 8
"""Below this many replications, and two more for each independent difference, correlations are known too badly to be
used (with 3 replications coverage fell to 0.92), and Bonferroni's point is taken."""
_POINTS = 32_768  # the coverage of c is then off by about 0.001
_CHUNK = 2_048


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over replications. low, high: the 95% interval, NaN with fewer than two; sd over the `count` used."""

    mean: float
    low: float
    high: float
    sd: float
    count: int


@dataclass(frozen=True, slots=True)
class Paired:
    """One strategy minus another, replication by replication, with its simultaneous interval.

    each: (replications,) differences, NaN where either outcome is missing. same: every one is 0, or rounding.
    decided: the interval excludes 0 by more than rounding. critical: the c of mean ± c·sd/√count, before
    skewness moves an end out.
    """

    estimate: Estimate
    each: Floats
    critical: float
    decided: bool
    same: bool


def estimate(values: Floats, critical: float | None = None) -> Estimate:
    """Mean, sd and interval of the finite values: mean ± c·sd/√n, each end moved out where skewness asks for it.

    critical: c, Student's two-sided 95% point if left out.

    Equal values give the interval [mean, mean]; one value gives NaN limits; none gives NaN throughout.
    """
    finite = values[np.isfinite(values)]
    count = int(finite.size)
    if count == 0:
        return Estimate(math.nan, math.nan, math.nan, math.nan, 0)
    if count == 1:
        return Estimate(float(finite[0]), math.nan, math.nan, math.nan, 1)
    if np.all(finite == finite[0]):
        value = float(finite[0])
        return Estimate(value, value, value, 0.0, count)
    mean, sd = float(np.mean(finite)), float(np.std(finite, ddof=1))
    below, above = reaches(finite[:, None], student(count) if critical is None else critical)
    scale = sd / math.sqrt(count)
    return Estimate(mean, mean - float(below[0]) * scale, mean + float(above[0]) * scale, sd, count)


def reaches(values: Floats, critical: float) -> tuple[Floats, Floats]:
    """How far an interval reaches below and above the mean of each column, in standard errors: `critical`, or more.

    values: (n replications, columns), none of them constant. Willink's ends are those t at which
    ((1 + 6a(t − a))^⅓ − 1)/2a is ±c, where a is the skewness over 6√n; written here without the difference that would lose
    all digits at a = 0. More than c only on the side of the longer tail.
    """
    count = len(values)
    if count < 3:
        return np.full(values.shape[1], critical), np.full(values.shape[1], critical)
    centred = values - values.mean(axis=0)
    centred /= np.sqrt((centred**2).sum(axis=0) / (count - 1))
    tilt = (centred**3).sum(axis=0) * math.sqrt(count) / (6.0 * (count - 1) * (count - 2))
    return _reach(critical, -tilt), _reach(critical, tilt)


def _reach(critical: float, tilt: Floats) -> Floats:
    """How far up an interval reaches with a tail that is longer upward by `tilt`, downward if that is negative."""
    root = np.cbrt(1.0 - 6.0 * tilt * (critical + tilt))
    found: Floats = np.maximum(critical, 3.0 * (critical + tilt) / (1.0 + root + root * root))
    return found


def student(count: int, pairs: int = 1, outside: float = 1.0 - CONFIDENCE) -> float:
    """Student's two-sided 95% point for `count` replications; with `pairs` > 1, Bonferroni's for that many.

    outside: what an interval may miss, in place of 5%.
    """
    from scipy.special import stdtrit

    return -float(stdtrit(count - 1, outside / (2 * pairs)))


def pairwise(columns: Sequence[Floats], point: Point | None = None) -> dict[tuple[int, int], Paired]:
    """Every pair (later, earlier) of strategies: later minus earlier, with intervals that hold for all pairs at once.

    columns: one (replications,) array of one outcome a strategy. point: the c for so many replications and pairs, where another
    than that of 95% is asked for. Where values are missing (nobody left to ask),
    a pair uses the replications both have, and the simultaneous point falls back on Bonferroni's, which needs no
    correlations. Errors: ValueError when the columns differ in length.
    """
    values = np.column_stack([np.asarray(column, dtype=np.float64) for column in columns])
    whole = bool(np.isfinite(values).all())
    common = critical_value(values) if whole and point is None else math.nan
    pairs, point = len(columns) * (len(columns) - 1) // 2, student if point is None else point
    found = {}
    for earlier, later in itertools.combinations(range(len(columns)), 2):
        count = int(np.isfinite(values[:, later] - values[:, earlier]).sum())
        critical = (common if math.isfinite(common) else point(count, pairs)) if count > 1 else math.nan
        found[later, earlier] = _pair(values[:, later], values[:, earlier], critical)
    return found


def _pair(later: Floats, earlier: Floats, critical: float) -> Paired:
    each = later - earlier
    each.flags.writeable = False
    found = estimate(each, critical)
    if not found.count:
        return Paired(found, each, critical, decided=False, same=False)
    rounding = ROUNDING * float(np.nanmax(np.abs([later, earlier])))
    same = found.count == each.size and bool(np.all(np.abs(each) <= rounding))
    return Paired(found, each, critical, bool(found.low > 0 or found.high < 0) and not same, same)


def critical_value(values: Floats) -> float:
    """The c for which mean ± c·sd/√n covers all pairwise differences at once in 95% of studies.

    values: (n replications, k strategies), all finite. Copies of a strategy, and the strategies' order, change
    nothing, to the bit. NaN for one replication; for a single direction of difference it is Student's t exactly. It
    always lies between Student's point for one pair and Bonferroni's for all, which it is with FEW replications.
    """
    count = values.shape[0]
    if count < 2:
        return math.nan
    directions = _directions(values)
    rank, pairs = directions.shape
    if pairs < 2:
        return student(count)
    if count < FEW + 2 * rank:
        return student(count, pairs)
    if rank < 2:
        return student(count)
    largest = _largest_t(count, directions)
    found = float(np.quantile(largest, CONFIDENCE, method="higher"))
    return min(max(found, student(count)), student(count, pairs))


def _directions(values: Floats) -> Floats:
    """(rank, pairs): unit vectors whose inner products are the correlations of the pairwise differences."""
    distinct = np.unique(values, axis=1)  # sorted by content: neither names nor order nor copies matter
    later, earlier = np.triu_indices(distinct.shape[1], 1)
    each = distinct[:, earlier] - distinct[:, later]
    centred = each - each.mean(axis=0)
    length = np.sqrt((centred**2).sum(axis=0))
    scale = np.abs(distinct).max(initial=0.0) * math.sqrt(len(values))
    moving = length > ROUNDING * scale
    if not moving.any():
        return np.zeros((0, 0))
    _, singular, right = np.linalg.svd(centred[:, moving] / length[moving], full_matrices=False)
    kept = singular > 1e-9 * singular[0]
    found: Floats = singular[kept, None] * right[kept]
    found /= np.sqrt((found**2).sum(axis=0))
    return found


def _largest_t(count: int, directions: Floats) -> Floats:
    """The largest |t| over the directions at each of the fixed points, for `count` replications."""
    rank, pairs = directions.shape
    normal, root = _points(count, rank)
    largest = np.empty(len(normal))
    for start in range(0, len(normal), _CHUNK):
        rows = slice(start, start + _CHUNK)
        each = (root[rows].reshape(-1, rank) @ directions).reshape(-1, rank, pairs)
        spread = np.sqrt(np.einsum("prd,prd->pd", each, each) / (count - 1))
        largest[rows] = np.max(np.abs(normal[rows] @ directions) / spread, axis=1)
    return largest


@lru_cache(maxsize=2)
def _points(count: int, rank: int) -> tuple[Floats, Floats]:
    """Fixed standard normal vectors (points, rank) and Bartlett's roots of a Wishart(count-1) of that rank, upper."""
    from scipy.special import gammaincinv, ndtri

    below = rank * (rank - 1) // 2
    raw = np.random.Philox(key=0).random_raw(_POINTS * (2 * rank + below)).reshape(_POINTS, -1)
    uniform = ((raw >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
    root = np.zeros((_POINTS, rank, rank))
    freedom = count - 1 - np.arange(rank)
    root[:, np.arange(rank), np.arange(rank)] = np.sqrt(2.0 * gammaincinv(freedom / 2.0, uniform[:, rank:2 * rank]))
    rows, columns = np.tril_indices(rank, -1)
    root[:, rows, columns] = ndtri(uniform[:, 2 * rank:])
    return ndtri(uniform[:, :rank]), np.ascontiguousarray(root.transpose(0, 2, 1))


def replications_needed(paired: Paired) -> int | None:
    """About how many *more* replications would decide a difference, were it as large as it looks now.

    The smallest N with c_N·sd/√N < |mean|, less those already made; c_N shrinks with N as Student's point does.
    None when no number would (the mean is 0 or unknown) or more than MOST_REPLICATIONS would be needed.
    """
    mean, sd, count = paired.estimate.mean, paired.estimate.sd, paired.estimate.count
    if count < 2 or not mean or not math.isfinite(sd):
        return None
    ratio = paired.critical / student(count)
    totals = range(count + 1, count + MOST_REPLICATIONS + 1)
    at = bisect.bisect_left(totals, True, key=lambda n: ratio * student(n) * sd / math.sqrt(n) < abs(mean))
    return at + 1 if at < len(totals) else None

"""Which uncertain numbers the difference between two strategies hangs on: a tornado, Morris's screening, Sobol's indices.

Every point is lived on the same people and luck, so that the difference is a fixed function of the numbers, and what luck makes
of it is no part of what is shared out. The designs and estimators are SALib's, given a generator of fixed seed: SALib takes a
seed of 0 for none.

- tornado: one number at a time from one end of its range to the other, all else as it stands.
- morris: elementary effects along random paths over the whole ranges. μ* is the mean size of what a number moves, σ how much
  that differs from place to place: a curve, or others that matter to it.
- sobol: shares of the variance where all numbers vary evenly and independently over their ranges: the share of each alone
  (first) and with all that it does together with others (total).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from sim.cells.work import Work, staying
from sim.engine.records import Run
from sim.experiments.compare import run_each
from sim.experiments.evaluate import Bench, Progress
from sim.experiments.statistics import ROUNDING, Estimate, estimate
from sim.experiments.variants import Point, Put
from sim.market import Market

Floats = NDArray[np.float64]
Method = Literal["tornado", "morris", "sobol"]

METHODS: Final = ("tornado", "morris", "sobol")
SIZES: Final[Mapping[str, int]] = {"tornado": 1, "morris": 16, "sobol": 64}
"""Paths of Morris's design, and rows of Sobol's two matrices, where nothing is said."""
RESAMPLES: Final = 1000
NEEDS: Final = "needs SALib, which `pip install 'expectation-drift[sensitivity]'` installs"
LOOKING: Final = "points of the ranges"


@dataclass(frozen=True)
class Axis:
    """An uncertain number: its key, its range, and its value as it stands. said: a value for people; at: a share of the way."""

    key: str
    low: float
    high: float
    now: float
    said: Callable[[float], str]
    at: Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Swing:
    """A number at either end of its range, all else as it stands: the difference there, with its 95% interval over luck."""

    key: str
    low: Estimate
    high: Estimate

    @property
    def size(self) -> float:
        """How far the difference swings."""
        return abs(self.high.mean - self.low.mean)


@dataclass(frozen=True, slots=True)
class Screened:
    """A number by Morris: the mean of its elementary effects, that of their sizes with half its 95% interval, and their sd.

    An elementary effect is what the difference moves where the number goes over its whole range, at the slope found there.
    """

    key: str
    mean: float
    size: float
    half: float
    spread: float


@dataclass(frozen=True, slots=True)
class Shared:
    """A number by Sobol: its share of the variance alone (first) and with others (total), each with half its 95% interval."""

    key: str
    first: float
    first_half: float
    total: float
    total_half: float


@dataclass(frozen=True)
class Sensitivity:
    """What the difference `strategy` − `against` hangs on.

    now: the difference as the story stands. effects: of every number, the most important first. each: the difference at every
    point lived, in the order of the design. turned: the share of the points at which the answer turns round, over the whole
    ranges; NaN for a tornado, whose points are no sample of them. looks: points lived, both strategies each. runs: of the story
    as it stands. interrupted: empty, or what Ctrl-C left undone; effects and each are then of a beginning of the design.
    """

    market: Market
    strategy: str
    against: str
    outcome: str
    method: Method
    axes: tuple[Axis, ...]
    now: Estimate
    effects: tuple[Swing, ...] | tuple[Screened, ...] | tuple[Shared, ...]
    each: Floats
    turned: float
    looks: int
    runs: Mapping[str, Run]
    interrupted: str

    def axis(self, key: str) -> Axis:
        """The number of that key. Errors: KeyError where there is none."""
        for one in self.axes:
            if one.key == key:
                return one
        raise KeyError(f"no uncertain number {key!r}; there are: {', '.join(one.key for one in self.axes)}")


Live = Callable[[Floats], Floats]
"""The outcome, (points,), at shares (points, numbers) of the way from low to high; NaN at points that Ctrl-C left out."""


def begun(each: Floats, row: int) -> int:
    """How many whole rows of a design, of so many points each, were finished before the first that was not."""
    whole: NDArray[np.bool_] = np.asarray(np.isfinite(each).reshape(-1, row).all(axis=1))
    return len(whole) if whole.all() else int(np.argmin(whole))


def sobol(many: int, size: int, live: Live) -> tuple[list[tuple[float, float, float, float]], Floats]:
    """(first, half, total, half) of each of `many` numbers, and the outcome at every point. size: a power of 2.

    It is lived at size·(many + 2) points: Saltelli's design on scrambled Sobol points. Of an interrupted one the largest
    beginning counts whose size is a power of 2 again, since only these fill the space evenly.
    """
    from SALib.analyze import sobol as analysis
    from SALib.sample import sobol as design

    shares = design.sample(_problem(many), size, calc_second_order=False, seed=np.random.default_rng(0))
    each = live(shares)
    rows = begun(each, many + 2)
    if rows < 2:
        raise KeyboardInterrupt("too few points were run to say anything, so nothing is kept")
    each = each[: 2 ** (rows.bit_length() - 1) * (many + 2)]
    if np.ptp(each) <= ROUNDING * float(np.max(np.abs(each))):
        return [(0.0, 0.0, 0.0, 0.0)] * many, each
    found = analysis.analyze(_problem(many), each, calc_second_order=False, num_resamples=RESAMPLES,
                             seed=np.random.default_rng(0))
    told = [[float(x) for x in found[name]] for name in ("S1", "S1_conf", "ST", "ST_conf")]
    return list(zip(*told, strict=True)), each


def morris(many: int, size: int, live: Live) -> tuple[list[tuple[float, float, float, float]], Floats]:
    """(mean, mean size, half, sd) of the elementary effects of each of `many` numbers, and the outcome at every point.

    size: paths; it is lived at size·(many + 1) points, on four levels of each number. Of an interrupted one the finished paths
    count.
    """
    from SALib.analyze import morris as analysis
    from SALib.sample import morris as design

    shares = design.sample(_problem(many), size, num_levels=4, seed=np.random.default_rng(0))
    each = live(shares)
    rows = begun(each, many + 1)
    if rows < 2:
        raise KeyboardInterrupt("too few points were run to say anything, so nothing is kept")
    shares, each = shares[: rows * (many + 1)], each[: rows * (many + 1)]
    found = analysis.analyze(_problem(many), shares, each, num_resamples=RESAMPLES, num_levels=4, seed=np.random.default_rng(0))
    told = [[float(x) for x in found[name]] for name in ("mu", "mu_star", "mu_star_conf", "sigma")]
    return list(zip(*told, strict=True)), each


def _problem(many: int) -> dict[str, Any]:
    return {"num_vars": many, "names": [str(at) for at in range(many)], "bounds": [[0.0, 1.0]] * many}


def points(method: Method, many: int, size: int) -> int:
    """How many points a method lives."""
    return {"tornado": 2 * many, "morris": size * (many + 1), "sobol": size * (many + 2)}[method]


def check(method: str, many: int, size: int) -> None:
    """Errors: ValueError, with what is allowed, for a method, a size or a number of axes that cannot be."""
    from importlib.util import find_spec

    if method not in METHODS:
        raise ValueError(f"there is no method {method!r}; methods: {', '.join(METHODS)}")
    if method != "tornado" and find_spec("SALib") is None:
        raise ValueError(f"the method {method} {NEEDS}")
    if method == "sobol" and (size < 2 or size & (size - 1)):
        raise ValueError(f"the size of a Sobol design must be a power of 2, such as 64 or 128, not {size}")
    if method == "morris" and size < 2:
        raise ValueError(f"Morris's design needs 2 paths or more, not {size}")
    if many < (1 if method == "tornado" else 2):
        few = "there is no number to vary" if many < 1 else f"{method} needs two numbers to vary, and there is one"
        raise ValueError(f"{few}; name some with --over KEY=LOW..HIGH")


class Vary:
    """Lives the story as it stands, then points of the axes, both strategies on the same people and luck, and keeps count."""

    def __init__(self, story: Market, put: Put, axes: Sequence[Axis], names: tuple[str, str], outcome: str, work: Work | None,
                 why: Callable[[Point], str], progress: Progress | None) -> None:
        self.story = story
        self.runs: Mapping[str, Run] = {}
        self.put, self.axes, self.names, self.outcome = put, tuple(axes), names, outcome
        self.why, self.progress, self.bench = why, progress, Bench(work)
        self.done = self.total = 0
        self.stopped = False

    def point(self, shares: Floats) -> Point:
        """The numbers at shares of their ranges."""
        return tuple(one.at(float(share)) for one, share in zip(self.axes, shares, strict=True))

    def differences(self, there: Sequence[Point]) -> list[Floats | None]:
        """(replications,) differences at each point; None, and `stopped`, at those that Ctrl-C left out.

        Errors: ValueError where the story refuses one, before anything runs.
        """
        markets = [self.market(one) for one in there]
        self.runs = run_each(self.story, self.names, work=self.bench.work)  # all that there is to show after Ctrl-C

        def told(runs: int) -> None:
            if self.progress is not None:
                self.progress(LOOKING, min(self.done + runs // 2, self.total), self.total)

        asked = [(market, name) for market in markets for name in self.names]
        try:
            self.bench.values(asked, told)
        except KeyboardInterrupt:
            self.stopped = True
        lived = [self.bench.known(*one) for one in asked]
        found = [None if first is None or second is None else first[self.outcome] - second[self.outcome]
                 for first, second in zip(lived[::2], lived[1::2], strict=True)]
        self.done += sum(one is not None for one in found)
        return found

    def market(self, point: Point) -> Market:
        """The market at a point. Errors: ValueError says what the story has against it."""
        found = self.put(point)
        if found is None:
            raise ValueError(f"the story refuses a point of these ranges, {self.why(point)}; narrow a range")
        return found

    def means(self, shares: Floats) -> Floats:
        """The mean difference at shares of the ranges. Errors: ValueError where there is none."""
        there = [self.point(row) for row in shares]
        found = self.differences(there)
        each = [math.nan if one is None else estimate(one).mean for one in found]
        for point, one, mean in zip(there, found, each, strict=True):
            if one is not None and not math.isfinite(mean):
                at = ", ".join(f"{axis.key} at {axis.said(x)}" for axis, x in zip(self.axes, point, strict=True))
                raise ValueError(f"nobody came in any replication with {at}, so that there is no {self.outcome}; "
                                 "narrow a range")
        return np.array(each)


def sensitivity(story: Market, put: Put, axes: Sequence[Axis], names: tuple[str, str], *, outcome: str, method: Method,
                size: int = 0, work: Work | None = None, why: Callable[[Point], str] = lambda _: "",
                progress: Progress | None = None) -> Sensitivity:
    """What the difference between two strategies hangs on. story: as it stands; put: with its numbers at a point.

    size: of the design; 0 for the usual one. Errors: ValueError, in a sentence, for a method or size there is not, a point that
    the story refuses or at which nobody comes; OverflowError as in `evaluate`; KeyboardInterrupt on Ctrl-C before anything can
    be said: after that, what is finished is concluded from.
    """
    size = size or SIZES[method]
    check(method, len(axes), size)
    with staying(work) as together:
        return _sensed(axes, method, size, Vary(story, put, axes, names, outcome, together, why, progress))


def _sensed(axes: Sequence[Axis], method: Method, size: int, vary: Vary) -> Sensitivity:
    """What a method finds."""
    story, names, outcome, progress = vary.story, vary.names, vary.outcome, vary.progress
    vary.total = points(method, len(axes), size)
    if progress is not None:
        progress(LOOKING, 0, vary.total)
    effects: tuple[Any, ...]
    if method == "tornado":
        swings, each = _swings(vary)
        effects = tuple(sorted(swings, key=lambda one: -one.size))
    else:
        told, each = (sobol if method == "sobol" else morris)(len(axes), size, vary.means)
        made = [(Shared if method == "sobol" else Screened)(axis.key, *one) for axis, one in zip(axes, told, strict=True)]
        effects = tuple(sorted(made, key=lambda one: -(one.total if isinstance(one, Shared) else one.size)))
    if progress is not None and not vary.stopped:
        progress(LOOKING, vary.total, vary.total)
    runs = vary.runs
    now = estimate(runs[names[0]].outcomes[outcome] - runs[names[1]].outcomes[outcome])
    turned = math.nan if method == "tornado" else float(np.mean(each * (1.0 if now.mean > 0 else -1.0) < 0.0))
    each.flags.writeable = False
    left = f"{vary.done:,} of {vary.total:,} points were run" if vary.stopped else ""
    if left and method != "tornado":
        left += f", and {len(each):,} of them, the beginning of a design, are told of"
    return Sensitivity(story, *names, outcome, method, tuple(axes), now, effects, each, turned, vary.done, runs, left)


def _swings(vary: Vary) -> tuple[list[Swing], Floats]:
    """Each number at both ends, the others at their own values; after Ctrl-C, those whose ends are both finished."""
    now = tuple(one.now for one in vary.axes)
    ends = [(*now[:at], x, *now[at + 1:]) for at, one in enumerate(vary.axes) for x in (one.low, one.high)]
    found = vary.differences(ends)
    both = zip(vary.axes, found[::2], found[1::2], strict=True)
    swings = [Swing(one.key, estimate(low), estimate(high)) for one, low, high in both
              if low is not None and high is not None]
    if not swings:
        raise KeyboardInterrupt("no number was finished, so nothing is kept")
    return swings, np.array([estimate(one).mean for one in found if one is not None])

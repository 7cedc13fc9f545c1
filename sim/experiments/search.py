"""The best levers: searched on one luck, judged on another that the search never saw.

The search is differential evolution (scipy's) over the levers, each from 0 (its low end) to 1 (its high one), a
generation at a time, then small steps from its best, on a few replications of the story's own luck: with luck held the
outcome is a fixed function of the levers, and what it owes to that luck is the same for all. Levers that keep every limit are
better than any that do not; of these, those that fall short by less are better. The best few are then lived with all
replications of that luck, which chooses one. Whatever is said of it comes from the fresh luck, and so do the written levers and
the frontier beside it.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.cells.work import Work, staying
from sim.engine.records import Run
from sim.experiments.compare import run_each
from sim.experiments.evaluate import Bench, Lived, Progress
from sim.experiments.statistics import ROUNDING, Estimate, estimate
from sim.experiments.variants import Point, Put, few_replications
from sim.market import Market, with_design
from sim.outcomes import BETTER, DECIDING, OUTCOMES, UNITS
from sim.story.ranges import Range

Floats = NDArray[np.float64]

FRESH: Final = 0x9E3779B97F4A7C15
"""The fresh luck's seed is the story's with these bits turned over: never the same, and the same every time."""
FINALISTS: Final = 5
BROADLY: Final = 0.75
"""The share of the looks that evolution has; the rest are for small steps from the best."""
FIRST_STEP, LAST_STEP = 0.08, 0.002
"""Small steps, as shares of a range."""
ONWARD: Final = 24
"""So many looks a lever, at most, go to where the frontier ends."""
FRONTIER, FILLS = 9, 2
"""So many points of the frontier are judged; so often the gaps between its points are halved before that."""
SEARCHED, AGAIN, JUDGED = "searching", "the best once more", "judging on fresh luck"
ONWARDS: Final = "the end of the frontier"
FILLED, FILLED_AGAIN = "filling the frontier", "filling it again"
TOO_BAD: Final = 1e12
"""Worse than any outcome: levers that break a limit start here."""


@dataclass(frozen=True, slots=True)
class Limit:
    """What the best levers must keep: an outcome at most or at least so much. text: as it was written."""

    outcome: str
    most: bool
    value: float
    text: str

    def short(self, mean: float) -> float:
        """By how much a mean breaks it; 0 where it keeps it, infinite where there is none."""
        if not math.isfinite(mean):
            return math.inf
        return max(0.0, mean - self.value if self.most else self.value - mean)

    def kept(self, found: Estimate) -> str:
        """`surely`, `surely not`, or `cannot be told`, by the 95% interval."""
        low, high = (found.low, found.high) if math.isfinite(found.low) else (found.mean, found.mean)
        if not math.isfinite(low):
            return "cannot be told"
        if self.short(high if self.most else low) == 0.0:
            return "surely"
        return "surely not" if self.short(low if self.most else high) > 0.0 else "cannot be told"


def limit(text: str) -> Limit:
    """Read a limit such as `cost <= 12` or `retention >= 35%`. Errors: ValueError says what is allowed."""
    found = re.fullmatch(r"\s*([a-z_]+)\s*(<=|>=|≤|≥)\s*([-+]?\d+(?:\.\d*)?)\s*(%?)\s*", text)
    if found is None:
        raise ValueError(f"--within {text!r} must be an outcome, <= or >=, and a number, such as 'cost <= 12'")
    if found[1] not in OUTCOMES:
        raise ValueError(f"--within {text!r}: there is no outcome {found[1]!r}; outcomes: {', '.join(OUTCOMES)}")
    if found[4] and UNITS[found[1]][1] != "percentage points":
        raise ValueError(f"--within {text!r}: {found[1]} is no percentage; write a plain number")
    value = float(found[3]) / (100.0 if found[4] else 1.0)
    return Limit(found[1], found[2] in ("<=", "≤"), value, " ".join(text.split()))


@dataclass(frozen=True)
class Tried:
    """Levers that were looked at on the luck of the search: mean outcomes there, NaN where nobody came."""

    point: Point
    means: Mapping[str, float]


@dataclass(frozen=True)
class Judged:
    """Levers judged on fresh luck. outcomes: each with its own 95% interval. each: (replications,) by outcome."""

    point: Point
    outcomes: Mapping[str, Estimate]
    each: Lived


@dataclass(frozen=True)
class Search:
    """The best levers of one strategy.

    market: the story with the best levers, on the fresh luck. searched: the best's outcome on the luck of the search, all
    replications; best: on fresh luck. written: the story as it stands. gain: best minus written, paired, on fresh luck.
    satisfied: whether the best kept every limit on the luck of the search, as nothing did where it did not. frontier: judged
    points of which none is better in both cost and `against`, cheapest first; beaten: those that fresh luck found to be none.
    tried: all that was looked at. refused: how many points the story refused; why: the first of them. seed: of the search's
    luck; few: the replications it looked at. runs: the strategy with the best levers, on fresh luck.

    interrupted: empty, or what Ctrl-C left undone. Then nothing was judged: best, written and gain are of the few replications
    that were looked at, frontier is empty, market and runs are of the story as it stands, on fresh luck.
    """

    market: Market
    strategy: str
    outcome: str
    ranges: tuple[Range, ...]
    limits: tuple[Limit, ...]
    best: Judged
    written: Judged
    searched: Estimate
    gain: Estimate
    satisfied: bool
    against: str
    frontier: tuple[Judged, ...]
    beaten: tuple[Judged, ...]
    tried: tuple[Tried, ...]
    refused: int
    why: str
    seed: int
    few: int
    runs: Mapping[str, Run]
    interrupted: str

    @property
    def within(self) -> tuple[str, ...]:
        """How the best keeps each limit on fresh luck."""
        return tuple(one.kept(self.best.outcomes[one.outcome]) for one in self.limits)

    @property
    def optimism(self) -> float:
        """By how much the luck of the search flattered the best, in the outcome's better direction."""
        return BETTER[self.outcome] * (self.searched.mean - self.best.outcomes[self.outcome].mean)

    @property
    def decided(self) -> bool:
        """Whether the best surely beats the written levers, and surely keeps every limit."""
        sure = self.satisfied and all(one == "surely" for one in self.within) and self.better == 1
        return sure and not self.interrupted

    @property
    def better(self) -> int:
        """1 where the best is surely better than the written levers, −1 where worse, 0 where that cannot be told."""
        if not math.isfinite(self.gain.low):
            return 0
        least = ROUNDING * abs(self.best.outcomes[self.outcome].mean)
        way = BETTER[self.outcome]
        return way if self.gain.low > least else -way if self.gain.high < -least else 0

    @property
    def at_end(self) -> tuple[Range, ...]:
        """The levers that the best has at an end of their range: beyond it may be better ones."""
        return tuple(one for one, x in zip(self.ranges, self.best.point, strict=True)
                     if not one.words and (one.share(x) < 1e-3 or one.share(x) > 1.0 - 1e-3))


def fresh_seed(seed: int) -> int:
    """The seed of the luck that judges what was searched with `seed`."""
    return seed ^ FRESH


def usual_looks(levers: int) -> int:
    """How many levers' values are looked at where nothing is said."""
    return min(400, 80 + 80 * levers)


def most_looks(levers: int, looks: int | None) -> int:
    """How many are looked at at most: two generations at least; the usual number where nothing is said."""
    return max(looks or usual_looks(levers), 2 * generation(levers))


def generation(levers: int) -> int:
    """How many points are looked at, at once, in a generation."""
    return max(8, 6 * levers)


def search(story: Market, put: Put, ranges: Sequence[Range], strategy: str, *, outcome: str, limits: Sequence[Limit] = (),
           looks: int = 0, work: Work | None = None, why: Callable[[Point], str] = lambda _: "",
           progress: Progress | None = None) -> Search:
    """Find the levers that are best in the outcome and keep every limit. story: as it stands.

    looks: at most so many, but two generations; 0 for the usual number. why: what the story says against a point that `put`
    refuses. Errors: ValueError where it refuses every one; OverflowError as in `evaluate`; KeyboardInterrupt on Ctrl-C before
    a point was looked at: after one, the best so far is what is found.
    """
    most = most_looks(len(ranges), looks)
    against = outcome if "{currency}" not in UNITS[outcome][1] else "satisfaction"
    with staying(work) as together:
        ways = _Search(story, put, tuple(ranges), strategy, outcome, tuple(limits), most, together, progress)
        try:
            ways.stand()
            ways.evolve()
            if not ways.seen:
                raise ValueError(f"the story refuses all that was tried, such as: {why(ways.refused[0])}")
            chosen = ways.choose()
            edge = ways.edge(against, chosen[0])
            return ways.judge(chosen, edge, against, why)
        except KeyboardInterrupt:
            if not ways.seen:
                raise KeyboardInterrupt("no point was looked at, so nothing is kept") from None
            return ways.so_far(against, why)


class _Search:
    """A search as it goes on: what was seen, by point, on the luck of the search."""

    def __init__(self, story: Market, put: Put, ranges: tuple[Range, ...], strategy: str, outcome: str,
                 limits: tuple[Limit, ...], looks: int, work: Work | None, progress: Progress | None) -> None:
        self.story, self.few = story, few_replications(story, looks)
        self.put, self.ranges, self.strategy, self.outcome, self.limits = put, ranges, strategy, outcome, limits
        self.looks, self.work, self.progress, self.bench = looks, work, progress, Bench(work)
        self.seen: dict[Point, Lived] = {}
        self.refused: list[Point] = []
        self.kept_there = False
        self.fresh = replace(story, seed=fresh_seed(story.seed))
        self.standing: Mapping[str, Run] = {}
        self.written: Point | None = tuple(one.now for one in ranges)
        if any(not math.isfinite(one.share(one.now)) for one in ranges):
            self.written = None

    def stand(self) -> None:
        """Run the story as it stands on the fresh luck, first of all: needed in the end, and all that there is after Ctrl-C."""
        self.standing = run_each(self.fresh, [self.strategy], work=self.work)
        self.bench.tell(self.fresh, self.strategy, self.standing[self.strategy].outcomes)

    # --- on the luck of the search ---------------------------------------------------------------------------

    @property
    def looked(self) -> int:
        """How many points were looked at, those that the story refuses among them."""
        return len(self.seen) + len(self.refused)

    def look(self, points: Sequence[Point], stage: str, done: int, total: int) -> None:
        """See these points, each once."""
        new = [one for one in dict.fromkeys(points) if one not in self.seen and one not in self.refused]
        asked: list[tuple[Market, str]] = []
        good: list[Point] = []
        for point in new:
            market = self.put(point)
            if market is None:
                self.refused.append(point)
                continue
            asked.append((with_design(market, self.few, None, None), self.strategy))
            good.append(point)
        told = None if self.progress is None else self._told(stage, done, total)
        try:
            self.bench.values(asked, told)
        finally:  # also of what Ctrl-C leaves
            lived = [self.bench.known(*one) for one in asked]
            self.seen |= {point: one for point, one in zip(good, lived, strict=True) if one is not None}

    def _told(self, stage: str, done: int, total: int) -> Callable[[int], None]:
        return lambda many: self.progress(stage, min(total, done + many), total) if self.progress is not None else None

    def worth(self, lived: Lived | None) -> float:
        """What the search makes small: the outcome, turned so that less is better, or how far a limit is broken."""
        if lived is None:
            return math.inf
        broken = self.broken(lived)
        mean = estimate(lived[self.outcome]).mean
        if broken > 0.0 or not math.isfinite(mean):
            return TOO_BAD * (1.0 + broken) if math.isfinite(broken) and math.isfinite(mean) else math.inf
        return -BETTER[self.outcome] * mean

    def broken(self, lived: Lived) -> float:
        """By how much the limits are broken, each in terms of its own size."""
        return sum(one.short(estimate(lived[one.outcome]).mean) / max(abs(one.value), 1e-3) for one in self.limits)

    def evolve(self) -> None:
        """Differential evolution, a generation a batch, then small steps, until the looks are used up or all are alike."""
        from scipy.optimize import Bounds, differential_evolution

        many = len(self.ranges)
        size = generation(many)
        start = _spread_out(size, many)
        if self.written is not None:
            start[0] = self._shares(self.written)

        def worths(shares: Any) -> Any:
            points = [self.point(row) for row in shares.T]
            self.look(points, SEARCHED, self.looked, self.looks)
            return np.array([self.worth(self.seen.get(one)) for one in points])

        self._tell(SEARCHED, 0, self.looks)
        worths(start.T)
        turns = max(1, int(BROADLY * self.looks) // size - 1)
        differential_evolution(worths, Bounds(np.zeros(many), np.ones(many)), init=start, maxiter=turns, tol=0.0,
                               atol=self._alike(), polish=False, vectorized=True, updating="deferred", rng=0)
        best = min(self.seen, key=lambda one: self.worth(self.seen[one]), default=None)
        if best is not None:
            self._closer(best, worths, self.looks - self.looked)
        self._tell(SEARCHED, self.looks, self.looks)

    def _closer(self, best: Point, worths: Callable[[Floats], Floats], left: int) -> None:
        """From a point a step up and down in each lever, halved where none is better, until that many looks are used up."""
        here, step = self._shares(best), FIRST_STEP
        worth = float(worths(here[:, None])[0])
        while left >= 2 * len(here) and step > LAST_STEP:
            around = np.clip(np.concatenate([here + step * np.eye(len(here)), here - step * np.eye(len(here))]), 0.0, 1.0)
            found = worths(around.T)
            left -= len(around)
            at = int(np.argmin(found))
            if found[at] < worth:
                here, worth = around[at], float(found[at])
            else:
                step /= 2.0

    def _shares(self, point: Point) -> Floats:
        return np.array([one.share(x) for one, x in zip(self.ranges, point, strict=True)])

    def _tell(self, stage: str, done: int, total: int) -> None:
        if self.progress is not None:
            self.progress(stage, done, total)

    def _alike(self) -> float:
        """A hundredth of what luck alone makes of the outcome: nothing is searched for below that."""
        found = [estimate(lived[self.outcome]) for lived in self.seen.values()]
        errors = [one.sd / math.sqrt(one.count) for one in found if one.count > 1]
        return 0.01 * float(np.median(errors)) if errors else 0.0

    def point(self, shares: Sequence[float] | Floats) -> Point:
        """The levers' values; the written ones exactly where they are meant."""
        if self.written is not None and all(abs(one.share(x) - share) < 1e-12
                                            for one, x, share in zip(self.ranges, self.written, shares, strict=True)):
            return self.written
        return tuple(one.at(float(share)) for one, share in zip(self.ranges, shares, strict=True))

    def choose(self) -> tuple[Point, Estimate]:
        """The best of the finalists with all replications of the search's luck, and its outcome there."""
        first = sorted(self.seen, key=lambda one: self.worth(self.seen[one]))[:FINALISTS]
        markets = [market for market in map(self.put, first) if market is not None]
        told = None if self.progress is None else self._told(AGAIN, 0, len(first))
        lived = self.bench.values([(market, self.strategy) for market in markets], told)
        best = min(range(len(first)), key=lambda at: self.worth(lived[at]))
        self.kept_there = self.broken(lived[best]) == 0.0
        return first[best], estimate(lived[best][self.outcome])

    # --- the frontier ----------------------------------------------------------------------------------------

    def edge(self, against: str, best: Point) -> list[Point]:
        """Points of which none is better in both cost and `against`, few enough to judge.

        First from the dearest on to where more buys nothing; then the gaps between them are looked into, and what becomes of
        each with one lever as the best or the dearest has it.
        """
        edge = self._edge(against)
        if edge:
            self._onward(edge[-1], against)
        for turn in range(FILLS):
            found = self._few(self._edge(against))
            if len(found) < 2:
                break
            new = [self.point((self._shares(one) + self._shares(other)) / 2)
                   for one, other in itertools.pairwise(found)]
            new += [(*one[:at], other[at], *one[at + 1:]) for one in found for other in (best, found[-1])
                    for at in range(len(best))]
            new = [one for one in dict.fromkeys(new) if one not in self.seen]
            self.look(new, FILLED if turn == 0 else FILLED_AGAIN, 0, len(new))
        return self._few(self._edge(against))

    def _onward(self, dearest: Point, against: str) -> None:
        """Small steps from the dearest point of the frontier to more of what money buys, limits or not."""
        left = ONWARD * len(self.ranges)

        def worths(shares: Floats) -> Floats:
            points = [self.point(row) for row in shares.T]
            self.look(points, ONWARDS, 0, left)
            means = [self._mean(one, against) if one in self.seen else math.nan for one in points]
            return np.array([-BETTER[against] * x if math.isfinite(x) else math.inf for x in means])

        self._closer(dearest, worths, left)
        self._tell(ONWARDS, left, left)

    def _few(self, edge: list[Point]) -> list[Point]:
        """At most FRONTIER of them, as evenly along what they cost as can be, both ends among them."""
        if len(edge) <= FRONTIER:
            return edge
        costs = np.array([self._mean(point, "cost") for point in edge])
        wanted = np.linspace(costs[0], costs[-1], FRONTIER)
        return list(dict.fromkeys(edge[int(np.argmin(np.abs(costs - x)))] for x in wanted))

    def _mean(self, point: Point, outcome: str) -> float:
        return estimate(self.seen[point][outcome]).mean

    def _edge(self, against: str) -> list[Point]:
        known = [one for one in self.seen if math.isfinite(self._mean(one, "cost") + self._mean(one, against))]
        return [known[at] for at in undominated([self._mean(one, "cost") for one in known],
                                                [BETTER[against] * self._mean(one, against) for one in known])]

    # --- on fresh luck ---------------------------------------------------------------------------------------

    def judge(self, chosen: tuple[Point, Estimate], edge: Sequence[Point], against: str, why: Callable[[Point], str]) -> Search:
        """The best, the written levers and the frontier with all replications of the fresh luck."""
        point, searched = chosen
        now = tuple(one.now for one in self.ranges)
        there = {one: self.put(one) for one in (point, *edge) if one != now}
        markets = {now: self.story} | {one: market for one, market in there.items() if market is not None}
        fresh = {one: replace(market, seed=self.fresh.seed) for one, market in markets.items()}
        told = None if self.progress is None else self._told(JUDGED, 0, len(fresh))
        lived = self.bench.values([(market, self.strategy) for market in fresh.values()], told)
        self._tell(JUDGED, len(fresh), len(fresh))
        judged = {one: Judged(one, {name: estimate(found[name]) for name in OUTCOMES}, found)
                  for one, found in zip(fresh, lived, strict=True)}
        best, written = judged[point], judged[now]
        gain = estimate(best.each[self.outcome] - written.each[self.outcome])
        along = [judged[one] for one in edge if one in judged and math.isfinite(judged[one].outcomes[against].mean)]
        left = undominated([one.outcomes["cost"].mean for one in along],
                           [BETTER[against] * one.outcomes[against].mean for one in along])
        market = fresh[point]
        return Search(market, self.strategy, self.outcome, self.ranges, self.limits, best, written, searched, gain,
                      self.kept_there, against, tuple(along[at] for at in left),
                      tuple(one for at, one in enumerate(along) if at not in left), self._tried(), len(self.refused),
                      why(self.refused[0]) if self.refused else "", self.story.seed, self.few,
                      self.standing if market == self.fresh else run_each(market, [self.strategy], work=self.work), "")

    def _tried(self) -> tuple[Tried, ...]:
        return tuple(Tried(one, {name: estimate(found[name]).mean for name in OUTCOMES}) for one, found in self.seen.items())

    def so_far(self, against: str, why: Callable[[Point], str]) -> Search:
        """The best of what was looked at before Ctrl-C, on the luck of the search and not judged."""
        best, written = (
            Judged(point, {name: estimate(found[name]) for name in OUTCOMES}, found)
            for point in (min(self.seen, key=lambda one: self.worth(self.seen[one])), tuple(one.now for one in self.ranges))
            for found in [self.seen.get(point, self.standing[self.strategy].outcomes)])
        paired = written.point in self.seen
        gain = estimate(best.each[self.outcome] - written.each[self.outcome]) if paired else \
            estimate(np.array([math.nan]))
        looked = min(self.looked, self.looks)
        return Search(self.fresh, self.strategy, self.outcome, self.ranges, self.limits, best, written,
                      best.outcomes[self.outcome], gain, self.broken(best.each) == 0.0, against, (), (), self._tried(),
                      len(self.refused), why(self.refused[0]) if self.refused else "", self.story.seed, self.few, self.standing,
                      f"{looked:,} of {self.looks:,} points were looked at, and nothing was judged on fresh luck")


def undominated(costs: Sequence[float], worths: Sequence[float]) -> list[int]:
    """The positions that no other beats in both: cheapest first. Of equals the first is one."""
    order = sorted(range(len(costs)), key=lambda at: (costs[at], -worths[at], at))
    found: list[int] = []
    for at in order:
        if not found or worths[at] > worths[found[-1]]:
            found.append(at)
    return found


def _spread_out(size: int, many: int) -> Floats:
    """(size, many) shares, evenly spread; the same ones every time."""
    from scipy.stats.qmc import Halton

    found: Floats = Halton(many, scramble=False).random(size + 1)[1:]
    return found


def check_outcome(outcome: str) -> None:
    """Errors: ValueError, with what is allowed, for an outcome of which no way is better."""
    if outcome not in DECIDING:
        raise ValueError(f"nothing can be searched that is best in {outcome}; allowed: {', '.join(DECIDING)}")

"""Why the answer is what it is: the difference between two strategies, given to the mechanisms that make it.

Learning at one constant rate is the base, in which no strategy sustains satisfaction. What the mechanisms add to
that is shared among them by Shapley's rule, replication by replication, on the same people and luck, so that the
null model's difference and the parts add up exactly to the whole difference. Then each mechanism is switched off
alone, to see whether the answer stands without it; and each number is moved until the answer turns round.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from sim.cells.batch import outcomes_of
from sim.cells.work import Failure, Here, Work
from sim.experiments import shapley
from sim.experiments.compare import Comparison, UnfinishedError, check_outcome, conclude, run_each
from sim.experiments.mechanisms import Mechanism, acts, mechanisms, switched
from sim.experiments.parameters import Parameter, parameters
from sim.experiments.statistics import ROUNDING, Estimate, estimate
from sim.experiments.tipping import MOST_LOOKS, Tipping, tip
from sim.experiments.verdict import LEAST_LASTING
from sim.machine import cores
from sim.market import Market
from sim.outcomes import BETTER, DECIDING, UNITS

Floats = NDArray[np.float64]
Progress = Callable[[str, int, int], None]
"""Called with (what is being run, runs done, the most runs there can be)."""
Answer = Literal["holds", "turns", "open"]

STRATEGIES: Final = "strategies"
COALITIONS: Final = "combinations of mechanisms"
TIPPING: Final = "tipping values"
MONEY: Final = ("cost", "profit")


@dataclass(frozen=True)
class Part:
    """What one mechanism adds to a difference: its Shapley part, with its own 95% interval over replications.

    error: the standard error from drawing orders, 0 where all combinations were run. each: (replications,).
    """

    mechanism: str
    key: str
    mean: float
    low: float
    high: float
    error: float
    each: Floats = dataclasses.field(repr=False)


@dataclass(frozen=True, slots=True)
class Without:
    """The difference with one mechanism off and all others on. answer: whether the verdict holds, turns round, or is open.

    lasting: the satisfaction of the winning strategy in the last quarter, without it.
    """

    mechanism: str
    key: str
    difference: Estimate
    answer: Answer
    lasting: Estimate


@dataclass(frozen=True)
class Attribution:
    """One outcome's difference: total = null + the sum of the parts, exactly. Each: the strategy minus the other.

    Over the replications in which the outcome exists in every combination of mechanisms, so that all means are of the same.
    """

    outcome: str
    total: Estimate
    null: Estimate
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Explained:
    """Why `strategy` beats `against` in `outcome`, or seems to. comparison: all strategies, on the same people and luck.

    attributions: by outcome, for every one that can decide. without: the mechanisms switched off one at a time. tipping:
    what was searched, nearest first; empty where it was not. lasting: satisfaction in the last quarter of both
    strategies, as it is and in the null model. pairs: of orders drawn, 0 where every combination was run. interrupted:
    whether the search for tipping values was stopped.
    """

    comparison: Comparison
    outcome: str
    strategy: str
    against: str
    mechanisms: tuple[Mechanism, ...]
    attributions: Mapping[str, Attribution]
    without: tuple[Without, ...]
    tipping: tuple[Tipping, ...]
    lasting: Mapping[Literal["all", "none"], Mapping[str, Estimate]]
    combinations: int
    pairs: int
    runs: int
    interrupted: bool

    @property
    def market(self) -> Market:
        """What was run."""
        return self.comparison.market

    @property
    def difference(self) -> Estimate:
        """The strategy minus the other, in the outcome."""
        return self.attributions[self.outcome].total

    @property
    def null(self) -> Estimate:
        """The same in the null model: people only learn."""
        return self.attributions[self.outcome].null

    @property
    def parts(self) -> tuple[Part, ...]:
        """What each mechanism adds, the largest first."""
        return tuple(sorted(self.attributions[self.outcome].parts, key=lambda one: -abs(one.mean)))

    @property
    def decided(self) -> bool:
        """Whether the two surely differ, by more than anyone could overlook."""
        return _surely(self.difference, self.outcome) != 0

    @property
    def deciding(self) -> tuple[Without, ...]:
        """The mechanisms without any one of which the answer would be another, or none."""
        return tuple(one for one in self.without if one.answer != "holds") if self.decided else ()

    @property
    def largest(self) -> Part | None:
        """The mechanism that adds most in favour of the answer; None where none does."""
        way = 1.0 if self.difference.mean > 0 else -1.0
        return max((one for one in self.parts if one.mean * way > 0), key=lambda one: abs(one.mean), default=None)


def explain(market: Market, *, outcome: str = "satisfaction", strategy: str | None = None, against: str | None = None,
            jobs: int | None = None, tipping: bool = True, progress: Progress | None = None,
            work: Work | None = None) -> Explained:
    """Say why one strategy beats another. Left out, they are the best and the next best in the outcome.

    Errors: ValueError, with what is allowed, for an outcome that cannot decide, a strategy there is not, or fewer than two;
    KeyboardInterrupt on Ctrl-C before the parts are known; after it, what is found is kept.
    """
    check_outcome(outcome, market)
    names = [one.name for one in market.strategies]
    check_strategies(names, strategy, against)
    runs = run_each(market, names, jobs=jobs, progress=_counted(progress, len(names)), work=work)
    comparison = conclude(market, runs, outcome)
    first, second = choose(comparison, strategy, against)
    bench = Bench(replace(market, strategies=tuple(one for one in market.strategies if one.name in (first, second))),
                  first, second, Work(lambda: Here(cores() if jobs is None else jobs)) if work is None else work, progress)
    on = mechanisms(market)
    shared, acting = _share(bench, on)
    without = tuple(_without(bench, one, comparison, outcome) for one in acting)
    attributions = {about: _attribution(bench, about, on, acting, shared) for about in DECIDING}
    decided = _surely(attributions[outcome].total, outcome) != 0
    found, stopped = _tipping(bench, acting, outcome) if tipping and decided else ([], False)
    nothing = bench.values(switched(bench.market, on))
    place = _place("lasting")
    return Explained(
        comparison, outcome, first, second, on, attributions, without,
        tuple(sorted(found, key=lambda one: one.farness)),
        {"all": {name: estimate(runs[name].outcomes["lasting"]) for name in (first, second)},
         "none": {name: estimate(nothing[at, place]) for at, name in enumerate((first, second))}},
        bench.combinations, shared.pairs, bench.ran + len(names), stopped)


def check_strategies(names: Sequence[str], strategy: str | None, against: str | None) -> None:
    """Errors: ValueError, with what is allowed, where there are not two different strategies of these names."""
    if len(names) < 2:
        raise ValueError(f"there is only one strategy, {names[0]}, and nothing to compare it with; write a second one")
    for name in (strategy, against):
        if name is not None and name not in names:
            raise ValueError(f"there is no strategy {name!r}; strategies: {', '.join(names)}")
    if strategy is not None and strategy == against:
        raise ValueError(f"{strategy!r} cannot be compared with itself; strategies: {', '.join(names)}")


def choose(comparison: Comparison, strategy: str | None, against: str | None) -> tuple[str, str]:
    """The two strategies to compare: those asked for, else the best and the next best.

    Where nothing differs in the outcome, those that satisfied most on the whole, the baseline last.
    """
    outcome, level = comparison.verdict.outcome, BETTER[comparison.verdict.outcome]
    if comparison.verdict.best is None:
        outcome, level = "satisfaction", 1

    def rank(name: str) -> tuple[bool, float]:
        mean = comparison.interval(name, outcome).mean
        return comparison.verdict.best is None and name == comparison.baseline, -level * mean if mean == mean else np.inf

    first, *others = sorted(comparison.runs, key=rank)
    first = strategy or next(name for name in (first, *others) if name != against)
    second = against or next(name for name in sorted(comparison.runs, key=rank) if name != first)
    return first, second


class Bench:
    """Runs of two strategies on variants of one market, each run once. ran: how many were made."""

    def __init__(self, market: Market, first: str, second: str, work: Work, progress: Progress | None) -> None:
        self.market, self.names, self.work, self.progress = market, (first, second), work, progress
        self.made: dict[Market, Floats] = {}
        self.combinations = self.ran = 0

    def values(self, market: Market) -> Floats:
        """(2, outcomes, replications): every outcome that can decide, of both strategies."""
        return np.stack([self._one(market, name) for name in self.names])

    def difference(self, market: Market) -> Floats:
        """(outcomes, replications): the first strategy minus the second."""
        first, second = self.values(market)
        difference: Floats = first - second
        return difference

    def _one(self, market: Market, name: str) -> Floats:
        """What the other strategy does is no part of the key, so that a lever of one does not run the other again."""
        alone = replace(market, strategies=tuple(one for one in market.strategies if one.name == name))
        if alone not in self.made:
            (_, found), = outcomes_of(self.work, [(alone, name)])
            if isinstance(found, Failure):
                raise UnfinishedError({}, [found])
            self.made[alone] = np.stack([found[about] for about in DECIDING])
            self.ran += 1
        return self.made[alone]

    def tell(self, stage: str, done: int, total: int) -> None:
        """Pass on how far a stage has come."""
        if self.progress is not None:
            self.progress(stage, done, total)


def _counted(progress: Progress | None, total: int) -> Progress | None:
    """Strategies as one stage."""
    if progress is None:
        return None
    seen: list[str] = []

    def advance(strategy: str, done: int, blocks: int) -> None:
        if strategy not in seen:
            seen.append(strategy)
        if done == blocks:
            progress(STRATEGIES, len(seen), total)

    return advance


def _share(bench: Bench, on: Sequence[Mechanism]) -> tuple[shapley.Parts, tuple[Mechanism, ...]]:
    """Shapley's parts of the mechanisms that can act at all, of every outcome; and those mechanisms."""
    acting = tuple(one for one in on if acts(bench.market, one))
    idle = [one for one in on if one not in acting]
    total = 2 ** len(acting) if len(acting) <= shapley.EXACTLY else shapley.MOST_SETS
    seen: set[int] = set()
    bench.tell(COALITIONS, 0, total)

    def game(group: int) -> Floats:
        off = [one for place, one in enumerate(acting) if not group >> place & 1]
        found = bench.difference(switched(bench.market, [*idle, *off]))
        if group not in seen:
            seen.add(group)
            bench.tell(COALITIONS, min(len(seen), total), total)
        return found

    found = shapley.parts(len(acting), game, bench.market.seed)
    bench.combinations = len(seen)
    bench.tell(COALITIONS, total, total)
    return found, acting


def _attribution(bench: Bench, outcome: str, on: Sequence[Mechanism], acting: Sequence[Mechanism],
                 shared: shapley.Parts) -> Attribution:
    place = _place(outcome)
    whole = bench.difference(bench.market)[place]
    nothing = bench.difference(switched(bench.market, on))[place]
    known_everywhere = np.isfinite(whole + nothing + shared.parts[:, place].sum(axis=0))
    whole, nothing = (np.where(known_everywhere, each, np.nan) for each in (whole, nothing))
    found = []
    for one in on:
        at = acting.index(one) if one in acting else None
        each = np.where(known_everywhere, 0.0 if at is None else shared.parts[at, place], np.nan)
        known = estimate(each)
        errors = np.zeros(1) if at is None else shared.errors[at, place]
        error = float(np.mean(errors[np.isfinite(errors)])) if np.isfinite(errors).any() else 0.0
        found.append(Part(one.name, one.key, known.mean, known.low, known.high, error, each))
    return Attribution(outcome, estimate(whole), estimate(nothing), tuple(found))


def _without(bench: Bench, mechanism: Mechanism, comparison: Comparison, outcome: str) -> Without:
    """Leave one out: whether the verdict stands."""
    values = bench.values(switched(bench.market, [mechanism]))
    place = _place(outcome)
    found = estimate(values[0, place] - values[1, place])
    whole = estimate(bench.difference(bench.market)[place])
    now, then = _surely(whole, outcome), _surely(found, outcome)
    answer: Answer = "open" if then == 0 else "holds" if then == now else "turns"
    return Without(mechanism.name, mechanism.key, found, answer, estimate(values[0, _place("lasting")]))


def _tipping(bench: Bench, acting: Sequence[Mechanism], outcome: str) -> tuple[list[Tipping], bool]:
    """Every parameter searched; after Ctrl-C, those that were."""
    searched = parameters(bench.market, acting, bench.names, outcome in MONEY)
    total = len(searched) * MOST_LOOKS
    place = _place(outcome)
    found: list[Tipping] = []
    bench.tell(TIPPING, 0, total)
    try:
        for number, parameter in enumerate(searched):
            found.append(_tip(bench, parameter, place, number * MOST_LOOKS, total))
    except KeyboardInterrupt:
        return found, True
    bench.tell(TIPPING, total, total)
    return found, False


def _tip(bench: Bench, parameter: Parameter, place: int, before: int, total: int) -> Tipping:
    looks = 0

    def difference(market: Market) -> Floats:
        nonlocal looks
        looks += 1
        bench.tell(TIPPING, before + min(looks, MOST_LOOKS), total)
        found: Floats = bench.difference(market)[place]
        return found

    return tip(parameter, bench.market, difference)


def _place(outcome: str) -> int:
    return DECIDING.index(outcome)


def _surely(found: Estimate, outcome: str) -> int:
    """1 or −1 where a difference surely has that sign and could be felt, else 0."""
    if not found.count or not np.isfinite(found.low):
        return 0
    if UNITS[outcome][1] == "points a visit" and max(abs(found.low), abs(found.high)) < LEAST_LASTING:
        return 0
    least = ROUNDING * abs(found.mean)
    return 1 if found.low > least else -1 if found.high < -least else 0



"""Which strategy is better: all strategies on the same people and luck, their differences, one verdict.

`compare` runs every strategy; `conclude` reads runs already made, so that a stored run gives the same answer again.
"""

from __future__ import annotations

import dataclasses
import itertools
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from sim.engine.records import Run
from sim.experiments.returns import Returns, returns_of
from sim.experiments.statistics import Paired, estimate, pairwise
from sim.experiments.verdict import Verdict, judge, negligible
from sim.market import Market, chooses, with_design
from sim.outcomes import OUTCOMES, listed, undecided

if TYPE_CHECKING:
    import pandas

KEEPABLE: Final = ("customers",)

Progress = Callable[[str, int, int], None]
"""Called with (strategy, replications done, replications in all), from the thread that called."""


@dataclass(frozen=True, slots=True)
class Interval:
    """One strategy's outcome: mean over replications, its own 95% t interval (NaN with one replication), sd."""

    strategy: str
    outcome: str
    mean: float
    low: float
    high: float
    sd: float


@dataclass(frozen=True, slots=True)
class Difference:
    """`strategy` minus `against`: mean, 95% interval valid for all pairs of this outcome at once.

    decided: the interval excludes 0, and not all of it is negligible. negligible: surely too small for anyone to feel,
    be it real or not. each: (replications,) differences, NaN where either outcome is missing.
    """

    strategy: str
    against: str
    outcome: str
    mean: float
    low: float
    high: float
    decided: bool
    negligible: bool
    each: NDArray[np.float64] = dataclasses.field(repr=False)


@dataclass(frozen=True, slots=True)
class Twins:
    """The same people under two strategies: shares of all people who stay under both, under one only, under neither."""

    strategy: str
    against: str
    both: float
    only_strategy: float
    only_against: float
    neither: float

    @property
    def saved(self) -> float:
        """Of the people `strategy` keeps, the share that `against` would have lost; NaN if it keeps nobody."""
        kept = self.both + self.only_strategy
        return self.only_strategy / kept if kept > 0 else float("nan")


@dataclass(frozen=True)
class Comparison:
    """Strategies compared on one market. `runs` and all tuples follow the scenario's order; the first is the baseline.

    differences, twins: every pair once, the later strategy against the earlier, so that the baseline is always
    `against`. intervals, differences: for every outcome of `sim.outcomes.OUTCOMES`. returns: what each strategy brings for what
    it costs beside the baseline; none where nothing costs or earns anything.
    """

    market: Market
    runs: Mapping[str, Run]
    intervals: tuple[Interval, ...]
    differences: tuple[Difference, ...]
    twins: tuple[Twins, ...]
    verdict: Verdict
    returns: tuple[Returns, ...]

    @property
    def baseline(self) -> str:
        """The strategy that the others are measured against: the first."""
        return next(iter(self.runs))

    def interval(self, strategy: str, outcome: str) -> Interval:
        """One strategy's outcome. Errors: KeyError for an unknown strategy or outcome."""
        for found in self.intervals:
            if (found.strategy, found.outcome) == (strategy, outcome):
                return found
        raise KeyError(f"no outcome {outcome!r} of a strategy {strategy!r}")

    def difference(self, strategy: str, against: str, outcome: str) -> Difference:
        """`strategy` minus `against`, either way round. Errors: KeyError for an unknown strategy or outcome."""
        for found in self.differences:
            if found.outcome == outcome and {found.strategy, found.against} == {strategy, against}:
                return found if found.strategy == strategy else _reversed(found)
        raise KeyError(f"no difference in {outcome!r} between {strategy!r} and {against!r}")

    def to_pandas(self, table: str = "outcomes") -> pandas.DataFrame:
        """One table as a pandas DataFrame, `strategy` its first column.

        table: outcomes, by_visit, by_day, by_attribute, kano, spreading, customers, budgets, intervals, differences, twins or
        returns.
        Errors: KeyError for another name, or for a table that was not kept; ImportError when pandas is not installed.
        """
        import pandas

        rows: dict[str, Sequence[Interval | Difference | Twins | Returns]] = {
            "intervals": self.intervals, "differences": self.differences, "twins": self.twins, "returns": self.returns}
        if table in rows:
            return pandas.DataFrame([{name: getattr(row, name) for name in row.__slots__ if name != "each"}
                                     for row in rows[table]])
        from sim.engine.archive import tables

        return pandas.DataFrame(dict(tables(self.runs)[table]))


class Interrupted(KeyboardInterrupt):
    """Ctrl-C during a study. `runs` holds the strategies that were finished, perhaps none."""

    def __init__(self, runs: dict[str, Run]) -> None:
        super().__init__("interrupted")
        self.runs = runs


def compare(market: Market, *, replications: int | None = None, seed: int | None = None, people: int | None = None,
            jobs: int | None = None, outcome: str = "satisfaction", keep: Sequence[str] = (),
            progress: Progress | None = None) -> Comparison:
    """Run every strategy of a market on the same people and luck, and say which is better.

    replications, seed, people: the market's own if left out. jobs: threads, all cores if left out; the result does
    not depend on it. outcome: what the verdict is about. keep: ("customers",) for a row a person.
    Errors: ValueError for an outcome that cannot decide, a design that is none or something that cannot be kept;
    Interrupted on Ctrl-C.
    """
    check_outcome(outcome, market)
    market = with_design(market, replications, seed, people)
    names = [strategy.name for strategy in market.strategies]
    return conclude(market, run_each(market, names, jobs=jobs, keep=keep, progress=progress), outcome)


def run_each(market: Market, names: Sequence[str], *, jobs: int | None = None, keep: Sequence[str] = (),
             progress: Progress | None = None) -> dict[str, Run]:
    """Run the named strategies one after the other.

    Errors: ValueError for something that cannot be kept; Interrupted, with what is finished, on Ctrl-C.
    """
    check_kept(keep)
    from sim.engine.run import run

    runs: dict[str, Run] = {}
    try:
        for name in names:
            told = None if progress is None else _about(progress, name)
            runs[name] = run(market, name, jobs=cores() if jobs is None else jobs, keep=tuple(keep), progress=told)
    except KeyboardInterrupt:
        raise Interrupted(runs) from None
    return runs


def _about(progress: Progress, strategy: str) -> Callable[[int, int], None]:
    return lambda done, total: progress(strategy, done, total)


def cores() -> int:
    """How many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class UndecidableError(ValueError):
    """An outcome that no verdict on a market can be about; the text says why, and what one can be about."""


def check_outcome(outcome: str, market: Market) -> None:
    """Errors: UndecidableError, saying what is allowed, when no verdict on this market can be about this outcome."""
    if why := undecided(outcome, chooses(market) and len(market.firms) > 1):
        raise UndecidableError(why)


def check_kept(keep: Sequence[str]) -> None:
    """Errors: ValueError, saying what is allowed, for something that cannot be kept."""
    for one in [keep] if isinstance(keep, str) else keep:
        if one not in KEEPABLE or isinstance(keep, str):
            raise ValueError(f"keep={keep!r}: only {listed(KEEPABLE)} can be kept, written keep=({KEEPABLE[0]!r},)")


def conclude(market: Market, runs: Mapping[str, Run], outcome: str = "satisfaction") -> Comparison:
    """What runs of one market say: intervals, differences, twins and the verdict. The runs come in the market's order.

    Errors: ValueError without runs, for runs of different designs, or for an outcome no verdict can be about.
    """
    check_outcome(outcome, market)
    if not runs:
        raise ValueError("there is no run to conclude from")
    if len({run.stays.shape for run in runs.values()}) > 1:
        raise ValueError("these runs have different people or replications and cannot be compared")
    names = [strategy.name for strategy in market.strategies if strategy.name in runs]
    ordered = {name: runs[name] for name in names}
    pairs = {about: pairwise([run.outcomes[about] for run in ordered.values()]) for about in OUTCOMES}
    intervals = tuple(_interval(name, about, run) for name, run in ordered.items() for about in OUTCOMES)
    index = [(j, i) for i, j in itertools.combinations(range(len(names)), 2)]
    differences = tuple(_difference(names[j], names[i], about, pairs[about][j, i])
                        for j, i in index for about in OUTCOMES)
    twins = tuple(_twins(names[j], names[i], ordered) for j, i in index)
    verdict = judge(outcome, names, {about: {name: estimate(run.outcomes[about]) for name, run in ordered.items()}
                                     for about in (outcome, "lasting")}, pairs[outcome], market)
    return Comparison(market, ordered, intervals, differences, twins, verdict, returns_of(ordered))


def _interval(strategy: str, outcome: str, run: Run) -> Interval:
    found = estimate(run.outcomes[outcome])
    return Interval(strategy, outcome, found.mean, found.low, found.high, found.sd)


def _difference(strategy: str, against: str, outcome: str, paired: Paired) -> Difference:
    found, small = paired.estimate, negligible(outcome, paired)
    return Difference(strategy, against, outcome, found.mean, found.low, found.high, paired.decided and not small, small,
                      paired.each)


def _reversed(found: Difference) -> Difference:
    return Difference(found.against, found.strategy, found.outcome, 0.0 - found.mean, 0.0 - found.high,
                      0.0 - found.low, found.decided, found.negligible, 0.0 - found.each)


def _twins(strategy: str, against: str, runs: Mapping[str, Run]) -> Twins:
    mine, theirs = runs[strategy].stays, runs[against].stays
    both, kept, others = (int(np.count_nonzero(x)) for x in (mine & theirs, mine, theirs))
    people = mine.size
    return Twins(strategy, against, both / people, (kept - both) / people, (others - both) / people,
                 (people - kept - others + both) / people)

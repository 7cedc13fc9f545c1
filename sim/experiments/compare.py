"""Which strategy is better: all strategies on the same people and luck, their differences, one verdict.

`compare` runs every strategy; `conclude` reads runs already made, so that a stored run gives the same answer again.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from sim.engine.records import Run
from sim.experiments import rates
from sim.experiments.returns import Returns, returns_of
from sim.experiments.sequence import Plan, all_settled
from sim.experiments.statistics import CONFIDENCE, Estimate, Paired, estimate, pairwise
from sim.experiments.verdict import Verdict, best_of, judge, negligible
from sim.machine import cores
from sim.market import Market, chooses, with_design
from sim.outcomes import OUTCOMES, listed, undecided

if TYPE_CHECKING:
    import pandas

    from sim.cells.work import Failure, Work
    from sim.engine.run import Part

KEEPABLE: Final = ("customers",)

Progress = Callable[[str, int, int], None]
"""Called with (strategy, replications done, replications in all), from the thread that called."""


@dataclass(frozen=True, slots=True)
class Interval:
    """One strategy's outcome: mean over replications, its own 95% interval (NaN with one replication), sd."""

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
    or to matter where a margin says what does, be it real or not. each: (replications,)
    differences, NaN where either outcome is missing.
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
    it costs beside the baseline; none where nothing costs or earns anything. plan: when one looked, where replications were
    added until the answer was settled; None where their number was given.
    """

    market: Market
    runs: Mapping[str, Run]
    intervals: tuple[Interval, ...]
    differences: tuple[Difference, ...]
    twins: tuple[Twins, ...]
    verdict: Verdict
    returns: tuple[Returns, ...]
    plan: Plan | None

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


class UnfinishedError(Exception):
    """Some cells were given up. runs: the strategies that were finished, perhaps none; failures: what was not, and why."""

    def __init__(self, runs: dict[str, Run], failures: Sequence[Failure]) -> None:
        super().__init__("; ".join(f"{one.cell}: {one.reason}" for one in failures))
        self.runs = runs
        self.failures = tuple(failures)


def compare(market: Market, *, replications: int | None = None, seed: int | None = None, people: int | None = None,
            jobs: int | None = None, outcome: str = "satisfaction", keep: Sequence[str] = (), plan: Plan | None = None,
            progress: Progress | None = None, work: Work | None = None) -> Comparison:
    """Run every strategy of a market on the same people and luck, and say which is better.

    replications, seed, people: the market's own if left out. jobs: threads, all cores if left out; the result does
    not depend on it. outcome: what the verdict is about. keep: ("customers",) for a row a person. plan: replications are added
    until its outcome is settled, in place of a number of them. work: how cells are lived and stored, in place of jobs.
    Errors: ValueError for an outcome that cannot decide, a design that is none or something that cannot be kept;
    Interrupted on Ctrl-C.
    """
    check_outcome(outcome, market)
    market = with_design(market, replications, seed, people)
    names = [strategy.name for strategy in market.strategies]
    if plan is None:
        return conclude(market, run_each(market, names, jobs=jobs, keep=keep, progress=progress, work=work), outcome)
    runs = run_until(market, plan, jobs=jobs, keep=keep, progress=progress, work=work)
    return conclude(next(iter(runs.values())).market, runs, outcome, plan)


def run_each(market: Market, names: Sequence[str], *, jobs: int | None = None, keep: Sequence[str] = (),
             progress: Progress | None = None, work: Work | None = None) -> dict[str, Run]:
    """Run the named strategies, one after the other on threads, or as `work` lives their cells.

    Errors: ValueError for something that cannot be kept; Interrupted, with what is finished, on Ctrl-C; with `work`,
    UnfinishedError, with what is finished, where cells were given up.
    """
    check_kept(keep)
    from sim.engine.run import run

    runs: dict[str, Run] = {}
    failures: list[Failure] = []
    try:
        if work is None:
            for name in names:
                told = None if progress is None else _about(progress, name)
                runs[name] = run(market, name, jobs=cores() if jobs is None else jobs, keep=tuple(keep), progress=told)
            return runs
        for name, lived in _in_cells(market, names, range(market.replications), keep, progress, work, failures):
            runs[name] = told_by(market, name, lived)
    except KeyboardInterrupt:
        raise Interrupted(runs) from None
    runs = {name: runs[name] for name in names if name in runs}
    if failures:
        raise UnfinishedError(runs, failures)
    return runs


def _in_cells(market: Market, names: Sequence[str], replications: range, keep: Sequence[str], progress: Progress | None,
              work: Work, failures: list[Failure]) -> Iterator[tuple[str, Part]]:
    """What was lived of each strategy, as soon as all of its cells are there; what was given up is added to `failures`."""
    from sim.cells.cell import cells_of
    from sim.cells.work import Failure
    from sim.engine.run import Part, joined

    cells = [cell for name in names for cell in cells_of(market, name, tuple(keep), replications)]
    parts: dict[str, list[Part]] = {name: [] for name in names}
    needs = {name: sum(cell.strategy == name for cell in cells) for name in names}
    for number, found in work.results(cells):
        if isinstance(found, Failure):
            failures.append(found)
            continue
        name = cells[number].strategy
        assert isinstance(found, Part)
        parts[name].append(found)
        if progress is not None:
            progress(name, len(parts[name]), needs[name])
        if len(parts[name]) == needs[name]:
            yield name, joined(parts.pop(name))


def run_until(market: Market, plan: Plan, *, jobs: int | None = None, keep: Sequence[str] = (),
              progress: Progress | None = None, work: Work | None = None) -> dict[str, Run]:
    """Run every strategy, look after look, until the best is settled against every other in the plan's outcome.

    progress is called with the look in the strategy's place: `"15 replications"`. Errors: as for `run_each`; Interrupted
    and UnfinishedError have all strategies at the last look that was finished.
    """
    check_outcome(plan.outcome, market)
    check_kept(keep)
    names = [strategy.name for strategy in market.strategies]
    lived: dict[str, Part] = {}
    runs: dict[str, Run] = {}
    made = 0
    try:
        for count in plan.looks:
            seen = with_design(market, count, None, None)
            told = None if progress is None else _of_look(progress, f"{count:,} replications", names)
            lived, made = more(seen, lived, range(made, count), jobs, keep, told, work, runs), count
            runs = {name: told_by(seen, name, lived[name]) for name in names}
            if _settled(names, runs, plan):
                break
    except KeyboardInterrupt:
        raise Interrupted(runs) from None
    return runs


def more(market: Market, lived: Mapping[str, Part], following: range, jobs: int | None, keep: Sequence[str],
         progress: Progress | None, work: Work | None, runs: dict[str, Run]) -> dict[str, Part]:
    """What was lived of every strategy so far, and the replications that follow: none is lived twice.

    runs: what there is if some of them are given up, which raises UnfinishedError.
    """
    from sim.engine.run import joined, part

    names = [strategy.name for strategy in market.strategies]
    new: dict[str, Part] = {}
    failures: list[Failure] = []
    if work is None:
        for name in names:
            new[name] = part(market, name, following, (0, market.people), jobs=cores() if jobs is None else jobs,
                             keep=tuple(keep), progress=None if progress is None else _about(progress, name))
    else:
        new.update(_in_cells(market, names, following, keep, progress, work, failures))
    if failures:
        raise UnfinishedError(runs, failures)
    return {name: joined([lived[name], new[name]]) if name in lived else new[name] for name in names}


def told_by(market: Market, strategy: str, lived: Part) -> Run:
    """The run that a strategy's replications so far make."""
    from sim.engine.run import find_strategy, gather

    return gather(market, find_strategy(market, strategy), lived)


def _settled(names: Sequence[str], runs: Mapping[str, Run], plan: Plan) -> bool:
    found = {name: estimate(runs[name].outcomes[plan.outcome]) for name in names}
    pairs = _pairs(runs[names[0]].market, runs, plan)[plan.outcome]
    return all_settled(names.index(best_of(plan.outcome, names, found)), pairs, plan.margin)


def _of_look(progress: Progress, look: str, names: Sequence[str]) -> Progress:
    """All strategies of a look as one stage."""
    shares = dict.fromkeys(names, 0.0)

    def advance(strategy: str, done: int, total: int) -> None:
        shares[strategy] = done / total
        progress(look, round(1000 * sum(shares.values())), 1000 * len(names))

    return advance


def _about(progress: Progress, strategy: str) -> Callable[[int, int], None]:
    return lambda done, total: progress(strategy, done, total)


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


def conclude(market: Market, runs: Mapping[str, Run], outcome: str = "satisfaction", plan: Plan | None = None) -> Comparison:
    """What runs of one market say: intervals, differences, twins and the verdict. The runs come in the market's order.

    plan: when one looked, where replications were added until the answer was settled.
    Errors: ValueError without runs, for runs of different designs, or for an outcome no verdict can be about.
    """
    check_outcome(outcome, market)
    if not runs:
        raise ValueError("there is no run to conclude from")
    if len({run.stays.shape for run in runs.values()}) > 1:
        raise ValueError("these runs have different people or replications and cannot be compared")
    names = [strategy.name for strategy in market.strategies if strategy.name in runs]
    ordered = {name: runs[name] for name in names}
    pairs = _pairs(market, ordered, plan)
    found = {about: {name: _estimate(market, run, about, plan) for name, run in ordered.items()} for about in OUTCOMES}
    intervals = tuple(Interval(name, about, one.mean, one.low, one.high, one.sd)
                      for name in names for about in OUTCOMES for one in (found[about][name],))
    index = [(j, i) for i, j in itertools.combinations(range(len(names)), 2)]
    differences = tuple(_difference(names[j], names[i], about, pairs[about][j, i], plan)
                        for j, i in index for about in OUTCOMES)
    twins = tuple(_twins(names[j], names[i], ordered) for j, i in index)
    verdict = judge(outcome, names, found, pairs[outcome], market, plan)
    return Comparison(market, ordered, intervals, differences, twins, verdict, returns_of(ordered), plan)


Pairs = dict[tuple[int, int], Paired]


def _pairs(market: Market, runs: Mapping[str, Run], plan: Plan | None) -> dict[str, Pairs]:
    """Every pair's difference in every outcome; shares of independent people that do not spread have exact intervals.

    Strategies of which no outcome differs in any replication are one strategy under two names: they differ by 0, for sure.
    """
    found = {about: pairwise([run.outcomes[about] for run in runs.values()], None if plan is None else plan.point)
             for about in OUTCOMES}
    each, places = list(runs.values()), list(found[OUTCOMES[0]])
    outside = (1.0 - CONFIDENCE) / max(1, len(places)) if plan is None else plan.outside(len(places))
    differing = [place for place in places if not all(found[about][place].same or not found[about][place].estimate.count
                                                      for about in OUTCOMES)]
    for about in OUTCOMES:
        if rates.countable(market, about):
            found[about] |= {(j, i): rates.paired(found[about][j, i], each[j], each[i], about, outside) for j, i in differing}
    return found


def _estimate(market: Market, run: Run, outcome: str, plan: Plan | None) -> Estimate:
    found = estimate(run.outcomes[outcome])
    if plan is not None and found.count > 1:
        found = estimate(run.outcomes[outcome], plan.point(found.count))
    if not rates.countable(market, outcome):
        return found
    return rates.exactly(found, run, outcome, 1.0 - CONFIDENCE if plan is None else plan.outside())


def _difference(strategy: str, against: str, outcome: str, paired: Paired, plan: Plan | None) -> Difference:
    found, small = paired.estimate, negligible(outcome, paired, plan)
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

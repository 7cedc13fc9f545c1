"""Which strategy wins where: a story at many points, all strategies at each, on the same people and luck at all of them.

Every point has a verdict of its own, as a comparison of that story would have: the best strategy is decided where its interval
against every other leaves out 0, for all pairs of that point at once. Luck does not know of points, so that neighbours differ
only by what was varied, and a boundary between two winners is as smooth as the model.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from sim.cells.batch import outcomes_of
from sim.cells.hire import threads
from sim.cells.work import Failure, Work
from sim.experiments.compare import Comparison, UnfinishedError, check_outcome
from sim.experiments.compare import conclude as concluded
from sim.experiments.design import Design
from sim.experiments.mechanisms import MECHANISMS, acts, switched
from sim.experiments.sizes import check_time, seconds
from sim.experiments.statistics import Estimate, Paired, estimate, pairwise, replications_needed
from sim.experiments.verdict import negligible
from sim.market import Firm, Market, footprint
from sim.outcomes import BETTER, OUTCOMES

if TYPE_CHECKING:
    import pandas

    from sim.engine.records import Run

Floats = NDArray[np.float64]
Outcomes = Mapping[str, Floats]
"""One strategy's outcomes on one market: (replications,) each."""
Progress = Callable[[str, int, int], None]
"""Called with (what is done, work done, all work); work is about a thousandth of a second of one core."""

State = Literal["won", "open", "same", "unknown"]


@dataclass(frozen=True, slots=True)
class Spot:
    """What wins at a point, and by how much. best: the strategy with the best mean; runner_up: the next.

    state: won, best surely beats every other; open, that cannot be told; same, best and others are all but equal; unknown, for
    some strategy the outcome does not exist. margin: how much better the best is than the runner-up, 0 or more, with the 95%
    interval that holds for all pairs of the point. more_replications: about how many more would decide an open point.
    """

    best: str | None
    runner_up: str | None
    state: State
    margin: Estimate
    more_replications: int | None


@dataclass(frozen=True)
class Sweep:
    """Strategies at many points of a story. market: the story as written, in the design of the sweep.

    numbers: which points of the design are finished, in its order; the arrays follow it. each: by outcome (points, strategies,
    replications). gains: (points, strategies, strategies, 3), how much better the first is than the second: mean and 95%
    interval for all pairs of a point. own: the story as written, all its strategies; own_spot: what wins there. runs: how many
    were made. failures: runs that were given up: the point that wanted it, the strategy, and why.
    """

    market: Market
    design: Design
    strategies: tuple[str, ...]
    outcome: str
    numbers: tuple[int, ...]
    each: Outcomes
    gains: Floats
    spots: tuple[Spot, ...]
    own: Comparison
    own_spot: Spot
    runs: int
    failures: tuple[tuple[int, str, Failure], ...]

    @property
    def complete(self) -> bool:
        """Whether every point was finished."""
        return len(self.numbers) == self.design.count

    @property
    def decided(self) -> bool:
        """Whether at every point it is known what wins, or that nothing does."""
        return self.complete and all(one.state in ("won", "same") for one in self.spots)

    @property
    def wins(self) -> dict[str, int]:
        """At how many points each strategy surely wins, the most first; strategies that win nowhere are left out."""
        counts = {name: sum(one.state == "won" and one.best == name for one in self.spots) for name in self.strategies}
        return {name: count for name, count in sorted(counts.items(), key=lambda one: -one[1]) if count}

    def count(self, state: State) -> int:
        """How many points are in a state."""
        return sum(one.state == state for one in self.spots)

    def positions(self, axis: int) -> Floats:
        """(points,) where the finished points lie on an axis: its number, or the place of a value that is none."""
        told = self.design.axes[axis]
        values = [self.design.point(number)[axis] for number in self.numbers]
        numbers = [told.number(value) for value in values]
        if any(number is None for number in numbers):
            return np.array([float(told.listed.index(value)) for value in values])
        return np.array(numbers, dtype=np.float64)

    def numeric(self, axis: int) -> bool:
        """Whether all values of an axis are numbers of one unit."""
        told = self.design.axes[axis]
        return not told.listed or all(told.number(value) is not None for value in told.listed)

    def rows(self, outcomes: Sequence[str] = ()) -> Iterator[dict[str, str | float]]:
        """A row a point, strategy and outcome: its keys' values as written, mean and 95% interval. All outcomes that exist."""
        kept = outcomes or [name for name in OUTCOMES if np.isfinite(self.each[name]).any()]
        for place, number in enumerate(self.numbers):
            values = dict(zip([axis.label for axis in self.design.axes], self.design.point(number), strict=True))
            for at, strategy in enumerate(self.strategies):
                for name in kept:
                    found = estimate(self.each[name][place, at])
                    yield {"point": number, **values, "strategy": strategy, "outcome": name, "mean": found.mean,
                           "low": found.low, "high": found.high}

    def places(self) -> list[dict[str, Any]]:
        """A row a point: its values, what wins there, by how much, and how sure that is."""
        found: list[dict[str, Any]] = []
        for number, one in zip(self.numbers, self.spots, strict=True):
            values = dict(zip([axis.label for axis in self.design.axes], self.design.point(number), strict=True))
            found.append({"point": number, **values, "best": one.best, "state": one.state, "runner_up": one.runner_up,
                          "margin": one.margin.mean, "low": one.margin.low, "high": one.margin.high})
        return found

    def to_pandas(self, table: str = "outcomes") -> pandas.DataFrame:
        """outcomes: a row a point, strategy and outcome; points: a row a point. Errors: KeyError for another; ImportError."""
        import pandas

        return pandas.DataFrame({"outcomes": lambda: list(self.rows()), "points": self.places}[table]())


def essence(market: Market, name: str) -> Market:
    """The market as the run of one strategy depends on it: without prose, without strategies that nobody plays, without names,
    and without what acts through a kind of move that nobody makes, such as surprise credit where nobody surprises.

    Two cells with one essence are one run. Errors: KeyError for an unknown strategy.
    """
    from sim.engine.run import find_strategy

    own = replace(find_strategy(market, name), name="")

    def playing(rival: Firm) -> Firm:
        kept = rival.strategies[rival.plays:][:1] if rival.plays >= 0 else ()
        return replace(rival, strategies=tuple(replace(one, name="") for one in kept), plays=len(kept) - 1)

    rivals = map(playing, market.firms[1:])
    bare = replace(market, title="", currency="", strategies=(own,), firms=(market.firms[0], *rivals))
    return switched(bare, [one for one in MECHANISMS if not acts(bare, one)])


def sweep(market: Market, design: Design, markets: Sequence[Market], names: Sequence[str], own: Mapping[str, Run], *,
          outcome: str, jobs: int | None = None, progress: Progress | None = None, work: Work | None = None) -> Sweep:
    """Run every strategy at every point, each distinct run once, and say what wins where.

    market, own: the story as written, and the runs of all its strategies. markets: the points, in the design's order. names:
    which strategies are held against each other. jobs: how many cores, for the estimate. work: how runs are lived and stored,
    threads of this process if left out. After Ctrl-C what is finished is concluded from; a run that is given up costs its
    points, and is named in `failures`. Errors: ValueError for an outcome that cannot decide; sizes.TooLargeError;
    KeyboardInterrupt where no point was finished; compare.UnfinishedError where all were given up.
    """
    for one in markets:
        check_outcome(outcome, one)
    distinct: dict[Market, int] = {}

    def told_apart(there: Market, name: str) -> int:
        return distinct.setdefault(essence(there, name), len(distinct))

    known = {told_apart(market, name): run.outcomes for name, run in own.items()}
    needed = [[told_apart(one, name) for name in names] for one in markets]
    new = list(dict.fromkeys(cell for number in coarse(len(markets)) for cell in needed[number] if cell not in known))
    cells = list(distinct)
    check_time(sum(seconds(cells[cell], jobs) for cell in new), f"{len(new):,} runs are about "
               f"{sum(footprint(cells[cell]).visits for cell in new):,.0f} visits")
    failed = _live_all({cell: cells[cell] for cell in new}, known, needed, jobs, progress, threads() if work is None else work)
    done = [number for number in range(len(markets)) if all(cell in known for cell in needed[number])]
    if not done and failed:
        raise UnfinishedError({}, list(failed.values()))
    if not done:
        raise KeyboardInterrupt("no point was finished, so nothing is kept")
    lost = tuple((number, name, failed[cell]) for number, those in enumerate(needed)
                 for name, cell in zip(names, those, strict=True) if cell in failed)
    each = {name: np.array([[known[cell][name] for cell in needed[number]] for number in done], dtype=np.float64)
            for name in OUTCOMES}
    return replace(conclude(market, design, names, outcome, done, each, own, sum(cell in known for cell in new)), failures=lost)


def _live_all(new: Mapping[int, Market], known: dict[int, Outcomes], needed: Sequence[Sequence[int]], jobs: int | None,
              progress: Progress | None, work: Work) -> dict[int, Failure]:
    """Run what is not known yet, until all is or Ctrl-C; what was given up. The progress is told in work: points differ in how
    much they are.

    new: by number, in the order in which they are run. needed: the numbers of each point's runs.
    """
    costs = {cell: round(1000 * seconds(market, jobs)) for cell, market in new.items()}
    numbers, failed = list(new), dict[int, Failure]()
    missing = [sum(cell not in known for cell in set(cells)) for cells in needed]
    waiting: dict[int, list[int]] = {}
    for number, cells in enumerate(needed):
        for cell in set(cells):
            waiting.setdefault(cell, []).append(number)
    total, so_far, points = sum(costs.values()), 0, missing.count(0)
    try:
        for place, lived in outcomes_of(work, ((market, "") for market in new.values())):
            cell = numbers[place]
            so_far += costs[cell]
            if isinstance(lived, Failure):
                failed[cell] = lived
                continue
            known[cell] = lived
            for number in waiting[cell]:
                missing[number] -= 1
                points += missing[number] == 0
            if progress is not None:
                progress(f"{points:,} of {len(needed):,} points", so_far, total)
    except KeyboardInterrupt:
        return failed
    return failed


def coarse(count: int) -> list[int]:
    """The numbers below `count` so that any beginning of them is spread over all: what Ctrl-C leaves is a coarser map."""
    bits = max(1, (count - 1).bit_length())
    return sorted(range(count), key=lambda number: int(f"{number:0{bits}b}"[::-1], 2))


def conclude(market: Market, design: Design, names: Sequence[str], outcome: str, numbers: Sequence[int], each: Outcomes,
             own: Mapping[str, Run], runs: int) -> Sweep:
    """What outcomes already known say. each: by outcome (points, strategies, replications), of the points `numbers`."""
    gains = np.zeros((len(numbers), len(names), len(names), 3))
    spots = []
    for place, columns in enumerate(each[outcome]):
        pairs = pairwise(list(columns)) if len(names) > 1 else {}
        for (later, earlier), pair in pairs.items():
            gains[place, later, earlier] = _gain(pair.estimate, BETTER[outcome])
            gains[place, earlier, later] = _gain(pair.estimate, -BETTER[outcome])
        spots.append(spot(outcome, names, columns, pairs))
    for array in (gains, *each.values()):
        array.flags.writeable = False
    there = [own[name].outcomes[outcome] for name in names]
    return Sweep(market, design, tuple(names), outcome, tuple(numbers), each, gains, tuple(spots),
                 concluded(market, own, outcome), spot(outcome, names, np.array(there), pairwise(there)), runs, ())


def _gain(found: Estimate, way: int) -> tuple[float, float, float]:
    return (found.mean, found.low, found.high) if way > 0 else (-found.mean, -found.high, -found.low)


def spot(outcome: str, names: Sequence[str], columns: Floats, pairs: Mapping[tuple[int, int], Paired]) -> Spot:
    """What wins at one point, by the rules of a verdict. columns: (strategies, replications)."""
    way, nothing = BETTER[outcome], Estimate(math.nan, math.nan, math.nan, math.nan, 0)
    means = [estimate(column).mean for column in columns]
    if not all(map(math.isfinite, means)):
        return Spot(None, None, "unknown", nothing, None)
    order = sorted(range(len(names)), key=lambda at: -way * means[at])  # the earlier of equals
    if len(order) < 2:
        return Spot(names[0], None, "unknown", nothing, None)
    best, second = order[0], order[1]
    rivals = {other: pairs[max(best, other), min(best, other)] for other in order[1:]}
    same = [other for other, pair in rivals.items() if pair.same or negligible(outcome, pair)]
    open_ = [pair for other, pair in rivals.items() if other not in same and not pair.decided]
    needed = [replications_needed(pair) for pair in open_]
    more = None if not needed or None in needed else max(one for one in needed if one is not None)
    found, turn = rivals[second].estimate, way if best > second else -way
    mean, low, high = _gain(found, turn)
    state: State = "open" if open_ else "same" if same else "won"
    return Spot(names[best], names[second], state, Estimate(mean, low, high, found.sd, found.count), more)



"""Which of many strategies is best, dropping along the way those that fall behind: the procedure KN of Kim & Nelson 2001.

"A fully sequential procedure for indifference-zone selection in simulation", ACM Transactions on Modeling and Computer
Simulation 11(3). Every strategy gets a few replications; from then on one replication at a time is added to those still in
the race, and a strategy is out as soon as its mean is behind another's by more than

    max(0, δ/2r · (h²·S²/δ² − r)),   h² = 2η(n₀ − 1),   η = ½((2α/(k − 1))^(−2/(n₀ − 1)) − 1)

after r replications, where S² is the variance of that pair's difference over the first n₀. Where the best is better than
every other by δ or more, it is chosen in at least 1 − α of studies, whatever correlations common luck makes: it only lowers S²,
and with it the replications needed. Where some are within δ of the best, one of them may be chosen: that is what δ means, the
difference one does not mind. The guarantee is for normal outcomes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.cells.batch import outcomes_of
from sim.cells.work import Failure, Here, Work
from sim.experiments.compare import Progress, UnfinishedError, check_outcome
from sim.experiments.sequence import MOST, check_margin
from sim.experiments.statistics import CONFIDENCE
from sim.experiments.verdict import Words
from sim.machine import cores
from sim.market import Market
from sim.outcomes import BETTER

Floats = NDArray[np.float64]

FIRST: Final = 10
"""Replications of every strategy before any can fall out."""

Draw = Callable[[Sequence[int], range], Floats]
"""(strategies by place, replications) → (replications, strategies) outcomes, higher being better."""


@dataclass(frozen=True, slots=True)
class Race:
    """How strategies, by place, fell out of a race. best: who is left. used: (k,) replications each was given up to its fall.

    fell: places in the order in which they fell out. most: how many replications it could have taken at most, known after the
    first few. stopped: it was cut short at the most that were allowed, so that nothing is promised; the best is the leader.
    """

    best: int
    used: NDArray[np.int64]
    fell: tuple[int, ...]
    most: int
    stopped: bool


@dataclass(frozen=True)
class Selected:
    """The strategy chosen of many, and how the others fell out.

    margin: the difference one does not mind, in the outcome's own unit. means: by strategy, over the replications it was given,
    which may be a few more than it needed to fall out; early falls leave means that are known less well. race: by place among
    `strategies`.
    """

    market: Market
    outcome: str
    margin: float
    strategies: tuple[str, ...]
    means: tuple[float, ...]
    replications: tuple[int, ...]
    race: Race

    @property
    def best(self) -> str:
        """The strategy chosen; the one in the lead, where the race was cut short."""
        return self.strategies[self.race.best]

    @property
    def ranked(self) -> tuple[str, ...]:
        """Strategies from the chosen one to the one that fell out first."""
        left = [place for place in range(len(self.strategies)) if place not in self.race.fell]
        order = [*sorted(left, key=lambda place: place != self.race.best), *reversed(self.race.fell)]
        return tuple(self.strategies[place] for place in order)

    @property
    def sentence(self) -> str:
        """What to choose, and what that is worth."""
        words = Words(self.outcome, self.market)
        best, made = words.call(self.best), f"{max(self.replications):,} replications"
        if self.race.stopped:
            others = [one for place, one in enumerate(self.strategies) if place not in self.race.fell and one != self.best]
            return (f"Not settled after {made}, the most that were allowed: {best} leads in {words.name}, and "
                    f"{words.all_of(others)} {'are' if len(others) > 1 else 'is'} still in the race, which would end after "
                    f"{self.race.most:,} at the latest.")
        if len(self.strategies) == 1:
            return f"Choose {best}: there is no other."
        return (f"Choose {best}: where one strategy is better than every other in {words.name} by {words.amount(self.margin)} "
                "or more, this is that one in at least 95% of such studies; where several are nearer than that to the best, it "
                f"may be any of them. It took up to {made} a strategy, {np.mean(self.replications):,.0f} on average.")

    def document(self) -> dict[str, object]:
        """The choice as plain JSON values."""
        out = {self.strategies[place]: number for number, place in enumerate(self.race.fell, start=1)}
        rows = [{"name": name, "mean": mean, "replications": used, "fell": out.get(name)}
                for name, mean, used in zip(self.strategies, self.means, self.replications, strict=True)]
        return {"scenario": self.market.title, "seed": self.market.seed, "people": self.market.people, "outcome": self.outcome,
                "margin": self.margin, "best": self.best, "settled": not self.race.stopped, "sentence": self.sentence,
                "strategies": rows}


def select(market: Market, outcome: str, margin: float, *, replications: int | None = None, jobs: int | None = None,
           progress: Progress | None = None, work: Work | None = None) -> Selected:
    """Race all strategies of a market. margin: the difference one does not mind, in the outcome's own unit.

    replications: the most; 40 times the market's if left out. progress is called with how many are still in the race in the
    strategy's place. Errors: ValueError, in a sentence, for an outcome that cannot decide, what is no margin or an outcome
    that is missing in some replication; KeyboardInterrupt on Ctrl-C, with nothing kept. work: how cells are lived and stored,
    in place of jobs; then compare.UnfinishedError where one was given up.
    """
    check_outcome(outcome, market)
    check_margin(margin)
    names = [strategy.name for strategy in market.strategies]
    allowed = market.replications * MOST if replications is None else replications
    if allowed < 2:
        raise ValueError("a race takes 2 replications or more, since spread is not known from one")
    sums, given = np.zeros(len(names)), np.zeros(len(names), dtype=np.int64)

    working = Work(lambda: Here(cores() if jobs is None else jobs)) if work is None else work

    def draw(places: Sequence[int], stretch: range) -> Floats:
        values = np.empty((len(stretch), len(places)))
        studies = ((market, names[place], stretch) for place in places)
        for at, (number, found) in enumerate(outcomes_of(working, studies), start=1):
            if isinstance(found, Failure):
                raise UnfinishedError({}, [found])
            values[:, number] = found[outcome]
            if progress is not None:
                progress(f"{len(places):,} strategies, {stretch.stop:,} replications", at, len(places))
        sums[list(places)] += values.sum(axis=0)
        given[list(places)] += len(values)
        return BETTER[outcome] * values

    found = race(draw, len(names), margin, first=min(FIRST, allowed), allowed=allowed)
    return Selected(market, outcome, margin, tuple(names), tuple((sums / given).tolist()), tuple(given.tolist()), found)


def race(draw: Draw, strategies: int, margin: float, *, first: int = FIRST, outside: float = 1.0 - CONFIDENCE,
         allowed: int = 1_000_000) -> Race:
    """Run the procedure. margin: δ. first: n₀, 2 or more. outside: α. allowed: the most replications.

    Replications are asked for in stretches of up to a quarter of those made, and looked at one by one.
    Errors: ValueError, in a sentence, for an outcome that is missing in some replication.
    """
    alive = list(range(strategies))
    values = _known(draw(alive, range(first)))
    bound = _bounds(values, margin, outside)
    most = max(first, math.floor(bound.max(initial=0.0)) + 1)
    used, fell = np.full(strategies, first, dtype=np.int64), list[int]()
    sums, made = values.sum(axis=0), first
    _drop(alive, fell, sums, made, bound, margin)
    while len(alive) > 1 and made < min(most, allowed):
        stretch = range(made, min(made + max(1, made // 4), most, allowed))
        running = list(alive)
        for row in _known(draw(running, stretch)):
            sums[running] += row
            made += 1
            used[alive] = made
            _drop(alive, fell, sums, made, bound, margin)
            if len(alive) == 1:
                break
    best = max(alive, key=lambda place: float(sums[place]))
    return Race(best, used, tuple(fell), most, len(alive) > 1 and made < most)


def eta(strategies: int, first: int, outside: float) -> float:
    """η of the procedure, for so many strategies and first replications: ½((2α/(k − 1))^(−2/(n₀ − 1)) − 1)."""
    found: float = 0.5 * ((2.0 * outside / (strategies - 1)) ** (-2.0 / (first - 1)) - 1.0)
    return found


def _bounds(values: Floats, margin: float, outside: float) -> Floats:
    """(k, k): h²S²/δ² of every pair, the replications after which it is decided at the latest."""
    first, strategies = values.shape
    if strategies < 2:
        return np.zeros((1, 1))
    each = values[:, :, None] - values[:, None, :]
    found: Floats = 2.0 * eta(strategies, first, outside) * (first - 1) * each.var(axis=0, ddof=1) / margin**2
    return found


def _drop(alive: list[int], fell: list[int], sums: Floats, made: int, bound: Floats, margin: float) -> None:
    """Take out whoever is behind another by more than the pair allows, all judged by who was in the race before."""
    before = np.array(alive)
    means = sums[before] / made
    allowed = np.maximum(0.0, margin / (2.0 * made) * (bound[np.ix_(before, before)] - made))
    behind = (means[None, :] - means[:, None] > allowed).any(axis=1)
    for place in sorted(before[behind].tolist(), key=lambda place: float(sums[place])):
        alive.remove(place)
        fell.append(place)


def _known(values: Floats) -> Floats:
    if not np.isfinite(values).all():
        raise ValueError("with some strategy there was no visit in some replication to measure this by, so that nothing can "
                         "be chosen by it; take more people")
    return values

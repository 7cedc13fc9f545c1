"""The reference engine: the same rules interpreted, one SimPy process a customer.

Slow and plain: what it means for a customer to live through a market. It gives the same bits as the compiled engine.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator
from typing import Any, NamedTuple, TypeVar

import numpy as np
import simpy
from numpy.typing import NDArray

from sim import luck
from sim.engine.columns import AWAY, CUSTOMER, ELSEWHERE, Life
from sim.engine.population import Draws, People
from sim.engine.records import Run
from sim.engine.run import BLOCK, Engine, Progress, assemble
from sim.engine.tally import (
    Ruler,
    Tally,
    close,
    close_answers,
    count_answer,
    count_arrival,
    count_elsewhere,
    count_joined,
    count_marks,
    count_standards,
    count_visit,
)
from sim.market import Market, with_design
from sim.rules.arithmetic import normal_quantile
from sim.rules.choose import choose, next_occasion
from sim.rules.traits import TRAITS
from sim.rules.visit import first_visit, look_up, next_visit, visit
from sim.rules.world import Felt, Mind, Next, Who, World


def run(market: Market, strategy: str, *, replications: int | None = None, seed: int | None = None,
        people: int | None = None, jobs: int = 1, keep: Collection[str] = (), progress: Progress | None = None,
        block: int = BLOCK, window: float | None = None) -> Run:
    """What `sim.engine.run.run` takes, and the same bits back. Raises what it raises."""
    market = with_design(market, replications, seed, people)
    return assemble(Engine(DRAWS, serve, survey, finish), market, strategy, jobs, keep, progress, block, window)


def _lucks(low: int, high: int, replication: int, first: int, count: int, purpose: int, index: int) -> NDArray[np.float64]:
    return np.array([luck.luck(low, high, replication, first + i, 0, purpose, index) for i in range(count)])


def _normals(u: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array([normal_quantile(one) for one in u.tolist()], dtype=np.float64)


DRAWS = Draws(_lucks, _normals)


Columns = TypeVar("Columns", World, Ruler, Mind, Life, Tally)


class Place(NamedTuple):
    """Where a customer finds herself: the words of the seed and the columns she shares with the others of her block."""

    seed: tuple[int, int]
    replication: int
    first: int
    until: float
    world: World
    ruler: Ruler
    mind: Mind
    life: Life
    tally: Tally


def customer(environment: simpy.Environment, place: Place, i: int, segment: int, person: list[float], phase: float
             ) -> Generator[simpy.events.Timeout, None, None]:
    """One customer's life: choose, come, be served, judge, learn, decide, wait; for as long as there is a next occasion."""
    world, mind, life, tally = place.world, place.mind, place.life, place.tally
    at = i * world.firms
    if life.occasion[i] == 0 and life.next_day[i] < 0.0:
        life.next_day[i] = first_visit(person, mind.goodwill[at], phase)
    while life.next_day[i] < place.until:
        # Her own day is the truth; the environment only orders people (now + delay may differ from it in the last digit).
        when = life.next_day[i]
        yield environment.timeout(max(0.0, when - environment.now))
        present, away = life.standing[i] == CUSTOMER, life.standing[i] == AWAY
        life.mark[i] = count_marks(tally, place.ruler, life.mark[i], when, person, mind, i, world, present)
        life.occasion[i] += 1
        who = Who(*place.seed, place.replication, place.first + i, life.occasion[i], segment, i, 0)
        lucks = look_up(who, world)
        if world.choosing is not None:
            who = who._replace(firm=choose(who, person, world, mind, when, life.last[i]))
            if who.firm < 0:
                life.next_day[i] = next_occasion(who, person, world, mind, when, life.last[i], lucks.gap)
                continue
            count_arrival(tally, world, int(when), who.firm, life.last[i], away, mind.visits[at + who.firm] > 0.0)
            life.last[i], life.standing[i] = who.firm, CUSTOMER if who.firm == 0 else ELSEWHERE
        elif away:
            count_joined(tally, int(when))
            life.standing[i] = CUSTOMER
        felt = visit(who, person, lucks, int(when), when, world, mind)
        after = next_visit(who, person, lucks, when, world, mind, felt)
        life.next_day[i] = after.day
        if who.firm > 0:
            count_elsewhere(tally, place.ruler, world, who.firm, int(when), felt, after)
        else:
            account(place, i, segment, felt, after)
        if after.left:
            life.standing[i], life.left_day[i] = AWAY, when


def account(place: Place, i: int, segment: int, felt: Felt, after: Next) -> None:
    """Write down one customer's visit to our firm."""
    world, mind, life, tally = place.world, place.mind, place.life, place.tally
    if felt.complained + after.found > 0.0:
        life.complained[i] = 1
    silent = after.left and life.complained[i] == 0
    day = int(mind.last_day[i * world.firms])
    count_visit(tally, place.ruler, world, mind, segment, i * world.firms, day, felt, after, silent)
    if world.whole is not None and world.surveys:
        count_answer(tally, place.ruler, life.answer, life.stated, i, felt)
    life.satisfaction[i] += felt.satisfaction
    life.felt[i] += felt.felt + after.felt


def persons(people: People) -> Iterator[list[float]]:
    """Everybody's traits, person by person."""
    count = len(people.segment)
    fixed, drawn, differing = people.fixed.tolist(), people.drawn.tolist(), people.differing.tolist()
    for i, segment in enumerate(people.segment.tolist()):
        person = fixed[segment * len(TRAITS):(segment + 1) * len(TRAITS)]
        for row, trait in enumerate(differing):
            person[trait] = drawn[row * count + i]
        yield person


def serve(seed: tuple[int, int], replication: int, first: int, until: float, people: People, world: World, ruler: Ruler,
          mind: Mind, life: Life, tally: Tally) -> None:
    """Let these people live until day `until`, each as a process of one SimPy environment."""
    environment = simpy.Environment()
    place = Place(seed, replication, first, until, _plain(world), _plain(ruler), _plain(mind), _plain(life), _plain(tally))
    those = zip(people.segment.tolist(), people.phase.tolist(), persons(people), strict=True)
    for i, (segment, phase, person) in enumerate(those):
        environment.process(customer(environment, place, i, segment, person, phase))
    environment.run()
    for arrays, lists in ((mind, place.mind), (life, place.life), (tally, place.tally)):
        for array, values in zip(arrays, lists, strict=True):
            if np.asarray(array).size:
                np.asarray(array)[:] = values


def _plain(columns: Columns) -> Columns:
    """The same columns with Python lists in place of arrays, which are quick to read one by one."""
    values: list[Any] = [value.tolist() if isinstance(value, np.ndarray) else value for value in columns]
    return type(columns)(*values)


def survey(people: People, world: World, ruler: Ruler, mind: Mind, life: Life, when: float) -> NDArray[np.float64]:
    """(1 + K,) how many of these people are customers, and the sums of the standards they hold on day `when`, by attribute."""
    sums = [0.0] * (1 + world.attributes)
    world, mind = _plain(world), _plain(mind)
    for i, person in enumerate(persons(people)):
        if life.standing[i] == CUSTOMER:
            count_standards(sums, ruler, person, mind, i, world, when)
    return np.array(sums)


def finish(people: People, world: World, ruler: Ruler, mind: Mind, life: Life, tally: Tally) -> None:
    """Count the rest of the checkpoints and close every person's account."""
    for i, person in enumerate(persons(people)):
        stays = life.standing[i] == CUSTOMER
        count_marks(tally, ruler, life.mark[i], float("inf"), person, mind, i, world, stays)
        close(tally, ruler, world, mind, i, stays, life.complained[i] > 0)
        if world.whole is not None and world.surveys:
            close_answers(tally, ruler, life.answer[i], life.stated[i])

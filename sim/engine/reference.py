"""The reference engine: the same rules interpreted, one SimPy process a customer.

Slow and plain: what it means for a customer to live through a market. It gives the same bits as the compiled engine.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Collection, Generator, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
import simpy
from numpy.typing import NDArray

from sim import luck
from sim.engine.columns import AWAY, CUSTOMER, ELSEWHERE, NOBODYS, Life
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
    count_contacts,
    count_elsewhere,
    count_joined,
    count_marks,
    count_standards,
    count_visit,
    count_wait,
    count_word,
)
from sim.market import Market, with_design
from sim.rules.arithmetic import normal_quantile
from sim.rules.choose import choose, next_occasion
from sim.rules.join import joins
from sim.rules.talk import hear_talk, speaks, tell
from sim.rules.traits import TRAITS
from sim.rules.visit import first_visit, look_up, next_visit, stay_in_touch, visit
from sim.rules.wait import not_before, on_duty, on_tick, takes, waited, waits_at, work
from sim.rules.world import Felt, Lucks, Mind, Next, Town, Who, World

Course = Generator[simpy.Event, Any, None]
"""What happens to somebody, as SimPy runs it."""


def run(market: Market, strategy: str, *, replications: int | None = None, seed: int | None = None,
        people: int | None = None, jobs: int = 1, keep: Collection[str] = (), progress: Progress | None = None,
        block: int = BLOCK, window: float | None = None) -> Run:
    """What `sim.engine.run.run` takes, and the same bits back. Raises what it raises."""
    market = with_design(market, replications, seed, people)
    return assemble(Engine(DRAWS, begin, survey, finish), market, strategy, jobs, keep, progress, block, window)


def _lucks(low: int, high: int, replication: int, first: int, count: int, purpose: int, index: int) -> NDArray[np.float64]:
    return np.array([luck.luck(low, high, replication, first + i, 0, purpose, index) for i in range(count)])


def _normals(u: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array([normal_quantile(one) for one in u.tolist()], dtype=np.float64)


DRAWS = Draws(_lucks, _normals)


Columns = TypeVar("Columns", World, Ruler, Mind, Life, Tally, Town)


class Place(NamedTuple):
    """Where a customer finds herself: the words of the seed and the columns she shares with the others of her block.

    until: the day on which this account of her life ends. town, desks: what people have in common where they are coupled, and
    where each firm serves them; None, and no desks, where they are not.
    """

    seed: tuple[int, int]
    replication: int
    first: int
    until: float
    world: World
    ruler: Ruler
    mind: Mind
    life: Life
    tally: Tally
    town: Town | None
    desks: Sequence[Desk | None]


class Desk:
    """Where a firm serves people in the order they come: a SimPy resource of as many hands as it ever has.

    Hands that are not on duty are held by nobody in particular: from the start while they are yet to come, and as soon as they
    are free once they have gone.
    """

    def __init__(self, environment: simpy.Environment, world: World, firm: int) -> None:
        self.environment, self.world, self.firm = environment, world, firm
        self.duty = duty = [on_duty(world, firm, day) for day in range(world.days)]
        to_come = sum(max(0, later - sooner) for sooner, later in itertools.pairwise(duty))
        self.hands = simpy.PriorityResource(environment, capacity=duty[0] + to_come)
        self.absent = [self.hands.request(priority=GONE) for _ in range(to_come)]
        self.came: list[tuple[float, int, float, simpy.Event]] = []

    def change_shift(self, day: int) -> None:
        """The midnight before a day: hands come or go."""
        for _ in range(self.duty[day] - self.duty[day - 1]):
            self.hands.release(self.absent.pop())
        for _ in range(self.duty[day - 1] - self.duty[day]):
            self.hands.request(priority=GONE)

    def queue(self, customer: int, minutes: float) -> simpy.Event:
        """Stand in line; the event happens when it is her turn. Who come in the same instant stand in the order of numbers."""
        turn = self.environment.event()
        self.came.append((self.environment.now, customer, minutes, turn))
        if len(self.came) == 1:
            self.environment.process(self.open_door())
        return turn

    def open_door(self) -> Course:
        """Let in who came in this instant."""
        yield self.environment.timeout(0.0)
        for _, _, minutes, turn in sorted(self.came, key=lambda one: one[:2]):
            self.environment.process(self.serve(minutes, turn))
        self.came.clear()

    def serve(self, minutes: float, turn: simpy.Event) -> Course:
        """One person's turn: she waits for a hand, which is then busy with her for so many minutes."""
        with self.hands.request(priority=PRESENT) as hand:
            yield hand
            turn.succeed()
            yield self.environment.timeout(takes(self.world, self.firm, self.environment.now, minutes))


GONE, PRESENT = range(2)
"""Who gets a free hand first."""


def customer(environment: simpy.Environment, place: Place, i: int, segment: int, person: list[float], phase: float) -> Course:
    """One customer's life: choose, come, be served, judge, learn, decide, wait; for as long as there is a next occasion."""
    world, mind, life = place.world, place.mind, place.life
    if life.occasion[i] == 0 and life.next_day[i] < 0.0:
        life.next_day[i] = clocked(place, first_visit(person, mind.goodwill[i * world.firms], phase))
    while life.next_day[i] < place.until:
        # Her own day is the truth; the environment only orders people (now + delay may differ from it in the last digit, but
        # not where people are coupled: there both are on the grid of ticks).
        when = life.next_day[i]
        yield environment.timeout(max(0.0, when - environment.now))
        life.mark[i] = count_marks(place.tally, place.ruler, life.mark[i], when, person, mind, i, world,
                                   life.standing[i] == CUSTOMER)
        life.occasion[i] += 1
        who = Who(*place.seed, place.replication, place.first + i, life.occasion[i], segment, i, 0)
        lucks = look_up(who, world)
        who = who._replace(firm=arrive(place, who, person, lucks, when))
        if who.firm < 0:
            day = next_occasion(who, person, world, mind, when, last_firm(place, i), lucks.gap)
            if world.choosing is not None and world.follows_up:
                count_contacts(place.tally, place.ruler, int(when), stay_in_touch(world, mind, i, int(when), day))
            life.next_day[i] = clocked(place, day)
            continue
        now, desk = when, place.desks[who.firm] if place.desks else None
        if desk is not None:
            yield desk.queue(who.customer, work(who, world))
            now = environment.now
        be_served(place, who, person, lucks, when, now)


in_order_of_numbers = list
"""The order in which people's processes begin; no other order gives another result."""


def clocked(place: Place, day: float) -> float:
    """A day as the clock shows it: on the grid of ticks where people are coupled."""
    return day if place.town is None else on_tick(day)


def last_firm(place: Place, i: int) -> int:
    """The firm of her last visit; ours where nobody chooses."""
    return place.life.last[i] if place.world.choosing is not None else 0


def arrive(place: Place, who: Who, person: list[float], lucks: Lucks, when: float) -> int:
    """Where a customer goes at this occasion, 0 being ours; −1 if nowhere."""
    i, world, mind, life, tally = who.place, place.world, place.mind, place.life, place.tally
    net = hear_talk(who, person, world, mind, place.town, int(when), when) if place.town is not None and world.talks else 0.0
    if world.choosing is not None:
        firm = choose(who, person, world, mind, when, life.last[i])
        if firm >= 0:
            away, been = life.standing[i] == AWAY, mind.visits[i * world.firms + firm] > 0.0
            count_arrival(tally, world, int(when), firm, life.last[i], away, been)
            life.last[i], life.standing[i] = firm, CUSTOMER if firm == 0 else ELSEWHERE
        return firm
    if life.standing[i] == NOBODYS and world.joins and not joins(who, person, world, mind, when, net):
        return -1
    if life.standing[i] != CUSTOMER:
        count_joined(tally, int(when), life.standing[i] == NOBODYS)
        life.standing[i] = CUSTOMER
    return 0


def be_served(place: Place, who: Who, person: list[float], lucks: Lucks, when: float, now: float) -> None:
    """The visit of somebody who came at `when` and is served `now`, and what follows from it."""
    i, world, mind, life = who.place, place.world, place.mind, place.life
    hours = 0.0
    if place.desks and place.desks[who.firm] is not None:
        hours = waited(world, who.firm, when, now)
        count_wait(place.tally, world, who.firm, int(when), hours)
    felt = visit(who, person, lucks, int(when), when, 60.0 * hours, world, mind)
    if place.town is not None and world.talks and speaks(who, person, felt.felt):
        count_word(place.tally, place.ruler, world, mind, who.firm, int(now), felt.felt)
        if not world.mixed:
            tell(who, world, mind, place.town, int(now), felt.felt)
    after = next_visit(who, person, lucks, when, world, mind, felt)
    life.next_day[i] = after.day if place.town is None else not_before(after.day, now)
    if who.firm > 0:
        count_elsewhere(place.tally, place.ruler, world, who.firm, int(when), felt, after)
    else:
        account(place, i, who.segment, felt, after)
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


def begin(seed: tuple[int, int], replication: int, first: int, people: People, world: World, ruler: Ruler, mind: Mind,
          life: Life, tally: Tally, town: Town | None) -> Callable[[float], None]:
    """How these people live on until some day, each as a process of a SimPy environment.

    Where they are nothing to one another, every stretch of their lives has an environment of its own. Where they are coupled,
    one environment runs on, and stops at the midnights at which the others are heard of and shifts change.
    """
    place = Place(seed, replication, first, math.inf, _plain(world), _plain(ruler), _plain(mind), _plain(life), _plain(tally),
                  None if town is None else _plain(town), [])
    numbers = range(len(people.segment))
    those = in_order_of_numbers(zip(numbers, people.segment.tolist(), people.phase.tolist(), persons(people), strict=True))

    def start(environment: simpy.Environment, where: Place) -> None:
        for i, segment, phase, person in those:
            environment.process(customer(environment, where, i, segment, person, phase))

    def live(until: float) -> None:
        environment = simpy.Environment()
        start(environment, place._replace(until=until))
        environment.run()

    if town is None:
        return live
    environment = simpy.Environment()
    desks = [Desk(environment, place.world, firm) if waits_at(world, firm) else None for firm in range(world.firms)]
    start(environment, place._replace(desks=desks, until=float(world.days)))

    def live_together(until: float) -> None:
        for desk in desks if environment.now > 0.0 else ():
            if desk is not None:
                desk.change_shift(int(environment.now))
        environment.run(until=until)

    return live_together


def _plain(columns: Columns) -> Columns:
    """The same columns as views that give plain numbers, which are quick to read one by one, and that write through."""
    values: list[Any] = [_view(value) if isinstance(value, np.ndarray) else value for value in columns]
    return type(columns)(*values)


def _view(column: NDArray[Any]) -> memoryview | list[memoryview]:
    return column.data if column.ndim == 1 else [row.data for row in column]


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
        began = world.choosing is None and not people.prospect[i]
        close(tally, ruler, world, mind, i, began, stays, life.complained[i] > 0)
        if world.whole is not None and world.surveys:
            close_answers(tally, ruler, life.answer[i], life.stated[i])

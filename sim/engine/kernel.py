"""The compiled engine: the rules as they stand, compiled, and one loop over people.

The only room that knows numba. Rules, luck and tally are the same functions the reference engine interprets.
Compiled code is cached under a hash of all their sources, so that it is never stale.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numba.extending import register_jitable
from numpy.typing import NDArray

from sim import luck
from sim.engine import cache
from sim.engine.columns import APART, AWAY, CUSTOMER, ELSEWHERE, NOBODYS, Columns, Life
from sim.engine.population import Draws, People
from sim.engine.queue import admit, before, enter, leave
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
from sim.rules.arithmetic import normal_quantile
from sim.rules.choose import choose, next_occasion
from sim.rules.column import Floats, Integers
from sim.rules.join import joins
from sim.rules.talk import hear_talk, speaks, tell
from sim.rules.traits import TRAITS
from sim.rules.visit import first_visit, look_up, next_visit, stay_in_touch, visit
from sim.rules.wait import not_before, on_tick, waited, waits_at, work
from sim.rules.world import Felt, Mind, Next, Town, Who, World

Function = TypeVar("Function")
Shared = NDArray[np.float64]


def announce(form: str) -> None:
    """Say that the first run of this form of a visit compiles, if it will."""
    if not cache.is_compiled(form):
        logging.getLogger("sim").warning("Compiling the engine for this machine: once, about half a minute …")


numba.config.__dict__["CACHE_DIR"] = str(cache.folder())  # the setting NUMBA_CACHE_DIR stands for

# No reference counts: each column read inside the loop would cost two atomic operations, more than the work on it. So compiled
# functions allocate nothing, and their callers hold the arrays. No fastmath: the engines must agree to the bit.
RULE: Any = {"error_model": "numpy", "forceinline": True, "_nrt": False}
LOOP: Any = {"error_model": "numpy", "nogil": True, "cache": True, "_nrt": False}

for _room in cache.COMPILED_ROOMS:
    _module = import_module(f"sim.{_room}")
    for _function in vars(_module).values():
        if inspect.isfunction(_function) and _function.__module__ == _module.__name__:
            register_jitable(**RULE)(_function)


def _compiled(function: Function) -> Function:
    """One of the loops below, compiled at its first call or fetched from the cache."""
    return cast(Function, numba.njit(**LOOP)(function))


@_compiled
def _lucks(low: int, high: int, replication: int, first: int, purpose: int, index: int, found: NDArray[np.float64]) -> None:
    for i in range(len(found)):
        found[i] = luck.luck(low, high, replication, first + i, 0, purpose, index)


@_compiled
def _normals(u: NDArray[np.float64], found: NDArray[np.float64]) -> None:
    for i in range(len(u)):
        found[i] = normal_quantile(u[i])


@register_jitable(**RULE)
def _who_she_is(i: int, segment: Integers, fixed: Shared, differing: Integers, drawn: Floats, person: Floats) -> None:
    """Fill in the traits of person number i."""
    count, all_traits = len(segment), len(person)
    shared = fixed[segment[i] * all_traits:(segment[i] + 1) * all_traits]
    for trait in range(all_traits):
        person[trait] = shared[trait]
    for row in range(len(differing)):
        person[differing[row]] = drawn[row * count + i]


@register_jitable(**RULE)
def _arrive(who: Who, person: Floats, when: float, gap: float, net: float, world: World, ruler: Ruler, mind: Mind, life: Life,
            tally: Tally) -> int:
    """Where a person goes at this occasion, 0 being ours; −1 if nowhere, and then `gap` is her luck for the next one."""
    i, day = who.place, int(when)
    if world.choosing is not None:
        firm = choose(who, person, world, mind, when, life.last[i])
        if firm < 0:
            life.next_day[i] = next_occasion(who, person, world, mind, when, life.last[i], gap)
            if world.whole is not None and world.follows_up:
                count_contacts(tally, ruler, day, stay_in_touch(world, mind, i, day, life.next_day[i]))
            return firm
        been = mind.visits[i * world.firms + firm] > 0.0
        count_arrival(tally, world, day, firm, life.last[i], life.standing[i] == AWAY, been)
        life.last[i], life.standing[i] = firm, CUSTOMER if firm == 0 else ELSEWHERE
        return firm
    hesitates = world.whole is not None and world.joins and life.standing[i] == NOBODYS
    if hesitates and not joins(who, person, world, mind, when, net):
        life.next_day[i] = next_occasion(who, person, world, mind, when, 0, gap)
        return -1
    if life.standing[i] != CUSTOMER:
        count_joined(tally, day, life.standing[i] == NOBODYS)
        life.standing[i] = CUSTOMER
    return 0


@register_jitable(**RULE)
def _visited(who: Who, felt: Felt, after: Next, when: float, world: World, ruler: Ruler, mind: Mind, life: Life, tally: Tally
             ) -> None:
    """Write down a visit that a person made, and what follows from it."""
    i, day = who.place, int(when)
    life.next_day[i] = after.day
    if world.choosing is not None and who.firm > 0:
        count_elsewhere(tally, ruler, world, who.firm, day, felt, after)
    else:
        if felt.complained + after.found > 0.0:
            life.complained[i] = 1
        count_visit(tally, ruler, world, mind, who.segment, i * world.firms, day, felt, after,
                    after.left and life.complained[i] == 0)
        if world.whole is not None and world.surveys:
            count_answer(tally, ruler, life.answer, life.stated, i, felt)
        life.satisfaction[i] += felt.satisfaction
        life.felt[i] += felt.felt + after.felt
    if after.left:
        life.standing[i] = AWAY
        life.left_day[i] = when


@_compiled
def _serve(low: int, high: int, replication: int, first: int, until: float, segment: Integers, phase: Floats, fixed: Shared,
           differing: Integers, drawn: Floats, person: Floats, world: World, ruler: Ruler, mind: Mind, life: Life,
           tally: Tally) -> None:
    for i in range(len(segment)):
        _who_she_is(i, segment, fixed, differing, drawn, person)
        if life.occasion[i] == 0 and life.next_day[i] < 0.0:
            life.next_day[i] = first_visit(person, mind.goodwill[i * world.firms], phase[i])
        while life.next_day[i] < until:
            when = life.next_day[i]
            life.mark[i] = count_marks(tally, ruler, life.mark[i], when, person, mind, i, world, life.standing[i] == CUSTOMER)
            life.occasion[i] += 1
            who = Who(low, high, replication, first + i, life.occasion[i], segment[i], i, 0)
            lucks = look_up(who, world)
            firm = _arrive(who, person, when, lucks.gap, 0.0, world, ruler, mind, life, tally)
            if firm < 0:
                continue
            if world.choosing is not None:
                who = Who(low, high, replication, first + i, life.occasion[i], segment[i], i, firm)
            felt = visit(who, person, lucks, int(when), when, 0.0, world, mind)
            after = next_visit(who, person, lucks, when, world, mind, felt)
            _visited(who, felt, after, when, world, ruler, mind, life, tally)


@register_jitable(**RULE)
def _turn(who: Who, person: Floats, world: World, ruler: Ruler, mind: Mind, life: Life, tally: Tally, town: Town) -> None:
    """One person's turn where people are coupled: she comes, or has waited and is served."""
    i, now = who.place, life.next_day[who.place]
    when, firm = now, 0
    lucks = look_up(who, world)
    if world.queues and life.came[i] >= 0.0:
        when, firm = life.came[i], life.chosen[i]
        life.came[i] = -1.0
    else:
        life.mark[i] = count_marks(tally, ruler, life.mark[i], when, person, mind, i, world, life.standing[i] == CUSTOMER)
        net = hear_talk(who, person, world, mind, town, int(when), when) if world.talks else 0.0
        firm = _arrive(who, person, when, lucks.gap, net, world, ruler, mind, life, tally)
        if firm < 0:
            life.next_day[i] = on_tick(life.next_day[i])
            return
    who = Who(who.low, who.high, who.replication, who.customer, who.occasion, who.segment, i, firm)
    hours = 0.0
    if waits_at(world, firm):
        if now == when:
            start = admit(world, town, firm, when, work(who, world))
            if start > when:
                life.came[i], life.chosen[i], life.next_day[i] = when, firm, start
                return
        hours = waited(world, firm, when, now)
        count_wait(tally, world, firm, int(when), hours)
    felt = visit(who, person, lucks, int(when), when, 60.0 * hours, world, mind)
    if world.talks and speaks(who, person, felt.felt):
        count_word(tally, ruler, world, mind, firm, int(now), felt.felt)
        if not world.mixed:
            tell(who, world, mind, town, int(now), felt.felt)
    after = next_visit(who, person, lucks, when, world, mind, felt)
    _visited(who, felt, after, when, world, ruler, mind, life, tally)
    life.next_day[i] = not_before(after.day, now)


@_compiled
def _wake(segment: Integers, phase: Floats, fixed: Shared, differing: Integers, drawn: Floats, person: Floats, world: World,
          mind: Mind, life: Life) -> None:
    for i in range(len(segment)):
        _who_she_is(i, segment, fixed, differing, drawn, person)
        life.next_day[i] = on_tick(first_visit(person, mind.goodwill[i * world.firms], phase[i]))


@_compiled
def _serve_town(low: int, high: int, replication: int, until: float, segment: Integers, fixed: Shared, differing: Integers,
                drawn: Floats, person: Floats, places: Integers, line: Integers, world: World, ruler: Ruler, mind: Mind,
                life: Life, tally: Tally, town: Town) -> None:
    # Those of `places` in their order, and whoever has another turn before `until` in between, by time.
    taken, count = 0, 0
    while taken < len(places) or count > 0:
        if count > 0 and (taken == len(places) or before(life.next_day, line[0], places[taken])):
            i = line[0]
            count = leave(line, count, life.next_day)
        else:
            i = places[taken]
            taken += 1
        _who_she_is(i, segment, fixed, differing, drawn, person)
        life.occasion[i] += 0 if world.queues and life.came[i] >= 0.0 else 1
        who = Who(low, high, replication, i, life.occasion[i], segment[i], i, 0)
        _turn(who, person, world, ruler, mind, life, tally, town)
        if life.next_day[i] < until:
            count = enter(line, count, life.next_day, i)


@_compiled
def _survey(segment: Integers, fixed: Shared, differing: Integers, drawn: Floats, person: Floats, world: World, ruler: Ruler,
            mind: Mind, life: Life, when: float, sums: Floats) -> None:
    for i in range(len(segment)):
        if life.standing[i] == CUSTOMER:
            _who_she_is(i, segment, fixed, differing, drawn, person)
            count_standards(sums, ruler, person, mind, i, world, when)


@_compiled
def _close(segment: Integers, fixed: Shared, differing: Integers, drawn: Floats, prospect: NDArray[np.bool_], person: Floats,
           world: World, ruler: Ruler, mind: Mind, life: Life, tally: Tally) -> None:
    for i in range(len(life.mark)):
        _who_she_is(i, segment, fixed, differing, drawn, person)
        stays = life.standing[i] == CUSTOMER
        count_marks(tally, ruler, life.mark[i], np.inf, person, mind, i, world, stays)
        close(tally, ruler, world, mind, i, world.choosing is None and not prospect[i], stays, life.complained[i] > 0)
        if world.whole is not None and world.surveys:
            close_answers(tally, ruler, life.answer[i], life.stated[i])


def lucks(low: int, high: int, replication: int, first: int, count: int, purpose: int, index: int) -> NDArray[np.float64]:
    """One uniform each for `count` people from `first` on."""
    found = np.empty(count)
    _lucks(low, high, replication, first, purpose, index, found)
    return found


def normals(u: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard normal quantiles."""
    found = np.empty(len(u))
    _normals(u, found)
    return found


DRAWS = Draws(lucks, normals)
NOTHING = np.zeros((2, 2))[:, 0]


def alike(world: World, columns: Columns) -> Columns:
    """The same columns, of which those without rows look like all others: else each set of them would be compiled for apart."""
    if world.coupled is None:
        return columns
    blank = {name: NOTHING.view(np.asarray(column).dtype) for name, column in columns._asdict().items()
             if len(column) == 0 and name not in APART}
    return columns._replace(**blank)


def begin(seed: tuple[int, int], replication: int, first: int, people: People, world: World, ruler: Ruler, mind: Mind,
          life: Life, tally: Tally, town: Town | None) -> Callable[[float], None]:
    """How these people live on until some day; `first` is the first one's number. Living changes mind, life, tally and town."""
    person, mind, life = np.empty(len(TRAITS)), alike(world, mind), alike(world, life)
    who = people.segment, people.phase, people.fixed, people.differing, people.drawn, person

    def live(until: float) -> None:
        _serve(seed[0], seed[1], replication, first, until, *who, world, ruler, mind, life, tally)

    if town is None:
        return live
    line, next_day = np.empty(len(people.segment), dtype=np.int64), np.asarray(life.next_day)
    _wake(*who, world, mind, life)
    own = people.segment, people.fixed, people.differing, people.drawn, person

    def live_together(until: float) -> None:
        places = turns(next_day, until, world.queues)
        _serve_town(seed[0], seed[1], replication, until, *own, places, line, world, ruler, mind, life, tally, town)

    return live_together


def turns(next_day: NDArray[np.float64], until: float, in_line: bool) -> NDArray[np.int64]:
    """Whose turn comes before `until`: by number, or by time and then by number where they stand in line."""
    places = np.flatnonzero(next_day < until)
    return places[np.argsort(next_day[places], kind="stable")] if in_line else places


def survey(people: People, world: World, ruler: Ruler, mind: Mind, life: Life, when: float) -> NDArray[np.float64]:
    """(1 + K,) how many of these people are customers, and the sums of the standards they hold on day `when`, by attribute."""
    sums, person = np.zeros(1 + world.attributes), np.empty(len(TRAITS))
    _survey(people.segment, people.fixed, people.differing, people.drawn, person, world, ruler, alike(world, mind),
            alike(world, life), when, sums)
    return sums


def finish(people: People, world: World, ruler: Ruler, mind: Mind, life: Life, tally: Tally) -> None:
    """Count the rest of the checkpoints and close every person's account."""
    _close(people.segment, people.fixed, people.differing, people.drawn, people.prospect, np.empty(len(TRAITS)), world, ruler,
           alike(world, mind), alike(world, life), tally)

"""The compiled engine: the rules as they stand, compiled, and one loop over people.

The only room that knows numba. Rules, luck and tally are the same functions the reference engine interprets.
Compiled code is cached under a hash of all their sources, so that it is never stale.
"""

from __future__ import annotations

import inspect
import logging
from importlib import import_module
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numba.extending import register_jitable
from numpy.typing import NDArray

from sim import luck
from sim.engine import cache
from sim.engine.columns import AWAY, CUSTOMER, ELSEWHERE, Life
from sim.engine.population import Draws, People
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
from sim.rules.arithmetic import normal_quantile
from sim.rules.choose import choose, next_occasion
from sim.rules.column import Floats, Integers
from sim.rules.traits import TRAITS
from sim.rules.visit import first_visit, look_up, next_visit, visit
from sim.rules.world import Mind, Who, World

Function = TypeVar("Function")
Shared = NDArray[np.float64]


def announce(form: str) -> None:
    """Say that the first run of this form of a visit compiles, if it will."""
    if not cache.is_compiled(form):
        logging.getLogger("sim").warning("Compiling the engine for this machine: once, about 15 seconds …")


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


@_compiled
def _serve(low: int, high: int, replication: int, first: int, until: float, segment: Integers, phase: Floats, fixed: Shared,
           differing: Integers, drawn: Floats, person: Floats, world: World, ruler: Ruler, mind: Mind, life: Life,
           tally: Tally) -> None:
    for i in range(len(segment)):
        _who_she_is(i, segment, fixed, differing, drawn, person)
        at = i * world.firms
        if life.occasion[i] == 0 and life.next_day[i] < 0.0:
            life.next_day[i] = first_visit(person, mind.goodwill[at], phase[i])
        while life.next_day[i] < until:
            when = life.next_day[i]
            day = int(when)
            life.mark[i] = count_marks(tally, ruler, life.mark[i], when, person, mind, i, world, life.standing[i] == CUSTOMER)
            life.occasion[i] += 1
            who = Who(low, high, replication, first + i, life.occasion[i], segment[i], i, 0)
            lucks = look_up(who, world)
            if world.choosing is not None:
                firm = choose(who, person, world, mind, when, life.last[i])
                if firm < 0:
                    life.next_day[i] = next_occasion(who, person, world, mind, when, life.last[i], lucks.gap)
                    continue
                count_arrival(tally, world, day, firm, life.last[i], life.standing[i] == AWAY, mind.visits[at + firm] > 0.0)
                life.last[i], life.standing[i] = firm, CUSTOMER if firm == 0 else ELSEWHERE
                who = Who(low, high, replication, first + i, life.occasion[i], segment[i], i, firm)
            elif life.standing[i] == AWAY:
                count_joined(tally, day)
                life.standing[i] = CUSTOMER
            felt = visit(who, person, lucks, day, when, world, mind)
            after = next_visit(who, person, lucks, when, world, mind, felt)
            life.next_day[i] = after.day
            if world.choosing is not None and who.firm > 0:
                count_elsewhere(tally, ruler, world, who.firm, day, felt, after)
            else:
                if felt.complained + after.found > 0.0:
                    life.complained[i] = 1
                count_visit(tally, ruler, world, mind, segment[i], at, day, felt, after, after.left and life.complained[i] == 0)
                if world.whole is not None and world.surveys:
                    count_answer(tally, ruler, life.answer, life.stated, i, felt)
                life.satisfaction[i] += felt.satisfaction
                life.felt[i] += felt.felt + after.felt
            if after.left:
                life.standing[i] = AWAY
                life.left_day[i] = when


@_compiled
def _survey(segment: Integers, fixed: Shared, differing: Integers, drawn: Floats, person: Floats, world: World, ruler: Ruler,
            mind: Mind, life: Life, when: float, sums: Floats) -> None:
    for i in range(len(segment)):
        if life.standing[i] == CUSTOMER:
            _who_she_is(i, segment, fixed, differing, drawn, person)
            count_standards(sums, ruler, person, mind, i, world, when)


@_compiled
def _close(segment: Integers, fixed: Shared, differing: Integers, drawn: Floats, person: Floats, world: World, ruler: Ruler,
           mind: Mind, life: Life, tally: Tally) -> None:
    for i in range(len(life.mark)):
        _who_she_is(i, segment, fixed, differing, drawn, person)
        stays = life.standing[i] == CUSTOMER
        count_marks(tally, ruler, life.mark[i], np.inf, person, mind, i, world, stays)
        close(tally, ruler, world, mind, i, stays, life.complained[i] > 0)
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


def serve(seed: tuple[int, int], replication: int, first: int, until: float, people: People, world: World, ruler: Ruler,
          mind: Mind, life: Life, tally: Tally) -> None:
    """Let these people live until day `until`; `first` is the first one's number. Changes mind, life and tally."""
    _serve(seed[0], seed[1], replication, first, until, people.segment, people.phase, people.fixed, people.differing,
           people.drawn, np.empty(len(TRAITS)), world, ruler, mind, life, tally)


def survey(people: People, world: World, ruler: Ruler, mind: Mind, life: Life, when: float) -> NDArray[np.float64]:
    """(1 + K,) how many of these people are customers, and the sums of the standards they hold on day `when`, by attribute."""
    sums = np.zeros(1 + world.attributes)
    _survey(people.segment, people.fixed, people.differing, people.drawn, np.empty(len(TRAITS)), world, ruler, mind, life, when,
            sums)
    return sums


def finish(people: People, world: World, ruler: Ruler, mind: Mind, life: Life, tally: Tally) -> None:
    """Count the rest of the checkpoints and close every person's account."""
    _close(people.segment, people.fixed, people.differing, people.drawn, np.empty(len(TRAITS)), world, ruler, mind, life,
           tally)

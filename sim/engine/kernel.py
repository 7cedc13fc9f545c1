"""The compiled engine: the rules as they stand, compiled, and the loops over people.

The only room that knows numba. Rules, luck and tally are the same functions the reference engine interprets, without what a
form of a visit never asks for (`special`).
Compiled code is cached under a hash of all their sources, so that it is never stale.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import cache as once
from importlib import import_module
from threading import Lock
from typing import Any, Final

import numba
import numpy as np
from numba.extending import register_jitable
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from sim import luck
from sim.engine import cache, special
from sim.engine.columns import APART, Columns, Life
from sim.engine.population import Draws, People
from sim.engine.tally import Ruler, Tally
from sim.rules.arithmetic import normal_quantile
from sim.rules.traits import TRAITS
from sim.rules.world import Mind, Town, World


def announce(form: str) -> None:
    """Say that the first run of this form of a visit compiles, if it will."""
    if not cache.is_compiled(form):
        logging.getLogger("sim").warning("Compiling the engine for this machine: once, about half a minute …")


numba.config.__dict__["CACHE_DIR"] = str(cache.folder())  # the setting NUMBA_CACHE_DIR stands for

# No reference counts: each column read inside the loop would cost two atomic operations, more than the work on it. So compiled
# functions allocate nothing, and their callers hold the arrays. No fastmath: the engines must agree to the bit.
RULE: Any = {"error_model": "numpy", "forceinline": True, "_nrt": False}
LOOP: Any = {"error_model": "numpy", "nogil": True, "cache": True, "_nrt": False}

ROOMS: Final = [import_module(f"sim.{name}") for name in cache.COMPILED_ROOMS]
OFF: Final = {"joins": False, "talks": False, "queues": False}
ALONE: Final = {"choosing": None, "firms": 1}
KNOWN: Final[dict[str, special.Known]] = {
    "plain": {"who": {"firm": 0}, "world": {
        **ALONE, **OFF, **dict.fromkeys(("whole", "coupled")), "tiers": 0, "recoveries": 0, **dict.fromkeys((
            "recovers", "remembers_failures", "follows_up", "keeps_files", "surveys", "tracks", "asks", "weighs_price", "woos"),
            False)}},
    "whole": {"who": {"firm": 0}, "world": {**ALONE, "whole": True, "coupled": None, "talks": False, "queues": False}},
    "choosing": {"world": {"choosing": True, "whole": True, "coupled": None, "talks": False, "queues": False}},
    "coupled": {"who": {"firm": 0}, "world": {**ALONE, "whole": True, "coupled": True}},
    "coupled choosing": {"world": {"choosing": True, "whole": True, "coupled": True}}}
"""What each form of a visit takes for known; see `columns.form`."""


def _jitable(spaces: Mapping[str, Mapping[str, Any]]) -> None:
    """Let compiled code call the functions of these rooms."""
    for room, space in spaces.items():
        for function in special.own(space, room):
            register_jitable(**RULE)(function)


_jitable({room.__name__: vars(room) for room in ROOMS})
MAKING: Final = Lock()


@once
def _space(form: str, whole: bool) -> dict[str, Any]:
    """The loops of a form, as they are before they are compiled; whole: with the rules that they call made for it, too."""
    spaces = special.specialised(ROOMS if whole else ROOMS[-1:], KNOWN[form])
    _jitable(spaces)
    return spaces[ROOMS[-1].__name__]


def loop(name: str, form: str) -> Any:
    """One of the loops over people in one form of a visit, compiled at its first call or fetched from the cache."""
    with MAKING:  # threads share one, so that it is compiled once
        return _loop(name, form)


@once
def _loop(name: str, form: str) -> Any:
    # Making rules anew takes some tenths of a second, and what is fetched from the cache needs none of them.
    function = _space(form, not cache.holds(name, form))[name]
    function.__qualname__ = cache.called(name, form)
    return numba.njit(**LOOP)(function)


def form_of(world: World) -> str:
    """The form of a visit in this world: one of `cache.FORMS`. Errors: ValueError where the world is not what it knows."""
    if world.coupled is not None:
        form = "coupled" if world.choosing is None else "coupled choosing"
    else:
        form = "plain" if world.whole is None else "whole" if world.choosing is None else "choosing"
    for name, value in KNOWN[form]["world"].items():
        if getattr(world, name) != value:
            raise ValueError(f"the {form} form of a visit takes {name} for {value!r}, and here it is {getattr(world, name)!r}")
    return form


@numba.njit(**LOOP)  # type: ignore[untyped-decorator]
def _lucks(low: int, high: int, replication: int, first: int, purpose: int, index: int, found: NDArray[np.float64]) -> None:
    for i in range(len(found)):
        found[i] = luck.luck(low, high, replication, first + i, 0, purpose, index)


@numba.njit(**LOOP)  # type: ignore[untyped-decorator]
def _normals(u: NDArray[np.float64], found: NDArray[np.float64]) -> None:
    for i in range(len(u)):
        found[i] = normal_quantile(u[i])


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
    """The same columns, made to look like all others: those without rows, and those of one row, which seem to have no others
    beside them (they get a second row, which `together` leaves room for and nobody reads). Else each such set of columns would
    be compiled for apart."""
    if world.coupled is None:
        return columns
    found = {}
    for name, column in columns._asdict().items():
        if len(column) == 0 and name not in APART:
            found[name] = NOTHING.view(np.asarray(column).dtype)
        elif len(column) == 1 and name not in APART:
            found[name] = as_strided(np.asarray(column), (2,), np.asarray(column).strides)
    return columns._replace(**found)


def begin(seed: tuple[int, int], replication: int, first: int, people: People, world: World, ruler: Ruler, mind: Mind,
          life: Life, tally: Tally, town: Town | None) -> Callable[[float], None]:
    """How these people live on until some day; `first` is the first one's number. Living changes mind, life, tally and town."""
    person, mind, life = np.empty(len(TRAITS)), alike(world, mind), alike(world, life)
    who, form = (people.segment, people.phase, people.fixed, people.differing, people.drawn, person), form_of(world)
    serve = loop("serve" if town is None else "serve_town", form)

    def live(until: float) -> None:
        serve(seed[0], seed[1], replication, first, until, *who, world, ruler, mind, life, tally)

    if town is None:
        return live
    line, next_day = np.empty(len(people.segment), dtype=np.int64), np.asarray(life.next_day)
    loop("wake", form)(*who, world, mind, life)
    own = people.segment, people.fixed, people.differing, people.drawn, person

    def live_together(until: float) -> None:
        places = turns(next_day, until, world.queues)
        serve(seed[0], seed[1], replication, until, *own, places, line, world, ruler, mind, life, tally, town)

    return live_together


def turns(next_day: NDArray[np.float64], until: float, in_line: bool) -> NDArray[np.int64]:
    """Whose turn comes before `until`: by number, or by time and then by number where they stand in line."""
    places = np.flatnonzero(next_day < until)
    return places[np.argsort(next_day[places], kind="stable")] if in_line else places


def survey(people: People, world: World, ruler: Ruler, mind: Mind, life: Life, when: float) -> NDArray[np.float64]:
    """(1 + K,) how many of these people are customers, and the sums of the standards they hold on day `when`, by attribute."""
    sums, person = np.zeros(1 + world.attributes), np.empty(len(TRAITS))
    loop("survey", form_of(world))(people.segment, people.fixed, people.differing, people.drawn, person, world, ruler,
                                    alike(world, mind), alike(world, life), when, sums)
    return sums


def finish(people: People, world: World, ruler: Ruler, mind: Mind, life: Life, tally: Tally) -> None:
    """Count the rest of the checkpoints and close every person's account."""
    loop("finish", form_of(world))(people.segment, people.fixed, people.differing, people.drawn, people.prospect,
                                    np.empty(len(TRAITS)), world, ruler, alike(world, mind), alike(world, life), tally)

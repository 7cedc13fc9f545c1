"""Run: one strategy on one market, replicated, on the compiled engine.

A part of a run is some of its replications, for some of the people, or all. Parts are independent and their sums exact, so
threads, blocks, processes and their order change nothing: `joined` puts parts together, `gather` makes tables of the whole.
`reference.run` is the same assembly around the other engine.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from itertools import islice
from threading import Event
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim import luck
from sim.engine import budgets, cache, columns
from sim.engine.clock import Schedule, Street, surveys, told_in_advance
from sim.engine.columns import CUSTOMER, Life
from sim.engine.population import Draws, People, people, seed_words
from sim.engine.records import Run, Table
from sim.engine.tables import customers_table, summarise
from sim.engine.tally import Ruler, Tally
from sim.market import Market, Research, Strategy, coupled, visits_a_day, with_design
from sim.rules.experience import deviation
from sim.rules.talk import KINDS
from sim.rules.world import Mind, Town, World

BLOCK = 4096
Progress = Callable[[int, int], None]


class Engine(NamedTuple):
    """Two ways to live the same lives: how luck is drawn for many, how people begin to live, how they are asked what they
    expect, how accounts are closed."""

    draws: Draws
    begin: Callable[[tuple[int, int], int, int, People, World, Ruler, Mind, Life, Tally, Town | None], Callable[[float], None]]
    survey: Callable[[People, World, Ruler, Mind, Life, float], NDArray[np.float64]]
    finish: Callable[[People, World, Ruler, Mind, Life, Tally], None]


class Block(NamedTuple):
    """What came of one block of people: its sums, who stays, its customers table where asked for, what firms did, and what
    became of their budgets where there are any."""

    tally: Tally
    stays: NDArray[np.bool_]
    customers: Table | None
    schedule: Schedule
    budgets: Table | None


class Part(NamedTuple):
    """What came of some replications, for consecutive people: by replication, their sums and what firms did; who stays,
    (replications, people); the rows of customers where asked for, and of budgets where there are any.

    first, person: the first replication, and the first of the people.
    """

    first: int
    person: int
    totals: list[Tally]
    schedules: list[Schedule]
    stays: NDArray[np.bool_]
    kept: list[Table]
    spent: list[Table]


class Stage(NamedTuple):
    """What a market looks like to its people under one strategy. street: its clock, still running where our firm asks its
    customers what they expect and acts on it, or a move has a budget; None where the whole horizon is told in advance."""

    market: Market
    strategy: Strategy
    schedule: Schedule
    world: World
    ruler: Ruler
    street: Street | None


def run(market: Market, strategy: str, *, replications: int | None = None, seed: int | None = None,
        people: int | None = None, jobs: int = 1, keep: Collection[str] = (), progress: Progress | None = None,
        block: int = BLOCK, window: float | None = None) -> Run:
    """Simulate `strategy` (its name) on `market`; the same bits for every `jobs` (threads), `block` and `window`.

    replications, seed, people: in place of the market's. keep: {"customers"} keeps a row a person. progress(done, total)
    counts blocks. block: people worked on at once. window: days between two looks at the market clock.
    Raises KeyError for an unknown strategy, OverflowError where levels leave what exact sums can hold.
    """
    from sim.engine import kernel

    form = columns.form(market)
    engine = Engine(kernel.DRAWS, kernel.begin, kernel.survey, kernel.finish)
    with cache.compiling(form) as compiled:
        kernel.announce(form)
        return assemble(engine, with_design(market, replications, seed, people), strategy, jobs, keep,
                        after_each(compiled, progress), block, window)


def after_each(compiled: Callable[[], None], progress: Progress | None) -> Progress:
    """What is told after each block: that all it needs is compiled, then how far we are."""
    def told(done: int, total: int) -> None:
        compiled()
        if progress is not None:
            progress(done, total)

    return told


def find_strategy(market: Market, name: str) -> Strategy:
    """The strategy of that name; KeyError lists those there are."""
    for strategy in market.strategies:
        if strategy.name == name:
            return strategy
    raise KeyError(f"no strategy {name!r}; there are: {', '.join(one.name for one in market.strategies)}")


def assemble(engine: Engine, market: Market, name: str, jobs: int, keep: Collection[str], progress: Progress | None,
             block: int, window: float | None) -> Run:
    """Live every replication and put the tables together."""
    strategy = find_strategy(market, name)
    lived = live_part(engine, market, strategy, range(market.replications), (0, market.people), jobs, keep, progress, block,
                      window)
    return gather(market, strategy, lived)


def part(market: Market, strategy: str, replications: range, people: tuple[int, int], *, jobs: int = 1,
         keep: Collection[str] = (), progress: Progress | None = None) -> Part:
    """Simulate some replications, for `people` (the first of them, and how many), on `jobs` threads.

    A replication has its luck by its number, whatever the market's number of them. Errors: as for `run`; ValueError for a
    part of the people where they are coupled, or asked, or a move has a budget, so that all must be lived together.
    """
    from sim.engine import kernel

    strategy_found, whole = find_strategy(market, strategy), (0, market.people)
    if people != whole and lived_together(market, strategy_found):
        raise ValueError("these people are something to one another, so that no part of them can be lived alone")
    form = columns.form(market)
    engine = Engine(kernel.DRAWS, kernel.begin, kernel.survey, kernel.finish)
    with cache.compiling(form) as compiled:
        kernel.announce(form)
        return live_part(engine, market, strategy_found, replications, people, jobs, keep, after_each(compiled, progress),
                         BLOCK, None)


def lived_together(market: Market, strategy: Strategy) -> bool:
    """Whether all people of a replication are one block, whatever its size: where our firm asks its customers, where a move has
    a budget, and where people are coupled, what one says or is given today may change what all are given tomorrow."""
    return not told_in_advance(market, strategy) or coupled(market)


def live_part(engine: Engine, market: Market, strategy: Strategy, replications: range, those: tuple[int, int], jobs: int,
              keep: Collection[str], progress: Progress | None, block: int, window: float | None) -> Part:
    """Serve every block of these people in each of these replications, and add up the blocks of each."""
    shared = stage(market, strategy) if told_in_advance(market, strategy) else None
    person, people = those
    size = people if lived_together(market, strategy) else block
    cells = [(replication, person + first, count) for replication in replications
             for first, count in columns.blocks(people, size)]

    stop = Event()

    def live(cell: tuple[int, int, int]) -> Block:
        return live_block(engine, shared or stage(market, strategy), *cell, "customers" in keep, window, stop)

    totals, schedules = [columns.blank(market, columns.ruler(market, strategy)) for _ in replications], {}
    stays = np.zeros((len(replications), people), dtype=np.bool_)
    kept: list[Table] = []
    spent: list[Table] = []
    for done, (cell, lived) in enumerate(zip(cells, in_order(live, cells, jobs, stop), strict=True), start=1):
        row, place = cell[0] - replications.start, cell[1] - person
        add(totals[row], lived.tally)
        schedules[row] = lived.schedule
        stays[row, place:place + cell[2]] = lived.stays
        if lived.customers is not None:
            kept.append(lived.customers)
        if lived.budgets is not None:
            spent.append(lived.budgets)
        if progress is not None:
            progress(done, len(cells))
    return Part(replications.start, person, totals, list(schedules.values()), stays, kept, spent)


def joined(parts: Sequence[Part]) -> Part:
    """Parts of one run as one, whatever their order: blocks of people side by side, replications one after the other.

    Together they must have every person in every replication, and none twice. Their sums may be added to in place.
    """
    by_replication: dict[int, list[Part]] = {}
    for one in sorted(parts, key=lambda one: (one.first, one.person)):
        by_replication.setdefault(one.first, []).append(one)
    rows = [_side_by_side(row) for row in by_replication.values()]
    return Part(rows[0].first, rows[0].person, [tally for row in rows for tally in row.totals],
                [schedule for row in rows for schedule in row.schedules], np.concatenate([row.stays for row in rows]),
                [table for row in rows for table in row.kept], [table for row in rows for table in row.spent])


def _side_by_side(row: list[Part]) -> Part:
    """The same replications of several blocks of people, in order of people."""
    if len(row) == 1:
        return row[0]
    first = row[0]
    for more in row[1:]:
        for total, tally in zip(first.totals, more.totals, strict=True):
            add(total, tally)
    return first._replace(stays=np.concatenate([one.stays for one in row], axis=1), kept=[t for one in row for t in one.kept])


def stage(market: Market, strategy: Strategy) -> Stage:
    """The market as its people meet it: told in advance, or with its clock still to run."""
    street, told = Street(market, strategy), told_in_advance(market, strategy)
    if told:
        street.advance(market.horizon)
    world, ruler = columns.world(market, strategy, street.schedule), columns.ruler(market, strategy)
    return Stage(market, strategy, street.schedule, world, ruler, None if told else street)


def in_order(live: Callable[[tuple[int, int, int]], Block], cells: list[tuple[int, int, int]], jobs: int, stop: Event
             ) -> Iterable[Block]:
    """The cells' results in order, on `jobs` threads, only a few cells ahead of the reader so that none pile up.

    Whatever ends the reading early, Ctrl-C too, sets `stop`, so that no thread works on.
    """
    with ThreadPoolExecutor(jobs) as pool:
        ahead = iter(cells)
        waiting = deque(pool.submit(live, cell) for cell in islice(ahead, 2 * jobs))
        try:
            while waiting:
                lived = waiting.popleft().result()
                waiting.extend(pool.submit(live, cell) for cell in islice(ahead, 1))
                yield lived
        finally:
            stop.set()
            for cell in waiting:
                cell.cancel()


VISITS_AT_A_STRETCH = 2_000_000


def stretch(market: Market, count: int) -> float:
    """Days that one call of the engine may take: about two million visits, so that Ctrl-C is heard within a second."""
    return max(1.0, VISITS_AT_A_STRETCH / (count * visits_a_day(market)))


def live_block(engine: Engine, told: Stage, replication: int, first: int, count: int, keep_customers: bool,
               window: float | None, stop: Event) -> Block:
    """The whole horizon of one block of people, a stretch at a time; given up when `stop` is set."""
    market, world, ruler = told.market, told.world, told.ruler
    those = people(market, market.seed, replication, first, count, engine.draws)
    mind = columns.minds(those, world)
    life = columns.lives(those, world)
    tally = columns.blank(market, ruler)
    town = columns.town(market, world, replication, engine.draws) if coupled(market) else None
    live = engine.begin(seed_words(market.seed), replication, first, those, world, ruler, mind, life, tally, town)
    until, days = 0.0, 1.0 if town is not None else stretch(market, count) if window is None else window
    asked = deque(enumerate(surveys(told.strategy)))
    purses = [] if told.street is None else budgets.purses(market, told.street, world)
    while until < market.horizon:
        if stop.is_set():
            raise CancelledError
        while told.street is not None and asked and asked[0][1][0] <= until:
            number, (day, research) = asked.popleft()
            sums = engine.survey(those, world, ruler, mind, life, float(day))
            if sums[0] > 0.0:  # with nobody left to ask there is no news
                told.street.learn(day, research.lag, found(market, replication, number, research, sums))
        counted = any(purse.runs(int(until)) for purse in purses)
        step = 1.0 if counted else days
        until = min(float(market.horizon), until + step, float(asked[0][1][0]) if asked else market.horizon)
        if told.street is not None:
            told.street.advance(until)
        live(until)
        if town is not None:
            spread(world, town, tally, int(until) - 1)
        if told.street is not None and (counted or until == market.horizon):
            budgets.settle(told.street, purses, int(until) - 1, world, mind, tally)
    engine.finish(those, world, ruler, mind, life, tally)
    customers = customers_table(market, replication, first, those, mind, life) if keep_customers else None
    return Block(tally, np.asarray(life.standing) == CUSTOMER, customers, told.schedule,
                 budgets.rows(market, purses, replication))


def found(market: Market, replication: int, number: int, research: Research, sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """(K,) what research number `number` says customers expect, points: their mean, beside the mark by its bias and noise.

    sums: how many were asked, and the sums of what they hold.
    """
    means = (sums[1:] / sums[0]).tolist()
    lucks = [luck.luck(*seed_words(market.seed), replication, k, number, luck.RESEARCH, 0) for k in range(len(means))]
    return np.array([mean + research.bias + deviation(research.noise, u) for mean, u in zip(means, lucks, strict=True)])


def spread(world: World, town: Town, tally: Tally, day: int) -> None:
    """What was said on a day is heard from the next one on, where everybody hears everybody alike."""
    heard = np.asarray(town.heard).reshape(-1, world.firms, KINDS * (1 + world.attributes))
    if len(heard):
        heard[day + 1] = heard[day] + np.asarray(tally.words)[day::world.days]


def add(total: Tally, more: Tally) -> None:
    """Add a block's sums to a replication's: exact, so in any order."""
    for whole, part in zip(total, more, strict=True):
        sums = np.asarray(whole)
        sums += np.asarray(part)


def gather(market: Market, strategy: Strategy, lived: Part) -> Run:
    """Sums of all replications into tidy read-only tables."""
    ruler, stays = columns.ruler(market, strategy), lived.stays
    told = summarise(market, strategy.name, lived.schedules, ruler, lived.totals)
    stays.flags.writeable = False
    customers, spendings = _one_table(lived.kept), _one_table(lived.spent)
    return Run(market, strategy.name, told.by_visit, told.by_day, told.outcomes, told.spreading, stays, customers, told.beyond,
               told.by_attribute, told.kano, told.switches, told.by_firm, spendings)


def _one_table(parts: list[Table]) -> Table | None:
    """The parts of a table as one, read only; None where there are none."""
    if not parts:
        return None
    table = {column: np.concatenate([part[column] for part in parts]) for column in parts[0]}
    for values in table.values():
        values.flags.writeable = False
    return table

"""A market as flat columns: what both engines read and write. Arrays here; the reference engine turns them into lists."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, log2
from typing import NamedTuple

import numpy as np

from sim.engine.clock import Schedule
from sim.engine.population import People
from sim.engine.tally import CLOSING_COLUMNS, DAY_COLUMNS, VISIT_COLUMNS, Ruler, Tally
from sim.market import Aim, Market, Promise, Segment, Strategy, Surprise, Upgrade, visit_rows
from sim.rules import traits
from sim.rules.column import Floats, Integers
from sim.rules.visit import AT_RISK, DISAPPOINTED, EVERYONE, SEGMENT, Mind, World

AIMS: dict[Aim, int] = {"everyone": EVERYONE, "segment": SEGMENT, "after a disappointment": DISAPPOINTED, "at risk": AT_RISK}
MARKS = 13
BINS = 64
CUSTOMER, AWAY = 1, 0


class Life(NamedTuple):
    """Where people stand, a column each: day of the next visit, occasions so far, customer or away, next checkpoint.

    complained: ever. satisfaction, felt: sums over her visits. left_day: of the last leaving, −1 if never.
    """

    next_day: Floats
    occasion: Integers
    standing: Integers
    mark: Integers
    complained: Integers
    satisfaction: Floats
    felt: Floats
    left_day: Floats


def world(market: Market, strategy: Strategy, schedule: Schedule) -> World:
    """What our firm and its rivals do under a strategy, as the tables that a visit reads."""
    surprises = [move for move in strategy.moves if isinstance(move, Surprise)]
    promises = [move for move in strategy.moves if isinstance(move, Promise)]
    kinds = [move.kinds for move in surprises]
    grows_familiar = any(segment.traits[traits.FAMILIARITY].may_differ(0.0) for segment in market.segments)
    return World(
        firms=1, attributes=len(market.attributes), rivals=len(market.firms) - 1,
        surprises=len(surprises), promises=len(promises), kinds=sum(kinds) if grows_familiar else 0,
        remembers_peak=any(segment.traits[traits.PEAK].may_differ(0.0) for segment in market.segments),
        noisy=bool(schedule.noise.any()),
        weights=_floats(market.weights), quality=schedule.quality.reshape(-1), noise=schedule.noise.reshape(-1),
        rival_quality=schedule.rival_quality.reshape(-1),
        rival_noise=_floats([sd for firm in market.firms[1:] for sd in firm.noise]),
        surprise_attribute=_integers([-1 if move.attribute is None else move.attribute for move in surprises]),
        surprise_size=_floats([move.size for move in surprises]),
        surprise_chance=_floats([1.0 if move.chance is None else move.chance for move in surprises]),
        surprise_every=_integers([move.every or 0 for move in surprises]),
        surprise_on_visit=_integers([move.on_visit or 0 for move in surprises]),
        surprise_kinds=_integers(kinds), surprise_first_kind=_integers(list(np.cumsum([0, *kinds])[:-1])),
        surprise_to=_integers([AIMS[move.to] for move in surprises]),
        surprise_segment=_integers([-1 if move.segment is None else move.segment for move in surprises]),
        surprise_below=_floats([move.below for move in surprises]),
        surprise_cost=_floats([move.cost for move in surprises]),
        surprise_rollout=np.ascontiguousarray(schedule.surprises).reshape(-1),
        promise_attribute=_integers([-1 if move.attribute is None else move.attribute for move in promises]),
        promise_level=_floats([move.level for move in promises]),
        promise_reach=_floats([move.reach for move in promises]),
        promise_rollout=np.ascontiguousarray(schedule.promises).reshape(-1),
        promise_heard=np.maximum.accumulate(schedule.promises, axis=0).reshape(-1))


def _floats(values: tuple[float, ...] | list[float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array(values, dtype=np.float64)


def _integers(values: list[int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array(values, dtype=np.int64)


def trait_column(people: People, trait: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """One trait of each of these people."""
    count = len(people.segment)
    row = int(people.column[trait])
    if row >= 0:
        return people.drawn[row * count:(row + 1) * count]
    return people.fixed[people.segment * len(people.column) + trait]


def minds(people: People, world: World) -> Mind:
    """What these people hold in mind before the first visit: the same of every firm."""
    count, firms = len(people.segment), world.firms
    goodwill, trust = trait_column(people, traits.GOODWILL_STARTS), trait_column(people, traits.TRUST)
    expectation = np.repeat(people.expects.reshape(count, 1, world.attributes), firms, axis=1).reshape(-1)
    return Mind(
        expectation=expectation, peak=expectation.copy() if world.remembers_peak else np.zeros(0),
        norm=people.norm.copy(), goodwill=np.repeat(goodwill, firms), last_day=np.zeros(count * firms),
        last_satisfaction=np.zeros(count * firms), visits=np.zeros(count * firms), trust=np.repeat(trust, firms),
        familiarity=np.zeros(count * world.kinds), given=np.zeros(count * world.surprises))


def lives(count: int) -> Life:
    """Where people stand at the start: all are customers, and their first visit is yet to be set (day −1)."""
    def zeros() -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.zeros(count, dtype=np.int64)

    return Life(np.full(count, -1.0), zeros(), np.full(count, CUSTOMER, dtype=np.int64), zeros(), zeros(),
                np.zeros(count), np.zeros(count), np.full(count, -1.0))


def ruler(market: Market, strategy: Strategy) -> Ruler:
    """The grids that keep this market's sums exact, and its checkpoints and bins.

    The grid of levels follows from people and firms alone, so that what other strategies there are moves no digit.
    """
    lowest, highest = _expectations(market)
    margin = 0.05 * (highest - lowest) or 1.0
    day_visits = market.people * max(1.0, 4.0 / min(_least_gap(segment) for segment in market.segments))
    bound = 2.0 ** max(6, ceil(log2(max(1.0, *(_largest_felt(segment, market) for segment in market.segments)))))
    gifts = sum(abs(move.cost) for move in strategy.moves if isinstance(move, Surprise))
    return Ruler(level_anchor=_anchor(bound * day_visits), square_anchor=_anchor(bound * bound * market.people / 16.0),
                 money_anchor=_anchor(max(1.0, gifts) * day_visits),
                 centre=sum(q * w for q, w in zip(market.firms[0].quality, market.weights, strict=True)),
                 visits=visit_rows(market), marks=np.linspace(0.0, float(market.horizon), MARKS), bins=BINS,
                 lowest=lowest - margin, width=(highest - lowest + 2.0 * margin) / BINS)


def _anchor(largest: float) -> float:
    """1.5·2⁵² grids, where the grid is the finest on which sums up to `largest` are exact."""
    return 1.5 * 2.0 ** (ceil(log2(largest)) - 1)


def _least_gap(segment: Segment) -> float:
    """The shortest mean time, days, after which people of this segment may come again."""
    gaps = [segment.traits[traits.EVERY].middle]
    if segment.traits[traits.EVERY_GOODWILL].may_differ(0.0):
        gaps.append(segment.traits[traits.SHORTEST].ends()[0])
    if segment.traits[traits.RETURN_SHARE].may_differ(0.0):
        gaps.append(segment.traits[traits.RETURN_AFTER].ends()[0])
    return max(traits.HOUR, min(gaps))


def _paths(market: Market) -> list[float]:
    """The levels that firms start at and, moves aside, end at."""
    seen: list[float] = []
    for firm in market.firms:
        for k, start in enumerate(firm.quality):
            leaps = 0.0 if firm.leaps is None else firm.leaps.by[k] * (market.horizon // firm.leaps.every)
            seen += [start, start + firm.improves[k] * market.horizon + leaps]
    return seen


def _largest_felt(segment: Segment, market: Market) -> float:
    """More than any level or felt value of this segment's people, points, moves of a usual size included."""
    levels = [*_paths(market), *(end for spread in (*segment.expects, *segment.norm) for end in spread.ends())]
    noise = 9.0 * max(max(firm.noise) for firm in market.firms)
    top = 8.0 * (max(abs(level) for level in levels) + noise + 1.0)
    gap = float(max(2.0, top / 8.0) ** max(1.0, segment.traits[traits.CURVATURE].ends()[-1]))
    losses = max(1.0, segment.traits[traits.LOSS_AVERSION].ends()[-1])
    return 8.0 * max(top, losses * gap, segment.traits[traits.DELIGHT_BONUS].ends()[-1])


def _expectations(market: Market) -> tuple[float, float]:
    """The lowest and highest expectation to plan bins for, under any strategy."""
    seen = _paths(market)
    best = max(seen)
    for segment in market.segments:
        for spread in (*segment.expects, *segment.norm):
            seen += spread.ends()
    for move in (move for strategy in market.strategies for move in strategy.moves):
        if isinstance(move, Upgrade):
            seen.append(best + move.by)
        elif isinstance(move, Promise):
            seen.append(move.level)
    return min(seen), max(seen)


def blank(market: Market, ruler: Ruler) -> Tally:
    """A tally with nothing counted yet."""
    return Tally(np.zeros((len(market.segments) * ruler.visits, VISIT_COLUMNS)), np.zeros((market.horizon, DAY_COLUMNS)),
                 np.zeros(CLOSING_COLUMNS), np.zeros(MARKS * BINS, dtype=np.int64))


def blocks(people: int, size: int) -> Iterator[tuple[int, int]]:
    """Consecutive blocks of people: (first, count)."""
    for first in range(0, people, size):
        yield first, min(size, people - first)

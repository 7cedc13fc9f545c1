"""A market as flat columns: what both engines read and write. Arrays here; the reference engine turns them into lists."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil, log2
from typing import Final, NamedTuple, TypeVar

import numpy as np

from sim.engine import clock
from sim.engine.clock import Schedule
from sim.engine.network import Friends, build
from sim.engine.population import Draws, People
from sim.engine.tally import (
    CLASSES,
    CLOSING_COLUMNS,
    DAY_COLUMNS,
    FLOW_COLUMNS,
    SAID_COLUMNS,
    VISIT_COLUMNS,
    WAITS,
    Ruler,
    Tally,
)
from sim.market import (
    EVERYONE,
    Contact,
    File,
    Market,
    Match,
    Move,
    Programme,
    Promise,
    Recovery,
    Research,
    Segment,
    Staff,
    Strategy,
    Surprise,
    Upgrade,
    Whom,
    Winback,
    chooses,
    coupled,
    differs,
    played,
    queues,
    talks,
    visit_rows,
)
from sim.rules import traits
from sim.rules.choose import NOWHERE
from sim.rules.column import Floats, Integers
from sim.rules.talk import KINDS, TOLD_LEVELS
from sim.rules.wait import EXPONENTIAL, FIXED, LOGNORMAL
from sim.rules.world import AIM_NUMBERS, NEVER, SEEN_NUMBERS, STAFF_NUMBERS, Mind, Town, World

Numbers = np.ndarray[tuple[int], np.dtype[np.float64]]
MARKS = 13
BINS = 64
LARGEST_ANSWER = 10.0
AWAY, CUSTOMER, ELSEWHERE, NOBODYS = range(4)
"""How she stands: left, our customer, a rival's customer, or nobody's yet; the last two only where people choose."""


class Life(NamedTuple):
    """Where people stand, a column each: day of the next occasion, occasions so far, how she stands, next checkpoint.

    complained: whether she ever spoke up. satisfaction, felt: sums over her visits. left_day: of the last leaving, −1 if never.
    answer, stated: what she last ticked on satisfaction and expectation, −1 if she never did; no rows without a survey. last:
    the firm of her last visit, `NOWHERE` before the first; no rows where nobody chooses. came, chosen: the day on which she
    came to wait and the firm, −1 while she does not wait; no rows where nobody does. The rest is of visits to ours.
    """

    next_day: Floats
    occasion: Integers
    standing: Integers
    mark: Integers
    complained: Integers
    satisfaction: Floats
    felt: Floats
    left_day: Floats
    answer: Floats
    stated: Floats
    last: Integers
    came: Floats
    chosen: Integers


APART: Final = ("next_day", "seen", "met")
"""Columns that never stand beside others: the day that is looked up of everybody, and scratch."""
Columns = TypeVar("Columns", Mind, Life)


def world(market: Market, strategy: Strategy, schedule: Schedule) -> World:
    """What our firm and its rivals do under a strategy, as the tables that a visit reads; they follow the schedule's."""
    acting = played(market, strategy)[:firms_chosen_among(market)]
    surprises, surprising = _of_all(acting, Surprise)
    promises, promising = _of_all(acting, Promise)
    recoveries, recovering = _of_all(acting, Recovery)
    contact = next((move for move in strategy.moves if isinstance(move, Contact)), None)
    programme = next((move for move in strategy.moves if isinstance(move, Programme)), None)
    winback = next((move for move in strategy.moves if isinstance(move, Winback)), None)
    tiers = () if programme is None else programme.tiers
    kinds = [move.kinds for move in surprises]
    aims = [*(move.to for move in surprises), *(move.to for move in recoveries), EVERYONE if contact is None else contact.to,
            EVERYONE if winback is None else winback.to]
    gifts = len(surprises) + (len(recoveries) + len(tiers) + 2 if recoveries or contact or programme or winback else 0)
    return World(
        firms=firms_chosen_among(market), attributes=len(market.attributes), rivals=len(market.firms) - 1,
        surprises=len(surprises), promises=len(promises), kinds=sum(kinds) if differs(market, traits.FAMILIARITY) else 0,
        recoveries=len(recoveries), tiers=len(tiers), gifts=gifts, days=market.horizon,
        remembers_peak=differs(market, traits.PEAK),
        noisy=any(any(firm.noise) for firm in market.firms[:firms_chosen_among(market)]),
        whole=True if asks_for_more(market) or chooses(market) or coupled(market) else None,
        choosing=True if chooses(market) else None, coupled=True if coupled(market) else None,
        joins=differs(market, traits.PROSPECT), talks=talks(market), mixed=market.network.kind == "mixed",
        queues=queues(market),
        recovers=bool(recoveries) or differs(market, traits.RECOVERY_WEIGHT), remembers_failures=fails(market),
        follows_up=contact is not None, keeps_files=any(isinstance(move, File) for move in strategy.moves),
        surveys=surveys(market), tracks=tracks(market), asks=any(market.asked), weighs_price=differs(market, traits.FAIRNESS),
        woos=winback is not None,
        weights=_floats(market.weights), quality=schedule.quality.reshape(-1), noise=schedule.noise.reshape(-1),
        rival_quality=schedule.rival_quality.reshape(-1),
        rival_noise=schedule.rival_noise.reshape(-1),
        surprise_firm=_integers(surprising), surprise_place=_integers(_places(surprising)),
        surprise_attribute=_integers([-1 if move.attribute is None else move.attribute for move in surprises]),
        surprise_size=_floats([move.size for move in surprises]),
        surprise_chance=_floats([1.0 if move.chance is None else move.chance for move in surprises]),
        surprise_every=_integers([move.every or 0 for move in surprises]),
        surprise_on_visit=_integers([move.on_visit or 0 for move in surprises]),
        surprise_kinds=_integers(kinds), surprise_first_kind=_integers(list(np.cumsum([0, *kinds])[:-1])),
        surprise_cost=_floats([move.cost for move in surprises]), surprise_rollout=schedule.surprises.reshape(-1),
        promise_firm=_integers(promising), promise_place=_integers(_places(promising)),
        promise_attribute=_integers([-1 if move.attribute is None else move.attribute for move in promises]),
        promise_level=_floats([move.level for move in promises]),
        promise_reach=_floats([move.reach for move in promises]),
        promise_rollout=schedule.promises.reshape(-1), promise_heard=schedule.heard.reshape(-1),
        recovery_firm=_integers(recovering),
        recovery=_floats([number for move in recoveries for number in _recovery(move)]),
        recovery_rollout=schedule.recoveries.reshape(-1), contact=_floats([] if contact is None else _contact(contact)),
        contact_rollout=schedule.contact, winback=_floats([] if winback is None else _winback(winback)),
        winback_rollout=schedule.winback, programme=schedule.programme,
        tier=_floats([number for tier in tiers for number in (float(tier.visits), tier.lift, tier.cost)]),
        file=schedule.file, aims=_floats([number for aim in aims for number in _aim(aim)]),
        believed=schedule.believed.reshape(-1), designed=schedule.designed.reshape(-1),
        asked=_floats([level for one in market.asked
                       for level in ((np.nan, np.nan) if one is None else (one.absent, one.present))]),
        reaches=market.network.degree / market.people,
        staff=_floats([number for firm in market.firms for number in _staff(firm.staff)]),
        on_duty=schedule.on_duty[:, :firms_chosen_among(market)].reshape(-1),
        waits=_floats([1.0 if one else 0.0 for one in market.waits]),
        price=schedule.price.reshape(-1), listed=_floats([firm.price for firm in market.firms]))


Kind = TypeVar("Kind", Surprise, Promise, Recovery)


def _of_all(acting: Sequence[Strategy], kind: type[Kind]) -> tuple[list[Kind], list[int]]:
    """The moves of a kind that these firms make, firm by firm, and beside each the position of its firm."""
    found = [(move, firm) for firm, strategy in enumerate(acting) for move in strategy.moves if isinstance(move, kind)]
    return [move for move, _ in found], [firm for _, firm in found]


def _places(firms: list[int]) -> list[int]:
    """The place of each move among those of its own firm."""
    return [firms[:at].count(firm) for at, firm in enumerate(firms)]


def firms_chosen_among(market: Market) -> int:
    """How many firms people go to: all of them where anybody chooses, else ours alone."""
    return len(market.firms) if chooses(market) else 1


def form(market: Market) -> str:
    """Which form of a visit a market needs: one of `cache.FORMS`."""
    if coupled(market):
        return "coupled choosing" if chooses(market) else "coupled"
    return "choosing" if chooses(market) else "whole" if asks_for_more(market) else "plain"


def tracks(market: Market) -> bool:
    """Whether the levels behind the five gaps are kept by attribute: where anything but delivery itself sets them apart."""
    ours = market.firms[0]
    apart = any(ours.shortfall) or ours.believes != ours.quality
    moves = [move for strategy in market.strategies for move in strategy.moves]
    return apart or any(isinstance(move, Research | Match | Promise) for move in moves)


def asks_for_more(market: Market) -> bool:
    """Whether any strategy of a market asks for more than the plain visit: for anything that stands behind `World.whole`."""
    moves = [move for strategy in market.strategies for move in strategy.moves]
    more = any(isinstance(move, Recovery | Contact | Programme | File | Winback) for move in moves)
    people = any(differs(market, trait) for trait in (traits.RECOVERY_WEIGHT, traits.SERVED, traits.VENTS,
                                                              traits.PROSPECT, traits.FAIRNESS))
    return more or people or fails(market) or surveys(market) or tracks(market) or any(market.asked)


def fails(market: Market) -> bool:
    """Whether failures are remembered, and anything follows from it."""
    return differs(market, traits.FAILURE_MEMORY) and differs(market, traits.LEAVING_FAILURES)


def surveys(market: Market) -> bool:
    """Whether a survey is a survey: some do not answer, or do not tick what they mean."""
    return differs(market, traits.ANSWERS) or differs(market, traits.SURVEY_NOISE)


def _aim(to: Whom) -> list[float]:
    """Whom a move is for, as the numbers of `rules.world`."""
    found = [-1.0 if to.segment is None else float(to.segment), float(to.from_visit or 1),
             NEVER if to.to_visit is None else float(to.to_visit), 1.0 if to.disappointed else 0.0,
             NEVER if to.goodwill_below is None else to.goodwill_below]
    assert len(found) == AIM_NUMBERS
    return found


def _recovery(move: Recovery) -> list[float]:
    return [move.remedy, move.within, move.apology + move.follow_up, move.compensation, move.share, move.proactive, move.cost]


def _staff(staff: Staff | None) -> list[float]:
    """A firm's staff as the numbers of `rules.world`; no hands where nobody waits."""
    if staff is None:
        return [0.0] * STAFF_NUMBERS
    return [float(staff.servers), staff.minutes, float(_LAWS[staff.varies]), staff.sd]


_LAWS = {"fixed": FIXED, "exponential": EXPONENTIAL, "lognormal": LOGNORMAL}


def _contact(move: Contact) -> list[float]:
    return [move.first, move.second, move.every, move.finds, move.refreshes, move.cost]


def _winback(move: Winback) -> list[float]:
    return [move.persuades, move.after, move.lift, move.cost]


def _floats(values: tuple[float, ...] | list[float]) -> Numbers:
    return np.array(values, dtype=np.float64)


def _integers(values: list[int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array(values, dtype=np.int64)


def trait_column(people: People, trait: int) -> Numbers:
    """One trait of each of these people."""
    count = len(people.segment)
    for row in np.flatnonzero(people.differing == trait).tolist():
        return people.drawn[row * count:(row + 1) * count]
    return people.fixed[people.segment * len(traits.TRAITS) + trait]


def minds(people: People, world: World) -> Mind:
    """What these people hold in mind before the first visit: the same of every firm."""
    count, firms = len(people.segment), world.firms
    goodwill, trust = trait_column(people, traits.GOODWILL_STARTS), trait_column(people, traits.TRUST)
    expectation = np.repeat(people.expects.reshape(count, 1, world.attributes), firms, axis=1).reshape(-1)
    return together(world, Mind(
        expectation=expectation, peak=expectation.copy() if world.remembers_peak else np.zeros(0),
        norm=people.norm.copy(), goodwill=np.repeat(goodwill, firms), last_day=np.zeros(count * firms),
        last_satisfaction=np.zeros(count * firms), visits=np.zeros(count * firms), trust=np.repeat(trust, firms),
        familiarity=np.zeros(count * world.kinds), given=np.zeros(count * world.gifts),
        recovery=np.repeat(trait_column(people, traits.RECOVERY_EXPECTS), firms) if world.recovers else np.zeros(0),
        failures=np.zeros(count * firms if world.remembers_failures else 0),
        contacted=np.zeros(count * firms if world.follows_up else 0),
        status=np.tile([-1.0, 0.0, 0.0, 0.0, 0.0], count if world.tiers else 0),
        seen=np.zeros(SEEN_NUMBERS * world.attributes if world.tracks else 0),
        fresh=np.zeros(count if world.talks else 0),
        swayed=np.zeros(count * firms if world.talks else 0), met=np.zeros(world.attributes if world.talks else 0),
        fair=reference_prices(people, world) if world.weighs_price else np.zeros(0),
        wooed=np.zeros(count if world.woos else 0)))


def reference_prices(people: People, world: World) -> Numbers:
    """The price of each firm that these people think fair before the first visit: their own, or what the firm starts with."""
    starts = np.repeat(trait_column(people, traits.FAIRNESS_STARTS), world.firms)
    listed = np.tile(np.asarray(world.listed)[:world.firms], len(people.segment))
    return np.where(starts == traits.TRAITS[traits.FAIRNESS_STARTS].off, listed, starts)


def lives(people: People, world: World) -> Life:
    """Where people stand at the start: all but prospects are customers, or nobody's where people choose; no day is set yet
    (−1)."""
    count = len(people.segment)

    def zeros() -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.zeros(count, dtype=np.int64)

    asked, choosing = count if world.surveys else 0, count if world.choosing is not None else 0
    waiting = count if world.queues else 0
    stands = np.where(people.prospect, NOBODYS, CUSTOMER) if world.choosing is None else np.full(count, NOBODYS)
    return together(world, Life(np.full(count, -1.0), zeros(), stands.astype(np.int64), zeros(), zeros(),
                np.zeros(count), np.zeros(count), np.full(count, -1.0), np.full(asked, -1.0), np.full(asked, -1.0),
                np.full(choosing, NOWHERE, dtype=np.int64), np.full(waiting, -1.0), np.full(waiting, NOWHERE, dtype=np.int64)))


def together(world: World, columns: Columns) -> Columns:
    """The same columns where people live day by day together, those of one length side by side: then what a person holds lies
    together, and her turn fetches a few lines of memory instead of one for every column."""
    if world.coupled is None:
        return columns
    values = {name: np.asarray(column) for name, column in columns._asdict().items() if name not in APART}
    for length in {len(column) for column in values.values()}:
        those = [name for name, column in values.items() if len(column) == length]
        # One more column, so that even a single one has others' numbers in between; one more row for `kernel.alike`.
        table = np.zeros((length + 1, 1 + len(those)))
        for place, name in enumerate(those):
            column = table.view(values[name].dtype)[:length, place]
            column[:] = values[name]
            values[name] = column
    return columns._replace(**values)


def town(market: Market, world: World, replication: int, draws: Draws) -> Town:
    """What people have in common before anything is said and before anybody comes."""
    def integers(count: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.zeros(count, dtype=np.int64)

    firms, said = world.firms, KINDS * (1 + world.attributes)
    heard = np.zeros((market.horizon + 1) * firms * said if world.talks and world.mixed else 0)
    told = np.full(market.people * 2 * (TOLD_LEVELS + world.attributes) if world.talks and not world.mixed else 0, -1.0)
    duty = np.asarray(world.on_duty).reshape(market.horizon, firms, 2)[:, :, 0]
    hands = int(duty.max())
    free, busy = np.zeros(firms * hands), integers(2 * firms)
    busy[::2] = duty[0]
    friends = Friends(integers(0), integers(0))
    if len(told):
        friends = build(market.network, market.people, market.seed, replication, draws)
    return Town(heard, told, friends.starts, friends.friends, hands, free, busy)


def ruler(market: Market, strategy: Strategy) -> Ruler:
    """The grids that keep this market's sums exact, and its checkpoints and bins.

    The grid of levels follows from people and firms alone, so that what other strategies there are moves no digit.
    """
    lowest, highest = _expectations(market)
    margin = 0.05 * (highest - lowest) or 1.0
    day_visits = market.people * max(1.0, 4.0 / min(_least_gap(segment) for segment in market.segments))
    bound = 2.0 ** max(6, ceil(log2(max(1.0, *(_largest_felt(segment, market) for segment in market.segments)))))
    acting = played(market, strategy)[:firms_chosen_among(market)]
    gifts = max(sum(_dearest(move) for move in one.moves) for one in acting)
    largest_square = max(bound * bound, LARGEST_ANSWER * LARGEST_ANSWER * 16.0 * visit_rows(market))
    return Ruler(level_anchor=_anchor(bound * day_visits), square_anchor=_anchor(largest_square * market.people / 16.0),
                 money_anchor=_anchor(max(1.0, gifts) * day_visits),
                 centre=sum(q * w for q, w in zip(market.firms[0].quality, market.weights, strict=True)),
                 visits=visit_rows(market), marks=np.linspace(0.0, float(market.horizon), MARKS), bins=BINS,
                 lowest=lowest - margin, width=(highest - lowest + 2.0 * margin) / BINS)


def _dearest(move: Move) -> float:
    """More than a move costs at one visit, where what it costs depends on the person."""
    if isinstance(move, Surprise | Winback):
        return abs(move.cost)
    if isinstance(move, Recovery):
        return abs(move.cost) + abs(move.compensation)
    if isinstance(move, Contact):
        return abs(move.cost) * 1000.0
    return max(abs(tier.cost) for tier in move.tiers) if isinstance(move, Programme) else 0.0


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
    served = max(abs(end) for end in segment.traits[traits.SERVED].ends())
    top = 8.0 * (max(abs(level) for level in levels) + served + noise + 1.0)
    gap = float(max(2.0, top / 8.0) ** max(1.0, segment.traits[traits.CURVATURE].ends()[-1]))
    losses = max(1.0, segment.traits[traits.LOSS_AVERSION].ends()[-1])
    fair = segment.traits[traits.FAIRNESS].ends()[-1] * _dearest_price(segment, market)
    unfair = float(fair ** max(1.0, segment.traits[traits.CURVATURE].ends()[-1]))
    return 8.0 * max(top, losses * (gap + unfair), segment.traits[traits.DELIGHT_BONUS].ends()[-1])


def _dearest_price(segment: Segment, market: Market) -> float:
    """The highest price that this segment's people may think of, firms' moves aside."""
    starts = [end for end in segment.traits[traits.FAIRNESS_STARTS].ends() if end > traits.TRAITS[traits.FAIRNESS_STARTS].off]
    return max([*(firm.price for firm in market.firms), *starts])


def _expectations(market: Market) -> tuple[float, float]:
    """The lowest and highest expectation to plan bins for, under any strategy."""
    seen = _paths(market)
    best = max(seen)
    for segment in market.segments:
        for spread in (*segment.expects, *segment.norm):
            seen += spread.ends()
        seen += [level + served for level in (best, *_paths(market)) for served in segment.traits[traits.SERVED].ends()]
    theirs = [strategy for firm in market.firms[1:] for strategy in firm.strategies]
    for move in (move for strategy in (*market.strategies, *theirs) for move in strategy.moves):
        if isinstance(move, Upgrade):
            seen.append(best + move.by)
        elif isinstance(move, Promise):
            seen.append(move.level)
        elif isinstance(move, Programme):
            seen += [best + tier.lift for tier in move.tiers]
    for strategy in market.strategies:
        seen.append(best + _climb(market, strategy))
    return min(seen), max(seen)


def _climb(market: Market, strategy: Strategy) -> float:
    """How far matching what is asked may carry a standard, points: each survey adds at most what it is topped and biased by."""
    tops = [move.by for move in strategy.moves if isinstance(move, Match)]
    biases = [move.bias + 3.0 * move.noise for move in strategy.moves if isinstance(move, Research)]
    asked = len(clock.surveys(strategy))
    visits = market.horizon / min(_least_gap(segment) for segment in market.segments)
    return min(float(asked), visits) * (max(tops) + max(biases)) if tops and biases else 0.0


def blank(market: Market, ruler: Ruler) -> Tally:
    """A tally with nothing counted yet."""
    rows, attributes = len(market.segments) * ruler.visits, len(market.attributes)
    firms, choosing = firms_chosen_among(market), chooses(market)
    return Tally(np.zeros((rows, VISIT_COLUMNS)), np.zeros((market.horizon * firms, DAY_COLUMNS)),
                 np.zeros(CLOSING_COLUMNS), np.zeros(MARKS * BINS, dtype=np.int64),
                 np.zeros((rows * attributes if tracks(market) else 0, SEEN_NUMBERS)),
                 np.zeros(MARKS * attributes * CLASSES if any(market.asked) else 0, dtype=np.int64),
                 np.zeros(rows), np.zeros((market.horizon * firms, SAID_COLUMNS)),
                 np.zeros((market.horizon * firms if choosing else 0, FLOW_COLUMNS)),
                 np.zeros((firms * firms if choosing else 0, 2)),
                 np.zeros((market.horizon * firms if talks(market) else 0, KINDS * (1 + attributes))),
                 np.zeros((market.horizon * firms if queues(market) else 0, WAITS)), np.zeros((firms if choosing else 0, 2)))


def blocks(people: int, size: int) -> Iterator[tuple[int, int]]:
    """Consecutive blocks of people: (first, count)."""
    for first in range(0, people, size):
        yield first, min(size, people - first)

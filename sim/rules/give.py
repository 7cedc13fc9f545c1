"""Give: what a firm does for her at this visit beyond its standard: surprises, status, which ours alone has, and the luck of
delivery."""

from sim import luck
from sim.rules import belong, traits
from sim.rules.column import Floats, Integers
from sim.rules.experience import deviation
from sim.rules.learn import credit, grow_familiar
from sim.rules.world import (
    AIM_BELOW,
    AIM_DISAPPOINTED,
    AIM_FROM,
    AIM_NUMBERS,
    AIM_SEGMENT,
    AIM_TO,
    NEVER,
    PROGRAMME_ATTRIBUTE,
    PROGRAMME_FROM,
    PROGRAMME_PERIOD,
    PROGRAMME_UNTIL,
    Mind,
    Who,
    World,
)


def its_own(world: World, whose: Integers, move: int, firm: int) -> bool:
    """Whether a move is made by this firm. Where nobody chooses, the moves in the lists are ours, as are all visits."""
    return world.choosing is None or whose[move] == firm


def on_file(who: Who, world: World, day: int) -> bool:
    """Whether the firm's file of her is current today; a firm that keeps none, or not yet (−1), is taken to know everybody."""
    if world.whole is None or not world.keeps_files or who.firm > 0 or world.file[day] < 0.0:
        return True
    return luck.luck(who.low, who.high, who.replication, who.customer, 0, luck.FILE, 0) < world.file[day]


def meant(who: Who, world: World, aim: int, day: int, number: float, last: float, goodwill: float) -> bool:
    """Whether a move with aim number `aim` is for her at visit `number`: all it asks holds, and the firm knows it.

    last: the satisfaction that makes a disappointment; goodwill: as the firm finds it when it asks.
    """
    spot = aim * AIM_NUMBERS
    segment, first, upto = world.aims[spot + AIM_SEGMENT], world.aims[spot + AIM_FROM], world.aims[spot + AIM_TO]
    disappointed, below = world.aims[spot + AIM_DISAPPOINTED] > 0.0, world.aims[spot + AIM_BELOW]
    if segment < 0.0 and first <= 1.0 and upto == NEVER and not disappointed and below == NEVER:
        return True
    fits = ((segment < 0.0 or float(who.segment) == segment) and first <= number <= upto
            and (not disappointed or last < 0.0) and goodwill < below)
    return fits and on_file(who, world, day)


def fires(who: Who, world: World, mind: Mind, s: int, day: int, at: int, u: float) -> bool:
    """Whether surprise move s comes to her at this visit: aimed at her, due, and lucky (u below chance × roll-out)."""
    rollout = world.surprise_rollout[day * world.surprises + s]
    if rollout <= 0.0:
        return False
    number = int(mind.visits[at]) + 1
    every = world.surprise_every[s]
    only = world.surprise_on_visit[s]
    if (every > 0 and number % every != 0) or (only > 0 and number != only):
        return False
    return u < world.surprise_chance[s] * rollout and meant(who, world, s, day, float(number), mind.last_satisfaction[at],
                                                            mind.goodwill[at])


def kind_of(who: Who, world: World, mind: Mind, s: int) -> int:
    """Which kind surprise s would be this time: its kinds come in turn. A position in a person's row of familiarity."""
    turn = int(mind.given[who.place * world.gifts + s])
    return world.surprise_first_kind[s] + turn % world.surprise_kinds[s]


def choose_surprises(who: Who, world: World, mind: Mind, day: int, at: int, first_luck: float) -> int:
    """The surprises of this visit, as bits: bit s is set when the firm's move s fires. `first_luck` is that of its move 0."""
    came = 0
    for s in range(world.surprises):
        if its_own(world, world.surprise_firm, s, who.firm):
            place = world.surprise_place[s]
            u = first_luck
            if place > 0:
                u = luck.luck(who.low, who.high, who.replication, who.customer, who.occasion, luck.SERVICE, 2 * place + 1)
            if fires(who, world, mind, s, day, at, u):
                came |= 1 << place
    return came


def surprised(who: Who, world: World, came: int, s: int) -> bool:
    """Whether surprise move s is one of this visit's: the firm's own, and its bit set."""
    return its_own(world, world.surprise_firm, s, who.firm) and (came >> world.surprise_place[s] & 1) == 1


def lifted(who: Who, person: Floats, world: World, mind: Mind, came: int, k: int) -> tuple[float, float]:
    """What the surprises of this visit add to attribute k, points, and how much of it teaches (the least known decides)."""
    lift, teaches = 0.0, 1.0
    for s in range(world.surprises):
        if surprised(who, world, came, s) and (world.surprise_attribute[s] < 0 or world.surprise_attribute[s] == k):
            lift += world.surprise_size[s]
            known = mind.familiarity[who.place * world.kinds + kind_of(who, world, mind, s)] if world.kinds > 0 else 0.0
            counts = credit(person[traits.CREDIT], known)
            teaches = counts if counts < teaches else teaches
    return lift, teaches


def delivery_noise(who: Who, world: World, day: int, k: int, first_luck: float) -> float:
    """How far the delivery of attribute k strays today, points; `first_luck` is the luck of attribute 0."""
    sd = world.noise[day * world.attributes + k]
    if world.choosing is not None and who.firm > 0:
        sd = world.rival_noise[(day * world.rivals + who.firm - 1) * world.attributes + k]
    if sd <= 0.0:
        return 0.0
    u = first_luck
    if k > 0:
        u = luck.luck(who.low, who.high, who.replication, who.customer, who.occasion, luck.SERVICE, 2 * k)
    return deviation(sd, u)


def take_surprises(who: Who, person: Floats, world: World, mind: Mind, came: int) -> float:
    """What the visit's surprises cost the firm; its kinds that came grow familiar, its others fade, turns move on."""
    cost = 0.0
    for s in range(world.surprises):
        if world.kinds > 0 and its_own(world, world.surprise_firm, s, who.firm):
            kind = kind_of(who, world, mind, s)
            for h in range(world.surprise_first_kind[s], world.surprise_first_kind[s] + world.surprise_kinds[s]):
                spot = who.place * world.kinds + h
                mind.familiarity[spot] = grow_familiar(mind.familiarity[spot], person[traits.FAMILIARITY],
                                                       surprised(who, world, came, s) and h == kind)
        if surprised(who, world, came, s):
            cost += world.surprise_cost[s]
            mind.given[who.place * world.gifts + s] += 1.0
    return cost


def status(who: Who, world: World, mind: Mind, day: int) -> int:
    """Her tier in the loyalty programme at this visit, which is counted; 0 where there is none, or none today."""
    start = world.programme[PROGRAMME_FROM]
    if float(day) < start or float(day) >= world.programme[PROGRAMME_UNTIL]:
        mind.status[who.place * belong.ROW + belong.NOW] = 0.0
        return 0
    period = float(int((float(day) - start) / world.programme[PROGRAMME_PERIOD]))
    return belong.belong(mind.status, who.place * belong.ROW, world.tier, world.tiers, period)


def benefit(world: World, tier: int, k: int) -> float:
    """What her tier adds to attribute k, points."""
    if tier == 0:
        return 0.0
    lifts = world.programme[PROGRAMME_ATTRIBUTE]
    return world.tier[(tier - 1) * 3 + belong.LIFT] if lifts < 0.0 or lifts == float(k) else 0.0


def fee(who: Who, world: World, mind: Mind, tier: int) -> float:
    """What her tier costs the firm at this visit, money; the visit is counted as one in that tier."""
    if tier == 0:
        return 0.0
    mind.given[who.place * world.gifts + world.surprises + world.recoveries + tier] += 1.0
    return world.tier[(tier - 1) * 3 + belong.COST]

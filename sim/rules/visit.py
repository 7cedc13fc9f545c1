"""A visit, from the first memory of the last one to the decision to come again: the rules in the order they happen.

`visit` reads as the model's definition. It touches nothing but the columns of one person's `Mind`, reads what the
firm does that day in `World`, and looks her luck up. Interpreted by the reference engine, compiled by the fast one.
"""

from typing import NamedTuple

from sim import luck
from sim.rules import traits
from sim.rules.column import Floats, Integers
from sim.rules.decide import first_gap, gap, leaving_chance, mean_gap
from sim.rules.expect import standard
from sim.rules.experience import deviation, perceived
from sim.rules.forget import forget, kept
from sim.rules.hear import believe, both_spreads, doubt, exposures, spill, teach
from sim.rules.judge import delight, felt
from sim.rules.learn import credit, gain, grow_familiar, learn, remember
from sim.rules.react import answer, complaint_chance

NEVER = float("inf")
EVERYONE, SEGMENT, DISAPPOINTED, AT_RISK = 0, 1, 2, 3


class Mind(NamedTuple):
    """What people hold in mind, flat columns: person i, firm j, attribute k at ((i·J + j)·K + k), and so on.

    expectation, peak: by person, firm, attribute, points. norm: by person, attribute, points. goodwill, last_day,
    last_satisfaction, visits, trust: by person and firm. familiarity: by person and kind. given: surprises had, by
    person and surprise move. peak and familiarity have no rows while their mechanism is off.
    """

    expectation: Floats
    peak: Floats
    norm: Floats
    goodwill: Floats
    last_day: Floats
    last_satisfaction: Floats
    visits: Floats
    trust: Floats
    familiarity: Floats
    given: Floats


class World(NamedTuple):
    """What firms do, day by day, as flat tables: quality and noise of ours at day·K + k, rivals' quality at
    (day·R + r)·K + k and their noise at r·K + k.

    Surprise move s: which attribute (−1: all), points, chance, every n-th visit (0: by chance), only on visit n (0: any),
    number of kinds and position of the first, whom, which segment, goodwill at risk, cost; its roll-out at day·S + s.
    Promise p: attribute (−1: all), level, reach; its roll-out, and the highest so far, at day·M + p.
    """

    firms: int
    attributes: int
    rivals: int
    surprises: int
    promises: int
    kinds: int
    remembers_peak: bool
    noisy: bool
    weights: Floats
    quality: Floats
    noise: Floats
    rival_quality: Floats
    rival_noise: Floats
    surprise_attribute: Integers
    surprise_size: Floats
    surprise_chance: Floats
    surprise_every: Integers
    surprise_on_visit: Integers
    surprise_kinds: Integers
    surprise_first_kind: Integers
    surprise_to: Integers
    surprise_segment: Integers
    surprise_below: Floats
    surprise_cost: Floats
    surprise_rollout: Floats
    promise_attribute: Integers
    promise_level: Floats
    promise_reach: Floats
    promise_rollout: Floats
    promise_heard: Floats


class Who(NamedTuple):
    """One person at one occasion: the words of the seed, and where she stands in the columns."""

    low: int
    high: int
    replication: int
    customer: int
    occasion: int
    segment: int
    place: int
    firm: int


class Lucks(NamedTuple):
    """Her luck at one occasion, uniforms: for leaving, for the gap to the next visit, for complaining, for hearing of a
    rival, for the first attribute's noise and for the first surprise. More attributes and surprises look up their own."""

    leave: float
    gap: float
    complain: float
    hear: float
    noise: float
    surprise: float


class Felt(NamedTuple):
    """What one visit was: weighted levels in points, then what happened (0 or 1), and what it cost the firm."""

    expectation: float
    norm: float
    standard: float
    experience: float
    satisfaction: float
    felt: float
    surprised: float
    complained: float
    answer: float
    cost: float


def fires(who: Who, world: World, mind: Mind, s: int, day: int, at: int, u: float) -> bool:
    """Whether surprise move s comes to her at this visit: aimed at her, due, and lucky (u below chance × roll-out)."""
    rollout = world.surprise_rollout[day * world.surprises + s]
    if rollout <= 0.0:
        return False
    to = world.surprise_to[s]
    if to == SEGMENT and who.segment != world.surprise_segment[s]:
        return False
    if to == DISAPPOINTED and not mind.last_satisfaction[at] < 0.0:
        return False
    if to == AT_RISK and not mind.goodwill[at] < world.surprise_below[s]:
        return False
    number = int(mind.visits[at]) + 1
    every = world.surprise_every[s]
    only = world.surprise_on_visit[s]
    if (every > 0 and number % every != 0) or (only > 0 and number != only):
        return False
    return u < world.surprise_chance[s] * rollout


def kind_of(who: Who, world: World, mind: Mind, s: int) -> int:
    """Which kind surprise s would be this time: its kinds come in turn. A position in a person's row of familiarity."""
    turn = int(mind.given[who.place * world.surprises + s])
    return world.surprise_first_kind[s] + turn % world.surprise_kinds[s]


def choose_surprises(who: Who, world: World, mind: Mind, day: int, at: int, first_luck: float) -> int:
    """The surprises of this visit, as bits: bit s is set when move s fires. `first_luck` is the luck of move 0."""
    came = 0
    for s in range(world.surprises):
        u = first_luck
        if s > 0:
            u = luck.luck(who.low, who.high, who.replication, who.customer, who.occasion, luck.SERVICE, 2 * s + 1)
        if fires(who, world, mind, s, day, at, u):
            came |= 1 << s
    return came


def listen(who: Who, world: World, day: int, first: bool) -> int:
    """The promises she has in her ear at this visit, as bits: running now or, before a first visit, ever run so far."""
    heard = 0
    for p in range(world.promises):
        spot = day * world.promises + p
        share = world.promise_reach[p] * (world.promise_heard[spot] if first else world.promise_rollout[spot])
        if share > 0.0 and luck.luck(who.low, who.high, who.replication, who.customer, 0, luck.REACH, p) < share:
            heard |= 1 << p
    return heard


def hear_rival(who: Who, person: Floats, world: World, day: int, exposure: int, k: int) -> float:
    """The level of attribute k, points, that one exposure to some rival shows her: a delivery of that day, imprecisely told."""
    u = luck.luck(who.low, who.high, who.replication, who.customer, who.occasion, luck.HEARSAY, exposure)
    rival = int(u * world.rivals)
    seen = world.rival_quality[(day * world.rivals + rival) * world.attributes + k]
    sd = both_spreads(world.rival_noise[rival * world.attributes + k], person[traits.HEARS_NOISE])
    if sd > 0.0:
        index = exposure * world.attributes + k
        u = luck.luck(who.low, who.high, who.replication, who.customer, who.occasion, luck.HEARD_LEVEL, index)
        seen += deviation(sd, u)
    return seen


def hear_rivals(who: Who, person: Floats, world: World, day: int, heard: int, k: int, norm: float,
                expectation: float) -> tuple[float, float]:
    """After `heard` exposures: her norm for attribute k, and by how much they pull at her expectation, points."""
    pulled = expectation
    for exposure in range(heard):
        seen = hear_rival(who, person, world, day, exposure, k)
        norm = teach(norm, seen, person[traits.NORM_UP], person[traits.NORM_DOWN])
        pulled += spill(pulled, seen, person[traits.SPILLOVER], person[traits.UPWARD_ONLY])
    return norm, pulled - expectation


def promised(world: World, promises: int, p: int, k: int) -> bool:
    """Whether promise p is in her ear and speaks of attribute k."""
    return (promises >> p & 1) == 1 and (world.promise_attribute[p] < 0 or world.promise_attribute[p] == k)


def lifted(who: Who, person: Floats, world: World, mind: Mind, came: int, k: int) -> tuple[float, float]:
    """What the surprises of this visit add to attribute k, points, and how much of it teaches (the least known decides)."""
    lift, teaches = 0.0, 1.0
    for s in range(world.surprises):
        if (came >> s & 1) == 1 and (world.surprise_attribute[s] < 0 or world.surprise_attribute[s] == k):
            lift += world.surprise_size[s]
            known = mind.familiarity[who.place * world.kinds + kind_of(who, world, mind, s)] if world.kinds > 0 else 0.0
            counts = credit(person[traits.CREDIT], known)
            teaches = counts if counts < teaches else teaches
    return lift, teaches


def look_up(who: Who, world: World) -> Lucks:
    """Her luck at this occasion; what nothing asks for is not looked up."""
    noise, surprise = 0.5, 1.0
    if world.surprises > 0 or world.noisy:
        noise, surprise = luck.pair(who.low, who.high, who.replication, who.customer, who.occasion, luck.SERVICE, 0)
    leave, gap, complain, hear = luck.four(who.low, who.high, who.replication, who.customer, who.occasion, luck.CHOICES)
    return Lucks(leave, gap, complain, hear, noise, surprise)


def delivery_noise(who: Who, world: World, day: int, k: int, first_luck: float) -> float:
    """How far the delivery of attribute k strays today, points; `first_luck` is the luck of attribute 0."""
    sd = world.noise[day * world.attributes + k]
    if sd <= 0.0:
        return 0.0
    u = first_luck
    if k > 0:
        u = luck.luck(who.low, who.high, who.replication, who.customer, who.occasion, luck.SERVICE, 2 * k)
    return deviation(sd, u)


def visit(who: Who, person: Floats, lucks: Lucks, day: int, when: float, world: World, mind: Mind) -> Felt:
    """One visit of one person at one firm: forget, hear, expect, experience, judge, react, learn.

    `person`: her traits by position. `lucks`: from `look_up`. `day`: whole day, `when`: days since the start. Changes her
    columns of `mind` and returns what the visit was. Deciding is apart (`next_visit`): a later occasion may choose a firm.
    """
    at = who.place * world.firms + who.firm
    since = when - mind.last_day[at]
    holds = kept(person[traits.HALF_LIFE], since) if mind.visits[at] > 0.0 else 1.0
    heard = exposures(person[traits.HEARS_EVERY], since, person[traits.HEARS_CHANCE], lucks.hear) if world.rivals > 0 else 0
    came = choose_surprises(who, world, mind, day, at, lucks.surprise)
    promises = listen(who, world, day, mind.visits[at] == 0.0)
    broken = False
    expected, normal, compared, experienced, satisfaction, value = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for k in range(world.attributes):
        spot, norm_spot, weight = at * world.attributes + k, who.place * world.attributes + k, world.weights[k]
        expectation = forget(mind.expectation[spot], mind.norm[norm_spot], holds)
        # Hearsay pulls at the expectation when she learns, so that rivals and this visit act on it at once.
        norm, pull = hear_rivals(who, person, world, day, heard, k, mind.norm[norm_spot], expectation)
        for p in range(world.promises):
            if promised(world, promises, p, k):
                expectation = believe(expectation, world.promise_level[p], mind.trust[at])
        best = mind.peak[spot] if world.remembers_peak else expectation
        reference = standard(expectation, norm, person[traits.NORM_WEIGHT], best, person[traits.PEAK])

        lift, teaches = lifted(who, person, world, mind, came, k)
        given = world.quality[day * world.attributes + k] + lift + delivery_noise(who, world, day, k, lucks.noise)
        experience = perceived(given, reference, person[traits.ASSIMILATION])

        shortfall_or_gain = experience - reference
        expected += weight * expectation
        normal += weight * norm
        compared += weight * reference
        experienced += weight * experience
        satisfaction += weight * shortfall_or_gain
        value += weight * felt(shortfall_or_gain, person[traits.TOLERANCE], person[traits.CURVATURE],
                               person[traits.LOSS_AVERSION])
        for p in range(world.promises):
            broken = broken or (promised(world, promises, p, k) and experience < world.promise_level[p])

        moves = gain(person[traits.LEARN_UP], person[traits.LEARN_DOWN], person[traits.BAYESIAN], mind.visits[at],
                     experience > expectation)
        mind.expectation[spot] = learn(expectation, experience, moves, teaches) + pull
        mind.norm[norm_spot] = norm
        if world.remembers_peak and experience > mind.peak[spot]:
            mind.peak[spot] = experience

    value += delight(satisfaction, person[traits.DELIGHT_THRESHOLD], person[traits.DELIGHT_BONUS])
    complained = 1.0 if lucks.complain < complaint_chance(satisfaction, person[traits.COMPLAINING]) else 0.0
    cost = take_surprises(who, person, world, mind, came)
    if broken:
        mind.trust[at] = doubt(mind.trust[at], person[traits.TRUST_FALLS])
    mind.goodwill[at] = remember(mind.goodwill[at], value, person[traits.GOODWILL_MEMORY])
    mind.last_satisfaction[at] = satisfaction
    mind.last_day[at] = when
    mind.visits[at] += 1.0
    return Felt(expected, normal, compared, experienced, satisfaction, value, 1.0 if came else 0.0, complained,
                answer(experienced, satisfaction, person[traits.SURVEY_GAP]), cost)


def take_surprises(who: Who, person: Floats, world: World, mind: Mind, came: int) -> float:
    """What the visit's surprises cost the firm; the kinds that came grow familiar, the others fade, turns move on."""
    cost = 0.0
    for s in range(world.surprises):
        if world.kinds > 0:
            kind = kind_of(who, world, mind, s)
            for h in range(world.surprise_first_kind[s], world.surprise_first_kind[s] + world.surprise_kinds[s]):
                spot = who.place * world.kinds + h
                mind.familiarity[spot] = grow_familiar(mind.familiarity[spot], person[traits.FAMILIARITY],
                                                       (came >> s & 1) == 1 and h == kind)
        if came >> s & 1:
            cost += world.surprise_cost[s]
            mind.given[who.place * world.surprises + s] += 1.0
    return cost


def leaves(person: Floats, goodwill: float, visits: float, u: float) -> bool:
    """Whether she leaves the firm after this visit; u is her luck."""
    return u < leaving_chance(person[traits.LEAVING_BASE], person[traits.LEAVING_GOODWILL], goodwill,
                              person[traits.LEAVING_TENURE], visits)


def expected_gap(person: Floats, goodwill: float) -> float:
    """Days between her visits on average, at this goodwill."""
    return mean_gap(person[traits.EVERY], person[traits.EVERY_GOODWILL], goodwill, person[traits.SHORTEST],
                    person[traits.LONGEST])


def comes_again(person: Floats, goodwill: float, u: float) -> float:
    """Days until she comes again."""
    return gap(expected_gap(person, goodwill), person[traits.RANDOM], u)


def first_visit(person: Floats, goodwill: float, phase: float) -> float:
    """The day of her very first visit; `phase` is her luck for it."""
    return first_gap(expected_gap(person, goodwill), person[traits.RANDOM], phase)


def returns_after(who: Who, person: Floats) -> float:
    """Days until somebody who has just left comes back, `NEVER` if she does not."""
    if person[traits.RETURN_SHARE] <= 0.0:
        return NEVER
    whether, when = luck.pair(who.low, who.high, who.replication, who.customer, who.occasion, luck.RETURN, 0)
    return gap(person[traits.RETURN_AFTER], 1.0, when) if whether < person[traits.RETURN_SHARE] else NEVER


def next_visit(who: Who, person: Floats, lucks: Lucks, when: float, world: World, mind: Mind) -> tuple[bool, float]:
    """After a visit: whether she leaves, and the day of her next visit (`NEVER` if there will be none)."""
    at = who.place * world.firms + who.firm
    if leaves(person, mind.goodwill[at], mind.visits[at], lucks.leave):
        return True, when + returns_after(who, person)
    return False, when + comes_again(person, mind.goodwill[at], lucks.gap)

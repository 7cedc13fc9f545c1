"""The nouns of a visit: what people hold in mind, what firms do, who she is at one occasion, and what it was to her."""

from typing import Final, NamedTuple

from sim.rules.column import Floats, Integers

NEVER: Final = float("inf")

AIM_NUMBERS: Final = 5
AIM_SEGMENT, AIM_FROM, AIM_TO, AIM_DISAPPOINTED, AIM_BELOW = range(AIM_NUMBERS)
"""Whom a move is for: segment (−1: any), from and to which visit, 1 where the last visit must have disappointed, goodwill
below which; 0 and infinities where nothing is asked."""
RECOVERY_NUMBERS: Final = 7
REMEDY, WITHIN, EXTRAS, COMPENSATION, DEALT_WITH, PROACTIVE, EACH = range(RECOVERY_NUMBERS)
"""A recovery: points of the remedy, days until it, points of apology and follow-up, money handed over, shares dealt with and
mended before she complains, money it costs beside."""
CONTACT_FIRST, CONTACT_SECOND, CONTACT_EVERY, FINDS, REFRESHES, A_CONTACT = range(6)
"""The follow-up: days after a visit of the first and second contact, days between later ones, chance to find, share
refreshed, money a contact."""
PROGRAMME_FROM, PROGRAMME_UNTIL, PROGRAMME_PERIOD, PROGRAMME_ATTRIBUTE = range(4)
"""The loyalty programme: its first day, the day it ends, days of a period, attribute lifted (−1: all)."""
PERSUADES, WINBACK_AFTER, WINBACK_LIFT, WINBACK_COST = range(4)
"""The offer to who has left: chance that it brings her back at goodwill 0, days until it reaches her, points at her first visit
back, money for each won back."""
STAFF_NUMBERS: Final = 4
STAFF_HANDS, STAFF_MINUTES, STAFF_LAW, STAFF_SD = range(STAFF_NUMBERS)
"""A firm's staff: how many serve at the start, minutes that serving one takes on average, how they are spread and their sd."""
SEEN_NUMBERS: Final = 6
"""Levels of an attribute that a visit leaves for the table by attribute: expected without promises, standard, believed,
designed, delivered, experience."""


class Mind(NamedTuple):
    """What people hold in mind, flat columns: person i, firm j, attribute k at ((i·J + j)·K + k), and so on.

    expectation, peak: by person, firm, attribute, points. norm: by person, attribute, points. goodwill, last_day,
    last_satisfaction, visits, trust: by person and firm. familiarity: by person and kind. given: how often she was given what
    is paid each time, by person: each surprise move, each recovery, contacts, visits in each tier, offers that brought her
    back. recovery: points she expects of a recovery; failures: share of failures remembered; contacted: the day up to which
    she is followed up since her last visit, 0 where she is not; these three by person and firm. status: by person, five numbers
    (see `belong`). seen: scratch for the levels of the visit at hand, six an attribute. fresh: day of her last occasion, by
    person. swayed: day of the last word that she listened to, by person and firm. met: scratch for the experience of the visit
    at hand, by attribute. fair: her reference price, money, by person and firm. wooed: 1 where an offer brings her back to
    ours, until she has been, by person. A column has no rows while nothing asks for it.
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
    recovery: Floats
    failures: Floats
    contacted: Floats
    status: Floats
    seen: Floats
    fresh: Floats
    swayed: Floats
    met: Floats
    fair: Floats
    wooed: Floats


class World(NamedTuple):
    """What firms do, day by day, as flat tables: quality and noise of ours at day·K + k, of rivals at (day·R + r)·K + k.

    Moves of all firms that people go to stand in one list a kind, ours first, beside whose they are (the firm's position).
    Surprise move s: its place among its firm's, which attribute (−1: all), points, chance, every n-th visit (0: by chance),
    only on visit n (0: any), number of kinds and position of the first, cost; its roll-out at day·S + s. Promise p: its place
    among its firm's, attribute (−1: all), level, reach; its roll-out, and the highest so far, at day·M + p. Recovery r: seven
    numbers; its roll-out at day·R' + r.
    Follow-up: six numbers, its roll-out by day; −1 on days on which only what was booked before is still done. Programme: four
    numbers, and three a tier (see `belong`). winback: four numbers, its roll-out by day. gifts: how many numbers a person has
    in `Mind.given`. file: the share of people whose file is current, by day. aims: five numbers a surprise, then a recovery,
    then the follow-up and the offer to who has left. believed, designed: what our firm believes is expected, and the standard
    it sets, at day·K + k. asked: levels of absence and presence by attribute (NaN where a questionnaire does not ask). The
    switches say what this market asks for. whole: None where it asks for none of what `recovers` and those after it switch on,
    nor for tiers, nor serves people differently: None is a type of its own, so that the compiled engine makes a visit without
    any of that, at no cost. choosing: None, in the same way, where nobody chooses among firms; `firms` is then 1, ours. price:
    what a visit costs her, at day·(1 + R) + j, ours first; listed: the same by firm, before any of its moves. coupled: None
    where people are nothing to one another: where nobody talks and nobody waits for others. mixed: everybody hears everybody
    alike, each of `reaches` words one on average; else friends hear one another. staff: four numbers a firm, of which the first
    is 0 where nobody waits; on_duty: how many serve and for how many hours, at (day·J + j)·2. waits: 1 for an attribute that
    suffers when people wait, else 0.
    """

    firms: int
    attributes: int
    rivals: int
    surprises: int
    promises: int
    kinds: int
    recoveries: int
    tiers: int
    gifts: int
    days: int
    remembers_peak: bool
    noisy: bool
    whole: bool | None
    choosing: bool | None
    coupled: bool | None
    joins: bool
    talks: bool
    mixed: bool
    queues: bool
    recovers: bool
    remembers_failures: bool
    follows_up: bool
    keeps_files: bool
    surveys: bool
    tracks: bool
    asks: bool
    weighs_price: bool
    woos: bool
    weights: Floats
    quality: Floats
    noise: Floats
    rival_quality: Floats
    rival_noise: Floats
    surprise_firm: Integers
    surprise_place: Integers
    surprise_attribute: Integers
    surprise_size: Floats
    surprise_chance: Floats
    surprise_every: Integers
    surprise_on_visit: Integers
    surprise_kinds: Integers
    surprise_first_kind: Integers
    surprise_cost: Floats
    surprise_rollout: Floats
    promise_firm: Integers
    promise_place: Integers
    promise_attribute: Integers
    promise_level: Floats
    promise_reach: Floats
    promise_rollout: Floats
    promise_heard: Floats
    recovery_firm: Integers
    recovery: Floats
    recovery_rollout: Floats
    contact: Floats
    contact_rollout: Floats
    winback: Floats
    winback_rollout: Floats
    programme: Floats
    tier: Floats
    file: Floats
    aims: Floats
    believed: Floats
    designed: Floats
    asked: Floats
    price: Floats
    reaches: float
    staff: Floats
    on_duty: Floats
    waits: Floats
    listed: Floats


class Town(NamedTuple):
    """What people have in common where they are coupled: what is said, who hears whom, who is being served.

    heard: what was said of each firm before each day, at (day·J + j)·3·(1 + K), by kind: words, sums of levels. told:
    everybody's last word and the one before that day, four and more numbers each (see `talk`). starts, friends: those of
    person i are friends[starts[i]] to friends[starts[i + 1] − 1]. free: when each of a firm's hands is free again, a heap from
    j·H on, H being `hands`; busy: how many hands a firm has now, and up to which day that was looked up, at 2·j.
    """

    heard: Floats
    told: Floats
    starts: Integers
    friends: Integers
    hands: int
    free: Floats
    busy: Integers


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


class Met(NamedTuple):
    """What she met at one visit, attributes weighed, points: what she expected, the norm, the standard, what she experienced,
    satisfaction, and the value felt before delight and before anything is made good."""

    expectation: float
    norm: float
    standard: float
    experience: float
    satisfaction: float
    felt: float


class Felt(NamedTuple):
    """What one visit was: weighted levels in points, then what happened (0 or 1), and what it cost the firm.

    answered: whether she answers a survey; answer, stated: what she ticks on satisfaction and expectation, 0 to 10. before: her
    satisfaction at the visit before this one. regained: whether an offer brought her back to this one (0 or 1).
    """

    expectation: float
    norm: float
    standard: float
    experience: float
    satisfaction: float
    felt: float
    surprised: float
    complained: float
    recovered: float
    answered: float
    answer: float
    stated: float
    cost: float
    before: float
    regained: float


class Mended(NamedTuple):
    """What came of a visit that went wrong: whether she complained, whether it was put right (0 or 1), what that is worth
    to her in felt points, and what it cost the firm."""

    complained: float
    recovered: float
    felt: float
    cost: float


class Next(NamedTuple):
    """What follows a visit: whether she leaves, the day of her next one (`NEVER` if none), whether a contact found out what
    she had not said and whether it was put right (0 or 1), what that is worth to her in felt points, and what following up
    costs our firm."""

    left: bool
    day: float
    found: float
    recovered: float
    felt: float
    cost: float

"""What is simulated: people, firms, strategies, all resolved. Frozen, plain, no defaults, no files.

A `Market` is the noun between the scenario people write and the engine that runs it. Durations are
days, levels are points, money is the scenario's currency, chances are 0..1. Positions in
`attributes` number every per-attribute tuple; positions in `sim.rules.traits.TRAITS` number traits.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import ceil, inf
from typing import TYPE_CHECKING, Literal

from sim.rules.traits import CHOOSES, EVERY, EVERY_GOODWILL, HOUR, PROSPECT, RANDOM, TALK_BAD, TALK_BASE, TALK_GOOD, TRAITS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Spread:
    """How one number is spread over people.

    kind "fixed": every person has `a`. "normal": mean `a`, sd `b`, drawn only within [low, high].
    "uniform": between `a` and `b`. "beta": shapes `a`, `b`, on [0, 1]. "expectation" (norm starts
    only): the person's own starting expectation.
    """

    kind: Literal["fixed", "normal", "uniform", "beta", "expectation"]
    a: float
    b: float
    low: float
    high: float

    @property
    def middle(self) -> float:
        """The mean as written, before any truncation."""
        if self.kind == "beta":
            return self.a / (self.a + self.b)
        return (self.a + self.b) / 2.0 if self.kind == "uniform" else self.a

    def ends(self, sds: float = 3.0) -> tuple[float, ...]:
        """The lowest and highest value that practically anyone has; nothing where it is somebody's own expectation."""
        if self.kind == "expectation":
            return ()
        if self.kind == "normal":
            return max(self.low, self.a - sds * self.b), min(self.high, self.a + sds * self.b)
        if self.kind == "beta":
            return 0.0, 1.0
        return (self.a, self.b) if self.kind == "uniform" else (self.a,)

    def may_differ(self, off: float) -> bool:
        """Whether anybody's value can be other than `off`."""
        return self.kind != "fixed" or self.a != off


@dataclass(frozen=True, slots=True)
class Segment:
    """A share of the people, with its traits and starting levels.

    traits: one Spread per entry of TRAITS. expects, norm: one Spread per attribute.
    """

    name: str
    share: float
    traits: tuple[Spread, ...]
    expects: tuple[Spread, ...]
    norm: tuple[Spread, ...]


@dataclass(frozen=True, slots=True)
class Leaps:
    """A firm that improves by jumps: `by` points per attribute, every `every` days."""

    by: tuple[float, ...]
    every: float


@dataclass(frozen=True, slots=True)
class Imitates:
    """A rival that copies our standing quality `after` days late, by `share` of the lead."""

    after: float
    share: float


@dataclass(frozen=True, slots=True)
class Staff:
    """So many hands, `servers`, serve one person each at a time, in the order they come.

    Serving takes `minutes` on average: always ("fixed"), exponential, or lognormal with this `sd`, minutes. hours: how long the
    firm is open a day; waiting does not go on while it is closed.
    """

    servers: int
    minutes: float
    varies: Literal["fixed", "exponential", "lognormal"]
    sd: float
    hours: float


@dataclass(frozen=True, slots=True)
class Firm:
    """Who serves. The first firm of a market is ours.

    quality (the standard it sets), noise (sd of delivery, points), improves (points a day): per attribute. shortfall: points
    that staff deliver below the standard; believes: what the firm believes customers expect; both per attribute, for ours
    alone (a rival's are 0 and its quality). margin: money earned a visit at this price. discount: yearly rate for lifetime
    value. price: what a visit costs her, which matters to whoever chooses, and to whoever weighs its fairness.
    staff: None where nobody ever waits.
    strategies: what a rival may do, and plays: the position of the one it plays, −1 where it stands still for want of any; ours
    has none here, since the market's strategies are ours.
    """

    name: str
    quality: tuple[float, ...]
    noise: tuple[float, ...]
    improves: tuple[float, ...]
    leaps: Leaps | None
    imitates: Imitates | None
    margin: float
    discount: float
    shortfall: tuple[float, ...]
    believes: tuple[float, ...]
    price: float
    staff: Staff | None
    strategies: tuple[Strategy, ...]
    plays: int


@dataclass(frozen=True, slots=True)
class Whom:
    """Whom a move is for: those of whom everything holds that is set. All at None or False: everyone.

    segment: its position. from_visit, to_visit: the number of this visit lies within them. disappointed: satisfaction at her
    last visit was below 0. goodwill_below: her goodwill is below it.
    """

    segment: int | None
    from_visit: int | None
    to_visit: int | None
    disappointed: bool
    goodwill_below: float | None

    @property
    def everyone(self) -> bool:
        """Whether nothing is asked of anybody."""
        return self == EVERYONE


EVERYONE = Whom(None, None, None, False, None)


@dataclass(frozen=True, slots=True)
class Surprise:
    """An unannounced extra at a visit: `size` points on one attribute (None: on all).

    Given by `chance`, or at every `every`-th visit, or only on visit number `on_visit`; exactly one of
    the three is set, the others are None. `kinds` rotate. `to` says who gets it. `cost`: money each.
    Active on days at..until; `over`: days of linear roll-out, during which only that share gets it.
    """

    attribute: int | None
    size: float
    chance: float | None
    every: int | None
    on_visit: int | None
    kinds: int
    to: Whom
    cost: float
    at: float
    until: float
    over: float
    budget: float


@dataclass(frozen=True, slots=True)
class Upgrade:
    """A lasting change of quality on one attribute (None: on all) by `by` points (may be negative).

    From day `at`, linearly over `over` days, until day `until`. `cost`: once, on day `at`. `running`: a visit.
    """

    attribute: int | None
    by: float
    cost: float
    running: float
    at: float
    until: float
    over: float
    budget: float


@dataclass(frozen=True, slots=True)
class Promise:
    """A campaign that claims `level` points on one attribute (None: on all), heard by `reach` of the people.

    `cost`: once, on day `at`. It runs on days at..until; `over`: days until its reach is whole.
    """

    attribute: int | None
    level: float
    reach: float
    cost: float
    at: float
    until: float
    over: float


@dataclass(frozen=True, slots=True)
class Consistency:
    """Less delivery noise and less shortfall: both fall by the share `by` on one attribute (None: on all).

    From day `at`, over `over` days, until `until`. `cost`: once, on day `at`. `running`: a visit.
    """

    attribute: int | None
    by: float
    cost: float
    running: float
    at: float
    until: float
    over: float
    budget: float


@dataclass(frozen=True, slots=True)
class Recovery:
    """What is done about a complaint: worth remedy·2^(−within/patience) + apology + follow_up + worth·compensation points.

    within: days until the remedy. compensation: money handed over. share: of complaints dealt with. proactive: of failures
    mended before she complains. to: for whom. cost: money each, beside the compensation. Active on days at..until; `over`:
    days until share and proactive are whole.
    """

    remedy: float
    within: float
    apology: float
    follow_up: float
    compensation: float
    share: float
    proactive: float
    to: Whom
    cost: float
    at: float
    until: float
    over: float
    budget: float


@dataclass(frozen=True, slots=True)
class Contact:
    """Follow-up after a visit: contacts `first` and `second` days after it, then `every` so many days until she comes again.

    finds: chance that a contact brings out a disappointment she has not voiced. refreshes: share of the distance between her
    expectation and today's quality that a contact takes away. to: whom, judged at the visit. cost: money a contact. Active
    on days at..until; `over`: days until everyone meant is followed up.
    """

    first: float
    second: float
    every: float
    finds: float
    refreshes: float
    to: Whom
    cost: float
    at: float
    until: float
    over: float
    budget: float


@dataclass(frozen=True, slots=True)
class Tier:
    """A status: from `visits` in a period on, `lift` points more at every visit, for `cost` money a visit."""

    name: str
    visits: int
    lift: float
    cost: float


@dataclass(frozen=True, slots=True)
class Programme:
    """A loyalty programme: tiers in ascending order of visits, working on one attribute (None: on all).

    Periods of `period` days are counted from day `at`. A tier is reached with the visit that makes up its number, holds for the
    rest of the period and the next one, and is lost after a period with fewer. `cost`: once, on day `at`. Ends on day `until`.
    """

    attribute: int | None
    tiers: tuple[Tier, ...]
    period: float
    cost: float
    at: float
    until: float
    budget: float


@dataclass(frozen=True, slots=True)
class File:
    """A customer file, current for the share `current` of the people: moves for some people reach those of them alone.

    `cost`: once, on day `at`. `running`: a visit. Active on days at..until; `over`: days until all of the share is on file.
    """

    current: float
    cost: float
    running: float
    at: float
    until: float
    over: float
    budget: float


@dataclass(frozen=True, slots=True)
class Research:
    """A survey of what customers expect, every `every` days from day `at` to before `until`: what the firm then believes.

    Believed, per attribute: the mean standard of customers + bias + noise·N(0, 1), from `lag` days after the survey until the
    next one is in. `cost`: money a survey.
    """

    every: float
    noise: float
    bias: float
    lag: float
    cost: float
    at: float
    until: float


@dataclass(frozen=True, slots=True)
class Match:
    """Set the standard of one attribute (None: of all) at what the firm believes customers expect, plus `by` points.

    `cost`: once, on day `at`. `per_point`: money a visit for each weighted point that this puts the standard above what it
    would be otherwise. Active on days at..until; `over`: days until it is done in full.
    """

    attribute: int | None
    by: float
    cost: float
    per_point: float
    at: float
    until: float
    over: float
    budget: float


@dataclass(frozen=True, slots=True)
class Staffing:
    """`by` more hands (fewer where negative), and `hours` more hours open a day, from day `at` until before day `until`.

    `cost`: once, on day `at`. `running`: a day.
    """

    by: int
    hours: float
    cost: float
    running: float
    at: float
    until: float


@dataclass(frozen=True, slots=True)
class Price:
    """Another price: a visit costs her `by` money more (less where negative), and the firm earns as much more or less at it.

    From day `at`, linearly over `over` days, until day `until`. `cost`: once, on day `at`.
    """

    by: float
    cost: float
    at: float
    until: float
    over: float


@dataclass(frozen=True, slots=True)
class Winback:
    """An offer that reaches who has left our firm `after` days later, and may bring her back.

    persuades: the chance that it does at a goodwill of 0. lift: points that her first visit back has more. to: for whom, judged
    when she leaves. cost: money for each customer won back. Made to who leaves on days at..until; `over`: days until everyone
    meant gets it.
    """

    persuades: float
    after: float
    lift: float
    to: Whom
    cost: float
    at: float
    until: float
    over: float
    budget: float


Move = (Surprise | Upgrade | Promise | Consistency | Recovery | Contact | Programme | File | Research | Match | Staffing | Price
        | Winback)
EachTime = Surprise | Recovery | Contact | Winback
"""The moves whose `cost` is paid each time, and not once on the day they start."""
Budgeted = Surprise | Upgrade | Consistency | Recovery | Contact | Programme | File | Match | Winback
"""The moves that cost something as they go, by what people do. Each may have a `budget`: money over the whole horizon, shared
by all people of a replication; once so much is spent the move ends. Infinite where there is none."""


def rollout(day: float, at: float, until: float, over: float) -> float:
    """How far a move is rolled out on a day: 0 before `at` and from `until`, rising linearly over `over` days to 1."""
    if day < at or day >= until:
        return 0.0
    return 1.0 if over <= 0.0 else min(1.0, (day + 1.0 - at) / over)


@dataclass(frozen=True, slots=True)
class Strategy:
    """A named list of one firm's moves; the empty list stands still."""

    name: str
    moves: tuple[Move, ...]


STANDING_STILL = Strategy("", ())
"""What a rival does that has no strategies."""


@dataclass(frozen=True, slots=True)
class Present:
    """What a Kano questionnaire asks about one attribute, points: how she feels where it is absent, and where it is present."""

    absent: float
    present: float


@dataclass(frozen=True, slots=True)
class Watch:
    """How the firm looks for trouble: charts of complaints and of survey answers by `every` days.

    until: the day up to which all was as usual; what comes after is held against it.
    """

    until: float
    every: float


@dataclass(frozen=True, slots=True)
class Ties:
    """Who hears whom, pair by pair, as a file lists it: two lists with the same pairs are the same.

    digest: SHA-256 of the pairs, as hexadecimal digits, which stands for them wherever ties are compared. pairs: (n, 2)
    numbers of people, read only; each pair once, the smaller number first, in ascending order. An array, because millions
    of tuples would need twenty times its memory.
    """

    digest: str
    pairs: NDArray[np.uint32] = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Network:
    """Who hears whom. Whoever hears somebody is heard by her.

    kind "mixed": everybody hears everybody alike, and what one says is heard by `degree` people on average. "small world":
    people stand in a ring, each tied to the `degree` nearest, and the share `rewired` of the ties leads anywhere (Watts &
    Strogatz 1998). "scale free": people come one after another and tie themselves to `degree`/2 others each, in proportion
    to the ties those have (Barabási & Albert 1999). "edges": as `ties` lists them. What a kind does not use is 0 or None.
    """

    kind: Literal["mixed", "small world", "scale free", "edges"]
    degree: float
    rewired: float
    ties: Ties | None


@dataclass(frozen=True, slots=True)
class Market:
    """One story, ready to run. `horizon`: whole days. `weights`: per attribute, absolute values sum to 1.

    asked: per attribute, what a Kano questionnaire asks; None where it does not. watch: None where nobody watches. waits: per
    attribute, whether waiting takes from it. network: who hears whom.
    """

    title: str
    horizon: int
    people: int
    seed: int
    replications: int
    currency: str
    attributes: tuple[str, ...]
    weights: tuple[float, ...]
    segments: tuple[Segment, ...]
    firms: tuple[Firm, ...]
    strategies: tuple[Strategy, ...]
    asked: tuple[Present | None, ...]
    watch: Watch | None
    waits: tuple[bool, ...]
    network: Network


MOST_PEOPLE, MOST_REPLICATIONS = 2**32 - 1, 1_000_000
"""What luck has numbers for, and what a study may have."""


def with_design(market: Market, replications: int | None, seed: int | None, people: int | None) -> Market:
    """The market with another design where one is given. Errors: ValueError for a number that is none of a design."""
    given = {"replications": (replications, 1, MOST_REPLICATIONS), "seed": (seed, 0, 2**64 - 1),
             "people": (people, 1, MOST_PEOPLE)}
    for name, (value, low, high) in given.items():
        if value is not None and not (isinstance(value, int) and low <= value <= high):
            would = ""
            if isinstance(value, int) and high < value < 10**30 and name != "seed":
                there = replace(market, people=value) if name == "people" else replace(market, replications=value)
                would = f": {footprint(there).sentence}"
            raise ValueError(f"{name} must be a whole number from {low:,} to {high:,}, not {value!r}{would}")
    fewest = fewest_people(market.network)
    if people is not None and people < fewest:
        raise ValueError(f"people must be {fewest:,} or more here, not {people:,}: the network ties each of them to "
                         f"{fewest - 1:,} others")
    return replace(market, replications=market.replications if replications is None else replications,
                   seed=market.seed if seed is None else seed, people=market.people if people is None else people)


def differs(market: Market, trait: int) -> bool:
    """Whether anybody has a trait, by its position, at another value than its off one."""
    return any(segment.traits[trait].may_differ(TRAITS[trait].off) for segment in market.segments)


def chooses(market: Market) -> bool:
    """Whether anybody chooses among firms; else everybody always comes to ours, and rivals are only heard of."""
    return any(segment.traits[CHOOSES].a > 0.0 for segment in market.segments)


def begins_whole(market: Market) -> bool:
    """Whether everybody is our customer at the start: nobody chooses among firms, and nobody is a prospect."""
    return not chooses(market) and not differs(market, PROSPECT)


def talks(market: Market) -> bool:
    """Whether anybody tells others of a visit."""
    return any(differs(market, trait) for trait in (TALK_BASE, TALK_GOOD, TALK_BAD))


def queues(market: Market) -> bool:
    """Whether anybody may have to wait: at ours, or at any firm where people choose."""
    return any(firm.staff is not None for firm in (market.firms if chooses(market) else market.firms[:1]))


def coupled(market: Market) -> bool:
    """Whether people are something to one another, so that all of a replication are lived day by day together."""
    return talks(market) or queues(market)


def fewest_people(network: Network) -> int:
    """How many people there must be for a network to be built: in a small world or a scale-free one, more than its degree."""
    return int(network.degree) + 1 if network.kind in ("small world", "scale free") else 1


def limited(market: Market, strategy: Strategy) -> bool:
    """Whether a move of any firm that people go to has a budget, so that what they did until today may end it."""
    met = played(market, strategy)[:len(market.firms) if chooses(market) else 1]
    return any(isinstance(move, Budgeted) and move.budget < inf for one in met for move in one.moves)


def played(market: Market, strategy: Strategy) -> tuple[Strategy, ...]:
    """What each firm does where ours plays `strategy`, in the order of the firms."""
    rivals = market.firms[1:]
    return strategy, *(STANDING_STILL if firm.plays < 0 else firm.strategies[firm.plays] for firm in rivals)


def rival_plays(market: Market, firm: str, strategy: str) -> Market:
    """The market in which that rival plays its strategy of that name. Errors: KeyError lists the names there are."""
    rivals = [one.name for one in market.firms[1:]]
    if firm not in rivals:
        raise KeyError(f"no rival {firm!r}; there are: {', '.join(rivals) or 'none'}")
    place = 1 + rivals.index(firm)
    names = [one.name for one in market.firms[place].strategies]
    if strategy not in names:
        raise KeyError(f"{firm} has no strategy {strategy!r}; there are: {', '.join(names) or 'none'}")
    playing = replace(market.firms[place], plays=names.index(strategy))
    return replace(market, firms=(*market.firms[:place], playing, *market.firms[place + 1:]))


MOST_VISITS = 4096
"""The most rows that by_visit has a segment."""


def visit_rows(market: Market) -> int:
    """How many visit numbers by_visit has rows for: more than practically anyone makes, the quickest comers included."""
    return max(_visit_rows(segment, market.horizon) for segment in market.segments)


def _visit_rows(segment: Segment, horizon: int) -> int:
    mean = horizon / max(horizon / MOST_VISITS, segment.traits[EVERY].ends()[0])
    if segment.traits[EVERY_GOODWILL].may_differ(0.0):
        mean *= 2.0
    most = mean + 8.0 * mean**0.5 + 16.0 if segment.traits[RANDOM].may_differ(0.0) else mean + 2.0
    return min(MOST_VISITS, ceil(most))


def visits_a_day(market: Market) -> float:
    """How many visits a person makes a day, about: as often as she means to come."""
    return sum(segment.share / max(HOUR, segment.traits[EVERY].middle) for segment in market.segments)


@dataclass(frozen=True, slots=True)
class Footprint:
    """What a study of a market asks of a machine: `bytes` of memory, `visits` to simulate, about how many `seconds` that takes
    one core, and a sentence saying so."""

    bytes: int
    visits: float
    seconds: float
    sentence: str


VISITS_A_SECOND = {False: 2_000_000.0, True: 500_000.0}
"""About what one core simulates, surveys aside, where people are nothing to one another and where they are."""


def how_long(seconds: float) -> str:
    """About how long something takes, in the unit in which that is two or more, for people: `3 hours`, `57,288 days`."""
    for unit, size in (("years", 365 * 86_400.0), ("days", 86_400.0), ("hours", 3600.0), ("minutes", 60.0)):
        if seconds >= 2 * size:
            return f"{seconds / size:,.0f} {unit}"
    return "a minute" if seconds >= 60.0 else "less than a minute"


TABLE_COPIES = 3
"""Of every table: the columns themselves, their joining over replications, and their writing."""


def footprint(market: Market, keep_customers: bool = False) -> Footprint:
    """Estimate what comparing all strategies takes. Memory: per-person results of every cell, and the tables of every cell."""
    strategies = max(1, len(market.strategies))
    cells = market.replications * strategies
    a_person = 1 + (TABLE_COPIES * 100 if keep_customers else 0)  # who stays is one byte; a customers row about a hundred
    by_visit = visit_rows(market) * len(market.segments)
    attributes = len(market.attributes)
    tables = TABLE_COPIES * 8 * (by_visit * (21 + 17 * attributes) + market.horizon * len(market.firms) * 22)
    sums = 8 * (by_visit * (17 + 6 * attributes) + market.horizon * 14 * (len(market.firms) if chooses(market) else 1))
    asks = coupled(market) or any(isinstance(move, Research) for strategy in market.strategies for move in strategy.moves)
    asks = asks or any(limited(market, strategy) for strategy in market.strategies)
    kept_of = len(market.firms) if chooses(market) else 1  # firms that people keep something in mind of
    together = market.people * 8 * (31 + 6 * attributes) * 2 * kept_of if asks else 0  # a replication at once, on two cores
    if talks(market) and market.network.kind != "mixed":
        ties = market.network.degree if market.network.ties is None else 2.0 * len(market.network.ties.pairs) / market.people
        together += int(market.people * 2 * (350 + 8 * (2 * (3 + attributes) + ties)))  # to build, and to hold, on two cores
    needed = cells * (market.people * a_person + tables) + market.replications * sums + together + 300_000_000
    visits = float(cells) * market.people * market.horizon * visits_a_day(market)
    seconds = visits / VISITS_A_SECOND[coupled(market)]
    sentence = (f"{market.people:,} people × {market.replications:,} replications × {len(market.strategies)} strategies "
                f"over {market.horizon:,} days would need about {needed / 1e9:,.1f} GB of memory and {visits:,.0f} visits, "
                f"{how_long(seconds)} of one core")
    return Footprint(needed, visits, seconds, sentence)

"""What is simulated: people, firms, strategies, all resolved. Frozen, plain, no defaults, no files.

A `Market` is the noun between the scenario people write and the engine that runs it. Durations are
days, levels are points, money is the scenario's currency, chances are 0..1. Positions in
`attributes` number every per-attribute tuple; positions in `sim.rules.traits.TRAITS` number traits.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Aim = Literal["everyone", "segment", "after a disappointment", "at risk"]


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
class Firm:
    """Who serves. The first firm of a market is ours.

    quality, noise (sd of delivery, points), improves (points a day): per attribute.
    margin: money earned a visit. discount: yearly rate for lifetime value.
    """

    name: str
    quality: tuple[float, ...]
    noise: tuple[float, ...]
    improves: tuple[float, ...]
    leaps: Leaps | None
    imitates: Imitates | None
    margin: float
    discount: float


@dataclass(frozen=True, slots=True)
class Surprise:
    """An unannounced extra at a visit: `size` points on one attribute (None: on all).

    Given by `chance`, or at every `every`-th visit, or only on visit number `on_visit`; exactly one of
    the three is set, the others are None. `kinds` rotate. `to` says who gets it; `segment` names it when
    to="segment"; `below` is the goodwill under which somebody is "at risk". `cost`: money each.
    Active on days at..until; `over`: days of linear roll-out, during which only that share gets it.
    """

    attribute: int | None
    size: float
    chance: float | None
    every: int | None
    on_visit: int | None
    kinds: int
    to: Aim
    segment: int | None
    below: float
    cost: float
    at: float
    until: float
    over: float


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
    """Less delivery noise: sd falls by the share `by` on one attribute (None: on all).

    From day `at`, over `over` days, until `until`. `cost`: once, on day `at`. `running`: a visit.
    """

    attribute: int | None
    by: float
    cost: float
    running: float
    at: float
    until: float
    over: float


Move = Surprise | Upgrade | Promise | Consistency


@dataclass(frozen=True, slots=True)
class Strategy:
    """A named list of our moves; the empty list stands still."""

    name: str
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class Market:
    """One story, ready to run. `horizon`: whole days. `weights`: per attribute, absolute values sum to 1."""

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


def with_design(market: Market, replications: int | None, seed: int | None, people: int | None) -> Market:
    """The market with another design where one is given."""
    return replace(market, replications=market.replications if replications is None else replications,
                   seed=market.seed if seed is None else seed, people=market.people if people is None else people)


@dataclass(frozen=True, slots=True)
class Footprint:
    """What a study of a market asks of a machine: `bytes` of memory, `visits` to simulate, and a sentence saying so."""

    bytes: int
    visits: float
    sentence: str


def footprint(market: Market, keep_customers: bool = False) -> Footprint:
    """Estimate the memory of comparing all strategies: per-person results of every cell, and the tables by day."""
    cells = market.replications * max(1, len(market.strategies))
    a_person = 1 + (80 if keep_customers else 0)  # who stays is one byte; a customers row is ten columns of eight
    a_cell = market.people * a_person + market.horizon * len(market.firms) * 16 * 8
    needed = cells * a_cell + 300_000_000
    visits = float(cells) * market.people * sum(s.share * market.horizon / max(_every(s), 1e-9) for s in market.segments)
    sentence = (f"{market.people:,} people × {market.replications:,} replications × {len(market.strategies)} strategies "
                f"over {market.horizon:,} days would need about {needed / 1e9:,.1f} GB of memory and {visits:,.0f} visits")
    return Footprint(needed, visits, sentence)


def _every(segment: Segment) -> float:
    from sim.rules.traits import EVERY

    every = segment.traits[EVERY]
    return (every.a + every.b) / 2 if every.kind == "uniform" else every.a

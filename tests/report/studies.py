"""A factory of studies whose truth is known: tables are built from curves, then concluded as real runs are."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from sim.engine.records import BY_DAY, BY_VISIT, Run, Spreading
from sim.experiments.compare import Comparison, conclude
from sim.market import Firm, Market, Segment, Spread, Strategy
from sim.rules.traits import TRAITS

Curve = Callable[[NDArray[np.float64]], NDArray[np.float64]]
FIXED = Spread("fixed", 0.0, 0.0, -np.inf, np.inf)


@dataclass(frozen=True)
class Plan:
    """What shall be true of one strategy: satisfaction and standard by visit, who stays, what it costs.

    luck: sd of what a replication adds to satisfaction, the same under every strategy.
    """

    satisfaction: Curve = lambda visit: 0.0 * visit
    standard: Curve = lambda visit: 60.0 + 0.0 * visit
    stay: float = 0.97
    cost: float = 0.0
    noise: float = 0.02
    shift: float = 0.0
    luck: float = 0.0


def fading(size: float, ratio: float = 0.8, floor: float = 0.0) -> Curve:
    """Satisfaction that peaks at once and decays."""
    return lambda visit: floor + size * ratio ** (visit - 1)


def steady(level: float) -> Curve:
    """Satisfaction that stays."""
    return lambda visit: level + 0.0 * visit


def learning(gap: float, ratio: float = 0.6) -> Curve:
    """A start common to all strategies: people expect `gap` less than they then learn to."""
    return lambda visit: gap * ratio ** (visit - 1)


def above(start: Curve, gain: Curve) -> Curve:
    """A strategy's gain on top of a start common to all."""
    return lambda visit: start(visit) + gain(visit)


def make(
    plans: Mapping[str, Plan],
    *,
    replications: int = 12,
    people: int = 2000,
    visits: int = 24,
    days: int = 730,
    segments: tuple[str, ...] = ("all",),
    currency: str = "EUR",
    title: str = "A story",
    outcome: str = "satisfaction",
    seed: int = 11,
) -> Comparison:
    """A comparison of these plans, by the real statistics."""
    market = _market(tuple(plans), segments, replications, people, days, currency, title)
    runs = {
        name: _run(market, np.random.default_rng([place, seed]), plan, visits, name)
        for place, (name, plan) in enumerate(plans.items())
    }
    return conclude(market, runs, outcome)


def _market(
    names: tuple[str, ...],
    segments: tuple[str, ...],
    replications: int,
    people: int,
    days: int,
    currency: str,
    title: str,
) -> Market:
    traits = tuple(dataclasses.replace(FIXED, a=trait.off) for trait in TRAITS)
    groups = tuple(Segment(name, 1 / len(segments), traits, (FIXED,), (FIXED,)) for name in segments)
    firm = Firm("ours", (60.0,), (4.0,), (0.0,), None, None, 30.0, 0.1)
    return Market(
        title,
        days,
        people,
        7,
        replications,
        currency,
        ("service",),
        (1.0,),
        groups,
        (firm,),
        tuple(Strategy(name, ()) for name in names),
    )


def _run(market: Market, luck: np.random.Generator, plan: Plan, visits: int, name: str) -> Run:
    stay = np.clip(luck.random((market.replications, market.people)) < plan.stay**visits, False, True)
    by_visit = _by_visit(market, plan, visits, luck)
    weight = np.asarray(by_visit["customers"], dtype=np.float64)
    level = np.asarray(by_visit["satisfaction"], dtype=np.float64)
    mine = [np.asarray(by_visit["replication"]) == r for r in range(market.replications)]
    late = np.asarray(by_visit["visit"]) > 0.75 * visits

    def mean(rows: NDArray[np.bool_]) -> float:
        return float(np.average(level[rows], weights=weight[rows])) if weight[rows].sum() else float("nan")

    satisfaction = np.array([mean(rows) for rows in mine])
    lasting = np.array([mean(rows & late) for rows in mine])
    retained = stay.mean(axis=1)
    per_person = np.array([weight[rows].sum() for rows in mine]) / market.people
    cost = plan.cost * (1 + 0.05 * luck.standard_normal(market.replications) * (plan.cost > 0))
    nothing = np.zeros(market.replications)
    outcomes = {
        "satisfaction": satisfaction,
        "lasting": lasting,
        "felt": satisfaction - 0.3,
        "expectation": 60 + lasting,
        "norm": nothing + 60,
        "experience": 60 + satisfaction,
        "retention": retained,
        "visits": per_person,
        "complaints": nothing + 0.04,
        "silent_leavers": (1 - retained) * 0.8,
        "csat": nothing + 0.7,
        "nps": nothing + 12,
        "share": nothing + 1,
        "cost": cost,
        "profit": 30 * per_person - cost,
        "lifetime_value": 28 * per_person,
    }
    return Run(
        market, name, by_visit, _by_day(market, plan, visits), outcomes, _spreading(market, plan, visits), stay, None
    )


def _by_visit(market: Market, plan: Plan, visits: int, luck: np.random.Generator) -> dict[str, NDArray[np.generic]]:
    rows: dict[str, list[object]] = {name: [] for name in BY_VISIT}
    numbers = np.arange(1, visits + 1, dtype=np.float64)
    for replication in range(market.replications):
        shift = plan.shift * luck.standard_normal()
        shift += plan.luck * float(np.random.default_rng([replication, 99]).standard_normal())
        for position, segment in enumerate(market.segments):
            count = np.floor(market.people * segment.share * plan.stay ** ((numbers - 1) * (1 + 2 * position)))
            level = plan.satisfaction(numbers) + shift + plan.noise * luck.standard_normal(visits)
            standard = plan.standard(numbers) + 6.0 * position
            for i in range(visits):
                if count[i] > 0:
                    row = {
                        "replication": replication,
                        "segment": segment.name,
                        "visit": i + 1,
                        "customers": int(count[i]),
                        "expectation": standard[i] - 0.1,
                        "norm": 60.0,
                        "standard": standard[i],
                        "experience": standard[i] + level[i],
                        "satisfaction": level[i],
                        "felt": level[i],
                        "surprised": 0.1,
                        "complained": 0.04,
                        "recovered": 0.0,
                        "left": 0.03,
                    }
                    for column in BY_VISIT:
                        rows[column].append(row.get(column, 8.0))
    return {name: np.array(column) for name, column in rows.items()}


def _by_day(market: Market, plan: Plan, visits: int) -> dict[str, NDArray[np.generic]]:
    days = np.tile(np.arange(market.horizon), market.replications)
    replication = np.repeat(np.arange(market.replications), market.horizon)
    wobble = 1 - 0.002 * (replication % 5) * (plan.stay < 1)
    customers = np.floor(market.people * plan.stay ** (visits * (days + 1) / market.horizon) * wobble)
    before = np.where(days == 0, market.people, np.roll(customers, 1))
    table = {name: np.zeros(len(days)) for name in BY_DAY}
    return {
        **table,
        "replication": replication,
        "firm": np.full(len(days), "ours"),
        "day": days,
        "customers": customers,
        "left": before - customers,
    }


def _spreading(market: Market, plan: Plan, visits: int) -> Spreading:
    days = np.linspace(0, market.horizon, 25).round().astype(np.int64)
    edges = np.linspace(0.0, 100.0, 101)
    middles, total = (edges[:-1] + edges[1:]) / 2, market.people * market.replications
    counts = []
    for day in days:
        visit = 1 + visits * day / market.horizon
        centre = float(plan.standard(np.array([visit]))[0])
        shape = np.exp(-0.5 * ((middles - centre) / 8.0) ** 2)
        counts.append(np.floor(total * plan.stay ** (visit - 1) * shape / shape.sum()))
    return Spreading(days, edges, np.array(counts, dtype=np.int64))


HOTEL = {
    "stand still": Plan(steady(0.0), stay=0.95),
    "small surprises": Plan(steady(1.1), lambda visit: 60.0 + 0.4 * (1 - 0.8**visit), stay=0.975, cost=18.0),
    "one large refit": Plan(
        fading(7.0, 0.8, 0.2), lambda visit: 60.0 + 9.0 * (1 - 0.8 ** (visit - 1)), stay=0.965, cost=41.0
    ),
}


def started(plans: Mapping[str, Plan], gap: float) -> dict[str, Plan]:
    """The same plans, but all strategies start with people who expect `gap` less than they then learn to."""
    return {
        name: dataclasses.replace(plan, satisfaction=above(learning(gap), plan.satisfaction)) for name, plan in plans.items()
    }


LONG = "An uncommonly thorough programme of small attentions ({}) $5_^"
CASES: dict[str, Callable[[], Comparison]] = {
    "hotel": lambda: make(HOTEL, segments=("business", "leisure")),
    "hotel, low expectations": lambda: make(started(HOTEL, 5.0), segments=("business", "leisure")),
    "one strategy": lambda: make({"alone": Plan(fading(5.0))}),
    "eight, long names": lambda: make(
        {LONG.format(i): Plan(fading(i, 0.7, 0.1 * i), stay=0.98 - 0.01 * i, cost=9.0 * i) for i in range(8)}
    ),
    "eight, the same": lambda: make({f"strategy number {i} of many": Plan(steady(1.0), cost=5.0) for i in range(8)}),
    "nobody stays": lambda: make({"a": Plan(stay=0.0), "b": Plan(stay=0.0, cost=3.0)}, people=40),
    "all gone soon": lambda: make({"a": Plan(fading(3.0), stay=0.3), "b": Plan(stay=0.35, cost=3.0)}),
    "too few": lambda: make({"a": Plan(), "b": Plan(steady(2.0))}, people=2, replications=3),
    "one replication": lambda: make(HOTEL, replications=1),
    "constant": lambda: make({"a": Plan(noise=0.0, stay=1.0), "b": Plan(noise=0.0, stay=1.0)}),
    "no spaces": lambda: make({"x" * 60: Plan(steady(2.0)), "W" * 60: Plan(fading(4.0))}),
    "unwritable": lambda: make(
        {
            "小惊喜": Plan(steady(2.0), cost=2e6),
            "<script>alert(1)</script>": Plan(fading(4.0), cost=9e5),
            "$\\frac{1}{0}$ & 50% _off_": Plan(steady(-1.0)),
        },
        currency="\ue000",
    ),
    "losses": lambda: make(
        {
            "base": Plan(steady(-2.0)),
            "worse": Plan(lambda visit: -0.2 * visit, cost=3.0),
            "rising": Plan(lambda visit: -1 + 0.15 * visit),
        }
    ),
    "two visits": lambda: make({"a": Plan(steady(2.0)), "b": Plan()}, visits=2, days=30),
    "one visit": lambda: make({"a": Plan(steady(2.0)), "b": Plan()}, visits=1, days=1),
}
"""Difficult studies, by what is difficult about them."""


NASTY = {name: cache(build) for name, build in CASES.items()}
"""The same, each made once."""

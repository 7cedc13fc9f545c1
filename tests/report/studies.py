"""A factory of studies whose truth is known: tables are built from curves, then concluded as real runs are."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.records import BY_ATTRIBUTE, BY_DAY, BY_VISIT, KANO, Questionnaire, Run, Spreading
from sim.experiments.compare import Comparison, conclude
from sim.market import (
    EVERYONE,
    Firm,
    Market,
    Match,
    Move,
    Network,
    Recovery,
    Research,
    Segment,
    Spread,
    Staff,
    Strategy,
    Watch,
)
from sim.rules.traits import CHOOSES, GOODWILL_MEMORY, PROSPECT, RECOVERY_WEIGHT, SURVEY_NOISE, TRAITS

Curve = Callable[[NDArray[np.float64]], NDArray[np.float64]]
Five = tuple[float, float, float, float, float]
Shares = tuple[float, float, float, float, float, float]
NONE_LOST: Five = (0.0, 0.0, 0.0, 0.0, 0.0)
FIXED = Spread("fixed", 0.0, 0.0, -np.inf, np.inf)


@dataclass(frozen=True)
class Plan:
    """What shall be true of one strategy: satisfaction and standard by visit, who stays, what it costs.

    luck: sd of what a replication adds to satisfaction, the same under every strategy. silent: share of those who leave
    who never complain; heard: share of people who ever complain; stayers: how much better those who stay feel. lost: the five
    parts of the gap, one for all attributes or one each; classes: an attribute's shares of people by class of KANO, at the
    start and at the end. taken: rivals' share of all visits, at the start and at the end. rings: days until a chart of
    complaints and one of the survey ring, NaN where nobody watches. spent: the day on which all of the cost is paid; None: as
    much on each day. waits: minutes at the start and at the end; told: words a visit, and the share of praise in them; come:
    share of prospects, nine people in ten, who come by the end, in an S-curve.
    """

    satisfaction: Curve = lambda visit: 0.0 * visit
    standard: Curve = lambda visit: 60.0 + 0.0 * visit
    stay: float = 0.97
    cost: float = 0.0
    noise: float = 0.02
    shift: float = 0.0
    luck: float = 0.0
    goodwill: Curve = lambda visit: 0.0 * visit
    stayers: float = 0.0
    silent: float = 0.8
    heard: float = 0.3
    lost: tuple[Five, ...] = (NONE_LOST,)
    classes: Mapping[str, tuple[Shares, Shares]] = dataclasses.field(default_factory=dict)
    rings: tuple[float, float] = (np.nan, np.nan)
    moves: tuple[Move, ...] = ()
    taken: tuple[float, float] = (0.5, 0.5)
    spent: int | None = None
    waits: tuple[float, float] | None = None
    told: tuple[float, float] = (0.0, 0.0)
    come: float | None = None


def fading(size: float, ratio: float = 0.8, floor: float = 0.0) -> Curve:
    """Satisfaction that peaks at once and decays."""
    return lambda visit: floor + size * ratio ** (visit - 1)


def steady(level: float) -> Curve:
    """Satisfaction that stays."""
    return lambda visit: level + 0.0 * visit


def late_peak(visit: NDArray[np.float64]) -> NDArray[np.float64]:
    """Nothing for long, then a peak within the last quarter of 24 visits, and most of it gone by the end."""
    return np.asarray(np.where(visit < 17, 0.0, 6.0 * 0.7 ** np.abs(visit - 19)))


def failure(visit: NDArray[np.float64]) -> NDArray[np.float64]:
    """One visit goes wrong, and the next ones please a little because less is expected."""
    return np.asarray(np.where(visit == 6, -8.0, np.where(visit > 6, 0.6 * 0.7 ** (visit - 7), 0.0)))


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
    attributes: Mapping[str, float] | None = None,
    watch: Watch | None = None,
    memory: float = 0.0,
    strays: float = 0.0,
    rivals: tuple[str, ...] = (),
    mends: float = 0.0,
    staff: Staff | None = None,
) -> Comparison:
    """A comparison of these plans, by the real statistics.

    attributes: weights by name. memory: how fast goodwill follows; strays: spread of the survey's answers; mends: how much
    a recovery counts. rivals: names of firms that people choose beside ours; each plan's `taken` says how often.
    staff: who serves, where plans say how long people wait.
    """
    firm_market = _market(plans, segments, replications, people, days, currency, title)
    market = _with_traits(firm_market, {GOODWILL_MEMORY: memory, SURVEY_NOISE: strays, RECOVERY_WEIGHT: mends})
    if attributes is not None:
        market = dataclasses.replace(market, attributes=tuple(attributes), weights=tuple(attributes.values()))
    market = dataclasses.replace(market, watch=watch, firms=(dataclasses.replace(market.firms[0], staff=staff),))
    if any(plan.come is not None for plan in plans.values()):
        market = _with_traits(market, {PROSPECT: 0.9})
    if rivals:
        market = _with_traits(market, {CHOOSES: 1.0})
        beside = tuple(dataclasses.replace(market.firms[0], name=name) for name in rivals)
        market = dataclasses.replace(market, firms=(*market.firms, *beside))
    runs = {
        name: _run(market, np.random.default_rng([place, seed]), plan, visits, name)
        for place, (name, plan) in enumerate(plans.items())
    }
    return conclude(market, runs, outcome)


def _with_traits(market: Market, values: Mapping[int, float]) -> Market:
    segments = []
    for segment in market.segments:
        traits = list(segment.traits)
        for place, value in values.items():
            traits[place] = dataclasses.replace(traits[place], a=value)
        segments.append(dataclasses.replace(segment, traits=tuple(traits)))
    return dataclasses.replace(market, segments=tuple(segments))


def _market(
    plans: Mapping[str, Plan],
    segments: tuple[str, ...],
    replications: int,
    people: int,
    days: int,
    currency: str,
    title: str,
) -> Market:
    traits = tuple(dataclasses.replace(FIXED, a=trait.off) for trait in TRAITS)
    groups = tuple(Segment(name, 1 / len(segments), traits, (FIXED,), (FIXED,)) for name in segments)
    firm = Firm("ours", (60.0,), (4.0,), (0.0,), None, None, 30.0, 0.1, (0.0,), (60.0,), 0.0, None, (), -1)
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
        tuple(Strategy(name, plan.moves) for name, plan in plans.items()),
        (None,),
        None,
        (True,),
        Network("mixed", 8.0, 0.0, None),
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
        "csat": nothing + 0.7,
        "nps": nothing + 12,
        "share": _share(market, plan, luck),
        "cost": cost,
        "profit": 30 * per_person - cost,
        "lifetime_value": 28 * per_person,
        **_heard(market, plan, visits, 1 - retained, luck),
    }
    by_day = _together(market, plan, _with_money(market, plan, _by_day(market, plan, visits), outcomes), outcomes)
    return Run(
        market, name, by_visit, by_day, outcomes, _spreading(market, plan, visits), stay, None,
        by_attribute=_by_attribute(market, plan, visits, luck), kano=_kano(market, plan),
    )


def _heard(
    market: Market, plan: Plan, visits: int, left: NDArray[np.float64], luck: np.random.Generator
) -> dict[str, NDArray[np.float64]]:
    """Goodwill, who complains, and when the charts ring."""
    strays = luck.standard_normal((5, market.replications))
    goodwill = float(plan.goodwill(np.array([float(visits)]))[0]) + plan.noise * strays[0]
    last = market.horizon - (market.watch.until if market.watch else 0.0)
    rings = [np.minimum(last, np.maximum(7.0, day + 0.15 * min(day, last) * stray))
             for day, stray in zip(plan.rings, strays[1:], strict=False)]
    return {
        "silent_leavers": left * np.clip(plan.silent + 0.01 * strays[3], 0.0, 1.0) if plan.silent else 0.0 * left,
        "goodwill": goodwill,
        "goodwill_stayers": np.where(left < 1, goodwill + plan.stayers, np.nan),
        "repeat": np.clip(0.9 + 0.01 * strays[4], 0.0, 1.0),
        "complainers": np.clip(plan.heard + 0.003 * strays[4], 0.0, 1.0) if plan.heard else 0.0 * left,
        "recovered": np.full(market.replications, 0.02 if plan.moves else 0.0),
        "response": np.ones(market.replications),
        "r_across": 0.4 + 0.02 * strays[4],
        "r_within": -0.2 + 0.02 * strays[4],
        "seen_in_complaints": rings[0],
        "seen_in_survey": rings[1],
        "trial": np.full(market.replications, np.nan),
        "talk": np.zeros(market.replications),
        "wait": np.full(market.replications, np.nan),
        "regained": np.zeros(market.replications),
    }


def _share(market: Market, plan: Plan, luck: np.random.Generator) -> NDArray[np.float64]:
    """Our share of visits by replication: 1 where there is no rival."""
    if len(market.firms) == 1:
        return np.ones(market.replications)
    return np.clip(1 - sum(plan.taken) / 2 + 0.1 * plan.noise * luck.standard_normal(market.replications), 0.0, 1.0)


def _by_attribute(market: Market, plan: Plan, visits: int, luck: np.random.Generator) -> dict[str, NDArray[np.generic]] | None:
    """A table whose five parts are the plan's, with a little luck a replication; none where there is one attribute."""
    if len(market.attributes) < 2 and plan.lost == (NONE_LOST,):
        return None
    lost = plan.lost if len(plan.lost) > 1 else plan.lost * len(market.attributes)
    rows: list[tuple[object, ...]] = []
    for replication in range(market.replications):
        stray = plan.noise * luck.standard_normal((len(lost), 5))
        for segment in market.segments:
            for attribute, parts, strays in zip(market.attributes, lost, stray, strict=True):
                knowledge, design, delivery, communication, perception = (
                    part + more * (part != 0) for part, more in zip(parts, strays, strict=True))
                for visit in range(1, visits + 1):
                    count = int(market.people * segment.share * plan.stay ** (visit - 1))
                    standard, believed = 60.0 - communication, 60.0 + knowledge
                    designed, delivered = believed + design, believed + design + delivery
                    experience = delivered + perception
                    rows.append((replication, segment.name, attribute, visit, count, 60.0, standard, believed, designed,
                                 delivered, experience, knowledge, design, delivery, communication, perception,
                                 experience - standard))
    return {name: np.array([row[place] for row in rows]) for place, name in enumerate(BY_ATTRIBUTE)}


def _kano(market: Market, plan: Plan) -> Questionnaire | None:
    if not plan.classes:
        return None
    days = np.linspace(0, market.horizon, 13).round().astype(np.int64)
    people = market.people * market.replications
    moved = 1 / (1 + np.exp(-8 * (np.linspace(0, 1, 13) - 0.45)))
    moved = (moved - moved[0]) / (moved[-1] - moved[0])
    counts = np.stack([(1 - moved[:, None]) * np.array(start) + moved[:, None] * np.array(end)
                       for start, end in plan.classes.values()], axis=1)
    assert counts.shape[2] == len(KANO)
    return Questionnaire(days, tuple(plan.classes), np.round(people * counts).astype(np.int64))


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
            goodwill = plan.goodwill(numbers) + level - plan.satisfaction(numbers)
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
                        "goodwill": goodwill[i],
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
    ours = {
        **table,
        "replication": replication,
        "firm": np.full(len(days), "ours"),
        "day": days,
        "customers": customers,
        "left": before - customers,
    }
    return _beside(market, plan, ours) if len(market.firms) > 1 else ours


def _with_money(
    market: Market, plan: Plan, by_day: dict[str, NDArray[np.generic]], outcomes: Mapping[str, NDArray[np.float64]]
) -> dict[str, NDArray[np.generic]]:
    """The same days with the money of these outcomes: revenue as there are customers, cost on its day or evenly."""
    ours, shape = by_day["firm"] == "ours", (market.replications, market.horizon)
    customers = by_day["customers"][ours].astype(np.float64).reshape(shape)
    paid = np.full(market.horizon, 1 / market.horizon) if plan.spent is None else np.eye(market.horizon)[plan.spent]
    earned = customers / np.maximum(customers.sum(axis=1, keepdims=True), 1.0)
    whole = {name: np.zeros(len(ours)) for name in ("revenue", "cost")}
    cost, profit = (outcomes[name][:, None] * market.people for name in ("cost", "profit"))
    whole["cost"][ours], whole["revenue"][ours] = (cost * paid).reshape(-1), ((profit + cost) * earned).reshape(-1)
    return {**by_day, **whole}


def _together(
    market: Market, plan: Plan, by_day: dict[str, NDArray[np.generic]], outcomes: dict[str, NDArray[np.float64]]
) -> dict[str, NDArray[np.generic]]:
    """The same days with what people are to one another: waits, words and who comes first, and the outcomes of these."""
    if plan.waits is None and plan.told == (0.0, 0.0) and plan.come is None:
        return by_day
    ours, shape = by_day["firm"] == "ours", (market.replications, market.horizon)
    found = {name: column[ours].astype(np.float64).reshape(shape) for name, column in by_day.items() if name != "firm"}
    strays = 1 + 6 * plan.noise * np.random.default_rng([market.replications, 31]).standard_normal((2, *shape))
    found["visits"] = np.round(0.05 * found["customers"])
    if plan.come is not None:
        curve = 1 / (1 + np.exp(-10 * (np.linspace(0, 1, market.horizon + 1) - 0.4)))
        share = plan.come * (curve - curve[0]) / (curve[-1] - curve[0])
        prospects = market.people - np.floor(0.1 * market.people)
        found["first"] = found["joined"] = np.diff(np.floor(np.minimum(1.0, share * strays[0, :, :1]) * prospects), axis=1)
        kept = np.floor(0.1 * found["customers"])
        found["left"] = -np.diff(kept, axis=1, prepend=np.floor(0.1 * market.people))
        found["customers"] = kept + np.cumsum(found["first"], axis=1)
        outcomes["trial"] = found["first"].sum(axis=1) / prospects
        outcomes["retention"] = found["customers"][:, -1] / market.people
        outcomes["silent_leavers"] = plan.silent * found["left"].sum(axis=1) / market.people
    if plan.waits is not None:
        found["wait"] = np.maximum(0.0, np.linspace(*plan.waits, market.horizon) * strays[0])
        outcomes["wait"] = (found["wait"] * found["visits"]).sum(axis=1) / np.maximum(1.0, found["visits"].sum(axis=1))
    found["words"] = np.maximum(0.0, np.round(found["visits"] * plan.told[0] * strays[0]))
    found["praise"] = np.clip(np.round(found["words"] * plan.told[1] * strays[1]), 0.0, found["words"])
    outcomes["talk"] = found["words"].sum(axis=1) / np.maximum(1.0, found["visits"].sum(axis=1))
    whole = dict(by_day)
    for name, column in found.items():
        whole[name] = by_day[name].astype(np.float64)
        whole[name][ours] = column.reshape(-1)
    return whole


def _beside(market: Market, plan: Plan, ours: Mapping[str, NDArray[np.generic]]) -> dict[str, NDArray[np.generic]]:
    """The same days with rivals beside ours, firm by firm within a replication: their visits, and nothing else of them."""
    firms, whole = len(market.firms), (market.replications, len(market.firms), market.horizon)
    taken = np.linspace(*plan.taken, market.horizon)
    visits = np.floor(np.stack([1 - taken, *[taken / (firms - 1)] * (firms - 1)]) * market.people * 0.05)

    def filled(name: str, column: NDArray[np.generic]) -> NDArray[np.generic]:
        rows = np.repeat(column.reshape(-1, 1, market.horizon), firms, axis=1)
        if name not in ("replication", "day"):
            rows[:, 1:] = 0
        return rows.reshape(-1)

    names = np.array([firm.name for firm in market.firms])[None, :, None]
    return {**{name: filled(name, column) for name, column in ours.items() if name != "firm"},
            "firm": np.broadcast_to(names, whole).reshape(-1), "visits": np.broadcast_to(visits, whole).reshape(-1)}


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
RECOVERY = Recovery(8.0, 2.0, 1.0, 0.0, 5.0, 0.9, 0.1, EVERYONE, 6.0, 0.0, np.inf, 0.0, np.inf)
RESEARCH = Research(90.0, 1.0, 0.0, 14.0, 900.0, 0.0, np.inf)
MATCH = Match(None, 0.0, 500.0, 0.1, 60.0, np.inf, 30.0, np.inf)
NEVER = 365.0 * 2 - 365.0
FREE_NETWORK: tuple[Shares, Shares] = ((0.62, 0.18, 0.04, 0.14, 0.01, 0.01), (0.05, 0.17, 0.61, 0.14, 0.02, 0.01))
BREAKFAST: tuple[Shares, Shares] = ((0.1, 0.6, 0.2, 0.1, 0.0, 0.0), (0.05, 0.55, 0.3, 0.1, 0.0, 0.0))
SCENT: tuple[Shares, Shares] = ((0.05, 0.02, 0.03, 0.5, 0.4, 0.0), (0.02, 0.03, 0.05, 0.45, 0.45, 0.0))
WHOLE = {
    "stand still": Plan(
        steady(-0.6), stay=0.95, goodwill=steady(-1.4), stayers=1.8, silent=0.83, heard=0.14, rings=(150.0, 62.0),
        lost=((-9.0, 0.0, -4.0, -1.0, 0.3), (-0.5, -0.4, -3.0, 0.0, 0.2), (0.0, -0.3, 0.0, -0.2, 0.0)),
        classes={"free network": (FREE_NETWORK[0], FREE_NETWORK[0]), "breakfast": BREAKFAST, "scent in the lobby": SCENT},
    ),
    "put right what goes wrong": Plan(
        steady(-0.6), stay=0.97, goodwill=lambda visit: 1.2 - 2.6 * 0.8 ** (visit - 1), stayers=0.9, silent=0.6, heard=0.3,
        rings=(70.0, 66.0), moves=(RECOVERY,), cost=12.0,
        lost=((-9.0, 0.0, -4.0, -1.0, 0.3), (-0.5, -0.4, -3.0, 0.0, 0.2), (0.0, -0.3, 0.0, -0.2, 0.0)),
        classes={"free network": FREE_NETWORK, "breakfast": BREAKFAST, "scent in the lobby": SCENT},
    ),
    "listen first": Plan(
        fading(3.0, 0.8, 0.4), lambda visit: 60.0 + 3.0 * (1 - 0.8**visit), stay=0.965,
        goodwill=lambda visit: 0.4 - 1.8 * 0.9 ** (visit - 1), stayers=0.4, silent=0.75, heard=0.2, rings=(NEVER, 40.0),
        moves=(RESEARCH, MATCH), cost=21.0,
        lost=((-0.8, 0.1, -4.0, -1.0, 0.3), (-0.5, -0.4, -3.0, 0.0, 0.2), (0.0, -0.3, 0.0, -0.2, 0.0)),
        classes={"free network": FREE_NETWORK, "breakfast": (BREAKFAST[0], BREAKFAST[0]), "scent in the lobby": SCENT},
    ),
}
THREE = {"free network": 0.5, "breakfast": 0.4, "scent in the lobby": -0.1}


def visited(plans: Mapping[str, Plan], **changes: Any) -> Comparison:
    """A study of the whole visit: three attributes, goodwill that is kept, charts that are watched, a survey that strays."""
    settings: dict[str, Any] = {"attributes": THREE, "watch": Watch(365.0, 7.0), "memory": 0.2, "strays": 1.0}
    return make(plans, **{**settings, **changes})


def renamed(plans: Mapping[str, Plan], names: Sequence[str]) -> dict[str, Plan]:
    """Plans, round and round, under other names."""
    known = list(plans.values())
    return {name: known[place % len(known)] for place, name in enumerate(names)}


SIX = Staff(6, 8.0, "exponential", 0.0, 10.0)
TOWN = {"stand still": Plan(waits=(6.0, 4.0), told=(0.2, 0.45), come=0.3),
        "delight": Plan(steady(0.4), waits=(6.0, 22.0), told=(0.3, 0.6), come=0.75),
        "delight and more hands": Plan(steady(0.6), waits=(6.0, 0.2), told=(0.35, 0.72), come=0.9)}
"""Plans of people who wait, talk and join."""


TINY: Five = (-0.004, 0.0, -0.011, 0.0, 0.003)
CASES: dict[str, Callable[[], Comparison]] = {
    "whole visit": lambda: visited(WHOLE, segments=("business", "leisure")),
    "whole visit, two": lambda: visited(dict(list(WHOLE.items())[:2])),
    "whole visit, one": lambda: visited(dict(list(WHOLE.items())[:1])),
    "whole visit, five long names": lambda: visited(renamed(WHOLE, [LONG.format(i) for i in range(5)])),
    "whole visit, eight": lambda: visited(renamed(WHOLE, [f"strategy number {i} of many" for i in range(8)])),
    "whole visit, one replication": lambda: visited(WHOLE, replications=1),
    "whole visit, tiny": lambda: visited(
        {
            name: Plan(steady(0.01), stay=0.9995, goodwill=steady(0.004), stayers=-0.003, silent=0.3, heard=0.001, noise=0.003,
                       lost=(TINY,), rings=(NEVER, NEVER), classes={"x" * 40: (SCENT[0], SCENT[0])}, moves=(RECOVERY,))
            for name in ("a", "b")
        },
        attributes={"W" * 40: 0.999, "second": 0.001},
    ),
    "whole visit, gains": lambda: visited(
        {
            "a": Plan(steady(3.0), goodwill=steady(8.0), stayers=-0.5, lost=((5.0, 12.0, -30.0, 2.0, 25.0),),
                      rings=(3.0, 300.0)),
            "b": Plan(steady(-3.0), goodwill=steady(-80.0), stayers=60.0, stay=0.6, silent=0.0, heard=0.9, noise=0.5,
                      lost=((-50.0, 0.0, 0.0, 0.0, 0.0),), rings=(9.0, 200.0), moves=(RECOVERY, RESEARCH)),
        },
    ),
    "rivals": lambda: make(
        {"stand still": Plan(), "delight": Plan(steady(0.4), taken=(0.5, 0.2), noise=0.05),
         "let go": Plan(steady(-1.0), taken=(0.5, 0.9))},
        rivals=("across the square", "at the station"), outcome="share",
    ),
    "many rivals, long names": lambda: make(
        {LONG.format(i): Plan(taken=(0.1 * i, 1.0 - 0.1 * i), cost=3.0) for i in range(8)},
        rivals=(*(f"{'W' * 30} number {i} $5_^" for i in range(7)), "小店"),
    ),
    "a rival, one replication": lambda: make(
        {"a": Plan(), "b": Plan(steady(1.0), taken=(0.5, 0.4))}, rivals=("b",), replications=1),
    "rivals, hardly anybody": lambda: make(
        {"a": Plan(), "b": Plan()}, rivals=("b",), people=40, replications=2, days=4, visits=2),
    "town": lambda: make(TOWN, staff=SIX),
    "town, eight long names": lambda: make(renamed(TOWN, [LONG.format(i) for i in range(8)]), staff=SIX),
    "town, one replication": lambda: make(TOWN, staff=SIX, replications=1),
    "town, one strategy": lambda: make({"alone": TOWN["delight"]}, staff=SIX, currency="\ue000"),
    "town, all the same": lambda: make(dict.fromkeys(("a", "b", "c" * 50), TOWN["delight"]), staff=SIX),
    "town, hardly anybody": lambda: make(TOWN, staff=SIX, people=30, replications=2, days=5, visits=2),
    "town, nobody comes": lambda: make({"a": Plan(waits=(0.0, 0.0), come=0.0), "b": Plan(waits=(0.0, 900.0), told=(0.01, 0.0))},
                                       staff=SIX, rivals=("c",)),
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

"""The numbers that could flip an answer: those of the mechanisms that are on, of learning, and of two strategies' moves.

Each knows its value now, the range it is allowed and searched in, and the market in which it has another value. A
trait that is spread over people is moved by its mean over all people: every segment's spread is scaled by the same
factor, its sd or ends with it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from sim.experiments.mechanisms import Mechanism, scaled
from sim.market import (
    Consistency,
    Contact,
    Market,
    Match,
    Move,
    Price,
    Programme,
    Promise,
    Research,
    Spread,
    Staffing,
    Strategy,
    Surprise,
    Upgrade,
    Winback,
)
from sim.rules.traits import BAYESIAN, HOUR, INFINITE, LEARN_DOWN, LEARN_UP, TRAITS, Trait

FARTHEST: Final = 16.0
"""A number without a natural end is searched up to so many times its value, and down to so many times less."""
NEVER_DAYS: Final = 64.0
"""A duration whose off value is never is searched up to so many horizons."""
_SWITCHES: Final = ("norm.upward_only", "choosing")
"""Traits that are on or off: no number between means anything."""
_FROM_ZERO: Final = ("learning.bayesian", "fairness.starts")
"""Traits that are never below 0 where they are on, whatever their off value."""

_LEVERS: Final = {"size": "points", "chance": "share", "every": "whole", "kinds": "whole", "by": "points", "level": "points",
                  "reach": "share", "remedy": "points", "within": "days", "apology": "points", "follow_up": "points",
                  "compensation": "money", "share": "share", "proactive": "share", "finds": "share", "refreshes": "share",
                  "current": "share", "persuades": "share", "after": "days", "budget": "money", "noise": "points", "bias":
                  "points", "lag": "days", "at": "start", "lift": "points", "hours": "hours"}
_MONEY: Final = {"cost": "money", "running": "money", "per_point": "money"}
_BY_MOVE: Final = {(Consistency, "by"): "share", (Price, "by"): "money", (Research, "every"): "days",
                   (Contact, "every"): "days", (Staffing, "by"): "whole"}
"""Levers that are of another kind in these moves."""
UNITS: Final = {"points": "points", "share": "", "whole": "", "days": "days", "money": "{currency}", "start": "days",
                "hours": "hours a day"}


@dataclass(frozen=True)
class Parameter:
    """One number: its key in the scenario, whose it is (a mechanism, `learning` or a strategy), its value and range.

    unit and meaning: for people. low, high: the range searched. way: how it is walked, "ratio" or "even". whole: whole
    numbers only. lever: ours to choose. never: its high end is as good as never. put: the market with another value of it.
    """

    key: str
    of: str
    value: float
    low: float
    high: float
    unit: str
    meaning: str
    way: str
    whole: bool
    lever: bool
    never: bool
    put: Callable[[Market, float], Market]


def parameters(market: Market, mechanisms: Sequence[Mechanism], strategies: Sequence[str], money: bool) -> list[Parameter]:
    """Every number that is searched. strategies: the two compared. money: whether costs can change the outcome."""
    traits = [(place, one.name) for one in mechanisms for place in one.traits]
    base = [(place, "learning") for place in (LEARN_UP, LEARN_DOWN, BAYESIAN) if place not in dict(traits)]
    found = [_trait(market, place, of) for place, of in [*base, *traits]]
    found += [_lever(market, *told) for told in _levers(market, strategies, money)]
    return _joined([one for one in found if one is not None])


# --- traits -------------------------------------------------------------------------------------------------


def _trait(market: Market, place: int, of: str) -> Parameter | None:
    """A trait as a parameter; None where it is off, a switch, or has no mean to be scaled."""
    trait, spreads = TRAITS[place], [segment.traits[place] for segment in market.segments]
    value = _mean(market, place)
    off = not any(spread.may_differ(trait.off) for spread in spreads)
    if trait.key in _SWITCHES or off or not math.isfinite(value) or (place == BAYESIAN and value < 0):
        return None
    if value == 0.0 and any(spread.kind != "fixed" for spread in spreads):
        return None
    low, high, way = _range(trait, value, market.horizon)
    meaning = trait.meaning.split(";")[0].split(":")[0]
    return Parameter(f"psyche.{trait.key}", of, value, low, high, trait.unit, meaning, way, False, False,
                     trait.unit == "days" and trait.off == INFINITE, lambda one, x: _with_mean(one, place, x))


def _mean(market: Market, place: int) -> float:
    """The mean over people, of those segments that have a finite one."""
    told = [(segment.share, segment.traits[place].middle) for segment in market.segments]
    told = [(share, middle) for share, middle in told if math.isfinite(middle)]
    share = sum(share for share, _ in told)
    if len({middle for _, middle in told}) == 1:
        return told[0][1]
    return sum(share * middle for share, middle in told) / share if share else math.nan


def _range(trait: Trait, value: float, horizon: int) -> tuple[float, float, str]:
    """Where a trait is searched, and how: the allowed range, cut where it has no natural end."""
    if trait.low >= 0.0 and trait.high <= 2.0:
        return trait.low, trait.high, "even"
    if trait.low < 0.0 and trait.key not in _FROM_ZERO:
        reach = 4.0 * abs(value)
        return max(trait.low, value - reach), min(trait.high, value + reach), "even"
    if trait.unit == "days":
        top = NEVER_DAYS * horizon if trait.off == INFINITE else FARTHEST * value
        return max(HOUR, value / FARTHEST), max(top, value), "ratio"
    most = 100.0 if trait.unit.startswith("points") else INFINITE
    return 0.0, max(value, min(trait.high, most, FARTHEST * (value or 1.0))), "ratio"


def _with_mean(market: Market, place: int, x: float) -> Market:
    mean = _mean(market, place)

    def moved(spread: Spread) -> Spread:
        if not math.isfinite(spread.middle):
            return spread
        plain = mean == 0.0 or (spread.kind == "fixed" and spread.a == mean)
        return replace(spread, a=x) if plain else scaled(spread, x / mean)

    segments = tuple(replace(segment, traits=tuple(moved(spread) if at == place else spread
                                                   for at, spread in enumerate(segment.traits)))
                     for segment in market.segments)
    return replace(market, segments=segments)


def _joined(found: list[Parameter]) -> list[Parameter]:
    """Equal learning is one number in the model's base: where it is no mechanism, both rates move together."""
    pair = [one for one in found if one.key in ("psyche.learning.up", "psyche.learning.down") and one.of == "learning"]
    if len(pair) < 2:
        return found
    up, down = pair

    def both(market: Market, x: float) -> Market:
        return down.put(up.put(market, x), x)

    one = replace(up, key="psyche.learning", meaning="how far expectation moves after a gain or a loss", put=both)
    return [one if other is up else other for other in found if other is not down]


# --- levers -------------------------------------------------------------------------------------------------

Place = tuple[str, int, int | None, str, str]
"""A lever's strategy, the move's position in it, the tier's where it is one's, the field, and its kind."""


def _levers(market: Market, strategies: Sequence[str], money: bool) -> Iterator[Place]:
    kinds = {**_LEVERS, **(_MONEY if money else {})}
    for strategy in market.strategies:
        if strategy.name not in strategies:
            continue
        for number, move in enumerate(strategy.moves):
            for name in (field.name for field in fields(move) if field.name in kinds):
                kind = _BY_MOVE.get((type(move), name), kinds[name])
                yield strategy.name, number, None, name, kind
            for number_of_tier in range(len(move.tiers) if isinstance(move, Programme) else 0):
                yield strategy.name, number, number_of_tier, "lift", "points"


def _lever(market: Market, strategy: str, number: int, tier: int | None, name: str, kind: str) -> Parameter | None:
    """A number of a move; None where it is not set, or 0, so that there is nothing to move."""
    move = next(one for one in market.strategies if one.name == strategy).moves[number]
    holder: Any = move.tiers[tier] if isinstance(move, Programme) and tier is not None else move
    value = getattr(holder, name)
    if not value or not math.isfinite(value) or (isinstance(move, Staffing) and value < 0):
        return None
    low, high, way = _reach(move, name, kind, float(value), market.horizon)
    if isinstance(move, Price) and name == "by":
        low = max(low, -_room_below(market, strategy, number))
    if isinstance(move, Winback) and name == "after":
        low = 1.0
    if name == "hours":
        high = 24.0 - (market.firms[0].staff.hours if market.firms[0].staff is not None else 0.0)
    said = type(move).__name__.lower()
    key = f'strategies."{strategy}".{number}.{said}.{name}' if tier is None else \
        f'strategies."{strategy}".{number}.{said}.tiers."{holder.name}".{name}'
    return Parameter(key, strategy, float(value), low, high, UNITS[kind].format(currency=market.currency),
                     _meaning(move, name), way, kind == "whole", True, False,
                     lambda one, x: _pulled(one, strategy, number, tier, name, round(x) if kind == "whole" else x))


def _reach(move: Move, name: str, kind: str, value: float, horizon: int) -> tuple[float, float, str]:
    if kind == "share":
        return 0.0, 1.0, "even"
    if kind == "start":
        return 0.0, max(value, move.until - 1.0), "even"
    if kind == "whole":
        return 1.0, max(value, min(100.0, FARTHEST * value)), "ratio"
    if isinstance(move, Promise) or value < 0.0:
        return min(value, 0.0 if value >= 0.0 else -100.0), max(value, 100.0 if value >= 0.0 else 0.0), "even"
    most = 100.0 if kind == "points" else INFINITE
    return 0.0, max(value, min(most, FARTHEST * value)), "ratio"


def _room_below(market: Market, strategy: str, number: int) -> float:
    """How far move `number` may lower our price beside the other moves of the strategy, money: no price is below 0."""
    moves = next(one for one in market.strategies if one.name == strategy).moves
    others = (move for place, move in enumerate(moves) if place != number and isinstance(move, Price))
    return market.firms[0].price + sum(min(0.0, move.by) for move in others)


def _meaning(move: Move, name: str) -> str:
    told = {"size": "points of a surprise", "chance": "chance of a surprise at a visit", "every": "visits from one to the next",
            "kinds": "kinds of surprise", "at": "day it starts", "by": "points by which quality is raised",
            "level": "level claimed", "lift": "points that the tier adds", "cost": "what it costs",
            "running": "what it costs at a visit"}
    if isinstance(move, Price) and name == "by":
        return "money that a visit costs more"
    if isinstance(move, Staffing) and name in ("by", "hours", "running"):
        return {"by": "how many more serve", "hours": "hours open longer", "running": "what it costs a day"}[name]
    if name == "by" and not isinstance(move, Upgrade):
        return "points above what is believed to be expected" if isinstance(move, Match) else "share that goes away"
    if name == "cost" and isinstance(move, Surprise):
        return "what a surprise costs"
    if isinstance(move, Winback) and name in ("persuades", "after", "lift", "cost"):
        return {"persuades": "chance that the offer brings her back", "after": "days until the offer reaches her",
                "lift": "points at the first visit back", "cost": "what winning one back costs"}[name]
    if name == "budget":
        return "what the move may cost"
    return told.get(name, name.replace("_", " "))


def _pulled(market: Market, strategy: str, number: int, tier: int | None, name: str, x: float) -> Market:
    def pulled(move: Any) -> Any:
        if tier is None:
            return replace(move, **{name: x})
        tiers = tuple(replace(one, **{name: x}) if at == tier else one for at, one in enumerate(move.tiers))
        return replace(move, tiers=tiers)

    def changed(one: Strategy) -> Strategy:
        if one.name != strategy:
            return one
        return replace(one, moves=tuple(pulled(move) if at == number else move for at, move in enumerate(one.moves)))

    return replace(market, strategies=tuple(changed(one) for one in market.strategies))

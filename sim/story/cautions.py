"""What a market does that its writing does not show at a glance: worth a warning, and no mistake.

A normal spread is drawn only within the range of its trait, so that its mean over people moves away from the end it is
cut at. The mean of a normal with mean m and sd s, cut to [low, high], is m + s·(φ(α) − φ(β)) / (Φ(β) − Φ(α)) with
α = (low − m)/s and β = (high − m)/s.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import ceil, erf, exp, expm1, inf, isinf, pi, sqrt
from typing import Final

from sim.market import (
    Budgeted,
    Consistency,
    Contact,
    File,
    Market,
    Match,
    Move,
    Price,
    Programme,
    Promise,
    Recovery,
    Research,
    Spread,
    Staffing,
    Strategy,
    Surprise,
    Upgrade,
    Winback,
    chooses,
    differs,
    queues,
    talks,
)
from sim.outcomes import listed
from sim.rules import traits
from sim.rules.traits import HOUR, TRAITS, Trait
from sim.story import units
from sim.story.resolve import UNSAID

LARGEST_SHIFT: Final = 0.05
"""A mean that cutting moves by more than this share of itself is warned of."""
_OF_THE_MARKET: Final = ("visits", "served", "prospects")
"""The traits that are written in `market`, and not in `psyche`."""


def cautions(market: Market) -> tuple[str, ...]:
    """One sentence for each thing that does not do what its writing suggests: a spread its range cuts, a lever that idles."""
    found: dict[str, None] = {}
    for place, trait in enumerate(TRAITS):
        spreads = [segment.traits[place] for segment in market.segments]
        for segment in market.segments:
            spread = segment.traits[place]
            if moved(spread):
                where = "" if len(set(spreads)) == 1 else f" of {segment.name}"
                found[_sentence(trait, spread, where)] = None
    found.update(dict.fromkeys(_idle_traits(market)))
    found.update(dict.fromkeys(_network(market)))
    found.update(dict.fromkeys(_overrun(market)))
    for strategy in market.strategies:
        found.update(dict.fromkeys(f"strategy {strategy.name}: {said}" for said in _idle_moves(market, strategy)))
    for firm in market.firms[1:]:
        for strategy in firm.strategies:
            unmet = [] if chooses(market) else [_UNMET[type(move)] for move in strategy.moves if type(move) in _UNMET]
            idle = [f"its {what} nobody: people do not choose among firms, and do not come to {firm.name}" for what in unmet]
            idle = idle or list(_idle_moves(market, strategy))
            idle += [f"its {_kind(move)}'s budget is never spent: people do not come to {firm.name}" for move in strategy.moves
                     if _has_budget(move) and type(move) not in _UNMET and not chooses(market)]
            found.update(dict.fromkeys(f"strategy {strategy.name} of {firm.name}: {said}" for said in idle))
    return tuple(found)


_UNMET: Final[Mapping[type, str]] = {Surprise: "surprise reaches", Promise: "promise reaches", Recovery: "recovery reaches",
                                      Staffing: "staffing serves", Price: "price is asked of"}
"""The moves that do nothing for who never comes."""


def _idle_traits(market: Market) -> Iterator[str]:
    """Traits that nothing follows from, because another one is off."""
    if differs(market, traits.FAILURE_MEMORY) and not differs(market, traits.LEAVING_FAILURES):
        yield "psyche.failures.memory changes nothing where psyche.leaving.failures is 0: nobody leaves for failures"
    if differs(market, traits.LEAVING_FAILURES) and not differs(market, traits.FAILURE_MEMORY):
        yield "psyche.leaving.failures changes nothing where psyche.failures.memory is 0: nobody remembers a failure"
    if differs(market, traits.EXTREMES) and not differs(market, traits.ANSWERS):
        yield "psyche.survey.extremes changes nothing where psyche.survey.answers is 1: everybody answers anyway"
    if differs(market, traits.VENTS) and not complains(market):
        yield "psyche.complaining.vents changes nothing where nobody complains: write psyche.complaining.base or .shortfall"
    yield from _idle_leaving(market)
    yield from _idle_together(market)
    yield from _idle_fairness(market)
    yield from _idle_goodwill(market)
    yield from _idle_rivals(market)
    yield from _idle_trust(market)


def complains(market: Market) -> bool:
    """Whether anybody ever speaks up."""
    return any(differs(market, trait) for trait in (traits.COMPLAINING, traits.COMPLAINING_BASE))


def _idle_leaving(market: Market) -> Iterator[str]:
    """What would hold or drive away people, or bring them back, where nobody leaves."""
    if differs(market, traits.LEAVING_BASE):
        if differs(market, traits.RETURN_AFTER) and not differs(market, traits.RETURN_SHARE):
            yield "psyche.returning.after changes nothing where psyche.returning.share is 0: nobody comes back"
        return
    for trait in (traits.LEAVING_GOODWILL, traits.LEAVING_TENURE, traits.LEAVING_FAILURES):
        if differs(market, trait):
            yield f"psyche.{TRAITS[trait].key} changes nothing where psyche.leaving.base is 0: nobody leaves"
    if differs(market, traits.RETURN_SHARE):
        yield "psyche.returning changes nothing where psyche.leaving.base is 0: nobody leaves, so nobody comes back"


def _idle_together(market: Market) -> Iterator[str]:
    """What people could be to one another, and are not, because the other half of it is missing."""
    listens = any(differs(market, trait) for trait in (traits.LISTEN_UP, traits.LISTEN_DOWN))
    prospects, draws = differs(market, traits.PROSPECT), differs(market, traits.JOINING_TALK)
    joins = [f"psyche.{TRAITS[trait].key}" for trait in (traits.JOINING_BASE, traits.JOINING_VALUE, traits.JOINING_TALK)
             if differs(market, trait)]
    if listens and not talks(market):
        yield "psyche.listening changes nothing where nobody talks: write psyche.talk"
    if talks(market) and not listens and not (prospects and draws):
        yield "psyche.talk is counted and moves nobody: nobody listens (psyche.listening), and no prospect goes by it"
    if draws and prospects and not talks(market):
        yield "psyche.joining.talk changes nothing where nobody talks: write psyche.talk"
    if joins and not prospects:
        yield f"{joins[0]} changes nothing where there are no prospects: write market.prospects"
    if prospects and not differs(market, traits.JOINING_BASE):
        yield "every prospect joins at her first occasion: psyche.joining.base is 1"
    if differs(market, traits.WAITING) and not queues(market):
        yield "psyche.waiting changes nothing where nobody ever waits: write `staff` for a firm that people go to"
    if queues(market) and not differs(market, traits.WAITING):
        yield "people wait and do not mind: psyche.waiting is 0"
    if not all(market.waits) and not queues(market):
        told = ", ".join(f"service.{name}.waits" for name, waits in zip(market.attributes, market.waits, strict=True) if waits)
        yield f"{told} changes nothing where nobody ever waits: write `staff` for a firm that people go to"


def _idle_goodwill(market: Market) -> Iterator[str]:
    """What goodwill would decide, where nobody ever has any."""
    if differs(market, traits.GOODWILL_MEMORY) or differs(market, traits.GOODWILL_STARTS):
        return
    for trait in (traits.LEAVING_GOODWILL, traits.EVERY_GOODWILL, *((traits.CHOOSING_GOODWILL,) if chooses(market) else ())):
        if differs(market, trait):
            yield f"{written(TRAITS[trait])} changes nothing where psyche.goodwill.memory is 0: nobody holds any goodwill"


def _idle_rivals(market: Market) -> Iterator[str]:
    """Rivals that nobody meets or hears of, what they have for nothing, and what would be heard of rivals that are not."""
    hears = differs(market, traits.HEARS_EVERY) or differs(market, traits.HEARS_CHANCE)
    rivals, learns = market.firms[1:], differs(market, traits.NORM_UP) or differs(market, traits.NORM_DOWN)
    if chooses(market):
        if not any(differs(market, one) for one in (traits.CHOOSING_VALUE, traits.CHOOSING_GOODWILL, traits.CHOOSING_PRICE)):
            yield "people choose among firms by luck and habit alone: psyche.choosing says no value, goodwill or price"
        if not rivals and not differs(market, traits.STAYING_AWAY):
            yield ("psyche.choosing moves nobody: there is no rival to go to, and nobody stays away; write one under firms, or "
                   "psyche.choosing.away")
        return
    if hears and not rivals:
        yield "psyche.norm hears of rivals, and there are none: write them under firms"
    if learns and not (hears and rivals):
        yield "psyche.norm.learns changes nothing where nobody hears of a rival: write psyche.norm.hears_rivals and a rival"
    for trait in (traits.HEARS_NOISE, traits.SPILLOVER):
        if differs(market, trait) and not hears:
            yield f"psyche.{TRAITS[trait].key} changes nothing where nobody hears of a rival: write psyche.norm.hears_rivals"
    for firm in rivals:
        if not hears:
            yield (f"{firm.name} changes nothing: people neither choose among firms (psyche.choosing) nor hear of rivals "
                   "(psyche.norm.hears_rivals)")
        has = {"price": firm.price > 0.0, "margin": firm.margin != 0.0, "staff": firm.staff is not None}
        idle = [f"firms.{firm.name}.{key}" for key, there in has.items() if there]
        if idle and hears:
            yield f"{listed(idle)} change{'s' * (len(idle) == 1)} nothing: people do not choose among firms"


def _idle_trust(market: Market) -> Iterator[str]:
    """Trust in promises that nobody makes."""
    playing = [*market.strategies, *(one for firm in market.firms[1:] if chooses(market) for one in firm.strategies)]
    promised = any(isinstance(move, Promise) for strategy in playing for move in strategy.moves)
    if not promised and (differs(market, traits.TRUST) or differs(market, traits.TRUST_FALLS)):
        yield "psyche.trust changes nothing: no strategy of a firm that people go to makes a promise"


def _idle_fairness(market: Market) -> Iterator[str]:
    """What a fair price would be, where nothing makes a price unfair."""
    fair = differs(market, traits.FAIRNESS)
    if differs(market, traits.FAIRNESS_LEARNING) and not fair:
        yield "psyche.fairness.learning changes nothing where psyche.fairness.weight is 0: nobody weighs what a price should be"
    if differs(market, traits.FAIRNESS_STARTS) and not fair:
        yield "psyche.fairness.starts changes nothing where psyche.fairness.weight is 0: nobody weighs what a price should be"
    playing = [*market.strategies, *(one for firm in market.firms[1:] if chooses(market) for one in firm.strategies)]
    moved = any(isinstance(move, Price) for strategy in playing for move in strategy.moves)
    if fair and not moved and not differs(market, traits.FAIRNESS_STARTS):
        yield "psyche.fairness changes nothing: no strategy moves the price, and everybody is used to the one there is"


def _network(market: Market) -> Iterator[str]:
    """A network nobody uses, and ties that lead to nobody."""
    network = market.network
    if network != UNSAID and not talks(market):
        yield "market.network changes nothing: nobody talks to anybody"
    if network.ties is not None:
        lost = int((network.ties.pairs[:, 1] >= market.people).sum())
        if lost:
            yield (f"market.network.edges lists {len(network.ties.pairs):,} ties; left out, because they lead to people whom a "
                   f"market of {market.people:,} does not have: {lost:,}")


def _overrun(market: Market) -> Iterator[str]:
    """Strategies under which our hands cannot serve all who come, where everybody comes to us."""
    if market.firms[0].staff is None or chooses(market):
        return
    found = {strategy.name: work for strategy in market.strategies if (work := _busy(market, strategy)) >= 1.0}
    if found:
        under = "any strategy" if len(found) == len(market.strategies) else listed(tuple(found), "or")
        yield (f"more people come than ours can serve under {under}: about {_short(max(found.values()))} times the work that "
               "its hands can do; the line only grows, and who is still in it at the end is in no visit and in no wait")


def _busy(market: Market, strategy: Strategy) -> float:
    """The minutes of work that come over the horizon, of those for which our hands are there, by a strategy's shifts."""
    staff, hands = market.firms[0].staff, 0.0
    assert staff is not None
    shifts = [move for move in strategy.moves if isinstance(move, Staffing)]
    for day in range(market.horizon):
        on = [move for move in shifts if ceil(move.at) <= day < ceil(move.until)]
        hands += (staff.servers + sum(move.by for move in on)) * (staff.hours + sum(move.hours for move in on))
    coming = sum(one.share * (1.0 - one.traits[traits.PROSPECT].middle) / max(HOUR, one.traits[traits.EVERY].middle)
                 for one in market.segments)
    return market.people * coming * market.horizon * staff.minutes / (60.0 * hands)


def _idle_moves(market: Market, strategy: Strategy) -> Iterator[str]:
    """Moves, or parts of them, that nothing follows from in this market."""
    aimed = any(not move.to.everyone for move in strategy.moves if isinstance(move, Surprise | Recovery | Contact | Winback))
    for move in strategy.moves:
        if _has_budget(move) and not _goes_on_costing(move):
            yield f"its {_kind(move)}'s budget is never spent: it costs nothing as it goes"
        if isinstance(move, Winback):
            yield from _idle_winback(market, move)
        elif isinstance(move, Recovery):
            yield from _idle_recovery(market, move)
        elif isinstance(move, File) and not aimed:
            yield "its file reaches nobody: none of its moves is for some people alone (`to`)"
        elif isinstance(move, Contact) and move.finds == 0.0 and move.refreshes == 0.0:
            yield "its contact neither finds nor refreshes anything; it only costs"
        elif isinstance(move, Research) and move.at + move.lag >= market.horizon:
            yield "what its research finds is known only after the horizon"
        elif isinstance(move, Promise) and not differs(market, traits.TRUST):
            yield "its promise moves nobody: psyche.trust.starts is 0"
        elif isinstance(move, Price) and not weighs_price(market):
            yield ("its price moves nobody: psyche.choosing.price and psyche.fairness.weight are 0, so it only moves what "
                   "a visit earns")


def _kind(move: Move) -> str:
    """What a move is called in a scenario file."""
    return type(move).__name__.lower()


def _has_budget(move: Move) -> bool:
    return isinstance(move, Budgeted) and move.budget < inf


def _goes_on_costing(move: Move) -> bool:
    """Whether anything that people do makes a move dearer."""
    if isinstance(move, Upgrade | Consistency | File):
        return move.running > 0.0
    if isinstance(move, Programme):
        return any(tier.cost > 0.0 for tier in move.tiers)
    if isinstance(move, Match):
        return move.per_point > 0.0
    return move.cost + (move.compensation if isinstance(move, Recovery) else 0.0) > 0.0


def _idle_winback(market: Market, move: Winback) -> Iterator[str]:
    """An offer to who has left that nobody gets, or nobody takes."""
    if not differs(market, traits.LEAVING_BASE):
        yield "its winback reaches nobody: psyche.leaving.base is 0, so nobody leaves"
    elif move.persuades == 0.0:
        yield "its winback brings nobody back: it persuades 0"
    elif move.at + move.after >= market.horizon:
        yield "its winback reaches people only after the horizon"


def weighs_price(market: Market) -> bool:
    """Whether what a visit costs matters to anybody: to whom she goes, or to what she feels."""
    return differs(market, traits.FAIRNESS) or (chooses(market) and differs(market, traits.CHOOSING_PRICE))


def _idle_recovery(market: Market, move: Recovery) -> Iterator[str]:
    if not differs(market, traits.RECOVERY_WEIGHT):
        yield "its recovery moves nobody: psyche.recovery.weight is 0, so it is counted, and costs"
        return
    if move.within > 0.0 and not differs(market, traits.PATIENCE):
        yield "its recovery is worth the same however long it takes: nobody has psyche.recovery.patience"
    if move.compensation > 0.0 and not differs(market, traits.WORTH):
        yield "its recovery's compensation is worth nothing to anybody: psyche.recovery.worth is 0"


def written(trait: Trait) -> str:
    """The key under which a trait is written."""
    return f"{'market' if trait.key.split('.')[0] in _OF_THE_MARKET else 'psyche'}.{trait.key}"


def moved(spread: Spread) -> bool:
    """Whether cutting to its range moves a spread's mean by more than LARGEST_SHIFT of itself."""
    return spread.kind == "normal" and abs(cut_mean(spread) - spread.a) > LARGEST_SHIFT * abs(spread.a)


def cut_mean(spread: Spread) -> float:
    """The mean of a normal spread that is drawn only within [low, high], its written mean being one of them or between."""
    alpha, beta = (spread.low - spread.a) / spread.b, (spread.high - spread.a) / spread.b
    if isinf(alpha) and isinf(beta):
        return spread.a
    mass = (erf(beta / sqrt(2.0)) - erf(alpha / sqrt(2.0))) / 2.0
    near, far = sorted((abs(alpha), abs(beta)))
    above = -_density(near) * expm1((near * near - far * far) / 2.0) if far < inf else _density(near)
    return spread.a + spread.b * (above if abs(alpha) < abs(beta) else -above) / mass


def _density(z: float) -> float:
    """The standard normal's density."""
    return exp(-z * z / 2.0) / sqrt(2.0 * pi)


def _sentence(trait: Trait, spread: Spread, where: str) -> str:
    key = f"{'market' if trait.key.split('.')[0] in _OF_THE_MARKET else 'psyche'}.{trait.key}"
    unit = " days" if trait.unit == "days" else ""
    room = min(sqrt(3.0) * spread.b, spread.a - spread.low, spread.high - spread.a)
    even = f"{{between: [{_short(spread.a - room)}{unit}, {_short(spread.a + room)}{unit}]}}"
    sides = ("below", spread.low), ("above", spread.high)
    ends = " and ".join(f"{word} {_short(end)}" for word, end in sides if not isinf(end))
    return (f"{key}{where}: {{mean: {_short(spread.a)}{unit}, "
            f"sd: {_short(spread.b)}{unit}}} is cut {ends}, so its mean over people is {_short(cut_mean(spread))}{unit}; "
            f"{_beta(spread)}{even if room > 0 else 'a smaller sd'} keeps it")


def _beta(spread: Spread) -> str:
    """The beta spread with the same mean and sd, where there is one."""
    if (spread.low, spread.high) != (0.0, 1.0) or not 0.0 < spread.b**2 < spread.a * (1.0 - spread.a):
        return ""
    worth = spread.a * (1.0 - spread.a) / spread.b**2 - 1.0
    return f"{{beta: [{_short(spread.a * worth)}, {_short((1.0 - spread.a) * worth)}]}} or "


def _short(number: float) -> str:
    return units.plain(float(f"{number:.3g}"))

"""The catalogue of moves: what a firm can do, what it costs, and which levers of the visit it pulls.

A move has a name, a sentence for people, its sources, what it costs, what it changes, and one function that turns
the complete writing of it into the move that the engine knows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import inf
from typing import Any, Final

from sim import market
from sim.story import units

Full = Mapping[str, Any]
"""A move with nothing left unsaid, in canonical writing."""

RISK: Final = 0.0
"""The goodwill under which somebody is at risk, where nothing else is written."""


@dataclass(frozen=True)
class Places:
    """Where names stand: positions of attributes and of segments."""

    attributes: tuple[str, ...]
    segments: tuple[str, ...]

    def attribute(self, move: Full) -> int | None:
        """The position of a move's attribute; None stands for all of them."""
        name = move.get("attribute")
        return None if name is None else self.attributes.index(name)


@dataclass(frozen=True)
class MoveKind:
    """One kind of move: name, sentence, sources, costs (key → when it is paid), levers it pulls, and its effect.

    scaled: the keys that are multiplied alike where a strategy is to cost more or less, of the first of these lists whose first
    key the move has; none where more money is no more of the same.
    """

    name: str
    sentence: str
    sources: tuple[str, ...]
    costs: Mapping[str, str]
    levers: tuple[str, ...]
    effect: Callable[[Full, Places], market.Move]
    scaled: tuple[tuple[str, ...], ...] = ()

    @property
    def rivals(self) -> bool:
        """Whether a rival may have it: the others live on what a firm knows of its customers, kept for ours alone."""
        return self.name in _RIVALS


def whom(move: Full, places: Places) -> market.Whom:
    """Whom a move is for; `at risk` is a goodwill below `below`, or below 0."""
    to = move["to"]
    if to == "at risk":
        return replace(market.EVERYONE, goodwill_below=move.get("below", RISK))
    if not isinstance(to, Mapping):
        return replace(market.EVERYONE, disappointed=to == "after a disappointment")
    named = to.get("segment")
    return market.Whom(
        segment=None if named is None else places.segments.index(named), from_visit=to.get("from_visit"),
        to_visit=to.get("to_visit"), disappointed=to.get("disappointed", False), goodwill_below=to.get("goodwill_below"))


def _budget(move: Full) -> float:
    """What a move may cost over the whole horizon; infinite where nothing is written."""
    budget: float = move.get("budget", inf)
    return budget


def _surprise(move: Full, places: Places) -> market.Surprise:
    every = move.get("every")
    return market.Surprise(
        attribute=places.attribute(move), size=move["size"], chance=move.get("chance"),
        every=None if every is None else units.visits(every), on_visit=move.get("on_visit"), kinds=move["kinds"],
        to=whom(move, places), cost=move["cost"], at=units.days(move["at"]), until=units.days(move["until"]),
        over=units.days(move["over"]), budget=_budget(move))


def _upgrade(move: Full, places: Places) -> market.Upgrade:
    return market.Upgrade(
        attribute=places.attribute(move), by=move["by"], cost=move["cost"], running=units.per_visit(move["running"]),
        at=units.days(move["at"]), until=units.days(move["until"]), over=units.days(move["over"]), budget=_budget(move))


def _promise(move: Full, places: Places) -> market.Promise:
    return market.Promise(
        attribute=places.attribute(move), level=move["level"], reach=move["reach"], cost=move["cost"],
        at=units.days(move["at"]), until=units.days(move["until"]), over=units.days(move["over"]))


def _consistency(move: Full, places: Places) -> market.Consistency:
    return market.Consistency(
        attribute=places.attribute(move), by=move["by"], cost=move["cost"], running=units.per_visit(move["running"]),
        at=units.days(move["at"]), until=units.days(move["until"]), over=units.days(move["over"]), budget=_budget(move))


def _recovery(move: Full, places: Places) -> market.Recovery:
    return market.Recovery(
        remedy=move["remedy"], within=units.days(move["within"]), apology=move["apology"], follow_up=move["follow_up"],
        compensation=move["compensation"], share=move["share"], proactive=move["proactive"], to=whom(move, places),
        cost=move["cost"], at=units.days(move["at"]), until=units.days(move["until"]), over=units.days(move["over"]),
        budget=_budget(move))


def _contact(move: Full, places: Places) -> market.Contact:
    return market.Contact(
        first=units.days(move["first"]), second=units.days(move["second"]), every=units.days(move["every"]),
        finds=move["finds"], refreshes=move["refreshes"], to=whom(move, places), cost=move["cost"],
        at=units.days(move["at"]), until=units.days(move["until"]), over=units.days(move["over"]), budget=_budget(move))


def _programme(move: Full, places: Places) -> market.Programme:
    tiers = tuple(market.Tier(name, tier["visits"], tier["lift"], units.per_visit(tier["cost"]))
                  for name, tier in move["tiers"].items())
    return market.Programme(
        attribute=places.attribute(move), tiers=tiers, period=units.days(move["period"]), cost=move["cost"],
        at=units.days(move["at"]), until=units.days(move["until"]), budget=_budget(move))


def _file(move: Full, places: Places) -> market.File:
    return market.File(
        current=move["current"], cost=move["cost"], running=units.per_visit(move["running"]),
        at=units.days(move["at"]), until=units.days(move["until"]), over=units.days(move["over"]), budget=_budget(move))


def _research(move: Full, places: Places) -> market.Research:
    return market.Research(
        every=units.days(move["every"]), noise=move["noise"], bias=move["bias"], lag=units.days(move["lag"]),
        cost=move["cost"], at=units.days(move["at"]), until=units.days(move["until"]))


def _match(move: Full, places: Places) -> market.Match:
    return market.Match(
        attribute=places.attribute(move), by=move["by"], cost=move["cost"], per_point=units.per_visit(move["per_point"]),
        at=units.days(move["at"]), until=units.days(move["until"]), over=units.days(move["over"]), budget=_budget(move))


def _staffing(move: Full, places: Places) -> market.Staffing:
    return market.Staffing(
        by=move["by"], hours=move["hours"], cost=move["cost"], running=units.per_day(move["running"]),
        at=units.days(move["at"]), until=units.days(move["until"]))


def _price(move: Full, places: Places) -> market.Price:
    return market.Price(by=move["by"], cost=move["cost"], at=units.days(move["at"]), until=units.days(move["until"]),
                        over=units.days(move["over"]))


def _winback(move: Full, places: Places) -> market.Winback:
    return market.Winback(
        persuades=move["persuades"], after=units.days(move["after"]), lift=move["lift"], to=whom(move, places),
        cost=move["cost"], at=units.days(move["at"]), until=units.days(move["until"]), over=units.days(move["over"]),
        budget=_budget(move))


_RIVALS: Final = ("surprise", "upgrade", "promise", "consistency", "recovery", "staffing", "price")
ONCE_ONLY: Final = "once, on the day it starts"
"""When a cost is paid that does not depend on what people do."""
_A_VISIT: Final = "at every visit while it is active"

_KINDS: Final = (
    MoveKind("surprise", "An unannounced extra at a visit: it pleases now, and teaches less than steady quality does.",
             ("Rust & Oliver 2000", "Alavi, Bornemann & Wieseke 2015", "Sheldon & Lyubomirsky 2012"),
             {"cost": "each time it is given"}, ("surprise",), _surprise, (("chance",), ("size", "cost"))),
    MoveKind("upgrade", "A lasting change of delivered quality: every visit is better, and soon expected to be.",
             ("Mitra & Golder 2006", "Johnson, Anderson & Fornell 1995"),
             {"cost": ONCE_ONLY, "running": _A_VISIT}, ("quality",), _upgrade, (("by", "cost", "running"),)),
    MoveKind("promise", "A campaign that claims a level of service: it moves what people expect before they get it.",
             ("Kopalle & Lehmann 2006", "Boulding, Kalra, Staelin & Zeithaml 1993"),
             {"cost": ONCE_ONLY}, ("promise",), _promise, (("reach", "cost"),)),
    MoveKind("consistency",
             "Less spread in what is delivered, and less below the standard: fewer bad visits, and fewer unusually good ones.",
             ("Rust, Inman, Jia & Zahorik 1999",),
             {"cost": ONCE_ONLY, "running": _A_VISIT}, ("noise", "shortfall"), _consistency, (("by", "cost", "running"),)),
    MoveKind("recovery", "An answer to complaints: what went wrong is put right, and the next time that is expected.",
             ("Maxham & Netemeyer 2002", "De Matos, Henrique & Rossi 2007", "Tu, Chen & Lin 2009"),
             {"cost": "each time, beside the compensation", "compensation": "each time"}, ("recovery",), _recovery,
             (("share",),)),
    MoveKind("contact",
             "Follow-up between visits: it finds who is disappointed and silent, and brings expectation back to what is given.",
             ("Goodman & Newman 2003",), {"cost": "at every contact"}, ("recovery", "expectation"), _contact),
    MoveKind("programme", "A loyalty programme: frequent customers get more, grow used to it, and may lose it again.",
             ("Wagner, Hennig-Thurau & Rudolph 2009",),
             {"cost": ONCE_ONLY, "tiers": "each tier's own, at every visit in it"}, ("status",), _programme),
    MoveKind("file", "A customer file: moves for some people only reach those whose entry in it is current.",
             ("Aflaki & Popescu 2014",), {"cost": ONCE_ONLY, "running": _A_VISIT}, ("reach",), _file),
    MoveKind("research", "A survey of what customers expect, every so often: what the firm then believes of them.",
             ("Kopalle & Lehmann 2001",), {"cost": "at every survey"}, ("belief",), _research),
    MoveKind("match", "The standard set where the firm believes that expectations lie, and moved whenever they move.",
             ("Oliva & Sterman 2001",),
             {"cost": ONCE_ONLY, "per_point": "at every visit, for each point above what it would be"}, ("quality",), _match),
    MoveKind("staffing", "More hands, or longer hours: people wait less, for as long as no more of them come.",
             ("Alvarado-Valencia, Tueti Silva & Montoya-Torres 2017",),
             {"cost": ONCE_ONLY, "running": "every day while it is active"}, ("capacity",), _staffing),
    MoveKind("price",
             "Another price: a visit costs her more or less, the firm earns as much more or less, and she gets used to it.",
             ("Popescu & Wu 2007", "Nasiry & Popescu 2011"), {"cost": ONCE_ONLY}, ("price", "margin"), _price),
    MoveKind("winback", "An offer to who has left, some time later: it may bring her back, and greet her with something more.",
             ("Kumar, Bhagwat & Zhang 2015", "Thomas, Blattberg & Fox 2004"),
             {"cost": "for each customer won back, booked on the day she left"}, ("return",), _winback),
)

CATALOGUE: Final[Mapping[str, MoveKind]] = {kind.name: kind for kind in _KINDS}

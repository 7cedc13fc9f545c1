"""The catalogue of moves: what a firm can do, what it costs, and which levers of the visit it pulls.

A move has a name, a sentence for people, its sources, what it costs, what it changes, and one function that turns
the complete writing of it into the move that the engine knows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sim import market
from sim.story import units

Full = Mapping[str, Any]
"""A move with nothing left unsaid, in canonical writing."""


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
    """One kind of move: name, sentence, sources, costs (key → when it is paid), levers it pulls, and its effect."""

    name: str
    sentence: str
    sources: tuple[str, ...]
    costs: Mapping[str, str]
    levers: tuple[str, ...]
    effect: Callable[[Full, Places], market.Move]


def _surprise(move: Full, places: Places) -> market.Surprise:
    to = move["to"]
    named = to["segment"] if isinstance(to, Mapping) else None
    every = move.get("every")
    return market.Surprise(
        attribute=places.attribute(move), size=move["size"], chance=move.get("chance"),
        every=None if every is None else units.visits(every), on_visit=move.get("on_visit"), kinds=move["kinds"],
        to="segment" if isinstance(to, Mapping) else to,
        segment=None if named is None else places.segments.index(named),
        below=move.get("below", 0.0), cost=move["cost"], at=units.days(move["at"]), until=units.days(move["until"]),
        over=units.days(move["over"]))


def _upgrade(move: Full, places: Places) -> market.Upgrade:
    return market.Upgrade(
        attribute=places.attribute(move), by=move["by"], cost=move["cost"], running=units.per_visit(move["running"]),
        at=units.days(move["at"]), until=units.days(move["until"]), over=units.days(move["over"]))


def _promise(move: Full, places: Places) -> market.Promise:
    return market.Promise(
        attribute=places.attribute(move), level=move["level"], reach=move["reach"], cost=move["cost"],
        at=units.days(move["at"]), until=units.days(move["until"]), over=units.days(move["over"]))


def _consistency(move: Full, places: Places) -> market.Consistency:
    return market.Consistency(
        attribute=places.attribute(move), by=move["by"], cost=move["cost"], running=units.per_visit(move["running"]),
        at=units.days(move["at"]), until=units.days(move["until"]), over=units.days(move["over"]))


_ONCE: Final = "once, on the day it starts"
_A_VISIT: Final = "at every visit while it is active"

_KINDS: Final = (
    MoveKind("surprise", "An unannounced extra at a visit: it pleases now, and teaches less than steady quality does.",
             ("Rust & Oliver 2000", "Alavi, Bornemann & Wieseke 2015", "Sheldon & Lyubomirsky 2012"),
             {"cost": "each time it is given"}, ("surprise",), _surprise),
    MoveKind("upgrade", "A lasting change of delivered quality: every visit is better, and soon expected to be.",
             ("Mitra & Golder 2006", "Johnson, Anderson & Fornell 1995"),
             {"cost": _ONCE, "running": _A_VISIT}, ("quality",), _upgrade),
    MoveKind("promise", "A campaign that claims a level of service: it moves what people expect before they get it.",
             ("Kopalle & Lehmann 2006", "Boulding, Kalra, Staelin & Zeithaml 1993"),
             {"cost": _ONCE}, ("promise",), _promise),
    MoveKind("consistency", "Less spread in what is delivered: fewer bad visits, and fewer unusually good ones.",
             ("Rust, Inman, Jia & Zahorik 1999",),
             {"cost": _ONCE, "running": _A_VISIT}, ("noise",), _consistency),
)

CATALOGUE: Final[Mapping[str, MoveKind]] = {kind.name: kind for kind in _KINDS}

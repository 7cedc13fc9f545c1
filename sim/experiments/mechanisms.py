"""Which mechanisms of a market are on, and the same market with some of them switched off.

A mechanism is what one key under `psyche` says, as if the key were left out when it is off: all its traits, of all
segments, at their off values. `surprise` holds two, its credit and its familiarity. Learning at one constant rate is
the null model itself and no mechanism; rates that differ for gains and losses, or that slow down, are one. How often
people come, who is served better than others, and when a prospect joins, is the world's and stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from sim.market import Market, Promise, Segment, Spread, Surprise, played
from sim.rules.traits import BAYESIAN, INFINITE, LEARN_DOWN, LEARN_UP, TRAITS

_WORLD: Final = ("visits", "served", "prospects", "joining")
_APART: Final = ("surprise",)
"""Keys under which every trait is a mechanism of its own."""
_CALLED: Final = {"surprise.credit": "surprise credit", "surprise.familiarity": "familiarity", "loss_aversion": "loss aversion",
                  "peak": "peak memory", "failures": "memory of failures", "learning": "unequal learning",
                  "fairness": "price fairness"}
_ONLY_WITH: Final = {"surprise.credit": Surprise, "surprise.familiarity": Surprise, "trust": Promise}
"""Mechanisms that act through one kind of move alone, so that without such a move they change nothing."""


@dataclass(frozen=True, slots=True)
class Mechanism:
    """One mechanism: its name for people, its key under `psyche`, and the positions of its traits."""

    name: str
    key: str
    traits: tuple[int, ...]


def _all() -> tuple[Mechanism, ...]:
    grouped: dict[str, list[int]] = {}
    for place, trait in enumerate(TRAITS):
        head = trait.key.split(".")[0]
        if head not in _WORLD:
            grouped.setdefault(trait.key if head in _APART else head, []).append(place)
    return tuple(Mechanism(_CALLED.get(key, key.replace("_", " ")), key, tuple(places)) for key, places in grouped.items())


MECHANISMS: Final = _all()
"""Every mechanism there is, in the order of traits."""


def mechanisms(market: Market) -> tuple[Mechanism, ...]:
    """The mechanisms that are on for anybody."""
    return tuple(one for one in MECHANISMS if switched(market, [one]) != market)


def acts(market: Market, mechanism: Mechanism) -> bool:
    """Whether a mechanism that is on can change anything under these strategies; False only where it surely cannot."""
    needed = _ONLY_WITH.get(mechanism.key)
    return needed is None or any(isinstance(move, needed) for strategy in market.strategies
                                 for one in played(market, strategy) for move in one.moves)


def switched(market: Market, off: Iterable[Mechanism]) -> Market:
    """The market with these mechanisms off; people, firms, moves, visits and luck are the same."""
    segments = market.segments
    for mechanism in off:
        segments = tuple(_OFF.get(mechanism.key, _plainly_off)(segment, mechanism) for segment in segments)
    return replace(market, segments=segments)


def _plainly_off(segment: Segment, mechanism: Mechanism) -> Segment:
    off = {place: replace(_fixed(segment.traits[place]), a=TRAITS[place].off) for place in mechanism.traits
           if segment.traits[place].may_differ(TRAITS[place].off)}
    return _with_traits(segment, off)


def _norm_off(segment: Segment, mechanism: Mechanism) -> Segment:
    """As if nothing were said of the norm: it also starts at what she expects."""
    own = Spread("expectation", 0.0, 0.0, -INFINITE, INFINITE)
    return replace(_plainly_off(segment, mechanism), norm=tuple(own for _ in segment.norm))


def _one_rate(segment: Segment, mechanism: Mechanism) -> Segment:
    """Learning at one constant rate: the mean of the two, or where it slows down, what it is at the first visit."""
    up, down, prior = (segment.traits[place] for place in (LEARN_UP, LEARN_DOWN, BAYESIAN))
    if prior.may_differ(TRAITS[BAYESIAN].off):
        rate: Spread = replace(_fixed(up), a=1.0 / (prior.middle + 1.0))
        return _with_traits(segment, {LEARN_UP: rate, LEARN_DOWN: replace(rate), BAYESIAN: replace(_fixed(prior), a=-1.0)})
    if (up.kind, up.a, up.b) == (down.kind, down.a, down.b):
        return segment
    faster = up if up.middle >= down.middle else down
    rate = scaled(faster, (up.middle + down.middle) / (2.0 * faster.middle)) if faster.middle else faster
    return _with_traits(segment, {LEARN_UP: rate, LEARN_DOWN: rate})


_OFF: Final[Mapping[str, Callable[[Segment, Mechanism], Segment]]] = {"norm": _norm_off, "learning": _one_rate}


def _fixed(spread: Spread) -> Spread:
    return replace(spread, kind="fixed", b=0.0)


def _with_traits(segment: Segment, put: Mapping[int, Spread]) -> Segment:
    return replace(segment, traits=tuple(put.get(place, spread) for place, spread in enumerate(segment.traits)))


def scaled(spread: Spread, factor: float) -> Spread:
    """A spread with its mean times `factor`: its sd or ends likewise; a beta keeps the sum of its shapes.

    Ends beyond the trait's range are put at it, as a normal is cut there anyway.
    """
    if spread.kind == "beta":
        worth, mean = spread.a + spread.b, spread.middle * factor
        mean = min(max(mean, 1e-9), 1.0 - 1e-9)
        return replace(spread, a=mean * worth, b=(1.0 - mean) * worth)
    ends = [min(max(end * factor, spread.low), spread.high) for end in (spread.a, spread.b)]
    if spread.kind == "uniform":
        return replace(spread, kind="uniform" if ends[0] != ends[1] else "fixed", a=ends[0], b=ends[1])
    return replace(spread, a=ends[0], b=abs(spread.b * factor))

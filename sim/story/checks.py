"""Rules that tie several keys together.

They read plain values and skip what is malformed: its shape is told by the models.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from sim.outcomes import listed
from sim.story import units, values
from sim.story.moves import CATALOGUE
from sim.story.nodes import Key
from sim.story.sentences import Problem

Found = Iterator[Problem]
_GIVEN: Final = ("chance", "every", "on_visit")
_CLOSE: Final = 1e-6
MOST_ALIKE: Final = 62
"""The most surprises, and the most promises, that one strategy may have."""


def problems(plain: Any) -> list[Problem]:
    """Every problem of meaning in a story."""
    return [problem for rule in _RULES for problem in rule(_Plain(plain))]


class _Plain:
    """A plain story, walked without stumbling over what is missing or malformed."""

    def __init__(self, plain: Any) -> None:
        self.plain = plain

    def get(self, *key: str | int) -> Any:
        here = self.plain
        for step in key:
            if isinstance(here, dict):
                here = here.get(step)
            elif isinstance(here, list) and isinstance(step, int) and step < len(here):
                here = here[step]
            else:
                return None
        return here

    def mapping(self, *key: str | int) -> dict[str, Any]:
        found = self.get(*key)
        return found if isinstance(found, dict) else {}

    def attributes(self) -> tuple[str, ...] | None:
        """Names of the attributes, or None where they cannot be told."""
        from sim.story.resolve import SERVICE

        service = self.get("service")
        if service is None:
            return None if "service" in self.mapping() else (SERVICE,)
        return tuple(service) if isinstance(service, dict) and service else None

    def segments(self) -> tuple[str, ...] | None:
        from sim.story.resolve import EVERYONE

        segments = self.get("market", "segments")
        if segments is None:
            return None if "segments" in self.mapping("market") else (EVERYONE,)
        return tuple(segments) if isinstance(segments, dict) and segments else None

    def moves(self) -> Iterator[tuple[Key, str, dict[str, Any]]]:
        """Every move that is written as one: its key, its name, its inside."""
        for name, moves in self.mapping("strategies").items():
            for place, move in enumerate(moves if isinstance(moves, list) else ()):
                for kind, inner in move.items() if isinstance(move, dict) else ():
                    if isinstance(inner, dict):
                        yield ("strategies", name, place, kind), kind, inner


def _number(value: Any, read: Callable[[object], float]) -> float | None:
    try:
        return read(value)
    except ValueError:
        return None


def _no(what: str, name: str, names: tuple[str, ...]) -> str:
    return f'there is no {what} "{name}"{values.allowed(values.meant(name, names), names)}'


def _names(story: _Plain) -> Found:
    """Names are printable, not too long, and not words of the language."""
    rule = "must be a name of 1 to 100 printable characters, without blanks at its ends"
    for key in (("market", "segments"), ("service",), ("firms",), ("strategies",)):
        for name in story.mapping(*key):
            if not re.search(values.NAME, name):
                yield Problem((*key, name), rule, True)
    for name in story.mapping("service"):
        if name in values.SPREAD_KEYS:
            words = listed(tuple(sorted(values.SPREAD_KEYS)), "or")
            message = f"an attribute cannot be called {words}: these words spread a number"
            yield Problem(("service", name), message, True)


def _not_empty(story: _Plain) -> Found:
    """What must hold at least one thing."""
    what = {("market", "segments"): "segment", ("service",): "attribute", ("strategies",): "strategy"}
    for key, word in what.items():
        if story.get(*key) == {}:
            yield Problem(key, f"must hold at least one {word}, or be left out" if word != "strategy" else
                          "must hold at least one strategy, such as `stand still: []`")


def _shares(story: _Plain) -> Found:
    """Segments are the whole of the people."""
    segments = story.mapping("market", "segments")
    shares = [_number(one.get("share"), units.share) if isinstance(one, dict) else None for one in segments.values()]
    known = [share for share in shares if share is not None]
    if segments and len(known) == len(shares) and abs(sum(known) - 1) > _CLOSE:
        yield Problem(("market", "segments"),
                      f"the shares of all segments must sum to 1 (100%), not {units.plain(round(sum(known), 9))}", True)


def _weights(story: _Plain) -> Found:
    """Attributes are the whole of the service."""
    service = story.mapping("service")
    weights = [_number(one.get("weight"), units.number) if isinstance(one, dict) else None for one in service.values()]
    known = [abs(weight) for weight in weights if weight is not None]
    if service and len(known) == len(weights) and abs(sum(known) - 1) > _CLOSE:
        yield Problem(("service",), "the absolute weights of all attributes must sum to 1, "
                                    f"not {units.plain(round(sum(known), 9))}", True)


def _per_attribute(story: _Plain) -> Found:
    """Values by attribute name attributes that exist; quality names all of them."""
    attributes = story.attributes()
    if attributes is None:
        return
    for key in _attribute_keys(story):
        value = story.get(*key)
        if not isinstance(value, dict) or values.is_spread(value):
            continue
        for name in value:
            if name not in attributes:
                yield Problem((*key, name), _no("attribute", name, attributes), True)
        left = [name for name in attributes if name not in value]
        if key[-1] == "quality" and value and left:
            message = f"quality is missing for {', '.join(left)}; write one number for all attributes or one for each"
            yield Problem(key, message, True)


def _attribute_keys(story: _Plain) -> Iterator[Key]:
    people: list[Key] = [(), *(("market", "segments", name) for name in story.mapping("market", "segments"))]
    yield "market", "expects"
    for who in people:
        yield *who, "psyche", "norm", "starts"
        if who:
            yield *who, "expects"
    for firm in story.mapping("firms"):
        for key in ("quality", "noise", "improves"):
            yield "firms", firm, key
        yield "firms", firm, "leaps", "by"


def _order(story: _Plain) -> Found:
    """{between: [low, high]} has the low one first, wherever it stands."""
    yield from _between((), story.plain)


def _between(key: Key, value: Any) -> Found:
    inner: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, one in inner:
        yield from _between((*key, step), one)
    pair = value.get("between") if isinstance(value, dict) else None
    if isinstance(pair, list) and len(pair) == 2:
        low, high = (_any_number(one) for one in pair)
        if low is not None and high is not None and low > high:
            yield Problem((*key, "between"), f"must have the lower one first, such as [{pair[1]}, {pair[0]}]")


def _any_number(value: Any) -> float | None:
    for read in (units.number, units.share, units.days):
        found = _number(value, read)
        if found is not None:
            return found
    return None


def _learning(story: _Plain) -> Found:
    """One way of learning at a time."""
    for key in (("psyche",), *(("market", "segments", name, "psyche") for name in story.mapping("market", "segments"))):
        learning = story.mapping(*key, "learning")
        if "bayesian" in learning and ("up" in learning or "down" in learning):
            yield Problem((*key, "learning"), "learns both ways; write either {up, down} or {bayesian}", True)


def _one_move(story: _Plain) -> Found:
    """A move is a mapping with one key."""
    for name, moves in story.mapping("strategies").items():
        for place, move in enumerate(moves if isinstance(moves, list) else ()):
            if isinstance(move, dict) and len(move) != 1:
                found = f"not {', '.join(move)}" if move else "not an empty one"
                kinds = listed(tuple(CATALOGUE), "or")
                yield Problem(("strategies", name, place), f"a move is a mapping with exactly one key ({kinds}), {found}", True)


def _surprises(story: _Plain) -> Found:
    """A surprise is given in one way; `below` belongs to `at risk`."""
    for key, kind, move in story.moves():
        if kind != "surprise":
            continue
        given = [one for one in _GIVEN if one in move]
        if len(given) != 1:
            found = " and ".join(given) if given else "none of them"
            yield Problem(key, f"a surprise needs exactly one of chance, every or on_visit, not {found}", True)
        if "below" in move and move.get("to") != "at risk":
            yield Problem((*key, "below"), "is allowed only with `to: at risk`", True)


def _move_names(story: _Plain) -> Found:
    """Moves name attributes and segments that exist."""
    attributes, segments = story.attributes(), story.segments()
    for key, _, move in story.moves():
        name, to = move.get("attribute"), move.get("to")
        if isinstance(name, str) and attributes is not None and name not in attributes:
            yield Problem((*key, "attribute"), _no("attribute", name, attributes))
        who = to.get("segment") if isinstance(to, dict) else None
        if isinstance(who, str) and segments is not None and who not in segments:
            yield Problem((*key, "to", "segment"), _no("segment", who, segments))


def _many_moves(story: _Plain) -> Found:
    """What people have met is remembered in one word of 64 bits for each of these kinds."""
    for name, moves in story.mapping("strategies").items():
        for kind in ("surprise", "promise"):
            count = sum(isinstance(move, dict) and kind in move for move in (moves if isinstance(moves, list) else ()))
            if count > MOST_ALIKE:
                message = f"has {count} {kind}s; a strategy may have at most {MOST_ALIKE} of them"
                yield Problem(("strategies", name), message, True)


def _hearing(story: _Plain) -> Found:
    """One way of hearing of rivals at a time."""
    for key in (("psyche",), *(("market", "segments", name, "psyche") for name in story.mapping("market", "segments"))):
        if {"hears_rivals", "hears_rivals_every"} <= set(story.mapping(*key, "norm")):
            yield Problem((*key, "norm"), "hears of rivals both ways; write either hears_rivals_every (between visits) or "
                                          "hears_rivals (before a visit)", True)


def _claims(story: _Plain) -> Found:
    """A claim is of one kind, whole, and about strategies that exist."""
    strategies = tuple(story.mapping("strategies"))
    for place, claim in enumerate(story.get("expected") if isinstance(story.get("expected"), list) else ()):
        if not isinstance(claim, dict):
            continue
        kinds = [one for one in ("higher", "lasts", "fades") if one in claim]
        parts = {"than", "in"} & set(claim)
        if len(kinds) != 1 or (parts != {"than", "in"} if kinds == ["higher"] else parts):
            message = "a claim is one of {higher: A, than: B, in: OUTCOME}, {lasts: A} and {fades: A}"
            yield Problem(("expected", place), message, True)
        if isinstance(claim.get("higher"), str) and claim["higher"] == claim.get("than"):
            yield Problem(("expected", place, "than"), f'nothing is higher with "{claim["than"]}" than with itself; '
                                                       "name another strategy")
        for key in ("higher", "than", "lasts", "fades"):
            if strategies and isinstance(claim.get(key), str) and claim[key] not in strategies:
                yield Problem(("expected", place, key), _no("strategy", claim[key], strategies))


def _dates(story: _Plain) -> Found:
    """Moves begin before the horizon and end after they begin, not past it; all in whole days, in which firms act."""
    from sim.story.resolve import to_day, whole_days

    horizon = _number(story.get("horizon"), whole_days)
    shown = "" if horizon is None else f"the horizon ({units.plain(horizon)} days)"
    for key, _, move in story.moves():
        at = _number(move.get("at", "0 days"), to_day)
        until = _number(move.get("until"), to_day)
        late = horizon is not None and at is not None and at >= horizon
        if late:
            yield Problem((*key, "at"), f"must lie before {shown}, not {_dated(move['at'], at)}")
        if horizon is not None and until is not None and until > horizon:
            yield Problem((*key, "until"), f"must not lie past {shown}, not {_dated(move['until'], until)}")
        elif at is not None and until is not None and until <= at and not late:
            start = _dated(move.get("at", "0 days"), at)
            yield Problem((*key, "until"), f"must come after `at` ({start}), not {_dated(move['until'], until)}")


def _dated(written: str, day: float | None) -> str:
    """A date as it was written, and the whole day it means where that is another."""
    same = day is None or units.days(written) == day
    return written if same or day is None else f"{written}, which is day {units.plain(day)} in whole days"


_RULES: Final = (_names, _not_empty, _shares, _weights, _per_attribute, _order, _learning, _hearing, _one_move, _many_moves,
                 _surprises, _move_names, _claims, _dates)

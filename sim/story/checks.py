"""Rules that tie several keys together.

They read plain values and skip what is malformed: its shape is told by the models.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from math import ceil, floor
from typing import Any, Final

from sim.market import rollout
from sim.outcomes import UNCHOSEN, listed
from sim.story import units, values
from sim.story.kano import LABELS
from sim.story.moves import CATALOGUE, ONCE_ONLY
from sim.story.nodes import Key, key_text
from sim.story.sentences import Problem

Found = Iterator[Problem]
_GIVEN: Final = ("chance", "every", "on_visit")
_CLOSE: Final = 1e-6
FEWEST_USUAL: Final = 12
"""The fewest points of a chart that tell what is usual."""
MOST_ALIKE: Final = 62
"""The most surprises, and the most promises, that one strategy may have."""
ONCE: Final = ("contact", "programme", "file", "research", "winback")
"""What a strategy may have one of: a second one would do the same work twice."""
RIVALS_MOVES: Final = tuple(name for name, kind in CATALOGUE.items() if kind.rivals)
"""The moves that a rival may have."""
_ATTRIBUTE: Final = frozenset(("weight", "kano", "absent", "present", "waits"))


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

    def labels(self) -> dict[str, str]:
        """The label of every attribute that has one."""
        return {name: one["kano"] for name, one in self.mapping("service").items()
                if isinstance(one, dict) and one.get("kano") in LABELS}

    def segments(self) -> tuple[str, ...] | None:
        from sim.story.resolve import EVERYONE

        segments = self.get("market", "segments")
        if segments is None:
            return None if "segments" in self.mapping("market") else (EVERYONE,)
        return tuple(segments) if isinstance(segments, dict) and segments else None

    def rivals(self) -> tuple[str, ...]:
        return tuple(name for name in self.mapping("firms") if name != "ours")

    def strategies(self) -> Iterator[tuple[Key, list[Any]]]:
        """Every strategy that is a list, ours and the rivals': its key, what it holds."""
        for key in (("strategies",), *(("firms", rival, "strategies") for rival in self.rivals())):
            for name, moves in self.mapping(*key).items():
                if isinstance(moves, list):
                    yield (*key, name), moves

    def moves(self) -> Iterator[tuple[Key, str, dict[str, Any]]]:
        """Every move that is written as one: its key, its name, its inside."""
        for key, _ in self.strategies():
            yield from self.moves_of(key)

    def moves_of(self, strategy: Key) -> Iterator[tuple[Key, str, dict[str, Any]]]:
        """The moves of the strategy at this key."""
        for place, move in enumerate(self.get(*strategy)):
            for kind, inner in move.items() if isinstance(move, dict) else ():
                if isinstance(inner, dict):
                    yield (*strategy, place, kind), kind, inner


def _whose(strategy: Key) -> str:
    """The firm whose strategy stands at this key."""
    return "ours" if strategy[0] == "strategies" else str(strategy[1])


def _number(value: Any, read: Callable[[object], float]) -> float | None:
    try:
        return read(value)
    except ValueError:
        return None


def _count(value: object) -> float:
    return units.whole(value, 1, 10**9)


def _a_day_or_more(value: object) -> float:
    from sim.story.resolve import to_day

    units.days(value, 1.0)
    return to_day(value)


def _no(what: str, name: str, names: tuple[str, ...]) -> str:
    return f'there is no {what} "{name}"{values.allowed(values.meant(name, names), names)}'


def _names(story: _Plain) -> Found:
    """Names are printable, not too long, and not words of the language."""
    rule = "must be a name of 1 to 100 printable characters, without blanks at its ends"
    theirs = [("firms", rival, "strategies") for rival in story.rivals()]
    for key in (("market", "segments"), ("service",), ("firms",), ("strategies",), *theirs):
        for name in story.mapping(*key):
            if not re.fullmatch(values.NAME, name):
                yield Problem((*key, name), rule, True)
    for at, kind, move in story.moves():
        for name in move["tiers"] if kind == "programme" and isinstance(move.get("tiers"), dict) else ():
            if not re.fullmatch(values.NAME, name):
                yield Problem((*at, "tiers", name), rule, True)
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
    for rival in story.rivals():
        if story.get("firms", rival, "strategies") == {}:
            yield Problem(("firms", rival, "strategies"), "must hold at least one strategy, or be left out")


def _shares(story: _Plain) -> Found:
    """Segments are the whole of the people."""
    segments = story.mapping("market", "segments")
    shares = [_number(one.get("share"), units.share) if isinstance(one, dict) else None for one in segments.values()]
    known = [share for share in shares if share is not None]
    if segments and len(known) == len(shares) and abs(sum(known) - 1) > _CLOSE:
        yield Problem(("market", "segments"),
                      f"the shares of all segments must sum to 1 (100%), not {units.plain(round(sum(known), 9))}", True)


def _weights(story: _Plain) -> Found:
    """Attributes are the whole of the service; one with a label takes a part of what the written weights leave."""
    written, sharing, told = 0.0, list[str](), True
    for name, one in story.mapping("service").items():
        if not isinstance(one, dict):
            told = False
        elif "weight" in one:
            weight = _number(one["weight"], units.number)
            written, told = written + abs(weight or 0.0), told and weight is not None
        elif one.get("kano") in LABELS:
            sharing += [name] if one["kano"] != "indifferent" else []
        else:
            told = False
            if set(one) <= _ATTRIBUTE and "kano" not in one:
                yield Problem(("service", name, "weight"), 'the key "weight" is missing: its weight in satisfaction; only an '
                                                           "attribute with a label (`kano`) may leave it out", True)
    shown = units.plain(round(written, 9))
    if told and sharing and written >= 1 - _CLOSE:
        yield Problem(("service",), "the absolute weights of all attributes must sum to 1; the written ones sum to "
                                    f"{shown} and leave nothing for {listed(sharing)}", True)
    elif told and story.mapping("service") and not sharing and abs(written - 1) > _CLOSE:
        yield Problem(("service",), f"the absolute weights of all attributes must sum to 1, not {shown}", True)


def _questionnaire(story: _Plain) -> Found:
    """A Kano questionnaire asks about an attribute both where it is absent and where it is present; a label needs both."""
    for name, one in story.mapping("service").items():
        if not isinstance(one, dict) or not set(one) <= _ATTRIBUTE:
            continue
        written = [key for key in ("absent", "present") if key in one]
        if "kano" in one and len(written) < 2:
            yield Problem(("service", name, "kano"), "needs `absent` and `present` beside it, the points she gets where the "
                                                     "attribute is absent and where it is present")
        elif len(written) == 1:
            other = "present" if written == ["absent"] else "absent"
            yield Problem(("service", name, written[0]), f"needs `{other}` beside it: a questionnaire asks about both")
        absent, present = (_number(one.get(key), units.number) for key in ("absent", "present"))
        if absent is not None and present is not None and absent >= present:
            yield Problem(("service", name, "present"), f"must lie above `absent` ({units.plain(absent)}), "
                                                        f"not {units.plain(present)}")


def _labels(story: _Plain) -> Found:
    """A label is the only one to say what it says: the start of the expectation, and the weight's sign."""
    labels = story.labels()
    for name, label in labels.items():
        weight = _number(story.get("service", name, "weight"), units.number)
        if weight is not None and label == "indifferent" and weight != 0:
            yield Problem(("service", name, "weight"), f"must be 0 or be left out beside `kano: indifferent`, not "
                                                       f"{units.plain(weight)}")
        elif weight == 0 and label != "indifferent":
            yield Problem(("service", name, "weight"), f"must not be 0 beside `kano: {label}`; did you mean "
                                                       "`kano: indifferent`?")
        elif weight is not None and weight < 0 and label not in ("indifferent", "reverse"):
            yield Problem(("service", name, "weight"), f"must be above 0 beside `kano: {label}`, not {units.plain(weight)}; "
                                                       "did you mean `kano: reverse`?")
    for key in (("market",), *(("market", "segments", name) for name in story.mapping("market", "segments"))):
        expects = story.get(*key, "expects")
        by_name = isinstance(expects, dict) and not values.is_spread(expects)
        for name in expects if by_name else ():
            if name in labels:
                yield Problem((*key, "expects", name), f"is said twice: `kano: {labels[name]}` says what is expected of it at "
                                                       "the start; take one of the two away", True)
        if expects is not None and not by_name and labels and len(labels) == len(story.mapping("service")):
            yield Problem((*key, "expects"), "serves no attribute: the labels (`kano`) say what is expected of all of them; "
                                             "take it away", True)


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
        for key in ("quality", "noise", "improves", *(("shortfall", "believes") if firm == "ours" else ())):
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
    for key, moves in story.strategies():
        for place, move in enumerate(moves):
            if isinstance(move, dict) and len(move) != 1:
                found = f"not {', '.join(move)}" if move else "not an empty one"
                kinds = listed(tuple(CATALOGUE) if key[0] == "strategies" else RIVALS_MOVES, "or")
                yield Problem((*key, place), f"a move is a mapping with exactly one key ({kinds}), {found}", True)


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


def _whom(story: _Plain) -> Found:
    """Whom a move is for: something is asked, and somebody can be meant."""
    for key, _, move in story.moves():
        to = move.get("to")
        if to == {}:
            yield Problem((*key, "to"), "must ask for at least one thing, such as {segment: NAME} or {from_visit: 10}; for all "
                                        "people write everyone")
        first, last = (_number(to.get(one), _count) if isinstance(to, dict) else None for one in ("from_visit", "to_visit"))
        if first is not None and last is not None and first > last:
            yield Problem((*key, "to", "to_visit"), f"must not come before `from_visit` ({units.plain(first)}), "
                                                    f"not {units.plain(last)}")


def _many_moves(story: _Plain) -> Found:
    """What a strategy may have only so many of.

    What people have met is remembered in one word of 64 bits for surprises and promises each.
    """
    for key, moves in story.strategies():
        kinds = [kind for move in moves if isinstance(move, dict) for kind in move]
        mine = key[0] == "strategies"  # a rival's moves of the other kinds are refused one by one
        for kind, most in (("surprise", MOST_ALIKE), ("promise", MOST_ALIKE), *((once, 1) for once in ONCE if mine)):
            count = kinds.count(kind)
            if count > most:
                found = {"research": "researches"}.get(kind, f"{kind}s")
                few = f"at most {most} of them" if most > 1 else "one at most"
                yield Problem(key, f"has {count} {found}; a strategy may have {few}", True)
        if mine and "match" in kinds and "research" not in kinds:
            place = next(at for at, move in enumerate(moves) if isinstance(move, dict) and "match" in move)
            yield Problem((*key, place, "match"), "needs a `research` in the same strategy: it sets the standard "
                                                                "by what research finds", True)


def _rivals_moves(story: _Plain) -> Found:
    """A rival's moves ask for no knowledge of its customers, and what it plays is one of its strategies."""
    for key, kind, _ in story.moves():
        if key[0] == "firms" and kind in CATALOGUE and kind not in RIVALS_MOVES:
            yield Problem(key, f"no move of a rival's: it is for ours alone; a rival may "
                               f"have {listed(RIVALS_MOVES, 'or')}", True)
    for rival in story.rivals():
        plays, strategies = story.get("firms", rival, "plays"), story.get("firms", rival, "strategies")
        if isinstance(plays, str) and strategies is None:
            yield Problem(("firms", rival, "plays"), "needs `strategies` beside it, of which it names one")
        elif isinstance(plays, str) and isinstance(strategies, dict) and strategies and plays not in strategies:
            yield Problem(("firms", rival, "plays"), _no("strategy", plays, tuple(strategies)))


def _tiers(story: _Plain) -> Found:
    """The tiers of a programme ascend."""
    for key, kind, move in story.moves():
        tiers = move.get("tiers")
        if kind != "programme" or not isinstance(tiers, dict):
            continue
        if not tiers:
            yield Problem((*key, "tiers"), "must hold at least one tier, such as `gold: {visits: 12, lift: 4}`")
        hours = _number(move.get("period"), lambda value: units.days(value, units.HOUR))
        if hours is not None and hours < 1.0:
            yield Problem((*key, "period"), f"must be a day or more, not {move['period']}: firms act in whole days")
        before, most = "", 0.0
        for name, tier in tiers.items():
            visits = _number(tier.get("visits"), _count) if isinstance(tier, dict) else None
            if visits is not None and visits <= most:
                yield Problem((*key, "tiers", name, "visits"), f"must be more than the {units.plain(most)} of {before}, the "
                                                               f"tier before it, not {units.plain(visits)}")
            before, most = (name, visits) if visits is not None else (before, most)


def _contacts(story: _Plain) -> Found:
    """The first contact comes before the second, as written or as left out."""
    from sim.story.resolve import DEFAULTS

    for key, kind, move in story.moves():
        if kind != "contact":
            continue
        first, second = (_number(move.get(one, DEFAULTS["Contact"][one]), units.days) for one in ("first", "second"))
        if first is None or second is None or first < second:
            continue
        if "second" in move:
            start = move.get("first", f"{DEFAULTS['Contact']['first']}, where it is left out")
            yield Problem((*key, "second"), f"must come after `first` ({start}), not {move['second']}")
        else:
            left_out = f"`second` ({DEFAULTS['Contact']['second']}, where it is left out)"
            yield Problem((*key, "first"), f"must come before {left_out}, not {move['first']}")


def _prices(story: _Plain) -> Found:
    """What a firm's moves make of its price is never below 0."""
    from sim.story.resolve import DEFAULTS, whole_days

    horizon = _number(story.get("horizon"), whole_days)
    for strategy, _ in story.strategies():
        firm = _whose(strategy)
        written = story.mapping("firms", firm).get("price", DEFAULTS["Firm"]["price"])
        listed_at = _number(written, units.number)
        if horizon is None or listed_at is None:
            continue
        moves = [(key, *_price_move(move, horizon)) for key, kind, move in story.moves_of(strategy) if kind == "price"]
        found = [(key, by, dates) for key, by, dates in moves if by is not None and dates is not None]
        for day in _turns([dates for *_, dates in found], horizon):
            price = listed_at + sum(by * rollout(day, *dates) for _, by, dates in found)
            if price < -_CLOSE:
                key = next(key for key, by, dates in reversed(found) if by * rollout(day, *dates) < 0.0)
                whose, low = "our" if firm == "ours" else "its", units.plain(round(price, 9))
                came = f"would bring {whose} price to {low} on day {day}, and no price is below 0"
                before = f"before any move it is {units.plain(listed_at)} ({key_text(('firms', firm, 'price'))})"
                yield Problem((*key, "by"), f"{came}; {before}")
                break


Dates = tuple[float, float, float]
"""When a move starts, when it ends, and how long it takes until it works in full, days."""


def _price_move(move: dict[str, Any], horizon: float) -> tuple[float | None, Dates | None]:
    """By how much a price moves, and when; None where that is malformed."""
    from sim.story.resolve import to_day

    at, until = _number(move.get("at", "0 days"), to_day), _number(move.get("until", f"{horizon} days"), to_day)
    over = _number(move.get("over", "0 days"), units.days)
    dates = None if at is None or until is None or over is None else (at, until, over)
    return _number(move.get("by"), units.number), dates


def _turns(moves: list[Dates], horizon: float) -> list[int]:
    """The days within the horizon at which a sum of such moves may turn: between them it changes evenly."""
    days = {day for at, until, over in moves for day in (at, floor(at + over) - 1, ceil(at + over) - 1, until - 1, until)}
    return sorted(int(day) for day in days if 0 <= day < horizon)


def _watching(story: _Plain) -> Found:
    """What is usual is known before the horizon, and from enough points of a chart."""
    from sim.story.resolve import DEFAULTS, whole_days

    watch, horizon = story.mapping("watch"), _number(story.get("horizon"), whole_days)
    until, every = (_number(watch.get(key, DEFAULTS["Watch"].get(key)), _a_day_or_more) for key in ("until", "every"))
    if until is not None and horizon is not None and until >= horizon:
        yield Problem(("watch", "until"), f"must lie before the horizon ({units.plain(horizon)} days), "
                                          f"not {_dated(watch['until'], until)}")
    elif until is not None and every is not None and until < FEWEST_USUAL * every:
        key = "every" if "every" in watch else "until"
        yield Problem(("watch", key), f"`until` ({units.plain(until)} days) must hold at least {FEWEST_USUAL} times `every` "
                                      f"({units.plain(every)} days): what is usual is not known from fewer points of a chart")


def _hearing(story: _Plain) -> Found:
    """One way of hearing of rivals at a time."""
    for key in (("psyche",), *(("market", "segments", name, "psyche") for name in story.mapping("market", "segments"))):
        if {"hears_rivals", "hears_rivals_every"} <= set(story.mapping(*key, "norm")):
            yield Problem((*key, "norm"), "hears of rivals both ways; write either hears_rivals_every (between visits) or "
                                          "hears_rivals (before a visit)", True)


def _choosing(story: _Plain) -> Found:
    """Our share of visits can decide only where people choose between us and a rival."""
    people = [("psyche",), *(("market", "segments", name, "psyche") for name in story.mapping("market", "segments"))]
    chooses = any("choosing" in story.mapping(*key) for key in people)
    rivals = len(story.mapping("firms")) > 1
    if story.get("outcome") == "share" and not chooses:
        yield Problem(("outcome",), f"cannot be share here: {UNCHOSEN}; write `psyche.choosing` or name another outcome")
    elif story.get("outcome") == "share" and not rivals:
        yield Problem(("outcome",), "cannot be share here: there is no rival, so that ours has every visit; write one under "
                                    "`firms` or name another outcome")


def _prospects(story: _Plain) -> Found:
    """Prospects are of a market where everybody else is ours; where people choose, nobody is anybody's customer at first."""
    people = [(), *(("market", "segments", name) for name in story.mapping("market", "segments"))]
    chooses = any("choosing" in story.mapping(*key, "psyche") for key in people)
    for key in (("market",), *(("market", "segments", name) for name in story.mapping("market", "segments"))):
        if chooses and "prospects" in story.mapping(*key) and _number(story.get(*key, "prospects"), units.share) != 0.0:
            yield Problem((*key, "prospects"), "serves no purpose where people choose among firms (`psyche.choosing`): there "
                                               "everybody is nobody's customer at the start; take it away", True)


def _staff(story: _Plain) -> Found:
    """A spread of serving times has its sd where it needs one; whoever is moved to be there is there."""
    for firm in story.mapping("firms"):
        staff = story.mapping("firms", firm, "staff")
        lognormal = staff.get("varies") == "lognormal"
        if lognormal and "sd" not in staff:
            yield Problem(("firms", firm, "staff", "varies"), "lognormal needs `sd` beside it, their spread in minutes")
        elif "sd" in staff and not lognormal:
            yield Problem(("firms", firm, "staff", "sd"), "goes with `varies: lognormal` alone", True)
        if _number(staff.get("minutes"), units.number) == 0.0:
            yield Problem(("firms", firm, "staff", "minutes"), "must be above 0: serving somebody takes a while")
    for strategy, _ in story.strategies():
        yield from _staffing(story, strategy)


def _staffing(story: _Plain, strategy: Key) -> Found:
    """Moves of staff leave at least one to serve, and between an hour's tenth and a whole day of opening hours, at any time."""
    from sim.story.resolve import DEFAULTS, to_day

    firm = _whose(strategy)
    staff, on = story.mapping("firms", firm, "staff"), list[tuple[Key, float, float, float, float]]()
    for key, kind, move in story.moves_of(strategy):
        if kind != "staffing":
            continue
        if firm in story.mapping("firms") and not staff:
            yield Problem(key, f"needs `{key_text(('firms', firm, 'staff'))}`, which says how many serve now")
        if not {"by", "hours"} & set(move):
            longer = "how many hours longer we are open" if firm == "ours" else "how many hours longer it is open"
            yield Problem(key, f"must say how many more serve (`by`), or {longer} (`hours`)", True)
        dates = (_number(move.get(one, start), to_day) for one, start in (("at", "0 days"), ("until", f"{units.LONGEST} days")))
        numbers = (_number(move.get(one, 0), units.number) for one in ("by", "hours"))
        at, until, by, hours = *dates, *numbers
        if None not in (at, until, by, hours):
            on.append((key, at or 0.0, until or 0.0, by or 0.0, hours or 0.0))
    servers = _number(staff.get("servers"), units.number)
    opens = _number(staff.get("hours", DEFAULTS["Staff"]["hours"]), units.number)
    for key, day, *_ in on:
        there = [one for one in on if one[1] <= day < one[2]]
        if servers is not None and servers + sum(one[3] for one in there) < 1:
            yield Problem(key, f"leaves nobody to serve from day {units.plain(day)} on: {units.plain(servers)} serve before")
        if opens is not None and not 0.1 <= opens + sum(one[4] for one in there) <= 24.0:
            yield Problem(key, f"makes the opening hours {units.plain(opens + sum(one[4] for one in there))} from day "
                               f"{units.plain(day)} on; allowed are 0.1 to 24 hours")


def _network(story: _Plain) -> Found:
    """A network is of one kind, and ties nobody to more people than there are."""
    from sim.story.resolve import DEFAULTS, NETWORKS

    network = story.mapping("market", "network")
    kinds = [kind for kind in (*values.NETWORKS, "edges") if kind in network]
    known = set(network) <= {*values.NETWORKS, "edges", "digest"}
    if len(kinds) != 1 and known and isinstance(story.get("market", "network"), dict):
        found = " and ".join(kinds) if kinds else "none of them"
        yield Problem(("market", "network"), f"must be one of {listed((*values.NETWORKS, 'edges'), 'or')}, not {found}", True)
    elif kinds != ["edges"] and "digest" in network:
        yield Problem(("market", "network", "digest"), "is allowed only with `edges`", True)
    word, people = story.get("market", "network"), _number(story.get("market", "people"), _count)
    for kind in ("small_world", "scale_free"):
        if people is None or not (kind in kinds or word == kind):
            continue
        degree = DEFAULTS[NETWORKS[kind]]["degree"]
        written = story.mapping("market", "network", kind).get("degree")
        number = _number(degree if written is None else written, _count)
        if number is not None and number >= people:
            there = f"less than the number of people ({units.plain(people)})"
            yield Problem(("market", "network", kind, "degree"), f"must be {there}, not {units.plain(number)}" if written else
                          f"needs a `degree` that is {there}; left out it is {degree}")


def _budgets(story: _Plain) -> Found:
    """A budget is more than what the move costs at once: else nothing is left to run it on."""
    for key, kind, move in story.moves():
        least, once = _number(move.get("budget"), units.number), _number(move.get("cost"), units.number)
        at_once = kind in CATALOGUE and CATALOGUE[kind].costs.get("cost") == ONCE_ONLY
        if least is not None and once is not None and at_once and 0 < least <= once:
            yield Problem((*key, "budget"), f"must be more than what the move costs at once (`cost`: {units.plain(once)}), not "
                                            f"{units.plain(least)}: nothing would be left to run it on")


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


_RULES: Final = (_names, _not_empty, _shares, _weights, _questionnaire, _labels, _per_attribute, _order, _learning, _hearing,
                 _choosing, _one_move, _many_moves, _rivals_moves, _surprises, _move_names, _whom, _tiers, _contacts,
                 _prospects, _staff, _network, _claims, _dates, _watching, _prices, _budgets)

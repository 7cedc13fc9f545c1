"""The kinds of value that a scenario's keys take: each reads one writing and says the same in JSON Schema.

A kind is put into a pydantic annotation; reading brings a value into its one canonical writing (shares as numbers,
durations in days), so a model that has been read is plain text again, and writing it out loses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypedDict

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from sim.outcomes import listed
from sim.rules.traits import TRAITS, Trait
from sim.story import units


class Normal(TypedDict):
    """A normal spread over people."""

    mean: float
    sd: float


class Between(TypedDict):
    """An even spread between two numbers."""

    between: list[float]


class Beta(TypedDict):
    """A beta spread on 0 to 1, by its two shapes."""

    beta: list[float]


class SpanNormal(TypedDict):
    """A normal spread of durations."""

    mean: str
    sd: str


class SpanBetween(TypedDict):
    """An even spread between two durations."""

    between: list[str]


Spread = float | Normal | Between | Beta
"""A number, or how it is spread over people."""
Span = str | SpanNormal | SpanBetween
"""A duration, or how it is spread over people."""

SHAPES: Final = {"<normal>": ("mean", "sd"), "<between>": ("between",), "<beta>": ("beta",)}
"""The ways to spread a number, by the tag that pydantic puts into a location, with their keys."""
SPREAD_KEYS: Final = frozenset(key for keys in SHAPES.values() for key in keys)
NAME: Final = r"^(?!\s)[^\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]{1,100}(?<!\s)$"

Read = Callable[[object], object]
Json = dict[str, Any]


@dataclass(frozen=True)
class Written:
    """One kind of value: `read` brings it to its canonical writing or says what is wrong; `json` is its JSON Schema."""

    read: Read
    json: Json

    def core(self) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(said(self.read))

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return self.core()

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> Json:
        return dict(self.json)

    def __hash__(self) -> int:
        return id(self)


def said(read: Read) -> Callable[[object], object]:
    """Let a reader's sentence pass through pydantic unchanged."""

    def reading(value: object) -> object:
        try:
            return read(value)
        except ValueError as error:
            raise PydanticCustomError("said", "{sentence}", {"sentence": str(error)}) from None

    return reading


@dataclass(frozen=True)
class Spreadable(Written):
    """A kind of value that may be spread over people: `width` reads an sd, `beta` says whether the beta form is allowed.

    word: a word that stands for a number alone, not within a spread, and that `read_alone` reads too.
    """

    width: Read
    width_json: Json
    beta: bool = True
    word: str = ""
    read_alone: Read | None = None

    def core(self) -> CoreSchema:
        one = core_schema.no_info_plain_validator_function(said(self.read))
        alone = core_schema.no_info_plain_validator_function(said(self.read_alone or self.read))
        width = core_schema.no_info_plain_validator_function(said(self.width))
        pair = core_schema.no_info_plain_validator_function(said(lambda value: _pair(value, self.read)))
        shapes = core_schema.no_info_plain_validator_function(said(lambda value: _pair(value, _shape)))
        choices: dict[Any, CoreSchema] = {"<one>": alone, "<normal>": _mapping(mean=one, sd=width),
                                         "<between>": _mapping(between=pair)}
        if self.beta:
            choices["<beta>"] = _mapping(beta=shapes)
        word = f"`{self.word}`, " if self.word else ""
        ways = f"a number, {word}{{mean, sd}}, {{between: [low, high]}} or {{beta: [a, b]}}" if self.beta else (
            f"a duration, {word}{{mean, sd}} or {{between: [shortest, longest]}}")
        return core_schema.tagged_union_schema(
            choices, lambda value: shape_of(value, self.beta), custom_error_type="said",
            custom_error_message="{sentence}", custom_error_context={"sentence": f"must be {ways}"})

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> Json:
        return self.schema()

    def schema(self) -> Json:
        """JSON Schema of all the ways to write it."""
        ways = [self.json, _object(mean=self.json, sd=self.width_json), _object(between=_pair_json(self.json))]
        if self.beta:
            ways.append(_object(beta=_pair_json({"type": "number", "exclusiveMinimum": 0, "maximum": 1e6})))
        return {"anyOf": [*ways, {"const": self.word}] if self.word else ways}

    def __hash__(self) -> int:
        return id(self)


def shape_of(value: object, beta: bool = True) -> str | None:
    """The tag of the way a spread is written; None where no way fits."""
    if not isinstance(value, dict):
        return "<one>"
    for tag, keys in SHAPES.items():
        if any(key in value for key in keys) and (beta or tag != "<beta>"):
            return tag
    return None


def is_spread(value: object) -> bool:
    """Whether a mapping says how a number is spread over people, and not one value an attribute."""
    return isinstance(value, Mapping) and any(key in SPREAD_KEYS for key in value)


def _mapping(**fields: CoreSchema) -> CoreSchema:
    return core_schema.typed_dict_schema(
        {key: core_schema.typed_dict_field(schema, required=True) for key, schema in fields.items()},
        extra_behavior="forbid")


def _object(**properties: Json) -> Json:
    return {"type": "object", "additionalProperties": False, "required": list(properties), "properties": properties}


def _pair_json(one: Json) -> Json:
    return {"type": "array", "items": one, "minItems": 2, "maxItems": 2}


def _pair(value: object, read: Read) -> list[object]:
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError(f"must be a list of two such as [1, 2], not {units.shown(value)}")
    both = []
    for which, item in zip(("first", "second"), value, strict=True):
        try:
            both.append(read(item))
        except ValueError as error:
            raise ValueError(f"the {which} of the two {error}") from None
    return both


def _shape(value: object) -> float:
    read = units.number(value, 0.0, 1e6)
    if read <= 0:
        raise ValueError(f"must be a number above 0, not {units.shown(value)}")
    return read


def number(low: float = -units.LARGEST, high: float = units.LARGEST) -> Written:
    """A number within [low, high]."""
    return Written(lambda value: units.number(value, low, high), _number_json(low, high))


def _number_json(low: float, high: float) -> Json:
    return {"type": "number", "minimum": max(low, -units.LARGEST), "maximum": min(high, units.LARGEST)}


def of(one: Written, what: str, such: str) -> Written:
    """The same kind, where a number with a unit behind it is told what to write: a number of `what`, such as `such`."""

    def read(value: object) -> object:
        try:
            return one.read(value)
        except ValueError as error:
            if isinstance(value, str) and re.fullmatch(units.WITH_UNIT, value):
                raise ValueError(f"must be a number of {what}, such as {such}, not {units.shown(value)}") from None
            raise error from None

    return replace(one, read=read)


def whole(low: int, high: int) -> Written:
    """A whole number within [low, high]."""
    return Written(lambda value: units.whole(value, low, high), {"type": "integer", "minimum": low, "maximum": high})


def even(low: int, high: int) -> Written:
    """An even whole number within [low, high]."""
    plain = whole(low, high)

    def read(value: object) -> object:
        number = plain.read(value)
        if units.whole(number, low, high) % 2:
            raise ValueError(f"must be an even number, not {units.shown(value)}")
        return number

    return Written(read, {**plain.json, "multipleOf": 2})


def above(low: float) -> Written:
    """A number above `low`."""

    def read(value: object) -> float:
        number = units.number(value, low)
        if number == low:
            raise ValueError(f"must be a number above {units.plain(low)}, not {units.shown(value)}")
        return number

    return Written(read, {"type": "number", "exclusiveMinimum": low, "maximum": units.LARGEST})


_SHARE_PATTERNS: Final = {"": units.PERCENT, "visit": units.PERCENT_PER_VISIT, "year": units.PERCENT_PER_YEAR}


def share(per: str = "") -> Written:
    """A share: 0.25 or 25%, and 25% per visit (or year) where `per` says so."""
    return Written(lambda value: units.share(value, per), _share_json(per))


def _share_json(per: str) -> Json:
    return {"anyOf": [{"type": "number", "minimum": 0, "maximum": 1},
                      {"type": "string", "pattern": _SHARE_PATTERNS[per]}]}


def spread(low: float = -units.LARGEST, high: float = units.LARGEST) -> Spreadable:
    """A number within [low, high], or its spread over people."""
    low, high = max(low, -units.LARGEST), min(high, units.LARGEST)
    return Spreadable(lambda value: units.number(value, low, high), _number_json(low, high),
                      lambda value: units.number(value, 0.0), _number_json(0.0, units.LARGEST))


def spread_or(word: str, low: float = -units.LARGEST) -> Spreadable:
    """A number of at least `low` or its spread over people; or, alone, a word."""
    plain = spread(low)
    return replace(plain, word=word, read_alone=replace_word(plain, word).read)


def trait(key: str) -> Spreadable:
    """The kind of value a trait takes, by its key in TRAITS."""
    one = find(key)
    if one.key == "waiting.most":  # people think of minutes here
        plain = spread(one.low, one.high)
        return replace(plain, read=of(plain, "points", "10").read)
    if (one.low, one.high) == (0.0, 1.0):
        per = "visit" if one.unit == "per visit" else ""
        made = Spreadable(lambda value: units.share(value, per), _share_json(per), units.share, _share_json(""))
    else:
        made = spread(max(one.low, 0.0) if key == "learning.bayesian" else one.low, one.high)
    return made


def find(key: str) -> Trait:
    """The trait written at `key`."""
    return next(one for one in TRAITS if one.key == key)


def duration(low: float = 0.0) -> Written:
    """A duration of `low` days or more, canonical in days."""
    return Written(_span(low), {"type": "string", "pattern": units.SPAN if low > 0 else units.DURATION})


def _span(low: float) -> Read:
    return lambda value: units.in_days(units.days(value, low))


def spread_duration(word: str = "") -> Spreadable:
    """A duration of an hour or more, or its spread over people; `word`, alone, stands for "without end"."""
    return Spreadable(_span(units.HOUR), {"type": "string", "pattern": units.SPAN}, _span(0.0),
                      {"type": "string", "pattern": units.DURATION}, beta=False, word=word,
                      read_alone=lambda value: units.in_days(units.days(value, units.HOUR, word=word), word))


PER_VISIT: Final = Written(lambda value: f"{units.plain(units.per_visit(value))} per visit",
                           {"type": "string", "pattern": units.PER_VISIT})
PER_DAY: Final = Written(lambda value: f"{units.plain(units.per_day(value))} per day",
                         {"type": "string", "pattern": units.PER_DAY})
PER_YEAR: Final = Written(lambda value: f"{units.plain(units.per_year(value))} per year",
                          {"type": "string", "pattern": units.PER_TIME})


def _visits(value: object) -> str:
    count = units.visits(value)
    return f"{count} visit" if count == 1 else f"{count} visits"


VISITS: Final = Written(_visits, {"type": "string", "pattern": units.VISITS})


def _text(value: object, longest: int = 20_000) -> str:
    if not isinstance(value, str):
        meant = f'; did you mean "{units.shown(value)}", in quotes?' if isinstance(value, (int, float)) else ""
        raise ValueError(f"must be text, not {units.shown(value)}{meant}")
    if not value.strip():
        raise ValueError("must be text that says something, not an empty one")
    if len(value) > longest:
        raise ValueError(f"must be text of at most {longest} characters, not {len(value)}")
    return value


def text(longest: int = 20_000) -> Written:
    """Some words."""
    return Written(lambda value: _text(value, longest),
                   {"type": "string", "minLength": 1, "maxLength": longest, "pattern": r"\S"})


def _texts(value: object) -> object:
    if isinstance(value, list):
        return [_text(item) for item in value]
    if isinstance(value, dict):
        raise ValueError("must be text or a list of texts, not a mapping")
    return [_text(value)]


_TEXT_JSON: Final = text().json
TEXTS: Final = Written(_texts, {"anyOf": [_TEXT_JSON, {"type": "array", "items": _TEXT_JSON}]})


def _sources(value: object) -> dict[str, str]:
    if isinstance(value, list):
        return {str(place): _text(item) for place, item in enumerate(value, 1)}
    if not isinstance(value, dict):
        raise ValueError(f"must be a mapping (key: where its number comes from) or a list of texts, not {units.shown(value)}")
    read = {}
    for key, item in value.items():
        try:
            read[str(key)] = _text(item)
        except ValueError as error:
            raise ValueError(f"the source of `{key}` {error}") from None
    return read


SOURCES: Final = Written(_sources, {"anyOf": [{"type": "object", "additionalProperties": _TEXT_JSON},
                                              {"type": "array", "items": _TEXT_JSON}]})


def choice(*words: str) -> Written:
    """One of some words."""

    def read(value: object) -> object:
        if value in words and isinstance(value, str):
            return value
        raise ValueError(f"must be {listed(words, 'or')}, not {units.shown(value)}{meant(value, words)}")

    return Written(read, {"enum": list(words)})


ELSEWHERE: Final = {"word_of_mouth": "talk", "campaign": "promise", "advertising": "promise", "capacity": "staff",
                    "churn": "leaving", "loyalty": "programme", "hire": "staffing"}
"""What a thing is called by others, and what it is called here."""


def meant(value: object, words: tuple[str, ...]) -> str:
    """The end of a sentence that says which of `words` was probably meant, or nothing."""
    from difflib import get_close_matches

    if not isinstance(value, str) or len(value) > 200:
        return ""
    if (known := ELSEWHERE.get(value.lower().replace("-", "_").replace(" ", "_"))) in words:
        return f'; did you mean "{known}"?'
    by_small = {word.lower(): word for word in words}
    near = get_close_matches(value.lower().replace("-", "_"), list(by_small), 1, 0.6)
    return f'; did you mean "{by_small[near[0]]}"?' if near else ""


def allowed(near: str, words: tuple[str, ...]) -> str:
    """The end of a sentence about an unknown word: what was probably meant, and all that is allowed."""
    return f"{near} allowed: {', '.join(words)}" if near else f"; allowed: {', '.join(words)}"


def _switch(value: object) -> bool:
    if isinstance(value, bool):
        return value
    yes = {"yes": "true", "on": "true", "no": "false", "off": "false"}.get(str(value).lower())
    raise ValueError(f"must be true or false, not {units.shown(value)}" + (f"; did you mean {yes}?" if yes else ""))


SWITCH: Final = Written(_switch, {"type": "boolean"})


@dataclass(frozen=True)
class Each(Written):
    """One value for all attributes, or a mapping from attributes to values."""

    one: Written
    word: str = ""

    def core(self) -> CoreSchema:
        inner = replace_word(self.one, self.word).core()
        each = core_schema.dict_schema(core_schema.str_schema(), inner, min_length=1)
        return core_schema.tagged_union_schema({"<all>": inner, "<each>": each}, _each_or_all)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> Json:
        one = self.one.schema() if isinstance(self.one, Spreadable) else self.one.json
        if self.word:
            one = {"anyOf": [{"const": self.word}, one]}
        names = {"pattern": NAME, "not": {"enum": sorted(SPREAD_KEYS)}}
        each = {"type": "object", "minProperties": 1, "propertyNames": names, "additionalProperties": one}
        return {"anyOf": [one, each]}

    def __hash__(self) -> int:
        return id(self)


def _each_or_all(value: object) -> str:
    return "<each>" if isinstance(value, dict) and not is_spread(value) else "<all>"


def each(one: Written, word: str = "") -> Each:
    """One value for all attributes, or one for each."""
    return Each(one.read, one.json, one, word)


def replace_word(one: Written, word: str) -> Written:
    """The same kind, where one more `word` is allowed."""
    if not word:
        return one

    def read(value: object) -> object:
        if value == word:
            return word
        try:
            return one.read(value)
        except ValueError:
            if isinstance(value, str):
                near = meant(value, (word,))
                raise ValueError(f"must be a number or the word `{word}`, not {units.shown(value)}{near}") from None
            raise

    return replace(one, read=read)


def _within(value: object) -> list[str]:
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError(f"must be a list of two durations such as [7 days, 90 days], not {units.shown(value)}")
    shortest, longest = units.days(value[0], units.HOUR), units.days(value[1], units.HOUR, word="no limit")
    if shortest > longest:
        raise ValueError(f"must have the shortest first, such as [{value[1]}, {value[0]}]")
    return [units.in_days(shortest), units.in_days(longest, "no limit")]


_SPAN_JSON: Final = {"anyOf": [{"type": "string", "pattern": units.SPAN}, {"const": "no limit"}]}
WITHIN: Final = Written(_within, {"type": "array", "minItems": 2, "maxItems": 2, "items": _SPAN_JSON,
                                  "prefixItems": [{"type": "string", "pattern": units.SPAN}]})

NETWORKS: Final = ("mixed", "small_world", "scale_free")
"""The kinds of network that need no file: a word alone stands for one with nothing said of it."""


def network(value: object) -> object:
    """A network as a mapping, where a word may stand for it."""
    if isinstance(value, dict):
        return value
    if isinstance(value, str) and value in NETWORKS:
        return {value: {}}
    rule = f"must be {listed(NETWORKS, 'or')}, or a mapping such as {{small_world: {{degree: 8}}}} or {{edges: FILE.csv}}"
    raise ValueError(f"{rule}, not {units.shown(value)}{meant(value, NETWORKS)}")


def _digest(value: object) -> str:
    if isinstance(value, str) and re.fullmatch(units.DIGEST, value):
        return value
    raise ValueError(f"must be 64 hexadecimal digits in small letters, not {units.shown(value)}")


DIGEST: Final = Written(_digest, {"type": "string", "pattern": units.DIGEST})

AIMS: Final = ("everyone", "after a disappointment", "at risk")
"""The words that say whom a move is for."""


def aim(value: object) -> str:
    """One of the words that say whom a move is for."""
    if isinstance(value, str) and value in AIMS:
        return value
    rule = f"must be {', '.join(AIMS)} or a mapping such as {{segment: NAME}}"
    raise ValueError(f"{rule}, not {units.shown(value)}{meant(value, AIMS)}")


def _only_true(value: object) -> bool:
    if value is True:
        return True
    yes = "; did you mean true?" if str(value).lower() in ("yes", "on") else ""
    raise ValueError(f"must be true, or be left out, not {units.shown(value)}{yes}")


ONLY_TRUE: Final = Written(_only_true, {"const": True})

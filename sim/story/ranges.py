"""Keys that are let move, as `--over` takes them: `psyche.learning.up=0.1..0.5`, `…chance=5%..40%/8`, `…every=7 days, 30 days`.

A range has two ends, `LOW..HIGH`; `/9` walks it in nine even values, `log` walks it by ratios, a list holds the values there
are, and keys joined by `&` have one value. Values are written as the story writes them; `%` and durations are read here as
shares and days, so that both ends may have units of their own.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from sim.story import settings, units
from sim.story.nodes import key_text

if TYPE_CHECKING:
    from sim.story.scenario import Scenario

_NUMBER: Final = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_VALUE: Final = re.compile(rf"({_NUMBER})( ?%| +[a-z][a-z ]*[a-z])?((?: +per [a-z]+)?)")
_RANGE: Final = re.compile(r"(.+?)\.\.(.+?)(?:/(\d+))?( +log)?")
MOST_STEPS: Final = 10_000
PROBE: Final = 0.37
"""Added to a whole number to see whether a key takes fractions."""


class RangeError(ValueError):
    """A range that is none, or that the story does not allow; the text is one sentence that says what is."""


@dataclass(frozen=True)
class Range:
    """What one or several keys are let be.

    keys: paths as `--set` takes them. low, high: the ends, in the unit; of a list, the positions of its first and last value.
    unit: what follows a number in the story, such as ` days`. shown: what it is shown in, `%` for shares written so. words: the
    values of a list. steps: how many even values there are, 0 for any. log: walked by ratios. whole: whole numbers only. now:
    the story's own value in the unit, NaN where it has none that is a plain number. text: as it was written.
    """

    keys: tuple[str, ...]
    low: float
    high: float
    unit: str
    shown: str
    words: tuple[str, ...]
    steps: int
    log: bool
    whole: bool
    now: float
    text: str

    @property
    def name(self) -> str:
        """The key, or the first of several, short: without `strategies` and `psyche`."""
        return re.sub(r"^(strategies|psyche)\.", "", self.keys[0]) + (f" & {len(self.keys) - 1} more" if self.keys[1:] else "")

    def at(self, share: float) -> float:
        """The value that lies `share` (0..1) of the way from low to high, on a step where there are steps."""
        share = min(1.0, max(0.0, share))
        if self.words:
            return float(round(share * (len(self.words) - 1)))
        if self.steps:
            share = round(share * (self.steps - 1)) / (self.steps - 1)
        x = self.low * (self.high / self.low) ** share if self.log else self.low + (self.high - self.low) * share
        return float(round(x)) if self.whole else min(self.high, max(self.low, float(f"{x:.12g}")))

    def share(self, x: float) -> float:
        """Where a value lies, 0 at low and 1 at high; NaN outside, or where the value is none."""
        if not self.low <= x <= self.high:
            return math.nan
        if self.high == self.low:
            return 0.0
        return math.log(x / self.low) / math.log(self.high / self.low) if self.log else (x - self.low) / (self.high - self.low)

    def written(self, x: float) -> str:
        """A value as the story writes it, with all its digits."""
        return self.words[round(x)] if self.words else f"{units.plain(x)}{self.unit}"

    def said(self, x: float) -> str:
        """A value for people, with four digits that count."""
        if not math.isfinite(x):
            return "unknown"
        if self.words:
            return self.words[round(x)]
        shown = 100.0 * x if self.shown.startswith("%") else x
        decimals = 0 if self.whole or shown == 0.0 else max(0, 3 - math.floor(math.log10(abs(shown))))
        text = f"{shown:,.{decimals}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
        return text.replace("-", "−") + self.shown

    def settings(self, x: float) -> list[str]:
        """What puts the value into the story, as after `--set`."""
        return [f"{key}={self.written(x)}" for key in self.keys]


def parse(text: str) -> Range:
    """Read one range, not yet against a story. Errors: RangeError."""
    keys, values = _split(text)
    found = _RANGE.fullmatch(values)
    if found is None:
        return _listed(text, keys, values)
    low, high = (_value(text, one.strip()) for one in (found[1], found[2]))
    if high[1:] != low[1:] and low[1] == "" == low[2]:  # `5..40%`, `7..30 days`: the unit once, at the end
        low = _value(text, found[1].strip() + _tail(found[2].strip()))
    if high[1] != low[1]:
        raise _wrong(text, f"has ends of two kinds, `{found[1].strip()}` and `{found[2].strip()}`; give both one unit")
    steps, log = int(found[3] or 0), found[4] is not None
    if low[0] >= high[0]:
        raise _wrong(text, f"has its ends the wrong way round; write {values.split('..')[1].split('/')[0].strip()}.."
                           f"{found[1].strip()}" if low[0] > high[0] else "has two equal ends; write LOW..HIGH")
    if found[3] is not None and not 2 <= steps <= MOST_STEPS:
        raise _wrong(text, f"must have from 2 to {MOST_STEPS:,} values after the /, not {found[3]}")
    if log and low[0] <= 0.0:
        raise _wrong(text, "cannot be walked by ratios from 0 or below; take `log` away, or start above 0")
    return Range(keys, low[0], high[0], low[1], low[2], (), steps, log, False, math.nan, text)


def against(scenario: Scenario, ranges: Sequence[Range]) -> tuple[Range, ...]:
    """The ranges with what the story says of their keys: its own values, and whether whole numbers only.

    Errors: RangeError for a key the story has not, a value it does not allow there, or a key that two ranges move.
    """
    keys = [key for one in ranges for key in one.keys]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        raise RangeError(f"--over moves {twice} twice; give each key one range")
    return tuple(_against(scenario, one) for one in ranges)


def _against(scenario: Scenario, one: Range) -> Range:
    values = one.words or _ends(one)
    for value in values:
        problem = refused(scenario, [f"{key}={value}" for key in one.keys])
        if problem:
            raise _wrong(one.text, f"cannot be {value}: {problem}")
    even = not one.words and one.low == round(one.low) and one.high == round(one.high) and one.shown == one.unit
    whole = even and bool(refused(scenario, one.settings(one.low + PROBE)))
    return replace(one, whole=whole, now=_now(scenario, one))


def refused(scenario: Scenario, told: Sequence[str]) -> str:
    """What the story says against these settings, or nothing."""
    from sim.story.load import ScenarioError, vary

    try:
        vary(scenario, told)
    except ScenarioError as error:
        first = error.mistakes[0]
        return f"{first.key} {first.message}" if first.key else first.message
    return ""


def _ends(one: Range) -> tuple[str, ...]:
    """Both ends as they were written, units and all: a key that takes no percentage is not given a share in its stead."""
    found = _RANGE.fullmatch(_split(one.text)[1])
    first, last = (str(found[at]).strip() for at in (1, 2)) if found else ("", "")
    return first if _unit(first) or not _unit(last) else first + _tail(last), last


def _now(scenario: Scenario, one: Range) -> float:
    """The story's own value, where it is a plain number in this unit or one of the list."""
    from sim.story.resolve import complete

    here: Any = scenario.story.model_dump(exclude_none=True, by_alias=True)
    for whole in (here, complete(scenario)):
        here = whole
        for step in (settings.split(f"{one.keys[0]}=0") or ((), ""))[0]:
            inside = isinstance(here, Mapping) and step in here
            listed = isinstance(here, list) and str(step).isdecimal() and int(step) < len(here)
            here = here[step] if inside else here[int(step)] if listed else None
        if here is not None:
            break
    if one.words:
        same = [at for at, word in enumerate(one.words) if here is not None and _plain(word) == _plain(here)]
        return float(same[0]) if same else math.nan
    value, unit, _ = _read(str(here)) or (math.nan, "", "")
    return value if unit == one.unit else math.nan


def _plain(value: object) -> object:
    return (_read(str(value)) or (str(value),))[:2]


def _split(text: str) -> tuple[tuple[str, ...], str]:
    """The keys before the `=`, and what stands after it."""
    cut = re.match(r"""((?:"(?:[^"\\]|\\.)*"|'[^']*'|[^"'=])*)=(.*)""", text, re.DOTALL)
    if cut is None or not cut[2].strip():
        raise _wrong(text, "must be written as KEY=LOW..HIGH or KEY=ONE, ANOTHER, such as psyche.learning.up=0.1..0.5")
    keys = []
    for part in split_keys(cut[1]):
        path = settings.split(f"{part}=0")
        if path is None:
            raise _wrong(text, f"has no key that can be read before the =: {part!r}; keys are written as after --set")
        if path[0][0] == "extends" or path[0][:3] == ("market", "network", "edges"):
            raise _wrong(text, f"cannot move {key_text(path[0])}: it names a file")
        keys.append(key_text(path[0]))
    return tuple(keys), cut[2].strip()


def split_keys(text: str) -> list[str]:
    """Keys that are joined by `&`, which may stand inside quotes, too."""
    return [part.strip() for part in re.findall(r"""(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^"'&])+""", text)]


def number_of(value: object) -> tuple[float, str] | None:
    """The number in a value of a complete story, and the unit that follows it there; None where it is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    found = _read(units.plain(value) if isinstance(value, (int, float)) else value)
    return None if found is None else found[:2]


def _listed(text: str, keys: tuple[str, ...], values: str) -> Range:
    words = tuple(one.strip() for one in values.split(","))
    if len(words) < 2 or not all(words):
        raise _wrong(text, "must have a range such as 0.1..0.5, or a list of two values or more such as 7 days, 30 days")
    return Range(keys, 0.0, len(words) - 1.0, "", "", words, 0, False, False, math.nan, text)


def _value(text: str, value: str) -> tuple[float, str, str]:
    found = _read(value)
    if found is None:
        raise _wrong(text, f"has the end {value!r}, which is no number; a range is LOW..HIGH, such as 0.1..0.5 or "
                           "7 days..30 days")
    return found


def _read(value: str) -> tuple[float, str, str] | None:
    """(number, unit in the story, unit shown) of a value; None where it is no number. Shares and days are read as such."""
    found = _VALUE.fullmatch(value)
    if found is None:
        return None
    number, unit, per = float(found[1]), (found[2] or "").strip(), (found[3] or "").rstrip()
    if unit == "%":
        return number / 100.0, "", f"%{per}"
    if unit and not per and re.fullmatch(units.DURATION, f"{abs(number)} {unit}"):
        return units.days(f"{units.plain(number)} {unit}"), " days", " days"
    tail = f"{' ' if unit else ''}{unit}{per}"
    return number, tail, tail


def _unit(value: str) -> str:
    found = _VALUE.fullmatch(value)
    return "" if found is None else f"{found[2] or ''}{found[3] or ''}"


def _tail(value: str) -> str:
    """The unit that ends a value, with its blank."""
    return _unit(value)


def _wrong(text: str, what: str) -> RangeError:
    return RangeError(f"--over '{text}' {what}")

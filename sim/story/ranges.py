"""What `--over` lets move, held against the story: numbers between two ends, for searches and sensitivities.

What people write is read by `over`, as for a sweep. Here shares and durations become numbers of the story's own, shares and
days, so that a value can lie anywhere between both ends.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from sim.story import settings, units
from sim.story.nodes import key_text
from sim.story.over import Axis, OverError, days_of, quantity, read_all

if TYPE_CHECKING:
    from sim.story.scenario import Scenario

PROBE: Final = 0.37
"""Added to a whole number to see whether a key takes fractions."""


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


def against(scenario: Scenario, texts: Sequence[str]) -> tuple[Range, ...]:
    """What each `--over` lets move, with what the story says of its keys: its own values, and whether whole numbers only.

    Errors: OverError for what cannot be read, a key the story has not or that two of them move, a value it does not allow.
    """
    return tuple(_against(scenario, axis) for axis in (read_all(texts) if texts else ()))


def _against(scenario: Scenario, axis: Axis) -> Range:
    values = axis.listed or (axis.at(0.0), axis.at(1.0))  # as they were written, units and all: 5% is no share in its stead
    if len(values) < 2:
        raise _wrong(axis.text, "must have a range such as 0.1..0.5, or a list of two values or more such as 7 days, 30 days")
    for value in values:
        problem = refused(scenario, axis.settings(value))
        if problem:
            raise _wrong(axis.text, f"cannot be {value}: {problem}")
    one = _range(axis)
    even = not one.words and one.low == round(one.low) and one.high == round(one.high) and one.shown == one.unit
    whole = axis.whole or (even and bool(refused(scenario, one.settings(one.low + PROBE))))
    return replace(one, whole=whole, now=_now(scenario, one))


def _range(axis: Axis) -> Range:
    """An axis in numbers of the story's own, not yet against one."""
    keys = tuple(key_text((settings.split(f"{key}=") or ((), ""))[0]) for key in axis.keys)
    if axis.listed:
        return Range(keys, 0.0, len(axis.listed) - 1.0, "", "", axis.listed, 0, False, False, math.nan, axis.text)
    (low, unit, shown), (high, *_) = (_own(end, axis.unit) for end in (axis.low, axis.high))
    return Range(keys, low, high, unit, shown, (), axis.count, axis.log, axis.whole, math.nan, axis.text)


def _own(number: float, unit: str) -> tuple[float, str, str]:
    """(number, unit in the story, unit shown) of a quantity: shares and days stand for percentages and durations."""
    if unit.startswith("%"):
        return number / 100.0, "", unit
    tail = " days" if days_of(unit) else f" {unit}" if unit else ""
    return number * (days_of(unit) or 1.0), tail, tail


def refused(scenario: Scenario, told: Sequence[str]) -> str:
    """What the story says against these settings, or nothing."""
    from sim.story.load import ScenarioError, vary

    try:
        vary(scenario, told)
    except ScenarioError as error:
        first = error.mistakes[0]
        return f"{first.key} {first.message}" if first.key else first.message
    return ""


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
        same = [at for at, word in enumerate(one.words) if here is not None and _alike(word) == _alike(here)]
        return float(same[0]) if same else math.nan
    value, unit = number_of(here) or (math.nan, "")
    return value if unit == one.unit else math.nan


def _alike(value: object) -> object:
    return number_of(value) or str(value)


def number_of(value: object) -> tuple[float, str] | None:
    """The number in a value of a complete story, and the unit that follows it there; None where it is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    found = quantity(units.plain(value) if isinstance(value, (int, float)) else value)
    return None if found is None else _own(*found)[:2]


def _wrong(text: str, what: str) -> OverError:
    return OverError(f"--over '{text}' {what}")

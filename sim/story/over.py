"""What `--over` lets vary or move, as people write it: for sweeps, searches and sensitivities.

    psyche.learning.up=0.1..0.5/9                      nine values from 0.1 to 0.5
    market.visits.every=1 day..365 days/8 log          eight, each as many times the one before
    market.visits.every=7 days, 14 days, 30 days       these
    psyche.learning.up & psyche.learning.down=0.1..0.5/9     two keys that always have the same value
    learning speed: psyche.learning.up=0.1..0.5        a name of its own; how many values is the design's to say

A key is a path as after `--set`; a value is written as in a story.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from sim.story import settings, units

_NUMBER = r"[-+]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
_UNIT = r"%(?: per [a-z]+)?|per [a-z]+|(?:hour|day|week|month|year|visit)s?"
_QUANTITY: Final = re.compile(rf"({_NUMBER}) ?({_UNIT})?")
_RANGE: Final = re.compile(rf"(?P<low>{_NUMBER} ?(?:{_UNIT})?) ?\.\. ?(?P<high>{_NUMBER} ?(?:{_UNIT})??)"
                           r"( ?/ ?(?P<count>[^ ]*))?(?P<words>( [a-z]+)*)")
_NAME: Final = re.compile(r"((?:[^\"'=&:]|(?<=\w)'(?=\w))*[^\"'=&: ]): +(?=\S)")
_LIMITS: Final = ("log", "whole")
_DESIGN: Final = ("seed", "replications", "outcome")
_PROSE: Final = ("title", "about", "finding", "source", "numbers", "expected", "currency", "extends")
DIGITS: Final = 3
"""A value within a range is rounded to so many digits of the step to its neighbour: 0.3, not 0.30000000000000004."""
ANYWHERE: Final = 1000
"""The steps of a range whose values may lie anywhere in it, for rounding."""


class OverError(ValueError):
    """Something wrong with what follows `--over`, as a sentence."""


@dataclass(frozen=True)
class Axis:
    """One thing that is varied: the keys that take each of its values together.

    text: as it was written. name: what it is called, empty where nobody said. listed: its values; empty for a range, which
    goes from low to high, numbers of `unit`, in `count` steps (0: as many as the design makes), evenly by difference or, where
    log, by ratio; whole: rounded to whole numbers.
    """

    text: str
    name: str
    keys: tuple[str, ...]
    listed: tuple[str, ...] = ()
    low: float = math.nan
    high: float = math.nan
    unit: str = ""
    count: int = 0
    log: bool = False
    whole: bool = False

    @property
    def label(self) -> str:
        """What it is called: its name, or its keys without what goes without saying."""
        return self.name or " & ".join(map(short, self.keys))

    def value(self, number: int) -> str:
        """Its value of this number, counted from 0."""
        return self.listed[number] if self.listed else self.at(number / (self.count - 1))

    def at(self, share: float) -> str:
        """The value at a share from 0 to 1 of its range; of a list, or a range with a count, the one whose turn it is."""
        if self.listed:
            return self.listed[min(int(share * len(self.listed)), len(self.listed) - 1)]
        if share in (0.0, 1.0):
            return written(self.high if share else self.low, self.unit)
        steps = self.count - 1 if self.count else ANYWHERE
        ratio = (self.high / self.low) ** (1 / steps) if self.log else 1.0
        x = self.low * (self.high / self.low) ** share if self.log else self.low + (self.high - self.low) * share
        step = x * (ratio - 1.0) if self.log else (self.high - self.low) / steps
        x = float(round(x)) if self.whole else round(x, DIGITS - 1 - math.floor(math.log10(step)))
        return written(min(max(x, self.low), self.high), self.unit)

    def settings(self, value: str) -> list[str]:
        """What is put into the story for one of its values."""
        return [f"{key}={value}" for key in self.keys]

    def number(self, value: object) -> float | None:
        """A value as a number of this axis's unit; None where it is none."""
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            return None
        found = quantity(plain(value) if isinstance(value, int | float) else value)
        if found is None:
            return None
        number, unit = found
        if unit == self.unit:
            return number
        if days_of(unit) and days_of(self.unit):
            return number * days_of(unit) / days_of(self.unit)
        if self.unit.startswith("%"):
            return number * 100.0 if not unit else number if unit.startswith("%") else None
        if unit.startswith("%"):
            return number / 100.0 if not self.unit else None
        return None


def short(key: str) -> str:
    """A key without what goes without saying: `surprise.credit`, `surprise.chance of small surprises`."""
    path = settings.split(f"{key}=")
    steps = [str(step) for step in path[0]] if path is not None else []
    if len(steps) > 2 and steps[0] in ("strategies", "firms"):
        rest = steps[3:] if len(steps) > 3 and steps[2] == "0" else steps[2:]
        return f"{'.'.join(rest)} of {steps[1]}"
    return key.removeprefix("psyche.").removeprefix("market.")


def plain(number: float) -> str:
    """A number as a story has it."""
    return units.plain(number)


def days_of(unit: str) -> float:
    """Days of a unit of time; 0 for another unit."""
    return units.UNITS.get(unit.removesuffix("s"), 0.0)


def quantity(text: str) -> tuple[float, str] | None:
    """A number and its unit, a unit of time in the plural; None where the text is no such thing."""
    found = _QUANTITY.fullmatch(text.strip())
    if found is None:
        return None
    unit = found[2] or ""
    return float(found[1]), f"{unit.removesuffix('s')}s" if days_of(unit) or unit in ("visit", "visits") else unit


def written(number: float, unit: str) -> str:
    """A number and its unit as in a story."""
    return with_unit(plain(number), unit)


def with_unit(number: str, unit: str) -> str:
    """A number already written, and its unit."""
    joint = "" if not unit or unit.startswith("%") else " "
    return f"{number}{joint}{unit.removesuffix('s') if number == '1' else unit}"


def read(text: str) -> Axis:
    """Read what follows one `--over`. Errors: OverError with what is wrong and how it is written."""
    name, rest = "", text.strip()
    if named := _NAME.match(rest):
        name, rest = named[1].strip(), rest[named.end():]
    parts = cut(rest, "=")
    if len(parts) < 2 or not parts[0].strip():
        raise _wrong(text, "must be written as KEY=VALUES, such as psyche.learning.up=0.1..0.5/9 or "
                           "market.visits.every=7 days, 30 days")
    keys = tuple(one.strip() for one in cut(parts[0], "&"))
    for key in keys:
        _check_key(text, key)
    if len({settings.split(f"{key}=") for key in keys}) < len(keys):
        raise _wrong(text, "names the same key twice")
    values = "=".join(parts[1:]).strip()
    if not values:
        raise _wrong(text, "has no values; write some after the =")
    if ".." in values and "," not in values:
        return _range(text, Axis(text, name, keys), values)
    return _list(text, Axis(text, name, keys), values)


def read_all(texts: Sequence[str]) -> tuple[Axis, ...]:
    """Read every `--over` of one command. Errors: OverError, also where two of them vary the same key or have the same name."""
    if not texts:
        raise OverError("there is nothing to go over; give at least one --over, such as --over psyche.learning.up=0.1..0.5/9")
    axes = tuple(read(text) for text in texts)
    seen: dict[object, str] = {}
    for axis in axes:
        for key in axis.keys:
            path = settings.split(f"{key}=")
            if path in seen:
                raise _wrong(axis.text, f"{key} is varied already by --over '{seen[path]}'; tie keys with &, or leave one out")
            seen[path] = axis.text
    labels = [axis.label for axis in axes]
    for axis in axes:
        if labels.count(axis.label) > 1:
            raise _wrong(axis.text, f"two of them are called {axis.label!r}")
    return axes


def _wrong(text: str, why: str) -> OverError:
    return OverError(f"--over '{text}': {why}")


def _check_key(text: str, key: str) -> None:
    found = settings.split(f"{key}=")
    if found is None or found[1]:
        raise _wrong(text, f"{key!r} is no key; a key is written as after --set, such as psyche.learning.up")
    first = str(found[0][0])
    if first in _DESIGN:
        raise _wrong(text, f"{first} belongs to all points alike, not to one of them; use --{first}")
    if first in _PROSE:
        raise _wrong(text, f"{first} changes nothing that is simulated")


def _range(text: str, axis: Axis, values: str) -> Axis:
    how = "a range is written as LOW..HIGH or LOW..HIGH/COUNT, such as 0.1..0.5/9 or `1 day..365 days/8 log`"
    found = _RANGE.fullmatch(values)
    if found is None:
        raise _wrong(text, f"{values!r} is no range; {how}")
    words = found["words"].split()
    for word in words:
        if word not in _LIMITS:
            raise _wrong(text, f"there is no {word!r} after a range; allowed: {', '.join(_LIMITS)}")
    low, high, unit = _ends(text, found["low"], found["high"])
    count = 0
    if found["count"] is not None:
        count = int(found["count"]) if re.fullmatch("[0-9]{1,12}", found["count"]) else 0
        if count < 2:
            raise _wrong(text, f"the number of values after / must be a whole number of 2 or more, not {found['count']!r}")
    if low >= high:
        raise _wrong(text, f"a range goes from its lower to its higher end; did you mean "
                           f"{written(high, unit)}..{written(low, unit)}?" if low > high else "both ends are the same")
    if "log" in words and low <= 0.0:
        raise _wrong(text, "values that are spaced by ratio (log) start above 0")
    if "whole" in words and (low != round(low) or high != round(high)):
        raise _wrong(text, "a range of whole numbers has whole ends")
    if "whole" in words and count > high - low + 1:
        raise _wrong(text, f"there are only {plain(high - low + 1)} whole numbers in it, not {count:,}")
    ranged = replace(axis, low=low, high=high, unit=unit, count=count, log="log" in words, whole="whole" in words)
    if ranged.whole and ranged.log and len({ranged.value(number) for number in range(min(count, ANYWHERE))}) < count:
        raise _wrong(text, f"{count} whole numbers spaced by ratio (log) are not {count} different ones; take fewer")
    return ranged


def _ends(text: str, first: str, last: str) -> tuple[float, float, str]:
    """The ends of a range in one unit: that of its higher end, which may be left out at the lower one."""
    low, high = quantity(first), quantity(last)
    if low is None or high is None:
        raise _wrong(text, f"{first if low is None else last!r} is no number")
    (bottom, unit_low), (top, unit) = low, high
    if unit_low in ("", unit):
        return bottom, top, unit
    if days_of(unit_low) and days_of(unit):
        return bottom * days_of(unit_low) / days_of(unit), top, unit
    if not unit:
        raise _wrong(text, f"{last} has no unit; did you mean {written(top, unit_low)}?")
    raise _wrong(text, f"{unit_low} and {unit} are different things; write both ends in one unit")


def _list(text: str, axis: Axis, values: str) -> Axis:
    listed = tuple(one.strip() for one in cut(values, ","))
    if "" in listed:
        raise _wrong(text, "a value is missing between two commas" if "".join(listed) else "has no values")
    for one in listed:
        if listed.count(one) > 1:
            raise _wrong(text, f"names {one} twice")
    found = [quantity(one) for one in listed]
    kinds = {one[1] for one in found if one is not None}
    if None in found:
        return replace(axis, listed=listed, count=len(listed))
    unit = kinds.pop() if len(kinds) == 1 else "days" if all(map(days_of, kinds)) else ""
    ordered = replace(axis, listed=listed, count=len(listed), unit=unit)
    numbers = {one: ordered.number(one) for one in listed}
    told = [number for number in numbers.values() if number is not None]
    if len(told) < len(listed):
        return ordered
    return replace(ordered, listed=tuple(sorted(listed, key=lambda one: numbers[one] or 0.0)))


def cut(text: str, sign: str) -> list[str]:
    """The text cut at a sign, but not within quotes or brackets."""
    parts, quote, depth, skip = [""], "", 0, False
    for letter in text:
        if letter == sign and not quote and not depth:
            parts.append("")
            continue
        parts[-1] += letter
        if skip:
            skip = False
        elif quote:
            skip = letter == "\\" and quote == '"'
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        else:
            depth += (letter in "[{(") - (letter in "]})")
    return parts

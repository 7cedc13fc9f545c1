"""How people write numbers, and what each writing means: durations, shares, rates, counts of visits.

Every reader takes what YAML gave and returns the plain meaning, or raises `ValueError` with one sentence that says
what is allowed, what was found, and what was probably meant. A year has 365 days, a month a twelfth of it.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Final

YEAR: Final = 365.0
HOUR: Final = 1.0 / 24.0
LONGEST: Final = 1000 * YEAR
"""No duration is longer than this: a thousand years, in days."""
LARGEST: Final = 1e12
"""No number is larger than this, so that sums and products stay finite."""

UNITS: Final = {"hour": HOUR, "day": 1.0, "week": 7.0, "month": YEAR / 12, "year": YEAR}
_PLAIN = r"[0-9]+(\.[0-9]+)?"
_UNIT = r"(hours?|days?|weeks?|months?|years?)"
_PERCENT = r"(0*100(\.0+)?|0*[0-9]{1,2}(\.[0-9]+)?) ?%"
DURATION: Final = rf"^{_PLAIN} +{_UNIT}$"
SPAN: Final = rf"^(?=[0-9.]*[1-9]){_PLAIN} +{_UNIT}$"
"""A duration that is not zero."""
PERCENT: Final = rf"^{_PERCENT}$"
PERCENT_PER_VISIT: Final = rf"^{_PERCENT}( per visit)?$"
PERCENT_PER_YEAR: Final = rf"^{_PERCENT}( per year)?$"
PER_VISIT: Final = rf"^[-+]?{_PLAIN} per visit$"
PER_DAY: Final = rf"^[-+]?{_PLAIN} per day$"
PER_TIME: Final = rf"^[-+]?{_PLAIN} per (day|week|month|year)$"
DIGEST: Final = r"^[0-9a-f]{64}$"
VISITS: Final = r"^[1-9][0-9]{0,8} visits?$"


def plain(number: float) -> str:
    """Print a number without exponent and without a needless `.0`, so that reading it gives the same bits."""
    text = format(Decimal(repr(float(number) + 0.0)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def shown(value: object) -> str:
    """Say what was found, as a person would."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return plain(value) if abs(value) < 1e21 else f"{Decimal(value):.3g}"
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= 60 else f'"{value[:57]}…"'
    if value is None:
        return "nothing"
    return "a list" if isinstance(value, list) else "a mapping"


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def bounds(low: float, high: float) -> str:
    """The words for a range: `from 0 to 1`, `of 0 or more`, or nothing where there is no real limit."""
    if high >= LARGEST:
        return "" if low <= -LARGEST else f" of {plain(low)} or more"
    return f" from {plain(low)} to {plain(high)}"


WITH_UNIT: Final = rf"[-+]?{_PLAIN} ?[A-Za-z]+\.?"
"""A number with a unit behind it, such as `4 minutes`."""


def number(value: object, low: float = -LARGEST, high: float = LARGEST) -> float:
    """Read a number within [low, high]."""
    rule = f"must be a number{bounds(low, high)}, not {shown(value)}"
    if isinstance(value, str) and re.fullmatch(rf"[-+]?{_PLAIN}", value):
        raise ValueError(f"{rule}; did you mean {value}, without the quotes?")
    if isinstance(value, str) and re.fullmatch(rf"[-+]?{_PLAIN} ?%", value):
        raise ValueError(f"{rule}; a percentage is not allowed here")
    if not isinstance(value, (int, float)) or not _is_number(value):
        raise ValueError(rule)
    if abs(value) > LARGEST:
        raise ValueError(f"{rule}; the largest number allowed is {plain(LARGEST)}")
    if not low <= value <= high:
        raise ValueError(rule)
    return float(value) + 0.0


def whole(value: object, low: int, high: int) -> int:
    """Read a whole number within [low, high]."""
    rule = f"must be a whole number from {low} to {high}, not {shown(value)}"
    if not isinstance(value, (int, float)) or not _is_number(value) or value != value or abs(value) == math.inf:
        raise ValueError(rule)
    if value != int(value) or not low <= value <= high:
        raise ValueError(rule)
    return int(value)


def share(value: object, per: str = "", low: float = 0.0) -> float:
    """Read a share from `low` (0) to 1: `0.25`, `25%`, and, where `per` is given, `25% per visit`."""
    unit = f" per {per}" if per else ""
    rule = f"must be a share from {plain(low)} to 1 or a percentage such as 25%{unit}, not {shown(value)}"
    if isinstance(value, str):
        found = re.fullmatch(rf"({_PLAIN}) ?%({re.escape(unit)})?", value)
        if found is None or float(found[1]) > 100:
            raise ValueError(rule + _percent_meant(value, unit))
        read = float(found[1]) / 100
    elif isinstance(value, (int, float)) and _is_number(value):
        read = float(value) if abs(value) < LARGEST else math.inf
        if 2 <= read <= 100:
            raise ValueError(f"{rule}; did you mean {shown(value)}%?")
    else:
        raise ValueError(rule)
    if not low <= read <= 1:
        raise ValueError(rule)
    return read + 0.0


def _percent_meant(value: str, unit: str) -> str:
    found = re.fullmatch(rf"({_PLAIN}) ?(%|percent|pct)?( +per .*)?", value)
    if found is None or float(found[1]) > 100:
        return ""
    return f"; did you mean {found[1]}%{unit}?" if unit and "per" in value else f"; did you mean {found[1]}%?"


def days(value: object, low: float = 0.0, high: float = LONGEST, word: str = "") -> float:
    """Read a duration in days; `word` is a word that stands for "without end"."""
    if word and value == word:
        return math.inf
    also = f" or `{word}`" if word else ""
    rule = f"must be a duration such as `30 days` (hours, days, weeks, months, years){also}, not {shown(value)}"
    found = re.fullmatch(rf"({_PLAIN}) +{_UNIT}", value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(rule + _days_meant(value, word))
    unit = str(found[3]).rstrip("s")
    count = float(found[1])
    read = count * YEAR / 12 if unit == "month" else count / 24 if unit == "hour" else count * UNITS[unit]
    if not low <= read <= high:
        least = "1 hour" if low == HOUR else "1 day" if low == 1.0 else f"{plain(low)} days"
        raise ValueError(f"must be a duration from {least} to {_long(high)}, not {shown(value)}")
    return read


def _long(high: float) -> str:
    return "1000 years" if high == LONGEST else f"{plain(high)} days"


def _days_meant(value: object, word: str) -> str:
    from difflib import get_close_matches

    if word and isinstance(value, str) and get_close_matches(value[:200].lower(), [word], 1):
        return f"; did you mean `{word}`?"
    if isinstance(value, (int, float)) and _is_number(value) and 0 <= value <= LONGEST:
        return f"; did you mean `{plain(value)} days`?"
    found = re.fullmatch(rf"({_PLAIN}) *([A-Za-z]+)", value) if isinstance(value, str) else None
    if found is None:
        return ""
    short = {"h": "hours", "hr": "hours", "hrs": "hours", "d": "days", "w": "weeks", "m": "months", "mo": "months",
             "y": "years", "yr": "years", "yrs": "years"}
    unit = short.get(found[3].lower())
    names = list(UNITS) if found[1] == "1" else [f"{name}s" for name in UNITS]
    near = [unit.removesuffix("s") if found[1] == "1" else unit] if unit else get_close_matches(found[3].lower(), names, 1)
    return f"; did you mean `{found[1]} {near[0]}`?" if near else ""


def in_days(read: float, word: str = "") -> str:
    """Write a duration the one way: in days."""
    return word if read == math.inf else f"{plain(read)} days"


def per_visit(value: object) -> float:
    """Read money a visit: `2 per visit`."""
    found = re.fullmatch(rf"([-+]?{_PLAIN}) per visit", value) if isinstance(value, str) else None
    if found is None:
        meant = f"; did you mean `{shown(value)} per visit`?" if _is_number(value) else ""
        raise ValueError(f"must be an amount a visit such as `2 per visit`, not {shown(value)}{meant}")
    return number(float(found[1]))


def per_day(value: object) -> float:
    """Read money a day: `120 per day`."""
    found = re.fullmatch(rf"([-+]?{_PLAIN}) per day", value) if isinstance(value, str) else None
    if found is None:
        meant = f"; did you mean `{shown(value)} per day`?" if _is_number(value) else ""
        raise ValueError(f"must be an amount a day such as `120 per day`, not {shown(value)}{meant}")
    return number(float(found[1]))


def per_year(value: object) -> float:
    """Read a change a year: `1.5 per year` (or per day, week, month)."""
    found = re.fullmatch(rf"([-+]?{_PLAIN}) per (day|week|month|year)", value) if isinstance(value, str) else None
    if found is None:
        meant = f"; did you mean `{shown(value)} per year`?" if _is_number(value) else ""
        raise ValueError("must be points over time such as `1.5 per year` (per day, week, month, year), "
                         f"not {shown(value)}{meant}")
    times = {"day": YEAR, "week": YEAR / 7, "month": 12.0, "year": 1.0}[found[3]]
    return number(float(found[1]) * times)


def visits(value: object) -> int:
    """Read a count of visits: `4 visits`."""
    found = re.fullmatch(r"([1-9][0-9]{0,8}) visits?", value) if isinstance(value, str) else None
    if found is None:
        meant = f"; did you mean `{shown(value)} visits`?" if isinstance(value, int) and _is_number(value) else ""
        raise ValueError(f"must be a number of visits such as `4 visits`, not {shown(value)}{meant}")
    return int(found[1])

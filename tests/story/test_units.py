"""Durations, shares and rates mean what people think they mean."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.story import units


@pytest.mark.parametrize(("text", "days"), [
    ("30 days", 30), ("1 day", 1), ("2 weeks", 14), ("6 months", 182.5), ("3 years", 1095), ("36 hours", 1.5),
    ("0.5 years", 182.5), ("1  day", 1), ("0 days", 0)])
def test_a_duration_is_days(text: str, days: float) -> None:
    assert units.days(text) == days


@pytest.mark.parametrize("value", [30, "30", "30days", "days", "-3 days", "3 fortnights", "", None, True, [], {}, "1001 years",
                                   "never", "1e3 days", "٣ days", "9" * 5000 + " days"])
def test_a_duration_needs_a_unit(value: object) -> None:
    with pytest.raises(ValueError, match="must be a duration"):
        units.days(value)


@pytest.mark.parametrize(("value", "meant"), [(30, "30 days"), ("3 yr", "3 years"), ("3 dayz", "3 days"), ("2w", "2 weeks")])
def test_a_duration_is_corrected(value: object, meant: str) -> None:
    with pytest.raises(ValueError, match=f"did you mean `{meant}`"):
        units.days(value)


@pytest.mark.parametrize(("value", "share"), [("25%", 0.25), (0.25, 0.25), (1, 1), ("100%", 1), ("0%", 0), ("12.5 %", 0.125)])
def test_a_share(value: object, share: float) -> None:
    assert units.share(value) == share


def test_a_share_may_be_per_visit() -> None:
    assert units.share("3% per visit", "visit") == 0.03
    with pytest.raises(ValueError, match="share"):
        units.share("3% per visit")


@pytest.mark.parametrize("value", [2, -0.1, "101%", "-1%", "x", True, None, math.nan, math.inf, 10**400])
def test_what_is_no_share(value: object) -> None:
    with pytest.raises(ValueError, match="must be a share"):
        units.share(value)


@pytest.mark.parametrize("value", ["3", True, None, [], math.nan, math.inf, 1e13, 10**400])
def test_what_is_no_number(value: object) -> None:
    with pytest.raises(ValueError, match="must be a number"):
        units.number(value)


def test_rates() -> None:
    assert units.per_year("1.5 per year") == 1.5
    assert units.per_year("1 per day") == 365
    assert units.per_year("-1 per month") == -12
    assert units.per_visit("-2 per visit") == -2
    assert units.visits("1 visit") == 1
    for read, value in ((units.per_year, 3), (units.per_visit, "3"), (units.visits, "0 visits"), (units.visits, 4)):
        with pytest.raises(ValueError, match="must be"):
            read(value)


@given(st.floats(-1e12, 1e12))
def test_a_number_printed_is_the_same_number(number: float) -> None:
    assert float(units.plain(number)) == number + 0.0
    assert "e" not in units.plain(number)


@given(st.floats(0, units.LONGEST))
def test_a_duration_printed_is_the_same_duration(days: float) -> None:
    assert units.days(units.in_days(days)) == days

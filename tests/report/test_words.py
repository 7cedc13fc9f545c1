"""Numbers in words, and sentences that assert no more than the intervals do."""

from __future__ import annotations

import dataclasses
import math

import pytest

from sim.engine.records import OUTCOMES
from sim.experiments.compare import Comparison, conclude
from sim.outcomes import BETTER, listed
from sim.report.words import (
    MEASURES,
    answer,
    between,
    costs,
    difference_of,
    earns_most,
    felt_otherwise,
    gap,
    half_width,
    hidden,
    kept,
    money,
    number,
    say,
    sentence,
    shown,
    twins_of,
    visits,
)
from tests.report.studies import NASTY, Plan, fading, make, steady


@pytest.mark.parametrize(
    ("value", "decimals", "signed", "text"),
    [
        (1234.5, 1, False, "1,234.5"),
        (-0.04, 1, True, "0.0"),
        (-3.0, 0, True, "−3"),
        (2.0, 1, True, "+2.0"),
        (math.nan, 1, False, "–"),
        (math.inf, 1, False, "–"),
    ],
)
def test_numbers(value: float, decimals: int, signed: bool, text: str) -> None:
    assert number(value, decimals, signed) == text


@pytest.mark.parametrize(
    ("value", "kind", "currency", "text"),
    [
        (1.25, "points", "", "1.25 points"),
        (1.0, "points", "", "1.00 points"),
        (0.623, "share", "", "62.3%"),
        (1250.0, "money", "€", "€1,250"),
        (12.5, "money", "EUR", "12.5 EUR"),
        (-12.5, "money", "$", "−$12.5"),
        (31.0, "score", "", "31.0"),
    ],
)
def test_units(value: float, kind: str, currency: str, text: str) -> None:
    assert say(value, kind, currency) == text


def test_digits_follow_the_uncertainty() -> None:
    """By the rule of the verdict's sentence, so that one page says one number in one way."""
    assert say(1.23456, "points", fine=0.04) == "1.23 points"
    assert say(1.23456, "points", fine=0.4) == "1.2 points"
    assert say(1.23456, "points", fine=5.0) == "1 point"
    assert say(-2.0, "points", fine=5.0) == "−2 points"
    assert money(1250.4, "EUR", fine=0.2) == "1,250.4 EUR"
    assert say(0.0, "money", "EUR") == "0 EUR"
    assert between(0.91, 1.49, "points") == "0.9 to 1.5"
    assert between(math.nan, 1.0, "points") == "–"


def test_shares_differ_by_percentage_points() -> None:
    assert gap(0.062, "share", fine=0.004) == "+6.2 percentage points"
    assert gap(0.01, "share", fine=0.05) == "+1 percentage point"
    assert gap(-0.01, "share", fine=0.05) == "−1 percentage point"
    assert money(3.0, "") == "3.00"


def test_small_words() -> None:
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert sentence("over it") == "Over it."
    assert (visits(0.5), visits(0.9), visits(3.6)) == ("less than a visit", "1 visit", "4 visits")


def test_every_outcome_has_words() -> None:
    assert set(MEASURES) == set(OUTCOMES)
    assert {outcome: measure.good for outcome, measure in MEASURES.items()} == BETTER


def test_the_answer_starts_with_the_verdict(hotel: Comparison) -> None:
    said = answer(hotel)
    assert said[0] == hotel.verdict.sentence
    assert said[1] == hotel.verdict.lasts
    assert all(part.endswith(".") for part in said)


@pytest.mark.parametrize("case", NASTY)
def test_every_study_has_an_answer(case: str) -> None:
    comparison = NASTY[case]()
    said = " ".join(answer(comparison))
    assert said.startswith(comparison.verdict.sentence[:20])
    assert "nan" not in said.split()
    assert "None of" in said or "None" not in said


def test_costs_say_what_is_decided_only() -> None:
    dear = costs(make({"a": Plan(), "b": Plan(steady(1.0), cost=500.0)}))
    assert "more per starting customer than ‘a’, and earns" in dear
    assert dear.endswith("less profit")
    earns = costs(make({"a": Plan(stay=0.9), "b": Plan(steady(1.0), stay=0.99, cost=5.0)}))
    assert earns.endswith("more profit")
    assert costs(make({"a": Plan(), "b": Plan(steady(1.0))})) == "‘b’ costs no more than ‘a’"


def with_outcomes(comparison: Comparison, **changes: float) -> Comparison:
    """The same study, concluded again with something added to some outcomes of its last strategy."""
    runs = dict(comparison.runs)
    name = list(runs)[-1]
    run = runs[name]
    moved = {outcome: run.outcomes[outcome] + change for outcome, change in changes.items()}
    runs[name] = dataclasses.replace(run, outcomes={**run.outcomes, **moved})
    return conclude(comparison.market, runs, comparison.verdict.outcome)


def test_who_earns_most_is_said_where_it_is_not_the_best() -> None:
    dear = make({"a": Plan(), "b": Plan(steady(0.5), cost=5.0), "c": Plan(steady(1.0), cost=90.0)})
    said = earns_most(dear)
    ahead = dear.difference("a", "c", "profit")
    assert said.startswith("What is best in satisfaction is not what pays best: ‘a’ earns the most profit, ")
    assert f"{money(ahead.mean, 'EUR', fine=half_width(ahead))} per starting customer more than ‘c’" in said
    assert f"{said}." in answer(dear)
    assert earns_most(make({"a": Plan(), "b": Plan(steady(1.0), stay=0.99)})) == ""
    assert earns_most(make({"a": Plan(), "b": Plan(steady(1.0), cost=9.0)}, outcome="profit")) == ""


def test_who_earns_most_may_be_open() -> None:
    even = make({"a": Plan(), "b": Plan(steady(1.0), cost=30.0)})
    gained = even.interval("a", "profit").mean - even.interval("b", "profit").mean
    said = earns_most(with_outcomes(even, profit=gained - 0.05))
    assert said.startswith("Who earns most cannot be told: ‘a’ is ")
    assert said.endswith("ahead of ‘b’ in profit, which may be chance")


def test_opposite_signs_of_satisfaction_and_felt_value_are_explained() -> None:
    pair = make({"a": Plan(steady(-1.0)), "b": Plan(steady(1.0))})
    assert felt_otherwise(pair) == ""
    said = felt_otherwise(with_outcomes(pair, felt=-2.0))
    assert said.startswith("Satisfaction with ‘b’ is +")
    assert "felt as −1.298: in what is felt, " in said
    assert said.endswith("what lies below the standard weighs more than what lies above it")
    below = make({"a": Plan(steady(-3.0)), "b": Plan(steady(-1.0))})
    assert felt_otherwise(with_outcomes(below, felt=2.0)).endswith(
        "what lies above the standard weighs more than what lies below it")


def test_recoveries_are_the_reason_where_they_count() -> None:
    """What is felt holds what a recovery is worth; satisfaction does not."""
    for by, at in ((2.0, -1.0), (-2.0, 1.0)):
        said = felt_otherwise(with_outcomes(make({"a": Plan(steady(-3.0)), "b": Plan(steady(at))}, mends=0.5), felt=by))
        assert said.endswith("what is felt counts how well things were put right afterwards, which satisfaction leaves out")
        assert "weigh" not in said


def test_points_too_few_to_feel_are_not_told_apart() -> None:
    assert say(0.00035, "points", signed=True, fine=0.00003) == "0.00 points"
    assert say(-0.0008, "points", signed=True, unit=False, fine=0.0012) == "0.00"
    assert between(-0.002, 0.0004, "points", signed=True) == "within ±0.01"
    assert between(0.0, 0.0, "points") == "0 to 0"
    assert say(0.011, "points", fine=0.0005) == "0.0110 points"


def test_the_lift_of_the_best_is_in_the_answer(hotel: Comparison) -> None:
    said = "Visit by visit, the lift of ‘one large refit’ over ‘stand still’ has lost half of its peak after 3 visits."
    assert said in answer(hotel)
    assert said in answer(NASTY["hotel, low expectations"]())
    assert "lift" not in " ".join(answer(NASTY["one strategy"]()))


def test_the_lift_is_that_of_what_the_answer_is_about() -> None:
    """Seen in recovery-paradox: an answer about goodwill, followed by what becomes of satisfaction."""
    better = {"a": Plan(), "b": Plan(fading(6.0), goodwill=steady(2.0))}
    assert "the lift in goodwill of ‘b’ over ‘a’ does not fade" in " ".join(answer(make(better, outcome="goodwill")))
    assert "the lift of ‘b’ over ‘a’ has lost half" in " ".join(answer(make(better)))


def test_twins_count_people() -> None:
    comparison = make({"a": Plan(stay=0.9), "b": Plan(steady(1.0), stay=0.98)})
    twins = comparison.twins[0]
    lost = 100 * twins.only_strategy / (twins.both + twins.only_strategy)
    assert f"Of every 100 people ‘b’ keeps, ‘a’ would have lost {lost:.0f}" in kept(comparison)
    turned = twins_of(comparison, "a", "b")
    assert turned is not None
    assert (turned.only_strategy, turned.only_against) == (twins.only_against, twins.only_strategy)


def test_twins_of_an_exact_copy_are_the_same_people() -> None:
    comparison = make({"a": Plan(stay=1.0), "b": Plan(steady(1.0), stay=1.0)})
    assert kept(comparison) == "‘b’ and ‘a’ keep exactly the same people"
    assert hidden(comparison) == ""


def test_survivors_hide_those_who_left() -> None:
    assert "nobody is left" in hidden(NASTY["nobody stays"]())
    comparison = make({"a": Plan(stay=0.97)})
    gone = 100 * (1 - comparison.interval("a", "retention").mean)
    assert f"the {gone:.0f} of every 100" in hidden(comparison)


def test_differences_turn_round(hotel: Comparison) -> None:
    one = difference_of(hotel, "stand still", "one large refit", "satisfaction")
    other = difference_of(hotel, "one large refit", "stand still", "satisfaction")
    assert one is not None
    assert other is not None
    assert (one.mean, one.low) == (-other.mean, -other.high)
    assert difference_of(hotel, "stand still", "nobody", "satisfaction") is None


def test_outcomes_that_say_nothing_are_left_out() -> None:
    comparison = make({"a": Plan(stay=0.0), "b": Plan(stay=0.0)})
    assert "cost" not in shown(comparison)
    assert "retention" not in shown(comparison)
    assert "satisfaction" in shown(comparison)


def test_outcomes_that_repeat_others_are_left_out() -> None:
    pair = make({"a": Plan(), "b": Plan(steady(1.0))})
    assert {"complaints", "silent_leavers"} <= set(shown(pair))
    assert not {"csat", "nps", "share"} & set(shown(pair))
    assert "share" in shown(with_outcomes(pair, share=-0.2))
    assert "nps" in shown(make({"a": Plan(), "b": Plan(steady(1.0))}, outcome="nps"))
    quiet = {name: dataclasses.replace(run, outcomes={**run.outcomes, "complaints": 0 * run.outcomes["complaints"]})
             for name, run in pair.runs.items()}
    assert not {"complaints", "silent_leavers"} & set(shown(conclude(pair.market, quiet)))

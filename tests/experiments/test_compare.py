"""What a comparison says: differences, twins, the verdict and its words."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sim.experiments.compare import Comparison, check_outcome, compare, conclude
from sim.experiments.findings import check
from sim.experiments.verdict import plain
from sim.outcomes import BETTER, DECIDING, NAMES, OUTCOMES, UNITS
from sim.rules.traits import CHOOSES
from sim.story.scenario import Claim

Study = Callable[..., tuple[Any, Any]]
BASE = [0.10, 0.20, 0.15, 0.05, 0.12, 0.18, 0.09, 0.11]
WIGGLE = [0.01, -0.01, 0.02, -0.02, 0.015, -0.015, 0.0, 0.0]


def shifted(by: float, noise: float = 1.0) -> list[float]:
    return [a + by + noise * b for a, b in zip(BASE, WIGGLE, strict=True)]


def made(study: Study, outcome: str = "satisfaction", lasting: dict[str, list[float]] | None = None,
         **values: list[float]) -> Comparison:
    late = lasting or {}
    market, runs = study({name.replace("_", " "): {outcome: given, "lasting": late.get(name, [0.0] * len(given))}
                          for name, given in values.items()})
    return conclude(market, runs, outcome)


def test_every_outcome_has_a_direction_and_a_unit() -> None:
    assert set(BETTER) == set(OUTCOMES) == set(UNITS)
    assert set(NAMES) < set(OUTCOMES)
    assert {name for name in OUTCOMES if BETTER[name]} == set(DECIDING)


@pytest.mark.parametrize("outcome", ["expectation", "norm", "share", "happiness"])
def test_outcomes_that_cannot_decide_are_refused_with_advice(study: Study, outcome: str) -> None:
    market, _ = study({"one": {"satisfaction": BASE}})
    with pytest.raises(ValueError, match="a verdict can be about: satisfaction"):
        check_outcome(outcome, market)


def test_our_share_decides_where_people_choose_among_firms(study: Study) -> None:
    market, runs = study({"one": {"share": [0.5, 0.52, 0.51]}, "other": {"share": [0.6, 0.63, 0.61]}})
    with pytest.raises(ValueError, match="share cannot decide, because people do not choose among firms"):
        conclude(market, runs, "share")
    segment, = market.segments
    chooses = tuple(replace(spread, a=1.0) if place == CHOOSES else spread for place, spread in enumerate(segment.traits))
    choosing = replace(market, segments=(replace(segment, traits=chooses),))
    with pytest.raises(ValueError, match="share cannot decide"):  # there is nobody else to choose
        check_outcome("share", choosing)
    verdict = conclude(replace(choosing, firms=(*market.firms, replace(market.firms[0], name="b"))), runs, "share").verdict
    assert (verdict.best, verdict.decided) == ("other", True)
    assert "our share of visits" in verdict.sentence


def test_a_clear_winner_is_decided_with_size_and_uncertainty(study: Study) -> None:
    found = made(study, stand_still=BASE, surprises=shifted(0.4), refit=shifted(0.3, -1.0))
    verdict = found.verdict
    assert (verdict.best, verdict.decided, verdict.more_replications) == ("surprises", True, None)
    gap = found.difference("surprises", "stand still", "satisfaction")
    half = (gap.high - gap.low) / 2
    said = (f"With surprises, satisfaction is {plain(gap.mean, half)} points a visit higher than with stand still "
            f"(95% interval {plain(gap.low, half)} to {plain(gap.high, half)}) and ")
    assert verdict.sentence.startswith(said)
    assert verdict.sentence.endswith("decided on 8 replications of the same 4 people.")
    assert " higher than with refit (" in verdict.sentence


@pytest.mark.parametrize(("rivals", "said"), [
    (2, r"\) and 3\.0+ higher than with x1 \("), (3, r"\) and 4\.0+ higher than with x2 \("),
    (4, r"\) and at least 3\.0+ higher than with each of the other two; decided"),
    (5, r"\) and at least 3\.0+ higher than with each of the other three; decided"),
    (12, r"\) and at least 3\.0+ higher than with each of the other 10; decided"),
])
def test_the_rest_of_many_strategies_reads_well(study: Study, rivals: int, said: str) -> None:
    """Seen: "and more than that higher than with the other 1"."""
    others = {f"x{i}": shifted(-1.0 - i, 1.5 + 0.1 * i) for i in range(rivals)}
    found = made(study, **{"baseline": shifted(-0.5, -1.0), **others, "best": shifted(1.0)})
    assert re.search(said, found.verdict.sentence)


def test_names_are_quoted_where_a_sentence_would_not_show_their_ends(study: Study) -> None:
    """Seen: "With one failure, well recovered, goodwill is ...", "ask and match and train"."""
    market, runs = study({"ask": {"satisfaction": BASE}, "ask, match and train": {"satisfaction": shifted(0.4)}})
    verdict = conclude(market, runs).verdict
    assert verdict.sentence.startswith("With ‘ask, match and train’, satisfaction is ")
    assert " higher than with ‘ask’ (" in verdict.sentence
    assert made(study, brandy=BASE, other=shifted(0.4)).verdict.sentence.startswith("With other, ")


def test_lower_is_better_for_cost_and_the_currency_is_named(study: Study) -> None:
    found = made(study, "cost", cheap=BASE, dear=shifted(5.0))
    assert (found.verdict.best, found.verdict.decided) == ("cheap", True)
    assert "cost is 5.000 CHF a customer lower than with dear" in found.verdict.sentence


def test_shares_are_told_in_percentage_points(study: Study) -> None:
    found = made(study, "retention", first=BASE, second=shifted(0.25))
    assert "retention is 25.0 percentage points higher than with first" in found.verdict.sentence


def test_what_cannot_be_told_says_how_much_more_would_settle_it(study: Study) -> None:
    found = made(study, stand_still=BASE, same_or_so=shifted(0.004))
    verdict = found.verdict
    assert not verdict.decided
    assert verdict.best == "same or so"
    assert verdict.more_replications is not None
    assert verdict.sentence.startswith("Cannot tell yet: satisfaction with same or so and with stand still differs by 0.004")
    assert f"about {verdict.more_replications} more replications would settle it" in verdict.sentence


def test_an_open_race_at_the_top_still_says_what_is_sure(study: Study) -> None:
    found = made(study, loser=BASE, one=shifted(1.0), other=shifted(1.001, -1.0))
    assert not found.verdict.decided
    assert found.verdict.sentence.endswith("What is sure: other is better than loser.")


def test_the_same_is_said_to_be_the_same(study: Study) -> None:
    verdict = made(study, first=BASE, copy=list(BASE)).verdict
    assert (verdict.best, verdict.decided, verdict.more_replications) == (None, False, None)
    assert verdict.sentence == ("First and copy are exactly the same: satisfaction differs by 0 in every one of 8 replications "
                                "of the same 4 people.")


def test_a_difference_too_small_to_feel_is_no_difference(study: Study) -> None:
    tiny = made(study, first=BASE, other=shifted(0.004, noise=0.1)).verdict
    assert (tiny.best, tiny.decided) == (None, False)
    assert "all but the same" in tiny.sentence
    assert "less than 0.01 points" in tiny.sentence
    small = made(study, first=BASE, other=shifted(0.04, noise=0.1)).verdict
    assert (small.best, small.decided) == ("other", True)


def test_a_tie_at_the_top_is_not_a_decision(study: Study) -> None:
    verdict = made(study, loser=BASE, one=shifted(1.0), twin=shifted(1.0)).verdict
    assert (verdict.best, verdict.decided) == ("one", False)
    assert verdict.sentence.startswith("With one and, exactly the same, with twin, satisfaction is 1.00")


def test_one_replication_cannot_tell(study: Study) -> None:
    verdict = made(study, first=[0.1], second=[0.9]).verdict
    assert (verdict.decided, verdict.more_replications) == (False, None)
    assert verdict.sentence.startswith("Cannot tell from one replication: with second, satisfaction is 0.800 points a visit")


def test_one_strategy_has_nothing_to_compare(study: Study) -> None:
    found = made(study, alone=BASE)
    assert found.differences == ()
    assert found.verdict.sentence.startswith("Only alone was run")


def test_nobody_left_to_ask_is_unknown(study: Study) -> None:
    verdict = made(study, here=BASE, gone=[math.nan] * 8).verdict
    assert (verdict.best, verdict.decided) == ("here", False)
    assert verdict.sentence.startswith("Cannot tell: with gone there was no visit")


@pytest.mark.parametrize(("late", "said"), [
    ({"a": [-1.0, -1.01], "b": [-0.3, -0.31]}, "Neither strategy sustains satisfaction: over the last quarter of"),
    ({"a": [-1.0, -1.01], "b": [-0.3, -0.31]}, "at best, where 0 is exactly what customers compare it with."),
    ({"a": [-1.0, -1.01], "b": [-0.1, 0.3]}, "Whether it lasts cannot be told: over the last quarter of"),
    ({"a": [-1.0, -1.01], "b": [-0.1, 0.3]}, "with. It does not last with a."),
    ({"a": [1.0, 1.01], "b": [-0.1, 0.3]}, "Whether satisfaction lasts with b cannot be told"),
    ({"a": [-0.1, 0.3], "b": [1.0, 1.01]}, "compare it with; whether it does with a cannot be told."),
    ({"a": [-1.0, -1.1], "b": [1.0, 1.1]}, "It lasts: over the last quarter of the time, satisfaction with b is still"),
    ({"a": [-1.0, -1.1], "b": [1.0, 1.1]}, "above what customers compare it with; with no other strategy does it stay"),
    ({"a": [1.0, 1.1], "b": [-1.0, -1.1]}, "With b satisfaction does not last: over the last quarter of the time it is −1.1"),
    ({"a": [1.0, 1.1], "b": [-1.0, -1.1]}, "It stays above zero with a: 1.1 points a visit (95% interval 0.4 to 1.7)."),
    ({"a": [0.004, 0.0041], "b": [-1.0, -1.1]}, "over the last quarter of the time it is 0.00 points a visit at best"),
    ({"a": [1.0, 1.1], "b": [1.0, 1.1]}, "so it does with a."),
    ({"a": [1e-9, 1e-9], "b": [1e-9, 1e-9]}, "Neither strategy sustains satisfaction"),
    ({"a": [math.nan] * 2, "b": [math.nan] * 2}, "Nobody came in the last quarter"),
])
def test_whether_it_lasts(study: Study, late: dict[str, list[float]], said: str) -> None:
    lasts = made(study, lasting=late, a=[0.0, 0.1], b=[9.0, 9.1]).verdict.lasts
    assert said in lasts


def test_each_strategy_lasts_or_fades_or_cannot_be_told(study: Study) -> None:
    late = {"lasts": [1.0, 1.01], "fades": [-1.0, -1.01], "open": [-0.1, 0.3], "nobody": [math.nan] * 2}
    verdict = made(study, lasting=late, lasts=[0.0, 0.1], fades=[0.0, 0.1], open=[0.0, 0.1], nobody=[9.0, 9.1]).verdict
    assert (verdict.sustained, verdict.faded) == (("lasts",), ("fades",))


def test_a_negligible_difference_is_neither_decided_nor_a_finding(study: Study) -> None:
    found = made(study, first=BASE, other=shifted(0.004, noise=0.1))
    small = found.difference("other", "first", "satisfaction")
    assert small.low > 0
    assert (small.decided, small.negligible) == (False, True)
    assert found.difference("first", "other", "satisfaction").negligible
    claim = check(found, Claim("higher", "other", "first", "satisfaction"))
    assert claim.result == "does not hold"
    assert claim.evidence.endswith(", too small to matter")
    large = made(study, first=BASE, other=shifted(0.4, noise=0.1)).difference("other", "first", "satisfaction")
    assert (large.decided, large.negligible) == (True, False)


@pytest.mark.parametrize("keep", ["customers", ("foo",), ("customers", "visits")])
def test_what_cannot_be_kept_is_refused(keep: Any, study: Study) -> None:
    with pytest.raises(ValueError, match="only customers can be kept"):
        compare(study({"a": {"satisfaction": [0.0]}})[0], keep=keep)


def test_differences_cover_every_pair_and_outcome_and_turn_round(study: Study) -> None:
    found = made(study, a=BASE, b=shifted(0.4), c=shifted(0.3))
    pairs = {(one.strategy, one.against) for one in found.differences}
    assert pairs == {("b", "a"), ("c", "a"), ("c", "b")}
    assert len(found.differences) == 3 * len(OUTCOMES)
    one, back = found.difference("c", "b", "satisfaction"), found.difference("b", "c", "satisfaction")
    assert (back.mean, back.low, back.high) == (-one.mean, -one.high, -one.low)
    assert np.array_equal(back.each, -one.each)
    with pytest.raises(KeyError):
        found.difference("b", "nobody", "satisfaction")


def test_twins_are_the_same_people(study: Study) -> None:
    market, runs = study({"a": {"satisfaction": [0.0, 0.0]}, "b": {"satisfaction": [0.0, 0.0]}},
                         {"a": [[1, 1, 0, 0], [1, 0, 0, 0]], "b": [[1, 0, 1, 0], [1, 1, 1, 0]]})
    twins = conclude(market, runs).twins[0]
    assert (twins.strategy, twins.against) == ("b", "a")
    assert (twins.both, twins.only_strategy, twins.only_against, twins.neither) == (2 / 8, 3 / 8, 1 / 8, 2 / 8)
    assert twins.saved == pytest.approx(3 / 5)


def test_runs_of_different_designs_are_refused(study: Study) -> None:
    market, runs = study({"a": {"satisfaction": [0.0, 0.0]}})
    _, others = study({"b": {"satisfaction": [0.0]}})
    with pytest.raises(ValueError, match="different people or replications"):
        conclude(market, {**runs, **others})
    with pytest.raises(ValueError, match="no run"):
        conclude(market, {})


def test_the_order_of_finished_runs_does_not_matter(study: Study) -> None:
    market, runs = study({"a": {"satisfaction": BASE}, "b": {"satisfaction": shifted(0.4)}})
    assert conclude(market, dict(reversed(runs.items()))).verdict == conclude(market, runs).verdict


def test_as_pandas(study: Study) -> None:
    pandas = pytest.importorskip("pandas")
    found = made(study, a=BASE, b=shifted(0.4))
    table = found.to_pandas("differences")
    assert isinstance(table, pandas.DataFrame)
    assert list(table.columns) == ["strategy", "against", "outcome", "mean", "low", "high", "decided", "negligible"]
    assert len(table) == len(OUTCOMES)
    assert list(found.to_pandas("twins").strategy) == ["b"]


@pytest.mark.parametrize(("value", "half", "text"), [
    (0.4237, 0.031, "0.42"), (0.4237, 0.017, "0.424"), (-0.001, 0.03, "0.00"), (-1234.5, 20.0, "−1,234"),
    (0.0, 0.0, "0.00"), (math.nan, 1.0, "unknown"), (2.0, math.nan, "2.00")])
def test_numbers_have_the_digits_they_deserve(value: float, half: float, text: str) -> None:
    assert plain(value, half) == text

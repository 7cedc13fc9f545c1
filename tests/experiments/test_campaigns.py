"""The campaigns that prove coverage are commands; here they run small, and can fail."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from campaigns import coverage, sequential
from sim.experiments.selection import eta
from sim.experiments.sequence import all_settled, plan
from sim.experiments.statistics import pairwise


@pytest.mark.parametrize(("law", "plain", "ours"), [("normal", 0.95, 0.962), ("exponential", 0.90, 0.948)])
def test_skewed_outcomes_are_covered_where_students_interval_is_not_enough(law: str, plain: float, ours: float) -> None:
    """Without the correction for skewness the second number would be the first."""
    found = coverage.one_interval(coverage.LAWS[law], 10, 10_000, 99)
    assert found[:2] == pytest.approx((plain, ours), abs=0.009)


def test_rare_events_are_covered_though_nothing_happened() -> None:
    share, exact, apart, ours = coverage.rare(0.1, 1000, 5, 4_000, 99)
    assert share < 0.5  # nobody in any replication, and the interval [0, 0]
    assert apart < 0.6
    assert exact > 0.95
    assert ours > 0.95


def test_equal_strategies_are_rarely_told_apart() -> None:
    covered, won, studies = coverage.many_pairs("normal", 3, 10, 400)
    assert covered > 0.95 - 3 * (0.05 * 0.95 / studies) ** 0.5
    assert won < 0.02


def test_looking_again_and_again_finds_little_that_is_none_where_a_plain_interval_finds_much() -> None:
    found, won, made, careless = sequential.equal(False, 2, 300)
    assert won == found < 0.055 + 0.02
    assert careless > 0.15
    assert made < 300


def test_the_campaign_ends_where_a_study_would() -> None:
    luck, planned, answers = np.random.default_rng(4), plan(0.3, "satisfaction", 100), set()
    for _ in range(60):
        values = luck.exponential(size=(int(luck.choice(planned.looks)), 4)) * luck.choice([0.1, 1.0]) + [0, 0, 0.1, 0]
        best = int(values.mean(axis=0).argmax())
        expected = all_settled(best, pairwise(list(values.T), planned.point), planned.margin)
        assert sequential.ended(values, planned) == expected
        answers.add(expected)
    assert answers == {True, False}


def test_what_a_study_of_fixed_size_needs() -> None:
    """Beside the textbook's (1.96 + 1.645)²/d², a few more for not knowing the sd."""
    assert sequential.fixed(0.3) == pytest.approx((1.96 + 1.645) ** 2 / 0.09, abs=4)


def test_rinotts_constants_for_two_are_the_published_ones() -> None:
    """For two strategies they are those of Dudewicz & Dalal: 1.896 and 2.453 for 20 first replications (Law & Kelton)."""
    assert sequential.rinott(2, 20, 0.90) == pytest.approx(1.896, abs=0.001)
    assert sequential.rinott(2, 20, 0.95) == pytest.approx(2.453, abs=0.001)


def test_rinotts_constant_gives_its_chance() -> None:
    luck, h = np.random.default_rng(3), sequential.rinott(10, 10, 0.95)
    others, own = stats.chi2(9).rvs((200_000, 9), random_state=luck), stats.chi2(9).rvs((200_000, 1), random_state=luck)
    chance = stats.norm.cdf(h / np.sqrt(9 * (1 / others + 1 / own))).prod(axis=1).mean()
    assert chance == pytest.approx(0.95, abs=0.001)


def test_the_best_is_chosen_as_often_as_promised() -> None:
    found = sequential.slippage(5, 0.5, 150)
    assert found["KN"][0] > 0.95 - 3 * (0.05 * 0.95 / 150) ** 0.5
    assert found["until"][0] > 0.97
    assert found["KN"][1] < found["Rinott"][1]  # common luck, and dropping along the way
    assert eta(2, 11, 0.05) == pytest.approx(0.5 * (0.1**-0.2 - 1), rel=1e-12)

"""Return and break-even: exact where they can be known, no surer than they are, and said where there are none."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from sim.experiments.compare import compare, conclude
from sim.experiments.returns import NEVER, Returns, ahead, break_even, middle, percent, ratio, returns_of
from sim.market import Market
from sim.story.load import load
from sim.story.resolve import resolve

Study = Callable[..., tuple[Any, Any]]
BASE = [0.10, 0.20, 0.15, 0.05, 0.12, 0.18, 0.09, 0.11]


def fields(low: float, high: float, count: int = 8) -> st.SearchStrategy[list[float]]:
    return st.lists(st.floats(low, high).map(lambda x: round(x, 4)), min_size=count, max_size=count)


def found(study: Study, **money: tuple[list[float], list[float]]) -> tuple[Returns, ...]:
    """The returns of strategies with these costs and profits by replication; the first is the baseline."""
    market, runs = study({name: {"cost": cost, "profit": profit} for name, (cost, profit) in money.items()})
    return conclude(market, runs).returns


# --- return -------------------------------------------------------------------------------------------------


def test_a_return_is_extra_profit_over_extra_cost(study: Study) -> None:
    base, spends = (BASE, [1 + x for x in BASE]), ([2 + x for x in BASE], [2 + x for x in BASE])
    one, = found(study, base=base, spends=spends)
    assert (one.strategy, one.against) == ("spends", "base")
    assert one.rate == one.low == one.high == pytest.approx(0.5)
    assert not one.undefined


def test_with_an_equal_extra_cost_the_interval_is_that_of_the_profit(study: Study) -> None:
    gains = [1.0, 1.2, 0.7, 1.1, 0.9, 1.4, 1.0, 0.8]
    one, = found(study, base=([0.0] * 8, [0.0] * 8), spends=([2.0] * 8, gains))
    low, high = stats.t.interval(0.95, 7, np.mean(gains), stats.sem(gains))
    assert (one.rate, one.low, one.high) == pytest.approx((np.mean(gains) / 2, low / 2, high / 2))


@given(above=fields(-5, 5), below=fields(4, 6))
def test_the_ends_are_where_the_ratio_is_just_not_told_from_them(above: list[float], below: list[float]) -> None:
    """Fieller, checked by its definition: at θ the mean of above − θ·below lies just c standard errors from 0."""
    up, down = np.array(above), np.array(below)
    rate, low, high = ratio(up, down)
    assert low <= rate + 1e-9
    assert rate <= high + 1e-9
    critical = stats.t.ppf(0.975, 7)
    for end in (low, high):
        apart = up - end * down
        assert abs(apart.mean()) == pytest.approx(critical * stats.sem(apart), rel=1e-6, abs=1e-6)


@given(above=fields(-5, 5), below=fields(4, 6), unit=st.floats(0.01, 1000))
def test_a_currency_changes_no_return(above: list[float], below: list[float], unit: float) -> None:
    there, here = ratio(unit * np.array(above), unit * np.array(below)), ratio(np.array(above), np.array(below))
    assert there == pytest.approx(here, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("tries", [1, 3])
def test_the_interval_covers_as_often_as_it_says(tries: int) -> None:
    """Of 4,000 studies with a true ratio of 0.5 all but 5% (5/3% for three tries) hold it, within 4.5 standard errors."""
    luck, studies, missed = np.random.default_rng(3), 4000, 0
    for _ in range(studies):
        shared = luck.standard_normal(10)
        below = 2 + 0.5 * shared + 0.4 * luck.standard_normal(10)
        above = 1 + 0.7 * shared + 0.6 * luck.standard_normal(10)
        _, low, high = ratio(above, below, tries)
        missed += not low <= 0.5 <= high
    share = 0.05 / tries
    assert missed / studies == pytest.approx(share, abs=4.5 * math.sqrt(share * (1 - share) / studies))


@pytest.mark.parametrize(("cost", "why"), [
    (BASE, "it costs as much"), ([x - 0.04 for x in BASE], "it costs less"),
    ([0.13, 0.17, 0.19, 0.01, 0.15, 0.15, 0.12, 0.10], "whether it costs more cannot be told")])
def test_a_return_is_not_defined_where_the_extra_cost_is_not_surely_positive(study: Study, cost: list[float], why: str) -> None:
    one, = found(study, base=(BASE, BASE), other=(cost, [1 + x for x in BASE]))
    assert one.undefined == why
    assert math.isnan(one.rate)
    assert math.isnan(one.low)
    assert why in one.sentence
    assert "not defined" in one.sentence


def test_one_replication_defines_no_return(study: Study) -> None:
    one, = found(study, base=([0.0], [0.0]), other=([1.0], [2.0]))
    assert one.undefined.startswith("one replication")
    assert (one.day, one.reaches) == (0.0, 1.0)
    assert math.isnan(one.day_low)


def test_a_ratio_to_what_may_be_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be told from 0"):
        ratio(np.array([1.0, 2.0, 1.5]), np.array([0.1, -0.2, 0.3]))


def test_more_strategies_make_wider_intervals(study: Study) -> None:
    gains = [1.0, 1.2, 0.7, 1.1, 0.9, 1.4, 1.0, 0.8]
    base, spends = ([0.0] * 8, [0.0] * 8), ([2.0] * 8, gains)
    alone, = found(study, base=base, spends=spends)
    beside, _ = found(study, base=base, spends=spends, other=([1.0] * 8, gains))
    assert beside.rate == alone.rate
    assert beside.low < alone.low
    assert beside.high > alone.high


def test_where_nothing_costs_or_earns_there_are_none(study: Study) -> None:
    assert found(study, base=([0.0] * 3, [0.0] * 3), other=([0.0] * 3, [0.0] * 3)) == ()
    market, runs = study({"alone": {"cost": [1.0, 2.0], "profit": [1.0, 2.0]}})
    assert conclude(market, runs).returns == ()


@pytest.mark.parametrize(("share", "half", "said"), [(0.5, 0.04, "+50%"), (-0.123, 0.002, "−12.3%"), (0.0, 0.1, "0%"),
                                                     (-0.99999999999, 1e-13, "−100%"), (1e-9, 0.3, "0%"),
                                                     (4.0512, 0.0, "+405%")])
def test_a_return_is_said_in_percent(share: float, half: float, said: str) -> None:
    assert percent(share, half) == said


# --- break-even ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "day"), [
    ([0, 0, 0, 0], 0), ([1, 2, 3], 0), ([0, -5, -2, 0, 3], 3), ([-1, 2, -1, 0, 4], 3), ([3, 2, 1, -1], NEVER),
    ([-1, -1, -1], NEVER), ([-1, -1, 0], 2)])
def test_the_day_from_which_it_stays_ahead(path: list[float], day: float) -> None:
    assert break_even(np.array([path], dtype=float)).tolist() == [day]


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=30))
def test_break_even_is_the_first_of_the_days_it_says(path: list[int]) -> None:
    day, = break_even(np.array([path], dtype=float)).tolist()
    suffixes = [all(value >= 0 for value in path[at:]) for at in range(len(path))]
    assert day == (suffixes.index(True) if True in suffixes else NEVER)


def test_the_median_of_days_has_the_interval_of_order_statistics() -> None:
    days = np.array([3.0, 9.0, 1.0, NEVER, 4.0, 7.0, 5.0, 2.0, NEVER, 8.0])
    assert middle(days) == (6.0, 2.0, NEVER)  # the 2nd and the 9th of ten: 2·P(Bin(10, ½) ≤ 1) = 0.021
    assert middle(np.array([NEVER] * 8))[0] == NEVER
    assert all(math.isnan(end) for end in middle(days[:5])[1:])
    assert middle(days[:6])[1:] == (1.0, NEVER)
    assert all(math.isnan(end) for end in middle(days[:6], tries=2)[1:])


def test_the_interval_of_a_median_covers_as_often_as_it_says() -> None:
    for count, tries in itertools.product((6, 15, 40), (1, 3)):
        _, low, high = middle(np.arange(1.0, count + 1), tries)
        if not math.isnan(low):
            missed = 2 * stats.binom.cdf(low - 1, count, 0.5)
            assert missed <= 0.05 / tries
            assert 2 * stats.binom.cdf(low, count, 0.5) > 0.05 / tries
            assert low + high == count + 1


# --- of a story ---------------------------------------------------------------------------------------------

STORY = """
title: spending
horizon: 300 days
replications: 8
market: {people: 200, visits: {every: 10 days}}
psyche: {learning: 0.1, goodwill: {memory: 0.2}, leaving: {base: 5%, goodwill: 0.5}}
firms: {ours: {quality: 60, noise: 2, margin: 10}}
strategies:
  as it is: []
  dearly: [{upgrade: {by: 1, at: 50 days, cost: 400000}}]
  well: [{upgrade: {by: 8, at: 50 days, cost: 400}}]
  dearer: [{price: {by: 2, at: 100 days, cost: 300}}]
  other name: []
"""


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Market:
    path = tmp_path_factory.mktemp("spending") / "story.yaml"
    path.write_text(STORY, encoding="utf-8")
    return resolve(load(path))


def test_what_spending_brings_in_a_story(market: Market) -> None:
    comparison = compare(market, jobs=1)
    dearly, well, dearer, same = comparison.returns
    assert (dearly.day, dearly.reaches) == (NEVER, 0.0)
    assert -1.0 <= dearly.rate < -0.9
    assert 50 < well.day < 300
    assert well.reaches == 1.0
    assert well.rate > 1.0
    assert "breaks even on day" in well.sentence
    assert "does not break even within the 300 days" in dearly.sentence
    assert dearer.rate == pytest.approx((comparison.difference("dearer", "as it is", "profit").mean) / 1.5)
    assert 100 < dearer.day < 200, "what it cost comes back from the price alone"
    assert same.undefined == "it costs as much"
    assert (same.day, same.even) == (0.0, "it is never behind")
    table = comparison.to_pandas("returns")
    assert table["strategy"].tolist() == ["dearly", "well", "dearer", "other name"]
    assert table["rate"].tolist()[1] == well.rate


def test_a_path_ends_where_the_outcomes_do(market: Market) -> None:
    runs = compare(market, jobs=1).runs
    apart = ahead(runs["well"], runs["as it is"])
    assert apart.shape == (8, 300)
    assert np.all(apart[:, :50] == 0.0), "nothing before it starts"
    ends = runs["well"].outcomes["profit"] - runs["as it is"].outcomes["profit"]
    assert apart[:, -1] == pytest.approx(ends, abs=1e-9)


def test_strategies_and_their_order_change_no_return_but_its_interval(market: Market) -> None:
    runs = compare(market, jobs=1).runs
    some = returns_of({name: runs[name] for name in ("as it is", "well", "dearly")})
    assert [one.strategy for one in some] == ["well", "dearly"]
    whole = {one.strategy: one for one in returns_of(runs)}
    for one in some:
        same = whole[one.strategy]
        assert (one.rate, one.day, one.reaches) == (same.rate, same.day, same.reaches)


def test_returns_reach_json(tmp_path: Path) -> None:
    import sim

    path = tmp_path / "story.yaml"
    path.write_text(STORY, encoding="utf-8")
    answer = sim.load(path).compare(replications=6, people=100, jobs=1)
    told = json.loads(json.dumps(answer.document(), allow_nan=False))["money"]
    assert [one["strategy"] for one in told] == ["dearly", "well", "dearer", "other name"]
    assert told[0]["break_even_day"]["median"] is None
    assert told[0]["breaks_even"] == 0.0
    assert told[1]["return"]["mean"] == answer.returns[1].rate
    assert told[3]["return"]["mean"] is None
    assert told[3]["not_defined"] == "it costs as much"
    assert told[1]["sentence"] == answer.returns[1].sentence


def test_stored_runs_give_the_same_returns(tmp_path: Path) -> None:
    import sim

    path = tmp_path / "story.yaml"
    path.write_text(STORY, encoding="utf-8")
    answer = sim.load(path).compare(replications=6, people=100, jobs=1)
    again = sim.read(answer.store(tmp_path / "runs"))
    assert [replace(one, rate=0.0) for one in again.returns if not one.undefined] == [
        replace(one, rate=0.0) for one in answer.returns if not one.undefined]
    assert [one.sentence for one in again.returns] == [one.sentence for one in answer.returns]

"""Search: a known optimum is found on paper and by the engine, limits are kept, and what was luck is told as luck."""

from __future__ import annotations

import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import sim
from sim.experiments import evaluate
from sim.experiments.advice import Advice
from sim.experiments.search import FRESH, fresh_seed, limit, undominated
from sim.experiments.statistics import estimate
from sim.outcomes import OUTCOMES

STORY = """
title: gifts on paper
horizon: 1200 days
replications: 4
outcome: felt
market: {people: 100, expects: 60, visits: {every: 1 day, gaps: fixed}}
psyche: {learning: 0.9, loss_aversion: 2, surprise: {credit: CREDIT}}
firms: {ours: {quality: 60}}
strategies:
  gifts: [{surprise: {size: 4, chance: 30%, cost: 1}}]
  other gifts: [{surprise: {size: 4, chance: 30%, kinds: 3}}]
"""
CHANCE, SIZE = "strategies.gifts.0.surprise.chance", "strategies.gifts.0.surprise.size"


@pytest.fixture
def story(tmp_path: Path):
    def load(credit: float = 0.2, chance: str = "30%"):
        text = STORY.replace("CREDIT", str(credit)).replace("30%", chance)
        path = tmp_path / "gifts.yaml"
        path.write_text(text, encoding="utf-8")
        return sim.load(path)

    return load


class Paper:
    """In place of the engine: outcomes by a formula of the surprise's size and chance, with luck of each seed's own on top."""

    def __init__(self, noise: float = 0.0) -> None:
        self.noise, self.asked, self.seeds = noise, 0, set()

    def __call__(self, asked, work=None):
        found = []
        for market, name in asked:
            move = next(one for one in market.strategies if one.name == name).moves[0]
            self.asked += 1
            self.seeds.add(market.seed)
            luck = np.random.default_rng([market.seed % 2**32, round(1e6 * move.chance), round(1e6 * move.size)])
            each = self.noise * luck.standard_normal(market.replications)
            felt = 2.0 - (move.chance - 0.6) ** 2 - 0.01 * (move.size - 5.0) ** 2
            values = dict.fromkeys(OUTCOMES, np.zeros(market.replications))
            found.append({**values, "felt": felt + each, "cost": 10.0 * move.chance * move.size + 0.0 * each,
                          "satisfaction": felt + each})
        return enumerate(found)


@pytest.fixture
def paper(monkeypatch: pytest.MonkeyPatch):
    def put(noise: float = 0.0) -> Paper:
        made = Paper(noise)
        monkeypatch.setattr(evaluate, "evaluate", made)
        monkeypatch.setattr("sim.experiments.search.run_each", lambda market, names, work: {
            name: SimpleNamespace(outcomes=dict(Paper(noise)([(market, name)]))[0]) for name in names})
        return made

    return put


@pytest.mark.parametrize("credit", [0.05, 0.2, 0.4])
def test_the_chance_that_pays_most_is_found_within_two_percent(story, credit):
    """E[V] = p(1−p)·D·(1−λψ)/(ψp + 1−p) is largest where p = 1/(1 + √ψ), whatever λ < 1/ψ, D and the learning rate are."""
    found = story(credit).search([f"{CHANCE}=0%..100%"], looks=60)
    exact = 1 / (1 + math.sqrt(credit))
    value = exact * (1 - exact) * 4 * (1 - 2 * credit) / (credit * exact + 1 - exact)
    assert found.best.point[0] == pytest.approx(exact, rel=0.02)
    assert found.best.outcomes["felt"].mean == pytest.approx(value, rel=0.02)
    assert found.decided
    assert found.market.seed == fresh_seed(1) != 1


def test_a_peak_in_two_levers_is_found(story, paper):
    paper()
    found = story().search([f"{CHANCE}=0%..100%", f"{SIZE}=1..9"])
    assert found.best.point == pytest.approx((0.6, 5.0), abs=0.05)
    assert found.gain.mean == pytest.approx(0.09 + 0.01, abs=0.002)
    assert found.optimism == 0.0
    assert not found.at_end


def test_limits_are_kept_and_the_best_lies_on_them(story, paper):
    paper()
    found = story().search([f"{CHANCE}=0%..100%", f"{SIZE}=1..9"], within=["cost <= 12", "felt >= 1.5"])
    assert found.satisfied
    assert found.within == ("surely", "surely")
    assert found.best.outcomes["cost"].mean == pytest.approx(12.0, abs=0.3)
    assert found.best.outcomes["felt"].mean == max(
        one.means["felt"] for one in found.tried if one.means["cost"] <= 12.0 and one.means["felt"] >= 1.5)


def test_where_nothing_keeps_the_limits_the_nearest_is_told(story, paper):
    paper()
    found = story().search([f"{CHANCE}=10%..100%"], within=["felt >= 3"])
    assert not found.satisfied
    assert not found.decided
    assert found.best.point[0] == pytest.approx(0.6, abs=0.02)
    assert Advice(found).headline() == "Nothing that was tried keeps felt >= 3"
    assert found.within == ("surely not",)


def test_what_was_luck_is_told_by_fresh_luck(story, paper):
    """Forty points that differ by luck alone: the best of them looks good on the luck that chose it and not on fresh luck."""
    made = paper(noise=1.0)
    found = story().search([f"{CHANCE}=59%..61%"], looks=60)
    assert made.seeds == {1, 1 ^ FRESH}
    assert found.optimism > 0.3
    assert found.better == 0
    assert not found.decided
    assert "On the luck that was searched it was" in " ".join(Advice(found).sentences())


def test_the_written_levers_are_the_answer_where_nothing_is_better(story, paper):
    paper()
    found = story(chance="60%").search([f"{CHANCE}=0%..100%/11"])
    assert found.best.point == (0.6,)
    assert found.written is found.best
    assert Advice(found).headline() == "No better levers than those written were found"


def test_the_frontier_has_nothing_that_is_beaten_and_reaches_the_top(story, paper):
    paper()
    found = story().search([f"{CHANCE}=0%..100%", f"{SIZE}=1..9"], within=["cost <= 12"])
    costs = [one.outcomes["cost"].mean for one in found.frontier]
    bought = [one.outcomes["felt"].mean for one in found.frontier]
    assert costs == sorted(costs)
    assert bought == sorted(bought)
    assert len(costs) > 4
    assert bought[-1] == pytest.approx(2.0, abs=0.01)
    for one in found.tried:
        assert not any(one.means["cost"] < cost and one.means["felt"] > felt + 1e-9
                       for cost, felt in ((costs[-1], bought[-1]), (costs[0], bought[0])))


def test_no_more_is_looked_at_than_was_asked_and_nothing_twice(story, paper):
    made = paper()
    found = story().search([f"{CHANCE}=0%..100%/5"], looks=40)
    assert {one.point for one in found.tried} <= {(0.0,), (0.25,), (0.5,), (0.75,), (1.0,), (0.3,)}
    judged = {one.point for one in (found.best, *found.frontier, *found.beaten)}
    assert made.asked == 6 + len(judged - {found.written.point})  # the written levers are known from their run


def test_points_that_the_story_refuses_are_passed_over_and_told(story, paper):
    paper()
    over = ["strategies.gifts.0.surprise.at=0 days..900 days", "strategies.gifts.0.surprise.until=100 days..1200 days"]
    found = story().search([*over, f"{CHANCE}=0%..100%"], "gifts", looks=60)
    assert found.refused > 0
    assert all(at < until for at, until, _ in (one.point for one in found.tried))
    assert f"{found.refused} of the points looked at are refused by the story, such as: strategies.gifts.0.surprise.at" in \
        " ".join(Advice(found).sentences())


def test_a_list_is_searched_as_a_list(story, paper):
    paper()
    found = story().search([f"{SIZE}=1, 5, 8", f"{CHANCE}=0%..100%"], looks=60)
    assert found.best.point == pytest.approx((1, 0.6), abs=0.05)
    assert found.settings[0] == f"{SIZE}=5"
    assert math.isnan(found.written.point[0])
    assert "than with the levers as written." in " ".join(found.sentences)


def test_the_same_search_is_found_again(story, paper):
    paper(noise=0.1)
    first, second = (story().search([f"{CHANCE}=0%..100%", f"{SIZE}=1..9"], looks=50) for _ in range(2))
    assert first.best.point == second.best.point
    assert [one.point for one in first.tried] == [one.point for one in second.tried]


def test_levers_outside_the_ranges_are_compared_with_too(story, paper):
    paper()
    found = story().search([f"{CHANCE}=50%..70%"])
    assert found.written.point == (0.3,)
    assert found.gain.mean == pytest.approx(0.09, abs=0.001)
    assert found.better == 1


@pytest.mark.parametrize(("over", "more", "said"), [
    ([], {}, "nothing is let move"), ([f"{CHANCE}=0..2"], {}, "cannot be 2"),
    (["psyche.peak=0..1"], {}, "name the strategy"), ([f"{CHANCE}=0..1"], {"strategy": "none"}, "there is no strategy 'none'"),
    ([f"{CHANCE}=0..1"], {"strategy": "other gifts"}, "'gifts' is another strategy than 'other gifts'"),
    ([f"{CHANCE}=0..1"], {"outcome": "norm"}, "nothing can be searched that is best in norm"),
    ([f"{CHANCE}=0..1"], {"within": ["costs <= 3"]}, "there is no outcome 'costs'"),
    ([f"{CHANCE}=0..1"], {"within": ["cost < 3"]}, "must be an outcome, <= or >=, and a number"),
    ([f"{CHANCE}=0..1"], {"within": ["cost <= 3%"]}, "cost is no percentage")])
def test_a_slip_is_a_sentence(story, over, more, said):
    with pytest.raises(ValueError, match=r"(?s).*") as caught:
        story().search(over, **more)
    assert said in str(caught.value)


def test_limits_are_read_and_judged():
    found = limit(" retention>=35% ")
    assert (found.outcome, found.most, found.value) == ("retention", False, 0.35)
    values = np.array([0.30, 0.34, 0.38])
    assert found.kept(estimate(values)) == "cannot be told"
    assert found.kept(estimate(values + 0.3)) == "surely"
    assert found.kept(estimate(values - 0.2)) == "surely not"
    assert found.kept(estimate(np.array([math.nan]))) == "cannot be told"


def test_of_points_those_that_none_beats_in_both():
    assert undominated([3, 1, 2, 2, 5], [3, 1, 0, 2, 3]) == [1, 3, 0]
    assert undominated([], []) == []

"""Equal spend: strategies cost what was asked, a point of satisfaction has its price on paper, refusals are sentences."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.engine import archive
from sim.experiments.spend import CLOSE, NEAR, prices
from sim.spending import levers

STORY = """
title: two ways to spend
horizon: 300 days
replications: 5
market: {people: 300, expects: 60, visits: {every: 10 days}}
psyche: {learning: 0.2, surprise: {credit: 0.3}, goodwill: {memory: 0.3}, leaving: {base: 2% per visit, goodwill: 0.1}}
firms: {ours: {quality: 60, noise: 2, margin: 5}}
strategies:
  still: []
  gifts: [{surprise: {size: 6, chance: 30%, cost: 2}}]
  refit: [{upgrade: {by: 5, at: 30 days, cost: 900, running: 0.5 per visit}}]
  calls: [{contact: {every: 20 days, finds: 50%, cost: 1}}]
"""


@pytest.fixture
def story(tmp_path: Path):
    def load(*left_out: str, **more: str):
        text = "\n".join(line for line in STORY.splitlines() if not line.startswith(tuple(f"  {name}:" for name in left_out)))
        for old, new in more.items():
            text = text.replace(old.replace("_", " "), new)
        path = tmp_path / "spend.yaml"
        path.write_text(text, encoding="utf-8")
        return sim.load(path)

    return load


def test_every_strategy_with_moves_costs_the_amount(story):
    fair = story("calls").equal_spend(6)
    costs = {name: fair.answer.interval(name, "cost").mean for name in fair.answer.runs}
    assert costs["still"] == 0.0
    assert costs["gifts"] == pytest.approx(6, rel=CLOSE)
    assert costs["refit"] == pytest.approx(6, rel=CLOSE)
    gifts, refit = fair.spending.scaled[1:]
    assert gifts.keys == ("strategies.gifts.0.surprise.chance",)
    assert [key.rsplit(".", 1)[1] for key in refit.keys] == ["by", "cost", "running"]
    assert float(refit.now[0]) / 5 == pytest.approx(float(refit.now[1]) / 900, rel=1e-9)
    assert {one.cost.mean for one in fair.spending.scaled} == set(costs.values())


def test_the_settings_that_are_told_make_the_same_comparison(story):
    there = story("calls")
    fair = there.equal_spend(6)
    again = sim.load(there.scenario.path, list(fair.settings)).compare()
    for name, run in again.runs.items():
        assert np.array_equal(run.outcomes["satisfaction"], fair.answer.runs[name].outcomes["satisfaction"], equal_nan=True)
    assert again.hash == fair.answer.hash


def test_a_named_lever_takes_the_place_of_the_usual_one(story):
    fair = story("calls").equal_spend(6, ["strategies.gifts.0.surprise.cost", "strategies.refit.0.upgrade.running"])
    assert fair.spending.scaled[1].keys == ("strategies.gifts.0.surprise.cost",)
    assert fair.answer.interval("gifts", "cost").mean == pytest.approx(6, rel=CLOSE)
    assert fair.answer.interval("refit", "cost").mean == pytest.approx(6, rel=CLOSE)
    assert fair.spending.scaled[1].now[0] != "2"


@pytest.mark.parametrize(("amount", "named", "said"), [
    (6, ["strategies.refit.0.upgrade.by"], "tie its cost to it, as in --lever"),
    (500, [], '"gifts" cannot be made to cost 500 a customer: it costs at most'),
    (0.5, ["strategies.refit.0.upgrade.running"], '"refit" cannot be made to cost 0.5 a customer: it costs at least'),
    (0, [], "must be money above 0 a customer, not 0"),
    (6, ["psyche.peak"], "is no lever of a strategy"),
    (6, ["strategies.gift.0.surprise.cost"], "there is no strategy 'gift'"),
    (6, ["strategies.gifts.0.surprise.to"], "is no number of the story that could be scaled"),
    (6, ["strategies.gifts.0.surprise.cost & strategies.refit.0.upgrade.by"], "ties keys of several strategies"),
    (6, ["strategies.gifts.0.surprise.cost", "strategies.gifts.0.surprise.size"], "has two levers")])
def test_what_cannot_be_is_a_sentence(story, amount, named, said):
    with pytest.raises(ValueError, match=r"(?s).*") as caught:
        story("calls").equal_spend(amount, named)
    assert said in str(caught.value)


def test_a_strategy_without_a_usual_lever_asks_for_one(story):
    with pytest.raises(ValueError, match=r'"calls" has no usual lever \(contact\); name one, such as --lever'):
        story().equal_spend(6)


def test_a_lever_that_does_not_move_the_cost_is_refused(story):
    there = story("calls", **{"running:_0.5_per_visit": "running: 0 per visit"})
    with pytest.raises(ValueError, match=r"scaling strategies\.refit\.0\.upgrade\.by=5 does not change what"):
        there.equal_spend(6, ["strategies.refit.0.upgrade.by"])


def test_a_lever_at_its_end_says_how_far_it_gets(story):
    with pytest.raises(ValueError, match=r'"gifts" cannot be made to cost 500 a customer: it costs at most .*chance=1;'):
        story("calls", **{"chance:_30%": "chance: 100%"}).equal_spend(500)


def test_where_cost_goes_in_steps_the_nearest_is_taken_if_it_is_near(story):
    """Few people and dear gifts: the cost of one gift is more than a thousandth of the amount."""
    there = story("calls", "refit", **{"cost:_2}": "cost: 20}"})
    fair = there.equal_spend(60, people=40, replications=2)
    cost = fair.answer.interval("gifts", "cost").mean
    step = 20 / 40 / 2
    assert cost % step == pytest.approx(0.0, abs=1e-9)
    assert step > CLOSE * 60
    assert abs(cost - 60) <= max(step, NEAR * 60)


def test_a_lever_of_which_more_costs_less_is_refused(story):
    there = story("calls", **{"chance:_30%": "every: 3 visits"})
    assert levers(there.scenario, [])[1].keys == ("strategies.gifts.0.surprise.size", "strategies.gifts.0.surprise.cost")
    with pytest.raises(ValueError, match=r"more than strategies\.gifts\.0\.surprise\.every=3 visits makes"):
        there.equal_spend(30, ["strategies.gifts.0.surprise.every"])


def test_prices_are_the_ratio_of_paired_means_with_fiellers_interval(study):
    _, runs = study({"still": {"cost": [0, 0, 0, 0], "satisfaction": [1.0, 1.1, 0.9, 1.0], "retention": [0.5] * 4},
                     "gifts": {"cost": [6.0, 6.2, 5.8, 6.0], "satisfaction": [3.0, 3.2, 2.8, 3.0], "retention": [0.5] * 4},
                     "harm": {"cost": [6.0] * 4, "satisfaction": [0.5, 0.6, 0.4, 0.5], "retention": [0.4] * 4}})
    found = {(one.strategy, one.outcome): one for one in prices(runs)}
    point = found["gifts", "satisfaction"]
    assert point.rate == pytest.approx(6.0 / 2.0)
    assert point.low < point.rate < point.high
    assert math.isnan(found["harm", "satisfaction"].rate)
    assert found["harm", "satisfaction"].undefined == "satisfaction is lower than with still"
    assert found["gifts", "retention"].undefined == "the share of customers kept cannot be told from that with still"


def test_it_is_stored_beside_the_comparison_and_its_report(story, tmp_path):
    fair = story("calls").equal_spend(6)
    folder = fair.write(tmp_path / "runs", command=["drift", "compare"])
    files = set(archive.check(folder)["files"])
    assert {"equal_spend.json", "report.html", "outcomes.parquet"} <= files
    assert "is scaled to cost 6 EUR a customer" in (folder / "report.html").read_text(encoding="utf-8")

"""Sensitivity: Ishigami's indices, Morris on a line, ranges that evidence gives, and what turns the answer round."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.experiments import evaluate
from sim.experiments.hangs import Hangs, span_of, table
from sim.experiments.sensitivity import Axis, Shared, morris, points, sobol
from sim.experiments.variants import Variants, smaller
from sim.market import footprint
from sim.outcomes import OUTCOMES
from sim.sensing import around, usual

STORY = """
title: two ways
horizon: 200 days
replications: 3
market: {people: 60, expects: 60, visits: {every: 10 days}}
psyche: {learning: {up: 0.3, down: 0.2}, surprise: {credit: 0.3}, loss_aversion: 2, forgetting: {half_life: 100 days}}
firms: {ours: {quality: 60, noise: 2}}
strategies:
  still: []
  gifts: [{surprise: {size: 6, chance: 30%, cost: 2}}]
  refit: [{upgrade: {by: 5, at: 30 days, cost: 900}}]
"""


@pytest.fixture
def story(tmp_path: Path):
    path = tmp_path / "ways.yaml"
    path.write_text(STORY, encoding="utf-8")
    return sim.load(path)


def ishigami(shares: np.ndarray) -> np.ndarray:
    """sin x₁ + 7 sin² x₂ + 0.1 x₃⁴ sin x₁ on [−π, π]³: its indices are known in closed form."""
    x = -np.pi + 2.0 * np.pi * shares
    return np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def test_sobol_gives_ishigamis_indices_within_their_intervals():
    told, each = sobol(3, 4096, ishigami)
    exact = [(0.3139, 0.5576), (0.4424, 0.4424), (0.0, 0.2437)]
    assert len(each) == points("sobol", 3, 4096) == 4096 * 5
    for (first, first_half, total, total_half), (alone, with_others) in zip(told, exact, strict=True):
        assert first == pytest.approx(alone, abs=0.01)
        assert total == pytest.approx(with_others, abs=0.01)
        assert abs(first - alone) < first_half < 0.05
        assert abs(total - with_others) < total_half < 0.05


def test_the_check_on_ishigami_can_fail():
    told, _ = sobol(3, 4096, lambda shares: ishigami(shares[:, [1, 0, 2]]))
    assert abs(told[0][0] - 0.3139) > 0.1


def test_the_same_design_gives_the_same_indices_twice():
    """SALib takes a seed of 0 for none, and would resample otherwise at each call."""
    assert sobol(3, 64, ishigami)[0] == sobol(3, 64, ishigami)[0]
    assert morris(3, 8, ishigami)[0] == morris(3, 8, ishigami)[0]


def test_where_nothing_moves_no_number_has_a_share():
    assert sobol(2, 8, lambda shares: np.full(len(shares), 3.0))[0] == [(0.0, 0.0, 0.0, 0.0)] * 2


def test_morris_on_a_plane_is_its_slopes_and_sees_what_is_curved():
    told, each = morris(3, 12, lambda shares: 2.0 * shares[:, 0] - 5.0 * shares[:, 1] + 0.0 * shares[:, 2])
    assert len(each) == points("morris", 3, 12)
    assert [mean for mean, *_ in told] == pytest.approx([2.0, -5.0, 0.0], abs=1e-9)
    assert [size for _, size, *_ in told] == pytest.approx([2.0, 5.0, 0.0], abs=1e-9)
    assert [spread for *_, spread in told] == pytest.approx([0.0, 0.0, 0.0], abs=1e-9)
    told, _ = morris(2, 40, lambda shares: shares[:, 0] * shares[:, 1])
    assert all(spread > 0.1 for *_, spread in told)


class Paper:
    """In place of the engine: gifts minus still is 1 − 4·(learning up − 0.1)·loss aversion, and nothing else matters."""

    def __call__(self, asked, work=None):
        found = []
        for market, name in asked:
            traits = market.segments[0].traits
            gap = 1.0 - 4.0 * (traits[0].a - 0.1) * next(one.a for one in traits if one.a in LOSSES)
            noise = np.linspace(-0.05, 0.05, market.replications)
            found.append({**dict.fromkeys(OUTCOMES, np.zeros(market.replications)),
                          "satisfaction": gap + noise if name == "gifts" else 0.0 * noise})
        return enumerate(found)


LOSSES = (1.0, 2.0)


def test_a_tornado_knows_each_end_and_what_turns_the_answer(story, monkeypatch):
    monkeypatch.setattr(evaluate, "evaluate", Paper())
    monkeypatch.setattr("sim.experiments.sensitivity.run_each", lambda market, names, work: {
        name: type("Run", (), {"outcomes": dict(Paper()([(market, name)]))[0]}) for name in names})
    over = ["psyche.learning.up=0.1..0.5", "psyche.loss_aversion=1, 2", "psyche.peak=0..1"]
    found = story.sensitivity(over, "gifts", "still")
    assert [one.key for one in found.effects] == ["psyche.learning.up", "psyche.loss_aversion", "psyche.peak"]
    first, second, third = found.effects
    assert (first.low.mean, first.high.mean) == pytest.approx((1.0, 1.0 - 4 * 0.4 * 2))
    assert (second.low.mean, second.high.mean) == pytest.approx((1.0 - 4 * 0.2, 1.0 - 4 * 0.2 * 2))
    assert third.size == 0.0
    assert found.now.mean == pytest.approx(1.0 - 4 * 0.2 * 2)
    words = Hangs(found)
    assert words.turns(first)
    assert not words.turns(third)
    assert words.headline() == "learning.up and loss_aversion can turn the answer round, alone"


@pytest.mark.parametrize("method", ["tornado", "morris", "sobol"])
def test_a_story_is_asked_by_every_method(story, method):
    found = story.sensitivity(method=method, size={"tornado": None, "morris": 3, "sobol": 4}[method], people=40, replications=2)
    keys = {"psyche.learning.up", "psyche.learning.down", "psyche.loss_aversion", "psyche.forgetting.half_life"}
    assert {one.key for one in found.effects} >= keys
    assert found.looks == points(method, len(found.effects), {"tornado": 1, "morris": 3, "sobol": 4}[method])
    assert math.isnan(found.turned) == (method == "tornado")
    heads, rows = table(found)
    assert {len(row) for row in rows} == {len(heads)}
    assert found.headline
    assert all(found.sentences)
    assert isinstance(found.effects[0], Shared) == (method == "sobol")


def test_ranges_come_from_evidence_and_hold_the_storys_value(story):
    found = {one.key: (one, around(one)) for one in usual(story.market, ("gifts", "refit"))}
    assert found["psyche.learning.up"][1] == (0.1, 0.7)
    assert found["psyche.loss_aversion"][1] == (1.0, 2.1)
    assert found["psyche.forgetting.half_life"][1] == pytest.approx((70.0, 130.0))
    assert found["psyche.surprise.credit"][1] == pytest.approx((0.21, 0.39))
    assert around(replace(found["psyche.loss_aversion"][0], value=3.0)) == (1.0, 3.0)
    assert around(replace(found["psyche.surprise.credit"][0], value=0.9)) == pytest.approx((0.63, 1.0))


def test_a_point_is_the_market_of_those_settings(story):
    """The psyche's numbers as they are put by default, and as `--over` puts them, are the same market."""
    from sim.sensing import _by_parameters
    from sim.story.ranges import against

    several = usual(story.market, ("gifts", "refit"))
    _, put = _by_parameters(story.market, several)
    told = ["psyche.learning.up=0.1..0.7", "psyche.forgetting.half_life=70 days..130 days"]
    ranges = against(story.scenario, told)
    there = Variants(story.scenario, ranges, story.market, "satisfaction").market((0.5, 80.0))
    values = {"psyche.learning.up": 0.5, "psyche.forgetting.half_life": 80.0}
    assert put(tuple(values.get(one.key, one.value) for one in several)) == there


@pytest.mark.parametrize(("over", "more", "said"), [
    (["psyche.peak=0..1"], {"method": "sobol"}, "sobol needs two numbers to vary, and there is one"),
    (["psyche.peak=0..1", "psyche.loss_aversion=1, 2"], {"method": "morris"}, "has steps"),
    ([], {"method": "guess"}, "there is no method 'guess'; methods: tornado, morris, sobol"),
    ([], {"method": "sobol", "size": 65}, "must be a power of 2"), ([], {"method": "morris", "size": 1}, "needs 2 paths"),
    ([], {"size": 8}, "a tornado has no size"),
    ([], {"strategy": "none"}, "there is no strategy 'none'"), ([], {"outcome": "norm"}, "neither better high nor better low"),
    (["psyche.learning.up=0.1..0.5", 'strategies.gifts.0.surprise.size=-5..90 log'], {}, "start above 0")])
def test_a_slip_is_a_sentence(story, over, more, said):
    with pytest.raises(ValueError, match=r"(?s).*") as caught:
        story.sensitivity(over, **more)
    assert said in str(caught.value)


def test_without_salib_the_other_methods_say_how_to_get_it(story, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ValueError, match=r"pip install 'expectation-drift\[sensitivity\]'"):
        story.sensitivity(method="sobol")


def test_a_point_that_the_story_refuses_is_told_before_anything_runs(story, monkeypatch):
    def never(*told, **more):
        raise AssertionError("nothing should run")

    scenario_over = ["strategies.refit.0.upgrade.at=10 days..150 days", "horizon=100 days..200 days"]
    monkeypatch.setattr(evaluate, "evaluate", never)
    monkeypatch.setattr("sim.experiments.sensitivity.run_each", never)
    with pytest.raises(ValueError, match="the story refuses a point of these ranges"):
        story.sensitivity(scenario_over, "gifts", "refit", method="sobol", size=8)


def test_a_smaller_design_fits_and_keeps_money_a_customer(story):
    large = replace(story.market, people=2_000_000, replications=40)
    small = smaller(large, 500)
    assert footprint(small).visits / 3 * 500 < 400_000_000
    assert (small.replications, small.people < large.people) == (2, True)
    assert smaller(story.market, 10) == replace(story.market, replications=3)
    half = Variants(story.scenario, (), replace(story.market, people=30), "satisfaction").story
    assert next(one for one in half.strategies if one.name == "refit").moves[0].cost == 450.0


def test_a_range_is_told_with_its_unit_once():
    said = {7.0: "7 days", 30.0: "30 days"}
    assert span_of(Axis("k", 7.0, 30.0, 30.0, lambda x: said[x], lambda share: share)) == "7 to 30 days"

"""Tipping values: nearest crossing on either side, no claim where there is none, few looks; levers found in moves."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from sim.experiments.mechanisms import mechanisms
from sim.experiments.parameters import FARTHEST, NEVER_DAYS, Parameter, parameters
from sim.experiments.reasons import range_of, value_of
from sim.experiments.tipping import MOST_LOOKS, grid, tip
from tests.lives import market

STORY = """
title: levers
horizon: 300 days
market:
  people: 10
  expects: {expects}
  visits: {{every: 10 days}}
  segments: {{few: {{share: 25%, psyche: {{loss_aversion: {few}}}}}, many: {{share: 75%}}}}
psyche: {{learning: 0.2, surprise: {{credit: {credit}}}, loss_aversion: 2, forgetting: {{half_life: 100 days}}}}
firms: {{ours: {{quality: 60, noise: 3}}}}
strategies:
  still: []
  gifts: [{{surprise: {{size: 5, every: 4 visits, kinds: 3, cost: 2}}}}]
  much:
    - upgrade: {{by: 4, at: 30 days, cost: 100}}
    - programme: {{tiers: {{silver: {{visits: 3, lift: 2}}, gold: {{visits: 5, lift: 4}}}}}}
    - consistency: {{by: 30%}}
    - contact: {{every: 20 days, finds: 50%}}
"""


def numbers(folder, strategies=("gifts", "much"), money=False, credit="0.5", few="3"):
    whole = market(folder, STORY.format(credit=credit, few=few, expects=60))
    return whole, {one.key: one for one in parameters(whole, mechanisms(whole), strategies, money)}


class Line:
    """A market that is only a number: what is put into it is what the difference is made of."""

    def __init__(self, shape: Callable[[float], float], now: float) -> None:
        self.shape, self.now, self.asked = shape, now, 0

    def parameter(self, low: float, high: float, way: str = "even", whole: bool = False) -> Parameter:
        return Parameter("psyche.x", "x", self.now, low, high, "", "x", way, whole, False, False, lambda _, x: x)

    def difference(self, x) -> np.ndarray:
        self.asked += 1
        return np.array([-0.1, 0.1, 0.0]) + self.shape(self.now if x is self else x)

    def tip(self, *told, **more):
        return tip(self.parameter(*told, **more), self, self.difference)


@pytest.mark.parametrize(("shape", "now", "low", "high", "way", "at"), [
    (lambda x: x - 0.7, 0.3, 0.0, 1.0, "even", 0.7), (lambda x: 0.05 - x, 0.3, 0.0, 1.0, "even", 0.05),
    (lambda x: 400.0 - x, 180.0, 10.0, 1e5, "ratio", 400.0), (lambda x: math.log(x / 3.0), 50.0, 1.0, 800.0, "ratio", 3.0),
    (lambda x: x**3 + 8.0, 4.0, -12.0, 20.0, "even", -2.0)])
def test_the_crossing_is_found_and_bracketed(shape, now, low, high, way, at):
    line = Line(shape, now)
    found = line.tip(low, high, way)
    assert found.flips
    assert found.tips == pytest.approx(at, rel=0.005, abs=0.002)
    assert found.low <= at <= found.high
    assert shape(found.low) * shape(found.high) <= 0
    assert line.asked == found.looks <= MOST_LOOKS
    assert 0.0 < found.margin < math.inf


def test_of_two_crossings_the_nearer_one_is_told():
    assert Line(lambda x: (x - 0.2) * (0.95 - x), 0.4).tip(0.0, 1.0).tips == pytest.approx(0.2, abs=0.01)
    assert Line(lambda x: (x - 0.02) * (0.6 - x), 0.4).tip(0.0, 1.0).tips == pytest.approx(0.6, abs=0.01)


def test_what_does_not_flip_is_not_claimed():
    found = Line(lambda x: 1.0 + x, 0.3).tip(0.0, 1.0)
    assert not found.flips
    assert math.isnan(found.tips)
    assert found.searched == (0.0, 1.0)
    assert math.isinf(found.farness)


def test_a_tie_at_the_end_is_no_turn():
    """A surprise of size 0 is no surprise: the two strategies are then the same, not the other way round."""
    assert not Line(lambda x: x, 8.0).tip(0.0, 100.0, "ratio").flips


def test_values_at_which_nobody_comes_are_said_and_not_crossed():
    found = Line(lambda x: 1.0 if x < 0.5 else math.nan, 0.3).tip(0.0, 1.0)
    assert not found.flips
    assert found.unknown


def test_nothing_turns_where_there_is_no_difference():
    assert not Line(lambda x: 0.0 * x, 0.3).tip(0.0, 1.0).flips


def test_whole_numbers_stay_whole():
    found = Line(lambda x: x - 20.5, 4.0).tip(1.0, 64.0, "ratio", whole=True)
    assert (found.low, found.tips, found.high) == (20.0, 21.0, 21.0)
    assert value_of(found.tips, found) == "21"


def test_the_grid_looks_nearest_first_on_both_sides_and_to_the_ends():
    line = Line(lambda x: x, 0.8)
    points = grid(line.parameter(0.0, 1.0))
    assert min(points) == 0.0
    assert max(points) == 1.0
    assert [abs(x - 0.8) for x in points] == sorted(abs(x - 0.8) for x in points)
    assert points[0] > 0.8
    assert min(x for x in grid(Line(lambda x: x, 8.0).parameter(0.0, 128.0, "ratio"))) == 0.0


def test_every_lever_and_trait_is_found_with_its_range(tmp_path):
    whole, found = numbers(tmp_path)
    assert set(found) == {
        "psyche.learning", "psyche.surprise.credit", "psyche.loss_aversion", "psyche.forgetting.half_life",
        *(f'strategies."gifts".0.surprise.{name}' for name in ("size", "every", "kinds")),
        *(f'strategies."much".0.upgrade.{name}' for name in ("by", "at")),
        *(f'strategies."much".1.programme.tiers."{name}".lift' for name in ("silver", "gold")),
        'strategies."much".2.consistency.by',
        *(f'strategies."much".3.contact.{name}' for name in ("every", "finds"))}
    half_life = found["psyche.forgetting.half_life"]
    assert half_life.high == NEVER_DAYS * whole.horizon
    assert found["psyche.loss_aversion"].high == FARTHEST * 2.25
    assert found['strategies."gifts".0.surprise.every'].whole
    assert not found['strategies."much".3.contact.every'].whole
    assert (found["psyche.surprise.credit"].low, found["psyche.surprise.credit"].high) == (0.0, 1.0)
    line = Line(lambda x: 1.0, 1.0)
    assert range_of(replace(line.tip(1.0, 2.0), parameter=half_life, searched=(4.0, half_life.high))) == "4 to never"


def test_whether_people_choose_at_all_is_no_number(tmp_path):
    """Seen first: `psyche.choosing` searched from 0 to 1, as if people could half choose."""
    told = STORY.format(credit=1, few="3", expects=60).replace("psyche: {learning", "psyche: {choosing: {value: 0.3}, learning")
    there = market(tmp_path, told.replace("noise: 3}", "noise: 3}, them: {quality: 60}"))
    found = {one.key for one in parameters(there, mechanisms(there), ("much", "gifts"), False)}
    assert "psyche.choosing.value" in found
    assert "psyche.choosing" not in found


def test_costs_are_levers_where_money_is_the_question(tmp_path):
    _, found = numbers(tmp_path, money=True)
    assert {key for key in found if key.endswith("cost")} == {
        'strategies."gifts".0.surprise.cost', 'strategies."much".0.upgrade.cost'}


def test_levers_of_other_strategies_are_left_alone(tmp_path):
    whole, found = numbers(tmp_path, ("still", "gifts"))
    assert not any("much" in key for key in found)
    put = found['strategies."gifts".0.surprise.every'].put(whole, 7.3)
    assert put.strategies[1].moves[0].every == 7
    assert put.strategies[2] == whole.strategies[2]


def test_a_number_that_differs_between_people_is_moved_by_its_mean(tmp_path):
    whole, found = numbers(tmp_path, credit="{between: [0.2, 0.4]}", few="{mean: 6, sd: 1}")
    credit, aversion = found["psyche.surprise.credit"], found["psyche.loss_aversion"]
    assert credit.value == pytest.approx(0.3)
    assert aversion.value == pytest.approx(0.25 * 6 + 0.75 * 2)
    few, many = aversion.put(whole, 2 * aversion.value).segments
    assert (few.traits[5].a, few.traits[5].b, many.traits[5].a) == pytest.approx((12.0, 2.0, 4.0))
    drawn = credit.put(whole, 0.6).segments[0].traits[3]
    assert (drawn.a, drawn.b) == pytest.approx((0.4, 0.8))
    assert parameters(aversion.put(whole, 6.0), mechanisms(whole), ("gifts",), False)[2].value == pytest.approx(6.0)


def test_a_value_put_is_the_scenario_written_with_it(tmp_path):
    whole, found = numbers(tmp_path, few="2")
    other, _ = numbers(tmp_path, few="5", credit="0.5")
    written = market(tmp_path, STORY.format(credit="0.9", few="2", expects=60))
    assert found["psyche.surprise.credit"].put(whole, 0.9) == written
    assert found["psyche.loss_aversion"].value == 2.0
    assert found["psyche.loss_aversion"].put(whole, 3.0) != other


PRICED = """
title: prices
horizon: 300 days
market:
  people: 10
  visits: {every: 10 days}
  segments: {some: {share: 50%, psyche: {fairness: {starts: 12}}}, more: {share: 50%}}
psyche: {learning: 0.2, goodwill: {memory: 0.2}, leaving: {base: 1%, goodwill: 0.3}, fairness: {weight: 0.5, learning: 0.1}}
firms: {ours: {quality: 60, price: 10, margin: 4}}
strategies:
  still: []
  dearer: [{price: {by: 3, at: 30 days, cost: 5}}]
  cheaper: [{price: {by: -2, at: 30 days}}, {price: {by: -5, at: 60 days}}]
"""


def test_prices_and_what_people_make_of_them_are_levers_and_traits(tmp_path):
    whole = market(tmp_path, PRICED)
    found = {one.key: one for one in parameters(whole, mechanisms(whole), ("dearer", "cheaper"), money=True)}
    assert "price fairness" in {one.name for one in mechanisms(whole)}
    rise = found['strategies."dearer".0.price.by']
    assert (rise.value, rise.low, rise.unit, rise.lever) == (3.0, 0.0, "EUR", True)
    assert rise.high == 3.0 * FARTHEST
    cut = found['strategies."cheaper".0.price.by']
    assert (cut.value, cut.low, cut.high) == (-2.0, -5.0, 0.0), "beside the other cut no price falls below 0"
    assert found['strategies."dearer".0.price.cost'].value == 5.0
    assert rise.put(whole, 4.0).strategies[1].moves[0].by == 4.0
    assert (found["psyche.fairness.weight"].of, found["psyche.fairness.weight"].low) == ("price fairness", 0.0)
    starts = found["psyche.fairness.starts"]
    assert (starts.value, starts.low) == (12.0, 0.0), "of those who have a price of their own"
    moved = starts.put(whole, 20.0)
    assert [segment.traits[-1].a for segment in moved.segments] == [20.0, -math.inf]


def test_without_price_fairness_nobody_minds_a_price(tmp_path):
    from sim.experiments.mechanisms import switched

    whole = market(tmp_path, PRICED)
    fairness, = (one for one in mechanisms(whole) if one.name == "price fairness")
    off = switched(whole, [fairness])
    assert "price fairness" not in {one.name for one in mechanisms(off)}
    assert [segment.traits[-1].a for segment in off.segments] == [-math.inf, -math.inf]

"""Ranges of `--over`: what is read, what the story says against it; a point of a range is the story with that value."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sim
from sim.story.load import vary
from sim.story.over import OverError, read
from sim.story.ranges import against
from sim.story.resolve import resolve, resolved_text
from tests.stories.conftest import SCENARIOS

CHANCE = 'strategies."small surprises".0.surprise.chance'


@pytest.fixture(scope="module")
def hotel():
    return sim.load(SCENARIOS / "hotel.yaml").scenario


def one(scenario, text):
    return against(scenario, [text])[0]


@pytest.mark.parametrize("name", sorted(path.name for path in SCENARIOS.glob("*.yaml")))
def test_a_story_without_a_change_is_the_same_story(name):
    scenario = sim.load(SCENARIOS / name, check_memory=False).scenario
    assert resolved_text(vary(scenario, [])) == resolved_text(scenario)


def test_a_change_is_that_of_set(hotel):
    told = [f"{CHANCE}=40%", "market.visits.every=2 weeks", "psyche.peak=0.2"]
    assert resolved_text(vary(hotel, told)) == resolved_text(sim.load(SCENARIOS / "hotel.yaml", told).scenario)


@pytest.mark.parametrize(("text", "low", "high", "now", "middle"), [
    (f"{CHANCE}=5%..40%", 0.05, 0.4, 0.25, "22.5%"), (f"{CHANCE}=5..40%", 0.05, 0.4, 0.25, "22.5%"),
    (f"{CHANCE}=0.05..0.4/8", 0.05, 0.4, 0.25, "0.25"), ("market.visits.every=1 week..30 days", 7.0, 30.0, 30.0, "18.5 days"),
    ("market.visits.every=7 days..28 days log", 7.0, 28.0, math.nan, "14 days"),
    ("psyche.leaving.base=1% per visit..4% per visit", 0.01, 0.04, 0.02, "2.5% per visit"),
    ('strategies."small surprises".0.surprise.kinds=1..12', 1.0, 12.0, 6.0, "6"),
    ("psyche.loss_aversion=1, 2, 3", 0.0, 2.0, 1.0, "2"), ("market.visits.every=7 days, 30 days", 0.0, 1.0, 1.0, "7 days"),
    ('firms."across the lake".improves=0..3 per year', 0.0, 3.0, 1.0, "1.5 per year"),
    ("psyche.curvature=0.5..1", 0.5, 1.0, 1.0, "0.75")])
def test_ranges_are_read_against_the_story(hotel, text, low, high, now, middle):
    found = one(hotel, text)
    assert (found.low, found.high) == pytest.approx((low, high))
    assert found.now == pytest.approx(now, nan_ok=True) if low <= now <= high else math.isnan(found.share(found.now))
    assert found.said(found.at(0.5)) == middle


@pytest.mark.parametrize("text", ["how fast: psyche.learning.up & psyche.learning.down=1e-1..5e-1/5", f"{CHANCE}=5%..40%/8",
                                  "market.visits.every=1 week..8 weeks/8", "market.visits.every=1 month, 7 days",
                                  'strategies."small surprises".0.surprise.kinds=1..9/5 whole'])
def test_a_search_goes_where_a_sweep_goes(hotel, text):
    axis, found = read(text), one(hotel, text)
    for number in range(axis.count):
        swept = vary(hotel, axis.settings(axis.value(number)))
        assert resolve(vary(hotel, found.settings(found.at(number / (axis.count - 1))))) == resolve(swept)


def test_whole_numbers_stay_whole_where_the_story_wants_them(hotel):
    kinds = one(hotel, 'strategies."small surprises".0.surprise.kinds=1..12')
    assert kinds.whole
    assert all(kinds.at(share / 50) == round(kinds.at(share / 50)) for share in range(51))
    assert not one(hotel, "psyche.loss_aversion=1..3").whole


@given(share=st.floats(0, 1), log=st.booleans())
def test_share_and_value_are_inverses_and_every_point_is_a_story(share, log):
    hotel = sim.load(SCENARIOS / "hotel.yaml").scenario
    found = one(hotel, f"psyche.loss_aversion=1..4{' log' * log}")
    x = found.at(share)
    assert found.low <= x <= found.high
    assert found.share(x) == pytest.approx(share, abs=1e-9)
    assert vary(hotel, found.settings(x)).story.psyche.loss_aversion == x


def test_tied_keys_have_one_value(hotel):
    found = one(hotel, "psyche.learning.up & psyche.learning.down=0.1..0.5/9")
    assert found.settings(found.at(0.5)) == ["psyche.learning.up=0.3", "psyche.learning.down=0.3"]
    assert found.name == "learning.up & 1 more"


@pytest.mark.parametrize(("text", "said"), [
    ("psyche.learning.up=0.5..0.1", "did you mean 0.1..0.5?"),
    ("psyche.learning.up=0.5..0.5", "both ends are the same"),
    ("psyche.lerning.up=0.1..0.5", 'did you mean "learning"?'),
    ("psyche.learning.up=0.1..1.4", "cannot be 1.4: psyche.learning.up must be a share from 0 to 1"),
    ("market.visits.every=7..30", "did you mean `7 days`?"),
    ("market.visits.every=7 days..5%", "days and % are different things"),
    ('strategies."small surprises".0.surprise.size=5%..10%', "a percentage is not allowed here"),
    ("psyche.learning.up=slow..fast", "'slow..fast' is no range"),
    ("psyche.learning.up", "must be written as KEY=VALUES"),
    ("psyche.learning.up=0.3", "must have a range such as 0.1..0.5, or a list of two values"),
    ('strategies."small surprises".0.surprise.to=0..1', "must be everyone, after a disappointment"),
    ('strategies."smal surprises".0.surprise.chance=0..1', 'did you mean "small surprises"?'),
    ("psyche.learning.up=0..1 log", "start above 0"),
    ("psyche.learning.up=0..1/1", "must be a whole number of 2 or more, not '1'"),
    ("extends=1..2", "extends changes nothing that is simulated"), ("psyche..x=1..2", "is no key")])
def test_a_slip_is_a_sentence(hotel, text, said):
    with pytest.raises(OverError) as caught:
        one(hotel, text)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(f"--over '{text}'")


def test_no_key_is_moved_twice(hotel):
    with pytest.raises(OverError, match=r"psyche\.peak is varied already"):
        against(hotel, ["psyche.peak=0..1", "psyche.peak=0..0.5"])

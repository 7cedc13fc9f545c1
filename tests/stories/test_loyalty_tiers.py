"""The loyalty programme: a tier lost is worse than none, because its members had got used to it."""

import dataclasses
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from sim.experiments.compare import compare
from sim.story.load import load
from sim.story.resolve import resolve

SCENARIOS = Path(__file__).parents[2] / "scenarios"
STORY = "loyalty-tiers"
NONE, TIERS, ROOM, SURPRISES = "no programme", "tiers", "a better room for everyone", "small surprises"
UNLEARNED, EVEN, CLOCKWORK = "psyche.learning=0", "psyche.loss_aversion=1", "market.visits.gaps=fixed"
REPLICATIONS = 10


@cache
def told(name, *settings):
    market = resolve(load(SCENARIOS / f"{name}.yaml", settings=settings))
    return compare(dataclasses.replace(market, people=1000), replications=REPLICATIONS, keep=("customers",))


@pytest.fixture(scope="module")
def tell():
    """As everywhere, with a row for every person; nothing in this story is paid once, so that fewer people change no cost."""
    return told


def members(story):
    """The people of the strategy with tiers as masks over its rows: never promoted, holding their best tier, demoted."""
    people = story.runs[TIERS].customers
    return people["best_tier"] == 0, (people["tier"] > 0) & (people["tier"] == people["best_tier"]), \
        people["best_tier"] > people["tier"]


@pytest.fixture(scope="module")
def against_twins(sure):
    """against_twins(story, those): how much more goodwill these people hold with tiers than the very same without, a person."""

    def difference(story, those, column="goodwill"):
        mine, theirs = (story.runs[name].customers for name in (TIERS, NONE))
        assert np.array_equal(mine["customer"], theirs["customer"])
        more = mine[column] - theirs[column]
        return sure(np.array([more[those & (mine["replication"] == one)].mean() for one in range(REPLICATIONS)]))

    return difference


def lift(story, during, sure, strategy, first, last):
    """By how much satisfaction is higher than without a programme in those days."""
    return sure(during(story, strategy, first, last) - during(story, NONE, first, last))


def test_the_three_ways_cost_about_the_same(tell):
    costs = [tell(STORY).interval(way, "cost").mean for way in (TIERS, ROOM, SURPRISES)]
    assert 60 < min(costs) < max(costs) < 66


def test_one_guest_in_five_is_demoted_and_two_in_five_never_promoted(tell):
    never, _, demoted = members(tell(STORY))
    assert never.mean() == pytest.approx(0.43, abs=0.03)
    assert demoted.mean() == pytest.approx(0.2, abs=0.02)


def test_the_demoted_hold_less_goodwill_than_the_same_people_without_a_programme(tell, against_twins):
    story = tell(STORY)
    assert against_twins(story, members(story)[2]).high < -1


def test_those_who_still_come_hold_less_too(tell, against_twins):
    story = tell(STORY)
    come = story.runs[TIERS].customers["stays"] & story.runs[NONE].customers["stays"]
    assert against_twins(story, members(story)[2] & come).high < -1


def test_they_end_below_the_never_promoted_who_notice_nothing(tell, against_twins):
    story = tell(STORY)
    never, _, demoted = members(story)
    for column in ("goodwill", "felt", "visits", "stays"):
        mine, theirs = (story.runs[name].customers[column][never] for name in (TIERS, NONE))
        assert np.array_equal(mine, theirs)
    stays, goodwill = (story.runs[TIERS].customers[column] for column in ("stays", "goodwill"))
    assert goodwill[demoted & stays].mean() < goodwill[never & stays].mean() - 1


def test_without_learning_they_hold_more(tell, against_twins):
    """They never got used to it, and remember that it was good."""
    story = tell(STORY, UNLEARNED)
    assert against_twins(story, members(story)[2]).low > 2


def test_without_loss_aversion_half_of_it_is_left(tell, against_twins):
    averse, even = tell(STORY), tell(STORY, EVEN)
    left = against_twins(even, members(even)[2])
    assert left.high < -0.5
    assert left.mean / against_twins(averse, members(averse)[2]).mean == pytest.approx(0.5, abs=0.06)


def test_promotion_lifts_for_a_while_only(tell, during, sure):
    """Guests who come like clockwork are promoted late in the first year and stay so: the lift is gone a year later."""
    story = tell(STORY, CLOCKWORK)
    assert lift(story, during, sure, TIERS, 273, 365).low > 1.2
    assert lift(story, during, sure, TIERS, 638, 730).high < 0.3
    assert max(map(abs, (story.difference(TIERS, NONE, "lasting").low, story.difference(TIERS, NONE, "lasting").high))) < 0.05


def test_without_learning_it_lifts_for_good(tell, during, sure):
    story = tell(STORY, UNLEARNED)
    assert lift(story, during, sure, TIERS, 273, 365).low > 2
    assert story.difference(TIERS, NONE, "lasting").low > 2.5


def test_each_new_year_begins_with_demotions(tell, during, sure):
    story = tell(STORY)
    assert lift(story, during, sure, TIERS, 730, 821).high < -0.2
    assert lift(story, during, sure, TIERS, 1095, 1186).high < -0.2
    assert lift(story, during, sure, TIERS, 1003, 1095).low > 0.4


def test_tiers_keep_more_guests_and_do_not_pay(tell):
    story = tell(STORY)
    assert story.difference(TIERS, NONE, "retention").low > 0.01
    assert story.difference(TIERS, NONE, "profit").high < -10
    assert 0.4 < 1 + story.difference(TIERS, NONE, "profit").mean / story.interval(TIERS, "cost").mean < 0.75


def test_a_better_room_for_everyone_keeps_more_for_the_same_money(tell):
    story = tell(STORY)
    assert story.difference(ROOM, TIERS, "retention").low > 0
    assert story.difference(ROOM, TIERS, "profit").low > 10


def test_small_surprises_keep_the_most_and_earn_the_most(tell):
    story = tell(STORY)
    for other in (NONE, TIERS, ROOM):
        assert story.difference(SURPRISES, other, "profit").low > 40
        assert story.difference(SURPRISES, other, "retention").low > 0.04
    assert story.interval(SURPRISES, "lasting").low > 1


def test_surprises_that_teach_in_full_earn_least(tell):
    story = tell(STORY, "psyche.surprise.credit=1")
    for other in (NONE, TIERS, ROOM):
        assert story.difference(SURPRISES, other, "profit").high < 0


def test_the_programme_pays_where_a_stay_earns_more(tell):
    story = tell(STORY, "firms.ours.margin=120")
    assert story.difference(TIERS, NONE, "profit").low > 20
    assert story.difference(ROOM, TIERS, "profit").low > 20
    assert story.difference(SURPRISES, TIERS, "profit").low > 100


def test_the_programme_pays_where_nobody_gets_used_to_it(tell):
    assert tell(STORY, UNLEARNED).difference(TIERS, NONE, "profit").low > 20

"""The restaurant: constant over-delivery becomes the standard, through learning, fame and the neighbour."""

import numpy as np
import pytest

STORY = "restaurant"
STILL, OVER, SURPRISES = "honest standing still", "over-deliver always", "varied small surprises"
NO_FAME = "psyche.trust.starts=0"


def first_visits(story, segment):
    """(replications,) how people of a segment found their first visit under over-delivery."""
    table = story.runs[OVER].by_visit
    here = (table["segment"] == segment) & (table["visit"] == 1)
    assert np.count_nonzero(here) == story.market.replications
    return table["satisfaction"][here]


def test_over_delivery_starts_five_points_up(tell, during, sure):
    first = sure(during(tell(STORY), OVER, 31, 120))
    assert 4 < first.low < first.high < 6.5


def test_over_delivery_ends_below_zero(tell):
    assert tell(STORY).interval(OVER, "lasting").high < -0.05


def test_over_delivery_buys_the_most_satisfaction_over_all_three_years(tell):
    story = tell(STORY)
    assert story.difference(OVER, SURPRISES, "satisfaction").low > 0.4
    assert story.difference(OVER, STILL, "satisfaction").low > 1


def test_small_surprises_end_higher_and_above_zero(tell):
    story = tell(STORY)
    assert story.interval(SURPRISES, "lasting").low > 0
    assert story.difference(SURPRISES, OVER, "lasting").low > 0.2
    assert story.difference(OVER, STILL, "lasting").low > 0.4


def test_small_surprises_cost_a_fifth_and_earn_more(tell):
    story = tell(STORY)
    assert 0.15 < story.interval(SURPRISES, "cost").mean / story.interval(OVER, "cost").mean < 0.25
    assert story.difference(SURPRISES, OVER, "profit").low > 10
    assert story.difference(SURPRISES, STILL, "profit").low > 10


def test_visitors_find_the_famous_house_more_ordinary(tell, sure):
    praised, unheard = tell(STORY), tell(STORY, NO_FAME)
    lost = sure(first_visits(unheard, "visitors") - first_visits(praised, "visitors"))
    assert lost.low > 1.5


def test_it_turns_round_for_slow_learners_without_fame(tell):
    story = tell(STORY, "psyche.learning=0.05", NO_FAME)
    assert story.difference(OVER, SURPRISES, "lasting").low > 0.5
    assert story.interval(OVER, "lasting").low > 2


def test_fame_alone_keeps_it_from_turning_round(tell, apart):
    praised = tell(STORY, "psyche.learning=0.05")
    assert praised.difference(SURPRISES, OVER, "lasting").low > 0.5
    assert apart(tell(STORY, "psyche.learning=0.05", NO_FAME), praised, OVER, "lasting").low > 1.5


def test_learning_alone_is_enough_to_make_it_fade(tell):
    assert tell(STORY, NO_FAME, "psyche.norm.learns=0").interval(OVER, "lasting").high < 0.2


def test_without_learning_fame_or_norm_it_does_not_fade(tell):
    story = tell(STORY, "psyche.learning=0", NO_FAME, "psyche.norm.weight=0")
    assert story.interval(OVER, "lasting").low > 8


@pytest.mark.parametrize("outcome", ["lasting", "profit"])
def test_surprises_that_teach_in_full_lose_their_lead(tell, outcome):
    story = tell(STORY, "psyche.surprise.credit=1")
    assert story.difference(SURPRISES, OVER, outcome).high < 0
    if outcome == "profit":
        assert story.difference(SURPRISES, STILL, outcome).high < 0

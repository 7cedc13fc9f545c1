"""The housing estate: extras cannot make up for basics that fail, as long as better basics are normal."""

import pytest

STORY = "property-management"
STILL, EXTRAS, CORE, BOTH = "stand still", "extras while the core fails", "fix the core", "both"
HALF_YEAR = 182


def test_the_two_ways_cost_about_the_same(tell):
    story = tell(STORY)
    assert story.interval(EXTRAS, "cost").mean == pytest.approx(story.interval(CORE, "cost").mean, rel=0.1)


def test_extras_please_more_at_first(tell, during, sure):
    story = tell(STORY)
    first = during(story, EXTRAS, HALF_YEAR, 365) - during(story, CORE, HALF_YEAR, 365)
    assert sure(first).low > 0.8


def test_extras_fade_and_stay_below_zero(tell, during, sure):
    story = tell(STORY)
    assert sure(during(story, EXTRAS, HALF_YEAR, 365)).low > 0
    assert story.interval(EXTRAS, "lasting").high < -2


def test_mended_basics_are_nearly_two_points_better_in_the_end(tell):
    better = tell(STORY).difference(CORE, EXTRAS, "lasting")
    assert 1.6 < better.low < better.high < 2.1


@pytest.mark.parametrize("outcome", ["satisfaction", "felt", "retention", "profit"])
def test_mended_basics_are_better_in_all_that_counts(tell, outcome):
    assert tell(STORY).difference(CORE, EXTRAS, outcome).low > 0


def test_mended_basics_bring_fewer_complaints_and_more_profit_than_nothing(tell):
    story = tell(STORY)
    assert story.difference(CORE, EXTRAS, "complaints").high < 0
    assert story.difference(CORE, STILL, "profit").low > 0
    assert story.difference(EXTRAS, STILL, "profit").high < 0


def test_both_end_at_zero_and_not_above(tell):
    story = tell(STORY)
    assert -0.2 < story.interval(BOTH, "lasting").low < story.interval(BOTH, "lasting").high < 0
    assert story.difference(BOTH, CORE, "lasting").low > 0.4


def test_few_complaints_do_not_mean_satisfied(tell):
    """Source B: fewer than one month in ten brings a complaint, although satisfaction is three points below zero."""
    story = tell(STORY)
    assert story.interval(STILL, "complaints").high < 0.1
    assert story.interval(STILL, "satisfaction").high < -3


@pytest.mark.parametrize("setting", [
    pytest.param("firms.ours.quality={security: 65, engineering: 63, environment: 61, extras: 40}", id="basics all but hold"),
    pytest.param("psyche.norm.starts={security: 58, engineering: 56, environment: 57, extras: 40}", id="poor is normal"),
])
@pytest.mark.parametrize("outcome", ["satisfaction", "lasting", "felt"])
def test_it_turns_round(tell, setting, outcome):
    assert tell(STORY, setting).difference(EXTRAS, CORE, outcome).low > 0


def test_without_a_norm_residents_get_used_to_anything(tell):
    story = tell(STORY, "psyche.norm.weight=0")
    left = story.difference(CORE, STILL, "lasting")
    assert max(abs(left.low), abs(left.high)) < 0.05
    assert story.difference(EXTRAS, CORE, "lasting").low > 0.3

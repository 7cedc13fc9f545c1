"""The courier: answering fastest pays although dearer, for as long as it takes to be copied."""

import pytest

STORY = "courier"
STILL, FASTEST, STEPS = "stand still", "answer fastest", "stay a step ahead"
SOON = tuple(f'firms."{rival}".imitates.after=3 months' for rival in ("city riders", "parcel post"))
NEVER = tuple(f'firms."{rival}".imitates.share=0%' for rival in ("city riders", "parcel post"))
YEAR = 365


@pytest.mark.parametrize("strategy", [FASTEST, STEPS])
@pytest.mark.parametrize("outcome", ["satisfaction", "felt", "retention", "profit"])
def test_leading_pays_although_dearer(tell, strategy, outcome):
    assert tell(STORY).difference(strategy, STILL, outcome).low > 0


def test_all_at_once_earns_most(tell):
    assert tell(STORY).difference(FASTEST, STEPS, "profit").low > 0


def test_steps_keep_more_people_satisfied_longer(tell):
    story = tell(STORY)
    assert story.difference(STEPS, FASTEST, "retention").low > 0
    assert story.difference(STEPS, FASTEST, "lasting").low > 0.4
    assert story.difference(STEPS, STILL, "lasting").low > 0.2


def test_the_lead_is_felt_until_it_is_copied(tell, during, sure):
    story = tell(STORY)
    lead = during(story, FASTEST, YEAR, 600) - during(story, STILL, YEAR, 600)  # copied from day 640 and 913 on
    assert sure(lead).low > 0.8


def test_once_copied_only_the_higher_price_is_left(tell):
    left = tell(STORY).difference(FASTEST, STILL, "lasting")
    assert left.high < -0.2
    same_price = tell(STORY, 'strategies."answer fastest".1.upgrade.by=0').difference(FASTEST, STILL, "lasting")
    assert max(abs(same_price.low), abs(same_price.high)) < 0.1


@pytest.mark.parametrize("strategy", [FASTEST, STEPS])
def test_it_turns_round_where_rivals_copy_soon(tell, strategy):
    assert tell(STORY, *SOON).difference(STILL, strategy, "profit").low > 0


@pytest.mark.parametrize("strategy", [FASTEST, STEPS])
def test_a_lead_that_nobody_copies_lasts(tell, strategy):
    story = tell(STORY, *NEVER)
    assert story.interval(strategy, "lasting").low > 0.5
    assert story.difference(strategy, STILL, "lasting").low > 1


@pytest.mark.parametrize("strategy", [FASTEST, STEPS])
def test_without_comparison_no_lead_lasts_and_hardly_any_pays(tell, strategy):
    story = tell(STORY, "psyche.norm.spillover=0", "psyche.norm.weight=0", *NEVER)
    left = story.difference(strategy, STILL, "lasting")
    assert max(abs(left.low), abs(left.high)) < 0.1
    assert story.difference(strategy, STILL, "profit").high < 3
    assert tell(STORY).difference(strategy, STILL, "profit").low > 5

"""The mobile operator: for the same money, whom a gift is aimed at decides."""

import pytest

STORY = "mobile-operator"
STILL, EVERYONE, LET_DOWN, AT_RISK = "stand still", "everyone", "after a disappointment", "at risk"


def test_the_three_ways_cost_about_the_same(tell):
    costs = [tell(STORY).interval(way, "cost").mean for way in (EVERYONE, LET_DOWN, AT_RISK)]
    assert 8.5 < min(costs) < max(costs) < 10.5
    assert max(costs) / min(costs) < 1.08


@pytest.mark.parametrize("outcome", ["retention", "profit", "lasting"])
def test_the_closer_the_aim_the_better(tell, outcome):
    story = tell(STORY)
    assert story.difference(AT_RISK, LET_DOWN, outcome).low > 0
    assert story.difference(LET_DOWN, EVERYONE, outcome).low > 0
    assert story.difference(EVERYONE, STILL, outcome).low > 0


def test_people_at_risk_are_four_in_a_hundred_more(tell):
    more = tell(STORY).difference(AT_RISK, EVERYONE, "retention")
    assert more.low > 0.01
    assert more.mean == pytest.approx(0.037, abs=0.01)


def test_many_of_those_kept_would_have_been_lost(tell):
    twins = {(one.strategy, one.against): one for one in tell(STORY).twins}
    assert twins[AT_RISK, STILL].saved > 0.2
    assert twins[AT_RISK, STILL].saved > twins[EVERYONE, STILL].saved


def test_without_goodwill_the_aim_buys_nothing(tell):
    story = tell(STORY, "psyche.leaving.goodwill=0")
    for way in (EVERYONE, LET_DOWN, AT_RISK):
        assert not any(story.difference(way, STILL, "retention").each)
        assert story.difference(way, STILL, "profit").high < 0


def test_it_turns_round_where_help_comes_too_late(tell):
    story = tell(STORY, 'strategies."at risk".0.surprise.below=-15')
    assert story.difference(EVERYONE, AT_RISK, "retention").low > 0.03
    assert story.difference(EVERYONE, AT_RISK, "profit").low > 0


def test_it_turns_round_where_gifts_teach_in_full(tell):
    story = tell(STORY, "psyche.surprise.credit=1")
    assert story.difference(STILL, EVERYONE, "profit").low > 0
    assert story.difference(STILL, LET_DOWN, "profit").low > 0
    assert tell(STORY).difference(EVERYONE, STILL, "profit").low > 0

"""The call centre: what is said before the sale decides what comes after it, through expectation and trust."""

import pytest

STORY = "call-centre"
NOTHING, TRUTH, FALSE, MENDED = "promise nothing", "promise the truth", "promise too much", "too much, then the truth"
HALF_YEAR, YEAR, HORIZON = 182, 365, 3 * 365


@pytest.mark.parametrize("outcome", ["satisfaction", "lasting", "felt", "retention", "profit"])
@pytest.mark.parametrize("other", [NOTHING, FALSE, MENDED])
def test_the_truth_is_best(tell, other, outcome):
    assert tell(STORY).difference(TRUTH, other, outcome).low > 0


def test_the_truth_alone_stays_above_zero(tell):
    story = tell(STORY)
    assert story.interval(TRUTH, "lasting").low > 0.05
    assert all(story.interval(other, "lasting").high < 0 for other in (NOTHING, FALSE, MENDED))


def test_even_an_honest_promise_wears_out(tell, during, sure):
    story = tell(STORY)
    years = [during(story, TRUTH, year * YEAR, (year + 1) * YEAR) for year in range(3)]
    assert sure(years[0] - years[1]).low > 0
    assert sure(years[1] - years[2]).low > 0
    kept = tell(STORY, "psyche.trust.falls=0")
    assert sure(during(kept, TRUTH, 2 * YEAR, HORIZON) - during(kept, TRUTH, YEAR, 2 * YEAR)).low > -0.1


def test_a_false_promise_costs_seven_points_while_it_runs(tell, during, sure):
    story = tell(STORY)
    lost = sure(during(story, FALSE, 0, HALF_YEAR) - during(story, NOTHING, 0, HALF_YEAR))
    assert -7.5 < lost.low < lost.high < -5.5
    assert -7.5 < sure(during(story, FALSE, 0, HALF_YEAR)).mean < -6


def test_a_false_promise_costs_two_customers_in_five(tell):
    story = tell(STORY)
    kept = story.interval(FALSE, "retention").mean / story.interval(NOTHING, "retention").mean
    assert 0.5 < kept < 0.66
    assert story.difference(FALSE, NOTHING, "complaints").low > 0.03


def test_the_truth_afterwards_heals_most_of_the_satisfaction(tell):
    story = tell(STORY)
    healed = story.difference(MENDED, FALSE, "lasting").mean / story.difference(TRUTH, FALSE, "lasting").mean
    assert 0.75 < healed < 0.95
    assert story.difference(MENDED, TRUTH, "lasting").high < -0.1


def test_the_truth_afterwards_does_not_bring_back_the_lost(tell):
    story = tell(STORY)
    assert story.difference(MENDED, NOTHING, "retention").high < -0.05
    assert story.difference(MENDED, FALSE, "retention").low > 0.05


def test_it_is_trust_that_is_not_healed(tell):
    story = tell(STORY, "psyche.trust.falls=0")
    assert story.difference(MENDED, TRUTH, "lasting").low > -0.1


def test_promises_nobody_believes_change_nothing(tell):
    story = tell(STORY, "psyche.trust.starts=0")
    for other in (TRUTH, FALSE, MENDED):
        assert not any(story.difference(other, NOTHING, "satisfaction").each)
        assert story.difference(other, NOTHING, "profit").high < 0


def test_the_bare_average_does_not_stay_above_zero(tell):
    story = tell(STORY, 'strategies."promise the truth".0.promise.level=72')
    assert story.interval(TRUTH, "lasting").high < -0.5
    assert story.difference(TRUTH, NOTHING, "lasting").low > 0


def test_it_turns_round_in_surveys_of_customers_who_cannot_judge(tell):
    story = tell(STORY, "psyche.assimilation=0.5", "psyche.survey.gap=0.2")
    assert story.difference(FALSE, NOTHING, "csat").low > 0
    assert story.difference(NOTHING, TRUTH, "csat").low > 0
    assert story.difference(FALSE, TRUTH, "experience").low > 1
    assert story.difference(FALSE, NOTHING, "retention").high < -0.05
    assert story.difference(FALSE, TRUTH, "retention").high < -0.1
    assert tell(STORY).difference(FALSE, NOTHING, "csat").high < 0  # customers who judge do not

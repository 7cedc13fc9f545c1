"""The hotel: monthly guests who half forget are won by the refit; guests who never forget, or come weekly, by surprises."""

import pytest

STORY = "hotel"
STILL, SURPRISES, REFIT = "stand still", "small surprises", "one large refit"
HORIZON = 3 * 365
LAST_QUARTER = HORIZON - HORIZON // 4
FULL = (215, 275)  # the first two months of the finished refit


@pytest.mark.parametrize("outcome", ["satisfaction", "lasting", "felt", "retention"])
def test_the_refit_wins_and_surprises_come_second(tell, outcome):
    story = tell(STORY)
    assert story.difference(REFIT, SURPRISES, outcome).low > 0
    assert story.difference(SURPRISES, STILL, outcome).low > 0


def test_the_verdict_names_the_refit(tell):
    verdict = tell(STORY).verdict
    assert (verdict.best, verdict.decided) == (REFIT, True)


def test_the_refit_peaks_and_fades_to_between_a_quarter_and_a_third(tell, during, sure):
    story = tell(STORY)
    peak, end = during(story, REFIT, *FULL), during(story, REFIT, LAST_QUARTER, HORIZON)
    assert 4.2 < sure(peak).low < sure(peak).high < 5
    assert 0.22 < sure(end / peak).low < sure(end / peak).high < 0.35
    assert sure(end).low > 0.8


def test_small_surprises_hold_a_little_above_zero(tell, during, sure):
    story = tell(STORY)
    held = story.interval(SURPRISES, "lasting")
    assert 0 < held.low < held.high < 0.5
    assert sure(during(story, SURPRISES, 0, 365)).low > 0.7


def test_standing_still_sinks(tell, during, sure):
    story = tell(STORY)
    sunk = during(story, STILL, LAST_QUARTER, HORIZON) - during(story, STILL, 0, 365)
    assert sure(sunk).high < -0.4
    assert story.interval(STILL, "lasting").high < -1


def test_it_is_the_rival_who_makes_standing_still_sink(tell, during, sure, apart):
    quiet = tell(STORY, 'firms."across the lake".improves=0 per year')
    sunk = during(quiet, STILL, LAST_QUARTER, HORIZON) - during(quiet, STILL, 0, 365)
    assert sure(sunk).low > -0.1
    assert apart(quiet, tell(STORY), STILL, "lasting").low > 0.6
    assert apart(quiet, tell(STORY), REFIT, "lasting").low > 0.4


def test_without_learning_the_refit_does_not_fade(tell, during, sure):
    story = tell(STORY, "psyche.learning=0", 'firms."across the lake".improves=0 per year')
    peak, end = during(story, REFIT, *FULL), during(story, REFIT, LAST_QUARTER, HORIZON)
    assert sure(end / peak).low > 0.8


def test_surprises_that_teach_in_full_do_not_hold(tell, apart):
    story = tell(STORY, "psyche.surprise.credit=1")
    assert story.interval(SURPRISES, "lasting").high < -0.3
    assert apart(tell(STORY), story, SURPRISES, "lasting").low > 0.5


def test_surprises_grown_familiar_do_not_hold(tell, apart):
    dull = tell(STORY, "psyche.surprise.familiarity=0.5", 'strategies."small surprises".0.surprise.kinds=1')
    assert apart(tell(STORY), dull, SURPRISES, "lasting").low > 0.05
    assert dull.interval(SURPRISES, "lasting").high < 0.1


@pytest.mark.parametrize("settings", [
    pytest.param(("psyche.forgetting.half_life=never",), id="guests who never forget"),
    pytest.param(("market.visits.every=7 days", "psyche.leaving.base=0.5%"), id="weekly guests"),
])
@pytest.mark.parametrize("outcome", ["satisfaction", "lasting", "felt"])
def test_it_turns_round(tell, settings, outcome):
    assert tell(STORY, *settings).difference(SURPRISES, REFIT, outcome).low > 0

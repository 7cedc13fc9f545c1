"""The hotel that puts things right: failures are the same with every answer, and the answer decides who stays."""

import pytest

STORY = "hotel-recovery"
QUIET, SLOW, PROMPT = "keep quiet", "slow compensation", "prompt remedy and apology"
PROACTIVE, EVERYTHING = "prompt and proactive", "everything at once"
UNEXPECTED, UNLEARNED = "psyche.recovery.expects=0", "psyche.recovery.learning=0"


def early_and_late(story, sure, strategy):
    """By how much a visit is felt better than where the hotel keeps quiet, in the first and the last half year."""

    def felt(name, first, last):
        table = story.runs[name].by_day
        days = ((table["day"] >= first) & (table["day"] < last) & (table["visits"] > 0)).reshape(story.market.replications, -1)
        visits, levels = (table[key].reshape(days.shape) for key in ("visits", "felt"))
        return (visits * levels).sum(axis=1, where=days) / visits.sum(axis=1, where=days)

    return [sure(felt(strategy, *days) - felt(QUIET, *days)) for days in ((0, 182), (913, 1095))]


@pytest.mark.parametrize("strategy", [SLOW, PROMPT, PROACTIVE, EVERYTHING])
def test_failures_are_the_same_with_every_answer(tell, strategy):
    assert abs(tell(STORY).difference(strategy, QUIET, "satisfaction").mean) < 0.03


@pytest.mark.parametrize("outcome", ["goodwill", "felt", "retention", "repeat", "profit"])
def test_hiding_loses(tell, outcome):
    assert tell(STORY).difference(QUIET, PROMPT, outcome).high < 0


def test_the_prompt_remedy_keeps_fourteen_in_a_hundred_more(tell):
    assert tell(STORY).difference(PROMPT, QUIET, "retention").mean == pytest.approx(0.14, abs=0.01)


def test_silence_costs_nine_in_a_hundred_where_an_answer_is_expected(tell, apart):
    lost = apart(tell(STORY, UNEXPECTED), tell(STORY), QUIET, "retention")
    assert lost.mean == pytest.approx(0.093, abs=0.01)
    assert apart(tell(STORY, UNEXPECTED), tell(STORY), QUIET, "goodwill").low > 1


def test_guests_learn_to_expect_nothing(tell, apart):
    assert apart(tell(STORY), tell(STORY, UNLEARNED), QUIET, "goodwill").low > 0.5


def test_the_prompt_remedy_beats_slow_money_at_less_than_a_quarter_of_its_cost(tell):
    story = tell(STORY)
    assert story.interval(PROMPT, "cost").mean < story.interval(SLOW, "cost").mean / 4
    assert story.difference(PROMPT, SLOW, "retention").low > 0.02
    assert story.difference(PROMPT, SLOW, "profit").low > 100


def test_it_turns_round_where_money_is_worth_more_to_them(tell):
    dear = tell(STORY, "psyche.recovery.worth=1.5")
    assert dear.difference(SLOW, PROMPT, "retention").low > 0.1
    assert dear.difference(SLOW, PROMPT, "profit").low > 10


def test_slow_money_does_not_pay_where_nobody_expects_anything(tell):
    assert tell(STORY, UNEXPECTED).difference(SLOW, QUIET, "profit").high < -40
    assert tell(STORY, UNEXPECTED).difference(PROMPT, QUIET, "profit").low > 40


def test_mending_before_the_complaint_saves_complaints_and_no_more(tell):
    story = tell(STORY)
    assert story.difference(PROACTIVE, PROMPT, "complaints").high < -0.015
    assert story.difference(PROACTIVE, PROMPT, "recovered").low > 0.03
    assert abs(story.difference(PROACTIVE, PROMPT, "retention").mean) < 0.01
    assert story.difference(PROACTIVE, PROMPT, "profit").high < 10


@pytest.mark.parametrize("outcome", ["goodwill", "retention", "profit"])
def test_it_pays_where_nobody_gets_used_to_it(tell, outcome):
    assert tell(STORY, UNLEARNED).difference(PROACTIVE, PROMPT, outcome).low > 0


def test_everything_keeps_the_most_and_earns_less(tell):
    story = tell(STORY)
    assert story.difference(EVERYTHING, PROMPT, "retention").low > 0.06
    assert story.difference(EVERYTHING, PROMPT, "goodwill").low > 0.5
    assert story.difference(EVERYTHING, PROMPT, "profit").high < -60


def test_it_pays_where_a_stay_earns_three_times_as_much(tell):
    assert tell(STORY, "firms.ours.margin=120").difference(EVERYTHING, PROMPT, "profit").low > 50


def test_gratitude_fades_as_recovery_comes_to_be_expected(tell, sure):
    early, late = early_and_late(tell(STORY), sure, EVERYTHING)
    assert late.high < early.low / 2


def test_it_does_not_where_nobody_learns(tell, sure):
    early, late = early_and_late(tell(STORY, UNLEARNED), sure, EVERYTHING)
    assert late.low > 0.8 * early.high


@pytest.mark.parametrize("strategy", [SLOW, PROMPT])
def test_where_recoveries_do_not_count_they_only_cost(tell, strategy):
    story = tell(STORY, "psyche.recovery.weight=0")
    for outcome in ("goodwill", "felt", "retention"):
        assert not any(story.difference(strategy, QUIET, outcome).each)
    assert story.difference(strategy, QUIET, "profit").high < -20


def test_where_complaining_vents_mending_before_it_takes_that_away(tell):
    """Without recoveries that count, a guest who is spared complaining keeps her anger."""
    assert tell(STORY, "psyche.recovery.weight=0").difference(PROACTIVE, PROMPT, "goodwill").high < -0.1

"""The online shop: trust before charm, extras for whom they keep, and what surveys and survivors make of it."""

import numpy as np
import pytest

from sim.engine.records import KANO

STORY = "online-shop"
STILL, CHARM, TRUST = "stand still", "charm while trust fails", "mend trust"
ALL, PERSONAL = "mend trust and charm all", "mend trust and serve personally"
EVERY = (STILL, CHARM, TRUST, ALL, PERSONAL)
POOR_FILE = f'strategies."{PERSONAL}".1.file.current=10%'
REGULARS = (f'strategies."{PERSONAL}".2.surprise.to={{from_visit: 13}}', f'strategies."{PERSONAL}".2.surprise.chance=35%')
ALIKE = ("market.served=0", "psyche.assimilation=0")
ALL_ANSWER = "psyche.survey.answers=1"
NOBODY_MINDS = "psyche.leaving.goodwill=0"


def test_charm_costs_no_less_than_trust(tell):
    assert tell(STORY).difference(CHARM, TRUST, "cost").low > 0


@pytest.mark.parametrize("outcome", ["satisfaction", "lasting", "felt", "retention", "profit"])
def test_charm_cannot_make_up_for_failing_trust(tell, outcome):
    assert tell(STORY).difference(TRUST, CHARM, outcome).low > 0


def test_charm_fades_below_zero(tell, during, sure):
    story = tell(STORY)
    assert sure(during(story, CHARM, 91, 274)).low > 0.3 + sure(during(story, STILL, 91, 274)).high
    assert story.interval(CHARM, "lasting").high < -0.7


def test_where_nobody_takes_trust_for_granted_charm_pleases_more(tell):
    story = tell(STORY, "psyche.norm.weight=0")
    assert story.difference(CHARM, TRUST, "satisfaction").low > 0
    assert story.difference(CHARM, TRUST, "lasting").low > 0.2
    assert story.interval(CHARM, "lasting").low > 0


def test_charm_is_soon_expected(tell):
    """A label is a start: what delighted everybody at first delights hardly anybody later, and the sooner where it is given."""
    def delighted(strategy):
        asked = tell(STORY).runs[strategy].kano
        counts = asked.counts[:, asked.attributes.index("interaction")]
        return counts[:, KANO.index("attractive")] / counts.sum(axis=1)

    assert delighted(CHARM)[0] == 1.0
    assert delighted(CHARM)[-1] < 0.1
    assert delighted(STILL)[-1] > 0.2 + delighted(CHARM)[-1]


@pytest.mark.parametrize("strategy", EVERY)
def test_trust_is_taken_for_granted_throughout(tell, strategy):
    """The questionnaire asks about levels that people could meet: to most, trust is a must-be all along."""
    asked = tell(STORY).runs[strategy].kano
    assert set(asked.counts[:, asked.attributes.index("trust")].argmax(axis=1)) == {KANO.index("must-be")}


def test_personal_service_earns_more_with_the_same_money(tell):
    story = tell(STORY)
    assert story.interval(PERSONAL, "cost").mean == pytest.approx(story.interval(ALL, "cost").mean, rel=0.05)
    assert story.difference(PERSONAL, ALL, "profit").low > 5
    assert story.difference(PERSONAL, ALL, "visits").low > 0.1
    assert story.difference(PERSONAL, TRUST, "profit").low > 5


def test_personal_service_leaves_satisfaction_lower(tell):
    """The claim that does not hold: those whom nothing is given, because they stay anyway, are a little less satisfied."""
    story = tell(STORY)
    assert story.difference(PERSONAL, ALL, "satisfaction").high < 0
    assert story.difference(PERSONAL, ALL, "lasting").high < -0.1


@pytest.mark.parametrize("outcome", ["visits", "retention"])
def test_with_a_poor_file_the_advantage_is_gone(tell, outcome):
    story = tell(STORY, POOR_FILE)
    assert story.difference(PERSONAL, ALL, outcome).high < 0
    assert story.difference(PERSONAL, ALL, "profit").high < tell(STORY).difference(PERSONAL, ALL, "profit").low


def test_extras_for_regulars_earn_less_than_none(tell):
    assert tell(STORY, *REGULARS).difference(PERSONAL, TRUST, "profit").high < 0


@pytest.mark.parametrize("strategy", EVERY)
def test_reality_s_puzzle(tell, strategy):
    """Across customers expectation and satisfaction go together, as in the meta-analysis; within a customer they do not."""
    across = tell(STORY).interval(strategy, "r_across")
    assert 0.2 < across.low < across.high < 0.34
    assert tell(STORY, ALL_ANSWER).interval(strategy, "r_within").high < 0


def test_few_answers_still_show_it_within_customers(tell, sure):
    story = tell(STORY)
    within = np.mean([story.runs[strategy].outcomes["r_within"] for strategy in EVERY], axis=0)
    assert sure(within).high < 0


@pytest.mark.parametrize("strategy", EVERY)
def test_where_all_are_served_alike_nothing_goes_together_across_customers(tell, apart, strategy):
    alike = tell(STORY, *ALIKE)
    assert alike.interval(strategy, "r_across").high < 0.05
    assert apart(tell(STORY), alike, strategy, "r_across").low > 0.2


@pytest.mark.parametrize("strategy", EVERY)
def test_without_learning_nothing_goes_together_within_a_customer(tell, apart, strategy):
    """A higher expectation is what a better visit left behind; where no visit leaves anything, there is none."""
    still, learnt = tell(STORY, ALL_ANSWER, "psyche.learning=0"), tell(STORY, ALL_ANSWER)
    within = still.interval(strategy, "r_within")
    assert -0.012 < within.low < 0.0 < within.high < 0.012
    assert apart(learnt, still, strategy, "r_within").high < 0


@pytest.mark.parametrize("strategy", EVERY)
def test_those_who_answer_are_less_satisfied_than_all(tell, apart, strategy):
    story, all_of_them = tell(STORY), tell(STORY, ALL_ANSWER)
    assert 0.2 < story.interval(strategy, "response").low < story.interval(strategy, "response").high < 0.3
    assert apart(story, all_of_them, strategy, "csat").high < -0.05
    assert apart(story, all_of_them, strategy, "nps").high < -6
    assert not any(story.runs[strategy].outcomes["profit"] - all_of_them.runs[strategy].outcomes["profit"])


@pytest.mark.parametrize("strategy", EVERY)
def test_where_feelings_do_not_decide_who_answers_they_say_what_all_would(tell, apart, strategy):
    few = tell(STORY, "psyche.survey.answers=30%", "psyche.survey.extremes=0")
    csat, nps = (apart(few, tell(STORY, ALL_ANSWER), strategy, outcome) for outcome in ("csat", "nps"))
    assert -0.01 < csat.low < csat.high < 0.01
    assert -1.5 < nps.low < nps.high < 1.5


@pytest.mark.parametrize("strategy", EVERY)
def test_survivors_look_happier(tell, sure, strategy):
    outcomes = tell(STORY).runs[strategy].outcomes
    assert sure(outcomes["goodwill_stayers"] - outcomes["goodwill"]).low > 0.8


@pytest.mark.parametrize("strategy", EVERY)
def test_where_goodwill_does_not_decide_who_leaves_they_do_not(tell, sure, strategy):
    outcomes = tell(STORY, NOBODY_MINDS).runs[strategy].outcomes
    assert sure(outcomes["goodwill_stayers"] - outcomes["goodwill"]).high < 0
    assert np.allclose(outcomes["retention"], tell(STORY, NOBODY_MINDS).runs[STILL].outcomes["retention"])

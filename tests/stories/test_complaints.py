"""The complaints: service that wears thin is seen in answers to a survey long before complaints tell of it."""

from pathlib import Path

import numpy as np
import pytest

from sim.engine.run import run
from sim.rules.react import complaint_chance
from sim.story.load import load
from sim.story.resolve import resolve

STORY = "complaints"
FILE = Path(__file__).parents[2] / "scenarios" / f"{STORY}.yaml"
NOTHING, COMPLAINTS, ASK = "do nothing", "put complaints right", "ask and put right"
LATE, EARLY = "mend it late", "mend it early"
HALF_YEAR, HORIZON = 182, 3 * 365
LOUD = "psyche.complaining.shortfall=1"
SILENT = ("psyche.complaining.shortfall=0", "psyche.complaining.base=0")
HOLDS = "psyche.complaining.vents=0"
NO_ANSWER = "psyche.recovery.weight=0"
SURVEY = (0.77, 0.70, 0.53, 0.46, 0.31, 0.26, 0.19, 0.14, 0.09, 0.06)  # share who complained, by satisfaction from 1 to 10


def per_bill(comparison, strategy, counted, first, last):
    """(replications,) what is counted by day, over the visits of those days."""
    table = comparison.runs[strategy].by_day
    days = (table["day"] >= first) & (table["day"] < last)
    count = comparison.market.replications
    each = [np.bincount(table["replication"][days], table[name][days], count) for name in (counted, "visits")]
    return each[0] / each[1]


def answers(comparison, strategy, first, last):
    """(replications,) mean survey answer of those days."""
    table = comparison.runs[strategy].by_day
    days = (table["day"] >= first) & (table["day"] < last) & (table["answers"] > 0)
    count, given = comparison.market.replications, table["answers"][days]
    where = table["replication"][days]
    return np.bincount(where, given * table["answer"][days], count) / np.bincount(where, given, count)


def complained_and_left(run):
    """(replications,) share of all people who are away at the end and had complained."""
    return 1.0 - run.outcomes["retention"] - run.outcomes["silent_leavers"]


def test_complaining_is_as_likely_as_surveys_say():
    """Over a year of bills as satisfactory as each answer from 1 to 10, the share who complain lies near the survey's."""
    market = resolve(load(FILE))
    ours, stray = market.firms[0], np.linspace(-3.0, 3.0, 601)
    likely = np.exp(-stray**2 / 2.0) / np.exp(-stray**2 / 2.0).sum()
    complaining = load(FILE).story.psyche.complaining
    shares = []
    for answer in range(1, 11):
        level = (10.0 * answer - ours.quality[0]) / 2.0  # an answer moves by a tenth of the level and a tenth of the gap
        chances = [complaint_chance(level + ours.noise[0] * z, complaining.shortfall, complaining.base) for z in stray]
        shares.append(1.0 - (1.0 - float(np.dot(likely, chances))) ** 12)
    apart = np.array(shares) - SURVEY
    assert np.max(np.abs(apart)) < 0.15
    assert np.mean(np.abs(apart)) < 0.06


def test_most_who_leave_never_complained(tell, sure):
    story = tell(STORY)
    for strategy in (NOTHING, COMPLAINTS, LATE, EARLY):
        told = story.runs[strategy]
        assert sure(told.outcomes["silent_leavers"] - 3.0 * complained_and_left(told)).low > 0


def test_where_everybody_speaks_up_few_leave_in_silence(tell, sure):
    told = tell(STORY, LOUD).runs[NOTHING]
    assert sure(told.outcomes["silent_leavers"] - 0.1 * complained_and_left(told)).high < 0


def test_complaints_stay_level_while_answers_fall(tell, sure):
    """Source B: no complaint is not satisfaction."""
    story = tell(STORY)
    before, after = (per_bill(story, NOTHING, "complaints", *days) for days in ((0, HALF_YEAR), (HORIZON - HALF_YEAR, HORIZON)))
    assert sure(after - 1.4 * before).high < 0
    assert sure(answers(story, NOTHING, 0, HALF_YEAR)).low > 7.3
    assert sure(answers(story, NOTHING, HORIZON - HALF_YEAR, HORIZON)).high < 6.3


def test_it_is_getting_used_to_it_that_keeps_complaints_level(tell, sure):
    story = tell(STORY, "psyche.learning=0")
    before, after = (per_bill(story, NOTHING, "complaints", *days) for days in ((0, HALF_YEAR), (HORIZON - HALF_YEAR, HORIZON)))
    assert sure(after - 1.4 * before).low > 0


def test_the_survey_rings_long_before_complaints(tell, sure):
    outcomes = tell(STORY).runs[NOTHING].outcomes
    assert sure(outcomes["seen_in_complaints"] - outcomes["seen_in_survey"]).low > 250
    assert sure(outcomes["seen_in_survey"]).high < 90
    assert np.all(outcomes["seen_in_survey"] < outcomes["seen_in_complaints"])


def test_where_everybody_speaks_up_complaints_ring_first(tell, sure):
    outcomes = tell(STORY, LOUD).runs[NOTHING].outcomes
    assert sure(outcomes["seen_in_complaints"] - outcomes["seen_in_survey"]).high < 0


def test_a_careless_survey_often_sees_nothing(tell, apart):
    careless = tell(STORY, "psyche.survey.answers=3%", "psyche.survey.noise=2.5")
    outcomes = careless.runs[NOTHING].outcomes
    never = careless.market.horizon - careless.market.watch.until
    assert 0.1 < np.mean(outcomes["seen_in_survey"] == never) < 0.7
    assert apart(careless, tell(STORY), NOTHING, "seen_in_survey").low > 50
    assert not any(outcomes["seen_in_complaints"] - tell(STORY).runs[NOTHING].outcomes["seen_in_complaints"])


def test_who_only_puts_complaints_right_sees_and_keeps_next_to_nothing(tell):
    story = tell(STORY)
    kept = story.difference(COMPLAINTS, NOTHING, "retention")
    assert 0 < kept.low < kept.high < 0.01
    assert not any(story.difference(COMPLAINTS, NOTHING, "silent_leavers").each)
    assert story.interval(COMPLAINTS, "recovered").high < 0.013


def test_asking_finds_the_silent(tell):
    story = tell(STORY)
    assert story.difference(ASK, COMPLAINTS, "silent_leavers").high < -0.2
    assert story.difference(ASK, COMPLAINTS, "recovered").low > 0.1
    assert story.difference(ASK, COMPLAINTS, "retention").low > 0.02


def test_asking_costs_more_than_it_brings(tell):
    """The claim that does not hold."""
    story = tell(STORY)
    assert story.difference(ASK, NOTHING, "profit").high < -20
    assert story.interval(ASK, "cost").low > 60


@pytest.mark.parametrize("other", [NOTHING, COMPLAINTS, ASK, LATE])
@pytest.mark.parametrize("outcome", ["retention", "profit"])
def test_mending_early_keeps_and_earns_most(tell, other, outcome):
    assert tell(STORY).difference(EARLY, other, outcome).low > 0


def test_mending_late_pleases_most_those_still_there(tell):
    story = tell(STORY)
    assert story.difference(LATE, EARLY, "lasting").low > 2
    assert story.difference(LATE, EARLY, "goodwill_stayers").low > 1
    assert story.difference(LATE, EARLY, "retention").high < -0.02


def test_mending_at_twice_the_price_keeps_as_many_and_earns_nothing(tell):
    story = tell(STORY, f'strategies."{EARLY}".0.upgrade.running=9 per visit')
    assert story.difference(EARLY, NOTHING, "retention").low > 0.05
    assert story.difference(EARLY, NOTHING, "profit").high < -20


def test_asking_keeps_as_many_where_being_put_right_stays_a_surprise(tell):
    story = tell(STORY, "psyche.recovery.learning=0", f'strategies."{ASK}".0.contact.finds=60%')
    assert story.difference(ASK, EARLY, "retention").low > -0.02
    assert story.difference(ASK, EARLY, "profit").high < 0
    assert tell(STORY).difference(ASK, EARLY, "retention").high < -0.04


def test_a_complaint_nobody_answers_costs_about_what_it_vents(tell, apart):
    vents, holds, silent = tell(STORY), tell(STORY, HOLDS), tell(STORY, *SILENT)
    assert apart(vents, holds, NOTHING, "goodwill").low > 0
    assert apart(vents, holds, NOTHING, "retention").low > 0
    assert apart(holds, silent, NOTHING, "goodwill").high < 0
    assert apart(holds, silent, NOTHING, "profit").high < 0
    left = apart(vents, silent, NOTHING, "goodwill")
    assert -0.03 < left.low < left.high < 0.03


def test_complaining_works_off_the_feeling(tell, apart):
    """Source A, where nobody expects an answer: with venting to speak up is better than to be silent, without it the same."""
    vents, silent = tell(STORY, NO_ANSWER), tell(STORY, NO_ANSWER, *SILENT)
    assert apart(vents, silent, NOTHING, "goodwill").low > 0.02
    assert apart(vents, silent, NOTHING, "retention").low > 0
    holds = tell(STORY, NO_ANSWER, HOLDS)
    for outcome in ("goodwill", "retention", "profit"):
        assert not np.any(holds.runs[NOTHING].outcomes[outcome] - silent.runs[NOTHING].outcomes[outcome])


def test_only_those_who_complain_hold_more_goodwill(sure):
    """The same people with and without venting: who never complained is the same to the last bit."""
    vents, holds = (run(resolve(load(FILE, settings=[f"psyche.complaining.vents={share}"])), NOTHING, people=1000,
                        replications=4, keep=("customers",)).customers for share in (0.4, 0))
    spoke = vents["complained"] & holds["complained"]
    never = ~vents["complained"] & ~holds["complained"]
    more = vents["goodwill"] - holds["goodwill"]
    assert np.count_nonzero(spoke) > 500
    assert sure(more[spoke]).low > 0.1
    assert not np.any(more[never])

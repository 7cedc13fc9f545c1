"""The five gaps of a bank's counter: they add up, each move closes its own, and pleasing by matching is a treadmill."""

from itertools import pairwise

import numpy as np
import pytest

STORY = "five-gaps"
CARRY, ASK, MATCH, TRAIN, PROMISE, ALL = (
    "carry on", "ask", "ask and match", "train the staff", "promise too much", "ask, match and train")
STRATEGIES = (CARRY, ASK, MATCH, TRAIN, PROMISE, ALL)
PARTS = ("knowledge", "design", "delivery", "communication", "perception")
WEIGHTS = {"waiting": 0.6, "care": 0.4}
BY, RATE, MONTH = 3.0, 0.25, 30
RESEARCH = f'strategies."{ALL}".0.research.'
NO_NORM = "psyche.norm.weight=0"
LEARNING_ONLY = (NO_NORM, f"psyche.learning={RATE}", "psyche.leaving.base=0", "market.visits.gaps=fixed", "firms.ours.noise=0",
                 "firms.ours.shortfall=0", RESEARCH + "noise=0", RESEARCH + "lag=0 days", RESEARCH + f"every={MONTH} days")
"""People who visit once between two surveys, and learn; a bank that asks without error and delivers what it sets."""
STALE = (*LEARNING_ONLY, RESEARCH + f"lag={2 * MONTH} days")
KIND = (*LEARNING_ONLY, RESEARCH + "bias=2")
DEAF = (*LEARNING_ONLY, RESEARCH + "bias=-5")


@pytest.fixture(scope="module")
def mean():
    """mean(comparison, strategy, column, attribute, first, last): over these visits, by the customers who made them."""

    def over(comparison, strategy, column, attribute, first=30, last=10**9):
        table = comparison.runs[strategy].by_attribute
        rows = (table["attribute"] == attribute) & (table["visit"] >= first) & (table["visit"] <= last)
        return np.average(table[column][rows], weights=table["customers"][rows])

    return over


def standards(comparison, strategy):
    """The quality of the first replication, a value a month, from the fourth year on."""
    table = comparison.runs[strategy].by_day
    return table["quality"][(table["replication"] == 0) & (table["day"] >= 3 * 365)][::MONTH]


def yearly(comparison, strategy, column):
    """Years 2 to 5, (replications,) each: a level of by_day over the visits of the year, or money a visit."""
    table = comparison.runs[strategy].by_day
    found = []
    for year in range(1, 5):
        rows = (table["day"] // 365 == year) & (table["visits"] > 0)
        whose, visits = table["replication"][rows], table["visits"][rows]
        summed = table[column][rows] * (1 if column == "cost" else visits)
        found.append(np.bincount(whose, summed) / np.bincount(whose, visits))
    return found


def satisfied(comparison):
    """What asking, matching and training at once comes to in the fifth year, the mean over replications."""
    return yearly(comparison, ALL, "satisfaction")[-1].mean()


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_parts_add_up(tell, strategy):
    table = tell(STORY).runs[strategy].by_attribute
    assert set(table["attribute"]) == set(WEIGHTS)
    assert np.abs(sum(table[part] for part in PARTS) - table["gap"]).max() < 1e-12


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_gap_five_is_satisfaction(tell, strategy):
    run = tell(STORY).runs[strategy]
    table, visits = run.by_attribute, run.by_visit
    gap = sum(weight * table["gap"][table["attribute"] == name] for name, weight in WEIGHTS.items())
    assert np.abs(gap - visits["satisfaction"]).max() < 1e-6


def test_asking_alone_closes_nothing(tell, mean):
    story = tell(STORY)
    for outcome in ("satisfaction", "lasting", "retention", "complaints"):
        assert not any(story.difference(ASK, CARRY, outcome).each)
    assert story.difference(ASK, CARRY, "profit").high < -100
    assert mean(story, CARRY, "knowledge", "waiting") < -5
    assert abs(mean(story, ASK, "knowledge", "waiting")) < 1
    for name in WEIGHTS:
        both = [mean(story, one, "knowledge", name) + mean(story, one, "design", name) for one in (CARRY, ASK)]
        assert both[0] == pytest.approx(both[1], abs=1e-9)


def test_matching_closes_knowledge_and_design(tell, mean):
    story = tell(STORY)
    for name in WEIGHTS:
        assert abs(mean(story, MATCH, "knowledge", name)) < 0.6
        assert mean(story, MATCH, "design", name) == pytest.approx(BY, abs=1e-6)
        assert mean(story, MATCH, "delivery", name) == pytest.approx(mean(story, CARRY, "delivery", name), abs=0.1)
    assert story.difference(MATCH, ASK, "satisfaction").low > 3


def test_and_only_as_far_as_the_bank_is_told_the_truth(tell, mean):
    """With answers ten points too low, matching leaves a knowledge gap of ten, and people worse off than doing nothing."""
    story = tell(STORY, f'strategies."{MATCH}".0.research.bias=-10')
    assert mean(story, MATCH, "knowledge", "waiting") == pytest.approx(-10, abs=0.6)
    assert story.difference(MATCH, CARRY, "lasting").high < 0


def test_training_closes_delivery(tell, mean):
    story = tell(STORY)
    for name, shortfall in (("waiting", 5.0), ("care", 4.0)):
        assert mean(story, CARRY, "delivery", name) == pytest.approx(-shortfall, abs=0.1)
        assert mean(story, TRAIN, "delivery", name) == pytest.approx(-0.3 * shortfall, abs=0.1)
        assert mean(story, TRAIN, "design", name) == pytest.approx(mean(story, CARRY, "design", name), abs=1e-9)
    assert story.difference(TRAIN, CARRY, "satisfaction").low > 1.5


@pytest.mark.long
def test_staff_who_fall_short_of_nothing_need_no_training(tell, mean):
    story = tell(STORY, "firms.ours.shortfall=0")
    assert all(abs(mean(story, strategy, "delivery", "waiting")) < 0.1 for strategy in (CARRY, TRAIN))
    assert story.difference(TRAIN, CARRY, "satisfaction").high < 0.5  # by less spread alone
    assert story.difference(TRAIN, CARRY, "profit").high < 0
    assert not any(tell(STORY, *LEARNING_ONLY).difference(TRAIN, CARRY, "satisfaction").each)  # and without spread, nothing


def test_promising_opens_communication_until_nobody_believes_it(tell, mean):
    story = tell(STORY)
    early, late = [mean(story, PROMISE, "communication", "waiting", *visits) for visits in ((8, 14), (40, 99))]
    assert early < -2
    assert -0.1 < late < 0
    assert not any(np.any(story.runs[one].by_attribute["communication"]) for one in STRATEGIES if one != PROMISE)
    assert story.difference(PROMISE, CARRY, "retention").high < -0.1
    assert story.difference(PROMISE, CARRY, "complaints").low > 0.05


def test_what_was_promised_stays_expected(tell, mean):
    """So promising opens the first gap too, and further than the fourth."""
    story = tell(STORY)
    opened = mean(story, PROMISE, "knowledge", "waiting", 8, 14) - mean(story, CARRY, "knowledge", "waiting", 8, 14)
    assert opened < 1.5 * mean(story, PROMISE, "communication", "waiting", 8, 14)


def test_promises_nobody_believes_open_no_gap(tell):
    story = tell(STORY, "psyche.trust.starts=0")
    assert not np.any(story.runs[PROMISE].by_attribute["communication"])
    assert not any(story.difference(PROMISE, CARRY, "satisfaction").each)


def test_all_three_are_best_and_alone_last(tell):
    story = tell(STORY)
    for other in STRATEGIES[:-1]:
        assert story.difference(ALL, other, "satisfaction").low > 2
        assert story.difference(ALL, other, "retention").low > 0.08
        assert story.interval(other, "lasting").high < -1
    assert 0.5 < story.interval(ALL, "lasting").low < story.interval(ALL, "lasting").high < 1.1


def test_but_on_a_treadmill(tell, sure):
    """Year by year a higher standard at a higher cost, for the same small satisfaction."""
    story = tell(STORY)
    quality, costs = yearly(story, ALL, "quality"), yearly(story, ALL, "cost")
    assert all(sure(later - earlier).low > 2 for earlier, later in pairwise(quality))
    assert all(sure(later - earlier).low > 2 for earlier, later in pairwise(costs))
    assert 8 < sure(quality[-1] - quality[0]).low < sure(quality[-1] - quality[0]).high < 12
    assert 1.6 < sure(costs[-1] / costs[0]).low < sure(costs[-1] / costs[0]).high < 2
    assert all(0.5 < sure(year).low < sure(year).high < 1.4 for year in yearly(story, ALL, "satisfaction"))


def test_training_alone_earns_more(tell):
    story = tell(STORY)
    assert all(story.difference(TRAIN, other, "profit").low > 60 for other in STRATEGIES if other != TRAIN)


@pytest.mark.parametrize(("settings", "aims"), [pytest.param(LEARNING_ONLY, BY, id="told the truth"),
                                                pytest.param(KIND, BY + 2, id="told two points too many")])
def test_where_people_only_learn_the_standard_rises_by_what_they_learn(tell, settings, aims):
    """To hold S for ever, quality must rise a·S a visit; S is what is aimed at above the expectation."""
    story = tell(STORY, *settings)
    assert satisfied(story) == pytest.approx(aims, abs=1e-3)
    assert np.diff(standards(story, ALL)) == pytest.approx(RATE * aims, abs=1e-3)


def test_the_cost_of_the_treadmill_rises_with_the_standard(tell, sure):
    story = tell(STORY, *LEARNING_ONLY)
    *_, fourth, fifth = yearly(story, ALL, "cost")
    assert sure(fifth - fourth).mean == pytest.approx(RATE * BY * 365 / MONTH, rel=0.01)  # one a point


def test_where_nobody_learns_the_treadmill_stops(tell):
    story = tell(STORY, *LEARNING_ONLY, "psyche.learning=0")
    assert not any(np.diff(standards(story, ALL)))
    assert satisfied(story) == pytest.approx(BY, abs=0.01)


def test_stale_answers_leave_a_gap_of_what_was_learned_since(tell, mean):
    """Answers two visits old on a ground that rises g = a·(by − 2g) a visit: knowledge lags by 2g, satisfaction is by − 2g."""
    story, rise = tell(STORY, *STALE), RATE * BY / (1 + 2 * RATE)
    assert mean(tell(STORY, *LEARNING_ONLY), ALL, "knowledge", "waiting") == pytest.approx(0, abs=1e-3)
    assert mean(story, ALL, "knowledge", "waiting") == pytest.approx(-2 * rise, abs=1e-3)
    assert np.diff(standards(story, ALL)) == pytest.approx(rise, abs=1e-3)
    assert satisfied(story) == pytest.approx(BY - 2 * rise, abs=1e-3)


@pytest.mark.parametrize(("settings", "bias"), [pytest.param(KIND, 2, id="too high"), pytest.param(DEAF, -5, id="too low")])
def test_biased_answers_leave_a_gap_of_the_bias(tell, mean, settings, bias):
    assert mean(tell(STORY, *settings), ALL, "knowledge", "care") == pytest.approx(bias, abs=1e-3)


def test_a_bank_that_hears_too_little_follows_expectations_down(tell):
    """Oliva & Sterman 2001: the standard erodes, and a small constant dissatisfaction is all that shows."""
    story = tell(STORY, *DEAF)
    assert np.diff(standards(story, ALL)) == pytest.approx(RATE * (BY - 5), abs=1e-3)
    assert satisfied(story) == pytest.approx(BY - 5, abs=1e-3)


def test_untrained_staff_make_the_standard_erode_where_nothing_better_is_known(tell, sure):
    story = tell(STORY, NO_NORM)
    quality = yearly(story, MATCH, "quality")
    assert sure(quality[-1] - quality[0]).high < -1
    assert sure(quality[-1] - quality[-2]).high < -0.5  # and still
    assert story.difference(MATCH, CARRY, "lasting").high < -0.15
    known = tell(STORY)
    quality = yearly(known, MATCH, "quality")
    assert sure(quality[-1] - quality[0]).low > 1
    assert known.difference(MATCH, CARRY, "lasting").low > 3

"""One failure or two: a recovery that exceeds what was expected of it lifts goodwill once, and never buys back the failure."""

import pytest

STORY = "recovery-paradox"
NONE, ONE, TWO = "no failure", "one failure, well recovered", "two failures, both well recovered"
BAD_GOOD, GOOD_BAD = "bad recovery, then good", "good recovery, then bad"
FIRST, SECOND, LAST = 6, 18, 20
UNLEARNED = "psyche.recovery.learning=0"
FORGIVEN = "psyche.leaving.failures=0"
ALL_STAY = "psyche.leaving.base=0"
EVEN = "psyche.loss_aversion=1"


@pytest.fixture(scope="module")
def after(sure):
    """after(story, strategy, against, visit): how much more goodwill there is right after that visit, and how sure that is."""

    def difference(story, strategy, against, visit, column="goodwill"):
        mine, theirs = (story.runs[name].by_visit for name in (strategy, against))
        return sure(mine[column][mine["visit"] == visit] - theirs[column][theirs["visit"] == visit])

    return difference


def test_every_failure_is_put_right_and_nothing_else(tell):
    table = tell(STORY).runs[TWO].by_visit
    failed = (table["visit"] == FIRST) | (table["visit"] == SECOND)
    assert table["recovered"][failed].min() > 0.99
    assert not table["recovered"][~failed].any()


def test_one_failure_well_recovered_leaves_more_goodwill_than_none(tell, after):
    story = tell(STORY)
    assert after(story, ONE, NONE, FIRST).low > 1
    assert after(story, TWO, NONE, FIRST).low > 1
    assert after(story, TWO, NONE, FIRST - 1).mean == 0
    assert story.difference(ONE, NONE, "goodwill").low > 0.2


@pytest.mark.parametrize("twins", [NONE, ONE])
def test_a_second_one_recovered_just_as_well_does_not(tell, after, twins):
    assert after(tell(STORY), TWO, twins, SECOND).high < -1
    assert tell(STORY).difference(TWO, twins, "goodwill").high < 0


@pytest.mark.parametrize("twins", [NONE, ONE])
def test_it_does_where_nobody_learns_to_expect_it(tell, after, twins):
    assert after(tell(STORY, UNLEARNED), TWO, twins, SECOND).low > 1
    assert tell(STORY, UNLEARNED).difference(TWO, twins, "goodwill").low > 0


def test_that_takes_learning_by_more_than_a_little(tell, after):
    assert after(tell(STORY, "psyche.recovery.learning=0.2"), TWO, NONE, SECOND).low > 0.5


def test_none_of_it_is_who_stays_to_be_asked(tell, after):
    story = tell(STORY, ALL_STAY)
    assert after(story, ONE, NONE, FIRST).low > 1
    assert after(story, TWO, ONE, SECOND).high < -1
    assert after(story, BAD_GOOD, GOOD_BAD, LAST).low > 7


def test_there_is_no_paradox_at_all_where_a_good_recovery_is_expected(tell, after):
    assert after(tell(STORY, "psyche.recovery.expects=20"), ONE, NONE, FIRST).high < -1


def test_bad_then_good_ends_above_good_then_bad(tell, after):
    story = tell(STORY)
    assert story.difference(BAD_GOOD, GOOD_BAD, "goodwill").low > 4
    assert after(story, BAD_GOOD, NONE, LAST).low > 1
    assert after(story, GOOD_BAD, NONE, LAST).high < -5
    assert story.difference(BAD_GOOD, GOOD_BAD, "retention").low > 0.15


def test_half_of_that_is_what_a_good_recovery_teaches(tell):
    """With everybody staying, so that the same people are asked: learning what to expect, and the loss of it."""
    whole, unlearned = (tell(STORY, ALL_STAY, *more) for more in ((), (UNLEARNED,)))
    assert whole.difference(BAD_GOOD, GOOD_BAD, "felt").low > 1.4
    assert abs(unlearned.difference(BAD_GOOD, GOOD_BAD, "felt").mean) < 0.01  # the same two feelings in another order
    left = unlearned.difference(BAD_GOOD, GOOD_BAD, "goodwill").mean / whole.difference(BAD_GOOD, GOOD_BAD, "goodwill").mean
    assert left == pytest.approx(0.51, abs=0.03)


def test_what_is_left_without_it_is_that_the_last_stay_counts_most(tell, after):
    story = tell(STORY, ALL_STAY, UNLEARNED)
    assert story.difference(BAD_GOOD, GOOD_BAD, "goodwill").low > 3.5
    # a good recovery is worth 22 points and a bad one -12; memory .2, twelve stays apart, two stays ago
    recent = 0.2 * (1 - 0.8**12) * 0.8**2 * (22 + 12)
    assert after(story, BAD_GOOD, GOOD_BAD, LAST).mean == pytest.approx(recent, rel=0.02)


def test_loss_aversion_widens_it(tell):
    whole, even = (tell(STORY, ALL_STAY, *more) for more in ((), (EVEN,)))
    assert whole.difference(BAD_GOOD, GOOD_BAD, "goodwill").low > 1.3 * even.difference(BAD_GOOD, GOOD_BAD, "goodwill").high
    assert even.difference(BAD_GOOD, GOOD_BAD, "felt").low > 0.5  # learning alone


def test_without_learning_good_then_bad_keeps_more_people(tell):
    """Where it turns round: the early bad recovery has longer to drive people away."""
    assert tell(STORY, UNLEARNED).difference(BAD_GOOD, GOOD_BAD, "goodwill").low > 0.5
    assert tell(STORY, UNLEARNED).difference(BAD_GOOD, GOOD_BAD, "retention").high < -0.02


def test_the_recovered_leave_more_than_the_unfailed_for_all_their_goodwill(tell, after):
    story = tell(STORY)
    assert after(story, ONE, NONE, FIRST).low > 0
    assert after(story, ONE, NONE, FIRST, "left").low > 0
    assert story.difference(ONE, NONE, "retention").high < -0.02
    assert story.difference(TWO, NONE, "retention").high < story.difference(ONE, NONE, "retention").low


def test_where_they_weigh_little_the_recovered_stay_more(tell):
    assert tell(STORY, "psyche.leaving.failures=1").difference(ONE, NONE, "retention").low > 0.005


def test_they_stay_more_where_failures_are_not_remembered(tell, after):
    story = tell(STORY, FORGIVEN)
    assert after(story, ONE, NONE, FIRST, "left").high < 0
    assert story.difference(ONE, NONE, "retention").low > 0.015

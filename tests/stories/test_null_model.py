"""The null model: whatever is done, satisfaction adds up to what the expectation has moved, and none of it lasts."""

import numpy as np
import pytest

STORY = "null-model"
RATE = 0.3
STRATEGIES = ("stand still", "one surprise", "small surprises", "permanent upgrade")


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_satisfaction_adds_up_to_what_the_expectation_has_moved(tell, strategy):
    run = tell(STORY).runs[strategy]
    first = run.by_visit["visit"] == 1
    before = run.by_visit["expectation"][first]
    assert before.shape == (tell(STORY).market.replications,)
    moved = (run.outcomes["expectation"] - before) / RATE
    np.testing.assert_allclose(run.outcomes["satisfaction"] * run.outcomes["visits"], moved, atol=1e-9)


def test_one_surprise_is_paid_back_in_full(tell, during, sure):
    story = tell(STORY)
    paid = story.difference("one surprise", "stand still", "satisfaction")
    assert abs(paid.low) < 1e-4
    assert abs(paid.high) < 1e-4
    assert sure(during(story, "one surprise", 330, 360)).low > 5  # it was not small


@pytest.mark.parametrize(("strategy", "points"), [("small surprises", 1.5), ("permanent upgrade", 6.0)])
def test_a_policy_buys_the_distance_it_moves_the_expectation(tell, strategy, points):
    story = tell(STORY)
    bought = story.difference(strategy, "stand still", "satisfaction")
    visits = story.interval(strategy, "visits").mean
    assert bought.decided
    assert bought.mean * visits == pytest.approx(points / RATE, rel=0.03)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_nothing_is_left_in_the_last_quarter(tell, strategy):
    story = tell(STORY)
    last = story.interval(strategy, "lasting")
    assert abs(last.mean) < 0.03
    if strategy != "stand still":
        left = story.difference(strategy, "stand still", "lasting")
        assert max(abs(left.low), abs(left.high)) < 0.03


@pytest.mark.parametrize(("strategy", "points"), [("small surprises", 1.5), ("permanent upgrade", 6.0)])
def test_without_learning_everything_lasts(tell, strategy, points):
    story = tell(STORY, "psyche.learning=0")
    assert story.difference(strategy, "stand still", "lasting").mean == pytest.approx(points, rel=0.03)


def test_it_turns_round_where_surprises_teach_less(tell):
    story = tell(STORY, "psyche.surprise.credit=0.3")
    assert story.difference("small surprises", "permanent upgrade", "lasting").low > 0.5
    # p(1−p)·D·(1−ψ)/(ψp + 1−p), MODEL section 1 with λ = 1
    expected = 0.25 * 0.75 * 6 * 0.7 / (0.3 * 0.25 + 0.75)
    assert story.difference("small surprises", "stand still", "lasting").mean == pytest.approx(expected, rel=0.05)

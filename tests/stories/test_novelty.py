"""A novelty ages by nothing but learning: attractive, one-dimensional, must-be; and taking it away costs more than it gave."""

import numpy as np
import pytest

from sim.engine.records import KANO

STORY = "novelty"
NEVER, GOOD, AWAY = "never offer it", "offer it for good", "offer it and take it away"
OFFERED, REMOVED, HORIZON = 182, 547, 4 * 365
AGEING = ["attractive", "one-dimensional", "must-be"]
RIVAL = 'firms."across the lake".quality.network=60'
COPIED = 'firms."across the lake".imitates={after: 6 months}'
NOBODY_LEAVES, EVEN_LEARNING, NO_AVERSION = "psyche.leaving.base=0", "psyche.learning=0.3", "psyche.loss_aversion=1"


def shares(comparison, strategy, attribute="network"):
    """(checkpoints, classes): how the guests of each checkpoint see an attribute."""
    asked = comparison.runs[strategy].kano
    counts = asked.counts[:, asked.attributes.index(attribute)]
    return asked.days, counts / counts.sum(axis=1, keepdims=True)


def path(comparison, strategy, attribute="network"):
    """The class that most guests are in, checkpoint by checkpoint, each named once where it starts."""
    modal = [KANO[place] for place in shares(comparison, strategy, attribute)[1].argmax(axis=1)]
    return [one for place, one in enumerate(modal) if place == 0 or modal[place - 1] != one]


def total(comparison, strategy):
    """(replications,) felt value summed over all visits, points a guest there was at the start."""
    table = comparison.runs[strategy].by_day
    ours = (table["firm"] == comparison.market.firms[0].name) & (table["visits"] > 0)
    felt = np.bincount(table["replication"][ours], (table["felt"] * table["visits"])[ours], comparison.market.replications)
    return felt / comparison.market.people


def test_what_most_guests_call_it_ages(tell):
    assert path(tell(STORY), GOOD) == AGEING
    days, seen = shares(tell(STORY), GOOD)
    must_be = seen[:, KANO.index("must-be")]
    assert must_be[days < OFFERED].max() == 0 < 0.9 < must_be[days >= 365].min()
    assert all(np.diff(must_be) >= 0)


def test_taken_away_it_drifts_back(tell):
    assert path(tell(STORY), AWAY) == [*AGEING, *AGEING[-2::-1]]
    days, seen = shares(tell(STORY), AWAY)
    assert seen[days > REMOVED + 365, KANO.index("attractive")].min() > 0.9


def test_never_offered_it_stays_attractive_and_the_room_a_must_be(tell):
    assert path(tell(STORY), NEVER) == ["attractive"]
    assert all(path(tell(STORY), strategy, "room") == ["must-be"] for strategy in (NEVER, GOOD, AWAY))


def test_without_learning_it_never_ages(tell):
    story = tell(STORY, "psyche.learning=0")
    assert all(shares(story, strategy)[1][:, KANO.index("attractive")].min() == 1.0 for strategy in (NEVER, GOOD, AWAY))
    assert story.interval(GOOD, "lasting").low > 9
    assert story.difference(AWAY, NEVER, "retention").low > 0.05


def test_it_earns_its_welcome_once(tell, during, sure):
    story = tell(STORY)
    assert sure(during(story, GOOD, OFFERED, OFFERED + 91) - during(story, NEVER, OFFERED, OFFERED + 91)).low > 5
    left = story.difference(GOOD, NEVER, "lasting")
    assert max(abs(left.low), abs(left.high)) < 0.01
    assert 0.02 < story.difference(GOOD, NEVER, "retention").low < story.difference(GOOD, NEVER, "retention").high < 0.045


def test_what_is_taken_away_costs_more_than_it_gave(tell, sure):
    story = tell(STORY)
    never = total(story, NEVER)
    assert sure(total(story, GOOD) - never).low > 20
    assert sure(total(story, AWAY) - never).high < -25


def test_and_one_guest_in_nine(tell):
    story = tell(STORY)
    lost = story.difference(AWAY, NEVER, "retention")
    assert -0.14 < lost.low < lost.high < -0.08
    assert story.difference(AWAY, NEVER, "profit").high < 0


def test_it_takes_three_times_what_it_gave(tell, sure):
    """Of guests who all stay: ten weighted points by 1/0.3 given, by loss aversion over 0.2 taken."""
    story = tell(STORY, NOBODY_LEAVES)
    gave, came_of_it = total(story, GOOD) - total(story, NEVER), total(story, AWAY) - total(story, NEVER)
    assert sure(gave).mean == pytest.approx(10 / 0.3, rel=0.01)
    assert sure(gave - came_of_it).mean / sure(gave).mean == pytest.approx(2 * 0.3 / 0.2, rel=0.05)


def test_nothing_is_lost_where_losses_and_unlearning_are_as_gains_and_learning(tell, sure):
    story = tell(STORY, NOBODY_LEAVES, EVEN_LEARNING, NO_AVERSION)
    nothing = sure(total(story, AWAY) - total(story, NEVER))
    assert max(abs(nothing.low), abs(nothing.high)) < 0.05
    assert path(story, GOOD)[0] == "attractive"
    assert path(story, GOOD)[-1] == "must-be"


@pytest.mark.parametrize(("setting", "most"), [pytest.param(EVEN_LEARNING, -30, id="loss aversion"),
                                               pytest.param(NO_AVERSION, -14, id="slower unlearning")])
def test_either_alone_makes_it_a_loss(tell, sure, setting, most):
    story = tell(STORY, NOBODY_LEAVES, setting)
    assert sure(total(story, AWAY) - total(story, NEVER)).high < most


def test_guests_who_do_not_act_on_goodwill_stay_all_the_same(tell):
    story = tell(STORY, "psyche.leaving.goodwill=0")
    assert not any(story.difference(AWAY, NEVER, "retention").each)
    assert not any(story.difference(GOOD, NEVER, "retention").each)


def test_a_rival_makes_it_a_must_be_for_guests_who_never_had_it_from_us(tell):
    story = tell(STORY, RIVAL)
    assert path(story, NEVER) == AGEING
    assert story.difference(GOOD, NEVER, "retention").low > 0.3
    assert story.interval(NEVER, "lasting").high < -5
    assert path(story, AWAY) == AGEING  # and there is no way back


def test_by_the_norm_alone(tell):
    story = tell(STORY, RIVAL, "psyche.norm.weight=0")
    assert path(story, NEVER) == ["attractive"]
    assert story.difference(GOOD, NEVER, "retention").high < 0.05


def test_a_rival_that_copied_it_keeps_the_memory_alive(tell, apart):
    story = tell(STORY, COPIED)
    assert path(story, AWAY) == [*AGEING, "one-dimensional"]
    assert path(story, NEVER) == ["attractive"]
    assert apart(story, tell(STORY), AWAY, "retention").high < -0.1
    assert not np.any(story.runs[NEVER].stays != tell(STORY).runs[NEVER].stays)  # nothing of ours to copy, nothing changed

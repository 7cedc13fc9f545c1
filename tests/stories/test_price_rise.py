"""How to raise a price: what emerges where people weigh a price against the one they are used to, and where it turns round."""

import numpy as np

STORY = "price-rise"
OLD, LARGE, SMALL, SALE = "the old price", "one large rise", "small rises", "a sale"
HARD_TO_LOSE, LOSSES_WEIGH_LESS = "psyche.leaving.goodwill=0.2", "psyche.loss_aversion=0.5"
SMALL_LOSSES_HURT, SLOW, NOBODY_WEIGHS = "psyche.curvature=0.5", "psyche.fairness.learning=0.03", "psyche.fairness={}"


def felt(story, strategy, first, last):
    """Mean felt value of the visits of these days, less the old price's."""
    def mean(name):
        days = story.runs[name].by_day
        here = (days["day"] >= first) & (days["day"] < last)
        return np.average(np.nan_to_num(days["felt"][here]), weights=days["visits"][here])

    return mean(strategy) - mean(OLD)


def test_small_rises_earn_most_and_lose_fewer(tell):
    story = tell(STORY)
    for other in (LARGE, OLD, SALE):
        assert story.difference(SMALL, other, "profit").low > 0
    assert story.difference(SMALL, LARGE, "retention").low > 0.03
    assert story.difference(OLD, LARGE, "profit").low > 0


def test_the_depth_differs_and_not_the_price_in_the_end(tell):
    story = tell(STORY)
    price = {name: story.runs[name].by_day["price"] for name in (LARGE, SMALL)}
    assert price[LARGE][-1] == 24.0
    assert price[SMALL].max() == 24.0
    assert felt(story, LARGE, 180, 210) < -4.0
    assert -2.0 < felt(story, SMALL, 180, 900) < -0.2


def test_a_sale_loses_people_when_it_ends(tell):
    story = tell(STORY)
    assert felt(story, SALE, 182, 240) > 0.5
    assert felt(story, SALE, 245, 300) < -1.0
    assert story.difference(SALE, OLD, "retention").high < 0
    assert story.difference(SALE, OLD, "profit").high < 0


def test_where_losses_weigh_less_the_sale_keeps_people_and_earns_less_all_the_same(tell):
    story = tell(STORY, LOSSES_WEIGH_LESS)
    assert story.difference(SALE, OLD, "retention").low > 0
    assert story.difference(SALE, OLD, "profit").high < 0


def test_where_people_are_hard_to_lose_one_large_rise_earns_most(tell):
    story = tell(STORY, HARD_TO_LOSE)
    for other in (SMALL, OLD, SALE):
        assert story.difference(LARGE, other, "profit").low > 0


def test_where_small_losses_hurt_nearly_as_much_small_rises_lose_more_people(tell):
    assert tell(STORY, SMALL_LOSSES_HURT).difference(SMALL, LARGE, "retention").high < 0


def test_where_people_hardly_get_used_to_a_price_no_rise_pays(tell):
    story = tell(STORY, SLOW)
    for rise in (LARGE, SMALL):
        assert story.difference(rise, OLD, "profit").high < 0


def test_where_nobody_weighs_it_nobody_leaves_for_it(tell):
    story = tell(STORY, NOBODY_WEIGHS)
    for strategy in (LARGE, SMALL, SALE):
        assert story.difference(strategy, OLD, "retention").mean == 0.0
    assert all(one.undefined == "it costs as much" for one in story.returns)
    assert [one.even for one in story.returns][:2] == ["it is never behind"] * 2

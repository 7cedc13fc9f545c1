"""A monthly box: what emerges where subscribers can be kept or won back, what a spent budget leaves, where it turns round."""

import numpy as np

STORY = "subscription"
BOX, SMALL, WHILE, OFFER, LARGER = ("just the box", "small surprises", "surprises while the money lasts",
                                    "win-back offers", "a larger box")
PERSUASIVE = 'strategies."win-back offers".0.winback.persuades=40%'
DEAR = 'strategies."small surprises".0.surprise.cost=4'
WEIGHS_LITTLE, TEACH_LIKE_QUALITY = "psyche.leaving.goodwill=0.1", "psyche.surprise.credit=1"
CHEAP_BOX = 'strategies."a larger box".0.upgrade.running=0.5 per visit'


def test_keeping_earns_more_than_winning_back(tell):
    story = tell(STORY)
    assert story.difference(SMALL, BOX, "retention").low > 0.03
    for other in (BOX, OFFER, LARGER):
        assert story.difference(SMALL, other, "profit").low > 0
    assert story.difference(OFFER, BOX, "profit").low > 0
    assert story.difference(SMALL, OFFER, "profit").mean > 0.5 * story.difference(OFFER, BOX, "profit").mean


def test_for_every_euro_the_offer_brings_more(tell):
    rates = {one.strategy: one for one in tell(STORY).returns}
    assert rates[OFFER].low > 3.0 > 2.5 > rates[WHILE].high > rates[SMALL].high > 1.0
    assert rates[LARGER].high < 0.05


def test_those_who_leave_soon_leave_soon_again(tell):
    """Of all subscribers a few percent leave at a box; of those won back far more, for it was they who left."""
    run = tell(STORY).runs[OFFER]
    days = run.by_day
    regained, kept = days["regained"].sum(), run.stays.sum() - tell(STORY).runs[BOX].stays.sum()
    assert regained > 1000
    assert 0 < kept < 0.2 * regained


def test_the_money_runs_out_in_the_second_year_and_surprises_with_it(tell):
    story = tell(STORY)
    table = story.runs[WHILE].budgets
    assert ((table["over"] > 400) & (table["over"] < 600)).all()
    assert (table["spent"] >= table["budget"]).all()
    for replication, over in enumerate(table["over"].astype(int)):
        for name, same in ((SMALL, True), (BOX, False)):
            days, ours = (story.runs[one].by_day for one in (WHILE, name))
            here = (ours["replication"] == replication) & (ours["day"] < over)
            assert np.array_equal(days["visits"][here], ours["visits"][here]) == same
        rest = (days["replication"] == replication) & (days["day"] >= over)
        assert (days["cost"][rest] == 0.0).all()


def test_what_the_money_kept_pays_on_but_satisfaction_is_gone(tell):
    story = tell(STORY)
    assert abs(story.difference(WHILE, BOX, "lasting").mean) < 0.1
    assert story.difference(SMALL, WHILE, "lasting").low > 1.0
    assert story.difference(WHILE, BOX, "retention").low > 0
    assert story.difference(WHILE, BOX, "profit").mean > 0.8 * story.difference(SMALL, BOX, "profit").mean


def test_where_the_offer_persuades_two_in_five_it_earns_most(tell):
    story = tell(STORY, PERSUASIVE)
    for other in (BOX, SMALL, WHILE, LARGER):
        assert story.difference(OFFER, other, "profit").low > 0


def test_where_a_surprise_is_dear_the_offer_earns_more(tell):
    assert tell(STORY, DEAR).difference(OFFER, SMALL, "profit").low > 0


def test_where_people_hardly_leave_for_how_they_are_served_only_the_offer_pays(tell):
    story = tell(STORY, WEIGHS_LITTLE)
    assert story.difference(OFFER, BOX, "profit").low > 0
    assert story.difference(SMALL, BOX, "profit").high < 0


def test_surprises_that_teach_like_any_other_quality_lose_people(tell):
    story = tell(STORY, TEACH_LIKE_QUALITY)
    assert story.difference(SMALL, BOX, "retention").high < 0
    assert story.difference(SMALL, BOX, "profit").high < 0


def test_a_cheap_larger_box_pays(tell):
    assert tell(STORY).difference(LARGER, BOX, "profit").mean < 1.0
    assert tell(STORY, CHEAP_BOX).difference(LARGER, BOX, "profit").low > 0

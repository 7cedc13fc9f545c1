"""The equipment vendor: follow-up finds what is not said and reminds of what is given; a file pays only if it is current."""

import math

import numpy as np
import pytest

STORY = "equipment-vendor"
FORGET, FOLLOW, FILE = "sell and forget", "follow up", "follow up with a file"
PRODUCT, SERVICE = "a better product", "in time and after the sale"
FINDS_NOTHING, REMINDS_NOTHING, MENDS_NOTHING = (
    'strategies."follow up".0.contact.finds=0', 'strategies."follow up".0.contact.refreshes=0',
    'strategies."follow up".1.recovery.share=0')
STALE = f'strategies."{FILE}".2.file.current=10%'
NOT_FORGOTTEN = ("psyche.forgetting.half_life=never", "psyche.norm.weight=0")
REALISTIC = (*NOT_FORGOTTEN, "psyche.learning=0.25")
"""Buyers who forget nothing, hear of nobody, and learn as quickly downward as upward."""
A_YEAR = ("horizon=1 year", "firms.ours.margin=50000", "market.visits.gaps=fixed", "psyche.leaving.base=0",
          'market.segments."key accounts".visits.every=4 months')
"""The article's buyers: three purchases of 50,000 within a year, and nobody leaves."""


@pytest.fixture(scope="module")
def story(tell):
    """story(*settings): the vendor's story with some settings changed."""
    return lambda *settings: tell(STORY, *settings)


def flattered(refreshes):
    """Follow-up of buyers who were promised too much for a year, with contacts that refresh this share."""
    return (*REALISTIC, "psyche.trust.starts=0.5",
            'strategies."follow up"=[{promise: {level: 85, until: 1 year}}, '
            f"{{contact: {{finds: 15%, refreshes: {refreshes}, cost: 40}}}}, "
            "{recovery: {remedy: 12, within: 5 days, apology: 3, share: 90%, cost: 600}}]")


def of_segment(comparison, strategy, segment, column):
    """The mean of a column of by_visit over all visits of a segment."""
    table = comparison.runs[strategy].by_visit
    rows = table["segment"] == segment
    return np.average(table[column][rows], weights=table["customers"][rows])


def test_the_money_is_about_the_same(story):
    for other in (PRODUCT, SERVICE):
        spent = [story().interval(one, "cost").mean / story().interval(one, "visits").mean for one in (FOLLOW, other)]
        assert spent[0] == pytest.approx(spent[1], rel=0.05)


def test_follow_up_keeps_half_where_a_third_would_have_stayed(story):
    told = story()
    assert 0.33 < told.interval(FORGET, "retention").low < told.interval(FORGET, "retention").high < 0.38
    assert 0.49 < told.interval(FOLLOW, "retention").low < told.interval(FOLLOW, "retention").high < 0.54


@pytest.mark.parametrize("outcome", ["profit", "lifetime_value", "retention"])
@pytest.mark.parametrize("other", [FORGET, PRODUCT, SERVICE])
def test_follow_up_beats_the_same_money_elsewhere(story, other, outcome):
    assert story().difference(FOLLOW, other, outcome).low > 0


def test_but_better_service_satisfies_more(story):
    """What is mended after a purchase does not show in the satisfaction of the purchase."""
    assert story().difference(SERVICE, FOLLOW, "satisfaction").low > 0.3
    assert story().difference(FOLLOW, SERVICE, "goodwill").low > 1


def test_it_finds_the_silent(story):
    told = story()
    assert told.interval(FORGET, "silent_leavers").low > 0.3
    assert told.interval(FOLLOW, "silent_leavers").high < 0.06
    assert told.interval(FORGET, "recovered").high == 0
    assert told.interval(FOLLOW, "recovered").low > 0.3


def test_finding_the_silent_is_what_keeps_them(story, apart):
    blind = story(FINDS_NOTHING)
    assert blind.interval(FOLLOW, "silent_leavers").low > 0.28
    assert apart(story(), blind, FOLLOW, "retention").low > 0.05
    assert apart(story(), blind, FOLLOW, "profit").low > 1500
    unchanged = apart(story(), blind, FOLLOW, "satisfaction")
    assert max(abs(unchanged.low), abs(unchanged.high)) < 0.02


def test_without_finding_and_reminding_it_does_not_pay(story):
    told = story(FINDS_NOTHING, REMINDS_NOTHING)
    assert told.difference(FOLLOW, FORGET, "retention").high < 0.03
    assert told.difference(FOLLOW, FORGET, "profit").high < -1000


def test_finding_without_mending_keeps_nobody(story, apart):
    nothing = apart(story(MENDS_NOTHING), story(FINDS_NOTHING), FOLLOW, "retention")
    assert -0.02 < nothing.low < nothing.high < 0.01
    assert apart(story(), story(MENDS_NOTHING), FOLLOW, "retention").low > 0.05


def test_reminding_matters_where_expectations_are_forgotten(story, apart):
    told, silent = story(), story(REMINDS_NOTHING)
    assert apart(told, silent, FOLLOW, "satisfaction").low > 1
    assert apart(told, silent, FOLLOW, "retention").low > 0.05


def test_reminding_matters_where_expectations_are_inflated(story, apart):
    told, silent = story(*flattered("10%")), story(*flattered("0%"))
    assert apart(told, silent, FOLLOW, "satisfaction").low > 3
    assert apart(told, silent, FOLLOW, "retention").low > 0.1


def test_and_does_next_to_nothing_otherwise(story, apart):
    told, silent = story(*REALISTIC), story(*REALISTIC, REMINDS_NOTHING)
    nothing = apart(told, silent, FOLLOW, "satisfaction")
    assert -0.01 < nothing.low < nothing.high < 0.05
    assert apart(told, silent, FOLLOW, "retention").high < 0.02


def test_a_current_file_pays_through_the_key_accounts(story):
    told = story()
    assert told.difference(FILE, FOLLOW, "profit").low > 500
    assert told.difference(FILE, FOLLOW, "retention").low > 0.01
    left = [of_segment(told, one, "key accounts", "left") for one in (FILE, FOLLOW)]
    assert left[0] < 0.8 * left[1]
    for column in ("left", "satisfaction", "customers"):
        assert of_segment(told, FILE, "other accounts", column) == of_segment(told, FOLLOW, "other accounts", column)


def test_a_stale_file_does_not(story):
    told = story(STALE)
    assert told.difference(FILE, FOLLOW, "profit").high < -200
    assert told.difference(FILE, FOLLOW, "retention").high < 0.01


def test_dates_and_service_pay_and_the_product_hardly(story):
    told = story()
    assert told.difference(SERVICE, PRODUCT, "profit").low > 1000
    assert told.difference(SERVICE, PRODUCT, "lasting").low > 0.2
    assert told.difference(SERVICE, FORGET, "profit").low > 1000
    assert told.difference(PRODUCT, FORGET, "profit").high < 1500


def test_as_long_as_others_promise_better_dates_and_service(story):
    told = story(*NOT_FORGOTTEN)
    assert told.difference(SERVICE, PRODUCT, "profit").low < 0 < told.difference(SERVICE, PRODUCT, "profit").high
    assert told.difference(SERVICE, PRODUCT, "lasting").high < 0.02


def test_nothing_lifts_satisfaction_above_zero_for_good(story):
    assert all(story().interval(one, "lasting").high < -1 for one in (FORGET, FOLLOW, FILE, PRODUCT, SERVICE))


@pytest.mark.parametrize("strategy", [FORGET, FOLLOW, FILE])
def test_lifetime_value_is_the_margin_of_all_purchases_discounted(story, strategy):
    told = story()
    table, ours = told.runs[strategy].by_day, told.market.firms[0]
    value = table["visits"] * ours.margin / (1 + ours.discount) ** (table["day"] / 365)
    expected = np.bincount(table["replication"], value) / told.market.people
    assert told.runs[strategy].outcomes["lifetime_value"] == pytest.approx(expected, rel=1e-12)
    profit = np.bincount(table["replication"], table["visits"] * ours.margin - table["cost"]) / told.market.people
    assert told.runs[strategy].outcomes["profit"] == pytest.approx(profit, rel=1e-12)


def test_the_articles_own_sum(story):
    """Amount times purchases: 50,000 · 3 · 1 = 150,000, less what a year's interest takes."""
    plain, discounted = story(*A_YEAR, "firms.ours.discount=0"), story(*A_YEAR)
    assert set(plain.runs[FORGET].outcomes["lifetime_value"]) == {150_000.0}
    evenly = 150_000 * (1 - 1 / 1.08) / math.log(1.08)
    assert discounted.interval(FORGET, "lifetime_value").mean == pytest.approx(evenly, rel=1e-3)
    leaving = story(*A_YEAR, "firms.ours.discount=0", "psyche.leaving.base=2%")
    assert leaving.interval(FORGET, "lifetime_value").high < 148_000

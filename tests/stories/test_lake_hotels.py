"""Four hotels around a lake: who wins share, who wins profit, whose guests are satisfied, and where it turns round."""

import numpy as np
import pytest

STORY = "lake-hotels"
STILL, SURPRISES, REFIT, CHEAPER = "stand still", "small surprises", "one large refit", "a lower price"
GRAND, CHEAP, CLIMBER = "the grand", "the cheap one", "the climber"
NO_NORM, LONGER = "psyche.norm.learns=0", "horizon=4 years"
COUNTING = ("psyche.choosing.price=0.06", "psyche.choosing.away=-7")


def satisfaction_at(story, strategy, firm, first=365):
    """(replications,) mean satisfaction of visits to a firm from day `first` on."""
    days = story.runs[strategy].by_day
    here = days["firm"] == firm
    visits, felt = (np.nan_to_num(days[column][here]).reshape(story.market.replications, -1)[:, first:]
                    for column in ("visits", "satisfaction"))
    return (felt * visits).sum(axis=1) / visits.sum(axis=1)


def taken(story, firm, strategy=REFIT):
    """(replications,) what a strategy of ours does to the satisfaction of another hotel's guests."""
    return satisfaction_at(story, strategy, firm) - satisfaction_at(story, STILL, firm)


def test_the_refit_wins_share_and_satisfaction(tell):
    story = tell(STORY)
    for outcome in ("share", "satisfaction"):
        for other in (STILL, SURPRISES, CHEAPER):
            assert story.difference(REFIT, other, outcome).low > 0


def test_small_surprises_win_profit_and_half_of_the_share(tell):
    story = tell(STORY)
    for other in (STILL, REFIT, CHEAPER):
        assert story.difference(SURPRISES, other, "profit").low > 15
    gain = story.difference(SURPRISES, STILL, "share").mean / story.difference(REFIT, STILL, "share").mean
    assert 0.4 < gain < 0.7


def test_a_lower_price_wins_share_and_loses_profit(tell):
    story = tell(STORY)
    assert story.difference(CHEAPER, STILL, "share").low > 0.02
    assert story.difference(CHEAPER, STILL, "profit").high < -10
    assert story.difference(CHEAPER, STILL, "satisfaction").low < 0.3


def test_over_four_years_the_refit_earns_most(tell):
    story = tell(STORY, LONGER)
    for other in (STILL, SURPRISES, CHEAPER):
        assert story.difference(REFIT, other, "profit").low > 0


def test_among_guests_who_count_every_coin_the_lower_price_earns_most(tell):
    story = tell(STORY, *COUNTING)
    for other in (STILL, SURPRISES, REFIT):
        assert story.difference(CHEAPER, other, "profit").low > 0


@pytest.mark.parametrize("firm", [CHEAP, CLIMBER])
def test_what_is_given_anywhere_raises_the_standard_everywhere(tell, sure, firm):
    assert sure(taken(tell(STORY), firm)).high < -0.1
    assert sure(taken(tell(STORY), firm) - taken(tell(STORY, NO_NORM), firm)).high < -0.1


def test_without_a_norm_the_neighbour_is_judged_as_before(tell, sure):
    assert abs(sure(taken(tell(STORY, NO_NORM), CLIMBER)).mean) < 0.15


def test_the_grand_hotels_guests_are_no_less_satisfied(tell, sure):
    """Who still goes there after our refit is who likes it."""
    assert sure(taken(tell(STORY), GRAND)).low > 0

"""What prices do: exact results of price fairness (docs/model.md, "Money"), and what a day's price earns, in both engines."""

import numpy as np
import pytest

from sim.engine import clock
from tests.lives import ENGINES, market

STORY = """
title: a price
horizon: {days} days
replications: 1
market: {{people: 1, expects: 5, visits: {{every: 10 days, gaps: fixed}}}}
psyche: {{loss_aversion: {losses}, tolerance: {tolerance}, goodwill: {{memory: {memory}}},
         fairness: {{weight: {weight}, learning: {learning}{starts}}}}}
firms: {{ours: {{quality: 5, price: 20, margin: 8}}}}
strategies: {{as it is: [], other: [{moves}]}}
"""

A, W, LOSSES, BY = 0.3, 0.5, 2.0, 4.0
TIGHT = 1e-12


def story(folder, moves="", *, visits=40, weight=W, learning=A, losses=LOSSES, starts="", tolerance=0.0, memory=0.0):
    return market(folder, STORY.format(days=10 * visits, weight=weight, learning=learning, losses=losses, tolerance=tolerance,
                                       starts=starts, moves=moves, memory=memory))


def price(by, **when):
    told = "".join(f", {key}: {day} days" for key, day in when.items())
    return f"{{price: {{by: {by}{told}}}}}"


@pytest.fixture(params=ENGINES)
def run(request):
    return ENGINES[request.param]


def felt(run, told, strategy="other"):
    """(N,) what is felt at each visit; one a row."""
    return np.asarray(run(told, strategy).by_visit["felt"])


@pytest.mark.parametrize("tolerance", [0.0, 3.0])
def test_a_rise_hurts_by_losses_times_its_size_and_she_gets_used_to_it(run, tmp_path, tolerance):
    """V_n = −λ·w·Δ·(1−a)^n, whatever the zone of tolerance."""
    found = felt(run, story(tmp_path, price(BY), tolerance=tolerance))
    n = np.arange(40)
    assert np.abs(found + LOSSES * W * BY * (1 - A) ** n).max() < TIGHT


def test_a_cut_pleases_by_its_size_and_she_gets_used_to_it(run, tmp_path):
    found = felt(run, story(tmp_path, price(-BY)))
    assert np.abs(found - W * BY * (1 - A) ** np.arange(40)).max() < TIGHT


@pytest.mark.parametrize("held", [1, 5])
def test_a_cut_taken_back_nets_one_minus_losses_times_what_it_gave(run, tmp_path, held):
    """Held for h visits a cut gives w·Δ·(1−(1−a)^h)/a; N visits after its end it has taken back λ times that, but (1−a)^N."""
    found = felt(run, story(tmp_path, price(-BY, until=10 * held), visits=held + 30))
    gave = W * BY * (1 - (1 - A) ** held) / A
    assert found[:held].sum() == pytest.approx(gave, abs=TIGHT)
    assert found[held] < 0.0
    assert found.sum() == pytest.approx(gave * (1 - LOSSES * (1 - (1 - A) ** 30)), abs=TIGHT * 10)


def test_without_loss_aversion_no_price_path_that_returns_gives_or_takes(run, tmp_path):
    """The law of the null model, for prices: Σ V = w·(r_N − r_0)/−a, so that what returns nets to nothing."""
    moves = ", ".join([price(3, at=20, until=100), price(-5, at=60, until=90), price(2, at=40, until=130, over=50)])
    found = felt(run, story(tmp_path, moves, visits=150, losses=1.0))
    assert np.abs(found).max() > 0.5
    assert found.sum() == pytest.approx(0.0, abs=1e-9)


def test_small_rises_hurt_as_much_in_all_as_one_large(run, tmp_path):
    """Pain is linear in the price, so steps add up: Σ V = −λ·w·Δ/a either way; spread out, none of it is ever as deep."""
    steps = ", ".join(price(1, at=10 * step) for step in range(4))
    once, often = felt(run, story(tmp_path, price(4), visits=150)), felt(run, story(tmp_path, steps, visits=150))
    for found in (once, often):
        assert found.sum() == pytest.approx(-LOSSES * W * 4 / A, abs=1e-9)
    assert often.min() > 0.7 * once.min()


def test_who_never_gets_used_to_it_feels_it_at_every_visit(run, tmp_path):
    assert np.allclose(felt(run, story(tmp_path, price(BY), learning=0)), -LOSSES * W * BY, rtol=0, atol=TIGHT)


def test_a_price_of_her_own_is_what_she_starts_from(run, tmp_path):
    told = story(tmp_path, starts=", starts: 23")
    assert np.abs(felt(run, told, "as it is") - W * 3.0 * (1 - A) ** np.arange(40)).max() < TIGHT


def test_a_price_joins_goodwill_and_not_satisfaction(run, tmp_path):
    """G_1 = μ·V_0; satisfaction, what an answer to it starts from, stays 0."""
    rows = run(story(tmp_path, price(BY), memory=0.25), "other").by_visit
    assert np.all(rows["satisfaction"] == 0.0)
    assert rows["goodwill"][0] == pytest.approx(-0.25 * LOSSES * W * BY, abs=TIGHT)


def test_nobody_feels_what_nobody_weighs(run, tmp_path):
    assert np.all(felt(run, story(tmp_path, price(BY), weight=0)) == 0.0)


def test_a_days_revenue_is_its_visits_times_its_margin(run, tmp_path):
    told = story(tmp_path, price(-3, at=100, until=200, over=50), weight=0)
    days = run(told, "other").by_day
    by = np.zeros(400)
    by[100:150], by[150:200] = -3 * np.arange(1, 51) / 50, -3.0
    assert np.allclose(days["price"], 20.0 + by, rtol=0, atol=TIGHT)
    assert np.allclose(days["revenue"], days["visits"] * (8.0 + by), rtol=0, atol=TIGHT)
    assert days["revenue"].sum() < 8.0 * days["visits"].sum()


def test_a_price_that_is_not_moved_is_the_listed_one(tmp_path):
    told = story(tmp_path, price(-3))
    still, other = (clock.schedule(told, strategy) for strategy in told.strategies)
    assert np.all(still.price == 20.0)
    assert np.all(still.margin == 8.0)
    assert np.all(other.price == 17.0)
    assert np.all(other.margin == 5.0)


def test_whoever_chooses_by_price_goes_by_the_price_of_the_day(run, tmp_path):
    """Two equal firms, nothing but price: from the day we ask 2 less, the odds for us are e^(2b)."""
    ours = "ours: {{quality: 5, price: 20, margin: 8}}"
    text = STORY.replace("people: 1,", "people: 2000,").replace(ours, f"{ours}, other: {{{{quality: 5, price: 20}}}}")
    text = text.replace("psyche: {{", "psyche: {{choosing: {{price: 0.5}}, ")
    told = market(tmp_path, text.format(days=200, weight=0, learning=0, losses=1, tolerance=0, starts="", memory=0,
                                        moves=price(-2, at=100)))
    days = run(told, "other", people=400 if run is ENGINES["reference"] else 2000).by_day
    ours, late = days["firm"] == "ours", days["day"] >= 100
    assert np.all(days["price"][ours & late] == 18.0)
    assert np.all(days["price"][~ours] == 20.0)
    for when, expected in ((~late, 0.5), (late, np.e / (1 + np.e))):
        visits = days["visits"]
        share = visits[ours & when].sum() / visits[when].sum()
        assert share == pytest.approx(expected, abs=4.5 * np.sqrt(0.25 / visits[when].sum()))

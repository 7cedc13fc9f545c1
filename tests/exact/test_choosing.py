"""Exact results of choice among firms: logit shares, switching, and what visits anywhere teach.

Shares within 4.5 standard errors, in the compiled engine; what has no chance in it to 1e-12, in both engines.
"""

import math

import numpy as np
import pytest

from sim.engine import run as fast
from sim.rules.arithmetic import gumbel
from tests.exact.test_exact import TIGHT
from tests.lives import ENGINES, market

STORY = """
title: choosing
horizon: {days} days
replications: {replications}
market:
  people: {people}
  expects: 60
  visits: {{every: 10 days, gaps: fixed}}
psyche: {psyche}
firms: {firms}
strategies: {{still: []}}
"""
EQUAL = "{ours: {quality: 60}, theirs: {quality: 60}}"


def lived(folder, psyche, firms=EQUAL, people=20_000, days=200, replications=1, engine="compiled"):
    told = market(folder, STORY.format(psyche=psyche, firms=firms, people=people, days=days, replications=replications))
    return ENGINES[engine](told, "still")


def by_firm(run, column, first=0):
    """{firm: (replications,) sum of a count over its days from day `first` on}."""
    names = [firm.name for firm in run.market.firms]
    days = run.by_day[column].reshape(run.market.replications, len(names), run.market.horizon)[:, :, first:]
    return dict(zip(names, days.sum(axis=2).T, strict=True))


def near(count, of, exact):
    """Whether a count of independent chances is within 4.5 standard errors of what it should be."""
    return abs(count / of - exact) < 4.5 * math.sqrt(exact * (1 - exact) / of)


def test_the_quantile_of_the_gumbel_law():
    u = np.linspace(0.001, 0.999, 99)
    assert np.allclose([math.exp(-math.exp(-gumbel(one))) for one in u.tolist()], u, atol=1e-15)
    assert -4 < gumbel(0.0) < gumbel(2.0**-53) < gumbel(1 - 2.0**-53) < 40


@pytest.mark.parametrize(("weight", "apart"), [(0.5, 2.0), (0.25, -1.0), (0.0, 9.0)])
def test_two_firms_that_differ_in_price_share_as_a_logit(tmp_path, weight, apart):
    firms = f"{{ours: {{quality: 60, price: 10}}, theirs: {{quality: 60, price: {10 + apart}}}}}"
    visits = by_firm(lived(tmp_path, f"{{choosing: {{price: {weight}}}}}", firms), "visits")
    exact = 1 / (1 + math.exp(-weight * apart))
    assert sum(visits.values()) == 20_000 * 20
    assert near(visits["ours"][0], 20_000 * 20, exact)


def test_staying_away_and_three_firms_share_as_a_logit(tmp_path):
    firms = "{ours: {quality: 60, price: 1}, second: {quality: 60, price: 2}, third: {quality: 60, price: 4}}"
    visits = by_firm(lived(tmp_path, "{choosing: {price: 0.5, away: -0.25}}", firms), "visits")
    odds = {"ours": math.exp(-0.5), "second": math.exp(-1.0), "third": math.exp(-2.0)}
    whole = math.exp(-0.25) + sum(odds.values())
    for firm, one in odds.items():
        assert near(visits[firm][0], 20_000 * 20, one / whole), firm


def test_an_expectation_above_the_norm_draws_by_its_weight(tmp_path):
    """Who learns all of a visit expects 62 of ours and 60 of theirs from her first visit to ours on."""
    firms = "{ours: {quality: 62}, theirs: {quality: 60}}"
    visits = by_firm(lived(tmp_path, "{learning: 1, choosing: {value: 0.4}}", firms, days=400), "visits", 200)
    assert near(visits["ours"][0], 20_000 * 20, 1 / (1 + math.exp(-0.8)))


def test_goodwill_draws_by_its_weight(tmp_path):
    """Without learning each visit to ours is felt as 3: a memory of 1 keeps just that."""
    firms = "{ours: {quality: 63}, theirs: {quality: 60}}"
    psyche = "{goodwill: {memory: 1}, choosing: {goodwill: 0.25}}"
    visits = by_firm(lived(tmp_path, psyche, firms, days=400), "visits", 200)
    assert near(visits["ours"][0], 20_000 * 20, 1 / (1 + math.exp(-0.75)))


def test_switching_costs_hold_people_where_they_are(tmp_path):
    run = lived(tmp_path, "{choosing: {switching: 1.5}}")
    after_the_first = 20_000 * 19
    assert near(run.switches["people"].sum(), after_the_first, 1 / (1 + math.exp(1.5)))
    assert near(by_firm(run, "joined")["ours"][0], 20_000, 0.5), "the first choice costs nothing"


def test_who_stays_away_is_as_far_from_the_market_as_the_norm_she_holds(tmp_path):
    """A norm 5 points above what she expects of everybody makes staying away as good as e^(0.2·5) more."""
    psyche = "{norm: {starts: 65}, choosing: {value: 0.2, away: -0.5}}"
    visits = by_firm(lived(tmp_path, psyche), "visits")
    firm, away = math.exp(-1.0), math.exp(-0.5)
    assert near(sum(visits.values())[0], 20_000 * 20, 2 * firm / (2 * firm + away))


def test_equal_firms_split_the_market_evenly_whatever_goes_on_in_people(tmp_path):
    psyche = """{learning: {up: 0.3, down: 0.2}, loss_aversion: 2, forgetting: {half_life: 90 days}, goodwill: {memory: 0.2},
                 norm: {weight: 0.5, learns: {up: 0.2, down: 0.1}, hears_rivals_every: 30 days, noise: 2, spillover: 0.1},
                 complaining: 0.1, leaving: {base: 2%, goodwill: 0.2}, returning: {share: 50%, after: 30 days}, peak: 0.1,
                 choosing: {value: 0.2, goodwill: 0.2, switching: 1, away: -1}}"""
    firms = "{ours: {quality: 60, noise: 4}, theirs: {quality: 60, noise: 4}}"
    run = lived(tmp_path, psyche, firms, people=2000, days=400, replications=30)
    for column in ("visits", "joined", "left", "won", "won_back", "lost", "complaints"):
        ours, theirs = by_firm(run, column).values()
        apart = ours - theirs
        assert ours.sum() > 1000
        assert abs(apart.mean()) < 4.5 * apart.std(ddof=1) / math.sqrt(len(apart)), column
    for column in ("expectation", "satisfaction", "felt", "norm"):
        levels = run.by_day[column].reshape(30, 2, 400)[:, :, 20:].mean(axis=2)
        apart = levels[:, 0] - levels[:, 1]
        assert abs(apart.mean()) < 4.5 * apart.std(ddof=1) / math.sqrt(len(apart)), column


LIVELY = "{learning: 0.2, goodwill: {memory: 0.2}, choosing: {value: 0.3, goodwill: 0.1, price: 0.2, switching: 1, away: -1}}"


def shares(run):
    visits = by_firm(run, "visits")
    whole = sum(visits.values())
    return {firm: count / whole for firm, count in visits.items()}


def alike(one, other):
    """Whether two columns of independent replications have the same mean, within 4.5 standard errors."""
    error = math.sqrt(one.var(ddof=1) / len(one) + other.var(ddof=1) / len(other))
    return abs(one.mean() - other.mean()) < 4.5 * error


def test_firms_that_change_places_change_shares(tmp_path):
    good, cheap = "{quality: 63, noise: 4, price: 5}", "{quality: 60, noise: 2, price: 4}"
    here = shares(lived(tmp_path, LIVELY, f"{{ours: {good}, theirs: {cheap}}}", people=2000, replications=20))
    there = shares(lived(tmp_path, LIVELY, f"{{ours: {cheap}, theirs: {good}}}", people=2000, replications=20))
    assert abs(here["ours"].mean() - 0.5) > 0.02
    assert alike(here["ours"], there["theirs"])


def test_the_order_of_rivals_does_not_matter(tmp_path):
    good, cheap = "{quality: 63, noise: 4, price: 5}", "{quality: 60, noise: 2, price: 1}"
    ours = "ours: {quality: 61, noise: 3, price: 3}"
    here = shares(lived(tmp_path, LIVELY, f"{{{ours}, good: {good}, cheap: {cheap}}}", people=2000, replications=20))
    there = shares(lived(tmp_path, LIVELY, f"{{{ours}, cheap: {cheap}, good: {good}}}", people=2000, replications=20))
    for firm in ("ours", "good", "cheap"):
        assert alike(here[firm], there[firm]), firm
    assert len({round(share.mean(), 2) for share in here.values()}) == 3


@pytest.mark.parametrize("engine", ENGINES)
def test_own_visits_teach_the_norm(tmp_path, engine):
    """N ← N + κ·(P − N) at every visit, where there is one firm to choose."""
    psyche = "{norm: {starts: 50, learns: {up: 0.25, down: 0}}, choosing: {}}"
    run = lived(tmp_path, psyche, "{ours: {quality: 60}}", people=1, engine=engine)
    assert np.abs(run.by_visit["norm"] - (60 - 10 * 0.75 ** np.arange(20))).max() < TIGHT * 10


def test_delivering_more_anywhere_raises_the_standard_everywhere(tmp_path):
    psyche = "{learning: 0.3, norm: {weight: 0.5, learns: 0.2}, choosing: {}}"
    firms = "{ours: {quality: 60}, theirs: {quality: 66}}"
    plain, beside = lived(tmp_path, psyche), lived(tmp_path, psyche, firms)
    assert abs(plain.outcomes["lasting"][0]) < 1e-9
    assert plain.outcomes["norm"][0] == pytest.approx(60, abs=1e-9)
    assert beside.outcomes["lasting"][0] < -1
    assert beside.outcomes["norm"][0] > 62


def test_customers_of_all_firms_are_all_who_have_not_left(tmp_path):
    psyche = "{leaving: {base: 5%}, returning: {share: 60%, after: 30 days}, choosing: {switching: 1}}"
    run = lived(tmp_path, psyche, people=4000)
    days = {column: run.by_day[column].reshape(2, 200) for column in ("customers", "joined", "left", "won", "lost")}
    assert (days["customers"] == np.cumsum(days["joined"] + days["won"] - days["left"] - days["lost"], axis=1)).all()
    assert (days["won"].sum(axis=0) == days["lost"].sum(axis=0)).all()
    assert (days["customers"] > 0)[:, 20:].all()
    assert run.outcomes["retention"][0] == days["customers"][0, -1] / 4000 == run.stays.mean()
    stayed = lived(tmp_path, "{choosing: {switching: 1}}", people=4000)
    assert stayed.by_day["customers"].reshape(2, 200)[:, -1].sum() == 4000


def test_people_who_do_not_choose_always_come_to_ours(tmp_path):
    text = STORY.format(psyche="{}", firms=EQUAL, people=4000, days=200, replications=1)
    segments = "  segments: {loyal: {share: 50%}, free: {share: 50%, psyche: {choosing: {price: 0}}}}\npsyche:"
    run = fast.run(market(tmp_path, text.replace("psyche:", segments)), "still", keep={"customers"})
    loyal = run.customers["segment"] == "loyal"
    assert (run.customers["visits"][loyal] == 20).all()
    assert (run.customers["visits"][~loyal] < 20).all()
    assert near(by_firm(run, "visits")["theirs"][0], 20 * int((~loyal).sum()), 0.5)

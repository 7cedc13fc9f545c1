"""Every exact result of the model (docs/model.md, "Exact results"), through scenario texts.

Deterministic rows hold to 1e-12 in both engines; stochastic rows within 4.5 standard errors at 10⁶ samples.
"""

import math

import numpy as np
import pytest

from sim.engine import columns
from sim.engine import run as fast
from sim.engine.population import people
from tests.lives import ENGINES, market

BASE = """
title: exact
horizon: {days} days
replications: 1
market:
  people: {people}
  expects: {expects}
  visits: {{every: 10 days, gaps: fixed}}
psyche: {psyche}
firms: {firms}
strategies: {strategies}
"""

TIGHT = 1e-12


def story(folder, *, visits, psyche, quality=5.0, expects=5.0, strategies="{still: []}", people=1, noise=0.0, rivals=""):
    firms = f"{{ours: {{quality: {quality}, noise: {noise}}}{rivals}}}"
    return market(folder, BASE.format(days=10 * visits, people=people, expects=expects, psyche=psyche, firms=firms,
                                      strategies=strategies))


def series(engine, market, strategy="still", column="satisfaction"):
    run = ENGINES[engine](market, strategy)
    assert list(run.by_visit["visit"]) == list(range(1, len(run.by_visit["visit"]) + 1))
    return np.asarray(run.by_visit[column])


@pytest.fixture(params=ENGINES)
def engine(request):
    return request.param


@pytest.mark.parametrize(("a", "size"), [(0.2, 3.0), (0.7, -2.0)])
def test_a_permanent_upgrade_fades_geometrically_to_a_total_of_d_over_a(engine, tmp_path, a, size):
    upgraded = f"{{still: [], refit: [{{upgrade: {{by: {size}, at: 0 days}}}}]}}"
    s = series(engine, story(tmp_path, visits=150, psyche=f"{{learning: {a}}}", strategies=upgraded), "refit")
    n = np.arange(150)
    assert np.abs(s - (1 - a) ** n * size).max() < TIGHT
    half_life = math.log(2.0) / -math.log(1.0 - a)
    assert math.log(s[0] / s[4]) / 4 == pytest.approx(math.log(2.0) / half_life, abs=1e-10)
    assert s.sum() == pytest.approx(size / a, abs=TIGHT * 20)


def test_one_surprise_is_paid_back_to_the_last_point(engine, tmp_path):
    a, size = 0.2, 4.0
    once = f"{{still: [], gift: [{{surprise: {{size: {size}, on_visit: 1}}}}]}}"
    s = series(engine, story(tmp_path, visits=150, psyche=f"{{learning: {a}}}", strategies=once), "gift")
    after = -a * size * (1 - a) ** np.arange(149)
    assert s[0] == pytest.approx(size, abs=TIGHT)
    assert np.abs(s[1:] - after).max() < TIGHT
    assert s.sum() == pytest.approx(0.0, abs=TIGHT * 20)


def test_one_surprise_under_loss_aversion_breaks_even_at_n_star(engine, tmp_path):
    a, size, aversion = 0.2, 4.0, 2.0
    once = f"{{still: [], gift: [{{surprise: {{size: {size}, on_visit: 1}}}}]}}"
    psyche = f"{{learning: {a}, loss_aversion: {aversion}}}"
    net = np.cumsum(series(engine, story(tmp_path, visits=30, psyche=psyche, strategies=once), "gift", "felt"))
    more = np.arange(30)
    assert np.abs(net - (size - aversion * size * (1 - (1 - a) ** more))).max() < TIGHT * 4
    n_star = math.log(1 - 1 / aversion) / math.log(1 - a)
    assert n_star == pytest.approx(3.11, abs=0.005)
    assert net[math.floor(n_star)] > 0 > net[math.ceil(n_star)]


def test_rising_quality_is_a_treadmill(engine, tmp_path):
    a, rise = 0.25, 0.5
    rising = f"{{ours: {{quality: 5, improves: {rise * 36.5} per year}}}}"
    text = BASE.format(days=1500, people=1, expects=5, psyche=f"{{learning: {a}}}", firms=rising, strategies="{still: []}")
    s = series(engine, market(tmp_path, text))
    assert s[-20:] == pytest.approx(np.full(20, rise / a), abs=TIGHT * 10)
    # To hold S, quality must rise a·S a visit: that is the same statement read backwards.
    assert a * s[-1] == pytest.approx(rise, abs=TIGHT * 10)


@pytest.mark.parametrize(("quality", "norm"), [(5.0, 2.0), (4.0, 6.0)])
def test_forgetting_leaves_a_steady_satisfaction_and_pays_for_a_surprise(engine, tmp_path, quality, norm):
    a, half_life, size = 0.3, 15.0, 2.0
    f = 1.0 - 2.0 ** (-10.0 / half_life)
    psyche = f"{{learning: {a}, forgetting: {{half_life: {half_life} days}}, norm: {{starts: {norm}}}}}"
    strategies = f"{{still: [], gift: [{{surprise: {{size: {size}, on_visit: 60}}}}]}}"
    market = story(tmp_path, visits=160, psyche=psyche, quality=quality, strategies=strategies)
    still, gift = series(engine, market), series(engine, market, "gift")
    assert still[100:] == pytest.approx(np.full(60, f * (quality - norm) / (f + a - a * f)), abs=TIGHT)
    assert (gift - still).sum() == pytest.approx(size * f / (f + a - a * f), abs=TIGHT * 10)


@pytest.mark.parametrize("rival", [3.0, 8.0])
def test_spillover_pulls_satisfaction_to_the_lead_over_the_rival(engine, tmp_path, rival):
    a, b, quality = 0.3, 0.2, 5.0
    psyche = f"{{learning: {a}, norm: {{hears_rivals: 100%, spillover: {b}}}}}"
    s = series(engine, story(tmp_path, visits=120, psyche=psyche, quality=quality, expects=1.0,
                             rivals=f", them: {{quality: {rival}}}"))
    steady = b * (quality - rival) / (a + b)
    assert np.abs(s - (steady + (s[0] - steady) * (1 - a - b) ** np.arange(120))).max() < TIGHT


@pytest.mark.parametrize(("rival", "steady"), [(3.0, 0.0), (5.0, 0.0), (8.0, -0.2 * 3.0 / 0.5)])
def test_upward_spillover_only_ever_costs(engine, tmp_path, rival, steady):
    psyche = "{learning: 0.3, norm: {hears_rivals: 100%, spillover: {pull: 0.2, upward_only: true}}}"
    s = series(engine, story(tmp_path, visits=160, psyche=psyche, expects=1.0, rivals=f", them: {{quality: {rival}}}"))
    assert s[-1] == pytest.approx(steady, abs=TIGHT)


def test_assimilation_softens_and_stretches_but_buys_nothing(engine, tmp_path):
    a, gamma, size = 0.4, 0.35, 3.0
    psyche = f"{{learning: {a}, assimilation: {gamma}}}"
    s = series(engine, story(tmp_path, visits=200, psyche=psyche, quality=5.0 + size))
    assert s[0] == pytest.approx((1 - gamma) * size, abs=TIGHT)
    assert s[1:40] / s[:39] == pytest.approx(np.full(39, 1 - a * (1 - gamma)), abs=1e-8)
    assert np.abs(s - (1 - gamma) * size * (1 - a * (1 - gamma)) ** np.arange(200)).max() < TIGHT
    assert s.sum() == pytest.approx(size / a, abs=TIGHT * 20)


def test_bayesian_learning_fades_hyperbolically(engine, tmp_path):
    k0, size = 3.0, 2.0
    s = series(engine, story(tmp_path, visits=80, psyche=f"{{learning: {{bayesian: {k0}}}}}", quality=5.0 + size))
    assert np.abs(s - size * k0 / (k0 + np.arange(80))).max() < TIGHT


def test_peak_memory_keeps_charging_for_one_great_visit(engine, tmp_path):
    theta, size = 0.4, 3.0
    once = f"{{still: [], gift: [{{surprise: {{size: {size}, on_visit: 1}}}}]}}"
    market = story(tmp_path, visits=100, psyche=f"{{learning: 0.5, peak: {theta}}}", strategies=once)
    assert series(engine, market, "gift")[-1] == pytest.approx(-theta * size, abs=TIGHT)


MANY = 1_000_000


def test_noise_is_forgiven_on_average_with_the_exact_variance(tmp_path):
    a, sd = 0.4, 1.5
    market = story(tmp_path, visits=25, psyche=f"{{learning: {a}}}", people=MANY, noise=sd)
    by_visit = fast.run(market, "still", jobs=2).by_visit
    variance = 2 * sd**2 / (2 - a)
    assert abs(by_visit["satisfaction"][-1]) < 4.5 * math.sqrt(variance / MANY)
    assert abs(by_visit["satisfaction_sd"][-1] ** 2 - variance) < 4.5 * variance * math.sqrt(2 / MANY)


def test_disappointments_echo_with_the_exact_autocorrelation(tmp_path):
    # The same people on the same luck with one more visit each time: differences of their sums are single visits.
    a, first = 0.4, 20
    sums = []
    for visits in range(first - 1, first + 4):
        run = fast.run(story(tmp_path, visits=visits, psyche=f"{{learning: {a}}}", people=MANY, noise=1.5), "still", jobs=2,
                       keep={"customers"})
        assert (run.customers["visits"] == visits).all()
        sums.append(run.customers["satisfaction"] * visits)
    singles = np.diff(np.array(sums), axis=0)
    for k in (1, 2, 3):
        exact = -(a / 2) * (1 - a) ** (k - 1)
        assert abs(np.corrcoef(singles[0], singles[k])[0, 1] - exact) < 4.5 / math.sqrt(MANY)


@pytest.mark.parametrize(("up", "down", "aversion"), [(0.3, 0.2, 2.0), (0.15, 0.45, 2.0)])
def test_variation_pays_exactly_when_losses_are_forgiven_faster_than_they_hurt(tmp_path, up, down, aversion):
    psyche = f"{{learning: {{up: {up}, down: {down}}}, loss_aversion: {aversion}}}"
    last = {column: values[-1] for column, values in
            fast.run(story(tmp_path, visits=50, psyche=psyche, people=MANY, noise=2.0), "still", jobs=2).by_visit.items()}
    losses = (last["satisfaction"] - last["felt"]) / (aversion - 1)
    ratio = down / up - aversion
    error = ((1 + abs(ratio) / (aversion - 1)) * last["felt_sd"] + abs(ratio) / (aversion - 1) * last["satisfaction_sd"])
    assert abs(last["felt"] - ratio * losses) < 4.5 * error / math.sqrt(MANY)
    assert (last["felt"] > 0) == (down > aversion * up)


@pytest.mark.parametrize("credit", [0.2, 0.9])
def test_surprises_pay_exactly_when_they_teach_less_than_losses_hurt(tmp_path, credit):
    a, chance, size, aversion = 0.3, 0.3, 4.0, 2.0
    psyche = f"{{learning: {a}, loss_aversion: {aversion}, surprise: {{credit: {credit}}}}}"
    gifts = f"{{still: [], gifts: [{{surprise: {{size: {size}, chance: {chance}}}}}]}}"
    market = story(tmp_path, visits=60, psyche=psyche, people=MANY, strategies=gifts)
    last = {column: values[-1] for column, values in fast.run(market, "gifts", jobs=2).by_visit.items()}
    exact = chance * (1 - chance) * size * (1 - aversion * credit) / (credit * chance + 1 - chance)
    assert abs(last["felt"] - exact) < 4.5 * last["felt_sd"] / math.sqrt(MANY)
    assert (last["felt"] > 0) == (credit < 1 / aversion)


def test_conservation_law_on_a_thousand_random_paths(engine, tmp_path):
    """S_0 + … + S_{N−1} = (E_N − E_0)/a for people of every learning rate, on paths of noise, surprises and upgrades."""
    moves = "[{upgrade: {by: 7, at: 100 days, over: 90 days}}, {upgrade: {by: -12, at: 300 days, until: 450 days}}, " \
            "{surprise: {size: 5, chance: 30%}}, {surprise: {size: -3, every: 4 visits}}]"
    market = story(tmp_path, visits=60, psyche="{learning: {between: [0.05, 0.95]}}", people=1000, noise=6.0, quality=50.0,
                   expects="{mean: 55, sd: 20}", strategies=f"{{still: [], all of it: {moves}}}")
    run = ENGINES[engine](market, "all of it", keep={"customers"})
    draws = fast_draws()
    those = people(market, market.seed, 0, 0, 1000, draws)
    rate = columns.trait_column(those, 0)
    assert len(set(rate.tolist())) == 1000
    total = run.customers["satisfaction"] * run.customers["visits"]
    assert np.ptp(total) > 100
    assert total == pytest.approx((run.customers["expectation"] - those.expects) / rate, rel=1e-9, abs=1e-9)


def fast_draws():
    from sim.engine import kernel

    return kernel.DRAWS


def test_the_law_breaks_when_a_mechanism_is_on(tmp_path):
    # The mutation: with two learning rates the budget is no longer the distance the expectation moved.
    market = story(tmp_path, visits=60, psyche="{learning: {up: 0.3, down: 0.1}}", people=100, noise=6.0, quality=50.0,
                   expects=50.0)
    run = fast.run(market, "still", keep={"customers"})
    total = run.customers["satisfaction"] * run.customers["visits"]
    assert np.abs(total - (run.customers["expectation"] - 50.0) / 0.3).min() > 1.0


@pytest.mark.parametrize(("a", "b"), [(0.668, 3.806), (0.704, 1.182)])
def test_unequal_leaving_gives_the_shifted_beta_geometric_survival(tmp_path, a, b):
    """S(t) = B(a, b+t)/B(a, b): retention rises with tenure by selection alone (Fader & Hardie 2007)."""
    market = story(tmp_path, visits=9, psyche=f"{{leaving: {{base: {{beta: [{a}, {b}]}}}}}}", people=MANY)
    customers = fast.run(market, "still", jobs=2).by_visit["customers"]
    survival = np.cumprod([1.0] + [(b + t - 1) / (a + b + t - 1) for t in range(1, 9)])
    assert customers[0] == MANY
    assert np.abs(customers / MANY - survival).max() < 4.5 * math.sqrt(0.25 / MANY)

"""By-visit curves: weights, cuts, intervals, and what is said to fade."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from sim.report.curves import FEWEST, Curve, curve, fade, fitted, half_gone, lift, settled
from tests.report.studies import HOTEL, Plan, above, fading, failure, late_peak, learning, make, steady


def test_one_segment_is_the_mean_weighted_by_customers() -> None:
    run = make({"a": Plan(fading(5.0), noise=0.5)}).runs["a"]
    line = curve(run, "satisfaction")
    table = {name: np.asarray(column, dtype=np.float64) for name, column in run.by_visit.items() if name != "segment"}
    for at in (0, 5, line.drawn - 1):
        here = table["visit"] == at + 1
        mean = np.average(table["satisfaction"][here], weights=table["customers"][here])
        assert line.level[at] == pytest.approx(mean, abs=1e-12)
        assert line.remain[at] == table["customers"][here].sum() / table["customers"][table["visit"] == 1].sum()


def test_spread_over_customers_is_the_total_sd() -> None:
    run = make({"a": Plan(noise=0.0)}, segments=("one", "two")).runs["a"]
    assert curve(run, "expectation").spread[0] == pytest.approx(math.sqrt(8.0**2 + 3.0**2))


def test_a_changing_mix_of_segments_moves_nothing() -> None:
    """Two segments, 6 points apart, both constant; the second soon stops coming: the plain mean would drift."""
    run = make({"a": Plan(steady(0.0), noise=0.0, stay=0.9)}, segments=("often", "seldom")).runs["a"]
    line = curve(run, "standard")
    table = run.by_visit
    last = np.asarray(table["visit"]) == line.drawn
    plain = np.average(
        np.asarray(table["standard"], dtype=np.float64)[last],
        weights=np.asarray(table["customers"], dtype=np.float64)[last],
    )
    assert abs(plain - line.level[0]) > 1
    assert line.level == pytest.approx(np.full(line.drawn, 63.0), abs=1e-9)


def test_visits_of_a_few_survivors_are_cut() -> None:
    line = curve(make({"a": Plan(stay=0.5)}, people=1000, replications=4).runs["a"], "satisfaction")
    assert 1 < line.drawn < 24
    assert line.remain[-1] >= 0.01
    assert 4000 * line.remain[-1] >= FEWEST
    assert line.half == 2


def test_nobody_there_is_an_empty_curve() -> None:
    assert curve(make({"a": Plan()}, people=2, replications=3).runs["a"], "satisfaction").drawn == 0


def test_no_visit_at_all_is_an_empty_curve() -> None:
    run = make({"a": Plan()}).runs["a"]
    empty = dataclasses.replace(run, by_visit={name: column[:0] for name, column in run.by_visit.items()})
    line = curve(empty, "satisfaction")
    assert line.drawn == 0
    assert fade(line).kind == "short"


def test_interval_is_students_for_equal_replications() -> None:
    """With equal customers in each replication the jackknife is the plain t interval."""
    run = make({"a": Plan(noise=1.0)}, replications=8, visits=3).runs["a"]
    line = curve(run, "satisfaction")
    each = np.asarray(run.by_visit["satisfaction"], dtype=np.float64)[np.asarray(run.by_visit["visit"]) == 2]
    half = 2.3646242510102993 * each.std(ddof=1) / math.sqrt(8)
    assert line.high[1] - line.level[1] == pytest.approx(half, rel=1e-9)


def test_one_replication_has_no_interval() -> None:
    line = curve(make({"a": Plan()}, replications=1).runs["a"], "satisfaction")
    assert np.isnan(line.low).all()
    assert fade(line).kind == "single"


@pytest.mark.parametrize(
    ("plan", "kind"),
    [
        (Plan(fading(6.0)), "fades"),
        (Plan(fading(6.0, 0.8, -2.0)), "fades"),
        (Plan(steady(2.0)), "holds"),
        (Plan(steady(0.0)), "level"),
        (Plan(steady(-2.0)), "below"),
        (Plan(lambda visit: -0.2 * visit + 0.2), "sinks"),
        (Plan(lambda visit: 0.1 * visit), "rises"),
        (Plan(lambda visit: -1 + 0.15 * visit), "rises"),
        (Plan(lambda visit: 2 - 2 * 0.5 ** (visit - 1)), "holds"),
        (Plan(lambda visit: 3.0 * (visit % 5 == 1)), "holds"),
        (Plan(fading(0.5, 0.8, 2.0), noise=0.6), "keeps"),
        (Plan(late_peak), "fades"),
        (Plan(failure), "dips"),
        (Plan(lambda visit: failure(visit) + failure(visit - 15)), "dips"),
        (Plan(lambda visit: failure(visit) - 20.0), "below"),
        (Plan(lambda visit: -5.0 + 0.6 * visit), "rises"),
        (Plan(fading(1.0), noise=4.0), "unclear"),
        (Plan(steady(0.0), noise=4.0), "unclear"),
    ],
)
def test_what_becomes_of_satisfaction(plan: Plan, kind: str) -> None:
    assert fade(curve(make({"a": plan}).runs["a"], "satisfaction")).kind == kind


def test_where_a_curve_ends_is_said_of_visits_that_no_longer_move() -> None:
    """Seen in complaints: a lift that peaked within its last quarter was said to be rising, at the quarter's mean."""
    found = fade(curve(make({"a": Plan(late_peak)}).runs["a"], "satisfaction"))
    assert found.peak_visit == 19
    assert found.late.mean == pytest.approx(6 * 0.7**4.5, abs=0.1)
    assert found.half == pytest.approx(2, abs=0.2)
    steadily = curve(make({"a": Plan(steady(2.0))}).runs["a"], "satisfaction")
    assert settled(steadily) == 6
    assert settled(curve(make({"a": Plan(lambda visit: 3.0 * (visit % 5 == 1))}).runs["a"], "satisfaction")) == 6


def test_what_stays_is_never_below_zero() -> None:
    """Seen in recovery-paradox: a lift of −1.36 that "does not fade"."""
    luck = np.random.default_rng(5)
    kinds = set()
    for _ in range(300):
        steps = luck.choice([0.0, 0.0, 0.6, -0.6, 4.0, -4.0], size=24)
        level = np.cumsum(steps) if luck.random() < 0.5 else steps + luck.normal(0, 1)
        level -= luck.choice([0.0, 0.0, 15.0])
        found = fade(drawn(list(level), band=float(luck.choice([0.01, 0.5]))))
        kinds.add(found.kind)
        if found.kind in ("holds", "keeps", "rises"):
            assert found.late.mean > 0
    assert {"holds", "rises", "fades", "dips", "sinks", "below"} <= kinds


def test_half_is_not_gone_while_the_last_visits_are_above_it() -> None:
    """Seen in loyalty-tiers: noise among the last few guests took a lift of 1.5 of 2.4 for one that is half gone."""
    line = drawn([2.4, *[1.6] * 18, 1.9, 1.0, 1.5, 1.6, 1.5])
    found = fade(dataclasses.replace(line, low=line.level - 0.5, high=line.level + 0.5))
    assert found.kind == "fades"
    assert math.isnan(found.half)
    assert found.left > 0.5


def test_noise_alone_is_seldom_said_to_fade() -> None:
    """The highest of many noisy visits must not pass for a peak: few false alarms, with room."""
    kinds = [
        fade(curve(make({"a": Plan(steady(1.0), noise=2.0)}, replications=6, seed=seed).runs["a"], "satisfaction")).kind
        for seed in range(40)
    ]
    assert kinds.count("fades") + kinds.count("sinks") <= 4


def test_half_life_is_that_of_the_null_model() -> None:
    """A permanent upgrade under learning a = 0.2 halves every ln 2 / −ln 0.8 = 3.106 visits."""
    found = fade(curve(make({"a": Plan(fading(6.0), noise=0.0)}).runs["a"], "satisfaction"))
    assert found.fit is not None
    assert found.fit.half_life == pytest.approx(math.log(2) / -math.log(0.8), rel=0.02)
    assert found.fit.fits > 0.999
    assert found.half == pytest.approx(3.1, abs=0.1)
    assert found.peak_visit == 1


# --- the lift over the baseline -----------------------------------------------------------------------------


def test_a_start_common_to_all_is_no_part_of_a_lift() -> None:
    """Everybody learns for some visits that service is better than she thought: satisfaction falls, the lift does not."""
    common = learning(4.0)
    runs = make({"base": Plan(common), "better": Plan(above(common, steady(2.0)))}).runs
    raw, lifted = fade(curve(runs["better"], "satisfaction")), fade(lift(runs["better"], runs["base"], "satisfaction"))
    assert raw.kind == "fades"
    assert raw.half < 4
    assert lifted.kind == "holds"
    assert lifted.late.mean == pytest.approx(2.0, abs=0.05)


def test_half_life_of_a_lift_is_its_own() -> None:
    """A start common to all that halves in one visit does not shorten a lift that halves in 3.1."""
    common = learning(8.0, 0.5)
    runs = make({"base": Plan(common, noise=0.0), "better": Plan(above(common, fading(6.0, 0.8)), noise=0.0)}).runs
    assert fade(curve(runs["better"], "satisfaction")).half < 2
    assert fade(lift(runs["better"], runs["base"], "satisfaction")).half == pytest.approx(3.1, abs=0.1)


def test_luck_shared_by_both_widens_no_lift() -> None:
    common = learning(4.0)
    plans = {"base": Plan(common, luck=3.0), "better": Plan(above(common, steady(2.0)), luck=3.0)}
    runs = make(plans).runs
    raw, lifted = curve(runs["better"], "satisfaction"), lift(runs["better"], runs["base"], "satisfaction")
    assert np.all(lifted.high - lifted.low < 0.1)
    assert np.all(raw.high - raw.low > 1.0)
    assert lifted.level == pytest.approx(np.full(lifted.drawn, 2.0), abs=0.1)


def test_a_lift_is_drawn_where_both_are() -> None:
    runs = make({"base": Plan(stay=0.7), "better": Plan(steady(2.0))}, people=1000, replications=4).runs
    line, base = lift(runs["better"], runs["base"], "satisfaction"), curve(runs["base"], "satisfaction")
    assert line.drawn == base.drawn < 24
    assert line.remain == pytest.approx(base.remain)


def test_a_lift_over_oneself_is_nothing() -> None:
    run = make(HOTEL, segments=("one", "two")).runs["one large refit"]
    line = lift(run, run, "satisfaction")
    assert not line.level.any()
    assert not (line.high - line.low).any()
    assert fade(line).kind == "level"


# --- halves and fits ----------------------------------------------------------------------------------------


def test_half_gone_never() -> None:
    assert math.isnan(half_gone(drawn([4.0, 3.0, 2.5]), 0))
    assert half_gone(drawn([1.0, 4.0, 3.0, 1.0]), 1) == pytest.approx(1.5)


def test_half_gone_is_gone_for_good() -> None:
    assert half_gone(drawn([4.0, 1.0, 3.0, 1.0]), 0) == pytest.approx(2.5)
    assert math.isnan(half_gone(drawn([4.0, 1.0, 4.0, 1.0, 4.0]), 0))
    assert half_gone(drawn([4.0, 1.0, 2.1, 1.0], band=0.5), 0) == pytest.approx(2 / 3)  # 2.1 ± 0.5 may be chance


def drawn(level: list[float], band: float = 0.01) -> Curve:
    """A curve of these levels, known to `band`."""
    values, count = np.array(level), len(level)
    return Curve(
        np.arange(1, count + 1),
        values,
        values - band,
        values + band,
        np.ones(count),
        np.ones(count),
        np.stack([values - band / 4, values + band / 4, values]),
    )


def test_a_line_that_does_not_decay_is_no_fit() -> None:
    assert fitted(np.array([1.0, 1.0, 1.0, 1.0, 1.0]), np.ones(5)) is None
    assert fitted(np.array([1.0, 0.5]), np.ones(2)) is None

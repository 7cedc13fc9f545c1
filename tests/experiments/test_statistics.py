"""Intervals: exact where they can be, covering where they must, blind to order, copies and names."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from sim.experiments import statistics
from sim.experiments.statistics import critical_value, estimate, pairwise, replications_needed, student


def luck(*key: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=list(key)))


def test_two_strategies_get_the_paired_t_interval_where_nothing_is_skewed() -> None:
    first, half = luck(1, 0).normal(size=12), luck(1, 1).normal(size=6)
    second = first + 0.3 + np.concatenate([half, -half])
    found = pairwise([first, second])[1, 0].estimate
    expected = stats.ttest_rel(second, first).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert found.mean == pytest.approx(float(np.mean(second - first)), abs=1e-14)


def test_skewness_moves_the_end_of_the_longer_tail_out_and_no_end_in() -> None:
    values = luck(1, 2).exponential(size=10)
    plain, found = stats.ttest_1samp(values, 0.0).confidence_interval(0.95), estimate(values)
    assert found.low == pytest.approx(plain.low, abs=1e-12)
    assert found.high > plain.high + 0.1 * (plain.high - plain.low)
    turned = estimate(-values)
    assert (turned.mean, turned.low, turned.high) == (-found.mean, -found.high, -found.low)  # to the bit


def test_the_end_moved_out_is_willinks() -> None:
    """His ends are x̄ − G(±c)·s/√n with G(r) = ((1 + 6a(r − a))^⅓ − 1)/2a and a = μ₃/(6√n·s³), μ₃ unbiased."""
    values = luck(1, 3).gamma(1.5, size=20)
    count, critical = 20, student(20)
    sd = values.std(ddof=1)
    third = ((values - values.mean()) ** 3).sum() * count / ((count - 1) * (count - 2))
    a = third / (6 * math.sqrt(count) * sd**3)
    far = (np.cbrt(1 + 6 * a * (-critical - a)) - 1) / (2 * a)
    assert a > 0.05
    assert estimate(values).high == pytest.approx(values.mean() - far * sd / math.sqrt(count), rel=1e-12)


def test_two_values_have_no_skewness() -> None:
    found = estimate(np.array([1.0, 2.0]))
    assert (found.low, found.high) == pytest.approx((1.5 - student(2) / 2, 1.5 + student(2) / 2), rel=1e-12)


def test_a_copy_differs_by_exactly_zero_and_disturbs_no_other_pair() -> None:
    values = luck(2, 0).normal(size=(3, 20))
    alone = pairwise(list(values))
    copied = pairwise([*values, values[1]])
    copy = copied[3, 1]
    assert (copy.estimate.mean, copy.estimate.low, copy.estimate.high, copy.estimate.sd) == (0.0, 0.0, 0.0, 0.0)
    assert copy.same
    assert not copy.decided
    assert all(copied[pair].estimate == alone[pair].estimate for pair in alone)


def test_a_constant_difference_is_decided_without_an_interval_of_width() -> None:
    base = np.arange(8.0)
    found = pairwise([base, base + 2.0])[1, 0]
    assert (found.estimate.low, found.estimate.high, found.estimate.sd) == (2.0, 2.0, 0.0)
    assert found.decided
    assert not found.same


def test_rounding_is_not_a_finding() -> None:
    base = np.full(6, 40.0)
    found = pairwise([base, np.nextafter(base, np.inf)])[1, 0]
    assert found.estimate.mean > 0
    assert found.same
    assert not found.decided


def test_one_replication_has_no_interval() -> None:
    found = pairwise([np.array([1.0]), np.array([3.0])])[1, 0]
    assert found.estimate.mean == 2.0
    assert math.isnan(found.estimate.low)
    assert not found.decided
    assert replications_needed(found) is None


def test_all_missing_is_unknown_not_zero() -> None:
    found = pairwise([np.full(5, np.nan), np.arange(5.0)])[1, 0]
    assert math.isnan(found.estimate.mean)
    assert found.estimate.count == 0
    assert not found.decided
    assert not found.same


def test_missing_replications_are_dropped_by_pair_and_bonferroni_covers() -> None:
    values = luck(3, 0).normal(size=(3, 10))
    values[2, 4] = np.nan
    found = pairwise(list(values))
    assert [found[pair].estimate.count for pair in ((1, 0), (2, 0), (2, 1))] == [10, 9, 9]
    assert found[1, 0].critical == student(10, 3)
    assert found[2, 0].critical == student(9, 3)
    assert math.isnan(found[2, 0].each[4])


def test_order_changes_nothing_to_the_bit() -> None:
    values = luck(4, 0).normal(size=(4, 20)) * [[1.0], [2.0], [0.1], [5.0]]
    reference = pairwise(list(values))
    for order in itertools.permutations(range(4)):
        again = pairwise([values[i] for i in order])
        for later, earlier in again:
            one, other = order[later], order[earlier]
            expected = reference[max(one, other), min(one, other)].estimate
            sign = 1.0 if one > other else -1.0
            assert again[later, earlier].estimate.mean == sign * expected.mean
            assert again[later, earlier].critical == reference[1, 0].critical
            assert again[later, earlier].estimate.sd == expected.sd


@pytest.mark.parametrize("count", [16, 40])
def test_the_point_lies_between_one_pair_and_bonferroni(count: int) -> None:
    values = luck(5, count).normal(size=(count, 5))
    assert student(count) < critical_value(values) < student(count, 10)


@pytest.mark.parametrize("count", [2, 3, 7])
def test_few_replications_get_bonferroni_for_the_pairs_that_differ(count: int) -> None:
    values = luck(5, count).normal(size=(count, 3))
    assert critical_value(values) == student(count, 3)
    assert critical_value(values[:, [0, 1, 2, 2]]) == student(count, 3)
    assert critical_value(values[:, :2]) == student(count)


def test_against_the_multivariate_t_of_a_common_variance_for_many_replications() -> None:
    """With sds known, the largest of the three |z| of three equal independent strategies is Tukey's range / √2."""
    values = luck(6, 0).normal(size=(4000, 3))
    tukey = float(stats.studentized_range.ppf(0.95, 3, np.inf)) / math.sqrt(2)
    assert critical_value(values) == pytest.approx(tukey, abs=0.03)


def test_scaling_the_unit_changes_nothing() -> None:
    values = luck(7, 0).normal(size=(30, 4))
    assert critical_value(values * 2.0**-20) == critical_value(values)


def test_one_direction_of_difference_needs_no_correction() -> None:
    shift = luck(8, 0).normal(size=10)
    values = np.column_stack([np.zeros(10), shift, 2 * shift])
    assert critical_value(values) == student(10)


@pytest.mark.parametrize(("count", "spread"), [(4, (1.0, 1.0, 1.0, 1.0)), (14, (1.0, 3.0, 0.2, 1.0))])
def test_simultaneous_coverage(count: int, spread: tuple[float, ...]) -> None:
    """All six true differences are covered in about 95% of studies; plain t intervals cover far fewer."""
    studies, rng = 600, luck(9, count)
    true = np.array([0.0, 1.0, 1.0, -2.0])
    covered = plain = 0
    for _ in range(studies):
        shared = rng.normal(size=(count, 1)) * 4.0
        values = true + shared + rng.normal(size=(count, 4)) * spread
        found = pairwise(list(values.T))
        errors = {pair: abs(p.estimate.mean - (true[pair[0]] - true[pair[1]])) for pair, p in found.items()}
        covered += all(errors[pair] <= p.estimate.high - p.estimate.mean for pair, p in found.items())
        plain += all(errors[pair] <= estimate(p.each).high - p.estimate.mean for pair, p in found.items())
    assert covered / studies > 0.95 - 0.03  # 3.4 standard errors of 600 studies
    assert plain / studies < 0.9


def test_more_replications_settle_what_they_say_they_settle() -> None:
    values = luck(10, 0).normal(size=(2, 10))
    base, other = values[0] - values[0].mean(), values[1] - values[1].mean() + 0.3
    found = pairwise([base, other])[1, 0]
    more = replications_needed(found)
    assert not found.decided
    assert more is not None
    sd = found.estimate.sd

    def half(count: int) -> float:
        return student(count) * sd / math.sqrt(count)

    assert half(10 + more) < 0.3 <= half(10 + more - 1)


def test_hopeless_is_said_not_counted() -> None:
    noise = luck(11, 0).normal(size=20)
    noise -= noise.mean()
    found = pairwise([np.zeros(20), noise + 1e-6])[1, 0]
    assert replications_needed(found) is None
    assert statistics.MOST_REPLICATIONS == 100_000

"""The fits, held to closed forms and to coverage."""

import math

import numpy as np
import pytest

from sim.calibrate.fitting import DROP, highest, line, logit, multinomial, ratio, share, within


def test_least_squares_is_exact_and_its_interval_covers():
    x = np.arange(20.0)
    found = line([x], 3 + 2 * x)
    assert found.values == pytest.approx([3, 2], abs=1e-10)
    luck, inside = np.random.default_rng(1), 0
    for _ in range(400):  # errors whose spread grows with x: where the plain interval would miss
        x = luck.standard_normal(200)
        low, high = line([x], 1 + x + x * luck.standard_normal(200)).interval(1)[1:]
        inside += low <= 1 <= high
    assert inside / 400 == pytest.approx(0.95, abs=0.03)


def test_means_taken_out_beforehand_are_counted_as_if_they_were_columns():
    """Means of 8 people taken out are 8 columns of a person each: the same slope, spread and interval."""
    luck, people = np.random.default_rng(3), np.repeat(np.arange(8), 4)
    x, y = luck.standard_normal((2, 32))
    each = [(people == one).astype(float) for one in range(1, 8)]
    whole = line([x, *each], y)

    def less(column):
        return column - (np.bincount(people, column) / 4)[people]

    found = line([less(x)], less(y), 7)
    assert found.values[1] == pytest.approx(whole.values[1])
    assert found.sd == pytest.approx(whole.sd)
    assert found.covariance[1, 1] == pytest.approx(whole.covariance[1, 1])
    assert line([less(x)], less(y)).covariance[1, 1] < 0.8 * found.covariance[1, 1]


def test_a_logit_of_a_yes_or_no_cause_is_the_log_odds_ratio():
    cause = np.repeat([0.0, 0.0, 1.0, 1.0], [60, 20, 30, 90])
    answer = np.repeat([0.0, 1.0, 0.0, 1.0], [60, 20, 30, 90])
    found = logit([cause], answer)
    assert found.values[0] == pytest.approx(math.log(20 / 60))
    assert found.values[1] == pytest.approx(math.log(90 * 60 / (30 * 20)))
    assert math.sqrt(found.covariance[1, 1]) == pytest.approx(math.sqrt(1 / 60 + 1 / 20 + 1 / 30 + 1 / 90))


def test_yes_and_no_without_a_slip_have_no_slope():
    with pytest.raises(ValueError, match=r"without a slip|no maximum|told apart"):
        logit([np.arange(40.0)], (np.arange(40) > 20).astype(float))


def test_choices_by_constants_alone_are_the_shares():
    design = np.zeros((100, 3, 2))
    design[:, 1, 0] = design[:, 2, 1] = 1
    found = multinomial(design, np.repeat([0, 1, 2], [50, 30, 20]))
    assert np.exp(found.values) == pytest.approx([30 / 50, 20 / 50])
    with pytest.raises(ValueError, match=r"told apart|no maximum"):
        multinomial(np.concatenate([design, design], axis=2), np.repeat([0, 1, 2], [50, 30, 20]))


def test_a_ratios_interval_covers_and_is_refused_where_the_divisor_may_be_nothing():
    luck, inside = np.random.default_rng(2), 0
    for _ in range(400):
        x, y = luck.standard_normal((2, 300))
        found = ratio(line([x, y], 2 * x + 1 * y + 3 * luck.standard_normal(300)), 1, 2)
        assert found is not None
        inside += found[1] <= 2 <= found[2]
    assert inside / 400 == pytest.approx(0.95, abs=0.03)
    x, y = luck.standard_normal((2, 300))
    assert ratio(line([x, y], 2 * x + 0.01 * y + 3 * luck.standard_normal(300)), 1, 2) is None


def test_a_maximum_has_its_curvature_and_a_flat_one_is_refused():
    found = highest(lambda v: -0.5 * float((v[0] - 3) ** 2 / 4 + (v[1] + 1) ** 2), np.zeros(2))
    assert found.values == pytest.approx([3, -1], abs=1e-4)
    assert np.sqrt(np.diag(found.covariance)) == pytest.approx([2, 1], rel=1e-3)
    with pytest.raises(ValueError, match="flat"):
        highest(lambda v: -float(v[0] ** 2), np.zeros(2))


def test_a_parabola_is_read_between_grid_points():
    grid = np.round(np.arange(0, 1.001, 0.05), 2)
    found = within(grid, -0.5 * ((grid - 0.42) / 0.1) ** 2)
    assert found == pytest.approx((0.42, 0.42 - 0.1 * math.sqrt(2 * DROP), 0.42 + 0.1 * math.sqrt(2 * DROP)), abs=0.01)
    assert within(grid, -grid)[:2] == (0.0, 0.0)
    assert within(grid, np.zeros(len(grid))) == (0.0, 0.0, 1.0)


def test_a_share_of_none_still_has_an_interval():
    assert share(0, 50) == pytest.approx((0.0, 0.0, 0.0713), abs=1e-3)

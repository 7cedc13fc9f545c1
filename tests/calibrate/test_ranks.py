"""Ranks of the truth within a calibration's intervals: uniform where these are right, and seen not to be where they are not."""

import numpy as np
import pytest
from scipy import stats

from campaigns import ranks
from sim.calibrate import fitting, reference
from sim.calibrate.fitting import Regression, Z


def alone(positions):
    return ranks.ranked("any", "one", np.asarray(positions), 1)


def test_a_position_is_that_of_the_truth_in_the_intervals_of_all_levels():
    found = Regression(np.array([2.0]), np.array([[0.25]]), 0.0, 1)
    for truth in (0.5, 1.9, 2.0, 2.3, 3.1):
        place = ranks.position(lambda z: found.interval(0, z), truth)
        assert place == pytest.approx(stats.norm.cdf((truth - 2.0) / 0.5), abs=1e-6)


def test_uniform_positions_leave_the_band_as_seldom_as_promised():
    luck = np.random.default_rng(1)
    left = sum(not alone(luck.random(100)).uniform for _ in range(600))
    assert 0.02 < left / 600 < 0.08


@pytest.mark.parametrize(
    "wrong",
    [lambda far: 2 * far, lambda far: far / 2, lambda far: far + 0.5, lambda far: far - 0.5],
    ids=["half as wide", "twice as wide", "too low", "too high"],
)
def test_wrong_intervals_leave_the_band(wrong):
    found = alone(stats.norm.cdf(wrong(np.random.default_rng(2).standard_normal(200))))
    assert not found.uniform
    assert found.p < 0.01


def positions(calibrator, studies, names):
    made = ranks.studied(calibrator, studies)
    return [ranks.ranked(calibrator, name, made[name], len(names)) for name in names]


LINES = ("slope of quality", "slope of a shortfall", "complaint: slope", "slope of repurchase")


def test_the_slopes_of_a_survey_are_ranked_uniformly_and_half_as_wide_they_are_caught(monkeypatch):
    assert all(one.uniform for one in positions("survey", 60, LINES))
    whole = Regression.interval
    monkeypatch.setattr(Regression, "interval", lambda self, place, z=Z: whole(self, place, z / 2))
    assert not any(one.uniform for one in positions("survey", 60, LINES))


WEIGHTS = ("learning rate", "weight of a gain", "weight of a loss")


def test_a_panels_rate_and_weights_are_ranked_uniformly_and_half_as_wide_they_are_caught(monkeypatch):
    assert all(one.uniform for one in positions("panel of ratings", 60, WEIGHTS))
    whole, read = Regression.interval, fitting.within
    monkeypatch.setattr(Regression, "interval", lambda self, place, z=Z: whole(self, place, z / 2))
    monkeypatch.setattr(reference, "within", lambda grid, heights, z=Z: read(grid, heights, z / 2))
    assert not any(one.uniform for one in positions("panel of ratings", 60, WEIGHTS))


def test_what_is_ranked_is_what_is_reported():
    """The 95% limits of a profile are those of its interval at that level, also where it was read from a closer grid."""
    grid = np.linspace(0.2, 0.5, 21)
    heights, coarse = (-0.5 * ((one - 0.35) / 0.03) ** 2 for one in (grid, reference.GRID))
    nothing = Regression(np.zeros(1), np.zeros((1, 1)), 0.0, 1)
    three = fitting.within(grid, heights)
    found = reference.Profile(coarse, grid, heights, nothing, np.zeros(1), *three)
    assert found.interval() == three
    assert found.interval(3.0)[1:] == pytest.approx((0.26, 0.44), abs=2e-3)
    assert found.interval(6.0)[1:] == pytest.approx((0.17, 0.53), abs=2e-2)  # beyond the close grid

"""How data are ranked among replications: exact where nothing else is known, and loud where something is wrong."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as draws

from sim.backtest.found import AGREES, CLOSE, DISAGREES, OPEN, judge
from sim.backtest.judging import Item, bands


def item(observed, simulated, whole=1.0, **more):
    seen, made = np.asarray(observed, float), np.asarray(simulated, float)
    return Item("it", "visit", np.arange(float(len(seen))), seen, made, whole, **more)


def test_of_a_true_story_one_study_in_twenty_is_outside_whatever_the_law_and_the_correlations():
    """p ≤ 5% in 5% of studies: 2,000 studies of skewed, correlated numbers and a curve, known to ±0.5 points (1 se)."""
    luck = np.random.default_rng(5)
    count, below, inside = 2000, 0, 0
    for _ in range(count):
        common = luck.lognormal(0.0, 1.0, (40, 1))
        every = np.concatenate([common + luck.exponential(size=(40, 3)), luck.poisson(1.0, (40, 1)).astype(float)], axis=1)
        items = [item(every[0, :3], every[1:, :3]), item(every[0, 3:], every[1:, 3:])]
        found, p = bands(items)
        below += p <= 0.05
        held = all(np.all((band.low <= one.observed) & (one.observed <= band.high))
                   for band, one in zip(found, items, strict=True))
        inside += held
        assert held == (p > 0.05)
    assert 0.035 < below / count < 0.065
    assert inside == count - below


@given(draws.integers(0, 2**32 - 1), draws.floats(0.1, 10.0), draws.floats(-100.0, 100.0))
def test_units_change_no_p(seed, scale, shift):
    luck = np.random.default_rng(seed)
    every = luck.normal(size=(25, 4))
    one = bands([item(every[0], every[1:])])[1]
    other = bands([item(every[0] * scale + shift, every[1:] * scale + shift)])[1]
    assert one == other


def test_what_never_varies_agrees_with_itself_and_with_nothing_else():
    simulated = np.full((39, 2), 3.0)
    luck = np.random.default_rng(1).normal(size=(40, 1))
    same, p = judge([item([3.0, 3.0], simulated), item(luck[0], luck[1:])], 0.0)
    assert same[0].says == AGREES
    assert p > 0.025
    other, p = judge([item([3.0, 3.1], simulated, whole=3.0), item(luck[0] * 0.0, luck[1:])], 0.0)
    assert other[0].says == DISAGREES
    assert p == 1 / 40


def test_far_off_disagrees_unless_it_is_too_little_to_matter():
    luck = np.random.default_rng(2)
    simulated = 100.0 + luck.normal(size=(99, 1))
    for seen, within, says in ((100.5, 0.0, AGREES), (108.0, 0.05, DISAGREES), (108.0, 0.10, CLOSE), (104.0, 0.05, CLOSE)):
        found, p = judge([item([seen], simulated, whole=np.array([seen]))], within)
        assert found[0].says == says, (seen, within)
        assert (p <= 0.05) == (says != AGREES)


def test_a_band_that_would_hold_almost_anything_tells_nothing():
    luck = np.random.default_rng(3)
    found, _ = judge([item([10.0], 10.0 + 6.0 * luck.normal(size=(99, 1)), whole=np.array([10.0]))], 0.05)
    assert found[0].says == OPEN
    assert found[0].told > 0.5


def test_shares_that_would_have_to_be_moved_add_up():
    simulated = np.tile([0.5, 0.3, 0.2], (19, 1)) + 1e-4 * np.random.default_rng(4).normal(size=(19, 3))
    found, _ = judge([item([0.4, 0.3, 0.3], simulated, moved=True)], 0.0)
    assert found[0].off == pytest.approx(0.1, abs=1e-3)
    assert found[0].says == DISAGREES


def test_too_few_replications_are_refused():
    with pytest.raises(ValueError, match="18 replications are too few to judge by; 19 at least"):
        bands([item([1.0], np.ones((18, 1)))])

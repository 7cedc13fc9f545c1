"""A spread that its range cuts has another mean than the one written, and that is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from scipy import stats

from sim.market import Spread
from sim.story.cautions import cautions, cut_mean
from sim.story.load import load
from sim.story.resolve import resolve

INFINITE = float("inf")
LEAST = """title: least
horizon: 30 days
market: {people: 100, visits: {every: 1 week}, segments: {a: {share: 50%}, b: {share: 50%}}}
firms: {ours: {quality: 60}}
strategies: {stand still: []}
"""


def told(folder: Path, *settings: str) -> tuple[str, ...]:
    path = folder / "story.yaml"
    path.write_text(LEAST, encoding="utf-8")
    return cautions(resolve(load(path, settings)))


@pytest.mark.parametrize(("mean", "sd", "low", "high"), [
    (0.03, 0.05, 0.0, 1.0), (0.97, 0.05, 0.0, 1.0), (0.0, 2.0, 0.0, INFINITE), (0.5, 9.0, 0.0, 1.0), (1.0, 2.0, 0.0, 100.0),
    (0.2, 3.0, 0.0, 1.0), (10.0, 0.1, 0.0, 1000.0)])
def test_the_mean_is_that_of_the_cut_normal(mean: float, sd: float, low: float, high: float) -> None:
    exact = stats.truncnorm.mean((low - mean) / sd, (high - mean) / sd, loc=mean, scale=sd)
    assert cut_mean(Spread("normal", mean, sd, low, high)) == pytest.approx(exact, rel=1e-9)


def test_a_vast_spread_is_as_good_as_even() -> None:
    assert cut_mean(Spread("normal", 0.2, 1e12, 0.0, 1.0)) == pytest.approx(0.5, abs=1e-9)


def test_an_uncut_normal_keeps_its_mean() -> None:
    assert cut_mean(Spread("normal", -3.0, 9.0, -INFINITE, INFINITE)) == -3.0


def test_a_moved_mean_is_told_once_with_what_keeps_it(tmp_path: Path) -> None:
    assert told(tmp_path, "psyche.leaving.base={mean: 3%, sd: 5%}") == (
        "psyche.leaving.base: {mean: 0.03, sd: 0.05} is cut below 0 and above 1, so its mean over people is 0.053; "
        "{beta: [0.319, 10.3]} or {between: [0, 0.06]} keeps it",)
    assert told(tmp_path, "market.visits.every={mean: 2 days, sd: 3 days}") == (
        "market.visits.every: {mean: 2 days, sd: 3 days} is cut below 0.0417, so its mean over people is 3.3 days; "
        "{between: [0.0417 days, 3.96 days]} keeps it",)
    assert told(tmp_path, "psyche.tolerance={mean: 0, sd: 2}")[0].endswith("is 1.6; a smaller sd keeps it")


def test_the_segment_is_named_where_only_one_is_meant(tmp_path: Path) -> None:
    found, = told(tmp_path, "market.segments.b.psyche={peak: {mean: 0.9, sd: 0.3}}")
    assert found.startswith("psyche.peak of b: ")


def test_what_keeps_its_mean_is_not_warned_of(tmp_path: Path) -> None:
    assert told(tmp_path, "psyche.leaving.base={mean: 30%, sd: 5%}", "psyche.peak={beta: [1, 9]}") == ()
    assert told(tmp_path, "psyche.leaving.base={between: [0, 0.06]}") == ()


def test_a_caution_says_where_its_trait_is_written(tmp_path: Path) -> None:
    found, = told(tmp_path, "market.served={mean: 990, sd: 500}")
    assert found.startswith("market.served: {mean: 990, sd: 500} is cut below -1000 and above 1000")
    assert told(tmp_path, "psyche.recovery.patience={mean: 1 day, sd: 2 days}")[0].startswith("psyche.recovery.patience: ")

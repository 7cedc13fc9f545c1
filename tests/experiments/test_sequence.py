"""Looks that are planned: their level, when they end, and that no replication is lived twice."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from scipy.special import ndtri

from sim import load
from sim.experiments import compare as comparing
from sim.experiments.compare import Interrupted, compare, run_until
from sim.experiments.sequence import FIRST_LOOK, Plan, nominal, plan, settled, straying, too_small
from sim.experiments.statistics import pairwise, student
from sim.market import Market
from tests.cli.conftest import STORY
from tests.lives import differing


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Market:
    place: Path = tmp_path_factory.mktemp("looks") / "story.yaml"
    place.write_text(STORY, encoding="utf-8")
    return load(place, ["market.people=15", 'strategies."new kitchen".0.upgrade.by=4']).market


@pytest.mark.parametrize(("looks", "bound"), [(1, 1.960), (2, 2.178), (5, 2.413), (10, 2.555)])
def test_the_bounds_are_those_of_pocock(looks: int, bound: float) -> None:
    """His table of two-sided 5% bounds for looks equally far apart."""
    level = nominal(tuple(range(1, looks + 1)), 0.05)
    assert -ndtri(level / 2) == pytest.approx(bound, abs=0.0006)


def test_the_chance_of_straying_is_that_of_a_simulation() -> None:
    looks, bound = (4, 6, 9, 14), 2.2
    sums = np.cumsum(np.random.default_rng(5).normal(size=(200_000, 14)), axis=1)
    strays = np.any([np.abs(sums[:, look - 1]) > bound * math.sqrt(look) for look in looks], axis=0).mean()
    assert straying(looks, bound) == pytest.approx(strays, abs=0.002)


@pytest.mark.parametrize("most", [2, 9, 10, 11, 40, 1_600])
def test_looks_grow_up_to_the_most(most: int) -> None:
    found = plan(0.1, "satisfaction", most)
    assert found.looks[0] == (most if most < 12 else FIRST_LOOK)
    assert found.looks[-1] == most
    assert all(1.1 < later / sooner < 2 for sooner, later in itertools.pairwise(found.looks))
    pairs = 10
    assert 0.05 / pairs / len(found.looks) < found.outside(pairs) * (1 + 1e-9)
    assert found.outside(pairs) < 0.05 / pairs * (1 + 1e-9)
    assert found.point(40, pairs) == student(40, outside=found.outside(pairs))


@pytest.mark.parametrize("margin", [0.0, -1.0, math.inf, math.nan, "0.1"])
def test_a_margin_is_a_number_above_nothing(margin: float) -> None:
    with pytest.raises(ValueError, match="must be a number above 0"):
        plan(margin, "satisfaction", 40)


def test_settled_is_surely_different_or_surely_too_small() -> None:
    base, noise = np.zeros(8), 0.01 * np.array([1, -1, 2, -2, 1, -1, 2, -2])
    near, far, open_ = (pairwise([base, base + by + noise * wide])[1, 0] for by, wide in ((0.0, 1), (0.5, 1), (0.1, 30)))
    assert settled(near, 0.1)
    assert too_small(near, 0.1)
    assert not near.decided
    assert settled(far, 0.1)
    assert not too_small(far, 0.1)
    assert not settled(open_, 0.1)
    assert settled(pairwise([base, base])[1, 0], 1e-9)


def test_it_ends_at_the_look_that_settles_it_and_lives_no_replication_twice(market: Market, monkeypatch: pytest.MonkeyPatch
                                                                            ) -> None:
    asked: list[tuple[str, range]] = []
    lived = comparing.more

    def watched(some: Market, before: object, following: range, *rest: object) -> object:
        asked.extend((one.name, following) for one in some.strategies)
        return lived(some, before, following, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(comparing, "more", watched)
    planned = Plan(0.02, "satisfaction", (3, 5, 8, 30))
    found = compare(market, plan=planned, jobs=1, keep=("customers",))
    made = found.market.replications
    assert made in planned.looks
    assert 3 < made < 30, "the story was chosen so that it takes some looks, and not all"
    assert found.verdict.settled
    for name in found.runs:
        assert [number for who, stretch in asked if who == name for number in stretch] == list(range(made))
    whole = comparing.run_each(found.market, list(found.runs), jobs=1, keep=("customers",))
    for name, run in found.runs.items():
        assert differing(run, whole[name]) == [], "the same bits as a study of so many replications"


def test_the_intervals_are_those_of_the_plan_and_wider_than_of_one_look(market: Market) -> None:
    planned = Plan(1e-6, "satisfaction", (4, 6))
    found, once = (compare(market, plan=one, replications=6, jobs=1) for one in (planned, None))
    assert found.market.replications == 6
    assert not found.verdict.settled
    assert "it is not, after 6 replications, the most that were allowed" in found.verdict.stopped
    assert once.verdict.settled is None
    for wide, narrow in zip(found.differences, once.differences, strict=True):
        if wide.outcome == "satisfaction" and narrow.low < narrow.high:
            assert wide.low < narrow.low < narrow.high < wide.high


def test_what_is_too_small_to_matter_is_said_so(market: Market) -> None:
    found = compare(market, plan=plan(1000.0, "satisfaction", 40), jobs=1)
    assert found.market.replications == 10
    assert found.verdict.settled
    assert not found.verdict.decided
    assert "differs by less than 1000 points a visit, too little to matter" in found.verdict.sentence
    assert all(one.negligible for one in found.differences if one.outcome == "satisfaction")
    assert not all(one.negligible for one in found.differences if one.outcome == "visits")


def test_interrupted_keeps_the_last_look_whole(market: Market) -> None:
    def stop(look: str, done: int, total: int) -> None:
        if look == "6 replications":
            raise KeyboardInterrupt

    with pytest.raises(Interrupted) as stopped:
        run_until(market, Plan(1e-9, "satisfaction", (4, 6, 9)), jobs=1, progress=stop)
    assert {run.stays.shape[0] for run in stopped.value.runs.values()} == {4}
    assert len(stopped.value.runs) == len(market.strategies)


def test_common_luck_is_the_ratio_of_variances(market: Market) -> None:
    found = compare(market, replications=12, jobs=1)
    best = found.verdict.best
    assert best is not None

    def spread(one: np.ndarray) -> float:
        return float(np.var(one, ddof=1))

    own = {name: run.outcomes["satisfaction"] for name, run in found.runs.items()}
    pairs = {name: own[best] - values for name, values in own.items() if np.any(own[best] != values)}
    hardest = min(pairs, key=lambda name: abs(pairs[name].mean()) / math.sqrt(spread(pairs[name])))
    expected = (spread(own[best]) + spread(own[hardest])) / spread(pairs[hardest])
    assert found.verdict.common_luck == pytest.approx(expected, rel=1e-9)
    assert "times as many replications" in found.verdict.luck

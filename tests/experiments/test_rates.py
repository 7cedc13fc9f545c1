"""Exact intervals: for whom, how wide, and that a copy still differs by nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from sim import load
from sim.experiments.compare import Comparison, compare
from sim.experiments.rates import apart, countable, counted, share
from sim.market import Market
from tests.cli.conftest import STORY


def market(folder: Path, *settings: str, text: str = STORY) -> Market:
    (folder / "story.yaml").write_text(text, encoding="utf-8")
    return load(folder / "story.yaml", ["market.people=60", *settings]).market


@pytest.fixture(scope="module")
def rare(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    """A story in which hardly anybody leaves, or nobody does."""
    return compare(market(tmp_path_factory.mktemp("rare"), "psyche.leaving.base=1e-9"), jobs=1)


@pytest.mark.parametrize(("count", "people"), [(0, 50), (1, 50), (17, 50), (50, 50)])
def test_a_share_has_clopper_and_pearsons_interval(count: int, people: int) -> None:
    expected = stats.binomtest(count, people).proportion_ci(0.95, "exact")
    assert share(count, people) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_a_difference_of_shares_holds_whatever_hangs_together() -> None:
    low, high = apart(0, 0, 1000)
    assert -low == high == pytest.approx(stats.binomtest(0, 1000).proportion_ci(0.975, "exact").high, abs=1e-9)
    assert apart(20, 0, 1000)[0] > 0 > apart(2, 0, 1000)[0]


def test_nobody_left_is_not_known_for_sure(rare: Comparison) -> None:
    found = rare.interval("stand still", "retention")
    people = rare.market.people * rare.market.replications
    assert (found.mean, found.sd, found.high) == (1.0, 0.0, 1.0)
    assert found.low == pytest.approx(0.025 ** (1 / people), abs=1e-9)
    differs = rare.difference("new kitchen", "stand still", "retention")
    assert differs.low < 0.0 == differs.mean < differs.high
    assert not differs.decided
    assert rare.interval("stand still", "silent_leavers").high > 0.0


def test_a_copy_differs_by_nothing_and_surely_so(rare: Comparison) -> None:
    found = rare.difference("stand still again", "stand still", "retention")
    assert (found.mean, found.low, found.high) == (0.0, 0.0, 0.0)


def test_what_cannot_happen_needs_no_interval(tmp_path: Path) -> None:
    stays = compare(market(tmp_path, text=STORY.replace(", leaving: {base: 5% per visit}", "")), jobs=1)
    found = stays.interval("stand still", "retention")
    assert (found.low, found.high) == (1.0, 1.0)
    assert stays.interval("stand still", "complainers").high == 0.0


def test_people_who_are_something_to_one_another_are_not_counted_one_by_one(tmp_path: Path) -> None:
    alone = market(tmp_path)
    talking = market(tmp_path, "psyche.talk.base=0.2")
    asking = market(tmp_path, text=STORY.replace("stand still again: []", "stand still again: [{research: {every: 20 days}}]"))
    assert [countable(one, "retention") for one in (alone, talking, asking)] == [True, False, False]
    assert not countable(alone, "complaints")  # by visit, not by person
    assert not countable(alone, "complainers")  # nobody complains here


def test_the_people_counted_are_those_of_the_outcome(tmp_path: Path) -> None:
    found = compare(market(tmp_path, "psyche.complaining=0.02"), jobs=1)
    for run in found.runs.values():
        for outcome in ("retention", "silent_leavers", "complainers"):
            assert counted(run, outcome) == pytest.approx(float(np.sum(run.outcomes[outcome])) * found.market.people, abs=1e-6)
            low, high = share(counted(run, outcome), run.stays.size)
            one = found.interval(run.strategy, outcome)
            assert (one.low, one.high) == (low, high)
            assert low <= one.mean <= high

"""The race of Kim & Nelson: who falls out when, what it asks for, and what it says."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from sim import load
from sim.experiments.selection import FIRST, race, select
from tests.cli.conftest import STORY


class Table:
    """Outcomes made beforehand, and what was asked of them."""

    def __init__(self, means: Sequence[float], spread: float = 1.0, seed: int = 1) -> None:
        self.values = np.random.default_rng(seed).normal(size=(20_000, len(means))) * spread + means
        self.asked: list[tuple[tuple[int, ...], range]] = []

    def __call__(self, places: Sequence[int], stretch: range) -> np.ndarray:
        self.asked.append((tuple(places), stretch))
        return self.values[stretch.start:stretch.stop, list(places)]


def literal(values: np.ndarray, margin: float, first: int, outside: float) -> tuple[int, list[int]]:
    """The procedure as its paper writes it, one replication at a time: who is left, and when each fell out."""
    strategies = values.shape[1]
    eta = ((2 * outside / (strategies - 1)) ** (-2 / (first - 1)) - 1) / 2
    square = 2 * eta * (first - 1)
    apart = np.array([[np.var(values[:first, i] - values[:first, j], ddof=1) for j in range(strategies)]
                      for i in range(strategies)])
    alive, out, made = set(range(strategies)), [0] * strategies, first
    while True:
        means = values[:made].mean(axis=0)
        keep = {i for i in alive if all(
            means[i] >= means[j] - max(0.0, margin / (2 * made) * (square * apart[i, j] / margin**2 - made)) for j in alive)}
        for gone in alive - keep:
            out[gone] = made
        alive = keep
        if len(alive) == 1:
            return alive.pop(), out
        made += 1


@pytest.mark.parametrize("seed", range(6))
def test_it_is_the_procedure_as_its_paper_writes_it(seed: int) -> None:
    table = Table([0.0, 0.1, 0.3, 0.2, 0.0], seed=seed)
    found, (best, out) = race(table, 5, 0.2), literal(table.values, 0.2, FIRST, 0.05)
    assert found.best == best
    assert [out[place] for place in range(5) if place != best] == [found.used[place] for place in range(5) if place != best]
    assert not found.stopped
    assert max(found.used) <= found.most


def test_it_asks_for_each_replication_once_and_for_nobody_who_fell_out() -> None:
    table = Table([0.0, 0.5, 3.0, 0.45])
    found = race(table, 4, 0.3)
    assert found.best == 2
    stretches = [stretch for _, stretch in table.asked]
    assert stretches[0] == range(FIRST)
    assert [number for stretch in stretches for number in stretch] == list(range(stretches[-1].stop))
    running = [set(places) for places, _ in table.asked]
    assert all(later <= sooner for sooner, later in itertools.pairwise(running))


def test_cut_short_it_promises_nothing() -> None:
    found = race(Table([0.0, 0.01]), 2, 0.01, allowed=20)
    assert found.stopped
    assert found.most > 20
    assert list(found.used) == [20, 20]


def test_copies_end_the_race_together() -> None:
    table = Table([1.0, 1.0, 0.0])
    table.values[:, 1] = table.values[:, 0]
    found = race(table, 3, 0.3)
    assert found.best == 0
    assert not found.stopped
    assert found.fell == (2,)


def test_missing_outcomes_are_refused() -> None:
    table = Table([0.0, 1.0])
    table.values[3, 1] = np.nan
    with pytest.raises(ValueError, match="no visit in some replication"):
        race(table, 2, 0.1)


def test_the_best_of_a_story_is_chosen_in_words_and_numbers(tmp_path: Path) -> None:
    (tmp_path / "story.yaml").write_text(STORY, encoding="utf-8")
    story = load(tmp_path / "story.yaml", ["market.people=40"])
    found = story.select((0.2, "satisfaction"), jobs=1)
    means = {name: story.run(name, replications=10, jobs=1).outcomes["satisfaction"].mean() for name in story.strategies}
    assert found.best == max(means, key=lambda name: means[name])
    assert found.ranked[0] == found.best
    assert set(found.ranked) == set(story.strategies)
    assert found.sentence.startswith(f"Choose {found.best}: where one strategy is better than every other in satisfaction by "
                                     "0.2 points a visit or more")
    cheap = story.select((1.0, "cost"), jobs=1)
    assert cheap.best == "stand still"  # less is better, and the earlier of equals
    assert {row["name"]: row["replications"] for row in cheap.document()["strategies"]} == dict(  # type: ignore[attr-defined]
        zip(cheap.strategies, cheap.replications, strict=True))
    short = select(story.market, "satisfaction", 1e-6, replications=10, jobs=1)
    assert short.sentence.startswith("Not settled after 10 replications, the most that were allowed: ")
    with pytest.raises(ValueError, match="2 replications or more"):
        select(story.market, "satisfaction", 1.0, replications=1)

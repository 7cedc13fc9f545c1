"""Sweeps: a boundary known on paper, each run once, a point that is its own comparison, what is told, and bad requests."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

import sim
from sim.cells import work as working
from sim.cells.batch import Study
from sim.cells.cell import Cell, Found, Outcomes
from sim.cells.work import Failure, Work
from sim.engine import run as engine
from sim.experiments import sweep as sweeping
from sim.experiments.compare import UnfinishedError
from sim.experiments.design import designed
from sim.experiments.phases import Phases, along, crossings, edges, importance, turn
from sim.experiments.sizes import TooLargeError, check_count
from sim.experiments.statistics import estimate, pairwise
from sim.experiments.sweep import coarse, essence, spot
from sim.experiments.verdict import judge
from sim.story.over import OverError, read_all
from tests.lives import market
from tests.sweeps import swept

PAPER = """
title: on paper
horizon: 12000 days
seed: 11
replications: 4
outcome: felt
market: {people: 60, expects: 60, visits: {every: 10 days, gaps: fixed}}
psyche: {learning: 0.3, surprise: {credit: 0.4}, loss_aversion: 2}
firms: {ours: {quality: 60}}
strategies:
  still: []
  gifts: [{surprise: {size: 10, chance: 0.4}}]
"""

STORY = """
title: two tables
horizon: 60 days
seed: 3
replications: 3
market: {people: 40, visits: {every: 6 days}}
psyche: {learning: {up: 0.3, down: 0.2}, leaving: {base: 5% per visit}}
firms:
  ours: {quality: 60, noise: 3, margin: 10}
  theirs: {quality: 61, strategies: {wait: [], rise: [{upgrade: {by: 5}}]}}
strategies:
  stand still: []
  extras: [{surprise: {size: 8, chance: 30%, cost: 1}}]
  kitchen: [{upgrade: {by: 6, at: 20 days, cost: 500}}]
  again: []
"""


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> sim.Story:
    return told(tmp_path_factory.mktemp("paper"), PAPER)


@pytest.fixture
def story(tmp_path: Path) -> sim.Story:
    return told(tmp_path, STORY)


def told(folder: Path, text: str, *settings: str) -> sim.Story:
    (folder / "story.yaml").write_text(text, encoding="utf-8")
    return sim.load(folder / "story.yaml", settings)


# --- what is found ------------------------------------------------------------------------------------------


def test_the_boundary_is_where_paper_says(paper: sim.Story) -> None:
    """Surprises that teach with weight ψ beat none, in felt value, if and only if ψ < 1/λ (docs/model.md)."""
    found = paper.sweep(["psyche.surprise.credit=0.3..0.65/8", "psyche.loss_aversion=1.8, 2, 2.5"])
    lines = dict(edges(found, 0))
    assert list(lines) == ["1.8", "2", "2.5"]
    for loss, one in lines.items():
        assert (one.first, one.second) == ("gifts", "still")
        assert one.at == pytest.approx(1 / float(loss), abs=0.005)  # the horizon is finite: people do not start in the long run
        assert 0.0 < one.high - one.low < 0.02
    assert set(found.wins) == {"gifts", "still"}
    assert found.own_spot.best == "gifts"
    assert "What turns the answer is surprise.credit: up to 0.5 ‘gifts’ wins at" in found.sentences[0]
    assert found.runs == 8 * 3 + 3 - 2  # surprises at each point, the other at each loss aversion; less the story itself


def test_a_point_is_the_comparison_of_its_story_to_the_bit(story: sim.Story, tmp_path: Path) -> None:
    over = ["psyche.learning.up & psyche.learning.down=0.1, 0.4", "market.visits.every=3 days, 6 days"]
    found = story.sweep(over, jobs=2)
    for place, number in enumerate(found.numbers):
        there = told(tmp_path, STORY, *found.design.settings(number)).compare(jobs=1)
        for at, name in enumerate(found.strategies):
            for outcome, values in there.runs[name].outcomes.items():
                assert np.array_equal(found.each[outcome][place, at], values, equal_nan=True), (number, name, outcome)
        assert found.spots[place].best in (there.verdict.best, None) or found.spots[place].state == "same"
        assert (found.spots[place].state == "won") == there.verdict.decided
    assert [found.design.point(number) for number in found.numbers] == [
        ("0.1", "3 days"), ("0.1", "6 days"), ("0.4", "3 days"), ("0.4", "6 days")]


def test_each_distinct_run_is_made_once(story: sim.Story, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Cell] = []
    inner = working.live

    def counted(cell: Cell, jobs: int) -> Found:
        made.append(cell)
        return inner(cell, jobs)

    monkeypatch.setattr(working, "live", counted)
    found = story.sweep("strategies.extras.0.surprise.chance=10%, 20%, 30%, 40%, 50%")
    assert len(made) == 4  # beside the story itself, four other chances: nothing else depends on the chance
    assert found.runs == 4
    still = found.each["satisfaction"][:, 0]
    assert (still == still[0]).all()
    assert len({tuple(row) for row in found.each["satisfaction"][:, 1].tolist()}) == 5
    made.clear()
    over = ["strategies.extras.0.surprise.chance=10%, 20%", "psyche.learning.up=0.1, 0.2"]
    story.sweep(over, strategies=["extras", "kitchen"])
    assert len(made) == 2 * 2 + 2


def test_only_what_a_run_depends_on_tells_runs_apart(tmp_path: Path) -> None:
    base = market(tmp_path, STORY)
    same = ["strategies.extras.0.surprise.size=9", "title=other words", "currency=CHF",
            "firms.theirs.strategies.rise.0.upgrade.by=9", "psyche.surprise={credit: 0.3, familiarity: 0.1}",
            "psyche.trust={starts: 0.5, falls: 0.1}"]
    other = ["strategies.kitchen.0.upgrade.by=9", "firms.theirs.plays=rise", "psyche.learning.up=0.31", "seed=4",
             "market.people=41"]
    for setting in same:
        assert essence(market(tmp_path, STORY, setting), "kitchen") == essence(base, "kitchen"), setting
    for setting in other:
        assert essence(market(tmp_path, STORY, setting), "kitchen") != essence(base, "kitchen"), setting
    assert essence(base, "stand still") == essence(base, "again")
    with pytest.raises(KeyError, match="kitchen"):
        essence(base, "nobody")


def test_the_essence_of_a_market_gives_the_same_bits(tmp_path: Path) -> None:
    base = market(tmp_path, STORY, "firms.theirs.plays=rise", "psyche.norm={weight: 0.4, learns: 0.2, hears_rivals: 50%}",
                  "psyche.surprise={credit: {between: [0.2, 0.6]}, familiarity: 0.1}", "psyche.trust={starts: 0.5, falls: 0.1}",
                  "strategies.again=[{promise: {level: 70}}]")
    for name in ("stand still", "extras", "kitchen", "again"):
        whole, alone = engine.run(base, name).outcomes, engine.run(essence(base, name), "").outcomes
        assert all(np.array_equal(whole[outcome], alone[outcome], equal_nan=True) for outcome in whole)


def test_what_threads_do_changes_nothing(story: sim.Story) -> None:
    over = "psyche.learning.up=0.1, 0.5"
    one, two = story.sweep(over, jobs=1).document(), story.sweep(over, jobs=2).document()
    assert one == two


@given(some.integers(1, 500))
def test_any_beginning_of_the_points_is_spread_over_all(count: int) -> None:
    order = coarse(count)
    assert sorted(order) == list(range(count))
    for part in range(1, count + 1):
        gaps = np.diff([-1, *sorted(order[:part]), count])
        assert gaps.max() <= 4 * count / part + 1


@given(some.integers(2, 4), some.integers(2, 6), some.integers(0, 10**6))
def test_what_wins_is_what_a_verdict_says(strategies: int, count: int, seed: int) -> None:
    luck = np.random.default_rng(seed)
    columns = luck.normal(0.0, 1.0, (strategies, 1)) * luck.choice([0.0, 0.3, 3.0]) + luck.normal(0.0, 1.0, (strategies, count))
    if luck.random() < 0.4:
        columns[1] = columns[0]
    names = [f"s{at}" for at in range(strategies)]
    pairs = pairwise(list(columns))
    found = spot("satisfaction", names, columns, pairs)
    estimates = {about: dict(zip(names, map(estimate, columns), strict=True)) for about in ("satisfaction", "lasting")}
    verdict = judge("satisfaction", names, estimates, pairs, swept(["a.b=1, 2"], lambda x: (0, 0)).market)
    assert (found.state == "won") == verdict.decided
    if verdict.best is not None:
        assert found.best == verdict.best
    else:
        assert found.state == "same"
    if found.state == "open":
        assert found.more_replications == verdict.more_replications
    assert found.margin.mean >= 0.0
    assert found.margin.low <= found.margin.mean <= found.margin.high


def test_lower_is_better_where_it_is() -> None:
    found = swept(["a.b=1, 2"], lambda x: (0.2, 0.1 if x < 2 else 0.3), outcome="complaints", sd=0.001)
    assert [(one.best, one.state) for one in found.spots] == [("gifts", "won"), ("calm", "won")]
    assert found.spots[0].margin.mean == pytest.approx(0.1, abs=1e-9)
    assert Phases(found).widest() == ("By most: ‘calm’ by 10.00 per 100 visits (a.b = 2) and ‘gifts’ by 10.00 per 100 visits "
                                      "(a.b = 1).")


def test_where_nobody_comes_nothing_is_known() -> None:
    found = swept(["a.b=1, 2"], lambda x: (0.0, math.nan if x > 1 else 1.0))
    assert [one.state for one in found.spots] == ["won", "unknown"]
    assert Phases(found).headline() == "‘gifts’ wins at 1 of 2 points; at 1 nobody came"


# --- designs ------------------------------------------------------------------------------------------------


def test_a_grid_has_every_combination_the_last_key_fastest() -> None:
    where = designed(read_all(["a.b=1, 2", "a.c=1..3/3", "a.d=x, y"]), "grid", None, 1)
    points = [where.point(number) for number in range(where.count)]
    assert where.count == len(set(points)) == 12
    assert points[:3] == [("1", "1", "x"), ("1", "1", "y"), ("1", "2", "x")]


@pytest.mark.parametrize("kind", ["sobol", "halton", "lhs"])
def test_points_that_fill_a_space_stay_in_it_and_come_again(kind: str) -> None:
    over = read_all(["a.b=0.1..0.5", "a.c=1 day..100 days log", "a.d=x, y, z", "a.e=1..9 whole"])
    where = designed(over, kind, 64, 5)
    points = [where.point(number) for number in range(64)]
    assert points == [designed(over, kind, 64, 5).point(number) for number in range(64)]
    assert points != [designed(over, kind, 64, 6).point(number) for number in range(64)]
    assert {point[2] for point in points} == {"x", "y", "z"}
    for place, (low, high) in ((0, (0.1, 0.5)), (1, (1.0, 100.0)), (3, (1.0, 9.0))):
        numbers = np.array([over[place].number(point[place]) for point in points], dtype=float)
        assert low <= numbers.min() < numbers.max() <= high
    days = np.array([over[1].number(point[1]) for point in points], dtype=float)
    assert np.median(days) == pytest.approx(10.0, rel=0.35)  # evenly by ratio
    assert all(float(point[3]).is_integer() for point in points)
    assert where.note == ""
    assert "power of two, such as 64, not 60" in designed(over, "sobol", 60, 5).note


@pytest.mark.parametrize(("over", "kind", "points", "said"), [
    ("a.b=0..1", "grid", None, "a grid needs to know how many values: write /9"),
    ("a.b=0..1/3", "grid", 5, "leave it out, or take --design sobol"),
    ("a.b=0..1", "sobol", None, "--design sobol needs --points"),
    ("a.b=0..1", "lhs", 0, "--points must be 1 or more"),
    ("a.b=0..1", "spiral", 4, "there is no design 'spiral'; designs: grid, sobol, halton, lhs")])
def test_a_design_that_cannot_be_made(over: str, kind: str, points: int | None, said: str) -> None:
    with pytest.raises(OverError) as error:
        designed(read_all([over]), kind, points, 1)
    assert said in str(error.value)


# --- requests -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("over", "more", "said"), [
    ("psyche.learnin.up=0.1, 0.2", {}, "--over 'psyche.learnin.up=0.1, 0.2': psyche.learnin: unknown key"),
    ("market.visits.every=3..6/2", {}, "must be a duration such as `30 days`"),
    ("strategies.extra.0.surprise.chance=1%, 2%", {}, 'strategies holds no "extra"; did you mean "extras"'),
    ("strategies.extras.1.surprise.chance=1%, 2%", {}, "is a list of 1, numbered from 0"),
    ("psyche.learning.up=0.5, 1.5", {}, "point 2 of 2 (psyche.learning.up=1.5) is no story: psyche.learning.up: must be"),
    ("strategies.kitchen.0.upgrade.at=10 days, 70 days", {}, "2 of 2 (strategies.kitchen.0.upgrade.at=70 days) is no story"),
    ("horizon=40 days, 10 days", {}, "point 1 of 2 (horizon=10 days) is no story"),
    ("strategies={stand still: []}, {stand still: [], other: []}", {}, "has other strategies"),
    ("psyche.learning.up=0.1, 0.2", {"strategies": ["extra"]}, "there is no strategy 'extra'"),
    ("psyche.learning.up=0.1, 0.2", {"strategies": ["extras"]}, "extras alone has nothing to win against"),
    ("psyche.learning.up=0.1, 0.2", {"outcome": "norm"}, "neither better high nor better low"),
    ("psyche.learning.up=0.1, 0.2", {"replications": 0}, "replications must be a whole number"),
    ("psyche.learning.up=0.1..0.2", {"design": "sobol"}, "needs --points"),
    ("market.people=10, 20", {"people": 30}, "the number of people is varied here; leave --people out")])
def test_a_bad_request_is_a_sentence_before_anything_is_run(over: str, more: dict[str, object], said: str, story: sim.Story,
                                                            monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "run", None)
    with pytest.raises(ValueError, match=r".") as error:
        story.sweep(over, **more)  # type: ignore[arg-type]
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_thousand_million_points_are_refused_at_once_with_the_estimate(story: sim.Story) -> None:
    began = time.monotonic()
    with pytest.raises(TooLargeError, match=r"1,000,000,000 points × 4 strategies × 3 replications of 40 people are about "
                                            r"4,800,000,000,000 visits, .* years of work, and a sweep may take a day"):
        story.sweep("psyche.loss_aversion=1..3/1000000000")
    with pytest.raises(TooLargeError, match="sweep may take a day"):
        story.sweep("psyche.loss_aversion=1..3", design="sobol", points=10**9)
    assert time.monotonic() - began < 1.0


def test_what_becomes_too_large_only_at_its_points_is_refused_too(story: sim.Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "run", _first(4, engine.run))
    with pytest.raises(TooLargeError, match=r"runs are about .* visits"):
        story.sweep(["market.people=40, 100000000", "market.visits.every=1 hour..6 days/7"], replications=3)


def _first(count: int, inner: object) -> object:
    """An engine that gives out after so many runs."""
    left = [count]

    def run(*told: object, **more: object) -> object:
        left[0] -= 1
        assert left[0] >= 0
        return inner(*told, **more)  # type: ignore[operator]

    return run


def test_what_memory_cannot_hold_is_refused(story: sim.Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.machine.memory", lambda: (10**6, 10**6))
    with pytest.raises(TooLargeError, match=r"the outcomes of 10,000 points .* need about"):
        check_count(10_000, story.market, 2)


def test_one_strategy_has_nothing_to_win_against(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="there is only one strategy"):
        told(tmp_path, STORY.split("  extras")[0]).sweep("psyche.learning.up=0.1, 0.2")


def test_after_ctrl_c_what_is_finished_is_kept(story: sim.Story, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = story.sweep("psyche.learning.up=0.1..0.5/5")
    inner, left = sweeping.outcomes_of, [9]

    def interrupted(work: Work, studies: Iterable[Study]) -> Iterator[tuple[int, Outcomes | Failure]]:
        for found in inner(work, studies):
            if not left[0]:
                raise KeyboardInterrupt
            left[0] -= 1
            yield found

    monkeypatch.setattr(sweeping, "outcomes_of", interrupted)
    found = story.sweep("psyche.learning.up=0.1..0.5/5")
    assert 1 <= len(found.numbers) < 5
    assert not found.complete
    assert not found.decided
    assert found.sentences[0] == f"Interrupted: {len(found.numbers)} of 5 points were finished."
    assert found.document()["interrupted"] is True
    for place, number in enumerate(found.numbers):
        assert np.array_equal(found.each["satisfaction"][place], whole.each["satisfaction"][number])
    left[0] = 0
    with pytest.raises(KeyboardInterrupt, match="no point was finished"):
        story.sweep("psyche.learning.up=0.11..0.5/5")


def test_a_point_that_cannot_be_simulated_is_named(story: sim.Story, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = working.live

    def overflowing(cell: Cell, jobs: int) -> Found:
        if cell.market.horizon in (50, 51):
            raise OverflowError("levels left what exact sums can hold")
        return inner(cell, jobs)

    monkeypatch.setattr(working, "live", overflowing)
    found = story.sweep("horizon=40 days, 50 days, 60 days")
    assert found.numbers == (0, 2)
    assert not found.complete
    assert {(number, strategy) for number, strategy, _ in found.failures} == {(1, name) for name in found.strategies}
    assert {one.reason for _, _, one in found.failures} == {"levels left what exact sums can hold"}
    with pytest.raises(UnfinishedError, match="levels left"):
        story.sweep("horizon=50 days, 51 days")


def test_progress_ends_at_the_end_and_never_goes_back(story: sim.Story) -> None:
    told_: list[tuple[str, int, int]] = []
    story.sweep(["psyche.learning.up=0.1..0.5/3", "market.visits.every=3 days, 6 days"],
                progress=lambda *one: told_.append(one))
    own = [one for one in told_ if one[0] == "the story as written"]
    work = [one for one in told_ if "points" in one[0]]
    for stage in (own, work):
        assert [done for _, done, _ in stage] == sorted(done for _, done, _ in stage)
        assert stage[-1][1] == stage[-1][2] > 0
        assert len({total for _, _, total in stage}) == 1
    assert work[-1][0] == "6 of 6 points"


# --- what is told -------------------------------------------------------------------------------------------


def test_a_crossing_lies_on_a_straight_line_between_points() -> None:
    found = swept(["x: a.b=0..1/6"], lambda x: (0.5, 1.37 * x), sd=0.02)
    one, = crossings(found)
    assert (one.first, one.second) == ("calm", "gifts")
    assert one.at == pytest.approx(0.5 / 1.37, abs=1e-9)
    mean, low, high = found.gains[0, 1, 0]
    assert (one.low, one.high) == pytest.approx((one.at - (high - mean) / 1.37, one.at + (mean - low) / 1.37), abs=1e-9)
    assert Phases(found).headline() == "‘gifts’ wins at 4 of 6 points, ‘calm’ at 2"
    assert "‘calm’ gives way to ‘gifts’ at 0.365 (95% interval 0.3" in Phases(found).boundary()


def test_along_a_logarithmic_axis_lines_are_straight_in_the_logarithm() -> None:
    found = swept(["a.b=1 day..100 days/3 log"], lambda x: (math.log10(x), 1.3), sd=0.02)
    one, = crossings(found)
    assert one.at == pytest.approx(10**1.3)
    uneven = swept(["a.b=1 day, 10 days, 100 days"], lambda x: (math.log10(x), 1.3), sd=0.02)
    assert crossings(uneven)[0].at == pytest.approx(10**1.3)  # spaced by ratio, though nobody said so
    even = swept(["a.b=1 day, 50 days, 100 days"], lambda x: (x / 100, 0.6), sd=0.02)
    assert crossings(even)[0].at == pytest.approx(60.0)


def test_limits_that_are_not_reached_are_open() -> None:
    found = swept(["a.b=0..1/3"], lambda x: (0.0, 0.02 * (x - 0.6)), sd=0.05)
    one, = along(found, [0, 1, 2], found.positions(0), found.design.axes[0])
    assert (one.low, one.high) == (-math.inf, math.inf)
    assert crossings(found) == []
    assert Phases(found).boundary() == ""
    assert Phases(found).headline() == "It cannot be told what wins at any of 3 points"
    assert Phases(found).open().startswith("Four times as many replications would settle ")


def test_the_key_that_turns_the_answer_is_named_with_its_counts() -> None:
    found = swept(["slow: a.b=1..4/4", "fast: a.c=10..50/5"], lambda x, y: (0.0, y - 27 + x), sd=0.02)
    best = turn(found)
    assert best is not None
    assert (best.axis, best.clear, best.cut) == (1, True, (20.0, 30.0))
    assert best.parts == (("up to 20", "calm", 8, 8), ("from 30 on", "gifts", 12, 12))
    assert Phases(found).turning() == ("What turns the answer is fast: up to 20 ‘calm’ wins at 8 of 8, from 30 on ‘gifts’ at "
                                       "12 of 12.")
    assert importance(found)[0] == 1
    assert [(value, one.at) for value, one in edges(found, 1)] == [(f"{x}", pytest.approx(27 - x)) for x in range(1, 5)]
    assert re.fullmatch(r"The boundary between ‘calm’ and ‘gifts’ moves with slow, from 26\.0\d* \(95% interval 25\.9\d* to "
                        r"26\.0\d*\) where that is 1 to 23\.0\d* \(95% interval .*\) where it is 4\.", Phases(found).boundary())


def test_a_boundary_moves_only_where_its_intervals_are_apart() -> None:
    found = swept(["slow: a.b=1..4/4", "fast: a.c=10..50/5"], lambda x, y: (0.0, y - 27 + 0.001 * x), sd=0.05)
    assert re.fullmatch(r"The boundary between ‘calm’ and ‘gifts’ lies at 2[67]\.\d* \(95% .*\) where slow is 1 and at "
                        r"2[67]\.\d* \(95% .*\) where it is 4\.", Phases(found).boundary())


def test_words_are_grouped_by_what_wins_there() -> None:
    found = swept(["a.b=x, y, z", "a.c=1, 2"], lambda word, x: (0.0, 1.0 if word in ("x", "z") else -1.0), sd=0.02)
    best = turn(found)
    assert best is not None
    assert best.parts == (("at x and z", "gifts", 4, 4), ("at y", "calm", 2, 2))
    assert best.cut is None


def test_where_no_key_turns_the_answer_alone_it_says_so() -> None:
    found = swept(["a.b=1..4/4", "a.c=1..4/4"], lambda x, y: (0.0, (x - 2.5) * (y - 2.5)), sd=0.02)
    assert Phases(found).turning() == "No one key turns the answer by itself: see the map."
    twice = swept(["a.b=1..9/9"], lambda x: (0.0, 1.0 if 3 <= x <= 5 else -1.0), sd=0.02)
    assert len(crossings(twice)) == 2
    assert Phases(swept(["a.b=1..4/4"], lambda x: (0.0, 1.0))).turning() == "Nothing that was varied turns the answer round."
    assert Phases(swept(["a.b=1..4/4"], lambda x: (0.0, 1.0))).headline() == "‘gifts’ wins at all 4 points"


def test_what_is_all_but_equal_is_no_win() -> None:
    found = swept(["a.b=0, 1, 2"], lambda x: (0.0, x, x), names=("calm", "gifts", "more gifts"), sd=0.0)
    assert [one.state for one in found.spots] == ["same", "same", "same"]
    assert found.decided
    assert Phases(found).headline() == "No strategy surely wins at any of 3 points: at 3 the best are all but equal"
    assert found.wins == {}


def test_equals_of_the_best_do_not_hide_that_another_may_be_better() -> None:
    one = np.array([1.0, 2.0, 3.0, 4.0])
    columns = np.stack([one, one, np.array([4.0, 1.0, 3.0, 1.9])])
    found = spot("satisfaction", ["a", "copy of a", "b"], columns, pairwise(list(columns)))
    assert (found.best, found.runner_up, found.state) == ("a", "copy of a", "open")


def test_one_replication_decides_nothing() -> None:
    found = swept(["a.b=0, 1, 2"], lambda x: (0.5, x), count=1)
    assert {one.state for one in found.spots} == {"open"}
    assert Phases(found).open() == "One replication cannot say how much is luck: take more --replications."


def test_tables_say_what_was_found(story: sim.Story) -> None:
    found = story.sweep(["how fast: psyche.learning.up=0.1, 0.5", "market.visits.every=3 days, 6 days"])
    outcomes, points = found.to_pandas(), found.to_pandas("points")
    assert list(points["how fast"]) == ["0.1", "0.1", "0.5", "0.5"]
    assert set(outcomes["strategy"]) == set(story.strategies)
    assert {"satisfaction", "profit", "cost"} <= set(outcomes["outcome"])
    row = outcomes[(outcomes["point"] == 2) & (outcomes["strategy"] == "kitchen") & (outcomes["outcome"] == "profit")]
    assert float(row["mean"].iloc[0]) == pytest.approx(found.each["profit"][2, 2].mean())
    with pytest.raises(KeyError):
        found.to_pandas("nothing")
    with pytest.raises(KeyError, match="there is map"):
        found.figure("forest")
    assert found.headline in repr(found)
    assert found.headline.split("‘")[0] in found._repr_html_()
    with pytest.raises(ValueError, match="read-only"):
        found.gains[0] = 0.0


def test_the_story_as_written_is_found_on_its_axes(story: sim.Story) -> None:
    over = ["psyche.learning.up=0.1, 0.5", "market.visits.every=1 week, 30 days", "psyche.leaving.base=1%, 9%",
            "psyche.learning.down & psyche.loss_aversion=1, 0.5", "strategies.extras.0.surprise.chance=10%, 50%",
            "strategies.kitchen.0.upgrade.by=1, 2", "psyche.forgetting.half_life=3 days, 9 days", "firms.ours.quality=50, 60"]
    found = story.sweep(over, design="lhs", points=2)
    assert found.written == (0.3, 6.0, pytest.approx(5.0), None, 30.0, 6.0, None, 60.0)


def test_money_at_other_numbers_of_people_is_pointed_out(story: sim.Story) -> None:
    found = story.sweep("psyche.learning.up=0.1, 0.5", people=30)
    assert "One-off costs of moves are shared by 30 people here, and by 40" in found.note
    assert found.market.people == 30
    assert replace(found.market, people=40) == story.market

"""The phase map on paper: its title, its cells, its boundary, its key, and names that are hard to draw; the page around it."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence

import numpy as np
import pytest
from matplotlib.collections import Collection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim.experiments.sweep import Sweep
from sim.report.figures.phases import OPEN_FACE, phases
from sim.report.style import PALETTE, drawing, png, svg
from sim.report.swept import page
from tests.sweeps import swept

GRID = ("how fast: a.b=0.1..0.5/5", "days between visits: a.c=7 days, 14 days, 30 days, 60 days")


def draw(found: Sweep, own: Sequence[float | None] | None = None) -> Figure:
    with drawing():
        return phases(found, [None] * len(found.design.axes) if own is None else own)


def written(figure: Figure) -> list[str]:
    texts = [text.get_text() for text in figure.texts]
    return [*texts, *(text.get_text() for axes in figure.axes for text in axes.texts)]


def rising(x: float, days: float) -> tuple[float, float]:
    return 0.0, 2.0 * math.log(days / 14.0) + 5.0 * (0.3 - x)


@pytest.fixture(scope="module")
def grid() -> Sweep:
    return swept(GRID, rising)


def test_the_title_counts_and_the_subtitle_names_the_key(grid: Sweep) -> None:
    figure = draw(grid)
    assert figure.get_label() == "‘gifts’ wins at 12 of 20 points, ‘calm’ at 7; 1 cannot be told"
    assert any("What turns the answer is days between visits" in " ".join(text.split()) for text in written(figure))


def test_each_cell_has_the_winners_colour_and_margin(grid: Sweep) -> None:
    axes = draw(grid).axes[0]
    cells = [patch for patch in axes.patches if isinstance(patch, Rectangle) and patch.get_hatch() is None]
    assert len(cells) == len(grid.spots)  # the one that cannot be told is hatched by another rectangle on top
    margins = [text.get_text() for text in axes.texts]
    assert len(margins) == 20
    assert margins.count("?") == 1
    won = {place: one for place, one in enumerate(grid.spots) if one.state == "won"}
    for place, one in won.items():
        assert float(margins[place]) == pytest.approx(one.margin.mean, abs=0.06)
    near = {name: np.array([int(PALETTE[at][k:k + 2], 16) for k in (1, 3, 5)]) / 255 for at, name in enumerate(grid.strategies)}
    for place, one in won.items():
        face = np.array(cells[place].get_facecolor()[:3])
        paper = np.ones(3)
        share = float((paper - face) @ (paper - near[str(one.best)]) / ((paper - near[str(one.best)]) ** 2).sum())
        assert np.allclose(face, paper + share * (near[str(one.best)] - paper), atol=0.01)
        assert 0.2 <= share <= 0.63
    strongest = max(won, key=lambda place: won[place].margin.mean)
    assert sum(cells[strongest].get_facecolor()[:3]) == min(sum(cells[place].get_facecolor()[:3]) for place in won
                                                            if won[place].best == won[strongest].best)


def test_what_cannot_be_told_is_hatched_and_says_so() -> None:
    found = swept(GRID, lambda x, days: (0.0, 0.001), sd=0.5)
    axes = draw(found).axes[0]
    assert {text.get_text() for text in axes.texts} == {"?"}
    assert sum(patch.get_hatch() is not None for patch in axes.patches) == 20
    assert draw(found).get_label() == "It cannot be told what wins at any of 20 points"
    assert not boundaries(axes)


def boundaries(axes: object) -> list[Collection]:
    return [one for one in axes.collections if type(one).__name__ == "QuadContourSet"]  # type: ignore[attr-defined]


def test_the_boundary_lies_where_the_difference_is_nothing_between_its_limits(grid: Sweep) -> None:
    lines = [one for one in boundaries(draw(grid).axes[0]) if not one.filled]  # type: ignore[attr-defined]
    dashed, solid = lines[0], lines[-1]
    points = np.concatenate([path.vertices for path in solid.get_paths()])
    x, days = points[:, 0], np.exp(points[:, 1])
    assert np.abs(2.0 * np.log(days / 14.0) + 5.0 * (0.3 - x)).max() < 0.01  # linear along the axes as they are drawn
    half = float(grid.gains[0, 1, 0, 2] - grid.gains[0, 1, 0, 0])
    limits = np.concatenate([path.vertices for path in dashed.get_paths()])
    away = np.abs(2.0 * np.log(np.exp(limits[:, 1]) / 14.0) + 5.0 * (0.3 - limits[:, 0]))
    assert np.abs(away - half).max() < 0.01


def test_no_boundary_where_values_are_no_numbers() -> None:
    found = swept(["a.b=0.1..0.5/3", "a.c=30 days, never"], lambda x, word: (0.0, 1.0 if word == "never" else -1.0))
    axes = draw(found).axes[0]
    assert not boundaries(axes)
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["30 days", "never"]


def test_the_story_as_written_is_ringed_where_it_is_on_the_map(grid: Sweep) -> None:
    inside, outside = draw(grid, (0.3, 30.0)), draw(grid, (0.3, 900.0))
    assert "the story as written" in written(inside)
    assert "the story as written" not in written(outside)
    ring = [line for line in inside.axes[0].lines if line.get_markersize() > 15]
    assert [(float(line.get_xdata()[0]), float(np.exp(line.get_ydata()[0]))) for line in ring] == [(0.3, pytest.approx(30.0))]


def test_points_that_were_not_finished_are_left_blank() -> None:
    found = swept(GRID, rising, kept=[0, 3, 7, 12, 19])
    figure = draw(found)
    assert len([patch for patch in figure.axes[0].patches if patch.get_hatch() is None]) == 5
    assert any("Interrupted: 5 of 20 points are drawn" in " ".join(text.split()) for text in written(figure))


def test_three_strategies_meet_at_their_boundaries() -> None:
    found = swept(GRID, lambda x, days: (0.0, 8 * (x - 0.3), math.log(days / 20)), names=("calm", "gifts", "refit"), sd=0.02)
    assert set(found.wins) == {"calm", "gifts", "refit"}
    figure = draw(found)
    assert {"calm", "gifts", "refit"} <= set(written(figure))
    solid = np.concatenate([path.vertices for one in boundaries(figure.axes[0]) if not one.filled  # type: ignore[attr-defined]
                            and one.get_linewidths()[0] > 1 for path in one.get_paths() if len(path.vertices)])
    worths = np.stack([np.zeros(len(solid)), 8 * (solid[:, 0] - 0.3), solid[:, 1] - math.log(20)])
    first, second = np.sort(worths, axis=0)[::-1][:2]
    assert np.abs(first - second).max() < 0.05


def test_a_third_key_makes_a_map_for_each_of_its_values() -> None:
    found = swept([*GRID, "a.d=1, 2, 3"], lambda x, days, z: (0.0, math.log(days / 20) + z - 2))
    figure = draw(found, (0.3, 30.0, 2.0))
    assert len(figure.axes) == 3
    assert {"d 1", "d 2", "d 3"} <= {text.removeprefix("a.") for text in written(figure)}
    assert [sum(line.get_markersize() > 15 for line in axes.lines) for axes in figure.axes] == [0, 1, 0]


def test_many_keys_are_drawn_by_the_two_that_matter_most() -> None:
    found = swept(["noise: a.b=0..1", "weak: a.c=1 day..100 days log", "strong: a.d=0..1"],
                  lambda _, days, z: (0.0, math.log10(days) + 9 * (z - 0.6)), design="sobol", points=64)
    figure = draw(found, (0.5, 10.0, 0.5))
    texts = [" ".join(text.split()) for text in written(figure)]
    assert any("Also varied: noise." in text for text in texts)
    assert "weak, days" in texts
    assert "strong" in texts
    assert sum(len(marks.get_offsets()) for marks in figure.axes[0].collections) == 64


def test_few_values_stand_in_groups_in_which_none_hides_another() -> None:
    found = swept(["a.b=1, 2", "a.c=x, y, z", "a.d=1..4/4", "a.e=1..3/3"], lambda x, word, z, _: (0.0, z - 2.5 + x / 9))
    axes = draw(found).axes[0]
    places = {(round(x, 6), round(y, 6)) for marks in axes.collections for x, y in np.asarray(marks.get_offsets()).tolist()}
    assert len(places) > 60  # of 72


def test_one_key_is_drawn_as_lines_whose_crossing_is_the_title() -> None:
    found = swept(["price: a.b=0..1/6"], lambda x: (0.5, 1.37 * x, -1.0), names=("calm", "gifts", "refit"), sd=0.02)
    figure = draw(found, (0.7,))
    assert figure.get_label().startswith("‘calm’ gives way to ‘gifts’ at 0.36")
    assert "as written" in written(figure)
    assert any(re.fullmatch(r"0\.36\d*", text) for text in written(figure))
    lines = figure.axes[0].get_lines()
    gifts = next(line for line in lines if len(line.get_xdata()) == 6)
    assert gifts.get_ydata() == pytest.approx([1.37 * x - 0.5 for x in np.linspace(0, 1, 6)], abs=1e-9)


def test_one_key_without_numbers_is_drawn_as_bars() -> None:
    figure = draw(swept(["a.b=x, y, z"], lambda word: (0.0, 1.0 if word == "x" else -1.0)))
    assert "Bars: these intervals, against the first strategy." in " ".join(" ".join(written(figure)).split())
    assert [tick.get_text() for tick in figure.axes[0].get_xticklabels()] == ["x", "y", "z"]


HARD = {
    "two by two": lambda: swept(["a.b=1, 2", "a.c=1, 2"], lambda x, y: (0.0, x - y)),
    "one point": lambda: swept(["a.b=3"], lambda x: (0.0, 1.0)),
    "one word": lambda: swept(["a.b=never", "a.c=always"], lambda *_: (0.0, 1.0)),
    "one row": lambda: swept(["a.b=1..20/20", "a.c=5"], lambda x, y: (0.0, x - 9.3)),
    "a thousand": lambda: swept(["a.b=1..40/40", "a.c=1..25/25"], lambda x, y: (0.0, x - y - 0.5)),
    "names": lambda: swept(["$x_1$ & <b>: a.b=1..4/4", "期望的漂移速度: a.c=1..4/4"], lambda x, y: (0.0, x - y, y - x),
                           names=("$\\alpha$ & Söhne <i>", "小惊喜", "a strategy whose name is so long that it cannot stand "
                                  "anywhere without being broken into several lines"), currency="￦", outcome="profit"),
    "nowhere": lambda: swept(["a.b=1..3/3", "a.c=1..3/3"], lambda x, y: (math.nan, 1.0)),
    "here and there": lambda: swept(["a.b=1..3/3", "a.c=1..3/3"], lambda x, y: (0.0, math.nan if x > 2 else y - 2)),
    "the same": lambda: swept(["a.b=1..3/3", "a.c=1..3/3"], lambda x, y: (0.0, 0.0), sd=0.0),
    "one replication": lambda: swept(["a.b=1..3/3", "a.c=1..3/3"], lambda x, y: (0.0, x - y), count=1),
    "eight": lambda: swept(["a.b=1..9/9", "a.c=0..1/7"], lambda x, y: [math.cos(x + k + 3 * y) for k in range(8)],
                           names=[f"strategy {k}" for k in range(8)]),
    "one key, one value finished": lambda: swept(["a.b=1..9/9"], lambda x: (0.0, x - 5), kept=[3]),
    "one key, nowhere": lambda: swept(["a.b=1..9/9"], lambda x: (math.nan, x - 5)),
    "one key, filled": lambda: swept(["a.b=1 day..400 days log"], lambda x: (0.0, x - 50), design="halton", points=20),
    "many keys, words": lambda: swept(["a.b=x, y", "a.c=never, 3 days", "a.d=0..1"], lambda a, b, z: (0.0, z - 0.4),
                                      design="lhs", points=30),
    "many keys, one value each": lambda: swept(["a.b=1", "a.c=1", "a.d=1", "a.e=1"], lambda *_: (0.0, 1.0)),
    "long words": lambda: swept(["a.b=a word of some length, another one that is longer than that, third",
                                 "a.c={beta: [2, 8]}, 0.3"], lambda x, y: (0.0, 1.0)),
}


@pytest.mark.parametrize("case", HARD)
def test_it_is_drawn_the_same_twice_and_the_page_around_it_is_whole(case: str) -> None:
    found = HARD[case]()
    own = [None] * len(found.design.axes)
    first, again = svg(draw(found, own)), svg(draw(HARD[case](), own))
    assert first == again
    ElementTree.fromstring(first)
    assert len(png(draw(found, own), 40)) > 1000
    told = page(found, own, {"note": "<script>alert(1)</script>", "command": "drift sweep"})
    assert told.startswith("<!DOCTYPE html>")
    assert "<script" not in told
    assert "src=\"http" not in told
    assert f"{len(found.spots)} of {found.design.count} points were finished" in told or found.complete


def test_the_page_says_each_point_and_no_more_than_it_can_hold() -> None:
    small = page(swept(GRID, rising), (None, None), {})
    assert small.count("<tr>") == 21
    assert "Every outcome of every strategy at every point is in sweep.csv" in small
    assert "how fast: a.b=0.1..0.5/5" in small
    assert "cannot be told" in small
    large = page(swept(["a.b=1..25/25", "a.c=1..20/20"], lambda x, y: (0.0, x - y)), (None, None), {})
    assert large.count("<tr>") == 201
    assert "And 300 more points" in large


def test_what_cannot_be_told_has_a_face_of_its_own() -> None:
    found = swept(["a.b=1, 2, 3"], lambda x: (0.0, [1.0, 0.001, -1.0][int(x) - 1]), sd=0.05)
    strip = draw(found).axes[1]
    faces = ["#" + "".join(f"{round(255 * part):02x}" for part in patch.get_facecolor()[:3]) for patch in strip.patches]
    assert faces == [PALETTE[1], OPEN_FACE, PALETTE[0]]

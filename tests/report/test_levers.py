"""Figures and pages of searches and sensitivities: truthful titles, no overlap, everything escaped, valid without a network."""

from __future__ import annotations

import dataclasses
import itertools
import math
import re
import warnings
from types import MappingProxyType

import numpy as np
import pytest

from sim.experiments.advice import Advice
from sim.experiments.hangs import Hangs
from sim.experiments.search import Judged, Search, Tried, limit
from sim.experiments.sensitivity import Axis, Screened, Sensitivity, Shared, Swing
from sim.experiments.statistics import estimate
from sim.outcomes import OUTCOMES
from sim.report.figures.frontier import frontier
from sim.report.figures.sensitivity import MOST, sensitivity
from sim.report.levers import search_page, sensitivity_page
from sim.report.style import drawing, svg
from sim.story.ranges import Range
from tests.report.studies import NASTY
from tests.report.test_explained import Reader
from tests.report.test_figures import words_on

SPREAD = np.array([-0.02, 0.0, 0.02, 0.01])
EVIL = ("<script>alert('$x_1$')</script> & \"co\"" * 3, "顾客期望" * 9)


def lever(name: str = "strategies.gifts.0.surprise.chance", now: float = 0.25) -> Range:
    return Range((name,), 0.0, 1.0, "", "%", (), 0, False, False, now, f"{name}=0%..100%")


def judged(point: tuple[float, ...], cost: float, bought: float, spread: float = 1.0) -> Judged:
    each = dict.fromkeys(OUTCOMES, 0.0 * SPREAD) | {
        "cost": cost + spread * SPREAD, "satisfaction": bought + spread * SPREAD, "felt": bought + spread * SPREAD}
    return Judged(point, MappingProxyType({name: estimate(values) for name, values in each.items()}), each)


def searched(costs: tuple[float, ...] = (2.0, 6.0, 10.0), limits: tuple[str, ...] = (), best: float = 0.5, gain: float = 1.0,
             levers: int = 1, name: str = "gifts", key: str = "strategies.gifts.0.surprise.chance") -> Search:
    """A search whose numbers are known."""
    market = dataclasses.replace(NASTY["hotel"]().market, replications=4)
    ranges = tuple(lever(f"{key}{at or ''}") for at in range(levers))
    points = [judged((cost / 20.0,) * levers, cost, math.sqrt(cost)) for cost in costs]
    chosen = judged((best,) * levers, 8.0, math.sqrt(8.0))
    tried = tuple(Tried(one.point, {name: found.mean for name, found in one.outcomes.items()}) for one in (*points, chosen))
    return Search(market, name, "satisfaction", ranges, tuple(limit(one) for one in limits), chosen,
                  judged((0.25,) * levers, 5.0, 1.2), estimate(math.sqrt(8.0) + 0.1 + SPREAD), estimate(gain + SPREAD), True,
                  "satisfaction", tuple(points), (), tried, 0, "", 7, 2, {}, "")


SEARCHES = {
    "plain": searched, "limits": lambda: searched(limits=("cost <= 7", "satisfaction >= 1", "retention >= 35%")),
    "end": lambda: searched(best=1.0), "no better": lambda: searched(gain=0.0), "worse": lambda: searched(gain=-1.0),
    "free": lambda: dataclasses.replace(searched(), tried=tuple(
        Tried(one.point, {**one.means, "cost": 3.0}) for one in searched().tried)),
    "one point": lambda: searched(costs=(4.0,)), "many levers": lambda: searched(levers=7),
    "nasty": lambda: searched(name=EVIL[0], key=EVIL[1]), "large": lambda: searched(costs=(2e5, 3e6, 4e7)),
    "nobody": lambda: dataclasses.replace(searched(), written=judged((0.25,), math.nan, math.nan)),
    "unsatisfied": lambda: dataclasses.replace(searched(limits=("cost <= 1",)), satisfied=False),
}


def sensed(method: str, many: int = 5, names: tuple[str, str] = ("one large refit", "small surprises"), *,
           size: float = 1.0, now: float = 0.6, key: str = "psyche.number") -> Sensitivity:
    """A sensitivity whose numbers are known: each number matters half as much as the one before."""
    market = dataclasses.replace(NASTY["hotel"]().market, replications=4)
    axes = tuple(Axis(f"{key}{at}", 10.0, 40.0, 20.0, lambda x: f"{x:g} days", lambda share: 10.0 + 30.0 * share)
                 for at in range(many))
    each = [size * 0.5**at for at in range(many)]
    effects = {
        "tornado": tuple(Swing(axis.key, estimate(now - x + SPREAD), estimate(now + x / 3 + SPREAD))
                         for axis, x in zip(axes, each, strict=True)),
        "morris": tuple(Screened(axis.key, -x, x, 0.2 * x, 0.7 * x) for axis, x in zip(axes, each, strict=True)),
        "sobol": tuple(Shared(axis.key, 0.5 * x - 0.01, 0.1, 0.6 * x, 0.1) for axis, x in zip(axes, each, strict=True))}[method]
    turned = math.nan if method == "tornado" else 0.25
    runs = dict.fromkeys(names)
    return Sensitivity(market, *names, "satisfaction", method, axes, estimate(now + SPREAD), effects, np.array([now] * 8),
                       turned, 8, runs, "")


METHODS = ("tornado", "morris", "sobol")
SENSED = {
    **{method: (lambda method=method: sensed(method)) for method in METHODS},
    **{f"{method}, many": (lambda method=method: sensed(method, 22)) for method in METHODS},
    **{f"{method}, nasty": (lambda method=method: sensed(method, 3, EVIL, key=EVIL[1])) for method in METHODS},
    **{f"{method}, nothing": (lambda method=method: sensed(method, 3, size=0.0)) for method in METHODS},
    "tornado, open": lambda: sensed("tornado", now=0.001),
    **{f"{method}, large": (lambda method=method: sensed(method, 3, size=4e6, now=-3e5)) for method in ("tornado", "morris")},
}


def drawn(found):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a missing glyph or a bad number warns
        with drawing():
            picture = frontier(found) if isinstance(found, Search) else sensitivity(found)
            return picture, words_on(picture)


@pytest.mark.parametrize("case", [*SEARCHES, *SENSED])
def test_words_neither_overlap_nor_leave_the_figure(case):
    picture, found = drawn({**SEARCHES, **SENSED}[case]())
    assert found
    wide, high = picture.bbox.width, picture.bbox.height
    for text, (left, bottom, right, top) in found:
        assert min(left, bottom, wide - right, high - top) >= -1, f"{text!r} leaves the figure"
    for (one, a), (other, b) in itertools.combinations(found, 2):
        across, up = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
        assert across <= 1.5 or up <= 1.5, f"{one!r} overlaps {other!r}"


@pytest.mark.parametrize("case", [*SEARCHES, *SENSED])
def test_the_page_is_whole_escaped_and_needs_nothing_from_outside(case):
    found = {**SEARCHES, **SENSED}[case]()
    page = search_page if isinstance(found, Search) else sensitivity_page
    text = page(found, {"title": "<b>Title</b> & co", "command": "drift search <x>"})
    reader = Reader()
    reader.feed(text)
    assert reader.open == []
    assert "script" not in reader.seen
    assert "<b>Title" not in text
    assert "alert('$" not in text
    assert not re.findall(r'(?:src|href)="(?!data:)', text)


@pytest.mark.parametrize(("case", "said"), [
    ("plain", "Best: surprise.chance at 50%"), ("no better", "No better levers than those written were found"),
    ("worse", "No better levers than those written were found"), ("unsatisfied", "Nothing that was tried keeps cost <= 1"),
    ("limits", "Best on the luck that was searched, but not within the limits on fresh luck: surprise.chance at 50%")])
def test_the_headline_of_a_search_follows_its_numbers(case, said):
    assert Advice(SEARCHES[case]()).headline() == said


def test_a_search_says_what_was_luck_and_which_limits_are_kept():
    told = " ".join(Advice(SEARCHES["limits"]()).sentences())
    assert "cost <= 7: surely broken; cost is 8.0" in told
    assert "satisfaction >= 1: surely kept" in told
    assert "that luck flattered it by 0.10" in told
    assert "The best lies at the end of the range of surprise.chance" in " ".join(Advice(SEARCHES["end"]()).sentences())


@pytest.mark.parametrize(("case", "said"), [
    ("tornado", "number0 can turn the answer round, alone"),
    ("sobol", "The difference hangs most on number0: 60% of its variance, alone or with others"),
    ("morris", "The difference hangs most on number0, which moves it by 1.0 points a visit over its range"),
    ("tornado, open", "Which is better cannot be told as the story stands; number0 moves the difference most"),
    ("tornado, nothing", "None of these numbers moves the difference"),
    ("sobol, nothing", "None of these numbers moves the difference")])
def test_the_headline_of_a_sensitivity_follows_its_numbers(case, said):
    assert Hangs(SENSED[case]()).headline() == said


def test_bars_are_drawn_up_to_a_number_and_the_rest_is_told():
    picture, found = drawn(SENSED["tornado, many"]())
    assert len(picture.axes[0].patches) == 2 * MOST
    assert any("7 more numbers" in text for text, _ in found)


def test_bars_end_where_the_differences_are():
    found = SENSED["tornado"]()
    bars = drawn(found)[0].axes[0].patches
    ends = [bar.get_x() + bar.get_width() for bar in bars]
    assert ends[:2] == pytest.approx([found.effects[0].low.mean, found.effects[0].high.mean])


@pytest.mark.parametrize("case", ["plain", "tornado", "morris", "sobol"])
def test_the_same_bytes_every_time(case):
    made = {**SEARCHES, **SENSED}[case]
    with drawing():
        first, second = (svg(frontier(one) if isinstance(one, Search) else sensitivity(one)) for one in (made(), made()))
    assert first == second

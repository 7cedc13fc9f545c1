"""What people tell others of our firm as time goes by: how much of it, and how much of that is praise."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from sim.report import style, words
from sim.report.curves import Estimate, over
from sim.report.figures.parts import named, replicated, rounded
from sim.report.figures.timed import Levels, ours, panel, ratio, tallest, whole
from sim.report.style import QUIET

if TYPE_CHECKING:
    from sim.experiments.compare import Comparison

TALL, BETWEEN = 150.0, 44.0
"""How tall each panel is at least, and the room between them for the time below the upper one."""


def talk(comparison: Comparison) -> Figure:
    """Words a day for every 100 people, and below it the share of praise in them, period by period."""
    if not worth(comparison):
        return style.message("No talk to draw", "Nobody tells anybody of our firm in this scenario.")
    told, good = ({name: ours(run, column) for name, run in comparison.runs.items()} for column in ("words", "praise"))
    hundreds = {name: np.full_like(each, comparison.market.people / 100) for name, each in told.items()}
    praise = {name: whole(good[name], told[name]) for name in told}
    often = {name: whole(told[name], hundreds[name]) for name in told}
    times = {name: f"{rounded(over(each))} a day on average" for name, each in often.items()}
    shares = {name: _praise(over(100 * each)) for name, each in praise.items()}
    heights = [tallest(comparison, said, TALL) for said in (times, shares)]
    page = style.sheet(
        _title(comparison, often, praise),
        "How often people tell others of a visit to our firm, and below it how much of what they tell is praise.",
        f"{replicated(comparison)} Praise is told after a visit that felt good, blame after one that felt bad; a word of a "
        "visit as expected is neither. No share is drawn where hardly anybody says anything.",
        sum(heights) + BETWEEN + 34,
    )
    panel(page, comparison, {name: ratio(told[name], hundreds[name], 0.0) for name in told}, times, page.top, heights[0],
          "words a day per 100 people", 0.01)
    below = panel(page, comparison, {name: ratio(100 * good[name], told[name]) for name in told}, shares,
                  page.top + heights[0] + BETWEEN, heights[1], "praise (% of words)", 100.0, 100.0)
    below.axhline(50.0, color=QUIET, lw=0.8, zorder=1)
    return page.figure


def worth(comparison: Comparison) -> bool:
    """Whether anybody tells others of our firm."""
    return any(i.outcome == "talk" and i.mean > 0 for i in comparison.intervals)


def _praise(found: Estimate) -> str:
    return f"{rounded(found, 0.5)}% praise on average" if math.isfinite(found.mean) else "nothing is told"


def _title(comparison: Comparison, often: Mapping[str, Levels], praise: Mapping[str, Levels]) -> str:
    first, *others = comparison.runs
    known, base = named(comparison, first), over(praise[first])
    if not others:
        return f"{_percent(base)} of what people tell of us under ‘{known}’ is praise"
    more, better = (sure({name: over(each[name] - each[first], len(others)) for name in others}) for each in (often, praise))
    usual = float(often[first].mean())
    if more and usual > 0:
        name = max(more, key=lambda one: abs(more[one].mean))
        times = words.number(float(often[name].mean()) / usual, 1)
        return (f"People tell others of us {times} times as often under ‘{named(comparison, name)}’ as under ‘{known}’; "
                f"{_percent(over(praise[name]))} of it is praise, against {_percent(base)}")
    if better:
        name = max(better, key=lambda one: abs(better[one].mean))
        way = "rises" if better[name].mean > 0 else "falls"
        return (f"Praise {way} from {_percent(base)} of what people tell of us under ‘{known}’ to "
                f"{_percent(over(praise[name]))} under ‘{named(comparison, name)}’")
    if all(np.array_equal(each[name], each[first], equal_nan=True) for each in (often, praise) for name in others):
        return f"People tell the same of us under every strategy; {_percent(base)} of it is praise"
    return "Whether any strategy changes what people tell of us cannot be told"


def sure(found: Mapping[str, Estimate]) -> dict[str, Estimate]:
    """Those whose interval leaves out 0."""
    return {name: each for name, each in found.items() if each.low > 0 or each.high < 0}


def _percent(found: Estimate) -> str:
    return f"{words.number(100 * found.mean, 0)}%"

"""Who becomes a customer: the share of those who were none at the start that has come by each day."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.engine.records import Run
from sim.market import chooses, differs
from sim.outcomes import listed
from sim.report import style, words
from sim.report.curves import Estimate, over
from sim.report.figures.parts import calendar, looks, named, replicated, rounded
from sim.report.figures.timed import Levels, Line, alike, by_period, extremes, line, ours, panel, periods, tallest
from sim.report.style import PAPER
from sim.rules.traits import PROSPECT

if TYPE_CHECKING:
    from sim.experiments.compare import Comparison

TALL, DRAWN = 240.0, 181
"""How tall the panel is at least, in points, and how many days of a curve are drawn."""


def adoption(comparison: Comparison) -> Figure:
    """The share of prospects who have come by each day, with a ring where most come at once."""
    if not worth(comparison):
        return style.message("No trial to draw", "Everybody is a customer from the start in this scenario.")
    lines = {name: curve(run) for name, run in comparison.runs.items()}
    said = {name: _end(comparison, run) for name, run in comparison.runs.items()}
    height = tallest(comparison, said, TALL)
    page = style.sheet(
        _title(comparison),
        "Of those who were nobody’s customers at the start, the share who have come at least once, day by day.",
        f"{replicated(comparison)} Rings: where most come at once, if that is not at the start: before it more and more come, "
        "after it fewer and fewer.",
        height + 34,
    )
    axes = panel(page, comparison, lines, said, page.top, height, "have come (% of prospects)", 1.0)
    axes.set_ylim(0.0, min(100.0, axes.get_ylim()[1]))
    for name, run in comparison.runs.items():
        _ring(axes, comparison, name, lines[name], fastest(run))
    return page.figure


def worth(comparison: Comparison) -> bool:
    """Whether there are prospects, and any of them come."""
    market = comparison.market
    comes = any(i.outcome == "trial" and math.isfinite(i.mean) and i.mean > 0 for i in comparison.intervals)
    return comes and differs(market, PROSPECT) and not chooses(market)


def curve(run: Run) -> Line:
    """The share of prospects who have come, percent, from the start to the end of some of the days."""
    customers, left, joined, first = (ours(run, name) for name in ("customers", "left", "joined", "first"))
    prospects = run.market.people - (customers[:, :1] + left[:, :1] - joined[:, :1])
    come = np.concatenate([np.zeros_like(prospects), np.cumsum(first, axis=1)], axis=1)
    some = np.unique(np.linspace(0, come.shape[1] - 1, DRAWN).round().astype(np.int64))
    shares: Levels = np.where(prospects > 0, 100 * come[:, some] / np.maximum(prospects, 1.0), np.nan)
    return line(some.astype(np.float64), shares)


def fastest(run: Run) -> float:
    """The middle, in days, of the period in which most prospects come, all replications together; 0 for the first period."""
    first = ours(run, "first")
    most = int(by_period(first).sum(axis=0).argmax())
    return 0.0 if most == 0 else (most + 0.5) * first.shape[1] / periods(first.shape[1])


def _end(comparison: Comparison, run: Run) -> str:
    unit, length = calendar(float(comparison.market.horizon))
    day = fastest(run)
    when = "" if day == 0.0 else f", fastest after {words.number(day / length, 1)} {unit}"
    return f"{_percent(over(run.outcomes['trial']))} at the end{when}"


def _ring(axes: Axes, comparison: Comparison, name: str, curve: Line, day: float) -> None:
    if day > 0.0:
        length = calendar(float(comparison.market.horizon))[1]
        axes.plot([day / length], [np.interp(day, curve.days, curve.mean)], marker="o", ms=9, mfc=PAPER,
                  mec=looks(comparison)[name].colour, mew=2, ls="none", zorder=4)


def _title(comparison: Comparison) -> str:
    first, *others = comparison.runs
    known, base = named(comparison, first), _percent(over(comparison.runs[first].outcomes["trial"]))
    if not others:
        return f"{base} of those who were no customers have come by the end under ‘{known}’"
    if alike(comparison, "trial"):
        return f"Under every strategy {base} of those who were no customers have come by the end"
    chosen = extremes(comparison, "trial")
    if not chosen:
        return "Whether any strategy brings more of those who were no customers cannot be told"
    trial = {name: _percent(over(comparison.runs[name].outcomes["trial"])) for name in chosen}
    parts = tuple(f"{share} under ‘{named(comparison, name)}’" for name, share in trial.items())
    return f"Of those who were no customers, {listed(parts)} have come by the end, against {base} under ‘{known}’"


def _percent(found: Estimate) -> str:
    return f"{rounded(Estimate(100 * found.mean, 100 * found.low, 100 * found.high), 0.5)}%"

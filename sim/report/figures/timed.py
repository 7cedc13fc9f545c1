"""What happens at our firm as time goes by: one line a strategy, period by period, each with its interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from sim.engine.records import Run
from sim.experiments.statistics import estimate
from sim.report.curves import FEWEST
from sim.report.figures.parts import ENDS, End, calendar, ends_height, frame, label_ends, limits, looks, time_axis
from sim.report.style import LEFT, RIGHT, WIDTH, Sheet

if TYPE_CHECKING:
    from sim.experiments.compare import Comparison

Levels = NDArray[np.float64]

MOST = 36
"""The most periods that the time is divided into."""
SHORTEST = 7.0
"""Days of the shortest period, a horizon shorter than that aside."""


@dataclass(frozen=True)
class Line:
    """A number as time goes by: at these days (T,), its mean over replications and its 95% interval; NaN where unknown."""

    days: Levels
    mean: Levels
    low: Levels
    high: Levels

    def end(self) -> tuple[float, float]:
        """The last day at which it is known, and what it is there."""
        known = np.flatnonzero(np.isfinite(self.mean))
        last = int(known[-1]) if len(known) else -1
        return float(self.days[last]), float(self.mean[last])


def ours(run: Run, column: str) -> Levels:
    """(replications, days) a column of by_day at our firm, NaN where it is unknown."""
    table, days = run.by_day, run.market.horizon
    rows = np.asarray(table[column], dtype=np.float64).reshape(-1, len(run.market.firms), days)
    return rows[:, 0]


def by_period(each: Levels) -> Levels:
    """(replications, periods) sums over the days of each period; what is unknown counts as nothing."""
    days = each.shape[1]
    count = periods(days)
    cells = np.minimum((np.arange(days) * count) // days, count - 1)
    return np.stack([np.bincount(cells, row, count) for row in np.nan_to_num(each)])


def periods(days: int) -> int:
    """How many periods so many days are divided into."""
    return max(1, min(MOST, int(days // SHORTEST)))


def ratio(above: Levels, below: Levels, fewest: float = FEWEST) -> Line:
    """The line of above / below, (replications, days) each: where there are fewer than `fewest` below, it is not known."""
    days, (tops, counts) = above.shape[1], (by_period(one) for one in (above, below))
    enough = counts.sum(axis=0) >= fewest
    with np.errstate(invalid="ignore", divide="ignore"):
        values = np.where(enough & (counts > 0), tops / counts, np.nan)
    edges = np.linspace(0.0, float(days), counts.shape[1] + 1)
    return line((edges[:-1] + edges[1:]) / 2, values)


def line(days: Levels, values: Levels) -> Line:
    """The line of (replications, T) values at these days."""
    found = [estimate(column) for column in values.T]
    mean, low, high = np.array([(one.mean, one.low, one.high) for one in found]).T
    return Line(days, mean, low, high)


def whole(above: Levels, below: Levels) -> Levels:
    """(replications,) above / below over the whole time; NaN where there is nothing below."""
    sums, counts = np.nan_to_num(above).sum(axis=1), np.nan_to_num(below).sum(axis=1)
    found: Levels = np.where(counts > 0, sums / np.where(counts > 0, counts, 1.0), np.nan)
    return found


def panel(page: Sheet, comparison: Comparison, lines: Mapping[str, Line], said: Mapping[str, str], top: float, height: float,
          up: str, least: float, highest: float | None = None) -> Axes:
    """Draw the lines at this place of the sheet, `top` points from its head, and write at the end of each what is said of it.

    up: what the levels are, with their unit. least: how far they reach at least. highest: where they end, if that is known.
    """
    shown, days = looks(comparison), float(comparison.market.horizon)
    left, width, length = LEFT + 56, WIDTH - LEFT - RIGHT - 56 - ENDS - 26, calendar(days)[1]
    axes = page.axes(left, top, width, height)
    frame(axes, "", up)
    known = {name: one for name, one in lines.items() if np.isfinite(one.mean).any()}
    limits(axes, [0.0], [float(np.nanmax(np.fmax(one.high, one.mean))) for one in known.values()], least)
    axes.set_ylim(0.0, axes.get_ylim()[1] if highest is None else highest)
    time_axis(axes, days, 8)
    for name, one in known.items():
        times = one.days / length
        axes.fill_between(times, np.fmax(one.low, 0.0), one.high, color=shown[name].colour, alpha=0.18, lw=0)
        axes.plot(times, one.mean, color=shown[name].colour, lw=2.2, ls=shown[name].dash)
    ends = [End(one.end()[0] / length, one.end()[1], shown[name].label, said[name], shown[name].text, shown[name].colour)
            for name, one in known.items()]
    label_ends(page, axes, ends, left + width + 26, ENDS, top, top + height)
    return axes


def extremes(comparison: Comparison, outcome: str) -> tuple[str, ...]:
    """The strategies with most and with least of an outcome, as far as they surely differ from the baseline that way."""
    first, *others = comparison.runs
    apart = {name: comparison.difference(name, first, outcome) for name in others}
    sure = {name: found.mean for name, found in apart.items() if found.decided}
    most, least = max(sure, key=lambda one: sure[one], default=""), min(sure, key=lambda one: sure[one], default="")
    return tuple(dict.fromkeys(name for name, way in ((most, 1), (least, -1)) if name and way * sure[name] > 0))


def alike(comparison: Comparison, outcome: str) -> bool:
    """Whether an outcome is exactly the same under every strategy, replication by replication."""
    first, *others = comparison.runs
    values = {name: run.outcomes[outcome] for name, run in comparison.runs.items()}
    return bool(others) and all(np.array_equal(values[name], values[first], equal_nan=True) for name in others)


def tallest(comparison: Comparison, said: Mapping[str, str], least: float) -> float:
    """How tall a panel must be for what is said at the ends of its lines."""
    shown = looks(comparison)
    ends: Sequence[End] = [End(0.0, 0.0, shown[name].label, text, "", "") for name, text in said.items()]
    return max(least, ends_height(ends, ENDS) + 8)

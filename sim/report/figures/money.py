"""What strategies bring for what they cost, day by day: profit so far against the baseline's, and when it is ahead for good."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray

from sim.experiments.returns import NEVER, Returns, ahead, percent
from sim.experiments.statistics import estimate
from sim.market import begins_whole
from sim.outcomes import counted
from sim.report import style, words
from sim.report.figures.parts import (
    BEHIND,
    ENDS,
    End,
    calendar,
    compact,
    currency_of,
    ends_height,
    frame,
    label_ends,
    limits,
    looks,
    named,
    replicated,
    time_axis,
)
from sim.report.style import LEFT, NOTE, PAPER, RIGHT, WIDTH, Look, Sheet

if TYPE_CHECKING:
    from sim.experiments.compare import Comparison

Levels = NDArray[np.float64]

DRAWN = 181
"""How many days of a path are drawn."""


@dataclass(frozen=True)
class Path:
    """Profit so far against the baseline's, money per starting customer: at the start and the end of each day (T,)."""

    days: Levels
    mean: Levels
    low: Levels
    high: Levels


def path(comparison: Comparison, name: str) -> Path:
    """The path of one strategy, with its intervals, at some of its days."""
    runs = comparison.runs
    each = ahead(runs[name], runs[comparison.baseline])
    whole = np.concatenate([np.zeros((len(each), 1)), each], axis=1)
    some = np.unique(np.linspace(0, whole.shape[1] - 1, DRAWN).round().astype(np.int64))
    found = [estimate(column) for column in whole[:, some].T]
    mean, low, high = np.array([(one.mean, one.low, one.high) for one in found]).T
    return Path(some.astype(np.float64), mean, low, high)


def money(comparison: Comparison) -> Figure:
    """Profit so far of each strategy against the baseline's, with the day from which it is ahead for good."""
    if not comparison.returns:
        return style.message("No money to draw", "Nothing costs or earns anything here, or there is one strategy only.")
    paths = {one.strategy: path(comparison, one.strategy) for one in comparison.returns}
    shown, currency = looks(comparison), currency_of(comparison)
    days = float(comparison.market.horizon)
    length = calendar(days)[1]
    ends = [_end(comparison, one, paths[one.strategy], shown[one.strategy], length) for one in comparison.returns]
    height = max(230.0, ends_height(ends, ENDS) + 8)
    first = named(comparison, words.baseline(comparison))
    page = style.sheet(
        _title(comparison),
        f"Profit so far beyond that of ‘{first}’ by the same day: it starts at 0, falls where money is spent, and rises as it "
        "comes back.",
        f"{replicated(comparison)} Rings: the median day from which profit stays at or above the baseline’s to the end, with "
        f"its interval. Means per {counted(begins_whole(comparison.market))}, not discounted.",
        height + 34,
    )
    left, width = LEFT + 56, WIDTH - LEFT - RIGHT - 56 - ENDS - 26
    axes = page.axes(left, page.top, width, height)
    frame(axes, "", f"profit so far beyond ‘{style.short(first, 20)}’ ({currency or 'money'})")
    axes.yaxis.set_major_formatter(FuncFormatter(compact))
    limits(axes, [float(np.nanmin(np.fmin(one.low, one.mean))) for one in paths.values()],
           [float(np.nanmax(np.fmax(one.high, one.mean))) for one in paths.values()], 1e-6)
    time_axis(axes, days, 8)
    axes.axhline(0.0, color=shown[comparison.baseline].colour, lw=1.4, zorder=1)
    for name, line in paths.items():
        axes.fill_between(line.days / length, line.low, line.high, color=shown[name].colour, alpha=0.18, lw=0)
        axes.plot(line.days / length, line.mean, color=shown[name].colour, lw=2.2, ls=shown[name].dash)
    _rings(page, axes, comparison.returns, shown, length)
    label_ends(page, axes, ends, left + width + 26, ENDS, page.top, page.top + height)
    return page.figure


def worth(comparison: Comparison) -> bool:
    """Whether anything costs or earns, and somebody does otherwise than the baseline."""
    return any(not _same(comparison, one) for one in comparison.returns)


def _same(comparison: Comparison, one: Returns) -> bool:
    found = words.difference_of(comparison, one.strategy, one.against, "profit")
    return found is None or not np.any(np.abs(found.each) > 1e-9)


def _end(comparison: Comparison, one: Returns, line: Path, shown: Look, length: float) -> End:
    """A strategy's label: how far ahead it ends, its return, and from when on it is ahead."""
    currency, fine = currency_of(comparison), (line.high[-1] - line.low[-1]) / 2
    parts = [f"{words.money(float(line.mean[-1]), currency, signed=True, fine=float(fine))} at the end"]
    if not one.undefined:
        parts.append(f"return {percent(one.rate, (one.high - one.low) / 2)}")
    never = "never even" if one.day == NEVER else "never behind"
    parts.append(f"even {_after(one.day, one.horizon)}" if 0.0 < one.day < NEVER else never)
    return End(line.days[-1] / length, float(line.mean[-1]), shown.label, ", ".join(parts), shown.text, shown.colour)


def _after(day: float, horizon: float) -> str:
    """When a break-even day is, in the unit of the axis."""
    unit, length = calendar(horizon)
    if unit == "days":
        return f"on day {words.number(math.floor(day + 0.5), 0)}"
    many = words.number(day / length, 1)
    return "at once" if many == "0.0" else f"after {many} {unit}"


def _rings(page: Sheet, axes: Axes, found: Sequence[Returns], shown: Mapping[str, Look], length: float) -> None:
    """Where each strategy breaks even, on the line of the baseline, with its interval as far as it lies within the time.

    Beside it stands when that is: above and before the first one, below and after the others, where no line is that broke even
    earlier; not where there is no room up to the next. It stands at the end of each line too.
    """
    left, right = (page.place(axes, across, 0.0)[0] for across in axes.get_xlim())
    even = sorted((one for one in found if 0.0 < one.day < NEVER), key=lambda one: one.day)
    for place, one in enumerate(even):
        look, day = shown[one.strategy], one.day / length
        if math.isfinite(one.day_low):
            ends = one.day_low / length, min(one.day_high, one.horizon) / length
            axes.plot(ends, [0.0, 0.0], color=look.colour, lw=4, alpha=0.6, solid_capstyle="butt", zorder=3)
        axes.plot([day], [0.0], marker="o", ms=9, mfc=PAPER, mec=look.colour, mew=2, ls="none", zorder=4)
        said = _after(one.day, one.horizon).removeprefix("after ").removeprefix("on ")
        wide, across = style.width_of(said, NOTE) + 6, page.place(axes, day, 0.0)[0]
        before = place == 0 and across - wide > left
        room = min([right, *(page.place(axes, other.day / length, 0.0)[0] for other in even[place + 1:])])
        if before or across + wide < room:
            axes.annotate(said, (day, 0.0), xytext=(-4, 8) if before else (4, -8), textcoords="offset points",
                          ha="right" if before else "left", va="bottom" if before else "top", fontsize=NOTE, color=look.text,
                          bbox=BEHIND)


def _title(comparison: Comparison) -> str:
    """Who is ahead in profit in the end and from when on, who is not; or that this cannot be told."""
    first = named(comparison, words.baseline(comparison))
    apart = {one.strategy: (one, words.difference_of(comparison, one.strategy, one.against, "profit"))
             for one in comparison.returns}
    sure = {name: (one, found) for name, (one, found) in apart.items() if found is not None and found.decided}
    won, lost = ([name for name, (_, found) in sure.items() if found.mean * way > 0] for way in (1, -1))
    if won:
        name = max(won, key=lambda name: sure[name][1].mean)
        one, found = sure[name]
        much = f"{words.money(found.mean, currency_of(comparison), fine=words.half_width(found))}"
        much += " a customer" if begins_whole(comparison.market) else " a person"
        known = named(comparison, name)
        if one.day == 0.0:
            said = f"‘{known}’ is never behind ‘{first}’ in profit, and ends {much} ahead"
        elif one.day == NEVER:
            said = f"‘{known}’ ends ahead of ‘{first}’ in profit, by {much}"
        else:
            when = _after(one.day, one.horizon).replace("on day", "from day")
            said = f"{when[0].upper()}{when[1:]} ‘{known}’ is ahead of ‘{first}’ in profit for good, in the end by {much}"
        return f"{said}; {_behind(comparison, lost)}" if lost else said
    if len(lost) == len(apart):
        return f"Nothing here earns more than ‘{first}’ within the time"
    return f"Whether anything here earns more than ‘{first}’ cannot be told"


def _behind(comparison: Comparison, lost: Sequence[str]) -> str:
    return f"‘{named(comparison, lost[0])}’ ends behind" if len(lost) == 1 else f"{len(lost)} others end behind"

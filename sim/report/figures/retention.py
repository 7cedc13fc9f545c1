"""Who is still a customer, day by day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.engine.records import Run
from sim.experiments.statistics import estimate
from sim.market import begins_whole, chooses
from sim.report import style, words
from sim.report.figures.parts import ENDS, End, calendar, compact, ends_height, frame, label_ends, looks, named, time_axis
from sim.report.style import INK, LEFT, NOTE, QUIET, RIGHT, WIDTH, Look, Sheet

if TYPE_CHECKING:
    from sim.experiments.compare import Comparison

BACK = "Somebody who left and came back counts again from then on."
BACK_FROM_ELSEWHERE = "Nobody has been anywhere at the start; who went elsewhere and came back counts again."
"""What the figure's note says of those who come back: where people always come to us, and where they choose."""


@dataclass(frozen=True)
class Stay:
    """Customers on each day (T,) as a share of the starting customers, with its interval, and their mean number."""

    days: np.ndarray[tuple[int], np.dtype[np.float64]]
    share: np.ndarray[tuple[int], np.dtype[np.float64]]
    low: np.ndarray[tuple[int], np.dtype[np.float64]]
    high: np.ndarray[tuple[int], np.dtype[np.float64]]
    count: np.ndarray[tuple[int], np.dtype[np.float64]]


def stays(run: Run) -> Stay:
    """Who is a customer of our firm (the market's first) on each day, from by_day.

    It starts with everybody; where some are prospects, with the others; where people choose, with nobody, since no one has been
    anywhere yet.
    """
    table = run.by_day
    ours = table["firm"] == run.market.firms[0].name
    replication = np.unique(table["replication"][ours], return_inverse=True)[1]
    day = np.unique(table["day"][ours], return_inverse=True)[1]
    days = np.unique(table["day"][ours]).astype(np.float64)
    count = np.full((int(replication.max(initial=-1)) + 1, len(days)), np.nan)
    change = np.zeros_like(count)
    count[replication, day] = table["customers"][ours]
    counts = {name: table[name][ours].astype(np.float64) for name in ("left", "lost", "joined", "won")}
    change[replication, day] = counts["left"] + counts["lost"] - counts["joined"] - counts["won"]
    start = count[:, :1] + change[:, :1]
    full = np.concatenate([start, count], axis=1)
    everybody = start if begins_whole(run.market) else np.full_like(start, run.stays.shape[1])
    share = full / np.where(everybody > 0, everybody, np.nan)
    found = [estimate(column) for column in share.T]
    mean, low, high = np.array([(each.mean, each.low, each.high) for each in found]).T
    return Stay(np.concatenate([[0.0], days + 1]), mean, low, high, full.mean(axis=0))


def retention(comparison: Comparison) -> Figure:
    """Who is still a customer, day by day, with intervals, and the numbers at risk below."""
    lines = {name: stays(run) for name, run in comparison.runs.items()}
    shown = looks(comparison)
    days = max(float(line.days[-1]) for line in lines.values())
    length = calendar(days)[1]
    ends = [
        End(
            line.days[-1] / length,
            100 * line.share[-1],
            shown[name].label,
            f"{words.number(100 * line.share[-1], 1)}% at the end",
            shown[name].text,
            shown[name].colour,
        )
        for name, line in lines.items()
    ]
    height = max(230.0, ends_height(ends, ENDS) + 8)
    rows = 18.0 if all("\n" not in style.wrap(look.label, 110, NOTE, bold=True) for look in shown.values()) else 27.0
    count = words.replications_of(comparison)
    band = "One replication: no intervals." if count < 2 else f"Bands: 95% intervals over {count:,} replications."
    begins, back = begins_whole(comparison.market), BACK_FROM_ELSEWHERE if chooses(comparison.market) else BACK
    page = style.sheet(
        _retention_title(comparison, lines),
        f"{_subtitle(comparison)} Below: how many that is.",
        f"{band} {back} Numbers are means a replication.",
        height + 40 + 16 + rows * len(lines),
    )
    left, width = LEFT + 134, WIDTH - LEFT - RIGHT - 134 - ENDS - 26
    axes = page.axes(left, page.top, width, height)
    lows = [100 * float(np.nanmin(np.fmin(line.low, line.share))) for line in lines.values()]
    axes.set_ylim(0 if min(lows) < 60 else max(0.0, min(lows) - 5), 102)
    frame(axes, "", "still customers (%)" if begins else "our customers (%)")
    ticks = time_axis(axes, days, 8)[1]
    for name, line in lines.items():
        some = np.unique(np.linspace(0, len(line.days) - 1, 181).round().astype(np.int64))
        times = line.days[some] / length
        axes.fill_between(
            times,
            np.clip(100 * line.low[some], 0, 100),
            np.clip(100 * line.high[some], 0, 100),
            color=shown[name].colour,
            alpha=0.18,
            lw=0,
        )
        axes.plot(times, 100 * line.share[some], color=shown[name].colour, lw=2.2, ls=shown[name].dash)
    label_ends(page, axes, ends, left + width + 26, ENDS, page.top, page.top + height)
    _at_risk(page, axes, lines, shown, length, ticks, page.top + height + 40, rows)
    return page.figure


def _subtitle(comparison: Comparison) -> str:
    if begins_whole(comparison.market):
        return "Share of the starting customers' number who are customers, day by day."
    where = ": ours is where they went last" if chooses(comparison.market) else ""
    return f"Share of all people who are our customers, day by day{where}."


def _at_risk(
    page: Sheet,
    axes: Axes,
    lines: Mapping[str, Stay],
    shown: Mapping[str, Look],
    length: float,
    ticks: Sequence[float],
    top: float,
    row: float,
) -> None:
    """How many customers stand behind each part of the curves, under the axis' own ticks."""
    page.write(LEFT, top, "customers", NOTE, QUIET)
    for position, (name, line) in enumerate(lines.items()):
        down = top + 14 + position * row
        page.write(
            LEFT, down, style.wrap(shown[name].label, 110, NOTE, bold=True, most=2), NOTE, shown[name].text, bold=True
        )
        for tick in ticks:
            across, _ = page.place(axes, tick, 0)
            count = float(np.interp(tick * length, line.days, line.count))
            page.write(
                across,
                down,
                compact(round(count)) if count >= 1e5 else words.number(round(count), 0),
                NOTE,
                INK,
                align="center",
            )


def _retention_title(comparison: Comparison, lines: Mapping[str, Stay]) -> str:
    if all(float(np.nanmin(line.share)) >= 1.0 for line in lines.values()):
        return "Nobody leaves in this scenario"
    first, others = words.baseline(comparison), list(lines)[1:]
    known = named(comparison, first)
    held = {name: f"{words.number(100 * line.share[-1], 0)}%" for name, line in lines.items()}
    if not others:
        of = "of its customers" if begins_whole(comparison.market) else "of all people as customers"
        return f"‘{known}’ has {held[first]} {of} at the end"
    found = {name: words.difference_of(comparison, name, first, "retention") for name in others}
    sure = {name: d for name, d in found.items() if d is not None and d.decided}
    if not sure:
        if all(d is not None and d.mean == 0 and d.low == d.high for d in found.values()):
            return f"Every strategy keeps as many customers as ‘{known}’: {held[first]}"
        return f"Whether any strategy keeps more customers than ‘{known}’ cannot be told"
    best, worst = max(sure, key=lambda name: sure[name].mean), min(sure, key=lambda name: sure[name].mean)
    parts = []
    for name in dict.fromkeys((best, worst)):
        size = words.digits(100 * abs(sure[name].mean), 100 * words.half_width(sure[name]))
        parts.append(f"{size} {'more' if sure[name].mean > 0 else 'fewer'} with ‘{named(comparison, name)}’")
    if not begins_whole(comparison.market):
        return f"Of every 100 people, {' and '.join(parts)} are our customers in the end than with ‘{known}’"
    return f"Of every 100 customers, {' and '.join(parts)} stay to the end than with ‘{known}’"

"""What each strategy costs against what it gives."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.market import begins_whole
from sim.outcomes import counted
from sim.report import style, words
from sim.report.figures.parts import (
    ENDS,
    End,
    compact,
    currency_of,
    ends_height,
    frame,
    label_ends,
    label_height,
    limits,
    looks,
    named,
)
from sim.report.style import BODY, LEFT, NOTE, QUIET, RIGHT, WIDTH, Look, Sheet

if TYPE_CHECKING:
    from sim.experiments.compare import Comparison, Interval

def cost(comparison: Comparison) -> Figure:
    """What each strategy costs against what it gives (the verdict's outcome), with intervals both ways."""
    outcome = _given(comparison)
    measure, shown = words.MEASURES[outcome], looks(comparison)
    scale = 100.0 if measure.kind == "share" else 1.0
    points = {
        name: (x, y)
        for name in comparison.runs
        if (x := words.interval_of(comparison, name, "cost"))
        and (y := words.interval_of(comparison, name, outcome))
        and math.isfinite(x.mean)
        and math.isfinite(y.mean)
    }
    if not points:
        return style.message("No cost and satisfaction to draw", "Nobody made a visit.")
    currency = currency_of(comparison)
    unit = {"points": "points", "share": "%"}.get(measure.kind, measure.kind)
    ends = []
    for name, (x, y) in points.items():
        level = words.say(y.mean, measure.kind, currency, measure.kind == "points", fine=words.half_width(y))
        said = f"{words.money(x.mean, currency, fine=words.half_width(x)) if x.mean else 'no cost'}: {level}"
        ends.append(End(x.mean, scale * y.mean, shown[name].label, said, shown[name].text, shown[name].colour))
    height = max(270.0, ends_height(ends, ENDS) + 8)
    count = words.replications_of(comparison)
    note = (
        "One replication: no intervals."
        if count < 2
        else f"Crosses: 95% intervals over {count:,} replications, both ways; where none shows it is smaller than the "
        "mark. Differences are surer than these, since all strategies meet the same luck."
    )
    page = style.sheet(
        _cost_title(comparison, outcome),
        f"Cost of each strategy against {measure.label.lower()}. "
        + ("Up and to the left is better." if measure.good > 0 else ""),
        note,
        height + 34,
    )
    width = WIDTH - LEFT - RIGHT - 40
    axes = page.axes(LEFT + 40, page.top, width, height)
    who = counted(begins_whole(comparison.market))
    frame(axes, f"cost per {who} ({currency or 'money'})", f"{measure.label.lower()} ({unit})")
    bars = [
        (_or(x.low, x.mean), _or(x.high, x.mean), scale * _or(y.low, y.mean), scale * _or(y.high, y.mean))
        for x, y in points.values()
    ]
    _cost_scales(axes, bars)
    if not _label_points(page, axes, ends, bars, (page.top, page.top + height)):
        narrow = width - ENDS - 40
        axes.set_position((axes.get_position().x0, axes.get_position().y0, narrow / WIDTH, axes.get_position().height))
        label_ends(page, axes, ends, LEFT + 40 + narrow + 40, ENDS, page.top, page.top + height)
    for name, (x, y) in points.items():
        _cross(axes, x, y, scale, shown[name])
    return page.figure


def _cost_scales(axes: Axes, bars: Sequence[tuple[float, float, float, float]]) -> None:
    """Scales that hold every cross (low and high cost, low and high outcome) and the cost of doing nothing."""
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.xaxis.set_major_formatter(FuncFormatter(compact))
    axes.grid(True, axis="both")
    limits(axes, [bar[2] for bar in bars], [bar[3] for bar in bars], 1.0)
    least, most = min(0.0, *(bar[0] for bar in bars)), max(bar[1] for bar in bars)
    pad = 0.06 * (most - least) or max(1.0, 0.1 * abs(most))
    axes.set_xlim(least - pad, most + pad)


def _label_points(
    page: Sheet,
    axes: Axes,
    ends: Sequence[End],
    bars: Sequence[tuple[float, float, float, float]],
    between: tuple[float, float],
) -> bool:
    """Write each label beside its point where all find room, each clear of the others and of every cross; else none."""
    spots = [page.place(axes, end.across, end.up) for end in ends]
    taken = [(x - 9, y - 9, x + 9, y + 9) for x, y in spots]
    for low, high, below, above in bars:
        (left, down), (right, up) = page.place(axes, low, below), page.place(axes, high, above)
        middle, level = (left + right) / 2, (up + down) / 2
        taken += [(left - 3, level - 4, right + 3, level + 4), (middle - 4, up - 3, middle + 4, down + 3)]
    found = []
    for end, (x, y) in zip(ends, spots, strict=True):
        name, said, tall = label_height(end, ENDS)
        wide = max(
            style.width_of(line, size, size == BODY)
            for text, size in ((name, BODY), (said, NOTE))
            for line in text.split("\n")
        )
        boxes = [
            (left, top, left + wide, top + tall)
            for left in (x + 12, x - 12 - wide, x - wide / 2)
            for top in (y - tall / 2, y + 10, y - 10 - tall)
        ]
        free = [
            box
            for box in boxes
            if between[0] <= box[1]
            and box[3] <= between[1]
            and box[0] >= LEFT + 46
            and box[2] <= WIDTH - RIGHT
            and not any(_cover(box, other) for other in taken)
        ]
        if not free:
            return False
        taken.append(free[0])
        found.append((end, name, said, free[0]))
    for end, name, said, (left, top, _, _) in found:
        page.write(left, top + 3, name, BODY, end.colour, bold=True)
        page.write(left, top + 3 + style.height_of(name, BODY), said, NOTE, QUIET)
    return True


def _cover(box: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]


def _given(comparison: Comparison) -> str:
    """The verdict's outcome; where that is money, satisfaction, or retention where only that is surely moved."""
    outcome = comparison.verdict.outcome
    if words.MEASURES[outcome].kind != "money":
        return outcome

    def moved(which: str) -> bool:
        found = [words.difference_of(comparison, name, words.baseline(comparison), which) for name in comparison.runs]
        return any(each is not None and each.decided for each in found)

    return "retention" if moved("retention") and not moved("satisfaction") else "satisfaction"


def _or(value: float, otherwise: float) -> float:
    return value if math.isfinite(value) else otherwise


def _cross(axes: Axes, x: Interval, y: Interval, scale: float, shown: Look) -> None:
    if math.isfinite(x.low) and math.isfinite(x.high):
        axes.plot([x.low, x.high], [scale * y.mean] * 2, color=shown.colour, lw=1.8)
    if math.isfinite(y.low) and math.isfinite(y.high):
        axes.plot([x.mean] * 2, [scale * y.low, scale * y.high], color=shown.colour, lw=1.8)
    axes.plot(
        [x.mean],
        [scale * y.mean],
        marker=shown.marker,
        ms=9,
        color=shown.colour,
        mec=style.PAPER,
        mew=1,
        ls="none",
        zorder=4,
    )


def _cost_title(comparison: Comparison, outcome: str) -> str:
    first, others = words.baseline(comparison), list(comparison.runs)[1:]
    label, currency = words.MEASURES[outcome].label.lower(), currency_of(comparison)
    if not any((i.outcome == "cost") and i.mean != 0 for i in comparison.intervals):
        return "No strategy costs anything in this scenario"
    if not others:
        found = words.interval_of(comparison, first, "cost")
        price = words.money(found.mean if found else math.nan, currency)
        return f"‘{named(comparison, first)}’ costs {price} per {counted(begins_whole(comparison.market))}"
    good = words.MEASURES[outcome].good or 1
    buys: list[tuple[str, float]] = []
    free: list[tuple[str, float]] = []
    for name in others:
        more, extra = (words.difference_of(comparison, name, first, which) for which in (outcome, "cost"))
        if more is None or extra is None or not more.decided or more.mean * good <= 0:
            continue
        (buys if extra.mean > 0 else free).append((name, extra.mean / abs(more.mean)))
    known = named(comparison, first)
    if free:
        return f"‘{named(comparison, free[0][0])}’ does better in {label} than ‘{known}’ and costs no more"
    if not buys:
        return f"No spending here buys {label} that can be told from what ‘{known}’ gives"
    buys.sort(key=lambda pair: pair[1])
    chosen = buys if len(buys) <= 2 else [buys[0], buys[-1]]
    each = {"points": "A point of", "share": "A percentage point of"}.get(words.MEASURES[outcome].kind, "One more in")
    size = 0.01 if words.MEASURES[outcome].kind == "share" else 1.0
    parts = [
        f"{words.money(price * size, currency)} per customer with ‘{named(comparison, name)}’"
        for name, price in chosen
    ]
    return f"{each} {label} beyond ‘{known}’ costs {' and '.join(parts)}"

"""A story beside data: dots for what was seen, a band for where the story's replications lie, a panel for each."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from sim.report import style
from sim.report.style import BODY, INK, LEFT, NOTE, PALETTE, RIGHT, WIDTH

if TYPE_CHECKING:
    from sim.backtest.found import Backtest, Judged

HIGH, BETWEEN, HEAD, FOOT, SIDE = 168.0, 22.0, 40.0, 40.0, 46.0
"""Height of a panel; room between two, above one for its title and verdict, below and beside one for its scales, in points."""
ROW = 34.0
"""Height of a single number's row."""
COLOURS = {"agrees": PALETTE[3], "close": PALETTE[3], "disagrees": PALETTE[2], "cannot be told": "#6b7480"}


def backtest(found: Backtest) -> Figure:
    """Curves as panels, two in a row, then single numbers as rows, under the headline."""
    curves = [one for one in found.judged if not one.single]
    numbers = [one for one in found.judged if one.single]
    with style.drawing():
        rows = math.ceil(len(curves) / 2)
        body = rows * (HEAD + HIGH + FOOT) + (len(numbers) * ROW + 24.0 if numbers else 0.0)
        page = style.sheet(
            found.headline,
            f"Dots: {style.short(found.used, 70)}. Band: where {found.replications} replications of "
            f"{style.short(found.strategy, 30)} lie.",
            "Bands hold for everything here at once: of a true story the data lie inside all of them in about 95% of studies.",
            body,
        )
        wide = (WIDTH - LEFT - RIGHT - BETWEEN) / 2
        for place, one in enumerate(curves):
            left, top = LEFT + (place % 2) * (wide + BETWEEN), page.top + (place // 2) * (HEAD + HIGH + FOOT)
            page.write(left, top, style.wrap(style_title(one), wide, BODY, bold=True, most=1), BODY, INK, bold=True)
            _say(page, one, left, top + BODY * style.LINE + 1, wide)
            _curve(page.axes(left + SIDE, top + HEAD, wide - SIDE, HIGH), one)
        top = page.top + rows * (HEAD + HIGH + FOOT) + 12.0
        for place, one in enumerate(numbers):
            _number(page, one, top + place * ROW)
        return page.figure


def style_title(one: Judged) -> str:
    """A panel's title: what it shows, as a sentence begins."""
    name = one.item.name
    return name[:1].upper() + name[1:]


def _say(page: style.Sheet, one: Judged, left: float, top: float, wide: float) -> None:
    text = f"{one.says}: off by {one.share(one.off)} on the whole"
    page.write(left, top, style.wrap(text, wide, NOTE, most=1), NOTE, style.readable(COLOURS[one.says]))


def _curve(axes: Axes, one: Judged) -> None:
    x, colour = one.item.x, COLOURS[one.says]
    low = np.maximum(one.band.low, 0.0) if np.all(one.item.simulated >= 0.0) else one.band.low
    axes.fill_between(x, low, one.band.high, color=style.tint(PALETTE[1], 0.25), lw=0)
    axes.plot(x, one.item.middle, color=PALETTE[1], lw=1.6, zorder=3)
    axes.plot(
        x,
        one.item.observed,
        "o",
        ms=3.2 if len(x) > 20 else 4.2,
        color=style.readable(colour) if one.says != "agrees" else INK,
        zorder=5,
    )
    axes.set_xlabel(one.item.across)
    axes.tick_params(length=0)
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=bool(np.all(x == np.round(x)))))
    axes.yaxis.set_major_locator(MaxNLocator(5))
    if axes.get_ylim()[1] >= 10_000:
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    if one.item.percent:
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=None))
    if np.all(one.item.simulated >= 0.0):
        axes.set_ylim(bottom=0.0)


def _number(page: style.Sheet, one: Judged, top: float) -> None:
    """A single number: its name and verdict, the story's band and the data on a line, and both in words."""
    name, said = 190.0, 250.0
    page.write(LEFT, top, style.wrap(style_title(one), name, NOTE, bold=True, most=1), NOTE, INK, bold=True)
    page.write(LEFT, top + NOTE * style.LINE, one.says, NOTE, style.readable(COLOURS[one.says]))
    room = WIDTH - LEFT - RIGHT - name - said - 24.0
    axes = page.axes(LEFT + name + 6.0, top - 2.0, room, ROW - 10.0)
    low, high, seen = float(one.band.low[0]), float(one.band.high[0]), float(one.item.observed[0])
    ends = min(low, seen), max(high, seen)
    pad = 0.08 * (ends[1] - ends[0]) or 1.0
    axes.set_xlim(ends[0] - pad, ends[1] + pad)
    axes.set_ylim(0.0, 1.0)
    axes.axis("off")
    axes.plot([ends[0] - pad, ends[1] + pad], [0.5, 0.5], color="#c9ced4", lw=0.8, zorder=1)
    axes.plot([low, high], [0.5, 0.5], color=style.tint(PALETTE[1], 0.45), lw=7.0, solid_capstyle="butt", zorder=2)
    axes.plot([seen], [0.5], "o", ms=5.0, color=style.readable(COLOURS[one.says]) if one.says != "agrees" else INK, zorder=3)
    text = style.wrap(one.sentence, said, NOTE, most=2)
    page.write(LEFT + name + room + 14.0, top, text, NOTE, INK)

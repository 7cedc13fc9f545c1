"""A calibration as pictures: what was measured, with its intervals, beside what was fitted."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from sim.report import style
from sim.report.style import BODY, INK, LEFT, NOTE, PALETTE, QUIET, RIGHT, WIDTH

if TYPE_CHECKING:
    from sim.calibrate.found import Calibration, Picture

HIGH, BETWEEN, HEAD, FOOT, SIDE = 176.0, 22.0, 34.0, 40.0, 46.0
"""Height of a panel; room between two, above one for its title and key, below and beside one for its scales, in points."""
FITTED = (PALETTE[1], PALETTE[2], PALETTE[3])
COMPARED = "#9aa3ab"


def calibration(found: Calibration) -> Figure:
    """All pictures of a calibration on one sheet, two in a row, under its headline."""
    with style.drawing():
        if not found.pictures:
            return style.message(found.headline, f"{found.source}: there is nothing to draw.")
        rows = math.ceil(len(found.pictures) / 2)
        page = style.sheet(
            found.headline,
            f"What {style.short(found.source, 70)} shows (dots), and what was fitted to it (lines).",
            _note(found),
            rows * (HEAD + HIGH + FOOT),
        )
        wide = (WIDTH - LEFT - RIGHT - BETWEEN) / 2
        for place, picture in enumerate(found.pictures):
            left = LEFT + (place % 2) * (wide + BETWEEN)
            top = page.top + (place // 2) * (HEAD + HIGH + FOOT)
            page.write(left, top, style.wrap(picture.title, wide, BODY, bold=True, most=1), BODY, INK, bold=True)
            _key(page, picture, left, top + BODY * style.LINE + 1, wide)
            axes = page.axes(left + SIDE, top + HEAD, wide - SIDE, HIGH)
            _draw(axes, picture)
        return page.figure


def _note(found: Calibration) -> str:
    left_out = sum(one.count for one in found.left_out)
    without = f", {left_out:,} of which cannot be used" if left_out else ""
    bars = (
        " Bars: 95% intervals of each dot alone."
        if any(math.isfinite(dot.low) for one in found.pictures for dot in one.dots)
        else ""
    )
    bands = {one.band_label for one in found.pictures if one.band is not None}
    band = f" Shaded: {', '.join(sorted(bands))}." if bands else ""
    unknown = f" Not identified: {', '.join(one.name for one in found.unknown)}." if found.unknown else ""
    return f"{found.rows:,} rows{without}.{bars}{band}{unknown}"


def _colours(picture: Picture) -> list[str]:
    """A colour a line: the quiet ones grey, the others in turn."""
    turn = iter(FITTED * len(picture.lines))
    return [COMPARED if line.quiet else next(turn) for line in picture.lines]


def _key(page: style.Sheet, picture: Picture, left: float, top: float, wide: float) -> None:
    """What each line is, in its colour, in one row; lines that share a name share a word."""
    at, said = left, set()
    words = [(line.label, colour) for line, colour in zip(picture.lines, _colours(picture), strict=True)]
    if picture.dots:
        words.insert(0, (f"● {picture.dots_label}", INK))
    for word, colour in words:
        room = left + wide - at
        if word in said or room < 30:
            continue
        said.add(word)
        text = style.wrap(word if word.startswith("●") else f"— {word}", room, NOTE, most=1)
        page.write(at, top, text, NOTE, style.readable(colour))
        at += style.width_of(text, NOTE) + 12


def _draw(axes: Axes, picture: Picture) -> None:
    if picture.band is not None:
        axes.axvspan(*picture.band, color=style.tint(PALETTE[1], 0.15), lw=0)
    for line, colour in zip(picture.lines, _colours(picture), strict=True):
        axes.plot(line.x, line.y, color=colour, lw=1.0 if line.quiet else 1.8, zorder=2 if line.quiet else 3)
    for dot in picture.dots:
        if math.isfinite(dot.low):
            axes.plot([dot.x, dot.x], [dot.low, dot.high], color=QUIET, lw=1.0, solid_capstyle="butt", zorder=4)
        axes.plot([dot.x], [dot.y], "o", ms=3.6, color=INK, zorder=5)
    axes.set_xlabel(picture.across)
    axes.set_ylabel(picture.up)
    axes.tick_params(length=0)
    whole = bool(picture.dots) and all(dot.x == int(dot.x) for dot in picture.dots)
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=whole))
    axes.yaxis.set_major_locator(MaxNLocator(5))
    if axes.get_ylim()[1] >= 10_000:
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    if picture.percent:
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=None))
        if all(dot.y >= 0 for dot in picture.dots):
            axes.set_ylim(bottom=0.0)

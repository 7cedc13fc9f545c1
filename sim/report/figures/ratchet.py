"""The ratchet: what customers get beside what they compare it with, visit by visit."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.report import style, words
from sim.report.curves import FEWEST, NOTICEABLE, Curve, curve
from sim.report.figures.parts import (
    CUT,
    End,
    Panel,
    arranged,
    draw_curve,
    frame,
    label_ends,
    limits,
    looks,
    mix_note,
    named,
    replicated,
    visit_axis,
)
from sim.report.style import BODY, INK, QUIET, Look, Sheet

if TYPE_CHECKING:
    from sim.experiments.compare import Comparison

TITLED = " The title compares the first visit with the last that at least half still make."


def ratchet(comparison: Comparison) -> Figure:
    """Experience against what it is compared with, by visit, one panel a strategy: does the standard catch up?"""
    seen = {
        name: (curve(run, "experience"), curve(run, "standard"), curve(run, "expectation"))
        for name, run in comparison.runs.items()
    }
    if not any(lines[0].drawn for lines in seen.values()):
        return style.message("Too few visits to draw", f"No visit was made by {FEWEST} customers or more.")
    drawn = {name: lines for name, lines in seen.items() if lines[0].drawn}
    shown = looks(comparison)
    spreads = [float(lines[2].spread[0]) for lines in drawn.values()]
    differ = (
        f" Customers differ more: at the first visit their expectations spread by ±{words.number(max(spreads), 1)} points (sd)."
        if max(spreads) >= NOTICEABLE
        else ""
    )
    note = f"{replicated(comparison)}{differ} {CUT}{mix_note(comparison)}{TITLED}"
    panels, body, titles = arranged([shown[name].label for name in drawn], 150, 66)
    page = style.sheet(
        _ratchet_title(comparison, drawn),
        "Solid: the service customers experience. Dashed: the standard they compare it with. "
        "The gap between them is satisfaction; where the dashed line is above, it is disappointment.",
        note,
        body,
    )
    lows = [float(np.nanmin(np.fmin(line.low, line.level))) for lines in drawn.values() for line in lines]
    highs = [float(np.nanmax(np.fmax(line.high, line.level))) for lines in drawn.values() for line in lines]
    last = max(len(lines[0].visits) for lines in drawn.values())
    for (name, lines), place, title in zip(drawn.items(), panels, titles, strict=True):
        page.write(
            place.left,
            page.top + place.top - 6 - style.height_of(title, BODY + 1),
            title,
            BODY + 1,
            shown[name].text,
            bold=True,
        )
        axes = page.axes(place.left, page.top + place.top, place.width, place.height)
        limits(axes, lows, highs, 2.0)
        frame(axes, "", "level (points)" if place.outer else "")
        axes.tick_params(labelleft=place.outer)
        visit_axis(axes, last, 5)
        _one_ratchet(page, axes, place, lines, shown[name])
    return page.figure


def _one_ratchet(page: Sheet, axes: Axes, place: Panel, lines: tuple[Curve, Curve, Curve], shown: Look) -> None:
    experience, standard, expectation = lines
    axes.fill_between(
        experience.visits,
        standard.level,
        experience.level,
        where=list(experience.level >= standard.level),
        color=shown.colour,
        alpha=0.10,
        lw=0,
        interpolate=True,
    )
    axes.fill_between(
        experience.visits,
        standard.level,
        experience.level,
        where=list(experience.level < standard.level),
        facecolor="none",
        edgecolor="#9aa1a8",
        hatch="////",
        alpha=0.55,
        lw=0,
        interpolate=True,
    )
    solid = Look(shown.colour, shown.text, (0, None), shown.marker, shown.label)
    draw_curve(axes, standard, solid, dashed=True, width=1.6, colour=INK)
    draw_curve(axes, experience, solid, width=2.4)
    ends = [
        End(experience.visits[-1], experience.level[-1], "", "experience", shown.text, shown.colour),
        End(standard.visits[-1], standard.level[-1], "", "standard", INK, INK),
    ]
    if float(np.max(np.abs(standard.level - expectation.level))) > 0.3:
        axes.plot(expectation.visits, expectation.level, color=QUIET, lw=1.3, ls=(0, (1, 1.5)))
        ends.append(End(expectation.visits[-1], expectation.level[-1], "", "expectation", QUIET, QUIET))
    label_ends(
        page,
        axes,
        ends,
        place.left + place.width + 8,
        place.room,
        page.top + place.top,
        page.top + place.top + place.height,
    )


def _ratchet_title(comparison: Comparison, drawn: Mapping[str, tuple[Curve, Curve, Curve]]) -> str:
    if max(lines[1].half for lines in drawn.values()) < 4:
        return "Too few visits to tell whether customers move their standard"
    rises = {name: words.standard_rise(lines[1]) for name, lines in drawn.items()}
    if not any(math.isfinite(low) for _, low, _ in rises.values()):
        return "One replication cannot tell how far customers move their standard"
    surely = {name: rise for name, rise in rises.items() if (rise[1] > 0 or rise[2] < 0) and abs(rise[0]) >= 0.5}
    every = "every strategy" if len(rises) > 1 else f"‘{named(comparison, next(iter(rises)))}’"
    if not surely:
        still = all(abs(rise[1]) < 0.5 and abs(rise[2]) < 0.5 for rise in rises.values())
        return (
            f"Customers keep their standard under {every}: it moves by less than half a point"
            if still
            else f"Whether customers move their standard cannot be told under {'any strategy' if len(rises) > 1 else every}"
        )
    chosen = sorted(surely, key=lambda name: -surely[name][0])
    chosen = chosen if len(chosen) <= 2 else [chosen[0], chosen[-1]]
    way = (
        "raise"
        if all(surely[name][0] > 0 for name in chosen)
        else "lower"
        if all(surely[name][0] < 0 for name in chosen)
        else "move"
    )
    moved = way == "move"
    sizes = {
        name: words.say(rise if moved else abs(rise), "points", signed=moved, fine=max(0.02, (high - low) / 2))
        for name, (rise, low, high) in ((name, surely[name]) for name in chosen)
    }
    parts = [f"by {size} under ‘{named(comparison, name)}’" for name, size in sizes.items()]
    return f"Customers {way} their standard: {' and '.join(parts)}"

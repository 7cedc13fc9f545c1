"""A level by visit, and below it what each strategy lifts it above the baseline's, with what becomes of the lift."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.report import style, words
from sim.report.curves import FEWEST, Curve, Fade, curve, fade
from sim.report.figures.parts import (
    CUT,
    ENDS,
    End,
    draw_curve,
    ends_height,
    frame,
    label_ends,
    limits,
    looks,
    named,
    replicated,
    visit_axis,
)
from sim.report.style import BODY, INK, LEFT, QUIET, RIGHT, WIDTH, Look, Sheet

if TYPE_CHECKING:
    from sim.experiments.compare import Comparison

RAISED = 40.0
"""Room for an axis' numbers and label at its left, in points."""
HEAD = 24.0
"""Room for a panel's title."""


def lifted(comparison: Comparison, level: str, subtitle: str) -> Figure:
    """The level (a column of by_visit) by visit, and below it each strategy's lift over the baseline.

    Rings stand where half of a lift's peak is gone. With one strategy there is nothing to lift: its own curve is judged.
    """
    lines = {name: curve(run, level) for name, run in comparison.runs.items()}
    drawn = {name: line for name, line in lines.items() if line.drawn}
    if not drawn:
        return style.message("Too few visits to draw", f"No visit was made by {FEWEST} customers or more.")
    found, alone = words.fades(comparison, level), len(comparison.runs) == 1
    parts = _parts(comparison, level, drawn, found)
    heights = [max(270.0 if alone else 200.0, ends_height(_ends(comparison, part), ENDS) + 8) for part in parts]
    page = style.sheet(
        _title(comparison, level, found),
        subtitle + (" Rings: half of the peak is gone." if any(math.isfinite(f.half) for f in found.values()) else ""),
        f"{replicated(comparison)} {CUT}"
        + (" The lift compares those who still come under the one and under the other." if len(parts) > 1 else ""),
        sum(heights) + len(parts) * (34.0 + (0.0 if alone else HEAD)),
    )
    top = page.top
    for part, height in zip(parts, heights, strict=True):
        if not alone:
            title = style.wrap(part.title, WIDTH - LEFT - RIGHT, BODY + 1, bold=True, most=1)
            page.write(LEFT, top, title, BODY + 1, INK, bold=True)
            top += HEAD
        _panel(page, comparison, part, (top, height), max(line.drawn for line in drawn.values()))
        top += height + 34
    return page.figure


@dataclass(frozen=True)
class _Part:
    """One panel: its title, its axis, the curves, what is said at their ends, and what becomes of those with rings."""

    title: str
    label: str
    lines: Mapping[str, Curve]
    said: Mapping[str, str]
    found: Mapping[str, Fade]


def _parts(comparison: Comparison, level: str, drawn: Mapping[str, Curve], found: Mapping[str, Fade]) -> list[_Part]:
    """The level itself, then the lifts over the baseline where there are any."""
    name, label = f"{level} (points)", level.capitalize()
    if len(comparison.runs) == 1:
        return [_Part(label, name, drawn, {one: words.fading(found[one]) for one in drawn}, found)]
    raw = _Part(label, name, drawn, {one: _late(fade(line)) for one, line in drawn.items()}, {})
    gained = {one: line for one, line in words.lifts(comparison, level).items() if line.drawn}
    over = f"Lift over ‘{named(comparison, words.baseline(comparison))}’: the same people, with the same luck"
    lift = _Part(over, "lift (points)", gained, {one: words.fading(found[one]) for one in gained}, found)
    return [raw, lift] if gained else [raw]


def _late(found: Fade) -> str:
    """Where the level itself ends up, without a judgement of why."""
    return f"{words.points(found.late)} at the last visits" if math.isfinite(found.late.mean) else ""


def _ends(comparison: Comparison, part: _Part) -> list[End]:
    shown = looks(comparison)
    return [
        End(line.visits[-1], line.level[-1], shown[name].label, part.said[name], shown[name].text, shown[name].colour)
        for name, line in part.lines.items()
    ]


def _panel(page: Sheet, comparison: Comparison, part: _Part, place: tuple[float, float], last: int) -> None:
    (top, height), shown = place, looks(comparison)
    width = WIDTH - LEFT - RIGHT - RAISED - ENDS - 26
    axes = page.axes(LEFT + RAISED, top, width, height)
    limits(
        axes,
        [0.0, *(float(np.nanmin(np.fmin(line.low, line.level))) for line in part.lines.values())],
        [0.0, *(float(np.nanmax(np.fmax(line.high, line.level))) for line in part.lines.values())],
        2.0,
    )
    frame(axes, "", part.label)
    visit_axis(axes, last, 12)
    axes.axhline(0, color=QUIET, lw=1.0)
    for name, line in part.lines.items():
        draw_curve(axes, line, shown[name])
        if name in part.found:
            _ring(axes, line, part.found[name].peak_visit, part.found[name].half, shown[name])
    label_ends(page, axes, _ends(comparison, part), LEFT + RAISED + width + 26, ENDS, top, top + height)


def _ring(axes: Axes, line: Curve, peak: int, half: float, shown: Look) -> None:
    if math.isfinite(half):
        at = peak + half
        axes.plot(
            [at],
            [float(np.interp(at, line.visits, line.level))],
            marker="o",
            ms=8,
            mfc=style.PAPER,
            mec=shown.colour,
            mew=2,
            ls="none",
            zorder=5,
        )


def _title(comparison: Comparison, level: str, found: Mapping[str, Fade]) -> str:
    alone, kinds = len(comparison.runs) == 1, {fade.kind for fade in found.values()}
    if kinds == {"single"}:
        return f"One replication cannot tell whether {level} fades"
    if kinds == {"short"}:
        return f"Too few visits to tell whether {level} fades"
    if alone:
        ((name, one),) = found.items()
        said = words.fading_of(named(comparison, name), one)
        return _capital(said if level == "satisfaction" else f"{level}: {said}")
    first = f"‘{named(comparison, words.baseline(comparison))}’"
    lift = "lift" if level == "satisfaction" else f"lift in {level}"
    alike = {
        "level": f"At no visit does any strategy lift {level} above that of {first}",
        "unclear": f"Whether the {lift} over {first} fades cannot be told for any strategy",
        "dips": f"Every strategy dips far below the {level} of {first} and comes back",
        "below": f"Every strategy stays below the {level} of {first}",
        "holds": f"The {lift} over {first} does not fade under any strategy",
    }
    if len(found) > 1 and len(kinds) == 1 and kinds <= set(alike):
        return alike[kinds.pop()]
    ready = {name: fade for name, fade in found.items() if fade.kind != "short"}
    by_late = sorted(ready, key=lambda name: -_or_low(ready[name].late.mean))
    chosen = [by_late[0]]
    rest = by_late[1:]
    if rest:
        tells = [name for name in rest if ready[name].kind not in ("unclear", "level", "single")] or rest
        chosen.append(max(tells, key=lambda name: _or_low(ready[name].peak.mean)))
    said = "; ".join(words.fading_of(named(comparison, name), ready[name]) for name in chosen)
    return f"The {lift} over {first}: {said}"


def _capital(text: str) -> str:
    return words.sentence(text)[:-1]


def _or_low(value: float) -> float:
    return value if math.isfinite(value) else -math.inf

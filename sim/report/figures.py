"""A comparison as figures, each titled with what it found.

Every title is computed from the numbers drawn, asserts a difference only where its interval excludes zero, and says
"cannot be told" otherwise. Every figure is a plain function of a comparison and returns a matplotlib Figure.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from sim.engine.records import Run, Spreading
from sim.experiments.statistics import estimate
from sim.report import style, words
from sim.report.curves import FEWEST, Curve, Fade, curve
from sim.report.style import BODY, INK, LEFT, LINE, NOTE, QUIET, RIGHT, WIDTH, Look, Sheet

if TYPE_CHECKING:
    from sim.experiments.compare import Comparison, Difference, Interval

BEHIND = {"facecolor": style.PAPER, "edgecolor": "none", "pad": 0.6}
"""What lies between a label and the line it crosses."""
ENDS = 158.0
"""Room for labels at the ends of lines, in points."""
CUT = (
    f"Visits that fewer than 1% of customers (or fewer than {FEWEST} in all) still make are not drawn; lines are pale "
    "where fewer than half still come: those who stay are not like those who left."
)
MIX = " Segments keep the weight they had at the first visit."


def figure(comparison: Comparison, name: str) -> Figure:
    """The figure of this name. Errors: KeyError with the names there are."""
    if name not in FIGURES:
        raise KeyError(f"no figure {name!r}; there are {', '.join(FIGURES)}")
    with style.drawing():
        return FIGURES[name](comparison)


def looks(comparison: Comparison) -> dict[str, Look]:
    """How each strategy is drawn, the same in every figure and on the page."""
    found: dict[str, Look] = {}
    for position, name in enumerate(comparison.runs):
        found[name] = style.look(name, position)
    return found


def _named(comparison: Comparison, name: str) -> str:
    """A strategy's name as it stands in a title."""
    return style.short(looks(comparison)[name].label)


def _currency(comparison: Comparison) -> str:
    """The currency where it can be drawn, nothing where no font has it."""
    currency = comparison.market.currency
    return currency if style.drawable(currency) else ""


def _replicated(comparison: Comparison) -> str:
    count = words.replications_of(comparison)
    if count < 2:
        return "One replication: no intervals."
    return f"Bands: 95% intervals over {count:,} replications."


# --- labels at the ends of lines ----------------------------------------------------------------------------


@dataclass(frozen=True)
class _End:
    """A label for the end of a line: where the line ends (data), its name, and what there is to say."""

    across: float
    up: float
    name: str
    said: str
    colour: str
    line: str


def _label_height(end: _End, room: float) -> tuple[str, str, float]:
    name = style.wrap(end.name, room, BODY, bold=True, most=4)
    said = style.wrap(end.said, room, NOTE) if end.said else ""
    return name, said, style.height_of(name, BODY) + style.height_of(said, NOTE) + 6


def _ends_height(ends: Sequence[_End], room: float) -> float:
    return sum(_label_height(end, room)[2] for end in ends)


def _label_ends(
    page: Sheet, axes: Axes, ends: Sequence[_End], left: float, room: float, top: float, bottom: float
) -> None:
    """Write each label beside the end of its line, moved apart where they would overlap, joined by a thin line."""
    laid = [_label_height(end, room) for end in ends]
    spots = [page.place(axes, end.across, end.up) for end in ends]
    middles = style.apart([spot[1] for spot in spots], [height for _, _, height in laid], top, bottom)
    for end, (name, said, height), spot, middle in zip(ends, laid, spots, middles, strict=True):
        upper = middle - height / 2 + 3
        page.write(left, upper, name, BODY, end.colour, bold=True)
        page.write(left, upper + style.height_of(name, BODY), said, NOTE, QUIET)
        start, target = spot[0] + 4, upper + BODY * LINE / 2
        if left - start > 8:
            page.line((start, max(start + 2, left - 14), left - 4), (spot[1], target, target), end.line)


def _frame(axes: Axes, across: str, up: str) -> None:
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    axes.tick_params(length=0)
    axes.yaxis.set_major_locator(MaxNLocator(6))
    axes.yaxis.set_major_formatter(FuncFormatter(_plain))
    axes.margins(x=0.01)


def _visit_axis(axes: Axes, last: int, most: int) -> None:
    """The visits 1 to `last` along an axis, with about `most` ticks: 1, then round numbers."""
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if last / step <= most or step == 1000)
    ticks = [1, *(tick for tick in range(step, last + 1, step) if tick >= 1 + 0.75 * step)]
    axes.set_xlim(1 - 0.02 * last, last + 0.02 * last + 0.01)
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.set_xlabel("visit number")


def _time_axis(axes: Axes, days: float, most: int) -> tuple[float, list[float]]:
    """An axis of time from the start, in the unit that reads best; the unit's length in days, and the ticks."""
    unit, length = _calendar(days)
    end = days / length
    steps = (1, 2, 3, 6, 12, 24) if unit == "months" else (1, 2, 5, 10, 20, 50)
    step = next(step for step in steps if end / step <= most or step == steps[-1])
    ticks = [float(tick) for tick in range(0, int(end + 0.1) + 1, step)]
    axes.set_xlim(0, max(end, ticks[-1]))
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.set_xlabel(f"{unit} since the start")
    return length, ticks


def _plain(value: float, _: object = None) -> str:
    """A tick's number with as many decimals as it needs, at most five."""
    needs = (digits for digits in range(5) if abs(value * 10**digits - round(value * 10**digits)) < 1e-6)
    return words.number(value, next(needs, 5))


def _limits(axes: Axes, lows: Sequence[float], highs: Sequence[float], least: float) -> None:
    """Limits that hold everything with air around, at least `least` wide, so that noise is not blown up."""
    finite = [value for value in (*lows, *highs) if math.isfinite(value)]
    if not finite:
        axes.set_ylim(-1, 1)
        return
    low, high = min(finite), max(finite)
    pad = max(0.08 * (high - low), (least - (high - low)) / 2, 1e-9)
    axes.set_ylim(low - pad, high + pad)


def _draw(axes: Axes, line: Curve, shown: Look, dashed: bool = False, width: float = 2.2, colour: str = "") -> None:
    """A curve with its band: strong while at least half still come, pale after."""
    colour = colour or shown.colour
    dash = shown.dash if not dashed else (0, (3, 2))
    half = max(1, line.half)
    axes.fill_between(line.visits, line.low, line.high, color=colour, alpha=0.18, lw=0)
    if line.half < line.drawn:
        axes.plot(line.visits[half - 1 :], line.level[half - 1 :], color=colour, lw=width, ls=dash, alpha=0.4)
    axes.plot(line.visits[:half], line.level[:half], color=colour, lw=width, ls=dash)
    if line.drawn == 1:
        axes.plot(line.visits, line.level, color=colour, marker=shown.marker, ls="none")


def _grid(count: int) -> tuple[int, int]:
    """Rows and columns for this many panels: at most three beside each other."""
    columns = count if count <= 3 else 2 if count == 4 else 3
    return -(-count // columns), columns


@dataclass(frozen=True)
class _Panel:
    left: float
    top: float
    width: float
    height: float
    room: float
    outer: bool


def _panels(
    names: Sequence[str], height: float, beside: float, first: float = 42, next_: float = 18
) -> tuple[list[_Panel], float, list[str]]:
    """Places for one panel a strategy, relative to the body; their total height; their titles, wrapped.

    `first`: room for levels beside the first panel of a row; `next_`: between panels; `beside`: for labels.
    """
    rows, columns = _grid(len(names))
    wide = min(380.0, (WIDTH - LEFT - RIGHT - first - next_ * (columns - 1)) / columns)
    titles = [style.wrap(name, wide - 4, BODY + 1, bold=True, most=3) for name in names]
    panels, top = [], 0.0
    for row in range(rows):
        inside = range(row * columns, min(len(names), (row + 1) * columns))
        head = max(style.height_of(titles[i], BODY + 1) for i in inside) + 6
        for i in inside:
            left = LEFT + first + (i - row * columns) * (wide + next_)
            panels.append(_Panel(left, top + head, wide - beside - 10, height, beside, outer=i == row * columns))
        top += head + height + 40
    return panels, top, titles


# --- the ratchet --------------------------------------------------------------------------------------------


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
    note = (
        f"{_replicated(comparison)} Customers differ more: at the first visit their expectations spread by "
        f"±{words.number(max(spreads), 1)} points (sd). {CUT}" + _mix_note(comparison)
    )
    panels, body, titles = _panels([shown[name].label for name in drawn], 150, 66)
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
        _limits(axes, lows, highs, 2.0)
        _frame(axes, "", "level (points)" if place.outer else "")
        axes.tick_params(labelleft=place.outer)
        _visit_axis(axes, last, 5)
        _one_ratchet(page, axes, place, lines, shown[name])
    return page.figure


def _one_ratchet(page: Sheet, axes: Axes, place: _Panel, lines: tuple[Curve, Curve, Curve], shown: Look) -> None:
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
    _draw(axes, standard, solid, dashed=True, width=1.6, colour=INK)
    _draw(axes, experience, solid, width=2.4)
    ends = [
        _End(experience.visits[-1], experience.level[-1], "", "experience", shown.text, shown.colour),
        _End(standard.visits[-1], standard.level[-1], "", "standard", INK, INK),
    ]
    if float(np.max(np.abs(standard.level - expectation.level))) > 0.3:
        axes.plot(expectation.visits, expectation.level, color=QUIET, lw=1.3, ls=(0, (1, 1.5)))
        ends.append(_End(expectation.visits[-1], expectation.level[-1], "", "expectation", QUIET, QUIET))
    _label_ends(
        page,
        axes,
        ends,
        place.left + place.width + 8,
        place.room,
        page.top + place.top,
        page.top + place.top + place.height,
    )


def _mix_note(comparison: Comparison) -> str:
    run = next(iter(comparison.runs.values()))
    return MIX if len(np.unique(run.by_visit["segment"])) > 1 else ""


def _ratchet_title(comparison: Comparison, drawn: Mapping[str, tuple[Curve, Curve, Curve]]) -> str:
    if max(lines[1].drawn for lines in drawn.values()) < 4:
        return "Too few visits to tell whether customers move their standard"
    rises = {name: words.standard_rise(lines[1]) for name, lines in drawn.items()}
    if not any(math.isfinite(low) for _, low, _ in rises.values()):
        return "One replication cannot tell how far customers move their standard"
    surely = {name: rise for name, rise in rises.items() if (rise[1] > 0 or rise[2] < 0) and abs(rise[0]) >= 0.5}
    every = "every strategy" if len(rises) > 1 else f"‘{_named(comparison, next(iter(rises)))}’"
    if not surely:
        still = all(abs(rise[1]) < 0.5 and abs(rise[2]) < 0.5 for rise in rises.values())
        return (
            f"Customers keep their standard under {every}: it moves by less than half a point"
            if still
            else f"Whether customers move their standard under {every} cannot be told"
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
    sizes = {
        name: words.number(surely[name][0] if way == "move" else abs(surely[name][0]), 1, way == "move")
        for name in chosen
    }
    parts = [f"by {size} points under ‘{_named(comparison, name)}’" for name, size in sizes.items()]
    return f"Customers {way} their standard: {' and '.join(parts)}"


# --- satisfaction by visit ----------------------------------------------------------------------------------


def satisfaction(comparison: Comparison) -> Figure:
    """Satisfaction by visit, each line ending in what becomes of it; rings where half of a peak is gone."""
    lines = {name: curve(run, "satisfaction") for name, run in comparison.runs.items()}
    drawn = {name: line for name, line in lines.items() if line.drawn}
    if not drawn:
        return style.message("Too few visits to draw", f"No visit was made by {FEWEST} customers or more.")
    found, shown = words.fades(comparison), looks(comparison)
    ends = [
        _End(
            line.visits[-1],
            line.level[-1],
            shown[name].label,
            words.fading(found[name]),
            shown[name].text,
            shown[name].colour,
        )
        for name, line in drawn.items()
    ]
    fits = "; ".join(said for said in (words.fit_note(_named(comparison, name), found[name]) for name in drawn) if said)
    note = f"{_replicated(comparison)} {CUT}{_mix_note(comparison)}" + (
        f" Decay from the peak on (n visits later): {fits}." if fits else ""
    )
    height = max(270.0, _ends_height(ends, ENDS) + 8)
    page = style.sheet(
        _satisfaction_title(comparison, found),
        "Mean satisfaction at each visit: experience minus what it is compared with. 0 is exactly as expected."
        + (" Rings: half of the peak is gone." if any(math.isfinite(f.half) for f in found.values()) else ""),
        note,
        height + 34,
    )
    width = WIDTH - LEFT - RIGHT - 40 - ENDS - 26
    axes = page.axes(LEFT + 40, page.top, width, height)
    _limits(
        axes,
        [0.0, *(float(np.nanmin(np.fmin(line.low, line.level))) for line in drawn.values())],
        [0.0, *(float(np.nanmax(np.fmax(line.high, line.level))) for line in drawn.values())],
        2.0,
    )
    _frame(axes, "", "satisfaction (points)")
    _visit_axis(axes, max(line.drawn for line in drawn.values()), 12)
    axes.axhline(0, color=QUIET, lw=1.0)
    for name, line in drawn.items():
        _draw(axes, line, shown[name])
        _ring(axes, line, found[name].peak_visit, found[name].half, shown[name])
    _label_ends(page, axes, ends, LEFT + 40 + width + 26, ENDS, page.top, page.top + height)
    return page.figure


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


def _satisfaction_title(comparison: Comparison, found: Mapping[str, Fade]) -> str:
    kinds = {fade.kind for fade in found.values()}
    if kinds == {"single"}:
        return "One replication cannot tell whether satisfaction fades"
    if len(found) > 1 and len(kinds) == 1:
        alike = {
            "level": "Satisfaction stays near zero under every strategy",
            "unclear": "Whether satisfaction fades cannot be told under any strategy",
            "short": "Too few visits to tell whether satisfaction fades",
            "below": "Satisfaction stays below zero under every strategy",
            "holds": "Satisfaction does not fade under any strategy",
        }
        if kinds <= set(alike):
            return alike[kinds.pop()]
    ready = {name: fade for name, fade in found.items() if fade.kind != "short"} or found
    by_late = sorted(ready, key=lambda name: -_or_low(ready[name].late.mean))
    chosen = [by_late[0]]
    rest = by_late[1:]
    if rest:
        tells = [name for name in rest if ready[name].kind not in ("unclear", "level", "single")] or rest
        chosen.append(max(tells, key=lambda name: _or_low(ready[name].peak.mean)))
    return words.sentence("; ".join(words.fading_of(_named(comparison, name), ready[name]) for name in chosen))[:-1]


def _or_low(value: float) -> float:
    return value if math.isfinite(value) else -math.inf


# --- the forest of differences ------------------------------------------------------------------------------


def forest(comparison: Comparison) -> Figure:
    """Each strategy minus the baseline, in the verdict's outcome and the main ones, with simultaneous intervals."""
    first, others = words.baseline(comparison), list(comparison.runs)[1:]
    if not others:
        return style.message(
            "One strategy: there is nothing to compare it with",
            "Add a second strategy to the scenario to see differences.",
        )
    outcomes = _forest_outcomes(comparison, first, others)
    shown = looks(comparison)
    names = [style.wrap(shown[name].label, 150, BODY + 1, bold=True, most=4) for name in others]
    heights = [max(58.0, style.height_of(name, BODY + 1) + 16) for name in names]
    single = words.replications_of(comparison) < 2
    note = (
        "One replication: differences without intervals decide nothing."
        if single
        else f"Points: mean paired difference over {words.replications_of(comparison):,} replications, same people and "
        "same luck. Bars: 95% intervals that hold for all pairs of strategies at once. "
        "Filled: the interval excludes zero; "
        "hollow: it "
        "cannot be told from zero."
    )
    head = 40.0
    page = style.sheet(
        _forest_title(comparison, first, others),
        f"Difference from ‘{shown[first].label}’. Right of the line is more, left is less.",
        note,
        head + sum(heights) + 40,
    )
    left, gap = LEFT + 160, 22.0
    wide = (WIDTH - RIGHT - left - gap * (len(outcomes) - 1)) / max(1, len(outcomes))
    tops = [page.top + head + sum(heights[:i]) for i in range(len(others))]
    for name, text, top, tall in zip(others, names, tops, heights, strict=True):
        page.write(
            LEFT, top + (tall - style.height_of(text, BODY + 1)) / 2, text, BODY + 1, shown[name].text, bold=True
        )
    for column, outcome in enumerate(outcomes):
        place = left + column * (wide + gap)
        page.write(
            place + wide / 2,
            page.top,
            style.wrap(words.MEASURES[outcome].label, wide, BODY + 0.5, bold=True),
            BODY + 0.5,
            INK,
            bold=True,
            align="center",
        )
        axes = page.axes(place, page.top + head, wide, sum(heights))
        _forest_column(axes, comparison, others, heights, outcome, wide)
    return page.figure


def _forest_outcomes(comparison: Comparison, first: str, others: Sequence[str]) -> list[str]:
    wanted = dict.fromkeys([comparison.verdict.outcome, "satisfaction", "lasting", "retention", "profit", "cost"])

    def moves(outcome: str) -> bool:
        found = [words.difference_of(comparison, name, first, outcome) for name in others]
        return any(d is not None and math.isfinite(d.mean) and d.mean != 0 for d in found)

    kept = [outcome for outcome in wanted if outcome == comparison.verdict.outcome or moves(outcome)]
    return [outcome for outcome in kept if outcome in words.MEASURES][:4]


def _forest_column(
    axes: Axes, comparison: Comparison, others: Sequence[str], heights: Sequence[float], outcome: str, wide: float
) -> None:
    """One outcome's differences, one under the other, each with its number above its bar."""
    kind = words.MEASURES[outcome].kind
    scale = 100.0 if kind == "share" else 1.0
    currency = _currency(comparison)
    unit = {"points": "points", "share": "percentage points", "money": currency or "money", "score": "score"}.get(
        kind, "per person"
    )
    found = [words.difference_of(comparison, name, words.baseline(comparison), outcome) for name in others]
    ends = [scale * end for d in found if d for end in (d.mean, d.low, d.high) if math.isfinite(end)]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    span = (high - low) or 1.0
    axes.set_xlim(low - 0.22 * span, high + 0.22 * span)
    axes.set_ylim(sum(heights), 0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.grid(False)
    axes.axvline(0, color=QUIET, lw=1.0)
    axes.set_xlabel(unit)
    axes.tick_params(length=0)
    left, right = axes.get_xlim()
    ticks = MaxNLocator(3 if wide < 150 else 5).tick_values(left, right)
    edge = 0.1 * (right - left)
    axes.xaxis.set_major_locator(FixedLocator([tick for tick in ticks if left + edge <= tick <= right - edge]))
    axes.xaxis.set_major_formatter(FuncFormatter(_compact))
    at = 0.0
    for name, difference, tall in zip(others, found, heights, strict=True):
        if difference is not None and math.isfinite(difference.mean):
            _forest_row(
                axes,
                difference,
                at + tall / 2 + 2,
                scale,
                looks(comparison)[name],
                _difference_said(difference, kind, currency),
                kind,
            )
        at += tall


def _compact(value: float, _: object = None) -> str:
    if abs(value) >= 1e6:
        return f"{_plain(round(value / 1e6, 2))}M"
    return f"{_plain(round(value / 1e3, 1))}k" if abs(value) >= 1e4 else _plain(value)


def _sized(difference: Difference, kind: str, currency: str) -> str:
    """How large a decided difference is; never nothing, however small."""
    size = words.gap(abs(difference.mean), kind, currency, signed=False, fine=_half(difference))
    return size if any(sign in "123456789" for sign in size) else f"less than {size.replace('0.00', '0.01')}"


def _half(difference: Difference) -> float:
    """Half the width of its interval, by which digits are chosen."""
    return (difference.high - difference.low) / 2


def _difference_said(difference: Difference, kind: str, currency: str) -> str:
    if kind == "money" and abs(difference.mean) >= 1e4:
        return f"{'+' if difference.mean > 0 else ''}{_compact(difference.mean)}"
    return words.say(difference.mean, kind, currency, signed=True, unit=False, fine=_half(difference))


def _short_between(difference: Difference, kind: str) -> str:
    if kind == "money" and max(abs(difference.low), abs(difference.high)) >= 1e4:
        return " to ".join(f"{'+' if end > 0 else ''}{_compact(end)}" for end in (difference.low, difference.high))
    return words.between(difference.low, difference.high, kind, signed=True)


def _forest_row(axes: Axes, found: Difference, at: float, scale: float, shown: Look, said: str, kind: str) -> None:
    if math.isfinite(found.low) and math.isfinite(found.high):
        axes.plot([scale * found.low, scale * found.high], [at, at], color=shown.colour, lw=2.2, solid_capstyle="butt")
    axes.plot(
        [scale * found.mean],
        [at],
        marker=shown.marker,
        ms=7.5,
        mec=shown.colour,
        mew=1.8,
        ls="none",
        mfc=shown.colour if found.decided else style.PAPER,
        zorder=4,
    )
    low, high = axes.get_xlim()
    room = 0.5 * style.width_of(said, BODY, bold=True) / (axes.get_position().width * WIDTH) * (high - low)
    middle = min(max(scale * found.mean, low + room), high - room)
    if math.isfinite(found.low) and math.isfinite(found.high) and found.high > found.low:
        reach = _short_between(found, kind)
        room = 0.5 * style.width_of(reach, NOTE - 0.5) / (axes.get_position().width * WIDTH) * (high - low)
        axes.text(
            min(max(scale * found.mean, low + room), high - room),
            at + 8,
            reach,
            ha="center",
            va="top",
            fontsize=NOTE - 0.5,
            color=QUIET,
            bbox=BEHIND,
        )
    axes.text(
        middle,
        at - 9,
        said,
        ha="center",
        va="bottom",
        fontsize=BODY,
        color=shown.text,
        bbox=BEHIND,
        fontweight="bold" if found.decided else "normal",
    )


def _forest_title(comparison: Comparison, first: str, others: Sequence[str]) -> str:
    outcome = comparison.verdict.outcome
    measure = words.MEASURES.get(outcome, words.Measure(outcome, "number", 1, ""))
    label = measure.label.lower()
    currency = _currency(comparison)
    found = {name: words.difference_of(comparison, name, first, outcome) for name in others}
    sure = {name: d for name, d in found.items() if d is not None and d.decided}
    known = _named(comparison, first)
    if not sure:
        if all(d is not None and d.mean == 0 and d.low == d.high for d in found.values()):
            return f"In {label}, every strategy equals ‘{known}’ exactly"
        return f"In {label}, no strategy can be told apart from ‘{known}’"
    chosen = sorted(sure, key=lambda name: -sure[name].mean)
    chosen = chosen if len(chosen) <= 2 else [chosen[0], chosen[-1]]
    gains, loses = ("gains", "loses") if measure.good >= 0 else ("adds", "saves")
    parts = [
        f"‘{_named(comparison, name)}’ {gains if sure[name].mean > 0 else loses} "
        + _sized(sure[name], measure.kind, currency)
        for name in chosen
    ]
    unsure = len(found) - len(sure)
    ending = f"; {unsure} {'other' if unsure == 1 else 'others'} cannot be told from it" if unsure else ""
    return f"In {label} against ‘{known}’: {', '.join(parts)}{ending}"


# --- cost against satisfaction ------------------------------------------------------------------------------


def cost(comparison: Comparison) -> Figure:
    """What each strategy costs against the satisfaction it gives, with intervals both ways."""
    outcome = comparison.verdict.outcome if _drawable_outcome(comparison) else "satisfaction"
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
    currency = _currency(comparison)
    unit = {"points": "points", "share": "%"}.get(measure.kind, measure.kind)
    ends = []
    for name, (x, y) in points.items():
        level = words.say(y.mean, measure.kind, currency, signed=measure.kind == "points")
        said = f"{words.money(x.mean, currency) if x.mean else 'no cost'}: {level}"
        ends.append(_End(x.mean, scale * y.mean, shown[name].label, said, shown[name].text, shown[name].colour))
    height = max(270.0, _ends_height(ends, ENDS) + 8)
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
    _frame(axes, f"cost per starting customer ({currency or 'money'})", f"{measure.label.lower()} ({unit})")
    bars = [
        (_or(x.low, x.mean), _or(x.high, x.mean), scale * _or(y.low, y.mean), scale * _or(y.high, y.mean))
        for x, y in points.values()
    ]
    _cost_scales(axes, bars)
    if not _label_points(page, axes, ends, bars, (page.top, page.top + height)):
        narrow = width - ENDS - 40
        axes.set_position((axes.get_position().x0, axes.get_position().y0, narrow / WIDTH, axes.get_position().height))
        _label_ends(page, axes, ends, LEFT + 40 + narrow + 40, ENDS, page.top, page.top + height)
    for name, (x, y) in points.items():
        _cross(axes, x, y, scale, shown[name])
    return page.figure


def _cost_scales(axes: Axes, bars: Sequence[tuple[float, float, float, float]]) -> None:
    """Scales that hold every cross (low and high cost, low and high outcome) and the cost of doing nothing."""
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.xaxis.set_major_formatter(FuncFormatter(_compact))
    axes.grid(True, axis="both")
    _limits(axes, [bar[2] for bar in bars], [bar[3] for bar in bars], 1.0)
    least, most = min(0.0, *(bar[0] for bar in bars)), max(bar[1] for bar in bars)
    pad = 0.06 * (most - least) or max(1.0, 0.1 * abs(most))
    axes.set_xlim(least - pad, most + pad)


def _label_points(
    page: Sheet,
    axes: Axes,
    ends: Sequence[_End],
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
        name, said, tall = _label_height(end, ENDS)
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


def _drawable_outcome(comparison: Comparison) -> bool:
    return comparison.verdict.outcome in words.MEASURES and comparison.verdict.outcome not in (
        "cost",
        "profit",
        "lifetime_value",
    )


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
    label, currency = words.MEASURES[outcome].label.lower(), _currency(comparison)
    if not any((i.outcome == "cost") and i.mean != 0 for i in comparison.intervals):
        return "No strategy costs anything in this scenario"
    if not others:
        found = words.interval_of(comparison, first, "cost")
        price = words.money(found.mean if found else math.nan, currency)
        return f"‘{_named(comparison, first)}’ costs {price} per starting customer"
    good = words.MEASURES[outcome].good or 1
    buys: list[tuple[str, float]] = []
    free: list[tuple[str, float]] = []
    for name in others:
        more, extra = (words.difference_of(comparison, name, first, which) for which in (outcome, "cost"))
        if more is None or extra is None or not more.decided or more.mean * good <= 0:
            continue
        (buys if extra.mean > 0 else free).append((name, extra.mean / abs(more.mean)))
    known = _named(comparison, first)
    if free:
        return f"‘{_named(comparison, free[0][0])}’ does better in {label} than ‘{known}’ and costs no more"
    if not buys:
        return f"No spending here buys {label} that can be told from what ‘{known}’ gives"
    buys.sort(key=lambda pair: pair[1])
    chosen = buys if len(buys) <= 2 else [buys[0], buys[-1]]
    each = {"points": "A point of", "share": "A percentage point of"}.get(words.MEASURES[outcome].kind, "One more in")
    size = 0.01 if words.MEASURES[outcome].kind == "share" else 1.0
    parts = [
        f"{words.money(price * size, currency)} per customer with ‘{_named(comparison, name)}’"
        for name, price in chosen
    ]
    return f"{each} {label} beyond ‘{known}’ costs {' and '.join(parts)}"


# --- how expectation spreads over people --------------------------------------------------------------------


def spreading(comparison: Comparison) -> Figure:
    """How expectation is distributed over customers as time goes by: median, middle half and middle 90%."""
    bands = {name: quantiles(run.spreading) for name, run in comparison.runs.items()}
    drawn = {name: band for name, band in bands.items() if np.isfinite(band).any()}
    if not drawn:
        return style.message("Nobody is left whose expectation could be drawn", "No customers at any checkpoint.")
    shown = looks(comparison)
    days = max(
        1.0, *(float(comparison.runs[name].spreading.days[np.isfinite(band[2])][-1]) for name, band in drawn.items())
    )
    panels, body, titles = _panels([shown[name].label for name in drawn], 150, 62)
    page = style.sheet(
        _spreading_title(comparison, drawn),
        "What customers expect as time goes by. Line: the median customer. "
        "Dark band: the middle half of customers. Pale band: the middle 90%.",
        "All replications together; only people who are customers on that day are counted: those who left take "
        f"their expectations with them. Days with fewer than {FEWEST} customers are not drawn.",
        body,
    )
    lows = [float(np.nanmin(band)) for band in drawn.values()]
    highs = [float(np.nanmax(band)) for band in drawn.values()]
    for (name, band), place, title in zip(drawn.items(), panels, titles, strict=True):
        page.write(
            place.left,
            page.top + place.top - 6 - style.height_of(title, BODY + 1),
            title,
            BODY + 1,
            shown[name].text,
            bold=True,
        )
        axes = page.axes(place.left, page.top + place.top, place.width, place.height)
        _limits(axes, lows, highs, 2.0)
        _frame(axes, "", "expectation (points)" if place.outer else "")
        axes.tick_params(labelleft=place.outer)
        length, _ = _time_axis(axes, days, 4)
        _one_spreading(page, axes, place, comparison.runs[name].spreading.days / length, band, shown[name])
    return page.figure


LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)


def quantiles(found: Spreading) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """(5, T) the 5, 25, 50, 75 and 95% quantiles of expectation at each checkpoint, interpolated within bins.

    NaN where fewer than 30 people are counted. Endless outer bins are closed at the width of their neighbour.
    """
    edges = found.edges.astype(np.float64).copy()
    inner = np.isfinite(edges)
    step = float(np.median(np.diff(edges[inner]))) if inner.sum() > 1 else 1.0
    edges[0] = edges[0] if inner[0] else edges[1] - step
    edges[-1] = edges[-1] if inner[-1] else edges[-2] + step
    result = np.full((len(LEVELS), len(found.days)), np.nan)
    for column, counts in enumerate(found.counts):
        total = float(counts.sum())
        if total >= FEWEST:
            filled = np.concatenate([[0.0], np.cumsum(counts) / total])
            keep = np.concatenate([[True], np.diff(filled) > 0])
            start = int(np.argmax(counts > 0))
            keep[0], keep[start] = start == 0, True
            result[:, column] = np.interp(LEVELS, filled[keep], edges[keep])
    return result


def _one_spreading(
    page: Sheet,
    axes: Axes,
    place: _Panel,
    times: np.ndarray[tuple[int], np.dtype[np.float64]],
    band: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    shown: Look,
) -> None:
    axes.fill_between(times, band[0], band[4], color=shown.colour, alpha=0.14, lw=0)
    axes.fill_between(times, band[1], band[3], color=shown.colour, alpha=0.30, lw=0)
    axes.plot(times, band[2], color=shown.colour, lw=2.2)
    known = np.flatnonzero(np.isfinite(band[2]))
    last = int(known[-1])
    if len(known) == 1:
        axes.plot(times[known], band[2][known], color=shown.colour, marker=shown.marker, ls="none")
    texts = ("95% are below", "", "median", "", "5% are below")
    ends = [
        _End(float(times[last]), float(band[i, last]), "", text, QUIET, shown.colour)
        for i, text in zip((4, 3, 2, 1, 0), texts, strict=True)
        if text
    ]
    _label_ends(
        page,
        axes,
        ends,
        place.left + place.width + 6,
        place.room,
        page.top + place.top,
        page.top + place.top + place.height,
    )


def _calendar(days: float) -> tuple[str, float]:
    """The unit that reads best on an axis of so many days, and its length in days."""
    if days <= 120:
        return "days", 1.0
    return ("months", 365.25 / 12) if days <= 5 * 365.25 else ("years", 365.25)


def _spreading_title(
    comparison: Comparison, drawn: Mapping[str, np.ndarray[tuple[int, int], np.dtype[np.float64]]]
) -> str:
    edges = next(iter(comparison.runs.values())).spreading.edges
    finest = max(0.5, float(np.median(np.diff(edges))) / 2)
    moves = {name: _moved(band, comparison.runs[name].spreading) for name, band in drawn.items()}
    widest = max(moves, key=lambda name: abs(moves[name][0]))
    every = "every strategy" if len(drawn) > 1 else f"‘{_named(comparison, widest)}’"
    shift, before, after, error = moves[widest]
    least = max(finest, *(2 * move[3] for move in moves.values()))
    if abs(shift) < least:
        return f"The median expectation moves by less than {words.number(least, 1)} points under {every}"
    way = "climbs" if shift > 0 else "sinks"
    return (
        f"The median expectation {way} {'most ' if len(drawn) > 1 else ''}under ‘{_named(comparison, widest)}’: by "
        f"{words.number(abs(shift), 1)} points" + _width_said(before, after, max(finest, error))
    )


def _moved(
    band: np.ndarray[tuple[int, int], np.dtype[np.float64]], found: Spreading
) -> tuple[float, float, float, float]:
    """How far the median moved, the width of the middle half first and last, and the standard error of the move.

    A median of n people errs by 1.25 sd/√n, and the middle half of a normal curve is 1.35 sd wide.
    """
    known = np.flatnonzero(np.isfinite(band[2]))
    first, last = int(known[0]), int(known[-1])
    widths = [float(band[3, at] - band[1, at]) for at in (first, last)]
    people = [float(found.counts[at].sum()) for at in (first, last)]
    error = math.hypot(*(1.25 * width / 1.35 / math.sqrt(count) for width, count in zip(widths, people, strict=True)))
    return float(band[2, last] - band[2, first]), widths[0], widths[1], error


def _width_said(first: float, last: float, finest: float) -> str:
    half = f"middle half {words.number(first, 1)} → {words.number(last, 1)} points wide"
    if last > first + 2 * finest:
        return f"; customers grow further apart ({half})"
    if last < first - 2 * finest:
        return f"; customers grow more alike ({half})"
    return ""


# --- retention ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Stay:
    """Customers on each day (T,) as a share of the starting customers, with its interval, and their mean number."""

    days: np.ndarray[tuple[int], np.dtype[np.float64]]
    share: np.ndarray[tuple[int], np.dtype[np.float64]]
    low: np.ndarray[tuple[int], np.dtype[np.float64]]
    high: np.ndarray[tuple[int], np.dtype[np.float64]]
    count: np.ndarray[tuple[int], np.dtype[np.float64]]


def stays(run: Run) -> _Stay:
    """Who is still a customer of our firm (the market's first) on each day, from by_day; it starts with everybody."""
    table = run.by_day
    ours = table["firm"] == run.market.firms[0].name
    replication = np.unique(table["replication"][ours], return_inverse=True)[1]
    day = np.unique(table["day"][ours], return_inverse=True)[1]
    days = np.unique(table["day"][ours]).astype(np.float64)
    count = np.full((int(replication.max(initial=-1)) + 1, len(days)), np.nan)
    change = np.zeros_like(count)
    count[replication, day] = table["customers"][ours]
    change[replication, day] = table["left"][ours].astype(np.float64) - table["joined"][ours]
    start = count[:, :1] + change[:, :1]
    full = np.concatenate([start, count], axis=1)
    share = full / np.where(start > 0, start, np.nan)
    found = [estimate(column) for column in share.T]
    mean, low, high = np.array([(each.mean, each.low, each.high) for each in found]).T
    return _Stay(np.concatenate([[0.0], days + 1]), mean, low, high, full.mean(axis=0))


def retention(comparison: Comparison) -> Figure:
    """Who is still a customer, day by day, with intervals, and the numbers at risk below."""
    lines = {name: stays(run) for name, run in comparison.runs.items()}
    shown = looks(comparison)
    days = max(float(line.days[-1]) for line in lines.values())
    length = _calendar(days)[1]
    ends = [
        _End(
            line.days[-1] / length,
            100 * line.share[-1],
            shown[name].label,
            f"{words.number(100 * line.share[-1], 1)}% at the end",
            shown[name].text,
            shown[name].colour,
        )
        for name, line in lines.items()
    ]
    height = max(230.0, _ends_height(ends, ENDS) + 8)
    rows = 18.0 if all("\n" not in style.wrap(look.label, 110, NOTE, bold=True) for look in shown.values()) else 27.0
    count = words.replications_of(comparison)
    band = "One replication: no intervals." if count < 2 else f"Bands: 95% intervals over {count:,} replications."
    body = height + 40 + 16 + rows * len(lines)
    page = style.sheet(
        _retention_title(comparison, lines),
        "Share of the starting customers' number who are customers, day by day. Below: how many that is.",
        f"{band} Somebody who left and came back counts again from then on. Numbers are means a replication.",
        body,
    )
    left, width = LEFT + 134, WIDTH - LEFT - RIGHT - 134 - ENDS - 26
    axes = page.axes(left, page.top, width, height)
    lows = [100 * float(np.nanmin(np.fmin(line.low, line.share))) for line in lines.values()]
    axes.set_ylim(0 if min(lows) < 60 else max(0.0, min(lows) - 5), 102)
    _frame(axes, "", "still customers (%)")
    ticks = _time_axis(axes, days, 8)[1]
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
    _label_ends(page, axes, ends, left + width + 26, ENDS, page.top, page.top + height)
    _at_risk(page, axes, lines, shown, length, ticks, page.top + height + 40, rows)
    return page.figure


def _at_risk(
    page: Sheet,
    axes: Axes,
    lines: Mapping[str, _Stay],
    shown: Mapping[str, Look],
    length: float,
    ticks: Sequence[float],
    top: float,
    row: float,
) -> None:
    """How many customers stand behind each part of the curves, under the axis' own ticks."""
    page.write(LEFT, top, "customers left", NOTE, QUIET)
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
                _compact(round(count)) if count >= 1e5 else words.number(round(count), 0),
                NOTE,
                INK,
                align="center",
            )


def _retention_title(comparison: Comparison, lines: Mapping[str, _Stay]) -> str:
    if all(float(np.nanmin(line.share)) >= 1.0 for line in lines.values()):
        return "Nobody leaves in this scenario"
    first, others = words.baseline(comparison), list(lines)[1:]
    known = _named(comparison, first)
    held = {name: f"{words.number(100 * line.share[-1], 0)}%" for name, line in lines.items()}
    if not others:
        return f"‘{known}’ has {held[first]} of its customers at the end"
    found = {name: words.difference_of(comparison, name, first, "retention") for name in others}
    sure = {name: d for name, d in found.items() if d is not None and d.decided}
    if not sure:
        if all(d is not None and d.mean == 0 and d.low == d.high for d in found.values()):
            return f"Every strategy keeps as many customers as ‘{known}’: {held[first]}"
        return f"Whether any strategy keeps more customers than ‘{known}’ cannot be told"
    best, worst = max(sure, key=lambda name: sure[name].mean), min(sure, key=lambda name: sure[name].mean)
    parts = [
        f"{words.number(100 * abs(sure[name].mean), 1)} {'more' if sure[name].mean > 0 else 'fewer'} with "
        f"‘{_named(comparison, name)}’"
        for name in dict.fromkeys((best, worst))
    ]
    return f"Of every 100 customers, {' and '.join(parts)} stay to the end than with ‘{known}’"


FIGURES: Mapping[str, Callable[[Comparison], Figure]] = {
    "satisfaction": satisfaction,
    "ratchet": ratchet,
    "forest": forest,
    "retention": retention,
    "cost": cost,
    "spreading": spreading,
}
"""Every figure by name, in the order of the page."""


def worth_drawing(comparison: Comparison) -> tuple[str, ...]:
    """The figures that have something to show: no forest of a single strategy, no costs where nothing costs."""

    def tells(name: str) -> bool:
        if name == "forest":
            return len(comparison.runs) > 1
        if name == "cost":
            return any(i.outcome == "cost" and i.mean != 0 and math.isfinite(i.mean) for i in comparison.intervals)
        return True

    return tuple(name for name in FIGURES if tells(name))

"""What the figures share: names and looks, axes, curves, panels, and labels at the ends of lines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from sim.report import style, words
from sim.report.curves import FEWEST, Curve, Estimate
from sim.report.style import BODY, LEFT, LINE, NOTE, QUIET, RIGHT, WIDTH, Look, Sheet

if TYPE_CHECKING:
    from sim.experiments.compare import Comparison

BEHIND = {"facecolor": style.PAPER, "edgecolor": "none", "pad": 0.6}
"""What lies between a label and the line it crosses."""
ENDS = 158.0
"""Room for labels at the ends of lines, in points."""
CUT = (
    f"Visits that fewer than 1% of customers (or fewer than {FEWEST} in all) still make are not drawn; lines are pale "
    "where fewer than half still come: those who stay are not like those who left."
)
MIX = " Later visits weigh each kind of customer as the first visit does."




def looks(comparison: Comparison) -> dict[str, Look]:
    """How each strategy is drawn, the same in every figure and on the page."""
    found: dict[str, Look] = {}
    for position, name in enumerate(comparison.runs):
        found[name] = style.look(name, position)
    return found


def named(comparison: Comparison, name: str) -> str:
    """A strategy's name as it stands in a title."""
    return style.short(looks(comparison)[name].label)


def currency_of(comparison: Comparison) -> str:
    """The currency where it can be drawn, nothing where no font has it."""
    currency = comparison.market.currency
    return currency if style.drawable(currency) else ""


def replicated(comparison: Comparison) -> str:
    count = words.replications_of(comparison)
    if count < 2:
        return "One replication: no intervals."
    return f"Bands: 95% intervals over {count:,} replications."




@dataclass(frozen=True)
class End:
    """A label for the end of a line: where the line ends (data), its name, and what there is to say."""

    across: float
    up: float
    name: str
    said: str
    colour: str
    line: str


def label_height(end: End, room: float) -> tuple[str, str, float]:
    name = style.wrap(end.name, room, BODY, bold=True, most=4)
    said = style.wrap(end.said, room, NOTE) if end.said else ""
    return name, said, style.height_of(name, BODY) + style.height_of(said, NOTE) + 6


def ends_height(ends: Sequence[End], room: float) -> float:
    return sum(label_height(end, room)[2] for end in ends)


def label_ends(
    page: Sheet, axes: Axes, ends: Sequence[End], left: float, room: float, top: float, bottom: float
) -> None:
    """Write each label beside the end of its line, moved apart where they would overlap, joined by a thin line."""
    laid = [label_height(end, room) for end in ends]
    spots = [page.place(axes, end.across, end.up) for end in ends]
    middles = style.apart([spot[1] for spot in spots], [height for _, _, height in laid], top, bottom)
    for end, (name, said, height), spot, middle in zip(ends, laid, spots, middles, strict=True):
        upper = middle - height / 2 + 3
        page.write(left, upper, name, BODY, end.colour, bold=True)
        page.write(left, upper + style.height_of(name, BODY), said, NOTE, QUIET)
        start, target = spot[0] + 4, upper + BODY * LINE / 2
        if left - start > 8:
            page.line((start, max(start + 2, left - 14), left - 4), (spot[1], target, target), end.line)


def rounded(found: Estimate, least: float = 0.02, signed: bool = False) -> str:
    """A number with the digits its interval deserves, and no more than three or so that count."""
    return words.digits(found.mean, max(least, abs(found.mean) / 60, _known(words.half_width(found))), signed)


def _known(value: float) -> float:
    return value if math.isfinite(value) else 0.0


def frame(axes: Axes, across: str, up: str) -> None:
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    axes.tick_params(length=0)
    axes.yaxis.set_major_locator(MaxNLocator(6))
    axes.yaxis.set_major_formatter(FuncFormatter(tick_text))
    axes.margins(x=0.01)


def visit_axis(axes: Axes, last: int, most: int) -> None:
    """The visits 1 to `last` along an axis, with about `most` ticks: 1, then round numbers."""
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if last / step <= most or step == 1000)
    ticks = [1, *(tick for tick in range(step, last + 1, step) if tick >= 1 + 0.75 * step)]
    axes.set_xlim(1 - 0.02 * last, last + 0.02 * last + 0.01)
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.set_xlabel("visit number")


def time_axis(axes: Axes, days: float, most: int) -> tuple[float, list[float]]:
    """An axis of time from the start, in the unit that reads best; the unit's length in days, and the ticks."""
    unit, length = calendar(days)
    end = days / length
    steps = (1, 2, 3, 6, 12, 24) if unit == "months" else (1, 2, 5, 10, 20, 50)
    step = next(step for step in steps if end / step <= most or step == steps[-1])
    ticks = [float(tick) for tick in range(0, int(end + 0.1) + 1, step)]
    axes.set_xlim(0, max(end, ticks[-1]))
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.set_xlabel(f"{unit} since the start")
    return length, ticks


def tick_text(value: float, _: object = None) -> str:
    """A tick's number with as many decimals as it needs, at most five."""
    needs = (digits for digits in range(5) if abs(value * 10**digits - round(value * 10**digits)) < 1e-6)
    return words.number(value, next(needs, 5))


def limits(axes: Axes, lows: Sequence[float], highs: Sequence[float], least: float) -> None:
    """Limits that hold everything with air around, at least `least` wide, so that noise is not blown up."""
    finite = [value for value in (*lows, *highs) if math.isfinite(value)]
    if not finite:
        axes.set_ylim(-1, 1)
        return
    low, high = min(finite), max(finite)
    pad = max(0.08 * (high - low), (least - (high - low)) / 2, 1e-9)
    axes.set_ylim(low - pad, high + pad)


def draw_curve(axes: Axes, line: Curve, shown: Look, dashed: bool = False, width: float = 2.2, colour: str = "") -> None:
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


def grid(count: int) -> tuple[int, int]:
    """Rows and columns for this many panels: at most three beside each other."""
    columns = count if count <= 3 else 2 if count == 4 else 3
    return -(-count // columns), columns


@dataclass(frozen=True)
class Panel:
    left: float
    top: float
    width: float
    height: float
    room: float
    outer: bool


def arranged(
    names: Sequence[str], height: float, beside: float, first: float = 42, next_: float = 18
) -> tuple[list[Panel], float, list[str]]:
    """Places for one panel a strategy, relative to the body; their total height; their titles, wrapped.

    `first`: room for levels beside the first panel of a row; `next_`: between panels; `beside`: for labels.
    """
    rows, columns = grid(len(names))
    wide = min(380.0, (WIDTH - LEFT - RIGHT - first - next_ * (columns - 1)) / columns)
    titles = [style.wrap(name, wide - 4, BODY + 1, bold=True, most=3) for name in names]
    panels, top = [], 0.0
    for row in range(rows):
        inside = range(row * columns, min(len(names), (row + 1) * columns))
        head = max(style.height_of(titles[i], BODY + 1) for i in inside) + 6
        for i in inside:
            left = LEFT + first + (i - row * columns) * (wide + next_)
            panels.append(Panel(left, top + head, wide - beside - 10, height, beside, outer=i == row * columns))
        top += head + height + 40
    return panels, top, titles


def calendar(days: float) -> tuple[str, float]:
    """The unit that reads best on an axis of so many days, and its length in days."""
    if days <= 120:
        return "days", 1.0
    return ("months", 365.25 / 12) if days <= 5 * 365.25 else ("years", 365.25)


def compact(value: float, _: object = None) -> str:
    if abs(value) >= 1e6:
        return f"{tick_text(round(value / 1e6, 2))}M"
    return f"{tick_text(round(value / 1e3, 1))}k" if abs(value) >= 1e4 else tick_text(value)


def mix_note(comparison: Comparison) -> str:
    run = next(iter(comparison.runs.values()))
    return MIX if len(np.unique(run.by_visit["segment"])) > 1 else ""

"""The waterfall of an explanation: from the null model, mechanism by mechanism, to the whole difference."""

from __future__ import annotations

import math
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.experiments.explain import Explained, Part
from sim.experiments.reasons import Reasons
from sim.report import style
from sim.report.figures.parts import tick_text
from sim.report.style import BODY, INK, LEFT, NOTE, PALETTE, QUIET, RIGHT, WIDTH

ROW = 34.0
NAMES, SAID = 150.0, 176.0
"""Room for names at the left and for numbers at the right, in points."""
MOST = 9
"""So many mechanisms have a bar of their own; the smallest of the rest share one."""
FOR, AGAINST, BASE, WHOLE = PALETTE[1], PALETTE[2], "#9aa3ab", PALETTE[0]


@dataclass(frozen=True)
class _Bar:
    """One bar: from where to where, its 95% interval at the end, and what stands beside it."""

    name: str
    start: float
    end: float
    low: float
    high: float
    colour: str
    said: str
    below: str
    bold: bool = False


def explanation(found: Explained) -> Figure:
    """The difference as a waterfall, the largest part first; bars that decide the answer are named so."""
    with style.drawing():
        return _explanation(found)


def _explanation(found: Explained) -> Figure:
    words, bars = Reasons(found), _bars(found)
    first, second = _label(found, found.strategy), _label(found, found.against)
    page = style.sheet(
        _title(found, words),
        f"{words.name.capitalize()} with ‘{first}’ minus that with ‘{second}’, {words.unit}: what people who only learn would "
        "make of it, and what each mechanism adds.",
        _note(found),
        ROW * len(bars) + 40,
    )
    wide = WIDTH - LEFT - RIGHT - NAMES - SAID
    axes = page.axes(LEFT + NAMES, page.top, wide, ROW * len(bars))
    _frame(axes, bars, words)
    for row, bar in enumerate(bars):
        _draw(axes, bar, row, bars[row + 1] if row + 1 < len(bars) else None)
        top = page.top + ROW * row
        name = style.wrap(bar.name, NAMES - 12, BODY, bold=bar.bold, most=2)
        page.write(LEFT, top + (ROW - style.height_of(name, BODY)) / 2, name, BODY, INK, bold=bar.bold)
        left = LEFT + NAMES + wide + 14
        page.write(left, top + 5, bar.said, BODY, style.readable(bar.colour), bold=True)
        page.write(left, top + 5 + BODY * style.LINE, style.wrap(bar.below, SAID - 14, NOTE, most=1), NOTE, QUIET)
    return page.figure


def _label(found: Explained, name: str) -> str:
    """A strategy's name where it can be drawn."""
    return style.short(style.look(name, list(found.comparison.runs).index(name)).label)


def _title(found: Explained, words: Reasons) -> str:
    headline = words.headline()
    if not found.mechanisms or not found.decided:
        return headline
    better = _label(found, words.better(words.way))
    if not found.deciding:
        return f"‘{better}’ is better, and no mechanism decides that alone"
    return f"{headline}: without {'it' if len(found.deciding) == 1 else 'either' if len(found.deciding) == 2 else 'any'}, " \
        f"‘{better}’ is not better"


def _note(found: Explained) -> str:
    replications = found.market.replications
    how = (f"Shapley's parts over {found.combinations:,} combinations of mechanisms" if not found.pairs else
           f"Shapley's parts over {found.pairs:,} drawn orders of joining and their reverses")
    if not found.mechanisms:
        how = "No mechanism is on, and there is nothing to share out"
    bars = " Thin lines: 95% intervals of each alone." if replications > 1 else " One replication: no intervals."
    return (f"{how}, on the same {found.market.people:,} people and luck, {replications:,} "
            f"replication{'s' * (replications != 1)}{'; they add up exactly' * bool(found.mechanisms)}.{bars} "
            "In the null model people learn, at one constant rate, and nothing else.")


def _bars(found: Explained) -> list[_Bar]:
    words, null, total = Reasons(found), found.null, found.difference
    without = {one.mechanism: one.answer for one in found.deciding}
    said = {"turns": "without it, the other is better", "open": "without it, no difference left"}
    bars = [_Bar("null model", 0.0, null.mean, null.low, null.high, BASE, words.signed(null.mean), words.limits(null), True)]
    at = null.mean
    for part in _shown(found.parts):
        moved = part.mean * words.way >= 0
        colour = FOR if moved else AGAINST
        below = said.get(without.get(part.mechanism, ""), words.limits(part))
        bars.append(_Bar(part.mechanism, at, at + part.mean, at + part.low, at + part.high, colour,
                         words.signed(part.mean), below, part.mechanism in without))
        at += part.mean
    return [*bars, _Bar("in all", 0.0, total.mean, total.low, total.high, WHOLE, words.signed(total.mean),
                        words.limits(total), True)]


def _shown(parts: tuple[Part, ...]) -> list[Part]:
    """The largest parts, and one that holds the rest."""
    if len(parts) <= MOST:
        return list(parts)
    rest = parts[MOST - 1:]
    mean = sum(one.mean for one in rest)
    others = Part(f"{len(rest)} others", "", mean, math.nan, math.nan, 0.0, rest[0].each)
    return [*parts[: MOST - 1], others]


def _frame(axes: Axes, bars: list[_Bar], words: Reasons) -> None:
    ends = [0.0, *(x for bar in bars for x in (bar.start, bar.end, bar.low, bar.high) if math.isfinite(x))]
    low, high = min(ends), max(ends)
    room = max(0.06 * (high - low), 1e-9 if high > low else 1.0)
    axes.set_xlim(low - room, high + room)
    axes.set_ylim(len(bars), 0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.grid(True, axis="x")
    axes.axvline(0, color=QUIET, lw=1.0)
    axes.tick_params(length=0)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: tick_text(x * words.factor)))
    axes.set_xlabel(words.unit)


def _draw(axes: Axes, bar: _Bar, row: int, below: _Bar | None) -> None:
    if not math.isfinite(bar.end):
        return
    middle = row + 0.5
    axes.barh([middle], [bar.end - bar.start], left=[bar.start], height=0.56, color=bar.colour, lw=0)
    if math.isfinite(bar.low) and bar.high > bar.low:
        axes.plot([bar.low, bar.high], [middle, middle], color=INK, lw=1.1, solid_capstyle="butt", zorder=4)
    if below is not None:
        axes.plot([bar.end, bar.end], [middle + 0.28, middle + 0.72], color=QUIET, lw=0.8, zorder=1)

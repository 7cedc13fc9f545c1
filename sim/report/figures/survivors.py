"""Those who stay beside everybody who started: what a survey of customers cannot see."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.experiments.verdict import LEAST_LASTING
from sim.market import begins_whole
from sim.outcomes import listed
from sim.report import style, words
from sim.report.curves import Estimate, over
from sim.report.figures.parts import BEHIND, looks, named, rounded, tick_text
from sim.report.style import BODY, FAINT, LEFT, QUIET, RIGHT, WIDTH, Look, Sheet

if TYPE_CHECKING:
    from sim.experiments.compare import Comparison

NAMES, NUMBERS = 158.0, 46.0
"""Room for strategies' names, and beyond each mark for its number, in points."""
KEY = 26.0


@dataclass(frozen=True)
class Pair:
    """Goodwill at the end of one strategy: of those who stay, of everybody, and how much better the former looks."""

    stay: Estimate
    everybody: Estimate
    better: Estimate


def survivors(comparison: Comparison) -> Figure:
    """Goodwill at the end among those who stay and among all who started, a dumbbell a strategy."""
    found = pairs(comparison)
    drawn = {name: pair for name, pair in found.items() if math.isfinite(pair.stay.mean) and math.isfinite(pair.everybody.mean)}
    if not drawn:
        return style.message("Nobody stays whose goodwill could be drawn", "No strategy has a customer left at the end.")
    shown = looks(comparison)
    names = {name: style.wrap(shown[name].label, NAMES - 12, BODY + 1, bold=True, most=4) for name in drawn}
    heights = {name: max(40.0, style.height_of(text, BODY + 1) + 12) for name, text in names.items()}
    page = style.sheet(
        _title(comparison, drawn),
        "Goodwill at the end, in points. The distance is what is overlooked by asking only those who are still there.",
        _note(comparison, [name for name in found if name not in drawn]),
        KEY + sum(heights.values()) + 36,
    )
    _key(page, _all(comparison))
    width, left = WIDTH - LEFT - RIGHT - NAMES, LEFT + NAMES
    axes = page.axes(left, page.top + KEY, width, sum(heights.values()))
    _frame(axes, drawn, sum(heights.values()), width)
    at = 0.0
    for name, pair in drawn.items():
        top = page.top + KEY + at + (heights[name] - style.height_of(names[name], BODY + 1)) / 2
        page.write(LEFT, top, names[name], BODY + 1, shown[name].text, bold=True)
        _dumbbell(axes, pair, at + heights[name] / 2, shown[name])
        at += heights[name]
    return page.figure


def pairs(comparison: Comparison) -> dict[str, Pair]:
    """Both goodwills of every strategy and their distance, which allows for the choice among strategies."""
    found = {}
    for name, run in comparison.runs.items():
        stay, everybody = run.outcomes["goodwill_stayers"], run.outcomes["goodwill"]
        found[name] = Pair(over(stay), over(everybody), over(stay - everybody, len(comparison.runs)))
    return found


def worth(comparison: Comparison) -> bool:
    """Whether somebody keeps goodwill and somebody leaves, so that the two can differ."""
    leaves = any(i.outcome == "retention" and i.mean < 1 for i in comparison.intervals)
    return words.remembers(comparison.market) and leaves


def _note(comparison: Comparison, empty: Sequence[str]) -> str:
    note = "One replication: no intervals."
    if words.replications_of(comparison) > 1:
        note = "Lines through the marks: 95% intervals over replications; where none shows it is smaller than the mark."
    return note + (f" Nobody stays under {listed([f'‘{named(comparison, name)}’' for name in empty])}." if empty else "")


def _all(comparison: Comparison) -> str:
    """Whose goodwill stands beside that of those who stay: not everybody started as a customer where some never came."""
    return "everybody who started" if begins_whole(comparison.market) else "all people"


def _key(page: Sheet, everybody: str) -> None:
    """What the two marks stand for, above the axes."""
    across = LEFT + NAMES + 8
    for text, face in ((everybody, style.PAPER), ("those who stay", QUIET)):
        page.mark(across, page.top + 6.5, "o", face, QUIET, 1.6)
        page.write(across + 10, page.top + 1, text, BODY, QUIET)
        across += 34 + style.width_of(text, BODY)


def _frame(axes: Axes, drawn: Mapping[str, Pair], height: float, width: float) -> None:
    ends = [end for pair in drawn.values() for each in (pair.stay, pair.everybody) for end in (each.mean, each.low, each.high)]
    known = [end for end in ends if math.isfinite(end)]
    low, high = min(known), max(known)
    span = max(high - low, 1.0)
    low -= (span - (high - low)) / 2
    scale = span / (width - 2 * NUMBERS)
    axes.set_xlim(low - NUMBERS * scale, low + span + NUMBERS * scale)
    axes.set_ylim(height, 0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.grid(True, axis="x")
    axes.tick_params(length=0)
    axes.xaxis.set_major_locator(MaxNLocator(7))
    axes.xaxis.set_major_formatter(FuncFormatter(tick_text))
    axes.set_xlabel("goodwill (points)")
    if axes.get_xlim()[0] < 0 < axes.get_xlim()[1]:
        axes.axvline(0, color=QUIET, lw=1.0)


def _dumbbell(axes: Axes, pair: Pair, at: float, look: Look) -> None:
    axes.axhline(at, color=FAINT, lw=0.6, zorder=1)
    axes.plot([pair.everybody.mean, pair.stay.mean], [at, at], color=look.colour, lw=3.0, alpha=0.45, zorder=2,
              solid_capstyle="butt")
    for each, face in ((pair.everybody, style.PAPER), (pair.stay, look.colour)):
        if math.isfinite(each.low):
            axes.plot([each.low, each.high], [at, at], color=look.colour, lw=1.6, zorder=3, solid_capstyle="butt")
        axes.plot([each.mean], [at], marker="o", ms=9, mfc=face, mec=look.colour, mew=1.8, ls="none", zorder=4)
    left, right = axes.get_xlim()
    air = 9 * (right - left) / (axes.get_position().width * WIDTH)
    lower, upper = sorted((pair.everybody, pair.stay), key=lambda each: each.mean)
    for each, way, side in ((lower, -1, "right"), (upper, 1, "left")):
        ends = [each.mean, *(end for end in (each.low, each.high) if math.isfinite(end))]
        end = min(ends) if way < 0 else max(ends)
        axes.text(end + way * air, at, rounded(each, signed=True), ha=side, va="center", fontsize=BODY, color=look.text,
                  bbox=BEHIND)


def _title(comparison: Comparison, drawn: Mapping[str, Pair]) -> str:
    if words.replications_of(comparison) < 2:
        return "One replication cannot tell how those who stay differ from everybody"
    stay = max(drawn, key=lambda name: drawn[name].stay.mean)
    everybody = max(drawn, key=lambda name: drawn[name].everybody.mean)
    if stay != everybody:
        leads = [words.difference_of(comparison, stay, everybody, outcome) for outcome in ("goodwill_stayers", "goodwill")]
        if all(lead is not None and lead.decided for lead in leads):
            return (f"Asking those who stay, ‘{named(comparison, stay)}’ has the most goodwill; asking {_all(comparison)}, "
                    f"‘{named(comparison, everybody)}’ has")
    every = [pair.better for pair in drawn.values()]
    if all(max(abs(better.low), abs(better.high)) < LEAST_LASTING for better in every):
        return f"Those who stay hold the goodwill of {_all(comparison)}: what lies between them is too little to feel"
    sure = {name: pair.better for name, pair in drawn.items() if pair.better.low > 0 or pair.better.high < 0}
    if not sure:
        return f"Whether those who stay hold another goodwill than {_all(comparison)} cannot be told"
    name = max(sure, key=lambda one: abs(sure[one].mean))
    size = words.say(abs(sure[name].mean), "points", fine=max(0.02, words.half_width(sure[name])))
    if len(sure) == len(drawn) > 1 and all(better.low > 0 for better in sure.values()):
        return f"Asking only those who stay flatters every strategy: ‘{named(comparison, name)}’ by {size}"
    if sure[name].mean > 0:
        return f"Asking only those who stay flatters ‘{named(comparison, name)}’ by {size}"
    return f"Those who stay think {size} worse of ‘{named(comparison, name)}’ than {_all(comparison)}"

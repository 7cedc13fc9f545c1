"""What a difference hangs on: a tornado of one number at a time, Morris's plane, Sobol's bars with their intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.experiments.hangs import Hangs, percent, span_of
from sim.experiments.sensitivity import RESAMPLES, Screened, Sensitivity, Shared, Swing
from sim.report import style
from sim.report.figures.parts import tick_text
from sim.report.style import BODY, INK, LEFT, NOTE, PALETTE, PAPER, QUIET, RIGHT, WIDTH, Sheet

ROW, NAMES, SAID = 31.0, 168.0, 96.0
"""Height of a row, room for a number's name and range at the left, and for what it does at the right, in points."""
MOST = 15
"""So many numbers are drawn; the rest are in the table."""
LOW, HIGH, ALONE, WITH = PALETTE[1], PALETTE[2], PALETTE[1], "#9cc5e0"
PLANE, AXIS = 320.0, 62.0
SMALL = 0.08
"""Below this share of the largest μ* a point has no name beside it."""


def sensitivity(found: Sensitivity) -> Figure:
    """The figure of its method."""
    return {"tornado": _tornado, "morris": _plane, "sobol": _bars}[found.method](found)


def _title(words: Hangs) -> str:
    headline = words.headline()
    return headline if style.drawable(headline) else "What the difference hangs on"


def _note(found: Sensitivity, how: str) -> str:
    market = found.market
    left = len(found.effects) - MOST
    more = f" {left} more numbers, which matter less, are in the table." if left > 0 and found.method != "morris" else ""
    return (f"{how} The same {market.people:,} people and luck at every point, {market.replications:,} "
            f"replication{'s' * (market.replications != 1)}; {found.looks:,} points.{more}")


def _label(found: Sensitivity, name: str) -> str:
    told = " ".join(name.split())
    return style.short(told) if style.drawable(told) else f"strategy {list(found.runs).index(name) + 1}"


def _unit(words: Hangs) -> str:
    unit = words.words.unit
    return unit if style.drawable(unit) else "money a customer"


def _pair(found: Sensitivity) -> str:
    return f"‘{_label(found, found.strategy)}’ minus ‘{_label(found, found.against)}’"


def _names(page: Sheet, found: Sensitivity, words: Hangs, keys: Sequence[str]) -> None:
    """At the left, each number's name and the range it is varied over."""
    for row, key in enumerate(keys):
        axis = found.axis(key)
        name = style.wrap(words.name(key) if style.drawable(key) else f"number {row + 1}", NAMES - 14, BODY, most=1)
        page.write(LEFT, page.top + ROW * row + 3, name, BODY, INK, bold=row == 0)
        span = f"{span_of(axis)}, now {axis.said(axis.now)}"
        page.write(LEFT, page.top + ROW * row + 3 + BODY * style.LINE, style.wrap(span, NAMES - 14, NOTE, most=1), NOTE, QUIET)


def _rows(page: Sheet, rows: int) -> Axes:
    """Axes with a row a number, words at both sides of it."""
    axes = page.axes(LEFT + NAMES, page.top, WIDTH - LEFT - RIGHT - NAMES - SAID, ROW * rows)
    axes.set_ylim(rows, 0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.grid(True, axis="x")
    axes.tick_params(length=0)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: tick_text(x)))
    return axes


# --- one number at a time -----------------------------------------------------------------------------------


def _tornado(found: Sensitivity) -> Figure:
    words = Hangs(found)
    swings = [one for one in found.effects if isinstance(one, Swing)][:MOST]
    factor = words.words.factor
    page = style.sheet(
        _title(words), f"{words.words.name[0].upper()}{words.words.name[1:]}, {_pair(found)}, {_unit(words)}: each number "
        "from one end of its range to the other, all else as it stands.",
        _note(found, "Thin lines: 95% intervals over luck, each alone."), ROW * len(swings) + 58)
    axes = _rows(page, len(swings))
    now = found.now.mean * factor
    for row, one in enumerate(swings):
        for end, colour, place in ((one.low, LOW, 0.4), (one.high, HIGH, 0.6)):
            if not math.isfinite(end.mean):
                continue
            axes.barh([row + 0.5], [end.mean * factor - now], left=[now], height=0.5, color=colour, lw=0, zorder=2)
            if math.isfinite(end.low) and end.high > end.low:
                axes.plot([end.low * factor, end.high * factor], [row + place] * 2, color=INK, lw=1.1, zorder=4)
    ends = [x * factor for one in swings for end in (one.low, one.high) for x in (end.mean, end.low, end.high)]
    ends = [x for x in (*ends, now, 0.0) if math.isfinite(x)]
    room = 0.05 * (max(ends) - min(ends)) or 1.0
    axes.set_xlim(min(ends) - room, max(ends) + room)
    axes.axvline(now, color=INK, lw=1.0, zorder=3)
    axes.axvline(0.0, color=QUIET, lw=1.0, ls=(0, (4, 3)), zorder=1)
    axes.set_xlabel(f"difference, {_unit(words)}; line: as it stands; dashed: neither is better")
    _names(page, found, words, [one.key for one in swings])
    for row, one in enumerate(swings):
        top = page.top + ROW * row + 3
        left = WIDTH - RIGHT - SAID + 12
        said = style.wrap(f"{words.limits(one.low)} to {words.limits(one.high)}", SAID - 12, BODY, most=1)
        page.write(left, top, said, BODY, INK)
        if words.turns(one):
            page.write(left, top + BODY * style.LINE, "turns the answer", NOTE, style.readable(HIGH), bold=True)
    _key(page, ((LOW, "at the low end of the range"), (HIGH, "at the high end")))
    return page.figure


def _key(page: Sheet, told: Sequence[tuple[str, str]]) -> None:
    """What the colours mean, below the axes."""
    left = LEFT + NAMES
    for colour, text in told:
        page.mark(left + 5, page.bottom - 8, "s", colour, PAPER)
        page.write(left + 14, page.bottom - 14, text, NOTE, QUIET)
        left += 30 + style.width_of(text, NOTE)


# --- shares of the variance ---------------------------------------------------------------------------------


def _bars(found: Sensitivity) -> Figure:
    words = Hangs(found)
    shares = [one for one in found.effects if isinstance(one, Shared)][:MOST]
    page = style.sheet(
        _title(words), f"Shares of the variance of {words.words.name}, {_pair(found)}, where all numbers vary evenly and "
        "independently over their ranges.",
        _note(found, f"Thin lines: 95% intervals over {RESAMPLES:,} resamples of the design. Shares alone add up to 1 at most; "
              "what is missing numbers do together."), ROW * len(shares) + 58)
    axes = _rows(page, len(shares))
    for row, one in enumerate(shares):
        for place, share, half, colour in ((0.33, one.first, one.first_half, ALONE), (0.67, one.total, one.total_half, WITH)):
            axes.barh([row + place], [min(1.0, max(0.0, share))], height=0.3, color=colour, lw=0, zorder=2)
            ends = [min(1.0, max(0.0, share + side)) for side in (-half, half)]
            axes.plot(ends, [row + place] * 2, color=INK, lw=1.1, zorder=4)
    axes.set_xlim(0.0, 1.0)
    axes.set_xlabel("share of the variance")
    _names(page, found, words, [one.key for one in shares])
    for row, one in enumerate(shares):
        left, top = WIDTH - RIGHT - SAID + 12, page.top + ROW * row + 3
        page.write(left, top, f"{percent(one.first)} alone", BODY, style.readable(ALONE), bold=True)
        page.write(left, top + BODY * style.LINE, f"{percent(one.total)} with others", NOTE, QUIET)
    _key(page, ((ALONE, "alone (first order)"), (WITH, "with all it does together with others (total)")))
    return page.figure


# --- screening ----------------------------------------------------------------------------------------------


def _plane(found: Sensitivity) -> Figure:
    words = Hangs(found)
    screened = [one for one in found.effects if isinstance(one, Screened)]
    factor = words.words.factor
    page = style.sheet(
        _title(words), f"{words.words.name[0].upper()}{words.words.name[1:]}, {_pair(found)}: across, how far a number "
        "moves it over its whole range, on average (μ*); up, how much that differs from place to place (σ).",
        _note(found, "Thin lines: 95% intervals of μ* over resamples of the paths. Above the dashed line (σ = μ*) what a "
              "number does depends on where it or the others stand; far below it, it does the same everywhere. Small ones are "
              "named in the table."), PLANE + 40)
    axes = page.axes(LEFT + AXIS, page.top, WIDTH - LEFT - RIGHT - AXIS - 20, PLANE)
    most = max((one.size + one.half) * factor for one in screened) or 1.0
    high = max(max(one.spread * factor for one in screened), 0.25 * most) or 1.0
    axes.set_xlim(-0.02 * most, 1.12 * most)
    axes.set_ylim(-0.05 * high, 1.15 * high)
    axes.grid(True, axis="both")
    axes.tick_params(length=0)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(6))
        axis.set_major_formatter(FuncFormatter(lambda x, _: tick_text(x)))
    axes.plot([0.0, most], [0.0, most], color=QUIET, lw=1.0, ls=(0, (4, 3)), zorder=1)
    for one in screened:
        x, y = one.size * factor, one.spread * factor
        axes.plot([max(0.0, x - one.half * factor), x + one.half * factor], [y, y], color=LOW, lw=1.1, zorder=2)
        axes.plot([x], [y], "o", ms=6.5, mfc=LOW, mec=PAPER, mew=1.0, zorder=3)
    axes.set_xlabel(f"μ*: mean size of what it moves, {_unit(words)}")
    axes.set_ylabel(f"σ: how much that differs, {_unit(words)}")
    _called(page, axes, found, words, screened)
    return page.figure


def _called(page: Sheet, axes: Axes, found: Sensitivity, words: Hangs, screened: Sequence[Screened]) -> None:
    """Names beside the points that stand out; those near 0 are left to the table."""
    factor = words.words.factor
    top = max(one.size for one in screened)
    taken: list[tuple[float, float, float, float]] = []
    for row, one in enumerate(screened):
        if one.size < SMALL * top:
            continue
        text = words.name(one.key) if style.drawable(one.key) else f"number {row + 1}"
        across, down = page.place(axes, one.size * factor, one.spread * factor)
        wide, tall = style.width_of(text, BODY), BODY * style.LINE
        for right, below in ((9.0, -15.0), (-wide - 9.0, -15.0), (9.0, 3.0), (-wide - 9.0, 3.0), (9.0, -27.0), (9.0, 15.0)):
            box = (across + right, down + below, across + right + wide, down + below + tall)
            inside = box[0] > LEFT + AXIS and box[2] < WIDTH - RIGHT and page.top <= box[1] and box[3] < page.top + PLANE
            if inside and not any(box[0] < b[2] and b[0] < box[2] and box[1] < b[3] and b[1] < box[3] for b in taken):
                taken.append(box)
                page.write(box[0], box[1], text, BODY, INK, bold=row == 0)
                break

"""The frontier of a search: what more money buys, as judged on fresh luck; the levers at every point of it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.experiments.advice import short, spends
from sim.experiments.search import Judged, Search
from sim.experiments.verdict import Words
from sim.report import style
from sim.report.figures.parts import tick_text
from sim.report.style import BODY, INK, LEFT, NOTE, PALETTE, PAPER, QUIET, RIGHT, WIDTH, Sheet

TALL, AXIS, KEY = 300.0, 62.0, 190.0
"""Height of the plot, room for its left axis, and for the words at its right, in points."""
BEST, WRITTEN, EDGE, TRIED = PALETTE[2], PALETTE[0], PALETTE[1], "#c3c9cf"


def frontier(found: Search) -> Figure:
    """Cost across, what it buys up; pale: everything looked at, on the luck of the search."""
    if not spends(found):
        return style.message("Nothing that was tried changes what the strategy costs",
                             "So there is no frontier of what more money buys.")
    words = Words(found.against, found.market)
    page = style.sheet(
        _title(found), f"{words.name[0].upper()}{words.name[1:]}, {words.unit}, against what the strategy costs: no levers "
        "that were tried are better in both. Judged on luck that the search never saw.", _note(found), TALL + 40)
    axes = page.axes(LEFT + AXIS, page.top, WIDTH - LEFT - RIGHT - AXIS - KEY, TALL)
    _frame(axes, found, words)
    _pale(axes, found, words)
    for one in (*found.frontier, *found.beaten):
        _point(axes, found, one, words, EDGE, "o", 6.0)
    axes.plot([one.outcomes["cost"].mean for one in found.frontier],
              [one.outcomes[found.against].mean * words.factor for one in found.frontier], color=EDGE, lw=1.6, zorder=3)
    _point(axes, found, found.written, words, WRITTEN, "s", 7.5)
    _point(axes, found, found.best, words, BEST, "D", 8.5)
    _limits(axes, found, words)
    _words(page, axes, found, words)
    return page.figure


def _title(found: Search) -> str:
    ends = [one.outcomes for one in (found.frontier[:1] + found.frontier[-1:])]
    if len(found.frontier) < 2:
        return "More money buys nothing here"
    words = Words(found.against, found.market)
    first, last = (one[found.against].mean * words.factor for one in ends)
    cheap, dear = (one["cost"].mean for one in ends)
    unit = words.unit if style.drawable(words.unit) else "points"
    return (f"From {_money(cheap)} to {_money(dear)} {_currency(found)} a customer, {words.name} goes from "
            f"{tick_text(round(first, 2))} to {tick_text(round(last, 2))} {unit}")


def _money(value: float) -> str:
    return f"{value:,.{0 if abs(value) >= 100 else 2 if abs(value) < 10 else 1}f}"


def _currency(found: Search) -> str:
    currency = found.market.currency
    return currency if style.drawable(currency) else "money"


def _frame(axes: Axes, found: Search, words: Words) -> None:
    axes.grid(True, axis="both")
    axes.tick_params(length=0)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.yaxis.set_major_locator(MaxNLocator(6))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda x, _: tick_text(x)))
    axes.set_xlabel(f"cost, {_currency(found)} a customer over the whole time")
    axes.set_ylabel(f"{words.name}, {words.unit}" if style.drawable(words.unit) else words.name)


def _pale(axes: Axes, found: Search, words: Words) -> None:
    known = [one.means for one in found.tried if math.isfinite(one.means["cost"] + one.means[found.against])]
    axes.plot([one["cost"] for one in known], [one[found.against] * words.factor for one in known], "o", ms=3.2, mfc=TRIED,
              mec="none", zorder=1)


def _point(axes: Axes, found: Search, one: Judged, words: Words, colour: str, marker: str, size: float) -> None:
    """A judged point with its 95% intervals both ways."""
    cost, bought = one.outcomes["cost"], one.outcomes[found.against]
    if not math.isfinite(cost.mean + bought.mean):
        return
    if math.isfinite(bought.low):
        axes.plot([cost.mean] * 2, [bought.low * words.factor, bought.high * words.factor], color=colour, lw=1.1, zorder=3)
    if math.isfinite(cost.low):
        axes.plot([cost.low, cost.high], [bought.mean * words.factor] * 2, color=colour, lw=1.1, zorder=3)
    axes.plot([cost.mean], [bought.mean * words.factor], marker=marker, ms=size, mfc=colour, mec=PAPER, mew=1.0, zorder=4,
              ls="none")


def _limits(axes: Axes, found: Search, words: Words) -> None:
    """Lines at limits on the two axes' outcomes."""
    for one in found.limits:
        draw = {"cost": axes.axvline, found.against: axes.axhline}.get(one.outcome)
        if draw is not None:
            factor = words.factor if one.outcome == found.against else 1.0
            draw(one.value * factor, color=QUIET, lw=1.0, ls=(0, (4, 3)), zorder=2)


def _words(page: Sheet, axes: Axes, found: Search, words: Words) -> None:
    """At the right: what the marks are, and the levers at the ends of the frontier and at the best."""
    left, room = WIDTH - RIGHT - KEY + 16, KEY - 34
    rows: list[tuple[str, str, str, Sequence[str]]] = [("D", BEST, "best", _levers(found, found.best)),
                                                     ("s", WRITTEN, "as written", _levers(found, found.written))]
    if len(found.frontier) > 1:
        rows.append(("o", EDGE, "frontier, cheapest", _levers(found, found.frontier[0])))
        rows.append(("o", EDGE, "frontier, dearest", _levers(found, found.frontier[-1])))
    rows.append(("o", TRIED, "looked at", [f"{len(found.tried):,} points, on the luck", "of the search"]))
    top = page.top + 2
    for marker, colour, name, lines in rows:
        page.mark(left + 4, top + 6, marker, colour, PAPER)
        page.write(left + 16, top, name, BODY, INK, bold=True)
        top += BODY * style.LINE
        for line in lines:
            text = style.wrap(line, room, NOTE, most=2)
            page.write(left + 16, top, text, NOTE, QUIET)
            top += style.height_of(text, NOTE)
        top += 6


def _levers(found: Search, one: Judged) -> list[str]:
    told = [f"{short(lever)} {lever.said(x)}" for lever, x in zip(found.ranges, one.point, strict=True)]
    told = [text if style.drawable(text) else "a lever" for text in told]
    return told if len(told) <= 4 else [*told[:3], f"and {len(told) - 3} more"]


def _note(found: Search) -> str:
    market = found.market
    limits = " Dashed: the limits." if any(one.outcome in ("cost", found.against) for one in found.limits) else ""
    alone = "Crosses: 95% intervals, each alone." if market.replications > 1 else "One replication: no intervals."
    who = f"‘{found.strategy}’" if style.drawable(found.strategy) else "The strategy"
    count = f"{market.replications:,} replication{'s' * (market.replications != 1)}"
    return (f"{who}, {market.people:,} people, {count} of fresh luck (seed {market.seed}); searched on "
            f"{found.few:,} of the story's (seed {found.seed}). {alone}{limits}")

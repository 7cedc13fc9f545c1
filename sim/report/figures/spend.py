"""Equal spend: what each strategy reaches where all cost the same, what was scaled for it, and what that buys."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.report import style, words
from sim.report.figures.parts import compact, currency_of, looks, named
from sim.report.style import BODY, INK, LEFT, NOTE, QUIET, RIGHT, WIDTH, Look, Sheet

if TYPE_CHECKING:
    from sim.experiments.compare import Comparison, Interval

NAMES, PRICES, GAP, HEAD = 206.0, 132.0, 18.0, 46.0
"""Room for names and levers, for a column of prices, between columns, and for the columns' heads, in points."""
SHOWN = ("satisfaction", "retention")
PRICED = {"satisfaction": "A point of satisfaction a visit costs", "retention": "A kept customer costs"}


def spend(comparison: Comparison, spent: Mapping[str, Any]) -> Figure:
    """Satisfaction and kept customers of each strategy, with its lever and its prices. spent: as in equal_spend.json."""
    told = {one["name"]: one for one in spent["strategies"] if one["name"] in comparison.runs}
    shown = looks(comparison)
    names = {name: style.wrap(shown[name].label, NAMES - 26, BODY + 1, bold=True, most=2) for name in told}
    levers = {name: style.wrap(_lever(one, comparison), NAMES - 26, NOTE, most=4) for name, one in told.items()}
    heights = [max(62.0, style.height_of(names[name], BODY + 1) + style.height_of(levers[name], NOTE) + 18) for name in told]
    tall = HEAD + sum(heights) + 34
    page = style.sheet(_title(comparison, spent, told), _subtitle(comparison, spent), _note(comparison), tall)
    wide = (WIDTH - LEFT - RIGHT - NAMES - 2 * PRICES - 3 * GAP) / 2
    tops = [page.top + HEAD + sum(heights[:at]) for at in range(len(told))]
    for (name, text), top, tall in zip(names.items(), tops, heights, strict=True):
        start = top + (tall - style.height_of(text, BODY + 1) - style.height_of(levers[name], NOTE)) / 2
        page.mark(LEFT + 6, start + 8, shown[name].marker, shown[name].colour, style.PAPER)
        page.write(LEFT + 20, start, text, BODY + 1, shown[name].text, bold=True)
        page.write(LEFT + 20, start + style.height_of(text, BODY + 1), levers[name], NOTE, QUIET)
    for at, outcome in enumerate(SHOWN):
        place = LEFT + NAMES + at * (wide + GAP)
        _head(page, place, wide, words.MEASURES[outcome].label if at == 0 else "Kept customers")
        _column(page.axes(place, page.top + HEAD, wide, sum(heights)), comparison, list(told), heights, outcome, shown, wide)
        _prices(page, comparison, spent, (WIDTH - RIGHT - (2 - at) * PRICES + GAP / 2, PRICES - GAP / 2), outcome,
                list(zip(told, tops, heights, strict=True)))
    return page.figure


def _head(page: Sheet, left: float, wide: float, text: str) -> None:
    page.write(left + wide / 2, page.top, style.wrap(text, wide, BODY, bold=True, most=3), BODY, INK, bold=True, align="center")


def _lever(one: Mapping[str, Any], comparison: Comparison) -> str:
    """What was scaled, and how: `surprise.chance 18% instead of 25% (0.72 times)`."""
    if one["factor"] is None:
        return f"no moves: stays as it is, at {_money(one['cost'], comparison)}"
    told = [f"{'.'.join(lever['key'].rsplit('.', 2)[-2:])} {_value(lever['now'])} instead of {_value(lever['was'])}"
            for lever in one["levers"]]
    told = told if len(told) <= 2 else [told[0], f"and {len(told) - 1} more"]
    text = f"{', '.join(told)} ({one['factor']:.3g} times)"
    return text if style.drawable(text) else f"its lever {one['factor']:.3g} times"


def _value(text: str) -> str:
    """A lever's value with three digits that count."""
    number, blank, unit = text.partition(" ")
    try:
        return f"{compact(_digits(float(number)))}{blank}{unit}"
    except ValueError:
        return text


def _money(value: float, comparison: Comparison) -> str:
    digits = 0 if abs(value) >= 100 or value == round(value) else 2
    text = compact(value) if abs(value) >= 1e5 else f"{value:,.{digits}f}"
    return f"{text} {currency_of(comparison)}".rstrip()


def _title(comparison: Comparison, spent: Mapping[str, Any], told: Mapping[str, Any]) -> str:
    """Which strategy that spends the amount satisfies most, if that is sure."""
    each = f"At {_money(spent['amount'], comparison)} a customer each"
    spends = [name for name, one in told.items() if one["factor"] is not None]
    means = {name: found.mean for name in spends for found in [words.interval_of(comparison, name, "satisfaction")]
             if found is not None and math.isfinite(found.mean)}
    if len(means) < 2:
        return f"{each}, there is only one strategy to spend it" if len(spends) == 1 else f"{each}, nobody came to be satisfied"
    best = max(means, key=lambda name: means[name])
    rest = [words.difference_of(comparison, best, name, "satisfaction") for name in means if name != best]
    if all(one is not None and one.decided for one in rest):
        return f"{each}, ‘{named(comparison, best)}’ satisfies most"
    return f"{each}, it cannot be told which strategy satisfies most"


def _subtitle(comparison: Comparison, spent: Mapping[str, Any]) -> str:
    still = any(one["factor"] is None for one in spent["strategies"])
    return ("Every strategy with moves has its lever scaled until it costs the same over the whole time"
            + ("; those without moves cost what they cost." if still else "."))


def _note(comparison: Comparison) -> str:
    count = words.replications_of(comparison)
    bars = "One replication: no intervals." if count < 2 else f"Bars: 95% intervals over {count:,} replications, each alone."
    first = named(comparison, words.baseline(comparison))
    return (f"{bars} Prices: what a strategy costs more than ‘{first}’, for what it brings more, with 95% "
            "intervals for all strategies at once; none where it does not surely bring more.")


def _column(axes: Axes, comparison: Comparison, names: Sequence[str], heights: Sequence[float], outcome: str,
            shown: Mapping[str, Look], wide: float) -> None:
    """One outcome of every strategy, one under the other, each with its number above its mark."""
    scale = 100.0 if words.MEASURES[outcome].kind == "share" else 1.0
    found = [words.interval_of(comparison, name, outcome) for name in names]
    ends = [scale * end for one in found if one for end in (one.mean, one.low, one.high) if math.isfinite(end)]
    low, high = (min(ends), max(ends)) if ends else (0.0, 1.0)
    span = (high - low) or max(abs(high), 1.0)
    axes.set_xlim(low - 0.3 * span, high + 0.3 * span)
    axes.set_ylim(sum(heights), 0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("points a visit" if outcome == "satisfaction" else "% of customers")
    axes.tick_params(length=0)
    axes.xaxis.set_major_locator(MaxNLocator(3))
    axes.xaxis.set_major_formatter(FuncFormatter(compact))
    at = 0.0
    for name, one, tall in zip(names, found, heights, strict=True):
        if one is not None and math.isfinite(one.mean):
            _row(axes, one, at + tall / 2 + 4, scale, shown[name], outcome, wide)
        at += tall


def _row(axes: Axes, one: Interval, at: float, scale: float, shown: Look, outcome: str, wide: float) -> None:
    if math.isfinite(one.low) and math.isfinite(one.high):
        axes.plot([scale * one.low, scale * one.high], [at, at], color=shown.colour, lw=2.2, solid_capstyle="butt")
    axes.plot([scale * one.mean], [at], marker=shown.marker, ms=7.5, mec=style.PAPER, mfc=shown.colour, ls="none", zorder=4)
    half = (one.high - one.low) / 2
    said = words.say(one.mean, words.MEASURES[outcome].kind, "", unit=False, fine=half)
    low, high = axes.get_xlim()
    room = 0.5 * style.width_of(said, BODY, bold=True) / wide * (high - low)
    axes.text(min(max(scale * one.mean, low + room), high - room), at - 9, said, ha="center", va="bottom", fontsize=BODY,
              color=shown.text, fontweight="bold")


def _prices(page: Sheet, comparison: Comparison, spent: Mapping[str, Any], room: tuple[float, float], outcome: str,
            rows: Sequence[tuple[str, float, float]]) -> None:
    """What one unit of an outcome costs with each strategy, with its interval, or why that cannot be said."""
    left, wide = room
    unit = f", {currency_of(comparison)}".rstrip(", ") + (" a customer" if outcome == "satisfaction" else "")
    _head(page, left, wide, f"{PRICED[outcome]}{unit}")
    prices = {one["strategy"]: one for one in spent["prices"] if one["of"] == outcome}
    for name, top, tall in rows:
        one = prices.get(name)
        if one is None:
            text, small = "", "the baseline" if name == words.baseline(comparison) else ""
        elif one["not_defined"] or one["mean"] is None:
            text, small = "–", one["not_defined"] or ""
        else:
            text, small = compact(_digits(one["mean"])), f"{_end(one['low'])} to {_end(one['high'])}"
        small = style.wrap(small, wide, NOTE, most=3) if style.drawable(small) else ""
        start = top + (tall - BODY * style.LINE * bool(text) - style.height_of(small, NOTE)) / 2
        page.write(left + wide / 2, start, text, BODY + 1, INK, bold=True, align="center")
        page.write(left + wide / 2, start + BODY * style.LINE * bool(text) + 2, small, NOTE, QUIET, align="center")


def _digits(value: float) -> float:
    """A price with three digits that count."""
    return float(f"{value:.3g}")


def _end(value: float | None) -> str:
    return "any" if value is None else compact(_digits(value))

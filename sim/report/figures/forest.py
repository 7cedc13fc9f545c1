"""The forest of differences: every strategy minus the baseline."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from sim.report import style, words
from sim.report.figures.parts import BEHIND, compact, currency_of, looks, named
from sim.report.style import BODY, INK, LEFT, NOTE, QUIET, RIGHT, WIDTH, Look

if TYPE_CHECKING:
    from sim.experiments.compare import Comparison, Difference

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
    currency = currency_of(comparison)
    units = {"points": "points", "share": "percentage points", "money": currency or "money", "score": "score"}
    unit = {**units, "days": "days", "minutes": "minutes", "correlation": "correlation"}.get(kind, "per person")
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
    axes.xaxis.set_major_formatter(FuncFormatter(compact))
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


def _difference_said(difference: Difference, kind: str, currency: str) -> str:
    if kind == "money" and abs(difference.mean) >= 1e4:
        return f"{'+' if difference.mean > 0 else ''}{compact(difference.mean)}"
    return words.say(difference.mean, kind, currency, signed=True, unit=False, fine=words.half_width(difference))


def _short_between(difference: Difference, kind: str) -> str:
    if kind == "money" and max(abs(difference.low), abs(difference.high)) >= 1e4:
        return " to ".join(f"{'+' if end > 0 else ''}{compact(end)}" for end in (difference.low, difference.high))
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
    currency = currency_of(comparison)
    found = {name: words.difference_of(comparison, name, first, outcome) for name in others}
    sure = {name: d for name, d in found.items() if d is not None and d.decided}
    known = named(comparison, first)
    if not sure:
        if all(d is not None and d.mean == 0 and d.low == d.high for d in found.values()):
            return f"In {label}, every strategy equals ‘{known}’ exactly"
        return f"In {label}, no strategy can be told apart from ‘{known}’"
    chosen = sorted(sure, key=lambda name: -sure[name].mean)
    chosen = chosen if len(chosen) <= 2 else [chosen[0], chosen[-1]]
    gains, loses = ("gains", "loses") if measure.good >= 0 else ("adds", "saves")
    parts = [
        f"‘{named(comparison, name)}’ {gains if sure[name].mean > 0 else loses} "
        + words.gap(
            abs(sure[name].mean), measure.kind, currency, signed=False, fine=words.half_width(sure[name])
        )
        for name in chosen
    ]
    unsure = [name for name in others if name not in sure]
    who = f"‘{named(comparison, unsure[0])}’" if len(unsure) == 1 else f"{len(unsure)} others"
    exactly = all(d is not None and d.mean == 0 and d.low == d.high for d in (found[name] for name in unsure))
    same = f"equal{'s' * (len(unsure) == 1)} it exactly" if exactly else "cannot be told from it"
    ending = f"; {who} {same}" if unsure else ""
    return f"In {label} against ‘{known}’: {', '.join(parts)}{ending}"

"""How an interval narrows: the hardest difference of the best strategy, replication by replication, or look by look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedFormatter, FixedLocator, FuncFormatter, NullLocator
from numpy.typing import NDArray

from sim.experiments.sequence import Plan
from sim.experiments.statistics import Estimate, critical_value, estimate, student
from sim.outcomes import UNITS
from sim.report import style, words
from sim.report.figures.parts import compact, currency_of, frame, limits, looks, named
from sim.report.style import LEFT, QUIET, RIGHT, WIDTH

if TYPE_CHECKING:
    from sim.experiments.compare import Comparison, Difference

FIRST = 5
"""Intervals of fewer replications are so wide that nothing else could be seen beside them."""


@dataclass(frozen=True)
class Path:
    """The best strategy minus another, in the outcome's own unit: the mean and interval after each of some numbers of
    replications. counts: (T,). each: (replications,) differences."""

    strategy: str
    against: str
    counts: tuple[int, ...]
    found: tuple[Estimate, ...]
    each: NDArray[np.float64]


def path(comparison: Comparison) -> Path | None:
    """The path of the difference that is hardest to tell from 0; None where there is none, or too few replications.

    Where replications were added, at the looks that were made, with the intervals of the plan. Else after every replication,
    with the interval that a study of so many would have.
    """
    pair = hardest(comparison)
    if pair is None or pair.each.size < FIRST or not np.isfinite(pair.each).all():
        return None
    made, plan = pair.each.size, _plan(comparison)
    counts = tuple(look for look in plan.looks if look <= made) if plan else tuple(range(FIRST, made + 1))
    pairs = len(comparison.runs) * (len(comparison.runs) - 1) // 2
    values = np.column_stack([run.outcomes[pair.outcome] for run in comparison.runs.values()])
    share = 1.0 if plan or not np.isfinite(values).all() else critical_value(values) / student(made, pairs)

    def point(count: int) -> float:
        return plan.point(count, pairs) if plan else share * student(count, pairs)

    found = tuple(estimate(pair.each[:count], point(count)) for count in counts)
    return Path(pair.strategy, pair.against, counts, found, pair.each)


def _plan(comparison: Comparison) -> Plan | None:
    """The plan, where it was about what the verdict is about."""
    return comparison.plan if comparison.plan is not None and comparison.plan.outcome == comparison.verdict.outcome else None


def hardest(comparison: Comparison) -> Difference | None:
    """The best strategy's difference that is smallest beside its spread, among those that spread at all."""
    best, outcome = words.favourite(comparison), comparison.verdict.outcome
    every = [words.difference_of(comparison, best, other, outcome) for other in comparison.runs if other != best]
    known = [(abs(one.mean) / float(spread), one) for one in every
             if one is not None and one.each.size > 2 and (spread := np.std(one.each)) > 1e-12 * max(1.0, abs(one.mean))]
    return min(known, key=lambda pair: pair[0])[1] if known else None


def worth(comparison: Comparison) -> bool:
    """Whether there is a difference to follow."""
    return path(comparison) is not None


def convergence(comparison: Comparison) -> Figure:
    """The hardest difference with its interval as replications were added, and what was too small to matter."""
    line = path(comparison)
    if line is None:
        return style.message("No interval to follow", "It takes two strategies that differ, and five replications.")
    outcome, plan = comparison.verdict.outcome, _plan(comparison)
    measure, shown = words.MEASURES[outcome], looks(comparison)[line.strategy]
    scale = UNITS[outcome][0] if measure.kind == "share" else 1.0
    page = style.sheet(_title(comparison, line, plan), _subtitle(comparison, line, plan), _note(plan), 240)
    left, width = LEFT + 64, WIDTH - LEFT - RIGHT - 64
    axes = page.axes(left, page.top, width, 206)
    unit = {"points": "points", "share": "percentage points", "money": currency_of(comparison) or "money"}.get(measure.kind, "")
    frame(axes, "replications", f"{measure.label.lower()}: difference{f' ({unit})' if unit else ''}")
    axes.yaxis.set_major_formatter(FuncFormatter(compact))
    low, high = ([scale * getattr(one, end) for one in line.found] for end in ("low", "high"))
    band = [] if plan is None else [-scale * plan.margin, scale * plan.margin]
    limits(axes, [0.0, *low, *band[:1]], [0.0, *high, *band[1:]], 1e-6)
    _counts_axis(axes, line, plan)
    if plan is not None:
        axes.axhspan(*band, color=QUIET, alpha=0.16, lw=0, zorder=0)
    axes.axhline(0.0, color=QUIET, lw=1.0, zorder=1)
    running = np.arange(min(FIRST, line.counts[0]), line.each.size + 1)
    means = [scale * float(line.each[:count].mean()) for count in running]
    axes.plot(running, means, color=shown.colour, lw=2.0, zorder=3)
    if plan is None:
        axes.fill_between(line.counts, low, high, color=shown.colour, alpha=0.18, lw=0)
    else:
        axes.vlines(line.counts, low, high, color=shown.colour, lw=2.2, zorder=3)
        axes.plot(line.counts, [scale * one.mean for one in line.found], ls="none", marker=shown.marker, ms=6.5,
                  mec=shown.colour, mfc=shown.colour, zorder=4)
    return page.figure


def _counts_axis(axes: Axes, line: Path, plan: Plan | None) -> None:
    """Numbers of replications, each as far from its double as any other; ticks at the looks, as far as they fit."""
    first, last = min(FIRST, line.counts[0]), line.each.size
    axes.set_xscale("log")
    axes.set_xlim(first / 1.04, max(last, first + 1) * 1.04)
    wanted = list(line.counts) if plan is not None else \
        [step * 10**power for power in range(7) for step in (1, 2, 5) if first <= step * 10**power <= last]
    ticks = [last] if last not in wanted else []
    for tick in reversed(wanted):
        if not ticks or ticks[-1] / tick > (last / first) ** 0.07:
            ticks.append(tick)
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    axes.xaxis.set_major_formatter(FixedFormatter([words.number(tick, 0) for tick in ticks]))
    axes.xaxis.set_minor_locator(NullLocator())


def _title(comparison: Comparison, line: Path, plan: Plan | None) -> str:
    names = f"‘{named(comparison, line.strategy)}’ and ‘{named(comparison, line.against)}’"
    last, made = line.found[-1], f"{line.each.size:,} replications"
    if plan is not None:
        if comparison.verdict.settled:
            small = max(abs(last.low), abs(last.high)) <= plan.margin
            how = "differ too little to matter" if small else "surely differ"
            return f"Settled after {made}: {names} {how}"
        return f"Not settled after {made}: {names} may differ, or may not"
    outside = [one.low > 0 or one.high < 0 for one in line.found]
    if not outside[-1]:
        return f"After {made} the interval still holds 0: {names} cannot be told apart"
    since = next(count for at, count in enumerate(line.counts) if all(outside[at:]))
    return f"{names} can be told apart from {since:,} replications on"


def _subtitle(comparison: Comparison, line: Path, plan: Plan | None) -> str:
    what = "The difference that is hardest to tell from 0, with its 95% interval"
    of = f"‘{named(comparison, line.strategy)}’ minus ‘{named(comparison, line.against)}’"
    if plan is None:
        return f"{what}, as it would have been after fewer replications: {of}."
    return f"{what} at each look: {of}. Grey: too small to matter."


def _note(plan: Plan | None) -> str:
    if plan is None:
        return ("Line: mean so far. Band: about the interval of a study of so many replications, for all pairs of strategies "
                "at once. Only a number fixed beforehand has 95%: who looks on until it suits finds differences that are none.")
    return (f"Line: mean so far. Bars: intervals at {len(plan.looks)} looks planned beforehand, {plan.looks[0]:,} to "
            f"{plan.looks[-1]:,} replications; all of them, and those of all pairs, hold at once in 95% of studies.")

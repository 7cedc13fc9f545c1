"""How long people wait at our firm as time goes by, and how busy its hands are."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from sim.engine.clock import hands_on_duty
from sim.engine.records import Run
from sim.market import played
from sim.outcomes import listed
from sim.report import style, words
from sim.report.curves import Estimate, over
from sim.report.figures.parts import named, replicated, rounded
from sim.report.figures.timed import alike, extremes, ours, panel, ratio, tallest

if TYPE_CHECKING:
    from sim.experiments.compare import Comparison

TALL = 230.0


def waits(comparison: Comparison) -> Figure:
    """Minutes that people wait for their turn, period by period; beside each line how busy hands are over the whole time."""
    if not worth(comparison):
        return style.message("No waits to draw", "Nobody waits at our firm in this scenario.")
    lines = {name: ratio(ours(run, "wait") * ours(run, "visits"), served(run)) for name, run in comparison.runs.items()}
    mean = {name: _minutes(over(run.outcomes["wait"])) for name, run in comparison.runs.items()}
    said = {name: f"{mean[name]} on average, hands busy {words.number(100 * busy(run), 0)}% of the time"
            for name, run in comparison.runs.items()}
    height = tallest(comparison, said, TALL)
    page = style.sheet(
        _title(comparison),
        "Minutes between coming to our firm and being served: the mean of those who come in each period.",
        f"{replicated(comparison)} Busy: the time that serving takes, of all the time that hands are there. A queue grows out "
        "of all proportion as that comes near 100%.",
        height + 34,
    )
    panel(page, comparison, lines, said, page.top, height, "wait (minutes)", 1.0)
    return page.figure


def worth(comparison: Comparison) -> bool:
    """Whether anybody waits at our firm."""
    return any(i.outcome == "wait" and math.isfinite(i.mean) and i.mean > 0 for i in comparison.intervals)


def served(run: Run) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """(replications, days) how many came of whom it is known how long they waited."""
    return np.where(np.isfinite(ours(run, "wait")), ours(run, "visits"), 0.0)


def busy(run: Run) -> float:
    """The share of its time on duty for which a hand is serving: minutes of work that came, of those that hands were there."""
    market, staff = run.market, run.market.firms[0].staff
    if staff is None:
        return 0.0
    strategy = next(one for one in market.strategies if one.name == run.strategy)
    there = hands_on_duty(market, played(market, strategy))[:, 0].prod(axis=1).sum() * 60.0
    work = float(served(run).sum()) / market.replications * staff.minutes
    return min(1.0, work / float(there))


def _minutes(found: Estimate) -> str:
    if not math.isfinite(found.mean):
        return "nobody waits"
    text = rounded(found, 0.2)
    return f"{text} minute{'' if text == '1' else 's'}"


def _title(comparison: Comparison) -> str:
    first, *others = comparison.runs
    known, base = named(comparison, first), comparison.interval(first, "wait")
    if not others:
        return f"People wait {_minutes(Estimate(base.mean, base.low, base.high))} under ‘{known}’"
    usual = _minutes(over(comparison.runs[first].outcomes["wait"]))
    if alike(comparison, "wait"):
        return f"People wait equally long under every strategy: {usual}"
    chosen = extremes(comparison, "wait")
    if not chosen:
        return "Whether any strategy changes how long people wait cannot be told"
    found = [over(comparison.runs[name].outcomes["wait"]) for name in chosen]
    texts = [_minutes(found[0]), *(rounded(each, 0.2) for each in found[1:])]
    parts = tuple(f"{text} under ‘{named(comparison, name)}’" for text, name in zip(texts, chosen, strict=True))
    return f"People wait {listed(parts)}, against {usual.split()[0]} under ‘{known}’"

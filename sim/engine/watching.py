"""Watching: when a chart of complaints, or of survey answers, tells our firm that something has changed for the worse.

An EWMA chart (exponentially weighted moving average; Roberts 1959, from memory): each period's deviation from the yardstick, in
standard errors, is averaged with weight 0.2 on the newest; the chart rings where the average lies too many of its own standard
deviations on the bad side.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sim.market import Watch

Floats = NDArray[np.float64]

NEWEST = 0.2
"""The weight of the newest period."""
LIMIT = 3.5
"""How many standard deviations of the average are too many. The usual three ring falsely once in a few years of weeks."""


def seen(watch: Watch, day: Mapping[str, Floats], horizon: int) -> tuple[float, float]:
    """Days from the end of the yardstick until complaints, and until survey answers, ring; the rest of the horizon if never.

    day: columns of our firm by day: visits, complaints, answers, answer_sum.
    """
    starts = np.arange(0.0, horizon, watch.every)
    cells = np.minimum(np.searchsorted(starts, np.arange(horizon), side="right") - 1, len(starts) - 1)
    visits, complaints, answers, total = (np.bincount(cells, day[name], len(starts)).astype(np.float64)
                                          for name in ("visits", "complaints", "answers", "answer_sum"))
    ends = np.minimum(starts + watch.every, float(horizon))
    usual = ends <= watch.until
    never = horizon - watch.until

    def until(rung_in: NDArray[np.bool_]) -> float:
        rung = np.flatnonzero(rung_in & ~usual)
        return float(max(0.0, ends[rung[0]] - watch.until)) if len(rung) else float(never)

    far = limit(int(usual.sum()))
    return until(rings(more(complaints, visits, usual), far)), until(rings(-better(total, answers, usual), far))


def limit(usual: int) -> float:
    """How high the average must lie to ring, with a yardstick of so many usual periods.

    The yardstick's mean is itself an estimate, which adds 1/n to the variance of the average; its standard deviation too, which
    stretches the limit as Student's t does a normal quantile (first term of its expansion).
    """
    stretched = LIMIT * (1.0 + (LIMIT * LIMIT + 1.0) / (4.0 * max(1, usual - 1)))
    return stretched * math.sqrt(NEWEST / (2.0 - NEWEST) + 1.0 / max(1, usual))


def more(counts: Floats, of: Floats, usual: NDArray[np.bool_]) -> Floats:
    """How far each period's share of `counts` in `of` lies above that of the usual periods, in standard errors."""
    share = (counts[usual].sum() + 0.5) / (of[usual].sum() + 1.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        apart = np.where(of > 0, (counts - of * share) / np.sqrt(of * share * (1.0 - share)), 0.0)
    return apart / max(1.0, _sd(apart[usual]))


def better(total: Floats, answers: Floats, usual: NDArray[np.bool_]) -> Floats:
    """How far each period's mean answer lies above that of the usual periods, in standard errors as they were usually."""
    mean = total[usual].sum() / answers[usual].sum() if answers[usual].sum() > 0 else 0.0
    with np.errstate(invalid="ignore", divide="ignore"):
        apart = np.where(answers > 0, (total / answers - mean) * np.sqrt(answers), 0.0)
    return apart / (_sd(apart[usual]) or 1.0)


def _sd(values: Floats) -> float:
    return float(values.std(ddof=1)) if len(values) > 1 else 0.0


def rings(apart: Floats, far: float) -> NDArray[np.bool_]:
    """Whether the chart rings in each period: the average of the deviations lies above the limit."""
    averages, average = [], 0.0
    for one in apart.tolist():
        average += NEWEST * (one - average)
        averages.append(average)
    found: NDArray[np.bool_] = np.array(averages) > far
    return found

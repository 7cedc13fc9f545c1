"""What a strategy brings for what it costs: its return, and the day from which it stays ahead, paired over replications.

Return: (profit − the baseline's) ÷ (cost − the baseline's), means over replications. Profit is what is left after the cost, so
a return of 0 means that the money came back and no more, and −1 that all of it is lost. The interval is Fieller's (1954, "Some
problems in interval estimation"), chosen over a bootstrap because it is exact for paired normal means, needs no luck of its
own, and is bounded exactly where the extra cost is surely above zero; elsewhere the return is *not defined*, and that is said.

Break-even: in each replication the first day from whose end on the profit so far stays at or above the baseline's until the
horizon; of these days the median, with the interval that order statistics give, whatever their distribution. A replication
that ends behind breaks even never within the horizon, and counts as the latest of days.

All intervals are at 95% for all strategies at once (Bonferroni).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.engine.records import Run
from sim.experiments.statistics import CONFIDENCE, ROUNDING, student
from sim.experiments.verdict import plain

Floats = NDArray[np.float64]

FINEST = 0.2
"""Half an interval, in percent, below which a return has no more digits: what is left of it then may be rounding."""
NEVER = math.inf
"""The break-even day of a strategy that is behind at the end."""


@dataclass(frozen=True, slots=True)
class Returns:
    """What `strategy` brings for what it costs beside `against`, the baseline.

    rate, low, high: extra profit a unit of extra cost and its interval, NaN where it is not defined; undefined: why it is not,
    empty where it is. day, day_low, day_high: the median break-even day and its interval, `NEVER` for never within the
    horizon; the ends are NaN where too few replications give no interval. reaches: share of replications that break even.
    horizon: days of the market.
    """

    strategy: str
    against: str
    rate: float
    low: float
    high: float
    undefined: str
    day: float
    day_low: float
    day_high: float
    reaches: float
    horizon: int

    @property
    def sentence(self) -> str:
        """Return and break-even in words."""
        first = (f'the return of "{self.strategy}" on what it costs beyond "{self.against}" is not defined: {self.undefined}'
                 if self.undefined else f'"{self.strategy}" has a return of {percent(self.rate, (self.high - self.low) / 2)} '
                 f'({span(self.low, self.high)}) on what it costs beyond "{self.against}"')
        return f"{first}; {self.even}"

    @property
    def even(self) -> str:
        """From when on it stays ahead, in words."""
        if self.day == NEVER:
            return f"it does not break even within the {self.horizon:,} days"
        limits = "" if math.isnan(self.day_low) else f" ({span_of_days(self.day_low, self.day_high)})"
        if self.day == 0.0 and not self.day_high > 0.0:
            return "it is never behind"
        return f"it breaks even on day {days(self.day)}{limits}"


def percent(share: float, half: float) -> str:
    """A return for people, signed, with the digits that half its interval deserves, and about three that count."""
    text = plain(100.0 * share, max(100.0 * half, FINEST, 3.0 * abs(share)))
    return f"{'+' if share > 0 and any(sign in '123456789' for sign in text) else ''}{text}%"


def span(low: float, high: float) -> str:
    """The interval of a return for people."""
    half = (high - low) / 2
    return f"{percent(low, half)} to {percent(high, half)}"


def days(day: float) -> str:
    """A break-even day for people."""
    return "never" if day == NEVER else f"{math.floor(day + 0.5):,}"


def span_of_days(low: float, high: float) -> str:
    """The interval of a break-even day for people."""
    return days(low) if low == high else f"{days(low)} to {days(high)}"


def returns_of(runs: Mapping[str, Run]) -> tuple[Returns, ...]:
    """Every strategy beside the first, in order; nothing where nothing costs or earns anything."""
    if not any(np.any(run.outcomes[outcome] != 0.0) for run in runs.values() for outcome in ("cost", "profit")):
        return ()
    (first, base), *others = runs.items()
    return tuple(_returns(name, run, first, base, len(others)) for name, run in others)


def _returns(name: str, run: Run, first: str, base: Run, tries: int) -> Returns:
    profit, cost = (run.outcomes[outcome] - base.outcomes[outcome] for outcome in ("profit", "cost"))
    spent = max(np.abs(one.outcomes["cost"]).max(initial=0.0) for one in (run, base))
    undefined = _why_not(cost, spent, tries)
    rate, low, high = (math.nan, math.nan, math.nan) if undefined else ratio(profit, cost, tries)
    even = break_even(ahead(run, base))
    day, day_low, day_high = middle(even, tries)
    return Returns(name, first, rate, low, high, undefined, day, day_low, day_high, float(np.mean(np.isfinite(even))),
                   run.market.horizon)


def _why_not(cost: Floats, spent: float, tries: int) -> str:
    """Why there is no return on this extra cost, (replications,) money; empty where it is surely above zero."""
    if np.all(np.abs(cost) <= ROUNDING * spent):
        return "it costs as much"
    if len(cost) < 2:
        return "one replication does not show whether it surely costs more"
    half = student(len(cost), tries) * float(np.std(cost, ddof=1)) / math.sqrt(len(cost))
    if cost.mean() > half:
        return ""
    return "it costs less" if cost.mean() < -half else "whether it costs more cannot be told"


def ratio(above: Floats, below: Floats, tries: int = 1) -> tuple[float, float, float]:
    """The mean of `above` over that of `below`, paired, and Fieller's 95% interval, honest for `tries` of them at once.

    The ends are the θ at which the mean of above − θ·below is just not told from 0. Needs a mean of `below` that is: there the
    interval is whole. Errors: ValueError where it is not.
    """
    count = len(above)
    critical = student(count, tries) ** 2 / count
    up, down = float(above.mean()), float(below.mean())
    (of_up, both), (_, of_down) = np.cov(above, below, ddof=1).tolist()
    square = down * down - critical * of_down
    if square <= 0.0:
        raise ValueError("the ratio of two means has no bounded interval where the lower one cannot be told from 0")
    middle = up * down - critical * both
    root = math.sqrt(max(0.0, middle * middle - square * (up * up - critical * of_up)))
    return up / down, (middle - root) / square, (middle + root) / square


def ahead(run: Run, base: Run) -> Floats:
    """(replications, days) by how much a strategy's profit so far is ahead of another's, money per starting customer.

    The paths are those of one firm, ours, day by day at the end of each.
    """
    mine, theirs = _earned(run), _earned(base)
    apart = np.cumsum(mine - theirs, axis=1) / run.market.people
    largest = max(np.abs(np.cumsum(each, axis=1)).max(initial=0.0) for each in (mine, theirs)) / run.market.people
    return np.where(np.abs(apart) <= ROUNDING * largest, 0.0, apart)


def _earned(run: Run) -> Floats:
    """(replications, days) revenue less cost."""
    shape = -1, len(run.market.firms), run.market.horizon
    revenue, cost = (np.asarray(run.by_day[name], dtype=np.float64).reshape(shape)[:, 0] for name in ("revenue", "cost"))
    return revenue - cost


def break_even(apart: Floats) -> Floats:
    """(replications,) the first day from which a path (replications, days) stays at or above 0 to its end; `NEVER` if none."""
    behind = apart < 0.0
    last = apart.shape[1] - np.argmax(behind[:, ::-1], axis=1)  # the day after the last one behind
    return np.where(~behind.any(axis=1), 0.0, np.where(behind[:, -1], NEVER, last.astype(np.float64)))


def middle(values: Floats, tries: int = 1) -> tuple[float, float, float]:
    """The median, and the interval of two order statistics that holds it with 95%, for `tries` at once.

    Whatever the distribution, and also where some are infinite. The ends are NaN with so few values that not
    even the smallest and the largest are far enough apart: fewer than 6 for one try.
    """
    from scipy.special import bdtr

    found, count = np.sort(values), len(values)
    half = count // 2
    median = float(found[half]) if count % 2 else float((found[half - 1] + found[half]) / 2)
    outside = (1.0 - CONFIDENCE) / tries
    rank = sum(1 for k in range(half) if 2.0 * float(bdtr(k, count, 0.5)) <= outside)
    return (median, float(found[rank - 1]), float(found[count - rank])) if rank else (median, math.nan, math.nan)

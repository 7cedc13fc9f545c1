"""Tipping values: how far one number must move, all else as it is, until the answer turns round.

The difference between two strategies is looked at on a coarse grid around the number's value, on the same people and
luck, nearest first and on both sides, since nothing says that it rises or falls steadily. The first point with the
other sign brackets the tipping value, which is then halved down; a straight line between the ends of the last
bracket gives it. Two crossings between neighbouring points of the grid would be missed, and none is claimed beyond
the range that was searched.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.experiments.parameters import Parameter
from sim.experiments.statistics import estimate
from sim.market import Market

Floats = NDArray[np.float64]
Difference = Callable[[Market], Floats]
"""The difference between two strategies on a market, one number a replication."""

STEPS: Final = 4
"""Points of the grid on either side."""
HALVINGS: Final = 6
MOST_LOOKS: Final = 2 * STEPS + 2 + HALVINGS
"""The most values of one number at which the strategies are run."""
NOTHING: Final = 1e-9
"""A mean below this share of what it was is a tie, not a turn."""


@dataclass(frozen=True, slots=True)
class Tipping:
    """What was found for one parameter.

    flips: whether a value was found. tips: that value, NaN where none was. low, high: its bracket, the last value that
    keeps the answer and the first that turns it, in order. margin: half of its 95% interval over replications, by the
    slope there. searched: the range. unknown: whether nobody came at some of the points. looks: points looked at.
    """

    parameter: Parameter
    flips: bool
    tips: float
    low: float
    high: float
    margin: float
    searched: tuple[float, float]
    unknown: bool
    looks: int

    @property
    def farness(self) -> float:
        """How far it must move, as a share of what it is now; infinite where it does not flip."""
        value = self.parameter.value
        return abs(self.tips - value) / abs(value) if self.flips and value else math.inf


def grid(parameter: Parameter) -> list[float]:
    """The points looked at on either side of its value, nearest first; the ends of the range are among them."""
    value, found = parameter.value, []
    for end in (parameter.low, parameter.high):
        if parameter.way == "ratio" and end > 0.0 and value > 0.0:
            found += [value * (end / value) ** (step / STEPS) for step in range(1, STEPS + 1)]
        elif parameter.way == "ratio" and value > 0.0:
            found += [*(value * 2.0**-step for step in range(1, STEPS + 1)), end]
        else:
            found += [value + (end - value) * step / STEPS for step in range(1, STEPS + 1)]
    found = [float(round(x)) for x in found] if parameter.whole else found

    def far(x: float) -> float:
        ratio = parameter.way == "ratio" and value > 0.0
        return (abs(math.log(x / value)) if x > 0.0 else math.inf) if ratio else abs(x - value)

    return sorted((x for x in dict.fromkeys(found) if x != value), key=far)


def tip(parameter: Parameter, market: Market, difference: Difference) -> Tipping:
    """The nearest value at which the mean difference has the other sign."""
    seen: dict[float, Floats] = {parameter.value: difference(market)}
    now = _mean(seen[parameter.value])

    def look(x: float) -> float:
        if x not in seen:
            seen[x] = difference(parameter.put(market, x))
        return _mean(seen[x]) * (1.0 if now > 0.0 else -1.0)

    def ended(far: float) -> Tipping:
        unknown = any(not math.isfinite(_mean(one)) for one in seen.values())
        searched = (parameter.low, parameter.high)
        if not math.isfinite(far):
            return Tipping(parameter, False, math.nan, math.nan, math.nan, math.nan, searched, unknown, len(seen))
        near = _last_before(parameter.value, far, seen)
        slope = (look(far) - look(near)) / (far - near)
        near, far = _halved(parameter, near, far, look)
        tips = far if parameter.whole else near + (far - near) * look(near) / (look(near) - look(far))
        low, high = sorted((near, far))
        return Tipping(parameter, True, tips, low, high, _margin(seen[far], slope), searched, unknown, len(seen))

    if not math.isfinite(now) or now == 0.0:
        return ended(math.nan)
    return ended(next((x for x in grid(parameter) if look(x) < -NOTHING * abs(now)), math.nan))


def _mean(each: Floats) -> float:
    return estimate(each).mean


def _margin(each: Floats, slope: float) -> float:
    found = estimate(each)
    return (found.high - found.low) / 2.0 / abs(slope) if slope else math.nan


def _last_before(value: float, far: float, seen: dict[float, Floats]) -> float:
    """The point seen next to `far` on the way there from the value it has now, where anybody came."""
    low, high = sorted((value, far))
    between = [x for x in seen if low <= x <= high and x != far and math.isfinite(_mean(seen[x]))]
    return min(between, key=lambda x: abs(x - far))


def _halved(parameter: Parameter, near: float, far: float, look: Callable[[float], float]) -> tuple[float, float]:
    """The bracket halved HALVINGS times, or until whole numbers are next to each other."""
    for _ in range(HALVINGS):
        even = parameter.way != "ratio" or min(near, far) <= 0.0
        middle = (near + far) / 2.0 if even else math.sqrt(near * far)
        middle = float(round(middle)) if parameter.whole else middle
        there = look(middle)
        if middle in (near, far) or not math.isfinite(there):
            break
        near, far = (near, middle) if there < 0.0 else (middle, far)
    return near, far

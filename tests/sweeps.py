"""Sweeps whose truth is known: means by point and strategy, concluded as real ones are."""

from collections.abc import Callable, Sequence

import numpy as np

from sim.experiments.design import designed
from sim.experiments.sweep import Sweep, conclude
from sim.outcomes import OUTCOMES
from sim.story.over import read_all
from tests.report.studies import Plan, make

Truth = Callable[..., Sequence[float]]


def swept(over: Sequence[str], truth: Truth, names: Sequence[str] = ("calm", "gifts"), *, sd: float = 0.05, count: int = 12,
          kept: Sequence[int] | None = None, outcome: str = "satisfaction", design: str = "grid", points: int | None = None,
          title: str = "A story", currency: str = "EUR") -> Sweep:
    """A sweep in which strategies have the means that `truth` gives for a point's numbers (or texts), each with its own noise.

    The noise is the same at every point, as luck is. kept: the points that were finished; all if left out.
    """
    where = designed(read_all(over), design, points, 1)
    there = make({name: Plan() for name in names}, replications=count, people=100, title=title, currency=currency,
                 outcome=outcome)
    noise = np.random.default_rng(3).normal(0.0, sd, (len(names), count))
    noise -= noise.mean(axis=1, keepdims=True)
    numbers = list(range(where.count)) if kept is None else list(kept)
    values = []
    for number in numbers:
        texts = where.point(number)
        told = [text if (x := axis.number(text)) is None else x for axis, text in zip(where.axes, texts, strict=True)]
        values.append(np.asarray(truth(*told), dtype=float)[:, None] + noise)
    each = {name: np.array(values) if name == outcome else np.full((len(numbers), len(names), count), np.nan)
            for name in OUTCOMES}
    return conclude(there.market, where, names, outcome, numbers, each, there.runs, 0)

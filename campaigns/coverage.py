"""Do 95% intervals cover in 95% of studies? `python -m campaigns.coverage [--studies 10000] [--jobs 2]`.

Made-up studies whose truth is known, through the very functions that a comparison uses (`sim.experiments.statistics`,
`sim.experiments.rates`). Three parts:

1. one interval, over laws of one replication's value: normal, skewed, heavy on both sides, counts;
2. all pairs of k strategies that have luck in common: how often all intervals hold at once, and, where all strategies are
   equal, how often any is found better than another;
3. rare events: shares of independent people, by their exact intervals.

A rate over 10,000 studies is known to about ±0.4 (twice its standard error). Prints tables; `*` marks what lies outside 94 to
96.5% or above 5.5%. The seeds are fixed, so that two runs print the same.
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.experiments.rates import apart, share
from sim.experiments.statistics import critical_value, reaches, student

Floats = NDArray[np.float64]
Luck = np.random.Generator

REPLICATIONS = (5, 10, 20, 40)
STRATEGIES = (2, 3, 5, 10, 20)
LOWEST, HIGHEST, MOST_FALSE = 0.94, 0.965, 0.055
DEAR = 10
"""From so many strategies on, with 40 replications, a fifth of the studies must do: each takes a tenth of a second."""


class Law(NamedTuple):
    """How one replication's value is distributed: its mean, its skewness in words, and how to draw it."""

    mean: float
    said: str
    draw: Callable[[Luck, tuple[int, int]], Floats]


LAWS = {
    "normal": Law(0.0, "0", lambda luck, shape: luck.normal(size=shape)),
    "gamma, 4": Law(4.0, "1", lambda luck, shape: luck.gamma(4.0, size=shape)),
    "lognormal, 0.5": Law(float(np.exp(0.125)), "1.8", lambda luck, shape: luck.lognormal(0.0, 0.5, size=shape)),
    "exponential": Law(1.0, "2", lambda luck, shape: luck.exponential(size=shape)),
    "lognormal, 1": Law(float(np.exp(0.5)), "6.2", lambda luck, shape: luck.lognormal(0.0, 1.0, size=shape)),
    "Laplace": Law(0.0, "0, heavy", lambda luck, shape: luck.laplace(size=shape)),
    "two humps, 1 : 4": Law(0.8, "1.1", lambda luck, shape: 4.0 * (luck.random(shape) < 0.2) + luck.normal(size=shape)),
    "counts, 3": Law(3.0, "0.6", lambda luck, shape: luck.poisson(3.0, shape).astype(float)),
    "counts, 1": Law(1.0, "1", lambda luck, shape: luck.poisson(1.0, shape).astype(float)),
    "1 − 0.5 counts": Law(0.5, "0.3", lambda luck, shape: (luck.poisson(1.0, shape) - luck.poisson(0.5, shape)).astype(float)),
}


def ends(values: Floats, critical: float, skewed: bool = True) -> tuple[Floats, Floats]:
    """Both ends of the interval of each column, as `statistics.estimate` has them; [mean, mean] for a constant one."""
    mean, scale = values.mean(axis=0), values.std(axis=0, ddof=1) / np.sqrt(len(values))
    with np.errstate(invalid="ignore"):
        below, above = reaches(values, critical) if skewed else (critical, critical)
    return mean - np.where(scale > 0.0, below, 0.0) * scale, mean + np.where(scale > 0.0, above, 0.0) * scale


def one_interval(law: Law, count: int, studies: int, seed: int) -> tuple[float, float, float]:
    """How often Student's interval covers, how often ours does, and how much wider ours is in the median."""
    values = law.draw(np.random.Generator(np.random.Philox(key=[seed, count])), (count, studies))
    plain, ours = (ends(values, student(count), skewed) for skewed in (False, True))
    covers = [float(np.mean((low <= law.mean) & (law.mean <= high))) for low, high in (plain, ours)]
    width = float(np.median(ours[1] - ours[0]) / np.median(plain[1] - plain[0]))
    return covers[0], covers[1], width


FAMILIES = {
    "normal": lambda luck, shape: luck.normal(size=shape),
    "skewed": lambda luck, shape: luck.exponential(size=shape) - 1.0,
}
"""What a strategy adds to the luck that all have in common, in every replication; the mean is 0."""


def many_pairs(family: str, strategies: int, count: int, studies: int) -> tuple[float, float, int]:
    """How often all pairs' intervals cover 0 at once; how often one strategy is found better than all others; of how many.

    Strategies are equal on average: each has the common luck, and its own times a spread of 1, 2 or 4, skewed or not.
    """
    luck = np.random.Generator(np.random.Philox(key=[strategies, count]))
    spread = np.array([1.0, 2.0, 4.0])[np.arange(strategies) % 3]
    pairs = np.array(list(itertools.combinations(range(strategies), 2)))
    covered = won = 0
    for _ in range(studies):
        values = 3.0 * luck.normal(size=(count, 1)) + FAMILIES[family](luck, (count, strategies)) * spread
        low, high = ends(values[:, pairs[:, 1]] - values[:, pairs[:, 0]], critical_value(values))
        outside = (low > 0.0) | (high < 0.0)
        covered += not outside.any()
        best = int(values.mean(axis=0).argmax())
        won += bool(outside[(pairs == best).any(axis=1)].all())
    return covered / studies, won / studies, studies


def rare(expected: float, people: int, count: int, studies: int, seed: int) -> tuple[float, float, float, float]:
    """Shares of independent people with so many events expected in a replication: how often Student's interval covers, how
    often the exact one does; then both for a difference from a strategy with half as many, exact where nothing spreads."""
    luck = np.random.Generator(np.random.Philox(key=[seed, count]))
    chance = expected / people
    more, less = (luck.binomial(people, chance * part, (count, studies)) for part in (1.0, 0.5))
    low, high = ends(more / people, student(count), skewed=False)
    exact = {total: share(total, people * count) for total in set(more.sum(axis=0).tolist())}
    own = [exact[total][0] <= chance <= exact[total][1] for total in more.sum(axis=0).tolist()]
    each = (more - less) / people
    plain, ours = (ends(each, student(count), skewed) for skewed in (False, True))
    constant = np.all(each == each[0], axis=0)
    for column in np.flatnonzero(constant):
        totals = int(more[:, column].sum()), int(less[:, column].sum())
        ours[0][column], ours[1][column] = apart(*totals, people * count)
    apart_by = chance / 2.0
    student_covers, ours_covers = (float(np.mean((one[0] <= apart_by) & (apart_by <= one[1]))) for one in (plain, ours))
    return float(np.mean((low <= chance) & (chance <= high))), float(np.mean(own)), student_covers, ours_covers


def marked(rate: float, lowest: float = LOWEST, highest: float = HIGHEST) -> str:
    """A rate in per cent, starred where it lies outside what was asked for."""
    return f"{100 * rate:6.2f}{' ' if lowest <= rate <= highest else '*'}"


def print_one(studies: int) -> None:
    """Part 1."""
    print("One interval: Student's, ours, and how much wider ours is (median)\n")
    print(f"{'law of a replication':20}{'skewness':>10}" + "".join(f"{f'{count} replications':>28}" for count in REPLICATIONS))
    for seed, (name, law) in enumerate(LAWS.items()):
        found = [one_interval(law, count, studies, seed) for count in REPLICATIONS]
        print(f"{name:20}{law.said:>10}" + "".join(f"{marked(plain):>11}{marked(ours):>9}  ×{width:4.2f}"
                                                   for plain, ours, width in found))


def print_pairs(studies: int, jobs: int) -> None:
    """Part 2."""
    print("\nAll pairs of k equal strategies at once: all cover, and one is found better than all others\n")
    cases = [(family, k, count) for family in FAMILIES for k in STRATEGIES for count in REPLICATIONS]
    with ProcessPoolExecutor(jobs) as pool:
        running = [pool.submit(many_pairs, *case, max(1, studies // 5) if case[1] >= DEAR and case[2] == 40 else studies)
                   for case in cases]
        print(f"{'':8}{'k':>3}{'replications':>14}{'all cover':>12}{'a winner':>11}{'studies':>9}")
        for (family, k, count), one in zip(cases, running, strict=True):
            covered, won, made = one.result()
            print(f"{family:8}{k:3}{count:14}{marked(covered, LOWEST, 1.0):>12}{marked(won, 0.0, MOST_FALSE):>11}{made:9,}",
                  flush=True)


def print_rare(studies: int) -> None:
    """Part 3."""
    print("\nRare events among 1,000 independent people: a share by Student and exactly; a difference by Student and ours\n")
    print(f"{'events a replication':>20}" + "".join(f"{f'{count} replications':>36}" for count in REPLICATIONS))
    for seed, expected in enumerate((0.02, 0.1, 0.3, 1.0, 3.0, 10.0)):
        found = [rare(expected, 1000, count, studies, seed) for count in REPLICATIONS]
        print(f"{expected:20g}" + "".join(f"{marked(a):>11}{marked(b, LOWEST, 1.0):>8}{marked(c):>9}{marked(d, LOWEST, 1.0):>8}"
                                          for a, b, c, d in found))


def main() -> None:
    """All parts."""
    parser = argparse.ArgumentParser(prog="python -m campaigns.coverage", description=__doc__.split("\n")[0])
    parser.add_argument("--studies", type=int, default=10_000, help="made-up studies a cell (default: 10,000)")
    parser.add_argument("--jobs", type=int, default=2, help="processes (default: 2)")
    options = parser.parse_args()
    began = time.monotonic()
    print_one(options.studies)
    print_rare(options.studies)
    print_pairs(options.studies, options.jobs)
    print(f"\n{options.studies:,} studies a cell, {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()

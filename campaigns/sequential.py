"""Is looking again and again safe, and does it pay? `python -m campaigns.sequential [--studies 10000] [--jobs 2]`.

Made-up studies whose truth is known, through the very functions behind `drift compare --until` (`sim.experiments.sequence`) and
`drift select` (`sim.experiments.selection`):

1. equal strategies, looked at until settled: how often any difference is found (at most 5.5%), after how many replications, and
   how often a plain 95% interval at the same looks would have found one;
2. two strategies that differ: how often the right one is found, and after how many replications, beside the number that a fixed
   study would need to find it in 95% of cases, which one would have to know beforehand;
3. the slippage configuration, one strategy δ better than all others, which are equal, with δ = σ/√n₀ and n₀ = 10: how often
   the best is chosen by KN, by `--until`, and by the two-stage procedure of Rinott 1978, which cannot use common luck.

`*` marks what lies above 5.5%, or below the 95% that is promised by more than twice its standard error. Seeds are fixed.
"""

from __future__ import annotations

import argparse
import itertools
import math
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from campaigns.coverage import ends
from sim.experiments.selection import race
from sim.experiments.sequence import Plan, all_settled, plan
from sim.experiments.statistics import pairwise, student

Floats = NDArray[np.float64]
Luck = np.random.Generator

STRATEGIES = (2, 3, 5, 10, 20)
MOST_FALSE, PROMISED = 0.055, 0.95
MOST = 1_600
FIRST = 10
DEAR = 10


def luck_of(*key: int) -> Luck:
    """The luck of one cell of a table."""
    return np.random.Generator(np.random.Philox(key=list(key)))


def values_of(luck: Luck, shape: tuple[int, int], skewed: bool, common: float) -> Floats:
    """(replications, strategies): variance 1, the share `common` of it shared by all strategies; normal, or exponential."""
    own = luck.exponential(size=shape) - 1.0 if skewed else luck.normal(size=shape)
    found: Floats = math.sqrt(common) * luck.normal(size=(shape[0], 1)) + math.sqrt(1.0 - common) * own
    return found


def looked(planned: Plan, luck: Luck, means: Floats, skewed: bool = False, common: float = 0.5) -> Iterator[Floats]:
    """One study look by look, until the best is settled against every other: the values so far, (replications, strategies)."""
    values = np.empty((0, len(means)))
    for count in planned.looks:
        new = values_of(luck, (count - len(values), len(means)), skewed, common) + means
        values = np.concatenate([values, new])
        yield values
        if ended(values, planned):
            return


def ended(values: Floats, planned: Plan) -> bool:
    """What `sequence.all_settled` says of the best of these values, for all pairs of it in one go, which is quicker."""
    count, strategies = values.shape
    best = int(values.mean(axis=0).argmax())
    low, high = ends(values[:, best:best + 1] - np.delete(values, best, axis=1),
                     planned.point(count, strategies * (strategies - 1) // 2))
    return bool(np.all((low > 0.0) | (high < 0.0) | (np.maximum(-low, high) <= planned.margin)))


def equal(skewed: bool, strategies: int, studies: int) -> tuple[float, float, float, float]:
    """Equal strategies: how often any pair is found to differ at the look it stops at; how often one is found better than all
    others; the mean of replications; and how often a plain interval would have found a difference at any look."""
    luck, planned = luck_of(strategies, int(skewed)), plan(0.3, "satisfaction", MOST)
    found = won = made = careless = 0
    for _ in range(studies):
        tempted = False
        for values in looked(planned, luck, np.zeros(strategies), skewed):
            each = values[:, :1] - values[:, 1:2]
            tempted |= bool(abs(each.mean()) > student(len(each)) * each.std(ddof=1) / math.sqrt(len(each)))
        pairs = pairwise(list(values.T), planned.point)
        best = int(values.mean(axis=0).argmax())
        found += any(pair.decided for pair in pairs.values())
        won += all(pair.decided for places, pair in pairs.items() if best in places)
        made += len(values)
        careless += tempted
    return found / studies, won / studies, made / studies, careless / studies


def differing(apart: float, margin: float, studies: int) -> tuple[float, float, float]:
    """Two strategies so far apart, in sds of their difference: how often the better one is found, how often it is called too
    small to matter, and the mean of replications."""
    luck, planned = luck_of(int(1000 * apart), int(1000 * margin)), plan(margin, "satisfaction", MOST)
    right = small = made = 0
    for _ in range(studies):
        *_, values = looked(planned, luck, np.array([0.0, apart]))
        pair = pairwise(list(values.T), planned.point)[1, 0]
        right += pair.decided and pair.estimate.mean > 0.0
        small += not pair.decided and all_settled(1, {(1, 0): pair}, margin)
        made += len(values)
    return right / studies, small / studies, made / studies


def fixed(apart: float) -> int:
    """Replications of a study of fixed size that finds a difference of so many sds in 95% of cases."""
    from scipy.stats import nct

    return next(n for n in itertools.count(3) if nct.sf(student(n), n - 1, apart * math.sqrt(n)) >= PROMISED)


@cache
def rinott(strategies: int, first: int, chance: float) -> float:
    """Rinott's h: ∫[∫Φ(h/√(ν(1/x + 1/y))) f(x) dx]^(k−1) f(y) dy = chance, f the chi-squared density with ν = n₀ − 1."""
    from scipy.optimize import brentq
    from scipy.special import gammaincinv, ndtr

    nodes, weights = np.polynomial.legendre.leggauss(400)
    freedom, uniform, weights = first - 1, (nodes + 1.0) / 2.0, weights / 2.0
    chi = 2.0 * gammaincinv(freedom / 2.0, uniform)
    both = np.sqrt(freedom * (1.0 / chi[:, None] + 1.0 / chi))
    return float(brentq(lambda h: weights @ ((ndtr(h / both) @ weights) ** (strategies - 1)) - chance, 0.1, 20.0))


def slippage(strategies: int, common: float, studies: int) -> dict[str, tuple[float, float]]:
    """How often each procedure chooses the one that is δ better, and the mean of replications a strategy."""
    margin = 1.0 / math.sqrt(FIRST)
    means, luck = np.zeros(strategies), luck_of(strategies, int(100 * common))
    means[-1] = margin
    planned, h = plan(margin, "satisfaction", MOST), rinott(strategies, FIRST, PROMISED)
    right, made = dict.fromkeys(("KN", "until", "Rinott"), 0), dict.fromkeys(("KN", "until", "Rinott"), 0.0)

    def draw(places: Iterable[int], stretch: range) -> Floats:
        return (values_of(luck, (len(stretch), strategies), False, common) + means)[:, list(places)]

    for _ in range(studies):
        found = race(draw, strategies, margin, first=FIRST)
        right["KN"] += found.best == strategies - 1
        made["KN"] += float(found.used.mean())
        *_, values = looked(planned, luck, means, common=common)
        right["until"] += int(values.mean(axis=0).argmax()) == strategies - 1
        made["until"] += len(values)
        totals = np.maximum(FIRST, np.ceil((h / margin) ** 2 * luck.chisquare(FIRST - 1, strategies) / (FIRST - 1)))
        # the mean of normal values knows nothing of their variance, so it is normal for the number of them that this leads to
        right["Rinott"] += int((means + luck.normal(size=strategies) / np.sqrt(totals)).argmax()) == strategies - 1
        made["Rinott"] += float(totals.mean())
    return {name: (right[name] / studies, made[name] / studies) for name in right}


def kept(rate: float, studies: int) -> str:
    """A rate in per cent, starred where it is below the promise by more than twice its standard error."""
    error = math.sqrt(PROMISED * (1.0 - PROMISED) / studies)
    return f"{100 * rate:6.2f}{'*' if rate < PROMISED - 2 * error else ' '}"


def fewer(studies: int, strategies: int = DEAR) -> int:
    """How many studies must do where each takes long: a fifth from so many strategies on."""
    return studies if strategies < DEAR else max(1, studies // 5)


def print_equal(pool: ProcessPoolExecutor, studies: int) -> None:
    """Part 1."""
    cases = [(skewed, k) for skewed in (False, True) for k in STRATEGIES]
    running = [pool.submit(equal, *case, fewer(studies, case[1])) for case in cases]
    print(f"Equal strategies, margin 0.3 sd of an outcome, at most {MOST:,} replications\n")
    print(f"{'':8}{'k':>3}{'a difference':>14}{'a winner':>10}{'replications':>14}{'plain, 2 of them':>18}{'studies':>9}")
    for (skewed, k), one in zip(cases, running, strict=True):
        found, won, made, careless = one.result()
        star = "*" if found > MOST_FALSE else " "
        print(f"{'skewed' if skewed else 'normal':8}{k:3}{100 * found:13.2f}{star}{100 * won:10.2f}{made:14.0f}"
              f"{100 * careless:18.1f}{fewer(studies, k):9,}", flush=True)


def print_differing(pool: ProcessPoolExecutor, studies: int) -> None:
    """Part 2."""
    cases = [(apart, 0.2) for apart in (0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0)]
    running = [pool.submit(differing, *case, studies) for case in cases]
    print("\nTwo strategies, margin 0.2 sd of their difference\n")
    print(f"{'apart, sds':>10}{'found':>9}{'too small':>11}{'replications':>14}{'a fixed study':>15}")
    for (apart, _), one in zip(cases, running, strict=True):
        right, small, made = one.result()
        print(f"{apart:10g}{100 * right:9.2f}{100 * small:11.2f}{made:14.0f}{fixed(apart):15,}", flush=True)


def print_slippage(pool: ProcessPoolExecutor, studies: int) -> None:
    """Part 3."""
    cases: list[tuple[int, float]] = [(k, common) for k in STRATEGIES for common in (0.0, 0.5, 0.9)]
    running: list[Any] = [pool.submit(slippage, *case, fewer(studies)) for case in cases]
    print("\nOne strategy δ = σ/√10 better than the others: chosen in % of studies, after so many replications a strategy\n")
    print(f"{'k':>3}{'common luck':>13}" + "".join(f"{name:>18}" for name in ("KN", "until", "Rinott")) + f"{'studies':>9}")
    for (k, common), one in zip(cases, running, strict=True):
        found = one.result()
        cells = "".join(f"{kept(right, fewer(studies)):>10}{made:8.0f}" for right, made in found.values())
        print(f"{k:3}{common:13.0%}{cells}{fewer(studies):9,}", flush=True)


def main() -> None:
    """All parts."""
    parser = argparse.ArgumentParser(prog="python -m campaigns.sequential", description=__doc__.split("\n")[0])
    parser.add_argument("--studies", type=int, default=10_000, help="made-up studies a cell (default: 10,000)")
    parser.add_argument("--jobs", type=int, default=2, help="processes (default: 2)")
    options = parser.parse_args()
    began = time.monotonic()
    with ProcessPoolExecutor(options.jobs) as pool:
        for part in (print_equal, print_differing, print_slippage):
            part(pool, options.studies)
    print(f"\n{options.studies:,} studies a cell, {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()

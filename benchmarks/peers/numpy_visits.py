"""NumPy, vectorised by visit: a block of customers makes its first visit together, then its second, and so on.

Nobody meets anybody in this workload, so the k-th visits of a block can be computed at once although they
fall on different days. That is as fast as NumPy goes, and it works only while customers do not interact.
"""

import numpy as np
from numpy.typing import NDArray

from benchmarks.workload import (
    COMPLAINING,
    DOWN,
    EVERY,
    EVERY_GOODWILL,
    HEARS,
    HEARS_NOISE,
    HORIZON,
    LEARNS,
    LEAVING,
    LEAVING_GOODWILL,
    LONGEST,
    LOSS,
    MEMORY,
    NOISE,
    NORM_WEIGHT,
    RIVAL,
    SHORTEST,
    START,
    SURPRISE,
    SURPRISE_CHANCE,
    UP,
    Answers,
    measure,
    quality_by_day,
)

BLOCK = 8192
Floats = NDArray[np.float64]


def block(size: int, luck: np.random.Generator, sums: Floats, ends: Floats, each: NDArray[np.int32]) -> None:
    """Everybody of one block for the whole horizon; adds to `sums` (5, days), fills `ends` and `each`."""
    levels = np.array(quality_by_day())
    when = luck.exponential(EVERY, size)
    expectation, norm, goodwill = np.full(size, START), np.full(size, START), np.zeros(size)
    who = np.arange(size)
    stays = when < HORIZON
    while stays.any():
        who, when, expectation = who[stays], when[stays], expectation[stays]
        norm, goodwill, n = norm[stays], goodwill[stays], int(stays.sum())
        day = when.astype(np.intp)
        heard = np.flatnonzero(luck.random(n) < HEARS)
        norm[heard] += LEARNS * (RIVAL + HEARS_NOISE * luck.standard_normal(len(heard)) - norm[heard])
        experience = levels[day] + SURPRISE * (luck.random(n) < SURPRISE_CHANCE) + NOISE * luck.standard_normal(n)
        gap = experience - (expectation + NORM_WEIGHT * np.maximum(0.0, norm - expectation))
        felt = np.where(gap < 0.0, LOSS * gap, gap)
        complains = luck.random(n) < 1.0 - np.exp(COMPLAINING * np.minimum(gap, 0.0))
        sums[0] += np.bincount(day, minlength=HORIZON)
        sums[1] += np.bincount(day, expectation, HORIZON)
        sums[2] += np.bincount(day, felt, HORIZON)
        sums[3] += np.bincount(day[complains], minlength=HORIZON)
        moved = experience - expectation
        expectation = expectation + np.where(moved > 0.0, UP, DOWN) * moved
        ends[who] = expectation
        each[who] += 1
        goodwill = goodwill + MEMORY * (felt - goodwill)
        leaves = luck.random(n) < 1.0 / (1.0 + np.exp(LEAVING + LEAVING_GOODWILL * goodwill))
        sums[4] += np.bincount(day[leaves], minlength=HORIZON)
        mean = np.clip(EVERY * np.exp(-EVERY_GOODWILL * goodwill), SHORTEST, LONGEST)
        when = when + mean * luck.standard_exponential(n)
        stays = ~leaves & (when < HORIZON)


def simulate(people: int, seed: int) -> Answers:
    """Everybody for the whole horizon, a block at a time, each block with a stream of its own."""
    sums = np.zeros((5, HORIZON))
    ends, each = np.full(people, START), np.zeros(people, np.int32)
    starts = range(0, people, BLOCK)
    for start, stream in zip(starts, np.random.SeedSequence(seed).spawn(len(starts)), strict=True):
        span = slice(start, min(start + BLOCK, people))
        block(span.stop - start, np.random.default_rng(stream), sums, ends[span], each[span])
    visits, expected, felt, complaints, leavers = (float(row.sum()) for row in sums)
    return Answers(visits, leavers, float(ends.mean()), expected, felt, complaints,
                   float(each.std()), float(ends.std()))


if __name__ == "__main__":
    measure("NumPy, by visit of a block", simulate, 200_000)

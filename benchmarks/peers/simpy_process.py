"""SimPy as its documentation teaches it: one process a customer, luck from the standard library."""

import random
from collections.abc import Generator
from math import exp

import simpy

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
    Days,
    measure,
    quality_by_day,
    total,
)

QUALITY = quality_by_day()


def customer(env: simpy.Environment, luck: random.Random, days: Days, ends: list[float], each: list[float],
             number: int) -> Generator[simpy.Event, None, None]:
    """One customer, from her first gap to the day she leaves."""
    expectation, norm, goodwill = START, START, 0.0
    yield env.timeout(luck.expovariate(1.0 / EVERY))
    while True:
        day = int(env.now)
        if luck.random() < HEARS:
            norm += LEARNS * (luck.gauss(RIVAL, HEARS_NOISE) - norm)
        experience = QUALITY[day] + (SURPRISE if luck.random() < SURPRISE_CHANCE else 0.0) + luck.gauss(0.0, NOISE)
        gap = experience - (expectation + NORM_WEIGHT * max(0.0, norm - expectation))
        felt = gap if gap >= 0.0 else LOSS * gap
        days.visits[day] += 1.0
        days.expected[day] += expectation
        days.felt[day] += felt
        each[number] += 1.0
        if gap < 0.0 and luck.random() < 1.0 - exp(COMPLAINING * gap):
            days.complaints[day] += 1.0
        expectation += (UP if experience > expectation else DOWN) * (experience - expectation)
        ends[number] = expectation
        goodwill += MEMORY * (felt - goodwill)
        if luck.random() < 1.0 / (1.0 + exp(LEAVING + LEAVING_GOODWILL * goodwill)):
            days.leavers[day] += 1.0
            return
        mean = min(max(EVERY * exp(-EVERY_GOODWILL * goodwill), SHORTEST), LONGEST)
        yield env.timeout(luck.expovariate(1.0 / mean))


def simulate(people: int, seed: int) -> Answers:
    """Everybody for the whole horizon."""
    env, luck, days = simpy.Environment(), random.Random(seed), Days()
    ends, each = [START] * people, [0.0] * people
    for number in range(people):
        env.process(customer(env, luck, days, ends, each, number))
    env.run(until=HORIZON)
    return total(days, ends, each)


if __name__ == "__main__":
    measure("SimPy, a process per customer", simulate, 5_000)

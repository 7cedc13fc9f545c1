"""SimPy as its documentation teaches it, where people wait: a process a customer, and a resource of as many as serve."""

import random
from collections.abc import Generator
from dataclasses import dataclass, field
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
    SERVERS,
    SHORTEST,
    START,
    SURPRISE,
    SURPRISE_CHANCE,
    UP,
    WAITING,
    WAITING_MOST,
    Days,
    Queued,
    hours_by_day,
    measure,
    minutes,
    quality_by_day,
)

QUALITY = quality_by_day()
OPEN_MINUTES = [60.0 * hours for hours in hours_by_day()]
"""A day of the clock is as long as the firm is open."""


@dataclass
class Desk(Days):
    """What is summed each day."""

    satisfaction: list[float] = field(default_factory=lambda: [0.0] * HORIZON)
    waited: list[float] = field(default_factory=lambda: [0.0] * HORIZON)


def customer(env: simpy.Environment, luck: random.Random, desk: simpy.Resource, days: Desk, takes: float
             ) -> Generator[simpy.Event, None, None]:
    """One customer, from her first gap to the day she leaves; `takes`: minutes that serving takes on average."""
    expectation, norm, goodwill = START, START, 0.0
    yield env.timeout(luck.expovariate(1.0 / EVERY))
    while True:
        came, day = env.now, int(env.now)
        with desk.request() as turn:
            yield turn
            wait = (env.now - came) * OPEN_MINUTES[day]
            yield env.timeout(luck.expovariate(1.0 / takes) / OPEN_MINUTES[day])
        if luck.random() < HEARS:
            norm += LEARNS * (luck.gauss(RIVAL, HEARS_NOISE) - norm)
        experience = (QUALITY[day] + (SURPRISE if luck.random() < SURPRISE_CHANCE else 0.0) + luck.gauss(0.0, NOISE)
                      - min(WAITING * wait, WAITING_MOST))
        gap = experience - (expectation + NORM_WEIGHT * max(0.0, norm - expectation))
        felt = gap if gap >= 0.0 else LOSS * gap
        days.visits[day] += 1.0
        days.expected[day] += expectation
        days.satisfaction[day] += gap
        days.felt[day] += felt
        days.waited[day] += wait
        if gap < 0.0 and luck.random() < 1.0 - exp(COMPLAINING * gap):
            days.complaints[day] += 1.0
        expectation += (UP if experience > expectation else DOWN) * (experience - expectation)
        goodwill += MEMORY * (felt - goodwill)
        if luck.random() < 1.0 / (1.0 + exp(LEAVING + LEAVING_GOODWILL * goodwill)):
            days.leavers[day] += 1.0
            return
        mean = min(max(EVERY * exp(-EVERY_GOODWILL * goodwill), SHORTEST), LONGEST)
        yield env.timeout(max(0.0, came + luck.expovariate(1.0 / mean) - env.now))


def simulate(people: int, seed: int) -> Queued:
    """Everybody for the whole horizon."""
    env, luck, days = simpy.Environment(), random.Random(seed), Desk()
    desk = simpy.Resource(env, SERVERS)
    for _ in range(people):
        env.process(customer(env, luck, desk, days, minutes(people)))
    env.run(until=HORIZON)
    visits = sum(days.visits)
    return Queued(visits, sum(days.leavers), sum(days.satisfaction) / visits, sum(days.expected) / visits,
                  sum(days.complaints) / visits, sum(days.waited) / visits)


if __name__ == "__main__":
    measure("SimPy, a process per customer", simulate, 5_000)

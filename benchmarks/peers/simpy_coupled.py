"""SimPy as its documentation teaches it, where people choose and talk: a process a customer, and one that spreads the talk."""

import random
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from math import exp, hypot

import simpy

from benchmarks.workload import (
    CHOOSING_GOODWILL,
    CHOOSING_VALUE,
    COMPLAINING,
    DOWN,
    EVERY,
    EVERY_GOODWILL,
    HEARERS,
    HEARS,
    HEARS_NOISE,
    HORIZON,
    LEARNS,
    LEAVING,
    LEAVING_GOODWILL,
    LISTEN_DOWN,
    LISTEN_UP,
    LONGEST,
    LOSS,
    MEMORY,
    NOISE,
    NORM_WEIGHT,
    RIVAL,
    RIVAL_NOISE,
    SHORTEST,
    START,
    SURPRISE,
    SURPRISE_CHANCE,
    SWITCHING,
    TALK_BAD,
    TALK_BASE,
    TALK_GOOD,
    UP,
    Coupled,
    Days,
    measure,
    quality_by_day,
)

LEVELS = (quality_by_day(), [RIVAL] * HORIZON)
NOISES = (NOISE, RIVAL_NOISE)
HEARD_NOISES = tuple(hypot(noise, HEARS_NOISE) for noise in NOISES)


@dataclass
class Firm(Days):
    """What is summed of a firm each day, and what had been said of it before each day: words of blame and of praise, and the
    levels told in them."""

    satisfaction: list[float] = field(default_factory=lambda: [0.0] * HORIZON)
    words: list[float] = field(default_factory=lambda: [0.0] * HORIZON)
    praise: list[float] = field(default_factory=lambda: [0.0] * HORIZON)
    told: list[list[float]] = field(default_factory=lambda: [[0.0, 0.0] for _ in range(HORIZON)])
    words_before: list[list[float]] = field(default_factory=lambda: [[0.0, 0.0]])
    told_before: list[list[float]] = field(default_factory=lambda: [[0.0, 0.0]])


def midnight(env: simpy.Environment, firms: Sequence[Firm]) -> Generator[simpy.Event, None, None]:
    """What was said during a day is heard from the next one on."""
    for day in range(HORIZON):
        yield env.timeout(1.0)
        for firm in firms:
            said = firm.words[day] - firm.praise[day], firm.praise[day]
            firm.words_before.append([before + now for before, now in zip(firm.words_before[-1], said, strict=True)])
            firm.told_before.append([before + now for before, now in zip(firm.told_before[-1], firm.told[day], strict=True)])


def poisson(luck: random.Random, mean: float) -> int:
    """A Poisson number by inversion."""
    u, count, term = luck.random(), 0, exp(-mean)
    below = term
    while u >= below:
        count += 1
        term *= mean / count
        below += term
    return count


def listen(firm: Firm, expectation: float, since: int, day: int, reach: float, luck: random.Random) -> float:
    """What she expects of a firm after hearing what was said of it from day `since` until yesterday."""
    blame, praise = (now - then for now, then in zip(firm.words_before[day], firm.words_before[since], strict=True))
    if blame + praise > 0.0:
        told = [now - then for now, then in zip(firm.told_before[day], firm.told_before[since], strict=True)]
        for _ in range(poisson(luck, reach * (blame + praise))):
            level = told[0] / blame if luck.random() * (blame + praise) < blame else told[1] / praise
            expectation += (LISTEN_UP if level > expectation else LISTEN_DOWN) * (level - expectation)
    return expectation


def customer(env: simpy.Environment, luck: random.Random, firms: Sequence[Firm], reach: float
             ) -> Generator[simpy.Event, None, None]:
    """One customer, from her first gap to the day she leaves."""
    expectations, goodwills, norm, used, since = [START, START], [0.0, 0.0], START, 0.0, 0
    yield env.timeout(luck.expovariate(1.0 / EVERY))
    while True:
        day = int(env.now)
        for number, firm in enumerate(firms):
            expectations[number] = listen(firm, expectations[number], since, day, reach, luck)
        since = day
        for_rival = (CHOOSING_VALUE * (expectations[1] - expectations[0])
                     + CHOOSING_GOODWILL * (goodwills[1] - goodwills[0]) + used)
        here = 1 if luck.random() < 1.0 / (1.0 + exp(-for_rival)) else 0
        used = SWITCHING if here else -SWITCHING
        firm, expectation = firms[here], expectations[here]
        if luck.random() < HEARS:
            norm += LEARNS * (luck.gauss(LEVELS[1 - here][day], HEARD_NOISES[1 - here]) - norm)
        experience = LEVELS[here][day] + luck.gauss(0.0, NOISES[here])
        if here == 0 and luck.random() < SURPRISE_CHANCE:
            experience += SURPRISE
        gap = experience - (expectation + NORM_WEIGHT * max(0.0, norm - expectation))
        felt = gap if gap >= 0.0 else LOSS * gap
        firm.visits[day] += 1.0
        firm.expected[day] += expectation
        firm.satisfaction[day] += gap
        firm.felt[day] += felt
        if gap < 0.0 and luck.random() < 1.0 - exp(COMPLAINING * gap):
            firm.complaints[day] += 1.0
        expectations[here] += (UP if experience > expectation else DOWN) * (experience - expectation)
        norm += LEARNS * (experience - norm)
        if luck.random() < 1.0 - (1.0 - TALK_BASE) * exp(-TALK_GOOD * felt if felt > 0.0 else TALK_BAD * felt):
            firm.words[day] += 1.0
            firm.told[day][1 if felt > 0.0 else 0] += experience
            firm.praise[day] += 1.0 if felt > 0.0 else 0.0
        goodwills[here] += MEMORY * (felt - goodwills[here])
        goodwill = goodwills[here]
        if luck.random() < 1.0 / (1.0 + exp(LEAVING + LEAVING_GOODWILL * goodwill)):
            firm.leavers[day] += 1.0
            return
        mean = min(max(EVERY * exp(-EVERY_GOODWILL * goodwill), SHORTEST), LONGEST)
        yield env.timeout(luck.expovariate(1.0 / mean))


def simulate(people: int, seed: int) -> Coupled:
    """Everybody for the whole horizon."""
    env, luck, firms = simpy.Environment(), random.Random(seed), (Firm(), Firm())
    env.process(midnight(env, firms))
    for _ in range(people):
        env.process(customer(env, luck, firms, HEARERS / people))
    env.run(until=HORIZON)
    ours, here = firms[0], sum(firms[0].visits)
    visits = here + sum(firms[1].visits)
    return Coupled(visits, sum(sum(firm.leavers) for firm in firms), here / visits, sum(ours.satisfaction) / here,
                   sum(ours.expected) / here, sum(sum(firm.words) for firm in firms) / visits,
                   sum(sum(firm.praise) for firm in firms) / visits)


if __name__ == "__main__":
    measure("SimPy, a process per customer", simulate, 5_000)

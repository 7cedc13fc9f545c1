"""Mesa as its documentation teaches it: an agent a customer, a step a day, luck from the model's own stream.

Visits fall in continuous time, so a customer serves herself as often as she is due within the day. Who leaves is removed from
the model, which spares Mesa her steps.
"""

from math import exp

import mesa

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


class Customer(mesa.Agent):
    """One customer: what she keeps in mind, and when she comes next."""

    def __init__(self, model: "Market", number: int) -> None:
        super().__init__(model)
        self.number = number
        self.expectation, self.norm, self.goodwill = START, START, 0.0
        self.when = model.random.expovariate(1.0 / EVERY)

    def step(self) -> None:
        """Every visit that is due today."""
        tomorrow = self.model.day + 1
        while self.when < tomorrow:
            self.visit(self.model.day)

    def visit(self, day: int) -> None:
        """One visit, and when the next one is."""
        luck, days = self.model.random, self.model.days
        if luck.random() < HEARS:
            self.norm += LEARNS * (luck.gauss(RIVAL, HEARS_NOISE) - self.norm)
        experience = QUALITY[day] + (SURPRISE if luck.random() < SURPRISE_CHANCE else 0.0) + luck.gauss(0.0, NOISE)
        gap = experience - (self.expectation + NORM_WEIGHT * max(0.0, self.norm - self.expectation))
        felt = gap if gap >= 0.0 else LOSS * gap
        days.visits[day] += 1.0
        days.expected[day] += self.expectation
        days.felt[day] += felt
        self.model.each[self.number] += 1.0
        if gap < 0.0 and luck.random() < 1.0 - exp(COMPLAINING * gap):
            days.complaints[day] += 1.0
        self.expectation += (UP if experience > self.expectation else DOWN) * (experience - self.expectation)
        self.model.ends[self.number] = self.expectation
        self.goodwill += MEMORY * (felt - self.goodwill)
        if luck.random() < 1.0 / (1.0 + exp(LEAVING + LEAVING_GOODWILL * self.goodwill)):
            days.leavers[day] += 1.0
            self.when = float("inf")
            self.remove()
            return
        mean = min(max(EVERY * exp(-EVERY_GOODWILL * self.goodwill), SHORTEST), LONGEST)
        self.when += luck.expovariate(1.0 / mean)


class Market(mesa.Model):
    """All customers, and the sums of each day."""

    def __init__(self, people: int, seed: int) -> None:
        super().__init__(seed=seed)
        self.day, self.days = 0, Days()
        self.ends, self.each = [START] * people, [0.0] * people
        for number in range(people):
            Customer(self, number)

    def step(self) -> None:
        """A day. Customers are nothing to one another, so that their order need not be shuffled."""
        self.agents.do("step")
        self.day += 1


def simulate(people: int, seed: int) -> Answers:
    """Everybody for the whole horizon."""
    model = Market(people, seed)
    for _ in range(HORIZON):
        model.step()
    return total(model.days, model.ends, model.each)


if __name__ == "__main__":
    measure("Mesa, steps of a day", simulate, 5_000)

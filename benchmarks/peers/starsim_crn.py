"""Starsim with common random numbers: a module whose step, once a day, serves everybody who is due.

Visits fall in continuous time, so a customer can be due twice a day: the step repeats until nobody is. Every draw is
keyed by customer and by how often its distribution was asked that day; that is what Starsim calls common random
numbers. 64-bit arithmetic, as the other contenders (Starsim's own default is 32).
"""

from typing import Any

import numpy as np
import starsim as ss

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


class DriftVisit(ss.Module):
    """What everybody holds in mind, the day of the next visit, and the sums per day."""

    def __init__(self, **rest: Any) -> None:
        super().__init__(**rest)
        self.define_states(
            ss.FloatArr("expectation", default=START), ss.FloatArr("norm", default=START),
            ss.FloatArr("goodwill", default=0.0), ss.FloatArr("when", default=0.0), ss.FloatArr("made", default=0.0))
        self.first_gap, self.next_gap = ss.expon(scale=EVERY), ss.expon(scale=1.0)
        self.hears, self.heard = ss.bernoulli(p=HEARS), ss.normal(loc=RIVAL, scale=HEARS_NOISE)
        self.surprised, self.noise = ss.bernoulli(p=SURPRISE_CHANCE), ss.normal(loc=0.0, scale=NOISE)
        self.complains, self.leaves = ss.random(), ss.random()
        self.levels = np.array(quality_by_day())
        self.sums = np.zeros((5, HORIZON))

    def init_post(self) -> None:
        """The day of everybody's first visit."""
        super().init_post()
        everybody = self.sim.people.auids
        self.when[everybody] = self.first_gap.rvs(everybody)

    def step(self) -> None:
        """One day: all visits that fall on it."""
        day = int(self.ti)
        due = (self.when < day + 1).uids
        while len(due):
            due = self.visit(due, day)

    def visit(self, due: Any, day: int) -> Any:
        """One visit of each of the people `due`; returns those who are due again the same day."""
        heard = self.hears.filter(due)
        self.norm[heard] += LEARNS * (self.heard.rvs(heard) - self.norm[heard])
        expectation, norm = self.expectation[due], self.norm[due]
        experience = self.levels[day] + SURPRISE * self.surprised.rvs(due) + self.noise.rvs(due)
        gap = experience - (expectation + NORM_WEIGHT * np.maximum(0.0, norm - expectation))
        felt = np.where(gap < 0.0, LOSS * gap, gap)
        complaints = self.complains.rvs(due) < 1.0 - np.exp(COMPLAINING * np.minimum(gap, 0.0))
        moved = experience - expectation
        self.expectation[due] = expectation + np.where(moved > 0.0, UP, DOWN) * moved
        goodwill = self.goodwill[due] + MEMORY * (felt - self.goodwill[due])
        self.goodwill[due] = goodwill
        self.made[due] += 1.0
        leaves = self.leaves.rvs(due) < 1.0 / (1.0 + np.exp(LEAVING + LEAVING_GOODWILL * goodwill))
        self.sums[:, day] += len(due), expectation.sum(), felt.sum(), complaints.sum(), leaves.sum()
        mean = np.clip(EVERY * np.exp(-EVERY_GOODWILL * goodwill), SHORTEST, LONGEST)
        when = np.where(leaves, np.inf, self.when[due] + mean * self.next_gap.rvs(due))
        self.when[due] = when
        return due[when < day + 1]


def simulate(people: int, seed: int) -> Answers:
    """Everybody for the whole horizon, in steps of a day."""
    model = DriftVisit(name="drift_visit")
    sim = ss.Sim(n_agents=people, modules=[model], start=ss.days(0), stop=ss.days(HORIZON - 1), dt=ss.days(1),
                 rand_seed=seed, copy_inputs=False, verbose=0)
    sim.run()
    visits, expected, felt, complaints, leavers = (float(row.sum()) for row in model.sums)
    ends, made = model.expectation.values, model.made.values
    return Answers(visits, leavers, float(ends.mean()), expected, felt, complaints,
                   float(made.std()), float(ends.std()))


if __name__ == "__main__":
    ss.options(precision=64, warnings="ignore")
    if not ss.options.crn:
        raise SystemExit("this contender is meant to run with common random numbers: unset STARSIM_CRN")
    measure("Starsim, common random numbers", simulate, 100_000)

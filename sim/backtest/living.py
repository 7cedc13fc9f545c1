"""A story lived at the size of the data: its people, its replications, and as many days as were watched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.api import Story
from sim.engine.records import Run
from sim.engine.run import run
from sim.market import Market, with_design
from sim.story.load import vary
from sim.story.resolve import resolve

ANOTHER: Final = 0x9E3779B97F4A7C15
"""From one seed to the next: the golden ratio in 64 bits, so that no two cohorts and no two usual seeds meet."""


@dataclass(frozen=True)
class Living:
    """One strategy of a story, to be lived again and again. Errors: ValueError for a strategy there is not."""

    story: Story
    strategy: str
    replications: int

    def market(self, people: int, days: int | None = None, cohort: int = 0) -> Market:
        """The story with so many people, for so many days. Errors: ScenarioError where it cannot be so short or long.

        cohort: those of different cohorts are other people with other luck; the first has the story's own.
        """
        seed = (self.story.market.seed + cohort * ANOTHER) % 2**64
        scenario = self.story.scenario if days is None else vary(self.story.scenario, [f"horizon={days} days"])
        return with_design(resolve(scenario), self.replications, seed, people)

    def lived(self, people: int, days: int | None = None, cohort: int = 0) -> Run:
        """Every replication, with a row a person."""
        return run(self.market(people, days, cohort), self.strategy, keep={"customers"})


def living(story: Story, strategy: str | None, replications: int) -> Living:
    """The strategy of that name, the first if none is named. Errors: ValueError."""
    chosen = story.strategies[0] if strategy is None else strategy
    if chosen not in story.strategies:
        raise ValueError(f"there is no strategy {chosen!r}; there are {', '.join(story.strategies)}")
    return Living(story, chosen, replications)


def by_replication(table: Mapping[str, NDArray[np.generic]], column: str, replications: int) -> NDArray[np.float64]:
    """(replications, people) a column of the customers."""
    return np.asarray(table[column], dtype=np.float64).reshape(replications, -1)

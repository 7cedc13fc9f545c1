"""What every story's tests share: comparisons told once, and how sure a number is."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.experiments.compare import Comparison, compare
from sim.experiments.game import Game, play
from sim.experiments.statistics import Estimate, estimate
from sim.market import Budgeted, EachTime, Market, Move, Strategy, with_design
from sim.story.load import load
from sim.story.resolve import resolve

SCENARIOS = Path(__file__).parents[2] / "scenarios"
PEOPLE, REPLICATIONS = 1000, 20

Floats = NDArray[np.float64]


def smaller(market: Market, people: int) -> Market:
    """The market with fewer people; what is paid once and budgets shrink with them, what is paid each time does not."""
    share = people / market.people

    def cheaper(move: Move) -> Move:
        if isinstance(move, Budgeted):
            move = dataclasses.replace(move, budget=move.budget * share)
        return move if isinstance(move, EachTime) else dataclasses.replace(move, cost=move.cost * share)

    def all_of(strategies: tuple[Strategy, ...]) -> tuple[Strategy, ...]:
        return tuple(dataclasses.replace(one, moves=tuple(map(cheaper, one.moves))) for one in strategies)

    firms = tuple(dataclasses.replace(firm, strategies=all_of(firm.strategies)) for firm in market.firms)
    return dataclasses.replace(market, people=people, strategies=all_of(market.strategies), firms=firms)


@cache
def told(name: str, *settings: str) -> Comparison:
    """A shipped story with some settings changed, on fewer people and replications; always the same luck."""
    market = resolve(load(SCENARIOS / f"{name}.yaml", settings=settings))
    return compare(smaller(market, PEOPLE), replications=REPLICATIONS)


@cache
def played(name: str, *settings: str) -> Game:
    """The game of a shipped story with some settings changed, on fewer people and replications; always the same luck."""
    market = smaller(resolve(load(SCENARIOS / f"{name}.yaml", settings=settings)), PEOPLE)
    return play(with_design(market, REPLICATIONS, None, None))


@pytest.fixture(scope="session")
def game() -> Callable[..., Game]:
    """game("promises-race", "psyche.trust.starts=0", …): our strategies against the rival's."""
    return played


@pytest.fixture(scope="session")
def tell() -> Callable[..., Comparison]:
    """tell("hotel", "psyche.learning=0", …): the comparison of that story."""
    return told


@pytest.fixture(scope="session")
def during() -> Callable[[Comparison, str, float, float], Floats]:
    """during(comparison, strategy, first, last): (replications,) mean satisfaction of the visits in those days."""

    def between(comparison: Comparison, strategy: str, first: float, last: float) -> Floats:
        table = comparison.runs[strategy].by_day
        days = np.asarray(table["day"], dtype=np.float64)
        ours = (table["firm"] == comparison.market.firms[0].name) & (days >= first) & (days < last) & (table["visits"] > 0)
        visits = np.asarray(table["visits"], dtype=np.float64)[ours]
        satisfaction = np.asarray(table["satisfaction"], dtype=np.float64)[ours]
        replication = np.asarray(table["replication"], dtype=np.int64)[ours]
        count = comparison.market.replications
        return np.bincount(replication, visits * satisfaction, count) / np.bincount(replication, visits, count)

    return between


@pytest.fixture(scope="session")
def sure() -> Callable[[Floats], Estimate]:
    """sure(values): mean and 95% interval over replications."""
    return estimate


@pytest.fixture(scope="session")
def apart() -> Callable[[Comparison, Comparison, str, str], Estimate]:
    """apart(one, other, strategy, outcome): one − other, the same people and luck in two tellings of a story."""

    def difference(one: Comparison, other: Comparison, strategy: str, outcome: str) -> Estimate:
        return estimate(one.runs[strategy].outcomes[outcome] - other.runs[strategy].outcomes[outcome])

    return difference

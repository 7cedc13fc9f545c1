"""Runs made by hand, so that what a comparison says can be known beforehand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest

from sim.engine.records import OUTCOMES, Run, Spreading
from sim.market import Firm, Market, Network, Segment, Spread, Strategy
from sim.rules.traits import TRAITS

Study = Callable[..., tuple[Market, dict[str, Run]]]


def evenly(market: Market, outcomes: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The money of these outcomes, as much on each day as on any other."""
    cost, profit = (np.repeat(outcomes[name] * market.people / market.horizon, market.horizon) for name in ("cost", "profit"))
    return {"revenue": cost + profit, "cost": cost}


@pytest.fixture
def study() -> Study:
    """Makes a market and its runs from outcome values by strategy: study({"a": {"satisfaction": [..]}}, stays=...)."""

    def make(outcomes: Mapping[str, Mapping[str, Sequence[float]]],
             stays: Mapping[str, Sequence[Sequence[bool]]] | None = None) -> tuple[Market, dict[str, Run]]:
        replications = len(next(iter(next(iter(outcomes.values())).values())))
        people = 4 if stays is None else len(next(iter(stays.values()))[0])
        firm = Firm("ours", (60.0,), (0.0,), (0.0,), None, None, 0.0, 0.0, (0.0,), (60.0,), 0.0, None, (), -1)
        traits = tuple(Spread("fixed", trait.off, 0.0, trait.low, trait.high) for trait in TRAITS)
        market = Market("A made-up market", 100, people, 7, replications, "CHF", ("service",), (1.0,),
                        (Segment("everyone", 1.0, traits, (), ()),), (firm,), tuple(Strategy(name, ()) for name in outcomes),
                        (None,), None, (True,), Network("mixed", 8.0, 0.0, None))
        spreading = Spreading(np.array([0]), np.array([0.0, 100.0]), np.array([[people * replications]]))
        runs = {}
        for name, given in outcomes.items():
            values = {outcome: np.asarray(given.get(outcome, [0.0] * replications), dtype=float) for outcome in OUTCOMES}
            kept = np.zeros((replications, people), dtype=bool) if stays is None else np.array(stays[name], dtype=bool)
            runs[name] = Run(market, name, {}, evenly(market, values), values, spreading, kept, None)
        return market, runs

    return make

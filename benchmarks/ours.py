"""Ours: the workload through its scenario file and the compiled engine."""

from collections.abc import Callable, Sequence
from itertools import accumulate
from math import exp
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import workload
from benchmarks.workload import Answers, asked, measure
from sim.engine.records import Run
from sim.engine.run import run
from sim.market import Market
from sim.rules import traits

SCENARIO = Path(__file__).with_name("drift-visit.yaml")
STRATEGY = "drift visit"

Simulate = Callable[[int, int], Answers]


def load() -> Market:
    """The scenario, resolved, after checking that it says what `workload` says."""
    from sim.story.load import load as read
    from sim.story.resolve import resolve

    market = resolve(read(SCENARIO))
    check_same(market)
    return market


TRAITS = {traits.LEARN_UP: workload.UP, traits.LEARN_DOWN: workload.DOWN, traits.LOSS_AVERSION: workload.LOSS,
          traits.NORM_WEIGHT: workload.NORM_WEIGHT, traits.NORM_UP: workload.LEARNS, traits.NORM_DOWN: workload.LEARNS,
          traits.HEARS_CHANCE: workload.HEARS, traits.HEARS_NOISE: workload.HEARS_NOISE,
          traits.GOODWILL_MEMORY: workload.MEMORY, traits.LEAVING_GOODWILL: workload.LEAVING_GOODWILL,
          traits.LEAVING_BASE: 1.0 / (1.0 + exp(workload.LEAVING)), traits.COMPLAINING: workload.COMPLAINING,
          traits.EVERY: workload.EVERY, traits.EVERY_GOODWILL: workload.EVERY_GOODWILL,
          traits.SHORTEST: workload.SHORTEST, traits.LONGEST: workload.LONGEST}
"""The traits that the workload switches on; all others must be off."""


def same(one: Any, two: Any) -> bool:
    """Whether two values are equal, numbers up to rounding."""
    return bool(one == two or (isinstance(one, float) and abs(one - two) < 1e-12))


def check_same(market: Market) -> None:
    """Raise ValueError where the scenario and the constants of the workload differ."""
    ours, rival = market.firms
    surprise, *upgrades = market.strategies[0].moves
    levels = accumulate((getattr(move, "by", 0.0) for move in upgrades), initial=ours.quality[0])
    pairs: dict[str, tuple[Sequence[Any], Sequence[Any]]] = {
        "horizon": ([market.horizon], [workload.HORIZON]),
        "our levels": (list(levels), workload.LEVELS),
        "days of change": ([move.at for move in upgrades], workload.CHANGES),
        "noise": (ours.noise, [workload.NOISE]), "the rival's level": (rival.quality, [workload.RIVAL]),
        "surprise": ([getattr(surprise, "size", None), getattr(surprise, "chance", None)],
                     [workload.SURPRISE, workload.SURPRISE_CHANCE]),
        "first expectation": ([one.expects[0].a for one in market.segments], [workload.START]),
        "first norm": ([one.norm[0].kind for one in market.segments], ["expectation"])}
    for position, trait in enumerate(traits.TRAITS):
        spreads = [one.traits[position] for one in market.segments]
        fixed = [spread.a for spread in spreads if spread.kind == "fixed"]
        pairs[trait.key] = (fixed, [TRAITS.get(position, trait.off)])
    for what, (said, meant) in pairs.items():
        if len(said) != len(meant) or not all(same(one, two) for one, two in zip(said, meant, strict=True)):
            raise ValueError(f"{what}: drift-visit.yaml says {list(said)}, workload.py says {list(meant)}")


def answers(found: Run, people: int) -> Answers:
    """The benchmark's answers, read from the tables a run leaves anyway."""
    ours = found.by_day["firm"] == found.market.firms[0].name
    visits = found.by_day["visits"][ours].astype(float)
    came = visits > 0
    return Answers(
        visits=float(visits.sum()), leavers=float(found.by_day["left"][ours].sum()),
        mean_expectation_end=float(found.outcomes["expectation"][0]),
        expected_sum=float(np.sum((visits * found.by_day["expectation"][ours])[came])),
        felt_sum=float(np.sum((visits * found.by_day["felt"][ours])[came])),
        complaints=float(found.by_day["complaints"][ours].sum()))


def simulation(market: Market, jobs: int) -> Simulate:
    """The workload on the compiled engine with so many threads, as `measure` wants it."""
    def simulate(people: int, seed: int) -> Answers:
        return answers(run(market, STRATEGY, replications=1, seed=seed, people=people, jobs=jobs), people)

    return simulate


if __name__ == "__main__":
    threads = asked(200_000).jobs
    measure(f"ours, {threads} core{'s' if threads > 1 else ''}", simulation(load(), threads), 200_000)

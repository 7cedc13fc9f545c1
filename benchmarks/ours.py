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
from sim.market import Market, Staff, Staffing, Upgrade
from sim.rules import traits

SCENARIO = Path(__file__).with_name("drift-visit.yaml")
STRATEGY = "drift visit"

Simulate = Callable[[int, int], Answers]


def load(scenario: Path = SCENARIO) -> Market:
    """The scenario, resolved, after checking that it says what `workload` says."""
    from sim.story.load import load as read
    from sim.story.resolve import resolve

    market = resolve(read(scenario))
    check_same(market, scenario)
    return market


TRAITS = {traits.LEARN_UP: workload.UP, traits.LEARN_DOWN: workload.DOWN, traits.LOSS_AVERSION: workload.LOSS,
          traits.NORM_WEIGHT: workload.NORM_WEIGHT, traits.NORM_UP: workload.LEARNS, traits.NORM_DOWN: workload.LEARNS,
          traits.HEARS_CHANCE: workload.HEARS, traits.HEARS_NOISE: workload.HEARS_NOISE,
          traits.GOODWILL_MEMORY: workload.MEMORY, traits.LEAVING_GOODWILL: workload.LEAVING_GOODWILL,
          traits.LEAVING_BASE: 1.0 / (1.0 + exp(workload.LEAVING)), traits.COMPLAINING: workload.COMPLAINING,
          traits.EVERY: workload.EVERY, traits.EVERY_GOODWILL: workload.EVERY_GOODWILL,
          traits.SHORTEST: workload.SHORTEST, traits.LONGEST: workload.LONGEST}
"""The traits that the workload switches on; all others must be off."""

MORE = {"coupled.yaml": {traits.CHOOSES: 1.0, traits.CHOOSING_VALUE: workload.CHOOSING_VALUE,
                         traits.CHOOSING_GOODWILL: workload.CHOOSING_GOODWILL, traits.SWITCHING: workload.SWITCHING,
                         traits.TALK_BASE: workload.TALK_BASE, traits.TALK_GOOD: workload.TALK_GOOD,
                         traits.TALK_BAD: workload.TALK_BAD, traits.LISTEN_UP: workload.LISTEN_UP,
                         traits.LISTEN_DOWN: workload.LISTEN_DOWN},
        "queue.yaml": {traits.WAITING: workload.WAITING, traits.WAITING_MOST: workload.WAITING_MOST}}
"""The traits that the workloads in which people meet switch on beside those."""


def same(one: Any, two: Any) -> bool:
    """Whether two values are equal, numbers up to rounding."""
    return bool(one == two or (isinstance(one, float) and abs(one - two) < 1e-12))


def check_same(market: Market, scenario: Path = SCENARIO) -> None:
    """Raise ValueError where a scenario and the constants of its workload differ."""
    ours, rival = market.firms
    moves = market.strategies[0].moves
    surprise, upgrades = moves[0], [move for move in moves if isinstance(move, Upgrade)]
    levels = accumulate((move.by for move in upgrades), initial=ours.quality[0])
    pairs: dict[str, tuple[Sequence[Any], Sequence[Any]]] = {
        "horizon": ([market.horizon], [workload.HORIZON]),
        "our levels": (list(levels), workload.LEVELS),
        "days of change": ([move.at for move in upgrades], workload.CHANGES),
        "noise": (ours.noise, [workload.NOISE]), "the rival's level": (rival.quality, [workload.RIVAL]),
        "the rival's noise": (rival.noise, [workload.RIVAL_NOISE if scenario.name == "coupled.yaml" else 0.0]),
        "surprise": ([getattr(surprise, "size", None), getattr(surprise, "chance", None)],
                     [workload.SURPRISE, workload.SURPRISE_CHANCE]),
        "first expectation": ([one.expects[0].a for one in market.segments], [workload.START]),
        "first norm": ([one.norm[0].kind for one in market.segments], ["expectation"]),
        **staff(market, scenario.name == "queue.yaml", 1 + len(upgrades))}
    meant = {**TRAITS, **MORE.get(scenario.name, {})}
    for position, trait in enumerate(traits.TRAITS):
        spreads = [one.traits[position] for one in market.segments]
        fixed = [spread.a for spread in spreads if spread.kind == "fixed"]
        pairs[trait.key] = (fixed, [meant.get(position, trait.off)])
    for what, (said, due) in pairs.items():
        if len(said) != len(due) or not all(same(one, two) for one, two in zip(said, due, strict=True)):
            raise ValueError(f"{what}: {scenario.name} says {list(said)}, workload.py says {list(due)}")


def staff(market: Market, waits: bool, others: int) -> dict[str, tuple[Sequence[Any], Sequence[Any]]]:
    """Who serves, as the scenario and the workload have it: nobody has to wait unless the workload says so.

    others: how many moves there are beside those of staff.
    """
    staffs, moves = [firm.staff for firm in market.firms], market.strategies[0].moves
    shifts = [move for move in moves if isinstance(move, Staffing)]
    found: dict[str, tuple[Sequence[Any], Sequence[Any]]] = {"moves": ([len(moves)], [others + len(shifts)])}
    if not waits:
        return {**found, "staff": (staffs, [None, None]), "staffing": (shifts, [])}
    desk = Staff(workload.SERVERS, workload.minutes(market.people), "exponential", 0.0, workload.HOURS[0])
    opens = list(accumulate((move.hours for move in shifts), initial=workload.HOURS[0]))
    dates = [float(workload.FORTNIGHT * number) for number in range(1, len(workload.HOURS))]
    return {**found, "staff": (staffs, [desk, None]), "opening hours": (opens, workload.HOURS),
            "days of other hours": ([move.at for move in shifts], dates),
            "staffing": ([(move.by, move.until) for move in shifts], [(0, float(workload.HORIZON))] * len(shifts))}


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

"""Ours: the workload "queue", where people wait, through its scenario file and the compiled engine."""

from dataclasses import replace
from pathlib import Path

from benchmarks.ours import STRATEGY, load
from benchmarks.workload import Queued, measure, minutes
from sim.engine.records import Run
from sim.engine.run import run
from sim.market import Market


def staffed(market: Market, people: int) -> Market:
    """The market where serving takes as long as keeps our staff as busy with so many people."""
    ours, *rivals = market.firms
    assert ours.staff is not None
    return replace(market, firms=(replace(ours, staff=replace(ours.staff, minutes=minutes(people))), *rivals))


def answers(found: Run) -> Queued:
    """The benchmark's answers, read from the tables a run leaves anyway."""
    days = found.by_day
    visited = days["visits"].astype(float)
    ours = (days["firm"] == found.market.firms[0].name) & (visited > 0.0)
    here = visited[ours]
    visits = float(here.sum())
    return Queued(visits, float(days["left"][ours].sum()), float((here * days["satisfaction"][ours]).sum()) / visits,
                  float((here * days["expectation"][ours]).sum()) / visits, float(days["complaints"][ours].sum()) / visits,
                  float(found.outcomes["wait"][0]))


def simulate(people: int, seed: int) -> Queued:
    """The workload on the compiled engine."""
    return answers(run(staffed(MARKET, people), STRATEGY, replications=1, seed=seed, people=people))


MARKET = load(Path(__file__).with_name("queue.yaml"))

if __name__ == "__main__":
    measure("ours", simulate, 20_000)

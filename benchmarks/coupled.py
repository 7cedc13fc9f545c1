"""Ours: the workload "coupled", where people choose and talk, through its scenario file and the compiled engine."""

from pathlib import Path

from benchmarks.ours import STRATEGY, load
from benchmarks.workload import Coupled, measure
from sim.engine.records import Run
from sim.engine.run import run


def answers(found: Run) -> Coupled:
    """The benchmark's answers, read from the tables a run leaves anyway."""
    days = found.by_day
    visited = days["visits"].astype(float)
    ours = (days["firm"] == found.market.firms[0].name) & (visited > 0.0)
    here, visits = visited[ours], float(visited.sum())
    return Coupled(visits, float(days["left"].sum()), float(here.sum()) / visits,
                   float((here * days["satisfaction"][ours]).sum() / here.sum()),
                   float((here * days["expectation"][ours]).sum() / here.sum()),
                   float(days["words"].sum()) / visits, float(days["praise"].sum()) / visits)


def simulate(people: int, seed: int) -> Coupled:
    """The workload on the compiled engine."""
    return answers(run(MARKET, STRATEGY, replications=1, seed=seed, people=people))


MARKET = load(Path(__file__).with_name("coupled.yaml"))

if __name__ == "__main__":
    measure("ours", simulate, 20_000)

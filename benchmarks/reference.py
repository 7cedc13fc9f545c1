"""Ours, the slow way: the reference engine, one SimPy process a customer and the same rules interpreted."""

from benchmarks.ours import STRATEGY, answers, load
from benchmarks.workload import Answers, measure
from sim.engine import reference


def simulate(people: int, seed: int) -> Answers:
    """The workload on the reference engine."""
    return answers(reference.run(MARKET, STRATEGY, replications=1, seed=seed, people=people), people)


MARKET = load()

if __name__ == "__main__":
    measure("ours, reference engine", simulate, 1000)

"""Do two processes do a sweep nearly twice as fast as one? A thousand cells, in turn, several times.

    python -m benchmarks.cells [--cells 1000] [--rounds 3] [--people 40000]

It ends with status 1 below 1.8.
"""

from __future__ import annotations

import argparse
import dataclasses
import statistics
import tempfile
import time
from pathlib import Path

from campaigns.cells import lived, sweep
from sim.cells.cell import Cell, visits_of
from sim.cells.processes import Processes
from sim.cells.store import Store
from sim.cells.work import Work
from sim.market import with_design

FLOOR = 1.8


def seconds(cells: list[Cell], jobs: int) -> float:
    """How long so many processes take, their start and the storing of every cell included."""
    with tempfile.TemporaryDirectory() as store:
        started = time.perf_counter()
        lived(Work(lambda: Processes(jobs), Store(Path(store))), cells)
        return time.perf_counter() - started


def cells_of(count: int, people: int) -> list[Cell]:
    """A sweep of so many cells of so many people."""
    with tempfile.TemporaryDirectory() as folder:
        return [dataclasses.replace(one, market=with_design(one.market, None, None, people), people=people)
                for one in sweep(Path(folder), count)]


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description="A sweep on one process and on two")
    for name, usual in (("cells", 1000), ("rounds", 3), ("people", 40_000)):
        asked.add_argument(f"--{name}", type=int, default=usual)
    options = asked.parse_args()
    cells = cells_of(options.cells, options.people)
    times = {jobs: [seconds(cells, jobs)] for jobs in (1, 2)}
    for _ in range(options.rounds - 1):
        for jobs in (2, 1):
            times[jobs].append(seconds(cells, jobs))
    one, two = (statistics.median(times[jobs]) for jobs in (1, 2))
    visits = visits_of(cells[0].market) * cells[0].replications
    print(f"{options.cells:,} cells of about {visits:,.0f} visits: one process {one:.1f} s, "
          f"two {two:.1f} s, {one / two:.2f} times as fast (at least {FLOOR} is promised)")
    raise SystemExit(one / two < FLOOR)


if __name__ == "__main__":
    main()

"""Who takes part, how each is started, and what each is asked.

A contender is a fresh process that prints one JSON line. It runs with its threads held to as many cores as it is
entitled to, so that no numeric library helps itself to more.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")

Row = Mapping[str, float]


class AbsentError(Exception):
    """A contender that cannot run here, and why."""


class FailedError(Exception):
    """A contender that ought to have run, and what it said."""


@dataclass(frozen=True)
class Contender:
    """name: as in the table. module: what to run. people: how many of the people asked for. cores: how many it gets.

    needs: what it says when something optional is not installed; any other failure is a failure. foreign: may live in
    another environment.
    """

    name: str
    module: str
    people: Callable[[int], int]
    cores: int = 1
    needs: str | None = None
    foreign: bool = False


def everybody(people: int) -> int:
    """All the people asked for."""
    return people


def at_most(most: int) -> Callable[[int], int]:
    """The people asked for, but no more than so many: a slow contender's rate does not rise with more."""
    return lambda people: min(people, most)


CONTENDERS = (
    Contender("ours, 1 core", "benchmarks.ours", everybody),
    Contender("ours, 2 cores", "benchmarks.ours", everybody, cores=2),
    Contender("ours, reference engine", "benchmarks.reference", at_most(1000)),
    Contender("SimPy, a process per customer", "benchmarks.peers.simpy_process", at_most(20_000)),
    Contender("SimPy, at its quickest size", "benchmarks.peers.simpy_process", at_most(2_000)),
    Contender("Mesa, steps of a day", "benchmarks.peers.mesa_days", at_most(20_000), needs="No module named 'mesa'",
              foreign=True),
    Contender("Starsim, common random numbers", "benchmarks.peers.starsim_crn", everybody,
              needs="No module named 'starsim'", foreign=True),
    Contender("NumPy, by visit of a block", "benchmarks.peers.numpy_visits", everybody),
    Contender("C, scalar, one thread", "benchmarks.peers.c_scalar", everybody, needs="no C compiler here"),
    Contender("C, in SIMD lanes", "benchmarks.peers.c_lanes", everybody, needs="no C compiler here"),
)


def cores_for(count: int) -> set[int]:
    """The last `count` cores that this process may use (the system likes the first); AbsentError if too few."""
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) < count:
        raise AbsentError(f"needs {count} cores, this machine lends {len(allowed)}")
    return set(allowed[-count:])


def start(contender: Contender, people: int, seed: int, python: str) -> Row:
    """One run in a fresh process: its line, and what the clock outside adds to it.

    start_up: seconds of the whole process beyond the simulation. rate: visits a second; of processor time for one core,
    so that a busy machine does not spoil it, by the clock for several. share: how much of its cores it got.
    Raises AbsentError where something optional is missing, FailedError where a contender breaks.
    """
    cores = cores_for(contender.cores)
    command = [python, "-m", contender.module, "--people", str(contender.people(people)), "--seed", str(seed),
               "--jobs", str(contender.cores)]
    before = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **dict.fromkeys(THREADS, str(contender.cores))},
                          capture_output=True, text=True, encoding="utf-8", check=False,
                          preexec_fn=lambda: os.sched_setaffinity(0, cores))
    whole = time.perf_counter() - before
    if done.returncode != 0:
        if contender.needs is not None and contender.needs in done.stderr:
            raise AbsentError(contender.needs)
        raise FailedError(f"{contender.name} failed:\n{done.stderr.strip()}")
    row: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    if row.keys() & {"start_up", "rate", "share"}:
        raise FailedError(f"{contender.name} gives a name of its own to what is measured from outside")
    row["start_up"] = whole - row["seconds"]
    row["rate"] = row["visits"] / row["cpu_seconds" if contender.cores == 1 else "seconds"]
    row["share"] = row["cpu_seconds"] / (row["seconds"] * contender.cores)
    return row


def python_for(contender: Contender, peers_python: str | None) -> str:
    """The interpreter that runs a contender: a foreign one may live in an environment of its own."""
    return peers_python if contender.foreign and peers_python is not None else sys.executable

"""How long one waits before anything happens: `python -m benchmarks.startup [--rounds 5]`.

Whole processes, from the command to its end: `drift --help`; a small run and a small comparison once the engine is
compiled, tables and report included; and the same in an empty cache, which compiles it. By the clock, Python's own
start included, so that the machine should be idle.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from typing import NamedTuple

from benchmarks.contenders import ROOT

SMALL = Path(__file__).with_name("small-comparison.yaml")
HELP, RUN = "drift --help", "warm: drift run, small, tables only"
DRAWN, COMPARE = "warm: drift run, small, with report", "warm: drift compare, small, with report"
COMPILING = "compiling alone"
PROMISES = {HELP: 0.3, RUN: 2.5, COMPILING: 20.0}
"""Seconds by the clock, at most."""


class Took(NamedTuple):
    """Seconds of a whole process: by the clock, and of processor time (less of what else the machine does)."""

    clock: float
    processor: float


def timed(words: Sequence[str], settings: Mapping[str, str]) -> Took:
    """What a command takes as a whole; an error stops the benchmark."""
    used, before = getrusage(RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(words, cwd=ROOT, env={**os.environ, **settings}, capture_output=True, text=True,
                          encoding="utf-8", check=False)
    took, now = time.perf_counter() - before, getrusage(RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(words)} failed:\n{done.stderr.strip()}")
    return Took(took, now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime)


def middle(times: Sequence[Took]) -> Took:
    """Medians, each clock for itself."""
    return Took(median(took.clock for took in times), median(took.processor for took in times))


def measured(rounds: int, folder: Path) -> dict[str, Took]:
    """What each case takes, medians; compilation is measured once, in a cache of its own."""
    drift, out = [sys.executable, "-m", "sim.cli"], ["--quiet", "--json", "--no-store", "--out", str(folder / "runs")]
    cases = {"python alone": [sys.executable, "-c", "pass"], HELP: [*drift, "--help"],
             "warm: a small run from Python": [sys.executable, "-m", "benchmarks.ours", "--people", "500", "--warm-up", "1"],
             RUN: [*drift, "run", str(SMALL), "--strategy", "stand still", "--no-report", *out],
             DRAWN: [*drift, "run", str(SMALL), "--strategy", "stand still", *out],
             COMPARE: [*drift, "compare", str(SMALL), *out]}
    empty = {"XDG_CACHE_HOME": str(folder / "cache")}
    cold = timed(cases[COMPARE], empty)
    found: dict[str, list[Took]] = {case: [] for case in cases}
    for _ in range(rounds):
        for case, words in cases.items():
            found[case].append(timed(words, empty))
    middles = {case: middle(times) for case, times in found.items()}
    warm = middles[COMPARE]
    return {**middles, "cold: the same, which compiles": cold,
            COMPILING: Took(cold.clock - warm.clock, cold.processor - warm.processor)}


def table(found: Mapping[str, Took]) -> str:
    """A line a case, and whether its promise holds."""
    lines = [f"{'':42} {'clock':>8} {'processor':>10}"]
    for case, took in found.items():
        promise = PROMISES.get(case)
        kept = "" if promise is None else f"   promised: {promise:g} s   {'holds' if took.clock <= promise else 'MISSED'}"
        lines.append(f"{case:42} {took.clock:6.2f} s {took.processor:8.2f} s{kept}")
    return "\n".join(lines)


def main() -> int:
    """Print the cases; exit status 1 if a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    with tempfile.TemporaryDirectory() as folder:
        found = measured(parser.parse_args().rounds, Path(folder))
    print(table(found))
    return 0 if all(found[case].clock <= promise for case, promise in PROMISES.items()) else 1


if __name__ == "__main__":
    sys.exit(main())

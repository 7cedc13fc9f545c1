"""What whole commands need of memory: `python -m benchmarks.memory [--most 10000000]`.

`drift run` of many people who choose between two firms of two attributes (`large.yaml`), of one year and of ten, and with a row
a customer kept. The figure is the peak of resident memory of the largest process, imports, tables and writing included.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.contenders import ROOT, FailedError

LARGE = Path(__file__).with_name("large.yaml")
MOST_BYTES = 4_000_000_000
"""What is promised of 10⁷ people."""


class Peak(NamedTuple):
    """What one command needed: bytes at its peak, seconds by the clock and of processor time, bytes on the disk."""

    case: str
    people: int
    bytes: int
    seconds: float
    cpu_seconds: float
    stored: int


def peak(case: str, people: int, more: Sequence[str] = ()) -> Peak:
    """Run it in a process of its own; FailedError where it fails."""
    with tempfile.TemporaryDirectory() as folder:
        words = [sys.executable, "-m", "sim.cli", "run", str(LARGE), "--people", str(people), "--jobs", "1", "--quiet",
                 "--json", "--no-store", "--no-report", "--out", folder, *more]
        before = time.perf_counter()
        with (Path(folder) / "said").open("w+", encoding="utf-8") as said:
            process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=said)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            said.seek(0)
            if process.returncode != 0:
                raise FailedError(f"{case}: {said.read().strip()}")
        took = time.perf_counter() - before
        stored = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    return Peak(case, people, 1024 * usage.ru_maxrss, took, usage.ru_utime + usage.ru_stime, stored)


def measured(most: int) -> list[Peak]:
    """All cases, one after the other."""
    some = min(most, 1_000_000)
    return [peak("a small market", 1_000), peak("many people", some),
            *([peak("as many as promised", most)] if most > some else []),
            peak("20 replications of a year", 2_000, ("--replications", "20")),
            peak("20 replications of ten years", 2_000, ("--replications", "20", "--set", "horizon=10 years")),
            peak("a row a customer kept", some, ("--keep", "customers"))]


def table(found: Sequence[Peak]) -> str:
    """A line a case."""
    return "\n".join(f"{run.case:32} {run.people:11,} people {run.bytes / 1e6:9,.0f} MB {run.seconds:8.1f} s "
                     f"{run.stored / 1e6:8,.1f} MB stored" for run in found)


def main() -> int:
    """Print a line a case; exit status 1 if what is promised is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=10_000_000)
    try:
        found = measured(parser.parse_args().most)
    except FailedError as what:
        print(what, file=sys.stderr)
        return 1
    print(table(found))
    return 0 if all(run.bytes <= MOST_BYTES for run in found) else 1


if __name__ == "__main__":
    sys.exit(main())

"""What it takes to lay a network: `python -m benchmarks.network [--people 1000000] [--degree 8] [--rounds 3] [--no-record]`.

Each kind is built in a fresh process, in turn, round after round: the seconds of the clock for the first replication after a
small one (so that compiling luck is not counted), and the peak of resident memory of the whole process, imports included.
Every network is held against its definition before any number is shown.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.machine import machine, slug

KINDS = ("small world", "scale free")
MOST_SECONDS, MOST_BYTES = 15.0, 1_500_000_000
"""What is promised of 10⁶ people who hear 8 others each."""
RECORDS = Path(__file__).parent / "records"


def measure(kind: str, people: int, degree: int, seed: int) -> dict[str, Any]:
    """Build one network in this process."""
    import numpy as np

    from sim.engine.kernel import DRAWS
    from sim.engine.network import build
    from sim.market import Network

    what = Network(kind, float(degree), 0.1, None)
    build(what, degree + 1, seed, 0, DRAWS)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    built = build(what, people, seed, 1, DRAWS)
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    person = np.repeat(np.arange(people), np.diff(built.starts))
    both = np.sort(built.friends * people + person)
    if (person == built.friends).any() or not np.array_equal(both, person * people + built.friends):
        raise SystemExit(f"{kind}: somebody hears herself, or is not heard by whom she hears")
    return {"kind": kind, "seconds": seconds, "peak_bytes": 1024 * peak, "grown_bytes": 1024 * (peak - before),
            "mean_degree": len(built.friends) / people, "most": int(np.diff(built.starts).max())}


def fresh(kind: str, people: int, degree: int, seed: int) -> dict[str, Any]:
    """The same in a process of its own."""
    words = [sys.executable, "-m", "benchmarks.network", "--one", kind, "--people", str(people), "--degree", str(degree),
             "--seed", str(seed)]
    found: dict[str, Any] = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
    return found


def main() -> int:
    """Print a line a kind and keep a record; exit status 1 if what is promised is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--degree", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--one", choices=KINDS, help="build this kind in this process and print one JSON line")
    parser.add_argument("--no-record", action="store_true")
    wish = parser.parse_args()
    if wish.one:
        print(json.dumps(measure(wish.one, wish.people, wish.degree, wish.seed)))
        return 0
    load = os.getloadavg()[0]
    runs = [fresh(kind, wish.people, wish.degree, wish.seed + number) for number in range(wish.rounds) for kind in KINDS]
    print(f"{'network':>12} {'seconds':>8} {'peak GB':>8} {'mean degree':>12} {'most':>8}")
    kept = True
    for kind in KINDS:
        mine = [run for run in runs if run["kind"] == kind]
        seconds, peak = (median(run[key] for run in mine) for key in ("seconds", "peak_bytes"))
        kept = kept and seconds <= MOST_SECONDS and peak <= MOST_BYTES
        print(f"{kind:>12} {seconds:8.2f} {peak / 1e9:8.2f} {mine[0]['mean_degree']:12.4f} {mine[0]['most']:8,}")
    if not wish.no_record:
        path = RECORDS / f"{date.today().isoformat()}-network-{slug()}.json"
        record = {"workload": "network", "people": wish.people, "degree": wish.degree, "machine": machine(), "load": load,
                  "runs": runs}
        path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
        print(f"kept in {path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())

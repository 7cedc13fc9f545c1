"""Is it still as fast as it was? `python -m benchmarks.ratios [--rounds 12] [--write]`, half a minute; a part of `.ci/run`.

Ours against SimPy with a process a customer, and against the scalar C program, on a small instance. Seconds differ from
machine to machine and from minute to minute; so slices of about a tenth of a second alternate, of each only processor time
counts, and of each contender the quickest slice: other work can only slow a slice down, and of many some are hardly
disturbed. What must not happen is that a ratio falls below LEAST of the one on record (`records/ratios.json`), which a
halving does.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks.machine import machine
from benchmarks.ours import STRATEGY, load
from benchmarks.peers import c_scalar, simpy_process
from sim.engine.run import run

RECORD = Path(__file__).with_name("records") / "ratios.json"
LEAST = 0.65
"""Of the ratio on record. See README.md for how far ratios stray beside other work."""
OURS_PEOPLE, SIMPY_PEOPLE, C_PEOPLE = 30_000, 600, 60_000
"""About a tenth of a second each."""


def slices(program: Path) -> Mapping[str, Callable[[int], float]]:
    """By contender: visits a second of processor time in one slice, by its seed."""
    market = load()

    def ours(seed: int) -> float:
        before = time.process_time()
        found = run(market, STRATEGY, replications=1, seed=seed, people=OURS_PEOPLE)
        took = time.process_time() - before
        return float(found.by_day["visits"].sum()) / took

    def simpy(seed: int) -> float:
        before = time.process_time()
        found = simpy_process.simulate(SIMPY_PEOPLE, seed)
        return found.visits / (time.process_time() - before)

    def c(seed: int) -> float:
        words = [str(program), str(C_PEOPLE), str(seed), "1000"]
        told = json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
        return float(told["visits"] / told["cpu_seconds"])

    return {"ours": ours, "SimPy": simpy, "C, scalar": c}


def measured(rounds: int) -> dict[str, float]:
    """Ours over each of the others, quickest slice against quickest slice."""
    with tempfile.TemporaryDirectory() as folder:
        contenders = slices(c_scalar.build(Path(folder)))
        contenders["ours"](0)  # compiles, or fetches
        best = dict.fromkeys(contenders, 0.0)
        for seed in range(1, 1 + rounds):
            for name, one in contenders.items():
                best[name] = max(best[name], one(seed))
    return {f"ours over {name}": best["ours"] / best[name] for name in contenders if name != "ours"}


def main() -> int:
    """Print each ratio beside its record; exit status 1 if one has fallen too far, twice in a row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--write", action="store_true", help="let what is measured now be the record")
    wish = parser.parse_args()
    found = measured(wish.rounds)
    if wish.write:
        record = {"ratios": found, "machine": machine()}
        RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    kept: Mapping[str, float] = json.loads(RECORD.read_text(encoding="utf-8"))["ratios"]
    if any(found[name] < LEAST * was for name, was in kept.items()):
        again = measured(3 * wish.rounds)  # a busy minute passes, a slower engine stays
        found = {name: max(value, again[name]) for name, value in found.items()}
    for name, was in kept.items():
        print(f"{name:20} {found[name]:8.3g}   on record {was:.3g}, at least {LEAST * was:.3g}   "
              f"{'holds' if found[name] >= LEAST * was else 'FALLEN'}")
    return 0 if all(found[name] >= LEAST * was for name, was in kept.items()) else 1


if __name__ == "__main__":
    sys.exit(main())

"""Where the time goes: `python -m benchmarks.profile [--people 200000]`.

A visit is compiled into one piece, in which no sampling profiler sees the parts. So the engine is compiled anew with one part
made cheap and all else as it is, each in a process and a cache of its own, and what is saved is that part's share: luck of
five rounds of Philox instead of ten (what is saved is half of it; with fewer, all gaps of a person are alike), a normal
quantile that is a straight line of the same spread, and a tally that counts visits and nothing else. The answers of these
engines are wrong; the number of visits stays much the same.

A whole small command is taken apart by the clock between its steps, in a fresh process, medians.
"""

import argparse
import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from inspect import signature
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.contenders import ROOT, FailedError

WHOLE = "whole"
SHARE = {"luck": 2.0, "normal quantiles": 1.0, "tally": 1.0}
"""By part: what its share is, times what making it cheap saves."""
REPEATS = 7
SMALL = Path(__file__).with_name("small-comparison.yaml")


def philox(c0: int, c1: int, c2: int, c3: int, k0: int, k1: int) -> tuple[int, int, int, int]:
    """Philox of five rounds."""
    for _ in range(5):
        p0 = 0xD2511F53 * c0
        p1 = 0xCD9E8D57 * c2
        c0, c1, c2, c3 = (((p1 >> 32) & 0xFFFFFFFF) ^ c1 ^ k0, p1 & 0xFFFFFFFF,
                          ((p0 >> 32) & 0xFFFFFFFF) ^ c3 ^ k1, p0 & 0xFFFFFFFF)
        k0 = (k0 + 0x9E3779B9) & 0xFFFFFFFF
        k1 = (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return c0, c1, c2, c3


def normal_quantile(u: float) -> float:
    """A straight line with the mean and the standard deviation of a normal."""
    return (u - 0.5) * 3.4641016151377544


def count_visit(tally: Any, ruler: Any, world: Any, mind: Any, segment: int, at: int, day: int, felt: Any, after: Any,
                silent: bool) -> None:
    """Count the visit and nothing else."""
    tally.by_day[day][0] += 1.0


CHEAP: Mapping[str, tuple[str, Callable[..., Any]]] = {
    "luck": ("sim.luck", philox),
    "normal quantiles": ("sim.rules.arithmetic", normal_quantile),
    "tally": ("sim.engine.tally", count_visit)}
"""By part: the module, and what takes the place of its function of the same name."""

def make_cheap(part: str) -> None:
    """Put the cheap function in its place, before anything compiles or imports it by name. FailedError if it is gone."""
    room, cheap = CHEAP[part]
    module, name = importlib.import_module(room), cheap.__name__
    was = getattr(module, name, None)
    if was is None or list(signature(was).parameters) != list(signature(cheap).parameters):
        raise FailedError(f"{room} has no such {name} any more: say in benchmarks/profile.py what the part {part!r} is now")
    cheap.__module__ = room
    setattr(module, name, cheap)


def visits(part: str, people: int) -> dict[str, float]:
    """Nanoseconds of processor time a visit, the least of several runs, with one part made cheap."""
    if part != WHOLE:
        make_cheap(part)
    from benchmarks.ours import STRATEGY, load
    from sim.engine.run import run

    market = load()
    run(market, STRATEGY, replications=1, people=200)
    found = []
    for seed in range(1, 1 + REPEATS):
        before = time.process_time()
        done = run(market, STRATEGY, replications=1, seed=seed, people=people)
        took = time.process_time() - before
        found.append(1e9 * took / float(done.by_day["visits"].sum()))
    return {"nanoseconds": min(found), "middle": median(found)}


def steps() -> dict[str, float]:
    """Seconds by the clock of each step of a small comparison, imports by the step that needs them."""
    started = time.perf_counter()
    found: dict[str, float] = {}

    def done(step: str) -> None:
        nonlocal started
        found[step], started = time.perf_counter() - started, time.perf_counter()

    from sim import api

    done("import the library")
    story = api.load(str(SMALL))
    done("read and check the scenario")
    importlib.import_module("sim.engine.kernel")
    done("import the compiled engine")
    answer = story.compare()
    done("fetch compiled code, simulate, compare")
    with tempfile.TemporaryDirectory() as place:
        folder = answer.store(place)
        done("write the tables")
        answer.draw(folder)
        done("draw the figures and the report")
    return found


def child(words: list[str], cache: str | None) -> dict[str, float]:
    """What such a process says; FailedError where it fails."""
    more = {} if cache is None else {"XDG_CACHE_HOME": cache}
    done = subprocess.run([sys.executable, "-m", "benchmarks.profile", *words], cwd=ROOT, env={**os.environ, **more},
                          capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode != 0:
        raise FailedError(f"profile {' '.join(words)} failed:\n{done.stderr.strip()}")
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def measured(people: int) -> dict[str, Any]:
    """A visit's parts and a command's steps."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for round_number in range(2):  # twice, in turn, so that a busy minute does not fall on one of them alone
            for part in (WHOLE, *SHARE):
                cache = str(Path(folder) / part.replace(" ", "-"))
                told = child(["--part", part, "--people", str(people)], cache)["nanoseconds"]
                found[part] = told if round_number == 0 else min(found[part], told)
    whole = found[WHOLE]
    saved = {part: times * (whole - found[part]) for part, times in SHARE.items()}
    parts = {**saved, "the rest: rules, columns, loops": whole - sum(saved.values())}
    told = [child(["--steps"], None) for _ in range(5)]
    return {"nanoseconds_a_visit": whole, "parts": parts,
            "steps": {step: median(one[step] for one in told) for step in told[0]}}


def table(found: Mapping[str, Any]) -> str:
    """A line a part, a line a step."""
    whole = found["nanoseconds_a_visit"]
    return "\n".join([f"{'a visit':42} {whole:8.1f} ns",
                      *(f"{part:42} {value:8.1f} ns {value / whole:6.0%}" for part, value in found["parts"].items()),
                      *(f"{step:42} {seconds:8.3f} s" for step, seconds in found["steps"].items())])


def main() -> int:
    """Print the shares."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=200_000)
    parser.add_argument("--part", choices=(WHOLE, *SHARE), help="time an engine with this part made cheap, in this process")
    parser.add_argument("--steps", action="store_true", help="time the steps of a small comparison in this process")
    wish = parser.parse_args()
    try:
        if wish.part or wish.steps:
            print(json.dumps(visits(wish.part, wish.people) if wish.part else steps()))
        else:
            print(table(measured(wish.people)))
    except FailedError as what:
        print(what, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

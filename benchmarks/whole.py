"""The parts of the whole benchmark, and the one record they are kept in.

A part is a function of a size (`Size`): it measures, checks what it measured, and returns plain numbers. It raises `WrongError`
where answers disagree, since speed then means nothing. What a part returns is kept at once, so that a run that was broken off
goes on with the parts that are missing.
"""

import datetime
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import log
from pathlib import Path
from statistics import linear_regression, median
from typing import Any

from benchmarks import cells, compare, memory, profile, startup, together
from benchmarks.contenders import CONTENDERS, Contender, Row, start
from benchmarks.machine import machine, slug

RECORDS = Path(__file__).with_name("records")
KEPT = ("customers", "visits", "seconds", "cpu_seconds", "start_up", "rate", "share", "peak_bytes_per_customer")
"""What is kept of a run, beside its answers."""


class WrongError(Exception):
    """Answers that disagree, and where."""


@dataclass(frozen=True)
class Size:
    """How much is measured. people, rounds: of "visits". met, met_rounds: of those who meet. most: the largest number of people
    in "people" and "memory". cells: the numbers of them. peers_python: where Mesa and Starsim are, if not here."""

    people: int = 200_000
    rounds: int = 5
    met: int = 20_000
    met_rounds: int = 3
    most: int = 10_000_000
    scaling_rounds: int = 3
    cells: tuple[int, ...] = (50, 100, 200, 400)
    peers_python: str | None = None


QUICK = Size(people=20_000, rounds=2, met=5_000, met_rounds=2, most=100_000, scaling_rounds=2, cells=(10, 20))
"""Less than three minutes on a quiet machine; ratios move by a quarter, and large sizes are left out."""


def say(what: str) -> None:
    """Where we are, for whoever waits."""
    print(what, file=sys.stderr, flush=True)


def trimmed(rows: Mapping[str, Sequence[Row]]) -> dict[str, list[dict[str, float]]]:
    """The runs as a record keeps them."""
    return {name: [{column: row[column] for column in KEPT} for row in found] for name, found in rows.items()}


def visits(size: Size) -> dict[str, Any]:
    """Everybody on "drift-visit"."""
    rows, absent = compare.rounds(CONTENDERS, size.people, size.rounds, size.peers_python)
    if wrong := compare.disagreements(rows):
        raise WrongError("\n  ".join(wrong))
    print(compare.table(rows))
    return {"people": size.people, "rounds": size.rounds, "runs": trimmed(rows), "absent": absent,
            "cases": compare.against_floors(rows)}


def meeting(workload: str) -> Callable[[Size], dict[str, Any]]:
    """Ours and SimPy where people choose and talk, or wait."""
    def measured(size: Size) -> dict[str, Any]:
        rows, _ = compare.rounds(together.contenders(workload), size.met, size.met_rounds, None)
        sds = together.spreads(workload, size.met)
        if wrong := together.disagreements(rows, sds):
            raise WrongError("\n  ".join(wrong))
        print(together.table(rows, list(sds)))
        return {"people": size.met, "rounds": size.met_rounds, "runs": trimmed(rows),
                "cases": together.judged(workload, rows, size.met)}
    return measured


def exponent(counts: Sequence[float], seconds: Sequence[float]) -> float:
    """The slope of log seconds on log counts: 1 means that twice as much takes twice the time."""
    return linear_regression([log(n) for n in counts], [log(s) for s in seconds]).slope


def people(size: Size) -> dict[str, Any]:
    """Ours on one core at 10³, 10⁴, … people, in turn; processor time. The exponents are those of the upper decades."""
    sizes = [10 ** power for power in range(3, 8) if 10 ** power <= size.most]
    found: dict[int, list[Row]] = {count: [] for count in sizes}
    for number in range(size.scaling_rounds):
        for count in sizes:
            say(f"round {number + 1} of {size.scaling_rounds}: {count:,} people")
            found[count].append(start(CONTENDERS[0], count, 1 + number, sys.executable))
    rows = [{"people": count, "visits": median(row["visits"] for row in runs),
             "seconds": median(row["cpu_seconds"] for row in runs),
             "least": min(row["cpu_seconds"] for row in runs), "most": max(row["cpu_seconds"] for row in runs),
             "bytes_a_customer": median(row["peak_bytes_per_customer"] for row in runs)} for count, runs in found.items()]
    upper = rows[-3:]
    told = {f"exponent_{of}": exponent([row[of] for row in upper], [row["seconds"] for row in upper])
            for of in ("people", "visits")}
    for row in rows:
        print(f"{row['people']:12,} people {row['seconds']:9.4f} s")
    print(told)
    return {"rows": rows, **told}


def jobs(size: Size) -> dict[str, Any]:
    """Ours on one core and on two, in turn, by the clock."""
    found: dict[int, list[Row]] = {1: [], 2: []}
    for number in range(size.rounds):
        for count, runs in found.items():
            wish = Contender("ours", "benchmarks.ours", lambda people: people, cores=count)
            runs.append(start(wish, 5 * size.people, 1 + number, sys.executable))
    rows = [{"jobs": count, "seconds": median(row["seconds"] for row in runs), "share": median(row["share"] for row in runs)}
            for count, runs in found.items()]
    print(rows)
    return {"people": 5 * size.people, "rows": rows, "gain": rows[0]["seconds"] / rows[1]["seconds"]}


def in_cells(size: Size) -> dict[str, Any]:
    """A sweep of more and more cells, by the clock, on one process and on two, their start and the storing included."""
    rows = []
    for count in size.cells:
        what = cells.cells_of(count, 40_000)
        took = {processes: cells.seconds(what, processes) for processes in (1, 2)}
        rows.append({"cells": count, "one": took[1], "two": took[2]})
        print(rows[-1])
    counts = [float(row["cells"]) for row in rows]
    return {"rows": rows, "exponent": exponent(counts, [row["one"] for row in rows])}


def start_up(size: Size) -> dict[str, Any]:
    """From the command line to the first number: whole processes."""
    with tempfile.TemporaryDirectory() as folder:
        found = startup.measured(size.rounds, Path(folder))
    print(startup.table(found))
    return {"rows": [{"case": case, "clock": took.clock, "processor": took.processor} for case, took in found.items()]}


def many(size: Size) -> dict[str, Any]:
    """Peak memory of whole commands: many people, and long horizons."""
    found = memory.measured(size.most)
    print(memory.table(found))
    return {"rows": [run._asdict() for run in found]}


def shares(size: Size) -> dict[str, Any]:
    """Where the time of a visit goes."""
    found = profile.measured(size.people)
    print(profile.table(found))
    return found


PARTS: Mapping[str, Callable[[Size], dict[str, Any]]] = {
    "visits": visits, "coupled": meeting("coupled"), "queue": meeting("queue"), "people": people, "jobs": jobs,
    "cells": in_cells, "start-up": start_up, "memory": many, "profile": shares}
"""By name, in the order in which they are run."""


def blank(quick: bool) -> dict[str, Any]:
    """A record of this machine, without parts."""
    return {"kind": "whole", "day": datetime.date.today().isoformat(), "quick": quick, "machine": machine(), "parts": {}}


def record_path() -> Path:
    """Where today's record of this machine is kept."""
    return RECORDS / f"{datetime.date.today().isoformat()}-whole-{slug()}.json"


def newest() -> Path | None:
    """The newest record of the whole."""
    return max(RECORDS.glob("*-whole-*.json"), default=None)


def measure(names: Sequence[str], size: Size, found: dict[str, Any], keep: Callable[[dict[str, Any]], None]) -> list[str]:
    """Run these parts into a record and keep it after each; what disagreed, a line a part."""
    wrong = []
    for name in names:
        say(f"== {name}")
        load, before = os.getloadavg()[0], time.perf_counter()
        try:
            told = PARTS[name](size)
        except WrongError as what:
            wrong.append(f"{name}: THE ANSWERS DISAGREE, so speed means nothing:\n  {what}")
            continue
        took = time.perf_counter() - before
        found["parts"][name] = {"took": took, "load": load, **told}
        keep(found)
        say(f"== {name}: {took:.0f} s")
    return wrong


def write(path: Path, found: Mapping[str, Any]) -> None:
    """Keep a record: whole, or not at all."""
    beside = path.with_suffix(".part")
    beside.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    beside.replace(path)


def sized(size: Size, rounds: int | None, peers_python: str | None) -> Size:
    """The size with what was asked for in its place."""
    size = replace(size, peers_python=peers_python)
    return size if rounds is None else replace(size, rounds=rounds, met_rounds=rounds, scaling_rounds=rounds)

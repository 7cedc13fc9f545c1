"""Everybody on the same workload, in turn: `python -m benchmarks.compare [--people N] [--rounds 3]`.

Rounds are interleaved (each contender once, then each again), every run is a fresh process on a core of its own, and
the table shows medians. First of all the answers must agree: a contender that computes something else is an error.
"""

import argparse
import datetime
import json
import os
import sys
from collections.abc import Mapping, Sequence
from math import hypot, sqrt
from pathlib import Path
from statistics import mean, median

from benchmarks.contenders import CONTENDERS, AbsentError, Contender, FailedError, Row, python_for, start
from benchmarks.machine import machine, slug

RECORDS = Path(__file__).with_name("records")
TOO_FAR = 4.5
"""How many standard errors two answers may differ; chance does so in one of 1,400 comparisons of seven contenders."""

ALONE = 0.9
"""A run on two cores that got less of them than this was disturbed (or does not use them)."""

OURS, OURS_TWICE = "ours, 1 core", "ours, 2 cores"
SIMPY, STARSIM = "SimPy, a process per customer", "Starsim, common random numbers"
C, LANES = "C, scalar, one thread", "C, in SIMD lanes"
FLOORS = (("one core against SimPy", OURS, SIMPY, 40.0, 150.0),
          ("two cores against SimPy", OURS_TWICE, SIMPY, 60.0, 280.0),
          ("one core against Starsim with common random numbers", OURS, STARSIM, 4.0, 15.0),
          ("one core against C, scalar", OURS, C, 0.3, 1.0), ("one core against C in SIMD lanes", OURS, LANES, 0.0, 0.5))
"""What the product promises: the least and the hoped-for ratio of visits a second; a least of 0 promises nothing."""
BYTES_FLOOR, BYTES_GOAL = 200.0, 64.0

Rows = Mapping[str, Sequence[Row]]


def spreads(rows: Rows) -> dict[str, float]:
    """Standard deviations over customers (or of 0 and 1), from those contenders that report them: all share them."""
    pooled = [row for found in rows.values() for row in found]
    told = [row for row in pooled if row.get("visits_sd") is not None]
    left = mean(row["left_share"] for row in pooled)
    complaint = mean(row["complaints"] / row["visits"] for row in pooled)
    visits, end = mean(row["visits_sd"] for row in told), mean(row["expectation_end_sd"] for row in told)
    alike = hypot(1.0, visits / mean(row["visits_per_customer"] for row in told))
    return {"visits_per_customer": visits, "left_share": sqrt(left * (1.0 - left)),
            "mean_expectation_end": end,
            # Ratios of sums over visits: as if all visits of a customer were alike, which bounds their spread.
            "complaints_per_visit": sqrt(complaint * (1.0 - complaint)) * alike,
            "expected_per_visit": end * alike}


def pooled_answers(found: Sequence[Row]) -> dict[str, float]:
    """One contender's answers over all its rounds, which used different seeds."""
    people = sum(row["customers"] for row in found)
    visits = sum(row["visits"] for row in found)
    return {"visits_per_customer": visits / people,
            "left_share": sum(row["leavers"] for row in found) / people,
            "mean_expectation_end": sum(row["mean_expectation_end"] * row["customers"] for row in found) / people,
            "complaints_per_visit": sum(row["complaints"] for row in found) / visits,
            "expected_per_visit": sum(row["expected_sum"] for row in found) / visits}


def disagreements(rows: Rows) -> list[str]:
    """Every pair of contenders and answer that differ by more than Monte-Carlo error explains."""
    sds = spreads(rows)
    names = list(rows)
    pooled = {name: pooled_answers(found) for name, found in rows.items()}
    people = {name: sum(row["customers"] for row in found) for name, found in rows.items()}
    wrong = []
    for position, one in enumerate(names):
        for other in names[position + 1:]:
            for answer, sd in sds.items():
                error = sd * sqrt(1.0 / people[one] + 1.0 / people[other])
                apart = abs(pooled[one][answer] - pooled[other][answer]) / error
                if not apart <= TOO_FAR:
                    wrong.append(f"{answer}: {one} {pooled[one][answer]:.6g}, {other} {pooled[other][answer]:.6g}, "
                                 f"{apart:.1f} standard errors apart")
    return wrong


def rounds(contenders: Sequence[Contender], people: int, count: int, peers_python: str | None
           ) -> tuple[Rows, dict[str, str]]:
    """Every contender `count` times, in turn; and who could not take part, with the reason."""
    rows: dict[str, list[Row]] = {}
    absent: dict[str, str] = {}
    for number in range(count):
        for contender in contenders:
            if contender.name in absent:
                continue
            print(f"round {number + 1} of {count}: {contender.name}", file=sys.stderr)
            try:
                row = start(contender, people, 1 + number, python_for(contender, peers_python))
            except AbsentError as why:
                absent[contender.name] = str(why)
                continue
            rows.setdefault(contender.name, []).append(row)
    return rows, absent


def middle(found: Sequence[Row], column: str) -> float:
    """The median of a column over rounds."""
    return median(row[column] for row in found)


def ratio(rows: Rows, one: str, other: str) -> float | None:
    """How many times as fast, median against median; None when either is missing."""
    if one not in rows or other not in rows:
        return None
    return middle(rows[one], "rate") / middle(rows[other], "rate")


def table(rows: Rows) -> str:
    """Medians, one line a contender."""
    head = (f"{'who':34} {'people':>10} {'M visits/s':>10} {'of a core':>9} {'x SimPy':>8} {'x Starsim':>9} {'x C':>7} "
            f"{'bytes/cust.':>11} {'start-up s':>10} {'visits':>7} {'left':>6} {'mean E':>7}")
    lines = [head, "-" * len(head)]
    for name, found in rows.items():
        ratios = (ratio(rows, name, other) for other in (SIMPY, STARSIM, C))
        simpy, starsim, c = ("-" if value is None else f"{value:.3g}" for value in ratios)
        told = pooled_answers(found)
        lines.append(f"{name:34} {middle(found, 'customers'):10,.0f} {middle(found, 'rate') / 1e6:10.3f} "
                     f"{middle(found, 'share'):9.0%} "
                     f"{simpy:>8} {starsim:>9} {c:>7} {middle(found, 'peak_bytes_per_customer'):11,.0f} "
                     f"{middle(found, 'start_up'):10.2f} {told['visits_per_customer']:7.3f} {told['left_share']:6.4f} "
                     f"{told['mean_expectation_end']:7.4f}")
    return "\n".join(lines)


def against_floors(rows: Rows) -> list[dict[str, object]]:
    """Each case of the speed paper: what was measured, the floor, the goal, and whether the floor holds."""
    cases: list[dict[str, object]] = []
    for case, one, other, floor, goal in FLOORS:
        measured = ratio(rows, one, other)
        if measured is not None:
            cases.append({"case": case, "measured": measured, "floor": floor, "goal": goal, "holds": measured >= floor})
    if OURS in rows:
        used = middle(rows[OURS], "peak_bytes_per_customer")
        cases.append({"case": "bytes a customer, at most", "measured": used, "floor": BYTES_FLOOR, "goal": BYTES_GOAL,
                      "holds": used <= BYTES_FLOOR})
    return cases


def record(rows: Rows, absent: Mapping[str, str], cases: Sequence[Mapping[str, object]], people: int,
           workload: str = "drift-visit") -> Path:
    """Write what was measured, on which machine, and return the file."""
    RECORDS.mkdir(exist_ok=True)
    other = "" if workload == "drift-visit" else f"-{workload}"
    path = RECORDS / f"{datetime.date.today().isoformat()}-{slug()}{other}.json"
    entry = {"workload": workload, "people": people, "machine": machine(),
             "load": os.getloadavg()[0], "runs": rows, "absent": absent, "cases": cases}
    path.write_text(json.dumps(entry, indent=1) + "\n", encoding="utf-8")
    return path


def main() -> int:
    """The whole comparison. Exit status 1: answers disagree, or a floor is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers-python", help="an interpreter that has Mesa and Starsim, where this one has not")
    parser.add_argument("--only", help="contenders whose name contains this")
    parser.add_argument("--no-record", action="store_true", help="print the table, write nothing")
    wish = parser.parse_args()
    chosen = [contender for contender in CONTENDERS if wish.only is None or wish.only in contender.name]
    try:
        rows, absent = rounds(chosen, wish.people, wish.rounds, wish.peers_python)
    except FailedError as what:
        print(what, file=sys.stderr)
        return 1
    for name, why in absent.items():
        print(f"not taking part: {name}: {why}")
    if not rows:
        return 1
    peers = [name for name, found in rows.items() if found[0].get("visits_sd") is not None]
    wrong = disagreements(rows) if peers else []
    if not peers:
        print("No peer took part, so nothing checks the answers.\n")
    if wrong:
        print("THE ANSWERS DISAGREE, so speed means nothing:", *wrong, sep="\n  ")
        return 1
    print(table(rows), "", sep="\n")
    if any(row["share"] < ALONE for row in rows.get(OURS_TWICE, ())):
        print("The machine was busy: what is measured on two cores is too low. Run this again when it is idle.\n")
    cases = against_floors(rows)
    for case in cases:
        print(f"{case['case']:52} {case['measured']:8.3g}   floor {case['floor']:g}, goal {case['goal']:g}   "
              f"{'holds' if case['holds'] else 'MISSED'}")
    if not wish.no_record:
        print(f"\nrecorded in benchmarks/records/{record(rows, absent, cases, wish.people).name}")
    return 0 if all(case["holds"] for case in cases) else 1


if __name__ == "__main__":
    sys.exit(main())

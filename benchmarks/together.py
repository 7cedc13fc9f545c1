"""Ours and SimPy where people meet: `python -m benchmarks.together [--workload coupled|queue] [--rounds 5]`.

As `compare`, on the workloads in which people choose and talk, and in which they wait. Rounds are interleaved, every run is a
fresh process on a core of its own, the table shows medians, and no speed is shown before the answers agree. The promises are
judged at 20,000 people.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib import import_module
from math import sqrt
from statistics import mean, stdev

from benchmarks.compare import SIMPY, TOO_FAR, Rows, middle, ratio, record, rounds
from benchmarks.contenders import Contender, FailedError, everybody

PEOPLE = 20_000
MANY = 200_000
OURS, OURS_OF_MANY = "ours, 1 core", f"ours, of {MANY:,} people"
FLOORS = {"coupled": (15.0, 40.0), "queue": (20.0, 80.0)}
"""What the product promises, and hopes for: how many times SimPy's visits a second."""
REPEATS = 24
"""Runs of ours that tell how far chance alone moves an answer; where people meet, one run of many people does not tell."""


def contenders(workload: str) -> tuple[Contender, ...]:
    """Who takes part: ours, SimPy and, for its memory, ours of more people than are judged."""
    return (Contender(OURS, f"benchmarks.{workload}", everybody),
            Contender(SIMPY, f"benchmarks.peers.simpy_{workload}", everybody),
            Contender(OURS_OF_MANY, f"benchmarks.{workload}", lambda people: MANY))


def spreads(workload: str, people: int) -> dict[str, float]:
    """How far each answer strays from run to run of so many people: the sd over runs of ours, visits and leavers a customer."""
    simulate = import_module(f"benchmarks.{workload}").simulate
    runs = [asdict(simulate(people, 1001 + number)) for number in range(REPEATS)]
    return {answer: stdev(run[answer] for run in runs) / people_of(answer, people) for answer in runs[0]}


def people_of(answer: str, people: float) -> float:
    """What an answer is divided by: visits and leavers are counted, all others are means."""
    return people if answer in ("visits", "leavers") else 1.0


def told(rows: Rows, name: str, answer: str) -> float:
    """One contender's answer, the mean over its rounds."""
    return mean(row[answer] / people_of(answer, row["customers"]) for row in rows[name])


def disagreements(rows: Rows, sds: Mapping[str, float]) -> list[str]:
    """Every answer that ours and SimPy differ in by more than Monte-Carlo error explains."""
    wrong = []
    for answer, sd in sds.items():
        error = sd * sqrt(1.0 / len(rows[OURS]) + 1.0 / len(rows[SIMPY]))
        ours, simpy = told(rows, OURS, answer), told(rows, SIMPY, answer)
        apart = abs(ours - simpy) / error
        if not apart <= TOO_FAR:
            wrong.append(f"{answer}: ours {ours:.6g}, SimPy {simpy:.6g}, {apart:.1f} standard errors apart")
    return wrong


def table(rows: Rows, answers: Sequence[str]) -> str:
    """Medians, one line a contender, and its answers."""
    head = (f"{'who':30} {'people':>8} {'M visits/s':>10} {'x SimPy':>8} {'bytes/cust.':>11} {'start-up s':>10} "
            + " ".join(f"{answer[:12]:>12}" for answer in answers))
    lines = [head, "-" * len(head)]
    for name, found in rows.items():
        lines.append(f"{name:30} {middle(found, 'customers'):8,.0f} {middle(found, 'rate') / 1e6:10.3f} "
                     f"{ratio(rows, name, SIMPY) or 0.0:8.3g} {middle(found, 'peak_bytes_per_customer'):11,.0f} "
                     f"{middle(found, 'start_up'):10.2f} "
                     + " ".join(f"{told(rows, name, answer):12.5g}" for answer in answers))
    return "\n".join(lines)


def judged(workload: str, rows: Rows, people: int) -> list[dict[str, object]]:
    """The ratio that is promised, its floor and goal, and whether the floor holds."""
    floor, goal = FLOORS[workload]
    measured = ratio(rows, OURS, SIMPY)
    assert measured is not None
    return [{"case": f"{workload}, {people:,} people, one core against SimPy", "measured": measured, "floor": floor,
             "goal": goal, "holds": measured >= floor}]


def compare(workload: str, people: int, count: int, write: bool) -> bool:
    """One workload; whether the answers agree and the floor holds."""
    rows, _ = rounds(contenders(workload), people, count, None)
    sds = spreads(workload, people)
    wrong = disagreements(rows, sds)
    if wrong:
        print(f'"{workload}": THE ANSWERS DISAGREE, so speed means nothing:', *wrong, sep="\n  ")
        return False
    print(f'"{workload}"', table(rows, list(sds)), "", sep="\n")
    cases = judged(workload, rows, people)
    for case in cases:
        print(f"{case['case']:52} {case['measured']:8.3g}   floor {case['floor']:g}, goal {case['goal']:g}   "
              f"{'holds' if case['holds'] else 'MISSED'}")
    if write:
        print(f"recorded in benchmarks/records/{record(rows, {}, cases, people, workload).name}\n")
    return all(bool(case["holds"]) for case in cases)


def main() -> int:
    """Both workloads, or the one asked for. Exit status 1: answers disagree, or a floor is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workload", choices=list(FLOORS), help="this one alone")
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--no-record", action="store_true", help="print the table, write nothing")
    wish = parser.parse_args()
    try:
        held = [compare(workload, wish.people, wish.rounds, not wish.no_record)
                for workload in FLOORS if wish.workload in (None, workload)]
    except FailedError as what:
        print(what, file=sys.stderr)
        return 1
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())

"""Put the newest record's numbers into docs/speed.md and README.md: `python -m benchmarks --write`.

A table stands between `<!-- speed: NAME -->` and `<!-- end -->`; what is around it is written by hand and has no number in it.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Any

from benchmarks import compare
from benchmarks.contenders import ROOT
from benchmarks.whole import newest

PAGES = (ROOT / "docs" / "speed.md", ROOT / "README.md")
MARKED = re.compile(r"(<!-- speed: ([\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
ABSENT = "*Not measured in this record.*\n"
Part = Mapping[str, Any]


def grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown, names to the left and numbers to the right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def middle(runs: Sequence[Mapping[str, float]], column: str) -> float:
    """The median over rounds."""
    return median(run[column] for run in runs)


def figure(value: float) -> str:
    """Three digits that mean something, in plain notation."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def contenders(part: Part) -> str:
    """Everybody: medians, spread over rounds, ratios, bytes a customer, start-up."""
    runs = part["runs"]
    simpy = middle(runs[compare.SIMPY], "rate")
    rows = []
    for name, found in runs.items():
        rate, rates = middle(found, "rate"), [run["rate"] for run in found]
        rows.append([name, f"{middle(found, 'customers'):,.0f}", figure(rate / 1e6),
                     f"{figure(min(rates) / 1e6)}…{figure(max(rates) / 1e6)}", figure(rate / simpy),
                     f"{middle(found, 'peak_bytes_per_customer'):,.0f}", f"{middle(found, 'start_up'):.1f}"])
    return grid(["who", "people", "million visits a second", "least…most", "× SimPy", "bytes a customer", "start-up, s"],
                rows)


def promised(parts: Sequence[Part]) -> str:
    """Every case: measured, the floor, the goal."""
    cases = [case for part in parts for case in part["cases"]]
    return grid(["case", "measured", "floor", "goal", "holds"],
                [[str(case["case"]), figure(case["measured"]), f"{case['floor']:g}" if case["floor"] else "–",
                  f"{case['goal']:g}", "yes" if case["holds"] else "**no**"] for case in cases])


def sizes(part: Part) -> str:
    """By people: seconds and bytes, and the exponents."""
    rows = [[f"{row['people']:,}", f"{row['visits']:,.0f}", f"{row['seconds']:.3f}", f"{row['least']:.3f}…{row['most']:.3f}",
             f"{1e6 * row['seconds'] / row['people']:.2f}"] for row in part["rows"]]
    return (grid(["people", "visits", "seconds", "least…most", "µs a person"], rows)
            + f"\nExponent over the last three sizes: {part['exponent_people']:.3f} in people, {part['exponent_visits']:.3f} "
            "in visits (1 ± 0.05 is the goal).\n")


def hands(part: Part) -> str:
    """One core and two."""
    rows = [[str(row["jobs"]), f"{row['seconds']:.2f}", f"{row['share']:.0%}"] for row in part["rows"]]
    return (grid(["cores", "seconds by the clock", "of its cores it got"], rows)
            + f"\nTwo cores are {part['gain']:.2f} times as fast as one ({part['people']:,} people).\n")


def sweeps(part: Part) -> str:
    """More and more cells."""
    rows = [[f"{row['cells']:,}", f"{row['one']:.1f}", f"{row['two']:.1f}", f"{row['one'] / row['two']:.2f}"]
            for row in part["rows"]]
    return (grid(["cells", "one process, s", "two, s", "gain"], rows)
            + f"\nExponent in cells: {part['exponent']:.3f}.\n")


def waits(part: Part) -> str:
    """From the command line to the first number."""
    return grid(["what", "by the clock, s", "processor, s"],
                [[row["case"], f"{row['clock']:.2f}", f"{row['processor']:.2f}"] for row in part["rows"]])


def peaks(part: Part) -> str:
    """Peak memory of whole commands."""
    return grid(["`drift run`, two firms, two attributes", "people", "peak, MB", "seconds", "stored, MB"],
                [[row["case"], f"{row['people']:,}", f"{row['bytes'] / 1e6:,.0f}", f"{row['seconds']:.1f}",
                  f"{row['stored'] / 1e6:,.1f}"] for row in part["rows"]])


def shares(part: Part) -> str:
    """Where a visit's time and a command's time go."""
    whole, steps = part["nanoseconds_a_visit"], part["steps"]
    return (grid(["of a visit", "ns", "share"], [[name, f"{value:.0f}", f"{value / whole:.0%}"]
                                                 for name, value in part["parts"].items()]) + "\n"
            + grid(["of a small comparison", "s", "share"], [[name, f"{value:.2f}", f"{value / sum(steps.values()):.0%}"]
                                                            for name, value in steps.items()]))


def said(record: Mapping[str, Any]) -> str:
    """When, where and how busy."""
    about = record["machine"]
    loads = [part["load"] for part in record["parts"].values()]
    took = sum(part["took"] for part in record["parts"].values()) / 60
    versions = ", ".join(f"{name} {number}" for name, number in about["versions"].items())
    return (f"Measured on {record['day']}{' in the short form (`--quick`)' if record['quick'] else ''}: {about['processor']}, "
            f"{about['cores']} cores, {about['memory_bytes'] / 1e9:.0f} GB, {about['system']}; {versions}. "
            f"{took:.0f} minutes in all, with a load of {min(loads, default=0.0):.1f} to {max(loads, default=0.0):.1f} "
            "when a part began.\n")


def one(name: str, render: Callable[[Part], str]) -> Callable[[Mapping[str, Any]], str]:
    """A table of one part, or a word that the record has not got it."""
    return lambda record: render(record["parts"][name]) if name in record["parts"] else ABSENT


def cases(record: Mapping[str, Any]) -> str:
    """All promises of the record."""
    return promised([part for part in record["parts"].values() if "cases" in part])


def short(record: Mapping[str, Any]) -> str:
    """The README's table: who, how fast, how much memory; and where this was."""
    part = record["parts"].get("visits")
    return ABSENT if part is None else contenders(part) + "\n" + said(record)


TABLES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "machine": said, "promised": cases, "short": short, "visits": one("visits", contenders),
    "coupled": one("coupled", contenders), "queue": one("queue", contenders), "people": one("people", sizes),
    "jobs": one("jobs", hands), "cells": one("cells", sweeps), "start-up": one("start-up", waits),
    "memory": one("memory", peaks), "profile": one("profile", shares)}
"""By the name between the marks."""


def filled(text: str, record: Mapping[str, Any]) -> str:
    """A page with its tables as the record has them. Errors: KeyError for a mark that names no table."""
    return MARKED.sub(lambda found: f"{found[1]}{TABLES[found[2]](record)}{found[3]}", text)


def write() -> None:
    """Fill both pages from the newest record. Errors: FileNotFoundError without one."""
    path = newest()
    if path is None:
        raise FileNotFoundError("no record of the whole in benchmarks/records")
    record = json.loads(path.read_text(encoding="utf-8"))
    for page in PAGES:
        page.write_text(filled(page.read_text(encoding="utf-8"), record), encoding="utf-8")

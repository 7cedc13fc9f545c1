"""The block to paste into a scenario: each number with its source beside it; what is not identified is only a comment."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any, NamedTuple

from sim.calibrate.found import Estimate, Unknown
from sim.story import units


class Entry(NamedTuple):
    """One key of a scenario, by its path; `text` is its value as YAML, `comment` where it comes from."""

    path: str
    text: str
    comment: str


def entry(one: Estimate, where: str, what: str, text: str = "") -> Entry:
    """An estimate as an entry: `from your survey: what, 95% interval low … high`."""
    said = f"{rounded(one.low)} … {rounded(one.high)}"
    return Entry(one.key, text or rounded(one.value), f"from your {where}: {what}, 95% interval {said}")


def rounded(value: float, digits: int = 3) -> str:
    """A number with so many digits that count, without an exponent."""
    return units.plain(float(f"{value:.{digits}g}"))


def block(head: str, entries: Sequence[Entry], unknown: Sequence[Unknown]) -> str:
    """The block as YAML. head: a sentence on where it comes from."""
    tree: dict[str, Any] = {}
    for one in entries:
        inner = tree
        *above, last = one.path.split(".")
        for step in above:
            inner = inner.setdefault(step, {})
        inner[last] = one
    lines = _comment(head) + _lines(tree, "")
    if unknown:
        lines += ["# Not identified by these data; state an assumption, or leave it out:"]
        lines += [line for one in unknown for line in _comment(f"{one.key or one.name}: {one.why}", "#   ")]
    return "\n".join(lines) + "\n"


def _lines(tree: dict[str, Any], indent: str) -> list[str]:
    lines: list[str] = []
    for key, inner in tree.items():
        if isinstance(inner, Entry):
            lines.append(f"{indent}{key}: {inner.text}" + (f"  # {inner.comment}" if inner.comment else ""))
        else:
            lines += [f"{indent}{key}:", *_lines(inner, indent + "  ")]
    return lines


def _comment(text: str, lead: str = "# ") -> list[str]:
    return textwrap.wrap(
        " ".join(text.split()),
        118,
        initial_indent=lead,
        subsequent_indent="# " if lead == "# " else "#     ",
        break_long_words=False,
        break_on_hyphens=False,
    )

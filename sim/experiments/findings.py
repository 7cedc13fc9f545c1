"""Findings: whether what a story expects came out. Claims are checked, never built in.

A claim is about paired differences between two strategies, or about whether one keeps satisfaction above zero over
the last quarter of the time. It holds, does not hold, or cannot be told, by the intervals of the comparison.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sim.experiments.compare import Comparison, Difference, Interval
from sim.experiments.statistics import Estimate
from sim.experiments.verdict import LEAST_LASTING, Words
from sim.market import Market
from sim.story.scenario import Claim

Result = Literal["holds", "does not hold", "cannot be told"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One claim of a story beside what came out: the claim in words, the result, and the numbers it rests on."""

    claim: str
    result: Result
    evidence: str


def findings(comparison: Comparison, claims: Sequence[Claim]) -> tuple[Finding, ...]:
    """Check every claim against a comparison. Claims about strategies that were not run cannot be told."""
    return tuple(check(comparison, claim) for claim in claims)


def check(comparison: Comparison, claim: Claim) -> Finding:
    """Check one claim."""
    missing = [name for name in (claim.strategy, claim.than) if name and name not in comparison.runs]
    if missing:
        names, were = _said(claim, comparison.market).all_of(missing), "were" if len(missing) > 1 else "was"
        return Finding(words(claim, comparison.market), "cannot be told", f"{names} {were} not run")
    return _higher(comparison, claim) if claim.kind == "higher" else _lasting(comparison, claim)


def words(claim: Claim, market: Market) -> str:
    """A claim as a sentence, with names written as the verdict writes them."""
    said = _said(claim, market)
    if claim.kind == "higher":
        return f"{said.name} is higher with {said.call(claim.strategy)} than with {said.call(claim.than)}"
    way = "still above zero" if claim.kind == "lasts" else "no longer above zero"
    return f"with {said.call(claim.strategy)}, satisfaction in the last quarter of the time is {way}"


def _said(claim: Claim, market: Market) -> Words:
    """The verdict's way of writing what a claim is about."""
    return Words(claim.outcome or "lasting", market)


def _higher(comparison: Comparison, claim: Claim) -> Finding:
    found = comparison.difference(claim.strategy, claim.than, claim.outcome)
    result: Result = "cannot be told"
    if found.decided or found.negligible or found.low == found.high == 0:
        result = "holds" if found.decided and found.mean > 0 else "does not hold"
    small = ", too small to matter" if found.negligible and found.mean else ""
    return Finding(words(claim, comparison.market), result, f"the difference is {_level(comparison, claim, found)}{small}")


def _lasting(comparison: Comparison, claim: Claim) -> Finding:
    found = comparison.interval(claim.strategy, "lasting")
    above, below = found.low >= LEAST_LASTING, found.high < LEAST_LASTING
    result: Result = "cannot be told"
    if above or below:
        result = "holds" if above == (claim.kind == "lasts") else "does not hold"
    return Finding(words(claim, comparison.market), result, f"it is {_level(comparison, claim, found)}")


def _level(comparison: Comparison, claim: Claim, found: Difference | Interval) -> str:
    """A number as the verdict writes it: with the digits it deserves, and none that nobody feels."""
    return _said(claim, comparison.market).level(Estimate(found.mean, found.low, found.high, math.nan, 0))

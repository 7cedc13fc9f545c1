"""Findings: whether what a story expects came out. Claims are checked, never built in.

A claim is about paired differences between two strategies, or about whether one keeps satisfaction above zero over
the last quarter of the time. It holds, does not hold, or cannot be told, by the intervals of the comparison.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sim.experiments.compare import Comparison, Difference, Interval
from sim.experiments.verdict import LEAST_LASTING, plain
from sim.outcomes import NAMES, UNITS
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
        return Finding(words(claim), "cannot be told", f"{' and '.join(missing)} was not run")
    return _higher(comparison, claim) if claim.kind == "higher" else _lasting(comparison, claim)


def words(claim: Claim) -> str:
    """A claim as a sentence."""
    if claim.kind == "higher":
        return f"{NAMES.get(claim.outcome, claim.outcome)} is higher with {claim.strategy} than with {claim.than}"
    way = "still above zero" if claim.kind == "lasts" else "no longer above zero"
    return f"with {claim.strategy}, satisfaction in the last quarter of the time is {way}"


def _higher(comparison: Comparison, claim: Claim) -> Finding:
    found = comparison.difference(claim.strategy, claim.than, claim.outcome)
    result: Result = "cannot be told"
    if found.decided or found.negligible or found.low == found.high == 0:
        result = "holds" if found.decided and found.mean > 0 else "does not hold"
    small = ", too small to matter" if found.negligible and found.mean else ""
    return Finding(words(claim), result, f"the difference is {_number(comparison, claim.outcome, found)}{small}")


def _lasting(comparison: Comparison, claim: Claim) -> Finding:
    found = comparison.interval(claim.strategy, "lasting")
    above, below = found.low >= LEAST_LASTING, found.high < LEAST_LASTING
    result: Result = "cannot be told"
    if above or below:
        result = "holds" if above == (claim.kind == "lasts") else "does not hold"
    return Finding(words(claim), result, f"it is {_number(comparison, 'lasting', found)}")


def _number(comparison: Comparison, outcome: str, found: Difference | Interval) -> str:
    factor, unit = UNITS[outcome]
    half = (found.high - found.low) / 2 * factor
    mean, low, high = (plain(value * factor, half) for value in (found.mean, found.low, found.high))
    return f"{mean} {unit.format(currency=comparison.market.currency)} (95% interval {low} to {high})"

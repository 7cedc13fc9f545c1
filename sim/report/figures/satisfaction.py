"""Satisfaction by visit, and what each strategy lifts it above the baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from sim.report.figures.lifted import lifted

if TYPE_CHECKING:
    from sim.experiments.compare import Comparison


def satisfaction(comparison: Comparison) -> Figure:
    """Satisfaction by visit, and below it each strategy's lift over the baseline, with what becomes of it."""
    return lifted(
        comparison,
        "satisfaction",
        "Experience minus the standard it is compared with, at each visit. 0 is exactly up to the standard.",
    )

"""Goodwill by visit: what recoveries, contacts and programmes work on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from sim.market import Contact, Programme, Recovery
from sim.report import style, words
from sim.report.figures.lifted import lifted

if TYPE_CHECKING:
    from sim.experiments.compare import Comparison


def goodwill(comparison: Comparison) -> Figure:
    """Goodwill after each visit, and below it each strategy's lift over the baseline, with what becomes of it."""
    if not _kept(comparison):
        return style.message("No goodwill to draw", "Nobody in this scenario remembers how earlier visits felt.")
    return lifted(
        comparison,
        "goodwill",
        "What customers hold for the firm after each visit: a moving average of what they felt, of recoveries too. "
        "At 0 there was as much to like as to dislike.",
    )


def worth(comparison: Comparison) -> bool:
    """Whether a strategy works on goodwill beside the visit itself, and somebody keeps goodwill."""
    moves = [move for strategy in comparison.market.strategies if strategy.name in comparison.runs for move in strategy.moves]
    return _kept(comparison) and any(isinstance(move, Recovery | Contact | Programme) for move in moves)


def _kept(comparison: Comparison) -> bool:
    return words.remembers(comparison.market) and all("goodwill" in run.by_visit for run in comparison.runs.values())

"""A comparison as figures, each titled with what it found.

Every title is computed from the numbers drawn, asserts a difference only where its interval excludes zero, and says
"cannot be told" otherwise. Every figure is a plain function of a comparison and returns a matplotlib Figure.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure

from sim.report import style
from sim.report.figures.adoption import adoption
from sim.report.figures.adoption import worth as adoption_tells
from sim.report.figures.convergence import convergence
from sim.report.figures.convergence import worth as convergence_tells
from sim.report.figures.cost import cost
from sim.report.figures.forest import forest
from sim.report.figures.gaps import gaps
from sim.report.figures.gaps import worth as gaps_tell
from sim.report.figures.goodwill import goodwill
from sim.report.figures.goodwill import worth as goodwill_tell
from sim.report.figures.kano import kano
from sim.report.figures.kano import worth as kano_tell
from sim.report.figures.money import money
from sim.report.figures.money import worth as money_tells
from sim.report.figures.parts import looks
from sim.report.figures.ratchet import ratchet
from sim.report.figures.retention import retention
from sim.report.figures.satisfaction import satisfaction
from sim.report.figures.share import share
from sim.report.figures.share import worth as share_tells
from sim.report.figures.silence import silence
from sim.report.figures.silence import worth as silence_tell
from sim.report.figures.spend import spend
from sim.report.figures.spreading import spreading
from sim.report.figures.survivors import survivors
from sim.report.figures.survivors import worth as survivors_tell
from sim.report.figures.talk import talk
from sim.report.figures.talk import worth as talk_tells
from sim.report.figures.waits import waits
from sim.report.figures.waits import worth as waits_tell

if TYPE_CHECKING:
    from sim.experiments.compare import Comparison

__all__ = ["FIGURES", "figure", "looks", "spend_figure", "worth_drawing"]


def figure(comparison: Comparison, name: str) -> Figure:
    """The figure of this name. Errors: KeyError with the names there are."""
    if name not in FIGURES:
        raise KeyError(f"no figure {name!r}; there are {', '.join(FIGURES)}")
    with style.drawing():
        return FIGURES[name](comparison)


def spend_figure(comparison: Comparison, spent: Mapping[str, Any]) -> Figure:
    """The figure of a comparison at equal spend. spent: what its equal_spend.json says."""
    with style.drawing():
        return spend(comparison, spent)


FIGURES: Mapping[str, Callable[[Comparison], Figure]] = {
    "satisfaction": satisfaction,
    "ratchet": ratchet,
    "forest": forest,
    "convergence": convergence,
    "goodwill": goodwill,
    "retention": retention,
    "share": share,
    "adoption": adoption,
    "waits": waits,
    "talk": talk,
    "silence": silence,
    "survivors": survivors,
    "gaps": gaps,
    "kano": kano,
    "spreading": spreading,
    "money": money,
    "cost": cost,
}
"""Every figure by name, in the order of the page."""


def _costs(comparison: Comparison) -> bool:
    return any(i.outcome == "cost" and i.mean != 0 and math.isfinite(i.mean) for i in comparison.intervals)


TELLS: Mapping[str, Callable[[Comparison], bool]] = {
    "forest": lambda comparison: len(comparison.runs) > 1,
    "convergence": convergence_tells,
    "goodwill": goodwill_tell,
    "share": share_tells,
    "adoption": adoption_tells,
    "waits": waits_tell,
    "talk": talk_tells,
    "silence": silence_tell,
    "survivors": survivors_tell,
    "gaps": gaps_tell,
    "kano": kano_tell,
    "money": money_tells,
    "cost": _costs,
}
"""When a figure has something to show; the others always have."""


def worth_drawing(comparison: Comparison) -> tuple[str, ...]:
    """The figures that have something to show: no forest of a single strategy, no costs where nothing costs."""
    return tuple(name for name in FIGURES if name not in TELLS or TELLS[name](comparison))

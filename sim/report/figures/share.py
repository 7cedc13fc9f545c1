"""Whom people go to as time goes by: shares of visits by firm, where people choose."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sim.engine.records import Run
from sim.report import style, words
from sim.report.curves import FEWEST
from sim.report.figures.areas import areas, key, keyed
from sim.report.figures.parts import arranged, looks, named
from sim.report.style import BODY, PALETTE

if TYPE_CHECKING:
    from sim.experiments.compare import Comparison

Shares = NDArray[np.float64]

TALL = 118.0
MOST = 36
"""The most periods that the time is divided into."""
SHORTEST = 7.0
"""Days of the shortest period, a horizon shorter than that aside."""


def share(comparison: Comparison) -> Figure:
    """For each strategy (panels), the shares of all visits that go to each firm as time goes by."""
    names = _names(comparison)
    found = {name: shared(run) for name, run in comparison.runs.items()}
    if not any(np.isfinite(each).any() for _, each in found.values()):
        return style.message("No shares of visits to draw", "Hardly anybody came to any firm in any period.")
    fills = _fills(names)
    lines = keyed(names)
    head = len(lines) * 18.0 + 8
    shown = looks(comparison)
    panels, height, titles = arranged([shown[name].label for name in found], TALL, beside=0)
    page = style.sheet(
        _title(comparison),
        "Shares of all visits by firm as time goes by, ours at the bottom.",
        f"All replications together. Periods with fewer than {FEWEST} visits are not drawn.",
        head + height + 8,
    )
    key(page, lines, fills)
    for panel, title, (name, (days, each)) in zip(panels, titles, found.items(), strict=True):
        above = style.height_of(title, BODY + 1) + 4
        page.write(panel.left, page.top + head + panel.top - above, title, BODY + 1, shown[name].text, bold=True)
        axes = page.axes(panel.left, page.top + head + panel.top, panel.width, panel.height)
        areas(axes, days, dict(zip(names, each, strict=True)), fills, (panel.width, panel.height), panel.outer, True, "visits")
    return page.figure


def worth(comparison: Comparison) -> bool:
    """Whether rivals are visited."""
    return any(i.outcome == "share" and i.mean < 1 for i in comparison.intervals)


def shared(run: Run) -> tuple[Shares, Shares]:
    """(T,) the middles of periods in days, the ends of the time added; (firms, T) shares of visits, NaN where few come."""
    market = run.market
    days, firms = market.horizon, len(market.firms)
    periods = max(1, min(MOST, int(days // SHORTEST)))
    visits = np.asarray(run.by_day["visits"], dtype=np.float64).reshape(-1, firms, days).sum(axis=0)
    edges = np.linspace(0.0, days, periods + 1)
    cells = np.minimum(np.searchsorted(edges, np.arange(days), side="right") - 1, periods - 1)
    counts = np.array([np.bincount(cells, of_firm, periods) for of_firm in visits])
    whole = counts.sum(axis=0)
    shares = np.where(whole >= FEWEST, counts / np.maximum(whole, 1.0), np.nan)
    middles = (edges[:-1] + edges[1:]) / 2
    return np.concatenate([[0.0], middles, [float(days)]]), np.concatenate([shares[:, :1], shares, shares[:, -1:]], axis=1)


def _names(comparison: Comparison) -> list[str]:
    """What each firm is called in the figure, no two alike; ours is what it is called in scenarios."""
    found: list[str] = []
    for place, firm in enumerate(comparison.market.firms):
        name = style.short(" ".join(firm.name.split())) if style.drawable(firm.name) else f"firm {place + 1}"
        found.append(name if name not in found else f"{name} ({place + 1})")
    return found


def _fills(names: list[str]) -> Mapping[str, str]:
    """Ours in colour, rivals in greys that grow paler."""
    greys = np.linspace(0.4, 0.1, max(1, len(names) - 1)).tolist()
    return {name: style.tint(PALETTE[1], 0.55) if place == 0 else style.tint(PALETTE[0], greys[place - 1])
            for place, name in enumerate(names)}


def _title(comparison: Comparison) -> str:
    first, *others = comparison.runs
    base = comparison.interval(first, "share")
    if not others:
        return f"{_percent(base.mean)} of all visits come to us under ‘{named(comparison, first)}’"
    apart = {name: comparison.difference(name, first, "share") for name in others}
    decided = {name: found for name, found in apart.items() if found.decided}
    if not decided:
        return "Whether any strategy changes our share of visits cannot be told"
    name = max(decided, key=lambda one: abs(decided[one].mean))
    way = "rises" if decided[name].mean > 0 else "falls"
    changed = comparison.interval(name, "share").mean
    return (f"Our share of visits {way} from {_percent(base.mean)} under ‘{named(comparison, first)}’ to {_percent(changed)} "
            f"under ‘{named(comparison, name)}’")


def _percent(value: float) -> str:
    return words.say(value, "share") if math.isfinite(value) else words.NONE

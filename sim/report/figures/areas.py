"""Shares that fill a panel from the bottom up as time goes by, and the key to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator
from numpy.typing import NDArray

from sim.report import style
from sim.report.figures.parts import time_axis
from sim.report.style import BODY, INK, LEFT, LINE, NOTE, QUIET, RIGHT, WIDTH, Sheet

Shares = NDArray[np.float64]


def keyed(names: Sequence[str]) -> list[list[tuple[str, float]]]:
    """The key's lines: each name with its place, as many beside each other as find room."""
    lines: list[list[tuple[str, float]]] = [[]]
    across = LEFT
    for name in names:
        needs = 30 + style.width_of(name, BODY)
        if lines[-1] and across + needs > WIDTH - RIGHT:
            lines.append([])
            across = LEFT
        lines[-1].append((name, across))
        across += needs
    return lines


def key(page: Sheet, lines: Sequence[Sequence[tuple[str, float]]], fills: Mapping[str, str]) -> None:
    """Write the key at the top of the body."""
    for row, line in enumerate(lines):
        for name, across in line:
            down = page.top + 18.0 * row
            page.mark(across + 5, down + 0.58 * BODY, "s", fills[name], QUIET)
            page.write(across + 15, down, name, BODY, INK)


def areas(axes: Axes, days: Shares, shares: Mapping[str, Shares], fills: Mapping[str, str], place: tuple[float, float],
          first: bool, last: bool, of: str) -> None:
    """Fill a panel: (T,) days, and by name (T,) shares that sum to 1, NaN where nothing is known.

    place: the panel's width and height in points. first, last: whether levels stand at its left, and time below it. of: what
    the shares are shares of.
    """
    wide, tall = place
    known = np.isfinite(next(iter(shares.values())))
    length, ticks = time_axis(axes, float(days[-1]) or 1.0, max(2, min(6, int(wide // 45))))
    labels = axes.get_xticklabels()
    labels[-1].set_horizontalalignment("right")
    labels[0].set_horizontalalignment("left")
    axes.set_ylim(0, 100)
    axes.grid(False)
    axes.tick_params(length=0, labelbottom=last, labelleft=first)
    axes.yaxis.set_major_locator(FixedLocator([0, 50, 100]))
    axes.set_ylabel(f"{of} (%)" if first else "")
    if not last:
        axes.set_xlabel("")
    elif style.width_of(axes.get_xlabel(), BODY) > wide:
        axes.set_xlabel(axes.get_xlabel().split()[0])
    if not known.any():
        return
    times, bottom = days[known] / length, np.zeros(int(known.sum()))
    axes.set_xlim(0, max(float(days[-1]) / length, ticks[-1]))
    for name, fill in fills.items():
        top = bottom + 100 * shares[name][known]
        axes.fill_between(times, bottom, top, facecolor=fill, edgecolor=style.PAPER, linewidth=0.8)
        _written(axes, name, times, bottom, top, wide, tall)
        bottom = top


def _written(axes: Axes, name: str, times: Shares, bottom: Shares, top: Shares, wide: float, tall: float) -> None:
    """The name inside its area, where it is high enough over the whole width of the words."""
    low, high = axes.get_xlim()
    half = 0.5 * (style.width_of(name, NOTE) + 8) * (high - low) / wide
    need = 100 * (NOTE * LINE + 1) / tall
    best, where = 0.0, (0.0, 0.0)
    for middle in np.linspace(times[0], times[-1], 41):
        if middle - half < times[0] or middle + half > times[-1]:
            continue
        span = np.linspace(middle - half, middle + half, 9)
        floor, ceiling = float(np.interp(span, times, bottom).max()), float(np.interp(span, times, top).min())
        if ceiling - floor > best + 1e-9:
            best, where = ceiling - floor, (float(middle), (floor + ceiling) / 2)
    if best >= need:
        axes.text(*where, name, ha="center", va="center", fontsize=NOTE, color=INK)

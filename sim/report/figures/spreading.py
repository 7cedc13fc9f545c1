"""How expectation is distributed over customers as time goes by."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.engine.records import Spreading
from sim.report import style, words
from sim.report.curves import FEWEST
from sim.report.figures.parts import End, Panel, arranged, frame, label_ends, limits, looks, named, time_axis
from sim.report.style import BODY, QUIET, Look, Sheet

if TYPE_CHECKING:
    from sim.experiments.compare import Comparison

def spreading(comparison: Comparison) -> Figure:
    """How expectation is distributed over customers as time goes by: median, middle half and middle 90%."""
    bands = {name: quantiles(run.spreading) for name, run in comparison.runs.items()}
    drawn = {name: band for name, band in bands.items() if np.isfinite(band).any()}
    if not drawn:
        return style.message("Nobody is left whose expectation could be drawn", "No customers at any checkpoint.")
    shown = looks(comparison)
    days = max(
        1.0, *(float(comparison.runs[name].spreading.days[np.isfinite(band[2])][-1]) for name, band in drawn.items())
    )
    panels, body, titles = arranged([shown[name].label for name in drawn], 150, 62)
    page = style.sheet(
        _spreading_title(comparison, drawn),
        "What customers expect as time goes by. Line: the median customer. "
        "Dark band: the middle half of customers. Pale band: the middle 90%.",
        "All replications together; only people who are customers on that day are counted: those who left take "
        f"their expectations with them. Days with fewer than {FEWEST} customers are not drawn.",
        body,
    )
    lows = [float(np.nanmin(band)) for band in drawn.values()]
    highs = [float(np.nanmax(band)) for band in drawn.values()]
    for (name, band), place, title in zip(drawn.items(), panels, titles, strict=True):
        page.write(
            place.left,
            page.top + place.top - 6 - style.height_of(title, BODY + 1),
            title,
            BODY + 1,
            shown[name].text,
            bold=True,
        )
        axes = page.axes(place.left, page.top + place.top, place.width, place.height)
        limits(axes, lows, highs, 2.0)
        frame(axes, "", "expectation (points)" if place.outer else "")
        axes.tick_params(labelleft=place.outer)
        length, _ = time_axis(axes, days, 4)
        _one_spreading(page, axes, place, comparison.runs[name].spreading.days / length, band, shown[name])
    return page.figure


LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)


def quantiles(found: Spreading) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """(5, T) the 5, 25, 50, 75 and 95% quantiles of expectation at each checkpoint, interpolated within bins.

    NaN where fewer than 30 people are counted. Endless outer bins are closed at the width of their neighbour.
    """
    edges = found.edges.astype(np.float64).copy()
    inner = np.isfinite(edges)
    step = float(np.median(np.diff(edges[inner]))) if inner.sum() > 1 else 1.0
    edges[0] = edges[0] if inner[0] else edges[1] - step
    edges[-1] = edges[-1] if inner[-1] else edges[-2] + step
    result = np.full((len(LEVELS), len(found.days)), np.nan)
    for column, counts in enumerate(found.counts):
        total = float(counts.sum())
        if total >= FEWEST:
            filled = np.concatenate([[0.0], np.cumsum(counts) / total])
            keep = np.concatenate([[True], np.diff(filled) > 0])
            start = int(np.argmax(counts > 0))
            keep[0], keep[start] = start == 0, True
            result[:, column] = np.interp(LEVELS, filled[keep], edges[keep])
    return result


def _one_spreading(
    page: Sheet,
    axes: Axes,
    place: Panel,
    times: np.ndarray[tuple[int], np.dtype[np.float64]],
    band: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    shown: Look,
) -> None:
    axes.fill_between(times, band[0], band[4], color=shown.colour, alpha=0.14, lw=0)
    axes.fill_between(times, band[1], band[3], color=shown.colour, alpha=0.30, lw=0)
    axes.plot(times, band[2], color=shown.colour, lw=2.2)
    known = np.flatnonzero(np.isfinite(band[2]))
    last = int(known[-1])
    if len(known) == 1:
        axes.plot(times[known], band[2][known], color=shown.colour, marker=shown.marker, ls="none")
    texts = ("95% are below", "", "median", "", "5% are below")
    ends = [
        End(float(times[last]), float(band[i, last]), "", text, QUIET, shown.colour)
        for i, text in zip((4, 3, 2, 1, 0), texts, strict=True)
        if text
    ]
    label_ends(
        page,
        axes,
        ends,
        place.left + place.width + 6,
        place.room,
        page.top + place.top,
        page.top + place.top + place.height,
    )


def _spreading_title(
    comparison: Comparison, drawn: Mapping[str, np.ndarray[tuple[int, int], np.dtype[np.float64]]]
) -> str:
    edges = next(iter(comparison.runs.values())).spreading.edges
    finest = max(0.5, float(np.median(np.diff(edges))) / 2)
    moves = {name: _moved(band, comparison.runs[name].spreading) for name, band in drawn.items()}
    widest = max(moves, key=lambda name: abs(moves[name][0]))
    every = "every strategy" if len(drawn) > 1 else f"‘{named(comparison, widest)}’"
    shift, before, after, error = moves[widest]
    least = max(finest, *(2 * move[3] for move in moves.values()))
    if abs(shift) < least:
        return f"The median expectation moves by less than {words.number(least, 1)} points under {every}"
    way = "climbs" if shift > 0 else "sinks"
    return (
        f"The median expectation {way} {'most ' if len(drawn) > 1 else ''}under ‘{named(comparison, widest)}’: by "
        f"{words.number(abs(shift), 1)} points" + _width_said(before, after, max(finest, error))
    )


def _moved(
    band: np.ndarray[tuple[int, int], np.dtype[np.float64]], found: Spreading
) -> tuple[float, float, float, float]:
    """How far the median moved, the width of the middle half first and last, and the standard error of the move.

    A median of n people errs by 1.25 sd/√n, and the middle half of a normal curve is 1.35 sd wide.
    """
    known = np.flatnonzero(np.isfinite(band[2]))
    first, last = int(known[0]), int(known[-1])
    widths = [float(band[3, at] - band[1, at]) for at in (first, last)]
    people = [float(found.counts[at].sum()) for at in (first, last)]
    error = math.hypot(*(1.25 * width / 1.35 / math.sqrt(count) for width, count in zip(widths, people, strict=True)))
    return float(band[2, last] - band[2, first]), widths[0], widths[1], error


def _width_said(first: float, last: float, finest: float) -> str:
    half = f"middle half {words.number(first, 1)} → {words.number(last, 1)} points wide"
    if last > first + 2 * finest:
        return f"; customers grow further apart ({half})"
    if last < first - 2 * finest:
        return f"; customers grow more alike ({half})"
    return ""

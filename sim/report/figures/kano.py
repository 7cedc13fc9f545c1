"""What each attribute is to people as time goes by, by the classes of Kano's questionnaire."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sim.engine.records import KANO, Questionnaire
from sim.outcomes import listed
from sim.report import style
from sim.report.curves import FEWEST
from sim.report.figures.areas import areas, key, keyed
from sim.report.figures.parts import looks, named
from sim.report.style import BODY, INK, LEFT, PALETTE, RIGHT, WIDTH

if TYPE_CHECKING:
    from sim.experiments.compare import Comparison

Shares = NDArray[np.float64]

FILLS = {
    "must-be": style.tint(PALETTE[2], 0.55),
    "one-dimensional": style.tint(PALETTE[1], 0.5),
    "attractive": style.tint(PALETTE[3], 0.5),
    "indifferent": style.tint(PALETTE[0], 0.3),
    "reverse": style.tint(PALETTE[4], 0.55),
    "questionable": style.tint(PALETTE[0], 0.1),
}
"""The classes from the bottom up, each with its colour: what people count on lies below what delights them."""
NAMES, AXIS = 104.0, 30.0
"""Room for attributes' names, and for an axis' numbers, in points."""
TALL, BETWEEN = 84.0, 12.0
SEEN = 0.005
"""Share of people below which a class is left out of the key."""


def kano(comparison: Comparison) -> Figure:
    """For each attribute asked about (rows) and strategy (columns), the shares of people by class as time goes by."""
    kept = {name: run.kano for name, run in comparison.runs.items() if run.kano is not None}
    shares = {name: each for name, found in kept.items() if np.isfinite(each := shared(found)).any()}
    if not shares:
        return style.message("No questionnaire to draw", "Nobody was asked about any attribute, or nobody was there to ask.")
    asked = next(iter(kept.values())).attributes
    shown, count = looks(comparison), len(shares)
    wide = (WIDTH - LEFT - RIGHT - NAMES - AXIS - BETWEEN * (count - 1)) / count
    titles = [style.wrap(shown[name].label, wide - 2, BODY + 1, bold=True, most=5) for name in shares]
    seen = [part for part in FILLS if any(np.nanmax(each[..., KANO.index(part)]) >= SEEN for each in shares.values())]
    lines = keyed(seen)
    head = len(lines) * 18.0 + max(style.height_of(title, BODY + 1) for title in titles) + 12
    page = style.sheet(
        _title(comparison, {name: kept[name] for name in shares}),
        "What each attribute is to people, by their answers to Kano’s questionnaire: shares of people as time goes by.",
        f"All replications together. Moments with fewer than {FEWEST} people are not drawn.",
        head + len(asked) * (TALL + BETWEEN) - BETWEEN + 36,
    )
    key(page, lines, FILLS)
    for column, (name, each) in enumerate(shares.items()):
        left = LEFT + NAMES + AXIS + column * (wide + BETWEEN)
        tall = style.height_of(titles[column], BODY + 1)
        page.write(left, page.top + head - 6 - tall, titles[column], BODY + 1, shown[name].text, bold=True)
        for row in range(len(asked)):
            axes = page.axes(left, page.top + head + row * (TALL + BETWEEN), wide, TALL)
            classes = {part: each[:, row, KANO.index(part)] for part in FILLS}
            areas(axes, kept[name].days.astype(np.float64), classes, FILLS, (wide, TALL), column == 0, row == len(asked) - 1,
                  "people")
    for row, attribute in enumerate(asked):
        label = style.wrap(attribute if style.drawable(attribute) else f"attribute {row + 1}", NAMES - 6, BODY + 1, True, 4)
        top = page.top + head + row * (TALL + BETWEEN) + (TALL - style.height_of(label, BODY + 1)) / 2
        page.write(LEFT, top, label, BODY + 1, INK, bold=True)
    return page.figure


def worth(comparison: Comparison) -> bool:
    """Whether any run kept a questionnaire."""
    return any(run.kano is not None for run in comparison.runs.values())


def shared(found: Questionnaire) -> Shares:
    """(T, K, 6) shares of people by class; NaN where fewer than 30 people were asked."""
    people = found.counts.sum(axis=2, keepdims=True).astype(np.float64)
    return np.where(people >= FEWEST, found.counts / np.maximum(people, 1.0), np.nan)


# --- the title ----------------------------------------------------------------------------------------------


def _title(comparison: Comparison, kept: Mapping[str, Questionnaire]) -> str:
    asked = next(iter(kept.values())).attributes
    paths = {(row, name): path(found, row) for name, found in kept.items() for row in range(len(asked))}
    moved = {key: found for key, found in paths.items() if len(found) > 1}
    if not moved:
        if not all(paths.values()):
            return "Whether any attribute turns into something else for people cannot be told"
        if len(asked) > 1 or len(set(paths.values())) > 1:
            return f"Each attribute stays to most people what it was {_under(comparison, list(kept), len(kept))}"
        return f"‘{_label(asked[0])}’ stays {paths[0, next(iter(kept))][0]} {_under(comparison, list(kept), len(kept))}"
    # Among turns of about the same size, one that lasts is told first.
    row, leader = max(moved, key=lambda key: (round(_shift(kept[key[1]], key[0]), 1), moved[key][0] != moved[key][-1]))
    way = moved[row, leader]
    alike = [name for name in kept if paths[row, name] == way]
    said = f"‘{_label(asked[row])}’ turns {_turned(way)} {_under(comparison, alike, len(kept))}"
    others = {name: paths[row, name] for name in kept if name not in alike}
    back = [name for name, other in others.items() if way[0] != way[-1] in other and other[0] == other[-1] == way[0]]
    stays = [name for name in kept if paths[row, name] == way[:1]]
    beside = sorted({other for other, _ in moved if other != row})
    if back:
        return f"{said}, and back under ‘{named(comparison, back[0])}’"
    if stays:
        return f"{said}; under ‘{named(comparison, stays[0])}’ it stays {way[0]}"
    if beside:
        more = f"‘{_label(asked[beside[0]])}’ turns" if len(beside) == 1 else f"{len(beside)} others turn"
        return f"{said}; {more} too"
    return said


def _turned(way: Sequence[str]) -> str:
    """A path of classes in words: `from attractive to must-be`, `from attractive to must-be and back`."""
    if way[0] != way[-1]:
        return f"from {way[0]} to {way[-1]}"
    farthest = way[len(way) // 2]
    return f"from {way[0]} to {farthest} and back"


def _under(comparison: Comparison, names: Sequence[str], count: int) -> str:
    """Under which strategies, of `count` in all."""
    if len(names) == count > 1:
        return "under every strategy"
    if len(names) > 2:
        return f"under {len(names)} of {count} strategies"
    return "under " + listed([f"‘{named(comparison, name)}’" for name in names])


def _label(attribute: str) -> str:
    return style.short(" ".join(attribute.split()))


def path(found: Questionnaire, row: int) -> tuple[str, ...]:
    """The classes that one attribute is to most people, one after the other; empty where it cannot be told at either end.

    Moments at which no class surely leads are passed over.
    """
    known = np.flatnonzero(np.isfinite(shared(found)[:, row, 0]))
    classes = [_most(found.counts[at, row].astype(np.float64)) for at in known]
    if not classes or not classes[0] or not classes[-1]:
        return ()
    return tuple(one for one, _ in groupby(one for one in classes if one))


def _most(counts: Shares) -> str:
    """The class of most people, where its lead over the next exceeds two standard errors."""
    people = float(counts.sum())
    order = np.argsort(-counts, kind="stable")
    top, next_ = counts[order[0]] / people, counts[order[1]] / people
    error = math.sqrt(max(0.0, top + next_ - (top - next_) ** 2) / people)
    return KANO[int(order[0])] if top - next_ > 2 * error else ""


def _shift(found: Questionnaire, row: int) -> float:
    """The largest share of people, at least, who saw it otherwise than at first: half the sum of absolute changes."""
    shares = shared(found)[:, row]
    known = np.flatnonzero(np.isfinite(shares[:, 0]))
    return float(0.5 * np.abs(shares[known] - shares[known[0]]).sum(axis=1).max())

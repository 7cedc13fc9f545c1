"""Where satisfaction is lost: from what customers expect, part by part, to gap 5."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from sim.engine.records import Run, Table
from sim.market import Market, Match, Promise, Research
from sim.report import style
from sim.report.curves import Estimate, over
from sim.report.figures.parts import BEHIND, arranged, looks, named, rounded, tick_text
from sim.report.style import BODY, FAINT, INK, LEFT, LINE, NOTE, QUIET, RIGHT, WIDTH, Look, Sheet

if TYPE_CHECKING:
    from sim.experiments.compare import Comparison

Each = NDArray[np.float64]

PARTS = {
    "knowledge": "what the firm believes",
    "design": "the standard it sets",
    "delivery": "what staff deliver",
    "communication": "what it promised",
    "perception": "what is felt of it",
}
"""The parts of the gap, in the order in which they arise, and what each is about."""
BESIDE = 132.0
"""Room for the parts' names at the left, in points."""
ROW = 27.0
NUMBERS = 42.0
"""Room for a bar's number beyond its end, in points."""
SMALL = 0.05
"""Points: a smaller part is not called a loss, nor a smaller change a change."""
MOST_ATTRIBUTES = 5


def gaps(comparison: Comparison) -> Figure:
    """One waterfall a strategy: each part of the gap from where the one before left off, and what they add up to."""
    found = {name: parted(run) for name, run in comparison.runs.items()}
    kept = {name: parts for name, parts in found.items() if parts is not None}
    if not kept:
        return style.message("No gaps to draw", "This run kept nothing by attribute, or nobody made a visit.")
    weighed = {name: parts.whole for name, parts in kept.items()}
    panels, body, titles = arranged([looks(comparison)[name].label for name in kept], ROW * (len(PARTS) + 1), 0, BESIDE, 18)
    attributes = _attributes(comparison.market)
    table = _Table(comparison, kept, attributes) if attributes else None
    page = style.sheet(
        _title(comparison, weighed),
        "From what customers expect (the line at 0) to what they experience. Filled bars lose, hollow ones gain; gap 5 is "
        "satisfaction: what the parts add up to.",
        _note(comparison, single=len(next(iter(weighed.values()))) < 2),
        body + (table.height if table else 0.0),
    )
    reach = _reach(weighed, panels[0].width)
    for (name, each), place, title in zip(weighed.items(), panels, titles, strict=True):
        look, top = looks(comparison)[name], page.top + place.top
        page.write(place.left, top - 6 - style.height_of(title, BODY + 1), title, BODY + 1, look.text, bold=True)
        if place.outer:
            _names(page, top)
        axes = page.axes(place.left, top, place.width, place.height)
        _waterfall(axes, each, look, reach)
    if table:
        table.draw(page, page.top + body)
    return page.figure


def worth(comparison: Comparison) -> bool:
    """Whether gaps were kept and the market has something to part them by: else all but two are nothing."""
    market = comparison.market
    kept = any(run.by_attribute is not None for run in comparison.runs.values())
    ours = market.firms[0]
    moves = [move for strategy in market.strategies if strategy.name in comparison.runs for move in strategy.moves]
    parts = any(isinstance(move, Research | Match | Promise) for move in moves)
    return kept and (parts or any(ours.shortfall) or ours.believes != ours.quality)


# --- the numbers --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Parted:
    """The parts of the gap and the gap itself, a row a replication, over all visits: weighed over attributes, and by each."""

    whole: Each
    single: Mapping[str, Each]


def parted(run: Run) -> Parted | None:
    """The five parts and gap 5 of one strategy, (replications, 6); None where nothing was kept or nobody came."""
    if run.by_attribute is None or not len(run.by_attribute["visit"]):
        return None
    single = {name: _means(run.by_attribute, name, len(run.stays)) for name in run.market.attributes}
    whole = np.zeros_like(next(iter(single.values())))
    for weight, each in zip(run.market.weights, single.values(), strict=True):
        whole += weight * each if weight else 0.0
    return Parted(whole, single) if np.isfinite(whole).any() else None


def _means(table: Table, attribute: str, replications: int) -> Each:
    rows = (table["attribute"] == attribute) & (table["customers"].astype(np.float64) > 0)
    count = table["customers"][rows].astype(np.float64)
    place = table["replication"][rows].astype(np.int64)
    people = np.bincount(place, count, replications)
    sums = [np.bincount(place, count * table[part][rows].astype(np.float64), replications) for part in (*PARTS, "gap")]
    return np.column_stack([np.where(people > 0, total / np.where(people > 0, people, 1.0), np.nan) for total in sums])


def _attributes(market: Market) -> list[str]:
    """The attributes that a table tells apart: those that count, where they are few and more than one."""
    some = [name for name, weight in zip(market.attributes, market.weights, strict=True) if weight]
    return some if 2 <= len(some) <= MOST_ATTRIBUTES else []


# --- one waterfall ------------------------------------------------------------------------------------------


def _reach(weighed: Mapping[str, Each], width: float) -> tuple[float, float]:
    """Limits that hold every bar, its interval and its number, the same for every panel."""
    ends = [0.0]
    for each in weighed.values():
        before = 0.0
        for place in range(len(PARTS) + 1):
            part, start = over(each[:, place]), before if place < len(PARTS) else 0.0
            ends += [start, *(start + end for end in (part.mean, part.low, part.high) if np.isfinite(end))]
            before = start + part.mean
    low, high = min(ends), max(ends)
    span = max(high - low, 1.0)
    low -= (span - (high - low)) / 2
    scale = span / max(40.0, width - 2 * NUMBERS)
    return low - NUMBERS * scale, low + span + NUMBERS * scale


def _waterfall(axes: Axes, each: Each, look: Look, reach: tuple[float, float]) -> None:
    axes.set_xlim(*reach)
    axes.set_ylim(len(PARTS) + 0.5, -0.5)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.grid(True, axis="x")
    axes.tick_params(length=0)
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.xaxis.set_major_formatter(FuncFormatter(tick_text))
    axes.set_xlabel("points of satisfaction")
    axes.axvline(0, color=QUIET, lw=1.0)
    axes.axhline(len(PARTS) - 0.5, color=FAINT, lw=0.8)
    before = 0.0
    for place in range(len(PARTS) + 1):
        part, total = over(each[:, place]), place == len(PARTS)
        before = 0.0 if total else before
        _bar(axes, place, before, part, INK if total else look.colour, INK if total else look.text, total)
        before += part.mean
        if place < len(PARTS) - 1:
            axes.plot([before, before], [place + 0.31, place + 0.69], color=QUIET, lw=0.8, solid_capstyle="butt")


def _bar(axes: Axes, place: int, start: float, part: Estimate, colour: str, text: str, total: bool) -> None:
    """A bar from `start`: filled for a loss, hollow for a gain, a thin line for nothing; its interval and its number."""
    end, loses = start + part.mean, part.mean < 0
    face = colour if loses or total else style.PAPER
    axes.barh([place], [part.mean], 0.62, left=[start], color=face, edgecolor=colour, linewidth=1.2, zorder=2)
    ends = [end]
    if np.isfinite(part.low) and part.high > part.low:
        ends += [start + part.low, start + part.high]
        axes.plot(ends[1:], [place, place], color=QUIET, lw=1.4, zorder=3, solid_capstyle="butt")
    said = rounded(part, signed=True)
    left, right = axes.get_xlim()
    air = 4 * (right - left) / (axes.get_position().width * WIDTH)
    at = min(ends) - air if loses else max(ends) + air
    axes.text(at, place, said, ha="right" if loses else "left", va="center", fontsize=BODY, color=text,
              fontweight="bold" if total else "normal", bbox=BEHIND, zorder=3)


def _names(page: Sheet, top: float) -> None:
    """The parts' names beside the first panel of a row, and what each is about."""
    for place, (part, about) in enumerate([*PARTS.items(), ("gap 5", "satisfaction")]):
        down = top + ROW * (place + 0.5) - LINE * (BODY + NOTE) / 2
        page.write(LEFT, down, part, BODY, INK, bold=True)
        page.write(LEFT, down + BODY * LINE, about, NOTE, QUIET)


def _note(comparison: Comparison, single: bool) -> str:
    note = "Means over all visits, weighed over attributes as customers weigh them. "
    note += "One replication: no intervals." if single else "Lines on the bars: 95% intervals over replications."
    if any(weight < 0 for weight in comparison.market.weights):
        note += " For what customers would rather not have, more of it is a loss."
    return note


# --- the table of attributes --------------------------------------------------------------------------------


class _Table:
    """For each attribute and strategy, the part that loses most: a small table below the waterfalls."""

    head = 26.0

    def __init__(self, comparison: Comparison, kept: Mapping[str, Parted], attributes: Sequence[str]) -> None:
        market, shown = comparison.market, looks(comparison)
        weight = dict(zip(market.attributes, market.weights, strict=True))
        wide = (WIDTH - LEFT - RIGHT - BESIDE) / len(kept) - 8
        self.columns = [(style.wrap(shown[name].label, wide, BODY, bold=True, most=5), shown[name].text) for name in kept]
        labels = [name if style.drawable(name) else f"attribute {place + 1}" for place, name in enumerate(attributes)]
        self.rows = [style.wrap(label, BESIDE - 8, BODY, bold=True, most=3) for label in labels]
        self.cells = [
            [style.wrap(largest(parts.single[name], np.sign(weight[name])), wide, BODY) for parts in kept.values()]
            for name in attributes
        ]
        self.titles = max(style.height_of(text, BODY) for text, _ in self.columns) + 6
        self.heights = [max(style.height_of(text, BODY) for text in (row, *cells)) + 8
                        for row, cells in zip(self.rows, self.cells, strict=True)]
        self.height = self.head + self.titles + sum(self.heights)

    def draw(self, page: Sheet, top: float) -> None:
        """Write the table from here down."""
        page.write(LEFT, top + 4, "What loses most, attribute by attribute (points)", BODY + 1, INK, bold=True)
        step = (WIDTH - LEFT - RIGHT - BESIDE) / len(self.columns)
        down = top + self.head
        for place, (text, colour) in enumerate(self.columns):
            page.write(LEFT + BESIDE + place * step, down, text, BODY, colour, bold=True)
        down += self.titles
        for row, cells, tall in zip(self.rows, self.cells, self.heights, strict=True):
            page.line((LEFT, WIDTH - RIGHT), (down - 2, down - 2), FAINT)
            page.write(LEFT, down + 2, row, BODY, INK, bold=True)
            for place, text in enumerate(cells):
                page.write(LEFT + BESIDE + place * step, down + 2, text, BODY, INK if "−" in text else QUIET)
            down += tall


def largest(each: Each, sign: float = 1.0) -> str:
    """The part of one attribute that loses most, `delivery −4.0`; two where they cannot be told apart; or that none does."""
    parts = list(PARTS)
    worst, near = _worst(sign * each[:, : len(parts)])
    if worst is None:
        return "one replication" if len(each) < 2 else "nothing for sure"
    others = [parts[place] for place in near]
    return f"{' or '.join([parts[worst[0]], *others[:1]])} {rounded(worst[1], signed=True)}"


def _worst(each: Each) -> tuple[tuple[int, Estimate] | None, list[int]]:
    """The part with the largest loss where that is sure to be one, and those that may lose as much, nearest first."""
    tries = each.shape[1]
    found = [over(column, tries) for column in each.T]
    place = min(range(tries), key=lambda at: (np.inf if np.isnan(found[at].mean) else found[at].mean, at))
    if not found[place].high < -SMALL / 10 or found[place].mean > -SMALL:
        return None, []
    apart = {at: over(each[:, at] - each[:, place], tries) for at in range(tries) if at != place}
    near = sorted((at for at, gap in apart.items() if not gap.above_zero), key=lambda at: apart[at].mean)
    return (place, found[place]), near


# --- the title ----------------------------------------------------------------------------------------------


def _title(comparison: Comparison, weighed: Mapping[str, Each]) -> str:
    parts, first = list(PARTS), next(iter(weighed))
    known, base = named(comparison, first), weighed[first][:, : len(PARTS)]
    if len(base) < 2:
        return "One replication cannot tell where satisfaction is lost"
    worst, near = _worst(base)
    if worst is None:
        lead = f"Under ‘{known}’ nothing is lost for sure in any part of the gap"
    elif near:
        lead = f"Under ‘{known}’ {parts[worst[0]]} or {parts[near[0]]} loses most: which of them cannot be told"
    else:
        lead = f"Under ‘{known}’ most is lost in {parts[worst[0]]}: {rounded(worst[1], signed=True)} points"
    return lead + _changed(comparison, weighed, first, worst[0] if worst and not near else -1)


def _changed(comparison: Comparison, weighed: Mapping[str, Each], first: str, told: int) -> str:
    """The largest change that a strategy makes in any part, where it is sure; `told`: the part the title has named."""
    others = [name for name in weighed if name != first]
    if not others:
        return ""
    base, tries = weighed[first], len(others) * len(PARTS)
    moved = {(name, at): over(weighed[name][:, at] - base[:, at], tries) for name in others for at in range(len(PARTS))}
    sure = {key: found for key, found in moved.items()
            if (found.low > 0 or found.high < 0) and abs(found.mean) >= SMALL}
    if not sure:
        return "; whether any strategy changes a part cannot be told"
    name, at = max(sure, key=lambda key: abs(sure[key].mean))
    before, after = (rounded(over(each[:, at]), signed=True) for each in (base, weighed[name]))
    if at == told:
        return f"; ‘{named(comparison, name)}’ makes that {after}"
    return f"; ‘{named(comparison, name)}’ takes {list(PARTS)[at]} from {before} to {after}"


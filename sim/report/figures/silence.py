"""Who leaves having spoken up, who in silence, who stays, who never came; and when charts would have shown what is wrong."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from sim.engine.records import Run
from sim.market import begins_whole, chooses
from sim.report import style, words
from sim.report.curves import Estimate, over
from sim.report.figures.parts import looks, named, rounded, tick_text
from sim.report.style import BODY, FAINT, INK, LEFT, NOTE, QUIET, RIGHT, WIDTH, Look, Sheet
from sim.report.words import Alarm

if TYPE_CHECKING:
    from sim.experiments.compare import Comparison

Each = NDArray[np.float64]

NEVER = "never came"
FILLS = {"left in silence": INK, "left having spoken up": "#8f979f", "stay": "#e3e6e9", NEVER: style.PAPER}
"""What becomes of people, from the left, each with its grey: what nobody hears is darkest."""
NAMES, BAR, ROW = 140.0, 17.0, 52.0
CHARTS, WORDS, RINGS, APART = 272.0, 64.0, 86.0, 24.0
"""Room for the charts at the right: all of it, the words before a mark, those after it, and air before all."""
KEY = 24.0


def silence(comparison: Comparison) -> Figure:
    """Of every 100 people, what becomes of them under each strategy; and when charts ring, where kept."""
    alarms = words.alarms(comparison)
    found = {name: departed(run) for name, run in comparison.runs.items()}
    names = {name: style.wrap(looks(comparison)[name].label, NAMES - 10, BODY + 1, bold=True, most=4) for name in found}
    heights = [max(ROW, style.height_of(text, BODY + 1) + 14) for text in names.values()]
    page = style.sheet(
        _title(comparison, found),
        f"What becomes of every 100 {_people(comparison)} by the end."
        + (" Right: days until a chart of complaints and one of survey answers would have rung." if alarms else ""),
        _note(comparison, alarms),
        KEY + sum(heights) + 36,
    )
    _key(page, _parts(comparison))
    width = WIDTH - LEFT - RIGHT - NAMES - (CHARTS + APART if alarms else 0.0)
    bars = _blank(page, (LEFT + NAMES, width), heights, f"of every 100 {_people(comparison)}")
    bars.set_xlim(0, 100)
    middles = [sum(heights[:place]) + tall / 2 for place, tall in enumerate(heights)]
    for middle, (name, each) in zip(middles, found.items(), strict=True):
        tall = style.height_of(names[name], BODY + 1)
        page.write(LEFT, page.top + KEY + middle - tall / 2, names[name], BODY + 1, looks(comparison)[name].text, bold=True)
        _stacked(bars, page, each, middle, width)
    if alarms:
        _charts(page, comparison, alarms, heights, middles)
    return page.figure


def worth(comparison: Comparison) -> bool:
    """Whether anybody complains: else all who leave are silent. Not where people choose: who went elsewhere has not left."""
    return not chooses(comparison.market) and any(i.outcome == "complaints" and i.mean > 0 for i in comparison.intervals)


def departed(run: Run) -> dict[str, Each]:
    """What becomes of all people, (replications,) shares that sum to 1, in the order of FILLS.

    Without prospects all people are starting customers, and nobody never came.
    """
    stay, silent, never = run.outcomes["retention"], run.outcomes["silent_leavers"], words.never_came(run)
    return {"left in silence": silent, "left having spoken up": np.maximum(0.0, 1 - stay - silent - never), "stay": stay,
            NEVER: never}


def _people(comparison: Comparison) -> str:
    """Whose fate is drawn."""
    return "starting customers" if begins_whole(comparison.market) else "people"


def _parts(comparison: Comparison) -> list[str]:
    """What may become of people in this market."""
    return [text for text in FILLS if text != NEVER or not begins_whole(comparison.market)]


# --- the bars -----------------------------------------------------------------------------------------------


def _blank(page: Sheet, place: tuple[float, float], heights: Sequence[float], label: str) -> Axes:
    axes = page.axes(place[0], page.top + KEY, place[1], sum(heights))
    axes.set_ylim(sum(heights), 0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.grid(True, axis="x")
    axes.tick_params(length=0)
    axes.xaxis.set_major_formatter(FuncFormatter(tick_text))
    axes.set_xlabel(label)
    return axes


def _key(page: Sheet, parts: Sequence[str]) -> None:
    across = LEFT
    for text in parts:
        page.mark(across + 5, page.top + 0.58 * BODY, "s", FILLS[text], QUIET)
        page.write(across + 15, page.top, text, BODY, INK)
        across += 34 + style.width_of(text, BODY)


def _stacked(axes: Axes, page: Sheet, each: Mapping[str, Each], middle: float, width: float) -> None:
    """One bar: each number inside its part where it finds room, else in words below."""
    start, outside = 0.0, []
    for text, fill in FILLS.items():
        found = over(100 * each[text])
        size = 0.0 if math.isnan(found.mean) else found.mean
        said = rounded(found)
        axes.barh([middle], [size], BAR, left=[start], color=fill, edgecolor=FAINT if text == NEVER and size else style.PAPER,
                  linewidth=0.8)
        if style.width_of(said, BODY, bold=True) + 2 < size / 100 * width:
            axes.text(start + size / 2, middle, said, ha="center", va="center", fontsize=BODY, fontweight="bold",
                      color=style.PAPER if fill == INK else INK)
        elif size > 0:
            outside.append(f"{text}: {said}")
        start += size
    below = style.wrap(", ".join(outside), width, NOTE, most=1)
    page.write(LEFT + NAMES, page.top + KEY + middle + BAR / 2 + 2, below, NOTE, QUIET)


# --- the charts ---------------------------------------------------------------------------------------------


def _charts(
    page: Sheet, comparison: Comparison, alarms: Mapping[str, Alarm], heights: Sequence[float], middles: Sequence[float]
) -> None:
    """When the chart of complaints and that of the survey ring, one below the other, beside each strategy's bar."""
    left = WIDTH - RIGHT - CHARTS
    watch = comparison.market.watch
    last = comparison.market.horizon - (watch.until if watch else 0.0)
    axes = _blank(page, (left + WORDS, CHARTS - WORDS - RINGS), heights, "days until it rings")
    ends = [end for alarm in alarms.values() for each in (alarm.complaints, alarm.survey) for end in (each.mean, each.high)]
    axes.set_xlim(0, min(last, 1.1 * max([1.0, *(end for end in ends if math.isfinite(end))])))
    axes.xaxis.set_major_locator(MaxNLocator(3))
    page.write(left, page.top, "a chart of", BODY, INK, bold=True)
    page.write(left + WORDS, page.top, "rings after so many days", BODY, INK, bold=True)
    for middle, (name, alarm) in zip(middles, alarms.items(), strict=True):
        look = looks(comparison)[name]
        for row, (text, each) in enumerate((("complaints", alarm.complaints), ("survey", alarm.survey))):
            down = middle - 10 + 20 * row
            page.write(left, page.top + KEY + down - NOTE * 0.5, text, NOTE, QUIET)
            said = _ring(axes, _within(each, last), alarm.never[row], down, look, hollow=row == 1)
            page.write(WIDTH - RIGHT, page.top + KEY + down - NOTE * 0.5, said, NOTE, look.text, align="right")


def _ring(axes: Axes, each: Estimate, never: float, at: float, look: Look, hollow: bool) -> str:
    """One mark with its interval, and what is written behind it."""
    axes.axhline(at, color=FAINT, lw=0.6, zorder=1)
    if never == 1:
        return "never rings"
    sure = math.isfinite(each.low) and each.high > each.low
    if sure:
        axes.plot([each.low, each.high], [at, at], color=look.colour, lw=2.0, zorder=3, solid_capstyle="butt")
    axes.plot([each.mean], [at], marker="o", ms=7, mfc=style.PAPER if hollow else look.colour, mec=look.colour, mew=1.6,
              ls="none", zorder=4, clip_on=False)
    mean, low, high = (words.number(end, 0) for end in (each.mean, each.low, each.high))
    return f"{mean} ({low} to {high})" if sure else mean


def _within(each: Estimate, last: float) -> Estimate:
    """No chart rings before it starts or after the end, and no interval says so."""
    if not math.isfinite(each.low):
        return each
    return Estimate(each.mean, max(0.0, each.low), min(last, each.high))


def _note(comparison: Comparison, alarms: Mapping[str, Alarm]) -> str:
    count = words.replications_of(comparison)
    note = f"Means over {count:,} replications." if count > 1 else "One replication: no intervals."
    if any(alarm.never[0] > 0 or alarm.never[1] > 0 for alarm in alarms.values()):
        note += " Where a chart does not ring in a replication, the days to the end are counted."
    if alarms and count > 1:
        note += " In brackets: 95% intervals."
    return note


# --- the title ----------------------------------------------------------------------------------------------


def _title(comparison: Comparison, found: Mapping[str, Mapping[str, Each]]) -> str:
    first, others = words.baseline(comparison), list(comparison.runs)[1:]
    known = named(comparison, first)
    if words.replications_of(comparison) < 2:
        return "One replication cannot tell who leaves in silence"
    if all(float(np.nanmin(each["stay"] + each[NEVER])) >= 1.0 for each in found.values()):
        return "Nobody leaves in this scenario, in silence or not"
    more = {name: over(each["left in silence"] - each["left having spoken up"], len(found)) for name, each in found.items()}
    every = "under every strategy" if others else f"under ‘{known}’"
    if all(each.above_zero for each in more.values()):
        lead = f"Most who leave say nothing {every}"
    elif all(each.high < 0 for each in more.values()):
        lead = f"Most who leave have spoken up {every}"
    else:
        quiet = over(100 * found[first]["left in silence"])
        who = "customers" if begins_whole(comparison.market) else "people"
        lead = f"Of every 100 {who}, {rounded(quiet)} leave ‘{known}’ in silence"
    return lead + _fewer(comparison, first, others, short=lead.startswith("Of every"))


def _fewer(comparison: Comparison, first: str, others: Sequence[str], short: bool) -> str:
    """How many fewer leave in silence than under the baseline, where that is sure; short: after a title that says so."""
    apart = {name: words.difference_of(comparison, name, first, "silent_leavers") for name in others}
    sure = {name: each for name, each in apart.items() if each is not None and each.decided}
    if not sure:
        return "; whether any strategy changes how many do cannot be told" if others else ""
    name = max(sure, key=lambda one: abs(sure[one].mean))
    size = words.digits(100 * abs(sure[name].mean), 100 * words.half_width(sure[name]))
    way = "fewer" if sure[name].mean < 0 else "more"
    who, known = named(comparison, name), named(comparison, first)
    if short:
        return f"; {size} {way} do with ‘{who}’"
    everybody = "customers" if begins_whole(comparison.market) else "people"
    return f"; of every 100 {everybody}, {size} {way} leave in silence with ‘{who}’ than with ‘{known}’"

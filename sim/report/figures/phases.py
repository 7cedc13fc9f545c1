"""The phase map: which strategy wins where, by how much, and where it cannot be told."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FixedFormatter, FixedLocator, MaxNLocator, NullFormatter, NullLocator

from sim.experiments.phases import Phases, crossings, importance, spaced_by_ratio
from sim.experiments.sweep import Floats, Spot, Sweep
from sim.experiments.verdict import Words, plain
from sim.report import style
from sim.report.figures.parts import End, frame, label_ends
from sim.report.style import BODY, FAINT, INK, LEFT, NOTE, PAPER, QUIET, RIGHT, WIDTH, Look, Sheet
from sim.rules.traits import TRAITS
from sim.story.over import with_unit

PALE, STRONG = 0.22, 0.62
"""How strong a winner's colour is where its margin is smallest and where it is largest."""
KEY, UP = 168.0, 66.0
"""Room for the key at the right and, at the least, for what is written up the left side, in points."""
OPEN_FACE, OPEN_HATCH = "#f1f2f4", "#b4bac0"
FINE = 24
"""Steps between two neighbouring values along which differences are read off straight lines, for boundaries."""
MOST_PANELS, BESIDE = 6, 3
MOST_GROUPS: Final = 8
"""Up to so many values of a key are drawn as groups of points."""
MARKS: Final = {"line": "equally good, between points", "dash": "95% limits of that", "ring": "the story as written"}
"""What lines and rings on a map mean."""
_MEANINGS = {f"psyche.{trait.key}": trait.meaning.split(";")[0].split(":")[0] for trait in TRAITS}


@dataclass(frozen=True)
class Scale:
    """One axis of a map: where its values are drawn (their logarithms where by ratio), the cells' edges, and what is written.

    groups: the values, where they stand in groups one beside the other rather than where their numbers are.
    """

    at: Floats
    edges: Floats
    ticks: tuple[str, ...]
    title: str
    numeric: bool
    ratio: bool
    groups: tuple[float, ...] = ()

    def place(self, number: float) -> float:
        """Where a number of this axis is drawn; nowhere, NaN, if there are groups and it is none of them."""
        if self.groups:
            return float(self.groups.index(number)) if number in self.groups else math.nan
        return math.log(number) if self.ratio and number > 0 else number


def phases(found: Sweep, own: Sequence[float | None]) -> Figure:
    """What wins where. own: where the story as written lies on each axis, None where that is no number."""
    axes, grid = found.design.axes, found.design.kind == "grid"
    if len(axes) == 1:
        return _lines(found, own)
    if grid and len(axes) == 2:
        return _maps(found, own)
    if grid and len(axes) == 3 and axes[2].count <= MOST_PANELS:
        return _maps(found, own)
    return _scatter(found, own)


# --- what all share -----------------------------------------------------------------------------------------


def _looks(found: Sweep) -> dict[str, Look]:
    """How each strategy is drawn: by its place in the story, as in every other figure."""
    order = [one.name for one in found.market.strategies]
    return {name: style.look(name, order.index(name)) for name in found.strategies}


def _told(found: Sweep) -> Phases:
    """The sentences of a sweep, with strategies called as they can be drawn."""
    looks = _looks(found)
    return Phases(found, lambda name: f"‘{style.short(looks[name].label)}’")


def _title(found: Sweep) -> str:
    """What wins where: along one key, where it changes if it does so once, else how often each wins."""
    told = _told(found)
    changes = crossings(found)
    if len(changes) == 1 and len(found.wins) == 2:
        return told.change(changes[0])
    return told.headline()


def _turning(found: Sweep) -> str:
    """Which key turns the answer, before what else a subtitle says; nothing where a name of it cannot be drawn."""
    text = _told(found).turning()
    return f"{text} " if text and style.drawable(text) else ""


def _unit(found: Sweep, words: Words) -> str:
    currency = found.market.currency
    return words.unit if style.drawable(currency) else words.unit.replace(currency, "money")


def _note(found: Sweep) -> str:
    market = found.market
    sure = "what wins is judged at each point by 95% intervals that hold for all its pairs of strategies" \
        if market.replications > 1 else "one replication, so nothing is decided"
    missing = "" if found.complete else f" Interrupted: {len(found.numbers):,} of {found.design.count:,} points are drawn."
    return (f"The same {market.people:,} people and luck at every point, {market.replications:,} "
            f"replication{'s' * (market.replications != 1)}; {sure}.{missing}")


def _label(found: Sweep, axis: int) -> str:
    """What an axis is called, what that means, and its unit."""
    told = found.design.axes[axis]
    label = " ".join(told.label.split())
    label = label if style.drawable(label) else f"key {axis + 1}"
    meaning = "" if told.name else _MEANINGS.get(told.keys[0] if len(told.keys) == 1 else "", "")
    unit = f", {told.unit}" if told.unit and told.unit not in label.split() else ""
    return f"{label}{f': {meaning}' if meaning else ''}{unit}"


def _scale(found: Sweep, axis: int) -> Scale:
    """The values of one axis of a grid, in order."""
    told = found.design.axes[axis]
    texts = [told.value(place) for place in range(told.count)]
    numbers = [told.number(text) for text in texts]
    known = [number for number in numbers if number is not None]
    numeric = len(known) == len(texts)
    where = np.array(known if numeric else range(len(texts)), dtype=np.float64)
    ratio = numeric and spaced_by_ratio(told, where)
    at = np.log(where) if ratio else where
    middles = (at[1:] + at[:-1]) / 2.0 if len(at) > 1 else np.array([])
    first, last = (at[1] - at[0], at[-1] - at[-2]) if len(at) > 1 else (1.0, 1.0)
    edges = np.concatenate([[at[0] - first / 2], middles, [at[-1] + last / 2]])
    ticks = tuple(plain_number(number) if numeric and number is not None else text
                  for text, number in zip(texts, numbers, strict=True))
    ticks = tuple(tick if style.drawable(tick) else f"value {place + 1}" for place, tick in enumerate(ticks))
    return Scale(at, edges, ticks, _label(found, axis), numeric, ratio)


def plain_number(number: float) -> str:
    """A number for an axis: three digits that count, a minus that is one."""
    return f"{number:.3g}".replace("-", "−") if abs(number) < 100_000 else f"{number:,.0f}"


def _margin(found: Sweep, one: Spot, words: Words) -> str:
    """A margin with the digits that the margins of a map deserve, the same for all of them."""
    told = [each.margin for each in found.spots if each.state == "won"]
    half = float(np.median([(each.high - each.low) / 2 for each in told])) * words.factor
    largest = max(each.mean for each in told) * words.factor
    return plain(one.margin.mean * words.factor, max(half, largest / 100))


def _most(found: Sweep) -> float:
    return max((one.margin.mean for one in found.spots if one.state == "won"), default=0.0)


def _strength(one: Spot, most: float) -> float:
    return PALE + (STRONG - PALE) * (one.margin.mean / most if most > 0 else 1.0)


# --- maps ---------------------------------------------------------------------------------------------------


def _maps(found: Sweep, own: Sequence[float | None]) -> Figure:
    """Cells coloured by winner, darker where it wins by more; one map, or one for each value of a third key."""
    across, up, words = _scale(found, 0), _scale(found, 1), Words(found.outcome, found.market)
    third = found.design.axes[2] if len(found.design.axes) > 2 else None
    panels = 1 if third is None else third.count
    columns = min(panels, BESIDE)
    rows = -(-panels // columns)
    side = _side(up)
    room = WIDTH - LEFT - RIGHT - side - KEY
    gap, head = 14.0, 0.0 if third is None else 20.0
    wide = (room - gap * (columns - 1)) / columns
    tall = min(380.0, max(150.0 if panels == 1 else 110.0, min(46.0, wide / len(across.at)) * len(up.at)))
    tick_room = 18.0 if across.numeric else 14 + max(style.height_of(style.wrap(tick, wide / len(across.at) - 4, NOTE, most=3),
                                                                   NOTE) for tick in across.ticks)
    name = style.wrap(across.title, room, BODY, most=2)
    foot = tick_room + style.height_of(name, BODY) + 4
    key = _key_height(found, words)
    body = max(rows * (tall + head + tick_room + 6) - tick_room - 6 + foot, key)
    page = style.sheet(_title(found), _subtitle(found, words), _note(found), body)
    at, drawn = _own((across, up), own), set[str]()
    for panel in range(panels):
        row, column = divmod(panel, columns)
        left, top = LEFT + side + column * (wide + gap), page.top + head + row * (tall + head + tick_room + 6)
        axes = page.axes(left, top, wide, tall)
        chosen = None if third is None else third.value(panel)
        if third is not None:
            label = third.label if style.drawable(third.label) else "key 3"
            page.write(left + wide / 2, top - 16, style.wrap(f"{label} {chosen}", wide, BODY, bold=True, most=1), BODY, INK,
                       bold=True, align="center")
        _cells(axes, found, across, up, chosen, wide, tall, words)
        _ticks(axes, across, up, wide, tall, column == 0)
        if across.numeric and up.numeric:
            drawn |= _boundaries(axes, found, across, up, chosen)
        if at is not None and (third is None or third.number(chosen) == own[2]):
            axes.plot(*at, "o", ms=17, mfc="none", mec=INK, mew=1.3, zorder=5)
            drawn.add("ring")
    page.write(LEFT + side + room / 2, page.top + rows * (tall + head + tick_room + 6) - 6, name, BODY, QUIET, align="center")
    _up_title(page, up.title, page.top + head, rows * (tall + head + tick_room + 6) - head - tick_room - 6)
    _key(page, found, words, WIDTH - RIGHT - KEY + 20, page.top + head, drawn)
    return page.figure


def _subtitle(found: Sweep, words: Words) -> str:
    return (f"{_turning(found)}Colour: the strategy with the {words.way[:-2]}est {words.name}; darker: by more. Numbers: how "
            f"far it is ahead of the next best, {_unit(found, words)}.")


def _side(up: Scale) -> float:
    """Room at the left for the values of the second key and what it is called."""
    return max(UP, 3 * NOTE * 1.2 + 14 + max(style.width_of(line, NOTE) for tick in up.ticks
                                             for line in style.wrap(tick, UP, NOTE, most=2).split("\n")))


def _up_title(page: Sheet, text: str, top: float, tall: float) -> None:
    told, size = style.wrap(text, max(tall, 120.0), BODY), BODY
    if told.count("\n") > 1:
        told, size = style.wrap(text, max(tall, 120.0), NOTE, most=3), NOTE
    page.figure.text((LEFT + 2) / WIDTH, 1 - (top + tall / 2) / page.height, told, fontsize=size, color=QUIET, rotation=90,
                     va="center", ha="left", multialignment="center", linespacing=1.2)


def _table(found: Sweep, chosen: str | None) -> dict[tuple[str, str], int]:
    """The place of each finished point, by its first two values; of one value of a third key."""
    told = {}
    for place, number in enumerate(found.numbers):
        values = found.design.point(number)
        if chosen is None or values[2] == chosen:
            told[values[0], values[1]] = place
    return told


def _cells(axes: Axes, found: Sweep, across: Scale, up: Scale, chosen: str | None, wide: float, tall: float,
           words: Words) -> None:
    looks, most, places = _looks(found), _most(found), _table(found, chosen)
    axes.set_xlim(across.edges[0], across.edges[-1])
    axes.set_ylim(up.edges[0], up.edges[-1])
    axes.grid(False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    first, second = found.design.axes[:2]
    scale_x, scale_y = wide / (across.edges[-1] - across.edges[0]), tall / (up.edges[-1] - up.edges[0])
    for column in range(first.count):
        for row in range(second.count):
            place = places.get((first.value(column), second.value(row)))
            if place is None:
                continue
            one = found.spots[place]
            left, right, low, high = across.edges[column], across.edges[column + 1], up.edges[row], up.edges[row + 1]
            face = style.tint(looks[str(one.best)].colour, _strength(one, most)) if one.state == "won" else \
                OPEN_FACE if one.state == "open" else PAPER
            edge = PAPER if one.state in ("won", "open") else FAINT
            axes.add_patch(Rectangle((left, low), right - left, high - low, facecolor=face, edgecolor=edge, lw=0.8))
            if one.state == "open":
                axes.add_patch(Rectangle((left, low), right - left, high - low, facecolor="none", edgecolor=OPEN_HATCH, lw=0,
                                         hatch="////"))
            text = _margin(found, one, words) if one.state == "won" else {"open": "?", "same": "=", "unknown": "–"}[one.state]
            if style.width_of(text, NOTE) + 6 <= (right - left) * scale_x and (high - low) * scale_y >= NOTE * 1.5:
                axes.text((left + right) / 2, (low + high) / 2, text, fontsize=NOTE, ha="center", va="center", color=INK,
                          zorder=4, path_effects=[withStroke(linewidth=2.5, foreground=face)])


def _ticks(axes: Axes, across: Scale, up: Scale, wide: float, tall: float, first: bool) -> None:
    """Values at the middle of their cells, as many as there is room for."""
    axes.tick_params(length=0, pad=3)
    each = wide / len(across.at)
    texts = [tick if across.numeric else style.wrap(tick, each - 4, NOTE, most=3) for tick in across.ticks]
    _tick(axes.xaxis, across.at, texts, [max(style.width_of(line, BODY) for line in text.split("\n")) + 8 for text in texts],
          wide / (across.edges[-1] - across.edges[0]))
    shown = [style.wrap(tick, UP, NOTE, most=2) if not up.numeric else tick for tick in up.ticks]
    _tick(axes.yaxis, up.at, shown if first else [""] * len(shown), [BODY * 1.3 * (text.count("\n") + 1) for text in shown],
          tall / (up.edges[-1] - up.edges[0]))
    if not across.numeric:
        axes.tick_params(axis="x", labelsize=NOTE)
    if not up.numeric:
        axes.tick_params(axis="y", labelsize=NOTE)


def _tick(axis: Axis, at: Floats, texts: Sequence[str], needs: Sequence[float], scale: float) -> None:
    """Tick texts that do not overlap: from the first on, those that leave room."""
    kept, end = list[int](), -math.inf
    for place, x in enumerate(at):
        if x * scale - needs[place] / 2 >= end:
            kept.append(place)
            end = x * scale + needs[place] / 2
    axis.set_major_locator(FixedLocator([float(at[place]) for place in kept]))
    axis.set_major_formatter(FixedFormatter([texts[place] for place in kept]))
    axis.set_minor_locator(NullLocator())
    axis.set_minor_formatter(NullFormatter())


def _boundaries(axes: Axes, found: Sweep, across: Scale, up: Scale, chosen: str | None) -> set[str]:
    """Where two strategies are equal, read off straight lines between points, and the limits between which that is not sure.

    Returns which marks of the key were drawn.
    """
    if min(len(across.at), len(up.at)) < 2:
        return set()
    places, (first, second) = _table(found, chosen), found.design.axes[:2]
    gains = np.full((len(up.at), len(across.at), *found.gains.shape[1:]), np.nan)
    for row in range(second.count):
        for column in range(first.count):
            place = places.get((first.value(column), second.value(row)))
            if place is not None and found.spots[place].state != "same":
                gains[row, column] = found.gains[place]
    x, fine = _finer(across.at, gains, 1)
    y, fine = _finer(up.at, fine, 0)
    count = len(found.strategies)
    others = [[b for b in range(count) if b != a] for a in range(count)]
    means = np.stack([fine[:, :, a, others[a], 0].min(axis=-1) for a in range(count)])
    sure = np.stack([fine[:, :, a, others[a], 1].min(axis=-1) for a in range(count)])
    drawn: set[str] = set()
    open_ = np.ma.masked_invalid(sure.max(axis=0))
    if open_.count() and open_.min() < 0.0 < open_.max():
        axes.contourf(x, y, open_, levels=[float(open_.min()) - 1.0, 0.0], colors=[PAPER], alpha=0.55, zorder=2)
        axes.contour(x, y, open_, levels=[0.0], colors=[INK], linewidths=0.7, linestyles=[(0, (3, 2))], zorder=3)
        drawn.add("dash")
    for a in range(count):
        here = np.ma.masked_invalid(means[a])
        if here.count() and here.min() < 0.0 < here.max():
            axes.contour(x, y, here, levels=[0.0], colors=[INK], linewidths=1.6, zorder=3)
            drawn.add("line")
    return drawn


def _finer(at: Floats, values: Floats, along: int) -> tuple[Floats, Floats]:
    """Values on straight lines between neighbouring points of one axis."""
    share = np.arange((len(at) - 1) * FINE + 1) / FINE
    left = np.minimum(share.astype(np.int64), len(at) - 2)
    shape = [1] * values.ndim
    shape[along] = len(share)
    weight = (share - left).reshape(shape)
    low, high = np.take(values, left, axis=along), np.take(values, left + 1, axis=along)
    fine = at[left] + (at[left + 1] - at[left]) * (share - left)
    return fine, low * (1.0 - weight) + high * weight


def _own(scales: Sequence[Scale], own: Sequence[float | None]) -> tuple[float, float] | None:
    """Where the story as written is drawn; None where it lies beyond the map."""
    x, y = own[0], own[1]
    if x is None or y is None or not (scales[0].numeric and scales[1].numeric):
        return None
    at = scales[0].place(x), scales[1].place(y)
    inside = all(scale.edges[0] <= place <= scale.edges[-1] for scale, place in zip(scales, at, strict=True))
    return at if inside else None


# --- the key ------------------------------------------------------------------------------------------------


def _entries(found: Sweep, words: Words) -> list[tuple[str, str, str, str]]:
    """What the key says: a sort of mark, its colour, what it stands for, and what there is to say of it."""
    looks, total = _looks(found), len(found.spots)
    told = []
    for name, count in found.wins.items():
        most = max((one for one in found.spots if one.state == "won" and one.best == name), key=lambda one: one.margin.mean)
        told.append(("chip", looks[name].colour, looks[name].label,
                     f"wins at {count:,} of {total:,}, by up to {_margin(found, most, words)}"))
    for state, mark, said in (("open", "hatch", "cannot be told"), ("same", "same", "all but equal"),
                              ("unknown", "none", "nobody came")):
        if any(one.state == state for one in found.spots):
            told.append((mark, INK, said, f"{sum(one.state == state for one in found.spots):,} of {total:,}"))
    return told


def _key_height(found: Sweep, words: Words) -> float:
    names = sum(style.height_of(style.wrap(name, KEY - 44, BODY, bold=True, most=3), BODY)
                + style.height_of(style.wrap(said, KEY - 44, NOTE), NOTE) + 8 for _, _, name, said in _entries(found, words))
    return names + 18.0 * len(MARKS) + 14


def _key(page: Sheet, found: Sweep, words: Words, left: float, top: float, drawn: set[str],
         dots: bool = False) -> None:
    """Beside the map: the strategies by how often they win, and what else is drawn."""
    for mark, colour, name, said in _entries(found, words):
        if dots:
            won = mark == "chip"
            marker = next(look.marker for look in _looks(found).values() if look.label == name) if won else "o"
            page.mark(left + 6, top + 6.5, marker, colour if won else "none", PAPER if won else QUIET)
        else:
            _chip(page, left, top, mark, colour)
        if mark in ("same", "none") and not dots:
            page.write(left + 6, top + 0.5, "=" if mark == "same" else "–", NOTE, INK, align="center")
        label = style.wrap(name, KEY - 44, BODY, bold=True, most=3)
        page.write(left + 20, top, label, BODY, style.readable(colour), bold=True)
        beside = style.wrap(said, KEY - 44, NOTE)
        page.write(left + 20, top + style.height_of(label, BODY), beside, NOTE, QUIET)
        top += style.height_of(label, BODY) + style.height_of(beside, NOTE) + 8
    top += 6
    for mark, text in MARKS.items():
        if mark not in drawn:
            continue
        if mark == "ring":
            page.mark(left + 6, top + 6, "o", "none", INK, 1.3)
        else:
            for start, end in ((-2, 14),) if mark == "line" else ((-2, 2), (4, 8), (10, 14)):
                page.line((left + start, left + end), (top + 6, top + 6), INK, 1.6 if mark == "line" else 0.8)
        page.write(left + 20, top, text, NOTE, QUIET)
        top += 18


def _chip(page: Sheet, left: float, top: float, mark: str, colour: str) -> None:
    face = {"chip": style.tint(colour, STRONG), "hatch": OPEN_FACE}.get(mark, PAPER)
    page.figure.add_artist(Rectangle((left / WIDTH, 1 - (top + 13) / page.height), 12 / WIDTH, 12 / page.height, facecolor=face,
                                     edgecolor=colour if mark == "chip" else OPEN_HATCH, lw=0.8,
                                     hatch="////" if mark == "hatch" else None))


# --- one key ------------------------------------------------------------------------------------------------


def _lines(found: Sweep, own: Sequence[float | None]) -> Figure:
    """How much better each strategy is than the first, along one key, and where the winner changes."""
    scale, words, looks = _scale_of_points(found), Words(found.outcome, found.market), _looks(found)
    base = found.strategies[0]
    tall, wide = 250.0, WIDTH - LEFT - RIGHT - UP - KEY
    page = style.sheet(_title(found), f"How much better {words.name} is than with ‘{style.short(looks[base].label)}’, "
                       f"{_unit(found, words)}. The strip says what wins at each value; hatched: cannot be told.",
                       _note(found) + f" {'Bands' if scale.numeric else 'Bars'}: these intervals, against the first strategy.",
                       24 + tall + 52)
    top = page.top + 24
    axes = page.axes(LEFT + UP, top, wide, tall)
    frame(axes, "", "")
    axes.set_xlim(scale.edges[0], scale.edges[-1])
    order = np.argsort(scale.at, kind="stable")
    x, ends = scale.at[order], list[End]()
    for place, name in enumerate(found.strategies):
        gains = found.gains[order][:, place, 0] * words.factor
        if place == 0:
            axes.axhline(0, color=looks[name].colour, lw=1.4)
            ends.append(End(float(scale.edges[-1]), 0.0, looks[name].label, "", looks[name].text, looks[name].colour))
            continue
        shown = _line(axes, scale, x, gains, looks[name], place, len(found.strategies))
        last = next((at for at in reversed(range(len(x))) if math.isfinite(gains[at, 0])), None)
        if last is not None:
            ends.append(End(float(shown[last]), float(gains[last, 0]), looks[name].label, "", looks[name].text,
                            looks[name].colour))
    _winners(page.axes(LEFT + UP, page.top + 8, wide, 10), found, scale)
    if scale.numeric:
        _changes(page, axes, found, scale, top, tall)
        if own[0] is not None and scale.edges[0] <= scale.place(own[0]) <= scale.edges[-1]:
            axes.axvline(scale.place(own[0]), color=QUIET, lw=0.8, ls=(0, (1, 2)))
            axes.annotate("as written", (scale.place(own[0]), 0), xycoords=("data", "axes fraction"), xytext=(3, 4),
                          textcoords="offset points", fontsize=NOTE, color=QUIET)
    _across(axes, found, scale, wide)
    page.write(LEFT + UP + wide / 2, top + tall + 22, style.wrap(scale.title, wide, BODY, most=2), BODY, QUIET, align="center")
    axes.get_ylim()  # settles the limits, so that labels find the ends of their lines
    label_ends(page, axes, ends, LEFT + UP + wide + 14, KEY - 20, top - 10, top + tall + 10)
    return page.figure


def _scale_of_points(found: Sweep) -> Scale:
    """The one axis by its finished points: those of a design that fills space lie where they lie."""
    told, where = found.design.axes[0], found.positions(0)
    if found.complete and told.count:
        return _scale(found, 0)
    numeric = found.numeric(0)
    ratio = numeric and spaced_by_ratio(told, where)
    at = np.log(where) if ratio else where
    around = (float(at.max() - at.min()) or 1.0) / 20.0
    values = [found.design.point(number)[0] for number in found.numbers]
    ticks = tuple(plain_number(float(x)) if numeric else value for x, value in zip(where, values, strict=True))
    return Scale(at, np.array([at.min() - around, at.max() + around]), ticks, _label(found, 0), numeric, ratio)


def _across(axes: Axes, found: Sweep, scale: Scale, wide: float) -> None:
    """What is written along the one key: its values, or round numbers where points lie anywhere."""
    order, texts = np.argsort(scale.at, kind="stable"), list(scale.ticks)
    where, told = scale.at[order], [texts[at] for at in order]
    if scale.numeric and not found.design.axes[0].count:
        x = found.positions(0)
        numbers = _round(float(x.min()), float(x.max()), scale.ratio)
        where, told = np.array([scale.place(number) for number in numbers]), [plain_number(number) for number in numbers]
    _tick(axes.xaxis, where, told, [style.width_of(text, BODY) + 8 for text in told], wide / (scale.edges[-1] - scale.edges[0]))


def _line(axes: Axes, scale: Scale, x: Floats, gains: Floats, look: Look, place: int, count: int) -> Floats:
    """One strategy against the first; returns where its points lie across."""
    if scale.numeric:
        axes.plot(x, gains[:, 0], color=look.colour, lw=1.8, ls=look.dash, marker=look.marker, ms=4)
        axes.fill_between(x, gains[:, 1], gains[:, 2], color=look.colour, alpha=0.18, lw=0)
        return x
    shifted: Floats = x + (place - count / 2) * 0.12
    axes.vlines(shifted, gains[:, 1], gains[:, 2], color=look.colour, lw=1.6)
    axes.plot(shifted, gains[:, 0], ls="none", color=look.colour, marker=look.marker, ms=6)
    return shifted


def _winners(strip: Axes, found: Sweep, scale: Scale) -> None:
    """A strip above the lines: what wins at each value."""
    looks, order = _looks(found), np.argsort(scale.at, kind="stable")
    at = scale.at[order]
    edges = scale.edges if len(scale.edges) == len(at) + 1 else np.concatenate(
        [scale.edges[:1], (at[1:] + at[:-1]) / 2.0, scale.edges[-1:]])
    strip.set_xlim(scale.edges[0], scale.edges[-1])
    strip.set_ylim(0, 1)
    strip.axis("off")
    for place, at_ in enumerate(order):
        one = found.spots[int(at_)]
        face = looks[str(one.best)].colour if one.state == "won" else OPEN_FACE if one.state == "open" else PAPER
        strip.add_patch(Rectangle((edges[place], 0), edges[place + 1] - edges[place], 1, facecolor=face,
                                  edgecolor=PAPER if one.state == "won" else OPEN_HATCH, lw=0.8,
                                  hatch="////" if one.state == "open" else None))


def _changes(page: Sheet, axes: Axes, found: Sweep, scale: Scale, top: float, tall: float) -> None:
    """Where one winner gives way to the next, with the limits between which that is not sure."""
    low, high = axes.get_xlim()
    for one in crossings(found):
        at = scale.place(one.at)
        limits = [scale.place(end) if math.isfinite(end) else edge for end, edge in ((one.low, low), (one.high, high))]
        axes.axvspan(*limits, color=FAINT, alpha=0.5, lw=0, zorder=0)
        axes.axvline(at, color=INK, lw=1.0, ls=(0, (4, 2)))
        half = (one.high - one.low) / 2.0
        said = with_unit(plain(one.at, half if math.isfinite(half) and half > 0 else abs(one.at) / 20),
                         found.design.axes[0].unit)
        share = (at - low) / (high - low)
        axes.annotate(said, (at, 1.0), xycoords=("data", "axes fraction"), xytext=(3 if share < 0.8 else -3, -10),
                      textcoords="offset points", fontsize=NOTE, color=INK, ha="left" if share < 0.8 else "right",
                      bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.6})


# --- many keys ----------------------------------------------------------------------------------------------


def _scatter(found: Sweep, own: Sequence[float | None]) -> Figure:
    """Every point by the two keys that matter most for what wins; the others vary along."""
    words, looks, most = Words(found.outcome, found.market), _looks(found), _most(found)
    first, second = sorted(importance(found)[:2])
    room, tall = WIDTH - LEFT - RIGHT - UP - KEY, 330.0
    others = [axis.label for place, axis in enumerate(found.design.axes) if place not in (first, second)]
    beside = f" Also varied: {', '.join(others)}." if others and all(map(style.drawable, others)) else ""
    said = (f"{_turning(found)}Each mark is a point; colour: the strategy with the {words.way[:-2]}est {words.name}, larger "
            f"where it wins by more; hollow: cannot be told.{beside}")
    page = style.sheet(_title(found), said, _note(found), max(tall + 44, _key_height(found, words)))
    axes = page.axes(LEFT + UP, page.top, room, tall)
    frame(axes, "", "")
    axes.grid(False)
    scales = [_free(found, axis, told, scale) for axis, told, scale in
              ((first, axes.xaxis, room), (second, axes.yaxis, tall))]
    axes.set_xlim(scales[0].edges[0], scales[0].edges[-1])
    axes.set_ylim(scales[1].edges[0], scales[1].edges[-1])
    for scale, line in zip(scales, (axes.axvline, axes.axhline), strict=True):
        for group in range(1, len(scale.groups)):
            line(group - 0.5, color=FAINT, lw=0.8)
    x, y = (scale.at for scale in scales)
    for name, look in looks.items():
        mine = [place for place, one in enumerate(found.spots) if one.state == "won" and one.best == name]
        sizes = [5 + 6 * (found.spots[place].margin.mean / most if most > 0 else 1.0) for place in mine]
        axes.scatter(x[mine], y[mine], s=np.square(sizes), marker=look.marker, color=look.colour, alpha=0.8, edgecolors=PAPER,
                     linewidths=0.6)
    rest = [place for place, one in enumerate(found.spots) if one.state != "won"]
    axes.scatter(x[rest], y[rest], s=30.0, marker="o", facecolors="none", edgecolors=QUIET, linewidths=1.0)
    ring = _own(scales, (own[first], own[second]))
    if ring is not None:
        axes.plot(*ring, "o", ms=17, mfc="none", mec=INK, mew=1.3, zorder=5)
    page.write(LEFT + UP + room / 2, page.top + tall + 22, style.wrap(_label(found, first), room, BODY, most=1), BODY, QUIET,
               align="center")
    _up_title(page, _label(found, second), page.top, tall)
    _key(page, found, words, WIDTH - RIGHT - KEY + 20, page.top, set() if ring is None else {"ring"}, dots=True)
    return page.figure


def _free(found: Sweep, axis: int, drawn: Axis, long: float) -> Scale:
    """An axis of points that may lie anywhere, with ticks at round numbers; few values stand in groups beside each other."""
    told, x = found.design.axes[axis], found.positions(axis)
    numeric = found.numeric(axis)
    if 0 < told.count <= MOST_GROUPS:
        texts = [plain_number(number) if numeric and (number := told.number(told.value(place))) is not None else
                 style.wrap(told.value(place), UP, NOTE, most=2) for place in range(told.count)]
        known = np.array([told.number(told.value(place)) for place in range(told.count)], dtype=np.float64) if numeric else \
            np.arange(told.count, dtype=np.float64)
        where, at = np.arange(told.count, dtype=np.float64), np.searchsorted(known, x).astype(np.float64)
        at, edges, ratio = at + _beside(at), np.array([-0.5, told.count - 0.5]), False
    else:
        ratio = spaced_by_ratio(told, x)
        numbers = _round(float(x.min()), float(x.max()), ratio)
        texts = [plain_number(number) for number in numbers]
        where, at = (np.log(numbers), np.log(x)) if ratio else (np.array(numbers), x)
        around = (float(at.max() - at.min()) or 1.0) / 25.0
        edges, known = np.array([at.min() - around, at.max() + around]), np.array([])
    _tick(drawn, where, texts, [max(style.width_of(line, BODY) for line in text.split("\n")) + 8 for text in texts],
          long / float(edges[-1] - edges[0]))
    return Scale(at, edges, tuple(texts), "", numeric, ratio, tuple(known.tolist()))


def _round(low: float, high: float, ratio: bool) -> list[float]:
    """Round numbers from low to high: 1, 2 and 5 times powers of ten where they are spaced by ratio."""
    if not ratio:
        return [float(x) for x in MaxNLocator(6).tick_values(low, high) if low <= x <= high]
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    found = [times * 10.0**power for power in powers for times in (1, 2, 5) if low <= times * 10.0**power <= high]
    return found if len(found) > 1 else [low, high]


def _beside(x: Floats) -> Floats:
    """How far points that share a value stand beside each other, so that none hides another."""
    values = np.unique(x)
    if len(values) == len(x) or len(values) < 2:
        return np.zeros(len(x))
    step = float(np.diff(values).min())
    turn = np.array([int((x[:place] == value).sum()) for place, value in enumerate(x)], dtype=np.float64)
    shares: Floats = ((turn * 0.6180339887498949) % 1.0 - 0.5) * 0.6 * step
    return shares

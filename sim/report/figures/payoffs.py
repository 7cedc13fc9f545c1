"""The payoffs of a game: a heat map for either firm, its best replies marked, pairs that are at rest framed."""

from __future__ import annotations

import math
from dataclasses import dataclass

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim.experiments.game import Game
from sim.experiments.verdict import Words, plain
from sim.report import style
from sim.report.style import BODY, INK, LEFT, NOTE, PALETTE, PAPER, QUIET, RIGHT, WIDTH, Sheet

ROW, BETWEEN, NAMES = 46.0, 22.0, 112.0
"""Height of a cell, room between the panels and for our strategies' names, in points."""
BESIDE = 3
"""Up to so many strategies of the rival the two panels stand beside each other, else one below the other."""
PALE, STRONG = 0.06, 0.5
"""How strong the colour of the worst and of the best payoff is."""


@dataclass(frozen=True)
class _Panel:
    """Where one firm's heat map stands, in points, and how large its cells are."""

    firm: str
    left: float
    top: float
    wide: float


def payoffs(found: Game) -> Figure:
    """Our strategies down, the rival's across; darker is better for the firm, on one scale for both."""
    (ours, theirs), words = found.strategies, Words(found.outcome, found.market)
    beside = len(theirs) <= BESIDE
    room = WIDTH - LEFT - RIGHT - NAMES
    wide = min(190.0, (room - BETWEEN) / 2 / len(theirs) if beside else room / len(theirs))
    heads = [style.wrap(_label(name, at, "theirs"), wide - 6, BODY, most=3) for at, name in enumerate(theirs)]
    head = 20 + max(style.height_of(one, BODY) for one in heads) + 4
    tall = head + ROW * len(ours)
    name = "the share of visits" if found.outcome == "share" else words.name
    page = style.sheet(
        _title(found),
        f"{name[0].upper()}{name[1:]} of either firm, {_unit(found, words)}, by what both play: the rows are our strategies, "
        f"the columns those of {_firm(found.firms[1], 'the rival')}. Darker is better for the firm.",
        _note(found), (tall if beside else 2 * tall + BETWEEN) + 34)
    for at, firm in enumerate(found.firms):
        left = LEFT + NAMES + (at * (wide * len(theirs) + BETWEEN) if beside else 0.0)
        panel = _Panel(firm, left, page.top + (0.0 if beside else at * (tall + BETWEEN)), wide)
        page.write(panel.left, panel.top, f"{name} of {_firm(firm, 'the rival')}", BODY + 1, INK, bold=True)
        for column, text in enumerate(heads):
            page.write(panel.left + wide * column + wide / 2, panel.top + head - 4 - style.height_of(text, BODY), text, BODY,
                       QUIET, align="center")
        if at == 0 or not beside:
            _rows(page, ours, panel.top + head)
        _cells(page, found, panel, panel.top + head, words)
    _key(page, page.bottom - 20)
    return page.figure


def _rows(page: Sheet, ours: tuple[str, ...], top: float) -> None:
    for row, name in enumerate(ours):
        text = style.wrap(_label(name, row, "ours"), NAMES - 10, BODY, most=3)
        page.write(LEFT, top + ROW * row + (ROW - style.height_of(text, BODY)) / 2, text, BODY, INK)


def _cells(page: Sheet, found: Game, panel: _Panel, top: float, words: Words) -> None:
    """One firm's cells: how good, how much, and whether it is its best reply."""
    ours, theirs = found.strategies
    means = [one.mean for one in found.payoffs.values() if math.isfinite(one.mean)]
    low, high = min(means, default=0.0), max(means, default=0.0)
    at_rest = {(one.ours, one.theirs): one.decided for one in found.pure}
    for row, mine in enumerate(ours):
        for column, other in enumerate(theirs):
            one = found.payoffs[panel.firm, mine, other]
            share = (one.mean - low) / (high - low) if high > low and math.isfinite(one.mean) else 0.5
            share = share if words.way == "higher" else 1.0 - share
            left, upper = panel.left + panel.wide * column, top + ROW * row
            _box(page, left, upper, panel.wide, style.tint(PALETTE[1], PALE + (STRONG - PALE) * share), PAPER, 1.6)
            half = (one.high - one.low) / 2 * words.factor
            page.write(left + panel.wide / 2, upper + 9, plain(one.mean * words.factor, half), BODY + 2, INK, True, "center")
            beside = f"± {plain(half, half)}" if half > 0 else ""
            page.write(left + panel.wide / 2, upper + 9 + (BODY + 2) * style.LINE, beside, NOTE, INK, align="center")
            reply = found.reply(panel.firm, other if panel.firm == found.firms[0] else mine)
            if (mine if panel.firm == found.firms[0] else other) in reply.best:
                page.mark(left + panel.wide - 12, upper + 13, "o", PALETTE[2] if reply.decided else PAPER, PALETTE[2], 1.6)
    for (mine, other), decided in at_rest.items():
        left, upper = panel.left + panel.wide * theirs.index(other), top + ROW * ours.index(mine)
        _box(page, left + 2, upper + 2, panel.wide - 4, "none", INK, 2.0, "-" if decided else (0, (3, 2)), ROW - 4)


def _box(page: Sheet, left: float, top: float, wide: float, face: str, edge: str, width: float,
         dash: str | tuple[float, tuple[float, ...]] = "-", tall: float = ROW) -> None:
    page.figure.add_artist(Rectangle((left / WIDTH, 1 - (top + tall) / page.height), wide / WIDTH, tall / page.height,
                                     facecolor=face, edgecolor=edge, lw=width, ls=dash))


def _key(page: Sheet, top: float) -> None:
    """What the marks mean."""
    left = LEFT + NAMES
    for face, text in ((PALETTE[2], "best against what the other plays"), (PAPER, "may be; cannot be told")):
        page.mark(left + 5, top + 5.5, "o", face, PALETTE[2], 1.6)
        page.write(left + 14, top, text, NOTE, QUIET)
        left += 26 + style.width_of(text, NOTE)
    for dash, text in (("-", "neither would depart alone, surely"), ((0, (3, 2)), "by the means")):
        _box(page, left, top + 1, 18, "none", INK, 1.6, dash, 12)
        page.write(left + 24, top, text, NOTE, QUIET)
        left += 38 + style.width_of(text, NOTE)


def _title(found: Game) -> str:
    if found.verdict.kind == "cannot tell":
        return "Whether this is a dilemma cannot be told"
    if found.verdict.better is None:
        end = [one for one in found.pure if one.decided]
        at_rest = f": neither would depart alone from ‘{_called(end[0].ours, end[0].theirs)}’" if len(end) == 1 else ""
        return f"No dilemma{at_rest}"
    pair = _called(*found.verdict.better)
    return f"A prisoners’ dilemma: both would be better off with ‘{pair}’, and neither gets there alone"


def _called(ours: str, theirs: str) -> str:
    shown = [style.short(" ".join(name.split())) if style.drawable(name) else "a strategy" for name in (ours, theirs)]
    return f"{shown[0]}’ and ‘{shown[1]}"


def _label(name: str, position: int, whose: str) -> str:
    told = " ".join(name.split())
    return told if style.drawable(told) else f"strategy {position + 1} of {whose}"


def _firm(name: str, instead: str) -> str:
    return style.short(" ".join(name.split())) if style.drawable(name) else instead


def _unit(found: Game, words: Words) -> str:
    return words.unit if style.drawable(found.market.currency) else words.unit.replace(found.market.currency, "money")


def _note(found: Game) -> str:
    replications = found.market.replications
    alone = ("± half of each mean's own 95% interval; what is best is judged by paired differences, all of a firm’s at once."
             if replications > 1 else "One replication: no intervals.")
    return (f"The same {found.market.people:,} people and luck in every cell, {replications:,} "
            f"replication{'s' * (replications != 1)}. {alone}")

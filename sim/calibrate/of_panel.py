"""A panel: the same people choose among firms, or rate one, again and again. How fast do they get used to what they see?

Of choices: prices change, and a choice goes by the firm, what she chose before, the price, and how far it is below (gain) or
above (loss) a reference that learns. Of ratings: quality changes, and a rating goes by who she is, the quality, and how far it
is above or below the reference. A rate is claimed only where it explains enough (ΔAIC ≤ −15) and the order of the past matters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.calibrate import block as writing
from sim.calibrate.choices import Choices
from sim.calibrate.columns import Role, find, under
from sim.calibrate.fitting import DROP, Floats, Regression, Z, ratio, within
from sim.calibrate.found import NEEDED, Calibration, Check, Dot, Estimate, Fit, Line, Picture, Unknown
from sim.calibrate.ratings import Ratings
from sim.calibrate.reading import LeftOut, Table, TableError, Typing, read
from sim.calibrate.reference import (
    BUILDS,
    COARSE,
    GRID,
    MARGIN,
    SCRAMBLES,
    Integers,
    Judged,
    closer,
    fits,
    judge,
    narrow,
    references,
)

ROLES: Final = (
    Role(
        "person",
        (
            "id",
            "person",
            "customer",
            "customerid",
            "household",
            "householdid",
            "panelist",
            "user",
            "userid",
            "客户",
            "客户编号",
        ),
        "who chooses or rates",
        needed=True,
    ),
    Role("choice", ("choice", "chosen", "brand", "选择", "品牌"), "of choices: the name of what was chosen"),
    Role("price", ("price", "价格"), "of choices: what the names of the price columns begin with, such as price.", many=True),
    Role(
        "feature",
        ("feat", "feature"),
        "of choices: what the names of columns begin with that say who was advertised",
        many=True,
    ),
    Role(
        "display", ("disp", "display"), "of choices: what the names of columns begin with that say who was displayed", many=True
    ),
    Role(
        "satisfaction", ("satisfaction", "satis", "rating", "rated", "csat", "满意度", "评分"), "of ratings: what she answered"
    ),
    Role(
        "quality", ("quality", "given", "delivered", "质量"), "of ratings: the quality of that visit, however it was measured"
    ),
    Role("when", ("when", "date", "day", "日期"), "the date of the occasion; left out: rows are in order"),
)
FEWEST: Final = 100


@dataclass(frozen=True)
class _Words:
    """How the two kinds of panel are told. unit: what a weight is per. rate, up, down: the keys of the learning rates."""

    what: str
    occasion: str
    weight: str
    base: str
    rate: str
    two: tuple[str, str] | None


CHOICES: Final = _Words(
    "prices", "choice", "log-odds a mean price", "firms, loyalty, what is shown, prices", "psyche.fairness.learning", None
)
RATINGS: Final = _Words(
    "quality",
    "rating",
    "steps a point of quality",
    "people, quality",
    "psyche.learning",
    ("psyche.learning.up", "psyche.learning.down"),
)


@dataclass
class _Told:
    """What has been found so far."""

    estimates: list[Estimate] = field(default_factory=list)
    unknown: list[Unknown] = field(default_factory=list)
    fits: list[Fit] = field(default_factory=list)
    entries: list[writing.Entry] = field(default_factory=list)


def panel(source: object, columns: Mapping[str, str] | None = None) -> Calibration:
    """How fast people get used to what they see, from their choices or ratings over time; or that it cannot be told.

    source: a path or a frame, a row an occasion. columns: which column is which role of ROLES. Errors: TableError; OSError.
    """
    table = read(source)
    found = find(table, ROLES, columns or {})
    if not ({"choice", "price"} <= found.keys() or {"satisfaction", "quality"} <= found.keys()):
        raise TableError(
            f"{table.source}: a panel of choices needs choice and price, one of ratings satisfaction and quality; found "
            f"{', '.join(found)}; say which columns they are with --columns; columns: {', '.join(table.columns)}"
        )
    of_choices = {"choice", "price"} <= found.keys()
    unused = ("satisfaction", "quality") if of_choices else ("choice", "price", "feature", "display")
    found = {role: name for role, name in found.items() if role not in unused}
    told, left_out = _choices(table, found) if of_choices else _ratings(table, found)
    if told.kept.sum() < FEWEST:
        raise TableError(
            f"{table.source}: {int(told.kept.sum())} occasions after the first {BUILDS} of each person, too few to fit anything"
        )
    try:
        return _calibrated(table, found, told, left_out)
    except ValueError as error:
        raise TableError(f"{table.source}: nothing can be fitted: {error}") from None


def _choices(table: Table, found: Mapping[str, str]) -> tuple[Choices, tuple[LeftOut, ...]]:
    """The table as choices in order. Errors: TableError."""
    typing, prices = Typing(table), under(table, found["price"])
    if len(prices) < 2:
        raise TableError(f"{table.source}: there is one price column only, {found['price']}…; a choice needs two firms or more")
    names = tuple(prices)
    chosen = _chosen(typing, found["choice"], names)
    price = np.stack([full(typing, prices[name], "price", 0.0) for name in names], axis=1)
    also = [role for role in ("feature", "display") if role in found]
    shown = np.zeros((len(table), len(names), len(also)))
    for place, role in enumerate(also):
        for firm, name in enumerate(names):
            column = under(table, found[role]).get(name)
            if column is None:
                raise TableError(f"{table.source}: there is {found['price']}{name} and no {found[role]}{name}")
            shown[:, firm, place] = full(typing, column, role)
    order, starts, left_out = in_order(typing, found, np.column_stack([chosen, price]))
    price = price[order]
    if np.ptp(price, axis=0).max(initial=0.0) == 0:
        raise TableError(f"{table.source}: no price varies, so that nothing can be learned from prices")
    return Choices(starts, price / price.mean(), shown[order], chosen[order], names), left_out


def _ratings(table: Table, found: Mapping[str, str]) -> tuple[Ratings, tuple[LeftOut, ...]]:
    """The table as ratings in order. Errors: TableError."""
    typing = Typing(table)
    rated, quality = (full(typing, found[role], role) for role in ("satisfaction", "quality"))
    order, starts, left_out = in_order(typing, found, np.column_stack([rated, quality]))
    if np.ptp(quality[order]) == 0:
        raise TableError(f"{table.source}: quality does not vary, so that nothing can be learned from it")
    return Ratings(starts, quality[order, None], rated[order]), left_out


def in_order(
    typing: Typing, found: Mapping[str, str], content: Floats
) -> tuple[Integers, NDArray[np.bool_], tuple[LeftOut, ...]]:
    """The rows that can be used, person by person and day by day; and which of them are a person's first."""
    who = np.array(typing.names(found["person"], "person"))
    when = np.zeros(len(who), dtype=np.int64)
    if "when" in found:
        when = typing.days(found["when"], "when")
    kept, left_out = typing.whole()
    if "when" in found and (twice := _repeated(kept, who, when, content)):
        kept[twice] = False
        examples = tuple(f"{typing.table.place} {typing.table.lines[row]}" for row in twice[:5])
        left_out += (LeftOut("a row written twice", len(twice), examples),)
    rows = np.flatnonzero(kept)
    if not len(rows):
        raise TableError(f"{typing.table.source}: no row can be used")
    _, people = np.unique(who[rows], return_inverse=True)
    first = np.full(int(people.max()) + 1, len(rows))
    np.minimum.at(first, people, np.arange(len(rows)))
    order = np.lexsort((rows, when[rows], first[people]))
    people = people[order]
    return rows[order], np.append(True, people[1:] != people[:-1]), left_out


def full(typing: Typing, name: str, role: str, low: float = -np.inf) -> Floats:
    """A column in which every row must hold a number."""
    found = typing.numbers(name, role, low)
    for row in np.flatnonzero(np.isnan(found)):
        typing.refuse(int(row), f"no {role}", f"{role} ({name}) is empty")
    return found


def _chosen(typing: Typing, name: str, firms: Sequence[str]) -> Integers:
    known = {firm: place for place, firm in enumerate(firms)}
    found = np.zeros(len(typing.table), dtype=np.int64)
    for row, text in enumerate(typing.names(name, "choice")):
        if text in known:
            found[row] = known[text]
        elif text:
            typing.refuse(
                row,
                "choice of what has no price",
                f'choice ({name}) "{text}" has no price column; there are {", ".join(firms)}',
            )
    return found


def _repeated(kept: NDArray[np.bool_], who: NDArray[np.str_], when: Integers, content: Floats) -> list[int]:
    """The rows that say of a person and day what another row has said: they were written twice."""
    seen: set[tuple[object, ...]] = set()
    twice = []
    for row in np.flatnonzero(kept):
        key = (who[row], int(when[row]), *content[row].tolist())
        if key in seen:
            twice.append(int(row))
        seen.add(key)
    return twice


def _calibrated(table: Table, found: Mapping[str, str], told: Choices | Ratings, left_out: tuple[LeftOut, ...]) -> Calibration:
    words = CHOICES if isinstance(told, Choices) else RATINGS
    judged, out = judge(told), _Told()
    without, true = judged.without, judged.true
    if isinstance(told, Choices):
        simple = told.shallow()
        out.fits.append(Fit(f"{words.occasion}s", "firms and prices alone", simple.likelihood, simple.parameters))
    out.fits += [
        Fit(f"{words.occasion}s", words.base, without.likelihood, without.parameters),
        Fit(f"{words.occasion}s", "and a reference that never moves", float(true.likelihood[0]), without.parameters + 2),
        Fit(f"{words.occasion}s", "and a reference that learns", true.top, without.parameters + 3),
    ]
    tenths = true.likelihood[::2]
    within_tenths = GRID[::2][tenths > tenths.max() - DROP]
    checks = (
        Check(
            "rates in tenths",
            f"ln likelihood is highest at {GRID[::2][int(tenths.argmax())]:.1f}; {within_tenths[0]:.1f} to "
            f"{within_tenths[-1]:.1f} lie less than 1.92 below it",
            None,
        ),
        Check(
            "evidence", f"a reference that learns changes AIC by {judged.gained:+.1f}; {NEEDED:.0f} is needed", judged.enough
        ),
        Check(
            "scrambled history",
            f"with each person's past in an order that did not happen, AIC changes by {judged.against:+.1f} "
            f"at best of {SCRAMBLES}; the true order must be {-MARGIN:.0f} below that",
            judged.ordered,
        ),
    )
    claimed = judged.enough and judged.ordered
    if claimed:
        _claim(told, judged, words, out)
        headline = (
            f"People get used to {words.what} at a rate of {true.rate:.2f} an occasion ({true.low:.2f} to {true.high:.2f})"
        )
    else:
        _refuse(judged, words, out)
        headline = "The learning rate is not identified"
    used = int(told.kept.sum())
    head = f"From {table.source} by `drift calibrate panel`: {used:,} {words.occasion}s of {int(told.starts.sum()):,} people."
    return Calibration(
        "panel",
        table.source,
        len(table),
        used,
        found,
        headline,
        writing.block(head, out.entries, out.unknown),
        table.notes,
        left_out,
        tuple(out.estimates),
        tuple(out.unknown),
        tuple(out.fits),
        checks,
        _pictures(told, judged, claimed),
    )


def _refuse(judged: Judged, words: _Words, out: _Told) -> None:
    why = (
        f"a reference that learns explains the {words.occasion}s hardly better than none (AIC {judged.gained:+.1f})"
        if not judged.enough
        else f"a past in an order that did not happen explains the {words.occasion}s about as well "
        f"(AIC {judged.against:+.1f} beside {judged.gained:+.1f})"
    )
    out.unknown += [
        Unknown("learning rate", why, words.rate),
        Unknown("loss aversion", "without a reference there is neither gain nor loss", "psyche.loss_aversion"),
    ]


def _claim(told: Choices | Ratings, judged: Judged, words: _Words, out: _Told) -> None:
    """What is told of the rate once it is claimed: its value, weights, whether rates differ, whether rivals pull."""
    true, best = judged.true, judged.true.best
    last = len(best.values)
    rate = Estimate("learning rate", true.rate, true.low, true.high, "share of the gap", words.rate)
    gain = Estimate("weight of a gain", *best.interval(last - 2), words.weight)
    loss = _of_loss("weight of a loss", best, last - 1, told.gains, words.weight)
    out.estimates += [rate, gain, loss]
    if isinstance(told, Choices):
        out.estimates += [
            _of_loss("weight of the price itself", best, last - 3, -1.0, words.weight),
            Estimate("weight of loyalty", *best.interval(len(told.names) - 1), "log-odds"),
        ]
    if not _two_rates(told, judged, words, out):
        out.entries.append(
            writing.entry(rate, "panel", f"how far the reference moves to what is seen of {words.what}, an occasion")
        )
    times = ratio(best, last - 1, last - 2, told.gains)
    if times is None or gain.low <= 0 or loss.value <= 0:
        out.unknown.append(
            Unknown(
                "loss aversion",
                f"losses weigh {loss.value:.2f} ({loss.low:.2f} … {loss.high:.2f}) and gains "
                f"{gain.value:.2f} ({gain.low:.2f} … {gain.high:.2f}); one of them may be nothing",
                "psyche.loss_aversion",
            )
        )
    else:
        one = Estimate("loss aversion", times[0], max(times[1], 0.0), times[2], "times", "psyche.loss_aversion")
        out.estimates.append(one)
        out.entries.append(writing.entry(one, "panel", f"weight of losses ÷ weight of gains, of {words.what}"))
    if isinstance(told, Choices):
        _pull(told, judged, out)
        out.unknown.append(
            Unknown(
                "learning of quality",
                "prices are seen, quality is felt; that it drifts at the same rate would be an "
                f"assumption: {writing.rounded(rate.value)}",
                "psyche.learning",
            )
        )
        out.unknown.append(
            Unknown(
                "weight of fairness",
                "choices weigh a price in log-odds, the model in points of felt value; without a weight it does nothing",
                "psyche.fairness.weight",
            )
        )


def _of_loss(name: str, best: Regression, place: int, sign: float, unit: str) -> Estimate:
    """A coefficient that hurts, as a positive weight."""
    value, low, high = best.interval(place)
    return Estimate(name, *((value, low, high) if sign > 0 else (-value, -high, -low)), unit)


def _two_rates(told: Choices | Ratings, judged: Judged, words: _Words, out: _Told) -> bool:
    """Whether gains are learned at another rate than losses; told, and True, only where that explains enough."""
    ups, downs = COARSE, COARSE
    while True:
        up, down = (one.ravel() for one in np.meshgrid(ups, downs, indexing="ij"))
        height = np.array([one.likelihood for one in fits(told, references(told, up, down, np.zeros(len(up))), judged.without)])
        table = height.reshape(len(ups), -1)
        sides = within(ups, table.max(axis=1)), within(downs, table.max(axis=0))
        if not (narrow(ups, sides[0]) or narrow(downs, sides[1])):
            break
        ups, downs = closer(ups, sides[0]), closer(downs, sides[1])
    one = out.fits[-1]
    out.fits.append(Fit(one.of, "and one with two rates", max(float(height.max()), judged.true.top), one.parameters + 1))
    gained = out.fits[-1].aic - one.aic
    if gained > NEEDED:
        why = f"one for gains and one for losses explain the {words.occasion}s hardly better than one (AIC {gained:+.1f})"
        out.unknown.append(Unknown("two learning rates", why))
        return False
    for number, (what, side) in enumerate(zip(("gains", "losses"), sides, strict=True)):
        found = Estimate(f"learning rate of {what}", *side, "share of the gap", words.two[number] if words.two else "")
        out.estimates.append(found)
        if found.key:
            out.entries.append(writing.entry(found, "panel", f"how far the reference moves after {what}, an occasion"))
    return words.two is not None


def _pull(told: Choices, judged: Judged, out: _Told) -> None:
    """Whether what rivals ask pulls the reference of a firm."""
    pull = COARSE[COARSE <= 0.5]
    rate, pulled = (one.ravel() for one in np.meshgrid(COARSE, pull, indexing="ij"))
    height = np.array([one.likelihood for one in fits(told, references(told, rate, rate, pulled), judged.without)])
    one = out.fits[-2]
    out.fits.append(Fit(one.of, "and one that rivals pull", max(float(height.max()), judged.true.top), one.parameters + 1))
    side, gained = within(pull, height.reshape(len(COARSE), -1).max(axis=0)), out.fits[-1].aic - one.aic
    if gained <= NEEDED:
        out.estimates.append(Estimate("rivals' pull", *side, "share of the gap"))
        return
    out.unknown.append(
        Unknown(
            "rivals' pull",
            f"it explains the choices hardly better than none (AIC {gained:+.1f}): {side[0]:.2f} "
            f"({side[1]:.2f} … {side[2]:.2f})",
            "psyche.norm.spillover",
        )
    )


def _pictures(told: Choices | Ratings, judged: Judged, claimed: bool) -> tuple[Picture, ...]:
    grid, base, true = list(GRID), judged.without.likelihood, judged.true
    lines = [
        Line("past in an order that did not happen", grid, list(one.likelihood - base), quiet=True) for one in judged.false
    ]
    lines.append(Line("the true order", grid, list(true.likelihood - base)))
    first = Picture(
        "What a reference explains",
        "learning rate, share of the gap an occasion",
        "ln likelihood gained",
        (),
        tuple(lines),
        (true.low, true.high) if claimed else None,
    )
    gap = told.gains * (told.seen - true.reference)[told.kept].ravel()
    if isinstance(told, Choices):
        real = np.zeros(told.seen.shape)
        real[np.arange(len(real)), told.chosen] = 1.0
        without = told.chances(judged.without, None)
        left, fitted = real[told.kept] - without, told.chances(true.best, true.reference) - without
        return first, _by_gap(
            gap, left.ravel(), fitted.ravel(), "of the mean price", "chosen beyond firm, loyalty, price", True
        )
    left = told.left(judged.without, None)
    fitted = left - told.left(true.best, true.reference)
    return first, _by_gap(gap, left, fitted, "points of quality", "rating beyond person and quality", False)


def _by_gap(gap: Floats, left: Floats, fitted: Floats, unit: str, up: str, percent: bool) -> Picture:
    """What a model without a reference leaves, by gain and loss: near the reference, and four equal parts on either side."""
    near = 0.01 * float(np.ptp(gap))
    cuts = [-near, near]
    for side in (gap[gap < -near], gap[gap > near]):
        cuts += list(np.quantile(side, (0.25, 0.5, 0.75))) if len(side) >= 40 else []
    part = np.searchsorted(np.sort(cuts), gap, side="right")
    dots, line = [], list[float]()
    for number in np.unique(part):
        here = part == number
        mean, half = float(left[here].mean()), Z * float(left[here].std()) / float(here.sum()) ** 0.5
        dots.append(Dot(float(gap[here].mean()), mean, mean - half, mean + half))
        line.append(float(fitted[here].mean()))
    ends = [dots[0].x, dots[-1].x]
    lines = (
        Line("without a reference", ends, [0.0, 0.0], quiet=True),
        Line("with one that learns", [dot.x for dot in dots], line),
    )
    return Picture("What gains and losses add", f"gain (loss below 0), {unit}", up, dots, lines, percent=percent)

"""A panel of choices: the same people choose among the same firms (or brands) again and again, at prices that change.

What a person compares a price with is learned: r ← r + a·(price − r) at every occasion, for every firm, from the first price she
saw. Her choice is a multinomial logit in the firm, what she chose before, the price, and how far it is below (gain) or above
(loss) the reference. The rate a is profiled; it is claimed only where it explains the choices better than no reference does,
*and* better than the same prices in an order that did not happen: a household's usual price level alone mimics a reference.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.calibrate import block as writing
from sim.calibrate.columns import Role, find, under
from sim.calibrate.fitting import Floats, Regression, multinomial, ratio, within
from sim.calibrate.found import NEEDED, Calibration, Check, Estimate, Fit, Line, Picture, Unknown
from sim.calibrate.reading import LeftOut, Table, TableError, Typing, read

Integers = NDArray[np.int64]

ROLES: Final = (
    Role("person", ("id", "person", "customer", "customerid", "household", "householdid", "panelist", "user", "userid", "客户",
                    "客户编号"), "who chooses", needed=True),
    Role("choice", ("choice", "chosen", "brand", "选择", "品牌"), "the name of what was chosen", needed=True),
    Role("price", ("price", "价格"), "the beginning of the names of the price columns, one a firm, such as price.", needed=True,
         many=True),
    Role("feature", ("feat", "feature"), "the beginning of the names of columns that say who was advertised", many=True),
    Role("display", ("disp", "display"), "the beginning of the names of columns that say who was displayed", many=True),
    Role("when", ("when", "date", "day", "week", "time", "日期"), "the date of the occasion; left out: rows are in order"),
)
KEPT: Final = 0.8
"""Loyalty: so much of what she chose before stays at every choice."""
BUILDS: Final = 3
"""The first occasions of a person build what she remembers and are not fitted."""
GRID: Final = np.round(np.arange(0.0, 1.0001, 0.05), 2)
COARSE: Final = np.round(np.arange(0.0, 1.0001, 0.1), 1)
SCRAMBLES: Final = 19
"""So many orders that did not happen: the true one is beyond all of them by chance in one case of twenty."""
MARGIN: Final = -10.0
"""The true order must lower AIC by this much more than any scrambled one."""
FEWEST: Final = 100


class Panel(NamedTuple):
    """Choices in order, person by person. starts: (n,) whether an occasion is a person's first. price: (n, firms), 1 on average.

    shown: (n, firms, k) features and displays. chosen: (n,) which firm. names: of the firms; also: of features and displays.
    """

    starts: NDArray[np.bool_]
    price: Floats
    shown: Floats
    chosen: Integers
    names: tuple[str, ...]
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Profile:
    """ln likelihood by learning rate, with the fit at the best point of the grid."""

    grid: Floats
    likelihood: Floats
    best: Regression
    rate: float
    low: float
    high: float

    @property
    def top(self) -> float:
        return float(self.likelihood.max())


def panel(source: object, columns: Mapping[str, str] | None = None) -> Calibration:
    """How fast people get used to what they are offered, from their choices over time; "not identified" where that cannot be told.

    source: a path or a frame, a row an occasion. columns: which column is which role of ROLES. Errors: TableError; OSError.
    """
    table = read(source)
    found = find(table, ROLES, columns or {})
    told, left_out = _panel(table, found)
    used = int(fitted(told).sum())
    if used < FEWEST:
        raise TableError(f"{table.source}: {used} choices after the first {BUILDS} of each person, too few to fit anything")
    try:
        return _calibrated(table, found, told, left_out)
    except ValueError as error:
        raise TableError(f"{table.source}: nothing can be fitted: {error}") from None


def _panel(table: Table, found: Mapping[str, str]) -> tuple[Panel, tuple[LeftOut, ...]]:
    """The table as choices in order. Errors: TableError."""
    typing, prices = Typing(table), under(table, found["price"])
    if len(prices) < 2:
        raise TableError(f"{table.source}: there is one price column only, {found['price']}…; a choice needs two firms or more")
    names = tuple(prices)
    who = typing.names(found["person"], "person")
    chosen = _chosen(typing, found["choice"], names)
    price = np.stack([_whole(typing, prices[name], "price", 0.0) for name in names], axis=1)
    also = tuple(role for role in ("feature", "display") if role in found)
    shown = np.zeros((len(table), len(names), len(also)))
    for place, role in enumerate(also):
        for firm, name in enumerate(names):
            column = under(table, found[role]).get(name)
            if column is None:
                raise TableError(f"{table.source}: there is {found['price']}{name} and no {found[role]}{name}")
            shown[:, firm, place] = _whole(typing, column, role)
    when = typing.days(found["when"], "when") if "when" in found else np.zeros(len(table), dtype=np.int64)
    if "when" in found:
        _repeated(typing, who, when, chosen, price)
    kept, left_out = typing.whole()
    people = np.unique(np.array(who)[kept], return_inverse=True)[1]
    first = np.full(int(people.max(initial=-1)) + 1, len(people))
    np.minimum.at(first, people, np.arange(len(people)))
    order = np.lexsort((np.arange(len(people)), when[kept], first[people]))
    people = people[order]
    level = price[kept].mean()
    if not level > 0 or np.ptp(price[kept]) == 0:
        raise TableError(f"{table.source}: prices do not vary, so that nothing can be learned from them")
    return Panel(np.append(True, people[1:] != people[:-1]), price[kept][order] / level, shown[kept][order], chosen[kept][order],
                 names, also), left_out


def _whole(typing: Typing, name: str, role: str, low: float = -np.inf) -> Floats:
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
            typing.refuse(row, "choice of what has no price", f"choice ({name}) \"{text}\" has no price column; there are {', '.join(firms)}")
    return found


def _repeated(typing: Typing, who: Sequence[str], when: Integers, chosen: Integers, price: Floats) -> None:
    """The same person, day, choice and prices twice is one row written twice."""
    seen: dict[tuple[object, ...], int] = {}
    for row, key in enumerate(zip(who, when.tolist(), chosen.tolist(), map(tuple, price.tolist()), strict=True)):
        if key in seen:
            line = typing.table.lines[seen[key]]
            typing.refuse(row, "a row written twice", f"the same person, day, choice and prices as in {typing.table.place} {line}")
        else:
            seen[key] = row


def fitted(told: Panel) -> NDArray[np.bool_]:
    """Which occasions are fitted: all after the first BUILDS of each person."""
    firsts = np.flatnonzero(told.starts)
    return np.arange(len(told.starts)) - firsts[np.cumsum(told.starts) - 1] >= BUILDS


def references(told: Panel, up: Floats, down: Floats, pull: Floats, history: Integers | None = None) -> Floats:
    """(points, n, firms): the reference before each occasion, at each point of a grid of rates.

    up: the rate where the price is below the reference (a gain); down: where it is above. pull: how far the reference of a firm
    moves to the mean price of the others. history: (n,) in which order prices were seen, where it is not the true one.
    """
    seen = told.price if history is None else told.price[history]
    others = (seen.sum(axis=1, keepdims=True) - seen) / (seen.shape[1] - 1)
    found = np.empty((len(up), *seen.shape))
    now = np.zeros((len(up), seen.shape[1]))
    faster, slower, pulled = up[:, None], down[:, None], pull[:, None]
    for row, start in enumerate(told.starts):
        if start:
            now = np.repeat(seen[row][None], len(up), axis=0)
        found[:, row] = now
        gap = seen[row] - now
        now = now + np.where(gap < 0, faster, slower) * gap + pulled * (others[row] - now)
    return found


def loyalty(told: Panel) -> Floats:
    """(n, firms): what she chose before, recent choices more; equal parts before her first."""
    firms = told.price.shape[1]
    found, now = np.empty(told.price.shape), np.full(firms, 1.0 / firms)
    for row, start in enumerate(told.starts):
        if start:
            now = np.full(firms, 1.0 / firms)
        found[row] = now
        now = KEPT * now
        now[told.chosen[row]] += 1.0 - KEPT
    return found


def plain(told: Panel) -> Floats:
    """(n, firms, columns): the design without a reference: firms, loyalty, features and displays, price."""
    rows, firms = told.price.shape
    constants = np.zeros((rows, firms, firms - 1))
    constants[:, np.arange(1, firms), np.arange(firms - 1)] = 1.0
    return np.concatenate([constants, loyalty(told)[..., None], told.shown, told.price[..., None]], axis=2)


def with_reference(design: Floats, told: Panel, reference: Floats) -> Floats:
    """The design with gain and loss against a reference, as its last two columns."""
    gap = reference - told.price
    return np.concatenate([design, np.maximum(gap, 0.0)[..., None], np.maximum(-gap, 0.0)[..., None]], axis=2)


def profile(told: Panel, without: Regression, history: Integers | None = None, grid: Floats = GRID) -> Profile:
    """ln likelihood at each rate of the grid, fitted anew at each; each fit starts where the last ended."""
    many = references(told, grid, grid, np.zeros(len(grid)), history)
    found = _fits(told, many, without)
    likelihood = np.array([one.likelihood for one in found])
    rate, low, high = within(grid, likelihood)
    return Profile(grid, likelihood, found[int(likelihood.argmax())], rate, low, high)


def _fits(told: Panel, many: Floats, without: Regression) -> list[Regression]:
    design, kept, found = plain(told), fitted(told), []
    start = np.append(without.values, [0.0, 0.0])
    for reference in many:
        try:
            one = multinomial(with_reference(design, told, reference)[kept], told.chosen[kept], start)
            start = one.values
        except ValueError:  # at this rate gains and losses cannot be told from the price itself: no evidence for it
            one = Regression(start, np.full((len(start), len(start)), np.nan), without.likelihood, len(start))
        found.append(one)
    return found


def scrambled(told: Panel, number: int) -> Integers:
    """Each person's occasions in an order that did not happen, the same for the same number."""
    people = np.cumsum(told.starts)
    raw = np.random.Philox(key=number).random_raw(len(people))
    return np.lexsort((raw, people))


def _calibrated(table: Table, found: Mapping[str, str], told: Panel, left_out: tuple[LeftOut, ...]) -> Calibration:
    kept = fitted(told)
    without = multinomial(plain(told)[kept], told.chosen[kept])
    true = profile(told, without)
    false = [profile(told, without, scrambled(told, number)) for number in range(SCRAMBLES)]
    fits = [Fit("choices", "firms and their prices alone", *_shallow(told, kept)),
            Fit("choices", "and loyalty, what is shown", without.likelihood, without.parameters),
            Fit("choices", "and a reference that never moves", float(true.likelihood[0]), without.parameters + 2),
            Fit("choices", "and a reference that learns", true.top, without.parameters + 3)]
    gained = fits[-1].aic - fits[1].aic
    against = min(Fit("", "", one.top, without.parameters + 3).aic for one in false) - fits[1].aic
    checks = (Check("evidence", f"a reference that learns changes AIC by {gained:+.1f}; {NEEDED:.0f} is needed", gained <= NEEDED),
              Check("scrambled history", f"with each person's past in an order that did not happen, AIC changes by {against:+.1f} at best "
                    f"of {SCRAMBLES}; the true order must be {-MARGIN:.0f} below that", gained <= against + MARGIN))
    claimed = all(one.passed for one in checks)
    told_of = _claims(told, without, true, fits) if claimed else _refusal(gained, against)
    estimates, unknown, entries = told_of
    head = f"From {table.source} by `drift calibrate panel`: {int(kept.sum()):,} choices of {int(told.starts.sum()):,} people."
    rate = next((one for one in estimates if one.name == "learning rate"), None)
    headline = (f"People get used to prices at a rate of {rate.value:.2f} an occasion ({rate.low:.2f} to {rate.high:.2f})" if rate else
                "The learning rate is not identified")
    return Calibration("panel", table.source, len(table), int(kept.sum()), found, headline, writing.block(head, entries, unknown),
                       table.notes, left_out, tuple(estimates), tuple(unknown), tuple(fits), checks,
                       _pictures(without, true, false, claimed))


def _shallow(told: Panel, kept: NDArray[np.bool_]) -> tuple[float, int]:
    """The simplest model: firms and prices."""
    design, firms = plain(told)[kept], told.price.shape[1]
    one = multinomial(np.concatenate([design[:, :, :firms - 1], design[:, :, -1:]], axis=2), told.chosen[kept])
    return one.likelihood, one.parameters


Told = tuple[list[Estimate], list[Unknown], list[writing.Entry]]


def _refusal(gained: float, against: float) -> Told:
    why = (f"a reference that learns explains the choices hardly better than none (AIC {gained:+.1f})" if gained > NEEDED else
           f"prices in an order that did not happen explain the choices about as well (AIC {against:+.1f} beside {gained:+.1f})")
    return [], [Unknown("learning rate", why, "psyche.fairness.learning"),
                Unknown("loss aversion", "without a reference there is neither gain nor loss", "psyche.loss_aversion")], []


def _claims(told: Panel, without: Regression, true: Profile, fits: list[Fit]) -> Told:
    """What is told of the rate once it is claimed: its value, weights, whether rates differ, whether rivals pull."""
    best, last = true.best, len(true.best.values)
    rate = Estimate("learning rate", true.rate, true.low, true.high, "share of the gap", "psyche.fairness.learning")
    gain = Estimate("weight of a gain", *best.interval(last - 2), "log-odds a mean price")
    loss_value, loss_low, loss_high = best.interval(last - 1)
    loss = Estimate("weight of a loss", -loss_value, -loss_high, -loss_low, "log-odds a mean price")
    price, staying = best.interval(last - 3), best.interval(len(told.names) - 1)
    estimates = [rate, gain, loss, Estimate("weight of the price itself", -price[0], -price[2], -price[1], "log-odds a mean price"),
                 Estimate("weight of loyalty", *staying, "log-odds")]
    entries = [writing.entry(rate, "panel", "how far the reference moves to a price, an occasion")]
    unknown: list[Unknown] = []
    times = ratio(best, last - 1, last - 2, -1.0)
    if times is None or gain.low <= 0 or loss.value <= 0:
        unknown.append(Unknown("loss aversion", f"losses weigh {loss.value:.2f} ({loss.low:.2f} … {loss.high:.2f}) and gains {gain.value:.2f} "
                               f"({gain.low:.2f} … {gain.high:.2f}); one of them may be nothing", "psyche.loss_aversion"))
    else:
        one = Estimate("loss aversion", *times, "times", "psyche.loss_aversion")
        estimates.append(one)
        entries.append(writing.entry(one, "panel", "weight of losses ÷ weight of gains, of prices"))
    _two_rates(told, without, true, fits, estimates, unknown)
    _pull(told, without, true, fits, estimates, unknown)
    unknown.append(Unknown("learning of quality", f"prices are seen, quality is felt; that it drifts at the same rate would be an "
                           f"assumption: learning: {writing.rounded(rate.value)}", "psyche.learning"))
    return estimates, unknown, entries


def _two_rates(told: Panel, without: Regression, true: Profile, fits: list[Fit], estimates: list[Estimate], unknown: list[Unknown]) -> None:
    """Whether gains are learned at another rate than losses."""
    up, down = (one.ravel() for one in np.meshgrid(COARSE, COARSE, indexing="ij"))
    height = np.array([one.likelihood for one in _fits(told, references(told, up, down, np.zeros(len(up))), without)])
    fits.append(Fit("choices", "and one that learns gains and losses at two rates", max(float(height.max()), true.top),
                    without.parameters + 4))
    table = height.reshape(len(COARSE), -1)
    sides = within(COARSE, table.max(axis=1)), within(COARSE, table.max(axis=0))
    if fits[-1].aic - fits[3].aic <= NEEDED:
        estimates += [Estimate(f"learning rate of {what}", *side, "share of the gap")
                      for what, side in zip(("gains", "losses"), sides, strict=True)]
        return
    said = "; ".join(f"{what} {one[0]:.2f} ({one[1]:.2f} … {one[2]:.2f})" for what, one in zip(("gains", "losses"), sides, strict=True))
    unknown.append(Unknown("two learning rates", f"they explain the choices hardly better than one (AIC {fits[-1].aic - fits[3].aic:+.1f}): "
                           f"{said}"))


def _pull(told: Panel, without: Regression, true: Profile, fits: list[Fit], estimates: list[Estimate], unknown: list[Unknown]) -> None:
    """Whether what rivals ask pulls the reference of a firm."""
    pull = COARSE[COARSE <= 0.5]
    rate, pulled = (one.ravel() for one in np.meshgrid(COARSE, pull, indexing="ij"))
    height = np.array([one.likelihood for one in _fits(told, references(told, rate, rate, pulled), without)])
    fits.append(Fit("choices", "and one that rivals' prices pull", max(float(height.max()), true.top), without.parameters + 4))
    side = within(pull, height.reshape(len(COARSE), -1).max(axis=0))
    if fits[-1].aic - fits[3].aic <= NEEDED:
        estimates.append(Estimate("rivals' pull", *side, "share of the gap"))
        return
    unknown.append(Unknown("rivals' pull", f"it explains the choices hardly better than none (AIC {fits[-1].aic - fits[3].aic:+.1f}): "
                           f"{side[0]:.2f} ({side[1]:.2f} … {side[2]:.2f})", "psyche.norm.spillover"))


def _pictures(without: Regression, true: Profile, false: Sequence[Profile], claimed: bool) -> tuple[Picture, ...]:
    grid = list(GRID)
    lines = [Line("past in an order that did not happen", grid, list(one.likelihood - without.likelihood), quiet=True) for one in false]
    lines.append(Line("the true order", grid, list(true.likelihood - without.likelihood)))
    return (Picture("What a reference explains", "learning rate, share of the gap an occasion", "ln likelihood gained", (),
                    tuple(lines), (true.low, true.high) if claimed else None),)


def simulated(told: Panel, values: Floats, rate: float, number: int) -> Panel:
    """The same occasions with choices that people of this rate would make, by the coefficients of `with_reference`'s design."""
    reference = references(told, np.array([rate]), np.array([rate]), np.zeros(1))[0]
    rows, firms = told.price.shape
    design = with_reference(plain(told), told, reference)
    fixed = design @ values - design[:, :, firms - 1] * values[firms - 1]
    raw = np.random.Philox(key=number).random_raw(rows * firms).reshape(rows, firms)
    luck = -np.log(-np.log(((raw >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53))
    chosen, now = np.zeros(rows, dtype=np.int64), np.full(firms, 1.0 / firms)
    for row, start in enumerate(told.starts):
        if start:
            now = np.full(firms, 1.0 / firms)
        chosen[row] = int(np.argmax(fixed[row] + values[firms - 1] * now + luck[row]))
        now = KEPT * now
        now[chosen[row]] += 1.0 - KEPT
    return told._replace(chosen=chosen)

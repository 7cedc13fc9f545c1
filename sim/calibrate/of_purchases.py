"""A log of purchases: how often people come, how much they differ in that, and how they are lost for good without a word.

From her first purchase on, a customer comes again at random times at a rate of her own (over people: gamma), and after each
time she is lost with a chance of her own (over people: beta). That is the BG/NBD model; its text was not read for this, its
likelihood follows from the two sentences. The engine can live it: a gamma of rates is cut into segments of equal rates, and the
chance to leave is `psyche.leaving.base`. What came after the fitted days is then simulated by the engine and compared.
"""

from __future__ import annotations

import datetime
import math
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.calibrate import block as writing
from sim.calibrate.columns import Role, find
from sim.calibrate.fitting import Floats, Regression, Z, highest
from sim.calibrate.found import NEEDED, Calibration, Check, Dot, Estimate, Fit, Line, Picture, Unknown
from sim.calibrate.reading import EARLIEST, LeftOut, Table, TableError, Typing, read

Integers = NDArray[np.int64]

ROLES: Final = (
    Role(
        "customer",
        ("customer", "customerid", "id", "person", "user", "userid", "client", "clientid", "客户", "客户编号", "客户号"),
        "who bought",
        needed=True,
    ),
    Role(
        "date",
        ("date", "day", "when", "orderdate", "purchasedate", "invoicedate", "日期", "购买日期"),
        "the day of the purchase",
        needed=True,
    ),
    Role("value", ("value", "amount", "dollarvalue", "sales", "revenue", "金额"), "what was paid; a negative one is a return"),
)
CUTS: Final = (0.0, 0.5, 0.65, 0.75, 0.82, 0.88, 0.92, 0.95, 0.97, 0.985, 0.995, 0.999, 1.0)
"""People by rate, slowest first: where one segment ends and the next begins. Finer at the top, where most purchases are."""
COHORTS: Final = 13
LIVED: Final = 100_000
"""About so many people are simulated."""
SELDOM: Final = 360_000.0
"""No mean gap is longer than this, in days, since no scenario may hold it."""
FEWEST: Final = 100
CHANCE: Final = "chance to leave after a repeat"
SHORTEST: Final = 14
"""A log of fewer days is not fitted."""
MOST_OFF, MOST_OFF_IN_ALL, MOST_MOVED = 0.05, 0.15, 0.05
"""How far what is foretold may be off: each week's course on average, the total, and the shares of customers by count."""
DIFFER, SAME = "rates differ", "one rate"
LEAVE, ALIKE, STAY = "people leave", "all leave as readily", "nobody leaves"


class Log(NamedTuple):
    """Customers and their days. born: (n,) day of the first purchase, counted from the first of the log.

    again: repeats up to the end; last: days from the first to the last purchase up to the end; watched: days from the first to
    the end. pairs: (m, 2) customer and day of every repeat, later ones too. end: the last day fitted; after: that of the log.
    """

    born: Integers
    again: Integers
    last: Integers
    watched: Integers
    pairs: Integers
    end: int
    after: int
    opens: int


@dataclass(frozen=True)
class Rhythm:
    """Rates as a gamma (shape, days) or, where shape is infinite, all 1/days; leaving as a chance, a beta, or not at all."""

    shape: float
    days: float
    leaving: float | tuple[float, float] | None

    def segments(self) -> list[tuple[float, float]]:
        """(share, mean days between purchases) of each slice of people, slowest first."""
        from scipy.special import gammainc, gammaincinv

        if math.isinf(self.shape):
            return [(1.0, self.days)]
        shares = np.diff(CUTS)
        ends = np.append(gammaincinv(self.shape, CUTS[:-1]), np.inf)
        of_mean = np.diff(gammainc(self.shape + 1, ends))
        gaps = shares / np.maximum(of_mean * self.shape / self.days, 1e-300)
        return [(float(share), min(float(gap), SELDOM)) for share, gap in zip(shares, gaps, strict=True)]


def purchases(source: object, columns: Mapping[str, str] | None = None, until: str | None = None) -> Calibration:
    """How often people come and how they are lost, from a log of purchases.

    source: a path or a frame, a row a purchase. columns: which column is which role of ROLES. until: the last day to fit
    (1997-09-30); what came after is simulated by the engine and compared. Errors: TableError; OSError.
    """
    table = read(source)
    found = find(table, ROLES, columns or {})
    log, left_out, notes, value = read_log(table, found, until)
    fits, rhythm, best, unknown = _fitted(log)
    estimates, entries = _told(rhythm, best, len(log.born))
    if value is not None:
        estimates.append(value)
    simulated = _lived(log, rhythm)
    checks, pictures = _judged(log, simulated)
    unknown += [
        Unknown(
            "what goodwill does to leaving and to the rhythm",
            "a log says what people did, not what they felt",
            "psyche.leaving.goodwill",
        ),
        Unknown("learning rate", "a log of purchases holds neither expectations nor quality", "psyche.learning"),
    ]
    mean = next(one for one in estimates if one.name == "repeats a customer and year at first")
    lost = next((one for one in estimates if one.name == CHANCE), None)
    headline = f"A customer comes again {mean.value:.2f} times a year at first, and " + (
        f"is lost after a repeat with a chance of {lost.value:.0%} on average"
        if lost
        else "it is not identified whether anybody leaves"
    )
    head = (
        f"From {table.source} by `drift calibrate purchases`: {len(log.born):,} customers, {int(log.again.sum()):,} repeats. "
        "The story starts with everybody's first purchase; visit 1 is the first repeat."
    )
    return Calibration(
        "purchases",
        table.source,
        len(table),
        int(log.again.sum()) + len(log.born),
        found,
        headline,
        writing.block(head, entries, unknown),
        (*table.notes, *notes),
        left_out,
        tuple(estimates),
        tuple(unknown),
        tuple(fits),
        checks,
        pictures,
    )


def read_log(
    table: Table, found: Mapping[str, str], until: str | None
) -> tuple[Log, tuple[LeftOut, ...], list[str], Estimate | None]:
    typing = Typing(table)
    who, day = np.array(typing.names(found["customer"], "customer")), typing.days(found["date"], "date")
    paid = typing.numbers(found["value"], "value") if "value" in found else np.zeros(len(table))
    _alone(typing, found["date"], day)
    kept, left_out = typing.whole()
    returned = kept & (paid < 0)
    if returned.any():
        lines = [typing.table.lines[row] for row in np.flatnonzero(returned)[:5]]
        left_out += (
            LeftOut("a return (its value is negative)", int(returned.sum()), tuple(f"{table.place} {line}" for line in lines)),
        )
        kept &= ~returned
    if not kept.any():
        raise TableError(f"{table.source}: no row is a purchase")
    first_day, last_day = int(day[kept].min()), int(day[kept].max())
    end = last_day if until is None else _day(until)
    if until is not None and not first_day < end <= last_day:
        raise TableError(f"--until: {until} is not within the purchases, {_date(first_day)} to {_date(last_day)}")
    if end - first_day < SHORTEST:
        raise TableError(
            f"{table.source}: {_date(first_day)} to {_date(end)} are fewer than {SHORTEST} days, too few to fit anything"
        )
    names, people = np.unique(who[kept], return_inverse=True)
    every = np.unique(np.column_stack([people, day[kept] - first_day]), axis=0)
    log = _counted(every, len(names), end - first_day, last_day - first_day, first_day)
    if len(log.born) < FEWEST or log.again.sum() < FEWEST:
        raise TableError(
            f"{table.source}: {len(log.born):,} customers and {int(log.again.sum()):,} repeats up to {_date(end)}, too few to "
            "fit anything"
        )
    notes = [f"each customer's first purchase in the log is taken for her first ever, {_date(first_day)} to {_date(end)}"]
    if len(every) < kept.sum():
        notes.append(f"{int(kept.sum()) - len(every):,} rows are further purchases on a day, which count once")
    return log, left_out, notes, _value(people, paid[kept]) if "value" in found else None


def _alone(typing: Typing, name: str, day: Integers) -> None:
    """Refuse dates far from all others: 1977 among purchases of 1997 is a slip, and would be twenty years of waiting."""
    good = day[day > 0]
    if not len(good):
        return
    low, high = np.quantile(good, (0.005, 0.995), method="nearest")
    far = 2 * max(int(high - low), 365)
    for row in np.flatnonzero((day > 0) & ((day < low - far) | (day > high + far))):
        at = _date(int(day[row]))
        typing.refuse(
            int(row),
            "date is far from all others",
            f"date ({name}) {at} is far from all others, most of which lie from {_date(int(low))} to {_date(int(high))}",
        )


def _day(text: str) -> int:
    try:
        return (datetime.date.fromisoformat(text) - EARLIEST).days
    except ValueError:
        raise TableError(f"--until must be a day such as 1997-09-30, not {text!r}") from None


def _date(day: int) -> str:
    return (EARLIEST + datetime.timedelta(days=day)).isoformat()


def _counted(every: Integers, customers: int, end: int, after: int, opens: int) -> Log:
    """Who was born up to the end, and what she did since. every: (m, 2) distinct customers and days, in order."""
    born = np.full(customers, after + 1)
    np.minimum.at(born, every[:, 0], every[:, 1])
    fitted = born <= end
    place = np.cumsum(fitted) - 1
    every = every[fitted[every[:, 0]]]
    every = np.column_stack([place[every[:, 0]], every[:, 1]])
    born = born[fitted]
    repeats = every[every[:, 1] > born[every[:, 0]]]
    early = repeats[repeats[:, 1] <= end]
    last = born.copy()
    np.maximum.at(last, early[:, 0], early[:, 1])
    return Log(born, np.bincount(early[:, 0], minlength=len(born)), last - born, end - born, repeats, end, after, opens)


def _value(people: Integers, paid: Floats) -> Estimate | None:
    """The mean value of a purchase; its interval knows that a customer's purchases are alike."""
    known = np.isfinite(paid)
    if known.sum() < FEWEST:
        return None
    people, paid = people[known], paid[known]
    mean, count = float(paid.mean()), len(paid)
    sums = np.bincount(people, weights=paid - mean)
    half = Z * math.sqrt(float(sums @ sums)) / count
    return Estimate("value of a purchase", mean, mean - half, mean + half, "money")


def _likelihoods(log: Log) -> dict[tuple[str, str], tuple[Callable[[Floats], float], Floats]]:
    """ln likelihood of the six models by the logs of their parameters, and where to start. Who is alike is counted once."""
    from scipy.special import betaln, gammaln

    alike, count = np.unique(np.column_stack([log.again, log.last, log.watched]), axis=0, return_counts=True)
    again, last, watched = (alike[:, place].astype(np.float64) for place in range(3))
    came, fewer = again > 0, np.maximum(again - 1, 0.0)

    def rates(free: Floats, time: Floats) -> Floats:
        shape, days = np.exp(free)
        found: Floats = gammaln(shape + again) - gammaln(shape) + shape * free[1] - (shape + again) * np.log(days + time)
        return found

    def rate(free: Floats, time: Floats) -> Floats:
        found: Floats = -free[0] * again - time / np.exp(free[0])
        return found

    def alike_in_leaving(coming: Callable[[Floats, Floats], Floats], size: int) -> Callable[[Floats], float]:
        def worth(free: Floats) -> float:
            stay, go = -math.log1p(math.exp(free[size])), -math.log1p(math.exp(-free[size]))
            stays = coming(free[:size], watched) + again * stay
            gone = np.where(came, coming(free[:size], last) + go + fewer * stay, -np.inf)
            return float(count @ np.logaddexp(stays, gone))

        return worth

    def leaving(coming: Callable[[Floats, Floats], Floats], size: int) -> Callable[[Floats], float]:
        def worth(free: Floats) -> float:
            a, b = np.exp(free[size:])
            stays = coming(free[:size], watched) + betaln(a, b + again) - betaln(a, b)
            gone = np.where(came, coming(free[:size], last) + betaln(a + 1, b + fewer) - betaln(a, b), -np.inf)
            return float(count @ np.logaddexp(stays, gone))

        return worth

    gap = math.log(float(log.watched.sum()) / float(log.again.sum()))
    beta = [math.log(1.0), math.log(3.0)]
    return {
        (SAME, STAY): (lambda free: float(count @ rate(free, watched)), np.array([gap])),
        (DIFFER, STAY): (lambda free: float(count @ rates(free, watched)), np.array([math.log(0.5), gap - 1.0])),
        (SAME, ALIKE): (alike_in_leaving(rate, 1), np.array([gap - 0.5, -1.0])),
        (DIFFER, ALIKE): (alike_in_leaving(rates, 2), np.array([math.log(0.5), gap - 1.0, -1.0])),
        (SAME, LEAVE): (leaving(rate, 1), np.array([gap - 0.5, *beta])),
        (DIFFER, LEAVE): (leaving(rates, 2), np.array([math.log(0.5), gap - 1.0, *beta])),
    }


def _fitted(log: Log) -> tuple[list[Fit], Rhythm, Regression, list[Unknown]]:
    """The six models, and the one that the log asks for: whatever does not lower AIC by 15 is left out of it."""
    found: dict[tuple[str, str], Regression] = {}
    for name, (worth, start) in _likelihoods(log).items():
        try:
            found[name] = highest(worth, start)
        except ValueError:  # flat: it needs no parameter of this model
            continue
    if not found:
        raise TableError("the purchases fit no model of how people come again")
    fits = [Fit("repeats", f"{rate}, {lost}", one.likelihood, one.parameters) for (rate, lost), one in found.items()]
    rate, lost = asked_for({name: one.aic for name, one in zip(found, fits, strict=True)})
    unknown = []
    if lost == STAY:
        why = (
            "people who have left are told from people who come seldom only by longer watching, and here leaving explains the "
            "purchases hardly better"
        )
        unknown.append(Unknown("leaving", why, "psyche.leaving.base"))
    values = [float(one) for one in np.exp(found[rate, lost].values)]
    leaving = None if lost == STAY else values[-1] / (1 + values[-1]) if lost == ALIKE else (values[-2], values[-1])
    shape, days = (values[0], values[1]) if rate == DIFFER else (math.inf, values[0])
    return fits, Rhythm(shape, days, leaving), found[rate, lost], unknown


def asked_for(aic: Mapping[tuple[str, str], float]) -> tuple[str, str]:
    """The model to take: the best by AIC, and from there to simpler ones for as long as that costs less than 15."""
    simpler = {LEAVE: ALIKE, ALIKE: STAY, DIFFER: SAME}
    best = min(aic, key=lambda name: aic[name])
    while True:
        rate, lost = best
        steps = [(simpler.get(rate, rate), lost), (rate, simpler.get(lost, lost)), (rate, STAY)]
        cheap = [one for one in steps if one != best and one in aic and aic[one] - aic[best] < -NEEDED]
        if not cheap:
            return best
        best = min(cheap, key=lambda name: aic[name])


def _told(rhythm: Rhythm, best: Regression, customers: int) -> tuple[list[Estimate], list[writing.Entry]]:
    """Estimates with intervals, and the keys of a scenario."""
    differ = not math.isinf(rhythm.shape)
    estimates = [
        _derived(
            "repeats a customer and year at first",
            best,
            (lambda v: 365.0 * v[0] / v[1]) if differ else (lambda v: 365.0 / v[0]),
            "a year",
        )
    ]
    if differ:
        estimates += [
            _derived("rates: shape of the gamma", best, lambda v: float(v[0])),
            _derived("rates: scale of the gamma", best, lambda v: float(v[1]), "days"),
        ]
    mean = rhythm.days / (rhythm.shape if differ else 1.0)
    entries = [
        writing.Entry("market.people", str(customers), "from your log: its customers"),
        writing.Entry(
            "market.visits.every",
            f"{writing.rounded(min(mean, SELDOM), 4)} days",
            f"from your log: mean rate of all, {_interval(estimates[0])} repeats a year",
        ),
    ]
    slices = rhythm.segments()
    for number, (share, gap) in enumerate(slices, 1):
        if len(slices) > 1:
            text = f"{{share: {writing.rounded(100 * share)}%, visits: {{every: {writing.rounded(gap, 4)} days}}}}"
            entries.append(
                writing.Entry(
                    f"market.segments.rhythm {number}",
                    text,
                    ""
                    if number > 1
                    else f"from your log: a gamma of rates cut into {len(slices)}, shape {_interval(estimates[1])}",
                )
            )
    if isinstance(rhythm.leaving, float):
        alone = _derived(CHANCE, best, lambda v: float(v[-1] / (1 + v[-1])), "share", "psyche.leaving.base")
        estimates.append(alone)
        entries.append(writing.entry(alone, "log", "chance to leave after a repeat, of all alike"))
    elif rhythm.leaving is not None:
        chance = _derived(CHANCE, best, lambda v: float(v[-2] / (v[-2] + v[-1])), "share", "psyche.leaving.base")
        estimates += [
            chance,
            _derived("leaving: first shape of the beta", best, lambda v: float(v[-2])),
            _derived("leaving: second shape of the beta", best, lambda v: float(v[-1])),
        ]
        a, b = (writing.rounded(shape, 4) for shape in rhythm.leaving)
        entries.append(writing.Entry(chance.key, f"{{beta: [{a}, {b}]}}", f"from your log: mean {_interval(chance)}"))
    return estimates, entries


def _interval(one: Estimate) -> str:
    return f"{writing.rounded(one.value)}, 95% interval {writing.rounded(one.low)} … {writing.rounded(one.high)}"


def _derived(name: str, best: Regression, what: Callable[[Floats], float], unit: str = "", key: str = "") -> Estimate:
    """A number that follows from the parameters, with its interval."""
    return Estimate(name, *derived(best, what), unit, key)


def derived(best: Regression, what: Callable[[Floats], float], z: float = Z) -> tuple[float, float, float]:
    """A number that follows from the parameters, and its limits by the delta method on its logarithm: 95% if z is left out."""

    def logged(free: Floats) -> float:
        return math.log(what(np.exp(free)))

    at, step = best.values, 1e-5
    slope = np.array([(logged(at + step * one) - logged(at - step * one)) / (2 * step) for one in np.eye(len(at))])
    middle, half = logged(at), z * math.sqrt(max(float(slope @ best.covariance @ slope), 0.0))
    return math.exp(middle), math.exp(middle - half), math.exp(middle + half)


class Lived(NamedTuple):
    """What the engine made of it. total: (days+1,) repeats of all customers by the end of each day. after: (k,) share of
    customers with 0, 1, … repeats after the fitted days."""

    total: Floats
    after: Floats


def _lived(log: Log, rhythm: Rhythm) -> Lived:
    """The fitted rhythm, lived by the engine. What is kept back is counted by cohorts, of the day of the first purchase."""
    with tempfile.TemporaryDirectory() as place:
        days, _ = _repeats(rhythm, Path(place), LIVED, log.after - int(log.born.min()))
        by_then = np.concatenate([[0.0], np.cumsum(days)]) / LIVED
        born = np.bincount(log.born, minlength=log.after + 1).astype(np.float64)
        total = np.convolve(born, by_then)[: log.after + 1]
        after = _kept_back(log, rhythm, Path(place)) if log.end < log.after else np.zeros(0)
    return Lived(total, after)


def _kept_back(log: Log, rhythm: Rhythm, place: Path) -> Floats:
    """The share of customers with 0, 1, … repeats after the fitted days: each lived up to their end, and up to the last day."""
    edges = np.unique(np.quantile(log.born, np.linspace(0, 1, COHORTS + 1), method="nearest"))
    cohort = np.searchsorted(edges[1:-1], log.born, side="right")
    found = np.zeros(1)
    for number in np.unique(cohort):
        born = log.born[cohort == number]
        people, start = max(1, round(LIVED * len(born) / len(log.born))), round(float(born.mean()))
        _, whole = _repeats(rhythm, place, people, log.after - start)
        _, early = _repeats(rhythm, place, people, max(log.end - start, 1))
        counts = np.bincount(whole - early) / people
        found = np.pad(found, (0, max(0, len(counts) - len(found))))
        found[: len(counts)] += counts * len(born) / len(log.born)
    return found


def _repeats(rhythm: Rhythm, place: Path, people: int, days: int) -> tuple[Floats, Integers]:
    """(days,) repeats of all by day since the first purchase, and (people,) by person: the same people however many days."""
    from sim.engine.run import run
    from sim.story.emit import emit
    from sim.story.load import load
    from sim.story.resolve import resolve

    slices = rhythm.segments()
    segments = {
        f"rhythm {number}": {"share": round(share, 6), "visits": {"every": f"{writing.rounded(gap, 6)} days"}}
        for number, (share, gap) in enumerate(slices, 1)
    }
    base = {"beta": list(rhythm.leaving)} if isinstance(rhythm.leaving, tuple) else rhythm.leaving
    psyche = {} if base is None else {"psyche": {"leaving": {"base": base}}}
    story = {
        "title": "what the log says, lived again",
        "horizon": f"{days} days",
        "seed": 0,
        "replications": 1,
        "market": {"people": people, "visits": {"every": f"{writing.rounded(slices[0][1], 6)} days"}, "segments": segments},
        **psyche,
        "firms": {"ours": {"quality": 60}},
        "strategies": {"as it was": []},
    }
    path = place / "lived.yaml"
    path.write_text(emit(story), encoding="utf-8")
    found = run(resolve(load(path)), "as it was", keep={"customers"})
    customers = found.customers
    assert customers is not None  # asked for in the line above
    by_day = np.bincount(found.by_day["day"], weights=found.by_day["visits"], minlength=days).astype(np.float64)
    return by_day, np.asarray(customers["visits"], dtype=np.int64)


class _Courses(NamedTuple):
    """Repeats of all by the end of each day: measured, simulated, and as they would be if all came at the same rate."""

    measured: Floats
    simulated: Floats
    constant: Floats


def _judged(log: Log, lived: Lived) -> tuple[tuple[Check, ...], tuple[Picture, ...]]:
    """The simulated repeats beside those of the log, week by week; and, of what came after the fit, by customer."""
    born_by_then = np.cumsum(np.bincount(log.born, minlength=log.after + 1))
    watched_by_then = np.concatenate([[0.0], np.cumsum(born_by_then)[:-1]])
    courses = _Courses(
        np.cumsum(np.bincount(log.pairs[:, 1], minlength=log.after + 1)).astype(np.float64),
        lived.total,
        float(log.again.sum()) / float(log.watched.sum()) * watched_by_then,
    )
    weeks = np.arange(6, log.after + 1, 7)
    first = _course(log, courses, weeks)
    later, late = weeks[weeks > log.end], log.pairs[log.pairs[:, 1] > log.end]
    if not len(later) or not len(late):
        why = (
            "all purchases were fitted; --until DATE keeps some back to judge by"
            if log.end >= log.after
            else ("what was kept back is less than a week, or none of the fitted customers came again in it")
        )
        return (Check("what came after", why, None),), (first,)
    counts = np.bincount(np.bincount(late[:, 0], minlength=len(log.born))) / len(log.born)
    size = max(len(counts), len(lived.after))
    counts, simulated = (np.pad(one, (0, size - len(one))) for one in (counts, lived.after))
    apart = float(np.abs(counts - simulated).sum() / 2)
    many = np.arange(min(size, 9))
    second = Picture(
        "Repeats of a customer after the fit",
        "repeats",
        "share of customers",
        [Dot(float(x), float(counts[x])) for x in many],
        (Line("simulated", list(many.astype(float)), list(simulated[many])),),
        percent=True,
    )
    said = f"{apart:.3f} of the customers would have to be moved to another count; at most {MOST_MOVED:.3f}"
    return (*_off(log, courses, later), Check("repeats by customer", said, apart <= MOST_MOVED)), (first, second)


def _course(log: Log, courses: _Courses, weeks: Integers) -> Picture:
    """The picture of repeats in all."""
    said = list((weeks + 1) / 7)
    shown = weeks[:: max(1, len(weeks) // 40)]
    return Picture(
        "Repeats in all",
        "weeks since the log begins",
        "repeats so far",
        [Dot((day + 1) / 7, float(courses.measured[day])) for day in shown],
        (
            Line("all at the same rate", said, list(courses.constant[weeks]), quiet=True),
            Line("simulated", said, list(courses.simulated[weeks])),
        ),
        ((log.end + 1) / 7, (log.after + 1) / 7) if log.end < log.after else None,
        "after the fit",
    )


def _off(log: Log, courses: _Courses, later: Integers) -> tuple[Check, Check]:
    """How far the simulated course is off after the fit: on average over the weeks, and in all."""
    real = courses.measured[later]
    error = float(np.mean(np.abs(courses.simulated[later] - real) / real))
    came, would, flat = (float(one[-1] - one[log.end]) for one in courses)
    return (
        Check(
            "repeats after the fit, week by week",
            f"the simulated curve is off by {error:.1%} on average; at most {MOST_OFF:.0%}",
            error <= MOST_OFF,
        ),
        Check(
            "repeats after the fit, in all",
            f"simulated {would:,.0f}, real {came:,.0f} ({would / came - 1:+.0%}; at most ±{MOST_OFF_IN_ALL:.0%}); all at the "
            f"same rate {flat / came - 1:+.0%}",
            abs(would / came - 1) <= MOST_OFF_IN_ALL,
        ),
    )

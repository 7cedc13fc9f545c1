"""A survey asked once: response curves, and what one answer a person cannot tell.

Answers are taken to points by the ends of their scale: the lowest is 0, the highest 100. A gap is quality minus expectation.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.calibrate import block as writing
from sim.calibrate.columns import Role, find, parts
from sim.calibrate.fitting import Floats, Regression, Z, highest, line, logit, ratio, share
from sim.calibrate.found import NEEDED, Calibration, Check, Dot, Estimate, Fit, Line, Picture, Unknown
from sim.calibrate.reading import LeftOut, Table, TableError, Typing, read

ROLES: Final = (
    Role(
        "satisfaction",
        ("satisfaction", "satisfied", "satis", "csat", "满意度", "满意"),
        "how satisfied she says she is",
        needed=True,
        sums=True,
    ),
    Role(
        "quality",
        ("quality", "overallq", "perceivedquality", "performance", "质量", "感知质量"),
        "the quality she perceived",
        sums=True,
    ),
    Role(
        "expectation",
        ("expectation", "expectations", "expected", "overallx", "期望", "期望值"),
        "the quality she had expected",
        sums=True,
    ),
    Role("complaint", ("complaint", "complained", "comp", "complain", "投诉", "抱怨"), "whether she complained, 0 or 1"),
    Role("handling", ("handling", "handle", "recovery", "投诉处理"), "how her complaint was handled", sums=True),
    Role(
        "repurchase",
        ("repurchase", "repur", "rebuy", "repurchaseintention", "复购", "再购意愿"),
        "whether she would come again",
        sums=True,
    ),
)
SCALES: Final = ((1.0, 5.0), (1.0, 7.0), (1.0, 10.0), (0.0, 10.0), (0.0, 100.0), (1.0, 100.0))
FEWEST: Final = 30
"""With fewer rows nothing is fitted."""
ALIKE: Final = 0.02
"""Rules whose R² differ by less are told to fit about equally."""


@dataclass
class _Asked:
    """The answers, and what has been found in them so far. step: points that one step of an answer is worth."""

    answers: dict[str, Floats]
    low: float
    high: float
    estimates: list[Estimate] = field(default_factory=list)
    unknown: list[Unknown] = field(default_factory=list)
    fits: list[Fit] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    entries: list[writing.Entry] = field(default_factory=list)
    used: int = 0

    @property
    def step(self) -> float:
        return 100.0 / (self.high - self.low)

    def whole(self, *roles: str) -> tuple[Floats, ...] | None:
        """The answers of those who gave all of these; None where a column is missing or fewer than FEWEST did."""
        if any(role not in self.answers for role in roles):
            return None
        kept = np.all([np.isfinite(self.answers[role]) for role in roles], axis=0)
        return tuple(self.answers[role][kept] for role in roles) if kept.sum() >= FEWEST else None

    def estimate(self, name: str, three: tuple[float, float, float], unit: str = "", key: str = "") -> Estimate:
        self.estimates.append(Estimate(name, *three, unit, key))
        return self.estimates[-1]


def survey(source: object, columns: Mapping[str, str] | None = None, scale: tuple[float, float] | None = None) -> Calibration:
    """Response curves from one answer a person: satisfaction, complaints, repurchase, and the keys of a scenario they tell.

    source: a path or a frame. columns: which column is which role of ROLES, as far as their names do not tell. scale: the
    lowest and the highest answer; guessed from the answers, and said, if left out. Errors: TableError; OSError.
    """
    table = read(source)
    found = find(table, ROLES, columns or {})
    answers, (low, high), note, left_out = answered(table, found, scale)
    asked = _Asked(answers, low, high)
    if int(np.isfinite(asked.answers["satisfaction"]).sum()) < FEWEST:
        raise TableError(f"{table.source}: fewer than {FEWEST} rows tell satisfaction, too few to fit anything")
    _judging(asked)
    _complaining(asked)
    _coming_again(asked)
    _handling(asked)
    _once(asked)
    return Calibration(
        "survey",
        table.source,
        len(table),
        int(np.isfinite(asked.answers["satisfaction"]).sum()),
        found,
        _headline(asked),
        writing.block(
            f"From {table.source} by `drift calibrate survey`; answers {low:g} to {high:g} as 0 to 100 points.",
            asked.entries,
            asked.unknown,
        ),
        (*table.notes, note),
        left_out,
        tuple(asked.estimates),
        tuple(asked.unknown),
        tuple(asked.fits),
        tuple(asked.checks),
        tuple(asked.pictures),
    )


def answered(
    table: Table, found: Mapping[str, str], scale: tuple[float, float] | None
) -> tuple[dict[str, Floats], tuple[float, float], str, tuple[LeftOut, ...]]:
    """The answers of the rows that can be used, by role; the ends of their scale, where that is from, and what was left out.

    Errors: TableError.
    """
    typing = Typing(table)
    answers = {
        role: typing.yes_no(name, role) if role == "complaint" else typing.mean(parts(table, name), role)
        for role, name in found.items()
    }
    low, high, note = _scale(answers, scale)
    for role, column in answers.items():
        for row in np.flatnonzero((column < low) | (column > high)) if role != "complaint" else ():
            typing.refuse(
                int(row),
                f"{role} is not from {low:g} to {high:g}",
                f"{role} ({found[role]}) {column[row]:g} is not from {low:g} to {high:g}",
            )
    kept, left_out = typing.whole()
    return {role: column[kept] for role, column in answers.items()}, (low, high), note, left_out


def in_points(answers: Mapping[str, Floats], scale: tuple[float, float] | None) -> tuple[dict[str, Floats], str]:
    """Answers with the ends of their scale at 0 and 100 points, and where the scale is from. Errors: TableError."""
    low, high, note = _scale(answers, scale)
    step = 100.0 / (high - low)
    return {role: column if role == "complaint" else (column - low) * step for role, column in answers.items()}, note


def _scale(answers: Mapping[str, Floats], said: tuple[float, float] | None) -> tuple[float, float, str]:
    """The ends of the scale: as said, else the smallest usual one that holds 99% of the answers."""
    if said is not None:
        low, high = said
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise TableError(f"the scale must go from a number to a higher one, such as 1-10, not {low:g}-{high:g}")
        return low, high, f"answers go from {low:g} to {high:g}"
    every = np.concatenate([column for role, column in answers.items() if role != "complaint"])
    every = every[np.isfinite(every)]
    if not len(every):
        raise TableError("there are no answers at all")
    for low, high in SCALES:
        if np.mean((every >= low) & (every <= high)) >= 0.99:
            return low, high, f"answers are taken to go from {low:g} to {high:g}; --scale says otherwise"
    raise TableError(f"answers from {every.min():g} to {every.max():g} fit no usual scale; say --scale LOWEST-HIGHEST")


def _fit(asked: _Asked, of: str, name: str, found: Regression) -> Regression:
    asked.fits.append(Fit(of, name, found.likelihood, found.parameters, found.r2))
    return found


def _judging(asked: _Asked) -> None:
    """Satisfaction from quality and expectation, by several rules; whether shortfalls weigh more than gains."""
    whole = asked.whole("satisfaction", "quality", "expectation")
    if whole is None:
        asked.unknown.append(
            Unknown(
                "loss aversion", "it needs satisfaction, quality and expectation of the same people", "psyche.loss_aversion"
            )
        )
        return
    satisfaction, quality, expectation = whole
    gap = quality - expectation
    gains, losses = np.maximum(gap, 0.0), np.minimum(gap, 0.0)
    rules = {
        "the same for all": [],
        "gap": [gap],
        "gains, shortfalls": [gains, losses],
        "quality": [quality],
        "quality, expectation": [quality, expectation],
        "quality, shortfalls": [quality, losses],
        "quality, gains, shortfalls": [quality, gains, losses],
        "quality, whether it fell short": [quality, np.sign(losses)],
        "quality and its square": [quality, quality**2],
    }
    try:
        fits = {name: _fit(asked, "satisfaction", name, line(columns, satisfaction)) for name, columns in rules.items()}
    except ValueError as error:
        asked.unknown.append(Unknown("satisfaction", f"{error}: quality or the gap does not vary", "psyche.loss_aversion"))
        return
    both, split = fits["quality, expectation"], fits["gains, shortfalls"]
    asked.estimate("satisfaction a step of quality", both.interval(1), "steps")
    asked.estimate("satisfaction a step of expectation", both.interval(2), "steps")
    asked.estimate("R² of quality and expectation", (both.r2, math.nan, math.nan))
    gain, loss = (
        asked.estimate(f"satisfaction a step of {what}", split.interval(place), "steps")
        for place, what in ((1, "gain"), (2, "shortfall"))
    )
    _loss_aversion(asked, split, gain, loss)
    _noise(asked, both, len(satisfaction))
    levels = [found.r2 for name, found in fits.items() if name.startswith("quality")]
    alike = max(levels) - min(levels) < ALIKE
    asked.checks.append(
        Check(
            "rules",
            f"{len(levels)} different rules of satisfaction that go by quality fit {'about equally' if alike else 'unequally'} "
            f"(R² {min(levels):.3f} to {max(levels):.3f})"
            + (", so a cross-section does not choose among them" if alike else "; none of them speaks of learning"),
            None,
        )
    )
    _gap_picture(asked, gap, satisfaction, split)


def _loss_aversion(asked: _Asked, split: Regression, gain: Estimate, loss: Estimate) -> None:
    times = ratio(split, 2, 1)
    if times is not None and gain.low > 0 and times[0] >= 0:
        one = asked.estimate("loss aversion", times, "times", "psyche.loss_aversion")
        asked.entries.append(writing.entry(one, "survey", "slope of shortfalls ÷ slope of gains"))
        return
    asked.unknown.append(
        Unknown(
            "loss aversion",
            f"gains do not surely raise satisfaction (slope {gain.value:+.3f}, {gain.low:+.3f} … {gain.high:+.3f}), so "
            f"there is nothing to divide the slope of shortfalls by ({loss.value:+.3f}, {loss.low:+.3f} … {loss.high:+.3f})",
            "psyche.loss_aversion",
        )
    )


def _noise(asked: _Asked, both: Regression, count: int) -> None:
    """What answers stray by around what quality and expectation say, on the 0 to 10 of the model's questionnaire."""
    strays = spread(both.sd * asked.step / 10, count - 3)
    one = asked.estimate("noise of an answer", strays, "of 0 to 10", "psyche.survey.noise")
    asked.entries.append(writing.entry(one, "survey", "how far satisfaction strays from what quality and expectation say"))


def spread(sd: float, freedom: int, z: float = Z) -> tuple[float, float, float]:
    """A standard deviation with its exact limits for normal errors, by χ² of so many degrees of freedom; 95% by default."""
    from scipy.special import chdtri, ndtr

    below = float(ndtr(-z))
    low, high = (sd * math.sqrt(freedom / float(chdtri(freedom, p))) for p in (below, 1 - below))
    return sd, low, high


def _gap_picture(asked: _Asked, gap: Floats, satisfaction: Floats, split: Regression) -> None:
    ends = np.array([gap.min(), 0.0, gap.max()])
    fitted = split.values[0] + split.values[1] * np.maximum(ends, 0) + split.values[2] * np.minimum(ends, 0)
    asked.pictures.append(
        Picture(
            "Satisfaction by gap",
            "quality minus expectation, steps",
            "satisfaction, mean answer",
            _means(gap, satisfaction),
            (Line("gains and shortfalls", list(ends), list(fitted)),),
        )
    )


def _means(across: Floats, up: Floats) -> list[Dot]:
    """The mean at each value that at least five people share, with its interval."""
    dots = []
    for value in np.unique(across):
        here = up[across == value]
        if len(here) >= 5:
            half = Z * float(here.std(ddof=1)) / math.sqrt(len(here))
            dots.append(Dot(float(value), float(here.mean()), float(here.mean()) - half, float(here.mean()) + half))
    return dots


def _complaining(asked: _Asked) -> None:
    """Who complains: a logit on satisfaction, and the model's own curve on the shortfall."""
    whole = asked.whole("complaint", "satisfaction")
    if whole is None:
        asked.unknown.append(Unknown("complaining", "it needs whether she complained", "psyche.complaining"))
        return
    complained, satisfaction = whole
    try:
        found = _fit(asked, "complaint", "logit on satisfaction", logit([satisfaction], complained))
        _fit(asked, "complaint", "the same chance for all", logit([], complained))
    except ValueError as error:
        asked.unknown.append(Unknown("complaining", str(error), "psyche.complaining"))
        return
    asked.estimate("complaint: constant of the logit", found.interval(0), "log-odds")
    asked.estimate("complaint: slope on satisfaction", found.interval(1), "log-odds a step")
    for name, rate in _rates(asked, complained, satisfaction):
        asked.estimate(f"complaint rate, satisfaction {name}", rate, "share")
    across = np.linspace(asked.low, asked.high, 60)
    curve = 1 / (1 + np.exp(-found.values[0] - found.values[1] * across))
    dots = [
        Dot(float(value), *share(int(here.sum()), len(here)))
        for value in np.unique(satisfaction)
        if len(here := complained[satisfaction == value]) >= 5
    ]
    asked.pictures.append(
        Picture(
            "Complaints by satisfaction",
            "satisfaction, answer",
            "share who complained",
            dots,
            (Line("logit", list(across), list(curve)),),
            percent=True,
        )
    )
    _shortfall(asked)


def _rates(asked: _Asked, complained: Floats, satisfaction: Floats) -> list[tuple[str, tuple[float, float, float]]]:
    """Complaint rates of the unhappy, the lukewarm and the happy: up to 40% of the scale, up to 70%, above."""
    low, high = asked.low, asked.high
    cuts = (4.0, 7.0) if (low, high) == (1.0, 10.0) else (low + 0.4 * (high - low), low + 0.7 * (high - low))
    parts = (
        (f"up to {cuts[0]:g}", satisfaction <= cuts[0]),
        (f"above {cuts[0]:g}, up to {cuts[1]:g}", (satisfaction > cuts[0]) & (satisfaction <= cuts[1])),
        (f"above {cuts[1]:g}", satisfaction > cuts[1]),
    )
    return [(name, share(int(complained[here].sum()), int(here.sum()))) for name, here in parts if here.any()]


def _shortfall(asked: _Asked) -> None:
    """The model's curve: chance = 1 − (1 − base)·exp(−shortfall·points short), by maximum likelihood."""
    whole = asked.whole("complaint", "quality", "expectation")
    if whole is None:
        asked.unknown.append(
            Unknown(
                "complaining by the shortfall",
                "the model's chance to complain goes by quality minus expectation, and both must be asked",
                "psyche.complaining",
            )
        )
        return
    complained, quality, expectation = whole
    short = np.maximum(expectation - quality, 0.0) * asked.step
    try:
        found = _fit(
            asked,
            "complaint, of those asked about both",
            "the model's curve on the shortfall",
            complaint_curve(short, complained),
        )
        slope = _fit(asked, "complaint, of those asked about both", "logit on the shortfall", logit([short], complained))
        flat = _fit(asked, "complaint, of those asked about both", "the same chance for all", logit([], complained))
    except ValueError as error:
        asked.unknown.append(Unknown("complaining by the shortfall", str(error), "psyche.complaining"))
        return
    if flat.likelihood - found.likelihood > NEEDED / 2 or slope.interval(1)[1] <= 0:
        asked.unknown.append(
            Unknown("complaining by the shortfall", "the chance does not surely rise with it", "psyche.complaining.shortfall")
        )
        return
    base, rise = base_and_rise(found)
    first = asked.estimate("complaint: base", base, "share", "psyche.complaining.base")
    second = asked.estimate("complaint: rise with the shortfall", rise, "per point", "psyche.complaining.shortfall")
    asked.entries += [
        writing.entry(first, "survey", "chance where nothing fell short"),
        writing.entry(second, "survey", "how silence shrinks with each point that quality falls short"),
    ]
    asked.pictures.append(_by_shortfall(short, complained, first.value, second.value))


def complaint_curve(short: Floats, complained: Floats) -> Regression:
    """The model's curve, fitted: the log-odds of its base, and the logarithm of its rise with each point that falls short.

    Errors: ValueError where the data do not tell.
    """

    def worth(free: Floats) -> float:
        silent = np.exp(-math.exp(free[1]) * short) / (1 + math.exp(free[0]))
        return float(np.where(complained > 0, np.log(np.maximum(1 - silent, 1e-300)), np.log(silent)).sum())

    return highest(worth, np.array([-2.0, -4.0]))


def base_and_rise(found: Regression, z: float = Z) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """The curve's base as a share and its rise, each with its limits; 95% if z is left out."""
    (base, *bases), (rise, *rises) = (found.interval(place, z) for place in (0, 1))

    def chance(odds: float) -> float:
        return 1 / (1 + math.exp(-odds))

    return (chance(base), chance(bases[0]), chance(bases[1])), (math.exp(rise), math.exp(rises[0]), math.exp(rises[1]))


def _by_shortfall(short: Floats, complained: Floats, base: float, rise: float) -> Picture:
    """Who complained at each shortfall, and the model's curve."""
    across = np.linspace(0.0, float(short.max()), 60)
    dots = [
        Dot(float(value), *share(int(here.sum()), len(here)))
        for value in np.unique(short)
        if len(here := complained[short == value]) >= 5
    ]
    curve = Line("the model's curve", list(across), list(1 - (1 - base) * np.exp(-rise * across)))
    return Picture(
        "Complaints by shortfall", "expectation minus quality, points", "share who complained", dots, (curve,), percent=True
    )


def _coming_again(asked: _Asked) -> None:
    """Stated repurchase from satisfaction."""
    whole = asked.whole("repurchase", "satisfaction")
    if whole is None:
        return
    repurchase, satisfaction = whole
    try:
        found = _fit(asked, "repurchase", "satisfaction", line([satisfaction], repurchase))
        _fit(asked, "repurchase", "the same for all", line([], repurchase))
    except ValueError:
        return
    asked.estimate("repurchase: constant", found.interval(0), "steps")
    asked.estimate("repurchase a step of satisfaction", found.interval(1), "steps")
    ends = np.array([asked.low, asked.high])
    asked.pictures.append(
        Picture(
            "Stated repurchase by satisfaction",
            "satisfaction, answer",
            "repurchase, mean answer",
            _means(satisfaction, repurchase),
            (Line("straight line", list(ends), list(found.values[0] + found.values[1] * ends)),),
        )
    )


def _handling(asked: _Asked) -> None:
    """Among those who complained, stated repurchase from how the complaint was handled."""
    whole = asked.whole("repurchase", "handling", "complaint")
    if whole is None:
        return
    repurchase, handling, complained = whole
    spoke: NDArray[np.bool_] = complained > 0
    try:
        found = _fit(asked, "repurchase, of complainers", "handling", line([handling[spoke]], repurchase[spoke]))
        _fit(asked, "repurchase, of complainers", "the same for all", line([], repurchase[spoke]))
    except ValueError:
        return
    asked.estimate("repurchase a step of handling, of complainers", found.interval(1), "steps")
    asked.unknown.append(
        Unknown(
            "weight of recovery",
            "answers about handling are no points that were given and expected; the slope "
            f"on stated repurchase is {found.values[1]:+.2f} a step",
            "psyche.recovery.weight",
        )
    )


def _once(asked: _Asked) -> None:
    """What no answer given once can tell."""
    asked.unknown += [
        Unknown(
            "learning rate",
            "a cross-section asks each person once, and how fast expectation follows experience shows only in the "
            "same people over time (`drift calibrate panel`)",
            "psyche.learning",
        ),
        Unknown(
            "weight of the gap in an answer",
            "across people expectation and satisfaction go together through quality, assimilation "
            "and who comes at all, so its slope is not the contrast that the model means",
            "psyche.survey.gap",
        ),
        Unknown("leaving", "a stated intention is not a purchase (`drift calibrate purchases`)", "psyche.leaving"),
    ]


def _headline(asked: _Asked) -> str:
    words = {
        "psyche.loss_aversion": "how much more shortfalls weigh than gains",
        "psyche.survey.noise": "how far answers stray",
        "psyche.complaining.base": "how often people complain",
    }
    told = [words[one.key] for one in asked.estimates if one.key in words]
    said = f"tells {' and '.join(told)}" if told else "tells no number of a scenario"
    return f"The survey {said}; it does not identify the learning rate"

"""Where does the truth stand within the intervals of a calibration? `python -m campaigns.ranks [--studies N] [--jobs 2]`.

Simulation-based calibration, after Talts et al. 2018 (from memory, not verified), of calibrators that are no Bayesian's. In
every study true parameters are drawn from the priors below, data are drawn from the calibrator's own model at that truth, and
the calibrator is fitted. What is ranked: the position u of the truth in the calibrator's own intervals, taken at every level at
once. The level at which the truth lies on an end of the interval is found by bisection; with z its two-sided normal point,
u = Φ(z) where the truth is above the estimate and Φ(−z) where it is below. If intervals are right at all levels, u is
uniform. Intervals that are too narrow heap u up at both ends (∪), ones too wide in the middle (∩), a bias at one side.

Of every parameter it prints the histogram of u in 20 bins, a χ² test, how far the curve of u leaves the simultaneous 95% band
of all parameters (after Säilynoja et al. 2022, from memory, not verified: the band's level is found by simulating uniform
samples), the mean of u, how far Φ⁻¹(u) strays (1 if right, 2 if intervals are half as wide as they should be), and in how many
studies the 95% interval held. `*` marks what leaves the band, and it ends with status 1 if
any of them is not KNOWN. The seeds are fixed, so that two
runs print the same. `--draw FILE` draws it.
"""

from __future__ import annotations

import argparse
import io
import math
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from sim.calibrate.choices import Choices
from sim.calibrate.fitting import Regression, highest, line, logit, ratio
from sim.calibrate.of_purchases import DIFFER, LEAVE, Log, _counted, _likelihoods, derived
from sim.calibrate.of_survey import base_and_rise, complaint_curve, spread
from sim.calibrate.ratings import Ratings
from sim.calibrate.reference import profile, references

Floats = NDArray[np.float64]
Three = tuple[float, float, float]
Interval = Callable[[float], Three | None]
Found = TypeVar("Found")

BINS = 20
POINTS = 100
"""The curve of positions is looked at in so many points."""
FURTHEST = 8.0
"""No truth is looked for further than so many standard errors away."""
MOST_OUTSIDE = 0.05
"""The chance that any parameter leaves the band, if all intervals are right."""
STUDIES = {"survey": 400, "panel of choices": 100, "panel of ratings": 200, "purchases": 100}
"""Fewer of what takes a second each."""
KNOWN = {("purchases", name) for name in ("repeats a year at first", "rates: shape", "rates: scale")}
"""Known not to be uniform: several purchases of a day are one in a log, and rates are found too low."""


# How a study is made


class Survey(NamedTuple):
    """The truth about one survey, and its people. Slopes a point; noise in points; base and rise of the complaint curve."""

    people: int
    quality: float
    expectation: float
    gain: float
    shortfall: float
    noise: float
    odds: float
    slope: float
    again: float
    base: float
    rise: float


def survey(number: int, people: int = 400) -> dict[str, float]:
    """One survey. Prior: slopes U(.3, .9), of expectation U(0, .3), gain U(.3, .7), shortfall U(.7, 1.5), noise U(3, 8) points;
    complaints: log-odds U(0, 2) − U(.02, .06) a point of satisfaction; base U(.05, .2), rise U(.01, .04) a point; repurchase
    U(.4, 1) a point. What a line says and what gains and shortfalls say are two models, and so two sets of people."""
    luck = _luck(1, number)
    draw = luck.uniform
    truth = Survey(
        people,
        draw(0.3, 0.9),
        draw(0.0, 0.3),
        draw(0.3, 0.7),
        draw(0.7, 1.5),
        draw(3, 8),
        draw(0, 2),
        -draw(0.02, 0.06),
        draw(0.4, 1.0),
        draw(0.05, 0.2),
        draw(0.01, 0.04),
    )
    expectation = 60 + 10 * luck.standard_normal(people)
    quality = 25 + 0.6 * expectation + 8 * luck.standard_normal(people)
    said = 10 + truth.quality * quality + truth.expectation * expectation + truth.noise * luck.standard_normal(people)
    both = line([quality, expectation], said)
    spoke = (luck.random(people) < 1 / (1 + np.exp(-truth.odds - truth.slope * said))).astype(float)
    speaking = logit([said], spoke)
    repurchase = line([said], 5 + truth.again * said + 12 * luck.standard_normal(people))
    expectation, quality = 60 + 10 * luck.standard_normal((2, people))
    gap = quality - expectation
    gains, losses = np.maximum(gap, 0.0), np.minimum(gap, 0.0)
    said = 50 + truth.gain * gains + truth.shortfall * losses + truth.noise * luck.standard_normal(people)
    split = line([gains, losses], said)
    complained = luck.random(people) < 1 - (1 - truth.base) * np.exp(truth.rise * losses)
    curve = _told(lambda: complaint_curve(-losses, complained.astype(float)))
    return {
        "slope of quality": position(partial(both.interval, 1), truth.quality),
        "slope of expectation": position(partial(both.interval, 2), truth.expectation),
        "slope of a gain": position(partial(split.interval, 1), truth.gain),
        "slope of a shortfall": position(partial(split.interval, 2), truth.shortfall),
        "loss aversion": position(lambda z: ratio(split, 2, 1, z=z), truth.shortfall / truth.gain),
        "noise of an answer": position(lambda z: spread(both.sd, people - 3, z), truth.noise),
        "complaint: constant": position(partial(speaking.interval, 0), truth.odds),
        "complaint: slope": position(partial(speaking.interval, 1), truth.slope),
        "complaint: base": math.nan if curve is None else position(lambda z: base_and_rise(curve, z)[0], truth.base),
        "complaint: rise": math.nan if curve is None else position(lambda z: base_and_rise(curve, z)[1], truth.rise),
        "slope of repurchase": position(partial(repurchase.interval, 1), truth.again),
    }


def choices(number: int, people: int = 80, occasions: int = 28, firms: int = 3) -> dict[str, float]:
    """One panel of choices at prices of which a quarter is a deal. Prior: rate U(.15, .85), a gain 2 to 6 and a loss 3 to 8
    log-odds a mean price, price −1 to −4, loyalty 1 to 3, firms N(0, .5)."""
    luck = _luck(2, number)
    rows = people * occasions
    deals = luck.random((rows, firms)) < 0.25
    price = (1 + 0.1 * np.arange(firms)) * (1 - 0.3 * deals) * (1 + 0.05 * luck.standard_normal((rows, firms)))
    starts = np.arange(rows) % occasions == 0
    told = Choices(
        starts, price / price.mean(), np.zeros((rows, firms, 0)), np.zeros(rows, dtype=np.int64), tuple("abc"[:firms])
    )
    rate, gain, loss = luck.uniform(0.15, 0.85), luck.uniform(2, 6), luck.uniform(3, 8)
    cost, loyalty = luck.uniform(1, 4), luck.uniform(1, 3)
    people_are = np.array([*(0.5 * luck.standard_normal(firms - 1)), loyalty, -cost, gain, -loss])
    told = told.simulated(people_are, rate, 1_000_000 + number)
    found = _told(lambda: profile(told, told.fit(None)))
    if found is None:
        return dict.fromkeys(
            ("learning rate", "weight of a gain", "weight of a loss", "loss aversion", "price", "loyalty"), math.nan
        )
    best, last = found.best, len(people_are) - 1
    return {
        "learning rate": position(found.interval, rate),
        "weight of a gain": position(partial(best.interval, last - 1), gain),
        "weight of a loss": position(partial(best.interval, last), -loss),
        "loss aversion": position(lambda z: ratio(best, last, last - 1, -1.0, z), loss / gain),
        "price": position(partial(best.interval, last - 2), -cost),
        "loyalty": position(partial(best.interval, firms - 1), loyalty),
    }


def ratings(number: int, people: int = 40, visits: int = 12) -> dict[str, float]:
    """One panel of ratings of quality N(60, 8). Prior: rate U(.1, .9), a gain U(.4, 1), a loss U(.8, 2) and quality U(.2, .8)
    a point, noise U(3, 6)."""
    luck = _luck(3, number)
    draw = luck.uniform
    rate, gain, loss, level, noise = draw(0.1, 0.9), draw(0.4, 1.0), draw(0.8, 2.0), draw(0.2, 0.8), draw(3, 6)
    rows = people * visits
    told = Ratings(np.arange(rows) % visits == 0, 60 + 8 * luck.standard_normal((rows, 1)), np.zeros(rows))
    gap = told.seen - references(told, np.array([rate]), np.array([rate]), np.zeros(1))[0]
    rated = level * told.seen + gain * np.maximum(gap, 0) + loss * np.minimum(gap, 0)
    own = np.repeat(10 * luck.standard_normal(people), visits)
    told = Ratings(told.starts, told.seen, rated[:, 0] + own + noise * luck.standard_normal(rows))
    found = profile(told, told.fit(None))
    best = found.best
    return {
        "learning rate": position(found.interval, rate),
        "weight of quality": position(partial(best.interval, 1), level),
        "weight of a gain": position(partial(best.interval, 2), gain),
        "weight of a loss": position(partial(best.interval, 3), loss),
        "loss aversion": position(lambda z: ratio(best, 3, 2, 1.0, z), loss / gain),
    }


def purchases(number: int, people: int = 2000, days: int = 360) -> dict[str, float]:
    """One log of purchases, in whole days as logs are, of the full model. Prior: shape U(.5, 1.5) of the rates, their mean
    once in 20 to 60 days; chance to leave .15 to .35 on average, first shape of its beta U(.6, 1.5)."""
    luck = _luck(4, number)
    shape, gap = luck.uniform(0.5, 1.5), luck.uniform(20, 60)
    mean, first = luck.uniform(0.15, 0.35), luck.uniform(0.6, 1.5)
    truth = np.array([shape, shape * gap, first, first * (1 - mean) / mean])
    log = bought(truth, luck, people, days)
    worth, start = _likelihoods(log)[DIFFER, LEAVE]
    best = _told(lambda: highest(worth, start))
    names: dict[str, Callable[[Floats], float]] = {
        "repeats a year at first": lambda v: 365.0 * v[0] / v[1],
        "rates: shape": lambda v: float(v[0]),
        "rates: scale": lambda v: float(v[1]),
        "chance to leave": lambda v: float(v[2] / (v[2] + v[3])),
        "leaving: first shape": lambda v: float(v[2]),
        "leaving: second shape": lambda v: float(v[3]),
    }
    return {
        name: math.nan if best is None else position(partial(_derived, best, what), what(truth)) for name, what in names.items()
    }


def bought(truth: Floats, luck: np.random.Generator, people: int, days: int) -> Log:
    """A log of people who come at gamma rates and leave by beta chances; purchases of a day are one, as in any log."""
    rate, leave = luck.gamma(truth[0], size=people) / truth[1], luck.beta(truth[2], truth[3], people)
    now, there = luck.uniform(0, days / 4, people), np.ones(people, dtype=bool)
    every = [np.column_stack([np.arange(people), now])]
    while there.any():
        now = now + luck.exponential(size=people) / np.maximum(rate, 1e-12)
        there &= now < days
        every.append(np.column_stack([np.flatnonzero(there), now[there]]))
        there &= luck.random(people) >= leave
    return _counted(np.unique(np.concatenate(every).astype(np.int64), axis=0), people, days - 1, days - 1, 0)


def _derived(best: Regression, what: Callable[[Floats], float], z: float) -> Three:
    return derived(best, what, z)


def _told(fit: Callable[[], Found]) -> Found | None:
    """A fit; None where it says that the data do not tell."""
    try:
        return fit()
    except ValueError:
        return None


def _luck(kind: int, number: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=[kind, number]))


CALIBRATORS: dict[str, Callable[[int], dict[str, float]]] = {
    "survey": survey,
    "panel of choices": choices,
    "panel of ratings": ratings,
    "purchases": purchases,
}


# Where the truth stands, and whether such positions are uniform


def position(interval: Interval, truth: float) -> float:
    """u of the module's docstring. interval: estimate and limits at z; None where not finite: all lies within."""

    def inside(z: float) -> bool:
        found = interval(z)
        return found is None or (truth <= found[2] if above else truth >= found[1])

    at = interval(1e-6)
    if at is None:
        return math.nan
    above, low, high = truth > at[0], 0.0, FURTHEST
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (low, middle) if inside(middle) else (middle, high)
    return float(stats.norm.cdf(high if above else -high))


@cache
def band(count: int, outside: float) -> float:
    """The pointwise chance at which a band around the curve of so many uniform positions is left with a chance of `outside`.

    At each of POINTS points the number of positions below is binomial; the chance of a number so far out is simulated.
    """
    luck = np.random.Generator(np.random.Philox(key=[5, count]))
    tables = [_tail(count, point) for point in range(1, POINTS)]
    least = []
    for _ in range(20_000):
        below = np.cumsum(np.bincount((luck.random(count) * POINTS).astype(int), minlength=POINTS))[:-1]
        least.append(min(table[number] for table, number in zip(tables, below, strict=True)))
    return float(np.quantile(least, outside))


@cache
def _tail(count: int, point: int) -> Floats:
    """Two-sided chance of each number of positions below point/POINTS."""
    every = np.arange(count + 1)
    law = stats.binom(count, point / POINTS)
    chance: Floats = np.minimum(1.0, 2 * np.minimum(law.cdf(every), law.sf(every - 1)))
    return chance


class Ranks(NamedTuple):
    """What the positions of one parameter say. furthest: the least pointwise chance of their curve; band: what it may be."""

    calibrator: str
    parameter: str
    positions: Floats
    untold: int
    bins: NDArray[np.int64]
    p: float
    furthest: float
    band: float
    stray: float
    held: float

    @property
    def uniform(self) -> bool:
        """Whether the curve stays within its band."""
        return self.furthest >= self.band


def ranked(calibrator: str, parameter: str, positions: Floats, parameters: int) -> Ranks:
    """Positions judged, as one of so many parameters. NaN: the calibrator says that this data set does not tell."""
    told = positions[np.isfinite(positions)]
    bins = np.bincount(np.minimum((told * BINS).astype(int), BINS - 1), minlength=BINS)
    below = [int((told < point / POINTS).sum()) for point in range(1, POINTS)]
    furthest = min(float(_tail(len(told), point)[number]) for point, number in enumerate(below, 1))
    far = stats.norm.ppf(np.clip(told, 1e-12, 1 - 1e-12))
    return Ranks(
        calibrator,
        parameter,
        told,
        len(positions) - len(told),
        bins,
        float(stats.chisquare(bins).pvalue),
        furthest,
        band(len(told), MOST_OUTSIDE / parameters),
        float(np.sqrt(np.mean(far**2))),
        float(np.mean((told > 0.025) & (told < 0.975))),
    )


def studied(calibrator: str, studies: int, pool: ProcessPoolExecutor | None = None) -> dict[str, Floats]:
    """The positions of each parameter over so many studies."""
    numbers = range(studies)
    made = CALIBRATORS[calibrator]
    found = list(map(made, numbers) if pool is None else pool.map(made, numbers, chunksize=max(1, studies // 20)))
    return {name: np.array([one[name] for one in found]) for name in found[0]}


# What is printed and drawn

BARS = " ▁▂▃▄▅▆▇█"


def bars(bins: NDArray[np.int64]) -> str:
    """A histogram in one line; half the height is what is expected."""
    height = bins / max(bins.mean(), 1e-9) / 2
    return "".join(BARS[min(len(BARS) - 1, round(float(one) * (len(BARS) - 1)))] for one in height)


def said(one: Ranks) -> str:
    """One line."""
    return (
        f"{one.parameter:24} {bars(one.bins)}  {one.p:8.4f} {one.furthest:9.1e}{' ' if one.uniform else '*'} "
        f"{one.positions.mean():6.3f} {one.stray:6.2f} {100 * one.held:6.1f}"
        + (f"  {one.untold} not told" if one.untold else "")
    )


def drawn(found: list[Ranks]) -> bytes:
    """All histograms on one sheet, as a PNG. Grey: where 99% of the bars lie if positions are uniform."""
    from matplotlib.figure import Figure

    across = 6
    down = math.ceil(len(found) / across)
    page = Figure(figsize=(10, 1.45 * down + 0.4), dpi=100, layout="constrained")
    page.suptitle(
        "Where the truth stands within the intervals, 0 to 1; grey: 99% of bars if they are right",
        fontsize=11,
        x=0.01,
        ha="left",
    )
    for one, axes in zip(found, page.subplots(down, across, squeeze=False).ravel(), strict=False):
        low, high = stats.binom(len(one.positions), 2 / BINS).ppf([0.005, 0.995])
        axes.axhspan(low, high, color="#d9dde1", lw=0)
        bins = one.bins.reshape(-1, 2).sum(axis=1)
        axes.bar(np.arange(len(bins)) + 0.5, bins, width=0.86, color="#0072b2" if one.uniform else "#d55e00")
        axes.set_title(f"{one.calibrator.removeprefix('panel of ')}\n{one.parameter}", fontsize=7.5)
        axes.set(xlim=(0, len(bins)), ylim=(0, max(high * 1.15, bins.max() * 1.05)), xticks=[], yticks=[])
        axes.spines[["top", "right", "left"]].set_visible(False)
    for axes in page.axes[len(found) :]:
        axes.set_axis_off()
    out = io.BytesIO()
    page.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()


def main() -> int:
    """All calibrators in turn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, help="of each calibrator")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", choices=list(CALIBRATORS), action="append", help="one calibrator; may be repeated")
    parser.add_argument("--draw", type=Path, help="a PNG to write")
    options = parser.parse_args()
    made: dict[str, dict[str, Floats]] = {}
    with ProcessPoolExecutor(options.jobs) as pool:
        for name in options.only or CALIBRATORS:
            started = time.monotonic()
            count = options.studies or STUDIES[name]
            made[name] = studied(name, count, pool)
            print(f"{name}: {count} studies in {time.monotonic() - started:.0f} s", flush=True)
    parameters = sum(map(len, made.values()))
    found = [
        ranked(name, parameter, positions, parameters) for name, many in made.items() for parameter, positions in many.items()
    ]
    for name in made:
        print(
            f"\n{name}\n{'':24} {'0 … position … 1':20}  {'p of χ²':>8} {'furthest':>9}  {'mean':>6} {'stray':>6} {'held %':>6}"
        )
        for one in found:
            if one.calibrator == name:
                print(said(one))
    if options.draw:
        options.draw.write_bytes(drawn(found))
    outside = [one for one in found if not one.uniform]
    print(f"\nthe curve may reach {min(one.band for one in found):.1e}; {len(outside)} of {parameters} leave the band")
    return 1 if any((one.calibrator, one.parameter) not in KNOWN for one in outside) else 0


if __name__ == "__main__":
    sys.exit(main())

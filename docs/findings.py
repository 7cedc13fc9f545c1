"""Repeat published findings and write docs/findings.md: `python docs/findings.py`, half a minute.

A finding is a story in scenarios/findings, which says who found what, and a function here of the same name, which reads from
its runs what the claims are about. The verdict comes from their intervals. With --check it only says whether the page is as it
should be; with names of findings it prints what they show.
"""

from __future__ import annotations

import itertools
import math
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

import sim
from sim.engine.records import KANO, Run, Table
from sim.experiments.compare import run_each
from sim.experiments.statistics import estimate, student
from sim.market import Market

HOME = Path(__file__).parent.parent
STORIES = HOME / "scenarios" / "findings"
PAGE = HOME / "docs" / "findings.md"

Floats = NDArray[np.float64]
Verdict = Literal["agrees", "disagrees", "cannot be told"]


class Told(NamedTuple):
    """A finding's story as it was lived: the runs of its strategies on the same people and luck; the first is the yardstick."""

    market: Market
    runs: Mapping[str, Run]


Tell = Callable[..., Told]
"""tell("psyche.learning=0", …): the finding's story with these settings."""


class Claim(NamedTuple):
    """One number that the finding speaks of. values: (replications,); it should lie above `least` and below `most`."""

    what: str
    values: Floats
    least: float = -math.inf
    most: float = math.inf
    unit: str = ""


class Turn(NamedTuple):
    """Settings under which the verdict is another one, and what they mean."""

    settings: tuple[str, ...]
    meaning: str


class Finding(NamedTuple):
    """A finding: its name, what reads its claims from a story, and where it turns round."""

    name: str
    claims: Callable[[Tell], list[Claim]]
    turn: Turn


class Row(NamedTuple):
    """A claim with its interval, which holds for all claims of the finding at once, and what that says of it."""

    claim: Claim
    mean: float
    low: float
    high: float
    result: Literal["yes", "no", "open"]


CATALOGUE: dict[str, Finding] = {}


def finding(turn: str, *settings: str) -> Callable[[Callable[[Tell], list[Claim]]], Callable[[Tell], list[Claim]]]:
    """Put a function into the catalogue, under its name. turn: what `settings` mean, with which the verdict changes."""
    def enter(claims: Callable[[Tell], list[Claim]]) -> Callable[[Tell], list[Claim]]:
        name = claims.__name__.replace("_", "-")
        CATALOGUE[name] = Finding(name, claims, Turn(settings, turn))
        return claims

    return enter


@cache
def told(name: str, *settings: str) -> Told:
    """A finding's story with some settings changed."""
    market = sim.load(STORIES / f"{name}.yaml", settings).market
    return Told(market, run_each(market, [one.name for one in market.strategies], keep=("customers",)))


def rows_of(one: Finding, *settings: str) -> list[Row]:
    """What the story says of each claim."""
    claims = one.claims(lambda *more: told(one.name, *more, *settings))
    return [judge(claim, len(claims)) for claim in claims]


def judge(claim: Claim, of: int = 1) -> Row:
    """Whether a number lies where it should. of: how many claims are judged at once; their intervals hold together."""
    finite = int(np.isfinite(claim.values).sum())
    found = estimate(claim.values, student(finite, of) if finite > 1 else None)
    inside, outside = found.low > claim.least and found.high < claim.most, found.high <= claim.least or found.low >= claim.most
    return Row(claim, found.mean, found.low, found.high, "yes" if inside else "no" if outside else "open")


def verdict(rows: Iterable[Row]) -> Verdict:
    """Ours agrees if every claim holds, and disagrees if one surely does not."""
    results = {row.result for row in rows}
    return "disagrees" if "no" in results else "cannot be told" if "open" in results else "agrees"


# Reading numbers from runs


def at(story: Told, strategy: str, column: str, *visits: int) -> Floats:
    """(replications,) mean of a column of `by_visit` over these visits, by the people who made them."""
    table = story.runs[strategy].by_visit
    return _mean(table, column, np.isin(table["visit"], visits), "customers", story.market.replications)


def between(story: Told, strategy: str, column: str, first: int, last: int, firm: str = "") -> Floats:
    """(replications,) mean of a column of `by_day` from day `first` to before `last`, over the visits to a firm, or to ours."""
    table = story.runs[strategy].by_day
    days = np.asarray(table["day"], dtype=np.int64)
    those = (table["firm"] == (firm or story.market.firms[0].name)) & (days >= first) & (days < last) & (table["visits"] != 0)
    return _mean(table, column, those, "visits", story.market.replications)


def _mean(table: Table, column: str, those: NDArray[np.bool_], weights: str, replications: int) -> Floats:
    values, weight = np.asarray(table[column], dtype=np.float64)[those], np.asarray(table[weights], dtype=np.float64)[those]
    replication = np.asarray(table["replication"], dtype=np.int64)[those]
    return np.bincount(replication, weight * values, replications) / np.bincount(replication, weight, replications)


def outcome(story: Told, strategy: str, name: str, against: str | None = None) -> Floats:
    """(replications,) an outcome of a strategy, less that of another."""
    values = np.asarray(story.runs[strategy].outcomes[name], dtype=np.float64)
    return values if against is None else values - story.runs[against].outcomes[name]


def gain(story: Told, strategy: str, column: str, *visits: int) -> Floats:
    """(replications,) how much more of a column a strategy gives at these visits than the first strategy."""
    return at(story, strategy, column, *visits) - at(story, next(iter(story.runs)), column, *visits)


# The findings


@finding("nobody learns", "psyche.learning=0")
def geometric_fading(tell: Tell) -> list[Claim]:
    gains = [gain(tell(), "improve", "satisfaction", visit) for visit in range(1, 25)]
    left = 100 * np.array([after / before for before, after in itertools.pairwise(gains[:11])])
    return [Claim("what it adds at the first visit", gains[0], 7.5, 8.5, "points"),
            Claim("the share of it left from a visit to the next: the least of ten", left.min(axis=0), 74.5, 75.5, "%"),
            Claim("the same: the largest of ten", left.max(axis=0), 74.5, 75.5, "%"),
            Claim("what is left after two years", gains[-1], -0.1, 0.1, "points"),
            Claim("added up over all visits: 8 points divided by the learning rate",
                  sum(gains, np.zeros(1)), 31.5, 32.5, "points")]


@finding("every visit teaches alike", "psyche.learning={up: 0.25, down: 0.25}")
def hyperbolic_fading(tell: Tell) -> list[Claim]:
    first, sixth, eleventh, last = (gain(tell(), "improve", "satisfaction", visit) for visit in (1, 6, 11, 21))
    return [Claim("the share of it left at the sixth visit, by 3/(3 + n)", 100 * sixth / first, 37.0, 38.0, "%"),
            Claim("the share of that left at the eleventh; with a half-life it would be the same again",
                  100 * eleventh / sixth, 45.0, unit="%"),
            Claim("the share of it left at the 21st visit, by 3/(3 + n)", 100 * last / first, 12.8, 13.3, "%")]


@finding("nobody learns", "psyche.learning=0")
def hangover(tell: Tell) -> list[Claim]:
    after = [gain(tell(), "delight once", "satisfaction", visit) for visit in range(6, 36)]
    return [Claim("what is expected more at the next visit",
                  gain(tell(), "delight once", "expectation", 7), 1.0, unit="points"),
            Claim("satisfaction at the next visit, more than without", after[1], most=-1.0, unit="points"),
            Claim("the delight and all that comes after it, added up", sum(after, np.zeros(1)), -0.1, 0.1, "points")]


@finding("losses and gains are felt alike", "psyche.loss_aversion=1")
def constant_or_varied(tell: Tell) -> list[Claim]:
    loss, gains = tell(), tell("psyche.loss_aversion=0.5")
    return [Claim("felt value, constant less varied, where losses loom larger",
                  outcome(loss, "constant", "felt", "varied"), 0.1, unit="points"),
            Claim("people kept, constant less varied, where losses loom larger",
                  100 * outcome(loss, "constant", "retention", "varied"), 0.5, unit="in 100"),
            Claim("felt value, varied less constant, where gains loom larger",
                  outcome(gains, "varied", "felt", "constant"), 0.1, unit="points"),
            Claim("people kept, varied less constant, where gains loom larger",
                  100 * outcome(gains, "varied", "retention", "constant"), 0.5, unit="in 100")]


@finding("what is expected of a recovery does not drift", "psyche.recovery.learning=0")
def two_failures(tell: Tell) -> list[Claim]:
    one, two = gain(tell(), "one failure", "goodwill", 6), gain(tell(), "two failures", "goodwill", 18)
    return [Claim("goodwill after one failure, more than without", one, 0.5, unit="points"),
            Claim("goodwill after the second failure, more than without", two, most=-0.5, unit="points")]


@finding("gifts teach nothing, and the last one is remembered best", "psyche.surprise={credit: 0}")
def improving_gifts(tell: Tell) -> list[Claim]:
    story = tell()
    return [Claim("satisfaction with the second gift, growing less shrinking", at(story, "growing", "satisfaction", 12)
                  - at(story, "shrinking", "satisfaction", 12), 1.0, unit="points"),
            Claim("goodwill after it, growing less twice the same", at(story, "growing", "goodwill", 12)
                  - at(story, "twice the same", "goodwill", 12), 0.0, unit="points"),
            Claim("goodwill half a year later, growing less shrinking", at(story, "growing", "goodwill", 18)
                  - at(story, "shrinking", "goodwill", 18), 0.0, unit="points")]


@finding("failures are forgotten when it comes to leaving", "psyche.leaving.failures=0")
def recovery_paradox(tell: Tell) -> list[Claim]:
    return [Claim("goodwill after the recovery, more than without a failure", gain(tell(), "one failure", "goodwill", 6), 0.5,
                  unit="points"),
            Claim("people kept, more than without a failure", 100 * outcome(tell(), "one failure", "retention", "no failure"),
                  most=0.5, unit="in 100")]


@finding("being put right counts for nothing", "psyche.recovery.weight=0")
def paradox_needs_surprise(tell: Tell) -> list[Claim]:
    as_expected = tell("psyche.recovery.expects=30")
    return [Claim("goodwill, more than without a failure, where little was expected",
                  gain(tell(), "one failure", "goodwill", 6), 0.5, unit="points"),
            Claim("the same where as much as they get was expected",
                  gain(as_expected, "one failure", "goodwill", 6), most=0.0, unit="points")]


@finding("nobody gets used to the benefits", "psyche.learning=0")
def demotion(tell: Tell) -> list[Claim]:
    story = tell()
    mine, hers = (story.runs[name].customers for name in ("programme", "no programme"))
    assert mine is not None
    assert hers is not None
    more = np.asarray(mine["goodwill"]) - np.asarray(hers["goodwill"])
    now, best = (np.asarray(mine[name], dtype=np.int64) for name in ("tier", "best_tier"))

    def of(those: NDArray[np.bool_]) -> Floats:
        return np.array([more[those & (mine["replication"] == one)].mean() for one in range(story.market.replications)])

    holders, demoted, never = of((now > 0) & (now == best)), of(best > now), of(best == 0)
    return [Claim("goodwill of the demoted, more than the same people's without a programme",
                  demoted, most=-0.3, unit="points"),
            Claim("the same of the demoted, less that of the never promoted", demoted - never, most=-0.3, unit="points"),
            Claim("what it adds to those who hold it, and takes from the demoted, added up",
                  holders + demoted, most=0.0, unit="points")]


def their_visits(story: Told, strategy: str) -> Floats:
    """(replications,) visits to the first rival, a person."""
    table = story.runs[strategy].by_day
    theirs = np.asarray(table["visits"], dtype=np.float64)[table["firm"] == story.market.firms[1].name]
    made: Floats = theirs.reshape(story.market.replications, -1).sum(axis=1) / story.market.people
    return made


@finding("nobody goes by what is expected", "psyche.choosing.value=0")
def rival_hurt_more(tell: Tell) -> list[Claim]:
    story = tell()

    def change(firm: str, first: int, last: int) -> Floats:
        delight, still = (between(story, name, "satisfaction", first, last, firm) for name in ("delight", "stand still"))
        return delight - still

    first, ours, theirs = change("ours", 0, 60), change("ours", 550, 730), change("across the square", 550, 730)
    return [Claim("what is expected of the delighter in the end, more than without",
                  outcome(story, "delight", "expectation", "stand still"), 1.0, unit="points"),
            Claim("what delight adds to satisfaction, in the first two months less in the last six",
                  first - ours, 1.0, unit="points"),
            Claim("visits that the neighbour loses",
                  their_visits(story, "stand still") - their_visits(story, "delight"), 1.0, unit="a person"),
            Claim("what satisfaction at the neighbour changes by in the last six months", theirs, most=-0.2, unit="points"),
            Claim("the same, less what it changes by at the delighter", theirs - ours, most=-0.2, unit="points")]


@finding("nobody goes by what is expected", "psyche.choosing.value=0")
def forgetting_delight(tell: Tell) -> list[Claim]:
    forgetful, hard = "psyche.forgetting={half_life: 60 days}", "psyche.choosing.switching=6"

    def drawn(*settings: str) -> Floats:
        return outcome(tell(*settings), "delight", "visits", "stand still")

    return [Claim("visits that delight brings, forgetful guests less others, where they are easy to take",
                  drawn(forgetful) - drawn(), most=-0.5, unit="a person"),
            Claim("the same where they are hard to take", drawn(forgetful, hard) - drawn(hard), 0.5, unit="a person")]


@finding("changing places costs something, so that people go back by habit", "psyche.choosing.switching=1")
def meeting_expectations(tell: Tell) -> list[Claim]:
    story = tell()
    run, count = story.runs["as expected"], story.market.replications
    assert run.switches is not None
    switched = np.asarray(run.switches["people"], dtype=np.float64).reshape(count, -1).sum(axis=1)
    visits, first = (np.asarray(run.by_day[name]).reshape(count, -1).sum(axis=1) for name in ("visits", "joined"))
    return [Claim("of 100 further visits, how many more than 50 go back to the firm that met expectations",
                  50 - 100 * switched / (visits - first), 1.0)]


@finding("people also compare with a norm of 60", "psyche.norm={starts: 60, weight: 1}")
def expected_bad_service(tell: Tell) -> list[Claim]:
    bad, good, let_down = (100 * outcome(tell(*settings), "as ever", "retention") for settings in (
        (), ("firms.ours.quality=70",), ("market.expects=60",)))
    return [Claim("people kept by expected bad service, less those by expected good service", bad - good, -0.5, 0.5, "in 100"),
            Claim("the same less those by bad service that was not expected", bad - let_down, 2.0, unit="in 100")]


@finding("nobody believes a promise", "psyche.trust.starts=0")
def over_promising(tell: Tell) -> list[Claim]:
    trial, repeat = (100 * outcome(tell(), "promise much", name, "promise little") for name in ("trial", "repeat"))
    return [Claim("prospects who try us, promising much less promising little", trial, 2.0, unit="in 100"),
            Claim("of those, how many come again", repeat, most=-2.0, unit="in 100")]


@finding("the disappointed leave twice as readily", "psyche.leaving.goodwill=0.16")
def when_overstating_pays(tell: Tell) -> list[Claim]:
    little, much, unsatisfied = (outcome(tell(*settings), "overstate", "visits", "tell the truth") for settings in (
        (), ("psyche.trust.starts=0.8",), ("firms.ours.quality=60",)))
    return [Claim("visits that overstating brings, relied on little less relied on much", little - much, 0.0, unit="a person"),
            Claim("the same, satisfied anyway less not", little - unsatisfied, 0.0, unit="a person")]


def terminations(story: Told, strategy: str = "as it is") -> Floats:
    """(replications,) the share of visits in two years after which somebody left."""
    return at(story, strategy, "left", *range(1, 25))


def pull(story: Told) -> Floats:
    """(replications,) by how many per cent terminations change with one per cent more quality."""
    return 100 * (terminations(story, "one per cent better") / terminations(story) - 1)


@finding("service is three points above what people compare with, and most visits are gains", "market.expects=57",
         "psyche.norm={starts: 57, weight: 1}", "psyche.learning=0")
def variability(tell: Tell) -> list[Claim]:
    even, uneven = tell(), tell("firms.ours.noise=10")
    return [Claim("terminations, more where service is uneven",
                  100 * (terminations(uneven) / terminations(even) - 1), 1.0, unit="%"),
            Claim("terminations with one per cent more quality, where it is even", pull(even), most=0.0, unit="%"),
            Claim("the same where it is uneven", pull(uneven), most=0.0, unit="%"),
            Claim("how much weaker the pull is where it is uneven", pull(uneven) - pull(even), 0.0, unit="%")]


@finding("small losses are felt nearly as much as large ones, and the service is a point and a half short",
         "psyche.curvature=0.5", "psyche.norm={starts: 61.5, weight: 1}", "psyche.leaving.goodwill=0.06")
def size_of_variability(tell: Tell) -> list[Claim]:
    even, uneven = pull(tell()), pull(tell("firms.ours.noise=10"))
    return [Claim("the pull of one per cent where service is uneven, as a share of that where it is even",
                  100 * uneven / even, 30.0, 45.0, "%")]


@finding("losses and gains are felt alike", "psyche.loss_aversion=1")
def word_of_mouth(tell: Tell) -> list[Claim]:
    neutral, good, bad = (100 * outcome(tell(), name, "talk") for name in ("as expected", "far above", "far below"))
    return [Claim("visits told of, far above expectation less as expected", good - neutral, 5.0, unit="in 100"),
            Claim("the same, far below", bad - neutral, 5.0, unit="in 100"),
            Claim("far below less far above", bad - good, 2.0, unit="in 100"),
            Claim("far below, times what it is far above", bad / good, most=2.0)]


HIGH_END = (86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1)
REGULAR = (63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1)
"""Of 100, still there after one to seven years: Fader & Hardie 2007, as given in a test of code that implements their model."""


@finding("within a kind all are alike", "market.segments.high end.psyche.leaving.base=0.149",
         "market.segments.regular.psyche.leaving.base=0.373")
def retention_by_selection(tell: Tell) -> list[Claim]:
    table, count = tell().runs["as ever"].by_visit, tell().market.replications

    def survival(segment: str) -> Floats:
        those = table["segment"] == segment
        came = np.asarray(table["customers"], dtype=np.float64)[those].reshape(count, -1)[:, :8]
        left: Floats = 100 * came[:, 1:] / came[:, :1]
        return left

    claims = []
    for segment, published in (("high end", HIGH_END), ("regular", REGULAR)):
        left = survival(segment)
        claims += [Claim(f"{segment}: the largest distance from the published curve",
                         np.abs(left - published).max(axis=1), most=3.0, unit="in 100"),
                   Claim(f"{segment}: of 100 customers, how many more stay in the seventh year than in the first",
                         100 * left[:, 6] / left[:, 5] - left[:, 0], 3.0)]
    return claims


@finding("everybody who is disappointed says so at once", "psyche.complaining=1")
def silent_leavers(tell: Tell) -> list[Claim]:
    story = tell()
    gone = 1 - outcome(story, "let it slip", "retention")
    return [Claim("of those who leave, how many never spoke up",
                  100 * outcome(story, "let it slip", "silent_leavers") / gone, 50.0, unit="in 100"),
            Claim("complaints while service slips",
                  100 * outcome(story, "let it slip", "complaints"), most=5.0, unit="per 100 visits"),
            Claim("satisfaction meanwhile", outcome(story, "let it slip", "satisfaction"), most=-0.5, unit="points a visit"),
            Claim("people lost by it", 100 * outcome(story, "keep it up", "retention", "let it slip"), 5.0, unit="in 100")]


@finding("nobody learns", "psyche.learning=0")
def kano_drift(tell: Tell) -> list[Claim]:
    asked = []
    for seed in range(8):  # the table adds replications up
        kano = tell(f"seed={seed}").runs["offer it"].kano
        assert kano is not None
        counts = np.asarray(kano.counts, dtype=np.float64)[:, 0]
        asked.append(100 * counts / counts.sum(axis=1, keepdims=True))
    shares = np.array(asked)
    attracts, one_dimensional, must_be = (shares[:, :, KANO.index(name)] for name in KANO[:3])
    return [Claim("customers to whom it is attractive at first", attracts[:, 0], 80.0, unit="in 100"),
            Claim("the same for one-dimensional, at the time when it is that to most",
                  one_dimensional.max(axis=1), 50.0, unit="in 100"),
            Claim("the same for must-be, in the end", must_be[:, -1], 80.0, unit="in 100")]


@finding("what comes by chance teaches a fifth as much", "psyche.surprise={credit: 0.2}")
def uncertain_rewards(tell: Tell) -> list[Claim]:
    story = tell()
    table = story.runs["certain"].by_day
    late = np.asarray(table["day"], dtype=np.int64) >= 182

    def half(strategy: str) -> Floats:
        visits = np.where(late, story.runs[strategy].by_day["visits"], 0).reshape(story.market.replications, -1)
        made: Floats = visits.sum(axis=1) / story.market.people
        return made

    return [Claim("visits in a year, the uncertain reward less the certain one",
                  outcome(story, "uncertain", "visits", "certain"), 0.0, unit="a person"),
            Claim("the same in its second half", half("uncertain") - half("certain"), 0.0, unit="a person")]


@finding("kinds do not grow familiar", "psyche.surprise.familiarity=0")
def variety(tell: Tell) -> list[Claim]:
    return [Claim("satisfaction in the last quarter, six kinds less one",
                  outcome(tell(), "six kinds", "lasting", "always the same"), 0.1, unit="points a visit")]


@finding("nobody leaves because of goodwill", "psyche.leaving.goodwill=0")
def shortfalls_weigh_more(tell: Tell) -> list[Claim]:
    kept = [100 * outcome(tell(), name, "retention") for name in ("three below", "as expected", "three above", "six above")]
    first, second, third = (after - before for before, after in itertools.pairwise(kept))
    return [Claim("people kept, three points below to as expected, more than from there to three above",
                  first - second, 1.0, unit="in 100"),
            Claim("people kept, as expected to three above, more than from there to six above",
                  second - third, 1.0, unit="in 100")]


@finding("all are served alike", "market.served=0")
def expectation_and_satisfaction(tell: Tell) -> list[Claim]:
    return [Claim("the correlation across customers", outcome(tell(), "as ever", "r_across"), 0.24, 0.34),
            Claim("the correlation of changes within a customer", outcome(tell(), "as ever", "r_within"), most=0.0)]


@finding("people perceive what they get", "psyche.assimilation=0")
def placebo(tell: Tell) -> list[Claim]:
    story = tell()
    return [Claim("perceived performance at the first visit, with the promise less without",
                  gain(story, "promise", "experience", 1), 0.5, unit="points"),
            Claim("satisfaction at the first visit, the same",
                  gain(story, "promise", "satisfaction", 1), most=-0.5, unit="points")]


@finding("only the last visits count", "psyche.peak=0")
def enduring_peak(tell: Tell) -> list[Claim]:
    return [Claim("satisfaction two years after the great visit, more than without",
                  gain(tell(), "one great visit", "satisfaction", 30), most=-1.0, unit="points")]


@finding("nobody believes a promise", "psyche.trust.starts=0")
def promise_dilemma(tell: Tell) -> list[Claim]:
    quiet, loud = tell(), tell("firms.across the street.plays=promise more")
    return [Claim("what promising more earns where the other keeps quiet",
                  outcome(quiet, "promise more", "profit", "keep quiet"), 0.1, unit="a person"),
            Claim("the same where the other promises more",
                  outcome(loud, "promise more", "profit", "keep quiet"), 0.1, unit="a person"),
            Claim("both promise more, less both keep quiet",
                  outcome(loud, "promise more", "profit") - outcome(quiet, "keep quiet", "profit"), most=-0.1, unit="a person")]


@finding("nobody gets used to less", "psyche.learning=0")
def eroding_standards(tell: Tell) -> list[Claim]:
    story, year = tell(), (1095, 1460)
    follows, keeps, alone = (between(story, name, "quality", *year) for name in story.runs)
    return [Claim("what the firm that follows delivers three years later, less what the other does",
                  follows - keeps, most=-1.0, unit="points"),
            Claim("the same where hands were never too few", alone - keeps, -1.0, 1.0, "points")]


@finding("leaving grows rarer with every visit anyway", "psyche.leaving.tenure=-1")
def experience_and_weight(tell: Tell) -> list[Claim]:
    early, late = (100 * (at(tell(), name, "left", visit) - at(tell(), "as ever", "left", visit))
                   for name, visit in (("let down early", 3), ("let down late", 30)))
    return [Claim("of 100, how many more leave at once when let down early than late", early - late, 1.0)]


@finding("what falls short teaches a third of what exceeds", "psyche.learning={up: 0.3, down: 0.1}")
def learning_under_noise(tell: Tell) -> list[Claim]:
    even, uneven = (gain(tell(*noise), "improve", "expectation", 6) for noise in ((), ("firms.ours.noise=10",)))
    return [Claim("what is expected more after five visits, even less uneven service", even - uneven, 0.2, unit="points")]


# The page


def number(row: Row) -> str:
    """A mean with its interval, with the digits that the interval deserves."""
    half = (row.high - row.low) / 2
    digits = 2 if not half > 0 else min(2, max(0, 1 - math.floor(math.log10(half))))
    mean, low, high = (f"{0.0 + round(value, digits):.{digits}f}".replace("-", "−") for value in (row.mean, row.low, row.high))
    same = mean if mean == low == high else f"{mean} ({low} to {high})"
    return f"{same}{row.claim.unit}" if row.claim.unit == "%" else f"{same} {row.claim.unit}".rstrip()


def wanted(claim: Claim) -> str:
    """Where a number should lie, in words."""
    least, most = (f"{value:g}".replace("-", "−") for value in (claim.least, claim.most))
    return f"below {most}" if claim.least == -math.inf else f"above {least}" if claim.most == math.inf else f"{least} to {most}"


def shown(rows: Sequence[Row]) -> str:
    """What a story says of the claims, as a Markdown table."""
    lines = [f"| {row.claim.what} | {number(row)} | {wanted(row.claim)} | {row.result} |" for row in rows]
    return "\n".join(["| what | ours | agrees if | holds |", "| --- | --- | --- | --- |", *lines]) + "\n"


def sentence(rows: Sequence[Row]) -> str:
    """The verdict, and what it rests on."""
    said = verdict(rows)
    if said == "agrees":
        many = {1: "what is claimed holds", 2: "both claims hold"}.get(len(rows), f"all {len(rows)} claims hold")
        return f"**Ours agrees**: {many}."
    head, result = ("**Ours disagrees**, in this", "no") if said == "disagrees" else ("**It cannot be told**; open is", "open")
    return f"{head}: {'; '.join(row.claim.what for row in rows if row.result == result)}."


def typed(settings: Sequence[str]) -> str:
    """Settings as they are typed after a command."""
    return " ".join(f'--set "{one}"' if re.search(r"[\s{]", one) else f"--set {one}" for one in settings)


def section(one: Finding) -> str:
    """All that the page says of a finding."""
    story, rows = sim.load(STORIES / f"{one.name}.yaml").scenario, rows_of(one)
    turned = verdict(rows_of(one, *one.turn.settings))
    other = {"agrees": "ours agrees", "disagrees": "ours disagrees", "cannot be told": "it cannot be told"}[turned]
    paragraphs = [f"**Found there.** {story.finding} {'; '.join(map(read, story.source))}.", f"**Our story.** {story.about}",
                  sentence(rows)]
    told = "\n\n".join(map(filled, paragraphs))
    turn = filled(f"Where {one.turn.meaning}, {other}: `{typed(one.turn.settings)}`. The story: "
                  f"[{one.name}.yaml](../scenarios/findings/{one.name}.yaml).")
    commands = f"```bash\npython docs/findings.py {one.name}\ndrift compare scenarios/findings/{one.name}.yaml\n```\n"
    return f"## {story.title}\n\n{told}\n\n{shown(rows)}\n{turn}\n\n{commands}"


def filled(paragraph: str) -> str:
    """A paragraph in lines of the length that all pages have; code is kept on one line."""
    kept = re.sub(r"`[^`]*`", lambda code: code[0].replace(" ", "\0"), paragraph)
    return textwrap.fill(kept, 125, break_long_words=False, break_on_hyphens=False).replace("\0", " ")


def read(source: str) -> str:
    """A source, with how well it was read written out."""
    return source.replace(" [V]", " (abstract or first page read)").replace(" [V2]", " (read about in another text)")


def summary(one: Finding) -> str:
    """A finding's row in the table on top."""
    story = sim.load(STORIES / f"{one.name}.yaml").scenario
    anchor = re.sub(r"[^\w\- ]", "", story.title.lower()).replace(" ", "-")
    said, source = verdict(rows_of(one)), story.source[0]
    how = "second hand" if "[V2]" in source else "abstract"
    return f"| [{story.title}](#{anchor}) | {source.split(' [')[0]} | {how} | {said if said == 'agrees' else f'**{said}**'} |"


INTRODUCTION = """# Findings, repeated

What others have found about customers whose expectations drift, each as a small story, and whether ours shows the same.
Written by `python docs/findings.py` from runs of the stories in [scenarios/findings](../scenarios/findings); no verdict is
written by hand.

- **agrees**: every claim holds, by its interval. **disagrees**: at least one surely does not. **cannot be told**: an interval
  reaches over the line. Where the lines are drawn is our choice, and said in the column “agrees if”.
- Intervals are 95%, over replications, and hold for all claims of a finding at once. They tell how sure the computation is.
- A story's numbers are our assumptions unless they carry a source. So agreement means that the mechanism *can* bring the
  finding about, and not that it did; disagreement, that it does not as it stands.
- Every finding names a change with which its verdict is another one. What is put into a story, and what comes out, it says.
- Nothing more was read of a source than is said beside it, and no equation inside a paper was; what we derived or chose
  ourselves is said to be ours.

"""


def page() -> str:
    """docs/findings.md."""
    verdicts = [verdict(rows_of(one)) for one in CATALOGUE.values()]
    words = {"agrees": "ours agrees with", "disagrees": "disagrees with", "cannot be told": "cannot tell of"}
    counted = ", ".join(f"{said} {verdicts.count(one)}" for one, said in words.items() if one in verdicts)
    table = "\n".join(["| finding | source | read | ours |", "| --- | --- | --- | --- |", *map(summary, CATALOGUE.values())])
    return f"{INTRODUCTION}Of {len(verdicts)} findings {counted}.\n\n{table}\n\n" + "\n".join(map(section, CATALOGUE.values()))


def main(words: Sequence[str]) -> int:
    """Write the page, check it, or print some findings."""
    names = [word for word in words if word != "--check"]
    if unknown := [name for name in names if name not in CATALOGUE]:
        print(f"no finding {unknown[0]!r}; there are: {', '.join(CATALOGUE)}", file=sys.stderr)
        return 2
    if names:
        print("\n".join(section(CATALOGUE[name]) for name in names))
        return 0
    text = page()
    stale = not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text
    if "--check" in words:
        print(f"{PAGE.name} is {'stale: run python docs/findings.py' if stale else 'as it should be'}")
        return int(stale)
    PAGE.write_text(text, encoding="utf-8")
    print(f"{PAGE.name} written")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

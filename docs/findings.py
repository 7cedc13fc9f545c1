"""Repeat published findings and write docs/findings.md: `python docs/findings.py`, a minute or two.

A finding is a story in scenarios/findings, which says who found what, and a function here of the same name, which reads from its
runs what the claim is about. The verdict comes from their intervals. With --check it only says whether the page is as it should be;
with names of findings it prints what they show.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

import sim
from sim.engine.records import Run, Table
from sim.experiments.compare import run_each
from sim.experiments.statistics import estimate, student
from sim.market import Market

HOME = Path(__file__).parent.parent
STORIES = HOME / "scenarios" / "findings"
PAGE = HOME / "docs" / "findings.md"

Floats = NDArray[np.float64]
Verdict = Literal["agrees", "disagrees", "cannot be told"]


class Told(NamedTuple):
    """A finding's story as it was lived: the runs of its strategies on the same people and luck, by name; the first is the yardstick."""

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
    """Put a function into the catalogue, under its name. turn: in words, what `settings` mean, with which the verdict changes."""
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
    """(replications,) mean of a column of `by_day` from day `first` to before `last`, over the visits of a firm; ours if left out."""
    table = story.runs[strategy].by_day
    days = np.asarray(table["day"])
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
    falls = np.min([one - next_ for one, next_ in zip(gains[:10], gains[1:11], strict=True)], axis=0)
    return [Claim("what it adds at the first visit", gains[0], 7.5, 8.5, "points"),
            Claim("the least it falls from one of the first ten visits to the next", falls, 0.0, unit="points"),
            Claim("what is left after two years", gains[-1], -0.1, 0.1, "points"),
            Claim("added up over all visits: 8 points divided by the learning rate", sum(gains, np.zeros(1)), 31.5, 32.5, "points")]


@finding("every visit teaches alike", "psyche.learning={up: 0.25, down: 0.25}")
def hyperbolic_fading(tell: Tell) -> list[Claim]:
    first, sixth, eleventh, last = (gain(tell(), "improve", "satisfaction", visit) for visit in (1, 6, 11, 21))
    return [Claim("the share of it left at the sixth visit, by 3/(3 + n)", 100 * sixth / first, 37.0, 38.0, "%"),
            Claim("the share left of that at the eleventh, were it a half-life the same", 100 * eleventh / sixth, 50.0, unit="%"),
            Claim("the share of it left at the 21st visit, by 3/(3 + n)", 100 * last / first, 12.8, 13.3, "%")]


@finding("nobody learns", "psyche.learning=0")
def hangover(tell: Tell) -> list[Claim]:
    after = [gain(tell(), "delight once", "satisfaction", visit) for visit in range(6, 36)]
    return [Claim("what is expected more at the next visit", gain(tell(), "delight once", "expectation", 7), 1.0, unit="points"),
            Claim("what the next visit pleases less", after[1], most=-1.0, unit="points"),
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
    return "\n".join(["| what | ours | claimed | holds |", "| --- | --- | --- | --- |", *lines]) + "\n"


def sentence(rows: Sequence[Row]) -> str:
    """The verdict, and what it rests on."""
    said = verdict(rows)
    if said == "agrees":
        return f"**Ours agrees**: {'what is claimed holds' if len(rows) == 1 else f'all {len(rows)} claims hold'}."
    wrong = "; ".join(row.claim.what for row in rows if row.result == ("no" if said == "disagrees" else "open"))
    return f"**Ours disagrees**, in this: {wrong}." if said == "disagrees" else f"**It cannot be told**, for this is open: {wrong}."


def typed(settings: Sequence[str]) -> str:
    """Settings as they are typed after a command."""
    return " ".join(f'--set "{one}"' if re.search(r"[\s{]", one) else f"--set {one}" for one in settings)


def section(one: Finding) -> str:
    """All that the page says of a finding."""
    story, rows = sim.load(STORIES / f"{one.name}.yaml").scenario, rows_of(one)
    turned = verdict(rows_of(one, *one.turn.settings))
    other = {"agrees": "ours agrees", "disagrees": "ours disagrees", "cannot be told": "it cannot be told"}[turned]
    return (f"## {story.title}\n\n**Found there.** {story.finding} {'; '.join(map(read, story.source))}.\n\n"
            f"**Our story.** {story.about}\n\n{sentence(rows)}\n\n{shown(rows)}\n"
            f"Where {one.turn.meaning}, {other}: `{typed(one.turn.settings)}`. To repeat it: "
            f"`python docs/findings.py {one.name}`; the [story](../scenarios/findings/{one.name}.yaml): "
            f"`drift compare scenarios/findings/{one.name}.yaml`.\n")


def read(source: str) -> str:
    """A source, with how well it was read written out."""
    return source.replace(" [V]", " (abstract or first page read)").replace(" [V2]", " (read about in another text)")


def summary(one: Finding) -> str:
    """A finding's row in the table on top."""
    story = sim.load(STORIES / f"{one.name}.yaml").scenario
    anchor = re.sub(r"[^\w\- ]", "", story.title.lower()).replace(" ", "-")
    return f"| [{story.title}](#{anchor}) | {story.source[0].split(' [')[0]} | {verdict(rows_of(one))} |"


INTRODUCTION = """# Findings, repeated

What others have found about customers whose expectations drift, each as a small story, and whether ours shows the same. Written by
`python docs/findings.py` from runs of the stories in [scenarios/findings](../scenarios/findings); no verdict is written by hand.

- **agrees**: every claim holds, by its interval. **disagrees**: at least one surely does not. **cannot be told**: an interval
  reaches over the line.
- Intervals are 95%, over replications, and hold for all claims of a finding at once. They tell how sure the computation is.
- A story is ours: its numbers are assumptions unless they carry a source, so that agreement means that the mechanism *can* bring the
  finding about, and not that it did. Disagreement means that it cannot as it stands.
- Every finding names a change with which its verdict is another one. What is put into the story and what comes out of it, the
  story says.
- Nothing more was read of a source than is said beside it. Equations inside the papers were not; where a number is ours, it says so.

"""


def page() -> str:
    """docs/findings.md."""
    verdicts = [verdict(rows_of(one)) for one in CATALOGUE.values()]
    counted = ", ".join(f"{verdicts.count(said)} {said}" for said in dict.fromkeys(sorted(verdicts)))
    table = "\n".join(["| finding | source | ours |", "| --- | --- | --- |", *map(summary, CATALOGUE.values())])
    return f"{INTRODUCTION}{len(verdicts)} findings: {counted}.\n\n{table}\n\n" + "\n".join(map(section, CATALOGUE.values()))


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

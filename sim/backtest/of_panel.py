"""Ratings by the same people beside a story: what they answer at their first visit, at their second, and so on.

What a story's people would answer is the level they experience and the weighted gap, as `psyche.survey` has it; the mean of a
visit number is compared, not single answers. Choices are not: a story does not live the prices of a panel again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.api import Story
from sim.backtest.found import WITHIN, Backtest, judge
from sim.backtest.judging import Floats, Item
from sim.backtest.living import Living, living
from sim.calibrate.columns import find
from sim.calibrate.of_panel import ROLES, full, in_order
from sim.calibrate.of_survey import in_points
from sim.calibrate.reading import TableError, Typing, read
from sim.market import Market, Recovery, coupled
from sim.rules.traits import SURVEY_GAP, SURVEY_NOISE

FEW: Final = 30
"""A visit number that fewer people have made tells nothing."""
MOST: Final = 40
MEAN, COURSE, CHANGE = "the mean rating", "ratings, visit by visit", "how ratings change from the first to the last visit"


def panel(
    story: Story,
    source: object,
    columns: Mapping[str, str] | None = None,
    *,
    scale: tuple[float, float] | None = None,
    strategy: str | None = None,
    replications: int = 99,
    within: float = WITHIN,
) -> Backtest:
    """Mean ratings by visit number, beside those of as many people of the story.

    source: a path or a frame, a row a rating; columns: which column is which role. scale: the lowest and the highest rating,
    0 and 100 points. within: the share of the ratings' sd that is too small to matter. Errors: TableError; OSError; ValueError
    for a strategy that is none, too few replications, or a story whose people come too seldom to be compared.
    """
    acting = living(story, strategy, replications)
    table = read(source)
    every = find(table, ROLES, columns or {})
    found = {role: name for role, name in every.items() if role in ("person", "satisfaction", "when")}
    if "satisfaction" not in found:
        raise TableError(
            f"{table.source}: a panel is compared by what people rate, and there is no satisfaction; say which "
            f"column it is with --columns; a story does not live the prices of choices again; columns: "
            f"{', '.join(table.columns)}"
        )
    typing = Typing(table)
    rated = full(typing, found["satisfaction"], "satisfaction")
    order, starts, left_out = in_order(typing, found, rated[:, None])
    points, note = in_points({"satisfaction": rated[order]}, scale)
    visit = _numbers(starts)
    people = int(starts.sum())
    seen, made = np.bincount(visit), _made(acting, people)
    last = _last(seen, made[1])
    sums = np.bincount(visit, weights=points["satisfaction"])
    means = sums[1 : last + 1] / seen[1 : last + 1]
    simulated = _at_size(*made, seen, last)
    sd = float(points["satisfaction"].std()) or 1.0
    judged, p = judge(_items(means, simulated, seen[1 : last + 1].astype(np.float64), sd), within)
    notes = [note, "people of the story are compared by visit number, whoever else of them has left by then"]
    if _recovers(acting.market(people)):
        notes.append("what a recovery makes good is not in the story's mean ratings")
    return Backtest(
        "panel",
        table.source,
        story.title,
        acting.strategy,
        len(table),
        f"{len(order):,} ratings by {people:,} people",
        replications,
        within,
        found,
        judged,
        p,
        (*table.notes, *notes),
        left_out,
        ("learning apart from quality: a rating is both; `drift calibrate panel` needs the quality beside it",),
    )


def _numbers(starts: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Which visit of its person each row is, 1 the first."""
    rows = np.arange(len(starts))
    found: NDArray[np.int64] = rows - np.maximum.accumulate(np.where(starts, rows, 0)) + 1
    return found


def _last(seen: NDArray[np.int64], made: Floats) -> int:
    """The last visit number that enough people have made, in the data and in every replication. Errors: ValueError below 2."""
    enough = (seen[1:] >= FEW).sum(), (made.min(axis=0) >= FEW).sum()
    last = int(min(*enough, MOST))
    if last < 2:
        raise ValueError(
            f"fewer than {FEW} people make a second visit in the {'data' if enough[0] < 2 else 'story'}, too few to compare"
        )
    return last


def _made(acting: Living, people: int) -> tuple[Floats, Floats]:
    """(R, visits) what people answer on average at each visit, in points, and how many do."""
    own = acting.story.market.people
    market = acting.market(own if coupled(acting.story.market) else people)
    table = acting.lived(market.people).by_visit
    gap, noise = _traits(market)
    place = {one.name: number for number, one in enumerate(market.segments)}
    segment = np.array([place[str(name)] for name in table["segment"]], dtype=np.int64)
    experience, satisfaction = (np.asarray(table[name], dtype=np.float64) for name in ("experience", "satisfaction"))
    level = experience + gap[segment] * satisfaction
    many = np.asarray(table["customers"], dtype=np.float64)
    replication, visit = (np.asarray(table[name], dtype=np.int64) for name in ("replication", "visit"))
    shape = acting.replications, int(visit.max())
    at = replication * shape[1] + visit - 1
    count = np.bincount(at, weights=many, minlength=shape[0] * shape[1]).astype(np.float64).reshape(shape)
    sums = np.bincount(at, weights=many * np.clip(level, 0.0, 100.0), minlength=shape[0] * shape[1]).reshape(shape)
    spread = np.bincount(at, weights=many * noise[segment] ** 2, minlength=shape[0] * shape[1]).reshape(shape)
    luck = np.random.Generator(np.random.Philox(key=market.seed)).standard_normal(shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        means = sums / count + luck * np.sqrt(spread) / count
    return means, count


def _traits(market: Market) -> tuple[Floats, Floats]:
    """By segment: the weight of the gap in an answer, and by how many points of 100 answers stray."""
    return (
        np.array([one.traits[SURVEY_GAP].middle for one in market.segments]),
        10.0 * np.array([one.traits[SURVEY_NOISE].middle for one in market.segments]),
    )


def _at_size(means: Floats, count: Floats, seen: NDArray[np.int64], last: int) -> Floats:
    """(R, last) the story's means, straying as they would with as many people as the data have at that visit."""
    means, count = means[:, :last], count[:, :last]
    middle = means.mean(axis=0)
    found: Floats = middle + (means - middle) * np.sqrt(count / seen[1 : last + 1])
    return found


def _recovers(market: Market) -> bool:
    """Whether any strategy makes good for failures."""
    return any(isinstance(move, Recovery) for one in market.strategies for move in one.moves)


def _items(seen: Floats, made: Floats, weights: Floats, sd: float) -> list[Item]:
    shares, alone = weights / weights.sum(), np.zeros(1)
    last = len(seen)
    return [
        Item(MEAN, "", alone, np.array([seen @ shares]), (made @ shares)[:, None], sd, unit="sd"),
        Item(COURSE, "visit", np.arange(1.0, last + 1), seen, made, sd, unit="sd"),
        Item(CHANGE, "", alone, np.array([seen[-1] - seen[0]]), (made[:, -1] - made[:, 0])[:, None], sd, unit="sd"),
    ]

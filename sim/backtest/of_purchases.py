"""A log of purchases beside a story: how often customers came again after a day, lived by as many people for as long.

The story starts with everybody's first purchase and its visit 1 is the first repeat, as in a block of `drift calibrate
purchases`. Customers are lived by cohorts of the day of their first purchase, each once up to the day and once up to the end of
the log: the same people with the same luck, so that what they did before and after is told apart person by person.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.api import Story
from sim.backtest.found import WITHIN, Backtest, judge
from sim.backtest.judging import Floats, Item
from sim.backtest.living import Living, by_replication, living
from sim.calibrate.columns import find
from sim.calibrate.of_purchases import ROLES, Integers, Log, read_log
from sim.calibrate.reading import TableError, read
from sim.market import coupled

COHORTS: Final = 13
MANY: Final = 6
"""Customers with so many repeats and more are counted together."""
WEEK: Final = 7
REPEATS, WEEKS, COUNTS, DIFFER, TOGETHER = (
    "the number of repeats",
    "repeats week by week",
    "customers by number of repeats",
    "the spread of repeats over customers",
    "how repeats go with earlier ones",
)


class Times(NamedTuple):
    """What people did. before, after: (…, n) repeats of each customer; course: (…, weeks) repeats in all since the day."""

    before: Floats
    after: Floats
    course: Floats


def purchases(
    story: Story,
    source: object,
    columns: Mapping[str, str] | None = None,
    *,
    after: str | None = None,
    strategy: str | None = None,
    replications: int = 99,
    within: float = WITHIN,
) -> Backtest:
    """How often customers came again, beside what the story makes of as many customers watched for as long.

    story: its first strategy if `strategy` is left out. source: a path or a frame, a row a purchase; columns: which column is
    which role. after: the last day that the story was fitted to (1997-09-30); what came later, of those who were customers by
    then, is compared. Left out: the whole log. within: the share of a difference that is too small to matter. Errors:
    TableError; OSError; ScenarioError where the story cannot last as long as the log; ValueError for a strategy that is none,
    too few replications, and people who are coupled, since these cannot be lived by cohorts.
    """
    acting = living(story, strategy, replications)
    if coupled(story.market):
        raise ValueError(
            "people of this story are something to one another (queues, talk or choice among firms), so that "
            "customers of different days cannot be lived apart"
        )
    table = read(source)
    found = find(table, ROLES, columns or {})
    log, left_out, notes, _ = read_log(table, found, after)
    notes = [*notes, "the story starts with everybody's first purchase; visit 1 is the first repeat"]
    if after is None:
        notes.append("no --after: if the story was fitted to these very purchases, that it fits them is no proof")
    elif log.end >= log.after:
        raise TableError(f"--after: {after} is the last day of the purchases, so nothing is left to compare")
    seen, made = _seen(log, held_out=after is not None), _made(log, acting, held_out=after is not None)
    judged, p = judge(_items(seen, made, held_out=after is not None), within)
    what = "purchases after " + after if after is not None else "purchases"
    return Backtest(
        "purchases",
        table.source,
        story.title,
        acting.strategy,
        len(table),
        f"the {what} of {len(log.born):,} customers",
        replications,
        within,
        found,
        judged,
        p,
        (*table.notes, *notes),
        left_out,
        ("what customers felt, expected and will forgive: a log says what they did",),
    )


def _start(log: Log, held_out: bool) -> int:
    """The last day that is not compared; −1 where all are."""
    return log.end if held_out else -1


def _weeks(log: Log, held_out: bool) -> Integers:
    """The last day of each week that is compared."""
    start = _start(log, held_out)
    found: Integers = np.arange(start + WEEK, log.after + 1, WEEK)
    return found if len(found) else np.array([log.after])


def _seen(log: Log, held_out: bool) -> Times:
    start = _start(log, held_out)
    late = log.pairs[log.pairs[:, 1] > start]
    by_day = np.cumsum(np.bincount(late[:, 1], minlength=log.after + 1)).astype(np.float64)
    everybody = len(log.born)
    return Times(
        log.again.astype(np.float64),
        np.bincount(late[:, 0], minlength=everybody).astype(np.float64),
        by_day[_weeks(log, held_out)],
    )


def _made(log: Log, acting: Living, held_out: bool) -> Times:
    """The same of every replication, customers in the order of their cohorts."""
    start, weeks = _start(log, held_out), _weeks(log, held_out)
    edges = np.unique(np.quantile(log.born, np.linspace(0, 1, COHORTS + 1), method="nearest"))
    cohort = np.searchsorted(edges[1:-1], log.born, side="right")
    before, later, course = [], [], np.zeros((acting.replications, len(weeks)))
    for number in np.unique(cohort):
        born = log.born[cohort == number]
        people, first = len(born), round(float(born.mean()))
        run = acting.lived(people, max(log.after - first, 1), int(number))
        whole = by_replication(run.customers or {}, "visits", acting.replications)
        early = np.zeros_like(whole)
        if held_out:
            known = acting.lived(people, max(log.end - first, 1), int(number)).customers or {}
            early = by_replication(known, "visits", acting.replications)
        before.append(early)
        later.append(whole - early)
        days = _by_day(run.by_day, acting)
        so_far = np.cumsum(np.pad(days, ((0, 0), (1, 0))), axis=1) / people
        births = np.bincount(born)
        for day, many in zip(np.flatnonzero(births), births[births > 0], strict=True):
            # Those born that day have lived `week − day` days by the end of a week; cohorts of few days make this nearly exact.
            ages = np.clip(np.append(weeks, start) - day, 0, so_far.shape[1] - 1)
            grown = so_far[:, ages]
            course += many * (grown[:, :-1] - grown[:, -1:])
    return Times(np.concatenate(before, axis=1), np.concatenate(later, axis=1), course)


def _by_day(table: Mapping[str, NDArray[np.generic]], acting: Living) -> Floats:
    """(replications, days) visits to our firm."""
    ours = np.asarray(table["firm"]) == np.asarray(table["firm"])[0]
    found: Floats = np.asarray(table["visits"], dtype=np.float64)[ours].reshape(acting.replications, -1)
    return found


def _items(seen: Times, made: Times, held_out: bool) -> list[Item]:
    def item(name: str, across: str, x: Floats, one: Floats, many: Floats, whole: Floats | float, **more: bool | str) -> Item:
        return Item(name, across, x, one, many, whole, **more)  # type: ignore[arg-type]

    alone = np.zeros(1)
    total, sd = seen.after.sum(keepdims=True), seen.after.std(keepdims=True)
    items = [
        item(REPEATS, "", alone, total, made.after.sum(axis=1, keepdims=True), total),
        item(WEEKS, "week", np.arange(1.0, len(seen.course) + 1), seen.course, made.course, seen.course),
        item(
            COUNTS,
            "repeats",
            np.arange(MANY + 1.0),
            _shares(seen.after[None])[0],
            _shares(made.after),
            1.0,
            moved=True,
            percent=True,
        ),
        item(DIFFER, "", alone, sd, made.after.std(axis=1, keepdims=True), sd),
    ]
    if held_out:
        items.append(
            item(
                TOGETHER,
                "",
                alone,
                _correlation(seen.before[None], seen.after[None]),
                _correlation(made.before, made.after)[:, None],
                1.0,
                unit="of correlation",
            )
        )
    return items


def _shares(counts: Floats) -> Floats:
    """(R, MANY + 1) the share of customers with 0, 1, … repeats, the last with MANY or more."""
    found: Floats = np.stack(
        [(counts == number).mean(axis=1) for number in range(MANY)] + [(counts >= MANY).mean(axis=1)], axis=1
    )
    return found


def _correlation(one: Floats, other: Floats) -> Floats:
    """(R,) correlation over customers; 0 where one of them does not vary."""
    apart = one - one.mean(axis=1, keepdims=True), other - other.mean(axis=1, keepdims=True)
    both = np.sqrt((apart[0] ** 2).sum(axis=1) * (apart[1] ** 2).sum(axis=1))
    found: Floats = np.where(both > 0, (apart[0] * apart[1]).sum(axis=1) / np.maximum(both, 1e-300), 0.0)
    return found

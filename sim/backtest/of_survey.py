"""A survey beside a story: what customers expect, how far what they get is off it, and who complains, on one day.

The story is lived for its own horizon, and those who are customers then are asked. Of the story a customer's gap is the mean
over her visits, since that is what an answer about a firm is about; of the survey it is quality minus expectation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.api import Story
from sim.backtest.found import WITHIN, Backtest, judge
from sim.backtest.judging import Floats, Item
from sim.backtest.living import Living, by_replication, living
from sim.calibrate.columns import find
from sim.calibrate.of_survey import ROLES, answered, in_points
from sim.calibrate.reading import TableError, read
from sim.market import coupled

FEWEST: Final = 100
MOST_TRIED: Final = 50
"""So many times as many people as rows are lived at most, to find as many customers as answered."""
TENTHS: Final = np.arange(0.1, 0.95, 0.1)
EXPECTED, EXPECTATIONS, GAP, GAPS, TOGETHER, COMPLAIN = (
    "the mean expectation",
    "expectations by tenth of customers",
    "the mean gap",
    "gaps by tenth of customers",
    "how the gap goes with the expectation",
    "customers who complained",
)


def survey(
    story: Story,
    source: object,
    columns: Mapping[str, str] | None = None,
    *,
    scale: tuple[float, float] | None = None,
    strategy: str | None = None,
    replications: int = 99,
    within: float = WITHIN,
) -> Backtest:
    """Expectations, gaps and complaints of a survey, beside those of as many customers of the story at its end.

    source: a path or a frame, a row a person; columns: which column is which role. scale: the lowest and the highest answer, 0
    and 100 points. within: the share (of an sd, where levels are compared) that is too small to matter. Errors: TableError;
    OSError; ValueError for a strategy that is none, too few replications, or a story that keeps too few customers.
    """
    acting = living(story, strategy, replications)
    table = read(source)
    found = find(table, ROLES, columns or {})
    raw, ends, note, left_out = answered(table, found, scale)
    answers, _ = in_points(raw, ends)
    kept = _asked(answers)
    if not kept:
        raise TableError(
            f"{table.source}: a survey is compared by expectation, quality and complaints, and it has none of "
            f"expectation (alone or with quality) and complaint; columns: {', '.join(table.columns)}"
        )
    rows = int(min(len(column) for column in kept.values()))
    if rows < FEWEST:
        raise TableError(f"{table.source}: {rows} rows answer all that is compared, too few; {FEWEST} at least")
    made = _made(acting, rows)
    judged, p = judge(_items(kept, made), within)
    unknown = ["the learning rate: what a person expects when asked she has learned already, at whatever rate"]
    if "gap" not in kept:
        unknown.append("the gap: it needs quality and expectation of the same people")
    return Backtest(
        "survey",
        table.source,
        story.title,
        acting.strategy,
        len(table),
        f"{rows:,} answers",
        replications,
        within,
        found,
        judged,
        p,
        (*table.notes, note, "customers of the story are asked on its last day; their gap is the mean of their visits"),
        left_out,
        tuple(unknown),
    )


def _asked(answers: Mapping[str, Floats]) -> dict[str, Floats]:
    """What is compared, of the people who answered all of it."""
    use = [role for role in ("expectation", "quality", "complaint") if role in answers]
    use = [role for role in use if role != "quality" or "expectation" in use]
    if not use:
        return {}
    whole = np.all([np.isfinite(answers[role]) for role in use], axis=0)
    found = {role: answers[role][whole] for role in use}
    if "quality" in found:
        found["gap"] = found.pop("quality") - found["expectation"]
    return found


def _made(acting: Living, rows: int) -> dict[str, list[Floats]]:
    """The same of `rows` customers of each replication. Errors: ValueError where the story keeps too few."""
    people = acting.story.market.people
    if not coupled(acting.story.market):
        kept = acting.lived(rows).customers or {}
        share = float(np.mean(_there(kept, acting.replications)))
        people = math.ceil(rows / max(share * 0.95, 1.0 / MOST_TRIED)) + 50
    table = acting.lived(people).customers or {}
    there = _there(table, acting.replications)
    fewest = int(there.sum(axis=1).min())
    if fewest < min(rows, FEWEST):
        raise ValueError(f"of {people:,} people of the story {fewest:,} are customers in the end who have come, too few to ask")
    columns = {name: by_replication(table, name, acting.replications) for name in ("expectation", "satisfaction", "complained")}
    return {
        role: [columns[name][number, there[number]][:rows] for number in range(acting.replications)]
        for role, name in (("expectation", "expectation"), ("gap", "satisfaction"), ("complaint", "complained"))
    }


def _there(table: Mapping[str, NDArray[np.generic]], replications: int) -> NDArray[np.bool_]:
    """(R, people) who is a customer in the end and has come."""
    return (by_replication(table, "stays", replications) > 0) & (by_replication(table, "visits", replications) > 0)


def _items(seen: Mapping[str, Floats], made: Mapping[str, list[Floats]]) -> list[Item]:
    alone, items = np.zeros(1), []
    for role, mean, tenths in (("expectation", EXPECTED, EXPECTATIONS), ("gap", GAP, GAPS)):
        if role in seen:
            sd = float(seen[role].std()) or 1.0
            items += [
                Item(mean, "", alone, seen[role].mean(keepdims=True), _each(np.mean, made[role]), sd, unit="sd"),
                Item(
                    tenths,
                    "share",
                    TENTHS,
                    np.quantile(seen[role], TENTHS),
                    np.array([np.quantile(one, TENTHS) for one in made[role]]),
                    sd,
                    unit="sd",
                ),
            ]
    if "gap" in seen:
        pairs = [(seen["expectation"], seen["gap"]), *zip(made["expectation"], made["gap"], strict=True)]
        r = np.array([[float(np.corrcoef(*pair)[0, 1]) if min(pair[0].std(), pair[1].std()) > 0 else 0.0] for pair in pairs])
        items.append(Item(TOGETHER, "", alone, r[0], r[1:], 1.0, unit="of correlation"))
    if "complaint" in seen:
        share = seen["complaint"].mean(keepdims=True)
        items.append(Item(COMPLAIN, "", alone, share, _each(np.mean, made["complaint"]), share, percent=True))
    return items


def _each(what: Callable[[Floats], np.floating], columns: list[Floats]) -> Floats:
    """(R, 1) one number of each replication."""
    return np.array([[float(what(one))] for one in columns])

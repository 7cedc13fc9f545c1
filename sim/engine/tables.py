"""From sums to tidy tables: means, shares, sds and outcomes."""

from __future__ import annotations

import logging
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sim.engine.clock import Schedule
from sim.engine.columns import BINS, CUSTOMER, MARKS, Life
from sim.engine.population import People
from sim.engine.records import BY_DAY, BY_VISIT, OUTCOMES, SPREADS, Spreading, Table
from sim.engine.tally import Ruler, Tally
from sim.market import Market
from sim.rules.visit import Mind

Floats = NDArray[np.float64]


def summarise(market: Market, name: str, schedule: Schedule, ruler: Ruler, totals: list[Tally]
              ) -> tuple[Table, Table, Mapping[str, Floats], Spreading, int]:
    """All tables of one strategy from the sums of its replications, and how many visits have no row in by_visit."""
    check_exact(ruler, totals)
    beyond = sum(int(tally.closing[7]) for tally in totals)
    if beyond:
        logging.getLogger("sim").warning("%s: %s visits beyond a customer's visit number %s are counted by day and in the "
                                         "outcomes, and have no row in by_visit", name, f"{beyond:,}", f"{ruler.visits:,}")
    days = [day_columns(market, schedule, tally) for tally in totals]
    by_day = {column: np.concatenate([one[column] for one in (day_rows(market, schedule, replication, day)
                                                               for replication, day in enumerate(days))]) for column in BY_DAY}
    visit_rows = [by_visit_rows(market, ruler, replication, tally) for replication, tally in enumerate(totals)]
    by_visit = {column: np.concatenate([rows[column] for rows in visit_rows]) for column in BY_VISIT}
    found = [outcomes_of(market, day, tally) for day, tally in zip(days, totals, strict=True)]
    outcomes = {outcome: np.array([one[outcome] for one in found]) for outcome in OUTCOMES}
    counts = np.sum([np.asarray(tally.spreading) for tally in totals], axis=0).reshape(MARKS, BINS)
    edges: Floats = ruler.lowest + ruler.width * np.arange(BINS + 1, dtype=np.float64)
    spreading = Spreading(np.asarray(ruler.marks).round().astype(np.int64), edges, counts)
    for table in (by_visit, by_day, outcomes):
        for values in table.values():
            values.flags.writeable = False
    return by_visit, by_day, outcomes, spreading, beyond


def check_exact(ruler: Ruler, totals: list[Tally]) -> None:
    """Refuse sums that outgrew the grid they are exact on, and sums that are no numbers: OverflowError says which."""
    for tally in totals:
        rows, days = np.asarray(tally.by_visit), np.asarray(tally.by_day)
        parts = (("levels or felt values", rows[:, :10], ruler.level_anchor),
                 ("squares of levels", rows[:, 10:], ruler.square_anchor),
                 ("levels or felt values", days[:, :9], ruler.level_anchor),
                 ("costs of surprises", days[:, 9:], ruler.money_anchor))
        for what, sums, anchor in parts:
            if not np.all(np.abs(sums) <= anchor / 1.5 * 2.0):
                raise OverflowError(f"the {what} of this run grow past what its sums can hold exactly (a sum of "
                                    f"{np.nanmax(np.abs(sums)):g}): some move is far larger than the levels of the firms and "
                                    "of what people expect")


def _ratio(above: Floats, below: Floats) -> Floats:
    """above / below, NaN where there is nothing below."""
    found: Floats = np.full(above.shape, np.nan)
    np.divide(above, below, out=found, where=below > 0)
    return found


def weighted(levels: Floats, weights: tuple[float, ...]) -> Floats:
    """Σ w_k·level_k over the last axis, added in the order of the attributes: a matrix product's order depends on its shape."""
    total = np.zeros(levels.shape[:-1])
    for k, weight in enumerate(weights):
        total = total + weight * levels[..., k]
    return total


def by_visit_rows(market: Market, ruler: Ruler, replication: int, tally: Tally) -> Table:
    """The rows of one replication: a segment's visits in order, those that anyone made."""
    sums = np.asarray(tally.by_visit)
    segments = np.repeat(np.array([segment.name for segment in market.segments]), ruler.visits)
    visits = np.tile(np.arange(1, ruler.visits + 1), len(market.segments))
    seen = sums[:, 0] > 0
    sums, customers = sums[seen], sums[seen, 0]
    rows: dict[str, NDArray[np.generic]] = {
        "replication": np.full(len(sums), replication), "segment": segments[seen], "visit": visits[seen],
        "customers": customers.astype(np.int64)}
    names = ("expectation", "norm", "standard", "experience", "satisfaction", "felt", "surprised", "complained")
    for position, column in enumerate(names, start=1):
        rows[column] = sums[:, position] / customers
    rows["recovered"] = np.zeros(len(sums))
    rows["left"] = sums[:, 9] / customers
    for position, column in enumerate(SPREADS, start=10):
        centre = ruler.centre if column in ("expectation", "norm", "experience") else 0.0
        mean = np.asarray(rows[column], dtype=np.float64) - centre
        rows[f"{column}_sd"] = np.sqrt(np.maximum(sums[:, position] / customers - mean * mean, 0.0))
    return rows


def day_columns(market: Market, schedule: Schedule, tally: Tally) -> dict[str, Floats]:
    """What our firm saw on each day of one replication."""
    sums = np.asarray(tally.by_day)
    visits = sums[:, 0]
    columns = {"visits": visits, "complaints": sums[:, 6], "left": sums[:, 7], "joined": sums[:, 8]}
    columns["customers"] = market.people + np.cumsum(columns["joined"] - columns["left"])
    columns["quality"] = weighted(schedule.quality, market.weights)
    for position, name in enumerate(("expectation", "norm", "experience", "satisfaction", "felt"), start=1):
        columns[name] = _ratio(sums[:, position], visits)
    columns["revenue"] = visits * market.firms[0].margin
    columns["cost"] = sums[:, 9] + schedule.once + schedule.running * visits
    columns["satisfaction_sum"], columns["felt_sum"], columns["experience_sum"] = sums[:, 4], sums[:, 5], sums[:, 3]
    return columns


def day_rows(market: Market, schedule: Schedule, replication: int, ours: Mapping[str, Floats]) -> Table:
    """The rows of one replication: our days, then each rival's quality day by day."""
    days, rivals = market.horizon, len(market.firms) - 1
    rows: dict[str, NDArray[np.generic]] = {
        "replication": np.full(days * (1 + rivals), replication),
        "firm": np.repeat(np.array([firm.name for firm in market.firms]), days),
        "day": np.tile(np.arange(days), 1 + rivals)}
    counts = {"customers", "visits", "complaints", "left", "joined"}
    for column in BY_DAY[3:]:
        elsewhere = np.full(days * rivals, 0.0 if column in counts or column in ("revenue", "cost") else np.nan)
        if column == "quality":
            elsewhere = weighted(schedule.rival_quality, market.weights).T.reshape(-1)
        values = np.concatenate([ours[column], elsewhere])
        rows[column] = values.astype(np.int64) if column in counts else values
    return rows


def outcomes_of(market: Market, day: Mapping[str, Floats], tally: Tally) -> dict[str, float]:
    """One number an outcome for one replication; names and meanings as in docs/glossary.md."""
    people, visits = float(market.people), float(day["visits"].sum())
    closing = np.asarray(tally.closing).tolist()
    satisfied, promoters, detractors, expectation, norm, stays, silent, _ = closing
    late = slice(market.horizon - max(1, market.horizon // 4), None)
    late_visits = float(day["visits"][late].sum())
    revenue, cost = float(day["revenue"].sum()), float(day["cost"].sum())
    yearly = 1.0 + market.firms[0].discount
    discounted = float(np.sum(day["revenue"] * yearly ** (-np.arange(market.horizon) / 365.0)))
    nothing = float("nan")
    return {
        "satisfaction": float(day["satisfaction_sum"].sum()) / visits if visits else nothing,
        "lasting": float(day["satisfaction_sum"][late].sum()) / late_visits if late_visits else nothing,
        "felt": float(day["felt_sum"].sum()) / visits if visits else nothing,
        "expectation": expectation / people, "norm": norm / people,
        "experience": float(day["experience_sum"].sum()) / visits if visits else nothing,
        "retention": stays / people, "visits": visits / people,
        "complaints": float(day["complaints"].sum()) / visits if visits else nothing,
        "silent_leavers": silent / people,
        "csat": satisfied / visits if visits else nothing,
        "nps": 100.0 * (promoters - detractors) / visits if visits else nothing,
        "share": visits / visits if visits else nothing,
        "cost": cost / people, "profit": (revenue - cost) / people, "lifetime_value": discounted / people}


def customers_table(market: Market, replication: int, first: int, people: People, mind: Mind, life: Life) -> Table:
    """A row a person of one block: who she is, how often she came, what it was to her, and whether she stays."""
    count = len(people.segment)
    visits = np.asarray(mind.visits)
    return {
        "replication": np.full(count, replication), "customer": np.arange(first, first + count),
        "segment": np.array([segment.name for segment in market.segments])[people.segment],
        "visits": visits.astype(np.int64),
        "expectation": weighted(np.asarray(mind.expectation).reshape(count, -1), market.weights),
        "norm": weighted(np.asarray(mind.norm).reshape(count, -1), market.weights),
        "goodwill": np.asarray(mind.goodwill, dtype=np.float64),
        "satisfaction": _ratio(np.asarray(life.satisfaction), visits), "felt": _ratio(np.asarray(life.felt), visits),
        "complained": np.asarray(life.complained) > 0, "stays": np.asarray(life.standing) == CUSTOMER,
        "left_day": np.asarray(life.left_day, dtype=np.float64)}

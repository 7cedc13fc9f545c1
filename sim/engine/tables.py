"""From sums to tidy tables: means, shares, sds and outcomes."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.clock import Schedule
from sim.engine.columns import BINS, CUSTOMER, MARKS, Life, firms_chosen_among, surveys
from sim.engine.population import People
from sim.engine.records import (
    BY_ATTRIBUTE,
    BY_DAY,
    BY_FIRM,
    BY_VISIT,
    FIRM_OUTCOMES,
    KANO,
    LEVELS,
    OUTCOMES,
    SPREADS,
    SWITCHES,
    Questionnaire,
    Spreading,
    Table,
)
from sim.engine.tally import HOURS_ANCHOR, WAITS, Ruler, Tally
from sim.engine.watching import seen
from sim.market import Market, chooses, queues, talks
from sim.rules.belong import BEST, NOW, ROW
from sim.rules.talk import KINDS, PRAISE
from sim.rules.world import Mind

Floats = NDArray[np.float64]


class Summary(NamedTuple):
    """All tables of one strategy, and how many visits have no row in by_visit."""

    by_visit: Table
    by_day: Table
    outcomes: Mapping[str, Floats]
    spreading: Spreading
    beyond: int
    by_attribute: Table | None
    kano: Questionnaire | None
    switches: Table | None
    by_firm: Table | None


def summarise(market: Market, name: str, schedules: list[Schedule], ruler: Ruler, totals: list[Tally]) -> Summary:
    """All tables of one strategy from the schedules and sums of its replications."""
    check_exact(ruler, totals)
    beyond = sum(int(tally.closing[7]) for tally in totals)
    if beyond:
        logging.getLogger("sim").warning("%s: %s visits beyond a customer's visit number %s are counted by day and in the "
                                         "outcomes, and have no row in by_visit", name, f"{beyond:,}", f"{ruler.visits:,}")
    days = [[day_columns(market, schedule, tally, firm) for firm in range(firms_chosen_among(market))]
            for schedule, tally in zip(schedules, totals, strict=True)]
    by_day = _joined(BY_DAY, [day_rows(market, schedule, replication, day)
                              for replication, (schedule, day) in enumerate(zip(schedules, days, strict=True))])
    by_visit = _joined(BY_VISIT, [by_visit_rows(market, ruler, replication, tally)
                                  for replication, tally in enumerate(totals)])
    found = [outcomes_of(market, day[0], tally) for day, tally in zip(days, totals, strict=True)]
    outcomes = {outcome: np.array([one[outcome] for one in found]) for outcome in OUTCOMES}
    by_attribute = None
    if len(totals[0].by_attribute):
        by_attribute = _joined(BY_ATTRIBUTE, [by_attribute_rows(market, ruler, replication, tally)
                                              for replication, tally in enumerate(totals)])
    switches, by_firm = None, None
    if chooses(market):
        by_firm = _joined(BY_FIRM, [firm_rows(market, day, tally, replication)
                                    for replication, (day, tally) in enumerate(zip(days, totals, strict=True))])
    if len(totals[0].switched) > 1:
        switches = _joined(SWITCHES, [switch_rows(market, replication, tally) for replication, tally in enumerate(totals)])
    for table in (by_visit, by_day, outcomes, by_attribute or {}, switches or {}, by_firm or {}):
        for values in table.values():
            values.flags.writeable = False
    return Summary(by_visit, by_day, outcomes, spreading_of(ruler, totals), beyond, by_attribute,
                   kano_of(market, ruler, totals), switches, by_firm)


def _joined(columns: Sequence[str], parts: Sequence[Table]) -> Table:
    return {column: np.concatenate([part[column] for part in parts]) for column in columns}


def spreading_of(ruler: Ruler, totals: list[Tally]) -> Spreading:
    """How expectation is distributed over people at each checkpoint, all replications together."""
    counts = np.sum([np.asarray(tally.spreading) for tally in totals], axis=0).reshape(MARKS, BINS)
    edges: Floats = ruler.lowest + ruler.width * np.arange(BINS + 1, dtype=np.float64)
    return Spreading(np.asarray(ruler.marks).round().astype(np.int64), edges, counts)


def kano_of(market: Market, ruler: Ruler, totals: list[Tally]) -> Questionnaire | None:
    """The questionnaires filled in, all replications together; None where nobody was asked."""
    asked = [k for k, one in enumerate(market.asked) if one is not None]
    if not asked:
        return None
    counts = np.sum([np.asarray(tally.kano) for tally in totals], axis=0).reshape(MARKS, len(market.attributes), len(KANO))
    names = tuple(market.attributes[k] for k in asked)
    return Questionnaire(np.asarray(ruler.marks).round().astype(np.int64), names, counts[:, asked])


def check_exact(ruler: Ruler, totals: list[Tally]) -> None:
    """Refuse sums that outgrew the grid they are exact on, and sums that are no numbers: OverflowError says which."""
    for tally in totals:
        rows, days = np.asarray(tally.by_visit), np.asarray(tally.by_day)
        parts = (("levels or felt values", rows[:, :10], ruler.level_anchor),
                 ("squares of levels", rows[:, 10:15], ruler.square_anchor),
                 ("levels or felt values", rows[:, 15:], ruler.level_anchor),
                 ("levels or felt values", days[:, :9], ruler.level_anchor),
                 ("costs of what is given to people", days[:, 9:10], ruler.money_anchor),
                 ("levels or felt values", np.asarray(tally.by_attribute), ruler.level_anchor),
                 ("levels or felt values", np.asarray(tally.minds), ruler.level_anchor),
                 ("levels or felt values", np.asarray(tally.closing)[[3, 4, 8, 9]], ruler.level_anchor),
                 ("squares of answers", np.asarray(tally.closing)[14:22], ruler.square_anchor),
                 ("levels or felt values", np.asarray(tally.words), ruler.level_anchor),
                 ("waits", np.asarray(tally.waits), HOURS_ANCHOR))
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
    rows["recovered"] = np.asarray(tally.recovered)[seen] / customers
    rows["left"], rows["goodwill"] = sums[:, 9] / customers, sums[:, 15] / customers
    for position, column in enumerate(SPREADS, start=10):
        centre = ruler.centre if column in ("expectation", "norm", "experience") else 0.0
        mean = np.asarray(rows[column], dtype=np.float64) - centre
        rows[f"{column}_sd"] = np.sqrt(np.maximum(sums[:, position] / customers - mean * mean, 0.0))
    return rows


def by_attribute_rows(market: Market, ruler: Ruler, replication: int, tally: Tally) -> Table:
    """The levels of one replication by segment, attribute and visit number, and the gaps between them.

    Each gap is a difference of two neighbouring means, so that the parts of gap 5 add up to it.
    """
    attributes, segments = len(market.attributes), len(market.segments)
    made = np.asarray(tally.by_visit)[:, 0].reshape(segments, 1, ruler.visits)
    levels = np.asarray(tally.by_attribute).reshape(segments, ruler.visits, attributes, len(LEVELS)).transpose(0, 2, 1, 3)
    shape = (segments, attributes, ruler.visits)
    seen = np.broadcast_to(made > 0, shape).reshape(-1)
    customers = np.broadcast_to(made, shape).reshape(-1)[seen]
    names, places = np.array([one.name for one in market.segments]), np.array(market.attributes)
    rows: dict[str, NDArray[np.generic]] = {
        "replication": np.full(len(customers), replication), "segment": np.repeat(names, attributes * ruler.visits)[seen],
        "attribute": np.tile(np.repeat(places, ruler.visits), segments)[seen],
        "visit": np.tile(np.arange(1, ruler.visits + 1), segments * attributes)[seen], "customers": customers.astype(np.int64)}
    means = levels.reshape(-1, len(LEVELS))[seen] / customers[:, None]
    rows |= {name: np.ascontiguousarray(means[:, place]) for place, name in enumerate(LEVELS)}
    expected, standard, believed, designed, delivered, experience = means.T
    return {**rows, "knowledge": believed - expected, "design": designed - believed, "delivery": delivered - designed,
            "communication": expected - standard, "perception": experience - delivered, "gap": experience - standard}


def day_columns(market: Market, schedule: Schedule, tally: Tally, firm: int) -> dict[str, Floats]:
    """What a firm that people go to saw on each day of one replication; answers and who left in silence are known of ours."""
    days = slice(firm * market.horizon, (firm + 1) * market.horizon)
    sums = np.asarray(tally.by_day)[days]
    visits = sums[:, 0]
    columns = {"visits": visits, "complaints": sums[:, 6], "left": sums[:, 7], "joined": sums[:, 8], "first": sums[:, 11]}
    flows = np.asarray(tally.flows)[days] if chooses(market) else np.zeros((market.horizon, 3))
    columns["won"], columns["won_back"], columns["lost"] = flows.T
    come, gone = columns["joined"] + columns["won"], columns["left"] + columns["lost"]
    columns["customers"] = (float(tally.closing[22]) if firm == 0 else 0.0) + np.cumsum(come - gone)
    columns |= coupled_columns(market, tally, firm)
    for position, name in enumerate(("expectation", "norm", "experience", "satisfaction", "felt"), start=1):
        columns[name] = _ratio(sums[:, position], visits)
    quality = schedule.quality if firm == 0 else schedule.rival_quality[:, firm - 1]
    columns["quality"] = weighted(quality, market.weights)
    columns["revenue"] = visits * schedule.margin[:, firm]
    columns["price"] = schedule.price[:, firm]
    columns["cost"] = sums[:, 9] + schedule.once[:, firm] + schedule.running[:, firm] * visits
    answers, columns["recovered"], columns["silent"], columns["regained"] = np.asarray(tally.said)[days].T
    columns["satisfaction_sum"], columns["felt_sum"], columns["experience_sum"] = sums[:, 4], sums[:, 5], sums[:, 3]
    if firm == 0:
        columns["answer_sum"] = sums[:, 10]
        columns["answers"] = answers if surveys(market) else visits
        columns["answer"] = _ratio(columns["answer_sum"], columns["answers"])
    return columns


def coupled_columns(market: Market, tally: Tally, firm: int) -> dict[str, Floats]:
    """What was said of one firm on each day of one replication, and how long people waited there."""
    days = slice(firm * market.horizon, (firm + 1) * market.horizon)
    said, waits = np.zeros((market.horizon, KINDS)), np.zeros((market.horizon, WAITS))
    if talks(market):
        said = np.asarray(tally.words)[days].reshape(market.horizon, KINDS, -1)[:, :, 0]
    if queues(market):
        waits = np.asarray(tally.waits)[days]
    served, minutes = waits[:, 0], 60.0 * waits[:, 1]
    return {"words": said.sum(axis=1), "praise": said[:, PRAISE], "wait": _ratio(minutes, served), "wait_sum": minutes,
            "served": served}


def switch_rows(market: Market, replication: int, tally: Tally) -> Table:
    """Who was lost to whom in one replication: a row for each firm and each other."""
    names, firms = np.array([firm.name for firm in market.firms]), len(market.firms)
    leaving, going = (place[~np.eye(firms, dtype=bool)] for place in np.indices((firms, firms)))
    counts = np.asarray(tally.switched).reshape(firms, firms, 2)[leaving, going].astype(np.int64)
    return {"replication": np.full(len(leaving), replication), "firm": names[leaving], "to": names[going],
            "people": counts[:, 0], "back": counts[:, 1]}


def day_rows(market: Market, schedule: Schedule, replication: int, visited: Sequence[Mapping[str, Floats]]) -> Table:
    """The rows of one replication: our days, then each rival's quality day by day, with all it saw where people choose.

    visited: the columns of each firm that people go to, ours first.
    """
    days, firms = market.horizon, len(market.firms)
    rows: dict[str, NDArray[np.generic]] = {
        "replication": np.full(days * firms, replication),
        "firm": np.repeat(np.array([firm.name for firm in market.firms]), days), "day": np.tile(np.arange(days), firms)}
    counts = {"customers", "visits", "complaints", "left", "joined", "answers", "recovered", "silent", "won", "won_back",
              "lost", "words", "praise", "regained", "first"}
    for column in BY_DAY[3:]:
        none = np.full(days, 0.0 if column in counts or column in ("revenue", "cost") else np.nan)
        each = [one.get(column, none) for one in visited]
        for unvisited in range(len(visited), firms):
            quality = weighted(schedule.rival_quality[:, unvisited - 1], market.weights)
            told = {"quality": quality, "price": schedule.price[:, unvisited]}
            each.append(told.get(column, none))
        values = np.concatenate(each)
        rows[column] = values.astype(np.int64) if column in counts else values
    return rows


def firm_rows(market: Market, days: Sequence[Mapping[str, Floats]], tally: Tally, replication: int) -> Table:
    """Every firm's account of one replication: its customers at the end, and the outcomes that a firm has, ours first."""
    found = [account(market, firm, day, tally) for firm, day in enumerate(days)]
    return {"replication": np.full(len(days), replication), "firm": np.array([firm.name for firm in market.firms]),
            "customers": np.array([int(day["customers"][-1]) for day in days], dtype=np.int64),
            **{name: np.array([one[name] for one in found]) for name in FIRM_OUTCOMES}}


def account(market: Market, firm: int, day: Mapping[str, Floats], tally: Tally) -> dict[str, float]:
    """The outcomes of one firm in one replication, as many as every firm has; `day`: what it saw day by day."""
    people, visits = float(market.people), float(day["visits"].sum())
    everywhere = float(np.asarray(tally.by_day)[:, 0].sum())
    minds = np.asarray(tally.minds)[firm] if chooses(market) else np.asarray(tally.closing)[[3, 8]]
    expected, goodwill = minds.tolist()
    late = slice(market.horizon - max(1, market.horizon // 4), None)
    revenue, cost = float(day["revenue"].sum()), float(day["cost"].sum())
    yearly = 1.0 + market.firms[firm].discount
    discounted = float(np.sum(day["revenue"] * yearly ** (-np.arange(market.horizon) / 365.0)))
    return {
        "satisfaction": _per(day["satisfaction_sum"].sum(), visits),
        "lasting": _per(day["satisfaction_sum"][late].sum(), day["visits"][late].sum()),
        "felt": _per(day["felt_sum"].sum(), visits), "expectation": expected / people,
        "experience": _per(day["experience_sum"].sum(), visits),
        "retention": float(day["customers"][-1]) / people, "visits": visits / people,
        "complaints": _per(day["complaints"].sum(), visits), "share": _per(visits, everywhere),
        "cost": cost / people, "profit": (revenue - cost) / people, "lifetime_value": discounted / people,
        "goodwill": goodwill / people, "recovered": _per(day["recovered"].sum(), visits)}


def outcomes_of(market: Market, day: Mapping[str, Floats], tally: Tally) -> dict[str, float]:
    """One number an outcome for one replication, of our firm; names and meanings as in docs/glossary.md."""
    people, visits = float(market.people), float(day["visits"].sum())
    closing = np.asarray(tally.closing).tolist()
    return {
        **account(market, 0, day, tally), "norm": closing[4] / people, "silent_leavers": closing[6] / people,
        "goodwill_stayers": _per(closing[9], closing[5]), "repeat": _per(closing[11], closing[10]),
        "complainers": closing[12] / people, **survey_outcomes(day, closing, visits), **watch_outcomes(market, day),
        "trial": _per(closing[23], people - closing[22]), "talk": _per(day["words"].sum(), visits),
        "wait": _per(day["wait_sum"].sum(), day["served"].sum()), "regained": float(day["regained"].sum()) / people}


def _per(sum_: float, count: float) -> float:
    """sum / count, NaN where there is nothing to divide by."""
    return float(sum_) / float(count) if count else float("nan")


def survey_outcomes(day: Mapping[str, Floats], closing: list[float], visits: float) -> dict[str, float]:
    """What a survey shows: of those who answer."""
    answers = float(day["answers"].sum())
    _, of_answers, of_stated, answers_2, stated_2, product = closing[13:19]
    people = closing[13]
    apart = product * people - of_answers * of_stated
    within, apart_within = closing[19] * closing[20], closing[21]
    across = (answers_2 * people - of_answers**2) * (stated_2 * people - of_stated**2)
    return {"csat": _per(closing[0], answers), "nps": _per(100.0 * (closing[1] - closing[2]), answers),
            "response": _per(answers, visits),
            "r_across": apart / math.sqrt(across) if across > 0.0 else math.nan,
            "r_within": apart_within / math.sqrt(within) if within > 0.0 else math.nan}


def watch_outcomes(market: Market, day: Mapping[str, Floats]) -> dict[str, float]:
    """When the firm's charts ring; NaN where nobody watches."""
    complaints, survey = (math.nan, math.nan) if market.watch is None else seen(market.watch, day, market.horizon)
    return {"seen_in_complaints": complaints, "seen_in_survey": survey}


def customers_table(market: Market, replication: int, first: int, people: People, mind: Mind, life: Life) -> Table:
    """A row a person of one block: who she is, how often she came, what it was to her, and whether she stays."""
    count = len(people.segment)

    def ours(column: object) -> Floats:
        """What they hold in mind of our firm, of a column by person and firm."""
        return np.asarray(column, dtype=np.float64).reshape(count, firms_chosen_among(market), -1)[:, 0]

    visits = ours(mind.visits)[:, 0]
    status = np.asarray(mind.status).reshape(-1, ROW) if len(mind.status) else np.zeros((count, ROW))
    return {
        "replication": np.full(count, replication), "customer": np.arange(first, first + count),
        "segment": np.array([segment.name for segment in market.segments])[people.segment],
        "visits": visits.astype(np.int64),
        "expectation": weighted(ours(mind.expectation), market.weights),
        "norm": weighted(np.asarray(mind.norm).reshape(count, -1), market.weights),
        "goodwill": ours(mind.goodwill)[:, 0],
        "satisfaction": _ratio(np.asarray(life.satisfaction), visits), "felt": _ratio(np.asarray(life.felt), visits),
        "complained": np.asarray(life.complained) > 0, "stays": np.asarray(life.standing) == CUSTOMER,
        "left_day": np.asarray(life.left_day, dtype=np.float64),
        "tier": status[:, NOW].astype(np.int64), "best_tier": status[:, BEST].astype(np.int64)}

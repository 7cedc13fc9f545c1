"""Tally: what each visit adds to the tables. Exact sums, so that neither order nor grouping can change a digit.

Plain scalar functions like the rules, interpreted by the reference engine and compiled by the fast one.
A visit's row in `by_visit`, where visits to ours alone have one, is segment·V + visit number − 1; its row in `by_day` is
firm·days + day, ours being firm 0. Rows are taken once and read
at constant places: then the compiler knows that they are neighbours, and adds several at a time.
"""

from typing import Final, NamedTuple

from sim.rules.arithmetic import onto_grid
from sim.rules.column import Floats, Integers, Rows
from sim.rules.recall import reference_of
from sim.rules.talk import kind_of
from sim.rules.visit import classify
from sim.rules.world import SEEN_NUMBERS, Felt, Mind, Next, World

VISIT_COLUMNS: Final = 16
"""customers, then sums of expectation, norm, standard, experience, satisfaction, felt, surprised, complained, left,
then sums of squares of expectation, norm, experience (from the centre), satisfaction, felt; goodwill."""
DAY_COLUMNS: Final = 12
"""visits, expectation, norm, experience, satisfaction, felt, complaints, left, joined, cost of what is given to people,
answers on satisfaction, first-time guests."""
CLOSING_COLUMNS: Final = 24
"""satisfied, promoters, detractors (answers); at the end: expectation, norm, stays, left in silence; visits not in by_visit;
at the end: goodwill, goodwill of those who stay, came, came again, ever spoke up; of those who ever answered: how many, sums
of their last answers on satisfaction and on expectation, of both squares and of the product; of changes from one answer to
the next: the squares of both, and the product; customers at the start, and people who were none but came."""
SAID_COLUMNS: Final = 4
"""answers given, visits put right, people who left in silence, people whom an offer brought back."""
FLOW_COLUMNS: Final = 3
"""customers won from other firms, those of them who had been here before, customers lost to other firms."""
WAITS: Final = 2
"""Visits to which somebody had come to wait in turn, and the hours that they waited, of those that the firm was open."""
HOURS_ANCHOR: Final = 1.5 * 2.0**23
"""The anchor of the grid that keeps sums of waits exact: 2⁻²⁹ hours, 7 µs, up to 17 million hours of a day's guests."""
CLASSES: Final = 6
"""Kano classes, as numbered in `rules.answer`."""

SATISFIED_FROM: Final = 7.0
PROMOTER_FROM: Final = 9.0
DETRACTOR_BELOW: Final = 7.0


class Tally(NamedTuple):
    """The sums of one cell, in rows. spreading: people by checkpoint and bin of expectation, at mark·B + bin.

    by_attribute: six levels, at (row of by_visit)·K + k. kano: people by checkpoint, attribute and class, at
    (mark·K + k)·C + class. Both have no rows where nothing asks for them. recovered: by row of by_visit. said: as by_day,
    answers given (where somebody may withhold hers), visits put right, people who left in silence, people whom an offer brought
    back; of rivals the second alone.
    flows: at firm·days + day. switched: at (firm left)·J + (firm gone to), how many went and how many of them had been there
    before. minds: by firm, at the end, sums of what people expect of it and of their goodwill. These three have no rows where
    nobody chooses. words: what is said of a firm on a day, at firm·days + day, by kind: words, sums of levels; waits: at the
    same place; they have no rows where nobody talks, and where nobody waits.
    """

    by_visit: Rows
    by_day: Rows
    closing: Floats
    spreading: Integers
    by_attribute: Rows
    kano: Integers
    recovered: Floats
    said: Rows
    flows: Rows
    switched: Rows
    words: Rows
    waits: Rows
    minds: Rows


class Ruler(NamedTuple):
    """How sums are kept exact and where the bins lie.

    level_anchor, square_anchor, money_anchor: the grids of levels and felt values, of squares, and of costs. centre: the level
    squares are taken from. visits: rows per segment. marks: checkpoint days. bins, lowest, width: of expectation.
    """

    level_anchor: float
    square_anchor: float
    money_anchor: float
    centre: float
    visits: int
    marks: Floats
    bins: int
    lowest: float
    width: float


def count_visit(tally: Tally, ruler: Ruler, world: World, mind: Mind, segment: int, at: int, day: int, felt: Felt, after: Next,
                silent: bool) -> None:
    """Add one visit: to its row by segment and visit number, to its day, and its survey answer.

    at: where her columns of our firm stand. silent: whether she leaves without ever having spoken up.
    """
    gone, number = 1.0 if after.left else 0.0, int(mind.visits[at])
    anchor = ruler.level_anchor
    expectation, norm = onto_grid(felt.expectation, anchor), onto_grid(felt.norm, anchor)
    experience, satisfaction = onto_grid(felt.experience, anchor), onto_grid(felt.satisfaction, anchor)
    felt_in_all = felt.felt + after.felt
    value = onto_grid(felt_in_all, anchor)
    row = tally.by_day[day]
    row[0] += 1.0
    row[1] += expectation
    row[2] += norm
    row[3] += experience
    row[4] += satisfaction
    row[5] += value
    row[6] += felt.complained
    row[7] += gone
    row[9] += onto_grid(felt.cost + after.cost, ruler.money_anchor)
    row[10] += onto_grid(felt.answered * felt.answer, anchor)
    if silent:
        tally.said[day][2] += 1.0
    if world.whole is not None:
        tally.said[day][0] += felt.answered
        tally.said[day][1] += felt.recovered + after.recovered
        tally.said[day][3] += felt.regained
    tally.closing[0] += felt.answered if felt.answer >= SATISFIED_FROM else 0.0
    tally.closing[1] += felt.answered if felt.answer >= PROMOTER_FROM else 0.0
    tally.closing[2] += felt.answered if felt.answer < DETRACTOR_BELOW else 0.0
    if number > ruler.visits:
        tally.closing[7] += 1.0
        return
    place = segment * ruler.visits + number - 1
    row = tally.by_visit[place]
    row[0] += 1.0
    row[1] += expectation
    row[2] += norm
    row[3] += onto_grid(felt.standard, anchor)
    row[4] += experience
    row[5] += satisfaction
    row[6] += value
    row[7] += felt.surprised
    row[8] += felt.complained
    row[9] += gone
    row[15] += onto_grid(mind.goodwill[at], anchor)
    count_squares(row, ruler, felt, felt_in_all)
    if world.whole is not None:
        tally.recovered[place] += felt.recovered + after.recovered
        if world.tracks:
            count_attributes(tally, ruler, world, mind, place)


def count_attributes(tally: Tally, ruler: Ruler, world: World, mind: Mind, place: int) -> None:
    """Add one visit's levels, attribute by attribute, beside its row `place` by segment and visit number."""
    for k in range(world.attributes):
        row = tally.by_attribute[place * world.attributes + k]
        for level in range(SEEN_NUMBERS):
            row[level] += onto_grid(mind.seen[k * SEEN_NUMBERS + level], ruler.level_anchor)


def count_answer(tally: Tally, ruler: Ruler, answers: Floats, stated: Floats, place: int, felt: Felt) -> None:
    """Remember what person number `place` ticked, and add how it changed since she last did (−1: she never did)."""
    if felt.answered <= 0.0:
        return
    if answers[place] >= 0.0:
        answer, expectation = felt.answer - answers[place], felt.stated - stated[place]
        tally.closing[19] += onto_grid(answer * answer, ruler.square_anchor)
        tally.closing[20] += onto_grid(expectation * expectation, ruler.square_anchor)
        tally.closing[21] += onto_grid(answer * expectation, ruler.square_anchor)
    answers[place], stated[place] = felt.answer, felt.stated


def count_squares(row: Floats, ruler: Ruler, felt: Felt, value: float) -> None:
    """Add one visit's squares to its row by segment and visit number; `value`: what was felt in all."""
    square = ruler.square_anchor
    expectation, norm, experience = felt.expectation - ruler.centre, felt.norm - ruler.centre, felt.experience - ruler.centre
    row[10] += onto_grid(expectation * expectation, square)
    row[11] += onto_grid(norm * norm, square)
    row[12] += onto_grid(experience * experience, square)
    row[13] += onto_grid(felt.satisfaction * felt.satisfaction, square)
    row[14] += onto_grid(value * value, square)


def count_joined(tally: Tally, day: int, first: bool) -> None:
    """Add somebody who joins on this day; first: she never was our customer, else she comes back."""
    tally.by_day[day][8] += 1.0
    tally.by_day[day][11] += 1.0 if first else 0.0


def count_arrival(tally: Tally, world: World, day: int, firm: int, last: int, away: bool, been: bool) -> None:
    """Add somebody who comes to a firm whose customer she was not: one who joins, or one won from the firm she went to last.

    last: the firm of her last visit, −1 without one. away: whether she had left. been: whether she ever was at this one.
    """
    if last == firm and not away:
        return
    tally.by_day[firm * world.days + day][11] += 0.0 if been else 1.0
    if away or last < 0:
        tally.by_day[firm * world.days + day][8] += 1.0
        return
    again = 1.0 if been else 0.0
    won = tally.flows[firm * world.days + day]
    won[0] += 1.0
    won[1] += again
    tally.flows[last * world.days + day][2] += 1.0
    pair = tally.switched[last * world.firms + firm]
    pair[0] += 1.0
    pair[1] += again


def count_word(tally: Tally, ruler: Ruler, world: World, mind: Mind, firm: int, day: int, value: float) -> None:
    """Add what somebody tells on a day of a firm to the words of its kind: one more, and the levels that she experienced."""
    row, spot = tally.words[firm * world.days + day], kind_of(value) * (1 + world.attributes)
    row[spot] += 1.0
    for k in range(world.attributes):
        row[spot + 1 + k] += onto_grid(mind.met[k], ruler.level_anchor)


def count_wait(tally: Tally, world: World, firm: int, day: int, hours: float) -> None:
    """Add somebody who came on this day to be served on her turn, after so many hours that the firm was open."""
    row = tally.waits[firm * world.days + day]
    row[0] += 1.0
    row[1] += onto_grid(hours, HOURS_ANCHOR)


def count_elsewhere(tally: Tally, ruler: Ruler, world: World, firm: int, day: int, felt: Felt, after: Next) -> None:
    """Add one visit to a rival, to its rows by day: what our firm would see of itself, and nothing that it would ask."""
    anchor = ruler.level_anchor
    row = tally.by_day[firm * world.days + day]
    row[0] += 1.0
    row[1] += onto_grid(felt.expectation, anchor)
    row[2] += onto_grid(felt.norm, anchor)
    row[3] += onto_grid(felt.experience, anchor)
    row[4] += onto_grid(felt.satisfaction, anchor)
    row[5] += onto_grid(felt.felt, anchor)
    row[6] += felt.complained
    row[7] += 1.0 if after.left else 0.0
    row[9] += onto_grid(felt.cost, ruler.money_anchor)
    count_contacts(tally, ruler, day, after.cost)
    tally.said[firm * world.days + day][1] += felt.recovered


def count_contacts(tally: Tally, ruler: Ruler, day: int, cost: float) -> None:
    """Add to our costs of a day what contacting somebody costs who went elsewhere, or nowhere."""
    tally.by_day[day][9] += onto_grid(cost, ruler.money_anchor)


def held(levels: Floats, at: int, world: World) -> float:
    """The weighted level that starts at row `at`, points: Σ w_k·level_k."""
    total = 0.0
    for k in range(world.attributes):
        total += world.weights[k] * levels[at * world.attributes + k]
    return total


def count_marks(tally: Tally, ruler: Ruler, mark: int, until: float, person: Floats, mind: Mind, place: int, world: World,
                present: bool) -> int:
    """Pass the checkpoints before day `until`, counting her in at what she expects where she is a customer; the next one.

    Most visits pass no checkpoint, so nothing is worked out before one is. A questionnaire, where there is one, is filled in at
    each checkpoint.
    """
    while mark < len(ruler.marks) and ruler.marks[mark] < until:
        if present:
            share = (held(mind.expectation, place * world.firms, world) - ruler.lowest) / ruler.width
            spot = 0 if share < 0.0 else (ruler.bins - 1 if share >= ruler.bins else int(share))
            tally.spreading[mark * ruler.bins + spot] += 1
            if world.whole is not None and world.asks:
                count_classes(tally, mark, ruler.marks[mark], person, mind, place, world)
        mark += 1
    return mark


def count_classes(tally: Tally, mark: int, when: float, person: Floats, mind: Mind, place: int, world: World) -> None:
    """Fill in the Kano questionnaire of one person at one checkpoint, on day `when`, for the attributes that it asks about."""
    for k in range(world.attributes):
        if world.asked[2 * k] == world.asked[2 * k]:  # not NaN: it is asked about
            found = classify(person, world, mind, place, k, when)
            tally.kano[(mark * world.attributes + k) * CLASSES + found] += 1


def count_standards(sums: Floats, ruler: Ruler, person: Floats, mind: Mind, place: int, world: World, when: float) -> None:
    """Add one customer to what research on day `when` finds: how many there are, then the sums of their standards."""
    sums[0] += 1.0
    for k in range(world.attributes):
        sums[1 + k] += onto_grid(reference_of(person, world, mind, place, k, when), ruler.level_anchor)


def close(tally: Tally, ruler: Ruler, world: World, mind: Mind, place: int, began: bool, stays: bool, complained: bool) -> None:
    """Add one person at the end of the run: what she expects and holds for us, whether she is still there, what she said.

    began: whether she was our customer at the start.
    """
    goodwill = onto_grid(mind.goodwill[place * world.firms], ruler.level_anchor)
    visits = mind.visits[place * world.firms]
    closing = tally.closing
    closing[3] += onto_grid(held(mind.expectation, place * world.firms, world), ruler.level_anchor)
    closing[4] += onto_grid(held(mind.norm, place, world), ruler.level_anchor)
    closing[5] += 1.0 if stays else 0.0
    closing[6] += 1.0 if not stays and not complained and (began or visits >= 1.0) else 0.0
    closing[8] += goodwill
    closing[9] += goodwill if stays else 0.0
    closing[10] += 1.0 if visits >= 1.0 else 0.0
    closing[11] += 1.0 if visits >= 2.0 else 0.0
    closing[12] += 1.0 if complained else 0.0
    closing[22] += 1.0 if began else 0.0
    closing[23] += 1.0 if not began and visits >= 1.0 else 0.0
    if world.choosing is not None:
        for firm in range(world.firms):
            at = place * world.firms + firm
            row = tally.minds[firm]
            row[0] += onto_grid(held(mind.expectation, at, world), ruler.level_anchor)
            row[1] += onto_grid(mind.goodwill[at], ruler.level_anchor)


def close_answers(tally: Tally, ruler: Ruler, answer: float, stated: float) -> None:
    """Add what one person last ticked on satisfaction and on expectation, if she ever did (−1: never)."""
    if answer >= 0.0:
        closing, anchor = tally.closing, ruler.square_anchor
        closing[13] += 1.0
        closing[14] += onto_grid(answer, anchor)
        closing[15] += onto_grid(stated, anchor)
        closing[16] += onto_grid(answer * answer, anchor)
        closing[17] += onto_grid(stated * stated, anchor)
        closing[18] += onto_grid(answer * stated, anchor)

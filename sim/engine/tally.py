"""Tally: what each visit adds to the tables. Exact sums, so that neither order nor grouping can change a digit.

Plain scalar functions like the rules, interpreted by the reference engine and compiled by the fast one.
A visit's row in `by_visit` is segment·V + visit number − 1, its row in `by_day` is its day. Rows are taken once and read
at constant places: then the compiler knows that they are neighbours, and adds several at a time.
"""

from typing import Final, NamedTuple

from sim.rules.arithmetic import onto_grid
from sim.rules.column import Floats, Integers, Rows
from sim.rules.visit import Felt, Mind, World

VISIT_COLUMNS: Final = 15
"""customers, then sums of expectation, norm, standard, experience, satisfaction, felt, surprised, complained, left,
then sums of squares of expectation, norm, experience (from the centre), satisfaction, felt."""
DAY_COLUMNS: Final = 10
"""visits, expectation, norm, experience, satisfaction, felt, complaints, left, joined, cost of surprises."""
CLOSING_COLUMNS: Final = 8
"""satisfied, promoters, detractors (answers); at the end: expectation, norm, stays, left in silence; visits not in by_visit."""

SATISFIED_FROM: Final = 7.0
PROMOTER_FROM: Final = 9.0
DETRACTOR_BELOW: Final = 7.0


class Tally(NamedTuple):
    """The sums of one cell, in rows. spreading: people by checkpoint and bin of expectation, at mark·B + bin."""

    by_visit: Rows
    by_day: Rows
    closing: Floats
    spreading: Integers


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


def count_visit(tally: Tally, ruler: Ruler, segment: int, number: int, day: int, felt: Felt, left: bool) -> None:
    """Add one visit: to its row by segment and visit number, to its day, and its survey answer."""
    gone = 1.0 if left else 0.0
    anchor = ruler.level_anchor
    expectation, norm = onto_grid(felt.expectation, anchor), onto_grid(felt.norm, anchor)
    experience, satisfaction = onto_grid(felt.experience, anchor), onto_grid(felt.satisfaction, anchor)
    value = onto_grid(felt.felt, anchor)
    row = tally.by_day[day]
    row[0] += 1.0
    row[1] += expectation
    row[2] += norm
    row[3] += experience
    row[4] += satisfaction
    row[5] += value
    row[6] += felt.complained
    row[7] += gone
    row[9] += onto_grid(felt.cost, ruler.money_anchor)
    tally.closing[0] += 1.0 if felt.answer >= SATISFIED_FROM else 0.0
    tally.closing[1] += 1.0 if felt.answer >= PROMOTER_FROM else 0.0
    tally.closing[2] += 1.0 if felt.answer < DETRACTOR_BELOW else 0.0
    if number > ruler.visits:
        tally.closing[7] += 1.0
        return
    row = tally.by_visit[segment * ruler.visits + number - 1]
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
    count_squares(row, ruler, felt)


def count_squares(row: Floats, ruler: Ruler, felt: Felt) -> None:
    """Add one visit's squares to its row by segment and visit number."""
    square = ruler.square_anchor
    expectation, norm, experience = felt.expectation - ruler.centre, felt.norm - ruler.centre, felt.experience - ruler.centre
    row[10] += onto_grid(expectation * expectation, square)
    row[11] += onto_grid(norm * norm, square)
    row[12] += onto_grid(experience * experience, square)
    row[13] += onto_grid(felt.satisfaction * felt.satisfaction, square)
    row[14] += onto_grid(felt.felt * felt.felt, square)


def count_joined(tally: Tally, day: int) -> None:
    """Add somebody who comes back on this day."""
    tally.by_day[day][8] += 1.0


def held(levels: Floats, at: int, world: World) -> float:
    """The weighted level that starts at row `at`, points: Σ w_k·level_k."""
    total = 0.0
    for k in range(world.attributes):
        total += world.weights[k] * levels[at * world.attributes + k]
    return total


def count_marks(tally: Tally, ruler: Ruler, mark: int, until: float, levels: Floats, at: int, world: World,
                present: bool) -> int:
    """Pass the checkpoints before day `until`, counting her in at what she expects where she is a customer; the next one.

    levels, at: her expectations start at row `at`. Most visits pass no checkpoint, so nothing is worked out before one is.
    """
    while mark < len(ruler.marks) and ruler.marks[mark] < until:
        if present:
            share = (held(levels, at, world) - ruler.lowest) / ruler.width
            spot = 0 if share < 0.0 else (ruler.bins - 1 if share >= ruler.bins else int(share))
            tally.spreading[mark * ruler.bins + spot] += 1
        mark += 1
    return mark


def close(tally: Tally, ruler: Ruler, world: World, mind: Mind, place: int, stays: bool, silent: bool) -> None:
    """Add one person at the end of the run: what she expects, what is normal to her, and whether she is still there."""
    tally.closing[3] += onto_grid(held(mind.expectation, place * world.firms, world), ruler.level_anchor)
    tally.closing[4] += onto_grid(held(mind.norm, place, world), ruler.level_anchor)
    tally.closing[5] += 1.0 if stays else 0.0
    tally.closing[6] += 1.0 if silent else 0.0

"""Tally: what each visit adds to the tables. Exact sums, so that neither order nor grouping can change a digit.

Plain scalar functions like the rules, interpreted by the reference engine and compiled by the fast one.
Rows are flat: a visit's row in `by_visit` starts at (segment·V + visit number − 1)·VISIT_COLUMNS.
"""

from typing import Final, NamedTuple

from sim.rules.arithmetic import onto_grid
from sim.rules.column import Floats, Integers
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
    """The sums of one cell. spreading: people by checkpoint and bin of expectation, at mark·B + bin."""

    by_visit: Floats
    by_day: Floats
    closing: Floats
    spreading: Integers


class Ruler(NamedTuple):
    """How sums are kept exact and where the bins lie.

    visit_anchor, square_anchor, day_anchor: grids for levels and squares in by_visit, and for by_day. centre: the level
    squares are taken from. visits: rows per segment. marks: checkpoint days. bins, lowest, width: of expectation.
    """

    visit_anchor: float
    square_anchor: float
    day_anchor: float
    centre: float
    visits: int
    marks: Floats
    bins: int
    lowest: float
    width: float


def count_visit(tally: Tally, ruler: Ruler, segment: int, number: int, day: int, felt: Felt, left: bool) -> None:
    """Add one visit: to its row by segment and visit number, to its day, and its survey answer."""
    gone = 1.0 if left else 0.0
    if number <= ruler.visits:
        count_by_visit(tally.by_visit, (segment * ruler.visits + number - 1) * VISIT_COLUMNS, ruler, felt, gone)
    else:
        tally.closing[7] += 1.0
    at, anchor = day * DAY_COLUMNS, ruler.day_anchor
    tally.by_day[at] += 1.0
    tally.by_day[at + 1] += onto_grid(felt.expectation, anchor)
    tally.by_day[at + 2] += onto_grid(felt.norm, anchor)
    tally.by_day[at + 3] += onto_grid(felt.experience, anchor)
    tally.by_day[at + 4] += onto_grid(felt.satisfaction, anchor)
    tally.by_day[at + 5] += onto_grid(felt.felt, anchor)
    tally.by_day[at + 6] += felt.complained
    tally.by_day[at + 7] += gone
    tally.by_day[at + 9] += onto_grid(felt.cost, anchor)
    tally.closing[0] += 1.0 if felt.answer >= SATISFIED_FROM else 0.0
    tally.closing[1] += 1.0 if felt.answer >= PROMOTER_FROM else 0.0
    tally.closing[2] += 1.0 if felt.answer < DETRACTOR_BELOW else 0.0


def count_by_visit(rows: Floats, at: int, ruler: Ruler, felt: Felt, gone: float) -> None:
    """Add one visit to the row that starts at `at`."""
    level, square = ruler.visit_anchor, ruler.square_anchor
    rows[at] += 1.0
    rows[at + 1] += onto_grid(felt.expectation, level)
    rows[at + 2] += onto_grid(felt.norm, level)
    rows[at + 3] += onto_grid(felt.standard, level)
    rows[at + 4] += onto_grid(felt.experience, level)
    rows[at + 5] += onto_grid(felt.satisfaction, level)
    rows[at + 6] += onto_grid(felt.felt, level)
    rows[at + 7] += felt.surprised
    rows[at + 8] += felt.complained
    rows[at + 9] += gone
    expectation, norm, experience = felt.expectation - ruler.centre, felt.norm - ruler.centre, felt.experience - ruler.centre
    rows[at + 10] += onto_grid(expectation * expectation, square)
    rows[at + 11] += onto_grid(norm * norm, square)
    rows[at + 12] += onto_grid(experience * experience, square)
    rows[at + 13] += onto_grid(felt.satisfaction * felt.satisfaction, square)
    rows[at + 14] += onto_grid(felt.felt * felt.felt, square)


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
    tally.closing[3] += onto_grid(held(mind.expectation, place * world.firms, world), ruler.visit_anchor)
    tally.closing[4] += onto_grid(held(mind.norm, place, world), ruler.visit_anchor)
    tally.closing[5] += 1.0 if stays else 0.0
    tally.closing[6] += 1.0 if silent else 0.0

"""A panel: known learning rates come back, and nothing is claimed where the past is not what happened."""

from dataclasses import replace

import numpy as np
import pytest

from sim.calibrate import TableError, panel
from sim.calibrate.choices import Choices
from sim.calibrate.columns import find
from sim.calibrate.of_panel import ROLES, _choices, _ratings
from sim.calibrate.reading import read
from sim.calibrate.reference import SCRAMBLES, fitted, judge, profile, references, scrambled
from sim.rules import traits
from tests.calibrate.evidence import pasted, prices, ratings, scanner, wandering


def choices(columns):
    table = read(columns)
    return _choices(table, find(table, ROLES, {}))[0]


def _ratings_of(columns):
    table = read(columns)
    return _ratings(table, find(table, ROLES, {}))[0]


def chosen(rate, seed, columns=None, values=(-0.5, 0.2, 2.0, -2.0, 4.0, -5.0)):
    """Choices that people of this rate make among three firms: coefficients of two firms, loyalty, price, gain and loss."""
    return choices(columns or prices()).simulated(np.array(values), rate, seed)


def columns_of(told):
    """A panel as the columns of a table."""
    people = np.cumsum(told.starts)
    return {
        "person": people.tolist(),
        "choice": [told.names[firm] for firm in told.chosen],
        **{f"price.{name}": told.seen[:, place].tolist() for place, name in enumerate(told.names)},
    }


def test_a_reference_is_what_the_rule_says():
    told = Choices(
        np.array([True, False, False, True]),
        np.array([[1.0, 2.0], [2.0, 2.0], [4.0, 1.0], [3.0, 3.0]]),
        np.zeros((4, 2, 0)),
        np.zeros(4, dtype=np.int64),
        ("a", "b"),
    )
    half = np.array([0.5])
    assert references(told, half, half, np.zeros(1))[0].tolist() == [[1, 2], [1, 2], [1.5, 2], [3, 3]]
    assert references(told, np.zeros(1), half, np.zeros(1))[0, 2].tolist() == [1.5, 2]  # a rise is a loss
    assert references(told, half, np.zeros(1), np.zeros(1))[0, 2].tolist() == [1, 2]
    assert references(told, half, half, np.array([0.25]))[0, 1].tolist() == [1.25, 1.75]


def test_the_first_occasions_of_a_person_are_not_fitted():
    assert fitted(np.array([True, False, False, False, True, False, False, False, False])).tolist() == [
        False,
        False,
        False,
        True,
        False,
        False,
        False,
        True,
        True,
    ]


def test_scrambling_keeps_everybodys_own_past():
    starts = np.array([True, False, False, True, False, False, False])
    for number in range(5):
        assert set(scrambled(starts, number)[:3]) == {0, 1, 2}
        assert sorted(scrambled(starts, number)) == list(range(7))
    assert len({tuple(scrambled(starts, number)) for number in range(20)}) > 5


@pytest.mark.parametrize("rate", [0.1, 0.3, 0.7])
def test_known_rates_come_back_from_choices(rate):
    """On average within .05; the full number of panels is in `python -m campaigns.calibration`."""
    found = []
    for seed in range(4):
        told = chosen(rate, seed)
        found.append(profile(told, told.fit(None)).rate)
    assert np.mean(found) == pytest.approx(rate, abs=0.05)


@pytest.mark.parametrize("rate", [0.1, 0.3, 0.7])
def test_known_rates_come_back_from_ratings(rate, tmp_path):
    found = panel(ratings(rate))
    one = found["learning rate"]
    assert one.value == pytest.approx(rate, abs=0.05)
    assert one.low <= rate <= one.high
    assert found["loss aversion"].low <= 2.0 <= found["loss aversion"].high
    (segment,) = pasted(tmp_path, found.block).segments
    assert segment.traits[traits.LEARN_UP].a == segment.traits[traits.LEARN_DOWN].a == pytest.approx(one.value, rel=0.01)


def test_the_interval_of_a_rate_covers_it():
    """Of 40 panels of 30 people each, about 95% must; narrow intervals are read between the points of the grid."""
    inside, wide = 0, []
    for seed in range(40):
        told = _ratings_of(ratings(0.3, people=30, seed=seed))
        found = profile(told, told.fit(None))
        inside += found.low <= 0.3 <= found.high
        wide.append(found.high - found.low)
    assert inside >= 35
    assert 0 < np.mean(wide) < 0.1


def test_two_rates_are_told_where_there_are_two():
    found = panel(ratings(0.5, down=0.1))
    up, down = found["learning rate of gains"], found["learning rate of losses"]
    assert up.low <= 0.5 <= up.high
    assert down.low <= 0.1 <= down.high
    assert (up.key, down.key) == ("psyche.learning.up", "psyche.learning.down")
    assert "    up: " in found.block
    assert "two learning rates" not in [one.name for one in found.unknown]


def test_rivals_pull_is_told_where_they_pull():
    """Where prices wander, and a firm's reference goes to what the others ask as fast as to its own price."""
    told = choices(wandering())
    rate = np.array([0.3])
    gap = references(told, rate, rate, rate)[0] - told.seen
    luck = np.random.default_rng(3).gumbel(size=gap.shape)
    found = panel(columns_of(replace(told, chosen=np.argmax(20 * np.maximum(gap, 0) - told.seen + luck, axis=1))))
    pull = found["rivals' pull"]
    assert pull.low <= 0.3 <= pull.high
    assert pull.low > 0
    assert "rivals' pull" not in [one.name for one in found.unknown]


@pytest.fixture(scope="module")
def bought():
    """A panel of choices at rate 0.4, as a table."""
    return columns_of(chosen(0.4, 7))


def test_choices_say_the_rate_and_their_block_can_be_pasted(bought, tmp_path):
    found = panel(bought)
    assert found["learning rate"].low <= 0.4 <= found["learning rate"].high
    assert [one.passed for one in found.checks] == [None, True, True]
    (segment,) = pasted(tmp_path, found.block).segments
    assert segment.traits[traits.FAIRNESS_LEARNING].a == pytest.approx(found["learning rate"].value, rel=0.01)
    assert {"two learning rates", "rivals' pull", "learning of quality"} <= {one.name for one in found.unknown}


def test_rows_in_an_order_that_did_not_happen_are_refused(bought):
    order = np.lexsort((np.random.default_rng(3).random(len(bought["person"])), bought["person"]))
    found = panel({name: [column[place] for place in order] for name, column in bought.items()})
    assert found.headline == "The learning rate is not identified"
    assert found.unknown[0].name == "learning rate"
    assert not found.estimates
    assert False in [one.passed for one in found.checks]


def test_a_scrambled_past_under_true_choices_is_refused(bought):
    told = choices(bought)
    judged = judge(told, scrambled(told.starts, SCRAMBLES + 1))
    assert not (judged.enough and judged.ordered)
    judged = judge(told)
    assert judged.enough
    assert judged.ordered


def test_explaining_enough_is_not_enough():
    """A past that did not happen still holds people's usual level, and may lower AIC by far more than 15."""
    told = _ratings_of(ratings(0.3))
    judged = judge(told, scrambled(told.starts, SCRAMBLES + 1))
    assert judged.enough
    assert not judged.ordered


def test_people_without_a_reference_are_not_given_one():
    told = chosen(0.4, 1, values=(-0.5, 0.2, 2.0, -4.0, 0.0, 0.0))
    found = panel(columns_of(told))
    assert found.headline == "The learning rate is not identified"
    assert "hardly better than none" in found.unknown[0].why


def test_dates_put_occasions_in_order_and_double_rows_are_left_out(bought):
    count = len(bought["person"])
    dates = [str(np.datetime64("2020-01-01") + n) for n in range(count)]
    order = np.random.default_rng(1).permutation(count)
    mixed = {name: [column[place] for place in order] for name, column in {**bought, "date": dates}.items()}
    twice = {name: [*column, *column] for name, column in mixed.items()}
    one, other = panel({**bought, "date": dates}), panel(twice)
    assert other["learning rate"].value == pytest.approx(one["learning rate"].value, abs=1e-6)
    assert [(left.reason, left.count) for left in other.left_out] == [("a row written twice", count)]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"price.b": None, "price.c": None}, "one price column only"),
        ({"choice": None}, "needs choice and price"),
        ({"choice": ["d"] * 2080}, "2,080 of 2,080 rows cannot be read"),
        ({"price.a": ["?"] * 2080}, "is not a number"),
        ({"price.a": [1.0] * 2080, "price.b": [1.0] * 2080, "price.c": [1.0] * 2080}, "no price varies"),
        ({"feat.a": [0] * 2080}, "no feat.b"),
    ],
)
def test_a_panel_that_cannot_be_one_is_refused(bought, change, why):
    with pytest.raises(TableError, match=why):
        panel({name: column for name, column in {**bought, **change}.items() if column is not None})


def test_too_few_occasions_are_refused():
    with pytest.raises(TableError, match="too few to fit"):
        panel({"person": [1] * 20, "satisfaction": list(range(20)), "quality": list(range(20))})


def test_the_figures_of_the_yogurt_panel():
    found = panel(scanner("Yogurt"))
    one = found["learning rate"]
    assert found.used == 2112
    assert found.checks[0].says == "ln likelihood is highest at 0.4; 0.3 to 0.5 lie less than 1.92 below it"
    assert one.value == pytest.approx(0.4, abs=0.05)
    assert one.low == pytest.approx(0.3, abs=0.03)
    assert one.high == pytest.approx(0.55, abs=0.03)
    fits = {fit.name: fit.likelihood for fit in found.fits}
    assert fits["firms, loyalty, what is shown, prices"] == pytest.approx(-911.53, abs=0.05)
    assert fits["and a reference that learns"] == pytest.approx(-887.84, abs=0.5)


def test_the_figures_of_the_catsup_panel():
    told = choices(scanner("Catsup"))
    found = profile(told, told.fit(None))
    assert told.fit(None).likelihood == pytest.approx(-1375.9, abs=0.05)
    assert found.top == pytest.approx(-1337.54, abs=0.05)
    assert found.rate == pytest.approx(0.7, abs=0.05)

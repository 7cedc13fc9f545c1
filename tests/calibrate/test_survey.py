"""A survey asked once: known curves come back, the reference figures hold, and what it cannot tell it does not."""

import numpy as np
import pytest

from sim.calibrate import TableError, survey
from sim.rules import traits
from sim.rules.react import complaint_chance
from tests.calibrate.evidence import acsi, pasted


def answers(count=6000, seed=1, base=0.1, rise=0.02, gains=0.4, losses=0.9):
    """People who complain by the model's own rule, and whose satisfaction goes by gains and shortfalls; answers 0 to 100."""
    luck = np.random.default_rng(seed)
    expectation, quality = 60 + 10 * luck.standard_normal((2, count))
    gap = quality - expectation
    satisfaction = 50 + gains * np.maximum(gap, 0) + losses * np.minimum(gap, 0) + 3 * luck.standard_normal(count)
    chance = np.array([complaint_chance(one, rise, base) for one in gap])
    return {
        "expectation": expectation.tolist(),
        "quality": quality.tolist(),
        "satisfaction": satisfaction.tolist(),
        "complaint": (luck.random(count) < chance).astype(int).tolist(),
    }


@pytest.fixture(scope="module")
def asked():
    return survey(answers(), scale=(0.0, 100.0))


def test_known_curves_come_back(asked):
    assert asked["loss aversion"].value == pytest.approx(0.9 / 0.4, rel=0.05)
    assert asked["complaint: base"].value == pytest.approx(0.1, abs=0.012)
    assert asked["complaint: rise with the shortfall"].value == pytest.approx(0.02, rel=0.1)
    for name, truth in (("loss aversion", 2.25), ("complaint: base", 0.1), ("complaint: rise with the shortfall", 0.02)):
        assert asked[name].low <= truth <= asked[name].high


def test_points_do_not_depend_on_the_scale_of_the_answers(asked):
    """Ten steps or a hundred: a point is a hundredth of the way from the lowest to the highest answer."""
    columns = answers()
    tenth = {name: column if name == "complaint" else [one / 10 for one in column] for name, column in columns.items()}
    found = survey(tenth, scale=(0.0, 10.0))
    for name in ("complaint: rise with the shortfall", "noise of an answer", "loss aversion"):
        assert found[name].value == pytest.approx(asked[name].value, rel=1e-3)


def test_its_block_says_the_same_in_a_scenario(asked, tmp_path):
    (segment,) = pasted(tmp_path, asked.block).segments
    assert segment.traits[traits.LOSS_AVERSION].a == pytest.approx(asked["loss aversion"].value, rel=0.01)
    assert segment.traits[traits.COMPLAINING].a == pytest.approx(0.02, rel=0.1)
    assert segment.traits[traits.COMPLAINING_BASE].a == pytest.approx(0.1, abs=0.012)
    assert segment.traits[traits.LEARN_UP].a == 0.0


def test_it_never_identifies_the_learning_rate(asked):
    (learning,) = [one for one in asked.unknown if one.name == "learning rate"]
    assert learning.key == "psyche.learning"
    assert "cross-section" in learning.why
    assert asked.headline.endswith("it does not identify the learning rate")
    assert not [one for one in asked.estimates if "learning" in one.key]
    assert "learning:" not in "".join(line for line in asked.block.splitlines() if not line.lstrip().startswith("#"))


@pytest.mark.parametrize(
    ("change", "unknown"), [({"gains": 0.0}, "loss aversion"), ({"rise": 0.0}, "complaining by the shortfall")]
)
def test_what_is_not_there_is_not_claimed(change, unknown):
    found = survey(answers(**change), scale=(0.0, 100.0))
    assert unknown in [one.name for one in found.unknown]
    key = {"loss aversion": "psyche.loss_aversion", "complaining by the shortfall": "psyche.complaining.shortfall"}[unknown]
    assert key not in [one.key for one in found.estimates]


def test_the_figures_of_the_public_survey():
    """Those of the file's own page, to ±.005."""
    found = survey(acsi())
    figures = {
        "satisfaction a step of quality": 0.918,
        "satisfaction a step of expectation": 0.054,
        "R² of quality and expectation": 0.694,
        "satisfaction a step of gain": -0.051,
        "satisfaction a step of shortfall": 0.857,
        "complaint: constant of the logit": 1.359,
        "complaint: slope on satisfaction": -0.404,
        "repurchase: constant": 0.508,
        "repurchase a step of satisfaction": 0.935,
        "complaint rate, satisfaction up to 4": 0.568,
        "complaint rate, satisfaction above 4, up to 7": 0.237,
        "complaint rate, satisfaction above 7": 0.096,
    }
    assert {name: found[name].value for name in figures} == pytest.approx(figures, abs=0.005)
    assert (found.rows, found.used) == (4118, 4112)
    assert {one.name for one in found.unknown} >= {"learning rate", "loss aversion", "leaving"}
    (rules,) = found.checks
    assert rules.says.startswith("6 different rules of satisfaction that go by quality fit about equally (R² 0.693 to 0.695)")


def test_rules_that_differ_are_not_called_alike():
    (rules,) = survey(answers(gains=0.0, losses=1.0), scale=(0.0, 100.0)).checks
    assert "fit unequally" in rules.says
    assert "none of them speaks of learning" in rules.says


def test_a_survey_of_satisfaction_alone_still_says_what_it_can():
    luck = np.random.default_rng(1)
    found = survey({"satisfaction": luck.integers(1, 11, 200).tolist(), "repurchase": luck.integers(1, 11, 200).tolist()})
    assert found["repurchase a step of satisfaction"].low < 0 < found["repurchase a step of satisfaction"].high
    assert {"complaining", "loss aversion", "learning rate"} <= {one.name for one in found.unknown}


@pytest.mark.parametrize(
    ("values", "scale"), [([1, 5], (1, 5)), ([1, 7], (1, 7)), ([1, 10], (1, 10)), ([0, 10], (0, 10)), ([0, 100], (0, 100))]
)
def test_the_scale_is_guessed_and_said(values, scale):
    found = survey({"satisfaction": values * 50})
    assert found.notes == (f"answers are taken to go from {scale[0]} to {scale[1]}; --scale says otherwise",)


def test_answers_off_the_scale_are_left_out_and_too_many_refused():
    found = survey({"satisfaction": [5] * 60 + [8] * 60 + [99]}, scale=(1, 10))
    (one,) = found.left_out
    assert "row 121: satisfaction (satisfaction) 99 is not from 1 to 10" in one.examples[0]
    with pytest.raises(TableError, match="of 120 rows cannot be read"):
        survey({"satisfaction": [5, 99] * 60}, scale=(1, 10))
    with pytest.raises(TableError, match="fit no usual scale"):
        survey({"satisfaction": [-5.0, 300.0] * 60})
    with pytest.raises(TableError, match="fewer than 30"):
        survey({"satisfaction": [1, 5] * 5})


def test_strings_in_number_columns_are_listed_by_line(tmp_path):
    rows = "".join(f"{1 + n % 10},{1 + (n * 7) % 10}\n" for n in range(100))
    (tmp_path / "answers.csv").write_bytes(("满意度,复购\n" + rows + "very,3\n").encode("gbk"))
    found = survey(tmp_path / "answers.csv")
    assert 'answers.csv:102: satisfaction (满意度) "very" is not a number' in found.left_out[0].examples[0]
    assert found.notes[0] == "read as GB18030 (GBK), since it is not UTF-8"
    assert found.columns == {"satisfaction": "满意度", "repurchase": "复购"}


def test_the_same_table_says_the_same_in_any_order_of_its_rows():
    columns = answers(400)
    order = np.random.default_rng(5).permutation(400)
    mixed = {name: [column[place] for place in order] for name, column in columns.items()}
    one, other = (survey(source, scale=(0.0, 100.0)) for source in (columns, mixed))
    assert {e.name: e.value for e in one.estimates} == pytest.approx(
        {e.name: e.value for e in other.estimates}, rel=1e-6, nan_ok=True
    )

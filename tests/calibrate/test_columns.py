"""Which column is which: what names tell is taken; what could be two things is refused, with what to say."""

import numpy as np
import pytest

from sim.calibrate import of_panel, of_purchases, of_survey, survey
from sim.calibrate.columns import find, spoken, under
from sim.calibrate.reading import TableError, read


def table(*names):
    return read({name: [1, 2] for name in names})


def test_names_that_are_plain_are_taken():
    found = find(table("INDUSTRY", "OVERALLX", "OVERALLQ", "SATIS", "COMP", "HANDLE", "REPUR"), of_survey.ROLES, {})
    assert found == {
        "expectation": "OVERALLX",
        "quality": "OVERALLQ",
        "satisfaction": "SATIS",
        "complaint": "COMP",
        "handling": "HANDLE",
        "repurchase": "REPUR",
    }
    assert find(table("客户编号", "日期", "金额"), of_purchases.ROLES, {}) == {
        "customer": "客户编号",
        "date": "日期",
        "value": "金额",
    }
    assert find(table("id", "feat.a", "feat.b", "price.a", "price.b", "choice"), of_panel.ROLES, {}) == {
        "person": "id",
        "choice": "choice",
        "price": "price.",
        "feature": "feat.",
    }


def test_a_name_that_fits_twice_is_refused():
    with pytest.raises(TableError, match="'satisfaction_1' and 'satisfaction_2' may both be satisfaction"):
        find(table("satisfaction_1", "satisfaction_2"), of_survey.ROLES, {})
    assert find(table("satisfaction_1", "satisfaction_2"), of_survey.ROLES, {"satisfaction": "satisfaction_2"}) == {
        "satisfaction": "satisfaction_2"
    }


def test_what_is_needed_and_not_found_is_asked_for():
    with pytest.raises(
        TableError, match=r"which column is customer \(who bought\)\? Say so with --columns customer=NAME; columns: x, date"
    ):
        find(table("x", "date"), of_purchases.ROLES, {})


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"satisfcation": "a"}, "did you mean 'satisfaction'"),
        ({"satisfaction": "SATTIS"}, "did you mean 'SATIS'"),
        ({"satisfaction": "SATIS", "quality": "SATIS"}, "cannot be both"),
    ],
)
def test_mistakes_are_advice(said, why):
    with pytest.raises(TableError, match=why):
        find(table("SATIS", "Q"), of_survey.ROLES, said)


def test_what_is_typed_is_taken_apart():
    assert spoken("a=b, c = d") == {"a": "b", "c": "d"}
    assert spoken("") == {}
    for text, why in (("a", "not 'a'"), ("a=", "not 'a='"), ("a=b,a=c", "'a' is named twice")):
        with pytest.raises(TableError, match=why):
            spoken(text)


def test_columns_of_many_are_known_by_what_follows():
    assert under(table("price.a", "price.b", "price."), "price.") == {"a": "price.a", "b": "price.b"}
    with pytest.raises(TableError, match="no column begins with 'cost'"):
        find(table("id", "choice", "price.a"), of_panel.ROLES, {"price": "cost"})


def test_several_columns_may_tell_one_thing_by_their_mean():
    luck = np.random.default_rng(1)
    columns = {name: luck.integers(1, 11, 300).tolist() for name in ("S1", "S2", "S3", "R")}
    mean = np.mean([columns[name] for name in ("S1", "S2", "S3")], axis=0)
    one = survey(columns, {"satisfaction": "S1+S2+S3", "repurchase": "R"})
    other = survey({"satisfaction": mean.tolist(), "R": columns["R"]}, {"repurchase": "R"})
    name = "repurchase a step of satisfaction"
    assert one[name].value == pytest.approx(other[name].value)
    for said, why in (
        ({"satisfaction": "S1+S9"}, "no column 'S9'"),
        ({"satisfaction": "R", "complaint": "S1+S2"}, "by one column"),
    ):
        with pytest.raises(TableError, match=why):
            survey(columns, said)

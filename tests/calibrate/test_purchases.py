"""A log of purchases: known rhythms come back, and the engine lives what was fitted."""

import numpy as np
import pytest

from sim.calibrate import TableError, purchases
from sim.calibrate.of_purchases import ALIKE, DIFFER, LEAVE, SAME, STAY, Rhythm, _repeats, asked_for
from sim.rules import traits
from tests.calibrate.evidence import cdnow, pasted, shop


@pytest.fixture(scope="module")
def bought():
    return purchases(shop(), until="2020-09-30")


def test_a_known_rhythm_comes_back(bought):
    for name, truth in (("repeats a customer and year at first", 365 * 0.6 / 40), ("chance to leave after a repeat", 0.25)):
        assert bought[name].value == pytest.approx(truth, rel=0.15)
        assert bought[name].low <= truth <= bought[name].high
    assert bought["rates: shape of the gamma"].value == pytest.approx(0.6, rel=0.2)
    assert bought["value of a purchase"].value == 10


def test_the_engine_lives_what_was_fitted(bought):
    assert [one.passed for one in bought.checks] == [True, True, True]


def test_the_same_people_live_longer_where_more_days_are_lived(tmp_path):
    """So that what a person buys later is the difference of two lives."""
    rhythm = Rhythm(0.6, 40.0, (1.0, 3.0))
    early, first = _repeats(rhythm, tmp_path, 500, 100)
    whole, second = _repeats(rhythm, tmp_path, 500, 300)
    assert np.array_equal(whole[:100], early)
    assert (second >= first).all()
    assert second.sum() > first.sum() == early.sum() > 0


def test_what_is_lived_is_what_the_rhythm_means(tmp_path):
    """Where nobody leaves, repeats come at the mean rate; where all leave at once, there is one at most."""
    days, _ = _repeats(Rhythm(2.0, 60.0, None), tmp_path, 20_000, 120)
    assert days.sum() / 20_000 == pytest.approx(120 * 2.0 / 60.0, rel=0.02)
    _, each = _repeats(Rhythm(2.0, 60.0, (1e5, 1e-3)), tmp_path, 2_000, 120)
    assert each.max() == 1


def test_its_block_can_be_pasted(bought, tmp_path):
    told = pasted(tmp_path, bought.block)
    assert len(told.segments) == 12
    assert sum(one.share for one in told.segments) == pytest.approx(1.0)
    leaving = told.segments[0].traits[traits.LEAVING_BASE]
    assert leaving.kind == "beta"
    assert leaving.a / (leaving.a + leaving.b) == pytest.approx(bought["chance to leave after a repeat"].value, rel=1e-3)
    rate = sum(one.share / one.traits[traits.EVERY].a for one in told.segments)
    assert 365 * rate == pytest.approx(bought["repeats a customer and year at first"].value, rel=0.01)


def test_slices_keep_the_mean_rate_and_are_in_order():
    for shape in (0.05, 0.25, 1.0, 30.0):
        slices = Rhythm(shape, 30.0, None).segments()
        assert sum(share for share, _ in slices) == pytest.approx(1.0)
        gaps = [gap for _, gap in slices]
        assert gaps == sorted(gaps, reverse=True)
        assert sum(share / gap for share, gap in slices) == pytest.approx(shape / 30.0, rel=1e-2)


def test_where_nobody_leaves_leaving_is_not_identified(tmp_path):
    found = purchases(shop(leaving=None, people=400, shape=2.0, days=60.0))
    assert "psyche.leaving.base" in [one.key for one in found.unknown]
    assert "psyche.leaving.base" not in [one.key for one in found.estimates]
    assert "it is not identified whether anybody leaves" in found.headline
    assert all(one.traits[traits.LEAVING_BASE].a == 0.0 for one in pasted(tmp_path, found.block).segments)
    (check,) = found.checks
    assert check.passed is None


def test_people_alike_are_one_rhythm(tmp_path):
    luck = np.random.default_rng(1)
    days = [np.cumsum(np.maximum(1, luck.exponential(20, 15))).astype(int) for _ in range(300)]
    when = [
        (f"c{who}", str(np.datetime64("2020-01-01") + day)) for who, many in enumerate(days) for day in [0, *many] if day < 250
    ]
    found = purchases({"customer": [who for who, _ in when], "date": [day for _, day in when]})
    assert "rates: shape of the gamma" not in [one.name for one in found.estimates]
    assert found["repeats a customer and year at first"].value == pytest.approx(365 / 20, rel=0.1)
    assert len(pasted(tmp_path, found.block).segments) == 1


def test_people_alike_who_leave_as_readily_are_told_so(tmp_path):
    luck, when = np.random.default_rng(2), []
    for who in range(600):
        day = 0.0
        while day < 300:
            when.append((f"c{who}", str(np.datetime64("2020-01-01") + int(day))))
            day += max(1.0, luck.exponential(20))
            if day > 0 and when[-1][1] != "2020-01-01" and luck.random() < 0.2:
                break
    found = purchases({"customer": [who for who, _ in when], "date": [day for _, day in when]})
    one = found["chance to leave after a repeat"]
    assert one.low <= 0.2 <= one.high
    assert found["repeats a customer and year at first"].value == pytest.approx(365 / 20, rel=0.1)
    told = pasted(tmp_path, found.block)
    assert len(told.segments) == 1
    assert told.segments[0].traits[traits.LEAVING_BASE].kind == "fixed"
    assert told.segments[0].traits[traits.LEAVING_BASE].a == pytest.approx(one.value, rel=0.01)


def test_the_simplest_model_that_costs_little_is_taken():
    best = {(DIFFER, LEAVE): 0.0, (DIFFER, ALIKE): 40.0, (DIFFER, STAY): 30.0, (SAME, LEAVE): 90.0, (SAME, STAY): 200.0}
    assert asked_for(best) == (DIFFER, LEAVE)
    assert asked_for({**best, (DIFFER, STAY): 14.0}) == (DIFFER, STAY)
    assert asked_for({**best, (DIFFER, ALIKE): 3.0}) == (DIFFER, ALIKE)
    assert asked_for({**best, (SAME, LEAVE): 3.0}) == (SAME, LEAVE)
    assert asked_for({(SAME, STAY): 5.0}) == (SAME, STAY)
    assert asked_for({**best, (SAME, LEAVE): 5.0, (SAME, STAY): 8.0}) == (SAME, STAY)


def test_a_messy_log_says_the_same_as_a_clean_one(tmp_path):
    clean = shop(people=300)
    rows = list(zip(clean["customer"], clean["date"], clean["value"], strict=True))
    messy = [
        *rows,
        *rows[:40],
        ("c1", "2020-02-30", 10.0),
        ("", "2020-03-01", 10.0),
        ("c2", "2020-03-05", -10.0),
        ("c3", "2020-04-01", "ten"),
        ("c4", "1977-01-01", 10.0),
    ]
    text = "客户编号;日期;金额\r\n" + "".join(f"{who};{day.replace('-', '/')};{value}\r\n" for who, day, value in messy)
    (tmp_path / "log.csv").write_bytes(text.encode("gbk"))
    one, other = purchases(clean), purchases(tmp_path / "log.csv")
    for name in ("repeats a customer and year at first", "chance to leave after a repeat"):
        assert other[name].value == pytest.approx(one[name].value, rel=1e-9)
    assert {left.reason: left.count for left in other.left_out} == {
        "date is no day of the calendar": 1,
        "no customer": 1,
        "value is not a number": 1,
        "date is far from all others": 1,
        "a return (its value is negative)": 1,
    }
    assert any("40 rows are further purchases on a day" in note for note in other.notes)


@pytest.mark.parametrize(
    ("until", "why"),
    [
        ("soon", "--until must be a day"),
        ("1999-01-01", "is not within the purchases, 2020-01-01 to"),
        ("2020-01-01", "is not within the purchases"),
        ("2020-01-05", "fewer than 14 days"),
    ],
)
def test_an_end_that_is_none_is_refused(until, why):
    with pytest.raises(TableError, match=why):
        purchases(shop(people=200), until=until)


def test_an_end_too_late_to_judge_by_is_told_so():
    """The log's last week ends on its 399th day, 2021-02-02; one more day is kept back."""
    log = shop(people=300)
    assert max(log["date"]) == "2021-02-03"
    (check,) = purchases(log, until="2021-02-02").checks
    assert check.passed is None
    assert "less than a week" in check.says


def test_too_few_purchases_are_refused():
    with pytest.raises(TableError, match="too few to fit anything"):
        purchases(shop(people=20))


def test_the_figures_of_the_online_shop():
    found = purchases(cdnow(), until="1997-09-30")
    values = {
        "rates: shape of the gamma": 0.252,
        "rates: scale of the gamma": 4.79 * 7,
        "leaving: first shape of the beta": 0.723,
        "leaving: second shape of the beta": 2.16,
    }
    assert {name: found[name].value for name in values} == pytest.approx(values, rel=0.005)
    assert [one.passed for one in found.checks] == [True, True, True]
    assert "all at the same rate +47%" in found.checks[1].says

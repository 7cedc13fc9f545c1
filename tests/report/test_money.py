"""Money on paper: profit so far, when it breaks even, and said no surer than it is."""

from __future__ import annotations

import numpy as np
import pytest

from sim.experiments.compare import Comparison
from sim.report import words
from sim.report.figures import figure, worth_drawing
from sim.report.figures.money import _after as after
from sim.report.figures.money import path
from sim.report.page import page
from tests.report.studies import NASTY, Plan, make


def title(comparison: Comparison) -> str:
    return str(figure(comparison, "money").get_label())


SPENDING = {"stand still": Plan(stay=0.95), "well": Plan(stay=0.975, cost=30.0, spent=100),
            "dearly": Plan(stay=0.955, cost=300.0, spent=100)}


@pytest.fixture(scope="module")
def spending() -> Comparison:
    return make(SPENDING)


def test_a_path_starts_at_nothing_and_ends_at_the_difference_in_profit(spending: Comparison) -> None:
    for name in ("well", "dearly"):
        line, apart = path(spending, name), spending.difference(name, "stand still", "profit")
        assert (line.days[0], line.days[-1]) == (0.0, 730.0)
        assert line.mean[0] == line.low[0] == line.high[0] == 0.0
        assert line.mean[-1] == pytest.approx(apart.mean)
        assert np.all(line.low <= line.mean)
        assert np.all(line.mean <= line.high)


def test_it_falls_on_the_day_the_money_is_spent(spending: Comparison) -> None:
    line = path(spending, "well")
    spent = np.flatnonzero(np.diff(line.mean) < -20.0)
    assert len(spent) == 1
    assert line.days[spent[0]] <= 100.0 <= line.days[spent[0] + 1]


def test_the_title_says_who_is_ahead_for_good_and_who_is_not(spending: Comparison) -> None:
    said = title(spending)
    assert said.startswith("After ")
    assert "months ‘well’ is ahead of ‘stand still’ in profit for good, in the end by " in said
    assert said.endswith("EUR a customer; ‘dearly’ ends behind")
    well, _ = spending.returns
    assert f"After {well.day / (365.25 / 12):.1f} months" in said


def test_what_is_even_within_a_day_or_two_is_so_at_once() -> None:
    """Seen first: `After 0.0 months`."""
    assert after(1.0, 730.0) == "at once"
    assert after(40.0, 730.0) == "after 1.3 months"
    assert after(1.0, 30.0) == "on day 1"


def test_the_title_says_what_cannot_be_told_and_what_never_comes_back() -> None:
    base = SPENDING["stand still"]
    assert title(make({"a": base, "b": SPENDING["dearly"]})) == "Nothing here earns more than ‘a’ within the time"
    assert title(make({"a": base, "b": base})) == "Whether anything here earns more than ‘a’ cannot be told"
    assert title(make({"a": base, "b": SPENDING["well"]}, replications=1)).endswith("cannot be told")
    saving = Plan(stay=0.95, cost=-30.0, spent=100)
    assert title(make({"a": base, "b": saving})).startswith("‘b’ is never behind ‘a’ in profit, and ends ")
    assert title(make({"a": base})) == "No money to draw"
    short = make({"a": base, "b": SPENDING["well"]}, days=110)
    assert title(short).startswith("From day 4 ‘b’ is ahead")


def test_each_break_even_is_marked_once_on_the_line_of_the_baseline(spending: Comparison) -> None:
    axes = figure(spending, "money").axes[0]
    rings = [line for line in axes.get_lines() if line.get_marker() == "o"]
    well, _ = spending.returns
    assert [ring.get_ydata()[0] for ring in rings] == [0.0]  # type: ignore[index]
    assert float(rings[0].get_xdata()[0]) * 365.25 / 12 == pytest.approx(well.day)  # type: ignore[index, arg-type]
    assert [text.get_text() for text in axes.texts] == [f"{well.day * 12 / 365.25:.1f} months"]


def test_words_beside_rings_keep_apart() -> None:
    """Eight strategies that break even at about the same time: their words are left out rather than written over others."""
    close = {f"plan {at}": Plan(stay=0.975, cost=30.0 + at / 4, spent=100) for at in range(7)}
    axes = figure(make({"stand still": Plan(stay=0.95), **close}), "money").axes[0]
    assert len([line for line in axes.get_lines() if line.get_marker() == "o"]) == 7
    assert len(axes.texts) == 2


def test_it_is_drawn_where_money_differs() -> None:
    assert "money" in worth_drawing(make(SPENDING))
    assert "money" not in worth_drawing(NASTY["one strategy"]())


def test_the_page_has_a_part_about_money(spending: Comparison) -> None:
    told = page(spending).replace("&#39;", "’").replace("−", "-")
    part = told[told.index("What it costs and what it brings"):told.index("Outcomes by strategy")]
    assert part.index('<figure id="money">') < part.index('<figure id="cost">')
    assert "Money, beside ‘stand still’" in part
    well, dearly = spending.returns
    assert f"<b>{well.day:.0f}</b>" in part.replace(f"<b>{well.day:,.0f}</b>", f"<b>{well.day:.0f}</b>")
    assert "not within 730" in part
    assert "Return and break-even" in told
    assert dearly.rate < 0 < well.rate
    assert told.count('<figure id="cost">') == 1


def test_a_market_without_money_has_no_part_about_it() -> None:
    free = page(make({"a": Plan()}))
    assert "What it costs and what it brings" not in free
    assert "Return and break-even" not in free


def test_the_answer_says_the_return_of_the_favourite(spending: Comparison) -> None:
    said = words.pays_back(spending)
    assert not said or "the return is" in said
    best = make({"stand still": Plan(stay=0.95), "well": Plan(lambda visit: 1.0 + 0 * visit, stay=0.975, cost=30.0, spent=100)})
    assert "On what ‘well’ costs beyond ‘stand still’ the return is +" in words.pays_back(best)
    assert "it breaks even on day " in words.pays_back(best)
    assert any("the return is" in one for one in words.answer(best))

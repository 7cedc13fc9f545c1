"""Rivals on paper: whom people go to, drawn and said no surer than it is."""

from __future__ import annotations

import numpy as np
import pytest

from sim.experiments.compare import Comparison
from sim.report import words
from sim.report.figures import figure, worth_drawing
from sim.report.figures.share import shared
from sim.report.page import page
from tests.report.studies import NASTY, Plan, make, steady


def title(comparison: Comparison, name: str) -> str:
    return str(figure(comparison, name).get_label())


@pytest.fixture(scope="module")
def rivals() -> Comparison:
    return NASTY["rivals"]()


def test_shares_are_those_of_the_visits(rivals: Comparison) -> None:
    days, shares = shared(rivals.runs["delight"])
    assert shares.shape == (3, len(days)) == (3, 38)
    assert shares.sum(axis=0) == pytest.approx(1)
    assert (days[0], days[-1]) == (0.0, rivals.market.horizon)
    assert shares[0, 0] == pytest.approx(0.5, abs=0.02)
    assert shares[0, -1] == pytest.approx(0.8, abs=0.02)
    assert np.allclose(shares[1], shares[2])


def test_periods_with_few_visits_are_not_drawn() -> None:
    _, shares = shared(NASTY["rivals, hardly anybody"]().runs["a"])
    assert np.isnan(shares).all()
    assert title(NASTY["rivals, hardly anybody"](), "share") == "No shares of visits to draw"


def test_the_title_names_the_largest_change_that_is_sure(rivals: Comparison) -> None:
    assert title(rivals, "share") == ("Our share of visits falls from 50.0% under ‘stand still’ to 30.0% under ‘let go’")
    won = make({"a": Plan(), "b": Plan(taken=(0.5, 0.1))}, rivals=("c",))
    assert title(won, "share") == "Our share of visits rises from 50.0% under ‘a’ to 70.0% under ‘b’"
    alike = make({"a": Plan(noise=0.1), "b": Plan(noise=0.1)}, rivals=("c",), seed=12)
    assert title(alike, "share") == "Whether any strategy changes our share of visits cannot be told"
    assert "cannot be told" in title(NASTY["a rival, one replication"](), "share")
    assert title(make({"a": Plan(noise=0.0)}, rivals=("c",)), "share") == "50.0% of all visits come to us under ‘a’"


def test_it_is_drawn_where_people_choose(rivals: Comparison) -> None:
    assert "share" in worth_drawing(rivals)
    assert "share" not in worth_drawing(make({"a": Plan()}))
    assert "silence" not in worth_drawing(rivals)


def test_who_is_no_customer_need_not_have_left(rivals: Comparison) -> None:
    plain = make({"stand still": Plan(), "delight": Plan(steady(0.4), stay=0.99)})
    chosen = make({"stand still": Plan(), "delight": Plan(steady(0.4), stay=0.99)}, rivals=("c",))
    assert title(plain, "retention").endswith("stay to the end than with ‘stand still’")
    assert title(chosen, "retention").endswith("are our customers in the end than with ‘stand still’")
    assert "who are gone by the end" in words.hidden(plain)
    assert "people who came and went elsewhere or stayed away: only those who come to us are asked" in words.hidden(chosen)


def test_the_page_says_what_choosing_is(rivals: Comparison) -> None:
    told = page(rivals)
    assert "People choose a firm at each occasion" in told
    assert "Share of visits" in told
    assert "People choose a firm at each occasion" not in page(make({"a": Plan()}))
    assert rivals.verdict.outcome == "share"
    assert words.MEASURES["share"].meaning in told.replace("&#39;", "’")

"""What people are to one another, on paper: waits, talk and adoption, drawn and said no surer than they are."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from matplotlib.text import Text

from sim.experiments.compare import Comparison
from sim.market import Staffing, Strategy
from sim.report import words
from sim.report.figures import figure, worth_drawing
from sim.report.figures.adoption import curve, fastest
from sim.report.figures.silence import departed
from sim.report.figures.timed import by_period, ours, periods, ratio, whole
from sim.report.figures.waits import busy
from sim.report.page import page
from tests.report.studies import NASTY, SIX, TOWN, Plan, make


def title(comparison: Comparison, name: str) -> str:
    return str(figure(comparison, name).get_label())


@pytest.fixture(scope="module")
def town() -> Comparison:
    return NASTY["town"]()


def test_they_are_drawn_where_people_wait_talk_and_join(town: Comparison) -> None:
    of_town = {"adoption", "waits", "talk"}
    assert of_town <= set(worth_drawing(town))
    for case in ("hotel", "rivals", "whole visit"):
        assert not of_town & set(worth_drawing(NASTY[case]()))
    assert title(NASTY["hotel"](), "waits") == "No waits to draw"
    assert title(NASTY["hotel"](), "talk") == "No talk to draw"
    assert title(NASTY["hotel"](), "adoption") == "No trial to draw"
    assert "adoption" not in worth_drawing(NASTY["town, nobody comes"]()), "where people choose there are no prospects"


# --- periods ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [1, 6, 13, 365, 730, 1000])
def test_periods_hold_every_day_once(days: int) -> None:
    each = np.arange(2.0 * days).reshape(2, days) + 1
    sums = by_period(each)
    assert sums.shape == (2, periods(days))
    assert sums.sum() == each.sum()
    lengths = by_period(np.ones((1, days)))[0]
    assert lengths.max() - lengths.min() <= 1
    assert days < 14 or lengths.min() >= 7


def test_a_line_is_a_ratio_of_sums_and_says_nothing_of_few() -> None:
    above, below = np.tile([[2.0, 4.0]], (3, 7)), np.tile([[1.0, 3.0]], (3, 7))
    line = ratio(above, below, 0.0)
    assert line.mean == pytest.approx(np.full(2, 1.5), abs=0.1)
    assert line.low == pytest.approx(line.mean)
    assert np.isnan(ratio(above, below, 1e6).mean).all()
    assert whole(above, np.zeros_like(below)) == pytest.approx([np.nan] * 3, nan_ok=True)
    assert whole(above, below) == pytest.approx([1.5] * 3)


def test_what_is_unknown_weighs_nothing(town: Comparison) -> None:
    """A day on which nobody comes has no wait: the mean is that of the others."""
    run = town.runs["delight"]
    days = dict(run.by_day)
    wait, visits = days["wait"].copy(), days["visits"].copy()
    wait[::3], visits[::3] = np.nan, 0.0
    thin = dataclasses.replace(run, by_day={**days, "wait": wait, "visits": visits})
    found = whole(ours(thin, "wait") * ours(thin, "visits"), ours(thin, "visits"))
    assert found == pytest.approx(run.outcomes["wait"], rel=0.01)


# --- waits --------------------------------------------------------------------------------------------------


def test_the_wait_is_that_of_who_comes(town: Comparison) -> None:
    drawn = figure(town, "waits").axes[0].get_lines()
    for line, plan in zip(drawn, TOWN.values(), strict=True):
        values = np.asarray(line.get_ydata())
        assert plan.waits is not None
        assert values[0] == pytest.approx(plan.waits[0], rel=0.1)
        assert values[-1] == pytest.approx(plan.waits[1], rel=0.1, abs=0.1)
        assert len(values) == 36


def test_the_title_names_the_longest_and_the_shortest_wait(town: Comparison) -> None:
    said = title(town, "waits")
    assert said.startswith("People wait 13.0 minutes under ‘delight’ and ")
    assert said.endswith(" under ‘delight and more hands’, against 5.1 under ‘stand still’")
    shorter = make({"a": Plan(waits=(9.0, 9.0)), "b": Plan(waits=(3.0, 3.0))}, staff=SIX)
    assert title(shorter, "waits") == "People wait 3.0 minutes under ‘b’, against 9.0 under ‘a’"
    assert title(NASTY["town, all the same"](), "waits") == "People wait equally long under every strategy: 13.0 minutes"
    assert title(NASTY["town, one replication"](), "waits").endswith("cannot be told")
    assert title(NASTY["town, one strategy"](), "waits").startswith("People wait ")


def test_hands_are_as_busy_as_the_work_they_have(town: Comparison) -> None:
    """Visits of eight minutes, by six hands ten hours a day."""
    run = town.runs["stand still"]
    share = ours(run, "visits").mean() * 8.0 / (6 * 600.0)
    assert busy(run) == pytest.approx(share)
    assert 0.005 < share < 0.9
    more = Strategy("stand still", (Staffing(6, 0.0, 0.0, 0.0, 365.0, 730.0),))
    doubled = dataclasses.replace(run, market=dataclasses.replace(run.market, strategies=(more,)))
    assert busy(doubled) == pytest.approx(share / 1.5), "twice the hands in the second half of the time"


# --- talk ---------------------------------------------------------------------------------------------------


def test_words_and_praise_are_those_of_the_days(town: Comparison) -> None:
    often, good = (axes.get_lines() for axes in figure(town, "talk").axes)
    for place, plan in enumerate(TOWN.values()):
        run = list(town.runs.values())[place]
        words, people = ours(run, "words"), town.market.people
        assert np.mean(often[place].get_ydata()) == pytest.approx(100 * words.mean() / people, rel=0.02)
        assert np.mean(good[place].get_ydata()) == pytest.approx(100 * plan.told[1], rel=0.05)


def test_the_title_says_how_much_more_is_told_and_how_much_is_praise(town: Comparison) -> None:
    said = title(town, "talk")
    assert said.startswith("People tell others of us ")
    assert " times as often under ‘delight and more hands’ as under ‘stand still’; 7" in said
    assert said.endswith("% of it is praise, against 45%")
    same = title(NASTY["town, all the same"](), "talk")
    assert same == "People tell the same of us under every strategy; 60% of it is praise"
    assert title(NASTY["town, one replication"](), "talk").endswith("cannot be told")
    assert title(NASTY["town, one strategy"](), "talk").endswith("% of what people tell of us under ‘alone’ is praise")
    better = make({"a": Plan(told=(0.4, 0.3), noise=0.0), "b": Plan(told=(0.4, 0.9), noise=0.0)})
    assert title(better, "talk") == "Praise rises from 30% of what people tell of us under ‘a’ to 90% under ‘b’"


# --- adoption -----------------------------------------------------------------------------------------------


def test_a_curve_starts_at_nothing_and_ends_at_the_trial(town: Comparison) -> None:
    for name, plan in TOWN.items():
        line = curve(town.runs[name])
        assert (line.mean[0], line.days[0], line.days[-1]) == (0.0, 0.0, 730.0)
        assert line.mean[-1] == pytest.approx(100 * town.interval(name, "trial").mean)
        assert plan.come is not None
        assert line.mean[-1] == pytest.approx(100 * plan.come, rel=0.06)
        assert (np.diff(line.mean) >= 0).all()


def test_the_ring_stands_where_most_come_at_once(town: Comparison) -> None:
    """The S-curve of the plan is steepest at 0.4 of the time; a curve that is steepest at once has no ring."""
    assert fastest(town.runs["delight"]) == pytest.approx(0.4 * 730, abs=21)
    axes = figure(town, "adoption").axes[0]
    rings = [line for line in axes.get_lines() if line.get_marker() == "o"]
    assert len(rings) == 3
    run = town.runs["delight"]
    first = np.zeros((town.market.replications, 730))
    first[:, :5] = 4
    at_once = dataclasses.replace(run, by_day={**run.by_day, "first": first.reshape(-1)})
    assert fastest(at_once) == 0.0


def test_the_title_says_who_brings_most(town: Comparison) -> None:
    said = title(town, "adoption")
    assert said.startswith("Of those who were no customers, ")
    assert "% under ‘delight and more hands’ have come by the end, against " in said
    assert said.endswith(" under ‘stand still’")
    fewer = make({"a": Plan(come=0.5), "b": Plan(come=0.2)})
    assert " under ‘b’ have come by the end, against " in title(fewer, "adoption")
    assert title(NASTY["town, all the same"](), "adoption").startswith("Under every strategy 7")
    assert title(NASTY["town, one replication"](), "adoption").endswith("cannot be told")
    assert title(NASTY["town, one strategy"](), "adoption").endswith("have come by the end under ‘alone’")


def test_where_some_are_prospects_customers_are_a_share_of_all_people(town: Comparison) -> None:
    """Seen first: 894% of the starting customers' number, off the top of the figure, under the title that nobody leaves."""
    drawn = figure(town, "retention")
    said = str(drawn.get_label())
    assert said.startswith("Of every 100 people, ")
    assert said.endswith(" are our customers in the end than with ‘stand still’")
    axes = drawn.axes[0]
    assert axes.get_ylabel() == "our customers (%)"
    for line, run in zip(axes.get_lines(), town.runs.values(), strict=True):
        levels = np.asarray(line.get_ydata())
        assert levels[0] == pytest.approx(10.0, abs=0.5), "nine in ten are prospects"
        assert levels[-1] == pytest.approx(100 * ours(run, "customers")[:, -1].mean() / town.market.people)
        assert levels.max() < axes.get_ylim()[1]
    assert "people who came and left again and the " in words.hidden(town)
    assert " who never came: only those who come to us are asked" in words.hidden(town)


def test_who_never_came_has_neither_left_nor_spoken_up(town: Comparison) -> None:
    """Seen first: that most who leave have spoken up, where one in five ever did and two in five never came."""
    assert "silence" in worth_drawing(town)
    for run, plan in zip(town.runs.values(), TOWN.values(), strict=True):
        parts = departed(run)
        assert sum(parts.values()) == pytest.approx(np.ones(town.market.replications))
        assert parts["never came"] == pytest.approx(0.9 * (1 - run.outcomes["trial"]))
        left = ours(run, "left").sum(axis=1) / town.market.people
        assert parts["left having spoken up"] == pytest.approx((1 - plan.silent) * left)
    said = {text.get_text() for text in figure(town, "silence").findobj(Text)}
    assert "never came" in said
    assert not any("customers" in text for text in said)
    plain = make({"a": Plan(), "b": Plan(stay=0.9)})
    assert not any("never came" in text.get_text() for text in figure(plain, "silence").findobj(Text))


def test_who_is_no_customer_in_the_end_was_not_lost_where_some_never_came(town: Comparison) -> None:
    told = words.kept(town)
    assert told.startswith("Of every 100 people who are our customers in the end with ‘delight and more hands’, ")
    assert " are not with ‘stand still’; of every 100 with ‘stand still’, " in told
    assert "lost" not in told


def test_the_page_holds_them_with_words_for_who_does_not_see_them(town: Comparison) -> None:
    told = page(town)
    for name in ("adoption", "waits", "talk"):
        assert f'<figure id="{name}">' in told
        assert title(town, name).split("‘")[0] in told
    assert told.index('id="adoption"') < told.index('id="waits"') < told.index('id="talk"') < told.index('id="spreading"')

"""The whole visit on paper: gaps, classes, silence, goodwill and survivors, drawn and said no surer than they are."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import numpy as np
import pytest
from matplotlib.text import Text

from sim.engine.records import KANO, Questionnaire
from sim.experiments.compare import Comparison, conclude
from sim.market import Strategy, Watch
from sim.report import words
from sim.report.curves import over
from sim.report.figures import figure, worth_drawing
from sim.report.figures.gaps import PARTS, largest, parted
from sim.report.figures.kano import path, shared
from sim.report.figures.silence import departed
from sim.report.page import page
from tests.report.studies import MATCH, NASTY, NEVER, NONE_LOST, RECOVERY, WHOLE, Plan, make, steady, visited

TWO = {"wait": 0.6, "room": 0.4}


def title(comparison: Comparison, name: str) -> str:
    return str(figure(comparison, name).get_label())


@pytest.fixture(scope="module")
def whole() -> Comparison:
    """Every new mechanism at once, with a known truth."""
    return NASTY["whole visit"]()


def changed(comparison: Comparison, strategy: str, **outcomes: np.ndarray) -> Comparison:
    """The same study, concluded again with other outcomes of one strategy."""
    runs = dict(comparison.runs)
    runs[strategy] = dataclasses.replace(runs[strategy], outcomes={**runs[strategy].outcomes, **outcomes})
    return conclude(comparison.market, runs, comparison.verdict.outcome)


# --- gaps ---------------------------------------------------------------------------------------------------


def test_the_parts_are_weighed_and_add_up(whole: Comparison) -> None:
    found = parted(whole.runs["listen first"])
    assert found is not None
    assert found.whole.shape == (whole.market.replications, 6)
    assert found.whole[:, :5].sum(axis=1) == pytest.approx(found.whole[:, 5])
    assert found.whole[:, 2].mean() == pytest.approx(0.5 * -4.0 + 0.4 * -3.0, abs=0.02)
    assert found.single["breakfast"][:, 0].mean() == pytest.approx(-0.5, abs=0.02)


@pytest.mark.parametrize(
    ("lost", "said"),
    [
        ((-1.0, 0.0, -3.0, 0.0, 0.5), "Under ‘a’ most is lost in delivery: −2.99 points"),
        ((-3.0, 0.0, -3.0, 0.0, 0.5), "loses most: which of them cannot be told"),
        ((1.0, 0.0, 2.0, 0.0, 0.5), "Under ‘a’ nothing is lost for sure in any part of the gap"),
        (NONE_LOST, "Under ‘a’ nothing is lost for sure in any part of the gap"),
    ],
)
def test_the_title_names_the_largest_loss_where_it_is_sure(lost: tuple[float, ...], said: str) -> None:
    assert said in title(make({"a": Plan(lost=(lost,))}, attributes=TWO), "gaps")


def test_the_title_names_the_largest_change() -> None:
    first, same = Plan(lost=((-3.0, 0.0, -1.0, 0.0, 0.0),)), Plan(lost=((-3.0, 0.0, -1.0, 0.0, 0.0),))
    better, promising = Plan(lost=((-0.5, 0.0, -1.0, 0.0, 0.0),)), Plan(lost=((-3.0, 0.0, -1.0, -9.0, 0.0),))

    def said(other: Plan) -> str:
        return title(make({"a": first, "b": other}, attributes=TWO), "gaps").split("; ")[1]

    assert said(better).startswith("‘b’ makes that −0.5")
    assert said(promising).startswith("‘b’ takes communication from 0 to −9.0")
    assert said(same) == "whether any strategy changes a part cannot be told"


def test_the_table_names_two_parts_where_they_cannot_be_told_apart() -> None:
    luck = np.random.default_rng(1).normal(0, 0.1, (12, 6))
    assert largest(np.array([-1.0, 0, -4.0, 0, 0, -5]) + luck).startswith("delivery −4.0")
    assert largest(np.array([-4.0, 0, -4.0, 0, 0, -8]) + luck).split(" −")[0] in (
        "delivery or knowledge", "knowledge or delivery")
    assert largest(np.array([1.0, 0.5, 0.5, 0.5, 0.5, 3]) + luck) == "nothing for sure"
    assert largest(np.array([1.0, 0.5, 0.5, 0.5, -4.0, 3]) + luck, -1.0).startswith("knowledge −0.99")
    assert largest(np.array([[-1.0, 0, 0, 0, 0, -1]])) == "one replication"


def test_gaps_are_drawn_where_there_is_something_to_part_them_by() -> None:
    plain = make({"a": Plan()}, attributes=TWO)
    assert "gaps" not in worth_drawing(plain)
    assert "gaps" in worth_drawing(make({"a": Plan(moves=(MATCH,))}, attributes=TWO))
    assert "gaps" not in worth_drawing(make({"a": Plan(moves=(MATCH,))}))
    for change in ({"shortfall": (2.0, 0.0)}, {"believes": (50.0, 60.0)}):
        ours = dataclasses.replace(plain.market.firms[0], quality=(60.0, 60.0), **{"believes": (60.0, 60.0), **change})
        market = dataclasses.replace(plain.market, firms=(ours,))
        assert "gaps" in worth_drawing(conclude(market, plain.runs))


# --- Kano ---------------------------------------------------------------------------------------------------


def asked(*counts: tuple[int, ...]) -> Questionnaire:
    """One attribute, asked about at so many moments."""
    return Questionnaire(np.arange(len(counts)), ("x",), np.array(counts, dtype=np.int64)[:, None, :])


def test_the_class_of_most_people_is_told_where_its_lead_is_sure() -> None:
    assert KANO[:3] == ("attractive", "one-dimensional", "must-be")
    attractive, both, must_be = (900, 100, 0, 0, 0, 0), (500, 100, 510, 0, 0, 0), (100, 100, 800, 0, 0, 0)
    assert path(asked(attractive, both, must_be), 0) == ("attractive", "must-be")
    assert path(asked(attractive, must_be, must_be, attractive), 0) == ("attractive", "must-be", "attractive")
    assert path(asked((51, 49, 0, 0, 0, 0), (51, 49, 0, 0, 0, 0)), 0) == ()
    assert path(asked(attractive, (5, 0, 0, 0, 0, 0)), 0) == ("attractive",)
    assert path(asked((5, 0, 0, 0, 0, 0)), 0) == ()


def test_a_way_there_and_back_is_told_as_one(whole: Comparison) -> None:
    """Whatever stands first: what was a must-be for a year has not stayed attractive."""
    attractive, must_be = (900, 100, 0, 0, 0, 0), (100, 100, 800, 0, 0, 0)
    found = {"never": asked(attractive, attractive, attractive), "for good": asked(attractive, must_be, must_be),
             "away again": asked(attractive, must_be, attractive)}
    for names, said in ((("for good", "away again"), "‘x’ turns from attractive to must-be under ‘for good’, and back under"),
                        (("never", "away again"), "‘x’ turns from attractive to must-be and back under ‘away again’; under "
                                                  "‘never’ it stays attractive")):
        first = next(iter(whole.runs.values()))
        runs = {name: dataclasses.replace(first, strategy=name, kano=found[name]) for name in names}
        market = dataclasses.replace(whole.market, strategies=tuple(Strategy(name, ()) for name in names))
        runs = {name: dataclasses.replace(run, market=market) for name, run in runs.items()}
        assert title(conclude(market, runs), "kano").startswith(said)


def test_another_way_there_and_back_is_not_taken_for_this_one(whole: Comparison) -> None:
    attractive, must_be, neither = (900, 100, 0, 0, 0, 0), (100, 100, 800, 0, 0, 0), (100, 100, 0, 800, 0, 0)
    found = {"for good": asked(attractive, must_be, must_be), "a while": asked(attractive, neither, attractive)}
    first, market = next(iter(whole.runs.values())), dataclasses.replace(
        whole.market, strategies=tuple(Strategy(name, ()) for name in found))
    runs = {name: dataclasses.replace(first, market=market, strategy=name, kano=each) for name, each in found.items()}
    assert title(conclude(market, runs), "kano") == "‘x’ turns from attractive to must-be under ‘for good’"


def test_shares_are_of_those_asked(whole: Comparison) -> None:
    found = whole.runs["stand still"].kano
    assert found is not None
    assert shared(found).sum(axis=2) == pytest.approx(np.ones((13, 3)))


def test_kano_says_what_turns_into_what(whole: Comparison) -> None:
    assert title(whole, "kano") == (
        "‘free network’ turns from attractive to must-be under ‘put right what goes wrong’ and ‘listen first’; "
        "under ‘stand still’ it stays attractive")
    calm = {"bed": ((0.0, 0.0, 0.8, 0.2, 0.0, 0.0),) * 2}
    assert title(make({"a": Plan(classes=calm), "b": Plan(classes=calm)}), "kano") == "‘bed’ stays must-be under every strategy"
    turns = {"bed": ((0.8, 0.0, 0.2, 0.0, 0.0, 0.0), (0.2, 0.0, 0.8, 0.0, 0.0, 0.0)), **WHOLE["listen first"].classes}
    assert title(make({"a": Plan(classes=turns)}), "kano") == (
        "‘bed’ turns from attractive to must-be under ‘a’; ‘free network’ turns too")


# --- silence ------------------------------------------------------------------------------------------------


def test_everybody_who_started_is_in_the_bar(whole: Comparison) -> None:
    for run in whole.runs.values():
        assert sum(departed(run).values()) == pytest.approx(np.ones(whole.market.replications))


@pytest.mark.parametrize(
    ("first", "other", "said"),
    [
        (Plan(stay=0.95), Plan(stay=0.98), "Most who leave say nothing under every strategy; of every 100 customers, "),
        (Plan(stay=0.95, silent=0.2), Plan(stay=0.95, silent=0.1), "Most who leave have spoken up under every strategy"),
        (Plan(stay=0.95), Plan(stay=0.95, silent=0.1), "leave ‘a’ in silence; "),
        (Plan(stay=1.0), Plan(stay=1.0), "Nobody leaves in this scenario, in silence or not"),
    ],
)
def test_silence_says_who_is_heard(first: Plan, other: Plan, said: str) -> None:
    assert said in title(make({"a": first, "b": other}), "silence")


def test_silence_is_drawn_where_somebody_complains() -> None:
    quiet = make({"a": Plan()})
    none = np.zeros(quiet.market.replications)
    assert "silence" in worth_drawing(quiet)
    assert "silence" not in worth_drawing(changed(quiet, "a", complaints=none))


def test_silent_leavers_are_in_the_answer_where_they_surely_outnumber_the_heard() -> None:
    loud, quiet = make({"a": Plan(stay=0.99, heard=0.6)}), make({"a": Plan(stay=0.9, heard=0.1)})
    assert words.unheard(loud) == ""
    said = words.unheard(quiet)
    assert said.startswith("Complaints show the smaller part: of every 100 starting customers of ‘a’, 73 leave without a word")
    assert "and 10 ever speak up (95% interval of the difference 6" in said
    assert f"{said}." in words.answer(quiet)
    assert words.unheard(make({"a": Plan(stay=0.9, heard=0.0)})) == ""
    assert words.unheard(make({"a": Plan(stay=0.9, heard=0.1)}, replications=1)) == ""


# --- charts -------------------------------------------------------------------------------------------------


def rung(*rings: tuple[float, float]) -> Comparison:
    """A study that is watched, whose charts ring after these days."""
    return visited({name: Plan(rings=days) for name, days in zip("abc", rings, strict=False)})


def test_which_chart_rings_first_is_said_where_it_is_sure() -> None:
    said = words.first_alarm(rung((200.0, 50.0)))
    assert re.fullmatch(r"Under ‘a’, a chart of the survey rings first, in all 12 replications, after \d+ days on average; one "
                        r"of complaints in all 12, after \d+ days on average: 1.. days later \(95% interval \d+ to \d+\)", said)
    assert "a chart of complaints rings first, " in words.first_alarm(rung((30.0, 200.0)))
    assert words.first_alarm(rung((100.0, 100.0))).startswith(
        "Which chart rings first under ‘a’ cannot be told: that of complaints rings in all 12 replications, after ")
    assert words.first_alarm(make({"a": Plan(rings=(30.0, 90.0))})) == ""


def test_charts_are_told_of_the_baseline_where_trouble_takes_its_course() -> None:
    """Not of the strategy that wins, nor of the one where the charts differ most."""
    both = visited({"a": Plan(rings=(200.0, 120.0)), "b": Plan(steady(2.0), rings=(300.0, 20.0))})
    assert both.verdict.best == "b"
    assert words.first_alarm(both).startswith("Under ‘a’, a chart of the survey rings first")


def test_a_chart_that_never_rings_is_said_not_to() -> None:
    never = np.full(12, NEVER)
    quiet = changed(rung((30.0, 60.0)), "a", seen_in_complaints=never, seen_in_survey=never)
    assert words.first_alarm(quiet) == "Under ‘a’, neither a chart of complaints nor one of the survey rings"
    half = changed(rung((30.0, 60.0)), "a", seen_in_complaints=never)
    assert "; one of complaints in none: at least " in words.first_alarm(half)
    assert words.alarms(half)["a"].never[0] == 1.0


def test_a_chart_that_seldom_rings_is_said_to_ring_after_so_many_days_at_least() -> None:
    """Where it does not ring the days to the end are counted, and the mean of such days is too low."""
    found = rung((250.0, 20.0))
    assert "at least" not in words.first_alarm(found)
    seldom = found.runs["a"].outcomes["seen_in_complaints"].copy()
    seldom[2:] = NEVER
    late = words.first_alarm(changed(found, "a", seen_in_complaints=seldom))
    assert "the survey rings first, in all 12 replications, after 2" in late
    assert re.search(r"; one of complaints in 2 of 12, after at least \d+ days on average: at least \d+ days later \(95%", late)


def test_where_both_charts_miss_it_the_time_between_them_is_not_told() -> None:
    """Days counted to the end for the earlier chart, too, make the time between them neither a least nor a most."""
    found = rung((250.0, 20.0))
    never, survey = np.full(12, NEVER), found.runs["a"].outcomes["seen_in_survey"].copy()
    survey[0] = NEVER
    said = words.first_alarm(changed(found, "a", seen_in_complaints=never, seen_in_survey=survey))
    assert re.fullmatch(r"Under ‘a’, a chart of the survey rings first, in 11 of 12 replications, after at least \d+ days on "
                        r"average; one of complaints in none", said)


# --- goodwill and survivors ---------------------------------------------------------------------------------


def test_goodwill_is_drawn_where_a_move_works_on_it(whole: Comparison) -> None:
    assert title(whole, "goodwill").startswith("The lift in goodwill over ‘stand still’: ‘put right what goes wrong’")
    assert "goodwill" not in worth_drawing(make({"a": Plan(), "b": Plan()}, memory=0.2))
    assert "goodwill" in worth_drawing(make({"a": Plan(), "b": Plan(moves=(RECOVERY,))}, memory=0.2))
    assert "goodwill" not in worth_drawing(make({"a": Plan(), "b": Plan(moves=(RECOVERY,))}))


def test_survivors_flatter() -> None:
    both = visited({"a": Plan(goodwill=steady(-1.0), stayers=2.0, noise=0.01), "b": Plan(stayers=0.5, noise=0.01)})
    assert title(both, "survivors") == (
        "Asking those who stay, ‘a’ has the most goodwill; asking everybody who started, ‘b’ has")
    alone = visited({"a": Plan(stayers=2.0)})
    assert title(alone, "survivors") == "Asking only those who stay flatters ‘a’ by 2.00 points"
    assert title(visited({"a": Plan(stayers=-1.0)}), "survivors").startswith("Those who stay think 1.00 points worse of ‘a’")
    assert "too little to feel" in title(visited({"a": Plan(stayers=0.001)}), "survivors")
    assert "survivors" not in worth_drawing(visited({"a": Plan(stay=1.0)}))


# --- what the page shows ------------------------------------------------------------------------------------


def test_outcomes_are_shown_where_they_say_something(whole: Comparison) -> None:
    new = {"goodwill", "goodwill_stayers", "repeat", "complainers", "recovered", "response", "csat", "nps", "r_across",
           "r_within", "seen_in_complaints", "seen_in_survey"}
    assert new <= set(words.shown(whole))
    plain = set(words.shown(make({"a": Plan(), "b": Plan()})))
    assert new & plain == {"repeat", "complainers"}
    shy = make({"a": Plan()})
    assert "nps" in words.shown(changed(shy, "a", response=np.full(12, 0.3)))
    assert "goodwill_stayers" not in words.shown(visited({"a": Plan(stay=1.0, goodwill=steady(2.0))}))


def test_terms_are_those_of_the_study(whole: Comparison) -> None:
    plain = words.terms(make({"a": Plan()}))
    assert "CSAT and NPS" in plain
    assert not {"Goodwill", "The five gaps", "Kano's classes", "Chart", "Survey"} & set(plain)
    assert {"Goodwill", "The five gaps", "Kano's classes", "Chart", "Survey"} <= set(words.terms(whole))
    assert "CSAT and NPS" not in words.terms(whole)


def test_the_page_writes_days_and_correlations_in_their_units(whole: Comparison) -> None:
    text = page(whole, figures={})
    assert '<th scope="row">Survey rings after<span class="unit">days</span></th>' in text
    assert '<span class="unit">−1 to 1</span>' in text
    assert words.say(1.0, "days", fine=2.0) == "1 day"
    assert words.say(34.2, "days", fine=5.0) == "34 days"


def test_an_interval_over_replications_allows_for_many_looks() -> None:
    each = np.random.default_rng(3).normal(1, 1, 20)
    one, many = over(each), over(each, 10)
    assert one.mean == many.mean == pytest.approx(each.mean())
    assert many.high - many.low > one.high - one.low
    assert np.isnan(over(each[:1]).low)


REAL = """
title: A real run
horizon: 2 years
replications: 3
watch: {until: 1 year}
market: {people: 300, visits: {every: 30 days}, expects: {wait: {mean: 62, sd: 8}}}
psyche:
  learning: 0.3
  goodwill: {memory: 0.2}
  leaving: {base: 2% per visit, goodwill: 0.2}
  complaining: {shortfall: 0.02, base: 1%, vents: 20%}
  recovery: {weight: 0.5}
  survey: {answers: 40%, noise: 1, feels: 0.5}
service: {wait: {weight: 0.7}, network: {kano: attractive, absent: 45, present: 65}}
firms: {ours: {quality: {wait: 60, network: 60}, noise: 4, margin: 30, shortfall: 2, believes: {wait: 55, network: 50}}}
strategies:
  stand still: []
  put right: [{recovery: {remedy: 10}}]
"""


def test_a_real_run_draws_them_all(tmp_path: Path) -> None:
    """Gap 5 is satisfaction, the bars hold everybody, and the page has every figure."""
    from sim.api import load

    story = tmp_path / "real.yaml"
    story.write_text(REAL, encoding="utf-8")
    found = load(story).compare()
    for run in found.runs.values():
        parts = parted(run)
        assert parts is not None
        assert parts.whole[:, : len(PARTS)].sum(axis=1) == pytest.approx(parts.whole[:, -1], abs=1e-3)
        assert parts.whole[:, -1] == pytest.approx(run.outcomes["satisfaction"], abs=1e-3)
        assert sum(departed(run).values()) == pytest.approx(np.ones(3))
    text = page(found)
    for name in ("goodwill", "silence", "survivors", "gaps", "kano"):
        assert f'<figure id="{name}">' in text


def test_one_replication_has_no_intervals_in_silence() -> None:
    """Seen once on the picture: a missing interval clipped to the whole axis."""
    said = {text.get_text() for text in figure(NASTY["whole visit, one replication"](), "silence").findobj(Text)}
    assert not any(" to " in text and text.endswith(")") for text in said)


def test_watching_needs_days_to_draw() -> None:
    """A horizon that ends with the time before leaves no day for a chart to ring in, and nothing falls over."""
    assert figure(visited(WHOLE, watch=Watch(729.0, 7.0)), "silence").axes

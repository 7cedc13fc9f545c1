"""What is said of budgets: when a move was over for want of money, or what was spent."""

import re

import pytest

from sim import api
from sim.cli.terminal import show_comparison
from sim.engine import archive
from sim.experiments.budgets import spending
from sim.experiments.compare import compare
from sim.explanation import designed, smaller
from sim.market import with_design
from sim.report.page import page
from sim.story.load import load
from sim.story.resolve import complete, resolve

STORY = """
title: money and its end
horizon: 60 days
replications: 3
market: {people: 100, expects: 50, visits: {every: 5 days}}
psyche: {learning: 0.3}
firms: {ours: {quality: 60, margin: 5}}
strategies:
  still: []
  short: [{surprise: {size: 7, chance: 100%, cost: 2, budget: 500}}]
  ample: [{upgrade: {by: 7, running: 0.5 per visit, budget: 1e6}}]
  both:
    - surprise: {size: 7, chance: 50%, cost: 2, budget: 1100.5}
    - surprise: {size: 3, chance: 50%, cost: 1, budget: 2000}
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("spending") / "story.yaml"
    path.write_text(STORY, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def compared(path):
    return compare(resolve(load(path)))


def test_each_budget_is_a_sentence_that_says_how_it_ended(compared):
    short, ample, first, second = spending(compared)
    assert re.fullmatch(r"Short: the budget of its surprise \(500 EUR\) was spent, and the move over on day 1\d "
                        r"\(median of 3 replications, 1\d to 1\d\)\.", short)
    assert re.fullmatch(r"Ample: the budget of its upgrade \(1,000,000 EUR\) lasted: \d{3} EUR of it were spent on average\.",
                        ample)
    assert re.fullmatch(r"Both: the budget of its surprise \(move 1\) \(1,100\.5 EUR\) was spent, and the move over on day "
                        r"\d\d \(median of .*\)\.", first)
    assert second.startswith("Both: the budget of its surprise (move 2) (2,000 EUR) lasted: ")


def test_one_that_is_spent_in_some_replications_alone_says_so(compared, path):
    spent = sorted(compared.runs["both"].budgets["spent"][1::2].tolist())
    between = resolve(load(path, [f"strategies.both.1.surprise.budget={spent[0] + 1.0}"]))
    said = spending(compare(between))[-1]
    assert re.search(r"\(median of the [12] replications of 3 in which it was; it lasted in the others\)\.$", said)


def test_terminal_page_and_json_say_it(compared, path):
    found = spending(compared)
    told = " ".join(show_comparison(compared, None).split())
    paper = page(compared)
    document = api.load(path).compare(replications=2).document()
    assert len(document["budgets"]) == len(found)
    for one in found:
        assert one in told
        assert one in paper


def test_fewer_people_share_a_budget_as_it_is_and_an_explanation_divides_it(path):
    story = api.load(path)
    assert api.shared_costs(story.market, 100) == ""
    assert api.shared_costs(with_design(story.market, None, None, 20), 100).startswith(
        "Budgets of moves are shared by 20 people here, and by 100 in the story as it is written")
    full = designed(complete(load(path)), with_design(story.market, None, None, 20), "profit")
    assert [move["surprise"]["budget"] for move in full["strategies"]["both"]] == pytest.approx([220.1, 400.0])
    assert full["strategies"]["both"][0]["surprise"]["cost"] == 2.0
    assert full["strategies"]["ample"][0]["upgrade"]["budget"] == pytest.approx(2e5)


def test_a_stored_study_keeps_budgets_and_says_the_same(compared, path, tmp_path):
    folder = archive.write(compared.runs, tmp_path, name="money", scenario=STORY, outcome="profit")
    stored = archive.read(folder, lambda _: compared.market)
    assert stored.runs["still"].budgets is None
    for name in ("short", "ample", "both"):
        kept, was = stored.runs[name].budgets, compared.runs[name].budgets
        for column, values in was.items():
            assert kept[column].tolist() == pytest.approx(values.tolist(), nan_ok=True), column


HANDS = STORY.replace("margin: 5}", "margin: 5, staff: {servers: 1, minutes: 30, hours: 10}}").replace(
    "  both:", "  hire: [{staffing: {by: 1, cost: 300, running: 90 per day}}, {upgrade: {by: 1, cost: 700}}]\n  both:")


def test_the_same_hands_serve_fewer_people_and_cost_as_much(tmp_path):
    """Seen first: fewer people, all hands, and not a word, so that nobody waited in what was explained."""
    path = tmp_path / "hands.yaml"
    path.write_text(HANDS.replace("psyche: {", "psyche: {waiting: 0.1, "), encoding="utf-8")
    story = api.load(path)
    few = with_design(story.market, None, None, 20)
    assert api.shared_costs(few, 100).endswith(
        "The same hands serve 20 people here, and 100 in the story as it is written: waits, and what hands cost a customer, "
        "are not those of the story.")
    assert api.shared_costs(few, 20) == ""
    staffing, upgrade = designed(complete(load(path)), few, "profit")["strategies"]["hire"]
    assert (staffing["staffing"]["cost"], staffing["staffing"]["running"]) == (300.0, "90 per day")
    assert upgrade["upgrade"]["cost"] == pytest.approx(140.0)


def test_an_explanation_keeps_people_who_wait_for_one_another(tmp_path, path):
    """Both stories are too long by far: one is cut in replications and people, the one with a queue in replications alone."""
    waiting = tmp_path / "hands.yaml"
    waiting.write_text(HANDS.replace("psyche: {", "psyche: {waiting: 0.1, "), encoding="utf-8")
    for told, kept in ((path, False), (waiting, True)):
        market = with_design(resolve(load(told)), 50, None, 1_000_000)
        cut = smaller(market, tipping=True)
        assert cut.replications == 10
        assert (cut.people == market.people) is kept

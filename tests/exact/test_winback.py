"""Offers to who has left: how many come back, when, for what, and what they then meet."""

import itertools
import math

import numpy as np
import pytest

from sim.rules import decide, woo
from tests.lives import ENGINES, differing, market

PEOPLE, GAP, AFTER = 4000, 10, 20
STORY = f"""
title: come back
horizon: 100 days
replications: 2
market: {{people: {PEOPLE}, expects: 50, visits: {{every: {GAP} days, gaps: fixed}}}}
psyche: {{learning: 0.3, leaving: {{base: 100%}}}}
firms: {{ours: {{quality: 60, margin: 5}}}}
strategies:
  still: []
  woo: [{{winback: {{persuades: 30%, after: {AFTER} days, lift: 4, cost: 7}}}}]
  sure: [{{winback: {{persuades: 100%, after: {AFTER} days, lift: 4, cost: 7, until: 11 days}}}}]
  nobody: [{{winback: {{persuades: 0%, after: {AFTER} days, lift: 4, cost: 7}}}}]
  newcomers: [{{winback: {{persuades: 100%, after: {AFTER} days, to: {{to_visit: 1}}}}}}]
"""
"""Everybody leaves after every visit; the first is within the first ten days."""


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    return market(tmp_path_factory.mktemp("winback"), STORY)


@pytest.fixture(scope="module")
def wooed(told):
    return ENGINES["compiled"](told, "woo", keep={"customers"})


def test_the_share_that_comes_back_is_what_the_offer_persuades(wooed):
    """Of those who have just left for the n-th time, the share p comes back, as long as there is time for it."""
    for replication in range(2):
        made = wooed.by_visit["customers"][wooed.by_visit["replication"] == replication]
        assert made[0] == PEOPLE
        for before, after in itertools.pairwise(made[:4]):
            assert abs(after / before - 0.3) < 4.5 * math.sqrt(0.3 * 0.7 / before)


def test_they_come_back_so_many_days_later_and_are_counted_that_day(wooed):
    days = {name: values[wooed.by_day["replication"] == 0] for name, values in wooed.by_day.items()}
    assert np.array_equal(days["regained"], days["joined"])
    assert (days["regained"][:AFTER] == 0).all()
    assert days["regained"][AFTER:AFTER + GAP].sum() > 1000
    gone = days["left"][:GAP]
    assert (np.abs(days["regained"][AFTER:AFTER + GAP] - 0.3 * gone) < 5.0 * np.sqrt(0.21 * gone)).all()
    assert (days["regained"][AFTER + GAP:2 * AFTER] == 0).all()
    assert days["regained"].sum() == days["visits"].sum() - PEOPLE
    assert (days["customers"] == PEOPLE + np.cumsum(days["joined"] - days["left"])).all()
    assert wooed.outcomes["regained"][0] == days["regained"].sum() / PEOPLE


def test_each_one_costs_and_is_booked_on_the_day_she_left(wooed):
    days = {name: values[wooed.by_day["replication"] == 0] for name, values in wooed.by_day.items()}
    assert np.array_equal(days["cost"][:100 - AFTER], 7.0 * days["regained"][AFTER:])
    assert (days["cost"][100 - AFTER:] == 0.0).all(), "an offer after the horizon is none"


def test_the_first_visit_back_has_more_and_expectation_is_what_it_was(told):
    """Everybody is brought back once: E = 50, X = 60, then X = 64 against 53; nothing is forgotten without forgetting."""
    found = ENGINES["compiled"](told, "sure")
    assert found.by_visit["visit"].tolist() == [1, 2, 1, 2]
    assert found.by_visit["expectation"].tolist() == pytest.approx([50.0, 53.0] * 2)
    assert found.by_visit["experience"].tolist() == pytest.approx([60.0, 64.0] * 2)
    assert found.outcomes["regained"].tolist() == [1.0, 1.0]
    assert found.outcomes["retention"].tolist() == [0.0, 0.0]


def test_what_she_expects_fades_while_she_is_away(tmp_path):
    told = market(tmp_path, STORY, "psyche.forgetting={half_life: 20 days}", "psyche.norm={starts: 40}")
    found = ENGINES["compiled"](told, "sure", replications=1)
    assert found.by_visit["expectation"].tolist() == pytest.approx([50.0, 40.0 + (53.0 - 40.0) / 2.0])


def test_an_offer_that_persuades_nobody_is_none(told):
    assert differing(ENGINES["compiled"](told, "nobody"), ENGINES["compiled"](told, "still")) == []


def test_whom_it_is_for_is_judged_when_she_leaves(told):
    found = ENGINES["compiled"](told, "newcomers", replications=1)
    assert found.by_visit["customers"].tolist() == [PEOPLE, PEOPLE]


def test_goodwill_persuades_as_it_keeps(tmp_path):
    """With a goodwill of G everybody has, the share is logistic(logit p + h1·G)."""
    told = market(tmp_path, STORY, "psyche.leaving={base: 100%, goodwill: 0.4}",
                  "psyche.goodwill={starts: 3, memory: 0}")
    found = ENGINES["compiled"](told, "woo", replications=1)
    made = found.by_visit["customers"]
    odds = 0.3 / 0.7 * math.exp(0.4 * 3.0)
    share = odds / (1.0 + odds)
    assert share == pytest.approx(0.587, abs=0.001)
    assert woo.persuaded_chance(0.3, 0.4, 3.0) == pytest.approx(share)
    assert abs(made[1] / made[0] - share) < 4.5 * math.sqrt(share * (1.0 - share) / PEOPLE)


def test_who_comes_back_of_her_own_accord_first_gets_no_offer(tmp_path):
    told = market(tmp_path, STORY, "psyche.returning={share: 100%, after: 15 days}")
    for strategy in ("still", "woo"):
        assert ENGINES["compiled"](told, strategy).outcomes["visits"].mean() > 4.0
    still, wooed = (ENGINES["compiled"](told, name) for name in ("still", "woo"))
    assert 0.0 < wooed.outcomes["regained"].mean() < 0.3 * wooed.outcomes["visits"].mean()
    assert (wooed.outcomes["visits"] > still.outcomes["visits"]).all()


MESSY = ("psyche={learning: 0.3, goodwill: {memory: 0.2}, leaving: {base: 15%, goodwill: 0.2}, "
         "returning: {share: 30%, after: 40 days}, forgetting: {half_life: 60 days}CHOOSING}",
         "firms={ours: {quality: 60, margin: 5, noise: 6STAFF}, them: {quality: 61}}", "market.visits.gaps=random")
CHOOSING, TALKING = ", choosing: {value: 0.1, switching: 1}", ", talk: {base: 20%}, listening: 0.2"
STAFF = ", staff: {servers: 1, minutes: 60, hours: 10}"
FORMS = {"ours alone": ("", ""), "choosing": (CHOOSING, ""), "talking": (TALKING, ""), "queueing": ("", STAFF),
         "choosing, talking and queueing": (CHOOSING + TALKING, STAFF),
         "unequal leaving": (", survey: {answers: 40%}", "")}


@pytest.mark.parametrize("form", FORMS)
def test_both_engines_agree_whatever_else_people_do(tmp_path, form):
    more, staff = FORMS[form]
    settings = [one.replace("CHOOSING", more).replace("STAFF", staff) for one in MESSY]
    if form == "unequal leaving":
        settings[0] = settings[0].replace("base: 15%", "base: {beta: [0.7, 3.8]}")
    told = market(tmp_path, STORY, *settings)
    compiled, interpreted = (ENGINES[engine](told, "woo", people=60, keep={"customers"}) for engine in ENGINES)
    assert differing(compiled, interpreted) == []
    assert compiled.by_day["regained"].sum() > 5
    still = ENGINES["compiled"](told, "still", people=60)
    assert (compiled.outcomes["visits"] > still.outcomes["visits"]).all()


def test_whom_an_offer_brings_back_comes_to_us_whomever_she_would_choose(tmp_path):
    settings = [one.replace("CHOOSING", CHOOSING).replace("STAFF", "") for one in MESSY]
    told = market(tmp_path, STORY, *settings, "firms.them.quality=90")
    found = ENGINES["compiled"](told, "woo", people=500, replications=1)
    ours = found.by_day["firm"] == "ours"
    assert found.by_day["regained"][ours].sum() > 10
    assert (found.by_day["regained"][~ours] == 0).all()
    assert (found.by_day["joined"][ours] >= found.by_day["regained"][ours]).all()


def test_the_comparison_notices_a_changed_rule(tmp_path, monkeypatch):
    """The mutation: the reference engine persuades by other odds."""
    told = market(tmp_path, STORY)
    monkeypatch.setattr(woo, "persuaded_chance", lambda *of: decide.chance_against(of[0], 1.0))
    compiled, interpreted = (ENGINES[engine](told, "woo", people=60) for engine in ENGINES)
    assert differing(compiled, interpreted) != []

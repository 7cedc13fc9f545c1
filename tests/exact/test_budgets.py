"""Budgets: a move is over from the day after its money is spent, and everything before that is as without one."""

import dataclasses

import numpy as np
import pytest

from sim.market import Budgeted
from tests.lives import ENGINES, differing, market

HORIZON, PEOPLE, GAP, EACH = 60, 200, 5, 3.0
STORY = f"""
title: money that runs out
horizon: {HORIZON} days
replications: 2
market: {{people: {PEOPLE}, expects: 50, visits: {{every: {GAP} days, gaps: fixed}}}}
psyche: {{learning: 0.3}}
firms: {{ours: {{quality: 60, margin: 5}}}}
strategies:
  still: []
  short: [{{surprise: {{size: 7, chance: 100%, cost: {EACH}, budget: 1500}}}}]
  long: [{{surprise: {{size: 7, chance: 100%, cost: {EACH}, budget: 1e7}}}}]
  free: [{{surprise: {{size: 7, chance: 100%, cost: {EACH}}}}}]
"""
"""Everybody comes every fifth day; every visit is surprised, while there is money."""

MONEY = """strategies:
  still: []
  upgrade: [{upgrade: {by: 7, cost: 100, running: 0.5 per visit, at: 3 days, over: 20 days, budget: 300}}]
  consistency: [{consistency: {by: 80%, cost: 30, running: 0.25 per visit, budget: 200}}]
  recovery: [{recovery: {remedy: 30, compensation: 2, cost: 1, share: 70%, budget: 300}}]
  contact: [{contact: {first: 1 day, second: 3 days, every: 1 day, finds: 30%, refreshes: 20%, cost: 0.5, budget: 300}}]
  programme: [{programme: {period: 20 days, cost: 50, budget: 400,
               tiers: {silver: {visits: 2, lift: 3, cost: 0.5 per visit}, gold: {visits: 4, lift: 6, cost: 1 per visit}}}}]
  file: [{surprise: {size: 5, chance: 50%, to: {from_visit: 2}}}, {file: {current: 50%, running: 0.25 per visit, budget: 200}}]
  match: [{research: {every: 5 days}}, {match: {by: 8, per_point: 0.25 per visit, budget: 900}}]
  winback: [{winback: {persuades: 60%, after: 4 days, lift: 5, cost: 4, budget: 150}}]
  surprise: [{surprise: {size: 4, chance: 40%, cost: 1}}, {surprise: {size: 7, chance: 50%, cost: 2, budget: 500}}]
"""
"""A strategy for each kind of move that may have a budget; each budget is spent in a week or a few."""

UNEASY = ("psyche={learning: 0.3, complaining: 0.2, goodwill: {memory: 0.3}, leaving: {base: 8%, goodwill: 0.1}, "
          "recovery: {weight: 0.5, expects: 20}}", "firms.ours.noise=12", "market.expects=62", "market.visits.gaps=random")
WITH_RIVAL = ("firms={ours: {quality: 60, margin: 5, noise: 12}, them: {quality: 60, noise: 3, margin: 4, strategies: "
              "{treat: [{surprise: {size: 5, chance: 60%, cost: 1, budget: 200}}, "
              "{upgrade: {by: 3, running: 0.5 per visit, budget: 300}}, "
              "{recovery: {remedy: 30, cost: 2, budget: 60}}]}}}",
              "psyche.choosing={value: 0.1, switching: 1, away: -1}")


def moves(tmp_path, *settings):
    return market(tmp_path, STORY[:STORY.index("strategies:")] + MONEY, *UNEASY, *settings)


@pytest.fixture(params=["compiled", "reference"])
def run(request):
    return ENGINES[request.param]


def days_of(found, replication, firm="ours"):
    rows = (found.by_day["replication"] == replication) & (found.by_day["firm"] == firm)
    return {name: values[rows] for name, values in found.by_day.items()}


def test_the_day_that_uses_it_up_is_paid_in_full_and_the_next_one_is_without(tmp_path, run):
    told = market(tmp_path, STORY)
    still, short = run(told, "still"), run(told, "short")
    for replication in range(2):
        days = days_of(short, replication)
        so_far = np.cumsum(days["visits"]) * EACH
        last = int(np.flatnonzero(so_far >= 1500)[0])
        assert 10 < last < 16
        given = days["visits"][:last + 1].sum()
        assert np.array_equal(days["cost"], np.where(days["day"] <= last, days["visits"] * EACH, 0.0))
        assert short.outcomes["cost"][replication] == given * EACH / PEOPLE
        surprised = (short.by_visit["surprised"] * short.by_visit["customers"])[short.by_visit["replication"] == replication]
        assert surprised.sum() == pytest.approx(given)
        row = {name: values[replication] for name, values in short.budgets.items()}
        assert row == {"replication": replication, "firm": "ours", "place": 1, "move": "surprise", "budget": 1500.0,
                       "spent": given * EACH, "over": last + 1}
        experience = days_of(still, replication)["experience"]
        assert np.allclose(days["experience"][:last + 1], experience[:last + 1] + 7.0)
        assert np.allclose(days["experience"][last + 1:], experience[last + 1:])


def test_a_budget_that_is_never_spent_changes_no_bit(tmp_path, run):
    told = market(tmp_path, STORY)
    long, free = run(told, "long"), run(told, "free")
    assert free.budgets is None
    assert np.isnan(long.budgets["over"]).all()
    assert differing(dataclasses.replace(long, budgets=None), free) == []


@pytest.mark.parametrize("strategy", ["upgrade", "consistency", "recovery", "contact", "programme", "file", "match", "winback",
                                      "surprise"])
def test_every_kind_of_move_ends_and_both_engines_agree(tmp_path, strategy):
    told = moves(tmp_path)
    compiled, interpreted = (ENGINES[engine](told, strategy, people=60) for engine in ENGINES)
    assert differing(compiled, interpreted) == []
    found = ENGINES["compiled"](told, strategy)
    over, spent, budget = (found.budgets[name] for name in ("over", "spent", "budget"))
    assert ((over > 2) & (over < 50)).all()
    assert (spent >= budget).all()
    days = found.by_day["replication"] * HORIZON + found.by_day["day"]
    endless = dataclasses.replace(told, strategies=tuple(
        dataclasses.replace(one, moves=tuple(dataclasses.replace(move, budget=np.inf) if isinstance(move, Budgeted) else move
                                             for move in one.moves)) for one in told.strategies))
    free = ENGINES["compiled"](endless, strategy)
    for replication, day in enumerate(over.astype(int)):
        before = (days >= replication * HORIZON) & (days < replication * HORIZON + day)
        for name, values in found.by_day.items():
            assert np.array_equal(values[before], free.by_day[name][before], equal_nan=values.dtype.kind == "f"), name
    assert differing(dataclasses.replace(found, budgets=None), free) != []


@pytest.mark.parametrize("strategy", ["upgrade", "consistency", "recovery", "contact", "programme", "winback"])
def test_what_a_move_spent_is_what_the_strategy_cost(tmp_path, strategy):
    found = ENGINES["compiled"](moves(tmp_path), strategy)
    assert found.budgets["spent"] == pytest.approx(found.outcomes["cost"] * PEOPLE, abs=1e-6)
    last_day = [days_of(found, replication)["cost"][int(day) - 1] for replication, day in enumerate(found.budgets["over"])]
    late = 0.0 if strategy == "contact" else 1e-9  # contacts are booked with their visit
    assert (found.budgets["spent"] - last_day < found.budgets["budget"] + late).all(), "more than a day's spending too much"


@pytest.mark.parametrize("strategy", ["upgrade", "consistency", "file", "match", "programme", "surprise"])
def test_it_is_as_if_it_had_been_meant_to_end_then(tmp_path, strategy):
    """The other half of the rule: after the day, all is as with that `until` written; for one replication, whose day it is."""
    told = moves(tmp_path)
    found = ENGINES["compiled"](told, strategy, replications=1)
    day = float(found.budgets["over"][0])
    until = dataclasses.replace(told, strategies=tuple(
        dataclasses.replace(one, moves=tuple(
            dataclasses.replace(move, budget=np.inf, until=day) if isinstance(move, Budgeted) and move.budget < np.inf else move
            for move in one.moves)) for one in told.strategies))
    meant = ENGINES["compiled"](until, strategy, replications=1)
    assert differing(dataclasses.replace(found, budgets=None), meant) == []


def test_contacts_that_are_booked_are_made(tmp_path):
    """Nobody new is followed up; who was goes on being refreshed, which `until` would have cut."""
    found = ENGINES["compiled"](moves(tmp_path), "contact", replications=1)
    days = days_of(found, 0)
    over = int(found.budgets["over"][0])
    assert (days["cost"][over:] == 0.0).all()
    assert days["cost"][:over].sum() == pytest.approx(found.budgets["spent"][0])


@pytest.mark.parametrize("jobs", [1, 3])
@pytest.mark.parametrize("block", [7, 5000])
@pytest.mark.parametrize("window", [None, 13.0])
def test_blocks_threads_and_windows_change_no_bit(tmp_path, jobs, block, window):
    told = moves(tmp_path)
    for strategy in ("surprise", "contact"):
        plain = ENGINES["compiled"](told, strategy)
        assert differing(plain, ENGINES["compiled"](told, strategy, jobs=jobs, block=block, window=window)) == []


def test_a_rivals_budgets_end_its_moves(tmp_path):
    told = moves(tmp_path, *WITH_RIVAL)
    compiled, interpreted = (ENGINES[engine](told, "surprise", people=60) for engine in ENGINES)
    assert differing(compiled, interpreted) == []
    found = ENGINES["compiled"](told, "surprise", replications=1)
    assert found.budgets["firm"].tolist() == ["ours", "them", "them", "them"]
    assert found.budgets["move"].tolist() == ["surprise", "surprise", "upgrade", "recovery"]
    assert (found.budgets["over"] > 0).all()
    theirs = days_of(found, 0, "them")
    assert found.budgets["spent"][1:].sum() == pytest.approx(theirs["cost"].sum())
    assert (theirs["cost"][int(found.budgets["over"][1:].max()):] == 0.0).all()
    assert theirs["quality"][int(found.budgets["over"][2]) - 1:].tolist()[:2] == [63.0, 60.0]


COUPLED = ("firms={ours: {quality: 60, margin: 5, noise: 12, staff: {servers: 2, minutes: 40, hours: 8}}}",
           "psyche.talk={base: 20%}", "psyche.listening=0.3", "psyche.waiting=0.1")


@pytest.mark.parametrize("strategy", ["surprise", "upgrade", "contact", "winback"])
def test_where_people_talk_and_wait_both_engines_agree(tmp_path, strategy):
    told = moves(tmp_path, *COUPLED)
    compiled, interpreted = (ENGINES[engine](told, strategy, people=100) for engine in ENGINES)
    assert differing(compiled, interpreted) == []
    assert compiled.by_day["words"].sum() > 100
    assert (compiled.budgets["spent"] > 20.0).all()
    again = ENGINES["compiled"](told, strategy, people=100, jobs=2)
    assert differing(compiled, again) == []


def test_a_wrong_midnight_is_noticed(tmp_path, monkeypatch):
    """The mutation: money counted a day late."""
    from sim.engine import budgets

    told = market(tmp_path, STORY)
    found = ENGINES["compiled"](told, "short")
    kept = budgets.cost
    monkeypatch.setattr(budgets, "cost", lambda *of: kept(*of) - 300.0)
    assert differing(found, ENGINES["compiled"](told, "short")) != []

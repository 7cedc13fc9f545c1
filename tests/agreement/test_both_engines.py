"""The compiled and the reference engine give the same bits: for every mechanism alone, for all together, on random stories."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from sim.engine import reference
from sim.engine import run as fast
from sim.market import Consistency, Price, Promise, Recovery, Strategy, Surprise, Upgrade
from sim.rules import answer, choose, decide, follow, give, learn, pay, react, recall, recover, visit
from tests.effort import EFFORT
from tests.lives import differing, market

STRIVING = """  striving:
    quality: {room: 58, speed: 61}
    noise: 3
    price: 6
    margin: 8
    discount: 5% per year
    strategies:
      idle: []
      all it may:
        - surprise: {size: 5, chance: 40%, kinds: 2, cost: 1.5}
        - surprise: {size: 7, every: 2 visits, attribute: room, to: after a disappointment}
        - upgrade: {attribute: speed, by: 4, at: 90 days, over: 30 days, cost: 60, running: 0.5 per visit}
        - promise: {level: 68, reach: 50%, at: 20 days, until: 250 days, over: 20 days, cost: 40}
        - promise: {level: 72, attribute: room, reach: 70%, at: 120 days, cost: 30}
        - consistency: {by: 60%, at: 150 days, over: 50 days, running: 0.25 per visit, cost: 10}
        - recovery: {remedy: 25, within: 2 days, share: 60%, proactive: 30%, compensation: 3, cost: 1, to: {segment: regulars}}
        - recovery: {remedy: 9, apology: 4, share: 80%, at: 30 days, cost: 0.5}
        - price: {by: -2, at: 40 days, until: 300 days, over: 60 days, cost: 25}
        - price: {by: 1, at: 200 days}
    plays: all it may
"""
"""A rival with moves of every kind that it may have, but for its staff, which has a story of its own."""

STORY = """
title: both engines
horizon: 400 days
replications: 2
seed: 11
market:
  people: 40
  visits: {every: 20 days}
  served: SERVED
  segments:
    regulars: {share: 60%, expects: {mean: 60, sd: 5}}
    strangers: {share: 40%, expects: 55, visits: {every: 45 days, gaps: fixed}}
psyche: PSYCHE
service: {room: {weight: 0.7}, speed: {weight: 0.3, absent: 40, present: 70}}
watch: {until: 120 days, every: 10 days}
firms:
  ours: {quality: {room: 60, speed: 62}, noise: {room: 4, speed: 3}, margin: 10, shortfall: {room: 2}, believes: {room: 58},
         price: 6}
  still: {quality: 61, price: 7}
  rising: {quality: 58, improves: 4 per year, price: 5}
  leaping: {quality: 57, leaps: {by: 3, every: 90 days}}
  copying: {quality: 59, imitates: {after: 60 days, share: 80%}}
STRIVINGstrategies:
  still: []
  everything:
    - surprise: {size: 6, chance: 30%, kinds: 3, cost: 2}
    - surprise: {size: 3, every: 3 visits, attribute: speed, to: after a disappointment, until: 300 days}
    - surprise: {size: 4, chance: 50%, to: at risk, below: 1, at: 50 days}
    - surprise: {size: 2, on_visit: 2, to: {segment: regulars}}
    - upgrade: {attribute: room, by: 5, at: 100 days, over: 60 days, cost: 100, running: 1 per visit}
    - promise: {level: 66, reach: 60%, at: 30 days, until: 200 days, over: 20 days, cost: 50}
    - promise: {level: 70, attribute: speed, reach: 40%, at: 150 days, cost: 50}
    - consistency: {by: 50%, at: 120 days, over: 30 days, running: 0.5 per visit}
    - recovery: {remedy: 30, within: 3 days, apology: 10, compensation: 5, share: 50%, proactive: 20%, cost: 1,
                 to: {segment: regulars, from_visit: 2, to_visit: 9}, at: 40 days, over: 50 days}
    - recovery: {remedy: 10, follow_up: 5, to: {disappointed: true, goodwill_below: 1}, until: 300 days, cost: 2}
    - contact: {first: 5 days, second: 9 days, every: 6 days, finds: 30%, refreshes: 15%, cost: 0.25, at: 20 days,
                until: 350 days, over: 50 days, to: {from_visit: 2}}
    - programme: {attribute: room, at: 20 days, until: 380 days, period: 90 days, cost: 70,
                  tiers: {silver: {visits: 2, lift: 2, cost: 0.5 per visit}, gold: {visits: 4, lift: 4, cost: 1 per visit}}}
    - file: {current: 70%, cost: 90, running: 0.1 per visit, at: 10 days, over: 40 days}
    - price: {by: 3, cost: 80, at: 60 days, until: 300 days, over: 50 days}
    - price: {by: -2, at: 150 days}
    - winback: {persuades: 40%, after: 15 days, lift: 3, cost: 4, to: {to_visit: 9}, at: 50 days,
               until: 350 days, over: 40 days}
  asks and matches:
    - research: {every: 60 days, noise: 1, bias: -0.5, lag: 10 days, cost: 30, at: 15 days, until: 390 days}
    - match: {attribute: room, by: 2, per_point: 0.3 per visit, cost: 20, at: 30 days, over: 40 days, until: 350 days}
    - surprise: {size: 6, chance: 30%, kinds: 3, cost: 2}
    - contact: {finds: 30%, refreshes: 15%, cost: 0.25, at: 20 days, over: 50 days, to: {from_visit: 2}}
    - recovery: {remedy: 20, share: 70%, over: 100 days}
    - file: {current: 60%, at: 100 days, until: 300 days}
    - price: {by: 2, at: 80 days}
  on budgets:
    - surprise: {size: 6, chance: 30%, kinds: 3, cost: 2, budget: 8}
    - surprise: {size: 4, chance: 50%, to: at risk, below: 1, cost: 1, at: 50 days}
    - upgrade: {attribute: room, by: 5, at: 30 days, over: 60 days, cost: 100, running: 1 per visit, budget: 104}
    - consistency: {by: 50%, over: 30 days, running: 0.5 per visit, budget: 5}
    - recovery: {remedy: 30, compensation: 5, share: 50%, cost: 1, budget: 6}
    - contact: {finds: 30%, refreshes: 15%, cost: 0.25, budget: 3}
    - programme: {period: 90 days, cost: 70, tiers: {silver: {visits: 2, lift: 2, cost: 0.5 per visit}}, budget: 72}
    - file: {current: 70%, running: 0.1 per visit, budget: 1.5}
    - research: {every: 50 days}
    - match: {attribute: speed, by: 3, per_point: 0.3 per visit, budget: 6}
    - winback: {persuades: 50%, after: 10 days, cost: 4, budget: 3}
"""

MECHANISMS = {
    "nothing": {},
    "learning": {"learning": 0.3},
    "two-way learning": {"learning": {"up": 0.3, "down": {"between": [0.1, 0.3]}}},
    "bayesian learning": {"learning": {"bayesian": 2}},
    "surprise credit": {"learning": 0.3, "surprise": {"credit": 0.2}},
    "surprise familiarity": {"learning": 0.3, "surprise": {"credit": 0.2, "familiarity": 0.15}},
    "loss aversion": {"learning": 0.3, "loss_aversion": {"mean": 2, "sd": 0.5}},
    "curvature": {"learning": 0.3, "curvature": 0.8},
    "tolerance": {"learning": 0.3, "tolerance": 2},
    "delight": {"learning": 0.3, "delight": {"threshold": 5, "bonus": 3}},
    "forgetting": {"learning": 0.3, "forgetting": {"half_life": "90 days"}},
    "norm": {"learning": 0.3, "norm": {"weight": 0.5, "learns": {"up": 0.3, "down": 0.1}, "hears_rivals_every": "25 days"}},
    "hearsay by visit": {"learning": 0.3, "norm": {"weight": 0.5, "learns": 0.2, "hears_rivals": "30%", "noise": 3}},
    "spillover": {"learning": 0.3, "norm": {"hears_rivals_every": "25 days", "spillover": 0.2}},
    "upward spillover": {"learning": 0.3, "norm": {"hears_rivals_every": "25 days",
                                                   "spillover": {"pull": 0.2, "upward_only": True}}},
    "peak": {"learning": 0.3, "peak": 0.3},
    "assimilation": {"learning": 0.3, "assimilation": 0.3},
    "goodwill": {"learning": 0.3, "goodwill": {"memory": 0.2, "starts": 1}},
    "leaving": {"learning": 0.3, "goodwill": {"memory": 0.2}, "leaving": {"base": "5%", "goodwill": 0.2, "tenure": -0.2}},
    "unequal leaving": {"leaving": {"base": {"beta": [0.7, 3.8]}}},
    "returning": {"learning": 0.3, "leaving": {"base": "10%"}, "returning": {"share": "60%", "after": "50 days"}},
    "complaining": {"learning": 0.3, "complaining": 0.1},
    "complaining anyway": {"learning": 0.3, "complaining": {"shortfall": 0.1, "base": "5%"}},
    "venting": {"learning": 0.3, "goodwill": {"memory": 0.2}, "complaining": {"shortfall": 0.1, "vents": "60%"}},
    "failures": {"learning": 0.3, "failures": {"beyond": 3, "memory": 0.3}, "leaving": {"base": "3%", "failures": 2}},
    "recovery": {"learning": 0.3, "goodwill": {"memory": 0.2}, "complaining": 0.1,
                 "recovery": {"weight": 0.5, "expects": 20, "learning": 0.5, "patience": "5 days", "worth": 0.5}},
    "survey": {"learning": 0.3, "survey": {"answers": "40%", "extremes": 0.1, "noise": 1, "gap": 2, "feels": 0.5}},
    "trust": {"learning": 0.3, "trust": {"starts": 0.6, "falls": 0.2}},
    "fairness": {"learning": 0.3, "loss_aversion": 2, "fairness": {"weight": 0.5, "learning": 0.3}},
    "fairness of one's own": {"fairness": {"weight": {"between": [0.2, 0.6]}, "starts": {"mean": 6, "sd": 2}}},
    "choosing": {"choosing": {}},
    "choosing by value": {"learning": 0.3, "choosing": {"value": 0.3}},
    "choosing by goodwill": {"learning": 0.3, "goodwill": {"memory": 0.2}, "choosing": {"goodwill": 0.3}},
    "choosing by price": {"choosing": {"price": {"between": [0.1, 0.5]}}},
    "switching": {"choosing": {"switching": {"mean": 2, "sd": 0.5}}},
    "staying away": {"choosing": {"away": {"mean": 0.5, "sd": 1}}},
    "choosing with a norm": {"learning": 0.3, "choosing": {},
                             "norm": {"weight": 0.5, "learns": {"up": 0.3, "down": 0.1}, "hears_rivals_every": "25 days",
                                      "noise": 2}},
    "choosing with a fair price": {"loss_aversion": 2, "goodwill": {"memory": 0.3}, "choosing": {"goodwill": 0.3},
                                   "fairness": {"weight": 1, "learning": 0.3}},
}

TOGETHER = {
    "learning": {"up": {"between": [0.2, 0.4]}, "down": 0.2}, "surprise": {"credit": 0.3, "familiarity": 0.1},
    "loss_aversion": {"mean": 2, "sd": 0.5}, "curvature": 0.9, "tolerance": 1, "delight": {"threshold": 5, "bonus": 2},
    "forgetting": {"half_life": "180 days"},
    "norm": {"starts": {"mean": 58, "sd": 4}, "weight": 0.5, "learns": {"up": 0.2, "down": 0.05},
             "hears_rivals_every": "30 days", "noise": 2, "spillover": 0.1},
    "peak": 0.1, "assimilation": 0.2, "goodwill": {"memory": 0.2}, "leaving": {"base": "5%", "goodwill": 0.2, "tenure": -0.1},
    "returning": {"share": "50%", "after": "60 days"}, "complaining": 0.1, "trust": {"starts": 0.5, "falls": 0.2},
    "failures": {"beyond": 4, "memory": 0.3}, "recovery": {"weight": {"between": [0.3, 0.7]}, "expects": {"mean": 20, "sd": 5},
                                                           "learning": 0.5, "patience": "5 days", "worth": 0.5},
    "survey": {"gap": 1.5, "answers": "40%", "extremes": 0.1, "noise": 1, "feels": 0.5},
    "fairness": {"weight": {"between": [0.2, 0.6]}, "learning": 0.3, "starts": {"mean": 6, "sd": 1}},
}
TOGETHER["leaving"]["failures"] = 1.5
TOGETHER["complaining"] = {"shortfall": 0.1, "base": "2%", "vents": "50%"}


CHOOSING = {**TOGETHER, "choosing": {"value": {"between": [0.05, 0.2]}, "goodwill": 0.1, "price": 0.2, "switching": 1.5,
                                     "away": {"mean": -1, "sd": 1}}}


def story(psyche):
    """The story with people of this psyche, served differently where the whole of it is asked for."""
    served = "{mean: 0, sd: 3}" if psyche in (TOGETHER, CHOOSING) else "0"
    return STORY.replace("STRIVING", STRIVING).replace("PSYCHE", json.dumps(psyche)).replace("SERVED", served)


def both(folder, psyche, strategy="everything", **design):
    told = market(folder, story(psyche))
    return (fast.run(told, strategy, keep={"customers"}, **design), reference.run(told, strategy, keep={"customers"}, **design))


@pytest.mark.parametrize("name", MECHANISMS)
def test_each_mechanism_alone(tmp_path, name):
    assert differing(*both(tmp_path, MECHANISMS[name])) == []


def test_a_firm_that_asks_and_matches(tmp_path):
    compiled, interpreted = both(tmp_path, TOGETHER, "asks and matches")
    assert differing(compiled, interpreted) == []
    believed = compiled.by_attribute["believed"]
    assert len(np.unique(believed.round(6))) > 20, "nothing was learned from research"


@pytest.mark.parametrize("psyche", [TOGETHER, CHOOSING], ids=["together", "choosing"])
def test_moves_on_budgets(tmp_path, psyche):
    compiled, interpreted = both(tmp_path, psyche, "on budgets")
    assert differing(compiled, interpreted) == []
    over = compiled.budgets["over"].reshape(2, -1)
    assert over.shape == (2, 9)
    assert (~np.isnan(over)).any(axis=0).sum() > 5, "hardly any budget was spent"
    assert not np.array_equal(over[0], over[1], equal_nan=True)


def test_all_mechanisms_together(tmp_path):
    compiled, interpreted = both(tmp_path, TOGETHER)
    assert differing(compiled, interpreted) == []
    ours = compiled.by_day["firm"] == "ours"
    for happened in ("joined", "left", "complaints", "cost", "visits", "answers", "recovered", "silent", "regained"):
        assert compiled.by_day[happened][ours].sum() > 0, f"nothing {happened}: the comparison would be empty"
    assert 0 < compiled.by_visit["surprised"].mean() < 1


def test_all_mechanisms_together_where_people_choose(tmp_path):
    compiled, interpreted = both(tmp_path, CHOOSING, people=60)
    assert differing(compiled, interpreted) == []
    days = compiled.by_day
    for firm in ("ours", "still", "rising", "leaping", "copying", "striving"):
        for happened in ("joined", "left", "complaints", "visits", "won", "won_back", "lost"):
            assert days[happened][days["firm"] == firm].sum() > 0, f"nothing {happened} at {firm}: an empty comparison"
    for happened in ("cost", "answers", "recovered", "silent"):
        assert days[happened].sum() > 0, happened
    assert (compiled.switches["people"] > 0).sum() > 15
    striving = days["firm"] == "striving"
    assert days["cost"][striving].sum() > 150
    assert days["recovered"][striving].sum() > 0
    assert len(np.unique(days["quality"][striving])) > 20
    assert len(np.unique(days["price"][striving])) > 50
    asked = both(tmp_path, CHOOSING, "asks and matches")
    assert differing(*asked) == []
    assert len(np.unique(asked[0].by_attribute["believed"].round(6))) > 20


BESIDE = {"nothing": None, "choosing": "nothing", "choosing by value": "choosing", "choosing by goodwill": "choosing",
          "choosing by price": "choosing", "switching": "choosing", "staying away": "choosing",
          "choosing with a norm": "norm", "choosing with a fair price": "choosing", "learning": "nothing",
          "fairness of one's own": "nothing", "surprise familiarity": "surprise credit",
          "upward spillover": "spillover",
          "unequal leaving": "nothing", "complaining anyway": "complaining", "venting": "complaining",
          "recovery": "complaining", "failures": "leaving"}
"""Each mechanism beside the same story without it, learning alone where nothing else is said."""


def test_each_mechanism_does_something(tmp_path):
    """Guards the tests above: a mechanism that changes nothing would agree with itself."""
    runs = {name: both(tmp_path, psyche)[0] for name, psyche in MECHANISMS.items()}
    for name, run in runs.items():
        beside = BESIDE.get(name, "learning")
        if beside is not None:
            without = runs[beside].outcomes
            assert any(np.abs(values - without[outcome]).max() > 1e-6 for outcome, values in run.outcomes.items()), name


BROKEN = {
    "learn": lambda *of: learn.learn(*of) * (1 + 1e-15) + 1e-14, "chance_against": lambda *of: decide.chance_against(*of) * 2.0,
    "expect_recovery": lambda *of: recover.expect_recovery(*of) + 1e-13, "fail": lambda *of: react.fail(*of) + 0.2,
    "vented": lambda *of: react.vented(*of) + 1e-13, "refresh": lambda *of: follow.refresh(*of) + 1e-13,
    "ticked": lambda *of: answer.ticked(*of) + 0.01, "kano": lambda *of: (answer.kano(*of) + 1) % 6,
    "fairness": lambda *of: pay.fairness(*of) + 1e-13, "get_used": lambda *of: pay.get_used(*of) + 1e-13,
    "benefit": lambda *of: give.benefit(*of) + 1e-13, "meant": lambda *of: not give.meant(*of),
}
"""Rules of the visit, each broken in the reference engine alone."""


@pytest.mark.parametrize("broken", BROKEN)
def test_the_comparison_notices_a_changed_rule(tmp_path, monkeypatch, broken):
    """The mutation: the reference engine reads the rules anew, so a change there must show."""
    monkeypatch.setattr(recall if broken == "refresh" else visit, broken, BROKEN[broken])
    assert differing(*both(tmp_path, TOGETHER)) != []


@pytest.mark.parametrize("broken", ["gumbel", "believe", "worth_of"])
def test_the_comparison_notices_a_changed_choice(tmp_path, monkeypatch, broken):
    kept = getattr(choose, broken)
    monkeypatch.setattr(choose, broken, lambda *of: kept(*of) * 1.2 + (0.5 if broken == "worth_of" else 0.0) * of[0])
    assert differing(*both(tmp_path, CHOOSING)) != []


@pytest.mark.parametrize("room", [give, visit], ids=["surprises", "promises and recoveries"])
def test_the_comparison_notices_whose_move_it_is(tmp_path, monkeypatch, room):
    """Everybody's surprises at every firm, or everybody's promises and recoveries, in the reference engine alone."""
    monkeypatch.setattr(room, "its_own", lambda *of: True)
    assert differing(*both(tmp_path, CHOOSING)) != []


def test_no_firms_moves_are_anothers(tmp_path):
    """Each kind of a rival's moves changes what it is to go there; where nobody goes there its price is all that is left."""
    plain = market(tmp_path, story(CHOOSING))
    moves = plain.firms[-1].strategies[1].moves
    whole = fast.run(plain, "still").by_firm
    for kind in (Surprise, Upgrade, Promise, Consistency, Recovery, Price):
        without = Strategy("without", tuple(move for move in moves if not isinstance(move, kind)))
        assert len(without.moves) < len(moves)
        fewer = replace(plain, firms=(*plain.firms[:-1], replace(plain.firms[-1], strategies=(without,), plays=0)))
        assert fast.run(fewer, "still").by_firm["experience"][5] != whole["experience"][5], kind
    alone = market(tmp_path, story(TOGETHER))
    unmet = Strategy("unmet", tuple(move for move in moves if not isinstance(move, Upgrade | Consistency)))
    idle = replace(alone, firms=(*alone.firms[:-1], replace(alone.firms[-1], strategies=(unmet,), plays=0)))
    still = replace(alone, firms=(*alone.firms[:-1], replace(alone.firms[-1], strategies=(unmet,), plays=-1)))
    assert len(unmet.moves) == 8
    assert differing(fast.run(idle, "everything"), fast.run(still, "everything")) == ["by_day.price"]


@pytest.mark.parametrize("psyche", [TOGETHER, CHOOSING], ids=["together", "choosing"])
@pytest.mark.parametrize("window", [1.0, 7.0, 365.0])
def test_both_engines_agree_window_by_window(tmp_path, window, psyche):
    whole, _ = both(tmp_path, psyche)
    compiled, interpreted = both(tmp_path, psyche, window=window)
    assert differing(compiled, whole) == []
    assert differing(interpreted, whole) == []


def levels(low, high):
    return st.one_of(st.floats(low, high).map(lambda x: round(x, 3)),
                     st.tuples(st.floats(low, high), st.floats(low, high)).map(
                         lambda ends: {"between": [round(min(ends), 3), round(max(ends), 3) + 0.001]}))


SHARE = levels(0.0, 0.9)
PSYCHES = st.fixed_dictionaries({}, optional={
    "learning": st.one_of(SHARE, st.fixed_dictionaries({"up": SHARE, "down": SHARE}),
                          st.fixed_dictionaries({"bayesian": levels(0.0, 20.0)})),
    "surprise": st.fixed_dictionaries({"credit": SHARE, "familiarity": SHARE}),
    "loss_aversion": levels(0.5, 4.0), "curvature": levels(0.4, 1.4), "tolerance": levels(0.0, 5.0),
    "delight": st.fixed_dictionaries({"threshold": levels(0.0, 8.0), "bonus": levels(0.0, 5.0)}),
    "forgetting": st.fixed_dictionaries({"half_life": st.integers(1, 999).map(lambda n: f"{n} days")}),
    "norm": st.fixed_dictionaries({"weight": SHARE, "learns": SHARE, "hears_rivals_every": st.just("20 days"),
                                   "noise": levels(0.0, 5.0), "spillover": SHARE}),
    "peak": SHARE, "assimilation": SHARE,
    "goodwill": st.fixed_dictionaries({"memory": SHARE, "starts": levels(-5.0, 5.0)}),
    "leaving": st.fixed_dictionaries({"base": levels(0.0, 0.3), "goodwill": levels(0.0, 2.0), "tenure": levels(-0.5, 0.5)},
                                     optional={"failures": levels(0.0, 4.0)}),
    "returning": st.fixed_dictionaries({"share": SHARE, "after": st.just("40 days")}),
    "complaining": st.one_of(levels(0.0, 1.0), st.fixed_dictionaries({"shortfall": levels(0.0, 1.0), "base": SHARE,
                                                                      "vents": SHARE})),
    "failures": st.fixed_dictionaries({"beyond": levels(0.0, 9.0), "memory": SHARE}),
    "recovery": st.fixed_dictionaries({"weight": levels(0.0, 2.0), "expects": levels(-5.0, 40.0), "learning": SHARE,
                                       "worth": levels(0.0, 2.0)}, optional={"patience": st.just("4 days")}),
    "survey": st.fixed_dictionaries({"answers": SHARE, "extremes": levels(0.0, 1.0), "noise": levels(0.0, 3.0)}),
    "trust": st.fixed_dictionaries({"starts": SHARE, "falls": SHARE}),
    "fairness": st.fixed_dictionaries({"weight": levels(0.0, 2.0), "learning": SHARE},
                                      optional={"starts": st.one_of(st.just("listed"), levels(0.0, 20.0))}),
    "choosing": st.fixed_dictionaries({}, optional={
        "value": levels(0.0, 1.0), "goodwill": levels(0.0, 1.0), "price": levels(0.0, 1.0), "switching": levels(0.0, 5.0),
        "away": st.one_of(st.just("never"), levels(-4.0, 2.0))}),
})


@settings(max_examples=40 * EFFORT, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(psyche=PSYCHES, seed=st.integers(0, 2**64 - 1),
       strategy=st.sampled_from(["still", "everything", "asks and matches", "on budgets"]))
def test_random_stories(tmp_path, psyche, seed, strategy):
    runs = both(tmp_path, psyche, strategy, seed=seed, people=12, replications=1)
    assume(len(runs[0].by_visit["visit"]) > 0)  # a dozen people may all go elsewhere
    assert differing(*runs) == []

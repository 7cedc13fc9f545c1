"""A rival's moves are what ours would be in its place: exactly where no luck tells firms apart, else within its error."""

import math
from dataclasses import replace

import numpy as np
import pytest

from sim.engine import clock, columns, reference
from sim.engine import run as fast
from sim.engine.population import people
from sim.market import played, rival_plays
from sim.rules.traits import TRAITS
from sim.rules.visit import look_up, visit
from sim.rules.world import Who
from tests.invariants.test_invariants import plainly
from tests.lives import market

STORY = """
title: two equal firms
horizon: 300 days
replications: 20
market: {people: 1500, expects: {mean: 60, sd: 3}, visits: {every: 10 days}}
psyche:
  learning: {up: 0.3, down: 0.2}
  surprise: {credit: 0.4, familiarity: 0.2}
  goodwill: {memory: 0.2}
  leaving: {base: 2%, goodwill: 0.2}
  complaining: {shortfall: 0.1, base: 2%}
  recovery: {weight: 0.5, expects: 5, learning: 0.3}
  trust: {starts: 0.5, falls: 0.1}
  choosing: {value: 0.3, goodwill: 0.2, switching: 1, price: 0.2}
  fairness: {weight: 0.3, learning: 0.2}
firms:
  ours: {quality: 60, noise: 4, margin: 5, price: 10}
  theirs:
    quality: 60
    noise: 4
    margin: 5
    price: 10
    strategies: {still: [], acts: MOVES}
strategies: {still: [], acts: MOVES}
"""
MOVES = {
    "surprise": "[{surprise: {size: 6, chance: 50%, kinds: 2, cost: 1}}, {surprise: {size: 3, every: 3 visits, cost: 2}}]",
    "upgrade": "[{upgrade: {by: 4, at: 50 days, over: 50 days, cost: 900, running: 0.5 per visit}}]",
    "promise": "[{promise: {level: 70, at: 30 days, cost: 500}}]",
    "consistency": "[{consistency: {by: 80%, at: 30 days, running: 0.1 per visit}}]",
    "recovery": "[{recovery: {remedy: 20, share: 70%, proactive: 40%, compensation: 1, cost: 2}}]",
    "price": "[{price: {by: -2, at: 30 days, over: 20 days, cost: 300}}, {price: {by: 1, at: 200 days}}]",
}
EVERYTHING = "[" + ", ".join(moves[1:-1] for moves in MOVES.values()) + "]"
STAFFING = "[{staffing: {by: 1, hours: 2, at: 30 days, cost: 200, running: 40 per day}}, {staffing: {by: -1, at: 250 days}}]"


def told_of(folder, kind, *settings):
    """Two equal firms that may make moves of this kind; where that is staffing, people stand in line at both."""
    text = STORY.replace("MOVES", MOVES.get(kind, STAFFING))
    if kind == "staffing":
        staff = "staff: {servers: 3, minutes: 22, hours: 9}"
        text = text.replace("  ours: {", f"  ours: {{{staff}, ").replace("  theirs:\n", f"  theirs:\n    {staff}\n")
        text = text.replace("  trust:", "  waiting: 0.05\n  trust:")
    return market(folder, text, *settings)


def swapped(told):
    """The market with ours acting and theirs standing still, and the one the other way round."""
    return (rival_plays(told, "theirs", "still"), "acts"), (rival_plays(told, "theirs", "acts"), "still")


@pytest.mark.parametrize("kind", [*MOVES, "staffing"])
def test_who_acts_is_the_same_to_the_market(tmp_path, kind):
    (ours, we), (theirs, they) = swapped(told_of(tmp_path, kind))
    here, there = (fast.run(told, name).by_firm for told, name in ((ours, we), (theirs, they)))
    apart = False
    for name in ("share", "satisfaction", "experience", "goodwill", "expectation", "retention", "cost", "profit", "recovered"):
        acting = here[name][here["firm"] == "ours"], there[name][there["firm"] == "theirs"]
        still = here[name][here["firm"] == "theirs"], there[name][there["firm"] == "ours"]
        for one, other in (acting, still):
            error = math.sqrt((one.var(ddof=1) + other.var(ddof=1)) / len(one))
            assert abs(one.mean() - other.mean()) <= 4.5 * error + 1e-12, name
        error = math.sqrt((acting[0].var(ddof=1) + still[0].var(ddof=1)) / 20)
        apart = apart or abs(acting[0].mean() - still[0].mean()) > 6 * error
    assert apart, "acting and standing still are the same: an empty comparison"


def test_a_visit_is_the_same_to_the_bit_whoever_acts(tmp_path):
    """The same person with the same luck, at ours where ours acts and at theirs where theirs does."""
    told = market(tmp_path, STORY.replace("MOVES", EVERYTHING))
    found = []
    for firm, (one, name) in enumerate(swapped(told)):
        strategy = next(strategy for strategy in one.strategies if strategy.name == name)
        world = columns.world(one, strategy, clock.schedule(one, strategy))
        world = plainly(world)
        those = people(one, 5, 0, 0, 3, reference.DRAWS)
        mind = columns.minds(those, world)
        person = [float(columns.trait_column(those, trait)[1]) for trait in range(len(TRAITS))]
        lived = []
        for occasion in range(1, 30):
            who = Who(5, 0, 0, 1, occasion, 0, 1, firm)
            lived.append(visit(who, person, look_up(who, world), 9 * occasion, 9.5 * occasion, 0.0, world, mind))
        kept = {field: np.asarray(column).reshape(3, 2, -1)[1, firm].tolist() for field, column in mind._asdict().items()
                if field in ("expectation", "goodwill", "trust", "recovery", "visits", "last_satisfaction")}
        found.append((lived, kept, np.asarray(mind.familiarity).tolist(), np.asarray(mind.given).tolist()))
    assert found[0] == found[1]
    felt = found[0][0]
    assert 0 < sum(one.surprised for one in felt) < 29
    assert sum(one.recovered for one in felt) > 0
    assert found[0][1]["trust"][0] < 0.5, "no promise was broken"


def test_two_firms_that_do_the_same_split_the_market_evenly(tmp_path):
    told = rival_plays(market(tmp_path, STORY.replace("MOVES", EVERYTHING)), "theirs", "acts")
    run = fast.run(told, "acts")
    for name in ("share", "satisfaction", "profit", "goodwill", "recovered"):
        ours, theirs = (run.by_firm[name][run.by_firm["firm"] == firm] for firm in ("ours", "theirs"))
        apart = ours - theirs
        assert abs(apart.mean()) < 4.5 * apart.std(ddof=1) / math.sqrt(20), name
        assert apart.std() > 0


def test_a_rivals_moves_leave_our_own_luck_as_it_was(tmp_path):
    """A rival never gone to may do what it likes: our visits are the same to the bit."""
    told = market(tmp_path, STORY.replace("MOVES", EVERYTHING).replace("price: 0.2}", "price: 1}"), "replications=2")
    dear = replace(told, firms=(told.firms[0], replace(told.firms[1], price=1e6)))
    still, acting = (fast.run(rival_plays(dear, "theirs", plays), "acts") for plays in ("still", "acts"))
    assert still.outcomes["visits"].min() > 0
    for name, values in still.by_visit.items():
        assert np.array_equal(values, acting.by_visit[name], equal_nan=values.dtype.kind == "f"), name


def test_what_firms_do_is_told_in_one_place(tmp_path):
    told = market(tmp_path, STORY.replace("MOVES", MOVES["upgrade"]))
    ours, theirs = played(rival_plays(told, "theirs", "acts"), told.strategies[0])
    assert (ours.name, theirs.name) == ("still", "acts")
    assert played(told, told.strategies[1])[1].moves == ()
    quality = clock.schedule(rival_plays(told, "theirs", "acts"), told.strategies[0])
    mine = clock.schedule(told, told.strategies[1])
    assert np.array_equal(quality.rival_quality[:, 0], mine.quality)
    assert np.array_equal(quality.once[:, 1], mine.once[:, 0])
    assert np.array_equal(quality.running[:, 1], mine.running[:, 0])
    assert quality.once[:, 1].sum() == 900


def test_a_rivals_price_margin_and_staff_are_what_ours_would_be(tmp_path):
    for kind in ("price", "staffing"):
        told = told_of(tmp_path, kind)
        theirs = clock.schedule(rival_plays(told, "theirs", "acts"), told.strategies[0])
        mine, still = (clock.schedule(told, told.strategies[place]) for place in (1, 0))
        for table in ("price", "margin", "on_duty", "once", "running"):
            acting, other = getattr(theirs, table), getattr(mine, table)
            assert np.array_equal(acting[:, 1], other[:, 0]), table
            assert np.array_equal(acting[:, 0], other[:, 1]), table
            assert np.array_equal(acting[:, 0], getattr(still, table)[:, 0]), table
        moved = {"price": ("price", "margin", "once"), "staffing": ("on_duty", "once")}[kind]
        assert all(not np.array_equal(getattr(theirs, table), getattr(still, table)) for table in moved)


def test_a_queue_at_either_firm_is_the_same_to_the_bit_whoever_has_more_hands(tmp_path):
    """Everybody goes to the one firm with a price they can pay: people wait there as long, be it ours or theirs."""
    waits = []
    for firm in (0, 1):
        told = told_of(tmp_path, "staffing", "psyche.choosing={price: 1}", "psyche.fairness={weight: 0}", "replications=2")
        firms = tuple(replace(one, price=one.price if place == firm else 1e6) for place, one in enumerate(told.firms))
        plays, strategy = (("still", "acts"), ("acts", "still"))[firm]
        days = fast.run(rival_plays(replace(told, firms=firms), "theirs", plays), strategy).by_day
        here = days["firm"] == told.firms[firm].name
        assert days["visits"][~here].sum() == 0
        waits.append([days[name][here] for name in ("visits", "wait", "satisfaction", "cost", "revenue")])
    assert all(np.array_equal(*both, equal_nan=True) for both in zip(*waits, strict=True))
    assert np.nanmax(waits[0][1]) > 20.0


def test_which_strategies_there_are_is_said_where_one_is_not_among_them(tmp_path):
    told = market(tmp_path, STORY.replace("MOVES", MOVES["upgrade"]))
    with pytest.raises(KeyError, match="there are: still, acts"):
        rival_plays(told, "theirs", "act")
    with pytest.raises(KeyError, match="there are: theirs"):
        rival_plays(told, "their", "act")

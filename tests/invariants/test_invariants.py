"""What must never change, whatever else does: what users of other simulators had to ask for."""

import dataclasses
import os
import subprocess
import sys

import numpy as np
import pytest

from sim.engine import clock, columns, reference
from sim.engine import run as fast
from sim.engine.population import people
from sim.engine.records import FIRM_OUTCOMES
from sim.engine.run import find_strategy
from sim.rules.traits import TRAITS
from sim.rules.visit import look_up, visit
from sim.rules.world import Who
from tests.agreement.test_both_engines import CHOOSING, STRIVING, TOGETHER, story
from tests.agreement.test_town import ALL, ALL_CHOOSING, town
from tests.lives import differing, market

FULL = story(TOGETHER)
CHOSEN = story(CHOOSING)
MORE = """strategies:
  never: [{surprise: {size: 6, chance: 0, kinds: 3, cost: 2}}]
  other name for still: []
  same price: [{price: {by: 0, at: 100 days, over: 50 days}}]
  late upgrade: [{upgrade: {by: 9, at: 200 days, cost: 10, running: 1 per visit}}]
  late surprise: [{surprise: {size: 9, chance: 1, at: 200 days}}]
  late promise: [{promise: {level: 90, at: 200 days}}]
  late consistency: [{consistency: {by: 0.9, at: 200 days}}]
  late recovery: [{recovery: {remedy: 40, at: 200 days}}]
  late contact: [{contact: {finds: 90%, refreshes: 20%, at: 200 days}}]
  late programme: [{programme: {at: 200 days, period: 60 days, tiers: {silver: {visits: 2, lift: 5}}}}]
  late file: [{surprise: {size: 6, chance: 1, to: {from_visit: 2}}}, {file: {current: 40%, at: 200 days}}]
  before the file: [{surprise: {size: 6, chance: 1, to: {from_visit: 2}}}]
  late research: [{research: {every: 30 days, at: 190 days, lag: 10 days}}, {match: {by: 4, at: 200 days}}]
  late price: [{price: {by: 4, at: 200 days, cost: 10}}]
  late winback: [{winback: {persuades: 90%, after: 5 days, lift: 5, at: 200 days}}]
  short upgrade: [{upgrade: {by: 9, at: 200 days, until: 210 days}}]"""


@pytest.fixture(params=[FULL, CHOSEN], ids=["ours alone", "choosing"])
def told(tmp_path, request):
    return market(tmp_path, request.param.replace("\nstrategies:", f"\n{MORE}"))


def test_a_renamed_copy_differs_by_exactly_nothing(told):
    assert differing(fast.run(told, "still"), fast.run(told, "other name for still")) == []


def test_a_surprise_that_never_comes_is_the_baseline_to_the_bit(told):
    assert differing(fast.run(told, "still", keep={"customers"}), fast.run(told, "never", keep={"customers"})) == []


@pytest.mark.parametrize("late", ["late upgrade", "late surprise", "late promise", "late consistency", "late recovery",
                                  "late contact", "late programme", "late research", "late price", "late winback"])
def test_nothing_differs_before_a_move_starts_and_something_does_after(told, late):
    still, moved = fast.run(told, "still").by_day, fast.run(told, late).by_day
    before = still["day"] < 200
    ours = still["firm"] == "ours"
    assert before.sum() > 0
    for column in still:
        same = np.array_equal(still[column][before], moved[column][before], equal_nan=still[column].dtype.kind == "f")
        assert same, column
    assert not np.array_equal(still["felt"][ours], moved["felt"][ours], equal_nan=True)


def test_a_file_changes_nothing_before_it_is_kept(told):
    without, kept = fast.run(told, "before the file").by_day, fast.run(told, "late file").by_day
    before = without["day"] < 200
    for column, values in without.items():
        same = np.array_equal(values[before], kept[column][before], equal_nan=values.dtype.kind == "f")
        assert same, column
    assert kept["satisfaction"][~before].tolist() != without["satisfaction"][~before].tolist()


def test_an_upgrade_that_ends_leaves_exactly_the_old_quality(told):
    strategy = next(one for one in told.strategies if one.name == "short upgrade")
    quality = clock.schedule(told, strategy).designed
    assert np.array_equal(quality[210:], clock.schedule(told, told.strategies[1]).designed[210:])
    assert (quality[200:210, 0] == 69.0).all()


def test_one_more_customer_disturbs_nobody(told):
    few = fast.run(told, "everything", people=30, keep={"customers"}).customers
    more = fast.run(told, "everything", people=31, keep={"customers"}).customers
    others = more["customer"] < 30
    assert others.sum() == 60
    for column, values in few.items():
        assert np.array_equal(values, more[column][others], equal_nan=values.dtype.kind == "f"), column


@pytest.mark.parametrize("block", [1, 7, 40, 5000])
@pytest.mark.parametrize("jobs", [1, 3])
@pytest.mark.parametrize("strategy", ["everything", "asks and matches"])
def test_any_block_size_and_any_number_of_threads_give_the_same_bytes(told, strategy, block, jobs):
    plain = fast.run(told, strategy, keep={"customers"})
    assert differing(plain, fast.run(told, strategy, keep={"customers"}, block=block, jobs=jobs)) == []


@pytest.mark.parametrize("window", [1.0, 13.0])
def test_a_firm_that_asks_its_customers_hears_the_same_whatever_the_window(told, window):
    assert differing(fast.run(told, "asks and matches"), fast.run(told, "asks and matches", window=window)) == []


def test_replications_differ_yet_repeat_exactly(told):
    once = fast.run(told, "everything", replications=5)
    assert len(set(once.outcomes["satisfaction"].tolist())) == 5
    assert differing(once, fast.run(told, "everything", replications=5)) == []
    fewer = fast.run(told, "everything", replications=3)
    assert np.array_equal(fewer.outcomes["satisfaction"], once.outcomes["satisfaction"][:3])


def test_seed_0_is_a_seed(told):
    zero = fast.run(told, "everything", seed=0)
    assert differing(zero, fast.run(told, "everything", seed=0)) == []
    assert differing(zero, fast.run(told, "everything", seed=1)) != []
    assert differing(zero, fast.run(told, "everything", seed=2**32)) != []


def test_results_cannot_be_changed_by_accident(told):
    run = fast.run(told, "everything", keep={"customers"})
    for table in (run.by_visit, run.by_day, run.outcomes, run.customers):
        for values in table.values():
            with pytest.raises(ValueError, match="read-only"):
                values[0] = values[0]


def test_unknown_strategies_are_named(told):
    with pytest.raises(KeyError, match="there are: never"):
        fast.run(told, "stil")


def test_levels_that_outgrow_exact_sums_are_refused(tmp_path):
    told = market(tmp_path, FULL, "strategies.everything.0.surprise.size=1e9")
    with pytest.raises(OverflowError, match="levels or felt values of this run grow past"):
        fast.run(told, "everything")


@pytest.mark.parametrize("setting", ["strategies.everything.0.surprise.cost=50000000",
                                     "psyche.delight={threshold: 0, bonus: 1000}",
                                     "firms.ours.noise=900", "psyche.loss_aversion=100",
                                     "psyche.returning={share: 1, after: 1 hour}", "psyche.curvature=2"])
def test_large_costs_and_feelings_are_no_obstacle(tmp_path, setting):
    run = fast.run(market(tmp_path, FULL, setting), "everything")
    assert np.isfinite(run.outcomes["profit"]).all()


def test_other_strategies_of_the_file_move_no_digit(tmp_path):
    wild = "wild: [{upgrade: {by: 500}}, {surprise: {size: 90, chance: 1, cost: 1e6}}]"
    more = FULL.replace("\nstrategies:", f"\nstrategies:\n  {wild}")
    assert {name.split(".")[0] for name in differing(fast.run(market(tmp_path, FULL), "everything"),
                                                     fast.run(market(tmp_path, more), "everything"))} <= {"rest"}


@pytest.mark.parametrize("design", [{"people": 0}, {"seed": -1}, {"seed": 2**64}, {"replications": 0}, {"people": 1.5}])
def test_an_impossible_design_is_refused(told, design):
    with pytest.raises(ValueError, match="must be a whole number"):
        fast.run(told, "still", **design)


def plainly(world):
    """The same world with lists for arrays: interpreted, luck takes Python's whole numbers."""
    return world._make(column.tolist() if isinstance(column, np.ndarray) else column for column in world)


def test_a_visit_at_one_firm_touches_nothing_of_another(told):
    """State is kept for several firms from the start, though nobody chooses among them yet."""
    strategy = find_strategy(told, "everything")
    world = plainly(columns.world(told, strategy, clock.schedule(told, strategy)))._replace(firms=3)
    those = people(told, 1, 0, 0, 5, reference.DRAWS)
    mind = columns.minds(those, world)
    before = [np.array(column) for column in mind]
    person = [float(columns.trait_column(those, trait)[2]) for trait in range(len(TRAITS))]
    who = Who(1, 0, 0, 2, 1, int(those.segment[2]), 2, 1)
    visit(who, person, look_up(who, world), 10, 10.5, 0.0, world, mind)
    for name, old, new in zip(mind._fields, before, mind, strict=True):
        moved = np.flatnonzero(old != np.asarray(new)).tolist()
        width = {"expectation": 2, "peak": 2}.get(name, 1)
        of_the_person = ("norm", "familiarity", "given", "status", "seen", "fresh", "swayed", "met")  # and scratch
        if name not in of_the_person:
            assert set(moved) <= {(2 * 3 + 1) * width + k for k in range(width)}, name
    assert mind.visits[2 * 3 + 1] == 1.0


def test_a_visit_to_a_rival_is_given_nothing_of_ours(tmp_path):
    """A rival's visit moves what she holds of that rival and the norm; our surprises, tiers and contacts stand still."""
    told = market(tmp_path, CHOSEN)
    strategy = find_strategy(told, "everything")
    world = plainly(columns.world(told, strategy, clock.schedule(told, strategy)))
    those = people(told, 1, 0, 0, 5, reference.DRAWS)
    mind = columns.minds(those, world)
    before = [np.array(column) for column in mind]
    person = [float(columns.trait_column(those, trait)[2]) for trait in range(len(TRAITS))]
    for firm in (1, 3):
        who = Who(1, 0, 0, 2, firm, int(those.segment[2]), 2, firm)
        felt = visit(who, person, look_up(who, world), 60, 60.5 + firm, 0.0, world, mind)
        assert felt.surprised == felt.recovered == felt.cost == 0.0
    for name, old, new in zip(mind._fields, before, mind, strict=True):
        moved = set(np.flatnonzero(old != np.asarray(new)).tolist())
        width = {"expectation": 2, "peak": 2}.get(name, 1)
        spots = {(2 * 6 + firm) * width + k for firm in (1, 3) for k in range(width)}
        assert moved <= ({4, 5} if name == "norm" else spots), name
        assert moved or name in ("peak", "familiarity", "given", "status", "seen", "contacted", "trust", "recovery",
                                  "failures", "fresh", "swayed", "met", "wooed"), name


@pytest.mark.parametrize("alone", [False, True], ids=["a rival never chosen", "no rival"])
def test_who_has_nobody_else_to_choose_lives_as_if_she_did_not(tmp_path, alone):
    """What is not read off the choosing itself is the same to the bit: every visit, and what comes of it."""
    base = story({name: one for name, one in TOGETHER.items() if name != "norm"}).replace(STRIVING, "")
    rivals = [line for line in base.splitlines(keepends=True)
              if line.startswith(("  still: {", "  rising: {", "  leaping: {", "  copying: {"))]
    assert len(rivals) == 4
    text = base.replace("".join(rivals), "" if alone else "  dear: {quality: 60, price: 1000000}\n")
    plain = fast.run(market(tmp_path, text), "everything", keep={"customers"})
    chosen = fast.run(market(tmp_path, text, "psyche.choosing={price: 1}"), "everything", keep={"customers"})
    found = set(differing_tables(plain, chosen))
    assert found <= {"by_day.customers", "by_day.first", "by_day.joined", "outcomes.retention", "outcomes.silent_leavers",
                     "rest.counts", "kano.counts", "outcomes.trial"}
    assert chosen.by_day["first"].sum() == (plain.customers["visits"] > 0).sum() > plain.by_day["first"].sum() == 0
    nobodys = chosen.by_day["joined"].sum() - plain.by_day["joined"].sum()
    assert nobodys == (plain.customers["visits"] > 0).sum(), "everybody is nobody's before her first visit"


def differing_tables(one, other):
    """The columns in which two runs differ, of the tables that both have."""
    import dataclasses

    one, other = (dataclasses.replace(run, switches=None, by_firm=None) for run in (one, other))
    return differing(one, other)


def test_quick_comers_have_rows_and_what_has_none_is_said(tmp_path, caplog):
    told = market(tmp_path, FULL, "market.visits={every: {between: [1 days, 60 days]}}", "market.segments.strangers.visits={}")
    run = fast.run(told, "still")
    assert run.by_visit["customers"].sum() == run.by_day["visits"].sum()
    assert not caplog.records
    caplog.set_level("WARNING", logger="sim")
    hourly = market(tmp_path, FULL, "market.visits={every: 1 hour, gaps: fixed}", "psyche.leaving.base=0", "horizon=399 days")
    run = fast.run(hourly, "still", people=2, replications=1)
    assert run.by_visit["visit"].max() == 4096
    assert run.by_visit["customers"].sum() < run.by_day["visits"].sum()
    assert "have no row in by_visit" in caplog.text
    assert run.beyond == run.by_day["visits"].sum() - run.by_visit["customers"].sum()


def test_a_days_order_is_the_market_then_customers_then_measures(tmp_path):
    """On the very day an upgrade starts every visit has it, and the day's customers are counted after those who left."""
    assert clock.DAY_ORDER == ("the market moves", "customers act on yesterday's aggregates", "measures are taken")
    text = story({"leaving": {"base": "20%"}})
    told = market(tmp_path, text, "firms.ours.noise=0", "firms.ours.shortfall=0",
                  "strategies.still=[{upgrade: {by: 7, at: 100 days}}]")
    days = {name: values[:400] for name, values in fast.run(told, "still", people=500, replications=1).by_day.items()}
    assert days["experience"][99] == pytest.approx(60.6, abs=1e-9)
    assert days["experience"][100] == pytest.approx(67.6, abs=1e-9)
    assert days["left"][:5].sum() > 0
    assert (days["customers"] == 500 - np.cumsum(days["left"])).all()


ALIVE = [
    "horizon=395 days", "seed=12", "market.visits.every=25 days",
    "market.segments={regulars: {share: 50%, expects: 60}, strangers: {share: 50%, expects: 55}}",
    "market.segments.regulars.expects.mean=61", "market.segments.regulars.expects.sd=6", "market.segments.strangers.expects=56",
    "market.segments.strangers.visits.every=40 days", "market.segments.strangers.visits.gaps=random",
    "psyche.learning.up=0.35", "psyche.learning.down=0.25", "psyche.learning={bayesian: 3}", "psyche.surprise.credit=0.4",
    "psyche.surprise.familiarity=0.2", "psyche.loss_aversion=1.5", "psyche.curvature=0.8", "psyche.tolerance=2",
    "psyche.delight.threshold=4", "psyche.delight.bonus=3", "psyche.forgetting.half_life=100 days", "psyche.norm.starts=61",
    "psyche.norm.weight=0.6", "psyche.norm.learns.up=0.3", "psyche.norm.learns.down=0.1",
    "psyche.norm.hears_rivals_every=20 days", "psyche.norm.noise=3", "psyche.norm.spillover=0.2",
    "psyche.norm.spillover={pull: 0.1, upward_only: true}", "psyche.peak=0.2", "psyche.assimilation=0.3",
    "psyche.goodwill.memory=0.3", "psyche.goodwill.starts=1", "psyche.leaving.base=6%", "psyche.leaving.goodwill=0.3",
    "psyche.leaving.tenure=-0.2", "psyche.returning.share=60%", "psyche.returning.after=30 days",
    "psyche.trust.starts=0.6", "psyche.trust.falls=0.3", "psyche.survey.gap=0.5",
    "service={room: {weight: 0.6}, speed: {weight: 0.4}}", "firms.ours.quality.room=61", "firms.ours.noise.speed=4",
    "firms.ours.margin=11", "firms.still.quality=62",
    "firms.still.noise=3", "firms.rising.improves=15 per year", "firms.leaping.leaps.by=4",
    "firms.leaping.leaps.every=80 days", "firms.copying.imitates.after=30 days", "firms.copying.imitates.share=90%",
    "strategies.everything.0.surprise.size=7", "strategies.everything.0.surprise.chance=40%",
    "strategies.everything.0.surprise.kinds=2", "strategies.everything.0.surprise.cost=3",
    "strategies.everything.1.surprise.every=2 visits", "strategies.everything.1.surprise.attribute=room",
    "strategies.everything.1.surprise.to=everyone", "strategies.everything.1.surprise.until=200 days",
    "strategies.everything.2.surprise.below=2", "strategies.everything.2.surprise.at=100 days",
    "strategies.everything.2.surprise.over=100 days", "strategies.everything.3.surprise.on_visit=3",
    "strategies.everything.3.surprise.to={segment: strangers}", "strategies.everything.4.upgrade.by=6",
    "strategies.everything.4.upgrade.attribute=speed", "strategies.everything.4.upgrade.at=120 days",
    "strategies.everything.4.upgrade.over=10 days", "strategies.everything.4.upgrade.until=300 days",
    "strategies.everything.4.upgrade.cost=200", "strategies.everything.4.upgrade.running=2 per visit",
    "strategies.everything.5.promise.level=68", "strategies.everything.5.promise.reach=70%",
    "strategies.everything.5.promise.at=60 days", "strategies.everything.5.promise.until=100 days",
    "strategies.everything.5.promise.over=90 days", "strategies.everything.5.promise.cost=60",
    "strategies.everything.6.promise.attribute=room", "strategies.everything.7.consistency.by=60%",
    "strategies.everything.7.consistency.attribute=room", "strategies.everything.7.consistency.at=200 days",
    "strategies.everything.7.consistency.over=0 days", "strategies.everything.7.consistency.until=200 days",
    "strategies.everything.7.consistency.cost=5", "strategies.everything.7.consistency.running=1 per visit",
    "market.served={mean: 0, sd: 4}", "watch.until=150 days",
    "service.speed.absent=55", "service.speed.present=75", "psyche.complaining.shortfall=0.2",
    "psyche.complaining.base=4%", "psyche.complaining.vents=70%",
    "psyche.failures.beyond=5", "psyche.failures.memory=0.8", "psyche.leaving.failures=6",
    "psyche.recovery.weight=0.8", "psyche.recovery.expects=25", "psyche.recovery.learning=0.3",
    "psyche.recovery.patience=9 days", "psyche.recovery.worth=0.8",
    "psyche.survey.answers=60%", "psyche.survey.extremes=0.2", "psyche.survey.noise=1.5", "psyche.survey.feels=0.8",
    "firms.ours.shortfall.room=3", "firms.ours.believes.room=59",
    "strategies.everything.8.recovery.remedy=35", "strategies.everything.8.recovery.within=5 days",
    "strategies.everything.8.recovery.apology=12", "strategies.everything.8.recovery.compensation=6",
    "strategies.everything.8.recovery.share=60%", "strategies.everything.8.recovery.proactive=90%",
    "strategies.everything.8.recovery.cost=2", "strategies.everything.8.recovery.to={segment: strangers}",
    "strategies.everything.8.recovery.to={from_visit: 2, to_visit: 5}", "strategies.everything.8.recovery.at=60 days",
    "strategies.everything.8.recovery.over=90 days", "strategies.everything.8.recovery.until=200 days",
    "strategies.everything.9.recovery.follow_up=9", "strategies.everything.9.recovery.to={goodwill_below: 1}",
    "strategies.everything.9.recovery.to={disappointed: true, goodwill_below: -1}",
    "strategies.everything.10.contact.first=4 days", "strategies.everything.10.contact.second=12 days",
    "strategies.everything.10.contact.every=8 days", "strategies.everything.10.contact.finds=60%",
    "strategies.everything.10.contact.refreshes=30%", "strategies.everything.10.contact.cost=0.5",
    "strategies.everything.10.contact.at=60 days", "strategies.everything.10.contact.until=200 days",
    "strategies.everything.10.contact.over=9 days", "strategies.everything.10.contact.to={from_visit: 4}",
    "strategies.everything.11.programme.attribute=speed", "strategies.everything.11.programme.at=60 days",
    "strategies.everything.11.programme.until=200 days", "strategies.everything.11.programme.period=60 days",
    "strategies.everything.11.programme.cost=90", "strategies.everything.11.programme.tiers.silver.visits=3",
    "strategies.everything.11.programme.tiers.gold.lift=6", "strategies.everything.11.programme.tiers.gold.cost=2 per visit",
    "strategies.everything.12.file.current=40%", "strategies.everything.12.file.cost=95",
    "strategies.everything.12.file.running=0.2 per visit", "strategies.everything.12.file.at=60 days",
    "strategies.everything.12.file.until=200 days", "strategies.everything.12.file.over=90 days",
    "psyche.fairness.weight=0.9", "psyche.fairness.learning=60%", "psyche.fairness.starts=9", "psyche.fairness.starts=listed",
    "firms.ours.price=7", "strategies.everything.13.price.by=4", "strategies.everything.13.price.cost=90",
    "strategies.everything.13.price.at=90 days", "strategies.everything.13.price.until=250 days",
    "strategies.everything.13.price.over=0 days", "strategies.everything.14.price.by=-1",
    "strategies.everything.15.winback.persuades=70%", "strategies.everything.15.winback.after=40 days",
    "strategies.everything.15.winback.lift=9", "strategies.everything.15.winback.cost=8",
    "strategies.everything.15.winback.to={segment: strangers}", "strategies.everything.15.winback.at=120 days",
    "strategies.everything.15.winback.until=200 days", "strategies.everything.15.winback.over=300 days",
    *(f"strategies.everything.{move}.budget={money}" for move, money in (
        ("0.surprise", 100), ("4.upgrade", 300), ("7.consistency", 100), ("8.recovery", 60), ("10.contact", 50),
        ("11.programme", 100), ("12.file", 100), ("15.winback", 4))),
]

ALIVE_IN_MATCHING = [
    "0.research.every=45 days", "0.research.noise=2", "0.research.bias=1", "0.research.lag=20 days", "0.research.cost=40",
    "0.research.at=40 days", "0.research.until=200 days", "1.match.attribute=speed", "1.match.by=3",
    "1.match.per_point=0.5 per visit", "1.match.cost=30", "1.match.at=90 days", "1.match.until=200 days",
    "1.match.over=90 days", "1.match.budget=60",
]


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return fast.run(market(tmp_path_factory.mktemp("alive"), FULL), "everything")


@pytest.mark.parametrize("setting", ALIVE)
def test_every_parameter_is_alive(tmp_path, plain, setting):
    moved = fast.run(market(tmp_path, FULL, setting), "everything")
    changed = any(np.abs(moved.outcomes[name] - values).max() > 1e-6 for name, values in plain.outcomes.items())
    assert changed or (setting.startswith(IN_TABLES) and differing(moved, plain) != [])


IN_TABLES = ("firms.ours.believes", "service.speed.absent", "service.speed.present", "psyche.survey.feels")
"""What moves no outcome while nobody acts on it, but the tables of the gaps and of the questionnaire."""


@pytest.fixture(scope="module")
def matching(tmp_path_factory):
    return fast.run(market(tmp_path_factory.mktemp("matching"), FULL), "asks and matches")


@pytest.mark.parametrize("setting", ALIVE_IN_MATCHING)
def test_every_parameter_of_research_and_matching_is_alive(tmp_path, matching, setting):
    moved = fast.run(market(tmp_path, FULL, f'strategies."asks and matches".{setting}'), "asks and matches")
    assert any(np.abs(moved.outcomes[name] - values).max() > 1e-6 for name, values in matching.outcomes.items())


ALIVE_WHERE_CHOSEN = [
    "psyche.choosing.value=0.3", "psyche.choosing.goodwill=0.2", "psyche.choosing.price=0.4", "psyche.choosing.switching=3",
    "psyche.choosing.away={mean: 0, sd: 1}", "psyche.choosing.away=never", "firms.ours.price=5", "firms.still.price=6",
    "firms.still.quality=66", "firms.rising.noise=6", "firms.rising.improves=15 per year", "psyche.norm.learns.up=0.3",
    "psyche.norm.hears_rivals_every=20 days", "psyche.forgetting.half_life=100 days",
]


@pytest.fixture(scope="module")
def chosen(tmp_path_factory):
    return fast.run(market(tmp_path_factory.mktemp("chosen"), CHOSEN), "everything", people=150)


@pytest.mark.parametrize("setting", ALIVE_WHERE_CHOSEN)
def test_every_parameter_of_choosing_is_alive(tmp_path, chosen, setting):
    moved = fast.run(market(tmp_path, CHOSEN, setting), "everything", people=150)
    for outcome in ("share", "satisfaction"):
        assert np.abs(moved.outcomes[outcome] - chosen.outcomes[outcome]).max() > 1e-6, outcome


ALIVE_IN_TOWN = [
    "market.prospects=60%", "psyche.joining.base=30%", "psyche.joining.value=0.2", "psyche.joining.talk=1",
    "psyche.talk.base=30%",
    "psyche.talk.good=0.3", "psyche.talk.bad=0.4", "psyche.listening.up=0.5", "psyche.listening.down=0.1",
    "psyche.waiting.per_minute=0.2", "psyche.waiting.most=1", "service.room.waits=true", "firms.ours.staff.servers=2",
    "firms.ours.staff.minutes=240", "firms.ours.staff.hours=5", "firms.ours.staff.varies=fixed",
    "firms.ours.staff={servers: 1, minutes: 120, hours: 8, varies: lognormal, sd: 300}",
    "strategies.everything.0.staffing.by=4", "strategies.everything.0.staffing.hours=5",
    "strategies.everything.0.staffing.at=30 days", "strategies.everything.0.staffing.until=50 days",
    "strategies.everything.0.staffing.running=20 per day", "strategies.everything.0.staffing.cost=70",
]
"""Keys of what people are to one another; in a market as full as it needs to be for somebody to wait."""


@pytest.fixture(scope="module")
def crowd(tmp_path_factory):
    return fast.run(town(tmp_path_factory.mktemp("crowd"), ALL), "everything", people=400, replications=1)


@pytest.mark.parametrize("setting", ALIVE_IN_TOWN)
def test_every_parameter_of_a_town_is_alive(tmp_path, crowd, setting):
    moved = fast.run(town(tmp_path, ALL, setting), "everything", people=400, replications=1)
    assert any(np.abs(moved.outcomes[name] - values).max() > 1e-6 for name, values in crowd.outcomes.items())


@pytest.mark.parametrize("psyche", [ALL, ALL_CHOOSING], ids=["ours alone", "choosing"])
def test_hands_that_come_late_change_nothing_before(tmp_path, psyche):
    late = "strategies.still=[{staffing: {by: 3, hours: 4, at: 200 days, running: 9 per day}}]"
    still, moved = (fast.run(town(tmp_path, psyche, *more), "still", people=80, replications=2).by_day
                    for more in ((), (late,)))
    before, ours = still["day"] < 150, still["firm"] == "ours"  # who comes later may be served after day 200
    for column in still:
        same = np.array_equal(still[column][before], moved[column][before], equal_nan=still[column].dtype.kind == "f")
        assert same, column
    assert not np.array_equal(still["cost"][ours & ~before], moved["cost"][ours & ~before])
    waits = [one["wait"][ours & ~before] for one in (still, moved)]
    assert "choosing" in psyche or not np.array_equal(*waits, equal_nan=True)


def test_a_renamed_copy_of_a_town_differs_by_exactly_nothing(tmp_path):
    told = town(tmp_path, ALL)
    again = dataclasses.replace(told, strategies=(dataclasses.replace(told.strategies[0], name="again"), *told.strategies))
    assert differing(fast.run(told, "still"), fast.run(again, "again")) == []


@pytest.mark.parametrize("network", ["mixed", "{small_world: {degree: 4}}"])
@pytest.mark.parametrize("psyche", [ALL, ALL_CHOOSING], ids=["ours alone", "choosing"])
def test_people_without_an_ear_are_as_if_nobody_talked(tmp_path, psyche, network):
    """Whoever listens to nothing, and goes by no talk, lives the same whatever is said: to the bit, but for what is counted."""
    deaf = {**psyche, "listening": 0.0, "forgetting": {"half_life": "40 days"}, "talk": {"base": 0.9}}
    if "choosing" not in psyche:
        deaf["joining"] = {"base": 0.2, "value": 0.05}
    silent = {name: one for name, one in deaf.items() if name not in ("talk", "listening")}
    network = f"market.network={network}"
    loud, quiet = town(tmp_path, deaf, network), town(tmp_path, {**deaf, "talk": {"base": 0.1}}, network)
    runs = [fast.run(one, "everything", keep={"customers"}) for one in (loud, quiet, town(tmp_path, silent))]
    for other in runs[1:]:
        found = differing(runs[0], other)
        assert found
        assert set(found) <= {"by_day.words", "by_day.praise", "outcomes.talk"}


def test_a_price_means_nothing_where_nobody_chooses_or_weighs_it(tmp_path):
    runs = [fast.run(market(tmp_path, FULL, "psyche.fairness.weight=0", *prices), "everything")
            for prices in ((), ("firms.ours.price=9", "firms.still.price=1"))]
    assert differing(*runs) == ["by_day.price"]


def test_getting_used_to_prices_means_nothing_where_nobody_weighs_them(tmp_path):
    runs = [fast.run(market(tmp_path, FULL, "psyche.fairness.weight=0", *more), "everything", keep={"customers"})
            for more in ((), ("psyche.fairness.learning=1", "psyche.fairness.starts=99"))]
    assert differing(*runs) == []


def test_a_price_that_moves_by_nothing_is_the_baseline_to_the_bit(told):
    assert differing(fast.run(told, "still", keep={"customers"}), fast.run(told, "same price", keep={"customers"})) == []


ALIVE_OF_A_RIVAL = [
    "margin=9", "discount=9% per year", "plays=idle", *(f'strategies."all it may".{key}' for key in (
        "0.surprise.size=6", "0.surprise.chance=50%", "0.surprise.kinds=1", "0.surprise.cost=2", "0.surprise.at=90 days",
        "0.surprise.until=300 days", "0.surprise.over=90 days", "0.surprise.to=at risk", "0.surprise.attribute=room",
        "1.surprise.every=3 visits", "1.surprise.to=everyone", "2.upgrade.by=5", "2.upgrade.attribute=room",
        "2.upgrade.at=50 days", "2.upgrade.over=9 days", "2.upgrade.until=200 days", "2.upgrade.cost=70",
        "2.upgrade.running=1 per visit", "3.promise.level=70", "3.promise.reach=90%", "3.promise.at=60 days",
        "3.promise.until=90 days", "3.promise.over=60 days", "3.promise.cost=45", "4.promise.attribute=speed",
        "5.consistency.by=90%", "5.consistency.attribute=room", "5.consistency.at=50 days", "5.consistency.over=0 days",
        "5.consistency.until=200 days", "5.consistency.cost=15", "5.consistency.running=1 per visit", "6.recovery.remedy=35",
        "6.recovery.within=9 days", "6.recovery.share=90%", "6.recovery.proactive=90%", "6.recovery.compensation=6",
        "6.recovery.cost=2", "6.recovery.to=everyone", "7.recovery.apology=9", "7.recovery.at=300 days",
        "7.recovery.follow_up=4", "7.recovery.over=370 days", "7.recovery.until=100 days", "8.price.by=-4",
        "8.price.at=90 days", "8.price.until=200 days", "8.price.over=9 days", "8.price.cost=70", "9.price.by=3",
        "9.price.at=20 days"))]
ALIVE_OF_A_RIVAL_IN_TOWN = [
    "staff.servers=2", "staff.minutes=400", "staff.hours=5", "staff.varies=fixed",
    *(f'strategies."all it may".{key}' for key in (
        "0.staffing.by=1", "0.staffing.hours=5", "0.staffing.at=35 days", "0.staffing.until=60 days",
        "0.staffing.running=30 per day", "0.staffing.cost=70", "1.staffing.at=40 days"))]
"""Keys of a rival's hands, in a market as full as it needs to be for somebody to wait there."""


@pytest.mark.parametrize("setting", ALIVE_OF_A_RIVAL)
def test_every_parameter_of_a_rivals_moves_is_alive(tmp_path, chosen, setting):
    moved = fast.run(market(tmp_path, CHOSEN, f"firms.striving.{setting}"), "everything", people=150)
    theirs = chosen.by_firm["firm"] == "striving"
    assert any(np.abs(moved.by_firm[name] - values)[theirs].max() > 1e-6 for name, values in chosen.by_firm.items()
               if values.dtype.kind == "f")


@pytest.fixture(scope="module")
def chosen_crowd(tmp_path_factory):
    return fast.run(town(tmp_path_factory.mktemp("crowd"), ALL_CHOOSING), "everything", people=400, replications=1)


@pytest.mark.parametrize("setting", ALIVE_OF_A_RIVAL_IN_TOWN)
def test_every_parameter_of_a_rivals_staff_is_alive(tmp_path, chosen_crowd, setting):
    moved = fast.run(town(tmp_path, ALL_CHOOSING, f"firms.striving.{setting}"), "everything", people=400, replications=1)
    theirs = chosen_crowd.by_firm["firm"] == "striving"
    assert any(np.abs(moved.by_firm[name] - values)[theirs].max() > 1e-6 for name, values in chosen_crowd.by_firm.items()
               if values.dtype.kind == "f")


def test_a_rivals_hands_that_come_late_change_nothing_before(tmp_path):
    """Nor does a price that it takes late: what it does from day 200 on is nothing to anybody before."""
    late = ("firms.striving.strategies.idle=[{staffing: {by: 3, hours: 4, at: 200 days, running: 9 per day}}, "
            "{price: {by: -3, at: 200 days}}]")
    still, moved = (fast.run(town(tmp_path, ALL_CHOOSING, "firms.striving.plays=idle", *more), "still", people=80,
                             replications=2).by_day for more in ((), (late,)))
    before, theirs = still["day"] < 150, still["firm"] == "striving"  # who comes later may be served after day 200
    for column in still:
        same = np.array_equal(still[column][before], moved[column][before], equal_nan=still[column].dtype.kind == "f")
        assert same, column
    assert not np.array_equal(still["cost"][theirs & ~before], moved["cost"][theirs & ~before])
    assert not np.array_equal(still["price"][theirs & ~before], moved["price"][theirs & ~before])


def test_our_own_account_is_our_outcomes(chosen):
    ours = chosen.by_firm["firm"] == "ours"
    for name in FIRM_OUTCOMES:
        assert chosen.by_firm[name][ours].tolist() == chosen.outcomes[name].tolist(), name
    assert (chosen.by_firm["customers"][ours] == chosen.stays.sum(axis=1)).all()
    assert chosen.by_firm["share"].reshape(2, -1).sum(axis=1) == pytest.approx([1.0, 1.0], abs=1e-12)


def test_a_rivals_money_is_its_own(chosen):
    days = chosen.by_day
    theirs = days["firm"] == "striving"
    margin = 8.0 + (days["price"][theirs] - 6.0)
    assert len(np.unique(margin)) > 50
    assert days["revenue"][theirs] == pytest.approx(margin * days["visits"][theirs], rel=1e-12)
    profit = (days["revenue"] - days["cost"])[theirs].reshape(2, -1).sum(axis=1) / chosen.market.people
    assert profit == pytest.approx(chosen.by_firm["profit"][chosen.by_firm["firm"] == "striving"], rel=1e-12)




@pytest.mark.parametrize("setting", ["market.visits.goodwill=0.1", "market.visits.within=[18 days, 30 days]",
                                     "psyche.norm.hears_rivals=40%", "firms.ours.discount=10% per year",
                                     "firms.ours.improves=2 per year", "firms.ours.leaps={by: 2, every: 100 days}",
                                     "watch.every=6 days"])
def test_keys_absent_from_the_full_story_are_alive_too(tmp_path, plain, setting):
    removed = ["psyche.norm={weight: 0.5, learns: 0.2}"] if "hears_rivals" in setting else []
    before = fast.run(market(tmp_path, FULL, *removed), "everything") if removed else plain
    beside = ["market.visits.goodwill=0.1"] if "within" in setting else []
    sinking = ["firms.ours.improves=-90 per year", "psyche.learning=0", "psyche.survey={answers: 90%}"]
    beside = sinking if "watch" in setting else beside
    before = fast.run(market(tmp_path, FULL, *beside), "everything") if beside else before
    moved = fast.run(market(tmp_path, FULL, *removed, *beside, setting), "everything")
    assert any(np.abs(moved.outcomes[name] - values).max() > 1e-6 for name, values in before.outcomes.items())


def test_every_trait_has_a_living_key():
    keys = " ".join(ALIVE + ALIVE_WHERE_CHOSEN + ALIVE_IN_TOWN)
    keys += " market.visits.goodwill market.visits.within psyche.norm.hears_rivals"
    spoken = {"visits.random": "visits.gaps", "visits.shortest": "visits.within", "visits.longest": "visits.within",
              "norm.upward_only": "upward_only", "learning.bayesian": "bayesian"}
    for trait in TRAITS:
        assert spoken.get(trait.key, trait.key) in keys, trait.key


PROCESS = """
import sys
from sim.engine.run import run
from sim.story.load import load
from sim.story.resolve import resolve
found = run(resolve(load(sys.argv[1])), "everything")
print({name: [value.hex() for value in values.tolist()] for name, values in found.outcomes.items()})
"""


def test_another_process_gives_the_same_bits(told, tmp_path):
    done = subprocess.run([sys.executable, "-c", PROCESS, str(tmp_path / "story.yaml")], capture_output=True, text=True,
                          encoding="utf-8", check=True, env={**os.environ, "PYTHONHASHSEED": "7"})
    here = fast.run(told, "everything").outcomes
    assert done.stdout.strip() == str({name: [value.hex() for value in values.tolist()] for name, values in here.items()})

"""Resolving says everything, changes nothing that was said, and is its own fixed point."""

from __future__ import annotations

import dataclasses
import math
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim import market
from sim.rules import traits
from sim.story.emit import emit
from sim.story.load import load
from sim.story.resolve import DEFAULTS, complete, resolve, resolved_text
from tests.effort import EFFORT

VALID = Path(__file__).parent.parent / "scenarios" / "valid"
FILES = sorted(VALID.rglob("*.yaml"))
LEAST: dict[str, Any] = {
    "title": "least", "horizon": "30 days", "market": {"people": 100, "visits": {"every": "7 days"}},
    "firms": {"ours": {"quality": 60}}, "strategies": {"stand still": []}}


def market_of(folder: Path, story: dict[str, Any], *sets: str) -> market.Market:
    path = folder / "story.yaml"
    path.write_text(emit(story), encoding="utf-8")
    return resolve(load(path, sets))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_resolved_text_is_a_fixed_point(path: Path, tmp_path: Path) -> None:
    first = load(path)
    shutil.copytree(VALID / "parts", tmp_path / "parts")
    again = tmp_path / "again.yaml"
    again.write_text(resolved_text(first), encoding="utf-8")
    second = load(again)
    assert resolve(second) == resolve(first)
    assert resolved_text(second) == resolved_text(first)
    assert (second.title, second.about, second.finding, second.source, second.numbers, second.outcome) == (
        first.title, first.about, first.finding, first.source, first.numbers, first.outcome)


@settings(max_examples=60 * EFFORT, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_any_story_resolves_to_a_fixed_point(data: st.DataObject, stories: st.SearchStrategy[Any], scratch: Path) -> None:
    story = data.draw(stories)
    path = scratch / "random.yaml"
    path.write_text(emit(story), encoding="utf-8")
    first = load(path)
    text = resolved_text(first)
    path.write_text(text, encoding="utf-8")
    second = load(path)
    assert resolved_text(second) == text
    assert resolve(second) == resolve(first)


def test_the_hotel(scenarios: Path) -> None:
    hotel = resolve(load(scenarios / "valid" / "hotel.yaml"))
    assert (hotel.horizon, hotel.people, hotel.seed, hotel.replications) == (1095, 20000, 20061024, 40)
    assert (hotel.attributes, hotel.weights, hotel.currency) == (("room", "promptness"), (0.6, 0.4), "EUR")
    assert [(one.name, one.share) for one in hotel.segments] == [("business", 0.7), ("leisure", 0.3)]
    business, leisure = hotel.segments
    assert business.expects[0] == market.Spread("normal", 62.0, 8.0, -math.inf, math.inf)
    assert [one.traits[traits.EVERY].a for one in hotel.segments] == [30.0, 120.0]
    assert business.traits[traits.HALF_LIFE].a == 180.0
    assert business.traits[traits.HEARS_EVERY].a == 60.0
    assert business.traits[traits.LEAVING_BASE].a == 0.03
    assert leisure.norm[1].kind == "expectation"
    ours, rival = hotel.firms
    assert (ours.name, ours.quality, ours.noise, ours.margin) == ("ours", (62.0, 60.0), (4.0, 4.0), 35.0)
    assert (rival.name, rival.improves) == ("across the lake", (1.5 / 365, 1.5 / 365))
    assert [one.name for one in hotel.strategies] == ["stand still", "small surprises", "one large refit"]
    assert hotel.strategies[0].moves == ()
    assert hotel.strategies[1].moves == (market.Surprise(
        None, 8.0, 0.25, None, None, 6, market.EVERYONE, 4.0, 0.0, 1095.0, 0.0, math.inf),)
    assert hotel.strategies[2].moves == (market.Upgrade(0, 12.0, 250000.0, 2.0, 183.0, 1095.0, 365 / 12, math.inf),)


def test_what_is_left_out_is_off(tmp_path: Path) -> None:
    """The least story is the null model: every trait at its off value, but how often people come, and never at once."""
    least = market_of(tmp_path, LEAST)
    segment, = least.segments
    assert (segment.name, segment.share, least.attributes, least.weights) == ("everyone", 1.0, ("service",), (1.0,))
    for place, trait in enumerate(traits.TRAITS):
        off = {traits.EVERY: 7.0, traits.SHORTEST: 1 / 24}.get(place, trait.off)
        assert (segment.traits[place].kind, segment.traits[place].a) == ("fixed", off), trait.key
    assert segment.expects == (market.Spread("fixed", 60.0, 0.0, -math.inf, math.inf),)
    assert (least.seed, least.replications, least.currency) == (1, 40, "EUR")
    assert (least.asked, least.watch) == ((None,), None)
    assert least.network == market.Network("mixed", 8.0, 0.0, None)
    assert (least.firms[0].shortfall, least.firms[0].believes) == ((0.0,), (60.0,))


WRITTEN: dict[int, str] = {
    traits.LEARN_UP: "psyche.learning.up=0.3", traits.LEARN_DOWN: "psyche.learning.down=0.3",
    traits.BAYESIAN: "psyche.learning.bayesian=0.3", traits.HALF_LIFE: "psyche.forgetting.half_life=9 days",
    traits.HEARS_EVERY: "psyche.norm.hears_rivals_every=9 days", traits.RETURN_AFTER: "psyche.returning.after=9 days",
    traits.SPILLOVER: "psyche.norm.spillover.pull=0.3", traits.UPWARD_ONLY: "psyche.norm.spillover.upward_only=true",
    traits.EVERY: "market.visits.every=9 days", traits.RANDOM: "market.visits.gaps=fixed",
    traits.SHORTEST: "market.visits.within=[2 days, no limit]", traits.LONGEST: "market.visits.within=[1 hour, 9 days]",
    traits.EVERY_GOODWILL: "market.visits.goodwill=0.3", traits.PATIENCE: "psyche.recovery.patience=9 days",
    traits.SERVED: "market.served=0.3", traits.CHOOSES: "psyche.choosing={}",
    traits.PROSPECT: "market.prospects=0.3"}
"""How a trait is written, where its key alone with a number does not do."""


@pytest.mark.parametrize("place", range(len(traits.TRAITS)), ids=lambda place: traits.TRAITS[place].key)
def test_every_trait_can_be_written_and_is_alone(place: int, tmp_path: Path) -> None:
    setting = WRITTEN.get(place, f"psyche.{traits.TRAITS[place].key}=0.3")
    beside = ["psyche.choosing={}"] if setting.startswith("psyche.choosing.") else []
    before = market_of(tmp_path, LEAST, *beside).segments[0]
    after = market_of(tmp_path, LEAST, *beside, setting).segments[0]
    changed = [at for at in range(len(traits.TRAITS)) if before.traits[at] != after.traits[at]]
    assert changed == [place]
    assert dataclasses.replace(after, traits=before.traits) == before


def test_learning_is_either_constant_or_bayesian(tmp_path: Path) -> None:
    story = {**LEAST, "psyche": {"learning": 0.3},
             "market": {**LEAST["market"], "segments": {
                 "a": {"share": 0.5, "psyche": {"learning": {"bayesian": 4}}},
                 "b": {"share": 0.5, "psyche": {"learning": {"up": 0.1}}}}}}
    a, b = market_of(tmp_path, story).segments
    assert [a.traits[at].a for at in (traits.LEARN_UP, traits.LEARN_DOWN, traits.BAYESIAN)] == [0.0, 0.0, 4.0]
    assert a.traits[traits.BAYESIAN].low == 0.0
    assert [b.traits[at].a for at in (traits.LEARN_UP, traits.LEARN_DOWN, traits.BAYESIAN)] == [0.1, 0.3, -1.0]


def test_a_segment_may_choose_where_others_do_not(tmp_path: Path) -> None:
    story = {**LEAST, "market": {**LEAST["market"], "segments": {
        "loyal": {"share": 0.5}, "free": {"share": 0.5, "psyche": {"choosing": {"value": 0.2, "away": -1}}}}}}
    found = market_of(tmp_path, story)
    loyal, free = found.segments
    assert market.chooses(found)
    assert not market.chooses(market_of(tmp_path, LEAST))
    assert (loyal.traits[traits.CHOOSES].a, loyal.traits[traits.STAYING_AWAY].a) == (0.0, -math.inf)
    assert [free.traits[at].a for at in (traits.CHOOSES, traits.CHOOSING_VALUE, traits.SWITCHING, traits.STAYING_AWAY)] == [
        1.0, 0.2, 0.0, -1.0]


def test_a_segment_changes_what_it_says_of_choosing(tmp_path: Path) -> None:
    story = {**LEAST, "psyche": {"choosing": {"value": 0.2, "away": {"mean": -1, "sd": 0.5}}},
             "market": {**LEAST["market"], "segments": {
                 "all": {"share": 0.5}, "sure": {"share": 0.5, "psyche": {"choosing": {"away": "never"}}}}}}
    every, sure = market_of(tmp_path, story).segments
    assert every.traits[traits.STAYING_AWAY] == market.Spread("normal", -1.0, 0.5, -math.inf, math.inf)
    assert sure.traits[traits.STAYING_AWAY].a == -math.inf
    assert sure.traits[traits.CHOOSING_VALUE].a == 0.2


def test_a_segment_changes_only_what_it_says(scenarios: Path) -> None:
    families, travellers = resolve(load(scenarios / "valid" / "everything.yaml")).segments
    same = [at for at in range(len(traits.TRAITS)) if families.traits[at] == travellers.traits[at]]
    differing = {traits.TRAITS[at].key for at in range(len(traits.TRAITS))} - {traits.TRAITS[at].key for at in same}
    assert differing == {"learning.up", "learning.down", "learning.bayesian", "norm.learns.up", "norm.learns.down",
                         "norm.hears_rivals_every", "norm.hears_rivals", "norm.upward_only", "survey.gap", "visits.every",
                         "visits.random", "visits.goodwill", "visits.shortest", "visits.longest", "complaining.vents",
                         "recovery.expects", "recovery.patience", "served", "choosing.away",
                         "fairness.starts"}
    assert families.expects == (market.Spread("normal", 60.0, 8.0, -math.inf, math.inf),
                                market.Spread("uniform", 40.0, 60.0, -math.inf, math.inf),
                                market.Spread("fixed", 30.0, 0.0, -math.inf, math.inf))
    assert [one.a for one in families.norm[:2]] == [61.0, 58.0]
    assert [one.kind for one in travellers.norm] == ["expectation", "normal", "expectation"]
    assert families.traits[traits.COMPLAINING].a == travellers.traits[traits.COMPLAINING].a == 0.02
    assert travellers.traits[traits.SPILLOVER] == market.Spread("uniform", 0.0, 0.2, 0.0, 1.0)


def test_firms_are_resolved_attribute_by_attribute(scenarios: Path) -> None:
    ours, station, lake = resolve(load(scenarios / "valid" / "everything.yaml")).firms
    assert (ours.name, ours.noise, ours.discount) == ("ours", (4.0, 0.0, 0.0), 0.08)
    assert ours.improves == (0.0, 0.1 * 12 / 365, 0.0)
    assert (ours.quality, ours.shortfall, ours.believes) == ((62.0, 60.0, 45.0), (0.0, 0.0, 3.0), (58.0, 60.0, 45.0))
    assert ours.leaps == market.Leaps((1.0, 1.0, 1.0), 365.0)
    assert station.leaps == market.Leaps((2.0, 0.0, 0.0), 182.5)
    assert lake.imitates == market.Imitates(90.0, 0.8)
    assert (lake.quality, lake.margin, lake.discount, lake.leaps) == ((58.0, 58.0, 58.0), 20.0, 0.05, None)
    assert (station.margin, station.discount, station.strategies, station.plays) == (0.0, 0.0, (), -1)
    assert ([one.name for one in lake.strategies], lake.plays, ours.plays) == (["as ever", "strive"], 1, -1)
    assert [type(move).__name__ for move in lake.strategies[1].moves] == [
        "Surprise", "Upgrade", "Promise", "Consistency", "Recovery", "Staffing", "Price"]
    assert lake.strategies[1].moves[4].to.segment == 0
    assert (lake.shortfall, lake.believes) == ((0.0, 0.0, 0.0), lake.quality)
    assert (ours.price, station.price, lake.price) == (90.0, 0.0, 85.5)


@pytest.mark.parametrize(("one", "other"), [
    ("horizon=1 year", "horizon=365 days"), ("market.visits.every=2 weeks", "market.visits.every=14 days"),
    ("psyche.peak=25%", "psyche.peak=0.25"), ("psyche.learning=0.3", "psyche.learning={up: 30%, down: 0.3}"),
    ("firms.ours.quality=60", "firms.ours.quality={service: 60.0}"), ("seed=1", "title=least"),
    ("firms.ours.improves=1 per month", "firms.ours.improves=12 per year"),
    ("psyche.complaining=0.02", "psyche.complaining={shortfall: 0.02}"),
    ("psyche.complaining={mean: 2, sd: 1}", "psyche.complaining={shortfall: {mean: 2, sd: 1}, base: 0%}"),
    ("watch={until: 12 days, every: 1 day}", "watch={until: 288 hours, every: 24 hours}"),
    ("firms.ours.shortfall=2", "firms.ours.shortfall={service: 2}"),
    ("firms.ours.believes=60", "firms.ours.shortfall=0"),
    ("service={tea: {kano: must-be, absent: 10, present: 60}}",
     "service={tea: {kano: must-be, absent: 10, present: 60, weight: 1}}")])
def test_two_spellings_of_one_story_have_one_text(one: str, other: str, tmp_path: Path) -> None:
    path = tmp_path / "story.yaml"
    path.write_text(emit(LEAST), encoding="utf-8")
    text = resolved_text(load(path, [one]))
    assert resolved_text(load(path, [other])) == text
    assert resolved_text(load(path, ["seed=2"])) != text


@pytest.mark.parametrize(("written", "days"), [
    ("36 hours", 2), ("35 hours", 1), ("1 hour", 1), ("1 month", 30), ("2.4 days", 2)])
def test_the_horizon_is_whole_days(written: str, days: int, tmp_path: Path) -> None:
    assert market_of(tmp_path, LEAST, f"horizon={written}").horizon == days


@pytest.mark.parametrize(("written", "kind"), [
    ("{mean: 2, sd: 1}", "normal"), ("{mean: 2, sd: 0}", "fixed"), ("{between: [1, 2]}", "uniform"),
    ("{between: [2, 2]}", "fixed"), ("{beta: [2, 2]}", "beta"), ("{beta: [3, 2]}", "beta"), ("2", "fixed")])
def test_spreads(written: str, kind: str, tmp_path: Path) -> None:
    segment, = market_of(tmp_path, LEAST, f"psyche.loss_aversion={written}").segments
    assert segment.traits[traits.LOSS_AVERSION].kind == kind
    assert (segment.traits[traits.LOSS_AVERSION].low, segment.traits[traits.LOSS_AVERSION].high) == (0.0, 100.0)


DURATIONS = {traits.PATIENCE: "psyche.recovery.patience",
             traits.HALF_LIFE: "psyche.forgetting.half_life", traits.HEARS_EVERY: "psyche.norm.hears_rivals_every",
             traits.RETURN_AFTER: "psyche.returning.after", traits.EVERY: "market.visits.every"}


@pytest.mark.parametrize(("place", "key"), DURATIONS.items(), ids=DURATIONS.values())
def test_durations_differ_between_people_and_are_never_shorter_than_an_hour(place: int, key: str, tmp_path: Path) -> None:
    normal, even = (market_of(tmp_path, LEAST, f"{key}={written}").segments[0].traits[place]
                    for written in ("{mean: 12 weeks, sd: 7 days}", "{between: [1 hour, 9 days]}"))
    assert normal == market.Spread("normal", 84.0, 7.0, 1 / 24, math.inf)
    assert even == market.Spread("uniform", 1 / 24, 9.0, 1 / 24, math.inf)


@pytest.mark.parametrize("place", [traits.HALF_LIFE, traits.HEARS_EVERY, traits.PATIENCE])
def test_never_is_infinite_and_is_written_as_never(place: int, tmp_path: Path) -> None:
    key = DURATIONS[place]
    assert market_of(tmp_path, LEAST, f"{key}=never").segments[0].traits[place].a == math.inf
    assert f"{key.rsplit('.', 1)[-1]}: never" in resolved_text(load(tmp_path / "story.yaml", [f"{key}=never"]))


def test_a_segment_may_stop_forgetting(tmp_path: Path) -> None:
    story = {**LEAST, "psyche": {"forgetting": {"half_life": {"mean": "30 days", "sd": "3 days"}}},
             "market": {**LEAST["market"], "segments": {
                 "a": {"share": 0.5}, "b": {"share": 0.5, "psyche": {"forgetting": {"half_life": "never"}}}}}}
    a, b = market_of(tmp_path, story).segments
    assert [one.traits[traits.HALF_LIFE].a for one in (a, b)] == [30.0, math.inf]


def test_completing_does_not_change_the_tables_of_defaults(scenarios: Path) -> None:
    before = {name: dict(table) for name, table in DEFAULTS.items()}
    full = complete(load(scenarios / "valid" / "everything.yaml"))
    full["psyche"]["norm"]["weight"] = 9
    assert {name: dict(table) for name, table in DEFAULTS.items()} == before


def test_a_label_is_a_start_and_a_weight(scenarios: Path) -> None:
    grid = resolve(load(scenarios / "valid" / "kano.yaml"))
    weights = dict(zip(grid.attributes, grid.weights, strict=True))
    part = round(0.4 / 3, 12)  # of what bread (0.4) and speed (0.2) leave
    assert weights == {"bread": 0.4, "seats": part, "speed": 0.2, "music": -part, "cakes": part, "napkins": 0.0}
    locals_, guests = ({name: (one.kind, one.a) for name, one in zip(grid.attributes, segment.expects, strict=True)}
                       for segment in grid.segments)
    assert locals_ == {"bread": ("fixed", 50.0), "seats": ("fixed", 60.0), "speed": ("fixed", 45.0), "music": ("fixed", 20.0),
                       "cakes": ("fixed", 15.0), "napkins": ("fixed", 40.0)}
    assert guests == {**locals_, "bread": ("uniform", 30.0)}
    assert grid.asked == (None, market.Present(10.0, 60.0), market.Present(20.0, 70.0), market.Present(0.0, 40.0),
                          market.Present(15.0, 65.0), market.Present(30.0, 50.0))


def test_a_label_is_written_out(scenarios: Path) -> None:
    full = complete(load(scenarios / "valid" / "kano.yaml"))
    assert "kano" not in str(full["service"])
    assert full["service"]["seats"] == {"weight": round(0.4 / 3, 12), "absent": 10.0, "present": 60.0, "waits": True}
    assert full["market"]["expects"]["seats"] == 60.0


@pytest.mark.parametrize(("label", "weight", "means"), [
    ("reverse", "0.3", -0.3), ("reverse", "-0.3", -0.3), ("attractive", "0.3", 0.3), ("must-be", "30e-2", 0.3)])
def test_a_label_gives_a_written_weight_its_sign(label: str, weight: str, means: float, tmp_path: Path) -> None:
    service = f"service={{a: {{weight: 0.7}}, b: {{kano: {label}, absent: 1, present: 2, weight: {weight}}}}}"
    assert market_of(tmp_path, LEAST, service).weights == (0.7, means)


def test_a_weight_left_out_is_the_number_people_would_have_written(tmp_path: Path) -> None:
    service = "service={a: {weight: 0.7}, b: {kano: reverse, absent: 1, present: 2}}"
    assert market_of(tmp_path, LEAST, service).weights == (0.7, -0.3)


def test_what_people_expect_may_be_said_of_some_attributes_alone(tmp_path: Path) -> None:
    sets = ("service={a: {weight: 0.7}, b: {weight: 0.3}}", "firms.ours.quality={a: 61, b: 52}", "market.expects={b: 40}")
    segment, = market_of(tmp_path, LEAST, *sets).segments
    assert [one.a for one in segment.expects] == [61.0, 40.0]


def test_a_questionnaire_may_ask_without_a_label(tmp_path: Path) -> None:
    found = market_of(tmp_path, LEAST, "service={tea: {weight: 1, absent: 20, present: 70}}")
    assert (found.asked, found.weights) == ((market.Present(20.0, 70.0),), (1.0,))
    assert [one.a for one in found.segments[0].expects] == [60.0]


def test_watching_is_in_whole_days(tmp_path: Path) -> None:
    year = {**LEAST, "horizon": "1 year"}
    assert market_of(tmp_path, year, "watch={until: 14 weeks}").watch == market.Watch(98.0, 7.0)
    assert market_of(tmp_path, year, "watch={until: 700 hours, every: 36 hours}").watch == market.Watch(29.0, 2.0)


def test_how_people_are_served_may_differ_by_segment(tmp_path: Path) -> None:
    story = {**LEAST, "market": {**LEAST["market"], "served": {"mean": 0, "sd": 3}, "segments": {
        "a": {"share": 0.5}, "b": {"share": 0.5, "served": -2}}}}
    a, b = market_of(tmp_path, story).segments
    assert a.traits[traits.SERVED] == market.Spread("normal", 0.0, 3.0, -1000.0, 1000.0)
    assert b.traits[traits.SERVED] == market.Spread("fixed", -2.0, 0.0, -1000.0, 1000.0)


def test_a_segment_changes_one_part_of_complaining(tmp_path: Path) -> None:
    story = {**LEAST, "psyche": {"complaining": {"shortfall": 0.1, "base": 0.02, "vents": 0.3}},
             "market": {**LEAST["market"], "segments": {
                 "a": {"share": 0.5, "psyche": {"complaining": 0.4}},
                 "b": {"share": 0.5, "psyche": {"complaining": {"vents": {"beta": [1, 2]}}}}}}}
    a, b = market_of(tmp_path, story).segments
    keys = (traits.COMPLAINING, traits.COMPLAINING_BASE, traits.VENTS)
    assert [a.traits[key].a for key in keys] == [0.4, 0.02, 0.3]
    assert [(b.traits[key].kind, b.traits[key].a) for key in keys] == [("fixed", 0.1), ("fixed", 0.02), ("beta", 1.0)]


@pytest.mark.parametrize(("written", "means"), [
    ("mixed", market.Network("mixed", 8.0, 0.0, None)),
    ("{mixed: {degree: 3.5}}", market.Network("mixed", 3.5, 0.0, None)),
    ("small_world", market.Network("small world", 8.0, 0.1, None)),
    ("{small_world: {rewired: 25%}}", market.Network("small world", 8.0, 0.25, None)),
    ("{small_world: {degree: 4}}", market.Network("small world", 4.0, 0.1, None)),
    ("scale_free", market.Network("scale free", 8.0, 0.0, None)),
    ("{scale_free: {degree: 2}}", market.Network("scale free", 2.0, 0.0, None))])
def test_who_hears_whom(written: str, means: market.Network, tmp_path: Path) -> None:
    assert market_of(tmp_path, LEAST, f"market.network={written}").network == means


def test_a_network_left_out_is_the_one_that_is_printed(tmp_path: Path) -> None:
    assert market_of(tmp_path, LEAST, "market.network=mixed") == market_of(tmp_path, LEAST)
    assert "network: {mixed: {degree: 8}}" in resolved_text(load(tmp_path / "story.yaml"))


def test_of_two_networks_put_over_each_other_the_upper_is_meant(tmp_path: Path) -> None:
    under = {**LEAST, "market": {**LEAST["market"], "network": {"small_world": {"degree": 4}}}}
    (tmp_path / "under.yaml").write_text(emit(under), encoding="utf-8")
    path = tmp_path / "over.yaml"
    for network, kind, degree in (("{scale_free: {degree: 6}}", "scale free", 6.0),
                                  ("{small_world: {rewired: 0}}", "small world", 4.0), ("mixed", "mixed", 8.0)):
        path.write_text(f"extends: under.yaml\nmarket: {{network: {network}}}\n", encoding="utf-8")
        found = resolve(load(path)).network
        assert (found.kind, found.degree) == (kind, degree)

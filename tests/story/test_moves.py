"""One contract for every move of the catalogue."""

from __future__ import annotations

import dataclasses
import re
from math import inf
from pathlib import Path
from typing import get_args

import pytest

from sim import market
from sim.story.load import load
from sim.story.moves import CATALOGUE, MoveKind, Places
from sim.story.resolve import DEFAULTS, complete, resolve
from sim.story.schema import Move

LEVERS = {"surprise", "quality", "promise", "noise", "shortfall", "recovery", "expectation", "status", "reach", "belief",
          "capacity", "price", "margin", "return"}
MONEY = {"cost", "running", "per_point", "compensation", "tiers"}
"""The keys in which a move says what it costs."""


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=lambda kind: kind.name)
def test_a_move_says_what_it_is(kind: MoveKind) -> None:
    assert CATALOGUE[kind.name] is kind
    assert kind.sentence.endswith(".")
    assert 40 < len(kind.sentence) < 140
    assert kind.sources
    assert all(re.search(r" (19|20)\d\d$", source) for source in kind.sources)
    assert set(kind.levers) <= LEVERS
    assert kind.levers


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=lambda kind: kind.name)
def test_a_move_declares_every_cost_it_takes(kind: MoveKind) -> None:
    model = Move.model_fields[kind.name].annotation
    keys = set(get_args(model)[0].model_fields)
    assert set(kind.costs) == keys & MONEY
    assert set(kind.costs) - {"tiers"} <= set(DEFAULTS[kind.name.capitalize()])


def test_the_catalogue_the_language_and_the_market_know_the_same_moves() -> None:
    assert set(CATALOGUE) == set(Move.model_fields)
    assert {kind.__name__ for kind in get_args(market.Move)} == {name.capitalize() for name in CATALOGUE}


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=lambda kind: kind.name)
def test_every_key_of_a_move_reaches_the_market(kind: MoveKind, scenarios: Path) -> None:
    """Changing any key of a complete move changes the market's move, and nothing else does."""
    full = complete(load(scenarios / "valid" / "everything.yaml"))
    said = next(move[kind.name] for moves in full["strategies"].values() for move in moves if kind.name in move)
    places = Places(("room", "desk", "welcome"), ("families", "travellers"))
    before = kind.effect(said, places)
    assert kind.effect(dict(said), places) == before
    for key, value in said.items():
        changed = kind.effect({**said, key: _other(key, value)}, places)
        differing = [f.name for f in dataclasses.fields(before) if getattr(before, f.name) != getattr(changed, f.name)]
        assert differing == ["to" if key == "below" else key], key


def _other(key: str, value: object) -> object:
    if key == "attribute":
        return "room" if value == "desk" else "desk"
    if key == "to":
        return {"segment": "travellers"}
    if key == "tiers":
        return {"silver": {"visits": 6, "lift": 2.0, "cost": "0 per visit"}}
    if isinstance(value, str):
        return "77 days" if value.endswith("days") else f"3.25 per {value.split()[-1]}"
    assert isinstance(value, (int, float))
    return value + 1


def told(folder: Path, move: str, *settings: str) -> market.Move:
    """The move of a small market with two segments."""
    path = folder / "story.yaml"
    path.write_text(
        "title: small\nhorizon: 90 days\n"
        "market: {people: 9, visits: {every: 7 days}, segments: {new: {share: 50%}, old: {share: 50%}}}\n"
        f"firms: {{ours: {{quality: 60}}}}\nstrategies: {{a: [{move}]}}\n", encoding="utf-8")
    return resolve(load(path, settings)).strategies[0].moves[0]


NOBODY_ASKED = market.EVERYONE
AIMED = [
    ("everyone", NOBODY_ASKED),
    ("after a disappointment", dataclasses.replace(NOBODY_ASKED, disappointed=True)),
    ("at risk", dataclasses.replace(NOBODY_ASKED, goodwill_below=0.0)),
    ("{segment: old}", dataclasses.replace(NOBODY_ASKED, segment=1)),
    ("{from_visit: 3}", dataclasses.replace(NOBODY_ASKED, from_visit=3)),
    ("{to_visit: 2}", dataclasses.replace(NOBODY_ASKED, to_visit=2)),
    ("{disappointed: true}", dataclasses.replace(NOBODY_ASKED, disappointed=True)),
    ("{goodwill_below: -1.5}", dataclasses.replace(NOBODY_ASKED, goodwill_below=-1.5)),
    ("{segment: new, from_visit: 2, to_visit: 2, disappointed: true, goodwill_below: 3}", market.Whom(0, 2, 2, True, 3.0)),
]


@pytest.mark.parametrize(("written", "meant"), AIMED, ids=[written for written, _ in AIMED])
@pytest.mark.parametrize("move", [
    "surprise: {size: 1, chance: 10%, to: X}", "recovery: {remedy: 3, to: X}", "contact: {to: X}",
    "winback: {persuades: 10%, to: X}"])
def test_whom_a_move_is_for(move: str, written: str, meant: market.Whom, tmp_path: Path) -> None:
    found = told(tmp_path, move.replace("X", written))
    assert isinstance(found, market.Surprise | market.Recovery | market.Contact | market.Winback)
    assert found.to == meant
    assert found.to.everyone == (written == "everyone")


def test_a_move_that_names_nobody_is_for_everyone(tmp_path: Path) -> None:
    for move in ("surprise: {size: 1, chance: 10%}", "recovery: {remedy: 3}", "contact: {finds: 10%}"):
        assert getattr(told(tmp_path, move), "to", None) == market.EVERYONE


def test_below_says_who_is_at_risk(tmp_path: Path) -> None:
    found = told(tmp_path, "surprise: {size: 1, chance: 10%, to: at risk, below: -2}")
    assert isinstance(found, market.Surprise)
    assert found.to.goodwill_below == -2.0


def test_what_a_move_is_where_nothing_more_is_said(tmp_path: Path) -> None:
    all_, days = market.EVERYONE, (0.0, 90.0)
    assert told(tmp_path, "recovery: {remedy: 3}") == market.Recovery(
        3.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, all_, 0.0, *days, 0.0, inf)
    assert told(tmp_path, "contact: {}") == market.Contact(7.0, 21.0, 14.0, 0.0, 0.0, all_, 0.0, *days, 0.0, inf)
    assert told(tmp_path, "programme: {tiers: {gold: {visits: 5, lift: 2}}}") == market.Programme(
        None, (market.Tier("gold", 5, 2.0, 0.0),), 365.0, 0.0, *days, inf)
    assert told(tmp_path, "file: {current: 40%}") == market.File(0.4, 0.0, 0.0, *days, 0.0, inf)
    assert told(tmp_path, "research: {every: 1 week}") == market.Research(7.0, 0.0, 0.0, 0.0, 0.0, *days)
    assert told(tmp_path, "{match: {}}, {research: {every: 1 week}}") == market.Match(None, 0.0, 0.0, 0.0, *days, 0.0, inf)
    assert told(tmp_path, "winback: {persuades: 20%}") == market.Winback(0.2, 30.0, 0.0, all_, 0.0, *days, 0.0, inf)


def test_everything_that_a_move_says_arrives(scenarios: Path) -> None:
    all_of_them = resolve(load(scenarios / "valid" / "everything.yaml")).strategies[1].moves
    *_, recovery, contact, programme, file, research, staffing, match, price, winback = all_of_them
    assert staffing == market.Staffing(1, 1.5, 400.0, 80.0, 61.0, 608.0)
    whom = dataclasses.replace(market.EVERYONE, from_visit=2)
    assert recovery == market.Recovery(6.0, 2.0, 2.0, 1.0, 10.0, 0.8, 0.1, whom, 8.0, 30.0, 365.0, 14.0, 4000.0)
    assert contact == market.Contact(3.0, 10.0, 14.0, 0.3, 0.2, dataclasses.replace(market.EVERYONE, goodwill_below=0.0), 1.5,
                                     61.0, 700.0, 365 / 12, 500.0)
    assert programme == market.Programme(2, (market.Tier("silver", 6, 2.0, 0.0), market.Tier("gold", 15, 5.0, 2.0)), 183.0,
                                         900.0, 7.0, 608.0, 3000.0)
    assert file == market.File(0.7, 300.0, 0.1, 3.0, 669.0, 42.0, 400.0)
    assert research == market.Research(365 / 12, 2.0, -1.0, 10.0, 150.0, 14.0, 639.0)
    assert match == market.Match(0, 2.0, 50.0, 0.3, 91.0, 548.0, 365 / 12, 60.0)
    assert price == market.Price(-2.5, 40.0, 122.0, 365.0, 14.0)
    whom = dataclasses.replace(market.EVERYONE, to_visit=9)
    assert winback == market.Winback(0.25, 21.0, 4.0, whom, 12.0, 61.0, 640.0, 14.0, 2000.0)
    budgets = [move.budget for move in all_of_them if isinstance(move, market.Budgeted)]
    assert budgets[:6] == [5000.0, inf, inf, 100.0, 250.0, inf]


def test_an_override_reaches_a_tier(tmp_path: Path) -> None:
    found = told(tmp_path, "programme: {tiers: {gold: {visits: 5, lift: 2}}}", "strategies.a.0.programme.tiers.gold.lift=7")
    assert isinstance(found, market.Programme)
    assert found.tiers == (market.Tier("gold", 5, 7.0, 0.0),)

"""One contract for every move of the catalogue."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import get_args

import pytest

from sim import market
from sim.story.load import load
from sim.story.moves import CATALOGUE, MoveKind, Places
from sim.story.resolve import DEFAULTS, complete, resolve
from sim.story.schema import Move

LEVERS = {"surprise", "quality", "promise", "noise"}


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=lambda kind: kind.name)
def test_a_move_says_what_it_is(kind: MoveKind) -> None:
    assert CATALOGUE[kind.name] is kind
    assert kind.sentence.endswith(".")
    assert 40 < len(kind.sentence) < 140
    assert kind.sources
    assert all(any(c.isdigit() for c in source) for source in kind.sources)
    assert set(kind.levers) <= LEVERS
    assert kind.levers


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=lambda kind: kind.name)
def test_a_move_declares_every_cost_it_takes(kind: MoveKind) -> None:
    model = Move.model_fields[kind.name].annotation
    keys = set(get_args(model)[0].model_fields)
    assert set(kind.costs) == keys & {"cost", "running"}
    assert set(kind.costs) <= set(DEFAULTS[kind.name.capitalize()])


def test_the_catalogue_the_language_and_the_market_know_the_same_moves() -> None:
    assert set(CATALOGUE) == set(Move.model_fields)
    assert {kind.__name__ for kind in get_args(market.Move)} == {name.capitalize() for name in CATALOGUE}


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=lambda kind: kind.name)
def test_every_key_of_a_move_reaches_the_market(kind: MoveKind, scenarios: Path) -> None:
    """Changing any key of a complete move changes the market's move, and nothing else does."""
    full = complete(load(scenarios / "valid" / "everything.yaml"))
    said = next(move[kind.name] for moves in full["strategies"].values() for move in moves if kind.name in move)
    places = Places(("room", "desk"), ("families", "travellers"))
    before = kind.effect(said, places)
    assert kind.effect(dict(said), places) == before
    for key, value in said.items():
        changed = kind.effect({**said, key: _other(key, value)}, places)
        differing = [f.name for f in dataclasses.fields(before) if getattr(before, f.name) != getattr(changed, f.name)]
        assert differing in ([key], ["to", "segment"]), key


def _other(key: str, value: object) -> object:
    if key == "attribute":
        return "room" if value == "desk" else "desk"
    if key == "to":
        return {"segment": "travellers"}
    if isinstance(value, str):
        return "3.25 per visit" if value.endswith("visit") else "77 days"
    assert isinstance(value, (int, float))
    return value + 1


def test_whom_a_surprise_reaches(scenarios: Path) -> None:
    moves = resolve(load(scenarios / "valid" / "everything.yaml")).strategies[1].moves
    first, second, third = (move for move in moves if isinstance(move, market.Surprise))
    assert (first.to, first.segment, first.attribute, first.chance) == ("everyone", None, 0, 0.25)
    assert (second.to, second.segment, second.attribute, second.every) == ("segment", 0, None, 4)
    assert (third.to, third.below, third.on_visit, third.chance, third.every) == ("at risk", -1.0, 3, None, None)

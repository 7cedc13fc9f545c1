"""What a cell depends on, all of it and nothing else; and that cells make the same run as no cells."""

from __future__ import annotations

import dataclasses
import itertools
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as draws

from sim.api import load
from sim.cells.cell import Cell, address, cells_of, live, outcome_cells
from sim.cells.pack import pack, unpack
from sim.engine import columns
from sim.engine.run import find_strategy, gather, joined, part, run
from sim.market import Firm, Market, Strategy, rival_plays, with_design
from tests.cells.stories import ASKING, PLAIN, TALKING
from tests.lives import differing, market


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Market:
    """The plain market."""
    return market(tmp_path_factory.mktemp("story"), PLAIN)


def cell(market: Market, strategy: str = "small surprises", first: int = 0, replications: int = 2) -> Cell:
    """Some replications of all people."""
    return Cell(market, strategy, first, replications, 0, market.people, "sums")


@settings(max_examples=15)
@given(sides=draws.lists(draws.integers(1, 60), max_size=3, unique=True), mixed=draws.randoms())
def test_parts_of_a_run_make_the_run(plain: Market, sides: list[int], mixed: random.Random) -> None:
    edges = [0, *sorted(sides), 61]
    parts = [part(plain, "small surprises", range(one, one + 1), (person, end - person), keep=("customers",))
             for one in range(6) for person, end in itertools.pairwise(edges)]
    mixed.shuffle(parts)
    found = gather(plain, find_strategy(plain, "small surprises"), joined(parts))
    assert differing(found, run(plain, "small surprises", keep=("customers",))) == []


@pytest.mark.parametrize("text", [PLAIN, TALKING, ASKING], ids=["plain", "coupled", "asked"])
def test_cells_packed_and_unpacked_make_the_run_to_the_bit(tmp_path: Path, text: str) -> None:
    story = market(tmp_path, text)
    for strategy in story.strategies:
        cells = list(cells_of(story, strategy.name, ("customers",)))
        payloads = [pack(one, live(one)) for one in cells]
        assert payloads == [pack(one, live(one, jobs=2)) for one in cells], "the same result is the same bytes"
        parts = [unpack(one, payload) for one, payload in zip(cells, payloads, strict=True)]
        found = gather(story, strategy, joined(parts))  # type: ignore[arg-type]
        assert differing(found, run(story, strategy.name, keep=("customers",))) == []


def test_large_markets_are_split_by_people_and_small_ones_by_replications(plain: Market) -> None:
    large = with_design(plain, 2, None, 20_000_000)
    cells = list(cells_of(large, "stand still"))
    assert len(cells) > 10
    assert {one.replications for one in cells} == {1}
    assert sum(one.people for one in cells) == 2 * large.people
    assert next(one.person for one in cells if one.first == 0) == 0
    many = with_design(plain, 100_000, None, None)
    assert sum(one.replications for one in cells_of(many, "stand still")) == 100_000
    assert all(one.people == 61 for one in cells_of(many, "stand still"))
    first = list(cells_of(many, "stand still"))[:3]
    more = list(cells_of(with_design(plain, 200_000, None, None), "stand still"))[:3]
    assert [address(one) for one in first] == [address(one) for one in more], "more replications leave the first cells alone"


def test_coupled_people_are_never_split(tmp_path: Path) -> None:
    for text, name in ((TALKING, "stand still"), (ASKING, "ask")):
        large = with_design(market(tmp_path, text), 2, None, 20_000_000)
        assert {one.people for one in cells_of(large, name)} == {20_000_000}
        with pytest.raises(ValueError, match="something to one another"):
            part(market(tmp_path, text), name, range(1), (0, 30))


def test_outcomes_are_those_of_the_run(plain: Market) -> None:
    cells = list(outcome_cells(plain, "small surprises"))
    found = live(cells[0])
    whole = run(plain, "small surprises").outcomes
    assert len(cells) == 1
    assert isinstance(found, dict)
    assert all(np.array_equal(found[name], whole[name], equal_nan=True) for name in whole)
    back = unpack(cells[0], pack(cells[0], found))
    assert isinstance(back, dict)
    assert list(back) == list(whole)


def test_an_address_forgets_prose_other_strategies_and_how_many_replications(plain: Market) -> None:
    mine = address(cell(plain))
    assert address(cell(dataclasses.replace(plain, title="another title"))) == mine
    assert address(cell(with_design(plain, 17, None, None))) == mine
    renamed = dataclasses.replace(plain.strategies[1], name="another name")
    assert address(cell(dataclasses.replace(plain, strategies=(renamed,)), "another name")) == mine
    alone = dataclasses.replace(plain, strategies=plain.strategies[1:])
    assert address(cell(alone)) == mine
    assert pack(cell(alone), live(cell(alone))) == pack(cell(plain), live(cell(plain)))


def test_an_address_changes_with_the_bins_that_another_strategy_widens(tmp_path: Path) -> None:
    """A cell that was stored is the run's to the bit, whatever has become of the other strategies."""
    text = PLAIN + "  promise more: [{promise: {level: 70}}]\n"
    story, other = market(tmp_path, text), market(tmp_path, text.replace("level: 70", "level: 95"))
    for name in ("stand still", "small surprises"):
        mine, theirs = cell(story, name), cell(other, name)
        assert (address(mine) == address(theirs)) == (pack(mine, live(mine)) == pack(theirs, live(theirs)))
        assert address(mine) != address(theirs)


def test_an_address_changes_with_a_table_that_another_strategy_asks_for(tmp_path: Path, plain: Market) -> None:
    asking = market(tmp_path, ASKING)
    assert columns.tracks(asking)
    assert not columns.tracks(plain)
    assert address(cell(asking, "stand still")) != address(cell(plain, "stand still"))


FORGOTTEN = {(Market, "title"), (Market, "replications"), (Strategy, "name"), (Firm, "plays")}
"""What no number depends on; plays is tried where a rival has strategies."""


def changed(value: object) -> object:
    """Another value of the same kind, where there is one."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, float):
        return float(np.nextafter(value, -np.inf if value > 0.0 else np.inf))
    if isinstance(value, int):
        return value + 1
    return f"{value}x" if isinstance(value, str) else None


def test_an_address_changes_with_every_number_of_the_market(plain: Market) -> None:
    """Each number, one by one, at its last bit: none is forgotten."""
    seen, count = {address(cell(plain))}, 1

    def vary(noun: object, put: object) -> None:
        nonlocal count
        if dataclasses.is_dataclass(noun) and not isinstance(noun, type):
            for field in dataclasses.fields(noun):
                if (type(noun), field.name) not in FORGOTTEN:
                    vary(getattr(noun, field.name),
                         lambda value, noun=noun, name=field.name: put(dataclasses.replace(noun, **{name: value})))  # type: ignore[operator]
        elif isinstance(noun, tuple):
            for place in range(len(noun)):
                vary(noun[place], lambda value, place=place: put((*noun[:place], value, *noun[place + 1:])))  # type: ignore[operator]
        elif (other := changed(noun)) is not None:
            seen.add(put(other))  # type: ignore[operator]
            count += 1

    alone = dataclasses.replace(plain, strategies=plain.strategies[1:])
    vary(alone, lambda market: address(Cell(market, market.strategies[0].name, 0, 2, 0, 61, "sums")))
    assert count > 300
    assert len(seen) == count


def test_an_address_changes_with_what_a_rival_plays_and_forgets_what_it_could(tmp_path: Path) -> None:
    story = load("scenarios/promises-race.yaml").market
    rival = next(firm for firm in story.firms[1:] if len(firm.strategies) > 1)
    found = [address(cell(rival_plays(story, rival.name, one.name), story.strategies[0].name)) for one in rival.strategies]
    assert len(set(found)) == len(rival.strategies)
    fewer = dataclasses.replace(rival, strategies=rival.strategies[:1], plays=0)
    firms = tuple(fewer if firm is rival else firm for firm in story.firms)
    assert address(cell(dataclasses.replace(story, firms=firms), story.strategies[0].name)) == found[0]


def test_an_address_changes_with_which_cell_it_is(plain: Market) -> None:
    mine = cell(plain)
    others = [dataclasses.replace(mine, strategy="stand still"), dataclasses.replace(mine, first=1),
              dataclasses.replace(mine, replications=3), dataclasses.replace(mine, person=1, people=60),
              dataclasses.replace(mine, people=60), dataclasses.replace(mine, wants="outcomes"),
              dataclasses.replace(mine, keep=("customers",)),
              dataclasses.replace(mine, market=with_design(plain, None, 6, None)),
              dataclasses.replace(mine, market=with_design(plain, None, None, 62))]
    assert len({address(one) for one in (mine, *others)}) == 1 + len(others)


def test_an_address_changes_with_the_engine(plain: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = address(cell(plain))
    monkeypatch.setattr("sim.cells.cell.engine", lambda: "another")
    assert address(cell(plain)) != mine


def test_a_cell_says_which_it_is(plain: Market) -> None:
    assert str(cell(plain)) == "small surprises, replications 0 to 1"
    assert str(Cell(plain, "stand still", 3, 1, 10, 20, "sums")) == "stand still, replication 3, people 10 to 29"

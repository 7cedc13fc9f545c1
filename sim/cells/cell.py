"""A cell: the smallest piece of a study that is worked on, stored and found again by what it depends on."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from sim.engine import columns
from sim.engine.run import BLOCK, Part, find_strategy, gather, lived_together, part
from sim.engine.tables import check_exact
from sim.market import Firm, Market, visits_a_day

Outcomes = Mapping[str, NDArray[np.float64]]
Found = Part | Outcomes
"""What comes of a cell: its sums, or outcomes by name, (replications,)."""

VISITS: Final = 2_000_000
"""About as many visits make a cell: a fraction of a second, so that little is lost with one and its overhead does not show."""
MOST_VISITS: Final = 8 * VISITS
"""A replication with more is split by people, where they are nothing to one another."""
LIBRARIES: Final = ("numpy", "numba", "llvmlite")
"""Whose versions could move the last bit of a number."""
ROOMS: Final = ("engine", "rules", "luck.py", "market.py", "outcomes.py", "cells/cell.py", "cells/pack.py")


@dataclasses.dataclass(frozen=True, slots=True)
class Cell:
    """Some replications of one strategy on one market, for some of the people.

    first, replications: the first of them and how many. person, people: the first of the people and how many. wants: "sums",
    from which every table follows, or "outcomes" alone, which are small. keep: as for `engine.run.run`.
    """

    market: Market
    strategy: str
    first: int
    replications: int
    person: int
    people: int
    wants: Literal["sums", "outcomes"]
    keep: tuple[str, ...] = ()

    def __str__(self) -> str:
        last = self.first + self.replications - 1
        which = f"replication {self.first}" if self.replications == 1 else f"replications {self.first} to {last}"
        some = "" if self.people == self.market.people else f", people {self.person:,} to {self.person + self.people - 1:,}"
        return f"{self.strategy}, {which}{some}"


def cells_of(market: Market, strategy: str, keep: tuple[str, ...] = (), replications: range | None = None) -> Iterator[Cell]:
    """The cells of one strategy from which all its tables follow, of about the same size.

    replications: which of them; all of the market's if left out. Where cells begin does not depend on how many there are, so
    that more of them leave the first ones as they are.
    """
    these = range(market.replications) if replications is None else replications
    visits = visits_of(market)
    together = lived_together(market, find_strategy(market, strategy))
    if visits > MOST_VISITS and not together:
        block = BLOCK * max(1, int(market.people * VISITS / visits) // BLOCK)
        for replication in these:
            for person, people in columns.blocks(market.people, block):
                yield Cell(market, strategy, replication, 1, person, people, "sums", keep)
        return
    size = max(1, int(VISITS / visits))
    for start in range(these.start // size * size, these.stop, size):
        first, last = max(start, these.start), min(start + size, these.stop)
        yield Cell(market, strategy, first, last - first, 0, market.people, "sums", keep)


def outcome_cells(market: Market, strategy: str, replications: range | None = None) -> Iterator[Cell]:
    """The cells of one strategy from which its outcomes follow; of all the market's replications if they are left out."""
    these = range(market.replications) if replications is None else replications
    for first, count in columns.blocks(len(these), max(1, int(MOST_VISITS / visits_of(market)))):
        yield Cell(market, strategy, these.start + first, count, 0, market.people, "outcomes")


def visits_of(market: Market) -> float:
    """About how many visits one replication of one strategy is, and 1 at least."""
    return max(1.0, market.people * market.horizon * visits_a_day(market))


def live(cell: Cell, jobs: int = 1) -> Found:
    """Live a cell on `jobs` threads. Errors: OverflowError where levels leave what exact sums can hold."""
    market, strategy = cell.market, find_strategy(cell.market, cell.strategy)
    replications = range(cell.first, cell.first + cell.replications)
    lived = part(market, cell.strategy, replications, (cell.person, cell.people), jobs=jobs, keep=cell.keep)
    check_exact(columns.ruler(market, strategy), lived.totals)
    return lived if cell.wants == "sums" else gather(market, strategy, lived).outcomes


def address(cell: Cell) -> str:
    """The SHA-256, as hexadecimal digits, of all that a cell's result depends on.

    That is the market without its prose, what the strategy is called, how many replications there are and what other
    strategies; of these only whether they ask for a table that this one then has too, and how far they may lead expectation,
    for its bins. And the engine itself, and the libraries that it computes with.
    """
    found = hashlib.sha256()
    strategy, market = find_strategy(cell.market, cell.strategy), cell.market
    ruler = columns.ruler(market, strategy)  # its bins lie where all strategies of a market can lead
    kept = (columns.form(market), columns.tracks(market), *(tuple(map(float, one)) if isinstance(one, np.ndarray) else one
                                                            for one in ruler))
    own = dataclasses.replace(market, title="", replications=0, strategies=(dataclasses.replace(strategy, name=""),),
                              firms=tuple(_playing(firm) for firm in market.firms))
    _digest(found, (engine(), own, kept, cell.first, cell.replications, cell.person, cell.people, cell.wants, cell.keep))
    return found.hexdigest()


def _playing(firm: Firm) -> Firm:
    """A firm that could do nothing but what it does."""
    return firm if firm.plays < 0 else dataclasses.replace(firm, strategies=(firm.strategies[firm.plays],), plays=0)


@cache
def engine() -> str:
    """A digest of the sources that a result depends on, and of the versions of `LIBRARIES`."""
    package, found = Path(__file__).resolve().parent.parent, hashlib.sha256()
    for room in ROOMS:
        place = package / room
        for file in sorted(place.glob("*.py")) if place.is_dir() else [place]:
            found.update(file.read_bytes())
    found.update(" ".join(version(name) for name in LIBRARIES).encode())
    return found.hexdigest()


def _digest(found: Any, value: Any) -> None:
    """Add a value to a digest: every part of it with its kind and its length, so that no two values look alike."""
    if dataclasses.is_dataclass(value):
        fields = [field.name for field in dataclasses.fields(value) if field.compare]
        found.update(f"{type(value).__name__}{len(fields)}(".encode())
        for name in fields:
            found.update(f"{name}=".encode())
            _digest(found, getattr(value, name))
    elif isinstance(value, tuple):
        found.update(f"tuple{len(value)}(".encode())
        for one in value:
            _digest(found, one)
    elif isinstance(value, float):
        found.update(f"float {value.hex()};".encode())
    elif value is None or isinstance(value, bool | int):
        found.update(f"{type(value).__name__} {value};".encode())
    elif isinstance(value, str):
        found.update(f"str{len(value)} {value};".encode())
    else:
        raise TypeError(f"a cell cannot depend on {type(value).__name__}")

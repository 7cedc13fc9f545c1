"""Working through cells: what is stored is not done again, what is finished is stored at once, what fails is tried again.

Results come as they are finished, each with its cell's number. Who lives the cells, a `Crew`, changes no bit of them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from sim.cells.cell import Cell, Found, address, live
from sim.cells.pack import pack, unpack
from sim.cells.store import Store
from sim.engine import cache, columns

TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Lost:
    """A cell whose process died with it, or whose machine went away: it may be tried again."""

    reason: str


@dataclass(frozen=True, slots=True)
class Raised:
    """A cell that cannot be lived: the same would be said of it again."""

    reason: str


@dataclass(frozen=True, slots=True)
class Failure:
    """A cell that was given up, and why, after so many tries."""

    cell: Cell
    reason: str
    tries: int


Reply = bytes | Lost | Raised


class Crew(Protocol):
    """Who lives cells. free: whether another cell is welcome now. send: give it one, under a key. receive: wait for the next
    that is done, or lost. close: stop at once, and leave nobody behind."""

    @property
    def free(self) -> bool: ...

    def send(self, key: str, cell: Cell) -> None: ...

    def receive(self) -> tuple[str, Reply]: ...

    def close(self) -> None: ...


class Here:
    """This process, with threads inside a cell; one cell at a time."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self.waiting: list[tuple[str, Cell]] = []

    @property
    def free(self) -> bool:
        """Whether nothing waits."""
        return not self.waiting

    def send(self, key: str, cell: Cell) -> None:
        """Put a cell next."""
        self.waiting.append((key, cell))

    def receive(self) -> tuple[str, Reply]:
        """Live the next cell."""
        key, cell = self.waiting.pop(0)
        return key, lived(cell, self.jobs)

    def close(self) -> None:
        """Nobody is left behind: threads end with their cell."""


def lived(cell: Cell, jobs: int = 1) -> bytes | Raised:
    """A cell's result as bytes, or in words why there is none."""
    try:
        return pack(cell, live(cell, jobs))
    except Exception as error:
        return Raised(f"{error}" if isinstance(error, OverflowError) else f"{type(error).__name__}: {error}")


@dataclass(frozen=True)
class Work:
    """How cells are lived. crew: makes who lives them. store: where finished cells lie, None to keep none.

    made, found: how many cells were lived and how many were there already, counted while it goes on. stays: the crew that waits
    for the next batch of cells, if any; None where it goes home after each.
    """

    crew: Callable[[], Crew]
    store: Store | None = None
    made: list[str] = field(default_factory=list)
    found: list[str] = field(default_factory=list)
    stays: list[Crew] | None = None

    def results(self, cells: Iterable[Cell]) -> Iterator[tuple[int, Found | Failure]]:
        """The result of each cell, with its number in `cells`, in the order in which they are finished.

        Cells that depend on the same are lived once. Ending the iteration early, or Ctrl-C, stops everybody at once.
        """
        ahead, going, whole = enumerate(cells), _Going(self), False
        try:
            more = True
            while more or going.waiting:
                while more and going.free:
                    number, cell = next(ahead, (-1, None))
                    more = cell is not None
                    if cell is not None:
                        yield from going.begin(number, cell)
                if going.waiting:
                    yield from going.next()
            whole = True
        finally:
            going.close(whole)


@contextlib.contextmanager
def staying(work: Work | None) -> Iterator[Work | None]:
    """The same work for many small batches of cells: who lives them stays from one to the next, and goes home at the end."""
    if work is None or work.stays is not None:
        yield work
        return
    together = replace(work, stays=[])
    try:
        yield together
    finally:
        for crew in together.stays or ():
            crew.close()


class _Going:
    """Cells on their way: by address, the cell, the numbers that wait for it, and how often it was tried."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.crew: Crew | None = work.stays.pop() if work.stays else None
        self.waiting: dict[str, tuple[Cell, list[int]]] = {}
        self.tries: dict[str, int] = {}
        self.compiled: set[str] = set()

    @property
    def free(self) -> bool:
        """Whether another cell can be begun."""
        return self.crew is None or self.crew.free

    def begin(self, number: int, cell: Cell) -> Iterator[tuple[int, Found | Failure]]:
        """Look a cell up, wait for its like, or have it lived."""
        key = address(cell)
        if key in self.waiting:
            self.waiting[key][1].append(number)
            return
        stored = None if self.work.store is None else self.work.store.get(key)
        if stored is not None:
            self.work.found.append(key)
            yield number, unpack(cell, stored)
            return
        self.waiting[key] = cell, [number]
        form = columns.form(cell.market)
        if form not in self.compiled:
            self.compiled.add(form)
            if not cache.is_compiled(form):
                yield from self.end(key, lived(cell))  # one compiles, so that not all who would live it do
                return
        if self.crew is None:
            self.crew = self.work.crew()
        self.crew.send(key, cell)

    def next(self) -> Iterator[tuple[int, Found | Failure]]:
        """Wait for the next reply; a lost cell is sent again, until it has been tried often enough."""
        assert self.crew is not None
        key, reply = self.crew.receive()
        if key not in self.waiting:  # two replies to one cell: the second is the same
            return
        if isinstance(reply, Lost):
            self.tries[key] = self.tries.get(key, 0) + 1
            if self.tries[key] < TRIES:
                self.crew.send(key, self.waiting[key][0])
                return
        yield from self.end(key, reply)

    def end(self, key: str, reply: Reply) -> Iterator[tuple[int, Found | Failure]]:
        """Store a finished cell before anybody hears of it."""
        cell, numbers = self.waiting.pop(key)
        if not isinstance(reply, bytes):
            for number in numbers:
                yield number, Failure(cell, reply.reason, self.tries.get(key, 1))
            return
        self.work.made.append(key)
        if self.work.store is not None:
            self.work.store.put(key, reply)
        for number in numbers:
            yield number, unpack(cell, reply)

    def close(self, whole: bool) -> None:
        """Stop everybody; or let them wait for more, where the whole is done and they stay."""
        if self.crew is None:
            return
        if whole and self.work.stays is not None:
            self.work.stays.append(self.crew)
        else:
            self.crew.close()

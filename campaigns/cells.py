"""Do cells survive? Workers killed at random, the parent killed at every point of writing, stored bytes damaged.

    python -m campaigns.cells [--sweeps 100] [--kills 1000] [--parents 600] [--bits 2000] [--cuts 300]

It ends with status 1 if one byte of a result differs, a damaged file is read, or a finished cell is lived again.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import random
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, NoReturn

from sim.cells import store as storing
from sim.cells import work as working
from sim.cells.cell import Cell, address
from sim.cells.pack import pack
from sim.cells.processes import Processes
from sim.cells.store import Store
from sim.cells.work import Failure, Here, Work
from sim.story.load import load
from sim.story.resolve import resolve

CELLS = 400
STORY = """\
title: a sweep to be disturbed
horizon: 60 days
seed: 1
replications: 2
market: {people: 300, visits: {every: 10 days}}
psyche: {learning: 0.3, leaving: {base: 2% per visit, goodwill: 0.25}}
firms: {ours: {quality: 60, noise: 4}, neighbour: {quality: 60}}
strategies:
  stand still: []
  small surprises: [{surprise: {size: 8, chance: 25%}}]
"""


def sweep(folder: Path, count: int = CELLS) -> list[Cell]:
    """Cells of a sweep over our quality, of both strategies in turn."""
    path = folder / "story.yaml"
    path.write_text(STORY, encoding="utf-8")
    market = resolve(load(path))
    ours, *rivals = market.firms
    found = []
    for number in range(count):
        firm = dataclasses.replace(ours, quality=(60.0 + number / count,))
        varied = dataclasses.replace(market, firms=(firm, *rivals))
        found.append(Cell(varied, market.strategies[number % 2].name, 0, market.replications, 0, market.people, "outcomes"))
    return found


def lived(work: Work, cells: list[Cell]) -> list[bytes]:
    """The result of each cell as bytes. Raises RuntimeError where one was given up."""
    found: dict[int, bytes] = {}
    for number, one in work.results(cells):
        if isinstance(one, Failure):
            raise RuntimeError(f"{one.cell}: {one.reason}")
        found[number] = pack(cells[number], one)
    return [found[number] for number in range(len(cells))]


def killing(crew: Processes, dice: random.Random, done: threading.Event, kills: list[int], most: int) -> None:
    """Kill one of the crew's processes every so often, `most` times: on a busy machine none would ever get ready otherwise."""
    most += len(kills)
    while len(kills) < most and not done.wait(dice.uniform(0.05, 1.5)):
        with crew.lock:
            alive = [one for one in crew.running if one.poll() is None]
        if alive:
            dice.choice(alive).kill()
            kills.append(1)


def workers(sweeps: int, kills: int, folder: Path) -> str:
    """Sweeps whose workers are killed at random: the same bytes, and no finished cell lived again.

    A cell whose process dies three times is given up as poison. Among a thousand kills chance strikes one cell so often, which
    is no fault of it: here a cell may be tried for as long as it takes.
    """
    working.TRIES = sys.maxsize  # type: ignore[misc]
    cells, dice, killed, number = sweep(folder), random.Random(1), list[int](), 0
    right, started = lived(Work(lambda: Here(1)), cells), time.monotonic()
    addresses = sorted(map(address, cells))
    while number < sweeps or len(killed) < kills:
        number += 1
        crew, done = Processes(2), threading.Event()
        work = Work(lambda crew=crew: crew, Store(folder / f"store{number}"))  # type: ignore[misc]
        killer = threading.Thread(target=killing, args=(crew, dice, done, killed, 1 + 2 * kills // sweeps))
        killer.start()
        try:
            found = lived(work, cells)
        finally:
            done.set()
            killer.join()
        check(found == right, f"sweep {number} ended in other bytes")
        check(sorted(work.made) == addresses, f"sweep {number} lived a finished cell again")
        if number % 10 == 0:
            print(f"  {number} sweeps, {len(killed)} kills, {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    return (f"{number} sweeps of {len(cells)} cells with {len(killed)} kills of workers: the same bytes, "
            "nothing finished done again")


POINTS = ("before the file is made", "when it is made", "in the middle of writing", "before it is on the disk",
          "before it is moved to its place", "before its folder is on the disk")


def die(*_: Any, **__: Any) -> NoReturn:
    """End this process as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("unreachable")


class Half:
    """A stream that takes half of what it is given, and dies."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def __enter__(self) -> Half:
        return self

    def __exit__(self, *_: object) -> None:
        """Never reached."""

    def write(self, text: bytes) -> NoReturn:
        """Write half."""
        self.stream.write(text[:len(text) // 2])
        self.stream.flush()
        die()


def doomed(cells: list[Cell], folder: Path, point: int, at: int) -> NoReturn:
    """Live cells, and die at one point of storing number `at`."""
    puts, real = [0], storing.Store.put

    class Disturbed:
        """The parts of `os` and `tempfile` that storing uses, one of them deadly."""

        def __init__(self, module: Any, **deadly: Any) -> None:
            self.module, self.deadly = module, deadly

        def __getattr__(self, name: str) -> Any:
            return self.deadly.get(name) or getattr(self.module, name)

    def put(self: Store, key: str, payload: bytes) -> None:
        puts[0] += 1
        if puts[0] == at:
            names: Any = storing
            if point == 0:
                names.tempfile = Disturbed(tempfile, mkstemp=die)
            elif point == 1:
                names.os = Disturbed(os, fdopen=die)
            elif point == 2:
                names.os = Disturbed(os, fdopen=lambda handle, mode: Half(os.fdopen(handle, mode)))
            elif point == 3:
                names.os = Disturbed(os, fsync=die)
            elif point == 4:
                names.os = Disturbed(os, replace=die)
            else:
                names._sync = die
        real(self, key, payload)

    storing.Store.put = put  # type: ignore[method-assign]
    lived(Work(lambda: Here(1), Store(folder)), cells)
    os._exit(0)


def parents(kills: int, folder: Path) -> str:
    """Studies whose process is killed at each point of storing a cell: what is there is right, and the rest is made."""
    cells, dice = sweep(folder, 6), random.Random(2)
    right = lived(Work(lambda: Here(1)), cells)
    for number in range(kills):
        place, point, at = folder / f"parent{number}", number % len(POINTS), dice.randint(1, len(cells))
        child = os.fork()
        if child == 0:
            doomed(cells, place, point, at)
        status = os.waitpid(child, 0)[1]
        check(os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, f"the parent was not killed {POINTS[point]}")
        store = Store(place)
        found = [store.get(address(one)) for one in cells]
        there = at if point == 5 else at - 1
        check(found == [*right[:there], *[None] * (len(cells) - there)] and not store.damaged,
              f"killed {POINTS[point]}: another file than those finished was there")
        again = Work(lambda: Here(1), Store(place))
        check(lived(again, cells) == right, f"killed {POINTS[point]}: the study went on to other bytes")
        check(again.made == [address(one) for one in cells[there:]], f"killed {POINTS[point]}: a finished cell was lived again")
    return f"{kills} kills of the parent at {len(POINTS)} points of writing: no damaged file, studies go on to the same bytes"


def damage(bits: int, cuts: int, folder: Path) -> str:
    """Stored results with a flipped bit or a cut: none is read."""
    cells, dice, place = sweep(folder, 20), random.Random(3), folder / "damaged"
    right = lived(Work(lambda: Here(1), Store(place)), cells)
    for number in range(bits + cuts):
        which = dice.randrange(len(cells))
        key = address(cells[which])
        file = place / key[:2] / key
        whole = file.read_bytes()
        if number < bits:
            wrong = bytearray(whole)
            bit = dice.randrange(8 * len(whole))
            wrong[bit // 8] ^= 1 << bit % 8
        else:
            wrong = bytearray(whole[:dice.randrange(len(whole))])
        file.write_bytes(wrong)
        store = Store(place)
        check(store.get(key) is None and store.damaged == 1, "a damaged file was read")
        file.write_bytes(whole)
        check(Store(place).get(key) == right[which], "a mended file was not read")
    return f"{bits} flipped bits and {cuts} cuts in stored results: none was read"


def check(holds: bool, otherwise: str) -> None:
    """End the campaign where something does not hold."""
    if not holds:
        raise SystemExit(f"FAILED: {otherwise}")


def main() -> None:
    """Run the campaigns and print what they found."""
    import logging

    logging.getLogger("sim").setLevel(logging.ERROR)
    asked = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for name, usual in (("sweeps", 100), ("kills", 1000), ("parents", 600), ("bits", 2000), ("cuts", 300)):
        asked.add_argument(f"--{name}", type=int, default=usual, metavar="N")
    options = asked.parse_args()
    for campaign in (lambda place: damage(options.bits, options.cuts, place), lambda place: parents(options.parents, place),
                     lambda place: workers(options.sweeps, options.kills, place)):
        started = time.monotonic()
        with tempfile.TemporaryDirectory() as place:
            print(f"{campaign(Path(place))} ({time.monotonic() - started:.0f} s)", flush=True)


if __name__ == "__main__":
    main()

"""A stored run, run again from its manifest: is every number the same?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim import api
from sim.engine import archive
from sim.engine.records import Column, Table
from sim.experiments.compare import Progress, run_each

if TYPE_CHECKING:
    from sim.cells.work import Work


@dataclass(frozen=True, slots=True)
class Difference:
    """The first number that came out otherwise in a column: in which row, what it was and what it is."""

    table: str
    column: str
    row: int
    was: str
    now: str
    how_many: int


@dataclass(frozen=True)
class Reproduction:
    """A run made again. equal: by table, how many values are the same to the bit. different: what is not.

    versions: by package, what made the stored numbers and what made these, where they differ.
    """

    folder: Path
    equal: Mapping[str, int]
    different: tuple[Difference, ...]
    versions: Mapping[str, tuple[str, str]]

    @property
    def same(self) -> bool:
        """Whether every number is the same."""
        return not self.different

    @property
    def sentence(self) -> str:
        """The answer."""
        total = sum(self.equal.values())
        if self.same:
            return f"Every number is the same: {total:,} values in {len(self.equal)} tables, to the bit."
        wrong = sum(one.how_many for one in self.different)
        return f"{wrong:,} of {total + wrong:,} values are not what was stored."

    def document(self) -> dict[str, Any]:
        """The answer as plain JSON values."""
        return {"run": self.folder.as_posix(), "same": self.same, "sentence": self.sentence, "equal": dict(self.equal),
                "different": [{"table": one.table, "column": one.column, "row": one.row, "was": one.was, "now": one.now,
                               "values": one.how_many} for one in self.different],
                "versions": {name: {"was": was, "now": now} for name, (was, now) in self.versions.items()}}


def again(folder: Path, work: Callable[[float], Work], progress: Callable[[int], AbstractContextManager[Progress | None]]
          ) -> Reproduction:
    """Run again what a folder holds and compare it, value by value; the folder is only read.

    work: how so many visits are lived. progress: what tells of so many strategies. Errors: archive.ArchiveError for a folder
    that is not a run or is damaged; compare.UnfinishedError where a cell could not be lived.
    """
    from sim.cells.cell import visits_of

    answer = api.read(folder, drawn=False)
    manifest = archive.check(folder, drawn=False)
    market, names = answer.market, list(answer.runs)
    with progress(len(names)) as advance:
        runs = run_each(market, names, keep=manifest["design"]["kept"], progress=advance,
                        work=work(visits_of(market) * market.replications * len(names)))
    was, now = archive.tables(answer.runs), archive.tables(runs)
    equal, different = dict[str, int](), list[Difference]()
    for table in sorted({*was, *now}):
        equal[table] = 0
        for column in sorted({*was.get(table, {}), *now.get(table, {})}):
            same, found = compared(table, column, was.get(table, {}), now.get(table, {}))
            equal[table] += same
            different += [] if found is None else [found]
    versions = archive.versions()
    moved = {name: (str(old), versions.get(name, "none")) for name, old in manifest["versions"].items()
             if versions.get(name, "none") != old}
    return Reproduction(folder, equal, tuple(different), moved)


def compared(table: str, column: str, was: Table, now: Table) -> tuple[int, Difference | None]:
    """How many values of one column are the same to the bit, and the first that is not."""
    if column not in was or column not in now:
        there = was.get(column, now.get(column))
        assert there is not None
        return 0, Difference(table, column, 0, "stored" if column in was else "not stored",
                             "made" if column in now else "not made", len(there))
    old, new = was[column], now[column]
    if len(old) != len(new):
        return 0, Difference(table, column, min(len(old), len(new)), f"{len(old):,} rows", f"{len(new):,} rows",
                             max(len(old), len(new)))
    apart = np.flatnonzero(~_alike(old, new))
    if not len(apart):
        return len(old), None
    row = int(apart[0])
    first = Difference(table, column, row, repr(old.tolist()[row]), repr(new.tolist()[row]), len(apart))
    return len(old) - len(apart), first


def _alike(old: Column, new: Column) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Where two columns are the same: floats to the bit, so that NaN is NaN."""
    if old.dtype == new.dtype == np.float64:
        return np.asarray(old.view(np.int64) == new.view(np.int64))
    return np.asarray([one == other for one, other in zip(old.tolist(), new.tolist(), strict=True)], dtype=np.bool_)

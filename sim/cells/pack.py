"""What came of a cell as bytes and back: the same result is always the same bytes."""

from __future__ import annotations

import io
from dataclasses import fields

import numpy as np
from numpy.typing import NDArray

from sim.cells.cell import Cell, Found
from sim.engine.clock import Schedule, told_in_advance
from sim.engine.records import Table
from sim.engine.run import Part, find_strategy, stage
from sim.engine.tally import Tally

Arrays = dict[str, NDArray[np.generic]]


def pack(cell: Cell, found: Found) -> bytes:
    """A cell's result as bytes. What firms do is left out where it is known without their customers."""
    arrays: Arrays = dict(found) if not isinstance(found, Part) else _of_part(cell, found)
    stream = io.BytesIO()
    np.savez_compressed(stream, allow_pickle=False, **arrays)
    return stream.getvalue()


def unpack(cell: Cell, payload: bytes) -> Found:
    """The result of a cell from its bytes, equal to the bit to what was packed."""
    with np.load(io.BytesIO(payload), allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    return arrays if cell.wants == "outcomes" else _part(cell, arrays)


def _of_part(cell: Cell, found: Part) -> Arrays:
    arrays: Arrays = {"stays": np.packbits(found.stays, axis=1)}
    for field in Tally._fields:
        arrays[f"tally.{field}"] = np.stack([np.asarray(getattr(tally, field)) for tally in found.totals])
    if not told_in_advance(cell.market, find_strategy(cell.market, cell.strategy)):
        for one in fields(Schedule):
            arrays[f"schedule.{one.name}"] = np.stack([getattr(told, one.name) for told in found.schedules])
    for what, tables in (("kept", found.kept), ("spent", found.spent)):
        for number, table in enumerate(tables):
            for name, column in table.items():
                arrays[f"{what}.{number}.{name}"] = column if column.dtype != object else column.astype(np.str_)
    return arrays


def _part(cell: Cell, arrays: Arrays) -> Part:
    strategy = find_strategy(cell.market, cell.strategy)
    totals = [Tally(**{field: np.ascontiguousarray(arrays[f"tally.{field}"][row]) for field in Tally._fields})
              for row in range(cell.replications)]
    if told_in_advance(cell.market, strategy):
        schedules = [stage(cell.market, strategy).schedule] * cell.replications
    else:
        schedules = [Schedule(**{one.name: arrays[f"schedule.{one.name}"][row] for one in fields(Schedule)})
                     for row in range(cell.replications)]
    stays = np.unpackbits(arrays["stays"].astype(np.uint8), axis=1, count=cell.people).astype(np.bool_)
    return Part(cell.first, cell.person, totals, schedules, stays, _tables(arrays, "kept"), _tables(arrays, "spent"))


def _tables(arrays: Arrays, what: str) -> list[Table]:
    """The tables that were packed under a name, in their order."""
    found: dict[int, Arrays] = {}
    for name, column in arrays.items():
        if name.startswith(f"{what}."):
            _, number, title = name.split(".", 2)
            found.setdefault(int(number), {})[title] = column
    return [found[number] for number in sorted(found)]

"""How runs are stored and read back: one folder a study, never overwritten, every file under a digest.

    by_visit.parquet, by_day.parquet, outcomes.parquet, summary.csv    the tables, `strategy` first
    by_attribute.parquet, kano.parquet, switches.parquet,              the five gaps, the questionnaire, who was lost to whom,
    by_firm.parquet, budgets.parquet                                   every firm's account, what became of budgets (where the
                                                                       market has them)
    spreading.parquet, stays.parquet, customers.parquet (if kept)      what a report is redrawn from
    scenario.resolved.yaml                                             the story with nothing left unsaid
    network.csv                                                        who hears whom (where the story lists it)
    manifest.json                                                      written last: what the rest is, and its digests

A damaged Parquet page can read back without complaint, so nothing is read before all digests are checked.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import math
import os
import platform
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import numpy as np

from sim.engine.records import KANO, Column, Questionnaire, Run, Spreading, Table
from sim.market import Market, Network
from sim.outcomes import OUTCOMES

if TYPE_CHECKING:
    import pyarrow

FORMAT: Final = 2
MANIFEST: Final = "manifest.json"
SCENARIO: Final = "scenario.resolved.yaml"
TIES: Final = "network.csv"
PACKAGES: Final = ("numpy", "numba", "llvmlite", "scipy", "simpy", "pyarrow", "pydantic", "ruamel.yaml", "matplotlib",
                   "jinja2")
_TABLES: Final = ("by_visit", "by_day", "outcomes", "spreading", "stays", "customers", "by_attribute", "kano", "switches",
                  "by_firm", "budgets")
_DRAWN: Final = ("figures/", "report.html")


class ArchiveError(Exception):
    """A folder that cannot be trusted or understood; its text is one sentence for people."""


class DamagedError(ArchiveError):
    """A file of a stored run is missing or not what was written."""


@dataclass(frozen=True)
class Stored:
    """A run folder read back. runs: by strategy, in the order written; manifest: as in manifest.json."""

    folder: Path
    manifest: Mapping[str, Any]
    runs: Mapping[str, Run]


def write(runs: Mapping[str, Run], directory: Path, *, name: str, scenario: str, outcome: str,
          asked: Sequence[str] = (), command: Sequence[str] = (), note: str = "",
          failed: Mapping[str, str] = MappingProxyType({}), until: Mapping[str, Any] | None = None) -> Path:
    """Store finished runs of one market in a new folder `directory/<name>-<hash8>`, `-2`, `-3`… if that is taken.

    name: what the scenario is called. scenario: its resolved text, whose SHA-256 is the hash, and which finds ties that a
    story lists in `network.csv`. outcome: what the verdict is about. asked: all strategies that were to run; those not in
    `runs` are noted as interrupted, or as failed where `failed` says why. command: what was typed. note: what a reader of the
    numbers must know beside them. until: what replications were added for, and when one looked; None where their number was
    given. The report comes after, by `add`, so that no fault in drawing can cost the numbers.
    Errors: OSError when the folder cannot be written; nothing half-written stays behind.
    """
    digest = hashlib.sha256(scenario.encode("utf-8")).hexdigest()
    folder = _new_folder(directory, f"{plain_name(name)}-{digest[:8]}")
    try:
        _save(folder / SCENARIO, scenario.encode("utf-8"))
        _write_tables(runs, folder)
        _write_ties(next(iter(runs.values())).market.network, folder)
        manifest = _manifest(runs, digest, outcome, asked or tuple(runs), command, failed)
        if until is not None:
            manifest["design"]["until"] = dict(until)
        _seal(folder, {**manifest, **({"note": note} if note else {}), "files": _digests(folder)})
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder


def read(folder: Path, market_of: Callable[[Path], Market], *, drawn: bool = True) -> Stored:
    """Read a stored study back, after checking the digest of every file.

    market_of: turns the resolved scenario file into its Market. drawn=False leaves the report and the figures
    unchecked, for when they are about to be drawn again.
    Errors: ArchiveError for a folder that is not a finished run; DamagedError for a file that changed or is missing.
    """
    manifest = check(folder, drawn=drawn)
    market = market_of(folder / SCENARIO)
    done = [part for part in manifest["parts"] if part["outcome"] == "done"]
    stored = {table: _load(folder / f"{table}.parquet") for table in _TABLES if f"{table}.parquet" in manifest["files"]}
    return Stored(folder, MappingProxyType(manifest), MappingProxyType(
        {part["strategy"]: _run(market, part["strategy"], stored, part.get("visits_without_row", 0))
         for part in done}))


def check(folder: Path, *, drawn: bool = True) -> dict[str, Any]:
    """The manifest of a stored run, once every file it names is found to be what was written.

    Errors: as for `read`.
    """
    manifest = _read_manifest(folder)
    for name, was in manifest["files"].items():
        if not drawn and name.startswith(_DRAWN):
            continue
        if not (folder / name).is_file():
            raise DamagedError(f"{folder / name} is missing, so this run cannot be trusted; run the scenario again")
        if _digest(folder / name) != was["sha256"]:
            raise DamagedError(f"{folder / name} is not what was written (its SHA-256 differs), so this run cannot be "
                               "trusted; restore the file or run the scenario again")
    return manifest


def add(folder: Path, draw: Callable[[Path], None]) -> None:
    """Put the report and figures that `draw` makes into a stored run, in place of those it had, with their digests.

    draw: writes them under the folder it is given, which is not yet the run's, so that only what it wrote is taken for
    ours: a reader may keep files of his own beside them. Errors: as for `read`; and what `draw` raises, which leaves
    everything as it was.
    """
    manifest = check(folder, drawn=False)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".drawing-") as place:
        draw(Path(place))
        drawn = _digests(Path(place))
        for name in drawn:
            (folder / name).parent.mkdir(exist_ok=True)
            os.replace(Path(place) / name, folder / name)
    for name in manifest["files"]:
        if name.startswith(_DRAWN) and name not in drawn:
            (folder / name).unlink(missing_ok=True)
    kept = {name: was for name, was in manifest["files"].items() if not name.startswith(_DRAWN)}
    _seal(folder, {**manifest, "files": dict(sorted({**kept, **drawn}.items()))})


def tables(runs: Mapping[str, Run]) -> Mapping[str, Table]:
    """Every table of several runs as one, with `strategy` as its first column.

    by_visit, by_day: as in `sim.engine.records`. outcomes: strategy, replication, one column an outcome.
    spreading: strategy, mark (the checkpoint), day, low, high (the bin, points), people. stays: strategy, replication,
    people, bits (one a person, the first person the highest bit of the first byte). kano: strategy, mark, day, attribute,
    class, people. customers, by_attribute, kano, switches, by_firm: where all have them. budgets: where any has one.
    """
    found: dict[str, Table] = {
        "by_visit": _stack({name: run.by_visit for name, run in runs.items()}),
        "by_day": _stack({name: run.by_day for name, run in runs.items()}),
        "outcomes": _stack({name: _outcomes(run) for name, run in runs.items()}),
        "spreading": _stack({name: _spread(run.spreading) for name, run in runs.items()}),
        "stays": _stack({name: _stays(run) for name, run in runs.items()}),
    }
    some: dict[str, dict[str, Table]] = {
        "customers": {name: run.customers for name, run in runs.items() if run.customers is not None},
        "by_attribute": {name: run.by_attribute for name, run in runs.items() if run.by_attribute is not None},
        "kano": {name: _asked(run.kano) for name, run in runs.items() if run.kano is not None},
        "switches": {name: run.switches for name, run in runs.items() if run.switches is not None},
        "by_firm": {name: run.by_firm for name, run in runs.items() if run.by_firm is not None}}
    found |= {name: _stack(kept) for name, kept in some.items() if runs and len(kept) == len(runs)}
    budgets = {name: run.budgets for name, run in runs.items() if run.budgets is not None}
    return {**found, **({"budgets": _stack(budgets)} if budgets else {})}


def _stack(by_strategy: Mapping[str, Table]) -> Table:
    names = list(by_strategy)
    rows = [len(next(iter(table.values()))) for table in by_strategy.values()]
    columns: dict[str, Column] = {"strategy": np.repeat(np.array(names, dtype=object), rows)}
    for column in next(iter(by_strategy.values())):
        columns[column] = np.concatenate([table[column] for table in by_strategy.values()])
    return columns


def _outcomes(run: Run) -> Table:
    replications = np.arange(run.stays.shape[0], dtype=np.int64)
    return {"replication": replications, **{name: run.outcomes[name] for name in OUTCOMES}}


def _spread(spreading: Spreading) -> Table:
    marks, bins = spreading.counts.shape
    return {"mark": np.repeat(np.arange(marks), bins), "day": np.repeat(spreading.days, bins),
            "low": np.tile(spreading.edges[:-1], marks), "high": np.tile(spreading.edges[1:], marks),
            "people": spreading.counts.ravel()}


def _asked(kano: Questionnaire) -> Table:
    marks, attributes, classes = kano.counts.shape
    return {"mark": np.repeat(np.arange(marks), attributes * classes), "day": np.repeat(kano.days, attributes * classes),
            "attribute": np.tile(np.repeat(np.array(kano.attributes, dtype=object), classes), marks),
            "class": np.tile(np.array(KANO, dtype=object), marks * attributes), "people": kano.counts.ravel()}


def _stays(run: Run) -> Table:
    replications, people = run.stays.shape
    bits = np.empty(replications, dtype=object)
    bits[:] = [row.tobytes() for row in np.packbits(run.stays, axis=1)]
    return {"replication": np.arange(replications, dtype=np.int64),
            "people": np.full(replications, people, dtype=np.int64), "bits": bits}


def _run(market: Market, strategy: str, stored: Mapping[str, pyarrow.Table], beyond: int) -> Run:
    mine = {table: _of_strategy(columns, strategy) for table, columns in stored.items()}
    outcomes = {name: np.asarray(mine["outcomes"][name], dtype=np.float64) for name in OUTCOMES}
    stays = _unpacked(mine["stays"])
    for array in (*outcomes.values(), stays):
        array.flags.writeable = False
    return Run(market, strategy, mine["by_visit"], mine["by_day"], MappingProxyType(outcomes),
               _spreading(mine["spreading"]), stays, mine.get("customers"), beyond, mine.get("by_attribute"),
               _questionnaire(mine["kano"]) if "kano" in mine else None, mine.get("switches"),
               mine.get("by_firm"), _any_rows(mine.get("budgets")))


def _any_rows(table: Table | None) -> Table | None:
    """A table, or None for one without rows."""
    return None if table is None or not len(next(iter(table.values()))) else table


def _of_strategy(table: pyarrow.Table, strategy: str) -> Table:
    from pyarrow import compute

    rows = table.filter(compute.equal(table["strategy"], strategy)).drop_columns(["strategy"])
    columns = {name: _column(rows[name].combine_chunks()) for name in rows.column_names}
    for column in columns.values():
        column.flags.writeable = False
    return MappingProxyType(columns)


def _column(values: pyarrow.Array) -> Column:
    import pyarrow

    if pyarrow.types.is_dictionary(values.type):
        words = np.array(values.dictionary.to_pylist(), dtype=np.str_)
        named: Column = words[values.indices.to_numpy(zero_copy_only=False)]
        return named
    column: Column = np.array(values.to_numpy(zero_copy_only=False))
    return column


def _unpacked(table: Table) -> Any:
    people = int(table["people"][0])
    rows = [np.unpackbits(np.frombuffer(bits, dtype=np.uint8), count=people) for bits in table["bits"].tolist()]
    return np.array(rows, dtype=np.bool_).reshape(len(rows), people)


def _spreading(table: Table) -> Spreading:
    marks = int(np.max(table["mark"])) + 1
    days, low, high, people = (np.asarray(table[name]).reshape(marks, -1) for name in ("day", "low", "high", "people"))
    edges = np.append(low[0], high[0, -1:])
    found = Spreading(days[:, 0].astype(np.int64), edges.astype(np.float64), people.astype(np.int64))
    for field in fields(found):
        getattr(found, field.name).flags.writeable = False
    return found


def _questionnaire(table: Table) -> Questionnaire:
    marks = int(np.max(table["mark"])) + 1
    days, attributes, people = (np.asarray(table[name]).reshape(marks, -1, len(KANO))
                                for name in ("day", "attribute", "people"))
    found = Questionnaire(days[:, 0, 0].astype(np.int64), tuple(map(str, attributes[0, :, 0])), people.astype(np.int64))
    found.days.flags.writeable = found.counts.flags.writeable = False
    return found


def _write_tables(runs: Mapping[str, Run], folder: Path) -> None:
    from pyarrow import parquet

    found = tables(runs)
    for name, table in found.items():
        with _saving(folder / f"{name}.parquet") as stream:
            parquet.write_table(_arrow(table), stream, compression="zstd")
    _save(folder / "summary.csv", _csv(found["outcomes"]).encode("utf-8-sig"))


def _write_ties(network: Network, folder: Path) -> None:
    """What was run, whatever has become of the file that listed it."""
    if network.ties is None:
        return
    import pyarrow
    from pyarrow import csv as lines

    rows = pyarrow.table({"from": network.ties.pairs[:, 0], "to": network.ties.pairs[:, 1]})
    with _saving(folder / TIES) as stream:
        stream.write(b"from,to\n")
        lines.write_csv(rows, stream, lines.WriteOptions(include_header=False))


def _arrow(table: Table) -> pyarrow.Table:
    import pyarrow

    def column(values: Column) -> Any:
        if values.dtype.kind not in "OU":
            return pyarrow.array(values)
        listed = pyarrow.array(values.tolist())
        return listed if pyarrow.types.is_binary(listed.type) else listed.dictionary_encode()

    return pyarrow.table({name: column(values) for name, values in table.items()})


def _load(path: Path) -> pyarrow.Table:
    from pyarrow import parquet

    return parquet.read_table(path, memory_map=False, partitioning=None)


def _csv(table: Table) -> str:
    """For people: a missing value is an empty cell, a number has the digits that read back as itself."""
    text = io.StringIO(newline="")
    lines = csv.writer(text)
    lines.writerow(table)
    for row in zip(*(column.tolist() for column in table.values()), strict=True):
        lines.writerow(["" if isinstance(value, float) and math.isnan(value) else value for value in row])
    return text.getvalue()


def _new_folder(directory: Path, name: str) -> Path:
    """Make a folder that was not there before; making it is what claims the name, also against other processes."""
    directory.mkdir(parents=True, exist_ok=True)
    number = 1
    while True:
        folder = directory / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir()
        except FileExistsError:
            number += 1
        else:
            return folder


def plain_name(text: str) -> str:
    """A title as a file name: small letters, digits and hyphens, at most 60 of them."""
    ascii_ = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii").lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_).strip("-")[:60].strip("-") or "scenario"


def _manifest(runs: Mapping[str, Run], digest: str, outcome: str, asked: Sequence[str],
              command: Sequence[str], failed: Mapping[str, str]) -> dict[str, Any]:
    run = next(iter(runs.values()))
    market = run.market
    parts = [{"strategy": name, "replications": market.replications if name in runs else 0,
              "outcome": "done" if name in runs else "failed" if name in failed else "interrupted",
              **({"reason": failed[name]} if name in failed else {}),
              "visits_without_row": runs[name].beyond if name in runs else 0} for name in asked]
    design = {"seed": market.seed, "replications": market.replications, "people": market.people,
              "horizon_days": market.horizon, "baseline": next(iter(runs)), "outcome": outcome,
              "pairing": "every strategy meets the same people, days and luck, in every replication",
              "luck": "Philox4x32-10, keyed by seed, replication, customer, occasion and purpose",
              "kept": [] if run.customers is None else ["customers"]}
    return {"format": FORMAT, "scenario": {"title": market.title, "hash": digest}, "design": design, "parts": parts,
            "command": list(command), "written": datetime.now(UTC).isoformat(timespec="seconds"),
            "versions": versions(), "machine": {"system": platform.platform(), "cores": os.cpu_count()}}


def versions() -> dict[str, str]:
    """Which versions made the numbers: ours, Python's and those of the packages that are installed."""
    from importlib.metadata import PackageNotFoundError, version

    from sim import __version__

    found = {"drift": __version__, "python": platform.python_version()}
    for package in PACKAGES:
        with contextlib.suppress(PackageNotFoundError):
            found[package] = version(package)
    return found


def _digests(folder: Path) -> dict[str, dict[str, Any]]:
    paths = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != MANIFEST)
    return {p.relative_to(folder).as_posix(): {"bytes": p.stat().st_size, "sha256": _digest(p)} for p in paths}


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _seal(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write the manifest last, with a digest of itself, so that every byte of the folder is under one."""
    _save(folder / MANIFEST, _sealed(manifest))


def _sealed(manifest: Mapping[str, Any]) -> bytes:
    said = {key: value for key, value in manifest.items() if key != "seal"}
    seal = hashlib.sha256(_text(said)).hexdigest()
    return _text({**said, "seal": seal})


def _text(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode("utf-8")


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    if not folder.is_dir():
        raise ArchiveError(f"{folder} is not a folder; give the folder that `drift compare` or `drift run` wrote")
    if not path.is_file():
        raise ArchiveError(f"{folder} has no {MANIFEST}: it is not a run, or its writing was never finished")
    written = path.read_bytes()
    try:
        manifest = json.loads(written.decode("utf-8"))
        whole = isinstance(manifest, dict) and _sealed(manifest) == written
    except ValueError:
        whole = False
    if not whole:
        raise DamagedError(f"{path} is not what was written (its own digest differs), so this run cannot be trusted; "
                           "restore the file or run the scenario again")
    if manifest["format"] != FORMAT:
        raise ArchiveError(f"{path} has format {manifest['format']}; this version reads format {FORMAT}")
    found: dict[str, Any] = manifest
    return found


def _save(path: Path, content: bytes) -> None:
    with _saving(path) as stream:
        stream.write(content)


@contextlib.contextmanager
def _saving(path: Path) -> Iterator[BinaryIO]:
    """A file that appears under its name only when all of it is on the disk."""
    temporary = path.with_name(f".{path.name}.part")
    try:
        with temporary.open("wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make the new names durable, where folders can be opened for that (not on Windows)."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

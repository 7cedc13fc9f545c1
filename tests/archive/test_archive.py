"""Stored runs: whole, never overwritten, read back bit for bit, and refused when a byte has changed."""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sim.api import Answer, load, read, redraw
from sim.engine import archive
from sim.engine.archive import ArchiveError, DamagedError
from sim.engine.records import BY_DAY, BY_VISIT, OUTCOMES, Table

FILES = ("by_day.parquet", "by_visit.parquet", "customers.parquet", "outcomes.parquet", "scenario.resolved.yaml",
         "spreading.parquet", "stays.parquet", "summary.csv")


def equal(one: Table, other: Table) -> bool:
    return list(one) == list(other) and all(_same(one[name], other[name]) for name in one)


def _same(one: np.ndarray, other: np.ndarray) -> bool:
    return one.dtype.kind == other.dtype.kind and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")


def test_everything_is_there_under_a_digest(stored: Path, answer: Answer) -> None:
    manifest = json.loads((stored / "manifest.json").read_text(encoding="utf-8"))
    assert tuple(manifest["files"]) == FILES
    assert {path.name for path in stored.iterdir()} == {*FILES, "manifest.json"}
    for name, was in manifest["files"].items():
        content = (stored / name).read_bytes()
        assert was == {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    assert manifest["scenario"]["hash"] == answer.hash == manifest["files"]["scenario.resolved.yaml"]["sha256"]
    assert stored.name == f"small-market-{answer.hash[:8]}"
    assert [part["outcome"] for part in manifest["parts"]] == ["done", "done"]
    assert manifest["design"]["kept"] == ["customers"]
    assert manifest["versions"]["numpy"] == np.__version__


def test_runs_come_back_bit_for_bit(stored: Path, answer: Answer) -> None:
    again = read(stored)
    assert again.market == answer.market
    assert list(again.runs) == list(answer.runs)
    for name, run in answer.runs.items():
        back = again.runs[name]
        assert (back.market, back.strategy) == (run.market, name)
        assert equal(run.by_visit, back.by_visit)
        assert equal(run.by_day, back.by_day)
        assert equal(run.outcomes, back.outcomes)
        assert run.customers is not None
        assert back.customers is not None
        assert equal(run.customers, back.customers)
        assert np.array_equal(run.stays, back.stays)
        for field in ("days", "edges", "counts"):
            assert np.array_equal(getattr(run.spreading, field), getattr(back.spreading, field))
        assert not back.stays.flags.writeable
        assert not back.by_day["cost"].flags.writeable
    assert again.verdict == answer.verdict
    assert again.intervals == answer.intervals
    assert again.twins == answer.twins


def test_tables_start_with_the_strategy(stored: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    assert tuple(parquet.read_schema(stored / "by_visit.parquet").names) == ("strategy", *BY_VISIT)
    assert tuple(parquet.read_schema(stored / "by_day.parquet").names) == ("strategy", *BY_DAY)
    assert tuple(parquet.read_schema(stored / "outcomes.parquet").names) == ("strategy", "replication", *OUTCOMES)


def test_the_summary_opens_in_a_spreadsheet_and_keeps_every_digit(stored: Path, answer: Answer) -> None:
    content = (stored / "summary.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(content.decode("utf-8-sig").splitlines()))
    assert [(row["strategy"], int(row["replication"])) for row in rows] == [
        (name, replication) for name in answer.runs for replication in range(3)]
    assert [float(row["satisfaction"]) for row in rows[:3]] == answer.runs["stand still"].outcomes["satisfaction"].tolist()


def test_twins_are_aligned(stored: Path) -> None:
    one, other = (run.customers for run in read(stored).runs.values())
    assert one is not None
    assert other is not None
    for column in ("replication", "customer", "segment"):
        assert np.array_equal(one[column], other[column])


def test_no_run_overwrites_another(answer: Answer, tmp_path: Path) -> None:
    names = [answer.store(tmp_path).name for _ in range(3)]
    assert names == [names[0], f"{names[0]}-2", f"{names[0]}-3"]
    first = {path.name: path.read_bytes() for path in (tmp_path / names[0]).iterdir() if path.name != "manifest.json"}
    assert all((tmp_path / names[2] / name).read_bytes() == content for name, content in first.items())


@pytest.mark.parametrize("name", [*FILES, "manifest.json"])
def test_a_changed_byte_anywhere_is_refused(stored: Path, name: str) -> None:
    content = (stored / name).read_bytes()
    for at in {0, len(content) // 3, len(content) // 2, len(content) - 1}:
        (stored / name).write_bytes(content[:at] + bytes([content[at] ^ 0x04]) + content[at + 1:])
        with pytest.raises(DamagedError, match="cannot be trusted"):
            read(stored)
    (stored / name).write_bytes(content)
    assert read(stored).runs


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_refused(stored: Path, name: str) -> None:
    (stored / name).unlink()
    with pytest.raises(DamagedError, match="is missing"):
        read(stored)


def test_what_is_not_a_finished_run_is_refused(stored: Path, tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="not a folder"):
        read(tmp_path / "nothing")
    (stored / "manifest.json").unlink()
    with pytest.raises(ArchiveError, match="never finished"):
        read(stored)


def test_another_format_is_refused_by_its_number(stored: Path) -> None:
    manifest = json.loads((stored / "manifest.json").read_text(encoding="utf-8"))
    archive._seal(stored, {**manifest, "format": 99})
    with pytest.raises(ArchiveError, match="has format 99; this version reads format 2"):
        read(stored)


def test_a_failure_while_writing_leaves_nothing_behind(answer: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(archive.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        answer.store(tmp_path / "runs")
    assert list((tmp_path / "runs").iterdir()) == []


def test_an_interrupted_study_says_which_part_is_missing(answer: Answer, tmp_path: Path) -> None:
    partial = answer.story.conclude({"stand still": answer.runs["stand still"]})
    folder = partial.store(tmp_path, asked=list(answer.runs))
    parts = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["parts"]
    assert [(part["outcome"], part["replications"]) for part in parts] == [("done", 3), ("interrupted", 0)]
    assert list(read(folder).runs) == ["stand still"]


def test_a_report_that_cannot_be_drawn_costs_no_numbers(stored: Path) -> None:
    def draw(folder: Path) -> None:
        (folder / "report.html").write_text("half", encoding="utf-8")
        raise RuntimeError("out of ink")

    with pytest.raises(RuntimeError):
        archive.add(stored, draw)
    assert read(stored).runs
    assert {path.name for path in stored.iterdir()} == {*FILES, "manifest.json"}


def test_the_report_can_be_drawn_again_from_the_tables_alone(stored: Path) -> None:
    redraw(stored)
    first = (stored / "report.html").read_bytes()
    (stored / "report.html").write_bytes(b"spoilt")
    with pytest.raises(DamagedError, match=r"report\.html is not what was written"):
        read(stored)
    redraw(stored)
    assert (stored / "report.html").read_bytes() == first
    names = json.loads((stored / "manifest.json").read_text(encoding="utf-8"))["files"]
    assert "report.html" in names
    assert any(name.startswith("figures/") for name in names)


def test_a_reader_s_own_files_are_not_ours(stored: Path) -> None:
    (stored / "my notes.txt").write_text("first", encoding="utf-8")
    redraw(stored)
    (stored / "figures" / "mine.svg").write_text("<svg/>", encoding="utf-8")
    (stored / "my notes.txt").write_text("second", encoding="utf-8")
    redraw(stored)
    (stored / "figures" / "mine.svg").unlink()
    (stored / "my notes.txt").unlink()
    assert read(stored).runs
    assert [path.name for path in stored.iterdir() if path.name.startswith(".")] == []


def test_a_figure_that_is_no_longer_drawn_goes(stored: Path) -> None:
    def drawing(name: str) -> Callable[[Path], None]:
        def draw(folder: Path) -> None:
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(name, encoding="utf-8")

        return draw

    archive.add(stored, drawing("figures/old.svg"))
    assert (stored / "figures" / "old.svg").is_file()
    archive.add(stored, drawing("report.html"))
    assert not (stored / "figures" / "old.svg").exists()
    assert "figures/old.svg" not in archive.check(stored)["files"]


def test_visits_without_a_row_are_in_the_manifest_and_come_back(answer: Answer, tmp_path: Path) -> None:
    runs = {name: dataclasses.replace(run, beyond=7 if name == "stand still" else 0) for name, run in answer.runs.items()}
    folder = answer.story.conclude(runs).store(tmp_path)
    parts = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["parts"]
    assert [part["visits_without_row"] for part in parts] == [7, 0]
    assert [run.beyond for run in read(folder).runs.values()] == [7, 0]


HEARD = """\
title: Told by friends
horizon: 40 days
replications: 2
market: {people: 61, visits: {every: 8 days}, network: {edges: heard/by.csv}}
psyche: {learning: 0.3}
firms: {ours: {quality: 60, noise: 4}}
strategies: {stand still: [], surprises: [surprise: {size: 8, chance: 50%}]}
"""


def test_who_hears_whom_is_stored_as_it_was_run(tmp_path: Path) -> None:
    """The ties lie beside the story, whatever becomes of the file that listed them, and come back as the same market."""
    (tmp_path / "heard").mkdir()
    (tmp_path / "heard" / "by.csv").write_text("5\t3\n3\t5\n60\t2\n", encoding="utf-8")
    (tmp_path / "story.yaml").write_text(HEARD, encoding="utf-8")
    answer = load(tmp_path / "story.yaml").compare(jobs=1)
    (tmp_path / "heard" / "by.csv").write_text("1,2\n", encoding="utf-8")
    folder = answer.store(tmp_path / "runs")
    assert (folder / "network.csv").read_bytes() == b"from,to\n2,60\n3,5\n"
    assert "network.csv" in json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["files"]
    again = read(folder)
    assert again.market == answer.market
    assert again.market.network.ties is not None
    assert again.market.network.ties.pairs.tolist() == [[2, 60], [3, 5]]
    assert (again.scenario_text, again.hash) == (answer.scenario_text, answer.hash)
    other = load(tmp_path / "story.yaml").compare(jobs=1)
    assert other.hash != answer.hash
    (folder / "network.csv").write_bytes(b"from,to\n2,60\n3,6\n")
    with pytest.raises(DamagedError, match=r"network\.csv is not what was written"):
        read(folder)


def test_an_explanation_stores_who_hears_whom(tmp_path: Path) -> None:
    (tmp_path / "heard").mkdir()
    (tmp_path / "heard" / "by.csv").write_text("5,3\n", encoding="utf-8")
    (tmp_path / "story.yaml").write_text(HEARD, encoding="utf-8")
    found = load(tmp_path / "story.yaml").explain(people=20, replications=2, jobs=1, tipping=False)
    folder = found.write(tmp_path / "runs", drawn=False)
    assert read(folder).market.network == load(tmp_path / "story.yaml").market.network


@pytest.mark.parametrize(("title", "name"), [("Ein Hotel für Gäste!", "ein-hotel-fur-gaste"), ("旅館", "scenario"),
                                             ("../../etc", "etc"), ("x" * 200, "x" * 60)])
def test_titles_make_harmless_names(title: str, name: str) -> None:
    assert archive.plain_name(title) == name

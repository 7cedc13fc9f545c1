"""What is stored is read back as it was, or not at all."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as draws

from sim.cells.store import DAY, Store

ADDRESS, OTHER = "ab" * 32, "cd" * 32


def test_what_is_put_is_got(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.get(ADDRESS) is None
    store.put(ADDRESS, b"payload\nwith lines")
    assert store.get(ADDRESS) == b"payload\nwith lines"
    assert Store(tmp_path).get(ADDRESS) == b"payload\nwith lines"
    store.put(ADDRESS, b"")
    assert store.get(ADDRESS) == b""
    assert [place.name for place in tmp_path.rglob("*") if place.is_file()] == [ADDRESS]


@given(payload=draws.binary(max_size=60), data=draws.data())
def test_a_flipped_bit_or_a_cut_is_never_read(tmp_path_factory: pytest.TempPathFactory, payload: bytes,
                                              data: draws.DataObject) -> None:
    folder = tmp_path_factory.mktemp("store")
    store, place = Store(folder), folder / ADDRESS[:2] / ADDRESS
    store.put(ADDRESS, payload)
    written = bytearray(place.read_bytes())
    bit = data.draw(draws.integers(0, 8 * len(written) - 1))
    written[bit // 8] ^= 1 << bit % 8
    place.write_bytes(written)
    assert store.get(ADDRESS) is None
    assert not place.exists(), "it is made again, and stored again"
    store.put(ADDRESS, payload)
    whole = place.read_bytes()
    place.write_bytes(whole[:data.draw(draws.integers(0, len(whole) - 1))])
    assert store.get(ADDRESS) is None
    assert store.damaged == 2


def test_a_cell_in_anothers_place_is_not_taken_for_it(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.put(ADDRESS, b"mine")
    (tmp_path / OTHER[:2]).mkdir()
    os.replace(tmp_path / ADDRESS[:2] / ADDRESS, tmp_path / OTHER[:2] / OTHER)
    assert store.get(OTHER) is None


def test_where_nothing_can_be_written_one_warning_says_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    store = Store(tmp_path / "file" / "below")
    store.put(ADDRESS, b"x")
    store.put(OTHER, b"x")
    assert [one.getMessage() for one in caplog.records] == [
        f"Finished cells cannot be stored in {tmp_path}/file/below: Not a directory"]


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    store = Store(tmp_path)
    store.put(ADDRESS, b"x")
    assert store.unwritable
    assert [place for place in tmp_path.rglob("*") if place.is_file()] == []


def test_what_nothing_read_for_long_is_trimmed_once_a_day(tmp_path: Path) -> None:
    store, now = Store(tmp_path), time.time()
    for address, age in ((ADDRESS, 61.0), (OTHER, 59.0)):
        store.put(address, b"x")
        os.utime(tmp_path / address[:2] / address, (now, now - age * DAY))
    half = tmp_path / ADDRESS[:2] / ".writing-1"
    half.write_bytes(b"")
    os.utime(half, (now, now - 2 * DAY))
    store.trim()
    assert [store.get(ADDRESS), store.get(OTHER), half.exists()] == [None, b"x", False]
    store.put(ADDRESS, b"x")
    os.utime(tmp_path / ADDRESS[:2] / ADDRESS, (now, now - 61.0 * DAY))
    store.trim()
    assert store.get(ADDRESS) == b"x", "trimmed already today"

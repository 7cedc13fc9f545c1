"""Compiled code is never stale: its folder's name is a hash of every source that goes into it."""

import shutil
from pathlib import Path

import sim
from sim.engine import cache

PACKAGE = Path(sim.__file__).parent


def test_every_rule_is_hashed():
    rooms = {path.stem for path in (PACKAGE / "rules").glob("*.py")} - {"__init__"}
    assert rooms
    assert rooms <= {room.removeprefix("rules.") for room in (*cache.COMPILED_ROOMS, *cache.READ_ROOMS)}


def test_a_changed_source_has_another_folder(tmp_path, monkeypatch):
    copy = tmp_path / "sim"
    shutil.copytree(PACKAGE, copy)
    monkeypatch.setattr(cache, "__file__", str(copy / "engine" / "cache.py"))
    found = {cache.folder.__wrapped__()}
    assert found == {cache.folder()}
    for room in (*cache.COMPILED_ROOMS, *cache.READ_ROOMS):
        source = copy.joinpath(*room.split(".")).with_suffix(".py")
        source.write_text(source.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
        found.add(cache.folder.__wrapped__())
    assert len(found) == 1 + len(cache.COMPILED_ROOMS) + len(cache.READ_ROOMS)


def test_a_home_that_cannot_be_written_is_no_obstacle(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file" / "cache"))
    assert not cache.folder.__wrapped__().is_relative_to(tmp_path)

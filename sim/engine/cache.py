"""Where compiled code lives: a folder named by the hash of every source that goes into it, so that it is never stale."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from functools import cache
from pathlib import Path
from typing import Final

COMPILED_ROOMS: Final = ("luck", "rules.arithmetic", "rules.forget", "rules.hear", "rules.expect", "rules.experience",
                         "rules.judge", "rules.react", "rules.recover", "rules.learn", "rules.follow", "rules.belong",
                         "rules.answer", "rules.decide", "rules.give", "rules.pay", "rules.recall", "rules.wait", "rules.visit",
                         "rules.woo", "rules.choose", "rules.join", "rules.talk", "engine.tally", "engine.queue")
"""Modules whose functions the kernel compiles, all of them."""

READ_ROOMS: Final = ("rules.traits", "rules.column", "rules.world", "engine.columns", "engine.kernel")
"""Modules that the compiled code reads names from."""


@cache
def folder() -> Path:
    """The folder for these very sources: under XDG_CACHE_HOME or ~/.cache, else with the temporary files."""
    package = Path(__file__).resolve().parent.parent
    sources = hashlib.sha256()
    for room in (*COMPILED_ROOMS, *READ_ROOMS):
        sources.update(package.joinpath(*room.split(".")).with_suffix(".py").read_bytes())
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    there = home
    while not there.exists() and there != there.parent:
        there = there.parent
    if not os.access(there, os.W_OK | os.X_OK):
        home = Path(tempfile.gettempdir())
    return home / "expectation-drift" / sources.hexdigest()[:16]


FORMS: Final = ("plain", "whole", "choosing", "coupled", "coupled choosing")
"""The forms of a visit that the kernel compiles: see `World.whole`, and `World.choosing` and `World.coupled`, which go with
it."""


def is_compiled(form: str) -> bool:
    """Whether this machine already holds this form of the compiled engine for these very sources."""
    return _mark(form).exists() and any(folder().rglob("kernel._serve*.nbi"))


def mark_compiled(form: str) -> None:
    """Remember that this form is compiled, where it can be remembered."""
    with contextlib.suppress(OSError):
        folder().mkdir(parents=True, exist_ok=True)
        _mark(form).touch()


def _mark(form: str) -> Path:
    return folder() / f"{form}.compiled"

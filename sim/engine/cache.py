"""Where compiled code lives: a folder named by the hash of every source that goes into it, so that it is never stale."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

COMPILED_ROOMS: Final = ("luck", "rules.arithmetic", "rules.forget", "rules.hear", "rules.expect", "rules.experience",
                         "rules.judge", "rules.react", "rules.recover", "rules.learn", "rules.follow", "rules.belong",
                         "rules.answer", "rules.decide", "rules.give", "rules.pay", "rules.recall", "rules.wait", "rules.visit",
                         "rules.woo", "rules.choose", "rules.join", "rules.talk", "engine.tally", "engine.queue",
                         "engine.loops")
"""Modules whose functions the kernel compiles, all of them."""

READ_ROOMS: Final = ("rules.traits", "rules.column", "rules.world", "engine.columns", "engine.special", "engine.kernel")
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

SERVING: Final = ("serve", "serve_town")
"""The loops of which every form needs one."""


def is_compiled(form: str) -> bool:
    """Whether this machine already holds this form of the compiled engine for these very sources."""
    return _mark(form).exists() and any(holds(loop, form) for loop in SERVING)


def holds(loop: str, form: str) -> bool:
    """Whether this machine already holds one of the loops over people in a form of a visit."""
    return any(folder().rglob(f"*.{called(loop, form)}-[0-9]*.nbi"))


def called(loop: str, form: str) -> str:
    """What a loop in one form of a visit is called, in the cache too."""
    return f"{loop}-{form.replace(' ', '-')}"


@contextlib.contextmanager
def compiling(form: str) -> Iterator[Callable[[], None]]:
    """While this form is being compiled by somebody, wait; then go on, as the one who compiles if still nobody has.

    What is given is called as soon as the form is compiled, and lets the others go on; so does the end of the block, and so
    does the end of the process for whatever reason, since the system then opens its locks: the next one compiles instead. Where
    there are no such locks (not POSIX, or a file system without them), everybody compiles for himself.
    """
    with contextlib.ExitStack() as held:
        if not is_compiled(form):
            with contextlib.suppress(ImportError, OSError):
                import fcntl

                folder().mkdir(parents=True, exist_ok=True)
                lock = held.enter_context((folder() / f"{form}.lock").open("ab"))
                fcntl.flock(lock, fcntl.LOCK_EX)
        compiles = not is_compiled(form)
        if not compiles:
            held.close()

        def done() -> None:
            nonlocal compiles
            if compiles:
                compiles = False
                mark_compiled(form)
                held.close()

        yield done


def mark_compiled(form: str) -> None:
    """Remember that this form is compiled, where it can be remembered."""
    with contextlib.suppress(OSError):
        folder().mkdir(parents=True, exist_ok=True)
        _mark(form).touch()


def _mark(form: str) -> Path:
    return folder() / f"{form}.compiled"

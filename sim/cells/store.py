"""Where finished cells lie: a file each, written whole or not at all, and read only if it is what was written."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import tempfile
import time
from pathlib import Path
from typing import Final

MAGIC: Final = b"drift-cell 1"
KEPT_DAYS: Final = 60
"""A cell that nothing has read for so long is removed."""
DAY: Final = 86_400.0


class Store:
    """A folder of finished cells by address. One folder may serve several processes at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.damaged = 0
        self.unwritable = False

    def get(self, address: str) -> bytes | None:
        """What was stored under an address; None where nothing is, or where it is not what was written: then it is removed."""
        place = self._place(address)
        try:
            written = place.read_bytes()
        except OSError:
            return None
        head, _, payload = written.partition(b"\n")
        if head != _head(address, payload):
            self.damaged += 1
            logging.getLogger("sim").warning("A stored cell is damaged and is made again: %s", place)
            with contextlib.suppress(OSError):
                place.unlink()
            return None
        with contextlib.suppress(OSError):
            os.utime(place)
        return payload

    def put(self, address: str, payload: bytes) -> None:
        """Store a result: written beside its place, on the disk for certain, then moved there at one stroke.

        Where nothing can be written a warning says so once, and the study goes on.
        """
        place = self._place(address)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=place.parent, prefix=".writing-")
            try:
                with os.fdopen(handle, "wb") as stream:
                    stream.write(_head(address, payload) + b"\n" + payload)
                    stream.flush()
                    os.fsync(stream.fileno())
                os.replace(name, place)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(name)
                raise
            _sync(place.parent)
        except OSError as error:
            if not self.unwritable:
                logging.getLogger("sim").warning("Finished cells cannot be stored in %s: %s", self.folder,
                                                 error.strerror or error)
            self.unwritable = True

    def size(self) -> int:
        """How many bytes the stored cells take."""
        return sum(place.stat().st_size for place in self.folder.glob("??/*"))

    def trim(self, days: float = KEPT_DAYS) -> None:
        """Remove cells that nothing has read for so many days, and what a killed process left half-written. Once a day."""
        mark, now = self.folder / "trimmed", time.time()
        with contextlib.suppress(OSError):
            if mark.exists() and now - mark.stat().st_mtime < DAY:
                return
            for place in self.folder.glob("??/*"):
                limit = 1.0 if place.name.startswith(".writing-") else days
                if now - place.stat().st_mtime > limit * DAY:
                    place.unlink()
            if self.folder.exists():
                mark.touch()

    def _place(self, address: str) -> Path:
        return self.folder / address[:2] / address


def default_folder() -> Path:
    """Where cells lie unless a study says otherwise: beside the compiled engine."""
    from sim.engine import cache

    return cache.folder().parent / "cells"


def _head(address: str, payload: bytes) -> bytes:
    """What stands before a payload: also which cell it is of, so that a file in another's place is not taken for it."""
    told = hashlib.sha256(address.encode() + payload).hexdigest().encode()
    return b" ".join((MAGIC, str(len(payload)).encode(), told))


def _sync(folder: Path) -> None:
    """Make sure of the folder's own entry too, where a system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

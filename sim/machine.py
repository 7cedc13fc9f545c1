"""What this machine has to give: memory, read from the system, nothing assumed."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


def memory() -> tuple[int, int]:
    """Bytes of memory, and of it available to a new program; zeros where the system does not say.

    Available counts what the system would free on request, such as cached files: free pages alone are few on any
    machine that has run for a day.
    """
    with contextlib.suppress(OSError, KeyError, ValueError):
        lines = (line.split() for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines())
        kilobytes = {line[0].rstrip(":"): int(line[1]) for line in lines}
        return 1024 * kilobytes["MemTotal"], 1024 * kilobytes["MemAvailable"]
    try:
        page = os.sysconf("SC_PAGE_SIZE")
        return page * os.sysconf("SC_PHYS_PAGES"), page * os.sysconf("SC_AVPHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 0, 0


def cores() -> int:
    """How many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

"""Which machine and which versions a record was measured with."""

import os
import platform
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def processor() -> str:
    """The model name of the processor."""
    about = Path("/proc/cpuinfo")
    if about.exists():
        for line in about.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def memory_bytes() -> int:
    """How much memory the machine has."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def versions() -> dict[str, str]:
    """The versions of what is measured, those that are installed beside this Python."""
    found = {"python": platform.python_version()}
    for name in ("numpy", "numba", "llvmlite", "simpy"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def machine() -> dict[str, object]:
    """The machine as a record keeps it."""
    return {"processor": processor(), "cores": len(os.sched_getaffinity(0)), "memory_bytes": memory_bytes(),
            "system": f"{platform.system()} {platform.machine()}", "versions": versions()}


def slug() -> str:
    """A short name of the machine for a file name."""
    words = re.sub(r"[^a-z0-9]+", "-", processor().lower()).strip("-")
    return f"{words}-{len(os.sched_getaffinity(0))}-cores"

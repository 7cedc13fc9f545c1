"""Compile `c_scalar.c` with `gcc -O3 -march=native` and run it: what careful hand-written code reaches on one core."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.workload import asked, c_header

SOURCE = Path(__file__).with_suffix(".c")
FLAGS = ("-O3", "-march=native", "-std=gnu11", "-Wall", "-Wextra")


def build(folder: Path, source: Path = SOURCE, more: Sequence[str] = ()) -> Path:
    """The compiled program, with the workload's constants in a generated header."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise SystemExit("no C compiler here")
    (folder / "workload.h").write_text(c_header(), encoding="utf-8")
    program = folder / source.stem
    subprocess.run([compiler, *FLAGS, *more, f"-I{folder}", str(source), "-lm", "-o", str(program)], check=True)
    return program


def run(source: Path, more: Sequence[str] = ()) -> int:
    """Compile a program and run it with what was asked for; its exit status."""
    wish = asked(1_000_000)
    with tempfile.TemporaryDirectory() as place:
        words = [str(build(Path(place), source, more)), str(wish.people), str(wish.seed), str(wish.warm_up)]
        return subprocess.run(words, check=False).returncode


if __name__ == "__main__":
    sys.exit(run(SOURCE))

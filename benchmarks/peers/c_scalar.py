"""Compile `c_scalar.c` with `gcc -O3 -march=native` and run it: what careful hand-written code reaches on one core."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.workload import asked, c_header

SOURCE = Path(__file__).with_suffix(".c")
FLAGS = ("-O3", "-march=native", "-std=gnu11", "-Wall", "-Wextra")


def build(folder: Path) -> Path:
    """The compiled program, with the workload's constants in a generated header."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise SystemExit("no C compiler here")
    (folder / "workload.h").write_text(c_header(), encoding="utf-8")
    program = folder / "c_scalar"
    subprocess.run([compiler, *FLAGS, f"-I{folder}", str(SOURCE), "-lm", "-o", str(program)], check=True)
    return program


if __name__ == "__main__":
    wish = asked(1_000_000)
    with tempfile.TemporaryDirectory() as place:
        words = [str(build(Path(place))), str(wish.people), str(wish.seed), str(wish.warm_up)]
        sys.exit(subprocess.run(words, check=False).returncode)

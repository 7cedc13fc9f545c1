"""One process compiles and the others wait; where the one that compiles is killed, another goes on.

What is compiled here is a stand-in that takes as long as it is told; the lock and the marks are those of the engine.
"""

import subprocess
import sys
import time
from pathlib import Path

COMPILES = """
import sys, time
from pathlib import Path
from sim.engine import cache
log, seconds = Path(sys.argv[1]), float(sys.argv[2])
with cache.compiling("plain") as done:
    if not cache.is_compiled("plain"):
        with log.open("a") as said:
            said.write("compiled\\n")
        time.sleep(seconds)
        cache.folder().joinpath("loops.serve-plain-1.nbi").touch()
    done()
    print(cache.is_compiled("plain"), flush=True)
"""


def start(folder: Path, seconds: float) -> subprocess.Popen:
    """A process that wants the form compiled."""
    return subprocess.Popen([sys.executable, "-c", COMPILES, str(folder / "log"), str(seconds)], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={"XDG_CACHE_HOME": str(folder)})


def compilations(folder: Path) -> int:
    """How many have begun to compile."""
    return len((folder / "log").read_text().splitlines()) if (folder / "log").exists() else 0


def until_one_compiles(folder: Path) -> None:
    """Wait until somebody has begun."""
    for _ in range(600):
        if compilations(folder):
            return
        time.sleep(0.05)
    raise AssertionError("nobody began to compile")


def test_one_compiles_and_the_others_wait(tmp_path):
    found = [one.communicate(timeout=60) for one in [start(tmp_path, 1.0) for _ in range(3)]]
    assert [said.strip() for said, _ in found] == ["True"] * 3, found
    assert compilations(tmp_path) == 1


def test_where_the_one_that_compiles_is_killed_another_goes_on(tmp_path):
    doomed = start(tmp_path, 600.0)
    until_one_compiles(tmp_path)
    waiting = start(tmp_path, 0.0)
    time.sleep(0.5)
    assert waiting.poll() is None
    assert compilations(tmp_path) == 1
    doomed.kill()
    said, wrong = waiting.communicate(timeout=60)
    doomed.communicate(timeout=60)
    assert said.strip() == "True", wrong
    assert compilations(tmp_path) == 2

"""Whoever lives the cells, the same bytes; whatever dies, nothing is lost and nothing finished is done again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sim.cells.cell import Cell, address, outcome_cells
from sim.cells.cluster import Cluster, ClusterError
from sim.cells.hire import work
from sim.cells.pack import pack
from sim.cells.processes import Processes
from sim.cells.store import Store
from sim.cells.work import Crew, Failure, Here, Lost, Reply, Work, lived
from sim.experiments.compare import Interrupted, UnfinishedError, run_each
from sim.market import Market, with_design
from tests.cells.stories import PLAIN, TOO_LARGE
from tests.lives import differing, market


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Market:
    """The plain market."""
    return market(tmp_path_factory.mktemp("story"), PLAIN)


@pytest.fixture(scope="module")
def cells(plain: Market) -> list[Cell]:
    """Eight different cells."""
    return [Cell(plain, strategy.name, first, 1, 0, 61, "sums") for strategy in plain.strategies for first in range(4)]


@pytest.fixture(scope="module")
def answers(cells: list[Cell]) -> list[bytes]:
    """Their results as bytes, one after the other in this process."""
    found = [lived(one) for one in cells]
    assert all(isinstance(one, bytes) for one in found)
    return found  # type: ignore[return-value]


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """A real Dask scheduler with two workers, on the loopback."""
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1") as there:
        yield there.scheduler_address


def bytes_of(work: Work, cells: list[Cell]) -> list[bytes | Failure]:
    """What came of each cell."""
    found: dict[int, bytes | Failure] = {}
    for number, one in work.results(cells):
        assert number not in found
        found[number] = one if isinstance(one, Failure) else pack(cells[number], one)
    return [found[number] for number in range(len(cells))]


def test_here_processes_and_cluster_give_the_same_bytes(cells: list[Cell], answers: list[bytes], scheduler: str) -> None:
    crews: list[Callable[[], Crew]] = [lambda: Here(2), lambda: Processes(2), lambda: Cluster(scheduler)]
    for crew in crews:
        assert bytes_of(Work(crew), cells) == answers
        assert bytes_of(Work(crew), cells[::-1]) == answers[::-1]


def test_what_is_stored_is_not_done_again(cells: list[Cell], answers: list[bytes], tmp_path: Path) -> None:
    first, second = Work(lambda: Here(1), Store(tmp_path)), Work(lambda: Here(1), Store(tmp_path))
    bytes_of(first, cells[:5])
    assert bytes_of(second, cells) == answers
    assert (len(first.made), len(second.found), len(second.made)) == (5, 5, 3)
    place = tmp_path / address(cells[2])[:2] / address(cells[2])
    place.write_bytes(place.read_bytes()[:-1])
    third = Work(lambda: Here(1), Store(tmp_path))
    assert bytes_of(third, cells) == answers
    assert third.made == [address(cells[2])]


def test_like_cells_are_lived_once(cells: list[Cell], answers: list[bytes]) -> None:
    once = Work(lambda: Processes(1))
    assert bytes_of(once, [cells[0], cells[0], cells[1], cells[0]]) == [answers[0], answers[0], answers[1], answers[0]]
    assert len(once.made) <= 3


def worker_that(tmp_path: Path, does: str) -> tuple[str, ...]:
    """A worker that does something to itself before it lives a cell, `cell`; `folder` is there to remember by."""
    script = tmp_path / "worker.py"
    script.write_text(textwrap.dedent("""\
        import os, signal
        from pathlib import Path
        from sim.cells import work, worker
        folder, live = Path(__file__).parent, work.lived
        def lived(cell):
        {}
            return live(cell)
        work.lived = lived
        worker.main()
        """).replace("{}", textwrap.indent(textwrap.dedent(does), "    ")), encoding="utf-8")
    return sys.executable, str(script)


def test_a_killed_worker_costs_its_cell_once_more_and_nothing_else(cells: list[Cell], answers: list[bytes],
                                                                   tmp_path: Path) -> None:
    dies = worker_that(tmp_path, """\
        mark = folder / f"{cell.strategy}{cell.first}"
        if not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        """)
    survivor = Work(lambda: Processes(2, dies), Store(tmp_path / "store"))
    assert bytes_of(survivor, cells) == answers
    assert sorted(survivor.made) == sorted(map(address, cells)), "every cell was finished once"


def test_a_cell_that_kills_whoever_lives_it_is_given_up_and_the_rest_completes(cells: list[Cell], answers: list[bytes],
                                                                               tmp_path: Path) -> None:
    poison = worker_that(tmp_path, """\
        if (cell.strategy, cell.first) == ("stand still", 2):
            os.kill(os.getpid(), signal.SIGSEGV)
        """)
    found = bytes_of(Work(lambda: Processes(2, poison)), cells)
    assert found[2] == Failure(cells[2], "its process was ended by SIGSEGV", 3)
    assert [*found[:2], *found[3:]] == [*answers[:2], *answers[3:]]


def test_a_worker_that_cannot_start_is_said_to(cells: list[Cell]) -> None:
    found = bytes_of(Work(lambda: Processes(1, (sys.executable, "-c", "raise SystemExit(7)"))), cells[:1])
    assert found == [Failure(cells[0], "none could be started: its process ended with status 7", 3)]


def test_what_cannot_be_lived_is_tried_once_and_the_rest_completes(tmp_path: Path) -> None:
    large = market(tmp_path, TOO_LARGE)
    cells = [Cell(large, one.name, 0, 1, 0, 61, "outcomes") for one in large.strategies]
    for crew in (lambda: Here(1), lambda: Processes(1)):
        found = dict(Work(crew).results(cells))
        assert isinstance(found[0], dict)
        assert isinstance(found[1], Failure)
        assert found[1].tries == 1
        assert "grow past" in found[1].reason
    with pytest.raises(UnfinishedError, match="grow past") as stop:
        run_each(large, ["stand still", "small surprises"], work=Work(lambda: Here(1)))
    assert list(stop.value.runs) == ["stand still"]
    assert [one.cell.strategy for one in stop.value.failures] == ["small surprises"]


def test_a_lost_cell_is_tried_three_times(cells: list[Cell], answers: list[bytes]) -> None:
    class Unlucky(Here):
        lost = 2

        def receive(self) -> tuple[str, Reply]:
            if self.lost:
                self.lost -= 1
                return self.waiting.pop(0)[0], Lost("gone")
            return super().receive()

    assert bytes_of(Work(lambda: Unlucky(1)), cells[:2]) == answers[:2]
    three = Unlucky(1)
    three.lost = 3
    assert bytes_of(Work(lambda: three), cells[:2]) == [Failure(cells[0], "gone", 3), answers[1]]


def test_a_run_in_cells_is_the_run(plain: Market, tmp_path: Path) -> None:
    names = [one.name for one in plain.strategies]
    told: list[tuple[str, int, int]] = []
    found = run_each(plain, names, keep=("customers",), work=Work(lambda: Here(1), Store(tmp_path)),
                     progress=lambda *how: told.append(how))
    again = run_each(plain, names, keep=("customers",), work=Work(lambda: Here(1), Store(tmp_path)))
    for name, whole in run_each(plain, names, keep=("customers",)).items():
        assert differing(found[name], whole) == []
        assert differing(again[name], whole) == []
    assert told == [(name, 1, 1) for name in names]


def test_a_longer_run_begins_with_the_stored_one(plain: Market, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.cells.cell.VISITS", 300)
    run_each(plain, ["stand still"], work=Work(lambda: Here(1), Store(tmp_path)))
    more = Work(lambda: Here(1), Store(tmp_path))
    longer = with_design(plain, 9, None, None)
    found = run_each(longer, ["stand still"], work=more)
    assert differing(found["stand still"], run_each(longer, ["stand still"])["stand still"]) == []
    assert (len(more.found), len(more.made)) == (6, 3)


def test_ctrl_c_stops_everybody(cells: list[Cell], plain: Market, tmp_path: Path) -> None:
    slow = worker_that(tmp_path, """\
        (folder / str(os.getpid())).touch()
        import time
        time.sleep(0.0 if cell.first == 0 else 600.0)
        """)
    crew = Processes(2, slow)
    going = Work(lambda: crew).results(cells)
    next(going)
    started = time.monotonic()
    going.close()  # type: ignore[attr-defined]
    assert time.monotonic() - started < 3.0
    pids = [int(place.name) for place in tmp_path.iterdir() if place.name.isdigit()]
    assert pids
    assert not any(alive(pid) for pid in pids)

    class Stopped(Here):
        def receive(self) -> tuple[str, Reply]:
            if self.waiting[0][1].strategy == "small surprises":
                raise KeyboardInterrupt
            return super().receive()

    with pytest.raises(Interrupted) as stop:
        run_each(plain, ["stand still", "small surprises"], work=Work(lambda: Stopped(1)))
    assert list(stop.value.runs) == ["stand still"]


def alive(pid: int) -> bool:
    """Whether a process is there and not only waiting to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_workers_end_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    slow = worker_that(tmp_path, """\
        (folder / str(os.getpid())).touch()
        import time
        time.sleep(600.0)
        """)
    script = tmp_path / "parent.py"
    script.write_text(f"from sim.cells.processes import Processes\ncrew = Processes(2, {slow!r})\n"
                      "crew.send('a', 1)\ncrew.send('b', 2)\ncrew.receive()\n", encoding="utf-8")
    parent = subprocess.Popen([sys.executable, str(script)], env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])})
    try:
        pids: list[int] = []
        for _ in range(600):
            pids = [int(place.name) for place in tmp_path.iterdir() if place.name.isdigit()]
            if len(pids) == 2:
                break
            time.sleep(0.1)
        assert len(pids) == 2
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        for _ in range(100):
            if not any(map(alive, pids)):
                break
            time.sleep(0.1)
        assert not any(map(alive, pids))
    finally:
        parent.kill()


def test_a_cluster_that_does_not_answer_is_said_not_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.cells.cluster.PATIENCE", "0.5s")
    with pytest.raises(ClusterError, match=r"^no Dask scheduler answers at tcp://127.0.0.1:9: "):
        Cluster("tcp://127.0.0.1:9")


def test_a_cluster_with_another_engine_is_refused(cells: list[Cell], scheduler: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.cells.cluster.engine", lambda: "another engine")
    found = bytes_of(Work(lambda: Cluster(scheduler)), cells[:1])
    assert isinstance(found[0], Failure)
    assert found[0].reason == "a worker of the cluster has another version of expectation-drift, NumPy or numba"


def test_little_work_is_done_here_and_much_by_processes(tmp_path: Path) -> None:
    assert isinstance(work(1e6, jobs=2).crew(), Here)
    assert isinstance(work(1e12, jobs=1).crew(), Here)
    crew = work(1e12, jobs=2, store=tmp_path).crew()
    assert isinstance(crew, Processes)
    crew.close()


def test_outcome_cells_fill_a_store_once(plain: Market, tmp_path: Path) -> None:
    cells = list(outcome_cells(plain, "stand still"))
    first, second = Work(lambda: Here(1), Store(tmp_path)), Work(lambda: Here(1), Store(tmp_path))
    one, other = dict(first.results(cells)), dict(second.results(cells))
    assert isinstance(one[0], dict)
    assert isinstance(other[0], dict)
    assert all((one[0][name].tobytes() == other[0][name].tobytes()) for name in one[0])
    assert (len(first.made), len(second.made)) == (1, 0)

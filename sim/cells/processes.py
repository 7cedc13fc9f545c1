"""Processes of this machine that live cells. Each has a pipe of its own, so that one that dies takes nothing with it."""

from __future__ import annotations

import os
import pickle
import queue
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, Final

from sim.cells.cell import Cell
from sim.cells.work import Lost, Reply

LENGTH: Final = struct.Struct("<Q")
STARTS: Final = 5
"""So often a process that dies before it is ready is started again: that is no fault of the cell that waits for it."""
WORKER: Final = (sys.executable, "-m", "sim.cells.worker")


class Processes:
    """So many processes, each with a thread here that hands it cells, hears its replies, and replaces it when it dies.

    command: what a process runs.
    """

    def __init__(self, jobs: int, command: Sequence[str] = WORKER) -> None:
        self.command = tuple(command)
        self.tasks: queue.SimpleQueue[tuple[str, Cell] | None] = queue.SimpleQueue()
        self.replies: queue.SimpleQueue[tuple[str, Reply]] = queue.SimpleQueue()
        self.room = 2 * jobs
        self.sent = 0
        self.closed = False
        self.lock = threading.Lock()
        self.running: set[subprocess.Popen[bytes]] = set()
        self.threads = [threading.Thread(target=self._attend, daemon=True) for _ in range(jobs)]
        for thread in self.threads:
            thread.start()

    @property
    def free(self) -> bool:
        """Whether another cell is welcome: each process has one, and one waits for it."""
        return self.sent < self.room

    def send(self, key: str, cell: Cell) -> None:
        """Put a cell in line."""
        self.sent += 1
        self.tasks.put((key, cell))

    def receive(self) -> tuple[str, Reply]:
        """Wait for the next reply. Ctrl-C is heard while it waits."""
        while True:
            try:
                reply = self.replies.get(timeout=0.2)
            except queue.Empty:
                continue
            self.sent -= 1
            return reply

    def close(self) -> None:
        """Kill every process: none holds anything that is not stored or to be done again."""
        with self.lock:
            self.closed = True
            for process in self.running:
                process.kill()
        for _ in self.threads:
            self.tasks.put(None)
        for thread in self.threads:
            thread.join()

    def _attend(self) -> None:
        process: subprocess.Popen[bytes] | None = None
        while (task := self.tasks.get()) is not None and not self.closed:
            key, cell = task
            try:
                if process is None or process.poll() is not None:
                    self._end(process)
                    process = None
                    process = self._ready()
                self.replies.put((key, _lived_by(process, cell)))
            except (OSError, EOFError) as error:
                self.replies.put((key, Lost(_ended(process, error))))
                self._end(process)
                process = None
        self._end(process)

    def _ready(self) -> subprocess.Popen[bytes]:
        """A process that is ready to live cells, after a few tries at most. Errors: EOFError, saying how it ended."""
        why = ""
        for _ in range(STARTS):
            process = self._start()
            try:
                if process.stdout is not None:
                    read(process.stdout)
                return process
            except (OSError, EOFError) as error:
                why = _ended(process, error)
                self._end(process)
        raise EOFError(f"none could be started: {why}")

    def _start(self) -> subprocess.Popen[bytes]:
        """A process that finds this very package, wherever it was imported from, and does not hear the terminal's Ctrl-C."""
        package = str(Path(__file__).resolve().parents[2])
        paths = [package, *filter(None, [os.environ.get("PYTHONPATH")])]
        with self.lock:
            if self.closed:
                raise EOFError("stopped")
            process = subprocess.Popen(self.command, stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, start_new_session=True,
                                       env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)})
            self.running.add(process)
        return process

    def _end(self, process: subprocess.Popen[bytes] | None) -> None:
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:  # what was not yet written to it is lost with it
                    continue
        with self.lock:
            self.running.discard(process)


def _lived_by(process: subprocess.Popen[bytes], cell: Cell) -> Reply:
    """A cell lived by that process. Errors: OSError or EOFError where it dies with it."""
    if process.stdin is None or process.stdout is None:
        raise EOFError("it has no pipes")
    write(process.stdin, cell)
    reply: Reply = read(process.stdout)
    return reply


def _ended(process: subprocess.Popen[bytes] | None, error: BaseException) -> str:
    """In words, how a process ended."""
    if process is None:
        return str(error)
    try:
        status = process.wait(timeout=5.0)
    except subprocess.TimeoutExpired:
        return f"its process does not answer: {error}"
    if status >= 0:
        return f"its process ended with status {status}"
    try:
        return f"its process was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"its process was ended by signal {-status}"


def write(pipe: IO[bytes], value: Any) -> None:
    """Send a value down a pipe."""
    text = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    pipe.write(LENGTH.pack(len(text)) + text)
    pipe.flush()


def read(pipe: IO[bytes]) -> Any:
    """The next value from a pipe. Errors: EOFError where the other side is gone."""
    return pickle.loads(_exactly(pipe, LENGTH.unpack(_exactly(pipe, LENGTH.size))[0]))


def _exactly(pipe: IO[bytes], count: int) -> bytes:
    found = pipe.read(count)
    if found is None or len(found) < count:
        raise EOFError("the pipe is closed")
    return found

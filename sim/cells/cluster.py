"""Cells on a Dask cluster: any scheduler that answers, whose workers have this very version of the engine."""

from __future__ import annotations

import queue
import re
import time
from typing import Any

from sim.cells.cell import Cell, engine
from sim.cells.work import Lost, Raised, Reply, lived

PATIENCE = "10s"
ADDRESS = re.compile(r"((tcp|tls|ws|wss)://)?(\[[0-9a-fA-F:]+\]|[\w.-]+):\d{1,5}")


class ClusterError(Exception):
    """No cluster to work with; the text is one sentence for people."""


class Cluster:
    """The workers of a Dask scheduler. A worker that is lost has its cells lived by another."""

    def __init__(self, address: str) -> None:
        if not ADDRESS.fullmatch(address):
            raise ClusterError(f"--cluster: {address!r} is not the address of a scheduler; write it as tcp://10.0.0.1:8786")
        try:
            import distributed
        except ImportError:
            raise ClusterError("--cluster needs the package distributed: pip install 'expectation-drift[cluster]'") from None
        try:
            opened: Any = distributed.Client
            self.client = opened(address, timeout=PATIENCE, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as error:
            raise ClusterError(f"no Dask scheduler answers at {address}: {error}") from None
        self.replies: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        self.going: dict[str, Any] = {}
        self.sent = 0
        self.room, self.looked = self._room(), time.monotonic()

    def _room(self) -> int:
        """A few cells for every thread of the cluster."""
        return 4 * max(1, sum(map(int, self.client.nthreads().values())))

    @property
    def free(self) -> bool:
        """Whether another cell is welcome. Workers may come and go: they are counted again every few seconds."""
        if time.monotonic() - self.looked > 5.0:
            self.room, self.looked = self._room(), time.monotonic()
        return len(self.going) < self.room

    def send(self, key: str, cell: Cell) -> None:
        """Send a cell; who lives it is the scheduler's choice."""
        self.sent += 1
        future = self.client.submit(lived_there, cell, engine(), key=f"drift-{key}-{self.sent}", retries=0)
        self.going[key] = future
        future.add_done_callback(lambda done: self.replies.put((key, done)))

    def receive(self) -> tuple[str, Reply]:
        """Wait for the next reply. Ctrl-C is heard while it waits."""
        while True:
            try:
                key, done = self.replies.get(timeout=0.2)
            except queue.Empty:
                continue
            self.going.pop(key, None)
            return key, _reply(done)

    def close(self) -> None:
        """Cancel what is on its way, and leave the cluster."""
        self.client.cancel(list(self.going.values()), force=True)
        self.client.close(timeout=2)


def lived_there(cell: Cell, wanted: str) -> Reply:
    """A cell lived by a worker, if its engine is the one that asks: another one's bits may be others."""
    if engine() != wanted:
        return Raised("a worker of the cluster has another version of expectation-drift, NumPy or numba")
    return lived(cell)


def _reply(done: Any) -> Reply:
    try:
        found: Reply = done.result()
    except Exception as error:  # KilledWorker, CancelledError, a lost connection: whatever the cluster raises
        return Lost(f"the cluster lost it: {type(error).__name__}: {error}")
    return found

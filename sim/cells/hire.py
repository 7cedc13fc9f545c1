"""Who lives the cells of a study: this process where little is to be done, processes where more is, or a cluster."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sim.cells.store import Store
from sim.cells.work import Crew, Here, Work
from sim.machine import cores

WORTH: Final = 30_000_000
"""Visits from which on a study is worth the second that processes take to start."""


def threads(jobs: int | None = None) -> Work:
    """Cells lived by this process on threads, all cores if left out, and stored nowhere."""
    return Work(lambda: Here(cores() if jobs is None else jobs))


def work(visits: float, *, jobs: int | None = None, cluster: str | None = None, store: Path | None = None) -> Work:
    """How a study of about so many visits is done; none of it changes a bit of the results.

    jobs: threads or processes, all cores if left out. cluster: the address of a Dask scheduler, in their place. store: where
    finished cells lie; none are kept if left out. `cluster.ClusterError` is raised when no scheduler answers at first need.
    """
    hands = cores() if jobs is None else jobs

    def crew() -> Crew:
        if cluster is not None:
            from sim.cells.cluster import Cluster

            return Cluster(cluster)
        if hands > 1 and visits >= WORTH:
            from sim.cells.processes import Processes

            return Processes(hands)
        return Here(hands)

    kept = None if store is None else Store(store)
    if kept is not None:
        kept.trim()
    return Work(crew, kept)

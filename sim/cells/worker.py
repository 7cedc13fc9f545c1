"""A process that lives cells: it reads them from its standard input, writes results to its standard output, and ends at once
when whoever started it is gone."""

from __future__ import annotations

import logging
import os
import queue
import sys
import threading
from typing import IO

from sim.cells.cell import Cell
from sim.cells.processes import read, write


def main() -> None:
    """Live cells until nobody sends any more."""
    from sim.cells.work import lived
    from sim.engine import kernel

    logging.getLogger("sim").setLevel(logging.ERROR)  # whoever reads the results says what is to be said of them
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # nothing printed may come between
    cells: queue.SimpleQueue[Cell] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, cells), daemon=True).start()
    write(replies, kernel.__name__)  # what takes long to load is there: from here on, what goes wrong is of the cell
    while True:
        write(replies, lived(cells.get()))


def _listen(pipe: IO[bytes], cells: queue.SimpleQueue[Cell]) -> None:
    """Hear cells, and the end of whoever sends them, also while one is lived."""
    try:
        while True:
            cells.put(read(pipe))
    except (EOFError, OSError):
        os._exit(0)


if __name__ == "__main__":
    main()

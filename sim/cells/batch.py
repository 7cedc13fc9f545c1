"""The outcomes of many markets and strategies at once: what sweeps, searches and explanations ask for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from sim.cells.cell import Cell, Outcomes, outcome_cells
from sim.cells.work import Failure, Work
from sim.engine.run import Part
from sim.market import Market

Study = tuple[Market, str] | tuple[Market, str, range]
"""A market and a strategy, and which replications; all of the market's if they are left out."""


def outcomes_of(work: Work, studies: Iterable[Study]) -> Iterator[tuple[int, Outcomes | Failure]]:
    """The outcomes of each study, (replications,) each, with its number, in the order in which they are finished.

    Where a cell of a study was given up, its failure stands in place of the outcomes. `studies` is read as there is room.
    """
    belongs: list[int] = []
    needs: dict[int, int] = {}
    pieces: dict[int, dict[int, Outcomes]] = {}

    def cells() -> Iterator[Cell]:
        for study, asked in enumerate(studies):
            those = list(outcome_cells(*asked))
            needs[study] = len(those)
            for cell in those:
                belongs.append(study)
                yield cell

    for number, found in work.results(cells()):
        study = belongs[number]
        if study not in needs:  # a part of it was given up already
            continue
        if isinstance(found, Failure):
            del needs[study]
            yield study, found
            continue
        assert not isinstance(found, Part)
        pieces.setdefault(study, {})[number] = found
        if len(pieces[study]) == needs[study]:
            done = pieces.pop(study)
            yield study, _joined([done[at] for at in sorted(done)])


def _joined(pieces: list[Outcomes]) -> Outcomes:
    """Outcomes of consecutive replications as one."""
    return pieces[0] if len(pieces) == 1 else {name: np.concatenate([one[name] for one in pieces]) for name in pieces[0]}

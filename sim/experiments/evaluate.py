"""Variants of a market, lived: the one place where search, equal spend and sensitivity run anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sim.cells.batch import outcomes_of
from sim.cells.hire import threads
from sim.cells.work import Failure, Work
from sim.experiments.compare import UnfinishedError
from sim.market import Market

Floats = NDArray[np.float64]
Lived = Mapping[str, Floats]
"""What came of one strategy on one market: outcome → (replications,)."""
Asked = tuple[Market, str]
Progress = Callable[[str, int, int], None]
"""Called with (what is being run, how many are done, how many there can be)."""


def evaluate(asked: Sequence[Asked], *, work: Work | None = None, told: Callable[[int], None] | None = None) -> list[Lived]:
    """Every outcome of every (market, strategy) of a batch, in order; seed, people and replications are the market's own.

    The result does not depend on who lives it, `work` (threads of this process if left out), or on what else is in the batch.
    told: called with how many of the batch are done. Errors: UnfinishedError where levels leave what exact sums can hold, or a
    cell is given up for another reason; KeyboardInterrupt on Ctrl-C.
    """
    found: dict[int, Lived] = {}
    for number, lived in outcomes_of(threads() if work is None else work, asked):
        if isinstance(lived, Failure):
            raise UnfinishedError({}, [lived])
        found[number] = lived
        if told is not None:
            told(len(found))
    return [found[number] for number in range(len(asked))]


class Bench:
    """Runs variants in batches, each variant once. ran: how many were run."""

    def __init__(self, work: Work | None = None) -> None:
        self.work, self.ran = work, 0
        self.made: dict[Asked, Lived] = {}

    def values(self, asked: Sequence[Asked], told: Callable[[int], None] | None = None) -> list[Lived]:
        """As `evaluate`; what another strategy does is no part of a variant, so that its levers run nothing again."""
        keys = [(replace(market, strategies=tuple(one for one in market.strategies if one.name == name)), name)
                for market, name in asked]
        new = [key for key in dict.fromkeys(keys) if key not in self.made]
        for key, lived in zip(new, evaluate(new, work=self.work, told=told), strict=True):
            self.made[key] = lived
        self.ran += len(new)
        return [self.made[key] for key in keys]

"""Variants of a market, lived: the one place where search, equal spend and sensitivity run anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
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


def evaluate(asked: Sequence[Asked], work: Work | None = None) -> Iterator[tuple[int, Lived]]:
    """Every outcome of every (market, strategy) of a batch with its number, as soon as it is there; seed, people and
    replications are the market's own.

    The result does not depend on who lives it, `work` (threads of this process if left out), or on what else is in the batch.
    Errors: UnfinishedError where levels leave what exact sums can hold, or a cell is given up for another reason;
    KeyboardInterrupt on Ctrl-C.
    """
    for number, lived in outcomes_of(threads() if work is None else work, asked):
        if isinstance(lived, Failure):
            raise UnfinishedError({}, [lived])
        yield number, lived


class Bench:
    """Runs variants in batches, each variant once; what Ctrl-C leaves of a batch is kept. ran: how many were run."""

    def __init__(self, work: Work | None = None) -> None:
        self.work, self.ran = work, 0
        self.made: dict[Asked, Lived] = {}

    def values(self, asked: Sequence[Asked], told: Callable[[int], None] | None = None) -> list[Lived]:
        """As `evaluate`, in order; what another strategy does is no part of a variant, so that its levers run nothing again.

        told: called with how many of the batch are done.
        """
        keys = [_alone(*one) for one in asked]
        new = [key for key in dict.fromkeys(keys) if key not in self.made]
        for done, (number, lived) in enumerate(evaluate(new, self.work), start=1):
            self.made[new[number]] = lived
            self.ran += 1
            if told is not None:
                told(done)
        return [self.made[key] for key in keys]

    def known(self, market: Market, name: str) -> Lived | None:
        """What was run already; None where it was not."""
        return self.made.get(_alone(market, name))

    def tell(self, market: Market, name: str, lived: Lived) -> None:
        """Take what is known from elsewhere, so that it is not run."""
        self.made[_alone(market, name)] = lived


def _alone(market: Market, name: str) -> Asked:
    """A variant without the strategies that it does not run."""
    return replace(market, strategies=tuple(one for one in market.strategies if one.name == name)), name

"""Choices among firms at prices that change: a multinomial logit in firm, loyalty, what is shown, price, gain and loss."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.calibrate.fitting import Floats, Regression, multinomial
from sim.calibrate.reference import Integers, fitted, references

KEPT: Final = 0.8
"""Loyalty: so much of what she chose before stays at every choice."""


@dataclass(frozen=True)
class Choices:
    """Choices in order, person by person. starts: (n,) whether an occasion is a person's first.

    seen: (n, firms) prices, 1 on average. shown: (n, firms, k) features and displays. chosen: (n,) which firm. names: of firms.
    """

    starts: NDArray[np.bool_]
    seen: Floats
    shown: Floats
    chosen: Integers
    names: tuple[str, ...]
    gains: float = -1.0

    @cached_property
    def kept(self) -> NDArray[np.bool_]:
        """Which occasions are fitted."""
        return fitted(self.starts)

    @cached_property
    def plain(self) -> Floats:
        """(n, firms, columns): the design without a reference: firms, loyalty, features and displays, price."""
        rows, firms = self.seen.shape
        constants = np.zeros((rows, firms, firms - 1))
        constants[:, np.arange(1, firms), np.arange(firms - 1)] = 1.0
        return np.concatenate([constants, self._loyalty()[..., None], self.shown, self.seen[..., None]], axis=2)

    def _loyalty(self) -> Floats:
        """(n, firms): what she chose before, recent choices more; equal parts before her first."""
        firms = self.seen.shape[1]
        found, now = np.empty(self.seen.shape), np.full(firms, 1.0 / firms)
        for row, start in enumerate(self.starts):
            now = np.full(firms, 1.0 / firms) if start else now
            found[row] = now
            now = _after(now, int(self.chosen[row]))
        return found

    def with_reference(self, reference: Floats) -> Floats:
        """The design with gain and loss against a reference, as its last two columns."""
        gap = reference - self.seen
        return np.concatenate([self.plain, np.maximum(gap, 0.0)[..., None], np.maximum(-gap, 0.0)[..., None]], axis=2)

    def fit(self, reference: Floats | None, start: Floats | None = None) -> Regression:
        """As `Evidence.fit`."""
        design = self.plain if reference is None else self.with_reference(reference)
        return multinomial(design[self.kept], self.chosen[self.kept], start)

    def shallow(self) -> Regression:
        """The simplest model: firms and prices."""
        design, firms = self.plain[self.kept], self.seen.shape[1]
        return multinomial(np.concatenate([design[:, :, : firms - 1], design[:, :, -1:]], axis=2), self.chosen[self.kept])

    def chances(self, found: Regression, reference: Floats | None) -> Floats:
        """(fitted occasions, firms): the fitted chance of each."""
        design = self.plain if reference is None else self.with_reference(reference)
        worth = np.exp((design @ found.values)[self.kept])
        share: Floats = worth / worth.sum(axis=1, keepdims=True)
        return share

    def simulated(self, values: Floats, rate: float, number: int) -> Choices:
        """The same occasions with choices that people of this rate would make; values: coefficients, as of `with_reference`."""
        one = np.array([rate])
        design = self.with_reference(references(self, one, one, np.zeros(1))[0])
        rows, firms = self.seen.shape
        fixed = design @ values - design[:, :, firms - 1] * values[firms - 1]
        raw = np.random.Philox(key=number).random_raw(rows * firms).reshape(rows, firms)
        luck = -np.log(-np.log(((raw >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53))
        chosen, now = np.zeros(rows, dtype=np.int64), np.full(firms, 1.0 / firms)
        for row, start in enumerate(self.starts):
            now = np.full(firms, 1.0 / firms) if start else now
            chosen[row] = int(np.argmax(fixed[row] + values[firms - 1] * now + luck[row]))
            now = _after(now, int(chosen[row]))
        return replace(self, chosen=chosen)


def _after(loyal: Floats, chosen: int) -> Floats:
    """Loyalty after a choice."""
    after: Floats = KEPT * loyal
    after[chosen] += 1.0 - KEPT
    return after

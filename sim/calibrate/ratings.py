"""Ratings by the same people, visit after visit: least squares in who it is, the quality, and how far off a reference it is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sim.calibrate.fitting import Floats, Regression, line
from sim.calibrate.reference import fitted


@dataclass(frozen=True)
class Ratings:
    """Ratings in order, person by person. starts: (n,) whether it is a person's first. seen: (n, 1) quality. rated: (n,)."""

    starts: NDArray[np.bool_]
    seen: Floats
    rated: Floats
    gains: float = 1.0

    @cached_property
    def kept(self) -> NDArray[np.bool_]:
        """Which visits are fitted."""
        return fitted(self.starts)

    def _within(self, column: Floats) -> Floats:
        """A column less each person's mean over the fitted visits: who she is drops out."""
        people = (np.cumsum(self.starts) - 1)[self.kept]
        values, count = column[self.kept], np.bincount(people)
        found: Floats = values - (np.bincount(people, weights=values) / np.maximum(count, 1))[people]
        return found

    def _columns(self, reference: Floats | None) -> list[Floats]:
        columns = [self.seen[:, 0]]
        if reference is not None:
            gap = (self.seen - reference)[:, 0]
            columns += [np.maximum(gap, 0.0), np.minimum(gap, 0.0)]
        return [self._within(column) for column in columns]

    def fit(self, reference: Floats | None, start: Floats | None = None) -> Regression:
        """As `Evidence.fit`; `start` is not needed."""
        people = len(np.unique((np.cumsum(self.starts) - 1)[self.kept]))
        return line(self._columns(reference), self._within(self.rated), people - 1)

    def left(self, found: Regression, reference: Floats | None) -> Floats:
        """(fitted visits,): what a fit leaves unexplained of the ratings."""
        found_here = found.values[0] + np.column_stack(self._columns(reference)) @ found.values[1:]
        left: Floats = self._within(self.rated) - found_here
        return left

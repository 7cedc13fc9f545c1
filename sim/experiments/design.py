"""Where a sweep looks: a grid of all combinations, or points that fill a space of many keys evenly.

A design counts its points before it makes any, so that a request for a thousand million of them is refused at once.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from sim.story.over import Axis, OverError

Kind = Literal["grid", "sobol", "halton", "lhs"]
KINDS: Final = ("grid", "sobol", "halton", "lhs")
NAMES: Final = {"grid": "a grid", "sobol": "Sobol’s points", "halton": "Halton’s points", "lhs": "a Latin hypercube"}


@dataclass(frozen=True)
class Design:
    """The points of a sweep, numbered from 0. kind: grid, or one that fills space; count: how many; seed: which of those."""

    kind: Kind
    axes: tuple[Axis, ...]
    count: int
    seed: int

    def point(self, number: int) -> tuple[str, ...]:
        """The values of one point, in the order of the axes, each as in a story. In a grid the last key changes fastest."""
        if self.kind != "grid":
            return tuple(axis.at(float(share)) for axis, share in zip(self.axes, self._shares[number], strict=True))
        places: list[int] = []
        for axis in reversed(self.axes):
            number, place = divmod(number, axis.count)
            places.append(place)
        return tuple(axis.value(place) for axis, place in zip(self.axes, reversed(places), strict=True))

    def settings(self, number: int) -> list[str]:
        """What is put into the story at one point, as after `--set`."""
        return [one for axis, value in zip(self.axes, self.point(number), strict=True) for one in axis.settings(value)]

    @cached_property
    def _shares(self) -> NDArray[np.float64]:
        """(count, axes) where each point lies between the ends of each range, 0 to 1."""
        from scipy.stats import qmc

        engine = {"sobol": qmc.Sobol, "halton": qmc.Halton, "lhs": qmc.LatinHypercube}[self.kind]
        luck = np.random.Generator(np.random.Philox(self.seed))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a number that is no power of two is told by `note`
            found: NDArray[np.float64] = engine(len(self.axes), seed=luck).random(self.count)
        return found

    @property
    def note(self) -> str:
        """What to know of the design; empty where there is nothing."""
        if self.kind != "sobol" or self.count & (self.count - 1) == 0:
            return ""
        near = 2 ** round(math.log2(self.count))
        return f"Sobol’s points fill a space evenly where their number is a power of two, such as {near:,}, not {self.count:,}."


def designed(axes: Sequence[Axis], kind: str, points: int | None, seed: int) -> Design:
    """The design of a sweep. points: of one that fills space. Errors: OverError, a sentence, for one that cannot be made."""
    if kind == "grid":
        for axis in axes:
            if not axis.count:
                raise OverError(f"--over '{axis.text}': a grid needs to know how many values: write /9 after the range for "
                                "nine of them, or take --design sobol with --points")
        if points is not None:
            raise OverError("--points says how many points fill a space; a grid has as many as its keys have values: leave it "
                            "out, or take --design sobol, halton or lhs")
        return Design("grid", tuple(axes), math.prod(axis.count for axis in axes), seed)
    if points is None:
        raise OverError(f"--design {kind} needs --points: how many points, such as --points 64")
    if points < 1:
        raise OverError(f"--points must be 1 or more, not {points}")
    found: dict[str, Kind] = {"sobol": "sobol", "halton": "halton", "lhs": "lhs"}
    if kind not in found:
        raise OverError(f"there is no design {kind!r}; designs: {', '.join(KINDS)}")
    return Design(found[kind], tuple(axes), points, seed)

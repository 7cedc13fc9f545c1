"""What a backtest found: for each number and curve what was seen, what the story makes of it, and a verdict on all."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from sim.backtest.judging import OUTSIDE, TOO_WIDE, Band, Item, bands
from sim.calibrate.reading import LeftOut

if TYPE_CHECKING:
    from matplotlib.figure import Figure

AGREES: Final = "agrees"
CLOSE: Final = "close"
DISAGREES: Final = "disagrees"
OPEN: Final = "cannot be told"
WITHIN: Final = 0.05
"""A difference of this share is too small to matter, where nothing else is said."""


@dataclass(frozen=True)
class Judged:
    """One number or curve. off: how far the data are from the story's mean, as a share of the whole; told: how far they could
    have been without being noticed. says: agrees, close (more than chance, too little to matter), disagrees, cannot be told."""

    item: Item
    band: Band
    off: float
    told: float
    says: str

    @property
    def single(self) -> bool:
        """Whether it is one number, no curve."""
        return len(self.item.x) == 1

    def share(self, value: float) -> str:
        """A difference in words: 14%, 0.041 of the customers, 0.2 sd."""
        if self.item.moved:
            return f"{value:.3f} of them"
        return f"{value:.2f} {self.item.unit}" if self.item.unit else f"{value:.1%}"

    @property
    def worst(self) -> int:
        """The point of the curve where the data lie furthest from the band's middle, in bands."""
        half = np.maximum((self.band.high - self.band.low) / 2, 1e-300)
        return int(np.argmax(np.abs(self.item.observed - self.item.middle) / half))

    @property
    def sentence(self) -> str:
        """What was seen beside what the story makes of it."""
        at = 0 if self.single else self.worst
        seen, low, high = (float(one[at]) for one in (self.item.observed, self.band.low, self.band.high))
        where = "" if self.single else f"at {self.item.across} {self.item.x[at]:g} "
        numbers = f"{where}{self.value(seen)}, where the story has {self.value(low)} to {self.value(high)}"
        return f"{numbers}; {'off by' if self.single else 'off on the whole by'} {self.share(self.off)}"

    def value(self, value: float) -> str:
        """A value as people read it."""
        if self.item.percent:
            return f"{value:.1%}"
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}" if abs(value) >= 1 else f"{value:.3f}"


@dataclass(frozen=True, repr=False)
class Backtest:
    """A story beside data. kind: survey, panel or purchases. story, strategy: what was lived. rows, used: of the table.

    judged: its numbers and curves. p: were the story true, so often would data be as far from it as these. within: the share
    that is too small to matter. unknown: what these data cannot tell of the story.
    """

    kind: str
    source: str
    story: str
    strategy: str
    rows: int
    used: str
    replications: int
    within: float
    columns: Mapping[str, str]
    judged: tuple[Judged, ...]
    p: float
    notes: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    unknown: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Judged:
        """The number or curve of this name. Errors: KeyError with the names there are."""
        for one in self.judged:
            if one.item.name == name:
                return one
        raise KeyError(f"nothing is called {name!r}; there are {', '.join(one.item.name for one in self.judged)}")

    @property
    def verdict(self) -> str:
        """agrees, disagrees, or cannot be told, of all together."""
        said = [one.says for one in self.judged]
        if DISAGREES in said:
            return DISAGREES
        return AGREES if AGREES in said or CLOSE in said else OPEN

    @property
    def headline(self) -> str:
        """The verdict in one sentence, without its full stop."""
        wrong = [one.item.name for one in self.judged if one.says == DISAGREES]
        close = [one for one in self.judged if one.says == CLOSE]
        if wrong:
            return f"The story disagrees with {self.used} in {listed(wrong)}"
        if self.verdict == OPEN:
            return f"Whether the story agrees with {self.used} cannot be told: chance alone could do all that is seen, and more"
        if close:
            most = max(close, key=lambda one: one.off)
            return (
                f"The story is close to {self.used}: what differs by more than chance differs by {most.share(most.off)} "
                f"at most ({most.item.name})"
            )
        blunt = sum(one.says == OPEN for one in self.judged)
        told = f"all {len(self.judged)} respects" if not blunt else f"{len(self.judged) - blunt} of {len(self.judged)} respects"
        return f"The story agrees with {self.used} in {told}"

    @property
    def sentences(self) -> tuple[str, ...]:
        """What stands behind the headline: how likely such data are, and what could have been noticed."""
        chance = (
            f"Were the story true, data would be as far from it as these in {self.p:.0%} of studies"
            if self.p > OUTSIDE
            else f"Were the story true, data as far from it as these would come in at most {max(self.p, 0.01):.0%} of studies"
        )
        seen = [one for one in self.judged if math.isfinite(one.told)]
        sharp = min(seen, key=lambda one: one.told, default=None)
        notice = (
            "" if sharp is None else (f"What could have been noticed: from {sharp.share(sharp.told)} on in {sharp.item.name}")
        )
        blunt = [one.item.name for one in self.judged if one.says == OPEN]
        told = f"Too few data to tell of {listed(blunt)}" if blunt and self.verdict != OPEN else ""
        return tuple(f"{one}." for one in (chance, notice, told) if one)

    def figure(self) -> Figure:
        """Every number and curve: dots for the data, a band for the story."""
        from sim.report.figures.backtest import backtest

        return backtest(self)

    def document(self) -> dict[str, Any]:
        """The backtest as plain JSON values; None for a number that does not exist."""
        return {
            "kind": self.kind,
            "source": self.source,
            "story": self.story,
            "strategy": self.strategy,
            "rows": self.rows,
            "used": self.used,
            "replications": self.replications,
            "within": self.within,
            "columns": dict(self.columns),
            "verdict": self.verdict,
            "headline": self.headline,
            "sentences": list(self.sentences),
            "p": self.p,
            "judged": [
                {
                    "name": one.item.name,
                    "says": one.says,
                    "off": _known(one.off),
                    "noticed_from": _known(one.told),
                    "across": one.item.across,
                    "x": one.item.x.tolist(),
                    "observed": one.item.observed.tolist(),
                    "mean": one.item.middle.tolist(),
                    "low": one.band.low.tolist(),
                    "high": one.band.high.tolist(),
                }
                for one in self.judged
            ],
            "notes": list(self.notes),
            "cannot_tell": list(self.unknown),
            "left_out": [{"reason": one.reason, "rows": one.count, "examples": list(one.examples)} for one in self.left_out],
        }

    def write(self, folder: str | Path) -> Path:
        """Store the document and the figure in a folder, which is made and must not be there. Errors: OSError."""
        from sim.report.style import png, svg

        place, picture = Path(folder), self.figure()
        place.mkdir(parents=True)
        text = json.dumps(self.document(), ensure_ascii=False, allow_nan=False, indent=1)
        (place / "backtest.json").write_text(text + "\n", encoding="utf-8")
        (place / "backtest.svg").write_text(svg(picture), encoding="utf-8")
        (place / "backtest.png").write_bytes(png(picture))
        return place

    def __repr__(self) -> str:
        return f"<Backtest on {self.source}: {self.headline}>"


def judge(items: Sequence[Item], within: float) -> tuple[tuple[Judged, ...], float]:
    """A verdict on each item, and the p of them all. Errors: ValueError with too few replications."""
    found, p = bands(items)
    return tuple(_judged(item, band, within) for item, band in zip(items, found, strict=True)), p


def _judged(item: Item, band: Band, within: float) -> Judged:
    off, told = item.off(item.observed - item.middle), item.off((band.high - band.low) / 2)
    outside = bool(np.any((item.observed < band.low - 1e-12) | (item.observed > band.high + 1e-12)))
    if outside:
        return Judged(item, band, off, told, CLOSE if off <= within else DISAGREES)
    return Judged(item, band, off, told, OPEN if told > max(TOO_WIDE, within) else AGREES)


def listed(names: Sequence[str]) -> str:
    """`a, b and c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _known(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None

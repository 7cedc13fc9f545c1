"""What a calibration found: estimates, what is not identified and why, fits, checks, pictures, and a block to paste."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sim.calibrate.reading import LeftOut

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NEEDED: Final = -15.0
"""Something new is claimed only where it lowers AIC by this much; half of it is called strong evidence elsewhere."""


@dataclass(frozen=True)
class Estimate:
    """A number with its 95% interval. key: where it stands in a scenario, "" where it has no place there."""

    name: str
    value: float
    low: float
    high: float
    unit: str = ""
    key: str = ""


@dataclass(frozen=True)
class Unknown:
    """Something that these data cannot tell, and why. key: where it would stand in a scenario."""

    name: str
    why: str
    key: str = ""


@dataclass(frozen=True)
class Fit:
    """How one model fits, beside simpler ones: ln likelihood, number of parameters, AIC; r2 where it is a regression."""

    of: str
    name: str
    likelihood: float
    parameters: int
    r2: float = math.nan

    @property
    def aic(self) -> float:
        """2·parameters − 2·ln likelihood: smaller is better; models of other answers or other rows do not compare."""
        return 2.0 * self.parameters - 2.0 * self.likelihood


@dataclass(frozen=True)
class Check:
    """Something that could have gone wrong, and whether it did; passed is None where there was nothing to check it by."""

    name: str
    says: str
    passed: bool | None


@dataclass(frozen=True)
class Line:
    """A curve of a picture; quiet ones are what it is to be compared with."""

    label: str
    x: Sequence[float]
    y: Sequence[float]
    quiet: bool = False


@dataclass(frozen=True)
class Dot:
    """A measured point of a picture, with its 95% interval (NaN: none)."""

    x: float
    y: float
    low: float = math.nan
    high: float = math.nan


@dataclass(frozen=True)
class Picture:
    """One panel of the figure: measured dots, fitted lines, and a band across (an interval) where there is one."""

    title: str
    across: str
    up: str
    dots: Sequence[Dot] = ()
    lines: Sequence[Line] = ()
    band: tuple[float, float] | None = None
    band_label: str = "95% interval"
    percent: bool = False
    dots_label: str = "measured"


@dataclass(frozen=True, repr=False)
class Calibration:
    """Parameters from one table. kind: survey, panel or purchases. columns: which column was taken for which role.

    rows: in the table; used: in the main fit. block: YAML to paste into a scenario, with the source of each number beside it.
    """

    kind: str
    source: str
    rows: int
    used: int
    columns: Mapping[str, str]
    headline: str
    block: str
    notes: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    estimates: tuple[Estimate, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    fits: tuple[Fit, ...] = ()
    checks: tuple[Check, ...] = ()
    pictures: tuple[Picture, ...] = field(default=())

    def __getitem__(self, name: str) -> Estimate:
        """The estimate of this name. Errors: KeyError with the names there are."""
        for one in self.estimates:
            if one.name == name:
                return one
        raise KeyError(f"no estimate {name!r}; there are {', '.join(one.name for one in self.estimates)}")

    def figure(self) -> Figure:
        """The diagnostics: what was measured beside what was fitted."""
        from sim.report.figures.calibration import calibration

        return calibration(self)

    def document(self) -> dict[str, Any]:
        """The calibration as plain JSON values; None for a number that does not exist."""
        return {
            "kind": self.kind,
            "source": self.source,
            "rows": self.rows,
            "used": self.used,
            "columns": dict(self.columns),
            "headline": self.headline,
            "notes": list(self.notes),
            "left_out": [{"reason": one.reason, "rows": one.count, "examples": list(one.examples)} for one in self.left_out],
            "estimates": [
                {
                    "name": one.name,
                    "value": known(one.value),
                    "low": known(one.low),
                    "high": known(one.high),
                    "unit": one.unit,
                    "key": one.key or None,
                }
                for one in self.estimates
            ],
            "not_identified": [{"name": one.name, "why": one.why, "key": one.key or None} for one in self.unknown],
            "fits": [
                {
                    "of": one.of,
                    "model": one.name,
                    "likelihood": known(one.likelihood),
                    "parameters": one.parameters,
                    "aic": known(one.aic),
                    "r2": known(one.r2),
                }
                for one in self.fits
            ],
            "checks": [{"name": one.name, "says": one.says, "passed": one.passed} for one in self.checks],
            "block": self.block,
        }

    def write(self, folder: str | Path) -> Path:
        """Store the document, the block and the figure in a folder, which is made and must not be there. Errors: OSError."""
        import json

        from sim.report.style import png, svg

        place, picture = Path(folder), self.figure()
        place.mkdir(parents=True)
        text = json.dumps(self.document(), ensure_ascii=False, allow_nan=False, indent=1)
        (place / "calibration.json").write_text(text + "\n", encoding="utf-8")
        (place / "block.yaml").write_text(self.block, encoding="utf-8")
        (place / "calibration.svg").write_text(svg(picture), encoding="utf-8")
        (place / "calibration.png").write_bytes(png(picture))
        return place

    def __repr__(self) -> str:
        return f"<Calibration of {self.source}: {self.headline}>"

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td style='text-align:left'>{html.escape(one.name)}</td><td>{one.value:.4g}</td>"
            f"<td>{_limits(one)}</td><td>{html.escape(one.unit)}</td></tr>"
            for one in self.estimates
        )
        unknown = "".join(
            f"<li><b>{html.escape(one.name)}</b>: not identified; {html.escape(one.why)}</li>" for one in self.unknown
        )
        return (
            f"<h4>{html.escape(self.headline)}</h4><table><tr><th>estimate</th><th>value</th><th>95% interval</th>"
            f"<th>unit</th></tr>{rows}</table><ul>{unknown}</ul><pre>{html.escape(self.block)}</pre>"
        )


def _limits(one: Estimate) -> str:
    """The ends of an interval in words; nothing where there is none."""
    return f"{one.low:.4g} … {one.high:.4g}" if math.isfinite(one.low) else ""


def known(value: float) -> float | None:
    """A number for JSON, which knows no NaN: None in its place."""
    return float(value) if math.isfinite(value) else None

"""Sensitivity from Python: what a difference hangs on, as numbers, words, a figure and a page; stored beside the runs."""

from __future__ import annotations

import csv
import hashlib
import html
import io
import json
import math
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sim.cells.work import Work
from sim.engine import archive
from sim.experiments.compare import check_outcome, compare
from sim.experiments.evaluate import Progress
from sim.experiments.explain import check_strategies, choose
from sim.experiments.hangs import Hangs
from sim.experiments.mechanisms import acts, mechanisms
from sim.experiments.parameters import Parameter, parameters
from sim.experiments.sensitivity import SIZES, Axis, Method, Sensitivity, Shared, Swing, check, points, sensitivity
from sim.experiments.sizes import check_count
from sim.experiments.statistics import Estimate
from sim.experiments.variants import Point, Put, Variants, designed, smaller
from sim.market import Market, with_design
from sim.rules.traits import TRAITS
from sim.story.emit import emit
from sim.story.ranges import against as against_story
from sim.story.resolve import complete, listed_in

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.api import Story

__all__ = ["Sensed", "sensed"]

EVIDENCE: Final = {"psyche.learning": (0.1, 0.7), "psyche.learning.up": (0.1, 0.7), "psyche.learning.down": (0.1, 0.7),
                   "psyche.loss_aversion": (1.0, 2.1)}
"""Ranges from docs/model.md, Evidence: learning 0.1 to 0.7 (our notes, not verified); loss aversion from none to the upper end
of the interval of its mean over 607 estimates (Brown, Imai, Vieider & Camerer 2024)."""
AROUND: Final = 0.3
"""Where nothing is known: so large a share of the value below and above it."""


@dataclass(frozen=True, repr=False)
class Sensed(Sensitivity):
    """What a difference hangs on, with its story. scenario_text: the resolved scenario of what was run. note: its design."""

    story: Story
    scenario_text: str
    note: str

    @property
    def hash(self) -> str:
        """SHA-256 of the scenario as it stands, as hexadecimal digits."""
        return hashlib.sha256(self.scenario_text.encode("utf-8")).hexdigest()

    @property
    def headline(self) -> str:
        """What the answer hangs on, in a line."""
        return Hangs(self).headline()

    @property
    def sentences(self) -> tuple[str, ...]:
        """The numbers that matter, and how often the answer turns round."""
        return tuple(Hangs(self).sentences())

    def figure(self, name: str = "sensitivity") -> Figure:
        """The tornado, Morris's plane or Sobol's bars. Errors: KeyError for another name."""
        if name != "sensitivity":
            raise KeyError(f"no figure {name!r}; there is sensitivity")
        from sim.report.figures.sensitivity import sensitivity as draw
        from sim.report.style import drawing

        with drawing():
            return draw(self)

    def page(self, command: Sequence[str] = ()) -> str:
        """The sensitivity as one HTML page that opens offline. command: what was typed."""
        from sim import __version__
        from sim.report.levers import sensitivity_page

        return sensitivity_page(self, {"title": self.story.title, "hash": self.hash, "version": __version__, "note": self.note,
                                       "command": shlex.join(command)})

    def write(self, directory: str | Path = "runs", *, command: Sequence[str] = (), drawn: bool = True) -> Path:
        """Store it in a new folder of `directory`, beside the runs of both strategies as the story stands, and say which.

        drawn=False leaves page and figure out. The folder is a stored run like any other, every file under its digest.
        Errors: OSError when the folder cannot be written.
        """
        folder = archive.write(self.runs, Path(directory), name=f"{self.story.scenario.path.stem}-sensitivity",
                               scenario=self.scenario_text, outcome=self.outcome, command=command,
                               note=" ".join(filter(None, (self.note, Hangs(self).unfinished()))))
        archive.add(folder, lambda place: self._save(place, folder, command, drawn))
        return folder

    def _save(self, place: Path, folder: Path, command: Sequence[str], drawn: bool) -> None:
        text = json.dumps(self.document(folder), ensure_ascii=False, allow_nan=False, indent=1)
        (place / "sensitivity.json").write_text(text + "\n", encoding="utf-8")
        (place / "sensitivity.csv").write_bytes(self._table().encode("utf-8-sig"))
        if drawn:
            from sim.report.style import png, svg

            picture = self.figure()
            (place / "sensitivity.svg").write_text(svg(picture), encoding="utf-8")
            (place / "sensitivity.png").write_bytes(png(picture))
            (place / "sensitivity.html").write_text(self.page(command), encoding="utf-8")

    def _table(self) -> str:
        text = io.StringIO(newline="")
        lines, rows = csv.writer(text), [_flat(self._effect(one)) for one in self.effects]
        lines.writerow(rows[0])
        for row in rows:
            lines.writerow(["" if value is None else value for value in row.values()])
        return text.getvalue()

    def document(self, folder: Path | None = None) -> dict[str, Any]:
        """The sensitivity as plain JSON values; None for a number that does not exist. folder: where it is stored."""
        market = self.market
        return {
            "scenario": self.story.title, "hash": self.hash, "seed": market.seed, "replications": market.replications,
            "people": market.people, "outcome": self.outcome, "strategy": self.strategy, "against": self.against,
            "method": self.method, "interrupted": bool(self.interrupted), "difference": _estimate(self.now),
            "numbers": [{"now": _number(axis.now), "low": axis.low, "high": axis.high, **self._effect(one)}
                        for one in self.effects for axis in [self.axis(one.key)]],
            "turned": _number(self.turned), "points": self.looks, "headline": self.headline, "sentences": list(self.sentences),
            "note": self.note, "run": None if folder is None else folder.as_posix()}

    def _effect(self, one: Any) -> dict[str, Any]:
        if isinstance(one, Swing):
            return {"key": one.key, "at_low": _estimate(one.low), "at_high": _estimate(one.high)}
        names = ("first", "first_half", "total", "total_half") if isinstance(one, Shared) else \
            ("mean", "size", "half", "spread")
        return {"key": one.key, **{name: _number(getattr(one, name)) for name in names}}

    def __repr__(self) -> str:
        return f"<Sensitivity of {self.strategy} against {self.against}: {self.headline}>"

    def _repr_html_(self) -> str:
        return (f"<h4>{html.escape(self.story.title)}</h4><p><b>{html.escape(self.headline)}.</b> "
                f"{html.escape(' '.join(self.sentences))}</p>")


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """A row whose inner mappings stand beside each other: `at_low.mean`."""
    found: dict[str, Any] = {}
    for key, value in row.items():
        found |= {f"{key}.{inner}": one for inner, one in value.items()} if isinstance(value, dict) else {key: value}
    return found


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _estimate(found: Estimate) -> dict[str, float | None]:
    return {"mean": _number(found.mean), "low": _number(found.low), "high": _number(found.high)}


# --- numbers that vary where none are named -----------------------------------------------------------------


def usual(market: Market, names: tuple[str, str]) -> list[Parameter]:
    """The psyche's numbers that can act on the difference: of the mechanisms that are on, and of learning."""
    acting = [one for one in mechanisms(market) if acts(market, one)]
    return [one for one in parameters(market, acting, names, money=False) if one.key.startswith("psyche.") and one.value != 0.0]


def around(one: Parameter) -> tuple[float, float]:
    """A number's range: what evidence gives, its own value in it; else AROUND of it on both sides, within what is allowed."""
    if one.key in EVIDENCE:
        low, high = EVIDENCE[one.key]
        return min(low, one.value), max(high, one.value)
    ends = sorted((one.value * (1.0 - AROUND), one.value * (1.0 + AROUND)))
    trait = next((trait for trait in TRAITS if f"psyche.{trait.key}" == one.key), None)
    low, high = (trait.low, trait.high) if trait is not None else (one.low, one.high)
    return max(ends[0], low), min(ends[1], high)


def _said(unit: str, x: float) -> str:
    """A trait's value for people, with three digits that count."""
    decimals = 0 if x == 0.0 else max(0, 2 - math.floor(math.log10(abs(x))))
    text = f"{x:,.{decimals}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace("-", "−") + (" days" if unit == "days" else "")


def _between(low: float, high: float, share: float) -> float:
    return low + (high - low) * share


def _by_ranges(variants: Variants) -> tuple[list[Axis], Put]:
    axes = [Axis(" & ".join(one.keys), one.low, one.high, one.now, one.said, one.at) for one in variants.ranges]
    return axes, variants.market


def _by_parameters(market: Market, found: Sequence[Parameter]) -> tuple[list[Axis], Put]:
    axes = []
    for one in found:
        low, high = around(one)
        axes.append(Axis(one.key, low, high, one.value, partial(_said, one.unit), partial(_between, low, high)))

    def put(point: Point) -> Market:
        there = market
        for parameter, x in zip(found, point, strict=True):
            there = parameter.put(there, x) if x != parameter.value else there
        return there

    return axes, put


# --- the whole ----------------------------------------------------------------------------------------------


def sensed(story: Story, over: Sequence[str], strategy: str | None, against: str | None, *, method: str, size: int | None,
           outcome: str | None, replications: int | None, seed: int | None, people: int | None, work: Work | None,
           progress: Progress | None) -> Sensed:
    """Say what a story's answer hangs on; what is left out is chosen. Errors: as for `Story.sensitivity`."""
    check_strategies(story.strategies, strategy, against)
    outcome = story.scenario.outcome if outcome is None else outcome
    check_outcome(outcome, story.market)
    ranges = against_story(story.scenario, over)
    stepped = [one for one in ranges if one.words or one.steps]
    if method == "morris" and stepped:
        raise ValueError(f"--over '{stepped[0].text}' has steps, and Morris's slopes need a range without; write LOW..HIGH, "
                         "or take another method")
    if method == "tornado" and size is not None:
        raise ValueError("a tornado has no size: it goes to both ends of every range; a size is for morris and sobol")
    design = size or SIZES.get(method, 1)
    check(method, len(ranges) if over else 2, design)
    way: Method = method  # type: ignore[assignment]  # `check` knows the methods
    wanted = with_design(story.market, replications, seed, people)
    few = 2 * points(way, len(ranges) or 1, design)
    check_count(few // 2, wanted if replications or people else smaller(wanted, few), 2, what="sensitivity", fewer="--size")
    names = _two(story, strategy, against, outcome, wanted, work)
    asked = len(ranges) if over else len(usual(wanted, names))
    if replications is None and people is None:
        wanted = smaller(wanted, 2 * points(way, asked, design))
    check_count(points(way, asked, design), wanted, 2, what="sensitivity", fewer="--size")
    variants = Variants(story.scenario, ranges, wanted, outcome)
    market = variants.story
    axes, put = _by_ranges(variants) if over else _by_parameters(market, usual(market, names))
    found = sensitivity(market, put, axes, names, outcome=outcome, method=way, size=design, work=work, why=variants.why,
                        progress=progress)
    full = designed(complete(story.scenario), wanted, outcome)
    return Sensed(**{field.name: getattr(found, field.name) for field in fields(Sensitivity)}, story=story,
                  scenario_text=emit(listed_in(full, archive.TIES)), note=_note(story.market, wanted))


def _two(story: Story, strategy: str | None, against: str | None, outcome: str, wanted: Market, work: Work | None
         ) -> tuple[str, str]:
    """The two strategies: those named, else the best and the next best."""
    if strategy is not None and against is not None:
        return strategy, against
    few = smaller(wanted, len(story.strategies))
    return choose(compare(few, work=work, outcome=outcome), strategy, against)


def _note(story: Market, ran: Market) -> str:
    if (story.people, story.replications) == (ran.people, ran.replications):
        return ""
    costs = "; one-off costs are shared as by all of them" if story.people != ran.people else ""
    return (f"Run on {ran.people:,} people and {ran.replications:,} replications of the story's {story.people:,} and "
            f"{story.replications:,}{costs}.")

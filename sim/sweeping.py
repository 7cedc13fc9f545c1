"""A sweep from Python: which strategy wins where, as a table, words, a map and a page; stored beside the story's own runs."""

from __future__ import annotations

import csv
import hashlib
import html
import io
import json
import math
import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sim.engine import archive
from sim.experiments.compare import Interrupted, check_outcome, run_each
from sim.experiments.design import Design, designed
from sim.experiments.explain import check_strategies
from sim.experiments.phases import Phases
from sim.experiments.sizes import check_count
from sim.experiments.sweep import Progress, Spot, Sweep, sweep
from sim.market import Market, footprint, with_design
from sim.story.emit import emit
from sim.story.load import vary
from sim.story.over import OverError, read_all
from sim.story.resolve import complete, listed_in, resolve
from sim.story.scenario import Mistake, ScenarioError
from sim.story.settings import label

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.api import Story
    from sim.cells.work import Work
    from sim.story.scenario import Scenario

__all__ = ["Swept", "swept"]

MOST_TOLD: Final = 3
"""So many mistakes of a point are told; the others are like them."""


@dataclass(frozen=True, repr=False)
class Swept(Sweep):
    """A sweep together with its story: it can draw its map, show itself in a notebook and be stored.

    note: what a reader of the numbers must know beside them.
    """

    story: Story
    note: str

    @property
    def scenario_text(self) -> str:
        """The resolved scenario of the story as written, in the design of the sweep."""
        full, market = listed_in(complete(self.story.scenario), archive.TIES), self.market
        return emit({**full, "seed": market.seed, "replications": market.replications, "outcome": self.outcome,
                     "market": {**full["market"], "people": market.people}})

    @property
    def hash(self) -> str:
        """SHA-256 of that text, as hexadecimal digits."""
        return hashlib.sha256(self.scenario_text.encode("utf-8")).hexdigest()

    @property
    def written(self) -> tuple[float | None, ...]:
        """Where the story as written lies on each axis; None where its value is no number of the axis, or not one value."""
        return own_values(self.story.scenario, self.design)

    @property
    def headline(self) -> str:
        """What wins at how many points, in a line."""
        return Phases(self).headline()

    @property
    def sentences(self) -> tuple[str, ...]:
        """What follows: which key turns the answer and where, the story itself, what is open."""
        return Phases(self).sentences()

    def figure(self, name: str = "map") -> Figure:
        """The phase map. Errors: KeyError for another name."""
        if name != "map":
            raise KeyError(f"no figure {name!r}; there is map")
        from sim.report.figures.phases import phases
        from sim.report.style import drawing

        with drawing():
            return phases(self, self.written)

    def page(self, command: Sequence[str] = ()) -> str:
        """The sweep as one HTML page that opens offline. command: what was typed, for the record."""
        from sim import __version__
        from sim.report.swept import page

        return page(self, self.written, {"title": self.story.title, "hash": self.hash, "version": __version__,
                                         "note": self.note, "command": shlex.join(command)})

    def write(self, directory: str | Path = "runs", *, command: Sequence[str] = (), drawn: bool = True) -> Path:
        """Store the sweep in a new folder of `directory`, beside the runs of the story as written, and say which.

        drawn=False leaves page and map out. The folder is a stored run like any other, every file under its digest.
        Errors: OSError when the folder cannot be written.
        """
        note = " ".join(filter(None, (self.note, Phases(self).unfinished())))
        folder = archive.write(self.own.runs, Path(directory), name=f"{self.story.scenario.path.stem}-sweep",
                               scenario=self.scenario_text, outcome=self.outcome, command=command, note=note)
        archive.add(folder, lambda place: self._save(place, folder, command, drawn))
        return folder

    def _save(self, place: Path, folder: Path, command: Sequence[str], drawn: bool) -> None:
        text = json.dumps(self.document(folder), ensure_ascii=False, allow_nan=False, indent=1)
        (place / "sweep.json").write_text(text + "\n", encoding="utf-8")
        (place / "sweep.csv").write_bytes(self._table().encode("utf-8-sig"))
        if drawn:
            from sim.report.style import png, svg

            picture = self.figure()
            (place / "map.svg").write_text(svg(picture), encoding="utf-8")
            (place / "map.png").write_bytes(png(picture))
            (place / "sweep.html").write_text(self.page(command), encoding="utf-8")

    def _table(self) -> str:
        text = io.StringIO(newline="")
        lines, rows = csv.writer(text), self.rows()
        for number, row in enumerate(rows):
            if not number:
                lines.writerow(row)
            lines.writerow(["" if isinstance(value, float) and math.isnan(value) else value for value in row.values()])
        return text.getvalue()

    def document(self, folder: Path | None = None) -> dict[str, Any]:
        """The sweep as plain JSON values; None for a number that does not exist. folder: where it is stored."""
        market, design = self.market, self.design
        places = [{**row, **{key: _known(row[key]) for key in ("margin", "low", "high")}} for row in self.places()]
        return {
            "scenario": market.title, "hash": self.hash, "seed": market.seed, "replications": market.replications,
            "people": market.people, "outcome": self.outcome, "strategies": list(self.strategies),
            "design": {"kind": design.kind, "points": design.count, "over": [
                {"label": axis.label, "keys": list(axis.keys), "written": axis.text, "unit": axis.unit, "story": own}
                for axis, own in zip(design.axes, self.written, strict=True)]},
            "finished": len(self.numbers), "interrupted": not self.complete, "runs": self.runs,
            "wins": self.wins, "open": self.count("open"), "same": self.count("same"), "unknown": self.count("unknown"),
            "verdict": {"decided": self.decided, "sentence": f"{self.headline}.", "sentences": list(self.sentences)},
            "as_written": _spot(self.own_spot), "points": places,
            "outcomes": [{**row, **{key: _known(float(row[key])) for key in ("mean", "low", "high")}}
                         for row in self.rows([self.outcome])],
            "note": self.note, "run": None if folder is None else folder.as_posix()}

    def __repr__(self) -> str:
        return f"<Sweep of {self.market.title}: {self.headline}.>"

    def _repr_html_(self) -> str:
        said = "".join(f"<p>{html.escape(one)}</p>" for one in self.sentences)
        return f"<h4>{html.escape(self.market.title)}</h4><p><b>{html.escape(self.headline)}.</b></p>{said}"


def _spot(one: Spot) -> dict[str, Any]:
    return {"best": one.best, "state": one.state, "runner_up": one.runner_up, "margin": _known(one.margin.mean),
            "low": _known(one.margin.low), "high": _known(one.margin.high)}


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def own_values(scenario: Scenario, design: Design) -> tuple[float | None, ...]:
    """Where a story lies on each axis of a design, where all tied keys say one number."""
    from sim.story.settings import split

    full = complete(scenario)
    told: list[float | None] = []
    for axis in design.axes:
        found = set()
        for key in axis.keys:
            path = split(f"{key}=")
            found.add(axis.number(None if path is None else _at(full, path[0])))
        told.append(found.pop() if len(found) == 1 else None)
    return tuple(told)


def _at(full: Any, path: Sequence[str | int]) -> Any:
    """What stands at a path of a complete story; None where nothing does. One value for all attributes is that value."""
    here = full
    for step in map(str, path):
        if isinstance(here, list):
            here = here[int(step)] if step.isdecimal() and int(step) < len(here) else None
        else:
            here = here.get(step) if isinstance(here, dict) else None
    if isinstance(here, dict) and list(here) == list(full["service"]) and len(set(map(str, here.values()))) == 1:
        return next(iter(here.values()))
    return here


def swept(story: Story, over: Sequence[str], *, design: str, points: int | None, strategies: Sequence[str] | None,
          outcome: str | None, replications: int | None, seed: int | None, people: int | None, jobs: int | None, costs: str,
          progress: Progress | None, work: Work | None = None) -> Swept:
    """Sweep a story; what is left out is as the scenario says. costs: what to know of money. Errors: as for `Story.sweep`."""
    market = with_design(story.market, replications, seed, people)
    outcome = story.scenario.outcome if outcome is None else outcome
    check_outcome(outcome, market)
    names = _chosen(story, strategies)
    where = designed(read_all(over), design, points, market.seed)
    check_count(where.count, market, len(names), jobs)
    markets = _markets(story, where, names, (replications, seed, people), progress)
    try:
        own = run_each(market, names, jobs=jobs, work=work,
                       progress=None if progress is None else _as_written(progress, names))
    except Interrupted:
        raise KeyboardInterrupt("no point was finished, so nothing is kept") from None
    found = sweep(market, where, markets, names, own, outcome=outcome, jobs=jobs, progress=progress, work=work)
    note = " ".join(filter(None, (where.note, costs)))
    return Swept(**{field.name: getattr(found, field.name) for field in fields(Sweep)}, story=story, note=note)


def _as_written(progress: Progress, names: Sequence[str]) -> Callable[[str, int, int], None]:
    return lambda name, done, total: progress("the story as written", names.index(name) * total + done, len(names) * total)


def _chosen(story: Story, strategies: Sequence[str] | None) -> list[str]:
    """The strategies to hold against each other, in the story's order."""
    for name in strategies or ():
        if name not in story.strategies:
            raise ValueError(f"there is no strategy {name!r}; strategies: {', '.join(story.strategies)}")
    names = [name for name in story.strategies if not strategies or name in strategies]
    if len(names) < 2:
        check_strategies(story.strategies, None, None)
        raise ValueError(f"{names[0]} alone has nothing to win against; name at least two strategies")
    return names


def _markets(story: Story, design: Design, names: Sequence[str], given: tuple[int | None, int | None, int | None],
             progress: Progress | None) -> list[Market]:
    """The market of every point, each checked as a story before anything is run. given: replications, seed, people, or None.

    Errors: OverError naming the point.
    """
    for axis in design.axes:
        for key in axis.keys:
            if given[2] is not None and key.startswith("market.people"):
                raise OverError(f"--over '{axis.text}': the number of people is varied here; leave --people out")
            _alone(story, axis.text, f"{key}={axis.at(0.0)}")
    found: list[Market] = []
    for number in range(design.count):
        settings = design.settings(number)
        try:
            found.append(with_design(resolve(vary(story.scenario, settings)), *given))
        except ScenarioError as error:
            raise _at_point(design, number, settings, error) from None
        _check_point(found[-1], design, number, names)
        if progress is not None and number % 100 == 99 and number + 1 < design.count:
            progress("checking the points", number + 1, design.count)
    return found


def _alone(story: Story, text: str, setting: str) -> None:
    """A key that there is not is said before any point is looked at: with one value alone, whatever that breaks elsewhere."""
    try:
        vary(story.scenario, [setting])
    except ScenarioError as error:
        own = [one for one in error.mistakes if one.file == label(setting)]
        if own:
            raise OverError(f"--over '{text}': {own[0].key}: {own[0].message}" if own[0].key else
                            f"--over '{text}': {own[0].message}") from None


def _at_point(design: Design, number: int, settings: Sequence[str], error: ScenarioError) -> OverError:
    """What is wrong with one point, in a sentence."""
    files = {label(one) for one in settings}

    def said(one: Mistake) -> str:
        return f"{one.key}: {one.message}" if one.file in files else str(one)

    told = [said(one) for one in error.mistakes[:MOST_TOLD]]
    return OverError(f"{_called(design, number, settings)} is no story: {'; '.join(told)}")


def _check_point(market: Market, design: Design, number: int, names: Sequence[str]) -> None:
    from sim.machine import memory

    there, said = [one.name for one in market.strategies], _called(design, number, design.settings(number))
    if any(name not in there for name in names):
        raise OverError(f"{said} has other strategies: {', '.join(there)}")
    needs, free = footprint(replace(market, strategies=market.strategies[:1])), memory()[1]
    if needs.bytes > 0.8 * free > 0:
        raise OverError(f"{said} is too large for this machine: {needs.sentence}, and it has {free / 1e9:,.1f} GB free")


def _called(design: Design, number: int, settings: Sequence[str]) -> str:
    """A point in a sentence, numbered from 1."""
    return f"point {number + 1:,} of {design.count:,} ({', '.join(settings)})"



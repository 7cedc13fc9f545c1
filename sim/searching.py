"""A search from Python: the best levers of a strategy, as numbers, words, a figure and a page; stored beside their run."""

from __future__ import annotations

import csv
import hashlib
import html
import io
import json
import math
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.cells.work import Work
from sim.engine import archive
from sim.experiments.advice import Advice, spends
from sim.experiments.evaluate import Progress
from sim.experiments.search import Judged, Search, check_outcome, limit, most_looks, search
from sim.experiments.sizes import check_count
from sim.experiments.statistics import Estimate
from sim.experiments.variants import Variants, designed, few_replications
from sim.market import with_design
from sim.outcomes import OUTCOMES
from sim.story.emit import emit
from sim.story.load import vary
from sim.story.ranges import Range, against
from sim.story.resolve import complete, listed_in

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.api import Story

__all__ = ["Found", "searched"]


@dataclass(frozen=True, repr=False)
class Found(Search):
    """The best levers together with their story: it can draw its figure, show itself in a notebook and be stored."""

    story: Story

    @property
    def headline(self) -> str:
        """What to do, in a line."""
        return Advice(self).headline()

    @property
    def sentences(self) -> tuple[str, ...]:
        """What the best levers bring, what was luck, and how limits are kept."""
        return tuple(Advice(self).sentences())

    @property
    def levers(self) -> Mapping[str, str]:
        """The best levers, as `--set` takes them: key → value."""
        return dict(one.split("=", 1) for one in self.settings)

    @property
    def settings(self) -> tuple[str, ...]:
        """What puts the best levers into the story, as after `--set`."""
        return tuple(told for one, x in zip(self.ranges, self.best.point, strict=True) for told in one.settings(x))

    @property
    def scenario_text(self) -> str:
        """The resolved scenario with the best levers, on the fresh luck they were judged on; after Ctrl-C as it stands."""
        full = complete(self.story.scenario if self.interrupted else vary(self.story.scenario, self.settings))
        return emit(listed_in(designed(full, self.market, self.outcome), archive.TIES))

    @property
    def hash(self) -> str:
        """SHA-256 of that scenario, as hexadecimal digits."""
        return hashlib.sha256(self.scenario_text.encode("utf-8")).hexdigest()

    def figure(self, name: str = "frontier") -> Figure:
        """What more money buys: the frontier on fresh luck. Errors: KeyError for another name."""
        if name != "frontier":
            raise KeyError(f"no figure {name!r}; there is frontier")
        from sim.report.figures.frontier import frontier
        from sim.report.style import drawing

        with drawing():
            return frontier(self)

    def page(self, command: Sequence[str] = ()) -> str:
        """The search as one HTML page that opens offline. command: what was typed."""
        from sim import __version__
        from sim.report.levers import search_page

        return search_page(self, {"title": self.story.title, "hash": self.hash, "version": __version__,
                                  "command": shlex.join(command)})

    def write(self, directory: str | Path = "runs", *, command: Sequence[str] = (), drawn: bool = True) -> Path:
        """Store the search in a new folder of `directory`, beside the run of the best levers on fresh luck, and say which.

        drawn=False leaves page and figure out. The folder is a stored run like any other, every file under its digest.
        Errors: OSError when the folder cannot be written.
        """
        folder = archive.write(self.runs, Path(directory), name=f"{self.story.scenario.path.stem}-searched",
                               scenario=self.scenario_text, outcome=self.outcome, command=command,
                               note=f"Interrupted: {self.interrupted}." if self.interrupted else "")
        archive.add(folder, lambda place: self._save(place, folder, command, drawn))
        return folder

    def _save(self, place: Path, folder: Path, command: Sequence[str], drawn: bool) -> None:
        text = json.dumps(self.document(folder), ensure_ascii=False, allow_nan=False, indent=1)
        (place / "search.json").write_text(text + "\n", encoding="utf-8")
        (place / "tried.csv").write_bytes(self._table().encode("utf-8-sig"))
        if drawn:
            from sim.report.style import png, svg

            if not self.interrupted:
                picture = self.figure()
                (place / "frontier.svg").write_text(svg(picture), encoding="utf-8")
                (place / "frontier.png").write_bytes(png(picture))
            (place / "search.html").write_text(self.page(command), encoding="utf-8")

    def _table(self) -> str:
        """Everything that was looked at, a row a point: its levers, and its mean outcomes on the luck of the search."""
        text = io.StringIO(newline="")
        lines = csv.writer(text)
        lines.writerow([*(" & ".join(one.keys) for one in self.ranges), *OUTCOMES])
        for tried in self.tried:
            lines.writerow([*(one.written(x) for one, x in zip(self.ranges, tried.point, strict=True)),
                            *("" if math.isnan(tried.means[name]) else tried.means[name] for name in OUTCOMES)])
        return text.getvalue()

    def document(self, folder: Path | None = None) -> dict[str, Any]:
        """The search as plain JSON values; None for a number that does not exist. folder: where it is stored."""
        market, written = self.market, self.written
        return {
            "scenario": self.story.title, "hash": self.hash, "seed": self.seed, "fresh_seed": market.seed,
            "replications": market.replications, "people": market.people, "strategy": self.strategy, "outcome": self.outcome,
            "levers": [{"keys": list(one.keys), "low": one.written(one.low), "high": one.written(one.high),
                        "best": one.written(x), "written": one.written(one.now) if math.isfinite(one.now) else None}
                       for one, x in zip(self.ranges, self.best.point, strict=True)],
            "set": list(self.settings), "interrupted": bool(self.interrupted), "decided": self.decided,
            "satisfied": self.satisfied,
            "limits": [{"limit": one.text, "outcome": one.outcome, **_estimate(self.best.outcomes[one.outcome]), "kept": kept}
                       for one, kept in zip(self.limits, self.within, strict=True)],
            "best": self._judged(self.best), "written": self._judged(written),
            "gain": _estimate(self.gain),
            "on_the_luck_of_the_search": _estimate(self.searched), "optimism": _number(self.optimism),
            "frontier": {"against": self.against, "points": [self._judged(one) for one in self.frontier],
                         "beaten": [self._judged(one) for one in self.beaten]}
            if spends(self) and not self.interrupted else None,
            "looks": len(self.tried), "refused": self.refused, "replications_searched": self.few,
            "headline": self.headline, "sentences": list(self.sentences),
            "run": None if folder is None else folder.as_posix()}

    def _judged(self, one: Judged) -> dict[str, Any]:
        return {"levers": {" & ".join(lever.keys): lever.written(x) if math.isfinite(x) else None
                           for lever, x in zip(self.ranges, one.point, strict=True)},
                "outcomes": {name: _estimate(found) for name, found in one.outcomes.items()}}

    def __repr__(self) -> str:
        return f"<Search of {self.strategy}: {self.headline}>"

    def _repr_html_(self) -> str:
        return (f"<h4>{html.escape(self.story.title)}</h4><p><b>{html.escape(self.headline)}.</b> "
                f"{html.escape(' '.join(self.sentences))}</p>")


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _estimate(found: Estimate) -> dict[str, float | None]:
    return {"mean": _number(found.mean), "low": _number(found.low), "high": _number(found.high)}


def strategy_of(story: Story, ranges: Sequence[Range], strategy: str | None) -> str:
    """The strategy whose levers these are, where none is named. Errors: ValueError says what is allowed."""
    from sim.story.settings import split

    if strategy is not None and strategy not in story.strategies:
        raise ValueError(f"there is no strategy {strategy!r}; strategies: {', '.join(story.strategies)}")
    paths = [(split(f"{key}=0") or ((), ""))[0] for one in ranges for key in one.keys]
    theirs = {str(path[1]) for path in paths if len(path) > 1 and path[0] == "strategies"}
    if strategy is None and len(theirs) != 1:
        raise ValueError("name the strategy whose levers are searched; strategies: " + ", ".join(story.strategies))
    others = theirs - {strategy} if strategy is not None else set()
    if others:
        raise ValueError(f"{sorted(others)[0]!r} is another strategy than {strategy!r}: its levers do not change this one")
    return strategy if strategy is not None else next(iter(theirs))


def searched(story: Story, over: Sequence[str], strategy: str | None, *, outcome: str | None, within: Sequence[str],
             looks: int | None, replications: int | None, seed: int | None, people: int | None, work: Work | None,
             progress: Progress | None) -> Found:
    """Search a story's levers; what is left out is as the scenario says. Errors: as for `Story.search`."""
    if not over:
        raise ValueError("nothing is let move; name levers with --over KEY=LOW..HIGH")
    ranges = against(story.scenario, over)
    named = strategy_of(story, ranges, strategy)
    about = story.scenario.outcome if outcome is None else outcome
    check_outcome(about)
    wanted = with_design(story.market, replications, seed, people)
    most = most_looks(len(ranges), looks)
    check_count(most, with_design(wanted, few_replications(wanted, most), None, None), 1, what="search", fewer="--looks")
    put = Variants(story.scenario, ranges, wanted, about)
    found = search(put.story, put.market, ranges, named, outcome=about, limits=[limit(one) for one in within],
                   looks=most, work=work, why=put.why, progress=progress)
    return Found(**{field.name: getattr(found, field.name) for field in fields(Search)}, story=story)

"""A game from Python: our strategies against a rival's, as numbers, words, a figure and a page; stored beside its runs."""

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
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.engine import archive
from sim.experiments.compare import Progress
from sim.experiments.game import Game, play
from sim.market import with_design
from sim.story.emit import emit
from sim.story.resolve import complete

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.api import Story
    from sim.cells.work import Work

__all__ = ["Played", "played"]


@dataclass(frozen=True, repr=False)
class Played(Game):
    """A game together with its story: it can draw its figure, show itself in a notebook and be stored."""

    story: Story

    @property
    def scenario_text(self) -> str:
        """The resolved scenario of exactly what was played; what the rival plays in it is what its stored runs met."""
        full, market = complete(self.story.scenario), self.market
        return emit({**full, "seed": market.seed, "replications": market.replications,
                     "market": {**full["market"], "people": market.people}})

    @property
    def hash(self) -> str:
        """SHA-256 of the resolved scenario, as hexadecimal digits."""
        return hashlib.sha256(self.scenario_text.encode("utf-8")).hexdigest()

    def figure(self, name: str = "payoffs") -> Figure:
        """The payoffs of both firms, best replies marked and equilibria framed. Errors: KeyError for another name."""
        if name != "payoffs":
            raise KeyError(f"no figure {name!r}; there is payoffs")
        from sim.report.figures.payoffs import payoffs
        from sim.report.style import drawing

        with drawing():
            return payoffs(self)

    def page(self, command: Sequence[str] = (), note: str = "") -> str:
        """The game as one HTML page that opens offline. command: what was typed; note: what to know beside the numbers."""
        from sim import __version__
        from sim.report.played import page

        said = {"title": self.story.title, "hash": self.hash, "version": __version__, "note": note,
                "command": shlex.join(command)}
        return page(self, said)

    def write(self, directory: str | Path = "runs", *, command: Sequence[str] = (), drawn: bool = True, note: str = "") -> Path:
        """Store the game in a new folder of `directory`, beside our runs against what the rival plays, and say which.

        drawn=False leaves page and figure out. The folder is a stored run like any other, every file under its digest.
        Errors: OSError when the folder cannot be written.
        """
        folder = archive.write(self.runs, Path(directory), name=f"{self.story.scenario.path.stem}-game",
                               scenario=self.scenario_text, outcome=self.story.scenario.outcome, command=command, note=note)
        archive.add(folder, lambda place: self._save(place, folder, command, drawn, note))
        return folder

    def _save(self, place: Path, folder: Path, command: Sequence[str], drawn: bool, note: str) -> None:
        text = json.dumps(self.document(folder), ensure_ascii=False, allow_nan=False, indent=1)
        (place / "game.json").write_text(text + "\n", encoding="utf-8")
        (place / "payoffs.csv").write_bytes(self._table().encode("utf-8-sig"))
        if drawn:
            from sim.report.style import png, svg

            picture = self.figure()
            (place / "payoffs.svg").write_text(svg(picture), encoding="utf-8")
            (place / "payoffs.png").write_bytes(png(picture))
            (place / "game.html").write_text(self.page(command, note), encoding="utf-8")

    def _table(self) -> str:
        text = io.StringIO(newline="")
        lines, rows = csv.writer(text), self.rows()
        lines.writerow(rows[0])
        for row in rows:
            lines.writerow(["" if isinstance(value, float) and math.isnan(value) else value for value in row.values()])
        return text.getvalue()

    def document(self, folder: Path | None = None) -> dict[str, Any]:
        """The game as plain JSON values; None for a number that does not exist. folder: where it is stored."""
        market, verdict = self.market, self.verdict
        return {
            "scenario": market.title, "hash": self.hash, "seed": market.seed, "replications": market.replications,
            "people": market.people, "outcome": self.outcome, "firms": list(self.firms),
            "strategies": {firm: list(names) for firm, names in zip(self.firms, self.strategies, strict=True)},
            "payoffs": [{key: row[key] for key in ("ours", "theirs", "firm")}
                        | {key: _known(float(row[key])) for key in ("mean", "low", "high", "sd")} for row in self.rows()],
            "best_replies": [{"firm": one.firm, "to": one.to, "best": list(one.best), "decided": one.decided}
                             for one in self.replies],
            "dominated": [{"firm": one.firm, "strategy": one.strategy, "by": one.by} for one in self.dominated],
            "equilibria": {
                "pure": [{"ours": one.ours, "theirs": one.theirs, "decided": one.decided, "share": one.share}
                         for one in self.pure],
                "mixed": None if self.mixed is None else [{"ours": dict(one.ours), "theirs": dict(one.theirs)}
                                                          for one in self.mixed]},
            "advice": self.advice,
            "verdict": {"kind": verdict.kind, "decided": self.decided, "sentence": verdict.sentence,
                        "better": None if verdict.better is None else list(verdict.better),
                        "more_replications": verdict.more_replications, "sentences": list(self.sentences)},
            "run": None if folder is None else folder.as_posix()}

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><td style='text-align:left'>{html.escape(str(row['ours']))}</td>"
                       f"<td style='text-align:left'>{html.escape(str(row['theirs']))}</td>"
                       f"<td style='text-align:left'>{html.escape(str(row['firm']))}</td><td>{row['mean']:.4g}</td>"
                       f"<td>{row['low']:.4g} … {row['high']:.4g}</td></tr>" for row in self.rows())
        return (f"<h4>{html.escape(self.market.title)}</h4><p><b>{html.escape(self.verdict.sentence)}</b> "
                f"{html.escape(' '.join(self.sentences))}</p><table><tr><th>ours</th><th>theirs</th><th>payoff of</th>"
                f"<th>{html.escape(self.outcome)}</th><th>95% interval</th></tr>{rows}</table>")


def _known(value: float) -> float | None:
    """A number for JSON, which knows no NaN: None in its place."""
    return value if math.isfinite(value) else None


def played(story: Story, rival: str | None, *, outcome: str | None, replications: int | None, seed: int | None,
           people: int | None, jobs: int | None, keep: Sequence[str], progress: Progress | None,
           work: Work | None = None) -> Played:
    """Play a story's game; what is left out is as the scenario says. Errors: as for `experiments.game.play`."""
    market = with_design(story.market, replications, seed, people)
    found = play(market, rival, outcome=outcome, jobs=jobs, keep=keep, progress=progress, work=work)
    return Played(**{field.name: getattr(found, field.name) for field in fields(Game)}, story=story)

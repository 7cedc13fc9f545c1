"""An explanation from Python: why a strategy wins, as numbers, words, a figure and a page; stored beside its runs."""

from __future__ import annotations

import hashlib
import html
import json
import math
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sim.engine import archive
from sim.experiments.explain import Attribution, Explained, Progress, check_strategies, explain
from sim.experiments.mechanisms import acts, mechanisms
from sim.experiments.parameters import parameters
from sim.experiments.reasons import Reasons
from sim.experiments.shapley import EXACTLY, MOST_SETS
from sim.experiments.statistics import Estimate
from sim.experiments.tipping import MOST_LOOKS, Tipping
from sim.experiments.variants import designed
from sim.market import Market, fewest_people, footprint, queues, with_design
from sim.story.emit import emit
from sim.story.resolve import complete, listed_in, market_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.api import Story
    from sim.cells.work import Work

__all__ = ["Explanation", "explained"]

MOST_VISITS: Final = 150_000_000
"""About so many visits are simulated where nothing else is asked for: under a minute on two cores."""
REPLICATIONS, FEWEST_PEOPLE = 10, 200


@dataclass(frozen=True, repr=False)
class Explanation(Explained):
    """Why one strategy beats another, with its story. scenario_text: the resolved scenario of exactly what was run.

    note: what a reader must know of the design.
    """

    story: Story
    scenario_text: str
    note: str

    @property
    def hash(self) -> str:
        """SHA-256 of the scenario that was run, as hexadecimal digits."""
        return hashlib.sha256(self.scenario_text.encode("utf-8")).hexdigest()

    @property
    def paragraph(self) -> str:
        """The explanation in a few sentences for people."""
        return Reasons(self).paragraph()

    @property
    def headline(self) -> str:
        """The explanation in a line."""
        return Reasons(self).headline()

    def figure(self, name: str = "explanation") -> Figure:
        """The difference as a waterfall: the null model, the mechanisms, the whole. Errors: KeyError for another name."""
        if name != "explanation":
            raise KeyError(f"no figure {name!r}; there is explanation")
        from sim.report.figures.explanation import explanation

        return explanation(self)

    def page(self, command: Sequence[str] = ()) -> str:
        """The explanation as one HTML page that opens offline. command: what was typed, for the record."""
        from sim.report import explained

        return explained.page(self, {**self.said, "command": shlex.join(command)})

    @property
    def said(self) -> dict[str, str]:
        """What the page tells beside the numbers."""
        from sim import __version__

        return {"title": self.story.title, "hash": self.hash, "version": __version__, "note": self.note}

    def write(self, directory: str | Path = "runs", *, command: Sequence[str] = (), drawn: bool = True) -> Path:
        """Store the explanation in a new folder of `directory`, beside the runs of all strategies, and say which.

        drawn=False leaves page and figure out. The folder is a stored run like any other, every file under its digest.
        Errors: OSError when the folder cannot be written.
        """
        folder = archive.write(self.comparison.runs, Path(directory), name=f"{self.story.scenario.path.stem}-explained",
                               scenario=self.scenario_text, outcome=self.outcome, command=command, note=self.note)
        archive.add(folder, lambda place: self._save(place, folder, command, drawn))
        return folder

    def _save(self, place: Path, folder: Path, command: Sequence[str], drawn: bool) -> None:
        text = json.dumps(self.document(folder), ensure_ascii=False, allow_nan=False, indent=1)
        (place / "explanation.json").write_text(text + "\n", encoding="utf-8")
        if drawn:
            from sim.report.style import png, svg

            picture = self.figure()
            (place / "explanation.svg").write_text(svg(picture), encoding="utf-8")
            (place / "explanation.png").write_bytes(png(picture))
            (place / "explanation.html").write_text(self.page(command), encoding="utf-8")

    def document(self, folder: Path | None = None) -> dict[str, Any]:
        """The explanation as plain JSON values; None for a number that does not exist. folder: where it is stored."""
        market, largest = self.market, self.largest
        return {
            "scenario": market.title, "hash": self.hash, "seed": market.seed, "replications": market.replications,
            "people": market.people, "outcome": self.outcome, "strategy": self.strategy, "against": self.against,
            "decided": self.decided, "headline": self.headline, "paragraph": self.paragraph,
            "deciding": [one.key for one in self.deciding], "largest": None if largest is None else largest.key,
            **_attribution(self.attributions[self.outcome]),
            "without": [{"mechanism": one.mechanism, "key": one.key, **_estimate(one.difference), "answer": one.answer,
                         "lasting": _estimate(one.lasting)} for one in self.without],
            "tipping": [_tipping(one) for one in self.tipping],
            "lasting": {where: {name: _estimate(one) for name, one in levels.items()}
                        for where, levels in self.lasting.items()},
            "outcomes": {name: _attribution(one) for name, one in self.attributions.items()},
            "method": {"exact": self.pairs == 0, "combinations": self.combinations, "pairs_of_orders": self.pairs,
                       "runs": self.runs}, "note": self.note, "interrupted": self.interrupted,
            "run": None if folder is None else folder.as_posix()}

    def __repr__(self) -> str:
        return f"<Explanation of {self.strategy} against {self.against}: {self.paragraph}>"

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><td style='text-align:left'>{html.escape(one.mechanism)}</td><td>{one.mean:+.4g}</td>"
                       f"<td>{one.low:.4g} … {one.high:.4g}</td></tr>" for one in self.parts)
        return (f"<h4>{html.escape(self.headline)}</h4><p>{html.escape(self.paragraph)}</p><table><tr>"
                f"<th style='text-align:left'>mechanism</th><th>adds</th><th>95% interval</th></tr>{rows}</table>")


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _estimate(found: Estimate) -> dict[str, float | None]:
    return {"mean": _number(found.mean), "low": _number(found.low), "high": _number(found.high)}


def _attribution(found: Attribution) -> dict[str, Any]:
    return {"difference": _estimate(found.total), "null": _estimate(found.null),
            "parts": [{"mechanism": one.mechanism, "key": one.key, "mean": _number(one.mean), "low": _number(one.low),
                       "high": _number(one.high), "error": _number(one.error)} for one in found.parts]}


def _tipping(one: Tipping) -> dict[str, Any]:
    parameter = one.parameter
    return {"parameter": parameter.key, "of": parameter.of, "lever": parameter.lever, "unit": parameter.unit,
            "meaning": parameter.meaning, "value": parameter.value, "flips": one.flips, "tips": _number(one.tips),
            "low": _number(one.low), "high": _number(one.high), "margin": _number(one.margin),
            "searched": [_number(end) for end in one.searched], "unknown": one.unknown}


def explained(story: Story, strategy: str | None, against: str | None, *, outcome: str | None, replications: int | None,
              seed: int | None, people: int | None, jobs: int | None, tipping: bool, progress: Progress | None,
              work: Work | None = None) -> Explanation:
    """Explain a story; what is left out is chosen. Errors: as for `experiments.explain.explain`."""
    check_strategies(story.strategies, strategy, against)
    outcome = story.scenario.outcome if outcome is None else outcome
    wanted = with_design(story.market, replications, seed, people)
    if replications is None and people is None:
        wanted = smaller(wanted, tipping)
    full = designed(complete(story.scenario), wanted, outcome)
    found = explain(market_of(full, story.scenario.ties), outcome=outcome, strategy=strategy, against=against, jobs=jobs,
                    tipping=tipping, progress=progress, work=work)
    return Explanation(**{field.name: getattr(found, field.name) for field in fields(Explained)}, story=story,
                       scenario_text=emit(listed_in(full, archive.TIES)), note=_note(story.market, wanted))


def smaller(market: Market, tipping: bool) -> Market:
    """The design, cut down so that an explanation takes about MOST_VISITS visits: fewer replications, then fewer people.

    Where people wait for one another they stay as many as they are, since hands do not shrink with them.
    """
    on = [one for one in mechanisms(market) if acts(market, one)]
    names = [one.name for one in market.strategies]
    looks = len(parameters(market, on, names[-2:], money=False)) * MOST_LOOKS if tipping and on else 0
    runs = len(names) + 2 * (min(2**len(on), MOST_SETS) if len(on) <= EXACTLY else 2 * MOST_SETS) + looks
    visits = footprint(market).visits / len(names) * runs
    if visits <= MOST_VISITS:
        return market
    fewer = min(market.replications, REPLICATIONS)
    visits *= fewer / market.replications
    if queues(market):
        return with_design(market, fewer, None, None)
    people = max(min(FEWEST_PEOPLE, market.people), min(market.people, int(market.people * MOST_VISITS / visits)))
    people = people if people == market.people else max(1, people // 100) * 100 if people >= 100 else people
    return with_design(market, fewer, None, max(people, fewest_people(market.network)))


def _note(story: Market, ran: Market) -> str:
    if (story.people, story.replications) == (ran.people, ran.replications):
        return ""
    costs = "; one-off costs and budgets are shared as by all of them" if story.people != ran.people else ""
    if costs and queues(ran):
        costs += f"; the same hands, at the same wages, serve {'fewer' if ran.people < story.people else 'more'} people"
    return (f"Explained on {ran.people:,} people and {ran.replications:,} replications of the story's {story.people:,} and "
            f"{story.replications:,}{costs}.")

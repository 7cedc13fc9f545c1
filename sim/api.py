"""The product from Python: load a story, compare its strategies, look at the answer, store it and read it back."""

from __future__ import annotations

import hashlib
import html
import math
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sim.engine import archive
from sim.engine.records import Run
from sim.experiments import compare as comparing
from sim.experiments.budgets import spending
from sim.experiments.compare import Comparison, Progress
from sim.experiments.findings import Finding, findings
from sim.experiments.sequence import MOST, Plan, check_margin, plan
from sim.market import EachTime, Market, footprint, limited, queues, with_design
from sim.outcomes import OUTCOMES, UNITS
from sim.story.cautions import cautions
from sim.story.emit import emit
from sim.story.load import load as load_scenario
from sim.story.resolve import complete, listed_in, resolve
from sim.story.scenario import Scenario

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.cells.work import Work
    from sim.experiments.selection import Selected
    from sim.experiments.sweep import Progress as SweepProgress
    from sim.explanation import Explanation
    from sim.playing import Played
    from sim.searching import Found
    from sim.sensing import Sensed
    from sim.spending import Fair
    from sim.sweeping import Swept

__all__ = ["Answer", "Story", "load", "read", "redraw"]


@dataclass(frozen=True, repr=False)
class Story:
    """A scenario that can be run. scenario: as people wrote it, validated; market: resolved, nothing left unsaid."""

    scenario: Scenario
    market: Market

    @property
    def title(self) -> str:
        """The story's title."""
        return self.scenario.title

    @property
    def strategies(self) -> tuple[str, ...]:
        """The strategies' names; the first is the baseline."""
        return tuple(strategy.name for strategy in self.market.strategies)

    @property
    def cautions(self) -> tuple[str, ...]:
        """What the market does that its writing does not show, a sentence each; none for most stories."""
        return cautions(self.market)

    def compare(self, *, replications: int | None = None, seed: int | None = None, people: int | None = None,
                jobs: int | None = None, outcome: str | None = None, keep: Sequence[str] = (),
                until: tuple[float, str] | None = None, progress: Progress | None = None, work: Work | None = None) -> Answer:
        """Run every strategy on the same people and luck. What is left out is as the scenario says.

        outcome: what the verdict is about. keep: ("customers",) keeps a row a person. jobs: threads, all cores if
        left out. until: (0.1, "satisfaction") adds replications until the best strategy is surely different from every other in
        that outcome, or surely within 0.1 of it, in the unit that reports use; `replications` is then the most. work: what
        `sim.cells.hire.work` makes of processes, a cluster and a store of finished cells, in place of jobs. Errors:
        ValueError for an outcome no verdict can be about, for a design that is none, and for one that this machine's memory
        cannot hold; `compare.Interrupted` on Ctrl-C.
        """
        planned = None if until is None else self.plan(until, replications=replications, people=people, keep=keep)
        if planned is not None and outcome not in (None, planned.outcome):
            raise ValueError(f"the verdict is about what is to be settled, {planned.outcome}; leave outcome={outcome!r} out")
        chosen = outcome or (self.scenario.outcome if planned is None else planned.outcome)
        market = with_design(self.market, replications, seed, people)
        check_fits(market, keep)
        found = comparing.compare(market, jobs=jobs, outcome=chosen, keep=keep, plan=planned, progress=progress, work=work)
        return _answer(found, self, note=shared_costs(market, self.market.people))

    def plan(self, until: tuple[float, str], *, replications: int | None = None, people: int | None = None,
             keep: Sequence[str] = ()) -> Plan:
        """When one looks at a study that adds replications until it is settled.

        until: what is too small to matter, in the unit that reports use, and the outcome. replications: the most; 40 times the
        story's, or as many as this machine can hold, if left out. Errors: ValueError, in a sentence.
        """
        margin, outcome = until
        comparing.check_outcome(outcome, self.market)
        most = self.market.replications * MOST if replications is None else replications
        while replications is None and most > self.market.replications and not fits(
                with_design(self.market, most, None, people), keep):
            most = max(self.market.replications, most // 2)
        return plan(in_own_unit(margin, outcome), outcome, most)

    def run(self, strategy: str, *, replications: int | None = None, seed: int | None = None,
            people: int | None = None, jobs: int | None = None, keep: Sequence[str] = ()) -> Run:
        """Run one strategy. Errors: KeyError, naming those there are, for an unknown strategy; ValueError as in `compare`."""
        market = with_design(self.market, replications, seed, people)
        check_fits(replace(market, strategies=tuple(one for one in market.strategies if one.name == strategy)), keep)
        return comparing.run_each(market, [strategy], jobs=jobs, keep=keep)[strategy]

    def explain(self, strategy: str | None = None, against: str | None = None, *, outcome: str | None = None,
                replications: int | None = None, seed: int | None = None, people: int | None = None,
                jobs: int | None = None, tipping: bool = True, progress: Progress | None = None,
                work: Work | None = None) -> Explanation:
        """Which mechanisms make one strategy better than another, and how far each number must move to turn that round.

        strategy, against: the best and the next best if left out. replications, people: a design small enough for about
        a minute if both are left out. tipping=False leaves out the search for values that turn the answer round. work: as for
        `compare`. Errors:
        ValueError for strategies there are not, fewer than two, an outcome that cannot decide or a design that is none.
        """
        from sim.explanation import explained

        return explained(self, strategy, against, outcome=outcome, replications=replications, seed=seed, people=people,
                         jobs=jobs, tipping=tipping, progress=progress, work=work)

    def play(self, rival: str | None = None, *, outcome: str | None = None, replications: int | None = None,
             seed: int | None = None, people: int | None = None, jobs: int | None = None, keep: Sequence[str] = (),
             progress: Progress | None = None, work: Work | None = None) -> Played:
        """Play every strategy of ours against every strategy of a rival, on the same people and luck: what is best for
        whom, where that leads, and whether it is a dilemma.

        rival: needed where several have strategies. outcome: what either firm is after; profit if anything costs or
        earns money, else the share of visits. Errors: ValueError, in a sentence, for a story that is no game, a rival
        without strategies, an outcome that cannot be a payoff or a design that is none; Interrupted on Ctrl-C. work: as for
        `compare`.
        """
        from sim.experiments.game import find_rival
        from sim.playing import played

        find_rival(self.market, rival)
        check_fits(with_design(self.market, replications, seed, people), keep)
        return played(self, rival, outcome=outcome, replications=replications, seed=seed, people=people, jobs=jobs, keep=keep,
                      progress=progress, work=work)

    def select(self, within: tuple[float, str], *, replications: int | None = None, seed: int | None = None,
               people: int | None = None, jobs: int | None = None, progress: Progress | None = None,
               work: Work | None = None) -> Selected:
        """Choose the best of many strategies, dropping along the way those that fall behind.

        within: the difference one does not mind, in the unit that reports use, and the outcome: (0.1, "satisfaction"). Where
        the best is better than every other by that much or more, it is chosen in at least 95% of studies. replications: the
        most; 40 times the story's if left out. work: as for `compare`. Errors: ValueError, in a sentence, for what cannot be;
        KeyboardInterrupt on Ctrl-C.
        """
        from sim.experiments.selection import select

        margin, outcome = within
        market = with_design(self.market, None, seed, people)
        with_design(market, replications, None, None)
        check_fits(market)
        comparing.check_outcome(outcome, market)
        return select(market, outcome, in_own_unit(margin, outcome), replications=replications, jobs=jobs, progress=progress,
                      work=work)

    def sweep(self, over: str | Sequence[str], *, design: str = "grid", points: int | None = None,
              strategies: Sequence[str] | None = None, outcome: str | None = None, replications: int | None = None,
              seed: int | None = None, people: int | None = None, jobs: int | None = None,
              progress: SweepProgress | None = None, work: Work | None = None) -> Swept:
        """Which strategy wins where: all of them at many points of this story, on the same people and luck at each.

        over: what is varied, each as "psyche.learning.up=0.1..0.5/9" or "market.visits.every=7 days, 30 days"; all combinations
        with design "grid", else `points` points that fill the space ("sobol", "halton", "lhs"). strategies: all if left out.
        Errors: OverError, a sentence naming what is varied, or the point that is no story, before anything is run; ValueError
        for strategies there are not, an outcome that cannot decide and what is too large; KeyboardInterrupt on Ctrl-C before a
        point was finished: after one, what is finished is concluded from.
        """
        from sim.sweeping import swept

        market = with_design(self.market, replications, seed, people)
        check_fits(market)
        costs = shared_costs(market, self.market.people)
        return swept(self, [over] if isinstance(over, str) else over, design=design, points=points, strategies=strategies,
                     outcome=outcome, replications=replications, seed=seed, people=people, jobs=jobs, costs=costs,
                     progress=progress, work=_hands(jobs, work))

    def search(self, over: Sequence[str], strategy: str | None = None, *, outcome: str | None = None,
               within: Sequence[str] = (), looks: int | None = None, replications: int | None = None, seed: int | None = None,
               people: int | None = None, jobs: int | None = None, progress: Progress | None = None,
               work: Work | None = None) -> Found:
        """The best levers of a strategy within limits, searched on one luck and judged on another; and what more money buys.

        over: levers, such as 'strategies.gifts.0.surprise.chance=5%..40%'. strategy: needed where the levers do not name one.
        within: limits on outcomes, such as 'cost <= 12'. looks: at most so many points. Errors: ValueError, in a sentence, for
        a key, a range, a limit, a strategy or an outcome that is none.
        """
        from sim.searching import searched

        check_fits(with_design(self.market, replications, seed, people))
        return searched(self, over, strategy, outcome=outcome, within=within, looks=looks, replications=replications, seed=seed,
                        people=people, work=_hands(jobs, work), progress=progress)

    def equal_spend(self, amount: float, levers: Sequence[str] = (), *, outcome: str | None = None,
                    replications: int | None = None, seed: int | None = None, people: int | None = None,
                    jobs: int | None = None, keep: Sequence[str] = (), progress: Progress | None = None,
                    work: Work | None = None) -> Fair:
        """Scale every strategy with moves until it costs `amount` a customer, then compare them.

        levers: for each strategy the key that is scaled, several joined by &, such as
        'strategies.refit.0.upgrade.by & strategies.refit.0.upgrade.cost'; left out: the usual one of its first move.
        Errors: ValueError, in a sentence, for a lever or an amount that is none, and for a strategy that cannot be made to
        cost it; Interrupted on Ctrl-C.
        """
        from sim.spending import Fair, equal_spend

        outcome = self.scenario.outcome if outcome is None else outcome
        comparing.check_outcome(outcome, self.market)
        check_fits(with_design(self.market, replications, seed, people), keep)
        scaled, spent, runs = equal_spend(self, amount, levers, replications=replications, seed=seed, people=people,
                                          work=_hands(jobs, work), keep=keep, progress=progress)
        notes = [shared_costs(spent.market, self.market.people), *spent.sentences]
        return Fair(scaled.conclude(runs, outcome, note=" ".join(filter(None, notes))), spent)

    def sensitivity(self, over: Sequence[str] = (), strategy: str | None = None, against: str | None = None, *,
                    method: str = "tornado", size: int | None = None, outcome: str | None = None,
                    replications: int | None = None, seed: int | None = None, people: int | None = None,
                    jobs: int | None = None, progress: Progress | None = None, work: Work | None = None) -> Sensed:
        """Which uncertain numbers the difference between two strategies hangs on.

        over: numbers and ranges, such as 'psyche.learning.up=0.1..0.7'; left out: the psyche's, over ranges that evidence or a
        rule gives. strategy, against: the best and the next best if left out. method: tornado, morris or sobol; size: paths of
        Morris's design, rows of Sobol's. replications, people: a design small enough for a minute or two if both are left out.
        Errors: ValueError, in a sentence, for a number, a range, a method, a strategy or an outcome that is none.
        """
        from sim.sensing import sensed

        check_fits(with_design(self.market, replications, seed, people))
        return sensed(self, over, strategy, against, method=method, size=size, outcome=outcome, replications=replications,
                      seed=seed, people=people, work=_hands(jobs, work), progress=progress)

    def conclude(self, runs: Mapping[str, Run], outcome: str | None = None, *, note: str = "",
                 plan: Plan | None = None) -> Answer:
        """What runs already made of this story say: `runs` by strategy, all of one design. note: for the report. plan: when one
        looked, where replications were added until the answer was settled."""
        market = next(iter(runs.values())).market if runs else self.market
        outcome = outcome or (self.scenario.outcome if plan is None else plan.outcome)
        return _answer(comparing.conclude(market, runs, outcome, plan), self, note)

    def __repr__(self) -> str:
        market = self.market
        return (f"<Story {self.title!r}: {market.people:,} people, {market.horizon:,} days, "
                f"strategies {', '.join(self.strategies)}>")

    def _repr_html_(self) -> str:
        market, scenario = self.market, self.scenario
        rows = [("people", f"{market.people:,}"), ("days", f"{market.horizon:,}"),
                ("replications", f"{market.replications:,}"), ("seed", str(market.seed)),
                ("segments", ", ".join(segment.name for segment in market.segments)),
                ("firms", ", ".join(firm.name for firm in market.firms)), ("strategies", ", ".join(self.strategies))]
        body = "".join(f"<tr><th style='text-align:left'>{html.escape(name)}</th>"
                       f"<td style='text-align:left'>{html.escape(value)}</td></tr>" for name, value in rows)
        said = "".join(f"<p>{html.escape(text)}</p>" for text in (scenario.about, scenario.finding) if text)
        return f"<h4>{html.escape(self.title)}</h4>{said}<table>{body}</table>"


@dataclass(frozen=True, repr=False)
class Answer(Comparison):
    """A comparison together with its story: it can draw its figures, show itself in a notebook and be stored.

    outcome: what the verdict was about when the story was run; reading a stored run with another outcome changes the
    verdict, not this. note: what a reader of the numbers must know beside them.
    """

    story: Story
    outcome: str
    note: str

    @property
    def scenario_text(self) -> str:
        """The resolved scenario of exactly what was run; its SHA-256 is the scenario's hash."""
        full, market = listed_in(complete(self.story.scenario), archive.TIES), self.market
        return emit({**full, "seed": market.seed, "replications": market.replications,
                     "outcome": self.outcome, "market": {**full["market"], "people": market.people}})

    @property
    def hash(self) -> str:
        """SHA-256 of the resolved scenario, as hexadecimal digits."""
        return hashlib.sha256(self.scenario_text.encode("utf-8")).hexdigest()

    def figure(self, name: str) -> Figure:
        """One figure of the report as a matplotlib Figure, such as "forest". Errors: KeyError lists the names."""
        from sim.report.figures import figure

        return figure(self, name)

    def write(self, directory: str | Path = "runs", *, asked: Sequence[str] = (),
              command: Sequence[str] = ()) -> Path:
        """Store tables, scenario, figures and report in a new folder of `directory`, and say which.

        asked: all strategies that were to run, where some were interrupted. command: what was typed, for the record.
        Errors: OSError when the folder cannot be written.
        """
        folder = self.store(directory, asked=asked, command=command)
        self.draw(folder, command)
        return folder

    def store(self, directory: str | Path = "runs", *, asked: Sequence[str] = (), command: Sequence[str] = (),
              failed: Mapping[str, str] = MappingProxyType({})) -> Path:
        """`write` without figures and report, which `draw` can add. failed: why, by strategy that could not be finished."""
        return archive.write(self.runs, Path(directory), name=self.story.scenario.path.stem,
                             scenario=self.scenario_text, outcome=self.outcome, asked=asked, command=command,
                             note=self.note, failed=failed, until=None if self.plan is None else asdict(self.plan))

    def draw(self, folder: str | Path, command: Sequence[str] = ()) -> None:
        """Draw figures and report into a stored run of this answer. command: what was typed, for the record."""
        from sim.report import page
        from sim.spending import spent_in

        spent = spent_in(Path(folder))

        def draw(place: Path) -> None:
            page.write(self, place, story=self.said(command), findings=self.findings, spent=spent)

        archive.add(Path(folder), draw)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the story expects, claim by claim, and whether it came out."""
        return findings(self, self.story.scenario.expected)

    def said(self, command: Sequence[str] = ()) -> dict[str, str]:
        """What the report tells beside the numbers: the story's prose and sources, and how to run it again."""
        from sim import __version__

        scenario = self.story.scenario
        numbers_from = "\n".join(f"{name}: {source}" for name, source in scenario.numbers.items())
        prose = {"title": scenario.title, "about": scenario.about, "source": "\n".join(scenario.source),
                 "numbers": numbers_from, "expected": scenario.finding, "hash": self.hash, "version": __version__,
                 "command": shlex.join(command), "note": "\n".join(filter(None, (self.note, self._redrawn())))}
        return {key: text for key, text in prose.items() if text}

    def _redrawn(self) -> str:
        if self.verdict.outcome == self.outcome:
            return ""
        return (f"This report was drawn again with a verdict about {self.verdict.outcome}; when the story was run, which is "
                f"what command and hash stand for, the verdict was about {self.outcome}.")

    def document(self, folder: Path | None = None) -> dict[str, Any]:
        """The answer as plain JSON values: scenario, design, every outcome of every strategy, differences, money, verdict.

        A number that does not exist (no visit, one replication, a break-even day never reached) is None. folder: where the run
        is stored.
        """
        verdict = self.verdict
        return {
            **self.summary(folder),
            "differences": [{"strategy": one.strategy, "against": one.against, "outcome": one.outcome,
                             **numbers(mean=one.mean, low=one.low, high=one.high), "decided": one.decided,
                             "negligible": one.negligible}
                            for one in self.differences],
            "twins": [{"strategy": one.strategy, "against": one.against,
                       **numbers(both=one.both, only_strategy=one.only_strategy, only_against=one.only_against,
                                 neither=one.neither)} for one in self.twins],
            "money": [{"strategy": one.strategy, "against": one.against,
                       "return": numbers(mean=one.rate, low=one.low, high=one.high), "not_defined": one.undefined or None,
                       "break_even_day": numbers(median=one.day, low=one.day_low, high=one.day_high),
                       "breaks_even": one.reaches, "sentence": one.sentence} for one in self.returns],
            "budgets": list(spending(self)),
            "findings": [{"claim": one.claim, "result": one.result, "evidence": one.evidence} for one in self.findings],
            "verdict": {"outcome": verdict.outcome, "best": verdict.best, "decided": verdict.decided,
                        "sentence": verdict.sentence, "lasts": verdict.lasts,
                        "sustained": list(verdict.sustained), "faded": list(verdict.faded),
                        "more_replications": verdict.more_replications, "common_luck": verdict.common_luck},
            **({} if self.plan is None else {"until": self._until()})}

    def summary(self, folder: Path | None = None) -> dict[str, Any]:
        """The part of `document` that does not compare."""
        market = self.market
        return {
            "scenario": market.title, "hash": self.hash, "seed": market.seed, "replications": market.replications,
            "people": market.people, "baseline": self.baseline,
            "strategies": [{"name": name, "outcomes": {outcome: self._outcome(name, outcome) for outcome in OUTCOMES}}
                           for name in self.runs],
            "run": None if folder is None else folder.as_posix()}

    def _until(self) -> dict[str, Any]:
        """What was to be settled, and how it ended, in the unit of the outcomes."""
        assert self.plan is not None
        return {"margin": self.plan.margin, "outcome": self.plan.outcome, "looks": list(self.plan.looks),
                "most": self.plan.looks[-1], "replications": self.market.replications, "settled": self.verdict.settled,
                "sentence": self.verdict.stopped}

    def _outcome(self, strategy: str, outcome: str) -> dict[str, float | None]:
        one = self.interval(strategy, outcome)
        return numbers(mean=one.mean, low=one.low, high=one.high, sd=one.sd)

    def __repr__(self) -> str:
        return f"<Comparison of {', '.join(self.runs)}: {self.verdict.sentence}>"

    def _repr_html_(self) -> str:
        outcome = self.verdict.outcome
        found = [self.interval(name, outcome) for name in self.runs]
        rows = "".join(f"<tr><td style='text-align:left'>{html.escape(one.strategy)}</td><td>{one.mean:.4g}</td>"
                       f"<td>{one.low:.4g} … {one.high:.4g}</td></tr>" for one in found)
        return (f"<h4>{html.escape(self.market.title)}</h4><p><b>{html.escape(self.verdict.sentence)}</b> "
                f"{html.escape(self.verdict.lasts)}</p><table><tr><th style='text-align:left'>strategy</th>"
                f"<th>{html.escape(outcome)}</th><th>95% interval</th></tr>{rows}</table>")


def _answer(found: Comparison, story: Story, note: str = "", outcome: str | None = None) -> Answer:
    return Answer(**{field.name: getattr(found, field.name) for field in fields(Comparison)}, story=story, note=note,
                  outcome=found.verdict.outcome if outcome is None else outcome)


def _hands(jobs: int | None, work: Work | None) -> Work | None:
    """How cells are lived: as `work` says, else on so many threads."""
    from sim.cells.hire import threads

    return work if work is not None or jobs is None else threads(jobs)


def check_fits(market: Market, keep: Sequence[str] = ()) -> None:
    """Errors: ValueError, with the estimate, for a study that this machine's memory cannot hold now."""
    from sim.machine import memory

    if not fits(market, keep):
        needs, free = footprint(market, keep_customers="customers" in keep), memory()[1]
        kept = " with a row a customer" if "customers" in keep else ""
        raise ValueError(f"too large for this machine: {needs.sentence}{kept}, and it has {free / 1e9:,.1f} GB free; "
                         "take fewer people or replications, or keep less")


def in_own_unit(margin: float, outcome: str) -> float:
    """A margin in the unit that reports use, in that of `Run.outcomes`. Errors: ValueError for what is no margin."""
    check_margin(margin)
    return margin / UNITS[outcome][0]


def fits(market: Market, keep: Sequence[str] = ()) -> bool:
    """Whether this machine's memory can hold a study now."""
    from sim.machine import memory

    return not footprint(market, keep_customers="customers" in keep).bytes > 0.8 * memory()[1] > 0


def shared_costs(market: Market, written: int) -> str:
    """What to know of the money and the waits of a market of other size than the story's; nothing where that is all one."""
    theirs = [strategy for firm in market.firms for strategy in firm.strategies]
    costs = any(move.cost for strategy in (*market.strategies, *theirs) for move in strategy.moves
                if not isinstance(move, EachTime))
    bounded = any(limited(market, strategy) for strategy in market.strategies)
    if market.people == written:
        return ""
    hands = (f"The same hands serve {market.people:,} people here, and {written:,} in the story as it is written: waits, and "
             "what hands cost a customer, are not those of the story.") if queues(market) else ""
    if not (costs or bounded):
        return hands
    what = " and ".join([*(["One-off costs"] if costs else []), *(["budgets" if costs else "Budgets"] if bounded else [])])
    return (f"{what} of moves are shared by {market.people:,} people here, and by {written:,} in the story as it is "
            f"written: costs and profit a customer are not those of the story. {hands}").rstrip()


def numbers(**values: float) -> dict[str, float | None]:
    """Numbers for JSON, which knows no NaN: None in its place."""
    return {name: value if math.isfinite(value) else None for name, value in values.items()}


def load(path: str | Path, settings: Sequence[str] = (), *, check_memory: bool = True) -> Story:
    """Read a scenario file. settings: changes such as "market.people=5000", as after `--set`.

    check_memory: refuse what this machine could not hold now. Errors: ScenarioError, which lists every mistake with
    file, line, column and advice.
    """
    scenario = load_scenario(path, settings, check_memory=check_memory)
    return Story(scenario, resolve(scenario))


def read(folder: str | Path, *, outcome: str | None = None, drawn: bool = True) -> Answer:
    """Read a stored run back and conclude from it again, after checking every file against its digest.

    outcome: what the verdict is about, as when it was run if left out. drawn=False leaves report and figures
    unchecked. Errors: archive.ArchiveError, one sentence, for a folder that is not a run or is damaged.
    """
    return _read(Path(folder), outcome, drawn)[0]


def redraw(folder: str | Path, outcome: str | None = None) -> Answer:
    """Draw the report and figures of a stored run again, in place, from its tables alone; the answer they show.

    Errors: as for `read`.
    """
    answer, manifest = _read(Path(folder), outcome, drawn=False)
    answer.draw(folder, manifest["command"])
    return answer


def _read(folder: Path, outcome: str | None, drawn: bool) -> tuple[Answer, Mapping[str, Any]]:
    stories: list[Story] = []

    def market_of(path: Path) -> Market:
        stories.append(load(path, check_memory=False))
        return stories[0].market

    stored = archive.read(folder, market_of, drawn=drawn)
    ran, market = stored.manifest["design"]["outcome"], stories[0].market
    until = stored.manifest["design"].get("until")
    planned = until and Plan(until["margin"], until["outcome"], tuple(until["looks"]))
    found = comparing.conclude(market, stored.runs, ran if outcome is None else outcome, planned)
    return _answer(found, stories[0], stored.manifest.get("note", ""), ran), stored.manifest

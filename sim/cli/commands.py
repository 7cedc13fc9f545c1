"""One function a command: ask the library, print the answer, return the exit status."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shlex
import sys
import textwrap
import time
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sim.cli import DONE, FAILED, INCONCLUSIVE, INTERRUPTED, WRONG, FailedError, RequestError
from sim.cli.backtesting import backtest as backtest
from sim.cli.calibrating import calibrate as calibrate
from sim.cli.options import meant

if TYPE_CHECKING:
    from sim.api import Answer, Story
    from sim.cells.work import Failure, Work
    from sim.experiments.sequence import Plan
    from sim.explanation import Explanation
    from sim.market import Market
    from sim.searching import Found
    from sim.sensing import Sensed
    from sim.sweeping import Swept

PACKAGES_NEEDED = ("numpy", "numba", "scipy", "simpy", "pyarrow", "pydantic", "ruamel.yaml", "matplotlib", "jinja2",
                   "rich")


def validate(options: Namespace, command: Sequence[str]) -> int:
    """Every mistake of a scenario at once, or that it is fine and what running it takes."""
    from sim import api
    from sim.market import footprint
    from sim.story.load import ScenarioError

    try:
        story = api.load(options.file, _settings(options))
    except ScenarioError as error:
        mistakes = [{"file": one.file, "line": one.line, "column": one.column, "key": one.key, "message": one.message}
                    for one in error.mistakes]
        _print({"file": options.file, "valid": False, "mistakes": mistakes}, str(error), options.json)
        return WRONG
    names, needs = story.strategies, footprint(story.market).sentence
    text = (f"{options.file} is a valid scenario: {story.title}.\nStrategies: {', '.join(names)}; {names[0]} is the "
            f"baseline.\n{needs}.")
    for caution in story.cautions:
        _warn(f"Note: {caution}.")
    _print({"file": options.file, "valid": True, "scenario": story.title, "strategies": list(names),
            "needs": needs, "mistakes": [], "notes": list(story.cautions)}, text, options.json)
    return DONE


def run(options: Namespace, command: Sequence[str]) -> int:
    """One strategy, or each, replicated; no verdict."""
    story = _load(options)
    chosen = options.strategy or list(story.strategies)
    for name in chosen:
        if name not in story.strategies:
            raise RequestError(f"there is no strategy {name!r} in {options.file}{meant(name, story.strategies)}; "
                               f"strategies: {', '.join(story.strategies)}")
    return _study(options, story, [name for name in story.strategies if name in chosen], command, judged=False)


def compare(options: Namespace, command: Sequence[str]) -> int:
    """All strategies on the same people and luck; with --strict, status 3 when the verdict is not decided."""
    story = _load(options)
    if options.rivals is not None and options.equal_spend is not None:
        raise RequestError("--rivals and --equal-spend cannot be had at once: a game has no one spend")
    if options.lever and options.equal_spend is None:
        raise RequestError("--lever says what --equal-spend scales; give --equal-spend AMOUNT, too")
    if options.rivals is not None:
        if options.until is not None:
            raise RequestError("--until settles one comparison, and --rivals makes many; leave one of them out")
        return _play(options, story, command)
    if options.equal_spend is not None:
        return _equal_spend(options, story, command)
    return _study(options, story, list(story.strategies), command, judged=True)


def _play(options: Namespace, story: Story, command: Sequence[str]) -> int:
    """Every strategy against every strategy of a rival; with --strict, 3 when it is not known what kind of game it is."""
    from sim.cli.terminal import progress, show_game
    from sim.experiments.game import find_rival

    note = _shared_costs(options, story)
    if note and not options.quiet:
        _warn(f"Note: {note}")
    with _asking(options, "the game was not finished, so nothing is kept"):
        rival = find_rival(story.market, options.rivals or None)
        cells = len(story.strategies) * sum(len(firm.strategies) for firm in story.market.firms if firm.name == rival)
        with progress(cells, options.quiet) as advance:
            found = story.play(rival, outcome=options.outcome, keep=options.keep, progress=advance,
                               work=_work(options, _visits(story.market) * cells))
    try:
        folder = found.write(options.out, command=command, drawn=not options.no_report, note=note)
    except OSError as error:
        _warn(f"The game could not be stored in {options.out}: {error.strerror or error}")
        folder = None
    if found.advice and not options.quiet:
        _warn(f"Note: {found.advice}.")
    _print(found.document(folder), show_game(found, None if folder is None else str(folder)), options.json)
    if folder is None:
        return FAILED
    return INCONCLUSIVE if options.strict and not found.decided else DONE


def _equal_spend(options: Namespace, story: Story, command: Sequence[str]) -> int:
    """All strategies scaled to cost the same, then compared."""
    from sim.cli.levers import show_spending
    from sim.cli.terminal import explaining, show_comparison
    from sim.experiments.spend import USUAL_LOOKS

    note = _shared_costs(options, story)
    if note and not options.quiet:
        _warn(f"Note: {note}")
    with _asking(options), explaining(options.quiet) as advance:
        fair = story.equal_spend(options.equal_spend, options.lever, keep=options.keep, progress=advance,
                                 work=_work(options, USUAL_LOOKS * _visits(story.market) * len(story.strategies)))
    answer = fair.answer
    folder, whole = _store(options, answer, story.strategies, command, also=fair.add)
    place = None if folder is None else str(folder)
    _print({**answer.document(folder), "equal_spend": fair.document(), **({} if fair.complete else {"interrupted": True})},
           show_spending(fair.spending, show_comparison(answer, place, answer.findings).rstrip("\n")), options.json)
    if not fair.complete:
        return _interrupted(f"{len(answer.runs)} of {len(story.strategies)} strategies finished")
    if not whole:
        return FAILED
    return INCONCLUSIVE if options.strict and not answer.verdict.decided else DONE


def explain(options: Namespace, command: Sequence[str]) -> int:
    """Which mechanisms decide the verdict, and the values at which it turns round; with --strict, 3 when undecided."""
    from sim.cli.terminal import explaining, show_explanation

    story = _load(Namespace(**{**vars(options), "people": None, "replications": None, "keep": []}))
    with _asking(options, "the parts were not finished, so nothing is kept"), explaining(options.quiet) as advance:
        found = story.explain(options.strategy, options.against, people=options.people,
                              replications=options.replications, tipping=not options.no_tipping, progress=advance,
                              work=_work(options, 0.0))
    folder = _kept(options, found, command, "explanation")
    place = None if folder is None else str(folder)
    _print(found.document(folder), show_explanation(found, found.paragraph, place, found.note), options.json)
    if found.interrupted:
        return _interrupted("the parts are known, not all tipping values")
    if folder is None:
        return FAILED
    return INCONCLUSIVE if options.strict and not found.decided else DONE


def select(options: Namespace, command: Sequence[str]) -> int:
    """The best of many strategies, dropping those that fall behind; with --strict, 3 when it is not settled."""
    from sim.cli.terminal import progress, show_selection

    margin, outcome = options.within
    if options.outcome not in (None, outcome):
        raise RequestError(f"--within is about {outcome}; leave --outcome {options.outcome} out")
    story = _load(Namespace(**{**vars(options), "replications": None, "keep": []}))
    with _asking(options, "the race was not finished, so nothing is kept"), progress(1, options.quiet) as advance:
        found = story.select((margin, outcome), replications=options.replications, progress=advance,
                             work=_work(options, _visits(story.market) * len(story.strategies)))
    _print(found.document(), show_selection(found), options.json)
    return INCONCLUSIVE if options.strict and found.race.stopped else DONE


def sweep(options: Namespace, command: Sequence[str]) -> int:
    """Which strategy wins where; with --strict, 3 when any point is not decided. Ctrl-C keeps the points that are finished."""
    from sim.cli.terminal import show_sweep, sweeping

    story = _load(Namespace(**{**vars(options), "people": None, "replications": None, "keep": []}))
    with _asking(options, "no point was finished, so nothing is kept"), sweeping(options.quiet) as advance:
        found = story.sweep(options.over, design=options.design, points=options.points, strategies=options.strategy,
                            replications=options.replications, people=options.people, progress=advance,
                            work=_work(options, _visits_of_sweep(options, story)))
    if found.note and not options.quiet:
        _warn(f"Note: {found.note}")
    folder = _kept(options, found, command, "sweep")
    place = None if folder is None else str(folder)
    _print(found.document(folder), show_sweep(found, found.headline, found.sentences, place), options.json)
    for number, strategy, failure in found.failures:
        _give_up(options, found.design.settings(number), strategy, failure)
    if not found.complete:
        _warn(f"{'' if found.failures else 'Interrupted: '}{len(found.numbers):,} of {found.design.count:,} points finished.")
        return FAILED if found.failures else INTERRUPTED
    if folder is None:
        return FAILED
    return INCONCLUSIVE if options.strict and not found.decided else DONE


def search(options: Namespace, command: Sequence[str]) -> int:
    """The best levers within limits; with --strict, 3 when it is not sure that they are better and keep them."""
    from sim.cli.levers import show_search
    from sim.cli.terminal import explaining

    story = _load(Namespace(**{**vars(options), "people": None, "keep": []}))
    with _asking(options), explaining(options.quiet) as advance:
        found = story.search(options.over, options.strategy, within=options.within, looks=options.looks,
                             people=options.people, progress=advance,
                             work=_work(options, _visits_of_search(options, story)))
    folder = _kept(options, found, command, "search")
    _print(found.document(folder), show_search(found, None if folder is None else str(folder)), options.json)
    if found.interrupted:
        return _interrupted(found.interrupted)
    if folder is None:
        return FAILED
    return INCONCLUSIVE if options.strict and not found.decided else DONE


def sensitivity(options: Namespace, command: Sequence[str]) -> int:
    """Which uncertain numbers the difference between two strategies hangs on."""
    from sim.cli.levers import show_sensitivity
    from sim.cli.terminal import explaining

    story = _load(Namespace(**{**vars(options), "people": None, "replications": None, "keep": []}))
    with _asking(options), explaining(options.quiet) as advance:
        found = story.sensitivity(options.over, options.strategy, options.against, method=options.method, size=options.size,
                                  people=options.people, replications=options.replications, progress=advance,
                                  work=_work(options, _visits_of_sensitivity(options, story)))
    folder = _kept(options, found, command, "sensitivity")
    _print(found.document(folder), show_sensitivity(found, None if folder is None else str(folder), found.note), options.json)
    if found.interrupted:
        return _interrupted(found.interrupted)
    return FAILED if folder is None else DONE


def _interrupted(left: str) -> int:
    """Say what Ctrl-C left; the status."""
    _warn(f"Interrupted: {left}.")
    return INTERRUPTED


def _kept(options: Namespace, found: Explanation | Found | Sensed | Swept, command: Sequence[str], what: str) -> Path | None:
    """Store what was found; None, and a warning, where that cannot be done."""
    try:
        return found.write(options.out, command=command, drawn=not options.no_report)
    except OSError as error:
        _warn(f"The {what} could not be stored in {options.out}: {error.strerror or error}")
        return None


def report(options: Namespace, command: Sequence[str]) -> int:
    """Draw the report of a stored run again, with what this version draws."""
    from sim import api
    from sim.engine import archive
    from sim.experiments.compare import UndecidableError
    from sim.story.load import ScenarioError

    _hush(options.quiet)
    folder = Path(options.folder)
    try:
        answer = api.redraw(folder, options.outcome)
    except archive.DamagedError as error:
        raise FailedError(str(error)) from None
    except (archive.ArchiveError, ScenarioError, UndecidableError) as error:
        raise RequestError(str(error)) from None
    drawn = folder / "report.html"
    _print({"run": folder.as_posix(), "report": drawn.as_posix(), "verdict": answer.document()["verdict"]},
           f"Report  {drawn}", options.json)
    return DONE


def reproduce(options: Namespace, command: Sequence[str]) -> int:
    """Run a stored run again, from its manifest alone and without stored cells, and compare every number."""
    from sim.cells import hire
    from sim.cells.cluster import ClusterError
    from sim.cli.terminal import progress, show_reproduction
    from sim.engine import archive
    from sim.experiments.compare import UnfinishedError
    from sim.reproduction import again
    from sim.story.load import ScenarioError

    _hush(options.quiet)
    try:
        found = again(Path(options.folder), lambda visits: hire.work(visits, jobs=options.jobs, cluster=options.cluster),
                      lambda strategies: progress(strategies, options.quiet))
    except (archive.DamagedError, ClusterError, UnfinishedError) as error:
        raise FailedError(str(error)) from None
    except (archive.ArchiveError, ScenarioError) as error:
        raise RequestError(str(error)) from None
    _print(found.document(), show_reproduction(found), options.json)
    return DONE if found.same else FAILED


def cell(options: Namespace, command: Sequence[str]) -> int:
    """Live one cell in this process, so that whatever goes wrong with it can be seen."""
    from sim.cells.cell import Cell, address, live
    from sim.cells.pack import pack

    story = _load(Namespace(**{**vars(options), "replications": options.first + options.count, "out": "."}))
    market = story.market
    if options.strategy not in story.strategies:
        raise RequestError(f"there is no strategy {options.strategy!r} in {options.file}"
                           f"{meant(options.strategy, story.strategies)}; strategies: {', '.join(story.strategies)}")
    last = market.people - options.person if options.persons is None else options.persons
    if not 0 < last <= market.people - options.person:
        raise RequestError(f"--person, --persons: there are people 0 to {market.people - 1:,}")
    one = Cell(market, options.strategy, options.first, options.count, options.person, last, "sums", tuple(options.keep))
    started = time.monotonic()
    try:
        payload = pack(one, live(one))
    except (OverflowError, ValueError) as error:
        raise FailedError(f"{one}: {error}") from None
    seconds, digest = time.monotonic() - started, hashlib.sha256(payload).hexdigest()
    _print({"cell": str(one), "address": address(one), "bytes": len(payload), "sha256": digest, "seconds": seconds},
           f"{one}: lived in {seconds:.1f} s\nresult   {len(payload):,} bytes, SHA-256 {digest}\naddress  {address(one)}",
           options.json)
    return DONE


def examples(options: Namespace, command: Sequence[str]) -> int:
    """The stories that come with the product."""
    from sim import api
    from sim.story.load import ScenarioError

    try:
        found = [(path, api.load(path, check_memory=False)) for path in _shipped()]
    except ScenarioError as error:
        raise FailedError(f"A story that comes with the product is damaged; install it again.\n{error}") from None
    listed = [{"name": path.stem, "title": story.title, "about": story.scenario.about, "file": path.as_posix()}
              for path, story in found]
    words = [f"{one['name']}: {one['title']}\n" + textwrap.fill(one["about"], 78, initial_indent="    ",
                                                               subsequent_indent="    ") for one in listed]
    _print({"examples": listed}, "\n".join(words) + "\n\n`drift init NAME` copies one to start from.", options.json)
    return DONE


def init(options: Namespace, command: Sequence[str]) -> int:
    """Copy a shipped story, never over a file that is there."""
    stories = {path.stem: path for path in _shipped()}
    if options.name not in stories:
        raise RequestError(f"there is no example {options.name!r}{meant(options.name, stories)}; "
                           f"examples: {', '.join(stories)}")
    target = Path(options.path or f"{options.name}.yaml")
    target = target / f"{options.name}.yaml" if target.is_dir() else target
    try:
        with target.open("xb") as stream:
            stream.write(stories[options.name].read_bytes())
    except FileExistsError:
        raise RequestError(f"{target} is there already and is left as it is; give another PATH") from None
    except OSError as error:
        raise RequestError(f"{target} cannot be written: {error.strerror}") from None
    _print({"file": target.as_posix()}, f"Copied to {target}. Next: drift compare {target}", options.json)
    return DONE


def schema(options: Namespace, command: Sequence[str]) -> int:
    """The JSON Schema of scenario files."""
    from sim.story.describe import json_schema

    _print(json_schema(), "", as_json=True)
    return DONE


def doctor(options: Namespace, command: Sequence[str]) -> int:
    """What is installed, what this machine offers, and the order of a simulated day; changes nothing."""
    from sim.cells.store import Store, default_folder
    from sim.engine import archive, cache
    from sim.machine import cores, memory

    have, kept = archive.versions(), Store(default_folder())
    missing = [name for name in PACKAGES_NEEDED if not _installed(name)]
    whole, free = memory()
    day = () if missing else import_module("sim.engine.clock").DAY_ORDER
    found = {"versions": have, "missing": missing, "cores": cores(), "memory_bytes": whole,
             "available_memory_bytes": free, "cache": str(cache.folder()), "store": str(kept.folder),
             "stored_bytes": kept.size(),
             "compiled": all(map(cache.is_compiled, cache.FORMS)), "day": list(day)}
    lines = [f"{name:12} {version}" for name, version in have.items()]
    lines += [f"{name:12} missing: install it" for name in missing]
    lines += [f"{'cores':12} {found['cores']}", f"{'memory':12} {free / 1e9:.1f} GB free of {whole / 1e9:.1f} GB",
              f"{'cache':12} {found['cache']}", f"{'cells':12} {kept.size() / 1e6:,.0f} MB in {kept.folder}",
              f"{'engine':12} {'compiled' if found['compiled'] else 'not all compiled yet: a first run takes longer'}"]
    lines += [f"{'a day' if number == 1 else '':12} {number}. {what}" for number, what in enumerate(day, start=1)]
    _print(found, "\n".join(lines), options.json)
    return FAILED if missing else DONE


def _load(options: Namespace) -> Story:
    from sim import api
    from sim.story.load import ScenarioError

    _hush(options.quiet)
    try:
        story = api.load(options.file, _settings(options))
    except ScenarioError as error:
        raise RequestError(str(error)) from None
    if options.keep:
        _check_size(story, options.keep)
    if "out" in options:
        _check_writable(Path(options.out))
    for caution in () if options.quiet else story.cautions:
        _warn(f"Note: {caution}.")
    return story


def _settings(options: Namespace) -> list[str]:
    given = {"seed": options.seed, "replications": options.replications, "market.people": options.people,
             "outcome": options.outcome}
    return [*options.set, *(f"{key}={value}" for key, value in given.items() if value is not None)]


def _check_size(story: Story, keep: Sequence[str]) -> None:
    """Loading checked what a run takes without customers; a row a customer takes far more."""
    from sim.api import check_fits

    try:
        check_fits(story.market, keep)
    except ValueError as error:
        raise RequestError(f"--keep customers: {error}") from None


def _check_writable(directory: Path) -> None:
    """Say before the work, not after it, that its result cannot be stored."""
    there = directory.absolute()
    while not there.exists():
        there = there.parent
    if not there.is_dir():
        raise RequestError(f"--out: {there} is a file, not a folder")
    if not os.access(there, os.W_OK | os.X_OK):
        raise RequestError(f"--out: nothing can be written in {there}; choose another folder")


def _shared_costs(options: Namespace, story: Story) -> str:
    """Money is per starting customer, so other numbers of people change what a one-off cost is to each of them."""
    from sim import api
    from sim.story.load import ScenarioError

    if options.people is None:
        return ""
    own = Namespace(**{**vars(options), "people": None})
    try:
        written = api.load(options.file, _settings(own), check_memory=False)
    except ScenarioError:  # only with --people is the story right: it has no number of its own
        return ""
    return api.shared_costs(story.market, written.market.people)


def _study(options: Namespace, story: Story, names: list[str], command: Sequence[str], judged: bool) -> int:
    """Run the strategies, store and show what came of it; after Ctrl-C, what is finished."""
    from sim.cells.cluster import ClusterError
    from sim.cli.terminal import progress
    from sim.experiments.compare import Interrupted, UnfinishedError, run_each, run_until

    interrupted, failed, note = False, dict[str, str](), _shared_costs(options, story)
    if note and not options.quiet:
        _warn(f"Note: {note}")
    plan = _plan(options, story) if judged and options.until is not None else None
    try:
        work = _work(options, _visits(story.market) * len(names))
        with progress(len(names if plan is None else plan.looks), options.quiet) as advance:
            runs = run_each(story.market, names, keep=options.keep, progress=advance, work=work) if plan is None else \
                run_until(story.market, plan, keep=options.keep, progress=advance, work=work)
    except (ClusterError, OverflowError) as error:
        raise FailedError(str(error)) from None
    except UnfinishedError as stop:
        runs, failed = stop.runs, _given_up(options, stop.failures)
        if not runs:
            raise FailedError("No strategy could be finished.") from None
    except Interrupted as stop:
        runs, interrupted = stop.runs, True
        if not runs:
            what = "strategy" if plan is None else "look"
            raise KeyboardInterrupt(f"no {what} was finished, so nothing is kept") from None
        _warn("Interrupted: the replications of the last look are kept." if plan is not None else
              f"Interrupted: {', '.join(runs)} finished, {', '.join(n for n in names if n not in runs)} did not.")
    answer = story.conclude(runs, note=note, plan=plan)
    folder, whole = _store(options, answer, names, command, failed)
    _show(options, answer, folder, judged, interrupted)
    if interrupted:
        return INTERRUPTED
    if failed or not whole:
        return FAILED
    clear = answer.verdict.decided or bool(answer.verdict.settled)
    return INCONCLUSIVE if judged and options.strict and not clear else DONE


def _plan(options: Namespace, story: Story) -> Plan:
    """When one looks, with `--until`; `--replications` is the most, else the story's own number says how many."""
    from sim.experiments.compare import UndecidableError

    margin, outcome = options.until
    if options.outcome not in (None, outcome):
        raise RequestError(f"--until is about {outcome}, and so is the verdict; leave --outcome {options.outcome} out")
    try:
        return story.plan((margin, outcome), replications=options.replications, keep=options.keep)
    except UndecidableError as error:
        raise RequestError(f"--until: {error}") from None


def _visits(market: Market) -> float:
    """About how many visits one strategy is."""
    from sim.cells.cell import visits_of

    return visits_of(market) * market.replications


@contextmanager
def _asking(options: Namespace, unfinished: str = "nothing was finished, so nothing is kept") -> Iterator[None]:
    """What goes wrong while the library works, as a command says it: a wrong request, a failure, or on Ctrl-C what the library
    says of it, else `unfinished`."""
    from sim.cells.cluster import ClusterError
    from sim.experiments.compare import UnfinishedError

    try:
        yield
    except ValueError as error:
        raise RequestError(f"{options.file}: {error}") from None
    except (ClusterError, UnfinishedError, OverflowError) as error:
        raise FailedError(str(error)) from None
    except KeyboardInterrupt as stop:
        raise KeyboardInterrupt(str(stop) if type(stop) is KeyboardInterrupt and str(stop) else unfinished) from None


def _visits_of_sweep(options: Namespace, story: Story) -> float:
    """About how many visits a sweep is; 0 where it is none, which the sweep itself says."""
    from sim.experiments.design import designed
    from sim.market import with_design
    from sim.story.over import read_all

    try:
        market = with_design(story.market, options.replications, None, options.people)
        points = designed(read_all(options.over), options.design, options.points, market.seed).count
    except ValueError:
        return 0.0
    return _visits(market) * len(options.strategy or story.strategies) * points


def _visits_of_search(options: Namespace, story: Story) -> float:
    """About how many visits a search is; 0 where it is none, which the search itself says."""
    from sim.experiments.search import most_looks
    from sim.experiments.variants import few_replications
    from sim.market import with_design

    looks = most_looks(max(1, len(options.over)), options.looks)
    try:
        market = with_design(story.market, None, None, options.people)
        return looks * _visits(with_design(market, few_replications(market, looks), None, None))
    except ValueError:
        return 0.0


def _visits_of_sensitivity(options: Namespace, story: Story) -> float:
    """About how many visits a sensitivity is; 0 where it is none, which the sensitivity itself says."""
    from sim.experiments.sensitivity import SIZES, points
    from sim.experiments.variants import smaller
    from sim.market import with_design

    runs = 2 * points(options.method, len(options.over) or 4, options.size or SIZES[options.method])
    try:
        market = with_design(story.market, options.replications, None, options.people)
    except ValueError:
        return 0.0
    return runs * _visits(market if options.replications or options.people else smaller(market, runs))


def _work(options: Namespace, visits: float) -> Work:
    """How about so many visits are lived, as the command line says."""
    from sim.cells import hire
    from sim.cells.store import default_folder

    store = None if options.no_store else default_folder() if options.store is None else Path(options.store)
    return hire.work(visits, jobs=options.jobs, cluster=options.cluster, store=store)


def _given_up(options: Namespace, failures: Sequence[Failure]) -> dict[str, str]:
    """Say which cells were given up and how to see each alone; why, by strategy."""
    for one in failures:
        _give_up(options, (), one.cell.strategy, one)
    return {one.cell.strategy: one.reason for one in failures}


def _give_up(options: Namespace, varied: Sequence[str], strategy: str, one: Failure) -> None:
    """Say that a cell was given up, and how to see it alone. varied: settings of its own. strategy: its name in the story."""
    cell = replace(one.cell, strategy=strategy)
    settings = [word for text in (*_settings(options), *varied) for word in ("--set", text)]
    which = ["--strategy", strategy, "--first", str(cell.first), "--count", str(cell.replications)]
    which += [] if cell.people == cell.market.people else ["--person", str(cell.person), "--persons", str(cell.people)]
    which += [word for kept in cell.keep for word in ("--keep", kept)]
    tries = "" if one.tries == 1 else f" after {one.tries} tries"
    _warn(f"Given up{tries}: {cell}: {one.reason}.\n  To see it alone: "
          f"{shlex.join(['drift', 'cell', options.file, *settings, *which])}")


def _store(options: Namespace, answer: Answer, names: Sequence[str], command: Sequence[str],
           failed: Mapping[str, str] = MappingProxyType({}), also: Callable[[Path], None] = lambda _: None
           ) -> tuple[Path | None, bool]:
    """Store the tables and what goes with them, then draw.

    The folder, None when nothing could be stored; and whether all of it worked.
    """
    try:
        folder = answer.store(options.out, asked=names, command=command, failed=failed)
        also(folder)
    except OSError as error:
        _warn(f"The run could not be stored in {options.out}: {error.strerror or error}")
        return None, False
    if options.no_report:
        return folder, True
    try:
        answer.draw(folder, command)
    except OSError as error:
        _warn(f"The report could not be written in {folder}: {error.strerror or error}")
        return folder, False
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"the tables are in {folder}; `drift report {folder}` draws the report") from None
    return folder, True


def _show(options: Namespace, answer: Answer, folder: Path | None, judged: bool, interrupted: bool) -> None:
    from sim.cli.terminal import show_comparison, show_runs

    document = answer.document(folder) if judged else answer.summary(folder)
    place = None if folder is None else str(folder)
    text = (show_comparison(answer, place, answer.findings) if judged else show_runs(answer, place)).rstrip("\n")
    _print({**document, "interrupted": True} if interrupted else document, text, options.json)


def _print(document: dict[str, Any], text: str, as_json: bool) -> None:
    print(json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1) if as_json else text)


def _warn(text: str) -> None:
    print(text, file=sys.stderr)


def _hush(quiet: bool) -> None:
    logging.getLogger("sim").setLevel(logging.ERROR if quiet else logging.WARNING)


def _shipped() -> list[Path]:
    """The stories: inside an installed package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent.parent
    for folder in (package / "scenarios", package.parent / "scenarios"):
        if found := sorted(folder.glob("*.yaml")):
            return found
    raise FailedError("The stories that come with the product are not installed; install it again.")


def _installed(package: str) -> bool:
    from importlib.metadata import PackageNotFoundError, version

    try:
        version(package)
    except PackageNotFoundError:
        return False
    return True

"""What `drift` writes for people: a verdict first, then compact tables, readable at 80 columns and without colours."""

from __future__ import annotations

import math
import os
import shutil
import sys
import textwrap
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sim.experiments.budgets import spending
from sim.experiments.compare import Comparison, Difference, Interval
from sim.experiments.explain import Explained
from sim.experiments.findings import Finding
from sim.experiments.firms import TOLD, accounts, flows
from sim.experiments.game import Game, also_a_game
from sim.experiments.reasons import Reasons, range_of, table, unit_of, value_of
from sim.experiments.returns import Returns, days, percent, span, span_of_days
from sim.experiments.statistics import Estimate
from sim.experiments.sweep import Spot, Sweep
from sim.experiments.tipping import Tipping
from sim.experiments.verdict import plain
from sim.market import Winback, begins_whole, chooses, differs, queues, talks
from sim.outcomes import UNITS, counted
from sim.rules.traits import PROSPECT

if TYPE_CHECKING:
    from rich.progress import TaskID

    from sim.experiments.selection import Selected
    from sim.reproduction import Reproduction

Advance = Callable[[str, int, int], None]

SHOWN = ("satisfaction", "lasting", "retention", "complaints", "cost", "profit")
"""Outcomes of the short table, as far as they fit; all of them are in summary.csv and in --json."""

HEADS = {"lasting": "lasting", "lifetime_value": "value", "silent_leavers": "silent", "satisfaction": "satisf.",
         "goodwill_stayers": "stayers", "seen_in_complaints": "complaints ring", "seen_in_survey": "survey rings"}
SHORT_UNITS = {"points a visit": "pts/visit", "points": "pts", "percentage points": "%", "per 100 visits": "per 100",
               "per 100 customers": "per 100", "a customer": "visits", "days": "days", "correlation": "r",
               "minutes a visit": "min/visit"}
MOST_ROWS = 12


def show_comparison(found: Comparison, folder: str | None, findings: Sequence[Finding] = ()) -> str:
    """The verdict, whether it lasts, what was expected, the strategies, their differences, the twins, and where all is."""
    outcome = found.verdict.outcome
    said = (found.verdict.stopped, found.verdict.lasts, found.verdict.luck)
    parts = [_title(found), _headed("Verdict:", found.verdict.sentence), *(wrapped(clean(one)) for one in said if one),
             _strategies(found, outcome), *([_firms(found)] if accounts(found.runs) else [])]
    if found.differences:
        parts += [_differences(found, outcome), *([_money(found)] if found.returns else []), _twins(found)]
    if spent := spending(found):
        parts.append("\n".join([bold("Budgets"), *(wrapped(clean(one), indent="  ") for one in spent)]))
    if findings:
        parts.append(_findings(findings))
    if game := also_a_game(found.market):
        parts.append(wrapped(clean(f"{game}.")))
    return "\n\n".join([*parts, _places(folder)]) + "\n"


def _findings(findings: Sequence[Finding]) -> str:
    rows = [wrapped(f"{one.result}: {clean(one.claim)}; {one.evidence}", indent="  ") for one in findings]
    return "\n".join([bold("What was expected, and what came out"), *rows])


def _headed(head: str, text: str) -> str:
    return wrapped(f"{head} {clean(text)}").replace(head, bold(head), 1)


def show_runs(found: Comparison, folder: str | None) -> str:
    """Outcomes of each strategy that was run, without judging between them."""
    columns = [(name, [found.interval(strategy, name) for strategy in found.runs]) for name in UNITS]
    names = [clean(name) for name in found.runs]
    head = ["outcome", "unit", *names]
    rows = [[name, _unit(name, found.market.currency), *(_with_margin(one) for one in many)] for name, many in columns]
    apart = [grid(["outcome", "unit", name], [[*row[:2], row[2 + at]] for row in rows], left=(0, 1))
             for at, name in enumerate(names)]
    table = grid(head, rows, left=(0, 1)) if _fits(head, rows) else "\n\n".join(apart)
    note = "± is the half-width of the 95% interval over replications."
    return "\n\n".join([_title(found), table, note, _places(folder)]) + "\n"


def show_game(found: Game, folder: str | None) -> str:
    """What kind of game it is, what follows, the payoffs of either firm, and where all is."""
    parts = [_title(found), "\n".join([_headed("Verdict:", found.verdict.sentence), *(wrapped(clean(one)) for one in
                                                                                   found.sentences)])]
    parts += [_payoffs(found, firm) for firm in found.firms]
    if found.dominated:
        parts.append(wrapped(" ".join(f"{clean(one.firm)}: {clean(one.strategy)} is surely worse than {clean(one.by)} whatever "
                                      "the other does." for one in found.dominated)))
    page = "" if folder is None else os.path.join(folder, "game.html")
    stored = f"Page    {page}\n" if os.path.isfile(page) else ""
    return "\n\n".join([*parts, "Not stored." if folder is None else f"{stored}Tables  {folder}"])


def _payoffs(found: Game, firm: str) -> str:
    """One firm's payoffs: our strategies down, the rival's across; its best replies starred."""
    (ours, theirs), mine = found.strategies, firm == found.firms[0]

    def cell(row: str, column: str) -> str:
        one = found.payoffs[firm, row, column]
        reply = found.reply(firm, column if mine else row)
        star = ("*" if reply.decided else "?") if (row if mine else column) in reply.best else " "
        return f"{_with_margin(Interval(row, found.outcome, one.mean, one.low, one.high, one.sd))} {star}"

    rows = [[clean(row), *(cell(row, column) for column in theirs)] for row in ours]
    head = [f"{found.outcome} of {clean(firm)}, {_unit(found.outcome, found.market.currency)}", *map(clean, theirs)]
    if not _fits(head, rows):
        head[0] = clean(firm)
    return f"{grid(head, rows)}\n(* best against what the other plays; ? may be, cannot be told; ± alone, 95%)"


def show_reproduction(found: Reproduction) -> str:
    """Whether every number is the same, and the first of each column that is not."""
    head, rest = found.sentence.split(":", 1) if found.same else (found.sentence, "")
    parts = [bold(head) + (f":{rest}" if rest else "")]
    if found.different:
        rows = [[one.table, one.column, str(one.row), one.was, one.now, f"{one.how_many:,}"]
                for one in found.different[:MOST_ROWS]]
        parts.append(grid(["table", "column", "row", "was", "is", "values"], rows, left=(0, 1)))
        if len(found.different) > MOST_ROWS:
            parts.append(f"… and {len(found.different) - MOST_ROWS} more columns (all of them with --json).")
    if found.versions:
        made = ", ".join(f"{name} {was} then and {now} now" for name, (was, now) in found.versions.items())
        parts.append(wrapped(f"Versions that are not those of then: {made}."))
    return "\n\n".join(parts)


def show_selection(found: Selected) -> str:
    """What to choose, and the strategies from the chosen one to the one that fell out first."""
    place = {name: at for at, name in enumerate(found.strategies)}
    fell = {found.strategies[at]: found.race.used[at] for at in found.race.fell}
    factor, largest = UNITS[found.outcome][0], max(map(abs, found.means))
    left = "still in the race" if found.race.stopped else "chosen"
    rows = [[clean(name), plain(found.means[place[name]] * factor, factor * largest / 50),
             f"{found.replications[place[name]]:,}", f"fell out after {fell[name]:,}" if name in fell else left]
            for name in found.ranked]
    head = ["strategy", f"{HEADS.get(found.outcome, found.outcome)}, {_unit(found.outcome, found.market.currency)}",
            "replications", ""]
    facts = f"{found.market.people:,} people · {found.market.horizon:,} days · seed {found.market.seed}"
    title = f"{wrapped(bold(clean(found.market.title)))}\n{facts}"
    return "\n\n".join([title, wrapped(clean(found.sentence)), grid(head, rows)])
def show_sweep(found: Sweep, headline: str, sentences: Sequence[str], folder: str | None) -> str:
    """What wins at how many points, what turns the answer, a map in letters where there are two keys, and where all is."""
    head = f"{headline}."
    parts = [_title(found), "\n".join([_headed("Verdict:", head), *(wrapped(clean(one)) for one in sentences)])]
    parts += [drawn] if (drawn := _map(found)) else []
    page = "" if folder is None else os.path.join(folder, "sweep.html")
    stored = f"Page    {page}\n" if os.path.isfile(page) else ""
    return "\n\n".join([*parts, "Not stored." if folder is None else f"{stored}Tables  {folder}"])


def _map(found: Sweep) -> str:
    """A grid of two keys in letters, one a strategy: the first key across, the second up."""
    design, letters = found.design, {name: chr(ord("A") + at) for at, name in enumerate(found.strategies)}
    if design.kind != "grid" or len(design.axes) != 2 or len(letters) > 26:
        return ""
    across, up = design.axes
    there = {design.point(number): one for number, one in zip(found.numbers, found.spots, strict=True)}

    def sign(one: Spot | None) -> str:
        if one is None or one.best is None:
            return " " if one is None else "-"
        return {"won": letters[one.best], "open": "?", "same": "="}[one.state]

    rows = [[clean(up.value(row)), *(sign(there.get((across.value(column), up.value(row)))) for column in range(across.count))]
            for row in reversed(range(up.count))]
    head = ["", *(clean(across.value(column)) for column in range(across.count))]
    named_columns = fits(head, rows)
    if not named_columns and not fits(head := [""] * len(head), rows):
        return ""
    seen = {one.best for one in found.spots if one.state == "won"}
    rest = [text for state, text in (("open", "? cannot be told"), ("same", "= all but equal"), ("unknown", "- nobody came"))
            if any(one.state == state for one in found.spots)]
    key = "; ".join([*(f"{letter} {clean(name)}" for name, letter in letters.items() if name in seen), *rest])
    named = f"{clean(across.label)} across, {clean(across.value(0))} to {clean(across.value(across.count - 1))}; " \
            f"{clean(up.label)} up"
    drawn = grid(head, rows) if named_columns else grid(head, rows).split("\n", 1)[1]
    return f"{drawn}\n{wrapped(named)}\n{wrapped(key)}"


MOST_TIPPING = 12


def show_explanation(found: Explained, paragraph: str, folder: str | None, note: str) -> str:
    """The paragraph, the parts, what would turn the answer round, and where all is."""
    words = Reasons(found)
    head = [f"{clean(found.strategy)} − {clean(found.against)}, {words.unit}", "adds", "95%", "switched off alone"]
    rows = [[clean(cell) for cell in row] for row in table(found)]
    short = head if _fits(head, rows) else [f"{words.name}, {words.unit}", *head[1:]]
    parts = [_title(found.comparison), _reasoned(words.headline(), paragraph), grid(short, rows, left=(0, 3))]
    if found.tipping:
        parts.append(_tipping(found.tipping))
    parts += [wrapped(note)] if note else []
    page = "" if folder is None else os.path.join(folder, "explanation.html")
    stored = f"Page    {page}\n" if os.path.isfile(page) else ""
    return "\n\n".join([*parts, "Not stored." if folder is None else f"{stored}Tables  {folder}"])


def _reasoned(headline: str, paragraph: str) -> str:
    """The paragraph with its headline before it, or in it."""
    head = f"{clean(headline)}."
    return _headed(head, paragraph.removeprefix(head).lstrip())


def _tipping(found: Sequence[Tipping]) -> str:
    """What flips the answer, nearest first, then what does not."""
    turns, stays = [one for one in found if one.flips], [one for one in found if not one.flips]
    rows = [[_key(one), f"{value_of(one.parameter.value, one)}{unit_of(one)}", f"{value_of(one.tips, one)}{unit_of(one)}"]
            for one in turns[:MOST_TIPPING]]
    told = [grid(["what turns the answer round", "now", "turns at"], rows)] if rows else []
    if stays:
        many = [f"{_key(one)} ({range_of(one)})" for one in stays]
        told.append(wrapped(f"Does not turn it, within what was searched: {', '.join(many)}."))
    return "\n".join(told)


def _key(one: Tipping) -> str:
    """A parameter by its key, short: without `psyche`, and a move's number by its strategy and name."""
    steps = one.parameter.key.removeprefix("psyche.")
    return clean(f"{one.parameter.of}: {'.'.join(steps.rsplit('.', 2)[-2:])}" if one.parameter.lever else steps)


def _title(found: Comparison | Game | Sweep) -> str:
    market = found.market
    facts = (f"{market.people:,} people · {market.horizon:,} days · {_count(market.replications, 'replication')} · "
             f"seed {market.seed}")
    return f"{wrapped(bold(clean(market.title)))}\n{facts}"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"


def _strategies(found: Comparison, outcome: str) -> str:
    """The outcomes of the short table, and those that only some markets have: beside the others, or below where too wide."""
    chosen = [outcome, *(name for name in SHOWN if name != outcome)]
    others = [name for name in _of_this_market(found) if name != outcome]
    tables = [[*chosen, *others]] if _fits(*_means_of(found, [*chosen, *others])) else [chosen, others]
    for names in tables:
        while len(names) > 2 and not _fits(*_means_of(found, names)):
            names.pop()
    drawn = "\n\n".join(grid(*_means_of(found, names)) for names in tables if names)
    return f"{drawn}\n(means over replications; money per {counted(begins_whole(found.market))})"


def _of_this_market(found: Comparison) -> list[str]:
    """The outcomes that only some markets have, and this one has."""
    market = found.market
    back = any(isinstance(move, Winback) for strategy in market.strategies for move in strategy.moves)
    has = {"share": chooses(market), "trial": differs(market, PROSPECT) and not chooses(market), "talk": talks(market),
           "wait": queues(market), "regained": back}
    return [name for name, there in has.items() if there]


def _means_of(found: Comparison, chosen: Sequence[str]) -> tuple[list[str], list[list[str]]]:
    """Head and rows of a table of these outcomes, a row a strategy."""
    columns = [_means([found.interval(strategy, name) for strategy in found.runs]) for name in chosen]
    cells = list(zip(*columns, strict=True))
    units = ["", *(_unit(name, found.market.currency) for name in chosen)]
    rows = [[clean(name), *row] for name, row in zip(found.runs, cells, strict=True)] if chosen else []
    return ["strategy", *(HEADS.get(name, name) for name in chosen)], [units, *rows]


def _firms(found: Comparison) -> str:
    """Every firm under every strategy, and how often people went from ours to it and came back, for every 100 people."""
    went = {(one.strategy, one.firm): one for one in flows(found.runs)}
    rows, told = [["", "", *(_unit(name, found.market.currency) for name in TOLD), "per 100", "per 100"]], accounts(found.runs)
    for one in told[:MOST_ROWS]:
        flow = went.get((one.strategy, one.firm))
        between = ["", ""] if flow is None else [_estimated(flow.lost), _estimated(flow.back)]
        levels = [_scaled(Interval("", name, each.mean, each.low, each.high, each.sd), each.mean)
                  for name, each in one.outcomes.items()]
        rows.append([clean(one.strategy), clean(one.firm), *levels, *between])
    head = ["under", "firm", *(HEADS.get(name, name) for name in TOLD), "lost to", "won back"]
    more = f"\n… and {len(told) - MOST_ROWS} more rows (by_firm and switches, in the folder)." if len(told) > MOST_ROWS else ""
    return f"{grid(head, rows, left=(0, 1))}{more}"


def _estimated(one: Estimate) -> str:
    return "-" if math.isnan(one.mean) else plain(one.mean, (one.high - one.low) / 2)


def _differences(found: Comparison, outcome: str) -> str:
    pairs = [one for one in found.differences if one.outcome == outcome]
    rows = [[f"{clean(one.strategy)} − {clean(one.against)}", _signed(one), _limits(one), _state(one)]
            for one in pairs[:MOST_ROWS]]
    more = f"\n  and {len(pairs) - MOST_ROWS} more pairs in --json" if len(pairs) > MOST_ROWS else ""
    unit = _unit(outcome, found.market.currency)
    return grid([f"differences in {outcome}, {unit}", "mean", "95%, all pairs at once", ""], rows) + more


def _state(one: Difference) -> str:
    if one.mean == one.low == one.high == 0.0:
        return "same"
    if one.negligible:
        return "negligible"
    return "decided" if one.decided else "open"


def _money(found: Comparison) -> str:
    """Return and break-even day of every strategy, where anything costs or earns."""
    rows = [[clean(one.strategy), *_return(one), _even(one)] for one in found.returns[:MOST_ROWS]]
    more = f"\n  and {len(found.returns) - MOST_ROWS} more in --json" if len(found.returns) > MOST_ROWS else ""
    head = [f"money, against {clean(found.baseline)}", "return", "95%", "even on day"]
    return grid(head if _fits(head, rows) else ["money, against the first", *head[1:]], rows) + more


def _return(one: Returns) -> tuple[str, str]:
    return ("-", "not defined") if one.undefined else (percent(one.rate, (one.high - one.low) / 2), span(one.low, one.high))


def _even(one: Returns) -> str:
    """Its break-even day with the interval, where that is one."""
    day = "never behind" if one.day == 0.0 else days(one.day)
    apart = not math.isnan(one.day_low) and one.day_low != one.day_high
    return f"{day} ({span_of_days(one.day_low, one.day_high)})" if apart else day


def _twins(found: Comparison) -> str:
    rows = [[clean(one.strategy), _percent(one.both + one.only_strategy), clean(one.against), _percent(one.saved)]
            for one in found.twins[:MOST_ROWS]]
    head = ["the same people: kept by", "", "of whom lost under", ""] if begins_whole(found.market) else [
        "customers in the end with", "", "of whom not with", ""]
    return grid(head, rows, left=(0, 2))


def _percent(share: float) -> str:
    return "-" if math.isnan(share) else f"{100 * share:.1f}%"


def _places(folder: str | None) -> str:
    if folder is None:
        return "Not stored."
    report = os.path.join(folder, "report.html")
    return f"Report  {report}\nTables  {folder}" if os.path.isfile(report) else f"Tables  {folder}"


def _unit(outcome: str, currency: str) -> str:
    unit = UNITS[outcome][1]
    return unit.format(currency=clean(currency)).removesuffix(" a customer") if "{" in unit else SHORT_UNITS[unit]


def _scaled(one: Interval | Difference, value: float) -> str:
    factor = UNITS[one.outcome][0]
    return "-" if math.isnan(value) else plain(value * factor, (one.high - one.low) / 2 * factor)


def _means(many: Sequence[Interval]) -> list[str]:
    """A column's means with the same digits, those that the least certain of them deserves."""
    factor = UNITS[many[0].outcome][0]
    largest = max((abs(one.mean) for one in many if not math.isnan(one.mean)), default=0.0)
    half = max((factor * (one.high - one.low) / 2 for one in many if one.high > one.low), default=factor * largest / 50)
    return ["-" if math.isnan(one.mean) else plain(one.mean * factor, half) for one in many]


def _with_margin(one: Interval) -> str:
    if math.isnan(one.mean):
        return "-"
    half = (one.high - one.low) / 2
    return _scaled(one, one.mean) + (f" ± {_scaled(one, half)}" if half > 0 else "")


def _signed(one: Difference) -> str:
    return ("+" if one.mean > 0 else "") + _scaled(one, one.mean)


def _limits(one: Difference) -> str:
    return "-" if math.isnan(one.low) else f"{_scaled(one, one.low)} to {_scaled(one, one.high)}"


def clean(text: str) -> str:
    """A name or title from a file, safe to print: no control characters that a terminal would obey."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def room() -> int:
    """How wide to write: the terminal's width, between 60 and 100; 80 where there is none."""
    return max(60, min(100, shutil.get_terminal_size((80, 24)).columns))


def wrapped(text: str, indent: str = "") -> str:
    """The text in lines that fit."""
    return textwrap.fill(text, room(), initial_indent=indent, subsequent_indent=indent, break_long_words=False,
                         break_on_hyphens=False)


def bold(text: str) -> str:
    """Bold on a terminal that shows it; plain in a file, a pipe, or with NO_COLOR."""
    shows = sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
    return f"\x1b[1m{text}\x1b[0m" if shows else text


def width(text: str) -> int:
    """How many cells of a terminal a text takes: wide letters take two, combining marks none."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _widths(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    return [max(width(row[at]) for row in [head, *rows]) for at in range(len(head))]


def _fits(head: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    return sum(_widths(head, rows)) + 2 * len(head) - 2 <= room()


fits = _fits
"""Whether a table is no wider than what there is room for; for tables that other modules make."""


def grid(head: Sequence[str], rows: Sequence[Sequence[str]], left: Sequence[int] = (0,)) -> str:
    """A table in columns two spaces apart: those numbered in `left` flush left, the rest right, the head in bold."""
    widths = _widths(head, rows)

    def line(cells: Sequence[str]) -> str:
        padded = [cell + " " * (wide - width(cell)) if at in left else " " * (wide - width(cell)) + cell
                  for at, (cell, wide) in enumerate(zip(cells, widths, strict=True))]
        return "  ".join(padded).rstrip()

    return "\n".join([bold(line(head)), *(line(row) for row in rows)])


@contextmanager
def progress(strategies: int, quiet: bool) -> Iterator[Advance | None]:
    """What to call as work gets done: a bar with the time left on a terminal, a line a strategy elsewhere."""
    if quiet:
        yield None
    elif sys.stderr.isatty():
        with _bar(strategies) as advance:
            yield advance
    else:
        yield _lines()


@contextmanager
def _bar(strategies: int) -> Iterator[Advance]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    shown = Progress(TextColumn("{task.description}", markup=False), BarColumn(),
                     TextColumn("{task.percentage:>3.0f}%"), TimeRemainingColumn(), TextColumn("left"),
                     console=Console(stderr=True), transient=True)
    shares: dict[str, float] = {}
    with shown:
        bar = shown.add_task("starting", total=strategies)

        def advance(strategy: str, done: int, total: int) -> None:
            shares[strategy] = done / total
            shown.update(bar, description=clean(strategy)[:30], completed=sum(shares.values()))

        yield advance


def _lines() -> Advance:
    started = time.monotonic()

    def advance(strategy: str, done: int, total: int) -> None:
        if done == total:
            print(f"{clean(strategy)}: done after {time.monotonic() - started:.1f} s", file=sys.stderr, flush=True)

    return advance


@contextmanager
def explaining(quiet: bool) -> Iterator[Advance | None]:
    """What to call as stages of runs get done: a bar with the time left on a terminal, a line every so often elsewhere."""
    if quiet:
        yield None
    elif sys.stderr.isatty():
        with _stages() as advance:
            yield advance
    else:
        yield _stage_lines()


@contextmanager
def _stages() -> Iterator[Advance]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    shown = Progress(TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:.0f} of {task.total:.0f}"),
                     TimeRemainingColumn(), TextColumn("left"), console=Console(stderr=True), transient=True)
    bars: dict[str, TaskID] = {}
    with shown:

        def advance(stage: str, done: int, total: int) -> None:
            if stage not in bars:
                bars[stage] = shown.add_task(stage, total=total)
            shown.update(bars[stage], completed=done)

        yield advance


@contextmanager
def sweeping(quiet: bool) -> Iterator[Advance | None]:
    """What to call as work gets done: a bar with the time left on a terminal, a line every so often elsewhere."""
    if quiet:
        yield None
    elif sys.stderr.isatty():
        with _work() as advance:
            yield advance
    else:
        yield _work_lines()


@contextmanager
def _work() -> Iterator[Advance]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    shown = Progress(TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"),
                     TimeRemainingColumn(), TextColumn("left"), console=Console(stderr=True), transient=True)
    bars: list[TaskID] = []
    before = 0, 0
    with shown:

        def advance(said: str, done: int, total: int) -> None:
            nonlocal before
            if before[1] != total or done < before[0]:  # another stage of the work
                for bar in bars:
                    shown.update(bar, visible=False)
                bars.append(shown.add_task(said, total=total))
            before = done, total
            shown.update(bars[-1], description=said, completed=done)

        yield advance


def _work_lines() -> Advance:
    began = said_at = time.monotonic()
    before = 0, 0

    def advance(said: str, done: int, total: int) -> None:
        nonlocal began, said_at, before
        now = time.monotonic()
        if before[1] and (before[1] != total or done < before[0]):  # another stage of the work
            began = now
        before = done, total
        if done == total:
            print(f"{said}: done after {now - began:.1f} s", file=sys.stderr, flush=True)
        elif done and now - said_at >= EVERY_SECONDS:
            said_at = now
            print(f"{said}, about {(now - began) * (total - done) / done:.0f} s left", file=sys.stderr, flush=True)

    return advance


EVERY_SECONDS = 10.0


def _stage_lines() -> Advance:
    began: dict[str, float] = {}
    said: dict[str, float] = {}

    def advance(stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        if stage not in began:
            began[stage] = said[stage] = now
            if done == 0 < total:
                print(f"{stage}: up to {total:,}", file=sys.stderr, flush=True)
        if done == total and said[stage] < math.inf:
            said[stage] = math.inf
            print(f"{stage}: done after {now - began[stage]:.1f} s", file=sys.stderr, flush=True)
        elif done and now - said[stage] >= EVERY_SECONDS:
            said[stage] = now
            left = (now - began[stage]) * (total - done) / done
            print(f"{stage}: {done:,} of {total:,}, at most {left:.0f} s left", file=sys.stderr, flush=True)

    return advance

"""The report: one HTML file that opens without a network, runs no script, prints, and starts with the answer.

Whatever people wrote (names, titles, sources) is escaped; figures are pictures inside the file.
"""

from __future__ import annotations

import base64
import html
import itertools
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.experiments.budgets import spending
from sim.experiments.firms import TOLD, accounts, flows
from sim.experiments.game import also_a_game
from sim.experiments.returns import NEVER, days, percent, span, span_of_days
from sim.market import begins_whole
from sim.outcomes import counted, listed
from sim.report import words
from sim.report.words import MEASURES, between, gap, say

if TYPE_CHECKING:
    from sim.experiments.compare import Comparison
    from sim.experiments.findings import Finding
    from sim.experiments.returns import Returns

CAPTIONS = {
    "satisfaction": "Satisfaction at each visit, and what each strategy lifts it above the baseline's: a lift that falls "
    "back to zero is a gain that customers got used to.",
    "ratchet": "What customers get (solid) and what they compare it with (dashed): service that stays good stops "
    "pleasing when the dashed line has caught up.",
    "forest": "How each strategy differs from the baseline: bars that touch the line could be chance.",
    "convergence": "How sure the answer is: the interval of the difference that is hardest to tell from 0 narrows as "
    "replications are added, and decides once it leaves out 0.",
    "goodwill": "What customers hold for the firm after each visit, and what each strategy lifts it above the baseline's: "
    "what goes wrong lowers it, what is put right raises it again.",
    "retention": "Who is still a customer; the numbers below say how many people stand behind each part of the curves.",
    "share": "Whom people go to: what one firm wins, another loses, unless it is people who would have stayed away.",
    "adoption": "Who becomes a customer: where those who have come tell others, a curve climbs faster before it slows.",
    "waits": "How long people wait for their turn: a strategy that draws people lengthens the queue, and waiting takes from "
    "what they get.",
    "talk": "How much people tell others of us, and how much of it is praise: what is told draws people, and raises what "
    "they expect.",
    "silence": "Who leaves without a word, who leaves having spoken up, and who stays: what goes unsaid cannot be put right.",
    "survivors": "Goodwill at the end of those who stay beside that of everybody: the distance is what a survey of "
    "customers overlooks.",
    "gaps": "How satisfaction comes about, part by part: a bar to the left is points lost there, and the bar at the bottom is "
    "what the parts add up to.",
    "kano": "What each attribute is to people as time goes by: what once delighted them may become what they take for granted.",
    "money": "When money that was spent has come back: profit so far beyond the baseline's, day by day; a line that ends above "
    "0 has paid for itself.",
    "cost": "What a strategy costs and what it gives: up and to the left is more for less.",
    "spend": "What the same money buys with each strategy: of satisfaction, and of customers who stay.",
    "spreading": "How far customers' expectations lie apart, and where they move: the same service meets all of them.",
}
"""One sentence under each figure."""

MONEY = ("money", "cost", "spend")
"""The figures that stand in the part about money."""

RESULTS = {"holds": "holds", "does not hold": "fails", "cannot be told": "untold"}
"""How the page marks what came of a claim."""

STORY = {
    "about": "About",
    "source": "Source",
    "numbers": "Where the numbers come from",
    "expected": "Finding expected",
    "found": "Finding found",
}
AGAIN = {"command": "Command", "hash": "Scenario hash", "version": "Version", "run": "Run"}
UNITS = {"points": "points", "share": "%", "number": "per person", "score": "−100 to 100",
         "days": "days", "minutes": "minutes", "correlation": "−1 to 1"}
SIGNED = ("satisfaction", "lasting", "felt", "goodwill", "goodwill_stayers", "nps", "profit", "r_across", "r_within")
PAIRS_SHOWN = 28


@dataclass(frozen=True)
class _Cell:
    """A value with what stands small below it; open: it cannot be told from zero."""

    value: str
    note: str = ""
    open: bool = False


def page(
    comparison: Comparison, *, story: Mapping[str, str] | None = None, figures: Mapping[str, str] | None = None,
    findings: Sequence[Finding] = (),
) -> str:
    """The report as HTML text.

    findings: the story's claims as they came out.

    story: what the caller knows beside the comparison, all optional: title, about, source, numbers, expected, found,
    hash, version, command, run, and note, a caveat that is shown under the answer. figures: SVG text by name, in the
    order shown; drawn here if left out.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    story = story or {}
    drawn = pictures(comparison) if figures is None else figures
    sheet = Environment(
        loader=PackageLoader("sim.report", "."), autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True
    ).get_template("page.html.jinja")
    title = story.get("title") or comparison.market.title
    replications, people = words.replications_of(comparison), words.people_of(comparison)
    return sheet.render(
        title=title,
        decided=comparison.verdict.decided,
        badge=badge(comparison),
        headline=headline(comparison),
        sentences=words.answer(comparison),
        note=(story.get("note") or "").strip(),
        glance=_glance(comparison),
        figures=[_drawn(comparison, name, text) for name, text in drawn.items() if name not in MONEY],
        of_money=[_drawn(comparison, name, text) for name, text in drawn.items() if name in MONEY],
        returns=_returns(comparison) if "money" in drawn else None,
        budgets=spending(comparison),
        tables=_tables(comparison),
        findings=[(RESULTS[one.result], one) for one in findings],
        twins=_twins(comparison),
        glossary=_glossary(comparison),
        scenario=_scenario(comparison, story),
        again=_again(comparison, story),
        footer=f"Computed on {replications:,} replication{'s' * (replications != 1)} of {people:,} people. "
        "The intervals say how sure the computation is; "
        "whether the scenario's numbers are true of your customers is another question.",
    )


def _drawn(comparison: Comparison, name: str, text: str) -> dict[str, object]:
    """A figure of the page: its picture, what it says to those who do not see it, and what stands below it."""
    return {"name": name, "source": _inside(text), "alt": alt(name, text), "caption": CAPTIONS.get(name, name),
            "fits": words.fit_notes(comparison) if name == "satisfaction" else ()}


def pictures(comparison: Comparison) -> dict[str, str]:
    """Every figure that has something to show, as SVG text by name."""
    from sim.report.figures import figure, worth_drawing
    from sim.report.style import svg

    return {name: svg(figure(comparison, name)) for name in worth_drawing(comparison)}


def write(comparison: Comparison, folder: str | Path, story: Mapping[str, str] | None = None,
          findings: Sequence[Finding] = (), spent: Mapping[str, Any] | None = None) -> Path:
    """Write report.html and figures/*.svg and *.png under `folder`; the same bytes every time. Returns report.html.

    findings: the story's claims as they came out. spent: of a comparison at equal spend, what equal_spend.json says.
    """
    from sim.report.figures import figure, spend_figure, worth_drawing
    from sim.report.style import png, svg

    folder = Path(folder)
    (folder / "figures").mkdir(parents=True, exist_ok=True)
    drawn = {}
    for name in (*worth_drawing(comparison), *(() if spent is None else ("spend",))):
        picture = figure(comparison, name) if spent is None or name != "spend" else spend_figure(comparison, spent)
        drawn[name] = svg(picture)
        (folder / "figures" / f"{name}.svg").write_bytes(drawn[name].encode("utf-8"))
        (folder / "figures" / f"{name}.png").write_bytes(png(picture))
    report = folder / "report.html"
    report.write_bytes(page(comparison, story=story, figures=drawn, findings=findings).encode("utf-8"))
    return report


def _inside(text: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(text.encode("utf-8")).decode("ascii")


def alt(name: str, text: str) -> str:
    """A figure (SVG text) in words for those who do not see it: what it found (its title), and what it shows."""
    title = re.search(r"<title>(.*?)</title>", text, re.DOTALL)
    return " ".join(part for part in (f"{html.unescape(title[1])}." if title else "", CAPTIONS.get(name, name)) if part)


# --- the answer ---------------------------------------------------------------------------------------------


def badge(comparison: Comparison) -> str:
    """How sure the answer is, in two words."""
    if len(comparison.runs) < 2:
        return "One strategy"
    if comparison.verdict.decided:
        return "Decided"
    if comparison.verdict.best:
        return "Cannot tell yet"
    return "No difference that matters" if comparison.verdict.settled else "No difference found"


def headline(comparison: Comparison) -> str:
    """The answer in a line: who wins in what, or that this is open."""
    verdict, names = comparison.verdict, [" ".join(name.split()) for name in comparison.runs]
    about = MEASURES[verdict.outcome].label.lower()
    if len(names) == 1:
        found = comparison.interval(next(iter(comparison.runs)), verdict.outcome)
        return f"{names[0]}: {about} {_level(found.mean, verdict.outcome, comparison, (found.high - found.low) / 2)}"
    if verdict.best is None:
        return f"No difference{' that matters' * bool(verdict.settled)} in {about}"
    best = " ".join(verdict.best.split())
    fades = verdict.outcome in ("satisfaction", "felt") and verdict.best in verdict.faded
    if verdict.decided and fades:
        return f"Best in {about}: {best}, but it does not last"
    return f"Best in {about}: {best}" if verdict.decided else f"Not decided: {best} leads in {about}"


def _level(value: float, outcome: str, comparison: Comparison, fine: float) -> str:
    kind = MEASURES[outcome].kind
    return say(value, kind, comparison.market.currency, signed=kind == "points" and _gapped(outcome), fine=fine)


def _gapped(outcome: str) -> bool:
    """Whether an outcome is itself a difference, so that it carries a sign."""
    return outcome in SIGNED


def _unit(outcome: str, comparison: Comparison) -> str:
    kind = MEASURES[outcome].kind
    return comparison.market.currency if kind == "money" else UNITS[kind]


def _colours(comparison: Comparison) -> dict[str, str]:
    from sim.report.figures import looks

    return {name: look.colour for name, look in looks(comparison).items()}


def _glance(comparison: Comparison) -> dict[str, object]:
    wanted = dict.fromkeys([comparison.verdict.outcome, "satisfaction", "lasting", "retention", "cost", "profit"])
    chosen = [outcome for outcome in wanted if outcome in words.shown(comparison)][:5]
    colours = _colours(comparison)
    rows = []
    for name in comparison.runs:
        found = [comparison.interval(name, outcome) for outcome in chosen]
        rows.append(
            {
                "name": " ".join(name.split()),
                "colour": colours[name],
                "cells": [
                    _Cell(_bare(each.mean, each.outcome, comparison, (each.high - each.low) / 2)) for each in found
                ],
            }
        )
    columns = [{"label": MEASURES[outcome].label, "unit": _unit(outcome, comparison)} for outcome in chosen]
    return {
        "rows": rows if chosen else [],
        "columns": columns,
        "caption": "Means over all replications; points are on a scale from 0 to 100, money is per "
        f"{counted(begins_whole(comparison.market))}. "
        "Intervals and the rest are further down.",
    }


def _bare(value: float, outcome: str, comparison: Comparison, fine: float) -> str:
    """A value without its unit, which stands beside the row or above the column."""
    kind = MEASURES[outcome].kind
    if kind == "money":
        return words.money(value, "", signed=outcome == "profit", fine=fine)
    return say(value, kind, signed=_gapped(outcome), unit=False, fine=fine)


# --- the tables ---------------------------------------------------------------------------------------------


def _tables(comparison: Comparison) -> list[dict[str, object]]:
    tables = [_outcomes(comparison)]
    if len(comparison.runs) > 1:
        tables.append(_against_baseline(comparison))
    if len(comparison.runs) > 2:
        tables.append(_pairs(comparison))
    return tables + ([_firms(comparison)] if any(run.by_firm is not None for run in comparison.runs.values()) else [])


def _firms(comparison: Comparison) -> dict[str, object]:
    """Every firm under each of our strategies, and how often people went from ours to it and came back."""
    colours, runs, rows = _colours(comparison), comparison.runs, list[dict[str, object]]()
    told, went = accounts(runs), flows(runs)
    for firm in comparison.market.firms:
        label = " ".join(firm.name.split())
        for outcome in TOLD:
            found = [one.outcomes[outcome] for one in told if one.firm == firm.name]
            rows.append({"label": f"{label}: {MEASURES[outcome].label.lower()}", "unit": _unit(outcome, comparison), "cells": [
                _Cell(_bare(each.mean, outcome, comparison, (each.high - each.low) / 2),
                      between(each.low, each.high, MEASURES[outcome].kind, "", _gapped(outcome))) for each in found]})
        if firm is comparison.market.firms[0]:
            continue
        for said, many in ((f"Lost to {label}", [one.lost for one in went if one.firm == firm.name]),
                           (f"Won back from {label}", [one.back for one in went if one.firm == firm.name])):
            rows.append({"label": said, "unit": "times per 100 people", "cells": [
                _Cell(words.digits(each.mean, (each.high - each.low) / 2), between(each.low, each.high, "number"))
                for each in many]})
    return {
        "title": "The firms, by our strategies", "corner": "Firm", "rows": rows,
        "columns": [{"name": " ".join(name.split()), "colour": colours[name]} for name in runs],
        "caption": "Mean over replications, and below it the 95% interval of each number alone. Lost: somebody whose last "
        "visit was to us went there. Won back: somebody whose last visit was there came to us, where she had been before.",
    }


def _outcomes(comparison: Comparison) -> dict[str, object]:
    colours, rows = _colours(comparison), []
    for outcome in words.shown(comparison):
        cells = []
        for name in comparison.runs:
            found = comparison.interval(name, outcome)
            fine = (found.high - found.low) / 2
            cells.append(
                _Cell(
                    _bare(found.mean, outcome, comparison, fine),
                    between(found.low, found.high, MEASURES[outcome].kind, "", _gapped(outcome)),
                )
            )
        rows.append({"label": MEASURES[outcome].label, "unit": _unit(outcome, comparison), "cells": cells})
    return {
        "title": "Outcomes by strategy",
        "corner": "Outcome",
        "rows": rows,
        "columns": [{"name": " ".join(name.split()), "colour": colours[name]} for name in comparison.runs],
        "caption": "Mean over replications, and below it the 95% interval of each strategy alone.",
    }


def _difference(comparison: Comparison, strategy: str, against: str, outcome: str, unit: bool = False) -> _Cell:
    found, kind = comparison.difference(strategy, against, outcome), MEASURES[outcome].kind
    fine = (found.high - found.low) / 2
    if not math.isfinite(found.mean):
        return _Cell(words.NONE, "nobody to ask", True)
    value = (
        gap(found.mean, kind, comparison.market.currency, fine=fine)
        if unit
        else (
            words.money(found.mean, "", signed=True, fine=fine)
            if kind == "money"
            else say(found.mean, kind, signed=True, unit=False, fine=fine)
        )
    )
    note = between(found.low, found.high, kind, "", signed=True)
    if found.mean == found.low == found.high == 0:
        return _Cell("0", "exactly the same", True)
    if note == words.NONE:
        return _Cell(value, "one replication", True)
    small = "too small to matter" if comparison.plan is not None and comparison.plan.outcome == outcome else "too small to feel"
    open_ = small if found.negligible else "cannot tell"
    return _Cell(value, note if found.decided else f"{note}, {open_}", not found.decided)


def _against_baseline(comparison: Comparison) -> dict[str, object]:
    colours, first = _colours(comparison), words.baseline(comparison)
    others = [name for name in comparison.runs if name != first]

    def unit(outcome: str) -> str:
        return "percentage points" if MEASURES[outcome].kind == "share" else _unit(outcome, comparison)

    rows = [
        {
            "label": MEASURES[outcome].label,
            "unit": unit(outcome),
            "cells": [_difference(comparison, name, first, outcome) for name in others],
        }
        for outcome in words.shown(comparison)
    ]
    return {
        "title": f"Differences from {words.quoted(first)}",
        "corner": "Outcome",
        "rows": rows,
        "columns": [{"name": " ".join(name.split()), "colour": colours[name]} for name in others],
        "caption": "Paired differences on the same people and luck. Intervals hold at 95% for all pairs of strategies "
        "at once. Bold differences are decided; in italics: zero lies inside the interval.",
    }


def _returns(comparison: Comparison) -> dict[str, object]:
    """What each strategy costs and earns beyond the baseline, its return, and the day it breaks even."""
    colours, first = _colours(comparison), words.baseline(comparison)
    others = [one.strategy for one in comparison.returns]
    unit = comparison.market.currency
    rows = [{"label": f"{MEASURES[outcome].label} beyond the baseline's", "unit": unit,
             "cells": [_difference(comparison, name, first, outcome) for name in others]} for outcome in ("cost", "profit")]
    rows.append({"label": "Return", "unit": "profit on what it costs more",
                 "cells": [_return(one) for one in comparison.returns]})
    rows.append({"label": "Breaks even", "unit": "day", "cells": [_even(one) for one in comparison.returns]})
    return {
        "title": f"Money, beside {words.quoted(first)}", "rows": rows,
        "corner": f"A {counted(begins_whole(comparison.market))}",
        "columns": [{"name": " ".join(name.split()), "colour": colours[name]} for name in others],
        "caption": "Return: profit beyond the baseline's, which is what is left after the cost, on cost beyond the "
        "baseline's; at 0% the money came back and no more. Breaks even: the median day from which profit so far stays at or "
        "above the baseline's. Intervals hold at 95% for all strategies at once.",
    }


def _return(one: Returns) -> _Cell:
    if one.undefined:
        return _Cell("not defined", one.undefined, True)
    return _Cell(percent(one.rate, (one.high - one.low) / 2), span(one.low, one.high))


def _even(one: Returns) -> _Cell:
    value = "never behind" if one.day == 0.0 else f"not within {one.horizon:,}" if one.day == NEVER else days(one.day)
    if math.isnan(one.day_low):
        return _Cell(value, "too few replications for an interval")
    return _Cell(value, "" if one.day_low == one.day_high else span_of_days(one.day_low, one.day_high))


def _pairs(comparison: Comparison) -> dict[str, object]:
    """Every pair in the verdict's outcome: the row minus the column."""
    outcome, colours = comparison.verdict.outcome, _colours(comparison)
    names = list(comparison.runs)
    rows = [
        {
            "label": " ".join(row.split()),
            "unit": "",
            "cells": [
                _Cell("") if row == column else _difference(comparison, row, column, outcome) for column in names
            ],
        }
        for row in names
    ]
    label = MEASURES[outcome].label.lower()
    return {
        "title": f"Every pair, in {label}",
        "corner": "Row minus column",
        "rows": rows,
        "columns": [{"name": " ".join(name.split()), "colour": colours[name]} for name in names],
        "caption": f"The row's {label} minus the column's, in {_pair_unit(comparison, outcome)}.",
    }


def _pair_unit(comparison: Comparison, outcome: str) -> str:
    return "percentage points" if MEASURES[outcome].kind == "share" else _unit(outcome, comparison)


def _twins(comparison: Comparison) -> list[str]:
    said = []
    for earlier, later in itertools.combinations(comparison.runs, 2):
        found = words.twins_of(comparison, later, earlier)
        if found is not None:
            said.append(words.sentence(words.twins_said(found, comparison.market)))
    return said[:PAIRS_SHOWN]


# --- the rest -----------------------------------------------------------------------------------------------


def _glossary(comparison: Comparison) -> list[tuple[str, str]]:
    return [
        *words.terms(comparison).items(),
        *((MEASURES[outcome].label, words.meaning(outcome, comparison.market)) for outcome in words.shown(comparison)),
    ]


def _scenario(comparison: Comparison, story: Mapping[str, str]) -> list[tuple[str, str]]:
    market = comparison.market
    rows = [("Title", story.get("title") or market.title)]
    rows += [(label, story[key].strip()) for key, label in STORY.items() if story.get(key, "").strip()]
    segments = listed([f"{segment.name} ({say(segment.share, 'share')})" for segment in market.segments])
    rows += [
        ("People", f"{words.people_of(comparison):,}, in segments: {segments}"),
        ("Horizon", f"{market.horizon:,} days"),
        ("Firms", listed([firm.name for firm in market.firms])),
        ("Strategies", "\n".join(f"{' '.join(s.name.split())}: {_moves(s.moves)}" for s in market.strategies)),
    ]
    return rows + [("Rivals’ strategies", f"{said}.") for said in [also_a_game(market)] if said]


def _moves(moves: Sequence[object]) -> str:
    return listed([type(move).__name__.lower() for move in moves]) if moves else "no moves"


def _again(comparison: Comparison, story: Mapping[str, str]) -> list[tuple[str, str]]:
    rows = [(label, story[key]) for key, label in AGAIN.items() if story.get(key)]
    return [
        *rows,
        ("Seed", story.get("seed") or str(comparison.market.seed)),
        ("Replications", f"{words.replications_of(comparison):,}"),
        ("People", f"{words.people_of(comparison):,}"),
    ]

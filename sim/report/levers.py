"""The pages of a search and of a sensitivity: one HTML file each, opened offline, no script; what people wrote is escaped."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.experiments.advice import Advice, frontier_row, level, short, spends
from sim.experiments.hangs import Hangs, table
from sim.experiments.verdict import Words
from sim.report.explained import AGAIN
from sim.report.words import GLOSSARY_OF_SEARCH, GLOSSARY_OF_SENSITIVITY

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.experiments.search import Search
    from sim.experiments.sensitivity import Sensitivity
    from sim.market import Market

Table = tuple[str, str, Sequence[str], Sequence[Sequence[str]]]
"""Heading, caption, the columns' heads, the rows."""


@dataclass(frozen=True)
class Sheet:
    """What stands on a page: its kind, whether it is decided, badge, headline, sentences, figures, tables and glossary."""

    kind: str
    decided: bool
    badge: str
    headline: str
    sentences: Sequence[str]
    figures: Sequence[tuple[str, str, Figure]]
    tables: Sequence[Table]
    glossary: Mapping[str, str]


def render(sheet: Sheet, market: Market, said: Mapping[str, str]) -> str:
    """The page as HTML text. said: title, command, hash, version, as far as the caller knows them."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    from sim.report.style import svg

    alt = " ".join([f"{sheet.headline}.", *sheet.sentences])
    figures = [(name, head, "data:image/svg+xml;base64," + base64.b64encode(svg(picture).encode("utf-8")).decode("ascii"), alt)
               for name, head, picture in sheet.figures]
    return Environment(
        loader=PackageLoader("sim.report", "."), autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True
    ).get_template("levers.html.jinja").render(
        kind=sheet.kind, title=said.get("title") or market.title, decided=sheet.decided, badge=sheet.badge,
        headline=sheet.headline, sentences=sheet.sentences, figures=figures, tables=sheet.tables,
        glossary=list(sheet.glossary.items()), again=[(name, said[key]) for key, name in AGAIN.items() if said.get(key)],
        footer=f"Computed on {market.replications:,} replication{'s' * (market.replications != 1)} of {market.people:,} "
        "people. What is computed is the scenario; whether its numbers are true of your customers is another question.")


def search_page(found: Search, said: Mapping[str, str]) -> str:
    """The page of a search."""
    from sim.report.figures.frontier import frontier
    from sim.report.style import drawing

    advice, market = Advice(found), found.market
    with drawing():
        figures = [("frontier", "What more money buys", frontier(found))] if spends(found) and not found.interrupted else []
    badge = ("Interrupted" if found.interrupted else "Found" if found.decided else
             "Nothing keeps the limits" if not found.satisfied else
             "Found, with doubt" if found.better == 1 else "Nothing better")
    tables: list[Table] = [_levers(found), _outcomes(found)]
    if spends(found) and not found.interrupted:
        words = Words(found.against, market)
        tables.append(("The frontier", "Of all that was tried; judged on fresh luck, each mean alone.",
                       ("Levers", f"Cost, {market.currency} a customer",
                        f"{words.name[0].upper()}{words.name[1:]}, {words.unit}"),
                       [frontier_row(found, one) for one in found.frontier]))
    return render(Sheet("Search", found.decided, badge, advice.headline(), advice.sentences(), figures, tables,
                        GLOSSARY_OF_SEARCH), market, said)


def _levers(found: Search) -> Table:
    rows = [(short(one), " & ".join(one.keys), one.said(one.now), f"{one.said(one.low)} to {one.said(one.high)}", one.said(x))
            for one, x in zip(found.ranges, found.best.point, strict=True)]
    return "The levers", "", ("Lever", "Key", "As written", "Searched", "Best"), rows


def _outcomes(found: Search) -> Table:
    """The best levers and the written ones, by the outcomes that matter here."""
    names = dict.fromkeys([found.outcome, *(one.outcome for one in found.limits), "satisfaction", "lasting", "retention",
                           "cost", "profit"])
    rows = []
    for name in names:
        told = [level(name, one.outcomes[name], found.market) for one in (found.best, found.written)]
        rows.append((Words(name, found.market).name, *told))
    luck = "the luck that was searched" if found.interrupted else "fresh luck"
    return (f"What they bring, on {luck}", "Means and 95% intervals over replications, each alone.",
            ("Outcome", "Best levers", "As written"), rows)


def sensitivity_page(found: Sensitivity, said: Mapping[str, str]) -> str:
    """The page of a sensitivity."""
    from sim.report.figures.sensitivity import sensitivity
    from sim.report.style import drawing

    words = Hangs(found)
    with drawing():
        figures = [("sensitivity", "What the answer hangs on", sensitivity(found))]
    heads, rows = table(found)
    caption = {"tornado": "One number at a time; the difference at either end of its range, and whether that turns the answer.",
               "morris": "Elementary effects over the whole ranges; ± half the 95% interval of μ*.",
               "sobol": "Shares of the variance; ± half the 95% interval."}[found.method]
    sentences = [*words.sentences(), *([said["note"]] if said.get("note") else [])]
    badge = "Interrupted" if found.interrupted else \
        {"tornado": "One at a time", "morris": "Screened", "sobol": "Shared out"}[found.method]
    sheet = Sheet("Sensitivity", not found.interrupted, badge, words.headline(), sentences, figures,
                  [("The numbers", caption, [head[:1].upper() + head[1:] for head in heads], rows)], GLOSSARY_OF_SENSITIVITY)
    return render(sheet, found.market, said)

"""The page of an explanation: one HTML file like the report's, opened offline, no script; what people wrote is escaped."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from sim.experiments.reasons import Reasons, range_of, table, unit_of, value_of
from sim.report.words import GLOSSARY_OF_EXPLANATION, MEASURES

if TYPE_CHECKING:
    from sim.experiments.explain import Explained
    from sim.experiments.tipping import Tipping

AGAIN = {"command": "Command", "hash": "Scenario hash", "version": "Version"}


def page(found: Explained, said: Mapping[str, str]) -> str:
    """The page as HTML text. said: title, note, command, hash, version, as far as the caller knows them."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    from sim.report.figures.explanation import explanation
    from sim.report.style import svg

    words, picture = Reasons(found), svg(explanation(found))
    sheet = Environment(
        loader=PackageLoader("sim.report", "."), autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True
    ).get_template("explained.html.jinja")
    replications = found.market.replications
    return sheet.render(
        title=said.get("title") or found.market.title,
        decided=found.decided,
        badge="Explained" if found.decided else "Nothing to explain",
        headline=words.headline(),
        paragraph=words.paragraph().removeprefix(f"{words.headline()}.").lstrip(),
        note=said.get("note", ""),
        figure="data:image/svg+xml;base64," + base64.b64encode(picture.encode("utf-8")).decode("ascii"),
        alt=f"{words.headline()}. {words.paragraph()}",
        parts=table(found),
        unit=words.unit,
        columns=f"{' '.join(found.strategy.split())} − {' '.join(found.against.split())}, {words.name}",
        tipping=[_row(one) for one in found.tipping],
        outcomes=_outcomes(found),
        glossary=list(GLOSSARY_OF_EXPLANATION.items()),
        again=[(name, said[key]) for key, name in AGAIN.items() if said.get(key)],
        footer=f"Computed on {replications:,} replication{'s' * (replications != 1)} of {found.market.people:,} people. "
        "What is explained is the scenario; whether its numbers are true of your customers is another question.",
    )


def _row(one: Tipping) -> dict[str, str]:
    """One searched number: what it is, whose, its value, and where the answer turns round."""
    margin = f"± {value_of(one.margin, one)}" if one.flips and math.isfinite(one.margin) and not one.parameter.whole else ""
    unknown = "; at some values nobody came" if one.unknown else ""
    return {"meaning": one.parameter.meaning, "key": one.parameter.key, "of": one.parameter.of,
            "value": f"{value_of(one.parameter.value, one)}{unit_of(one)}",
            "tips": f"{value_of(one.tips, one)}{unit_of(one)}" if one.flips else "does not turn",
            "beside": margin if one.flips else f"within {range_of(one)}{unknown}", "open": "" if one.flips else "open"}


def _outcomes(found: Explained) -> list[dict[str, object]]:
    """The same runs, every other outcome in which the two differ: null model and the largest part each way."""
    rows: list[dict[str, object]] = []
    for outcome, one in found.attributions.items():
        if outcome == found.outcome or not one.total.count or not one.total.mean or outcome not in MEASURES:
            continue
        words = Reasons(found, outcome)
        largest = max(one.parts, key=lambda part: abs(part.mean), default=None)
        rows.append({"label": MEASURES[outcome].label, "unit": words.unit, "whole": words.signed(one.total.mean),
                     "null": words.signed(one.null.mean),
                     "largest": "" if largest is None else f"{largest.mechanism} {words.signed(largest.mean)}"})
    return rows

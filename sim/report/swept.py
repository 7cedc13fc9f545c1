"""The page of a sweep: one HTML file like the report's, opened offline, no script; what people wrote is escaped."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from sim.experiments.design import NAMES
from sim.experiments.phases import Phases
from sim.experiments.verdict import Words, plain
from sim.report.explained import AGAIN
from sim.report.words import GLOSSARY_OF_SWEEPS

if TYPE_CHECKING:
    from sim.experiments.sweep import Spot, Sweep

MOST_ROWS: Final = 200
"""So many points are on the page; all are in sweep.csv."""


def page(found: Sweep, own: Sequence[float | None], said: Mapping[str, str]) -> str:
    """The page as HTML text. own: where the story lies on each axis. said: title, note, command, hash, version, as known."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    from sim.report.figures.phases import phases
    from sim.report.style import drawing, svg

    with drawing():
        picture = svg(phases(found, own))
    sheet = Environment(
        loader=PackageLoader("sim.report", "."), autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True
    ).get_template("swept.html.jinja")
    told, market, design = Phases(found), found.market, found.design
    words, headline = Words(found.outcome, market), told.headline()
    computed = f"{market.replications:,} replication{'s' * (market.replications != 1)} of {market.people:,} people"
    return sheet.render(
        title=said.get("title") or market.title,
        decided=found.decided,
        badge="Decided everywhere" if found.decided else "Interrupted" if not found.complete else "Partly open"
        if found.wins else "Cannot be told",
        headline=f"{headline}.",
        sentences=told.sentences(),
        note=said.get("note", ""),
        figure="data:image/svg+xml;base64," + base64.b64encode(picture.encode("utf-8")).decode("ascii"),
        alt=" ".join([f"{headline}.", *told.sentences()]),
        axes=[axis.label for axis in design.axes],
        unit=words.unit,
        rows=[{"values": design.point(number), **_row(one, words)}
              for number, one in list(zip(found.numbers, found.spots, strict=True))[:MOST_ROWS]],
        more=max(0, len(found.numbers) - MOST_ROWS),
        over=[axis.text for axis in design.axes],
        design=f"{NAMES[design.kind]} of {design.count:,} point{'s' * (design.count != 1)}",
        glossary=list(GLOSSARY_OF_SWEEPS.items()),
        again=[(name, said[key]) for key, name in AGAIN.items() if said.get(key)],
        footer=f"Computed on {computed}; {found.runs:,} runs beside those of the story as written, none of them twice. What is "
        "varied is the scenario; which of its points is true of your customers is another question.")


STATES: Final = {"won": "", "open": "cannot be told", "same": "all but equal", "unknown": "nobody came"}


def _row(one: Spot, words: Words) -> dict[str, str]:
    """One point: what is best, by how much, and how sure."""
    half = (one.margin.high - one.margin.low) / 2 * words.factor
    margin = plain(one.margin.mean * words.factor, half) if math.isfinite(one.margin.mean) else ""
    known = math.isfinite(half) and half > 0
    limits = (plain(end * words.factor, half) for end in (one.margin.low, one.margin.high))
    return {"best": one.best or "", "state": one.state, "said": STATES[one.state], "margin": margin,
            "interval": " to ".join(limits) if known else "", "next": one.runner_up or ""}

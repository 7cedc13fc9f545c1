"""The page of a game: one HTML file like the report's, opened offline, no script; what people wrote is escaped."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING

from sim.experiments.verdict import Words, plain
from sim.report.explained import AGAIN
from sim.report.words import GLOSSARY_OF_GAMES

if TYPE_CHECKING:
    from sim.experiments.game import Game, Mixed


def page(found: Game, said: Mapping[str, str]) -> str:
    """The page as HTML text. said: title, note, command, hash, version, as far as the caller knows them."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    from sim.report.figures.payoffs import payoffs
    from sim.report.style import drawing, svg

    with drawing():
        picture = svg(payoffs(found))
    sheet = Environment(
        loader=PackageLoader("sim.report", "."), autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True
    ).get_template("played.html.jinja")
    market, words = found.market, Words(found.outcome, found.market)
    return sheet.render(
        title=said.get("title") or market.title,
        decided=found.decided,
        badge={"dilemma": "A dilemma", "no dilemma": "No dilemma", "cannot tell": "Cannot be told"}[found.verdict.kind],
        headline=found.verdict.sentence,
        sentences=found.sentences,
        note=said.get("note", ""),
        figure="data:image/svg+xml;base64," + base64.b64encode(picture.encode("utf-8")).decode("ascii"),
        alt=" ".join([found.verdict.sentence, *found.sentences]),
        unit=words.unit,
        payoffs=_payoffs(found, words),
        firms=found.firms,
        replies=[{"firm": one.firm, "to": one.to, "best": ", ".join(one.best),
                  "sure": "surely" if one.decided else "cannot be told which"} for one in found.replies],
        dominated=found.dominated,
        pure=[{"ours": one.ours, "theirs": one.theirs, "sure": "surely" if one.decided else "by the means",
               "share": f"{one.share:.0%}"} for one in found.pure],
        mixed=[_mixed(one) for one in found.mixed or ()],
        advice=found.advice,
        glossary=list(GLOSSARY_OF_GAMES.items()),
        again=[(name, said[key]) for key, name in AGAIN.items() if said.get(key)],
        footer=f"Computed on {market.replications:,} replication{'s' * (market.replications != 1)} of {market.people:,} "
        "people. What is played is the scenario; whether its numbers are true of your customers is another question.")


def _payoffs(found: Game, words: Words) -> list[dict[str, str]]:
    """A row a cell: what both play, and what it is to either."""
    rows = []
    for ours in found.strategies[0]:
        for theirs in found.strategies[1]:
            pair = [found.payoffs[firm, ours, theirs] for firm in found.firms]
            told = [(plain(one.mean * words.factor, half), plain(half, half) if half > 0 else "")
                    for one in pair for half in ((one.high - one.low) / 2 * words.factor,)]
            rows.append({"ours": ours, "theirs": theirs, "mine": told[0][0], "mine_half": told[0][1],
                         "other": told[1][0], "other_half": told[1][1]})
    return rows


def _mixed(one: Mixed) -> dict[str, str]:
    ours, theirs = (", ".join(f"{name} {chance:.0%}" for name, chance in chances.items()) for chances in (one.ours, one.theirs))
    return {"ours": ours, "theirs": theirs}

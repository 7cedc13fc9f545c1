"""A story at points of some ranges, and in a smaller design: what is lived where levers or uncertain numbers are let move."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sim.market import Market, fewest_people, footprint, queues, with_design
from sim.story.load import ScenarioError, vary
from sim.story.ranges import Range, refused
from sim.story.resolve import complete, market_of
from sim.story.scenario import Scenario

Point = tuple[float, ...]
"""A value for each range."""
Put = Callable[[Point], Market | None]
"""The market with its numbers at a point; None where the story refuses them."""

SHARED: Final = ("surprise", "recovery", "contact", "winback")
"""Moves whose cost is no one-off that all people share."""
OF_HANDS: Final = ("staffing",)
"""Moves that are about hands, which are as many whatever the number of people."""
FEW: Final = 4
"""So many replications at most are looked at where many points are."""
FEWEST_PEOPLE: Final = 200
MOST_VISITS: Final = 300_000_000
"""About so many visits are simulated where nothing else is asked for: a minute or two on two cores."""


class Variants:
    """A story at any point of some ranges, in the design of `wanted`: its market there, or why there is none.

    outcome: what its verdict is about. One-off costs are shared as in the story, so that money a customer stays what it is.
    """

    def __init__(self, scenario: Scenario, ranges: Sequence[Range], wanted: Market, outcome: str) -> None:
        self.scenario, self.ranges, self.wanted, self.outcome = scenario, tuple(ranges), wanted, outcome

    @property
    def story(self) -> Market:
        """The story as it stands."""
        return market_of(designed(complete(self.scenario), self.wanted, self.outcome), self.scenario.ties)

    def settings(self, point: Point) -> list[str]:
        """What puts the point into the story, as after `--set`; a value that is none leaves the story's own."""
        return [told for one, x in zip(self.ranges, point, strict=True) if math.isfinite(x) for told in one.settings(x)]

    def market(self, point: Point) -> Market | None:
        """The market at a point; None where the story refuses it."""
        try:
            there = vary(self.scenario, self.settings(point))
        except ScenarioError:
            return None
        return market_of(designed(complete(there), self.wanted, self.outcome), there.ties)

    def why(self, point: Point) -> str:
        """What the story says against a point."""
        return f"{', '.join(self.settings(point))}: {refused(self.scenario, self.settings(point))}"


def designed(full: Mapping[str, Any], wanted: Market, outcome: str) -> dict[str, Any]:
    """The complete story in another design. One-off costs and budgets shrink with the people who share them: per customer they
    stay. Hands do not, nor what they cost once or a day: there are as many of them, at the same wages, whomever they serve.
    """
    ratio = wanted.people / full["market"]["people"]

    def shared(move: Mapping[str, Any]) -> dict[str, Any]:
        (name, inner), = move.items()
        keys = [key for key in ("cost", "budget") if key in inner and not (key == "cost" and name in SHARED)]
        keys = [] if name in OF_HANDS else keys
        return {name: inner if ratio == 1.0 else {**inner, **{key: inner[key] * ratio for key in keys}}}

    def each(strategies: Mapping[str, Any]) -> dict[str, Any]:
        return {name: [shared(move) for move in moves] for name, moves in strategies.items()}

    firms = {name: {**firm, "strategies": each(firm["strategies"])} if "strategies" in firm else firm
             for name, firm in full["firms"].items()}
    return {**full, "seed": wanted.seed, "replications": wanted.replications, "outcome": outcome,
            "market": {**full["market"], "people": wanted.people}, "firms": firms,
            "strategies": each(full["strategies"])}


def few_replications(market: Market, looks: int) -> int:
    """On how many replications many points are looked at: few, and fewer where visits are many; two where there are two."""
    one = footprint(market).visits / max(1, len(market.strategies)) / market.replications
    return max(min(2, market.replications), min(FEW, market.replications, int(MOST_VISITS / max(1.0, looks * one))))


def smaller(market: Market, looks: int) -> Market:
    """The design in which one strategy can be looked at so often within MOST_VISITS: fewer replications, then fewer people.

    Where people wait for one another they stay as many as they are, since hands do not shrink with them.
    """
    few = with_design(market, few_replications(market, looks), None, None)
    visits = footprint(few).visits / max(1, len(market.strategies)) * looks
    if visits <= MOST_VISITS or queues(market):
        return few
    people = max(min(FEWEST_PEOPLE, market.people), int(market.people * MOST_VISITS / visits))
    people = max(people // 100 * 100 if people >= 100 else people, fewest_people(market.network))
    return with_design(few, None, None, min(people, market.people))

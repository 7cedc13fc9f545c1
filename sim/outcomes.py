"""The outcomes of a run: one number a replication, with its direction, its unit, and its name in a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple


class Outcome(NamedTuple):
    """One outcome. better: 1 higher is better, -1 lower is, 0 neither. factor, unit: how its number is written for people.

    name: what it is called in a sentence, where not by its own key. decides: whether a verdict can be about it.
    """

    better: int
    factor: float
    unit: str
    name: str = ""
    decides: bool = True


_ALL: Final = {
    "satisfaction": Outcome(1, 1, "points a visit"),
    "lasting": Outcome(1, 1, "points a visit", "lasting satisfaction"),
    "felt": Outcome(1, 1, "points a visit", "felt value"),
    "expectation": Outcome(0, 1, "points", decides=False),
    "norm": Outcome(0, 1, "points", "the norm", decides=False),
    "experience": Outcome(1, 1, "points"),
    "retention": Outcome(1, 100, "percentage points"),
    "visits": Outcome(1, 1, "a customer", "the number of visits"),
    "complaints": Outcome(-1, 100, "per 100 visits", "the rate of complaints"),
    "silent_leavers": Outcome(-1, 100, "percentage points", "the share of silent leavers"),
    "csat": Outcome(1, 100, "percentage points", "CSAT"),
    "nps": Outcome(1, 1, "points", "NPS"),
    "share": Outcome(1, 100, "percentage points", "our share of visits"),
    "cost": Outcome(-1, 1, "{currency} a customer"),
    "profit": Outcome(1, 1, "{currency} a customer"),
    "lifetime_value": Outcome(1, 1, "{currency} a customer", "lifetime value"),
    "goodwill": Outcome(1, 1, "points"),
    "goodwill_stayers": Outcome(1, 1, "points", "the goodwill of those who stay"),
    "repeat": Outcome(1, 100, "percentage points", "the share of customers who come again"),
    "complainers": Outcome(0, 100, "percentage points", "the share of people who ever complain", decides=False),
    "recovered": Outcome(0, 100, "per 100 visits", "the rate of visits put right", decides=False),
    "response": Outcome(0, 100, "percentage points", "the survey's response", decides=False),
    "r_across": Outcome(0, 1, "correlation", "the correlation across customers", decides=False),
    "r_within": Outcome(0, 1, "correlation", "the correlation within a customer", decides=False),
    "seen_in_complaints": Outcome(0, 1, "days", "the time until complaints show the change", decides=False),
    "seen_in_survey": Outcome(0, 1, "days", "the time until the survey shows the change", decides=False),
    "trial": Outcome(1, 100, "percentage points", "the share of prospects who try us"),
    "talk": Outcome(0, 100, "per 100 visits", "the rate of visits talked about", decides=False),
    "wait": Outcome(-1, 1, "minutes a visit", "the time people wait"),
    "regained": Outcome(0, 100, "per 100 customers", "the number of customers won back", decides=False),
}

OUTCOMES: Final = tuple(_ALL)
"""One number a replication. lasting: satisfaction over the visits of the last quarter of the horizon; money is per
starting customer; csat 0..1, nps -100..100; r_across, r_within -1..1: of the expectation and the satisfaction stated;
seen_in_complaints, seen_in_survey: days, NaN where nobody watches; trial: NaN where everybody is a customer at the start; wait:
minutes, NaN where nobody waits; the others as in docs/glossary.md."""

BETTER: Final = {key: one.better for key, one in _ALL.items()}
"""1: higher is better; -1: lower is better; 0: neither."""

NAMES: Final = {key: one.name for key, one in _ALL.items() if one.name}
"""What an outcome is called in a sentence, where not by its own name."""

UNITS: Final = {key: (one.factor, one.unit) for key, one in _ALL.items()}
"""How an outcome is written: what its number is multiplied by, and the unit after it."""

DECIDING: Final = tuple(key for key, one in _ALL.items() if one.decides)
"""What a verdict can be about: it has a better direction, and strategies can differ in it."""


def counted(whole: bool) -> str:
    """Whom money and shares are counted by. whole: whether everybody is our customer at the start."""
    return "starting customer" if whole else "person of the market"


UNCHOSEN: Final = "people do not choose among firms, so that ours has every visit"
"""Why our share of visits says nothing in some markets."""


def undecided(outcome: str, chosen: bool = True) -> str:
    """Why a verdict cannot be about this outcome, and what it can be about; nothing where it can.

    chosen: whether people choose among firms.
    """
    if outcome in DECIDING and (chosen or outcome != "share"):
        return ""
    allowed = f"a verdict can be about: {', '.join(one for one in DECIDING if chosen or one != 'share')}"
    if outcome not in _ALL:
        return f"there is no outcome {outcome!r}; {allowed}"
    if not BETTER[outcome]:
        return f"{outcome} is neither better high nor better low, so it cannot decide; {allowed}"
    return f"{outcome} cannot decide, because {UNCHOSEN}; {allowed}"


def listed(words: Sequence[str], joint: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {joint} {words[-1]}"

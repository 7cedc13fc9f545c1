"""Numbers and findings as plain sentences: what a tired reader is to take away, and how sure it is.

A sentence asserts a difference only where its interval excludes zero; otherwise it says that this cannot be told.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sim.experiments.returns import NEVER, days, percent
from sim.experiments.verdict import LEAST_LASTING, plain
from sim.market import begins_whole, chooses, differs
from sim.outcomes import counted, listed
from sim.report.curves import Curve, Estimate, Fade, curve, fade, lift, over
from sim.rules.traits import FAIRNESS, GOODWILL_MEMORY, RECOVERY_WEIGHT, SURVEY_NOISE

if TYPE_CHECKING:
    from sim.engine.records import Run
    from sim.experiments.compare import Comparison, Difference, Interval, Twins
    from sim.market import Market

MINUS, NONE = "\u2212", "–"


@dataclass(frozen=True)
class Measure:
    """An outcome for people: its name, its unit, what it means, and which way is good (+1, −1; 0: neither).

    kind: points, share (0..1), money, number, score, days or correlation (−1..1).
    """

    label: str
    kind: str
    good: int
    meaning: str


MEASURES = {
    "satisfaction": Measure(
        "Satisfaction",
        "points",
        1,
        "Experience minus the standard it is compared with, averaged over all visits. 0 is exactly up to the standard.",
    ),
    "lasting": Measure(
        "Lasting satisfaction",
        "points",
        1,
        "Satisfaction over the visits of the last quarter of the horizon: what is left when the novelty is gone.",
    ),
    "felt": Measure(
        "Felt value",
        "points",
        1,
        "Satisfaction as it is felt: losses may weigh more than gains, small gaps may go unnoticed, delight may add. So "
        "its sign can differ from that of satisfaction where visits vary widely.",
    ),
    "goodwill": Measure(
        "Goodwill at the end",
        "points",
        1,
        "What people hold for the firm at the end, from all they felt, late visits most: all people, also those who left.",
    ),
    "goodwill_stayers": Measure(
        "Goodwill of those who stay",
        "points",
        1,
        "The same among those who are still customers at the end: what a survey of customers would be answered from.",
    ),
    "expectation": Measure(
        "Expectation at the end",
        "points",
        0,
        "What people think the service will be, on the 0–100 scale; all people, also those who left.",
    ),
    "norm": Measure(
        "Norm at the end", "points", 0, "What people think service should be, learnt from rivals; all people."
    ),
    "experience": Measure("Experience", "points", 1, "The level of service as it is perceived."),
    "retention": Measure(
        "Retention", "share", 1, "Share of the starting customers who are still customers at the end.",
    ),
    "visits": Measure("Visits", "number", 1, "Visits per starting customer over the horizon."),
    "repeat": Measure("Come again", "share", 1, "Of those who came once, the share who came again."),
    "complaints": Measure("Complaints", "share", -1, "Share of visits that end in a complaint."),
    "complainers": Measure(
        "Complainers", "share", 0,
        "Share of the starting customers who ever spoke up: who complained, or said what was wrong when asked.",
    ),
    "recovered": Measure("Put right", "share", 0, "Share of visits after which the firm put something right."),
    "silent_leavers": Measure(
        "Silent leavers", "share", -1, "Share of the starting customers who left without ever having complained."
    ),
    "seen_in_complaints": Measure(
        "Complaints ring after", "days", 0,
        "Days until a chart of complaints a visit rings; the rest of the time where it never does.",
    ),
    "seen_in_survey": Measure(
        "Survey rings after", "days", 0,
        "Days until a chart of the survey's answers rings; the rest of the time where it never does.",
    ),
    "csat": Measure("Satisfied answers", "share", 1, "CSAT: share of survey answers of 7 or more out of 10."),
    "nps": Measure("Net promoter score", "score", 1, "Promoters minus detractors in the survey, from −100 to 100."),
    "response": Measure("Survey response", "share", 0, "Answers of the survey a visit: how many of those asked answer it."),
    "r_across": Measure(
        "Expectation and satisfaction, across customers", "correlation", 0,
        "Correlation of the expectation and the satisfaction that people last stated, from one person to another: what a "
        "survey asked once would find.",
    ),
    "r_within": Measure(
        "Expectation and satisfaction, within a customer", "correlation", 0,
        "The same correlation of what changes from one answer of a person to her next: what asking the same people again "
        "would find.",
    ),
    "share": Measure(
        "Share of visits", "share", 1, "Our share of all visits in the market, where people choose among firms."
    ),
    "trial": Measure("Trial", "share", 1, "Of those who were nobody's customers at the start, the share who ever came."),
    "talk": Measure("Talked about", "share", 0, "Share of visits that somebody told others of."),
    "regained": Measure("Won back", "share", 0, "How often an offer brought back who had left, per starting customer."),
    "wait": Measure("Waiting", "minutes", -1, "Minutes that people wait for their turn, a visit."),
    "cost": Measure("Cost of the strategy", "money", -1, "What the strategy's moves cost, per starting customer."),
    "profit": Measure("Profit", "money", 1, "Margin of all visits minus the cost of the moves, per starting customer."),
    "lifetime_value": Measure(
        "Lifetime value",
        "money",
        1,
        "The margin of all visits, later money discounted, per starting customer; the moves' costs are not taken off.",
    ),
}
"""Every outcome, in the order of the tables."""



def meaning(outcome: str, market: Market) -> str:
    """What an outcome means in this market: where not everybody is our customer at the start, it counts all people."""
    if begins_whole(market):
        return MEASURES[outcome].meaning
    if outcome == "retention":
        return ("Share of all people whose last visit was to us, and who have not left." if chooses(market) else
                "Share of all people who are our customers at the end; some were nobody's at the start.")
    if outcome == "silent_leavers" and chooses(market):
        return "Share of all people who came to us, are not our customers at the end, and never complained."
    said = MEASURES[outcome].meaning.replace("of the starting customers", "of all people")
    return said.replace("starting customer", counted(whole=False))


TERMS = {
    "Point": "All levels of service, expectation and satisfaction are points on one scale from 0 to 100.",
    "Expectation": "What a customer thinks the next visit will be like. It follows what she experiences, so good "
    "service raises its own bar.",
    "Norm": "What she thinks service should be, learnt from rivals.",
    "Standard": "What a visit is compared with: her expectation, raised by the norm and the best visit remembered "
    "where the scenario says so.",
    "Lift": "A strategy's satisfaction at a visit minus the baseline's at the same visit: same people, same luck. What "
    "happens to both alike, such as people learning that service is better than they first thought, is no part of it. At late "
    "visits, those who still come under one are compared with those who still come under the other.",
    "Surprise and upgrade": "A surprise is an unannounced extra at single visits; an upgrade is a lasting one.",
    "Strategy, baseline": "A strategy is a list of moves. The first one in the scenario is the baseline.",
    "Replication": "The whole market run once more with other luck. All strategies meet the same people with the same "
    "luck in each, so a difference between them is caused by the strategies.",
    "95% interval": "The range of values that the replications leave plausible. Intervals of differences hold for all "
    "pairs of strategies at once. They tell how sure the computation is, not how true the scenario's numbers are.",
    "Cannot tell": "The interval of a difference includes zero: more replications may settle it.",
    "Twin": "The same person under another strategy.",
    "Survivors": "Customers who have not left. Later visits show only them, and they are the more contented ones. "
    "Curves by visit give every segment the weight it has at the first visit, so that those who come often do not take "
    "over.",
    "CSAT and NPS": "Left out of this page, kept in summary.csv and in --json. A level of 62 answers 6.2 out of 10 in the "
    "model, where people who are content tick 8 or 9: the scores order strategies, but their size cannot be held "
    "against that of a real survey.",
}
"""Words a reader of the report needs, beside the outcomes."""

GOODWILL = (
    "What a customer holds for the firm: a moving average of what she felt at her visits. It is lowered by what goes wrong and "
    "raised again by what is put right, and where the scenario says so it decides who leaves.")
GAPS = (
    "Where satisfaction is lost on its way. Knowledge: the firm believes customers expect something else than they do. "
    "Design: the standard it sets is not what it believes. Delivery: staff do not deliver the standard. Communication: what it "
    "promised raised what is expected. Perception: what is felt is not what was delivered. The five add up to the gap between "
    "experience and standard, gap 5, which is satisfaction.")
CLASSES = (
    "How a person answers what it would be like with and without an attribute. Attractive: she likes it, and does not mind "
    "without. One-dimensional: she likes it, and dislikes being without. Must-be: she dislikes being without, and takes it "
    "for granted where it is there. Indifferent: neither. Reverse: she would rather be without. Questionable: her answers "
    "contradict each other.")
CHART = (
    "A chart that smooths a weekly number (EWMA) and rings when it leaves the range of the time before. It may ring by chance, "
    "too; where it never rings, the rest of the time is counted.")
SURVEY = (
    "Who answers is modelled: people with strong feelings do so sooner, and what is ticked strays. Scores under two "
    "strategies can be held against each other; their size rests on the numbers of the scenario's survey.")


GLOSSARY_OF_EXPLANATION = {
    "Null model": "People learn to expect what they get, at one constant rate, and nothing else is going on. No strategy "
    "sustains satisfaction there: what it gives, it gives until people are used to it.",
    "Mechanism": "One thing more that goes on in people, one key under psyche in the scenario; switched off, it is as if the "
    "key were left out. Learning at different rates for gains and losses counts as one.",
    "Part": "What a mechanism adds to the difference, averaged over all orders in which the mechanisms could be switched on. "
    "Parts and null model add up exactly (Shapley's rule).",
    "Switched off alone": "The verdict with that one mechanism off and all others on. A mechanism decides the answer where the "
    "verdict turns round, or nothing is left of it. Parts and this can disagree: mechanisms can stand in for each other.",
    "Turns the answer at": "The nearest value at which the two strategies are equal, and beyond which the other one is better. "
    "After ±: half of its 95% interval over replications.",
}
"""What the words of an explanation mean."""
GLOSSARY_OF_GAMES = {
    "Payoff": "One outcome of a firm, where both play what they play: the mean over replications, on the same people and luck "
    "in every cell. After ±: half of its own 95% interval.",
    "Best reply": "What is best for a firm where the other plays one strategy. It is sure where it beats each of the firm's "
    "others by an interval that holds for all pairs of the firm's cells at once.",
    "Neither would depart alone": "A pair in which each plays a best reply to the other, an equilibrium (Nash's). In "
    "resamples: the share of resamples of the replications in which it is one too. Some are at rest only by chance, each "
    "of several strategies being played so often that the other gains by none.",
    "Prisoners' dilemma": "Each is surely better off with one strategy whatever the other does, and yet both would surely be "
    "better off with another pair, which neither reaches alone.",
}
"""What the words of a game mean."""
GLOSSARY_OF_SEARCH = {
    "Fresh luck": "Another seed than the one the search looked at. The best of many looks best partly by luck; on luck that "
    "took no part in choosing it, that part is gone.",
    "Limit": "What the best levers must keep. It is surely kept where the whole 95% interval on fresh luck keeps it. A best "
    "that lies right at its limit often cannot be told.",
    "Frontier": "Levers of which no others that were tried are better both in what the strategy costs and in what that buys.",
    "As written": "The levers of the story, on the same people and the same fresh luck.",
}
"""What the words of a search mean."""
GLOSSARY_OF_SENSITIVITY = {
    "Range": "What a number may be. Where none was named: what evidence gives, or 30% on either side of the story's own value, "
    "which is a rule and no knowledge.",
    "Turns the answer": "There the difference surely has the other sign: its whole 95% interval does.",
    "μ* and σ": "Of the elementary effects, which are slopes found at many places, each told as what the difference moves over "
    "the whole range: the mean of their sizes, and how much they differ.",
    "Share of the variance": "All numbers vary evenly and independently over their ranges, and the difference with them. "
    "Alone: what a number's own variation makes of its variance. With others: what would be left if all others were known.",
}
"""What the words of a sensitivity mean."""
GLOSSARY_OF_SWEEPS = {
    "Point": "The story with one combination of the values that are varied, everything else as it is written. All strategies "
    "are run at each, on the same people and luck at all of them, so that neighbours differ only by what was varied.",
    "Wins": "At that point the strategy is better than every other by an interval that holds for all pairs of strategies there "
    "at once. Points are judged one by one: of a hundred at which nothing differs, about five would seem decided.",
    "Margin": "How far the best strategy is ahead of the next best, with the 95% interval of that difference.",
    "Cannot be told": "Some interval between the best strategy and another includes zero: more replications may settle it.",
    "All but equal": "The best strategies are the same, or differ by less than anybody feels (a hundredth of a point).",
    "Boundary": "Where two strategies are equally good, read off straight lines between neighbouring points; dashed, where the "
    "limits of their difference pass zero. What lies between points was not looked at.",
    "As written": "The story with its own values, run with the same people and replications.",
}
"""What the words of a sweep mean."""
CHOOSING = (
    "People choose a firm at each occasion, by what they expect of it, what they hold for it, its price, the trouble of "
    "leaving the one they went to last, and luck. A firm's customers are those who went there last and have not left; who goes "
    "elsewhere is lost, and may be won back.")


RETURN = (
    "A strategy’s return is the profit it makes beyond the baseline’s, divided by what it costs beyond the baseline’s: at 0% "
    "the money came back and no more, at −100% it is lost. It breaks even on the day from which its profit so far stays at or "
    "above the baseline’s until the end.")
REFERENCE_PRICE = (
    "The price of a firm that a customer is used to. To pay more hurts, to pay less pleases, and with each visit she gets used "
    "to what she paid. It is part of what is felt, and of goodwill, not of satisfaction.")


def terms(comparison: Comparison) -> dict[str, str]:
    """The words a reader of this comparison's page needs: the general ones, and those of what happens in it."""
    market, runs = comparison.market, comparison.runs.values()
    here = {
        "Goodwill": (GOODWILL, remembers(market)),
        "The five gaps": (GAPS, any(run.by_attribute is not None for run in runs)),
        "Kano's classes": (CLASSES, any(run.kano is not None for run in runs)),
        "Chart": (CHART, market.watch is not None),
        "Survey": (SURVEY, realistic(comparison)),
        "Choosing": (CHOOSING, chooses(market)),
        "Return and break-even": (RETURN, bool(comparison.returns)),
        "Reference price": (REFERENCE_PRICE, differs(market, FAIRNESS)),
    }
    general = {word: text for word, text in TERMS.items() if word != "CSAT and NPS" or not realistic(comparison)}
    return {**general, **{word: text for word, (text, needed) in here.items() if needed}}


def number(value: float, decimals: int, signed: bool = False) -> str:
    """A number with grouped thousands and a real minus; never minus zero."""
    if not math.isfinite(value):
        return NONE
    text = f"{abs(value):,.{decimals}f}"
    zero = not any(sign in "123456789" for sign in text)
    return f"{'' if zero else MINUS if value < 0 else '+' if signed else ''}{text}"


def digits(value: float, fine: float = math.nan, signed: bool = False) -> str:
    """A number with the digits that its uncertainty deserves, as in the verdict. fine: half its interval."""
    if not math.isfinite(value):
        return NONE
    text = plain(abs(value), fine) if value else "0"
    zero = not any(sign in "123456789" for sign in text)
    return f"{'' if zero else MINUS if value < 0 else '+' if signed else ''}{text}"


def say(
    value: float, kind: str, currency: str = "", signed: bool = False, unit: bool = True, fine: float = math.nan
) -> str:
    """A value in its unit: `+1.2 points`, `62.0%`, `€1,250`. fine: half its interval, to choose the digits by.

    Points too few to feel have no digits beyond a hundredth.
    """
    if kind == "money":
        return money(value, currency, signed, fine)
    scale = 100.0 if kind == "share" else 1.0
    small = kind == "points" and abs(value) > 0 and abs(value) + max(0.0, fine) < LEAST_LASTING
    text = "0.00" if small else digits(scale * value, scale * fine, signed)
    if text == NONE or not unit:
        return text
    counted = {"points": "point", "days": "day", "minutes": "minute"}
    return f"{text}%" if kind == "share" else f"{text} {_counted(text, counted[kind])}" if kind in counted else text


def _counted(text: str, unit: str) -> str:
    """The unit in the singular after 1, in the plural after anything else."""
    return unit if text.lstrip(f"+{MINUS}") == "1" else f"{unit}s"


def money(value: float, currency: str, signed: bool = False, fine: float = math.nan) -> str:
    """Money with the currency's sign before it or its code after it. fine: half its interval."""
    text = digits(value, fine, signed)
    if not currency or text == NONE:
        return text
    if len(currency) == 1:
        lead = text[:1] if text[:1] in (MINUS, "+") else ""
        return f"{lead}{currency}{text[len(lead) :]}"
    return f"{text} {currency}"


def gap(value: float, kind: str, currency: str = "", signed: bool = True, fine: float = math.nan) -> str:
    """A difference in its unit; shares differ by percentage points."""
    if kind == "share":
        text = say(value, kind, "", signed, unit=False, fine=fine)
        return f"{text} {_counted(text, 'percentage point')}"
    return say(value, kind, currency, signed, fine=fine)


def half_width(found: Estimate | Interval | Difference) -> float:
    """Half the width of its interval, by which digits are chosen."""
    return (found.high - found.low) / 2


def between(low: float, high: float, kind: str, currency: str = "", signed: bool = False) -> str:
    """An interval, `0.9 to 1.5`, in the unit's bare numbers (money keeps its currency); a dash where there is none.

    Points too few to feel are not told apart.
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        return NONE
    fine = (high - low) / 2
    if kind == "points" and 0 < max(abs(low), abs(high)) < LEAST_LASTING:
        return f"within ±{LEAST_LASTING:g}"
    return " to ".join(say(end, kind, currency, signed, unit=False, fine=fine) for end in (low, high))


def quoted(name: str) -> str:
    """A strategy's name inside a sentence."""
    return f"‘{' '.join(name.split())}’"


def sentence(text: str) -> str:
    """With a capital first letter and a full stop, leaving quoted names as they are."""
    text = text.strip()
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."


# --- what a comparison holds, by name -----------------------------------------------------------------------


def baseline(comparison: Comparison) -> str:
    """The strategy that the others are measured against: the first."""
    return next(iter(comparison.runs))


def interval_of(comparison: Comparison, strategy: str, outcome: str) -> Interval | None:
    """The interval of one outcome of one strategy, None where it was not kept."""
    return next((i for i in comparison.intervals if (i.strategy, i.outcome) == (strategy, outcome)), None)


def difference_of(comparison: Comparison, strategy: str, against: str, outcome: str) -> Difference | None:
    """Strategy minus against in an outcome, whichever way round the comparison holds it; None where it was not kept."""
    try:
        return comparison.difference(strategy, against, outcome)
    except KeyError:
        return None


def twins_of(comparison: Comparison, strategy: str, against: str) -> Twins | None:
    """Who stays under both strategies, one, or neither, whichever way round; None where it was not kept."""
    for found in comparison.twins:
        if (found.strategy, found.against) == (strategy, against):
            return found
        if (found.strategy, found.against) == (against, strategy):
            return dataclasses.replace(
                found,
                strategy=strategy,
                against=against,
                only_strategy=found.only_against,
                only_against=found.only_strategy,
            )
    return None


def replications_of(comparison: Comparison) -> int:
    """How many replications were made."""
    return len(next(iter(next(iter(comparison.runs.values())).outcomes.values())))


def people_of(comparison: Comparison) -> int:
    """How many people each replication has."""
    return int(next(iter(comparison.runs.values())).stays.shape[1])


SURVEYS = ("csat", "nps", "response", "r_across", "r_within")
"""Left off the page unless the verdict is about them or the survey is realistic: the glossary says why."""
WATCHED = ("seen_in_complaints", "seen_in_survey")


def remembers(market: Market) -> bool:
    """Whether anybody keeps goodwill."""
    return any(segment.traits[GOODWILL_MEMORY].may_differ(0.0) for segment in market.segments)


def minds_recovery(market: Market) -> bool:
    """Whether it counts in what anybody feels how well things were put right, or that they were not."""
    return any(segment.traits[RECOVERY_WEIGHT].may_differ(0.0) for segment in market.segments)


def realistic(comparison: Comparison) -> bool:
    """Whether the story has a survey of its own: somebody does not answer, or what is ticked strays."""
    silent = any(i.outcome == "response" and i.mean < 1 for i in comparison.intervals)
    return silent or any(segment.traits[SURVEY_NOISE].may_differ(0.0) for segment in comparison.market.segments)


def shown(comparison: Comparison) -> tuple[str, ...]:
    """The outcomes that say something here.

    Left out: what is zero or missing for every strategy; surveys, unless realistic; charts nobody keeps; goodwill nobody
    keeps, and that of those who stay where nobody leaves; who complains where nobody does, since then everybody who leaves
    is silent; coming again where everybody does; our share of visits where no rival is visited.
    """
    market, chosen = comparison.market, comparison.verdict.outcome

    def any_(outcome: str, holds: Callable[[float], bool]) -> bool:
        return any(holds(i.mean) for i in comparison.intervals if i.outcome == outcome)

    needed = {
        **dict.fromkeys(SURVEYS, realistic(comparison)),
        **dict.fromkeys(WATCHED, market.watch is not None),
        **dict.fromkeys(("silent_leavers", "complainers"), any_("complaints", lambda mean: mean > 0)),
        "goodwill": remembers(market),
        "goodwill_stayers": remembers(market) and any_("retention", lambda mean: mean < 1),
        "repeat": any_("repeat", lambda mean: mean < 1),
        "share": any_("share", lambda mean: mean < 1),
    }

    def tells(outcome: str) -> bool:
        known = any_(outcome, lambda mean: math.isfinite(mean) and mean != 0)
        return known and (outcome == chosen or needed.get(outcome, True))

    return tuple(outcome for outcome in MEASURES if tells(outcome))


# --- does satisfaction fade? --------------------------------------------------------------------------------


def lifts(comparison: Comparison, level: str = "satisfaction") -> dict[str, Curve]:
    """What each strategy adds to the baseline's satisfaction, visit by visit, on the same people and luck."""
    first, *others = comparison.runs
    return {name: lift(comparison.runs[name], comparison.runs[first], level) for name in others}


def fades(comparison: Comparison, level: str = "satisfaction") -> dict[str, Fade]:
    """What becomes of each strategy's lift over the baseline; of satisfaction itself where there is one strategy.

    level: another column of by_visit in place of satisfaction.

    Not of satisfaction itself in a comparison: it may fall or rise under every strategy alike, because people start by
    expecting something else than they then learn to.
    """
    if len(comparison.runs) == 1:
        return {name: fade(curve(run, level)) for name, run in comparison.runs.items()}
    return {name: fade(line) for name, line in lifts(comparison, level).items()}


def points(found: Estimate) -> str:
    """A level of a curve, to a hundredth of a point at most: nobody feels less."""
    return digits(found.mean, max(2 * LEAST_LASTING, half_width(found)), signed=True)


def fading(found: Fade) -> str:
    """What becomes of one curve, for its label: `half of its +5.2 peak gone after 4 visits, +0.3 at the end`."""
    peak, late = points(found.peak), points(found.late)
    if found.kind == "unclear" and found.late.above_zero:
        return f"{late} at the end; cannot tell whether it fades"
    if found.kind == "fades":
        ending = f", then below zero ({late})" if found.late.high < -LEAST_LASTING else f", {late} at the end"
        if math.isnan(found.half):
            return f"keeps {found.left:.0%} of its {peak} peak: {late} at the end" if found.left >= 0.5 else \
                f"falls from its {peak} peak{ending}"
        turned = f", then down to {points(found.low)}, {late} at the end" if _far_below(found) else ""
        return f"half of its {peak} peak gone after {visits(found.half)}{turned or ending}"
    return {
        "holds": f"does not fade: {late} at the end",
        "keeps": f"keeps more than half of its {peak} peak: {late} at the end",
        "rises": f"still rising: {late} at the end",
        "level": "stays near zero",
        "dips": f"dips to {points(found.low)} at visit {found.low_visit}, {late} at the end",
        "sinks": f"sinks to {late}",
        "below": f"below zero throughout: {late} at the end",
        "unclear": "cannot tell whether it fades",
        "single": "one replication: cannot tell",
        "short": "too few visits to tell",
    }[found.kind]


def _far_below(found: Fade) -> bool:
    """Whether the curve, after its peak, falls far below zero, and further than it ends."""
    return found.overturned and found.low.mean < found.late.mean - 2 * LEAST_LASTING


def becomes(found: Fade) -> str:
    """The same as the predicate of a sentence; nothing where it cannot be told."""
    late = f"{points(found.late)} points"
    if found.kind == "fades":
        if math.isnan(found.half):
            said = f"keeps {found.left:.0%} of" if found.left >= 0.5 else "falls from"
            return f"{said} its peak ({points(found.peak)}, then {late})"
        turned = f", then falls to {points(found.low)} points" if _far_below(found) else \
            f", then is below zero ({late})" if found.late.high < -LEAST_LASTING else ""
        return f"has lost half of its peak after {visits(found.half)}{turned}"
    return {
        "holds": f"does not fade ({late} at the last visits)",
        "keeps": f"keeps more than half of its peak ({points(found.peak)}, then {late})",
        "rises": f"is still rising, at {late}",
        "level": "stays near zero",
        "dips": f"dips to {points(found.low)} points at visit {found.low_visit} and ends at {points(found.late)}",
        "sinks": f"sinks to {late}",
        "below": f"stays below zero, at {late}",
        "unclear": f"is still at {late}, and whether it fades cannot be told" if found.late.above_zero else "",
    }.get(found.kind, "")


def fading_of(name: str, found: Fade) -> str:
    """The same as a clause of a title, with the strategy's name."""
    who, said = quoted(name), becomes(found)
    return (
        f"{who} {said}"
        if said
        else {
            "unclear": f"whether {who} fades cannot be told",
            "single": f"one replication cannot tell whether {who} fades",
            "short": f"too few visits to tell whether {who} fades",
        }[found.kind]
    )


def visits(count: float) -> str:
    """A number of visits in words, rounded as one would say it."""
    if count < 0.75:
        return "less than a visit"
    whole = max(1, round(count))
    return f"{whole} visit{'' if whole == 1 else 's'}"


def fit_note(name: str, found: Fade) -> str:
    """The fit behind a half-life (n visits after the peak), or the honest word that none is good enough."""
    fit = found.fit
    if fit is None:
        return ""
    if fit.fits < 0.9 or fit.drop <= 0 or fit.half_life > 60:
        return f"{quoted(name)}: no simple decay fits"
    floor, size = number(fit.floor, 1), number(fit.drop, 1)
    every = number(fit.half_life, 1)
    return f"{quoted(name)}: {floor} + {size} × {fit.ratio:.2f}ⁿ; what decays halves every {every} visits"


def fit_notes(comparison: Comparison) -> tuple[str, ...]:
    """The fits behind all half-lives, as sentences."""
    return tuple(said for name, found in fades(comparison).items() if (said := fit_note(name, found)))


# --- does the standard rise? --------------------------------------------------------------------------------


def standard_rise(line: Curve) -> tuple[float, float, float]:
    """How far a curve moves from its first visit to the last (a tenth of them) that half of those at the first still make.

    Later visits are made only by those who come often or stay long, who may have been others from the start. With its 95%
    interval.
    """
    tail = max(1, line.half // 10)
    found = line.estimate(lambda level: float(level[line.half - tail : line.half].mean() - level[0]))
    return found.mean, found.low, found.high


# --- the answer ---------------------------------------------------------------------------------------------


def answer(comparison: Comparison) -> tuple[str, ...]:
    """The answer in a few sentences: the verdict, whether it lasts, how it is felt, money, who is kept, who is heard."""
    parts = (
        comparison.verdict.sentence,
        comparison.verdict.stopped,
        comparison.verdict.lasts,
        lasting_lift(comparison),
        felt_otherwise(comparison),
        costs(comparison),
        earns_most(comparison),
        pays_back(comparison),
        kept(comparison),
        unheard(comparison),
        first_alarm(comparison),
        hidden(comparison),
        comparison.verdict.luck,
    )
    return tuple(sentence(part) for part in parts if part)


def lasting_lift(comparison: Comparison) -> str:
    """What becomes of the favourite's lift over the baseline, where the answer is about points and this is known."""
    name, first, outcome = favourite(comparison), baseline(comparison), comparison.verdict.outcome
    if name == first or MEASURES[outcome].kind != "points":
        return ""
    level = "goodwill" if outcome.startswith("goodwill") else "satisfaction"
    if level not in comparison.runs[name].by_visit:
        return ""
    said = becomes(fade(lifts(comparison, level)[name]))
    lifted = "lift" if level == "satisfaction" else f"lift in {level}"
    return f"Visit by visit, the {lifted} of {quoted(name)} over {quoted(first)} {said}" if said else ""


def felt_otherwise(comparison: Comparison) -> str:
    """Where the favourite's satisfaction and the value felt surely have opposite signs: that, and why."""
    name = favourite(comparison)
    level, felt = (interval_of(comparison, name, outcome) for outcome in ("satisfaction", "felt"))
    if level is None or felt is None or not (level.low > 0 > felt.high or level.high < 0 < felt.low):
        return ""
    signs = f"{digits(level.mean, half_width(level), True)} points on average", digits(felt.mean, half_width(felt), True)
    more, less = ("below", "above") if felt.mean < 0 else ("above", "below")
    why = (
        "what is felt counts how well things were put right afterwards, which satisfaction leaves out"
        if minds_recovery(comparison.market)
        else f"in what is felt, what lies {more} the standard weighs more than what lies {less} it"
    )
    return f"Satisfaction with {quoted(name)} is {signs[0]}, and yet it is felt as {signs[1]}: {why}"


def favourite(comparison: Comparison) -> str:
    """The strategy that the answer is about: the verdict's, else the highest in the verdict's outcome."""
    if comparison.verdict.best in comparison.runs:
        return str(comparison.verdict.best)
    outcome = comparison.verdict.outcome
    good = MEASURES[outcome].good if outcome in MEASURES else 1

    def worth(name: str) -> float:
        found = interval_of(comparison, name, outcome)
        return -math.inf if found is None or math.isnan(found.mean) else found.mean * (good or 1)

    return max(comparison.runs, key=worth)


def _rival(comparison: Comparison, name: str) -> str | None:
    """Whom to compare the favourite with: the baseline, or where it is the baseline, the next best."""
    others = [other for other in comparison.runs if other != name]
    if not others:
        return None
    if name != baseline(comparison):
        return baseline(comparison)

    def worth(other: str) -> float:
        found = interval_of(comparison, other, comparison.verdict.outcome)
        return -math.inf if found is None or math.isnan(found.mean) else found.mean

    return max(others, key=worth)


def costs(comparison: Comparison) -> str:
    """What the favourite costs and earns beside the one it is compared with."""
    name = favourite(comparison)
    currency = comparison.runs[name].market.currency
    rival = _rival(comparison, name)
    cost = interval_of(comparison, name, "cost")
    if cost is None or not math.isfinite(cost.mean):
        return ""
    each, who = f"per {counted(begins_whole(comparison.market))}", quoted(name)
    if rival is None:
        return f"{who} costs {money(cost.mean, currency, fine=half_width(cost))} {each}"
    extra, profit = (difference_of(comparison, name, rival, outcome) for outcome in ("cost", "profit"))
    if extra is None or not math.isfinite(extra.mean):
        return ""
    if extra.mean == 0:
        said = f"{who} costs no more than {quoted(rival)}"
    else:
        way = "more" if extra.mean > 0 else "less"
        said = f"{who} costs {money(abs(extra.mean), currency, fine=half_width(extra))} {way} {each} than {quoted(rival)}"
    return said + _earned(profit, currency)


def _earned(profit: Difference | None, currency: str) -> str:
    if profit is None or not math.isfinite(profit.mean) or profit.mean == 0:
        return ""
    if not profit.decided:
        return ", and whether profit rises or falls cannot be told"
    way = "more" if profit.mean > 0 else "less"
    return f", and earns {money(abs(profit.mean), currency, fine=half_width(profit))} {way} profit"


def earns_most(comparison: Comparison) -> str:
    """Who earns most where that is not the favourite, and by how much, or that this cannot be told."""
    name = favourite(comparison)
    profits = {other: interval_of(comparison, other, "profit") for other in comparison.runs}
    known = {other: found.mean for other, found in profits.items() if found and math.isfinite(found.mean)}
    if comparison.verdict.outcome == "profit" or len(known) < 2 or name not in known:
        return ""
    top = max(known, key=lambda other: known[other])
    ahead = difference_of(comparison, top, name, "profit")
    if top == name or ahead is None or ahead.mean <= 0:
        return ""
    more = money(ahead.mean, comparison.market.currency, fine=half_width(ahead))
    each = f"per {counted(begins_whole(comparison.market))}"
    if not ahead.decided:
        return (
            f"Who earns most cannot be told: {quoted(top)} is {more} {each} ahead of {quoted(name)} in "
            "profit, which may be chance"
        )
    near = [other for other in known if other not in (top, name) and not _surely_more(comparison, top, other)]
    unsure = f" ({listed([quoted(other) for other in near])} may earn as much)" if near else ""
    label = MEASURES[comparison.verdict.outcome].label.lower()
    lead = f"What is best in {label} is not what pays best: " if comparison.verdict.decided else ""
    return f"{lead}{quoted(top)} earns the most profit{unsure}, {more} {each} more than {quoted(name)}"


def pays_back(comparison: Comparison) -> str:
    """The favourite's return on what it costs beyond the baseline, and when it breaks even, where it surely costs more."""
    name = favourite(comparison)
    one = next((one for one in comparison.returns if one.strategy == name), None)
    if one is None or one.undefined:
        return ""
    rate = percent(one.rate, (one.high - one.low) / 2)
    even = (f"it does not break even within the {one.horizon:,} days" if one.day == NEVER else "it is never behind in profit"
            if one.day == 0.0 else f"it breaks even on day {days(one.day)}")
    return f"On what {quoted(name)} costs beyond {quoted(one.against)} the return is {rate}, and {even}"


def _surely_more(comparison: Comparison, strategy: str, against: str) -> bool:
    found = difference_of(comparison, strategy, against, "profit")
    return found is not None and found.decided and found.mean > 0


def kept(comparison: Comparison) -> str:
    """Of every 100 people the favourite keeps, how many the other would have lost."""
    name = favourite(comparison)
    rival = _rival(comparison, name)
    twins = twins_of(comparison, name, rival) if rival else None
    if twins is None or rival is None:
        return ""
    return twins_said(twins, comparison.market)


def twins_said(twins: Twins, market: Market) -> str:
    """One pair of strategies, person by person: who is kept by one and lost by the other.

    Where not everybody begins as a customer, who is none in the end need not have been lost: some never came.
    """
    stay, lose = twins.both + twins.only_strategy, twins.both + twins.only_against
    name, other = quoted(twins.strategy), quoted(twins.against)
    if stay <= 0 and lose <= 0:
        return f"Nobody {'stays' if begins_whole(market) else 'is our customer in the end'} under either {name} or {other}"
    if twins.only_strategy == 0 and twins.only_against == 0:
        return (f"{name} and {other} keep exactly the same people" if begins_whole(market) else
                f"Exactly the same people are our customers in the end with {name} and with {other}")
    if not begins_whole(market):
        return _customers_with(twins, stay, lose)
    if stay <= 0:
        return f"{name} keeps nobody; {other} keeps {_of_100(lose)} of every 100 people"
    said = f"Of every 100 people {name} keeps, {other} would have lost {_of_100(twins.only_strategy / stay)}"
    if lose <= 0:
        return said
    back = twins.only_against / lose
    return f"{said}; of every 100 that {other} keeps, {name} loses {_of_100(back) if back else 'none'}"


def _customers_with(twins: Twins, stay: float, lose: float) -> str:
    """Who is our customer in the end under one strategy and not under the other, where some were none at the start."""
    name, other = quoted(twins.strategy), quoted(twins.against)
    if stay <= 0 or lose <= 0:
        empty, full, share = (name, other, lose) if stay <= 0 else (other, name, stay)
        return f"With {empty} nobody is our customer in the end; with {full}, {_of_100(share)} of every 100 people are"
    only, back = twins.only_strategy / stay, twins.only_against / lose
    return (f"Of every 100 people who are our customers in the end with {name}, {_of_100(only) if only else 'none'} are not "
            f"with {other}; of every 100 with {other}, {_of_100(back) if back else 'none'} are not with {name}")


def _of_100(share: float) -> str:
    count = 100 * share
    if 0 < count < 0.1:
        return "fewer than 0.1"
    return f"{count:.0f}" if count >= 10 or count == round(count) else f"{count:.1f}"


def hidden(comparison: Comparison) -> str:
    """What late averages leave out: those who are gone."""
    name = favourite(comparison)
    stay = interval_of(comparison, name, "retention")
    if stay is None or not math.isfinite(stay.mean) or stay.mean >= 1:
        return ""
    if stay.mean <= 0:
        return (
            f"Under {quoted(name)} nobody is left at the end, so late averages describe the very few who stayed longest"
        )
    gone = _of_100(1 - stay.mean)
    if not begins_whole(comparison.market):
        return _not_customers(comparison, name, stay.mean)
    return (
        f"Averages over late visits hide the {gone} of every 100 starting customers who are gone by the end under "
        f"{quoted(name)}: only those who stayed are still asked"
    )


def _not_customers(comparison: Comparison, name: str, stay: float) -> str:
    """Who is none of our customers at the end, where not everybody began as one: who left or went elsewhere, who never came."""
    never = float(np.nanmean(never_came(comparison.runs[name])))
    gone = max(0.0, 1.0 - stay - never)
    where = "went elsewhere or stayed away" if chooses(comparison.market) else "left again"
    parts = [f"the {_of_100(gone)} of every 100 people who came and {where}"] if gone > 0 else []
    parts += [f"the {_of_100(never)}{'' if parts else ' of every 100 people'} who never came"] if never > 0 else []
    if not parts:
        return ""
    left_out = " and ".join(parts)
    return f"Averages over late visits under {quoted(name)} leave out {left_out}: only those who come to us are asked"


def began(run: Run) -> NDArray[np.float64]:
    """(replications,) how many people were our customers when the time began."""
    table = run.by_day
    first = (table["firm"] == run.market.firms[0].name) & (table["day"] == 0)
    at: NDArray[np.float64] = table["customers"][first].astype(np.float64)
    come, gone = (table[one][first].astype(np.float64) + table[other][first].astype(np.float64)
                  for one, other in (("joined", "won"), ("left", "lost")))
    return np.asarray(at - come + gone)


def never_came(run: Run) -> NDArray[np.float64]:
    """(replications,) the share of all people who never came: nobody's customers at the start who did not try us."""
    ours = run.by_day["firm"] == run.market.firms[0].name
    tried = run.by_day["first"][ours].astype(np.float64).reshape(len(run.stays), -1).sum(axis=1)
    return np.asarray(np.maximum(0.0, 1.0 - (began(run) + tried) / run.stays.shape[1]))


# --- who is heard -------------------------------------------------------------------------------------------


def unheard(comparison: Comparison) -> str:
    """Where more people leave the favourite in silence than ever speak up: that, with its interval over replications."""
    name = favourite(comparison)
    found = comparison.runs[name].outcomes
    silent, heard = (over(found[outcome]) for outcome in ("silent_leavers", "complainers"))
    more = over(found["silent_leavers"] - found["complainers"])
    if not (heard.mean > 0 and more.above_zero):
        return ""
    reach = between(more.low, more.high, "share")
    who = "starting customers of" if begins_whole(comparison.market) else "people under"
    return (
        f"Complaints show the smaller part: of every 100 {who} {quoted(name)}, {_of_100(silent.mean)} leave "
        f"without a word and {_of_100(heard.mean)} ever speak up (95% interval of the difference {reach})"
    )


@dataclass(frozen=True)
class Alarm:
    """When the charts ring under one strategy, days after the time before: each, and complaints' minus the survey's.

    never: the share of replications in which the chart of complaints, and that of the survey, does not ring.
    """

    complaints: Estimate
    survey: Estimate
    later: Estimate
    never: tuple[float, float]


def alarms(comparison: Comparison) -> dict[str, Alarm]:
    """When the charts ring, by strategy; nothing where nobody watches."""
    watch = comparison.market.watch
    if watch is None:
        return {}
    found, last = {}, comparison.market.horizon - watch.until
    for name, run in comparison.runs.items():
        complaints, survey = (run.outcomes[outcome] for outcome in WATCHED)
        never = [float((days >= last - 1e-6).mean()) for days in (complaints, survey)]
        later = over(complaints - survey)
        found[name] = Alarm(over(complaints), over(survey), later, (never[0], never[1]))
    return found


def first_alarm(comparison: Comparison) -> str:
    """Which chart rings first under the baseline, where trouble takes its course, or that it is open; how often, and when.

    Days are counted to the end where a chart does not ring, so that such a mean is a least one; so is the time between the two
    charts where only the later one may be silent.
    """
    first, count = baseline(comparison), replications_of(comparison)
    alarm, who = alarms(comparison).get(first), quoted(first)
    if alarm is None:
        return ""
    if min(alarm.never) == 1:
        return f"Under {who}, neither a chart of complaints nor one of the survey rings"
    later = alarm.later
    if not (later.low > 0 or later.high < 0):
        return (
            f"Which chart rings first under {who} cannot be told: that of complaints rings "
            f"{_rung(alarm.complaints, alarm.never[0], count)}, that of the survey "
            f"{_rung(alarm.survey, alarm.never[1], count, short=True)}"
        )
    each = ("complaints", alarm.complaints, alarm.never[0]), ("the survey", alarm.survey, alarm.never[1])
    early, late = reversed(each) if later.mean > 0 else each
    low, high = sorted((abs(later.low), abs(later.high)))
    apart = f"{say(abs(later.mean), 'days', fine=half_width(later))} later (95% interval {between(low, high, 'days')})"
    gap_known = f": {'at least ' if late[2] > 0 else ''}{apart}" if early[2] == 0 else ""
    return (
        f"Under {who}, a chart of {early[0]} rings first, {_rung(*early[1:], count)}; "
        f"one of {late[0]} {_rung(*late[1:], count, short=True)}{gap_known}"
    )


def _rung(days: Estimate, never: float, count: int, short: bool = False) -> str:
    """In how many replications a chart rings, and after how many days on average: `in 2 of 40 replications, after …`."""
    rings, unit = round((1 - never) * count), "" if short else f" replication{'s' * (count != 1)}"
    if rings == 0:
        return "in none" if short else "in no replication"
    often = f"{f'all {count:,}' if rings == count > 1 else f'{rings:,} of {count:,}'}{unit}"
    after = say(days.mean, "days", fine=half_width(days))
    return f"in {often}, after {'at least ' if rings < count else ''}{after} on average"

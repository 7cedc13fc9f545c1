"""Numbers and findings as plain sentences: what a tired reader is to take away, and how sure it is.

A sentence asserts a difference only where its interval excludes zero; otherwise it says that this cannot be told.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.report.curves import Curve, Fade, curve, fade

if TYPE_CHECKING:
    from sim.experiments.compare import Comparison, Difference, Interval, Twins

MINUS, THIN, NONE = "\u2212", "\u202f", "–"


@dataclass(frozen=True)
class Measure:
    """An outcome for people: its name, its unit, what it means, and which way is good (+1, −1; 0: neither).

    kind: points, share (0..1), money, number or score.
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
        "Experience minus what it is compared with, averaged over all visits. 0 is exactly as expected.",
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
        "Satisfaction as it is felt: losses may weigh more than gains, small gaps may go unnoticed, delight may add.",
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
        "Retention", "share", 1, "Share of the starting customers who are still customers at the end."
    ),
    "visits": Measure("Visits", "number", 1, "Visits per starting customer over the horizon."),
    "complaints": Measure("Complaints", "share", -1, "Share of visits that end in a complaint."),
    "silent_leavers": Measure(
        "Silent leavers", "share", -1, "Share of the starting customers who left without ever having complained."
    ),
    "csat": Measure("Satisfied answers", "share", 1, "CSAT: share of survey answers of 7 or more out of 10."),
    "nps": Measure("Net promoter score", "score", 1, "Promoters minus detractors in the survey, from −100 to 100."),
    "share": Measure(
        "Share of visits", "share", 1, "Our share of all visits in the market, where rivals are visited too."
    ),
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

TERMS = {
    "Point": "All levels of service, expectation and satisfaction are points on one scale from 0 to 100.",
    "Expectation": "What a customer thinks the next visit will be like. It follows what she experiences, so good "
    "service raises its own bar.",
    "Norm": "What she thinks service should be, learnt from rivals.",
    "Standard": "What a visit is compared with: her expectation, raised by the norm and the best visit remembered "
    "where the scenario says so.",
    "Surprise and upgrade": "A surprise is an unannounced extra at single visits; an upgrade is a lasting one.",
    "Strategy, baseline": "A strategy is a list of moves. The first one in the scenario is the baseline.",
    "Replication": "The whole market run once more with other luck. All strategies meet the same people with the same "
    "luck in each, so a difference between them is caused by the strategies.",
    "95% interval": "The range of values that the replications leave plausible. Intervals of differences hold for all "
    "pairs of strategies at once. They tell how sure the computation is, not how true the scenario's numbers are.",
    "Cannot tell": "The interval of a difference includes zero: more replications may settle it.",
    "Twin": "The same person under another strategy.",
    "Survivors": "Customers who have not left. Later visits show only them, and they are the more contented ones.",
}
"""Words a reader of the report needs, beside the outcomes."""


def number(value: float, decimals: int, signed: bool = False) -> str:
    """A number with grouped thousands and a real minus; never minus zero."""
    if not math.isfinite(value):
        return NONE
    text = f"{abs(value):,.{decimals}f}"
    zero = not any(sign in "123456789" for sign in text)
    return f"{'' if zero else MINUS if value < 0 else '+' if signed else ''}{text}"


def decimals_for(width: float, fewest: int, most: int) -> int:
    """Decimals that show the first digit of `width` (half an interval, or the value where there is none)."""
    if not math.isfinite(width) or width == 0:
        return fewest
    return min(most, max(fewest, -math.floor(math.log10(abs(width)))))


def say(
    value: float, kind: str, currency: str = "", signed: bool = False, unit: bool = True, fine: float = math.nan
) -> str:
    """A value in its unit: `+1.2 points`, `62.0%`, `€1,250`. fine: half its interval, to choose the digits by."""
    if not math.isfinite(value):
        return NONE
    if kind == "share":
        text = number(100 * value, decimals_for(100 * fine, 1, 2), signed)
        return f"{text}%" if unit else text
    if kind == "money":
        return money(value, currency, signed)
    if kind == "score":
        return number(value, decimals_for(fine, 1, 2), signed)
    text = number(value, decimals_for(fine, 1, 2), signed)
    return f"{text} points" if unit and kind == "points" else text


def money(value: float, currency: str, signed: bool = False) -> str:
    """Money with the currency's sign before it or its code after it; pennies only below 100."""
    text = number(value, 0 if abs(value) >= 100 else 2, signed)
    if not currency or text == NONE:
        return text
    if len(currency) == 1:
        lead = text[:1] if text[:1] in (MINUS, "+") else ""
        return f"{lead}{currency}{text[len(lead) :]}"
    return f"{text} {currency}"


def gap(value: float, kind: str, currency: str = "", signed: bool = True, fine: float = math.nan) -> str:
    """A difference in its unit; shares differ by percentage points."""
    if kind == "share":
        return f"{say(value, kind, '', signed, unit=False, fine=fine)} percentage points"
    return say(value, kind, currency, signed, fine=fine)


def between(low: float, high: float, kind: str, currency: str = "", signed: bool = False) -> str:
    """An interval, `0.9 to 1.5`, in the unit's bare numbers (money keeps its currency); a dash where there is none."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return NONE
    fine = (high - low) / 2
    return " to ".join(say(end, kind, currency, signed, unit=False, fine=fine) for end in (low, high))


def quoted(name: str) -> str:
    """A strategy's name inside a sentence."""
    return f"‘{' '.join(name.split())}’"


def listed(parts: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(parts) if len(parts) < 3 else f"{', '.join(parts[:-1])} and {parts[-1]}"


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


def shown(comparison: Comparison) -> tuple[str, ...]:
    """The outcomes that say something: kept, and not zero or missing for every strategy."""

    def alive(outcome: str) -> bool:
        means = [i.mean for i in comparison.intervals if i.outcome == outcome]
        return any(math.isfinite(mean) and mean != 0 for mean in means)

    return tuple(outcome for outcome in MEASURES if alive(outcome))


# --- does satisfaction fade? --------------------------------------------------------------------------------


def fades(comparison: Comparison) -> dict[str, Fade]:
    """What becomes of satisfaction by visit under each strategy."""
    return {name: fade(curve(run, "satisfaction")) for name, run in comparison.runs.items()}


def fading(found: Fade) -> str:
    """What becomes of one strategy's satisfaction, for its label: `half of +5.2 gone 4 visits after the peak`."""
    peak, late = number(found.peak.mean, 1, True), number(found.late.mean, 1, True)
    if found.kind == "fades":
        if math.isnan(found.half):
            return f"fades from {peak} to {late}"
        ending = f", then below zero ({late})" if found.late.below_zero else f", {late} at the end"
        return f"half of its {peak} peak gone after {visits(found.half)}{ending}"
    return {
        "holds": f"does not fade: {late} at the end",
        "rises": f"still rising: {late} at the end",
        "level": "stays near zero",
        "sinks": f"sinks to {late}",
        "below": f"below zero throughout: {late} at the end",
        "unclear": "cannot tell whether it fades",
        "single": "one replication: cannot tell",
        "short": "too few visits to tell",
    }[found.kind]


def fading_of(name: str, found: Fade) -> str:
    """The same as a clause of a title, with the strategy's name."""
    late, who = f"{number(found.late.mean, 1, True)} points", quoted(name)
    if found.kind == "fades" and not math.isnan(found.half):
        return f"{who} has lost half of its peak after {visits(found.half)}"
    return {
        "fades": f"{who} fades from {number(found.peak.mean, 1, True)} to {late}",
        "holds": f"{who} does not fade ({late} at the last visits)",
        "rises": f"{who} is still rising, at {late}",
        "level": f"{who} stays near zero",
        "sinks": f"{who} sinks to {late}",
        "below": f"{who} stays below zero, at {late}",
        "unclear": f"whether {who} fades cannot be told",
        "single": f"one replication cannot tell whether {who} fades",
        "short": f"too few visits to tell whether {who} fades",
    }[found.kind]


def visits(count: float) -> str:
    """A number of visits in words, rounded as one would say it."""
    if count < 0.75:
        return "less than a visit"
    whole = max(1, round(count))
    return f"{whole} visit{'' if whole == 1 else 's'}"


def fit_note(name: str, found: Fade) -> str:
    """The fit behind a half-life, or the honest word that none is good enough."""
    fit = found.fit
    if fit is None:
        return ""
    if fit.fits < 0.9 or fit.drop <= 0 or fit.half_life > 60:
        return f"{quoted(name)}: no simple decay fits"
    floor, size = number(fit.floor, 1), number(fit.drop, 1)
    return f"{quoted(name)}: {floor} + {size} × {fit.ratio:.2f}ⁿ, halving every {number(fit.half_life, 1)} visits"


# --- does the standard rise? --------------------------------------------------------------------------------


def standard_rise(line: Curve) -> tuple[float, float, float]:
    """How far a curve moves from its first to its last drawn visits (their last tenth), with its 95% interval."""
    tail = max(1, line.drawn // 10)
    found = line.estimate(lambda level: float(level[-tail:].mean() - level[0]))
    return found.mean, found.low, found.high


# --- the answer ---------------------------------------------------------------------------------------------


def answer(comparison: Comparison) -> tuple[str, ...]:
    """The answer in a few sentences: the verdict, whether it lasts, what it costs, who is kept, what is hidden."""
    parts = (
        comparison.verdict.sentence,
        *(said for said in (comparison.verdict.lasts, costs(comparison), kept(comparison), hidden(comparison)) if said),
    )
    return tuple(sentence(part) for part in parts)


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
    each = "per starting customer"
    if rival is None:
        return f"It costs {money(cost.mean, currency)} {each}"
    extra, profit = (difference_of(comparison, name, rival, outcome) for outcome in ("cost", "profit"))
    if extra is None or not math.isfinite(extra.mean):
        return ""
    if extra.mean == 0:
        said = f"It costs no more than {quoted(rival)}"
    else:
        way = "more" if extra.mean > 0 else "less"
        said = f"It costs {money(abs(extra.mean), currency)} {way} {each} than {quoted(rival)}"
    return said + _earned(profit, currency)


def _earned(profit: Difference | None, currency: str) -> str:
    if profit is None or not math.isfinite(profit.mean) or profit.mean == 0:
        return ""
    if not profit.decided:
        return ", and whether profit rises or falls cannot be told"
    way = "more" if profit.mean > 0 else "less"
    return f", and earns {money(abs(profit.mean), currency)} {way} profit"


def kept(comparison: Comparison) -> str:
    """Of every 100 people the favourite keeps, how many the other would have lost."""
    name = favourite(comparison)
    rival = _rival(comparison, name)
    twins = twins_of(comparison, name, rival) if rival else None
    if twins is None or rival is None:
        return ""
    return twins_said(twins)


def twins_said(twins: Twins) -> str:
    """One pair of strategies, person by person: who is kept by one and lost by the other."""
    stay, lose = twins.both + twins.only_strategy, twins.both + twins.only_against
    name, other = quoted(twins.strategy), quoted(twins.against)
    if stay <= 0 and lose <= 0:
        return f"Nobody stays under either {name} or {other}"
    if twins.only_strategy == 0 and twins.only_against == 0:
        return f"{name} and {other} keep exactly the same people"
    if stay <= 0:
        return f"{name} keeps nobody; {other} keeps {_of_100(lose)} of every 100 people"
    said = f"Of every 100 people {name} keeps, {other} would have lost {_of_100(twins.only_strategy / stay)}"
    if lose <= 0:
        return said
    back = twins.only_against / lose
    return f"{said}; of every 100 that {other} keeps, {name} loses {_of_100(back) if back else 'none'}"


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
    return (
        f"Averages over late visits hide the {gone} of every 100 starting customers who are gone by the end under "
        f"{quoted(name)}: only those who stayed are still asked"
    )

"""The answer in words: which strategy is better, by how much, how sure, and whether it lasts.

A verdict is decided only when the best strategy beats every other by an interval that holds for all pairs at once.
Otherwise it says what is still open and about how many more replications would settle it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sim.experiments.sequence import Plan, too_small
from sim.experiments.sequence import settled as is_settled
from sim.experiments.statistics import MOST_REPLICATIONS, ROUNDING, Estimate, Paired, replications_needed
from sim.market import Market, begins_whole
from sim.outcomes import BETTER, NAMES, UNITS, listed

LEAST_LASTING: Final = 0.01
"""Satisfaction below a hundredth of a point counts as gone: what decays by half at each visit is never exactly 0."""
COUNTS: Final = ("two", "three", "four", "five", "six", "seven", "eight", "nine")
"""Small numbers in words, from 2."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer about one outcome.

    best: the strategy with the best mean, None when all are the same, only one was run, or nothing is known. decided:
    it beats every other strategy for sure. sentence: the answer with its size and uncertainty. more_replications:
    about how many more would decide, None when decided or out of reach. lasts: what is left in the last quarter.
    sustained: the strategies whose satisfaction is surely still above zero there; faded: those whose satisfaction
    surely is not. Those in neither cannot be told. settled: replications were added until the best was settled against every
    other, by an interval that leaves out 0 or is too small to matter; None where their number was given. stopped: after which
    look, and what would have been the most, in a sentence. common_luck: how many
    times as many replications with luck of its own for every strategy would be needed to know the hardest difference of the
    best as well; None where nothing is known of it, or there is no difference.
    """

    outcome: str
    best: str | None
    decided: bool
    sentence: str
    more_replications: int | None
    lasts: str
    sustained: tuple[str, ...]
    faded: tuple[str, ...]
    settled: bool | None = None
    stopped: str = ""
    common_luck: float | None = None

    @property
    def luck(self) -> str:
        """What meeting the same people with the same luck was worth, in a sentence; nothing where that is not known."""
        if self.common_luck is None:
            return ""
        if self.common_luck < LEAST_LUCK:
            return "Common luck saved next to no replications here: under these strategies luck does different things."
        times = plain(self.common_luck, self.common_luck / 5)
        return (f"Common luck did the work of {times} times as many replications: so many would be needed for the same "
                "interval, had every strategy met other people with other luck.")


LEAST_LUCK: Final = 1.05
"""Common luck that saves less than a twentieth of the replications is not worth a number."""


def judge(outcome: str, names: Sequence[str], estimates: Mapping[str, Mapping[str, Estimate]],
          pairs: Mapping[tuple[int, int], Paired], market: Market, plan: Plan | None = None) -> Verdict:
    """The verdict on `outcome` for strategies `names` (the first is the baseline).

    estimates: of `outcome` and of "lasting", by strategy. pairs: (later, earlier) → the outcome's paired difference. plan: what
    is too small to matter, and the most replications, where they were added until the answer was settled.
    """
    plan = plan if plan is not None and plan.outcome == outcome else None
    words = Words(outcome, market, plan)
    found = estimates[outcome]
    best = best_of(outcome, names, found)
    lasts = how_it_lasts(names, estimates["lasting"], best, market)
    keeps, gone = (tuple(state(names, estimates["lasting"])) for state in (sustained, faded))

    def verdict(best: str | None, decided: bool, sentence: str, more: int | None = None) -> Verdict:
        settled = None if plan is None else all(is_settled(pair, plan.margin) for pair in rivals.values()) and not unknown
        stopped = "" if plan is None else how_it_stopped(plan, market.replications, bool(settled), words)
        return Verdict(outcome, best, decided, sentence, more, lasts, keeps, gone, settled, stopped, luck)

    rivals: dict[str, Paired] = {}
    luck: float | None = None
    unknown = [name for name in names if not found[name].count]
    if unknown:
        return verdict(None if len(unknown) == len(names) else best, False, words.unknown(unknown))
    if len(names) == 1:
        return verdict(None, False, words.alone(names[0], found[names[0]]))
    rivals = {other: _between(pairs, names.index(best), names.index(other)) for other in names if other != best}
    same = [other for other, pair in rivals.items() if pair.same or negligible(outcome, pair, plan)]
    open_ = {other: pair for other, pair in rivals.items() if other not in same and not pair.decided}
    won = {other: pair for other, pair in rivals.items() if other not in same and pair.decided}
    alike = _alike([rivals[other] for other in same])
    luck = saved_by_common_luck(best, rivals, found)
    if len(same) == len(rivals):
        return verdict(None, False, words.all_same(names, alike))
    if open_:
        needed = [replications_needed(pair) for pair in open_.values()]
        more = None if None in needed else max(number for number in needed if number is not None)
        return verdict(best, False, words.open(best, open_, won, same, more, alike), more)
    return verdict(best, not same, words.won(best, won, same, names[0], alike))


def _alike(same: Sequence[Paired]) -> str:
    """How alike those are that differ from the best by nothing, or by too little. A share of people may be the same in every
    replication and still differ: then its interval is not one of width 0."""
    if not all(pair.same for pair in same):
        return "all but the same"
    return "exactly the same" if all(pair.estimate.low == pair.estimate.high for pair in same) else "the same so far"


def how_it_stopped(plan: Plan, replications: int, settled: bool, words: Words) -> str:
    """After which look a study stopped that added replications until its answer was settled, and what that is worth."""
    most, made = plan.looks[-1], f"{replications:,} replication{'s' * (replications != 1)}"
    look = plan.looks.index(replications) + 1 if replications in plan.looks else None
    if not settled:
        end = "the most that were allowed" if replications == most else "interrupted before the next look"
        return (f"Replications were added until the best strategy would be settled against every other, as surely different or "
                f"surely within {words.small}: it is not, after {made}, {end}.")
    which = f" at look {look} of at most {len(plan.looks)}" if look else ""
    return (f"Replications were added until this was settled: {made}{which} ({most:,} would have been the most). In 95% of "
            "such studies no other strategy is really better than the one found by more than "
            f"{words.small.split(',')[0]}, and no difference is found that is none.")


def saved_by_common_luck(best: str, rivals: Mapping[str, Paired], found: Mapping[str, Estimate]) -> float | None:
    """What the best's hardest difference would need in replications had strategies no luck in common, over what it needs.

    (s₁² + s₂²) / s², with the sds over replications of either strategy and of their difference: the hardest is the smallest
    beside its sd. None with fewer than three replications, and where nothing varies.
    """
    level = ROUNDING * max(abs(one.mean) for one in found.values())
    known = {other: pair for other, pair in rivals.items() if pair.estimate.count > 2 and pair.estimate.sd > level}
    if not known:
        return None
    other = min(known, key=lambda name: abs(known[name].estimate.mean) / known[name].estimate.sd)
    apart = found[best].sd ** 2 + found[other].sd ** 2
    return apart / known[other].estimate.sd ** 2


def negligible(outcome: str, pair: Paired, plan: Plan | None = None) -> bool:
    """Whether a difference is surely too small to matter: within the margin of a plan about this outcome, and for points
    below a hundredth, which may be real and which nobody feels."""
    if plan is not None and plan.outcome == outcome and too_small(pair, plan.margin):
        return True
    return UNITS[outcome][1] == "points a visit" and max(abs(pair.estimate.low), abs(pair.estimate.high)) < LEAST_LASTING


def sustained(names: Sequence[str], lasting: Mapping[str, Estimate]) -> list[str]:
    """The strategies whose satisfaction in the last quarter of the time is surely above zero."""
    return [name for name in names if lasting[name].low >= LEAST_LASTING]


def faded(names: Sequence[str], lasting: Mapping[str, Estimate]) -> list[str]:
    """The strategies whose satisfaction in the last quarter of the time is surely not above zero."""
    return [name for name in names if lasting[name].high < LEAST_LASTING]


def best_of(outcome: str, names: Sequence[str], found: Mapping[str, Estimate]) -> str:
    """The strategy with the best mean."""
    known = [name for name in names if found[name].count] or list(names)
    return max(known, key=lambda name: BETTER[outcome] * found[name].mean)  # the earlier of equals


def _between(pairs: Mapping[tuple[int, int], Paired], first: int, second: int) -> Paired:
    """The paired difference of two strategies, whichever of them comes first; only sizes are read from it."""
    return pairs[max(first, second), min(first, second)]


def how_it_lasts(names: Sequence[str], lasting: Mapping[str, Estimate], best: str, market: Market) -> str:
    """Whether satisfaction stays above zero over the visits of the last quarter, and with which strategy."""
    words = Words("lasting", market)
    if all(not lasting[name].count for name in names):
        return "Nobody came in the last quarter of the time, so nothing can be said about what lasts."
    if all(lasting[name].count < 2 for name in names):
        return "Whether it lasts cannot be told from one replication."
    keeps, gone = sustained(names, lasting), faded(names, lasting)
    if not keeps:
        return _none_lasts(names, lasting, gone, words)
    others = [name for name in keeps if name != best]
    if best in keeps:
        alone = f"; so it does with {words.all_of(others)}" if others else \
            "; with no other strategy does it stay above zero" if len(gone) == len(names) - 1 > 0 else ""
        open_ = [name for name in names if name not in keeps and name not in gone]
        untold = f"; whether it does with {words.all_of(open_)} cannot be told" if open_ else ""
        return (f"It lasts: over the last quarter of the time, satisfaction with {words.call(best)} is still "
                f"{words.level(lasting[best])} above what customers compare it with{alone}{untold}.")
    start = f"With {words.call(best)} satisfaction does not last" if best in gone else \
        f"Whether satisfaction lasts with {words.call(best)} cannot be told"
    first = "" if len(others) == 1 else f" with {words.call(others[0])}"
    return (f"{start}: over the last quarter of the time it is {words.level(lasting[best])}. It stays above zero with "
            f"{words.all_of(others)}: {words.level(lasting[others[0]])}{first}.")


def _none_lasts(names: Sequence[str], lasting: Mapping[str, Estimate], gone: Sequence[str], words: Words) -> str:
    """No strategy surely keeps satisfaction above zero: none does, or that cannot be told yet."""
    top = max((name for name in names if lasting[name].count), key=lambda name: lasting[name].mean)
    level, zero = words.level(lasting[top]), "where 0 is exactly what customers compare it with"
    known = [name for name in names if lasting[name].count]
    if len(gone) == len(known):
        who = "Neither strategy sustains" if len(names) == 2 else "It does not sustain" if len(names) == 1 \
            else f"None of the {len(names)} strategies sustains"
        best = " at best" if len(names) > 1 else ""
        return f"{who} satisfaction: over the last quarter of the time it is {level}{best}, {zero}."
    where = f" with {words.call(top)}" if len(names) > 1 else ""
    fades = f" It does not last with {words.all_of(gone)}." if gone else ""
    return (f"Whether it lasts cannot be told: over the last quarter of the time satisfaction{where} is {level}, "
            f"{zero}.{fades}")


class Words:
    """Sentences about one outcome of one market: its name, unit and the precision its uncertainty deserves."""

    def __init__(self, outcome: str, market: Market, plan: Plan | None = None) -> None:
        self.name = NAMES.get(outcome, outcome)
        self.factor, unit = UNITS[outcome]
        self.unit = unit.format(currency=market.currency)
        if not begins_whole(market):
            self.unit = self.unit.replace("a customer", "a person")
        self.way = "higher" if BETTER[outcome] >= 0 else "lower"
        self.people = f"the same {market.people:,} people"
        self.replications = market.replications
        self.small = f"{LEAST_LASTING:g} {self.unit}, too little to feel" if plan is None else \
            f"{self.amount(plan.margin)}, too little to matter"
        self.quotes = any(re.search(r",|\band\b", strategy.name) for strategy in market.strategies)

    def call(self, name: str) -> str:
        """A strategy's name in a sentence: in quotes where a name of the story holds a comma or an "and"."""
        return f"‘{name}’" if self.quotes else name

    def all_of(self, names: Sequence[str]) -> str:
        """Strategies' names in a sentence."""
        return listed([self.call(name) for name in names])

    def amount(self, value: float) -> str:
        """A number that people gave, with its unit: `0.1 points a visit`, `1 percentage point`."""
        number = format(Decimal(f"{value * self.factor:.6g}"), "f")
        return f"{number} {re.sub('points', 'point', self.unit) if number == '1' else self.unit}"

    def level(self, found: Estimate) -> str:
        """`0.42 points a visit (95% interval 0.39 to 0.45)`; the interval is left out where there is none."""
        return f"{self._number(found.mean, found)} {self.unit}{self._interval(found)}"

    def alone(self, name: str, found: Estimate) -> str:
        """One strategy, nothing to compare it with."""
        return f"Only {self.call(name)} was run, so there is nothing to compare: {self.name} is {self.level(found)}."

    def unknown(self, names: Sequence[str]) -> str:
        """Nobody to ask, in any replication."""
        return f"Cannot tell: with {self.all_of(names)} there was no visit in any replication to measure {self.name} by."

    def all_same(self, names: Sequence[str], alike: str) -> str:
        """Every strategy does the same, exactly or all but."""
        who = "All strategies" if len(names) > 3 else capitalised(self.all_of(names))
        told = (f"by 0 in every one of {self._count()}" if alike != "all but the same" else
                f"by less than {self.small}, on average over {self._count()}")
        return f"{who} are {alike}: {self.name} differs {told} of {self.people}."

    def won(self, best: str, won: Mapping[str, Paired], same: Sequence[str], baseline: str, alike: str) -> str:
        """The best beats every other, or every other but its equals."""
        also = f" and, {alike}, with {self.all_of(same)}" if same else ""
        told = sorted(won, key=lambda name: (name != baseline, abs(won[name].estimate.mean)))
        first, *others = told
        shown = others if len(others) <= 3 else others[:2]
        parts = [f"{self._gap(won[first])} {self.way} than with {self.call(first)}{self._interval(_size(won[first]))}"]
        parts += [f"{self._gap(won[name], bare=True)} {self.way} than with {self.call(name)}"
                  f"{self._interval(_size(won[name]), short=True)}" for name in shown]
        if len(others) > len(shown):
            left = len(others) - len(shown)
            count = COUNTS[left - 2] if left - 2 < len(COUNTS) else f"{left:,}"
            parts.append(f"at least {self._gap(won[shown[-1]], bare=True)} {self.way} than with each of the other {count}")
        return (f"With {self.call(best)}{also}, {self.name} is {listed(parts)}; "
                f"decided on {self._count()} of {self.people}.")

    def open(self, best: str, undecided: Mapping[str, Paired], won: Mapping[str, Paired], same: Sequence[str],
             more: int | None, alike: str) -> str:
        """What cannot be told yet, what would settle it, and what is sure already."""
        closest = min(undecided, key=lambda name: abs(undecided[name].estimate.mean))
        pair = undecided[closest]
        others = [name for name in undecided if name != closest]
        leader, rival = self.call(best), self.call(closest)
        beside = f" ({self.all_of(others)} cannot be told from {leader} either)" if others else ""
        sure = f" What is sure: {leader} is better than {self.all_of(list(won))}." if won else ""
        if pair.estimate.count < 2:
            return (f"Cannot tell from one replication: with {leader}, {self.name} is {self._gap(pair)} {self.way} than "
                    f"with {rival}{beside}, and one replication cannot say how much of that is luck.")
        settle = (f"about {more:,} more replication{'s' * (more != 1)} would settle it" if more is not None else
                  f"more than {MOST_REPLICATIONS:,} more replications would be needed to settle it")
        equal = f" {capitalised(self.all_of(same))} and {leader} are {alike}." if same else ""
        return (f"Cannot tell yet: {self.name} with {leader} and with {rival} differs by {self._gap(pair)}"
                f"{self._interval(_size(pair))}{beside}; {settle}.{sure}{equal}")

    def _gap(self, pair: Paired, bare: bool = False) -> str:
        number = self._number(abs(pair.estimate.mean), pair.estimate)
        return number if bare else f"{number} {self.unit}"

    def _count(self) -> str:
        return f"{self.replications:,} replication{'s' * (self.replications != 1)}"

    def _number(self, value: float, found: Estimate) -> str:
        if self.unit == "points a visit" and max(abs(found.low), abs(found.high)) < LEAST_LASTING:
            return plain(0.0, math.nan)
        return plain(value * self.factor, (found.high - found.low) / 2 * self.factor)

    def _interval(self, found: Estimate, short: bool = False) -> str:
        if not math.isfinite(found.low):
            return ""
        low, high = self._number(found.low, found), self._number(found.high, found)
        if low == high:
            return ""
        return f" ({'' if short else '95% interval '}{low} to {high})"


def _size(pair: Paired) -> Estimate:
    """The difference's interval turned so that its mean is positive."""
    found = pair.estimate
    return found if found.mean >= 0 else Estimate(-found.mean, -found.high, -found.low, found.sd, found.count)


def plain(value: float, half_width: float) -> str:
    """A number with the digits its uncertainty deserves: one in the half-width, two if it starts with 1."""
    if not math.isfinite(value):
        return "unknown"
    known = math.isfinite(half_width) and half_width > 0
    scale = half_width / 2 if known else abs(value) / 100
    decimals = 2 if scale == 0 else max(0, min(6, -math.floor(math.log10(scale))))
    text = f"{value:,.{decimals}f}"
    return text.replace("-", "" if float(text.replace(",", "")) == 0 else "−")


def capitalised(text: str) -> str:
    """The text with its first letter capital, the rest as it is."""
    return text[:1].upper() + text[1:]

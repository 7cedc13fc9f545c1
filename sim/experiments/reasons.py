"""An explanation in words: what decided the answer, what each mechanism adds, and how far to go to turn it round."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sim.experiments.explain import Explained, Part, Without
from sim.experiments.statistics import Estimate
from sim.experiments.tipping import Tipping
from sim.experiments.verdict import LEAST_LASTING, capitalised, plain
from sim.outcomes import BETTER, NAMES, UNITS, listed

TOLD = 3
"""So many parts are told one by one."""
NULL = "the null model, where people only learn"


class Reasons:
    """Sentences about one explanation."""

    def __init__(self, found: Explained, outcome: str | None = None) -> None:
        """outcome: that of the numbers that are written; the one explained if left out."""
        self.found, outcome = found, found.outcome if outcome is None else outcome
        self.name = NAMES.get(outcome, outcome)
        self.factor, unit = UNITS[outcome]
        self.unit = unit.format(currency=found.market.currency)
        whole = found.attributions[outcome].total
        self.way = 1.0 if whole.mean >= 0 else -1.0
        self.fine = (whole.high - whole.low) / 2 * self.factor

    def headline(self) -> str:
        """The answer in a line: the mechanism that decided, or that none did."""
        found = self.found
        if not found.mechanisms:
            return "Nothing: neither sustains satisfaction" if self.neither_lasts("all") else "Nothing: no mechanism is on"
        if not found.decided:
            return "Not decided, so nothing decided it"
        deciding = [one.mechanism for one in found.deciding]
        if not deciding:
            return "No mechanism decides it alone"
        one = len(deciding) == 1
        return f"{capitalised(listed(deciding))} {'decides' if one else 'each decide'} it"

    def paragraph(self) -> str:
        """The whole explanation, a few sentences."""
        found = self.found
        if not found.mechanisms:
            told = [self._nothing(), self._difference(), self._lasting()]
        else:
            told = [self._difference(), self._shared(), self._deciding(), self._largest(), self._turning(), self._lasting()]
        return " ".join(filter(None, told))

    def neither_lasts(self, where: str) -> bool:
        """Whether both strategies' satisfaction is surely gone in the last quarter. where: "all", or "none" of them on."""
        levels = self.found.lasting["all" if where == "all" else "none"]
        return all(one.high < LEAST_LASTING for one in levels.values())

    def number(self, value: float) -> str:
        """A value without its sign, with the digits that the whole difference deserves: the parts are seen to add up."""
        return plain(abs(value) * self.factor, self.fine)

    def signed(self, value: float) -> str:
        """A value with its sign."""
        text = self.number(value)
        return text if not _tells(text) else f"{'+' if value > 0 else '−'}{text}"

    def limits(self, found: Estimate | Part) -> str:
        """`0.39 to 0.45`; nothing where there is no interval."""
        if not math.isfinite(found.low):
            return ""
        return " to ".join(plain(end * self.factor, self.fine) for end in (found.low, found.high))

    # --- sentences ------------------------------------------------------------------------------------------

    def _nothing(self) -> str:
        if self.neither_lasts("all"):
            return "Nothing: neither sustains satisfaction. No mechanism is on, so that this is the null model: whatever a " \
                "strategy gives, people learn to expect it."
        return "Nothing: no mechanism is on, so that this is the null model, where people only learn."

    def _difference(self) -> str:
        found, whole = self.found, self.found.difference
        if not whole.count:
            return f"Cannot tell: in some of what was run, nobody came to measure {self.name} by."
        first, second = _quoted(found.strategy), _quoted(found.against)
        limits = self.limits(whole)
        limits = f" (95% interval {limits})" if limits and whole.low != whole.high else ""
        if not found.decided:
            return (f"{capitalised(self.name)} with {first} and with {second} differs by {self.signed(whole.mean)} "
                    f"{self.unit}{limits}, which cannot be told from no difference.")
        way = "higher" if whole.mean > 0 else "lower"
        verb = "wins" if self.way * BETTER[found.outcome] >= 0 else "loses"
        return (f"{first} {verb}: {self.name} is {self.number(whole.mean)} {self.unit} {way} than with "
                f"{second}{self._turned(whole)}.")

    def _turned(self, found: Estimate) -> str:
        turned = Estimate(-found.mean, -found.high, -found.low, found.sd, found.count)
        limits = self.limits(found if found.mean >= 0 else turned)
        return f" (95% interval {limits})" if limits and found.low != found.high else ""

    def _shared(self) -> str:
        """What the null model gives, and the mechanisms' parts, those in favour as `adds`."""
        parts, null = self.found.parts, self.found.null
        base = f"In {NULL}, the difference would be {self._of(null)}"
        neither = ", though neither sustains satisfaction there" if self.neither_lasts("none") else ""
        told = [one for one in parts if _tells(self.number(one.mean)) and self._known(one)][:TOLD]
        rest = [one for one in parts if one not in told]
        words = [f"{one.mechanism} {'adds' if one.mean * self.way > 0 else 'takes away'} {self.number(one.mean)}"
                 for one in told]
        if rest and told:
            mean = sum(one.mean for one in rest)
            kind = "adds" if mean * self.way > 0 else "takes away"
            others = rest[0].mechanism if len(rest) == 1 else f"the other {len(rest)} together"
            verb = kind if len(rest) == 1 else kind.removesuffix("s") if kind == "adds" else "take away"
            words.append(f"{others} {verb} {self.number(mean)}")
        return f"{base}{neither}; {listed(words)}." if words else f"{base}{neither}, and no mechanism changes it by much."

    def _of(self, found: Estimate) -> str:
        text = self.number(found.mean)
        if not _tells(text):
            return "nil"
        return text if found.mean * self.way > 0 else f"{text} the other way"

    def _known(self, part: Part) -> bool:
        return not math.isfinite(part.low) or part.low > 0 or part.high < 0

    def _deciding(self) -> str:
        found = self.found
        if not found.decided:
            return ""
        turning = [one for one in found.deciding if one.answer == "turns"]
        undone = [one for one in found.deciding if one.answer == "open"]
        told = [self._turns(one) for one in turning]
        if undone:
            names = listed([one.mechanism for one in undone], "or")
            told.append(f"Without {names} there would be no difference to tell.")
        if not told:
            many = len(found.without)
            alone = f"any one of the {many}" if many > 1 else found.mechanisms[0].name
            most = "Most of the difference is there in the null model already." if self._mostly_null() else ""
            return (f"No mechanism decides it alone: with {alone} switched off, {_quoted(self.better(self.way))} is still "
                    f"better. {most}").rstrip()
        return " ".join(told)

    def _mostly_null(self) -> bool:
        return self.found.null.mean * self.way > 0.5 * abs(self.found.difference.mean)

    def _turns(self, one: Without) -> str:
        better = _quoted(self.better(-self.way))
        return f"Without {one.mechanism}, {better} would be better, by {self.number(one.difference.mean)}."

    def better(self, way: float) -> str:
        """The strategy that is better where the difference has the sign `way`."""
        found = self.found
        return found.strategy if way * BETTER[found.outcome] >= 0 else found.against

    def _largest(self) -> str:
        """Named where it is not a mechanism that decides."""
        largest = self.found.largest
        if largest is None or not self.found.decided or not self._known(largest):
            return ""
        if largest.mechanism in [one.mechanism for one in self.found.deciding]:
            return ""
        return f"The largest part in its favour is that of {largest.mechanism}, without which the answer would still stand."

    def _turning(self) -> str:
        if not self.found.decided or not self.found.tipping:
            return ""
        deciding = [one.mechanism for one in self.found.deciding]
        minds = [one for one in self.found.tipping if one.flips and not one.parameter.lever]
        minds.sort(key=lambda one: one.parameter.of not in deciding)
        levers = [one for one in self.found.tipping if one.flips and one.parameter.lever]
        nearest = [many[0] for many in (minds, levers) if many]
        if not nearest:
            return "No single number turns the answer round within the range that was searched."
        told = f"The answer turns round with {self.tips(nearest[0])}"
        return f"{told}{f', or with {self.tips(nearest[1])}' if len(nearest) > 1 else ''}."

    def tips(self, one: Tipping) -> str:
        """`forgetting at 775 days instead of 180 (time in which half … is forgotten)`."""
        parameter = one.parameter
        of = _quoted(parameter.of) if parameter.lever else parameter.of
        return (f"{of} at {value_of(one.tips, one)}{unit_of(one)} instead of {value_of(parameter.value, one)} "
                f"({parameter.meaning})")

    def _lasting(self) -> str:
        """What is left in the last quarter, and which mechanism holds it up."""
        found, levels = self.found, self.found.lasting["all"]
        if any(not one.count for one in levels.values()):
            return ""
        told = listed([f"{_points(one)} with {_quoted(name)}" for name, one in levels.items()])
        if self.neither_lasts("all"):
            start = "Over" if not found.mechanisms else "Neither sustains satisfaction: over"
            return f"{start} the last quarter of the time it is {told}, 0 being exactly what is expected." \
                if found.mechanisms else f"{start} the last quarter of the time, satisfaction is {told}."
        holds = [one.mechanism for one in found.without if one.lasting.high < LEAST_LASTING] \
            if levels[found.strategy].low >= LEAST_LASTING else []
        up = f"; without {listed(holds, 'or')} it would not last with {_quoted(found.strategy)}" if holds else ""
        return f"Over the last quarter of the time, satisfaction is {told}{up}."


def value_of(x: float, one: Tipping) -> str:
    """A parameter's value with the digits that its margin deserves, at most three that count."""
    if one.parameter.whole:
        return f"{x:,.0f}"
    scale = max(abs(x), 1e-9)
    decimals = max(0, min(4, 2 - math.floor(math.log10(scale)))) if scale < 100 else 0
    text = f"{x:,.{decimals}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")


def range_of(one: Tipping) -> str:
    """What was searched: `0 to 1`, `3.75 to never`."""
    low, high = one.searched
    last = "never" if one.parameter.never and high >= one.parameter.high else value_of(high, one)
    return f"{value_of(low, one)} to {last}"


def unit_of(one: Tipping) -> str:
    """The unit after a value, where it reads as one; with a blank before it."""
    unit = one.parameter.unit
    return f" {unit}" if unit in ("days", "points", "times") or (one.parameter.lever and unit) else ""


def _quoted(name: str) -> str:
    """A strategy's name inside a sentence."""
    return f"‘{' '.join(name.split())}’"


def _tells(text: str) -> bool:
    """Whether a number as written is other than 0."""
    return any(sign in "123456789" for sign in text)


def _points(found: Estimate) -> str:
    return plain(found.mean, (found.high - found.low) / 2)


def table(found: Explained) -> Sequence[tuple[str, str, str, str]]:
    """Rows for people: the null model, every part, the whole: name, mean, interval, and what happens without it."""
    words = Reasons(found)
    said = {"holds": "the answer stands", "turns": "the answer turns round", "open": "no difference left"}
    without = {one.mechanism: said[one.answer] for one in found.without} if found.decided else {}
    rows = [("null model", words.signed(found.null.mean), words.limits(found.null), "")]
    rows += [(one.mechanism, words.signed(one.mean), words.limits(one), without.get(one.mechanism, "")) for one in found.parts]
    return [*rows, ("in all", words.signed(found.difference.mean), words.limits(found.difference), "")]

"""What a sensitivity found, in sentences: which number matters most, how much, and whether the answer turns round."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from sim.experiments.sensitivity import Axis, Screened, Sensitivity, Shared, Swing
from sim.experiments.statistics import Estimate
from sim.experiments.verdict import Words, plain
from sim.outcomes import listed

MATTERS = 0.05
"""A share of the variance below which a number hardly matters."""


def name_of(axis: Axis) -> str:
    """An uncertain number's key, short: without `psyche`."""
    return axis.key.removeprefix("psyche.")


def span_of(axis: Axis) -> str:
    """A number's range for people: `126 to 234 days`."""
    low, high = axis.said(axis.low), axis.said(axis.high)
    unit = re.search(r"[^\d.,]*$", high)
    return f"{low.removesuffix(unit[0]) if unit else low} to {high}"


def percent(share: float) -> str:
    """A share of the variance for people: an estimate may lie outside 0 to 1, a share does not."""
    return f"{min(1.0, max(0.0, share)):.0%}"


class Hangs:
    """Sentences about one sensitivity."""

    def __init__(self, found: Sensitivity) -> None:
        self.found, self.words = found, Words(found.outcome, found.market)
        self.first, self.second = (f"‘{' '.join(name.split())}’" for name in (found.strategy, found.against))

    def name(self, key: str) -> str:
        """A number's short name."""
        return name_of(self.found.axis(key))

    def number(self, value: float, half: float = math.nan) -> str:
        """A difference for people, signed."""
        text = plain(value * self.words.factor, half * self.words.factor)
        return f"{'+' if value > 0 and any(sign in '123456789' for sign in text) else ''}{text}"

    def headline(self) -> str:
        """What the answer hangs on, in a line."""
        found, top = self.found, self.found.effects[0]
        name = self.name(top.key)
        if isinstance(top, Shared):
            if top.total <= 0.0:
                return "None of these numbers moves the difference"
            return f"The difference hangs most on {name}: {percent(top.total)} of its variance, alone or with others"
        size = top.size
        if size <= 0.0:
            return "None of these numbers moves the difference"
        if isinstance(top, Screened):
            moved = f"{plain(size * self.words.factor, top.half * self.words.factor)} {self.words.unit}"
            return f"The difference hangs most on {name}, which moves it by {moved} over its range"
        if not self.sure:
            return f"Which is better cannot be told as the story stands; {name} moves the difference most"
        turns = [one for one in found.effects if isinstance(one, Swing) and self.turns(one)]
        if turns:
            return f"{listed([self.name(one.key) for one in turns])} can turn the answer round, alone"
        return f"No number alone turns the answer round; {name} moves it most"

    def unfinished(self) -> str:
        """What Ctrl-C left undone; empty where nothing is."""
        return f"Interrupted: {self.found.interrupted}." if self.found.interrupted else ""

    @property
    def sure(self) -> bool:
        """Whether the two surely differ as the story stands."""
        now = self.found.now
        return math.isfinite(now.low) and not now.low <= 0.0 <= now.high

    def sentences(self) -> list[str]:
        """The difference as it stands, each number that matters, and how often the answer turns."""
        found = self.found
        way = "higher" if found.now.mean > 0 else "lower"
        size = found.now if found.now.mean > 0 else \
            Estimate(-found.now.mean, -found.now.high, -found.now.low, found.now.sd, found.now.count)
        told = [self.unfinished()] if found.interrupted else []
        told += [f"As the story stands, {self.words.name} with {self.first} is {self.words.level(size)} {way} than with "
                f"{self.second}."]
        told += [self._one(one) for one in found.effects[:3]]
        rest = [self.name(one.key) for one in found.effects[3:]
                if isinstance(one, Shared) and one.total + one.total_half < MATTERS]
        if rest:
            who = listed(rest) if len(rest) <= 4 else f"{len(rest)} more numbers"
            told.append(f"{who} hardly matter{'s' * (len(rest) == 1)}: less than {MATTERS:.0%} each, with others too.")
        if math.isfinite(found.turned):
            told.append("Over the whole ranges, with all numbers varied together, the answer turns round at "
                        f"{found.turned:.0%} of {len(found.each):,} points.")
        return told

    def _one(self, one: Swing | Screened | Shared) -> str:
        axis, name = self.found.axis(one.key), self.name(one.key)
        if isinstance(one, Shared):
            return (f"{name}, from {span_of(axis)}: {percent(one.first)} of the variance alone (± {one.first_half:.0%}), "
                    f"{percent(one.total)} with others (± {one.total_half:.0%}).")
        if isinstance(one, Screened):
            ways = "both ways, or by how much depends on the others" if one.spread > one.size else "about as much everywhere"
            return (f"{name}, from {span_of(axis)}: moves the difference by "
                    f"{plain(one.size * self.words.factor, one.half * self.words.factor)} {self.words.unit} on average "
                    f"(± {plain(one.half * self.words.factor, one.half * self.words.factor)}), {ways}.")
        turned = ": there the answer turns round" if self.turns(one) else ""
        ends = f"{self.limits(one.low)} at {axis.said(axis.low)} and {self.limits(one.high)} at {axis.said(axis.high)}"
        return f"{name}: {ends}; it is {axis.said(axis.now)}{turned}."

    def limits(self, one: Estimate) -> str:
        """A difference at one end, with the digits it deserves."""
        return self.number(one.mean, (one.high - one.low) / 2)

    def turns(self, one: Swing) -> bool:
        """Whether the difference surely has the other sign at one end of the range."""
        now = self.found.now
        if not self.sure:
            return False
        if now.mean > 0:
            return bool(one.low.high < 0.0 or one.high.high < 0.0)
        return bool(one.low.low > 0.0 or one.high.low > 0.0)


def table(found: Sensitivity) -> tuple[Sequence[str], list[Sequence[str]]]:
    """Heads and rows for people: every number, its range, and what it does."""
    words = Hangs(found)
    unit = words.words.unit
    rows: list[Sequence[str]] = []
    for one in found.effects:
        axis = found.axis(one.key)
        first = (words.name(one.key), axis.said(axis.now), span_of(axis))
        if isinstance(one, Swing):
            rows.append((*first, words.limits(one.low), words.limits(one.high), "turns" if words.turns(one) else ""))
        elif isinstance(one, Screened):
            factor = words.words.factor
            told = [plain(x * factor, one.half * factor) for x in (one.size, one.half, one.mean, one.spread)]
            rows.append((*first, *told))
        else:
            rows.append((*first, *(f"{min(1.0, max(0.0, share)):.2f} ± {half:.2f}" for share, half in
                                   ((one.first, one.first_half), (one.total, one.total_half)))))
    heads = {"tornado": (f"at low, {unit}", "at high", "answer"), "morris": (f"μ*, {unit}", "±", "μ", "σ"),
             "sobol": ("first", "total")}[found.method]
    return ("number", "now", "range", *heads), rows

"""What a search found, in sentences: the levers, what they bring on fresh luck, what was luck, and whether limits are kept."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sim.experiments.search import Judged, Search
from sim.experiments.statistics import Estimate
from sim.experiments.verdict import Words, plain
from sim.market import Market
from sim.outcomes import listed
from sim.story.ranges import Range


def levers(ranges: Sequence[Range], point: Sequence[float]) -> str:
    """`0.surprise.chance at 63%, 0.surprise.size at 4`."""
    return listed([f"{short(one)} at {one.said(x)}" for one, x in zip(ranges, point, strict=True)])


def short(one: Range) -> str:
    """A lever's key without its strategy and the number of its move: `surprise.chance`."""
    steps = one.keys[0].rsplit(".", 2)
    name = ".".join(steps[-2:])
    return name + (f" (and {len(one.keys) - 1} more)" if one.keys[1:] else "")


def level(outcome: str, found: Estimate, market: Market) -> str:
    """`1.31 points a visit (95% interval 1.30 to 1.32)`."""
    return Words(outcome, market).level(found)


class Advice:
    """Sentences about one search."""

    def __init__(self, found: Search) -> None:
        self.found, self.words = found, Words(found.outcome, found.market)

    def headline(self) -> str:
        """What to do, in a line."""
        found = self.found
        if found.interrupted:
            return f"Best so far, on the luck that was searched: {levers(found.ranges, found.best.point)}"
        if not found.satisfied:
            return f"Nothing that was tried keeps {listed([one.text for one in found.limits])}"
        at = levers(found.ranges, found.best.point)
        if found.best.point == found.written.point or found.better <= 0:
            return "No better levers than those written were found"
        if any(one == "surely not" for one in found.within):
            return f"Best on the luck that was searched, but not within the limits on fresh luck: {at}"
        return f"Best: {at}"

    def sentences(self) -> list[str]:
        """What the best levers bring, what was luck, how limits are kept, and what a reader must know."""
        if self.found.interrupted:
            return [one for one in (f"Interrupted: {self.found.interrupted}.", self._there(), *self._limits(), self._refused())
                    if one]
        told = [self._brings(), self._gained(), *self._limits(), self._luck(), self._ends(), self._refused()]
        return [one for one in told if one]

    def _brings(self) -> str:
        found = self.found
        where = "On fresh luck" if found.satisfied else "What comes nearest is this: on fresh luck"
        value = self.words.level(found.best.outcomes[found.outcome])
        at = "these" if self.headline().startswith("Best") else levers(found.ranges, found.best.point)
        return f"{where}, {self.words.name} of ‘{found.strategy}’ is {value} with {at}."

    def _there(self) -> str:
        """What the best so far brought where it was looked at."""
        found = self.found
        there = self.words.level(found.best.outcomes[found.outcome])
        return (f"On {found.few:,} replication{'s' * (found.few != 1)} of the luck that was searched, {self.words.name} of "
                f"‘{found.strategy}’ is {there} with these; such a best is flattered by its luck.")

    def _gained(self) -> str:
        found = self.found
        if found.best.point == found.written.point:
            return "These are the levers as written."
        known = all(math.isfinite(x) for x in found.written.point)
        at = f", {levers(found.ranges, found.written.point)}" if known else ""
        if found.better == 0:
            return f"That cannot be told from the levers as written{at}: the difference is {self.words.level(found.gain)}."
        size = found.gain if found.gain.mean > 0 else \
            Estimate(-found.gain.mean, -found.gain.high, -found.gain.low, found.gain.sd, found.gain.count)
        way = "higher" if found.gain.mean > 0 else "lower"
        broken = [one.text for one in found.limits if one.kept(found.written.outcomes[one.outcome]) != "surely"]
        beside = f" These do not surely keep {listed(broken)}." if broken else ""
        return f"That is {self.words.level(size)} {way} than with the levers as written{at}.{beside}"

    def _limits(self) -> list[str]:
        told = {"surely": "surely kept", "surely not": "surely broken", "cannot be told": "whether it is kept cannot be told"}
        return [f"{one.text}: {told[kept]}; {Words(one.outcome, self.found.market).name} is "
                f"{level(one.outcome, self.found.best.outcomes[one.outcome], self.found.market)}."
                for one, kept in zip(self.found.limits, self.found.within, strict=True)]

    def _luck(self) -> str:
        found, fresh = self.found, self.found.best.outcomes[self.found.outcome]
        gap = found.optimism
        half = (fresh.high - fresh.low) / 2
        if not math.isfinite(gap):
            return ""
        there = plain(found.searched.mean * self.words.factor, half * self.words.factor)
        if math.isfinite(half) and abs(gap) <= half:
            return f"On the luck that was searched it was {there}, which is the same within the uncertainty."
        which = "flattered it" if gap > 0 else "was unkind to it"
        return f"On the luck that was searched it was {there}: that luck {which} by " \
               f"{plain(abs(gap) * self.words.factor, half * self.words.factor)}."

    def _ends(self) -> str:
        ends = [short(one) for one in self.found.at_end]
        return f"The best lies at the end of the range of {listed(ends)}: beyond it may be better." if ends else ""

    def _refused(self) -> str:
        found = self.found
        return (f"{found.refused:,} of the points looked at are refused by the story, such as: {found.why}."
                if found.refused else "")


def frontier_row(found: Search, one: Judged) -> tuple[str, str, str]:
    """A point of the frontier for people: its levers, its cost, and what that buys."""
    cost, bought = one.outcomes["cost"], one.outcomes[found.against]
    factor = Words(found.against, found.market).factor
    return (levers(found.ranges, one.point), plain(cost.mean, (cost.high - cost.low) / 2),
            plain(bought.mean * factor, (bought.high - bought.low) / 2 * factor))


def spends(found: Search) -> bool:
    """Whether the levers change what the strategy costs at all, so that there is a frontier to speak of."""
    costs = [one.means["cost"] for one in found.tried if math.isfinite(one.means["cost"])]
    return bool(costs) and max(costs) - min(costs) > 1e-9 * max(1.0, max(map(abs, costs)))


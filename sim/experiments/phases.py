"""A sweep in words: what wins at how many points, which key turns the answer round and where, and what cannot be told."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from sim.experiments.sweep import Floats, Sweep
from sim.experiments.verdict import Words, plain
from sim.outcomes import listed
from sim.story.over import Axis, with_unit, written

CLEAR: Final = 0.6
"""A key turns the answer if cutting along it explains this share of the points that the most frequent winner does not have."""
FOUR_TIMES: Final = 4
PARTS: Final = 8
MOST_CHANGES: Final = 3
"""So many changes along one key are told one by one."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """Where along an axis one strategy gives way to another: before `at` the first is better, after it the second.

    low, high: between them it cannot be told, by the intervals of the difference at the points around; −∞ or ∞ where that
    reaches beyond what was looked at.
    """

    first: str
    second: str
    at: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Turn:
    """The key along which cutting the points in two or more parts the winners best.

    parts: for each part what it is, the strategy that wins there most often, at how many points, of how many. clear: whether
    that says most of what there is to say. cut: the values at either side of the cut; None where values are no numbers.
    """

    axis: int
    parts: tuple[tuple[str, str, int, int], ...]
    clear: bool
    cut: tuple[float, float] | None


class Phases:
    """Sentences about one sweep. call: how a strategy is named in them."""

    def __init__(self, found: Sweep, call: Callable[[str], str] | None = None) -> None:
        self.found, self.words = found, Words(found.outcome, found.market)
        self.call = called if call is None else call
        self.turn = turn(found)

    def headline(self) -> str:
        """What wins at how many points."""
        found, wins = self.found, self.found.wins
        total, open_, same, unknown = len(found.spots), found.count("open"), found.count("same"), found.count("unknown")
        points = f"{f'{total:,} points' if total != 1 else 'the one point'}{'' if found.complete else ' finished'}"
        rest = [f"{open_:,} cannot be told"] if open_ else []
        rest += [f"at {same:,} the best are all but equal"] if same else []
        rest += [f"at {unknown:,} nobody came"] if unknown else []
        if not wins:
            if open_ == total:
                return f"It cannot be told what wins at any of {points}" if total != 1 else "It cannot be told what wins"
            return f"No strategy surely wins at any of {points}: {', '.join(rest)}" if total != 1 else \
                f"No strategy surely wins: {'the best are all but equal' if same else 'nobody came'}"
        (first, most), *others = wins.items()
        if most == total:
            return f"{self.call(first)} wins at {'all ' if total != 1 else ''}{points}"
        parts = [f"{self.call(first)} wins at {most:,} of {points}"]
        parts += [f"{self.call(name)} at {count:,}" for name, count in others]
        return "; ".join([", ".join(parts), ", ".join(rest)] if rest else [", ".join(parts)])

    def sentences(self) -> tuple[str, ...]:
        """What follows: what turns the answer, where the story itself stands, how much is open and what would settle it."""
        return tuple(one for one in (self.unfinished(), self.turning(), self.boundary(), self.own(), self.widest(), self.open())
                     if one)

    def unfinished(self) -> str:
        """Whether points are missing."""
        found = self.found
        return "" if found.complete else f"Interrupted: {len(found.numbers):,} of {found.design.count:,} points were finished."

    def turning(self) -> str:
        """Which key turns the answer, and roughly where."""
        if self.turn is None:
            return "" if len(self.found.wins) != 1 or self.found.count("open") else \
                "Nothing that was varied turns the answer round."
        label = self.found.design.axes[self.turn.axis].label
        if not self.turn.clear:
            return "No one key turns the answer by itself: see the map." if len(self.found.design.axes) > 1 else \
                "The answer turns more than once."
        parts = [f"{where} {self.call(name)} wins at {count:,} of {many:,}" if not place else
                 f"{where} {self.call(name)} at {count:,} of {many:,}"
                 for place, (where, name, count, many) in enumerate(self.turn.parts)]
        return f"What turns the answer is {label}: {', '.join(parts)}."

    def boundary(self) -> str:
        """Where one winner gives way to the next: along the one key, or how it moves with the other."""
        axes = self.found.design.axes
        if len(axes) == 1:
            told = [self.change(one) for one in crossings(self.found)]
            return f"{listed(told)}." if 0 < len(told) <= MOST_CHANGES else ""
        if len(axes) != 2 or self.found.design.kind != "grid" or self.turn is None or not self.turn.clear \
                or self.turn.cut is None:
            return ""
        along, other = axes[self.turn.axis], axes[1 - self.turn.axis]
        found = edges(self.found, self.turn.axis)
        if len(found) < 2:
            return ""
        (first, low), (last, high) = found[0], found[-1]
        apart = low.high < high.low or high.high < low.low
        between = f"The boundary between {self.call(low.first)} and {self.call(low.second)}"
        ends = self.where(low, along), self.where(high, along)
        if apart:
            return f"{between} moves with {other.label}, from {ends[0]} where that is {first} to {ends[1]} where it is {last}."
        return f"{between} lies at {ends[0]} where {other.label} is {first} and at {ends[1]} where it is {last}."

    def change(self, one: Crossing) -> str:
        """One strategy giving way to another along the one key."""
        return f"{self.call(one.first)} gives way to {self.call(one.second)} at {self.where(one, self.found.design.axes[0])}"

    def where(self, one: Crossing, axis: Axis) -> str:
        """`17 days (95% interval 15 to 20)`."""
        half = (one.high - one.low) / 2.0
        scale = half if math.isfinite(half) and half > 0 else abs(one.at) / 20.0
        at = with_unit(plain(one.at, scale), axis.unit)
        if not math.isfinite(one.low) and not math.isfinite(one.high):
            return f"about {at}"
        low, high = (plain(end, scale) if math.isfinite(end) else "" for end in (one.low, one.high))
        span = f"{low} to {high}" if low and high else f"below {high}" if high else f"above {low}"
        return at if low == high else f"{at} (95% interval {span})"

    def own(self) -> str:
        """What wins in the story as it is written."""
        one = self.found.own_spot
        if one.best is None or one.runner_up is None:
            return ""
        if one.state == "same":
            return f"As the story is written, {self.call(one.best)} and {self.call(one.runner_up)} are all but equal."
        ahead = f"is ahead of {self.call(one.runner_up)} by {self.words.level(one.margin)}"
        if one.state == "open":
            return f"As the story is written it cannot be told: {self.call(one.best)} {ahead}."
        return f"As the story is written, {self.call(one.best)} wins: it {ahead}."

    def widest(self) -> str:
        """By how much each strategy wins where it wins by most."""
        told = []
        for name in self.found.wins:
            number, best = max(((number, one) for number, one in zip(self.found.numbers, self.found.spots, strict=True)
                                if one.state == "won" and one.best == name), key=lambda pair: pair[1].margin.mean)
            values = zip(self.found.design.axes, self.found.design.point(number), strict=True)
            where = ", ".join(f"{axis.label} = {value}" for axis, value in values)
            told.append(f"{self.call(name)} by {self.words.level(best.margin).split(' (')[0]} ({where})")
        return f"By most: {listed(told)}." if told else ""

    def open(self) -> str:
        """What would settle the points that cannot be told."""
        open_ = [one for one in self.found.spots if one.state == "open"]
        if not open_:
            return ""
        made = self.found.market.replications
        if made < 2:
            return "One replication cannot say how much is luck: take more --replications."
        settled = sum(one.more_replications is not None and one.more_replications <= (FOUR_TIMES - 1) * made for one in open_)
        those = "the open point" if len(open_) == 1 else f"all {len(open_):,} open points" if settled == len(open_) else \
            f"about {settled:,} of the {len(open_):,} open points"
        if not settled:
            none = "settle none of the open points" if len(open_) > 1 else "not settle the open point"
            return f"Four times as many replications would {none}."
        return f"Four times as many replications would settle {those}."


def called(name: str) -> str:
    """A strategy's name in a sentence."""
    return f"‘{' '.join(name.split())}’"


def turn(found: Sweep) -> Turn | None:
    """The key that parts the winners best; None with fewer than two of them. Ties go to the key given first."""
    won = [place for place, one in enumerate(found.spots) if one.state == "won"]
    winners = [str(found.spots[place].best) for place in won]
    if len(set(winners)) < 2:
        return None
    base = max(winners.count(name) for name in set(winners))
    best: tuple[int, Turn] | None = None
    for axis in range(len(found.design.axes)):
        told = _cut(found, axis, won, winners) if found.numeric(axis) else _grouped(found, axis, won, winners)
        if told is not None and (best is None or told[0] > best[0]):
            best = told
    if best is None:
        return None
    right, one = best
    names = {name for _, name, _, _ in one.parts}
    clear = len(names) > 1 and right - base >= CLEAR * (len(won) - base)
    return Turn(one.axis, one.parts, clear, one.cut)


def _most(winners: Sequence[str]) -> tuple[str, int]:
    names = sorted(set(winners), key=winners.index)
    top = max(names, key=winners.count)
    return top, winners.count(top)


def _cut(found: Sweep, axis: int, won: Sequence[int], winners: Sequence[str]) -> tuple[int, Turn] | None:
    """The one value along a numeric axis that parts the winners best."""
    all_ = found.positions(axis)
    where = all_[list(won)]
    values = sorted(set(where.tolist()))
    best: tuple[int, Turn] | None = None
    for low, high in itertools.pairwise(values):
        sides = [[name for name, x in zip(winners, where, strict=True) if (x <= low) == below] for below in (True, False)]
        (left, count), (right, other) = (_most(side) for side in sides)
        if left == right or (best is not None and count + other <= best[0]):
            continue
        first, last = _named(found.design.axes[axis], low, high, sorted(set(all_.tolist())))
        parts = (first, left, count, int((all_ <= low).sum())), (last, right, other, int((all_ >= high).sum()))
        best = count + other, Turn(axis, parts, True, (low, high))
    return best


def _named(axis: Axis, low: float, high: float, values: Sequence[float]) -> tuple[str, str]:
    """What lies on either side of a cut between two neighbouring values."""
    if axis.count:
        before, after = written(low, axis.unit), written(high, axis.unit)
        return (f"at {before}" if low == values[0] else f"up to {before}",
                f"at {after}" if high == values[-1] else f"from {after} on")
    middle = math.sqrt(low * high) if axis.log else (low + high) / 2.0
    shown = with_unit(plain(middle, high - low), axis.unit)
    return f"below {shown}", f"above {shown}"


def _grouped(found: Sweep, axis: int, won: Sequence[int], winners: Sequence[str]) -> tuple[int, Turn] | None:
    """Along an axis of values that are no numbers: what wins most often at each of them."""
    all_, listed_ = found.positions(axis), found.design.axes[axis].listed
    groups: dict[str, list[tuple[int, int]]] = {}
    for place in sorted(set(all_[list(won)].tolist())):
        here = [name for name, at in zip(winners, won, strict=True) if all_[at] == place]
        name, count = _most(here)
        groups.setdefault(name, []).append((int(place), count))
    parts = tuple((f"at {listed([listed_[place] for place, _ in places])}", name, sum(count for _, count in places),
                   int(np.isin(all_, [place for place, _ in places]).sum())) for name, places in groups.items())
    return sum(count for _, _, count, _ in parts), Turn(axis, parts, True, None)


def crossings(found: Sweep) -> list[Crossing]:
    """Where along its one key, if that is numbers, one strategy that surely wins somewhere gives way to another one."""
    if len(found.design.axes) > 1 or not found.numeric(0):
        return []
    order = np.argsort(found.positions(0), kind="stable")
    changes = along(found, order, found.positions(0)[order], found.design.axes[0])
    return [one for one in changes if {one.first, one.second} <= set(found.wins)]


def along(found: Sweep, order: Sequence[int] | np.ndarray, where: Floats, axis: Axis) -> list[Crossing]:
    """The changes of the best mean along these points, in ascending order of where they lie."""
    spots = [found.spots[place] for place in order]
    at = [x for x, one in enumerate(spots) if one.best is not None]
    told = []
    for here, there in itertools.pairwise(at):
        first, second = spots[here].best, spots[there].best
        if first is None or second is None or first == second or "same" in (spots[here].state, spots[there].state):
            continue
        one, other = (found.strategies.index(name) for name in (first, second))
        gains = found.gains[np.asarray(order), other, one]  # how much better the second is
        x = _zero(where, gains[:, 0], here, there, axis)
        told.append(Crossing(first, second, x, _until(where, gains[:, 2], here, -1, axis),
                             _until(where, gains[:, 1], there, 1, axis)))
    return told


def _until(where: Floats, limit: Floats, start: int, step: int, axis: Axis) -> float:
    """From `start` in steps: where a limit of the difference passes 0 and the winner there is sure; ±∞ where it does not."""
    place = start
    while 0 <= place < len(where):
        if math.isfinite(limit[place]) and limit[place] * step > 0.0:
            left = min(place, place - step)
            return _zero(where, limit, left, left + 1, axis)
        place += step
    return math.inf * step


def _zero(where: Floats, values: Floats, left: int, right: int, axis: Axis) -> float:
    """Where a straight line between two points passes 0; along a logarithmic axis, a line over the logarithm."""
    low, high = float(values[left]), float(values[right])
    share = 0.5 if high == low or not math.isfinite(high - low) else min(1.0, max(0.0, low / (low - high)))
    a, b = float(where[left]), float(where[right])
    return a * (b / a) ** share if spaced_by_ratio(axis, where) and a > 0 else a + (b - a) * share


def spaced_by_ratio(axis: Axis, where: Floats) -> bool:
    """Whether an axis is better drawn by ratio: where it is said, or where the values listed are spaced more evenly so."""
    values = np.unique(where)
    if axis.log or len(values) < 3 or values[0] <= 0.0 or not axis.listed:
        return axis.log
    even, ratio = np.diff(values), np.diff(np.log(values))
    return bool(ratio.std() / ratio.mean() < even.std() / even.mean())


def edges(found: Sweep, axis: int) -> list[tuple[str, Crossing]]:
    """Of a grid of two keys: for each value of the other key, where the answer first turns along this one."""
    other, told = 1 - axis, []
    where, beside = found.positions(axis), found.positions(other)
    for value in np.unique(beside):
        here = np.flatnonzero(beside == value)
        order = here[np.argsort(where[here], kind="stable")]
        if changes := along(found, order, where[order], found.design.axes[axis]):
            told.append((found.design.point(found.numbers[order[0]])[other], changes[0]))
    return [one for one in told if {one[1].first, one[1].second} == {told[0][1].first, told[0][1].second}
            and one[1].first == told[0][1].first]


def importance(found: Sweep) -> list[int]:
    """The axes by how much of what decides they explain, most first.

    That is the share of a variance, of how far the strategy that wins most often is ahead of the next, which lies between up to
    PARTS parts of an axis.
    """
    names = [*found.wins, *(name for name in found.strategies if name not in found.wins)]
    first, second = (found.strategies.index(name) for name in names[:2])
    gain = found.gains[:, first, second, 0]
    known = np.isfinite(gain)

    def explained(axis: int) -> float:
        where = found.positions(axis)[known]
        values = np.unique(where)
        parts = np.searchsorted(values, where) if len(values) <= PARTS else \
            np.minimum((np.argsort(np.argsort(where, kind="stable"), kind="stable") * PARTS) // len(where), PARTS - 1)
        total = float(gain[known].var())
        means = sum(float((parts == part).mean()) * (float(gain[known][parts == part].mean()) - float(gain[known].mean())) ** 2
                    for part in np.unique(parts))
        return means / total if total > 0 else 0.0

    return sorted(range(len(found.design.axes)), key=lambda axis: -explained(axis))

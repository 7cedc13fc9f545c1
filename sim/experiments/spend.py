"""Fair fights: every strategy scaled until it costs the same, and what a point of satisfaction and a kept customer then cost.

A strategy's lever is one number or several, all multiplied by one factor. What it costs is lived on the very people and luck of
the comparison, so that its strategies cost the same in it and not only on average over luck; the factor is bracketed by
doubling and halving, then found by false position, halved where that crawls.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.engine.records import Run
from sim.experiments.evaluate import Bench
from sim.experiments.returns import ratio
from sim.experiments.statistics import ROUNDING, Estimate, estimate, student
from sim.experiments.verdict import Words, plain
from sim.market import Market
from sim.outcomes import listed

Floats = NDArray[np.float64]

CLOSE, NEAR = 0.001, 0.005
"""The cost is met within so small a share of the amount; where it goes in steps, within NEAR or what luck leaves open."""
TOGETHER: Final = 1e-9
"""Factors nearer than this are one: a gift more or less is then what lies between them."""
MOST_LOOKS, USUAL_LOOKS = 40, 8
"""So many factors at most are tried for one strategy; about so many where nothing is odd."""
DOUBLINGS: Final = 16
TIE: Final = "name another lever, or tie its cost to it, as in --lever 'KEY & KEY OF ITS COST'"
SPENDING: Final = "scaling to equal spend"
BOUGHT: Final = {"satisfaction": "a point of satisfaction a visit", "retention": "a kept customer"}
"""What money is asked to buy, and what one of it is called."""


@dataclass(frozen=True, slots=True)
class Scaled:
    """A strategy at equal spend. factor: what its lever was multiplied by, 1 for one that has no moves and stays as it is.

    keys: the lever; was, now: its values before and after, as `--set` takes them. cost: money per starting customer.
    """

    strategy: str
    keys: tuple[str, ...]
    was: tuple[str, ...]
    now: tuple[str, ...]
    factor: float
    cost: Estimate


@dataclass(frozen=True, slots=True)
class Price:
    """What one unit of an outcome costs with a strategy beside the baseline, with a 95% interval for all strategies at once.

    undefined: why there is none, empty where there is.
    """

    strategy: str
    against: str
    outcome: str
    rate: float
    low: float
    high: float
    undefined: str


@dataclass(frozen=True)
class Spending:
    """What it took to make all strategies cost `amount` a customer, and what that buys."""

    market: Market
    amount: float
    scaled: tuple[Scaled, ...]
    prices: tuple[Price, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """The same for people."""
        currency = self.market.currency
        moved = [one for one in self.scaled if one.keys]
        words = Words("cost", self.market)
        told = [f"Every strategy with moves is scaled to cost {self.amount:,.6g} {currency} a customer: " + "; ".join(
            f"{words.call(one.strategy)} {one.factor:.4g} times ({_changed(one)})" for one in moved) + "."]
        told += [f"{words.call(one.strategy)} has no moves and stays as it is, at {plain(one.cost.mean, math.nan)} {currency}."
                 for one in self.scaled if not one.keys]
        for outcome, name in BOUGHT.items():
            told.append(f"{name[0].upper()}{name[1:]} costs " + "; ".join(
                self._price(one, words) for one in self.prices if one.outcome == outcome) + ".")
        return tuple(told)

    def _price(self, one: Price, words: Words) -> str:
        if one.undefined:
            return f"with {words.call(one.strategy)} nothing that could be said: {one.undefined}"
        half, each = (one.high - one.low) / 2, " a customer" * (one.outcome != "retention")
        return (f"{plain(one.rate, half)} {self.market.currency}{each} with {words.call(one.strategy)} "
                f"({plain(one.low, half)} to {plain(one.high, half)})")


def _changed(one: Scaled) -> str:
    """`surprise.chance 0.18 instead of 0.25`."""
    def value(text: str) -> str:
        number, blank, unit = text.partition(" ")
        try:
            return f"{plain(float(number), math.nan)}{blank}{unit}"
        except ValueError:
            return text

    return listed([f"{'.'.join(key.rsplit('.', 2)[-2:])} {value(now)} instead of {value(was)}"
                   for key, was, now in zip(one.keys, one.was, one.now, strict=True)])


class SpendError(ValueError):
    """A strategy that cannot be made to cost the amount; the text says why and what to do, in a sentence."""


Factored = Callable[[float], Market | None]
"""The market with a strategy's lever multiplied; None where the story refuses that."""


Scaling = Generator[Market, Estimate, tuple[float, Estimate]]
"""A search for a factor: it asks what its strategy costs on a market, is told, and says at last which factor, and its cost."""
Cost = Generator[Market, Estimate, float]


def factors(wanted: Mapping[str, Scaling], bench: Bench, told: Callable[[int], None] | None = None
            ) -> dict[str, tuple[float, Estimate]]:
    """The factor of each strategy and what it then costs. All are looked for at once, a look of each a batch.

    told: called with how many are found. Errors: SpendError as for `factor_for`; KeyboardInterrupt
    says how far it came.
    """
    found: dict[str, tuple[float, Estimate]] = {}
    asks: dict[str, Market] = {}

    def step(name: str, cost: Estimate | None) -> None:
        try:
            asks[name] = next(wanted[name]) if cost is None else wanted[name].send(cost)
        except StopIteration as end:
            found[name] = end.value
            asks.pop(name, None)

    try:
        for name in wanted:
            step(name, None)
        while asks:
            now = list(asks)
            lived = bench.values([(asks[name], name) for name in now])
            for name, one in zip(now, lived, strict=True):
                step(name, estimate(one["cost"]))
            if told is not None:
                told(len(found))
    except KeyboardInterrupt:
        raise KeyboardInterrupt(f"{len(found)} of {len(wanted)} strategies were scaled and none was run, so nothing is kept "
                                "but finished cells") from None
    return {name: found[name] for name in wanted}


def factor_for(amount: float, strategy: str, put: Factored, said: Callable[[float], str]) -> Scaling:
    """Look for the factor at which a strategy costs the amount. said: what a factor makes of the lever.

    Errors: SpendError where its cost does not move, cannot reach the amount, or is refused on the way.
    """
    return _Scale(amount, strategy, put, said).find()


class _Scale:
    """Looking for one strategy's factor."""

    def __init__(self, amount: float, strategy: str, put: Factored, said: Callable[[float], str]) -> None:
        self.amount, self.strategy, self.put, self.said = amount, strategy, put, said
        self.costs: dict[float, Estimate] = {}

    def cost(self, factor: float) -> Cost:
        """What it costs more than the amount. Errors: SpendError where the story refuses the factor."""
        if factor not in self.costs:
            market = self.put(factor)
            if market is None:
                raise SpendError(f'"{self.strategy}" cannot be scaled to cost {self.amount:,.6g}: the story refuses '
                                 f"{self.said(factor)}; name another lever with --lever, one that takes any number")
            self.costs[factor] = yield market
        return self.costs[factor].mean - self.amount

    def find(self) -> Scaling:
        """Bracket the amount, then close in on it."""
        low, high = yield from self._bracket()
        best = min(self.costs, key=lambda one: abs(self.costs[one].mean - self.amount))
        turn = 0
        while abs(self.costs[best].mean - self.amount) > CLOSE * self.amount:
            if len(self.costs) >= MOST_LOOKS or high - low <= TOGETHER * high:
                best = min(self.costs, key=lambda one: abs(self.costs[one].mean - self.amount))
                if self._near(self.costs[best]):
                    break
                raise SpendError(f'what "{self.strategy}" costs jumps over {self.amount:,.6g}: it is '
                                 f"{self.costs[low].mean:,.4g} with {self.said(low)} and {self.costs[high].mean:,.4g} with "
                                 f"{self.said(high)}; name another amount or another lever")
            under, over = (yield from self.cost(low)), (yield from self.cost(high))
            middle = (low + high) / 2 if turn % 3 == 2 else low + (high - low) * -under / (over - under)
            best, turn = middle, turn + 1
            low, high = (middle, high) if (yield from self.cost(middle)) < 0.0 else (low, middle)
        return best, self.costs[best]

    def _near(self, cost: Estimate) -> bool:
        """Whether a cost is the amount within NEAR, or within its own 95% interval."""
        half = (cost.high - cost.low) / 2 if math.isfinite(cost.low) else 0.0
        return abs(cost.mean - self.amount) <= max(NEAR * self.amount, half)

    def _bracket(self) -> Generator[Market, Estimate, tuple[float, float]]:
        """A factor that costs too little and one that costs enough."""
        start = yield from self.cost(1.0)
        way = 2.0 if start < 0.0 else 0.5
        at = 1.0
        for _ in range(DOUBLINGS):
            further = at * way if self.put(at * way) is not None else self._last_allowed(at, at * way)
            if abs(further - at) <= TOGETHER * at:
                break
            apart = yield from self.cost(further)
            self._check(apart - start, way)
            if (apart < 0.0) != (start < 0.0):
                return (at, further) if way > 1.0 else (further, at)
            at = further
        most = "at most" if way > 1.0 else "at least"
        raise SpendError(f'"{self.strategy}" cannot be made to cost {self.amount:,.6g} a customer: it costs {most} '
                         f"{self.costs[at].mean:,.4g}, with {self.said(at)}; {TIE}")

    def _check(self, moved: float, way: float) -> None:
        """Errors: SpendError where the cost does not move, or the wrong way."""
        if abs(moved) <= ROUNDING * max(self.costs[1.0].mean, 1.0):
            raise SpendError(f'scaling {self.said(1.0)} does not change what "{self.strategy}" costs; {TIE}')
        if (moved > 0.0) != (way > 1.0):
            raise SpendError(f'more than {self.said(1.0)} makes "{self.strategy}" cost less; name another lever with --lever')

    def _last_allowed(self, good: float, bad: float) -> float:
        """The last factor before `bad` that the story allows."""
        for _ in range(40):
            middle = (good + bad) / 2
            good, bad = (good, middle) if self.put(middle) is None else (middle, bad)
        return good


def prices(runs: Mapping[str, Run]) -> tuple[Price, ...]:
    """What a point of satisfaction and a kept customer cost with each strategy beside the first."""
    (first, base), *others = runs.items()
    return tuple(_price(name, run, first, base, outcome, len(others)) for outcome in BOUGHT for name, run in others)


def _price(name: str, run: Run, first: str, base: Run, outcome: str, tries: int) -> Price:
    cost, bought = (run.outcomes[about] - base.outcomes[about] for about in ("cost", outcome))
    known = np.isfinite(cost + bought)
    cost, bought = cost[known], bought[known]
    undefined = _why_not(bought, outcome, first, tries)
    rate, low, high = (math.nan, math.nan, math.nan) if undefined else ratio(cost, bought, tries)
    return Price(name, first, outcome, rate, low, high, undefined)


def _why_not(bought: Floats, outcome: str, first: str, tries: int) -> str:
    """Why there is no price of what a strategy brings more than the baseline; empty where that is surely more."""
    name = {"satisfaction": "satisfaction", "retention": "the share of customers kept"}[outcome]
    if len(bought) < 2:
        return "too few replications"
    half = student(len(bought), tries) * float(np.std(bought, ddof=1)) / math.sqrt(len(bought))
    if bought.mean() > half and bought.mean() > ROUNDING:
        return ""
    if bought.mean() < -half:
        return f"{name} is lower than with {first}"
    return f"{name} cannot be told from that with {first}"


def spending(market: Market, amount: float, scaled: Sequence[Scaled], runs: Mapping[str, Run]) -> Spending:
    """What equal spend came to. runs: of the market in which all are scaled."""
    return Spending(market, amount, tuple(scaled), prices(runs) if len(runs) > 1 else ())


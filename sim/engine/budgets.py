"""Budgets: what each move that has one has cost so far, added up every midnight, and the day on which it is over.

Firms act on what happened until yesterday, as people do: the day that uses a budget up is paid in full, and the next one is
without the move.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, inf
from typing import Final

import numpy as np

from sim.engine.clock import Floats, Street
from sim.engine.records import BUDGETS, Table
from sim.engine.tally import Tally
from sim.market import Budgeted, Contact, EachTime, Market, Move, Programme, Recovery, Surprise, Winback, chooses
from sim.rules.world import Mind, World

NOT_SPENT: Final = -1


@dataclass
class Purse:
    """The budget of one move of one firm, which `place` in its strategy says.

    prices: what one of each thing costs that it gives to people, from position `first` of their `Mind.given` on. spent: money
    so far. over: the first day without the move; NOT_SPENT while there is money left.
    """

    firm: int
    place: int
    move: Budgeted
    first: int
    prices: tuple[float, ...]
    spent: float = 0.0
    over: int = NOT_SPENT

    def runs(self, day: int) -> bool:
        """Whether it may still be used up on this day or later."""
        return self.over == NOT_SPENT and day < self.move.until


def purses(market: Market, street: Street, world: World) -> list[Purse]:
    """Every budget of the firms that people go to, none of it spent."""
    counts = {Surprise: 0, Recovery: world.surprises}
    found = []
    for firm, strategy in enumerate(street.playing[:len(market.firms) if chooses(market) else 1]):
        for place, move in enumerate(strategy.moves):
            first = counts.get(type(move), world.surprises + world.recoveries)
            if type(move) in counts:
                counts[type(move)] += 1
            if isinstance(move, Budgeted) and move.budget < inf:
                later = {Programme: 1, Winback: 1 + world.tiers}.get(type(move), 0)
                found.append(Purse(firm, place, move, first + later, _prices(move)))
    return found


def _prices(move: Move) -> tuple[float, ...]:
    """What one of each thing costs that a move gives to people."""
    if isinstance(move, Recovery):
        return (move.cost + move.compensation,)
    if isinstance(move, Surprise | Contact | Winback):
        return (move.cost,)
    return tuple(tier.cost for tier in move.tiers) if isinstance(move, Programme) else ()


def settle(street: Street, found: list[Purse], day: int, world: World, mind: Mind, tally: Tally) -> None:
    """The midnight after `day`: add up what every move with a budget has cost, and end those that have used theirs up."""
    given = np.asarray(mind.given).reshape(-1, max(1, world.gifts)).sum(axis=0)
    for purse in found:
        visits = np.asarray(tally.by_day)[purse.firm * world.days:purse.firm * world.days + day + 1, 0]
        purse.spent = cost(purse, day, given, visits, street.rates[purse.firm][:day + 1, purse.place])
        if purse.runs(day) and purse.spent >= purse.move.budget and day + 1 < min(world.days, purse.move.until):
            purse.over = day + 1
            street.stop(purse.firm, purse.place, purse.over)


def cost(purse: Purse, day: int, given: Floats, visits: Floats, rates: Floats) -> float:
    """What a move has cost up to the end of `day`: once, at every visit, and each time.

    given: how often people were given what is paid each time; visits, rates: how often they came on each day, and what the move
    cost at each of these visits.
    """
    move = purse.move
    once = 0.0 if isinstance(move, EachTime) or ceil(move.at) > day else move.cost
    each = sum(price * float(given[purse.first + at]) for at, price in enumerate(purse.prices))
    return once + float(np.sum(visits * rates)) + each


def rows(market: Market, found: list[Purse], replication: int) -> Table | None:
    """The budgets of one replication as rows of `records.BUDGETS`; None where there is none."""
    if not found:
        return None
    return dict(zip(BUDGETS, (
        np.full(len(found), replication), np.array([market.firms[one.firm].name for one in found]),
        np.array([one.place + 1 for one in found]), np.array([type(one.move).__name__.lower() for one in found]),
        np.array([one.move.budget for one in found]), np.array([one.spent for one in found]),
        np.array([float(one.over) if one.over != NOT_SPENT else np.nan for one in found])), strict=True))

"""The market clock: what firms do, day by day, told by SimPy processes and written down as tables.

A day's order is fixed: the market moves → customers act on yesterday's aggregates → measures are taken. Here the
movers wake at the start of a day and the recorder half a day later, so that no order of registration can matter.
Schedules known in advance need no customer: the whole horizon is told first and the kernel reads it.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from math import ceil

import numpy as np
import simpy
from numpy.typing import NDArray

from sim.market import Consistency, Firm, Market, Promise, Strategy, Surprise, Upgrade

Floats = NDArray[np.float64]
Days = Generator[simpy.events.Timeout, None, None]

DAY_ORDER = ("the market moves", "customers act on yesterday's aggregates", "measures are taken")


@dataclass(frozen=True)
class Schedule:
    """What firms do on each day of the horizon.

    quality, noise: (days, K) ours, points. rival_quality: (days, R, K). surprises: (days, S) and promises: (days, P)
    roll-out in [0, 1]. once: (days,) money spent that day whatever happens. running: (days,) money a visit.
    """

    quality: Floats
    noise: Floats
    rival_quality: Floats
    surprises: Floats
    promises: Floats
    once: Floats
    running: Floats


def rollout(day: float, at: float, until: float, over: float) -> float:
    """How far a move is rolled out on a day: 0 before `at` and from `until`, rising linearly over `over` days to 1."""
    if day < at or day >= until:
        return 0.0
    return 1.0 if over <= 0.0 else min(1.0, (day + 1.0 - at) / over)


def schedule(market: Market, strategy: Strategy) -> Schedule:
    """Let the market's clock run over the whole horizon under one strategy."""
    environment = simpy.Environment()
    street = _Street(market, strategy)
    for position, move in enumerate(strategy.moves):
        environment.process(street.moving(environment, position, move.at, move.until, move.over))
    for position, firm in enumerate(market.firms):
        environment.process(street.trading(environment, position, firm))
    environment.process(street.recording(environment))
    environment.run(until=market.horizon)
    return street.schedule()


class _Street:
    """The firms of one market while their clock runs: how far each move is rolled out, and each firm's own path."""

    def __init__(self, market: Market, strategy: Strategy) -> None:
        attributes, days = len(market.attributes), market.horizon
        self.market, self.strategy = market, strategy
        self.rolled = [0.0] * len(strategy.moves)
        self.levels = [list(firm.quality) for firm in market.firms]
        self.quality = np.zeros((days, attributes))
        self.noise = np.zeros((days, attributes))
        self.rival_quality = np.zeros((days, len(market.firms) - 1, attributes))
        self.rollouts = np.zeros((days, len(strategy.moves)))

    def moving(self, environment: simpy.Environment, position: int, at: float, until: float, over: float) -> Days:
        """One move: asleep until it starts, daily while it rolls out, asleep until it ends."""
        yield environment.timeout(ceil(at))
        while environment.now < until:
            self.rolled[position] = rollout(environment.now, at, until, over)
            whole = self.rolled[position] >= 1.0
            yield environment.timeout(max(1.0, ceil(until) - environment.now) if whole else 1.0)
        self.rolled[position] = 0.0

    def trading(self, environment: simpy.Environment, position: int, firm: Firm) -> Days:
        """One firm's own path: standing still, improving, leaping or imitating ours with a lag."""
        if firm.leaps is None and firm.imitates is None and not any(firm.improves):
            return
        while True:
            day = int(environment.now)
            leaps = 0 if firm.leaps is None else int(day // firm.leaps.every)
            for k, start in enumerate(firm.quality):
                level = start + firm.improves[k] * day
                if firm.leaps is not None:
                    level += firm.leaps.by[k] * leaps
                seen = -1 if firm.imitates is None else day - max(1, ceil(firm.imitates.after))
                if firm.imitates is not None and seen >= 0:
                    lead = self.quality[seen, k] - level
                    level += firm.imitates.share * max(0.0, float(lead))
                self.levels[position][k] = level
            yield environment.timeout(1.0)

    def recording(self, environment: simpy.Environment) -> Days:
        """Half a day after the movers: write down what every firm is on this day."""
        yield environment.timeout(0.5)
        while True:
            day = int(environment.now)
            self.rollouts[day] = self.rolled
            self.quality[day] = self.levels[0]
            self.noise[day] = self.market.firms[0].noise
            for share, move in zip(self.rolled, self.strategy.moves, strict=True):
                touched = slice(None) if move.attribute is None else slice(move.attribute, move.attribute + 1)
                if isinstance(move, Upgrade):
                    self.quality[day, touched] += share * move.by
                elif isinstance(move, Consistency):
                    self.noise[day, touched] *= 1.0 - share * move.by
            for position, level in enumerate(self.levels[1:]):
                self.rival_quality[day, position] = level
            yield environment.timeout(1.0)

    def schedule(self) -> Schedule:
        """The finished tables, with what the moves cost."""
        moves = self.strategy.moves
        once, running = np.zeros(self.market.horizon), np.zeros(self.market.horizon)
        for position, move in enumerate(moves):
            if not isinstance(move, Surprise) and ceil(move.at) < self.market.horizon:
                once[ceil(move.at)] += move.cost
            if isinstance(move, Upgrade | Consistency):
                running += move.running * self.rollouts[:, position]
        surprises = [position for position, move in enumerate(moves) if isinstance(move, Surprise)]
        promises = [position for position, move in enumerate(moves) if isinstance(move, Promise)]
        return Schedule(self.quality, self.noise, self.rival_quality, self.rollouts[:, surprises],
                        self.rollouts[:, promises], once, running)

"""The market clock: what firms do, day by day, told by SimPy processes and written down as tables.

A day's order is fixed: the market moves → customers act on yesterday's aggregates → measures are taken. Here the
movers wake at the start of a day and the recorder half a day later, so that no order of registration can matter.
Schedules known in advance need no customer: the whole horizon is told first and the kernel reads it.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
import simpy
from numpy.typing import NDArray

from sim.market import (
    Consistency,
    Contact,
    EachTime,
    File,
    Firm,
    Market,
    Match,
    Move,
    Price,
    Programme,
    Promise,
    Recovery,
    Research,
    Staffing,
    Strategy,
    Surprise,
    Upgrade,
    Winback,
    chooses,
    limited,
    played,
    rollout,
)
from sim.rules.world import PROGRAMME_UNTIL

Floats = NDArray[np.float64]
Days = Generator[simpy.events.Timeout, None, None]

DAY_ORDER = ("the market moves", "customers act on yesterday's aggregates", "measures are taken")


@dataclass(frozen=True)
class Schedule:
    """What firms do on each day of the horizon.

    quality, noise: (days, K) ours as delivered, points; designed: the standard it sets, believed: what it believes is expected.
    rival_quality, rival_noise: (days, R, K). surprises: (days, S), promises and the highest of them so far, heard: (days, P),
    recoveries: (days, R') of all firms that people go to, ours first; contact, winback, file: (days,) roll-out in [0, 1], and
    −1 where only contacts booked before are still made, and where no file is kept. programme: its first day, the day it ends,
    days of a period, attribute lifted (−1: all); nothing where there is none. once: (days,
    firms) money a firm spends that day whatever happens. running: (days, firms) money a visit. on_duty: (days, J, 2) how many
    serve at each firm, ours first, and for how many hours; 0 where nobody waits. price, margin: (days, J) what a visit to each
    firm costs, ours first, and what it earns the firm.
    """

    quality: Floats
    noise: Floats
    designed: Floats
    believed: Floats
    rival_quality: Floats
    rival_noise: Floats
    surprises: Floats
    promises: Floats
    heard: Floats
    recoveries: Floats
    contact: Floats
    winback: Floats
    programme: Floats
    file: Floats
    once: Floats
    running: Floats
    on_duty: Floats
    price: Floats
    margin: Floats


def schedule(market: Market, strategy: Strategy) -> Schedule:
    """The whole horizon under one strategy, where no customer has a say in what firms do."""
    street = Street(market, strategy)
    street.advance(market.horizon)
    return street.schedule


def surveys(strategy: Strategy) -> list[tuple[int, Research]]:
    """The days on which our firm asks its customers what they expect, in order, each with the move that asks."""
    return sorted(((ceil(move.at + number * move.every), move) for move in strategy.moves if isinstance(move, Research)
                   for number in range(ceil((move.until - move.at) / move.every))
                   if ceil(move.at + number * move.every) < move.until), key=lambda one: one[0])


def told_in_advance(market: Market, strategy: Strategy) -> bool:
    """Whether no customer has a say in what firms do: where ours asks for nothing and no firm's move has a budget."""
    return not surveys(strategy) and not limited(market, strategy)


class Street:
    """The firms of one market while their clock runs: each firm's path, and what ours believes and sets as its standard.

    `schedule` is filled day by day as the clock advances, so that what customers did until today may change tomorrow.
    """

    def __init__(self, market: Market, strategy: Strategy) -> None:
        days, attributes = market.horizon, len(market.attributes)
        self.market, self.strategy = market, strategy
        self.playing = played(market, strategy)
        self.rollouts = [_rollouts(one, days) for one in self.playing]
        self.levels = [list(firm.quality) for firm in market.firms]
        self.beliefs = np.array(market.firms[0].believes, dtype=np.float64)
        self.coming: list[tuple[int, Floats]] = []
        self.rates = [np.zeros((days, len(one.moves))) for one in self.playing]

        def levels() -> Floats:
            return np.zeros((days, attributes))

        def rivals() -> Floats:
            return np.zeros((days, len(market.firms) - 1, attributes))

        def money() -> Floats:
            return np.zeros((days, len(market.firms)))

        promises = self.rolled_of(Promise)
        self.schedule = Schedule(
            quality=levels(), noise=levels(), designed=levels(), believed=levels(),
            rival_quality=rivals(), rival_noise=rivals(), surprises=self.rolled_of(Surprise),
            promises=promises, heard=np.maximum.accumulate(promises, axis=0), recoveries=self.rolled_of(Recovery),
            contact=self.rolled_of(Contact).sum(axis=1), winback=self.rolled_of(Winback).sum(axis=1),
            programme=_programme(strategy), file=self.on_file(), once=money(), running=money(),
            on_duty=hands_on_duty(market, self.playing),
            price=np.tile([firm.price for firm in market.firms], (days, 1)),
            margin=np.tile([firm.margin for firm in market.firms], (days, 1)))
        self.book()
        self.environment = simpy.Environment()
        for position, firm in enumerate(market.firms):
            self.environment.process(self.trading(position, firm))
        self.environment.process(self.recording())

    def advance(self, until: float) -> None:
        """Let the clock run, and write down every day before `until`."""
        if until > self.environment.now:
            self.environment.run(until=until)

    def learn(self, day: int, lag: float, expected: Floats) -> None:
        """Our firm believes from `lag` days after `day` on that customers expect this, (K,) points."""
        self.coming.append((day + ceil(lag), expected))

    def stop(self, firm: int, place: int, day: int) -> None:
        """From `day` on, which is yet to come, a firm's move is over, as if it had been meant to end then.

        place: its position in the firm's strategy. Contacts that are booked are still made.
        """
        move, found = self.playing[firm].moves[place], self.schedule
        self.rollouts[firm][day:, place] = 0.0
        found.surprises[day:], found.recoveries[day:] = self.rolled_of(Surprise)[day:], self.rolled_of(Recovery)[day:]
        found.winback[day:], found.file[day:] = self.rolled_of(Winback).sum(axis=1)[day:], self.on_file()[day:]
        if isinstance(move, Contact):
            found.contact[day:] = np.where(found.contact[day:] > 0.0, -1.0, 0.0)
        elif isinstance(move, Programme):
            found.programme[PROGRAMME_UNTIL] = min(float(found.programme[PROGRAMME_UNTIL]), float(day))

    def charge(self, firm: int, place: int, day: int, money: float) -> None:
        """What a firm's move costs at every visit of a day."""
        self.schedule.running[day, firm] += money
        self.rates[firm][day, place] = money

    def book(self) -> None:
        """What is paid once, on its day: a surprise, a recovery, a contact and an offer are paid when they happen."""
        for firm, strategy in enumerate(self.playing):
            for move in strategy.moves:
                if not isinstance(move, EachTime | Research) and ceil(move.at) < self.market.horizon:
                    self.schedule.once[ceil(move.at), firm] += move.cost
                if isinstance(move, Staffing):
                    self.schedule.once[active(move, self.market.horizon), firm] += move.running
        for day, research in surveys(self.strategy):
            if day < self.market.horizon:
                self.schedule.once[day, 0] += research.cost

    def trading(self, position: int, firm: Firm) -> Days:
        """One firm's own path: standing still, improving, leaping or imitating ours with a lag."""
        if firm.leaps is None and firm.imitates is None and not any(firm.improves):
            return
        while True:
            day = int(self.environment.now)
            leaps = 0 if firm.leaps is None else int(day // firm.leaps.every)
            for k, start in enumerate(firm.quality):
                level = start + firm.improves[k] * day
                if firm.leaps is not None:
                    level += firm.leaps.by[k] * leaps
                seen = -1 if firm.imitates is None else day - max(1, ceil(firm.imitates.after))
                if firm.imitates is not None and seen >= 0:
                    lead = self.schedule.quality[seen, k] - level
                    level += firm.imitates.share * max(0.0, float(lead))
                self.levels[position][k] = level
            yield self.environment.timeout(1.0)

    def recording(self) -> Days:
        """Half a day after the movers: write down what every firm is on this day."""
        yield self.environment.timeout(0.5)
        while True:
            day = int(self.environment.now)
            for since, expected in self.coming:
                if since <= day:
                    self.beliefs = expected
            self.coming = [one for one in self.coming if one[0] > day]
            self.record(day)
            yield self.environment.timeout(1.0)

    def record(self, day: int) -> None:
        """Today's row of every table."""
        found, ours = self.schedule, self.market.firms[0]
        found.believed[day] = self.beliefs
        standard, noise, shortfall = found.designed[day], found.noise[day], np.array(ours.shortfall, dtype=np.float64)
        standard[:], noise[:] = self.levels[0], ours.noise
        self.act(0, day, standard, noise, shortfall)
        for place, (share, move) in enumerate(zip(self.rollouts[0][day].tolist(), self.strategy.moves, strict=True)):
            if isinstance(move, Match):
                self.charge(0, place, day, move.per_point * self.match(standard, move, share))
        found.quality[day] = standard - shortfall
        for position, level in enumerate(self.levels[1:]):
            quality, stray = found.rival_quality[day, position], found.rival_noise[day, position]
            quality[:], stray[:] = level, self.market.firms[1 + position].noise
            self.act(1 + position, day, quality, stray, np.zeros(len(level)))

    def act(self, firm: int, day: int, standard: Floats, noise: Floats, shortfall: Floats) -> None:
        """What a firm's moves make of its standard, its noise and its shortfall today, and what that costs a visit."""
        for place, (share, move) in enumerate(zip(self.rollouts[firm][day].tolist(), self.playing[firm].moves, strict=True)):
            if isinstance(move, Upgrade):
                standard[_touched(move)] += share * move.by
            elif isinstance(move, Consistency):
                noise[_touched(move)] *= 1.0 - share * move.by
                shortfall[_touched(move)] *= 1.0 - share * move.by
            elif isinstance(move, Price):
                self.schedule.price[day, firm] += share * move.by
                self.schedule.margin[day, firm] += share * move.by
            if isinstance(move, Upgrade | Consistency | File):
                self.charge(firm, place, day, move.running * share)

    def match(self, standard: Floats, move: Match, share: float) -> float:
        """Draw the standard to what our firm believes is expected, and by how many weighted points that raises it."""
        spots = range(len(standard)) if move.attribute is None else (move.attribute,)
        raised = 0.0
        for k in spots:
            by = share * (self.beliefs[k] + move.by - standard[k])
            standard[k] += by
            raised += abs(self.market.weights[k]) * max(0.0, float(by))
        return raised

    def rolled_of(self, kind: type[Move]) -> Floats:
        """(days, how many) how far the moves of a kind are rolled out: firm by firm, in the order of its strategy.

        A rival that nobody goes to surprises, promises and makes good to nobody.
        """
        firms = len(self.playing) if chooses(self.market) else 1
        parts = [rolled[:, [isinstance(move, kind) for move in one.moves]]
                 for rolled, one in zip(self.rollouts[:firms], self.playing[:firms], strict=True)]
        return np.ascontiguousarray(np.concatenate(parts, axis=1))  # row by row: what is read flat is the table itself

    def on_file(self) -> Floats:
        """(days,) the share of people whose file is current; −1 on days on which no file is kept."""
        rolled = self.rollouts[0]
        shares = np.full(len(rolled), -1.0)
        for position, move in enumerate(self.strategy.moves):
            if isinstance(move, File):
                kept = rolled[:, position] > 0.0
                shares[kept] = rolled[kept, position] * move.current
        return shares


def _programme(strategy: Strategy) -> Floats:
    """The loyalty programme of a strategy as the numbers of `rules.world`; nothing where it has none."""
    for move in strategy.moves:
        if isinstance(move, Programme):
            lifted = -1.0 if move.attribute is None else float(move.attribute)
            return np.array([float(ceil(move.at)), move.until, move.period, lifted])
    return np.zeros(0)


def _rollouts(strategy: Strategy, days: int) -> Floats:
    """(days, moves) how far each move is rolled out: no customer has a say in that, so it is known in advance."""
    overs = [0.0 if isinstance(move, Programme | Research | Staffing) else move.over for move in strategy.moves]
    return np.array([[rollout(day, move.at, move.until, over) for move, over in zip(strategy.moves, overs, strict=True)]
                     for day in range(days)], dtype=np.float64).reshape(days, len(strategy.moves))


def active(move: Staffing, horizon: int) -> slice:
    """The days on which a move is on."""
    return slice(ceil(move.at), min(ceil(move.until), horizon))


def hands_on_duty(market: Market, playing: Sequence[Strategy]) -> Floats:
    """(days, J, 2) how many serve at each firm on each day, and for how many hours it is open; 0 where nobody waits."""
    table = np.zeros((market.horizon, len(market.firms), 2))
    for position, (firm, strategy) in enumerate(zip(market.firms, playing, strict=True)):
        if firm.staff is not None:
            table[:, position] = firm.staff.servers, firm.staff.hours
        for move in strategy.moves:
            if isinstance(move, Staffing):
                table[active(move, market.horizon), position] += move.by, move.hours
    return table


def _touched(move: Upgrade | Consistency) -> slice:
    """The attributes a move works on."""
    return slice(None) if move.attribute is None else slice(move.attribute, move.attribute + 1)

"""Wait: where a firm has only so many hands, people are served in the order they come, and waiting takes from the experience.

A queue's clock runs in opening hours: a day of it is as long as the firm is open, so that nobody waits through the night.
"""

from typing import Final

from sim import luck
from sim.rules.arithmetic import exp, exponential, log, normal_quantile, onto_grid, root
from sim.rules.world import STAFF_HANDS, STAFF_LAW, STAFF_MINUTES, STAFF_NUMBERS, STAFF_SD, Who, World

MINUTES: Final = 1440.0
"""Minutes of a day."""
FIXED, EXPONENTIAL, LOGNORMAL = range(3)
"""How the time that serving takes is spread."""
TICKS: Final = 1.5 * 2.0**20
"""The anchor of a grid of 2⁻³² days, 20 µs: on it sums of times up to 2,800 years are exact, so that both clocks read alike."""


def on_tick(when: float) -> float:
    """A time, days, on the grid of a clock that is exact."""
    return onto_grid(when, TICKS)


def service_minutes(law: int, mean: float, sd: float, u: float) -> float:
    """How long serving her takes, minutes: always `mean`; exponential; or lognormal with that mean and sd."""
    if law == FIXED:
        return mean
    if law == EXPONENTIAL:
        return mean * exponential(u)
    variance = log(1.0 + sd * sd / (mean * mean))
    return mean * exp(root(variance) * normal_quantile(u) - variance / 2.0)


def work(who: Who, world: World) -> float:
    """How long her firm works on her at this visit, minutes."""
    spot = who.firm * STAFF_NUMBERS
    u = luck.luck(who.low, who.high, who.replication, who.customer, who.occasion, luck.WAIT, 0)
    law, mean, sd = int(world.staff[spot + STAFF_LAW]), world.staff[spot + STAFF_MINUTES], world.staff[spot + STAFF_SD]
    return service_minutes(law, mean, sd, u)


def takes(world: World, firm: int, start: float, minutes: float) -> float:
    """How many days of its queue's clock a firm works on who is served from `start` on, on the grid of ticks.

    At the pace of the day on which it begins, so that a longer day clears the line that stood there before it.
    """
    day = int(start) if start < world.days else world.days - 1
    return on_tick(minutes / (60.0 * open_hours(world, firm, day)))


def open_hours(world: World, firm: int, day: int) -> float:
    """Hours that a firm is open on a day."""
    return world.on_duty[(day * world.firms + firm) * 2 + 1]


def on_duty(world: World, firm: int, day: int) -> int:
    """How many hands a firm has on a day."""
    return int(world.on_duty[(day * world.firms + firm) * 2])


def waited(world: World, firm: int, came: float, served: float) -> float:
    """How long she waited, hours that the firm was open, on the grid of ticks: each day by the hours it had."""
    hours, since = 0.0, came
    while since < served:
        midnight = float(int(since) + 1)
        until = midnight if midnight < served else served
        hours += (until - since) * open_hours(world, firm, int(since))
        since = until
    return on_tick(hours)


def not_before(day: float, served: float) -> float:
    """The day of her next occasion, not before she has been served, on the grid of ticks."""
    return on_tick(day if day > served else served)


def waits_at(world: World, firm: int) -> bool:
    """Whether a firm has only so many hands, so that people may wait there."""
    return world.queues and world.staff[firm * STAFF_NUMBERS + STAFF_HANDS] > 0.0


def lost(minutes: float, per_minute: float, most: float) -> float:
    """What waiting takes from the experience, points: so much a minute, and no more than `most`. Off: 0 a minute."""
    points = per_minute * minutes
    return points if points < most else most

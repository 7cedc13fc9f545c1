"""Who waits: the hands of a firm as a heap of the times at which each is free again, and the people of a day in order.

Plain scalar functions that the kernel compiles. First come, first served: a person's wait is known when she comes (Kiefer &
Wolfowitz 1955). The reference engine has SimPy's resource in their place, and gives the same waits.
"""

from sim.rules.column import Floats, Integers
from sim.rules.wait import on_duty, takes
from sim.rules.world import Town, World


def admit(world: World, town: Town, firm: int, arrival: float, minutes: float) -> float:
    """When a firm begins to serve who comes at `arrival`, days; that hand is then busy with her for so many minutes.

    Hands that begin or stop work at a midnight before that are counted in first.
    """
    top = firm * town.hands
    start = max(arrival, town.free[top])
    while int(start) > town.busy[2 * firm + 1] and town.busy[2 * firm + 1] + 1 < world.days:
        change_shift(world, town, firm)
        start = max(arrival, town.free[top])
    town.free[top] = start + takes(world, firm, start, minutes)
    sink(town.free, top, town.busy[2 * firm], 0)
    return start


def change_shift(world: World, town: Town, firm: int) -> None:
    """Go on to the next day: hands that join are free from its midnight, those that leave go as soon as they are free."""
    top, day = firm * town.hands, town.busy[2 * firm + 1] + 1
    town.busy[2 * firm + 1] = day
    while town.busy[2 * firm] < on_duty(world, firm, day):
        town.free[top + town.busy[2 * firm]] = float(day)
        town.busy[2 * firm] += 1
        rise(town.free, top, town.busy[2 * firm] - 1)
    while town.busy[2 * firm] > on_duty(world, firm, day):
        town.busy[2 * firm] -= 1
        town.free[top] = town.free[top + town.busy[2 * firm]]
        sink(town.free, top, town.busy[2 * firm], 0)


def sink(free: Floats, top: int, count: int, place: int) -> None:
    """Let the time at `place` of a heap of `count` times sink below all that are earlier."""
    moving = free[top + place]
    while 2 * place + 1 < count:
        below = 2 * place + 1
        if below + 1 < count and free[top + below + 1] < free[top + below]:
            below += 1
        if free[top + below] >= moving:
            break
        free[top + place] = free[top + below]
        place = below
    free[top + place] = moving


def rise(free: Floats, top: int, place: int) -> None:
    """Let the time at `place` of a heap rise above all that are later."""
    moving = free[top + place]
    while place > 0 and free[top + (place - 1) // 2] > moving:
        free[top + place] = free[top + (place - 1) // 2]
        place = (place - 1) // 2
    free[top + place] = moving


def before(next_day: Floats, one: int, other: int) -> bool:
    """Whether one person's turn comes before another's: by time, then by number."""
    return next_day[one] < next_day[other] or (next_day[one] == next_day[other] and one < other)


def enter(line: Integers, count: int, next_day: Floats, place: int) -> int:
    """Put a person into the heap `line` of `count` people by the day of their next turn; how many there are then."""
    at = count
    while at > 0 and before(next_day, place, line[(at - 1) // 2]):
        line[at] = line[(at - 1) // 2]
        at = (at - 1) // 2
    line[at] = place
    return count + 1


def leave(line: Integers, count: int, next_day: Floats) -> int:
    """Take the first out of the heap `line` of `count` people; how many there are then."""
    count -= 1
    moving, at = line[count], 0
    while 2 * at + 1 < count:
        below = 2 * at + 1
        if below + 1 < count and before(next_day, line[below + 1], line[below]):
            below += 1
        if not before(next_day, line[below], moving):
            break
        line[at] = line[below]
        at = below
    line[at] = moving
    return count

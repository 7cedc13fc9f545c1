"""Belong: her status in a loyalty programme (Wagner, Hennig-Thurau & Rudolph 2009).

A tier is reached with the visit that makes up its number within a period, holds for the rest of that period and for the
next one, and is lost after a period with fewer visits.
"""

from sim.rules.column import Floats

ROW = 5
PERIOD, COUNT, KEPT, BEST, NOW = range(ROW)
"""A person's row: the period of her last visit, her visits in it, the tier kept from the one before, the best she ever had, and
the one at her last visit."""
NEEDS, LIFT, COST = range(3)
"""A tier's row: visits in a period, points at a visit, money a visit."""


def earned(tiers: Floats, count: int, visits: float) -> int:
    """The highest tier that so many visits in a period earn; 0 is none."""
    tier = 0
    for one in range(count):
        if visits >= tiers[one * 3 + NEEDS]:
            tier = one + 1
    return tier


def belong(row: Floats, at: int, tiers: Floats, count: int, period: float) -> int:
    """Her tier at this visit, in period number `period` of the programme; counts the visit in her row, which starts at `at`."""
    if period != row[at + PERIOD]:
        just_before = period == row[at + PERIOD] + 1.0
        row[at + KEPT] = float(earned(tiers, count, row[at + COUNT])) if just_before else 0.0
        row[at + PERIOD] = period
        row[at + COUNT] = 0.0
    row[at + COUNT] += 1.0
    now = earned(tiers, count, row[at + COUNT])
    tier = now if now > int(row[at + KEPT]) else int(row[at + KEPT])
    if float(tier) > row[at + BEST]:
        row[at + BEST] = float(tier)
    row[at + NOW] = float(tier)
    return tier

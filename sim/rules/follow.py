"""Follow: contacts after a visit, on a calendar: the first, the second, then one every so often until she comes again."""

MOST = 100_000
"""More contacts than this after one visit are not made."""


def contact_day(number: int, first: float, second: float, every: float) -> float:
    """Days after the visit of contact 0, 1, 2, …: first, second, second + every, …"""
    return first if number == 0 else second + (number - 1) * every


def found_chance(finds: float, contacts: int) -> float:
    """The chance that one of so many contacts brings out what she did not say: 1 − (1−finds)^n. Off: finds 0."""
    silent = 1.0
    for _ in range(contacts):
        silent *= 1.0 - finds
    return 1.0 - silent


def refresh(expectation: float, quality: float, share: float) -> float:
    """Her expectation after being told what to expect, points: E + share·(quality − E). Off: share 0."""
    return expectation + share * (quality - expectation)

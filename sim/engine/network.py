"""Who hears whom: a network of people, laid by luck that is looked up.

The same people are tied whatever the strategy, the engine and the machine; each replication has ties of its own, but for
those that a file lists. Nothing of it depends on an order of drawing: a tie that cannot stay asks for its next luck.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim import luck
from sim.engine.population import Draws, Floats, Integers, seed_words
from sim.market import Network, fewest_people

ATTEMPTS: Final = 32
"""How often a rewired tie looks for a place before it stays where it is: more than once in a while only where nearly all
pairs are tied."""
_LOW: Final = np.uint64(0xFFFFFFFF)
_SHIFT: Final = np.uint64(32)
_FEW: Final = 64
"""Luck is looked up person by person where fewer than one in so many need some."""

Luck = Callable[[int, int, int], Floats]
"""(first, count, index) → one uniform each for `count` people from `first` on."""


class Friends(NamedTuple):
    """Whom everybody hears, in compressed sparse rows: person i hears friends[starts[i]:starts[i + 1]].

    starts: (people + 1,). friends: flat, ascending within a person; nobody hears herself, or anybody twice, and i hears j
    where j hears i. 64 bits each, as all columns of people: 10⁶ people with 8 friends each take 72 MB.
    """

    starts: Integers
    friends: Integers


def build(network: Network, people: int, seed: int, replication: int, draws: Draws) -> Friends:
    """The network of one replication; of a list, the ties between people whom the market has.

    Errors: ValueError where everybody hears everybody alike (nothing is to be built), and for fewer people than the
    network ties to each.
    """
    if people < fewest_people(network):
        raise ValueError(f"a network of degree {network.degree:g} needs {fewest_people(network):,} people, not {people:,}")
    low, high = seed_words(seed)

    def luck_of(first: int, count: int, index: int) -> Floats:
        return draws.lucks(low, high, replication, first, count, luck.NETWORK, index)

    if network.kind == "small world":
        return _friends(*_small_world(people, int(network.degree), network.rewired, luck_of), people)
    if network.kind == "scale free":
        return _friends(*_scale_free(people, int(network.degree) // 2, luck_of), people)
    if network.ties is None:
        raise ValueError("everybody hears everybody alike: there is no network to build")
    pairs = network.ties.pairs[network.ties.pairs[:, 1] < people].astype(np.int64)
    return _friends(pairs[:, 0], pairs[:, 1], people)


def _small_world(people: int, degree: int, rewired: float, luck_of: Luck) -> tuple[Integers, Integers]:
    """The ties of a ring, the share `rewired` of which leads elsewhere (Watts & Strogatz 1998): near and far ends.

    Person i is tied to the degree/2 people after her. A tie that is rewired keeps her and leads to somebody out of reach of
    her ring, all of them alike, to whom no other tie of hers leads. The original lets it lead back into the ring where a
    place there is free; in a network much larger than the degree this makes no difference, and here the place a tie leaves
    stays free for it. Of two ties between the same people the one of the nearer round, then of the lower number, stays.
    """
    half, others = degree // 2, people - 1 - degree
    near = np.tile(np.arange(people), half)
    far = (near + np.repeat(np.arange(1, half + 1), people)) % people
    if others == 0:
        return near, far
    waiting = np.flatnonzero(np.concatenate([luck_of(0, people, step) < rewired for step in range(half)]))
    taken = np.empty(0, dtype=np.uint64)
    for attempt in range(1, ATTEMPTS + 1):
        who = near[waiting]
        u = np.empty(len(waiting))
        for step in range(half):
            here = slice(*np.searchsorted(waiting, (step * people, (step + 1) * people)))
            u[here] = _luck_at(who[here], people, attempt * half + step, luck_of)
        there = (who + half + 1 + (u * others).astype(np.int64)) % people
        pairs = _pairs(np.minimum(who, there), np.maximum(who, there))
        first = np.zeros(len(pairs), dtype=np.bool_)
        first[np.unique(pairs, return_index=True)[1]] = True
        first &= ~_among(pairs, taken)
        far[waiting[first]] = there[first]
        waiting = waiting[~first]
        if len(waiting) == 0:
            break
        taken = np.sort(np.concatenate([taken, pairs[first]]))
    return near, far


def _luck_at(who: Integers, people: int, index: int, luck_of: Luck) -> Floats:
    """The luck of some people: the same whether all are asked or each of these alone, which is quicker for a few."""
    if len(who) * _FEW > people:
        return luck_of(0, people, index)[who]
    return np.concatenate([np.empty(0), *(luck_of(one, 1, index) for one in who.tolist())])


def _among(pairs: NDArray[np.uint64], taken: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Which pairs are among the ascending ones that are taken."""
    if len(taken) == 0:
        return np.zeros(len(pairs), dtype=np.bool_)
    at = np.minimum(np.searchsorted(taken, pairs), len(taken) - 1)
    return np.asarray(taken[at] == pairs)


def _scale_free(people: int, half: int, luck_of: Luck) -> tuple[Integers, Integers]:
    """The ties of people who come one after another and go where ties are (Barabási & Albert 1999): both ends.

    The first half + 1 people are all tied to one another. Each newcomer picks `half` of the ends of all ties there were
    before her, and ties herself to whoever stands there: who has more ties is picked more often. Two ties to the same
    person are one, which is rare but among the first. An end that is picked may itself be a pick: it is followed back until
    it is somebody known (Sanders & Schulz 2016), so that all newcomers pick at once.
    """
    first = half + 1
    one, other = np.triu_indices(first, 1)
    known = np.stack([one, other], axis=1).reshape(-1)
    count = people - first
    before = len(known) + 2 * half * np.arange(count)
    picks = np.empty((count, half), dtype=np.int64)
    for tie in range(half):
        picks[:, tie] = luck_of(first, count, tie) * before
    place = picks.reshape(-1) - len(known)  # ends of newcomers' ties count from 0: even ones are theirs, odd ones picks
    following = np.flatnonzero((place >= 0) & (place & 1 == 1))
    while len(following):
        place[following] = place[place[following] >> 1]
        following = following[(place[following] >= 0) & (place[following] & 1 == 1)]
    of_first = place < 0
    met = first + np.where(of_first, 0, place >> 1) // half
    met[of_first] = known[place[of_first] + len(known)]
    return np.concatenate([one, np.repeat(np.arange(first, people), half)]), np.concatenate([other, met])


def _pairs(one: Integers, other: Integers) -> NDArray[np.uint64]:
    """Two numbers of people in one, which sorts by the first and then by the second."""
    return np.asarray((one.astype(np.uint64) << _SHIFT) | other.astype(np.uint64))


def _friends(one: Integers, other: Integers, people: int) -> Friends:
    """Ties by person, both ways, each once."""
    both = np.concatenate([_pairs(one, other), _pairs(other, one)])
    both.sort()
    if len(both):
        both = both[np.concatenate([[True], both[1:] != both[:-1]])]
    starts = np.searchsorted(both, np.arange(people + 1, dtype=np.uint64) << _SHIFT)
    return Friends(starts.astype(np.int64), (both & _LOW).astype(np.int64))

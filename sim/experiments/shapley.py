"""Who contributed what to a joint result: Shapley's parts, which always add up to the whole.

A game gives a value to every set of players. A player's part is what it adds when it joins, averaged over all orders
in which the players can join (Shapley 1953, "A value for n-person games"). Up to EXACTLY players all sets are valued;
above that, orders are drawn, each with its reverse, and each order telescopes from nothing to everything, so that the
parts add up exactly there too.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim import luck

Floats = NDArray[np.float64]
Game = Callable[[int], Floats]
"""The value of a set of players, an integer with a bit a player; an array of any shape, the same for every set."""

EXACTLY: Final = 8
"""Up to so many players every set is valued."""
MOST_SETS: Final = 2**EXACTLY
"""About so many sets are valued where orders are drawn."""
FEWEST_PAIRS: Final = 8
ROUNDING: Final = 1e-12
"""The parts add up to within this share of the values they are made of."""
_ORDERS: Final = 0xFFFFFFFF
"""The luck of orders stands where no replication's can: after the last one."""


@dataclass(frozen=True)
class Parts:
    """parts: (players, …) each player's part. errors: likewise, the standard error from drawing orders; 0 where exact.

    pairs: how many pairs of orders were drawn; 0 where all were counted.
    """

    parts: Floats
    errors: Floats
    pairs: int


def players_in(group: int, players: int) -> tuple[int, ...]:
    """The players of a set."""
    return tuple(player for player in range(players) if group >> player & 1)


def parts(players: int, game: Game, seed: int = 1) -> Parts:
    """Every player's part of game(all) − game(none). seed: the luck by which orders are drawn, where they are."""
    found = _exact(players, game) if players <= EXACTLY else _drawn(players, game, seed)
    nothing, everything, added = game(0), game((1 << players) - 1), found.parts.sum(axis=0)
    scale = np.abs(everything) + np.abs(nothing) + np.abs(found.parts).sum(axis=0)
    exact = np.abs(nothing + added - everything) <= ROUNDING * scale
    assert bool(np.all(exact | ~np.isfinite(nothing + added + everything))), "parts add up to the whole"
    return found


def _exact(players: int, game: Game) -> Parts:
    added = np.zeros((players, *game(0).shape))
    weight = [1.0 / (players * math.comb(players - 1, size)) for size in range(players)]
    for group in range(1 << players):
        for player in range(players):
            if not group >> player & 1:
                added[player] += weight[group.bit_count()] * (game(group | 1 << player) - game(group))
    return Parts(added, np.zeros_like(added), 0)


def _drawn(players: int, game: Game, seed: int) -> Parts:
    """Pairs of orders until about MOST_SETS sets are valued, the very same pairs for the same seed."""
    valued: set[int] = set()
    pairs: list[Floats] = []
    while len(pairs) < FEWEST_PAIRS or len(valued) < MOST_SETS:
        one = order(players, len(pairs), seed)
        pairs.append((_along(one, game, valued) + _along(one[::-1], game, valued)) / 2.0)
        if len(pairs) >= MOST_SETS:
            break
    every = np.stack(pairs)
    return Parts(every.mean(axis=0), every.std(axis=0, ddof=1) / math.sqrt(len(pairs)), len(pairs))


def order(players: int, number: int, seed: int) -> tuple[int, ...]:
    """Order number `number` of the players: a pure function of its arguments."""
    low, high = seed & 0xFFFFFFFF, seed >> 32 & 0xFFFFFFFF
    drawn = [luck.philox(player, number, 0, _ORDERS, low, high) for player in range(players)]
    return tuple(sorted(range(players), key=drawn.__getitem__))


def _along(one: tuple[int, ...], game: Game, valued: set[int]) -> Floats:
    added = np.zeros((len(one), *game(0).shape))
    group = 0
    for player in one:
        added[player] = game(group | 1 << player) - game(group)
        group |= 1 << player
        valued.add(group)
    return added

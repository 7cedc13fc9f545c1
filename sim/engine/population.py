"""The people of a market: who they are, before anything happens. Columns, drawn by name from their luck.

The same person has the same traits whatever the strategy and however many others there are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from math import erfc, inf, isinf, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim import luck
from sim.market import Market, Segment, Spread, differs
from sim.rules import traits
from sim.rules.traits import TRAITS

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


SAME_LUCK = {traits.LEARN_DOWN: traits.LEARN_UP, traits.NORM_DOWN: traits.NORM_UP}
"""Two-way traits share their luck: who is quick to learn of better is quick to learn of worse, and one rate is one number."""


class Draws(NamedTuple):
    """How an engine looks luck up for many people at once.

    lucks(low, high, replication, first, count, purpose, index) → (count,) uniforms; normals(uniforms) → quantiles.
    """

    lucks: Callable[[int, int, int, int, int, int, int], Floats]
    normals: Callable[[Floats], Floats]


@dataclass(frozen=True)
class People:
    """Some consecutive people of one replication.

    segment: (n,). phase: (n,) uniform, for the first visit. fixed: (segments·T,) traits that a segment shares. differing:
    (rows,) the traits that differ between people; row r of `drawn` (rows·n, flat) holds trait differing[r].
    expects, norm: (n·K,) starting levels in points. prospect: (n,) bool, who is no customer at the start.
    """

    segment: Integers
    phase: Floats
    fixed: Floats
    differing: Integers
    drawn: Floats
    expects: Floats
    norm: Floats
    prospect: NDArray[np.bool_]


def seed_words(seed: int) -> tuple[int, int]:
    """The two 32-bit words of a 64-bit seed."""
    return seed & 0xFFFFFFFF, seed >> 32 & 0xFFFFFFFF


def people(market: Market, seed: int, replication: int, first: int, count: int, draws: Draws) -> People:
    """People `first` … `first + count − 1` of a replication."""
    low, high = seed_words(seed)

    def luck_of(purpose: int, index: int) -> Floats:
        return draws.lucks(low, high, replication, first, count, purpose, index)

    segments = market.segments
    bounds = np.array(list(accumulate(segment.share for segment in segments))[:-1])
    segment = np.searchsorted(bounds, luck_of(luck.PEOPLE, 0), side="right").astype(np.int64)

    def drawn(purpose: int, index: int, spreads: list[Spread]) -> Floats:
        if all(spread.kind == "fixed" for spread in spreads):
            return np.array([spread.a for spread in spreads])[segment]
        uniforms = luck_of(purpose, index)
        values = np.zeros(count)
        for number, spread in enumerate(spreads):
            here = segment == number
            values[here] = quantiles(spread, uniforms[here], draws)
        return values

    differing: list[int] = []
    rows: list[Floats] = []
    for trait in range(len(TRAITS)):
        spreads = [one.traits[trait] for one in segments]
        if any(spread.kind != "fixed" for spread in spreads):
            differing.append(trait)
            rows.append(drawn(luck.TRAIT, SAME_LUCK.get(trait, trait), spreads))
    attributes = range(len(market.attributes))
    expects = [drawn(luck.STARTING, k, [one.expects[k] for one in segments]) for k in attributes]
    norm = [_norm(segment, [one.norm[k] for one in segments], expects[k],
                  drawn(luck.STARTING_NORM, k, [_plain(one.norm[k]) for one in segments])) for k in attributes]
    prospect = np.zeros(count, dtype=np.bool_)
    if differs(market, traits.PROSPECT):
        chances = drawn(luck.TRAIT, traits.PROSPECT, [one.traits[traits.PROSPECT] for one in segments])
        prospect = luck_of(luck.PEOPLE, 2) < chances
    return People(segment, luck_of(luck.PEOPLE, 1), _fixed(segments), np.array(differing, dtype=np.int64),
                  np.concatenate(rows) if rows else np.zeros(0),
                  np.stack(expects, axis=1).reshape(-1), np.stack(norm, axis=1).reshape(-1), prospect)


def _fixed(segments: tuple[Segment, ...]) -> Floats:
    return np.array([spread.a for segment in segments for spread in segment.traits])


def _plain(spread: Spread) -> Spread:
    return Spread("fixed", 0.0, 0.0, -inf, inf) if spread.kind == "expectation" else spread


def _norm(segment: Integers, spreads: list[Spread], expects: Floats, drawn: Floats) -> Floats:
    follows = np.array([spread.kind == "expectation" for spread in spreads])[segment]
    return np.where(follows, expects, drawn)


def quantiles(spread: Spread, u: Floats, draws: Draws) -> Floats:
    """The u-quantiles of a spread; a normal is drawn only within [low, high]."""
    if spread.kind == "fixed":
        return np.full(len(u), spread.a)
    if spread.kind == "uniform":
        return spread.a + (spread.b - spread.a) * u
    if spread.kind == "beta":
        from scipy.special import betaincinv

        return np.asarray(betaincinv(spread.a, spread.b, u), dtype=np.float64)
    if spread.b == 0.0:
        return np.full(len(u), spread.a)
    below, above = _below((spread.low - spread.a) / spread.b), _below((spread.high - spread.a) / spread.b)
    values = spread.a + spread.b * draws.normals(below + (above - below) * u)
    return np.clip(values, spread.low, spread.high)


def _below(z: float) -> float:
    """The standard normal's distribution function."""
    return (1.0 if z > 0 else 0.0) if isinf(z) else 0.5 * erfc(-z / sqrt(2.0))

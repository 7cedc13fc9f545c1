"""Shapley's parts: exactly additive, symmetric, nothing for those who do nothing; drawn orders repeat and still add up."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from sim.experiments.shapley import EXACTLY, FEWEST_PAIRS, MOST_SETS, order, parts, players_in


def glove(group: int) -> np.ndarray:
    """Player 0 has a left glove, 1 and 2 a right one each; a pair is worth 1. Known: 2/3, 1/6, 1/6."""
    return np.array([float(bool(group & 1) and bool(group & 6))])


def rugged(players: int, seed: int = 5):
    """A game without any structure: every set has its own value, in three replications."""
    values = np.random.Generator(np.random.Philox(key=seed)).normal(size=(2**players, 3)) * 1e3
    return lambda group: values[group]


def by_orders(players: int, game) -> np.ndarray:
    """The definition: the mean over all orders of joining."""
    orders = list(itertools.permutations(range(players)))
    added = np.zeros((players, *game(0).shape))
    for one in orders:
        group = 0
        for player in one:
            added[player] += game(group | 1 << player) - game(group)
            group |= 1 << player
    return added / len(orders)


def test_a_game_solved_on_paper():
    assert parts(3, glove).parts[:, 0] == pytest.approx([2 / 3, 1 / 6, 1 / 6], abs=1e-15)


@pytest.mark.parametrize("players", [1, 2, 3, 5])
def test_parts_are_the_mean_over_all_orders(players):
    game = rugged(players)
    assert parts(players, game).parts == pytest.approx(by_orders(players, game), rel=1e-12, abs=1e-9)


@pytest.mark.parametrize("players", [0, 1, 4, EXACTLY, EXACTLY + 1, EXACTLY + 4])
def test_parts_add_up_exactly_in_every_replication(players):
    game = rugged(players)
    found = parts(players, game)
    whole = game(2**players - 1) - game(0)
    assert found.parts.shape == (players, 3)
    assert np.all(np.abs(found.parts.sum(axis=0) - whole) <= 1e-12 * np.abs(found.parts).sum(axis=0) + 1e-300)
    assert (found.pairs > 0) == (players > EXACTLY)


def test_who_does_nothing_gets_nothing_and_equals_get_the_same():
    def game(group: int) -> np.ndarray:  # players 1 and 3 count alike; player 2 does nothing
        both = bool(group & 0b0010) + bool(group & 0b1000)
        return np.array([3.0 * bool(group & 1) * both**2 + both])

    found = parts(4, game).parts[:, 0]
    assert found[2] == 0.0
    assert found[1] == found[3] != 0.0


def test_drawn_orders_repeat_with_their_seed_alone_and_visit_every_player():
    assert sorted(order(12, 3, 7)) == list(range(12))
    assert order(12, 3, 7) == order(12, 3, 7)
    assert len({order(12, number, seed) for number in range(20) for seed in (1, 2**40)}) == 40


def test_drawn_parts_come_near_the_exact_ones_within_their_standard_errors():
    players = EXACTLY + 2
    weights = np.arange(1.0, players + 1)

    def game(group: int) -> np.ndarray:
        here = weights[list(players_in(group, players))].sum()
        return np.array([here + 0.01 * here**2])

    exact = weights * (1.0 + 0.01 * weights.sum())  # of a quadratic in the sum: each its share of the square
    found = parts(players, game, seed=4)
    assert found.pairs >= FEWEST_PAIRS
    assert np.all(np.abs(found.parts[:, 0] - exact) <= 5 * found.errors[:, 0] + 1e-9)
    assert np.array_equal(found.parts, parts(players, game, seed=4).parts)


def test_a_reverse_beside_every_order_makes_pairwise_games_exact():
    players = EXACTLY + 1

    def game(group: int) -> np.ndarray:
        inside = players_in(group, players)
        return np.array([float(sum(a * b for a, b in itertools.combinations(inside, 2)))])

    exact = [sum(a * b for b in range(players) if b != a) / 2 for a in range(players)]
    found = parts(players, game)
    assert found.parts[:, 0] == pytest.approx(exact, abs=1e-12)
    assert np.abs(found.errors).max() < 1e-12


def test_the_number_of_sets_valued_is_bounded():
    asked: set[int] = set()

    def game(group: int) -> np.ndarray:
        asked.add(group)
        return np.array([float(group.bit_count())])

    parts(19, game)
    assert len(asked) <= MOST_SETS + 2 * 19


def test_what_is_unknown_stays_unknown():
    found = parts(2, lambda group: np.array([np.nan if group == 1 else float(group), 1.0 * group]))
    assert np.isnan(found.parts[:, 0]).all()
    assert np.isfinite(found.parts[:, 1]).all()

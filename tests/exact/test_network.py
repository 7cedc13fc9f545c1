"""Who hears whom: the networks are what their definitions say, and the same to the bit whoever looks their luck up."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import shortest_path

from sim.engine import kernel, network, reference
from sim.engine.network import Friends
from sim.market import Network, Ties
from tests.effort import EFFORT


def small_world(degree: int, rewired: float) -> Network:
    return Network("small world", float(degree), rewired, None)


def scale_free(degree: int) -> Network:
    return Network("scale free", float(degree), 0.0, None)


def listed(*pairs: tuple[int, int]) -> Network:
    return Network("edges", 0.0, 0.0, Ties("made up", np.array(pairs, dtype=np.uint32).reshape(-1, 2)))


def build(what: Network, people: int, seed: int = 7, replication: int = 0) -> Friends:
    return network.build(what, people, seed, replication, kernel.DRAWS)


def of(friends: Friends, person: int) -> list[int]:
    return friends.friends[friends.starts[person]:friends.starts[person + 1]].tolist()


def degrees(friends: Friends) -> np.ndarray:
    return np.diff(friends.starts)


def same(one: Friends, other: Friends) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def table(friends: Friends) -> csr_array:
    people = len(friends.starts) - 1
    return csr_array((np.ones(len(friends.friends)), friends.friends, friends.starts), shape=(people, people))


def clustering(friends: Friends) -> float:
    """Mean number of ties between the friends of a person ÷ pairs of as many friends as people have on average."""
    ties, degree = table(friends), degrees(friends).mean()
    return float((ties @ ties).multiply(ties).sum() / (len(degrees(friends)) * degree * (degree - 1)))


def check(friends: Friends, people: int) -> None:
    """What holds of every network."""
    assert friends.starts.dtype == friends.friends.dtype == np.int64
    assert (friends.starts[0], friends.starts[-1], len(friends.starts)) == (0, len(friends.friends), people + 1)
    pairs = [(i, j) for i in range(people) for j in of(friends, i)]
    assert pairs == sorted(set(pairs))
    assert all(i != j for i, j in pairs)
    assert set(pairs) == {(j, i) for i, j in pairs}


@settings(max_examples=60 * EFFORT, deadline=None)
@given(half=st.integers(1, 6), more=st.integers(1, 60), rewired=st.floats(0, 1), seed=st.integers(0, 2**64 - 1),
       replication=st.integers(0, 2**20), free=st.booleans())
def test_any_network_is_whole_and_the_same_in_both_engines(half, more, rewired, seed, replication, free):
    people = 2 * half + more
    what = scale_free(2 * half) if free else small_world(2 * half, rewired)
    built = build(what, people, seed, replication)
    check(built, people)
    assert same(built, network.build(what, people, seed, replication, reference.DRAWS))
    if free:
        assert degrees(built).min() >= 1
        assert degrees(built).sum() <= half * (half + 1) + 2 * half * (people - half - 1)
    else:
        assert degrees(built).sum() == 2 * half * people
        assert degrees(built).min() >= half


def test_the_check_of_a_network_can_fail():
    whole = build(small_world(4, 0.3), 12)
    first = of(whole, 0)
    for friends in (first[::-1], [first[0], *first[:-1]], [0, *first[1:]]):
        broken = whole.friends.copy()
        broken[:len(first)] = friends
        with pytest.raises(AssertionError):
            check(Friends(whole.starts, broken), 12)


def test_nothing_rewired_is_the_ring():
    ring = build(small_world(4, 0.0), 10)
    assert [of(ring, i) for i in range(10)] == [sorted((i + step) % 10 for step in (-2, -1, 1, 2)) for i in range(10)]


@pytest.mark.parametrize("degree", [4, 8, 12])
def test_clustering_of_the_ring(degree):
    """3(k − 2) / (4(k − 1))."""
    assert clustering(build(small_world(degree, 0.0), 200)) == pytest.approx(3 * (degree - 2) / (4 * (degree - 1)), rel=1e-12)


@pytest.mark.parametrize("rewired", [0.05, 0.1, 0.3, 0.6])
def test_clustering_falls_with_the_cube_of_the_ties_that_stay(rewired):
    """C(0)·(1 − p)³, in a network much larger than the degree: a triangle stays if its three ties do. Barrat & Weigt 2000."""
    expected = 3 * 6 / (4 * 7) * (1 - rewired) ** 3
    assert clustering(build(small_world(8, rewired), 40_000)) == pytest.approx(expected, abs=0.004)


@pytest.mark.parametrize("rewired", [0.1, 0.5])
def test_the_share_that_is_rewired_leads_anywhere(rewired):
    people, half = 40_000, 4
    built = build(small_world(2 * half, rewired), people)
    person = np.repeat(np.arange(people), degrees(built))
    away = (built.friends - person) % people
    away = away[(away > half) & (away < people - half)]
    ties = people * half
    assert len(away) / 2 == pytest.approx(rewired * ties, abs=4.5 * np.sqrt(ties * rewired * (1 - rewired)))
    counts = np.histogram(away, bins=20, range=(half + 1, people - half))[0]
    assert ((counts - counts.mean()) ** 2 / counts.mean()).sum() < 80  # twice, as every tie is seen from both its ends


def test_a_few_ties_that_lead_anywhere_make_the_world_small():
    """Paths shrink to a fraction of the ring's while friends of friends are still friends: Watts & Strogatz 1998."""
    ring, world = (build(small_world(8, rewired), 1000) for rewired in (0.0, 0.05))
    lengths = [shortest_path(table(one), unweighted=True).sum() / (1000 * 999) for one in (ring, world)]
    assert lengths[1] < 0.15 * lengths[0]
    assert clustering(world) > 0.8 * clustering(ring)


def test_all_rewired_leaves_nothing_of_the_ring():
    built = build(small_world(4, 1.0), 2000)
    away = (built.friends - np.repeat(np.arange(2000), degrees(built))) % 2000
    assert set(away.tolist()).isdisjoint({1, 2, 1998, 1999})
    assert degrees(built).mean() == 4


def test_where_all_are_tied_to_all_nothing_moves():
    assert same(build(small_world(8, 1.0), 9), build(small_world(8, 0.0), 9))


def test_ties_that_find_no_place_stay():
    """One person out of reach of the ring each: two ties cannot both go between the same two people."""
    built = build(small_world(8, 1.0), 10)
    assert degrees(built).mean() == 8
    assert not same(built, build(small_world(8, 0.0), 10))


def test_luck_of_a_few_is_the_luck_of_all():
    who = np.array([3, 40, 77])

    def luck_of(first: int, count: int, index: int) -> np.ndarray:
        return kernel.DRAWS.lucks(1, 2, 3, first, count, 16, index)

    assert np.array_equal(network._luck_at(who, 80, 5, luck_of), network._luck_at(who, 8000, 5, luck_of))


@pytest.mark.parametrize("half", [1, 4])
def test_ties_of_a_scale_free_network_follow_the_law(half):
    """P(degree ≥ k) → m(m + 1) / (k(k + 1)), which is P(degree = k) = 2m(m + 1) / (k(k + 1)(k + 2)): Bollobás et al. 2001."""
    people = 200_000
    degree = degrees(build(scale_free(2 * half), people))
    assert degree.mean() == pytest.approx(2 * half, rel=1e-3)
    for least in (half + 1, 2 * half, 4 * half, 8 * half, 16 * half):
        tail = half * (half + 1) / (least * (least + 1))
        assert np.mean(degree >= least) == pytest.approx(tail, abs=6 * np.sqrt(tail / people) + 1e-4), least
    assert degree.max() > 50 * half


def test_the_tail_has_exponent_three():
    degree = degrees(build(scale_free(8), 200_000))
    tails = [np.mean(degree >= least) for least in (16, 32, 64, 128)]
    slopes = np.log2(np.array(tails[:-1]) / tails[1:]) + 1
    assert slopes == pytest.approx(3, abs=0.15)


def test_a_ring_has_no_such_tail():
    degree = degrees(build(small_world(8, 1.0), 200_000))
    assert degree.max() < 30


def test_newcomers_leave_the_ties_before_them_alone():
    small, large = (build(scale_free(6), people) for people in (300, 400))
    assert [of(small, i) for i in range(300)] == [[j for j in of(large, i) if j < 300] for i in range(300)]


def test_the_first_people_are_all_tied():
    built = build(scale_free(6), 7)
    assert all({j for j in range(4) if j != i} <= set(of(built, i)) for i in range(4))


@pytest.mark.parametrize("what", [small_world(6, 0.2), scale_free(6)], ids=lambda one: one.kind)
def test_replications_and_seeds_differ_and_repeat(what):
    built = {(seed, replication): build(what, 300, seed, replication) for seed in (1, 2**32 + 1) for replication in (0, 1)}
    assert all(same(one, build(what, 300, *key)) for key, one in built.items())
    assert len({one.friends.tobytes() for one in built.values()}) == 4


def test_a_list_is_taken_as_it_is():
    built = build(listed((0, 2), (1, 2), (2, 5)), 7)
    assert [of(built, i) for i in range(7)] == [[2], [2], [0, 1, 5], [], [], [2], []]
    assert same(built, build(listed((0, 2), (1, 2), (2, 5)), 7, seed=8, replication=3))


def test_ties_to_people_there_are_not_are_left_out():
    assert [of(build(listed((0, 2), (1, 2), (2, 5)), people), 2) for people in (3, 6)] == [[0, 1], [0, 1, 5]]
    assert build(listed((0, 2)), 1).friends.tolist() == []


@pytest.mark.parametrize("what", [small_world(6, 0.2), scale_free(6)], ids=lambda one: one.kind)
def test_too_few_people_are_refused(what):
    assert degrees(build(what, 7)).min() > 0
    with pytest.raises(ValueError, match="a network of degree 6 needs 7 people, not 6"):
        build(what, 6)


def test_where_everybody_hears_everybody_nothing_is_built():
    with pytest.raises(ValueError, match="everybody hears everybody alike"):
        build(Network("mixed", 8.0, 0.0, None), 10)


def test_ties_are_the_same_by_their_digest():
    one, other = listed((0, 1)), listed((0, 2))
    assert one == other
    assert one.ties is not None
    assert dataclasses.replace(one, ties=Ties("another", one.ties.pairs)) != one

"""Luck is Philox4x32-10, a pure function of who, when and what for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri
from scipy.stats import kstest

from sim import luck
from sim.engine import kernel, reference
from sim.rules.arithmetic import exponential, normal_quantile, onto_grid

KNOWN = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    ((0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), (0xA4093822, 0x299F31D0),
     (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1)),
    ((123456, 7, 42, 3), (0xDEADBEEF, 0x01234567), (0xEF7E72BE, 0xC8BAEE46, 0x5F5672A8, 0xD34E797E)),
]


@pytest.mark.parametrize(("counter", "key", "words"), KNOWN)
def test_philox_gives_the_published_words(counter, key, words):
    # Random123's kat_vectors, and one of our own with every word in use.
    assert luck.philox(*counter, *key) == words


def test_first_uniform_of_a_known_counter():
    assert luck.pair(0xDEADBEEF, 0x01234567, 3, 123456, 7, 42, 0)[0] == float.fromhex("0x1.defce5722ebb9p-1")


@given(seed=st.integers(0, 2**64 - 1), replication=st.integers(0, 2**31), first=st.integers(0, 2**32 - 20),
       purpose=st.integers(0, 255), index=st.integers(0, 1000))
def test_compiled_and_interpreted_luck_are_the_same_bits(seed, replication, first, purpose, index):
    where = (seed & 0xFFFFFFFF, seed >> 32, replication, first, 20, purpose, index)
    assert np.array_equal(kernel.DRAWS.lucks(*where), reference.DRAWS.lucks(*where))


def test_four_choices_are_the_four_words_of_one_call():
    words = luck.philox(5, 6, luck.CHOICES, 7, 1, 2)
    assert luck.four(1, 2, 7, 5, 6, luck.CHOICES) == tuple(word / 2**32 for word in words)


def test_luck_is_uniform_and_independent_between_purposes_occasions_and_neighbours():
    count = 200_000
    columns = [kernel.DRAWS.lucks(1, 2, replication, first, count, purpose, index)
               for replication, first, purpose, index in [(0, 0, 1, 0), (0, 0, 1, 1), (0, 0, 2, 0), (1, 0, 1, 0), (0, 1, 1, 0)]]
    assert kstest(columns[0], "uniform").pvalue > 1e-4
    between = np.corrcoef(columns)
    assert np.abs(between[~np.eye(len(columns), dtype=bool)]).max() < 4.5 / np.sqrt(count)


def test_neighbouring_luck_is_the_same_luck_seen_from_another_start():
    assert np.array_equal(kernel.DRAWS.lucks(1, 2, 0, 0, 10, 1, 0)[1:], kernel.DRAWS.lucks(1, 2, 0, 1, 9, 1, 0))


@given(st.floats(1e-300, 1.0, exclude_max=True))
def test_normal_quantile_is_as241(u):
    assert normal_quantile(u) == pytest.approx(ndtri(max(u, 2.0**-54)), rel=1e-13, abs=1e-15)


def test_normal_quantile_of_the_ends_is_finite():
    assert normal_quantile(0.0) == pytest.approx(-8.293, abs=0.01)
    assert normal_quantile(1.0 - 2.0**-53) == pytest.approx(8.21, abs=0.01)


@given(st.lists(st.floats(0.0, 1.0, exclude_max=True), min_size=1, max_size=50))
def test_compiled_and_interpreted_quantiles_are_the_same_bits(uniforms):
    u = np.array(uniforms)
    assert np.array_equal(kernel.DRAWS.normals(u), reference.DRAWS.normals(u))


def test_exponential_quantile():
    assert exponential(0.0) == 0.0
    assert exponential(0.5) == pytest.approx(np.log(2.0), rel=1e-15)


@given(st.lists(st.floats(-1000.0, 1000.0), min_size=2, max_size=200), st.randoms())
def test_sums_of_numbers_on_the_grid_do_not_depend_on_their_order(values, random):
    anchor = 1.5 * 2.0**20
    on_grid = [onto_grid(value, anchor) for value in values]
    shuffled = on_grid.copy()
    random.shuffle(shuffled)
    assert sum(on_grid) == sum(shuffled)
    assert all(abs(a - b) <= 2.0**-33 for a, b in zip(values, on_grid, strict=True))

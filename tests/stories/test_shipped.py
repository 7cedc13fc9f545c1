"""Every shipped story: it says where it comes from, loads, runs, and is the same on both engines bit for bit."""

import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from sim.engine import reference
from sim.engine.run import run
from sim.story.load import load
from sim.story.resolve import resolve
from tests.stories.conftest import smaller

SCENARIOS = Path(__file__).parents[2] / "scenarios"
FILES = sorted(SCENARIOS.glob("*.yaml"))
ARTICLES = ("怎样平衡客户期望与客户满意的关系", "如何提升客户满意度", "客户期望管理", "客户期望值管理", "体验感差是什么原因")

every_file = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


def same(one, other):
    """Equal bit for bit, NaN equal to NaN, in value and in type."""
    one, other = np.asarray(one), np.asarray(other)
    return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")


def test_there_are_stories():
    assert len(FILES) >= 7


@every_file
def test_its_finding_is_tested(file):
    assert (Path(__file__).parent / f"test_{file.stem.replace('-', '_')}.py").is_file()


@every_file
def test_it_says_where_it_comes_from(file):
    story = load(file)
    for said in (story.title, story.about, story.source, story.numbers, story.finding):
        assert said
    assert 2 <= len(re.findall(r"[.?](?=\s|$)", story.about)) <= 4
    assert any(article in source for source in story.source for article in ARTICLES)
    assert "[M]" not in f"{story.source} {story.numbers}"
    assert all(one.split(".")[0] in {"market", "psyche", "service", "firms", "strategies"} for one in story.numbers)


@every_file
def test_it_resolves_with_at_least_three_strategies(file):
    market = resolve(load(file))
    assert market.replications == 40
    assert len(market.strategies) >= 3
    assert not market.strategies[0].moves or file.stem == "call-centre"


@every_file
def test_where_it_turns_round_can_be_typed(file):
    """The settings in the file's comments work as they are printed."""
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("#") and "--set" in line]
    assert lines
    for line in lines:
        words = shlex.split(line[line.index("--set"):])
        assert words[0::2] == ["--set"] * (len(words) // 2)
        assert resolve(load(file, settings=words[1::2])) != resolve(load(file))


@every_file
def test_both_engines_say_the_same(file):
    market = resolve(load(file))
    for strategy in market.strategies:
        fast = run(market, strategy.name, people=40, replications=2)
        plain = reference.run(market, strategy.name, people=40, replications=2)
        for table in ("by_visit", "by_day", "outcomes"):
            here, there = getattr(fast, table), getattr(plain, table)
            assert list(here) == list(there)
            assert all(len(column) > 0 for column in here.values())
            assert [column for column in here if not same(here[column], there[column])] == []
        assert np.sum(fast.by_visit["customers"]) > 40
        assert same(fast.stays, plain.stays)
        assert fast.stays.shape == (2, 40)


@every_file
def test_every_strategy_makes_a_difference(file):
    """No strategy is a copy of another by mistake; what people share, such as a budget, is that of few people."""
    market = smaller(resolve(load(file)), 200)
    seen = [run(market, strategy.name, replications=1).outcomes for strategy in market.strategies]
    for number, one in enumerate(seen):
        for other in seen[:number]:
            assert any(not same(one[outcome], other[outcome]) for outcome in one)

"""What a sweep goes over, as people write it, and what is said of a slip."""


import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as some

import sim
from sim.story.load import vary
from sim.story.over import OverError, read, read_all
from sim.story.resolve import complete, resolve
from sim.story.scenario import ScenarioError
from tests.docs.pages import HOME


def values(text):
    axis = read(text)
    return [axis.value(place) for place in range(axis.count)]


@pytest.mark.parametrize(("text", "told"), [
    ("psyche.learning.up=0.1..0.5/9", ["0.1", "0.15", "0.2", "0.25", "0.3", "0.35", "0.4", "0.45", "0.5"]),
    ("market.visits.every=7 days, 14 days, 1 month", ["7 days", "14 days", "1 month"]),
    ("market.visits.every=1 day..100 days/3 log", ["1 day", "10 days", "100 days"]),
    ("market.visits.every=1 week..3 weeks/3", ["1 week", "2 weeks", "3 weeks"]),
    ("market.visits.every=12 hours..2 days/4", ["0.5 days", "1 day", "1.5 days", "2 days"]),
    ("psyche.leaving.base=2% per visit..8% per visit/4", ["2% per visit", "4% per visit", "6% per visit", "8% per visit"]),
    ("x.y=10..30%/3", ["10%", "20%", "30%"]),
    ("firms.theirs.improves=-1 per year..1 per year/3", ["-1 per year", "0 per year", "1 per year"]),
    ("x.kinds=1..9/5 log whole", ["1", "2", "3", "5", "9"]),
    ("x.every=never, 30 days", ["never", "30 days"]),
    ("x.y=30, 7, 20", ["7", "20", "30"]),
    ("x.y={beta: [2, 8]}, {between: [0, 1]}", ["{beta: [2, 8]}", "{between: [0, 1]}"]),
    ("x.y='a, b', c", ["'a, b'", "c"]),
    ("x.y=1..3", [])])
def test_values_are_written_as_in_a_story(text, told):
    assert values(text) == told


def test_keys_may_be_tied_named_and_quoted():
    axis = read('how fast: psyche.learning.up & psyche.learning.down=0.1..0.5/3')
    assert (axis.name, axis.keys, axis.label) == ("how fast", ("psyche.learning.up", "psyche.learning.down"), "how fast")
    assert axis.settings("0.3") == ["psyche.learning.up=0.3", "psyche.learning.down=0.3"]
    assert read("rival's pace: firms.them.improves=0 per year, 1 per year").name == "rival's pace"
    quoted = read("strategies.'a: b'.0.surprise.chance=1%, 2%")
    assert (quoted.name, quoted.keys) == ("", ("strategies.'a: b'.0.surprise.chance",))
    quoted = read('strategies."a = b & c: d".0.surprise.chance=10%, 20%')
    assert quoted.keys == ('strategies."a = b & c: d".0.surprise.chance',)
    assert quoted.label == "surprise.chance of a = b & c: d"
    assert read("firms.across the lake.improves=0 per year, 1 per year").label == "improves of across the lake"
    assert read("strategies.a.1.upgrade.by=1, 2").label == "1.upgrade.by of a"
    assert read("psyche.surprise.credit=0, 1").label == "surprise.credit"


def test_values_are_read_back_as_numbers_of_one_unit():
    axis = read("market.visits.every=1 week, 30 days, 1 year")
    assert axis.unit == "days"
    assert [axis.number(one) for one in axis.listed] == [7.0, 30.0, 365.0]
    assert read("x.y=10%, 20%").number(0.15) == 15.0
    assert read("x.y=0.1, 0.2").number("15%") == 0.15
    for nothing in ("never", None, True, [1], "3 days"):
        assert read("x.y=0.1, 0.2").number(nothing) is None


@given(some.floats(-1e6, 1e6), some.floats(1e-3, 1e6), some.integers(2, 60))
def test_a_range_rises_from_end_to_end(low, wide, count):
    low, high = (float(f"{end:.6f}") for end in (low, low + wide))
    axis = read(f"x.y={low:f}..{high:f}/{count}")
    told = [axis.number(axis.value(place)) for place in range(count)]
    assert told[0] == low
    assert told[-1] == high
    assert all(before < after for before, after in itertools.pairwise(told))
    step = (high - low) / (count - 1)
    assert all(abs(x - (low + step * place)) <= 0.01 * step for place, x in enumerate(told))


@pytest.mark.parametrize(("text", "said"), [
    ("psyche.learning.up", "must be written as KEY=VALUES"),
    ("=1, 2", "must be written as KEY=VALUES"),
    ("a.b=", "has no values"),
    ("a.b=1,,2", "a value is missing between two commas"),
    ("a.b=0.5..0.1/3", "did you mean 0.1..0.5?"),
    ("a.b=1..1/3", "both ends are the same"),
    ("a.b=1..2/1", "must be a whole number of 2 or more, not '1'"),
    ("a.b=1..2/many", "must be a whole number of 2 or more, not 'many'"),
    ("a.b=1..2/3 lg", "there is no 'lg' after a range; allowed: log, whole"),
    ("a.b=0..2/3 log", "start above 0"),
    ("a.b=1 day..5/3", "did you mean 5 days?"),
    ("a.b=1 day..5%/3", "days and % are different things"),
    ("a.b=low..high/3", "is no range; a range is written as LOW..HIGH"),
    ("a.b=1.5..3/3 whole", "has whole ends"),
    ("a.b=1..3/9 whole", "only 3 whole numbers in it, not 9"),
    ("a.b=1..9/9 log whole", "are not 9 different ones"),
    ("a.b=1, 1", "names 1 twice"),
    ("a..b=1, 2", "'a..b' is no key"),
    ("a.b & a.b=1, 2", "names the same key twice"),
    ("seed=1, 2", "seed belongs to all points alike, not to one of them; use --seed"),
    ("title=a, b", "title changes nothing that is simulated")])
def test_a_slip_is_told_in_a_sentence(text, said):
    with pytest.raises(OverError, match="--over") as told:
        read(text)
    assert said in str(told.value)
    assert text in str(told.value)


@pytest.mark.parametrize(("texts", "said"), [
    ([], "there is nothing to go over"),
    (["a.b=1, 2", "a.b=3, 4"], "a.b is varied already by --over 'a.b=1, 2'"),
    (["a.b=1, 2", 'a."b" & a.c=3, 4'], "is varied already"),
    (["one: a.b=1, 2", "one: a.c=3, 4"], "two of them are called 'one'")])
def test_what_is_varied_is_varied_once(texts, said):
    with pytest.raises(OverError) as told:
        read_all(texts)
    assert said in str(told.value)


@pytest.mark.parametrize("path", sorted((HOME / "scenarios").glob("*.yaml")), ids=lambda path: path.stem)
def test_a_story_that_is_not_varied_is_the_same_story(path):
    story = sim.load(path, check_memory=False)
    again = vary(story.scenario, [])
    assert complete(again) == complete(story.scenario)
    assert resolve(again) == story.market


def test_a_varied_story_is_what_the_file_with_overrides_is():
    """Also where a default follows from what is varied: who expects our starting quality expects the new one."""
    path = HOME / "scenarios" / "rivals.yaml"
    settings = ["firms.ours.quality=71", "horizon=800 days", "psyche.learning=0.11"]
    assert resolve(vary(sim.load(path).scenario, settings)) == sim.load(path, settings).market
    assert resolve(vary(sim.load(path).scenario, settings)) != sim.load(path).market


def test_a_mistake_in_a_varied_story_says_its_key():
    scenario = sim.load(HOME / "scenarios" / "hotel.yaml").scenario
    with pytest.raises(ScenarioError, match='unknown key "learnin"; did you mean "learning"'):
        vary(scenario, ["psyche.learnin.up=0.2"])
    with pytest.raises(ScenarioError, match=r"hotel\.yaml: market\.segments: the shares of all segments must sum to 1"):
        vary(scenario, ["market.segments.business.share=0.5"])


def test_ties_are_read_once(tmp_path):
    (tmp_path / "ties.csv").write_text("from,to\n0,1\n1,2\n", encoding="utf-8")
    (tmp_path / "story.yaml").write_text("""
title: who hears whom
horizon: 30 days
market: {people: 3, visits: {every: 6 days}, network: {edges: ties.csv}}
psyche: {learning: 0.3, talk: {base: 0.2}, listening: 0.1}
firms: {ours: {quality: 60}}
strategies: {still: []}
""", encoding="utf-8")
    scenario = sim.load(tmp_path / "story.yaml").scenario
    (tmp_path / "ties.csv").unlink()
    assert resolve(vary(scenario, ["psyche.learning=0.4"])).network == resolve(scenario).network
    with pytest.raises(ScenarioError, match="names no file"):
        vary(scenario, ["market.network.edges=others.csv"])

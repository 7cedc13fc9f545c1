"""A file that lists who hears whom: read, refused line by line, and known by what it lists."""

from __future__ import annotations

from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import market
from sim.engine import kernel, network
from sim.market import Market, Ties
from sim.story import edges
from sim.story.cautions import cautions
from sim.story.load import ScenarioError, load
from sim.story.resolve import complete, resolve, resolved_text
from sim.story.scenario import Mistake

STORY = """title: told by friends
horizon: 30 days
market: {people: 100, visits: {every: 1 week}, network: {edges: friends.csv}}
firms: {ours: {quality: 60}}
strategies: {stand still: []}
"""


def read(folder: Path, content: str | bytes) -> tuple[Ties | None, list[str]]:
    path = folder / "friends.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    mistakes: list[Mistake] = []
    found = edges.read(path, mistakes)
    return found, [str(one).replace(f"{folder}/", "") for one in mistakes]


def pairs(folder: Path, content: str | bytes) -> list[list[int]]:
    found, mistakes = read(folder, content)
    assert mistakes == []
    assert found is not None
    return found.pairs.tolist()


def story(folder: Path, content: str = "0,1\n1,2\n", *settings: str) -> Market:
    (folder / "friends.csv").write_text(content, encoding="utf-8")
    path = folder / "story.yaml"
    path.write_text(STORY, encoding="utf-8")
    return resolve(load(path, settings))


@pytest.mark.parametrize("content", [
    "0,1\n7,3\n", "0,1\n7,3", "0\t1\n7\t3\n", "0,1\r\n7,3\r\n", "from,to\n0,1\n7,3\n", "From\tTo\r\n0\t1\r\n7\t3\r\n",
    '"from","to"\n0,1\n7,3\n', "\ufefffrom,to\n0,1\n7,3\n", "\ufeff0,1\n7,3\n", " 0 , 1\n\n7,3 \n  \n",
    "0,1\n1,0\n3,7\n7,3\n3,7\n", "00000000000,1\n7,3\n", "from,to\r\n\r\n7,3\r\n0,1"])
def test_ways_to_write_the_same_ties(tmp_path: Path, content: str) -> None:
    assert pairs(tmp_path, content) == [[0, 1], [3, 7]]


NUMBER = "a person's number must be a whole number from 0 to 4294967294, not"


@pytest.mark.parametrize(("content", "message"), [
    ("", "friends.csv:1:1: lists no ties; write two numbers of people a line, such as 0,1"),
    ("from,to", "friends.csv:1:1: lists no ties; write two numbers of people a line, such as 0,1"),
    (b"0,1\n\xff\xfe,2\n", f'friends.csv:2:1: {NUMBER} "\ufffd\ufffd"'),
    ("0,1\n1e3,2\n", f'friends.csv:2:1: {NUMBER} "1e3"'), ("0,1\n2,٣\n", f'friends.csv:2:3: {NUMBER} "٣"'),
    ("from,to\nfrom,to\n0,1\n", f'friends.csv:2:1: {NUMBER} "from"'),
    ("from;to\n0,1", "friends.csv:1:1: must hold two numbers of people with a comma or a tab between, such as 0,1, not "
                     '"from;to"; a header must be from,to'),
    ("1" * 30 + ",2", f'friends.csv:1:1: {NUMBER} "{"1" * 30}"')])
def test_what_is_no_tie_is_told_at_its_place(tmp_path: Path, content: str | bytes, message: str) -> None:
    found, told = read(tmp_path, content)
    assert found is None
    assert told[0] == message


def test_only_the_first_mistakes_are_told(tmp_path: Path) -> None:
    found, told = read(tmp_path, "0,1\n" * 3 + "no\n" * 1000)
    assert found is None
    assert [one.split(":")[1] for one in told] == [str(line) for line in range(4, 14)]


def test_too_many_ties_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edges, "MOST", 3)
    assert len(pairs(tmp_path, "0,1\n0,2\n0,3\n")) == 3
    found, told = read(tmp_path, "0,1\n0,2\n0,3\n1,0\n")
    assert found is None
    assert told == ["friends.csv:1:1: lists more than 3 ties, the most that are read"]


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    mistakes: list[Mistake] = []
    assert edges.read(tmp_path, mistakes) is None
    assert [str(one) for one in mistakes] == [f"{tmp_path}: cannot be read: is a directory"]


def test_places_are_right_in_every_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f"{number},{number + 1}" for number in range(200)]
    whole = pairs(tmp_path, "\n".join(lines))
    for size in (1, 7, 64):
        monkeypatch.setattr(edges, "_PIECE", size)
        assert pairs(tmp_path, "\n".join(lines)) == whole
        assert read(tmp_path, "\n".join([*lines[:150], "x,1", *lines[150:]]))[1][0].startswith("friends.csv:151:1: ")


@given(listed=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)).filter(lambda pair: pair[0] != pair[1]), min_size=1),
       tidy=st.booleans())
def test_quick_and_slow_reading_agree(listed: list[tuple[int, int]], tidy: bool) -> None:
    piece = "".join(f"{a},{b}\n" for a, b in listed).encode()
    mistakes: list[Mistake] = []
    quick, slow = edges._sure(piece), edges._slowly(piece, 1, "file", mistakes)
    assert mistakes == []
    assert quick is not None
    assert np.array_equal(quick, slow)
    assert np.array_equal(slow, listed)


@given(listed=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda pair: pair[0] != pair[1]), min_size=1),
       random=st.randoms())
def test_a_digest_knows_what_is_listed_and_not_how(listed: list[tuple[int, int]], random: Random) -> None:
    def ties(pairs: list[tuple[int, int]]) -> Ties:
        return edges.ties(np.array(pairs, dtype=np.uint32))

    turned = [*((b, a) for a, b in listed), *listed]
    random.shuffle(turned)
    assert ties(listed) == ties(turned)
    assert list(map(tuple, ties(listed).pairs.tolist())) == sorted({(min(pair), max(pair)) for pair in listed})
    assert ties([*listed, (10, 11)]) != ties(listed)
    assert not ties(listed).pairs.flags.writeable


def test_the_market_hears_as_listed(tmp_path: Path) -> None:
    found = story(tmp_path, "0,1\n1,5\n")
    friends = network.build(found.network, found.people, 1, 0, kernel.DRAWS)
    assert friends.friends.tolist() == [1, 0, 5, 1]
    assert found.network.kind == "edges"


def test_other_ties_are_another_market_and_another_text(tmp_path: Path) -> None:
    one, text = story(tmp_path), resolved_text(load(tmp_path / "story.yaml"))
    again, same = story(tmp_path, "from,to\n2,1\n0,1\n"), resolved_text(load(tmp_path / "story.yaml"))
    other, changed = story(tmp_path, "0,1\n1,3\n"), resolved_text(load(tmp_path / "story.yaml"))
    assert (again, same) == (one, text)
    assert hash(again) == hash(one)
    assert other != one
    assert changed != text


def test_a_resolved_text_refuses_other_ties(tmp_path: Path) -> None:
    story(tmp_path)
    path = tmp_path / "resolved.yaml"
    path.write_text(resolved_text(load(tmp_path / "story.yaml")), encoding="utf-8")
    assert resolve(load(path)) == resolve(load(tmp_path / "story.yaml"))
    (tmp_path / "friends.csv").write_text("0,1\n1,3\n", encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"resolved\.yaml:\d+:\d+: market\.network\.digest: is not that of the ties in"):
        load(path)


def test_a_file_is_looked_for_beside_the_file_that_names_it(tmp_path: Path) -> None:
    below = tmp_path / "below"
    below.mkdir()
    found = story(below)
    path = tmp_path / "story.yaml"
    path.write_text("extends: below/story.yaml\n", encoding="utf-8")
    assert resolve(load(path)) == found
    assert complete(load(path))["market"]["network"]["edges"] == "below/friends.csv"
    (tmp_path / "others.csv").write_text("3,4\n", encoding="utf-8")
    other = resolve(load(path, ["market.network={edges: others.csv}"])).network.ties
    assert other is not None
    assert other.pairs.tolist() == [[3, 4]]


@pytest.mark.parametrize("name", ["../outside.csv", "link.csv", "/etc/passwd"])
def test_a_file_stays_in_the_folder(tmp_path: Path, name: str) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "outside.csv").write_text("0,1\n", encoding="utf-8")
    (home / "link.csv").symlink_to(tmp_path / "outside.csv")
    story(home)
    with pytest.raises(ScenarioError, match=r"market\.network\.edges: must stay inside the scenario's own folder or below it"):
        load(home / "story.yaml", [f"market.network.edges={name}"])


def test_a_mistake_in_the_file_is_told_beside_those_of_the_story(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        story(tmp_path, "0,1\n2,2\n", "seed=-1")
    assert [str(one).replace(f"{tmp_path}/", "").split(": ")[0] for one in caught.value.mistakes] == [
        "friends.csv:2:3", "--set seed=-1"]


def test_ties_that_lead_to_nobody_are_told(tmp_path: Path) -> None:
    idle = "market.network changes nothing: nobody talks to anybody"
    assert cautions(story(tmp_path)) == (idle,)
    assert cautions(story(tmp_path, "0,1\n1,5\n5,6\n", "market.people=6")) == (
        idle, "market.network.edges lists 3 ties; left out, because they lead to people whom a market of 6 does not have: 1")


def test_where_people_talk_a_network_is_not_idle(tmp_path: Path) -> None:
    assert not market.talks(story(tmp_path))
    talking = story(tmp_path, "0,1\n", "psyche={talk: {bad: 0.1}, listening: 0.2}")
    assert market.talks(talking)
    assert cautions(talking) == ()


@pytest.mark.parametrize("written", ["small_world", "{mixed: {degree: 7}}"])
def test_a_network_that_nobody_uses_is_told(tmp_path: Path, written: str) -> None:
    assert cautions(story(tmp_path, "0,1\n", f"market.network={written}")) == (
        "market.network changes nothing: nobody talks to anybody",)
    assert cautions(story(tmp_path, "0,1\n", "market.network={mixed: {degree: 8}}")) == ()


@pytest.mark.parametrize(("written", "fewest"), [
    ("{small_world: {degree: 6}}", 7), ("{scale_free: {degree: 6}}", 7), ("mixed", 1)])
def test_another_design_has_people_enough(tmp_path: Path, written: str, fewest: int) -> None:
    found = story(tmp_path, "0,1\n", f"market.network={written}")
    assert market.with_design(found, None, None, fewest).people == fewest
    if fewest > 1:
        with pytest.raises(ValueError, match="people must be 7 or more here, not 6: the network ties each of them to 6 others"):
            market.with_design(found, None, None, fewest - 1)

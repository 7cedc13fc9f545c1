"""`drift compare --rivals` from outside: a table and a verdict, one JSON document, a sealed folder, mistakes in a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.engine import archive
from tests.cli.conftest import STORY, Drift
from tests.cli.test_explain import finite

PLAYED = STORY.replace("leaving: {base: 5% per visit}", "leaving: {base: 5% per visit}, choosing: {value: 0.3}").replace(
    "margin: 10}}", "margin: 10}, theirs: {quality: 60, noise: 3, margin: 10, strategies: {still: [], better: [{upgrade: "
    "{by: 6, cost: 900}}]}}}")
SMALL = ("--people", "80", "--replications", "3", "--jobs", "1")


@pytest.fixture
def story(tmp_path: Path) -> Path:
    """A folder that holds story.yaml, in which a rival has strategies."""
    (tmp_path / "story.yaml").write_text(PLAYED, encoding="utf-8")
    return tmp_path


def test_people_read_a_verdict_and_the_payoffs_of_both(drift: Drift, story: Path) -> None:
    answer = drift("compare", "story.yaml", "--rivals", *SMALL)
    assert answer.returncode == 0, answer.stderr
    for said in ("Verdict:", "profit of ours, EUR", "profit of theirs, EUR", "* best against what the other plays"):
        assert said in answer.stdout, answer.stdout
    assert "small extras against better: done after" in answer.stderr
    folder, = story.glob("runs/*-game-*")
    assert {"game.json", "game.html", "payoffs.csv", "payoffs.svg", "payoffs.png"} <= set(archive.check(folder)["files"])
    assert drift("report", str(folder)).returncode == 0


def test_one_json_document(drift: Drift, story: Path) -> None:
    answer = drift("compare", "story.yaml", "--rivals", "theirs", "--outcome", "share", "--json", "--quiet", "--no-report",
                   "--keep", "customers", *SMALL)
    assert answer.returncode == 0, answer.stderr
    assert answer.stderr == ""
    found = json.loads(answer.stdout)
    assert finite(found)
    assert (found["outcome"], found["firms"], found["people"]) == ("share", ["ours", "theirs"], 80)
    assert len(found["payoffs"]) == 4 * 2 * 2
    pairs = {(one["ours"], one["theirs"]): 0.0 for one in found["payoffs"]}
    for one in found["payoffs"]:
        pairs[one["ours"], one["theirs"]] += one["mean"]
    assert all(total == pytest.approx(1.0, abs=1e-12) for total in pairs.values())
    assert found["verdict"]["kind"] in ("dilemma", "no dilemma", "cannot tell")
    assert {one["to"] for one in found["best_replies"] if one["firm"] == "ours"} == {"still", "better"}
    folder = story / found["run"]
    assert json.loads((folder / "game.json").read_text(encoding="utf-8"))["payoffs"] == found["payoffs"]
    assert not (folder / "game.html").exists()
    assert (folder / "customers.parquet").is_file()


@pytest.mark.parametrize(("told", "said"), [
    (("--rivals", "nobody"), "there is no rival 'nobody' with strategies; rivals that have some: theirs"),
    (("--rivals", "--outcome", "nps"), "nps cannot be a payoff here; a game can be about: satisfaction"),
    (("--rivals", "--set", "firms.theirs={quality: 60}"), "no rival has strategies to play")])
def test_a_wrong_request_is_a_sentence(drift: Drift, told: tuple[str, ...], said: str) -> None:
    answer = drift("compare", "story.yaml", *told)
    assert answer.returncode == 2
    assert said in answer.stderr
    assert "Traceback" not in answer.stderr
    assert answer.stdout == ""


def test_a_story_in_which_nobody_chooses_is_no_game(drift: Drift, story: Path) -> None:
    (story / "story.yaml").write_text(STORY, encoding="utf-8")
    answer = drift("compare", "story.yaml", "--rivals")
    assert answer.returncode == 2
    assert "nobody chooses among firms here" in answer.stderr


def test_strict_asks_for_a_game_that_is_known(drift: Drift) -> None:
    answer = drift("compare", "story.yaml", "--rivals", "--strict", "--quiet", "--people", "20", "--replications", "2",
                   "--no-report", "--jobs", "1")
    assert answer.returncode == 3, answer.stdout
    assert "cannot be told" in " ".join(answer.stdout.split())


@pytest.mark.long
def test_a_comparison_says_that_its_story_is_also_a_game(drift: Drift, story: Path) -> None:
    answer = drift("compare", "story.yaml", *SMALL)
    said = " ".join(answer.stdout.split())
    assert ("This is also a game. Here theirs plays ‘still’, one of its 2 strategies; drift compare FILE --rivals plays ours "
            "against all of them.") in said
    folder, = story.glob("runs/story-*")
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "This is also a game. Here theirs plays ‘still’" in page
    alone = drift("compare", "story.yaml", "--set", "firms.theirs.strategies={still: []}", *SMALL)
    assert "also a game" not in alone.stdout
    heard = drift("compare", "story.yaml", "--set", "psyche={learning: 0.3}", *SMALL)
    assert "also a game" not in heard.stdout

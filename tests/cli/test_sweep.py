"""`drift sweep` from outside: words and a map in letters, one JSON document, a sealed folder, mistakes, Ctrl-C."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from sim.cells.batch import Study
from sim.cells.cell import Outcomes
from sim.cells.work import Failure, Work
from sim.cli import main
from sim.engine import archive
from sim.experiments import sweep as sweeping
from tests.cli.conftest import Drift
from tests.cli.test_explain import finite

SMALL = ("--people", "60", "--replications", "3", "--jobs", "1")
OVER = ("--over", "how fast: psyche.learning.up & psyche.learning.down=0.1..0.5/3",
        "--over", "market.visits.every=3 days, 6 days")


def test_people_read_what_wins_a_map_and_where_all_is(drift: Drift, story: Path) -> None:
    answer = drift("sweep", "story.yaml", *OVER, *SMALL)
    assert answer.returncode == 0, answer.stderr
    said = " ".join(answer.stdout.split())
    for part in ("Verdict: ‘", "points", "As the story is written", "how fast across, 0.1 to 0.5; visits.every up",
                 "Page runs/story-sweep-", "6 days", "0.3"):
        assert part in said, answer.stdout
    rows = [line.split() for line in answer.stdout.splitlines() if line.startswith(("3 days", "6 days"))]
    assert [row[:2] for row in rows] == [["6", "days"], ["3", "days"]]  # upward
    assert all(len(row) == 5 and set("".join(row[2:])) <= set("ABCD?=") for row in rows)
    assert "6 of 6 points: done after" in answer.stderr
    folder, = story.glob("runs/*-sweep-*")
    assert {"sweep.json", "sweep.csv", "sweep.html", "map.svg", "map.png", "scenario.resolved.yaml"} <= {
        *archive.check(folder)["files"]}
    assert drift("report", str(folder)).returncode == 0
    assert (folder / "sweep.html").is_file()
    again = drift("sweep", "story.yaml", *OVER, *SMALL, "--quiet", "--no-report")
    assert again.returncode == 0
    assert again.stderr == ""
    second, = set(story.glob("runs/*-sweep-*")) - {folder}
    assert not (second / "sweep.html").exists()
    assert (second / "sweep.csv").read_bytes() == (folder / "sweep.csv").read_bytes()


def test_one_json_document_and_a_tidy_table(drift: Drift, story: Path) -> None:
    answer = drift("sweep", "story.yaml", *OVER, *SMALL, "--json", "--quiet", "--no-report", "--outcome", "profit",
                   "--seed", "8", "--strategy", "small extras", "--strategy", "new kitchen")
    assert answer.returncode == 0, answer.stderr
    assert answer.stderr == ""
    found = json.loads(answer.stdout)
    assert finite(found)
    assert (found["outcome"], found["people"], found["seed"]) == ("profit", 60, 8)
    assert found["strategies"] == ["small extras", "new kitchen"]
    assert found["design"]["points"] == found["finished"] == 6
    assert [one["story"] for one in found["design"]["over"]] == [None, 6.0]
    assert sum(found["wins"].values()) + found["open"] + found["same"] + found["unknown"] == 6
    assert [one["how fast"] for one in found["points"]] == ["0.1", "0.1", "0.3", "0.3", "0.5", "0.5"]
    with (story / found["run"] / "sweep.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    told = {(int(row["point"]), row["strategy"]): row for row in rows if row["outcome"] == "profit"}
    assert len(told) == 12
    for one in found["outcomes"]:
        assert float(told[one["point"], one["strategy"]]["mean"]) == one["mean"]
    for one in found["points"]:
        best, other = (float(told[one["point"], one[which]]["mean"]) for which in ("best", "runner_up"))
        assert one["margin"] == pytest.approx(best - other, abs=1e-9)
    assert {"satisfaction", "cost", "retention"} <= {row["outcome"] for row in rows}


def test_points_may_fill_a_space(drift: Drift) -> None:
    answer = drift("sweep", "story.yaml", "--over", "psyche.learning.up=0.1..0.5", "--over",
                   "market.visits.every=3 days..9 days", "--design", "sobol", "--points", "5", "--no-report", *SMALL)
    assert answer.returncode == 0, answer.stderr
    assert "power of two, such as 4, not 5" in answer.stderr
    assert "5 points" in answer.stdout


@pytest.mark.parametrize(("told", "said"), [
    ((), "there is nothing to go over; give at least one --over"),
    (("--over", "psyche.learnin.up=0.1, 0.2"), 'unknown key "learnin"; did you mean "learning"'),
    (("--over", "psyche.learning.up=0.5..0.1/3"), "did you mean 0.1..0.5?"),
    (("--over", "psyche.learning.up=0.1..0.5"), "a grid needs to know how many values"),
    (("--over", "market.visits.every=3..6/2"), "must be a duration such as `30 days`"),
    (("--over", "psyche.learning.up=0.5, 2"), "point 2 of 2 (psyche.learning.up=2) is no story"),
    (("--over", "psyche.learning.up=0.5, 1", "--strategy", "kitchen"), "there is no strategy 'kitchen'"),
    (("--over", "psyche.learning.up=0.5, 1", "--design", "spiral"), "'spiral' is not a design; allowed: grid, sobol"),
    (("--over", "psyche.learning.up=0..1", "--design", "lhs"), "--design lhs needs --points")])
def test_a_wrong_request_is_a_sentence(drift: Drift, told: tuple[str, ...], said: str) -> None:
    answer = drift("sweep", "story.yaml", *told)
    assert answer.returncode == 2
    assert said in answer.stderr
    assert len(answer.stderr.splitlines()) <= 2
    assert "Traceback" not in answer.stderr
    assert answer.stdout == ""


def test_what_takes_longer_than_a_day_is_refused_at_once(drift: Drift, story: Path) -> None:
    answer = drift("sweep", "story.yaml", "--over", "psyche.learning.up=0.1..0.5/1000000000")
    assert answer.returncode == 2
    assert "1,000,000,000 points × 4 strategies × 4 replications of 150 people are about" in answer.stderr
    assert "years of work, and a sweep may take a day" in answer.stderr
    assert not list(story.glob("runs/*"))


def test_strict_asks_that_every_point_is_decided(drift: Drift) -> None:
    answer = drift("sweep", "story.yaml", "--over", "psyche.learning.up=0.3, 0.4", "--strategy", "stand still", "--strategy",
                   "small extras", "--strict", "--quiet", "--no-report", "--people", "3", "--replications", "2", "--jobs", "1")
    assert answer.returncode == 3, answer.stdout
    assert "It cannot be told what wins at any of 2 points" in answer.stdout


def test_ctrl_c_keeps_the_points_that_are_finished(story: Path, monkeypatch: pytest.MonkeyPatch,
                                                   capsys: pytest.CaptureFixture[str]) -> None:
    inner, left = sweeping.outcomes_of, [7]

    def interrupted(work: Work, studies: Iterable[Study]) -> Iterator[tuple[int, Outcomes | Failure]]:
        for found in inner(work, studies):
            left[0] -= 1
            if left[0] < 0:
                raise KeyboardInterrupt
            yield found

    monkeypatch.chdir(story)
    monkeypatch.setattr(sweeping, "outcomes_of", interrupted)
    over = ["sweep", "story.yaml", "--over", "psyche.learning.up=0.11..0.51/9", *SMALL]
    assert main([*over, "--json"]) == 130
    said = capsys.readouterr()
    found = json.loads(said.out)
    assert 1 <= found["finished"] < 9
    assert found["interrupted"] is True
    assert f"Interrupted: {found['finished']} of 9 points finished." in said.err
    manifest = archive.check(story / found["run"])
    assert f"Interrupted: {found['finished']} of 9 points were finished." in manifest["note"]
    left[0] = 0
    assert main(over) == 130
    assert "no point was finished, so nothing is kept" in capsys.readouterr().err

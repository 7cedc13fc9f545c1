"""`drift compare --until` and `drift select` from outside."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim import api
from tests.cli.conftest import Drift
from tests.cli.test_explain import finite

SMALL = ("--people", "40", "--jobs", "1")


def test_replications_are_added_until_it_is_settled_and_the_folder_says_so(drift: Drift, story: Path) -> None:
    answer = drift("compare", "story.yaml", "--until", "0.5", "satisfaction", "--json", "--no-report", "--strict", *SMALL)
    assert answer.returncode == 0, answer.stderr
    assert "10 replications: done after" in answer.stderr
    found = json.loads(answer.stdout)
    assert finite(found)
    until = found["until"]
    assert (until["margin"], until["outcome"], until["most"]) == (0.5, "satisfaction", 160)  # 40 times the story's 4
    assert until["settled"]
    assert found["replications"] == until["replications"] in until["looks"]
    assert found["verdict"]["common_luck"] > 1
    folder = story / found["run"]
    again = api.read(folder)
    assert again.plan is not None
    assert again.document()["until"] == until
    assert again.document()["verdict"] == found["verdict"]
    assert again.document()["differences"] == found["differences"]


def test_a_share_has_its_margin_in_percentage_points_and_the_most_is_what_was_said(drift: Drift) -> None:
    """Nobody leaves in twelve replications, which is not enough to be sure of a tenth of a percentage point."""
    answer = drift("compare", "story.yaml", "--until", "0.1", "retention", "--replications", "12", "--no-report", "--strict",
                   "--quiet", "--set", "psyche.leaving.base=1e-9", *SMALL)
    assert answer.returncode == 3, answer.stderr  # not settled
    said = " ".join(answer.stdout.split())
    assert "All strategies are the same so far: retention differs by 0 in every one of 12 replications" in said
    assert "or surely within 0.1 percentage points, too little to matter: it is not, after 12 replications" in said
    assert answer.stderr == ""


@pytest.mark.parametrize(("told", "said"), [
    (("--until", "0", "satisfaction"), "--until: '0' is not a number above 0, such as 0.1"),
    (("--until", "much", "satisfaction"), "--until: 'much' is not a number above 0, such as 0.1"),
    (("--until", "0.1", "satisfactoin"), "is not an outcome that can decide; did you mean 'satisfaction'?"),
    (("--until", "0.1", "share"), "--until: share cannot decide, because people do not choose among firms"),
    (("--until", "0.1", "profit", "--outcome", "felt"), "--until is about profit, and so is the verdict"),
    (("--until", "0.1", "profit", "--rivals"), "--until settles one comparison, and --rivals makes many"),
])
def test_what_cannot_be_settled_is_said_before_anything_runs(drift: Drift, story: Path, told: tuple[str, ...], said: str
                                                             ) -> None:
    answer = drift("compare", "story.yaml", *told, *SMALL)
    assert answer.returncode == 2
    assert said in answer.stderr
    assert not (story / "runs").exists()


def test_the_best_of_many_is_chosen_in_a_table_and_in_json(drift: Drift, story: Path) -> None:
    answer = drift("select", "story.yaml", "--within", "0.5", "satisfaction", "--strict", *SMALL)
    assert answer.returncode == 0, answer.stderr
    lines = answer.stdout.splitlines()
    assert lines[3].startswith("Choose ")
    assert sum("fell out after" in line for line in lines) == 3
    assert sum(line.endswith("chosen") for line in lines) == 1
    told = drift("select", "story.yaml", "--within", "0.5", "satisfaction", "--json", "--quiet", *SMALL)
    found = json.loads(told.stdout)
    assert finite(found)
    assert found["settled"]
    assert answer.stdout.count(f"\n{found['best']} ") == 1
    assert not (story / "runs").exists()  # nothing is kept


def test_a_race_that_is_cut_short_is_not_settled(drift: Drift) -> None:
    answer = drift("select", "story.yaml", "--within", "0.0001", "satisfaction", "--replications", "4", "--strict", *SMALL)
    assert answer.returncode == 3
    assert answer.stdout.count("still in the race") >= 2
    wrong = drift("select", "story.yaml", "--within", "0.1", "satisfaction", "--replications", "1", *SMALL)
    assert wrong.returncode == 2
    assert "2 replications or more" in wrong.stderr
    other = drift("select", "story.yaml", "--within", "0.1", "satisfaction", "--outcome", "felt", *SMALL)
    assert other.returncode == 2
    assert "--within is about satisfaction" in other.stderr

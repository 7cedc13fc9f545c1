"""`drift explain` from outside: one JSON document, a sealed folder, mistakes in a sentence, the promised exit status."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from sim.engine import archive
from tests.cli.conftest import Drift

SMALL = ("--people", "60", "--replications", "3", "--jobs", "1")


def finite(value: Any) -> bool:
    """Whether a document holds no number that JSON does not know."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return all(map(finite, inner)) and (not isinstance(value, float) or math.isfinite(value))


def test_one_json_document_that_adds_up_and_a_sealed_folder(drift: Drift, story: Path) -> None:
    answer = drift("explain", "story.yaml", "--strategy", "new kitchen", "--against", "stand still", "--json", *SMALL)
    assert answer.returncode == 0, answer.stderr
    found = json.loads(answer.stdout)
    assert finite(found)
    assert (found["strategy"], found["against"], found["people"]) == ("new kitchen", "stand still", 60)
    parts = {one["key"]: one["mean"] for one in found["parts"]}
    assert set(parts) == {"learning", "leaving"}
    assert found["null"]["mean"] + sum(parts.values()) == pytest.approx(found["difference"]["mean"], rel=1e-12)
    assert found["paragraph"]
    assert found["method"]["exact"]
    folder = story / found["run"]
    for name in ("explanation.json", "explanation.html", "explanation.svg", "explanation.png"):
        assert name in archive.check(folder)["files"]
    assert json.loads((folder / "explanation.json").read_text(encoding="utf-8"))["parts"] == found["parts"]
    assert "done after" in answer.stderr
    again = drift("report", found["run"])
    assert again.returncode == 0, again.stderr
    assert (folder / "explanation.html").is_file()
    (folder / "explanation.json").write_text("{}", encoding="utf-8")
    assert drift("report", found["run"]).returncode == 1  # a changed file is noticed


def test_people_read_a_paragraph_and_a_table(drift: Drift, story: Path) -> None:
    answer = drift("explain", "story.yaml", "--strategy", "new kitchen", "--quiet", "--no-tipping", "--no-report", *SMALL)
    assert answer.returncode == 0, answer.stderr
    assert answer.stderr == ""
    for said in ("null model", "in all", "switched off alone", "unequal learning", "where people only learn"):
        assert said in " ".join(answer.stdout.split()), answer.stdout
    assert "turns round at" not in answer.stdout
    assert not list(story.glob("runs/*/explanation.html"))


@pytest.mark.parametrize(("told", "said"), [
    (("--strategy", "new kitchn"), "there is no strategy 'new kitchn'"),
    (("--against", "nobody"), "strategies: stand still, small extras, new kitchen, stand still again"),
    (("--strategy", "new kitchen", "--against", "new kitchen"), "cannot be compared with itself"),
    (("--outcome", "expectation"), "'expectation' is not an outcome that can decide"),
    (("--people", "0"), "is not a whole number"),
    (("--set", "psyche.learnin=1"), "learnin")])
def test_a_wrong_request_is_a_sentence(drift: Drift, told: tuple[str, ...], said: str) -> None:
    answer = drift("explain", "story.yaml", *told)
    assert answer.returncode == 2
    assert said in answer.stderr
    assert "Traceback" not in answer.stderr
    assert answer.stdout == ""


def test_one_strategy_alone_is_a_wrong_request(drift: Drift, story: Path) -> None:
    text = (story / "story.yaml").read_text(encoding="utf-8").split("  small extras")[0]
    (story / "one.yaml").write_text(text, encoding="utf-8")
    answer = drift("explain", "one.yaml")
    assert answer.returncode == 2
    assert "there is only one strategy, stand still, and nothing to compare it with" in answer.stderr


def test_strict_asks_for_a_decided_verdict(drift: Drift) -> None:
    answer = drift("explain", "story.yaml", "--strategy", "stand still", "--against", "stand still again", "--strict",
                   "--quiet", *SMALL)
    assert answer.returncode == 3
    assert "Not decided" in answer.stdout

"""`drift search`, `drift compare --equal-spend`, `drift sensitivity` from outside: documents, sealed folders, exit status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.engine import archive
from tests.cli.conftest import Drift
from tests.cli.test_explain import finite
from tests.experiments.test_search import STORY as PAPER

SMALL = ("--people", "60", "--replications", "3", "--jobs", "1")
CHANCE = 'strategies."small extras".0.surprise.chance'


def test_people_read_the_best_levers_and_what_more_money_buys(drift: Drift, story: Path) -> None:
    answer = drift("search", "story.yaml", "--over", f"{CHANCE}=5%..80%", "--within", "cost <= 4", "--looks", "24", *SMALL)
    assert answer.returncode == 0, answer.stderr
    for said in ("On fresh luck", "surprise.chance", "cost <= 4:", "what more money buys", "Page    runs"):
        assert said in answer.stdout, answer.stdout
    for said in ("searching: up to 24", "judging on fresh luck: done after"):
        assert said in answer.stderr
    folder, = story.glob("runs/story-searched-*")
    assert {"search.json", "search.html", "tried.csv", "frontier.svg", "frontier.png"} <= set(archive.check(folder)["files"])
    assert drift("report", str(folder)).returncode == 0


def test_a_search_is_one_document_and_its_levers_can_be_set(drift: Drift, story: Path) -> None:
    answer = drift("search", "story.yaml", "--over", f"{CHANCE}=5%..80%/4", "--outcome", "felt", "--json", "--quiet",
                   "--no-report", *SMALL)
    assert answer.returncode == 0, answer.stderr
    assert answer.stderr == ""
    found = json.loads(answer.stdout)
    assert finite(found)
    assert (found["outcome"], found["strategy"], found["people"]) == ("felt", "small extras", 60)
    assert found["fresh_seed"] != found["seed"] == 3
    assert found["looks"] <= 5 + 4
    folder = story / found["run"]
    assert json.loads((folder / "search.json").read_text(encoding="utf-8"))["best"] == found["best"]
    assert not (folder / "search.html").exists()
    told = [word for one in found["set"] for word in ("--set", one)]
    again = drift("run", "story.yaml", "--strategy", "small extras", "--json", "--quiet", "--no-report", "--seed",
                  str(found["fresh_seed"]), *told, "--people", "60", "--replications", "3")
    mean = json.loads(again.stdout)["strategies"][0]["outcomes"]["felt"]["mean"]
    assert mean == pytest.approx(found["best"]["outcomes"]["felt"]["mean"], abs=1e-12)


def test_the_command_finds_the_optimum_on_paper(drift: Drift, story: Path) -> None:
    """The chance of a surprise of credit 0.2 that pays most is 1/(1 + √0.2): within 2%, from the command line."""
    (story / "gifts.yaml").write_text(PAPER.replace("CREDIT", "0.2"), encoding="utf-8")
    answer = drift("search", "gifts.yaml", "--over", "strategies.gifts.0.surprise.chance=0%..100%", "--looks", "60", "--json",
                   "--quiet", "--no-report")
    assert answer.returncode == 0, answer.stderr
    best = json.loads(answer.stdout)["levers"][0]["best"]
    assert float(best) == pytest.approx(1 / (1 + 0.2**0.5), rel=0.02)


def test_strict_wants_better_levers_for_sure(drift: Drift) -> None:
    answer = drift("search", "story.yaml", "--over", f"{CHANCE}=29%..31%", "--looks", "8", "--strict", "--quiet", "--no-report",
                   "--people", "20", "--replications", "2")
    assert answer.returncode == 3, answer.stdout


def test_equal_spend_comes_before_the_comparison_it_makes_fair(drift: Drift, story: Path) -> None:
    answer = drift("compare", "story.yaml", "--equal-spend", "3 per customer", *SMALL, "--no-report")
    assert answer.returncode == 0, answer.stderr
    for said in ("Equal spend", "is scaled to cost 3 EUR a customer", "A kept customer costs", "Verdict:"):
        assert said in " ".join(answer.stdout.split()), answer.stdout
    folder, = story.glob("runs/story-*")
    assert "equal_spend.json" in archive.check(folder)["files"]


def test_equal_spend_is_in_the_document(drift: Drift, story: Path) -> None:
    lever = 'strategies."new kitchen".0.upgrade.cost'
    answer = drift("compare", "story.yaml", "--equal-spend", "3", "--lever", lever, "--json", "--quiet", *SMALL)
    assert answer.returncode == 0, answer.stderr
    found = json.loads(answer.stdout)
    assert finite(found)
    costs = {one["name"]: one["outcomes"]["cost"]["mean"] for one in found["strategies"]}
    assert costs["small extras"] == pytest.approx(3, rel=0.005)
    assert costs["new kitchen"] == pytest.approx(3, rel=0.005)
    assert costs["stand still"] == 0.0
    assert [one["key"] for one in found["equal_spend"]["strategies"][2]["levers"]] == [lever]
    assert "is scaled to cost 3 EUR" in (story / found["run"] / "report.html").read_text(encoding="utf-8")


def test_a_sensitivity_is_read_and_stored(drift: Drift, story: Path) -> None:
    answer = drift("sensitivity", "story.yaml", "--strategy", "new kitchen", "--against", "small extras", *SMALL)
    assert answer.returncode == 0, answer.stderr
    for said in ("As the story stands", "learning.up", "at high", "Page    runs"):
        assert said in answer.stdout, answer.stdout
    folder, = story.glob("runs/story-sensitivity-*")
    assert {"sensitivity.json", "sensitivity.html", "sensitivity.csv", "sensitivity.svg"} <= set(archive.check(folder)["files"])
    assert drift("report", str(folder)).returncode == 0


@pytest.mark.parametrize("method", ["morris", "sobol"])
def test_a_sensitivity_is_one_document(drift: Drift, method: str) -> None:
    answer = drift("sensitivity", "story.yaml", "--method", method, "--size", "4", "--over", "psyche.learning.up=0.1..0.7",
                   "--over", "psyche.leaving.base=1% per visit..9% per visit", "--json", "--quiet", "--no-report", *SMALL)
    assert answer.returncode == 0, answer.stderr
    found = json.loads(answer.stdout)
    assert finite(found)
    assert (found["method"], found["points"]) == (method, 4 * (3 if method == "morris" else 4))
    assert {one["key"] for one in found["numbers"]} == {"psyche.learning.up", "psyche.leaving.base"}


@pytest.mark.parametrize(("told", "said"), [
    (("search", "story.yaml"), "nothing is let move; name levers with --over KEY=LOW..HIGH"),
    (("search", "story.yaml", "--over", f"{CHANCE}=40%..5%"), "did you mean 5%..40%?"),
    (("search", "story.yaml", "--over", 'strategies."small extra".0.surprise.chance=0..1'), "did you mean \"small extras\"?"),
    (("search", "story.yaml", "--over", f"{CHANCE}=5 days..9 days"), "must be a share from 0 to 1"),
    (("search", "story.yaml", "--over", f"{CHANCE}=0..1", "--within", "costs <= 1"), "there is no outcome 'costs'"),
    (("compare", "story.yaml", "--equal-spend", "lots"), "is not an amount above 0 a customer, such as 12"),
    (("compare", "story.yaml", "--equal-spend", "5000"), "cannot be made to cost 5,000 a customer"),
    (("compare", "story.yaml", "--lever", f"{CHANCE}"), "--lever says what --equal-spend scales"),
    (("compare", "story.yaml", "--rivals", "--equal-spend", "3"), "cannot be had at once"),
    (("sensitivity", "story.yaml", "--method", "sobel"), "did you mean 'sobol'?"),
    (("sensitivity", "story.yaml", "--over", "psyche.learnin.up=0.1..0.7"), "did you mean \"learning\"?")])
def test_a_wrong_request_is_a_sentence(drift: Drift, told: tuple[str, ...], said: str) -> None:
    answer = drift(*told, *SMALL[:2])
    assert answer.returncode == 2, answer.stdout
    assert said in answer.stderr
    assert "Traceback" not in answer.stderr
    assert answer.stdout == ""

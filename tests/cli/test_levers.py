"""`drift search`, `drift compare --equal-spend`, `drift sensitivity` from outside: documents, sealed folders, exit status."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.cli import main
from sim.engine import archive
from sim.experiments import compare as comparing
from sim.experiments import evaluate as evaluating
from sim.experiments.sensitivity import morris, sobol
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


def stopped(module: ModuleType, name: str, after: int) -> Callable[..., Iterator[Any]]:
    """What a module gives one by one, until Ctrl-C."""
    inner, left = getattr(module, name), [after]

    def interrupted(*told: Any, **more: Any) -> Iterator[Any]:
        for found in inner(*told, **more):
            left[0] -= 1
            if left[0] < 0:
                raise KeyboardInterrupt
            yield found

    return interrupted


def after_ctrl_c(story: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], module: ModuleType,
                 name: str, after: int, *words: str) -> tuple[int, Any, str]:
    """The status, the document and what is said of a command that Ctrl-C ends after so many of what is told one by one."""
    monkeypatch.chdir(story)
    with monkeypatch.context() as patched:
        patched.setattr(module, name, stopped(module, name, after))
        status = main([*words, *SMALL, "--json"])
    said = capsys.readouterr()
    return status, json.loads(said.out) if said.out else None, said.err


def test_ctrl_c_keeps_the_best_levers_so_far(story: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
                                             ) -> None:
    words = ("search", "story.yaml", "--over", f"{CHANCE}=5%..60%", "--looks", "20")
    status, found, said = after_ctrl_c(story, monkeypatch, capsys, evaluating, "outcomes_of", 13, *words)
    assert status == 130
    assert found["interrupted"]
    assert not found["decided"]
    assert found["looks"] == 13
    assert "Interrupted: 13 of 20 points were looked at, and nothing was judged on fresh luck." in said
    assert "Best so far, on the luck that was searched: surprise.chance at" in found["headline"]
    manifest = archive.check(story / found["run"])
    assert "Interrupted: 13 of 20 points were looked at" in manifest["note"]
    assert {"search.json", "search.html", "tried.csv"} <= set(manifest["files"])
    assert "Interrupted: 13 of 20" in (story / found["run"] / "search.html").read_text(encoding="utf-8")
    with (story / found["run"] / "tried.csv").open(encoding="utf-8-sig", newline="") as stream:
        tried = [(float(row[at[0]].rstrip("%")), float(row["satisfaction"])) for row in csv.DictReader(stream)
                 for at in [[key for key in row if "chance" in key]]]
    assert float(found["levers"][0]["best"].rstrip("%")) == max(tried, key=lambda one: one[1])[0]
    whole = main([*words, *SMALL, "--json", "--quiet", "--no-report"])
    assert whole == 0
    assert json.loads(capsys.readouterr().out)["interrupted"] is False
    status, found, said = after_ctrl_c(story, monkeypatch, capsys, evaluating, "outcomes_of", 0, *words)
    assert (status, found) == (130, None)
    assert "no point was looked at, so nothing is kept" in said


@pytest.mark.parametrize(("method", "size", "after", "told"), [
    ("tornado", None, 7, 1), ("morris", 4, 17, 6), ("sobol", 4, 27, 8)])
def test_ctrl_c_keeps_a_sensitivity_as_far_as_it_went(story: Path, monkeypatch: pytest.MonkeyPatch,
                                                      capsys: pytest.CaptureFixture[str], method: str, size: int | None,
                                                      after: int, told: int) -> None:
    words = ("sensitivity", "story.yaml", "--method", method, "--over", "psyche.learning.up=0.1..0.7", "--over",
             "psyche.leaving.base=1% per visit..9% per visit", "--strategy", "small extras", "--against", "new kitchen",
             *(() if size is None else ("--size", str(size))))
    status, found, said = after_ctrl_c(story, monkeypatch, capsys, evaluating, "outcomes_of", after, *words)
    points = {"tornado": 4, "morris": 12, "sobol": 16}[method]
    assert status == 130
    assert found["interrupted"]
    assert f"Interrupted: {after // 2} of {points} points were run" in said
    if method == "tornado":
        assert len(found["numbers"]) == told
    else:
        assert f"and {told} of them, the beginning of a design, are told of" in said
    assert f"Interrupted: {after // 2} of {points}" in archive.check(story / found["run"])["note"]
    status, found, said = after_ctrl_c(story, monkeypatch, capsys, evaluating, "outcomes_of", 1, *words)
    assert (status, found) == (130, None)
    assert "so nothing is kept" in said


def test_a_beginning_of_a_design_says_what_a_smaller_design_says() -> None:
    """Exactly, for Sobol: the first rows of a design are the design of that size."""
    def live(shares: NDArray[np.float64]) -> NDArray[np.float64]:
        return shares[:, 0] + 2.0 * shares[:, 1] ** 2

    whole, each = sobol(2, 8, live)
    half, _ = sobol(2, 16, lambda shares: np.where(np.arange(len(shares)) < 8 * 4 + 3, live(shares), math.nan))
    assert half == whole
    paths, _ = morris(2, 6, lambda shares: np.where(np.arange(len(shares)) < 9, live(shares), math.nan))
    assert all(math.isfinite(x) for one in paths for x in one)
    assert len(each) == 32


def test_ctrl_c_keeps_equal_spend_where_strategies_were_run(story: Path, monkeypatch: pytest.MonkeyPatch,
                                                            capsys: pytest.CaptureFixture[str]) -> None:
    words = ("compare", "story.yaml", "--equal-spend", "3", "--no-report")
    status, found, said = after_ctrl_c(story, monkeypatch, capsys, comparing, "_in_cells", 2, *words)
    assert status == 130
    assert found["interrupted"]
    assert found["equal_spend"]["interrupted"]
    assert "Interrupted: 2 of 4 strategies finished." in said
    assert {one["strategy"]: one["outcome"] for one in archive.check(story / found["run"])["parts"]} == {
        "stand still": "done", "small extras": "done", "new kitchen": "interrupted", "stand still again": "interrupted"}
    status, found, said = after_ctrl_c(story, monkeypatch, capsys, evaluating, "outcomes_of", 3, *words)
    assert (status, found) == (130, None)
    assert "0 of 2 strategies were scaled and none was run" in said

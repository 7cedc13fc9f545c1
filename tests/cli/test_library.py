"""The same from Python: `sim.load`, compare, run, look, store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import sim
from sim import machine
from sim.experiments.compare import Interrupted, run_each


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> sim.Story:
    path = tmp_path_factory.mktemp("library") / "two.yaml"
    path.write_text("""\
title: Two <tables> & one window
horizon: 40 days
market: {people: 60, visits: {every: 6 days}}
psyche: {learning: 0.3}
firms: {ours: {quality: 60, noise: 3}}
strategies: {stand still: [], better: [{upgrade: {by: 6, at: 20 days}}]}
""", encoding="utf-8")
    return sim.load(path)


@pytest.fixture(scope="module")
def answer(told: sim.Story) -> sim.Answer:
    return told.compare(replications=3, seed=0, people=50, jobs=1)


def test_a_story_shows_itself(told: sim.Story) -> None:
    assert told.strategies == ("stand still", "better")
    assert "stand still, better" in repr(told)
    assert "Two &lt;tables&gt; &amp; one window" in told._repr_html_()


def test_a_comparison_is_what_was_asked_for(answer: sim.Answer) -> None:
    assert isinstance(answer, sim.Comparison)
    assert (answer.market.seed, answer.market.replications, answer.market.people) == (0, 3, 50)
    assert answer.baseline == "stand still"
    assert answer.verdict.sentence in repr(answer)
    assert "stand still" in answer._repr_html_()
    assert answer.document()["run"] is None


def test_its_scenario_says_exactly_what_was_run(answer: sim.Answer, tmp_path: Path) -> None:
    (tmp_path / "again.yaml").write_text(answer.scenario_text, encoding="utf-8")
    again = sim.load(tmp_path / "again.yaml")
    assert again.market == answer.market
    assert again.compare(jobs=2).document() == answer.document()


def test_zero_is_a_seed_and_another_seed_is_other_luck(told: sim.Story) -> None:
    runs = [told.run("better", seed=seed, replications=2, jobs=1) for seed in (0, 0, 1)]
    first, again, other = ([float(value) for value in run.outcomes["satisfaction"]] for run in runs)
    assert first == again
    assert first != other


def test_the_reference_engine_takes_the_same_and_gives_the_same(told: sim.Story) -> None:
    market = told.market
    quick = told.run("better", replications=1, people=20, jobs=1)
    slow = sim.reference.run(market, "better", replications=1, people=20)
    assert quick.by_visit["satisfaction"].tobytes() == slow.by_visit["satisfaction"].tobytes()
    assert quick.outcomes["lasting"].tobytes() == slow.outcomes["lasting"].tobytes()


def test_figures_by_name(answer: sim.Answer) -> None:
    assert answer.figure("forest").axes
    with pytest.raises(KeyError, match="forest"):
        answer.figure("piechart")


def test_stored_whole_and_read_back(answer: sim.Answer, tmp_path: Path) -> None:
    folder = answer.write(tmp_path)
    assert (folder / "report.html").is_file()
    assert sim.read(folder).document() == answer.document()
    other = sim.read(folder, outcome="experience")
    assert (other.verdict.outcome, other.outcome, other.hash) == ("experience", "satisfaction", answer.hash)
    assert "drawn again with a verdict about experience" in other.said()["note"]


def test_mistakes_are_told_as_they_are(told: sim.Story, tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="better"):
        told.run("worse")
    with pytest.raises(ValueError, match="neither better high nor better low"):
        told.compare(outcome="norm")
    (tmp_path / "bad.yaml").write_text("title: x\n", encoding="utf-8")
    with pytest.raises(sim.ScenarioError, match=r"bad\.yaml:1:1"):
        sim.load(tmp_path / "bad.yaml")


@pytest.mark.parametrize("wrong", [{"seed": 2**64}, {"seed": -1}, {"people": 0}, {"people": 2**32}, {"replications": 0},
                                   {"keep": ("foo",)}, {"keep": "customers"}], ids=str)
def test_a_wrong_design_is_refused_with_a_sentence(wrong: dict[str, Any], told: sim.Story) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        told.compare(**wrong)
    with pytest.raises(ValueError, match=next(iter(wrong))):
        told.run("better", **wrong)


def test_what_memory_cannot_hold_is_refused_before_it_is_run(told: sim.Story, monkeypatch: pytest.MonkeyPatch) -> None:
    for start in (told.compare, lambda **design: told.run("better", **design)):
        with pytest.raises(ValueError, match="too large for this machine: 4,294,967,295 people"):
            start(people=2**32 - 1, replications=10_000)
    monkeypatch.setattr(machine, "memory", lambda: (10**6, 10**6))
    with pytest.raises(ValueError, match="too large for this machine"):
        told.compare()


def test_a_stored_run_is_read_where_it_could_not_be_run(answer: sim.Answer, tmp_path: Path,
                                                        monkeypatch: pytest.MonkeyPatch) -> None:
    folder = answer.write(tmp_path)
    monkeypatch.setattr(machine, "memory", lambda: (10**6, 10**6))
    assert sim.read(folder).verdict == answer.verdict


def test_costs_shared_by_other_people_are_noted(answer: sim.Answer, tmp_path: Path) -> None:
    assert answer.note == ""
    path = tmp_path / "dear.yaml"
    path.write_text(answer.scenario_text.replace("cost: 0", "cost: 900"), encoding="utf-8")
    story = sim.load(path)
    fewer = story.compare(people=20, replications=2, jobs=1)
    assert fewer.said()["note"].startswith("One-off costs of moves are shared by 20 people here, and by 50 in the story")
    assert sim.read(fewer.store(tmp_path)).note == fewer.note
    assert "note" not in story.compare(replications=2, jobs=1).said()


def test_an_interruption_hands_over_what_is_finished(told: sim.Story) -> None:
    def stop(strategy: str, done: int, total: int) -> None:
        if strategy == "better":
            raise KeyboardInterrupt

    with pytest.raises(Interrupted) as caught:
        run_each(told.market, told.strategies, jobs=1, progress=stop)
    assert list(caught.value.runs) == ["stand still"]

"""The same from Python: `sim.load`, compare, run, look, store."""

from __future__ import annotations

from pathlib import Path

import pytest

import sim
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
    assert sim.read(folder, outcome="experience").verdict.outcome == "experience"


def test_mistakes_are_told_as_they_are(told: sim.Story, tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="better"):
        told.run("worse")
    with pytest.raises(ValueError, match="neither better high nor better low"):
        told.compare(outcome="norm")
    (tmp_path / "bad.yaml").write_text("title: x\n", encoding="utf-8")
    with pytest.raises(sim.ScenarioError, match=r"bad\.yaml:1:1"):
        sim.load(tmp_path / "bad.yaml")


def test_an_interruption_hands_over_what_is_finished(told: sim.Story) -> None:
    def stop(strategy: str, done: int, total: int) -> None:
        if strategy == "better":
            raise KeyboardInterrupt

    with pytest.raises(Interrupted) as caught:
        run_each(told.market, told.strategies, jobs=1, progress=stop)
    assert list(caught.value.runs) == ["stand still"]

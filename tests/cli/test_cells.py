"""Studies in cells from the command line: stored, gone on with, given up in part, run again and compared."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from sim.api import load, read
from sim.cells.store import Store
from sim.reproduction import Reproduction, again, compared
from tests.cli.conftest import Drift


def stored(folder: Path) -> list[Path]:
    """The cells in a store."""
    return sorted(folder.glob("??/*"))


def test_an_edited_story_makes_again_only_what_changed(drift: Drift, story: Path) -> None:
    first = json.loads(drift("compare", "story.yaml", "--json", "--quiet", "--no-report", "--store", "cells").stdout)
    before = {place: place.stat().st_mtime_ns for place in stored(story / "cells")}
    assert len(before) == 3, "one strategy is a copy of another under another name"
    other = ["--set", 'strategies."small extras".0.surprise.size=9']
    edited = json.loads(drift("compare", "story.yaml", "--json", "--quiet", "--no-report", "--store", "cells", *other).stdout)
    assert len(stored(story / "cells")) == 4
    assert edited["strategies"][0]["outcomes"] == first["strategies"][0]["outcomes"]
    assert edited["strategies"][1]["outcomes"] != first["strategies"][1]["outcomes"]
    alone = json.loads(drift("compare", "story.yaml", "--json", "--quiet", "--no-report", "--no-store", *other).stdout)
    assert {**alone, "run": ""} == {**edited, "run": ""}
    assert len(stored(story / "cells")) == 4


def test_store_and_no_store_exclude_one_another(drift: Drift) -> None:
    found = drift("compare", "story.yaml", "--store", "cells", "--no-store")
    assert found.returncode == 2
    assert "not allowed with" in found.stderr


def test_a_damaged_cell_is_made_again_with_a_word(drift: Drift, story: Path) -> None:
    said = ["run", "story.yaml", "--strategy", "stand still", "--json", "--no-report", "--store", "cells"]
    first = drift(*said)
    place, = stored(story / "cells")
    whole = place.read_bytes()
    place.write_bytes(whole[:-7])
    second = drift(*said)
    assert json.loads(second.stdout)["strategies"] == json.loads(first.stdout)["strategies"]
    assert "A stored cell is damaged and is made again: cells/" in second.stderr
    assert place.read_bytes() == whole


def test_what_cannot_be_lived_is_given_up_and_the_rest_is_stored(drift: Drift, story: Path) -> None:
    found = drift("compare", "story.yaml", "--json", "--no-report", "--no-store", "--set",
                  'strategies."small extras".0.surprise.size=1e12')
    assert found.returncode == 1
    told = [line for line in found.stderr.splitlines() if line.startswith(("Given up", "  To see it"))]
    assert told[0].startswith("Given up: small extras, replications 0 to 3: the levels or felt values of this run grow past")
    assert told[1] == ("  To see it alone: drift cell story.yaml --set 'strategies.\"small extras\".0.surprise.size=1e12' "
                       "--strategy 'small extras' --first 0 --count 4")
    answer = json.loads(found.stdout)
    assert [one["name"] for one in answer["strategies"]] == ["stand still", "new kitchen", "stand still again"]
    parts = json.loads((story / answer["run"] / "manifest.json").read_text(encoding="utf-8"))["parts"]
    assert [one["outcome"] for one in parts] == ["done", "failed", "done", "done"]
    assert "grow past" in parts[1]["reason"]
    alone = drift("cell", "story.yaml", "--set", 'strategies."small extras".0.surprise.size=1e12', "--strategy", "small extras",
                  "--first", "0", "--count", "4")
    assert alone.returncode == 1
    assert alone.stderr.startswith("small extras, replications 0 to 3: the levels")


def test_a_cell_alone_is_the_one_that_is_stored(drift: Drift, story: Path) -> None:
    drift("run", "story.yaml", "--strategy", "new kitchen", "--no-report", "--quiet", "--store", "cells")
    found = json.loads(drift("cell", "story.yaml", "--strategy", "new kitchen", "--count", "4", "--json").stdout)
    payload = Store(story / "cells").get(found["address"])
    assert payload is not None
    assert len(payload) == found["bytes"]


@pytest.mark.parametrize(("words", "says"), [
    (["--strategy", "new kitchn"], "there is no strategy 'new kitchn' in story.yaml; did you mean 'new kitchen'?"),
    (["--strategy", "new kitchen", "--person", "150"], "--person, --persons: there are people 0 to 149"),
    (["--strategy", "new kitchen", "--person", "100", "--persons", "51"], "--person, --persons: there are people 0 to 149"),
    ([], "required: --strategy")])
def test_a_cell_that_there_is_not(drift: Drift, words: list[str], says: str) -> None:
    found = drift("cell", "story.yaml", *words)
    assert found.returncode == 2
    assert says in found.stderr


@pytest.mark.parametrize("address", ["there", "nonsense://there:1", "host:abc", "tcp://:1"])
def test_what_is_no_address_of_a_cluster(drift: Drift, address: str) -> None:
    found = drift("run", "story.yaml", "--no-store", "--cluster", address)
    assert found.returncode == 1
    assert found.stderr == (f"--cluster: {address!r} is not the address of a scheduler; write it as tcp://10.0.0.1:8786\n")


def test_a_stored_run_is_reproduced_number_by_number(drift: Drift, story: Path) -> None:
    run = json.loads(drift("compare", "story.yaml", "--json", "--quiet", "--no-report", "--keep", "customers").stdout)["run"]
    found = drift("reproduce", run, "--quiet")
    assert found.returncode == 0
    assert found.stdout.startswith("Every number is the same: ")
    told = json.loads(drift("reproduce", run, "--quiet", "--json").stdout)
    assert told["same"]
    assert set(told["equal"]) >= {"by_visit", "by_day", "outcomes", "stays", "spreading", "customers"}
    assert all(many > 0 for many in told["equal"].values())


def test_a_number_that_is_not_the_same_is_found(tmp_path: Path, story: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from contextlib import nullcontext

    from sim.cells.work import Here, Work

    answer = load(story / "story.yaml").compare(jobs=1)
    folder = answer.store(tmp_path / "runs")

    def reproduced() -> Reproduction:
        return again(folder, lambda visits: Work(lambda: Here(1)), lambda strategies: nullcontext(None))

    assert reproduced().same
    cells = Work.results

    def luckless(self: Work, many: object) -> object:
        for number, found in cells(self, many):  # type: ignore[arg-type]
            if number == 1:
                found.totals[2].by_day[7][4] += 0.5  # type: ignore[union-attr]
            yield number, found

    monkeypatch.setattr(Work, "results", luckless)
    other = reproduced()
    assert not other.same
    assert {(one.table, one.column) for one in other.different} == {("by_day", "satisfaction"), ("outcomes", "satisfaction")}
    day = next(one for one in other.different if one.table == "by_day")
    assert day.how_many == 1
    assert float(day.was) != float(day.now)
    assert "values are not what was stored" in other.sentence
    assert read(folder).runs["stand still"].outcomes["satisfaction"].shape == (4,)


def test_columns_are_compared_to_the_bit() -> None:
    nan, zero = np.array([np.nan, 0.0, 1.0]), np.array([np.nan, -0.0, 1.0])
    assert compared("t", "c", {"c": nan}, {"c": nan.copy()}) == (3, None)
    same, found = compared("t", "c", {"c": nan}, {"c": zero})
    assert same == 2
    assert found is not None
    assert (found.row, found.was, found.now) == (1, "0.0", "-0.0")
    assert compared("t", "c", {"c": nan}, {"c": nan[:2]})[1].was == "3 rows"  # type: ignore[union-attr]
    assert compared("t", "c", {"c": nan}, {})[1].now == "not made"  # type: ignore[union-attr]


def test_what_is_no_run_cannot_be_reproduced(drift: Drift, story: Path) -> None:
    found = drift("reproduce", "story.yaml")
    assert found.returncode == 2
    assert len(found.stderr.splitlines()) == 1
    run = json.loads(drift("run", "story.yaml", "--json", "--quiet", "--no-report").stdout)["run"]
    place = story / run / "by_day.parquet"
    place.write_bytes(place.read_bytes()[:-1])
    assert drift("reproduce", run).returncode == 1


def test_a_request_for_far_too_much_is_refused_at_once(drift: Drift) -> None:
    for words in (["--people", "1000000000000"], ["--people", "4000000000"], ["--replications", "1000000000"],
                  ["--set", "market.people=1000000000000"]):
        found = drift("compare", "story.yaml", *words)
        assert found.returncode == 2, words
        assert "would need about" in found.stderr
        assert "of one core" in found.stderr
        assert len(found.stderr.splitlines()) == 1


@pytest.mark.parametrize(("words", "estimate"), [
    (["search", "--over", "psyche.learning.up=0.1..0.5", "--strategy", "small extras", "--looks", "1000000000"],
     "of work"),
    (["search", "--over", "psyche.learning.up=0.1..0.5", "--people", "1000000000000"], "would need about"),
    (["sensitivity", "--method", "sobol", "--size", str(2**30)], "of work"),
    (["sensitivity", "--replications", "1000000000"], "would need about"),
    (["select", "--within", "0.1", "satisfaction", "--replications", "1000000000"], "would need about"),
    (["compare", "--until", "0.1", "satisfaction", "--replications", "1000000000"], "would need about"),
    (["compare", "--equal-spend", "3", "--people", "4000000000"], "would need about"),
], ids=lambda one: " ".join(one[:1] + one[-2:]) if isinstance(one, list) else "")
def test_whatever_is_far_too_much_is_refused_with_the_estimate_before_anything_runs(
        story: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str], estimate: str
        ) -> None:
    from sim.cells import work
    from sim.cli import main

    monkeypatch.chdir(story)
    monkeypatch.setattr(work, "lived", None)
    assert main([words[0], "story.yaml", *words[1:], "--no-store", "--jobs", "1"]) == 2
    said = capsys.readouterr().err
    assert estimate in said.splitlines()[-1]
    assert "GB" in said.splitlines()[-1]


@pytest.mark.parametrize("words", [
    ["search", "story.yaml", "--over", 'strategies."small extras".0.surprise.size=1e11..1e12', "--looks", "3"],
    ["sensitivity", "story.yaml", "--over", 'strategies."small extras".0.surprise.size=1e11..1e12', "--strategy",
     "small extras", "--against", "stand still"],
    ["compare", "story.yaml", "--equal-spend", "3", "--set", 'strategies."small extras".0.surprise.size=1e12'],
    ["explain", "story.yaml", "--no-tipping", "--set", 'strategies."small extras".0.surprise.size=1e12'],
    ["sweep", "story.yaml", "--over", 'strategies."small extras".0.surprise.size=1e11, 1e12', "--strategy", "small extras",
     "--strategy", "stand still"]], ids=lambda words: words[0])
def test_what_cannot_be_lived_is_a_sentence_in_every_command(drift: Drift, words: list[str]) -> None:
    found = drift(*words, "--no-store", "--quiet")
    assert found.returncode == 1
    assert "grow past what its sums can hold exactly" in found.stderr
    assert "Traceback" not in found.stderr


def test_a_large_sweep_is_lived_by_processes(story: Path) -> None:
    from argparse import Namespace

    from sim.cells.hire import WORTH
    from sim.cli.commands import _visits_of_sweep

    asked = Namespace(over=["psyche.learning.up=0.1..0.5/100"], design="grid", points=None, replications=None, people=100_000,
                      strategy=None)
    loaded = load(story / "story.yaml")
    assert _visits_of_sweep(asked, loaded) == pytest.approx(100 * 4 * 4 * 100_000 * 10)
    assert _visits_of_sweep(asked, loaded) > WORTH
    assert _visits_of_sweep(Namespace(**{**vars(asked), "over": ["nonsense"]}), loaded) == 0.0

"""`drift` from outside: results on stdout, the rest on stderr, the promised exit status, never a traceback."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import sim
from sim.engine.records import OUTCOMES

Drift = Callable[..., "subprocess.CompletedProcess[str]"]
Compared = tuple[Path, "subprocess.CompletedProcess[str]"]
ROOT = Path(__file__).resolve().parents[2]

NUMBER = {"type": ["number", "null"]}
NUMBERS = {"type": "object", "required": ["mean", "low", "high", "sd"], "additionalProperties": NUMBER}
RUN = {
    "type": "object",
    "required": ["scenario", "hash", "seed", "replications", "people", "baseline", "strategies", "run"],
    "properties": {
        "scenario": {"type": "string"}, "hash": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "seed": {"type": "integer"}, "replications": {"type": "integer"}, "people": {"type": "integer"},
        "baseline": {"type": "string"}, "run": {"type": ["string", "null"]},
        "strategies": {"type": "array", "minItems": 1, "items": {
            "type": "object", "required": ["name", "outcomes"],
            "properties": {"name": {"type": "string"}, "outcomes": {
                "type": "object", "required": list(OUTCOMES), "additionalProperties": NUMBERS}}}}}}
DIFFERENCE = {"type": "object", "required": ["strategy", "against", "outcome", "mean", "low", "high", "decided", "negligible"],
              "properties": {"mean": NUMBER, "low": NUMBER, "high": NUMBER, "decided": {"type": "boolean"}}}
VERDICT = {"type": "object", "required": ["outcome", "best", "decided", "sentence"],
           "properties": {"best": {"type": ["string", "null"]}, "decided": {"type": "boolean"}, "sentence": {"type": "string"}}}
COMPARISON = {**RUN, "required": [*RUN["required"], "differences", "verdict"],
              "properties": {**RUN["properties"], "differences": {"type": "array", "items": DIFFERENCE}, "verdict": VERDICT}}
MISTAKES = {"type": "array", "items": {"type": "object", "required": ["file", "line", "column", "key", "message"]}}


def document(answer: subprocess.CompletedProcess[str], shape: dict[str, Any] | None = None) -> Any:
    """The one JSON document on stdout, in the shape promised."""

    def refuse(name: str) -> None:
        raise ValueError(f"{name} is not JSON")

    found = json.loads(answer.stdout, parse_constant=refuse)
    if shape is not None:
        Draft202012Validator(shape).validate(found)
    return found


def test_help_needs_nothing_heavy() -> None:
    code = ("import sys; sys.argv = ['drift', '--help']\nfrom sim.cli import main\n"
            "try:\n    main()\nexcept SystemExit as end:\n    assert end.code == 0\n"
            "heavy = {'numpy', 'numba', 'scipy', 'matplotlib', 'pandas', 'pydantic', 'ruamel', 'pyarrow', 'simpy', 'rich',\n"
            "         'jinja2'}\n"
            "print('LOADED', sorted(heavy & set(sys.modules)))")
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.rstrip().endswith("LOADED []")
    assert "usage: drift" in answer.stdout


def test_importing_the_library_costs_nothing() -> None:
    code = "import sim, sys; print(sorted({'numpy', 'pydantic', 'numba'} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout == "[]\n"


def test_the_version_is_one() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project.get("version", sim.__version__) == sim.__version__
    assert project["scripts"]["drift"] == "sim.cli:main"


def test_every_public_name_is_there() -> None:
    assert all(getattr(sim, name) is not None for name in sim.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        sim.__getattr__("nonsense")


def test_compare_says_the_verdict_first_and_leaves_a_whole_run(drift: Drift, story: Path) -> None:
    answer = drift("compare", "story.yaml")
    assert answer.returncode == 0, answer.stderr
    lines = answer.stdout.splitlines()
    assert lines[0] == "Two tables by the window"
    assert lines[3].startswith("Verdict: ")
    assert "\x1b" not in answer.stdout
    assert all(len(line) <= 80 for line in lines)
    folder, = (story / "runs").iterdir()
    assert answer.stdout.rstrip().endswith(f"runs/{folder.name}")
    made = {path.name for path in folder.iterdir()}
    assert made >= {"manifest.json", "scenario.resolved.yaml", "by_visit.parquet", "by_day.parquet", "outcomes.parquet",
                    "summary.csv", "report.html", "figures"}
    assert "customers.parquet" not in made
    assert "small extras: done after" in answer.stderr


def test_compare_as_json(compared: Compared) -> None:
    folder, answer = compared
    found = document(answer, COMPARISON)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert [one["name"] for one in found["strategies"]] == ["stand still", "small extras", "new kitchen", "stand still again"]
    assert (found["baseline"], found["seed"], found["replications"], found["people"]) == ("stand still", 3, 4, 150)
    assert len(found["differences"]) == 6 * len(OUTCOMES)
    copies = [one for one in found["differences"]
              if (one["strategy"], one["against"]) == ("stand still again", "stand still")]
    assert len(copies) == len(OUTCOMES)
    idle = {"seen_in_complaints", "seen_in_survey", "r_across", "r_within", "trial", "wait"}
    watched = [one for one in copies if one["outcome"] not in idle]
    assert len(watched) == len(OUTCOMES) - len(idle)
    assert all((one["mean"], one["low"], one["high"], one["decided"]) == (0, 0, 0, False) for one in watched)
    assert all((one["mean"], one["decided"]) == (None, False) for one in copies if one not in watched)
    assert (folder / found["run"] / "customers.parquet").is_file()


def test_jobs_and_place_do_not_change_a_number(drift: Drift, compared: Compared) -> None:
    one = document(compared[1])
    two = document(drift("compare", "story.yaml", "--json", "--quiet", "--jobs", "3", "--out", "else/where"))
    assert two["run"].startswith("else/where/story-")
    assert {**one, "run": None} == {**two, "run": None}


def test_what_is_asked_for_is_what_is_run(drift: Drift, story: Path) -> None:
    answer = drift("compare", "story.yaml", "--json", "--quiet", "--seed", "0", "--replications", "2", "--people", "40",
                   "--outcome", "cost", "--set", "title=Another")
    found = document(answer, COMPARISON)
    assert (found["scenario"], found["seed"], found["replications"], found["people"]) == ("Another", 0, 2, 40)
    assert found["verdict"]["outcome"] == "cost"
    resolved = (story / found["run"] / "scenario.resolved.yaml").read_text(encoding="utf-8")
    assert "seed: 0\n" in resolved
    assert "people: 40\n" in resolved


def test_strict_tells_an_open_verdict_by_its_status(drift: Drift) -> None:
    quick = ("story.yaml", "--quiet", "--json", "--people", "20")
    assert drift("compare", *quick, "--replications", "1", "--strict").returncode == 3
    assert drift("compare", *quick, "--replications", "1").returncode == 0


def test_run_one_strategy_or_each(drift: Drift) -> None:
    one = document(drift("run", "story.yaml", "--quiet", "--json", "--strategy", "new kitchen"), RUN)
    assert [strategy["name"] for strategy in one["strategies"]] == ["new kitchen"]
    assert "verdict" not in one
    each = document(drift("run", "story.yaml", "--quiet", "--json"), RUN)
    assert len(each["strategies"]) == 4
    assert each["strategies"][2] == one["strategies"][0]
    text = drift("run", "story.yaml", "--quiet", "--strategy", "new kitchen", "--strategy", "stand still").stdout
    assert "lifetime_value" in text
    assert text.index("stand still") < text.index("new kitchen")


def test_tables_without_a_report_are_drawn_when_asked_for(drift: Drift, story: Path) -> None:
    told = document(drift("run", "story.yaml", "--quiet", "--json", "--strategy", "stand still", "--no-report"), RUN)
    folder = story / told["run"]
    assert (folder / "by_visit.parquet").is_file()
    assert not (folder / "report.html").exists()
    assert not (folder / "figures").exists()
    answer = drift("report", told["run"], "--quiet")
    assert answer.returncode == 0, answer.stderr
    assert (folder / "report.html").is_file()


def test_a_stored_run_is_drawn_again_without_simulating(drift: Drift, story: Path, compared: Compared) -> None:
    folder = document(compared[1])["run"]
    shutil.copytree(compared[0] / folder, story / folder)
    before = (story / folder / "report.html").read_bytes()
    (story / folder / "report.html").unlink()
    answer = drift("report", folder, "--json", "--quiet")
    assert answer.returncode == 0, answer.stderr
    assert document(answer)["report"] == f"{folder}/report.html"
    assert (story / folder / "report.html").read_bytes() == before
    table = story / folder / "by_day.parquet"
    table.write_bytes(table.read_bytes()[:-1])
    damaged = drift("report", folder)
    assert damaged.returncode == 1
    assert "by_day.parquet is not what was written" in damaged.stderr


def test_a_report_cannot_be_about_our_share_where_nobody_chooses(drift: Drift, compared: Compared) -> None:
    folder = compared[0] / document(compared[1])["run"]
    answer = drift("report", str(folder), "--outcome", "share")
    assert answer.returncode == 2
    assert "share cannot decide, because people do not choose among firms" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert ", share," not in answer.stderr


@pytest.mark.long
def test_a_report_drawn_with_another_outcome_says_so_and_keeps_its_hash(drift: Drift, story: Path, compared: Compared) -> None:
    folder = document(compared[1])["run"]
    shutil.copytree(compared[0] / folder, story / folder)
    ran = json.loads((story / folder / "manifest.json").read_text(encoding="utf-8"))
    answer = drift("report", folder, "--json", "--quiet", "--outcome", "retention")
    assert answer.returncode == 0, answer.stderr
    assert document(answer)["verdict"]["outcome"] == "retention"
    page = (story / folder / "report.html").read_text(encoding="utf-8")
    assert ran["scenario"]["hash"] in page
    after = json.loads((story / folder / "manifest.json").read_text(encoding="utf-8"))
    assert (after["design"], after["scenario"]) == (ran["design"], ran["scenario"])
    assert drift("report", folder, "--quiet").returncode == 0
    assert (story / folder / "report.html").read_bytes() == (compared[0] / folder / "report.html").read_bytes()


@pytest.mark.long
def test_a_mean_that_its_range_moves_is_warned_of(drift: Drift) -> None:
    change = ("--set", "psyche.leaving.base={mean: 3%, sd: 5%}", "--people", "20", "--replications", "2")
    told = "Note: psyche.leaving.base: {mean: 0.03, sd: 0.05} is cut below 0"
    checked = drift("validate", "story.yaml", "--json", *change)
    assert told in checked.stderr
    assert document(checked)["notes"][0].startswith("psyche.leaving.base: ")
    assert told in drift("compare", "story.yaml", *change).stderr
    assert drift("compare", "story.yaml", "--quiet", *change).stderr == ""
    assert "Note: psyche" not in drift("validate", "story.yaml").stderr


@pytest.mark.long
def test_other_numbers_of_people_are_told_of_where_costs_are_shared(drift: Drift, story: Path) -> None:
    quick = ("--replications", "2", "--json")
    other = drift("compare", "story.yaml", "--people", "20", *quick)
    assert "Note: One-off costs of moves are shared by 20 people here, and by 150 in the story" in other.stderr
    manifest = json.loads((story / document(other)["run"] / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["note"].startswith("One-off costs of moves are shared by 20 people here")
    same = drift("compare", "story.yaml", "--people", "150", *quick)
    assert "Note:" not in same.stderr
    assert "note" not in json.loads((story / document(same)["run"] / "manifest.json").read_text(encoding="utf-8"))


def test_validate(drift: Drift, story: Path) -> None:
    good = drift("validate", "story.yaml")
    assert good.returncode == 0
    assert "is a valid scenario: Two tables by the window." in good.stdout
    assert document(drift("validate", "story.yaml", "--json"))["valid"] is True
    (story / "bad.yaml").write_text("title: x\nhorizon: 3\npeple: 4\n", encoding="utf-8")
    bad = drift("validate", "bad.yaml", "--json")
    found = document(bad, {"type": "object", "required": ["file", "valid", "mistakes"], "properties": {"mistakes": MISTAKES}})
    assert (bad.returncode, found["valid"]) == (2, False)
    assert len(found["mistakes"]) > 2
    assert "bad.yaml:3:1: " in drift("validate", "bad.yaml").stdout


def test_examples_and_init_never_overwrite(drift: Drift, story: Path) -> None:
    listed = document(drift("examples", "--json"))["examples"]
    assert "hotel" in [one["name"] for one in listed]
    assert all(one["title"] for one in listed)
    assert drift("init", "hotel").returncode == 0
    copied = (story / "hotel.yaml").read_bytes()
    assert copied == (ROOT / "scenarios" / "hotel.yaml").read_bytes()
    again = drift("init", "hotel")
    assert again.returncode == 2
    assert "is there already" in again.stderr
    assert (story / "hotel.yaml").read_bytes() == copied
    assert document(drift("init", "hotel", "mine.yaml", "--json")) == {"file": "mine.yaml"}
    assert drift("validate", "mine.yaml").returncode == 0


def test_schema_is_a_schema_that_accepts_the_story(drift: Drift, story: Path) -> None:
    from ruamel.yaml import YAML

    found = document(drift("schema"))
    Draft202012Validator.check_schema(found)
    assert Draft202012Validator(found).is_valid(YAML(typ="safe").load(story / "story.yaml"))


def test_doctor_tells_and_touches_nothing(drift: Drift, story: Path) -> None:
    answer = drift("doctor", "--json")
    found = document(answer)
    assert answer.returncode == 0
    assert found["versions"]["drift"] == sim.__version__
    assert found["missing"] == []
    assert found["cores"] >= 1
    assert isinstance(found["compiled"], bool)
    assert found["day"] == ["the market moves", "customers act on yesterday's aggregates", "measures are taken"]
    assert "a day        1. the market moves\n             2. customers act" in drift("doctor").stdout
    assert [path.name for path in story.iterdir()] == ["story.yaml"]


WRONG = [
    (["compre", "story.yaml"], "there is no command 'compre'; did you mean 'compare'?"),
    ([], "required: COMMAND"),
    (["compare"], "required: FILE"),
    (["compare", "story.yaml", "--replicatons", "3"], "there is no option '--replicatons'; did you mean '--replications'?"),
    (["compare", "story.yaml", "--replications", "x"], "--replications: 'x' is not a whole number ≥ 1"),
    (["compare", "story.yaml", "--seed", "-1"], "--seed: '-1' is not a whole number from 0 to 18446744073709551615"),
    (["compare", "story.yaml", "--people", "1.5"], "--people: '1.5' is not a whole number ≥ 1"),
    (["compare", "story.yaml", "--outcome", "cots"], "did you mean 'cost'?"),
    (["compare", "story.yaml", "--outcome", "norm"], "'norm' is not an outcome that can decide"),
    (["compare", "story.yaml", "--set", "outcome=norm"], 'outcome: must be satisfaction, lasting, felt,'),
    (["compare", "story.yaml", "--outcome", "share"], "cannot be share here: people do not choose among firms"),
    (["compare", "story.yaml", "--set", "extends=other.yaml"], "must be written in the scenario file"),
    (["compare", "story.yaml", "--keep", "customer"], "did you mean 'customers'?"),
    (["compare", "story.yaml", "more"], "there is no argument 'more'"),
    (["--json", "compare", "story.yaml"], "--json comes after the command"),
    (["run", "story.yaml", "--strategy", "new kitchn"], "did you mean 'new kitchen'?"),
    (["compare", "nowhere.yaml"], "nowhere.yaml: cannot be read"),
    (["compare", "."], ".: cannot be read: is a directory"),
    (["compare", "story.yaml", "--set", "market.peple=3"], 'did you mean "people"?'),
    (["compare", "story.yaml", "--out", "story.yaml"], "story.yaml is a file, not a folder"),
    (["report", "nowhere"], "nowhere is not a folder"),
    (["report", "."], "has no manifest.json"),
    (["init", "hotl"], "did you mean 'hotel'?"),
    (["init", "hotel", "no/such/folder.yaml"], "cannot be written"),
]


@pytest.mark.parametrize(("arguments", "advice"), WRONG, ids=[" ".join(arguments) for arguments, _ in WRONG])
def test_a_wrong_request_is_one_message_and_status_2(drift: Drift, arguments: list[str], advice: str) -> None:
    answer = drift(*arguments)
    assert answer.returncode == 2
    assert advice in answer.stderr
    assert "Traceback" not in answer.stderr
    assert answer.stdout == ""


def test_a_folder_that_takes_nothing_is_refused_before_the_work(drift: Drift, story: Path) -> None:
    closed = story / "closed"
    closed.mkdir(mode=0o500)
    if os.access(closed, os.W_OK):
        pytest.skip("this user may write everywhere")
    answer = drift("compare", "story.yaml", "--out", "closed/runs")
    assert answer.returncode == 2
    assert "nothing can be written in" in answer.stderr


def test_a_terminal_without_unicode_still_gets_the_answer(drift: Drift) -> None:
    answer = drift("compare", "story.yaml", "--quiet", PYTHONIOENCODING="ascii", PYTHONUTF8="0", LC_ALL="C")
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.isascii()
    assert "small extras - stand still" in answer.stdout


def _started(story: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-m", "sim.cli", *arguments], cwd=story, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, encoding="utf-8",
                            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"})


def test_a_reader_who_leaves_is_no_crash(story: Path) -> None:
    process = _started(story, "schema")
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(timeout=60) == 1
    assert process.stderr is not None
    assert process.stderr.read() == ""
    process.stderr.close()


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
def test_ctrl_c_keeps_what_is_finished(story: Path) -> None:
    process = _started(story, "compare", "story.yaml", "--json", "--jobs", "1", "--people", "30000", "--replications", "40",
                       "--set", "horizon=200 days")
    assert process.stderr is not None
    while not process.stderr.readline().startswith("small extras: done"):
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    found = json.loads(out)
    assert found["interrupted"] is True
    assert found["strategies"][0]["name"] == "stand still"
    assert 1 <= len(found["strategies"]) < 4
    manifest = json.loads((story / found["run"] / "manifest.json").read_text(encoding="utf-8"))
    assert {part["outcome"] for part in manifest["parts"]} == {"done", "interrupted"}

"""`drift calibrate`: what it prints and stores, and what it says of a slip."""

import json

import pytest

from sim.calibrate import survey
from sim.cli import main
from tests.calibrate.evidence import ratings, shop
from tests.calibrate.test_survey import answers


def table(folder, columns, name="table.csv"):
    path = folder / name
    rows = zip(*columns.values(), strict=True)
    path.write_text("\n".join([",".join(columns), *(",".join(map(str, row)) for row in rows)]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_survey_from_the_shell_is_what_the_library_says(here, capsys):
    path = table(here, answers(500))
    assert main(["calibrate", "survey", "table.csv", "--scale", "0-100", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    folder = here / said.pop("folder")
    assert said == {**survey(path, scale=(0.0, 100.0)).document(), "source": "table.csv", "block": said["block"]}
    assert sorted(one.name for one in folder.iterdir()) == [
        "block.yaml",
        "calibration.json",
        "calibration.png",
        "calibration.svg",
    ]
    assert json.loads((folder / "calibration.json").read_text(encoding="utf-8")) == said
    assert (folder / "block.yaml").read_text(encoding="utf-8") == said["block"]
    assert (folder / "calibration.png").read_bytes().startswith(b"\x89PNG")


def test_it_never_writes_over_another(here, capsys):
    table(here, answers(500))
    for number in ("", "-2", "-3"):
        assert main(["calibrate", "survey", "table.csv", "--scale", "0-100", "--out", "kept"]) == 0
        assert capsys.readouterr().out.rstrip().endswith(number or "8")  # eight digits of the content, then a number
    assert len(list((here / "kept").iterdir())) == 3


def test_what_is_printed_says_what_is_not_identified_and_fits_80_columns(here, capsys):
    table(here, ratings(0.3))
    assert main(["calibrate", "panel", "table.csv"]) == 0
    said = capsys.readouterr().out
    assert "People get used to quality at a rate of 0." in said
    for part in ("estimate", "Not identified", "Checks", "To paste into a scenario", "Stored  runs/table-panel-"):
        assert f"\n{part}" in said, part
    above = said.split("To paste into a scenario")[0]
    assert max(map(len, above.splitlines())) <= 80


def test_a_log_is_told_within_80_columns(here, capsys):
    table(here, shop(people=300))
    assert main(["calibrate", "purchases", "table.csv", "--until", "2020-09-30"]) == 0
    above = capsys.readouterr().out.split("To paste into a scenario")[0]
    assert "is lost after a repeat with a chance of" in above.replace("\n", " ")
    assert max(map(len, above.splitlines())) <= 80


def test_purchases_from_the_shell(here, capsys):
    table(here, shop(people=300))
    assert main(["calibrate", "purchases", "table.csv", "--until", "2020-09-30", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["kind"] == "purchases"
    assert [one["passed"] is None for one in said["checks"]] == [False] * 3


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["panel", "table.csv", "--scale", "1-10"], "--scale is for `drift calibrate survey`"),
        (["survey", "table.csv", "--until", "2020-01-01"], "--until is for `drift calibrate purchases`"),
        (["survey", "table.csv", "--columns", "satisfaction"], "not 'satisfaction'"),
        (["survey", "table.csv", "--columns", "satisfaction=satisfcation"], "did you mean 'satisfaction'"),
        (["survey", "nowhere.csv"], "nowhere.csv: No such file"),
        (["purchases", "table.csv"], "which column is customer"),
    ],
)
def test_slips_are_told_in_a_sentence_and_end_with_2(here, capsys, words, why):
    table(here, answers(100))
    assert main(["calibrate", *words]) == 2
    found = capsys.readouterr()
    assert why in found.err
    assert "Traceback" not in found.err
    assert not found.out


@pytest.mark.parametrize(
    "words", [["surveys", "t.csv"], ["survey", "t.csv", "--scale", "10-1"], ["survey", "t.csv", "--scale", "ten"]]
)
def test_words_that_cannot_be_are_refused_by_the_parser(here, capsys, words):
    with pytest.raises(SystemExit) as stop:
        main(["calibrate", *words])
    assert stop.value.code == 2
    assert "Traceback" not in capsys.readouterr().err


def test_where_nothing_can_be_stored_it_is_still_told(here, capsys):
    table(here, answers(100))
    (here / "taken").write_text("a file", encoding="utf-8")
    assert main(["calibrate", "survey", "table.csv", "--scale", "0-100", "--out", "taken"]) == 1
    found = capsys.readouterr()
    assert "could not be stored in taken" in found.err
    assert "Not stored." in found.out

"""Reading files: overrides, extending, places of mistakes, and what is refused before it is read."""

from __future__ import annotations

import dataclasses
import pickle
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sim import machine
from sim.story.load import Scenario, ScenarioError, load
from sim.story.resolve import complete, resolve

LEAST = """title: least
horizon: 30 days
market: {people: 100, visits: {every: 1 week}}
firms: {ours: {quality: 60}}
strategies: {stand still: [], treats: [surprise: {size: 1, chance: 10%}]}
"""


def write(folder: Path, text: str | bytes, name: str = "story.yaml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return path


def refusal(path: Path, *settings: str) -> str:
    with pytest.raises(ScenarioError) as caught:
        load(path, settings)
    return str(caught.value).replace(f"{path.parent}/", "")


def test_a_scenario_carries_its_words(scenarios: Path) -> None:
    story = load(scenarios / "valid" / "everything.yaml")
    assert story.title == "Everything at once: every key of the language"
    assert story.about.startswith("One story that uses every key, so that")
    assert (story.finding, story.outcome) == ("it loads", "lifetime_value")
    assert story.source == ("the language itself", 'its "own" words')
    assert dict(story.numbers) == {"psyche.learning": "a guess", "loss aversion": "Anderson & Sullivan 1993"}
    assert story.path == scenarios / "valid" / "everything.yaml"


def test_a_scenario_is_frozen_and_hashable(tmp_path: Path) -> None:
    story = load(write(tmp_path, LEAST))
    assert isinstance(story, Scenario)
    with pytest.raises(dataclasses.FrozenInstanceError):
        del story.title
    assert hash(story) == hash(load(tmp_path / "story.yaml"))


def test_a_byte_order_mark_and_windows_lines_are_read(tmp_path: Path) -> None:
    assert load(write(tmp_path, b"\xef\xbb\xbf" + LEAST.replace("\n", "\r\n").encode())).title == "least"


def test_words_of_yaml_1_1_stay_words(tmp_path: Path) -> None:
    story = load(write(tmp_path, LEAST.replace("stand still", "no").replace("title: least", "title: yes")))
    assert story.title == "yes"
    assert resolve(story).strategies[0].name == "no"


def test_overrides(tmp_path: Path) -> None:
    path = write(tmp_path, LEAST)
    made = resolve(load(path, ["market.people=7", "strategies.treats.0.surprise.chance=40%", 'firms."ours".quality=50',
                               "psyche.norm.learns.up=0.5", "psyche={peak: 0.1}", "psyche.assimilation=0.2"]))
    assert made.people == 7
    assert made.firms[0].quality == (50.0,)
    assert getattr(made.strategies[1].moves[0], "chance", None) == 0.4
    full = complete(load(path, ["psyche={peak: 0.1}", "psyche.assimilation=0.2"]))["psyche"]
    assert (full["peak"], full["assimilation"]) == (0.1, 0.2)


def test_an_override_reaches_names_with_dots_and_blanks(scenarios: Path) -> None:
    path = scenarios / "valid" / "hotel.yaml"
    sets = ['strategies."small surprises".0.surprise.chance=40%', "strategies.'one large refit'.0.upgrade.by=1"]
    made = resolve(load(path, sets))
    assert getattr(made.strategies[1].moves[0], "chance", None) == 0.4
    assert getattr(made.strategies[2].moves[0], "by", None) == 1.0
    assert resolve(load(path, ["strategies.small surprises.0.surprise.size=1"])).strategies[1].moves != made.strategies[1].moves


@pytest.mark.parametrize(("setting", "message"), [
    ("nonsense", "must be written as key=value"),
    ("=3", "must be written as key=value"),
    ("a..b=3", "must be written as key=value"),
    ("psyche.pek=3", 'psyche.pek: unknown key "pek"; did you mean "peak"? allowed: learning,'),
    ("strategies.treat.0.surprise.size=3", 'strategies.treat.0.surprise.size: unknown path: strategies holds no "treat"; '
                                           'did you mean "treats"? allowed: stand still, treats'),
    ("strategies.treats.1.surprise.size=3", "unknown path: strategies.treats is a list of 1, numbered from 0"),
    ("strategies.treats.x=3", "is a list of 1"),
    ("title.x=3", 'title.x: unknown path: title is "least"; set it as a whole'),
    ("firms.rival={quality: 3}", 'firms.rival: unknown path: firms holds no "rival"; allowed: ours'),
    ("market.segments.kids.share=1", 'unknown path: market.segments holds no "kids"'),
    ("market.people=", "market.people: has no value"),
    ("market.people=null", "market.people: has no value"),
    ("market.people=&a 3", "market.people: anchors such as &a"),
    ("market.people=[", "market.people: this is not YAML"),
    ("market.people=many", 'market.people: must be a whole number from 1 to 4294967295, not "many"'),
    ("horizon=30", "horizon: must be a duration such as `30 days`"),
    ("market.people.x.y=3", "unknown path: market.people is 100; set it as a whole"),
])
def test_a_wrong_override_is_told(setting: str, message: str, tmp_path: Path) -> None:
    told = refusal(write(tmp_path, LEAST), setting)
    assert told.startswith(f"--set {setting}: ")
    assert message in told
    assert len(told.splitlines()) == 1


def test_mistakes_come_in_order_each_at_its_place(tmp_path: Path) -> None:
    path = write(tmp_path, LEAST.replace("quality: 60", "quality: x").replace("people: 100", "people: -1"))
    told = refusal(path, "seed=-1", "replications=0").splitlines()
    assert [line.split(":")[0] for line in told] == ["story.yaml", "story.yaml", "--set seed=-1", "--set replications=0"]
    assert told[0].startswith("story.yaml:3:18: market.people: ")
    assert told[1].startswith("story.yaml:4:25: firms.ours.quality: ")


def test_an_override_heals_a_mistake(tmp_path: Path) -> None:
    path = write(tmp_path, LEAST.replace("people: 100", "people: -1"))
    assert resolve(load(path, ["market.people=5"])).people == 5


def test_extends_merges_and_each_mistake_points_at_its_file(tmp_path: Path) -> None:
    write(tmp_path, LEAST.replace("every: 1 week", "every: 3"), "parts/base.yaml")
    path = write(tmp_path, "extends: parts/base.yaml\ntitle: child\nmarket: {people: 0}\n")
    told = refusal(path).splitlines()
    assert told[0].startswith("story.yaml:3:18: market.people: must be a whole number")
    assert told[1].startswith("parts/base.yaml:3:39: market.visits.every: must be a duration")
    assert len(told) == 2


def test_extends_replaces_lists_and_merges_mappings(scenarios: Path) -> None:
    made = complete(load(scenarios / "valid" / "extends.yaml"))
    assert made["horizon"] == "365 days"
    assert made["market"]["people"] == 400
    assert made["market"]["segments"]["locals"]["share"] == 0.5
    assert made["market"]["segments"]["locals"]["expects"] == {"service": 60.0}
    assert made["psyche"]["learning"] == {"bayesian": 3.0}
    assert made["psyche"]["loss_aversion"] == {"between": [1.0, 2.0]}
    assert made["psyche"]["peak"] == 0.1
    assert list(made["firms"]) == ["ours", "the other"]
    assert "extends" not in made


def test_extends_stays_in_the_folder(tmp_path: Path) -> None:
    outside = write(tmp_path, LEAST, "outside.yaml")
    for target in ("../outside.yaml", str(outside), "sub/../../outside.yaml", "link.yaml"):
        path = write(tmp_path, f"title: x\nextends: {target}\n", "home/story.yaml")
        link = tmp_path / "home" / "link.yaml"
        if not link.exists():
            link.symlink_to(outside)
        assert "extends: must stay inside the scenario's own folder" in refusal(path)


def test_extends_does_not_go_in_circles(tmp_path: Path) -> None:
    write(tmp_path, "extends: story.yaml\n", "b.yaml")
    assert "b.yaml:1:10: extends: goes in a circle" in refusal(write(tmp_path, "extends: b.yaml\ntitle: x\n"))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.yaml") == "none.yaml: cannot be read: no such file or directory"
    assert "cannot be read" in refusal(tmp_path)


def test_a_file_of_more_than_a_mebibyte(tmp_path: Path) -> None:
    text = LEAST + "# " + "x" * (1 << 20)
    assert "larger than 1 MiB" in refusal(write(tmp_path, text))
    assert load(write(tmp_path, text[: 1 << 20])).title == "least"


def test_depth_is_measured_without_falling_down_it(tmp_path: Path) -> None:
    for text in ("[" * 10_000, "a: " + "[" * 10_000 + "]" * 10_000, "- " * 10_000, '{"a":' * 10_000, "? " * 10_000):
        began = time.perf_counter()
        assert refusal(write(tmp_path, text))
        assert time.perf_counter() - began < 5


def test_thirty_two_levels_are_read_and_one_more_is_not(tmp_path: Path) -> None:
    fits = "a: " + "[" * 31 + "]" * 31 + "\n"
    assert "nested deeper" not in refusal(write(tmp_path, fits))
    assert "nested deeper than 32 levels" in refusal(write(tmp_path, "a: " + "[" * 32 + "]" * 32 + "\n"))


def test_too_large_a_request_is_refused_with_its_estimate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, LEAST)
    monkeypatch.setattr(machine, "memory", lambda: (10**6, 10**6))
    told = refusal(path)
    assert told.startswith("story.yaml:3:18: market.people: too large for this machine: 100 people × 40 replications × 2 ")
    monkeypatch.setattr(machine, "memory", lambda: (0, 0))
    assert load(path).title == "least"


def test_the_error_can_be_sent_to_another_process(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        load(write(tmp_path, "title: 3\n"))
    again = pickle.loads(pickle.dumps(caught.value))
    assert again.mistakes == caught.value.mistakes
    assert str(again) == str(caught.value)
    assert len(again.mistakes) == 5


def test_what_is_broken_is_told_once(tmp_path: Path) -> None:
    told = refusal(write(tmp_path, LEAST.replace("people: 100", "people: ")))
    assert told == "story.yaml:3:10: market.people: has no value; write one, or take the key away to get its default"


def test_importing_the_package_is_light() -> None:
    probe = "import sys, sim.story.load; print([m for m in ('pydantic', 'ruamel.yaml', 'numpy') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True, encoding="utf-8",
                          cwd=Path(__file__).parent.parent.parent)
    assert done.stdout.strip() == "[]"


def test_extends_cannot_be_set(tmp_path: Path) -> None:
    path = write(tmp_path, LEAST)
    assert refusal(path, "extends=story.yaml") == (
        "--set extends=story.yaml: extends: must be written in the scenario file: overrides are put on the story that it names")


def test_what_is_only_read_is_not_measured_against_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, LEAST)
    monkeypatch.setattr(machine, "memory", lambda: (10**6, 10**6))
    assert load(path, check_memory=False).title == "least"
    with pytest.raises(ScenarioError, match="too large for this machine"):
        load(path)


def test_one_way_of_hearing_put_over_the_other_takes_its_place(tmp_path: Path) -> None:
    write(tmp_path, LEAST + "psyche: {norm: {weight: 0.5, hears_rivals_every: 60 days}}\n", "base.yaml")
    path = write(tmp_path, "extends: base.yaml\npsyche: {norm: {hears_rivals: 10%}}\n")
    norm = complete(load(path))["psyche"]["norm"]
    assert (norm["hears_rivals"], norm["weight"]) == (0.1, 0.5)
    assert "hears_rivals_every" not in norm
    told = refusal(path, "psyche.norm.hears_rivals_every=9 days")
    assert "psyche.norm: hears of rivals both ways" in told


@pytest.mark.parametrize("most", [62, 63])
def test_a_strategy_holds_as_many_surprises_as_can_be_told_apart(most: int, tmp_path: Path) -> None:
    path = write(tmp_path, LEAST.replace("surprise: {size: 1, chance: 10%}",
                                         ", ".join(["surprise: {size: 1, chance: 10%}"] * most)))
    if most <= 62:
        assert len(resolve(load(path)).strategies[1].moves) == most
    else:
        assert "strategies.treats: has 63 surprises; a strategy may have at most 62" in refusal(path)


@pytest.mark.parametrize(("at", "until", "days"), [
    ("12 hours", "36 hours", (1.0, 2.0)), ("11 hours", "1 day", (0.0, 1.0)), ("2.4 days", "29.5 days", (2.0, 30.0))])
def test_dates_are_whole_days(at: str, until: str, days: tuple[float, float], tmp_path: Path) -> None:
    move = f"{{size: 1, chance: 10%, at: {at}, until: {until}}}"
    found = resolve(load(write(tmp_path, LEAST.replace("{size: 1, chance: 10%}", move)))).strategies[1].moves[0]
    assert (found.at, found.until) == days

"""The JSON Schema and the loader say the same, as far as JSON Schema can say it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.outcomes import DECIDING
from sim.story.describe import json_schema
from sim.story.emit import emit
from sim.story.load import ScenarioError, load
from sim.story.nodes import read
from sim.story.resolve import DEFAULTS, complete
from sim.story.scenario import Mistake
from tests.effort import EFFORT

FOLDER = Path(__file__).parent.parent / "scenarios"
VALID = sorted((FOLDER / "valid").rglob("*.yaml"))
INVALID = sorted((FOLDER / "invalid").glob("*.yaml"))
SCHEMA = json_schema()
JUDGE = jsonschema.Draft202012Validator(SCHEMA)


def instance(text: str) -> Any:
    """What a YAML reader would hand to a JSON Schema validator; None where it would hand nothing."""
    mistakes: list[Mistake] = []
    try:
        root = read(text, "file", mistakes)
    except ScenarioError:
        return None
    return None if mistakes or root is None else root.plain()


def test_a_validator_accepts_the_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == jsonschema.Draft202012Validator.META_SCHEMA["$id"]


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_what_loads_is_accepted(path: Path) -> None:
    load(path)
    assert [error.message for error in JUDGE.iter_errors(instance(path.read_text(encoding="utf-8")))] == []


@pytest.mark.parametrize("path", [path for path in INVALID if path.stem != "base"], ids=lambda path: path.stem)
def test_what_does_not_load_is_refused_where_its_shape_is_wrong(path: Path) -> None:
    raw = path.read_bytes()
    kind = raw.split(b"\n")[0].decode().removeprefix("# mistake: ")
    try:
        plain = instance(raw.decode("utf-8"))
    except UnicodeDecodeError:
        plain = None
    if kind == "shape":
        assert plain is None or not JUDGE.is_valid(plain)
        assert plain is not None or path.stem == "several_of_all"
    else:
        assert plain is None or JUDGE.is_valid(plain)


def test_both_kinds_of_mistakes_are_there() -> None:
    kinds = [path.read_bytes().split(b"\n")[0] for path in INVALID]
    assert kinds.count(b"# mistake: shape") >= 40
    assert kinds.count(b"# mistake: meaning") >= 30


def models() -> Iterator[tuple[str, dict[str, Any]]]:
    yield "drift scenario", SCHEMA
    yield from SCHEMA["$defs"].items()


def test_every_key_has_a_meaning() -> None:
    seen = 0
    for name, model in models():
        assert model.get("description"), name
        for key, about in model["properties"].items():
            assert about.get("description"), (name, key)
            seen += 1
    assert seen > 240


def test_every_key_that_may_be_left_out_says_what_then_happens() -> None:
    """A default, or words for it, or a mechanism that is off, or something that is simply not there."""
    absent = {"about", "finding", "expected", "higher", "than", "in", "lasts", "fades", "source", "numbers", "extends",
              "psyche", "expects", "visits", "leaps", "imitates", "chance", "every", "on_visit", "bayesian"}
    for name, model in models():
        if name.endswith("Part") or name in ("drift scenario", "Move", "SegmentVisits"):  # these say it as a whole
            continue
        for key, about in model["properties"].items():
            said = "default" in about or "Left out:" in about["description"]
            assert said or key in model.get("required", ()) or key in absent or resolved(about), (name, key)


def resolved(about: dict[str, Any]) -> dict[str, Any]:
    """The model that a key refers to, if it does."""
    ref = about.get("$ref") or next((one["$ref"] for one in about.get("anyOf", ()) if "$ref" in one), "")
    return dict(SCHEMA["$defs"][ref.rsplit("/", 1)[-1]]) if ref else {}


def test_the_printed_defaults_are_the_ones_that_are_used() -> None:
    used = complete(load(FOLDER / "valid" / "least.yaml"))
    story = SCHEMA["$defs"]["Story"]["properties"]
    for key in ("seed", "replications", "currency", "outcome"):
        assert story[key]["default"] == used[key]
    psyche = SCHEMA["$defs"]["Psyche"]["properties"]
    compared = 0
    for key, value in used["psyche"].items():
        inner = resolved(psyche[key])
        if not inner:
            assert psyche[key]["default"] == value
            compared += 1
        for name, one in value.items() if inner else ():
            if not resolved(inner["properties"][name]) and name != "starts":
                assert inner["properties"][name]["default"] == one, (key, name)
                compared += 1
    assert compared >= 38
    visits = SCHEMA["$defs"]["Visits"]["properties"]
    assert {key: visits[key]["default"] for key in DEFAULTS["Visits"]} == {
        key: used["market"]["visits"][key] for key in DEFAULTS["Visits"]}


def test_every_table_of_defaults_is_printed() -> None:
    printed = {(name, key) for name, model in models() for key, about in model["properties"].items() if "default" in about}
    for table, keys in DEFAULTS.items():
        name = "Ours" if table == "Firm" else table
        assert {(name, key) for key in keys} <= printed, table


def test_every_key_is_used_by_a_valid_file() -> None:
    """The valid files together use every key of the language."""
    used: set[str] = set()

    def walk(value: Any) -> None:
        for key, one in value.items() if isinstance(value, dict) else ():
            used.add(key)
            walk(one)
        for one in value if isinstance(value, list) else ():
            walk(one)

    for path in VALID:
        walk(instance(path.read_text(encoding="utf-8")))
    known = {key for _, model in models() for key in model["properties"]}
    assert known - used == set()


def test_a_story_decides_by_what_can_decide() -> None:
    assert tuple(SCHEMA["$defs"]["Story"]["properties"]["outcome"]["enum"]) == DECIDING


@settings(max_examples=60 * EFFORT, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_the_schema_accepts_every_story(data: st.DataObject, stories: st.SearchStrategy[Any]) -> None:
    story = data.draw(stories)
    assert [error.message for error in JUDGE.iter_errors(story)] == []


ODD: tuple[Any, ...] = (
    0, 1, -1, 2.0, 0.5, 1e13, True, "", " ", "x", "25%", "101%", "30 days", "0 days", "never", "expectation", "3 visits",
    "2 per visit", "1 per year", [], [1, 2], {}, {"mean": 1, "sd": 1}, {"between": [0, 1]}, {"beta": [1, 1]}, {"a": 1},
    "must-be", "indifferent", "at risk", {"segment": "families"}, {"from_visit": 2}, {"weight": 0.5},
    {"research": {"every": "1 week"}}, {"contact": {}}, {"match": {}}, {"winback": {"persuades": 1}},
    {"gold": {"visits": 3, "lift": 1}})


def places(value: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    for step, one in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*here, step)
        yield from places(one, (*here, step))


@settings(max_examples=60 * EFFORT, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_changed_story_that_loads_is_accepted(data: st.DataObject, scratch: Path) -> None:
    """Put something odd anywhere: what the loader takes, the schema takes; what the schema refuses, the loader refuses."""
    story = instance((FOLDER / "valid" / "everything.yaml").read_text(encoding="utf-8"))
    key = data.draw(st.sampled_from(list(places(story))))
    odd = data.draw(st.sampled_from(ODD))
    inner = story
    for step in key[:-1]:
        inner = inner[step]
    inner[key[-1]] = odd
    path = scratch / "changed.yaml"
    path.write_text(emit(story), encoding="utf-8")
    refused = not JUDGE.is_valid(story)
    try:
        load(path)
    except ScenarioError:
        return
    assert not refused, (key, odd)


def test_a_file_that_extends_may_say_a_part_of_an_attribute(scratch: Path) -> None:
    (scratch / "grid.yaml").write_text((FOLDER / "valid" / "kano.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    path = scratch / "part.yaml"
    for attribute in ("napkins: {absent: 20}", "bread: {present: 70, absent: 0}", "napkins: {kano: must-be}"):
        text = f"extends: grid.yaml\nservice: {{{attribute}}}\n"
        path.write_text(text, encoding="utf-8")
        assert load(path).title.startswith("Every label")
        assert [error.message for error in JUDGE.iter_errors(instance(text))] == []


MOVES = ("contact: {}", "programme: {tiers: {gold: {visits: 5, lift: 1}}}", "file: {current: 50%}", "research: {every: 1 week}",
         "match: {}", "upgrade: {by: 1}")


@pytest.mark.parametrize("one", MOVES)
@pytest.mark.parametrize("other", MOVES)
def test_the_schema_knows_which_moves_go_together(one: str, other: str, scratch: Path) -> None:
    """Of some there may be one only, and a match needs a research: the loader and the schema say the same."""
    text = (FOLDER / "valid" / "least.yaml").read_text(encoding="utf-8").replace("[]", f"[{{{one}}}, {{{other}}}]")
    (scratch / "two.yaml").write_text(text, encoding="utf-8")
    twice, kinds = one == other and not one.startswith("upgrade"), {each.split(":")[0] for each in (one, other)}
    fits = not twice and ("match" not in kinds or "research" in kinds)
    if fits:
        load(scratch / "two.yaml")
    else:
        with pytest.raises(ScenarioError):
            load(scratch / "two.yaml")
    assert JUDGE.is_valid(instance(text)) == fits

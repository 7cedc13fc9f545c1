"""Whatever the bytes, reading ends in a scenario or in a readable error."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sim.story.load import ScenarioError, load
from tests.effort import EFFORT

FOLDER = Path(__file__).parent.parent / "scenarios"
HOTEL = (FOLDER / "valid" / "hotel.yaml").read_text(encoding="utf-8")
LINES = HOTEL.splitlines()
ODD = st.sampled_from([
    "{", "}", "[", "]", ":", "- ", "&a ", "*a", "!!x ", "'", '"', "%", "\t", "\n", "#", "|", ">", "? ", "~", ".nan", "<<: ",
    "---\n",
    "...\n", "\\", "@", "`", "1e999", "0x", "-0", "\x00", "\ud7ff", "\U0001f600", "9" * 400, "null", "yes"])
LINE = st.integers(0, len(LINES) - 1)
SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]


def told(path: Path, *sets: str) -> bool:
    """Whether loading works or says what is wrong, one line a mistake; anything else is raised."""
    try:
        load(path, sets)
    except ScenarioError as error:
        return bool(error.mistakes) and all(one.message and len(str(one).splitlines()) == 1 for one in error.mistakes)
    return True


@settings(max_examples=300 * EFFORT, deadline=None, suppress_health_check=SLOW)
@given(st.text(max_size=300))
@example("a: 'x\x85'")
@example("\ufeff\ufeff")
@example("? a")
@example("\u2028: 1")
@example("%YAML 9.9\n--- a")
@example('"\\U99999999"')
@example("a: !<tag:yaml.org,2002:python/object> x")
def test_any_text(scratch: Path, text: str) -> None:
    path = scratch / "fuzz.yaml"
    path.write_text(text, encoding="utf-8", newline="")
    assert told(path)


@settings(max_examples=150 * EFFORT, deadline=None, suppress_health_check=SLOW)
@given(st.binary(max_size=200))
def test_any_bytes(scratch: Path, raw: bytes) -> None:
    path = scratch / "fuzz.yaml"
    path.write_bytes(raw)
    assert told(path)


@settings(max_examples=250 * EFFORT, deadline=None, suppress_health_check=SLOW)
@given(st.lists(st.tuples(st.integers(0, len(HOTEL)), ODD), min_size=1, max_size=4))
@example([(372, "\n"), (372, "\n")])
def test_odd_characters_anywhere(scratch: Path, changes: list[tuple[int, str]]) -> None:
    text = HOTEL
    for place, odd in changes:
        text = text[:place] + odd + text[place:]
    path = scratch / "fuzz.yaml"
    path.write_text(text, encoding="utf-8", newline="")
    assert told(path)


@settings(max_examples=200 * EFFORT, deadline=None, suppress_health_check=SLOW)
@given(st.lists(st.tuples(LINE, LINE, st.integers(0, 6)), min_size=1, max_size=4))
def test_lines_lost_moved_and_indented(scratch: Path, changes: list[tuple[int, int, int]]) -> None:
    lines = list(LINES)
    for a, b, indent in changes:
        lines[a % len(lines)], lines[b % len(lines)] = " " * indent + lines[b % len(lines)].lstrip(), lines[a % len(lines)]
        if indent == 3:
            del lines[a % len(lines)]
    path = scratch / "fuzz.yaml"
    path.write_text("\n".join(lines), encoding="utf-8")
    assert told(path)


@settings(max_examples=200 * EFFORT, deadline=None, suppress_health_check=SLOW)
@given(st.text(max_size=60))
@example("market.people=1\n2")
@example("market={}")
@example("strategies=[]")
@example('"\\"=1')
def test_any_override(scratch: Path, setting: str) -> None:
    path = scratch / "hotel.yaml"
    path.write_text(HOTEL, encoding="utf-8")
    assert told(path, setting)

"""Every mistake has its own file beside the message that people get; the messages are exact."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from pathlib import Path

import pytest

from sim.story.load import ScenarioError, load

INVALID = Path(__file__).parent.parent / "scenarios" / "invalid"
FILES = sorted(path for path in INVALID.glob("*.yaml") if path.stem != "base")
OF_THEIR_OWN = {"a_list", "empty", "extends_a_mistake", "extends_with_mistakes", "latin_1"}
"""Files that are not the base with a few lines changed."""


def told(path: Path) -> str:
    """What loading says, with the folder and this machine's memory taken out."""
    with pytest.raises(ScenarioError) as caught:
        load(path)
    text = str(caught.value).replace(f"{path.parent}/", "").replace(f"{path.parent}\\", "")
    for what in ("GB may be used", "GB of memory"):
        text = re.sub(rf"about [\d.,]+ {what}", f"about … {what}", text)
    return text + "\n"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_message_is_exact(path: Path) -> None:
    assert told(path) == path.with_suffix(".expected").read_text(encoding="utf-8")


def test_the_folder_is_not_empty() -> None:
    messages = {path.with_suffix(".expected").read_text(encoding="utf-8") for path in FILES}
    assert len(FILES) >= 80
    assert len(messages) == len(FILES)


def test_every_expected_message_has_its_file() -> None:
    assert {path.stem for path in INVALID.glob("*.expected")} == {path.stem for path in FILES}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_says_what_kind_of_mistake_it_holds(path: Path) -> None:
    first = path.read_bytes().split(b"\n")[0]
    assert first in (b"# mistake: shape", b"# mistake: meaning")


def test_the_base_has_no_mistake() -> None:
    assert load(INVALID / "base.yaml").title == "A small café"


@pytest.mark.parametrize("path", [path for path in FILES if path.stem not in OF_THEIR_OWN], ids=lambda path: path.stem)
def test_without_its_mistake_a_file_would_load(path: Path) -> None:
    """It is the base, but for at most five lines beside the first; so these lines are what is refused."""
    base = (INVALID / "base.yaml").read_text(encoding="utf-8").splitlines()[1:]
    lines = path.read_text(encoding="utf-8").splitlines()[1:]
    same = sum(block.size for block in SequenceMatcher(None, base, lines, autojunk=False).get_matching_blocks())
    assert 0 < len(base) - same + len(lines) - same <= 10


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_message_points_into_its_file(path: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        load(path)
    places = [(one.line, one.column) for one in caught.value.mistakes]
    assert places == sorted(places)
    for one in caught.value.mistakes:
        lines = Path(one.file).read_bytes().decode("utf-8", "replace").splitlines()
        assert 1 <= one.line <= len(lines)
        assert 1 <= one.column <= len(lines[one.line - 1]) + 1
        assert "\n" not in one.message


def test_a_wrong_expectation_would_be_noticed() -> None:
    """The comparison can fail: another file's message is not this file's."""
    first, second = FILES[0], FILES[1]
    assert told(first) != second.with_suffix(".expected").read_text(encoding="utf-8")

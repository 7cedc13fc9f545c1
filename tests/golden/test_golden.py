"""The shipped stories' numbers are what they were; `python -m tests.golden.update` is the one way to change them."""

import json

import pytest

from tests.golden.update import GOLDEN, STORIES, numbers

KEPT = json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_every_story_is_kept():
    assert set(KEPT) == {path.stem for path in STORIES}
    assert KEPT


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_a_storys_numbers_are_what_they_were(path):
    found = numbers(path)
    assert list(found) == list(KEPT[path.stem])
    for strategy, outcomes in found.items():
        for outcome, values in outcomes.items():
            # Not to the bit: another machine's exp and log may differ in the last one.
            kept = pytest.approx(KEPT[path.stem][strategy][outcome], rel=1e-9, abs=1e-9, nan_ok=True)
            assert values == kept, (strategy, outcome)

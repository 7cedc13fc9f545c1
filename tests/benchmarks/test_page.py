"""The pages on speed say what the newest record says, and nothing is typed by hand."""

import json

import pytest

from benchmarks import page, whole

RECORD = whole.newest()


@pytest.mark.parametrize("path", page.PAGES, ids=lambda path: path.name)
def test_pages_are_what_the_newest_record_says(path):
    assert RECORD is not None
    text = path.read_text(encoding="utf-8")
    assert page.MARKED.findall(text)
    assert page.filled(text, json.loads(RECORD.read_text(encoding="utf-8"))) == text, "python -m benchmarks --write"


def test_a_number_changed_by_hand_is_found():
    record = json.loads(RECORD.read_text(encoding="utf-8"))
    text = page.PAGES[0].read_text(encoding="utf-8")
    record["machine"]["cores"] += 1
    assert page.filled(text, record) != text


def test_every_table_has_its_place():
    marks = {name for path in page.PAGES for _, name, _ in page.MARKED.findall(path.read_text(encoding="utf-8"))}
    assert marks == set(page.TABLES)

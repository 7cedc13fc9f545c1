"""Promises of the house that no other tool keeps."""

import ast
from pathlib import Path

import pytest

import sim

PACKAGE = Path(sim.__file__).parent
LONGEST = 60


@pytest.mark.parametrize("source", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_function_is_longer_than_a_screen(source):
    tree = ast.parse(source.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    assert [f"{one.name}: {one.end_lineno - one.lineno + 1}" for one in functions
            if one.end_lineno - one.lineno + 1 > LONGEST] == []

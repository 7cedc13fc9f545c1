"""Overrides from the command line: `--set a.b."quoted key".0.c=value` put into the tree of a scenario."""

from __future__ import annotations

import re
from typing import Final

from sim.story import units
from sim.story.nodes import Key, Node, key_text, read
from sim.story.scenario import Mistake, ScenarioError

_STEP: Final = re.compile(r'"((?:[^"\\]|\\.)*)"|\'([^\']*)\'|([^."\'=]+)')
_NAMED: Final = (("strategies",), ("firms",), ("service",), ("market", "segments"))
"""Mappings whose keys are names that the scenario gives: an override does not make a new one."""


def label(setting: str) -> str:
    """How an override is called where a file's name would stand."""
    return f"--set {setting}"


def split(setting: str) -> tuple[Key, str] | None:
    """The path and the value of an override, or None where it is not written as one."""
    steps: list[str | int] = []
    place = 0
    while True:
        found = _STEP.match(setting, place)
        if found is None:
            return None
        quoted = found[1] if found[1] is not None else found[2]
        steps.append(re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else found[3].strip())
        place = found.end()
        if setting[place : place + 1] == "=":
            return tuple(steps), setting[place + 1 :]
        if setting[place : place + 1] != ".":
            return None
        place += 1


def apply(root: Node, setting: str, mistakes: list[Mistake]) -> None:
    """Put one override into the tree; what is wrong with it is appended to `mistakes` under `--set …`."""
    file = label(setting)
    parts = split(setting)
    if parts is None:
        mistakes.append(Mistake(file, 0, 0, "", "must be written as key=value, such as market.people=500 or "
                                                'strategies."one large refit".0.upgrade.by=10'))
        return
    key, text = parts
    if key[0] == "extends":
        mistakes.append(Mistake(file, 0, 0, "extends", "must be written in the scenario file: overrides are put on the "
                                                       "story that it names"))
        return
    found: list[Mistake] = []
    try:
        node = read(text, file, found)
    except ScenarioError:
        node = None
    mistakes += [Mistake(file, 0, 0, key_text(key), one.message) for one in found]
    if found:
        return
    if node is None:
        mistakes.append(Mistake(file, 0, 0, key_text(key), "has no value; write one after the ="))
        return
    problem = _put(root, key, _unplaced(node))
    if problem:
        mistakes.append(Mistake(file, 0, 0, key_text(key), problem))


def _unplaced(node: Node) -> Node:
    """The same value without lines: it stands on a command line."""
    node.line = node.column = node.key_line = node.key_column = 0
    inner = node.value.values() if isinstance(node.value, dict) else node.value if isinstance(node.value, list) else ()
    for one in inner:
        _unplaced(one)
    return node


def _put(root: Node, key: Key, node: Node) -> str:
    """Hang the node at its key; returns what is wrong, or nothing."""
    unknown = _unknown(root, key)
    if unknown:
        return unknown
    here = root
    for depth, step in enumerate(key):
        last = depth == len(key) - 1
        if isinstance(here.value, dict):
            if last:
                here.value[str(step)] = node
            else:
                here = here.value.setdefault(str(step), Node({}, node.file, 0, 0))
        elif isinstance(here.value, list):
            if not str(step).isdecimal() or int(step) >= len(here.value):
                return f"unknown path: {key_text(key[:depth])} is a list of {len(here.value)}, numbered from 0"
            if last:
                here.value[int(step)] = node
            else:
                here = here.value[int(step)]
        else:
            return f"unknown path: {key_text(key[:depth])} is {units.shown(here.value)}; set it as a whole"
    return ""


def _unknown(root: Node, key: Key) -> str:
    """What to say of a key that leads through a name which the scenario does not give, or nothing."""
    from sim.story import values

    parent = next((named for named in _NAMED if key[: len(named)] == named and len(key) > len(named)), None)
    if parent is None:
        return ""
    here: Node | None = root
    for one in parent:
        here = here.child(one) if here is not None else None
    names = tuple(here.value) if here is not None and isinstance(here.value, dict) else ()
    step = str(key[len(parent)])
    if step in names:
        return ""
    rest = values.allowed(values.meant(step, names), names) if names else "; write it in the scenario file first"
    return f'unknown path: {key_text(parent)} holds no "{step}"{rest}'

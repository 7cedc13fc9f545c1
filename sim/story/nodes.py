"""YAML 1.2 read safely into a tree that remembers where everything stands.

The tree is built from the parser's events with a stack of our own: deep nesting cannot exhaust Python's, aliases
never expand, and the words that YAML 1.1 took for booleans stay words.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, cast

from sim.story.scenario import Mistake, ScenarioError

DEEPEST: Final = 32
LARGEST_FILE: Final = 1 << 20
_INTEGER: Final = re.compile(r"[-+]?[0-9]+")
_BASED: Final = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_REAL: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE: Final = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_UNPAIRED: Final = re.compile("[\ud800-\udfff]")

Scalar = str | int | float | bool | None
Key = tuple[str | int, ...]


@dataclass
class Node:
    """One value: a scalar, a mapping or a list of nodes, with the place of the value and of its key.

    `broken`: a mistake has been reported here already; whatever else is found below it is silent.
    """

    value: Scalar | dict[str, Node] | list[Node]
    file: str
    line: int
    column: int
    key_line: int = 0
    key_column: int = 0
    broken: bool = False

    def child(self, step: str | int) -> Node | None:
        """The node one step down, or None."""
        if isinstance(self.value, dict):
            return self.value.get(str(step))
        if isinstance(self.value, list) and str(step).isdecimal() and int(step) < len(self.value):
            return self.value[int(step)]
        return None

    def plain(self) -> Any:
        """The same without places: dicts, lists and scalars."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value


def planted(value: Any, file: str) -> Node:
    """A tree of plain values: the opposite of `plain`. Nothing in it has a place."""
    if isinstance(value, dict):
        return Node({key: planted(one, file) for key, one in value.items()}, file, 0, 0)
    if isinstance(value, (list, tuple)):
        return Node([planted(one, file) for one in value], file, 0, 0)
    return Node(value, file, 0, 0)


def key_text(key: Key) -> str:
    """Write a path as `--set` reads it: dots between, quotes where a name needs them."""
    return ".".join(_step_text(str(step)) for step in key)


def _step_text(step: str) -> str:
    return step if re.fullmatch(r"[\w-]+", step) else f'"{step}"'


@dataclass
class _Open:
    """A mapping or list that is being read."""

    node: Node
    key: str | None = None
    key_place: tuple[int, int] = (0, 0)
    repeated: bool = False


@dataclass
class _Builder:
    """Turns events into nodes and collects mistakes on the way."""

    file: str
    mistakes: list[Mistake]
    root: Node | None = None
    stack: list[_Open] = field(default_factory=list)
    documents: int = 0

    def path(self) -> Key:
        steps: list[str | int] = []
        for depth, level in enumerate(self.stack, 1):
            if isinstance(level.node.value, list):  # an item that is open is hung in its list already
                steps.append(len(level.node.value) - (depth < len(self.stack)))
            elif level.key is not None:
                steps.append(level.key)
        return tuple(steps)

    def mistake(self, event: Any, message: str, place: tuple[int, int] = (0, 0)) -> None:
        mark = event.start_mark
        line, column = place if place[0] else (mark.line + 1, mark.column + 1)
        self.mistakes.append(Mistake(self.file, line, column, key_text(self.path()), message))

    def take(self, event: Any) -> None:
        name = type(event).__name__
        if name == "DocumentStartEvent":
            self.start(event)
        elif name == "AliasEvent":
            self.alias(event)
        elif name in ("ScalarEvent", "MappingStartEvent", "SequenceStartEvent"):
            self.begin(event, name)
        elif name in ("MappingEndEvent", "SequenceEndEvent"):
            self.stack.pop()
            self.done()

    def start(self, event: Any) -> None:
        self.documents += 1
        if self.documents > 1:
            self.mistake(event, "a scenario file holds one document; take the second `---` away")
            raise ScenarioError(self.mistakes)
        if event.version not in (None, (1, 2)):
            self.mistake(event, "only YAML 1.2 is read; take the %YAML line away")

    def alias(self, event: Any) -> None:
        self.mistake(event, f"aliases such as *{event.anchor} are not allowed; write the value out, or use `extends`")
        self.place(self.node(event, None, broken=True))
        self.done()

    def begin(self, event: Any, name: str) -> None:
        if event.anchor is not None:
            self.mistake(event, f"anchors such as &{event.anchor} are not allowed; take it away")
        tagged = event.tag not in (None, "!")
        if tagged:
            short = str(event.tag).replace("tag:yaml.org,2002:", "!!")
            self.mistake(event, f"tags such as {short} are not allowed; write the value alone")
        level = self.stack[-1] if self.stack else None
        wants_key = level is not None and isinstance(level.node.value, dict) and level.key is None
        if wants_key:
            self.key(event, name)
        elif name == "ScalarEvent":
            self.place(self.node(event, None, broken=True) if tagged else self.scalar(event))
            self.done()
        else:
            self.open(event, name)

    def open(self, event: Any, name: str) -> None:
        if len(self.stack) >= DEEPEST:
            self.mistake(event, f"nested deeper than {DEEPEST} levels; a scenario needs far fewer")
            raise ScenarioError(self.mistakes)
        node = self.node(event, {} if name == "MappingStartEvent" else [])
        self.place(node)
        self.stack.append(_Open(node))

    def key(self, event: Any, name: str) -> None:
        if name != "ScalarEvent":
            self.mistake(event, "a key must be plain text; put a { or [ that belongs to a name in quotes")
            raise ScenarioError(self.mistakes)
        level = self.stack[-1]
        entries = cast("dict[str, Node]", level.node.value)
        level.repeated = event.value in entries
        level.key = event.value
        level.key_place = (event.start_mark.line + 1, event.start_mark.column + 1)
        if level.repeated:
            first = entries[event.value].key_line
            self.mistake(event, f"this key is written twice (first on line {first}); each key may be written once")
        elif not event.value.strip():
            self.mistake(event, "a key is empty; write a name before the colon")
        elif _UNPAIRED.search(event.value):
            level.key = _UNPAIRED.sub("�", event.value)
            self.mistake(event, "this key holds half a character (an unpaired surrogate); write the character itself")

    def node(self, event: Any, value: Any, broken: bool = False) -> Node:
        return Node(value, self.file, event.start_mark.line + 1, event.start_mark.column + 1, broken=broken)

    def place(self, node: Node) -> None:
        """Hang a node under the mapping or list that is open."""
        if not self.stack:
            self.root = node
            return
        level = self.stack[-1]
        if isinstance(level.node.value, dict):
            node.key_line, node.key_column = level.key_place
            if not level.repeated:
                level.node.value[level.key or ""] = node
        elif isinstance(level.node.value, list):
            node.key_line, node.key_column = node.line, node.column
            level.node.value.append(node)

    def done(self) -> None:
        """The value of a key is complete: the next scalar is a key again."""
        if self.stack and isinstance(self.stack[-1].node.value, dict):
            self.stack[-1].key = None
            self.stack[-1].repeated = False

    def scalar(self, event: Any) -> Node:
        if _UNPAIRED.search(event.value):
            self.mistake(event, "this text holds half a character (an unpaired surrogate); write the character itself")
            return self.node(event, None, broken=True)
        if event.style is not None or not event.implicit[0]:
            return self.node(event, event.value)
        value = _meaning(event.value)
        if value is None:
            unwritten = event.value == "" and bool(self.stack)  # then the event stands where the next key begins
            self.mistake(event, "has no value; write one, or take the key away to get its default",
                         self.stack[-1].key_place if unwritten else (0, 0))
        elif isinstance(value, float) and not math.isfinite(value):
            self.mistake(event, f"must be a finite number, not {event.value[:20]}")
            value = None
        return self.node(event, value, broken=value is None)


def _meaning(text: str) -> Scalar:
    """The value of a plain scalar by the core schema of YAML 1.2."""
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "True", "TRUE", "false", "False", "FALSE"):
        return text.lower() == "true"
    if _INTEGER.fullmatch(text):
        return int(text) if len(text) < 300 else math.inf
    if _BASED.fullmatch(text):
        return int(text, 0) if len(text) < 200 else math.inf
    if _NOT_FINITE.fullmatch(text):
        return math.inf
    return float(text) if _REAL.fullmatch(text) else text


def _events(text: str) -> Iterator[Any]:
    from ruamel.yaml import YAML

    yield from YAML(typ="safe", pure=True).parse(text)


def read(text: str, file: str, mistakes: list[Mistake]) -> Node | None:
    """Read one YAML document; mistakes are appended, and one that makes the rest unreadable raises `ScenarioError`."""
    from ruamel.yaml.error import MarkedYAMLError

    builder = _Builder(file, mistakes)
    try:
        for event in _events(text):
            builder.take(event)
    except ScenarioError:
        raise
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
        message = _syntax_sentence(text, line, str(error.problem or error.context))
        mistakes.append(Mistake(file, line, column, "", message))
        raise ScenarioError(mistakes) from None
    except Exception:  # the parser raises errors of many kinds on bytes that no editor writes
        line, column = _odd_place(text)
        message = "this is not YAML: it holds characters that YAML does not allow"
        mistakes.append(Mistake(file, line, column, "", message))
        raise ScenarioError(mistakes) from None
    return builder.root


def _syntax_sentence(text: str, line: int, problem: str) -> str:
    lines = text.splitlines()
    found = lines[line - 1] if line <= len(lines) else ""
    if "\t" in found[: len(found) - len(found.lstrip())] or "'\\t'" in problem:
        return "this is not YAML: a line is indented by a tab; use spaces"
    if "mapping values are not allowed" in problem:
        return "this is not YAML: a colon stands where none may; put text that holds `: ` in quotes"
    return f"this is not YAML: {' '.join(problem.split())}"


def _odd_place(text: str) -> tuple[int, int]:
    """Where the first character stands that no YAML file may hold."""
    found = re.search(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", text)
    before = text[: found.start()] if found else ""
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1

"""A scenario file → `Scenario`, or every mistake in it at once.

Reading goes: bytes → YAML tree with places → `extends` → `--set` → the file of ties → shape (pydantic) → rules across keys →
memory.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sim.story.nodes import LARGEST_FILE, Key, Node, key_text, planted, read
from sim.story.scenario import Claim, Mistake, Scenario, ScenarioError
from sim.story.settings import apply, label

if TYPE_CHECKING:
    from sim.market import Ties
    from sim.story.schema import Expected, Story

__all__ = ["Mistake", "Scenario", "ScenarioError", "load", "vary"]

BEYOND: Final = 1e30
"""Of so many people nothing is estimated."""


def load(path: str | os.PathLike[str], settings: Sequence[str] = (), *, check_memory: bool = True) -> Scenario:
    """Read and check a scenario file.

    settings: overrides such as `market.people=500` or `strategies."small surprises".0.surprise.chance=40%`.
    check_memory: refuse what this machine could not hold now, as is right before a run and not for mere reading.
    Raises `ScenarioError` with all mistakes, sorted by file, line and column.
    """
    place = Path(path)
    mistakes: list[Mistake] = []
    root = _tree(place, place.resolve().parent, (place.resolve(),), mistakes)
    for setting in settings:
        apply(root, setting, mistakes)
    ties = _ties(root, place, mistakes)
    story = _checked(root, mistakes)
    if mistakes or story is None:
        raise ScenarioError(_in_order(_estimated(root, place, ties, mistakes), str(place), settings))
    scenario = _scenario(story, place, ties)
    if check_memory:
        _fits_memory(scenario, root)
    return scenario


def vary(scenario: Scenario, settings: Sequence[str]) -> Scenario:
    """The scenario with more overrides put over it, checked like any other; the memory it would need is not.

    The file is not read again, so that a mistake says its key and no line. Raises `ScenarioError` with all mistakes.
    """
    said = scenario.story.model_dump(exclude_none=True, by_alias=True)
    file, mistakes = str(scenario.path), list[Mistake]()
    root = planted({key: value for key, value in said.items() if key != "extends"}, file)
    for setting in settings:
        apply(root, setting, mistakes)
    named = _at(root, ("market", "network", "edges"))
    ties = scenario.ties if named is not None and named.file == file else _ties(root, scenario.path, mistakes)
    story = _checked(root, mistakes)
    if mistakes or story is None:
        raise ScenarioError(_in_order(mistakes, file, settings))
    return _scenario(story, scenario.path, ties)


def _in_order(mistakes: list[Mistake], first: str, settings: Sequence[str]) -> list[Mistake]:
    """By file (the scenario's own first, `--set` last), then line and column; each said once."""
    written = [one.file for one in mistakes if one.line]
    files = [first, *written, *(label(one) for one in settings), *(one.file for one in mistakes)]
    return sorted(dict.fromkeys(mistakes), key=lambda one: (files.index(one.file), one.line, one.column))


def _tree(path: Path, home: Path, chain: tuple[Path, ...], mistakes: list[Mistake]) -> Node:
    """A file's tree, put over the tree it extends."""
    shown = str(path)
    root = read(_text(path, mistakes), shown, mistakes)
    if root is None or not isinstance(root.value, dict):
        found = "is empty" if root is None else "is not a mapping"
        message = f"the file {found}; a scenario is a mapping of keys such as `title: …`"
        mistakes.append(Mistake(shown, 1, 1, "", message))
        raise ScenarioError(mistakes)
    base = root.value.get("extends")
    if base is None or base.broken or not isinstance(base.value, str) or not base.value.strip():
        return root
    target = _extended(path, base, home, chain, mistakes)
    if target is None:
        return root
    del root.value["extends"]
    return _over(_tree(target, home, (*chain, target.resolve()), mistakes), root)


def _extended(path: Path, base: Node, home: Path, chain: tuple[Path, ...], mistakes: list[Mistake]) -> Path | None:
    """The file that `extends` names, or None and a mistake."""
    return _named(path.parent, base, ("extends",), home, chain, mistakes)


def _named(folder: Path, node: Node, key: Key, home: Path, chain: tuple[Path, ...], mistakes: list[Mistake]) -> Path | None:
    """The file that a node names from a folder, or None and a mistake. home: where it must lie; chain: what it must not be."""
    target = folder / str(node.value)
    problem = ""
    try:
        real = target.resolve()
        if not real.is_relative_to(home):
            problem = "must stay inside the scenario's own folder or below it"
        elif real in chain:
            problem = "goes in a circle; a scenario cannot extend itself"
        elif not real.is_file():
            problem = f'names no file; there is no "{node.value}" here'
    except (OSError, ValueError, RuntimeError):
        problem = "is not a file name"
    if problem:
        node.broken = True
        mistakes.append(Mistake(node.file, node.line, node.column, key_text(key), problem))
    return None if problem else target


def _ties(root: Node, place: Path, mistakes: list[Mistake]) -> Ties | None:
    """What the file lists that `market.network.edges` names, from where it is written; None without one, or with mistakes.

    Its name is written anew, from the scenario's folder, which may be another than that of a file it extends.
    """
    from sim.story import edges, units

    key: Key = ("market", "network", "edges")
    node, home = _at(root, key), place.resolve().parent
    if node is None or node.broken or not isinstance(node.value, str) or not node.value.strip():
        return None
    target = _named(Path(node.file).parent if node.line else place.parent, node, key, home, (), mistakes)
    found = None if target is None else edges.read(target, mistakes)
    if target is None or found is None:
        node.broken = True
        return None
    node.value = target.resolve().relative_to(home).as_posix()
    digest = _at(root, (*key[:-1], "digest"))
    if digest is not None and digest.value != found.digest and re.fullmatch(units.DIGEST, str(digest.value)):
        digest.broken = True
        mistakes.append(Mistake(digest.file, digest.line, digest.column, "market.network.digest",
                                f"is not that of the ties in {target}, {found.digest}; take it away if others are meant"))
    return found


def _at(root: Node, key: Key) -> Node | None:
    """The node at a key, if there is one."""
    here: Node | None = root
    for step in key:
        here = None if here is None else here.child(step)
    return here


def _over(under: Node, over: Node) -> Node:
    """One tree put over another; places stay with what was written."""
    from sim.story.merge import replaces, stays

    if not isinstance(under.value, dict) or not isinstance(over.value, dict) or over.broken:
        return over
    if replaces(under.value, over.value):
        return over
    value = {key: node for key, node in under.value.items() if stays(key, over.value)}
    for key, node in over.value.items():
        value[key] = _over(value[key], node) if key in value else node
    return Node(value, over.file, over.line, over.column, over.key_line, over.key_column)


def _text(path: Path, mistakes: list[Mistake]) -> str:
    """A file's text, or one mistake and no more."""

    def stop(message: str, line: int = 0, column: int = 0) -> ScenarioError:
        return ScenarioError([*mistakes, Mistake(str(path), line, column, "", message)])

    try:
        with open(path, "rb") as file:
            raw = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or "not a file name").lower()
        raise stop(f"cannot be read: {reason}") from None
    if len(raw) > LARGEST_FILE:
        raise stop("larger than 1 MiB; a scenario is a page or two of text")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1:].decode("utf-8", "replace")) + 1
        raise stop(f"must be UTF-8 text; the byte 0x{raw[error.start]:02x} is not; save the file as UTF-8",
                   line, column) from None


def _checked(root: Node, mistakes: list[Mistake]) -> Story | None:
    """The story of a tree, and the mistakes of shape and of meaning in it."""
    from sim.story.checks import problems
    from sim.story.sentences import shape

    plain = root.plain()
    story, wrong = shape(plain)
    told = [problem for problem in [*wrong, *problems(plain)] if not _silent(root, problem.key)]
    mistakes += [_placed(root, problem.key, problem.message, problem.at_key) for problem in told]
    return story if not wrong else None


def _silent(root: Node, key: Key) -> bool:
    """Whether a mistake was told already at this key or above it."""
    here: Node | None = root
    for step in key:
        here = here.child(step) if here is not None else None
        if here is None:
            return False
        if here.broken:
            return True
    return False


def _placed(root: Node, key: Key, message: str, at_key: bool) -> Mistake:
    """A mistake at the place of its key, or of the nearest one above that is written."""
    here, shown, missing = root, list[Any](), False
    for step in key:
        below = here.child(step)
        if below is None:
            missing = True
            break
        here = below
        shown.append(step)
    at_key = at_key or missing or isinstance(here.value, (dict, list))
    line, column = (here.key_line, here.key_column) if at_key and here.key_line else (here.line, here.column)
    return Mistake(here.file, line, column, key_text(tuple(shown)), message)


def _scenario(story: Story, path: Path, ties: Ties | None) -> Scenario:
    from sim.story.resolve import DEFAULTS

    outcome = story.outcome if story.outcome is not None else str(DEFAULTS["Story"]["outcome"])
    return Scenario(story, path, story.title, story.about or "", story.finding or "", tuple(story.source or ()),
                    dict(story.numbers or {}), outcome, tuple(map(_claim, story.expected or ())), ties)


def _claim(said: Expected) -> Claim:
    if said.higher is not None:
        return Claim("higher", said.higher, said.than or "", said.in_ or "")
    return Claim("lasts", said.lasts) if said.lasts is not None else Claim("fades", said.fades or "")


def _estimated(root: Node, place: Path, ties: Ties | None, mistakes: Sequence[Mistake]) -> list[Mistake]:
    """The mistakes; where all that is wrong is that people or replications are more than can be, with what they would need."""
    from dataclasses import replace

    from sim.market import MOST_PEOPLE, MOST_REPLICATIONS, footprint
    from sim.story.resolve import resolve

    most: dict[Key, int] = {("market", "people"): MOST_PEOPLE, ("replications",): MOST_REPLICATIONS}
    asked: dict[str, int] = {}
    for key, limit in most.items():
        node = _at(root, key)
        if node is not None and isinstance(node.value, int | float) and limit < node.value < BEYOND:
            asked[str(key[-1])], node.value = int(node.value), limit
    wrong: list[Mistake] = []
    story = _checked(root, wrong) if asked and len(mistakes) == len(asked) else None
    if story is None or wrong:
        return list(mistakes)
    market = resolve(_scenario(story, place, ties))
    needs = footprint(replace(market, people=asked.get("people", market.people),
                              replications=asked.get("replications", market.replications))).sentence
    return [*mistakes[:-1], replace(mistakes[-1], message=f"{mistakes[-1].message}: {needs}")]


def _fits_memory(scenario: Scenario, root: Node) -> None:
    """Refuse what this machine could not hold, with the estimate."""
    from sim.machine import memory
    from sim.market import footprint
    from sim.story.resolve import resolve

    needed, have = footprint(resolve(scenario)), 0.8 * memory()[1]
    if needed.bytes > have > 0:
        message = (f"too large for this machine: {needed.sentence}, and about {have / 1e9:.1f} GB may be used; "
                   "take fewer people, replications or days")
        raise ScenarioError([_placed(root, ("market", "people"), message, False)])

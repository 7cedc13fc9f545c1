"""What docs/odd.md shows of the code: the order of an occasion, the state, the purposes of luck, and the rules' equations."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from itertools import pairwise
from textwrap import dedent
from types import ModuleType

from equations import EQUATIONS, equations, function

from sim import luck
from sim.engine import reference
from sim.rules import visit
from sim.rules.traits import TRAITS
from sim.rules.world import Mind

STATES: Mapping[str, tuple[str, str, str, str]] = {
    "expectation": ("E", "person, firm, attribute", "points", "what she expects to get"),
    "peak": ("peak", "person, firm, attribute", "points", "the best experience so far"),
    "norm": ("N", "person, attribute", "points", "what she holds to be normal in the trade"),
    "goodwill": ("G", "person, firm", "points", "what she remembers of all her visits there"),
    "last_day": ("–", "person, firm", "days", "when she was there last"),
    "last_satisfaction": ("S", "person, firm", "points", "satisfaction at that visit"),
    "visits": ("n", "person, firm", "visits", "how many she has made"),
    "trust": ("τ", "person, firm", "share", "how far a promise of the firm moves her"),
    "familiarity": ("h", "person, kind of surprise", "share", "how used she is to it"),
    "given": ("–", "person, what is paid each time", "times", "how often she was given it; money is counted from it"),
    "recovery": ("E_r", "person, firm", "points", "the recovery she expects"),
    "failures": ("F", "person, firm", "share", "the share of failures she remembers"),
    "contacted": ("–", "person, firm", "days", "up to when she is followed up; 0 where she is not"),
    "status": ("–", "person", "five numbers", "her tier, and what counts toward the next"),
    "seen": ("–", "attribute", "points", "scratch: the levels of the visit at hand"),
    "fresh": ("–", "person", "days", "her last occasion"),
    "swayed": ("–", "person, firm", "days", "the last word of the firm that she listened to"),
    "met": ("–", "attribute", "points", "scratch: what she will tell of the visit at hand"),
    "fair": ("r", "person, firm", "money", "her reference price"),
    "wooed": ("–", "person", "0 or 1", "whether an offer brings her back"),
}
"""Each column of `Mind`: its letter, what it is by, its unit, and what it means."""

STARTS = ((reference, "arrive"), (reference, "be_served"))
"""The functions that begin an occasion: she comes, and she is served."""
PHASES = ("visit.visit", "visit.react", "visit.next_visit")
"""The rules that only put others in order: what they call stands in their place."""
PASSED = ("traits", "world", "column", "arithmetic")
"""Rooms of nouns and arithmetic, which are no steps."""


def sentence(of: object) -> str:
    """The first sentence of a docstring, fit for a table."""
    said = " ".join((inspect.getdoc(of) or "").split("\n\n")[0].split())
    return said.split(". ")[0].rstrip(".") + "."


def called(room: ModuleType, name: str) -> Iterator[str]:
    """The rules that a function calls, in the order of its text: what it imports from sim.rules, and what stands beside it."""
    tree = ast.parse(dedent(inspect.getsource(getattr(room, name))))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    for node in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        found = getattr(room, node.func.id, None)
        home = getattr(found, "__module__", "")
        if inspect.isfunction(found) and home.startswith("sim.rules.") and home.removeprefix("sim.rules.") not in PASSED:
            yield f"{home.removeprefix('sim.rules.')}.{found.__name__}"


def within(rule: str) -> list[str]:
    """The rules with an equation that a step works out on its way, however deep, in order; itself not among them."""
    room, name = rule.split(".")
    found: dict[str, None] = {}
    for one in called(import_module(f"sim.rules.{room}"), name):
        if one != rule:
            found |= dict.fromkeys([one, *within(one)])
    return [one for one in found if one in EQUATIONS]


def steps(room: ModuleType, name: str) -> Iterator[str]:
    """The rules that a function calls, in order, with what a phase calls in its place."""
    for rule in called(room, name):
        if rule in PHASES:
            yield from steps(visit, rule.removeprefix("visit."))
        else:
            yield rule


def schedule() -> list[list[str]]:
    """One row a step of an occasion: its number, the rule, what it does, and the equations within it."""
    found = dict.fromkeys(one for room, name in STARTS for one in steps(room, name))
    return [[str(number), f"`{one}`", sentence(function(one)), ", ".join(f"`{inner}`" for inner in within(one))]
            for number, one in enumerate(found, 1)]


def states() -> list[list[str]]:
    """One row a column of what people hold in mind. Errors: KeyError for one that nothing is said of."""
    return [[f"`{name}`", *STATES[name]] for name in Mind._fields]


def purposes() -> list[list[str]]:
    """One row a purpose of luck, from the list that only grows."""
    body = ast.parse(inspect.getsource(luck)).body
    numbers = {line.target.id: ast.literal_eval(line.value) for line in body
               if isinstance(line, ast.AnnAssign) and line.value and isinstance(line.value, ast.Constant)}
    told = {line.target.id: " ".join(after.value.value.split()) for line, after in pairwise(body)
            if isinstance(line, ast.AnnAssign) and isinstance(after, ast.Expr)}
    return [[str(numbers[name]), f"`{name}`", told[name]] for name in sorted(told, key=numbers.__getitem__) if name in numbers]


def room_of(room: str, symbols: Mapping[str, str], keys: Mapping[str, str], plain: Callable[[float], str],
            sourced: Callable[[str], str]) -> str:
    """The equations of one room of the rules: what each means, the equation, and the traits in it.

    symbols: the letter of each trait; keys: where each is written; plain: how a number is shown; sourced: how
    a source is.
    """
    return "\n".join("\n".join(_told(rule, symbols, keys, plain, sourced)) for rule in EQUATIONS if rule.split(".")[0] == room)


def _told(rule: str, symbols: Mapping[str, str], keys: Mapping[str, str], plain: Callable[[float], str],
            sourced: Callable[[str], str]) -> Iterator[str]:
    meaning = " ".join((inspect.getdoc(function(rule)) or "").split()).replace("*", r"\*")
    yield f"**{rule}.** {meaning}\n"
    for equation in equations(rule, symbols):
        yield f"```math\n{equation}\n```\n"
    used = [letter.removeprefix("@") for letter in EQUATIONS[rule][1].values() if letter.startswith("@")]
    for trait in (trait for key in used for trait in TRAITS if trait.key == key):
        letter = symbols[trait.key].replace("*", r"\*")
        yield (f"- {letter}: `{keys[trait.key]}`, {trait.meaning}; {trait.unit}, {plain(trait.low)} … {plain(trait.high)}, "
               f"off {plain(trait.off)}. {sourced(trait.source)[0].upper()}{sourced(trait.source)[1:]}")
    yield ""

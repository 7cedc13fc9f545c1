"""Forms of a visit: the same rules with what a market never asks for taken out, before anything is compiled.

A rule is written once, for everything there is. Where it is known beforehand that nobody chooses among firms, say, each
`world.choosing is None` is true: what hangs on its contrary is dropped from the text, with the calls in it, and the compiler
never sees it. Nothing else is changed, so that a form gives the same bits (partial evaluation; see docs/defence-of-design.md).
"""

from __future__ import annotations

import ast
import copy
import inspect
import operator
from collections.abc import Callable, Mapping, Sequence
from types import FunctionType, ModuleType
from typing import Any, Final

Value = bool | int | None
Known = Mapping[str, Mapping[str, Value]]
"""What is known beforehand: by the name of a parameter, its attributes and their values: {"world": {"choosing": None}}."""

COMPARE: Final[Mapping[type[ast.cmpop], Callable[[Any, Any], bool]]] = {
    ast.Is: operator.is_, ast.IsNot: operator.is_not, ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt,
    ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge}


def specialised(rooms: Sequence[ModuleType], known: Known) -> dict[str, dict[str, Any]]:
    """By the name of a room, its names, with every function made anew for what is known and calling those made anew.

    rooms: modules of plain functions. Lines stay those of the source. Errors: OSError where there is no source.
    """
    spaces = {room.__name__: dict(vars(room)) for room in rooms}
    anew = {id(function): _anew(function, space, known) for room, space in spaces.items() for function in own(space, room)}
    for space in spaces.values():
        space.update({name: anew[id(value)] for name, value in space.items() if id(value) in anew})
    return spaces


def own(space: Mapping[str, Any], room: str) -> list[FunctionType]:
    """The functions among these names that are a room's own."""
    return [value for value in space.values() if isinstance(value, FunctionType) and value.__module__ == room]


def _anew(function: FunctionType, space: dict[str, Any], known: Known) -> Any:
    """The same function, shortened, that looks names up in `space`."""
    lines, first = inspect.getsourcelines(function)
    tree, made = ast.parse("".join(lines)), dict[str, Any]()
    tree.body = [shortened(one, known) for one in tree.body if isinstance(one, ast.FunctionDef)]
    ast.increment_lineno(ast.fix_missing_locations(tree), first - 1)
    exec(compile(tree, function.__code__.co_filename, "exec", annotations.compiler_flag, dont_inherit=True), space, made)
    return made[function.__name__]


def shortened(function: ast.FunctionDef, known: Known) -> ast.FunctionDef:
    """A function without what cannot happen, given what is known."""
    function, taken = copy.deepcopy(function), {one.arg for one in function.args.args}
    names: dict[str, ast.Constant] = {}
    while True:
        before = ast.dump(function)
        function = Shortening(known, names).visit(function)
        names.update(_settled(function, taken))
        if ast.dump(function) == before:
            return function


def _settled(function: ast.FunctionDef, parameters: set[str]) -> dict[str, ast.Constant]:
    """The names of a function that are given one value, once, and a constant."""
    stored = [node.id for node in ast.walk(function) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)]
    found = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            for target, value in _pairs(node.targets[0], node.value):
                once = isinstance(target, ast.Name) and stored.count(target.id) == 1 and target.id not in parameters
                if once and isinstance(target, ast.Name) and isinstance(value, ast.Constant):
                    found[target.id] = value
    return found


def _pairs(target: ast.expr, value: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    """What is assigned to what: `a, b = 1, 2` are two pairs."""
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        return list(zip(target.elts, value.elts, strict=True))
    return [(target, value)]


class Shortening(ast.NodeTransformer):
    """Puts constants where they are known, and drops what then never happens."""

    def __init__(self, known: Known, names: Mapping[str, ast.Constant]) -> None:
        """Of parameters' attributes, and of names."""
        self.known, self.names = known, names

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """`world.choosing` where it is known."""
        told = self.known.get(node.value.id, {}) if isinstance(node.value, ast.Name) else {}
        if node.attr in told and isinstance(node.ctx, ast.Load):
            return ast.copy_location(ast.Constant(told[node.attr]), node)
        self.generic_visit(node)
        return node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """A name that stands for a constant."""
        if isinstance(node.ctx, ast.Load) and node.id in self.names:
            return ast.copy_location(ast.Constant(self.names[node.id].value), node)
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.stmt | None:
        """Names that stand for constants need not be assigned."""
        self.generic_visit(node)
        if len(node.targets) > 1:
            return node
        kept = [(target, value) for target, value in _pairs(node.targets[0], node.value)
                if not (isinstance(target, ast.Name) and target.id in self.names)]
        if not kept:
            return None
        if len(kept) < len(_pairs(node.targets[0], node.value)):
            targets, values = [target for target, _ in kept], [value for _, value in kept]
            node.targets = [ast.Tuple(targets, ast.Store()) if len(kept) > 1 else targets[0]]
            node.value = ast.Tuple(values, ast.Load()) if len(kept) > 1 else values[0]
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        """A comparison of two constants."""
        self.generic_visit(node)
        sides = [node.left, *node.comparators]
        if len(sides) == 2 and all(isinstance(side, ast.Constant) for side in sides) and type(node.ops[0]) in COMPARE:
            left, right = (side.value for side in sides if isinstance(side, ast.Constant))
            return ast.copy_location(ast.Constant(COMPARE[type(node.ops[0])](left, right)), node)
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        """`not` of a constant."""
        self.generic_visit(node)
        if isinstance(node.op, ast.Not) and isinstance(node.operand, ast.Constant):
            return ast.copy_location(ast.Constant(not node.operand.value), node)
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        """`and` and `or` of truths: what decides ends them, what does not is left out; what is called before stays called."""
        self.generic_visit(node)
        decides = isinstance(node.op, ast.Or)
        values: list[ast.expr] = []
        for value in node.values:
            if not isinstance(value, ast.Constant):
                values.append(value)
            elif bool(value.value) is decides:
                if not any(_calls(one) for one in values):
                    return ast.copy_location(ast.Constant(decides), node)
                values.append(ast.copy_location(ast.Constant(decides), node))
                break
        if len(values) < 2:
            return values[0] if values else ast.copy_location(ast.Constant(not decides), node)
        node.values = values
        return node

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        """One of two values."""
        self.generic_visit(node)
        if isinstance(node.test, ast.Constant):
            return node.body if node.test.value else node.orelse
        return node

    def visit_If(self, node: ast.If) -> ast.stmt | list[ast.stmt] | None:
        """One of two ways."""
        node.test = self.visit(node.test)
        if isinstance(node.test, ast.Constant):
            return self._block(node.body if node.test.value else node.orelse)
        node.body, node.orelse = self._block(node.body), self._block(node.orelse)
        if not node.body and not node.orelse and not _calls(node.test):
            return None
        node.body = node.body or [ast.Pass()]
        return node

    def visit_For(self, node: ast.For) -> ast.stmt | None:
        """A loop over nothing, or with nothing in it."""
        node.iter, node.body = self.visit(node.iter), self._block(node.body)
        over = node.iter.args if isinstance(node.iter, ast.Call) else []
        never = len(over) == 1 and isinstance(over[0], ast.Constant) and over[0].value == 0
        return node if node.body and not never else None

    def _block(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        kept: list[ast.stmt] = []
        for statement in statements:
            found = self.visit(statement)
            kept += found if isinstance(found, list) else [] if found is None else [found]
        return kept


def _calls(node: ast.AST) -> bool:
    """Whether anything is called in it, which might change something."""
    return any(isinstance(one, ast.Call) for one in ast.walk(node))

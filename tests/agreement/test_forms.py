"""A form of a visit is the same visit without what a market never asks for: what is taken out, and that nothing else is."""

from __future__ import annotations

import ast
import inspect
import textwrap

import pytest

from sim.engine import cache, kernel, special
from sim.rules import visit


def short(text: str, **world: special.Value) -> str:
    """A function's text, shortened."""
    found = special.shortened(ast.parse(textwrap.dedent(text)).body[0], {"world": world})
    return "\n".join(ast.unparse(found).splitlines()[1:])


@pytest.mark.parametrize(("text", "world", "found"), [
    ("def f(world, x):\n if world.a is None or x: return 1\n return 2", {"a": None}, "    return 1\n    return 2"),
    ("def f(world, x):\n if world.a is not None and x: return 1\n return 2", {"a": None}, "    return 2"),
    ("def f(world, x):\n if world.a is not None and x: return 1\n return 2", {"a": True},
     "    if x:\n        return 1\n    return 2"),
    ("def f(world, x):\n if x: return 1\n elif world.a: return 2\n else: return 3", {"a": False},
     "    if x:\n        return 1\n    else:\n        return 3"),
    ("def f(world, x):\n return x if world.a > 0 else -x", {"a": 0}, "    return -x"),
    ("def f(world, x):\n for i in range(world.a): x += i\n return x", {"a": 0}, "    return x"),
    ("def f(world, x):\n for i in range(world.a): x += i\n return x", {"a": 1},
     "    for i in range(1):\n        x += i\n    return x"),
    ("def f(world, x):\n for i in range(3):\n  if world.a: x += i\n return x", {"a": 0}, "    return x"),
    ("def f(world, x):\n on, y = not world.a, x\n return y if on else -y", {"a": False}, "    y = x\n    return y"),
    ("def f(world, x):\n on = world.a\n on = x\n return 1 if on else 2", {"a": False},
     "    on = False\n    on = x\n    return 1 if on else 2"),
    ("def f(world, x):\n x = world.a\n return 1 if x else 2", {"a": False}, "    x = False\n    return 1 if x else 2"),
    ("def f(world, x):\n on = False\n for i in range(x): on = True\n return on", {},
     "    on = False\n    for i in range(x):\n        on = True\n    return on"),
    ("def f(world, x):\n on = False\n for i in range(world.a): on = True\n return x if on else 0", {"a": 0}, "    return 0"),
    ("def f(world, x):\n return g(x) and world.a", {"a": False}, "    return g(x) and False"),
    ("def f(world, x):\n return x and world.a", {"a": False}, "    return False"),
    ("def f(world, x):\n if g(x):\n  if world.a: x += 1\n return x", {"a": False}, "    if g(x):\n        pass\n    return x"),
    ("def f(world, x):\n world.a = x\n return world.b", {"a": 1}, "    world.a = x\n    return world.b"),
    ("def f(other, x):\n return other.a", {"a": 1}, "    return other.a"),
])
def test_what_is_taken_out(text: str, world: dict[str, special.Value], found: str) -> None:
    assert short(text, **world) == found


def names(function: object) -> set[str]:
    """What a function asks for by name, and what is within it."""
    code = function.__code__  # type: ignore[attr-defined]
    return {*code.co_names, *(name for one in code.co_consts if inspect.iscode(one) for name in one.co_names)}


def test_a_plain_visit_asks_for_nothing_that_no_market_of_its_kind_has() -> None:
    spaces = special.specialised(kernel.ROOMS, kernel.KNOWN["plain"])
    plain = {name for room in spaces for one in special.own(spaces[room], room) for name in names(one)}
    for gone in ("choose", "count_arrival", "make_good", "survey", "see", "woo", "hear_talk", "count_answer", "benefit"):
        assert gone not in plain, gone
        assert any(gone in names(one) for room in kernel.ROOMS for one in special.own(vars(room), room.__name__)), gone
    assert {"visit", "next_visit", "react", "hear_rivals", "promised"} <= plain


def test_those_made_anew_call_those_made_anew() -> None:
    spaces = special.specialised(kernel.ROOMS, kernel.KNOWN["whole"])
    made = spaces["sim.rules.visit"]
    assert made["visit"] is not visit.visit
    assert made["visit"].__globals__ is made
    assert spaces["sim.engine.loops"]["visit"] is made["visit"]
    assert made["visit"].__code__.co_firstlineno == visit.visit.__code__.co_firstlineno
    assert made["visit"].__code__.co_filename == visit.visit.__code__.co_filename


def test_every_form_is_told_what_it_knows() -> None:
    assert set(kernel.KNOWN) == set(cache.FORMS)
    from sim.rules.world import Who, World

    for known in kernel.KNOWN.values():
        assert set(known) <= {"who", "world"}
        assert set(known["world"]) <= set(World._fields)
        assert set(known.get("who", {})) <= set(Who._fields)


def test_a_world_that_is_not_what_its_form_knows_is_refused() -> None:
    class Other:
        """A world with a programme that says it asks for nothing more."""

        coupled = whole = choosing = None
        tiers = 2

        def __getattr__(self, name: str) -> special.Value:
            return kernel.KNOWN["plain"]["world"][name]

    with pytest.raises(ValueError, match="the plain form of a visit takes tiers for 0, and here it is 2"):
        kernel.form_of(Other())

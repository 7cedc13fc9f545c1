"""The ODD page: every rule is told by its own text, the order of a visit is the code's, and what cannot be told is noticed."""

import ast
import importlib
import inspect
import re

import pytest

from sim.engine.clock import DAY_ORDER
from sim.rules import judge
from sim.rules.world import Mind
from tests.docs.pages import HOME, program, text

tables = program("tables")
protocol, equations = tables.protocol, importlib.import_module("equations")
SYMBOLS = tables.SYMBOLS


def scalar_rules():
    """Every function of the rules that takes plain numbers alone."""
    for path in sorted((HOME / "sim" / "rules").glob("*.py")):
        room = importlib.import_module(f"sim.rules.{path.stem}")
        for name, rule in inspect.getmembers(room, inspect.isfunction):
            kinds = {one.annotation for one in inspect.signature(rule).parameters.values()}
            if rule.__module__ == room.__name__ and kinds <= {float, int, bool}:
                yield f"{path.stem}.{name}"


def test_every_rule_of_plain_numbers_is_told_or_said_why_not():
    rules = set(scalar_rules())
    untold = {rule for rule in rules for one in equations.UNTOLD if rule == one or rule.startswith(f"{one}.")}
    assert len(rules) > 50
    assert rules - untold <= set(equations.EQUATIONS)
    assert {rule for rule in equations.EQUATIONS if rule in untold} == set()
    assert all(any(rule == one or rule.startswith(f"{one}.") for rule in rules) for one in equations.UNTOLD)


def test_every_letter_with_a_key_is_a_traits():
    used = {letter[1:] for _, names in equations.EQUATIONS.values() for letter in names.values() if letter.startswith("@")}
    assert len(used) > 40
    assert used <= set(SYMBOLS)


def test_every_name_that_an_equation_gives_is_one_of_the_rules_own():
    for rule, (_, names) in equations.EQUATIONS.items():
        source = inspect.getsource(equations.function(rule))
        found = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
        found |= set(inspect.signature(equations.function(rule)).parameters)
        assert {name.split(".")[0] for name in names} <= found, rule


def test_the_felt_value_of_a_gap_reads_as_it_runs():
    assert equations.equations("judge.felt", SYMBOLS) == [
        r"\text{size} = |D| - z",
        r"\text{worth} = \begin{cases} \text{size} & \text{if } \beta = 1 \\ "
        r"e^{\beta \cdot \ln(\text{size})} & \text{otherwise} \end{cases}",
        r"v = \begin{cases} 0 & \text{if } \text{size} \le 0 \\ \text{worth} & \text{if } D > 0 \\ "
        r"-\lambda \cdot \text{worth} & \text{otherwise} \end{cases}"]


@pytest.mark.parametrize(("python", "told"), [
    ("a - (b - c)", "a - (b - c)"), ("(a - b) - c", "a - b - c"), ("a * (b + c)", r"a \cdot (b + c)"),
    ("a * b + c", r"a \cdot b + c"),
    ("-(a + b) * c", r"-(a + b) \cdot c"), ("-a - b", "-a - b"), ("a - -b", "a - (-b)"),
    ("a + -b * c", r"a + (-b \cdot c)"), ("-a + b", "-a + b"),
    ("a / (b + c)", r"\frac{a}{b + c}"), ("exp(-a * b / (b + c)) / c", r"\frac{e^{-a \cdot b / (b + c)}}{c}"),
    ("a * a", "a^2"), ("(a + b) * (a + b)", "(a + b)^2"),
    ("a - b if a > b else 0.0", r"\max(0, a - b)"),
    ("b - a if a > b else 0.0", r"\begin{cases} b - a & \text{if } a > b \\ 0 & \text{otherwise} \end{cases}"),
    ("1.0 if a else 0.0", r"\mathbf{1}[a]"), ("exp(-a)", "e^{-a}"), ("c * exp(a * b)", r"c \cdot e^{a \cdot b}")])
def test_an_expression_is_written_with_the_brackets_that_it_needs(python, told):
    formula = equations.Formula({"a": "a", "b": "b", "c": "c"})
    assert formula.whole(ast.parse(python, mode="eval").body) == told


@pytest.mark.parametrize(("name", "told"), [
    ("a₊", "a_{+}"), ("T_r½", "T_{r1/2}"), ("E′", "E'"), ("E_r′", "E_{r}'"), ("D*", "D^{*}"), ("λ", r"\lambda"),
    ("Δt", r"\Delta t"),
    ("T_min", r"T_{\text{min}}"), ("noise", r"\text{noise}"), ("μ_F", r"\mu_{F}"), ("h½", "h_{1/2}")])
def test_a_letter_of_the_tables_as_tex(name, told):
    assert equations.tex(name) == told


def test_a_changed_rule_changes_its_equation(monkeypatch):
    def felt(gap: float, tolerance: float) -> float:
        """Another rule."""
        return gap + tolerance

    monkeypatch.setattr(judge, "felt", felt)
    assert equations.equations("judge.felt", SYMBOLS) == ["v = D + z"]
    assert tables.written(text("docs/odd.md")) != text("docs/odd.md")


def test_a_parameter_without_a_letter_and_a_text_that_is_no_formula_are_refused(monkeypatch):
    def hope(gap: float, luck: float) -> float:
        return gap + luck

    def loop(gap: float) -> float:
        while gap > 1.0:
            gap -= 1.0
        return gap

    monkeypatch.setattr(judge, "felt", hope)
    with pytest.raises(KeyError, match="luck"):
        equations.equations("judge.felt", SYMBOLS)
    monkeypatch.setattr(judge, "felt", loop)
    with pytest.raises(ValueError, match="no formula: while"):
        equations.equations("judge.felt", SYMBOLS)


def test_a_column_of_mind_that_nothing_is_said_of_is_noticed(monkeypatch):
    assert set(protocol.STATES) == set(Mind._fields)
    monkeypatch.delitem(protocol.STATES, "norm")
    with pytest.raises(KeyError, match="norm"):
        protocol.states()


def test_the_order_of_an_occasion_is_that_of_the_pages():
    order = [row[1].strip("`") for row in protocol.schedule()]
    said = ["talk.hear_talk", "choose.choose", "join.joins", "wait.waited", "forget.forget", "visit.hear_rivals",
            "hear.believe", "expect.standard", "experience.perceived", "judge.felt", "learn.learn", "react.complaint_chance",
            "learn.remember",
            "talk.speaks", "visit.leaves", "visit.comes_again"]
    assert [one for one in order if one in said] == said
    assert f"*{' → '.join(DAY_ORDER)}*".lower() in text("docs/odd.md").lower().replace("\n", " ")


def test_the_purposes_of_luck_are_all_told_in_order():
    rows = protocol.purposes()
    assert [int(row[0]) for row in rows] == list(range(len(rows)))
    listed = re.findall(r"^([A-Z_]+): Final = \d+$", (HOME / "sim" / "luck.py").read_text(encoding="utf-8"), re.MULTILINE)
    assert [row[1].strip("`") for row in rows] == listed
    assert all(row[2] for row in rows)


def test_the_page_has_the_seven_parts_of_the_protocol_in_order_and_all_design_concepts():
    page = text("docs/odd.md")
    assert re.findall(r"^## (.+)$", page, re.MULTILINE) == [
        "Purpose and patterns", "Entities, state and scales", "Process overview and scheduling", "Design concepts",
        "Initialization", "Input data", "Submodels"]
    concepts = page.split("## Design concepts")[1].split("\n## ")[0]
    assert re.findall(r"^\*\*(.+?)\.\*\*", concepts, re.MULTILINE) == [
        "Basic principles", "Emergence", "Adaptation", "Objectives", "Learning", "Prediction", "Sensing", "Interaction",
        "Stochasticity", "Collectives", "Observation"]

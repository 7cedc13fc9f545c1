"""The rules' equations as TeX, read off their own text: what docs/odd.md shows is what is run.

A rule is a plain scalar function of a few lines (assignments, `if … return`, expressions), so that its text can be written
as mathematics one to one. Letters are those of the table of traits. latexify-py was tried: it refuses the rules that
return early (what is felt, how far one learns), and can only call things by their whole names.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from textwrap import dedent

Names = Mapping[str, str]

LETTERS = {"expectation": "E", "norm": "N", "given": "X", "experience": "P", "standard": "R", "gap": "D", "satisfaction": "S",
           "felt": "V", "goodwill": "G", "peak": "peak", "failed": "failed", "came": "came", "better": "better", "push": "push",
           "random": "random", "visits": "n", "u": "u", "day": "day", "days": "Δt", "quality": "q", "price": "p",
           "number": "i", "kept": "kept", "contacts": "n", "trouble": "v_s", "remembered": "F", "failures": "F",
           "familiarity": "h", "value": "V"}
"""What a rule's parameter is called, unless its equation says otherwise."""

EQUATIONS: Mapping[str, tuple[str, Names]] = {
    "forget.kept": ("kept", {"half_life": "@forgetting.half_life"}),
    "forget.forget": ("E′", {}),
    "hear.exposures": ("heard", {"every": "@norm.hears_rivals_every", "chance": "@norm.hears_rivals"}),
    "hear.both_spreads": ("σ", {"delivery": "σ_j", "hearsay": "@norm.noise"}),
    "hear.teach": ("N′", {"seen": "X_j", "up": "@norm.learns.up", "down": "@norm.learns.down"}),
    "hear.spill": ("pull", {"seen": "X_j", "pull": "@norm.spillover", "upward_only": "upward"}),
    "hear.believe": ("E′", {"promise": "promised", "trust": "τ"}),
    "hear.doubt": ("τ′", {"trust": "τ", "falls": "@trust.falls"}),
    "expect.standard": ("R", {"weight": "@norm.weight", "peak_weight": "@peak"}),
    "experience.deviation": ("noise", {"sd": "σ"}),
    "experience.perceived": ("P", {"assimilation": "@assimilation"}),
    "wait.lost": ("lost", {"minutes": "m", "per_minute": "@waiting.per_minute", "most": "@waiting.most"}),
    "judge.felt": ("v", {"tolerance": "@tolerance", "curvature": "@curvature", "loss_aversion": "@loss_aversion"}),
    "judge.delight": ("delight", {"threshold": "@delight.threshold", "bonus": "@delight.bonus"}),
    "react.complaint_chance": ("p_c", {"rate": "@complaining.shortfall", "base": "@complaining.base"}),
    "react.vented": ("V′", {"share": "@complaining.vents"}),
    "react.fail": ("F′", {"memory": "@failures.memory"}),
    "recover.worth": ("Q_r", {"remedy": "remedy", "within": "within", "extras": "extras", "compensation": "compensation",
                              "patience": "@recovery.patience", "points_a_unit": "@recovery.worth"}),
    "recover.expect_recovery": ("E_r′", {"expected": "E_r", "received": "Q_r", "rate": "@recovery.learning"}),
    "pay.fairness": ("V_p", {"reference": "r_p", "weight": "@fairness.weight", "curvature": "@curvature",
                             "loss_aversion": "@loss_aversion"}),
    "pay.get_used": ("r_p′", {"reference": "r_p", "learning": "@fairness.learning"}),
    "learn.gain": ("a", {"up": "@learning.up", "down": "@learning.down", "prior": "@learning.bayesian"}),
    "learn.credit": ("ℓ", {"credit": "@surprise.credit"}),
    "learn.learn": ("E′", {"gain": "a", "credit": "ℓ"}),
    "learn.grow_familiar": ("h′", {"rate": "@surprise.familiarity"}),
    "learn.remember": ("G′", {"memory": "@goodwill.memory"}),
    "decide.push": ("push", {"goodwill_weight": "@leaving.goodwill", "tenure_weight": "@leaving.tenure",
                             "failures_weight": "@leaving.failures"}),
    "decide.chance_against": ("p", {"base": "p_b"}),
    "decide.mean_gap": ("T′", {"every": "@visits.every", "weight": "@visits.goodwill", "shortest": "@visits.shortest",
                               "longest": "@visits.longest"}),
    "decide.gap": ("gap", {"mean": "T′"}),
    "decide.first_gap": ("gap_1", {"mean": "T′", "phase": "u"}),
    "follow.contact_day": ("day_i", {"first": "first", "second": "second", "every": "every"}),
    "follow.refresh": ("E′", {"share": "refreshes"}),
    "woo.persuaded_chance": ("p_w", {"persuades": "persuades", "weight": "@leaving.goodwill"}),
    "choose.worth_of": ("worth", {"value": "ahead", "weights.0": "@choosing.value", "weights.1": "@choosing.goodwill",
                                  "weights.2": "@choosing.price"}),
    "join.joining_chance": ("p_j", {"base": "@joining.base", "value": "ahead", "talk": "words"}),
    "talk.talks_chance": ("p_t", {"base": "@talk.base", "good": "@talk.good", "bad": "@talk.bad"}),
    "wait.service_minutes": ("service", {"law": "law", "mean": "m", "sd": "σ", "FIXED": "fixed", "EXPONENTIAL": "exponential",
                                         "variance": "σ_m"}),
    "answer.held": ("held", {"answer": "x"}),
    "answer.answer": ("means", {"gap_weight": "@survey.gap"}),
    "answer.ticked": ("ticks", {"meant": "means", "noise": "@survey.noise"}),
    "answer.answers_chance": ("p_a", {"share": "@survey.answers", "extremes": "@survey.extremes"}),
    "answer.feeling": ("feels", {"worth": "x", "beyond": "@survey.feels", "LIKE": "likes", "DISLIKE": "dislikes",
                                 "NEUTRAL": "neutral"}),
}
"""How each rule's result is called, and its parameters: a letter, or @ and the key of a trait whose letter it is."""

UNTOLD: Mapping[str, str] = {
    "arithmetic": "what every formula is made of: e to the power of x, logarithms, roots, the laws' inverses",
    "answer.kano": "a table, on the page of the model",
    "decide.surely_stays": "spares an exponential where luck decides anyway, and changes no answer",
    "follow.found_chance": "a product over contacts, 1 − (1 − finds)ⁿ",
    "hear.poisson": "a Poisson law inverted term by term",
    "talk.kind_of": "the sign of V",
    "wait.not_before": "the later of two times, on the grid of a clock",
    "wait.on_tick": "a time on the grid of a clock",
}
"""Scalar functions of the rules (or whole rooms) that are no equation of the model, and why."""

CALLS: Mapping[str, str] = {"log": r"\ln({0})", "root": r"\sqrt{{{0}}}", "abs": "|{0}|",
                            "normal_quantile": r"\Phi^{{-1}}({0})", "exponential": r"(-\ln(1 - {0}))",
                            "gumbel": r"(-\ln(-\ln {0}))"}
SIGNS: Mapping[type, str] = {ast.Add: " + ", ast.Sub: " - ", ast.Mult: r" \cdot ", ast.Lt: " < ", ast.LtE: r" \le ",
                             ast.Gt: " > ", ast.GtE: r" \ge ", ast.Eq: " = ", ast.NotEq: r" \ne ",
                             ast.And: r" \text{ and } ", ast.Or: r" \text{ or } "}
STRENGTH: Mapping[type, int] = {ast.Add: 1, ast.Sub: 1, ast.Mult: 2, ast.Div: 3}
BELOW = {"₊": "+", "₋": "-", "₀": "0", "₁": "1", "₂": "2", "½": "1/2"}
GREEK = {"α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "η": "eta", "θ": "theta", "κ": "kappa", "λ": "lambda",
         "μ": "mu", "ν": "nu", "ξ": "xi", "ρ": "rho", "σ": "sigma", "τ": "tau", "χ": "chi", "ψ": "psi", "ω": "omega",
         "Δ": "Delta", "Φ": "Phi", "ℓ": "ell"}


def tex(name: str) -> str:
    r"""A name as it stands in our pages, as TeX: `a₊` is a_{+}, `T_r½` is T_{r 1/2}, `E′` is E'; whole words stand upright."""
    name, dashes = name.rstrip("′"), "'" * name.count("′")
    base, below = re.findall(r"^([^_₊₋₀₁₂½]*)_?(.*)$", name)[0]
    low = "".join(BELOW.get(letter, letter) for letter in below)
    star, base = ("^{*}" if base.endswith("*") else ""), base.rstrip("*")
    written = "".join(rf"\{GREEK[letter]} " if letter in GREEK else letter for letter in base).strip()
    if len(base) > 1 and not set(base) & set(GREEK):
        written = rf"\text{{{base}}}"
    low = rf"\text{{{low}}}" if re.fullmatch(r"[a-z]{2,}", low) else low
    return written + (f"_{{{low}}}" if low else "") + star + dashes


def function(rule: str) -> Callable[..., float]:
    """A rule by its room and name, such as `judge.felt`."""
    room, name = rule.split(".")
    found: Callable[..., float] = getattr(import_module(f"sim.rules.{room}"), name)
    return found


def equations(rule: str, symbols: Names) -> list[str]:
    """The equations of one rule, as TeX, in the order in which they are worked out. symbols: the letter of each trait.

    Errors: KeyError for a parameter that no letter stands for, and ValueError for text that is no formula.
    """
    left, own = EQUATIONS[rule]
    names = {name: tex(symbols[letter.removeprefix("@")] if letter.startswith("@") else letter)
             for name, letter in {**LETTERS, **own}.items()}
    tree = ast.parse(dedent(inspect.getsource(function(rule)))).body[0]
    if not isinstance(tree, ast.FunctionDef):
        raise ValueError(f"{rule} is no function")
    return list(Formula(names).told(tex(left), tree.body))


def negative(node: ast.expr) -> bool:
    """Whether an expression begins with a minus, which needs no brackets in front and does need them behind a sign."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div):
        return negative(node.left)
    return isinstance(node, ast.UnaryOp)


class Formula:
    """Writes the body of a rule as mathematics. names: what stands for what."""

    def __init__(self, names: Names) -> None:
        """Start with the letters of parameters; what the rule works out on its way joins them."""
        self.names = dict(names)
        self.raised = False

    def told(self, left: str, body: list[ast.stmt]) -> Iterator[str]:
        """One equation a line that works something out, and one for what is returned."""
        rows: list[tuple[ast.expr, ast.expr | None]] = []
        for line in body:
            if isinstance(line, ast.Expr):
                continue
            if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
                name = line.targets[0].id
                self.names.setdefault(name, tex(name))
                yield f"{self.names[name]} = {self.whole(line.value)}"
            elif isinstance(line, ast.If) and isinstance(line.body[0], ast.Return) and line.body[0].value and not line.orelse:
                rows.append((line.body[0].value, line.test))
            elif isinstance(line, ast.Return) and line.value is not None:
                yield f"{left} = {self.cases([*rows, *self.rows(line.value)])}"
            else:
                raise ValueError(f"no formula: {ast.unparse(line)}")

    def rows(self, node: ast.expr) -> Iterator[tuple[ast.expr, ast.expr | None]]:
        """What a conditional expression says: values and when they hold, the last one otherwise."""
        if isinstance(node, ast.IfExp) and self.special(node) is None:
            yield node.body, node.test
            yield from self.rows(node.orelse)
        else:
            yield node, None

    def cases(self, rows: list[tuple[ast.expr, ast.expr | None]]) -> str:
        """Values with their conditions in one brace; a single one without."""
        if len(rows) == 1:
            return self.of(rows[0][0])
        lines = [rf"{self.of(value)} & " + (r"\text{otherwise}" if test is None else rf"\text{{if }} {self.of(test)}")
                 for value, test in rows]
        return r"\begin{cases} " + r" \\ ".join(lines) + r" \end{cases}"

    def whole(self, node: ast.expr) -> str:
        """An expression that stands alone."""
        return self.cases(list(self.rows(node)))

    def of(self, node: ast.expr, outer: int = 0) -> str:
        """An expression within another one that binds so strongly."""
        if isinstance(node, ast.Name):
            return r"\infty" if node.id == "NEVER" else r"\ln 2" if node.id == "LN_2" else self.names[node.id]
        if isinstance(node, ast.Constant):
            return f"{node.value:g}"
        if isinstance(node, ast.Subscript):
            return self.names[f"{ast.unparse(node.value)}.{ast.unparse(node.slice)}"]
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return self.held(f"-{self.of(node.operand, 2)}", outer > 1)
        if isinstance(node, ast.BinOp):
            return self.sum(node, outer)
        if isinstance(node, ast.Compare):
            return self.of(node.left) + SIGNS[type(node.ops[0])] + self.of(node.comparators[0])
        if isinstance(node, ast.BoolOp):
            return SIGNS[type(node.op)].join(self.of(part) for part in node.values)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return self.call(node.func.id, node.args)
        if isinstance(node, ast.IfExp):
            return self.special(node) or rf"\left( {self.whole(node)} \right)"
        raise ValueError(f"no formula: {ast.unparse(node)}")

    def sum(self, node: ast.BinOp, outer: int) -> str:
        """Two terms or factors; a division is a fraction (a slash where it is raised), a product with itself a square."""
        if isinstance(node.op, ast.Div) and self.raised:
            before = 0 if negative(node.left) else 2
            return self.held(f"{self.of(node.left, before)} / {self.of(node.right, 3)}", outer > STRENGTH[ast.Mult])
        if isinstance(node.op, ast.Div):
            return rf"\frac{{{self.of(node.left)}}}{{{self.of(node.right)}}}"
        mine = STRENGTH[type(node.op)]
        if isinstance(node.op, ast.Mult) and ast.dump(node.left) == ast.dump(node.right):
            return f"{self.of(node.left, 3)}^2"
        before = 0 if negative(node.left) else mine
        after = 3 if negative(node.right) else mine + 1 if isinstance(node.op, ast.Sub) else mine
        return self.held(self.of(node.left, before) + SIGNS[type(node.op)] + self.of(node.right, after), outer > mine)

    def held(self, said: str, needed: bool) -> str:
        """In brackets where needed."""
        return f"({said})" if needed else said

    def call(self, name: str, given: list[ast.expr]) -> str:
        """A known function, or another rule by what its result is called."""
        if name == "exp":
            self.raised = True
            power = self.of(given[0])
            self.raised = False
            return f"e^{{{power}}}"
        if name in CALLS:
            return CALLS[name].format(*map(self.of, given))
        left = {**{rule.split(".")[1]: left for rule, (left, _) in EQUATIONS.items()}, "poisson": "Poisson"}[name]
        return rf"{tex(left)}({', '.join(map(self.of, given))})"

    def special(self, node: ast.IfExp) -> str | None:
        """A conditional that has a sign of its own: the larger of 0 and a difference, or 1 where something holds."""
        other = node.orelse
        if not isinstance(other, ast.Constant) or other.value != 0.0:
            return None
        if isinstance(node.body, ast.Constant) and node.body.value == 1.0:
            return rf"\mathbf{{1}}[{self.of(node.test)}]"
        test, body = node.test, node.body
        larger = (isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.Gt) and isinstance(body, ast.BinOp)
                  and isinstance(body.op, ast.Sub) and ast.dump(test.left) == ast.dump(body.left)
                  and ast.dump(test.comparators[0]) == ast.dump(body.right))
        return rf"\max(0, {self.of(body)})" if larger else None

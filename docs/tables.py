"""Write the tables of docs/*.md from the code: `python docs/tables.py`. With --check it only says which pages are stale.

A table stands between `<!-- table: NAME -->` and `<!-- end -->`. What a table says comes from where the code says it
(traits, moves, defaults, outcomes, columns); only symbols and the exact definitions of numbers are written here, and a
page is not written while one of them is missing.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import protocol
from equations import EQUATIONS
from pydantic.fields import FieldInfo

from sim.engine.records import BUDGETS, BY_ATTRIBUTE, BY_DAY, BY_FIRM, BY_VISIT, FIRM_OUTCOMES, OUTCOMES, SPREADS, SWITCHES
from sim.experiments.verdict import BETTER, UNITS
from sim.rules.traits import TRAITS
from sim.story import schema
from sim.story.moves import CATALOGUE, RISK
from sim.story.resolve import DEFAULTS, NETWORKS

DOCS = Path(__file__).parent
MARKED = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)

SYMBOLS = {
    "learning.up": "a₊", "learning.down": "a₋", "learning.bayesian": "k₀", "surprise.credit": "ψ",
    "surprise.familiarity": "η", "loss_aversion": "λ", "curvature": "β", "tolerance": "z", "delight.threshold": "D*",
    "delight.bonus": "B", "forgetting.half_life": "h½", "norm.weight": "ω", "norm.learns.up": "κ₊", "norm.learns.down": "κ₋",
    "norm.hears_rivals_every": "T_h", "norm.hears_rivals": "p_h", "norm.noise": "σ_h", "norm.spillover": "b",
    "norm.upward_only": "–", "peak": "θ", "assimilation": "γ", "goodwill.memory": "μ", "goodwill.starts": "G₀",
    "leaving.base": "p₀", "leaving.goodwill": "h₁", "leaving.tenure": "h₂", "returning.share": "r",
    "returning.after": "T_r", "visits.every": "T", "visits.random": "–", "visits.goodwill": "w_G",
    "visits.shortest": "T_min", "visits.longest": "T_max", "complaining.shortfall": "c", "trust.starts": "τ₀",
    "trust.falls": "χ", "survey.gap": "g", "complaining.base": "c₀", "complaining.vents": "ν", "failures.beyond": "f*",
    "failures.memory": "μ_F", "leaving.failures": "h_F", "recovery.weight": "w_r", "recovery.expects": "E_r₀",
    "recovery.learning": "a_r", "recovery.patience": "T_r½", "recovery.worth": "ρ", "survey.answers": "q",
    "survey.extremes": "q₁", "survey.noise": "σ_s", "survey.feels": "f", "served": "o",
    "choosing": "–", "choosing.value": "v", "choosing.goodwill": "v_G", "choosing.price": "v_p", "choosing.switching": "v_s",
    "choosing.away": "u₀", "prospects": "–", "joining.base": "j₀", "joining.value": "j_v", "joining.talk": "j_w",
    "talk.base": "t₀", "talk.good": "t₊", "talk.bad": "t₋", "listening.up": "ξ₊", "listening.down": "ξ₋",
    "waiting.per_minute": "d", "waiting.most": "d_max",
    "fairness.weight": "w_f", "fairness.learning": "a_f", "fairness.starts": "r₀",
}
"""The letter of each trait in docs/model.md."""

WRITTEN = {
    "forgetting.half_life": ("psyche.forgetting.half_life", "a duration or `never`"),
    "norm.hears_rivals_every": ("psyche.norm.hears_rivals_every", "a duration or `never`"),
    "norm.spillover": ("psyche.norm.spillover", "or `.pull`"),
    "norm.upward_only": ("psyche.norm.spillover.upward_only", "true or false"),
    "returning.after": ("psyche.returning.after", "a duration"),
    "complaining.shortfall": ("psyche.complaining", "or `.shortfall`"),
    "recovery.patience": ("psyche.recovery.patience", "a duration or `never`"),
    "served": ("market.served", ""), "prospects": ("market.prospects", ""),
    "joining.base": ("psyche.joining", "or `.base`"), "waiting.per_minute": ("psyche.waiting", "or `.per_minute`"),
    "choosing": ("psyche.choosing", "written at all"),
    "choosing.away": ("psyche.choosing.away", "or `never`"),
    "fairness.starts": ("psyche.fairness.starts", "or `listed`"),
    "visits.every": ("market.visits.every", "a duration; required"),
    "visits.random": ("market.visits.gaps", "`random` or `fixed`"),
    "visits.goodwill": ("market.visits.goodwill", ""),
    "visits.shortest": ("market.visits.within", "the first of the two durations"),
    "visits.longest": ("market.visits.within", "the second"),
}
"""Where a trait is written when that is not `psyche.` and its key; and how."""

ONE_FOR_ALL = ("norm.upward_only", "visits.random", "visits.shortest", "visits.longest", "choosing")
"""Traits that a segment's people share: they take no distribution."""

DEFINITIONS = {
    "satisfaction": "Sum of satisfaction over all visits to us ÷ number of those visits.",
    "lasting": "The same over the visits of the last quarter of the horizon: its last max(1, ⌊days/4⌋) days.",
    "felt": "Sum of felt value V (with the delight bonus, the price, and what was put right) over all visits ÷ number of "
            "visits.",
    "expectation": "Mean over *all* people, those who left too, of the weighted expectation each of them holds at the end: "
                   "as her last visit left it, not faded since.",
    "norm": "The same for the norm.",
    "experience": "Sum of the weighted experience over all visits ÷ number of visits.",
    "retention": "People who are our customers at the end ÷ all people. All people but prospects start as customers; who left "
                 "and came back counts as a customer. Where people choose, nobody starts as one, and who went elsewhere last "
                 "is none of ours.",
    "visits": "Visits to us ÷ all people.",
    "complaints": "Complaints ÷ visits.",
    "silent_leavers": "People who are away at the end (where people choose: who ever came to us and are not our customers) "
                      "and never spoke up in the whole run, neither in a complaint nor to a "
                      "contact ÷ all people.",
    "csat": "Survey answers of 7 or more ÷ answers. Everybody answers after every visit, unless `survey.answers` is below 1.",
    "nps": "100 · (answers of 9 or more − answers below 7) ÷ answers. Answers are real numbers from 0 to 10, so “below 7” is "
           "the detractors' 0 to 6.",
    "share": "Visits to us ÷ all visits in the market. It is 1 where people do not choose among firms, and no verdict is about "
             "it then.",
    "cost": "Money our moves cost ÷ all people: once-costs on their day, running costs a visit, surprises, recoveries, "
            "contacts, tiers and offers that were taken each.",
    "profit": "(Σ over days of the day's margin · visits − cost of the moves) ÷ all people; not discounted.",
    "lifetime_value": "Σ over days of the day's margin · visits · (1 + discount)^(−day/365) ÷ all people. The cost of moves is "
                      "not taken off.",
    "goodwill": "Mean over *all* people, those who left too, of the goodwill each holds at the end.",
    "goodwill_stayers": "The same over those who are customers at the end: survivors, beside the whole cohort.",
    "repeat": "People who came at least twice ÷ people who came at all.",
    "complainers": "People who ever spoke up, in a complaint or to a contact ÷ all people.",
    "recovered": "Visits put right (a complaint or a finding dealt with, or a failure mended before it) ÷ visits.",
    "response": "Survey answers ÷ visits.",
    "r_across": "Correlation over people of the expectation and the satisfaction each last ticked; NaN without a survey that "
                "is one (`survey.answers` below 1 or `survey.noise`).",
    "r_within": "The same correlation of *changes*, from one answer of a person to her next: Σ Δe·Δs ÷ √(Σ Δe² · Σ Δs²).",
    "seen_in_complaints": "Days from `watch.until` to the end of the first period in which the chart of complaints rings; the "
                          "rest of the horizon if it never does. NaN without `watch`.",
    "seen_in_survey": "The same for the chart of survey answers.",
    "trial": "People who were no customers at the start and came at least once ÷ all who were none. Not defined where "
             "all were.",
    "talk": "Visits, to us, that somebody told others of ÷ visits.",
    "wait": "Minutes of opening hours that people waited with us ÷ visits to which they came to wait in turn. Not defined "
            "where nobody ever waits.",
    "regained": "How often an offer brought back somebody who had left ÷ all people.",
}
"""What each outcome of one replication is, exactly."""

ROWS_BY_VISIT = {
    "replication": "0, 1, …", "segment": "The segment's name.",
    "visit": "1 is a person's first visit; visits after coming back go on counting.",
    "customers": "How many people of the segment made that visit.",
    "expectation": "Mean weighted expectation she came with: after forgetting and promises, before learning.",
    "norm": "Mean weighted norm at that visit, after what she heard of rivals.",
    "standard": "Mean weighted standard R: what the experience was compared with.",
    "experience": "Mean weighted experience P.", "satisfaction": "Mean satisfaction S = Σ w·(P − R).",
    "felt": "Mean felt value V.", "surprised": "Share of these visits with at least one surprise.",
    "complained": "Share of these visits that ended in a complaint.",
    "recovered": "Share of these visits that were put right.",
    "left": "Share of these visits after which the person left.",
    "goodwill": "Mean goodwill after the visit, and after what a contact found.",
    **{f"{name}_sd": f"Standard deviation of {name} over the people who made that visit (divided by n)." for name in SPREADS},
}

ROWS_BY_DAY = {
    "replication": "0, 1, …", "firm": "The firm's name; ours first.", "day": "0, 1, … to the last day of the horizon.",
    "customers": "Customers at the end of the day: people − left so far + joined so far. Where people choose, all start as "
                 "nobody's: joined + won − left − lost, so far.",
    "visits": "Visits that day; a rival's only where people choose, as everything but its quality. "
              "What is asked in surveys, and who left in silence, is known of ours alone.",
    "quality": "Weighted quality the firm delivers that day, without noise and surprises.",
    "expectation": "Mean over the day's visits of the weighted expectation people came with; NaN without a visit.",
    "norm": "The same for the norm.", "experience": "The same for the experience.",
    "satisfaction": "The same for satisfaction.", "felt": "The same for felt value.",
    "complaints": "Number of complaints.", "left": "Number of people who left after that day's visit.",
    "joined": "Number of people who became customers that day: who came back after having left, and prospects who came for the "
              "first time; where people choose, who came as no firm's customer.",
    "revenue": "The day's margin · visits.",
    "cost": "What is given to people at that day's visits, in the contacts that follow them and in offers that bring them "
            "back, once-costs booked that day, and running costs · visits.",
    "answers": "Survey answers given.", "answer": "Mean survey answer on satisfaction, 0 to 10; NaN without one.",
    "recovered": "Number of visits put right.", "silent": "Number of people who left that day and never spoke up.",
    "won": "Number of people who came that day and had been to another firm last.",
    "won_back": "Those of them who had been to this firm before.",
    "lost": "Number of people who had been here last and went to another firm that day.",
    "words": "Number of people who told others of a visit to this firm that day.",
    "praise": "Those of them whose visit had felt good (V > 0).",
    "wait": "Mean minutes of opening hours that those waited who came that day; not a number where nobody stood in line.",
    "price": "What a visit to the firm costs that day.",
    "regained": "Number of people who had left and came back that day for an offer; they are among those who joined.",
    "first": "Number of people who came that day for the first time, and were not its customers at the start.",
}

ROWS_BY_ATTRIBUTE = {
    "replication": "0, 1, …", "segment": "The segment's name.", "attribute": "The attribute's name.",
    "visit": "1 is a person's first visit.", "customers": "How many people of the segment made that visit.",
    "expected": "Mean standard she would bring had no promise reached her.",
    "standard": "Mean standard R_k she brings.", "believed": "What our firm believed that day that customers expect.",
    "designed": "The standard our firm set that day.",
    "delivered": "Mean of what she is given, X_k: shortfall, noise, surprises and status in it.",
    "experience": "Mean experience P_k.", "knowledge": "Gap 1: believed − expected.", "design": "Gap 2: designed − believed.",
    "delivery": "Gap 3: delivered − designed.",
    "communication": "Gap 4: expected − standard, what promises added to the standard, as a loss.",
    "perception": "experience − delivered: what assimilation makes of it.",
    "gap": "Gap 5: experience − standard, the sum of the five before it.",
}

ROWS_KANO = {
    "mark": "Number of the checkpoint, 0 to 12.", "day": "Its day.", "attribute": "The attribute asked about.",
    "class": "attractive, one-dimensional, must-be, indifferent, reverse or questionable.",
    "people": "Customers at that moment whom the attribute is this to; all replications together.",
}

ROWS_SWITCHES = {
    "replication": "0, 1, …", "firm": "The firm that people had been to last.", "to": "The firm they went to next.",
    "people": "How often anybody did, over the whole horizon.", "back": "How many of these had been to that firm before.",
}

ROWS_BUDGETS = {
    "replication": "0, 1, …", "firm": "The firm's name; of those that people go to.",
    "place": "Which of its strategy's moves it is; 1 is the first.", "move": "What kind of move it is.",
    "budget": "What it may cost.", "spent": "What it did cost.",
    "over": "The first day without it; NaN where the money lasted to its end.",
}

ROWS_BY_FIRM = {
    "replication": "0, 1, …", "firm": "The firm's name; ours first.", "customers": "People who are its customers at the end.",
    **{name: f"As our outcome `{name}`, with the firm in our place: its visits, its margin, the cost of its moves."
       for name in FIRM_OUTCOMES},
}

ROWS_CUSTOMERS = {
    "replication": "0, 1, …", "customer": "Her number, 0, 1, …; the same person under every strategy of a replication.",
    "segment": "Her segment's name.", "visits": "Visits she made.",
    "expectation": "Weighted expectation as her last visit left it.", "norm": "Weighted norm as her last visit left it.",
    "goodwill": "Goodwill at the end.", "satisfaction": "Mean satisfaction over her visits; NaN if she made none.",
    "felt": "Mean felt value over her visits; NaN if she made none.", "complained": "Whether she ever spoke up.",
    "stays": "Whether she is a customer at the end.", "left_day": "Day (with its fraction) she last left; −1 if never.",
    "tier": "Her tier at her last visit, 0 without one.", "best_tier": "The highest tier she ever had.",
}

ROWS_SPREADING = {
    "mark": "Number of the checkpoint: 13 of them, evenly spaced from day 0 to the horizon.", "day": "Its day.",
    "low": "Lower end of the bin, points; what lies below the first bin is counted in it.",
    "high": "Upper end of the bin, points; what lies above the last bin is counted in it.",
    "people": "Customers at that moment whose weighted expectation lies in the bin; all replications together.",
}

ROWS_STAYS = {
    "replication": "0, 1, …", "people": "How many people there are.",
    "bits": "One bit a person, 1 for a customer at the end; the first person is the highest bit of the first byte.",
}


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


def plain(value: float) -> str:
    """A number for people."""
    return "−∞" if value == -math.inf else "∞" if value == math.inf else f"{value:g}".replace("-", "−")


def citations(source: str) -> list[str]:
    """The works a source names, as `Name & Name 1999`; none for our own assumptions."""
    named = source.rsplit(": ", 1)[-1]
    return [work for work in named.split("; ") if re.search(r" (19|20)\d\d$", work)]


def read_works() -> set[str]:
    """The works that docs/model.md lists as read, by the bold words its references start with."""
    text = (DOCS / "model.md").read_text(encoding="utf-8")
    return set(re.findall(r"^- \*\*(.+? (?:19|20)\d\d)\.\*\*", text, re.MULTILINE))


def sourced(source: str) -> str:
    """A source, with a warning where a work is not among those that were read."""
    unread = [work for work in citations(source) if not work.endswith(tuple(read_works()))]
    return source + (" *(from memory, not verified)*" if unread else "")


def traits() -> str:
    """One row a trait: where it is written, its symbol, off value, range, unit, meaning and source."""
    def row(position: int) -> list[str]:
        trait = TRAITS[position]
        key, how = WRITTEN.get(trait.key, (f"psyche.{trait.key}", ""))
        spread = "†" if trait.key in ONE_FOR_ALL else ""
        return [str(position), SYMBOLS[trait.key], f"`{key}`{spread}{f' ({how})' if how else ''}", plain(trait.off),
                f"{plain(trait.low)} … {plain(trait.high)}", trait.unit, trait.meaning, sourced(trait.source)]

    head = ("", "symbol", "scenario key", "off", "range", "unit", "meaning", "source")
    return table(head, (row(position) for position in range(len(TRAITS))))


def moves() -> str:
    """One row a kind of move: what it says, who may make it, what it changes, when it costs, where it comes from."""
    def row(name: str) -> list[str]:
        kind = CATALOGUE[name]
        costs = "; ".join(f"`{key}` {when}" for key, when in kind.costs.items())
        whose = "any firm's" if kind.rivals else "ours"
        return [f"**{name}**", kind.sentence, whose, ", ".join(kind.levers), costs, "; ".join(map(sourced, kind.sources))]

    return table(("move", "what it means", "whose", "lever", "money", "sources"), map(row, CATALOGUE))


def move_keys() -> str:
    """One row a key of a move: what it means, and what is taken where it is left out."""
    rows = []
    for name in CATALOGUE:
        said = {**DEFAULTS[name.capitalize()], "until": "the horizon", **({"below": RISK} if name == "surprise" else {})}
        for key, field in getattr(schema, name.capitalize()).model_fields.items():
            default = "**required**" if field.is_required() else _default(said.get(key))
            rows.append([name, f"`{key}`", str(field.description), default])
    return table(("move", "key", "meaning", "left out"), rows)


def network() -> str:
    """One row a key of `market.network`: what it means, what is taken where it is left out, and where it comes from."""
    rows = []
    for name, model in (("", "Network"), *((f"{kind}.", model) for kind, model in NETWORKS.items())):
        for key, field in getattr(schema, model).model_fields.items():
            meaning, _, source = str(field.description).partition(" Source: ")
            rows.append([f"`{name}{key}`", meaning, _default(DEFAULTS.get(model, {}).get(key)), sourced(source.rstrip("."))])
    return table(("key", "meaning", "left out", "source"), rows)


def firm() -> str:
    """One row a key of a firm: who has it, what it means, and what is taken where it is left out."""
    rows = []
    for name, whose in (("Firm", "any firm"), ("Ours", "ours"), ("Rival", "a rival")):
        shared = schema.Firm.model_fields if name != "Firm" else {}
        for key, field in getattr(schema, name).model_fields.items():
            if key not in shared:
                rows.append([f"`{key}`", whose, *_said(field, DEFAULTS.get(name, {}).get(key))])
    nested = (("leaps", "Leaps", "any firm"), ("imitates", "Imitates", "a rival"))
    rows += [[f"`{above}.{key}`", whose, *_said(field, DEFAULTS.get(name, {}).get(key))]
             for above, name, whose in nested for key, field in getattr(schema, name).model_fields.items()]
    return table(("key", "whose", "meaning", "left out", "source"), rows)


def keys_of(name: str) -> str:
    """One row a key of one part of a scenario: what it means, what is taken where it is left out, and its source."""
    fields = getattr(schema, name).model_fields
    return table(("key", "meaning", "left out", "source"),
                 ([f"`{key}`", *_said(field, DEFAULTS.get(name, {}).get(key))] for key, field in fields.items()))


def _said(field: FieldInfo, default: object) -> list[str]:
    meaning, _, source = str(field.description).partition(" Source: ")
    return [meaning, "**required**" if field.is_required() else _default(default), sourced(source.rstrip("."))]


def _default(value: object) -> str:
    if value is None:
        return "–"
    return plain(value) if isinstance(value, float) else str(value)


def outcomes() -> str:
    """One row an outcome: its exact definition, the unit it is printed in, and which way is better."""
    way = {1: "more", -1: "less", 0: "neither"}

    def row(name: str) -> list[str]:
        factor, unit = UNITS[name]
        shown = f"× {factor:g}, {unit}" if factor != 1 else unit
        return [f"`{name}`", DEFINITIONS[name], shown.replace("{currency}", "money"), way[BETTER[name]]]

    return table(("outcome", "one replication's number", "printed as", "better"), map(row, OUTCOMES))


def columns(names: Iterable[str], meanings: Mapping[str, str]) -> str:
    """One row a column of a table."""
    return table(("column", "meaning"), ([f"`{name}`", meanings[name]] for name in names))


def traits_written() -> dict[str, str]:
    """Where each trait is written in a scenario, by its key."""
    return {trait.key: WRITTEN.get(trait.key, (f"psyche.{trait.key}", ""))[0] for trait in TRAITS}


def equations_of(room: str) -> Callable[[], str]:
    """Writes the equations of one room of the rules, read off its text."""
    return lambda: protocol.room_of(room, SYMBOLS, traits_written(), plain, sourced)


TABLES: Mapping[str, Callable[[], str]] = {
    "schedule": lambda: table(("", "rule", "what it does", "equations within"), protocol.schedule()),
    "states": lambda: table(("column", "letter", "by", "unit", "meaning"), protocol.states()),
    "purposes": lambda: table(("", "purpose", "what is looked up"), protocol.purposes()),
    **{f"equations_{room}": equations_of(room) for room in dict.fromkeys(rule.split(".")[0] for rule in EQUATIONS)},
    "traits": traits, "moves": moves, "move_keys": move_keys, "network": network, "outcomes": outcomes,
    "firm": firm, "staff": lambda: keys_of("Staff"), "service": lambda: keys_of("Attribute"),
    "by_visit": lambda: columns(BY_VISIT, ROWS_BY_VISIT), "by_day": lambda: columns(BY_DAY, ROWS_BY_DAY),
    "by_attribute": lambda: columns(BY_ATTRIBUTE, ROWS_BY_ATTRIBUTE), "kano": lambda: columns(ROWS_KANO, ROWS_KANO),
    "switches": lambda: columns(SWITCHES, ROWS_SWITCHES),
    "by_firm": lambda: columns(BY_FIRM, ROWS_BY_FIRM), "budgets": lambda: columns(BUDGETS, ROWS_BUDGETS),
    "customers": lambda: columns(ROWS_CUSTOMERS, ROWS_CUSTOMERS),
    "spreading": lambda: columns(ROWS_SPREADING, ROWS_SPREADING), "stays": lambda: columns(ROWS_STAYS, ROWS_STAYS),
}


def written(text: str) -> str:
    """A page with every marked table as the code has it now. Errors: KeyError for a table nobody writes."""
    return MARKED.sub(lambda found: found[1] + TABLES[found[2]]() + found[3], text)


def main(arguments: Sequence[str]) -> int:
    """Write every page, or with --check say which ones are stale; the exit status."""
    stale = []
    for page in sorted(DOCS.glob("*.md")):
        text = page.read_text(encoding="utf-8")
        if written(text) != text:
            stale.append(page.name)
            if "--check" not in arguments:
                page.write_text(written(text), encoding="utf-8")
    print(f"{'stale' if '--check' in arguments else 'written'}: {', '.join(stale) or 'nothing'}")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

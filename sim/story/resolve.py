"""Scenario → Market: the only home of defaults.

`complete` writes out everything that a story leaves unsaid; `resolve` reads the complete story into a `Market`;
`resolved_text` prints the complete story as a scenario file. Completing what is complete changes nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from sim import market
from sim.rules.traits import INFINITE, TRAITS, Trait
from sim.story import kano, units
from sim.story.emit import emit
from sim.story.merge import merged
from sim.story.moves import CATALOGUE, RISK, Places
from sim.story.scenario import Scenario

Full = dict[str, Any]

_OFF: Final = {trait.key: trait.off for trait in TRAITS}
_ALWAYS: Final = {"at": "0 days", "over": "0 days", "cost": 0.0}

DEFAULTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "Story": {"seed": 1, "replications": 40, "currency": "EUR", "outcome": "satisfaction"},
    "Visits": {"gaps": "random", "goodwill": _OFF["visits.goodwill"], "within": [units.in_days(units.HOUR), "no limit"]},
    "Learning": {"up": _OFF["learning.up"], "down": _OFF["learning.down"]},
    "SurpriseMind": {"credit": _OFF["surprise.credit"], "familiarity": _OFF["surprise.familiarity"]},
    "Delight": {"threshold": _OFF["delight.threshold"], "bonus": _OFF["delight.bonus"]},
    "Forgetting": {"half_life": "never"},
    "NormLearns": {"up": _OFF["norm.learns.up"], "down": _OFF["norm.learns.down"]},
    "Spillover": {"pull": _OFF["norm.spillover"], "upward_only": False},
    "Norm": {"starts": "expectation", "weight": _OFF["norm.weight"], "hears_rivals_every": "never",
             "hears_rivals": _OFF["norm.hears_rivals"], "noise": _OFF["norm.noise"]},
    "Goodwill": {"memory": _OFF["goodwill.memory"], "starts": _OFF["goodwill.starts"]},
    "Leaving": {"base": _OFF["leaving.base"], "goodwill": _OFF["leaving.goodwill"], "tenure": _OFF["leaving.tenure"],
                "failures": _OFF["leaving.failures"]},
    "Returning": {"share": _OFF["returning.share"], "after": units.in_days(_OFF["returning.after"])},
    "Complaining": {"shortfall": _OFF["complaining.shortfall"], "base": _OFF["complaining.base"],
                    "vents": _OFF["complaining.vents"]},
    "Failures": {"beyond": _OFF["failures.beyond"], "memory": _OFF["failures.memory"]},
    "RecoveryMind": {"weight": _OFF["recovery.weight"], "expects": _OFF["recovery.expects"],
                     "learning": _OFF["recovery.learning"], "patience": "never", "worth": _OFF["recovery.worth"]},
    "Trust": {"starts": _OFF["trust.starts"], "falls": _OFF["trust.falls"]},
    "Survey": {"gap": _OFF["survey.gap"], "answers": _OFF["survey.answers"], "extremes": _OFF["survey.extremes"],
               "noise": _OFF["survey.noise"], "feels": _OFF["survey.feels"]},
    "Choosing": {**{key: _OFF[f"choosing.{key}"] for key in ("value", "goodwill", "price", "switching")}, "away": "never"},
    "Joining": {key: _OFF[f"joining.{key}"] for key in ("base", "value", "talk")},
    "Talk": {key: _OFF[f"talk.{key}"] for key in ("base", "good", "bad")},
    "Listening": {key: _OFF[f"listening.{key}"] for key in ("up", "down")},
    "Waiting": {key: _OFF[f"waiting.{key}"] for key in ("per_minute", "most")},
    "Fairness": {"weight": _OFF["fairness.weight"], "learning": _OFF["fairness.learning"], "starts": "listed"},
    "Psyche": {key: _OFF[key] for key in ("loss_aversion", "curvature", "tolerance", "peak", "assimilation")},
    "Market": {"served": _OFF["served"], "prospects": _OFF["prospects"], "network": "mixed"},
    "Mixed": {"degree": 8.0},
    "SmallWorld": {"degree": 8, "rewired": 0.1},
    "ScaleFree": {"degree": 8},
    "Watch": {"every": "7 days"},
    "Firm": {"noise": 0.0, "improves": "0 per year", "price": 0.0, "margin": 0.0, "discount": 0.0},
    "Ours": {"shortfall": 0.0},
    "Imitates": {"share": 1.0},
    "Staff": {"varies": "exponential", "hours": 24.0},
    "Surprise": {**_ALWAYS, "kinds": 1, "to": "everyone"},
    "Upgrade": {**_ALWAYS, "running": "0 per visit"},
    "Promise": {**_ALWAYS, "reach": 1.0},
    "Consistency": {**_ALWAYS, "running": "0 per visit"},
    "Recovery": {**_ALWAYS, "within": "0 days", "apology": 0.0, "follow_up": 0.0, "compensation": 0.0, "share": 1.0,
                 "proactive": 0.0, "to": "everyone"},
    "Contact": {**_ALWAYS, "first": "7 days", "second": "21 days", "every": "14 days", "finds": 0.0, "refreshes": 0.0,
                "to": "everyone"},
    "Programme": {"at": "0 days", "cost": 0.0, "period": "365 days"},
    "Tier": {"cost": "0 per visit"},
    "File": {**_ALWAYS, "running": "0 per visit"},
    "Research": {"at": "0 days", "cost": 0.0, "noise": 0.0, "bias": 0.0, "lag": "0 days"},
    "Match": {**_ALWAYS, "by": 0.0, "per_point": "0 per visit"},
    "Staffing": {"at": "0 days", "cost": 0.0, "by": 0, "hours": 0.0, "running": "0 per day"},
    "Price": {**_ALWAYS},
    "Winback": {**_ALWAYS, "after": "30 days", "lift": 0.0, "to": "everyone"},
}
"""What absence means, by model and key: read by `complete`, and printed into the JSON Schema."""

NETWORKS: Final = {"mixed": "Mixed", "small_world": "SmallWorld", "scale_free": "ScaleFree"}
"""The model of each kind of network that needs no file."""
UNSAID: Final = market.Network("mixed", DEFAULTS["Mixed"]["degree"], 0.0, None)
"""Who hears whom, where nothing is written of it."""

_OF_PEOPLE: Final = ("served", "prospects")
"""What is written in `market` and may differ by segment, beside what people expect and how often they come."""
EVERYONE: Final = "everyone"
"""The name of the one segment, where none is written."""
SERVICE: Final = "service"
"""The name of the one attribute, where none is written."""


def resolve(scenario: Scenario) -> market.Market:
    """The market that a scenario means, with every default said. Durations are days, rates are per day."""
    return market_of(complete(scenario), scenario.ties)


def resolved_text(scenario: Scenario) -> str:
    """The scenario as YAML with nothing left unsaid: it loads again, and to the same market."""
    return emit(complete(scenario))


def complete(scenario: Scenario) -> Full:
    """The story as plain values in canonical writing, with every default written out."""
    said: Full = scenario.story.model_dump(exclude_none=True, by_alias=True)
    said.pop("extends", None)
    horizon = whole_days(said["horizon"])
    service = said.get("service") or {SERVICE: {"weight": 1.0}}
    attributes = tuple(service)
    firms = {name: _firm(name, said["firms"][name], attributes, horizon) for name in _ours_first(said["firms"])}
    starts = {**firms["ours"]["quality"], **{name: kano.start(one) for name, one in service.items() if "kano" in one}}
    heads = ("title", "about", "finding", "expected", "source", "numbers")
    first = {key: said[key] for key in heads if key in said}
    return {
        **first, "horizon": f"{horizon} days",
        **{key: said.get(key, value) for key, value in DEFAULTS["Story"].items()},
        **({"watch": _watch(said["watch"])} if "watch" in said else {}),
        "market": _market({**said["market"], "network": _network(said["market"].get("network"), scenario.ties)},
                          said.get("psyche", {}), starts, unlabelled(service)),
        "psyche": _psyche(said.get("psyche", {}), attributes),
        "service": _service(service), "firms": firms,
        "strategies": _strategies(said["strategies"], horizon),
    }


def _strategies(said: Full, horizon: int) -> Full:
    return {name: [_move(move, horizon) for move in moves] for name, moves in said.items()}


def unlabelled(service: Mapping[str, Any]) -> tuple[str, ...]:
    """The attributes of which no label says what is expected."""
    return tuple(name for name, one in service.items() if "kano" not in one)


def _service(said: Full) -> Full:
    """Every attribute's weight, and what a questionnaire asks about it; what its label meant is written out."""
    weights = kano.weights(said)
    waits = any(one.get("waits") for one in said.values())
    return {name: {"weight": weights[name], **{key: one[key] for key in ("absent", "present") if key in one},
                   "waits": one.get("waits", not waits)} for name, one in said.items()}


def _watch(said: Full) -> Full:
    return {key: f"{to_day(value)} days" for key, value in {"until": said["until"], **DEFAULTS["Watch"], **said}.items()}


def whole_days(horizon: object) -> int:
    """A horizon in whole days, halves rounded up, at least one."""
    return max(1, to_day(horizon))


def to_day(date: object) -> int:
    """The whole day of a date, halves rounded up: firms act day by day."""
    return math.floor(units.days(date) + 0.5)


def _ours_first(firms: Full) -> list[str]:
    return ["ours", *(name for name in firms if name != "ours")]


def _each(value: Any, attributes: tuple[str, ...]) -> Full:
    """One value an attribute, where one may stand for all."""
    from sim.story.values import is_spread

    if isinstance(value, Mapping) and not is_spread(value):
        return {name: value[name] for name in attributes if name in value}
    return dict.fromkeys(attributes, value)


def _firm(name: str, said: Full, attributes: tuple[str, ...], horizon: int) -> Full:
    full = {**DEFAULTS["Firm"], **(DEFAULTS["Ours"] if name == "ours" else {}), **said}
    for key in ("noise", "improves"):
        full[key] = {**dict.fromkeys(attributes, DEFAULTS["Firm"][key]), **_each(full[key], attributes)}
    full["quality"] = _each(full["quality"], attributes)
    if name == "ours":
        none = dict.fromkeys(attributes, DEFAULTS["Ours"]["shortfall"])
        full["shortfall"] = {**none, **_each(full["shortfall"], attributes)}
        full["believes"] = {**full["quality"], **_each(full.get("believes", {}), attributes)}
    if "leaps" in full:
        by = {**dict.fromkeys(attributes, 0.0), **_each(full["leaps"]["by"], attributes)}
        full["leaps"] = {"by": by, "every": full["leaps"]["every"]}
    if "imitates" in full:
        full["imitates"] = {**DEFAULTS["Imitates"], **full["imitates"]}
    if "staff" in full:
        staff = {**DEFAULTS["Staff"], **full["staff"]}
        full["staff"] = {key: staff[key] for key in ("servers", "minutes", "varies", "sd", "hours") if key in staff}
    if "strategies" in full:
        full["strategies"] = _strategies(full["strategies"], horizon)
        full.setdefault("plays", next(iter(full["strategies"])))
    order = ("quality", "noise", "improves", "leaps", "imitates", "price", "staff", "shortfall", "believes", "margin",
             "discount", "strategies", "plays")
    return {key: full[key] for key in order if key in full}


def _market(said: Full, psyche: Full, starts: Full, free: tuple[str, ...]) -> Full:
    """The people: the market's own values whole, and what each segment changes, each changed mechanism whole.

    starts: what they expect of every attribute where nothing is said. free: the attributes without a label.
    """
    attributes = tuple(starts)
    expects = {**starts, **_each(said.get("expects", {}), free)}
    visits = {"every": said["visits"]["every"], **DEFAULTS["Visits"], **said["visits"]}
    whole = {"expects": expects, **{key: said.get(key, DEFAULTS["Market"][key]) for key in _OF_PEOPLE}, "visits": visits}
    segments = said.get("segments") or {EVERYONE: {"share": 1.0}}
    return {"people": said["people"], **whole, "network": said["network"],
            "segments": {name: _segment(one, whole, psyche, attributes, free) for name, one in segments.items()}}


def _network(said: Full | None, ties: market.Ties | None) -> Full:
    """One kind of network, whole; ties that a file lists with their digest."""
    said = {DEFAULTS["Market"]["network"]: {}} if said is None else said
    return {kind: {**DEFAULTS[NETWORKS[kind]], **one} if kind in NETWORKS else one for kind, one in said.items()} | (
        {} if ties is None else {"digest": ties.digest})


def listed_in(full: Full, name: str) -> Full:
    """The complete story with the ties of its network, if a file lists them, in the file `name` beside it."""
    network = full["market"]["network"]
    if "edges" not in network:
        return full
    return {**full, "market": {**full["market"], "network": {**network, "edges": name}}}


def _segment(said: Full, whole: Full, psyche: Full, attributes: tuple[str, ...], free: tuple[str, ...]) -> Full:
    full: Full = {"share": said["share"]}
    if "expects" in said:
        full["expects"] = {**whole["expects"], **_each(said["expects"], free)}
    full |= {key: said[key] for key in _OF_PEOPLE if key in said}
    if said.get("visits"):
        full["visits"] = {**whole["visits"], **said["visits"]}
    if said.get("psyche"):
        mixed = _psyche(merged(_spelled(psyche, attributes), _spelled(said["psyche"], attributes)), attributes)
        full["psyche"] = {key: mixed[key] for key in mixed if key in said["psyche"]}
    return full


def _spelled(psyche: Full, attributes: tuple[str, ...]) -> Full:
    """The norm's start one by attribute, so that a segment may change one of them."""
    norm = psyche.get("norm", {})
    return {**psyche, "norm": {**norm, "starts": _each(norm["starts"], attributes)}} if "starts" in norm else psyche


def _psyche(said: Full, attributes: tuple[str, ...]) -> Full:
    """Every mechanism, the ones left out at their off values."""
    norm = said.get("norm", {})
    starts = {**dict.fromkeys(attributes, DEFAULTS["Norm"]["starts"]), **_each(norm.get("starts", {}), attributes)}
    learning = said.get("learning", {})
    single = {**DEFAULTS["Psyche"], **said}
    silent = "hears_rivals_every" if "hears_rivals" in norm else "hears_rivals"  # one way of hearing at a time
    once = {key: norm.get(key, off) for key, off in DEFAULTS["Norm"].items() if key != silent}
    nested = {"starts": starts, "learns": {**DEFAULTS["NormLearns"], **norm.get("learns", {})},
              "spillover": {**DEFAULTS["Spillover"], **norm.get("spillover", {})}}

    def mechanism(key: str, model: str) -> Full:
        return {**DEFAULTS[model], **said.get(key, {})}

    return {
        "learning": learning if "bayesian" in learning else mechanism("learning", "Learning"),
        "surprise": mechanism("surprise", "SurpriseMind"),
        "loss_aversion": single["loss_aversion"], "curvature": single["curvature"], "tolerance": single["tolerance"],
        "delight": mechanism("delight", "Delight"), "forgetting": mechanism("forgetting", "Forgetting"),
        "norm": {**once, **nested},
        "peak": single["peak"], "assimilation": single["assimilation"],
        "goodwill": mechanism("goodwill", "Goodwill"), "leaving": mechanism("leaving", "Leaving"),
        "returning": mechanism("returning", "Returning"), "complaining": mechanism("complaining", "Complaining"),
        "failures": mechanism("failures", "Failures"), "recovery": mechanism("recovery", "RecoveryMind"),
        "trust": mechanism("trust", "Trust"), "survey": mechanism("survey", "Survey"),
        **({"choosing": mechanism("choosing", "Choosing")} if "choosing" in said else {}),
        **{key: mechanism(key, key.capitalize()) for key in ("joining", "talk", "listening", "waiting")},
        "fairness": mechanism("fairness", "Fairness"),
    }


def _move(said: Full, horizon: int) -> Full:
    (name, inner), = said.items()
    full = {**DEFAULTS[name.capitalize()], "until": f"{horizon} days", **inner}
    full |= {key: f"{to_day(full[key])} days" for key in ("at", "until", "period") if key in full}
    if name == "surprise" and full["to"] == "at risk":
        full.setdefault("below", RISK)
    if "tiers" in full:
        full["tiers"] = {tier: {"visits": one["visits"], "lift": one["lift"], **DEFAULTS["Tier"], **one}
                         for tier, one in full["tiers"].items()}
    return {name: {key: full[key] for key in sorted(full, key=_MOVE_ORDER.index)}}


_MOVE_ORDER: Final = (
    "attribute", "size", "by", "level", "persuades", "after", "lift", "remedy", "within", "apology", "follow_up",
    "compensation", "share", "proactive", "tiers", "period", "current", "chance", "first", "second", "every", "on_visit",
    "kinds", "finds", "refreshes", "noise", "bias", "lag", "hours", "to", "below", "reach", "at", "until", "over", "cost",
    "running", "per_point", "budget")


def market_of(full: Full, ties: market.Ties | None) -> market.Market:
    """Read a complete story into a market. ties: what the file of its network lists, if it names one."""
    attributes = tuple(full["service"])
    people = full["market"]
    places = Places(attributes, tuple(people["segments"]))
    return market.Market(
        title=full["title"], horizon=whole_days(full["horizon"]), people=people["people"], seed=full["seed"],
        replications=full["replications"], currency=full["currency"], attributes=attributes,
        weights=tuple(full["service"][name]["weight"] for name in attributes),
        segments=tuple(_segment_of(name, full, attributes) for name in people["segments"]),
        firms=tuple(_firm_of(name, firm, places) for name, firm in full["firms"].items()),
        strategies=_strategies_of(full["strategies"], places),
        asked=tuple(_asked(full["service"][name]) for name in attributes), watch=_watch_of(full.get("watch")),
        waits=tuple(full["service"][name]["waits"] for name in attributes),
        network=_network_of(people["network"], ties))


def _network_of(full: Full, ties: market.Ties | None) -> market.Network:
    if "edges" in full:
        return market.Network("edges", 0.0, 0.0, ties)
    if "small_world" in full:
        return market.Network("small world", float(full["small_world"]["degree"]), full["small_world"]["rewired"], None)
    if "scale_free" in full:
        return market.Network("scale free", float(full["scale_free"]["degree"]), 0.0, None)
    return market.Network("mixed", full["mixed"]["degree"], 0.0, None)


def _asked(attribute: Full) -> market.Present | None:
    return market.Present(attribute["absent"], attribute["present"]) if "absent" in attribute else None


def _watch_of(full: Full | None) -> market.Watch | None:
    return None if full is None else market.Watch(units.days(full["until"]), units.days(full["every"]))


def _strategies_of(full: Full, places: Places) -> tuple[market.Strategy, ...]:
    return tuple(market.Strategy(name, tuple(_effect(move, places) for move in moves)) for name, moves in full.items())


def _effect(move: Full, places: Places) -> market.Move:
    (name, inner), = move.items()
    return CATALOGUE[name].effect(inner, places)


def _segment_of(name: str, full: Full, attributes: tuple[str, ...]) -> market.Segment:
    one = full["market"]["segments"][name]
    whole = {**full["market"], **one}
    mind = {**full["psyche"], **one.get("psyche", {}), "visits": whole["visits"],
            **{key: whole[key] for key in _OF_PEOPLE}}
    return market.Segment(
        name, one["share"], tuple(_trait(trait, mind) for trait in TRAITS),
        tuple(spread(whole["expects"][key]) for key in attributes),
        tuple(spread(mind["norm"]["starts"][key]) for key in attributes))


def spread(value: Any, low: float = -INFINITE, high: float = INFINITE) -> market.Spread:
    """How one written number is spread over people, drawn only within [low, high]."""
    if value == "expectation":
        return market.Spread("expectation", 0.0, 0.0, low, high)
    if not isinstance(value, Mapping):
        return market.Spread("fixed", _real(value), 0.0, low, high)
    if "mean" in value:
        mean, sd = _real(value["mean"]), _real(value["sd"])
        return market.Spread("normal" if sd > 0 else "fixed", mean, sd, low, high)
    kind: Any = "beta" if "beta" in value else "uniform"
    a, b = (_real(one) for one in value["beta" if "beta" in value else "between"])
    return market.Spread(kind if a < b or kind == "beta" else "fixed", a, b, low, high)


def _real(value: Any) -> float:
    return units.days(value, word="never") if isinstance(value, str) else float(value)


def _trait(trait: Trait, mind: Full) -> market.Spread:
    """One trait of a segment's people, read from where the story writes it."""
    if trait.key in _SPECIAL:
        return market.Spread("fixed", _SPECIAL[trait.key](mind), 0.0, trait.low, trait.high)
    if trait.key.startswith("choosing"):
        return spread(_choosing(trait, mind.get("choosing")), trait.low, trait.high)
    if trait.key == "fairness.starts":
        value = mind["fairness"]["starts"]
        return spread(trait.off if value == "listed" else value, 0.0, trait.high)
    if trait.key == "learning.bayesian":
        value = mind["learning"].get("bayesian", trait.off)
        return spread(value, trait.low if value == trait.off else 0.0, trait.high)
    if trait.key.startswith("learning."):
        return spread(mind["learning"].get(trait.key.split(".")[1], 0.0), trait.low, trait.high)
    if trait.key in _DURATIONS:
        section, key = trait.key.split(".")
        return spread(mind[section].get(key, trait.off), units.HOUR, trait.high)
    if trait.key == "norm.spillover":
        return spread(mind["norm"]["spillover"]["pull"], trait.low, trait.high)
    if trait.key == "norm.hears_rivals":
        return spread(mind["norm"].get("hears_rivals", trait.off), trait.low, trait.high)
    here: Any = mind
    for step in trait.key.split("."):
        here = here[step]
    return spread(here, trait.low, trait.high)


def _choosing(trait: Trait, said: Full | None) -> Any:
    """A trait of choosing as it is written; whether she chooses at all is whether anything is."""
    if trait.key == "choosing":
        return 0.0 if said is None else 1.0
    value = trait.off if said is None else said[trait.key.removeprefix("choosing.")]
    return trait.off if value == "never" else value


_DURATIONS: Final = ("forgetting.half_life", "norm.hears_rivals_every", "recovery.patience", "returning.after", "visits.every")
"""The traits that are durations: nobody's is shorter than an hour."""
_SPECIAL: Final[Mapping[str, Any]] = {
    "norm.upward_only": lambda mind: float(mind["norm"]["spillover"]["upward_only"]),
    "visits.random": lambda mind: 1.0 if mind["visits"]["gaps"] == "random" else 0.0,
    "visits.shortest": lambda mind: units.days(mind["visits"]["within"][0]),
    "visits.longest": lambda mind: units.days(mind["visits"]["within"][1], word="no limit"),
}
"""The traits whose writing is not a number: everybody has the same."""


def _firm_of(name: str, firm: Full, places: Places) -> market.Firm:
    attributes, leaps, imitates = places.attributes, firm.get("leaps"), firm.get("imitates")
    believes = firm["believes"] if "believes" in firm else firm["quality"]
    jumps = None if leaps is None else market.Leaps(
        tuple(leaps["by"][key] for key in attributes), units.days(leaps["every"]))
    return market.Firm(
        name, tuple(firm["quality"][key] for key in attributes), tuple(firm["noise"][key] for key in attributes),
        tuple(units.per_year(firm["improves"][key]) / units.YEAR for key in attributes),
        jumps, None if imitates is None else market.Imitates(units.days(imitates["after"]), imitates["share"]),
        firm["margin"], firm["discount"],
        tuple(firm["shortfall"][key] if "shortfall" in firm else 0.0 for key in attributes),
        tuple(believes[key] for key in attributes), firm["price"], _staff_of(firm.get("staff")),
        _strategies_of(firm.get("strategies", {}), places),
        list(firm["strategies"]).index(firm["plays"]) if "strategies" in firm else -1)


def _staff_of(full: Full | None) -> market.Staff | None:
    return None if full is None else market.Staff(full["servers"], full["minutes"], full["varies"], full.get("sd", 0.0),
                                                  full["hours"])

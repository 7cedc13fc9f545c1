"""The scenario language as JSON Schema 2020-12, for editors and for other programs.

It is made from the models (keys, kinds of values, descriptions), the table of defaults, and the rules across keys
that JSON Schema can say. What it cannot say (sums, dates against the horizon, names that must exist elsewhere,
memory) only the loader checks; it never refuses a file that the loader accepts.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final

from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from sim.story import checks, values
from sim.story.moves import CATALOGUE, RISK
from sim.story.resolve import DEFAULTS
from sim.story.schema import Story

Json = dict[str, Any]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_REF: Final = "#/$defs/"
_WHOLE: Final = ("Move", *(name.capitalize() for name in CATALOGUE), "Tier", "Whom", "Expected")
"""Models that stand in lists: a file that extends another writes them whole, or not at all."""
_PART: Final = "Part"
_NAMES: Final[Json] = {"pattern": values.NAME}
_ATTRIBUTE_NAMES: Final[Json] = {"pattern": values.NAME, "not": {"enum": sorted(values.SPREAD_KEYS)}}
_SHARED: Final[Mapping[str, tuple[str, ...]]] = {"Visits": ("Visits",), "Firm": ("Ours", "Rival")}
"""Where a table of defaults serves models of other names."""


_MOVES_TOGETHER: Final[list[Json]] = [
    *({"contains": {"required": [kind]}, "minContains": 0, "maxContains": 1} for kind in checks.ONCE),
    {"if": {"contains": {"required": ["match"]}}, "then": {"contains": {"required": ["research"]}}}]
"""What the moves of one strategy must be together."""


def _beside(label: Json, weight: Json) -> Json:
    return {"if": {"required": ["kano"], "properties": {"kano": label}}, "then": {"properties": {"weight": weight}}}


_LABELLED: Final = [_beside({"const": "indifferent"}, {"const": 0}), _beside({"const": "reverse"}, {"not": {"const": 0}}),
                    _beside({"enum": ["must-be", "one-dimensional", "attractive"]}, {"exclusiveMinimum": 0})]
"""Which weights a label may stand beside."""


class _Plain(GenerateJsonSchema):
    """Absent keys are absent: no null, and no default of null."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> Json:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> Json:
        return self.generate_inner(schema["schema"])


def json_schema() -> Json:
    """JSON Schema of a scenario file: every key with its meaning, its range and its default."""
    story: Json = Story.model_json_schema(schema_generator=_Plain)
    models: Json = {**story.pop("$defs"), "Story": story}
    for name, model in models.items():
        model.pop("title", None)
        for one in model["properties"].values():
            one.pop("title", None)
            if "$ref" in one and "description" not in one:  # pydantic leaves out what the model says in the same words
                one["description"] = models[one["$ref"].removeprefix(_REF)]["description"]
        _say_defaults(name, model)
    _say_rules(models)
    parts = {name + _PART: _part(model) for name, model in models.items() if name not in _WHOLE}
    root: Json = parts.pop("Story" + _PART)
    root["description"] = "A drift scenario: one market, and the strategies to compare on it."
    alone = {"if": {"required": ["extends"]}, "else": {"$ref": _REF + "Story"}}
    return {"$schema": DIALECT, "title": "drift scenario", **root, **alone, "$defs": {**models, **parts}}


def _say_defaults(name: str, model: Json) -> None:
    """Print the table of defaults into a model's keys."""
    tables = [table for table, served in _SHARED.items() if name in served] + [name]
    for table in tables:
        for key, value in DEFAULTS.get(table, {}).items():
            if key in model["properties"]:
                model["properties"][key]["default"] = value
    if name == "Surprise":
        model["properties"]["below"]["default"] = RISK


def _say_rules(models: Json) -> None:
    """The rules across keys that JSON Schema can say."""
    models["Move"] |= {"minProperties": 1, "maxProperties": 1}
    both = [{"required": ["bayesian", "up"]}, {"required": ["bayesian", "down"]}]
    models["Learning"]["not"] = {"anyOf": both}
    models["Norm"]["not"] = {"required": ["hears_rivals_every", "hears_rivals"]}
    models["Surprise"] |= {
        "oneOf": [{"required": [key]} for key in ("chance", "every", "on_visit")],
        "if": {"required": ["below"]},
        "then": {"required": ["to"], "properties": {"to": {"const": "at risk"}}},
    }
    models["Expected"]["oneOf"] = [{"required": ["higher", "than", "in"], "maxProperties": 3},
                                   {"required": ["lasts"], "maxProperties": 1}, {"required": ["fades"], "maxProperties": 1}]
    models["Network"]["oneOf"] = [*({"required": [kind], "maxProperties": 1} for kind in values.NETWORKS),
                                  {"required": ["edges"], "properties": dict.fromkeys(values.NETWORKS, False)}]
    models["Market"]["properties"]["segments"] |= {"minProperties": 1, "propertyNames": _NAMES}
    models["Story"]["properties"]["service"] |= {"minProperties": 1, "propertyNames": _ATTRIBUTE_NAMES}
    models["Story"]["properties"]["strategies"] |= {"minProperties": 1, "propertyNames": _NAMES}
    models["Story"]["properties"]["strategies"]["additionalProperties"] |= {"allOf": _MOVES_TOGETHER}
    models["Programme"]["properties"]["tiers"] |= {"minProperties": 1, "propertyNames": _NAMES}
    models["Whom"] |= {"minProperties": 1}
    models["Attribute"] |= {"anyOf": [{"required": ["weight"]}, {"required": ["kano"]}], "allOf": _LABELLED,
                            "dependentRequired": {"kano": ["absent", "present"], "absent": ["present"], "present": ["absent"]}}
    models["Firms"]["propertyNames"] = _NAMES
    models["Firms"]["additionalProperties"] = {"$ref": _REF + "Rival"}


def _part(model: Json) -> Json:
    """The same for a file that extends another: what is required may stand in the other."""
    part: Json = _referring(deepcopy(model))
    for rule in ("required", "dependentRequired", "anyOf", "oneOf"):
        part.pop(rule, None)
    return part


def _referring(value: Any) -> Any:
    """Refer to parts in place of wholes; what may be empty alone may be filled by the other file."""
    if isinstance(value, list):
        return [_referring(one) for one in value]
    if not isinstance(value, dict):
        return value
    kept = {key: _referring(one) for key, one in value.items() if key != "minProperties"}
    name = kept.get("$ref", "").removeprefix(_REF) if isinstance(kept.get("$ref", ""), str) else ""
    if name and name not in _WHOLE:
        kept["$ref"] = _REF + name + _PART
    return kept

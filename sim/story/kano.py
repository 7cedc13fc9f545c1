"""Kano's labels: shorthand for what people expect of an attribute at the start, and for its weight.

An attribute nobody expects delights when present and is not missed when absent; one fully expected is a must-be; in
between it is one-dimensional; with weight 0 it is indifferent, with a negative one reverse. What a label means is
written out by `resolve`; from then on it is history, for expectations drift.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

LABELS: Final = ("must-be", "one-dimensional", "attractive", "indifferent", "reverse")
DECIMALS: Final = 12
"""To how many of them a weight that is left out is rounded, so that it is the number people would have written."""


def start(attribute: Mapping[str, Any]) -> float:
    """What people expect before the first visit of an attribute with a label, in points."""
    absent, present = float(attribute["absent"]), float(attribute["present"])
    return {"attractive": absent, "must-be": present}.get(attribute["kano"], (absent + present) / 2.0)


def weights(service: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    """The weight of every attribute: as written, or by its label an equal part of what the written ones leave of 1."""
    sharing = [name for name, one in service.items() if "weight" not in one and one["kano"] != "indifferent"]
    left = 1.0 - sum(abs(one.get("weight", 0.0)) for one in service.values())
    part = round(left / len(sharing), DECIMALS) if sharing else 0.0
    return {name: _signed(one, part if name in sharing else one.get("weight", 0.0)) for name, one in service.items()}


def _signed(attribute: Mapping[str, Any], weight: float) -> float:
    return -abs(weight) if attribute.get("kano") == "reverse" else weight

"""Simulation of customer expectation drift: surprises, large upgrades and what customers come to expect.

    import sim
    story = sim.load("scenarios/hotel.yaml")
    comparison = story.compare(replications=40)
    run = story.run("small surprises", seed=7)

Importing this costs next to nothing: each name is fetched when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sim.backtest as backtest
    import sim.calibrate as calibrate
    import sim.engine.reference as reference
    from sim.api import Answer, Story, load, read
    from sim.engine.records import OUTCOMES, Run
    from sim.experiments.compare import Comparison
    from sim.explanation import Explanation
    from sim.market import Market
    from sim.story.load import ScenarioError

__version__ = "0.1.0"

__all__ = ["OUTCOMES", "Answer", "Comparison", "Explanation", "Market", "Run", "ScenarioError", "Story", "__version__",
           "backtest", "calibrate", "load", "read", "reference"]

_HOMES = {"Answer": "sim.api", "Story": "sim.api", "load": "sim.api", "read": "sim.api",
          "OUTCOMES": "sim.engine.records", "Run": "sim.engine.records", "Comparison": "sim.experiments.compare",
          "Explanation": "sim.explanation",
          "Market": "sim.market", "ScenarioError": "sim.story.load"}


def __getattr__(name: str) -> object:
    if name == "reference":
        return import_module("sim.engine.reference")
    if name in ("backtest", "calibrate"):
        return import_module(f"sim.{name}")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

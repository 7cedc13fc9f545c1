"""The gallery's front page: every shipped story, its answer, and whether what it expected came out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.experiments.compare import Comparison
from sim.experiments.findings import Finding
from sim.report import page


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One story of the gallery: its folder's name, its comparison, and its claims as they came out."""

    name: str
    comparison: Comparison
    findings: tuple[Finding, ...]


def front_page(exhibits: Sequence[Exhibit]) -> str:
    """The gallery's index as one HTML page that links the reports beside it."""
    from jinja2 import Environment, FileSystemLoader

    found = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    stories = [{"name": one.name, "title": one.comparison.market.title, "headline": page.headline(one.comparison),
                "verdict": one.comparison.verdict.sentence, "lasts": one.comparison.verdict.lasts,
                "findings": one.findings} for one in exhibits]
    return found.get_template("gallery.html.jinja").render(stories=stories) + "\n"

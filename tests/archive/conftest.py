"""A small story, run once, for everything that is stored and read back."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.api import Answer, load

SMALL = """\
title: Ein kleiner Markt für Prüfungen
horizon: 40 days
replications: 3
market:
  people: 61
  visits: {every: 8 days}
  segments:
    regulars: {share: 70%, expects: {mean: 58, sd: 6}}
    others: {share: 30%, expects: 55}
psyche:
  learning: {up: 0.3, down: 0.2}
  leaving: {base: 10% per visit}
firms:
  ours: {quality: 60, noise: 4, margin: 12}
  neighbour: {quality: 58}
strategies:
  stand still: []
  "small, =surprises": [{surprise: {size: 8, chance: 50%, cost: 1}}]
"""


@pytest.fixture(scope="session")
def answer(tmp_path_factory: pytest.TempPathFactory) -> Answer:
    """The small story compared, customers kept."""
    path = tmp_path_factory.mktemp("story") / "small market.yaml"
    path.write_text(SMALL, encoding="utf-8")
    return load(path).compare(keep=("customers",), jobs=1)


@pytest.fixture
def stored(answer: Answer, tmp_path: Path) -> Path:
    """The small study's folder, tables only."""
    return answer.store(tmp_path / "runs", command=["drift", "compare", "small market.yaml"])

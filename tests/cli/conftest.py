"""A small story, and `drift` as people start it: in its own process."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Drift = Callable[..., "subprocess.CompletedProcess[str]"]
ROOT = Path(__file__).resolve().parents[2]

STORY = """\
title: Two tables by the window
about: A little extra now and then, or a better kitchen?
horizon: 60 days
seed: 3
replications: 4
market: {people: 150, visits: {every: 6 days}}
psyche: {learning: {up: 0.3, down: 0.2}, leaving: {base: 5% per visit}}
firms: {ours: {quality: 60, noise: 3, margin: 10}}
strategies:
  stand still: []
  small extras: [{surprise: {size: 8, chance: 30%, cost: 1}}]
  new kitchen: [{upgrade: {by: 6, at: 20 days, cost: 500}}]
  stand still again: []
"""


def drift_in(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `drift ARGS` in a folder; keyword arguments go into its environment."""
    told = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **environment}
    return subprocess.run([sys.executable, "-m", "sim.cli", *arguments], cwd=folder, env=told, timeout=300,
                          capture_output=True, text=True, encoding="utf-8", check=False)


@pytest.fixture(scope="session")
def compared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The story compared once with --json: the folder it was done in, which tests only read, and what was said."""
    folder = tmp_path_factory.mktemp("compared")
    (folder / "story.yaml").write_text(STORY, encoding="utf-8")
    return folder, drift_in(folder, "compare", "story.yaml", "--json", "--quiet", "--keep", "customers", "--jobs", "1")


@pytest.fixture
def story(tmp_path: Path) -> Path:
    """A folder that holds story.yaml, to work in."""
    (tmp_path / "story.yaml").write_text(STORY, encoding="utf-8")
    return tmp_path


@pytest.fixture
def drift(story: Path) -> Drift:
    """Runs `drift ARGS` in the story's folder; keyword arguments go into its environment."""
    return lambda *arguments, **environment: drift_in(story, *arguments, **environment)

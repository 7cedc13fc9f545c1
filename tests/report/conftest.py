"""Studies for the report's tests."""

from __future__ import annotations

import pytest

from sim.experiments.compare import Comparison
from tests.report.studies import NASTY


@pytest.fixture(scope="session")
def hotel() -> Comparison:
    """The story of the hotel, with a known truth."""
    return NASTY["hotel"]()

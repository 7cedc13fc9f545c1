"""One profile for all property tests: the same examples every time unless DRIFT_EFFORT asks for more of them.

No deadlines: timings belong in benchmarks.
"""

import logging
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.effort import EFFORT

settings.register_profile("drift", deadline=None, derandomize=EFFORT == 1, max_examples=100 * EFFORT,
                          suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("drift")


@pytest.fixture(autouse=True)
def _what_is_said_stays_heard() -> Iterator[None]:
    """`--quiet` holds for a whole process, and many tests share one: what one test hushed the next one must still hear."""
    logger = logging.getLogger("sim")
    level = logger.level
    yield
    logger.setLevel(level)

"""One profile for all property tests: the same examples every time unless DRIFT_EFFORT asks for more of them.

No deadlines: timings belong in benchmarks.
"""

from hypothesis import HealthCheck, settings

from tests.effort import EFFORT

settings.register_profile("drift", deadline=None, derandomize=EFFORT == 1, max_examples=100 * EFFORT,
                          suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("drift")

"""Profiles of the property tests: the same examples every time, or with DRIFT_TESTS=campaign many and new ones.

No deadlines: timings belong in benchmarks.
"""

import os

from hypothesis import HealthCheck, settings

settings.register_profile("drift", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("campaign", deadline=None, max_examples=5000, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("DRIFT_TESTS", "drift"))

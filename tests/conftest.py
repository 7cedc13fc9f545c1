"""One profile for all property tests: no deadlines (timings belong in benchmarks), the same examples every time."""

from hypothesis import HealthCheck, settings

settings.register_profile("drift", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("drift")

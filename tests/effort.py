"""How hard the property tests try: DRIFT_EFFORT times as many examples, and new ones where it is more than 1."""

import os

EFFORT = int(os.environ.get("DRIFT_EFFORT", "1"))

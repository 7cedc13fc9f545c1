"""`python -m sim.cli` is `drift`."""

import sys

from sim.cli import main

sys.exit(main())

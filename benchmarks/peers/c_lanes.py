"""Compile `c_lanes.c`, whose loops fill SIMD lanes, and run it: the machine's limit, as far as we know it, on one core.

Beside the flags of the scalar program it needs to be told that nobody looks at errno or at floating-point traps, without which
gcc does not turn a branch into a choice. Sums keep their order: no -ffast-math.
"""

import sys
from pathlib import Path

from benchmarks.peers.c_scalar import run

SOURCE = Path(__file__).with_suffix(".c")
LANES = ("-fno-math-errno", "-fno-trapping-math", "-mprefer-vector-width=512")

if __name__ == "__main__":
    sys.exit(run(SOURCE, LANES))

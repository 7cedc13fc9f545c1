"""How time grows with people: `python -m benchmarks.scaling [--most 1000000] [--rounds 3]`.

Ours on one core at 10³, 10⁴, … people, each in a fresh process and in turn; processor time. The exponent is the slope of
log time on log people: 1 means that twice the people take twice the time. The first decade is fixed cost (tables,
the market clock, threads), so the exponent that counts is that of the last decades.
"""

import argparse
import sys
from collections.abc import Sequence
from math import log
from statistics import linear_regression, median

from benchmarks.contenders import CONTENDERS, FailedError, start

LOW, HIGH = 0.9, 1.1
"""Between these the promise "doubling people doubles time" is kept; the goal is half as wide."""


def exponent(people: Sequence[int], seconds: Sequence[float]) -> float:
    """The slope of log seconds on log people."""
    return linear_regression([log(n) for n in people], [log(s) for s in seconds]).slope


def main() -> int:
    """Print a line for each size and the exponents; exit status 1 if the large ones do not scale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    wish = parser.parse_args()
    sizes = [size for size in (10 ** power for power in range(3, 9)) if size <= wish.most]
    ours = CONTENDERS[0]
    try:
        runs = [(size, start(ours, size, 1 + number, sys.executable))
                for number in range(wish.rounds) for size in sizes]
    except FailedError as what:
        print(what, file=sys.stderr)
        return 1
    seen = {size: [row for people, row in runs if people == size] for size in sizes}
    seconds = [median(row["cpu_seconds"] for row in seen[size]) for size in sizes]
    print(f"{'people':>10} {'seconds':>9} {'us/person':>10} {'bytes/person':>13}")
    for size, took in zip(sizes, seconds, strict=True):
        used = median(row["peak_bytes_per_customer"] for row in seen[size])
        print(f"{size:10,} {took:9.4f} {took / size * 1e6:10.3f} {used:13.1f}")
    large = [position for position, size in enumerate(sizes) if size >= 100_000]
    print(f"exponent over all sizes: {exponent(sizes, seconds):.3f}")
    if len(large) < 2:
        return 0
    last = exponent([sizes[position] for position in large], [seconds[position] for position in large])
    print(f"exponent from 100,000 people: {last:.3f} (promised: {LOW}…{HIGH})")
    return 0 if LOW <= last <= HIGH else 1


if __name__ == "__main__":
    sys.exit(main())

"""Forget: between visits an expectation fades toward what is normal (Rust & Oliver 2000)."""

from typing import Final

from sim.rules.arithmetic import exp

NEVER: Final = float("inf")
LN_2: Final = 0.6931471805599453


def kept(half_life: float, days: float) -> float:
    """The share of (expectation − norm) she still holds after `days`: 2^(−dt/half-life). Off: never, all is kept."""
    return exp(-LN_2 * days / half_life) if half_life < NEVER else 1.0


def forget(expectation: float, norm: float, kept: float) -> float:
    """What she expects when she comes back, points: N + (E − N)·kept."""
    return expectation if kept == 1.0 else norm + (expectation - norm) * kept

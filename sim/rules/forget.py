"""Forget: between visits an expectation fades toward what is normal (Rust & Oliver 2000)."""

from sim.rules.arithmetic import exp


def kept(rate: float, days: float) -> float:
    """The share of (expectation − norm) she still holds after `days`: e^(−φ·dt). Off: rate 0, all is kept."""
    return exp(-rate * days) if rate > 0.0 else 1.0


def forget(expectation: float, norm: float, kept: float) -> float:
    """What she expects when she comes back, points: N + (E − N)·kept."""
    return expectation if kept == 1.0 else norm + (expectation - norm) * kept

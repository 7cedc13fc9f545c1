"""React: whether she says it, and what speaking up takes off the feeling."""

from sim.rules.arithmetic import exp


def complaint_chance(satisfaction: float, rate: float, base: float) -> float:
    """The chance that she complains: 1 − (1−base)·e^(−rate·shortfall), shortfall = max(0, −S). Off: rate 0 and base 0."""
    silent = exp(rate * satisfaction) if rate > 0.0 and satisfaction < 0.0 else 1.0
    return 1.0 - (1.0 - base) * silent


def vented(felt: float, share: float) -> float:
    """What a bad visit weighs on goodwill once she has spoken up, points: (1−ν)·V for V < 0. Off: ν = 0."""
    return (1.0 - share) * felt if felt < 0.0 else felt


def fail(remembered: float, memory: float, failed: bool) -> float:
    """The share of failures she remembers: F + μ·(1[it failed] − F). No recovery takes it away. Off: μ = 0.

    After Soares & Proença 2015, where a failure lowers repurchase even when it was recovered.
    """
    return remembered + memory * ((1.0 if failed else 0.0) - remembered)

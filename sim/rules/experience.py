"""Experience: what she is given, and what she perceives of it (Boulding, Kalra & Staelin 1999)."""

from sim.rules.arithmetic import normal_quantile


def deviation(sd: float, u: float) -> float:
    """How far this delivery strays from the firm's quality, points: sd times a standard normal. Off: sd 0."""
    return sd * normal_quantile(u) if sd > 0.0 else 0.0


def perceived(given: float, standard: float, assimilation: float) -> float:
    """What she feels she got, points: P = (1−γ)·X + γ·R, drawn toward what she expected. Off: γ = 0."""
    return (1.0 - assimilation) * given + assimilation * standard

"""Judge: from the gap to what it is worth to her (Anderson & Sullivan 1993; Mittal, Ross & Baldasare 1998)."""

from sim.rules.arithmetic import exp, log


def felt(gap: float, tolerance: float, curvature: float, loss_aversion: float) -> float:
    """The felt value of a gap, points: v(d) = d^β for gains, −λ·(−d)^β for losses, d measured past the zone z.

    Off: z = 0, β = 1, λ = 1, the felt value is the gap.
    """
    size = abs(gap) - tolerance
    if size <= 0.0:
        return 0.0
    worth = size if curvature == 1.0 else exp(curvature * log(size))
    return worth if gap > 0.0 else -loss_aversion * worth


def delight(satisfaction: float, threshold: float, bonus: float) -> float:
    """The extra felt value of a visit past the delight threshold, points: a step that saturates at once. Off: bonus 0."""
    return bonus if satisfaction > threshold else 0.0

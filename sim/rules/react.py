"""React: what she says about it: a complaint, an answer to a survey."""

from sim.rules.arithmetic import exp


def complaint_chance(satisfaction: float, rate: float) -> float:
    """The chance that she complains: 1 − e^(−rate·shortfall), shortfall = max(0, −S). Off: rate 0."""
    return 1.0 - exp(rate * satisfaction) if rate > 0.0 and satisfaction < 0.0 else 0.0


def answer(experience: float, satisfaction: float, gap_weight: float) -> float:
    """What she would answer on a 0–10 scale: (experience + weight·gap)/10, within the scale.

    An answer depends on the level of service as well as on the gap (Anderson & Sullivan 1993). It is a
    measure: nothing in the model depends on it.
    """
    level = (experience + gap_weight * satisfaction) / 10.0
    return 0.0 if level < 0.0 else (10.0 if level > 10.0 else level)

"""Answer: what she ticks on a questionnaire. Measures all of them: nothing in the model depends on an answer."""

from sim.rules.arithmetic import exp, normal_quantile

LIKE, NEUTRAL, DISLIKE = 0, 1, 2
ATTRACTIVE, ONE_DIMENSIONAL, MUST_BE, INDIFFERENT, REVERSE, QUESTIONABLE = range(6)


def held(answer: float) -> float:
    """An answer within the scale of 0 to 10."""
    return 0.0 if answer < 0.0 else (10.0 if answer > 10.0 else answer)


def answer(experience: float, satisfaction: float, gap_weight: float) -> float:
    """What she means by satisfied, on a scale of 0 to 10: (experience + weight·gap)/10, within the scale.

    An answer depends on the level of service as well as on the gap (Anderson & Sullivan 1993).
    """
    return held((experience + gap_weight * satisfaction) / 10.0)


def ticked(meant: float, noise: float, u: float) -> float:
    """What she ticks where she means this: with a normal error, within the scale. Off: noise 0."""
    return held(meant + noise * normal_quantile(u)) if noise > 0.0 else held(meant)


def answers_chance(share: float, extremes: float, felt: float) -> float:
    """The chance that she answers at all: 1 − (1−share)·e^(−extremes·|V|). Off: share 1, everybody answers."""
    return 1.0 - (1.0 - share) * exp(-extremes * abs(felt))


def feeling(worth: float, beyond: float) -> int:
    """How she would feel about something worth so many points to her: she likes it, dislikes it, or neither."""
    return LIKE if worth > beyond else (DISLIKE if worth < -beyond else NEUTRAL)


def kano(present: int, absent: int) -> int:
    """The class of an attribute by how she feels where it is present and where it is absent: Kano's evaluation table.

    The table's three middle answers (expects it, neutral, can live with it) all lead to the same class, so one stands for them.
    """
    if present == absent:
        return INDIFFERENT if present == NEUTRAL else QUESTIONABLE
    if present == LIKE:
        return ATTRACTIVE if absent == NEUTRAL else ONE_DIMENSIONAL
    return MUST_BE if present == NEUTRAL and absent == DISLIKE else REVERSE

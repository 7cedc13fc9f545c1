"""Recover: what a firm makes good, against what she has come to expect of its making good (Maxham & Netemeyer 2002)."""

from sim.rules.forget import kept


def worth(remedy: float, within: float, patience: float, extras: float, compensation: float, points_a_unit: float) -> float:
    """What a recovery is worth to her, points: remedy·2^(−within/patience) + apology and follow-up + worth·compensation.

    A remedy at once, or patience without end, counts in full.
    """
    return remedy * kept(patience, within) + extras + points_a_unit * compensation


def expect_recovery(expected: float, received: float, rate: float) -> float:
    """The recovery she expects next time, points: E_r + a_r·(Q_r − E_r). Off: a_r = 0."""
    return expected + rate * (received - expected)

"""Expect: the standard she brings to a visit (Boulding, Kalra, Staelin & Zeithaml 1993; Nasiry & Popescu 2011)."""


def standard(expectation: float, norm: float, weight: float, peak: float, peak_weight: float) -> float:
    """What the visit will be compared with, points: R = E + ω·max(0, N − E) + θ·max(0, peak − E).

    A norm or a memory below her expectation does not lower it. Off: ω = θ = 0, the standard is the expectation.
    """
    above = norm - expectation if norm > expectation else 0.0
    best = peak - expectation if peak > expectation else 0.0
    return expectation + weight * above + peak_weight * best

"""Learn: what a visit leaves behind (Johnson, Anderson & Fornell 1995; Rust et al. 1999; Alavi et al. 2015; Bolton 1998)."""


def gain(up: float, down: float, prior: float, visits: float, better: bool) -> float:
    """How far expectation moves toward experience: a₊ after a gain, a₋ after a loss.

    With a prior worth k0 ≥ 0 visits it is Bayesian instead: 1/(k0 + n + 1) after n earlier visits.
    """
    if prior >= 0.0:
        return 1.0 / (prior + visits + 1.0)
    return up if better else down


def credit(credit: float, familiarity: float) -> float:
    """How much of a surprise teaches: ψ + (1−ψ)·h, all of it once the kind is familiar (h = 1). Off: ψ = 1."""
    return credit + (1.0 - credit) * familiarity


def learn(expectation: float, experience: float, gain: float, credit: float) -> float:
    """Her expectation after the visit, points: E + ℓ·a·(P − E)."""
    return expectation + credit * gain * (experience - expectation)


def grow_familiar(familiarity: float, rate: float, came: bool) -> float:
    """How familiar a kind of surprise is after a visit: h + η·(1[it came] − h). Off: η = 0."""
    return familiarity + rate * ((1.0 if came else 0.0) - familiarity)


def remember(goodwill: float, felt: float, memory: float) -> float:
    """Her goodwill after the visit, points: G + μ·(V − G), the anchor of cumulative satisfaction."""
    return goodwill + memory * (felt - goodwill)

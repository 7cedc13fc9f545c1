"""Decide: stay or leave, and when to come again (Bolton 1998; Jones & Sasser 1995; Fader & Hardie 2007)."""

from sim.rules.arithmetic import exp, exponential, log


def leaving_chance(base: float, goodwill_weight: float, goodwill: float, tenure_weight: float, visits: float,
                   failures_weight: float, failures: float) -> float:
    """The chance of leaving after this visit: logistic(logit(base) − h1·G + h2·ln n + h_F·F), n visits made.

    Written as p/(p + (1−p)·e^(h1·G − h2·ln n − h_F·F)), which is exactly p when all weights are 0, and 0 at p = 0.
    A base that differs between people (a beta distribution) gives the shifted-beta-geometric retention curve.
    """
    pull = (tenure_weight * log(visits) if tenure_weight != 0.0 else 0.0) + failures_weight * failures
    push = goodwill_weight * goodwill - pull
    return base / (base + (1.0 - base) * exp(push)) if push != 0.0 else base


def mean_gap(every: float, weight: float, goodwill: float, shortest: float, longest: float) -> float:
    """Days until the next visit on average: every·e^(−w·G), held within [shortest, longest]. Off: w = 0."""
    mean = every * exp(-weight * goodwill) if weight > 0.0 else every
    return shortest if mean < shortest else (longest if mean > longest else mean)


def gap(mean: float, random: float, u: float) -> float:
    """Days until the next visit: exponential with that mean when `random`, else just the mean."""
    return mean * exponential(u) if random > 0.0 else mean


def first_gap(mean: float, random: float, phase: float) -> float:
    """Days until the very first visit: as long as any gap when `random`, else a random part of the fixed one."""
    return mean * exponential(phase) if random > 0.0 else mean * phase

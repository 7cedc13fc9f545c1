"""Decide: stay or leave, and when to come again (Bolton 1998; Jones & Sasser 1995; Fader & Hardie 2007)."""

from sim.rules.arithmetic import exp, exponential, log


def push(goodwill_weight: float, goodwill: float, tenure_weight: float, visits: float, failures_weight: float,
         failures: float) -> float:
    """What speaks against leaving after this visit, in log-odds: h1·G − h2·ln n − h_F·F, n visits made. Off: all weights 0."""
    pull = (tenure_weight * log(visits) if tenure_weight != 0.0 else 0.0) + failures_weight * failures
    return goodwill_weight * goodwill - pull


def chance_against(base: float, push: float) -> float:
    """The chance of leaving after this visit: logistic(logit(base) − push).

    Written as p/(p + (1−p)·e^push), which is exactly p where nothing speaks for or against it, and 0 at p = 0.
    A base that differs between people (a beta distribution) gives the shifted-beta-geometric retention curve.
    """
    return base / (base + (1.0 - base) * exp(push)) if push != 0.0 else base


def surely_stays(u: float, base: float, push: float) -> bool:
    """Whether luck u keeps her whatever e^push is: with push ≥ 0 the chance to leave is at most `base`, up to rounding."""
    return push >= 0.0 and u > 1.000001 * base


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

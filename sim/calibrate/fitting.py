"""The fits themselves, small and plain: least squares, logits, a maximum with its curvature, intervals of ratios, profiles."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

Z: Final = 1.959963984540054
"""The two-sided 95% point of the normal."""
DROP: Final = Z * Z / 2
"""How far ln likelihood may fall below its maximum within a 95% interval of one parameter."""
NOWHERE: Final = 1e15
"""In place of a likelihood that is no number: worse than any, and finite, so that a search can turn back."""


@dataclass(frozen=True)
class Regression:
    """Coefficients with their covariance, ln likelihood, number of parameters (an error's spread is one) and R²."""

    values: Floats
    covariance: Floats
    likelihood: float
    parameters: int
    r2: float = math.nan
    sd: float = math.nan

    def interval(self, place: int, z: float = Z) -> tuple[float, float, float]:
        """One coefficient and its limits, z standard errors away: 95% ones if left out."""
        value, half = float(self.values[place]), z * math.sqrt(max(float(self.covariance[place, place]), 0.0))
        return value, value - half, value + half


def line(columns: list[Floats], answer: Floats, absorbed: int = 0) -> Regression:
    """Least squares with a constant; the covariance holds whatever the errors' spread (White's, for small samples HC1).

    absorbed: how many further means have been taken out of columns and answer beforehand, such as one a person. They used up
    as many rows: ln likelihood, covariance and spread are those of what is left, else intervals would be too narrow.
    Errors: ValueError where the columns cannot be told apart, or there are too few rows.
    """
    design = np.column_stack([np.ones(len(answer)), *columns])
    count, width = design.shape
    told = count - absorbed
    if told <= width + 1 or np.linalg.matrix_rank(design) < width:
        raise ValueError("the columns cannot be told apart")
    inverse = np.asarray(np.linalg.inv(design.T @ design), dtype=np.float64)
    values = inverse @ design.T @ answer
    rest = answer - design @ values
    meat = (design * rest[:, None] ** 2).T @ design
    squares, whole = float(rest @ rest), float(np.sum((answer - answer.mean()) ** 2))
    likelihood = -told / 2 * (math.log(2 * math.pi * max(squares, 1e-300) / told) + 1)
    covariance: Floats = inverse @ meat @ inverse * count / (told - width)
    return Regression(
        values,
        covariance,
        likelihood,
        width + 1,
        1 - squares / whole if whole > 0 else math.nan,
        math.sqrt(squares / (told - width)),
    )


def logit(columns: list[Floats], answer: Floats) -> Regression:
    """A logit of a yes (1) or no (0), with a constant, by Newton's method.

    Errors: ValueError where all say the same, or where a column tells yes from no without a slip, so that no slope is finite.
    """
    design = np.column_stack([np.ones(len(answer)), *columns])
    both = np.stack([np.zeros_like(design), design], axis=1)
    found = multinomial(both, answer.astype(np.int64))
    if np.abs(found.values).max() > 50:
        raise ValueError("yes and no are told apart without a slip")
    return found


def multinomial(design: Floats, chosen: NDArray[np.int64], start: Floats | None = None) -> Regression:
    """A multinomial logit: design (n, alternatives, columns), chosen (n,) which alternative. By Newton's method.

    Errors: ValueError where the columns cannot be told apart or the likelihood has no maximum.
    """
    width, rows = design.shape[2], np.arange(len(chosen))
    values = np.zeros(width) if start is None else start.copy()
    for _ in range(60):
        likelihood, slope, information = _slope(design, chosen, rows, values)
        try:
            step = np.linalg.solve(information, slope)
        except np.linalg.LinAlgError:
            raise ValueError("the columns cannot be told apart") from None
        gain = float(slope @ step)
        if not math.isfinite(gain) or gain < -1e-6 or np.abs(values).max(initial=0.0) > 200:
            raise ValueError("the likelihood has no maximum")
        if gain < 1e-9:
            covariance = np.asarray(np.linalg.pinv(information), dtype=np.float64)
            return Regression(values + step, covariance, likelihood, width)
        scale = 1.0
        while scale > 1e-6 and _slope(design, chosen, rows, values + scale * step)[0] < likelihood - 1e-9:
            scale /= 2
        values = values + scale * step
    raise ValueError("the likelihood has no maximum")


def _slope(design: Floats, chosen: NDArray[np.int64], rows: NDArray[np.int64], values: Floats) -> tuple[float, Floats, Floats]:
    """ln likelihood, its gradient and the information at these coefficients."""
    worth = design @ values
    worth -= worth.max(axis=1, keepdims=True)
    chances = np.exp(worth)
    chances /= chances.sum(axis=1, keepdims=True)
    mean = np.einsum("nj,njk->nk", chances, design)
    flat = design.reshape(-1, design.shape[2])
    information = (flat * chances.reshape(-1, 1)).T @ flat - mean.T @ mean
    likelihood = float(np.log(np.maximum(chances[rows, chosen], 1e-300)).sum())
    return likelihood, (design[rows, chosen] - mean).sum(axis=0), information


def ratio(found: Regression, above: int, below: int, sign: float = 1.0, z: float = Z) -> tuple[float, float, float] | None:
    """sign·coefficient `above` ÷ coefficient `below` with Fieller's exact 95% interval; None where that is not finite.

    z: the two-sided point of the normal, where another level than 95% is meant. It is not finite where the divisor might be 0
    (Fieller 1954): then the ratio is not identified.
    """
    a, b = sign * float(found.values[above]), float(found.values[below])
    aa, bb, ab = (
        float(found.covariance[above, above]),
        float(found.covariance[below, below]),
        sign * float(found.covariance[above, below]),
    )
    quadratic = b * b - z * z * bb
    inside = (a * b - z * z * ab) ** 2 - quadratic * (a * a - z * z * aa)
    if quadratic <= 0 or inside < 0:
        return None
    middle, half = (a * b - z * z * ab) / quadratic, math.sqrt(inside) / quadratic
    return a / b, middle - half, middle + half


def highest(worth: Callable[[Floats], float], start: Floats) -> Regression:
    """The maximum of a ln likelihood over free numbers, with the inverse of its curvature there as covariance.

    Errors: ValueError where it has no maximum with finite curvature: the data do not tell.
    """
    from scipy.optimize import minimize

    def less(free: Floats) -> float:
        with np.errstate(invalid="ignore", over="ignore"):
            found = worth(free)
        return -found if math.isfinite(found) else NOWHERE  # so far out that its numbers overflow: not there

    rough = minimize(less, start, method="L-BFGS-B", options={"maxiter": 2000})
    fine = minimize(less, np.asarray(rough.x), method="Nelder-Mead", options={"maxiter": 4000, "xatol": 1e-7, "fatol": 1e-8})
    at = np.asarray(fine.x, dtype=np.float64)
    curvature = -_curvature(worth, at)
    if not np.isfinite(curvature).all() or np.linalg.eigvalsh(curvature).min() <= 1e-8:
        raise ValueError("the likelihood is flat, so the data do not tell")
    covariance = np.asarray(np.linalg.inv(curvature), dtype=np.float64)
    return Regression(at, covariance, float(worth(at)), len(at))


def _curvature(worth: Callable[[Floats], float], at: Floats, step: float = 1e-3) -> Floats:
    """Second differences."""
    size = len(at)
    found = np.zeros((size, size))
    each = np.eye(size) * step
    for i in range(size):
        for j in range(i, size):
            corners = [worth(at + a * each[i] + b * each[j]) for a, b in ((1, 1), (1, -1), (-1, 1), (-1, -1))]
            found[i, j] = found[j, i] = (corners[0] - corners[1] - corners[2] + corners[3]) / (4 * step * step)
    return found


def within(grid: Floats, profile: Floats, z: float = Z) -> tuple[float, float, float]:
    """The highest point of a profile of ln likelihood, between grid points by a parabola, and its 95% limits by straight lines.

    z: the two-sided point of the normal, where another level is meant: limits are where it has fallen by z²/2.
    Limits stand at the end of the grid where the profile has not fallen far enough by there.
    """
    top = int(np.argmax(profile))
    best, height, drop = float(grid[top]), float(profile[top]), z * z / 2
    if 0 < top < len(grid) - 1:
        below, above = profile[top - 1], profile[top + 1]
        bend = below - 2 * height + above
        shift = 0.5 * (below - above) / bend if bend < 0 else 0.0
        best, height = best + shift * float(grid[top + 1] - grid[top]), height - 0.25 * (below - above) * shift

    def end(step: int) -> float:
        place = top
        while 0 <= place + step < len(grid) and profile[place + step] > height - drop:
            place += step
        if not 0 <= place + step < len(grid):
            return float(grid[place])
        part = (profile[place] - (height - drop)) / (profile[place] - profile[place + step])
        return float(grid[place] + part * (grid[place + step] - grid[place]))

    return float(best), end(-1), end(1)


def share(yes: int, count: int) -> tuple[float, float, float]:
    """A share and Wilson's 95% interval."""
    part, square = yes / count, Z * Z / count
    middle = (part + square / 2) / (1 + square)
    half = Z / (1 + square) * math.sqrt(part * (1 - part) / count + square / (4 * count))
    return part, middle - half, middle + half

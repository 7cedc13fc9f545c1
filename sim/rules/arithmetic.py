"""The one room for functions that are more than + − × ÷, so that they can be replaced once, for both engines."""

import math


def exp(x: float) -> float:
    """eˣ, held at e⁷⁰⁰ where it would overflow: CPython raises there, compiled code does not."""
    return math.exp(x if x < 700.0 else 700.0)


def log(x: float) -> float:
    """Natural logarithm of x > 0."""
    return math.log(x)


def root(x: float) -> float:
    """Square root of x ≥ 0."""
    return math.sqrt(x)


def exponential(u: float) -> float:
    """The u-quantile of a waiting time with mean 1: −ln(1−u), u in [0, 1)."""
    return -math.log(1.0 - u)


def gumbel(u: float) -> float:
    """The u-quantile of the standard Gumbel law, −ln(−ln u): taking the best of values that stray by it is a logit choice."""
    return -math.log(-math.log(u if u > 5.551115123125783e-17 else 5.551115123125783e-17))  # 2⁻⁵⁴, where u is 0


def onto_grid(x: float, anchor: float) -> float:
    """x rounded to the grid that `anchor` = 1.5·2⁵²·grid stands for, so that sums of such numbers are exact.

    Exact sums do not depend on their order: neither blocks, threads, machines nor the order in which
    customers come can change a digit. Pre-rounding: Demmel & Nguyen 2013, "Fast reproducible floating-point summation".
    """
    return (x + anchor) - anchor


def normal_quantile(u: float) -> float:
    """The u-quantile of the standard normal, relative error about 1e-16: algorithm AS 241 (Wichura 1988), PPND16."""
    q = u - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        return q * (((((((2.5090809287301226727e3 * r + 3.3430575583588128105e4) * r + 6.7265770927008700853e4) * r
                        + 4.5921953931549871457e4) * r + 1.3731693765509461125e4) * r + 1.9715909503065514427e3) * r
                     + 1.3314166789178437745e2) * r + 3.3871328727963666080) / (
                   ((((((5.2264952788528545610e3 * r + 2.8729085735721942674e4) * r + 3.9307895800092710610e4) * r
                       + 2.1213794301586595867e4) * r + 5.3941960214247511077e3) * r + 6.8718700749205790830e2) * r
                    + 4.2313330701600911252e1) * r + 1.0)
    tail = u if q < 0.0 else 1.0 - u
    tail = tail if tail > 5.551115123125783e-17 else 5.551115123125783e-17  # 2⁻⁵⁴: u = 0 is half a step below the smallest
    r = root(-math.log(tail))
    if r <= 5.0:
        r -= 1.6
        x = (((((((7.74545014278341407640e-4 * r + 2.27238449892691845833e-2) * r + 2.41780725177450611770e-1) * r
                + 1.27045825245236838258) * r + 3.64784832476320460504) * r + 5.76949722146069140550) * r
              + 4.63033784615654529590) * r + 1.42343711074968357734) / (
            ((((((1.05075007164441684324e-9 * r + 5.47593808499534494600e-4) * r + 1.51986665636164571966e-2) * r
                + 1.48103976427480074590e-1) * r + 6.89767334985100004550e-1) * r + 1.67638483018380384940) * r
             + 2.05319162663775882187) * r + 1.0)
    else:
        r -= 5.0
        x = (((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r + 1.24266094738807843860e-3) * r
                + 2.65321895265761230930e-2) * r + 2.96560571828504891230e-1) * r + 1.78482653991729133580) * r
              + 5.46378491116411436990) * r + 6.65790464350110377720) / (
            ((((((2.04426310338993978564e-15 * r + 1.42151175831644588870e-7) * r + 1.84631831751005468180e-5) * r
                + 7.86869131145613259100e-4) * r + 1.48753612908506148525e-2) * r + 1.36929880922735805310e-1) * r
             + 5.99832206555887937690e-1) * r + 1.0)
    return -x if q < 0.0 else x

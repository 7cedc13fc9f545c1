"""Pay: what a price is worth to her against the one she is used to, and how she gets used to another.

She keeps a reference price of each firm and learns it from what she pays there. The form is that of dynamic pricing with
reference effects: exponential memory of past prices, and a price above the reference hurts more than one below it pleases
(Popescu & Wu 2007). A memory of the lowest price, as in Nasiry & Popescu 2011, is not modelled.
"""

from sim.rules.judge import felt


def fairness(price: float, reference: float, weight: float, curvature: float, loss_aversion: float) -> float:
    """What paying `price` is worth to her, points: v(w·(r − p)), r her reference price; below it pleases, above it hurts.

    v is the felt value of a gap (`judge`), with her own loss aversion λ and curvature, and without her zone of tolerance: that
    is about how far a service may stray before she notices, and a price is a number she reads. w: points a unit of money. With
    β = 1 this is w·(r − p) for a price below the reference and −λ·w·(p − r) for one above it. Off: w = 0.
    """
    return felt(weight * (reference - price), 0.0, curvature, loss_aversion)


def get_used(reference: float, price: float, learning: float) -> float:
    """Her reference price after paying `price`, money: r + a·(p − r). Off: a = 0, she never gets used to another price."""
    return reference + learning * (price - reference)

"""Choose: at each occasion, which firm she goes to, or that she stays away (random utility: McFadden 1974).

She keeps an expectation and a goodwill of each firm, learned from her own visits there. What a firm is worth to her is a sum
of what she expects of it, what she holds for it, its price and, unless she was there last, the trouble of switching; to each
comes a Gumbel deviate of her luck, and she takes the best. Such a choice is a logit: e^worth / Σ e^worth.
"""

from typing import Final

from sim import luck
from sim.rules import traits
from sim.rules.arithmetic import gumbel
from sim.rules.column import Floats
from sim.rules.hear import believe
from sim.rules.recall import recalled
from sim.rules.visit import comes_again, listen, promised
from sim.rules.world import NEVER, Mind, Who, World

NOWHERE: Final = -1
"""In place of a firm: she stays away; or, of her last visit, that there was none."""


def worth_of(value: float, goodwill: float, price: float, weights: tuple[float, float, float], trouble: float) -> float:
    """What going to a firm is worth to her, log-odds: v·value + g·goodwill − b·price − trouble. Off: all weights 0."""
    return weights[0] * value + weights[1] * goodwill - weights[2] * price - trouble


def expected_value(who: Who, person: Floats, world: World, mind: Mind, when: float, firm: int) -> float:
    """What she expects of a firm today against her norm, points: Σ w_k·(E_k − N_k), after forgetting and promises."""
    at, day = who.place * world.firms + firm, int(when)
    promises = listen(who, world, firm, day, mind.visits[at] == 0.0)
    value = 0.0
    for k in range(world.attributes):
        norm = mind.norm[who.place * world.attributes + k]
        expectation = recalled(person, world, mind, who.place, firm, k, when)
        for p in range(world.promises):
            if promised(world, firm, promises, p, k):
                expectation = believe(expectation, world.promise_level[p], mind.trust[at])
        value += world.weights[k] * (expectation - norm)
    return value


def choose(who: Who, person: Floats, world: World, mind: Mind, when: float, last: int) -> int:
    """The firm she goes to at this occasion, 0 being ours; NOWHERE where she stays away. `last`: the firm of her last visit.

    Before her first visit she is used to no firm, and switching costs nothing. Whom our offer brings back does not choose.
    """
    if person[traits.CHOOSES] <= 0.0 or (world.woos and mind.wooed[who.place] > 0.0):
        return 0
    weights = person[traits.CHOOSING_VALUE], person[traits.CHOOSING_GOODWILL], person[traits.CHOOSING_PRICE]
    chosen, best = NOWHERE, person[traits.STAYING_AWAY]
    if best > -NEVER:
        best += gumbel(luck.luck(who.low, who.high, who.replication, who.customer, who.occasion, luck.FIRM, 0))
    for firm in range(world.firms):
        value = expected_value(who, person, world, mind, when, firm)
        trouble = person[traits.SWITCHING] if last not in (NOWHERE, firm) else 0.0
        price = world.price[int(when) * (1 + world.rivals) + firm]
        worth = worth_of(value, mind.goodwill[who.place * world.firms + firm], price, weights, trouble)
        worth += gumbel(luck.luck(who.low, who.high, who.replication, who.customer, who.occasion, luck.FIRM, 1 + firm))
        if worth > best:
            chosen, best = firm, worth
    return chosen


def next_occasion(who: Who, person: Floats, world: World, mind: Mind, when: float, last: int, u: float) -> float:
    """The day she thinks of going again after staying away: as long after as if she had just been where she was last."""
    firm = last if last > 0 else 0
    return when + comes_again(person, mind.goodwill[who.place * world.firms + firm], u)

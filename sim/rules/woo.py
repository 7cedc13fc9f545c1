"""Woo: an offer to somebody who has left, some time later, and whether it brings her back.

Lost customers are worth an offer of their own (Thomas, Blattberg & Fox 2004), and the better a customer's time with a firm was,
the more readily she takes it (Kumar, Bhagwat & Zhang 2015).
"""

from sim import luck
from sim.rules import traits
from sim.rules.column import Floats
from sim.rules.decide import chance_against
from sim.rules.give import meant
from sim.rules.world import NEVER, PERSUADES, WINBACK_AFTER, WINBACK_COST, WINBACK_LIFT, Mind, Who, World


def persuaded_chance(persuades: float, weight: float, goodwill: float) -> float:
    """The chance that an offer brings her back: logistic(logit(persuades) + h1·G), h1 as for staying. Off: persuades 0.

    That goodwill weighs as much as it does for staying is our assumption.
    """
    return chance_against(persuades, -weight * goodwill)


def brought_back(who: Who, person: Floats, world: World, mind: Mind, when: float, satisfaction: float) -> float:
    """The day on which an offer brings back somebody who left our firm on day `when`; `NEVER` where none does.

    satisfaction: at her last visit. An offer that would reach her after the time of the market is not made.
    """
    at, day, back = who.place * world.firms, int(when), when + world.winback[WINBACK_AFTER]
    made, goodwill = world.winback_rollout[day], mind.goodwill[at]
    aim = world.surprises + world.recoveries + 1
    if made <= 0.0 or back >= float(world.days) or not meant(who, world, aim, day, mind.visits[at], satisfaction, goodwill):
        return NEVER
    chance = made * persuaded_chance(world.winback[PERSUADES], person[traits.LEAVING_GOODWILL], goodwill)
    u = luck.luck(who.low, who.high, who.replication, who.customer, who.occasion, luck.WINBACK, 0)
    return back if u < chance else NEVER


def woo(who: Who, person: Floats, world: World, mind: Mind, when: float, satisfaction: float, left: bool, own: float) -> float:
    """The day of her next visit after one to our firm, where an offer may bring back who leaves; `own`: without any.

    Who comes back of her own accord before an offer reaches her gets none.
    """
    back = brought_back(who, person, world, mind, when, satisfaction) if left else NEVER
    mind.wooed[who.place] = 1.0 if back < own else 0.0
    if not back < own:
        return own
    mind.given[who.place * world.gifts + world.surprises + world.recoveries + 1 + world.tiers] += 1.0
    return back


def price_of(world: World, mind: Mind, place: int) -> float:
    """What it costs the firm to win person number `place` back, money; 0 where no offer does."""
    return world.winback[WINBACK_COST] if mind.wooed[place] > 0.0 else 0.0


def welcome(world: World, mind: Mind, place: int) -> float:
    """What person number `place` is given more at her first visit back, points."""
    return world.winback[WINBACK_LIFT] if world.woos and mind.wooed[place] > 0.0 else 0.0

"""Join: whether somebody who is nobody's customer yet gives our firm a try at an occasion (Kopalle & Lehmann 2006)."""

from sim import luck
from sim.rules import traits
from sim.rules.choose import expected_value
from sim.rules.column import Floats
from sim.rules.decide import chance_against
from sim.rules.world import Mind, Who, World


def joining_chance(base: float, value: float, talk: float) -> float:
    """The chance of joining: logistic(logit(base) + value + talk), what draws her in being log-odds. Off: base 1."""
    return chance_against(base, -(value + talk))


def joins(who: Who, person: Floats, world: World, mind: Mind, when: float, net: float) -> bool:
    """Whether she joins at this occasion, by what she expects of us against her norm and by what she has heard of us.

    net: the praise heard since her last occasion, less the blame.
    """
    value = person[traits.JOINING_VALUE] * expected_value(who, person, world, mind, when, 0)
    chance = joining_chance(person[traits.JOINING_BASE], value, person[traits.JOINING_TALK] * net)
    return luck.luck(who.low, who.high, who.replication, who.customer, who.occasion, luck.JOIN, 0) < chance

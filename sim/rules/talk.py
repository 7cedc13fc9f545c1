"""Talk: after a visit she may tell others of it, and before the next one she has heard what others said.

Who feels much tells much, the disappointed most of all: an asymmetric U (Anderson 1998). What is said on a day is heard from
the next day on, so that nobody's turn within a day can matter.
"""

from typing import Final

from sim import luck
from sim.rules import traits
from sim.rules.arithmetic import exp
from sim.rules.column import Floats
from sim.rules.hear import poisson, teach
from sim.rules.recall import recalled
from sim.rules.world import Mind, Town, Who, World

WORDS: Final = 2
"""The numbers that begin a day's row of what is said of a firm: words in all and praise among them; then the sum of the levels
told, by attribute."""
TOLD_DAY, TOLD_FIRM, TOLD_PRAISE, TOLD_LEVELS = range(4)
"""A word of somebody's own: the day, the firm, whether it praises (0 or 1), then the levels by attribute."""


def talks_chance(base: float, good: float, bad: float, value: float) -> float:
    """The chance that she tells of a visit of felt value V: 1 − (1 − base)·e^(−good·V⁺ − bad·V⁻). Off: all 0."""
    strength = good * value if value > 0.0 else -bad * value
    return 1.0 - (1.0 - base) * exp(-strength)


def speaks(who: Who, person: Floats, value: float) -> bool:
    """Whether she tells others of this visit."""
    chance = talks_chance(person[traits.TALK_BASE], person[traits.TALK_GOOD], person[traits.TALK_BAD], value)
    return chance > 0.0 and luck.luck(who.low, who.high, who.replication, who.customer, who.occasion, luck.TALK, 0) < chance


def tell(who: Who, world: World, mind: Mind, town: Town, day: int, value: float) -> None:
    """Leave her word where her friends find it from tomorrow on; her word before today's stays for those who come today."""
    size = TOLD_LEVELS + world.attributes
    new = who.place * 2 * size
    if town.told[new + TOLD_DAY] < float(day):
        for number in range(size):
            town.told[new + size + number] = town.told[new + number]
    town.told[new + TOLD_DAY], town.told[new + TOLD_FIRM] = float(day), float(who.firm)
    town.told[new + TOLD_PRAISE] = 1.0 if value > 0.0 else 0.0
    for k in range(world.attributes):
        town.told[new + TOLD_LEVELS + k] = mind.met[k]


def hear_talk(who: Who, person: Floats, world: World, mind: Mind, town: Town, day: int, when: float) -> float:
    """What others said since her last occasion moves what she expects of every firm; the praise less the blame of ours.

    Each word moves her expectation by the share she listens with of the distance to what was told, once it has faded as far as
    it would have by now. Who hears nothing, or listens to nothing, is left as she is.
    """
    since = int(mind.fresh[who.place])
    mind.fresh[who.place] = when
    if world.mixed:
        return hear_all(who, person, world, mind, town, since, day, when)
    return hear_friends(who, person, world, mind, town, since, day, when)


def hear_all(who: Who, person: Floats, world: World, mind: Mind, town: Town, since: int, day: int, when: float) -> float:
    """Where everybody hears everybody alike: the words of the days from `since` to yesterday, each as good as all on
    average."""
    size, net = WORDS + world.attributes, 0.0
    for firm in range(world.firms):
        now, then = (day * world.firms + firm) * size, (since * world.firms + firm) * size
        words = town.heard[now] - town.heard[then]
        u = luck.luck(who.low, who.high, who.replication, who.customer, who.occasion, luck.TALK, 1 + firm)
        count = poisson(world.reaches * words, u)
        if count > 0:
            praise = (town.heard[now + 1] - town.heard[then + 1]) / words
            net += float(count) * (2.0 * praise - 1.0) if firm == 0 else 0.0
            listen_up(who, person, world, mind, firm, when)
            for k in range(world.attributes):
                level = (town.heard[now + WORDS + k] - town.heard[then + WORDS + k]) / words
                be_told(person, world, mind, who.place * world.firms + firm, k, level, count)
    return net


def hear_friends(who: Who, person: Floats, world: World, mind: Mind, town: Town, since: int, day: int, when: float) -> float:
    """Where people have friends: the last word of each of them before today, if it is news to her."""
    size, net = TOLD_LEVELS + world.attributes, 0.0
    for place in range(town.starts[who.place], town.starts[who.place + 1]):
        word = town.friends[place] * 2 * size
        if town.told[word + TOLD_DAY] >= float(day):
            word += size
        if town.told[word + TOLD_DAY] >= float(since):
            firm = int(town.told[word + TOLD_FIRM])
            net += 2.0 * town.told[word + TOLD_PRAISE] - 1.0 if firm == 0 else 0.0
            listen_up(who, person, world, mind, firm, when)
            for k in range(world.attributes):
                be_told(person, world, mind, who.place * world.firms + firm, k, town.told[word + TOLD_LEVELS + k], 1)
    return net


def listen_up(who: Who, person: Floats, world: World, mind: Mind, firm: int, when: float) -> None:
    """Think of a firm that is spoken of: from now on she starts from what she expects of it today. Not who listens to nothing."""
    at = who.place * world.firms + firm
    if mind.swayed[at] < when and (person[traits.LISTEN_UP] > 0.0 or person[traits.LISTEN_DOWN] > 0.0):
        for k in range(world.attributes):
            mind.expectation[at * world.attributes + k] = recalled(person, world, mind, who.place, firm, k, when)
        mind.swayed[at] = when


def be_told(person: Floats, world: World, mind: Mind, at: int, k: int, level: float, words: int) -> None:
    """Hear `words` words of one level of attribute k: E ← E + ξ±·(told − E) for each of them. Off: ξ = 0."""
    expectation = mind.expectation[at * world.attributes + k]
    for _ in range(words):
        expectation = teach(expectation, level, person[traits.LISTEN_UP], person[traits.LISTEN_DOWN])
    mind.expectation[at * world.attributes + k] = expectation

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

KINDS: Final = 3
BLAME, EVEN, PRAISE = range(KINDS)
"""The kinds of words: of a visit that felt bad, as expected, or good. A day's row of what is said of a firm has for each kind
how many words, then the sums of the levels told, by attribute."""
TOLD_DAY, TOLD_FIRM, TOLD_KIND, TOLD_LEVELS = range(4)
"""A word of somebody's own: the day, the firm, its kind, then the levels by attribute."""


def talks_chance(base: float, good: float, bad: float, value: float) -> float:
    """The chance that she tells of a visit of felt value V: 1 − (1 − base)·e^(−good·V⁺ − bad·V⁻). Off: all 0."""
    strength = good * value if value > 0.0 else -bad * value
    return 1.0 - (1.0 - base) * exp(-strength)


def speaks(who: Who, person: Floats, value: float) -> bool:
    """Whether she tells others of this visit."""
    chance = talks_chance(person[traits.TALK_BASE], person[traits.TALK_GOOD], person[traits.TALK_BAD], value)
    return chance > 0.0 and luck.luck(who.low, who.high, who.replication, who.customer, who.occasion, luck.TALK, 0) < chance


def kind_of(value: float) -> int:
    """What telling of a visit of felt value V is: praise, blame or, where it was as expected, neither."""
    return PRAISE if value > 0.0 else (BLAME if value < 0.0 else EVEN)


def tell(who: Who, world: World, mind: Mind, town: Town, day: int, value: float) -> None:
    """Leave her word where her friends find it from tomorrow on; her word before today's stays for those who come today."""
    size = TOLD_LEVELS + world.attributes
    new = who.place * 2 * size
    if town.told[new + TOLD_DAY] < float(day):
        for number in range(size):
            town.told[new + size + number] = town.told[new + number]
    town.told[new + TOLD_DAY], town.told[new + TOLD_FIRM] = float(day), float(who.firm)
    town.told[new + TOLD_KIND] = float(kind_of(value))
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
    """Where everybody hears everybody alike: so many words of the days from `since` to yesterday, each of a kind by its share
    and as good as all of its kind on average. So praise and blame reach her apart, and do not cancel before she hears them."""
    part, net = 1 + world.attributes, 0.0
    for firm in range(world.firms):
        now, then = (day * world.firms + firm) * KINDS * part, (since * world.firms + firm) * KINDS * part
        words = 0.0
        for kind in range(KINDS):
            words += town.heard[now + kind * part] - town.heard[then + kind * part]
        u = luck.luck(who.low, who.high, who.replication, who.customer, who.occasion, luck.TALK, 1 + firm)
        count = poisson(world.reaches * words, u)
        if count > 0:
            listen_up(who, person, world, mind, firm, when)
        for number in range(count):
            u = luck.luck(who.low, who.high, who.replication, who.customer, who.occasion, luck.WORD, 1024 * firm + number)
            kind = kind_heard(town, now, then, part, u * words)
            one, before = now + kind * part, then + kind * part
            net += float(kind - EVEN) if firm == 0 else 0.0
            for k in range(world.attributes):
                level = (town.heard[one + 1 + k] - town.heard[before + 1 + k]) / (town.heard[one] - town.heard[before])
                be_told(person, world, mind, who.place * world.firms + firm, k, level)
    return net


def kind_heard(town: Town, now: int, then: int, part: int, place: float) -> int:
    """The kind of the word at `place` among all words between two days, which lie by kind."""
    kind, left = BLAME, place
    while kind < PRAISE and left >= town.heard[now + kind * part] - town.heard[then + kind * part]:
        left -= town.heard[now + kind * part] - town.heard[then + kind * part]
        kind += 1
    return kind


def hear_friends(who: Who, person: Floats, world: World, mind: Mind, town: Town, since: int, day: int, when: float) -> float:
    """Where people have friends: the last word of each of them before today, if it is news to her."""
    size, net = TOLD_LEVELS + world.attributes, 0.0
    for place in range(town.starts[who.place], town.starts[who.place + 1]):
        word = town.friends[place] * 2 * size
        if town.told[word + TOLD_DAY] >= float(day):
            word += size
        if town.told[word + TOLD_DAY] >= float(since):
            firm = int(town.told[word + TOLD_FIRM])
            net += town.told[word + TOLD_KIND] - float(EVEN) if firm == 0 else 0.0
            listen_up(who, person, world, mind, firm, when)
            for k in range(world.attributes):
                be_told(person, world, mind, who.place * world.firms + firm, k, town.told[word + TOLD_LEVELS + k])
    return net


def listen_up(who: Who, person: Floats, world: World, mind: Mind, firm: int, when: float) -> None:
    """Think of a firm that is spoken of: from here on what she expects fades anew. Who listens to nothing does not."""
    at = who.place * world.firms + firm
    if mind.swayed[at] < when and (person[traits.LISTEN_UP] > 0.0 or person[traits.LISTEN_DOWN] > 0.0):
        for k in range(world.attributes):
            mind.expectation[at * world.attributes + k] = recalled(person, world, mind, who.place, firm, k, when)
        mind.swayed[at] = when


def be_told(person: Floats, world: World, mind: Mind, at: int, k: int, level: float) -> None:
    """Hear a word on attribute k: E ← E + ξ±·(told − E). Off: ξ = 0."""
    spot = at * world.attributes + k
    mind.expectation[spot] = teach(mind.expectation[spot], level, person[traits.LISTEN_UP], person[traits.LISTEN_DOWN])

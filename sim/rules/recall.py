"""Recall: what she expects of a firm when she thinks of it again, after all that has faded or been refreshed since."""

from sim.rules import traits
from sim.rules.column import Floats
from sim.rules.expect import standard
from sim.rules.follow import MOST, contact_day, refresh
from sim.rules.forget import forget, kept
from sim.rules.world import CONTACT_EVERY, CONTACT_FIRST, CONTACT_SECOND, REFRESHES, Mind, World


def thought_of(world: World, mind: Mind, at: int) -> float:
    """The day since which her expectation of a firm has faded: of her last visit there, or of the last word that moved it."""
    if world.coupled is None or not world.talks:
        return mind.last_day[at]
    return mind.last_day[at] if mind.last_day[at] > mind.swayed[at] else mind.swayed[at]


def still_held(person: Floats, world: World, mind: Mind, at: int, when: float) -> float:
    """The share of the distance between expectation and norm that she still holds on day `when`; all before a first visit."""
    if mind.visits[at] <= 0.0:
        return 1.0
    return kept(person[traits.HALF_LIFE], when - thought_of(world, mind, at))


def recalled(person: Floats, world: World, mind: Mind, place: int, firm: int, k: int, when: float) -> float:
    """What person number `place` expects of attribute k of a firm on day `when`, points, promises aside."""
    at = place * world.firms + firm
    expectation, norm = mind.expectation[at * world.attributes + k], mind.norm[place * world.attributes + k]
    if world.follows_up and mind.contacted[at] > 0.0:
        since, until = thought_of(world, mind, at), when if when < mind.contacted[at] else mind.contacted[at]
        return followed(person, world, expectation, norm, k, (mind.last_day[at], since, until), when)
    return forget(expectation, norm, still_held(person, world, mind, at, when))


def followed(person: Floats, world: World, expectation: float, norm: float, k: int, days: tuple[float, float, float],
             when: float) -> float:
    """Her expectation of attribute k on day `when`, where she was followed up since her last visit.

    Between contacts it fades toward the norm; each contact draws it to the quality of its day. days: of her last visit; on
    which it stood at `expectation`; and before which there were contacts.
    """
    last, since, until = days
    then = since
    for number in range(MOST):
        contact = last + contact_day(number, world.contact[CONTACT_FIRST], world.contact[CONTACT_SECOND],
                                     world.contact[CONTACT_EVERY])
        if contact >= until:
            break
        day = int(contact)
        if contact >= since and world.contact_rollout[day] != 0.0:
            expectation = forget(expectation, norm, kept(person[traits.HALF_LIFE], contact - then))
            expectation = refresh(expectation, world.quality[day * world.attributes + k], world.contact[REFRESHES])
            then = contact
    return forget(expectation, norm, kept(person[traits.HALF_LIFE], when - then))


def reference_of(person: Floats, world: World, mind: Mind, place: int, k: int, when: float) -> float:
    """The standard for attribute k that person number `place` would bring to our firm on day `when`, points.

    What she expects has faded since her last visit, and been refreshed by contacts, as it would have been had she come.
    """
    at, norm = place * world.firms, mind.norm[place * world.attributes + k]
    expectation = recalled(person, world, mind, place, 0, k, when)
    best = mind.peak[at * world.attributes + k] if world.remembers_peak else mind.expectation[at * world.attributes + k]
    return standard(expectation, norm, person[traits.NORM_WEIGHT], best, person[traits.PEAK])

"""A visit, from the first memory of the last one to the decision to come again: the rules in the order they happen.

`visit` reads as the model's definition. It touches nothing but the columns of one person's `Mind`, reads what the
firm does that day in `World`, and looks her luck up. Interpreted by the reference engine, compiled by the fast one.
"""

from sim import luck
from sim.rules import traits
from sim.rules.answer import answer, answers_chance, feeling, kano, ticked
from sim.rules.column import Floats
from sim.rules.decide import chance_against, first_gap, gap, mean_gap, push, surely_stays
from sim.rules.expect import standard
from sim.rules.experience import deviation, perceived
from sim.rules.follow import MOST, contact_day, found_chance
from sim.rules.forget import forget
from sim.rules.give import (
    benefit,
    choose_surprises,
    delivery_noise,
    fee,
    its_own,
    lifted,
    meant,
    status,
    take_surprises,
)
from sim.rules.hear import believe, both_spreads, doubt, exposures, spill, teach
from sim.rules.judge import delight, felt
from sim.rules.learn import gain, learn, remember
from sim.rules.pay import fairness, get_used
from sim.rules.react import complaint_chance, fail, vented
from sim.rules.recall import recalled, reference_of, still_held
from sim.rules.recover import expect_recovery, worth
from sim.rules.wait import lost
from sim.rules.woo import price_of, welcome, woo
from sim.rules.world import (
    A_CONTACT,
    COMPENSATION,
    CONTACT_EVERY,
    CONTACT_FIRST,
    CONTACT_SECOND,
    DEALT_WITH,
    EACH,
    EXTRAS,
    FINDS,
    NEVER,
    PROACTIVE,
    RECOVERY_NUMBERS,
    REMEDY,
    SEEN_NUMBERS,
    WITHIN,
    Felt,
    Lucks,
    Mended,
    Met,
    Mind,
    Next,
    Who,
    World,
)


def listen(who: Who, world: World, firm: int, day: int, first: bool) -> int:
    """A firm's promises that she has in her ear, as bits: running now or, before a first visit, ever run so far."""
    heard = 0
    for p in range(world.promises):
        spot, place = day * world.promises + p, world.promise_place[p]
        share = world.promise_reach[p] * (world.promise_heard[spot] if first else world.promise_rollout[spot])
        if share > 0.0 and its_own(world, world.promise_firm, p, firm):
            index = firm * 64 + place
            if luck.luck(who.low, who.high, who.replication, who.customer, 0, luck.REACH, index) < share:
                heard |= 1 << place
    return heard


def hear_rival(who: Who, person: Floats, world: World, day: int, exposure: int, k: int) -> float:
    """The level of attribute k, points, that one exposure to another firm shows her: a delivery of that day, imprecisely told.

    At our firm she hears of rivals; at a rival, of the other rivals and of ours.
    """
    u = luck.luck(who.low, who.high, who.replication, who.customer, who.occasion, luck.HEARSAY, exposure)
    rival = int(u * world.rivals)
    if world.choosing is not None and rival < who.firm:
        rival -= 1  # firms before hers, ours the first of them: −1
    if world.choosing is not None and rival < 0:
        seen, noise = world.quality[day * world.attributes + k], world.noise[day * world.attributes + k]
    else:
        seen = world.rival_quality[(day * world.rivals + rival) * world.attributes + k]
        noise = world.rival_noise[(day * world.rivals + rival) * world.attributes + k]
    sd = both_spreads(noise, person[traits.HEARS_NOISE])
    if sd > 0.0:
        index = exposure * world.attributes + k
        u = luck.luck(who.low, who.high, who.replication, who.customer, who.occasion, luck.HEARD_LEVEL, index)
        seen += deviation(sd, u)
    return seen


def hear_rivals(who: Who, person: Floats, world: World, day: int, heard: int, k: int, norm: float,
                expectation: float) -> tuple[float, float]:
    """After `heard` exposures: her norm for attribute k, and by how much they pull at her expectation, points."""
    pulled = expectation
    for exposure in range(heard):
        seen = hear_rival(who, person, world, day, exposure, k)
        norm = teach(norm, seen, person[traits.NORM_UP], person[traits.NORM_DOWN])
        pulled += spill(pulled, seen, person[traits.SPILLOVER], person[traits.UPWARD_ONLY])
    return norm, pulled - expectation


def promised(world: World, firm: int, promises: int, p: int, k: int) -> bool:
    """Whether promise p is the firm's, in her ear, and speaks of attribute k; `promises`: those in her ear, as bits."""
    said = its_own(world, world.promise_firm, p, firm) and (promises >> world.promise_place[p] & 1) == 1
    return said and (world.promise_attribute[p] < 0 or world.promise_attribute[p] == k)


def look_up(who: Who, world: World) -> Lucks:
    """Her luck at this occasion; what nothing asks for is not looked up."""
    noise, surprise = 0.5, 1.0
    if world.surprises > 0 or world.noisy:
        noise, surprise = luck.pair(who.low, who.high, who.replication, who.customer, who.occasion, luck.SERVICE, 0)
    leave, gap, complain, hear = luck.four(who.low, who.high, who.replication, who.customer, who.occasion, luck.CHOICES)
    return Lucks(leave, gap, complain, hear, noise, surprise)


def visit(who: Who, person: Floats, lucks: Lucks, day: int, when: float, wait: float, world: World, mind: Mind) -> Felt:
    """One visit of one person at one firm: forget, hear, expect, experience, judge, react, learn.

    `person`: her traits by position. `lucks`: from `look_up`. `day`: whole day, `when`: days since the start. `wait`: minutes
    she waited. Changes her columns of `mind` and returns what the visit was; deciding is apart. Each firm makes its own moves.
    """
    at, whole, ours = who.place * world.firms + who.firm, world.whole is not None, world.choosing is None or who.firm == 0
    holds = still_held(person, world, mind, at, when)
    since = when - (mind.last_day[at] if world.choosing is None else last_anywhere(who, world, mind))
    heard = exposures(person[traits.HEARS_EVERY], since, person[traits.HEARS_CHANCE], lucks.hear) if world.rivals > 0 else 0
    came = choose_surprises(who, world, mind, day, at, lucks.surprise)
    promises = listen(who, world, who.firm, day, mind.visits[at] == 0.0)
    tier = status(who, world, mind, day) if whole and ours and world.tiers > 0 else 0
    broken = False
    expected, normal, compared, experienced, satisfaction, value = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for k in range(world.attributes):
        spot, norm_spot, weight = at * world.attributes + k, who.place * world.attributes + k, world.weights[k]
        expectation = forget(mind.expectation[spot], mind.norm[norm_spot], holds)
        if whole and world.follows_up and mind.contacted[at] > 0.0:
            expectation = recalled(person, world, mind, who.place, who.firm, k, when)
        # Hearsay pulls at the expectation when she learns, so that rivals and this visit act on it at once.
        norm, pull = hear_rivals(who, person, world, day, heard, k, mind.norm[norm_spot], expectation)
        unpromised = expectation
        for p in range(world.promises):
            if promised(world, who.firm, promises, p, k):
                expectation = believe(expectation, world.promise_level[p], mind.trust[at])
        best = mind.peak[spot] if world.remembers_peak else expectation
        reference = standard(expectation, norm, person[traits.NORM_WEIGHT], best, person[traits.PEAK])

        lift, teaches = lifted(who, person, world, mind, came, k)
        quality = delivered(who, world, day, k)
        if whole and ours:
            quality += person[traits.SERVED] + benefit(world, tier, k) + welcome(world, mind, who.place)
        given = quality + lift + delivery_noise(who, world, day, k, lucks.noise) - waited_away(person, world, wait, k)
        experience = perceived(given, reference, person[traits.ASSIMILATION])

        shortfall_or_gain = experience - reference
        expected += weight * expectation
        normal += weight * norm
        compared += weight * reference
        experienced += weight * experience
        satisfaction += weight * shortfall_or_gain
        value += weight * felt(shortfall_or_gain, person[traits.TOLERANCE], person[traits.CURVATURE],
                               person[traits.LOSS_AVERSION])
        for p in range(world.promises):
            broken = broken or (promised(world, who.firm, promises, p, k) and experience < world.promise_level[p])

        moves = gain(person[traits.LEARN_UP], person[traits.LEARN_DOWN], person[traits.BAYESIAN], mind.visits[at],
                     experience > expectation)
        mind.expectation[spot] = learn(expectation, experience, moves, teaches) + pull
        mind.norm[norm_spot] = norm if world.choosing is None else taught(person, norm, experience)
        if whole and ours and world.tracks:
            expects = standard(unpromised, norm, person[traits.NORM_WEIGHT], best, person[traits.PEAK])
            see(mind, world, day, k, expects, reference, given, experience)
        keep_for_telling(world, mind, k, experience)
        if world.remembers_peak and experience > mind.peak[spot]:
            mind.peak[spot] = experience

    met = Met(expected, normal, compared, experienced, satisfaction, value)
    return react(who, person, lucks, day, when, world, mind, came, tier, broken, met)


def react(who: Who, person: Floats, lucks: Lucks, day: int, when: float, world: World, mind: Mind, came: int, tier: int,
          broken: bool, met: Met) -> Felt:
    """What follows from what she met: she is delighted, speaks up or not, is made good to or not, and remembers the visit.

    `came`: this visit's surprises, as bits. `tier`: her status. `broken`: whether a promise was.
    """
    at, whole, satisfaction = who.place * world.firms + who.firm, world.whole is not None, met.satisfaction
    ours = world.choosing is None or who.firm == 0
    before = mind.last_satisfaction[at]
    value = met.felt + delight(satisfaction, person[traits.DELIGHT_THRESHOLD], person[traits.DELIGHT_BONUS])
    complained = 1.0 if lucks.complain < complaint_chance(satisfaction, person[traits.COMPLAINING],
                                                          person[traits.COMPLAINING_BASE]) else 0.0
    cost = take_surprises(who, person, world, mind, came)
    recovered, weighs, soothed = 0.0, value, 0.0
    if whole:
        if world.weighs_price:
            value += paid(who, person, world, mind, day)
        mended = make_good(who, person, world, mind, day, satisfaction, complained)
        complained, recovered, soothed = mended.complained, mended.recovered, mended.felt
        cost += mended.cost + fee(who, world, mind, tier)
        weighs = (vented(value, person[traits.VENTS]) if complained > 0.0 else value) + soothed
        value += soothed
        remember_failure(person, world, mind, at, satisfaction)
    if broken:
        mind.trust[at] = doubt(mind.trust[at], person[traits.TRUST_FALLS])
    mind.goodwill[at] = remember(mind.goodwill[at], weighs, person[traits.GOODWILL_MEMORY])
    mind.last_satisfaction[at] = satisfaction
    mind.last_day[at] = when
    mind.visits[at] += 1.0
    answered, ticks, stated = 1.0, answer(met.experience, satisfaction + soothed, person[traits.SURVEY_GAP]), 0.0
    if whole and ours and world.surveys:
        answered, ticks, stated = survey(who, person, ticks, met.expectation, value)
    regained = mind.wooed[who.place] if whole and ours and world.woos else 0.0
    return Felt(met.expectation, met.norm, met.standard, met.experience, satisfaction, value, 1.0 if came else 0.0, complained,
                recovered, answered, ticks, stated, cost, before, regained)


def paid(who: Who, person: Floats, world: World, mind: Mind, day: int) -> float:
    """What today's price of the firm she visits is worth to her, points; she gets used to it. It is no part of satisfaction."""
    at, price = who.place * world.firms + who.firm, world.price[day * (1 + world.rivals) + who.firm]
    value = fairness(price, mind.fair[at], person[traits.FAIRNESS], person[traits.CURVATURE], person[traits.LOSS_AVERSION])
    mind.fair[at] = get_used(mind.fair[at], price, person[traits.FAIRNESS_LEARNING])
    return value


def delivered(who: Who, world: World, day: int, k: int) -> float:
    """The quality of attribute k that the firm she visits delivers today, points."""
    if world.choosing is not None and who.firm > 0:
        return world.rival_quality[(day * world.rivals + who.firm - 1) * world.attributes + k]
    return world.quality[day * world.attributes + k]


def keep_for_telling(world: World, mind: Mind, k: int, experience: float) -> None:
    """Keep what she experienced of attribute k, points, for telling others, where people talk."""
    if world.coupled is not None and world.talks:
        mind.met[k] = experience


def waited_away(person: Floats, world: World, wait: float, k: int) -> float:
    """What so many minutes of waiting take from attribute k, points; nothing where nobody waits."""
    if world.coupled is None or not world.queues:
        return 0.0
    return world.waits[k] * lost(wait, person[traits.WAITING], person[traits.WAITING_MOST])


def taught(person: Floats, norm: float, experience: float) -> float:
    """Her norm after a visit to any firm, points; who does not choose among firms learns it by hearsay alone."""
    return teach(norm, experience, person[traits.NORM_UP], person[traits.NORM_DOWN]) if person[traits.CHOOSES] > 0.0 else norm


def last_anywhere(who: Who, world: World, mind: Mind) -> float:
    """The day of her last visit to any firm, days since the start; 0 before the first one."""
    last = 0.0
    for firm in range(world.firms):
        day = mind.last_day[who.place * world.firms + firm]
        last = day if day > last else last
    return last


def remember_failure(person: Floats, world: World, mind: Mind, at: int, satisfaction: float) -> None:
    """Remember whether this visit was a failure, where failures are remembered."""
    if world.remembers_failures:
        mind.failures[at] = fail(mind.failures[at], person[traits.FAILURE_MEMORY], satisfaction < -person[traits.FAILS_BEYOND])


def see(mind: Mind, world: World, day: int, k: int, expected: float, reference: float, given: float, experience: float) -> None:
    """Leave the levels of attribute k for the table by attribute: each of the five gaps is a difference of two neighbours."""
    spot, today = k * SEEN_NUMBERS, day * world.attributes + k
    mind.seen[spot] = expected
    mind.seen[spot + 1] = reference
    mind.seen[spot + 2] = world.believed[today]
    mind.seen[spot + 3] = world.designed[today]
    mind.seen[spot + 4] = given
    mind.seen[spot + 5] = experience


def recovery_for(who: Who, world: World, day: int, number: float, last: float, goodwill: float) -> int:
    """The firm's first recovery that is meant for her after visit `number`, as its position; −1 where there is none.

    last: her satisfaction at the visit *before* it.
    """
    for r in range(world.recoveries):
        on = world.recovery_rollout[day * world.recoveries + r] > 0.0 and its_own(world, world.recovery_firm, r, who.firm)
        if on and meant(who, world, world.surprises + r, day, number, last, goodwill):
            return r
    return -1


def receive(who: Who, person: Floats, world: World, mind: Mind, recovery: int) -> Mended:
    """What a recovery (−1: that nobody came) is worth to her against the one she expected, and what she learns to expect."""
    at = who.place * world.firms + who.firm
    received, cost = 0.0, 0.0
    if recovery >= 0:
        spot = recovery * RECOVERY_NUMBERS
        received = worth(world.recovery[spot + REMEDY], world.recovery[spot + WITHIN], person[traits.PATIENCE],
                         world.recovery[spot + EXTRAS], world.recovery[spot + COMPENSATION], person[traits.WORTH])
        cost = world.recovery[spot + EACH] + world.recovery[spot + COMPENSATION]
        mind.given[who.place * world.gifts + world.surprises + recovery] += 1.0
    value = person[traits.RECOVERY_WEIGHT] * felt(received - mind.recovery[at], person[traits.TOLERANCE],
                                                  person[traits.CURVATURE], person[traits.LOSS_AVERSION])
    mind.recovery[at] = expect_recovery(mind.recovery[at], received, person[traits.RECOVERY_LEARNING])
    return Mended(1.0, 1.0 if recovery >= 0 else 0.0, value, cost)


def make_good(who: Who, person: Floats, world: World, mind: Mind, day: int, satisfaction: float, complained: float) -> Mended:
    """What a firm makes of a visit that went wrong: mend it before she complains, deal with her complaint, or neither."""
    at = who.place * world.firms + who.firm
    failed = satisfaction < -person[traits.FAILS_BEYOND]
    if not world.recovers or (not failed and complained == 0.0):
        return Mended(complained, 0.0, 0.0, 0.0)
    recovery = recovery_for(who, world, day, mind.visits[at] + 1.0, mind.last_satisfaction[at], mind.goodwill[at])
    before, after = luck.pair(who.low, who.high, who.replication, who.customer, who.occasion, luck.RECOVERY, 0)
    rollout = world.recovery_rollout[day * world.recoveries + recovery] if recovery >= 0 else 0.0
    if recovery >= 0 and failed and before < rollout * world.recovery[recovery * RECOVERY_NUMBERS + PROACTIVE]:
        mended = receive(who, person, world, mind, recovery)
        return Mended(0.0, mended.recovered, mended.felt, mended.cost)
    if complained == 0.0:
        return Mended(0.0, 0.0, 0.0, 0.0)
    dealt = recovery >= 0 and after < rollout * world.recovery[recovery * RECOVERY_NUMBERS + DEALT_WITH]
    return receive(who, person, world, mind, recovery if dealt else -1)


def survey(who: Who, person: Floats, means: float, expected: float, value: float) -> tuple[float, float, float]:
    """Whether she answers (0 or 1), and what she ticks on satisfaction and on expectation, 0 to 10."""
    whether, satisfaction = luck.pair(who.low, who.high, who.replication, who.customer, who.occasion, luck.SURVEY, 0)
    expectation = luck.luck(who.low, who.high, who.replication, who.customer, who.occasion, luck.SURVEY, 2)
    answered = whether < answers_chance(person[traits.ANSWERS], person[traits.EXTREMES], value)
    return (1.0 if answered else 0.0, ticked(means, person[traits.SURVEY_NOISE], satisfaction),
            ticked(expected / 10.0, person[traits.SURVEY_NOISE], expectation))


def leaves(person: Floats, goodwill: float, visits: float, failures: float, u: float) -> bool:
    """Whether she leaves the firm after this visit: u, her luck, is below the chance of it."""
    base = person[traits.LEAVING_BASE]
    against = push(person[traits.LEAVING_GOODWILL], goodwill, person[traits.LEAVING_TENURE], visits,
                   person[traits.LEAVING_FAILURES], failures)
    # Most luck says no without an exponential, and the answer is the same.
    return not surely_stays(u, base, against) and u < chance_against(base, against)


def expected_gap(person: Floats, goodwill: float) -> float:
    """Days between her visits on average, at this goodwill."""
    return mean_gap(person[traits.EVERY], person[traits.EVERY_GOODWILL], goodwill, person[traits.SHORTEST],
                    person[traits.LONGEST])


def comes_again(person: Floats, goodwill: float, u: float) -> float:
    """Days until she comes again."""
    return gap(expected_gap(person, goodwill), person[traits.RANDOM], u)


def first_visit(person: Floats, goodwill: float, phase: float) -> float:
    """The day of her very first visit; `phase` is her luck for it."""
    return first_gap(expected_gap(person, goodwill), person[traits.RANDOM], phase)


def returns_after(who: Who, person: Floats) -> float:
    """Days until somebody who has just left comes back, `NEVER` if she does not."""
    if person[traits.RETURN_SHARE] <= 0.0:
        return NEVER
    whether, when = luck.pair(who.low, who.high, who.replication, who.customer, who.occasion, luck.RETURN, 0)
    return gap(person[traits.RETURN_AFTER], 1.0, when) if whether < person[traits.RETURN_SHARE] else NEVER


def contacts(world: World, when: float, since: float, until: float) -> int:
    """How often she is contacted, after her visit on day `when`, from day `since` to before day `until`, within the time of the
    market."""
    count = 0
    for number in range(MOST):
        day = when + contact_day(number, world.contact[CONTACT_FIRST], world.contact[CONTACT_SECOND],
                                 world.contact[CONTACT_EVERY])
        if day >= until or int(day) >= world.days:
            break
        count += 1 if day >= since and world.contact_rollout[int(day)] != 0.0 else 0
    return count


def stay_in_touch(world: World, mind: Mind, place: int, day: int, until: float) -> float:
    """Book contacts of person number `place` up to her next occasion, on day `until`, where she is followed up; what they cost.

    We do not know that she goes elsewhere, or nowhere, on this day, and go on until she comes again. Money that is spent (a
    roll-out of −1) books nothing more.
    """
    at, gift = place * world.firms, place * world.gifts + world.surprises + world.recoveries
    since = mind.contacted[at]
    if since <= 0.0 or since >= until or world.contact_rollout[day] < 0.0:
        return 0.0
    made = contacts(world, mind.last_day[at], since, until)
    mind.contacted[at] = until
    mind.given[gift] += made
    return made * world.contact[A_CONTACT]


def follow_up(who: Who, person: Floats, lucks: Lucks, when: float, world: World, mind: Mind, felt: Felt) -> Mended:
    """Contacts after a visit, before she decides: one may bring out a disappointment that she has not voiced.

    What she has said is then treated like a complaint: it vents, and is dealt with or not; what that is worth to her joins the
    felt value of the visit. Contacts are counted as far as the next occasion that her goodwill has in store before that.
    """
    at, day = who.place * world.firms + who.firm, int(when)
    nothing = Mended(0.0, 0.0, 0.0, 0.0)
    mind.contacted[at] = 0.0
    whether, u = luck.pair(who.low, who.high, who.replication, who.customer, who.occasion, luck.CONTACT, 0)
    number, goodwill = mind.visits[at], mind.goodwill[at]
    aim = world.surprises + world.recoveries
    if not whether < world.contact_rollout[day] or not meant(who, world, aim, day, number, felt.satisfaction, goodwill):
        return nothing
    mind.contacted[at] = when + comes_again(person, mind.goodwill[at], lucks.gap)
    made = contacts(world, when, when, mind.contacted[at])
    cost = made * world.contact[A_CONTACT]
    mind.given[who.place * world.gifts + world.surprises + world.recoveries] += float(made)
    unsaid = felt.satisfaction < 0.0 and felt.complained == 0.0 and felt.recovered == 0.0
    if not unsaid or not u < found_chance(world.contact[FINDS], made):
        return Mended(0.0, 0.0, 0.0, cost)
    mended = nothing
    if world.recovers:
        recovery = recovery_for(who, world, day, number, felt.before, goodwill)
        luck_of = luck.luck(who.low, who.high, who.replication, who.customer, who.occasion, luck.RECOVERY, 1)
        dealt = recovery >= 0 and luck_of < (world.recovery_rollout[day * world.recoveries + recovery]
                                             * world.recovery[recovery * RECOVERY_NUMBERS + DEALT_WITH])
        mended = receive(who, person, world, mind, recovery if dealt else -1)
    lighter = vented(felt.felt, person[traits.VENTS]) - felt.felt
    mind.goodwill[at] += person[traits.GOODWILL_MEMORY] * (lighter + mended.felt)
    return Mended(1.0, mended.recovered, mended.felt, cost + mended.cost)


def next_visit(who: Who, person: Floats, lucks: Lucks, when: float, world: World, mind: Mind, felt: Felt) -> Next:
    """After a visit: what following up finds, whether she leaves, and the day of her next visit."""
    at, ours = who.place * world.firms + who.firm, world.choosing is None or who.firm == 0
    found, failures = Mended(0.0, 0.0, 0.0, 0.0), 0.0
    if world.whole is not None:
        if world.follows_up and ours:
            found = follow_up(who, person, lucks, when, world, mind, felt)
        failures = mind.failures[at] if world.remembers_failures else 0.0
    left = leaves(person, mind.goodwill[at], mind.visits[at], failures, lucks.leave)
    day = when + (returns_after(who, person) if left else comes_again(person, mind.goodwill[at], lucks.gap))
    cost = found.cost
    if world.whole is not None and world.follows_up:
        if left:
            mind.contacted[who.place * world.firms] = 0.0
        cost += stay_in_touch(world, mind, who.place, int(when), day)
    if world.whole is not None and world.woos and ours:
        day = woo(who, person, world, mind, when, felt.satisfaction, left, day)
        cost += price_of(world, mind, who.place)
    return Next(left, day, found.complained, found.recovered, found.felt, cost)


def classify(person: Floats, world: World, mind: Mind, place: int, k: int, when: float) -> int:
    """The Kano class of attribute k by what she would feel on day `when` where it is present and where it is absent."""
    reference = reference_of(person, world, mind, place, k, when)
    absent = world.weights[k] * felt(world.asked[2 * k] - reference, person[traits.TOLERANCE], person[traits.CURVATURE],
                                     person[traits.LOSS_AVERSION])
    present = world.weights[k] * felt(world.asked[2 * k + 1] - reference, person[traits.TOLERANCE], person[traits.CURVATURE],
                                      person[traits.LOSS_AVERSION])
    return kano(feeling(present, person[traits.FEELS]), feeling(absent, person[traits.FEELS]))

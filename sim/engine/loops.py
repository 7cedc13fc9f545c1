"""The loops over people: who is served when, and what is written down of it. Compiled by the kernel, a form at a time.

Plain functions that touch columns alone, as rules do. Which branches a form keeps is for the kernel to say (`special`).
"""

from __future__ import annotations

from math import inf

from sim.engine.columns import AWAY, CUSTOMER, ELSEWHERE, NOBODYS, Life
from sim.engine.queue import admit, before, enter, leave
from sim.engine.tally import (
    Ruler,
    Tally,
    close,
    close_answers,
    count_answer,
    count_arrival,
    count_contacts,
    count_elsewhere,
    count_joined,
    count_marks,
    count_standards,
    count_visit,
    count_wait,
    count_word,
)
from sim.rules.choose import choose, next_occasion
from sim.rules.column import Floats, Integers
from sim.rules.join import joins
from sim.rules.talk import hear_talk, speaks, tell
from sim.rules.visit import first_visit, look_up, next_visit, stay_in_touch, visit
from sim.rules.wait import not_before, on_tick, waited, waits_at, work
from sim.rules.world import Felt, Mind, Next, Town, Who, World


def who_she_is(i: int, segment: Integers, fixed: Floats, differing: Integers, drawn: Floats, person: Floats) -> None:
    """Fill in the traits of person number i."""
    count, all_traits = len(segment), len(person)
    start = segment[i] * all_traits
    for trait in range(all_traits):
        person[trait] = fixed[start + trait]
    for row in range(len(differing)):
        person[differing[row]] = drawn[row * count + i]


def arrive(who: Who, person: Floats, when: float, gap: float, net: float, world: World, ruler: Ruler, mind: Mind, life: Life,
            tally: Tally) -> int:
    """Where a person goes at this occasion, 0 being ours; −1 if nowhere, and then `gap` is her luck for the next one."""
    i, day = who.place, int(when)
    if world.choosing is not None:
        firm = choose(who, person, world, mind, when, life.last[i])
        if firm < 0:
            life.next_day[i] = next_occasion(who, person, world, mind, when, life.last[i], gap)
            if world.whole is not None and world.follows_up:
                count_contacts(tally, ruler, day, stay_in_touch(world, mind, i, day, life.next_day[i]))
            return firm
        been = mind.visits[i * world.firms + firm] > 0.0
        count_arrival(tally, world, day, firm, life.last[i], life.standing[i] == AWAY, been)
        life.last[i], life.standing[i] = firm, CUSTOMER if firm == 0 else ELSEWHERE
        return firm
    hesitates = world.whole is not None and world.joins and life.standing[i] == NOBODYS
    if hesitates and not joins(who, person, world, mind, when, net):
        life.next_day[i] = next_occasion(who, person, world, mind, when, 0, gap)
        return -1
    if life.standing[i] != CUSTOMER:
        count_joined(tally, day, life.standing[i] == NOBODYS)
        life.standing[i] = CUSTOMER
    return 0


def visited(who: Who, felt: Felt, after: Next, when: float, world: World, ruler: Ruler, mind: Mind, life: Life, tally: Tally
             ) -> None:
    """Write down a visit that a person made, and what follows from it."""
    i, day = who.place, int(when)
    life.next_day[i] = after.day
    if world.choosing is not None and who.firm > 0:
        count_elsewhere(tally, ruler, world, who.firm, day, felt, after)
    else:
        if felt.complained + after.found > 0.0:
            life.complained[i] = 1
        count_visit(tally, ruler, world, mind, who.segment, i * world.firms, day, felt, after,
                    after.left and life.complained[i] == 0)
        if world.whole is not None and world.surveys:
            count_answer(tally, ruler, life.answer, life.stated, i, felt)
        life.satisfaction[i] += felt.satisfaction
        life.felt[i] += felt.felt + after.felt
    if after.left:
        life.standing[i] = AWAY
        life.left_day[i] = when


def serve(low: int, high: int, replication: int, first: int, until: float, segment: Integers, phase: Floats, fixed: Floats,
           differing: Integers, drawn: Floats, person: Floats, world: World, ruler: Ruler, mind: Mind, life: Life,
           tally: Tally) -> None:
    for i in range(len(segment)):
        who_she_is(i, segment, fixed, differing, drawn, person)
        if life.occasion[i] == 0 and life.next_day[i] < 0.0:
            life.next_day[i] = first_visit(person, mind.goodwill[i * world.firms], phase[i])
        while life.next_day[i] < until:
            when = life.next_day[i]
            life.mark[i] = count_marks(tally, ruler, life.mark[i], when, person, mind, i, world, life.standing[i] == CUSTOMER)
            life.occasion[i] += 1
            who = Who(low, high, replication, first + i, life.occasion[i], segment[i], i, 0)
            lucks = look_up(who, world)
            firm = arrive(who, person, when, lucks.gap, 0.0, world, ruler, mind, life, tally)
            if firm < 0:
                continue
            if world.choosing is not None:
                who = Who(low, high, replication, first + i, life.occasion[i], segment[i], i, firm)
            felt = visit(who, person, lucks, int(when), when, 0.0, world, mind)
            after = next_visit(who, person, lucks, when, world, mind, felt)
            visited(who, felt, after, when, world, ruler, mind, life, tally)


def turn(who: Who, person: Floats, world: World, ruler: Ruler, mind: Mind, life: Life, tally: Tally, town: Town) -> None:
    """One person's turn where people are coupled: she comes, or has waited and is served."""
    i, now = who.place, life.next_day[who.place]
    when, firm = now, 0
    lucks = look_up(who, world)
    if world.queues and life.came[i] >= 0.0:
        when, firm = life.came[i], life.chosen[i]
        life.came[i] = -1.0
    else:
        life.mark[i] = count_marks(tally, ruler, life.mark[i], when, person, mind, i, world, life.standing[i] == CUSTOMER)
        net = hear_talk(who, person, world, mind, town, int(when), when) if world.talks else 0.0
        firm = arrive(who, person, when, lucks.gap, net, world, ruler, mind, life, tally)
        if firm < 0:
            life.next_day[i] = on_tick(life.next_day[i])
            return
    who = Who(who.low, who.high, who.replication, who.customer, who.occasion, who.segment, i, firm)
    hours = 0.0
    if waits_at(world, firm):
        if now == when:
            start = admit(world, town, firm, when, work(who, world))
            if start > when:
                life.came[i], life.chosen[i], life.next_day[i] = when, firm, start
                return
        hours = waited(world, firm, when, now)
        count_wait(tally, world, firm, int(when), hours)
    felt = visit(who, person, lucks, int(when), when, 60.0 * hours, world, mind)
    if world.talks and speaks(who, person, felt.felt):
        count_word(tally, ruler, world, mind, firm, int(now), felt.felt)
        if not world.mixed:
            tell(who, world, mind, town, int(now), felt.felt)
    after = next_visit(who, person, lucks, when, world, mind, felt)
    visited(who, felt, after, when, world, ruler, mind, life, tally)
    life.next_day[i] = not_before(after.day, now)


def wake(segment: Integers, phase: Floats, fixed: Floats, differing: Integers, drawn: Floats, person: Floats, world: World,
          mind: Mind, life: Life) -> None:
    for i in range(len(segment)):
        who_she_is(i, segment, fixed, differing, drawn, person)
        life.next_day[i] = on_tick(first_visit(person, mind.goodwill[i * world.firms], phase[i]))


def serve_town(low: int, high: int, replication: int, until: float, segment: Integers, fixed: Floats, differing: Integers,
                drawn: Floats, person: Floats, places: Integers, line: Integers, world: World, ruler: Ruler, mind: Mind,
                life: Life, tally: Tally, town: Town) -> None:
    # Those of `places` in their order, and whoever has another turn before `until` in between, by time.
    taken, count = 0, 0
    while taken < len(places) or count > 0:
        if count > 0 and (taken == len(places) or before(life.next_day, line[0], places[taken])):
            i = line[0]
            count = leave(line, count, life.next_day)
        else:
            i = places[taken]
            taken += 1
        who_she_is(i, segment, fixed, differing, drawn, person)
        life.occasion[i] += 0 if world.queues and life.came[i] >= 0.0 else 1
        who = Who(low, high, replication, i, life.occasion[i], segment[i], i, 0)
        turn(who, person, world, ruler, mind, life, tally, town)
        if life.next_day[i] < until:
            count = enter(line, count, life.next_day, i)


def survey(segment: Integers, fixed: Floats, differing: Integers, drawn: Floats, person: Floats, world: World, ruler: Ruler,
            mind: Mind, life: Life, when: float, sums: Floats) -> None:
    for i in range(len(segment)):
        if life.standing[i] == CUSTOMER:
            who_she_is(i, segment, fixed, differing, drawn, person)
            count_standards(sums, ruler, person, mind, i, world, when)


def finish(segment: Integers, fixed: Floats, differing: Integers, drawn: Floats, prospect: Integers, person: Floats,
           world: World, ruler: Ruler, mind: Mind, life: Life, tally: Tally) -> None:
    for i in range(len(segment)):
        who_she_is(i, segment, fixed, differing, drawn, person)
        stays = life.standing[i] == CUSTOMER
        count_marks(tally, ruler, life.mark[i], inf, person, mind, i, world, stays)
        close(tally, ruler, world, mind, i, world.choosing is None and not prospect[i], stays, life.complained[i] > 0)
        if world.whole is not None and world.surveys:
            close_answers(tally, ruler, life.answer[i], life.stated[i])

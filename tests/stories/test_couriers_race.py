"""A race of promptness between two couriers: it pays to begin, both pay, and what is fast for both is expected of both."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sim.engine.records import Run
from sim.experiments.compare import Comparison
from sim.experiments.findings import findings
from sim.experiments.game import Game
from sim.experiments.statistics import Estimate
from sim.story.load import load
from sim.story.resolve import resolve
from tests.stories.conftest import SCENARIOS, Floats

Tell, Play, Sure = Callable[..., Comparison], Callable[..., Game], Callable[[Floats], Estimate]
RACE, THEIRS = "couriers-race", "across town"
STILL, FASTER, DEARER, PROMISE = "as they are", "one more courier", "one more and dearer", "promise no waiting"
NOBODY_LEARNS = "psyche.learning=0", "psyche.norm.learns=0"


def late(run: Run, firm: str, column: str) -> Floats:
    """(replications,) the mean of a column over the visits to a firm in the last quarter of the time."""
    days = run.by_day
    here = (days["firm"] == firm) & (days["day"] >= 0.75 * run.market.horizon) & (days["visits"] > 0)
    visits, count = days["visits"][here].astype(float), run.market.replications
    values = np.nan_to_num(days[column][here])  # the wait of somebody who comes, and is served, at a midnight
    return (np.bincount(days["replication"][here], visits * values, count)
            / np.bincount(days["replication"][here], visits, count))


def test_it_pays_to_begin_and_more_so_if_dearer(tell: Tell) -> None:
    story = tell(RACE)
    assert story.difference(FASTER, STILL, "share").low > 0.04
    assert story.difference(FASTER, STILL, "profit").low > 1
    assert story.difference(DEARER, FASTER, "profit").low > 5


def test_a_promise_nobody_keeps_wins_nearly_as_much_and_disappoints(tell: Tell) -> None:
    story = tell(RACE)
    assert story.difference(PROMISE, STILL, "profit").low > 1
    assert story.difference(PROMISE, STILL, "satisfaction").high < -1
    assert story.difference(PROMISE, FASTER, "lasting").high < -0.5


def test_both_race_and_both_earn_less_than_if_neither_had_begun(game: Play, sure: Sure) -> None:
    found = game(RACE)
    names = [one.name for one in found.market.strategies]
    still, faster, dearer = (names.index(name) for name in (STILL, FASTER, DEARER))
    for firm in (0, 1):
        quiet = found.each[firm, still, still]
        assert sure(found.each[firm, dearer, dearer] - quiet).high < 0
        assert sure(found.each[firm, faster, faster] - 0.95 * quiet).high < 0
        alone = found.each[firm, still, faster] if firm == 0 else found.each[firm, faster, still]
        assert sure(alone - found.each[firm, faster, faster]).high < 0, "it would go back alone"
    assert [(one.ours, one.theirs) for one in found.pure] == [(DEARER, DEARER)]
    assert found.pure[0].share > 0.7
    assert found.verdict.kind != "dilemma"
    assert found.reply("ours", FASTER).best[0] == PROMISE


def test_what_both_deliver_is_expected_of_both(tell: Tell, sure: Sure) -> None:
    """Of what the service gains where both race, the last quarter of the time keeps little in satisfaction."""
    race = [f'firms."{THEIRS}".plays={FASTER}']
    both, neither = tell(RACE, *race).runs[FASTER], tell(RACE).runs[STILL]
    for firm in ("ours", THEIRS):
        service, pleased, expected = (sure(late(both, firm, column) - late(neither, firm, column))
                                      for column in ("experience", "satisfaction", "expectation"))
        assert service.low > 1.5
        assert expected.low > 1.5
        assert 0 < pleased.mean < 0.25 * service.mean
    assert sure(both.outcomes["share"] - neither.outcomes["share"]).low < 0 < sure(
        both.outcomes["share"] - neither.outcomes["share"]).high


def test_who_stands_still_waits_less_and_gets_used_to_it(tell: Tell, sure: Sure) -> None:
    """Its customers, fewer of them, wait half as long; the standard has risen by most of what that is worth."""
    story = tell(RACE)
    here, before = (story.runs[name] for name in (FASTER, STILL))
    assert sure(late(here, THEIRS, "wait") - 0.6 * late(before, THEIRS, "wait")).high < 0
    service, pleased, norm = (sure(late(here, THEIRS, column) - late(before, THEIRS, column))
                              for column in ("experience", "satisfaction", "norm"))
    assert service.low > 0.8
    assert norm.low > 0.8
    assert pleased.high < 0.5 * service.mean
    assert sure(here.by_firm["share"][here.by_firm["firm"] == THEIRS]
                - before.by_firm["share"][before.by_firm["firm"] == THEIRS]).high < -0.04


def test_where_nobody_learns_the_faster_courier_keeps_them_pleased(tell: Tell) -> None:
    kept, faded = (tell(RACE, *more).difference(FASTER, STILL, "lasting") for more in (NOBODY_LEARNS, ()))
    assert kept.low > 1.5
    assert faded.high < 0.5


def test_riders_only_cost_where_nobody_minds_waiting(tell: Tell) -> None:
    story = tell(RACE, "psyche.waiting=0")
    assert story.difference(FASTER, STILL, "profit").high < -20
    assert abs(story.difference(FASTER, STILL, "share").mean) < 1e-3


def test_dearer_riders_do_not_pay_at_the_old_price(tell: Tell) -> None:
    story = tell(RACE, 'strategies."one more courier".0.staffing.running=120 per day')
    assert story.difference(FASTER, STILL, "profit").high < 0


@pytest.mark.long
def test_nobody_races_where_nobody_goes_by_what_is_expected_or_felt(game: Play) -> None:
    found = game(RACE, "psyche.choosing.value=0", "psyche.choosing.goodwill=0")
    assert found.verdict.kind == "no dilemma"
    assert [(one.ours, one.theirs, one.decided) for one in found.pure] == [(STILL, STILL, True)]


def test_what_the_story_expects_comes_out_but_for_two_claims(tell: Tell) -> None:
    found = findings(tell(RACE), load(SCENARIOS / f"{RACE}.yaml").expected)
    assert [one.result for one in found] == ["holds"] * 4 + ["does not hold"] * 2, found


def test_both_firms_are_the_same() -> None:
    ours, theirs = resolve(load(SCENARIOS / f"{RACE}.yaml")).firms
    assert (ours.quality, ours.noise, ours.margin, ours.price, ours.staff) == (
        theirs.quality, theirs.noise, theirs.margin, theirs.price, theirs.staff)
    market = resolve(load(SCENARIOS / f"{RACE}.yaml"))
    assert [one.moves for one in market.strategies] == [one.moves for one in theirs.strategies]


@pytest.mark.parametrize("name", [FASTER, PROMISE])
def test_nothing_differs_before_a_strategy_starts(tell: Tell, name: str) -> None:
    """The sixtieth day is the first on which anybody does anything."""
    still, moved = (tell(RACE).runs[one].by_day for one in (STILL, name))
    before = still["day"] < 55
    assert np.array_equal(still["visits"][before], moved["visits"][before])
    assert not np.array_equal(still["visits"], moved["visits"])

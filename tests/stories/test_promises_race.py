"""A race of promises between two couriers is a prisoners' dilemma: by what people make of it, not by what it costs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sim.experiments.compare import Comparison
from sim.experiments.findings import findings
from sim.experiments.game import Game, play
from sim.market import with_design
from sim.story.load import load
from sim.story.resolve import resolve
from tests.stories.conftest import SCENARIOS

Tell, Play = Callable[..., Comparison], Callable[..., Game]
RACE, THEIRS = "promises-race", "across the street"


def test_it_is_a_prisoners_dilemma(game: Play) -> None:
    found = game(RACE)
    assert (found.outcome, found.verdict.kind, found.verdict.better) == ("profit", "dilemma", ("keep quiet", "keep quiet"))
    end, = found.pure
    assert (end.ours, end.theirs, end.decided, end.share) == ("promise more", "promise more", True, 1.0)
    assert {(one.firm, one.strategy) for one in found.dominated} == {
        (firm, name) for firm in ("ours", THEIRS) for name in ("keep quiet", "promise a little more")}


def test_it_is_one_where_promising_costs_nothing(game: Play) -> None:
    free = [f"{where}.\"{name}\".0.promise.cost=0" for where in ("strategies", f"firms.\"{THEIRS}\".strategies")
            for name in ("promise a little more", "promise more")]
    assert game(RACE, *free).verdict.kind == "dilemma"


def test_each_gains_at_the_others_expense_and_both_disappoint(game: Play) -> None:
    """Share is taken from the other; satisfaction is lost by whoever promises, and by both where both do."""
    market = with_design(game(RACE).market, 10, None, None)
    share, pleased, felt = (play(market, outcome=outcome) for outcome in ("share", "satisfaction", "goodwill"))
    alone, both = ("promise more", "keep quiet"), ("promise more", "promise more")
    assert share.payoffs["ours", *alone].low > 0.6
    assert share.each.sum(axis=0) == pytest.approx(np.ones((3, 3, 10)), abs=1e-12)
    quiet = pleased.payoffs["ours", "keep quiet", "keep quiet"]
    for firm in ("ours", THEIRS):
        assert pleased.payoffs[firm, *both].high < quiet.low - 1
        assert felt.payoffs[firm, *both].high < felt.payoffs[firm, "keep quiet", "keep quiet"].low


@pytest.mark.parametrize("setting", ["psyche.trust.starts=0", "psyche.choosing.value=0"])
def test_nobody_promises_where_promises_draw_nobody(game: Play, setting: str) -> None:
    found = game(RACE, setting)
    assert found.verdict.kind == "no dilemma"
    assert [(one.ours, one.theirs, one.decided) for one in found.pure] == [("keep quiet", "keep quiet", True)]


def test_where_the_disappointed_leave_for_good_a_large_promise_is_only_an_answer(game: Play) -> None:
    found = game(RACE, "psyche.leaving.goodwill=0.3")
    assert found.verdict.kind == "no dilemma"
    for firm in ("ours", THEIRS):
        assert found.reply(firm, "keep quiet").best == ("promise a little more",)
        assert found.reply(firm, "promise more").best == ("promise more",)


def test_hard_to_take_is_a_dilemma_still(game: Play) -> None:
    assert game(RACE, "psyche.choosing.switching=6").verdict.kind == "dilemma"


def test_what_the_story_expects_comes_out(tell: Tell) -> None:
    found = findings(tell(RACE), load(SCENARIOS / f"{RACE}.yaml").expected)
    assert len(found) == 3
    assert all(one.result == "holds" for one in found), found


def test_both_firms_are_the_same(game: Play) -> None:
    ours, theirs = resolve(load(SCENARIOS / f"{RACE}.yaml")).firms
    assert (ours.quality, ours.noise, ours.margin, ours.price) == (theirs.quality, theirs.noise, theirs.margin, theirs.price)
    found = game(RACE)
    apart = found.each[0] - found.each[1].swapaxes(0, 1)
    error = apart.std(axis=2, ddof=1) / np.sqrt(10)
    assert (np.abs(apart.mean(axis=2)) < 5 * error).all()

"""A race of delight between two cafés is no dilemma where pleased guests keep going out; and where it is one after all."""

from __future__ import annotations

from collections.abc import Callable

from sim.experiments.compare import Comparison
from sim.experiments.findings import findings
from sim.experiments.game import Game
from sim.story.load import load
from tests.stories.conftest import SCENARIOS

Tell, Play = Callable[..., Comparison], Callable[..., Game]
RACE, THEIRS = "delight-race", "across the square"
LESS = ("firms.ours.margin=1", f"firms.\"{THEIRS}\".margin=1")


def at_rest(found: Game) -> list[tuple[str, str, bool]]:
    return [(one.ours, one.theirs, one.decided) for one in found.pure]


def test_both_delight_and_both_are_better_off_for_it(game: Play) -> None:
    found = game(RACE)
    assert found.verdict.kind == "no dilemma"
    assert "nothing else would be better for both" in found.verdict.sentence
    assert at_rest(found) == [("delight", "delight", True)]
    for firm in ("ours", THEIRS):
        gain = found.payoffs[firm, "delight", "delight"].low - found.payoffs[firm, "stand still", "stand still"].high
        assert gain > 0.5, firm


def test_it_is_a_dilemma_where_a_visit_earns_little(game: Play) -> None:
    found = game(RACE, *LESS)
    assert (found.verdict.kind, at_rest(found)) == ("dilemma", [("delight", "delight", True)])
    assert found.verdict.better is not None
    assert found.verdict.better[0] != "delight"


def test_there_is_no_race_where_little_is_to_be_won(game: Play) -> None:
    found = game(RACE, *LESS, "psyche.choosing.switching=6", "psyche.leaving.goodwill=0.1")
    assert (found.verdict.kind, at_rest(found)) == ("no dilemma", [("stand still", "stand still", True)])


def test_it_stays_none_where_guests_are_only_hard_to_take(game: Play) -> None:
    found = game(RACE, "psyche.choosing.switching=6")
    assert (found.verdict.kind, at_rest(found)) == ("no dilemma", [("delight", "delight", True)])


def test_what_the_story_expects_comes_out(tell: Tell) -> None:
    found = findings(tell(RACE), load(SCENARIOS / f"{RACE}.yaml").expected)
    assert len(found) == 2
    assert all(one.result == "holds" for one in found), found

"""Games known from books, with noise: what is best, what is at rest, and what cannot be told."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim import api
from sim.experiments import game
from sim.experiments.game import ADVICE, Cells, Game, conclude, find_rival, play, usual
from sim.market import Market, Price, Programme, Strategy, Tier
from sim.story.load import load
from sim.story.resolve import resolve

STORY = """
title: two firms
horizon: 60 days
seed: 5
replications: 6
market: {people: 150, expects: 60, visits: {every: 6 days}}
psyche: {learning: 0.3, trust: {starts: 0.5, falls: 0.1}, goodwill: {memory: 0.2}, leaving: {base: 1%, goodwill: 0.1}, CHOOSING}
firms:
  ours: {quality: 60, noise: 4, MARGIN}
  theirs: {quality: 60, noise: 4, MARGIN, strategies: {quiet: [], loud: [{promise: {level: 66}}], kind: [{upgrade: {by: 2}}]}}
  third: {quality: 60, noise: 4}
strategies: {quiet: [], loud: [{promise: {level: 66}}]}
"""


def told(folder: Path, choosing: str = "choosing: {value: 0.3}", margin: str = "margin: 3", more: str = "") -> Market:
    path = folder / "story.yaml"
    text = STORY.replace("CHOOSING", choosing or "peak: 0").replace("MARGIN", margin)
    path.write_text(text.replace("third: {quality: 60, noise: 4}", f"third: {{quality: 60, noise: 4{more}}}"), encoding="utf-8")
    return resolve(load(path))


def noisy(market: Market, ours: object, theirs: object, sd: float = 0.1, count: int = 30, outcome: str = "profit",
          names: tuple[str, ...] = ("A", "B")) -> Game:
    """The game with these mean payoffs, each replication shifted as a whole and each cell a little."""
    means = np.array([ours, theirs], dtype=np.float64)
    draw = np.random.default_rng(1)
    each = means[..., None] + draw.normal(0, 5 * sd, count) + draw.normal(0, sd, (*means.shape, count))
    market = replace(market, replications=count)
    return conclude(market, ("ours", "theirs"), (names[:means.shape[1]], names[:means.shape[2]]), each, outcome, {})


PRISONERS = [[3, 0], [5, 1]], [[3, 5], [0, 1]]


def test_no_dilemma_may_still_end_where_both_would_rather_not_be(tmp_path: Path) -> None:
    """Against C the best is A, so that no strategy is best whatever the other does; and yet both end with B, which is worse."""
    ours = np.array([[3, 0, 2], [5, 1, 0], [0, 0.5, 1]])
    found = noisy(told(tmp_path), ours, ours.T, names=("A", "B", "C"))
    assert found.verdict.kind == "no dilemma"
    assert [(one.ours, one.theirs) for one in found.pure] == [("B", "B")]
    assert found.sentences[0].startswith(
        "Neither would depart alone from B and B (surely), though both would surely be better off with A and A, ours by 2.")
    better = noisy(told(tmp_path), ours - np.diag([2.5, 0, 0]), (ours - np.diag([2.5, 0, 0])).T, names=("A", "B", "C"))
    assert better.sentences[0] == "Neither would depart alone from B and B (surely)."


def test_a_prisoners_dilemma(tmp_path: Path) -> None:
    found = noisy(told(tmp_path), *PRISONERS)
    assert (found.verdict.kind, found.verdict.better, found.decided) == ("dilemma", ("A", "A"), True)
    assert "both would be better off with A and A" in found.verdict.sentence
    assert "each is better off with B whatever the other does" in found.verdict.sentence
    assert [(one.ours, one.theirs, one.decided, one.share) for one in found.pure] == [("B", "B", True, 1.0)]
    assert {(one.firm, one.strategy, one.by) for one in found.dominated} == {("ours", "A", "B"), ("theirs", "A", "B")}
    assert found.mixed == ()
    assert all(one.best == ("B",) and one.decided for one in found.replies)


def test_matching_pennies_is_at_rest_only_by_chance(tmp_path: Path) -> None:
    found = noisy(told(tmp_path), [[1, -1], [-1, 1]], [[-1, 1], [1, -1]], sd=0.001)
    assert found.pure == ()
    assert found.mixed is not None
    one, = found.mixed
    assert one.ours == pytest.approx({"A": 0.5, "B": 0.5}, abs=0.01)
    assert one.theirs == pytest.approx({"A": 0.5, "B": 0.5}, abs=0.01)
    assert found.verdict.kind == "no dilemma"
    assert "only by chance" in found.sentences[0]
    assert found.reply("ours", "A").best == ("A",)
    assert found.reply("theirs", "A").best == ("B",)


def test_coordination_is_at_rest_in_two_pairs_and_one_mixture(tmp_path: Path) -> None:
    found = noisy(told(tmp_path), [[2, 0], [0, 1]], [[2, 0], [0, 1]], sd=0.01)
    assert [(one.ours, one.theirs, one.decided) for one in found.pure] == [("A", "A", True), ("B", "B", True)]
    assert found.mixed is not None
    one, = found.mixed
    assert one.ours == pytest.approx({"A": 1 / 3, "B": 2 / 3}, abs=0.02)
    assert found.verdict.kind == "no dilemma"
    assert "depends on what theirs does" in found.verdict.sentence
    assert "A and A (surely) or from B and B (surely)" in found.sentences[0]


def test_a_mixture_that_rounding_hides_from_the_supports_is_found(tmp_path: Path) -> None:
    """nashpy's supports alone return two of these three equilibria: a chance of 0 comes out as −3e-17."""
    ours = [[41.154, 30.377, 22.78, 10.493], [55.248, 44.085, 33.688, 13.665], [57.054, 47.821, 37.23, 10.435],
            [38.444, 37.135, 35.192, 23.542]]
    theirs = [[41.804, 55.417, 56.848, 38.71], [30.973, 44.354, 48.108, 37.192], [23.118, 33.938, 37.796, 35.346],
              [10.513, 13.912, 10.939, 23.758]]
    found = noisy(told(tmp_path), ours, theirs, sd=0.0, names=("A", "B", "C", "D"))
    assert len(found.pure) == 2
    assert found.mixed is not None
    one, = found.mixed
    assert one.ours == pytest.approx({"C": 0.8395, "D": 0.1605}, abs=1e-3)


def test_dominance_with_nothing_better_for_both_is_no_dilemma(tmp_path: Path) -> None:
    found = noisy(told(tmp_path), [[1, 0], [4, 3]], [[1, 4], [0, 3]])
    assert found.verdict.kind == "no dilemma"
    assert "each is better off with B whatever the other does, and nothing else would be better for both" in \
        found.verdict.sentence


def test_what_is_smaller_than_its_noise_cannot_be_told(tmp_path: Path) -> None:
    market = told(tmp_path)
    found = noisy(market, *PRISONERS, sd=9.0, count=10)
    assert (found.verdict.kind, found.decided) == ("cannot tell", False)
    assert found.verdict.more_replications is not None
    assert "would settle it" in found.verdict.sentence
    assert not any(one.decided for one in found.pure)
    assert all(one.share < 1.0 for one in found.pure)
    assert any(not one.decided for one in found.replies)
    assert found.dominated == ()
    one = noisy(market, *PRISONERS, count=1)
    assert one.verdict.kind == "cannot tell"
    assert one.verdict.more_replications is None


def test_a_dilemma_needs_every_comparison(tmp_path: Path) -> None:
    """B is surely better for each, but whether both would be better off with A is open."""
    draw, count = np.random.default_rng(2), 12
    means = np.array([[[3, 0], [5, 2.99]], [[3, 5], [0, 2.99]]])
    each = means[..., None] + draw.normal(0, 0.1, (2, 2, 2, count))
    market = replace(told(tmp_path), replications=count)
    found = conclude(market, ("ours", "theirs"), (("A", "B"), ("A", "B")), each, "profit", {})
    assert found.verdict.kind == "cannot tell"
    assert "whether both would be better off elsewhere is open" in found.verdict.sentence


def test_a_lower_cost_is_better_and_equals_are_equals(tmp_path: Path) -> None:
    market = told(tmp_path)
    found = noisy(market, [[1, 1], [3, 3]], [[1, 3], [1, 3]], outcome="cost")
    assert {(one.firm, one.strategy) for one in found.dominated} == {("ours", "B"), ("theirs", "B")}
    same = conclude(replace(market, replications=5), ("ours", "theirs"), (("A", "copy"), ("A",)), np.ones((2, 2, 1, 5)),
                    "profit", {})
    assert same.verdict.kind == "no dilemma"
    assert same.reply("ours", "A") == game.Reply("ours", "A", ("A", "copy"), True)
    assert len(same.pure) == 2
    assert same.mixed == ()


def test_which_is_better_has_a_sign_for_every_order_of_cells() -> None:
    each = np.zeros((2, 2, 2, 20)) + np.array([[[0, 1], [2, 3]], [[3, 2], [1, 0]]])[..., None]
    each += np.random.default_rng(3).normal(0, 1e-3, each.shape)
    cells = Cells(each, "profit")
    order = [(0, 0), (0, 1), (1, 0), (1, 1)]
    for i, one in enumerate(order):
        for j, other in enumerate(order):
            assert cells.better(0, one, other) == (i > j) - (i < j)
            assert cells.better(1, one, other) == (i < j) - (i > j)


def test_without_nashpy_there_is_advice_and_all_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nashpy", None)
    found = noisy(told(tmp_path), *PRISONERS)
    assert (found.mixed, found.advice) == (None, ADVICE)
    assert "expectation-drift[games]" in found.advice
    assert found.verdict.kind == "dilemma"


def test_a_game_is_played_on_the_same_people_and_luck(tmp_path: Path) -> None:
    """Every cell is the run of our strategy in the market in which the rival plays its own."""
    from sim.engine.run import run
    from sim.market import rival_plays

    market, seen = told(tmp_path), []
    found = play(market, jobs=1, progress=lambda name, done, total: seen.append(name))
    assert found.firms == ("ours", "theirs")
    assert found.strategies == (("quiet", "loud"), ("quiet", "loud", "kind"))
    assert seen[0] == "quiet against quiet"
    assert seen[-1] == "loud against kind"
    table = run(rival_plays(market, "theirs", "kind"), "loud").by_firm
    assert table is not None
    for side, firm in enumerate(("ours", "theirs")):
        assert found.each[side, 1, 2].tolist() == table["profit"][table["firm"] == firm].tolist()
    assert list(found.runs) == ["quiet", "loud"]
    assert np.array_equal(found.runs["loud"].outcomes["profit"], found.each[0, 1, 0])
    assert len(found.to_pandas()) == 12
    assert not found.each.flags.writeable


def test_what_firms_are_after(tmp_path: Path) -> None:
    assert usual(told(tmp_path), "theirs") == "profit"
    free = told(tmp_path, margin="price: 2")
    assert usual(free, "theirs") == "share"
    cheaper = Strategy("cheaper", (Price(-1.0, 0.0, 0.0, 9.0, 0.0),))
    assert usual(replace(free, strategies=(*free.strategies, cheaper)), "theirs") == "profit", "what a visit earns moves"
    found = play(told(tmp_path, margin="price: 2"), jobs=1)
    assert found.outcome == "share"
    assert found.each.sum(axis=0).max() < 1.0, "the third firm has its share"


@pytest.mark.parametrize(("change", "rival", "said"), [
    ({"choosing": ""}, None, "nobody chooses among firms here"),
    ({}, "third", "there is no rival 'third' with strategies; rivals that have some: theirs"),
    ({}, "nobody", "there is no rival 'nobody' with strategies"),
    ({"more": ", strategies: {quiet: []}"}, None, "several rivals have strategies, so name one of them: theirs, third")])
def test_what_is_no_game_is_told_in_a_sentence(tmp_path: Path, change: dict[str, str], rival: str | None, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        find_rival(told(tmp_path, **change), rival)


def test_no_rival_with_strategies_and_no_such_payoff(tmp_path: Path) -> None:
    market = told(tmp_path)
    still = replace(market, firms=tuple(replace(firm, strategies=(), plays=-1) for firm in market.firms))
    with pytest.raises(ValueError, match="no rival has strategies to play"):
        play(still)
    with pytest.raises(ValueError, match="csat cannot be a payoff here; a game can be about: satisfaction, lasting"):
        play(market, outcome="csat")


def test_from_python_with_a_figure_and_a_folder(tmp_path: Path) -> None:
    from sim.engine import archive

    told(tmp_path)
    found = api.load(tmp_path / "story.yaml").play("theirs", replications=4, people=80, jobs=1)
    assert found.market.people == 80
    assert "Game of ours and theirs" in repr(found)
    assert "payoff of" in found._repr_html_()
    figure = found.figure("payoffs")
    assert figure.get_label()
    with pytest.raises(KeyError, match="there is payoffs"):
        found.figure("forest")
    folder = found.write(tmp_path / "runs")
    assert {"game.json", "payoffs.csv", "payoffs.svg", "payoffs.png", "game.html"} <= set(archive.check(folder)["files"])
    assert (folder / "payoffs.csv").read_bytes().startswith(b"\xef\xbb\xbfours,theirs,firm,outcome,mean")
    page = (folder / "game.html").read_text(encoding="utf-8")
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "<script" not in page
    assert list(api.read(folder).runs) == ["quiet", "loud"]


# --- what a stranger's games brought up ---------------------------------------------------------------------


def test_a_rival_that_earns_nothing_is_a_game_too(tmp_path: Path) -> None:
    """Seen first: a traceback from nashpy where all payoffs of a firm are equal and at most 0."""
    market = told(tmp_path)
    for theirs in ([[0, 0], [0, 0]], [[-3, -3], [-3, -3]]):
        found = noisy(market, [[0, 1], [2, 3]], theirs, sd=0.0)
        assert [(one.ours, one.theirs) for one in found.pure] == [("B", "A"), ("B", "B")]
        assert found.mixed is not None
    lost = noisy(market, [[-1, -2], [-3, -1]], [[-1, -2], [-2, -1]], sd=0.0)
    assert lost.mixed is not None
    assert lost.mixed[0].ours == pytest.approx({"A": 0.5, "B": 0.5}, abs=1e-6)


def test_payoffs_shifted_as_a_whole_have_the_same_mixtures(tmp_path: Path) -> None:
    market = told(tmp_path)
    pennies = np.array([[1.0, -1.0], [-1.0, 1.0]])
    for shift in (-5.0, 0.0, 1.0, 40.0):
        found = noisy(market, pennies + shift, -pennies - 3.0 * shift, sd=0.0)
        assert found.mixed is not None
        assert [one.ours for one in found.mixed] == [pytest.approx({"A": 0.5, "B": 0.5})]


def test_a_copy_of_a_strategy_leaves_a_dilemma_a_dilemma(tmp_path: Path) -> None:
    """Seen first: the same story with one strategy written twice was no dilemma."""
    market, names = told(tmp_path), ("A", "B", "C")
    means = np.array(PRISONERS, dtype=np.float64)
    draw = np.random.default_rng(1)
    each = means[..., None] + draw.normal(0, 0.5, 30) + draw.normal(0, 0.1, (2, 2, 2, 30))
    copied = np.concatenate([each, each[:, 1:]], axis=1)
    found = conclude(replace(market, replications=30), ("ours", "theirs"), (names, names[:2]), copied, "profit", {})
    assert (found.verdict.kind, found.verdict.better) == ("dilemma", ("A", "A"))
    both = np.concatenate([copied, copied[:, :, :1]], axis=2)
    again = conclude(replace(market, replications=30), ("ours", "theirs"), (names, names), both, "profit", {})
    assert (again.verdict.kind, again.verdict.better) == ("dilemma", ("A", "A"))


def test_equal_for_one_firm_only_is_no_copy(tmp_path: Path) -> None:
    """B and C are the same to ours and not to theirs, so that where ours ends matters."""
    ours = [[3, 0], [5, 1], [5, 1]]
    theirs = [[3, 5], [0, 1], [0, 2]]
    found = noisy(told(tmp_path), ours, theirs, sd=0.0, names=("A", "B", "C"))
    assert found.verdict.kind == "no dilemma"
    assert "exactly as good as each other" in found.verdict.sentence


def test_what_a_tier_costs_makes_it_a_game_about_profit(tmp_path: Path) -> None:
    market = told(tmp_path, margin="price: 0")
    assert usual(market, "theirs") == "share"
    programme = Programme(None, (Tier("gold", 2, 3.0, 4.0),), 60.0, 0.0, 0.0, 60.0, np.inf)
    assert usual(replace(market, strategies=(Strategy("gold", (programme,)),)), "theirs") == "profit"
    free = replace(programme, tiers=(Tier("gold", 2, 3.0, 0.0),))
    assert usual(replace(market, strategies=(Strategy("gold", (free,)),)), "theirs") == "share"


def test_only_pairs_that_may_be_better_for_both_ask_for_more_replications(tmp_path: Path) -> None:
    """B and B is each one's best; A and A may be better for both; C and A is open for theirs, and surely worse for ours."""
    ours, theirs, names = [[1.06, 0], [5, 1], [0.1, -1]], [[1.5, 3], [0, 1], [1.0001, 3]], ("A", "B", "C")
    found = noisy(told(tmp_path), ours, theirs, sd=0.1, count=10, names=names)
    assert found.verdict.kind == "cannot tell"
    settled = noisy(told(tmp_path), ours, [[1.5, 3], [0, 1], [0.5, 3]], sd=0.1, count=10, names=names)
    assert found.verdict.more_replications == settled.verdict.more_replications


def test_what_others_beat_everywhere_is_struck_out_again_and_again() -> None:
    """A is worse than B for ours; without it theirs has no use for its second; then B and C decide."""
    worth = np.array([[[0.0, 0.0], [1.0, 2.0], [0.5, 3.0]], [[0.0, 9.0], [2.0, 1.0], [2.0, 1.0]]])
    assert game.undominated(worth) == ([1], [0])
    assert game.undominated(np.array([[[1.0, -1.0], [-1.0, 1.0]], [[-1.0, 1.0], [1.0, -1.0]]])) == ([0, 1], [0, 1])
    assert game.undominated(np.zeros((2, 3, 2))) == ([0, 1, 2], [0, 1])

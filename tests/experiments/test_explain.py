"""Explanations: a story solved on paper, exact sums, mechanisms off as if never written, the null model, bad requests."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

import sim
from sim.experiments import explain as explaining
from sim.experiments.explain import explain
from sim.experiments.mechanisms import MECHANISMS, mechanisms, scaled, switched
from sim.experiments.reasons import Reasons
from sim.experiments.statistics import estimate
from sim.market import Spread
from sim.outcomes import DECIDING
from sim.rules.traits import LEARN_DOWN, LEARN_UP, TRAITS
from tests.lives import market

PAPER = """
title: on paper
horizon: 4000 days
seed: 11
replications: 4
market: {people: 700, expects: 60, visits: {every: 10 days, gaps: fixed}}
psyche: {learning: 0.3, surprise: {credit: 0.4}, loss_aversion: 2}
firms: {ours: {quality: 60}}
strategies:
  still: []
  gifts: [{surprise: {size: 10, chance: 0.4}}]
"""

FULL = {
    "surprise": "{credit: 0.5, familiarity: 0.2}", "loss_aversion": "2", "curvature": "0.8", "tolerance": "1",
    "delight": "{threshold: 4, bonus: 2}", "forgetting": "{half_life: 1 year}",
    "norm": "{starts: 62, weight: 0.4, learns: {up: 0.3, down: 0.1}, hears_rivals_every: 20 days, spillover: 0.1}",
    "peak": "0.2", "assimilation": "0.2", "goodwill": "{memory: 0.3, starts: 1}",
    "leaving": "{base: 1%, goodwill: 0.2, failures: 1}", "returning": "{share: 20%, after: 60 days}",
    "complaining": "{shortfall: 0.05, base: 1%, vents: 0.3}", "failures": "{beyond: 3, memory: 0.2}",
    "recovery": "{weight: 0.5, expects: 3, learning: 0.2, patience: 5 days, worth: 0.1}", "trust": "{starts: 0.4, falls: 0.1}",
    "survey": "{answers: 50%, noise: 1}", "choosing": "{value: 0.1, goodwill: 0.2, price: 0.1, switching: 1, away: -2}",
    "fairness": "{weight: 0.5, learning: 0.1, starts: 5}", "talk": "{base: 0.1, bad: 0.05}", "listening": "0.2",
    "waiting": "0.1"}

RICH = """
title: everything on
horizon: 120 days
replications: 3
market:
  people: 60
  expects: {{mean: 60, sd: 5}}
  visits: {{every: 10 days}}
  segments:
    one: {{share: 60%}}
    two: {{share: 40%{theirs}}}
psyche: {{{psyche}}}
firms: {{ours: {{quality: 61, noise: 3, staff: {{servers: 1, minutes: 30}}}}, theirs: {{quality: 63}}}}
strategies:
  still: []
  gifts: [{{surprise: {{size: 6, chance: 30%, kinds: 2}}}}]
  better: [{{upgrade: {{by: 4, at: 20 days}}}}]
"""


def rich(folder, keys, learning="{up: 0.3, down: 0.2}", *settings):
    told = ", ".join([f"learning: {learning}", *(f"{key}: {FULL[key]}" for key in keys)])
    theirs = ", psyche: {loss_aversion: 3}" if "loss_aversion" in keys else ""
    return market(folder, RICH.format(psyche=told, theirs=theirs), *settings)


def mean_felt(p, size, credit, aversion):
    """E[V] = p(1−p)·D·(1−λψ)/(ψp + 1−p), docs/model.md."""
    return p * (1 - p) * size * (1 - aversion * credit) / (credit * p + 1 - p)


@pytest.fixture(scope="module")
def paper(tmp_path_factory):
    return explain(market(tmp_path_factory.mktemp("paper"), PAPER), outcome="felt")


def test_the_parts_of_a_story_solved_on_paper(paper):
    assert (paper.strategy, paper.against) == ("gifts", "still")
    none, credit, aversion, both = (mean_felt(0.4, 10, *told) for told in ((1, 1), (0.4, 1), (1, 2), (0.4, 2)))
    known = {"surprise.credit": (credit - none + both - aversion) / 2, "loss_aversion": (aversion - none + both - credit) / 2}
    assert {one.key for one in paper.parts} == set(known)
    for one in paper.parts:
        assert one.mean == pytest.approx(known[one.key], rel=0.02), one.key
        assert one.error == 0.0
    assert paper.null.mean == pytest.approx(0.4 * 10 / (0.3 * 400), rel=0.02)  # the budget: the way of E, by a and visits
    assert paper.difference.mean == pytest.approx(both + paper.null.mean, rel=0.02)
    assert paper.combinations == 4


def test_the_tipping_values_of_a_story_solved_on_paper(paper):
    found = {one.parameter.key: one for one in paper.tipping}
    assert found["psyche.loss_aversion"].tips == pytest.approx(1 / 0.4, rel=0.02)
    assert found["psyche.surprise.credit"].tips == pytest.approx(1 / 2, rel=0.02)
    for one in found.values():
        if one.flips:
            assert one.low <= one.tips <= one.high
    assert not found["psyche.learning"].flips  # at no rate: the formula does not know it


def test_which_mechanism_decides_a_story_solved_on_paper(paper):
    """Without credit surprises hurt: v(λ alone) < 0; without loss aversion they still please."""
    assert [one.key for one in paper.deciding] == ["surprise.credit"]
    assert paper.largest.key == "surprise.credit"
    told = Reasons(paper).paragraph()
    assert "Without surprise credit, ‘still’ would be better" in told
    assert "surprise credit at 0.5" in told


def test_everything_adds_up_in_every_outcome_and_replication(tmp_path):
    found = explain(rich(tmp_path, ["surprise", "loss_aversion", "leaving", "goodwill", "survey"]), tipping=False)
    seen = 0
    for outcome, one in found.attributions.items():
        if not one.total.count:
            continue
        each = sum(part.each for part in one.parts)
        run = {name: found.comparison.runs[name].outcomes[outcome] for name in (found.strategy, found.against)}
        whole = run[found.strategy] - run[found.against]
        scale = np.nanmax(np.abs(whole)) + sum(np.nanmax(np.abs(part.each)) for part in one.parts) + abs(one.null.mean) + 1e-300
        means = one.null.mean + sum(part.mean for part in one.parts)
        assert means == pytest.approx(one.total.mean, abs=1e-12 * scale), outcome
        assert np.isfinite(each).sum() == one.total.count
        if np.isfinite(each).all():
            assert one.total.mean == estimate(whole).mean, outcome  # the very numbers of a plain comparison
            seen += 1
    assert seen > 10
    parts = {part.key: part for part in found.attributions["satisfaction"].parts}
    assert parts["survey"].mean == pytest.approx(0.0, abs=1e-15)  # asking changes nobody
    assert parts["leaving"].mean != 0.0


@pytest.mark.long
def test_beyond_eight_mechanisms_parts_still_add_up_and_tell_their_error(tmp_path):
    found = explain(rich(tmp_path, list(FULL)), tipping=False, strategy="gifts", against="still")
    assert found.pairs > 0
    assert len(found.mechanisms) == len(MECHANISMS)
    one = found.attributions["satisfaction"]
    assert one.null.mean + sum(part.mean for part in one.parts) == pytest.approx(one.total.mean, abs=1e-11)
    assert max(part.error for part in one.parts) > 0.0
    assert {part.key: part.mean for part in one.parts}["trust"] == 0.0  # nobody promises anything
    again = explain(rich(tmp_path, list(FULL)), tipping=False, strategy="gifts", against="still")
    assert [part.mean for part in again.parts] == [part.mean for part in found.parts]


@pytest.mark.parametrize("key", FULL)
def test_off_is_as_if_the_key_were_left_out(tmp_path, key):
    whole = rich(tmp_path, [*FULL])
    off = [one for one in mechanisms(whole) if one.key.split(".")[0] == key]
    assert len(off) == (2 if key == "surprise" else 1)
    without = rich(tmp_path, [one for one in FULL if one != key])
    assert switched(whole, off) == without


def test_all_off_is_the_null_model_and_learning_at_one_rate_is_no_mechanism(tmp_path):
    whole = rich(tmp_path, list(FULL))
    nothing = switched(whole, mechanisms(whole))
    assert mechanisms(nothing) == ()
    for segment in nothing.segments:
        up, down = segment.traits[LEARN_UP], segment.traits[LEARN_DOWN]
        assert (up, down) == (replace(up), replace(up))
        assert up.a == pytest.approx(0.25)  # the mean of 0.3 and 0.2
    assert mechanisms(rich(tmp_path, [], "0.3")) == ()
    slowing = rich(tmp_path, [], "{bayesian: 3}")
    assert [one.key for one in mechanisms(slowing)] == ["learning"]
    assert switched(slowing, mechanisms(slowing)).segments[0].traits[LEARN_UP].a == 0.25


def test_every_trait_of_the_psyche_belongs_to_one_mechanism():
    owned = [place for one in MECHANISMS for place in one.traits]
    assert len(owned) == len(set(owned))
    others = {TRAITS[place].key.split(".")[0] for place in set(range(len(TRAITS))) - set(owned)}
    assert others == {"visits", "served", "prospects", "joining"}


@pytest.mark.parametrize(("spread", "factor"), [
    (Spread("fixed", 0.4, 0.0, 0.0, 1.0), 2.0), (Spread("normal", 2.0, 0.5, 0.0, 100.0), 3.0),
    (Spread("uniform", 0.1, 0.3, 0.0, 1.0), 0.5), (Spread("beta", 2.0, 6.0, 0.0, 1.0), 1.5)])
def test_a_spread_is_scaled_by_its_mean(spread, factor):
    found = scaled(spread, factor)
    assert found.middle == pytest.approx(spread.middle * factor)
    assert found.kind == spread.kind
    if spread.kind == "beta":
        assert found.a + found.b == pytest.approx(spread.a + spread.b)
    elif spread.kind == "normal":
        assert found.b / found.a == pytest.approx(spread.b / spread.a)


def test_the_null_model_says_nothing():
    found = sim.load("scenarios/null-model.yaml").explain()
    assert found.paragraph.startswith("Nothing: neither sustains satisfaction.")
    assert found.headline == "Nothing: neither sustains satisfaction"
    assert found.parts == found.without == found.tipping == found.deciding == ()
    assert not found.decided
    assert abs(found.difference.mean) < 0.01
    assert found.difference == found.null
    assert all(abs(one.mean) < 0.01 for one in found.lasting["all"].values())


@pytest.fixture(scope="module")
def hotel():
    return sim.load("scenarios/hotel.yaml").explain(people=300, replications=4)


def test_forgetting_decides_the_hotel(hotel):
    """The story's own words: guests who never forget are won by small surprises."""
    assert (hotel.strategy, hotel.against) == ("one large refit", "small surprises")
    assert [(one.key, one.answer) for one in hotel.deciding] == [("forgetting", "turns")]
    half_life = next(one for one in hotel.tipping if one.parameter.key == "psyche.forgetting.half_life")
    assert half_life.flips
    assert half_life.tips > 180
    assert "Without forgetting, ‘small surprises’ would be better" in hotel.paragraph
    assert next(one for one in hotel.without if one.key == "forgetting").difference.high < 0


def test_the_tipping_value_is_where_the_scenario_turns(hotel):
    """Set a little on either side of it, the same people and luck have the other answer."""
    half_life = next(one for one in hotel.tipping if one.parameter.key == "psyche.forgetting.half_life")
    for factor, sign in ((0.97, 1), (1.03, -1)):
        story = sim.load("scenarios/hotel.yaml", [f"psyche.forgetting.half_life={half_life.tips * factor} days"])
        found = story.compare(people=300, replications=4).difference("one large refit", "small surprises", "satisfaction")
        assert math.copysign(1, found.mean) == sign


def test_another_design_shares_one_off_costs_as_the_story_does():
    story = sim.load("scenarios/hotel.yaml")
    few = story.explain("one large refit", "stand still", people=200, replications=2, outcome="cost", tipping=False)
    many = story.compare(people=2000, replications=2)
    known = 250000 / 20000
    assert few.difference.mean > known
    assert few.difference.mean == pytest.approx(
        known + many.interval("one large refit", "cost").mean - 250000 / 2000, rel=0.05)
    assert "one-off costs" in few.note


def test_an_interruption_keeps_the_parts(tmp_path, monkeypatch):
    def stop(*told):
        raise KeyboardInterrupt

    monkeypatch.setattr(explaining, "_tip", stop)
    found = explain(market(tmp_path, PAPER, "market.people=50", "replications=3"), outcome="felt", strategy="gifts")
    assert found.decided
    assert found.interrupted
    assert (len(found.parts), found.tipping) == (2, ())


@pytest.mark.parametrize(("told", "said"), [
    ({"strategy": "gift"}, "there is no strategy 'gift'; strategies: still, gifts, better"),
    ({"against": "stil"}, "there is no strategy 'stil'"),
    ({"strategy": "gifts", "against": "gifts"}, "'gifts' cannot be compared with itself"),
    ({"outcome": "expectation"}, "expectation is neither better high nor better low"),
    ({"outcome": "happiness"}, "there is no outcome 'happiness'")])
def test_what_cannot_be_explained_is_said_in_a_sentence(tmp_path, told, said):
    with pytest.raises(ValueError, match=said):
        explain(rich(tmp_path, []), **told)


def test_one_strategy_has_nothing_to_be_compared_with(tmp_path):
    whole = rich(tmp_path, [])
    with pytest.raises(ValueError, match="there is only one strategy, still, and nothing to compare it with"):
        explain(replace(whole, strategies=whole.strategies[:1]))


def test_where_nobody_ever_comes_it_says_so(tmp_path):
    late = rich(tmp_path, ["loss_aversion"], "0.3", "market.visits.every=100 years", "market.visits.gaps=fixed",
                "market.people=1", "replications=2")
    found = explain(late, tipping=True)
    assert "Cannot tell" in Reasons(found).paragraph()
    assert found.tipping == ()


def test_every_outcome_can_be_explained(tmp_path):
    found = explain(rich(tmp_path, ["surprise"]), tipping=False)
    assert set(found.attributions) == set(DECIDING)
    for outcome in DECIDING:
        assert Reasons(replace(found, outcome=outcome)).paragraph()

"""A spread that its range cuts has another mean than the one written, and that is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from scipy import stats

from sim.market import Spread
from sim.story.cautions import cautions, cut_mean
from sim.story.load import load
from sim.story.resolve import resolve

INFINITE = float("inf")
LEAST = """title: least
horizon: 30 days
market: {people: 100, visits: {every: 1 week}, segments: {a: {share: 50%}, b: {share: 50%}}}
firms: {ours: {quality: 60}}
strategies: {stand still: []}
"""


def told(folder: Path, *settings: str) -> tuple[str, ...]:
    path = folder / "story.yaml"
    path.write_text(LEAST, encoding="utf-8")
    return cautions(resolve(load(path, settings)))


@pytest.mark.parametrize(("mean", "sd", "low", "high"), [
    (0.03, 0.05, 0.0, 1.0), (0.97, 0.05, 0.0, 1.0), (0.0, 2.0, 0.0, INFINITE), (0.5, 9.0, 0.0, 1.0), (1.0, 2.0, 0.0, 100.0),
    (0.2, 3.0, 0.0, 1.0), (10.0, 0.1, 0.0, 1000.0)])
def test_the_mean_is_that_of_the_cut_normal(mean: float, sd: float, low: float, high: float) -> None:
    exact = stats.truncnorm.mean((low - mean) / sd, (high - mean) / sd, loc=mean, scale=sd)
    assert cut_mean(Spread("normal", mean, sd, low, high)) == pytest.approx(exact, rel=1e-9)


def test_a_vast_spread_is_as_good_as_even() -> None:
    assert cut_mean(Spread("normal", 0.2, 1e12, 0.0, 1.0)) == pytest.approx(0.5, abs=1e-9)


def test_an_uncut_normal_keeps_its_mean() -> None:
    assert cut_mean(Spread("normal", -3.0, 9.0, -INFINITE, INFINITE)) == -3.0


def test_a_moved_mean_is_told_once_with_what_keeps_it(tmp_path: Path) -> None:
    assert told(tmp_path, "psyche.leaving.base={mean: 3%, sd: 5%}") == (
        "psyche.leaving.base: {mean: 0.03, sd: 0.05} is cut below 0 and above 1, so its mean over people is 0.053; "
        "{beta: [0.319, 10.3]} or {between: [0, 0.06]} keeps it",)
    assert told(tmp_path, "market.visits.every={mean: 2 days, sd: 3 days}") == (
        "market.visits.every: {mean: 2 days, sd: 3 days} is cut below 0.0417, so its mean over people is 3.3 days; "
        "{between: [0.0417 days, 3.96 days]} keeps it",)
    assert told(tmp_path, "psyche.tolerance={mean: 0, sd: 2}")[0].endswith("is 1.6; a smaller sd keeps it")


def test_the_segment_is_named_where_only_one_is_meant(tmp_path: Path) -> None:
    found, = told(tmp_path, "market.segments.b.psyche={peak: {mean: 0.9, sd: 0.3}}")
    assert found.startswith("psyche.peak of b: ")


def test_what_keeps_its_mean_is_not_warned_of(tmp_path: Path) -> None:
    assert told(tmp_path, "psyche.leaving.base={mean: 30%, sd: 5%}", "psyche.peak={beta: [1, 9]}") == ()
    assert told(tmp_path, "psyche.leaving.base={between: [0, 0.06]}") == ()


def test_a_caution_says_where_its_trait_is_written(tmp_path: Path) -> None:
    found, = told(tmp_path, "market.served={mean: 990, sd: 500}")
    assert found.startswith("market.served: {mean: 990, sd: 500} is cut below -1000 and above 1000")
    assert told(tmp_path, "psyche.recovery.patience={mean: 1 day, sd: 2 days}")[0].startswith("psyche.recovery.patience: ")


R_PLAYS = "firms={ours: {quality: 60}, r: {quality: 60, strategies: {t: [%s]}}}"
"""A rival with one strategy of these moves."""
R_STAFFED = R_PLAYS.replace("r: {", "r: {staff: {servers: 2, minutes: 5}, ")
"""The same with staff."""

HEARD = "psyche.norm={weight: 1, learns: 0.2, hears_rivals: 30%}"
IDLE = {
    "psyche.failures.memory changes nothing": ["psyche.failures={memory: 0.2}"],
    "psyche.leaving.failures changes nothing": ["psyche.leaving={base: 5%, failures: 2}"],
    "psyche.survey.extremes changes nothing": ["psyche.survey={extremes: 0.2}"],
    "strategy s: its recovery moves nobody": ["strategies={s: [{recovery: {remedy: 20}}]}"],
    "strategy s: its recovery is worth the same however long": [
        "psyche.recovery={weight: 1}", "strategies={s: [{recovery: {remedy: 20, within: 9 days}}]}"],
    "strategy s: its recovery's compensation is worth nothing": [
        "psyche.recovery={weight: 1}", "strategies={s: [{recovery: {remedy: 20, compensation: 9}}]}"],
    "strategy s: its file reaches nobody": ["strategies={s: [{file: {current: 50%}}, {surprise: {size: 3, chance: 10%}}]}"],
    "strategy s: its contact neither finds": ["strategies={s: [{contact: {cost: 1}}]}"],
    "strategy s: what its research finds": ["strategies={s: [{research: {every: 9 days, lag: 30 days}}, {match: {by: 1}}]}"],
    "psyche.fairness.learning changes nothing": ["psyche.fairness={learning: 0.2}"],
    "psyche.fairness.starts changes nothing": ["psyche.fairness={starts: 9}"],
    "psyche.fairness changes nothing": ["psyche.fairness={weight: 0.2, learning: 0.2}"],
    "strategy s: its price moves nobody": ["strategies={s: [{price: {by: 2}}]}"],
    "strategy t of r: its surprise reaches nobody: people do not choose among firms, and do not come to r": [
        R_PLAYS % "{surprise: {size: 3, chance: 10%}}, {upgrade: {by: 3}}"],
    "strategy t of r: its promise reaches nobody": [R_PLAYS % "{promise: {level: 90}}"],
    "strategy t of r: its recovery reaches nobody": [R_PLAYS % "{recovery: {remedy: 9}}"],
    "strategy t of r: its price is asked of nobody: people do not choose among firms": [R_PLAYS % "{price: {by: 2}}"],
    "strategy t of r: its staffing serves nobody: people do not choose among firms": [
        R_STAFFED % "{staffing: {by: 2}}"],
    "strategy t of r: its price moves nobody": ["psyche.choosing={value: 0.1}", R_PLAYS % "{price: {by: 2}}"],
    "strategy t of r: its promise moves nobody": [
        "psyche.choosing={}", R_PLAYS % "{promise: {level: 90}}"],
    "strategy s: its winback reaches nobody": ["strategies={s: [{winback: {persuades: 20%}}]}"],
    "strategy s: its winback brings nobody back": [
        "psyche.leaving={base: 2%}", "strategies={s: [{winback: {persuades: 0}}]}"],
    "strategy s: its winback reaches people only after the horizon": [
        "psyche.leaving={base: 2%}", "strategies={s: [{winback: {persuades: 20%, after: 30 days}}]}"],
    "strategy s: its upgrade's budget is never spent": ["strategies={s: [{upgrade: {by: 2, cost: 9, budget: 99}}]}"],
    "strategy s: its surprise's budget is never spent": ["strategies={s: [{surprise: {size: 2, chance: 9%, budget: 99}}]}"],
    "strategy t of r: its upgrade's budget is never spent: people do not come to r": [
        R_PLAYS % "{upgrade: {by: 3, running: 1 per visit, budget: 9}}"],
    "strategy s: its promise moves nobody": ["strategies={s: [{promise: {level: 90}}]}"],
    "r changes nothing: people neither choose": ["firms={ours: {quality: 60}, r: {quality: 70}}"],
    "firms.r.price, firms.r.margin and firms.r.staff change nothing": [
        HEARD, "firms={ours: {quality: 60}, r: {quality: 70, price: 3, margin: 2, staff: {servers: 1, minutes: 5}}}"],
    "firms.r.price changes nothing": [HEARD, "firms={ours: {quality: 60}, r: {quality: 70, price: 3}}"],
    "psyche.joining.talk changes nothing where nobody talks": ["market.prospects=50%", "psyche.joining={base: 10%, talk: 1}"],
    "people choose among firms by luck and habit alone": [
        "firms={ours: {quality: 60}, r: {quality: 70}}", "psyche.choosing={switching: 1}"],
    "psyche.choosing.goodwill changes nothing": [
        "firms={ours: {quality: 60}, r: {quality: 70}}", "psyche.choosing={value: 1, goodwill: 1}"],
    "psyche.leaving.goodwill changes nothing": ["psyche.leaving={base: 10%, goodwill: 1}"],
    "service.b.waits changes nothing": ["service={a: {weight: 0.5}, b: {weight: 0.5, waits: true}}"],
    "psyche.choosing moves nobody: there is no rival": ["psyche.choosing={value: 1}"],
    "psyche.returning changes nothing where psyche.leaving.base is 0": ["psyche.returning={share: 20%}"],
    "psyche.returning.after changes nothing": ["psyche.leaving={base: 5%}", "psyche.returning={after: 9 days}"],
    "psyche.leaving.tenure changes nothing where psyche.leaving.base is 0": ["psyche.leaving={tenure: -1}"],
    "psyche.leaving.goodwill changes nothing where psyche.leaving.base is 0": [
        "psyche.goodwill={memory: 0.2}", "psyche.leaving={goodwill: 1}"],
    "market.visits.goodwill changes nothing where psyche.goodwill.memory is 0": ["market.visits.goodwill=0.1"],
    "psyche.complaining.vents changes nothing": ["psyche.complaining={vents: 50%}"],
    "psyche.norm.spillover changes nothing where nobody hears": ["psyche.norm={weight: 1, spillover: 0.3}"],
    "psyche.trust changes nothing": ["psyche.trust={starts: 50%}"],
    "psyche.norm.learns changes nothing": ["psyche.norm={weight: 1, learns: 0.3}"],
    "psyche.norm hears of rivals, and there are none": ["psyche.norm={weight: 1, spillover: 0.3, hears_rivals: 50%}"],
}


@pytest.mark.parametrize("said", IDLE)
def test_a_lever_that_moves_nothing_is_told(tmp_path: Path, said: str) -> None:
    told_all = told(tmp_path, *(change.replace("strategies={s:", "strategies={stand still: [], s:") for change in IDLE[said]))
    found, = [one for one in told_all if one.startswith(said)]
    rest = [one for one in told_all if one != found]
    of_rivals = ("r changes nothing: people neither", "people choose among firms by luck and habit alone")
    assert not rest or (said.startswith("strategy t of r") and all(one.startswith(of_rivals) for one in rest))


def test_a_price_moves_whoever_weighs_or_chooses_by_it(tmp_path: Path) -> None:
    moves = "strategies={stand still: [], s: [{price: {by: 2}}]}"
    assert told(tmp_path, moves, "psyche.fairness={weight: 0.2, learning: 0.2}") == ()
    rival = "firms={ours: {quality: 60}, r: {quality: 70}}"
    assert told(tmp_path, moves, rival, "psyche.choosing={price: 0.2}") == ()
    assert len(told(tmp_path, moves, rival, "psyche.choosing={value: 0.2}")) == 1
    rivals = R_PLAYS % "{price: {by: 2}}"
    assert told(tmp_path, rivals, "psyche.choosing={price: 0.2}") == ()
    assert told(tmp_path, rivals, "psyche.choosing={value: 0.2}", "psyche.fairness={weight: 0.2}") == ()
    assert told(tmp_path, "psyche.fairness={weight: 0.2, starts: 3}") == ()


def test_staff_who_cannot_serve_all_who_come_are_told(tmp_path: Path) -> None:
    """A hundred people every week, 40 minutes each: 571 minutes of work a day."""
    staff = "firms.ours.staff={servers: 1, minutes: 40, hours: %s}"
    overrun = ("more people come than ours can serve under %s: about 1.19 times the work that its hands can do; the line only "
               "grows, and who is still in it at the end is in no visit and in no wait")
    waits = "psyche.waiting=0.1"
    assert told(tmp_path, staff % 8, waits) == (overrun % "any strategy",)
    assert told(tmp_path, staff % 10, waits) == ()
    assert told(tmp_path, staff % 8, waits, "market.prospects=50%", "psyche.joining.base=50%") == ()
    assert told(tmp_path, staff % 8, waits, "psyche.choosing={value: 0.1, away: 0}") == ()
    more = "strategies={stand still: [], late: [{staffing: {by: 1, at: 28 days}}], more: [{staffing: {hours: 4, at: 9 days}}]}"
    assert told(tmp_path, staff % 8, waits, more) == (overrun % "stand still or late",)


def test_levers_that_move_something_are_not_told(tmp_path: Path) -> None:
    assert told(tmp_path, "psyche.failures={memory: 0.2}", "psyche.leaving={base: 5%, failures: 2}",
                "psyche.trust={starts: 50%}", "psyche.survey={extremes: 0.2, answers: 30%}",
                "psyche.recovery={weight: 1, patience: 3 days, worth: 0.5}",
                "strategies={s: [{recovery: {remedy: 20, within: 9 days, compensation: 4}}, {promise: {level: 90}}, "
                "{contact: {finds: 20%}}, {file: {current: 50%}}, {surprise: {size: 3, chance: 10%, to: at risk}}]}") == ()


SHIPPED = sorted((Path(__file__).parents[2] / "scenarios").glob("*.yaml"))


@pytest.mark.parametrize("story", SHIPPED, ids=lambda story: story.stem)
def test_no_shipped_story_has_an_idle_lever(story: Path) -> None:
    assert cautions(resolve(load(story))) == ()

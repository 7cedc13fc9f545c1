"""A story beside a table that it made itself, beside one of another story, and beside what is no table."""

import datetime
import json
import zlib

import numpy as np
import pytest

import sim
import sim.backtest
from sim.cli import main

SHOP = """\
title: A shop whose customers come again
horizon: 1 year
seed: {seed}
replications: 2
market:
  people: 400
  visits: {{every: {every} days}}
  segments: {{often: {{share: 40%, visits: {{every: 10 days}}}}, seldom: {{share: 60%}}}}
psyche: {{leaving: {{base: {leaving}}}}}
firms: {{ours: {{quality: 60}}}}
strategies: {{as it was: []}}
"""
RATED = """\
title: Ratings that fall as people get used to it
horizon: 1 year
seed: {seed}
replications: 2
market: {{people: 300, visits: {{every: 15 days}}, expects: {{mean: 50, sd: 8}}}}
psyche: {{learning: {learning}, survey: {{noise: 1}}, leaving: {{base: 1%}}, complaining: 0.05}}
firms: {{ours: {{quality: 62, noise: 5}}}}
strategies: {{as it was: [], better: [{{upgrade: {{by: 10, at: 100 days}}}}]}}
"""


def story(folder, text, **values):
    told = text.format(**values)
    path = folder / f"story{zlib.crc32(told.encode())}.yaml"
    path.write_text(told, encoding="utf-8")
    return path


def log(folder, seed, every=40, leaving=0.05, people=400, days=240):
    """A log of such a shop, made without the engine: each comes again after exponential times, and is lost by chance."""
    luck, start, rows = np.random.default_rng(seed), datetime.date(2020, 1, 1), []
    for person in range(people):
        mean, day = 10 if person < 0.4 * people else every, float(luck.integers(0, 60))
        rows.append(f"c{person},{start + datetime.timedelta(days=day)}")
        while (day := day + luck.exponential(mean)) <= days:
            rows.append(f"c{person},{start + datetime.timedelta(days=int(day))}")
            if luck.random() < leaving:
                break
    path = folder / f"log{seed}.csv"
    path.write_text("\n".join(["customer,date", *rows]) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def bought(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shop")
    return folder, log(folder, seed=9)


def test_a_story_agrees_with_the_log_that_it_made_and_not_with_one_of_other_habits(bought):
    folder, table = bought
    own = sim.backtest.purchases(sim.load(story(folder, SHOP, seed=1, every=40, leaving="5%")), table, after="2020-05-31",
                                 replications=39)
    assert own.verdict == "agrees", own.headline
    assert own.p > 0.05
    assert {one.says for one in own.judged} <= {"agrees"}
    for every, leaving, what in ((25, "5%", "customers by number of repeats"), (40, "25%", "the number of repeats")):
        other = sim.backtest.purchases(sim.load(story(folder, SHOP, seed=1, every=every, leaving=leaving)), table,
                                       after="2020-05-31", replications=39)
        assert other.verdict == "disagrees"
        assert other[what].says == "disagrees"
        assert what in other.headline
        assert other.p == 1 / 40


def test_a_margin_makes_a_small_difference_one_that_does_not_matter(bought):
    folder, table = bought
    other = sim.load(story(folder, SHOP, seed=1, every=40, leaving="25%"))
    strict = sim.backtest.purchases(other, table, after="2020-05-31", replications=39, within=0.0)
    wide = sim.backtest.purchases(other, table, after="2020-05-31", replications=39, within=0.9)
    assert strict.verdict == "disagrees"
    assert wide.verdict == "agrees"
    assert "close" in wide.headline
    assert strict.p == wide.p


def test_customers_of_two_cohorts_are_other_people(bought):
    """Were they the same, what 400 people do would stray as much as what 30 do."""
    folder, table = bought
    found = sim.backtest.purchases(sim.load(story(folder, SHOP, seed=1, every=40, leaving="5%")), table, after="2020-05-31",
                                   replications=39)
    total = found["the number of repeats"].item
    alone = found["the spread of repeats over customers"].item
    straying = total.simulated.std(ddof=1) / (alone.middle[0] * np.sqrt(400))
    assert 0.7 < straying < 1.4


def answers(folder, learning, seed=7, strategy="as it was"):
    """A table by visit that a story made: ratings of people whose answers are the level and the gap, with noise, 0 to 10."""
    market = sim.load(story(folder, RATED, seed=seed, learning=learning))
    table = market.run(strategy, people=300, replications=1).by_visit
    luck, rows = np.random.default_rng(seed), []
    for visit, many, level, gap in zip(table["visit"], table["customers"], table["experience"], table["satisfaction"],
                                       strict=True):
        # Each mean is the story's own; people stray around it as much as delivery and answers do.
        stray = luck.normal(0.0, 14.0, int(many))
        rows += [(person, int(visit), (level + gap + one) / 10.0) for person, one in enumerate(stray - stray.mean())]
    rows.sort()
    path = folder / f"ratings{learning}{strategy}.csv"
    path.write_text("person,satisfaction\n" + "".join(f"{who},{min(10, max(0, rated)):.3f}\n" for who, _, rated in rows),
                    encoding="utf-8")
    return path


def test_ratings_agree_with_the_story_that_made_them_and_not_with_one_that_learns_otherwise(tmp_path):
    table = answers(tmp_path, 0.3)
    own = sim.backtest.panel(sim.load(story(tmp_path, RATED, seed=1, learning=0.3)), table, scale=(0.0, 10.0), replications=39)
    assert own.verdict == "agrees", own.headline
    slow = sim.load(story(tmp_path, RATED, seed=1, learning=0.02))
    never = sim.backtest.panel(slow, table, scale=(0.0, 10.0), replications=39)
    assert never.verdict == "disagrees"
    assert never["ratings, visit by visit"].says == never["the mean rating"].says == "disagrees"
    better = sim.backtest.panel(sim.load(story(tmp_path, RATED, seed=1, learning=0.3)), table, scale=(0.0, 10.0),
                                strategy="better", replications=39)
    assert better.verdict == "disagrees"
    assert better.strategy == "better"


def asked(folder, learning, seed=8):
    """A survey that a story answered at its end: expectation, quality and complaint of those who are still customers."""
    run = sim.load(story(folder, RATED, seed=seed, learning=learning)).run("as it was", people=400, replications=1,
                                                                           keep=["customers"])
    there = (run.customers["stays"]) & (run.customers["visits"] > 0)
    expects, gap, complained = (run.customers[name][there] for name in ("expectation", "satisfaction", "complained"))
    path = folder / f"survey{learning}.csv"
    rows = [f"{e:.3f},{e + g:.3f},{min(100, max(0, e + g)):.1f},{int(c)}"
            for e, g, c in zip(expects, gap, complained, strict=True)]
    path.write_text("\n".join(["expectation,quality,satisfaction,complaint", *rows]) + "\n", encoding="utf-8")
    return path


def test_a_survey_agrees_with_the_story_that_answered_it_and_not_with_another(tmp_path):
    table = asked(tmp_path, 0.3)
    same, none = (sim.load(story(tmp_path, RATED, seed=1, learning=rate)) for rate in (0.3, 0.0))
    own = sim.backtest.survey(same, table, scale=(0.0, 100.0), replications=39)
    assert own.verdict == "agrees", own.headline
    assert len(own.judged) == 6
    assert any("learning rate" in one for one in own.unknown)
    other = sim.backtest.survey(none, table, scale=(0.0, 100.0), replications=39)
    assert other.verdict == "disagrees"
    assert other["the mean expectation"].says == "disagrees"


def test_from_the_shell_it_is_what_the_library_says(bought, tmp_path, monkeypatch, capsys):
    folder, table = bought
    told = story(folder, SHOP, seed=1, every=25, leaving="5%")
    monkeypatch.chdir(tmp_path)
    asks = ["backtest", "purchases", str(told), str(table), "--after", "2020-05-31", "--replications", "19", "--quiet"]
    assert main([*asks, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    found = sim.backtest.purchases(sim.load(told), table, after="2020-05-31", replications=19)
    place = tmp_path / said.pop("folder")
    assert said == found.document()
    assert sorted(one.name for one in place.iterdir()) == ["backtest.json", "backtest.png", "backtest.svg"]
    assert main([*asks, "--strict", "--out", "kept"]) == 3
    shown = capsys.readouterr().out
    assert "The story disagrees with the purchases after 2020-05-31 of 400 customers" in shown
    assert "Cannot be told by these data" in shown
    assert max(len(line) for line in shown.splitlines() if str(table) not in line) <= 80


@pytest.mark.parametrize(("arguments", "says"), [
    (["purchases", "{story}", "{table}", "--after", "2020-05-32"], "must be a day such as 1997-09-30, not '2020-05-32'"),
    (["purchases", "{story}", "{table}", "--after", "2031-01-01"], "is not within the purchases"),
    (["purchases", "{story}", "{table}", "--scale", "1-10"], "--scale is for `drift backtest survey or panel`"),
    (["panel", "{story}", "{table}", "--after", "2020-05-31"], "--after is for `drift backtest purchases`, not for panel"),
    (["panel", "{story}", "{table}"], "there is no satisfaction"),
    (["survey", "{story}", "{table}"], "which column is satisfaction"),
    (["purchases", "{story}", "nothing.csv"], "nothing.csv: No such file or directory"),
    (["purchases", "{story}", "{table}", "--strategy", "as it is"], "there is no strategy 'as it is'; there are as it was"),
    (["purchases", "{story}", "{table}", "--set", "psyche.leavin.base=1%"], "leavin"),
    (["purchases", "{story}", "{table}", "--replications", "5"], "19"),
    (["purchases", "{story}", "{table}", "--within", "500%"], "'500%' is not a share such as 5%"),
    (["choices", "{story}", "{table}"], "choices"),
])
def test_a_slip_is_told_in_one_line(bought, capsys, arguments, says):
    folder, table = bought
    told = story(folder, SHOP, seed=1, every=25, leaving="5%")
    words = [word.format(story=told, table=table) for word in arguments]
    try:
        status = main(["backtest", *words])
    except SystemExit as stop:
        status = stop.code
    said = capsys.readouterr().err
    assert status == 2
    assert says in said
    assert "Traceback" not in said


def test_people_who_act_on_one_another_are_not_lived_by_cohorts(bought, tmp_path):
    _, table = bought
    text = SHOP.format(seed=1, every=40, leaving="5%").replace("psyche: {", "psyche: {talk: {base: 20%}, ")
    (tmp_path / "talk.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="cannot be lived apart"):
        sim.backtest.purchases(sim.load(tmp_path / "talk.yaml"), table)

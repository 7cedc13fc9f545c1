"""Exact results of what people do about what they felt: complaints, recovery, follow-up, status, research, questionnaires.

Through scenario texts, in both engines where a result is deterministic (to 1e-12); shares within 4.5 standard errors.
"""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sim.engine import run as fast
from sim.engine import watching
from sim.engine.records import GAPS, KANO
from sim.market import Watch
from sim.rules import answer as answering
from sim.rules import decide
from tests.exact.test_exact import BASE, MANY, TIGHT, series, story
from tests.lives import ENGINES, market


@pytest.fixture(params=ENGINES)
def engine(request):
    return request.param


RECOVERY = "{complaining: {base: 100%}, goodwill: {memory: 0.5}, recovery: {weight: 2, expects: 10, learning: 0.5, " \
           "patience: 5 days, worth: 0.5}}"


def test_the_same_recovery_pleases_less_each_time(engine, tmp_path):
    """Q_r = 30·2^(−5/5) + 4 + 1 + 0.5·10 = 25; V_r = 2·(25 − E_r) halves as E_r learns half of the way."""
    made = "{still: [], made good: [{recovery: {remedy: 30, within: 5 days, apology: 4, follow_up: 1, compensation: 10, " \
           "cost: 3}}]}"
    told = story(tmp_path, visits=20, psyche=RECOVERY, strategies=made)
    n = np.arange(20)
    felt = series(engine, told, "made good", "felt")
    assert np.abs(felt - 2 * 15 * 0.5**n).max() < TIGHT * 10
    run = ENGINES[engine](told, "made good")
    assert (run.by_visit["recovered"] == 1).all()
    assert run.outcomes["cost"][0] == 20 * (3 + 10)
    goodwill = 0.0
    for value, kept in zip(felt, run.by_visit["goodwill"], strict=True):
        goodwill += 0.5 * (value - goodwill)
        assert kept == pytest.approx(goodwill, abs=1e-9)


def test_nobody_coming_is_a_recovery_of_nothing(engine, tmp_path):
    told = story(tmp_path, visits=12, psyche=RECOVERY.replace("goodwill", "loss_aversion: 3, goodwill"))
    assert np.abs(series(engine, told, "still", "felt") + 3 * 2 * 10 * 0.5 ** np.arange(12)).max() < TIGHT * 100


def test_speaking_up_takes_its_share_of_a_bad_visit_off_goodwill(engine, tmp_path):
    psyche = "{complaining: {base: 100%, vents: 40%}, goodwill: {memory: 0.2}}"
    told = story(tmp_path, visits=15, psyche=psyche, quality=3.0, expects=5.0)
    exact = -2 * 0.6 * (1 - 0.8 ** np.arange(1, 16))
    assert np.abs(series(engine, told, "still", "goodwill") - exact).max() < TIGHT * 10
    assert np.abs(series(engine, told, "still", "felt") + 2).max() < TIGHT


def test_complaints_have_a_base_rate_and_grow_with_the_shortfall(tmp_path):
    told = story(tmp_path, visits=1, psyche="{complaining: {shortfall: 0.1, base: 3%}}", quality=3.0, expects=5.0, people=MANY)
    exact = 1 - 0.97 * math.exp(-0.2)
    assert abs(fast.run(told, "still").outcomes["complaints"][0] - exact) < 4.5 * math.sqrt(exact * (1 - exact) / MANY)


def test_a_failure_is_remembered_whatever_is_made_of_it(tmp_path):
    """After two failures F = 1 − 0.7²; the chance to leave follows, a recovery or not."""
    psyche = "{complaining: {base: 100%}, failures: {beyond: 1, memory: 0.3}, leaving: {base: 10%, failures: 2}}"
    made = "{still: [], made good: [{recovery: {remedy: 50}}]}"
    told = story(tmp_path, visits=3, psyche=psyche, quality=3.0, expects=5.0, people=200_000, strategies=made)
    for name in ("still", "made good"):
        left = fast.run(told, name).by_visit
        for visit, failures in ((0, 0.3), (1, 0.51)):
            odds = 1 / 9 * math.exp(2 * failures)
            exact = odds / (1 + odds)
            error = 4.5 * math.sqrt(exact * (1 - exact) / left["customers"][visit])
            assert abs(left["left"][visit] - exact) < error, (name, visit)


CONTACT = "{still: [], follow up: [{contact: {refreshes: 25%, cost: 2}}], find: [{contact: {finds: 100%}}]}"


def fifty(told_text):
    """Visits every 50 days: contacts on days 7, 21, 35 and 49 after each."""
    return told_text.replace("every: 10 days", "every: 50 days")


def test_contacts_follow_the_calendar_and_draw_expectation_to_what_is_delivered(engine, tmp_path):
    text = fifty(BASE.format(days=500, people=1, expects=5, psyche="{learning: 0}", firms="{ours: {quality: 9}}",
                             strategies=CONTACT))
    told = market(tmp_path, text)
    s = series(engine, told, "follow up")
    assert np.abs(s - 4 * (0.75**4) ** np.arange(len(s))).max() < TIGHT
    run = ENGINES[engine](told, "follow up")
    made = 4 * (len(s) - 1) + sum(50 * (len(s) - 1) + phase + day < 500 for day in (7, 21, 35, 49)
                                  for phase in [first_day(run)])
    assert run.outcomes["cost"][0] == 2 * made


def first_day(run):
    """The day of the first visit, as a whole number: contacts are counted by whole days from there."""
    ours = run.by_day["firm"] == "ours"
    return int(run.by_day["day"][ours][np.flatnonzero(run.by_day["visits"][ours])[0]])


def test_a_contact_finds_what_was_not_said(engine, tmp_path):
    psyche = "{complaining: {vents: 50%}, goodwill: {memory: 0.2}, leaving: {base: 20%}}"
    text = fifty(BASE.format(days=500, people=40, expects=5, psyche=psyche, firms="{ours: {quality: 3}}", strategies=CONTACT))
    told = market(tmp_path, text)
    still, found = ENGINES[engine](told, "still"), ENGINES[engine](told, "find")
    assert still.outcomes["silent_leavers"][0] == 1 - still.outcomes["retention"][0] > 0.5
    assert found.outcomes["silent_leavers"][0] == 0
    first = found.by_visit["goodwill"][0], still.by_visit["goodwill"][0]
    assert first == (pytest.approx(-0.2, abs=1e-9), pytest.approx(-0.4, abs=1e-9))


BOTH_ROUTES = """
title: two routes
horizon: 500 days
replications: 1
market: {{people: 1, expects: 5, visits: {{every: 100 days, gaps: fixed}}}}
psyche: {{goodwill: {{memory: 1}}, complaining: {{base: {base}}}, recovery: {{weight: 1}}}}
firms: {{ours: {{quality: 3}}}}
strategies:
  still: []
  mend:
    - recovery: {{remedy: 12, to: {aim}}}
    - contact: {{finds: 100%}}
"""


@pytest.mark.parametrize(("aim", "visits"), [
    ("everyone", [1, 1, 1, 1, 1]), ("{to_visit: 1}", [1, 0, 0, 0, 0]), ("{from_visit: 2, to_visit: 2}", [0, 1, 0, 0, 0]),
    ("after a disappointment", [0, 1, 1, 1, 1])])
@pytest.mark.parametrize("base", ["100%", "0%"], ids=["she complains", "a contact finds it"])
def test_a_recovery_is_meant_for_the_same_visits_whichever_way_it_is_heard_of(engine, tmp_path, aim, visits, base):
    """−2 felt at the visit and, where it is put right, +12: in felt value and in goodwill, by a complaint or by a contact."""
    run = ENGINES[engine](market(tmp_path, BOTH_ROUTES.format(aim=aim, base=base)), "mend")
    seen = len(run.by_visit["visit"])
    assert seen >= 4
    assert run.by_visit["recovered"].tolist() == visits[:seen]
    worth = [-2.0 + 12.0 * right for right in visits[:seen]]
    assert run.by_visit["felt"] == pytest.approx(np.array(worth), abs=1e-9)
    assert run.by_visit["goodwill"] == pytest.approx(np.array(worth), abs=1e-9)


def test_a_contact_reaches_those_it_is_meant_for_after_this_very_visit(engine, tmp_path):
    text = BOTH_ROUTES.format(aim="everyone", base="0%").replace(
        "finds: 100%", "refreshes: 50%, first: 99 days, second: 99.5 days, to: {to_visit: 1}")
    s = ENGINES[engine](market(tmp_path, text), "mend").by_visit["satisfaction"]
    assert s[:3] == pytest.approx(np.array([-2.0, -0.5, -0.5]), abs=1e-9)


def test_a_contact_that_neither_finds_nor_refreshes_nor_costs_changes_nothing(tmp_path):
    psyche = "{learning: 0.3, forgetting: {half_life: 60 days}, leaving: {base: 5%}}"
    told = story(tmp_path, visits=30, psyche=psyche, people=50, noise=3.0,
                 strategies="{still: [], idle: [{contact: {}}]}")
    still, idle = fast.run(told, "still"), fast.run(told, "idle")
    for name, values in still.outcomes.items():
        assert values == pytest.approx(idle.outcomes[name], abs=1e-9, nan_ok=True), name


def test_a_tier_is_reached_kept_for_a_period_and_lost(engine, tmp_path):
    """Visits every 10 days in periods of 40: the third visit of a period makes up its number, and the tier holds from then on.

    The programme ends on day 200: from there on the benefit is gone at once.
    """
    tiers = "{programme: {tiers: {silver: {visits: 2, lift: 1, cost: 0.5 per visit}, gold: {visits: 3, lift: 4}}, " \
            "period: 40 days, until: 200 days, cost: 9}}"
    told = story(tmp_path, visits=30, psyche="{learning: 0}", strategies=f"{{still: [], club: [{tiers}]}}")
    run = ENGINES[engine](told, "club", keep={"customers"})
    s = np.asarray(run.by_visit["satisfaction"])
    assert s[:4].tolist() == [0.0, 1.0, 4.0, 4.0]
    assert set(s[4:20]) == {4.0}
    assert (s[21:] == 0.0).all()
    assert run.outcomes["cost"][0] == 9 + 0.5
    assert (run.customers["tier"][0], run.customers["best_tier"][0]) == (0, 2)


def test_a_tier_is_lost_after_a_period_with_too_few_visits(engine, tmp_path):
    """Every 10 days, then (a goodwill that stretches gaps) rarely: counted by hand from the visits' days."""
    tiers = "{programme: {tiers: {silver: {visits: 3, lift: 4}}, period: 35 days}}"
    told = story(tmp_path, visits=30, psyche="{learning: 0}", strategies=f"{{still: [], club: [{tiers}]}}")
    run = ENGINES[engine](told, "club")
    days = np.flatnonzero(run.by_day["visits"][run.by_day["firm"] == "ours"])
    periods = days // 35
    counts = {p: (periods == p).sum() for p in set(periods.tolist())}
    for n, (day, s) in enumerate(zip(days, run.by_visit["satisfaction"], strict=True)):
        so_far = (periods[:n + 1] == day // 35).sum()
        holds = so_far >= 3 or counts.get(day // 35 - 1, 0) >= 3
        assert s == (4.0 if holds else 0.0), day


def test_matching_what_is_expected_plus_a_little_is_a_treadmill(engine, tmp_path):
    """Asked every day, matched and topped by g: S stays g, and quality must rise a·g a visit (MODEL's treadmill)."""
    a, g = 0.3, 2.0
    moves = f"[{{research: {{every: 1 day}}}}, {{match: {{by: {g}, per_point: 1 per visit}}}}]"
    told = story(tmp_path, visits=40, psyche=f"{{learning: {a}}}", strategies=f"{{still: [], please: {moves}}}")
    s = series(engine, told, "please")
    assert np.abs(s - g).max() < TIGHT * 10
    experience = series(engine, told, "please", "experience")
    assert np.abs(np.diff(experience) - a * g).max() < TIGHT * 100
    run = ENGINES[engine](told, "please")
    assert run.outcomes["cost"][0] == pytest.approx((experience - 5.0).sum(), rel=1e-9)


def test_research_is_late_and_beside_the_mark_by_as_much_as_it_says(engine, tmp_path):
    """Standards stay 5: the belief is 5 + bias from `at` + lag on, and what the firm believed before until then."""
    moves = "[{research: {every: 200 days, bias: 3, lag: 25 days, at: 50 days, cost: 7}}]"
    text = "{ours: {quality: 5, believes: 1}}"
    told = market(tmp_path, BASE.format(days=200, people=3, expects=5, psyche="{learning: 0}", firms=text,
                                        strategies=f"{{still: [], ask: {moves}}}"))
    run = ENGINES[engine](told, "ask")
    believed = run.by_attribute["believed"]
    assert run.outcomes["cost"][0] == pytest.approx(7 / 3)
    first = np.asarray(run.by_attribute["visit"]) <= 6
    assert (believed[first] == 1).all()
    assert (believed[-3:] == 8).all()


def test_research_asks_what_she_would_expect_today(engine, tmp_path):
    """Between visits 100 days apart the expectation of 50 fades to a norm of 40: after one half-life it is 45."""
    text = BASE.format(days=160, people=1, expects=50, psyche="{forgetting: {half_life: 20 days}, norm: {starts: 40}}",
                       firms="{ours: {quality: 50}}",
                       strategies="{still: [], ask: [{research: {every: 1 day}}]}").replace("every: 10 days", "every: 100 days")
    told = market(tmp_path, text)
    run = ENGINES[engine](told, "ask")
    visits = run.by_attribute["visit"]
    assert visits.tolist() == [1, 2]
    assert run.by_attribute["believed"][0] == 50
    fades = run.by_attribute["believed"][1] - run.by_attribute["expected"][1]
    assert 0 < fades <= (50 - 40) * (2 ** (-99 / 20) - 2 ** (-100 / 20)) + 1e-9  # asked at most a day before


def test_with_nobody_left_to_ask_there_is_no_news(tmp_path):
    text = BASE.format(days=300, people=30, expects=60, psyche="{learning: 0.3, leaving: {base: 60%}}",
                       firms="{ours: {quality: 60, believes: 20}}",
                       strategies="{still: [], ask: [{research: {every: 10 days}}, {match: {by: 1}}]}")
    run = fast.run(market(tmp_path, text), "ask")
    ours = run.by_day["firm"] == "ours"
    assert run.by_day["customers"][ours][-1] == 0
    assert run.by_day["quality"][ours][-1] > 60


GAPS_STORY = """
title: gaps
horizon: 600 days
replications: 2
market: {people: 60, expects: {mean: 60, sd: 8}, visits: {every: 15 days}, served: {mean: 0, sd: 4}}
psyche: {learning: {up: 0.3, down: 0.2}, assimilation: 0.2, trust: {starts: 0.5, falls: 0.1}, norm: {starts: 66, weight: 0.5}}
service: {room: {weight: 0.7}, speed: {weight: 0.3}}
firms: {ours: {quality: 60, noise: 5, shortfall: {room: 4}, believes: {speed: 50}}}
strategies:
  all of it:
    - research: {every: 45 days, noise: 2, bias: -1, lag: 20 days}
    - match: {by: 1, at: 100 days, over: 60 days}
    - promise: {level: 75, reach: 60%, at: 50 days}
    - surprise: {size: 6, chance: 20%}
    - consistency: {by: 50%, at: 300 days}
"""


def test_the_parts_of_gap_5_add_up_to_the_last_digit(engine, tmp_path):
    run = ENGINES[engine](market(tmp_path, GAPS_STORY), "all of it")
    table = run.by_attribute
    parts = sum(np.asarray(table[name]) for name in GAPS[:-1])
    assert np.abs(parts - table["gap"]).max() < TIGHT
    for name in GAPS:
        assert np.abs(table[name]).max() > 0.1, name
    weights, whole = {"room": 0.7, "speed": 0.3}, {}
    for replication, attribute, visit, gap in rows(table, "replication", "attribute", "visit", "gap"):
        whole[replication, visit] = whole.get((replication, visit), 0.0) + weights[attribute] * gap
    for replication, visit, satisfaction in rows(run.by_visit, "replication", "visit", "satisfaction"):
        assert whole[replication, visit] == pytest.approx(satisfaction, abs=1e-6)


def rows(table, *columns):
    return zip(*(table[column].tolist() for column in columns), strict=True)


def test_training_lessens_shortfall_and_noise_alike(tmp_path):
    firms = "{ours: {quality: 9, shortfall: 4, noise: 0}}"
    told = market(tmp_path, BASE.format(days=100, people=1, expects=9, psyche="{learning: 0}", firms=firms,
                                        strategies="{still: [], train: [{consistency: {by: 75%}}]}"))
    assert (fast.run(told, "still").by_visit["satisfaction"] == -4).all()
    assert (fast.run(told, "train").by_visit["satisfaction"] == -1).all()


KANO_TABLE = """
Q A A A O
R I I I M
R I I I M
R I I I M
R R R R Q
"""
"""Kano's evaluation table: rows: present, columns: absent; each likes, expects, neutral, can live with, dislikes."""


def test_three_answers_say_what_kanos_five_do():
    classes = dict(zip("AOMIRQ", range(len(KANO)), strict=True))
    coarse = [answering.LIKE, answering.NEUTRAL, answering.NEUTRAL, answering.NEUTRAL, answering.DISLIKE]
    for row, line in enumerate(KANO_TABLE.split("\n")[1:6]):
        for column, letter in enumerate(line.split()):
            assert answering.kano(coarse[row], coarse[column]) == classes[letter], (row, column)


@pytest.mark.parametrize(("expects", "weight", "found"), [
    (20, 1, "attractive"), (40, 1, "one-dimensional"), (60, 1, "must-be"), (40, -1, "reverse"), (0, 1, "questionable")])
def test_what_is_expected_decides_the_class(engine, tmp_path, expects, weight, found):
    text = f"""
title: asked
horizon: 100 days
replications: 1
market: {{people: 7, expects: {expects}, visits: {{every: 10 days}}}}
service: {{it: {{weight: {weight}, absent: 20, present: 60}}}}
firms: {{ours: {{quality: 50}}}}
strategies: {{still: []}}
"""
    kano = ENGINES[engine](market(tmp_path, text), "still").kano
    assert kano.attributes == ("it",)
    assert kano.counts.shape == (13, 1, 6)
    assert kano.counts.sum() == 13 * 7
    assert kano.counts[:, 0, KANO.index(found)].sum() == 13 * 7


def test_labels_are_what_they_say(engine, tmp_path):
    text = """
title: labels
horizon: 100 days
replications: 1
market: {people: 3, visits: {every: 10 days}}
service:
  a: {kano: attractive, absent: 20, present: 60}
  o: {kano: one-dimensional, absent: 20, present: 60}
  m: {kano: must-be, absent: 20, present: 60}
  i: {kano: indifferent, absent: 20, present: 60}
  r: {kano: reverse, weight: 0.1, absent: 20, present: 60}
firms: {ours: {quality: 50}}
strategies: {still: []}
"""
    kano = ENGINES[engine](market(tmp_path, text), "still").kano
    expected = ("attractive", "one-dimensional", "must-be", "indifferent", "reverse")
    assert [KANO[int(np.argmax(kano.counts[:, k].sum(axis=0)))] for k in range(5)] == list(expected)
    assert all(kano.counts[:, k, KANO.index(name)].sum() == 39 for k, name in enumerate(expected))


@pytest.mark.parametrize("extremes", [0.0, 0.25])
def test_who_answers_depends_on_what_was_felt(tmp_path, extremes):
    psyche = f"{{survey: {{answers: 30%, extremes: {extremes}}}}}"
    told = story(tmp_path, visits=1, psyche=psyche, quality=3.0, expects=5.0, people=MANY)
    exact = 1 - 0.7 * math.exp(-extremes * 2)
    assert abs(fast.run(told, "still").outcomes["response"][0] - exact) < 4.5 * math.sqrt(exact * (1 - exact) / MANY)


def test_correlations_are_those_of_what_people_tick(engine, tmp_path):
    """Nobody learns and nothing varies: she ticks (P + 2·S)/10 and E/10, so that the customers' table tells the correlation."""
    text = """
title: survey
horizon: 300 days
replications: 1
market: {people: 200, expects: {mean: 50, sd: 4}, visits: {every: 30 days}, served: {mean: 0, sd: 3}}
psyche: {survey: {gap: 2, answers: 60%}}
firms: {ours: {quality: 50}}
strategies: {still: []}
"""
    run = ENGINES[engine](market(tmp_path, text), "still", keep={"customers"})
    people = run.customers
    came = people["visits"] > 0
    expectation, satisfaction = people["expectation"][came], people["satisfaction"][came]
    exact = np.corrcoef(expectation, expectation + 3 * satisfaction)[0, 1]
    assert abs(run.outcomes["r_across"][0] - exact) < 0.05  # those who never answered are not in it
    assert math.isnan(run.outcomes["r_within"][0])  # nobody's answer ever changes
    everybody = ENGINES[engine](market(tmp_path, text, "psyche.survey={gap: 2, noise: 0.000000001}"), "still")
    assert everybody.outcomes["r_across"][0] == pytest.approx(exact, abs=1e-6)


def test_within_a_customer_expectation_lowers_satisfaction(tmp_path):
    """Noise alone: after a good visit she expects more and the next disappoints; across people served alike nothing remains."""
    told = story(tmp_path, visits=40, psyche="{learning: 0.4, survey: {gap: 1, noise: 0.0001}}", quality=50.0, expects=50.0,
                 people=5000, noise=5.0)
    assert fast.run(told, "still").outcomes["r_within"][0] < -0.3


def test_a_file_reaches_the_share_that_is_current_and_those_alone(tmp_path):
    moves = "[{file: {current: 30%}}, {surprise: {size: 2, chance: 1, to: {from_visit: 2}}}]"
    told = story(tmp_path, visits=3, psyche="{learning: 0}", people=100_000, strategies=f"{{still: [], file: {moves}}}")
    surprised = fast.run(told, "file").by_visit["surprised"]
    assert surprised[0] == 0
    assert abs(surprised[1] - 0.3) < 4.5 * math.sqrt(0.21 / 100_000)
    assert surprised[1] == surprised[2]  # the same people each time


def test_a_proactive_share_is_mended_before_it_complains(tmp_path):
    made = "{still: [], mend: [{recovery: {remedy: 9, proactive: 25%, share: 40%}}]}"
    told = story(tmp_path, visits=1, psyche="{complaining: {base: 100%}}", quality=3.0, expects=5.0, people=MANY,
                 strategies=made)
    found = fast.run(told, "mend").outcomes
    assert abs(found["complaints"][0] - 0.75) < 4.5 * math.sqrt(0.75 * 0.25 / MANY)
    exact = 0.25 + 0.75 * 0.4
    assert abs(found["recovered"][0] - exact) < 4.5 * math.sqrt(exact * (1 - exact) / MANY)


def days_of(complaints, answers, days=400):
    """Columns by day of 20 visits a day; what people say and how much of it changes on day 200."""
    late = np.arange(days) >= 200
    wave = np.tile([0.2, -0.2], days // 2)
    rates, means = np.where(late, *reversed(complaints)), np.where(late, *reversed(answers)) + wave
    visits = np.full(days, 20.0)
    return {"visits": visits, "complaints": rates * visits, "answers": visits / 2, "answer_sum": means * visits / 2}


def test_a_chart_rings_when_something_changed_for_the_worse_and_not_before():
    watch = Watch(150.0, 10.0)
    calm = watching.seen(watch, days_of((0.1, 0.1), (7.0, 7.0)), 400)
    assert calm == (250.0, 250.0)
    better = watching.seen(watch, days_of((0.1, 0.0), (7.0, 9.0)), 400)
    assert better == (250.0, 250.0)
    worse = watching.seen(watch, days_of((0.1, 0.2), (7.0, 5.0)), 400)
    assert 50.0 < worse[0] <= 90.0
    assert 50.0 < worse[1] <= 70.0
    assert watching.seen(watch, days_of((0.1, 0.3), (7.0, 7.0)), 400)[0] <= worse[0]


def test_the_chart_averages_with_the_weight_it_says():
    """A constant deviation d gives d·(1 − 0.8ⁿ); with a yardstick without end the limit is 3.5·√(0.2/1.8)."""
    assert watching.limit(10**9) == pytest.approx(3.5 / 3, rel=1e-6)
    assert watching.limit(26) > 1.3 > watching.limit(1000)
    for deviation, first in ((1.01, 21), (1.5, 5), (4.0, 2), (0.99, None), (6.0, 1)):
        rung = np.flatnonzero(watching.rings(np.full(60, deviation), 1.0))
        assert (None if first is None else first - 1) == (rung[0] if len(rung) else None), deviation


@given(u=st.floats(0.0, 1.0, exclude_max=True), base=st.floats(0.0, 1.0), push=st.floats(-40.0, 40.0))
@example(u=0.5, base=0.5, push=0.0)
@example(u=0.030000001, base=0.03, push=1e-12)
@example(u=0.03, base=0.03, push=5e-324)
def test_luck_that_surely_keeps_her_is_never_below_the_chance_of_leaving(u, base, push):
    if decide.surely_stays(u, base, push):
        assert not u < decide.chance_against(base, push)
    elif push >= 0.0 and u > 2.0 * base:
        pytest.fail("the quick answer was not given where it could be")


AWAY_FROM_US = """
title: contacts while she is elsewhere
horizon: 100 days
replications: 2
market: {{people: 40, expects: 50, visits: {{every: 10 days, gaps: fixed}}}}
psyche: {{learning: 0, choosing: {{price: 1000{stays}}}}}
firms: {{ours: {{quality: 60, price: 1}}{other}}}
strategies:
  dearer: [{{price: {{by: 9, at: 30 days}}}}]
  dearer and in touch:
    - price: {{by: 9, at: 30 days}}
    - contact: {{first: 15 days, second: 25 days, every: 10 days, refreshes: 50%, cost: 1}}
"""


@pytest.mark.parametrize(("other", "stays"), [(", theirs: {quality: 60, price: 5}", ""), ("", ", away: -5000")],
                         ids=["elsewhere", "nowhere"])
def test_who_is_contacted_while_she_goes_elsewhere_is_paid_for(engine, tmp_path, other, stays):
    """Three visits 10 days apart, the last one in the third ten days; then every 10 days a contact, from the 15th day on."""
    run = ENGINES[engine](market(tmp_path, AWAY_FROM_US.format(other=other, stays=stays)), "dearer and in touch")
    ours = run.by_day["firm"] == "ours"
    visits, cost = (run.by_day[name][ours].reshape(2, 100) for name in ("visits", "cost"))
    assert (visits[:, :30].sum(axis=1) == 120).all()
    assert visits[:, 30:].sum() == 0
    early = visits[:, :5].sum(axis=1)  # they are contacted on seven days before the hundredth, others on six
    assert cost.sum(axis=1).tolist() == (6 * 40 + early).tolist()
    assert cost[:, :20].sum() == 0

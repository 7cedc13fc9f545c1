"""What people are to one another, against what theory says: queues, word of mouth, prospects."""

import math

import numpy as np
import pytest

from tests.lives import ENGINES, market

QUEUE = """
title: a queue
horizon: 240 days
replications: 30
seed: 7
market:
  people: 2000
  visits: {every: 10 days}
psyche: {waiting: 0.1}
firms:
  ours: {quality: 60, staff: STAFF}
strategies:
  still: []
"""
A_DAY = 200.0
"""People who come a day: 2,000 every 10 days."""


def erlang(servers, load):
    """The chance of waiting in an M/M/c queue of so much offered load (Erlang C)."""
    terms = [load**n / math.factorial(n) for n in range(servers)]
    last = load**servers / math.factorial(servers) / (1.0 - load / servers)
    return last / (sum(terms) + last)


def waits(folder, staff, **design):
    """The mean wait in minutes of each replication, its first 20 days aside."""
    run = ENGINES["compiled"](market(folder, QUEUE.replace("STAFF", staff)), "still", **design)
    late = (run.by_day["day"] >= 20) & (run.by_day["visits"] > 0)
    replication, visits = run.by_day["replication"][late], run.by_day["visits"][late]
    minutes = run.by_day["wait"][late] * visits
    return np.bincount(replication, minutes) / np.bincount(replication, visits)


def close(found, expected):
    """Whether a mean over replications lies within 4.5 standard errors of what theory says."""
    error = found.std(ddof=1) / math.sqrt(len(found))
    assert 0.0 < error < 0.1 * expected, (error, expected)
    return abs(found.mean() - expected) < 4.5 * error


@pytest.mark.parametrize(("servers", "use"), [(1, 0.5), (1, 0.8), (3, 0.85), (12, 0.9)])
def test_many_hands_wait_as_erlang_says(tmp_path, servers, use):
    minutes = use * servers * 1440.0 / A_DAY
    expected = erlang(servers, use * servers) * minutes / (servers * (1.0 - use))
    assert close(waits(tmp_path, f"{{servers: {servers}, minutes: {minutes}}}"), expected)


@pytest.mark.parametrize(("law", "spread"), [("fixed", 0.0), ("lognormal", 0.7), ("lognormal", 1.5), ("exponential", 1.0)])
def test_one_hand_waits_as_pollaczek_and_khinchine_say(tmp_path, law, spread):
    use, minutes = 0.75, 0.75 * 1440.0 / A_DAY
    sd = f", sd: {spread * minutes}" if law == "lognormal" else ""
    expected = use * minutes * (1.0 + spread**2) / (2.0 * (1.0 - use))
    assert close(waits(tmp_path, f"{{servers: 1, minutes: {minutes}, varies: {law}{sd}}}"), expected)


def test_a_test_of_queues_can_fail(tmp_path):
    """A queue of exponential times is not one of fixed times."""
    minutes = 0.75 * 1440.0 / A_DAY
    assert not close(waits(tmp_path, f"{{servers: 1, minutes: {minutes}}}"), 0.75 * minutes / (2.0 * 0.25))


def test_half_the_hours_are_like_hands_half_as_quick(tmp_path):
    """A day of the queue is as long as the firm is open: twice the work in half the hours, and every minute is half, but
    for the grid on which hours waited are summed."""
    short = waits(tmp_path, "{servers: 2, minutes: 5, hours: 12}", replications=3)
    slow = waits(tmp_path, "{servers: 2, minutes: 10, hours: 24}", replications=3)
    assert np.allclose(2.0 * short, slow, rtol=1e-8, atol=0.0)


def test_waiting_takes_so_much_a_minute_and_no_more_than_most(tmp_path):
    """Nobody learns, so each satisfaction is the wait itself: mean S = −d · mean wait, until the most binds."""
    text = QUEUE.replace("STAFF", "{servers: 1, minutes: 6}")
    told = market(tmp_path, text, "replications=2", "market.people=500", "firms.ours.staff.minutes=20")
    run = ENGINES["compiled"](told, "still")
    assert run.outcomes["wait"].min() > 1.0
    assert np.allclose(run.outcomes["satisfaction"], -0.1 * run.outcomes["wait"], rtol=1e-9)
    bound = market(tmp_path, text, "replications=2", "psyche.waiting={per_minute: 1000, most: 3}",
                   "firms.ours.staff.minutes=1400", "market.people=500")
    run = ENGINES["compiled"](bound, "still")
    assert np.all(run.outcomes["satisfaction"] > -3.0)
    assert np.all(run.outcomes["satisfaction"] < -2.9)


def test_waiting_takes_only_from_the_attributes_that_say_so(tmp_path):
    text = QUEUE.replace("STAFF", "{servers: 1, minutes: 20}").replace("firms:", "service:\n  room: {weight: 0.7}\n  speed: "
                                                                                "{weight: 0.3, waits: true}\nfirms:")
    run = ENGINES["compiled"](market(tmp_path, text, "market.people=500", "replications=2"), "still")
    assert np.allclose(run.outcomes["satisfaction"], -0.3 * 0.1 * run.outcomes["wait"], rtol=1e-9)


TALK = """
title: word of mouth
horizon: 300 days
replications: 20
seed: 5
market:
  people: 1000
  expects: 50
  prospects: 90%
  visits: {every: 10 days, gaps: fixed}
psyche:
  joining: {base: JOIN}
  talk: {base: 1}
  listening: LISTEN
firms:
  ours: {quality: 60}
strategies:
  still: []
"""


@pytest.mark.parametrize("engine", ENGINES)
def test_who_believes_all_she_hears_comes_expecting_what_she_gets(tmp_path, engine):
    """Everybody tells, and who listens fully expects just what was told: no first visit after one word surprises anybody."""
    text = TALK.replace("JOIN", "0").replace("LISTEN", "1").replace("prospects: 90%", "prospects: 0")
    people = {"compiled": 1000, "reference": 60}[engine]
    run = ENGINES[engine](market(tmp_path, text), "still", replications=2, people=people)
    days = run.by_day
    first = (days["day"] == 0) & (days["visits"] > 0)
    assert np.all(days["satisfaction"][first] == 10.0), "the first day's guests have heard nothing"
    late = (days["day"] >= 20) & (days["visits"] > 0)
    assert np.allclose(days["satisfaction"][late], 0.0, atol=1e-9)
    assert np.all(days["words"] == days["visits"])
    assert np.all(days["praise"] <= days["words"])
    deaf = ENGINES[engine](market(tmp_path, text, "psyche.listening=0"), "still", replications=2, people=people).by_day
    assert np.all(deaf["satisfaction"][late] == 10.0)


def test_where_nobody_talks_nothing_is_heard(tmp_path):
    """Listening without talk is the market without either, to the bit."""
    from tests.lives import differing

    text = TALK.replace("JOIN", "5%").replace("  talk: {base: 1}\n", "")
    one, other = (ENGINES["compiled"](market(tmp_path, text.replace("LISTEN", listen)), "still") for listen in ("0.5", "0"))
    assert differing(one, other) == []


def test_prospects_join_at_a_constant_rate_where_nothing_draws_them(tmp_path):
    """The n-th occasion finds (1 − j)ⁿ of them still outside: a geometric trial curve."""
    told = market(tmp_path, TALK.replace("JOIN", "5%").replace("LISTEN", "0"), "psyche.talk.base=0")
    run = ENGINES["compiled"](told, "still")
    chance = 1.0 - 0.95**30
    found = run.outcomes["trial"]
    assert abs(found.mean() - chance) < 4.5 * found.std(ddof=1) / math.sqrt(len(found)) + 1e-12
    joined = run.by_day["first"].reshape(20, 300)
    assert np.array_equal(joined, run.by_day["joined"].reshape(20, 300)), "nobody leaves, so nobody comes back"
    assert joined[:, :10].sum() > joined[:, 100:110].sum() > joined[:, 200:210].sum() > 0


@pytest.mark.parametrize("engine", ENGINES)
def test_who_comes_for_the_first_time_is_counted_once(tmp_path, engine):
    """However often they leave and come back, the first visits add up to those who ever came."""
    told = market(tmp_path, TALK.replace("JOIN", "5%").replace("LISTEN", "0.2"), "psyche.leaving={base: 10%}",
                  "psyche.returning={share: 90%, after: 20 days}")
    run = ENGINES[engine](told, "still", people=300, replications=2)
    first, joined = (run.by_day[name].reshape(2, 300).sum(axis=1) for name in ("first", "joined"))
    days = {name: run.by_day[name].reshape(2, 300)[:, 0] for name in ("customers", "left", "joined")}
    prospects = 300 - (days["customers"] + days["left"] - days["joined"])
    assert np.allclose(first, run.outcomes["trial"] * prospects)
    assert (joined > 1.5 * first).all()
    assert (first > 0).all()


def test_talk_makes_an_adoption_curve(tmp_path):
    """With talk that draws prospects in, joining rises, peaks and falls: an S-shaped curve; without it, it only falls."""
    text = TALK.replace("JOIN", "1%, talk: 1").replace("LISTEN", "0").replace("prospects: 90%", "prospects: 99%")
    joined = ENGINES["compiled"](market(tmp_path, text), "still").by_day["joined"].reshape(20, 30, 10).sum(axis=(0, 2))
    peak = int(joined.argmax())
    assert 2 <= peak <= 20
    assert joined[peak] > 3 * joined[:2].mean()
    assert joined[-1] < joined[peak] / 3
    silent = ENGINES["compiled"](market(tmp_path, text, "psyche.talk.base=0"), "still")
    assert silent.by_day["joined"].reshape(20, 30, 10).sum(axis=(0, 2)).argmax() < 10
    assert silent.outcomes["trial"].mean() < 0.5


def test_blame_keeps_prospects_out(tmp_path):
    """A firm below what is expected is spoken badly of: fewer try it than if nobody talked."""
    text = TALK.replace("JOIN", "5%, talk: 0.5").replace("LISTEN", "0").replace("quality: 60", "quality: 40")
    bad = ENGINES["compiled"](market(tmp_path, text), "still").outcomes["trial"].mean()
    silent = ENGINES["compiled"](market(tmp_path, text, "psyche.talk.base=0"), "still").outcomes["trial"].mean()
    assert bad < 0.6 * silent


@pytest.mark.parametrize("network", ["mixed", "{small_world: {degree: 6}}"])
@pytest.mark.parametrize("engine", ENGINES)
def test_who_tells_of_what_was_expected_draws_nobody_and_repels_nobody(tmp_path, engine, network):
    """Every visit is as expected to the last digit: words, and no praise; and who goes by talk joins as who does not."""
    text = TALK.replace("JOIN", "5%, talk: 0.5").replace("LISTEN", "0").replace("expects: 50", "expects: 60")
    people = {"compiled": 1000, "reference": 100}[engine]
    runs = [ENGINES[engine](market(tmp_path, text, f"market.network={network}", f"psyche.joining.talk={talk}"), "still",
                            replications=1, people=people) for talk in (0.5, 0)]
    assert runs[0].by_day["words"].sum() > 10 * people / 2
    assert runs[0].by_day["praise"].sum() == 0
    assert np.array_equal(runs[0].by_day["joined"], runs[1].by_day["joined"])


UNEVEN = """
title: good and bad
horizon: 1 year
replications: 4
seed: 2
market: {people: 800, expects: 60, visits: {every: 10 days}, network: NETWORK}
psyche:
  talk: {base: 0.3}
  listening: {up: 0.1, down: 0.4}
firms: {ours: {quality: 60, noise: 10}}
strategies: {still: []}
"""


def test_blame_travels_where_everybody_hears_everybody(tmp_path):
    """Half of the words praise and half blame, and blame is believed more: expectation falls as it does among friends, where
    it would stay if good and bad were one mean before they are heard."""
    ends = [ENGINES["compiled"](market(tmp_path, UNEVEN.replace("NETWORK", network)), "still").outcomes["expectation"].mean()
            for network in ("{mixed: {degree: 6}}", "{small_world: {degree: 6, rewired: 1}}")]
    assert ends[1] < 56
    assert ends[0] == pytest.approx(ends[1], abs=1.0)


PROMISE = TALK.replace("JOIN", "2%, value: 0.2").replace("  talk: {base: 1}\n", "").replace("LISTEN", "0").replace(
    "psyche:", "psyche:\n  learning: 0.3\n  goodwill: {memory: 0.5}\n  leaving: {base: 5%, goodwill: 0.3}\n"
               "  trust: {starts: 0.8, falls: 0.3}\n  norm: {starts: 50}").replace(
    "  still: []", "  still: []\n  boast: [{promise: {level: 75}}]\n  modest: [{promise: {level: 56}}]").replace(
    "quality: 60", "quality: 55, noise: 3")


def test_a_boast_wins_trial_and_loses_repeat(tmp_path):
    """Kopalle & Lehmann 2006: advertise high, and there is trial but little repeat; and nothing, where nobody listens."""
    told = market(tmp_path, PROMISE)
    still, boast, modest = (ENGINES["compiled"](told, name).outcomes for name in ("still", "boast", "modest"))
    assert (boast["trial"] > modest["trial"]).all()
    assert (modest["trial"] > still["trial"]).all()
    assert boast["repeat"].mean() < still["repeat"].mean() - 0.02
    assert (boast["goodwill"] < still["goodwill"]).all()
    deaf = market(tmp_path, PROMISE, "psyche.trust.starts=0")
    for name, values in ENGINES["compiled"](deaf, "still").outcomes.items():
        assert np.array_equal(values, ENGINES["compiled"](deaf, "boast").outcomes[name], equal_nan=True), name


BACKLOG = """
title: a line to clear
horizon: 120 days
replications: 2
market: {people: 300, visits: {every: 14 days}}
psyche: {waiting: 0.01}
firms: {ours: {quality: 70, staff: {servers: 1, minutes: 30, varies: fixed, hours: 8}}}
strategies:
  still: []
  longer: [{staffing: {hours: 8, at: 60 days}}]
  more: [{staffing: {by: 1, at: 60 days}}]
  short: [{staffing: {hours: -6, at: 60 days, until: 70 days}}]
"""


@pytest.mark.parametrize("engine", ENGINES)
def test_longer_hours_clear_a_line_as_more_hands_do(tmp_path, engine):
    """Twice the hours are twice the work a day, also for those who came before; minutes waited are those of each day."""
    told = market(tmp_path, BACKLOG)
    design = {"people": 300, "replications": 1} if engine == "reference" else {}
    still, longer, more = (ENGINES[engine](told, name, **design).by_day for name in ("still", "longer", "more"))
    day = still["day"]
    for one in (longer, more):
        assert np.array_equal(one["visits"][day < 30], still["visits"][day < 30])
    late = (day >= 62) & (day < 90)
    served = {name: one["visits"][late & (one["wait"] > 0)].sum() for name, one in (("longer", longer), ("more", more))}
    assert abs(served["longer"] - served["more"]) <= 0.02 * served["more"], served
    gone = [np.nanmean(one["wait"][(day >= 75) & (day < 80)]) for one in (still, longer, more)]
    assert gone[1] < gone[0] / 2
    # The same number stands before her; twice the hours pass as quickly as two hands are done with them.
    assert gone[1] == pytest.approx(2.0 * gone[2], rel=0.1)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_day_with_few_hours_serves_few(tmp_path, engine):
    """Two hours hold four services of half an hour, whenever those came who are served in them."""
    told = market(tmp_path, BACKLOG, "psyche.talk.base=1")  # all tell on the day they are served
    words = ENGINES[engine](told, "short", replications=1).by_day["words"]
    assert words[40:60].tolist() == [16.0] * 20
    assert words[61:70].tolist() == [4.0] * 9
    assert words[71:90].tolist() == [16.0] * 19

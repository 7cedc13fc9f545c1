"""Where people are something to one another, both engines still give the same bits: word of mouth, prospects, queues."""

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from sim.engine import queue, reference
from sim.engine import run as fast
from sim.rules import join, talk, wait
from tests.agreement.test_both_engines import CHOOSING, PSYCHES, TOGETHER, levels, story
from tests.effort import EFFORT
from tests.lives import differing, market

STAFF = {"ours": "staff: {servers: 1, minutes: 120, hours: 8}", "still": "staff: {servers: 1, minutes: 900, varies: fixed}",
         "leaping": "staff: {servers: 1, minutes: 200, varies: lognormal, sd: 150, hours: 12}"}
SHIFTS = """
    - staffing: {by: 2, hours: 1, at: 20 days, until: 60 days, running: 30 per day, cost: 10}
    - staffing: {by: -1, at: 40 days, until: 45 days}
    - staffing: {by: 1, hours: -2, at: 43 days}
"""
THEIR_STAFF = "\n    staff: {servers: 1, minutes: 240, varies: exponential, hours: 10}"
THEIR_SHIFTS = """
        - staffing: {by: 2, hours: 1.5, at: 30 days, until: 90 days, running: 20 per day, cost: 15}
        - staffing: {by: -1, hours: -3, at: 50 days, until: 70 days}
"""
TALKING = {"talk": {"base": 0.1, "good": {"between": [0.02, 0.1]}, "bad": 0.1}, "listening": {"up": 0.2, "down": 0.3}}
WAITING = {"waiting": {"per_minute": {"between": [0.01, 0.05]}, "most": 60}}
JOINING = {"joining": {"base": 0.2, "value": 0.05, "talk": 0.3}}


def staffed(text):
    """The story where ours and three rivals have only so many hands, and ours and one of the rivals change them."""
    for firm, staff in STAFF.items():
        head, _, rest = text.partition(f"\n  {firm}: {{")
        text = f"{head}\n  {firm}: {{{staff}, {rest}"
    text = text.replace("  everything:\n", f"  everything:{SHIFTS}").replace("  striving:", f"  striving:{THEIR_STAFF}")
    text = text.replace("      all it may:\n", f"      all it may:{THEIR_SHIFTS}")
    return text.replace("speed: {weight: 0.3,", "speed: {waits: true, weight: 0.3,")


def town(folder, psyche, *settings, staff=True, prospects=True):
    """The story of all moves, told of people who talk, wait and join."""
    text = story(psyche)
    text = staffed(text) if staff else text
    if prospects and "choosing" not in psyche:
        text = text.replace("  served:", "  prospects: 40%\n  served:")
    return market(folder, text, *settings)


def both(told, strategy="everything", **design):
    return (fast.run(told, strategy, keep={"customers"}, **design), reference.run(told, strategy, keep={"customers"}, **design))


ALL = {**TOGETHER, **TALKING, **WAITING, **JOINING}
ALL_CHOOSING = {**CHOOSING, **TALKING, **WAITING}


@pytest.mark.parametrize("psyche", [ALL, ALL_CHOOSING], ids=["ours alone", "choosing"])
@pytest.mark.parametrize("strategy", ["everything", "asks and matches"])
def test_all_together(tmp_path, psyche, strategy):
    compiled, interpreted = both(town(tmp_path, psyche), strategy, people=240, replications=1)
    assert differing(compiled, interpreted) == []
    days = compiled.by_day
    for firm in ("ours", "still", "striving") if "choosing" in psyche else ("ours",):
        here = days["firm"] == firm
        for happened in ("words", "praise", "joined", "left", "visits"):
            assert days[happened][here].sum() > 0, f"nothing {happened} at {firm}: an empty comparison"
        assert 0 < days["praise"][here].sum() < days["words"][here].sum()
        assert np.nanmax(days["wait"][here]) > 5.0, "nobody waited"
    assert compiled.outcomes["wait"].min() > 0.0


@pytest.mark.parametrize("firm", ["ours", "striving"])
def test_one_firm_alone_has_staff(tmp_path, firm):
    """Where the others have none nobody waits there; the one that has some may change it."""
    text = staffed(story(ALL_CHOOSING))
    staff = {**{name: f"{written}, " for name, written in STAFF.items()}, "striving": THEIR_STAFF}
    for other, written in staff.items():
        text = text if other == firm else text.replace(written, "")
    text = text.replace(SHIFTS, "\n") if firm != "ours" else text.replace(THEIR_SHIFTS, "\n")
    assert text.count("staff: {") == 1
    assert text.count("staffing: {") in (2, 3)
    compiled, interpreted = both(market(tmp_path, text), people=240, replications=1)
    assert differing(compiled, interpreted) == []
    days = compiled.by_day
    waited = {name: float(np.nansum(days["wait"][days["firm"] == name])) for name in ("ours", "still", "leaping", "striving")}
    assert waited[firm] > 5.0
    assert all(minutes == 0.0 for name, minutes in waited.items() if name != firm)


NETWORKS = ["mixed", "{mixed: {degree: 3}}", "{small_world: {degree: 4, rewired: 20%}}", "{scale_free: {degree: 6}}",
            "{edges: ties.csv}"]


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("psyche", [ALL, ALL_CHOOSING], ids=["ours alone", "choosing"])
def test_whoever_hears_whom(tmp_path, psyche, network):
    ties = [(one, other) for one in range(39) for other in (one + 1, (7 * one) % 40) if one != other]
    (tmp_path / "ties.csv").write_text("".join(f"{one},{other}\n" for one, other in ties), encoding="utf-8")
    compiled, interpreted = both(town(tmp_path, psyche, f"market.network={network}", staff=False))
    assert differing(compiled, interpreted) == []
    assert compiled.by_day["words"].sum() > 50
    others = fast.run(town(tmp_path, psyche, staff=False), "everything", keep={"customers"})
    assert (differing(compiled, others) == []) == (network == "mixed"), "who hears whom makes no difference"


@pytest.mark.parametrize("name", ["talk", "waiting", "joining"])
def test_each_alone(tmp_path, name):
    psyche = {"learning": 0.3, **{"talk": TALKING, "waiting": WAITING, "joining": JOINING}[name]}
    told = town(tmp_path, psyche, staff=name == "waiting", prospects=name == "joining")
    assert differing(*both(told)) == []
    without = town(tmp_path, {"learning": 0.3}, staff=name == "waiting", prospects=name == "joining")
    one, other = fast.run(told, "everything"), fast.run(without, "everything")
    assert abs(one.outcomes["felt"] - other.outcomes["felt"]).max() > 1e-6, "the mechanism does nothing"


BROKEN = {
    (talk, "talks_chance"): lambda *of: of[0], (talk, "teach"): lambda *of: of[0] + 1e-13,
    (wait, "lost"): lambda *of: of[0] * 1e-9, (wait, "service_minutes"): lambda *of: of[1],
    (join, "joining_chance"): lambda *of: of[0],
}


@pytest.mark.parametrize("broken", BROKEN, ids=lambda one: one[1])
def test_the_comparison_notices_a_changed_rule(tmp_path, monkeypatch, broken):
    from sim.rules import visit

    told = town(tmp_path, ALL)
    compiled = fast.run(told, "everything", people=60)
    place = visit if broken[1] == "lost" else broken[0]
    monkeypatch.setattr(place, broken[1], BROKEN[broken])
    assert differing(compiled, reference.run(told, "everything", people=60)) != []


@pytest.mark.parametrize("psyche", [ALL, ALL_CHOOSING], ids=["ours alone", "choosing"])
def test_the_order_of_people_within_a_day_changes_nothing(tmp_path, monkeypatch, psyche):
    """Compiled: turns in an order of their own where nobody waits in line. Interpreted: processes begun in another order."""
    from sim.engine import kernel

    told = town(tmp_path, psyche, staff=False)
    plain = fast.run(told, "everything", keep={"customers"})
    shuffled = np.random.default_rng(5)
    asked = kernel.turns
    orders = []

    def turns(*of):
        places = asked(*of)
        orders.append(shuffled.permutation(places))
        return orders[-1]

    monkeypatch.setattr(kernel, "turns", turns)
    assert differing(plain, fast.run(told, "everything", keep={"customers"})) == []
    assert any((np.diff(places) < 0).any() for places in orders), "nothing was shuffled"


def test_the_order_in_which_processes_begin_changes_nothing(tmp_path, monkeypatch):
    told = town(tmp_path, ALL)
    plain = reference.run(told, "everything", people=40)
    begun = []

    class Backwards(list):
        def __iter__(self):
            begun.append(1)
            return iter(list(super().__iter__())[::-1])

    monkeypatch.setattr(reference, "in_order_of_numbers", Backwards)
    assert differing(plain, reference.run(told, "everything", people=40)) == []
    assert begun


@pytest.mark.parametrize("jobs", [1, 3])
@pytest.mark.parametrize("block", [1, 7, 5000])
def test_blocks_and_threads_change_nothing(tmp_path, block, jobs):
    told = town(tmp_path, ALL)
    assert differing(fast.run(told, "everything", keep={"customers"}),
                     fast.run(told, "everything", keep={"customers"}, block=block, jobs=jobs)) == []


def test_markets_of_one_form_share_what_is_compiled(tmp_path):
    """However many of people's columns stand empty: compiling takes half a minute."""
    from sim.engine import kernel

    fast.run(town(tmp_path, ALL), "everything", people=20, replications=1)
    loops = [kernel.loop(name, "coupled") for name in ("serve_town", "finish")]
    compiled = [loop.signatures for loop in loops]
    for psyche, staff in ((TALKING, False), (WAITING, True), ({**TALKING, **WAITING}, True)):
        fast.run(town(tmp_path, {"learning": 0.3, **psyche}, staff=staff, prospects=False), "still", people=20, replications=1)
    alone = town(tmp_path, {"learning": 0.3, **TALKING}, "market.network=mixed", prospects=False)
    runs = [engine.run(alone, "still", people=1, replications=1) for engine in (fast, reference)]
    assert differing(*runs) == []
    assert [loop.signatures for loop in loops] == compiled
    assert all(len(signatures) == 1 for signatures in compiled)


SHARE = levels(0.0, 0.9)
TOWNS = st.fixed_dictionaries({}, optional={
    "talk": st.fixed_dictionaries({}, optional={"base": SHARE, "good": levels(0.0, 0.5), "bad": levels(0.0, 0.5)}),
    "listening": st.one_of(SHARE, st.fixed_dictionaries({"up": SHARE, "down": SHARE})),
    "waiting": st.one_of(levels(0.0, 0.2), st.fixed_dictionaries({"per_minute": levels(0.0, 1.0), "most": levels(0.0, 90.0)})),
    "joining": st.one_of(SHARE, st.fixed_dictionaries({"base": SHARE, "value": levels(0.0, 0.5), "talk": levels(0.0, 1.0)})),
})


@settings(max_examples=25 * EFFORT, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(psyche=PSYCHES, people=TOWNS, seed=st.integers(0, 2**64 - 1), staff=st.booleans(),
       strategy=st.sampled_from(["still", "everything", "asks and matches"]))
def test_random_towns(tmp_path, psyche, people, seed, staff, strategy):
    told = town(tmp_path, {**psyche, **people}, staff=staff)
    runs = both(told, strategy, seed=seed, people=12, replications=1)
    assume(len(runs[0].by_visit["visit"]) > 0)  # a dozen people may all go elsewhere
    assert differing(*runs) == []


def test_a_heap_of_hands_is_a_heap():
    random = np.random.default_rng(3)
    for count in (1, 2, 7, 40):
        free = np.zeros(count + 3)
        free[2:2 + count] = np.sort(random.random(count))
        for _ in range(200):
            free[2] += random.random()
            queue.sink(free, 2, count, 0)
            assert free[2] == free[2:2 + count].min()


def test_the_text_of_the_story_has_its_staff():
    text = staffed(story({}))
    assert text.count("staff: {") == 4
    assert text.count("staffing: {") == 5
    assert "waits: true" in text

"""Where the scenario files are, and random stories for property tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import strategies as st

from sim.market import Budgeted

SCENARIOS = Path(__file__).parent.parent / "scenarios"


@pytest.fixture(scope="session")
def scenarios() -> Path:
    return SCENARIOS


@pytest.fixture(scope="session")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that outlives one test, for property tests that write a file an example."""
    return tmp_path_factory.mktemp("stories")


def _numbers(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False).map(lambda x: x + 0.0)


def _shares() -> st.SearchStrategy[Any]:
    return st.one_of(_numbers(0, 1), st.integers(0, 100).map(lambda n: f"{n}%"))


def _spread(one: st.SearchStrategy[Any], low: float, high: float) -> st.SearchStrategy[Any]:
    pair = st.tuples(_numbers(low, high), _numbers(low, high)).map(lambda p: {"between": sorted(p)})
    normal = st.builds(lambda mean, sd: {"mean": mean, "sd": sd}, one, _numbers(0, 1))
    beta = st.builds(lambda a, b: {"beta": [a, b]}, _numbers(0.1, 10), _numbers(0.1, 10))
    return st.one_of(one, pair, normal, beta)


def _durations(least: int = 1) -> st.SearchStrategy[str]:
    units = st.sampled_from(["days", "weeks", "months", "years", "hours"])
    return st.builds(lambda n, u: f"{n} {u}", st.integers(max(least, 1), 90), units)


def _horizons() -> st.SearchStrategy[str]:
    """Horizons past the dates that moves are given here."""
    return st.builds(lambda n, unit: f"{n} {unit}", st.integers(15, 90), st.sampled_from(["days", "weeks", "months", "years"]))


def _spans() -> st.SearchStrategy[Any]:
    normal = st.builds(lambda mean, sd: {"mean": mean, "sd": sd}, _durations(), _durations())
    pair = st.lists(st.integers(1, 90), min_size=2, max_size=2).map(lambda p: {"between": [f"{n} days" for n in sorted(p)]})
    return st.one_of(_durations(), normal, pair)


def _maybe(**keys: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=keys)


def _psyche(attributes: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    share, points = _spread(_shares(), 0, 1), _spread(_numbers(0, 50), 0, 50)
    both = _maybe(up=share, down=share)
    starts = st.one_of(points, st.just("expectation"), st.dictionaries(st.sampled_from(attributes), points, min_size=1))
    norm = {"starts": starts, "weight": share, "learns": st.one_of(share, both), "noise": points,
            "spillover": st.one_of(share, _maybe(pull=share, upward_only=st.booleans()))}
    return _maybe(
        learning=st.one_of(share, both, points.map(lambda k: {"bayesian": k})),
        surprise=_maybe(credit=share, familiarity=share), loss_aversion=points, tolerance=points,
        delight=_maybe(threshold=points, bonus=points), curvature=_numbers(0.1, 2),
        forgetting=_maybe(half_life=st.one_of(_spans(), st.just("never"))),
        norm=st.one_of(_maybe(**norm, hears_rivals=share),
                       _maybe(**norm, hears_rivals_every=st.one_of(_spans(), st.just("never")))),
        peak=share, assimilation=share, goodwill=_maybe(memory=share, starts=points),
        leaving=_maybe(base=share, goodwill=points, tenure=_numbers(-10, 10), failures=points),
        returning=_maybe(share=share, after=_spans()),
        complaining=st.one_of(points, _maybe(shortfall=points, base=share, vents=share)),
        failures=_maybe(beyond=points, memory=share),
        recovery=_maybe(weight=points, expects=_spread(_numbers(-50, 50), -50, 50), learning=share, worth=points,
                        patience=st.one_of(_spans(), st.just("never"))),
        choosing=_maybe(value=points, goodwill=points, price=points, switching=points,
                        away=st.one_of(_spread(_numbers(-9, 9), -9, 9), st.just("never"))),
        trust=_maybe(starts=share, falls=share), joining=st.one_of(share, _maybe(base=share, value=points, talk=points)),
        talk=_maybe(base=share, good=points, bad=points), listening=st.one_of(share, both),
        waiting=st.one_of(points, _maybe(per_minute=points, most=points)),
        fairness=_maybe(weight=points, learning=share, starts=st.one_of(points, st.just("listed"))),
        survey=_maybe(gap=_numbers(0, 10), answers=share, extremes=points, noise=_numbers(0, 10), feels=points))


Moves = st.SearchStrategy[dict[str, Any]]


BUDGETED = {kind.__name__.lower() for kind in get_args(Budgeted)}


def _kind(name: str, must: dict[str, Any], **may: st.SearchStrategy[Any]) -> Moves:
    dated = {"at": st.just("5 days"), "until": st.just("1 week"), "cost": _numbers(-9, 9)}
    if name in BUDGETED:
        dated["budget"] = _numbers(9.5, 900)
    return st.fixed_dictionaries(must, optional={**dated, **may}).map(lambda inner: {name: inner})


def _aims(segments: list[str]) -> st.SearchStrategy[Any]:
    asked = _maybe(segment=st.sampled_from(segments), from_visit=st.integers(1, 5), to_visit=st.integers(5, 9),
                   disappointed=st.just(True), goodwill_below=_numbers(-9, 9)).filter(bool)
    return st.one_of(st.sampled_from(["everyone", "at risk", "after a disappointment"]), asked)


def _move(attributes: list[str], segments: list[str]) -> Moves:
    """A move of which a strategy may have several."""
    running = st.just("2.5 per visit")

    def kind(name: str, must: dict[str, Any], **may: st.SearchStrategy[Any]) -> Moves:
        return _kind(name, must, attribute=st.sampled_from(attributes), over=_durations(), **may)

    aims = _aims(segments)
    ways: list[dict[str, st.SearchStrategy[Any]]] = [
        {"chance": _shares()}, {"every": st.just("3 visits")}, {"on_visit": st.integers(1, 9)}]
    surprises = [kind("surprise", {"size": _numbers(-9, 9), **way}, kinds=st.integers(1, 9), to=aims) for way in ways]
    recovery = _kind("recovery", {"remedy": _numbers(-9, 9)}, over=_durations(), within=_durations(), apology=_numbers(-9, 9),
                     follow_up=_numbers(-9, 9), compensation=_numbers(0, 9), share=_shares(), proactive=_shares(), to=aims)
    return st.one_of(*surprises, kind("upgrade", {"by": _numbers(-9, 9)}, running=running),
                     kind("promise", {"level": _numbers(0, 99)}, reach=_shares()),
                     kind("consistency", {"by": _shares()}, running=running), recovery,
                     _kind("price", {"by": _numbers(0, 9)}, over=_durations()))


@st.composite
def _moves(draw: st.DrawFn, attributes: list[str], segments: list[str]) -> list[dict[str, Any]]:
    """The moves of one strategy: some of which there may be several, and some of which there is one at most."""
    tier = st.fixed_dictionaries({"lift": _numbers(-9, 9)}, optional={"cost": st.just("0.5 per visit")})
    tiers = st.lists(tier, min_size=1, max_size=3).map(
        lambda found: {f"tier {at}": {"visits": 3 * at + 1, **one} for at, one in enumerate(found)})
    attribute, over = st.sampled_from(attributes), _durations()
    contact = _kind("contact", {}, over=over, first=st.just("2 days"), second=st.sampled_from(["8 days", "9 weeks"]),
                    every=_durations(), finds=_shares(), refreshes=_shares(), to=_aims(segments))
    programme = _kind("programme", {"tiers": tiers}, attribute=attribute, period=_durations(24))
    file = _kind("file", {"current": _shares()}, over=over, running=st.just("1 per visit"))
    research = _kind("research", {"every": st.just("2 weeks")}, noise=_numbers(0, 9), bias=_numbers(-9, 9), lag=_durations())
    match = _kind("match", {}, attribute=attribute, over=over, by=_numbers(-9, 9), per_point=st.just("-2 per visit"))
    winback = _kind("winback", {"persuades": _shares()}, over=over, after=st.sampled_from(["2 days", "9 weeks"]),
                    lift=_numbers(-9, 9), to=_aims(segments))
    once = st.lists(st.sampled_from([contact, programme, file, research, winback]), max_size=2, unique_by=id)
    singles = [draw(one) for one in draw(once)]
    follow = [draw(match)] if any("research" in one for one in singles) and draw(st.booleans()) else []
    return [*draw(st.lists(_move(attributes, segments), max_size=2)), *singles, *follow]


@st.composite
def _service(draw: st.DrawFn, attributes: list[str]) -> dict[str, dict[str, Any]]:
    """Attributes with and without labels; weights where there must be one."""
    labels = [draw(st.sampled_from([None, None, "must-be", "one-dimensional", "attractive", "reverse"])) for _ in attributes]
    plain = labels.count(None)
    weight = (1.0 if plain == len(labels) else 0.8) / max(plain, 1)
    asked = st.fixed_dictionaries({"absent": _numbers(-20, 40), "present": _numbers(41, 99)})
    return {name: {"weight": weight, **draw(st.one_of(st.just({}), asked))} if label is None else {"kano": label, **draw(asked)}
            for name, label in zip(attributes, labels, strict=True)}


def _networks(people: int) -> st.SearchStrategy[Any]:
    """Networks that so many people can have, but for those that a file lists."""
    mixed = st.one_of(st.just("mixed"), _maybe(degree=_numbers(0.1, 50)).map(lambda inner: {"mixed": inner}))
    if people < 5:
        return mixed
    degree = st.integers(1, min(people - 1, 30) // 2).map(lambda half: {"degree": 2 * half})
    world = st.builds(lambda inner, rewired: {"small_world": {**inner, **rewired}}, degree, _maybe(rewired=_shares()))
    return st.one_of(mixed, world, degree.map(lambda inner: {"scale_free": inner}))


@st.composite
def _story(draw: st.DrawFn) -> dict[str, Any]:
    names = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Cn", "Zl", "Zp")), min_size=1, max_size=12).map(str.strip)
    names = names.filter(lambda n: n and n not in ("mean", "sd", "between", "beta", "ours") and "\ufeff" not in n)
    attributes = draw(st.lists(names, min_size=1, max_size=3, unique=True))
    segments = draw(st.lists(names, min_size=1, max_size=3, unique=True))
    levels, service = _spread(_numbers(0, 99), 0, 99), draw(_service(attributes))
    free = [name for name, one in service.items() if "kano" not in one]
    expects = {"expects": st.one_of(levels, st.dictionaries(st.sampled_from(free), levels, min_size=1))} if free else {}
    served = _spread(_numbers(-9, 9), -9, 9)
    quality = st.one_of(_numbers(0, 99), st.fixed_dictionaries({name: _numbers(0, 99) for name in attributes}))
    visits = _maybe(every=_durations(), gaps=st.sampled_from(["random", "fixed"]), goodwill=_numbers(0, 1),
                    within=st.just(["1 day", "no limit"]))
    segment = st.fixed_dictionaries({"share": st.just(1 / len(segments))},
                                    optional={**expects, "served": served, "visits": visits, "psyche": _psyche(attributes)})
    firm = {"noise": _numbers(0, 9), "improves": st.sampled_from(["1.5 per year", "-0.1 per week", "2 per day"]),
            "leaps": st.fixed_dictionaries({"by": quality, "every": _durations()}), "price": _numbers(0, 99),
            "staff": st.fixed_dictionaries({"servers": st.integers(1, 9), "minutes": _numbers(1, 99)},
                                           optional={"varies": st.sampled_from(["exponential", "fixed"]),
                                                     "hours": _numbers(1, 24)})}
    rival = {**firm, "imitates": st.fixed_dictionaries({"after": _durations()}, optional={"share": _shares()})}
    rivals = draw(st.dictionaries(names, st.fixed_dictionaries({"quality": quality}, optional=rival), max_size=2))
    beliefs = st.one_of(_numbers(0, 99), st.dictionaries(st.sampled_from(attributes), _numbers(0, 99), min_size=1))
    ours = draw(st.fixed_dictionaries({"quality": quality},
                                      optional={**firm, "shortfall": beliefs, "believes": beliefs, "margin": _numbers(0, 99),
                                                "discount": st.just("8% per year")}))
    strategies = st.dictionaries(names, _moves(attributes, segments), min_size=1, max_size=3)
    people = draw(st.integers(1, 1000))
    made = {
        "title": draw(names), "horizon": draw(_horizons()),
        "market": {"people": people, "visits": {"every": "1 week", **draw(visits)},
                   **draw(_maybe(**expects, served=served, network=_networks(people))),
                   "segments": {name: draw(segment) for name in segments}},
        "psyche": draw(_psyche(attributes)), "service": service,
        "firms": {**rivals, "ours": ours}, "strategies": draw(strategies),
    }
    watch = st.fixed_dictionaries({"until": st.sampled_from(["12 days", "330 hours"]), "every": st.just("1 day")})
    return {**made, **draw(_maybe(watch=watch, seed=st.integers(0, 2**64 - 1), replications=st.integers(1, 9), about=names,
                                  source=st.lists(names, max_size=2), numbers=st.dictionaries(names, names, max_size=2)))}


@pytest.fixture(scope="session")
def stories() -> st.SearchStrategy[dict[str, Any]]:
    """Random stories that are right, as plain values."""
    return _story()

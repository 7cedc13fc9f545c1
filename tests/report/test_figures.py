"""Figures: titles tell the truth, words never overlap, axes have units, bytes repeat, nobody's settings change."""

from __future__ import annotations

import dataclasses
import itertools
import warnings

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from sim.engine.records import Spreading
from sim.experiments.compare import Comparison, conclude
from sim.experiments.sequence import plan
from sim.report.figures import FIGURES, figure, worth_drawing
from sim.report.figures.retention import stays
from sim.report.figures.spreading import quantiles
from sim.report.page import badge, headline, page
from sim.report.style import (
    MARKERS,
    PALETTE,
    apart,
    drawable,
    drawing,
    look,
    png,
    readable,
    sheet,
    short,
    svg,
    width_of,
    wrap,
)
from tests.report.studies import HOTEL, NASTY, Plan, fading, failure, late_peak, make, steady


def title(comparison: Comparison, name: str) -> str:
    return str(figure(comparison, name).get_label())


# --- an interval that narrows -------------------------------------------------------------------------------


def looked(margin: float, by: float, replications: int = 15, most: int = 40) -> Comparison:
    """Two strategies so far apart, looked at until 15 replications or so."""
    found = make({"a": Plan(noise=0.4), "b": Plan(steady(by), noise=0.4)}, replications=replications)
    return conclude(found.market, found.runs, "satisfaction", plan(margin, "satisfaction", most))


def test_an_interval_that_narrows_says_since_when_it_decides() -> None:
    clear = title(make({"a": Plan(noise=0.4), "b": Plan(steady(2.0), noise=0.4)}), "convergence")
    assert clear == "‘b’ and ‘a’ can be told apart from 5 replications on"
    alike = title(make({"a": Plan(noise=0.4), "b": Plan(noise=0.4)}, seed=12), "convergence")
    assert alike.startswith("After 12 replications the interval still holds 0: ")


def test_looks_say_whether_it_is_settled_and_how() -> None:
    assert title(looked(0.01, 2.0), "convergence") == "Settled after 15 replications: ‘b’ and ‘a’ surely differ"
    assert title(looked(5.0, 0.0), "convergence").endswith("differ too little to matter")
    assert title(looked(1e-6, 0.0), "convergence").startswith("Not settled after 15 replications: ")


def test_the_page_tells_what_is_too_small_to_matter() -> None:
    found = looked(5.0, 0.0)
    assert badge(found) == "No difference that matters"
    assert headline(found) == "No difference that matters in satisfaction"
    said = page(found)
    assert "too small to matter" in said
    assert "15 replications at look 2 of at most 4 (40 would have been the most)" in said
    assert "differs by less than 5 points a visit, too little to matter" in said


def test_one_strategy_or_few_replications_have_no_path() -> None:
    assert "convergence" not in worth_drawing(make({"a": Plan()}))
    assert "convergence" not in worth_drawing(make({"a": Plan(), "b": Plan(steady(1.0))}, replications=4))
    assert "convergence" in worth_drawing(make({"a": Plan(), "b": Plan(steady(1.0))}, replications=5))


# --- titles -------------------------------------------------------------------------------------------------


def test_satisfaction_says_what_fades_and_what_does_not(hotel: Comparison) -> None:
    said = title(hotel, "satisfaction")
    assert said.startswith("The lift over ‘stand still’: ")
    assert "‘small surprises’ does not fade (+1.10 points" in said
    assert "‘one large refit’ has lost half of its peak after 3 visits" in said


def test_a_start_common_to_all_strategies_fades_nothing(hotel: Comparison) -> None:
    """Satisfaction itself falls under all three; what each lifts it above the baseline is the same as without."""
    low = NASTY["hotel, low expectations"]()
    assert title(low, "satisfaction") == title(hotel, "satisfaction")


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (Plan(steady(0.0)), "stays near zero"),
        (Plan(fading(6.0)), "has lost half of its peak after 3 visits"),
        (Plan(fading(3.0, 0.8, 4.0)), "keeps 58% of its peak (+6.99, then +4.03 points)"),
        (Plan(steady(2.0)), "does not fade"),
        (Plan(fading(1.0), noise=4.0), "whether ‘a’ fades cannot be told"),
        (Plan(fading(1.0, 0.8, 2.0), noise=1.6), "points, and whether it fades cannot be told"),
        (Plan(lambda visit: -0.2 * visit), "sinks to"),
        (Plan(steady(-2.0)), "stays below zero"),
        (Plan(lambda visit: 0.1 * visit), "is still rising"),
        (Plan(late_peak), "has lost half of its peak after 2 visits"),
        (Plan(failure), "dips to −8.00 points at visit 6 and ends at 0.00"),
        (Plan(lambda visit: 4.0 * 0.6 ** (visit - 1) - 3.0 * (visit > 8) * 0.7 ** (visit - 8)), ", then falls to −"),
        (Plan(fading(5.0, 0.8, -1.0)), "after 2 visits, then is below zero (−"),
    ],
)
def test_satisfaction_title_follows_the_numbers(plan: Plan, said: str) -> None:
    assert said.lower() in title(make({"a": plan}), "satisfaction").lower()


@pytest.mark.parametrize(
    ("plans", "said"),
    [
        ({"a": Plan()}, "At no visit does any strategy lift satisfaction above that of ‘base’"),
        ({"a": Plan(steady(2.0))}, "The lift over ‘base’ does not fade under any strategy"),
        ({"a": Plan(noise=5.0)}, "Whether the lift over ‘base’ fades cannot be told for any strategy"),
        ({"a": Plan(failure)}, "Every strategy dips far below the satisfaction of ‘base’ and comes back"),
        ({"a": Plan(steady(-3.0))}, "Every strategy stays below the satisfaction of ‘base’"),
    ],
)
def test_satisfaction_title_of_strategies_that_are_alike(plans: dict[str, Plan], said: str) -> None:
    both = {"base": Plan(), **plans, "b": next(iter(plans.values()))}
    assert title(make(both), "satisfaction") == said


@pytest.mark.parametrize(
    ("standard", "noise", "said"),
    [
        (lambda visit: 60 + 0.4 * visit, 0.0, "raise their standard: by 8.60 points under ‘a’"),
        (lambda visit: 60 - 0.4 * visit, 0.0, "lower their standard: by 8.60 points under ‘a’"),
        (lambda visit: 60 + 0 * visit, 0.0, "keep their standard"),
    ],
)
def test_ratchet_title_follows_the_standard(standard: object, noise: float, said: str) -> None:
    assert said in title(make({"a": dataclasses.replace(Plan(), standard=standard, noise=noise)}), "ratchet")


def test_ratchet_title_compares_visits_that_half_still_make() -> None:
    """Those who come to the last visits may have been others from the start, and are no rise of anybody's standard."""
    few = Plan(standard=lambda visit: 60.0 + 8.0 * (visit > 10), stay=0.9)
    assert title(make({"a": few}), "ratchet") == "Customers keep their standard under ‘a’: it moves by less than half a point"
    assert title(make({"a": dataclasses.replace(few, stay=0.99)}), "ratchet").startswith("Customers raise their standard: by 8")


def test_ratchet_says_how_customers_differ_where_they_do() -> None:
    alike = make({"a": Plan()})
    run = alike.runs["a"]
    same = {**run.by_visit, "expectation_sd": np.zeros(len(run.by_visit["visit"]))}
    calm = dataclasses.replace(alike, runs={"a": dataclasses.replace(run, by_visit=same)})
    assert any("Customers differ more" in text.get_text() for text in figure(alike, "ratchet").findobj(Text))
    assert not any("Customers differ more" in text.get_text() for text in figure(calm, "ratchet").findobj(Text))


def test_forest_title_follows_the_differences(hotel: Comparison) -> None:
    assert "‘one large refit’ gains 2.378 points, ‘small surprises’ gains 1.103 points" in title(hotel, "forest")
    unsure = make({"a": Plan(noise=1.0), "b": Plan(noise=1.0)}, seed=12)
    assert title(unsure, "forest") == "In satisfaction, no strategy can be told apart from ‘a’"
    mixed = make({"a": Plan(), "b": Plan(steady(-1.0)), "c": Plan()})
    assert "‘b’ loses 0.994 points; ‘c’ cannot be told from it" in title(mixed, "forest")


def test_an_exact_copy_is_called_equal() -> None:
    three = make({"a": Plan(noise=0.0), "b": Plan(noise=0.0), "c": Plan(steady(1.0), noise=0.0)})
    assert title(three, "forest").endswith("; ‘b’ equals it exactly")
    pair = make({"a": Plan(noise=0.0), "b": Plan(noise=0.0)})
    assert title(pair, "forest") == "In satisfaction, every strategy equals ‘a’ exactly"


def test_cost_title_names_the_price_of_a_point(hotel: Comparison) -> None:
    assert "A point of satisfaction beyond ‘stand still’ costs" in title(hotel, "cost")
    wasted = make({"a": Plan(noise=1.0), "b": Plan(noise=1.0, cost=9.0)}, seed=12)
    assert title(wasted, "cost").startswith("No spending here buys satisfaction that can be told")
    free = make({"a": Plan(cost=9.0), "b": Plan(steady(1.0))})
    assert title(free, "cost") == "‘b’ does better in satisfaction than ‘a’ and costs no more"
    assert title(make({"a": Plan(), "b": Plan()}), "cost") == "No strategy costs anything in this scenario"


def test_where_the_verdict_is_about_money_costs_stand_against_what_they_move() -> None:
    kept = figure(make({"a": Plan(stay=0.95), "b": Plan(stay=0.98, cost=9.0)}, outcome="profit"), "cost")
    assert kept.axes[0].get_ylabel() == "retention (%)"
    pleased = figure(make({"a": Plan(stay=0.95), "b": Plan(steady(1.0), stay=0.98, cost=9.0)}, outcome="profit"), "cost")
    assert pleased.axes[0].get_ylabel() == "satisfaction (points)"


def test_retention_title_follows_who_stays(hotel: Comparison) -> None:
    said = title(hotel, "retention")
    assert "more with ‘small surprises’" in said
    assert "than with ‘stand still’" in said
    alike = make({"a": Plan(stay=0.97), "b": Plan(stay=0.97)})
    assert title(alike, "retention") == "Whether any strategy keeps more customers than ‘a’ cannot be told"
    assert title(make({"a": Plan(stay=1.0)}), "retention") == "Nobody leaves in this scenario"


def test_spreading_title_follows_the_median(hotel: Comparison) -> None:
    assert title(hotel, "spreading") == "The median expectation climbs most under ‘one large refit’: by 9.0 points"
    assert "moves by less than" in title(make({"a": Plan(), "b": Plan()}), "spreading")
    assert "sinks under ‘a’: by" in title(make({"a": Plan(standard=lambda visit: 60 - 0.5 * visit)}), "spreading")


def test_one_replication_asserts_nothing() -> None:
    single = make(HOTEL, replications=1)
    for name in ("satisfaction", "ratchet", "forest", "retention"):
        assert "cannot" in title(single, name) or "can be told" in title(single, name)


# --- layout -------------------------------------------------------------------------------------------------


def words_on(picture: Figure) -> list[tuple[str, tuple[float, float, float, float]]]:
    """Every text as it is drawn, with its box in pixels; ticks outside the axes' limits are not drawn."""
    canvas = FigureCanvasAgg(picture)
    canvas.draw()
    renderer = canvas.get_renderer()
    hidden = {
        id(label.label1)
        for axes in picture.axes
        for axis in (axes.xaxis, axes.yaxis)
        for label in axis.get_major_ticks()
        if not _inside(axis.get_view_interval(), label.get_loc())
    }
    return [
        (text.get_text(), tuple(text.get_window_extent(renderer).extents))
        for text in picture.findobj(Text)
        if text.get_visible()
        and text.get_text().strip()
        and id(text) not in hidden
        and all(parent.get_visible() for parent in picture.axes)
    ]


def _inside(limits: np.ndarray, at: float) -> bool:
    room = 1e-6 * abs(limits[1] - limits[0])
    return bool(min(limits) - room <= at <= max(limits) + room)


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("case", NASTY)
def test_words_neither_overlap_nor_leave_the_figure(case: str, name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a missing glyph or a bad number warns
        picture = figure(NASTY[case](), name)
        with drawing():
            found = words_on(picture)
    assert found
    wide, high = picture.bbox.width, picture.bbox.height
    for text, (left, bottom, right, top) in found:
        assert min(left, bottom, wide - right, high - top) >= -1, f"{text!r} leaves the figure"
    for (one, a), (other, b) in itertools.combinations(found, 2):
        across, up = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
        assert across <= 1.5 or up <= 1.5, f"{one!r} overlaps {other!r}"


@pytest.mark.parametrize("name", FIGURES)
def test_axes_have_labels_with_units(hotel: Comparison, name: str) -> None:
    shown = next(study for study in (hotel, NASTY["whole visit"](), NASTY["rivals"](), NASTY["town"]())
                 if name in worth_drawing(study))
    picture = figure(shown, name)
    assert picture.axes
    for axes in picture.axes:
        assert axes.get_xlabel() or name == "kano"  # its panels share the time below the last row
    first = picture.axes[0]
    units = {
        "satisfaction": ("visit number", "satisfaction (points)"),
        "ratchet": ("visit number", "level (points)"),
        "forest": ("points", ""),
        "retention": ("months since the start", "still customers (%)"),
        "cost": ("cost per starting customer (EUR)", "satisfaction (points)"),
        "money": ("months since the start", "profit so far beyond ‘stand still’ (EUR)"),
        "spreading": ("months since the start", "expectation (points)"),
        "goodwill": ("visit number", "goodwill (points)"),
        "silence": ("of every 100 starting customers", ""),
        "survivors": ("goodwill (points)", ""),
        "gaps": ("points of satisfaction", ""),
        "kano": ("", "people (%)"),
        "share": ("months since the start", "visits (%)"),
        "convergence": ("replications", "satisfaction: difference (points)"),
        "adoption": ("months since the start", "have come (% of prospects)"),
        "waits": ("months since the start", "wait (minutes)"),
        "talk": ("months since the start", "words a day per 100 people"),
    }
    assert (first.get_xlabel(), first.get_ylabel()) == units[name]


def test_panels_share_their_levels(hotel: Comparison) -> None:
    for name in ("ratchet", "spreading"):
        assert len({axes.get_ylim() for axes in figure(hotel, name).axes}) == 1


# --- bytes, settings, type ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FIGURES)
def test_two_renders_give_the_same_bytes(hotel: Comparison, name: str) -> None:
    once, again = figure(hotel, name), figure(hotel, name)
    assert svg(once) == svg(again) == svg(once)
    assert png(once, 60) == png(again, 60)


def test_nobodys_settings_matter_or_change(hotel: Comparison) -> None:
    plain = svg(figure(hotel, "cost"))
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "red", "svg.fonttype": "none", "lines.linewidth": 9}):
        before = dict(mpl.rcParams)
        assert svg(figure(hotel, "cost")) == plain
        assert dict(mpl.rcParams) == before


def test_an_unknown_figure_lists_those_there_are(hotel: Comparison) -> None:
    with pytest.raises(KeyError, match="satisfaction, ratchet, forest"):
        figure(hotel, "pie")


def test_only_figures_with_something_to_show() -> None:
    assert "forest" not in worth_drawing(NASTY["one strategy"]())
    assert "cost" not in worth_drawing(NASTY["losses"]()) or any(
        i.mean for i in NASTY["losses"]().intervals if i.outcome == "cost"
    )
    assert "cost" not in worth_drawing(make({"a": Plan(), "b": Plan()}))
    assert worth_drawing(NASTY["whole visit"]()) == tuple(
        name for name in FIGURES if name not in ("share", "adoption", "waits", "talk"))
    assert "share" in worth_drawing(NASTY["rivals"]())
    of_old = ("satisfaction", "ratchet", "forest", "convergence", "retention", "silence", "spreading", "money", "cost")
    assert worth_drawing(NASTY["hotel"]()) == of_old


def test_what_no_font_can_write_is_replaced() -> None:
    assert drawable("smålåt & ±½ 100 €")
    private = "\ue000 private"
    assert not drawable(private)
    assert look(private, 2).label == "strategy 3"
    assert look("  two\n lines ", 0).label == "two lines"


def test_looks_differ_in_colour_and_in_grey() -> None:
    looks = [look(str(i), i) for i in range(8)]
    assert len({each.colour for each in looks}) == len(PALETTE) == 8
    assert len({each.marker for each in looks}) == len(MARKERS) == 8
    assert len({(each.dash, each.colour) for each in [*looks, *(look(str(i), i) for i in range(8, 16))]}) == 16


def test_text_colours_stand_out_from_white() -> None:
    for colour in PALETTE:
        channels = [int(readable(colour)[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        assert 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05) >= 4.4


def test_words_beside_each_other_stand_level() -> None:
    """Seen in many figures: of two names in a row, the one with a letter that reaches down stood higher."""
    tops = []
    for word in ("mom", "mop", "mom\nmop"):
        with drawing():
            blank = sheet("", "", "", 100.0)
            blank.write(20, blank.top, word, 20)
            canvas = FigureCanvasAgg(blank.figure)
            canvas.draw()
        ink = np.asarray(canvas.buffer_rgba())[..., :3].min(axis=2)
        tops.append(int(np.flatnonzero((ink < 128).any(axis=1))[0]))
    assert len(set(tops)) == 1


def test_wrapping_keeps_within_its_room() -> None:
    text = wrap("a few words and " + "x" * 80 + " ½ñandú" * 3, 100, 10, bold=True)
    assert all(width_of(line, 10, True) <= 100 for line in text.split("\n"))
    assert "".join(text.split()) == "".join(("a few words and " + "x" * 80 + " ½ñandú" * 3).split())
    assert wrap("one two three four five six seven", 40, 10, most=2).count("\n") == 1


def test_shortened_names_keep_their_ends() -> None:
    names = [f"a very long name that is the same to its end {i}" for i in range(9)]
    assert len({short(name, 20) for name in names}) == 9
    assert all(len(short(name, 20)) <= 20 for name in names)


def test_labels_are_moved_apart_no_further_than_needed() -> None:
    assert apart([10.0, 50.0], [8.0, 8.0], 0, 100) == [10.0, 50.0]
    assert apart([50.0, 50.0], [10.0, 10.0], 0, 100) == [45.0, 55.0]
    assert apart([0.0, 100.0], [10.0, 10.0], 0, 100) == [5.0, 95.0]
    crowd = apart([99.0, 1.0, 98.0, 50.0], [10.0] * 4, 0, 100)
    ordered = sorted(crowd)
    assert all(b - a >= 10 - 1e-9 for a, b in itertools.pairwise(ordered))
    assert ordered[0] >= 5
    assert ordered[-1] <= 95


# --- the numbers behind -------------------------------------------------------------------------------------


def test_quantiles_of_a_known_distribution() -> None:
    flat = Spreading(np.array([0, 1]), np.linspace(0, 100, 51), np.array([[20] * 50, [0] * 50]))
    found = quantiles(flat)
    assert found[:, 0] == pytest.approx([5, 25, 50, 75, 95])
    assert np.isnan(found[:, 1]).all()


def test_quantiles_stay_inside_the_bins_that_hold_people() -> None:
    counts = np.zeros((1, 10), dtype=np.int64)
    counts[0, [3, 6]] = 50
    found = quantiles(Spreading(np.array([0]), np.arange(11.0), counts))[:, 0]
    assert found[0] >= 3
    assert found[4] <= 7


def test_retention_starts_with_everybody_and_ends_at_the_outcome() -> None:
    comparison = make({"a": Plan(stay=0.97)}, replications=6)
    line = stays(comparison.runs["a"])
    assert line.share[0] == 1.0
    assert line.days[-1] == comparison.market.horizon
    assert line.share[-1] == pytest.approx(0.97**24, abs=0.01)

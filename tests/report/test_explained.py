"""The waterfall and the page of an explanation: truthful titles, no overlap, everything escaped, valid without a network."""

from __future__ import annotations

import dataclasses
import itertools
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from sim.experiments.compare import conclude
from sim.experiments.explain import Attribution, Explained, Part, Without
from sim.experiments.mechanisms import MECHANISMS
from sim.experiments.reasons import Reasons, table
from sim.experiments.statistics import estimate
from sim.outcomes import DECIDING
from sim.report import explained
from sim.report.figures.explanation import MOST, explanation
from sim.report.style import drawing, png, svg
from tests.report.studies import NASTY
from tests.report.test_figures import words_on

SPREAD = np.array([-0.02, 0.0, 0.02, 0.01])


def made(null: float, sizes: dict[str, float], answers: dict[str, str] | None = None, outcome: str = "satisfaction",
         names: tuple[str, str] = ("one large refit", "small surprises"), spread: float = 1.0) -> Explained:
    """An explanation whose numbers are known."""
    study = NASTY["hotel"]()
    market = dataclasses.replace(study.market, strategies=tuple(
        dataclasses.replace(one, name=new) for one, new in zip(study.market.strategies[1:], names[::-1], strict=True)))
    runs = dict(zip(names[::-1], list(study.runs.values())[1:], strict=True))
    comparison = conclude(market, runs, outcome)
    parts = []
    for number, (name, size) in enumerate(sizes.items()):
        found = estimate(size + spread * SPREAD)
        parts.append(Part(name, MECHANISMS[number % len(MECHANISMS)].key, found.mean, found.low, found.high, 0.0,
                          size + spread * SPREAD))
    whole = estimate(null + sum(sizes.values()) + spread * SPREAD * (1 + len(sizes)))
    one = Attribution(outcome, whole, estimate(null + spread * SPREAD), tuple(parts))
    other = Attribution("retention", estimate(SPREAD), estimate(SPREAD), tuple(parts))
    known = answers or {}
    without = tuple(Without(part.mechanism, part.key, estimate(-part.mean + SPREAD), known.get(part.mechanism, "holds"),
                            estimate(1.0 + SPREAD)) for part in parts)
    lasting = {"all": {name: estimate(1.0 + SPREAD) for name in names},
               "none": {name: estimate(0.0 * SPREAD) for name in names}}
    attributions = {about: dataclasses.replace(other, outcome=about) for about in DECIDING} | {outcome: one}
    return Explained(comparison, outcome, *names, tuple(MECHANISMS[:len(sizes)]), attributions, without, (), lasting,
                     2**len(sizes), 0, 10, False)


CASES = {
    "turns": lambda: made(0.7, {"forgetting": 0.96, "surprise credit": -0.9}, {"forgetting": "turns"}),
    "two": lambda: made(-0.2, {"forgetting": 0.5, "norm": 0.3, "peak memory": -0.1}, {"forgetting": "turns", "norm": "open"}),
    "alone": lambda: made(1.9, {"norm": 0.4, "leaving": -0.03}),
    "open": lambda: made(0.0, {"norm": 0.01, "leaving": -0.01}),
    "null": lambda: made(0.0, {}),
    "negative": lambda: made(-3.0, {"norm": -1.5, "leaving": 0.7}, {"norm": "turns"}),
    "many": lambda: made(0.1, {f"mechanism {n}": 2.0 / n * (-1) ** n for n in range(1, 18)}, {"mechanism 1": "turns"}),
    "nasty": lambda: made(0.5, {"norm": 0.5}, names=("<script>alert('$x_1$')</script> & \"co\"" * 3, "顾客期望" * 9)),
    "tiny": lambda: made(1e-7, {"norm": 1e-8}, spread=1e-9),
}


@pytest.mark.parametrize("case", CASES)
def test_words_of_the_figure_never_overlap_and_stay_on_the_sheet(case):
    picture = explanation(CASES[case]())
    with drawing():
        found = words_on(picture)
    assert len(found) > 5
    wide, high = picture.bbox.width, picture.bbox.height
    for text, (left, bottom, right, top) in found:
        assert min(left, bottom, wide - right, high - top) >= -1, f"{text!r} leaves the figure"
    for (one, a), (other, b) in itertools.combinations(found, 2):
        across, up = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
        assert across <= 1.5 or up <= 1.5, f"{one!r} overlaps {other!r}"


@pytest.mark.parametrize(("case", "said"), [
    ("turns", "Forgetting decides it: without it, ‘one large refit’ is not better"),
    ("two", "Forgetting and norm each decide it: without either, ‘one large refit’ is not better"),
    ("alone", "‘one large refit’ is better, and no mechanism decides that alone"),
    ("open", "Not decided, so nothing decided it"),
    ("negative", "Norm decides it: without it, ‘small surprises’ is not better")])
def test_titles_follow_the_numbers(case, said):
    assert str(explanation(CASES[case]()).get_label()).replace("\n", " ") == said


def test_the_null_model_has_its_title():
    found = dataclasses.replace(CASES["null"](), lasting={
        where: {name: estimate(0.0 * SPREAD) for name in ("one large refit", "small surprises")} for where in ("all", "none")})
    assert explanation(found).get_label() == "Nothing: neither sustains satisfaction"
    assert Reasons(found).paragraph().startswith("Nothing: neither sustains satisfaction. No mechanism is on")


def test_the_bars_end_where_the_whole_does():
    found = CASES["many"]()
    bars = list(explanation(found).axes[0].patches)
    assert len(bars) == MOST + 2
    ends = [bar.get_x() + bar.get_width() for bar in bars]
    assert ends[-2] == pytest.approx(ends[-1] - bars[-1].get_x())
    assert ends[-1] == pytest.approx(found.difference.mean)


def test_the_same_bytes_every_time():
    assert svg(explanation(CASES["turns"]())) == svg(explanation(CASES["turns"]()))
    assert png(explanation(CASES["turns"]()))[:4] == b"\x89PNG"


def test_a_paragraph_names_what_decides_and_what_is_largest_where_they_differ():
    told = Reasons(made(-0.2, {"norm": 0.9, "forgetting": 0.4}, {"forgetting": "turns"})).paragraph()
    assert "Without forgetting, ‘small surprises’ would be better" in told
    assert "The largest part in its favour is that of norm, without which the answer would still stand." in told
    assert "neither sustains satisfaction there" in told
    assert "The largest part" not in Reasons(CASES["turns"]()).paragraph()


def test_the_table_adds_up_as_it_is_read():
    rows = table(CASES["alone"]())
    read = [float(mean.replace("−", "-")) for _, mean, _, _ in rows]
    assert sum(read[:-1]) == pytest.approx(read[-1], abs=0.02)
    assert [row[0] for row in rows] == ["null model", "norm", "leaving", "in all"]


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("case", CASES)
def test_the_page_is_whole_escaped_and_needs_nothing_from_outside(case):
    text = explained.page(CASES[case](), {"title": "<b>Title</b> & co", "note": "<i>note</i>", "command": "drift explain <x>"})
    reader = Reader()
    reader.feed(text)
    assert reader.open == []
    assert "script" not in reader.seen
    assert "b>Title" not in text.replace("&lt;b&gt;Title", "")
    assert "<i>note" not in text
    assert not re.findall(r'(?:src|href)="(?!data:)', text)
    assert "The parts" in text

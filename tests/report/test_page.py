"""The page: starts with the answer, is one harmless file, and repeats byte for byte."""

from __future__ import annotations

import itertools
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from sim.experiments.compare import Comparison
from sim.experiments.findings import Finding
from sim.experiments.verdict import plain
from sim.report.figures import FIGURES, worth_drawing
from sim.report.page import CAPTIONS, badge, headline, page, write
from tests.report.studies import NASTY, Plan, make, steady

DRAWING = '<svg xmlns="http://www.w3.org/2000/svg"><title>Found &amp; drawn</title></svg>'
VOID = {"meta", "img", "br", "link", "input", "hr"}


class Reader(HTMLParser):
    """Reads a page strictly: every element closed in order; collects elements, texts and attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.texts.append(data)


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert not reader.open
    return reader


def plainly(comparison: Comparison, **story: str) -> str:
    return page(comparison, story=story, figures={"satisfaction": DRAWING})


@pytest.mark.parametrize("case", NASTY)
def test_every_study_has_a_page(case: str) -> None:
    reader = read(plainly(NASTY[case]()))
    tags = [tag for tag, _ in reader.tags]
    assert "script" not in tags
    assert tags.count("h1") == 1
    words = " ".join(reader.texts)
    assert not re.search(r"\bnan\b|None\b(?! of)", words)


def test_the_answer_comes_first(hotel: Comparison) -> None:
    text = plainly(hotel, about="a story", source="a course", command="drift compare hotel.yaml", hash="0123abcd")
    order = [
        headline(hotel),
        "At a glance",
        "What happens, visit by visit",
        "Outcomes by strategy",
        "Differences from",
        "The same people, twice",
        "How to read this",
        "The scenario",
        "Do it again",
    ]
    places = [text.index(each) for each in order]
    assert places == sorted(places)
    for said in ("a story", "a course", "drift compare hotel.yaml", "0123abcd", "2000"):
        assert said in text.replace(",", "")


def test_headlines_say_how_sure() -> None:
    sure = make({"a": Plan(), "b": Plan(steady(1.0))})
    assert (badge(sure), headline(sure)) == ("Decided", "Best in satisfaction: b")
    unsure = make({"a": Plan(noise=2.0), "b": Plan(noise=2.0)}, seed=12)
    assert badge(unsure) == "Cannot tell yet"
    assert headline(unsure).startswith("Not decided: ")
    same = make({"a": Plan(noise=0.0), "b": Plan(noise=0.0)})
    assert (badge(same), headline(same)) == ("No difference found", "No difference in satisfaction")
    alone = make({"a": Plan(steady(1.5))})
    assert (badge(alone), headline(alone)[:19]) == ("One strategy", "a: satisfaction +1.")


def test_names_are_harmless() -> None:
    evil = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
    comparison = make({evil: Plan(), "b & c": Plan(steady(1.0))}, title=evil)
    text = page(
        comparison,
        story=dict.fromkeys(("about", "source", "numbers", "expected", "found", "command"), evil),
        figures={"satisfaction": DRAWING},
    )
    reader = read(text)
    assert "script" not in {tag for tag, _ in reader.tags}
    assert sum(tag == "img" for tag, _ in reader.tags) == 1
    assert not any(name.startswith("on") for _, attributes in reader.tags for name in attributes)
    assert evil in " ".join(reader.texts)


def test_one_file_that_needs_no_network(hotel: Comparison) -> None:
    reader = read(page(hotel))
    pictures = [attributes for tag, attributes in reader.tags if tag == "img"]
    assert len(pictures) == len(worth_drawing(hotel))
    for attributes in pictures:
        assert str(attributes["src"]).startswith("data:image/svg+xml;base64,")
        assert len(str(attributes["alt"])) > 40
    assert not any(tag in ("link", "iframe", "script") for tag, _ in reader.tags)
    assert not any("http" in str(value) for _, attributes in reader.tags for value in attributes.values())


def test_it_can_be_read_aloud(hotel: Comparison) -> None:
    reader = read(plainly(hotel))
    tags = [tag for tag, _ in reader.tags]
    assert dict(reader.tags)["html"] == {"lang": "en"}
    assert tags.count("caption") == tags.count("table") == 4
    assert all(attributes.get("scope") in ("col", "row") for tag, attributes in reader.tags if tag == "th")
    alt = next(attributes["alt"] for tag, attributes in reader.tags if tag == "img")
    assert str(alt).startswith("Found & drawn. ")
    levels = [int(tag[1]) for tag in tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_the_note_stands_under_the_answer(hotel: Comparison) -> None:
    text = plainly(hotel, note="Costs are shared by <fewer> people here.")
    place = text.index("Costs are shared by &lt;fewer&gt; people here.")
    assert text.index("Best in satisfaction") < place < text.index("At a glance")
    assert 'class="note"' not in plainly(hotel)


def test_claims_are_introduced(hotel: Comparison) -> None:
    claims = (Finding("a is better", "does not hold", "the difference is 1"),)
    text = page(hotel, figures={"satisfaction": DRAWING}, findings=claims)
    assert text.index("One that does not hold is a finding, not a fault of the run") < text.index("a is better")
    assert "not a fault of the run" not in plainly(hotel)


def test_formulas_are_folded_away(hotel: Comparison) -> None:
    text = plainly(hotel)
    assert text.index("<details>") < text.index("halves every 3.1 visits") < text.index("</details>")


def test_numbers_in_the_tables_are_those_of_the_verdict(hotel: Comparison) -> None:
    found = hotel.difference("one large refit", "stand still", "satisfaction")
    number = plain(found.mean, (found.high - found.low) / 2)
    assert number in hotel.verdict.sentence
    assert f"<b>+{number}</b>" in plainly(hotel)


def test_survey_scores_are_left_out_and_the_glossary_says_why(hotel: Comparison) -> None:
    text = plainly(hotel)
    assert "Net promoter score" not in text
    assert "<dt>CSAT and NPS</dt>" in text


def test_every_figure_has_its_sentence() -> None:
    assert set(CAPTIONS) == {*FIGURES, "spend"}
    assert all(len(said) > 40 and said.endswith(".") for said in CAPTIONS.values())


def test_undecided_differences_say_so() -> None:
    text = plainly(make({"a": Plan(noise=2.0), "b": Plan(noise=2.0)}, seed=12))
    assert ", cannot tell</small>" in text
    assert "class=open" in text
    assert "exactly the same</small>" in plainly(make({"a": Plan(noise=0.0), "b": Plan(noise=0.0)}))


def test_writing_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    comparison = NASTY["unwritable"]()
    for folder in ("once", "again"):
        assert write(comparison, tmp_path / folder, {"about": "x"}) == tmp_path / folder / "report.html"
    files = sorted(path.relative_to(tmp_path / "once") for path in (tmp_path / "once").rglob("*.*"))
    assert {path.suffix for path in files} == {".html", ".svg", ".png"}
    assert len(files) == 2 * len(worth_drawing(comparison)) + 1
    for file in files:
        assert (tmp_path / "once" / file).read_bytes() == (tmp_path / "again" / file).read_bytes()


def test_one_strategy_is_not_compared() -> None:
    text = page(NASTY["one strategy"]())
    assert "Differences from" not in text
    assert "The same people, twice" not in text
    assert 'id="forest"' not in text

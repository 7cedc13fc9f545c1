"""Published findings, repeated: what docs/findings.md says of each is what its story shows, and it can turn round."""

import math
import re

import numpy as np
import pytest

import sim
from tests.docs.pages import HOME, program, text
from tests.lives import ENGINES, differing

findings = program("findings")
FOLDER = HOME / "scenarios" / "findings"
NUMBER = re.compile(r"−?\d+(?:\.\d+)?")

every_finding = pytest.mark.parametrize("one", findings.CATALOGUE.values(), ids=lambda one: one.name)


def section(title):
    """What the page says under a heading."""
    return re.search(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", text("docs/findings.md"), flags=re.DOTALL | re.MULTILINE)[0]


def numbers(words):
    return np.array([float(one.replace("−", "-")) for one in NUMBER.findall(words)])


def test_there_are_enough_and_not_all_agree():
    """The page counts them; that some disagree is what makes the others worth reading."""
    verdicts = [findings.verdict(findings.rows_of(one)) for one in findings.CATALOGUE.values()]
    assert len(verdicts) >= 20
    assert verdicts.count("disagrees") >= 3
    assert findings.verdict(findings.rows_of(findings.CATALOGUE["uncertain-rewards"])) == "disagrees"


def test_every_story_is_in_the_catalogue():
    assert sorted(findings.CATALOGUE) == sorted(path.stem for path in FOLDER.iterdir())


@every_finding
def test_the_page_says_what_the_story_shows(one):
    """Words to the letter, numbers to one part in fifty, as another machine's last digit may be another one."""
    said, shows = section(sim.load(FOLDER / f"{one.name}.yaml").title).rstrip(), findings.section(one).rstrip()
    assert NUMBER.sub("#", said) == NUMBER.sub("#", shows)
    assert numbers(said) == pytest.approx(numbers(shows), rel=0.02, abs=0.02)


@every_finding
def test_it_can_turn_round(one):
    before, after = findings.rows_of(one), findings.rows_of(one, *one.turn.settings)
    assert findings.verdict(before) != findings.verdict(after)
    assert one.turn.meaning


@every_finding
def test_the_story_says_where_it_comes_from(one):
    story = sim.load(FOLDER / f"{one.name}.yaml").scenario
    for said in (story.title, story.about, story.source, story.numbers, story.finding):
        assert said
    assert all(re.search(r" \[V2?\]", source) for source in story.source), "cite only what was read"
    assert all(key.split(".")[0] in {"market", "psyche", "service", "firms", "strategies"} for key in story.numbers)
    assert 2 <= len(re.findall(r"[.?:](?=\s|$)", story.about)) <= 6


@every_finding
def test_both_engines_say_the_same(one):
    market = sim.load(FOLDER / f"{one.name}.yaml").market
    for strategy in market.strategies:
        ways = [engine(market, strategy.name, people=10, replications=1) for engine in ENGINES.values()]
        assert differing(*ways) == []


@every_finding
def test_its_sources_are_among_the_references(one):
    references = text("docs/model.md").split("## References")[1]
    for source in sim.load(FOLDER / f"{one.name}.yaml").scenario.source:
        assert f"**{source.split(' [')[0]}.**" in references


@every_finding
def test_the_table_on_top_says_the_same(one):
    assert findings.summary(one) in text("docs/findings.md")


def claim(values, **where):
    return findings.judge(findings.Claim("it", np.array(values), **where))


@pytest.mark.parametrize(("values", "where", "result"), [
    ([2.0, 2.1, 2.2], {"least": 1.0}, "yes"), ([2.0, 2.1, 2.2], {"most": 1.0}, "no"),
    ([0.0, 1.0, 2.0], {"least": 1.0}, "open"), ([2.0, 2.1, 2.2], {"least": 1.0, "most": 3.0}, "yes"),
    ([2.0, 2.1, 2.2], {"least": 3.0, "most": 4.0}, "no"), ([0.0, 0.0], {"least": 0.0}, "no"),
    ([0.0, 0.0], {"most": 0.0}, "no")])
def test_a_claim_is_judged_by_its_interval(values, where, result):
    assert claim(values, **where).result == result


def test_what_cannot_be_measured_is_open():
    assert claim([math.nan, math.nan], least=0.0).result == "open"
    assert claim([1.0], least=0.0).result == "open"


def test_one_claim_that_fails_is_enough_and_one_that_is_open_too_little():
    yes, no, unsure = claim([2.0, 2.1], least=0.0), claim([2.0, 2.1], most=0.0), claim([-1.0, 1.0], least=0.0)
    assert findings.verdict([yes, yes]) == "agrees"
    assert findings.verdict([yes, no, unsure]) == "disagrees"
    assert findings.verdict([yes, unsure]) == "cannot be told"


def test_intervals_hold_for_all_claims_at_once():
    one = findings.Claim("it", np.array([1.0, 2.0, 3.0, 4.0]))
    alone, among = findings.judge(one), findings.judge(one, 5)
    assert among.low < alone.low < alone.high < among.high


def test_a_finding_that_there_is_not(capsys):
    assert findings.main(["no-such-finding"]) == 2
    assert "geometric-fading" in capsys.readouterr().err


def test_a_stale_page_is_noticed_and_only_looked_at(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(findings, "PAGE", tmp_path / "findings.md")
    monkeypatch.setattr(findings, "CATALOGUE", {name: findings.CATALOGUE[name] for name in ("hangover", "geometric-fading")})
    assert findings.main(["--check"]) == 1
    assert not findings.PAGE.exists()
    assert findings.main([]) == findings.main(["--check"]) == 0
    assert "Of 2 findings ours agrees with 2." in findings.PAGE.read_text(encoding="utf-8")
    findings.PAGE.write_text("something else", encoding="utf-8")
    assert findings.main(["--check"]) == 1
    assert "stale" in capsys.readouterr().out

"""The tables of the pages are those of the code, and what they say of outcomes and columns is true."""

import dataclasses
import math

import numpy as np
import pytest

from sim.engine import archive, clock
from sim.engine.records import BY_DAY, BY_VISIT, OUTCOMES
from sim.engine.run import run
from sim.rules.traits import TRAITS
from sim.story.load import ScenarioError, load
from sim.story.moves import CATALOGUE
from tests.docs.pages import HOME, PAGES, program, text
from tests.lives import market

tables = program("tables")

STORY = """
title: a little of everything
horizon: 250 days
replications: 2
market:
  people: 60
  visits: {every: 20 days}
  segments: {often: {share: 50%}, seldom: {share: 50%, visits: {every: 60 days}}}
psyche:
  learning: 0.3
  goodwill: {memory: 0.2}
  leaving: {base: 20%, goodwill: 0.1}
  returning: {share: 50%, after: 60 days}
  complaining: 0.05
service: {room: {weight: 0.7}, speed: {weight: 0.3, absent: 50, present: 70}}
firms: {ours: {quality: {room: 60, speed: 70}, noise: 15, margin: 11, discount: 10%, believes: {room: 59}}, them: {quality: 64}}
strategies:
  everything:
    - surprise: {size: 8, chance: 30%, cost: 3}
    - upgrade: {by: 4, attribute: room, at: 90 days, over: 30 days, cost: 500, running: 2 per visit}
    - recovery: {remedy: 30, share: 50%}
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    return market(tmp_path_factory.mktemp("tables"), STORY)


@pytest.fixture(scope="module")
def lived(told):
    return run(told, "everything", keep={"customers"})


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_table_is_up_to_date(page):
    found = text(page)
    assert tables.written(found) == found, "run `python docs/tables.py`"


def test_every_kind_of_table_stands_on_some_page():
    marked = [found[2] for page in PAGES for found in tables.MARKED.finditer(text(page))]
    assert sorted(marked) == sorted(tables.TABLES)


def test_a_trait_a_move_or_an_outcome_that_is_missing_on_a_page_is_noticed():
    for page, word in (("docs/model.md", f"| {len(TRAITS) - 1} |"), ("docs/model.md", "| **promise** |"),
                       ("docs/glossary.md", "| `csat` |")):
        lines = text(page).splitlines(keepends=True)
        without = "".join(line for line in lines if not line.startswith(word))
        assert without != text(page)
        assert tables.written(without) == text(page)


def test_a_new_trait_needs_its_symbol(monkeypatch):
    monkeypatch.setattr(tables, "TRAITS", (*TRAITS, TRAITS[0]._replace(key="patience")))
    with pytest.raises(KeyError, match="patience"):
        tables.traits()


def test_every_trait_and_move_is_told():
    model = text("docs/model.md")
    for trait in TRAITS:
        assert trait.meaning in model, trait.key
    for kind in CATALOGUE.values():
        assert kind.sentence in model, kind.name
    assert set(tables.SYMBOLS) == {trait.key for trait in TRAITS}
    letters = [letter for letter in tables.SYMBOLS.values() if letter != "–"]
    assert len(set(letters)) == len(letters), "one letter stands for two things"


def test_a_source_that_was_not_read_is_marked():
    assert "not verified" not in tables.sourced("adaptive: Bolton 1998; Jones & Sasser 1995")
    assert "not verified" in tables.sourced("somebody: Bolton 1998; Nobody & Sons 1971")
    assert "not verified" not in tables.sourced("our assumption: strangers start neutral")
    cited = {work for trait in TRAITS for work in tables.citations(trait.source)}
    assert len(cited) > 10


@pytest.mark.parametrize("story", sorted((HOME / "scenarios").glob("*.yaml")), ids=lambda story: story.stem)
def test_works_that_stories_mark_as_read_are_among_the_references(story):
    before = story.read_text(encoding="utf-8").split(" [V")[:-1]
    assert before, "a shipped story rests on nothing that was read"
    works = tuple(tables.read_works())
    assert [said[-60:] for said in before if not said.endswith(works)] == []


FEW = """
title: few
horizon: 9 days
market: {people: 1, visits: {every: 2 days}}
firms: {ours: {quality: 5}}
strategies: {still: []}
"""


@pytest.mark.parametrize("trait", TRAITS, ids=lambda trait: trait.key)
def test_a_traits_key_is_where_the_table_says_and_takes_a_distribution_unless_marked(tmp_path, trait):
    key, _ = tables.WRITTEN.get(trait.key, (f"psyche.{trait.key}", ""))
    low, high = max(trait.low, 0.0), min(trait.high, 1.0)
    unit = " days" if "days" in trait.unit or "half_life" in key or "hears_rivals_every" in key else ""
    path = tmp_path / "few.yaml"
    path.write_text(FEW, encoding="utf-8")
    setting = f"{key}={{between: [{max(low, 0.5) if unit else low}{unit}, {high}{unit}]}}"
    if trait.key in tables.ONE_FOR_ALL:
        with pytest.raises(ScenarioError) as refused:
            load(path, [setting])
        # Of a mechanism that is on where it is written at all, the spread is an unknown key; else the key is known.
        assert ("unknown" in str(refused.value)) == (trait.key == "choosing")
        assert "psyche.choosing.between" in str(refused.value) or trait.key != "choosing"
    else:
        load(path, [setting])


def test_definitions_and_columns_are_those_that_exist(lived):
    assert tuple(tables.DEFINITIONS) == OUTCOMES
    assert tuple(tables.ROWS_BY_VISIT) == BY_VISIT
    assert tuple(tables.ROWS_BY_DAY) == BY_DAY
    stored = archive.tables({"everything": lived})
    for name, meanings in (("customers", tables.ROWS_CUSTOMERS), ("spreading", tables.ROWS_SPREADING),
                           ("stays", tables.ROWS_STAYS), ("by_attribute", tables.ROWS_BY_ATTRIBUTE),
                           ("kano", tables.ROWS_KANO)):
        assert ("strategy", *meanings) == tuple(stored[name]), name


def of(table, replication, **where):
    rows = table["replication"] == replication
    for column, value in where.items():
        rows &= table[column] == value
    return {column: values[rows] for column, values in table.items()}


@pytest.mark.parametrize("replication", [0, 1])
def test_outcomes_are_what_the_glossary_says(told, lived, replication):
    """Every definition that the tables can check, worked out again from them in plain words."""
    days, people = of(lived.by_day, replication, firm="ours"), of(lived.customers, replication)
    visits, count = days["visits"].sum(), told.people
    late = days["day"] >= told.horizon - told.horizon // 4
    met = np.where(days["visits"] > 0, days["satisfaction"], 0.0) * days["visits"]
    stays, complained = people["stays"], people["complained"]
    discounted = days["revenue"] * 1.1 ** (-days["day"] / 365)
    said = {
        "satisfaction": met.sum() / visits, "lasting": met[late].sum() / days["visits"][late].sum(),
        "felt": np.nansum(people["felt"] * people["visits"]) / visits,
        "expectation": people["expectation"].mean(), "norm": people["norm"].mean(),
        "retention": stays.sum() / count, "visits": people["visits"].sum() / count,
        "complaints": days["complaints"].sum() / visits, "silent_leavers": (~stays & ~complained).sum() / count,
        "cost": days["cost"].sum() / count, "profit": (11 * visits - days["cost"].sum()) / count,
        "lifetime_value": discounted.sum() / count, "share": 1.0,
        "goodwill": people["goodwill"].mean(), "goodwill_stayers": people["goodwill"][stays].mean(),
        "repeat": (people["visits"] > 1).sum() / (people["visits"] > 0).sum(), "complainers": complained.mean(),
        "recovered": days["recovered"].sum() / visits, "response": days["answers"].sum() / visits,
    }
    assert 0 < said["silent_leavers"] < 1 - said["retention"]
    assert said["complaints"] > 0
    for name, value in said.items():
        assert lived.outcomes[name][replication] == pytest.approx(value, rel=1e-9, abs=1e-9), name
    assert set(OUTCOMES) - set(said) == {"experience", "csat", "nps", "r_across", "r_within", "seen_in_complaints",
                                         "seen_in_survey", "trial", "talk", "wait",
                                         "regained"}  # all but the first three: tests/exact
    assert said["recovered"] > 0
    assert said["goodwill_stayers"] > said["goodwill"] != 0


def test_experience_and_survey_answers_are_what_the_glossary_says(told):
    """Where everybody gets what everybody expects, all answers are a tenth of the level, so both are known."""
    calm = dataclasses.replace(told, firms=(dataclasses.replace(told.firms[0], noise=(0.0, 0.0)), *told.firms[1:]),
                               strategies=(dataclasses.replace(told.strategies[0], moves=()),))
    for quality, csat, nps in ((65.0, 0, -100), (69.99, 0, -100), (70.0, 1, 0), (89.99, 1, 0), (90.0, 1, 100)):
        level = dataclasses.replace(calm.firms[0], quality=(quality, quality))
        same = dataclasses.replace(calm, firms=(level, *calm.firms[1:]), segments=tuple(
            dataclasses.replace(one, expects=tuple(dataclasses.replace(start, a=quality) for start in one.expects))
            for one in calm.segments))
        found = run(same, "everything", replications=1).outcomes
        assert found["experience"][0] == pytest.approx(quality, abs=1e-6)
        assert (found["csat"][0], found["nps"][0]) == (csat, nps), quality


@pytest.mark.parametrize("replication", [0, 1])
def test_day_columns_are_what_the_glossary_says(told, lived, replication):
    days = of(lived.by_day, replication, firm="ours")
    assert np.array_equal(days["customers"], told.people - days["left"].cumsum() + days["joined"].cumsum())
    assert days["joined"].sum() > 0
    assert np.array_equal(days["revenue"], 11.0 * days["visits"])
    schedule = clock.schedule(told, told.strategies[0])
    surprises = days["cost"] - schedule.once[:, 0] - schedule.running[:, 0] * days["visits"]
    given = of(lived.by_visit, replication)
    assert surprises.sum() == pytest.approx(3 * (given["surprised"] * given["customers"]).sum(), rel=1e-9)
    theirs = of(lived.by_day, replication, firm="them")
    assert (theirs["quality"] == 64).all()
    assert not theirs["visits"].any()
    assert np.isnan(theirs["expectation"]).all()


def test_by_visit_and_checkpoints_are_what_the_glossary_says(lived):
    assert lived.by_visit["customers"].sum() == lived.by_day["visits"].sum()
    put_right = lived.by_visit["recovered"] * lived.by_visit["customers"]
    assert put_right.sum() == pytest.approx(lived.by_day["recovered"].sum())
    spreading = lived.spreading
    assert (spreading.days == np.linspace(0, 250, 13).round()).all()
    assert spreading.counts[0].sum() == lived.stays.size
    assert spreading.counts[-1].sum() == lived.stays.sum()
    gaps = lived.by_visit["experience"] - lived.by_visit["standard"]
    assert np.nanmax(np.abs(gaps - lived.by_visit["satisfaction"])) < 1e-6
    assert math.isfinite(lived.by_visit["felt_sd"].sum())

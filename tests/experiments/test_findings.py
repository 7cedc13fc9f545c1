"""Claims hold, do not hold, or cannot be told, by the comparison's intervals alone."""

import pytest

from sim import load
from sim.experiments.findings import check, findings, words
from sim.story.scenario import Claim

TEXT = """
title: claims
horizon: 200 days
replications: {replications}
market: {{people: 300, visits: {{every: 10 days, gaps: fixed}}}}
psyche: {{learning: 0.3, norm: {{starts: 50}}, forgetting: {{half_life: 20 days}}}}
firms: {{ours: {{quality: 60, noise: 3}}}}
strategies:
  still: []
  copy: []
  better: [{{upgrade: {{by: 5}}}}]
  worse: [{{upgrade: {{by: -20}}}}]
  maybe: [{{surprise: {{size: {size}, chance: 10%}}}}]
expected:
  - {{higher: better, than: still, in: satisfaction}}
  - {{lasts: better}}
"""


def compared(folder, replications=8, size=0.001):
    path = folder / "story.yaml"
    path.write_text(TEXT.format(replications=replications, size=size), encoding="utf-8")
    story = load(path)
    return story, story.compare(jobs=1)


@pytest.mark.parametrize(("claim", "result"), [
    (Claim("higher", "better", "still", "satisfaction"), "holds"),
    (Claim("higher", "still", "better", "satisfaction"), "does not hold"),
    (Claim("higher", "copy", "still", "satisfaction"), "does not hold"),
    (Claim("lasts", "better"), "holds"), (Claim("fades", "better"), "does not hold"),
    (Claim("lasts", "worse"), "does not hold"), (Claim("fades", "worse"), "holds"),
    (Claim("higher", "never run", "still", "satisfaction"), "cannot be told"),
])
def test_claims_are_judged_by_the_intervals(tmp_path, claim, result):
    story, comparison = compared(tmp_path)
    found = check(comparison, claim)
    assert found.result == result
    assert words(claim, story.market) == found.claim
    assert found.evidence.startswith(("the difference is ", "it is ")) or found.evidence == "never run was not run"


def test_one_replication_cannot_tell(tmp_path):
    story, comparison = compared(tmp_path, replications=1)
    assert [one.result for one in findings(comparison, story.scenario.expected)] == ["cannot be told"] * 2


def test_a_story_brings_its_claims_along(tmp_path):
    story, comparison = compared(tmp_path)
    found = findings(comparison, story.scenario.expected)
    assert [one.result for one in found] == ["holds", "holds"]
    assert found[0].claim == "satisfaction is higher with better than with still"


def test_findings_write_names_and_numbers_as_the_verdict_does(tmp_path):
    """Names in quotes where one of them holds an "and", and no digits of points that nobody feels."""
    path = tmp_path / "story.yaml"
    text = TEXT.format(replications=4, size=0.001).replace("  worse:", "  bread and butter:")
    path.write_text(text.replace("forgetting: {half_life: 20 days}", "leaving: {base: 0.1%}"), encoding="utf-8")
    story = load(path)
    comparison = story.compare(jobs=1)
    assert "‘better’" in comparison.verdict.sentence
    higher = check(comparison, Claim("higher", "maybe", "still", "satisfaction"))
    assert higher.claim == "satisfaction is higher with ‘maybe’ than with ‘still’"
    assert higher.evidence == "the difference is 0.00 points a visit, too small to matter"
    fades = check(comparison, Claim("fades", "better"))
    assert fades.claim.startswith("with ‘better’, satisfaction")
    assert fades.evidence.removeprefix("it is ") in comparison.verdict.lasts
    unknown = check(comparison, Claim("higher", "tea", "cake", "satisfaction"))
    assert unknown.evidence == "‘tea’ and ‘cake’ were not run"

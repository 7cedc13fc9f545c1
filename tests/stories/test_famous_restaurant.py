"""Congestion from success: word of mouth fills the house, waits disappoint, and fame is a burden."""

STORY = "famous-restaurant"
STILL, DELIGHT, TABLES = "stand still", "delight", "delight and more tables"
SILENT, PATIENT = "psyche.talk={base: 0}", "psyche.waiting=0"


def mean(story, strategy, outcome):
    return story.runs[strategy].outcomes[outcome].mean()


def test_delight_fills_the_house_and_guests_wait(tell):
    story = tell(STORY)
    assert story.difference(DELIGHT, STILL, "share").low > 0.06
    assert mean(story, DELIGHT, "wait") > 2.5 * mean(story, STILL, "wait")
    assert story.difference(TABLES, DELIGHT, "share").low > 0.15
    assert mean(story, TABLES, "wait") < 1.0


def test_with_waits_to_tell_of_talk_costs_share_and_with_tables_it_wins_some(tell, sure):
    story, silent = tell(STORY), tell(STORY, SILENT)
    gained = {name: sure(story.runs[name].outcomes["share"] - silent.runs[name].outcomes["share"])
              for name in (DELIGHT, TABLES)}
    assert gained[DELIGHT].high < 0.0
    assert gained[TABLES].low > 0.01


def test_fame_is_a_burden(tell, sure):
    """The same delight at the same tables pleases those less who come because they were told."""
    famous, silent = (tell(STORY, *more).runs[TABLES].outcomes["satisfaction"] for more in ((), (SILENT,)))
    assert sure(famous - silent).high < -0.05


def test_who_does_not_mind_waiting_needs_no_tables(tell):
    story = tell(STORY, PATIENT)
    assert story.difference(TABLES, DELIGHT, "share").high < 0.01
    assert story.difference(DELIGHT, STILL, "share").low > 0.2

"""The firms beside ours: what came of each, and who went from one to the other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.cli.terminal import show_comparison
from sim.experiments.compare import Comparison
from sim.experiments.firms import accounts, flows
from sim.report import words
from sim.report.page import page
from tests.report.studies import NASTY, Plan, make


def rivals() -> Comparison:
    """Two strategies and one rival: from ours 30 went to it, and 20 came from it, 5 of them back; of 2,000 people."""
    study = make({"a": Plan(), "b": Plan(taken=(0.5, 0.4))}, rivals=("them",), replications=3)
    firm, ones = np.tile(np.array(["ours", "them"]), 3), np.ones(3, dtype=np.int64)
    number = np.repeat(np.arange(3), 2)
    by_firm = {"replication": number, "firm": firm, "share": np.tile([0.6, 0.4], 3), "profit": np.tile([7.0, -2.0], 3),
               "satisfaction": np.tile([0.5, np.nan], 3)}
    switches = {"replication": number, "firm": firm, "to": firm[::-1].copy(),
                "people": np.kron(ones, [30, 20]), "back": np.kron(ones, [9, 5])}
    runs = {name: replace(run, by_firm=by_firm, switches=switches) for name, run in study.runs.items()}
    return replace(study, runs=runs)


def test_every_firm_has_its_account_and_flows_are_counted_both_ways() -> None:
    study = rivals()
    ours, theirs = accounts(study.runs)[:2]
    assert (ours.strategy, ours.firm, ours.outcomes["share"].mean, ours.outcomes["profit"].mean) == ("a", "ours", 0.6, 7.0)
    assert (theirs.firm, theirs.outcomes["profit"].mean) == ("them", -2.0)
    assert np.isnan(theirs.outcomes["satisfaction"].mean)
    one = flows(study.runs)[0]
    assert (one.strategy, one.firm) == ("a", "them")
    assert [each.mean for each in (one.lost, one.won, one.back)] == pytest.approx([1.5, 1.0, 0.25])
    assert accounts(NASTY["hotel"]().runs) == []
    assert flows(NASTY["hotel"]().runs) == []


def test_the_page_and_the_terminal_show_them_where_people_choose() -> None:
    study = rivals()
    told, drawn = page(study), show_comparison(study, None)
    assert "The firms, by our strategies" in told
    assert "Won back from them" in told
    row = next(line for line in drawn.splitlines() if line.startswith("a  ") and " them " in line)
    assert row.split() == ["a", "them", "40.0", "−2.00", "-", "1.50", "0.250"]
    for plain in (page(NASTY["hotel"]()), show_comparison(NASTY["hotel"](), None)):
        assert "lost to" not in plain.lower()


def test_whom_money_and_shares_are_counted_by() -> None:
    """Seen first: `starting customer` where nobody starts as one."""
    for study, said, other in ((rivals(), "person of the market", "starting customer"),
                               (NASTY["town"](), "person of the market", "starting customer"),
                               (NASTY["hotel"](), "starting customer", "person of the market")):
        drawn = show_comparison(study, None)
        assert f"money per {said}" in drawn
        for text in (drawn, page(study)):
            assert other not in text
    chosen, joined, whole = (NASTY[name]().market for name in ("rivals", "town", "hotel"))
    assert words.meaning("retention", chosen).startswith("Share of all people whose last visit was to us")
    assert words.meaning("retention", joined).startswith("Share of all people who are our customers at the end")
    assert words.meaning("retention", whole).startswith("Share of the starting customers")
    assert words.meaning("silent_leavers", chosen).startswith("Share of all people who came to us, are not our customers")
    assert words.meaning("silent_leavers", joined) == "Share of all people who left without ever having complained."


def test_the_terminal_shows_what_only_some_markets_have() -> None:
    town, hotel = (show_comparison(NASTY[name](), None) for name in ("town", "hotel"))
    for name in ("trial", "wait"):
        assert f" {name}" in town.split("differences in")[0]
        assert f" {name}" not in hotel.split("differences in")[0]

"""The figure of equal spend: what it says of who satisfies most, levers, prices, and names that no font has."""

from __future__ import annotations

from typing import Any

import pytest
from matplotlib.figure import Figure

from sim.report.figures import spend_figure
from tests.report.studies import NASTY


def spent(names: list[str], *, still: int = 1, price: float | None = 9.18) -> dict[str, Any]:
    """What equal_spend.json says of these strategies, of which the first few have no moves."""
    return {
        "amount": 12.0, "strategies": [
            {"name": name, "factor": None if at < still else 0.793, "cost": 0.0 if at < still else 12.0, "levers": []
             if at < still else [{"key": "strategies.x.0.surprise.chance", "was": "0.3", "now": "0.2379"}]}
            for at, name in enumerate(names)],
        "prices": [{"strategy": name, "against": names[0], "of": outcome, "mean": price, "low": price and 8.9, "high": None,
                    "not_defined": None if price else "too few replications"}
                   for name in names[1:] for outcome in ("satisfaction", "retention")]}


def said_on(figure: Figure) -> str:
    """All text of a figure's sheet, in one line; wrapped lines in their order."""
    return " ".join(text.get_text() for text in figure.texts).replace("\n", " ")


def test_levers_prices_and_the_amount_are_on_it() -> None:
    found = NASTY["hotel"]()
    told = said_on(spend_figure(found, spent(list(found.runs))))
    for said in ("At 12 EUR a customer each", "surprise.chance 0.238 instead of 0.3", "(0.793 times)",
                 "no moves: stays as it is", "9.18", "8.9 to any", "the baseline", "A kept customer"):
        assert said in told, told


def test_where_nothing_can_be_said_of_a_price_it_says_why() -> None:
    found = NASTY["hotel"]()
    told = said_on(spend_figure(found, spent(list(found.runs), price=None)))
    assert "too few replications" in told
    assert "9.18" not in told


def test_one_strategy_that_spends_is_compared_with_none() -> None:
    found = NASTY["hotel"]()
    names = list(found.runs)
    figure = spend_figure(found, spent(names, still=len(names) - 1))
    assert "there is only one strategy to spend it" in figure.get_label()


@pytest.mark.parametrize("name", sorted(NASTY))
def test_it_is_drawn_of_every_nasty_study(name: str) -> None:
    found = NASTY[name]()
    figure = spend_figure(found, spent(list(found.runs), still=0))
    assert figure.get_label().startswith("At 12")
    assert len(figure.axes) == 2

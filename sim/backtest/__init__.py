"""A story beside what was kept back: live it as often as the data were collected, and say where the two differ.

    import sim, sim.backtest
    found = sim.backtest.purchases(sim.load("shop.yaml"), "orders.csv", after="1997-09-30")
    print(found.headline)

Each takes a story, a table and, where columns are not plainly named, which is which. What it says is "agrees", "disagrees"
and in what, or "cannot be told".
"""

from sim.backtest.found import Backtest, Judged
from sim.backtest.of_panel import panel
from sim.backtest.of_purchases import purchases
from sim.backtest.of_survey import survey
from sim.calibrate.reading import TableError

__all__ = ["Backtest", "Judged", "TableError", "panel", "purchases", "survey"]

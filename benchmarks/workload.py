"""The workload "drift-visit": its numbers, its answers, and how a contender reports itself.

Every Python contender imports this module; the C program gets `c_header()`; ours reads `drift-visit.yaml`, and
`compare` checks that the scenario says the same as the constants here. Standard library only, so that a peer pays
for nothing it would not import itself.

One customer: the first visit comes after an exponential gap. At a visit on day t she hears of the rival with
chance HEARS (her norm C moves LEARNS of the way to what she heard), compares P = quality(t) + surprise + noise with
R = E + NORM_WEIGHT·max(0, C − E), feels V = D or LOSS·D (D = P − R), complains with chance 1 − exp(COMPLAINING·D)
when D < 0, moves E by UP or DOWN of P − E and goodwill L by MEMORY of V − L, and leaves with chance
1/(1 + exp(LEAVING + LEAVING_GOODWILL·L)). Otherwise the next gap is exponential; its *mean*,
EVERY·exp(−EVERY_GOODWILL·L), is held within SHORTEST…LONGEST days.

"coupled" is the same where people meet. The rival serves too, at RIVAL with the same noise and no surprises, and everybody
keeps an expectation and a goodwill of each firm. At each occasion she first hears, of each firm, a Poisson number of the words
said from the day of her last occasion until yesterday (HEARERS/people of them on average); each moves what she expects of it
LISTEN_UP or LISTEN_DOWN of the way to their mean level. Then she chooses by logit on CHOOSING_VALUE·E + CHOOSING_GOODWILL·L −
SWITCHING where she was not last. Of the other firm she hears as above, through its noise as well. What she experiences anywhere
moves her norm LEARNS of the way; she tells her experience with chance 1 − (1 − TALK_BASE)·exp(−TALK_GOOD·V), or
exp(TALK_BAD·V) when V < 0.

"queue" is the same where SERVERS serve one each, first come first served, for an exponential time of mean `minutes(people)`,
in a day of `hours(day)` hours; a minute of waiting takes WAITING, and all of it at most WAITING_MOST, from what she is given.
"""

import argparse
import gc
import json
import time
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

HORIZON: Final = 365
EVERY: Final = 14.0
EVERY_GOODWILL: Final = 0.2
SHORTEST: Final = 1.0
LONGEST: Final = 60.0
UP: Final = 0.25
DOWN: Final = 0.12
LOSS: Final = 2.0
MEMORY: Final = 0.2
NOISE: Final = 0.5
SURPRISE: Final = 0.3
SURPRISE_CHANCE: Final = 0.2
NORM_WEIGHT: Final = 0.3
HEARS: Final = 0.1
HEARS_NOISE: Final = 0.3
LEARNS: Final = 0.1
LEAVING: Final = 3.5
LEAVING_GOODWILL: Final = 1.5
COMPLAINING: Final = 0.7

CHANGES: Final = (52.0, 104.0, 156.0, 209.0, 261.0, 313.0)
"""The days on which our quality steps to the next of LEVELS."""
LEVELS: Final = (0.545, 0.695, 0.595, 0.745, 0.595, 0.695, 0.745)
"""Our quality. Only differences of levels enter the rules, so their common height moves nothing but mean E."""
RIVAL: Final = 0.745
START: Final = LEVELS[0]
"""What everybody expects at first, and the norm at first."""

RIVAL_NOISE: Final = NOISE
CHOOSING_VALUE: Final = 1.0
CHOOSING_GOODWILL: Final = 0.5
SWITCHING: Final = 1.0
TALK_BASE: Final = 0.05
TALK_GOOD: Final = 0.1
TALK_BAD: Final = 0.2
LISTEN_UP: Final = 0.05
LISTEN_DOWN: Final = 0.1
HEARERS: Final = 8.0

SERVERS: Final = 7
WAITING: Final = 0.02
WAITING_MOST: Final = 0.3
HOURS: Final = (11.5, 11.05, 10.6, 10.1, 9.8, 9.4, 9.05, 8.7, 8.3, 7.85, 7.4, 7.05, 6.8, 6.5, 6.2, 5.95, 5.6, 5.3, 4.95,
                4.7, 4.5, 4.25, 4.05, 3.9, 3.7, 3.5)
"""Opening hours, fortnight by fortnight: as many as keep the servers busy for 85 to 89% of them while people leave."""
FORTNIGHT: Final = 14


def minutes(people: int) -> float:
    """Minutes that serving one of so many people takes on average: the fewer they are, the longer, so that all keep as busy."""
    return 3.0 * 20_000.0 / people


def hours_by_day() -> list[float]:
    """Opening hours on every day of the horizon; the last fortnight has a day more."""
    return [HOURS[min(day // FORTNIGHT, len(HOURS) - 1)] for day in range(HORIZON)]


def quality(day: float) -> float:
    """Our quality on a day, in levels."""
    return LEVELS[bisect_right(CHANGES, day)]


def quality_by_day() -> list[float]:
    """Our quality on every whole day of the horizon; the steps fall on whole days."""
    return [quality(day) for day in range(HORIZON)]


@dataclass
class Days:
    """What a contender must keep: sums over the visits of each day. `expected` is E before the visit teaches."""

    visits: list[float] = field(default_factory=lambda: [0.0] * HORIZON)
    expected: list[float] = field(default_factory=lambda: [0.0] * HORIZON)
    felt: list[float] = field(default_factory=lambda: [0.0] * HORIZON)
    complaints: list[float] = field(default_factory=lambda: [0.0] * HORIZON)
    leavers: list[float] = field(default_factory=lambda: [0.0] * HORIZON)


@dataclass(frozen=True)
class Answers:
    """What a contender found, all of it checked against the others.

    visits: all visits. mean_expectation_end: E after the last visit, over everybody, those who left too.
    expected_sum, felt_sum, complaints: over all visits. `*_sd`: over customers.
    """

    visits: float
    leavers: float
    mean_expectation_end: float
    expected_sum: float
    felt_sum: float
    complaints: float
    visits_sd: float | None = None
    expectation_end_sd: float | None = None


@dataclass(frozen=True)
class Coupled:
    """What a contender of "coupled" found, all of it checked. visits: to either firm.

    to_ours: the share of all visits that ours got. satisfaction, expectation: mean gap and mean E over visits to ours. words,
    praise: a visit, of either firm.
    """

    visits: float
    leavers: float
    to_ours: float
    satisfaction: float
    expectation: float
    words: float
    praise: float


@dataclass(frozen=True)
class Queued:
    """What a contender of "queue" found, all of it checked: means over visits; wait: minutes."""

    visits: float
    leavers: float
    satisfaction: float
    expectation: float
    complaints: float
    wait: float


def total(days: Days, ends: list[float], each: list[float]) -> Answers:
    """The answers from sums per day, every customer's last expectation and number of visits (plain lists)."""
    return Answers(sum(days.visits), sum(days.leavers), sum(ends) / len(ends), sum(days.expected), sum(days.felt),
                   sum(days.complaints), spread(each), spread(ends))


def spread(values: list[float]) -> float:
    """Standard deviation over customers."""
    mean = sum(values) / len(values)
    return float((sum((value - mean) ** 2 for value in values) / len(values)) ** 0.5)


def memory(name: str) -> int:
    """One line of the process's memory in bytes: "VmRSS" now, "VmHWM" the peak since the last `forget_peak`."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"this system does not say {name}: memory is measured on Linux only")


def forget_peak() -> None:
    """Let the peak start again from what is resident now."""
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")


def line(name: str, customers: int, answers: Answers | Coupled | Queued, seconds: float, cpu: float, peak_bytes: float) -> str:
    """The one JSON line of a contender. `seconds`, `cpu`: of the simulation only; `peak_bytes`: what memory grew by."""
    row = {"name": name, "customers": customers, "seconds": seconds, "cpu_seconds": cpu,
           "visits_per_second": answers.visits / seconds,
           "peak_bytes_per_customer": peak_bytes / customers, "visits_per_customer": answers.visits / customers,
           "left_share": answers.leavers / customers, **asdict(answers)}
    return json.dumps(row)


def asked(default: int) -> argparse.Namespace:
    """What every contender can be asked: --people, --seed and --warm-up (people of the run before the clock starts)."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=default)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--warm-up", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=1)
    return parser.parse_args()


def measure(name: str, simulate: Callable[[int, int], Answers | Coupled | Queued], default: int) -> None:
    """Run a contender once small to warm up, once in earnest, and print its line. `simulate(people, seed)`."""
    wish = asked(default)
    simulate(wish.warm_up, wish.seed)
    gc.collect()
    forget_peak()
    before = memory("VmRSS")
    start, cpu_start = time.perf_counter(), time.process_time()
    answers = simulate(wish.people, wish.seed)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu_start
    print(line(name, wish.people, answers, seconds, cpu, memory("VmHWM") - before))


def c_header() -> str:
    """The constants as a C header, so that no number is written twice."""
    names = ("EVERY", "EVERY_GOODWILL", "SHORTEST", "LONGEST", "UP", "DOWN", "LOSS", "MEMORY", "NOISE", "SURPRISE",
             "SURPRISE_CHANCE", "NORM_WEIGHT", "HEARS", "HEARS_NOISE", "LEARNS", "LEAVING", "LEAVING_GOODWILL",
             "COMPLAINING", "RIVAL", "START")
    constants = "".join(f"#define {name} {globals()[name]!r}\n" for name in names)
    levels = ", ".join(repr(level) for level in quality_by_day())
    return f"{constants}#define HORIZON {HORIZON}\nstatic const double QUALITY[HORIZON] = {{{levels}}};\n"

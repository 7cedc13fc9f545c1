"""Fair fights from Python: all strategies scaled to one cost and compared; what that buys, stored beside the comparison."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sim.cells.work import Work, staying
from sim.engine import archive
from sim.engine.records import Run
from sim.experiments.compare import Interrupted, Progress, run_each
from sim.experiments.evaluate import Bench
from sim.experiments.spend import SPENDING, Factored, Scaled, SpendError, Spending, factor_for, factors, spending
from sim.experiments.statistics import estimate
from sim.market import Market, with_design
from sim.story import settings, units
from sim.story.load import ScenarioError, vary
from sim.story.moves import CATALOGUE
from sim.story.nodes import key_text
from sim.story.over import cut
from sim.story.ranges import number_of
from sim.story.resolve import complete, resolve
from sim.story.scenario import Scenario

if TYPE_CHECKING:
    from sim.api import Answer, Story

__all__ = ["Fair", "equal_spend"]

FILE: Final = "equal_spend.json"


@dataclass(frozen=True)
class Lever:
    """What is multiplied in one strategy: keys, and each one's value with the unit after it; none where it has no moves."""

    strategy: str
    keys: tuple[str, ...]
    numbers: tuple[tuple[float, str], ...]

    def values(self, factor: float) -> tuple[str, ...]:
        """Each key's value, multiplied, as the story writes it."""
        return tuple(f"{units.plain(float(f'{number * factor:.12g}'))}{unit}" for number, unit in self.numbers)

    def settings(self, factor: float) -> list[str]:
        """What puts it into the story, as after `--set`."""
        return [f"{key}={value}" for key, value in zip(self.keys, self.values(factor), strict=True)]


@dataclass(frozen=True)
class Fair:
    """A comparison in which every strategy with moves costs the same.

    answer: the comparison; spending: what it took, and what it buys.
    """

    answer: Answer
    spending: Spending

    @property
    def complete(self) -> bool:
        """Whether every strategy was run: Ctrl-C may leave some out."""
        return len(self.answer.runs) == len(self.spending.scaled)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was scaled, and what a point of satisfaction and a kept customer cost."""
        return self.spending.sentences

    @property
    def settings(self) -> tuple[str, ...]:
        """What makes the story's strategies cost the same, as after `--set`."""
        return tuple(f"{key}={value}" for one in self.spending.scaled for key, value in zip(one.keys, one.now, strict=True))

    def document(self) -> dict[str, Any]:
        """The spending as plain JSON values; None for a number that does not exist."""
        return {"amount": self.spending.amount, "set": list(self.settings), "sentences": list(self.sentences),
                "interrupted": not self.complete,
                "strategies": [{"name": one.strategy, "factor": one.factor if one.keys else None, "cost": one.cost.mean,
                                "levers": [{"key": key, "was": was, "now": now} for key, was, now in
                                           zip(one.keys, one.was, one.now, strict=True)]} for one in self.spending.scaled],
                "prices": [{"strategy": one.strategy, "against": one.against, "of": one.outcome, "mean": _number(one.rate),
                            "low": _number(one.low), "high": _number(one.high), "not_defined": one.undefined or None}
                           for one in self.spending.prices]}

    def write(self, directory: str | Path = "runs", *, command: Sequence[str] = ()) -> Path:
        """Store comparison, spending and report in a new folder of `directory`, and say which. Errors: as `Answer.write`."""
        folder = self.answer.store(directory, command=command)
        self.add(folder)
        self.answer.draw(folder, command)
        return folder

    def add(self, folder: Path) -> None:
        """Put the spending into the stored comparison, before its report is drawn. Errors: OSError if it cannot be written."""
        text = json.dumps(self.document(), ensure_ascii=False, allow_nan=False, indent=1) + "\n"

        def save(place: Path) -> None:
            (place / FILE).write_text(text, encoding="utf-8")

        archive.add(folder, save)


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def spent_in(folder: Path) -> dict[str, Any] | None:
    """What a stored comparison at equal spend says of it; None of another comparison."""
    place = folder / FILE
    return json.loads(place.read_text(encoding="utf-8")) if place.is_file() else None


def levers(scenario: Scenario, named: Sequence[str]) -> tuple[Lever, ...]:
    """Every strategy's lever: the one named for it, else the usual one of its first move that has one.

    Errors: SpendError, with what is allowed, for a key that is no number of a strategy, or a strategy without a lever.
    """
    full = complete(scenario)
    told: dict[str, Lever] = {}
    for text in named:
        one = _named(full, text)
        if one.strategy in told:
            raise SpendError(f'"{one.strategy}" has two levers; give each strategy one, and tie its keys by &')
        told[one.strategy] = one
    return tuple(told.get(name) or _usual(full, name) for name in full["strategies"])


def _named(full: Mapping[str, Any], text: str) -> Lever:
    keys, numbers, strategies = [], [], set()
    for part in cut(text, "&"):
        path = (settings.split(f"{part.strip()}=0") or ((), ""))[0]
        if len(path) < 5 or path[0] != "strategies":
            raise SpendError(f"--lever {text!r} is no lever of a strategy; write it as after --set, such as "
                             "strategies.\"one large refit\".0.upgrade.by")
        if path[1] not in full["strategies"]:
            raise SpendError(f"--lever {text!r}: there is no strategy {path[1]!r}; strategies: {', '.join(full['strategies'])}")
        found = _value(full, path)
        if found is None:
            raise SpendError(f"--lever {text!r}: {key_text(path)} is no number of the story that could be scaled")
        strategies.add(str(path[1]))
        keys.append(key_text(path))
        numbers.append(found)
    if len(strategies) != 1:
        raise SpendError(f"--lever {text!r} ties keys of several strategies; give each its own lever")
    return Lever(strategies.pop(), tuple(keys), tuple(numbers))


def _usual(full: Mapping[str, Any], name: str) -> Lever:
    moves = full["strategies"][name]
    for place, move in enumerate(moves):
        (kind, inner), = move.items()
        for keys in CATALOGUE[kind].scaled:
            path = [("strategies", name, str(place), kind, key) for key in keys]
            found = [(key_text(one), value) for one in path for value in [_value(full, one)] if value is not None and value[0]]
            if keys[0] in inner and found:
                return Lever(name, tuple(key for key, _ in found), tuple(value for _, value in found))
    if not moves:
        return Lever(name, (), ())
    kinds = ", ".join(kind for move in moves for kind in move)
    raise SpendError(f'"{name}" has no usual lever ({kinds}); name one, such as --lever '
                     f"'strategies.{key_text((name,))}.0.{next(iter(moves[0]))}.KEY'")


def _value(full: Any, path: Sequence[str | int]) -> tuple[float, str] | None:
    """The number at a path of the complete story, and the unit after it; None where there is none."""
    here = full
    for step in path:
        if isinstance(here, list):
            here = here[int(step)] if str(step).isdecimal() and int(step) < len(here) else None
        else:
            here = here.get(step) if isinstance(here, Mapping) else None
    found = number_of(here)
    return found if found is not None and math.isfinite(found[0]) else None


def equal_spend(story: Story, amount: float, named: Sequence[str], *, replications: int | None, seed: int | None,
                people: int | None, work: Work | None, keep: Sequence[str], progress: Progress | None
                ) -> tuple[Story, Spending, Mapping[str, Run]]:
    """The story with every strategy scaled to cost the amount, what it took, and its runs.

    Errors: as for `Story.equal_spend`.
    """
    if not amount > 0.0 or not math.isfinite(amount):
        raise SpendError(f"the amount to spend must be money above 0 a customer, not {amount:g}")
    wanted = with_design(story.market, replications, seed, people)
    several = levers(story.scenario, named)
    with staying(work) as together:
        found = _scaled(story.scenario, several, wanted, amount, Bench(together), progress)
        told = [text for one, at in zip(several, found, strict=True) for text in one.settings(at.factor)]
        scenario = vary(story.scenario, told)
        market = with_design(resolve(scenario), wanted.replications, wanted.seed, wanted.people)
        fair = replace(story, scenario=scenario, market=resolve(scenario))
        try:
            runs = run_each(market, [one.name for one in market.strategies], work=together, keep=keep, progress=progress)
        except Interrupted as stop:
            if not stop.runs:
                raise KeyboardInterrupt("the strategies were scaled and none was run, so nothing is kept but finished cells") \
                    from None
            runs = {one.name: stop.runs[one.name] for one in market.strategies if one.name in stop.runs}
    return fair, spending(market, amount, found, runs), runs


def _scaled(scenario: Scenario, several: Sequence[Lever], wanted: Market, amount: float, bench: Bench,
            progress: Progress | None) -> list[Scaled]:
    """All strategies, scaled; those without moves stay as they are."""
    def told(done: int) -> None:
        if progress is not None:
            progress(SPENDING, done, len(moved))

    moved = [one for one in several if one.keys]
    told(0)
    found = factors({one.strategy: factor_for(amount, one.strategy, _putting(scenario, one, wanted), partial(_said, one))
                     for one in moved}, bench, told)
    still = [(wanted, one.strategy) for one in several if not one.keys]
    costs = dict(zip((name for _, name in still), bench.values(still), strict=True))
    return [Scaled(one.strategy, one.keys, one.values(1.0), one.values(found[one.strategy][0]), *found[one.strategy])
            if one.keys else Scaled(one.strategy, (), (), (), 1.0, estimate(costs[one.strategy]["cost"])) for one in several]


def _said(lever: Lever, factor: float) -> str:
    """What a factor makes of a lever, in words."""
    return ", ".join(lever.settings(factor))


def _putting(scenario: Scenario, lever: Lever, wanted: Market) -> Factored:
    def put(factor: float) -> Market | None:
        try:
            found = resolve(vary(scenario, lever.settings(factor)))
        except ScenarioError:
            return None
        return with_design(found, wanted.replications, wanted.seed, wanted.people)

    return put

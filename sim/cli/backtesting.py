"""`drift backtest`: a scenario beside data that were kept back; print where they differ, return the exit status."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sim.cli import DONE, FAILED, INCONCLUSIVE, RequestError
from sim.cli.calibrating import left_out, stored

if TYPE_CHECKING:
    from sim.api import Story
    from sim.backtest import Backtest


def backtest(options: Namespace, command: Sequence[str]) -> int:
    """Whether a scenario agrees with a table; with --strict, status 3 unless it does."""
    from sim.backtest import TableError
    from sim.story.load import ScenarioError

    for name, kinds in (("scale", ("survey", "panel")), ("after", ("purchases",))):
        if getattr(options, name) is not None and options.kind not in kinds:
            raise RequestError(f"--{name} is for `drift backtest {' or '.join(kinds)}`, not for {options.kind}")
    try:
        found = _found(options, _story(options))
    except (ScenarioError, TableError) as mistake:
        raise RequestError(str(mistake)) from None
    except OSError as error:
        raise RequestError(f"{options.table}: {error.strerror or error}") from None
    except ValueError as mistake:
        raise RequestError(f"{options.file}: {mistake}") from None
    folder = stored(found, options, "backtest")
    if options.json:
        document = {**found.document(), "folder": None if folder is None else folder.as_posix()}
        print(json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1))
    else:
        print(shown(found, folder))
    if folder is None:
        return FAILED
    return INCONCLUSIVE if options.strict and found.verdict != "agrees" else DONE


def _story(options: Namespace) -> Story:
    import logging

    from sim import api

    logging.getLogger("sim").setLevel(logging.ERROR if options.quiet else logging.WARNING)
    seed = [] if options.seed is None else [f"seed={options.seed}"]
    return api.load(options.file, [*options.set, *seed])


def _found(options: Namespace, story: Story) -> Backtest:
    from sim import backtest as library
    from sim.calibrate.columns import spoken

    columns, table = spoken(",".join(options.columns)), Path(options.table)
    if options.kind == "purchases":
        return library.purchases(story, table, columns, after=options.after, strategy=options.strategy,
                                 replications=options.replications, within=options.within)
    compare = library.survey if options.kind == "survey" else library.panel
    return compare(story, table, columns, scale=options.scale, strategy=options.strategy, replications=options.replications,
                   within=options.within)


def shown(found: Backtest, folder: Path | None) -> str:
    """The verdict, then each number and curve, what cannot be told, what was left out, and where all is."""
    from sim.cli.terminal import bold, clean, wrapped

    head = clean(f"{found.headline}.")
    parts = [
        f"{wrapped(bold(clean(found.story)))}\n{wrapped(clean(found.strategy))} · {found.replications:,} replications\n"
        f"{clean(found.source)}: {found.rows:,} rows",
        "\n".join([wrapped(head).replace(head, bold(head), 1), *(wrapped(clean(one)) for one in found.sentences)]),
    ]
    lines = []
    for one in found.judged:
        lines += [f"{one.says}: {bold(one.item.name)}", wrapped(one.sentence, "  ")]
    parts.append("\n".join(lines))
    if found.unknown:
        parts.append("\n".join([bold("Cannot be told by these data"), *(wrapped(clean(one), "  ") for one in found.unknown)]))
    if found.notes:
        parts.append("\n".join(wrapped(f"Note: {clean(note)}.", "  ") for note in found.notes))
    if found.left_out:
        parts.append(left_out(found.left_out))
    return "\n\n".join([*parts, "Not stored." if folder is None else f"Stored  {folder}"])

"""`drift calibrate`: ask the library, print what was found and what was not, return the exit status."""

from __future__ import annotations

import hashlib
import json
import sys
import textwrap
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sim.cli import DONE, FAILED, RequestError

if TYPE_CHECKING:
    from sim.backtest import Backtest
    from sim.calibrate import Calibration, Fit
    from sim.calibrate.reading import LeftOut


def calibrate(options: Namespace, command: Sequence[str]) -> int:
    """Parameters from a table, with intervals, or "not identified"."""
    from sim.calibrate import TableError

    _check(options)
    try:
        found = _found(options)
    except TableError as mistake:
        raise RequestError(str(mistake)) from None
    except OSError as error:
        raise RequestError(f"{options.file}: {error.strerror or error}") from None
    folder = stored(found, options, "calibration")
    if options.json:
        document = {**found.document(), "folder": None if folder is None else folder.as_posix()}
        print(json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1))
    else:
        print(shown(found, folder))
    return FAILED if folder is None else DONE


def _check(options: Namespace) -> None:
    for name, kind in (("scale", "survey"), ("until", "purchases")):
        if getattr(options, name) is not None and options.kind != kind:
            raise RequestError(f"--{name} is for `drift calibrate {kind}`, not for a {options.kind}")


def _found(options: Namespace) -> Calibration:
    from sim import calibrate as library
    from sim.calibrate.columns import spoken

    columns = spoken(",".join(options.columns))
    if options.kind == "survey":
        return library.survey(options.file, columns, options.scale)
    if options.kind == "panel":
        return library.panel(options.file, columns)
    return library.purchases(options.file, columns, options.until)


def stored(found: Calibration | Backtest, options: Namespace, what: str) -> Path | None:
    """Store it in a new folder named by the table and its content; None, with a word, where that cannot be."""
    table = Path(options.file if what == "calibration" else options.table)
    kind = options.kind if what == "calibration" else what
    name = f"{table.stem}-{kind}-{hashlib.sha256(table.read_bytes()).hexdigest()[:8]}"
    number = 1
    while True:
        folder = Path(options.out) / (name if number == 1 else f"{name}-{number}")
        try:
            return found.write(folder)
        except FileExistsError:
            if not folder.is_dir():
                print(f"The {what} could not be stored in {options.out}: it is a file", file=sys.stderr)
                return None
            number += 1
        except OSError as error:
            print(f"The {what} could not be stored in {options.out}: {error.strerror or error}", file=sys.stderr)
            return None


def shown(found: Calibration, folder: Path | None) -> str:
    """The headline, estimates, what is not identified, fits, checks, what was left out, the block, and where all is."""
    from sim.cli.terminal import bold, clean, grid, wrapped

    columns = ", ".join(f"{role} = {clean(column)}" for role, column in found.columns.items())
    parts = [
        f"{clean(found.source)}: {found.rows:,} rows, {found.used:,} of them fitted\n" + wrapped(columns, "  "),
        wrapped(clean(f"{found.headline}.")),
    ]
    if found.notes:
        parts.append("\n".join(wrapped(f"Note: {clean(note)}.", "  ") for note in found.notes))
    rows = [
        [one.name, _short(one.value), "" if one.low != one.low else f"{_short(one.low)} … {_short(one.high)}", one.unit]
        for one in found.estimates
    ]
    parts.append(grid(["estimate", "value", "95%", "unit"], rows, left=(0, 3)))
    parts += [_unknown(found)] if found.unknown else []
    parts += [_fits(found.fits)] if found.fits else []
    if found.checks:
        words = {True: "holds", False: "FAILS", None: "note"}
        parts.append(
            "\n".join(
                [
                    bold("Checks"),
                    *(wrapped(f"{words[one.passed]}: {one.name}: {clean(one.says)}", "  ") for one in found.checks),
                ]
            )
        )
    if found.left_out:
        parts.append(left_out(found.left_out))
    parts.append(f"{bold('To paste into a scenario')}\n{textwrap.indent(found.block.rstrip(), '  ')}")
    return "\n\n".join([*parts, "Not stored." if folder is None else f"Stored  {folder}"])


def left_out(found: Sequence[LeftOut]) -> str:
    """What was left out of a table, and why."""
    from sim.cli.terminal import bold, clean

    lines = [bold("Left out")]
    for one in found:
        lines += [f"  {one.count:,} × {clean(one.reason)}", *(f"    {clean(example)}" for example in one.examples)]
    return "\n".join(lines)


def _unknown(found: Calibration) -> str:
    from sim.cli.terminal import bold, clean, wrapped

    return "\n".join([bold("Not identified"), *(wrapped(f"{one.name}: {clean(one.why)}", "  ") for one in found.unknown)])


def _fits(fits: Sequence[Fit]) -> str:
    """Models beside simpler ones, under what they explain; AIC against the best of them."""
    from sim.cli.terminal import grid

    best: dict[str, float] = {}
    for one in fits:
        best[one.of] = min(best.get(one.of, one.aic), one.aic)
    rows: list[list[str]] = []
    for of in best:
        rows.append([of, "", "", ""])
        rows += [
            [
                f"  {one.name}",
                f"{one.likelihood:,.1f}",
                str(one.parameters),
                f"+{one.aic - best[of]:,.1f}" if one.aic > best[of] else "best",
            ]
            for one in fits
            if one.of == of
        ]
    return grid(["model", "ln likelihood", "parameters", "AIC"], rows)


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}" if abs(value) >= 1 else f"{value:.3f}"

"""`drift`: each command is one call into the library. The result goes to stdout, everything else to stderr.

Exit status: 0 done; 1 the run failed; 2 the request was wrong; 3 with --strict, inconclusive; 130 interrupted.
"""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Sequence
from importlib import import_module

DONE, FAILED, WRONG, INCONCLUSIVE, INTERRUPTED = 0, 1, 2, 3, 130


class RequestError(Exception):
    """What was asked for cannot be done as asked; the text says what to change."""


class FailedError(Exception):
    """What was asked for was right and still could not be done; the text says why."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status. argv: what follows `drift`, the process's own if left out."""
    _speak_plainly()
    try:
        status = _run(list(sys.argv[1:] if argv is None else argv))
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads on: nothing more to say
        return FAILED
    return status


def _run(argv: list[str]) -> int:
    try:
        options = import_module("sim.cli.options").parse(argv)  # imported here, so that Ctrl-C is answered from the start
        command = getattr(import_module("sim.cli.commands"), options.command)
        return int(command(options, ["drift", *argv]))
    except KeyboardInterrupt as stop:
        return _say(f"Interrupted{f': {stop}' if str(stop) else ''}.", INTERRUPTED)
    except RequestError as mistake:
        return _say(str(mistake), WRONG)
    except FailedError as failure:
        return _say(str(failure), FAILED)
    except MemoryError:
        return _say("There is not enough memory for this: use fewer --people or --replications.", FAILED)
    except BrokenPipeError:
        raise
    except OSError as failure:
        return _say(f"{failure.filename or 'drift'}: {failure.strerror or failure}", FAILED)


def _say(text: str, status: int) -> int:
    print(text, file=sys.stderr)
    return status


def _speak_plainly() -> None:
    """Where the terminal is not UTF-8, write a hyphen for a minus rather than fail."""
    plain = {"−": "-", "–": "-", "…": "...", "·": "-", "±": "+/-", "×": "x", "≤": "<=", "≥": ">="}

    def replace(error: UnicodeError) -> tuple[str, int]:
        if not isinstance(error, UnicodeEncodeError):
            raise error
        return "".join(plain.get(c, "?") for c in error.object[error.start:error.end]), error.end

    codecs.register_error("plain", replace)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="plain")

"""What can be typed after `drift`: commands, their options, and what is said about a slip of the fingers.

Nothing heavy is imported here, so that `drift --help` answers at once.
"""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from typing import NoReturn

from sim import __version__
from sim.outcomes import DECIDING

DESIGNS = ("grid", "sobol", "halton", "lhs")
COMMANDS = {
    "validate": "check a scenario and list every mistake in it at once",
    "run": "simulate one strategy, or each, replicated",
    "compare": "compare all strategies on the same people and luck: differences, a verdict, a report",
    "explain": "say which mechanisms decide the verdict, and the values at which it turns round",
    "sweep": "say which strategy wins where, at many points of a scenario: the phase map",
    "report": "draw the report of a stored run again",
    "examples": "list the stories that come with the product",
    "init": "copy one of them to start from",
    "schema": "print the JSON Schema of scenario files",
    "doctor": "say what is installed, what this machine offers and how a simulated day goes",
}


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line of advice."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and where help is, then exit with status 2."""
        said = message.removeprefix("argument ")
        self.exit(2, f"{self.prog}: {said}\n`{self.prog} --help` lists what is possible.\n")


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The options of one command line; `command` is the command's name. Exits with status 2 and advice on a mistake."""
    parser, commands = build()
    first = next((word for word in argv if not word.startswith("-")), None)
    if first is not None and first not in commands:
        parser.error(f"there is no command {first!r}{meant(first, commands)}; commands: {', '.join(commands)}")
    options, unknown = parser.parse_known_args(argv)
    if unknown:
        chosen = commands[options.command]
        known = re.findall(r"--[a-z]+", chosen.format_help())
        word = unknown[0].split("=")[0]
        if word in known:
            chosen.error(f"{word} comes after the command: drift {options.command} … {word}")
        what = "option" if word.startswith("-") else "argument"
        chosen.error(f"there is no {what} {unknown[0]!r}{meant(word, known)}")
    return options


def meant(word: str, allowed: Iterable[str]) -> str:
    """`; did you mean 'x'?` when something allowed looks like the word, else nothing."""
    close = difflib.get_close_matches(word, list(allowed), 1, 0.5)
    return f"; did you mean {close[0]!r}?" if close else ""


def whole(low: int, high: int | None = None) -> Callable[[str], int]:
    """Reads a whole number of at least `low` and at most `high`; the complaint names the limits."""
    limits = f"≥ {low}" if high is None else f"from {low} to {high}"

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = low - 1
        if number < low or (high is not None and number > high):
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number {limits}")
        return number

    return read


def one_of(allowed: Sequence[str], what: str) -> Callable[[str], str]:
    """Reads one of some words; the complaint lists them and guesses which was meant."""

    def read(text: str) -> str:
        if text not in allowed:
            raise argparse.ArgumentTypeError(
                f"{text!r} is not {what}{meant(text, allowed)}; allowed: {', '.join(allowed)}")
        return text

    return read


def build() -> tuple[Parser, dict[str, Parser]]:
    """The parser, and that of each command."""
    parser = Parser(prog="drift", allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter,
                    description="Do small surprises or large upgrades keep customers satisfied?\n"
                                "Simulate a market, compare strategies, read the verdict.",
                    epilog="Start with:  drift examples   drift init hotel   drift compare hotel.yaml\n\n"
                           "exit status: 0 done, 1 the run failed, 2 the request was wrong,\n"
                           "             3 inconclusive (with --strict), 130 interrupted")
    parser.add_argument("--version", action="version", version=f"drift {__version__}")
    below = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=Parser)
    commands = {name: below.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.", allow_abbrev=False)
                for name, text in COMMANDS.items()}
    for name in ("validate", "run", "compare", "explain", "sweep"):
        _scenario(commands[name])
    for name in ("run", "compare"):
        _execution(commands[name])
    commands["run"].add_argument("--strategy", action="append", metavar="NAME",
                                 help="run only this strategy; may be given several times")
    commands["compare"].add_argument("--rivals", nargs="?", const="", metavar="NAME",
                                     help="play every strategy against every strategy of a rival; NAME where several have some")
    commands["compare"].add_argument("--strict", action="store_true",
                                     help="exit with status 3 when the verdict is not decided")
    _explaining(commands["explain"])
    _sweeping(commands["sweep"])
    commands["report"].add_argument("folder", metavar="RUN", help="a folder that `drift compare` or `drift run` wrote")
    commands["report"].add_argument("--outcome", type=one_of(DECIDING, "an outcome that can decide"), metavar="NAME",
                                    help="what the verdict is about (default: as when it was run)")
    _quiet(commands["report"])
    commands["init"].add_argument("name", metavar="NAME", help="a story that `drift examples` lists")
    commands["init"].add_argument("path", metavar="PATH", nargs="?",
                                  help="file or folder to copy to (default: NAME.yaml)")
    for name in ("validate", "run", "compare", "explain", "sweep", "report", "examples", "init", "doctor"):
        commands[name].add_argument("--json", action="store_true", help="print one JSON document and nothing else")
    return parser, commands


def _scenario(command: Parser) -> None:
    command.add_argument("file", metavar="FILE", help="a scenario file")
    group = command.add_argument_group("changing the scenario")
    group.add_argument("--set", action="append", default=[], metavar="KEY=VALUE",
                       help="change any value, as in --set market.people=5000; may be given several times")
    group.add_argument("--seed", type=whole(0, 2**64 - 1), metavar="N", help="which luck")
    group.add_argument("--replications", type=whole(1), metavar="N",
                       help="how often everything is repeated with other luck")
    group.add_argument("--people", type=whole(1, 2**32 - 1), metavar="N", help="how many people the market has")
    group.add_argument("--outcome", type=one_of(DECIDING, "an outcome that can decide"), metavar="NAME",
                       help=f"what the verdict is about: {', '.join(DECIDING)}")


def _execution(command: Parser) -> None:
    group = command.add_argument_group("running it")
    group.add_argument("--jobs", type=whole(1), metavar="N",
                       help="threads (default: all cores); the result does not depend on it")
    group.add_argument("--keep", action="append", default=[], type=one_of(("customers",), "something that can be kept"),
                       metavar="customers", help="keep a table with one row a customer and replication")
    group.add_argument("--out", default="runs", metavar="DIR", help="where the run's folder is made (default: runs)")
    group.add_argument("--no-report", action="store_true",
                       help="store the tables only, which is quicker; `drift report` draws figures and report later")
    _quiet(command)


def _explaining(command: Parser) -> None:
    group = command.add_argument_group("what is explained")
    group.add_argument("--strategy", metavar="NAME", help="the strategy that is better (default: the best)")
    group.add_argument("--against", metavar="NAME", help="the one it is compared with (default: the next best)")
    group.add_argument("--no-tipping", action="store_true",
                       help="leave out the search for values that turn the answer round, which is quicker")
    group.add_argument("--strict", action="store_true", help="exit with status 3 when the verdict is not decided")
    group = command.add_argument_group("running it")
    group.add_argument("--jobs", type=whole(1), metavar="N",
                       help="threads (default: all cores); the result does not depend on it")
    group.add_argument("--out", default="runs", metavar="DIR", help="where the explanation's folder is made (default: runs)")
    group.add_argument("--no-report", action="store_true", help="store tables and JSON only, without page and figure")
    _quiet(command)


def _sweeping(command: Parser) -> None:
    group = command.add_argument_group("where it goes")
    group.add_argument("--over", action="append", default=[], metavar="KEY=VALUES",
                       help="what is varied: psyche.learning.up=0.1..0.5/9, 'market.visits.every=7 days, 30 days' or "
                            "'market.visits.every=1 day..1 year/8 log'; may be given several times; keys tied by & take each "
                            "value together")
    group.add_argument("--design", type=one_of(DESIGNS, "a design"), default="grid", metavar="NAME",
                       help="grid: all combinations (default); sobol, halton, lhs: points that fill the space")
    group.add_argument("--points", type=whole(1), metavar="N", help="how many points fill it")
    group.add_argument("--strategy", action="append", metavar="NAME",
                       help="hold only these strategies against each other; given several times (default: all)")
    group.add_argument("--strict", action="store_true", help="exit with status 3 when any point is not decided")
    group = command.add_argument_group("running it")
    group.add_argument("--jobs", type=whole(1), metavar="N",
                       help="threads (default: all cores); the result does not depend on it")
    group.add_argument("--out", default="runs", metavar="DIR", help="where the sweep's folder is made (default: runs)")
    group.add_argument("--no-report", action="store_true", help="store tables and JSON only, without page and map")
    _quiet(command)


def _quiet(command: Parser) -> None:
    command.add_argument("--quiet", action="store_true", help="no progress and no warnings on stderr")

"""What can be typed after `drift`: commands, their options, and what is said about a slip of the fingers.

Nothing heavy is imported here, so that `drift --help` answers at once.
"""

from __future__ import annotations

import argparse
import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn

from sim import __version__
from sim.outcomes import DECIDING

DESIGNS = ("grid", "sobol", "halton", "lhs")

COMMANDS = {
    "validate": "check a scenario and list every mistake in it at once",
    "run": "simulate one strategy, or each, replicated",
    "compare": "compare all strategies on the same people and luck: differences, a verdict, a report",
    "explain": "say which mechanisms decide the verdict, and the values at which it turns round",
    "select": "choose the best of many strategies, dropping along the way those that fall behind",
    "sweep": "say which strategy wins where, at many points of a scenario: the phase map",
    "search": "find the best levers of a strategy within limits, judged on luck the search never saw",
    "sensitivity": "say which uncertain numbers the difference between two strategies hangs on",
    "calibrate": "find parameters in real data, with intervals, or say that they are not identified",
    "backtest": "say where a scenario disagrees with data that were kept back, or that it cannot be told",
    "report": "draw the report of a stored run again",
    "reproduce": "run a stored run again and say whether every number is the same",
    "cell": "live one cell of a study alone, such as one that was given up",
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
        known = re.findall(r"--[a-z]+(?:-[a-z]+)*", chosen.format_help())
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


def money(text: str) -> float:
    """Reads an amount above 0, `12` or `12 per customer`."""
    found = re.fullmatch(r"(\d+(?:\.\d*)?)(?: per customer)?", text.strip())
    if found is None or not float(found[1]) > 0.0:
        raise argparse.ArgumentTypeError(f"{text!r} is not an amount above 0 a customer, such as 12")
    return float(found[1])


def one_of(allowed: Sequence[str], what: str) -> Callable[[str], str]:
    """Reads one of some words; the complaint lists them and guesses which was meant."""

    def read(text: str) -> str:
        if text not in allowed:
            raise argparse.ArgumentTypeError(
                f"{text!r} is not {what}{meant(text, allowed)}; allowed: {', '.join(allowed)}")
        return text

    return read


class Until(argparse.Action):
    """Reads a margin above 0 and an outcome that can decide."""

    def __call__(self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: str | Sequence[Any] | None,
                 option_string: str | None = None) -> None:
        """Keep (margin, outcome); the complaint says what is allowed."""
        number, outcome = list(values or ("", ""))
        try:
            margin = float(number)
            outcome = one_of(DECIDING, "an outcome that can decide")(outcome)
        except ValueError:
            margin = 0.0
        except argparse.ArgumentTypeError as error:
            raise argparse.ArgumentError(self, str(error)) from None
        if not 0.0 < margin < float("inf"):
            raise argparse.ArgumentError(self, f"{number!r} is not a number above 0, such as 0.1")
        setattr(namespace, self.dest, (margin, outcome))


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
    for name in ("validate", "run", "compare", "explain", "sweep", "select", "search", "sensitivity", "cell"):
        _scenario(commands[name])
    for name in ("run", "compare"):
        _execution(commands[name])
    commands["run"].add_argument("--strategy", action="append", metavar="NAME",
                                 help="run only this strategy; may be given several times")
    commands["compare"].add_argument("--rivals", nargs="?", const="", metavar="NAME",
                                     help="play every strategy against every strategy of a rival; NAME where several have some")
    commands["compare"].add_argument("--until", nargs=2, action=Until, metavar=("MARGIN", "OUTCOME"),
                                     help="add replications until the best strategy is surely different from every other in "
                                          "this outcome, or surely within the margin of it, as in --until 0.1 satisfaction; "
                                          "--replications is then the most (default: 40 times the story's)")
    _reproducing(commands["reproduce"])
    _one_cell(commands["cell"])
    _selecting(commands["select"])
    commands["compare"].add_argument("--equal-spend", type=money, metavar="AMOUNT",
                                     help="scale every strategy with moves until it costs so much a customer over all time")
    commands["compare"].add_argument("--lever", action="append", default=[], metavar="KEY",
                                     help="with --equal-spend: what is scaled in a strategy, several keys joined by & "
                                     "(default: the usual lever of its first move); may be given again")
    commands["compare"].add_argument("--strict", action="store_true",
                                     help="exit with status 3 when the verdict is not decided")
    _explaining(commands["explain"])
    _sweeping(commands["sweep"])
    _searching(commands["search"])
    _sensing(commands["sensitivity"])
    _calibrating(commands["calibrate"])
    _backtesting(commands["backtest"])
    commands["report"].add_argument("folder", metavar="RUN", help="a folder that `drift compare` or `drift run` wrote")
    commands["report"].add_argument("--outcome", type=one_of(DECIDING, "an outcome that can decide"), metavar="NAME",
                                    help="what the verdict is about (default: as when it was run)")
    _quiet(commands["report"])
    commands["init"].add_argument("name", metavar="NAME", help="a story that `drift examples` lists")
    commands["init"].add_argument("path", metavar="PATH", nargs="?",
                                  help="file or folder to copy to (default: NAME.yaml)")
    for name in [name for name in COMMANDS if name != "schema"]:
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
    group.add_argument("--people", type=whole(1), metavar="N", help="how many people the market has")
    group.add_argument("--outcome", type=one_of(DECIDING, "an outcome that can decide"), metavar="NAME",
                       help=f"what the verdict is about: {', '.join(DECIDING)}")


def _execution(command: Parser) -> None:
    group = command.add_argument_group("running it")
    group.add_argument("--jobs", type=whole(1), metavar="N",
                       help="threads or processes (default: all cores); the result does not depend on it")
    _cells(group)
    group.add_argument("--keep", action="append", default=[], type=one_of(("customers",), "something that can be kept"),
                       metavar="customers", help="keep a table with one row a customer and replication")
    group.add_argument("--out", default="runs", metavar="DIR", help="where the run's folder is made (default: runs)")
    group.add_argument("--no-report", action="store_true",
                       help="store the tables only, which is quicker; `drift report` draws figures and report later")
    _quiet(command)


def _cells(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--cluster", metavar="ADDRESS", help="live its cells on the workers of this Dask scheduler, such as "
                                                            "tcp://10.0.0.1:8786")
    where = group.add_mutually_exclusive_group()
    where.add_argument("--store", metavar="DIR", help="where finished cells are stored, so that a study that was interrupted "
                                                      "or edited makes again only what it must (default: with the compiled "
                                                      "engine)")
    where.add_argument("--no-store", action="store_true", help="neither look for stored cells nor store any")


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
    _cells(group)
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
                       help="threads or processes (default: all cores); the result does not depend on it")
    _cells(group)
    group.add_argument("--out", default="runs", metavar="DIR", help="where the sweep's folder is made (default: runs)")
    group.add_argument("--no-report", action="store_true", help="store tables and JSON only, without page and map")
    _quiet(command)


KINDS = ("survey", "panel", "purchases")


def _calibrating(command: Parser) -> None:
    command.add_argument("kind", type=one_of(KINDS, "a kind of evidence"), metavar="KIND",
                         help="survey (asked once), panel (the same people again and again) or purchases (who bought when)")
    command.add_argument("file", metavar="FILE", help="a table: CSV (UTF-8 or GBK) or Parquet")
    group = _table(command, "of a survey")
    group.add_argument("--until", metavar="DATE", help="of purchases: fit on what came up to this day (1997-09-30), and judge "
                                                       "the fit by simulating what came after")
    command.add_argument("--out", default="runs", metavar="DIR", help="where the calibration's folder is made (default: runs)")


def _table(command: Parser, scaled: str) -> argparse._ArgumentGroup:
    group = command.add_argument_group("what is in the table")
    group.add_argument("--columns", action="append", default=[], metavar="ROLE=NAME,…",
                       help="which column is which, as in satisfaction=SATIS,quality=Q1; left out where names tell")
    group.add_argument("--scale", type=ends, metavar="LOW-HIGH", help=f"{scaled}: lowest and highest answer, such as 1-10")
    return group


def _backtesting(command: Parser) -> None:
    command.add_argument("kind", type=one_of(KINDS, "a kind of evidence"), metavar="KIND",
                         help="survey (asked once), panel (ratings by the same people) or purchases (who bought when)")
    command.add_argument("file", metavar="FILE", help="a scenario file")
    command.add_argument("table", metavar="TABLE", help="what was kept back: CSV (UTF-8 or GBK) or Parquet")
    group = _table(command, "of a survey or a panel")
    group.add_argument("--after", metavar="DATE", help="of purchases: the last day the scenario was fitted to (1997-09-30); "
                                                       "what came later is compared")
    group = command.add_argument_group("what is lived beside it")
    group.add_argument("--set", action="append", default=[], metavar="KEY=VALUE",
                       help="change any value of the scenario; may be given several times")
    group.add_argument("--strategy", metavar="NAME", help="the strategy that was in force (default: the first)")
    group.add_argument("--seed", type=whole(0, 2**64 - 1), metavar="N", help="which luck")
    group.add_argument("--replications", type=whole(19, 1_000_000), default=99, metavar="N",
                       help="how often the scenario is lived at the data's size (default: 99)")
    group.add_argument("--within", type=percent, default=0.05, metavar="SHARE",
                       help="a difference that is too small to matter (default: 5%%)")
    command.add_argument("--strict", action="store_true", help="exit with status 3 unless they agree")
    command.add_argument("--out", default="runs", metavar="DIR", help="where the backtest's folder is made (default: runs)")
    _quiet(command)


def percent(text: str) -> float:
    """Reads a share, `5%` or `0.05`."""
    try:
        found = float(text[:-1]) / 100.0 if text.endswith("%") else float(text)
    except ValueError:
        found = -1.0
    if not 0.0 <= found < 1.0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a share such as 5%, from 0 to below 100%")
    return found


def ends(text: str) -> tuple[float, float]:
    """Reads the ends of a scale, `1-10`."""
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?) ?[-–…] ?([0-9]+(?:\.[0-9]+)?)", text)
    if found is None or float(found[1]) >= float(found[2]):
        raise argparse.ArgumentTypeError(f"{text!r} is not a scale such as 1-10")
    return float(found[1]), float(found[2])


def _reproducing(command: Parser) -> None:
    command.add_argument("folder", metavar="RUN", help="a folder that `drift compare` or `drift run` wrote")
    command.add_argument("--jobs", type=whole(1), metavar="N",
                         help="threads or processes (default: all cores); the result does not depend on it")
    command.add_argument("--cluster", metavar="ADDRESS", help="live its cells on the workers of this Dask scheduler")
    _quiet(command)


def _one_cell(command: Parser) -> None:
    group = command.add_argument_group("which cell")
    group.add_argument("--strategy", required=True, metavar="NAME", help="its strategy")
    group.add_argument("--first", type=whole(0), default=0, metavar="N", help="its first replication, from 0 (default: 0)")
    group.add_argument("--count", type=whole(1), default=1, metavar="N", help="how many replications (default: 1)")
    group.add_argument("--person", type=whole(0), default=0, metavar="N", help="its first person, from 0 (default: 0)")
    group.add_argument("--persons", type=whole(1), metavar="N", help="how many people (default: all from there on)")
    group.add_argument("--keep", action="append", default=[], type=one_of(("customers",), "something that can be kept"),
                       metavar="customers", help="with a row a customer and replication")
    _quiet(command)


def _selecting(command: Parser) -> None:
    group = command.add_argument_group("what is chosen")
    group.add_argument("--within", nargs=2, action=Until, required=True, metavar=("MARGIN", "OUTCOME"),
                       help="the difference one does not mind, as in --within 0.1 satisfaction; --replications is the most "
                            "(default: 40 times the story's)")
    group.add_argument("--strict", action="store_true", help="exit with status 3 when the most replications do not settle it")
    group = command.add_argument_group("running it")
    group.add_argument("--jobs", type=whole(1), metavar="N",
                       help="threads (default: all cores); the result does not depend on it")
    _cells(group)
    _quiet(command)


OVER = "what is let move: KEY=LOW..HIGH, with /9 in nine even values, or KEY=ONE, ANOTHER; A & B=… moves both alike"


def _searching(command: Parser) -> None:
    group = command.add_argument_group("what is searched")
    group.add_argument("--over", action="append", default=[], metavar="KEY=LOW..HIGH",
                       help=f"a lever; {OVER}; may be given again")
    group.add_argument("--strategy", metavar="NAME", help="the strategy (default: the one that the levers belong to)")
    group.add_argument("--within", action="append", default=[], metavar="LIMIT",
                       help="what must be kept, such as 'cost <= 12' or 'retention >= 35%%'; may be given again")
    group.add_argument("--looks", type=whole(1), metavar="N",
                       help="look at so many points at most (default: 160 for one lever, 80 more for each further one)")
    group.add_argument("--strict", action="store_true",
                       help="exit with status 3 when better levers are not sure, or their limits not surely kept")
    _running(command, "search")


def _sensing(command: Parser) -> None:
    group = command.add_argument_group("what is varied")
    group.add_argument("--over", action="append", default=[], metavar="KEY=LOW..HIGH",
                       help=f"an uncertain number (default: the psyche's); {OVER}; may be given again")
    group.add_argument("--method", type=one_of(("tornado", "morris", "sobol"), "a method"), default="tornado", metavar="NAME",
                       help="tornado: one number at a time (default); morris: screening; sobol: shares of the variance")
    group.add_argument("--size", type=whole(2), metavar="N",
                       help="paths of Morris's design (default: 16), rows of Sobol's, a power of 2 (default: 64)")
    group.add_argument("--strategy", metavar="NAME", help="the strategy that is better (default: the best)")
    group.add_argument("--against", metavar="NAME", help="the one it is compared with (default: the next best)")
    _running(command, "sensitivity")


def _running(command: Parser, what: str) -> None:
    group = command.add_argument_group("running it")
    group.add_argument("--jobs", type=whole(1), metavar="N",
                       help="threads or processes (default: all cores); the result does not depend on it")
    _cells(group)
    group.add_argument("--out", default="runs", metavar="DIR", help=f"where the {what}'s folder is made (default: runs)")
    group.add_argument("--no-report", action="store_true", help="store tables and JSON only, without page and figures")
    _quiet(command)


def _quiet(command: Parser) -> None:
    command.add_argument("--quiet", action="store_true", help="no progress and no warnings on stderr")

"""Reading messy tables: from a file or a frame to typed columns, each cell that cannot be read with its line and the reason.

What can be understood is taken: UTF-8 with or without a byte order mark, UTF-16, GB18030 (which holds GBK); commas, semicolons,
tabs, bars or blanks between fields; numbers as text, with currency signs, thousands or a decimal comma. What cannot be read
is left out and listed; where more than MOST_LEFT_OUT of the rows cannot be read, the whole table is refused.
"""

from __future__ import annotations

import codecs
import csv
import datetime
import io
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MOST_LEFT_OUT: Final = 0.05
"""Above this share of rows that cannot be read, the table is refused: what is left would be a selection."""
SHOWN: Final = 5
MISSING: Final = frozenset(("", "na", "n/a", "#n/a", "nan", "null", "none", "nat", "<na>", "-", "–", "—", ".", "缺失", "无"))
YES: Final = frozenset(("1", "yes", "y", "true", "t", "是", "有"))
NO: Final = frozenset(("0", "no", "n", "false", "f", "否", "无"))
EARLIEST: Final = datetime.date(1970, 1, 1)
_THOUSANDS: Final = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d*)?")
_COMMA: Final = re.compile(r"[-+]?\d+,\d+")
_PLAIN: Final = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_TIME: Final = re.compile(r"(?<=\d)[T ]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[AaPp][Mm])?(Z|[-+]\d{2}:?\d{2})?$")
_YEAR_FIRST: Final = re.compile(r"(\d{4})([-/.年])(\d{1,2})([-/.月])(\d{1,2})日?")
_YEAR_LAST: Final = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})")


class TableError(ValueError):
    """A table that cannot be used as it is; the text says which line, why, and what to change."""


@dataclass(frozen=True)
class Trouble:
    """A row that cannot be used: its line (in a frame its row, from 1), and why; `kind` is the reason without the value."""

    line: int
    kind: str
    why: str


@dataclass(frozen=True)
class LeftOut:
    """Rows that were left out for one reason: how many, and the first few of their lines with what stood there."""

    reason: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table as it was found. source: its name for people. columns: by name, one value a row. lines: where each row stands.

    place: "line" in a file, "row" in a frame. notes: how it was understood. troubles: rows that are no rows.
    """

    source: str
    columns: Mapping[str, Sequence[object]]
    lines: Sequence[int]
    place: str
    notes: tuple[str, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    comma_decimal: bool = False

    def __len__(self) -> int:
        return len(self.lines)


def read(source: object) -> Table:
    """A table from a path (CSV and its kin, or Parquet) or from a pandas, polars or Arrow frame, or a mapping of columns.

    Errors: TableError for what is no table; OSError for a file that cannot be opened.
    """
    if not isinstance(source, (str, Path)):
        return _of_frame(source)
    path = Path(source)
    content = path.read_bytes()
    if content[:4] == b"PAR1":
        return _of_parquet(path, content)
    for magic, what in (
        (b"PK\x03\x04", "a workbook or an archive"),
        (b"\xd0\xcf\x11\xe0", "an old workbook"),
        (b"\x1f\x8b", "compressed"),
        (b"%PDF", "a PDF"),
    ):
        if content.startswith(magic):
            raise TableError(f"{path}: this is {what}, not a table of text; save it as CSV (UTF-8) or Parquet")
    return _of_text(path, content)


def _of_parquet(path: Path, content: bytes) -> Table:
    import pyarrow
    import pyarrow.parquet

    try:
        found = pyarrow.parquet.read_table(pyarrow.BufferReader(content)).to_pydict()
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise TableError(f"{path}: this Parquet file cannot be read: {error}") from None
    return _of_columns(str(path), found)


def _of_frame(frame: Any) -> Table:
    if isinstance(frame, Mapping):
        found = {str(name): list(column) for name, column in frame.items()}
    elif hasattr(frame, "to_pydict"):
        found = frame.to_pydict()
    elif hasattr(frame, "iloc") and hasattr(frame, "columns"):
        repeated = [str(name) for name in frame.columns[frame.columns.duplicated()]]
        if repeated:
            raise TableError(f"the frame has two columns called {repeated[0]!r}")
        found = {str(name): frame[name].tolist() for name in frame.columns}
    elif hasattr(frame, "__arrow_c_stream__"):
        import pyarrow

        found = pyarrow.table(frame).to_pydict()
    else:
        raise TableError(
            f"a table is a path, a pandas, polars or Arrow frame, or a mapping of columns, not {type(frame).__name__}"
        )
    return _of_columns("the frame", found)


def _of_columns(source: str, columns: Mapping[str, list[object]]) -> Table:
    lengths = {len(column) for column in columns.values()}
    if not columns or lengths == {0}:
        raise TableError(f"{source}: there are no rows")
    if len(lengths) > 1:
        raise TableError(f"{source}: its columns differ in length")
    return Table(source, columns, range(1, lengths.pop() + 1), "row")


def _of_text(path: Path, content: bytes) -> Table:
    text, notes = _decoded(path, content)
    first = text.lstrip("\r\n").split("\n", 1)[0].strip("\r")
    if not first.strip():
        raise TableError(f"{path}: the file is empty")
    between = max(",;\t|", key=first.count)
    if first.count(between):
        rows = _separated(path, text, between)
    elif len(first.split()) > 1:
        rows = [(number, line.split()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
        notes = (*notes, "fields are separated by blanks")
    else:
        rows = [(number, [line.strip()]) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not rows:
        raise TableError(f"{path}: the file is empty")
    (_, head), *rest = rows
    names = [unicodedata.normalize("NFKC", name).strip() for name in head]
    repeated = next((name for name in names if names.count(name) > 1), None)
    if repeated is not None:
        raise TableError(f"{path}:1: two columns are called {repeated!r}; the first line must name each column once")
    if not rest:
        raise TableError(f"{path}: there is a first line, {', '.join(names)}, and no row below it")
    if all(_PLAIN.fullmatch(name) for name in names):
        raise TableError(f"{path}:1: the first line must name the columns, not hold values such as {names[0]}")
    troubles = tuple(
        Trouble(line, f"not {len(names)} fields", f"{len(row)} fields where the first line has {len(names)}")
        for line, row in rest
        if len(row) != len(names)
    )
    good = [(line, row) for line, row in rest if len(row) == len(names)]
    columns = {name: [row[place] for _, row in good] for place, name in enumerate(names)}
    return Table(str(path), columns, [line for line, _ in good], "line", notes, troubles, between == ";")


def _separated(path: Path, text: str, between: str) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=between, skipinitialspace=True)
    rows, start = [], 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append((start, row))
            start = reader.line_num + 1
    except csv.Error as error:
        raise TableError(f"{path}:{start}: this line is not CSV: {error}") from None
    return rows


def _decoded(path: Path, content: bytes) -> tuple[str, tuple[str, ...]]:
    """The text, and a note where it is not UTF-8."""
    for mark, name in ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16")):
        if content.startswith(mark):
            return _strict(path, content, name), () if name == "utf-8-sig" else ("read as UTF-16",)
    if b"\x00" in content:
        line = content[: content.index(b"\x00")].count(b"\n") + 1
        raise TableError(
            f"{path}:{line}: there is a zero byte, so this is not a table of text; save it as CSV (UTF-8) or Parquet"
        )
    try:
        return content.decode("utf-8"), ()
    except UnicodeDecodeError:
        return _strict(path, content, "gb18030"), ("read as GB18030 (GBK), since it is not UTF-8",)


def _strict(path: Path, content: bytes, name: str) -> str:
    try:
        return content.decode(name)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise TableError(f"{path}:{line}: these bytes are neither UTF-8 nor GBK; save the file as CSV (UTF-8)") from None


def missing(value: object) -> bool:
    """Whether a cell says nothing: empty, NA and its kin, None, NaN, or pandas' own."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return True
    return str(value).strip().lower() in MISSING


def number(value: object, comma_decimal: bool = False) -> float:
    """One number, however it is written. Errors: ValueError with the reason."""
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, (int, float, np.integer, np.floating)):
        found = float(value)
    else:
        text = unicodedata.normalize("NFKC", str(value)).strip().strip("$€£¥").strip().replace("−", "-")
        if comma_decimal and _COMMA.fullmatch(text):
            text = text.replace(",", ".")
        elif _THOUSANDS.fullmatch(text):
            text = text.replace(",", "")
        if not _PLAIN.fullmatch(text):
            raise ValueError("is not a number")
        found = float(text)
    if not math.isfinite(found):
        raise ValueError("is not a finite number")
    return found


class Typing:
    """Types the columns of one table and gathers what cannot be read, row by row; then says which rows are whole."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self._bad: dict[int, Trouble] = {}

    def refuse(self, row: int, kind: str, why: str) -> None:
        """Note that a row cannot be used; the first reason stands."""
        self._bad.setdefault(row, Trouble(self.table.lines[row], kind, why))

    def numbers(self, name: str, role: str, low: float = -math.inf, high: float = math.inf) -> Floats:
        """A column of numbers; NaN where a cell says nothing or cannot be read."""
        found = np.full(len(self.table), np.nan)
        for row, value in enumerate(self.table.columns[name]):
            if missing(value):
                continue
            try:
                read = number(value, self.table.comma_decimal)
                if not low <= read <= high:
                    raise ValueError(f"is not from {low:g} to {high:g}")
                found[row] = read
            except ValueError as error:
                self.refuse(row, f"{role} {error}", f"{role} ({name}) {_quoted(value)} {error}")
        return found

    def mean(self, names: Sequence[str], role: str, low: float = -math.inf, high: float = math.inf) -> Floats:
        """The mean of columns that tell one thing together; NaN where one of them says nothing."""
        return np.asarray(np.mean([self.numbers(name, role, low, high) for name in names], axis=0), dtype=np.float64)

    def yes_no(self, name: str, role: str) -> Floats:
        """A column of yes and no (1 and 0); NaN where a cell says nothing."""
        found = np.full(len(self.table), np.nan)
        for row, value in enumerate(self.table.columns[name]):
            if missing(value) and str(value).strip() != "无":
                continue
            text = unicodedata.normalize("NFKC", str(value)).strip().lower().removesuffix(".0")
            if text in YES or text in NO:
                found[row] = float(text in YES)
            else:
                self.refuse(
                    row, f"{role} is neither yes nor no", f"{role} ({name}) {_quoted(value)} is neither yes (1) nor no (0)"
                )
        return found

    def names(self, name: str, role: str) -> list[str]:
        """A column of names, such as who it is; a row without one cannot be used."""
        found = []
        for row, value in enumerate(self.table.columns[name]):
            if missing(value):
                self.refuse(row, f"no {role}", f"{role} ({name}) is empty")
                found.append("")
            else:
                whole = isinstance(value, float) and value.is_integer()
                found.append(unicodedata.normalize("NFKC", str(int(value) if whole else value)).strip())  # type: ignore[call-overload]
        return found

    def days(self, name: str, role: str) -> Integers:
        """A column of dates as days since 1970-01-01; a row without one cannot be used. Errors: TableError if ambiguous."""
        values = self.table.columns[name]
        order = _order(self.table, name, values)
        found, today = np.zeros(len(values), dtype=np.int64), datetime.date.today()
        for row, value in enumerate(values):
            try:
                if missing(value):
                    raise ValueError("is empty")
                day = _date(value, order)
                if day < EARLIEST or day > today:
                    raise ValueError(f"is {'before 1970' if day < EARLIEST else 'in the future'}")
                found[row] = (day - EARLIEST).days
            except ValueError as error:
                self.refuse(row, f"{role} {error}", f"{role} ({name}) {_quoted(value)} {error}")
        return found

    def whole(self) -> tuple[NDArray[np.bool_], tuple[LeftOut, ...]]:
        """Which rows can be used, and what was left out, by reason.

        Errors: TableError where more than MOST_LEFT_OUT of the rows would be.
        """
        kept = np.ones(len(self.table), dtype=bool)
        kept[list(self._bad)] = False
        troubles = sorted([*self.table.troubles, *self._bad.values()], key=lambda one: one.line)
        rows = len(self.table) + len(self.table.troubles)
        if len(troubles) > MOST_LEFT_OUT * rows:
            shown = "\n".join(f"  {self.place(one)}" for one in troubles[:SHOWN])
            more = f"\n  … and {len(troubles) - SHOWN:,} more" if len(troubles) > SHOWN else ""
            raise TableError(
                f"{self.table.source}: {len(troubles):,} of {rows:,} rows cannot be read, more than "
                f"{MOST_LEFT_OUT:.0%}, so what is left would be a selection; mend them first:\n{shown}{more}"
            )
        return kept, self._grouped(troubles)

    def _grouped(self, troubles: Iterable[Trouble]) -> tuple[LeftOut, ...]:
        by_kind: dict[str, list[Trouble]] = {}
        for one in troubles:
            by_kind.setdefault(one.kind, []).append(one)
        return tuple(LeftOut(kind, len(many), tuple(self.place(one) for one in many[:SHOWN])) for kind, many in by_kind.items())

    def place(self, one: Trouble) -> str:
        """`orders.csv:17: date (when) "1997-02-30" is no day of the calendar`."""
        at = f"{self.table.source}:{one.line}" if self.table.place == "line" else f"{self.table.source}, row {one.line}"
        return f"{at}: {one.why}"


def _quoted(value: object) -> str:
    text = str(value)
    return f'"{text if len(text) <= 40 else text[:37] + "…"}"'


def _text_of(value: object) -> str:
    """A date's text without its time of day."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return _TIME.sub("", unicodedata.normalize("NFKC", str(value)).strip())


def _order(table: Table, name: str, values: Sequence[object]) -> str:
    """Whether days or months come first where years come last: "dm" or "md"; "" where no date is written so.

    Errors: TableError where both could be, and where both occur.
    """
    pairs = [
        (int(found[1]), int(found[3]), line)
        for value, line in zip(values, table.lines, strict=True)
        if isinstance(value, str) and (found := _YEAR_LAST.fullmatch(_text_of(value)))
    ]
    day_first = next((line for first, second, line in pairs if first > 12 >= second), None)
    month_first = next((line for first, second, line in pairs if second > 12 >= first), None)
    if day_first is not None and month_first is not None:
        raise TableError(
            f"{table.source}: in column {name!r} the day comes first in {table.place} {day_first} and the month in "
            f"{table.place} {month_first}; write dates as 1997-01-31"
        )
    if pairs and day_first is None and month_first is None and any(first != second for first, second, _ in pairs):
        line = next(line for first, second, line in pairs if first != second)
        raise TableError(
            f"{table.source}:{line}: in column {name!r} it cannot be told whether the day or the month comes first; "
            "write dates as 1997-01-31"
        )
    return "md" if month_first is not None else "dm" if pairs else ""


def _date(value: object, order: str) -> datetime.date:
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, datetime.date):
        return value
    text = _text_of(value)
    if re.fullmatch(r"\d{8}", text):
        year, month, day = text[:4], text[4:6], text[6:]
    elif found := _YEAR_FIRST.fullmatch(text):
        year, month, day = found[1], found[3], found[5]
    elif found := _YEAR_LAST.fullmatch(text):
        year, (day, month) = found[4], (found[1], found[3]) if order == "dm" else (found[3], found[1])
    else:
        raise ValueError("is not a date such as 1997-01-31")
    try:
        return datetime.date(int(year), int(month), int(day))
    except ValueError:
        raise ValueError("is no day of the calendar") from None

"""A file of ties → `market.Ties`, or its mistakes: two numbers of people a line, which hear each other.

A number is a whole one of 0 or more; between the two stands a comma or a tab. The first line may be the header `from,to`,
lines may be empty, and a tie may be listed twice or both ways round: it is one. Files may hold millions of lines, so that a
piece of them is first held against what is surely right, and only where it is not is it read line by line.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from sim.market import Ties
from sim.story import units
from sim.story.scenario import Mistake

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST: Final = 50_000_000
"""The most lines that are read: more ties than a machine for studies of people has memory for."""
MOST_TOLD: Final = 10
"""So many mistakes of one file are told; who has more has the wrong file."""
LARGEST: Final = 2**32 - 2
"""The number of the last person that any market may have."""
_PIECE: Final = 1 << 22
_LONGEST_LINE: Final = 1000
_SURE: Final = re.compile(rb"(?: *+[0-9]{1,10}+ *+[,\t] *+[0-9]{1,10}+ *+\r?\n| *+\r?\n)*+")
_HEADER: Final = re.compile(rb'\s*("?)from\1\s*[,\t]\s*("?)to\2\s*', re.IGNORECASE)
_BOM: Final = b"\xef\xbb\xbf"
_SPACES: Final = bytes.maketrans(b",\t", b"  ")


def read(path: Path, mistakes: list[Mistake]) -> Ties | None:
    """The ties that a file lists, or None and its mistakes, of which there may be more than are told."""
    import numpy as np

    before = len(mistakes)
    pieces = [np.empty((0, 2), dtype=np.uint32)]
    count = 0
    try:
        with open(path, "rb") as file:
            for line, piece in _pieces(file):
                numbers = _sure(piece)
                found = numbers if numbers is not None else _slowly(piece, line, str(path), mistakes)
                pieces.append(found.astype(np.uint32))
                count += len(found)
                if count > MOST:
                    mistakes.append(Mistake(str(path), line, 1, "", f"lists more than {MOST:,} ties, the most that are read"))
                if len(mistakes) - before >= MOST_TOLD or count > MOST:
                    return None
    except OSError as error:
        mistakes.append(Mistake(str(path), 0, 0, "", f"cannot be read: {(error.strerror or 'no reason given').lower()}"))
    if count == 0 and len(mistakes) == before:
        mistakes.append(Mistake(str(path), 1, 1, "", "lists no ties; write two numbers of people a line, such as 0,1"))
    return ties(np.concatenate(pieces)) if len(mistakes) == before else None


def ties(pairs: NDArray[np.uint32]) -> Ties:
    """Pairs of different people, (n, 2), in any order, as ties: each once, the smaller number first, ascending, read only."""
    import numpy as np

    shift = np.uint64(32)
    keys = np.unique(pairs.min(axis=1).astype(np.uint64) << shift | pairs.max(axis=1))
    kept = np.stack([keys >> shift, keys & np.uint64(0xFFFFFFFF)], axis=1).astype("<u4")
    kept.flags.writeable = False
    return Ties(hashlib.sha256(kept.data).hexdigest(), kept)


def _pieces(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """A file in pieces of whole lines, each with the number of its first line; without BOM and header."""
    line, piece = 1, file.read(_PIECE) + file.readline(_LONGEST_LINE)
    piece = piece.removeprefix(_BOM)
    first, end, rest = piece.partition(b"\n")
    if _HEADER.fullmatch(first):
        line, piece = 2, rest if end else b""
    while piece:
        yield line, piece
        line += piece.count(b"\n")
        piece = file.read(_PIECE) + file.readline(_LONGEST_LINE)


def _sure(piece: bytes) -> NDArray[np.int64] | None:
    """The pairs of a piece in which nothing can be wrong, (n, 2); None for any other."""
    import numpy as np

    whole = piece if piece.endswith(b"\n") else piece + b"\n"
    if not _SURE.fullmatch(whole):
        return None
    if not whole.strip():
        return np.empty((0, 2), dtype=np.int64)
    pairs = np.fromstring(whole.translate(_SPACES).decode("ascii"), dtype=np.int64, sep=" ").reshape(-1, 2)
    right = not (pairs > LARGEST).any() and not (pairs[:, 0] == pairs[:, 1]).any()
    return pairs if right else None


def _slowly(piece: bytes, line: int, shown: str, mistakes: list[Mistake]) -> NDArray[np.int64]:
    """The pairs of a piece, line by line; what is wrong with a line is told, up to MOST_TOLD times."""
    import numpy as np

    found: list[Any] = []
    told = len(mistakes)
    for number, text in enumerate(piece.decode("utf-8", "replace").split("\n"), line):
        try:
            found += [pair] if (pair := _pair(text)) is not None else []
        except _WrongError as wrong:
            mistakes.append(Mistake(shown, number, wrong.column, "", wrong.sentence + _header(number, text)))
            if len(mistakes) - told >= MOST_TOLD:
                break
    return np.array(found, dtype=np.int64).reshape(-1, 2)


class _WrongError(Exception):
    """What is wrong with a line, and in which column."""

    def __init__(self, column: int, sentence: str) -> None:
        super().__init__(sentence)
        self.column, self.sentence = column, sentence


def _pair(text: str) -> tuple[int, int] | None:
    """The two numbers of a line; None for an empty one."""
    if not text.strip():
        return None
    fields = re.split("[,\t]", text)
    if len(fields) != 2:
        raise _WrongError(1, "must hold two numbers of people with a comma or a tab between, such as 0,1, not "
                             f"{units.shown(text.strip())}")
    columns = [1 + len(one) - len(one.lstrip()) for one in fields]
    columns[1] += len(fields[0]) + 1
    numbers = [_number(one.strip(), column) for one, column in zip(fields, columns, strict=True)]
    if numbers[0] == numbers[1]:
        raise _WrongError(columns[1], f"ties person {numbers[0]} to herself; take the line away")
    return numbers[0], numbers[1]


def _number(text: str, column: int) -> int:
    if re.fullmatch("[0-9]+", text) and len(text) < 20 and int(text) <= LARGEST:
        return int(text)
    found = units.shown(text) if text else "nothing"
    raise _WrongError(column, f"a person's number must be a whole number from 0 to {LARGEST}, not {found}")


def _header(number: int, text: str) -> str:
    """The end of a sentence about a first line that looks like a header."""
    return "; a header must be from,to" if number == 1 and re.match(r"\W*[a-z]", text, re.IGNORECASE) else ""

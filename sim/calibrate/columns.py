"""Which column is which: what was said, else what a column's name plainly means; never a guess between two."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sim.calibrate.reading import Table, TableError


@dataclass(frozen=True)
class Role:
    """Something a table may tell. names: what such a column is often called. about: what it holds, for people.

    many: one column for each of several things (`price.ours`, `price.rival`); the role is then named by what they begin with.
    sums: several columns may tell it together (`Q1+Q2+Q3`), by their mean.
    """

    name: str
    names: tuple[str, ...]
    about: str
    needed: bool = False
    many: bool = False
    sums: bool = False


def spoken(text: str) -> dict[str, str]:
    """`satisfaction=SATIS,quality=OVERALLQ` as a mapping. Errors: TableError with what is wrong."""
    found: dict[str, str] = {}
    for part in filter(None, (one.strip() for one in text.split(","))):
        role, equals, column = (one.strip() for one in part.partition("="))
        if not equals or not role or not column:
            raise TableError(f"columns are named as in satisfaction=SATIS,quality=OVERALLQ, not {part!r}")
        if role in found:
            raise TableError(f"{role!r} is named twice: {found[role]!r} and {column!r}")
        found[role] = column
    return found


def find(table: Table, roles: Sequence[Role], said: Mapping[str, str]) -> dict[str, str]:
    """The column (or, for a role of many, the beginning of their names) of each role that the table tells.

    Errors: TableError for a role or column that does not exist, one column in two roles, a name that fits twice, and a role
    that is needed and not found.
    """
    known = [role.name for role in roles]
    for word in said:
        if word not in known:
            raise TableError(f"there is no {word!r} to be found{_meant(word, known)}; there may be {', '.join(known)}")
    found = {role.name: _said(table, role, said[role.name]) for role in roles if role.name in said}
    for role in roles:
        if role.name not in found and (guess := _guessed(table, role, found)):
            found[role.name] = guess
    taken: dict[str, str] = {}
    for name, column in found.items():
        if column in taken:
            raise TableError(f"{table.source}: column {column!r} cannot be both {taken[column]} and {name}")
        taken[column] = name
    lacking = [one for one in roles if one.needed and one.name not in found]
    if lacking:
        raise TableError(
            f"{table.source}: which column is {lacking[0].name} ({lacking[0].about})? Say so with --columns "
            f"{lacking[0].name}=NAME; columns: {', '.join(table.columns)}"
        )
    return found


def _said(table: Table, role: Role, column: str) -> str:
    """The column as it was said, once it is there; `Q1+Q2+Q3` where several tell one role."""
    if role.many:
        if not under(table, column):
            raise TableError(
                f"{table.source}: no column begins with {column!r} ({role.name}); columns: {', '.join(table.columns)}"
            )
        return column
    for part in parts(table, column):
        if part not in table.columns:
            raise TableError(
                f"{table.source}: there is no column {part!r}{_meant(part, list(table.columns))}; columns: "
                f"{', '.join(table.columns)}"
            )
    if len(parts(table, column)) > 1 and not role.sums:
        raise TableError(f"{table.source}: {role.name} is told by one column, not by {column}")
    return column


def parts(table: Table, column: str) -> list[str]:
    """The columns that tell a role together: those between the plus signs, unless a column is called just so."""
    return [column] if column in table.columns else [part.strip() for part in column.split("+")]


def under(table: Table, beginning: str) -> dict[str, str]:
    """The columns whose names begin so, by what follows."""
    return {name[len(beginning) :]: name for name in table.columns if name.startswith(beginning) and len(name) > len(beginning)}


def _guessed(table: Table, role: Role, found: Mapping[str, str]) -> str | None:
    free = [name for name in table.columns if name not in found.values()]
    if role.many:
        begun = {match[0] for name in free if (match := re.match(rf"(?:{'|'.join(role.names)})[._ ]", name, re.IGNORECASE))}
        fits = sorted(begun)
    else:
        fits = [name for name in free if _bare(name) in role.names]
        fits = fits or [name for name in free if any(len(one) > 3 and _bare(name).startswith(one) for one in role.names)]
    if len(fits) > 1:
        raise TableError(
            f"{table.source}: {' and '.join(map(repr, fits))} may both be {role.name} ({role.about}); say which "
            f"with --columns {role.name}={fits[0]}"
        )
    return fits[0] if fits else None


def _bare(name: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKC", name).lower() if sign.isalnum())


def _meant(word: str, allowed: list[str]) -> str:
    close = difflib.get_close_matches(word, allowed, 1, 0.5)
    return f"; did you mean {close[0]!r}?" if close else ""

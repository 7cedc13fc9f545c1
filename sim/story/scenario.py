"""The nouns of reading a story: a `Scenario`, a `Mistake`, and the error that carries all mistakes at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from sim.market import Ties

if TYPE_CHECKING:
    from sim.story.schema import Story


_LINE_ENDS: Final = {ord(sign): repr(sign)[1:-1] for sign in "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"}


@dataclass(frozen=True)
class Mistake:
    """One thing wrong in a scenario: where it stands, which key it concerns, and a sentence of advice.

    `line` and `column` count from 1; both are 0 where there is no line, as in a `--set` or a missing file.
    """

    file: str
    line: int
    column: int
    key: str
    message: str

    def __post_init__(self) -> None:
        # What people wrote is quoted in messages: a line end in it would break a mistake's one line.
        object.__setattr__(self, "key", self.key.translate(_LINE_ENDS))
        object.__setattr__(self, "message", self.message.translate(_LINE_ENDS))

    def __str__(self) -> str:
        shown = self.file.translate(_LINE_ENDS)
        place = f"{shown}:{self.line}:{self.column}" if self.line else shown
        return f"{place}: {self.key}: {self.message}" if self.key else f"{place}: {self.message}"


class ScenarioError(ValueError):
    """A scenario that cannot be used. `.mistakes` holds every mistake; `str()` prints one a line."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes: tuple[Mistake, ...] = tuple(mistakes)

    def __reduce__(self) -> tuple[type[ScenarioError], tuple[tuple[Mistake, ...]]]:
        return ScenarioError, (self.mistakes,)


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing a story expects: `outcome` is higher with `strategy` than with `than`, or its satisfaction lasts or fades.

    than and outcome are empty unless kind is "higher".
    """

    kind: Literal["higher", "lasts", "fades"]
    strategy: str
    than: str = ""
    outcome: str = ""


@dataclass(frozen=True)
class Scenario:
    """A story as people wrote it, checked and frozen; `resolve` turns it into a `Market`.

    story: the validated file. path: where it came from. about, finding: prose. source: where the story comes
    from. numbers: where its numbers come from (key → words; a list is numbered from 1). outcome: what decides.
    expected: what should come out, as claims to be checked. ties: what the file lists that `market.network.edges` names.
    """

    story: Story = field(repr=False, hash=False)
    path: Path
    title: str
    about: str
    finding: str
    source: tuple[str, ...]
    numbers: Mapping[str, str] = field(hash=False)
    outcome: str
    expected: tuple[Claim, ...]
    ties: Ties | None

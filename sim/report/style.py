"""How figures look: colours, type, room for words, and bytes that come out the same every time.

Layout is in points (1/72 inch) from the top left, as on paper. Every text is measured before it is placed, so
that the figure grows to hold its words instead of words overlapping.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font
from matplotlib.lines import Line2D
from matplotlib.text import Text

INK, QUIET, FAINT, PAPER = "#1f2328", "#5b636b", "#d9dde1", "#ffffff"
LEFT, RIGHT, WIDTH = 14.0, 14.0, 720.0
TITLE, SUBTITLE, BODY, NOTE = 15.0, 10.5, 9.5, 8.5
LINE, ASCENT = 1.3, 0.92
"""Height of a line of type, and how far its baseline is below its top, times its size."""

PALETTE = ("#4d5560", "#0072b2", "#d55e00", "#009e73", "#b5539c", "#e69f00", "#3f2b8c", "#56b4e9")
"""Okabe & Ito (2008), with a neutral grey for the baseline, and black and yellow replaced by indigo and a darker
purple, since they carry text on white."""
DASHES: tuple[tuple[float, tuple[float, ...] | None], ...] = (
    (0, None),
    (0, None),
    (0, (6, 2)),
    (0, (2, 1.6)),
    (0, (7, 2, 1.5, 2)),
    (0, (4, 1.5, 1, 1.5, 1, 1.5)),
    (0, (10, 3)),
    (0, (1, 1)),
)
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "p")

EAST_ASIAN = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "SimHei",
    "Arial Unicode MS",
    "Noto Sans CJK JP",
    "Noto Sans CJK KR",
)
"""Fonts with Chinese characters, tried in this order where they are installed."""


@dataclass(frozen=True)
class Look:
    """How one strategy is drawn in every figure, told apart in colour and in grey."""

    colour: str
    text: str
    dash: tuple[float, tuple[float, ...] | None]
    marker: str
    label: str


@lru_cache(maxsize=1)
def families() -> tuple[str, ...]:
    """The font shipped with matplotlib, then whatever font with Chinese characters is installed."""
    installed = {font.name for font in fontManager.ttflist}
    return ("DejaVu Sans", *(name for name in EAST_ASIAN if name in installed))


@contextmanager
def drawing() -> Iterator[None]:
    """Draw with the house's settings and nobody else's, leaving the caller's untouched."""
    foreign = ("backend", "interactive", "toolbar", "webagg", "tk.", "_internal")
    plain = {key: value for key, value in mpl.rcParamsDefault.items() if not key.startswith(foreign)}
    ours = {
        "font.family": list(families()),
        "font.size": BODY,
        "text.color": INK,
        "text.parse_math": False,
        "axes.edgecolor": FAINT,
        "axes.labelcolor": QUIET,
        "axes.labelsize": BODY,
        "axes.linewidth": 0.8,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.unicode_minus": True,
        "axes.axisbelow": True,
        "xtick.color": FAINT,
        "ytick.color": FAINT,
        "xtick.labelcolor": QUIET,
        "ytick.labelcolor": QUIET,
        "xtick.labelsize": BODY,
        "ytick.labelsize": BODY,
        "axes.grid": True,
        "axes.grid.axis": "y",
        "grid.color": "#eceff1",
        "grid.linewidth": 0.8,
        "text.hinting": "no_hinting",
        "svg.hashsalt": "drift",
        "svg.fonttype": "path",
        "figure.facecolor": PAPER,
        "savefig.facecolor": PAPER,
        "lines.solid_capstyle": "round",
    }
    settings: Any = {**plain, **ours}
    with mpl.rc_context(settings):
        yield


def svg(figure: Figure) -> str:
    """The figure as SVG text, the same bytes at every call."""
    page = io.BytesIO()
    with drawing():
        title = str(figure.get_label()) or None
        figure.savefig(page, format="svg", metadata={"Date": None, "Creator": None, "Title": title})
    return page.getvalue().decode("utf-8")


def png(figure: Figure, dpi: int = 160) -> bytes:
    """The figure as PNG, the same bytes at every call."""
    page = io.BytesIO()
    with drawing():
        figure.savefig(page, format="png", dpi=dpi, metadata={"Software": None})
    return page.getvalue()


@lru_cache(maxsize=256)
def look(name: str, position: int) -> Look:
    """How the strategy in this position (0 is the baseline) is drawn; its label is its name where it can be drawn."""
    turn = position % len(PALETTE)
    again = position // len(PALETTE)
    colour = PALETTE[turn]
    label = " ".join(name.split())
    return Look(
        colour,
        readable(colour),
        DASHES[(turn + 2 * again) % len(DASHES)],
        MARKERS[(turn + 2 * again) % len(MARKERS)],
        label if label and drawable(label) else f"strategy {position + 1}",
    )


def readable(colour: str) -> str:
    """The colour, darkened until text in it stands out from white (contrast 4.5 to 1, WCAG 2)."""
    channels = to_rgb(colour)
    while 1.05 / (_luminance(channels) + 0.05) < 4.5:
        channels = (channels[0] * 0.95, channels[1] * 0.95, channels[2] * 0.95)
    return "#" + "".join(f"{round(255 * value):02x}" for value in channels)


def _luminance(channels: tuple[float, float, float]) -> float:
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def tint(colour: str, share: float) -> str:
    """The colour, mixed with paper: `share` of it is left."""
    return "#" + "".join(f"{round(255 * (share * value + 1 - share)):02x}" for value in to_rgb(colour))


def drawable(text: str) -> bool:
    """Whether some font at hand has every character; what has none would be drawn as an empty box."""
    if any(unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Co", "Cn") for sign in text):
        return False
    fonts = [get_font(findfont(FontProperties(family=family))) for family in families()]
    return all(any(font.get_char_index(ord(sign)) for font in fonts) for sign in text)


@lru_cache(maxsize=1)
def _ruler() -> Text:
    """A text to measure by, ten times as large as it is drawn, so that rounding to pixels is small."""
    return Figure(figsize=(1, 1), dpi=10 * 72).text(0, 0, "", family=list(families()), parse_math=False, usetex=False)


def width_of(text: str, size: float, bold: bool = False) -> float:
    """The width of one line of text, in points."""
    return size * _width_of_one_point(text, bold)


@lru_cache(maxsize=8192)
def _width_of_one_point(text: str, bold: bool) -> float:
    """The width of a line a point high: measuring is slow, and words recur in many sizes."""
    ruler = _ruler()
    ruler.update({"text": text, "fontsize": 10, "fontweight": "bold" if bold else "normal"})
    return 1.01 * float(ruler.get_window_extent().width) / 100


def wrap(text: str, room: float, size: float, bold: bool = False, most: int | None = None) -> str:
    """Break text into lines no wider than `room` points; beyond `most` lines it ends in an ellipsis."""
    lines: list[str] = []
    used, blank = 0.0, width_of("n n", size, bold) - width_of("nn", size, bold)
    for word in text.split():
        needs = width_of(word, size, bold)
        if lines and used + blank + needs <= room:
            lines[-1] = f"{lines[-1]} {word}"
            used += blank + needs
        else:
            lines.extend([word] if needs <= room else _pieces(word, room, size, bold))
            used = needs if needs <= room else width_of(lines[-1], size, bold)
    if most is not None and len(lines) > most:
        lines = [*lines[: most - 1], _shortened(" ".join(lines[most - 1 :]), room, size, bold)]
    return "\n".join(lines)


def _pieces(word: str, room: float, size: float, bold: bool) -> list[str]:
    """A word too wide for a line, cut where it must be."""
    pieces = [""]
    for sign in word:
        if pieces[-1] and width_of(pieces[-1] + sign, size, bold) > room:
            pieces.append("")
        pieces[-1] += sign
    return pieces


def _shortened(text: str, room: float, size: float, bold: bool) -> str:
    longest = len(text)
    while longest > 3 and width_of(short(text, longest), size, bold) > room:
        longest -= 1
    return short(text, longest)


def short(name: str, longest: int = 36) -> str:
    """A name for use inside a sentence: long ones lose their middle, since names often differ only at their ends."""
    if len(name) <= longest:
        return name
    tail = (longest - 1) // 3
    return f"{name[: longest - 1 - tail].rstrip()}…{name[len(name) - tail :].lstrip()}"


def height_of(text: str, size: float) -> float:
    """The height of wrapped text, in points."""
    return (text.count("\n") + 1) * size * LINE if text else 0.0


@dataclass(frozen=True)
class Sheet:
    """A figure with its title and notes in place; axes go between `top` and `bottom`, in points from the top."""

    figure: Figure
    height: float
    top: float
    bottom: float

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """Axes at this place, in points from the sheet's top left."""
        return self.figure.add_axes(
            (left / WIDTH, 1 - (top + height) / self.height, width / WIDTH, height / self.height)
        )

    def write(
        self,
        left: float,
        top: float,
        text: str,
        size: float = BODY,
        colour: str = INK,
        bold: bool = False,
        align: str = "left",
    ) -> None:
        """Text whose top left (or right, or middle) corner is here, in points.

        Each line stands on its own baseline, so that words beside each other stand level whatever letters they have.
        """
        for place, line in enumerate(text.split("\n") if text else ()):
            self.figure.text(
                left / WIDTH,
                1 - (top + (ASCENT + LINE * place) * size) / self.height,
                line,
                fontsize=size,
                color=colour,
                va="baseline",
                ha=align,
                fontweight="bold" if bold else "normal",
            )

    def line(self, across: Sequence[float], down: Sequence[float], colour: str, width: float = 0.8) -> None:
        """A thin line through these points of the sheet."""
        self.figure.add_artist(
            Line2D(
                [x / WIDTH for x in across],
                [1 - y / self.height for y in down],
                color=colour,
                lw=width,
                alpha=0.8,
                solid_capstyle="butt",
            )
        )

    def mark(self, across: float, down: float, marker: str, face: str, edge: str, width: float = 0.8) -> None:
        """A mark, as in a key, whose middle is here."""
        where = [across / WIDTH], [1 - down / self.height]
        self.figure.add_artist(Line2D(*where, marker=marker, ms=8.5, mfc=face, mec=edge, mew=width, ls="none"))

    def place(self, axes: Axes, across: float, up: float) -> tuple[float, float]:
        """Where a point of the axes lies on the sheet, in points from the top left."""
        x, y = self.figure.transFigure.inverted().transform(axes.transData.transform((across, up)))
        return float(x) * WIDTH, (1 - float(y)) * self.height


def sheet(title: str, subtitle: str, note: str, body: float) -> Sheet:
    """A blank figure `body` points high between its title (the finding) and its note (how it was made)."""
    room = WIDTH - LEFT - RIGHT
    title, subtitle = wrap(title, room, TITLE, bold=True), wrap(subtitle, room, SUBTITLE)
    note = wrap(note, room, NOTE)
    top = 12 + height_of(title, TITLE) + 3
    start = top + height_of(subtitle, SUBTITLE) + 12
    height = start + body + 10 + height_of(note, NOTE) + 8
    figure = Figure(figsize=(WIDTH / 72, height / 72), dpi=72)
    figure.set_label(title.replace("\n", " "))
    blank = Sheet(figure, height, start, start + body)
    blank.write(LEFT, 12, title, TITLE, INK, bold=True)
    blank.write(LEFT, top, subtitle, SUBTITLE, QUIET)
    blank.write(LEFT, start + body + 10, note, NOTE, QUIET)
    return blank


def message(title: str, subtitle: str) -> Figure:
    """A figure that only says why there is nothing to draw."""
    return sheet(title, subtitle, "", 6).figure


def apart(targets: Sequence[float], heights: Sequence[float], top: float, bottom: float) -> list[float]:
    """Middles of labels as near as can be to their targets, none overlapping, all between top and bottom.

    Neighbours that collide are merged into a block placed at the mean of what its members want (isotonic regression).
    """
    order = sorted(range(len(targets)), key=lambda i: (targets[i], i))
    offsets, total = [], 0.0
    for i in order:
        offsets.append(total + heights[i] / 2)
        total += heights[i]
    low, high = top, max(top, bottom - total)
    blocks: list[tuple[float, int]] = []
    for i, offset in zip(order, offsets, strict=True):
        mean, size = targets[i] - offset, 1
        while blocks and blocks[-1][0] >= mean:
            before, members = blocks.pop()
            mean, size = (before * members + mean * size) / (members + size), members + size
        blocks.append((mean, size))
    starts = [min(high, max(low, mean)) for mean, size in blocks for _ in range(size)]
    middles = [0.0] * len(targets)
    for i, offset, start in zip(order, offsets, starts, strict=True):
        middles[i] = start + offset
    return middles

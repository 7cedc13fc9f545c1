"""How Sphinx builds the site; `python docs/site.py` gives it the pages. Nothing is fetched: not now, and not by a reader."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml

import sim

project, author, release = "expectation-drift", "the contributors", sim.__version__
copyright = f"version {release}, Apache-2.0"
extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["reports"]

myst_enable_extensions = ["dollarmath"]
myst_fence_as_directive = ["math"]  # as code hosts have it
myst_heading_anchors = 4
suppress_warnings = ["misc.highlighting_failure"]  # a wrong scenario is shown as it is

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
default_role = "code"
highlight_language, smartquotes = "none", False
pygments_style, pygments_dark_style = "friendly", "monokai"

html_theme = "furo"
html_title = "expectation-drift"
html_copy_source = html_show_sourcelink = html_show_search_summary = False  # summaries are fetched, which no file:// allows
html_static_path, html_css_files = ["static"], ["site.css"]
html_math_renderer = "mathml"
html_theme_options = {"source_repository": ""}

_TICKED = re.compile(r"`([^`\n]+)`")


def mathml(block: bool) -> Any:
    """A writer of equations as MathML, which browsers show by themselves; docutils makes it from TeX."""
    def write(translator: Any, node: Any) -> None:
        said = f'<math class="equation" display="block">{_inner(node)}</math>' if block else f"<math>{_inner(node)}</math>"
        translator.body.append(said)
        raise nodes.SkipNode

    return write


def _inner(node: Any) -> str:
    """The MathML of one equation, without its outer tag."""
    told = re.search(r"<math[^>]*>(.*)</math>", tex2mathml(node.astext(), as_block=True), re.DOTALL)
    if told is None:
        raise ValueError(f"no MathML for {node.astext()!r}")
    return told[1].replace("<mo>'</mo>", "<mo>′</mo>").replace("<mo>''</mo>", "<mo>″</mo>")


def restructured(lines: list[str]) -> list[str]:
    """A docstring, written as our pages are, as reStructuredText: ticks are code, and what is set in is a block."""
    said: list[str] = []
    for position, line in enumerate(lines):
        if line.startswith("    ") and (not said or not said[-1].strip()) and not _within(lines, position):
            said += ["::", ""]
        said.append(line if line.startswith("    ") else _inline(line))
    return said


def _within(lines: list[str], position: int) -> bool:
    """Whether the block that this line begins goes on from one above it."""
    above = [line for line in lines[:position] if line.strip()]
    return bool(above) and above[-1].startswith("    ")


def _inline(line: str) -> str:
    parts = _TICKED.split(line)
    return "".join(rf"\ ``{part}``\ " if number % 2 else re.sub(r"([\\*|_])", r"\\\1", part)
                   for number, part in enumerate(parts))


def setup(app: Any) -> None:
    """Equations as MathML; docstrings as they are written here."""
    app.add_html_math_renderer("mathml", (mathml(False), None), (mathml(True), None))

    def docstring(_app: Any, _what: str, _name: str, _object: Any, _options: Any, lines: list[str]) -> None:
        lines[:] = restructured(lines)

    app.connect("autodoc-process-docstring", docstring)

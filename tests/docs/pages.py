"""What the tests of the documentation share: its pages, their blocks of code, and the programs that write them."""

import importlib.util
import re
import sys
from pathlib import Path

HOME = Path(__file__).parents[2]
PAGES = [*sorted(HOME.glob("*.md")), *sorted((HOME / "docs").rglob("*.md"))]


def text(page):
    """A page's text; `page` is a path, or a name under the project's folder."""
    return (HOME / page).read_text(encoding="utf-8")


def blocks(page, language):
    """The fenced blocks of one language on a page."""
    return re.findall(rf"^```{language}\n(.*?)^```", text(page), flags=re.DOTALL | re.MULTILINE)


def prose(page):
    """A page without its fenced blocks."""
    return re.sub(r"^```.*?^```", "", text(page), flags=re.DOTALL | re.MULTILINE)


def program(name):
    """A program of docs/, as a module; what it imports from beside it is found, as when it is run."""
    spec = importlib.util.spec_from_file_location(f"docs_{name}", HOME / "docs" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(HOME / "docs"))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(HOME / "docs"))
    return module

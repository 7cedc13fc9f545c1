"""Build the documentation as a site that opens from a file: `python docs/site.py --out site`.

The pages are those of the repository, as they are; added are the API from docstrings, the commands' own help, every
file that a page speaks of, the gallery, a search and a bar to find one's way. A warning, a link that leads nowhere, or
anything that a reader's browser would fetch from the network ends it with status 1. What it needs:
`pip install -e ".[docs]"`.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from html.parser import HTMLParser
from pathlib import Path
from unittest import mock
from urllib.parse import unquote, urlsplit

HOME = Path(__file__).parents[1]
PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/*.md", "docs/guides/*.md", "benchmarks/*.md")
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")
LANGUAGES: Mapping[str, str] = {".py": "python", ".yaml": "yaml", ".toml": "toml", ".json": "json", ".md": "markdown"}
FAR = re.compile(r"(https?:)?//")
GALLERY = "reports"

BAR: Mapping[str, Sequence[str]] = {
    "Guides": ("docs/guides/first-story", "docs/guides/from-survey", "docs/guides/phase-map", "docs/guides/everyday",
               "docs/guides/adding-a-move", "docs/guides/adding-a-rule"),
    "Commands, told": ("docs/explanations", "docs/sweep", "docs/levers", "docs/games", "docs/calibration", "docs/scale"),
    "The model": ("docs/odd", "docs/model", "docs/limits", "docs/glossary", "docs/findings", "docs/statistics",
                  "docs/defence-of-design"),
    "Reference": ("reference/api", "reference/rules", "reference/commands", "gallery"),
    "Project": ("CONTRIBUTING", "benchmarks/README", "docs/speed", "CHANGELOG"),
}
"""The bar: what stands under which heading. Every page but the first has its place."""

API = """\
# Python

Importing `sim` costs next to nothing: each name is fetched when it is first used.

## A story

```{eval-rst}
.. autofunction:: sim.load
.. autofunction:: sim.read
.. autoclass:: sim.Story
   :members:
.. autoexception:: sim.ScenarioError
```

## What comes back

```{eval-rst}
.. autoclass:: sim.Answer
   :members:
   :inherited-members:
.. autoclass:: sim.Run
   :members:
.. autoclass:: sim.Explanation
   :members:
.. autoclass:: sim.sweeping.Swept
   :members:
.. autoclass:: sim.searching.Found
   :members:
.. autoclass:: sim.spending.Fair
   :members:
.. autoclass:: sim.sensing.Sensed
   :members:
.. autoclass:: sim.playing.Played
   :members:
```

## From real data

```{eval-rst}
.. autofunction:: sim.calibrate.survey
.. autofunction:: sim.calibrate.panel
.. autofunction:: sim.calibrate.purchases
.. autoclass:: sim.calibrate.Calibration
   :members:
```

## What is simulated

```{eval-rst}
.. autoclass:: sim.Market
   :members:
.. autofunction:: sim.reference.run
```
"""


def main(arguments: Sequence[str]) -> int:
    """Build the site, or say what is wrong with it; the exit status."""
    parser = argparse.ArgumentParser(prog="python docs/site.py", description="Build the documentation as a static site.")
    parser.add_argument("--out", type=Path, default=Path("site"), help="folder of the site, made anew (default: site)")
    out = parser.parse_args(arguments).out
    if out.exists() and any(out.iterdir()) and not (out / "searchindex.js").is_file():
        parser.error(f"{out} holds something that is no site: name another folder")
    if importlib.util.find_spec("myst_parser") is None or importlib.util.find_spec("furo") is None:
        parser.error('what builds the site is not installed: python -m pip install -e ".[docs]"')
    with tempfile.TemporaryDirectory() as folder:
        pages = Path(folder) / "pages"
        stage(pages)
        if not built(pages, out, Path(folder) / "kept"):
            return 1
    wrong = list(faults(out))
    print("\n".join(wrong) or f"{sum(1 for _ in out.rglob('*.html'))} pages: open {out / 'index.html'}")
    return 1 if wrong else 0


def stage(folder: Path) -> None:
    """Lay out what Sphinx reads: every page where it stands in the repository, and what pages speak of beside them."""
    spoken_of: set[Path] = set()
    for pattern in PAGES:
        for page in sorted(HOME.glob(pattern)):
            text = rewritten(page, page.read_text(encoding="utf-8"), spoken_of)
            name = "index.md" if page == HOME / "README.md" else page.relative_to(HOME)
            put(folder / name, text + (bar() if name == "index.md" else ""))
    put(folder / "reference" / "api.md", API)
    put(folder / "reference" / "rules.md", rules())
    put(folder / "reference" / "commands.md", commands())
    put(folder / "gallery.md", gallery())
    for path in sorted(spoken_of):
        put(folder / page_of(path), shown(path))
    for picture in HOME.glob("docs/*.png"):
        shutil.copy(picture, folder / "docs" / picture.name)
    for extra in ("conf.py", "static"):
        copy = shutil.copytree if (HOME / "docs" / extra).is_dir() else shutil.copy
        copy(HOME / "docs" / extra, folder / extra)


def put(path: Path, text: str) -> None:
    """Write a file, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def bar() -> str:
    """What stands under which heading of the bar, for the start page."""
    return "".join("\n".join(["", "```{toctree}", ":hidden:", f":caption: {head}", "", *pages, "```", ""])
                   for head, pages in BAR.items())


def rewritten(page: Path, text: str, spoken_of: set[Path]) -> str:
    """A page whose links lead within the site; files and folders that get a page of their own join `spoken_of`."""
    pages = {path for pattern in PAGES for path in HOME.glob(pattern)}

    def moved(found: re.Match[str]) -> str:
        mark, words, link = found.groups()
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve()
        if mark or not path or re.match(r"[a-z]+:", link) or target in pages - {HOME / "README.md"}:
            return found[0]
        here = page.parent.relative_to(HOME)
        if target == HOME / "README.md":
            return f"[{words}]({os.path.relpath('index.md', here)}{'#' + anchor if anchor else ''})"
        if target.is_relative_to(HOME / GALLERY):
            return f'<a href="{os.path.relpath(target, page.parent)}">{words}</a>'
        if not target.exists():
            raise FileNotFoundError(f"{page.relative_to(HOME)}: {link} leads nowhere")
        spoken_of.add(target)
        if target.is_dir():
            spoken_of.update(one for one in target.iterdir() if one.suffix in LANGUAGES)
        return f"[{words}]({os.path.relpath(page_of(target), here)})"

    parts = re.split(r"(^```.*?^```)", text, flags=re.DOTALL | re.MULTILINE)
    return "".join(part if part.startswith("```") else LINK.sub(moved, part) for part in parts)


def page_of(path: Path) -> Path:
    """Where the page of a file or a folder of the repository stands."""
    told = path.relative_to(HOME)
    return told / "index.md" if path.is_dir() else told.with_name(told.name + ".md")


def shown(path: Path) -> str:
    """The page of a file, as it is, or of a folder, as a list."""
    name = str(path.relative_to(HOME))
    if path.is_dir():
        listed = [f"- [{one.name}]({one.name}.md)" for one in sorted(path.iterdir()) if one.suffix in LANGUAGES]
        return f"---\norphan: true\n---\n# {name}\n\n" + "\n".join(listed) + "\n"
    text = path.read_text(encoding="utf-8")
    fence = "`" * (3 + max((len(run) for run in re.findall(r"`{3,}", text)), default=0))
    return f"---\norphan: true\n---\n# {name}\n\n{fence}{LANGUAGES.get(path.suffix, 'text')}\n{text}{fence}\n"


def rules() -> str:
    """The page of the rules, a room a heading, in the order of their names."""
    rooms = sorted(path.stem for path in (HOME / "sim" / "rules").glob("*.py") if path.stem != "__init__")
    blocks = (f"## {room}\n\n```{{eval-rst}}\n.. automodule:: sim.rules.{room}\n   :members:\n```\n" for room in rooms)
    return "# Rules\n\nA visit, one verb a room. What puts them in order is `visit`.\n\n" + "\n".join(blocks)


def commands() -> str:
    """What every command says of itself."""
    from sim.cli import options

    with mock.patch.dict(os.environ, {"COLUMNS": "88"}):
        parser, each = options.build()
        told = "".join(f"## drift {name}\n\n```text\n{command.format_help()}```\n\n" for name, command in each.items())
        return f"# Commands\n\n```text\n{parser.format_help()}```\n\n{told}"


def gallery() -> str:
    """The page that leads to the reports of the gallery."""
    from sim.story.load import load

    lines = []
    for folder in sorted(path.parent for path in (HOME / GALLERY).glob("*/report.html")):
        story = load(HOME / "scenarios" / f"{folder.name}.yaml")
        lines.append(f'- <a href="{GALLERY}/{folder.name}/report.html">{story.title}</a>')
    return (f"# Gallery\n\nEvery story that comes along, its answer and its claims, on "
            f'<a href="{GALLERY}/index.html">one page</a>; the reports by themselves:\n\n' + "\n".join(lines) + "\n")


def built(pages: Path, out: Path, kept: Path) -> bool:
    """Let Sphinx build the site; whether it had nothing to warn of."""
    from sphinx.cmd.build import main as sphinx

    shutil.rmtree(out, ignore_errors=True)
    done = sphinx(["-q", "-W", "--keep-going", "-b", "html", "-d", str(kept), str(pages), str(out)]) == 0
    if done:
        shutil.copytree(HOME / GALLERY, out / GALLERY)
        shutil.rmtree(out / ".doctrees", ignore_errors=True)
    return done


class Seen(HTMLParser):
    """What a page links to, what it loads, and the names one may link to on it."""

    def __init__(self, text: str) -> None:
        """Read a page."""
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.names: set[str] = set()
        self.feed(text)
        self.loads += re.findall(r"(?:url\(|@import)\s*['\"]?(https?://[^)'\"]+)", text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what one tag links to, loads or names."""
        said = {key: value for key, value in attrs if value is not None}
        self.names |= {said[key] for key in ("id", "name") if key in said}
        if tag == "a" and "href" in said:
            self.links.append(said["href"])
        elif tag == "link" and "href" in said:
            self.loads.append(said["href"])
        elif tag in ("script", "img", "iframe", "source", "video", "audio", "embed", "object", "image", "use"):
            self.loads += [said[key] for key in ("src", "data", "href", "xlink:href") if key in said]


def faults(out: Path) -> Iterator[str]:
    """Every link of a site that leads nowhere, and everything that a reader's browser would fetch from the network."""
    pages = {page.resolve(): Seen(page.read_text(encoding="utf-8")) for page in sorted(out.rglob("*.html"))}
    for page, found in pages.items():
        name = page.relative_to(out.resolve())
        yield from (f"{name}: loads {link}" for link in found.loads if FAR.match(link))
        yield from (f"{name}: {link} leads nowhere" for link in [*found.links, *found.loads] if not leads(page, link, pages))
    for sheet in sorted(out.rglob("*.css")):
        for link in re.findall(r"(?:url\(|@import)\s*['\"]?([^)'\"]+)", sheet.read_text(encoding="utf-8")):
            if FAR.match(link):
                yield f"{sheet.relative_to(out)}: loads {link}"


def leads(page: Path, link: str, pages: Mapping[Path, Seen]) -> bool:
    """Whether a link of a page leads somewhere; what leads out of the site is not followed."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return True
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    named = not parts.fragment or target not in pages or unquote(parts.fragment) in pages[target].names | {"top"}
    return target.is_file() and named


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

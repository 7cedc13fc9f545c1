"""Follow the guides as a reader would and put what is printed into them: `python docs/guides.py` (`--check` only looks).

A guide is Markdown; these are acted on, in the order in which they stand:

- a fenced block under a line that says only `NAME`: is written to that file, in an empty folder;
- a fenced block under "In `FILE`, before `WORDS`:" (or after, in place of) changes a copy of this repository's code, made when
  it is first needed: the block stands before or after the line with these words, or for the words themselves, which must
  stand there exactly once; ⏎ is the end of a line;
- in a `console` block each line that begins with `$ ` is run, `drift …` or `python …`, and what it prints stands below it.
  Under `<!-- lines: 3-7 -->` only these lines do; digests in names of folders are left out, since any change of the engine
  changes them. Under `<!-- refused -->` the command must fail, and says why.
"""

from __future__ import annotations

import contextlib
import glob
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from unittest import mock

from sim.cli import main as drift
from sim.cli import options

HOME = Path(__file__).parents[1]
GUIDES = HOME / "docs" / "guides"
COPIED = ("sim", "docs", "tests", "scenarios", "pyproject.toml")
BLOCK = re.compile(r"(?:^(?:<!-- (?P<note>[^\n]+?) -->\n|`(?P<file>[\w./-]+)`:\n\n"
                   r"|In `(?P<code>[^`\n]+)`, (?P<way>before|after|in place of) `(?P<words>[^`\n]+)`:\n\n))?"
                   r"^```(?P<kind>\w*)\n(?P<body>.*?)^```", re.DOTALL | re.MULTILINE)
WIDTH = 80


def followed(guide: str, folder: Path) -> str:
    """A guide's text with what its commands print today. folder: an empty one. Errors: RuntimeError and ValueError."""
    def act(found: re.Match[str]) -> str:
        note, body = found["note"] or "", found["body"]
        key, _, rest = note.partition(": ")
        if found["file"]:
            (folder / found["file"]).write_text(body, encoding="utf-8")
        elif found["code"]:
            edit(folder, found["code"], found["way"], found["words"], body)
        elif found["kind"] == "console":
            head = f"<!-- {note} -->\n" if note else ""
            return f"{head}```console\n{printed(body, folder, key, rest)}```"
        return found[0]

    with contextlib.chdir(folder):
        return BLOCK.sub(act, guide)


def edit(folder: Path, file: str, way: str, words: str, text: str) -> None:
    """Change a file of the copied code. way: before, after, in place of. Errors: ValueError unless words stand there once."""
    if not (folder / "sim").exists():
        for one in COPIED:
            source = HOME / one
            copy = shutil.copytree if source.is_dir() else shutil.copy
            copy(source, folder / one, **({"ignore": shutil.ignore_patterns("__pycache__")} if source.is_dir() else {}))
    path, words = folder / file, words.replace("⏎", "\n")
    before = path.read_text(encoding="utf-8")
    if before.count(words) != 1:
        raise ValueError(f"{file} has {words!r} {before.count(words)} times, not once")
    start, end = before.index(words), before.index(words) + len(words)
    if way == "before":
        start = end = before.rfind("\n", 0, start) + 1
        text += "\n\n" if re.match(r"(def|class|from|@)", text) else ""
    elif way == "after":
        start = end = before.index("\n", end) + 1
    else:
        text = text.removesuffix("\n")
    path.write_text(before[:start] + text + before[end:], encoding="utf-8")


def printed(body: str, folder: Path, key: str, lines: str) -> str:
    """A console block as it would look today: each command and what it prints, or only some lines of it."""
    said = []
    for command in re.findall(r"^\$ (.+)$", body, re.MULTILINE):
        words = [found for word in shlex.split(command, comments=True) for found in expanded(word)]
        told = ran(words, folder, refused=key == "refused").rstrip("\n").splitlines()
        if key == "lines":
            first, last = map(int, lines.split("-"))
            told = [*(["…"] if first > 1 else []), *told[first - 1:last], *(["…"] if last < len(told) else [])]
        said += [f"$ {command}", *told]
    return "".join(line.rstrip() + "\n" for line in said)


def expanded(word: str) -> list[str]:
    """The names that a word of a command line stands for, as a shell has it: `kept/studio-*` for the one that was kept."""
    return sorted(glob.glob(word)) if word.endswith("*") else [word]


def ran(words: Sequence[str], folder: Path, refused: bool) -> str:
    """What a command prints on a terminal of 80 columns. Errors: RuntimeError where it fails, or should fail and does not."""
    out, err = io.StringIO(), io.StringIO()
    with mock.patch.dict(os.environ, {"COLUMNS": str(WIDTH), "NO_COLOR": "1"}):
        if words[0] == "drift":
            known = options.build()[1][words[1]].format_help()
            quiet = [option for option in ("--quiet", "--no-store") if option in known]
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                status = drift([*words[1:], *quiet])
            told, wrong = out.getvalue(), err.getvalue()
        elif words[0] == "python":
            place = {"PYTHONPATH": str(folder)} if (folder / "sim").exists() else {}
            done = subprocess.run([sys.executable, *words[1:]], cwd=folder, env={**os.environ, **place}, encoding="utf-8",
                                  capture_output=True, check=False)
            status, told, wrong = done.returncode, done.stdout, done.stderr
        else:
            raise RuntimeError(f"a guide runs drift and python, not {words[0]}")
    if (status != 0) != refused:
        raise RuntimeError(f"{shlex.join(words)} ended with status {status}: {wrong or told}")
    return re.sub(r"-[0-9a-f]{8}\b", "-…", told + wrong if refused else told)


def main(arguments: Sequence[str]) -> int:
    """Follow every guide and write it, or with --check say which ones are stale; the exit status."""
    stale = []
    for guide in sorted(GUIDES.glob("*.md")):
        text = guide.read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as folder:
            found = followed(text, Path(folder))
        if found != text:
            stale.append(guide.name)
            if "--check" not in arguments:
                guide.write_text(found, encoding="utf-8")
    print(f"{'stale' if '--check' in arguments else 'written'}: {', '.join(stale) or 'nothing'}")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

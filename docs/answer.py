"""Run the hotel story and put its answer into README.md, its picture into docs/: `python docs/answer.py`, half a minute.

The README shows what `drift compare scenarios/hotel.yaml` prints, between `<!-- answer -->` and `<!-- end -->`.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
import tempfile
from pathlib import Path
from unittest import mock

from sim.cli import main as drift

HOME = Path(__file__).parent.parent
STORY = "scenarios/hotel.yaml"
PICTURE = HOME / "docs" / "hotel-satisfaction.png"
MARKED = re.compile(r"(<!-- answer -->\n```text\n).*?(```\n<!-- end -->)", re.DOTALL)


def printed(folder: Path) -> str:
    """What the command prints in an 80-column terminal. Its run folder stays under `folder`/runs."""
    said = io.StringIO()
    with mock.patch.dict(os.environ, {"COLUMNS": "80", "NO_COLOR": "1"}), contextlib.redirect_stdout(said):
        status = drift(["compare", str(HOME / STORY), "--out", str(folder / "runs"), "--quiet", "--no-store"])
    if status:
        raise RuntimeError(f"drift compare {STORY} ended with status {status}")
    return said.getvalue().replace(f"{folder}{os.sep}", "")


def answered(readme: str, text: str) -> str:
    """The README with this answer in its place."""
    return MARKED.sub(lambda found: found[1] + text + found[2], readme)


def small(png: bytes) -> bytes:
    """The same picture in fewer bytes: 128 colours are enough for lines and letters."""
    from PIL import Image

    out = io.BytesIO()
    with Image.open(io.BytesIO(png)) as picture:
        picture.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def main() -> int:
    """Compare, then write README.md and the picture."""
    readme = HOME / "README.md"
    with tempfile.TemporaryDirectory() as name:
        text = printed(Path(name))
        (drawn,) = Path(name).glob("runs/*/figures/satisfaction.png")
        PICTURE.write_bytes(small(drawn.read_bytes()))
    readme.write_text(answered(readme.read_text(encoding="utf-8"), text), encoding="utf-8")
    print(f"README.md and {PICTURE.name} ({PICTURE.stat().st_size // 1000} KB) written")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Make the gallery: compare the strategies of every shipped story and write its report.

    python -m sim.gallery                                  # reports/, the whole gallery
    python -m sim.gallery --people 400 --replications 4 --out DIR    # a short form, to see that all of it works

What stands in reports/ is made by this command and never edited by hand.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from sim.api import Answer, load
from sim.report import page
from sim.report.gallery import Exhibit, front_page

HERE = Path(__file__).resolve().parent.parent


def make(stories: Sequence[Path], out: Path, people: int | None, replications: int | None) -> list[Exhibit]:
    """Compare each story and write `out`/NAME/report.html with one picture, and `out`/index.html over all."""
    exhibits = []
    for path in stories:
        story = load(path)
        answer = story.compare(people=people, replications=replications)
        hang(answer, out / path.stem)
        exhibits.append(Exhibit(path.stem, answer, answer.findings))
        print(f"{path.stem}: {answer.verdict.sentence}", file=sys.stderr)
    (out / "index.html").write_text(front_page(exhibits), encoding="utf-8")
    return exhibits


def hang(answer: Answer, place: Path) -> None:
    """One story's report, and the picture that the index shows; the report holds all figures itself."""
    with tempfile.TemporaryDirectory() as folder:
        page.write(answer, folder, story=answer.said(("drift", "compare", f"scenarios/{place.name}.yaml")),
                   findings=answer.findings)
        place.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(Path(folder) / "report.html", place / "report.html")
        shutil.copyfile(Path(folder) / "figures" / "satisfaction.png", place / "satisfaction.png")


def main(argv: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m sim.gallery", description="Make the gallery of the shipped stories.")
    parser.add_argument("--out", type=Path, default=HERE / "reports", help="where to write it (reports/)")
    parser.add_argument("--people", type=int, help="in place of each story's own number")
    parser.add_argument("--replications", type=int, help="in place of each story's own number")
    options = parser.parse_args(argv)
    stories = sorted((HERE / "scenarios").glob("*.yaml"))
    if not stories:
        parser.error(f"there are no stories in {HERE / 'scenarios'}")
    make(stories, options.out, options.people, options.replications)
    return 0


if __name__ == "__main__":
    sys.exit(main())

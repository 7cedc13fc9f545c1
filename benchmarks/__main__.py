"""Everything that is measured, in one run: `python -m benchmarks [--quick] [--only PART …] [--write]`.

Parts: visits (everybody on "drift-visit"), coupled and queue (where people meet), people, jobs, cells (how time grows),
start-up, memory, profile. Parts that today's record of this machine has are not measured again (`--again` does). `--quick`
keeps nothing unless `--record FILE` says where. `--write` puts the newest record's numbers into docs/speed.md and README.md;
alone, it measures nothing.
"""

import argparse
import json
import sys
from pathlib import Path

from benchmarks import page, whole
from benchmarks.contenders import FailedError


def options() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a short form, at most three minutes; kept only with --record")
    parser.add_argument("--only", action="append", choices=list(whole.PARTS), help="this part; may be given several times")
    parser.add_argument("--again", action="store_true", help="measure also what the record has")
    parser.add_argument("--rounds", type=int, help="in place of 5 (3 where people meet, and by numbers of people)")
    parser.add_argument("--peers-python", help="an interpreter that has Mesa and Starsim, where this one has not")
    parser.add_argument("--record", type=Path, help="in place of benchmarks/records/DAY-whole-MACHINE.json")
    parser.add_argument("--write", action="store_true",
                        help="write the newest record into docs/speed.md and README.md; alone, it measures nothing")
    return parser.parse_args()


def main() -> int:
    """Measure what is missing, keep it, and write the pages if asked. Exit status 1: answers disagree, or something broke."""
    wish = options()
    wrong: list[str] = []
    if wish.only or not wish.write:
        path = wish.record or (None if wish.quick else whole.record_path())
        found = whole.blank(wish.quick)
        if path is not None and path.exists():
            found = json.loads(path.read_text(encoding="utf-8"))
            if found["quick"] != wish.quick:
                print(f"{path} was made {'with' if found['quick'] else 'without'} --quick; give another --record",
                      file=sys.stderr)
                return 2
        names = [name for name in wish.only or whole.PARTS if wish.again or name not in found["parts"]]
        try:
            size = whole.sized(whole.QUICK if wish.quick else whole.Size(), wish.rounds, wish.peers_python)
            wrong = whole.measure(names, size, found, lambda told: None if path is None else whole.write(path, told))
        except FailedError as what:
            wrong = [str(what)]
        if path is not None:
            print(f"kept in {path}")
    for line in wrong:
        print(line, file=sys.stderr)
    if wish.write and not wrong:
        page.write()
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

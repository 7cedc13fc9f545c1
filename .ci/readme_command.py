"""Print the N-th command of README.md's first shell block, so that the checks run what a newcomer runs."""

import re
import sys
from pathlib import Path


def commands(readme: str) -> list[str]:
    """The lines of the README's shell blocks that set up or run something, comments and activation left out."""
    blocks = re.findall(r"```(?:bash|sh|console)\n(.*?)```", readme, flags=re.DOTALL)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line.startswith("python -m pip install")]


if __name__ == "__main__":
    found = commands((Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8"))
    number = int(sys.argv[1])
    if len(found) < number:
        sys.exit(f"README.md has {len(found)} set-up commands, not {number}")
    print(found[number - 1])

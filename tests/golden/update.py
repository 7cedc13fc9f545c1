"""Numbers of every shipped story that change only by this command: `python -m tests.golden.update`.

A change of the model, of luck or of a story changes them on purpose; anything else that does is a mistake.
"""

import json
from pathlib import Path

from sim.engine import run as fast
from sim.story.load import load
from sim.story.resolve import resolve

HERE = Path(__file__).parent
STORIES = sorted((HERE.parents[1] / "scenarios").glob("*.yaml"))
GOLDEN = HERE / "golden.json"


def numbers(path: Path) -> dict[str, dict[str, list[float]]]:
    """Every outcome of every strategy of a story, by replication, for few people."""
    market = resolve(load(path))
    return {strategy.name: {name: values.tolist() for name, values in
                            fast.run(market, strategy.name, people=200, replications=2).outcomes.items()}
            for strategy in market.strategies}


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps({path.stem: numbers(path) for path in STORIES}, indent=1) + "\n", encoding="utf-8")
    print(f"{GOLDEN} written")

"""What tests of the engine share: a story from its text, and the comparison of two runs to the bit."""

import numpy as np

from sim.engine import reference
from sim.engine import run as fast
from sim.story.load import load
from sim.story.resolve import resolve

ENGINES = {"compiled": fast.run, "reference": reference.run}


def market(folder, text, *settings):
    """The market of a scenario text, through the loader and resolve like any scenario file."""
    path = folder / "story.yaml"
    path.write_text(text, encoding="utf-8")
    return resolve(load(path, settings))


def tables(run):
    """Every table of a run by name, customers and checkpoints included."""
    found = {"by_visit": run.by_visit, "by_day": run.by_day, "outcomes": run.outcomes,
             "rest": {"stays": run.stays, "counts": run.spreading.counts, "edges": run.spreading.edges}}
    if run.by_attribute is not None:
        found["by_attribute"] = run.by_attribute
    if run.kano is not None:
        found["kano"] = {"counts": run.kano.counts, "days": run.kano.days}
    if run.switches is not None:
        found["switches"] = run.switches
    if run.by_firm is not None:
        found["by_firm"] = run.by_firm
    if run.budgets is not None:
        found["budgets"] = run.budgets
    if run.customers is not None:
        found["customers"] = run.customers
    return found


def differing(one, other):
    """The columns in which two runs differ in any bit; guards that there was something to compare."""
    mine, theirs = tables(one), tables(other)
    assert mine.keys() == theirs.keys()
    assert len(one.by_visit["visit"]) > 0
    found = []
    for name, table in mine.items():
        assert table.keys() == theirs[name].keys()
        for column, values in table.items():
            assert len(values) > 0
            others = theirs[name][column]
            same = values.dtype == others.dtype and np.array_equal(values, others, equal_nan=values.dtype.kind == "f")
            if not same:
                found.append(f"{name}.{column}")
    return found

"""Putting one writing over another: mappings go key by key, everything else is replaced whole.

A spread such as {mean, sd} is one value and is replaced whole; so is a mapping whose keys exclude the other's, such
as {bayesian} over {up, down}.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

_WHOLE: Final = frozenset(("mean", "sd", "between", "beta"))
_EXCLUDE: Final = ((frozenset(("bayesian",)), frozenset(("up", "down"))),)


def replaces(under: Iterable[str], over: Iterable[str]) -> bool:
    """Whether a mapping with the keys `over` takes the place of one with the keys `under`, rather than joining it."""
    below, above = set(under), set(over)
    if _WHOLE & (below | above):
        return True
    return any((a & below and b & above) or (b & below and a & above) for a, b in _EXCLUDE)


def merged(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """`over` put over `under`; neither is changed."""
    result = dict(under)
    for key, value in over.items():
        old = under.get(key)
        both = isinstance(old, dict) and isinstance(value, dict)
        result[key] = merged(old, value) if both and old is not None and not replaces(old, value) else value
    return result

"""Putting one writing over another: mappings go key by key, everything else is replaced whole.

A spread such as {mean, sd} is one value and is replaced whole; so is a mapping whose keys exclude the other's, such as
{bayesian} over {up, down}, or one kind of network over another. Of two keys that exclude each other among others, the one put
over takes the other away.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

_WHOLE: Final = frozenset(("mean", "sd", "between", "beta"))
_NETWORKS: Final = frozenset(("mixed", "small_world", "scale_free", "edges"))
_EXCLUDE: Final = ((frozenset(("bayesian",)), frozenset(("up", "down"))),
                   *((frozenset((kind,)), _NETWORKS - {kind}) for kind in sorted(_NETWORKS)))
_EITHER: Final = frozenset(("hears_rivals", "hears_rivals_every"))


def replaces(under: Iterable[str], over: Iterable[str]) -> bool:
    """Whether a mapping with the keys `over` takes the place of one with the keys `under`, rather than joining it."""
    below, above = set(under), set(over)
    if _WHOLE & (below | above):
        return True
    return any((a & below and b & above) or (b & below and a & above) for a, b in _EXCLUDE)


def stays(key: str, over: Iterable[str]) -> bool:
    """Whether a key stays when a mapping with the keys `over` is put over its own."""
    return key not in _EITHER or not _EITHER & set(over)


def merged(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """`over` put over `under`; neither is changed."""
    result = {key: value for key, value in under.items() if stays(key, over)}
    for key, value in over.items():
        old = under.get(key)
        both = isinstance(old, dict) and isinstance(value, dict)
        result[key] = merged(old, value) if both and old is not None and not replaces(old, value) else value
    return result

"""Plain values printed as YAML, always in the same way, so that a text can be digested."""

from __future__ import annotations

import re
from typing import Any, Final

from sim.story import units

_BARE: Final = re.compile(r"[^\W\d_][\w ()/%'+-]*(?<! )|[0-9][0-9.]* [a-z][a-z ]*[a-z]")
_RESERVED: Final = frozenset(("null", "true", "false"))
_PRINTED: Final = re.compile(r"[\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_FLOW_WIDTH: Final = 100


def emit(value: dict[str, Any]) -> str:
    """Print a mapping of plain values as a YAML 1.2 document; numbers keep every bit."""
    return "\n".join(_mapping(value, "")) + "\n"


def scalar(value: Any) -> str:
    """Print one scalar, in quotes where it would read as something else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value) if isinstance(value, int) else units.plain(value)
    text = str(value)
    bare = _BARE.fullmatch(text) is not None and text.lower() not in _RESERVED
    return text if bare else '"' + "".join(map(_escaped, text)) + '"'


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if _PRINTED.fullmatch(character):
        return character
    code = ord(character)
    if character == "\n":
        return "\\n"
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(key)}: {_flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return scalar(value)


def _deep(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(_deep, inner), default=0)


def _mapping(value: dict[str, Any], indent: str) -> list[str]:
    lines: list[str] = []
    for key, one in value.items():
        flow = f"{indent}{scalar(key)}: {_flow(one)}"
        if not isinstance(one, (dict, list)) or not one or (_deep(one) <= 2 and len(flow) <= _FLOW_WIDTH):
            lines.append(flow)
        elif isinstance(one, dict):
            lines += [f"{indent}{scalar(key)}:", *_mapping(one, indent + "  ")]
        else:
            lines += [f"{indent}{scalar(key)}:", *(f"{indent}  - {_item(item)}" for item in one)]
    return lines


def _item(value: Any) -> str:
    """One item of a list on its line; a move needs no braces around its name."""
    if isinstance(value, dict) and len(value) == 1:
        (key, inner), = value.items()
        return f"{scalar(key)}: {_flow(inner)}"
    return _flow(value)

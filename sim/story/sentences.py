"""What pydantic found, said in our own sentences: what is allowed, and what was probably meant."""

from __future__ import annotations

from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from sim.story import units, values
from sim.story.nodes import Key
from sim.story.schema import Firms, Rival, Story


@dataclass(frozen=True)
class Problem:
    """Something wrong at a key. `at_key`: the key itself is wrong, rather than its value."""

    key: Key
    message: str
    at_key: bool = False


def shape(plain: Any) -> tuple[Story | None, list[Problem]]:
    """Check the shape of a story: the model, or None and every problem."""
    try:
        return Story.model_validate(plain), []
    except ValidationError as error:
        found = [_Finding(one) for one in error.errors(include_url=False)]
    unknown = [one for one in found if one.type == "extra_forbidden"]
    corrected = {(*one.key[:-1], one.meant()) for one in unknown}
    kept = [one for one in found if not (one.type == "missing" and one.key in corrected)]
    return None, [one.problem() for one in kept]


class _Finding:
    """One error of pydantic's: its kind, its key without tags, and the words for it."""

    def __init__(self, error: Any) -> None:
        self.type: str = error["type"]
        self.tagged: tuple[str | int, ...] = error["loc"]
        self.key: Key = tuple(step for step in self.tagged if not _is_tag(step))
        self.input: object = error["input"]
        self.message: str = error["msg"]

    def meant(self) -> str | None:
        near = values.meant(self.key[-1], _allowed(self.tagged[:-1])) if self.key else ""
        return near.removeprefix('; did you mean "').removesuffix('"?') or None

    def problem(self) -> Problem:
        if self.type == "extra_forbidden":
            allowed = _allowed(self.tagged[:-1])
            near = values.meant(self.key[-1], allowed)
            return Problem(self.key, f'unknown key "{self.key[-1]}"{values.allowed(near, allowed)}', True)
        if self.type == "missing":
            present = tuple(self.input) if isinstance(self.input, dict) else ()
            near = _renamed(present) if self.key == ("firms", "ours") else ""
            return Problem(self.key, f'the key "{self.key[-1]}" is missing: {_about(self.tagged)}{near}', True)
        if self.type in ("model_type", "model_attributes_type", "dict_type"):
            return Problem(self.key, f"must be a mapping{self.keys()}, not {units.shown(self.input)}")
        if self.type == "list_type":
            return Problem(self.key, f"must be a list of moves, each starting with a dash, not {units.shown(self.input)}")
        if self.type == "too_short":
            return Problem(self.key, "must hold at least one attribute")
        return Problem(self.key, self.message)

    def keys(self) -> str:
        allowed = _allowed(self.tagged)
        return f" with the keys {', '.join(allowed)}" if allowed else " from names to their values"


def _renamed(firms: tuple[str, ...]) -> str:
    """Which firm was probably meant to be ours."""
    from difflib import get_close_matches

    near = get_close_matches("ours", [name[:100] for name in firms], 1)
    return f'; did you mean "ours" where it says "{near[0]}"?' if near else ""


def _is_tag(step: str | int) -> bool:
    return isinstance(step, str) and step in (*values.SHAPES, "<one>", "<all>", "<each>")


def _bare(annotation: Any) -> Any:
    """An annotation without Optional and Annotated."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) in (Union, UnionType) and type(None) in get_args(annotation):
            annotation = next(one for one in get_args(annotation) if one is not type(None))
        else:
            return annotation


def _model(location: tuple[str | int, ...]) -> Any:
    """What stands at a location: a model, a dict or list annotation, or a tag of a spread."""
    here: Any = Story
    for step in location:
        if _is_tag(step):
            here = step
        elif isinstance(here, type) and issubclass(here, BaseModel):
            known = here.model_fields.get(str(step))
            here = _bare(known.annotation) if known else Rival if here is Firms else None
        elif get_origin(here) in (dict, list):
            here = _bare(get_args(here)[-1])
        else:
            here = None
    return here


def _allowed(location: tuple[str | int, ...]) -> tuple[str, ...]:
    """The keys that a mapping at a location may have."""
    here = _model(location)
    if isinstance(here, type) and issubclass(here, BaseModel):
        return tuple(here.model_fields)
    return values.SHAPES.get(here, ()) if isinstance(here, str) else ()


def _about(location: tuple[str | int, ...]) -> str:
    """What a missing key means."""
    here = _model(location[:-1])
    if isinstance(here, type) and issubclass(here, BaseModel):
        about = here.model_fields[str(location[-1])].description or ""
        return (about[0].lower() + about[1:]).removesuffix(".")
    return f"a spread is written with {' and '.join(values.SHAPES.get(here, ()))}"

"""What people and models write: YAML (or JSON, which is YAML) read strictly, and held against a shape that names the wrong field."""

import json
from collections.abc import Hashable
from contextlib import suppress
from importlib.resources.abc import Traversable
from typing import TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from remediation.errors import Unusable
from remediation.mistakes import mistakes
from remediation.nesting import too_deep
from remediation.terms import Json


class Written(BaseModel):
    """A shape that people write: unknown keys are refused, for a misspelt key must not be a silent default."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


Shape = TypeVar("Shape", bound=BaseModel)


class _StrictLoader(yaml.CSafeLoader):
    """YAML's safe subset, where a key that is written twice is an error and not the last one wins."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Json]:
        seen: set[Json] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, Hashable) and key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key!r} is written twice", key_node.start_mark)
            seen.add(key if isinstance(key, Hashable) else None)
        return super().construct_mapping(node, deep)


def parse(text: str, origin: str) -> Json:
    """The value that a YAML or JSON text holds. Raises Unusable naming `origin` and the line.

    Aliases are refused: they have no place in what we read, and nested ones grow without bound when copied.
    """
    try:
        with suppress(json.JSONDecodeError):  # not JSON: then it is YAML
            return json.loads(text, object_pairs_hook=_each_once)
        if too_deep(text):
            raise Unusable(f"{origin} nests too deep.", "Write it flatter.")
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.CSafeLoader)):
            raise Unusable(f"{origin} uses a YAML alias.", "Write the value out where it is used.")
        return yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - a subclass of the safe loader
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: a date that is none, such as 2026-99-99
        raise Unusable(f"{origin} is not YAML: {_one_line(error)}.", "Mend it there.") from error


def fit(shape: type[Shape], value: Json, origin: str) -> Shape:
    """The value as `shape`. Raises Unusable naming `origin` and every field that is wrong."""
    try:
        return shape.model_validate(value)
    except ValidationError as error:
        wrong = "; ".join(f"{_field(place)}: {what}" for place, what in mistakes(error, shape).items())
        raise Unusable(f"{origin}: {wrong}{'' if wrong.endswith(('?', '.')) else '.'}", "Mend what is named.") from error


def read(shape: type[Shape], path: Traversable) -> Shape:
    """A file as `shape`. Raises Unusable naming the file and the field."""
    return fit(shape, parse(text_of(path), str(path)), str(path))


def text_of(path: Traversable) -> str:
    """A file's text. Raises Unusable when it cannot be read or is not UTF-8."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Unusable(f"{path} cannot be read: {error}.", "Check the path, its permissions and that it is UTF-8.") from error


def _each_once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    keys = [key for key, _ in pairs]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        raise ValueError(f"{twice!r} is written twice")
    return dict(pairs)


def _field(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in location) or "the whole"


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())

"""What a person wrote wrong, in our words: where it stands, what must stand there, and the nearest name that is known."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

Location = tuple[int | str, ...]

_MUST_BE = {
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "dict_type": "a mapping",
    "finite_number": "a finite number",
    "float_parsing": "a number",
    "float_type": "a number",
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "less_than": "less than {lt}",
    "less_than_equal": "at most {le}",
    "list_type": "a list",
    "literal_error": "{expected}",
    "mapping_type": "a mapping",
    "model_attributes_type": "a mapping",
    "model_type": "a mapping",
    "string_pattern_mismatch": "of the form {pattern}",
    "string_type": "a text",
    "tuple_type": "a list",
}
_BRANCH = re.compile(r"[a-z]+\[.*\]")  # how pydantic calls one of several types in a place: literal['all'], tuple[str, ...]


def mistakes(wrong: ValidationError, shape: type[BaseModel]) -> dict[Location, str]:
    """What is wrong by its place, as a clause. The value, which may be a secret, is shown by validators of ours alone."""
    said: dict[Location, list[str]] = {}
    for each in wrong.errors(include_input=False, include_url=False):
        place = tuple(part for part in each["loc"] if not _BRANCH.fullmatch(str(part)))
        said.setdefault(place, []).append(_clause(each["type"], each.get("ctx", {}), each["msg"], place, shape))
    return {place: _joined(clauses) for place, clauses in said.items()}


def no_such(what: str, place: Location, shape: type[BaseModel]) -> str:
    """`there is no such WHAT; did you mean NAME?`: the name is the nearest that is known in that place."""
    known = _model_at(shape, place[:-1]).model_fields
    near = get_close_matches(str(place[-1]).lower(), known, n=1)
    return f"there is no such {what}; " + (f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}")


def _clause(kind: str, context: dict[str, Any], message: str, place: Location, shape: type[BaseModel]) -> str:
    if kind == "extra_forbidden":
        return no_such("key", place, shape)
    if kind == "missing":
        return "is missing"
    if kind in _MUST_BE:
        return "must be " + _MUST_BE[kind].format(**{name: _shown(value) for name, value in context.items()})
    return message.removeprefix("Value error, ")


def _shown(value: object) -> str:
    """A limit, the values that may stand there, or a pattern, without the marks of a programming language."""
    return str(value).replace("'", "").removeprefix("^(").removesuffix(")$")


def _joined(clauses: list[str]) -> str:
    first, *others = dict.fromkeys(clauses)
    return ", or ".join([first, *(other.removeprefix("must be ") for other in others)])


def _model_at(shape: type[BaseModel], place: Location) -> type[BaseModel]:
    """The shape that holds the keys of this place; names of a mapping and numbers of a list lead no deeper."""
    for part in place:
        field = shape.model_fields.get(str(part))
        shape = next(_models_in(field.annotation), shape) if field is not None else shape
    return shape


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)

"""One parameter of a remedy, in JSON Schema's words, and whether a value fits it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from remediation.drawing import SOURCES
from remediation.errors import Unreadable
from remediation.gitops.fieldpath import parse as read_path
from remediation.quantities import equal, parse, parse_cpu, parse_memory
from remediation.terms import Json
from remediation.written import Written

Format = Literal["container", "image", "memory", "cpu", "storage", "name", "field", "labels", "fields", "amounts"]
AMOUNTS: frozenset[Format] = frozenset({"memory", "cpu", "storage"})  # which policy bounds
_MAPPINGS: frozenset[Format] = frozenset({"labels", "fields", "amounts"})
_MOST_ENTRIES = 40

_OBJECT_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")
_LABEL_KEY = re.compile(r"([a-z0-9][-a-z0-9.]{0,251}/)?[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?", re.ASCII)
_LABEL_VALUE = re.compile(r"([A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?)?", re.ASCII)
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_IMAGE = re.compile(
    r"([a-z0-9][a-z0-9.-]*(:\d{1,5})?/)?"  # registry
    r"[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*"
    r"(:\w[\w.-]{0,127})?(@sha256:[0-9a-f]{64})?",
    re.ASCII,
)


def _quantity(text: str) -> str:
    parse(text)
    return text


Quantity = Annotated[str, AfterValidator(_quantity)]


class Parameter(Written):
    """One parameter, in JSON Schema's words. `format` is checked by code; the `x-` words bound what JSON Schema cannot compare.

    x_fact: the finding's fact that the rulebook takes it from.  x_source: the function of `remediation.drawing` that draws it.
    """

    type: Literal["string", "integer", "number", "boolean", "object"]
    description: str
    format: Format | None = None
    enum: tuple[Json, ...] | None = None
    pattern: str | None = None
    max_length: int = Field(default=256, alias="maxLength", gt=0)
    minimum: float | None = None
    maximum: float | None = None
    default: Json = None
    x_fact: str | None = Field(default=None, alias="x-fact")
    x_source: str | None = Field(default=None, alias="x-source")
    x_minimum: Quantity | None = Field(default=None, alias="x-minimum")
    x_maximum: Quantity | None = Field(default=None, alias="x-maximum")

    @model_validator(mode="after")
    def _formats_are_text(self) -> "Parameter":
        needed = "object" if self.format in _MAPPINGS else "string"
        if self.format and self.type != needed:
            raise ValueError(f"format {self.format} needs type {needed}")
        if self.type == "object" and self.format is None:
            raise ValueError(f"type object needs format {' or '.join(sorted(_MAPPINGS))}")
        return self

    @field_validator("x_source")
    @classmethod
    def _source_is_known(cls, source: str | None) -> str | None:
        if source is not None and source not in SOURCES:
            raise ValueError(f"names no source; there are {', '.join(sorted(SOURCES))}")
        return source

    @field_validator("pattern")
    @classmethod
    def _pattern_compiles(cls, pattern: str | None) -> str | None:
        try:
            re.compile(pattern or "")
        except re.error as error:
            raise ValueError(f"is no regular expression: {error}") from error
        return pattern


def same(parameter: Parameter, one: Json, other: Json) -> bool:
    """Whether two values mean the same, however their amounts are written."""
    return equal(one, other) if parameter.format in AMOUNTS else bool(one == other)


@dataclass(frozen=True)
class _Check:
    """How a format is checked, and what is said when the value does not fit."""

    fits: Callable[[str], object]
    otherwise: str


_CHECKS: Mapping[Format, _Check] = {
    "container": _Check(_NAME.fullmatch, "is not a container's name"),
    "image": _Check(_IMAGE.fullmatch, "is not an image reference"),
    "memory": _Check(lambda text: parse_memory(text) > 0, "is not an amount of memory such as 512Mi"),
    "cpu": _Check(lambda text: parse_cpu(text) > 0, "is not an amount of CPU such as 500m"),
    "storage": _Check(lambda text: parse_memory(text) > 0, "is not an amount of storage such as 20Gi"),
    "name": _Check(_OBJECT_NAME.fullmatch, "is not an object's name"),
    "field": _Check(read_path, "is not the path of a field"),
}
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,), "object": (Mapping,),
}  # fmt: skip


def misfit(parameter: Parameter, value: object) -> str:
    """Why the value does not fit, empty when it does."""
    if not isinstance(value, _TYPES[parameter.type]) or (isinstance(value, bool) and parameter.type != "boolean"):
        return f"{value!r} is no {parameter.type}"
    if parameter.enum is not None and value not in parameter.enum:
        return f"{value!r} is none of {', '.join(map(str, parameter.enum))}"
    match value:
        case str():
            return _misfit_of_text(parameter, value)
        case int() | float():
            return _outside(value, parameter.minimum, parameter.maximum)
        case Mapping():
            return _misfit_of_mapping(parameter, value)
    return ""


def _misfit_of_mapping(parameter: Parameter, value: Mapping[str, Json]) -> str:
    """A mapping of texts to scalars; null takes an entry away."""
    if not value or len(value) > _MOST_ENTRIES:
        return f"has {len(value)} entries, which are not 1 to {_MOST_ENTRIES}"
    for key, entry in value.items():
        if parameter.format == "labels" and not (_LABEL_KEY.fullmatch(key) and (entry is None or _is_label(entry))):
            return f"{key!r}: {entry!r} is not a label"
        if parameter.format == "fields" and not (_is_field(key) and (entry is None or isinstance(entry, str | int | float))):
            return f"{key!r}: {entry!r} is not a field and its value"
        if parameter.format == "amounts" and not (_LABEL_KEY.fullmatch(key) and _is_amount(entry)):
            return f"{key!r}: {entry!r} is not a resource and its amount"
    return ""


def _is_label(value: Json) -> bool:
    return isinstance(value, str) and _LABEL_VALUE.fullmatch(value) is not None


def _is_amount(value: Json) -> bool:
    try:
        return isinstance(value, str) and parse(value) > 0
    except ValueError:
        return False


def _is_field(text: str) -> bool:
    try:
        return bool(read_path(text))
    except Unreadable:
        return False


def _misfit_of_text(parameter: Parameter, value: str) -> str:
    if len(value) > parameter.max_length:
        return f"is longer than {parameter.max_length} characters"
    if parameter.pattern and not re.fullmatch(parameter.pattern, value):
        return f"{value!r} does not match {parameter.pattern}"
    return _misfit_of_format(parameter, parameter.format, value) if parameter.format else ""


def _misfit_of_format(parameter: Parameter, form: Format, value: str) -> str:
    if value != value.strip():
        return f"{value!r} has blanks around it"  # what is checked is what is written, to the letter
    check = _CHECKS[form]
    try:
        if not check.fits(value):
            return f"{value!r} {check.otherwise}"
    except (ValueError, Unreadable):
        return f"{value!r} {check.otherwise}"
    small = parameter.x_minimum is not None and parse(value) < parse(parameter.x_minimum)
    return f"{value} is below {parameter.x_minimum}" if small else ""


def _outside(value: float, minimum: float | None, maximum: float | None) -> str:
    if minimum is not None and value < minimum:
        return f"{value} is below {minimum:g}"
    if maximum is not None and value > maximum:
        return f"{value} is above {maximum:g}"
    return ""

"""How what the engine stores becomes text and comes back the same: tagged JSON over our dataclasses and errors, never pickle.

`{"$": "Incident", "v": {…}}` is a dataclass of terms, entries or ports, `{"$error": "Refused", "args": […]}` an error, and a tuple is
`{"$tuple": […]}`,
so that a replay sees the very types that the first run saw. Inside a dataclass its annotations carry the types.
"""

import json
from collections.abc import Mapping
from dataclasses import is_dataclass
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import msgspec

from remediation import entries, errors, terms
from remediation.masking import mask


class Unrecorded(errors.RemediationError):
    """An error of a kind that the serializer does not know; its type and words are kept, masked."""


def _classes(module: ModuleType) -> dict[str, type]:
    return {name: kind for name, kind in vars(module).items() if isinstance(kind, type) and kind.__module__ == module.__name__}


_DATACLASSES = {name: kind for module in (terms, entries) for name, kind in _classes(module).items() if is_dataclass(kind)}
_ERRORS = {**{n: k for n, k in _classes(errors).items() if issubclass(k, Exception)}, "Unrecorded": Unrecorded}


# msgspec reads a dataclass's annotations at its first use, and two threads that do so at once crash the interpreter (msgspec 0.22,
# seen as SIGSEGV in a restarted bot): all are read here, at import, and every reader of stored rows decodes with these.
DECODERS: Mapping[str, "msgspec.json.Decoder[Any]"] = {name: msgspec.json.Decoder(kind) for name, kind in _DATACLASSES.items()}


def dumps(value: Any) -> str:
    """The text of a value made of dataclasses of ours, errors, and what JSON knows. Raises TypeError for anything else."""
    return json.dumps(_encoded(value), ensure_ascii=False, separators=(",", ":"))


def loads(text: str) -> Any:
    """The value that `dumps` was given."""
    return _decoded(json.loads(text))


def _encoded(value: Any) -> Any:  # noqa: PLR0911 - one case a kind of value
    match value:
        case None | bool() | int() | float() | str():
            return value
        case datetime():
            return {"$time": value.astimezone(UTC).isoformat()}
        case tuple():
            return {"$tuple": [_encoded(item) for item in value]}
        case list():
            return [_encoded(item) for item in value]
        case dict():
            return {"$dict": [[_encoded(k), _encoded(v)] for k, v in value.items()]}
        case BaseException():
            return _encoded_error(value)
    name = type(value).__name__
    if _DATACLASSES.get(name) is not type(value):
        raise TypeError(f"{type(value).__qualname__} cannot be recorded: give a dataclass of remediation.terms or entries.")
    return {"$": name, "v": msgspec.to_builtins(value)}


def _encoded_error(error: BaseException) -> Any:
    name = type(error).__name__
    if _ERRORS.get(name) is type(error):
        return {"$error": name, "args": [_encoded(a) for a in error.args]}
    return {"$error": "Unrecorded", "args": [mask(f"{type(error).__module__}.{name}: {error}")]}


def _decoded(value: Any) -> Any:  # noqa: PLR0911 - one case a tag
    if isinstance(value, list):
        return [_decoded(item) for item in value]
    if not isinstance(value, dict):
        return value
    match value:
        case {"$": name, "v": fields}:
            return msgspec.convert(fields, type=_DATACLASSES[name])
        case {"$tuple": items}:
            return tuple(_decoded(item) for item in items)
        case {"$dict": pairs}:
            return {_decoded(k): _decoded(v) for k, v in pairs}
        case {"$time": text}:
            return datetime.fromisoformat(text)
        case {"$error": name, "args": args}:
            return _ERRORS[name](*[_decoded(a) for a in args])
    raise ValueError(f"Not a recorded value: {sorted(value)}.")

"""JSON without its secrets."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

import msgspec

from remediation.masking.rule import counts, kind_of
from remediation.masking.text import mask, may_hold_secrets
from remediation.masking.words import HARMLESS, VARIABLE, WORDS
from remediation.terms import Json

_SENSITIVE_KEY = re.compile(
    rf"(?:(?:{WORDS})s?|^auth|^pass|^pw|authorization|cookie|{VARIABLE}|client-key-data|\.docker(?:cfg|configjson))$", re.IGNORECASE
)
_SENSITIVE_FLAG = re.compile(rf"--?[\w.-]{{0,60}}(?:{WORDS})", re.IGNORECASE)
_REFERENCE = re.compile(rf"(?:{HARMLESS}|$)", re.IGNORECASE)
_LONGEST_NAME = 256  # characters: longer keys are nobody's, and are not remembered
_PLAIN, _HOLDING = (int, float, type(None)), (dict, list, Mapping)  # tuples, made once: this is asked of everything that is read
_HOLDERS = frozenset({"value", "raw", "plain", "plaintext", "current", "data"})


def mask_object(obj: Json) -> Json:
    """Any JSON without secrets: Secret data, values of sensitive variables, flags and keys, and what `mask` finds in a string.

    The very same where nothing in it sounds like one, else a copy.
    """
    if isinstance(obj, str):
        return mask(obj)
    return _masked(obj) if _may_hold_secrets(obj) else obj


def _may_hold_secrets(obj: Json) -> bool:
    """As JSON writes all of it together, whose escapes are a part of no secret's look; words for secrets in its keys count, too."""
    try:
        return may_hold_secrets(msgspec.json.encode(obj).decode())
    except (TypeError, ValueError):  # keys that are no text, halves of a character
        return True


def _masked(obj: Json) -> Json:
    if isinstance(obj, str):
        return mask(obj)
    if isinstance(obj, dict):
        return _mask_mapping(obj)
    if isinstance(obj, list | tuple):
        return _mask_items(obj)
    return _mask_mapping(obj) if isinstance(obj, Mapping) else obj  # asks its abstract class, which takes long


def _mask_mapping(obj: Mapping[str, Json]) -> dict[str, Json]:
    secret = obj.get("kind") == "Secret"
    name = obj.get("name")
    variable = "value" in obj and isinstance(name, str) and isinstance(obj["value"], str) and _is_sensitive(name)
    masked: dict[str, Json] = {}
    for key, value in obj.items():
        if isinstance(value, str):
            sensitive = value and ((variable and key == "value") or _is_sensitive(str(key)))
            masked[key] = _inline(value, str(name) if variable else str(key)) if sensitive else mask(value)
        elif isinstance(value, _PLAIN) or not value:  # a number or a truth is no secret, and nothing is none
            masked[key] = value
        elif secret and key in {"data", "stringData"} and isinstance(value, Mapping):
            masked[key] = dict.fromkeys(value, "[masked:secret_data]")
        elif _is_sensitive(str(key)) and isinstance(value, _HOLDING):
            masked[key] = _masked(_emptied(value, str(key)))
        else:
            masked[key] = _masked(value)
    return masked


def _emptied(value: Json, key: str) -> Json:
    """What a sensitive key holds, without its secrets: `{"value": "x"}`, `["x"]`. A list of `secrets` names objects of the cluster."""
    if isinstance(value, Mapping):
        return {name: _inline(inner, key) if name in _HOLDERS and isinstance(inner, str) else inner for name, inner in value.items()}
    if key.lower().endswith("secrets"):
        return value
    return [_inline(item, key) if isinstance(item, str) else item for item in value]


def _mask_items(items: Sequence[Json]) -> list[Json]:
    """`["--password", "x"]`: what follows a sensitive flag is its value."""
    masked: list[Json] = []
    previous: Json = None
    for item in items:
        flagged = isinstance(previous, str) and isinstance(item, str) and _SENSITIVE_FLAG.fullmatch(previous) and not item.startswith("-")
        masked.append(_inline(item, previous) if flagged else _masked(item))
        previous = item
    return masked


def _is_sensitive(name: str) -> bool:
    return _recurring(name) if len(name) <= _LONGEST_NAME else _sounds_sensitive(name)


def _sounds_sensitive(name: str) -> bool:
    return _SENSITIVE_KEY.search(name) is not None


_recurring = lru_cache(maxsize=4096)(_sounds_sensitive)


def _inline(value: str, name: str) -> str:
    return value if _REFERENCE.match(value) or counts(name, value) else f"[masked:{kind_of(name)}]"

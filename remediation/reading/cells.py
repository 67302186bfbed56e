"""What one cell of a row says: labels, fractions, numbers, ages."""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from remediation.quantities import parse_duration
from remediation.terms import Json

Object = Mapping[str, Json]

# A cell, or a field of a status, that is nothing but a word for trouble.
BAD_WORD = re.compile(
    r"(?:degraded|faulted|unhealthy|failed|failing|error|errored|invalid|offline|unavailable|stalled|red|critical)$", re.IGNORECASE
)

_COUNT = re.compile(r"[0-9]{1,15}")  # what Python reads at once; other digits, and thousands of them, are nobody's count


@lru_cache(maxsize=1024)  # rows have the same few
def age(text: str, now: datetime) -> str:
    """When it was, RFC 3339; empty for what is no age."""
    try:
        return (now - parse_duration(text)).strftime("%Y-%m-%dT%H:%M:%SZ") if text else ""
    except (ValueError, OverflowError):
        return ""


def pairs(text: str) -> dict[str, str]:
    """Labels as `a=b,c=d`."""
    return dict(part.split("=", 1) for part in text.split(",") if "=" in part)


_EXPRESSION = re.compile(
    r"(?P<key>[\w./-]+) (?P<operator>in|notin) \((?P<values>[^()]*)\)|(?P<absent>!?)(?P<alone>[\w./-]+)(?:=(?P<value>[\w.-]*))?"
)
_OPERATORS = {"in": "In", "notin": "NotIn"}


def selector_in(text: str) -> Json:
    """A LabelSelector as it is printed, `a=b,c in (d,e),f,!g`; an empty one, which picks everything, for `<none>`."""
    plain: dict[str, Json] = {}
    expressions: list[Json] = []
    for match in _EXPRESSION.finditer("" if "<none>" in text else text):
        if match["operator"]:
            values = [value.strip() for value in match["values"].split(",")]
            expressions.append({"key": match["key"], "operator": _OPERATORS[match["operator"]], "values": values})
        elif match["value"] is not None:
            plain[match["alone"]] = match["value"]
        else:
            expressions.append({"key": match["alone"], "operator": "DoesNotExist" if match["absent"] else "Exists"})
    return {**({"matchLabels": plain} if plain else {}), **({"matchExpressions": expressions} if expressions else {})}


@lru_cache(maxsize=1024)
def fraction(text: str) -> tuple[int, int]:
    """`1/2`; zeros for what is none."""
    have, _, of = text.partition("/")
    return (int(have), int(of)) if _COUNT.fullmatch(have) and _COUNT.fullmatch(of) else (0, 0)


@lru_cache(maxsize=1024)
def number_of(text: str) -> int:
    """The number that a cell begins with, 0 where it begins with none."""
    match = _COUNT.match(text)
    return int(match[0]) if match else 0

"""Kubernetes quantities: read exactly, written in the canonical form in which an apiserver answers."""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, Decimal, InvalidOperation

_BINARY = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50, "Ei": 2**60}
_EXPONENTS = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_FORM = re.compile(r"^([+-]?(?:\d+\.?\d*|\.\d+))(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][+-]?\d+)?$")
INVALID = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"


def parse(text: object) -> Decimal:
    """The number that a quantity names. Raises ValueError with the apiserver's words."""
    match = _FORM.match(str(text))
    if match is None or isinstance(text, bool):
        raise ValueError(INVALID)
    number, suffix = match.group(1), match.group(2) or ""
    if suffix in _BINARY:
        return Decimal(number) * _BINARY[suffix]
    try:
        return Decimal(number).scaleb(_EXPONENTS[suffix] if suffix in _EXPONENTS else int(suffix[1:]))
    except InvalidOperation as error:
        raise ValueError(INVALID) from error


def canonical(text: object) -> str:
    """The same quantity as an apiserver writes it: `1024Mi` → `1Gi`, `0.5` → `500m`, `1000m` → `1`."""
    value = parse(text)
    return _binary(value) if re.search(r"[KMGTPE]i$", str(text)) else _decimal(value)


def binary(amount: Decimal | int) -> str:
    """Bytes with the largest binary suffix that divides them."""
    return _binary(Decimal(amount))


def _binary(value: Decimal) -> str:
    if value != value.to_integral_value() or abs(value) < 1024:  # noqa: PLR2004 - below 1Ki no binary suffix fits
        return _decimal(value)
    fitting = [(suffix, size) for suffix, size in _BINARY.items() if value % size == 0]
    suffix, size = fitting[-1] if fitting else ("", 1)
    return f"{int(value / size)}{suffix}"


def _decimal(value: Decimal) -> str:
    if value == 0:
        return "0"
    value = value.quantize(Decimal("1e-9"), rounding=ROUND_CEILING)
    fitting = [(s, e) for s, e in _EXPONENTS.items() if value.scaleb(-e) == value.scaleb(-e).to_integral_value()]
    suffix, exponent = max(fitting, key=lambda pair: pair[1])
    return f"{int(value.scaleb(-exponent))}{suffix}"

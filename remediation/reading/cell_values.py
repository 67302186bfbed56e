"""What one cell of an export holds: a structure in JSON or as Python prints it, a moment, an amount with its unit."""

import math
import re
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache

import msgspec

from remediation.quantities import parse_time
from remediation.terms import Json

_TOKEN = re.compile(r"'((?:[^'\\]|\\.)*)(?:'|\\?\Z)|(\"(?:[^\"\\]|\\.)*(?:\"|\\?\Z))|\b(True|False|None|nan)\b")
_WORDS = {"True": "true", "False": "false", "None": "null", "nan": "null"}
_ESCAPED = re.compile(r"\\x([0-9a-fA-F]{2})|\\U([0-9a-fA-F]{8})|\\'|\\.|\"")
_UNESCAPED = re.compile(r"\\([\\tn'])")
_CHARACTERS = {"\\": "\\", "t": "\t", "n": "\n", "'": "'"}
_LOCAL = ("%m/%d/%Y, %I:%M:%S.%f %p", "%m/%d/%Y, %I:%M:%S %p", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%b %d, %Y @ %H:%M:%S.%f",
          "%b %d, %Y, %H:%M:%S", "%d/%b/%Y:%H:%M:%S %z", "%Y-%m-%d %H:%M:%S.%f UTC", "%Y-%m-%d %H:%M:%S UTC")  # fmt: skip
_EPOCH = re.compile(r"\d{9,11}(?:\.\d{1,12})?|\d{12,20}")
_PER_SECOND = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3), (0.0, 1.0))  # from which size on an epoch is in which unit
_AMOUNT = re.compile(r"([-+]?(?:\d[\d,]*)?\.?\d+(?:[eE][-+]?\d+)?)\s?([A-Za-zµ%/]{0,12})")
_UNITS = {"": 1.0, "%": 1.0, "s": 1.0, "ms": 1e-3, "µs": 1e-6, "us": 1e-6, "ns": 1e-9, "min": 60.0, "mins": 60.0, "hour": 3600.0,
          "B": 1.0, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40, "kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9, "Bil": 1e9,
          "K": 1e3, "k": 1e3, "Mil": 1e6, "m": 1e-3, "c/s": 1.0, "req/s": 1.0, "ops/s": 1.0, "reqps": 1.0, "B/s": 1.0, "kB/s": 1e3,
          "MB/s": 1e6, "Bytes": 1.0, "bytes": 1.0, "cores": 1.0, "Percent": 1.0, "Count": 1.0}  # fmt: skip


def structure_of(cell: str) -> Json:
    """The mapping or list that a cell holds: JSON, JSON whose backslashes were escaped once more, or a literal of Python; else None."""
    text = cell.strip()
    if text[:1] not in ("{", "[") or text[-1:] not in ("}", "]"):
        return None
    for written in _readings(text):
        try:
            return msgspec.json.decode(written)
        except (msgspec.DecodeError, RecursionError, UnicodeError):
            continue
    return None


def _readings(text: str) -> Iterator[str]:
    """The text as JSON, each attempt only when the one before failed."""
    yield text
    yield _UNESCAPED.sub(lambda match: _CHARACTERS[match[1]], text)
    yield _TOKEN.sub(_token, text)


def mapping_of(cell: str) -> Mapping[str, Json]:
    """The same where it is a mapping, else an empty one."""
    read = _attributes(cell)
    return read if isinstance(read, Mapping) else {}


@lru_cache(maxsize=4096)  # rows of one sender have the same
def _attributes(cell: str) -> Json:
    return structure_of(cell)


def _token(match: re.Match[str]) -> str:
    if match[3]:
        return _WORDS[match[3]]
    inner = match[1] if match[1] is not None else match[2][1:-1]
    return f'"{_ESCAPED.sub(_character, inner)}"'


def _character(match: re.Match[str]) -> str:
    """What Python escapes as JSON escapes it."""
    if match[1] or match[2]:
        code = int(match[1] or match[2], 16)
        return msgspec.json.encode(chr(code)).decode()[1:-1] if code < sys.maxunicode else ""
    return {"\\'": "'", '"': '\\"'}.get(match[0], match[0])


@lru_cache(maxsize=65_536)  # of a table of metrics each stands in many rows
def seconds_of(cell: str) -> float | None:
    """A moment as epoch seconds: RFC 3339, as spreadsheets and dashboards write it, or an epoch in any unit; None for what is none."""
    text = cell.strip()
    if _EPOCH.fullmatch(text):
        number = float(text)
        return number / next(unit for least, unit in _PER_SECOND if number >= least)
    if len(text) < 8 or not any(map(str.isdigit, text)):  # noqa: PLR2004 - shorter than any date
        return None
    try:
        return parse_time(text).timestamp()
    except (ValueError, OverflowError):
        return next((at for form in _LOCAL if (at := _by_form(text, form)) is not None), None)


def _by_form(text: str, form: str) -> float | None:
    try:
        read = datetime.strptime(text, form)  # noqa: DTZ007 - what has no zone is UTC
    except ValueError:
        return None
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()


@lru_cache(maxsize=4096)
def stamp_of(cell: str) -> str:
    """A moment as RFC 3339 with its fraction; empty for what is none."""
    at = seconds_of(cell)
    return datetime.fromtimestamp(at, tz=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if at is not None else ""


def amount_of(cell: str) -> float | None:
    """A number, in base units where a unit that dashboards write stands behind it; None for anything else."""
    try:
        number = float(cell)
    except ValueError:
        match = _AMOUNT.fullmatch(cell.strip())
        if match is None or match[2] not in _UNITS:
            return None
        number = float(match[1].replace(",", "")) * _UNITS[match[2]]
    return number if math.isfinite(number) else None

"""Quantities, durations, ages and times as Kubernetes and its tools write them: one reader each for live objects, printed text and files.

Every reader raises ValueError with what is wrong and how it should look.
"""

import re
from datetime import UTC, datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import TypeAlias

Number: TypeAlias = str | int | float | Decimal

_BINARY = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "Pi": 2**50, "Ei": 2**60}
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?\d{1,3}|[numkMGTPE])?")
_LONGEST_QUANTITY = 60  # characters: a hundred bits have thirty digits
_NANO = Decimal("1e-9")  # Kubernetes keeps no finer unit; anything below is rounded up

_DURATION = re.compile(r"[+-]?(?:\d{1,15}(?:\.\d{1,15})?(?:ns|us|µs|μs|ms|s|m|h|d|w|y))+")
_DURATION_PART = re.compile(r"(\d{1,15}(?:\.\d{1,15})?)(ns|us|µs|μs|ms|s|m|h|d|w|y)")
_SECONDS = {
    "ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000,
}  # fmt: skip
_EPOCH = re.compile(r"\d{9,13}(?:\.\d+)?")
_FRACTION = re.compile(r"(?<=:\d\d)([.,]\d{6})\d+")  # Go writes nanoseconds, Python reads microseconds
_MILLISECONDS_FROM = 100_000_000_000  # an epoch this large counts milliseconds: as seconds it would be the year 5138


def parse(quantity: Number) -> Decimal:
    """The number that a quantity names: `512Mi`, `0.5`, `250m`, `1e3`, `1G`, 2. Exact to a billionth, rounded up there."""
    return _recurring(quantity) if isinstance(quantity, str) else _parsed(quantity)


def _parsed(quantity: Number) -> Decimal:
    text = str(quantity).strip()
    match = _QUANTITY.fullmatch(text) if len(text) <= _LONGEST_QUANTITY else None
    if match is None or isinstance(quantity, bool):
        raise ValueError(f"{text[:80]!r} is not a Kubernetes quantity; write it like 512Mi, 250m, 0.5 or 2.")
    number, suffix = Decimal(match[1]), match[2] or ""
    if suffix in _BINARY:
        number *= _BINARY[suffix]
    else:
        number = number.scaleb(_DECIMAL[suffix] if suffix in _DECIMAL else int(suffix[1:]))
    return number if number == number.to_integral_value() else number.quantize(_NANO, rounding=ROUND_CEILING)


_recurring = lru_cache(maxsize=1024)(_parsed)  # the same few requests and limits are read by all who weigh a change


def parse_memory(quantity: Number) -> int:
    """Bytes, rounded up to a whole one."""
    return int(parse(quantity).to_integral_value(rounding=ROUND_CEILING))


def parse_cpu(quantity: Number) -> Decimal:
    """Cores: `250m` is 0.25."""
    return parse(quantity)


def equal(one: object, other: object) -> bool:
    """Whether two quantities name the same number (`1Gi` and `1024Mi`); what is no quantity is equal only to itself."""
    if one == other:
        return True
    try:
        return parse(_number(one)) == parse(_number(other))
    except ValueError:
        return False


def _number(value: object) -> Number:
    if isinstance(value, str | int | float | Decimal) and not isinstance(value, bool):
        return value
    raise ValueError(f"{type(value).__name__} is not a quantity")


def format_memory(size: float | Decimal, like: str = "") -> str:
    """Bytes as the API server writes them: `512Mi`, `1Gi`, `1500Mi`, with the largest suffix that loses nothing.

    like: a quantity whose kind of suffix is kept (`1G` gives decimal suffixes), so that a changed line still looks like its author's.
    """
    whole = int(Decimal(size).to_integral_value(rounding=ROUND_CEILING))
    suffixes = {s: 10**e for s, e in _DECIMAL.items() if e > 0} if re.search(r"[kMGTPE]$", like) else _BINARY
    fitting = [suffix for suffix, unit in suffixes.items() if whole and whole % unit == 0]
    suffix = fitting[-1] if fitting else ""
    return f"{whole // suffixes[suffix] if suffix else whole}{suffix}"


def format_cpu(cores: float | Decimal) -> str:
    """Cores as the API server writes them, rounded up to a thousandth: `250m`, `2`."""
    thousandths = int((Decimal(str(cores)) * 1000).to_integral_value(rounding=ROUND_CEILING))
    return f"{thousandths // 1000}" if thousandths % 1000 == 0 else f"{thousandths}m"


def about_memory(size: float) -> str:
    """Bytes for people, to three figures: `247Mi`, `1.5Gi`, `900 bytes`."""
    for suffix in ("Gi", "Mi", "Ki"):
        if abs(size) >= _BINARY[suffix]:
            return f"{float(f'{size / _BINARY[suffix]:.3g}'):g}{suffix}"
    return f"{size:g} bytes"


def parse_duration(text: str) -> timedelta:
    """A Go or Prometheus duration, or an age that kubectl prints: `300ms`, `1h2m3.5s`, `5d3h`, `2y`. A bare number counts seconds."""
    text = text.strip()
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        return timedelta(seconds=float(text))
    if not _DURATION.fullmatch(text):
        raise ValueError(f"{text[:80]!r} is not a duration; write it like 300ms, 5m or 1h30m.")
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in _DURATION_PART.findall(text))
    try:
        return timedelta(seconds=-seconds if text.startswith("-") else seconds)
    except OverflowError as error:
        raise ValueError(f"{text[:80]!r} is longer than a duration can be.") from error


def format_duration(span: timedelta) -> str:
    """A span as kubectl prints ages: its two largest units, `5d3h`, `12m`, `45s`."""
    seconds = max(0, int(span.total_seconds()))
    parts: list[tuple[int, str]] = []
    for unit in ("d", "h", "m", "s"):
        count, seconds = divmod(seconds, int(_SECONDS[unit]))
        if count or parts:
            parts.append((count, unit))
    return "".join(f"{count}{unit}" for count, unit in parts[:2] if count) or "0s"


def parse_time(moment: str | float) -> datetime:
    """A moment, aware, UTC: RFC 3339 with any fraction, as `kubectl describe` writes it, or an epoch in seconds or milliseconds.

    A time without a zone is taken as UTC.
    """
    if isinstance(moment, int | float) or _EPOCH.fullmatch(moment.strip()):
        return _epoch(float(moment))
    text = moment.strip()
    try:
        read = datetime.fromisoformat(_FRACTION.sub(r"\1", text))
    except ValueError:
        read = _mail_time(text)
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def _epoch(number: float) -> datetime:
    try:
        return datetime.fromtimestamp(number / 1000 if number >= _MILLISECONDS_FROM else number, tz=UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise ValueError(f"{number} is not an epoch in seconds or milliseconds.") from error


def _mail_time(text: str) -> datetime:
    try:
        return parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError) as error:
        raise ValueError(f"{text[:80]!r} is not a time; write it like 2026-01-31T15:04:05Z.") from error

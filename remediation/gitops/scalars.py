"""How a scalar is written: in the style of the one it replaces, quoted where some YAML reader would take it for something else."""

import json
import re
from collections import Counter
from collections.abc import Iterator

import yaml

from remediation.gitops.document import scalar
from remediation.gitops.fieldpath import Path
from remediation.terms import Json

# What YAML 1.1, YAML 1.2 or Go's reader takes for a boolean, null, number, time or merge key when it stands without quotes.
_WORDS = re.compile(r"y|n|yes|no|true|false|on|off|null|~|<<|=|[-+]?\.(?:inf|nan)", re.IGNORECASE)
_NUMBER = re.compile(
    r"[-+]?(?:0[box][0-9a-f_]+|[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?|\.?[0-9][0-9_]*\.?[0-9_]*(?:e[-+]?[0-9]+)?)", re.IGNORECASE
)
_TIME = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt \t].*)?")
_NOT_FIRST = "?:,[]{}#&*!|>'\"%@`"  # a leading - is checked apart: --flag may stand bare
_UNSAFE = re.compile(r"[^\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u2028\u2029\ufeff]")
_OPPOSITES = {"true": "false", "yes": "no", "on": "off"}
_BOOLEANS = frozenset({*_OPPOSITES, *_OPPOSITES.values()})
_PLAIN_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?")
_NUMBER_OR_TEXT = frozenset({"port", "targetPort", "maxSurge", "maxUnavailable", "minAvailable"})
_OCTAL = re.compile(r"0o?[0-7]+")


def coerced(value: Json, now: Json, field: Path = ()) -> Json:
    """The value in the type of the scalar that stands there: a number stays a number, text stays text; else as it is given.

    Where a number and a text mean two things, as in a `targetPort` (a name) and `maxSurge` (a share), it is as it is given.
    """
    if field[-1:] and field[-1] in _NUMBER_OR_TEXT:
        return value
    if isinstance(now, str) and isinstance(value, bool | int | float):
        return number(value) if not isinstance(value, bool) else str(value).lower()
    if isinstance(now, bool) and isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if isinstance(now, int | float) and not isinstance(now, bool) and isinstance(value, str) and _PLAIN_NUMBER.fullmatch(value):
        return float(value) if "." in value else int(value)
    return value


def may_be_number(now: str, field: Path) -> bool:
    """Whether a number may stand there as well as this text: a port's number for its name, a count for a share."""
    return field[-1:] != () and field[-1] in _NUMBER_OR_TEXT and not _PLAIN_NUMBER.fullmatch(now)


def number(value: float) -> str:
    """A number as every YAML reader takes it for the same number."""
    text = repr(value)
    return re.sub(r"^(-?\d+)e", r"\1.0e", text)


def bare(text: str, *, flow: bool) -> bool:
    """Whether the text may stand without quotes, and means itself to every reader."""
    if not text or _WORDS.fullmatch(text) or _NUMBER.fullmatch(text) or _TIME.fullmatch(text) or _UNSAFE.search(text):
        return False
    if text[0] in _NOT_FIRST or text[0] == " " or text[-1] in " :" or text.startswith(("---", "...")) or text == "-":
        return False
    if text.startswith("- ") or ": " in text or " #" in text:
        return False
    return not flow or not re.search(r"[,\[\]{}]", text)


def json_text(value: Json) -> str:
    """As JSON in one line, with escapes that YAML reads alike."""
    return _UNSAFE.sub(lambda odd: json.dumps(odd[0])[1:-1], json.dumps(value, ensure_ascii=False))


def single_quoted(text: str) -> str | None:
    """In single quotes; None where it holds what they cannot."""
    return None if _UNSAFE.search(text) else "'" + text.replace("'", "''") + "'"


def written(value: Json, *, flow: bool = False, quote: str = '"', as_json: bool = False) -> str:
    """A new scalar (or an empty map or list), where none stood."""
    if as_json or value in ({}, []):
        return json_text(value)
    if isinstance(value, str):
        return value if bare(value, flow=flow) else quoted(value, quote)
    if isinstance(value, bool):
        return "true" if value else "false"
    return "null" if value is None else number(value)


def quoted(text: str, quote: str) -> str:
    """In the given quotes where they can hold it, else in double ones."""
    return (single_quoted(text) if quote == "'" else None) or json_text(text)


def rewritten(value: Json, node: yaml.ScalarNode, raw: str, *, flow: bool, quote: str, as_json: bool) -> Iterator[str]:
    """How `value` may be written where `raw` stands, best first; quoted text keeps its quotes, octals stay octal, `yes` becomes `no`."""
    if as_json:
        yield json_text(value)
    elif isinstance(value, str) and node.style in ("'", '"'):
        yield quoted(value, node.style)
        yield json_text(value)
    elif value == "=" and not node.style:
        yield value  # a matcher's operator: text to Kubernetes' tools, and written bare by people
    elif isinstance(value, bool) and isinstance(scalar(node), bool) and raw.lower() in _BOOLEANS:
        yield _boolean(value, raw)
    elif isinstance(value, int) and not isinstance(value, bool) and value >= 0 and _OCTAL.fullmatch(raw) and raw != "0":
        yield ("0o" if raw.startswith("0o") else "0") + f"{value:o}".zfill(len(raw.removeprefix("0o")) - (not raw.startswith("0o")))
    elif isinstance(value, int) and not isinstance(value, bool) and raw.lower().startswith("0x"):
        yield f"0x{value:X}" if raw[2:].upper() == raw[2:] else f"0x{value:x}"
    yield written(value, flow=flow, quote=quote, as_json=as_json)


def _boolean(value: bool, raw: str) -> str:
    words = next(pair for pair in _OPPOSITES.items() if raw.lower() in pair)
    word = words[0] if value else words[1]
    return word.upper() if raw.isupper() else word.capitalize() if raw[0].isupper() else word


def favourite_quote(text: str) -> str:
    """The quotes that a document prefers: double ones unless single ones open values more often."""
    opens = Counter(re.findall(r"(?:[:\-,\[{] *)(['\"])", text))
    return "'" if opens["'"] > opens['"'] else '"'

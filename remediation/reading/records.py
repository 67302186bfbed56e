"""Things that a tool prints side by side, whatever the tool: the entries of JSON lists and the rows of tables that say how each one is."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from remediation.reading.documents import documents
from remediation.terms import Json

_STATE = re.compile(r"(?:status|state|health|healthy|phase|condition|ready|available|alive)(?:[_ ]?(?:str|text|name))?$", re.IGNORECASE)
_COLUMN = re.compile(
    r"(?:[\w ]{1,20} )?(?:status|state|health|healthy|phase|condition|ready|available|alive|active|synced|result)", re.IGNORECASE
)
_YES_OR_NO = re.compile(r"(?:health|healthy|ready|available|alive|up)$", re.IGNORECASE)  # where 1 and 0 mean that
_ERROR = re.compile(r"^(?:last|current)?[_ ]?(?:error|failure|err)[_ ]?(?:message|msg|text)?$", re.IGNORECASE)
_SAID = re.compile(r"(?:message|msg|reason|details?|description)$", re.IGNORECASE)
_NAMES = ("name", "id", "node", "host", "member", "instance", "component", "service", "shard", "queue", "topic", "broker", "key", "title")
_TITLE = r"[A-Z][\w%()./#-]*"
_HEADER = re.compile(rf"\s*{_TITLE}(?:\s+{_TITLE})+\s*")
_CELL = re.compile(r"\S+(?: \S+)*")
_RULE = re.compile(r"[\s+|=:-]*")
_MOST_LINES = 20_000
_DEEPEST = 8


@dataclass(frozen=True, kw_only=True)
class Record:
    """One of them. states: what says how it is, by the field's name.  error: what went wrong, empty for nothing.  said: the rest."""

    name: str
    states: Mapping[str, str]
    error: str = ""
    said: str = ""


def groups(text: str) -> Iterator[Sequence[Record]]:
    """The records of each list and table of a text that say how they are, a document by itself too; what is no JSON may hold tables."""
    if text.lstrip()[:1] in ("{", "["):
        found = documents(text)
        yield from filter(_tells, _in(list(found) if len(found) > 1 else found[0] if found else None, 0))
        yield from filter(_tells, ([_entry("", one)] for one in found if len(found) == 1 and isinstance(one, Mapping)))
    else:
        yield from filter(_tells, _tables(text.splitlines()[:_MOST_LINES]))


def _tells(group: Sequence[Record]) -> bool:
    return any(record.states for record in group)


def _in(value: Json, depth: int) -> Iterator[Sequence[Record]]:
    if depth > _DEEPEST or not isinstance(value, dict | list):
        return
    named = [(key, one) for key, one in value.items()] if isinstance(value, dict) else [("", one) for one in value]
    bare = [(key, one[0] if isinstance(one, list) and len(one) == 1 else one) for key, one in named]
    inner = [(key, one) for key, one in bare if isinstance(one, Mapping)]
    if len(inner) > 1:
        yield [_entry(str(key), one) for key, one in inner]
    for _, one in named:
        yield from _in(one, depth + 1)


def _entry(key: str, entry: Mapping[str, Json]) -> Record:
    flags = {str(field): bool(value) for field, value in entry.items() if value in (0, 1) and _YES_OR_NO.search(str(field))}
    texts = {str(field): _text(value) for field, value in ({**entry, **flags}).items() if isinstance(value, str | bool)}
    states = {field: value for field, value in texts.items() if _STATE.search(field) and value}
    told = (field for field, value in texts.items() if value[:1].isalpha() and not (_STATE.search(field) or _SAID.search(field)))
    plain = next((texts[field] for field in told if not _ERROR.match(field)), "")
    name = next((texts[field] for field in _NAMES if texts.get(field)), "") or key or plain
    error = next((value for field, value in texts.items() if _ERROR.match(field) and value), "")
    return Record(
        name=name, states=states, error=error, said=next((said for field, said in texts.items() if _SAID.search(field) and said), "")
    )


def _text(value: str | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else "" if value.lower() in ("none", "null", "-", "n/a", "ok") else value.strip()


def _tables(lines: Sequence[str]) -> Iterator[Sequence[Record]]:
    """The tables whose header names a column that says how each row is."""
    at = 0
    while at < len(lines):
        cells = _cells(lines[at])
        if not any(map(_COLUMN.fullmatch, cells)):
            at += 1
            continue
        end = next((below for below in range(at + 1, len(lines)) if not lines[below].strip()), len(lines))
        yield _rows(cells, lines[at:end])
        at = end


def _cells(line: str) -> Sequence[str]:
    """The titles of a header, empty for a line that is none."""
    if "|" in line:
        return [cell.strip() for cell in line.strip().strip("|").split("|")]
    return _CELL.findall(line) if _HEADER.fullmatch(line) else ()


def _rows(titles: Sequence[str], lines: Sequence[str]) -> Sequence[Record]:
    body = [line for line in lines[1:] if not _RULE.fullmatch(line)]
    if "|" in lines[0]:
        rows: Sequence[Mapping[str, str]] = [dict(zip(titles, _cells(line), strict=False)) for line in body if "|" in line]
    else:
        places = [match.start() for match in _CELL.finditer(lines[0])]
        rows = [dict(zip(titles, _cut(line, places), strict=False)) for line in body]
    return [_row(row) for row in rows]


def _cut(line: str, places: Sequence[int]) -> Sequence[str]:
    """A row's cells: below their titles, or where two blanks stand if it is out of line."""
    if any(0 < at <= len(line) and line[at - 1] != " " for at in places):
        return re.split(r"\s{2,}", line.strip())
    return [line[at:end].strip() for at, end in zip(places, [*places[1:], len(line)], strict=True)]


def _row(row: Mapping[str, str]) -> Record:
    states = {title: cell for title, cell in row.items() if _COLUMN.fullmatch(title) and cell}
    name = next((cell for title, cell in row.items() if title not in states and cell), "")
    error = next((cell for title, cell in row.items() if _ERROR.match(title) and _text(cell)), "")
    return Record(name=name, states=states, error=error, said=next((row[title] for title in row if _SAID.search(title)), ""))

"""Datadog's search language for logs and events: words, "phrases", `key:value`, `@path:>=5`, ranges, AND OR NOT, brackets."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from math import inf
from typing import Any

TOKEN = re.compile(
    r"""\s*(?:(?P<bracket>[()])
        | (?P<word>-?(?:[@\w.\-*/]+:)?(?:"(?:[^"\\]|\\.)*" | [\[{][^\]}]*[\]}] | \((?=[^()]*\)) [^()]*\) | [^\s()"]+)))""",
    re.VERBOSE,
)
RANGE = re.compile(r"[\[{]\s*(\S+)\s+TO\s+(\S+)\s*[\]}]")
NUMBER = re.compile(r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?")
COMPARED = re.compile(r"(>=|<=|>|<)(-?[\d.]+)")


class BadSearch(Exception):
    """The search does not read; the message says where."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """What can be searched. fields: by name without @; a list where a name has several values; text: the message."""

    text: str
    fields: Mapping[str, Any]
    tags: Sequence[str]


Test = Callable[[Item], bool]


def search(query: str) -> Test:
    """The test that a query stands for; an empty one or `*` takes all. Raises BadSearch."""
    tokens = _tokens(query)
    if not tokens:
        return lambda _item: True
    reader = _Reader(tokens)
    test = reader.any_of()
    if reader.next is not None:
        raise BadSearch(f"unexpected {reader.next!r}")
    return test


def _tokens(query: str) -> list[str]:
    tokens, at = [], 0
    text = query.strip()
    while at < len(text):
        found = TOKEN.match(text, at)
        if found is None or found.end() == at:
            raise BadSearch(f"unable to parse at {text[at:]!r}")
        tokens.append(found[0].strip())
        at = found.end()
    return tokens


class _Reader:
    """Recursive descent: OR binds weakest, what stands side by side is AND."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._at = 0

    @property
    def next(self) -> str | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def take(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1]

    def any_of(self) -> Test:
        tests = [self.all_of()]
        while self.next == "OR":
            self.take()
            tests.append(self.all_of())
        return tests[0] if len(tests) == 1 else lambda item: any(test(item) for test in tests)

    def all_of(self) -> Test:
        tests = [self.one()]
        while self.next not in (None, ")", "OR"):
            if self.next == "AND":
                self.take()
            tests.append(self.one())
        return tests[0] if len(tests) == 1 else lambda item: all(test(item) for test in tests)

    def one(self) -> Test:
        token = self.next
        if token is None or token in (")", "OR", "AND"):
            raise BadSearch(f"something is missing before {token!r}" if token else "something is missing at the end")
        self.take()
        if token == "NOT":
            inner = self.one()
            return lambda item: not inner(item)
        if token == "(":
            inside = self.any_of()
            if self.next != ")":
                raise BadSearch("a bracket is not closed")
            self.take()
            return inside
        return _term(token)


def _term(token: str) -> Test:
    if token.startswith("-") and len(token) > 1:
        inner = _term(token[1:])
        return lambda item: not inner(item)
    key, colon, value = token.partition(":")
    if not colon or token.startswith('"'):
        return _in_text(_unquoted(token))
    if value.startswith("(") and value.endswith(")"):
        choices = [_term(f"{key}:{choice}") for choice in re.split(r"\s+OR\s+", value[1:-1].strip())]
        return lambda item: any(choice(item) for choice in choices)
    return _field(key, value)


def _in_text(word: str) -> Test:
    if word == "*":
        return lambda _item: True
    pattern = word.lower()
    if "*" in pattern:
        return lambda item: fnmatchcase(item.text.lower(), f"*{pattern}*")
    return lambda item: pattern in item.text.lower()


def _field(key: str, value: str) -> Test:
    name, wanted = key.removeprefix("@"), _unquoted(value)
    if span := RANGE.fullmatch(value):
        low, high = _numbers([span[1]]) or [-inf], _numbers([span[2]]) or [inf]
        return lambda item: any(low[0] <= number <= high[0] for number in _numbers(_values(item, name)))
    if compared := COMPARED.fullmatch(value):
        return _comparison(name, compared[1], float(compared[2]))
    pattern = wanted.lower()
    return lambda item: any(fnmatchcase(str(known).lower(), pattern) for known in _values(item, name))


def _comparison(name: str, sign: str, bound: float) -> Test:
    compare: dict[str, Callable[[float], bool]] = {
        ">=": lambda number: number >= bound,
        "<=": lambda number: number <= bound,
        ">": lambda number: number > bound,
        "<": lambda number: number < bound,
    }
    return lambda item: any(compare[sign](number) for number in _numbers(_values(item, name)))


def _values(item: Item, name: str) -> list[Any]:
    """What the item says under this name: a field, a path into nested attributes, or tags."""
    if name == "message":
        return [item.text]
    found: Any = item.fields.get(name)
    if found is None:
        found = item.fields
        for step in name.split("."):
            found = found.get(step) if isinstance(found, Mapping) else None
    values = found if isinstance(found, list) else [] if found is None else [found]
    prefix = f"{name}:"
    return [*values, *(tag.removeprefix(prefix) for tag in item.tags if tag.startswith(prefix))]


def _numbers(values: Sequence[Any]) -> list[float]:
    return [float(str(value)) for value in values if NUMBER.fullmatch(str(value))]


def _unquoted(text: str) -> str:
    return text[1:-1].replace('\\"', '"') if len(text) > 1 and text[0] == text[-1] == '"' else text.replace("\\", "")

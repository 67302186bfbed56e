"""What a text must hold for a pattern to match it: literals, which are looked for a hundred times as quickly as the pattern is tried."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

from pydantic_core import SchemaValidator, core_schema

Literals = frozenset[str]

_GROUP = re.compile(r"\(\?P<\w+>")
_SHORTEST = 3  # letters of a literal that is worth looking for


def needed(pattern: str) -> Literals | None:
    """Lower-case literals of which every text that the pattern matches holds one, whatever its case; None where there are none such."""
    return _of(parser.parse(pattern))


def may_match(pattern: re.Pattern[str], text: str) -> bool:
    """Whether a text holds what the pattern needs: asked of long texts and many lines, before the pattern is tried."""
    return _test(pattern)(text)


@lru_cache(maxsize=64)
def _test(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    literals = needed(_GROUP.sub("(?:", pattern.pattern))
    return holding(literals) if literals else lambda _: True


def holding(literals: Collection[str]) -> Callable[[str], bool]:
    """A test of whether a text holds one of these lower-case literals, whatever its case.

    It reads a text once for all of them, by the automaton that Rust makes of a pattern: of many literals in a tenth of the time.
    """
    either = "|".join(map(re.escape, filter(str.isascii, literals))) or r"[^\s\S]"
    automaton = SchemaValidator(core_schema.str_schema(pattern=f"(?i){either}", regex_engine="rust-regex")).isinstance_python

    def holds(text: str) -> bool:
        return automaton(text) if text.isascii() else any(map(text.lower().__contains__, literals))

    return holds


def _of(parts: Iterable[Any]) -> Literals | None:
    """The most telling of what parts that follow each other need."""
    found = [literals for literals in _each(parts) if min(map(len, literals)) >= _SHORTEST]
    return max(found, key=lambda literals: (min(map(len, literals)), -len(literals)), default=None)


def _each(parts: Iterable[Any]) -> Iterator[Literals]:
    run = ""
    for code, told in _flat(parts):
        letter = _letter(code, told)
        if letter or code in (codes.AT, codes.ASSERT_NOT):
            run += letter
            continue
        if run:
            yield frozenset({run})
        run = ""
        inner = _inner(code, told)
        if inner is not None:
            yield inner
    if run:
        yield frozenset({run})


def _flat(parts: Iterable[Any]) -> Iterator[Any]:
    """Groups are as good as what they hold."""
    for code, told in parts:
        if code is codes.SUBPATTERN:
            yield from _flat(told[-1])
        else:
            yield code, told


def _letter(code: Any, told: Any) -> str:
    """The one letter that this stands for, in whichever case; else nothing."""
    if code is codes.LITERAL:
        return chr(told).lower()
    letters = {chr(value).lower() if kind is codes.LITERAL else "" for kind, value in told} if code is codes.IN else set()
    return letters.pop() if len(letters) == 1 else ""


def _inner(code: Any, told: Any) -> Literals | None:
    """What a choice or a repetition needs: of a choice one of each."""
    if code is codes.BRANCH:
        each: Sequence[Literals | None] = [_of(branch) for branch in told[1]]
        return frozenset().union(*(one for one in each if one is not None)) if None not in each else None
    if code in (codes.MAX_REPEAT, codes.MIN_REPEAT) and told[0] > 0:
        return _of(told[2])
    return None

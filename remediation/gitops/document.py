"""One document of a YAML or JSON file: its text, its nodes with their places, and the plain object that it means.

Files are cut at their `---` lines, so that a document can be read though its neighbour is a template that no library loads. Values are
resolved as Kubernetes' own tools do: YAML 1.1 words are booleans, 017 is octal, times and 1:30 are text, keys are text.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import yaml

from remediation.errors import Unreadable
from remediation.nesting import too_deep
from remediation.terms import Json

MERGE = "tag:yaml.org,2002:merge"
_TAG = "tag:yaml.org,2002:"
_TRUE = frozenset({"yes", "true", "on"})
_BOUNDARY = re.compile(r"^(?:---|\.\.\.)(?=[ \t\r\n]|\Z)[^\n]*\n?", re.MULTILINE)
_NO_CONTENT = re.compile(r"(?:[ \t]*(?:#[^\n]*|%[^\n]*)?\r?\n)*[ \t]*(?:#[^\n]*)?\Z")
_TAIL_TABS = re.compile(r"(?<![ \t])(?= *\t)[ \t]++(?=\r?$|#)", re.MULTILINE)
_LARGEST = 1_000_000  # values in one document, aliases counted as often as they are used


class Loader(yaml.CSafeLoader):
    """libyaml's parser with the resolver of Kubernetes' tools."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML reads it from the class


for _kind, _form, _first in (
    ("bool", r"yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF", "yYnNtTfFoO"),
    ("int", r"[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|0|[1-9][0-9_]*)", "-+0123456789"),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("merge", r"<<", "<"),
):
    Loader.add_implicit_resolver(_TAG + _kind, re.compile(rf"(?:{_form})\Z"), list(_first))


def decoded(content: bytes) -> str:
    """The file's text, byte-order mark included. Raises Unreadable when it is not UTF-8."""
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise Unreadable(f"The file is not UTF-8 (byte {error.start}).", "Write it as UTF-8.") from error


@lru_cache(maxsize=32)
def spans(text: str) -> Sequence[tuple[int, int]]:
    """Where each document of a file begins and ends; comments and directives before a `---` belong to the document after it."""
    begin = 1 if text.startswith("\ufeff") else 0
    found: list[tuple[int, int]] = []
    for boundary in _BOUNDARY.finditer(text, begin):
        closes = text.startswith("...", boundary.start())
        until = boundary.end() if closes else boundary.start()
        if closes or not _NO_CONTENT.match(text, begin, until):
            found.append((begin, until))
            begin = until
    if not found or not _NO_CONTENT.match(text, begin):
        found.append((begin, len(text)))
    return tuple(found)


@dataclass(frozen=True)
class Document:
    """Nodes know their places as characters of `text`. value: the plain object."""

    text: str
    root: yaml.Node

    @cached_property
    def value(self) -> Json:
        """What the document means. Raises Unreadable when no plain object can be made of it."""
        return _Plain().of(self.root)

    @cached_property
    def uses(self) -> Counter[int]:
        """How many places lead to each node (by id): more than one where an anchor is used again."""
        found: Counter[int] = Counter()
        waiting = [self.root]
        while waiting:
            for child in children(waiting.pop()):
                found[id(child)] += 1
                if found[id(child)] == 1:
                    waiting.append(child)
        return found

    @cached_property
    def is_json(self) -> bool:
        """Whether the document is JSON, so that what is written into it must be JSON too."""
        if not isinstance(self.root, yaml.CollectionNode) or not self.root.flow_style:
            return False
        try:
            json.loads(self.text)
        except ValueError:
            return False
        return True


def children(node: yaml.Node) -> Iterator[yaml.Node]:
    """The nodes right under this one."""
    match node:
        case yaml.MappingNode():
            for key, value in node.value:
                yield key
                yield value
        case yaml.SequenceNode():
            yield from node.value


@lru_cache(maxsize=16)  # one edit reads the same few documents many times
def read(text: str) -> Document:
    """One document. Raises Unreadable with the line that does not parse."""
    try:
        return Document(text, _composed(text))
    except yaml.YAMLError as error:
        # Kubernetes' parser takes tabs at the end of a line, libyaml does not; places stay where they are.
        repaired = _TAIL_TABS.sub(lambda tabs: " " * len(tabs[0]), text)
        if repaired == text:
            raise _unreadable(error) from error
    try:
        return Document(text, _composed(repaired))
    except yaml.YAMLError as error:
        raise _unreadable(error) from error


def _composed(text: str) -> yaml.Node:
    if too_deep(text):
        raise Unreadable("The document is nested too deeply.")
    try:
        root = yaml.compose(text, Loader=Loader)
    except RecursionError as error:
        raise Unreadable("The document is nested too deeply.") from error
    if root is None:
        raise Unreadable("The document is empty.")
    return root


def _unreadable(error: yaml.YAMLError) -> Unreadable:
    mark = getattr(error, "problem_mark", None)
    where = f" at line {mark.line + 1}" if mark else ""
    return Unreadable(f"The document is not YAML: {getattr(error, 'problem', None) or error}{where}.")


class _Plain:
    """Nodes to plain values; each shared node is made once, and counted as often as it is used."""

    def __init__(self) -> None:
        self._made: dict[int, tuple[Json, int]] = {}
        self._making: set[int] = set()

    def of(self, node: yaml.Node) -> Json:
        try:
            return self._of(node)[0]
        except RecursionError as error:
            raise Unreadable("The document is nested too deeply.") from error

    def _of(self, node: yaml.Node) -> tuple[Json, int]:
        if isinstance(node, yaml.ScalarNode):
            return scalar(node), 1
        if id(node) in self._making:
            raise Unreadable("An alias stands inside the value that it names.")
        if id(node) not in self._made:
            self._making.add(id(node))
            value, size = self._mapping(node) if isinstance(node, yaml.MappingNode) else self._sequence(node)
            self._making.discard(id(node))
            if size > _LARGEST:
                raise Unreadable("Its aliases unfold to more than a million values.")
            self._made[id(node)] = value, size
        return self._made[id(node)]

    def _sequence(self, node: yaml.Node) -> tuple[Json, int]:
        items = [self._of(child) for child in node.value]
        return [value for value, _ in items], 1 + sum(size for _, size in items)

    def _mapping(self, node: yaml.MappingNode) -> tuple[Json, int]:
        own: dict[str, Json] = {}
        inherited: dict[str, Json] = {}
        size = 1
        for key, child in node.value:
            value, count = self._of(child)
            size += count
            if key.tag == MERGE:
                inherited = {**_merged(value), **inherited}
            elif isinstance(key, yaml.ScalarNode):
                own[key.value] = value
            else:
                raise Unreadable(f"The key at line {key.start_mark.line + 1} is not text; is it an unquoted {{{{ … }}}} of a template?")
        return {**inherited, **own}, size


def _merged(value: Json) -> dict[str, Json]:
    sources = value if isinstance(value, list) else [value]
    if not all(isinstance(source, dict) for source in sources):
        raise Unreadable("A merge key (<<) names something that is not a map.")
    return {key: child for source in reversed(sources) for key, child in source.items()}


def scalar(node: yaml.ScalarNode) -> Json:
    """The plain value of one scalar."""
    text: str = node.value
    match node.tag.removeprefix(_TAG):
        case "null":
            return None
        case "bool":
            return text.lower() in _TRUE
        case "int":
            return _integer(text)
        case "float":
            return _float(text)
        case _:
            return text


def _integer(text: str) -> Json:
    digits = text.replace("_", "").lower()
    bare = digits.lstrip("+-")
    try:
        return int(digits, 8 if bare.isdecimal() and bare.startswith("0") else 0)
    except ValueError:  # as `!!int many`
        return text


def _float(text: str) -> Json:
    try:
        return float(text.replace("_", ""))
    except ValueError:  # as `!!float much`
        return text

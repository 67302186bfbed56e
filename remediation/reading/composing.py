"""YAML as plain values straight from the parser's events: several times as quick as by way of nodes, seconds of a cluster's dump."""

import math
from collections.abc import Hashable, Iterator
from typing import Any

import yaml

from remediation.terms import Json

_LOADER: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MERGE = "<<"
_MOST = 1_000_000  # values in one document, aliases counted as often as they are used


class Loader(_LOADER):  # type: ignore[misc]
    """Safe, and leaves times as the text that they are: the API's times are text in JSON too."""


def _whole(loader: Any, node: yaml.ScalarNode) -> Json:
    """A whole number; one of thousands of digits, which Python does not read, stays the text that it is."""
    try:
        return loader.construct_yaml_int(node)
    except ValueError:
        return node.value


Loader.add_constructor("tag:yaml.org,2002:int", _whole)
Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in _LOADER.yaml_implicit_resolvers.items()  # type: ignore[attr-defined]
}


class _Particular(Exception):
    """An anchor, a tag or a merge, which only nodes can tell."""


def composed(text: str) -> list[Json]:
    """The documents of a text, in order.

    Raises yaml.YAMLError, ValueError or RecursionError when it is no YAML that means values, or more than anybody could walk through.
    """
    try:
        return list(_documents(text))
    except _Particular:
        return list(_by_nodes(text))


def _documents(text: str) -> Iterator[Json]:
    """By a stack of what is open; the key that awaits its value stands beside its mapping."""
    plain = _Plain()
    stack: list[tuple[Any, list[Any]]] = []
    event: Any
    for event in yaml.parse(text, Loader=Loader):
        kind = type(event)
        if kind is yaml.ScalarEvent:
            if event.anchor or event.tag:
                raise _Particular
            value = plain[event.value] if event.implicit[0] else event.value
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            if event.anchor or event.tag:
                raise _Particular
            stack.append(({} if kind is yaml.MappingStartEvent else [], []))
            continue
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            value = stack.pop()[0]
        elif kind is yaml.AliasEvent:
            raise _Particular
        else:
            continue
        if stack:
            _put(value, *stack[-1])
        else:
            yield value


_KEYS = (str, Hashable)  # the plain one first: the abstract class takes long to ask


def _put(value: Any, above: Any, key: list[Any]) -> None:
    """Into the sequence or mapping that is open."""
    if isinstance(above, list):
        above.append(value)
    elif key:
        above[key.pop()] = value
    elif value == _MERGE or not isinstance(value, _KEYS):
        raise _Particular
    else:
        key.append(_key(value))


def _key(value: Any) -> str:
    """A key as JSON has it: a text."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    return str(value)


def _keyed(value: Any) -> Json:
    """The same value with texts for keys, at any depth."""
    if isinstance(value, dict):
        return {_key(key): _keyed(inner) for key, inner in value.items()}
    return [_keyed(inner) for inner in value] if isinstance(value, list) else value


def _by_nodes(text: str) -> Iterator[Json]:
    loader = Loader(text)
    try:
        while loader.check_node():
            node = loader.get_node()
            if _unfolded(node, {}) > max(_MOST, len(text)):  # without aliases there are fewer values than characters
                raise ValueError("Its aliases unfold to more than a million values.")
            yield _keyed(loader.construct_document(node))
    finally:
        loader.dispose()


def _unfolded(node: yaml.Node, known: dict[int, float]) -> float:
    """How many values a node comes to; infinitely many where an alias leads back to what holds it: no API object does."""
    if isinstance(node, yaml.ScalarNode):
        return 1
    if id(node) not in known:
        known[id(node)] = math.inf  # while it is counted
        inner = node.value if isinstance(node, yaml.SequenceNode) else (each for pair in node.value for each in pair)
        known[id(node)] = 1 + sum(_unfolded(each, known) for each in inner)
    return known[id(node)]


class _Plain(dict[str, Any]):
    """What a scalar without quotes means, by its text: the same few come again and again."""

    def __init__(self) -> None:
        super().__init__()
        self._loader = Loader("")

    def __missing__(self, text: str) -> Any:
        tag = self._loader.resolve(yaml.ScalarNode, text, (True, False))
        value = self._loader.construct_object(yaml.ScalarNode(tag, text), deep=True)
        self[text] = value
        return value

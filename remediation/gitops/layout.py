"""New lines of YAML in a file's own habits: its indentation, its way with lists, its quotes, its line ends."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import yaml

from remediation.gitops.document import Document, children
from remediation.gitops.places import begin_of, column
from remediation.gitops.scalars import favourite_quote, json_text, written
from remediation.terms import Json

_LITERAL = re.compile(r"[^ \n][^\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]*")  # text that a literal block can hold as it is


@dataclass(frozen=True, kw_only=True)
class Habits:
    """How a document is laid out. step: spaces a level. list_step: spaces from a key to the dashes under it. newline: its line end."""

    step: int
    list_step: int
    quote: str
    newline: str


def habits(document: Document) -> Habits:
    """What the document does most often; two spaces, and dashes under the key, where it does neither."""
    steps, list_steps = Counter[int](), Counter[int]()
    text = document.text
    for node in _nodes(document):
        for key, value in node.value if isinstance(node, yaml.MappingNode) and not node.flow_style else ():
            below = isinstance(value, yaml.CollectionNode) and not value.flow_style and value.start_mark.index > key.start_mark.index
            if below:
                distance = column(text, begin_of(text, value)) - column(text, begin_of(text, key))
                (steps if isinstance(value, yaml.MappingNode) else list_steps)[distance] += 1
    return Habits(
        step=_most(steps, 2), list_step=_most(list_steps, 0), quote=favourite_quote(text), newline="\r\n" if "\r\n" in text else "\n"
    )  # fmt: skip


def _most(counted: Counter[int], default: int) -> int:
    common = counted.most_common(1)
    return common[0][0] if common and common[0][0] >= 0 else default


def _nodes(document: Document) -> Iterator[yaml.Node]:
    waiting, seen = [document.root], set[int]()
    while waiting:
        node = waiting.pop()
        if id(node) not in seen:
            seen.add(id(node))
            yield node
            waiting.extend(children(node))


def entry_lines(key: str, value: Json, indent: int, habit: Habits) -> list[str]:
    """`key: value` in block style, its key at `indent`."""
    head = " " * indent + written(key, quote=habit.quote) + ":"
    if isinstance(value, Mapping) and value:
        return [head, *mapping_lines(value, indent + habit.step, habit)]
    if isinstance(value, list | tuple) and value:
        return [head, *(line for item in value for line in item_lines(item, indent + habit.list_step, habit))]
    if isinstance(value, str) and "\n" in value.rstrip("\n") and _LITERAL.fullmatch(value):
        chomp = "-" if not value.endswith("\n") else "+" if value.endswith("\n\n") else ""
        return [f"{head} |{chomp}", *(" " * (indent + habit.step) * bool(line) + line for line in value.removesuffix("\n").split("\n"))]
    return [f"{head} {written(value, quote=habit.quote)}"]


def mapping_lines(value: Mapping[str, Json], indent: int, habit: Habits) -> list[str]:
    """The entries of a map, each at `indent`."""
    return [line for key, child in value.items() for line in entry_lines(key, child, indent, habit)]


def item_lines(value: Json, indent: int, habit: Habits) -> list[str]:
    """`- value`, its dash at `indent`."""
    dash = " " * indent + "- "
    if isinstance(value, Mapping) and value:
        first, *rest = mapping_lines(value, indent + 2, habit)
        return [dash + first[indent + 2 :], *rest]
    if isinstance(value, list | tuple) and value:
        first, *rest = [line for item in value for line in item_lines(item, indent + 2, habit)]
        return [dash + first[indent + 2 :], *rest]
    return [dash + written(value, quote=habit.quote)]


def flow(value: Json, *, as_json: bool, quote: str) -> str:
    """A value in one line, within [ ] or { }."""
    if as_json:
        return json_text(value)
    if isinstance(value, Mapping) and value:
        return "{" + ", ".join(flow_entry(key, child, as_json=False, quote=quote) for key, child in value.items()) + "}"
    if isinstance(value, list | tuple) and value:
        return "[" + ", ".join(flow(item, as_json=False, quote=quote) for item in value) + "]"
    return written(value, flow=True, quote=quote)


def flow_entry(key: str, value: Json, *, as_json: bool, quote: str) -> str:
    """`key: value` in one line, within { }."""
    name = json_text(key) if as_json else written(key, flow=True, quote=quote)
    return f"{name}: {flow(value, as_json=as_json, quote=quote)}"

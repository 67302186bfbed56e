"""A field that is absent, added in the file's own habits: new lines after the last entry of its parent, or within its brackets."""

import re
from collections.abc import Mapping, Sequence

import yaml

from remediation.errors import Refused
from remediation.gitops.document import Document
from remediation.gitops.fieldpath import MISSING, Item, Path, Step, format_path, get, put
from remediation.gitops.layout import entry_lines, flow, flow_entry, habits, item_lines
from remediation.gitops.places import after_colon, begin_of, column, end_of, entry_ends, in_flow, line_begin, line_end, trail
from remediation.terms import Json

_BLANK = re.compile(r"[ \t]*(?:#[^\n]*)?\r?\Z")


def inserted(document: Document, path: Path, value: Json) -> str:
    """The document's text with `value` at a path where nothing stands; absent parents are made. Raises Refused not_found."""
    depth = next(depth for depth in range(len(path) - 1, -1, -1) if get(document.value, path[:depth]) is not MISSING)
    parent, (step, *rest) = path[:depth], path[depth:]
    _check_items(document, path, depth)
    made = put(None, rest, value)
    if isinstance(step, Item) and isinstance(made, Mapping):
        made = {step.field: step.value, **made}
    node = trail(document, parent)[-1][1] if parent else document.root
    if not isinstance(node, yaml.CollectionNode) or not node.value:
        return _into_empty(document, parent, step, made)
    if node.flow_style:
        return _into_flow(document, node, step, made)
    return _below(document, node, step, made)


def _check_items(document: Document, path: Path, depth: int) -> None:
    """An item that is not there is made only when it is what was asked for: a misspelt container must not become a new one."""
    for at, step in enumerate(path[depth:], depth):
        if isinstance(step, str):
            continue
        items = get(document.value, path[:at])
        asked = at == len(path) - 1 or path[at - 1] == "env"
        last = isinstance(step, Item) or step == (len(items) if isinstance(items, list) else 0)
        if not asked or not last or not (items is MISSING or items is None or isinstance(items, list)):
            raise Refused(f"There is no {format_path(path[: at + 1])} in the file.", "Check the path's spelling.", kind="not_found")


def _new_lines(document: Document, step: Step, value: Json, indent: int) -> list[str]:
    habit = habits(document)
    return entry_lines(step, value, indent, habit) if isinstance(step, str) else item_lines(value, indent, habit)


def _below(document: Document, node: yaml.CollectionNode, step: Step, value: Json) -> str:
    """After the last entry of a block map or list."""
    text = document.text
    if isinstance(step, str) != isinstance(node, yaml.MappingNode):
        raise Refused(f"A {'map' if isinstance(step, str) else 'list'} was expected where the file has another thing.", kind="not_found")
    lines = _new_lines(document, step, value, column(text, begin_of(text, node)))
    return _after_line(text, entry_ends(text, node)[-1], lines, habits(document).newline)


def _after_line(text: str, at: int, lines: Sequence[str], newline: str) -> str:
    """The lines, after the one that holds `at`; a file that ends without a newline still does."""
    end = line_end(text, at)
    if end == len(text):
        return text + newline + newline.join(lines)
    return text[: end + 1] + "".join(line + newline for line in lines) + text[end + 1 :]


def _into_flow(document: Document, node: yaml.CollectionNode, step: Step, value: Json) -> str:
    """Within [ ] or { }, after the last entry; on a line of its own where the last one has one."""
    text, quote = document.text, habits(document).quote
    new = flow_entry(step, value, as_json=document.is_json, quote=quote) if isinstance(step, str) else flow(
        value, as_json=document.is_json, quote=quote
    )  # fmt: skip
    end = entry_ends(text, node)[-1]
    last = node.value[-1][0] if isinstance(node, yaml.MappingNode) else node.value[-1]
    begin = begin_of(text, last)
    margin = text[line_begin(text, begin) : begin]
    gap = f"{habits(document).newline}{margin}" if not margin.strip() and line_begin(text, begin) > begin_of(text, node) else " "
    trailing = re.compile(r"[ \t\r\n]*,").match(text, end)
    if trailing:
        return f"{text[: trailing.end()]}{gap}{new},{text[trailing.end() :]}"
    return f"{text[:end]},{gap}{new}{text[end:]}"


def _into_empty(document: Document, parent: Path, step: Step, value: Json) -> str:
    """Into `{}`, `[]`, null or nothing: lines under the key, or within brackets where lines cannot stand."""
    text = document.text
    if not parent:
        raise Refused("The document is empty.", kind="not_found")
    key, node = trail(document, parent)[-1]
    if isinstance(node, yaml.ScalarNode) and get(document.value, parent) is not None:
        raise Refused(f"{format_path(parent)} is a value, not a map.", "Check the path's spelling.", kind="not_found")
    begin = after_colon(text, end_of(text, key, 0)) if key is not None else begin_of(text, node)
    end = max(begin, node.end_mark.index)
    if key is None or in_flow(document, parent) or not _BLANK.match(text[end : line_end(text, end)]) or "\n" in text[begin:end]:
        quote = habits(document).quote
        whole = {step: value} if isinstance(step, str) else [value]
        gap = " " if key is not None else ""
        return f"{text[:begin]}{gap}{flow(whole, as_json=document.is_json, quote=quote)}{text[end:]}"
    habit = habits(document)
    indent = column(text, begin_of(text, key)) + (habit.step if isinstance(step, str) else habit.list_step)
    lines = _new_lines(document, step, value, indent)
    return _after_line(text[:begin] + text[end:], begin, lines, habit.newline)

"""A field taken away: its lines, or its text between commas; a parent that it leaves empty stays as `{}` or `[]`."""

from typing import cast

import yaml

from remediation.errors import Refused
from remediation.gitops.document import Document
from remediation.gitops.fieldpath import Path, format_path
from remediation.gitops.places import after_colon, begin_of, end_of, entry_ends, inherited, line_begin, line_end, trail


def removed(document: Document, path: Path) -> str:
    """The document's text without the field at `path`. Raises Refused when a merge key gives it, or it is the whole document."""
    entries = trail(document, path)
    parent = cast("yaml.CollectionNode", entries[-2][1] if len(entries) > 1 else document.root)
    key, node = entries[-1]
    if inherited(parent, key) if key is not None else False:
        raise Refused(f"{format_path(path)} comes from a merge key (<<).", "Change it where the anchor stands.", kind="shared")
    at = _index(parent, key, node)
    if len(parent.value) == 1:
        return _emptied(document, entries[-2] if len(entries) > 1 else None, parent)
    return _without_text(document, parent, at) if parent.flow_style else _without_lines(document, parent, at)


def _index(parent: yaml.CollectionNode, key: yaml.Node | None, node: yaml.Node) -> int:
    return next(i for i, entry in enumerate(parent.value) if (entry is node if key is None else entry[0] is key))


def _begins(document: Document, parent: yaml.CollectionNode) -> list[int]:
    """Where each entry begins: its key, or in a block list its dash."""
    text, begins = document.text, list[int]()
    if isinstance(parent, yaml.MappingNode):
        return [begin_of(text, key) for key, _ in parent.value]
    previous = begin_of(text, parent)
    for end in entry_ends(text, parent):
        begins.append(previous if parent.flow_style and begins else text.find("-", previous) if not parent.flow_style else previous)
        previous = end
    return begins


def _without_lines(document: Document, parent: yaml.CollectionNode, at: int) -> str:
    text = document.text
    begins, ends = _begins(document, parent), entry_ends(text, parent)
    begin = begins[at]
    if text[line_begin(text, begin) : begin].strip():  # the first key stands behind a dash: the next one takes its place
        return text[:begin] + text[begins[at + 1] :]
    first, last = line_begin(text, begin), line_end(text, ends[at])
    if last == len(text):
        return text[: first - 1].removesuffix("\r")
    return text[:first] + text[last + 1 :]


def _without_text(document: Document, parent: yaml.CollectionNode, at: int) -> str:
    text = document.text
    ends = entry_ends(text, parent)
    if at:
        return text[: ends[at - 1]] + text[ends[at] :]
    second = parent.value[1][0] if isinstance(parent, yaml.MappingNode) else parent.value[1]
    first = parent.value[0][0] if isinstance(parent, yaml.MappingNode) else parent.value[0]
    return text[: begin_of(text, first)] + text[begin_of(text, second) :]


def _emptied(document: Document, owner: tuple[yaml.Node | None, yaml.Node] | None, parent: yaml.CollectionNode) -> str:
    """`key: {}` where the only entry went."""
    if owner is None:
        raise Refused("That is the whole document.", "Take the file away instead.", kind="not_found")
    text, empty = document.text, "{}" if isinstance(parent, yaml.MappingNode) else "[]"
    begin, end = begin_of(text, parent), end_of(text, parent, 0)
    if parent.flow_style or owner[0] is None:
        return text[:begin] + empty + text[end:]
    colon, first = after_colon(text, end_of(text, owner[0], 0)), line_begin(text, begin)
    if first <= colon:
        return text[:begin] + empty + text[end:]
    last = line_end(text, end)
    rest = text[last + 1 :] if last < len(text) else ""
    head = text[:first] if last < len(text) else text[: first - 1].removesuffix("\r")
    return f"{head[:colon]} {empty}{head[colon:]}{rest}"

"""Where things stand in a document's text: the geometry of nodes that YAML libraries do not tell."""

import re
from collections.abc import Sequence

import yaml

from remediation.errors import Refused
from remediation.gitops.document import MERGE, Document
from remediation.gitops.fieldpath import Path, Step, format_path, get, position
from remediation.terms import Json

_PROPERTY = re.compile(r"[&!][^\s,\[\]{}]*")
_SPACE = re.compile(r"(?:[ \t\r\n]|(?<![^\s])#[^\n]*)*")
_ALIAS = re.compile(r"[ \t\r\n:,\-]*\*[^\s,\[\]{}]+")
_COLON = re.compile(r"[ \t]*:")
Entry = tuple[yaml.Node | None, yaml.Node]  # key (None in a list) and value


def trail(document: Document, path: Sequence[Step]) -> list[Entry]:
    """Key and node of each step, outermost first. Raises Refused not_found at the first step that is absent."""
    node, value, found = document.root, document.value, list[Entry]()
    for depth, step in enumerate(path):
        entry = _entry(node, step, value)
        if entry is None:
            raise Refused(f"There is no {format_path(path[: depth + 1])} in the file.", "Check the path's spelling.", kind="not_found")
        found.append(entry)
        node, value = entry[1], get(value, (step,))
    return found


def _entry(node: yaml.Node, step: Step, value: Json) -> Entry | None:
    if isinstance(step, str):
        return _mapping_entry(node, step) if isinstance(node, yaml.MappingNode) else None
    at = position(value, step)
    return (None, node.value[at]) if isinstance(node, yaml.SequenceNode) and at is not None else None


def _mapping_entry(node: yaml.MappingNode, key: str) -> Entry | None:
    own = [(k, v) for k, v in node.value if isinstance(k, yaml.ScalarNode) and k.value == key and k.tag != MERGE]
    if len(own) > 1:
        lines = " and ".join(str(k.start_mark.line + 1) for k, _ in own)
        raise Refused(f"The key {key} stands twice in one map (lines {lines} of its document).", "Take one away first.", kind="ambiguous")
    if own:
        return own[0]
    for merged in _merged_nodes(node):
        if (entry := _mapping_entry(merged, key)) is not None:
            return entry
    return None


def _merged_nodes(node: yaml.MappingNode) -> list[yaml.MappingNode]:
    merged = [v for k, v in node.value if k.tag == MERGE]
    return [m for v in merged for m in (v.value if isinstance(v, yaml.SequenceNode) else [v]) if isinstance(m, yaml.MappingNode)]


def inherited(parent: yaml.Node, key: yaml.Node | None) -> bool:
    """Whether an entry that `trail` found comes from a merge key and not from the map itself."""
    return isinstance(parent, yaml.MappingNode) and all(k is not key for k, _ in parent.value)


def in_flow(document: Document, path: Path) -> bool:
    """Whether the field stands within [ ] or { }."""
    nodes = [document.root, *(node for _, node in trail(document, path[:-1]))]
    return any(isinstance(node, yaml.CollectionNode) and node.flow_style for node in nodes)


def begin_of(text: str, node: yaml.Node) -> int:
    """Where the node's own text begins, after its anchor and tag."""
    at: int = node.start_mark.index
    while found := _PROPERTY.match(text, at):
        space = _SPACE.match(text, found.end())
        at = space.end() if space else found.end()
        if at >= node.end_mark.index:
            return found.end()
    return at


def end_of(text: str, node: yaml.Node, after: int) -> int:
    """Where the node's text ends; `after` is where what stands before it ends, for an alias's node stands elsewhere."""
    if node.start_mark.index < after:
        alias = _ALIAS.match(text, after)
        return alias.end() if alias else after
    match node:
        case yaml.ScalarNode(style="|" | ">"):
            return block_lines(text, node)[1]
        case yaml.ScalarNode():
            return max(after, begin_of(text, node) if not node.value and not node.style else 0, _flow_end(node))
        case yaml.CollectionNode(flow_style=True):
            return _flow_end(node)
        case _:
            return entry_ends(text, node)[-1]


def _flow_end(node: yaml.Node) -> int:
    end: int = node.end_mark.index
    return end


def entry_ends(text: str, node: yaml.Node) -> list[int]:
    """Where each entry of a map or list ends."""
    at, ends = begin_of(text, node), list[int]()
    for entry in node.value:
        if isinstance(node, yaml.MappingNode):
            key, value = entry
            at = end_of(text, value, after_colon(text, end_of(text, key, at)))
        else:
            at = end_of(text, entry, at)
        ends.append(at)
    return ends


def after_colon(text: str, key_end: int) -> int:
    """Where a key's colon ends."""
    colon = _COLON.match(text, key_end)
    return colon.end() if colon else key_end


def block_lines(text: str, node: yaml.ScalarNode) -> tuple[int, int, int]:
    """Of a block scalar: where its first line begins, where its last line ends (before the newline), and its indentation."""
    first = line_end(text, begin_of(text, node)) + 1
    lines = text[first:].split("\n")
    indent = _block_indent(lines, node.value)
    keeps = "+" in text[begin_of(text, node) : first]
    at, end = first, first - 1
    for line in lines:
        filled = line.rstrip("\r")
        blank = not filled.strip(" ")
        if not blank and len(filled) - len(filled.lstrip(" ")) < indent:
            break
        if (not blank) or len(filled) > indent or keeps:
            end = at + len(line)
        at += len(line) + 1
    return first, min(end, len(text)), indent


def _block_indent(lines: Sequence[str], value: str) -> int:
    source = next((line for line in lines if line.strip(" \r")), "")
    decoded = next((line for line in value.split("\n") if line.strip(" ")), None)
    if decoded is None:
        return len(max(lines, key=len, default="")) + 1  # no content: any filled line ends it
    return len(source) - len(source.lstrip(" ")) - (len(decoded) - len(decoded.lstrip(" ")))


def line_begin(text: str, at: int) -> int:
    """Where the line that holds `at` begins."""
    return text.rfind("\n", 0, at) + 1


def line_end(text: str, at: int) -> int:
    """Where the line that holds `at` ends, before its newline character."""
    found = text.find("\n", at)
    return len(text) if found < 0 else found


def column(text: str, at: int) -> int:
    """How far `at` stands in its line, from 0."""
    return at - line_begin(text, at)

"""A scalar in another's place: candidates for the new text, best first; the first that reads back as the value is taken."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

import yaml

from remediation.gitops.document import Document
from remediation.gitops.fieldpath import Path
from remediation.gitops.layout import flow
from remediation.gitops.places import after_colon, begin_of, block_lines, end_of, in_flow, trail
from remediation.gitops.scalars import favourite_quote, json_text, rewritten, written
from remediation.terms import Json

_TAG = re.compile(r"(![^\s]*)\s*\Z")
_TEXT_TAGS = frozenset({"!", "!!str"})


def replacements(document: Document, path: Path, value: Json) -> Iterator[str]:
    """The document's text with the scalar at `path` written anew; a map or list that comes or goes stands in one line."""
    found, text = trail(document, path)[-1][1], document.text
    if isinstance(found, yaml.CollectionNode) or isinstance(value, Mapping | list):
        begin = begin_of(text, found)
        new = flow(value, as_json=document.is_json, quote=favourite_quote(text))
        yield text[:begin] + new + text[end_of(text, found, begin) :]
        return
    node = cast("yaml.ScalarNode", found)
    if node.style in ("|", ">"):
        begin, (first, end, indent) = _begin(text, node, value), block_lines(text, node)
        if isinstance(value, str):
            yield from _blocks(text[:begin], text, node, value, (first, end, indent))
        yield text[:begin] + written(value) + text[max(end, begin) :]
        return
    begin, end = _begin(text, node, value), node.end_mark.index
    if begin >= end:
        yield from _into_nothing(document, path, value)
        return
    flowing, quote = in_flow(document, path), favourite_quote(text)
    for new in rewritten(value, node, text[begin:end], flow=flowing, quote=quote, as_json=document.is_json):
        yield text[:begin] + new + text[end:]


def _begin(text: str, node: yaml.ScalarNode, value: Json) -> int:
    """After the anchor, and after the tag where it still says what the value is."""
    begin = begin_of(text, node)
    tag = _TAG.search(text, node.start_mark.index, begin)
    return begin if tag is None or (isinstance(value, str) and tag[1] in _TEXT_TAGS) else tag.start()


def _into_nothing(document: Document, path: Path, value: Json) -> Iterator[str]:
    """`key:` without a value: the new one stands after the colon."""
    text, (key, node) = document.text, trail(document, path)[-1]
    at = after_colon(text, end_of(text, key, 0)) if key is not None else node.end_mark.index
    new = flow(value, as_json=document.is_json, quote=favourite_quote(text))
    yield f"{text[:at]} {new}{text[at:]}"
    yield f"{text[: node.end_mark.index]} {new}{text[node.end_mark.index :]}"


def _blocks(before: str, text: str, node: yaml.ScalarNode, value: str, place: tuple[int, int, int]) -> Iterator[str]:
    first, end, indent = place
    header, source = text[begin_of(text, node) : first], text[first:end].split("\n") if end > first else []
    newline = "\r\n" if header.endswith("\r\n") else "\n"
    if value.strip("\n") and indent > 0 and not value.lstrip("\n").startswith(" ") | ("\r" in value):
        lines = _literal(node.value, value, source, indent) if node.style == "|" else _folded(value, source, indent)
        as_literal = _literal("", value, [], indent)
        chomped = _chomped(header, value)
        for head, body in ((header, lines), (chomped, lines), (chomped.replace(">", "|", 1), as_literal)):
            joined = newline.join(line.removesuffix("\r") for line in body)
            yield before + head + joined + _line_tail(source, newline) + text[end:]
    yield before + json_text(value) + text[end:]


def _line_tail(source: Sequence[str], newline: str) -> str:
    """The carriage return that stands between the last line's text and the newline that follows it."""
    return "\r" if newline == "\r\n" and source and source[-1].endswith("\r") else ""


def _chomped(header: str, value: str) -> str:
    """The header, with the sign that keeps as many newlines at the end as the value has; its own where that is right."""
    indicator = header[0] + "".join(sign for sign in header[1:3] if sign.isdecimal())
    rest = header[1:].lstrip("+-0123456789")
    if value.endswith("\n\n"):
        return f"{indicator}+{rest}"
    if not value.endswith("\n"):
        return f"{indicator}-{rest}"
    return f"{indicator}+{rest}" if "+" in header[:3] else f"{indicator}{rest}"


def _literal(old: str, value: str, source: Sequence[str], indent: int) -> list[str]:
    """A line each; lines that stay are written as they were, blanks at their end included."""
    before, after = _lines(old), _lines(value)
    head = next((i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after)))
    tails = zip(reversed(before[head:]), reversed(after[head:]), strict=False)
    tail = next((i for i, (a, b) in enumerate(tails) if a != b), min(len(before), len(after)) - head)
    if len(source) != len(before):
        head = tail = 0
    new = [" " * indent * bool(line) + line for line in after[head : len(after) - tail]]
    return [*source[:head], *new, *(source[len(source) - tail :] if tail else [])]


def _lines(value: str) -> list[str]:
    return value.removesuffix("\n").split("\n")


def _folded(value: str, source: Sequence[str], indent: int) -> list[str]:
    """A paragraph for each line of the value, which keeps its own line ends where it stays; a further blank line stands between two."""
    wraps = _paragraphs(source, indent)
    lines: list[str] = []
    last, blanks = " ", 0  # as after a line that is not folded
    for line in _lines(value):
        if not line:
            blanks += 1
            continue
        folds = not last.startswith((" ", "\t")) and not line.startswith((" ", "\t"))
        lines += [""] * (blanks + folds) + wraps.get(line, [" " * indent + line])
        last, blanks = line, 0
    return lines + [""] * blanks


def _paragraphs(source: Sequence[str], indent: int) -> dict[str, list[str]]:
    """The source lines of each folded paragraph, by the line that it means."""
    found: dict[str, list[str]] = {}
    run: list[str] = []
    for line in [*source, ""]:
        words = line[indent:].rstrip("\r")
        if words.strip() and not words.startswith((" ", "\t")):
            run.append(line)
        elif run:
            found[" ".join(part[indent:].rstrip("\r") for part in run)] = run
            run = []
    return found

"""Text as people paste it: what a mail, a terminal or a wiki put around it is taken off, so that columns stand where kubectl put them."""

import re
from collections.abc import Callable, Sequence
from itertools import groupby

from remediation.reading.tables import is_header

_WRAPPED = re.compile(r"\n*+(?:[ &>│┃]|\+[^+]|\d{1,6}(?: {0,3}[:|│])?[\t ]|diff |--- [/a])")
_QUOTE = re.compile(r"^ ?(?:>|&gt;) ?")
_FRAME = re.compile(r"^[│┃|] ?(.*?)\s*[│┃|]?$")  # of a terminal's window
_NUMBER = re.compile(r"^ *(\d{1,6})(?: *[:|│])?(?:[\t ]|$)")
_ADDED = re.compile(r"^\+(?!\+\+ )")
_OF_DIFF = re.compile(r"^(?:diff |index [0-9a-f]|new file mode|--- |\+\+\+ |@@ -0,0 \+1|\\ No newline)")
_DOCUMENT = re.compile(r"^\+? {0,8}(?:apiVersion|kind|---|\{)")
_FEWEST = 3  # lines that are numbered
_COLOURS = re.compile(
    r"(?:\x1b|\^\[(?=\[\d))(?:\[[0-9;?]{0,20}[A-Za-z]|\][^\x07\x1b\n]{0,300}(?:\x07|\x1b\\))"
)  # and where the cursor goes, and links
_MOST = 0.9  # of the lines: some program's own lines may begin so, too
_BLANKS = str.maketrans({"\u00a0": " ", "\u200b": None, "\ufeff": None})


def plain(text: str) -> str:
    """The same text without colours, marks of quotation, a terminal's frame, numbers of lines, a diff's marks, and a shared indentation."""
    if "\x1b" in text or "^[[" in text:
        text = _COLOURS.sub("", text)
    if "\u00a0" in text or "\u200b" in text or "\ufeff" in text:
        text = text.translate(_BLANKS)
    if _WRAPPED.match(text):
        lines = text.split("\n")
        for taken_off in (_unquoted, _unframed, _unnumbered, _added, dedented):
            lines = taken_off(lines)
        return "\n".join(lines)
    return text


def _unquoted(lines: list[str]) -> list[str]:
    return [_QUOTE.sub("", line) for line in lines] if _mostly(lines, lambda line: _QUOTE.match(line) is not None) else lines


def _unframed(lines: list[str]) -> list[str]:
    framed = _mostly(lines, lambda line: line[:1] in "│┃")
    return [match[1] if (match := _FRAME.match(line)) else line for line in lines] if framed else lines


def _unnumbered(lines: list[str]) -> list[str]:
    """The lines without numbers before them, as `cat -n` and editors show them: one after the other."""
    matches = [_NUMBER.match(line) for line in lines if line.strip()] if _NUMBER.match(next(filter(str.strip, lines), "")) else []
    numbers = [int(match[1]) for match in matches if match]
    if len(numbers) != len(matches) or len(numbers) < _FEWEST or numbers != [*range(numbers[0], numbers[0] + len(numbers))]:
        return lines
    bare = [_NUMBER.sub("", line) for line in lines]
    return bare if any(bare) else lines


def _added(lines: list[str]) -> list[str]:
    """What a diff adds, where it adds whole files and nothing else; a file begins a document."""
    told = [line for line in lines if line.strip() and not _OF_DIFF.match(line)]
    if not told or not _DOCUMENT.match(told[0]) or not all(map(_ADDED.match, told)):
        return lines
    return ["---" if line.startswith("@@") else line[1:] for line in lines if not _OF_DIFF.match(line) or line.startswith("@@")]


def dedented(lines: list[str]) -> list[str]:
    """The lines without the indentation that all of them share."""
    told = [line for line in lines if line.strip()]
    width = min((len(line) - len(line.lstrip(" ")) for line in told), default=0)
    return [line[width:] for line in lines] if width else lines


def untabbed(lines: list[str]) -> list[str]:
    """The lines with blanks for tabs: those that follow each other with as many tabs as cells of a table, which stand below each other."""
    out: list[str] = []
    for tabs, group in groupby(lines, key=lambda line: line.count("\t")):
        shown = list(group)
        rows = [[cell.strip() for cell in line.split("\t")] for line in shown]
        if tabs and len(rows) > 1 and is_header("  ".join(rows[0])):
            widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
            out += ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        else:
            out += [line.replace("\t", "  ") for line in shown]
    return out


def _mostly(lines: Sequence[str], so: Callable[[str], bool]) -> bool:
    told = [line for line in lines if line.strip()]
    return bool(told) and sum(map(so, told)) >= _MOST * len(told)

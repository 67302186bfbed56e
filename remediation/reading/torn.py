"""YAML that somebody shortened, cut or broke in one place: the text without the marks of it, and the pieces that may be whole."""

import re
from collections.abc import Sequence

_LEFT_OUT = re.compile(
    r"^[ \t]*+(?:\[?\.{3,20}\]?|…|\[…\]|[<(\[]?-{0,10} ?(?:snip(?:ped)?|truncated|omitted|redacted)[ ]?-{0,10}[>)\]]?)[ \t\r]*+$",
    re.MULTILINE | re.IGNORECASE,
)
_NEXT = re.compile(r"^---(?=\s)[^\n]*$", re.MULTILINE)
_ITEM = re.compile(r"^- [^\n]*+\n?(?:(?:[ \t][^\n]*+)?\n|[ \t][^\n]++\Z)*+", re.MULTILINE)


def unmarked(text: str) -> str:
    """The text without lines that only say that some were left out (`...`), and with blanks for the tabs that YAML does not take."""
    return _LEFT_OUT.sub("", text).replace("\t", "  ")


def wholes(text: str) -> Sequence[str]:
    """The documents of a stream one by one; of a single one the items of its list; empty where it is neither."""
    each = [piece for one in _NEXT.split(text) if one.strip() for piece in (_ITEM.findall(one) or [one])]
    return each if len(each) > 1 else ()

"""Lines clustered by template, so that the rare one stands out: Drain, a tree of fixed depth, by length and first word.

P. He et al., Drain: An Online Log Parsing Approach with Fixed Depth Tree, 2017.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from remediation.reading.logs import Line, unstamped

_VARIES = re.compile(r"^(?:[0-9a-f]{6,}|.*\d.*|<\*>)$", re.IGNORECASE)
_DIGITS = b"0123456789"  # two lines that differ in these alone are of one template
_ANY = "<*>"
_ALIKE = 0.6
_CHILDREN = 60
_TOKENS = 60  # of a line: fewer than a byte counts to


@dataclass(slots=True)
class Template:
    """Lines of one template. tokens: with `<*>` for what varies.  first, last: lines of it.  count: of them."""

    tokens: list[str]
    first: Line
    last: Line
    count: int = 1


class _Leaf:
    """Templates of one length and first word, with which a line is compared all at once: each has a byte of a number, which counts."""

    def __init__(self) -> None:
        self._templates: list[Template] = []
        self._having: defaultdict[tuple[int, str], int] = defaultdict(int)  # by place and token: one in the bytes of those that have it

    def add(self, template: Template) -> None:
        """One more, as long as there are not too many."""
        if len(self._templates) < _CHILDREN:
            for there in enumerate(template.tokens):
                self._having[there] |= 1 << 8 * len(self._templates)
            self._templates.append(template)

    def best(self, tokens: Sequence[str]) -> Template | None:
        """The first template that shares the most tokens with the line, if these are enough. Where they differ, it varies from now on."""
        counts = sum(filter(None, map(self._having.get, enumerate(tokens)))).to_bytes(_CHILDREN, "little")
        shared = max(counts)
        if not self._templates or (tokens and shared / len(tokens) <= _ALIKE):
            return None
        first = counts.index(shared)
        template = self._templates[first]
        self._vary(template.tokens, tokens, 1 << 8 * first)
        return template

    def _vary(self, known: list[str], tokens: Sequence[str], one: int) -> None:
        for place, (old, new) in enumerate(zip(known, tokens, strict=True)):
            if old not in (new, _ANY):
                known[place] = _ANY
                self._having[place, old] ^= one
                self._having[place, _ANY] |= one


def clustered(lines: Iterable[Line]) -> list[Line]:
    """One line for each template with how many there are, in the order of their first."""
    return [replace(template.first, count=template.count) for template in templates(lines)]


def templates(lines: Iterable[Line]) -> list[Template]:
    """The templates of lines in the order of their first."""
    leaves: defaultdict[tuple[int, str], _Leaf] = defaultdict(_Leaf)
    ordered: list[Template] = []
    known: dict[bytes, Template] = {}
    for line in lines:
        key = line.text.encode(errors="surrogatepass").translate(None, _DIGITS)
        template = known.get(key)
        if template is None:
            tokens = [_ANY if _VARIES.match(token) else token for token in unstamped(line.text).split()[:_TOKENS]]
            leaf = leaves[len(tokens), tokens[0] if tokens else _ANY]
            template = leaf.best(tokens)
            if template is None:
                template = Template(tokens=tokens, first=line, last=line, count=0)
                leaf.add(template)
                ordered.append(template)
            known[key] = template
        template.count, template.last = template.count + 1, line
    return ordered

"""Citations checked by code: every cited item exists, and every quote stands in an item that is cited."""

import json
import re
from collections.abc import Iterable, Sequence

from remediation.terms import Evidence

_ITEM = re.compile(r"\bE\d+\b")
_QUOTE = re.compile(r'"([^"\n]+)"|“([^”\n]+)”|`([^`\n]+)`')
_TOO_SHORT = 4  # a quoted word of three letters stands everywhere


def items_in(text: str) -> tuple[str, ...]:
    """The evidence items that a text names, in order, each once."""
    return tuple(dict.fromkeys(_ITEM.findall(text)))


def wrong_citations(cites: Iterable[str], text: str, evidence: Sequence[Evidence]) -> tuple[str, ...]:
    """What is wrong with the citations of `text`, a sentence each; empty when all stand.

    cites: the items that were named beside it; those named inside the text count, too. Quotes are compared with white space made one blank.
    """
    named = tuple(dict.fromkeys([*cites, *items_in(text)]))
    there = {item.item: item for item in evidence}
    if not named:
        return ("it cites no evidence",)
    missing = [f"{item[:20]} is no item of the evidence" for item in named if item not in there]
    readable = " ".join(_words(there[item]) for item in named if item in there)
    quotes = [quote for groups in _QUOTE.findall(text) for quote in groups if len(quote) >= _TOO_SHORT]
    invented = [f"{quote[:80]!r} stands in none of {', '.join(named)}" for quote in quotes if _one_blank(quote) not in readable]
    return (*missing, *invented)


def _words(item: Evidence) -> str:
    """All that can be quoted from an item."""
    return _one_blank(" ".join([item.title, item.text, *(json.dumps(thing, ensure_ascii=False) for thing in item.objects)]))


def _one_blank(text: str) -> str:
    return " ".join(text.split())

"""An incident's document for people: whoever is in it is called by name, where the chat knows one."""

import re
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping

from remediation.terms import Json

Names = Callable[[Collection[str]], Awaitable[Mapping[str, str]]]  # ids → the name of each, the id itself where there is none

_ID = re.compile(r"[UW][A-Z0-9_]{3,30}")
_MENTIONED = re.compile(rf"(?:<@)?\b({_ID.pattern})\b>?")
_ACTED = re.compile(rf"(?:Closed by )?({_ID.pattern})\b")  # begins a line of the timeline that is about somebody


async def named(document: Json, names: Names) -> Json:
    """The document with people's names in the places that a page shows."""
    known = await names(sorted(set(_people(document))))
    return {
        **document,
        "outcome_reason": _told(document["outcome_reason"] or "", known),
        "timeline": [{**line, "what": _told(line["what"], known)} for line in document["timeline"]],
        "attempts": [{**one, "decisions": [_signed(decision, known) for decision in one["decisions"]]} for one in document["attempts"]],
    }


def _people(document: Json) -> Iterator[str]:
    """The ids of all who may decide, or tried to."""
    decided = (decision["by"] for attempt in document["attempts"] for decision in attempt["decisions"])
    acted = (match[1] for line in document["timeline"] if (match := _ACTED.match(line["what"])))
    yield from (who for who in (*document["standing"]["approvers"], *decided, *acted) if _ID.fullmatch(who))


def _signed(decision: Json, names: Mapping[str, str]) -> Json:
    return {**decision, "by": names.get(decision["by"], decision["by"])}


def _told(text: str, names: Mapping[str, str]) -> str:
    def name_of(mention: re.Match[str]) -> str:
        return names.get(mention[1], mention[0])

    return _MENTIONED.sub(name_of, text)

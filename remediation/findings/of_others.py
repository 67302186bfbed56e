"""Lines of a log that are about other objects than its writer: those that became events and conditions of these."""

from collections.abc import Iterator

from remediation.observed import event_text
from remediation.terms import Evidence

_SHORTEST = 8  # characters of a clause that stands in no other line by chance


def clauses_about_others(item: Evidence) -> frozenset[str]:
    """For each object that a log tells of, the longest clause of what it says: it stands in its line, however that is written."""
    messages = set(_messages(item)) if item.kind == "logs" else set()
    return frozenset(clause for message in messages if len(clause := max(message.split(": "), key=len)) >= _SHORTEST)


def _messages(item: Evidence) -> Iterator[str]:
    for thing in item.objects:
        yield event_text(thing)
        for condition in (thing.get("status") or {}).get("conditions") or ():
            yield str(condition.get("message") or "")

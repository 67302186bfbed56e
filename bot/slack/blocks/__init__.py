"""The thread as a rendering of the record: for each kind of entry a pure function that gives its message, or None when nothing is said."""

from typing import assert_never

from bot.slack.blocks.card import attempted, card
from bot.slack.blocks.course import alert_joined, decided, delivered, looked, people_called, progressed
from bot.slack.blocks.ending import closed, ended, remembered, verified
from bot.slack.blocks.head import head
from bot.slack.blocks.layout import Message
from bot.slack.blocks.reasoning import critiqued, investigated, proposed, unanswered
from remediation.entries import (
    AlertJoined,
    Attempted,
    Called,
    Closed,
    Critiqued,
    Decided,
    Delivered,
    Ended,
    Entry,
    Incident,
    Investigated,
    Looked,
    Opened,
    PhaseBegan,
    Progressed,
    Proposed,
    Remembered,
    ThreadOpened,
    Turned,
    Unanswered,
    Verified,
)

__all__ = ["Message", "card", "entry_message", "head"]


def entry_message(incident: Incident, entry: Entry) -> Message | None:  # noqa: C901, PLR0911, PLR0912 - one line a kind
    """What the thread says of this entry; incident: as it is now."""
    match entry:
        case AlertJoined():
            return alert_joined(incident, entry)
        case Unanswered():
            return unanswered(incident, entry)
        case Investigated():
            return investigated(incident, entry)
        case Proposed():
            return proposed(incident, entry)
        case Critiqued():
            return critiqued(incident, entry)
        case Attempted():
            return attempted(incident, entry)
        case Decided():
            return decided(incident, entry)
        case Called():
            return people_called(incident, entry)
        case Delivered():
            return delivered(incident, entry)
        case Progressed():
            return progressed(incident, entry)
        case Looked():
            return looked(incident, entry)
        case Verified():
            return verified(incident, entry)
        case Ended():
            return ended(incident, entry)
        case Remembered():
            return remembered(incident, entry)
        case Closed():
            return closed(incident, entry)
        case Opened() | PhaseBegan() | ThreadOpened() | Turned():  # entries.SILENT
            return None
        case _:
            assert_never(entry)  # mypy names a kind that has no message

"""`/suture`: short answers for whoever asks, seen by them alone."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from bot.slack.blocks import Message, head
from bot.slack.blocks.head import next_step
from bot.slack.blocks.layout import SECTION_LIMIT, context, message, section, words
from bot.slack.blocks.naming import lasted, link, place
from remediation.entries import Incident
from remediation.errors import NotFound
from remediation.ports import Record

LISTED = 20


LinkTo = Callable[[str], str]  # a page's path → an address that opens it for a while, empty when nobody could reach it
Close = Callable[[str, str], Awaitable[Message]]  # (incident id, why) → what whoever asked for it is told; raises NotFound


async def answer(text: str, record: Record, link_to: LinkTo, close: Close) -> Message:
    """The answer to `/suture TEXT`, within Slack's three seconds however many are open; what is not understood is answered with help."""
    word, _, rest = text.strip().partition(" ")
    match word.lower():
        case "status":
            return status(await record.open_by_status(), link_to("/"))
        case "incidents":
            return await _listing(record)
        case "show" if rest.strip():
            return await _show(rest.strip(), record, link_to)
        case "close" if rest.strip():
            return await _close(rest.strip(), record, close)
        case "show" | "close" as asked:
            return await _listing(record, words("which_one", asked=asked))
        case _:
            return message(words("help", asked=text.strip() if word.lower() not in ("", "help") else ""))


def status(states: Mapping[str, int], address: str) -> Message:
    """How many incidents are open, and in which state; a link to the dashboard where there is one."""
    return message(words("status", states=sorted(states.items()), count=sum(states.values()), dashboard=_opens(address)))


async def _listing(record: Record, said: str = "") -> Message:
    """Open incidents, newest first, a line each. Reading one takes milliseconds: those that are not listed are only counted."""
    known = list(await record.open_now())
    incidents = [await record.incident(incident_id) for incident_id in known[: -LISTED - 1 : -1]]
    lines = [words("incident_line", incident=incident, place=place(incident.target), lasted=lasted(incident), next=next_step(incident))
             for incident in incidents]  # fmt: skip
    text = words("incidents", said=said, lines=lines, more=max(0, len(known) - LISTED))
    return Message(text=text[:SECTION_LIMIT], blocks=tuple(section(part) for part in _parts(text)))


async def _show(incident_id: str, record: Record, link_to: LinkTo) -> Message:
    try:
        incident = await _typed(incident_id, record)
    except NotFound:
        return await _listing(record, words("show_unknown", incident_id=incident_id))
    said, opens = head(incident), _opens(link_to(f"/incidents/{incident.incident_id}"))
    return replace(said, blocks=(*said.blocks, context(opens))) if opens else said


async def _close(rest: str, record: Record, close: Close) -> Message:
    incident_id, _, why = rest.partition(" ")
    try:
        return await close((await _typed(incident_id, record)).incident_id, why.strip())
    except NotFound:
        return await _listing(record, words("show_unknown", incident_id=incident_id))


async def _typed(incident_id: str, record: Record) -> Incident:
    """The incident of this id, typed in small letters, too. Raises NotFound."""
    try:
        return await record.incident(incident_id)
    except NotFound:
        if incident_id.isupper():
            raise
        return await record.incident(incident_id.upper())


def _opens(address: str) -> str:
    """A link that works for whoever asked, for a quarter of an hour."""
    return link(address, "Open the dashboard") if address else ""


def _parts(text: str) -> list[str]:
    """Whole lines, as many as a section takes each."""
    parts = [""]
    for line in text.split("\n"):
        if parts[-1] and len(parts[-1]) + len(line) + 1 > SECTION_LIMIT:
            parts.append(line)
        else:
            parts[-1] = f"{parts[-1]}\n{line}" if parts[-1] else line
    return parts

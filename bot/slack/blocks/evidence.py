"""The evidence sheet that Show evidence gives to one person: every numbered item, as much of each as one message takes."""

from collections.abc import Iterator

from bot.slack.blocks.layout import SECTION_LIMIT, Block, Message, code_section, context, message, section, words
from bot.slack.blocks.naming import clock
from remediation.entries import Incident
from remediation.quoting import plain

ALL_ITEMS = 8000  # characters of all items together: Slack refuses a message of much more than 13,000 with its layout
MOST_ITEMS = 22  # two blocks each, under Slack's 50
LEAST = 160


def evidence_sheet(incident: Incident) -> Message:
    """All items in order; one that is cut says how much was left out."""
    if not incident.evidence:
        return message(words("no_evidence", incident_id=incident.incident_id))
    return message(f"Evidence of {plain(incident.incident_id)}: {len(incident.evidence)} items", *_items(incident))


def _items(incident: Incident) -> Iterator[Block]:
    shown = incident.evidence[:MOST_ITEMS]
    share = max(LEAST, min(SECTION_LIMIT, ALL_ITEMS // len(shown)))
    for item in shown:
        yield section(words("evidence_item", item=item, at=clock(item.at)))
        if item.text.strip():
            yield code_section(item.text, share)
    if len(incident.evidence) > len(shown):
        yield context(words("evidence_more", count=len(incident.evidence) - len(shown), incident_id=incident.incident_id))

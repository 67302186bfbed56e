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
    """What each rule of policy said, then all items in order; one that is cut says how much was left out."""
    if not incident.evidence:
        return message(words("no_evidence", incident_id=incident.incident_id))
    rulings = _rulings(incident)
    items = _items(incident, ALL_ITEMS - sum(len(block["text"]["text"]) for block in rulings))
    return message(f"Evidence of {plain(incident.incident_id)}: {len(incident.evidence)} items", *rulings, *items)


def _rulings(incident: Incident) -> list[Block]:
    """Policy on the newest act that it was asked about."""
    judged = next((attempt for attempt in reversed(incident.attempts) if attempt.verdict is not None), None)
    if judged is None or judged.verdict is None:
        return []
    said = words("rulings", rulings=judged.verdict.rulings)
    return [section(f"*Policy on “{plain(judged.act.title if judged.act else judged.plan.title)}”*\n{said}")]


def _items(incident: Incident, room: int) -> Iterator[Block]:
    """room: characters for the texts of all items."""
    shown = incident.evidence[:MOST_ITEMS]
    share = max(LEAST, min(SECTION_LIMIT, room // len(shown)))
    for item in shown:
        yield section(words("evidence_item", item=item, at=clock(item.at)))
        if item.text.strip():
            yield code_section(item.text, share)
    if len(incident.evidence) > len(shown):
        yield context(words("evidence_more", count=len(incident.evidence) - len(shown), incident_id=incident.incident_id))

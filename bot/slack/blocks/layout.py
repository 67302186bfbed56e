"""The parts that every message is laid out with, within Slack's limits: values in, blocks out; sending is elsewhere."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from remediation.closing import CLOSE
from remediation.questions import CHOOSE
from remediation.quoting import code, fit, plain, visible, yaml_block
from remediation.terms import Json
from templates import render

SECTION_LIMIT = 3000
HEADER_LIMIT = 150
CHOICES = 25  # buttons in a row that Slack takes
TEXT_LIMIT = 1000  # far below what Slack takes: it is for notifications and screen readers
_STYLES = {"approve": {"style": "primary"}, "reject": {"style": "danger"}}
ACTIONS = {"approve": "Approve", "reject": "Reject", "escalate": "Escalate", "show_evidence": "Show evidence"}
_LABELS = {**ACTIONS, CLOSE: "Close"}
Block = Mapping[str, Json]  # Block Kit as the Web API takes it; the SDK's models would take most of the time that a message costs
BUTTONS_OF = "suture:"  # begins the block_id of every row of buttons; the incident's id follows, and what sets rows apart


@dataclass(frozen=True, kw_only=True)
class Message:
    """What is posted. text: for notifications, screen readers and where blocks are refused."""

    text: str
    blocks: tuple[Block, ...]

    @property
    def simple(self) -> tuple[Block, ...]:
        """The same without any layout, for a workspace that refuses it; what can be pressed stays."""
        return (section(self.text), *(block for block in self.blocks if block["type"] == "actions"))


def message(text: str, *blocks: Block) -> Message:
    """A message of these blocks; the text alone, as one section, when there are none. text: mrkdwn too, so quoted like all else."""
    return Message(text=fit(text, TEXT_LIMIT), blocks=blocks or (section(text),))


def words(template: str, **values: object) -> str:
    """The words of `templates/slack/TEMPLATE.j2`, in Slack's mrkdwn; the template quotes what comes from outside with `plain`."""
    return render(f"slack/{template}.j2", plain=plain, **values).strip()


def header(text: str) -> Block:
    """A line in large letters; Slack reads no mrkdwn there."""
    line = " ".join(visible(text).split())
    return {"type": "header", "text": plain_text(fit(line, HEADER_LIMIT))}


def section(text: str) -> Block:
    """A paragraph of mrkdwn. verbatim: an address or a name in quoted text is not made into a link."""
    return {"type": "section", "text": _mrkdwn(fit(text, SECTION_LIMIT))}


def context(text: str) -> Block:
    """A line in small letters."""
    return {"type": "context", "elements": [_mrkdwn(fit(text, SECTION_LIMIT))]}


def code_section(text: str, limit: int = SECTION_LIMIT) -> Block:
    """A code block, shown whole; what is over the limit is cut at a line, and said."""
    return {"type": "section", "text": _mrkdwn(code(text, limit)), "expand": True}


def yaml_sections(value: Json, most: int = 2) -> list[Block]:
    """YAML in at most so many code blocks, parted between lines; Slack folds them, for those who want to read on."""
    lines = yaml_block(value).rstrip("\n").split("\n")
    sections: list[Block] = []
    while lines and len(sections) < most - 1:
        whole = code("\n".join(lines), len(lines) * SECTION_LIMIT)
        if len(whole) <= SECTION_LIMIT:
            break
        count = _fitting(lines)
        sections.append(_folded("\n".join(lines[:count])))
        lines = lines[count:]
    return [*sections, _folded("\n".join(lines))] if lines else sections


def buttons(incident_id: str, digest: str, actions: Iterable[str]) -> Block:
    """A row of buttons. They carry keys, never authority: the stored row decides what a press means."""
    elements = [
        {"type": "button", "text": plain_text(_LABELS[action]), "action_id": action, "value": digest, **_STYLES.get(action, {})}
        for action in actions
    ]
    return {"type": "actions", "elements": elements, "block_id": f"{BUTTONS_OF}{incident_id}"}


def choices(incident_id: str, digest: str, count: int) -> Block:
    """A button for each of several places, by its number; of more than CHOICES the first ones, for Slack refuses the whole card else."""
    elements = [
        {"type": "button", "text": plain_text(f"Take {number + 1}"), "action_id": f"{CHOOSE}{number}", "value": digest}
        for number in range(min(count, CHOICES))
    ]
    return {"type": "actions", "elements": elements, "block_id": f"{BUTTONS_OF}{incident_id}:places"}  # Slack takes an id once a message


def _folded(text: str) -> Block:
    return {"type": "section", "text": _mrkdwn(code(text, SECTION_LIMIT))}


def plain_text(text: str) -> Json:
    """Text in which Slack reads nothing."""
    return {"type": "plain_text", "text": text, "emoji": False}


def _mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _fitting(lines: Sequence[str]) -> int:
    """How many first lines fit one code block; at least one, which is then cut."""
    used = 0
    for count, line in enumerate(lines):
        used += len(code(line, SECTION_LIMIT)) - len("```\n\n```") + 1
        if used > SECTION_LIMIT - len("```\n\n```"):
            return max(1, count)
    return len(lines)

"""The parts that every message is laid out with, within Slack's limits: values in, blocks out; sending is elsewhere."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContextBlock,
    HeaderBlock,
    MarkdownTextObject,
    PlainTextObject,
    SectionBlock,
)

from remediation.quoting import code, fit, plain, visible, yaml_block
from remediation.terms import Json
from templates import render

SECTION_LIMIT = 3000
HEADER_LIMIT = 150
TEXT_LIMIT = 1000  # far below what Slack takes: it is for notifications and screen readers
ACTIONS = {"approve": "Approve", "reject": "Reject", "escalate": "Escalate", "show_evidence": "Show evidence"}
BUTTONS_OF = "suture:"  # begins the block_id of every row of buttons; the incident's id follows


@dataclass(frozen=True, kw_only=True)
class Message:
    """What is posted. text: for notifications, screen readers and where blocks are refused."""

    text: str
    blocks: tuple[Block, ...]

    @property
    def payload(self) -> list[Json]:
        """The blocks as the Web API takes them."""
        return [block.to_dict() for block in self.blocks]

    @property
    def simple(self) -> list[Json]:
        """The same without any layout, for a workspace that refuses it; what can be pressed stays."""
        buttons = [block.to_dict() for block in self.blocks if isinstance(block, ActionsBlock)]
        return [section(self.text).to_dict(), *buttons]


def message(text: str, *blocks: Block) -> Message:
    """A message of these blocks; the text alone, as one section, when there are none. text: mrkdwn too, so quoted like all else."""
    return Message(text=fit(text, TEXT_LIMIT), blocks=blocks or (section(text),))


def words(template: str, **values: object) -> str:
    """The words of `templates/slack/TEMPLATE.j2`, in Slack's mrkdwn; the template quotes what comes from outside with `plain`."""
    return render(f"slack/{template}.j2", plain=plain, **values).strip()


def header(text: str) -> HeaderBlock:
    """A line in large letters; Slack reads no mrkdwn there."""
    line = " ".join(visible(text).split())
    return HeaderBlock(text=PlainTextObject(text=fit(line, HEADER_LIMIT), emoji=False))


def section(text: str) -> SectionBlock:
    """A paragraph of mrkdwn. verbatim: an address or a name in quoted text is not made into a link."""
    return SectionBlock(text=MarkdownTextObject(text=fit(text, SECTION_LIMIT), verbatim=True))


def context(text: str) -> ContextBlock:
    """A line in small letters."""
    return ContextBlock(elements=[MarkdownTextObject(text=fit(text, SECTION_LIMIT), verbatim=True)])


def code_section(text: str, limit: int = SECTION_LIMIT) -> SectionBlock:
    """A code block, shown whole; what is over the limit is cut at a line, and said."""
    return SectionBlock(text=MarkdownTextObject(text=code(text, limit), verbatim=True), expand=True)


def yaml_sections(value: Json, most: int = 2) -> list[SectionBlock]:
    """YAML in at most so many code blocks, parted between lines."""
    lines = yaml_block(value).rstrip("\n").split("\n")
    sections: list[SectionBlock] = []
    while lines and len(sections) < most - 1:
        whole = code("\n".join(lines), len(lines) * SECTION_LIMIT)
        if len(whole) <= SECTION_LIMIT:
            break
        count = _fitting(lines)
        sections.append(code_section("\n".join(lines[:count])))
        lines = lines[count:]
    return [*sections, code_section("\n".join(lines))] if lines else sections


def buttons(incident_id: str, digest: str, actions: Iterable[str]) -> ActionsBlock:
    """A row of buttons. They carry keys, never authority: the stored row decides what a press means."""
    styles = {"approve": "primary", "reject": "danger"}
    elements = [
        ButtonElement(text=PlainTextObject(text=ACTIONS[action], emoji=False), action_id=action, value=digest, style=styles.get(action))
        for action in actions
    ]
    return ActionsBlock(elements=elements, block_id=f"{BUTTONS_OF}{incident_id}")


def _fitting(lines: Sequence[str]) -> int:
    """How many first lines fit one code block; at least one, which is then cut."""
    used = 0
    for count, line in enumerate(lines):
        used += len(code(line, SECTION_LIMIT)) - len("```\n\n```") + 1
        if used > SECTION_LIMIT - len("```\n\n```"):
            return max(1, count)
    return len(lines)

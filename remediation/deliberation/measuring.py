"""How much evidence a prompt may hold: models cut silently, so we leave out first, from the least telling end, and say so."""

from collections.abc import Sequence
from dataclasses import dataclass

from remediation.terms import Evidence, Finding

ANSWER_TOKENS = 2048  # kept free for the answer
REPAIR_TOKENS = 1024  # and for the second try, which holds the first answer
_BYTES_A_TOKEN = 3  # logs and JSON take more tokens than prose, at about four bytes each
_HEADING = 24  # tokens for an item's heading and what is said of what is left out
_FINDINGS = 3  # their part of the room: a third
_AROUND = 12  # tokens around a finding's text: the bar, its brackets


@dataclass(frozen=True, kw_only=True)
class Shown:
    """An item as a prompt holds it. left_out: how many of its lines are not shown."""

    item: str
    kind: str
    text: str
    left_out: int = 0


def tokens_of(text: str) -> int:
    """About how many tokens a text takes, rather too many than too few."""
    return -(-len(text.encode("utf-8", "replace")) // _BYTES_A_TOKEN)


def fitting(evidence: Sequence[Evidence], findings: Sequence[Finding], room: int) -> tuple[tuple[Shown, ...], tuple[str, ...]]:
    """The items that fit into `room` tokens, in the order of their numbers, and the names of those that do not fit at all.

    What findings cite comes first, then the items in their order, the most telling first; a long item takes at most half of what is left.
    """
    cited = {item for finding in findings for item in finding.cites}
    shown: dict[str, Shown] = {}
    for item in sorted(evidence, key=lambda item: item.item not in cited):
        part = _shortened(item, room - _HEADING if tokens_of(item.text) <= room // 2 else room // 2 - _HEADING)
        if part is not None:
            shown[item.item] = part
            room -= tokens_of(part.text) + _HEADING
    return tuple(shown[i.item] for i in evidence if i.item in shown), tuple(i.item for i in evidence if i.item not in shown)


def leading_findings(findings: Sequence[Finding], room: int) -> tuple[Finding, ...]:
    """The first findings that fit into a third of `room` tokens, the likeliest cause first: a namespace can have a thousand."""
    left, kept = room // _FINDINGS, 0
    for finding in findings:
        told = (finding.finding_id, finding.kind, finding.subject, *finding.cites, finding.text)
        left -= tokens_of(" ".join(told)) + _AROUND
        if left < 0:
            break
        kept += 1
    return tuple(findings[:kept])


def _shortened(item: Evidence, room: int) -> Shown | None:
    """The first lines of an item that fit; None when not even one does."""
    lines = f"{item.title}\n{item.text}".splitlines()
    kept: list[str] = []
    for line in lines:
        room -= tokens_of(line) + 2  # the bar and the line's end
        if room < 0:
            break
        kept.append(line)
    if len(kept) < min(2, len(lines)):
        return None
    return Shown(item=item.item, kind=item.kind, text="\n".join(kept), left_out=len(lines) - len(kept) + item.left_out)

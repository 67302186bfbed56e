"""Placeholders within a text that something fills in: kept where the text around them changes."""

import re
from collections import Counter

from remediation.terms import Json

_ACTION = r"\{\{(?:[^{}]|\{(?!\{)|\}(?!\}))*+\}\}"  # from the last braces that open before those which close
TEMPLATED = re.compile(r"\{\{|\$\{[A-Za-z_]|<%")
_ANY = re.compile(rf"{_ACTION}|\$\{{[^}}]{{0,300}}\}}|<%(?:[^<%]|<(?!%)|%(?!>))*+%>")
VARIABLE = re.compile(r"\$\{[A-Za-z_](?:[^{}]|\$\{[^{}]*\})*\}")  # its default may hold another one
ACTION = re.compile(_ACTION)  # of a text that a chart takes for a template


def keeps_placeholders(now: str, new: Json) -> bool:
    """Whether the new text has each placeholder of the old one, as rules of alerts and scripts have them for good."""
    return isinstance(new, str) and not Counter(_ANY.findall(now)) - Counter(_ANY.findall(new))


def refilled(written: str, now: str, new: str, placeholder: re.Pattern[str] = VARIABLE) -> str:
    """What must be written for a filled-in text to become `new`; empty where that changes more than the text between the placeholders.

    What would stand right against a placeholder is no change beside it, but of what fills it in: 64Mi of `${SIZE}Mi` is not to be 640Mi.
    """
    literals = placeholder.split(written)
    filled = re.fullmatch("(.*?)".join(map(re.escape, literals)), now, re.DOTALL)
    if len(literals) == 1 or filled is None:
        return ""
    begin, end = _changed(now, new)
    begins_now = [0, *(filled.end(number) for number in range(1, len(literals)))]
    begins_written = [0, *(match.end() for match in placeholder.finditer(written))]
    for number, literal in enumerate(literals):
        first, last = begins_now[number], begins_now[number] + len(literal)
        after = first < begin or (number == 0 and first == begin)
        before = end < last or (number == len(literals) - 1 and end == last)
        if after and before:
            moved = begins_written[number] - first
            return written[: begin + moved] + new[begin : len(new) - (len(now) - end)] + written[end + moved :]
    return ""


def _changed(now: str, new: str) -> tuple[int, int]:
    """The span of the old text that is another one in the new."""
    shorter = min(len(now), len(new))
    begin = next((at for at in range(shorter) if now[at] != new[at]), shorter)
    same_end = next((at for at in range(shorter - begin) if now[-1 - at] != new[-1 - at]), shorter - begin)
    return begin, len(now) - same_end

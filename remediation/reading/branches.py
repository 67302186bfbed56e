"""What `kubectl describe` prints, as a tree of keys by indentation; and what the branches of any kind may hold."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from remediation.quantities import parse_time
from remediation.reading.tables import blank
from remediation.terms import Json

_SECTION = re.compile(
    r"(?:[A-Z][a-z]+ ?){1,2}(?:-[A-Z][a-z]+)?:\s*$|(?:Name|Namespace|QoS Class|Node-Selectors|Tolerations|Events|Status): "
)


@dataclass
class Branch:
    """One key of a description: what stands beside it, what lines follow it, and the keys below it."""

    value: str = ""
    indent: int = 0
    lines: list[str] = field(default_factory=list)
    keys: dict[str, "Branch"] = field(default_factory=dict)

    def get(self, key: str) -> str:
        """What stands beside a key below this one, empty where nothing does."""
        return blank(self.keys[key].value) if key in self.keys else ""

    def below(self, key: str) -> "Branch":
        """The branch of a key, an empty one where there is none."""
        return self.keys.get(key) or Branch()

    def values(self) -> list[str]:
        """All that stands beside and below it, line by line."""
        return [text for text in (self.value, *(line.strip() for line in self.lines)) if blank(text)]


def tree(lines: Sequence[str]) -> Branch:
    """The text as a tree by indentation; a key stands twice where the text has it twice only for its first."""
    root = Branch(indent=-1)
    path = [root]
    said: Branch | None = None  # the last words of a container, which stand at the margin from their second line on
    for line in lines:
        if not line.strip():
            continue
        indent = len(line) - len(line.lstrip(" "))
        if said is not None and not indent and not _SECTION.match(line):
            said.lines.append(line)
            continue
        while indent <= path[-1].indent:
            path.pop()
        for above in path:
            above.lines.append(line)
        if (told := _key_in(line[indent:])) is not None:
            branch = Branch(value=told[1], indent=indent)
            path[-1].keys.setdefault(told[0], branch)
            path.append(branch)
            said = branch if indent and told[0] == "Message" else None
    return root


def _key_in(text: str) -> tuple[str, str] | None:
    """A key and what stands beside it, parted by a colon and blanks; None of a line without a key. Asked of every line: no pattern."""
    key, colon, beside = text.partition(":")
    if not colon or not key or key[0].isspace():
        return None
    if not beside or beside.isspace():
        return key.strip(), ""
    value = beside.lstrip(" ")
    return (key.strip(), value.rstrip()) if beside[0] == " " and not value[0].isspace() else None


def mapped(branch: Branch) -> dict[str, str]:
    """Labels, one a line, or annotations `key: value`."""
    found: dict[str, str] = {}
    for text in branch.values():
        match = re.match(r"([^\s=:]+)\s*[=:]\s*(.*)", text)
        if match:
            found[match[1]] = match[2]
    return found


def time_of(text: str) -> str:
    """A moment as the API writes it; empty where the text is none."""
    try:
        return parse_time(text).strftime("%Y-%m-%dT%H:%M:%SZ") if text else ""
    except ValueError:
        return ""


def amounts_in(branch: Branch) -> dict[str, str]:
    """The amounts below a key, those that are printed."""
    return {key: blank(sub.value) for key, sub in branch.keys.items() if blank(sub.value)}


_OVERLONG = re.compile(r"^(\S{20,}?)\s?(True|False|Unknown)$")  # a type that leaves no room for the blanks


def conditions_in(root: Branch) -> list[Json]:
    """The table of conditions: Type Status [times] Reason Message."""
    found = []
    lines = root.below("Conditions").lines or root.lines  # the head of the table is left away, too
    header = next((words for line in lines if (words := line.split())[:2] == ["Type", "Status"]), lines[0].split() if lines else [])
    for line in lines:
        parts = re.split(r"\s{2,}", _OVERLONG.sub(r"\1  \2", line.strip()))
        if len(parts) < 2 or parts[1] not in ("True", "False", "Unknown"):  # noqa: PLR2004 - type and status
            continue
        condition: dict[str, Json] = {"type": parts[0], "status": parts[1]}
        rest = [part for part in parts[2:] if not re.match(r"[A-Z][a-z]{2}, \d\d ", part)]
        if "Reason" in header and rest:
            spoken = " " in rest[0]  # the reason was empty
            condition["reason"] = "" if spoken else rest[0]
            condition["message"] = " ".join(rest if spoken else rest[1:])
        times = [time for part in parts[2:] if (time := time_of(part))]
        if times:
            condition["lastTransitionTime"] = times[-1]
        found.append(condition)
    return found


def number_in(root: Branch, key: str) -> int | None:
    """A whole number beside a key; None where there is none."""
    return int(root.get(key)) if root.get(key).isdecimal() else None

"""What a container said last before it ended, where none of its lines means anything that we know."""

import re
from collections.abc import Sequence

from remediation.findings.finding import Container
from remediation.observed import Observed
from remediation.reading.logs import Line, lines_of

_LONGEST = 300
_NEAR_END = 40
_SAYS_ONLY_THAT = re.compile(
    r"\b(?:[Aa]borting|[Ee]xiting|[Ss]hutting down|exited with (?:code|status)|exit status|ELIFECYCLE|errno \d+|failed to boot)\b"
)
_GRAVE = ("fatal", "error")


def last_words(container: Container, observed: Observed) -> tuple[str, str]:
    """Its last grave line, else its last line, with the item that shows it; empty where no log of it is known."""
    logs = [lines for item in observed.evidence if item.kind == "logs" for lines in (lines_of(item),) if _is_of(lines, container)]
    if not logs:
        return "", ""
    lines = max(logs, key=lambda found: found[0].previous)[-_NEAR_END:]
    grave = [line for line in lines if line.level in _GRAVE] or [line for line in lines if line.bad] or list(lines)
    grave = [line for line in grave if not _SAYS_ONLY_THAT.search(line.text)] or grave
    return grave[-1].text[:_LONGEST], grave[-1].item


def _is_of(lines: Sequence[Line], container: Container) -> bool:
    pod = container.pod["metadata"]["name"]
    if not lines or lines[0].pod not in (pod, container.workload.name):
        return False
    return "" in (lines[0].container, container.name) or lines[0].container == container.name

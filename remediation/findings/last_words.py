"""What a container said last before it ended, where none of its lines means anything that we know."""

import re

from remediation.findings.finding import Container
from remediation.findings.writers import logs_of
from remediation.observed import Observed
from remediation.terms import Target

_LONGEST = 300
_NEAR_END = 40
_SAYS_ONLY_THAT = re.compile(
    r"\b(?:[Aa]borting|[Ee]xiting|[Ss]hutting down|exited with (?:code|status)|exit status|ELIFECYCLE|errno \d+|failed to boot)\b"
)
_GRAVE = ("fatal", "error")


def last_words(container: Container, observed: Observed, target: Target) -> tuple[str, str]:
    """Its last grave line, else its last line, with the item that shows it; empty where no log of it is known."""
    pod = container.pod["metadata"]["name"]
    logs = [lines for lines in logs_of(container.workload, observed, target, pod=pod) if lines[0].container in ("", container.name)]
    if not logs:
        return "", ""
    lines = max(logs, key=lambda found: found[0].previous)[-_NEAR_END:]
    grave = [line for line in lines if line.level in _GRAVE] or [line for line in lines if line.bad] or list(lines)
    grave = [line for line in grave if not _SAYS_ONLY_THAT.search(line.text)] or grave
    return grave[-1].text[:_LONGEST], grave[-1].item

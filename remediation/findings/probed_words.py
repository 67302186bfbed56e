"""What a program itself says, through the failure of its probe, of what ails it (configuration, connections, disk): not the probe."""

import re
from collections.abc import Iterator

from remediation.observed import Observed, about, container_in, event_text
from remediation.reading.logs import Line
from remediation.terms import ObjectRef

_FAILED = re.compile(r"(?:Liveness|Readiness|Startup) probe (?:failed|errored)[^:\n]{0,40}: (?P<why>[^\n]{1,1000})")
_OWN_WORDS = re.compile(
    r"\bpars(?:e|ing)\b|unknown (?:directive|option|field|key|plugin)|syntax error|invalid config|too many (?:clients|connections)|"
    r"remaining connection slots|no space left on|read-only file system",
    re.IGNORECASE,
)


def probed_words(observed: Observed) -> Iterator[tuple[ObjectRef, Line]]:
    """Whose probe failed with such words, and the words."""
    for event in observed.all("Event"):
        match = _FAILED.search(event_text(event)) if event.get("reason") == "Unhealthy" else None
        if match is not None and _OWN_WORDS.search(match["why"]):
            field = str((event.get("involvedObject") or {}).get("fieldPath") or "")
            cites = observed.cites(event)
            line = Line(text=match["why"], item=cites[0] if cites else "", level="error", container=container_in(field))
            yield observed.root_of(about(event)), line

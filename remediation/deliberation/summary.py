"""What a person wants to know at a glance, read off a case: severity, impact, and what the logs say."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from remediation.deliberation.scene import live_object
from remediation.needed import holding
from remediation.terms import Case, Evidence, Json, Severity

_SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low", "unknown")
_is_telling = holding(("error", "fatal", "panic", "exception", "killed", "refused", "denied", "cannot", "failed", "timeout", "time out",
                       "timedout", "timed out"))  # fmt: skip
_VARIES = re.compile(r"\b[0-9a-fA-F]{8,}\b|\d+")
_LINES = 3
_LINE_LENGTH = 200


def severity(case: Case) -> Severity:
    """The gravest that an alert names."""
    return min((alert.severity for alert in case.alerts), key=_SEVERITIES.index, default="unknown")


def impact(case: Case) -> str:
    """How many pods of the target are not available, in a sentence; what is not known is said."""
    where = case.standing.environment or "unknown"
    live = live_object(case, case.target)
    wanted, available = _pods(live)
    if wanted is None:
        return f"Environment {where}; how many pods are available is not known."
    return f"{available} of {wanted} pods are available; environment {where}."


def _pods(live: Mapping[str, Json]) -> tuple[int | None, int]:
    status = live.get("status") or {}
    if live.get("kind") == "DaemonSet":
        return status.get("desiredNumberScheduled"), int(status.get("numberAvailable") or 0)
    return (live.get("spec") or {}).get("replicas"), int(status.get("availableReplicas") or 0)


def logs_summary(evidence: Iterable[Evidence]) -> str:
    """How many lines there are, and the telling ones, each kind of line once with how often it stands, the rarer first."""
    logs = [item for item in evidence if item.kind == "logs" and not item.failed]
    lines = [line.strip() for item in logs for line in item.text.splitlines() if line.strip()]
    if not lines:
        return "No log lines were found."
    telling = [line for line in lines if _is_telling(line)]
    kinds = [_VARIES.sub("#", line) for line in telling]
    counted = Counter(kinds)
    shown = sorted(counted, key=lambda kind: counted[kind])[:_LINES]
    what = "; ".join(f"{counted[kind]}× {telling[kinds.index(kind)][:_LINE_LENGTH]}" for kind in shown) or "none that names an error"
    return f"{len(lines)} lines of {', '.join(item.item for item in logs if item.item)}: {what}"

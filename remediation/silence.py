"""Systems that did not answer: each is told once, however many reads it left unanswered, and what the cause needs is waited for."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from remediation.deliberation.scene import leading
from remediation.errors import Late, RemediationError
from remediation.observed import observed_in
from remediation.terms import Evidence, Finding, Target

_NAMES = {"kubernetes": "Kubernetes", "datadog": "Datadog", "prometheus": "Prometheus", "gitlab": "GitLab"}
_NOT_READ = ": not read"  # ends the title of what failed


def why_silent(error: RemediationError) -> str:
    """Why a system did not answer that may answer later, in a few words; empty for what is an answer, such as a refusal."""
    if isinstance(error, Late):
        return f"timed out after {error.seconds:g} s"
    subject = next((name for name in _NAMES.values() if error.what.startswith(f"{name} ")), "")
    return error.what.removeprefix(f"{subject} ").rstrip(".") if error.retryable else ""


def told_once(items: Sequence[Evidence]) -> list[Evidence]:
    """The same items, but one for all that one system left unanswered, where the first of them stood."""
    told: list[Evidence] = []
    for item in items:
        if not item.unanswered:
            told.append(item)
        elif not any(other.unanswered and other.source == item.source for other in told):
            told.append(_of_one_system([other for other in items if other.unanswered and other.source == item.source]))
    return told


def awaited(evidence: Sequence[Evidence], findings: Sequence[Finding], target: Target) -> str:
    """Which systems must answer before a cause can be named, as a clause; empty where what is known is enough, or asking is no use.

    Where a cause was found, it needs its object, which only the cluster has.
    """
    silent = [item for item in evidence if item.unanswered and item.needed]
    observed = observed_in(evidence)
    if silent and leading(findings, target, observed) is not None:
        unseen = target.kind == "workload" and observed.get(target.object_kind, target.namespace, target.name) is None
        silent = [item for item in silent if unseen and item.source == "kubernetes"]
    return "; ".join(item.title for item in silent)


def _of_one_system(silent: Sequence[Evidence]) -> Evidence:
    first = silent[0]
    why = Counter(item.unanswered for item in silent).most_common(1)[0][0]
    names = [item.title.removesuffix(_NOT_READ) for item in silent]
    which = [f"{len(names)} reads"] if len(names) > 1 else [name for name in names if name != first.source]
    title = f"{_NAMES.get(first.source, first.source)} did not answer ({', '.join([why, *which])})"
    text = f"{first.text}\nNot read: {', '.join(dict.fromkeys(names))}."
    return replace(first, title=title, text=text, unanswered=why, needed=any(item.needed for item in silent))

"""What of a case concerns one workload: its live object, what was found on it and on its way, and what was tried on it before."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from remediation.graph import distances
from remediation.observed import Observed, Place, observed_in
from remediation.terms import Case, Finding, Json, ObjectRef, Precedent, Target
from remediation.workloads import concerns

_FAILED = ("not_fixed", "rolled_back")


@dataclass(frozen=True, kw_only=True)
class Tried:
    """One earlier try of a remedy that did not end well. failed: it was applied and did not cure.  Else people said no."""

    precedent: Precedent
    failed: bool


def live_object(case: Case, target: Target) -> Mapping[str, Json]:
    """The target's live object out of the evidence, the later of two readings; empty when no item shows it."""
    return observed_in(case.evidence).get(target.object_kind, target.namespace, target.name) or {}


def thing_of(target: Target) -> ObjectRef:
    """The target as an object, its group aside."""
    return ObjectRef(group="", kind=target.object_kind, namespace=target.namespace, name=target.name)


def leading(findings: Iterable[Finding], target: Target, observed: Observed) -> Finding | None:
    """The first finding on the target, on what it stands on, or on what is about it: a Service for it, its autoscaler.

    What is found beside that may be another's trouble, and is not this incident's cause.
    """
    thing = thing_of(target)
    below: Mapping[Place, int] | None = None  # dear, and seldom asked for: the first finding is on the target as a rule
    for finding in findings:
        if concerns(finding.subject, thing) or _is_about(finding, thing):
            return finding
        if below is None:
            below = distances([(thing.kind, thing.namespace, thing.name)], observed)
        kind, namespace, name, *_ = (*finding.subject.split("/"), "", "")
        if (kind, namespace, name) in below:
            return finding
    return None


def _is_about(finding: Finding, thing: ObjectRef) -> bool:
    named = f"{thing.kind}/{thing.name}" in (finding.facts.get("workload"), finding.facts.get("target"))
    return named and finding.subject.split("/")[1:2] == [thing.namespace]


def tried_here(precedents: Iterable[Precedent], remedy: str, thing: ObjectRef, container: str) -> tuple[Tried, ...]:
    """The tries of this remedy on this very object and container that failed or were refused, in the precedents' order."""
    here = [past for past in precedents if past.remedy == remedy and concerns(past.subject, thing, container)]
    return tuple(Tried(precedent=past, failed=past.outcome in _FAILED) for past in here if past.outcome in _FAILED or past.refused)

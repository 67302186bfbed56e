"""A fault of a namesake in another namespace: no cause of what the symptom names, and nothing to be changed for it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from remediation.consequences import place_of_finding
from remediation.findings.finding import found
from remediation.graph import CONTROLLERS, distances
from remediation.observed import Observed, Place
from remediation.pointing import pointed_at
from remediation.terms import Finding, Target

_KINDS = (*CONTROLLERS, "Service", "Ingress", "HorizontalPodAutoscaler", "PersistentVolumeClaim")  # others may manage across namespaces


@dataclass(frozen=True, kw_only=True)
class Namesake:
    """other: `Kind/namespace/name`, whose fault it is.  was: the kind of that finding.  here: the namespace that is asked about."""

    other: str
    was: str
    here: str


def apart(findings: Sequence[Finding], target: Target, observed: Observed) -> list[Finding]:
    """The findings, those of namesakes in other namespaces each as what it is: another's trouble."""
    strange = [finding for finding in findings if _is_namesake(finding, target)]
    if not strange:
        return list(findings)
    start: list[Place] = [(target.object_kind, target.namespace, target.name)]
    partners = [place for places in pointed_at(findings, start, observed).values() for place in places]
    below = distances([*start, *partners], observed)
    others = {id(finding) for finding in strange if place_of_finding(finding) not in below}
    return [*(finding for finding in findings if id(finding) not in others), *_told(strange, others, target)]


def _is_namesake(finding: Finding, target: Target) -> bool:
    """Whether a finding is on what has the target's name, or is about it, in a namespace that is not the target's."""
    kind, namespace, name = place_of_finding(finding)
    if not target.name or namespace in ("", target.namespace) or kind not in _KINDS:
        return False
    return name == target.name or f"{target.object_kind}/{target.name}" in (finding.facts.get("workload"), finding.facts.get("target"))


def _told(strange: Iterable[Finding], others: set[int], target: Target) -> Iterable[Finding]:
    """One finding for each namespace that has a namesake with a fault."""
    told: set[str] = set()
    for finding in strange:
        kind, namespace, name = place_of_finding(finding)
        if id(finding) in others and namespace not in told:
            told.add(namespace)
            facts = Namesake(other=f"{kind}/{namespace}/{name}", was=finding.kind, here=target.namespace)
            text = (
                f"in another namespace there is {kind} {name} of {namespace} with a fault of its own, "
                f"which is no cause of what {target.name} of {target.namespace} does: {finding.text.partition(': ')[2]}"
            )
            yield found("namesake", f"{target.object_kind}/{target.namespace}/{target.name}", facts, text, finding.cites)

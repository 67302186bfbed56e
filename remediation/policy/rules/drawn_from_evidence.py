"""An automatic gate needs images that this very container ran before, never one that a log line, an alert or another workload names."""

from collections.abc import Iterator

from remediation.observed import Observed
from remediation.policy.hearing import Hearing
from remediation.terms import Ruling
from remediation.workloads import containers


def drawn_from_evidence(hearing: Hearing) -> Ruling:
    """Every image that is set ran before: a finding says so, or this container of the workload's pods or older ReplicaSets has it.

    Amounts are bounded by what stands in the live object.
    """
    rule = "drawn_from_evidence"
    if hearing.reverts:
        return Ruling(rule=rule, passed=True, reason="a revert goes back to what stood there")
    known = hearing.remedy.parameters.properties
    images = {name: str(value) for name, value in hearing.act.parameters.items() if name in known and known[name].format == "image"}
    if not images:
        return Ruling(rule=rule, passed=True, reason="no parameter needs a source")
    ran = set(_ran(hearing))
    unknown = [image for name, image in images.items() if image not in ran | set(_found(hearing, known[name].x_fact))]
    if unknown:
        return Ruling(rule=rule, passed=True, gate="one_person", reason=f"no evidence shows that this container ran {unknown[0]}")
    return Ruling(rule=rule, passed=True, reason=f"{', '.join(images.values())} stands in the evidence of this container")


def _found(hearing: Hearing, fact: str | None) -> Iterator[str]:
    """What the findings on this container say of the fact that the parameter is taken from."""
    return (str(finding.facts[fact]) for finding in hearing.grounds if fact and finding.facts.get(fact))


def _ran(hearing: Hearing) -> Iterator[str]:
    """The images of this container in the workload's pods, and in its ReplicaSets but the newest, which is what is asked for now."""
    observed, workload = Observed(hearing.incident.evidence), hearing.act.object
    for thing in (*observed.pods_of(workload), *observed.replica_sets_of(workload)[1:]):
        for _, container in containers(thing):
            if container.get("name") == hearing.act.parameters.get("container"):
                yield str(container.get("image", ""))

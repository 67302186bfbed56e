"""What code draws from the evidence stands as drawn; an automatic gate needs images that this very container ran before.

Never one that a log line, an alert or another workload names.
"""

from collections.abc import Iterator

from remediation.drawing.parameters import values_drawn
from remediation.observed import Object, Observed, container_statuses
from remediation.policy.hearing import Hearing
from remediation.terms import Ruling
from remediation.workloads import containers


def drawn_from_evidence(hearing: Hearing) -> Ruling:
    """A parameter with a source is what code draws; every other image ran before.

    A finding proves so, a pod of the workload started it, or an older ReplicaSet has ready pods of it; that an earlier revision only names
    it is no proof. Amounts are bounded by what stands in the live object.
    """
    rule = "drawn_from_evidence"
    if hearing.reverts:
        return Ruling(rule=rule, passed=True, reason="a revert goes back to what stood there")
    known = hearing.remedy.parameters.properties
    drawn = values_drawn(hearing.remedy, hearing.grounds, Observed(hearing.incident.evidence), hearing.act.object)
    strange = [name for name, values in drawn.items() if hearing.act.parameters.get(name) not in (None, *values)]
    if strange:
        reason = f"the evidence does not show {strange[0]} {hearing.act.parameters[strange[0]]}"
        return Ruling(rule=rule, passed=False, reason=reason)
    given = {name: value for name, value in hearing.act.parameters.items() if name in known and name not in drawn}
    images = {name: str(value) for name, value in given.items() if known[name].format == "image"}
    if not images:
        said = f"{', '.join(drawn)} as the evidence shows" if drawn else "no parameter needs a source"
        return Ruling(rule=rule, passed=True, reason=said)
    ran = set(_ran(hearing))
    unknown = [image for name, image in images.items() if image not in ran | set(_found(hearing, known[name].x_fact))]
    if unknown:
        return Ruling(rule=rule, passed=True, gate="one_person", reason=f"no evidence shows that this container ran {unknown[0]}")
    return Ruling(rule=rule, passed=True, reason=f"{', '.join(images.values())} ran in this container, as the evidence shows")


def _found(hearing: Hearing, fact: str | None) -> Iterator[str]:
    """What the findings on this container prove of the fact that the parameter is taken from."""
    proving = [finding for finding in hearing.grounds if finding.facts.get("last_good_proof") != "earlier_revision"]
    return (str(finding.facts[fact]) for finding in proving if fact and finding.facts.get(fact))


def _ran(hearing: Hearing) -> Iterator[str]:
    """The images that this container ran: of the workload's pods that started it, of its older ReplicaSets that have ready pods."""
    observed, workload = Observed(hearing.incident.evidence), hearing.act.object
    name = str(hearing.act.parameters.get("container"))
    pods = (pod for pod in observed.pods_of(workload) if _started(pod, name))
    older = (one for one in observed.replica_sets_of(workload)[1:] if (one.get("status") or {}).get("readyReplicas"))
    for thing in (*pods, *older):
        yield from (str(container.get("image", "")) for _, container in containers(thing) if container.get("name") == name)


def _started(pod: Object, name: str) -> bool:
    """Whether this container of the pod runs, or ran: its image was there."""
    status = next((status for status in container_statuses(pod) if status.get("name") == name), {})
    states = {**(status.get("state") or {}), **(status.get("lastState") or {})}
    return bool(status.get("ready") or states.get("running") or states.get("terminated"))

"""What in a manifest the API server would refuse: guesses, while nothing shows that it did."""

from collections.abc import Iterator, Mapping

from remediation.findings.cron_times import times_of
from remediation.findings.suspected import Suspected, named_containers, suspect
from remediation.graph import labels_of, picks
from remediation.observed import Object, Observed, place_of
from remediation.quantities import parse
from remediation.terms import Finding
from remediation.workloads import pod_spec

_REMOVED: Mapping[str, str] = {  # versions that no supported server has: what to write instead
    "extensions/v1beta1": "apps/v1 or networking.k8s.io/v1", "apps/v1beta1": "apps/v1", "apps/v1beta2": "apps/v1",
    "networking.k8s.io/v1beta1": "networking.k8s.io/v1", "batch/v1beta1": "batch/v1", "batch/v2alpha1": "batch/v1",
    "policy/v1beta1": "policy/v1", "autoscaling/v2beta1": "autoscaling/v2", "autoscaling/v2beta2": "autoscaling/v2",
    "rbac.authorization.k8s.io/v1beta1": "rbac.authorization.k8s.io/v1",
}  # fmt: skip


def refused_by_server(thing: Object, observed: Observed) -> Iterator[Finding]:
    """A workload's own manifest that cannot be applied, each reason one guess."""
    name, spec, pod = place_of(thing)[2], thing.get("spec") or {}, pod_spec(thing)
    version, selector = str(thing.get("apiVersion")), spec.get("selector") or {}
    if version in _REMOVED:
        yield _refused(
            thing, observed, "invalid", f"{name} is written in {version}, which servers no longer have: write {_REMOVED[version]}"
        )
    if thing.get("kind") != "Pod" and selector and "template" in spec and not picks(selector, labels_of(thing)):
        yield _refused(thing, observed, "selector", f"the selector of {name} does not match the labels of its own template")
    if "schedule" in spec and times_of(str(spec["schedule"])) is None:
        yield suspect(
            "job_failed",
            thing,
            observed,
            f"the schedule {spec['schedule']!r} of {name} is none that cron knows",
            Suspected(cause="schedule"),
        )
    if pod.get("dnsPolicy") == "None" and not (pod.get("dnsConfig") or {}).get("nameservers"):
        yield _refused(thing, observed, "invalid", f"{name} has dnsPolicy None and names no nameserver in dnsConfig")
    if (
        (priority := pod.get("priorityClassName"))
        and not str(priority).startswith("system-")
        and observed.get("PriorityClass", "", str(priority)) is None
    ):
        yield _refused(thing, observed, "priority_class", f"{name} asks for PriorityClass {priority}, of which nothing is shown")
    yield from _in_containers(thing, observed)


def _in_containers(thing: Object, observed: Observed) -> Iterator[Finding]:
    volumes = {volume.get("name") for volume in pod_spec(thing).get("volumes") or ()}
    volumes |= {(claim.get("metadata") or {}).get("name") for claim in (thing.get("spec") or {}).get("volumeClaimTemplates") or ()}
    for name, container in named_containers(thing):
        for mount in container.get("volumeMounts") or ():
            if mount.get("name") not in volumes:
                text = f"container {name} of {place_of(thing)[2]} mounts the volume {mount.get('name')}, which its pod does not have"
                yield suspect(
                    "container_not_created", thing, observed, text, Suspected(cause="mount_refused", container=name, message=text)
                )
        resources = container.get("resources") or {}
        for resource, limit in (resources.get("limits") or {}).items():
            asked = (resources.get("requests") or {}).get(resource)
            if asked is not None and parse(asked) > parse(limit):
                text = f"container {name} of {place_of(thing)[2]} requests {asked} of {resource}, above its limit of {limit}"
                yield suspect(
                    "creation_refused", thing, observed, text, Suspected(cause="invalid_request", container=name, resource=str(resource))
                )


def _refused(thing: Object, observed: Observed, cause: str, text: str) -> Finding:
    return suspect("creation_refused", thing, observed, text, Suspected(cause=cause, message=text))

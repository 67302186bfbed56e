"""A workload that nobody showed, as far as its killed pod tells of it: files often hold the pod alone, or what `describe` says of it."""

from collections.abc import Iterable

from remediation.observed import Object, Observed
from remediation.terms import Finding, Json, ObjectRef

_KINDS = ("Deployment", "StatefulSet", "DaemonSet")
_INJECTORS = ("inject", "sidecar", "linkerd.io/proxy")  # in keys of annotations
_DEFAULT = "kubectl.kubernetes.io/default-container"


def unseen_workload(finding: Finding, observed: Observed) -> Object | None:
    """The workload with the one container that hit its own memory limit, and nothing else of it; None where it was shown, or less is known.

    A container that was injected into the pod perhaps is none of the workload's.
    """
    kind, namespace, name, *_ = (*finding.subject.split("/"), "", "")
    told = finding.kind == "oom_killed" and finding.facts.get("cause") == "limit"
    container, limit, request = (str(finding.facts.get(fact) or "") for fact in ("container", "memory_limit", "memory_request"))
    if not told or kind not in _KINDS or not (container and limit and name) or observed.get(kind, namespace, name) is not None:
        return None
    pods = observed.pods_of(ObjectRef(group="apps", kind=kind, namespace=namespace, name=name))
    if _may_be_injected(container, pods):
        return None
    resources: dict[str, Json] = {"limits": {"memory": limit}, **({"requests": {"memory": request}} if request else {})}
    where = "initContainers" if finding.facts.get("init") else "containers"
    spec = {"template": {"spec": {where: [{"name": container, "resources": resources}]}}}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"namespace": namespace, "name": name}, "spec": spec}


def _may_be_injected(container: str, pods: Iterable[Object]) -> bool:
    """Whether a pod notes that something was put into it, and does not name this container as its own."""
    noted = [(pod.get("metadata") or {}).get("annotations") or {} for pod in pods]
    return any(notes.get(_DEFAULT) != container and any(_is_injection(*note) for note in notes.items()) for notes in noted)


def _is_injection(key: str, value: Json) -> bool:
    return any(word in key for word in _INJECTORS) and str(value).lower() not in ("false", "disabled")

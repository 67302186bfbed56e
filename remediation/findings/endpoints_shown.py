"""What is shown of where a Service leads: its endpoints, and the pods that it may pick though nothing shows their labels."""

from collections.abc import Sequence

from remediation.graph import labels_of
from remediation.observed import Object, Observed, about, place_of, ready

_SERVICE = "kubernetes.io/service-name"
_WORD = 4  # letters of one that tells


def ends_of(service: Object, observed: Observed) -> Sequence[Object]:
    """The objects that show that the Service leads nowhere; none where its endpoints are not shown, or are not empty."""
    _, namespace, name = place_of(service)
    slices = [s for s in observed.all("EndpointSlice", namespace) if (s["metadata"].get("labels") or {}).get(_SERVICE) == name]
    own = observed.get("Endpoints", namespace, name)
    shown = [*slices, *([own] if own is not None else [])]
    described = (service.get("status") or {}).get("endpoints")
    if any(thing.get("endpoints") or thing.get("subsets") for thing in shown) or described:
        return ()
    return shown or ([service] if described is not None else [])


def unlabelled(service: Object, observed: Observed) -> bool:
    """Whether there are pods of which nothing shows the labels: the selector may pick them."""
    pods = [pod for pod in observed.all("Pod", place_of(service)[1]) if not labels_of(pod)]
    roots = (observed.root(pod) for pod in pods)
    return any(not labels_of(observed.get(root.kind, root.namespace, root.name) or {}) for root in roots)


def may_be_down(service: Object, observed: Observed) -> bool:
    """Whether pods that cannot be made, or are not ready and show no labels, are called like it: they may be what it picks."""
    selector = (service.get("spec") or {}).get("selector") or {}
    called = {place_of(service)[2], *map(str, selector.values())}
    refused = observed.events_with("FailedCreate")
    if any(observed.root_of(about(event)).name in called and about(event)[1] == place_of(service)[1] for event in refused):
        return True  # no pod of it can be made
    words = {word for text in (place_of(service)[2], *map(str, selector.values())) for word in text.split("-") if len(word) >= _WORD}
    down = (pod for pod in observed.all("Pod", place_of(service)[1]) if not labels_of(pod) and not ready(pod))
    return any(words & set(observed.root(pod).name.split("-")) for pod in down)


def picks_nobody(service: Object, behind: Sequence[Object], observed: Observed) -> bool:
    """Whether it has no endpoints though pods that are called as it says are ready; of those that it picks for certain, no."""
    return bool(behind) and not any(map(labels_of, behind)) and any(map(ready, behind)) and bool(ends_of(service, observed))


def as_sent(service: Object, observed: Observed) -> Object:
    """A printed Service whose one port leads where its endpoints say."""
    _, namespace, name = place_of(service)
    ports = (service.get("spec") or {}).get("ports") or []
    subsets = (observed.get("Endpoints", namespace, name) or {}).get("subsets") or []
    leads = {str(port.get("port")) for subset in subsets for port in subset.get("ports") or ()}
    if len(ports) != 1 or len(leads) != 1 or "targetPort" in ports[0]:
        return service
    return {**service, "spec": {**service["spec"], "ports": [{**ports[0], "targetPort": int(leads.pop())}]}}

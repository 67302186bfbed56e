"""A node of which nearly all is in use, as `kubectl top nodes` prints it, and the workload that suffers on it."""

from collections.abc import Iterator, Sequence

from remediation.findings.finding import found
from remediation.findings.node_trouble import NodeTrouble
from remediation.graph import CONTROLLERS
from remediation.observed import Object, Observed, place_of, ready
from remediation.reading.listed import NODE_SHARES
from remediation.terms import Finding, ObjectRef, Target

_NEARLY_ALL = 0.95  # of what the node may give to pods
_CALLED = {metric: resource for metric, (_, resource) in NODE_SHARES.items()}
_MOST_NAMED = 4


def node_overloaded(observed: Observed, target: Target) -> Iterator[Finding]:
    """One finding for each node that is nearly used up, unless pods of what is asked about are known and none of them is on it."""
    for item, series in observed.series():
        resource, node = _CALLED.get(series.metric), series.labels.get("node", "")
        if resource is None or not series.points or series.points[-1][1] < _NEARLY_ALL:
            continue
        pods = [pod for pod in observed.all("Pod") if _node_of(pod) == node]
        own = [pod for pod in _asked_about(target, observed) if _node_of(pod)]
        if own and not any(_node_of(pod) == node for pod in own):
            continue
        hit = [pod for pod in own if _node_of(pod) == node] or [pod for pod in pods if not ready(pod)] or pods
        yield _finding(node, resource, series.points[-1][1], hit, item, observed)


def _finding(node: str, resource: str, share: float, hit: Sequence[Object], item: str, observed: Observed) -> Finding:  # noqa: PLR0917
    victim = str(observed.root(hit[0])) if hit else ""
    facts = NodeTrouble(
        cause="overloaded",
        condition="",
        part="",
        pods=len(hit),
        most_pods=0,
        message=f"{share:.0%} of its {resource} is in use",
        victim=victim,
    )
    names = ", ".join(place_of(pod)[2] for pod in hit[:_MOST_NAMED])
    on_it = f"; on it {'runs' if len(hit) == 1 else 'run'} {names}" if names else ""
    text = f"node {node} is overloaded: {facts.message}{on_it}"
    shown = observed.get("Node", "", node)
    cites = (item, *observed.cites(*hit[:_MOST_NAMED], *([shown] if shown else ())))
    return found("node_trouble", f"Node//{node}", facts, text, tuple(dict.fromkeys(cites)))


def _asked_about(target: Target, observed: Observed) -> Sequence[Object]:
    """The pods of the workload that the symptom names."""
    if target.object_kind not in CONTROLLERS or not target.name:
        return ()
    return observed.pods_of(ObjectRef(group="", kind=target.object_kind, namespace=target.namespace, name=target.name))


def _node_of(pod: Object) -> str:
    return str((pod.get("spec") or {}).get("nodeName") or "")

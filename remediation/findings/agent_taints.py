"""Taints that are none to tolerate: of an agent that does not run on the node yet, and of a node that is lost or under pressure."""

import re
from collections.abc import Mapping, Sequence

from remediation.findings.placement import allocatable, requested
from remediation.observed import Object, Observed, about, place_of, ready
from remediation.quantities import parse
from remediation.terms import Json

AGENT_TAINT = (
    r"(?:had (?:untolerated )?taints?(?:\(s\))?|that the pod didn't tolerate)\s*\{?"
    r"(?P<taint>[^{}:=]{0,200}?(?:agents?-not-(?:ready|running)|not-initialized|cloudprovider\.kubernetes\.io/uninitialized|network-unavailable)"
    r"(?![\w-])[^{}]{0,200})\}?"
)
_LOST = re.compile(r"taints? \{node\.kubernetes\.io/(?P<state>unreachable|not-ready|(?:disk|memory|pid)-pressure)")
_COUNTED = re.compile(r"[:,] (?P<count>\d{1,5}) (?P<what>[^,\n]{1,200})")
_BAD = {"node_not_ready": ("NodeNotReady",), "pressure": ("NodeHasDiskPressure", "NodeHasInsufficientMemory", "NodeHasInsufficientPID")}
_WORD = re.compile(r"[a-z]{3,}")
_COMMON = frozenset(
    {"node", "agent", "agents", "not", "ready", "running", "kubernetes", "uninitialized", "initialized", "com", "aws", "true"}
)
_CLOUD, _NETWORK = {"cloud"}, {"cni", "calico", "cilium", "flannel", "canal", "kindnet", "weave", "ovn"}


def agents_down(taint: str, observed: Observed) -> Sequence[Object]:
    """The pods that would take a taint away, by the words of its key, and are not ready."""
    key = taint.partition(":")[0].partition("=")[0].lower()
    words = set(_WORD.findall(key)) - _COMMON
    words |= _CLOUD if "cloudprovider" in key else _NETWORK if "network-unavailable" in key else set()
    down = [pod for pod in observed.all("Pod") if not ready(pod) and (pod.get("status") or {}).get("phase") not in ("Pending", "Succeeded")]
    return [pod for pod in down if words & set(_WORD.findall(place_of(pod)[2]))]


def lost_beside(message: str, resource: str, spec: Mapping[str, Json], observed: Observed) -> tuple[str, Sequence[str]]:
    """Where some nodes lack room and others are lost or under pressure: the cause by those, and their names; both empty where it is not so.

    A pod must request no more than a node has, else the others would not help; where that is not shown, they must be named, or most.
    """
    lost, fits = _LOST.search(message), _fits(requested(spec, resource), allocatable(resource, observed))
    if lost is None or fits is False:
        return "", ()
    cause = "pressure" if lost["state"].endswith("pressure") else "node_not_ready"
    said = {about(event)[2] for event in observed.events_with(*_BAD[cause]) if about(event)[0] == "Node"}
    shown = {place_of(node)[2] for node in observed.all("Node") if any(_is_bad(one, cause) for one in _conditions(node))}
    return (cause, sorted(said | shown)) if fits or said or shown or _are_most(message) else ("", ())


def _conditions(node: Object) -> Sequence[Mapping[str, Json]]:
    return (node.get("status") or {}).get("conditions") or ()


def _is_bad(condition: Mapping[str, Json], cause: str) -> bool:
    kind, status = str(condition.get("type")), str(condition.get("status"))
    return (kind == "Ready" and status != "True") if cause == "node_not_ready" else (kind.endswith("Pressure") and status == "True")


def _fits(asked: str, most: str) -> bool | None:
    """Whether the one is no more than the other; None where not both are known."""
    try:
        return parse(asked) <= parse(most) if asked and most else None
    except ValueError:
        return None


def _are_most(message: str) -> bool:
    """Whether a scheduler counts more nodes that are lost than such as lack room."""
    lost = sum(int(each["count"]) for each in _COUNTED.finditer(message) if _LOST.search(each["what"]))
    short = sum(int(each["count"]) for each in _COUNTED.finditer(message) if "Insufficient" in each["what"])
    return lost > short

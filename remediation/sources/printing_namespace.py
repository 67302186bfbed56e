"""The objects of a namespace as short readable text: a line for what tells something, a count for what is as it should be. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from remediation.graph import ingress_backends
from remediation.observed import Object, place_of
from remediation.sources.printing import autoscaler
from remediation.terms import Json

_SHOWN = 40  # lines of one item


def workloads(things: Sequence[Object], _now: datetime) -> str:
    """What is not as it wants to be, a line each; the rest by name."""
    told = [(thing, _of_workload(thing)) for thing in things]
    fine = [f"{thing['kind']}/{place_of(thing)[2]}" for thing, line in told if not line]
    lines = [f"{thing['kind']}/{place_of(thing)[2]}: {line}" for thing, line in told if line]
    return _cut([*lines, *([f"as they should be: {', '.join(fine)}"] if fine else [])])


def network(things: Sequence[Object], _now: datetime) -> str:
    """Services with their selector, ports and endpoints; Ingresses with where they send; policies by name."""
    ready = _endpoints(things)
    return _cut([line for thing in things if (line := _of_network(thing, ready))])


def claims(things: Sequence[Object], _now: datetime) -> str:
    """Claims with phase, class and size; volumes and classes."""
    return _cut([f"{thing['kind']} {place_of(thing)[2]}: {_of_storage(thing)}" for thing in things])


def nodes(things: Sequence[Object], _now: datetime) -> str:
    """Nodes with every condition that is not as it should be, taints, and what they have to give."""
    return _cut([f"{place_of(thing)[2]}: {_of_node(thing)}" for thing in things])


def bounds(things: Sequence[Object], _now: datetime) -> str:
    """Autoscalers and disruption budgets."""
    return _cut([f"{thing['kind']} {place_of(thing)[2]}: {_of_bound(thing)}" for thing in things])


def conditions(things: Sequence[Object], _now: datetime) -> str:
    """Objects by their conditions and the phase that they say they are in."""
    return _cut([f"{thing['kind']} {place_of(thing)[2]}: {_of_conditions(thing.get('status') or {})}" for thing in things])


def _of_conditions(status: Mapping[str, Json]) -> str:
    phase, health = str(status.get("phase") or ""), status.get("health") or {}
    told = [
        phase,
        f"sync {(status.get('sync') or {}).get('status')}" if status.get("sync") else "",
        f"health {health.get('status')}" if health else "",
    ]
    told += [f"{c.get('type')}={c.get('status')} ({c.get('reason', '')}): {c.get('message', '')}" for c in status.get("conditions") or ()]
    return "; ".join(filter(None, told)) or "says nothing"


def names(things: Sequence[Object], _now: datetime) -> str:
    """The names, a line a kind."""
    by_kind: dict[str, list[str]] = {}
    for thing in things:
        by_kind.setdefault(str(thing["kind"]), []).append(place_of(thing)[2])
    return _cut([f"{kind}: {', '.join(found)}" for kind, found in by_kind.items()])


def _of_workload(thing: Object) -> str:
    """Empty for one that is as it wants to be."""
    spec, status = thing.get("spec") or {}, thing.get("status") or {}
    match thing["kind"]:
        case "CronJob":
            return "suspended" if spec.get("suspend") else ""
        case "Job":
            return "; ".join(_said(status.get("conditions") or ())) if status.get("failed") else ""
        case "DaemonSet":
            wanted, have = status.get("desiredNumberScheduled", 0), status.get("numberReady", 0)
        case _:
            wanted, have = spec.get("replicas", 1), status.get("readyReplicas", 0)
    said = _said([condition for condition in status.get("conditions") or () if _bad(condition)])
    return "; ".join([f"{have} of {wanted} ready", *said]) if have != wanted or not wanted or said else ""


def _said(conditions: Sequence[Mapping[str, Json]]) -> list[str]:
    return [f"{c.get('type')} {c.get('status')}: {c.get('reason')}, {c.get('message', '')}" for c in conditions]


def _bad(condition: Mapping[str, Json]) -> bool:
    return (condition.get("status") == "True") == (condition.get("type") == "ReplicaFailure")


def _of_network(thing: Object, ready: Mapping[str, int]) -> str:
    spec, name = thing.get("spec") or {}, place_of(thing)[2]
    match thing["kind"]:
        case "Service":
            ports = ", ".join(f"{p.get('port')}→{p.get('targetPort', p.get('port'))}" for p in spec.get("ports") or ())
            selector = ",".join(f"{key}={value}" for key, value in (spec.get("selector") or {}).items()) or "none"
            endpoints = f", {ready[name]} ready endpoints" if name in ready else ""
            return f"Service {name}: ports {ports or 'none'}, selector {selector}{endpoints}"
        case "Ingress":
            backends = ", ".join(f"{service}:{port}" for service, port in ingress_backends(thing))
            return f"Ingress {name}: class {spec.get('ingressClassName') or 'none'}, to {backends or 'nothing'}"
        case "NetworkPolicy":
            return f"NetworkPolicy {name}: {', '.join(spec.get('policyTypes') or ())} of {spec.get('podSelector') or 'every pod'}"
        case "IngressClass":
            return f"IngressClass {name}: {spec.get('controller')}"
    return ""


def _endpoints(things: Sequence[Object]) -> Mapping[str, int]:
    """How many ready endpoints each Service has, as its slices tell."""
    ready: dict[str, int] = {}
    for piece in things:
        if piece["kind"] == "EndpointSlice":
            service = str(((piece.get("metadata") or {}).get("labels") or {}).get("kubernetes.io/service-name", ""))
            up = sum((end.get("conditions") or {}).get("ready") is not False for end in piece.get("endpoints") or ())
            ready[service] = ready.get(service, 0) + up
    return ready


def _of_storage(thing: Object) -> str:
    spec, status = thing.get("spec") or {}, thing.get("status") or {}
    match thing["kind"]:
        case "StorageClass":
            return f"{thing.get('provisioner')}, binds {thing.get('volumeBindingMode', 'Immediate')}"
        case "PersistentVolume":
            size = (spec.get("capacity") or {}).get("storage")
        case _:
            size = ((spec.get("resources") or {}).get("requests") or {}).get("storage")
    modes = ",".join(spec.get("accessModes") or ())
    return f"{status.get('phase')}, class {spec.get('storageClassName') or 'none'}, {size}, {modes}"


def troubles(node: Object) -> list[str]:
    """What is not as it should be with a node: cordoned, or a condition."""
    conditions = (node.get("status") or {}).get("conditions") or ()
    bad = [c for c in conditions if (c.get("status") == "True") != (c.get("type") == "Ready")]
    cordoned = ["cordoned"] if (node.get("spec") or {}).get("unschedulable") else []
    return [*cordoned, *(f"{c.get('type')} {c.get('status')}: {c.get('message', '')}" for c in bad)]


def _of_node(thing: Object) -> str:
    taints = (f"taint {t.get('key')}={t.get('value', '')}:{t.get('effect')}" for t in (thing.get("spec") or {}).get("taints") or ())
    given = (thing.get("status") or {}).get("allocatable") or {}
    room = ", ".join(f"{name} {given[name]}" for name in ("cpu", "memory", "pods") if name in given)
    return "; ".join([*troubles(thing), *taints, *([room] if room else [])])


def _of_bound(thing: Object) -> str:
    if thing["kind"] == "HorizontalPodAutoscaler":
        return autoscaler(thing)
    status = thing.get("status") or {}
    healthy = f"{status.get('currentHealthy', '?')} of {status.get('desiredHealthy', '?')} healthy"
    return f"{status.get('disruptionsAllowed', '?')} disruptions allowed, {healthy}"


def _cut(lines: Sequence[str]) -> str:
    over = len(lines) - _SHOWN
    return "\n".join([*lines[:_SHOWN], *([f"({over} more)"] if over > 0 else [])])

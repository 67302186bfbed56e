"""The two ends of a connection: a workload's pods with their labels, addresses and ports, or a place outside the cluster."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import ip_address

from remediation.graph import backers, labels_of, workloads
from remediation.observed import Object, Observed, place_of
from remediation.pointing import services_by_address
from remediation.terms import Json, ObjectRef
from remediation.workloads import containers

_NUMBER = re.compile(r"-\d+$")  # of a StatefulSet's pod


@dataclass(frozen=True, kw_only=True)
class End:
    """name: of the workload, or of the host outside; empty where nobody knows whose it is.  inside: whether it is of the cluster's pods.

    labels: of its pods, None where nothing shows them.  addresses: of its pods, or its own.  ports: that its containers declare, by name
    and number; empty where none does.
    """

    name: str = ""
    namespace: str = ""
    inside: bool = True
    labels: Mapping[str, Json] | None = None
    addresses: Sequence[str] = ()
    ports: Mapping[str, int] = field(default_factory=dict)


CLUSTER_DNS = End(name="kube-dns", namespace="kube-system", labels={"k8s-app": "kube-dns"})


def end_of(thing: Object, observed: Observed) -> End:
    """A workload as one end."""
    root = observed.root(thing)
    pods = observed.pods_of(root)
    declared = [port for one in (thing, *pods[:1]) for _, container in containers(one) for port in container.get("ports") or ()]
    numbers = [int(port["containerPort"]) for port in declared if str(port.get("containerPort")).isdecimal()]
    named = {str(p["name"]): int(p["containerPort"]) for p in declared if p.get("name") and str(p.get("containerPort")).isdecimal()}
    return End(
        name=root.name,
        namespace=root.namespace,
        labels=pod_labels(thing, observed) or ({} if _says_labels(thing) else None),
        addresses=[str(address) for pod in pods if (address := (pod.get("status") or {}).get("podIP"))],
        ports={**{str(number): number for number in numbers}, **named},
    )


def _says_labels(thing: Object) -> bool:
    """Whether an object was shown as a whole, so that it has no labels where it shows none."""
    return any(True for _ in containers(thing)) and "template" in (thing.get("spec") or {})


def pod_labels(thing: Object, observed: Observed) -> Mapping[str, Json]:
    """The labels of a workload's pods; of one that was printed without them, those of a pod of it."""
    return labels_of(thing) or next(filter(None, map(labels_of, observed.pods_of(observed.root(thing)))), {})


def end_named(who: ObjectRef, observed: Observed) -> End:
    """A workload by its reference; bare but for its name where no item shows it."""
    thing = observed.get(who.kind, who.namespace, who.name) or next(iter(observed.pods_of(who)), None)
    return end_of(thing, observed) if thing is not None else End(name=who.name, namespace=who.namespace)


def ends_at(host: str, port: int, home: str, observed: Observed) -> Iterator[tuple[End, Sequence[int]]]:
    """Whom a host and a port mean to a pod of the namespace `home`, each with the port of its pods (none where that is not known)."""
    wanted = [port] if port else []
    if is_address(host):
        yield from _at_address(host, wanted, home, observed)
        return
    name, _, rest = host.partition(".")
    where = rest.split(".")[0] if rest else home
    service = observed.get("Service", where, name)
    if service is not None and (behind := list(_behind(service, port, observed))):
        yield from behind
    elif known := [thing for thing in workloads(observed, where) if name in (own := observed.root(thing).name, _NUMBER.sub("", own))][:1]:
        yield from ((end_of(thing, observed), wanted) for thing in known)
    elif not rest or ".svc" in host or service is not None:
        yield End(name=name, namespace=where), wanted
    else:
        yield End(name=host, inside=False), wanted


def _at_address(host: str, wanted: Sequence[int], home: str, observed: Observed) -> Iterator[tuple[End, Sequence[int]]]:
    """By the address of a Service or a pod; of one that nothing shows the only Service of the namespace that has the port."""
    service = observed.get(*services_by_address(observed).get(host, ("", "", "")))
    if service is not None and (found := list(_behind(service, next(iter(wanted), 0), observed))):
        yield from found
    elif pods := [pod for pod in observed.all("Pod") if (pod.get("status") or {}).get("podIP") == host]:
        yield end_named(observed.root(pods[0]), observed), wanted
    elif not ip_address(host).is_private:
        yield End(name=host, inside=False, addresses=[host]), wanted
    else:
        alone = [s for s in observed.all("Service", home) if wanted and wanted[0] in _ports_of(s)]
        ends = list(_behind(alone[0], wanted[0], observed)) if len(alone) == 1 else []
        yield from ends or [(End(addresses=[host]), wanted)]


def _behind(service: Object, port: int, observed: Observed) -> Iterator[tuple[End, Sequence[int]]]:
    """The workloads behind a Service, each with the port of its pods that the Service's port leads to."""
    told: set[str] = set()
    for thing in backers(service, observed):
        end = end_named(observed.root(thing), observed)
        if end.name not in told:
            told.add(end.name)
            yield end, _targets(service, port, end)


def _targets(service: Object, port: int, end: End) -> Sequence[int]:
    every = [p for p in (service.get("spec") or {}).get("ports") or () if not port or p.get("port") == port]
    targets = [str(p.get("targetPort") or p.get("port")) for p in every]
    found = [int(target) if target.isdecimal() else end.ports.get(target, 0) for target in targets]
    return [number for number in found if number] or ([port] if port and not targets else [])


def _ports_of(service: Object) -> Sequence[Json]:
    return [port.get("port") for port in (service.get("spec") or {}).get("ports") or ()]


def is_address(host: str) -> bool:
    """Whether a host is written in figures."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def services_of(thing: Object, observed: Observed) -> list[str]:
    """The Services that lead to a workload."""
    return _fronts(observed).get(observed.root(thing), [])


@lru_cache(maxsize=2)
def _fronts(observed: Observed) -> Mapping[ObjectRef, list[str]]:
    """The names of the Services that lead to each workload."""
    fronts: dict[ObjectRef, list[str]] = {}
    for service in observed.all("Service"):
        for root in dict.fromkeys(map(observed.root, backers(service, observed))):
            fronts.setdefault(root, []).append(place_of(service)[2])
    return fronts

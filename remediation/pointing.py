"""Whom a failure points at: the Services, workloads and pods that the line of a log means by an address, a name or a port."""

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache

from remediation.addressed import hosts_in
from remediation.consequences import OUTWARD, place_of_finding
from remediation.graph import backers, distances, workloads
from remediation.observed import Object, Observed, Place, place_of, ready
from remediation.servers import may_serve
from remediation.terms import Finding, ObjectRef
from remediation.workloads import containers

_NAME = re.compile(r"[a-z][a-z0-9-]{2,}")
_COMMON = frozenset(
    {"http", "https", "error", "dial", "tcp", "connect", "connection", "refused", "timeout", "timed", "out", "failed", "could", "not",
     "service", "server", "host", "port", "upstream", "client", "consumer", "request", "cluster", "local", "svc", "main", "app", "api",
     "web", "get", "post", "warn", "info", "level", "with", "from", "the", "and", "for"}
)  # fmt: skip
_UNRESOLVED = ("known", "outside", "")  # causes of a name that the cluster's own servers should resolve
_NAME_SERVERS = ("coredns", "kube-dns", "dns-default", "node-local-dns", "rke2-coredns-rke2-coredns")
_OVER = ("Succeeded", "Failed")
_SHORTEST_WORD = 4


def pointed_at(findings: Sequence[Finding], start: Sequence[Place], observed: Observed) -> Mapping[int, Sequence[Place]]:
    """Whom findings say that they cannot reach, by their id(): those on the symptom's object, what it stands on, and whom they point at."""
    told = {place_of_finding(f) for f in findings if f.kind not in OUTWARD}
    found: dict[int, Sequence[Place]] = {}
    edge = list(start)
    while new := _among(findings, found, edge, observed):
        found |= {id(f): _partners(f, told, observed) for f in new}
        edge = list(dict.fromkeys([*edge, *(place for f in new for place in found[id(f)])]))
    return found


def _among(findings: Sequence[Finding], known: Mapping[int, object], edge: Sequence[Place], observed: Observed) -> Sequence[Finding]:
    """Those that are not known yet and lie within reach; all where there is no edge."""
    within = distances(edge, observed)
    return [f for f in findings if id(f) not in known and (not edge or place_of_finding(f) in within)]


def _partners(finding: Finding, told: AbstractSet[Place], observed: Observed) -> Sequence[Place]:
    """Whom one finding points at; where no Service shows it, the workloads and pods that it may be. told: of which something is found."""
    namespace = place_of_finding(finding)[1]
    named = [services_by_address(observed).get(host) or _service(host, namespace) for host in _hosts_of(finding, observed)]
    unseen = {place[1:] for place in named if observed.get(*place) is None}
    found = [*named, *_roots(unseen, observed), *(other for place in named for other in _called_by(place, told, observed))]
    if finding.kind == "dns_failure" and finding.facts.get("cause") in _UNRESOLVED:
        found += [place for place in _reachable(observed) if place[2] in _NAME_SERVERS and place[0] != "Service"]
    if finding.facts.get("cause") == "hook" and finding.facts.get("object"):
        found.append(_job(str(finding.facts["object"])))
    if finding.kind in OUTWARD and not any(observed.get(*place) for place in found):
        found += _meant_by(finding, told, observed)
    return found


@lru_cache(maxsize=2)
def services_by_address(observed: Observed) -> Mapping[str, Place]:
    """Where the Services stand, by their address in the cluster."""
    return {str((service.get("spec") or {}).get("clusterIP")): place_of(service) for service in observed.all("Service")}


def _hosts_of(finding: Finding, observed: Observed) -> Iterator[str]:
    """The host that it cannot reach; of a line that no rule knows, each that it names and that is a Service."""
    if host := str(finding.facts.get("host") or ""):
        yield host
    elif not finding.facts.get("over") and not finding.facts.get("aside"):
        for host in hosts_in(str(finding.facts.get("said") or "")):
            if observed.get(*_service(host, place_of_finding(finding)[1])) is not None:
                yield host


def _called_by(place: Place, told: AbstractSet[Place], observed: Observed) -> Iterator[Place]:
    """Of those of which something is found, who is called as a Service without pods, or its selector, says."""
    service = observed.get(*place)
    if service is not None and place[0] == "Service" and not backers(service, observed):
        called = {place[2], *map(str, ((service.get("spec") or {}).get("selector") or {}).values())}
        yield from (other for other in told if other[0] != "Service" and other[1] == place[1] and other[2] in called)


def _job(named: str) -> Place:
    kind, _, rest = named.partition("/")
    namespace, _, name = rest.partition("/")
    return kind, namespace, name


def _service(host: str, namespace: str) -> Place:
    """The Service that a host's name means."""
    name, _, rest = host.partition(".")
    return "Service", (rest.split(".")[0] if rest else namespace), name


def _roots(unseen: set[tuple[str, str]], observed: Observed) -> Iterator[Place]:
    """Workloads of these namespaces and names, and those of such pods, in the order of the pods."""
    rooted = _rooted(observed) if unseen else {}
    yield from (root for _, root in sorted({pair for name in unseen for pair in rooted.get(name, ())}))


@lru_cache(maxsize=2)
def _rooted(observed: Observed) -> Mapping[tuple[str, str], Sequence[tuple[int, Place]]]:
    """The workloads of all pods, each with its pod's number, by each namespace and name that may mean them."""
    found: dict[tuple[str, str], list[tuple[int, Place]]] = {}
    for at, pod in enumerate(observed.all("Pod")):
        root, own = observed.root(pod), place_of(pod)[1:]
        for name in dict.fromkeys((own, _numberless(own), (root.namespace, root.name))):
            found.setdefault(name, []).append((at, (root.kind, root.namespace, root.name)))
    return found


def _numberless(pod: tuple[str, str]) -> tuple[str, str]:
    """Namespace and name of the StatefulSet that a pod's name tells of."""
    return pod[0], re.sub(r"-\d+$", "", pod[1])


def _meant_by(finding: Finding, told: AbstractSet[Place], observed: Observed) -> Sequence[Place]:
    """Others that its line names, else that listen on its port, else that ail and share a word, else the only one that ails.

    told: of which something is found.
    """
    said, here = str(finding.facts.get("said") or finding.text).lower(), place_of_finding(finding)
    words = set(_NAME.findall(said)) - _COMMON
    others = [place for place in _reachable(observed) if place != here and (place[1] == here[1] or f"{place[2]}.{place[1]}" in said)]
    if whole := [place for place in others if place[2] in words]:
        return whole
    host, port = (str(finding.facts.get(name) or "") for name in ("host", "port"))
    named = any(map(str.isalpha, host))
    outside = named and host.count(".") > 1 and ".svc" not in host
    if port and not outside and (listening := [place for place in others if _listens(place, port, observed)]):
        return listening
    if outside:
        return []
    alone = [place for place in others if not named and place in told and _ails(place, observed)]
    parts = {part for word in words for part in word.split("-") if len(part) >= _SHORTEST_WORD}
    alike = [place for place in others if parts & set(place[2].split("-")) and (place in told or _ails(place, observed))]
    return alike or (alone if len(alone) == 1 else [])


@lru_cache(maxsize=2)
def _reachable(observed: Observed) -> Sequence[Place]:
    """The Services and workloads that a line may mean."""
    roots = (observed.root(thing) for thing in workloads(observed))
    return tuple(dict.fromkeys([*map(place_of, observed.all("Service")), *((r.kind, r.namespace, r.name) for r in roots)]))


def _listens(place: Place, port: str, observed: Observed) -> bool:
    """Whether something declares this port, or is what is known to have it."""
    things = [thing for thing in (observed.get(*place), *_pods(place, observed)[:1]) if thing is not None]
    ports = [p for thing in things for p in (thing.get("spec") or {}).get("ports") or () if place[0] == "Service"]
    if any(str(p.get("port")) == port for p in ports):
        return True
    inside = [container for thing in things for _, container in containers(thing)]
    if any(str(p.get("containerPort")) == port for container in inside for p in container.get("ports") or ()):
        return True
    return any(may_serve(port, name) for name in (place[2], *(str(c.get("image", "")) for c in inside)))


def _ails(place: Place, observed: Observed) -> bool:
    """Whether a pod of it is neither ready nor over, be it that it has no node yet."""
    return any(not ready(pod) and (pod.get("status") or {}).get("phase") not in _OVER for pod in _pods(place, observed))


def _pods(place: Place, observed: Observed) -> Sequence[Object]:
    return observed.pods_of(ObjectRef(group="", kind=place[0], namespace=place[1], name=place[2]))

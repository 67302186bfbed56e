"""A Service that leads nowhere: its selector picks no pod, or its port leads to one that its pods do not have."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from remediation.findings.endpoints_shown import as_sent, ends_of, may_be_down, picks_nobody, unlabelled
from remediation.findings.finding import found
from remediation.findings.listening import port_said
from remediation.findings.writers import texts_of
from remediation.graph import backers, labels_of, workloads
from remediation.observed import Object, Observed, event_text, place_of
from remediation.terms import Finding, Json, Target
from remediation.workloads import containers

_NEAR = 0.6
_CLEARLY = 0.1  # by so much of its letters one value is likelier than another
_BEGINNING = 2  # letters
_UNBALANCED = (
    "SyncLoadBalancerFailed",
    "CreatingLoadBalancerFailed",
    "FailedBuildModel",
    "FailedDeployModel",
    "AllocationFailed",
    "UnAvailableLoadBalancer",
)


@dataclass(frozen=True, kw_only=True)
class ServiceBroken:
    """cause: selector, target_port, protocol, load_balancer (message says why the cloud makes none).

    Also selector_broad (it picks pods of rival besides those of workload), local_only (its traffic stays on the caller's node).

    selector: `a=b, c=d`.  near: the labels of the workload that it most likely means.
    workload: that workload, `Kind/name`.  rival: another that fits as well, empty where none does.

    port, target_port: as the Service has them.  ports: that the containers declare, `80/TCP, …`.
    """

    cause: str
    selector: str
    near: str
    workload: str
    port: str
    target_port: str
    ports: str
    message: str = ""
    rival: str = ""


def service_broken(observed: Observed, target: Target) -> Iterator[Finding]:
    """At most one finding for each Service with a selector."""
    for service in observed.spoken_of("Service"):
        yield from _unbalanced(service, observed)
        spec = service.get("spec") or {}
        selector = spec.get("selector") or {}
        if not selector or spec.get("type") == "ExternalName":
            continue
        behind = backers(service, observed)
        if not behind:
            meant, ends = _meant(service, observed), ends_of(service, observed)
            if meant and (ends or not unlabelled(service, observed)):
                yield _finding(service, "selector", meant[0], {}, (observed, target), rival=meant[1] if len(meant) > 1 else None)
            elif ends and not may_be_down(service, observed):
                yield _endless(service, ends, observed)
        elif picks_nobody(service, behind, observed):
            yield _endless(service, ends_of(service, observed), observed)
        elif (wrong := _wrong_port(as_sent(service, observed), behind) or _unheard(service, behind[-1], observed, target)) is not None:
            yield _finding(service, wrong[0], behind[-1], wrong[1], (observed, target))


def _unbalanced(service: Object, observed: Observed) -> Iterator[Finding]:
    """A load balancer that the cloud does not make."""
    said = [e for e in observed.events_of(service) if str(e.get("reason", "")).startswith(_UNBALANCED) and e.get("type") == "Warning"]
    if said:
        _, namespace, name = place_of(service)
        message = max((event_text(e) for e in said), key=len)
        facts = ServiceBroken(
            cause="load_balancer", selector="", near="", workload="", port="", target_port="", ports="", message=message[:400]
        )
        text = f'Service {name} in {namespace} gets no load balancer, its external IP stays pending: "{message.strip()}"'
        yield found("service_broken", f"Service/{namespace}/{name}", facts, text, observed.cites(service, *said[:1]))


def _endless(service: Object, ends: Sequence[Object], observed: Observed) -> Finding:
    """It picks nothing, and nothing says what it means."""
    _, namespace, name = place_of(service)
    selector = ", ".join(f"{k}={v}" for k, v in ((service.get("spec") or {}).get("selector") or {}).items())
    facts = ServiceBroken(cause="selector", selector=selector, near="", workload="", port="", target_port="", ports="")
    text = f"Service {name} in {namespace} has a selector {selector} that matches no pod, so it has no endpoints"
    return found("service_broken", f"Service/{namespace}/{name}", facts, text, observed.cites(service, *ends))


def _meant(service: Object, observed: Observed) -> Sequence[Object]:
    """The workloads that a Service most likely means, those equally: of its name, or sharing most labels; none where none is near."""
    _, namespace, name = place_of(service)
    selector = (service.get("spec") or {}).get("selector") or {}
    known = _near(name, selector, *_by_beginning(observed, namespace))

    def nearness(thing: Object) -> tuple[int, int, int]:
        labels, own = labels_of(thing), place_of(thing)[2]
        shared = sum(labels.get(key) == value for key, value in selector.items())
        alike = sum(_alike(str(labels[key]), str(value)) for key, value in selector.items() if key in labels)
        named = (
            2
            if own == name
            else 1
            if own.startswith(name)
            or name.startswith(own)
            or any(own.startswith(str(v)) or str(v).startswith(own) for v in selector.values())
            else 0
        )
        return named, shared, alike

    def likeness(thing: Object) -> float:
        labels = labels_of(thing)
        return max((_likeness(str(labels[key]), str(value)) for key, value in selector.items() if key in labels), default=0.0)

    best = max(known, key=lambda thing: (*nearness(thing), likeness(thing)), default=None)
    if best is None or not any(nearness(best)):
        return ()
    root, near = observed.root(best), nearness(best)
    equal = [w for w in known if observed.root(w) != root and nearness(w) == near and likeness(best) - likeness(w) < _CLEARLY]
    return [best, *equal]


Beginnings = Mapping[str, Sequence[int]]


@lru_cache(maxsize=4)
def _by_beginning(observed: Observed, namespace: str) -> tuple[Sequence[Object], Beginnings]:
    """The workloads and pods of a namespace that have labels, and the places among them by how a name or a label's value begins."""
    known = [w for w in (*workloads(observed, namespace), *observed.all("Pod", namespace)) if labels_of(w)]
    found_: dict[str, list[int]] = {}
    for at, thing in enumerate(known):
        for text in {place_of(thing)[2], *map(str, labels_of(thing).values())}:
            found_.setdefault(text[:_BEGINNING], []).append(at)
    return known, found_


def _near(name: str, selector: Mapping[str, Json], known: Sequence[Object], by_beginning: Beginnings) -> Sequence[Object]:
    """Those that may be meant at all: names and labels that are alike begin alike."""
    places = {at for text in (name, *map(str, selector.values())) for at in by_beginning.get(text[:_BEGINNING], ())}
    return [known[at] for at in sorted(places)]


def _alike(one: str, other: str) -> bool:
    """Whether one value may be a slip of the pen, or a short form, of the other."""
    return one[:3] == other[:3] and _likeness(one, other) >= _NEAR


@lru_cache(maxsize=8192)
def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()


def _wrong_port(service: Object, behind: Sequence[Object]) -> tuple[str, Mapping[str, Json]] | None:
    """The first port that leads to none of the declared ones, and why."""
    declared = [port for thing in behind for where, c in containers(thing) if where == "containers" for port in c.get("ports") or ()]
    if not declared:
        return None
    for port in (service.get("spec") or {}).get("ports") or ():
        target = port.get("targetPort")
        if target is None:
            if "name" not in port and "targetPort" not in port and len(port) <= 2:  # noqa: PLR2004 - a printed row: the target is not shown
                continue
            target = port.get("port")
        same = [d for d in declared if target in (d.get("containerPort"), d.get("name")) or str(target) == str(d.get("containerPort"))]
        if not same:
            return "target_port", port
        if all((d.get("protocol") or "TCP") != (port.get("protocol") or "TCP") for d in same):
            return "protocol", port
    return None


def _unheard(service: Object, behind: Object, observed: Observed, target: Target) -> tuple[str, Mapping[str, Json]] | None:
    """The only port of a Service where the program behind it says that it listens on another, and declares none."""
    ports = (service.get("spec") or {}).get("ports") or []
    declared = any(c.get("ports") for _, c in containers(behind))
    wanted = str(ports[0].get("targetPort") or "") if len(ports) == 1 else ""
    heard = _heard(behind, observed, target) if wanted.isdecimal() and not declared else ""
    return ("target_port", ports[0]) if heard and heard != wanted else None


def _heard(thing: Object, observed: Observed, target: Target) -> str:
    """The port on which the only container of a workload says that it listens; of several nothing tells which one is meant."""
    own = [str(container.get("name") or "") for where, container in containers(thing) if where == "containers"]
    return port_said(texts_of(observed.root(thing), observed, target, "".join(own))) if len(own) <= 1 else ""


def _finding(
    service: Object, cause: str, meant: Object, port: Mapping[str, Json], asked: tuple[Observed, Target], *, rival: Object | None = None
) -> Finding:
    observed = asked[0]
    _, namespace, name = place_of(service)
    selector = ", ".join(f"{k}={v}" for k, v in ((service.get("spec") or {}).get("selector") or {}).items())
    root = observed.root(meant)
    ports = ", ".join(f"{p.get('containerPort')}/{p.get('protocol') or 'TCP'}" for _, c in containers(meant) for p in c.get("ports") or ())
    ports = ports or _heard(meant, *asked)
    near = ", ".join(f"{k}={v}" for k, v in labels_of(meant).items() if k != "pod-template-hash")
    target = str(port.get("targetPort") or port.get("port") or "")
    other = observed.root(rival) if rival is not None else None
    also = f"{other.kind}/{other.name}" if other is not None else ""
    besides = f", and as well it may mean {also}" if also else ""
    facts = ServiceBroken(cause=cause, selector=selector, near=near, rival=also,
                          workload=f"{root.kind}/{root.name}", port=str(port.get("port") or ""),
                          target_port=target, ports=ports)  # fmt: skip
    words = {
        "selector": f"has a selector {selector} that matches no pod, so it has no endpoints; the pods of {facts.workload} have the labels "
        f"{near}{besides}",
        "target_port": f"sends port {facts.port} to targetPort {target}, but the containers of {facts.workload} listen on {ports}",
        "protocol": f"speaks {port.get('protocol') or 'TCP'} on port {facts.port}, but the containers of {facts.workload} listen on "
        f"{ports}",
    }[cause]
    return found(
        "service_broken", f"Service/{namespace}/{name}", facts, f"Service {name} in {namespace} {words}", observed.cites(service, meant)
    )

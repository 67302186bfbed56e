"""A route that no gateway serves or that leads nowhere: the Gateway API's, Istio's virtual services, OpenShift's routes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from remediation.findings.finding import found
from remediation.observed import Object, Observed, place_of
from remediation.terms import Finding, Json, Target

_ROUTES = ("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute", "VirtualService")
_REASONS: Mapping[str, str] = {
    "BackendNotFound": "backend_missing", "InvalidKind": "backend_missing", "NoMatchingParent": "parent_missing",
    "NoMatchingListenerHostname": "hostname", "NotAllowedByListeners": "not_allowed", "RefNotPermitted": "not_allowed",
    "InvalidCertificateRef": "secret_missing", "PortUnavailable": "port_missing", "HostAlreadyClaimed": "hostname",
    "AddressNotAssigned": "no_address", "NoResources": "no_address", "Pending": "no_address",
}  # fmt: skip
_ORDER = tuple(dict.fromkeys(_REASONS.values()))


@dataclass(frozen=True, kw_only=True)
class RouteBroken:
    """cause: backend_missing, port_missing, parent_missing, hostname, not_allowed, secret_missing, class_missing, no_address, refused.

    name: the Service, Gateway or class that it names.  near: one of nearly that name.  port, ports: that it asks for, and that there are.
    reason, message: of the controller.  reported: whether a controller says so.
    """

    cause: str
    name: str
    near: str
    port: str
    ports: str
    reason: str
    message: str
    reported: bool


def route_broken(observed: Observed, _target: Target) -> Iterator[Finding]:
    """At most one finding for each route and gateway."""
    for kind in _ROUTES:
        for route in observed.all(kind):
            yield from _first(route, [*_conditions(route, observed), *_backends(route, observed), *_parents(route, observed)], observed)
    for gateway in observed.all("Gateway"):
        yield from _first(gateway, [*_class(gateway, observed), *_conditions(gateway, observed)], observed)
    for route in observed.all("Route"):
        yield from _first(route, [*_openshift(route, observed), *_conditions(route, observed)], observed)


def _first(thing: Object, broken: Sequence[RouteBroken], observed: Observed) -> Iterator[Finding]:
    for facts in sorted(broken, key=lambda f: (f.cause not in _ORDER, _ORDER.index(f.cause) if f.cause in _ORDER else 0))[:1]:
        kind, namespace, name = place_of(thing)
        near = f"; {facts.near} exists and was probably meant" if facts.near else ""
        said = f'; its controller says {facts.reason}: "{facts.message}"' if facts.reason else ""
        text = f"{kind} {name} in {namespace} {_words(facts)}{near}{said}"
        shown = [s for s in (observed.get("Service", namespace, facts.near or facts.name),) if s is not None]
        yield found("route_broken", f"{kind}/{namespace}/{name}", facts, text, observed.cites(thing, *shown))


def _words(facts: RouteBroken) -> str:
    named = f" {facts.name}" if facts.name else ""
    return {
        "backend_missing": f"sends to a Service{named} that does not exist (backend not found)",
        "port_missing": f"sends to port {facts.port} of{named}, which has only {facts.ports or 'others'}",
        "parent_missing": f"is attached to no Gateway: its parent{named} does not exist or has no such listener",
        "hostname": "asks for a host name that its gateway does not serve, or that another route has",
        "not_allowed": "is not allowed to be attached, or to send, to another namespace",
        "secret_missing": "names a TLS certificate that does not exist or cannot be read",
        "class_missing": f"names the GatewayClass{named}, which does not exist",
        "no_address": "has no address yet",
    }.get(facts.cause, "is not accepted")


def _facts(
    cause: str, *, name: str = "", near: str = "", port: str = "", ports: str = "", said: Mapping[str, Json] | None = None
) -> RouteBroken:
    return RouteBroken(cause=cause, name=name, near=near, port=port, ports=ports, reason=str((said or {}).get("reason") or ""),
                       message=str((said or {}).get("message") or "")[:400], reported=said is not None)  # fmt: skip


def _conditions(thing: Object, observed: Observed) -> Iterator[RouteBroken]:
    """What controllers say of it, of its parents' or listeners' view of it."""
    status = thing.get("status") or {}
    parts = [status, *(status.get("parents") or ()), *(status.get("listeners") or ()), *(status.get("ingress") or ())]
    for part in parts:
        for condition in part.get("conditions") or ():
            if condition.get("status") == "False" and condition.get("type") in (
                "Accepted",
                "ResolvedRefs",
                "Programmed",
                "Admitted",
                "Ready",
            ):
                cause = _REASONS.get(str(condition.get("reason")), "refused")
                name = _name_of(cause, thing, observed)
                near = _near(name, "Service" if cause == "backend_missing" else "Gateway", thing, observed)
                yield _facts(cause, name=name, near=near, said=condition)


def _name_of(cause: str, thing: Object, observed: Observed) -> str:
    if cause == "backend_missing":
        names = [name for name, where, _ in _sent_to(thing) if observed.get("Service", where, name) is None]
        return names[0] if names else ""
    if cause == "parent_missing":
        return str(next(iter(_refs(thing, "parentRefs")), {}).get("name") or "")
    return ""


def _refs(thing: Object, key: str) -> Sequence[Mapping[str, Json]]:
    return [one for one in (thing.get("spec") or {}).get(key) or () if isinstance(one, Mapping)]


def _sent_to(route: Object) -> Iterator[tuple[str, str, Json]]:
    """The Services that a route sends to: name, namespace, port."""
    for rule in _refs(route, "http") if route["kind"] == "VirtualService" else ():
        for way in rule.get("route") or ():
            host = str((way.get("destination") or {}).get("host") or "") if isinstance(way, Mapping) else ""
            name, _, rest = host.partition(".")
            if name and (not rest or ".svc" in f".{rest}"):
                port = ((way.get("destination") or {}).get("port") or {}).get("number")
                yield name, rest.split(".")[0] or place_of(route)[1], port
    for rule in _refs(route, "rules"):
        for backend in rule.get("backendRefs") or ():
            if isinstance(backend, Mapping) and backend.get("kind", "Service") == "Service" and backend.get("name"):
                yield str(backend["name"]), str(backend.get("namespace") or place_of(route)[1]), backend.get("port")


def _backends(route: Object, observed: Observed) -> Iterator[RouteBroken]:
    for name, namespace, port in _sent_to(route):
        service = observed.get("Service", namespace, name)
        if service is None and any(observed.all("Service", namespace)):
            yield _facts("backend_missing", name=name, near=_near(name, "Service", route, observed))
        ports = [str(p.get("port")) for p in ((service or {}).get("spec") or {}).get("ports") or ()]
        if ports and port is not None and str(port) not in ports:
            yield _facts("port_missing", name=name, port=str(port), ports=", ".join(ports))


def _parents(route: Object, observed: Observed) -> Iterator[RouteBroken]:
    gateways = {place_of(gateway)[1:] for gateway in observed.all("Gateway")}
    for parent in _refs(route, "parentRefs"):
        place = (str(parent.get("namespace") or place_of(route)[1]), str(parent.get("name")))
        if parent.get("kind", "Gateway") == "Gateway" and gateways and place not in gateways:
            yield _facts("parent_missing", name=place[1], near=_near(place[1], "Gateway", route, observed))


def _class(gateway: Object, observed: Observed) -> Iterator[RouteBroken]:
    wanted = str((gateway.get("spec") or {}).get("gatewayClassName") or "")
    classes = [place_of(one)[2] for one in observed.all("GatewayClass")]
    if wanted and classes and wanted not in classes:
        yield _facts("class_missing", name=wanted, near=next(iter(get_close_matches(wanted, classes, 1, 0.5)), ""))


def _openshift(route: Object, observed: Observed) -> Iterator[RouteBroken]:
    to, namespace = (route.get("spec") or {}).get("to") or {}, place_of(route)[1]
    name = str(to.get("name") or "") if isinstance(to, Mapping) else ""
    if name and observed.get("Service", namespace, name) is None and any(observed.all("Service", namespace)):
        yield _facts("backend_missing", name=name, near=_near(name, "Service", route, observed))


def _near(name: str, kind: str, thing: Object, observed: Observed) -> str:
    """A Service of the route's namespace, or a Gateway, of nearly that name; empty where the name itself exists."""
    known = [place_of(one)[2] for one in observed.all(kind, place_of(thing)[1] if kind == "Service" else None)]
    return "" if not name or name in known else next(iter(get_close_matches(name, known, 1, 0.6)), "")

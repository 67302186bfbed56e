"""A Service without a selector whose own Endpoints do not fit it: their ports are called otherwise, so nobody finds them."""

from collections.abc import Iterator, Mapping, Sequence

from remediation.findings.finding import found
from remediation.findings.service_broken import ServiceBroken
from remediation.observed import Object, Observed, place_of
from remediation.terms import Finding, Json, Target

_SERVICE = "kubernetes.io/service-name"


def endpoints_apart(observed: Observed, _target: Target) -> Iterator[Finding]:
    """One finding for each such Service, for its first port that none of its Endpoints has by name."""
    for service in observed.all("Service"):
        spec = service.get("spec") or {}
        if "type" not in spec or spec.get("selector") or spec["type"] == "ExternalName" or (service.get("status") or {}).get("printed"):
            continue
        ends = _ends(service, observed)
        names = [_name(port) for thing in ends for port in _ports(thing)]
        wanted = [port for port in spec.get("ports") or () if _name(port) not in names]
        if names and wanted:
            yield _finding(service, wanted[0], names, ends, observed)


def _ends(service: Object, observed: Observed) -> Sequence[Object]:
    """The Endpoints and EndpointSlices of its name that were shown as a whole: a table leaves the names of ports out."""
    _, namespace, name = place_of(service)
    slices = [s for s in observed.all("EndpointSlice", namespace) if ((s.get("metadata") or {}).get("labels") or {}).get(_SERVICE) == name]
    own = observed.get("Endpoints", namespace, name)
    return [thing for thing in (*slices, own) if thing is not None and any("protocol" in port for port in _ports(thing))]


def _ports(thing: Object) -> Sequence[Mapping[str, Json]]:
    """The ports of Endpoints, or of a slice of them."""
    inside = [port for subset in thing.get("subsets") or () for port in subset.get("ports") or ()]
    return [port for port in (*inside, *(thing.get("ports") or ())) if isinstance(port, Mapping)]


def _name(port: Mapping[str, Json]) -> str:
    return str(port.get("name") or "")


def _finding(service: Object, port: Mapping[str, Json], names: Sequence[str], ends: Sequence[Object], observed: Observed) -> Finding:
    _, namespace, name = place_of(service)
    have = ", ".join(dict.fromkeys(one or "no name" for one in names))
    facts = ServiceBroken(cause="endpoints_port", selector="", near="", workload="", port=_name(port) or str(port.get("port")),
                          target_port="", ports=have)  # fmt: skip
    called = f"named {_name(port)}" if _name(port) else f"{port.get('port')}, which has no name"
    apart = f"its port {called} is not among those of its own Endpoints ({have})"
    text = f"Service {name} in {namespace} has no selector, and {apart}: none is found"
    return found("service_broken", f"Service/{namespace}/{name}", facts, text, observed.cites(service, *ends))

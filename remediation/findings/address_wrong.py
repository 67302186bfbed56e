"""A workload whose environment names a Service that does not exist, or a port that the Service does not have."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from remediation.findings.finding import found
from remediation.graph import addresses, workloads
from remediation.observed import Observed, place_of
from remediation.terms import Finding, Target

_HERE = frozenset(
    {
        "localhost",
        "kubernetes",
        "host",
        "http",
        "https",
        "true",
        "false",
        "none",
        "null",
        "default",
        "tcp",
        "postgres",
        "root",
        "admin",
        "info",
    }
)


@dataclass(frozen=True, kw_only=True)
class AddressWrong:
    """cause: service_missing, port_missing.  variable: that names it.  host, port: as written.  near: a Service of nearly this name.

    ports: that the Service has, `5432, 9187`.
    """

    cause: str
    variable: str
    host: str
    port: str
    near: str
    ports: str


def address_wrong(observed: Observed, _target: Target) -> Iterator[Finding]:
    """One finding for each variable of a workload that leads to no Service, where the Services of that namespace are known."""
    for thing in workloads(observed):
        for variable, host, namespace, port in addresses(thing, observed):
            if host in _HERE or not _known(observed, namespace):
                continue
            service = observed.get("Service", namespace, host)
            root = observed.root(thing)
            name = root.name
            ports = [p.get("port") for p in ((service or {}).get("spec") or {}).get("ports") or ()]
            near = _near(observed, namespace, host) if service is None else host
            if service is None and (near or port):
                facts = AddressWrong(cause="service_missing", variable=variable, host=host, port=str(port or ""), near=near, ports="")
                meant = f"; Service {near} exists" if near else ""
                words = f"names {host}{f':{port}' if port else ''} in {variable}, but there is no Service {host} in {namespace}{meant}"
            elif service is not None and port and ports and port not in ports:
                facts = AddressWrong(
                    cause="port_missing", variable=variable, host=host, port=str(port), near=host, ports=", ".join(map(str, ports))
                )
                words = f"names port {port} of Service {host} in {variable}, but that Service has port {facts.ports}"
            else:
                continue
            shown = [s for s in (service, observed.get("Service", namespace, near)) if s]
            yield found("address_wrong", str(root), facts, f"{name} {words}", observed.cites(thing, *shown))


@lru_cache(maxsize=64)
def _known(observed: Observed, namespace: str) -> tuple[str, ...]:
    """The Services of a namespace, by name."""
    return tuple(place_of(service)[2] for service in observed.all("Service", namespace))


@lru_cache(maxsize=1024)
def _near(observed: Observed, namespace: str, host: str) -> str:
    """A Service of nearly this name, empty for none: many workloads name the same hosts."""
    return next(iter(get_close_matches(host, _known(observed, namespace), 1, 0.6)), "")

"""A workload whose environment names a Service that does not exist, or a port that the Service does not have."""

import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from remediation.findings.finding import found
from remediation.graph import addresses, backers, variables_of, workloads
from remediation.observed import Object, Observed, place_of
from remediation.paired import paired
from remediation.terms import Finding, Target
from remediation.workloads import containers

_HERE = frozenset(  # words that are no host of another
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
        for variable, host, namespace, port in (*addresses(thing, observed), *_in_two(thing, observed)):
            if host in _HERE or not (known := _known(observed).get(namespace)):
                continue
            service = observed.get("Service", namespace, host)
            root = observed.root(thing)
            name = root.name
            ports = [p.get("port") for p in ((service or {}).get("spec") or {}).get("ports") or ()]
            near = _near(known, host) if service is None else host
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


_A_PORT = re.compile(r"[0-9]{1,5}")


def _in_two(thing: Object, observed: Observed) -> Iterator[tuple[str, str, str, int]]:
    """Addresses whose host stands in one variable and whose port in another, `DB_HOST` and `DB_PORT`: by the variable of the port."""
    namespace = place_of(thing)[1]
    for _, container in containers(thing):
        values = {str(v.get("name")): v["value"] for v in variables_of(container, observed, namespace) if isinstance(v.get("value"), str)}
        for name, host, elsewhere in paired(values):
            service = observed.get("Service", elsewhere or namespace, host)
            if service and _A_PORT.fullmatch(values[name]) and not _is_its_own(int(values[name]), container, service, thing, observed):
                yield name, host, elsewhere or namespace, int(values[name])


def _is_its_own(port: int, container: Object, service: Object, thing: Object, observed: Observed) -> bool:
    """Whether it says where the container itself listens: it declares that port, or the Service is the workload's own."""
    return port in [p.get("containerPort") for p in container.get("ports") or ()] or thing in backers(service, observed)


@lru_cache(maxsize=2)
def _known(observed: Observed) -> Mapping[str, tuple[str, ...]]:
    """The Services of each namespace, by name."""
    names: dict[str, list[str]] = {}
    for service in observed.all("Service"):
        _, namespace, name = place_of(service)
        names.setdefault(namespace, []).append(name)
    return {namespace: tuple(own) for namespace, own in names.items()}


_ALIKE = 0.6  # of two names' letters, as difflib measures it


@lru_cache(maxsize=1024)
def _near(known: tuple[str, ...], host: str) -> str:
    """The one of these Services that is called nearly so, empty for none: many workloads name the same hosts."""
    own = _letters(host)
    perhaps = [name for name in known if 2.0 * len(own & _letters(name)) / (len(host) + len(name)) >= _ALIKE]  # the others cannot be
    return next(iter(get_close_matches(host, perhaps, 1, _ALIKE)), "")


@lru_cache(maxsize=4096)
def _letters(name: str) -> AbstractSet[tuple[str, int]]:
    """The letters of a name, each with how often it stood before: what two names share of these they have in common in any order."""
    return frozenset((letter, name[:at].count(letter)) for at, letter in enumerate(name))

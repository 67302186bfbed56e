"""Ports of containers and Services: numbers, names and protocols."""

from collections.abc import Iterator, Mapping

from remediation.gitops.owners.objects import listed, mapping
from remediation.gitops.validity.fields import number_fault, word_fault
from remediation.gitops.validity.syntax import Fault, is_dns_label, is_open, is_port_name, shown
from remediation.terms import Json

_MOST = 65535
_PROTOCOLS = ("TCP", "UDP", "SCTP")
_NAME = "Write at most 15 lower-case letters, digits and '-', a letter among them."


def container_port_faults(where: str, container: Mapping[str, Json]) -> Iterator[Fault]:
    """Of one container. where: its path."""
    ports = [mapping(port) for port in listed(container.get("ports"))]
    for at, port in enumerate(ports):
        path, name = f"{where}.ports[{at}]", port.get("name")
        yield from number_fault(f"{path}.containerPort", port.get("containerPort"), 1, _MOST)
        yield from number_fault(f"{path}.hostPort", port.get("hostPort"), 0, _MOST)
        yield from word_fault(f"{path}.protocol", port.get("protocol"), _PROTOCOLS)
        if name and not is_open(name) and not is_port_name(name):
            yield Fault(f"{path}.name is {shown(name)}", _NAME)
    yield from twice_faults(f"port of {where}", [port.get("name") for port in ports])


def service_faults(service: Mapping[str, Json]) -> Iterator[Fault]:
    """Of a Service's ports."""
    spec = mapping(service.get("spec"))
    ports = [mapping(port) for port in listed(spec.get("ports"))]
    if not ports and spec.get("type") != "ExternalName" and spec.get("clusterIP") != "None":
        yield Fault("spec.ports is empty", "Leave the Service at least one port.")
    for at, port in enumerate(ports):
        path, name, target = f"spec.ports[{at}]", port.get("name"), port.get("targetPort")
        yield from number_fault(f"{path}.port", port.get("port"), 1, _MOST)
        yield from number_fault(f"{path}.nodePort", port.get("nodePort"), 0, _MOST)
        yield from word_fault(f"{path}.protocol", port.get("protocol"), _PROTOCOLS)
        if isinstance(target, str) and target and not is_open(target) and not is_port_name(target):
            yield Fault(f"{path}.targetPort is {shown(target)}", f"Write a number from 1 to {_MOST}, or a port's name.")
        elif target and not isinstance(target, str):
            yield from number_fault(f"{path}.targetPort", target, 1, _MOST)
        if name and not is_open(name) and not is_dns_label(name):
            yield Fault(f"{path}.name is {shown(name)}", "Write lower-case letters, digits and '-'.")
        if not name and len(ports) > 1:
            yield Fault(f"{path} has no name", "Name each port of a Service that has several.")
    yield from twice_faults("port of the Service", [port.get("name") for port in ports])


def twice_faults(what: str, names: list[Json]) -> Iterator[Fault]:
    """One for each name that stands more than once."""
    known = [str(name) for name in names if name]
    for name in dict.fromkeys(name for name in known if known.count(name) > 1):
        yield Fault(f"more than one {what} is called {name}", "Give each its own name.")

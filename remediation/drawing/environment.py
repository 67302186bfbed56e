"""An environment variable: what it was in the revision before, or the address in it as the Service is really called."""

import re
from collections.abc import Mapping

from remediation.drawing.basis import Basis
from remediation.drawing.likeness import surely_meant
from remediation.drawing.revisions import before, earlier, earlier_container, is_masked
from remediation.observed import place_of
from remediation.paired import paired
from remediation.terms import Json
from remediation.workloads import containers

_REFERENCES = ("configMapKeyRef", "secretKeyRef")


def variable(basis: Basis) -> Json:
    """The variable that the finding names; for an address that is wrong, the only one whose value holds it."""
    if basis.fact("variable"):
        return basis.fact("variable")
    host, port = basis.fact("host"), basis.fact("port")
    named = [v for _, each in containers(basis.live) for v in each.get("env") or () if host and _holds(v.get("value"), host)]
    if basis.fact("cause") in ("port_missing", "wrong_port"):
        named = [v for v in named if re.search(rf":{re.escape(port)}(?!\d)", str(v.get("value")))]  # another may name the host alone
        named = named or [{"name": name} for _, each in containers(basis.live) for name in _paired_with(host, port, each)]
    names = {str(v["name"]) for v in named}
    return next(iter(names)) if len(names) == 1 else None


def _paired_with(host: str, port: str, container: Mapping[str, Json]) -> list[str]:
    """The variables of a container that hold this port, beside one that holds the host: another says where it listens itself."""
    values = {str(v.get("name")): str(v.get("value")) for v in container.get("env") or ()}
    return [name for name, lead, _ in paired(values) if lead == host.split(".", 1)[0] and values[name] == port]


def container_of_variable(basis: Basis) -> Json:
    """The container that the finding names, else the only one that has the variable."""
    if basis.fact("container"):
        return basis.fact("container")
    names = [str(each.get("name")) for _, each in containers(basis.live) if _now(each, str(basis.taken.get("variable")))]
    return names[0] if len(names) == 1 else None


def variable_value(basis: Basis) -> Json:
    """Its text: the address as it should be, or what an earlier revision gave; None where that was a reference."""
    if basis.finding.kind == "missing_environment":
        value = _then(basis).get("value")
        if is_masked(value):
            raise basis.refused("Its value before is a secret.", "Bring it back by hand.")
        return value if isinstance(value, str) else None
    return _mended_address(basis)


def variable_reference(basis: Basis) -> Json:
    """ConfigMapKeyRef or secretKeyRef, where the variable came from one before."""
    source = _then(basis).get("valueFrom") or {}
    return next((kind for kind in _REFERENCES if kind in source), None)


def variable_object(basis: Basis) -> Json:
    """The name of the ConfigMap or Secret that it came from before."""
    return _reference(basis).get("name")


def variable_key(basis: Basis) -> Json:
    """The key of it."""
    return _reference(basis).get("key")


def _reference(basis: Basis) -> Mapping[str, Json]:
    return (_then(basis).get("valueFrom") or {}).get(str(basis.taken.get("reference"))) or {}


def _now(container: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    return next((v for v in container.get("env") or () if v.get("name") == name), {})


def _then(basis: Basis) -> Mapping[str, Json]:
    """The variable as the revision that runs, else the one just before, has it; empty where it still stands there."""
    name = str(basis.taken.get("variable"))
    if basis.finding.kind != "missing_environment" or _now(basis.container, name):
        return {}
    return _now(earlier_container(basis, earlier(basis) or before(basis)), name)


def _mended_address(basis: Basis) -> str | None:
    now = _now(basis.container, str(basis.taken.get("variable"))).get("value")
    host, port = basis.fact("host"), basis.fact("port")
    if not isinstance(now, str) or not host or is_masked(now):
        return None
    if basis.fact("cause") in ("port_missing", "wrong_port"):
        meant = _only_port(basis, host.split(".")[0])
        if now == port:  # the host stands in another variable
            return meant or None
        return re.sub(rf"(?<=:){re.escape(port)}(?!\d)", meant, now, count=1) if meant and now.count(f":{port}") == 1 else None
    near = _only_service(basis, host.split(".")[0])
    return re.sub(rf"(?<![\w.-]){re.escape(host.split('.')[0])}(?![\w-])", near, now, count=1) if near and _holds(now, host) else None


def _holds(value: Json, host: str) -> bool:
    """Whether a value names a host, once."""
    return isinstance(value, str) and len(re.findall(rf"(?<![\w.-]){re.escape(host)}(?![\w-])", value)) == 1


def _only_service(basis: Basis, host: str) -> str:
    """The one Service of the namespace whose name is nearly this."""
    known = [place_of(service)[2] for service in basis.observed.all("Service", basis.namespace)]
    return surely_meant(host, known) if host not in known else ""


def _only_port(basis: Basis, host: str) -> str:
    service = basis.observed.get("Service", basis.namespace, host) or {}
    ports = [str(port.get("port")) for port in (service.get("spec") or {}).get("ports") or ()]
    return ports[0] if len(ports) == 1 else ""

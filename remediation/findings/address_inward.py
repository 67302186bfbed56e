"""A workload that is told to look for another at itself: a variable that says localhost, or a host alias, for what is a Service."""

import re
from collections.abc import Iterator, Mapping

from remediation.findings.address_wrong import AddressWrong
from remediation.findings.finding import found
from remediation.graph import backers, variables_of, workloads
from remediation.observed import Object, Observed, place_of
from remediation.terms import Finding, Target
from remediation.workloads import containers, pod_spec

_INWARD = re.compile(r"(?:\w{1,30}://)?(?P<host>localhost|127\.0\.0\.1|0\.0\.0\.0|\[?::1\]?)(?::(?P<port>\d{2,5}))?(?:/\S{0,200})?")
_NAMED = re.compile(r"(?P<what>[A-Za-z]\w{1,60}?)_?(?:HOST(?:NAME)?|ADDR(?:ESS)?|SERVER|SERVICE|URL|URI|ENDPOINT)", re.IGNORECASE)


def address_inward(observed: Observed, _target: Target) -> Iterator[Finding]:
    """One finding for each variable, and for each host alias, that leads to the pod itself (or away) instead of to the Service it names."""
    for thing in workloads(observed):
        yield from _variables(thing, observed)
        yield from _aliases(thing, observed)


def _variables(thing: Object, observed: Observed) -> Iterator[Finding]:
    """Of a pod of one container alone: beside another, what is meant may well listen in the pod."""
    inside = list(containers(thing))
    for _, container in inside if len(inside) == 1 else ():
        for variable in variables_of(container, observed, place_of(thing)[1]):
            name, value = str(variable.get("name", "")), variable.get("value")
            named = _NAMED.fullmatch(name)
            inward = _INWARD.fullmatch(value) if isinstance(value, str) else None
            service = _service(named["what"], thing, observed) if named and inward else ""
            if inward and service:
                facts = AddressWrong(cause="inward", variable=name, host=inward["host"], port=inward["port"] or "", near=service, ports="")
                root = observed.root(thing)
                text = f"{root.name} has {name}={value}, which is its own pod and no other, but there is a Service {service}"
                shown = observed.get("Service", place_of(thing)[1], service)
                yield found("address_wrong", str(root), facts, text, observed.cites(thing, *([shown] if shown else ())))


def _service(what: str, thing: Object, observed: Observed) -> str:
    """The Service that the beginning of a variable's name means, and which is not the workload's own; empty for none."""
    name = what.lower().replace("_", "-")
    for called in (name, name.removesuffix("-service"), f"{name}-service"):
        service = observed.get("Service", place_of(thing)[1], called)
        if service is not None and observed.root(thing).name != called and thing not in backers(service, observed):
            return called
    return ""


def _aliases(thing: Object, observed: Observed) -> Iterator[Finding]:
    namespace, root = place_of(thing)[1], observed.root(thing)
    aliases = [alias for alias in pod_spec(thing).get("hostAliases") or () if isinstance(alias, Mapping)]
    for alias in aliases:
        for host in map(str, alias.get("hostnames") or ()):
            name, _, rest = host.partition(".")
            service = observed.get("Service", rest.split(".")[0] or namespace, name) if not rest or ".svc" in f".{rest}" else None
            address = str(alias.get("ip") or "")
            if service is None or address == str((service.get("spec") or {}).get("clusterIP")) or root.name == name:
                continue
            facts = AddressWrong(cause="host_alias", variable="hostAliases", host=host, port="", near=name, ports="")
            text = f"{root.name} has hostAliases that lead {host} to {address}, not to the Service {name}"
            yield found("address_wrong", str(root), facts, text, observed.cites(thing, service))

"""A workload whose pods do not ask the cluster's DNS, while they ask for names that only it knows."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from remediation.findings.finding import found
from remediation.findings.writers import texts_of
from remediation.graph import addresses, workloads
from remediation.observed import Object, Observed, place_of
from remediation.terms import Finding, Json, Target
from remediation.workloads import pod_spec

_UNRESOLVED = re.compile(
    r"ENOTFOUND|EAI_AGAIN|no such host|name resolution|Name or service not known|NXDOMAIN|UnknownHost|not resolve|resolve host"
)


@dataclass(frozen=True, kw_only=True)
class DnsPolicyWrong:
    """policy: dnsPolicy as its pods have it.  host_network: whether they are in the node's network.  service: that it asks for.

    nameservers: of dnsConfig, which it asks instead, comma-separated; empty where it asks the node's.

    message: the line of its log, empty without one.  reported: whether a log says that the name is not found.
    """

    policy: str
    host_network: bool
    service: str
    nameservers: str
    message: str
    reported: bool


def dns_policy_wrong(observed: Observed, target: Target) -> Iterator[Finding]:
    """One finding for each workload that names a Service in its environment or log, and whose pods ask the node's DNS alone."""
    for thing in workloads(observed):
        spec = pod_spec(thing)
        policy, shared = str(spec.get("dnsPolicy") or "ClusterFirst"), bool(spec.get("hostNetwork"))
        root = observed.root(thing)
        line = next((text for text in texts_of(root, observed, target) if _UNRESOLVED.search(text)), "")
        servers = _foreign(spec, line, observed) if policy == "None" else []
        nodes_own = policy == "Default" or (policy == "ClusterFirst" and shared) or (policy == "None" and not spec.get("dnsConfig"))
        if not nodes_own and not servers:
            continue
        service = _service(thing, line, observed)
        if service:
            facts = DnsPolicyWrong(policy=policy, host_network=shared, service=service, nameservers=", ".join(servers),
                                   message=line[:300], reported=bool(line))  # fmt: skip
            why = " with hostNetwork, where it should be ClusterFirstWithHostNet" if shared and policy == "ClusterFirst" else ""
            why += f" with dnsConfig to ask {facts.nameservers} alone" if servers else ""
            said = f'; its log says "{facts.message}"' if line else ""
            text = (
                f"the pods of {root.name} do not ask the cluster's DNS (dnsPolicy {policy}{why}), so the Service {service} has no name "
                f"for them{said}"
            )
            yield found("dns_policy_wrong", str(root), facts, text, observed.cites(thing))


def _foreign(spec: Mapping[str, Json], line: str, observed: Observed) -> Sequence[str]:
    """The name servers of its own dnsConfig where none is the cluster's: of public addresses, or such as its log tells of."""
    servers = [str(server) for server in (spec.get("dnsConfig") or {}).get("nameservers") or ()]
    known = {str((service.get("spec") or {}).get("clusterIP")) for service in observed.all("Service")}
    told = any(f"on {server}:53" in line for server in servers)
    return servers if servers and not known & set(servers) and (told or all(map(_is_public, servers))) else []


def _is_public(address: str) -> bool:
    try:
        return ip_address(address).is_global
    except ValueError:
        return False


_OF_CLUSTER = re.compile(r"(?<![\w.-])(?P<service>[a-z0-9-]+)\.[a-z0-9-]+\.svc\b")
_ONE_WORD = re.compile(r"(?:lookup|ENOTFOUND|EAI_AGAIN|resolve host:?) ['\"]?(?P<service>[a-z][a-z0-9-]{1,62})(?![\w.-])")


def _service(thing: Object, line: str, observed: Observed) -> str:
    """A Service that it asks for by its environment, or by the line that says that a name is not found."""
    namespace = place_of(thing)[1]
    named = next((host for _, host, where, _ in addresses(thing, observed) if observed.get("Service", where, host) is not None), "")
    known = (place_of(service)[2] for service in observed.all("Service", namespace))
    spoken = (name for name in known if name in line and re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", line))
    written = _OF_CLUSTER.search(line) or _ONE_WORD.search(line)
    return named or next(spoken, "") or (written["service"] if written else "")

"""A workload whose pods do not ask the cluster's DNS, while they ask for names that only it knows."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from remediation.findings.finding import found
from remediation.findings.writers import texts_of
from remediation.graph import addresses, workloads
from remediation.observed import Object, Observed, place_of
from remediation.terms import Finding, Target
from remediation.workloads import pod_spec

_UNRESOLVED = re.compile(
    r"ENOTFOUND|EAI_AGAIN|no such host|name resolution|Name or service not known|NXDOMAIN|UnknownHost|not resolve|resolve host"
)


@dataclass(frozen=True, kw_only=True)
class DnsPolicyWrong:
    """policy: dnsPolicy as its pods have it.  host_network: whether they are in the node's network.  service: that it asks for.

    message: the line of its log, empty without one.  reported: whether a log says that the name is not found.
    """

    policy: str
    host_network: bool
    service: str
    message: str
    reported: bool


def dns_policy_wrong(observed: Observed, target: Target) -> Iterator[Finding]:
    """One finding for each workload that names a Service in its environment or log, and whose pods ask the node's DNS alone."""
    for thing in workloads(observed):
        spec = pod_spec(thing)
        policy, shared = str(spec.get("dnsPolicy") or "ClusterFirst"), bool(spec.get("hostNetwork"))
        nodes_own = policy == "Default" or (policy == "ClusterFirst" and shared) or (policy == "None" and not spec.get("dnsConfig"))
        if not nodes_own:
            continue
        root = observed.root(thing)
        line = next((text for text in texts_of(root, observed, target) if _UNRESOLVED.search(text)), "")
        service = _service(thing, line, observed)
        if service:
            facts = DnsPolicyWrong(policy=policy, host_network=shared, service=service, message=line[:300], reported=bool(line))
            why = " with hostNetwork, where it should be ClusterFirstWithHostNet" if shared and policy == "ClusterFirst" else ""
            said = f'; its log says "{facts.message}"' if line else ""
            text = (
                f"the pods of {root.name} do not ask the cluster's DNS (dnsPolicy {policy}{why}), so the Service {service} has no name "
                f"for them{said}"
            )
            yield found("dns_policy_wrong", str(root), facts, text, observed.cites(thing))


_OF_CLUSTER = re.compile(r"(?<![\w.-])(?P<service>[a-z0-9-]+)\.[a-z0-9-]+\.svc\b")


def _service(thing: Object, line: str, observed: Observed) -> str:
    """A Service that it asks for by its environment, or by the line that says that a name is not found."""
    namespace = place_of(thing)[1]
    named = next((host for _, host, where, _ in addresses(thing, observed) if observed.get("Service", where, host) is not None), "")
    known = (place_of(service)[2] for service in observed.all("Service", namespace))
    spoken = (name for name in known if name in line and re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", line))
    written = _OF_CLUSTER.search(line)
    return named or next(spoken, "") or (written["service"] if written else "")

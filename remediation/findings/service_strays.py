"""A Service that reaches the wrong pods, or not those that there are: a selector that picks another's too, traffic kept on one node."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from remediation.findings.finding import found
from remediation.findings.service_broken import ServiceBroken
from remediation.graph import backers, labels_of
from remediation.observed import Object, Observed, place_of, ready
from remediation.terms import Finding, ObjectRef, Target
from remediation.workloads import pod_spec

_IN_VAIN = re.compile(r"refused|timed? ?out|timeout|deadline|unreachable|unavailable|no route|ECONN|\b50[234]\b|failed", re.IGNORECASE)
_LONGEST = 2000  # characters of a line that are looked at


def service_strays(observed: Observed, _target: Target) -> Iterator[Finding]:
    """At most one finding for each Service with a selector."""
    for service in observed.all("Service"):
        if (service.get("spec") or {}).get("selector"):
            yield from _picks_anothers(service, observed) or _stays_on_its_node(service, observed)


def _picks_anothers(service: Object, observed: Observed) -> Sequence[Finding]:
    """Where the pods behind it are those of the workload of its name, and of one that has a Service of its own name."""
    _, namespace, name = place_of(service)
    behind = {observed.root(thing): thing for thing in backers(service, observed)}
    own = next((root for root in behind if root.name == name), None)
    strays = [root for root in behind if own is not None and _is_anothers(root, name, observed)]
    if own is None or not strays:
        return []
    selector = ", ".join(f"{key}={value}" for key, value in service["spec"]["selector"].items())
    theirs = labels_of(behind[strays[0]])
    apart = {key: value for key, value in labels_of(behind[own]).items() if theirs.get(key) != value and key != "pod-template-hash"}
    facts = ServiceBroken(cause="selector_broad", selector=selector, near=", ".join(f"{k}={v}" for k, v in apart.items()),
                          workload=f"{own.kind}/{own.name}", port="", target_port="", ports="",
                          rival=", ".join(f"{root.kind}/{root.name}" for root in strays))  # fmt: skip
    only = f"; only those of {facts.workload} have {facts.near}" if apart else ""
    text = (
        f"Service {name} in {namespace} has a selector {selector} that picks pods of {facts.rival} besides those of {facts.workload}{only}"
    )
    return [found("service_broken", f"Service/{namespace}/{name}", facts, text, observed.cites(service, *behind.values()))]


def _is_anothers(root: ObjectRef, name: str, observed: Observed) -> bool:
    """Whether a workload has a Service of its own, and is no edition of the one that this is about, such as its canary."""
    kin = root.name.startswith(f"{name}-") or name.startswith(f"{root.name}-")
    return root.name != name and not kin and observed.get("Service", root.namespace, root.name) is not None


def _stays_on_its_node(service: Object, observed: Observed) -> Sequence[Finding]:
    """Where its internal traffic stays on the caller's node, callers run on nodes without a pod of it, and a log tells of it in vain."""
    _, namespace, name = place_of(service)
    if (service.get("spec") or {}).get("internalTrafficPolicy") != "Local":
        return []
    behind = [thing for thing in backers(service, observed) if thing.get("kind") == "Pod"]
    behind = behind or [pod for pod in observed.all("Pod", namespace) if observed.root(pod).name == name]  # printed without labels
    nodes = {_node(pod) for pod in behind if ready(pod)} - {""}
    others = {_node(pod) for pod in observed.all("Pod", namespace) if pod not in behind} - nodes - {""}
    line = _asked_in_vain(observed, name)
    if not nodes or not others or not line:
        return []
    facts = ServiceBroken(cause="local_only", selector="", near="", workload="", port="", target_port="", ports="", message=line)
    text = (
        f"Service {name} in {namespace} has internalTrafficPolicy Local, and its ready pods are on {', '.join(sorted(nodes))} alone: from "
        f'{", ".join(sorted(others)[:3])} it answers nobody; a log says "{line}"'
    )
    return [found("service_broken", f"Service/{namespace}/{name}", facts, text, observed.cites(service, *behind))]


def _node(pod: Object) -> str:
    return str(pod_spec(pod).get("nodeName") or "")


@lru_cache(maxsize=256)
def _asked_in_vain(observed: Observed, name: str) -> str:
    """The first line of a log that names a Service and a call that failed, empty for none."""
    word = re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", re.IGNORECASE)
    logs = (item.text for item in observed.evidence if item.kind == "logs" and name in item.text.lower())
    lines = (line[:_LONGEST] for text in logs for line in text.splitlines())
    return next((line.strip()[:300] for line in lines if word.search(line) and _IN_VAIN.search(line)), "")

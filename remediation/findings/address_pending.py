"""A Service of type LoadBalancer that nobody gives an address to, where somebody waits for it: a release, or who asks."""

import re
from collections.abc import Iterator

from remediation.findings.finding import found
from remediation.findings.service_broken import ServiceBroken
from remediation.graph import backers
from remediation.observed import Object, Observed, place_of, ready
from remediation.terms import Finding, Target

_WAITS = re.compile(r"timed out waiting for the condition|context deadline exceeded|[Ww]aiting for|retries exhausted|not ready")
_ASKED = re.compile(r"external[- ]?ip|load ?balancer|\bservices?\b[^\n]{0,60}\bpending|\bpending\b[^\n]{0,60}\bservices?\b", re.IGNORECASE)
_WAITING = ("HelmRelease", "Kustomization", "Application")


def address_pending(observed: Observed, _target: Target) -> Iterator[Finding]:
    """One finding for each such Service."""
    asked = any(_ASKED.search(item.text) for item in observed.evidence if item.kind == "alert")
    waiting = [thing for kind in _WAITING for thing in observed.all(kind) if _waits(thing)]
    for service in observed.all("Service") if asked or waiting else ():
        by = [thing for thing in waiting if _is_of(service, thing)]
        told = any(event.get("type") == "Warning" for event in observed.events_of(service))  # which says why
        if _is_pending(service) and not told and (asked or by) and not _ails(service, observed):
            yield _finding(service, by[0] if by else None, observed)


def _is_pending(service: Object) -> bool:
    """Whether it has no address, as a table or the server says."""
    spec, status = service.get("spec") or {}, service.get("status") or {}
    if "pending" in status:
        return spec.get("type") == "LoadBalancer" and bool(status["pending"])
    return spec.get("type") == "LoadBalancer" and status.get("loadBalancer") == {} and bool(spec.get("clusterIP"))


def _ails(service: Object, observed: Observed) -> bool:
    """Whether a pod behind it is not ready, which is then looked at first."""
    _, namespace, name = place_of(service)
    behind = {observed.root(thing).name for thing in backers(service, observed)} | {name}
    return any(not ready(pod) and observed.root(pod).name in behind for pod in observed.all("Pod", namespace))


def _waits(thing: Object) -> bool:
    conditions = (thing.get("status") or {}).get("conditions") or ()
    return any(c.get("status") == "False" and _WAITS.search(str(c.get("message"))) for c in conditions)


def _is_of(service: Object, thing: Object) -> bool:
    """Whether a release made a Service, by its namespace and name."""
    spec = thing.get("spec") or {}
    where = spec.get("targetNamespace") or (spec.get("destination") or {}).get("namespace") or place_of(thing)[1]
    return place_of(service)[1] == where and place_of(service)[2].startswith(place_of(thing)[2])


def _finding(service: Object, waiting: Object | None, observed: Observed) -> Finding:
    _, namespace, name = place_of(service)
    message = "its external IP stays pending"
    facts = ServiceBroken(cause="address_pending", selector="", near="", workload="", port="", target_port="", ports="", message=message)
    by = f"; {waiting.get('kind')} {place_of(waiting)[2]} waits for it" if waiting is not None else ""
    nobody = "what should make load balancers does not, or there is no such controller"
    text = f"Service {name} in {namespace} is of type LoadBalancer and gets no address, {message}: {nobody}{by}"
    cites = observed.cites(service, *([waiting] if waiting is not None else ()))
    return found("service_broken", f"Service/{namespace}/{name}", facts, text, cites)

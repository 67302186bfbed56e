"""What the evidence beside an application's words says of why it fails: whose doing it is, and where it lies."""

import re
from collections.abc import Sequence

from remediation.findings.concerns import concern_of
from remediation.findings.log_changes import address_before, reconfigured
from remediation.findings.own_script import is_own_script
from remediation.findings.spoken import ERROR_LOGGED, Spoken, is_number
from remediation.findings.volume_full import lies_elsewhere
from remediation.findings.writers import pod_named
from remediation.graph import backers
from remediation.observed import Object, Observed, place_of, ready
from remediation.pointing import services_by_address


def cause_of(case: Spoken, observed: Observed) -> str:
    """What the evidence beside the line says of it."""
    match case.said.kind:
        case "disk_full":
            cause = "elsewhere" if _is_elsewhere(case, observed) else ""
        case "read_only":
            cause = "disk_full" if _SHUT_AS_FULL.search(case.line.text) else ""
        case "missing_environment":
            cause = "removed" if revision_beside(case, observed) or "removed" in case.line.text else ""
        case "application_bug":
            cause = "script" if is_own_script(case.line, observed) else ""
        case _:
            cause = _by_place(case, observed)
    return cause


def _by_place(case: Spoken, observed: Observed) -> str:
    """What it is of a line that may name a place or a setting."""
    groups = case.said.groups
    if case.said.kind == ERROR_LOGGED and reconfigured(case.line, observed):
        return "reconfigured"
    if case.said.kind == "dependency_unreachable" and _API.search(case.line.text):
        return "api_server"
    if case.said.kind in ("dependency_unreachable", "dns_failure") and groups.get("host"):
        return "changed" if address_before(groups["host"], case.line, observed) else _of_place(case, groups["host"], observed)
    return _by_words(case)


def _of_place(case: Spoken, host: str, observed: Observed) -> str:
    """What the evidence shows of a place that cannot be reached."""
    groups = case.said.groups
    unresolved = case.said.kind == "dns_failure" and not _NO_ANSWER.search(case.line.text)
    name, _, rest = host.partition(".")
    services = (s for s in observed.all("Service") if is_number(host) and (s.get("spec") or {}).get("clusterIP") == host)
    if (behind := next(services, None)) is not None:
        _, namespace, name = place_of(behind)
        rest = namespace
    outside = (is_number(host) and behind is None) or (rest and not rest.startswith(f"{rest.split('.')[0]}.svc") and "." in rest)
    if outside:
        return "outside"
    namespace = rest.split(".")[0] or case.workload.namespace
    known = list(observed.all("Service", namespace))
    service = observed.get("Service", namespace, name)
    if service is None and case.said.kind == "dns_failure" and not rest and namespaces_of(name, observed):
        return "other_namespace"
    if service is None:
        return "no_such_service" if known or unresolved else ""
    if case.said.kind == "dns_failure" and (service.get("spec") or {}).get("type") == "ExternalName":
        return "outside"  # of the name that it stands for
    if case.said.kind == "dns_failure":
        return "headless" if _is_headless(service, observed) else "known"
    ports = [str(p.get("port")) for p in (service.get("spec") or {}).get("ports") or ()]
    return "wrong_port" if groups.get("port") and ports and groups["port"] not in ports else "down"


def namespaces_of(name: str, observed: Observed) -> Sequence[str]:
    """The namespaces that have a Service of that name."""
    return [place_of(service)[1] for service in observed.all("Service") if place_of(service)[2] == name]


def _is_headless(service: Object, observed: Observed) -> bool:
    """Whether a Service has no address of its own, and no pod behind it is ready: then its name has none either."""
    behind = [thing for thing in backers(service, observed) if thing.get("kind") == "Pod"]
    return (service.get("spec") or {}).get("clusterIP") == "None" and bool(behind) and not any(map(ready, behind))


_API = re.compile(
    r"https://(?:\[?[\d.:a-f]{2,40}\]?|kubernetes(?:\.default[\w.]{0,40})?)(?::\d{2,5})?/(?:apis?/|version\b)"
)  # of the cluster
_SHUT_AS_FULL = re.compile(
    r"FORBIDDEN/12/|read-only / allow delete|read_only_allow_delete|flood[- ]stage"
)  # Elasticsearch does so when its disk is
_NODES_DISK = re.compile(r"OCI runtime create failed|containerd task|/(?:run|var/lib)/(?:k3s|containerd|docker|kubelet|rancher)/")


def _is_elsewhere(case: Spoken, observed: Observed) -> bool:
    """Whether what is full is no claim of the workload."""
    if _NODES_DISK.search(case.line.text):  # where the runtime keeps what it starts
        return True
    thing = observed.get(case.workload.kind, case.workload.namespace, case.workload.name) or (
        case.container.pod if case.container else None
    )
    pod = str(case.container.pod["metadata"]["name"]) if case.container else pod_named(case.line)
    return thing is not None and lies_elsewhere(case.line.text, pod, thing, observed)


_OUTSIDE_REFUSES = re.compile(r"https?://(?!vault|[^\s/]*\.svc\b)[\w-]+(?:\.[\w-]+)+[^\n]*(?:\b403\b|[Ff]orbidden)")
_CREDENTIALS = re.compile(r"token|credential|password|signature|api.?key|access key|auth", re.IGNORECASE)
_RIGHTS = re.compile(
    r"not authorized (?:on|to)|AuthorizationException|AUTHORIZATION_FAILED|permission denied for|(?:command|permission was) denied|"
    r"keine Berechtigung für|droit refusé pour|permiso denegado a la|"
    r"must be owner of|ORA-0(?:1031|0990)|NOPERM|privilege|has no \w+ permission|lacks permission",
    re.IGNORECASE,
)
_MAXMEMORY = re.compile(r"OOM command not allowed|\bmaxmemory\b")


def _by_words(case: Spoken) -> str:
    """What the line alone says of a failure that is another's doing: a server's own setting, a partner who refuses."""
    kind, text = case.said.kind, case.line.text
    if kind == ERROR_LOGGED:
        return concern_of(text)
    if kind == "certificate_expired" and case.said.groups.get("host"):
        return "peer"
    if kind == "out_of_memory_inside" and _MAXMEMORY.search(text):
        return "maxmemory"
    if kind == "wrong_credentials" and _RIGHTS.search(text):
        return "rights"
    return "outside" if kind == "wrong_credentials" and _OUTSIDE_REFUSES.search(text) and not _CREDENTIALS.search(text) else ""


_NO_ANSWER = re.compile(
    r"EAI_AGAIN|[Tt]emporary failure|server misbehaving|i/o timeout|SERVFAIL|Resource temporarily|[Tt]ry again|[Tt]imed? ?out"
)  # the name servers did not answer, which is another thing than a name that does not exist


def revision_beside(case: Spoken, observed: Observed) -> str:
    """That only a newer revision fails, where pods of another one are ready."""
    owned = observed.pods_of(case.workload)
    fine = [pod for pod in owned if any(c.get("ready") for c in (pod.get("status") or {}).get("containerStatuses") or ())]
    bad = case.container.pod if case.container else None
    if bad is None or not fine or bad in fine:
        return ""
    owners = {str((pod["metadata"].get("ownerReferences") or [{}])[0].get("name", "")) for pod in fine}
    return f"; pods of {', '.join(sorted(owners))} are ready and serve" if owners - {""} else ""


def service_at(host: str, observed: Observed) -> str:
    """The Service that an address is, in words; empty where it is none that is shown."""
    place = services_by_address(observed).get(host) if host[-1:].isdecimal() else None
    return f"; {host} is Service {place[2]} in {place[1]}" if place else ""

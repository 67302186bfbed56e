"""What an application itself says of its failure, in its logs or in the last words of its container, and to whom it points."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from remediation.findings.finding import Container, found, living_containers
from remediation.findings.said import Said, meaning, place_in
from remediation.observed import Observed, place_of
from remediation.reading.logs import Line, clustered, lines_of
from remediation.terms import Finding, ObjectRef, Target
from remediation.workloads import containers, object_ref

_LONGEST = 400
_MOST_LINES = 60_000
_NEVER_RAN = (
    "StartError",
    "ContainerCannotRun",
    "RunContainerError",
    "CreateContainerError",
    "CreateContainerConfigError",
    "ErrImagePull",
    "ImagePullBackOff",
)
_CALM = 20  # good lines after the last bad one of a container that runs and never ended: it is over
_PHRASES: Mapping[str, str] = {
    "missing_environment": "environment variable {variable} is not set",
    "certificate_expired": "an SSL/TLS certificate has expired",
    "certificate_untrusted": "an SSL/TLS certificate is not trusted",
    "too_many_connections": "the database or pool has too many connections",
    "read_only": "what it writes to is read-only",
    "wrong_credentials": "its credentials are refused (authentication failed)",
    "database_missing": "the database or table that it asks for does not exist",
    "dns_failure": "the name {host} cannot be resolved (DNS)",
    "port_in_use": "the port {port} is already in use",
    "port_not_permitted": "it may not listen on port {port} (permission denied)",
    "disk_full": "there is no space left on its disk",
    "out_of_memory_inside": "it ran out of memory inside its own process (heap)",
    "permission_denied": "permission denied {path}",
    "command_not_found": "the command {command} is not found",
    "dependency_unreachable": "it cannot reach {place}",
    "file_missing": "the file {path} is missing",
    "configuration_invalid": "its configuration is invalid",
    "migration_failed": "a database migration failed",
    "slow_dependency": "the calls that it makes are slow",
    "peer_lost": "a peer or cluster member is down or partitioned",
    "rate_limited": "it is rate limited",
    "consumer_lag": "its queue grows faster than it is read",
    "rbac_forbidden": "its service account {account} may not {verb} {resource} (RBAC)",
    "application_bug": "it ends in an error of its own code",
}


@dataclass(frozen=True, kw_only=True)
class ApplicationFailed:
    """said: the telling line.  count: how often, by template.  crashing: whether a container ends for it.  over: whether it is long past.

    cause: `removed` where an earlier revision had the variable; no_such_service, wrong_port, down or outside for what cannot be reached; else empty.
    exit_code: of the container's last end, null when it did not end.  waits: why it waits, such as CrashLoopBackOff.
    variable, host, port, path, user, command, account, verb, resource, database: what the line names, empty for what it does not.
    """

    container: str
    cause: str
    said: str
    count: int
    crashing: bool
    over: bool
    exit_code: int | None
    waits: str
    variable: str
    host: str
    port: str
    path: str
    user: str
    command: str
    account: str
    verb: str
    resource: str
    database: str


@dataclass(kw_only=True)
class _Case:
    workload: ObjectRef
    line: Line
    said: Said
    over: bool
    container: Container | None


def application_failed(observed: Observed, target: Target) -> Iterator[Finding]:
    """One finding for each kind of failure that a workload tells of, with the line that tells most."""
    best: dict[tuple[str, str, str], _Case] = {}
    for case in _cases(observed, target):
        key = (str(case.workload), case.said.kind, case.said.groups.get("host", case.said.groups.get("variable", "")))
        if key not in best or _weight(case) > _weight(best[key]):
            best[key] = case
    for case in best.values():
        yield _finding(case, observed)


def _weight(case: _Case) -> tuple[bool, int, int]:
    """The one that is not over, that names more, that is graver."""
    return not case.over, len(case.said.groups), ("debug", "info", "", "warning", "error", "fatal").index(_level(case.line))


def _level(line: Line) -> str:
    return line.level if line.level in ("debug", "info", "warning", "error", "fatal") else ""


def _cases(observed: Observed, target: Target) -> Iterator[_Case]:
    running = list(living_containers(observed))
    for item in observed.evidence:
        if item.kind == "logs" and not item.failed:
            yield from _of_log([*lines_of(item)][-_MOST_LINES:], observed, target, running)
    for container in running:
        ends = (container.state.get("terminated") or {}, container.last, container.state.get("waiting") or {})
        for words in (str(end.get("message") or "") for end in ends if end.get("reason") not in _NEVER_RAN):
            said = meaning(words) if "back-off" not in words.lower() else None
            if said is not None:
                cites = observed.cites(container.pod)
                line = Line(text=words, item=cites[0] if cites else "", level="fatal", container=container.name)
                yield _Case(workload=container.workload, line=line, said=said, over=False, container=container)


def _of_log(lines: Sequence[Line], observed: Observed, target: Target, running: Sequence[Container]) -> Iterator[_Case]:
    if not lines:
        return
    workload = _writer(lines[0], observed, target)
    if workload is None:
        return
    container = _container(lines[0], workload, running)
    calm = container is not None and bool(container.status.get("ready")) and not container.status.get("restartCount")
    last_bad = max((at for at, line in enumerate(lines) if line.bad), default=-1)
    over = calm and not lines[0].previous and len(lines) - last_bad > _CALM
    for line in clustered(line for line in lines if line.bad or line.level == "info"):
        said = meaning(line.text)
        if said is not None and (line.bad or said.kind == "slow_dependency") and "Back-off restarting" not in line.text:
            yield _Case(workload=workload, line=line, said=_placed(said, line), over=over, container=container)


def _placed(said: Said, line: Line) -> Said:
    """With the `host:port` that the line names, where the words that tell most do not stand beside it."""
    if said.kind not in ("dependency_unreachable", "wrong_credentials", "too_many_connections", "dns_failure") or not _is_number(
        said.groups.get("host", "")
    ):
        return said
    places = list(place_in(line.text))
    host, port = next((place for place in places if not place[0].replace(".", "").isdigit()), places[0] if places else ("", 0))
    return replace(said, groups={**said.groups, "host": host, "port": str(port)}) if host else said


def _is_number(host: str) -> bool:
    """Whether a host is an address in figures, or none at all."""
    return not host.replace(".", "").strip("0123456789")


def _writer(line: Line, observed: Observed, target: Target) -> ObjectRef | None:
    """The workload whose pod wrote a log; the target's own where nothing says."""
    kind, _, name = line.pod.rpartition("/")
    pods = [pod for pod in observed.all("Pod") if place_of(pod)[2] == name and line.namespace in ("", place_of(pod)[1])]
    if pods:
        return observed.root(pods[0])
    if kind:
        return ObjectRef(group="", kind=kind, namespace=line.namespace, name=name)
    named = [w for k in ("Deployment", "StatefulSet", "DaemonSet", "Job") for w in observed.all(k) if _is_of(name, place_of(w)[2])]
    if named:
        return object_ref(max(named, key=lambda w: len(place_of(w)[2])))
    if target.name and (not name or "." in name):  # a file's name says nothing of who wrote it
        return ObjectRef(group="", kind=target.object_kind, namespace=target.namespace, name=target.name)
    roots = {str(root): root for root in map(observed.root, observed.all("Pod"))}
    if len(roots) == 1 and "." in name:
        return next(iter(roots.values()))
    return ObjectRef(group="", kind="Pod", namespace=line.namespace, name=name) if name else None


def _is_of(pod: str, workload: str) -> bool:
    return pod == workload or pod.startswith(f"{workload}-")


def _container(line: Line, workload: ObjectRef, running: Iterable[Container]) -> Container | None:
    """The container that wrote a log; of the pod's or the workload's, the one that fails where the log names none."""
    own = [c for c in running if str(c.workload) == str(workload) and line.container in ("", c.name)]
    own = [c for c in own if c.pod["metadata"]["name"] == line.pod] or own
    return next((c for c in own if not c.status.get("ready") or c.status.get("restartCount")), own[0] if own else None)


def _finding(case: _Case, observed: Observed) -> Finding:
    container, groups = case.container, case.said.groups
    end = (container.state.get("terminated") or container.last) if container else {}
    waits = str((container.state.get("waiting") or {}).get("reason") or "") if container else ""
    crashing = bool(
        container and (waits == "CrashLoopBackOff" or end.get("exitCode") or container.state.get("terminated", {}).get("exitCode"))
    )
    name = container.name if container else case.line.container or _only_container(case.workload, observed)
    facts = ApplicationFailed(
        container=name, cause=_cause(case, observed), said=case.line.text[:_LONGEST], count=case.line.count, crashing=crashing, over=case.over, exit_code=end.get("exitCode"),
        waits=waits, **{key: groups.get(key, "") for key in ("variable", "host", "port", "path", "user", "command", "account", "verb",
                                                            "resource", "database")},
    )  # fmt: skip
    cites = dict.fromkeys([case.line.item, *(observed.cites(container.pod) if container else ())])
    subject = f"{case.workload}/{name}" if name else str(case.workload)
    return found(case.said.kind, subject, facts, _text(case, facts, observed), tuple(cite for cite in cites if cite))


def _text(case: _Case, facts: ApplicationFailed, observed: Observed) -> str:
    place = f"{facts.host}:{facts.port}" if facts.host and facts.port else facts.host or _dependency(facts.said)
    named = {"variable": facts.variable or "that it needs", "host": facts.host or "that it asks for", "port": facts.port or "that it wants",
             "path": f"on {facts.path}" if facts.path else "", "command": facts.command or "that it is to run", "place": place,
             "account": facts.account, "verb": facts.verb, "resource": facts.resource}  # fmt: skip
    what = _PHRASES[case.said.kind].format_map(named).strip()
    who = f"{case.workload.name}" + (f" (container {facts.container})" if facts.container else "")
    crash = f" and exits with code {facts.exit_code}" if facts.crashing and facts.exit_code is not None else ""
    back = f", {facts.waits}" if facts.waits else ""
    often = f" ({facts.count} times)" if facts.count > 1 else ""
    revision = _revision_of(case, observed)
    return f'{who}: {what}{crash}{back}{revision}; its log says{often} "{facts.said}"'


def _cause(case: _Case, observed: Observed) -> str:
    """What the evidence beside the line says of it."""
    groups = case.said.groups
    if case.said.kind == "missing_environment":
        return "removed" if _revision_of(case, observed) or "removed" in case.line.text else ""
    host = groups.get("host", "")
    if case.said.kind not in ("dependency_unreachable", "dns_failure") or not host:
        return ""
    name, _, rest = host.partition(".")
    services = (s for s in observed.all("Service") if _is_number(host) and (s.get("spec") or {}).get("clusterIP") == host)
    if (behind := next(services, None)) is not None:
        _, namespace, name = place_of(behind)
        rest = namespace
    outside = (_is_number(host) and behind is None) or (rest and not rest.startswith(f"{rest.split('.')[0]}.svc") and "." in rest)
    if outside:
        return "outside"
    namespace = rest.split(".")[0] or case.workload.namespace
    known = list(observed.all("Service", namespace))
    service = observed.get("Service", namespace, name)
    if service is None:
        return "no_such_service" if known else ""
    ports = [str(p.get("port")) for p in (service.get("spec") or {}).get("ports") or ()]
    return "wrong_port" if groups.get("port") and ports and groups["port"] not in ports else "down"


def _revision_of(case: _Case, observed: Observed) -> str:
    """That only a newer revision fails, where pods of another one are ready."""
    owned = observed.pods_of(case.workload)
    fine = [pod for pod in owned if any(c.get("ready") for c in (pod.get("status") or {}).get("containerStatuses") or ())]
    bad = case.container.pod if case.container else None
    if bad is None or not fine or bad in fine:
        return ""
    owners = {str((pod["metadata"].get("ownerReferences") or [{}])[0].get("name", "")) for pod in fine}
    return f"; pods of {', '.join(sorted(owners))} are ready and serve" if owners - {""} else ""


def _dependency(said: str) -> str:
    """What the line calls that which it cannot reach."""
    lowered = said.lower()
    known = (
        "database",
        "postgres",
        "mysql",
        "redis",
        "mongo",
        "kafka",
        "rabbitmq",
        "elasticsearch",
        "memcached",
        "upstream",
        "broker",
        "cache",
    )
    return next((f"its {word}" for word in known if word in lowered), "what it depends on")


def _only_container(workload: ObjectRef, observed: Observed) -> str:
    thing = observed.get(workload.kind, workload.namespace, workload.name)
    named = [str(c.get("name")) for _, c in containers(thing)] if thing else []
    return named[0] if len(named) == 1 else ""

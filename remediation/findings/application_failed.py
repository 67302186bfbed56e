"""What an application itself says of its failure, in its logs or in the last words of its container, and to whom it points."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from remediation.findings.finding import found
from remediation.findings.spoken import Spoken, is_number, spoken
from remediation.observed import Observed, place_of
from remediation.terms import Finding, ObjectRef, Target
from remediation.workloads import containers

_LONGEST = 400
_BEFORE, _AFTER = 120, 260  # characters of a long line that are shown: of its beginning, and from where it tells
_PHRASES: Mapping[str, str] = {
    "missing_environment": "environment variable {variable} is not set",
    "certificate_expired": "an SSL/TLS certificate has expired",
    "certificate_untrusted": "an SSL/TLS certificate is not trusted",
    "too_many_connections": "the database or pool has too many connections",
    "definition_missing": "the cluster has no kind {resource} (its CustomResourceDefinition is missing)",
    "gpu_unavailable": "its GPU or driver does not work",
    "read_only": "the database that it writes to is read-only",
    "read_only_filesystem": "its filesystem is read-only {path}",
    "cloud_denied": "the cloud's API refuses it (not authorized {verb})",
    "wrong_credentials": "its credentials are refused (authentication failed)",
    "database_missing": "the database, table or queue that it asks for does not exist {database}",
    "version_mismatch": "its data is of another version than the program",
    "data_damaged": "its data is damaged, or locked by another process",
    "database_locked": "the database waits for locks (deadlock or timeout)",
    "protocol_wrong": "it speaks another protocol than {place} (TLS or plain)",
    "file_limit": "it has too many open files or watches for what its node allows",
    "kernel_setting": "a limit of its node's kernel is too low",
    "security_refused": "it refuses to run as the user that it has",
    "wrong_platform": "its image is built for another platform (exec format error)",
    "argument_invalid": "it is started with an argument that it does not know {command_named}",
    "module_missing": "its image lacks {command}, which it loads",
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
    """said: the telling line.  level: as it shows it.  count: how often, by template.  crashing: whether a container ends for it.

    over: whether it is long past.  aside: whether the container went on after it, and ended of something else.

    cause: `removed` where an earlier revision had the variable; no_such_service, wrong_port, down or outside for what cannot be reached; else empty.
    exit_code: of the container's last end, null when it did not end.  waits: why it waits, such as CrashLoopBackOff.
    variable, host, port, path, user, command, account, verb, resource, database: what the line names, empty for what it does not.
    """

    container: str
    cause: str
    said: str
    level: str
    count: int
    crashing: bool
    over: bool
    aside: bool
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


_LEVELS = ("debug", "info", "", "warning", "error", "fatal")


def application_failed(observed: Observed, target: Target) -> Iterator[Finding]:
    """One finding for each kind of failure that a workload tells of, with the line that tells most."""
    best: dict[tuple[str, str, str], Spoken] = {}
    for case in spoken(observed, target):
        key = (str(case.workload), case.said.kind, case.said.groups.get("host", case.said.groups.get("variable", "")))
        if key not in best or _weight(case) > _weight(best[key]):
            best[key] = case
    for case in best.values():
        yield _finding(case, observed)


def _weight(case: Spoken) -> tuple[bool, bool, int, int]:
    """The one that is not over, that is what it ended of, that names more, that is graver."""
    return not case.over, not case.aside, len(case.said.groups), _LEVELS.index(_level(case))


def _level(case: Spoken) -> str:
    return case.line.level if case.line.level in _LEVELS else ""


def _finding(case: Spoken, observed: Observed) -> Finding:
    container, groups = case.container, case.said.groups
    end = (container.state.get("terminated") or container.last) if container else {}
    waits = str((container.state.get("waiting") or {}).get("reason") or "") if container else ""
    crashing = bool(
        container and (waits == "CrashLoopBackOff" or end.get("exitCode") or container.state.get("terminated", {}).get("exitCode"))
    )
    name = container.name if container else case.line.container or _only_container(case.workload, observed)
    facts = ApplicationFailed(
        container=name, cause=_cause(case, observed), said=_excerpt(case), level=_level(case), count=case.line.count,
        crashing=crashing, over=case.over, aside=case.aside, exit_code=end.get("exitCode"), waits=waits, **{key: groups.get(key, "") for key in ("variable", "host", "port", "path", "user", "command", "account", "verb",
                                                            "resource", "database")},
    )  # fmt: skip
    cites = dict.fromkeys([case.line.item, *(observed.cites(container.pod) if container else ())])
    subject = f"{case.workload}/{name}" if name else str(case.workload)
    return found(case.said.kind, subject, facts, _text(case, facts, observed), tuple(cite for cite in cites if cite))


def _excerpt(case: Spoken) -> str:
    """The line; of a long one its beginning, and the part that tells."""
    text, at = case.line.text, case.said.at
    if len(text) <= _LONGEST or at + _AFTER <= _LONGEST:
        return text[:_LONGEST]
    start = max(at - 40, _BEFORE)
    return f"{text[:_BEFORE]} … {text[start : start + _AFTER]}"


def _text(case: Spoken, facts: ApplicationFailed, observed: Observed) -> str:
    place = f"{facts.host}:{facts.port}" if facts.host and facts.port else facts.host or _dependency(facts.said)
    named = {"variable": facts.variable or "that it needs", "host": facts.host or "that it asks for", "port": facts.port or "that it wants",
             "path": f"on {facts.path}" if facts.path else "", "command_named": facts.command, "database": facts.database, "command": facts.command or "that it is to run", "place": place,
             "account": facts.account, "verb": facts.verb, "resource": facts.resource}  # fmt: skip
    what = _PHRASES[case.said.kind].format_map(named).strip().replace(" )", ")")
    who = f"{case.workload.name}" + (f" (container {facts.container})" if facts.container else "")
    crash = f" and exits with code {facts.exit_code}" if facts.crashing and facts.exit_code is not None else ""
    back = f", {facts.waits}" if facts.waits else ""
    often = f" ({facts.count} times)" if facts.count > 1 else ""
    revision = _revision_of(case, observed)
    return f'{who}: {what}{crash}{back}{revision}; its log says{often} "{facts.said}"'


def _cause(case: Spoken, observed: Observed) -> str:
    """What the evidence beside the line says of it."""
    groups = case.said.groups
    if case.said.kind == "missing_environment":
        return "removed" if _revision_of(case, observed) or "removed" in case.line.text else ""
    host = groups.get("host", "")
    if case.said.kind not in ("dependency_unreachable", "dns_failure") or not host:
        return ""
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
    if service is None:
        return "no_such_service" if known else ""
    ports = [str(p.get("port")) for p in (service.get("spec") or {}).get("ports") or ()]
    return "wrong_port" if groups.get("port") and ports and groups["port"] not in ports else "down"


def _revision_of(case: Spoken, observed: Observed) -> str:
    """That only a newer revision fails, where pods of another one are ready."""
    owned = observed.pods_of(case.workload)
    fine = [pod for pod in owned if any(c.get("ready") for c in (pod.get("status") or {}).get("containerStatuses") or ())]
    bad = case.container.pod if case.container else None
    if bad is None or not fine or bad in fine:
        return ""
    owners = {str((pod["metadata"].get("ownerReferences") or [{}])[0].get("name", "")) for pod in fine}
    return f"; pods of {', '.join(sorted(owners))} are ready and serve" if owners - {""} else ""


_DEPENDENCIES = ("database", "postgres", "mysql", "mariadb", "redis", "mongo", "kafka", "rabbitmq", "amqp", "elasticsearch", "opensearch",
                 "memcached", "vault", "nats", "zookeeper", "etcd", "ldap", "smtp", "minio", "upstream", "broker", "cache")  # fmt: skip


def _dependency(said: str) -> str:
    """What the line calls that which it cannot reach."""
    lowered = said.lower()
    return next((f"its {word}" for word in _DEPENDENCIES if word in lowered), "what it depends on")


def _only_container(workload: ObjectRef, observed: Observed) -> str:
    thing = observed.get(workload.kind, workload.namespace, workload.name)
    named = [str(c.get("name")) for _, c in containers(thing)] if thing else []
    return named[0] if len(named) == 1 else ""

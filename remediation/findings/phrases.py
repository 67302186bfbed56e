"""What is wrong with an application, in a few words, by the kind of finding; filled with what its own line names."""

from collections import defaultdict
from collections.abc import Mapping

from remediation.servers import partners_in, served_at

PHRASES: Mapping[str, str] = {
    "missing_environment": "environment variable {variable} is not set",
    "certificate_expired": "an SSL/TLS certificate has expired",
    "certificate_untrusted": "an SSL/TLS certificate is not trusted",
    "clock_skewed": "the clocks of two machines differ (clock skew, NTP)",
    "too_many_connections": "the database or pool has too many connections",
    "definition_missing": "the cluster has no kind {resource} (its CustomResourceDefinition is missing)",
    "gpu_memory": "the memory of its GPU is used up",
    "gpu_unavailable": "its GPU or driver does not work",
    "client_outdated": "the driver of its client is too old for what {place} speaks",
    "read_only": "the database that it writes to is read-only",
    "read_only_filesystem": "its filesystem is read-only {path}",
    "cloud_denied": "the cloud's API refuses it (not authorized {verb})",
    "wrong_credentials": "its credentials are refused (authentication failed)",
    "database_missing": "the database, table or queue that it asks for does not exist {database}",
    "version_mismatch": "its data is of another version than the program {version}",
    "data_damaged": "its data is damaged, of another cluster, or locked by another process",
    "directory_occupied": "its data directory is not empty (a volume's own lost+found, or files of before) {path}",
    "database_locked": "the database waits for locks (deadlock or timeout)",
    "protocol_wrong": "it speaks another protocol than {place} (TLS or plain)",
    "file_limit": "it has too many open files or watches for what its node allows",
    "kernel_setting": "a limit of its node's kernel is too low",
    "cpu_unsupported": "the processor of its node lacks what the program was built for (illegal instruction)",
    "security_refused": "it refuses to run as the user that it has",
    "wrong_platform": "its image is built for another platform (exec format error)",
    "argument_invalid": "it is started with an argument that it does not know {argument}",
    "script_invalid": "the script in its own command is wrong (syntax error)",
    "module_missing": "its image lacks {module}, which it loads",
    "dns_failure": "the name {host} cannot be resolved (DNS)",
    "port_in_use": "the port {port} is already in use",
    "port_not_permitted": "it may not listen on port {port} (permission denied)",
    "disk_full": "there is no space left on its disk",
    "disk_slow": "the disk that it writes to is slow, its writes (fsync, sync) wait for it",
    "out_of_memory_inside": "it ran out of memory inside its own process (heap)",
    "permission_denied": "permission denied {path}",
    "command_not_found": "the command {command} is not found",
    "dependency_unreachable": "it cannot reach {place}",
    "file_missing": "the file {file} is missing",
    "configuration_invalid": "its configuration is invalid",
    "migration_failed": "a database migration failed",
    "secret_missing": "the Secret {resource} that it asks for does not exist",
    "workers_busy": "all of its workers are busy: it has reached its own limit of them",
    "slow_dependency": "the calls that it makes are slow",
    "peer_lost": "a peer or cluster member is down or partitioned",
    "rate_limited": "it is rate limited",
    "consumer_lag": "its queue grows faster than it is read",
    "rbac_forbidden": "its service account {account} may not {verb} {resource} (RBAC)",
    "requests_failing": "it answers requests with errors of its own (5xx) {path}",
    "error_logged": "an error of its own that no rule knows",
    "application_bug": "it ends in an error of its own code",
}


def _place(host: str, port: str, said: str) -> str:
    """What cannot be reached, as the line names it; for a host that is a mere number also what is usually served at its port."""
    if not host:
        return next((f"its {word}" for word in partners_in(said)), "what it depends on")
    served = served_at(port) if not host.strip("0123456789.") else ""
    return f"{host}:{port}{f' ({served})' if served else ''}" if port else host


_ELSE = {"variable": "that it needs", "host": "that it asks for", "port": "that it wants", "command": "that it is to run",
         "module": "a module"}  # fmt: skip


def phrase_of(kind: str, groups: Mapping[str, str], said: str) -> str:
    """The words for a kind. groups: what the line names.  said: the line, in which an unnamed dependency is looked for."""
    host, port, path = (groups.get(name, "") for name in ("host", "port", "path"))
    named = defaultdict(str, {**_ELSE, **groups})
    named["place"] = _place(host, port, said)
    named["path"], named["file"] = (f"on {path}" if path else ""), path or "that it reads"
    named["version"] = f"({version})" if (version := groups.get("version", "")) else ""
    named["argument"] = groups.get("command", "")
    return PHRASES[kind].format_map(named).strip().replace(" )", ")")

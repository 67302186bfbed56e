"""What is wrong with an application, in a few words, by the kind of finding; filled with what its own line names."""

from collections import defaultdict
from collections.abc import Mapping

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
    "version_mismatch": "its data is of another version than the program",
    "data_damaged": "its data is damaged, or locked by another process",
    "database_locked": "the database waits for locks (deadlock or timeout)",
    "protocol_wrong": "it speaks another protocol than {place} (TLS or plain)",
    "file_limit": "it has too many open files or watches for what its node allows",
    "kernel_setting": "a limit of its node's kernel is too low",
    "cpu_unsupported": "the processor of its node lacks what the program was built for (illegal instruction)",
    "security_refused": "it refuses to run as the user that it has",
    "wrong_platform": "its image is built for another platform (exec format error)",
    "argument_invalid": "it is started with an argument that it does not know {argument}",
    "script_invalid": "the script in its own command is wrong (syntax error)",
    "module_missing": "its image lacks {command}, which it loads",
    "dns_failure": "the name {host} cannot be resolved (DNS)",
    "port_in_use": "the port {port} is already in use",
    "port_not_permitted": "it may not listen on port {port} (permission denied)",
    "disk_full": "there is no space left on its disk",
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


_DEPENDENCIES = ("database", "postgres", "mysql", "mariadb", "redis", "mongo", "kafka", "rabbitmq", "amqp", "elasticsearch", "opensearch",
                 "memcached", "vault", "nats", "zookeeper", "etcd", "ldap", "smtp", "minio", "upstream", "broker", "cache")  # fmt: skip


def _dependency(said: str) -> str:
    """What the line calls that which it cannot reach."""
    lowered = said.lower()
    return next((f"its {word}" for word in _DEPENDENCIES if word in lowered), "what it depends on")


_PORTS = {"2379": "etcd", "5432": "PostgreSQL", "6379": "Redis", "3306": "MySQL", "27017": "MongoDB", "9092": "Kafka", "5672": "RabbitMQ",
          "9200": "Elasticsearch",
          "6443": "the API server", "8200": "Vault", "2181": "ZooKeeper", "4222": "NATS", "11211": "memcached"}  # fmt: skip


def _served_at(host: str, port: str) -> str:
    """What is usually served at a port of a host that is a mere number; empty for a host that has a name."""
    return f" ({_PORTS[port]})" if port in _PORTS and not host.strip("0123456789.") else ""


_ELSE = {"variable": "that it needs", "host": "that it asks for", "port": "that it wants", "command": "that it is to run"}


def phrase_of(kind: str, groups: Mapping[str, str], said: str) -> str:
    """The words for a kind. groups: what the line names.  said: the line, in which an unnamed dependency is looked for."""
    host, port, path = (groups.get(name, "") for name in ("host", "port", "path"))
    named = defaultdict(str, {**_ELSE, **groups})
    named["place"] = f"{host}:{port}{_served_at(host, port)}" if host and port else host or _dependency(said)
    named["path"], named["file"] = (f"on {path}" if path else ""), path or "that it reads"
    named["argument"] = groups.get("command", "")
    return PHRASES[kind].format_map(named).strip().replace(" )", ")")

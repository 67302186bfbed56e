"""The words in which runtimes, drivers, servers and clouds tell of failures: one pattern a line, by the kind of finding that they mean."""

from collections.abc import Mapping, Sequence

from remediation.findings.wordings.access import ACCESS
from remediation.findings.wordings.application import APPLICATION
from remediation.findings.wordings.limits import LIMITS
from remediation.findings.wordings.network import NETWORK
from remediation.findings.wordings.starting import STARTING
from remediation.findings.wordings.storage import STORAGE
from remediation.findings.wordings.tongues import TONGUES

# The more telling first: a line means the first kind that matches it. Patterns of a kind are tried as one; a name may stand in several.
ORDER: Sequence[str] = (
    "rbac_forbidden",
    "definition_missing",
    "gpu_unavailable",
    "gpu_memory",
    "certificate_expired",
    "certificate_untrusted",
    "clock_skewed",
    "too_many_connections",
    "client_outdated",
    "read_only_filesystem",
    "read_only",
    "cloud_denied",
    "wrong_credentials",
    "database_missing",
    "dns_failure",
    "missing_environment",
    "port_in_use",
    "port_not_permitted",
    "file_limit",
    "disk_full",
    "disk_slow",
    "kernel_setting",
    "cpu_unsupported",
    "out_of_memory_inside",
    "version_mismatch",
    "security_refused",
    "permission_denied",
    "wrong_platform",
    "argument_invalid",
    "script_invalid",
    "command_not_found",
    "migration_failed",
    "directory_occupied",
    "data_damaged",
    "database_locked",
    "protocol_wrong",
    "rate_limited",
    "dependency_unreachable",
    "module_missing",
    "secret_missing",
    "file_missing",
    "configuration_invalid",
    "workers_busy",
    "slow_dependency",
    "peer_lost",
    "consumer_lag",
    "requests_failing",
    "application_bug",
)

_BY_KIND: Mapping[str, Sequence[str]] = {**ACCESS, **NETWORK, **STORAGE, **STARTING, **LIMITS, **APPLICATION}
WORDINGS: Mapping[str, Sequence[str]] = {kind: (*_BY_KIND[kind], *TONGUES.get(kind, ())) for kind in ORDER}

"""What a line of an application means, by the words of `wordings`, and what it names: a host, a port, a variable, a path."""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from remediation.findings.wordings import WORDINGS

_LONGEST = 4000
_NO_HOSTS = frozenset(
    {"for", "on", "host", "the", "service", "connection", "to", "at", "in", "error", "lookup", "getaddrinfo", "localhost", "server", "tcp"}
)
_NO_VARIABLES = frozenset(
    {"ERROR", "FATAL", "WARN", "WARNING", "INFO", "DEBUG", "PANIC", "CRITICAL", "SEVERE", "NOTICE", "TRACE", "HTTP", "HTTPS",
     "JSON", "YAML", "POST", "PATCH", "DELETE", "SELECT", "INSERT", "UPDATE", "TABLE", "NULL", "TRUE", "FALSE", "CUDA", "SASL",
     "NOAUTH", "TODO", "UUID", "NONE", "ALERT", "EMERG", "CRIT", "NOT_FOUND", "HEAD", "COLUMN", "INDEX", "CREATE", "ALTER", "DROP",
     "START", "STOP", "FAILED",
     "WRONGPASS", "READONLY", "MISCONF", "ENOENT", "EACCES", "AUTH", "LDAP", "SMTP", "SSH", "NGINX", "REDIS", "MYSQL", "POSTGRES"}
)  # fmt: skip
_PARTNERS = ("dns_failure", "wrong_credentials", "certificate_expired", "certificate_untrusted", "protocol_wrong")
_GROUP = re.compile(r"\(\?P<(\w+)>")
_SOURCES = (".java", ".kt", ".scala", ".py", ".go", ".js", ".ts", ".rb", ".rs", ".cs", ".php", ".c", ".cc", ".cpp", ".ex")  # no hosts
_ADDRESS = re.compile(
    r"(?<![\w.:/-])(?:(?:jdbc:)?\w+://)?(?:[^\s/@]*@)?(?P<host>[A-Za-z][\w.-]*|\d+\.\d+\.\d+\.\d+):(?P<port>\d{2,5})\b(?![:.]\d)"
)


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a line means. kind: of the finding.  groups: what the words name: variable, host, port, path, user, command, ….

    at: where in the text it says so.
    """

    kind: str
    groups: Mapping[str, str]
    at: int = 0


def _compiled(patterns: Sequence[str]) -> re.Pattern[str]:
    """One pattern of several; a name that stands twice gets a number behind it."""
    numbers = itertools.count()
    return re.compile("|".join(_GROUP.sub(lambda match: f"(?P<{match[1]}_{next(numbers)}>", pattern) for pattern in patterns))


_PATTERNS = tuple((kind, _compiled(patterns)) for kind, patterns in WORDINGS.items())


def meaning(text: str) -> Said | None:
    """What a line means, None where it tells of nothing that we know; of a trace what its last cause tells, where that names a partner."""
    whole, _, cause = text.rpartition("Caused by:")
    inner = _meaning(cause[:_LONGEST]) if whole else None
    if inner is not None and inner.kind in _PARTNERS:
        return Said(kind=inner.kind, groups=inner.groups, at=len(text) - len(cause) + inner.at)
    return _meaning(text[:_LONGEST])


def _meaning(line: str) -> Said | None:
    for kind, words in _PATTERNS:
        for match in words.finditer(line):  # a level before the telling words may look like a variable
            groups = {re.sub(r"_\d+$", "", name): value.strip() for name, value in match.groupdict().items() if value}
            if groups.get("variable", "").upper() not in _NO_VARIABLES:
                return Said(kind=kind, groups=_plausible(groups), at=match.start())
    return None


def _plausible(groups: Mapping[str, str]) -> dict[str, str]:
    """Without what only looks like a host."""
    host = groups.get("host", "")
    return {name: value for name, value in groups.items() if not (name == "host" and (host.isdigit() or host.lower() in _NO_HOSTS))}


def place_in(text: str) -> Iterator[tuple[str, int]]:
    """Every `host:port` that a line names."""
    for match in _ADDRESS.finditer(text):
        if not match["host"].endswith(_SOURCES):
            yield match["host"], int(match["port"])

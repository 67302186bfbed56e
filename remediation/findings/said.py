"""What a line of an application means, by the words of `wordings`, and what it names: a host, a port, a variable, a path."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count, groupby
from operator import attrgetter

from remediation.findings.wordings import WORDINGS
from remediation.needed import holding, needed

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
_STATUSES = frozenset(
    {"OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "ALREADY_EXISTS", "PERMISSION_DENIED", "UNAVAILABLE",
     "UNAUTHENTICATED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "DATA_LOSS",
     "BAD_REQUEST", "UNAUTHORIZED", "FORBIDDEN", "INTERNAL_SERVER_ERROR", "BAD_GATEWAY", "SERVICE_UNAVAILABLE", "GATEWAY_TIMEOUT",
     "CONFLICT", "UNPROCESSABLE_ENTITY", "TOO_MANY_REQUESTS", "TIMEOUT", "EXCEPTION", "REFUSED", "REJECTED", "GRPC", "STATUS"}
)  # fmt: skip
_NO_VARIABLE = re.compile(
    r"E(?:CONN\w+|TIMEDOUT|HOST\w+|NET\w+|PIPE|NOENT|ACCES|PERM|ADDR\w+|MFILE|NFILE|AI_\w+|NOTFOUND|NOSPC|ROFS|EXIST|ISDIR|BADF|INVAL|AGAIN|"
    r"NOMEM|BUSY|IO|PROTO)|ERR_\w+|SQLSTATE\w*|SIG[A-Z]{2,7}|HTTP_\d+|[A-Z]{2,5}\d{3,}"
)  # errno names, codes and signals
_PARTNERS = ("dns_failure", "wrong_credentials", "certificate_expired", "certificate_untrusted", "protocol_wrong")
_GROUP = re.compile(r"\(\?P<(\w+)>")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_NUMBER = re.compile(r"_\d+$")


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a line means. kind: of the finding.  groups: what the words name: variable, host, port, path, user, command, ….

    at: where in the text it says so.
    """

    kind: str
    groups: Mapping[str, str]
    at: int = 0


class _Wording:
    """One pattern of a kind, compiled once a line may match it. A name that stands twice gets a number behind it."""

    def __init__(self, kind: str, pattern: str) -> None:
        self.kind, self._pattern = kind, pattern
        self.literals = needed(_GROUP.sub("(?:", pattern))

    @cached_property
    def words(self) -> re.Pattern[str]:
        """The pattern, its names numbered."""
        numbers = count()
        return re.compile(_GROUP.sub(lambda match: f"(?P<{match[1]}_{next(numbers)}>", self._pattern))


_ALL = tuple(_Wording(kind, pattern) for kind, patterns in WORDINGS.items() for pattern in patterns)
_ALWAYS = frozenset(at for at, wording in enumerate(_ALL) if not wording.literals)
_BY_LITERAL: dict[str, list[int]] = {}
for _at, _wording in enumerate(_ALL):
    for _literal in _wording.literals or ():
        _BY_LITERAL.setdefault(_literal, []).append(_at)
_ROOTS: dict[str, list[str]] = {}  # words that hold no other one, each with the literals that hold it: they are looked for only where it is
for _literal in sorted(_BY_LITERAL, key=lambda literal: len(max(literal.split(), key=len))):
    _word = max(_literal.split(), key=len)
    _ROOTS.setdefault(next((root for root in _ROOTS if root in _word), _word), []).append(_literal)

_may_tell = holding(_ROOTS)


def meanings(texts: Sequence[str]) -> list[Said | None]:
    """What each line means. Of many lines the words are few: what none of them holds is looked for in no line."""
    words = "\n".join(filter(_may_tell, {word for text in texts for word in text.lower().split()}))
    roots = [root for root in _ROOTS if root in words]
    return [meaning(text, roots) for text in texts]


def meaning(text: str, roots: Iterable[str] = _ROOTS) -> Said | None:
    """What a line means, None where it tells of nothing that we know; of a trace what its last cause tells, where that names a partner.

    roots: those that it may hold.
    """
    whole, _, cause = text.rpartition("Caused by:")
    inner = _meaning(cause[:_LONGEST], roots) if whole else None
    if inner is not None and inner.kind in _PARTNERS:
        return Said(kind=inner.kind, groups=inner.groups, at=len(text) - len(cause) + inner.at)
    return _meaning(text[:_LONGEST], roots)


def _meaning(line: str, roots: Iterable[str]) -> Said | None:
    for kind, wordings in groupby(_eligible(line, roots), key=attrgetter("kind")):
        for match in _matches([wording.words for wording in wordings], line):  # a level before the telling words may look like a variable
            groups = {_NUMBER.sub("", name): value.strip() for name, value in match.groupdict().items() if value}
            if _may_be_variable(groups.get("variable", "")):
                return Said(kind=kind, groups=_plausible(groups), at=match.start())
    return None


def _may_be_variable(name: str) -> bool:
    """Whether a name is no level, verb, status of gRPC or HTTP, errno or signal."""
    return name.upper() not in _NO_VARIABLES | _STATUSES and not _NO_VARIABLE.fullmatch(name)


def _eligible(line: str, roots: Iterable[str]) -> Sequence[_Wording]:
    """The patterns that may match the line, in their order: those of which it holds a literal."""
    lowered = line.lower()
    held = [literal for root in roots if root in lowered for literal in _ROOTS[root] if literal in lowered]
    return [_ALL[at] for at in sorted(_ALWAYS.union(*map(_BY_LITERAL.__getitem__, held)))]


def _matches(patterns: Sequence[re.Pattern[str]], line: str) -> Iterator[re.Match[str]]:
    """As if the patterns were one, each tried after those before it: the match that begins first, and so on behind it."""
    at = 0
    while True:
        found = [match for pattern in patterns if (match := pattern.search(line, at)) is not None]
        if not found:
            return
        first = min(found, key=re.Match.start)
        yield first
        at = max(first.end(), at + 1)


def _plausible(groups: Mapping[str, str]) -> dict[str, str]:
    """Without what only looks like a host."""
    host = groups.get("host", "")
    none = host.isdecimal() or host.lower() in _NO_HOSTS or _DATE.match(host) is not None
    return {name: value for name, value in groups.items() if not (name == "host" and none)}

"""What applications say when they fail: a table of words, as runtimes, drivers and servers write them, and what each means."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_VAR = r"[`'\"]?(?P<variable>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Z]{4,}[A-Z0-9_]*)[`'\"]?"
_HOST = r"[`'\"(]?(?P<host>[A-Za-z0-9][A-Za-z0-9._-]*[A-Za-z0-9])[`'\")]?"
_TO = r"(?P<host>[A-Za-z0-9][A-Za-z0-9._-]*):(?P<port>\d{2,5})"


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a line means. kind: of the finding.  groups: what the words name: variable, host, port, path, user, command, certificate."""

    kind: str
    groups: Mapping[str, str]


_MEANINGS: Sequence[tuple[str, str]] = (  # the more telling first
    ("rbac_forbidden", r"is forbidden: User \"?system:serviceaccount:(?P<namespace>[\w-]+):(?P<account>[\w.-]+)\"? cannot (?P<verb>\w+) resource \"?(?P<resource>[\w./-]+)\"?"),
    ("rbac_forbidden", r"(?P<resource>[\w.]+)(?: \"[^\"]*\")? is forbidden: User \"?(?P<account>[^\"\s]+)\"? cannot (?P<verb>\w+)"),
    ("certificate_expired", r"certificate has expired(?: or is not yet valid)?|certificate expired|expired certificate|CERT_HAS_EXPIRED|ssl certificate expired|CertificateExpired|certificate is not yet valid|NotAfter.*(?:past|expired)"),
    ("certificate_untrusted", r"x509: certificate signed by unknown authority|certificate verify failed|unable to (?:get local|verify the first) (?:issuer )?certificate|self[- ]signed certificate|SSLHandshakeException|PKIX path building failed|x509: certificate is valid for|certificate is not valid for|x509: cannot validate certificate"),
    ("too_many_connections", r"too many connections|remaining connection slots are reserved|sorry, too many clients|max_connections|Too many connections|connection pool (?:is )?exhausted|pool exhausted|QueuePool limit|timeout (?:waiting|exceeded) .*(?:connection from (?:the )?pool|acquir)|Connection is not available, request timed out|too many clients already|max number of clients reached"),
    ("read_only", r"read[- ]only (?:transaction|mode|replica|file ?system)|READONLY You can't write|--read-only option|EROFS|Read-only file system|not (?:the )?(?:master|primary|leader)\b.*(?:write|read-?only)|NotWritablePrimary"),
    ("wrong_credentials", r"password authentication failed for user \"?(?P<user>[\w.-]+)?|Access denied for user '?(?P<user2>[\w.-]+)?|WRONGPASS|NOAUTH|authentication failed|Authentication failed|invalid (?:username|password|credentials|api key|token)|Login failed|SASL authentication failed|401 Unauthorized|InvalidAccessKeyId|SignatureDoesNotMatch|ACCESS_REFUSED|Auth(?:entication)?Error|bad credentials|invalid_grant|role \"[^\"]+\" does not exist|(?<!cannot )unauthorized"),
    ("database_missing", r"database \"?(?P<database>[\w-]+)\"? does not exist|Unknown database '?(?P<database2>[\w-]+)|relation \"(?P<relation>[\w.]+)\" does not exist|no such table|Table '[^']+' doesn't exist"),
    ("dns_failure", rf"(?:lookup (?P<host0>[\w.-]+)[^\n]*(?:no such host|server misbehaving|timeout)|no such host|server misbehaving|Name or service not known|Temporary failure in name resolution|Failed to resolve '?(?P<host4>[\w.-]+)|nodename nor servname|getaddrinfo (?:ENOTFOUND|EAI_AGAIN)\s*{_HOST}?|ENOTFOUND\s+(?P<host2>[\w.-]+)|EAI_AGAIN\s*(?P<host5>[\w.-]+)?|UnknownHostException:?\s*(?P<host3>[\w.-]+)?|NXDOMAIN|could not translate host name \"(?P<host6>[\w.-]+)|Could not resolve host:?\s*(?P<host7>[\w.-]+)?|bad address '(?P<host8>[\w.-]+)|NameResolutionError|Unknown host|unknown host|host not found in upstream \"(?P<host9>[\w.-]+)|Name does not resolve|Unknown MySQL server host '(?P<host10>[\w.-]+)|getaddrinfo failed|Non-authoritative|can't resolve)"),
    ("missing_environment", rf"(?:env(?:ironment)?(?: variable)?s?|var(?:iable)?|setting|config(?:uration)?(?: key| value)?|required)[^\n]{{0,40}}?[\s:=]{_VAR}[^\n]{{0,30}}?\b(?:is |are |was |were )?(?:not set|undefined|missing|required|not defined|not found|empty|unset|must be set|must be provided|not provided|not present|invalid: empty)"),
    ("missing_environment", rf"{_VAR}:? (?:environment variable |env(?:ironment)? var(?:iable)? |env |variable )?(?:is |was )?(?:not set|undefined|missing|required|not defined|must be set|unset|must be provided|not provided|parameter not set|unbound variable|cannot be (?:empty|blank)|is empty|not found in (?:the )?environment)"),
    ("missing_environment", rf"(?:missing|undefined|unset|no|required|must set|please set|you (?:must|need to) (?:set|specify)|not set)[^\n]{{0,40}}?(?:env(?:ironment)?|variable|setting|config(?:uration)?|key)[^\n]{{0,30}}?[\s:=('\"]{_VAR}"),
    ("missing_environment", r"KeyError: '(?P<variable>[A-Z][A-Z0-9_]{2,})'|(?P<variable2>[A-Z][A-Z0-9_]{3,}): unbound variable|Could not resolve placeholder '(?P<variable3>[\w.-]+)'|(?:missing|required) required? ?(?:env|variable)s?:? (?P<variable4>[A-Z][A-Z0-9_]+)|You need to specify one of the following|database is uninitialized and (?:superuser )?password"),
    ("port_in_use", r"address already in use(?:.*?:(?P<port>\d{2,5}))?|EADDRINUSE[^\n]*?:?(?P<port2>\d{2,5})?|[Pp]ort (?P<port3>\d+) (?:is |was )?already (?:in use|allocated|being used)|bind\(\) to [\w.:\[\]]*?:(?P<port4>\d+) failed \(98|Address in use|Only one usage of each socket address"),
    ("port_not_permitted", r"bind\(\) to [\w.:\[\]]*?:(?P<port>\d+) failed \(13|listen tcp [\w.\[\]]*:(?P<port2>\d+): bind: permission denied|EACCES[^\n]*?:(?P<port3>\d{2,5})"),
    ("disk_full", r"[Nn]o space left on device|ENOSPC|disk (?:is )?full|[Dd]isk quota exceeded|EDQUOT|could not extend file|database or disk is full|insufficient disk space|out of disk space|not enough (?:free )?(?:disk )?space|flood[- ]stage disk watermark|No usable disk space|volume is full"),
    ("out_of_memory_inside", r"java\.lang\.OutOfMemoryError|OutOfMemoryError|JavaScript heap out of memory|fatal error: runtime: out of memory|\bMemoryError\b|Allocation failed - JavaScript heap|[Cc]annot allocate memory|ENOMEM|std::bad_alloc|OOM command not allowed|Out of memory"),
    ("permission_denied", r"(?:[Pp]ermission denied|EACCES|Operation not permitted|EPERM|AccessDeniedException|Read-only file system)[^\n]{0,10}?(?:[:,] ?(?:open|mkdir|access|stat|unlink|scandir)? ?[`'\"]?(?P<path>/[\w./-]+))?|can(?:not|'t) (?:create|open|write|access|mkdir|touch)[^\n]*?[`'\"]?(?P<path2>/[\w./-]+)[`'\"]?: [Pp]ermission denied"),
    ("command_not_found", r"exec:? \"?(?P<command>[^\s\":]+)\"?: (?:executable file not found in \$?PATH|stat [^:]+: no such file|no such file or directory|permission denied)|(?:sh|bash|/bin/\w+|line \d+): (?:line )?\d*:? ?(?P<command2>[\w./-]+): (?:command )?not found|exec (?P<command3>\S+): (?:no such file or directory|exec format error)|can't open file '(?P<command4>[^']+)': \[Errno 2\]|Cannot find module '(?P<command5>[^']+)'|ModuleNotFoundError: No module named '(?P<command6>[^']+)'|Could not find or load main class (?P<command7>[\w.$]+)|Unable to access jarfile (?P<command8>\S+)|exec format error|unknown (?:command|flag|shorthand flag|option)[: ]+\"?(?P<command9>[\w-]+)|unrecognized (?:option|argument)s?:? '?(?P<command10>[\w=-]+)"),
    ("dependency_unreachable", rf"(?:tried|to|at|host|server|address|dial tcp|connect(?:ing)?(?: to)?|upstream:? \"?)[\s:=('\"\[]*(?:\w+://)?{_TO}[^\n]*?(?:refused|timed? ?out|timeout|unreachable|failed|fail|reset|unavailable|no available|could not|not available)|(?:refused|timed? ?out|timeout|unreachable|ECONNREFUSED|ETIMEDOUT|EHOSTUNREACH|failed|unable|could not|cannot|can't|error)[^\n]*?(?:connect|connecting|connection|reach|dial|to|at)[^\n]*?[\s(/'\"@]{_TO.replace('host', 'host2').replace('port', 'port2')}"),
    ("dependency_unreachable", r"[Cc]onnection refused|ECONNREFUSED|ETIMEDOUT|[Cc]onnection timed out|[Cc]onnect(?:ion)? timeout|[Nn]o route to host|EHOSTUNREACH|[Nn]etwork is unreachable|ENETUNREACH|i/o timeout|dial tcp|(?:[Uu]nable|[Ff]ailed|[Cc]annot|[Cc]ould not|[Cc]ouldn't|[Cc]an't) (?:to )?(?:connect|reach|establish|contact)|[Cc]onnection (?:to [^\n]{1,60} )?(?:failed|lost|error|closed unexpectedly|was lost)|CommunicationsException|ServerSelectionTimeoutError|NoBrokersAvailable|Broker may not be available|upstream connect error|no healthy upstream|context deadline exceeded|DeadlineExceeded|database (?:is )?(?:unavailable|down|unreachable)|503 Service (?:Temporarily )?Unavailable|502 Bad Gateway|504 Gateway|MongoNetworkError|RedisConnectionError|ConnectionError|ConnectException|SocketTimeoutException"),
    ("file_missing", r"(?:No such file or directory|ENOENT|FileNotFound(?:Error|Exception)|no such file or directory|cannot find (?:the )?(?:file|path))[^\n]*?(?:[:'\"( ](?P<path>/[\w./-]+))?|(?:open|stat|read|load|parse|[Cc]onfig(?:uration)? file:?) [`'\"]?(?P<path2>/[\w./-]+)[`'\"]?: no such file or directory|(?P<path3>/[\w./-]+): No such file or directory"),
    ("configuration_invalid", r"(?:invalid|malformed|unknown|bad|unsupported|unexpected) (?:config(?:uration)?|directive|value|setting|option|parameter|syntax)|(?:config(?:uration)?|yaml|json|toml|properties)[^\n]{0,40}(?:invalid|error|malformed|parse|unmarshal)|(?:parse|parsing|unmarshal|decod)\w* [^\n]{0,40}(?:config|yaml|json)|\[emerg\]|syntax error|yaml: line \d+|JSONDecodeError|could not parse|ValidationError|Invalid (?:configuration|argument|value)"),
    ("migration_failed", r"migration(?:s)? (?:\S+ )?failed|Migration failed|flyway.*(?:failed|error)|Liquibase.*(?:failed|error)|dirty database version|Detected failed migration|Waiting for changelog lock"),
    ("slow_dependency", r"(?:slow quer(?:y|ies)|slow (?:database|db|sql|request|response|call))|(?:database|db|query|sql|request|call|upstream)[^\n]{0,40}(?:took|completed in|duration|elapsed|latency)[ :=]*(?P<seconds>\d{1,3}(?:\.\d+)?) ?s(?:ec(?:onds)?)?\b|(?:took|completed in|duration[=:]) ?(?P<millis>\d{4,6}) ?ms|(?:latency|response time) (?:is )?(?:high|elevated)|lock wait timeout|statement timeout|deadlock detected"),
    ("peer_lost", r"[Pp]eer (?:is )?down|[Ll]ink (?:is )?down|[Nn]etwork partition|partition(?:ed)? (?:detected|from)|split[- ]brain|lost (?:quorum|leader)|no leader|quorum (?:lost|not)|[Nn]ode .{1,60} (?:is )?(?:down|unreachable|left the cluster)|heartbeat (?:lost|timeout|missed)"),
    ("rate_limited", r"429 Too Many Requests|[Rr]ate ?limit(?:ed| exceeded)?|[Tt]hrottl(?:ed|ing) (?:by|request|exception)|RESOURCE_EXHAUSTED|quota exceeded for"),
    ("consumer_lag", r"consumer lag|lag (?:is )?(?:high|growing|exceed)|queue (?:is )?full|backlog (?:is )?growing|max size \d+|message backlog"),
    ("application_bug", r"Traceback|panic: |[A-Za-z.]+(?:Exception|Error)\b: |Segmentation fault|SIGSEGV|segfault|NullPointerException|nil pointer dereference|Unhandled(?:Promise)?Rejection|Uncaught|stack overflow|assertion failed|core dumped|unhandled exception|fatal error:"),
)  # fmt: skip
_COMPILED = tuple((kind, re.compile(words)) for kind, words in _MEANINGS)
_ANY = re.compile(
    r"error|fail|fatal|refus|time|denied|expire|exhaust|unable|cannot|can't|could|not |no |missing|undefined|unset|unbound|requir|in use|invalid|"
    r"unknown|forbidden|unauthor|too many|down|partition|panic|exception|E[A-Z]{4,}|slow|took|completed in|lag|latency|resol|memory|x509|"
    r"certificate|50[234]|429|Traceback|Sig|SIG|readonly|read-only|pool|full|lost|auth|deadlock|max size|must|leader|quorum|KeyError|parse|dump|"
    r"syntax|bad_alloc|address|migration|AUTH|PASS|emerg|heartbeat|unreachable|split|throttl",
    re.IGNORECASE,
)


def meaning(text: str) -> Said | None:
    """What a line means, None where it tells of nothing that we know."""
    if not _ANY.search(text):
        return None
    line = text[:2000]
    for kind, words in _COMPILED:
        match = words.search(line)
        if match is not None:
            named = {re.sub(r"\d+$", "", name): value for name, value in match.groupdict().items() if value}
            return Said(kind=kind, groups=_plausible(kind, named))
    return None


def _plausible(kind: str, groups: Mapping[str, str]) -> dict[str, str]:
    """Without what only looks like a host."""
    if kind not in ("dns_failure", "dependency_unreachable"):
        return dict(groups)
    return {name: value for name, value in groups.items() if not (name == "host" and (value.isdigit() or value in _NO_HOSTS))}


_NO_HOSTS = frozenset({"for", "on", "host", "the", "service", "connection", "to", "at", "in", "error", "lookup", "getaddrinfo"})


def place_in(text: str) -> Iterator[tuple[str, int]]:
    """Every `host:port` that a line names."""
    for match in re.finditer(r"(?<![\w.:/-])(?:\w+://)?(?P<host>[A-Za-z][\w.-]*|\d+\.\d+\.\d+\.\d+):(?P<port>\d{2,5})\b(?![:.]\d)", text):
        yield match["host"], int(match["port"])

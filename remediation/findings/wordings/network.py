"""Whom a program speaks to: names, partners that do not answer, slow or too many times asked, protocols, peers of a cluster."""

from collections.abc import Mapping, Sequence

from remediation.findings.wordings.fragments import FLAG_ON, FQDN, HOST, TO

NETWORK: Mapping[str, Sequence[str]] = {
    "dns_failure": (
        r"lookup (?!failed|error|of\b|for\b)(?P<host>[\w.-]+)[^\n]{0,160}?(?:no such host|server misbehaving|timeout|timed out)",
        r"could not translate host name \"(?P<host>[\w.-]+)|Unknown MySQL server host '(?P<host>[\w.-]+)",
        r"Failed to resolve '?(?P<host>[\w.-]+)",
        rf"getaddrinfo (?:ENOTFOUND|EAI_AGAIN)\s*{HOST}?|ENOTFOUND\s+(?P<host>[\w.-]+)|EAI_AGAIN\s*(?P<host>[\w.-]+)?",
        r"UnknownHostException:?\s*(?P<host>[\w.-]+)?|getaddrinfo for (?P<host>[\w.-]+) failed",
        r"Could not resolve host:?\s*(?P<host>[\w.-]+)?",
        r"bad address '(?P<host>[\w.-]+)|host not found in upstream \"(?P<host>[\w.-]+)",
        r"Failed to resolve host(?:name)?:? '?(?P<host>[\w.-]+)",
        r"(?:Name or service not known|No such host is known\.?|Resource temporarily unavailable) \((?P<host>[\w.-]+):(?P<port>\d+)\)",
        r"[Ee]rror -[235] connecting to (?P<host>[\w.-]+):(?P<port>\d+)",
        r"connecting to (?P<host>[\w.-]+):(?P<port>\d+)\. Name (?:or service|does) not",
        rf"server can't find (?P<host>[\w.-]+): (?:NXDOMAIN|SERVFAIL)|{FQDN}:(?P<port>\d+)\): non-existing domain - :nxdomain",
        rf"{FQDN} could not be resolved \(\d: (?:Host not found|Operation timed out)\)",
        r"no resolver defined to resolve (?P<host>[\w.-]+)",
        rf"[Cc]ouldn't resolve (?:server|broker|host) (?P<host>[\w.-]+)|{FQDN}(?::\d+)?/<unresolved>",
        r"no such host|server misbehaving|Name or service not known|Temporary failure in name resolution|nodename nor servname|NXDOMAIN",
        r"NameResolutionError|[Uu]nknown host\b|Name does not resolve|getaddrinfo failed|failed to lookup address information",
        r"can't resolve",
        r"No resolvable bootstrap urls|nxdomain",
    ),
    "dependency_unreachable": (
        (
            r"(?:[Cc]onnection )?(?:refused|timed? ?out|unreachable|[Nn]o route)[^\n]{0,80}\b[Hh]ost[:=] ?['\"]?"
            r"(?P<host>[A-Za-z0-9][\w.-]{0,252})['\"]?[,;]? [Pp]ort[:=] ?['\"]?(?P<port>\d{2,5})"
        ),
        r"connection to server at \"(?P<host>[^\"]+)\"(?: \([\d.]+\))?, port (?P<port>\d+) failed",
        r"running on host \"?(?P<host>[\w.-]+)\"?[^\n]*?port (?P<port>\d+)|connect\(2\) for \"?(?P<host>[\w.-]+)\"? port (?P<port>\d+)",
        r"onnect to MySQL server on '(?P<host>[\w.-]+)(?::(?P<port>\d+))?'|ConnectionPool\(host='(?P<host>[\w.-]+)', port=(?P<port>\d+)\)",
        r"\((?P<host>[\w.-]+)/[\d.]+:(?P<port>\d+)\) could not be established|Connection to (?P<host>[\w.-]+):(?P<port>\d+) refused",
        r"Connection refused: (?P<host>[\w.-]+)/[\d.]+:(?P<port>\d+)|[Ff]ailed to connect to /?(?P<host>[\w.-]+)/[\d.]+:(?P<port>\d+)",
        r"connect to (?P<host>[\w.-]+) port (?P<port>\d+)|\((?P<host>[\w.-]+):(?P<port>\d+)\): (?:connection refused|timeout)",
        r"Connection refused \((?P<host>[\w.-]+):(?P<port>\d+)\)|nc: [^\n]{0,60}?(?<![\w.-])(?P<host>[\w.-]+) \([\d.]+:(?P<port>\d+)\)",
        (
            r"\b(?:tried|to|at|host|server|address|dial tcp|connect(?:ing)?(?: to)?|upstream:? \"?|Addr:)"
            rf"[\s:=('\"\[]*(?:\w{{1,20}}://)?{TO}[^\n]{{0,200}}?"
            r"(?:refused|timed? ?out|timeout|unreachable|failed|fail|reset|unavailable|no available|could not|not available|no route)"
        ),
        (
            r"(?:refused|timed? ?out|timeout|unreachable|ECONNREFUSED|ETIMEDOUT|EHOSTUNREACH|ECONNRESET|failed|unable|could not|cannot|"
            r"can't|"
            r"error)"
            rf"[^\n]{{0,120}}?(?:connect|connecting|connection|reach|dial|\b(?:to|at)\b)[^\n]{{0,120}}?[\s(/'\"@=]{TO}"
        ),
        (
            r"(?<![\w.-])(?P<host>[A-Za-z][\w.-]{0,252}):(?P<port>\d{2,5})[^\n]{0,40}"
            r"(?:no response|not (?:yet )?(?:available|ready)|is unavailable|unreachable)"
        ),
        r"[Cc]onnection refused|ECONNREFUSED|ETIMEDOUT|[Cc]onnection timed out|[Cc]onnect(?:ion)? timeout|connect timed out",
        r"[Nn]o route to host",
        r"EHOSTUNREACH|[Nn]etwork is unreachable|ENETUNREACH|i/o timeout|dial tcp|ECONNRESET|[Cc]onnection reset by peer|socket hang up",
        r"(?:[Uu]nable|[Ff]ailed|[Cc]annot|[Cc]ould not|[Cc]ouldn't|[Cc]an't) (?:to )?(?:connect|reach|establish|contact)|econnrefused",
        r"[Cc]onnection (?:to [^\n]{1,60} )?(?:failed|lost|error|closed unexpectedly|was lost)|CommunicationsException",
        r"Communications link failure",
        r"no servers available|[Nn]o reachable (?:servers|node)|No living connections|NoNodeAvailable",
        r"no available (?:servers|brokers|hosts)",
        r"ServerSelectionTimeoutError|NoBrokersAvailable|[Bb]roker may not be available|upstream connect error|no healthy upstream",
        r"context deadline exceeded|DeadlineExceeded|DEADLINE_EXCEEDED|database (?:is )?(?:unavailable|down|unreachable)|no live upstreams",
        r"50[234] (?:Service (?:Temporarily )?Unavailable|Bad Gateway|Gateway Time)|status(?:[ _]?code)?[:= ]+50[234]|HTTP 50[234]",
        r"ServiceUnavailable|[Dd]eadline exceeded",
        r"(?P<host>[A-Za-z][\w.-]{0,252}):(?P<port>\d{2,5}): EOF\b",
        (
            r"https?://[^\s\"'\]]{1,200}(?:[^\n]{0,20}?(?:->|returned|responded|answered|status|got)(?: with| code)?[ :=]{1,3}(?:HTTP )?"
            r"50[0234]\b|:? 50[0234] (?:Internal Server|Bad Gateway|Service Unavailable|Gateway Time))"
        ),
        r"[Cc]ircuit ?[Bb]reaker[^\n]{0,60}?(?<!alf[-_ ])\b(?:open|OPEN)\b",
        r"MongoNetworkError|MongoServerSelectionError|RedisConnectionE|ConnectionError|ConnectException|SocketTimeoutException",
        r"RedisTimeout",
        r"[Rr]ead timed out|[Rr]equest timed out|ReadTimeout|ESOCKETTIMEDOUT|TimeoutException|[Cc]onnection attempt (?:failed|timed out)",
        r"[Ss]till waiting for|[Ww]aiting for \S+ to (?:be|become) (?:ready|available|up)|leaderelection lost|failed to renew lease",
        r"\b14 UNAVAILABLE\b|StatusRuntimeException: UNAVAILABLE|StatusCode\.UNAVAILABLE",
        rf"[Cc]ode ?[:=] ?'?\"?(?:UNAVAILABLE|Unavailable)\b(?![^\n]{{0,300}}{FLAG_ON})",
    ),
    "slow_dependency": (
        r"slow quer(?:y|ies)|slow (?:database|db|sql|request|response|call)|(?:latency|response time) (?:is )?(?:high|elevated)",
        r"slow log entry",
        (
            r"(?:database|db|query|sql|request|call|upstream)[^\n]{0,40}(?:took|completed in|duration|elapsed|latency)[ :=]*"
            r"(?P<seconds>\d{1,3}(?:\.\d+)?) ?s(?:ec(?:onds)?)?\b"
        ),
        r"(?:took|completed in|duration[=:]) ?(?P<millis>\d{4,6}) ?ms|statement timeout|took too long|apply request took too long",
    ),
    "rate_limited": (
        r"429 Too Many Requests|(?:status|HTTP)[^\n]{0,10}\b429\b|[Rr]ate ?limit(?:ed| exceeded)?|[Rr]ate exceeded|RequestLimitExceeded",
        r"[Tt]hrottl(?:ed|ing) (?:by|request|exception)|ThrottlingException|TooManyRequestsException|RESOURCE_EXHAUSTED",
        r"[Qq]uota exceeded for",
        r"ProvisionedThroughputExceeded|\bSlowDown\b|[Rr]educe your request rate|insufficient_quota|TooManyRequests\b|SNATPortExhaustion",
    ),
    "protocol_wrong": (
        r"first record does not look like a TLS handshake|server gave HTTP response to HTTPS client|wrong version number|EPROTO\b",
        r"[Tt]he server does not support SSL|SSL is not enabled on the server|no pg_hba\.conf entry for host",
        r"HTTP request (?:was )?sent to (?:an )?HTTPS",
        r"Client sent an HTTP request to an HTTPS server|frame size[^\n]*exceeds|invalid HTTP (?:response|version)|record layer failure",
        r"Unsupported or unrecognized SSL message|Not an SSL/TLS record|not an SSL/TLS record",
        r"malformed HTTP response|Unexpected response \(not HTTP\)|unsupported protocol scheme|Invalid response from server: not a",
    ),
    "client_outdated": (  # which the server does not speak to any more
        r"(?:client )?driver may require an upgrade|Unsupported OP_QUERY command|UnsupportedOpQueryCommand",
        r"wire version \d+, but this version of|requires (?:at least )?wire version|minimum wire version",
        r"Client does not support authentication protocol requested by server|authentication method (?:\d+|unknown) not supported",
        r"SCRAM authentication requires libpq|authentication type \d+ is not supported|The server requested authentication method unknown",
        r"caching_sha2_password' cannot be loaded|UNSUPPORTED_VERSION|UnsupportedVersionException",
        r"client is too old|[Cc]lient version \S+ is too old",
    ),
    "peer_lost": (
        r"[Pp]eer (?:is )?down|[Ll]ink (?:is )?down|[Nn]etwork partition|partition(?:ed)? (?:detected|from)|split[- ]brain",
        r"lost (?:quorum|leader)",
        r"no leader|quorum (?:lost|not)|[Nn]ode .{1,60} (?:is )?(?:down|unreachable|left the cluster)|heartbeat (?:lost|timeout|missed)",
        r"LEADER_NOT_AVAILABLE|NotEnoughReplicas|CLUSTERDOWN|not enough (?:good|in-sync) replicas|master not discovered|no master",
        r"NodeNotFound",
        r"[Ww]aiting for Mnesia tables|timeout_waiting_for_tables|failed to sync Mnesia|inconsistent_database, running_partitioned",
        r"lost connection to (?:peer|master|primary)|raft: [^\n]*(?:failed|no known)|MASTERDOWN",
    ),
}

"""The words in which runtimes, drivers, servers and clouds tell of failures: one pattern a line, by the kind of finding that they mean.

A name in a pattern may stand in several; patterns of a kind are tried as one, the kinds in this order, the more telling first.
"""

from collections.abc import Mapping, Sequence

_VAR = r"[`'\"]?(?P<variable>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Z]{4,}[A-Z0-9_]*)[`'\"]?"
_LONG_VAR = r"[`'\"]?(?P<variable>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)[`'\"]?"
_HOST = r"[`'\"(]?(?P<host>[A-Za-z0-9][A-Za-z0-9._-]*[A-Za-z0-9])[`'\")]?"
_TO = r"(?P<host>[A-Za-z0-9][A-Za-z0-9._-]{0,252}):(?P<port>\d{2,5})(?!\.\d)"  # `ipv4:10.0.0.1:80` is no host of that name
_FQDN = r"(?<![\w.-])(?P<host>[\w.-]{1,253})"  # at the beginning of a pattern: tried once a word, not once a letter
_LACKS = (
    r"(?:is |are |was |were )?(?:not set|undefined|missing|required|not defined|not found|empty|unset|must be set|must be provided|"
    r"not provided|not present|not specified|invalid: empty)"
)
_FLAG_ON = r"(?i:\bfeature[ _-]?flag\b[^\n]{0,60}(?:\b(?:enabled|activated)|(?:\b(?:is|was|to|turned|switched) |[=:] ?)\"?(?:on|true))\b)"

WORDINGS: Mapping[str, Sequence[str]] = {
    "rbac_forbidden": (
        (
            r"is forbidden: User \"?system:serviceaccount:(?P<namespace>[\w-]+):(?P<account>[\w.-]+)\"? cannot (?P<verb>\w+) "
            r"resource \"?(?P<resource>[\w./-]+)\"?"
        ),
        r"(?<![\w.])(?P<resource>[\w.]+)(?: \"[^\"]{0,253}\")? is forbidden: User \"?(?P<account>[^\"\s]+)\"? cannot (?P<verb>\w+)",
    ),
    "definition_missing": (
        r"no matches for kind \\?\"(?P<resource>[\w.]+)\"",
        r"failed to (?:list|watch) \*?(?:[\w./]+\.)?(?P<resource>[A-Z]\w+): [^\n]*the server could not find the requested resource",
        r"customresourcedefinitions?[^\n]{0,40} \"(?P<resource>[\w.]+)\" not found",
    ),
    "gpu_unavailable": (
        r"CUDA driver version is insufficient",
        r"[Cc]ould not load NVML|[Ff]ailed to initialize NVML|[Dd]river/library version mismatch",
        r"no CUDA-capable device|No CUDA GPUs are available|CUDA(?:-| )unknown error|CUDA_ERROR_(?:NO_DEVICE|SYSTEM|UNKNOWN|NOT_INIT)\w*",
        r"couldn't communicate with the NVIDIA driver|nvidia-container-cli: |libcuda\.so[.\d]*: cannot open",
        r"libnvidia-ml\.so[.\d]*: cannot open",
        r"Found no NVIDIA driver|NVIDIA driver on your system is too old|NVRM: Xid|uncorrectable ECC error|GPU has fallen off the bus",
        r"failed call to cuInit",
    ),
    "gpu_memory": (r"CUDA out of memory|CUDA error: out of memory|CUDA_ERROR_OUT_OF_MEMORY|CUBLAS_STATUS_ALLOC_FAILED|HIP out of memory",),
    "certificate_expired": (
        r"certificate has expired(?: or is not yet valid)?|certificate (?:is )?expired|expired certificate|CERT_HAS_EXPIRED",
        r"ssl certificate expired|CertificateExpired|certificate is not yet valid|NotAfter.*(?:past|expired)",
        r"sslv3 alert certificate expired|invalid peer certificate: Expired|[Cc]ertificate (?:in Secret )?\S+ (?:has )?expired\b",
        r"(?:certificate|anchor|root|CA|cert)s?\b[^\n]{0,80}(?:not valid any ?more|no longer valid|outside (?:of )?its validity)",
        r"X509_V_ERR_CERT_HAS_EXPIRED|InvalidCertificate\(Expired|validity check failed|certificate verify failed: certificate has expired",
    ),
    "certificate_untrusted": (
        r"x509: certificate signed by unknown authority|x509: certificate is valid for|x509: cannot validate certificate",
        r"x509: certificate \S+",
        r"certificate verify failed|unable to (?:get local|verify the first) (?:issuer )?certificate|self[- ]signed certificate",
        r"SSLHandshakeException|PKIX path building failed|certificate is not valid for|UNABLE_TO_VERIFY_LEAF_SIGNATURE",
        r"DEPTH_ZERO_SELF_SIGNED",
        r"Hostname/IP does not match certificate|The remote certificate is invalid|InvalidCertificate\(UnknownIssuer|ERR_TLS_CERT_ALTNAME",
        r"[Pp]eer certificate cannot be authenticated|SSL certificate problem",
    ),
    "clock_skewed": (
        r"[Tt]oken (?:was )?used before (?:it was )?issued|not (?:yet valid|valid yet)|\biat\b[^\n]{0,40}in the future|[Cc]lock skew",
        r"clock is (?:skewed|ahead|behind|not synchroni[sz]ed)|RequestTimeTooSkewed|TimeSkew|[Tt]ime (?:drift|skew)|KRB_AP_ERR_SKEW",
        r"clocks? (?:differ|are out of sync)|[Cc]lock synchroni[sz]ation (?:error|lost)|[Ll]eap status\s*: Not synchronised",
    ),
    "too_many_connections": (
        r"[Tt]oo many connections|remaining connection slots are reserved|too many clients already|max number of clients reached",
        r"max_connections|max_user_connections|max_client_conn|no more connections allowed|[Cc]onnection limit exceeded",
        r"connection pool (?:is )?exhausted|pool exhausted|QueuePool limit|[Tt]imeout acquiring a connection|The pool is probably full",
        r"timeout (?:waiting|exceeded) .*(?:connection from (?:the )?pool|acquir)|Connection is not available, request timed out",
        r"[Tt]imed out fetching a new connection from the connection pool|timeout exceeded when trying to connect|query_wait_timeout",
        r"The timeout period elapsed prior to obtaining a connection from the pool|too many connections for (?:role|database)",
    ),
    "client_outdated": (  # which the server does not speak to any more
        r"(?:client )?driver may require an upgrade|Unsupported OP_QUERY command|UnsupportedOpQueryCommand",
        r"wire version \d+, but this version of|requires (?:at least )?wire version|minimum wire version",
        r"Client does not support authentication protocol requested by server|authentication method (?:\d+|unknown) not supported",
        r"SCRAM authentication requires libpq|authentication type \d+ is not supported|The server requested authentication method unknown",
        r"caching_sha2_password' cannot be loaded|UNSUPPORTED_VERSION|UnsupportedVersionException",
        r"client is too old|[Cc]lient version \S+ is too old",
    ),
    "read_only_filesystem": (
        r"[Rr]ead-only file system(?!\?)[^\n]{0,10}?(?:[:,] ?(?:open|mkdir|unlink)? ?[`'\"]?(?P<path>/[\w./-]+))?",
        r"EROFS[^\n]*?(?:[`'\"](?P<path>/[\w./-]+))?|read-only directory:? ?(?P<path>/[\w./-]+)?",
    ),
    "read_only": (
        r"read[- ]only (?:transaction|mode|replica|standby)|READONLY You can't write|--read-only option|--super-read-only option",
        r"not (?:the )?(?:master|primary|leader)\b.*(?:write|read-?only)|NotWritablePrimary|NotPrimaryNoSecondaryOk|not primary",
        r"database is in (?:recovery|read-only) mode|index read-only / allow delete|ClusterBlockException|FORBIDDEN/12/index",
        r"MISCONF Redis is configured to save RDB|READONLY\b|NOREPLICAS",
    ),
    "cloud_denied": (
        r"(?P<user>arn:aws[\w:/.@+=,-]+) is not authorized to perform:? (?P<verb>[\w*:-]+)",
        r"is not authorized to perform:? (?P<verb>[\w*:-]+)|AccessDeniedException|AccessDenied: |\(AccessDenied\)|UnauthorizedOperation",
        r"does not have (?P<verb>[\w.]+) access to the Google Cloud|Permission '(?P<verb>[\w.]+)' denied on|Error 403: [^\n]*permission",
        r"AuthorizationFailed|does not have authorization to perform action '(?P<verb>[\w./]+)'|AuthorizationPermissionMismatch",
        r"Unable to locate credentials|NoCredentialProviders|Unable to load (?:AWS )?credentials|WebIdentityErr",
        r"ExpiredToken(?:Exception)?\b",
        r"could not find default credentials|Could not load the default credentials|failed to refresh cached credentials",
        r"Not authorized to perform sts:AssumeRoleWithWebIdentity|DefaultAzureCredential failed|PERMISSION_DENIED: ",
    ),
    "wrong_credentials": (
        r"password authentication failed for user \"?(?P<user>[\w.-]+)?|Access denied for user '?(?P<user>[\w.-]+)?",
        r"WRONGPASS|NOAUTH|[Aa]uthentication failed|AuthenticationFailed|invalid (?:username|password|credentials|api key|token)",
        r"[Ll]ogin failed(?: for user '?(?P<user>[\w.-]+))?|SASL authentication failed|401 Unauthorized|HTTP 40[13]|403 Forbidden",
        r"https?://\S+ [^\n]{0,30}\b[Ff]orbidden\b",
        r"Code: 40[13]|status(?:[ _]?code)?[:= ]+401",
        r"InvalidAccessKeyId|SignatureDoesNotMatch|InvalidClientTokenId|ACCESS_REFUSED|AuthError|AuthenticationError|bad credentials",
        r"Bad credentials",
        r"invalid_grant|invalid_client|role \"(?P<user>[^\"]+)\" does not exist|(?<!cannot )\bunauthorized\b|Invalid API [Kk]ey",
        r"no password supplied|Incorrect API key|ERR invalid password|ERR AUTH|code: 18\b.*Auth",
        r"username or password (?:is )?(?:incorrect|invalid|not allowed|refused)",
        r"[Uu]nable to authenticate|password is incorrect|SaslAuthenticationException|[Aa]uthentication credentials (?:invalid|were not)",
        r"lacks permission|ACL (?:not found|denied)|[Tt]oken (?:is |has )?(?:expired|invalid|revoked|denied)|jwt expired|JWT expired",
        r"\bnot authorized on (?P<database>[\w-]+) to execute|Not authorized to access \w+: \[|(?:Topic|Group)AuthorizationException",
        r"permission denied for (?:table|relation|schema|sequence|database|function|view|column|tablespace|large object)\b",
        r"command denied to user '(?P<user>[^'\n]{1,100})'|permission was denied on the (?:object|database)|must be owner of \w+ \S+",
        r"ORA-01031|ORA-00990|\bNOPERM\b|[Nn]ot enough privileges|[Ii]nsufficient privileges|AUTHORIZATION_FAILED",
        r"[Uu]ser '?(?P<user>[\w.@-]{1,100})'? (?:has no \w+ permission|does not have (?:the )?\w+ privilege|lacks the \w+ privilege)",
        r"Invalid credentials|incorrect (?:user ?name|password)|Login incorrect|permission denied, please check your credentials",
    ),
    "database_missing": (
        r"(?<!system )database \"?(?P<database>[\w-]+)\"? does not exist|Unknown database '?(?P<database>[\w-]+)",
        r"relation \"(?P<database>[\w.]+)\" does not exist|no such table:? ?(?P<database>[\w.]+)?",
        r"Table '(?P<database>[^']+)' doesn't exist",
        r"column \"?(?P<database>[\w.]+)\"? (?:of relation \S+ )?does not exist|Unknown column '(?P<database>[^']+)'",
        r"schema \"(?P<database>\w+)\" does not",
        r"no queue '(?P<database>[^']+)'|no exchange '(?P<database>[^']+)'|UnknownTopicOrPartition|does not host this topic-partition",
        r"index_not_found_exception|no such index \[(?P<database>[\w.-]+)\]|NoSuchBucket|The specified bucket does not exist",
        r"[Cc]annot open database",
        r"Unknown [Tt]opic [Oo]r [Pp]artition|NOT_FOUND - no (?:vhost|queue|exchange)",
    ),
    "dns_failure": (
        r"lookup (?!failed|error|of\b|for\b)(?P<host>[\w.-]+)[^\n]{0,160}?(?:no such host|server misbehaving|timeout|timed out)",
        r"could not translate host name \"(?P<host>[\w.-]+)|Unknown MySQL server host '(?P<host>[\w.-]+)",
        r"Failed to resolve '?(?P<host>[\w.-]+)",
        rf"getaddrinfo (?:ENOTFOUND|EAI_AGAIN)\s*{_HOST}?|ENOTFOUND\s+(?P<host>[\w.-]+)|EAI_AGAIN\s*(?P<host>[\w.-]+)?",
        r"UnknownHostException:?\s*(?P<host>[\w.-]+)?|getaddrinfo for (?P<host>[\w.-]+) failed",
        r"Could not resolve host:?\s*(?P<host>[\w.-]+)?",
        r"bad address '(?P<host>[\w.-]+)|host not found in upstream \"(?P<host>[\w.-]+)",
        r"Failed to resolve host(?:name)?:? '?(?P<host>[\w.-]+)",
        r"(?:Name or service not known|No such host is known\.?|Resource temporarily unavailable) \((?P<host>[\w.-]+):(?P<port>\d+)\)",
        r"[Ee]rror -[235] connecting to (?P<host>[\w.-]+):(?P<port>\d+)",
        r"connecting to (?P<host>[\w.-]+):(?P<port>\d+)\. Name (?:or service|does) not",
        rf"server can't find (?P<host>[\w.-]+): (?:NXDOMAIN|SERVFAIL)|{_FQDN}:(?P<port>\d+)\): non-existing domain - :nxdomain",
        rf"{_FQDN} could not be resolved \(\d: (?:Host not found|Operation timed out)\)",
        r"no resolver defined to resolve (?P<host>[\w.-]+)",
        rf"[Cc]ouldn't resolve (?:server|broker|host) (?P<host>[\w.-]+)|{_FQDN}(?::\d+)?/<unresolved>",
        r"no such host|server misbehaving|Name or service not known|Temporary failure in name resolution|nodename nor servname|NXDOMAIN",
        r"NameResolutionError|[Uu]nknown host\b|Name does not resolve|getaddrinfo failed|failed to lookup address information",
        r"can't resolve",
        r"No resolvable bootstrap urls|nxdomain",
    ),
    "missing_environment": (
        (
            r"(?:env(?:ironment)?(?: variable)?s?|var(?:iable)?|setting|config(?:uration)?(?: key| value)?|required)"
            rf"[^\n]{{0,40}}?[\s:=(]{_VAR}"
            rf"[^\n]{{0,30}}?\b{_LACKS}"
        ),
        (
            rf"{_VAR}:? (?:environment variable |env(?:ironment)? var(?:iable)? |env |variable |setting )?"
            r"(?:is |was |are )?(?:an? )?(?:not set|undefined|missing|required|mandatory|not defined|must be set|must be non-?empty|"
            r"must not be (?:empty|blank|null)|unset|must be provided|not provided|parameter (?:null or )?not set|unbound variable|"
            r"cannot be (?:empty|blank|null)|is empty|"
            r"not configured|not specified|not found\.? (?:in (?:the )?env|Declare it))"
        ),
        (
            r"\b(?:missing|undefined|unset|no|required|must set|[Pp]lease set|[Yy]ou (?:must|need to) (?:set|specify|provide)|not set|"
            rf"[Ss]et the)\b[^\n]{{0,40}}?(?:env(?:ironment)?|variable|setting|config(?:uration)?|key)[^\n]{{0,30}}?[\s:=('\"]{_LONG_VAR}"
        ),
        (
            rf"(?:[Ss]et the|[Mm]ust specify|[Mm]ust set|[Pp]lease (?:set|provide|specify)|[Mm]issing required|required key) {_VAR}"
            r"(?: environment variable| env| setting| to a non-empty| missing value|$)"
        ),
        r"KeyError: ['\"](?P<variable>[A-Z][A-Z0-9_]{2,})['\"]|key not found: \"(?P<variable>[A-Z][A-Z0-9_]{2,})\"",
        r"(?P<variable>[A-Z][A-Z0-9_]{3,}): unbound variable|Could not resolve placeholder '(?P<variable>[\w.-]+)'",
        r"(?:missing|required) required? ?(?:env|variable)s?:? (?P<variable>[A-Z][A-Z0-9_]+)|missing value for field (?P<variable>\w+)",
        r"validation errors? for \w+; (?P<variable>[A-Za-z_][\w.]*); [^\n]{0,10}?[Ff]ield required",
        r"\"path\": ?\[[; ]*\"(?P<variable>[A-Z][A-Z0-9_]+)\"",
        r"is not specified; You (?:need to|must) specify (?:one of the following[^;]*; -? ?)?(?P<variable>[A-Z][A-Z0-9_]+)",
        r"Missing `?(?P<variable>secret_key_base)`? for|(?P<variable>[A-Z][A-Z0-9_]+)['\"`]?: Required\b|Err` value: NotPresent",
        (
            rf"\b(?:[Ss]et|[Ee]xport|[Dd]efine|[Pp]rovide|[Ss]pecify|[Pp]ass|[Ee]xpect(?:ed|s)?|[Nn]o|[Nn]eeds?|[Rr]equires?|[Ff]ind|[Mm]issing|[Rr]ead)"
            rf" {_LONG_VAR} (?:in|via|as|through|from|with) (?:the |your |an? )?(?:\.env|env|process\.env|os\.env|container|shell)"
        ),
        (
            rf"(?:did(?: not|n't) (?:set|specify|provide|define|configure)|export|find env(?:ironment)? ?var(?:iable)?:?|need) {_LONG_VAR}"
            r"(?=\s*(?:$|[.,;!]|before|to |in |first))"
        ),
        (
            rf"{_LONG_VAR},? (?:must be (?:defined|given|supplied|configured|exported)|was not (?:supplied|given|defined|exported)|"
            r"has no value|not in os\.environ|(?:could not|cannot) be (?:found|read) (?:in|from) (?:the )?env)"
        ),
        r"environment variable not found|You need to specify one of the following|[Dd]atabase is uninitialized and (?:superuser )?password",
    ),
    "port_in_use": (
        r"(?:listen|bind)[^\n]{0,120}?[:\s](?P<port>\d{2,5})[^\n]{0,60}?[Aa]ddress (?:already )?in use",
        r"[Aa]ddress already in use(?:[^\n]*?:(?P<port>\d{2,5})\b)?|EADDRINUSE[^\n]*?:(?P<port>\d{2,5})\b|EADDRINUSE|AddrInUse",
        r"[Pp]ort (?P<port>\d+) (?:is |was )?already (?:in use|allocated|being used)|bind\(\) to [\w.:\[\]]*?:(?P<port>\d+) failed \(98",
        r"Address in use|Only one usage of each socket address|[Pp]ort (?P<port>\d+) is in use",
    ),
    "port_not_permitted": (
        r"bind\(\) to [\w.:\[\]]*?:(?P<port>\d+) failed \(13|listen tcp [\w.\[\]]*:(?P<port>\d+): bind: permission denied",
        r"(?:listen |bind )?EACCES[^\n]*?:(?P<port>\d{2,5})\b",
        r"[Pp]ermission denied[^\n]{0,40}(?:port|bind)[^\n]{0,20}?\b(?P<port>\d{1,3})\b",
        r"make_sock: could not bind to address [\w.:\[\]]*?:(?P<port>\d+)|SocketException \(13\): Permission denied",
    ),
    "file_limit": (
        r"[Tt]oo many open files|EMFILE|inotify[^\n]{0,40}(?:limit|no space left)|no space left on device[^\n]{0,30}inotify",
        r"user limit on total number",
        r"inotify instances|max_user_watches|max_user_instances|ENOSPC: System limit for number of file watchers",
    ),
    "disk_full": (
        r"[Nn]ot enough disk space|[Ii]nsufficient disk space|[Dd]isk (?:space )?(?:is )?full|[Ll]ow[- ]disk[- ]space",
        r"[Nn]o space left on device|ENOSPC|disk (?:is )?full|[Dd]isk quota exceeded|EDQUOT|could not extend file|database or disk is full",
        r"insufficient (?:disk|storage)(?: space| resources)?|out of disk space|not enough (?:free )?(?:disk )?space",
        r"flood[- ]stage disk watermark",
        r"No usable disk space",
        r"low[- ]disk[- ]space condition",
        r"volume is full|Disk is full|The table '[^']+' is full|disk usage exceeded|high disk watermark|disk\.usage\.exceed",
    ),
    "kernel_setting": (
        r"vm\.max_map_count \[\d+\] is too low|max virtual memory areas|max file descriptors \[\d+\] for [^\n]* is too low",
        r"unable to create new native thread|unable to create native thread|pthread_create failed|fork: Resource temporarily unavailable",
        r"fork: retry: Resource temporarily unavailable|can't start new thread|newosproc|memory lock(?:ing)? (?:requested|limit)",
    ),
    "cpu_unsupported": (
        r"Illegal instruction|SIGILL\b|CPU does(?: not|n't) support (?:x86-64-v\d|AVX|SSE)|requires? (?:a )?CPU with (?:AVX|SSE)",
        r"CPU ISA level is lower than required|x86-64-v\d (?:support|instruction)",
    ),
    "out_of_memory_inside": (
        r"java\.lang\.OutOfMemoryError(?:: (?!unable to create)[\w -]+)?|OutOfMemoryError: (?!unable to create)|Java heap space",
        r"GC overhead limit exceeded",
        r"JavaScript heap out of memory|Allocation failed - JavaScript heap|fatal error: runtime: out of memory|\bMemoryError\b",
        r"[Cc]annot allocate memory|ENOMEM|std::bad_alloc|OOM command not allowed|memory allocation of \d+ bytes failed|NoMemoryError",
        r"Allowed memory size of \d+ bytes exhausted|System\.OutOfMemoryException|fatal: out of memory|exceeded memory limit",
        r"(?<!CUDA )(?<!CUDA error: )\b[Oo]ut of memory\b(?! exception|: Killed process| \(oom_kill_allocating)",
    ),
    "version_mismatch": (
        r"initialized by PostgreSQL version (?P<version>[\d.]+), which is not compatible|database files are incompatible with server",
        r"[Cc]annot downgrade|[Dd]owngrade (?:is )?not supported|Invalid featureCompatibilityVersion|UPGRADE PROBLEM",
        r"[Uu]nsupported (?:redo log|server) version",
        r"Can't handle RDB format version|is not compatible with (?:this|the current) version",
        r"incompatible (?:data|on-disk|database) (?:format|version)",
        r"cannot (?:upgrade|be upgraded) (?:from|a node)",
    ),
    "security_refused": (
        r"(?:can ?not|must not|should not|refus\w+ to) (?:be )?run(?:ning)? (?:\w+ )?as root",
        r"\"root\" execution of the \w+ server is not permitted",
        r"must be run as root|requires? root|set[gu]id\(\d+\) failed|setgroups\(\) failed",
        r"failed switching to \"?[\w-]+\"?: operation not permitted",
        r"error: failed switching to|initgroups\([^)]*\) failed|can't drop privilege",
    ),
    "permission_denied": (
        r"can(?:not|'t) (?:create|open|write|access|mkdir|touch)[^\n]*?[`'\"]?(?P<path>/[\w./-]+)[`'\"]?: [Pp]ermission denied",
        (
            r"(?:open|mkdir|create|creating|opening|write|writing|touch|chown|chmod|rename|access)\b"
            r"[^\n]{0,40}?[`'\" ](?P<path>/[\w./-]+)[`'\"]?[^\n]{0,20}?"
            r"(?:[Pp]ermission denied|[Oo]peration not permitted|EACCES)"
        ),
        (
            r"(?:[Pp]ermission denied|EACCES|[Oo]peration not permitted|EPERM|AccessDeniedException)[^\n]{0,10}?"
            r"(?:[:,] ?(?:open|mkdir|access|stat|unlink|scandir)? ?[`'\"]?(?P<path>/[\w./-]+))?"
        ),
        r"UnauthorizedAccessException: Access to the path '(?P<path>[^']+)'|(?P<path>/[\w./-]+) is (?:faulty or )?not writable",
        r"is not writable|(?<![\w./-])(?P<path>[\w./-]+)'? must be writable",
        r"[Ff]ailed to open stream: Permission denied",
        r"data directory \"(?P<path>[^\"]+)\" has (?:wrong ownership|invalid permissions)|has group or world access",
    ),
    "wrong_platform": (
        r"exec (?P<path>\S+): exec format error|exec format error|cannot execute binary file|rosetta error|qemu: uncaught target",
    ),
    "argument_invalid": (
        r"unknown (?:\w+ )?(?:flag|option|command|argument)s?[: ]+['\"]?(?P<command>-{0,2}[\w.=-]+)",
        r"flag provided but not defined: (?P<command>-\S+)",
        r"unrecognized (?:option|argument|command)s?:? ?['\"]?(?P<command>[\w=./-]+)|[Uu]nexpected argument '(?P<command>[^']+)'",
        r"invalid option -- '?(?P<command>\w)|No such option:? (?P<command>-\S+)|Unrecognized VM option '(?P<command>[^']+)'",
        r"bad option: (?P<command>\S+)",
        r"Invalid (?:maximum|initial) heap size: (?P<command>\S+)|illegal option -- (?P<command>\w)",
        r"Missing script: \"?(?P<command>[\w:-]+)",
        r"requires at least one argument|error: the following required arguments were not provided",
        r"(?:required|missing) (?:flag|argument)\(?s?\)? \"?(?P<command>[\w-]+)",
    ),
    "script_invalid": (  # a shell or interpreter calls by its own name what it was handed as an argument
        (
            r"(?:^|[\s\"'])(?:/(?:usr/)?(?:local/)?bin/)?(?:ba|da|a|z|k)?sh: (?:-c: )?(?:line )?\d*:? ?"
            r"(?:[Ss]yntax error|unexpected EOF while)"
        ),
        r"(?:ba)?sh: -c: (?:line \d+: )?(?:unexpected|[Ss]yntax)",
        r"zsh:\d+: parse error|File \"<string>\", line \d+[^\0]{0,400}(?:SyntaxError|IndentationError)|error at -e line \d+",
    ),
    "command_not_found": (
        (
            r"exec:? \"?(?P<command>[^\s\":]+)\"?: (?:executable file not found in \$?PATH|stat [^:]+: no such file|"
            r"no such file or directory|"
            r"permission denied|is a directory)"
        ),
        r"(?:sh|bash|/bin/\w+|line \d+|\.sh)(?:: line)?:? ?\d*:? ?(?P<command>[\w./-]+): (?:command )?not found",
        r"exec (?P<command>\S+): (?:no such file or directory|permission denied)|can't open file '(?P<command>[^']+)': \[Errno 2\]",
        r"Cannot find module '(?P<command>\.{0,2}/[^']+)'|Could not find or load main class (?P<command>[\w.$/-]+)",
        r"can't cd to (?P<command>\S+)",
        r"Unable to access jarfile (?P<command>\S+)|Could not open input file: (?P<command>\S+)",
        r"env: (?P<command>\S+): No such file or directory",
        r"The application '(?P<command>[^']+)' does not exist|(?:ba)?sh: (?:0: )?(?:[Cc]an't open |cannot open )(?P<command>\S+)",
        r"(?:ba)?sh: (?P<command>/\S+): No such file or directory|no such file to load -- (?P<command>\S+)",
    ),
    "migration_failed": (
        r"migration(?:s)? (?:\S+ )?failed|Migration (?:\S+ )?failed|[Ff]lyway.*(?:failed|error|Exception)",
        r"Liquibase.*(?:failed|error|Exception)",
        r"[Dd]irty database version|Detected failed migration|Waiting for changelog lock|Could not acquire change log lock",
        r"Validate failed: Migration",
        r"Migrations? checksum mismatch|[Cc]an't locate revision identified by|[Ee]rror: P3\d{3}|found failed migrations",
        r"Migrations are pending",
        r"PendingMigrationError",
        r"An error has occurred, this and all later migrations canceled|InconsistentMigrationHistory",
        r"error (?:while )?(?:running|applying) migrations?",
    ),
    "data_damaged": (
        r"could not locate a valid checkpoint record|invalid primary checkpoint record|Bad file format reading the append only file",
        r"WT_PANIC|WiredTiger error[^\n]*(?:corrupt|panic)|InnoDB:[^\n]*corrupt|is corrupt(?:ed)?\b",
        r"[Cc]orrupt(?:ed)? (?:data|index|segment|block|WAL|log|page)",
        r"lock DB directory: resource temporarily unavailable|lock file \"[^\"]+\" already exists|Unable to lock [\w./]*ibdata",
        r"failed to obtain node lock",
        r"[Dd]irectory is already locked|[Mm]alformed database|database disk image is malformed",
        r"tocommit\(\d+\) is out of range|InconsistentClusterIdException|doesn't match stored clusterId",
        r"\b(?:page|block|index|file|data|log|segment|table)s? corruption|[Cc]orruption (?:on|in|of|detected)",
        r"CorruptRecord|[Cc]orrupt\w*Exception",
        r"Data Dictionary initialization failed|[Cc]hecksum mismatch|crc32 mismatch|unexpected EOF reading (?:WAL|segment)",
    ),
    "database_locked": (
        r"[Dd]eadlock (?:detected(?!:? (?:in |between |among )?(?:\w+ )?(?:threads?|goroutines?|workers?)\b)|found when)",
        r"[Ll]ock wait timeout(?: exceeded)?|canceling statement due to (?:lock|statement) timeout",
        r"database is locked",
        r"could not obtain lock on|ERROR 1205|ER_LOCK_(?:DEADLOCK|WAIT_TIMEOUT)|could not serialize access|WriteConflict",
        r"waiting for (?:\w+)Lock on",
    ),
    "protocol_wrong": (
        r"first record does not look like a TLS handshake|server gave HTTP response to HTTPS client|wrong version number|EPROTO\b",
        r"[Tt]he server does not support SSL|SSL is not enabled on the server|no pg_hba\.conf entry for host",
        r"HTTP request (?:was )?sent to (?:an )?HTTPS",
        r"Client sent an HTTP request to an HTTPS server|frame size[^\n]*exceeds|invalid HTTP (?:response|version)|record layer failure",
        r"Unsupported or unrecognized SSL message|Not an SSL/TLS record|not an SSL/TLS record",
        r"malformed HTTP response|Unexpected response \(not HTTP\)|unsupported protocol scheme|Invalid response from server: not a",
    ),
    "rate_limited": (
        r"429 Too Many Requests|(?:status|HTTP)[^\n]{0,10}\b429\b|[Rr]ate ?limit(?:ed| exceeded)?|[Rr]ate exceeded|RequestLimitExceeded",
        r"[Tt]hrottl(?:ed|ing) (?:by|request|exception)|ThrottlingException|TooManyRequestsException|RESOURCE_EXHAUSTED",
        r"[Qq]uota exceeded for",
        r"ProvisionedThroughputExceeded|SlowDown: |insufficient_quota|TooManyRequests\b|SNATPortExhaustion",
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
            rf"[\s:=('\"\[]*(?:\w{{1,20}}://)?{_TO}[^\n]{{0,200}}?"
            r"(?:refused|timed? ?out|timeout|unreachable|failed|fail|reset|unavailable|no available|could not|not available|no route)"
        ),
        (
            r"(?:refused|timed? ?out|timeout|unreachable|ECONNREFUSED|ETIMEDOUT|EHOSTUNREACH|ECONNRESET|failed|unable|could not|cannot|"
            r"can't|"
            r"error)"
            rf"[^\n]{{0,120}}?(?:connect|connecting|connection|reach|dial|\b(?:to|at)\b)[^\n]{{0,120}}?[\s(/'\"@=]{_TO}"
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
            r"https?://[^\s\"'\]]{1,200}[^\n]{0,20}?(?:->|returned|responded|answered|status|got)(?: with| code)?[ :=]{1,3}(?:HTTP )?"
            r"50[0234]\b"
        ),
        r"[Cc]ircuit ?[Bb]reaker[^\n]{0,60}?(?<!alf[-_ ])\b(?:open|OPEN)\b",
        r"MongoNetworkError|MongoServerSelectionError|RedisConnectionE|ConnectionError|ConnectException|SocketTimeoutException",
        r"RedisTimeout",
        r"[Rr]ead timed out|[Rr]equest timed out|ReadTimeout|ESOCKETTIMEDOUT|TimeoutException|[Cc]onnection attempt (?:failed|timed out)",
        r"[Ss]till waiting for|[Ww]aiting for \S+ to (?:be|become) (?:ready|available|up)|leaderelection lost|failed to renew lease",
        r"\b14 UNAVAILABLE\b|StatusRuntimeException: UNAVAILABLE|StatusCode\.UNAVAILABLE",
        rf"[Cc]ode ?[:=] ?'?\"?(?:UNAVAILABLE|Unavailable)\b(?![^\n]{{0,300}}{_FLAG_ON})",
    ),
    "module_missing": (
        r"ModuleNotFoundError: No module named '(?P<module>[^']+)'|Cannot find (?:module|package) '(?P<module>[^']+)'",
        r"ImportError: cannot import name '(?P<module>\w+)'|ImportError: (?P<module>lib[\w.]+)",
        r"NoClassDefFoundError: (?P<module>[\w/.$]+)",
        r"ClassNotFoundException: (?P<module>[\w.$]+)|error while loading shared libraries: (?P<module>[\w.+-]+)",
        r"Error loading shared library (?P<module>\S+):",
        r"cannot load such file -- (?P<module>\S+)|Class \"(?P<module>[^\"]+)\" not found",
        r"version `(?P<module>GLIBC\w*[\d._]+)' not found",
        r"Could not load file or assembly '(?P<module>[^',]+)|You must install or update \.NET|Unable to load DLL '(?P<module>[^']+)",
        r"(?P<module>lib[\w.+-]+): cannot open shared object file|symbol not found|UnsupportedClassVersionError: (?P<module>[\w./$]+)",
        r"undefined symbol: (?P<module>\w+)|Bundler::GemNotFound",
        r"Could not find gem",
    ),
    "secret_missing": (
        r"[Ss]ecrets? \\?\"?(?P<resource>[a-z0-9][\w.-]*(?:/[a-z0-9][\w.-]*)?)\\?\"? (?:was |is )?(?:not found|missing|does not exist)",
    ),
    "file_missing": (
        r"(?:No such file or directory|ENOENT|does not exist)[^\n]{0,200}?\b\w{0,40}(?:[Ff]ile|[Pp]ath)=(?P<path>/[\w./-]{1,200})",
        (
            r"(?:open|stat|read|load|parse|find|[Cc]onfig(?:uration)? file:?|file|open\(\)|access) [`'\"]?(?P<path>/[\w./-]+)[`'\"]?"
            r"(?:: no such file or directory|[^\n]{0,20}(?:No such file|does not exist|not found|failed \(2))"
        ),
        r"(?P<path>/[\w./-]+): [Nn]o such file or directory|(?P<path>/[\w./-]+)'? (?:does not exist|doesn't exist|not found|was not found)",
        (
            r"(?:No such file or directory|ENOENT|FileNotFound(?:Error|Exception)|no such file or directory|"
            r"cannot find (?:the )?(?:file|path))"
            r"[^\n]*?(?:[:'\"( ](?P<path>/[\w./-]+))?"
        ),
        r"os error 2|NoSuchFileException:? ?(?P<path>/[\w./-]+)?|DirectoryNotFoundException[^\n]*?'(?P<path>/[^']+)'",
    ),
    "configuration_invalid": (
        rf"(?i:fail|error|exception)[^\n]{{0,300}}{_FLAG_ON}",
        r"\[emerg\][^\n]*? in (?P<path>/[\w./-]+):\d+|\[ALERT\][^\n]*(?:config|pars)",
        r"[Ee]rror (?:parsing|loading|reading|in) config\w* file",
        (
            r"(?:invalid|malformed|unknown|bad|unsupported|unexpected|unrecognized) (?:config(?:uration)?|directive|value|setting|option|"
            r"parameter|syntax|field|key|property|section)"
        ),
        r"(?:config(?:uration)?|yaml|json|toml|properties|ini)\b[^\n]{0,40}(?:invalid|error|malformed|parse|unmarshal|not valid)",
        r"(?:parse|parsing|unmarshal|decod|load)\w* [^\n]{0,40}(?:config|yaml|json|toml)|\[emerg\]|yaml: line \d+|JSONDecodeError",
        r"could not parse|[Ee]rror during parsing|[Uu]nknown (?:directive|plugin)",
        r"ValidationError|Invalid (?:configuration|argument|value)|FATAL CONFIG FILE ERROR|Bad directive|[Uu]nknown configuration",
        r"cannot unmarshal",
        r"Failed to configure a DataSource|ImproperlyConfigured|field \w+ not found in type|YAMLException|ScannerError|ParserError",
        r"TomlError",
        r"Failed to bind properties|[Ss]yntax error(?! at or near)|unknown variable '[\w-]+=|Unable to parse config",
        r"is not a valid (?:URL|port|duration)",
        r"middleware \\?\"[^\"\\]+\\?\" does not exist",
        r"The configuration file [^\n]*(?:contains|has)|ConfigException|ConfigurationException|InvalidConfiguration",
    ),
    "workers_busy": (
        r"server reached (?:pm\.)?(?:max_children|MaxRequestWorkers|MaxClients)(?: setting)?|worker_connections (?:are|is) not enough",
        r"[Tt]hread pool (?:is )?(?:exhausted|full)|[Aa]ll (?:\d+ )?(?:worker )?threads (?:are )?(?:busy|in use)",
        r"RejectedExecutionException",
        r"uWSGI listen queue [^\n]*full|listen queue of socket [^\n]*full",
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
    "peer_lost": (
        r"[Pp]eer (?:is )?down|[Ll]ink (?:is )?down|[Nn]etwork partition|partition(?:ed)? (?:detected|from)|split[- ]brain",
        r"lost (?:quorum|leader)",
        r"no leader|quorum (?:lost|not)|[Nn]ode .{1,60} (?:is )?(?:down|unreachable|left the cluster)|heartbeat (?:lost|timeout|missed)",
        r"LEADER_NOT_AVAILABLE|NotEnoughReplicas|CLUSTERDOWN|not enough (?:good|in-sync) replicas|master not discovered|no master",
        r"NodeNotFound",
        r"[Ww]aiting for Mnesia tables|timeout_waiting_for_tables|failed to sync Mnesia|inconsistent_database, running_partitioned",
        r"lost connection to (?:peer|master|primary)|raft: [^\n]*(?:failed|no known)|MASTERDOWN",
    ),
    "consumer_lag": (
        r"consumer lag|lag (?:is )?(?:high|growing|exceed)|queue (?:is )?full|backlog (?:is )?growing|message backlog",
        r"\bqueue\b[^\n]{0,40}\bmax size \d+",
        r"queue depth",
        r"MessageTooLarge|RecordTooLarge|max\.poll\.interval\.ms|CommitFailedException|memory resource limit alarm",
        r"disk resource limit alarm",
    ),
    "requests_failing": (
        r"(?<!\w)(?:path|uri|route|endpoint)=(?P<path>/[^\s:,]{0,300})[^\n]{0,200}\bstatus(?:_?code)?=5\d\d\b",
        r"\b(?:GET|POST|PUT|PATCH|DELETE|HEAD) (?P<path>/[^\s\"?]{0,300})\S{0,300}(?: HTTP/[\d.]{1,4})?\"? \(?5\d\d\b",
    ),
    "application_bug": (
        r"Traceback|panic: |panicked at|[A-Za-z.]+(?:Exception: |Error: )|Segmentation fault|SIGSEGV|segfault|NullPointerException|SIGABRT",
        r"nil pointer dereference|Unhandled(?:Promise)?Rejection|Uncaught|stack overflow|StackOverflowError|[Aa]ssertion failed",
        r"core dumped",
        r"deadlock detected|Java-level deadlock|all goroutines are asleep",
        r"[Uu]nhandled exception|fatal error:|CUDA out of memory|\(Exit status: \d+\)|NoMethodError|undefined method",
    ),
}

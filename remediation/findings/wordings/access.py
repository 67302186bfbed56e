"""Who may not: rights in the cluster and in clouds, credentials, certificates, the clock that they are checked by, modes of files."""

from collections.abc import Mapping, Sequence

ACCESS: Mapping[str, Sequence[str]] = {
    "rbac_forbidden": (
        (
            r"is forbidden: User \"?system:serviceaccount:(?P<namespace>[\w-]+):(?P<account>[\w.-]+)\"? cannot (?P<verb>\w+) "
            r"resource \"?(?P<resource>[\w./-]+)\"?"
        ),
        r"(?<![\w.])(?P<resource>[\w.]+)(?: \"[^\"]{0,253}\")? is forbidden: User \"?(?P<account>[^\"\s]+)\"? cannot (?P<verb>\w+)",
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
        r"^(?![^\0]{0,2000}requested by the login)[^\0]{0,2000}?[Ll]ogin failed(?: for user '?(?P<user>[\w.-]+))?",
        r"SASL authentication failed|401 Unauthorized|HTTP 40[13]|403 Forbidden",
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
        r"[Pp]eer certificate cannot be authenticated|SSL certificate problem|invalid peer certificate: \w+",
        r"unknown certificate authority|alert unknown ca\b|TLSV1_ALERT_UNKNOWN_CA|unable to find valid certification path",
    ),
    "clock_skewed": (
        r"[Tt]oken (?:was )?used before (?:it was )?issued|not (?:yet valid|valid yet)|\biat\b[^\n]{0,40}in the future|[Cc]lock skew",
        r"clock is (?:skewed|ahead|behind|not synchroni[sz]ed)|RequestTimeTooSkewed|TimeSkew|[Tt]ime (?:drift|skew)|KRB_AP_ERR_SKEW",
        r"clocks? (?:differ|are out of sync)|[Cc]lock synchroni[sz]ation (?:error|lost)|[Ll]eap status\s*: Not synchronised",
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
}

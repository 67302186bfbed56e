"""What an ingress controller minds, by the words of its events and log."""

import re
from collections.abc import Mapping

_CAUSES = (  # the first that the words fit
    ("no_endpoints", re.compile(r"no (?:active |ready )?endpoints?\b|any active [Ee]ndpoint", re.IGNORECASE)),
    ("not_allowed", re.compile(r"not in the parent resource namespace")),
    ("class_missing", re.compile(r"\bingress ?class\b", re.IGNORECASE)),
    ("secret_missing", re.compile(r"(?:[Ss]ecret|SSL certificate)[^\n]{0,120}(?:not found|does not exist|not exist)")),
    (
        "port_missing",
        re.compile(r"service port not found|[Nn]o (?:such )?port|port \S+ (?:was )?not found|find (?:service )?port|undefined port"),
    ),
    (
        "service_missing",
        re.compile(
            r"[Ss]ervice[^\n]{0,120}(?:not found|does not exist|could not be found|unresolved|is (?:invalid or )?missing)|"
            r"[Nn]o (?:such )?service"
        ),
    ),
)
_NAMED = re.compile(
    r"[Ss]ervice[s:]? ?\\?[\"'\[]?(?:[\w-]+/)?(?P<name>(?!not\b|port\b|service\b|reference\b)[a-z0-9][\w.-]*)|"
    r"not found(?:: (?:[\w-]+/)?| [\w-]+/)(?P<behind>[\w.-]+)"
)
WORDS: Mapping[str, str] = {
    "class_missing": "has no ingress class that its controller serves",
    "secret_missing": "names a TLS secret that does not exist",
    "port_missing": "sends to a port that Service {service} does not have",
    "service_missing": "sends to Service {service}, which does not exist (not found)",
    "no_endpoints": "sends to Service {service}, behind which no pod is ready (no endpoints)",
    "not_allowed": "sends to a Service of another namespace, which its controller does not allow",
    "refused": "is refused by its controller",
}


def refusal_of(message: str) -> tuple[str, str]:
    """Why an Ingress is refused, a key of `WORDS`; and the Service that the words name, empty for none."""
    cause = next((cause for cause, words in _CAUSES if words.search(message)), "refused")
    named = _NAMED.search(message) if cause in ("service_missing", "port_missing") else None
    return cause, (named["name"] or named["behind"]) if named else ""

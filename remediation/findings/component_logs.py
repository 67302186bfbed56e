"""What a part of the cluster says in its own log: that it is full, asks itself in a loop, or does not reach the API server."""

import re
from collections.abc import Iterator, Sequence

from remediation.findings.component_down import PARTS, ComponentDown
from remediation.findings.finding import found
from remediation.findings.writers import writer_of
from remediation.needed import may_match
from remediation.observed import Observed, place_of, ready
from remediation.reading.log_fields import line_around
from remediation.reading.logs import lines_of
from remediation.terms import Evidence, Finding, Target

_SAYINGS: Sequence[tuple[str, str, re.Pattern[str]]] = (  # cause, part (empty: whose log it is), words
    ("store_full", "etcd", re.compile(r"database space exceeded|alarm:NOSPACE")),
    ("dns_loop", "coredns", re.compile(r"plugin/loop: [^\n]{0,300}detected")),
    ("scale_limit", "cluster-autoscaler", re.compile(r"Skipping node group (?P<place>\S+) - max(?:imum)? size reached")),
    (
        "no_pod_range",
        "kube-controller-manager",
        re.compile(r"node \"(?P<place>[^\"]+)\" pod cidr not assigned|no remaining CIDRs left to allocate"),
    ),
    (
        "api_unreachable",
        "",
        re.compile(
            r"https://(?P<place>\[?[\d.:a-f]+\]?:443)/api[^\n]{0,300}"
            r"(?:no route to host|i/o timeout|connection refused|network is unreachable)"
        ),
    ),
)
_OVER = "alarm disarmed"
_WORDS = {
    "store_full": "has used up the space that its database may have (quota, NOSPACE) and takes no writes",
    "dns_loop": "sends its questions to itself and stops (loop detected): the resolv.conf that it forwards to points back at it",
    "scale_limit": "may add no node to the group {place}, which has reached its maximum size",
    "no_pod_range": "has no range of pod addresses (CIDR) to give to a node: the cluster's range is used up, or none is allocated",
    "api_unreachable": "cannot reach the API server at the address of its Service, {place}: kube-proxy's rules or a firewall on its node",
}


def component_logs(observed: Observed, target: Target) -> Iterator[Finding]:
    """One finding for each part and cause, with the last line that says so."""
    told: set[tuple[str, str]] = set()
    for item in observed.evidence:
        for cause, part, words in _SAYINGS if item.kind == "logs" else ():
            matches = list(words.finditer(item.text)) if may_match(words, item.text) else []
            if not matches or _OVER in item.text[matches[-1].end() :]:
                continue
            writer = writer_of(lines_of(item)[0], observed, target)
            named = part or next((part for part in PARTS if part in f"{writer.name} {item.title}"), "")
            if named and (named, cause) not in told and not _is_well(named, observed):
                told.add((named, cause))
                subject = str(writer) if named in writer.name else f"Pod/kube-system/{named}"
                yield _finding(subject, named, cause, matches[-1], item)


def _is_well(part: str, observed: Observed) -> bool:
    """Whether pods of the part are shown, and all of them are ready."""
    pods = [pod for pod in observed.all("Pod") if part in place_of(pod)[2]]
    return bool(pods) and all(map(ready, pods))


def _finding(subject: str, part: str, cause: str, match: re.Match[str], item: Evidence) -> Finding:
    line = line_around(item.text, match)[:400]
    facts = ComponentDown(cause=cause, part=part, node="", message=line, said=line)
    text = f'{part} {_WORDS[cause].format(place=match.groupdict().get("place"))}; its log says "{line}"'
    return found("component_down", subject, facts, text, (item.item,))

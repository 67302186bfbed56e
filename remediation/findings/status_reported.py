"""What a system's own status says, in JSON that is no API object: members that do not run, partitions, monitors that alert."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from remediation.findings.finding import found
from remediation.observed import Observed
from remediation.reading.documents import documents
from remediation.terms import Finding, Json, Target

_BAD_FLAGS = re.compile(
    r"partition|unreachable|split_brain|degraded|failed$|alarm|corrupt|stalled|read_only|out_of_sync|unavailable", re.IGNORECASE
)
_GOOD_FLAGS = re.compile(r"^(?:running|healthy|alive|up|connected|reachable|in_sync|available|online|leader_elected)$", re.IGNORECASE)
_BAD_WORDS = re.compile(
    r"^(?:unhealthy|down|red|yellow|degraded|critical|offline|failed|failing|error|disconnected|not[ _-]?running|stopped|lagging)$",
    re.IGNORECASE,
)
_STATES = re.compile(r"^(?:status|state|health|cluster_status|health_status|connection_status|role_status|condition)$", re.IGNORECASE)
_NAMES = ("name", "node", "id", "host", "member", "instance", "broker", "cluster_id", "component", "service")
_REASONS = ("trace", "error", "last_error", "lastError", "error_message", "errorMessage", "failure", "exception")
_LONGEST = 300
_DEEPEST = 8
_NOT_SYSTEMS = frozenset({"account_id", "finding_type", "fingerprint", "alertname", "overall_state", "source_type"})


@dataclass(frozen=True, kw_only=True)
class StatusReported:
    """member: who is not as it should be, empty for the whole.  flag: what says so, `running=false`.

    cause: partition, down, told (flag says why), or odd.
    """

    member: str
    flag: str
    cause: str
    said: str


def status_reported(observed: Observed, _target: Target) -> Iterator[Finding]:
    """At most one finding for each item that is a system's status in JSON."""
    for item in observed.evidence:
        if item.objects or item.series or item.kind not in ("objects", "probe", "monitor") or item.text.lstrip()[:1] not in ("{", "["):
            continue
        complaints = [c for document in documents(item.text) if not _foreign(document) for c in _walk(document, "", 0)]
        if complaints:
            complaints.sort(key=lambda c: (not c[1].startswith("unreachable"), "partition" not in c[1], not c[0]))
            said = "; ".join(dict.fromkeys(f"{member + ': ' if member else ''}{flag}" for member, flag in complaints[:8]))
            member = next((m for m, f in complaints if m and not f.startswith("unreachable")), "") or complaints[0][0]
            cause = "partition" if "partition" in said else "told" if complaints[0][1].endswith(")") else "down"
            facts = StatusReported(member=member, flag=complaints[0][1], cause=cause, said=said[:600])
            words = "there is a network partition" if cause == "partition" else "a member is not as it should be"
            text = f"the status in {item.title} says that {words}: {said}"
            yield found("status_reported", f"Service//{_short(member) or item.title}", facts, text[:1200], (item.item,))


def _why(document: Mapping[str, Json]) -> str:
    """What an object that is not well says of the reason, its first line in brackets behind a blank; empty where it says nothing."""
    told = next((text for key in _REASONS if isinstance(text := document.get(key), str) and text.strip()), "")
    return f" ({told.strip().splitlines()[0][:_LONGEST]})" if told else ""


def _short(member: str) -> str:
    return member.rpartition("@")[2].split(".")[0]


def _foreign(document: Json) -> bool:
    """An alert, a monitor or what a store of logs answers, whose words are another finder's."""
    if not isinstance(document, Mapping):
        return False
    entries = document.get("data")
    stored = isinstance(entries, list) and any(isinstance(one, Mapping) and isinstance(one.get("attributes"), Mapping) for one in entries)
    return stored or bool(_NOT_SYSTEMS & document.keys() or "monitors" in document or "logs" in document)


def _walk(document: Json, member: str, depth: int) -> Iterator[tuple[str, str]]:
    """(member, flag) of everything that tells of trouble."""
    if depth > _DEEPEST:
        return
    if isinstance(document, list):
        for one in document:
            yield from _walk(one, member, depth + 1)
        return
    if not isinstance(document, Mapping):
        return
    here = next((str(document[key]) for key in _NAMES if isinstance(document.get(key), str)), "") or member
    for key, value in document.items():
        bad = (value is True and _BAD_FLAGS.search(key)) or (value is False and _GOOD_FLAGS.match(key))
        word = isinstance(value, str) and _STATES.match(key) and _BAD_WORDS.match(value)
        if bad or word:
            yield here, f"{key}={str(value).lower()}{_why(document)}"
        elif isinstance(value, list) and value and _BAD_FLAGS.search(key) and all(isinstance(one, str) for one in value):
            yield here, f"{key}={', '.join(value)}"
        elif isinstance(value, dict | list):
            yield from _walk(value, here, depth + 1)

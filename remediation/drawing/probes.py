"""What a probe should ask, and how patiently: as the container's log, its other probes and its earlier revisions show it."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence

from remediation.drawing.basis import Basis
from remediation.drawing.revisions import before, earlier, earlier_container
from remediation.drawing.start_times import start_seconds
from remediation.observed import event_text
from remediation.reading.logs import Line
from remediation.terms import Json, Target
from remediation.workloads import object_ref

_PROBES = ("liveness", "readiness", "startup")
_NOT_FOUND = (404, 405)
_HEALTH = r"/[\w/.-]*(?:health|ready|live|alive|ping|status|up)[\w/.-]*"
_ANSWERED = re.compile(rf"(?:GET|HEAD) (?P<path>{_HEALTH})(?:\?\S*)?(?: HTTP/[\d.]+)?[\" ]*(?:status[=: ]*)?(?P<status>\d{{3}})\b")
_TOOK = re.compile(r"(?<![\d.])(?P<amount>\d+(?:\.\d+)?) ?(?P<unit>ms|s|sec|seconds)\b")
_PATIENCE = 1.5  # times as long as the evidence shows that it takes
_MOST_SECONDS, _MOST_FAILURES = 30, 60
_NOBODY = Target(kind="workload", place="", path="//")  # to whom a log is given that names nobody


def probe_port(basis: Basis) -> Json:
    """The port that the container listens on."""
    return basis.finding.facts.get("listens_port") if basis.fact("cause") == "wrong_port" else None


def probe_path(basis: Basis) -> Json:
    """The path that answers: of an earlier revision, of a probe beside it that does not fail, else the only one in the log with 2xx."""
    if basis.fact("cause") != "wrong_path" or basis.finding.facts.get("status") not in _NOT_FOUND:
        return None
    for paths in (_paths_before(basis), _paths_beside(basis), _paths_in_logs(basis)):
        known = {path for path in paths if path and path != basis.fact("path")}
        if known:
            return next(iter(known)) if len(known) == 1 else None
    return None


def probe_scheme(basis: Basis) -> Json:
    """HTTP or HTTPS: the other one than it asks by, as the kubelet's words say."""
    if basis.fact("cause") != "wrong_protocol" or basis.fact("handler") != "httpGet":
        return None
    said = basis.fact("message")
    if re.search(r"HTTP response to HTTPS|does not look like a TLS", said):
        return "HTTP"
    return "HTTPS" if re.search(r"HTTP request to an HTTPS|HTTPS server|malformed HTTP", said) else None


def probe_timeout(basis: Basis) -> Json:
    """Seconds to wait for an answer: of an earlier revision that waited longer, else half as long again as the log says that it takes."""
    if basis.fact("cause") != "timeout":
        return None
    now = int(basis.finding.facts.get("timeout_seconds") or 1)
    longer = int(_probe_before(basis).get("timeoutSeconds") or 0)
    if longer > now:
        return min(longer, _MOST_SECONDS)
    path = basis.fact("path")
    took = max((_seconds(m) for line in _log(basis) if path and path in line for m in _TOOK.finditer(line)), default=0.0)
    wanted = math.ceil(took * _PATIENCE)
    return wanted if now < wanted <= _MOST_SECONDS else None


def probe_failures(basis: Basis) -> Json:
    """How often it may fail before the container is killed: as often as in an earlier revision that was more patient.

    Else so often that it has half as long again to start as its log says that it needs.
    """
    if basis.fact("cause") not in ("refused", "timeout") or basis.fact("probe") == "readiness":
        return None
    probe = _probe(basis.container, basis.fact("probe"))
    patient = int(_probe_before(basis).get("failureThreshold") or 0)
    if probe and patient > int(probe.get("failureThreshold") or 3):
        return min(patient, _MOST_FAILURES)
    needed = start_seconds(_logs(basis))
    period, delay = int(probe.get("periodSeconds") or 10), int(probe.get("initialDelaySeconds") or 0)
    now = int(probe.get("failureThreshold") or 3)
    if not probe or needed <= delay + period * now:
        return None
    wanted = math.ceil((needed * _PATIENCE - delay) / period)
    return wanted if now < wanted <= _MOST_FAILURES else None


def _probe(container: Mapping[str, Json], kind: str) -> Mapping[str, Json]:
    return container.get(f"{kind}Probe") or {}


def _probe_before(basis: Basis) -> Mapping[str, Json]:
    return _probe(earlier_container(basis, earlier(basis) or before(basis)), basis.fact("probe"))


def _paths_before(basis: Basis) -> Iterator[str]:
    yield str((_probe_before(basis).get("httpGet") or {}).get("path") or "")


def _paths_beside(basis: Basis) -> Iterator[str]:
    """Of the container's other probes, those of which no event says that they fail."""
    workload = object_ref(basis.live)
    said = " ".join(event_text(event) for event in basis.observed.events_of(*basis.observed.pods_of(workload), basis.live))
    for kind in _PROBES:
        if kind != basis.fact("probe") and f"{kind} probe failed" not in said.lower():
            yield str((_probe(basis.container, kind).get("httpGet") or {}).get("path") or "")


def _paths_in_logs(basis: Basis) -> Iterator[str]:
    for line in _log(basis):
        if (match := _ANSWERED.search(line)) and match["status"].startswith("2"):
            yield match["path"]


def _log(basis: Basis) -> Iterator[str]:
    """The lines of the container's own logs."""
    return (line.text for lines in _logs(basis) for line in lines)


def _logs(basis: Basis) -> Iterator[Sequence[Line]]:
    """Each log of the container."""
    from remediation.findings.writers import logs_of  # noqa: PLC0415 - its room is four megabytes of rules, for who has an incident

    yield from logs_of(object_ref(basis.live), basis.observed, _NOBODY, container=str(basis.container.get("name") or ""))


def _seconds(match: re.Match[str]) -> float:
    return float(match["amount"]) / (1000 if match["unit"] == "ms" else 1)

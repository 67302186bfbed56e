"""A probe fails: because it asks at the wrong place, or because the application does not answer as it should."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from remediation.findings.finding import found
from remediation.findings.listening import port_said
from remediation.findings.probes_counted import failed_probes
from remediation.findings.writers import texts_of
from remediation.graph import workloads
from remediation.observed import Object, Observed, container_in, container_statuses, event_count
from remediation.servers import usual_port
from remediation.terms import Finding, Json, ObjectRef, Target
from remediation.workloads import containers

_KINDS = {"Liveness": "livenessProbe", "Readiness": "readinessProbe", "Startup": "startupProbe"}
_SPEAKS_TLS = re.compile(r"HTTP request to an? HTTPS|TLS handshake error|plain HTTP request was sent to HTTPS port|SSL_do_handshake")
_STARTED = re.compile(r"\b(?:listening|started|serving|ready)\b", re.IGNORECASE)
_TLS_PORTS = ("443", "8443", "9443", "6443", "10250")
_SEALED = re.compile(r"\bsealed\"?:?\s+\"?true|\bis sealed\b|\binitiali[sz]ed\"?:?\s+\"?false|barrier not initiali[sz]ed", re.IGNORECASE)
_WAITED = re.compile(r"timeout (\d+)s exceeded")

_Probed = tuple[str, Mapping[str, Json], Mapping[str, Json]]  # a container's name, its probe and itself, empty where nothing shows them


@dataclass(frozen=True, kw_only=True)
class ProbeFailing:
    """cause: wrong_port, wrong_path, wrong_protocol, sealed, application (it answers 5xx), refused, timeout, unknown.

    slow_start: whether it is killed before it has started: it says nothing of a failure, nor that it listens.
    probe: liveness, readiness or startup.  port, path: where it asks, empty where unknown.  listens: the port that the container listens
    on, empty where nothing shows one.  listens_port: the same as a number.
    handler: httpGet, tcpSocket, grpc or exec, empty where unknown.  status: the HTTP status that it got, 0 for none.  message: of the
    kubelet, empty where only the manifest shows it.
    """

    container: str
    probe: str
    cause: str
    slow_start: bool
    port: str
    path: str
    listens: str
    listens_port: int | None
    handler: str
    status: int
    message: str
    timeout_seconds: int
    initial_delay_seconds: int
    count: int


def probe_failing(observed: Observed, target: Target) -> Iterator[Finding]:
    """One finding for each probe that the kubelet reports as failed; and for each whose port its container does not have."""
    told: set[tuple[str, str]] = set()  # a container as findings name it, and a kind of probe
    for event, match, root, pod in failed_probes(observed):
        field = str((event.get("involvedObject") or {}).get("fieldPath") or "")
        probed = _probe_of(pod or observed.get(root.kind, root.namespace, root.name) or {}, match["kind"], field)
        subject = f"{root}/{probed[0]}" if probed[0] else str(root)
        if (subject, match["kind"]) not in told:
            told.add((subject, match["kind"]))
            facts = _reported(match["kind"], match["why"].strip(), probed, event_count(event), (root, pod), observed, target)
            yield found("probe_failing", subject, facts, _text(facts, root, pod), observed.cites(event, *([pod] if pod else ())))
    for thing in workloads(observed):
        for _, container in containers(thing):
            for kind, key in _KINDS.items():
                whole, named = str(observed.root(thing)), f"{observed.root(thing)}/{container.get('name')}"
                if not {(whole, kind), (named, kind)} & told and (finding := _declared(thing, container, kind, key, observed)):
                    told.add((named, kind))
                    yield finding


def _reported(  # noqa: PLR0917 - what a finding is made of
    kind: str, why: str, probed: _Probed, count: int, whose: tuple[ObjectRef, Object | None], observed: Observed, target: Target
) -> ProbeFailing:
    (name, probe, container), (root, pod) = probed, whose
    log = list(texts_of(root, observed, target, name))
    asked = _asked(probe, why, container)
    asked = asked if asked[1] else (asked[0], _answered(log, _status(why)))
    listens = _listens(container, log)
    message = why[:400]
    if (said := next((line for line in log if _SPEAKS_TLS.search(line)), "")) and _status(why) in _REFUSED:
        message = f"{message}; its log says {said[:160]}"
    cause = _cause(message, _status(why), asked[0], listens)
    slow = kind != "Readiness" and cause in ("refused", "timeout") and _was_killed(pod, name) and not any(map(_STARTED.search, log))
    return _facts(name, kind, probe, asked, listens, cause=cause, slow_start=slow, message=message, count=count)


def _facts(
    name: str, kind: str, probe: Mapping[str, Json], asked: tuple[str, str], listens: str,
    *, cause: str, slow_start: bool = False, message: str = "", count: int = 0,
) -> ProbeFailing:  # fmt: skip
    return ProbeFailing(
        container=name,
        probe=kind.lower(),
        cause=cause,
        slow_start=slow_start,
        port=asked[0],
        path=asked[1],
        listens=listens,
        listens_port=int(listens) if listens.isdecimal() else None,
        handler=_handler(probe),
        status=_status(message),
        message=message,
        timeout_seconds=int(waited[1]) if (waited := _WAITED.search(message)) else int(probe.get("timeoutSeconds") or 1),
        initial_delay_seconds=int(probe.get("initialDelaySeconds") or 0),
        count=count,
    )


def _was_killed(pod: Object | None, name: str) -> bool:
    """Whether the container's last run ended by a signal, as the kubelet ends one whose probe fails."""
    status = next((s for s in container_statuses(pod) if s.get("name") == name), {}) if pod else {}
    ends = [(status.get(key) or {}).get("terminated") or {} for key in ("lastState", "state")]
    return any(end.get("exitCode") in _SIGNALS and end.get("reason") != "OOMKilled" for end in ends)


_SIGNALS = (137, 143)
_REFUSED = (0, 400)


def _text(facts: ProbeFailing, root: ObjectRef, pod: Object | None) -> str:
    where = f"port {facts.port}" + (f" path {facts.path}" if facts.path else "") if facts.port else facts.path
    listens = f" while the container listens on port {facts.listens}" if facts.listens and facts.listens != facts.port else ""
    named = f" (pod {pod['metadata']['name']})" if pod else ""
    kills = ""
    if facts.probe == "liveness":
        kills = "; the kubelet restarts the container for it, the process itself is alive and is not OOMKilled"
    slow = ""
    if facts.slow_start:
        slow = (
            f"; it is killed before it has started: it needs longer than the initial delay of {facts.initial_delay_seconds} s and its tries"
        )
    said = f': "{facts.message}"' if facts.message else ""
    of = f"of container {facts.container} of {root.name}" if facts.container else f"of {root.name}"
    who = f"{facts.probe} probe {of}{named}" + (f" asks {where}" if where else "")
    return f"{who}{listens}: {_meant(facts)}{slow}{kills}{said}"


def _meant(facts: ProbeFailing) -> str:
    how = "is not found" if facts.status == _NOT_FOUND else "is not answered as a probe needs"
    return {
        "application": f"the application answers {facts.status}",
        "sealed": "it is sealed or was never initialised, which a probe cannot mend",
        "wrong_port": "wrong port",
        "wrong_path": f"path {facts.path} {how} ({facts.status})",
        "wrong_protocol": "wrong protocol (HTTP and HTTPS)",
        "timeout": f"no answer within {facts.timeout_seconds} s",
        "refused": "connection refused",
        "unknown": "it fails",
    }[facts.cause]


_NOT_FOUND = 404


def _probe_of(spec: Object, kind: str, field: str) -> _Probed:
    having = [(c, c.get(_KINDS[kind]) or {}) for _, c in containers(spec)] if spec else []
    chosen = [pair for pair in having if f"{{{pair[0].get('name')}}}" in field] or [pair for pair in having if pair[1]] or having
    container, probe = chosen[0] if chosen else ({}, {})
    return str(container.get("name", "")) or container_in(field), probe, container


def _asked(probe: Mapping[str, Json], why: str, container: Mapping[str, Json]) -> tuple[str, str]:
    """Port and path: as the probe has them, else as the message shows them."""
    http = probe.get("httpGet") or {}
    port = http.get("port") or (probe.get("tcpSocket") or {}).get("port") or (probe.get("grpc") or {}).get("port")
    named = {p["name"]: p.get("containerPort") for p in container.get("ports") or () if p.get("name")}
    url = re.search(r"https?://[^\s/\"]+?:(\d+)(/[^\s\":]*)?|endpoint (/\S+) on port (\d+)|dial tcp [\w.:\[\]]*:(\d+)", why)
    shown = (url[1] or url[4] or url[5] or "") if url else ""
    return str(named.get(port, port) or shown or ""), str(http.get("path") or (url and (url[2] or url[3])) or "")


def _answered(log: Sequence[str], status: int) -> str:
    """The one path that its log tells to have been answered so."""
    answered = re.compile(rf"\b(?:GET|HEAD) (?:https?://[^\s/]{{1,253}})?(?P<path>/[^\s\"?]{{0,200}})[^\n]{{0,60}}?\b{status}\b")
    paths = {match["path"] for line in log if (match := answered.search(line))} if status in _WRONG_PATH else set()
    return paths.pop() if len(paths) == 1 else ""


def _handler(probe: Mapping[str, Json]) -> str:
    return next((how for how in ("httpGet", "tcpSocket", "grpc", "exec") if how in probe), "")


def _status(why: str) -> int:
    match = re.search(r"(?:statuscode|status code|status|returned)[ :=]+(\d{3})", why)
    return int(match[1]) if match else 0


_PROTOCOL = re.compile(
    r"HTTP response to HTTPS|malformed HTTP|HTTP/1.x transport connection broken|first record does not look like a TLS|HTTPS server|"
    r"TLS handshake|HTTPS port|tls: |SSL_do_handshake"
)
_FAILS, _BAD_REQUEST = 500, 400
_WRONG_PATH = (404, 405, 400, 401, 403, 301, 302, 307, 308)


def _cause(why: str, status: int, port: str, listens: str) -> str:
    if listens and port.isdecimal() and port != listens and not status:
        return "wrong_port"
    if _PROTOCOL.search(why) or (status == _BAD_REQUEST and port in _TLS_PORTS):
        return "wrong_protocol"
    if status >= _FAILS or _SEALED.search(why):  # the application's own trouble, or its keepers'
        return "sealed" if _SEALED.search(why) else "application"
    if status in _WRONG_PATH:
        return "wrong_path"
    if re.search(r"refused|EOF|reset by peer", why):
        return "refused"
    return "timeout" if re.search(r"timeout|deadline exceeded|timed out", why, re.IGNORECASE) else "unknown"


def _listens(container: Mapping[str, Json], log: Iterable[str]) -> str:
    """The port that the container says in its log that it listens on, else the only one that it declares."""
    if said := port_said(log):
        return said
    declared = [port.get("containerPort") for port in container.get("ports") or ()]
    return str(declared[0]) if len(declared) == 1 else ""


def _declared(thing: Object, container: Mapping[str, Json], kind: str, key: str, observed: Observed) -> Finding | None:
    """A probe that asks a port which its container does not declare, while it declares others, or a name that it does not have."""
    probe = container.get(key) or {}
    http = probe.get("httpGet") or probe.get("tcpSocket") or {}
    port, ports = http.get("port"), container.get("ports") or ()
    declared = {p.get("containerPort") for p in ports} | {p.get("name") for p in ports if p.get("name")}
    if port is None or not declared or port in declared or (isinstance(port, str) and port.isdecimal() and int(port) in declared):
        return None
    numbers: Sequence[str] = [str(p.get("containerPort")) for p in ports]
    usual = str(usual_port(_image_name(container)) or "")
    listens = usual if usual in numbers else numbers[0]
    root = observed.root(thing)
    asked = str(port), str(http.get("path") or "")
    facts = _facts(str(container.get("name")), kind, probe, asked, listens, cause="wrong_port")
    return found("probe_failing", f"{root}/{facts.container}", facts, _text(facts, root, None), observed.cites(thing))


def _image_name(container: Mapping[str, Json]) -> str:
    return str(container.get("image") or "").rsplit("/", 1)[-1].split(":")[0].split("@")[0]

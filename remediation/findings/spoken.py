"""The lines in which containers tell of their failures: who wrote each, what it means, and whether it matters or only looks bad."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from remediation.addressed import host_in, place_in
from remediation.findings.checks import checks_failed
from remediation.findings.finding import Container, living_containers
from remediation.findings.node_kernel import KERNEL_SAYS
from remediation.findings.of_others import clauses_about_others
from remediation.findings.probed_words import probed_words
from remediation.findings.said import Said, meaning, meanings
from remediation.findings.whole import flaps
from remediation.findings.writers import Log, container_of, writer_of, written
from remediation.needed import may_match
from remediation.observed import Observed
from remediation.reading.drain import Template, templates
from remediation.reading.logs import Line
from remediation.servers import partners_in
from remediation.terms import ObjectRef, Target

_MOST_LINES = 60_000
_NEVER_RAN = ("StartError", "ContainerCannotRun", "RunContainerError", "CreateContainerError", "CreateContainerConfigError", "ErrImagePull",
              "ImagePullBackOff")  # fmt: skip
_CALM = 20  # good lines after the last bad one of a container that runs and never ended: it is over
_WENT_ON = 3  # good lines between a bad one and that in which the container ended: it was not what it ended of
_TAIL = 12  # lines at the end of a log, in which a container says what it ends of
_LAST_WORDS = 60  # lines, whatever their words
_UNSAID = ("", "error", "fatal", "warning")
_MILD = ("warning", "info", "debug")
_REPEATED = 3
_TOLD_WHOLE = 40  # lines: in a longer log an address may stand for anything
_SLOW = ("took", "slow", "completed in", "duration", "latency", "lag", "elapsed")
_WELL = re.compile(
    r"(?:\bre-?)?connected\b|connection (?:re-?)?established|successful|succeeded|recovered|restored|is (?:now )?(?:up|ready|available)|"
    r"started (?:in|successfully)|resumed",
    re.IGNORECASE,
)
_BOUND = re.compile(r"\b(?:listening|bound|serving|started)\b[^\n]{0,300}\d", re.IGNORECASE)
_OF_CLIENTS = re.compile(  # what a server logs of those who call at it
    r"\[\d+\][^\n]{0,40}\b(?:FATAL|LOG|WARNING|ERROR):\s+(?:password authentication failed|no pg_hba\.conf entry|role \"|invalid length of "
    r"startup|unsupported frontend|could not accept SSL)|\[(?:Warning|Note)\][^\n]*(?:Access denied for user|Aborted connection)"
)
_ANSWERED = re.compile(  # what a server answered to those who call at it, as logs of access tell: it is their mistake
    r"^(?![^\n]{0,300}https?://\S+ \"?(?:GET|POST|PUT|PATCH|DELETE|HEAD)\b)[^\n]{0,300}\b(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) "
    r"/\S{0,500}(?: HTTP/[\d.]+)?\"? \(?4(?!29)\d\d\b|\| +4\d\d \|[^\n]{0,100}\| +(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) +\"?/|"
    r"^(?=[^\n]{0,400}\b(?:path|uri|route|endpoint)=/)(?=[^\n]{0,400}\bstatus(?:_?code)?=4(?!29)\d\d\b)"
)
_FOLLOWS_UP = re.compile(  # what a tool meets with while it writes down that something else failed
    r"(?:npm|yarn|pnpm)-(?:debug|error)\.log|\.npm/_|logfile could not|no writable cache|_history\b|Couldn't create User Preferences|"
    r"A complete log of this run|hs_err_pid|"
    r"(?:core|heap|crash)[ _-]?(?:dump|report)s?\b",
    re.IGNORECASE,
)
_STOPPING = re.compile(
    r"\bSIGTERM\b|signal:? ?(?:15|terminated)|[Gg]raceful(?:ly)? (?:shut|stop|exit)|\b[Ss]hutting down\b|[Rr]eceived signal"
)
_HARMLESS = re.compile(
    r"Back-off restarting|[Dd]eprecat|illegal reflective access|open-in-view|favicon\.ico|robots\.txt|could not receive data from client|"
    r"duplicate key value|canceling statement due to user request|overcommit must be enabled|as root\. Use a virtual|watch stream|"
    r"acquire leader lease|\b[Ll]oad(?:ed|ing) (?:\w+ )?rule|\b[Nn]o (?:errors|timeouts|connection refused)\b|"
    r"[Uu]nable to find image .* locally|the object has been modified; please apply|\bserver \S+ [^\n]{0,80}\b(?:max_fails|fail_timeout)=\d"
    r"|\b(?:not (?:set|configured|defined)|unset)[,;:. (-][^\n]{0,40}\b(?:using|us(?:es|ed)|fall(?:s|ing)? back|defaults? to|defaulting|"
    r"will (?:use|default))\b"
)
_NOT_WELL = re.compile(r"\bnot |dis-?connected|\bun|fail|error|lost", re.IGNORECASE)
_PEER = re.compile(r"https://(?P<host>[A-Za-z][\w.-]{0,252})")  # whose certificate it is that a client refuses
_OPTIONAL = re.compile(
    r"otel|opentelemetry|otlp|jaeger|zipkin|statsd|sentry|new ?relic|telemetry|tracing|\btraces?\b|metrics? (?:export|push|gateway)|"
    r"pushgateway|datadog|dd-?agent|analytics|deprecat|update check|phone home|usage stat",
    re.IGNORECASE,
)
ERROR_LOGGED = "error_logged"  # of lines that say that something is wrong in words that we do not know
_PLACED = ("dependency_unreachable", "wrong_credentials", "too_many_connections", "dns_failure", "protocol_wrong", "certificate_untrusted",
           "certificate_expired", "slow_dependency", "rate_limited", "peer_lost", "client_outdated")  # fmt: skip
_THROUGH_PROBES = ("configuration_invalid", "too_many_connections", "disk_full", "read_only_filesystem")
_REACHED = ("dependency_unreachable", "slow_dependency", "rate_limited")  # of a URL that names no port


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """A telling line. over: long past.  aside: it looks bad, but the container went on after it and ended of something else.

    ending: whether the container ended with it.
    """

    workload: ObjectRef
    line: Line
    said: Said
    container: Container | None
    over: bool = False
    aside: bool = False
    ending: bool = False


def spoken(observed: Observed, target: Target) -> Iterator[Spoken]:
    """Every telling line of all logs, one a template; and the last words of containers."""
    running = living_containers(observed)
    for _, logs in groupby(written(observed, target), key=lambda log: id(log.item)):
        yield from _of_item(list(logs), observed, running)
    for line in checks_failed(observed):
        if (said := meaning(line.text)) is not None and (workload := writer_of(line, observed, target)) is not None:
            yield Spoken(workload=workload, line=line, said=said, container=None)
    for workload, line in probed_words(observed):
        if (said := meaning(line.text)) is not None and said.kind in _THROUGH_PROBES:
            yield Spoken(workload=workload, line=line, said=said, container=None)
    for container in running:
        yield from _last_words(container, observed)


def _last_words(container: Container, observed: Observed) -> Iterator[Spoken]:
    ends = (container.state.get("terminated") or {}, container.last, container.state.get("waiting") or {})
    for words in (str(end.get("message") or "") for end in ends if end.get("reason") not in _NEVER_RAN):
        said = meaning(words) if "back-off" not in words.lower() else None
        if said is not None:
            cites = observed.cites(container.pod)
            line = Line(text=words, item=cites[0] if cites else "", level="fatal", container=container.name)
            yield Spoken(workload=container.workload, line=line, said=said, container=container, ending=True)


def _of_item(logs: Sequence[Log], observed: Observed, running: Sequence[Container]) -> Iterator[Spoken]:
    """What the logs of one item tell; what they say of others is aside, and in a text that may be no log only words that we know count."""
    others = clauses_about_others(logs[0].item)
    for log in logs:
        for case in _of_log(log.workload, log.lines[-_MOST_LINES:], observed, running):
            if case.said.kind == ERROR_LOGGED and log.item.kind != "logs":
                continue
            yield replace(case, aside=True) if any(map(case.line.text.__contains__, others)) else case


def _of_log(workload: ObjectRef, lines: Sequence[Line], observed: Observed, running: Sequence[Container]) -> Iterator[Spoken]:
    container = container_of(lines[0], workload, running)
    ended = lines[0].previous or (container is not None and not _calm(container))
    places = {id(line): at for at, line in enumerate(lines)}
    told = templates(_candidates(lines, ended=ended))
    meant = zip(told, meanings([template.first.text for template in told]), strict=True)
    cases = [(template, said) for template, said in meant if said is not None and not _is_harmless(template)]
    if not cases and not ended:  # what ended is quoted with its end
        cases = [(template, Said(kind=ERROR_LOGGED, groups={})) for template in _graver(told)]
    ending = _ending(cases, lines, places) if ended or container is None else None
    end = max(0, len(lines) - _LAST_WORDS)
    stops = next((at for at, line in enumerate(lines[end:], start=end) if _STOPPING.search(line.text)), len(lines))
    calm = container is not None and _calm(container) and not lines[0].previous
    settled = _has_settled(container, lines, observed)
    good = [at for at, line in enumerate(lines) if not line.bad] if cases else []
    better = [(at, line) for at, line in enumerate(lines) if _tells_of_well(line.text)] if cases else []
    for template, said in cases:
        last = places[id(template.last)]
        well = settled or (_is_well(template, said, last, lines, better) and not (ended and said.kind == "port_in_use"))
        over = well or (calm and len(good) - bisect_right(good, last) > _CALM)
        aside = (
            (ending is not None and template is not ending and _went_on(template, ending, lines, places))
            or places[id(template.first)] > stops
            or (len(cases) > 1 and _OPTIONAL.search(template.first.text) is not None)
            or (len(cases) > 1 and any(words.search(template.first.text) for words in (_OF_CLIENTS, _ANSWERED, _FOLLOWS_UP)))
            or (calm and template.first.level in _MILD and template.count < _REPEATED)
        )
        line = replace(template.first, count=template.count)
        yield Spoken(workload=workload, line=line, said=_placed(said, line, lines), container=container, over=over, aside=aside,
                     ending=template is ending)  # fmt: skip


def _graver(told: Sequence[Template]) -> Sequence[Template]:
    """Where no line means anything that we know: those that call themselves errors; without levels, the last bad one."""
    grave = [template for template in told if not _is_harmless(template)]
    graded = [template for template in grave if template.first.level in ("error", "fatal")]
    return graded or [template for template in grave if template.first.level == "" and template.first.bad][-1:]


_NOTICES = re.compile(r"sync operation of application \S{1,253} has|\[argocd-notifications\]|Application \S{1,253} sync is '")


def _is_harmless(template: Template) -> bool:
    """Whether a line tells of nothing, or of the node's kernel or a GitOps tool, neither of which is an application's."""
    return any(may_match(words, template.first.text) and words.search(template.first.text) for words in (_HARMLESS, KERNEL_SAYS, _NOTICES))


def _candidates(lines: Sequence[Line], *, ended: bool) -> Iterator[Line]:
    """The lines that may tell: bad ones, slow ones, and whatever a container said last before it ended."""
    last_words = len(lines) - (_LAST_WORDS if ended else 0)
    return (line for at, line in enumerate(lines) if line.bad or _is_slow(line) or (at >= last_words and line.level in _UNSAID))


def _is_slow(line: Line) -> bool:
    """Whether a line that is not bad by its words may still tell of slowness."""
    return line.level != "debug" and any(map(line.text.lower().__contains__, _SLOW))


def _calm(container: Container) -> bool:
    return bool(container.status.get("ready")) and not container.status.get("restartCount")


def _has_settled(container: Container | None, lines: Sequence[Line], observed: Observed) -> bool:
    """Whether a log is of a run before this one, in which the container has been ready for long."""
    if container is None or not lines[0].previous or not container.status.get("ready"):
        return False
    return bool(container.last.get("finishedAt")) and not flaps(container.status, observed)


def _ending(cases: Sequence[tuple[Template, Said]], lines: Sequence[Line], places: dict[int, int]) -> Template | None:
    """What the container ended of: the last telling line near the end that is no mere warning; None where none stands there."""
    near = [t for t, said in cases if places[id(t.last)] >= len(lines) - _TAIL and t.first.level in ("fatal", "error", "")]
    fatal = [t for t in near if t.first.level == "fatal"]
    return max(fatal or near, key=lambda t: places[id(t.last)], default=None)


def _went_on(template: Template, ending: Template, lines: Sequence[Line], places: dict[int, int]) -> bool:
    """Whether the program went about its work between a line and the one that it ended with."""
    between = lines[places[id(template.last)] + 1 : places[id(ending.last)]]
    good = sum(not line.bad and line.level in ("info", "debug", "") for line in between)
    return good >= (_WENT_ON if template.first.level not in ("warning", "info", "debug") else 1) and template.count < _REPEATED


def _tells_of_well(text: str) -> bool:
    return may_match(_WELL, text) and _WELL.search(text) is not None and not _NOT_WELL.search(text)


def _is_well(template: Template, said: Said, last: int, lines: Sequence[Line], better: Sequence[tuple[int, Line]]) -> bool:
    """Whether a later line says that it works again: of the same host, or by most of its words. better: the lines of which one may."""
    if said.kind == "port_in_use":
        after = lines[last + 1 :]
        return any(_BOUND.search(line.text) and not line.bad and said.groups.get("port", "") in line.text for line in after)
    names = {said.groups[name] for name in ("host", "database", "path") if said.groups.get(name)}
    words = names or set(partners_in(template.first.text))
    return any(at > last and any(word in line.text.lower() for word in words) for at, line in better)


def _placed(said: Said, line: Line, lines: Sequence[Line]) -> Said:
    """With the `host:port` that the line names, or alone the whole log, where the words that tell most do not stand beside it."""
    if said.kind not in _PLACED or not is_number(said.groups.get("host", "")):
        return said
    places = list(place_in(line.text))
    if not places and not said.groups.get("host") and said.kind == "dependency_unreachable" and len(lines) <= _TOLD_WHOLE:
        elsewhere = {place for other in lines for place in place_in(other.text)}
        places = list(elsewhere) if len(elsewhere) == 1 else []
    host, port = next((place for place in places if not is_number(place[0])), places[0] if places else ("", 0))
    if not host and said.kind == "certificate_expired" and (peer := _PEER.search(line.text)):
        return replace(said, groups={**said.groups, "host": peer["host"]})
    if not host and said.kind in _REACHED and not said.groups.get("host") and (named := host_in(line.text)):
        return replace(said, groups={**said.groups, "host": named})
    return replace(said, groups={**said.groups, "host": host, "port": str(port)}) if host else said


def is_number(host: str) -> bool:
    """Whether a host is an address in figures, or none at all."""
    return not host.replace(".", "").strip("0123456789")

"""What an application itself says of its failure, in its logs or in the last words of its container, and to whom it points."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from remediation.asked_for import answers
from remediation.findings.concerns import words_of_concern
from remediation.findings.failure_causes import cause_of, namespaces_of, revision_beside, service_at
from remediation.findings.finding import found
from remediation.findings.log_changes import address_before, reconfigured
from remediation.findings.phrases import phrase_of
from remediation.findings.spoken import ERROR_LOGGED, Spoken, spoken
from remediation.graph import variables_of
from remediation.observed import Observed, place_of
from remediation.paired import paired
from remediation.terms import Finding, ObjectRef, Target
from remediation.workloads import containers

_LONGEST = 400
_SHORT, _MOST_OTHERS = 160, 2
_OF_ADDRESS = 210
_BEFORE, _AFTER = 120, 260  # characters of a long line that are shown: of its beginning, and from where it tells


@dataclass(frozen=True, kw_only=True)
class ApplicationFailed:
    """said: the telling line.  level: as it shows it.  count: how often, by template.  crashing: whether a container ends for it.

    over: whether it is long past.  aside: whether the container went on after it, and ended of something else.

    cause: `removed` where an earlier revision had the variable; no_such_service, wrong_port, down or outside for what cannot be reached,
    changed where the log tells that its address was another before; reconfigured where the log tells of nothing bad until its
    configuration was changed; else empty.
    exit_code: of the container's last end, null when it did not end.  waits: why it waits, such as CrashLoopBackOff.
    variable, host, port, path, user, command, account, verb, resource, database, version, module: what the line names, else empty.
    """

    container: str
    cause: str
    said: str
    level: str
    count: int
    crashing: bool
    over: bool
    aside: bool
    exit_code: int | None
    waits: str
    variable: str
    host: str
    port: str
    path: str
    user: str
    command: str
    account: str
    verb: str
    resource: str
    database: str
    version: str
    module: str


@dataclass(frozen=True, kw_only=True)
class Recovered:
    """was: the kind of failure that it told of.  said: the line.  count: how often."""

    container: str
    was: str
    said: str
    count: int


_LEVELS = ("debug", "info", "", "warning", "error", "fatal")


def application_failed(observed: Observed, target: Target) -> Iterator[Finding]:
    """One finding for each kind of failure that a workload tells of, with the line that tells most, and others of its kind."""
    found_: dict[tuple[str, str, str], list[Spoken]] = {}
    for case in spoken(observed, target):
        named = case.said.groups.get("host", case.said.groups.get("variable", ""))
        found_.setdefault((str(case.workload), case.said.kind, named), []).append(case)
    for (workload, kind, named), cases in found_.items():
        elsewhere = [other for other in found_ if other[:2] == (workload, kind) and other[2]]
        if named or not elsewhere:
            beside = found_.get((workload, kind, ""), []) if named else []
            case = max(cases, key=lambda case: (answers(case.line.text, observed) and not case.over, *_weight(case)))
            yield _recovered(case, observed) if case.over else _finding(case, [*cases, *beside], observed)


def _recovered(case: Spoken, observed: Observed) -> Finding:
    """What a log told of until it stopped: the program is well again."""
    name = case.container.name if case.container else case.line.container
    facts = Recovered(container=name, was=case.said.kind, said=_excerpt(case), count=case.line.count)
    what = phrase_of(case.said.kind, case.said.groups, facts.said)
    who = f"{case.workload.name} is well again: its" if case.workload.name else "All is well again: the"
    text = f'{who} log said "{facts.said}" ({what}), and has told of nothing like it since'
    cites = (case.line.item, *(observed.cites(case.container.pod) if case.container else ()))
    subject = f"{case.workload}/{name}" if name else str(case.workload)
    return found("recovered", subject, facts, text, tuple(dict.fromkeys(cite for cite in cites if cite)))


def _weight(case: Spoken) -> tuple[bool, bool, int, int, bool]:
    """The one that is not over, that matters, that names more, that is graver, that the container ended with."""
    return not case.over, not case.aside, len(case.said.groups), _LEVELS.index(_level(case)), case.ending


def _level(case: Spoken) -> str:
    return case.line.level if case.line.level in _LEVELS else ""


_NAMED = ("variable", "host", "port", "path", "user", "command", "account", "verb", "resource", "database", "version", "module")


def _finding(case: Spoken, cases: Sequence[Spoken], observed: Observed) -> Finding:
    container, groups = case.container, case.said.groups
    end = (container.state.get("terminated") or container.last) if container else {}
    waits = str((container.state.get("waiting") or {}).get("reason") or "") if container else ""
    crashing = bool(
        container and (waits == "CrashLoopBackOff" or end.get("exitCode") or container.state.get("terminated", {}).get("exitCode"))
    )
    name = container.name if container else case.line.container or _only_container(case.workload, observed)
    facts = ApplicationFailed(
        container=name, cause=cause_of(case, observed), said=_excerpt(case), level=_level(case), count=case.line.count,
        crashing=crashing, over=case.over, aside=case.aside, exit_code=end.get("exitCode"), waits=waits,
        **{key: groups.get(key, "") for key in _NAMED},
    )  # fmt: skip
    cites = dict.fromkeys([case.line.item, *(observed.cites(container.pod) if container else ())])
    subject = f"{case.workload}/{name}" if name else str(case.workload)
    return found(case.said.kind, subject, facts, _text(case, facts, _others(case, cases), observed), tuple(cite for cite in cites if cite))


def _excerpt(case: Spoken) -> str:
    """The line; of a long one its beginning, and the part that tells."""
    text, at = case.line.text, case.said.at
    if len(text) <= _LONGEST or at + _AFTER <= _LONGEST:
        return text[:_LONGEST]
    before = _OF_ADDRESS if case.said.kind.startswith("certificate_") else 40  # whose certificate it is stands before the words
    start = max(at - before, _BEFORE)
    return f"{text[:_BEFORE]} … {text[start : start + _AFTER]}"


def _others(case: Spoken, cases: Sequence[Spoken]) -> list[str]:
    """Other lines that tell of the same, in short."""
    lines = dict.fromkeys(other.line.text for other in cases if other is not case and other.over == case.over)
    return [f'"{text[:_SHORT]}"' for text in lines if text not in case.line.text and case.line.text not in text][:_MOST_OTHERS]


def _text(case: Spoken, facts: ApplicationFailed, others: Sequence[str], observed: Observed) -> str:
    named = f"container {facts.container}" if facts.container else ""
    who = (
        f"{case.workload.name} ({named}): "
        if case.workload.name and named
        else f"{case.workload.name or named or case.line.pod.partition('.')[0]}: "
    )
    crash = f" and exits with code {facts.exit_code}" if facts.crashing and facts.exit_code is not None else ""
    back = f", {facts.waits}" if facts.waits else ""
    often = f" ({facts.count} times)" if facts.count > 1 else ""
    also = f", and {' and '.join(others)}" if others else ""
    what = phrase_of(case.said.kind, case.said.groups, facts.said)
    if case.said.kind == ERROR_LOGGED and facts.cause and facts.cause != "reconfigured":
        what = words_of_concern(facts.cause)
    if facts.cause == "rights":
        what = "its user is known, but not authorized for what it asks there (rights, permission)"
    if facts.cause == "maxmemory":
        what = "the server that it writes to is at its own maxmemory setting, which is no container's limit"
    if facts.cause == "disk_full":
        what += ", which it is made as its disk is full"
    if facts.cause == "changed":
        what += f'; its configuration was changed to that just before: "{address_before(facts.host, case.line, observed)}"'
    if facts.cause == "reconfigured":
        what = f'since its configuration was changed it tells of an error: "{reconfigured(case.line, observed)}"'
    what += _meant(case, observed) if facts.cause == "no_such_service" else _resolved(case, facts.cause, observed)
    what += service_at(facts.host, observed)
    what += f"; that Service has port {_ports(case, observed)}{_port_named(case, observed)}" if facts.cause == "wrong_port" else ""
    return f'{who.removeprefix(": ")}{what}{crash}{back}{revision_beside(case, observed)}; its log says{often} "{facts.said}"{also}'


def _meant(case: Spoken, observed: Observed) -> str:
    """A Service of nearly the name that was asked for."""
    name, _, rest = case.said.groups.get("host", "").partition(".")
    known = [place_of(service)[2] for service in observed.all("Service", rest.split(".")[0] or case.workload.namespace)]
    near = next(iter(get_close_matches(name, known, 1, 0.75)), "")
    return f"; there is no Service {name}, but Service {near}" if near else ""


def _port_named(case: Spoken, observed: Observed) -> str:
    """The variables that hold the port which is asked for, beside one that holds the host."""
    thing = observed.get(case.workload.kind, case.workload.namespace, case.workload.name) or {}
    asked, port = case.said.groups.get("host", "").split(".")[0], case.said.groups.get("port", "")
    names = []
    for _, container in containers(thing):
        values = {str(v.get("name")): str(v.get("value")) for v in variables_of(container, observed, case.workload.namespace)}
        names += [name for name, host, _ in paired(values) if host == asked and values[name] == port]
    return f" ({', '.join(dict.fromkeys(names))} says {port})" if names else ""


def _ports(case: Spoken, observed: Observed) -> str:
    """The ports of the Service that was asked for at another one."""
    name, _, rest = case.said.groups.get("host", "").partition(".")
    service = observed.get("Service", rest.split(".")[0] or case.workload.namespace, name) or {}
    return ", ".join(str(port.get("port")) for port in (service.get("spec") or {}).get("ports") or ())


def _resolved(case: Spoken, cause: str, observed: Observed) -> str:
    """What is known of a name that is not resolved, where a Service bears it."""
    name = case.said.groups.get("host", "").partition(".")[0]
    stands = str(((observed.get("Service", case.workload.namespace, name) or {}).get("spec") or {}).get("externalName") or "")
    return {
        "outside": f"; the Service {name} stands for {stands}" if stands else "",
        "other_namespace": f"; the Service {name} is one of namespace {', '.join(namespaces_of(name, observed))}",
        "headless": f"; the Service {name} is headless and none of its pods is ready, so its name has no address",
        "known": f"; the Service {name} exists, so it is the cluster's DNS that does not answer for it",
    }.get(cause, "")


def _only_container(workload: ObjectRef, observed: Observed) -> str:
    thing = observed.get(workload.kind, workload.namespace, workload.name)
    named = [str(c.get("name")) for _, c in containers(thing)] if thing else []
    return named[0] if len(named) == 1 else ""

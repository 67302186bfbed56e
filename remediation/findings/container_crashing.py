"""A container ends again and again; with how it ended and how it was started, whether or not it says why."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from remediation.findings.finding import Container, found, living_containers
from remediation.findings.last_words import last_words
from remediation.findings.whole import flaps
from remediation.observed import Observed, event_text
from remediation.terms import Finding, Json, Target

_MEANS: Mapping[int, str] = {
    0: "it ends without an error, so it is not made to stay", 1: "an error of the application",
    2: "misuse of a shell command or wrong arguments",
    126: "the command cannot be executed", 127: "the command is not found", 128: "it could not be started", 132: "illegal instruction",
    134: "aborted (SIGABRT)", 135: "bus error", 137: "killed (SIGKILL)", 139: "segmentation fault (SIGSEGV)", 143: "terminated (SIGTERM)",
}  # fmt: skip
_START = ("StartError", "ContainerCannotRun", "RunContainerError", "CreateContainerError", "CreateContainerConfigError")
_OFTEN = 3


@dataclass(frozen=True, kw_only=True)
class ContainerCrashing:
    """exit_code: null when unknown.  ended: the kubelet's word.  command: how it is started, empty for the image's own.

    last_words: the last grave line of its log, empty without one.
    """

    container: str
    init: bool
    exit_code: int | None
    ended: str
    restarts: int
    pods: int
    waits: str
    message: str
    command: str
    last_words: str


def container_crashing(observed: Observed, target: Target) -> Iterator[Finding]:
    """One finding for each container of a workload that waits in CrashLoopBackOff, ended with an error, or restarts and is not ready."""
    told: dict[str, int] = {}
    for container in living_containers(observed):
        if not (_crashes(container) or _flaps(container, observed)) or container.pod["metadata"].get("deletionTimestamp"):
            continue
        told[container.subject] = told.get(container.subject, 0) + 1
        if told[container.subject] == 1:
            yield _finding(container, observed, target)


def _crashes(container: Container) -> bool:
    waits = (container.state.get("waiting") or {}).get("reason", "")
    ended = container.state.get("terminated") or {}
    if ended.get("reason") == "OOMKilled" or container.last.get("reason") == "OOMKilled" or waits in _START:
        return False
    often = int(container.status.get("restartCount") or 0) >= _OFTEN and not container.status.get("ready") and not waits
    return waits == "CrashLoopBackOff" or bool(ended.get("exitCode")) or ended.get("reason") == "Error" or often


def _flaps(container: Container, observed: Observed) -> bool:
    """Whether it is ready only between two of its ends: it failed often, and lately."""
    often = int(container.status.get("restartCount") or 0) >= _OFTEN and bool(container.last.get("finishedAt"))
    return often and container.last.get("reason") == "Error" and flaps(container.status, observed)


def _finding(container: Container, observed: Observed, target: Target) -> Finding:
    end: Mapping[str, Json] = container.state.get("terminated") or container.last
    waits = str((container.state.get("waiting") or {}).get("reason") or "")
    command = " ".join(str(part) for part in [*(container.spec.get("command") or ()), *(container.spec.get("args") or ())])
    code = end.get("exitCode")
    words, shown_by = last_words(container, observed, target)
    facts = ContainerCrashing(
        container=container.name, init=container.init, exit_code=code, ended=str(end.get("reason") or ""),
        restarts=int(container.status.get("restartCount") or 0), pods=1, waits=waits, message=str(end.get("message") or "")[:400],
        command=command[:300], last_words=words,
    )  # fmt: skip
    how = f"exit {code} ({_MEANS.get(code, 'an error of the application')})" if isinstance(code, int) else "how it ended is not known"
    said = f', "{facts.message.strip()}"' if facts.message.strip() else ""
    run = f"; it is started with `{facts.command}`" if facts.command else ""
    events = [e for e in observed.events_of(container.pod) if e.get("reason") == "BackOff" and container.name in event_text(e)]
    last = f'; its log ends with "{words}"' if words and words not in facts.message else ""
    role = "init container" if container.init else "container"
    who = f"{role} {container.name} of {container.workload.name}" if container.name else f"a {role} of {container.workload.name}"
    text = f"{who} ends again and again ({waits or 'restarts'}): {how}{said}, {facts.restarts} restarts{run}{last}"
    cites = dict.fromkeys((*observed.cites(container.pod, *events[:1]), *([shown_by] if shown_by else ())))
    return found("container_crashing", container.subject, facts, text, tuple(cites))

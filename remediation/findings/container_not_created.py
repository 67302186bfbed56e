"""A container that never starts: the runtime refuses its command, its configuration, its security context or its mounts."""

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from remediation.findings.finding import Container, found, living_containers
from remediation.observed import Observed, about, event_text
from remediation.terms import Finding, Target

_REASONS = ("CreateContainerError", "RunContainerError", "StartError", "ContainerCannotRun", "CreateContainerConfigError",
            "PostStartHookError",
            "PreCreateHookError", "CreatePodSandboxError", "CrashLoopBackOff")  # fmt: skip
_CAUSES: Sequence[tuple[str, str]] = (
    ("minimum_memory", r"[Mm]inimum memory limit|memory limit too low|init memory.*too small|possibly OOM-killed|cannot allocate memory"),
    (
        "command_not_found",
        (r"executable file not found|no such file or directory: unknown|exec: \"[^\"]+\": stat|no command specified|"
        r"not a directory: unknown: exec"),
    ),
    ("not_executable", r"exec: \"[^\"]+\": permission denied|is a directory: unknown"),
    ("wrong_platform", r"exec format error"),
    ("runs_as_root", r"runAsNonRoot|will run as root|non-numeric user"),
    ("no_such_user", r"unable to find user|no users found|unable to find group"),
    (
        "mount_refused",
        r"failed to (?:prepare )?subPath|error mounting|mount .* not a directory|read-only file system|mount path must be unique",
    ),
    ("key_missing", r"couldn't find key|could not find key|references non-existent (?:config|secret) key|non-existent config key"),
    ("config_missing", r"(?:configmap|secret) \"[^\"]+\" not found"),
    ("name_taken", r"container name \"[^\"]+\" is (?:already in use|reserved)"),
    ("hook_failed", r"PostStartHook|lifecycle hook"),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ContainerNotCreated:
    """cause: minimum_memory, command_not_found, not_executable, wrong_platform, runs_as_root, no_such_user, mount_refused, name_taken, ….

    command: the word that cannot be run, empty for another cause.
    """

    container: str
    init: bool
    reason: str
    cause: str
    message: str
    command: str


def container_not_created(observed: Observed, _target: Target) -> Iterator[Finding]:
    """One finding for each container that the kubelet or the runtime cannot start, except where a ConfigMap or Secret is missing."""
    told: set[str] = set()
    for container in living_containers(observed):
        reason, message = _said(container, observed)
        cause = next((cause for cause, words in _CAUSES if re.search(words, message)), "")
        if (
            not reason
            or cause in ("config_missing", "key_missing")
            or (not cause and reason in ("CrashLoopBackOff", "CreateContainerConfigError"))
        ):
            continue
        if container.subject not in told:
            told.add(container.subject)
            yield _finding(container, reason, cause or "unknown", message, observed)
    yield from _by_events(observed, told)


def _by_events(observed: Observed, told: AbstractSet[str]) -> Iterator[Finding]:
    """The containers of pods that no item shows, as events tell of them."""
    known = {subject.rpartition("/")[0] for subject in told} | told
    for event in observed.events_with("Failed"):
        place, message = about(event), event_text(event)
        cause = next((cause for cause, words in _CAUSES if re.search(words, message)), "")
        if place[0] != "Pod" or observed.get(*place) is not None or cause in ("", "config_missing", "key_missing"):
            continue
        root = observed.root_of(place)
        if str(root) not in known:
            known.add(str(root))
            match = re.search(r'exec: \\*"([^"\\]+)\\*"', message)
            facts = ContainerNotCreated(
                container="", init=False, reason="Failed", cause=cause, message=message[:600], command=match[1] if match else ""
            )
            text = f"a container of {root.name} (pod {place[2]}) cannot be started: {cause.replace('_', ' ')}; {message.strip()}"
            yield found("container_not_created", str(root), facts, text, observed.cites(event))


def _said(container: Container, observed: Observed) -> tuple[str, str]:
    """The kubelet's word and the longest of what it and the runtime said."""
    waiting = container.state.get("waiting") or {}
    ended = container.state.get("terminated") or container.last
    reasons = [str(end.get("reason") or "") for end in (waiting, ended)]
    reason = next((r for r in reversed(reasons) if r in _REASONS and r != "CrashLoopBackOff"), "") or (
        reasons[0] if reasons[0] in _REASONS else ""
    )
    if not reason:
        return "", ""
    events = [
        event_text(e)
        for e in observed.events_of(container.pod)
        if e.get("reason") in ("Failed", "FailedPostStartHook", "FailedCreatePodSandBox")
    ]
    return reason, max((str(waiting.get("message") or ""), str(ended.get("message") or ""), *events), key=len)


def _finding(container: Container, reason: str, cause: str, message: str, observed: Observed) -> Finding:
    match = re.search(r'exec: \\*"([^"\\]+)\\*"', message)
    command = match[1] if match else ""
    facts = ContainerNotCreated(
        container=container.name, init=container.init, reason=reason, cause=cause, message=message[:600], command=command
    )
    events = [e for e in observed.events_of(container.pod) if e.get("reason") == "Failed"]
    role = "init container" if container.init else "container"
    meant = f"; the command {command} does not exist in its image{_like(command)}" if cause == "command_not_found" and command else ""
    again = (
        ""
        if reason == "CrashLoopBackOff"
        else " (CrashLoopBackOff)"
        if (container.state.get("waiting") or {}).get("reason") == "CrashLoopBackOff"
        else ""
    )
    memory = container.resource("limits", "memory")
    limit = f"; its memory limit is {memory}" if cause == "minimum_memory" and memory else ""
    who = f"{role} {container.name} of {container.workload.name}"
    text = f"{who} cannot be started: {reason}{again}, {cause.replace('_', ' ')}{meant}{limit}; {message.strip()}"
    return found("container_not_created", container.subject, facts, text, observed.cites(container.pod, *events[:1]))


_LONG = 5  # letters of a word in which two may differ
_COMMON = ("wget", "curl", "bash", "python", "python3", "node", "java", "npm", "nginx", "sleep", "echo", "cat", "sh", "redis-server",
           "gunicorn", "uvicorn", "ruby", "php", "perl", "tail", "mkdir", "chown", "chmod", "yarn", "dotnet", "celery", "flask",
           "django-admin", "go",
           "make", "ls", "cp", "mv", "git", "psql", "mysql", "mongo", "rake", "bundle", "cargo", "tini", "envsubst", "nc", "ping",
           "true", "false", "date", "test", "touch")  # fmt: skip


def _like(command: str) -> str:
    """A usual command that differs by a letter or two, as a typing error does."""
    word = command.rsplit("/", 1)[-1]
    near = [
        known
        for known in _COMMON
        if known != word and abs(len(known) - len(word)) <= 1 and _distance(known, word) <= (1 if len(word) < _LONG else 2)
    ]
    return f" (perhaps {near[0]} was meant)" if near else ""


def _distance(one: str, other: str) -> int:
    """Letters to change, leave out or put in."""
    row = list(range(len(other) + 1))
    for at, letter in enumerate(one, start=1):
        before, row[0] = row[0], at
        for to, second in enumerate(other, start=1):
            before, row[to] = row[to], min(row[to] + 1, row[to - 1] + 1, before + (letter != second))
    return row[-1]

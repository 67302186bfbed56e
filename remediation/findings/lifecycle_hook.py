"""A hook that a container runs after it has started or before it stops, and that fails, as events tell."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from remediation.findings.finding import found
from remediation.observed import Object, Observed, about, container_in, event_text
from remediation.terms import Finding, Target
from remediation.workloads import containers

_HOOKS = {"FailedPreStopHook": "preStop", "FailedPostStartHook": "postStart"}
_IN_WORDS = {"preStop": "PreStop", "postStart": "PostStart"}
_CONTAINER = re.compile(r"for Container \\?\"(?P<name>[\w.-]{1,253})\\?\"")
_NOT_FOUND = re.compile(r"executable file not found|no such file or directory|not found in \$PATH|exited with 12[67]\b")


@dataclass(frozen=True, kw_only=True)
class LifecycleHookFailed:
    """hook: preStop or postStart.  command: that it runs, empty where no manifest shows it.  message: of the kubelet."""

    container: str
    hook: str
    cause: str
    command: str
    message: str


def lifecycle_hook_failed(observed: Observed, _target: Target) -> Iterator[Finding]:
    """One finding for each container and hook of which the kubelet says that it fails."""
    told: set[tuple[str, str]] = set()
    for event in observed.all("Event"):
        hook = _HOOKS.get(str(event.get("reason")))
        if hook is None:
            continue
        root, pod = observed.root_of(about(event)), observed.get(*about(event))
        thing = pod or observed.get(root.kind, root.namespace, root.name) or {}
        container, command = _hooked(thing, hook, event)
        subject = f"{root}/{container}" if container else str(root)
        if (subject, hook) in told:
            continue
        told.add((subject, hook))
        message = event_text(event).strip()[:400]
        cause = "command_missing" if _NOT_FOUND.search(message) else "failed"
        facts = LifecycleHookFailed(container=container, hook=hook, cause=cause, command=command, message=message)
        runs = f" (`{command}`)" if command else ""
        why = "which does not exist in its image" if cause == "command_missing" else "which fails"
        text = f'container {container or "?"} of {root.name} runs a {_IN_WORDS[hook]} hook{runs}, {why}: "{message}"'
        yield found("lifecycle_hook_failed", subject, facts, text, observed.cites(event, *([pod] if pod else ())))


def _hooked(thing: Object, hook: str, event: Object) -> tuple[str, str]:
    """The container with this hook that an event is about, and what the hook runs; empty where nothing shows it."""
    field = container_in(str((event.get("involvedObject") or {}).get("fieldPath") or ""))
    match = _CONTAINER.search(event_text(event))
    named = field or (match["name"] if match else "")
    having = [(str(c.get("name")), (c.get("lifecycle") or {}).get(hook) or {}) for _, c in containers(thing)] if thing else []
    container, how = next((pair for pair in having if pair[1] and named in ("", pair[0])), (named, {}))
    return container, " ".join(str(word) for word in (how.get("exec") or {}).get("command") or ())[:200]

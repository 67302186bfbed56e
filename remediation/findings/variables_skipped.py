"""Keys of a ConfigMap or Secret that never reach a container's environment, for they are no names of variables."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from remediation.findings.finding import found
from remediation.observed import Observed, about, event_text
from remediation.terms import Finding, Target

_SKIPPED = re.compile(
    r"Keys \[(?P<keys>[^\]]{1,2000})\] from the EnvFrom (?P<kind>configMap|secret) (?:(?P<namespace>[\w-]{1,63})/)?(?P<name>[\w.-]{1,253}) "
    r"were skipped",
    re.IGNORECASE,
)
_KINDS = {"configmap": "ConfigMap", "secret": "Secret"}


@dataclass(frozen=True, kw_only=True)
class VariablesSkipped:
    """missing: ConfigMap or Secret.  name: of it.  keys: those that are no names of variables, `a, b`."""

    missing: str
    name: str
    keys: str
    message: str


def variables_skipped(observed: Observed, _target: Target) -> Iterator[Finding]:
    """One finding for each workload and source of which the kubelet skipped keys."""
    told: set[tuple[str, str]] = set()
    for event in observed.all("Event"):
        match = _SKIPPED.search(event_text(event)) if event.get("reason") == "InvalidEnvironmentVariableNames" else None
        if match is None:
            continue
        root, kind, keys = observed.root_of(about(event)), _KINDS[match["kind"].lower()], match["keys"].strip()
        if (str(root), match["name"]) in told:
            continue
        told.add((str(root), match["name"]))
        source = observed.get(kind, root.namespace, match["name"])
        facts = VariablesSkipped(missing=kind, name=match["name"], keys=keys, message=event_text(event)[:400])
        why = f"keys never arrive, for they are no names of variables: {keys}"
        text = f"{root.name} takes its environment from {kind} {match['name']}, of which {why}"
        yield found("variables_skipped", str(root), facts, text, observed.cites(event, *([source] if source else ())))

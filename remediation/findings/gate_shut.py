"""A pod whose containers are ready and which is not: somebody outside holds one of its readiness gates shut."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from remediation.findings.finding import found
from remediation.observed import Object, Observed, event_text
from remediation.terms import Finding, Json, Target

_KUBELETS = frozenset(
    {"Initialized", "Ready", "ContainersReady", "PodScheduled", "PodReadyToStartContainers", "PodHasNetwork", "DisruptionTarget",
     "PodResizePending", "PodResizeInProgress", "AllContainersRestarting"}
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class GateShut:
    """gate: the type of its condition.  reason, message: of it, or of the event in which its controller says what it waits for."""

    gate: str
    reason: str
    message: str


def gate_shut(observed: Observed, _target: Target) -> Iterator[Finding]:
    """One finding for each workload of which a pod waits for a gate."""
    told: set[str] = set()
    for pod in observed.all("Pod"):
        conditions = [c for c in (pod.get("status") or {}).get("conditions") or () if isinstance(c, dict)]
        shut = _shut(conditions)
        if shut is None or str(root := observed.root(pod)) in told:
            continue
        told.add(str(root))
        waits = next((e for e in observed.events_of(pod) if "NotReady" in str(e.get("reason"))), None)
        said = [str(shut.get("message") or ""), event_text(waits) if waits else "", _of_ready(conditions)]
        facts = GateShut(gate=str(shut.get("type")), reason=str(shut.get("reason") or ""), message="; ".join(filter(None, said))[:500])
        why = f" ({facts.reason})" if facts.reason else ""
        text = f"{root.name}: its containers are ready, but its readiness gate {facts.gate} (target health) is not{why}: {facts.message}"
        yield found("gate_shut", str(root), facts, text.rstrip(": "), observed.cites(pod, *([waits] if waits else ())))


def _shut(conditions: Sequence[Object]) -> Object | None:
    """The gate that is not open; None where the containers are not ready either, or the pod is."""
    states: dict[Json, Json] = {c.get("type"): c.get("status") for c in conditions}
    if states.get("ContainersReady") != "True" or states.get("Ready") == "True":
        return None
    return next((c for c in conditions if c.get("type") not in _KUBELETS and c.get("status") != "True"), None)


def _of_ready(conditions: Sequence[Object]) -> str:
    return next((str(c.get("message") or "") for c in conditions if c.get("type") == "Ready"), "")

"""A PodDisruptionBudget that keeps nodes from being drained: it can never allow a disruption, or it refused somebody one."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from remediation.findings.evictions_refused import Refusal, refusals
from remediation.findings.finding import found
from remediation.graph import labels_of, picks, workloads
from remediation.observed import Object, Observed, place_of
from remediation.terms import Finding, Json, Target

_ASKED = re.compile(
    r"\bdrain|evict|disrupt|upgrade|maintenance|scale[- ]?down|autoscaler|\bPDB\b|remove (?:the )?nodes?|cordon|rolling update|node pool",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class DisruptionBlocked:
    """cause: never (it can allow none while all pods are well), unhealthy (too few pods are ready), refused (nothing says which).

    budget: its name, empty when unknown.  allowed: disruptions that it allows now.  minimum, maximum: minAvailable and maxUnavailable.
    replicas: of the workload that it guards, null when unknown.  node: that cannot be drained, empty where nothing says.
    reported: whether an eviction was refused.
    """

    cause: str
    budget: str
    allowed: int
    minimum: str
    maximum: str
    replicas: int | None
    node: str
    message: str
    reported: bool


def disruption_blocked(observed: Observed, _target: Target) -> Iterator[Finding]:
    """One finding for each budget that refused an eviction; and for each that allows none, where somebody asks about that."""
    told: set[tuple[str, str]] = set()  # namespace and name
    for refusal in refusals(observed):
        budget = _budget_of(refusal, observed)
        key = place_of(budget)[1:] if budget is not None else (refusal.namespace, refusal.budget or refusal.pod)
        if key not in told:
            told.add(key)
            yield _refused(refusal, budget, observed)
    if not any(item.kind == "alert" and _ASKED.search(f"{item.title}\n{item.text}") for item in observed.evidence):
        return
    refused = bool(told)
    for budget in observed.all("PodDisruptionBudget"):
        cause = _cause(budget, observed)
        if place_of(budget)[1:] not in told and (cause == "never" or (not refused and _is_shut(budget))):
            yield _finding(budget, cause, None, observed)


def _budget_of(refusal: Refusal, observed: Observed) -> Object | None:
    """The budget that refused: by name, by its selector, or the only one of the namespace that allows nothing."""
    shown = list(observed.all("PodDisruptionBudget"))
    every = [b for b in shown if refusal.namespace in ("", place_of(b)[1])] or shown  # a table may not say its namespace
    named = [b for b in every if place_of(b)[2] == refusal.budget]
    pods = (p for p in observed.all("Pod") if refusal.namespace in ("", place_of(p)[1]))
    pod = next((p for p in pods if place_of(p)[2] == refusal.pod), None)
    selecting = [b for b in every if pod is not None and (selector := _selector(b)) and picks(selector, labels_of(pod))]
    alike = [b for b in every if refusal.pod and refusal.pod.startswith(re.sub(r"-?pdb-?", "", place_of(b)[2]) or "?")]
    shut = [b for b in every if not _allowed(b)]
    return next(iter(named or selecting or [b for b in alike if b in shut] or (shut if len(shut) == 1 else [])), None)


def _selector(budget: Object) -> Mapping[str, Json]:
    selector = (budget.get("spec") or {}).get("selector") or {}
    return selector if selector.get("matchLabels") or selector.get("matchExpressions") else {}


def _allowed(budget: Object) -> int:
    return int((budget.get("status") or {}).get("disruptionsAllowed") or 0)


def _is_shut(budget: Object) -> bool:
    """Whether it says itself that it allows no disruption of the pods that it guards."""
    status = budget.get("status") or {}
    return status.get("disruptionsAllowed") == 0 and status.get("expectedPods") != 0


def _guarded(budget: Object, observed: Observed) -> Sequence[Object]:
    """The workloads whose pods a budget selects; where its selector was not printed, the one whose name it bears."""
    namespace, name = place_of(budget)[1:]
    here = list(workloads(observed, namespace))
    if selector := _selector(budget):
        return [thing for thing in here if labels_of(thing) and picks(selector, labels_of(thing))]
    plain = re.sub(r"-?pdb-?", "", name)
    return [thing for thing in here if place_of(thing)[2] in (plain, name)]


def _cause(budget: Object, observed: Observed) -> str:
    spec, status = budget.get("spec") or {}, budget.get("status") or {}
    least, most = str(spec.get("minAvailable", "")), str(spec.get("maxUnavailable", ""))
    replicas = _replicas(budget, observed)
    if most in ("0", "0%") or least == "100%" or (least.isdecimal() and replicas is not None and 0 < replicas <= int(least)):
        return "never"
    expected, healthy = status.get("expectedPods"), status.get("currentHealthy")
    if "desiredHealthy" in status and expected and int(status["desiredHealthy"]) >= int(expected):
        return "never"
    return "unhealthy" if expected is not None and healthy is not None and int(healthy) < int(expected) else "refused"


def _replicas(budget: Object, observed: Observed) -> int | None:
    counts = [(thing.get("spec") or {}).get("replicas", 1) for thing in _guarded(budget, observed) if thing["kind"] != "Pod"]
    return sum(int(count or 0) for count in counts) if counts else None


def _refused(refusal: Refusal, budget: Object | None, observed: Observed) -> Finding:
    if budget is not None:
        return _finding(budget, _cause(budget, observed), refusal, observed)
    root = observed.root_of(("Pod", refusal.namespace, refusal.pod))
    facts = DisruptionBlocked(cause="refused", budget=refusal.budget, allowed=0, minimum="", maximum="", replicas=None, node=refusal.node,
                              message=refusal.line[:300], reported=True)  # fmt: skip
    which = f"PodDisruptionBudget {refusal.budget}" if refusal.budget else "a PodDisruptionBudget"
    whom = f"pod {refusal.pod}" if refusal.pod else "a pod"
    text = f'{whom} cannot be evicted{_from(refusal.node)}: {which} (PDB) allows no disruption; "{refusal.line}"'
    subject = f"PodDisruptionBudget/{refusal.namespace}/{refusal.budget}" if refusal.budget else str(root)
    subject = subject if refusal.budget or refusal.pod else f"Node//{refusal.node}"
    return found("disruption_blocked", subject, facts, text, (refusal.item,) if refusal.item else ())


def _finding(budget: Object, cause: str, refusal: Refusal | None, observed: Observed) -> Finding:
    _, namespace, name = place_of(budget)
    spec = budget.get("spec") or {}
    least, most = str(spec.get("minAvailable", "")), str(spec.get("maxUnavailable", ""))
    replicas = _replicas(budget, observed)
    node = refusal.node if refusal else ""
    facts = DisruptionBlocked(cause=cause, budget=name, allowed=_allowed(budget), minimum=least, maximum=most, replicas=replicas, node=node,
                              message=refusal.line[:300] if refusal else "", reported=refusal is not None)  # fmt: skip
    asks = " and ".join(f"{word} {value}" for word, value in (("minAvailable", least), ("maxUnavailable", most)) if value)
    of = f" of {replicas} replicas" if replicas is not None else ""
    why = {"never": f"{asks}{of} can never allow a disruption", "unhealthy": f"{asks}{of}, and too few of its pods are ready",
           "refused": f"{asks}{of}"}[cause]  # fmt: skip
    who = f"; {f'pod {refusal.pod}' if refusal.pod else 'a pod'} cannot be evicted{_from(node)}" if refusal else ""
    text = f"PodDisruptionBudget {name} (PDB) in {namespace} allows {facts.allowed} disruptions: {why}{who}"
    said = f'; "{refusal.line}"' if refusal else ""
    cites = dict.fromkeys([*observed.cites(budget, *_guarded(budget, observed)[:1]), *([refusal.item] if refusal and refusal.item else ())])
    return found("disruption_blocked", f"PodDisruptionBudget/{namespace}/{name}", facts, text + said, tuple(cites))


def _from(node: str) -> str:
    return f" from node {node}" if node else ""

"""PodDisruptionBudgets: a change that leaves none of the workload's pods to be evicted, so that no node can be drained any more."""

import math
from collections.abc import Iterator, Mapping, Sequence

from remediation.gitops.fieldpath import get
from remediation.gitops.owners.objects import listed, mapping
from remediation.terms import Json


def undrainable(head: Mapping[str, Json], budgets: Sequence[Mapping[str, Json]]) -> Iterator[str]:
    """A sentence for each budget that selects the workload's pods, or that is the changed object itself, and lets none of them go."""
    spec = head.get("spec") or {}
    replicas = spec.get("replicas", 1) if isinstance(spec.get("replicas", 1), int) else 1
    for budget in [*budgets, *([head] if head.get("kind") == "PodDisruptionBudget" else [])]:
        wanted = budget.get("spec") or {}
        if budget is not head and not (selects(wanted.get("selector"), head) and replicas > 0 and "replicas" in spec):
            continue
        why = _why(wanted, None if budget is head else replicas)
        if why:
            yield f"PodDisruptionBudget {budget['metadata']['name']} would let no pod be evicted ({why})"


def _why(budget: Mapping[str, Json], replicas: int | None) -> str:
    """replicas: None where the workload is not known; then only what holds for any number."""
    most, least = budget.get("maxUnavailable"), budget.get("minAvailable")
    if most is not None and _number(most, replicas or 1) == 0:
        return f"maxUnavailable {most}"
    if least is not None and (least == "100%" if replicas is None else _number(least, replicas) >= replicas):
        return f"minAvailable {least}"
    return ""


def _number(share: Json, of: int) -> int:
    """As the disruption controller counts: a share is rounded up."""
    text = str(share)
    return math.ceil(of * int(text[:-1]) / 100) if text.endswith("%") else int(text)


def selects(selector: Json, workload: Mapping[str, Json]) -> bool:
    """Whether a selector matches the labels of a workload's pods."""
    labels = mapping(get(workload, ("spec", "template", "metadata", "labels")))
    wanted = mapping(selector)
    if not wanted.get("matchLabels") and not wanted.get("matchExpressions"):
        return isinstance(selector, Mapping)  # an empty one selects all of its namespace
    same = all(labels.get(key) == value for key, value in mapping(wanted.get("matchLabels")).items())
    return same and all(_expressed(each, labels) for each in map(mapping, listed(wanted.get("matchExpressions"))))


def _expressed(expression: Mapping[str, Json], labels: Mapping[str, Json]) -> bool:
    key, values = str(expression.get("key")), expression.get("values") or ()
    match expression.get("operator"):
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case _:
            return key not in labels

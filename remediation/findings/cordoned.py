"""Nodes that take no pods because somebody cordoned them, and those of them that would have room."""

import re
from collections.abc import Mapping, Sequence

from remediation.findings.placement import fits, node_labels, requested, wanted_labels
from remediation.observed import Observed, place_of
from remediation.quantities import parse_cpu, parse_memory
from remediation.reading.listed import NODE_SHARES
from remediation.terms import Json

_MAINTAINED = re.compile(r"maint(?:enance|ained)|\bdrain|cordon|upgrad|patch(?:ed|ing)|reboot|Wartung", re.IGNORECASE)
_HALF = 0.5  # of a node in use: less is idle
_METRICS = {resource.lower(): metric for metric, (_, resource) in NODE_SHARES.items()}


def cordoned(spec: Mapping[str, Json], observed: Observed) -> Sequence[str]:
    """The names of the cordoned nodes that the pod allows."""
    shut = [node for node in observed.all("Node") if (node.get("spec") or {}).get("unschedulable")]
    return [place_of(node)[2] for node in shut if fits(wanted_labels(spec), node_labels(node))]


def left_shut(shut: Sequence[str], resource: str, spec: Mapping[str, Json], observed: Observed) -> Sequence[str]:
    """Those of these cordoned nodes that have room for the pod: idle as measured, or empty after work that somebody tells of.

    Where both amounts are known, the pod must fit.
    """
    asked = any(_MAINTAINED.search(f"{item.title}\n{item.text}") for item in observed.evidence if item.kind == "alert")
    taken = {str((pod.get("spec") or {}).get("nodeName") or "") for pod in observed.all("Pod")} - {""}
    wanted = _amount(resource, requested(spec, resource))

    def has_room(name: str) -> bool:
        node = observed.get("Node", "", name) or {}
        offered = _amount(resource, str(((node.get("status") or {}).get("allocatable") or {}).get(resource) or ""))
        idle, known = _is_idle(name, resource, observed), bool(wanted and offered)
        empty = asked and bool(taken or known) and name not in taken
        return (idle or empty) and (not known or wanted <= offered)

    return [name for name in shut if has_room(name)]


def _is_idle(name: str, resource: str, observed: Observed) -> bool:
    """Whether `kubectl top nodes` shows that less than half of what is scarce elsewhere is in use on it."""
    shares = [
        s.points[-1][1] for _, s in observed.series() if s.metric == _METRICS.get(resource) and s.points and s.labels.get("node") == name
    ]
    return bool(shares) and shares[-1] < _HALF


def _amount(resource: str, quantity: str) -> float:
    """An amount of CPU or memory, 0 for none and of anything else."""
    try:
        return float(parse_cpu(quantity)) if resource == "cpu" else float(parse_memory(quantity)) if resource == "memory" else 0.0
    except ValueError:
        return 0.0

"""Where pods may run: the label that nodes really have, and a rule of distance as a preference."""

import re
from collections.abc import Mapping
from typing import Any

from remediation.drawing.basis import Basis
from remediation.observed import Object
from remediation.terms import Json
from remediation.workloads import pod_spec

_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_KEEPS_OFF = ("NoSchedule", "NoExecute")
_OF_THE_MACHINE = re.compile(
    r"kubernetes\.io/(?:hostname|arch|os)$"
)  # another value there is another machine, or one that cannot run the image


def node_labels(basis: Basis) -> Json:
    """The node selector's labels that no node has, with the one value that the nodes which fit otherwise have for each."""
    spec = pod_spec(basis.live)
    wanted: Mapping[str, Json] = spec.get("nodeSelector") or {}
    if _REQUIRED in ((spec.get("affinity") or {}).get("nodeAffinity") or {}):
        return None
    nodes = [_labels(node) for node in basis.observed.all("Node") if _takes_pods(node)]
    lacking = {key for key, value in wanted.items() if not any(labels.get(key) == value for labels in nodes)}
    fitting = [labels for labels in nodes if all(labels.get(k) == v for k, v in wanted.items() if k not in lacking)]
    have = {key: {str(labels[key]) for labels in fitting if key in labels} for key in lacking}
    if not have or any(len(values) != 1 or _OF_THE_MACHINE.search(key) for key, values in have.items()):
        return None
    return {key: next(iter(values)) for key, values in sorted(have.items())}


def _labels(node: Object) -> Mapping[str, Json]:
    return (node.get("metadata") or {}).get("labels") or {}


def _takes_pods(node: Object) -> bool:
    """Whether nothing keeps pods without tolerations off a node."""
    spec = node.get("spec") or {}
    return not spec.get("unschedulable") and all(taint.get("effect") not in _KEEPS_OFF for taint in spec.get("taints") or ())


def spread_key(basis: Basis) -> Json:
    """The topology key of the only required anti-affinity."""
    return _term(basis).get("topologyKey")


def spread_labels(basis: Basis) -> Json:
    """The labels of the pods that it keeps away from."""
    selector: Mapping[str, Any] = _term(basis).get("labelSelector") or {}
    labels = dict(selector.get("matchLabels") or {})
    for expression in selector.get("matchExpressions") or ():
        values = list(expression.get("values") or ())
        if expression.get("operator") != "In" or len(values) != 1:
            return None
        labels[str(expression.get("key"))] = values[0]
    return labels or None


def _term(basis: Basis) -> Mapping[str, Any]:
    """The one term that can be said again as a preference; empty where there is more than one, a preference already, or more in it."""
    rules = (pod_spec(basis.live).get("affinity") or {}).get("podAntiAffinity") or {}
    terms: list[Mapping[str, Any]] = list(rules.get(_REQUIRED) or ())
    simple = len(terms) == 1 and set(rules) == {_REQUIRED} and set(terms[0]) <= {"labelSelector", "topologyKey"}
    return terms[0] if simple else {}

"""Fields that hold a whole number, a share, or one of some words: a table for each kind."""

import re
from collections.abc import Iterator, Mapping, Sequence

from remediation.gitops.fieldpath import MISSING, get, parse
from remediation.gitops.validity.syntax import Fault, is_open, is_whole, shown
from remediation.terms import Json

_SHARE = re.compile(r"\d+%")
_ROLLING = "spec.strategy.rollingUpdate"
_LEAST: Mapping[str, Mapping[str, int]] = {
    "Deployment": {"replicas": 0, "minReadySeconds": 0, "revisionHistoryLimit": 0, "progressDeadlineSeconds": 1},
    "StatefulSet": {"replicas": 0, "minReadySeconds": 0, "revisionHistoryLimit": 0},
    "DaemonSet": {"minReadySeconds": 0, "revisionHistoryLimit": 0},
    "ReplicaSet": {"replicas": 0, "minReadySeconds": 0},
    "ReplicationController": {"replicas": 0, "minReadySeconds": 0},
    "Rollout": {"replicas": 0},
    "Job": {"parallelism": 0, "completions": 0, "backoffLimit": 0, "activeDeadlineSeconds": 0, "ttlSecondsAfterFinished": 0},
    "CronJob": {"startingDeadlineSeconds": 0, "successfulJobsHistoryLimit": 0, "failedJobsHistoryLimit": 0},
    "HorizontalPodAutoscaler": {"minReplicas": 0, "maxReplicas": 1},  # none at all is a feature that some servers have
}
_WORDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "Deployment": {"strategy.type": ("RollingUpdate", "Recreate")},
    "StatefulSet": {"updateStrategy.type": ("RollingUpdate", "OnDelete"), "podManagementPolicy": ("OrderedReady", "Parallel")},
    "DaemonSet": {"updateStrategy.type": ("RollingUpdate", "OnDelete")},
    "Job": {"completionMode": ("NonIndexed", "Indexed")},
    "CronJob": {"concurrencyPolicy": ("Allow", "Forbid", "Replace")},
    "Service": {
        "type": ("ClusterIP", "NodePort", "LoadBalancer", "ExternalName"),
        "sessionAffinity": ("None", "ClientIP"),
        "externalTrafficPolicy": ("Cluster", "Local"),
        "internalTrafficPolicy": ("Cluster", "Local"),
        "ipFamilyPolicy": ("SingleStack", "PreferDualStack", "RequireDualStack"),
    },
}
_SHARES: Mapping[str, Sequence[str]] = {
    "Deployment": (f"{_ROLLING}.maxSurge", f"{_ROLLING}.maxUnavailable"),
    "PodDisruptionBudget": ("spec.minAvailable", "spec.maxUnavailable"),
}


def field_faults(kind: str, obj: Mapping[str, Json]) -> Iterator[Fault]:
    """Of the tables above, and what two fields must not say together."""
    for name, least in _LEAST.get(kind, {}).items():
        yield from number_fault(f"spec.{name}", _said(obj, f"spec.{name}"), least)
    for name, words in _WORDS.get(kind, {}).items():
        yield from word_fault(f"spec.{name}", _said(obj, f"spec.{name}"), words)
    shares = {name: _said(obj, name) for name in _SHARES.get(kind, ())}
    for name, share in shares.items():
        if share is not None and not is_open(share) and not is_whole(share, 0) and not _SHARE.fullmatch(str(share)):
            yield Fault(f"{name} is {shown(share)}", "Write a whole number of 0 or more, or a share such as 25%.")
    yield from _together(kind, obj, list(shares.values()))


def _together(kind: str, obj: Mapping[str, Json], shares: Sequence[Json]) -> Iterator[Fault]:
    if kind == "PodDisruptionBudget" and None not in shares:
        yield Fault("spec.minAvailable and spec.maxUnavailable are both there", "Take one of the two away.")
    if kind == "Deployment" and all(share in (0, "0%") and share is not False for share in shares):
        yield Fault("maxSurge and maxUnavailable are both 0: no pod could ever be replaced", "Give one of the two at least 1.")
    if kind == "Deployment" and _said(obj, "spec.strategy.type") == "Recreate" and _said(obj, _ROLLING):
        yield Fault("the strategy is Recreate, and has a rollingUpdate", "Take spec.strategy.rollingUpdate away with the change.")
    least, most = _said(obj, "spec.minReplicas"), _said(obj, "spec.maxReplicas")
    if kind == "HorizontalPodAutoscaler" and is_whole(most, 1) and is_whole(least, 0) and least > most:
        yield Fault(f"minReplicas {least} is above maxReplicas {most}", "Change both.")


def _said(obj: Mapping[str, Json], name: str) -> Json:
    value = get(obj, parse(name))
    return None if value is MISSING else value


def number_fault(name: str, value: Json, least: int, most: int | None = None) -> Iterator[Fault]:
    """At most one. most: None for what 32 bits hold."""
    fits = is_whole(value, least) if most is None else is_whole(value, least, most)
    if value is not None and not is_open(value) and not fits:
        bounds = f"of {least} or more" if most is None else f"from {least} to {most}"
        yield Fault(f"{name} is {shown(value)}", f"Write a whole number {bounds}.")


def word_fault(name: str, value: Json, words: Sequence[str]) -> Iterator[Fault]:
    """At most one. The server takes an empty text for its default."""
    if value not in (None, "", *words) and not is_open(value):
        yield Fault(f"{name} is {shown(value)}, which is none of {', '.join(words)}", f"Write {' or '.join(words)}.")

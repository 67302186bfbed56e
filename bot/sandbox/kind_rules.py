"""What a kube-apiserver refuses in the spec of one kind or another, beside its pods."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from bot.sandbox import quantities
from bot.sandbox.fields import Object
from bot.sandbox.pod_rules import NOT_BELOW_ZERO, Cause, port, unsupported

_KEY = re.compile(r"[-._a-zA-Z0-9]+")
_KEY_HELP = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', "
    "regex used for validation is '[-._a-zA-Z0-9]+')"
)
_SERVICES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_SCHEDULE_FIELDS = 5
_NONE = (0, "0", "0%")


def causes(obj: Object) -> Iterator[Cause]:
    """What is wrong with an object for its kind."""
    rule = _RULES.get(obj["kind"])
    if rule is not None:
        yield from rule(obj)


def _deployment(obj: Object) -> Iterator[Cause]:
    spec = obj["spec"]
    strategy = spec.get("strategy", {})
    rolling = strategy.get("rollingUpdate") or {}
    if strategy.get("type") == "Recreate" and rolling:
        yield "spec.strategy.rollingUpdate", "Forbidden: may not be specified when strategy `type` is 'Recreate'"
    elif rolling.get("maxUnavailable") in _NONE and rolling.get("maxSurge") in _NONE:
        yield "spec.strategy.rollingUpdate.maxUnavailable", "Invalid value: 0: may not be 0 when `maxSurge` is 0"
    deadline, ready = spec.get("progressDeadlineSeconds"), spec.get("minReadySeconds", 0)
    if isinstance(deadline, int) and isinstance(ready, int) and deadline <= ready:
        yield "spec.progressDeadlineSeconds", f"Invalid value: {deadline}: must be greater than minReadySeconds"


def _service(obj: Object) -> Iterator[Cause]:
    spec = obj["spec"]
    ports = spec.get("ports", [])
    if not ports and spec.get("type") != "ExternalName" and spec.get("clusterIP") != "None":
        yield "spec.ports", "Required value"
    for index, each in enumerate(ports):
        if len(ports) > 1 and not each.get("name"):
            yield f"spec.ports[{index}].name", "Required value"
        yield from port(f"spec.ports[{index}].port", each.get("port"))
        yield from port(f"spec.ports[{index}].targetPort", each.get("targetPort"))
    yield from unsupported("spec.type", spec.get("type", "ClusterIP"), _SERVICES)


def _autoscaler(obj: Object) -> Iterator[Cause]:
    least, most = obj["spec"].get("minReplicas", 1), obj["spec"].get("maxReplicas", 0)
    if least < 1:
        yield "spec.minReplicas", f"Invalid value: {least}: must be greater than or equal to 1"
    if most < 1:
        yield "spec.maxReplicas", f"Invalid value: {most}: must be greater than 0"
    if most < least:
        yield "spec.maxReplicas", f"Invalid value: {most}: must be greater than or equal to `minReplicas`"


def _cron_job(obj: Object) -> Iterator[Cause]:
    schedule = str(obj["spec"].get("schedule", ""))
    fields = schedule.split()
    if not schedule:
        yield "spec.schedule", "Required value"
    elif not schedule.startswith("@") and len(fields) != _SCHEDULE_FIELDS:
        told = f"expected exactly {_SCHEDULE_FIELDS} fields, found {len(fields)}: [{' '.join(fields)}]"
        yield "spec.schedule", f'Invalid value: "{schedule}": {told}'


def _budget(obj: Object) -> Iterator[Cause]:
    if {"minAvailable", "maxUnavailable"} <= obj["spec"].keys():
        yield "spec", "Invalid value: minAvailable and maxUnavailable cannot be both set"


def _quota(obj: Object) -> Iterator[Cause]:
    for name, text in obj["spec"].get("hard", {}).items():
        try:
            below = quantities.parse(text) < 0
        except ValueError as error:
            yield f"spec.hard[{name}]", f'Invalid value: "{text}": {error}'
            continue
        if below:
            yield f"spec.hard[{name}]", f'Invalid value: "{text}": {NOT_BELOW_ZERO}'


def _keys(obj: Object) -> Iterator[Cause]:
    for field in ("data", "binaryData"):
        for key in obj.get(field) or {}:
            if not _KEY.fullmatch(key):
                yield f"{field}[{key}]", f'Invalid value: "{key}": {_KEY_HELP}'


_RULES: Mapping[str, Callable[[Object], Iterator[Cause]]] = {
    "Deployment": _deployment,
    "Service": _service,
    "HorizontalPodAutoscaler": _autoscaler,
    "CronJob": _cron_job,
    "PodDisruptionBudget": _budget,
    "ResourceQuota": _quota,
    "ConfigMap": _keys,
    "Secret": _keys,
}

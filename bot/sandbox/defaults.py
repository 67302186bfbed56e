"""What a kube-apiserver fills in and rewrites before it stores an object."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from bot.sandbox.fields import Object
from bot.sandbox.kinds import BY_TYPE
from bot.sandbox.quantities import canonical

_PROBE = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
_PROBES = ("readinessProbe", "livenessProbe", "startupProbe")
QUANTITY_MAPS = ("limits", "requests", "hard", "max", "min", "default", "defaultRequest", "maxLimitRequestRatio", "capacity")
_POD = {"restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst", "schedulerName": "default-scheduler"}
_CONTAINER = {"terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File"}


def defaulted(obj: Object) -> Object:
    """A copy with the server's defaults set and every quantity in canonical form; a custom resource is kept as it is given."""
    obj = copy.deepcopy(obj)
    if _custom(obj):
        return obj
    spec = obj.get("spec")
    if isinstance(spec, dict):
        _SETTERS.get(obj["kind"], _nothing)(spec)
        for pod_spec in pod_specs(obj):
            _pod(pod_spec)
    _canonicalise(obj)
    return obj


def pod_specs(obj: Object) -> Iterator[Object]:
    """The pod specs that an object holds: its own, its template's, its job template's."""
    if _custom(obj):
        return
    spec = obj.get("spec") or {}
    if obj["kind"] == "Pod":
        yield spec
    for holder in (spec, (spec.get("jobTemplate") or {}).get("spec") or {}):
        if isinstance(template := holder.get("template"), dict) and isinstance(template.get("spec"), dict):
            yield template["spec"]


def _custom(obj: Object) -> bool:
    kind = BY_TYPE.get((str(obj.get("apiVersion")), obj["kind"]))
    return kind is not None and kind.custom


def _deployment(spec: Object) -> None:
    _set(spec, replicas=1, revisionHistoryLimit=10, progressDeadlineSeconds=600)
    strategy = spec.setdefault("strategy", {})
    strategy.setdefault("type", "RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        _set(strategy.setdefault("rollingUpdate", {}), maxUnavailable="25%", maxSurge="25%")


def _stateful_set(spec: Object) -> None:
    _set(spec, replicas=1, revisionHistoryLimit=10, podManagementPolicy="OrderedReady")
    spec.setdefault("updateStrategy", {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}})


def _daemon_set(spec: Object) -> None:
    _set(spec, revisionHistoryLimit=10)
    spec.setdefault("updateStrategy", {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1, "maxSurge": 0}})


def _service(spec: Object) -> None:
    _set(spec, type="ClusterIP", sessionAffinity="None", internalTrafficPolicy="Cluster")
    for port in spec.get("ports", []):
        _set(port, protocol="TCP", targetPort=port.get("port"))


def _cron_job(spec: Object) -> None:
    _set(spec, concurrencyPolicy="Allow", suspend=False, successfulJobsHistoryLimit=3, failedJobsHistoryLimit=1)


def _nothing(_spec: Object) -> None:
    """Kinds that this cluster does not default."""


_SETTERS = {"Deployment": _deployment, "StatefulSet": _stateful_set, "DaemonSet": _daemon_set, "Service": _service, "CronJob": _cron_job}


def _pod(spec: Object) -> None:
    _set(spec, **_POD)
    spec.setdefault("securityContext", {})
    for container in [*spec.get("initContainers", []), *spec.get("containers", [])]:
        _set(container, **_CONTAINER)
        container.setdefault("imagePullPolicy", _pull_policy(str(container.get("image", ""))))
        container.setdefault("resources", {})
        for port in container.get("ports", []):
            _set(port, protocol="TCP")
        for name in _PROBES:
            if isinstance(probe := container.get(name), dict):
                _set(probe, **_PROBE)
                if isinstance(get := probe.get("httpGet"), dict):
                    _set(get, path="/", scheme="HTTP")


def _pull_policy(image: str) -> str:
    name = image.rsplit("/", 1)[-1]
    return "IfNotPresent" if "@" in name or (":" in name and not name.endswith(":latest")) else "Always"


def _set(target: Object, **values: Any) -> None:
    for name, value in values.items():
        target.setdefault(name, value)


def _canonicalise(value: Any, field: str = "") -> None:
    if isinstance(value, list):
        for item in value:
            _canonicalise(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            if field in QUANTITY_MAPS and isinstance(item, (str, int, float)):
                try:
                    value[name] = canonical(item)
                except ValueError:
                    continue  # admission says what is wrong with it
            else:
                _canonicalise(item, name)

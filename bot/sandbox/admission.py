"""What a kube-apiserver refuses: shapes, values, immutable fields, LimitRanges, quotas."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from bot.sandbox import kind_rules, label_rules, pod_rules, quantities
from bot.sandbox.cluster import Cluster, matches
from bot.sandbox.defaults import pod_specs
from bot.sandbox.fields import Object
from bot.sandbox.kinds import Kind, kind_named
from bot.sandbox.label_rules import SUBDOMAIN, SUBDOMAIN_HELP
from bot.sandbox.pod_rules import Cause
from bot.sandbox.refusals import ApiRefusal, forbidden, invalid, not_found
from bot.sandbox.schema import problems

_IMMUTABLE = {"Deployment": ("selector",), "ReplicaSet": ("selector",), "DaemonSet": ("selector",), "Job": ("selector", "template")}
_STATEFUL_SET_MAY = ("replicas", "ordinals", "template", "updateStrategy", "persistentVolumeClaimRetentionPolicy", "minReadySeconds",
                     "revisionHistoryLimit")  # fmt: skip
_STATEFUL_SET = (
    "Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', "
    "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
)
_CLAIM_MAY = ("resources", "volumeAttributesClassName", "volumeName")
_CLAIM = "Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"
_POD = (
    "Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)


def check_types(obj: Object, kind: Kind) -> list[str]:
    """The unknown fields of an object. Raises ApiRefusal (400) when a value has the wrong type."""
    found = problems(obj, kind.model)
    if found.mistyped:
        version = kind.api_version.rsplit("/", 1)[-1]
        text = f'{kind.kind} in version "{version}" cannot be handled as a {kind.kind}: {found.mistyped[0].sentence}'
        raise ApiRefusal(HTTPStatus.BAD_REQUEST, text)
    return found.unknown


def admit(cluster: Cluster, obj: Object, old: Object | None, kind: Kind) -> None:
    """Raise ApiRefusal (422 or 403) unless a kube-apiserver would store this object."""
    name = obj["metadata"]["name"]
    causes = [*_name(name), *_labels(obj), *_spec(obj), *_changes(obj, old)]
    if causes:
        raise invalid(kind, name, causes)
    if kind.namespaced and cluster.get("Namespace", "", obj["metadata"]["namespace"]) is None:
        raise not_found(kind_named("Namespace"), obj["metadata"]["namespace"])
    if kind.kind == "Pod":
        admit_pod(cluster, obj, old, kind)


def admit_pod(cluster: Cluster, pod: Object, old: Object | None, kind: Kind) -> None:
    """LimitRange first, then quota, as the admission plugins stand. Sets LimitRange defaults in place."""
    namespace, name = pod["metadata"]["namespace"], pod["metadata"]["name"]
    for limits in cluster.all("LimitRange", namespace):
        _set_limit_defaults(pod, limits)
        if wrong := list(_outside(pod, limits)):
            raise forbidden(kind, name, wrong[0] if len(wrong) == 1 else f"[{', '.join(wrong)}]")
    for quota in cluster.all("ResourceQuota", namespace):
        if wrong_quota := over_quota(cluster, quota, pod, old):
            raise forbidden(kind, name, wrong_quota)


def over_quota(cluster: Cluster, quota: Object, pod: Object, old: Object | None = None) -> str:
    """Why one more pod does not fit a quota; empty when it does."""
    hard = quota["spec"].get("hard", {})
    adds, used = usage([pod], hard), usage(quota_pods(cluster, quota), hard)
    had = usage([old] if old else [], hard)
    if missing := sorted(n for n in hard if n.split(".")[0] in ("limits", "requests") and not _all_set(pod, n)):
        return f"failed quota: {quota['metadata']['name']}: must specify {'; '.join(_missing(pod, n) for n in missing)}"
    exceeded = [n for n in sorted(adds) if used[n] + adds[n] - had[n] > quantities.parse(hard[n]) and adds[n] > had[n]]
    if not exceeded:
        return ""
    requested = ",".join(f"{name}={written(name, adds[name] - had[name])}" for name in exceeded)
    taken = ",".join(f"{name}={written(name, used[name])}" for name in exceeded)
    limited = ",".join(f"{name}={hard[name]}" for name in exceeded)
    return f"exceeded quota: {quota['metadata']['name']}, requested: {requested}, used: {taken}, limited: {limited}"


def quota_pods(cluster: Cluster, quota: Object) -> list[Object]:
    """The pods that count against a quota: all of its namespace that have not ended."""
    pods = cluster.all("Pod", quota["metadata"]["namespace"])
    return [p for p in pods if p.get("status", {}).get("phase") not in ("Succeeded", "Failed")]


def usage(pods: list[Object], hard: Object) -> dict[str, Decimal]:
    """How much of each counted thing these pods use."""
    return {name: sum((_amount(pod, name) for pod in pods), Decimal(0)) for name in hard if _counted(name)}


def _counted(name: str) -> bool:
    return name == "pods" or name in ("cpu", "memory") or name.split(".", maxsplit=1)[0] in ("limits", "requests")


def _amount(pod: Object, name: str) -> Decimal:
    if name == "pods":
        return Decimal(1)
    side, _, resource = name.rpartition(".")
    values = [c.get("resources", {}).get(side or "requests", {}).get(resource, "0") for c in pod["spec"]["containers"]]
    return sum((quantities.parse(v) for v in values), Decimal(0))


def written(name: str, amount: Decimal) -> str:
    """An amount as a quota shows it."""
    return quantities.binary(amount) if "memory" in name else quantities.canonical(f"{amount:f}")


def _all_set(pod: Object, name: str) -> bool:
    side, resource = name.split(".", 1)
    return all(resource in c.get("resources", {}).get(side, {}) for c in pod["spec"]["containers"])


def _missing(pod: Object, name: str) -> str:
    side, resource = name.split(".", 1)
    without = [c["name"] for c in pod["spec"]["containers"] if resource not in c.get("resources", {}).get(side, {})]
    return f"{name} for: {','.join(without)}"


def _name(name: str) -> Iterator[Cause]:
    if not SUBDOMAIN.fullmatch(name):
        yield "metadata.name", f'Invalid value: "{name}": {SUBDOMAIN_HELP}'


def _labels(obj: Object) -> Iterator[Cause]:
    """Of the object, and of the pods that its template makes."""
    yield from label_rules.causes(obj["metadata"], "metadata")
    if isinstance(template := (obj.get("spec") or {}).get("template"), dict):
        yield from label_rules.causes(template.get("metadata") or {}, "spec.template")


def _spec(obj: Object) -> Iterator[Cause]:
    spec = obj.get("spec") or {}
    if isinstance(replicas := spec.get("replicas"), int) and replicas < 0:
        yield "spec.replicas", f"Invalid value: {replicas}: must be greater than or equal to 0"
    if obj["kind"] in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"):
        yield from _selector(spec)
    path = {"Pod": "spec", "CronJob": "spec.jobTemplate.spec.template.spec"}.get(obj["kind"], "spec.template.spec")
    for pod_spec in pod_specs(obj):
        yield from pod_rules.causes(pod_spec, path, obj["kind"])
    yield from kind_rules.causes(obj)


def _selector(spec: Object) -> Iterator[Cause]:
    if not (selector := spec.get("selector")):
        yield "spec.selector", "Required value"
        return
    labels = spec.get("template", {}).get("metadata", {}).get("labels", {})
    if not matches(selector, labels):
        yield "spec.template.metadata.labels", f"Invalid value: {_json(labels)}: `selector` does not match template `labels`"


def _changes(obj: Object, old: Object | None) -> Iterator[Cause]:
    if old is None:
        return
    spec, before = obj.get("spec", {}), old.get("spec", {})
    for field in _IMMUTABLE.get(obj["kind"], ()):
        if spec.get(field) != before.get(field):
            yield f"spec.{field}", f"Invalid value: {_json(spec.get(field))}: field is immutable"
    claim_may = _CLAIM_MAY if "storageClassName" in before else (*_CLAIM_MAY, "storageClassName")
    if obj["kind"] == "PersistentVolumeClaim" and _but(spec, claim_may) != _but(before, claim_may):
        yield "spec", _CLAIM
    if obj["kind"] == "StatefulSet" and _but(spec, _STATEFUL_SET_MAY) != _but(before, _STATEFUL_SET_MAY):
        yield "spec", _STATEFUL_SET
    if obj["kind"] == "Pod" and _fixed(spec) != _fixed(before):
        yield "spec", _POD


def _fixed(pod_spec: Object) -> Object:
    kept = [{**c, "image": "", "resources": {}} for c in pod_spec.get("containers", [])]
    return {**_but(pod_spec, ("activeDeadlineSeconds", "tolerations")), "containers": kept}


def _but(spec: Object, names: tuple[str, ...]) -> Object:
    return {name: value for name, value in spec.items() if name not in names}


def _set_limit_defaults(pod: Object, limits: Object) -> None:
    for rule in limits["spec"].get("limits", []):
        if rule.get("type") != "Container":
            continue
        for container in pod["spec"]["containers"]:
            resources = container.setdefault("resources", {})
            for side, field in (("limits", "default"), ("requests", "defaultRequest")):
                for name, value in rule.get(field, {}).items():
                    resources.setdefault(side, {}).setdefault(name, value)


def _outside(pod: Object, limits: Object) -> Iterator[str]:
    for rule in limits["spec"].get("limits", []):
        if rule.get("type") == "Container":
            for container in pod["spec"]["containers"]:
                yield from _outside_rule(container.get("resources", {}), rule)


def _outside_rule(resources: Object, rule: Object) -> Iterator[str]:
    given = {side: resources.get(side, {}) for side in ("limits", "requests")}
    for name, least in rule.get("min", {}).items():
        request = given["requests"].get(name, given["limits"].get(name))
        if request is None:
            yield f"minimum {name} usage per Container is {least}.  No request is specified"
        elif quantities.parse(request) < quantities.parse(least):
            yield f"minimum {name} usage per Container is {least}, but request is {request}"
    for name, most in rule.get("max", {}).items():
        limit = given["limits"].get(name)
        if limit is None:
            yield f"maximum {name} usage per Container is {most}.  No limit is specified"
        elif quantities.parse(limit) > quantities.parse(most):
            yield f"maximum {name} usage per Container is {most}, but limit is {limit}"


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), sort_keys=True)

"""Rows of all that is no workload: Services, volumes, nodes, bounds, and what tools apply."""

import re
from collections.abc import Callable, Mapping

from remediation.reading.cells import Object, number_of, pairs, selector_in
from remediation.reading.tables import Row
from remediation.terms import Json


def _service(row: Row) -> Object:
    ports = [port for text in row.get("PORT(S)", "").split(",") if (port := _service_port(text))]
    spec: dict[str, Json] = {"type": row.get("TYPE", ""), "clusterIP": row.get("CLUSTER-IP") or "None", "ports": ports}
    if selector := pairs(row.get("SELECTOR", "")):
        spec["selector"] = selector
    status = {"printed": "SELECTOR" not in row, "pending": row.get("EXTERNAL-IP") == "<pending>"}
    return {"spec": spec, "status": {word: True for word, so in status.items() if so}}


def _service_port(text: str) -> Json:
    match = re.fullmatch(r"(\d+)(?::(\d+))?/([A-Z]+)", text.strip())
    return {"port": int(match[1]), "protocol": match[3]} if match else None


def _endpoints(row: Row) -> Object:
    places = [place.rpartition(":") for place in row.get("ENDPOINTS", "").split(" +")[0].split(",") if place]
    subsets = [{"addresses": [{"ip": ip} for ip, _, _ in places], "ports": [{"port": int(p)} for _, _, p in places[:1] if p.isdecimal()]}]
    return {"subsets": subsets if places else []}


def _ingress(row: Row) -> Object:
    hosts = [{"host": host} for host in row.get("HOSTS", "").split(",") if host and host != "*"]
    spec: dict[str, Json] = {"rules": hosts} if hosts else {}
    if row.get("CLASS"):
        spec["ingressClassName"] = row["CLASS"]
    status = {"loadBalancer": {"ingress": [{"ip": row["ADDRESS"]}] if row.get("ADDRESS") else []}}
    return {"spec": spec, "status": status}


def _claim(row: Row) -> Object:
    spec: dict[str, Json] = {"storageClassName": row["STORAGECLASS"]} if row.get("STORAGECLASS") else {}
    if row.get("VOLUME"):
        spec["volumeName"] = row["VOLUME"]
    status: dict[str, Json] = {"phase": row.get("STATUS", "")}
    if row.get("CAPACITY"):
        status["capacity"] = {"storage": row["CAPACITY"]}
        spec["resources"] = {"requests": {"storage": row["CAPACITY"]}}  # it is not printed, and no bound claim has less
    if modes := _modes(row):
        spec["accessModes"] = modes
    return {"spec": spec, "status": status}


def _modes(row: Row) -> list[str]:
    words = {"RWO": "ReadWriteOnce", "RWX": "ReadWriteMany", "ROX": "ReadOnlyMany", "RWOP": "ReadWriteOncePod"}
    return [words.get(mode, mode) for mode in row.get("ACCESS MODES", "").split(",") if mode]


def _volume(row: Row) -> Object:
    spec: dict[str, Json] = {"storageClassName": row.get("STORAGECLASS", ""), "accessModes": _modes(row)}
    if row.get("CAPACITY"):
        spec["capacity"] = {"storage": row["CAPACITY"]}
    namespace, _, claim = row.get("CLAIM", "").partition("/")
    if claim:
        spec["claimRef"] = {"namespace": namespace, "name": claim}
    return {"spec": spec, "status": {"phase": row.get("STATUS", "")}}


_NODE_COLUMNS = frozenset({"NAME", "STATUS", "ROLES", "AGE", "VERSION", "INTERNAL-IP", "EXTERNAL-IP", "OS-IMAGE", "KERNEL-VERSION",
                           "CONTAINER-RUNTIME", "LABELS"})  # fmt: skip


def _node(row: Row) -> Object:
    words = row.get("STATUS", "").split(",")
    conditions = [{"type": "Ready", "status": "True" if "Ready" in words else "False" if "NotReady" in words else "Unknown"}]
    spec = {"unschedulable": True} if "SchedulingDisabled" in words else {}
    info: dict[str, Json] = {"kubeletVersion": row.get("VERSION", "")}
    extra = {
        column.lower(): value for column, value in row.items() if column not in _NODE_COLUMNS and value
    }  # of `-L key`, by the key's last word
    if extra:
        info["labelColumns"] = extra
    return {"spec": spec, "status": {"conditions": conditions, "nodeInfo": info}}


def _autoscaler(row: Row) -> Object:
    kind, _, name = row.get("REFERENCE", "").partition("/")
    spec = {"scaleTargetRef": {"kind": kind, "name": name}, "minReplicas": number_of(row.get("MINPODS", "")),
            "maxReplicas": number_of(row.get("MAXPODS", ""))}  # fmt: skip
    return {"spec": spec, "status": {"currentReplicas": number_of(row.get("REPLICAS", "")), "targets": row.get("TARGETS", "")}}


def _budget(row: Row) -> Object:
    sides = {"minAvailable": row.get("MIN AVAILABLE", ""), "maxUnavailable": row.get("MAX UNAVAILABLE", "")}
    spec = {side: int(value) if value.isdecimal() else value for side, value in sides.items() if value and value != "N/A"}
    return {"spec": spec, "status": {"disruptionsAllowed": number_of(row.get("ALLOWED DISRUPTIONS", ""))}}


def _quota(row: Row) -> Object:
    """`requests.cpu: 500m/1, pods: 3/10`."""
    used: dict[str, str] = {}
    hard: dict[str, str] = {}
    for part in f"{row.get('REQUEST', '')}, {row.get('LIMIT', '')}".split(","):
        name, _, amounts = part.strip().partition(": ")
        if "/" in amounts:
            used[name], _, hard[name] = amounts.partition("/")
    return {"spec": {"hard": hard}, "status": {"hard": hard, "used": used}}


def _class(row: Row) -> Object:
    return {"provisioner": row.get("PROVISIONER", ""), "volumeBindingMode": row.get("VOLUMEBINDINGMODE", ""),
            "allowVolumeExpansion": row.get("ALLOWVOLUMEEXPANSION") == "true"}  # fmt: skip


def _policy(row: Row) -> Object:
    return {"spec": {"podSelector": selector_in(row.get("POD-SELECTOR", ""))}}


def _reconciled(row: Row) -> Object:
    """A row of Flux' objects, as `flux get` and `kubectl get` print them."""
    message = row.get("MESSAGE") or row.get("STATUS") or ""
    ready = row.get("READY", "")
    return {"status": {"conditions": [{"type": "Ready", "status": ready, "message": message}]}} if ready else {}


def _synced(row: Row) -> Object:
    return {"status": {"sync": {"status": row.get("SYNC STATUS", "")}, "health": {"status": row.get("HEALTH STATUS", "")}}}


def _available(text: str) -> Json:
    """`True`, or `False (MissingEndpoints)`."""
    status, _, reason = text.partition(" ")
    return {"type": "Available", "status": status, "reason": reason.strip("()")}


READERS: Mapping[str, Callable[[Row], Object]] = {
    "Service": _service, "Endpoints": _endpoints, "Ingress": _ingress, "PersistentVolumeClaim": _claim,
    "PersistentVolume": _volume, "Node": _node, "HorizontalPodAutoscaler": _autoscaler, "PodDisruptionBudget": _budget,
    "ResourceQuota": _quota, "StorageClass": _class, "NetworkPolicy": _policy,
    "ComponentStatus": lambda row: {"conditions": [{"type": row.get("STATUS", ""), "status": "True", "message": row.get("MESSAGE", "")}]},
    "GitRepository": _reconciled, "Kustomization": _reconciled, "HelmRelease": _reconciled, "Application": _synced,
    "ClusterOperator": lambda row: {"status": {"conditions": [
        {"type": word, "status": row.get(word.upper(), ""), "message": row.get("MESSAGE", "")} for word in ("Available", "Degraded")]}},
    "APIService": lambda row: {"status": {"conditions": [_available(row.get("AVAILABLE", ""))]}},
    "IngressClass": lambda row: {"spec": {"controller": row.get("CONTROLLER", "")}},
}  # fmt: skip

"""Nodes, volumes, Services and what bounds a namespace, as `kubectl describe` shows them."""

import re
from collections.abc import Callable, Mapping

from remediation.reading.branches import Branch, amounts_in, conditions_in, number_in
from remediation.reading.cells import Object, pairs
from remediation.reading.described_policies import policy
from remediation.reading.tables import blank
from remediation.terms import Json


def _node(root: Branch) -> Object:
    taints = []
    for text in root.below("Taints").values():
        match = re.match(r"([^=:\s]+)(?:=([^:]*))?:(\w+)", text)
        if match:
            taints.append({"key": match[1], "value": match[2] or "", "effect": match[3]})
    status: dict[str, Json] = {"capacity": amounts_in(root.below("Capacity")), "allocatable": amounts_in(root.below("Allocatable")),
                               "conditions": conditions_in(root)}  # fmt: skip
    total = re.search(r"\((\d+) in total\)", root.below("Non-terminated Pods").value)
    if total:
        status["runningPods"] = int(total[1])
    return {"spec": {"taints": taints, "unschedulable": root.get("Unschedulable") == "true"}, "status": status}


def _claim(root: Branch) -> Object:
    spec: dict[str, Json] = {"storageClassName": root.get("StorageClass")} if root.get("StorageClass") else {}
    if root.get("Volume"):
        spec["volumeName"] = root.get("Volume")
    if root.get("Access Modes"):
        spec["accessModes"] = root.get("Access Modes").split(",")
    status: dict[str, Json] = {"phase": root.get("Status"), "usedBy": root.below("Used By").values(), "conditions": conditions_in(root)}
    if root.get("Capacity"):
        status["capacity"] = {"storage": root.get("Capacity")}
        spec["resources"] = {"requests": {"storage": root.get("Capacity")}}  # it is not printed, and no bound claim has less
    return {"spec": spec, "status": status}


def _volume(root: Branch) -> Object:
    namespace, _, claim = root.get("Claim").partition("/")
    return {
        "spec": {
            "storageClassName": root.get("StorageClass"),
            "capacity": {"storage": root.get("Capacity")},
            "accessModes": root.get("Access Modes").split(","),
            **({"claimRef": {"namespace": namespace, "name": claim}} if claim else {}),
        },
        "status": {"phase": root.get("Status")},
    }


def _service(root: Branch) -> Object:
    ports: list[Json] = []
    current: dict[str, Json] = {}
    endpoints: list[str] = []
    for line in root.lines:
        key, _, value = line.strip().partition(":")
        value = blank(value.strip())
        if key == "Port" and (match := re.match(r"(?:(\S+)\s+)?(\d{1,5})/([A-Z]{1,10})", value)):
            current = {"name": blank(match[1] or ""), "port": int(match[2]), "protocol": match[3]}
            ports.append(current)
        elif key == "TargetPort" and (match := re.match(r"([\w-]+)/([A-Z]+)", value)):
            current["targetPort"] = int(match[1]) if match[1].isdecimal() else match[1]
        elif key == "Endpoints":
            endpoints += [part for part in value.split(",") if part]
    spec = {"type": root.get("Type"), "selector": pairs(root.get("Selector")), "ports": ports, "clusterIP": root.get("IP")}
    return {"spec": spec, "status": {"endpoints": endpoints} if "Endpoints" in root.keys else {}}


_PATH = re.compile(  # of an Ingress: host and path may stand in lines above
    r"(?:(?P<host>[\w.*-]+)\s+)?(?:(?P<path>/\S*)\s+)?(?P<service>[\w.-]+):(?P<port>[\w-]+)\s*(?:\((?P<said>.*)\))?"
)


def _ingress(root: Branch) -> Object:
    rules: list[Json] = []
    host = ""
    for line in root.below("Rules").lines:
        match = _PATH.fullmatch(line.strip())
        plain = re.fullmatch(r"[\w.*-]+", line.strip())
        if match:
            host = match["host"] or host
            backend = {"service": {"name": match["service"], "port": {"number": int(match["port"])} if match["port"].isdecimal()
                                   else {"name": match["port"]}}, "said": match["said"] or ""}  # fmt: skip
            rules.append({"host": host, "http": {"paths": [{"path": match["path"] or "/", "backend": backend}]}})
        elif plain:
            host = plain[0]
    spec: dict[str, Json] = {"rules": rules}
    if root.get("Ingress Class"):
        spec["ingressClassName"] = root.get("Ingress Class")
    return {"spec": spec, "status": {"loadBalancer": {"ingress": [{"ip": root.get("Address")}] if root.get("Address") else []}}}


def _autoscaler(root: Branch) -> Object:
    kind, _, name = root.get("Reference").partition("/")
    limits = {"minReplicas": number_in(root, "Min replicas"), "maxReplicas": number_in(root, "Max replicas")}
    said = " ".join(value.value for key, value in root.keys.items() if key.endswith("pods"))
    current = re.search(r"(?<!\d)(\d{1,9}) current / (\d{1,9}) desired", said)
    metrics = [line.strip() for line in root.below("Metrics").lines]
    status: dict[str, Json] = {"conditions": conditions_in(root), "targets": "; ".join(metrics)}
    if current:
        status |= {"currentReplicas": int(current[1]), "desiredReplicas": int(current[2])}
    return {
        "spec": {"scaleTargetRef": {"kind": kind, "name": name}, **{k: v for k, v in limits.items() if v is not None}},
        "status": status,
    }


def _quota(root: Branch) -> Object:
    used: dict[str, str] = {}
    hard: dict[str, str] = {}
    for line in root.lines:
        parts = line.split()
        if len(parts) == 3 and re.match(r"\d", parts[1]) and re.match(r"\d", parts[2]):  # noqa: PLR2004 - resource, used, hard
            used[parts[0]], hard[parts[0]] = parts[1], parts[2]
    return {"spec": {"hard": hard}, "status": {"hard": hard, "used": used}}


def _limit_range(root: Branch) -> Object:
    limits: dict[str, dict[str, Json]] = {}
    for line in root.lines:
        parts = line.split()
        if len(parts) >= 6 and parts[0] in ("Container", "Pod", "PersistentVolumeClaim"):  # noqa: PLR2004 - type, resource, min, max, defaults
            item = limits.setdefault(parts[0], {"type": parts[0]})
            for key, value in zip(("min", "max", "defaultRequest", "default"), parts[2:6], strict=False):
                if blank(value):
                    item.setdefault(key, {})[parts[1]] = value
    return {"spec": {"limits": list(limits.values())}}


def _class(root: Branch) -> Object:
    return {"provisioner": root.get("Provisioner"), "volumeBindingMode": root.get("VolumeBindingMode"),
            "allowVolumeExpansion": root.get("AllowVolumeExpansion") == "True"}  # fmt: skip


def _account(root: Branch) -> Object:
    return {"imagePullSecrets": [{"name": name} for name in root.below("Image pull secrets").values()]}


def _config(root: Branch) -> Object:
    """The keys of a ConfigMap, without its values."""
    found = re.findall(r"^(\S+):\n----", "\n".join(root.lines), re.MULTILINE)
    return {"data": dict.fromkeys(found, "")}


def _budget(root: Branch) -> Object:
    spec = {"minAvailable": root.get("Min available"), "maxUnavailable": root.get("Max unavailable")}
    allowed = root.get("Allowed disruptions")
    return {
        "spec": {k: int(v) if v.isdecimal() else v for k, v in spec.items() if v}
        | {"selector": {"matchLabels": pairs(root.get("Selector"))}},
        "status": {"disruptionsAllowed": int(allowed) if allowed.isdecimal() else 0},
    }


def _secret(root: Branch) -> Object:
    """Its keys: of its values a description tells only their size."""
    keys = [match["key"] for line in root.lines if (match := _KEY.match(line))]
    return {"type": root.get("Type"), "data": dict.fromkeys(keys, "")}


_KEY = re.compile(r"^(?P<key>[\w.-]+): +\d+ bytes$")
READERS: Mapping[str, Callable[[Branch], Object]] = {
    "Node": _node, "PersistentVolumeClaim": _claim, "PersistentVolume": _volume, "Service": _service, "Ingress": _ingress,
    "HorizontalPodAutoscaler": _autoscaler, "ResourceQuota": _quota, "LimitRange": _limit_range, "StorageClass": _class,
    "ServiceAccount": _account, "Secret": _secret, "ConfigMap": _config, "PodDisruptionBudget": _budget, "NetworkPolicy": policy,
}  # fmt: skip

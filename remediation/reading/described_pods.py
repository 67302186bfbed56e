"""A pod of a description, and the template of what makes pods."""

import re
from collections.abc import Callable, Mapping

from remediation.reading.branches import Branch, conditions_in, mapped
from remediation.reading.cells import Object
from remediation.reading.described_containers import containers_in
from remediation.terms import Json


def _volumes(branch: Branch) -> list[Json]:
    readers: Mapping[str, Callable[[Branch], Json]] = {
        "PersistentVolumeClaim": lambda b: {"persistentVolumeClaim": {"claimName": b.get("ClaimName")}},
        "ConfigMap": lambda b: {"configMap": {"name": b.get("Name"), "optional": b.get("Optional") == "true"}},
        "Secret": lambda b: {"secret": {"secretName": b.get("SecretName"), "optional": b.get("Optional") == "true"}},
        "HostPath": lambda b: {"hostPath": {"path": b.get("Path")}},
        "EmptyDir": lambda b: {"emptyDir": {"sizeLimit": b.get("SizeLimit")}},
    }
    found = []
    for name, sub in branch.keys.items():
        kind = sub.get("Type").split(" ")[0]
        found.append({"name": name, **(readers[kind](sub) if kind in readers else {})})
    return found


def _tolerations(branch: Branch) -> list[Json]:
    found = []
    for text in branch.values():
        match = re.match(r"(?P<key>[^=:\s]+)?(?:=(?P<value>[^:\s]*))?(?::(?P<effect>\w+))?(?P<rest>.*)", text)
        if match:
            exists = "op=Exists" in match["rest"] or not match["value"]
            found.append({"key": match["key"] or "", "operator": "Exists" if exists else "Equal", "value": match["value"] or "",
                          "effect": match["effect"] or ""})  # fmt: skip
    return found


_IN_SECTIONS = {"Containers", "Init Containers"}
_OF_CONTAINER = {
    "Container ID",
    "Image",
    "Image ID",
    "State",
    "Last State",
    "Ready",
    "Restart Count",
    "Limits",
    "Requests",
    "Environment",
    "Mounts",
}


def _without_head(root: Branch) -> tuple[list[Json], list[Json]]:
    """The containers of a description of which `grep` or people left no more than them, or a piece of one."""
    for where in (root, root.below("Name")):
        named = {name: branch for name, branch in where.keys.items() if len(_OF_CONTAINER & branch.keys.keys()) > 1}
        if named:
            return containers_in(Branch(keys=named))
        if {"State", "Last State"} & where.keys.keys():
            return [], containers_in(Branch(keys={"": where}))[1]
    return [], []


def pod_spec_in(root: Branch) -> tuple[dict[str, Json], dict[str, Json]]:
    """The specification of its containers and volumes, and what became of the containers."""
    specs, statuses = containers_in(root.below("Containers")) if _IN_SECTIONS & root.keys.keys() else _without_head(root)
    init, init_statuses = containers_in(root.below("Init Containers"))
    spec: dict[str, Json] = {"containers": specs, **({"initContainers": init} if init else {}), "volumes": _volumes(root.below("Volumes"))}
    if selector := mapped(root.below("Node-Selectors")):
        spec["nodeSelector"] = selector
    if "Tolerations" in root.keys:
        spec["tolerations"] = _tolerations(root.below("Tolerations"))
    if root.get("Service Account"):
        spec["serviceAccountName"] = root.get("Service Account")
    status = {"containerStatuses": statuses, **({"initContainerStatuses": init_statuses} if init_statuses else {})}
    return spec, status


def _pod(root: Branch) -> Object:
    spec, status = pod_spec_in(root)
    if node := root.get("Node"):
        spec["nodeName"] = node.split("/")[0]
    status |= {
        "phase": root.get("Status").split(" ")[0],
        "conditions": conditions_in(root),
        "podIP": root.get("IP"),
        "qosClass": root.get("QoS Class"),
    }
    if root.get("Reason"):
        status["reason"] = root.get("Reason")
    if root.get("Message"):
        status["message"] = " ".join([root.get("Message"), *(line.strip() for line in root.below("Message").lines)])
    return {"spec": spec, "status": status}


def template_in(root: Branch) -> dict[str, Json]:
    """The template of pods below `Pod Template:`."""
    inner = root.below("Pod Template")
    spec, _ = pod_spec_in(inner)
    account = {"serviceAccountName": inner.get("Service Account")} if inner.get("Service Account") else {}
    return {"metadata": {"labels": mapped(inner.below("Labels"))}, "spec": {**spec, **account}}


READERS: Mapping[str, Callable[[Branch], Object]] = {"Pod": _pod}

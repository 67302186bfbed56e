"""Containers as a node's runtime tells them in JSON: `docker inspect`, `crictl inspect`, `crictl ps -o json`. Their labels name the pod."""

from collections.abc import Iterator, Mapping

from remediation.quantities import format_memory
from remediation.reading.cell_values import stamp_of
from remediation.reading.export import Export
from remediation.reading.foreign import flat, unlimited
from remediation.reading.merging import DESCRIBED
from remediation.terms import Json

_POD, _NAMESPACE, _CONTAINER = "io.kubernetes.pod.name", "io.kubernetes.pod.namespace", "io.kubernetes.container.name"
_RUNNING = frozenset({"running", "container_running"})
_ENDED = frozenset({"exited", "container_exited", "dead", "restarting"})


def add_inspected(export: Export, document: Mapping[str, Json]) -> bool:
    """Every container of a pod that a document tells of, as its pod; of one that was started anew the latest attempt."""
    found: dict[tuple[str, str, str], tuple[int, Mapping[str, Json]]] = {}
    for one in _containers(document):
        labels = _labels(one)
        key = _place(one, labels)
        attempt = _attempt(one)
        if key[1] and key[2] not in ("", "POD") and attempt >= found.get(key, (0, {}))[0]:
            found[key] = attempt, one
    for (namespace, pod, container), (attempt, one) in found.items():
        told = _container(container, attempt, one)
        seen = flat("Pod", {"namespace": namespace, "name": pod, "containers": [told]})
        export.add_object(seen if "HostConfig" in one or "resources" in one else unlimited(seen), rank=DESCRIBED)
    return bool(found)


def _containers(document: Mapping[str, Json]) -> Iterator[Mapping[str, Json]]:
    """The entries of a list, the status of one that was inspected, or the document itself as docker writes it."""
    listed = document.get("containers")
    for one in listed if isinstance(listed, list) else [document.get("status"), document]:
        if isinstance(one, Mapping):
            yield one


def _labels(one: Mapping[str, Json]) -> Mapping[str, Json]:
    config = one.get("Config")
    labels = one.get("labels") or (config.get("Labels") if isinstance(config, Mapping) else None)
    return labels if isinstance(labels, Mapping) else {}


def _place(one: Mapping[str, Json], labels: Mapping[str, Json]) -> tuple[str, str, str]:
    """Namespace, pod and container; of a container that no cluster runs its project and its own name."""
    if _POD in labels:
        return str(labels.get(_NAMESPACE, "")), str(labels[_POD]), str(labels.get(_CONTAINER, ""))
    name = str(one.get("Name") or "").removeprefix("/") if "HostConfig" in one else ""
    return str(labels.get("com.docker.compose.project", "")), name, str(labels.get("com.docker.compose.service", name))


def _attempt(one: Mapping[str, Json]) -> int:
    metadata = one.get("metadata")
    named = str(one.get("Name", "")).rpartition("_")[2]
    told = metadata.get("attempt") if isinstance(metadata, Mapping) else one.get("RestartCount") or named
    return int(str(told)) if str(told).isdecimal() else 0


def _container(name: str, attempt: int, one: Mapping[str, Json]) -> Mapping[str, Json]:
    state = one.get("State")
    told: Mapping[str, Json] = state if isinstance(state, Mapping) else one
    word = str(told.get("Status") or told.get("state") or "").lower()
    began, end = (_moment(next((told[key] for key in keys if told.get(key)), None)) for keys in (
        ("StartedAt", "startedAt", "createdAt"), ("FinishedAt", "finishedAt")))  # fmt: skip
    ended = {
        "exitCode": told.get("ExitCode", told.get("exitCode")), "reason": _reason(told),
        "message": told.get("Error") or told.get("message"),
        "startedAt": began, "finishedAt": end,
    }  # fmt: skip
    is_ended = {"terminated": {key: value for key, value in ended.items() if value not in (None, "")}} if word in _ENDED else {}
    status = {"state": is_ended or ({"running": {"startedAt": began}} if word in _RUNNING else {})}
    return {"name": name, "ready": word in _RUNNING, "restart_count": attempt, **_made_of(one), **status}


def _reason(told: Mapping[str, Json]) -> str:
    return "OOMKilled" if told.get("OOMKilled") is True else str(told.get("reason") or ("Error" if told.get("ExitCode") else ""))


def _moment(value: Json) -> str:
    return stamp_of(str(value)) if value and not str(value).startswith("0001") else ""


def _made_of(one: Mapping[str, Json]) -> dict[str, Json]:
    """Image, limits and environment."""
    config, host, image = one.get("Config"), one.get("HostConfig"), one.get("image")
    told: dict[str, Json] = {"image": image.get("image")} if isinstance(image, Mapping) else {}
    if isinstance(config, Mapping):
        told["image"] = config.get("Image")
        listed = config.get("Env")
        env = [str(each).partition("=") for each in (listed if isinstance(listed, list) else ()) if "=" in str(each)]
        told["env"] = [{"name": name, "value": value} for name, _, value in env]
    if limit := _limit(host.get("Memory") if isinstance(host, Mapping) else _of_linux(one)):
        told["resources"] = {"limits": {"memory": format_memory(limit)}}
    return told


def _of_linux(one: Mapping[str, Json]) -> Json:
    resources = one.get("resources")
    linux = resources.get("linux") if isinstance(resources, Mapping) else None
    return linux.get("memoryLimitInBytes") if isinstance(linux, Mapping) else None


def _limit(value: Json) -> int:
    """Bytes, 0 for no limit."""
    return int(str(value)) if str(value).isdecimal() else 0

"""What other tools make of a cluster's objects: flattened pods, events, workloads and nodes in JSON, tables in JSON."""

import re
from collections.abc import Iterator, Mapping

import msgspec

from remediation.kinds import KINDS, kind_called
from remediation.quantities import parse_time
from remediation.reading.cells import Object
from remediation.reading.listed_events import made_event
from remediation.terms import Json

_DEEPEST = 12
_LISTS = {"pods": "Pod", "deployments": "Deployment", "nodes": "Node", "statefulsets": "StatefulSet", "daemonsets": "DaemonSet",
          "replicasets": "ReplicaSet", "services": "Service", "jobs": "Job", "hpas": "HorizontalPodAutoscaler"}  # fmt: skip
_PRESSURES = {"memory_pressure": "MemoryPressure", "disk_pressure": "DiskPressure", "pid_pressure": "PIDPressure",
              "network_unavailable": "NetworkUnavailable"}  # fmt: skip
_NAMESPACES = ("namespace", "subject_namespace", "kube_namespace")


def objects(document: Json) -> Iterator[Object]:
    """Objects and events that a document tells of in another shape than the API's."""
    yield from _walk(document, "", {}, 0)


def _walk(document: Json, key: str, about: Mapping[str, str], depth: int) -> Iterator[Object]:
    if depth > _DEEPEST:
        return
    if isinstance(document, str):
        nested = _nested(document)
        if nested is not None:
            yield from _walk(nested, key, about, depth + 1)
    elif isinstance(document, list):
        for item in document:
            yield from _walk(item, key, about, depth + 1)
    elif isinstance(document, Mapping) and not ("apiVersion" in document and "kind" in document):
        yield from _mapping(document, key, _subject(document) or about, depth)


def _mapping(document: Mapping[str, Json], key: str, about: Mapping[str, str], depth: int) -> Iterator[Object]:
    if (event := _event(document, about)) is not None:
        yield event
        return
    if _is_application(document):
        yield {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", **document}
        return
    if isinstance(document.get("headers"), list) and isinstance(document.get("rows"), list):
        yield from _rows(document, about)
        return
    kind = _LISTS.get(key.lower().replace("_", ""))
    if kind is not None and isinstance(document.get("name"), str):
        yield flat(kind, document)
    for name, value in document.items():
        if isinstance(value, dict | list | str):
            yield from _walk(value, name if isinstance(value, list) else "", about, depth + 1)


def _is_application(document: Mapping[str, Json]) -> bool:
    """Whether it is an application as Argo CD's own tool prints it, without its kind."""
    metadata, status = document.get("metadata"), document.get("status")
    named = isinstance(metadata, Mapping) and isinstance(metadata.get("name"), str) and "spec" in document and "kind" not in document
    return named and isinstance(status, Mapping) and ("operationState" in status or ("sync" in status and "health" in status))


def _nested(text: str) -> Json:
    """JSON inside a string, also where its quotes were escaped once too often."""
    stripped = text.strip()
    if stripped[:2] not in ("[{", '{"', "{\\") or len(stripped) < 10:  # noqa: PLR2004 - too short to hold anything
        return None
    for attempt in (stripped, stripped.replace('\\"', '"')):
        try:
            return msgspec.json.decode(attempt)
        except (msgspec.DecodeError, UnicodeError):
            continue
    return None


def _subject(document: Mapping[str, Json]) -> dict[str, str]:
    """What an issue of another tool is about: its subject's kind, namespace and name."""
    name = document.get("subject_name")
    if not isinstance(name, str):
        return {}
    known = kind_called(str(document.get("subject_type") or ""))
    return {"kind": known.name if known else "", "namespace": str(document.get("subject_namespace") or ""), "name": name}


def _event(document: Mapping[str, Json], about: Mapping[str, str]) -> Object | None:
    """A dict with a reason and a message that says what it is about."""
    thing = document.get("involved_object") or document.get("involvedObject") or document.get("object") or document.get("regarding")
    reason, message = document.get("reason"), document.get("message") or document.get("note")
    if not isinstance(reason, str) or not isinstance(message, str) or thing is None:
        return None
    namespace = str(document.get("namespace") or "")
    if isinstance(thing, Mapping):
        place = {
            "kind": str(thing.get("kind", "")),
            "namespace": str(thing.get("namespace") or namespace),
            "name": str(thing.get("name", "")),
        }
    else:
        kind, _, name = str(thing).rpartition("/")
        known = kind_called(kind.split("/")[-1])
        place = {"kind": known.name if known else kind or about.get("kind", ""), "namespace": namespace, "name": name}
    last = next(
        (document[k] for k in ("last_time", "lastTimestamp", "last_seen", "last_timestamp", "time", "timestamp") if document.get(k)), ""
    )
    return _made(place, reason, message, str(document.get("type") or "Warning"), str(last), document.get("count"))


def _made(place: Mapping[str, str], reason: str, message: str, kind: str, last: str, count: Json) -> Object:  # noqa: PLR0917
    row = {"TYPE": kind, "REASON": reason, "MESSAGE": message}
    return made_event(place, place["namespace"], row, (last, int(count) if isinstance(count, int) else 1))


def _rows(document: Mapping[str, Json], about: Mapping[str, str]) -> Iterator[Object]:
    """A table in JSON whose columns are those of events."""
    headers = [str(header).lower() for header in document["headers"]]
    if not {"reason", "message"} <= set(headers) or not about:
        return
    for row in document["rows"]:
        cells = dict(zip(headers, row, strict=False))
        message = str(cells["message"]).replace('\\"', '"')
        yield _made(about, str(cells["reason"]), message, str(cells.get("type") or "Warning"), _moment(cells.get("time")), None)


def _moment(value: Json) -> str:
    try:
        return parse_time(value).strftime("%Y-%m-%dT%H:%M:%SZ") if value else ""
    except (ValueError, TypeError, AttributeError):
        return ""


def flat(kind: str, document: Mapping[str, Json]) -> Object:
    """An object out of what a tool says of it in one level: name, namespace, labels, times, and what its kind has."""
    known = KINDS[kind]
    metadata: dict[str, Json] = {"name": document["name"]}
    if known.namespaced:
        metadata["namespace"] = str(next((document[key] for key in _NAMESPACES if document.get(key)), ""))
    if isinstance(document.get("labels"), Mapping):
        metadata["labels"] = document["labels"]
    if gone := document.get("deletion_timestamp") or document.get("deletionTimestamp"):
        metadata["deletionTimestamp"] = gone
    if made := document.get("start_time") or document.get("created_at") or document.get("creation_timestamp"):
        metadata["creationTimestamp"] = str(made)
    body = _pod(document) if kind == "Pod" else _node(document) if kind == "Node" else _workload(document)
    return {"apiVersion": known.api_version, "kind": kind, "metadata": metadata, **body}


def unlimited(pod: Object) -> Object:
    """The pod without those containers whose limits nobody tells: that a specification has none would be known. Their images stay."""
    containers = (pod.get("spec") or {}).get("containers") or ()
    images = {one["name"]: one.get("image", "") for one in containers if "resources" not in one}
    statuses = [
        {**one, "image": images[one["name"]]} if images.get(one["name"]) else one for one in pod["status"].get("containerStatuses") or ()
    ]
    spec = {**pod["spec"], "containers": [one for one in containers if "resources" in one]}
    return {**pod, "spec": spec, "status": {**pod["status"], "containerStatuses": statuses}}


def _pod(document: Mapping[str, Json]) -> Object:
    containers = [one for one in document.get("containers") or () if isinstance(one, Mapping)]
    spec: dict[str, Json] = {"containers": [_container(one) for one in containers]}
    if node := document.get("node_name") or document.get("node") or document.get("nodeName"):
        spec["nodeName"] = str(node)
    status: dict[str, Json] = {
        "phase": str(document.get("phase") or document.get("status") or ""),
        "conditions": document.get("conditions") or [],
    }
    status["containerStatuses"] = [_status(one) for one in containers]
    for key in ("reason", "message"):
        if document.get(key):
            status[key] = document[key]
    return {"spec": spec, "status": status}


def _container(one: Mapping[str, Json]) -> Json:
    kept = ("name", "image", "resources", "ports", "env", "command", "args")
    return {key: one[key] for key in kept if one.get(key)} | ({} if "name" in one else {"name": ""})


def _status(one: Mapping[str, Json]) -> Json:
    """`state: {waiting: true, reason: …}` or a word."""
    restarts = one.get("restart_count", one.get("restartCount", one.get("restarts", 0)))
    status: dict[str, Json] = {"name": one.get("name", ""), "ready": bool(one.get("ready")), "restartCount": restarts or 0}
    status["state"] = _state(one.get("state"))
    last = one.get("last_state") or one.get("lastState") or one.get("last_termination")
    if last:
        status["lastState"] = _state(last) or _state({**last, "terminated": True})
    return status


def _state(state: Json) -> Json:
    if not isinstance(state, Mapping):
        return {str(state).lower(): {}} if state else {}
    word = next((word for word in ("waiting", "terminated", "running") if state.get(word)), "")
    if not word:
        return {}
    if isinstance(state[word], Mapping):
        return {word: _camel(state[word])}
    return {word: _camel({key: value for key, value in state.items() if key != word})}


def _camel(mapping: Mapping[str, Json]) -> dict[str, Json]:
    return {re.sub(r"_(\w)", lambda m: m[1].upper(), key): value for key, value in mapping.items()}


def _workload(document: Mapping[str, Json]) -> Object:
    names = {"readyReplicas": ("ready", "ready_replicas"), "availableReplicas": ("available", "available_replicas"),
             "unavailableReplicas": ("unavailable", "unavailable_replicas"),
             "updatedReplicas": ("updated", "updated_replicas")}  # fmt: skip
    status = {field: document[key] for field, keys in names.items() for key in keys if isinstance(document.get(key), int)}
    if isinstance(document.get("conditions"), list):
        status["conditions"] = document["conditions"]
    wanted = document.get("desired", document.get("replicas", document.get("desired_replicas")))
    spec: dict[str, Json] = {"replicas": wanted} if isinstance(wanted, int) else {}
    for key in ("selector", "ports"):
        if document.get(key):
            spec[key] = document[key]
    return {"spec": spec, "status": status}


def _node(document: Mapping[str, Json]) -> Object:
    conditions: list[Json] = [{"type": "Ready", "status": str(document.get("ready", "True"))}] if "ready" in document else []
    conditions += [{"type": name, "status": str(document[key])} for key, name in _PRESSURES.items() if key in document]
    sizes = {side: _amounts(document, side) for side in ("capacity", "allocatable")}
    spec: dict[str, Json] = {"taints": document.get("taints") or [], "unschedulable": bool(document.get("unschedulable"))}
    return {"spec": spec, "status": {**sizes, "conditions": conditions}}


def _amounts(document: Mapping[str, Json], side: str) -> dict[str, str]:
    flat = {name: document.get(f"{side}_{name}") for name in ("cpu", "memory", "pods")}
    return {name: str(value) for name, value in flat.items() if value is not None}

"""Objects of the API in JSON that leaves out what they are: `{"pod": {…}, "events": [{"reason", "message"}]}`, as tools hand them on."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from zlib import crc32

from remediation.kinds import KINDS, kind_called
from remediation.reading.listed_events import kind_reported
from remediation.terms import Json

Object = Mapping[str, Json]

_DEEPEST = 4
_SHAPES: Sequence[tuple[str, AbstractSet[str], AbstractSet[str]]] = (  # what only a kind has, below spec and status; the first that fits
    ("CronJob", {"jobTemplate"}, set()),
    ("HorizontalPodAutoscaler", {"scaleTargetRef", "maxReplicas"}, set()),
    ("StatefulSet", {"serviceName", "template"}, set()),
    ("Job", {"template", "backoffLimit"}, set()),
    ("Deployment", {"template", "selector", "replicas"}, set()),
    ("Pod", {"containers"}, set()),
    ("Pod", set(), {"containerStatuses", "phase"}),
    ("PersistentVolumeClaim", {"accessModes", "resources"}, set()),
    ("PersistentVolume", {"capacity", "accessModes"}, set()),
    ("Service", {"ports", "clusterIP"}, set()),
    ("Node", set(), {"nodeInfo"}),
    ("Node", set(), {"allocatable", "capacity"}),
)


def objects(document: Json) -> Iterator[Object]:
    """The objects of a document by the key below which they stand, else by their shape; and its events.

    An event that does not say what it is about is of the pod of the document, else of its first object.
    """
    if not isinstance(document, Mapping | list):
        return
    things = list(_walk(document, "", 0))
    shown = [thing for thing in things if thing["kind"] != "Event"]
    about = next((thing for thing in shown if thing["kind"] == "Pod"), shown[0] if shown else None)
    for thing in things:
        yield thing if thing["kind"] != "Event" or "involvedObject" in thing else _of(thing, about)


def placed(event: Object) -> Object:
    """An event of the API with a name of its own and what it is about: what that name begins with, else the only object of its kind."""
    metadata = event.get("metadata")
    named = metadata if isinstance(metadata, Mapping) else {}
    name = str(named.get("name") or "").rpartition(".")[0]
    told = event.get("involvedObject") or event.get("regarding")
    about = told or {"kind": _kind_of(event), "namespace": str(named.get("namespace") or ""), "name": name}
    where = named.get("namespace") or (about.get("namespace") if isinstance(about, Mapping) else None) or ""
    return {**event, "metadata": {**named, "name": named.get("name") or _number(event), "namespace": where}, "involvedObject": about}


def is_nobodys(thing: Object) -> bool:
    """Whether an object is an event that does not say what it is about, or that has no name of its own."""
    nameless = not _metadata(thing).get("name") or not (thing.get("involvedObject") or thing.get("regarding"))
    return thing.get("kind") == "Event" and nameless


def _walk(document: Json, key: str, depth: int) -> Iterator[Object]:
    if depth > _DEEPEST:
        return
    if isinstance(document, list):
        for one in document:
            yield from _walk(one, key, depth + 1)
    elif isinstance(document, Mapping) and "kind" not in document:
        thing = _object(document, key)
        if thing is not None:
            yield thing
            return
        for name, value in document.items():
            inside = key if name == "items" or _is_map_of(key, value) else str(name)
            yield from _walk(value, inside, depth + 1)


def _is_map_of(key: str, value: Json) -> bool:
    """Whether a value stands below its own name, as in `{"nodes": {"worker-1": {…}}}`."""
    return kind_called(key) is not None and isinstance(value, Mapping) and isinstance(value.get("metadata"), Mapping)


def _object(document: Object, key: str) -> Object | None:
    reason, message = document.get("reason"), document.get("message")
    known = kind_called(key)
    if known is not None and known.name == "Event" and isinstance(reason, str) and isinstance(message, str):
        about = document.get("involvedObject")
        given = {"involvedObject": dict(about)} if isinstance(about, Mapping) and about else {}
        bare = {name: value for name, value in document.items() if name != "involvedObject"}
        return {"apiVersion": "v1", **bare, "kind": "Event", **given, "metadata": {"name": _number(document), **_metadata(document)}}
    if not _metadata(document).get("name"):
        return {"apiVersion": "v1", "kind": "Node", "metadata": {}, **document} if _is_of_node(document) else None
    kind = known.name if known is not None and document.keys() & {"spec", "status", "data"} else _shape_of(document)
    return {"apiVersion": KINDS[kind].api_version, "kind": kind, **document} if kind else None


def _is_of_node(document: Object) -> bool:
    """Whether a piece of an object is the status of a node, as its conditions tell."""
    status = document.get("status")
    conditions = status.get("conditions") if isinstance(status, Mapping) and "metadata" not in document else None
    types = {one.get("type") for one in conditions if isinstance(one, Mapping)} if isinstance(conditions, list) else set()
    return bool(types & {"DiskPressure", "MemoryPressure", "PIDPressure"})


def _metadata(document: Object) -> Mapping[str, Json]:
    found = document.get("metadata")
    return found if isinstance(found, Mapping) else {}


def _shape_of(document: Object) -> str:
    """The kind that an object must be of by what it holds; empty where it may be of any."""
    spec, status = (document.get(side) for side in ("spec", "status"))
    has = [set(side) if isinstance(side, Mapping) else set() for side in (spec, status)]
    return next((kind for kind, of_spec, of_status in _SHAPES if of_spec <= has[0] and of_status <= has[1]), "")


def _of(event: Object, about: Object | None) -> Object:
    """An event of the object that its document is about."""
    if about is None or (_KINDS_OF_REASONS.get(str(event.get("reason"))) or about["kind"]) != about["kind"]:
        return placed(event)
    where = str(_metadata(about).get("namespace") or "")
    place = {"kind": about["kind"], "namespace": where, "name": _metadata(about)["name"]}
    return {**event, "metadata": {**event["metadata"], "namespace": where}, "involvedObject": place}


_CLAIMS = ("ProvisioningFailed", "ExternalProvisioning", "ExternalExpanding", "FailedBinding", "WaitForFirstConsumer",
           "VolumeResizeFailed")  # fmt: skip
_KINDS_OF_REASONS = {
    **dict.fromkeys(_CLAIMS, "PersistentVolumeClaim"), "ScalingReplicaSet": "Deployment", "SuccessfulRescale": "HorizontalPodAutoscaler",
    "FailedGetResourceMetric": "HorizontalPodAutoscaler", "FailedComputeMetricsReplicas": "HorizontalPodAutoscaler",
    "BackoffLimitExceeded": "Job", "NodeNotReady": "Node",
}  # fmt: skip


def _kind_of(event: Object) -> str:
    """The kind of what an event is about, by its reason or who reports it; a pod where nothing tells."""
    source = event.get("source")
    reporter = str(source.get("component") or "") if isinstance(source, Mapping) else ""
    reason = str(event.get("reason") or "")
    return _KINDS_OF_REASONS.get(reason) or kind_reported({"FROM": reporter, "REASON": reason}) or "Pod"


def _number(event: Object) -> str:
    told = f"{event.get('reason')} {event.get('message')} {event.get('lastTimestamp') or event.get('eventTime')}"
    return f"{crc32(told.encode()):x}"

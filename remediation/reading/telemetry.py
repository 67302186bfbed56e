"""One record of OpenTelemetry's logs, wherever it was exported to: an API object, an event of the cluster, or a line of a program's log."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from remediation.reading.cell_values import mapping_of, structure_of
from remediation.reading.export import Export, Writer
from remediation.reading.listed_events import made_event
from remediation.terms import Json

Attributes = Mapping[str, Json]

_PLACES = {
    "pod": ("k8s.pod.name", "pod", "pod_name", "kubernetes.pod_name", "kubernetes.pod.name"),
    "container": ("k8s.container.name", "container", "container_name", "kubernetes.container_name"),
    "namespace": ("k8s.namespace.name", "namespace", "service.namespace", "namespace_name", "kubernetes.namespace_name"),
    "service": ("k8s.deployment.name", "k8s.statefulset.name", "k8s.daemonset.name", "service.name", "service", "app", "job"),
}


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Who wrote a record. about: its attributes and those of what sent it.  writer: its pod, container, namespace and service."""

    about: Attributes
    writer: Writer


def sender_of(about: Attributes) -> Sender:
    """Who wrote it, as attributes tell."""
    return Sender(about=about, writer=writer_in(about))


def add_record(export: Export, body: Json, sender: Sender, at: tuple[float, str], level: str = "") -> None:
    """One record. at: epoch seconds, and as written."""
    structure = structure_of(body) if isinstance(body, str) else body
    if isinstance(structure, Mapping | list) and export.add_structure(structure, at[0]):
        return
    if sender.about.get("k8s.event.reason"):
        export.add_object(_event(str(body), sender.about, at[1], level), at[0])
        return
    text = _line(body, structure, at[1], level)
    if text:
        export.add_line(sender.writer, text, at[0])


def writer_in(about: Attributes) -> Writer:
    """Who wrote it, by the names that attributes have for that; a container of which nothing else is known is called as its service."""
    named = {part: str(next((about[name] for name in names if about.get(name)), "")) for part, names in _PLACES.items()}
    alone = named["container"] if not (named["pod"] or named["service"]) else ""
    return Writer(**{**named, "service": named["service"] or alone})


def _event(message: str, about: Attributes, stamp: str, level: str) -> Mapping[str, Json]:
    """As the collector's receiver of the cluster's events tells one."""
    said = {key: str(about.get(f"k8s.{key}") or "") for key in ("object.kind", "object.name", "object.fieldpath", "event.reason")}
    namespace = str(about.get("k8s.namespace.name") or "")
    place = {"kind": said["object.kind"], "namespace": namespace, "name": said["object.name"]}
    if said["object.fieldpath"]:
        place["fieldPath"] = said["object.fieldpath"]
    row = {"TYPE": level.capitalize() or "Warning", "REASON": said["event.reason"], "MESSAGE": message}
    count = str(about.get("k8s.event.count") or "1")
    return made_event(place, namespace, row, (stamp, int(count) if count.isdecimal() else 1))


def _line(body: Json, structure: Json, stamp: str, level: str) -> str:
    """The message with its time and level before it, unless it is JSON, which says its level itself."""
    if isinstance(structure, Mapping):
        written = body if isinstance(body, str) and body.lstrip().startswith('{"') else _encoded(structure)
        return f"{stamp} {written.strip()}".strip()
    text = str(body).strip() if body is not None else ""
    return " ".join(part for part in (stamp, level.upper(), text) if part) if text else ""


def _encoded(structure: Mapping[str, Json]) -> str:
    return msgspec.json.encode(structure).decode()


def attributes_in(*cells: str) -> Attributes:
    """What cells that hold attributes say together, the later before the earlier."""
    return {key: value for cell in cells if cell for key, value in mapping_of(cell).items()}

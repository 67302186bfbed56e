"""Labels, annotations and the selector that the pods' labels must match."""

from collections.abc import Iterator, Mapping

from remediation.gitops.disruption import selects
from remediation.gitops.fieldpath import MISSING, get
from remediation.gitops.owners.objects import mapping
from remediation.gitops.validity.syntax import Fault, is_key, is_label_value, is_open, shown
from remediation.terms import Json

_SELECTING = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "Rollout"})
_LARGEST_BYTES = 256 * 1024  # of all annotations of an object
_LABEL = "Write at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends; in quotes where it is a number."
_KEY = "Write it as name or example.com/name: letters, digits, '-', '_' and '.', with a letter or digit at both ends."


def mark_faults(kind: str, obj: Mapping[str, Json]) -> Iterator[Fault]:
    """Of the object's own labels and annotations, its pods', and its selector."""
    for above in ((), ("spec", "template")):
        where = ".".join((*above, "metadata"))
        yield from _label_faults(f"{where}.labels", get(obj, (*above, "metadata", "labels")))
        yield from _annotation_faults(f"{where}.annotations", get(obj, (*above, "metadata", "annotations")))
    if kind in _SELECTING:
        yield from _selector_faults(obj)


def _selector_faults(obj: Mapping[str, Json]) -> Iterator[Fault]:
    selector = mapping(get(obj, ("spec", "selector")))
    labels = mapping(get(obj, ("spec", "template", "metadata", "labels")))
    yield from _label_faults("spec.selector.matchLabels", selector.get("matchLabels"))
    matched = mapping(selector.get("matchLabels"))
    if (
        not selector
        or get(obj, ("spec", "template")) is MISSING
        or any(map(is_open, (*matched.values(), *labels.values())))
        or selects(selector, obj)
    ):
        return
    wanted = ", ".join(f"{key}={value}" for key, value in matched.items()) or "its matchExpressions"
    what = f"the pods' labels (spec.template.metadata.labels) do not match spec.selector ({wanted})"
    yield Fault(what, "Leave the labels that the selector names as they are: the selector of what runs cannot be changed.")


def _label_faults(where: str, labels: Json) -> Iterator[Fault]:
    yield from _shape_faults(where, labels)
    for key, value in mapping(labels).items():
        if not is_open(key) and not is_key(str(key)):
            yield Fault(f"{shown(key)} in {where} is no key of a label", _KEY)
        if not is_open(value) and value is not None and not (isinstance(value, str) and is_label_value(value)):
            yield Fault(f"{key} in {where} is {shown(value)}, which is no label's value", _LABEL)


def _annotation_faults(where: str, annotations: Json) -> Iterator[Fault]:
    yield from _shape_faults(where, annotations)
    for key, value in mapping(annotations).items():
        if not is_open(key) and not is_key(str(key).lower()):
            yield Fault(f"{shown(key)} in {where} is no key of an annotation", _KEY)
        if value is not None and not isinstance(value, str):
            yield Fault(f"{key} in {where} is {shown(value)}, which is no text", "Write it in quotes.")
    if sum(len(str(part).encode()) for pair in mapping(annotations).items() for part in pair) > _LARGEST_BYTES:
        yield Fault(f"{where} holds more than 256 KiB", "Keep large texts in a ConfigMap.")


def _shape_faults(where: str, marks: Json) -> Iterator[Fault]:
    """At most one."""
    if marks is not MISSING and marks is not None and not isinstance(marks, Mapping):
        yield Fault(f"{where} is {shown(marks)}, which is no map", "Write it as a map of texts.")

"""The faults of an object of any kind, and of a change of it."""

from collections.abc import Iterator, Mapping, Sequence

from remediation.errors import Refused
from remediation.gitops.fieldpath import MISSING, get, parse
from remediation.gitops.validity.fields import field_faults
from remediation.gitops.validity.marks import mark_faults
from remediation.gitops.validity.pods import pod_faults
from remediation.gitops.validity.ports import service_faults
from remediation.gitops.validity.syntax import Fault
from remediation.terms import FieldEdit, Json
from remediation.workloads import pod_spec_path

_GROUPS = frozenset({"", "apps", "batch", "autoscaling", "policy"})
_TEMPLATE = ("spec", "template", "spec")
_SHOWN = 3


def check_settable(edits: Sequence[FieldEdit]) -> None:
    """Raises Refused infeasible for a field that only the cluster writes."""
    for edit in edits:
        if parse(edit.path)[0] == "status":
            what = f"{edit.path} is what the cluster says of the object; no API server takes it from a manifest."
            raise Refused(what, "Change what it follows from, a field of spec.", kind="infeasible")


def check_valid(base: Mapping[str, Json], head: Mapping[str, Json]) -> None:
    """Raises Refused infeasible for what every API server refuses of the new object, and was not so in the old one."""
    before = set(faults(base))
    new = list(dict.fromkeys(fault for fault in faults(head) if fault not in before))
    if new:
        what = f"The API server would refuse the object: {'; '.join(fault.what for fault in new[:_SHOWN])}."
        raise Refused(what, " ".join(dict.fromkeys(fault.what_to_do for fault in new[:_SHOWN])), kind="infeasible")


def faults(obj: Mapping[str, Json]) -> Iterator[Fault]:
    """All of them. Of a custom resource only those of labels and annotations; of a Rollout, whose pods are pods, all."""
    kind, group = str(obj.get("kind")), str(obj.get("apiVersion") or "").rpartition("/")[0]
    rollout = (group, kind) == ("argoproj.io", "Rollout")
    known = kind if group in _GROUPS or rollout else ""
    yield from mark_faults(known, obj)
    yield from field_faults(known, obj)
    path = _TEMPLATE if rollout else pod_spec_path(known)
    spec = get(obj, path) if path else MISSING
    if isinstance(spec, Mapping):
        yield from pod_faults(known, ".".join(path), spec)
    elif path and not rollout:
        yield Fault(f"{'.'.join(path)} is no map", "Leave the pods their specification, with a container in it.")
    if known == "Service":
        yield from service_faults(obj)

"""Volumes: a class that lets them grow, and a class that exists."""

from remediation.drawing.basis import Basis
from remediation.observed import Object, place_of
from remediation.terms import Json

_DEFAULT = "storageclass.kubernetes.io/is-default-class"
_OLD = "volume.beta.kubernetes.io/storage-class"
_PRINTED = " (default)"  # as kubectl prints the same


def expandable_class(basis: Basis) -> Json:
    """The claim's class, where it lets volumes grow and the claim is an object of its own, not made from a StatefulSet's template."""
    name = str((basis.live.get("spec") or {}).get("storageClassName") or "")
    maker = _made_by(basis)
    if maker:
        raise basis.refused(
            f"StatefulSet {maker} made the claim from its template.", "Its size is not in Git as such: enlarge the claim by hand."
        )
    found = basis.observed.get("StorageClass", "", name)
    if found is None:
        return None
    if found.get("allowVolumeExpansion") is not True:
        raise basis.refused(f"StorageClass {name} does not let volumes grow.", "Move the data to a larger volume by hand.")
    return name


def _made_by(basis: Basis) -> str:
    _, namespace, claim = place_of(basis.live)
    for thing in basis.observed.all("StatefulSet", namespace):
        name = place_of(thing)[2]
        templates = (str((t.get("metadata") or {}).get("name")) for t in (thing.get("spec") or {}).get("volumeClaimTemplates") or ())
        if any(claim.rpartition("-")[0] == f"{template}-{name}" for template in templates):
            return name
    return ""


def existing_class(basis: Basis) -> Json:
    """The cluster's default class, else its only one, for a claim that names none: another class cannot be set, only the first."""
    classes = list(basis.observed.all("StorageClass"))
    default = [_name(each) for each in classes if _is_default(each)]
    names = default or [_name(each) for each in classes]
    meant = names[0] if len(names) == 1 else ""
    if _names_a_class(basis.live):
        raise basis.refused("Kubernetes does not let the class of a claim change.", _made_anew(basis, meant))
    return meant or None


def _names_a_class(claim: Object) -> bool:
    """Also by `""`, which asks for no class at all, and by the annotation of old."""
    annotations = (claim.get("metadata") or {}).get("annotations") or {}
    return (claim.get("spec") or {}).get("storageClassName") is not None or _OLD in annotations


def _made_anew(basis: Basis, meant: str) -> str:
    """What a person does: in Git, and then in the cluster."""
    name, maker, named = place_of(basis.live)[2], _made_by(basis), f"the class {meant}" if meant else "a class that exists"
    held = "" if basis.live.get("spec", {}).get("volumeName") else ", which holds nothing yet"
    if maker:
        return (
            f"Name {named} in the volumeClaimTemplates of StatefulSet {maker}, delete the StatefulSet with --cascade=orphan"
            f" and the claim {name}{held}, and let both be made anew."
        )
    return f"Name {named} in Git, delete the claim {name}{held}, and let it be made anew."


def _is_default(storage_class: Object) -> bool:
    annotations = (storage_class.get("metadata") or {}).get("annotations") or {}
    return annotations.get(_DEFAULT) == "true" or place_of(storage_class)[2].endswith(_PRINTED)


def _name(storage_class: Object) -> str:
    return place_of(storage_class)[2].removesuffix(_PRINTED)

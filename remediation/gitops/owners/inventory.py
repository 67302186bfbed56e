"""What a tool's object lists as its own: a label that was copied names an owner that does not list the object."""

from collections.abc import Iterable, Iterator, Mapping

from remediation.gitops.owners.objects import listed, mapping
from remediation.terms import Json, ObjectRef

_PARTS = 3  # name, group, kind


def disowned(ref: ObjectRef, owner: Mapping[str, Json]) -> bool:
    """Whether the owner lists others and not this object; one that lists nothing yet disowns nothing."""
    known = set(_applied(owner))
    return bool(known) and not any(
        (ref.group, ref.kind, ref.name) == (each.group, each.kind, each.name) and ref.namespace in ("", each.namespace) for each in known
    )


def _applied(owner: Mapping[str, Json]) -> Iterable[ObjectRef]:
    status = mapping(owner.get("status"))
    return _resources(status) if owner.get("kind") == "Application" else _entries(status)


def _resources(status: Mapping[str, Json]) -> Iterator[ObjectRef]:
    """Argo CD's `status.resources`."""
    for each in map(mapping, listed(status.get("resources"))):
        group, kind, namespace, name = (str(each.get(key) or "") for key in ("group", "kind", "namespace", "name"))
        yield ObjectRef(group=group, kind=kind, namespace=namespace, name=name)


def _entries(status: Mapping[str, Json]) -> Iterator[ObjectRef]:
    """Flux's `status.inventory`: `namespace_name_group_kind`, with `__` for a colon in the name."""
    for each in map(mapping, listed(mapping(status.get("inventory")).get("entries"))):
        namespace, _, rest = str(each.get("id", "")).partition("_")
        parts = rest.rsplit("_", _PARTS - 1)
        if len(parts) == _PARTS:
            yield ObjectRef(group=parts[1], kind=parts[2], namespace=namespace, name=parts[0].replace("__", ":"))

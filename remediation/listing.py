"""Objects of one kind as a cluster lists them: whether these are all of them is told."""

from collections.abc import Sequence

from remediation.terms import Json


class Cut(list[dict[str, Json]]):
    """The first objects of a kind, of which the cluster has more."""


def is_cut(objects: Sequence[Json]) -> bool:
    """Whether the cluster has more of them. As many as were asked for, and no more there, are all."""
    return isinstance(objects, Cut)


def cut_told(kind: str, objects: Sequence[Json]) -> str:
    """A sentence for people."""
    return f"Only the first {len(objects)} {kind} objects were read: there are more."

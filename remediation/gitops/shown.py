"""What a person is shown of an edit that is proven: the places that were written, and what moves in the objects."""

from collections.abc import Iterator, Mapping, Sequence

from remediation.gitops.fieldpath import MISSING, Path, differences, format_path, leaves
from remediation.gitops.index import Tree
from remediation.gitops.rendered import Difference
from remediation.gitops.sites import Site, leaf_sites, place
from remediation.gitops.splice import Place
from remediation.terms import Json, Move

Shown = tuple[Site, str]  # where a value was written, and the field that it is for


def shown_places(shown: Sequence[Shown], before: Mapping[str, bytes | None], after: Tree) -> Iterator[tuple[str, Place]]:
    """File and place of each value that was written, its scalars one by one."""
    for site, name in shown:
        content = after[site.path].content
        for each in leaf_sites(site, content):
            yield site.path, place(each, before.get(site.path), content, name)


def moves_of(moved: Sequence[Difference]) -> Iterator[Move]:
    """Each field that differs."""
    for ref, base, head in moved:
        for path, old, new in _fields(base, head):
            yield Move(object=ref, path=format_path(path), old=None if old is MISSING else old, new=None if new is MISSING else new)


def _fields(base: Json, head: Json) -> Iterator[tuple[Path, Json, Json]]:
    """What differs; of an object that comes or goes each of its values."""
    if base is MISSING:
        yield from ((path, MISSING, value) for path, value in leaves(head))
    elif head is MISSING:
        yield from ((path, value, MISSING) for path, value in leaves(base))
    else:
        yield from differences(base, head)

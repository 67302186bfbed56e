"""What a person is shown of an edit that is proven: the places that were written, and what moves in the objects."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from remediation.errors import Refused, Unreadable
from remediation.gitops.fieldpath import MISSING, Path, differences, format_path, get, leaves
from remediation.gitops.index import Tree
from remediation.gitops.rendered import Difference
from remediation.gitops.sites import FieldSite, Gone, InlineSite, Site, value_in
from remediation.gitops.splice import Place
from remediation.terms import Json, Move

Shown = tuple[Site, str]  # where a value was written, and the field that it is for


def shown_places(shown: Sequence[Shown], before: Mapping[str, bytes | None], after: Tree) -> Iterator[tuple[str, Place]]:
    """File and place of each value that was written; of a map or list each scalar that it did not say before."""
    for site, name in shown:
        content = after[site.path].content
        places = [_place(each, before.get(site.path), content, name) for each in _leaf_sites(site, content)]
        new = [place for place in places if place.before is None or place.before != place.after]
        yield from ((site.path, place) for place in new or places)


def _place(site: Site, before: bytes | None, after: bytes, name: str) -> Place:
    """Where the site stands in the new file, and what it said before."""
    line, col, text = site.show(after)
    try:
        was = (site.site if isinstance(site, Gone) else site).show(before)[2] if before is not None else None
    except (Refused, Unreadable, IndexError):
        was = None
    return Place(path=name, line=line, column=col, before=was, after=text)


def _leaf_sites(site: Site, content: bytes) -> list[Site]:
    """The site; where a map or list stands there, each scalar below it."""
    if isinstance(site, FieldSite):
        value, field = get(value_in(content, site.document), site.field), site.field
    elif isinstance(site, InlineSite):
        text = str(get(value_in(content, site.document), site.outer))
        value, field = get(value_in(text.encode(), site.inner_document), site.field), site.field
    else:
        return [site]
    if value is MISSING or not isinstance(value, dict | list) or not value:
        return [site]
    return [replace(site, field=(*field, *below)) for below, _ in leaves(value)]


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

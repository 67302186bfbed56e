"""A value that an object of a GitOps tool holds: its place in that object's manifest, and the edit of the object as it is rendered."""

import posixpath

from remediation.errors import Refused
from remediation.gitops.fieldpath import MISSING, format_path, get
from remediation.gitops.index import Index
from remediation.gitops.locate import check_editable
from remediation.gitops.owners.applicationset import own_template
from remediation.gitops.owners.mounts import Around
from remediation.gitops.owners.objects import listed, mapping
from remediation.gitops.sites import FieldSite, InlineSite, Site, value_in
from remediation.gitops.writes import HeldWrite, Write
from remediation.terms import FieldEdit, Json


def plainly(index: Index, write: HeldWrite, owner: str, around: Around) -> Write:
    """The site of a field in the one manifest of an object; of several the one in the owner's file, or beside it."""
    places = index.find(write.holder)
    if len(places) > 1:
        beside = [place for place in places if posixpath.dirname(place.path) == posixpath.dirname(owner)]
        places = [place for place in places if place.path == owner] or beside or places
    if not places:
        maker = around.maker(write.holder)
        by = f", made by the {maker}" if maker else ""
        what = f"{write.holder} gives it, which is not in Git{by}."
        todo = f"Change what the {maker} makes it from." if maker else "Put it into Git first, or change it by hand."
        raise Refused(what, todo, kind="other_owner")
    if len(places) > 1:
        what = f"{write.holder} stands in {len(places)} manifests."
        raise Refused(what, "Change it by hand.", kind="ambiguous")
    found = places[0]
    outer = (*found.within, *write.field)
    if write.holder.kind == "ApplicationSet":
        _check_template(write, get(value_in(index.tree[found.path].content, found.document), found.within))
    if write.inner is not None:
        return Write(InlineSite(path=found.path, document=found.document, outer=outer, inner_document=0, field=write.inner), write.value)
    return Write(FieldSite(path=found.path, document=found.document, field=outer), write.value)


def _check_template(write: HeldWrite, manifest: Json) -> None:
    """Raises Refused templated where the set's template does not say the field by itself: its text would be every Application's."""
    spec = mapping(mapping(manifest).get("spec"))
    own = any(own_template(mapping(each)) for each in listed(spec.get("generators")))
    if write.field[:2] == ("spec", "template") and (own or spec.get("templatePatch")):
        what = f"{write.holder} has a templatePatch, or a generator with a template of its own, over {format_path(write.field)}."
        raise Refused(what, "Change it by hand, where it is said last.", kind="templated")
    now = get(manifest, write.field)
    if isinstance(now, str) and "{{" in now:
        what = f"{format_path(write.field)} of {write.holder} is {now[:80]!r}: a generator fills it in."
        raise Refused(what, "Change what gives that parameter: a cluster's Secret, a file or list of another repository.", kind="templated")


def held_edit(value: Json, write: HeldWrite) -> FieldEdit:
    """The change of the holder's field as it is rendered."""
    now, new = get(value, write.field), write.value
    if write.inner is not None:
        inner = FieldSite(path="", field=write.inner).write(str(now).encode(), write.value)
        new = inner.decode()
    op = "remove" if new is MISSING else "add" if now is MISSING else "replace"
    shown = None if new is MISSING else new
    return FieldEdit(path=format_path(write.field), op=op, expect=None if now is MISSING else now, value=shown)  # type: ignore[arg-type]


def inner_site(site: Site, write: HeldWrite) -> Site:
    """What a person looks for: of a text that holds values, the key within it."""
    if write.inner is None or not isinstance(site, FieldSite):
        return site
    return InlineSite(path=site.path, document=site.document, outer=site.field, inner_document=0, field=write.inner)


def check_site(site: Site, content: bytes, new: Json, *, filled_in: bool) -> None:
    """Raises Refused where nobody should write that there: generated, encrypted, templated."""
    if isinstance(site, FieldSite) and value_in(content, site.document) is not None:
        check_editable(site.path, content, site.document, site.field, new=new, filled_in=filled_in)
    elif isinstance(site, InlineSite):
        check_editable(site.path, content, site.document, site.outer, filled_in=False)

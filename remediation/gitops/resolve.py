"""Which rendering, or which plain manifest, an object comes from; and why none, or more than one."""

import posixpath

from remediation.errors import Ambiguous, Refused
from remediation.gitops.candidates import candidates, may_hold
from remediation.gitops.charts import lacks
from remediation.gitops.discovery import uses
from remediation.gitops.index import Found, Tree
from remediation.gitops.inputs import check_inputs, inputs, kustomization
from remediation.gitops.locate import not_found
from remediation.gitops.narrowing import Candidate, Narrowing, in_namespace, remaining
from remediation.gitops.rendered import objects_in
from remediation.gitops.renderings import Rendering
from remediation.gitops.trace import Tracer
from remediation.gitops.wanted import source_of
from remediation.terms import ObjectRef

_SHOWN = 4
_MOST_SHOWN = 5  # buttons of a row


def resolve(tracer: Tracer, ref: ObjectRef, how: Narrowing) -> Candidate:
    """The one place. Raises Refused: ambiguous naming all, not_found, templated, unpinned, suspended, missing_tool."""
    refusals: list[Refused] = []
    found = in_namespace(list(candidates(tracer, ref, how, refusals)), ref)
    narrowed = remaining(found, how)
    if len(narrowed) == 1:
        _check_awake(narrowed[0].rendering)
        return narrowed[0]
    if narrowed:
        files = {each.found.path for each in narrowed if each.found}
        one_file = len(files) == 1 and all(each.found for each in narrowed) and len({each.found for each in narrowed}) == 1
        alike = len({str(each) for each in narrowed}) == 1 and len({each.obj.ref.namespace for each in narrowed}) > 1
        shown = [f"{each.obj.ref} of {each}" if alike else str(each) for each in narrowed[:_SHOWN]]
        what = f"{ref} comes from {len(narrowed)} places: {'; '.join(shown)}."
        todo = "Name its namespace." if alike else "Narrow it with --env, --path or --render; the bot asks a person."
        if one_file:
            raise Refused(what, todo, kind="shared")
        raise Ambiguous(what, todo, tuple(str(each) for each in narrowed[:_MOST_SHOWN]))
    if found:
        who = " and ".join(f"{owner.kind} {owner.name}" for owner in how.owners) if how.confirmed else "the narrowing"
        todo = "Look at what it applies." if how.confirmed else "Widen --env or --path."
        raise Refused(f"{ref} is in {found[0]}, which {who} leaves out.", todo, kind="not_found")
    if refusals:
        raise min(refusals, key=lambda refusal: refusal.kind == "infeasible")
    _check_missing(tracer, ref, how)
    _check_renamed(tracer, ref)
    may = may_hold(tracer, ref)
    unknown = {each.path for each in tracer.renderings if each.kind == "helm" and not each.release and not how.release and may(each)}
    raise not_found(tracer.index, ref, sorted(unknown))


def _check_renamed(tracer: Tracer, ref: ObjectRef) -> None:
    """Raises Refused not_found for a manifest that a kustomization builds under another name or namespace, which is told."""
    for found in tracer.index.find(ref):
        for rendering in tracer.renderings:
            applied = _applied_as(tracer, rendering, found)
            if applied:
                what = f"{ref} stands in {found.path}, which {rendering} applies as {applied[0]}."
                raise Refused(what, "Name the object as it runs.", kind="not_found")


def _applied_as(tracer: Tracer, rendering: Rendering, found: Found) -> list[ObjectRef]:
    if rendering.kind != "kustomize" or rendering.missing or not uses(tracer.tree, rendering)(found.path):
        return []
    try:
        texts = [text for text in tracer.rendered(rendering).texts if found.path in text]
    except Refused:
        return []
    return [obj.ref for text in texts for obj in objects_in(text) if source_of(tracer.tree, obj) == found]


def _check_awake(rendering: Rendering) -> None:
    for one in (rendering, rendering.within):
        if one is not None and one.owner is not None and one.owner.suspended:
            raise Refused(one.owner.suspended, "Resume it first, or change nothing until it is.", kind="suspended")


def _check_missing(tracer: Tracer, ref: ObjectRef, how: Narrowing) -> None:
    """Raises Refused: generated for an Application that a set makes; unpinned or templated where a base or a chart may make the object."""
    for rendering in tracer.renderings:
        owner = rendering.owner
        if owner and rendering.elements and (owner.ref.kind, owner.ref.name) == (ref.kind, ref.name):
            what = f"{ref} is made by the ApplicationSet in {owner.path}."
            raise Refused(what, "Change the set's template, or what its generators read.", kind="generated")
        near = rendering.namespace in ("", ref.namespace) and (rendering.release in ref.name or ref.name in rendering.release)
        own = how.confirmed and rendering.owner is not None and rendering.owner.ref in how.owners
        if rendering.missing and (own or near):
            tracer.rendered(rendering)
        lacking = lacks(tracer.tree, rendering.path) if rendering.kind == "helm" and not rendering.missing else ()
        if lacking and (own or any(each.chart.name in ref.name for each in lacking)):
            tracer.rendered(rendering)
        if rendering.kind == "kustomize" and _may_make(tracer.tree, rendering, ref):
            check_inputs(tracer.tree, *rendering.folders)


def _may_make(tree: Tree, rendering: Rendering, ref: ObjectRef) -> bool:
    """Whether what a kustomization takes from elsewhere may be the object: it goes to that namespace, or a patch names it."""
    files = [path for path in inputs(tree, *rendering.folders) if path in tree]
    known = [each for path in files if (each := kustomization(tree, posixpath.dirname(path))) is not None]
    namespaces = {rendering.namespace, *(str(each.fields.get("namespace") or "") for each in known)} - {""}
    return ref.namespace in namespaces or any(ref.name.encode() in tree[path].content for path in files)

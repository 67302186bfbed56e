"""Which rendering, or which plain manifest, an object comes from; and why none, or more than one."""

import fnmatch
import posixpath
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from remediation.errors import Ambiguous, Refused, Unreadable
from remediation.gitops.charts import chart_folders, lacks
from remediation.gitops.discovery import uses
from remediation.gitops.environments import speaks_of, speaks_of_any
from remediation.gitops.fieldpath import get
from remediation.gitops.index import Found, Tree, is_under
from remediation.gitops.inputs import check_inputs, inflated_in, inputs, kustomization
from remediation.gitops.kustomization import builders, kustomizations, patchers
from remediation.gitops.locate import not_found
from remediation.gitops.owners.claims import Tracking, claims_of
from remediation.gitops.remotes import FETCHED
from remediation.gitops.rendered import RenderedObject, objects_in
from remediation.gitops.renderings import Rendering
from remediation.gitops.sites import value_in
from remediation.gitops.trace import Tracer
from remediation.gitops.wanted import is_named_anew, source_of
from remediation.terms import Json, ObjectRef

_SHOWN = 4
_MOST_SHOWN = 5  # buttons of a row
_CHARTS = (".yaml", ".yml", ".tpl", ".tgz")  # what objects of a chart are written in
_RELEASES = 6  # names that a release is tried under


@dataclass(frozen=True, kw_only=True)
class Narrowing:
    """What a person, or the live object, says of the place. glob: over folders and files.  owners: the tools' objects.

    confirmed: whether the cluster has the owners, so that nobody else counts.  place: the candidate that a person chose.
    """

    rendering: Rendering | None = None
    environment: str = ""
    glob: str = ""
    owners: frozenset[ObjectRef] = frozenset()
    confirmed: bool = False
    place: str = ""
    release: str = ""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """An object where it was found. found: its document, where that is applied as it is written."""

    rendering: Rendering
    obj: RenderedObject
    found: Found | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """What its place is called by."""
        owner, within = self.rendering.owner, self.rendering.within
        own = [owner.path, owner.ref.name] if owner else []
        own += [within.path, within.owner.path if within.owner else ""] if within else []
        path = self.found.path if self.found else self.rendering.path
        return (path, *(source.path for source in self.rendering.values if source.path), *own)

    def __str__(self) -> str:
        owner = self.rendering.owner
        files = "".join(f" with {source.path}" for source in self.rendering.values if source.path)
        document = f", document {self.found.document + 1}" if self.found and self.found.document else ""
        place = f"{self.found.path}{document}" if self.found else f"{self.rendering}{files}"
        within = f" in {self.rendering.within}" if self.rendering.within else ""
        return f"{place} ({owner.ref.kind} {owner.ref.name}{within})" if owner else place


def resolve(tracer: Tracer, ref: ObjectRef, how: Narrowing) -> Candidate:
    """The one place. Raises Refused: ambiguous naming all, not_found, templated, unpinned, suspended, missing_tool."""
    refusals: list[Refused] = []
    found = _in_namespace(list(_candidates(tracer, ref, how, refusals)), ref)
    narrowed = _narrowed(found, how)
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
    may = _may_hold(tracer, ref)
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


def _in_namespace(found: list[Candidate], ref: ObjectRef) -> list[Candidate]:
    """Those of the object's own namespace, where there are any; else those that name none."""
    near = [each for each in found if ref.namespace in ("", _applied(each)) or not _applied(each)]
    exact = [each for each in near if ref.namespace and ref.namespace in (each.obj.ref.namespace, _applied(each))]
    return exact or near


def _applied(candidate: Candidate) -> str:
    return candidate.obj.ref.namespace or candidate.rendering.namespace


def _narrowed(found: list[Candidate], how: Narrowing) -> list[Candidate]:
    if how.place:
        found = [each for each in found if str(each) == how.place]
    if how.owners:
        found = _named(found, how.owners) or ([] if how.confirmed else found)
    if how.glob:
        found = [each for each in found if any(globbed(word, how.glob) for word in each.words)]
    if how.environment:
        named = [each for each in found if speaks_of(each.words, how.environment)]
        found = named or [each for each in found if not speaks_of_any(each.words)]
    return _last_sources(_without_doubles(found))


def _named(found: list[Candidate], owners: Collection[ObjectRef]) -> list[Candidate]:
    """Those of the owners that the live object names; of the same name elsewhere, where none is in the namespace that was named."""
    owned = [(each, each.rendering.owner.ref) for each in found if each.rendering.owner]
    exact = [each for each, ref in owned if ref in owners]
    return exact or [each for each, ref in owned if any((ref.kind, ref.name) == (one.kind, one.name) for one in owners)]


def _last_sources(found: list[Candidate]) -> list[Candidate]:
    """Of an Application's sources that give the same object the last wins."""
    last: dict[ObjectRef, int] = {}
    for owner in (each.rendering.owner for each in found):
        if owner is not None:
            last[owner.ref] = max(owner.source, last.get(owner.ref, 0))
    return [each for each in found if each.rendering.owner is None or each.rendering.owner.source == last[each.rendering.owner.ref]]


def globbed(path: str, pattern: str) -> bool:
    """Whether the path, or a folder above it, matches the pattern."""
    pattern = posixpath.normpath(pattern.removesuffix("/**").removesuffix("/*") or ".")
    above = [path, *(path[: match.start()] for match in re.finditer("/", path))]
    return pattern == "." or any(fnmatch.fnmatchcase(each, pattern) or _same_depth(each, pattern) for each in above)


def _same_depth(path: str, pattern: str) -> bool:
    return "**" in pattern and fnmatch.fnmatchcase(path, pattern.replace("**/", ""))


def _without_doubles(found: list[Candidate]) -> list[Candidate]:
    """An owner's rendering stands for the same one without an owner."""
    owned = {(each.rendering.kind, each.rendering.path) for each in found if each.rendering.owner}
    return [each for each in found if each.rendering.owner or (each.rendering.kind, each.rendering.path) not in owned]


def _candidates(tracer: Tracer, ref: ObjectRef, how: Narrowing, refusals: list[Refused]) -> Iterator[Candidate]:
    if how.rendering is not None and not any(is_under(path, how.rendering.path) for path in tracer.tree):
        raise Refused(f"There is no {how.rendering.path} in the repository.", "Check the path after --render.", kind="not_found")
    if how.rendering is not None and how.rendering.kind != "plain":
        yield from _rendered(tracer, ref, how.rendering)
        return
    under = how.rendering.path if how.rendering else "."
    yield from _plain(tracer, ref, under, explicit=how.rendering is not None)
    if how.rendering is not None:
        return
    may = _may_hold(tracer, ref)
    for rendering in tracer.renderings:
        if may(rendering):
            try:
                yield from _rendered(tracer, ref, rendering, how.release)
            except Refused as refusal:
                refusals.append(refusal)


def _rendered(tracer: Tracer, ref: ObjectRef, rendering: Rendering, release: str = "") -> Iterator[Candidate]:
    for tried in _releases(rendering, ref, release):
        found = tracer.rendered(tried).find(ref)
        if found:
            yield from (Candidate(rendering=tried, obj=obj) for obj in found)
            return


def _releases(rendering: Rendering, ref: ObjectRef, release: str) -> Iterator[Rendering]:
    """A chart that nobody is known to release: under the names that it may have."""
    if rendering.kind != "helm" or rendering.release:
        unsaid = rendering.kind == "helm" and rendering.owner is None and not rendering.namespace  # then the object's own, as any would do
        yield replace(rendering, namespace=ref.namespace) if unsaid else rendering
        return
    chart = posixpath.basename(rendering.path).strip(".")  # the repository's root has no name
    words = ref.name.split("-")
    beginnings = ["-".join(words[:count]) for count in range(len(words), 0, -1)]
    names = [release] if release else [chart, ref.name.removesuffix(f"-{chart}"), *beginnings]
    for name in list(dict.fromkeys(filter(None, names)))[:_RELEASES]:
        yield replace(rendering, release=name, namespace=rendering.namespace or ref.namespace)


def _may_hold(tracer: Tracer, ref: ObjectRef) -> Callable[[Rendering], bool]:
    """Without rendering: whether its files have an object of this kind whose name may become this one."""
    tree = tracer.tree
    same_kind = (found for found in tracer.index.objects() if (found.ref.group, found.ref.kind) == (ref.group, ref.kind))
    near = {found.path for found in same_kind if found.ref.name in ref.name or is_named_anew(found.ref)}
    kind = re.compile(rf"kind:\s*[\"']?{re.escape(ref.kind)}\b".encode())

    def may(rendering: Rendering) -> bool:
        if rendering.missing:
            return False
        if rendering.kind == "helm":
            folders = list(chart_folders(tree, rendering.path))
            own = [path for path in tree if path.endswith(_CHARTS) and any(is_under(path, each) for each in folders)]
            return any(path.endswith(".tgz") or kind.search(tree[path].content) for path in own)
        if rendering.kind == "plain":
            return rendering.variables is not None and any(is_under(path, rendering.path) for path in near)
        files = inputs(tree, *rendering.folders)
        charts = [each.folder(tree) for each in inflated_in(tree, *rendering.folders)]
        inflates = any(kind.search(tree[path].content) for folder in charts for path in tree if is_under(path, folder))
        return bool(near & files) or inflates or (ref.kind in ("ConfigMap", "Secret") and _generates(tracer, files))

    return may


def _generates(tracer: Tracer, files: frozenset[str]) -> bool:
    found = (kustomization(tracer.tree, posixpath.dirname(path)) for path in files)
    return any(known is not None and any(known.fields.get(f"{kind}Generator") for kind in ("configMap", "secret")) for known in found)


def _plain(tracer: Tracer, ref: ObjectRef, under: str, *, explicit: bool) -> Iterator[Candidate]:
    """Manifests that are applied as they are written, with whoever applies them."""
    known = kustomizations(tracer.tree)
    for found in tracer.index.find(ref, under):
        if is_under(found.path, FETCHED):
            continue
        if not explicit and (patchers(found.path, known) or builders(found.path, known) or _in_templates(tracer, found.path)):
            continue
        try:
            value = get(value_in(tracer.tree[found.path].content, found.document), found.within)
        except Unreadable:
            continue
        obj = RenderedObject(ref=found.ref, value=value, origin={})
        appliers = [] if explicit else [each for each in tracer.renderings if _applies(tracer, each, found.path)]
        for rendering in appliers or [Rendering(kind="plain", path=posixpath.dirname(found.path) or ".")]:
            if rendering.kind == "plain" and rendering.variables is None:
                yield Candidate(rendering=rendering, obj=obj, found=found)


def _applies(tracer: Tracer, rendering: Rendering, path: str) -> bool:
    near = rendering.recurse or (posixpath.dirname(path) or ".") == rendering.path
    return rendering.owner is not None and rendering.owner.path != path and near and uses(tracer.tree, rendering)(path)


def _in_templates(tracer: Tracer, path: str) -> bool:
    parts = path.split("/")
    return any(part == "templates" and "/".join([*parts[:at], "Chart.yaml"]) in tracer.tree for at, part in enumerate(parts[:-1]))


def owners_of(live: Mapping[str, Json]) -> frozenset[ObjectRef]:
    """The tools' objects that the live object names; marks that were copied from another object count for nothing."""
    return frozenset(claim.owner for claim in claims_of(live, Tracking()))

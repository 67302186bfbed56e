"""From a rendered field to the smallest edit that moves exactly it: choices are tried best first, and rendering judges each."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, takewhile

from remediation.errors import Refused, Unreadable
from remediation.gitops.beside import NOTHING, Beside
from remediation.gitops.binaries import NotRendered
from remediation.gitops.discovery import discovered, uses
from remediation.gitops.exactness import BY_HAND, NOT_MOVED, Meant, check_exact, told
from remediation.gitops.fieldpath import MISSING, Item, Path, differences, format_path, get, leaves, parse, put, same
from remediation.gitops.held import check_site, held_edit, plainly
from remediation.gitops.helm_keys import another
from remediation.gitops.helm_values import merged_values
from remediation.gitops.index import Contents, Index, Tree
from remediation.gitops.inputs import inputs
from remediation.gitops.made_up import MadeUp, made_up, made_up_told, without
from remediation.gitops.offers import choices
from remediation.gitops.owners.mounts import ALONE, Around
from remediation.gitops.owners.objects import MARKS
from remediation.gitops.proof import Change
from remediation.gitops.rendered import Difference, Rendered, RenderedObject, difference
from remediation.gitops.renderings import Rendering, Values, render
from remediation.gitops.scalars import coerced
from remediation.gitops.sites import Choice, Gone, HeldWrite, Site, Write, leaf_sites, place
from remediation.gitops.splice import Place
from remediation.gitops.template_lines import shared_template
from remediation.gitops.wanted import Wanted, source_of
from remediation.gitops.workspace import Workspace, changed
from remediation.terms import FieldEdit, Json, Move, ObjectRef

_TRIES = 60  # renderings of one field: more would be groping
_NAMED = 5
_TELLING = ("shared", "encrypted", "generated", "missing_tool", "ambiguous", "unpinned", "other_owner", "templated", "infeasible")
Shown = tuple[Site, str]  # where a value was written, and the field that it is for
Key = tuple[str, str, str, int, str]


@dataclass(frozen=True, kw_only=True)
class Traced:
    """The edit, proven. places: file and place of each value.  rendered: how many renderings were compared.

    unknown: what no comparison tells, a sentence each.
    """

    changes: tuple[Change, ...]
    shown: tuple[Shown, ...]
    places: tuple[tuple[str, Place], ...]
    moves: tuple[Move, ...]
    rendered: int
    base: Json
    head: Json
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Step:
    """Some fields done: the tree, what it renders to, and where was written. compared: how many renderings.  meant: all fields."""

    tree: Tree
    rendered: Rendered
    shown: tuple[Shown, ...] = ()
    compared: int = 1
    meant: tuple[Meant, ...] = ()


class Tracer:
    """One tree and what it renders to; each rendering of the tree as it is is made once."""

    def __init__(
        self, tree: Tree, known: dict[str, Contents] | None = None, around: Around = ALONE, workspace: Workspace | None = None
    ) -> None:
        self.tree = tree
        self.around = around
        self._known: dict[str, Contents] = {} if known is None else known
        self.index = Index(tree, self._known)
        self._workspace = workspace or Workspace()
        self._rendered: dict[Key, Rendered | Refused] = {}
        self._made_up: dict[Key, MadeUp] = {}
        self._renderings: list[Rendering] | None = None

    def close(self) -> None:
        """Take the copy on disk away."""
        self._workspace.close()

    @property
    def renderings(self) -> list[Rendering]:
        """Every rendering of the tree."""
        if self._renderings is None:
            self._renderings = discovered(self.index, self.rendered, self.around)
        return self._renderings

    def rendered(self, rendering: Rendering) -> Rendered:
        """What a rendering gives of the tree as it is. Raises Refused."""
        if rendering.key not in self._rendered:
            try:
                self._rendered[rendering.key] = render(self._workspace, self.tree, rendering)
            except Refused as refusal:
                self._rendered[rendering.key] = refusal
        known = self._rendered[rendering.key]
        if isinstance(known, Refused):
            raise Refused(known.what, known.what_to_do, kind=known.kind)
        return known

    def trace(self, rendering: Rendering, obj: RenderedObject, edits: Sequence[FieldEdit]) -> Traced:
        """The files as they will be. Raises Refused: shared naming what else would move, templated where no place is found."""
        step = _Step(tree=self.tree, rendered=self.rendered(rendering))
        now, as_changed, meant = obj, rendering, tuple(_meant(obj, edit) for edit in edits)
        for edit, (field, value) in zip(edits, meant, strict=True):
            if step.shown and same(get(now.value, field), value):
                continue  # what was written for a field before it gives this one too
            step = self._moved(as_changed, now, edit, replace(step, meant=meant))
            now = _only(step.rendered, obj.ref)
            as_changed = self._again(rendering, step.tree, [site.path for site, _ in step.shown])
        return self._traced(rendering, obj, now, step)

    def judged(self, rendering: Rendering, obj: RenderedObject, edits: Sequence[FieldEdit], tree: Tree, beside: Beside = NOTHING) -> Traced:
        """What a whole changed tree comes to. Raises Refused where that is not exactly these edits, and what comes or goes beside them."""
        meant = tuple(_meant(obj, edit) for edit in edits)
        both = self.tree.keys() & tree.keys()
        touched = [path for path in {**self.tree, **tree} if path not in both or self.tree[path].id != tree[path].id]
        head = render(self._workspace, tree, self._again(rendering, tree, touched))
        check_exact(beside.others(self._moves(rendering, self.rendered(rendering), head)), _wanted(self.tree, obj, edits[0]), meant)
        now = _only(head, obj.ref)
        if not all(same(get(now.value, field), value) for field, value in meant):
            raise Refused(NOT_MOVED, kind="templated")
        compared = self._check_others(rendering, obj.ref, (self.tree, tree), touched)
        return self._traced(rendering, obj, now, _Step(tree=tree, rendered=head, compared=compared))

    # one field

    def _moved(self, rendering: Rendering, obj: RenderedObject, edit: FieldEdit, step: _Step) -> _Step:
        wanted = _wanted(step.tree, obj, edit)
        offered = islice(choices(self._index(step.tree), rendering, wanted), _TRIES)
        found, refusals = self._first(rendering, wanted, offered, step, edit)
        if not found:
            raise _most_telling(refusals, rendering, obj.ref, edit)
        others = [choice for choice in takewhile(lambda choice: choice.certain, offered) if choice.key not in found]
        if others and not self._no_other(rendering, wanted, others, step):
            for choice in others:
                found |= self._first(rendering, wanted, iter([choice]), step, edit)[0]
        if len(found) > 1:
            what = f"{edit.path} of {obj.ref} moves by more than one key: {', '.join(list(found)[:_NAMED])}."
            raise Refused(what, "Change the one that is meant by hand.", kind="ambiguous")
        return next(iter(found.values()))

    def _first(
        self, rendering: Rendering, wanted: Wanted, offered: Iterator[Choice], step: _Step, edit: FieldEdit
    ) -> tuple[dict[str, _Step], list[Refused]]:
        """The first choice that fits, by its key; and why those before it do not."""
        refusals: list[Refused] = []
        for choice in offered:
            try:
                return {choice.key: self._tried(rendering, wanted, choice, step, edit)}, refusals
            except (Refused, Unreadable) as error:
                refusals.append(error if isinstance(error, Refused) else Refused(error.what, error.what_to_do, kind="templated"))
        return {}, refusals

    def _no_other(self, rendering: Rendering, wanted: Wanted, others: Sequence[Choice], step: _Step) -> bool:
        """Whether one rendering with all other keys changed shows that none of them moves the field; False where it cannot say.

        What they are changed to is the same for every value that is wanted, so that a tree is asked once for each field.
        """
        if rendering.kind != "helm" or not all(choice.values for choice in others):
            return False
        merged = values = merged_values(step.tree, rendering)
        for path, value in sorted((part for choice in others for part in choice.values), key=str):
            values = put(values, path, another(get(merged, path), value))
        probe = replace(rendering, values=(*rendering.values, Values(form="map", content=json.dumps(values))))
        try:
            moved = _only(render(self._workspace, step.tree, probe), wanted.obj.ref)
        except Refused:
            return False
        return same(get(moved.value, wanted.field), wanted.now)

    def _tried(self, rendering: Rendering, wanted: Wanted, choice: Choice, step: _Step, edit: FieldEdit) -> _Step:
        """The choice written and rendered. Raises Refused where it does not do exactly what is wanted."""
        tree, shown = step.tree, list[Site]()
        for write in choice.writes:
            tree, sites = self._written(rendering, write, tree)
            shown += sites if not isinstance(write, Write) or write.told else []
        touched = [path for path in tree if path not in step.tree or step.tree[path].id != tree[path].id]
        if not touched:
            raise Refused("It changes nothing.", kind="not_found")
        head = render(self._workspace, tree, self._again(rendering, tree, touched))
        check_exact(self._moves(rendering, step.rendered, head), wanted, step.meant)
        try:
            compared = self._check_others(rendering, wanted.obj.ref, (step.tree, tree), touched)
        except Refused as refusal:
            if not choice.template:
                raise
            raise shared_template(choice.template, "another release is made of it, too") from refusal
        return _Step(
            tree=tree, rendered=head, shown=(*step.shown, *((site, edit.path) for site in shown)), compared=max(step.compared, compared)
        )  # fmt: skip

    def _written(self, rendering: Rendering, write: Write | HeldWrite, tree: Tree) -> tuple[Tree, list[Site]]:
        """The tree with the value written. Raises Refused."""
        if isinstance(write, HeldWrite):
            if write.holder.kind == "Secret":
                raise Refused(f"{write.holder} gives it.", "Change it by hand, where the Secret is kept.", kind="encrypted")
            if rendering.within is not None:
                return self._held(rendering.within, write, tree)
            write = plainly(self._index(tree), write, rendering.owner.path if rendering.owner else "", self.around)
        site = write.site
        content = tree[site.path].content if site.path in tree else b""
        if content:
            check_site(site, content, write.value, filled_in=rendering.variables is not None)
        shown = write.shown or site
        return changed(tree, {site.path: site.write(content, write.value)}), [Gone(shown) if write.value is MISSING else shown]

    def _held(self, within: Rendering, write: HeldWrite, tree: Tree) -> tuple[Tree, list[Site]]:
        """A field of an object that is itself rendered: traced in its turn."""
        other = Tracer(tree, self._known, self.around, self._workspace)
        holder = _only(other.rendered(within), write.holder)
        traced = other.trace(within, holder, [held_edit(holder.value, write)])
        return changed(tree, {change.path: change.after for change in traced.changes}), [site for site, _ in traced.shown]

    def _again(self, rendering: Rendering, tree: Tree, touched: Sequence[str]) -> Rendering:
        """The same rendering, as the owners in the changed tree define it."""
        near = rendering.within is not None and any(map(uses(tree, rendering.within), touched))
        near = near or any(element.path in touched for element in rendering.elements)
        if rendering.owner is None or not (near or any(mark in tree[path].content for path in touched if path in tree for mark in MARKS)):
            return rendering
        return next((each for each in self._discovered(tree) if each.key == rendering.key), rendering)

    def _discovered(self, tree: Tree) -> list[Rendering]:
        cache: dict[Key, Rendered] = {}

        def once(rendering: Rendering) -> Rendered:
            if rendering.key not in cache:
                cache[rendering.key] = render(self._workspace, tree, rendering)
            return cache[rendering.key]

        return discovered(self._index(tree), once, self.around)

    def _index(self, tree: Tree) -> Index:
        return self.index if tree is self.tree else Index(tree, self._known)

    def _check_others(self, rendering: Rendering, ref: ObjectRef, trees: tuple[Tree, Tree], touched: Sequence[str]) -> int:
        """How many renderings use what was touched. Raises Refused shared where another one moves, or builds on the same file."""
        before, after = trees
        compared = 1
        for other in self.renderings:
            users = [path for path in touched if uses(after, other)(path) or uses(before, other)(path)]
            if not users or other.missing or _is_part(other, rendering, ref):
                continue
            compared += 1
            base = self._rendered_before(other, before, users[0])
            moves = self._moves(other, base, self._rendered_again(other, after, touched))
            moved = [pair for pair in moves if pair[0] not in _holders(rendering)]
            if moved:
                raise Refused(f"The change would also move {told(moved)} in {other}.", BY_HAND, kind="shared")
            common = inputs(before, *other.folders).intersection(users) if rendering.kind == other.kind == "kustomize" else ()
            if common:
                raise Refused(f"{other} builds on {min(common)} too.", BY_HAND, kind="shared")
        return compared

    def _moves(self, rendering: Rendering, base: Rendered, head: Rendered) -> list[Difference]:
        """What differs, but for what a chart makes up anew each time."""
        moved = difference(base, head)
        if moved and rendering.key not in self._made_up:
            self._made_up[rendering.key] = made_up(self.tree, rendering, self.rendered(rendering))
        return without(moved, self._made_up.get(rendering.key, {}))

    def _rendered_before(self, other: Rendering, tree: Tree, shared: str) -> Rendered:
        try:
            return self.rendered(other) if tree is self.tree else render(self._workspace, tree, other)
        except Refused as refusal:
            what = f"{other} uses {shared} too, and cannot be rendered to compare it: {refusal.what}"
            raise Refused(what, refusal.what_to_do, kind=refusal.kind) from refusal

    def _rendered_again(self, other: Rendering, tree: Tree, touched: Sequence[str]) -> Rendered:
        return render(self._workspace, tree, self._again(other, tree, touched))

    def _traced(self, rendering: Rendering, obj: RenderedObject, now: RenderedObject, step: _Step) -> Traced:
        tree = step.tree
        paths = [path for path in tree if path not in self.tree or self.tree[path].id != tree[path].id]
        before = {path: self.tree[path].content if path in self.tree else None for path in paths}
        return Traced(
            changes=(
                *(Change(path=path, before=before[path], after=tree[path].content) for path in paths),
                *(Change(path=path, before=self.tree[path].content, after=b"", gone=True) for path in self.tree if path not in tree),
            ),
            shown=step.shown,
            places=tuple(shown_places(step.shown, before, tree)),
            moves=tuple(_told(self._moves(rendering, self.rendered(rendering), step.rendered))),
            rendered=step.compared,
            base=obj.value,
            head=now.value,
            unknown=tuple(each for found in self._made_up.values() for each in made_up_told(found)),
        )


def shown_places(shown: Sequence[Shown], before: Mapping[str, bytes | None], after: Tree) -> Iterator[tuple[str, Place]]:
    """File and place of each value that was written, its scalars one by one."""
    for site, name in shown:
        content = after[site.path].content
        for each in leaf_sites(site, content):
            yield site.path, place(each, before.get(site.path), content, name)


def _only(rendered: Rendered, ref: ObjectRef) -> RenderedObject:
    found = rendered.find(ref)
    exact = [each for each in found if each.ref == ref] or list(found)
    if len(exact) != 1:
        stem = ObjectRef(group=ref.group, kind=ref.kind, namespace=ref.namespace, name=ref.name[:-11])
        again = rendered.find(stem) if not exact and ref.kind in ("ConfigMap", "Secret") else ()
        if len(again) == 1:
            return again[0]
        kind = "ambiguous" if exact else "not_found"
        raise Refused(f"{ref} is rendered {len(exact)} times.", "Narrow it with --path or --env.", kind=kind)
    return exact[0]


def _meant(obj: RenderedObject, edit: FieldEdit) -> Meant:
    """The field and its new value in the type of the one that stands there."""
    field = parse(edit.path)
    now = get(obj.value, field)
    return field, MISSING if edit.op == "remove" else edit.value if now is MISSING else coerced(edit.value, now, field)


def _wanted(tree: Tree, obj: RenderedObject, edit: FieldEdit) -> Wanted:
    field, value = _meant(obj, edit)
    if get(obj.value, field) is MISSING and edit.op != "add":
        raise Refused(f"There is no {edit.path} in {obj.ref}.", "Check the path's spelling.", kind="not_found")
    _check_items(obj, field)
    return Wanted(obj=obj, field=field, value=value, source=source_of(tree, obj))


def _check_items(obj: RenderedObject, field: Path) -> None:
    """A misspelt container must not become a new one: only the last item of a path, or an env variable, may be new."""
    for at, step in enumerate(field[:-1]):
        if isinstance(step, str) or get(obj.value, field[: at + 1]) is not MISSING:
            continue
        if field[at - 1] != "env" or not isinstance(step, Item):
            what = f"There is no {format_path(field[: at + 1])} in {obj.ref}."
            raise Refused(what, "Check the path's spelling.", kind="not_found")


def _told(moved: Sequence[Difference]) -> Iterator[Move]:
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


def _most_telling(refusals: Sequence[Refused], rendering: Rendering, ref: ObjectRef, edit: FieldEdit) -> Refused:
    rank = {kind: at for at, kind in enumerate(_TELLING)}
    telling = [each for each in refusals if each.kind != "not_found" and not isinstance(each, NotRendered) and each.what != NOT_MOVED]
    if telling:
        return min(telling, key=lambda refusal: rank.get(refusal.kind, len(rank)))
    what = f"No place was found in Git whose change moves exactly {edit.path} of {ref} in {rendering}."
    by = "A replacement or a transformer may set it" if rendering.kind == "kustomize" else "A template may compute it"
    if rendering.kind == "helm" and edit.op == "add":
        by = "The chart asks its values for no such field: add it to the template"
    return Refused(what, f"{by}; change it by hand.", kind="templated")


def _is_part(other: Rendering, rendering: Rendering, ref: ObjectRef) -> bool:
    """The same rendering, the one that holds its owner, or one that the changed object itself applies."""
    if _is_same(other, rendering) or _is_same(other, rendering.within or rendering):
        return True
    if (other.kind, other.path, other.owner) == (rendering.kind, rendering.path, None):
        return True
    return ref in _holders(other) and (other.within is None or _is_same(other.within, rendering))


def _is_same(one: Rendering, other: Rendering) -> bool:
    """Whether it is one rendering, however its owner was come by: Flux's own Kustomization holds itself."""
    if one.key == other.key:
        return True
    own = [(r.kind, r.path, r.release, r.owner.ref, r.owner.path, r.owner.source) if r.owner else None for r in (one, other)]
    return own[0] == own[1] is not None


def _holders(rendering: Rendering) -> set[ObjectRef]:
    """The objects through which a rendering is changed: they move, and are meant to."""
    owners = [rendering.owner.ref] if rendering.owner else []
    held = [rendering.holder, *(s.holder for s in rendering.values), *(v.holder for v in _variables(rendering))]
    return {*owners, *(holder for holder in held if holder)}


def _variables(rendering: Rendering) -> tuple[Json, ...]:
    return (*(rendering.variables or ()), *rendering.elements)

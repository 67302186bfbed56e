"""From a rendered field to the smallest edit that moves exactly it: choices are tried best first, and rendering judges each."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, takewhile

from remediation.errors import Refused, Unreadable
from remediation.gitops.beside import NOTHING, Beside
from remediation.gitops.exactness import NOT_MOVED, check_exact
from remediation.gitops.fieldpath import MISSING, Path, get, put, same
from remediation.gitops.held import check_site, held_edit, inner_site, plainly
from remediation.gitops.helm_keys import another
from remediation.gitops.helm_values import merged_values
from remediation.gitops.index import Tree
from remediation.gitops.made_up import made_up_told
from remediation.gitops.offers import choices
from remediation.gitops.others import check_others
from remediation.gitops.proof import Change
from remediation.gitops.render import render
from remediation.gitops.rendered import Rendered, RenderedObject
from remediation.gitops.rendered_tree import RenderedTree
from remediation.gitops.renderings import Rendering, Values
from remediation.gitops.shown import Shown, moves_of, shown_places
from remediation.gitops.sites import Gone, Site
from remediation.gitops.splice import Place
from remediation.gitops.telling import most_telling
from remediation.gitops.template_lines import is_own, shared_template
from remediation.gitops.wanted import Meant, Wanted, meant_by, wanted_of
from remediation.gitops.workspace import changed
from remediation.gitops.writes import Choice, HeldWrite, Write
from remediation.terms import FieldEdit, Json, Move

_TRIES = 60  # renderings of one field: more would be groping
_NAMED = 5


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


class Tracer(RenderedTree):
    """Finds edits in one tree."""

    def trace(self, rendering: Rendering, obj: RenderedObject, edits: Sequence[FieldEdit]) -> Traced:
        """The files as they will be. Raises Refused: shared naming what else would move, templated where no place is found."""
        step = _Step(tree=self.tree, rendered=self.rendered(rendering))
        now, as_changed, meant = obj, rendering, tuple(meant_by(obj, edit) for edit in edits)
        for edit, (field, value) in zip(edits, meant, strict=True):
            if step.shown and same(get(now.value, field), value):
                continue  # what was written for a field before it gives this one too
            step = self._moved(as_changed, now, edit, replace(step, meant=meant))
            now = step.rendered.only(obj.ref)
            as_changed = self.again(rendering, step.tree, [site.path for site, _ in step.shown])
        return self._traced(rendering, obj, now, step)

    def judged(self, rendering: Rendering, obj: RenderedObject, edits: Sequence[FieldEdit], tree: Tree, beside: Beside = NOTHING) -> Traced:
        """What a whole changed tree comes to. Raises Refused where that is not exactly these edits, and what comes or goes beside them."""
        meant = tuple(meant_by(obj, edit) for edit in edits)
        both = self.tree.keys() & tree.keys()
        touched = [path for path in {**self.tree, **tree} if path not in both or self.tree[path].id != tree[path].id]
        head = self.rendered_again(tree, rendering, touched)
        check_exact(beside.others(self.moves(rendering, self.rendered(rendering), head)), wanted_of(self.tree, obj, edits[0]), meant)
        now = head.only(obj.ref)
        if not all(same(get(now.value, field), value) for field, value in meant):
            raise Refused(NOT_MOVED, kind="templated")
        compared = check_others(self, rendering, obj.ref, (self.tree, tree), touched)
        return self._traced(rendering, obj, now, _Step(tree=tree, rendered=head, compared=compared))

    # one field

    def _moved(self, rendering: Rendering, obj: RenderedObject, edit: FieldEdit, step: _Step) -> _Step:
        wanted = wanted_of(step.tree, obj, edit)
        offered = islice(choices(self.index_of(step.tree), rendering, wanted), _TRIES)
        found, refusals = self._first(rendering, wanted, offered, step, edit)
        if not found:
            raise most_telling(refusals, rendering, obj.ref, edit, own=is_own(step.tree, rendering.path))
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
        merged = merged_values(step.tree, rendering)
        parts = sorted((part for choice in others for part in choice.values), key=str)
        moved = self._probed(rendering, wanted, [(path, another(get(merged, path), value)) for path, value in parts], step)
        return moved is not None and same(get(moved.value, wanted.field), wanted.now)

    def _may_move(self, rendering: Rendering, wanted: Wanted, choice: Choice, step: _Step) -> bool:
        """Whether the field becomes what is wanted by these values, wherever they are written. All guesses are asked at once first."""
        paths = [path for path, _ in choice.guesses]
        if not any(one != other and one == other[: len(one)] for one in paths for other in paths):
            together = self._probed(rendering, wanted, choice.guesses, step)
            if together is not None and same(get(together.value, wanted.field), wanted.now):
                return False
        moved = self._probed(rendering, wanted, choice.values, step)
        return moved is not None and same(get(moved.value, wanted.field), wanted.value)

    def _probed(self, rendering: Rendering, wanted: Wanted, values: Sequence[tuple[Path, Json]], step: _Step) -> RenderedObject | None:
        """The object with other values over the release's own; None where it cannot be told."""
        merged = merged_values(step.tree, rendering)
        for path, value in values:
            merged = put(merged, path, value)
        probe = replace(rendering, values=(*rendering.values, Values(form="map", content=json.dumps(merged))))
        try:
            return render(self._workspace, step.tree, probe).only(wanted.obj.ref)
        except Refused:
            return None

    def _tried(self, rendering: Rendering, wanted: Wanted, choice: Choice, step: _Step, edit: FieldEdit) -> _Step:
        """The choice written and rendered. Raises Refused where it does not do exactly what is wanted."""
        tree, shown = step.tree, list[Site]()
        if choice.guesses and not self._may_move(rendering, wanted, choice, step):
            raise Refused(NOT_MOVED, kind="templated")
        try:
            for write in choice.writes:
                tree, sites = self._written(rendering, write, tree)
                shown += sites if not isinstance(write, Write) or write.told else []
        except Refused as refusal:
            if choice.values and self._no_other(rendering, wanted, [choice], step):
                raise Refused(NOT_MOVED, kind="templated") from refusal  # why it cannot be written there tells nobody anything
            raise
        touched = [path for path in tree if path not in step.tree or step.tree[path].id != tree[path].id]
        if not touched:
            raise Refused("It changes nothing.", kind="not_found")
        head = self.rendered_again(tree, rendering, touched)
        check_exact(self.moves(rendering, step.rendered, head), wanted, step.meant)
        try:
            compared = check_others(self, rendering, wanted.obj.ref, (step.tree, tree), touched)
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
            if rendering.within is not None and self.rendered(rendering.within).find(write.holder):
                return self._held(rendering.within, write, tree)  # else it stands beside what gives the owner, as settings of a cluster do
            write = plainly(self.index_of(tree), write, rendering.owner.path if rendering.owner else "", self.around)
        site = write.site
        content = tree[site.path].content if site.path in tree else b""
        if content:
            check_site(site, content, write.value, filled_in=rendering.variables is not None)
        shown = write.shown or site
        return changed(tree, {site.path: site.write(content, write.value)}), [Gone(shown) if write.value is MISSING else shown]

    def _held(self, within: Rendering, write: HeldWrite, tree: Tree) -> tuple[Tree, list[Site]]:
        """A field of an object that is itself rendered: traced in its turn."""
        other = Tracer(tree, self._known, self.around, self._workspace)
        holder = other.rendered(within).only(write.holder)
        traced = other.trace(within, holder, [held_edit(holder.value, write)])
        sites = [inner_site(site, write) for site, _ in traced.shown]
        return changed(tree, {change.path: change.after for change in traced.changes}), sites

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
            moves=tuple(moves_of(self.moves(rendering, self.rendered(rendering), step.rendered))),
            rendered=step.compared,
            base=obj.value,
            head=now.value,
            unknown=tuple(each for found in self.made_up for each in made_up_told(found)),
        )

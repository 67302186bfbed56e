"""One intended change of one rendered object, and where that object began."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from remediation.errors import Refused
from remediation.gitops.fieldpath import MISSING, Item, Path, Step, format_path, get, item_step, parse, position, resolved
from remediation.gitops.index import Found, Tree, contents_of
from remediation.gitops.rendered import RenderedObject
from remediation.gitops.scalars import coerced
from remediation.gitops.workspace import in_tree
from remediation.terms import FieldEdit, Json, ObjectRef

Meant = tuple[Path, Json]  # a field and what it is to be, MISSING where it is to go


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """One intended change of one rendered object. value: MISSING takes the field away."""

    obj: RenderedObject
    field: Path
    value: Json
    source: Found | None

    @cached_property
    def named(self) -> Path:
        """The field with names in place of positions where lists have them: a patch holds only some items."""
        return named_path(self.obj.value, self.field)

    @cached_property
    def tokens(self) -> tuple[str, ...]:
        """The field as the parts of a JSON pointer."""
        return tuple(str(step) for step in resolved(self.obj.value, self.field))

    @cached_property
    def names(self) -> frozenset[str]:
        """What the object is called, before and after prefixes and suffixes."""
        return frozenset({self.obj.ref.name, self.source.ref.name if self.source else self.obj.ref.name})

    @property
    def now(self) -> Json:
        """What the field says as rendered."""
        return get(self.obj.value, self.field)


def named_path(value: Json, path: Sequence[Step]) -> Path:
    """The path with names in place of positions, where every item of the list has one."""
    steps: list[Step] = []
    for step in path:
        at = position(value, step) if not isinstance(step, str) else None
        steps.append(step if at is None or isinstance(step, Item) else item_step(value, at))
        value = get(value, (step,))
    return tuple(steps)


def is_named_anew(written: ObjectRef) -> bool:
    """Whether an object may run by another name altogether: Flux fills it in, or Kustomize gives a Namespace its namespace's."""
    return "$" in written.name or (written.group, written.kind) == ("", "Namespace")


def source_of(tree: Tree, obj: RenderedObject) -> Found | None:
    """The document that the object began as, by Kustomize's own annotation."""
    origin = obj.origin if isinstance(obj.origin, Mapping) else {}
    if not isinstance(origin.get("path"), str):
        return None
    path = in_tree(origin["path"])
    if path not in tree:
        return None
    ref = obj.ref
    same_kind = [o for o in contents_of(tree[path].content).objects if (o[0].group, o[0].kind) == (ref.group, ref.kind)]
    objects = [o for o in same_kind if o[0].name in ref.name] or [o for o in same_kind if is_named_anew(o[0])]
    best = max(objects, key=lambda o: (len(o[0].name), o[0].namespace == ref.namespace), default=None)
    return Found(ref=best[0], path=path, document=best[1], within=best[2]) if best else None


def meant_by(obj: RenderedObject, edit: FieldEdit) -> Meant:
    """The field and its new value in the type of the one that stands there."""
    field = parse(edit.path)
    now = get(obj.value, field)
    return field, MISSING if edit.op == "remove" else edit.value if now is MISSING else coerced(edit.value, now, field)


def wanted_of(tree: Tree, obj: RenderedObject, edit: FieldEdit) -> Wanted:
    """One edit of a rendered object. Raises Refused not_found for a field that is not there."""
    field, value = meant_by(obj, edit)
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

r"""Names of fields: `spec.template.spec.containers[name=api].resources.limits.memory`, on plain objects.

A path is a tuple of steps: a key (str), a position in a list (int), or an item of a list by one of its fields (Item). Dots, brackets and
backslashes in a key are escaped by a backslash, as in kubectl's jsonpath: `data.app\.yaml`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from itertools import pairwise
from typing import Final

from remediation.errors import Unreadable
from remediation.terms import FieldEdit, Json


@dataclass(frozen=True, slots=True)
class Item:
    """The item of a list whose `field` is `value`: `[name=api]`."""

    field: str
    value: str


Step = str | int | Item
Path = tuple[Step, ...]


class _Missing(Enum):
    MISSING = "missing"


MISSING: Final = _Missing.MISSING
"""What `get` answers where nothing stands; null is a value."""

_SPECIAL = {".", "[", "]", "\\"}


@lru_cache(maxsize=1024)  # the same few fields are looked at by every rule, check and bound
def parse(text: str) -> Path:
    """The steps of a path. Raises Unreadable with the position that is wrong."""
    steps: list[Step] = []
    at = 0
    while at < len(text):
        if text[at] == "[":
            inside, at = _read(text, at + 1, {"]"})
            if at >= len(text):
                raise _bad(text, "a [ is never closed")
            at += 1
            steps.append(_bracketed(inside, text))
        else:
            at += text[at] == "." and at > 0
            key, at = _read(text, at, {".", "["})
            if not key:
                raise _bad(text, f"a key is empty at character {at + 1}")
            steps.append(key)
    if not steps:
        raise _bad(text, "it is empty")
    return tuple(steps)


def _read(text: str, at: int, until: set[str]) -> tuple[str, int]:
    """Unescaped text up to one of `until`, and where it ends."""
    letters: list[str] = []
    while at < len(text) and text[at] not in until:
        if text[at] == "\\" and at + 1 < len(text):
            at += 1
        letters.append(text[at])
        at += 1
    return "".join(letters), at


def _bracketed(inside: str, text: str) -> Step:
    field, equals, value = inside.partition("=")
    if equals and field:
        return Item(field, value)
    if inside.isdecimal():
        return int(inside)
    raise _bad(text, f"[{inside}] is neither a position nor [name=…]")


def _bad(text: str, why: str) -> Unreadable:
    how = r"Write it as spec.containers[name=api].image, and dots in a key as \."
    return Unreadable(f"The field path {text!r} cannot be read: {why}.", how)


def format_path(path: Sequence[Step]) -> str:
    """The text that `parse` reads back."""
    words: list[str] = []
    for step in path:
        match step:
            case str():
                words.append(("." if words else "") + _escaped(step, _SPECIAL))
            case int():
                words.append(f"[{step}]")
            case Item():
                words.append(f"[{step.field}={_escaped(step.value, {']', chr(92)})}]")
    return "".join(words)


def _escaped(text: str, special: set[str]) -> str:
    return "".join(f"\\{letter}" if letter in special else letter for letter in text)


def get(value: Json, path: Sequence[Step]) -> Json:
    """What stands at the path, or MISSING."""
    for step in path:
        value = _child(value, step)
        if value is MISSING:
            return MISSING
    return value


def _child(value: Json, step: Step) -> Json:
    if isinstance(step, str):
        return value.get(step, MISSING) if isinstance(value, Mapping) else MISSING
    at = position(value, step)
    return MISSING if at is None else value[at]


def position(items: Json, step: int | Item) -> int | None:
    """Where the list's item stands; None when it has no such item, or two."""
    if not isinstance(items, list | tuple):
        return None
    if isinstance(step, int):
        return step if step < len(items) else None
    found = [i for i, item in enumerate(items) if isinstance(item, Mapping) and str(item.get(step.field, "")) == step.value]
    return found[0] if len(found) == 1 else None


def resolved(value: Json, path: Sequence[Step]) -> Path:
    """The path with positions in place of names, as far as its items are there: it still leads to an item whose name changes."""
    steps: list[Step] = []
    for step in path:
        at = position(value, step) if not isinstance(step, str) else None
        steps.append(step if at is None else at)
        value = _child(value, step)
    return tuple(steps)


def put(value: Json, path: Sequence[Step], new: Json) -> Json:
    """A copy of `value` with `new` at the path; absent parents are made. MISSING as `new` takes the field away."""
    if not path:
        return new
    step, rest = path[0], path[1:]
    if isinstance(step, str):
        return _put_key(value, step, rest, new)
    items = list(value) if isinstance(value, list | tuple) else []
    at = position(items, step)
    if at is None:
        made = put(None, rest, new)
        items += [] if new is MISSING else [_named(step, made)]
    elif not rest and new is MISSING:
        del items[at]
    else:
        items[at] = put(items[at], rest, new)
    return items


def _put_key(value: Json, key: str, rest: Sequence[Step], new: Json) -> Json:
    fields = dict(value) if isinstance(value, Mapping) else {}
    if new is MISSING and (not rest or key not in fields):
        fields.pop(key, None)
    else:
        fields[key] = put(fields.get(key), rest, new)
    return fields


def _named(step: int | Item, made: Json) -> Json:
    """A new list item, which carries the field that it is found by."""
    if isinstance(step, Item) and (made is None or isinstance(made, Mapping)):
        return {step.field: step.value, **(made or {})}
    return made


def item_step(items: Sequence[Json], at: int) -> Step:
    """How the item is named: by its `name` where every item has one of its own, else by position."""
    return Item("name", str(items[at]["name"])) if named(items) else at


def named(items: Sequence[Json]) -> bool:
    """Whether every item is a map with a `name` of its own."""
    names = [item.get("name") if isinstance(item, Mapping) else None for item in items]
    return bool(names) and all(isinstance(name, str) for name in names) and len(set(names)) == len(names)


def leaves(value: Json, path: Path = ()) -> Iterator[tuple[Path, Json]]:
    """Every scalar and every empty map or list, in order."""
    if isinstance(value, Mapping) and value:
        for key, child in value.items():
            yield from leaves(child, (*path, str(key)))
    elif isinstance(value, list | tuple) and value:
        for at, child in enumerate(value):
            yield from leaves(child, (*path, item_step(value, at)))
    else:
        yield path, value


def flatten(fragment: Mapping[str, Json], live: Mapping[str, Json]) -> tuple[FieldEdit, ...]:
    """What a fragment of an object changes in `live`, one edit a field, in the fragment's order.

    Items of lists are matched by `name`; a list of scalars is one field. null takes a field away. A field that has its value already
    is no edit; an item that `live` lacks is added whole.
    """
    return tuple(edit for path, value in _changes(fragment, live, ()) if (edit := field_edit(path, value, live)) is not None)


def _changes(fragment: Json, live: Json, path: Path) -> Iterator[tuple[Path, Json]]:
    if isinstance(fragment, Mapping) and fragment:
        for key, child in fragment.items():
            yield from _changes(child, _child(live, str(key)), (*path, str(key)))
    elif isinstance(fragment, list | tuple) and any(isinstance(item, Mapping) for item in fragment):
        for at, child in enumerate(fragment):
            step = item_step(fragment, at)
            within = _child(live, step)
            yield from [((*path, step), child)] if within is MISSING else _changes(child, within, (*path, step))
    else:
        yield path, fragment


def field_edit(path: Path, value: Json, live: Json) -> FieldEdit | None:
    """What gives one field its value, null taking it away; None where it has it already."""
    now = get(live, path)
    if value is None:
        return None if now is MISSING else FieldEdit(path=format_path(path), op="remove", expect=now, value=None)
    if now is MISSING:
        return FieldEdit(path=format_path(path), op="add", expect=None, value=value)
    if same(now, value) or (isinstance(value, Mapping) and isinstance(now, Mapping)):
        return None
    return FieldEdit(path=format_path(path), op="replace", expect=now, value=value)


def same(one: Json, other: Json) -> bool:
    """Equal as JSON: true is not 1, and "1" is not 1, but 1 is 1.0; a tuple is a list."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def differences(base: Json, head: Json, path: Path = ()) -> Iterator[tuple[Path, Json, Json]]:
    """Each field that differs as (path, old, new), as high as it is absent on one side (MISSING there)."""
    if isinstance(base, Mapping) and isinstance(head, Mapping):
        for key in [*base, *(key for key in head if key not in base)]:
            yield from differences(base.get(key, MISSING), head.get(key, MISSING), (*path, str(key)))
    elif isinstance(base, list | tuple) and isinstance(head, list | tuple):
        yield from _list_differences(base, head, path)
    elif base is MISSING or head is MISSING or not same(base, head):
        yield path, base, head


def _list_differences(base: Sequence[Json], head: Sequence[Json], path: Path) -> Iterator[tuple[Path, Json, Json]]:
    if named(base) and named(head) and _in_order([i["name"] for i in base], [i["name"] for i in head]):
        old, new = ({item["name"]: item for item in items} for items in (base, head))
        for name in [*old, *(name for name in new if name not in old)]:
            yield from differences(old.get(name, MISSING), new.get(name, MISSING), (*path, Item("name", name)))
        return
    for at in range(max(len(base), len(head))):
        yield from differences(
            base[at] if at < len(base) else MISSING, head[at] if at < len(head) else MISSING, (*path, at)
        )  # fmt: skip


def _in_order(base: Sequence[str], head: Sequence[str]) -> bool:
    """Whether the names that both sides have stand in the same order: a reordering is a difference too."""
    places = [base.index(name) for name in head if name in base]
    return all(a < b for a, b in pairwise(places))

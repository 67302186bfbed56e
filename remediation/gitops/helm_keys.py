"""Which keys of a Helm release's values may give a rendered field, and what they would become; rendering decides which do."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from remediation.gitops.fieldpath import MISSING, Item, Path, Step, get, leaves, named, same
from remediation.gitops.images import Image
from remediation.gitops.scalars import coerced, number
from remediation.gitops.wanted import Wanted
from remediation.terms import Json

_REPOSITORY, _TAG, _DIGEST = ("repository", "name", "image"), ("tag", "imageTag", "version"), ("digest", "sha")
_SHORTEST = 2  # letters of a value that is looked for inside a longer one
_EMPTY: tuple[Json, ...] = ({}, [], None, "")
_LAST_NUMBER = re.compile(r"[0-9]{1,18}(?=[^0-9]*\Z)")
_NOT_LETTERS = re.compile(r"[^a-z0-9]")


@dataclass(frozen=True, kw_only=True)
class Key:
    """One key of the values. parts: each path that is written, and what it becomes: more than one for an image's parts.

    certain: what it says now is the field's value, or a part of it.
    """

    path: Path
    parts: tuple[tuple[Path, Json], ...]
    certain: bool


def keys(merged: Json, wanted: Wanted, asked: Collection[Path] = ()) -> list[Key]:
    """The candidates, most likely first: keys whose value the field says, then keys that are named like its parents.

    asked: what the templates ask for, whether the values say it or not.
    """
    unique: dict[Path, Key] = {}
    for key in (*_saying(merged, wanted), *_images(merged, wanted), *_among(merged, wanted), *_named_like(merged, wanted, asked)):
        unique.setdefault(key.path, key)
    return list(unique.values())


def _saying(merged: Json, wanted: Wanted) -> list[Key]:
    """Keys whose value is the field's, or a part of it that the new value leaves room for."""
    found: list[tuple[int, Key]] = []
    for path, node in _nodes(merged, ()):
        value = _become(node, wanted) if path else MISSING
        if value is not MISSING or (path and wanted.value is MISSING and _says(node, wanted.now)):
            found.append((_likeness(path, wanted), _one(path, value, certain=True)))
    return [key for _, key in sorted(found, key=lambda each: -each[0])]


def _one(path: Path, value: Json, *, certain: bool) -> Key:
    return Key(path=path, parts=((path, value),), certain=certain)


def _become(node: Json, wanted: Wanted) -> Json:
    if isinstance(node, Mapping | list):
        whole = bool(node) and isinstance(wanted.value, Mapping | list) and same(node, wanted.now)
        return wanted.value if whole else MISSING
    return derived(node, wanted.now, wanted.value)


def _says(node: Json, now: Json) -> bool:
    return same(node, now) or (not isinstance(node, Mapping | list) and bool(text_of(node)) and text_of(node) == text_of(now))


def text_of(value: Json) -> str:
    """A scalar as a template prints it."""
    if isinstance(value, bool):
        return str(value).lower()
    return number(value) if isinstance(value, int | float) else "" if value is None or value is MISSING else str(value)


def derived(leaf: Json, now: Json, new: Json) -> Json:
    """What the leaf must become, in its own type, for the field to become `new`; MISSING where the field's text does not hold it."""
    if new is MISSING or now is MISSING or any(isinstance(each, Mapping | list) for each in (leaf, now, new)):
        return MISSING
    if leaf is not None and (same(leaf, now) or (text_of(leaf) and text_of(leaf) == text_of(now))):
        return coerced(new, leaf)
    part, whole, wanted = text_of(leaf), text_of(now), text_of(new)
    if not isinstance(leaf, str | int) or len(part) < (1 if isinstance(leaf, int) else _SHORTEST):
        return MISSING
    at = whole.find(part)
    while at >= 0:
        before, after = whole[:at], whole[at + len(part) :]
        if wanted.startswith(before) and wanted.endswith(after) and len(wanted) >= len(before) + len(after):
            value = wanted[len(before) : len(wanted) - len(after)]
            if value != part:
                return coerced(value, leaf)
        at = whole.find(part, at + 1)
    return MISSING


def another(now: Json, wanted: Json) -> Json:
    """A value of the same kind that a template takes as well: a number one higher, a text with its last number one higher.

    `wanted` where there is none.
    """
    if isinstance(now, bool):
        return not now
    if isinstance(now, int | float):
        return now + 1
    if not isinstance(now, str) or not now:
        return wanted
    last = _LAST_NUMBER.search(now)
    return f"{now[: last.start()]}{int(last[0]) + 1:0{len(last[0])}}{now[last.end() :]}" if last else f"{now}x"


def _likeness(path: Path, wanted: Wanted) -> int:
    """How many steps at the end are the same, and then how many words of the key the field's way has."""
    same_end = 0
    for one, other in zip(reversed(path), reversed(wanted.named), strict=False):
        if one != other:
            break
        same_end += 1
    way = (*wanted.named, wanted.obj.ref.name, wanted.obj.ref.kind)
    names = {str(step.value if isinstance(step, Item) else step).lower() for step in way}
    return same_end * 10 + sum(str(step).lower() in names for step in path)


def _images(merged: Json, wanted: Wanted) -> Iterator[Key]:
    """Registry, repository, tag and digest of one image, where more than one of them changes, or one that is empty so far."""
    if wanted.field[-1] != "image" or not isinstance(wanted.now, str) or not isinstance(wanted.value, str):
        return
    now, new = Image.of(wanted.now), Image.of(wanted.value)
    for path, node in _nodes(merged, ()):
        if isinstance(node, Mapping):
            changes = {key: value for key, value in _image_parts(node, now, new).items() if text_of(node.get(key)) != value}
            parts = tuple(((*path, key), value) for key, value in changes.items())
            if parts:
                yield Key(path=parts[0][0] if len(parts) == 1 else path, parts=parts, certain=True)


def _image_parts(node: Mapping[str, Json], now: Image, new: Image) -> dict[str, str]:
    """What each key of a map that names this image must say of the new one; nothing where it names another."""
    name, tag, digest = (next((key for key in among if key in node), "") for among in (_REPOSITORY, _TAG, _DIGEST))
    repository, registry = str(node.get(name) or ""), str(node.get("registry") or "")
    if not repository or not (now.name == repository or now.name.endswith(f"/{repository}")):
        return {}
    before = now.name.removesuffix(repository)
    found: dict[str, str] = {}
    if new.name.startswith(before):
        found[name] = new.name.removeprefix(before)
    elif "registry" in node and before == f"{registry}/":
        host, _, rest = new.name.partition("/")
        found |= {"registry": host, name: rest}
    else:
        return {}
    joined = "@" in text_of(node.get(tag)) and not digest
    if tag and (new.tag or joined):
        found[tag] = f"{new.tag}@{new.digest}" if joined and new.digest else new.tag
    if digest:
        found[digest] = new.digest
    return found


def _among(merged: Json, wanted: Wanted) -> list[Key]:
    """Maps that say what stands beside an absent field: most likely the one that says most of it."""
    beside, name = _siblings(wanted)
    found: list[tuple[int, Path]] = []
    for path, node in _nodes(merged, ()) if beside else ():
        if isinstance(node, Mapping) and name not in node:
            said = sum(key in beside and text_of(value) == text_of(beside[key]) for key, value in node.items())
            found += [(said, (*path, name))] if said else []
    return [_one(path, wanted.value, certain=False) for _, path in sorted(found, key=lambda each: -each[0])]


def _siblings(wanted: Wanted) -> tuple[Mapping[str, Json], str]:
    """What stands beside an absent field, by name: entries of its map, variables of its list; and the field's own name."""
    if wanted.now is not MISSING or wanted.value is MISSING:
        return {}, ""
    *above, parent, last = ("", *wanted.named)
    if isinstance(parent, Item) and last == "value":
        items = get(wanted.obj.value, tuple(above[1:]))
        return {str(each.get("name")): each.get("value") for each in items if isinstance(each, Mapping)} if items else {}, parent.value
    there = get(wanted.obj.value, wanted.named[:-1])
    return (there if isinstance(there, Mapping) else {}), str(last)


def _named_like(merged: Json, wanted: Wanted, asked: Collection[Path]) -> list[Key]:
    """Maps, lists, empty and absent keys that are named like a step of the field: what stands below the step is set below the key."""
    found: list[tuple[int, Key]] = []
    if wanted.value is MISSING:
        return []
    absent = ((path, None) for path in sorted(asked, key=str) if get(merged, path) is MISSING)
    for path, node in (*_nodes(merged, ()), *absent):
        if not path or not isinstance(path[-1], str) or not (isinstance(node, Mapping | list) or node in _EMPTY):
            continue
        for at, step in enumerate(wanted.named):
            likeness = _alike(path[-1], step)
            whole = (*path, *_below(node, wanted.named[at + 1 :]))
            if likeness and get(merged, whole) in (MISSING, *_EMPTY):
                found.append((_likeness(whole, wanted) * 100 + likeness * 20 + at, _one(whole, wanted.value, certain=False)))
    return [key for _, key in sorted(found, key=lambda each: -each[0])]


def _alike(key: str, step: Step) -> int:
    """2 where the key is the step, 1 where its name holds it, as `extraEnvVars` holds `env`; else 0."""
    if not isinstance(step, str):
        return 0
    if key == step:
        return 2
    name, word = (_NOT_LETTERS.sub("", text.lower()) for text in (key, step))
    return 1 if len(word) > 2 and (word in name or word.removesuffix("s") in name) else 0  # noqa: PLR2004 - shorter ones stand in anything


def _below(node: Json, rest: Path) -> Path:
    """What follows the key: an env variable by its name where the values hold a map of them, the end of the list for one item more."""
    if not rest or isinstance(rest[0], str):
        return rest
    first = rest[0]
    if isinstance(first, Item) and (isinstance(node, Mapping) and not _is_list_like(node)) and rest[1:] == ("value",):
        return (first.value,)
    if isinstance(first, int) and isinstance(node, list) and not named(node):
        return (len(node), *rest[1:])
    return rest


def _is_list_like(node: Mapping[str, Json]) -> bool:
    return bool(node) and all(isinstance(child, Mapping | list) for child in node.values())


def _nodes(value: Json, path: Path) -> Iterator[tuple[Path, Json]]:
    """Every value, outermost first; list items by their names where they have them."""
    yield path, value
    if isinstance(value, Mapping):
        for key, child in value.items():
            yield from _nodes(child, (*path, str(key)))
    elif isinstance(value, list):
        for step in dict.fromkeys(below[0] for below, _ in leaves(value) if below):
            yield from _nodes(get(value, (step,)), (*path, step))

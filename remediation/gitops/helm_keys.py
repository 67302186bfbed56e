"""Which keys of a Helm release's values may give a rendered field, and what they would become; rendering decides which do."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from remediation.gitops.fieldpath import MISSING, Item, Path, Step, get, leaves, same
from remediation.gitops.images import Image
from remediation.gitops.placeholders import ACTION, refilled
from remediation.gitops.scalars import coerced, number
from remediation.gitops.wanted import Wanted
from remediation.terms import Json

_REPOSITORY, _TAG, _DIGEST = ("repository", "name", "image"), ("tag", "imageTag", "version"), ("digest", "sha")
_SHORTEST = 2  # letters of a value that is looked for inside a longer one
_LAST_NUMBER = re.compile(r"[0-9]{1,18}(?=[^0-9]*\Z)")


@dataclass(frozen=True, kw_only=True)
class Key:
    """One key of the values. parts: each path that is written, and what it becomes: more than one for an image's parts.

    certain: what it says now is the field's value, or a part of it.  guess: nothing but its name, or its place, speaks for it.
    """

    path: Path
    parts: tuple[tuple[Path, Json], ...]
    certain: bool
    guess: bool = False


def saying_keys(merged: Json, wanted: Wanted) -> list[Key]:
    """Keys whose value is the field's, or a part of it that the new value leaves room for."""
    found: list[tuple[int, Key]] = []
    for path, node in nodes(merged, ()):
        value = _become(node, wanted) if path else MISSING
        if value is not MISSING or (path and wanted.value is MISSING and _says(node, wanted.now)):
            found.append((likeness(path, wanted), one_key(path, value, certain=True)))
    return [key for _, key in sorted(found, key=lambda each: -each[0])]


def one_key(path: Path, value: Json, *, certain: bool, guess: bool = False) -> Key:
    """A key that is written as one."""
    return Key(path=path, parts=((path, value),), certain=certain, guess=guess)


def _become(node: Json, wanted: Wanted) -> Json:
    if isinstance(node, Mapping | list):
        whole = bool(node) and isinstance(wanted.value, Mapping | list) and same(node, wanted.now)
        return wanted.value if whole else MISSING
    if same(node, wanted.now) and wanted.value is not MISSING:
        return coerced(wanted.value, node, wanted.field)
    value = derived(node, wanted.now, wanted.value)
    return _printed(node, wanted.now, wanted.value) if value is MISSING else value


def _printed(node: Json, now: Json, new: Json) -> Json:
    """What a text must become that a template prints without its last line's end, or fills in itself (`tpl`); MISSING for others."""
    if not (isinstance(node, str) and isinstance(now, str) and isinstance(new, str)):
        return MISSING
    body, now, new = (text.rstrip("\n") for text in (node, now, new))
    changed = new if body and body == now else refilled(body, now, new, ACTION)
    return changed + node[len(body) :] if changed else MISSING


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


def likeness(path: Path, wanted: Wanted) -> int:
    """How many steps at the end are the same, and then how many words of the key the field's way has."""
    same_end = 0
    for one, other in zip(reversed(path), reversed(wanted.named), strict=False):
        if one != other:
            break
        same_end += 1
    way = (*wanted.named, wanted.obj.ref.name, wanted.obj.ref.kind, *wanted.obj.ref.name.split("-"))
    names = set(map(_word, way))
    return same_end * 10 + sum(_word(step) in names for step in path)


def _word(step: Step) -> str:
    return str(step.value if isinstance(step, Item) else step).lower()


def image_keys(merged: Json, wanted: Wanted) -> Iterator[Key]:
    """Registry, repository, tag and digest of one image, where more than one of them changes, or one that is empty so far."""
    if wanted.field[-1] != "image" or not isinstance(wanted.now, str) or not isinstance(wanted.value, str):
        return
    now, new = Image.of(wanted.now), Image.of(wanted.value)
    for path, node in nodes(merged, ()):
        if isinstance(node, Mapping):
            changes = {key: value for key, value in _image_parts(node, now, new).items() if text_of(node.get(key)) != value}
            parts = tuple(((*path, key), value) for key, value in changes.items())
            if parts:
                yield Key(path=parts[0][0] if len(parts) == 1 else path, parts=parts, certain=all(key in node for key in changes))


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
    elif not tag and new.tag and new.tag not in (now.tag, "") and repository != f"{now.name}:{now.tag}":
        found["tag"] = new.tag  # the chart's own version stands for it so far
    if digest:
        found[digest] = new.digest
    return found


def nodes(value: Json, path: Path) -> Iterator[tuple[Path, Json]]:
    """Every value, outermost first; list items by their names where they have them."""
    yield path, value
    if isinstance(value, Mapping):
        for key, child in value.items():
            yield from nodes(child, (*path, str(key)))
    elif isinstance(value, list):
        for step in dict.fromkeys(below[0] for below, _ in leaves(value) if below):
            yield from nodes(get(value, (step,)), (*path, step))

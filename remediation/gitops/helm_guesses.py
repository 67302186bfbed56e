"""The keys of a Helm release's values that may give a rendered field, also such as they do not have yet; rendering decides which do."""

import re
from collections.abc import Collection, Mapping

from remediation.gitops.fieldpath import MISSING, Item, Path, Step, get, named, put
from remediation.gitops.helm_keys import Key, image_keys, likeness, nodes, one_key, saying_keys, text_of
from remediation.gitops.wanted import Wanted
from remediation.terms import Json

_EMPTY: tuple[Json, ...] = ({}, [], None, "")
_MANIFESTS = ("metadata", "spec", "template", "jobTemplate")  # steps of manifests, which hardly any values repeat
_BESIDE = 5  # words that a key is worth which stands beside the field, too
_ANYWHERE = 12  # keys that are tried in any map
_NOT_LETTERS = re.compile(r"[^a-z0-9]")


def keys(merged: Json, wanted: Wanted, asked: Collection[Path] = (), ends: Collection[Collection[Path]] | None = None) -> list[Key]:
    """The candidates, most likely first: keys that say the field or a part of it; then such as the values do not have yet.

    Those stand beside keys that say the field's neighbours, are named like its parents, or stand in any map. asked: what the templates
    ask for, whether the values say it or not.  ends: what they ask variables for, where they say the field; None
    where keys in any map are not to be tried.
    """
    said = [*saying_keys(merged, wanted), *image_keys(merged, wanted)]
    added = [*_among(merged, wanted), *_named_like(merged, wanted, asked), *(_anywhere(merged, wanted, ends) if ends is not None else ())]
    unique: dict[tuple[Path, bool], Key] = {}
    for key in (*said, *added):
        unique.setdefault((key.path, isinstance(key.parts[0][1], Mapping)), key)
    return list(unique.values())


def _among(merged: Json, wanted: Wanted) -> list[Key]:
    """Maps that say what stands beside an absent field: most likely the one that says most of it."""
    beside, name = _siblings(wanted)
    found: list[tuple[int, Path]] = []
    for path, node in nodes(merged, ()) if beside else ():
        if isinstance(node, Mapping) and name not in node:
            said = sum(key in beside and text_of(value) == text_of(beside[key]) for key, value in node.items())
            found += [(said, (*path, name))] if said else []
    return [one_key(path, wanted.value, certain=False) for _, path in sorted(found, key=lambda each: -each[0])]


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
    """Maps, lists, empty and absent keys that are named like a step of the field: what stands below the step is set below the key.

    An empty key may stand for something that the chart says in its place, such as a preset: then all that is rendered there is set.
    """
    found: list[tuple[int, Key]] = []
    if wanted.value is MISSING:
        return []
    absent = ((path, None) for path in sorted(asked, key=str) if get(merged, path) is MISSING)
    for path, node in (*nodes(merged, ()), *absent):
        if not path or not isinstance(path[-1], str) or not (isinstance(node, Mapping | list) or node in _EMPTY):
            continue
        for at, step in enumerate(wanted.named):
            alike = _alike(path[-1], step)
            whole = (*path, *_below(node, wanted.named[at + 1 :]))
            score = likeness(whole, wanted) * 100 + alike * 20 + at
            if alike and get(merged, whole) in (MISSING, *_EMPTY):
                found.append((score, one_key(whole, wanted.value, certain=False)))
            if alike and node in _EMPTY and len(whole) > len(path) and _stands(wanted, at):
                value = put(get(wanted.obj.value, wanted.named[: at + 1]), wanted.named[at + 1 :], wanted.value)
                found.append((score - 1, one_key(path, value, certain=False)))
    return [key for _, key in sorted(found, key=lambda each: -each[0])]


def _stands(wanted: Wanted, at: int) -> bool:
    """Whether the field's parent of that step is rendered with something in it."""
    return bool(there := get(wanted.obj.value, wanted.named[: at + 1])) and isinstance(there, Mapping | list)


def _anywhere(merged: Json, wanted: Wanted, asked: Collection[Collection[Path]]) -> list[Key]:
    """What a template asks a variable for, or the end of the field's way, as new keys of any map. The likeliest map first."""
    own = [wanted.named[at:] for at, step in enumerate(wanted.named) if step not in _MANIFESTS]
    plain = [end for end in own if all(isinstance(step, str) for step in end)]
    return [key for ends in (*asked, plain) for key in _in_maps(merged, wanted, ends)]


def _in_maps(merged: Json, wanted: Wanted, ends: Collection[Path]) -> list[Key]:
    found: list[tuple[int, Key]] = []
    there = get(wanted.obj.value, wanted.named[:-1])
    beside = there.keys() if isinstance(there, Mapping) else frozenset()
    for path, node in nodes(merged, ()) if wanted.value is not MISSING else ():
        for end in ends if path and isinstance(node, Mapping) else ():
            if end[0] not in node:
                whole = (*path, *end)
                score = likeness(whole, wanted) + _BESIDE * len(node.keys() & beside)
                found.append((score, one_key(whole, wanted.value, certain=False, guess=True)))
    return [key for _, key in sorted(found, key=lambda each: -each[0])][:_ANYWHERE]


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

"""Whether what moves is what is meant, and nothing else."""

import re
from collections.abc import Sequence

from remediation.errors import Refused
from remediation.gitops.fieldpath import MISSING, Path, differences, format_path, get, named, put, same
from remediation.gitops.rendered import Difference
from remediation.gitops.wanted import Meant, Wanted
from remediation.terms import Json

BY_HAND = "Change it by hand where each of them is meant to change, or give this one a value of its own."
NOT_MOVED = "It does not move the field."
_NAMED = 5
_CHECKSUM = re.compile(r"[0-9a-f]{32,}")


def check_exact(moved: Sequence[Difference], wanted: Wanted, meant: Sequence[Meant]) -> None:
    """Raises Refused: shared where more moves than the field and others that are meant, templated where the field does not.

    An annotation that holds a checksum of what is meant follows it.
    """
    own = [pair for pair in moved if pair[0] == wanted.obj.ref]
    others = [pair for pair in moved if pair[0] != wanted.obj.ref and not _follows(pair)]
    gone = len(own) != 1 or own[0][1] is MISSING or own[0][2] is MISSING
    if gone or not _as_meant(own[0], wanted, meant):
        more = [pair for pair in moved if pair[2] is not MISSING and pair[1] is not MISSING]
        moves_it = any(same(wanted.value, get(pair[2], wanted.field)) for pair in own if pair[2] is not MISSING)
        if moves_it and more:
            raise Refused(f"The change would move {told(moved)}.", BY_HAND, kind="shared")
        raise Refused(NOT_MOVED, kind="templated")
    if others:
        raise Refused(f"The change would also move {told(others)}.", BY_HAND, kind="shared")


def _as_meant(pair: Difference, wanted: Wanted, meant: Sequence[Meant]) -> bool:
    """The object with the field as wanted; other fields that are meant may have moved with it."""
    _, base, head = pair
    expected = put(base, wanted.field, wanted.value)
    for field, value in meant:
        expected = put(expected, field, value) if same(get(head, field), value) else expected
    for field, _, new in differences(base, head):
        expected = put(expected, field, new) if is_checksum(field, new) else expected
    return _alike(base, expected, head)


def _follows(pair: Difference) -> bool:
    """Whether only checksums of an object differ."""
    _, base, head = pair
    if base is MISSING or head is MISSING:
        return False
    return all(is_checksum(field, old) and is_checksum(field, new) for field, old, new in differences(base, head))


def is_checksum(field: Path, value: Json) -> bool:
    """Whether an annotation of a pod template holds a checksum, so that pods begin anew when what it is of changes."""
    return field[-2:-1] == ("annotations",) and "checksum" in str(field[-1]).lower() and bool(_CHECKSUM.fullmatch(str(value)))


def _alike(base: Json, one: Json, other: Json) -> bool:
    """The same, where new items of named lists may stand anywhere: a patch puts them first."""
    return same(_settled(base, one), _settled(base, other))


def _settled(base: Json, value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _settled(get(base, (key,)), child) for key, child in value.items()}
    if not isinstance(value, list):
        return value
    known = {item["name"]: item for item in base} if isinstance(base, list) and named(base) else {}
    if not known or not named(value):
        return value
    old = [_settled(known[item["name"]], item) for item in value if item["name"] in known]
    return [*old, *sorted((item for item in value if item["name"] not in known), key=lambda item: str(item["name"]))]


def told(moved: Sequence[Difference]) -> str:
    """Up to five fields, by object."""
    told: list[str] = []
    for ref, old, new in moved:
        if old is MISSING or new is MISSING:
            told.append(f"{ref} ({'new' if old is MISSING else 'gone'})")
        else:
            told += [f"{format_path(path)} of {ref}" for path, _, _ in differences(old, new)]
    return ", ".join(told[:_NAMED]) + (f" and {len(told) - _NAMED} more" if len(told) > _NAMED else "")

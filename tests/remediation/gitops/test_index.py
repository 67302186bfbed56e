"""Which objects a file holds, whatever its aliases lead to."""

import pytest

from remediation.gitops.index import contents_of

HEAD = "apiVersion: v1\nkind: {kind}\n"
NINEFOLD = list(zip("abcdefgh", "bcdefghi", strict=True))
BOMB = "a: &a {x: 1}\n" + "".join(f"{name}: &{name} {{<<: [{','.join([f'*{before}'] * 9)}]}}\n" for before, name in NINEFOLD)
LIST = "apiVersion: v1, kind: List, items"
LISTS = f"a: &a {{{LIST}: []}}\n" + "".join(f"{name}: &{name} {{{LIST}: [{','.join([f'*{b}'] * 9)}]}}\n" for b, name in NINEFOLD)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (HEAD.format(kind="ConfigMap") + BOMB + "metadata: {<<: *i, name: one}\n", ["one"]),
        (HEAD.format(kind="ConfigMap") + "metadata: &a {<<: *a, name: one}\n", ["one"]),
        (HEAD.format(kind="List") + LISTS + "items: [*i]\n", []),
        ("&a\n" + HEAD.format(kind="List") + "items: [*a, {apiVersion: v1, kind: Secret, metadata: {name: two}}]\n", ["two"]),
    ],
    ids=["merges", "merged into itself", "lists", "a list within itself"],
)
def test_aliases_are_walked_through_once(text, names):
    """Hundreds of bytes would be millions of steps."""
    assert [ref.name for ref, _, _ in contents_of(text.encode()).objects] == names

"""What moves between base and head, and the diff that git takes."""

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remediation.errors import Refused
from remediation.gitops.dangers import check_dangers
from remediation.gitops.index import Found
from remediation.gitops.proof import Change, prove, unified_diff
from remediation.terms import FieldEdit, Move, ObjectRef

API = ObjectRef(group="apps", kind="Deployment", namespace="shop", name="api")
TEXT = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: api\n  namespace: shop\nspec:\n  replicas: 2\n"
TWO = f"{TEXT}---\n{TEXT.replace('name: api', 'name: two')}---\n{{{{ broken\n"
EDIT = FieldEdit(path="spec.replicas", op="replace", expect=2, value=3)
FOUND = Found(ref=API, path="a.yaml")


def change(before, after, path="a.yaml"):
    return Change(path=path, before=None if before is None else before.encode(), after=after.encode())


def test_exactly_the_intended_field_moves():
    """Of one object, among others and beside what cannot be read."""
    assert prove([change(TWO, TWO.replace("replicas: 2", "replicas: 3", 1))], FOUND, [EDIT]) == (Move(object=API, path="spec.replicas", old=2, new=3),)


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (TWO.replace("replicas: 2", "replicas: 3"), "Document 2 of a.yaml"),
        (TWO.replace("replicas: 2", "replicas: 4", 1), "spec.replicas would differ"),
        (TWO.replace("replicas: 2", "replicas: 3\n  paused: true", 1), "spec.paused would differ"),
        (TWO.replace("replicas: 2", "replicas: 3", 1).replace("broken", "other"), "Document 3 of a.yaml"),
    ],
)
def test_anything_else_is_refused_by_name(after, said):
    """However it came about."""
    with pytest.raises(Refused, match=said):
        prove([change(TWO, after)], FOUND, [EDIT])


@pytest.mark.parametrize(
    ("kind", "path", "refused"),
    [
        ("Deployment", "spec.selector.matchLabels.app", "immutable"),
        ("StatefulSet", "spec.volumeClaimTemplates[0].spec", "immutable"),
        ("StatefulSet", "spec.template.spec.nodeName", ""),
        ("Job", "spec.template.spec.containers[name=a].image", "immutable"),
        ("PersistentVolumeClaim", "spec.resources.requests.storage", ""),
        ("PersistentVolumeClaim", "spec.storageClassName", "immutable"),
        ("Secret", "type", "immutable"),
        ("Deployment", "metadata.name", "pruned"),
        ("Deployment", "spec.replicas", ""),
    ],
)
def test_fields_that_cannot_move_are_dangers(kind, path, refused):
    """The server would refuse them later, or something would vanish."""
    moves = [Move(object=ObjectRef(group="", kind=kind, namespace="n", name="x"), path=path, old=1, new=2)]
    if not refused:
        check_dangers(moves)
        return
    with pytest.raises(Refused) as caught:
        check_dangers(moves)
    assert caught.value.kind == refused


def test_a_claim_only_grows():
    """By quantity, not by text; what is no quantity is for the server to judge."""
    claim = ObjectRef(group="", kind="PersistentVolumeClaim", namespace="n", name="x")
    for new in ("20Gi", "10240Mi", "${SIZE}"):
        check_dangers([Move(object=claim, path="spec.resources.requests.storage", old="10Gi", new=new)])
    with pytest.raises(Refused, match="cannot shrink from 10Gi to 9999Mi"):
        check_dangers([Move(object=claim, path="spec.resources.requests.storage", old="10Gi", new="9999Mi")])


NAMES = ["a.yaml", "a b/c.yaml", "é.yaml", 'q"uote.yaml', "back\\slash.yaml"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: 1\nb: 2\n", "a: 1\nb: 3\n"),
        ("a: 1\nb: 2", "a: 1\nb: 3"),
        ("a: 1\nb: 2", "a: 1\nb: 3\n"),
        ("a: 1\r\nb: 2\r\n", "a: 1\r\nb: 3\r\n"),
        ("\ufeffa: \u2028x\x0c\nb: 2\n", "\ufeffa: \u2028x\x0c\nb: é\n"),
        (None, "a: 1\n"),
        (None, "a: 1"),
    ],
)
def test_the_diff_passes_git_apply(tmp_path, name, before, after):
    """Line ends, missing last newlines, odd names and new files included."""
    _applies(tmp_path, name, before, after)


def _applies(folder, name, before, after):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    if before is not None:
        path.write_bytes(before.encode())
    diff = unified_diff([change(before, after, name)])
    done = subprocess.run(["git", "apply", "--whitespace=nowarn", "-"], cwd=folder, input=diff.encode(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode() + diff
    assert path.read_bytes() == after.encode()


LINES = st.lists(st.sampled_from(["a: 1", "", "b: 2\r", "- x", "--- y", "+++ z", "@@ q", "\x0c", "\u2028"]), max_size=12).map("\n".join)


@settings(max_examples=25, deadline=None)
@given(LINES, LINES)
def test_any_two_texts_have_a_diff_that_applies(tmp_path_factory, before, after):
    """Lines that look like a diff's own are no trap."""
    if before != after and before and after:
        _applies(tmp_path_factory.mktemp("repo"), "a.yaml", before, after)

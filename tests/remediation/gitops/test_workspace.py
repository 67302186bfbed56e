"""One folder holds one tree after the other."""

import pytest

from remediation.gitops.index import blob_of
from remediation.gitops.workspace import Workspace


@pytest.mark.parametrize(
    "after",
    [{"a": b"a file now"}, {"a/b": b"a file now"}, {"a/b/d": b"stays", "a/b/c": b"one"}, {}],
    ids=["above", "nearer", "beside", "nothing"],
)
def test_a_folder_that_becomes_a_file_is_one(after):
    """And back again: what is emptied is taken away, as in Git."""
    workspace = Workspace()
    before = {"a/b/c": blob_of(b"one")}
    for tree in (before, {path: blob_of(content) for path, content in after.items()}, before):
        folder = workspace.place(tree)
        assert {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} == tree.keys()
        assert all(any(path.iterdir()) for path in folder.rglob("*") if path.is_dir())
    workspace.close()

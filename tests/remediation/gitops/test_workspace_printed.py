"""What a program printed of a tree is asked of it once."""

import pytest

from remediation.errors import Refused
from remediation.gitops import binaries
from remediation.gitops.index import blob_of
from remediation.gitops.workspace import Workspace, changed


@pytest.fixture
def runs(monkeypatch):
    """Every run of a program, which prints the file `a` of the folder that it is run in, and fails where that is empty."""
    made = []

    def run(name, arguments, folder):
        made.append((name, *arguments))
        text = (folder / "a").read_text()
        if not text:
            raise binaries.NotRendered("nothing in it", kind="infeasible")
        return text

    monkeypatch.setattr(binaries, "run", run)
    return made


def test_the_same_tree_and_arguments_are_run_once(runs):
    """Another byte, or another argument, is another question."""
    workspace = Workspace()
    tree = {"a": blob_of(b"one")}
    assert [workspace.printed("x", ["build"], tree) for _ in range(3)] == ["one"] * 3
    assert workspace.printed("x", ["build"], changed(tree, {"a": b"two"})) == "two"
    assert workspace.printed("x", ["build", "--more"], tree) == "one"
    assert workspace.printed("x", ["build"], tree) == "one"
    assert runs == [("x", "build"), ("x", "build"), ("x", "build", "--more")]
    workspace.close()


def test_what_does_not_render_is_not_tried_again(runs):
    """Its refusal is raised anew each time."""
    workspace = Workspace()
    for _ in range(2):
        with pytest.raises(Refused, match="nothing in it"):
            workspace.printed("x", [], {"a": blob_of(b"")})
    assert len(runs) == 1
    workspace.close()

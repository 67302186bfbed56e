"""Trees of GitLab's projects: fetched once for all who wait, kept within bytes."""

import asyncio
import io
import tarfile

import pytest

from remediation.errors import Refused, Unreachable
from remediation.gitops import projects
from remediation.gitops.index import Contents
from remediation.gitops.projects import Trees


def archived(files):
    """A tar.gz as GitLab makes it, in one folder."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for path, content in files.items():
            entry = tarfile.TarInfo(f"shop-sha/{path}")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


class GitLab:
    """Gives the archive when it is let, and counts who asked."""

    def __init__(self, size=10):
        self.asked = []
        self.size = size
        self.let = asyncio.Event()
        self.fails = False

    async def head(self, project, branch):
        """There is no such branch."""

    async def archive(self, project, sha):
        """Named by its commit, so that no two have the same files."""
        self.asked.append(sha)
        await self.let.wait()
        if self.fails:
            raise Unreachable("GitLab is away.", "Wait.")
        return archived({"app.yaml": sha.encode() * self.size})


async def test_a_tree_that_many_wait_for_is_fetched_once():
    """Also when one of them gives up: the next need not begin anew."""
    gitlab = GitLab()
    trees = Trees(gitlab)
    waiting = [asyncio.create_task(trees.tree("shop", "a")) for _ in range(5)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    await asyncio.sleep(0)
    gitlab.let.set()

    got = await asyncio.gather(*waiting[1:])
    assert gitlab.asked == ["a"]
    assert all(tree is got[0] for tree in got)
    assert await trees.tree("shop", "a") is got[0]
    assert gitlab.asked == ["a"]


async def test_what_failed_is_asked_again():
    """A failure is told to all who waited, and kept for nobody."""
    gitlab = GitLab()
    gitlab.fails = True
    gitlab.let.set()
    trees = Trees(gitlab)
    with pytest.raises(Unreachable):
        await trees.tree("shop", "a")
    gitlab.fails = False
    assert (await trees.tree("shop", "a"))["app.yaml"].content


async def test_old_trees_go_and_what_was_known_of_them(monkeypatch):
    """By their bytes; the newest stays however large it is."""
    monkeypatch.setattr(projects, "_KEPT_BYTES", 250)
    gitlab = GitLab(size=100)
    gitlab.let.set()
    trees = Trees(gitlab)
    for sha in "abc":
        tree = await trees.tree("shop", sha)
        trees.contents[tree["app.yaml"].id] = Contents()
    await trees.tree("shop", "d")
    assert len(trees.contents) == 1  # of c: d's was not looked at yet
    await trees.tree("shop", "a")
    assert gitlab.asked == ["a", "b", "c", "d", "a"]


async def test_a_branch_that_is_not_there_is_refused():
    """And says what to do."""
    with pytest.raises(Refused, match="shop has no branch main"):
        await Trees(GitLab()).head("shop", "main")

"""Which folder of a tree holds what an owner takes from a repository: the trees of several stand in one, each in a folder of its own."""

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass

from remediation.errors import Refused
from remediation.gitops.index import Blob, Tree, is_under
from remediation.gitops.owners.objects import ToolObject, listed, mapping
from remediation.gitops.remotes import FETCHED
from remediation.gitops.repository import address_of
from remediation.terms import Json, ObjectRef

OTHERS = ".suture-projects"


@dataclass(frozen=True, kw_only=True)
class Mount:
    """One project at one commit. folder: where it stands in the tree, `.` for the whole of it."""

    project: str
    branch: str
    sha: str
    folder: str = "."


@dataclass(frozen=True, kw_only=True)
class Around:
    """What stands around a tree. mounts: none where it is one checkout, which every URL means.

    tools: owners, and what gives them values, as the cluster has them, for where the tree does not.
    """

    mounts: tuple[Mount, ...] = ()
    tools: tuple[ToolObject, ...] = ()

    def folder(self, url: str, revision: str) -> str | None:
        """The folder of a repository at a branch, None where it is not in the tree. Hosts are not compared: who may be changed is known."""
        if not self.mounts or not url:
            return "."
        try:
            path = address_of(url).path.lower()
        except Refused:
            return None
        branch = revision.removeprefix("refs/heads/")
        near = [mount for mount in self.mounts if path == mount.project.lower() or path.endswith(f"/{mount.project.lower()}")]
        return next((mount.folder for mount in near if branch in ("", "HEAD", mount.branch, mount.sha)), None)

    def value(self, ref: ObjectRef) -> Json:
        """An object that the cluster has; None where it was not read."""
        return next((each.value for each in self.tools if each.ref == ref), None)

    def maker(self, ref: ObjectRef) -> str:
        """What made an object of the cluster, as `Kind name`: the ApplicationSet of an Application; empty where people did."""
        references = mapping(mapping(self.value(ref)).get("metadata")).get("ownerReferences")
        return next((f"{mapping(each).get('kind')} {mapping(each).get('name')}" for each in listed(references)), "")

    def home(self, path: str) -> Mount | None:
        """The project that a file of the tree stands in; None for what was fetched, and in a checkout."""
        inner = [mount for mount in self.mounts if mount.folder != "." and is_under(path, mount.folder)]
        whole = [mount for mount in self.mounts if mount.folder == "." and not is_under(path, FETCHED)]
        return next(iter([*inner, *whole]), None)


ALONE = Around()


def mounted(trees: Sequence[tuple[Mount, Tree]]) -> Tree:
    """One tree of all."""
    together: dict[str, Blob] = {}
    for mount, tree in trees:
        together |= {posixpath.normpath(posixpath.join(mount.folder, path)): blob for path, blob in tree.items()}
    return together

"""A tree of files on disk for the renderers: a private copy, brought up to date by its differences."""

import posixpath
import shutil
import tempfile
import weakref
from collections.abc import Mapping
from pathlib import Path

from remediation.errors import Refused
from remediation.gitops.index import Blob, Tree, blob_of


class Workspace:
    """A temporary folder that holds one tree at a time. Nothing but its regular files stands in it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="suture-tree-"))
        self._removed = weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
        self._written: dict[str, str] = {}

    def place(self, tree: Tree) -> Path:
        """The folder, holding exactly this tree."""
        for path in self._written.keys() - tree.keys():
            (self.folder / path).unlink()
            del self._written[path]
        for path, blob in tree.items():
            if self._written.get(path) != blob.id:
                self._write(path, blob)
        return self.folder

    def close(self) -> None:
        """Take the folder away."""
        self._removed()

    def _write(self, path: str, blob: Blob) -> None:
        if path.startswith(("/", "..")) or posixpath.normpath(path) != path:
            raise Refused(f"{path} leads out of the tree.", "Check the repository.", kind="infeasible")
        there = self.folder / path
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_bytes(blob.content)
        self._written[path] = blob.id


def changed(tree: Tree, contents: Mapping[str, bytes]) -> Tree:
    """The tree with these files as they will be."""
    return {**tree, **{path: blob_of(content) for path, content in contents.items()}}

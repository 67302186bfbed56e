"""A tree of files on disk for the renderers: a private copy, brought up to date by its differences."""

import posixpath
import shutil
import tempfile
import weakref
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from remediation.errors import Refused
from remediation.gitops import binaries
from remediation.gitops.index import Blob, Tree, blob_of

_KEPT = 32 << 20  # characters of what was printed


class Workspace:
    """A temporary folder that holds one tree at a time. Nothing but its regular files stands in it.

    What a program printed of a tree is kept for when the same is asked again: owners within owners are looked for again and again.
    """

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="suture-tree-"))
        self._removed = weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)
        self._written: dict[str, str] = {}
        self._printed: OrderedDict[str, str | Refused] = OrderedDict()
        self._kept = 0

    def place(self, tree: Tree) -> Path:
        """The folder, holding exactly this tree."""
        for path in self._written.keys() - tree.keys():
            (self.folder / path).unlink()
            del self._written[path]
        for path, blob in tree.items():
            if self._written.get(path) != blob.id:
                self._write(path, blob)
        return self.folder

    def printed(self, program: str, arguments: Sequence[str], tree: Tree) -> str:
        """What the program prints in a folder that holds exactly this tree. Raises Refused as `binaries.run` does."""
        key = _digest(program, arguments, tree)
        if key not in self._printed:
            try:
                said: str | Refused = binaries.run(program, arguments, self.place(tree))
            except binaries.NotRendered as refusal:
                said = refusal
            self._keep(key, said)
        known = self._printed[key]
        if isinstance(known, Refused):
            raise type(known)(known.what, known.what_to_do, kind=known.kind)
        return known

    def close(self) -> None:
        """Take the folder away."""
        self._removed()

    def _keep(self, key: str, said: str | Refused) -> None:
        self._printed[key] = said
        self._kept += len(str(said))
        while self._kept > _KEPT and len(self._printed) > 1:
            self._kept -= len(str(self._printed.popitem(last=False)[1]))

    def _write(self, path: str, blob: Blob) -> None:
        if path.startswith(("/", "..")) or posixpath.normpath(path) != path:
            raise Refused(f"{path} leads out of the tree.", "Check the repository.", kind="infeasible")
        there = self.folder / path
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_bytes(blob.content)
        self._written[path] = blob.id


def _digest(program: str, arguments: Sequence[str], tree: Tree) -> str:
    """Of all that a program's output depends on."""
    files = "\n".join(f"{path}\0{blob.id}" for path, blob in sorted(tree.items()))
    return sha256("\0".join([program, *arguments, files]).encode()).hexdigest()


def changed(tree: Tree, contents: Mapping[str, bytes]) -> Tree:
    """The tree with these files as they will be."""
    return {**tree, **{path: blob_of(content) for path, content in contents.items()}}

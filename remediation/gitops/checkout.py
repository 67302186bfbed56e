"""A tree of files from a folder on this machine: regular files alone, no links, nothing of Git's own."""

import os
from pathlib import Path

from remediation.errors import Refused
from remediation.gitops.fetch import LARGEST_OTHER, LARGEST_TREE
from remediation.gitops.index import SUFFIXES, Blob, Tree, blob_of

_SKIPPED = frozenset({".git", ".hg", ".svn", "node_modules", "__pycache__", ".venv"})


def checkout(folder: Path) -> Tree:
    """Its files by their path in it. Raises Refused where they are too large in all."""
    tree: dict[str, Blob] = {}
    size = 0
    for above, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED)
        for name in sorted(names):
            path = Path(above, name)
            if path.is_symlink() or not path.is_file():
                continue
            length = path.stat().st_size
            if length > LARGEST_OTHER and not name.endswith(SUFFIXES):
                continue
            size += length
            if size > LARGEST_TREE:
                raise Refused(f"The files are larger than {LARGEST_TREE // 1_000_000} MB.", "Name a smaller folder.", kind="infeasible")
            tree[path.relative_to(folder).as_posix()] = blob_of(path.read_bytes())
    return tree

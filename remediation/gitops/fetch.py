"""A tree of files from an archive of one commit: in memory, capped, and only what Git itself would put there."""

import gzip
import io
import tarfile
import zlib

from remediation.errors import Refused, Unusable
from remediation.gitops.index import SUFFIXES, Blob, Tree, blob_of
from remediation.gitops.kustomization import FILES

LARGEST_TREE = 256_000_000  # bytes of all files of one commit
LARGEST_OTHER = 2_000_000  # bytes of a file that is no manifest: a chart's template, a generator's input
_LARGEST_STREAM = 4 * LARGEST_TREE  # bytes of the archive itself, unpacked: what is left out counts, too
_MOST_ENTRIES = 200_000
_LONGEST_NAME = 255  # bytes of one part of a path
_NARROW = "Name a smaller project in settings (gitops)."


def unpacked(archive: bytes, largest: int = LARGEST_TREE, *, strip: int = 1) -> Tree:
    """The files of a `tar.gz` by their path in it; no links, no submodules, and no large files but manifests.

    strip: folders that every path begins with and that are left out. Raises Refused where the files are larger than `largest` in all, or
    too many; Unusable where it is no archive, or holds a path that leads out of it, that stands in it twice, or below a file.
    """
    tree: dict[str, Blob] = {}
    size = 0
    try:
        stream = _Capped(gzip.GzipFile(fileobj=io.BytesIO(archive)))
        with tarfile.open(fileobj=stream, mode="r|") as tar:
            for number, entry in enumerate(tar):
                if number >= _MOST_ENTRIES:
                    raise Refused(f"There are more than {_MOST_ENTRIES} files.", _NARROW, kind="infeasible")
                path = _path(entry.name, strip)
                manifest = path.endswith((*SUFFIXES, FILES[-1]))
                if not path or entry.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or (entry.size > LARGEST_OTHER and not manifest):
                    continue
                size += entry.size
                if size > largest:
                    raise Refused(f"The files are larger than {largest // 1_000_000} MB.", _NARROW, kind="infeasible")
                _check_new(path, tree)
                content = tar.extractfile(entry)
                tree[path] = blob_of(content.read() if content else b"")
        while stream.read(1 << 20):  # to its end, where its checksum stands
            pass
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise Unusable("The archive of the files cannot be read.", "Try again; then check the project's repository.") from error
    _check_folders(tree)
    return tree


class _Capped(io.RawIOBase):
    """A stream that is read up to a cap: a small archive may unpack to no end."""

    def __init__(self, stream: gzip.GzipFile) -> None:
        self._stream = stream
        self._left = _LARGEST_STREAM

    def read(self, size: int = -1) -> bytes:
        """The next bytes. Raises Refused beyond the cap."""
        found = self._stream.read(size)
        self._left -= len(found)
        if self._left < 0:
            raise Refused(f"The archive unpacks to more than {_LARGEST_STREAM // 1_000_000} MB.", _NARROW, kind="infeasible")
        return found


def _path(name: str, strip: int) -> str:
    """Without the folders that every path begins with; empty for these themselves, and for a name that is not UTF-8 and no API takes."""
    parts = name.removeprefix("./").rstrip("/").split("/")
    if name.startswith("/") or {"", ".", ".."} & set(parts) or any(len(part.encode(errors="replace")) > _LONGEST_NAME for part in parts):
        raise Unusable(f"The archive holds a path that leads out of it: {name[:100]!r}.", "Check the project's repository.")
    kept = parts[strip:]
    return "" if any("\ud800" <= character <= "\udfff" or character == "\0" for character in name) else "/".join(kept)


def _check_new(path: str, tree: Tree) -> None:
    if path in tree or ".git" in path.lower().split("/"):
        raise Unusable(f"The archive holds a path that Git has not: {path[:100]!r}.", "Check the project's repository.")


def _check_folders(tree: Tree) -> None:
    """No file stands below another: on disk the one would take the other's place."""
    for path in tree:
        parts = path.split("/")
        if any("/".join(parts[:depth]) in tree for depth in range(1, len(parts))):
            raise Unusable(f"The archive holds a file below a file: {path[:100]!r}.", "Check the project's repository.")

"""A tree of files from an archive of one commit: in memory, size-capped, and only what Git itself would put there."""

import io
import tarfile

from remediation.errors import Refused, Unusable
from remediation.gitops.index import SUFFIXES, Blob, Tree, blob_of
from remediation.gitops.kustomization import FILES

LARGEST_TREE = 256_000_000  # bytes of all files of one commit
LARGEST_OTHER = 2_000_000  # bytes of a file that is no manifest: a chart's template, a generator's input


def unpacked(archive: bytes, largest: int = LARGEST_TREE) -> Tree:
    """The files of a `tar.gz` that all stand in one folder, by their path in it; no links, and no large files but manifests.

    Raises Refused when they are larger than `largest` in all, Unusable when it is no archive or holds a path that leads out of it.
    """
    tree: dict[str, Blob] = {}
    size = 0
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
            for entry in tar:
                path = _path(entry.name)
                manifest = path.endswith((*SUFFIXES, FILES[-1]))
                if not entry.isreg() or (entry.size > LARGEST_OTHER and not manifest):
                    continue
                size += entry.size
                if size > largest:
                    raise Refused(f"The files are larger than {largest // 1_000_000} MB.", "Name a smaller path in settings (gitops).")
                content = tar.extractfile(entry)
                tree[path] = blob_of(content.read() if content else b"")
    except (tarfile.TarError, OSError, EOFError) as error:
        raise Unusable("GitLab's archive of the project cannot be read.", "Try again; then check the project's repository.") from error
    return tree


def _path(name: str) -> str:
    """Without the folder that names project and commit."""
    parts = name.split("/")
    if name.startswith("/") or ".." in parts:
        raise Unusable(f"The archive holds a path that leads out of it: {name[:100]!r}.", "Check the project's repository.")
    return "/".join(parts[1:])

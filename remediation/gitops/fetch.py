"""A tree of files from an archive of one commit: in memory, size-capped, and only what Git itself would put there."""

import io
import tarfile

from remediation.errors import Refused, Unusable
from remediation.gitops.index import SUFFIXES, Blob, Tree, blob_of
from remediation.gitops.kustomization import FILES

LARGEST_TREE = 256_000_000  # bytes of all text files of one commit


def unpacked(archive: bytes, largest: int = LARGEST_TREE) -> Tree:
    """The manifests of a `tar.gz` whose files all stand in one folder, by their path in it. Links and other files are left out.

    Raises Refused when they are larger than `largest` in all, Unusable when it is no archive or holds a path that leads out of it.
    """
    tree: dict[str, Blob] = {}
    size = 0
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
            for entry in tar:
                path = _path(entry.name)
                if not entry.isreg() or not path.endswith((*SUFFIXES, FILES[-1])):
                    continue
                size += entry.size
                if size > largest:
                    raise Refused(f"The manifests are larger than {largest // 1_000_000} MB.", "Name a smaller path in settings (gitops).")
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

"""Bases that a kustomization builds from elsewhere: their addresses, whether they are pinned, where they stand once fetched."""

import hashlib
import posixpath
import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from remediation.errors import Refused
from remediation.gitops.repository import masked

FETCHED = ".suture-fetched"  # what comes from elsewhere, pinned: rendered, never edited
_BARE = ("github.com/", "gitlab.com/", "bitbucket.org/")
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_SCP = re.compile(r"(?:[^@/\s]+@)([^:/\s]+):(?!//)(.+)")
_OWNER_AND_NAME = 2


@dataclass(frozen=True, kw_only=True)
class Base:
    """A base from elsewhere. url: its repository.  path: the folder in it.  ref: branch, tag or commit, empty for none."""

    url: str
    path: str
    ref: str

    @property
    def commit(self) -> str:
        """The commit that it is pinned to; empty where a branch or a tag may move."""
        return self.ref if _COMMIT.fullmatch(self.ref) else ""


def is_remote(entry: str) -> bool:
    """Whether an entry of `resources`, `bases` or `components` is an address and no path."""
    return "://" in entry or "?ref=" in entry or entry.startswith((*_BARE, "git::")) or _SCP.fullmatch(entry) is not None


def there(folder: str, entry: str) -> str:
    """The path that an entry of a folder's kustomization means: for an address where it stands once it is fetched."""
    if not is_remote(entry):
        return posixpath.normpath(posixpath.join(folder, entry))
    try:
        return posixpath.normpath(posixpath.join(root_of(entry), base_of(entry).path))
    except Refused:
        return root_of(entry)


def root_of(address: str) -> str:
    """The folder that what this address means is put into."""
    return f"{FETCHED}/{hashlib.sha256(address.encode()).hexdigest()[:16]}"


def base_of(entry: str) -> Base:
    """Read `https://host/org/repo//path?ref=…`, `git@host:org/repo.git//path?ref=…` or `github.com/org/repo/path?ref=…`.

    Raises Refused unpinned for anything else.
    """
    text, _, query = entry.removeprefix("git::").partition("?")
    asked = parse_qs(query)
    ref = (asked.get("ref") or asked.get("version") or [""])[0]
    scp = _SCP.fullmatch(text)
    if scp:
        host, path = scp[1], scp[2]
    else:
        try:
            parts = urlsplit(text if "://" in text else f"https://{text}")
        except ValueError as error:
            raise _no_address(entry) from error
        host, path = parts.hostname or "", parts.path
    repository, folder = _cut(path.strip("/") if "//" not in path.strip("/") else path.lstrip("/"))
    if not host or repository.count("/") < 1 or ".." in folder.split("/"):
        raise _no_address(entry)
    return Base(url=f"https://{host}/{repository}", path=posixpath.normpath(folder or "."), ref=ref)


def _no_address(entry: str) -> Refused:
    return Refused(f"{masked(entry)} is no address of a Git repository.", "Vendor it into the repository.", kind="unpinned")


def _cut(path: str) -> tuple[str, str]:
    """Repository and folder: cut at `//`, else after `.git`, else after owner and name."""
    if "//" in path:
        repository, _, folder = path.partition("//")
    elif ".git/" in path:
        repository, _, folder = path.partition(".git/")
    else:
        parts = path.split("/")
        repository, folder = "/".join(parts[:_OWNER_AND_NAME]), "/".join(parts[_OWNER_AND_NAME:])
    return repository.removesuffix(".git").strip("/"), folder.strip("/")

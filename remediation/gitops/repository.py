"""A repository's URL, as GitOps tools write it, and the one GitLab project that it is: hosts and projects are an allowlist."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from remediation.errors import Refused
from remediation.masking import mask

_SCP = re.compile(r"(?:[^@/\s]+@)?([^:/\s\[\]]+):(?!//)(\S+)")
_WEB, _SSH = frozenset({"http", "https"}), frozenset({"ssh", "git+ssh", "git"})
_SEGMENT = re.compile(r"[A-Za-z0-9_][\w.\-]*", re.ASCII)
_FEWEST = 2  # a project stands in a group


@dataclass(frozen=True, kw_only=True)
class Address:
    """A repository without what its URL may be written with: user, port, `.git`, slashes. host: in lower case."""

    host: str
    path: str
    web: bool = True

    @property
    def same(self) -> tuple[str, str]:
        """What two addresses of one repository share; GitLab tells no projects apart by case."""
        return self.host, self.path.lower()


@dataclass(frozen=True, kw_only=True)
class Forge:
    """The GitLab that settings name, and the projects of it that may be changed.

    url: GITLAB_URL.  hosts: its other names, such as that of ssh.  projects: paths.  mirrors: URL of a copy → project.
    """

    url: str
    projects: tuple[str, ...]
    hosts: tuple[str, ...] = ()
    mirrors: Mapping[str, str] = field(default_factory=dict)

    def project_of(self, url: str) -> str:
        """The allowed project of a repository's URL. Raises Refused: not_found for a URL that is none, other_owner for a foreign one."""
        address = address_of(url)
        for mirror, project in self.mirrors.items():
            if address_of(mirror).same == address.same:
                return project
        own = urlsplit(self.url)
        hosts = {(own.hostname or "").lower(), *(host.lower() for host in self.hosts)}
        if address.host not in hosts:
            what = f"{masked(url)} is on {address.host}, which is not the GitLab that Suture may change."
            todo = f"If it is the same GitLab, add {address.host} to gitlab_hosts in settings; if it is a mirror, to `urls` of its project."
            raise Refused(what, todo, kind="other_owner")
        path = _below(address.path, own.path) if address.web else address.path
        found = [project for project in self.projects if project.strip("/").lower() == path.lower()]
        if not found:
            what = f"{masked(url)} is the project {path}, which is not one that Suture may change."
            raise Refused(what, f"Add it to gitops in settings: project: {path}, branch, cluster.", kind="other_owner")
        return found[0]


def _below(path: str, root: str) -> str:
    """Without the folder of the web server that GitLab may stand in."""
    root = root.strip("/")
    return path[len(root) + 1 :] if root and path.lower().startswith(f"{root.lower()}/") else path


def address_of(url: str) -> Address:
    """Read `https://host/group/project.git`, `ssh://git@host:22/group/project` or `git@host:group/project.git`.

    Raises Refused not_found for anything else: another scheme, a query, a path with empty, `.` or `..` parts.
    """
    text = url.strip()
    scheme, host, path = _parts(text)
    segments = path.strip("/").removesuffix(".git").rstrip("/").split("/")
    if not host or len(segments) < _FEWEST or any(_SEGMENT.fullmatch(each) is None for each in segments):
        raise Refused(f"{masked(text)} is no address of a Git project.", "Write https://HOST/GROUP/PROJECT.git.", kind="not_found")
    return Address(host=host.lower().rstrip("."), path="/".join(segments), web=scheme in _WEB)


def _parts(text: str) -> tuple[str, str, str]:
    """Scheme, host and path; no host where it is no URL of a repository."""
    scp = _SCP.fullmatch(text) if "://" not in text else None
    if scp:
        return "ssh", scp[1], scp[2]
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises for one that is no number
    except ValueError:
        return "", "", ""
    if parts.scheme.lower() not in _WEB | _SSH or parts.query or parts.fragment:
        return "", "", ""
    return parts.scheme.lower(), parts.hostname or "", parts.path


def masked(url: str) -> str:
    """The address without a user's name and password, cut to what a sentence holds; a password may hold `@` and `/` itself."""
    scheme, colon, rest = url.partition("://") if "://" in url else ("", "", url)
    return mask(f"{scheme}{colon}{rest.rpartition('@')[2]}")[:200]

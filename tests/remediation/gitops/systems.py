"""A cluster and a GitLab in memory: what they hold is given, what they do not hold is refused as the real ones refuse it."""

import gzip
import io
import tarfile

import yaml

from remediation.errors import Forbidden, NotFound
from remediation.listing import Cut
from remediation.terms import DryRun

PASSED = DryRun(state="passed")


def manifest(text):
    """One object."""
    return yaml.safe_load(text)


class MemoryCluster:
    """Objects by kind, namespace and name. forbidden: kinds that we may not read.  cap: objects that a list gives at most.

    answer: what a dry run is answered.  tried: the objects of dry runs.
    """

    def __init__(self, *objects, forbidden=(), cap=500, answer=PASSED):
        self.objects = [manifest(each) if isinstance(each, str) else each for each in objects]
        self.forbidden = forbidden
        self.cap = cap
        self.answer = answer
        self.tried = []

    async def dry_run(self, obj):
        self.tried.append(obj)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def get(self, ref):
        for each in self._of(ref.kind):
            metadata = each["metadata"]
            group = each["apiVersion"].rpartition("/")[0]
            if (group, metadata.get("namespace", ""), metadata["name"]) == (ref.group, ref.namespace, ref.name):
                return each
        raise NotFound(f"Kubernetes has no {ref}.")

    async def list(self, kind, namespace="", **_how):
        found = self._of(kind, namespace)
        return Cut(found[: self.cap]) if len(found) > self.cap else found

    def _of(self, kind, namespace=""):
        if kind in self.forbidden:
            raise Forbidden(f"Kubernetes refused: {kind}.")
        return [o for o in self.objects if o["kind"] == kind and namespace in ("", o["metadata"].get("namespace", ""))]


class MemoryGitLab:
    """Files by project and branch, or by an older commit. fetched: the archives that were asked for."""

    def __init__(self, projects):
        self.projects = projects
        self.fetched = []

    async def head(self, project, branch):
        if project not in self.projects:
            raise NotFound(f"GitLab has no {project}.")
        return f"{project}@{branch}" if branch in self.projects[project] else None

    async def archive(self, project, sha):
        self.fetched.append(sha)
        files = self.projects[project].get(sha.rpartition("@")[2])
        if files is None:
            raise NotFound(f"GitLab has no {sha} of {project}.")
        return archive_of(files)


def archive_of(files, folder="project-sha"):
    """A tar.gz as GitLab makes it: every file in one folder."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb") as stream, tarfile.open(fileobj=stream, mode="w") as tar:
        for path, text in files.items():
            content = text.encode()
            entry = tarfile.TarInfo(f"{folder}/{path}")
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return packed.getvalue()
